"""Every query the documents show runs on the oldest DuckDB they promise, in an environment of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from examples import Example, closed, opened, score

OLDEST = "1.1.3"
"""1.0 has no ``arg_max`` by two columns, which four of the queries use."""

RUN = """
import json, sys, duckdb
with duckdb.connect(sys.argv[1], read_only=True) as db:
    for query in json.load(sys.stdin):
        db.execute(query).fetchall()
with duckdb.connect() as db:
    db.execute(f"attach '{sys.argv[1]}' as another (read_only)")
    db.execute("use another")  # 1.1 looks for what a view reads in the database in use
    assert db.execute("select count(*) from gap_index").fetchall()[0][0] > 60
print(duckdb.__version__)
"""


def documented() -> list[str]:
    files = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return [query for file in files for query in re.findall(r"```sql\n(.*?)```", file.read_text("utf-8"), re.DOTALL)]


def test_the_readme_promises_the_version_that_is_tested() -> None:
    promised = OLDEST.rpartition(".")[0]
    assert f"any DuckDB from {promised} on" in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.slow
def test_documented_queries_run_on_the_oldest_promised_duckdb(tmp_path: Path) -> None:
    python = tmp_path / "oldest" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "oldest"], check=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--retries=1", "--timeout=20", f"duckdb=={OLDEST}"]
    got = subprocess.run(pip, capture_output=True, text=True, check=False)
    if got.returncode:
        pytest.skip(f"no wheel of DuckDB {OLDEST} to be had: {got.stderr[-200:]}")
    example = Example(tmp_path / "data")
    example.saw(
        "2026-06-14",
        closed("Cee", api="2026-01-01"),
        opened("Oh", weights="2026-01-01"),
        score("Cee", 60),
        score("Oh", 50),
    )
    example.published("2026-06-14")
    queries = documented()
    assert len(queries) > 20
    ran = subprocess.run(
        [python, "-c", RUN, tmp_path / "data" / "published" / "gapindex.duckdb"],
        input=json.dumps(queries),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-500:]
    assert ran.stdout.strip() == OLDEST
