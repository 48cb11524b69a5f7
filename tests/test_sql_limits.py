"""`gapindex sql` stays within its limits of rows, bytes, seconds and memory, whatever is asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from examples import Example, score

from flows.cli.options import Exit
from flows.cli.sql import AnswerLimits, TooMuch, batches
from warehouse.explain import open_readonly

LIMITS = AnswerLimits(rows=1_000, megabytes=1, seconds=30)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    example = Example(tmp_path_factory.mktemp("sql"))
    example.saw("2026-06-01", score("Cee", 60))
    example.published("2026-06-01")
    return example.folder


def asked(folder: Path, *arguments: str) -> tuple[int, str, str, int]:
    """Exit code, both outputs and the most memory in MiB of a command in a process of its own."""
    note = folder / "maxrss"
    script = (
        "import re; from pathlib import Path; from flows.cli import main\n"
        "try: main()\n"
        "finally:\n"
        "    peak = re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]\n"
        f"    Path({str(note)!r}).write_text(str(int(peak) // 1024))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "sql", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"GAPINDEX_DATA": str(folder), "COLUMNS": "100"},
    )
    return done.returncode, done.stdout, done.stderr, int(note.read_text())


def taken(query: str, limits: AnswerLimits = LIMITS) -> tuple[list[dict[str, object]], str]:
    """The rows of an answer up to its limit, and the word at the limit."""
    found: list[dict[str, object]] = []
    with duckdb.connect(":memory:") as db:
        try:
            for batch in batches(db, query, limits):
                found += batch
        except TooMuch as error:
            return found, str(error)
    return found, ""


@pytest.mark.parametrize("rows", [0, 1, 200, 999, 1_000])
def test_an_answer_within_the_limits_is_whole(rows: int) -> None:
    found, word = taken(f"select range as n from range({rows}) order by n")
    assert [row["n"] for row in found] == list(range(rows)) and word == ""


def test_rows_beyond_the_limit_are_not_fetched() -> None:
    found, word = taken("from range(1000000000)")
    assert len(found) == 1_000
    assert "more than 1,000 rows; raise --rows" in word


def test_bytes_beyond_the_limit_are_not_shown() -> None:
    found, word = taken("select repeat('x', 100000) as text from range(1000)")
    assert len(found) == 10 and "more than 1 MB; raise --megabytes" in word
    found, word = taken("select repeat(['x'], 100000) as list, {'a': repeat('y', 700000)} as map from range(3)")
    assert len(found) == 1 and "more than 1 MB" in word


def test_printing_counts_against_the_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each batch takes 10 of the 60 seconds to print."""
    clock, sizes = SimpleNamespace(now=0.0), []
    monkeypatch.setattr("flows.cli.sql.time", SimpleNamespace(monotonic=lambda: clock.now))
    with duckdb.connect(":memory:") as db, pytest.raises(TooMuch, match=r"printed after 60 s; raise --seconds"):
        for batch in batches(db, "from range(1000000000)", AnswerLimits(rows=10**9, megabytes=1e6, seconds=60)):
            sizes.append(len(batch))
            clock.now += 10
    assert len(sizes) == 7


def test_a_hundred_million_rows_take_little_memory(folder: Path) -> None:
    code, out, err, mebibytes = asked(folder, "from range(100000000)", "--json", "--rows", "5000")
    assert code == Exit.USAGE and "more than 5,000 rows" in err
    assert len(json.loads(out)) == 5_000, "what is there is a whole JSON list"
    assert mebibytes < 600


@pytest.mark.parametrize(
    "query",
    [
        "select repeat('x', 200000000) as a from range(20)",
        "select string_agg(repeat('x', 1000000), '') as a from range(3000)",
        "select a.range, random() as r from range(100000000) a order by r",
    ],
    ids=["long texts", "one long text", "a large sort"],
)
def test_a_query_that_needs_too_much_memory_ends_with_a_word(folder: Path, query: str) -> None:
    before = {path for path in folder.rglob("*") if path.name != "maxrss"}
    code, _, err, mebibytes = asked(folder, query, "--seconds", "120")
    assert code == Exit.USAGE and err.startswith("gapindex: ") and "Traceback" not in err
    assert mebibytes < 3_000
    assert {path for path in folder.rglob("*") if path.name != "maxrss"} == before, "nothing spills into the folder"


def test_no_query_spills_to_disk(folder: Path) -> None:
    with open_readonly(folder / "published" / "gapindex.duckdb") as db:
        assert db.execute("select current_setting('temp_directory')").fetchone() == ("",)
