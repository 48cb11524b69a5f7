"""What was published stays as it was published; the current table restates it."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest
from examples import Example, closed, gap, opened, score

from flows.folder import NoDisk, data_lock, disk_errors
from flows.night import NoArchive, as_known_on
from warehouse import vintages
from warehouse.build import built
from warehouse.health import kept as health
from warehouse.publish import publish

FIRST, SECOND = date(2026, 6, 1), date(2026, 6, 2)
PAIR = (closed("Cee", api="2026-01-01"), opened("Oh", weights="2026-02-01"))


@pytest.fixture
def example(tmp_path: Path) -> Example:
    """Two nights; on the second the board says that the first night's 60 was a mistake."""
    example = Example(tmp_path)
    example.saw("2026-06-01", *PAIR, score("Cee", 60), score("Oh", 50))
    example.saw("2026-06-02", *PAIR, score("Cee", 58), score("Oh", 50))
    return example


def published(example: Example, night: date) -> list[tuple[str, float]]:
    """Publishes a night as a run does and returns the vintages that the publication holds."""
    example.ingest()
    with built(example.store, night, example.sources, bundled=False, published=example.folder / "vintages") as db:
        publication = publish(db, example.folder, night)
    vintages.settle(example.folder, publication.folder, night)
    with duckdb.connect(str(publication.database), read_only=True) as db:
        return db.execute(
            "select night::varchar, gap from gap_index_vintage where scope = 'toy' and tier = 'any' order by night"
        ).fetchall()


def test_a_vintage_is_what_was_published_and_the_index_restates(example: Example) -> None:
    assert published(example, FIRST) == [("2026-06-01", 10.0)]
    assert published(example, SECOND) == [("2026-06-01", 10.0), ("2026-06-02", 8.0)]
    with built(example.store, SECOND, example.sources, bundled=False) as db:
        assert gap(db, "2026-06-01")["gap"] == 8


def test_a_changed_value_is_a_revision(example: Example) -> None:
    published(example, FIRST)
    published(example, SECOND)
    with duckdb.connect(str(example.folder / "published" / "gapindex.duckdb"), read_only=True) as db:
        result = db.execute(
            """select night, gap_then, gap_now, gap_revised, closed_changed from gap_index_revision
               where scope = 'toy' and tier = 'any'"""
        ).fetchall()
    assert result == [(FIRST, 10.0, 8.0, -2.0, False)]


def test_a_new_version_of_the_method_leaves_what_the_old_one_published(
    example: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warehouse.build.METHOD_VERSION", "1")
    published(example, FIRST)
    vintage = example.folder / "vintages" / "gap_index" / f"{FIRST}.parquet"
    written = vintage.read_bytes()
    monkeypatch.undo()
    published(example, SECOND)
    with duckdb.connect(str(example.folder / "published" / "gapindex.duckdb"), read_only=True) as db:
        rows = db.execute(
            """select method_version, min(night)::varchar, arg_min(gap, night) from gap_index_vintage
               where scope = 'toy' and tier = 'any' group by all order by all"""
        ).fetchall()
    assert rows == [("1", "2026-06-01", 10.0), ("2", "2026-06-02", 8.0)]
    assert vintage.read_bytes() == written


def test_the_same_night_again_keeps_its_first_vintage(example: Example) -> None:
    published(example, FIRST)
    (file,) = (example.folder / "vintages" / "gap_index").iterdir()
    before = file.read_bytes()
    assert published(example, FIRST) == [("2026-06-01", 10.0)]
    assert file.read_bytes() == before


def test_a_run_that_died_before_keeping_its_vintage_loses_nothing(example: Example) -> None:
    example.ingest()
    with built(example.store, FIRST, example.sources, bundled=False) as db:
        publication = publish(db, example.folder, FIRST)
    assert vintages.published_on(example.folder, FIRST) is None
    vintages.settle(example.folder, publication.folder, publication.night)  # what the next run does first
    kept = vintages.published_on(example.folder, FIRST)
    assert kept and {row["night"] for row in kept} == {FIRST}


def test_a_column_of_today_is_null_on_a_night_before_it_was_there(example: Example) -> None:
    published(example, FIRST)
    (file,) = (example.folder / "vintages" / "gap_index").iterdir()
    with duckdb.connect() as db:
        db.execute(f"create table old as select * exclude (gap_lo) from read_parquet('{file}')")
        db.execute(f"copy old to '{file}' (format parquet)")
    (example.folder / "vintages" / vintages.DIGESTS).unlink()  # of an older program, which wrote none
    assert published(example, SECOND) == [("2026-06-01", 10.0), ("2026-06-02", 8.0)]


def test_asked_what_a_night_knew(example: Example) -> None:
    published(example, FIRST)
    published(example, SECOND)
    (example.folder / "vintages" / "gap_index" / "2026-06-02.parquet").unlink()
    as_published, computed_again = (
        {row["gap"] for row in as_known_on(night, example.folder, declared=example.sources) if row["scope"] == "toy"}
        for night in (FIRST, SECOND)
    )
    assert (as_published, computed_again) == ({10.0}, {8.0})


@pytest.mark.parametrize(
    "spoil", [lambda body: body[:100], lambda body: b"", lambda body: body[:40] + b"x" * 60 + body[100:]]
)
def test_a_damaged_vintage_is_left_out_with_a_word_and_stops_no_night(
    example: Example, spoil: Callable[[bytes], bytes], caplog: pytest.LogCaptureFixture
) -> None:
    published(example, FIRST)
    (file,) = (example.folder / "vintages" / "gap_index").iterdir()
    file.write_bytes(spoiled := spoil(file.read_bytes()))
    assert published(example, SECOND) == [("2026-06-02", 8.0)]
    assert "2026-06-01.parquet is not the file that was written and is left out" in caplog.text
    assert file.read_bytes() == spoiled
    (example.folder / "vintages" / vintages.DIGESTS).unlink()
    caplog.clear()
    assert published(example, SECOND) == [("2026-06-02", 8.0)]
    assert "2026-06-01.parquet cannot be read and is left out" in caplog.text, "without a digest it is read to the end"


def test_a_damaged_vintage_of_the_night_itself_stops_no_second_run(example: Example) -> None:
    published(example, FIRST)
    (file,) = (example.folder / "vintages" / "gap_index").iterdir()
    file.write_bytes(file.read_bytes()[:100])
    assert published(example, FIRST) == [("2026-06-01", 10.0)], "tonight's own rows, computed"


def test_an_edited_vintage_is_no_evidence(example: Example, caplog: pytest.LogCaptureFixture) -> None:
    published(example, FIRST)
    (file,) = (example.folder / "vintages" / "gap_index").iterdir()
    with duckdb.connect(":memory:") as db:
        db.execute(f"create table lie as from read_parquet('{file}')")
        db.execute(f"update lie set gap = -99; copy lie to '{file}' (format parquet)")
    assert published(example, SECOND) == [("2026-06-02", 8.0)]
    assert "is not the file that was written" in caplog.text
    with pytest.raises(NoArchive, match="restore it from a backup"):
        as_known_on(FIRST, example.folder, declared=example.sources)
    finding = health.vintages(example.folder)
    assert finding.state == "fault" and "not the file that was written" in finding.found


def test_no_link_leads_a_run_out_of_its_folder(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for number, place in enumerate(("archive", "archive/log", "vintages/gap_index", "overrides.jsonl", ".night")):
        data = tmp_path / f"data{number}"
        (data / place).parent.mkdir(parents=True)
        (data / place).symlink_to(elsewhere)
        with pytest.raises(NoDisk, match=r"symbolic link and is not followed"), disk_errors(data):
            data_lock(data, FIRST)
    assert list(elsewhere.iterdir()) == []


def test_a_link_within_the_folder_and_a_link_to_the_folder_are_followed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "publications" / "one").mkdir(parents=True)
    (data / "published").symlink_to("publications/one")
    (tmp_path / "link").symlink_to(data)
    for place in (data, tmp_path / "link"):
        with data_lock(place, FIRST):
            pass


def test_other_users_write_to_nothing_of_a_run_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with data_lock(tmp_path / "data", FIRST):
            (tmp_path / "data" / "sub").mkdir()
            (tmp_path / "data" / "sub" / "file").touch()
    finally:
        os.umask(before)
    assert not [path for path in tmp_path.rglob("*") if path.stat().st_mode & 0o002]
