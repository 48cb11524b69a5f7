"""The store: what every page says and when it was seen, taken from the archive and from nowhere else."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from examples import URL, Example, ask, board, closed, excluded, marts, opened, score

from collectors.contract.pages import Page
from collectors.contract.rows import Get, Row
from warehouse.archive import ArchiveDamaged
from warehouse.store import ROW_TABLES, IngestResult, Store

OTHER = "https://toy.example/other.json"


@pytest.fixture
def example(tmp_path: Path) -> Example:
    return Example(tmp_path)


def raw(example: Example, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(example.store), read_only=True) as db:
        return db.execute(query).fetchall()


# --- catching up --------------------------------------------------------------------------------


def test_what_a_page_says_is_taken_in_once(example: Example) -> None:
    example.saw("2026-03-01", score("Cee", 60), score("Oh", 50), excluded("Human", "human baseline"))
    # a tally, two scores, one excluded
    assert example.ingest() == IngestResult(lines=1, pages=1, rows=4, refused=())
    assert example.ingest() == IngestResult(lines=0, pages=0, rows=0, refused=())
    assert raw(example, "select name, value from raw.score order by name") == [("Cee", 60.0), ("Oh", 50.0)]
    assert raw(example, "select rule, rows, example from raw.excluded") == [("human baseline", 1, "Human")]


def test_unchanged_bytes_are_a_sighting_and_no_work(example: Example) -> None:
    example.saw("2026-03-01", score("Cee", 60))
    example.ingest()
    example.saw("2026-03-02", score("Cee", 60))
    assert example.ingest() == IngestResult(lines=1, pages=0, rows=0, refused=())
    assert raw(example, "select count(*), count(distinct page_key) from raw.fetch_result") == [(2, 1)]


def test_nights_may_be_taken_in_in_any_order(tmp_path: Path) -> None:
    nights = {"2026-03-01": 60, "2026-03-02": 61, "2026-03-03": 59}
    result = []
    for order in (sorted(nights), sorted(nights, reverse=True)):
        example = Example(tmp_path / order[0])
        for night in order:
            example.saw(night, closed("Cee", api="2026-01-01"), score("Cee", nights[night]))
            example.ingest()
        result.append(example.tables("2026-03-03"))
    assert result[0] == result[1]


def test_another_parser_reads_the_archived_pages_again(example: Example) -> None:
    example.saw("2026-03-01", score("Cee", 60))
    example.saw("2026-03-02", score("Cee", 61))
    example.ingest("first parser")
    assert example.ingest("second parser") == IngestResult(lines=0, pages=2, rows=4, refused=())
    assert raw(example, "select distinct fingerprint from raw.page") == [("second parser",)]
    assert raw(example, "select value from raw.score order by value") == [(60.0,), (61.0,)]


def test_excluded_rows_are_counted_by_rule_with_an_example(example: Example) -> None:
    example.saw("2026-03-01", score("Cee", 60), *(excluded(f"Mix {n}", "two models") for n in range(3)))
    example.ingest()
    assert raw(example, "select rule, rows, example from raw.excluded") == [("two models", 3, "Mix 0")]


def test_what_was_being_stored_when_it_failed_is_stored_next_time(example: Example) -> None:
    example.saw("2026-03-01", score("Cee", 60))

    def struck(_page: Page) -> Iterator[Row]:
        raise KeyboardInterrupt

    stopped = {"toy-board": replace(example.source, parse=struck)}
    with pytest.raises(KeyboardInterrupt), Store(example.store) as store:
        store.ingest(example.archive, stopped, lambda _name: "first parser")
    assert example.ingest() == IngestResult(lines=0, pages=1, rows=2, refused=())


def test_a_damaged_body_is_named_and_the_rest_is_read(example: Example) -> None:
    lost = example.saw("2026-03-01", score("Cee", 60))
    example.saw("2026-03-02", score("Cee", 61))
    example.archive.path(lost).unlink()
    done = example.ingest()
    assert raw(example, "select value from raw.score") == [(61.0,)]
    assert len(done.refused) == 1
    assert str(example.archive.path(lost)) in done.refused[0]
    with pytest.raises(ArchiveDamaged):
        example.archive.get(lost)

    example.saw("2026-03-01", score("Cee", 60))  # the file is there again: nothing else is needed
    assert example.ingest().refused == ()
    assert raw(example, "select value from raw.score order by all") == [(60.0,), (61.0,)]


def test_deleted_and_rebuilt_from_the_archive_it_is_the_same(example: Example) -> None:
    example.saw("2026-03-01", closed("Cee", api="2026-01-01"), score("Cee", 60), score("Oh", 50))
    example.ingest()
    example.failed("2026-03-02")
    example.answered("2026-03-03", b"<html>Just a moment...</html>")
    example.ingest()
    example.saw("2026-03-04", opened("Oh", weights="2026-02-01"), score("Cee", 60), score("Oh", 55), score("Two", 200))
    example.saw("2026-03-04", score("Three", 3), url=OTHER)
    night_by_night = example.tables("2026-03-05")
    assert all(night_by_night[name] for name in ("gap_index", "frontier", "quarantine", "page_fetch", "score_history"))

    example.store.unlink()
    assert example.tables("2026-03-05") == night_by_night


# --- refused pages ------------------------------------------------------------------------------


def test_a_refused_page_leaves_the_last_good_one_in_force(example: Example) -> None:
    example.saw("2026-03-01", closed("Cee", api="2026-01-01"), score("Cee", 60))
    example.answered("2026-03-02", b"<html>Just a moment...</html>")
    with example.built("2026-03-02", "quarantine", "score", "source_health") as db:
        assert ask(db, "select name, value, known_on from marts.score") == [
            {"name": "Cee", "value": 60.0, "known_on": date(2026, 3, 1)}
        ]
        (held,) = ask(db, "select held, field, found, known_on from marts.quarantine")
        (health,) = ask(
            db, "select outcome, pages_read, pages_failed, last_good_on, stale_days from marts.source_health"
        )
    assert (held["held"], held["field"], held["known_on"]) == ("page", "drifted", date(2026, 3, 2))
    assert "the parser stumbled" in held["found"]
    assert health == {
        "outcome": "drifted",
        "pages_read": 0,
        "pages_failed": 1,
        "last_good_on": date(2026, 3, 1),
        "stale_days": 1,
    }


def test_a_refused_page_is_not_read_again_until_the_parser_changes(example: Example) -> None:
    example.answered("2026-03-01", b"{}")
    assert len(example.ingest().refused) == 1
    assert example.ingest() == IngestResult(lines=0, pages=0, rows=0, refused=())
    assert len(example.ingest("second parser").refused) == 1


def test_a_row_that_cannot_be_believed_is_held_back_alone(example: Example) -> None:
    example.saw("2026-03-01", score("Cee", 60), score("Two", 200))
    with example.built("2026-03-01", "quarantine", "score") as db:
        assert ask(db, "select name from marts.score") == [{"name": "Cee"}]
        assert ask(db, "select held, name, field, found, expected from marts.quarantine") == [
            {"held": "row", "name": "Two", "field": "value", "found": "200", "expected": "0 to 100 %"}
        ]


def test_half_a_table_of_unbelievable_cells_is_no_table(example: Example) -> None:
    example.saw("2026-03-01", score("Cee", 60), score("Oh", 50))
    example.saw("2026-03-02", score("Cee", 61), score("Oh", 5000), score("Dee", 7000))
    with example.built("2026-03-02", "quarantine", "score") as db:
        assert ask(db, "select name, value from marts.score order by name") == [
            {"name": "Cee", "value": 60.0},
            {"name": "Oh", "value": 50.0},
        ]
        assert ask(db, "select found from marts.quarantine where held = 'table'") == [
            {"found": "2 of 3 rows not believable"}
        ]


def test_a_table_shorter_than_the_board_can_be_is_no_table(tmp_path: Path) -> None:
    example = Example(tmp_path, board(min_rows=2))
    example.saw("2026-03-01", score("Cee", 60), score("Oh", 50))
    example.saw("2026-03-02", score("Cee", 99))
    with example.built("2026-03-02", "quarantine", "score") as db:
        assert ask(db, "select max(value) as best from marts.score") == [{"best": 60.0}]
        assert ask(db, "select held, found from marts.quarantine") == [
            {"held": "table", "found": "1 rows shown, at least 2 expected"}
        ]


@pytest.mark.parametrize(
    "hostile",
    [
        {"name": "\ud800"},
        {"name": "Cee", "written": "\udfff"},
        {"name": "Cee", "variant": "a\x00b\ud800"},
        {"name": "Cee", "n_items": 10**30},
        {"name": "\x1b[2J" * 400},
        {"name": "'; drop table raw.score; --"},
    ],
    ids=["surrogate name", "surrogate row", "surrogate variant", "huge count", "control codes", "sql"],
)
def test_one_hostile_row_never_stops_the_others(example: Example, hostile: dict[str, Any]) -> None:
    example.saw("2026-03-01", score("Cee", 60), url=OTHER)
    page = {"updated_on": "", "rows": [score(**({"value": 50} | hostile)), score("Good", 40)]}
    example.answered("2026-03-01", json.dumps(page).encode())
    with example.built("2026-03-01", "score") as db:
        assert 60.0 in [row["value"] for row in ask(db, "select value from marts.score")]
    assert example.ingest() == IngestResult(lines=0, pages=0, rows=0, refused=())


# --- one sighting a night -----------------------------------------------------------------------


def sighted(example: Example) -> tuple[str, str | None, str]:
    """Outcome, digest and error of the one sighting there is."""
    ((outcome, sha256, error),) = raw(example, "select outcome, sha256, error from raw.fetch_result")
    return outcome, sha256, error


@pytest.mark.parametrize("at_once", [True, False], ids=["in one pass", "in two passes"])
def test_a_good_answer_replaces_a_failure(example: Example, at_once: bool) -> None:
    example.failed("2026-03-01")
    if not at_once:
        example.ingest()
    good = example.saw("2026-03-01", score("Cee", 60))
    example.ingest()
    assert sighted(example) == ("fresh", good, "")


@pytest.mark.parametrize("at_once", [True, False], ids=["in one pass", "in two passes"])
def test_a_failure_never_replaces_a_good_answer(example: Example, at_once: bool) -> None:
    good = example.saw("2026-03-01", score("Cee", 60))
    if not at_once:
        example.ingest()
    example.failed("2026-03-01")
    example.ingest()
    assert sighted(example) == ("fresh", good, "")


@pytest.mark.parametrize("at_once", [True, False], ids=["in one pass", "in two passes"])
def test_new_bytes_replace_old_ones_of_the_same_night(example: Example, at_once: bool) -> None:
    example.saw("2026-03-01", score("Cee", 60))
    if not at_once:
        example.ingest()
    new = example.saw("2026-03-01", score("Cee", 61))
    example.ingest()
    assert sighted(example) == ("fresh", new, "")
    with example.built("2026-03-01", "score_history") as db:
        assert ask(db, "select value from marts.score_history") == [{"value": 61.0}]


def test_a_later_failure_replaces_an_earlier_one(example: Example) -> None:
    example.failed("2026-03-01", "unreachable", "no route")
    example.ingest()
    example.failed("2026-03-01", "gone", "404")
    example.ingest()
    assert sighted(example) == ("gone", None, "404")


def test_each_address_has_its_own_sighting(example: Example) -> None:
    example.saw("2026-03-01", score("Cee", 60))
    example.failed("2026-03-01", url=OTHER)
    example.ingest()
    assert raw(example, "select url, outcome from raw.fetch_result order by url") == [
        (URL, "fresh"),
        (OTHER, "unreachable"),
    ]


# --- asked while collecting ---------------------------------------------------------------------


def test_a_known_page_is_the_newest_as_of_a_night(example: Example) -> None:
    old = example.saw("2026-03-01", score("Cee", 60), modified="Sun, 01 Mar 2026 08:00:00 GMT")
    example.failed("2026-03-02")
    new = example.saw("2026-03-03", score("Cee", 61))
    example.ingest()
    with Store(example.store) as store:
        place = ("toy-board", URL, "")
        assert store.known_pages(date(2026, 2, 28)).pages == {}
        before, after = (store.known_pages(date(2026, 3, day)).pages[place] for day in (2, 3))
    assert (before.sha256, before.headers) == (old, {"last-modified": "Sun, 01 Mar 2026 08:00:00 GMT"})
    assert (after.sha256, after.headers) == (new, {})
    assert before.fetched_at.isoformat() == "2026-03-01T21:00:00+00:00"
    # The older page came whole once; asked again on the night it came, the newer one would be no second look.
    assert (before.whole_nights, after.whole_nights) == (1, 2)


def test_links_are_remembered_for_the_parser_that_read_them(example: Example) -> None:
    example.saw("2026-03-01", score("Cee", 60))

    def linking(_page: Page) -> Iterator[Row]:
        yield Get(url=OTHER, context="2")
        yield Get(url=OTHER, context="1")

    with Store(example.store) as store:
        assert store.known_pages(date(2026, 3, 1)).links == {}
        linked = {"toy-board": replace(example.source, parse=linking)}
        store.ingest(example.archive, linked, lambda _name: "first parser")
        known = store.known_pages(date(2026, 3, 1))
        key = known.pages["toy-board", URL, ""].key
        assert known.links == {("toy-board", key): (Get(url=OTHER, context="1"), Get(url=OTHER, context="2"))}
        store.ingest(example.archive, example.sources, lambda _name: "second parser")
        assert store.known_pages(date(2026, 3, 1)).links == {("toy-board", key): ()}


# --- what the store may not depend on -----------------------------------------------------------


def test_the_order_of_log_lines_does_not_matter(tmp_path: Path) -> None:
    urls = [f"https://toy.example/{n}.json" for n in range(12)]
    result = []
    for seed in range(2):
        example = Example(tmp_path / str(seed))
        shuffled = list(enumerate(urls))
        random.Random(seed).shuffle(shuffled)
        for n, url in shuffled:
            example.saw("2026-03-01", score(f"Cee {n}", 60), score("Oh", n), url=url)
        result.append(example.tables("2026-03-01"))
    assert result[0] == result[1]


def test_every_row_table_is_forgotten_with_its_parser(example: Example) -> None:
    example.saw(
        "2026-03-01", score("Cee", 60), score("Two", 200), excluded("Mix", "two models"), opened("Oh", api="2026-01-01")
    )
    example.ingest()
    before = {table: raw(example, f"select count(*) from raw.{table}") for table in ROW_TABLES}
    example.ingest("second parser")
    assert {table: raw(example, f"select count(*) from raw.{table}") for table in ROW_TABLES} == before
    assert before["score"] == before["quarantined"] == before["excluded"] == [(1,)]


def test_a_build_needs_no_writer_and_leaves_the_store_as_it_was(example: Example) -> None:
    example.saw("2026-03-01", score("Cee", 60))
    example.ingest()
    before = example.store.read_bytes()
    with example.built("2026-03-01") as db:
        assert marts(db)["score"]
    assert example.store.read_bytes() == before


def test_a_source_that_is_not_asked_for_keeps_its_pages_for_later(tmp_path: Path) -> None:
    example = Example(tmp_path)
    example.saw("2026-03-01", score("Cee", 60))
    with Store(example.store) as store:
        assert store.ingest(example.archive, {}, lambda _name: "first parser").pages == 0
    assert example.ingest() == IngestResult(lines=0, pages=1, rows=2, refused=())
