"""Publishing: all or nothing, never in a reader's way, and the same bytes for the same tables."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import os
import shutil
import signal
import struct
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from examples import Example, closed, opened, score

from flows.stages.publish import settle_previous
from warehouse.dataset.changelog import changelog
from warehouse.dataset.files import csv_path
from warehouse.dataset.tables import PublicTable
from warehouse.dataset.unchanged import EarlierFiles
from warehouse.explain import open_readonly as reading
from warehouse.publication import PUBLISHED, Publication, current, sweep
from warehouse.publish import KEEP, _earlier
from warehouse.statements import statements

NIGHT = "2026-06-14"
NAMES = ("Plain", "=1+1", "+1", "-1", "@SUM(A1)", 'quo"te, comma', "O'Neil", "naïve-模型")
ROWS = (
    closed("Cee", api="2026-01-01"),
    opened("Oh", weights="2026-02-01"),
    score("Cee", 60),
    score("Oh", 50),
    *(score(name, 10) for name in NAMES),
)


def example(folder: Path) -> Example:
    result = Example(folder)
    result.saw(NIGHT, *ROWS)
    return result


@pytest.fixture(scope="module")
def publication(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    return example(tmp_path_factory.mktemp("data")).published(NIGHT)


def csv_rows(file: Path) -> list[list[str]]:
    """The rows of a CSV file, compressed or not, the header first."""
    reads = gzip.open if file.suffix == ".gz" else open
    with reads(file, "rt", encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))


@pytest.fixture
def here(publication: Publication, tmp_path: Path) -> Example:
    """A copy of that folder, in which `NIGHT` is published."""
    return Example(Path(shutil.copytree(publication.folder.parents[1], tmp_path / "here", symlinks=True)))


def standing(example: Example) -> Path:
    """The folder of its publication."""
    found = current(example.folder)
    assert found is not None
    return found.folder


def replaced(file: Path, content: bytes) -> None:
    """Another file in the place of a read-only one."""
    file.unlink()
    file.write_bytes(content)


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


# --- what is in it ------------------------------------------------------------------------------


def test_a_publication_has_every_mart_in_every_form(publication: Publication) -> None:
    marts = {s.name for s in statements("marts")}
    histories = {s.name for s in statements("marts") if s.latest}
    assert set(publication.rows) == marts
    assert {name for name in files(publication.folder) if not name.startswith("site/")} == {
        "gapindex.duckdb",
        "manifest.json",
        "feed.xml",
        f"quarantine/{NIGHT}.txt",
        f"quarantine/{NIGHT}.html",
        *(f"parquet/{name}.parquet" for name in marts),
        *(f"latest/{name}.parquet" for name in histories),
        *(csv_path(name, "latest" if name in histories else "full") for name in marts),
        "README.md",
        "datapackage.json",
        "croissant.json",
        "changelog.json",
        "changelog.md",
    }
    with duckdb.connect(str(publication.database), read_only=True) as db:
        counted = {name: db.execute(f"select count(*) from main.{name}").fetchone() for name in marts}
    assert {name: row[0] for name, row in counted.items() if row} == publication.rows
    assert {name: pq.read_metadata(publication.folder / f"parquet/{name}.parquet").num_rows for name in marts} == (
        publication.rows
    )


def test_the_manifest_tells_the_bytes(publication: Publication) -> None:
    manifest = json.loads((publication.folder / "manifest.json").read_text("utf-8"))
    tables = manifest["tables"].values()
    files = [t[form] for t in tables for form in ("parquet", "latest", "csv") if form in t]
    assert len(files) == 2 * len(statements("marts")) + len([s for s in statements("marts") if s.latest])
    for file in [*manifest["files"].values(), *files]:
        body = (publication.folder / file["path"]).read_bytes()
        assert (file["sha256"], file["bytes"]) == (hashlib.sha256(body).hexdigest(), len(body))
    for file in files:
        path = publication.folder / file["path"]
        if path.suffix == ".parquet":
            assert file["rows"] == pq.read_metadata(path).num_rows
        else:
            assert file["rows"] == len(csv_rows(path)) - 1, path.name
    assert manifest["night"] == NIGHT
    assert {"run_id", "method_version", "code_version"} <= manifest.keys()
    assert manifest["tables"]["gap_index"]["key"] == ["scope", "edition", "tier", "night"]
    assert manifest["tables"]["gap_index"]["columns"]["lag_under"] == "INTEGER"
    assert datetime.fromisoformat(manifest["published_at"]).tzinfo is not None
    assert manifest["sources"]["toy-board"]["outcome"]
    assert (publication.folder / "manifest.json").stat().st_size < 100_000


def test_the_database_explains_itself(publication: Publication) -> None:
    with duckdb.connect(str(publication.database), read_only=True) as db:
        tables = dict(db.execute(f"select table_name, comment from {PUBLISHED}").fetchall())
        columns = db.execute(
            "select table_name, column_name, comment from duckdb_columns() where not internal"
        ).fetchall()
    assert tables["gap_index"].startswith("One row per night, scope, edition and licence tier")
    assert [name for name, comment in tables.items() if not comment] == []
    assert [(table, name) for table, name, comment in columns if not comment] == []


def test_the_history_of_the_index_is_stored_as_spans_and_read_as_rows(publication: Publication) -> None:
    rows = f"read_parquet('{publication.folder}/parquet/gap_index.parquet')"
    with duckdb.connect(str(publication.database), read_only=True) as db:
        assert db.execute("describe gap_index").fetchall() == db.execute(f"describe from {rows}").fetchall()
        for these, those in (("gap_index", rows), (rows, "gap_index")):
            assert db.execute(f"select count(*) from (from {these} except all from {those})").fetchone() == (0,)
        assert len(db.execute("from gap_index_stored").fetchall()) < publication.rows["gap_index"] / 2


def test_the_rows_of_the_history_are_in_the_order_of_its_key(publication: Publication) -> None:
    rows = pq.read_table(
        publication.folder / "parquet" / "gap_index.parquet", columns=["scope", "edition", "tier", "night"]
    )
    keys = [tuple(row.values()) for row in rows.to_pylist()]
    assert keys == sorted(keys)
    assert len({key[-1] for key in keys}) > 100


def test_every_duckdb_since_1_0_can_open_it(publication: Publication) -> None:
    # After an 8-byte checksum and the letters DUCK comes the storage version; 64 is what 1.0 writes.
    head = publication.database.read_bytes()[:20]
    assert head[8:12] == b"DUCK"
    assert struct.unpack("<Q", head[12:20]) == (64,)


def test_no_cell_of_a_csv_is_a_formula(publication: Publication) -> None:
    header, *rows = csv_rows(publication.folder / "csv/score_latest.csv.gz")
    names = {row[header.index("name")] for row in rows}
    assert {"Plain", "'=1+1", "'+1", "'-1", "'@SUM(A1)", 'quo"te, comma', "O'Neil", "naïve-模型"} <= names
    for path in (publication.folder / "csv").iterdir():
        cells = [cell for row in csv_rows(path) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "-S"))], path.name


def test_other_forms_have_the_names_as_they_are(publication: Publication) -> None:
    names = set(pq.read_table(publication.folder / "parquet/score.parquet")["name"].to_pylist())
    assert names == {"Cee", "Oh", *NAMES}


def test_the_csv_of_a_history_has_what_stands_tonight_and_its_name_says_so(publication: Publication) -> None:
    header, *rows = csv_rows(publication.folder / "csv/gap_index_latest.csv")
    assert {row[header.index("night")] for row in rows} == {NIGHT}
    assert publication.rows["gap_index"] > 60


def test_a_parquet_file_alone_explains_itself(publication: Publication) -> None:
    metadata = pq.read_schema(publication.folder / "latest/gap_index.parquet").metadata
    assert metadata[b"comment"].startswith(b"One row per night, scope, edition and licence tier")
    assert json.loads(metadata[b"key"]) == ["scope", "edition", "tier", "night"]
    assert metadata[b"shape"] == b"latest"
    assert json.loads(metadata[b"columns"])["open_model"] == "model at the open frontier"


@pytest.mark.parametrize("table", [s.name for s in statements("marts")])
def test_every_table_states_a_key_of_its_own_columns(publication: Publication, table: str) -> None:
    key = next(s.key for s in statements("marts") if s.name == table)
    names = set(pq.read_schema(publication.folder / f"parquet/{table}.parquet").names)
    assert key and set(key) <= names


# --- how it comes to be -------------------------------------------------------------------------


def test_before_the_first_there_is_none(tmp_path: Path) -> None:
    assert current(tmp_path) is None
    assert current(tmp_path / "nowhere") is None


def test_the_same_tables_are_the_same_bytes_and_not_published_again(
    publication: Publication, here: Example, tmp_path: Path
) -> None:
    first, other = standing(here), example(tmp_path / "there").published(NIGHT)
    assert first.name == other.folder.name
    mine, theirs = files(first), files(other.folder)
    for name in mine:
        if name.startswith(("parquet/", "csv/")):
            assert mine[name] == theirs[name], name

    again = here.published(NIGHT)
    assert (publication.fresh, again.fresh, again.folder) == (True, False, first)
    assert files(again.folder) == mine
    assert current(here.folder) == Publication(
        folder=first, night=date(2026, 6, 14), fresh=False, rows=publication.rows, run_id=publication.run_id
    )


def test_files_of_tables_with_the_same_rows_are_shared_and_equal_those_written_anew(
    here: Example, tmp_path: Path
) -> None:
    first, other = standing(here), example(tmp_path / "there")
    damaged = first / "csv" / "item.csv"
    replaced(damaged, b"not the file that was written")
    for one in (here, other):
        one.saw("2026-06-15", *ROWS[:2], score("Cee", 70), *ROWS[3:])
    later, anew = here.published("2026-06-15").folder, other.published("2026-06-15").folder
    data = [name for name in files(anew) if name.partition("/")[0] in ("parquet", "latest", "csv")]
    assert {name: (later / name).read_bytes() for name in data} == {name: (anew / name).read_bytes() for name in data}
    shared = {name for name in data if (first / name).exists() and (first / name).samefile(later / name)}
    assert {"parquet/benchmark.parquet", "csv/benchmark.csv", "parquet/claim_rule.parquet"} <= shared
    assert not shared & {"parquet/score.parquet", "parquet/gap_index.parquet", "parquet/item.parquet", "csv/item.csv"}


def unreadable(file: Path) -> None:
    """As a disk that fails gives it, for every user."""
    file.unlink()
    file.symlink_to("/proc/self/mem")


def edited(manifest: Path, key: str, value: object) -> None:
    manifest.write_text(json.dumps(json.loads(manifest.read_text("utf-8")) | {key: value}), "utf-8")


def without_rows(manifest: Path) -> None:
    tables = json.loads(manifest.read_text("utf-8"))["tables"]
    del tables["benchmark"]["csv"]["rows"]
    edited(manifest, "tables", tables)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: unreadable(folder / "csv" / "benchmark.csv"),
        lambda folder: edited(folder / "manifest.json", "rows_digests", None),
        lambda folder: edited(folder / "manifest.json", "tables", []),
        lambda folder: without_rows(folder / "manifest.json"),
        lambda folder: replaced(folder / "manifest.json", b"[" * 100_000),
    ],
    ids=["unreadable file", "no digests", "no tables", "a file without rows", "a manifest without end"],
)
def test_an_odd_publication_shares_no_file_and_costs_no_later_one(
    publication: Publication, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    earlier = Path(shutil.copytree(publication.folder, tmp_path / "earlier", ignore=shutil.ignore_patterns("site")))
    path, manifest = "csv/benchmark.csv", json.loads((earlier / "manifest.json").read_text("utf-8"))
    digest = manifest["rows_digests"]["benchmark"]
    facts = EarlierFiles(earlier).share("benchmark", digest, path, tmp_path / "shared")
    assert facts is not None
    assert facts.rows == manifest["tables"]["benchmark"]["csv"]["rows"]
    spoil(earlier)
    (tmp_path / "published").symlink_to("earlier")
    current(tmp_path)  # every run asks
    assert EarlierFiles(earlier).share("benchmark", digest, path, tmp_path / "not shared") is None
    assert not (tmp_path / "not shared").exists()


def test_data_files_are_read_only_as_publications_share_them(publication: Publication) -> None:
    data = [file for place in ("parquet", "latest", "csv") for file in (publication.folder / place).iterdir()]
    assert data
    assert [file.name for file in data if file.stat().st_mode & 0o222] == []


def test_a_damaged_table_of_the_night_before_costs_its_comparison(
    publication: Publication, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    earlier = Path(shutil.copytree(publication.folder / "parquet", tmp_path / "earlier" / "parquet")).parent
    replaced(earlier / "parquet" / "gap_index.parquet", b"PAR1 no table PAR1")
    with duckdb.connect(":memory:") as db:
        score = earlier / "parquet" / "score.parquet"
        db.execute(f"create table score as from '{score}' limit 1")
        score.unlink()
        db.execute(f"copy score to '{score}' (format parquet)")
        marts = [PublicTable(name=s.name, about="", key=s.key, columns=(), latest="") for s in statements("marts")]
        changes = changelog(db, publication.folder, marts, publication.night, (date(2026, 6, 13), earlier))
    assert [(one.table, one.new) for one in changes.tables] == [("score", publication.rows["score"] - 1)]
    assert changes.facts["unread"] == ["gap_index"]
    assert "Not compared, as the file of 2026-06-13 cannot be read: `gap_index`." in changes.text
    assert "No leader" not in changes.text
    assert "the changelog leaves gap_index out, whose earlier file cannot be read" in caplog.text


def test_a_folder_that_is_no_publication_is_passed_over(tmp_path: Path) -> None:
    for name in ("2026-06-12-0123456789ab", "2026-06-13-0123456789ab", "2026-02-30-0123456789ab", "file-to-be-kept"):
        (tmp_path / name).mkdir()
    assert _earlier(tmp_path, date(2026, 6, 14)) == (date(2026, 6, 13), tmp_path / "2026-06-13-0123456789ab")


def test_a_damaged_night_that_has_no_vintage_costs_no_later_one(
    here: Example, caplog: pytest.LogCaptureFixture
) -> None:
    replaced(standing(here) / "parquet" / "gap_index.parquet", b"PAR1 no table PAR1")
    settle_previous(here.folder)
    assert "the night of 2026-06-14 has no vintage, as its tables cannot be read" in caplog.text


def test_a_reader_keeps_what_it_has_open_while_another_is_published(here: Example) -> None:
    link = here.folder / "published"
    with duckdb.connect(str(link / "gapindex.duckdb"), read_only=True) as old:
        here.saw("2026-06-15", *ROWS[:2], score("Cee", 70), *ROWS[3:])
        new = here.published("2026-06-15")
        assert old.execute("select max(night), max(gap) from gap_index").fetchone() == (date(2026, 6, 14), 10.0)
        with duckdb.connect(str(link.resolve() / "gapindex.duckdb"), read_only=True) as db:
            assert db.execute("select max(night), max(gap) from gap_index").fetchone() == (date(2026, 6, 15), 20.0)
    assert link.resolve() == new.folder


def test_the_link_moves_in_one_step(here: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    first = standing(here)
    here.saw("2026-06-15", score("Cee", 70))
    link = here.folder / "published"
    seen: list[Path] = []
    rename = Path.replace

    def watched(self: Path, target: Path) -> Path:
        if Path(target) != link:
            return rename(self, target)
        seen.append(link.resolve(strict=True))
        moved = rename(self, target)
        seen.append(link.resolve(strict=True))
        return moved

    monkeypatch.setattr(Path, "replace", watched)
    second = here.published("2026-06-15")
    assert seen == [first, second.folder]
    assert str(link.readlink()) == f"publications/{second.folder.name}"


def test_a_publication_that_fails_half_way_leaves_no_trace(here: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    first = standing(here)
    here.saw("2026-06-15", score("Cee", 70))
    monkeypatch.setattr("warehouse.publish._write_manifest", _disk_full)
    with pytest.raises(OSError, match="No space left"):
        here.published("2026-06-15")
    assert standing(here) == first
    assert [p.name for p in (here.folder / "publications").iterdir()] == [first.name]


def _disk_full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def killed(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_process_of_the_site_costs_the_pages_and_no_table(
    here: Example, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("warehouse.publish._build_site", killed)
    here.saw("2026-06-15", *ROWS, score("Oh", 70, variant="high"))
    later = here.published("2026-06-15")
    assert standing(here) == later.folder
    assert not (later.folder / "site").exists()
    assert "was killed (signal 9)" in caplog.text


def test_what_a_dead_run_left_is_removed(here: Example) -> None:
    left = here.folder / "publications" / ".aside-dead"
    left.mkdir(parents=True)
    (left / "gapindex.duckdb").write_bytes(b"half")
    (here.folder / ".published-aside").symlink_to("publications/.aside-dead")
    (here.folder / "published").unlink()
    publication = here.published(NIGHT)
    assert [p.name for p in (here.folder / "publications").iterdir()] == [publication.folder.name]
    assert not (here.folder / ".published-aside").is_symlink()
    assert standing(here) == publication.folder


def test_what_a_dead_run_still_writes_is_left_to_the_next(here: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    left = here.folder / "publications" / ".aside-dying"
    left.mkdir()
    remove = os.rmdir

    def written_meanwhile(*args: Any, **kwargs: Any) -> None:
        (left / "page.html").write_text("late", "utf-8")
        remove(*args, **kwargs)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(os, "rmdir", written_meanwhile)
        sweep(here.folder)
    assert left.exists()
    sweep(here.folder)
    assert not left.exists()


def test_an_older_night_never_moves_the_link_back(here: Example) -> None:
    newest, older = standing(here), here.published("2026-06-13")
    assert (older.behind, older.folder.name[:10]) == (date(2026, 6, 14), "2026-06-13")
    assert standing(here) == newest


def test_old_publications_are_pruned(here: Example) -> None:
    home = here.folder / "publications"
    for n in range(KEEP + 3):
        old = home / f"2026-05-{n + 1:02}-000000000000"
        old.mkdir(parents=True)
        os.utime(old, (n, n))
    publication = here.published(NIGHT)
    left = sorted(p.name for p in home.iterdir())
    assert len(left) == KEEP
    assert left == [f"2026-05-{n + 1:02}-000000000000" for n in range(4, KEEP + 3)] + [publication.folder.name]


# --- reading it ---------------------------------------------------------------------------------


@pytest.fixture
def reader(publication: Publication) -> Iterator[duckdb.DuckDBPyConnection]:
    with reading(publication.database) as db:
        yield db


def test_a_reader_can_ask(reader: duckdb.DuckDBPyConnection) -> None:
    assert reader.execute(
        "select closed_model from gap_index where scope_kind = 'board' order by night desc limit 1"
    ).fetchone() == ("Cee",)


@pytest.mark.parametrize(
    "query",
    [
        "select * from read_text('/etc/passwd')",
        "select * from read_csv('/etc/passwd')",
        "from '/etc/passwd'",
        "select * from glob('/*')",
        "copy score to '{aside}/out.csv'",
        "copy score from '/etc/passwd'",
        "export database '{aside}/out'",
        "attach '{aside}/other.duckdb'",
        "attach ':memory:' as m; copy m.main to '{aside}/out.csv'",
        "install httpfs",
        "load httpfs",
        "select * from read_csv('https://toy.example/x.csv')",
        "set enable_external_access = true",
        "set lock_configuration = false",
        "set memory_limit = '100GB'",
        "set temp_directory = '{aside}'",
        "reset enable_external_access",
        "pragma enable_profiling; pragma profiling_output = '{aside}/out.json'",
        "drop table score",
        "delete from score",
        "create table mine as select 1",
    ],
)
def test_a_reader_can_touch_nothing_else(reader: duckdb.DuckDBPyConnection, tmp_path: Path, query: str) -> None:
    with pytest.raises(duckdb.Error):
        reader.execute(query.format(aside=tmp_path)).fetchall()
    assert list(tmp_path.iterdir()) == []
