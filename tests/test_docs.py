"""The SQL of README and docs runs and answers what the pages say it answers; the files that pages point to exist.

The README's answer follows from the bundled history alone, so a clone without the recorded web can tell; the others
are of the real night (tests/test_recorded_night.py).
"""

from __future__ import annotations

import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from commands import gapindex
from conftest import ROOT
from examples import Example, closed, opened, score

from flows.cli.options import Exit
from flows.cli.reference import reference
from tests.tools.examples_in_docs import SqlExample, differences, sql_examples
from warehouse.dictionary import dictionary

PAGES = ("README.md", "docs/prices.md", "docs/events.md", "docs/questions.md")
ANSWERED = ("README.md", "docs/questions.md")
EVERY = [example for page in PAGES for example in sql_examples(ROOT, page)]
README = [example for example in EVERY if example.page == "README.md"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``data/published``, as the snippets expect it: a board with two models."""
    home = tmp_path_factory.mktemp("docs")
    example = Example(home / "data")
    example.saw("2026-06-14", closed("Cee", api="2026-01-01"), opened("Oh", weights="2026-02-01"), score("Cee", 60))
    example.published("2026-06-14")
    return home


@pytest.fixture(scope="module")
def small(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of its database: commands lock the configuration of the one they open, for the whole process."""
    copy = shutil.copy(folder / "data" / "published" / "gapindex.duckdb", folder / "copy.duckdb")
    with duckdb.connect(str(copy), read_only=True) as db:
        yield db


def test_every_page_has_the_examples_we_think_it_has() -> None:
    assert [(len([e for e in EVERY if e.page == page])) for page in PAGES] == [1, 2, 1, 20]
    assert all(example.rows for example in README)


@pytest.mark.parametrize("example", EVERY, ids=str)
def test_an_example_runs_and_has_the_columns_it_shows(small: duckdb.DuckDBPyConnection, example: SqlExample) -> None:
    columns = [column[0] for column in small.execute(example.sql).description or ()]
    if example.page in ANSWERED:
        assert tuple(columns) == example.header
    elif example.header:
        assert len(columns) == len(example.header)


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory, with_history: None) -> Path:
    """The data folder of a newcomer without a network: a night from the bundled history alone."""
    data = tmp_path_factory.mktemp("offline")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{probe.getsockname()[1]}/@{{night}}"
    run = ("run", "--night", "2026-06-14", "--source", "aider-polyglot", "--mirror", nowhere, "--data", data)
    assert gapindex(*run).code == Exit.STALE
    return data


@pytest.mark.slow
def test_the_bundled_history_gives_the_readmes_answers(offline: Path) -> None:
    with duckdb.connect(str(offline / "published" / "gapindex.duckdb"), read_only=True) as db:
        wrong = {str(e): found for e in README if (found := differences(db, e))}
    assert not wrong


@pytest.mark.slow
def test_a_newcomer_who_follows_the_tutorial_gets_answers(offline: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAPINDEX_DATA", str(offline))
    lines = [line for block in snippets("sh", "tutorial.md") for line in block.splitlines()]
    assert len(lines) > 5
    for line in lines:
        answer = gapindex(*shlex.split(line)[1:])
        assert (line, answer.code, len(answer.out) > 100) == (line, 0, True)


def test_the_reference_of_commands_is_that_of_the_program() -> None:
    """`python -m flows.cli.reference > docs/commands.md` writes it anew."""
    assert (ROOT / "docs" / "commands.md").read_text("utf-8") == reference()


def test_another_answer_is_found(small: duckdb.DuckDBPyConnection) -> None:
    """Cee and Oh are in none of the answers."""
    assert all(differences(small, example) for example in EVERY if example.page in ANSWERED)


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


# --- the data set -------------------------------------------------------------------------------


def test_the_dictionary_is_that_of_the_tables(small: duckdb.DuckDBPyConnection) -> None:
    """`python -m warehouse.dictionary data/published/gapindex.duckdb > docs/tables.md` writes it anew."""
    assert (ROOT / "docs" / "tables.md").read_text("utf-8") == dictionary(small)


def test_there_are_twenty_questions_with_answers() -> None:
    questions = [example for example in EVERY if example.page == "docs/questions.md"]
    assert len(questions) == 20
    assert all(example.rows for example in questions)


def snippets(language: str, page: str = "data.md") -> list[str]:
    text = (ROOT / "docs" / page).read_text("utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize("snippet", snippets("python"), ids=lambda text: text.split()[1])
def test_a_python_snippet_runs(folder: Path, snippet: str) -> None:
    pytest.importorskip(snippet.split()[1])
    ran = subprocess.run([sys.executable, "-c", snippet], cwd=folder, capture_output=True, text=True, check=False)
    assert (ran.returncode, bool(ran.stdout)) == (0, True), ran.stderr


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="no R here: apt-get install r-base-core")
@pytest.mark.parametrize("snippet", [one for one in snippets("r") if "library(" not in one])
def test_an_r_snippet_without_packages_runs(folder: Path, snippet: str) -> None:
    ran = subprocess.run(["Rscript", "-e", snippet], cwd=folder, capture_output=True, text=True, check=False)
    assert (ran.returncode, bool(ran.stdout)) == (0, True), ran.stderr


@pytest.mark.parametrize("line", [line for block in snippets("sh") for line in block.splitlines()])
def test_a_command_line_runs(folder: Path, line: str) -> None:
    words = shlex.split(line.partition(" > ")[0])
    answer = gapindex(*words[1:], "--data", folder / "data")
    assert answer.code == 0 and (answer.out or "arrow" in line)
