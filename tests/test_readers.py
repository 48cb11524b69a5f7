"""Readers of a publication: whatever SQL they bring, they touch no file, no network, no setting and no table."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import duckdb
import pytest
from examples import Example, closed, opened, score

from flows.cli import main
from flows.cli.options import Exit
from warehouse import explain

NIGHT = "2026-06-14"
SECRET = "what only the operator may read"
FORBIDDEN = {
    "read a text file": "from read_text('{secret}')",
    "read a file as CSV": "from read_csv('{secret}', header = false, columns = {{'line': 'varchar'}})",
    "read a file as bytes": "from read_blob('{secret}')",
    "read a file by its name": "from '{secret}.csv'",
    "list a folder": "from glob('{folder}/*')",
    "read a web page": "from read_text('http://127.0.0.1:9/')",
    "write a table": "copy score to '{folder}/out.csv'",
    "write a query": "copy (select 1) to '{folder}/out.parquet' (format parquet)",
    "write a database": "export database '{folder}/out'",
    "read a database in": "import database '{folder}'",
    "open another database": "attach '{folder}/other.duckdb'",
    "open a database in memory and elsewhere": "attach '{folder}/other.duckdb' as other (read_only)",
    "install an extension": "install httpfs",
    "install an extension by path": "install '{folder}/evil.duckdb_extension'",
    "load an extension": "load httpfs",
    "load an extension by path": "load '{folder}/evil.duckdb_extension'",
    "allow access again": "set enable_external_access = true",
    "unlock the settings": "set lock_configuration = false",
    "unlock by reset": "reset lock_configuration",
    "unlock by pragma": "pragma enable_external_access = true",
    "allow one folder": "set allowed_directories = ['{folder}']",
    "spill elsewhere": "set temp_directory = '{folder}/spill'",
    "log elsewhere": "set profiling_output = '{folder}/profile.json'",
    "take more memory": "set memory_limit = '64GB'",
    "take a secret": "create secret s (type http, bearer_token 'x')",
    "change a table": "update score set value = 0",
    "drop a table": "drop table score",
    "add a table": "create table evil as select 1 as one",
    "delete rows": "delete from score",
    "run two at once": "select 1; copy score to '{folder}/out.csv'",
}


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Example:
    made = Example(tmp_path_factory.mktemp("readers"))
    models = closed("Cee", api="2026-01-01"), opened("Oh", weights="2026-01-01")
    made.saw(NIGHT, *models, score("Cee", 60), score("Oh", 50))
    made.published(NIGHT)
    return made


@pytest.fixture(scope="module")
def folder(example: Example, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("operator")
    (made / "secret").write_text(SECRET, "utf-8")
    (made / "secret.csv").write_text(f"a\n{SECRET}\n", "utf-8")
    with duckdb.connect(str(made / "other.duckdb")) as db:
        db.execute("create table other as select 1 as one")
    return made


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_a_documented_connection_cannot(example: Example, folder: Path, what: str) -> None:
    published, outside = contents(example.folder / "publications"), contents(folder)
    query = FORBIDDEN[what].format(folder=folder, secret=folder / "secret")
    with explain.open_readonly(example.folder / "published" / "gapindex.duckdb") as db:
        with pytest.raises(duckdb.Error) as refused:
            db.execute(query).fetchall()
        assert SECRET not in str(refused.value)
        row = db.execute("select current_setting('enable_external_access'), current_setting('lock_configuration')")
        assert row.fetchone() == (False, True)
        assert db.execute("select count(*) from score").fetchone() == (2,)
    assert contents(example.folder / "publications") == published
    assert contents(folder) == outside


@pytest.mark.parametrize("what", FORBIDDEN)
def test_the_command_cannot(
    example: Example, folder: Path, what: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    query = FORBIDDEN[what].format(folder=folder, secret=folder / "secret")
    outside = contents(folder)
    monkeypatch.setattr(sys, "argv", ["gapindex", "sql", query, "--data", str(example.folder)])
    with pytest.raises(SystemExit) as ended:
        main()
    answer = capsys.readouterr()
    assert ended.value.code == Exit.USAGE
    assert SECRET not in answer.out + answer.err
    assert answer.err.startswith("gapindex: ")
    assert contents(folder) == outside


def test_a_reader_who_opens_the_file_to_write_changes_nothing_for_the_next_night(example: Example) -> None:
    """E3: what a careless reader does to the published file is gone with the next publication."""
    first = example.folder / "published" / "gapindex.duckdb"
    kept = first.read_bytes()
    with duckdb.connect(str(first.resolve())) as db:
        db.execute("delete from score")
    assert first.read_bytes() != kept
    example.saw(
        "2026-06-15",
        closed("Cee", api="2026-01-01"),
        opened("Oh", weights="2026-01-01"),
        score("Cee", 61),
        score("Oh", 50),
    )
    example.published("2026-06-15")
    with explain.open_readonly(example.folder / "published" / "gapindex.duckdb") as db:
        assert db.execute("select min(value), max(value) from score").fetchone() == (50, 61)


def test_a_publication_does_not_wait_for_who_holds_the_last_one(example: Example, tmp_path: Path) -> None:
    here = Example(Path(shutil.copytree(example.folder, tmp_path / "here", symlinks=True)))
    models = closed("Cee", api="2026-01-01"), opened("Oh", weights="2026-01-01")
    with explain.open_readonly(here.folder / "published" / "gapindex.duckdb") as held:
        (before,) = held.execute("select max(value) from score").fetchone() or (None,)
        here.saw("2026-06-16", *models, score("Cee", 62), score("Oh", 50))
        assert here.published("2026-06-16").fresh
        assert held.execute("select max(value) from score").fetchone() == (before,) != (62,)
        with explain.open_readonly(here.folder / "published" / "gapindex.duckdb") as now:
            assert now.execute("select max(value) from score").fetchone() == (62,)
