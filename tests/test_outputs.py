"""What goes out is text and nothing else: hostile names in every form we write, and secrets in none."""

from __future__ import annotations

import asyncio
import csv
import gzip
import json
import logging
import sys
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard
from commands import gapindex
from defusedxml import ElementTree
from examples import Example, board, closed, opened, score

from collectors.http.policy import Limits
from collectors.registry import sources
from collectors.sanitize import name_fault
from flows.cli import main
from flows.night import run_night
from flows.settings import Settings
from tests.tools.hostile import HOSTILE
from tests.tools.timemachine import TimeMachine
from warehouse.archive import attempts
from warehouse.publication import PUBLISHED
from warehouse.scope import scope_of
from warehouse.statements import statements

NIGHT = "2026-06-14"
CANARY = "canary7f3a9"
FORMULA = ("=", "+", "-", "@", "\t", "\r")

# --- hostile names ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def payloads() -> dict[str, str]:
    return HOSTILE


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory, payloads: dict[str, str]) -> Example:
    """The 28 payloads as models, developers, configurations and written rows, and what was published of them.

    Those that can be names stand on one board, the others on a second, which is held back for having so many.
    """
    made = Example(tmp_path_factory.mktemp("outputs"), board(), board("plain"), board("refused"))
    names = list(payloads.values())
    rows = [
        score(name, 90 - n, board="toy" if name.strip() in believed(payloads) else "refused", developer=name)
        for n, name in enumerate(names)
    ]
    rows += [score(f"Model {n}", 50 + n, board="plain", written=name) for n, name in enumerate(names)]
    rows += [opened(name, weights="2026-01-01", licence=name) for name in names]
    rows += [closed("Cee", api="2026-01-01"), score("Cee", 95)]
    body = json.dumps({"updated_on": "", "rows": rows}).encode()  # in ASCII, so that half a character may stand in it
    made.answered(NIGHT, body)
    made.failed(NIGHT, "blocked", "".join(names[:16]), url="https://toy.example/other.json")
    made.published(NIGHT)
    return made


def believed(payloads: dict[str, str]) -> set[str]:
    return {name.strip() for name in payloads.values() if not name_fault(name.strip())}


def ask(example: Example, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(example.folder / "published" / "gapindex.duckdb"), read_only=True) as db:
        return db.execute(query).fetchall()


def test_a_believable_name_is_kept_to_the_letter_and_the_others_are_set_aside(
    example: Example, payloads: dict[str, str]
) -> None:
    kept = {name for (name,) in ask(example, "select name from score where board = 'toy' and name <> 'Cee'")}
    aside = ask(example, "select count(*) from quarantine where board = 'refused' and held = 'row'")
    assert kept == believed(payloads)
    assert len(kept) + aside[0][0] == len(payloads)


def test_no_table_is_gone_or_new(example: Example) -> None:
    tables = ask(example, f"select table_name from {PUBLISHED} order by all")
    assert [name for (name,) in tables] == sorted(statement.name for statement in statements("marts"))


def test_no_name_is_a_path(example: Example) -> None:
    files = [str(path.relative_to(example.folder)) for path in example.folder.rglob("*")]
    assert not [file for file in files if any(part in file for part in ("evil", "passwd", "cron", "script", "CON"))]
    assert all(file.isascii() and file.isprintable() for file in files)


def test_no_cell_of_a_csv_is_a_formula(example: Example) -> None:
    cells = 0
    for file in sorted((example.folder / "published" / "csv").iterdir()):
        table, _, ending = file.name.partition(".")
        texts = {
            name
            for name, kind, *_ in ask(example, f'describe "{table.removesuffix("_latest")}"')
            if kind == "VARCHAR" or kind.endswith("[]")
        }
        reads = gzip.open if ending == "csv.gz" else open
        with reads(file, "rt", encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, strict=True):
                found = [cell for name, cell in row.items() if name in texts and cell.startswith(FORMULA)]
                assert not found, (file.name, found)
                cells += len(row)
    assert cells > 500


def test_the_feed_is_xml_and_its_text_is_text(example: Example) -> None:
    file = example.folder / "published" / "feed.xml"
    root = ElementTree.fromstring(file.read_text("utf-8"))
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert not tags & {"script", "img"}


def test_one_attempt_is_one_line_of_the_log(example: Example) -> None:
    log = example.archive.log_path(date.fromisoformat(NIGHT))
    lines = log.read_bytes().splitlines()
    assert len(lines) == len(list(attempts(log))) == 2
    assert all(isinstance(json.loads(line), dict) for line in lines)
    assert not any(byte < 0x20 for line in lines for byte in line)


@pytest.mark.parametrize(
    "words",
    [
        ("show", "toy"),
        ("show", "--all"),
        ("why", "toy"),
        ("events",),
        ("sources",),
        ("quarantine",),
        ("quarantine", "--rows"),
        ("models",),
        ("sql", "select name, variant, written from score"),
        ("sql", "from quarantine"),
        ("sql", "from model_access"),
        ("sql", "select 'column' as \"\x1b[2J[red]\""),
    ],
    ids=lambda words: " ".join(words)[:40],
)
def test_no_command_lets_a_terminal_obey(
    example: Example, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for as_json in ([], ["--json"]):
        monkeypatch.setattr(sys, "argv", ["gapindex", *words, *as_json, "--data", str(example.folder)])
        with pytest.raises(SystemExit) as ended:
            main()
        answer = capsys.readouterr()
        assert ended.value.code in (0, None, 6), answer.err
        loose = {
            char for char in answer.out + answer.err if (ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0) and char != "\n"
        }
        assert not loose, (as_json, loose)
        if as_json and not ended.value.code:
            json.loads(answer.out)
        elif not as_json:
            assert not set("\u202e\u200b\u200d\ufeff") & set(answer.out)


def test_what_is_held_back_stands_with_what_was_found_and_expected(example: Example) -> None:
    lines = gapindex("quarantine", "--data", example.folder).out.splitlines()
    assert any("refused, row" in line and NIGHT in line for line in lines)
    assert {line.split()[0] for line in lines if line.startswith("  ") and line[2] != " "} == {"found", "expected"}


# --- secrets ------------------------------------------------------------------------------------


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every token of the environment is the canary."""
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "GITHUB_TOKEN", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, f"hf_{CANARY}")


def test_a_secret_reaches_no_file_no_log_and_no_page(
    timemachine: TimeMachine,
    secrets: None,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A night whose every secret is the canary: tokens in the environment, a password in the mirror's address."""
    caplog.set_level(logging.DEBUG)
    on, data = date(2023, 4, 14), tmp_path / "data"
    for mirror in (timemachine.base(str(on)), "http://127.0.0.1:9"):  # answered, then refused, so that errors tell too
        secret = mirror.replace("://", f"://user:{CANARY}@")
        night = asyncio.run(
            run_night(
                on,
                Settings(data=data, mirror=secret, contact="tests@localhost"),
                scope=scope_of(sources(), ("aider-polyglot", "hub-models", "models-dev-api", "vectara-hallucination")),
                limits=Limits(attempts=1, wait_initial=0.05),
            )
        )
        assert CANARY not in repr(night)
    assert [one for one in night.results if one.failures]
    raw = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    raw |= {path: zstandard.decompress(body) for path, body in raw.items() if path.suffix == ".zst"}
    assert len(raw) > 30
    assert not [path for path, body in raw.items() if CANARY.encode() in body]
    answer = capfd.readouterr()
    assert CANARY not in answer.out + answer.err
    assert not [record for record in caplog.records if CANARY in record.getMessage() and not third_party(record)]


def third_party(record: logging.LogRecord) -> bool:
    """Debug lines of the HTTP library, which nobody sees unless they ask for them."""
    return record.name.startswith(("httpcore", "asyncio")) and record.levelno <= logging.DEBUG
