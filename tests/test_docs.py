"""The SQL of README and docs runs and answers what the pages say it answers; the files that pages point to exist.

Four of the README's five answers follow from the bundled history alone, so a clone without the recorded web can tell;
the others are of the real night (tests/test_recorded_night.py).
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from commands import gapindex
from conftest import ROOT
from examples import Example, closed, opened, score

from flows.cli.options import Exit
from tests.tools.examples_in_docs import SqlExample, differences, sql_examples

PAGES = ("README.md", "docs/prices.md", "docs/events.md")
EVERY = [example for page in PAGES for example in sql_examples(ROOT, page)]
README = [example for example in EVERY if example.page == "README.md"]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Every published table, of a board with two models."""
    example = Example(tmp_path_factory.mktemp("docs"))
    example.saw("2026-06-14", closed("Cee", api="2026-01-01"), opened("Oh", weights="2026-02-01"), score("Cee", 60))
    example.published("2026-06-14")
    with duckdb.connect(str(example.folder / "published" / "gapindex.duckdb"), read_only=True) as db:
        yield db


def test_every_page_has_the_examples_we_think_it_has() -> None:
    assert [(len([e for e in EVERY if e.page == page])) for page in PAGES] == [5, 2, 1]
    assert all(example.rows for example in README)


@pytest.mark.parametrize("example", EVERY, ids=str)
def test_an_example_runs_and_has_the_columns_it_shows(small: duckdb.DuckDBPyConnection, example: SqlExample) -> None:
    columns = [column[0] for column in small.execute(example.sql).description or ()]
    if example.page == "README.md":
        assert tuple(columns) == example.header
    elif example.header:
        assert len(columns) == len(example.header)


@pytest.mark.slow
def test_the_bundled_history_gives_the_readmes_answers(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{probe.getsockname()[1]}/@{{night}}"
    run = ("run", "--night", "2026-06-14", "--source", "aider-polyglot", "--mirror", nowhere, "--data", tmp_path)
    assert gapindex(*run).code == Exit.STALE
    with duckdb.connect(str(tmp_path / "published" / "gapindex.duckdb"), read_only=True) as db:
        wrong = {str(e): found for e in README if "source_health" not in e.sql and (found := differences(db, e))}
    assert not wrong


def test_another_answer_is_found(small: duckdb.DuckDBPyConnection) -> None:
    """Cee and Oh are in none of the README's answers."""
    assert all(differences(small, example) for example in README)


def test_contributing_and_the_table_of_flows_night_point_to_files_that_exist() -> None:
    table = (
        (ROOT / "CONTRIBUTING.md").read_text().partition("**Where would I change ...**")[2].partition("\nImports")[0]
    )
    stages = (ROOT / "flows" / "night.py").read_text().partition('"""\n\nfrom')[0]
    paths = re.findall(r"`([\w*]+/[\w*./]+)`", table) + re.findall(r"``([\w/.]+/[\w.]+)``", stages)
    modules = [name.replace(".", "/") for name in re.findall(r"(?<!`)`((?:collectors|flows|warehouse)[.\w]+)`", stages)]
    assert len(paths) > 20 and len(modules) > 10
    assert [path for path in paths if not any(ROOT.glob(path.rstrip("/")))] == []
    exists = [any(ROOT.glob(f"{place}*")) or any(ROOT.glob(f"{place.rpartition('/')[0]}.py")) for place in modules]
    assert [module for module, found in zip(modules, exists, strict=True) if not found] == []


def test_the_names_that_contributing_places_in_a_file_are_there() -> None:
    table = (ROOT / "CONTRIBUTING.md").read_text()
    places = re.findall(r"((?:`\w+(?:\.\w+)?`(?: and )?)+) in `([\w/]+\.py)`", table)
    named = [(name, path) for names, path in places for name in re.findall(r"`(?:\w+\.)?(\w+)`", names)]
    assert len(named) >= 8
    assert [(name, path) for name, path in named if name not in (ROOT / path).read_text()] == []
