"""No page holds up a night: parsers that never end, swallow memory or crash are ended, and their pages not tried again."""

from __future__ import annotations

import asyncio
import ctypes
import dataclasses
import json
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from examples import URL, Example, ask, board, score, toy

from collectors import parsing
from collectors.contract import Board, Page, Row, Source, Tally
from collectors.limited import LimitedParser, OutOfPatience, ParseLimits, TooCostly
from collectors.registry import sources
from warehouse.archive import Archive
from warehouse.store import Store

AT = datetime(2026, 6, 1, 21, tzinfo=UTC)
SHORT = ParseLimits(seconds=0.5, deadline=30, memory=512 * 2**20, workers=2)
BOARD: Board = board()


def obey(page: Page) -> Iterator[Row]:
    """A parser that does what its page says, as one with a flaw does what a hostile page wants."""
    match page.body.decode():
        case "spin":
            while True:
                pass
        case "swallow":
            kept = [bytes(2**20)]
            while True:
                kept.append(bytes(2**20))
        case "crash":
            ctypes.string_at(0)
        case "stumble":
            raise AssertionError("no such page")
        case "print":
            print("noise" * 10_000)
    yield Tally(board="toy", edition="v1", rows=1)
    yield BOARD.score("Model A", 50, edition="v1", written="Model A, 50")


def obedient(name: str = "obedient") -> Source:
    return dataclasses.replace(toy(BOARD), name=name, parse=obey)


def page(what: str) -> Page:
    return Page(url=URL, body=what.encode(), fetched_at=AT)


@pytest.fixture(scope="module")
def parser() -> Iterator[LimitedParser]:
    with LimitedParser(SHORT) as limited:
        yield limited


@pytest.mark.parametrize(
    ("what", "found"),
    [
        ("spin", "more than 0.5 s of processor time"),
        ("swallow", "more than 512 MiB of memory"),
        ("crash", "its process with it"),
    ],
)
def test_a_page_that_costs_too_much_is_refused_and_the_next_is_read(
    parser: LimitedParser, what: str, found: str
) -> None:
    source = obedient(f"source-{what}")
    refused = parser.parse(source, page(what), "key")
    assert isinstance(refused.error, TooCostly) and found in str(refused.error)
    assert refused.error.outcome == "hostile"
    read = parser.parse(source, page("read"), "key")
    assert read.error is None and len(read.rows) == 2


def test_what_a_parser_raises_or_prints_costs_its_page_at_most(parser: LimitedParser) -> None:
    stumbled = parser.parse(obedient(), page("stumble"), "key")
    assert "AssertionError: no such page" in str(stumbled.error)
    assert parser.parse(obedient(), page("print"), "key").error is None


def test_a_source_of_ours_is_read_as_without_limits(parser: LimitedParser) -> None:
    for name, source in sources().items():
        if name.startswith("feed-"):
            there, here = (read(source, page("<rss>"), "key") for read in (parser.parse, parsing.parse_page))
            assert (there.rows, str(there.error)) == (here.rows, str(here.error))


def test_after_a_few_such_pages_the_others_of_the_source_wait_for_the_next_run() -> None:
    with LimitedParser(dataclasses.replace(SHORT, strikes=2)) as limited:
        for _ in range(2):
            assert isinstance(limited.parse(obedient(), page("spin"), "key").error, TooCostly)
        waiting = limited.parse(obedient(), page("read"), "key")
        assert isinstance(waiting.error, OutOfPatience)
        assert limited.parse(obedient("another"), page("read"), "key").error is None


def test_the_event_loop_goes_on_while_a_page_is_parsed(parser: LimitedParser) -> None:
    async def longest_pause() -> float:
        parsing_ = asyncio.create_task(parser.parse_soon(obedient("busy"), page("spin"), "key"))
        longest = 0.0
        while not parsing_.done():
            before = time.monotonic()
            await asyncio.sleep(0.01)
            longest = max(longest, time.monotonic() - before)
        return longest

    assert asyncio.run(longest_pause()) < 0.4, "a page of half a second of work"


def test_a_parser_that_is_closed_ends_what_it_is_at_and_refuses_nothing_for_ever() -> None:
    limited = LimitedParser(dataclasses.replace(SHORT, seconds=60))

    async def closed_early() -> object:
        running = asyncio.create_task(limited.parse_soon(obedient(), page("spin"), "key"))
        await asyncio.sleep(1.5)
        await asyncio.to_thread(limited.close)
        return (await running).error

    began = time.monotonic()
    assert isinstance(asyncio.run(closed_early()), OutOfPatience)
    assert time.monotonic() - began < 15


# --- the store ------------------------------------------------------------------------------------


def test_a_refused_page_is_not_parsed_again_until_its_parser_changes(tmp_path: Path) -> None:
    toy_ = Example(tmp_path, source=obedient())
    toy_.answered("2026-06-01", b"read")
    toy_.answered("2026-06-02", b"spin")

    def ingest(mark: str, store: str = "store.duckdb") -> tuple[tuple[str, ...], float]:
        with LimitedParser(SHORT) as limited, Store(tmp_path / store) as opened:
            began = time.monotonic()
            result = opened.ingest(toy_.archive, toy_.sources, lambda _name: mark, parser=limited)
            assert opened.known_pages(date(2026, 6, 2)).refused.keys() == {("obedient", _key(toy_.archive))}
            return result.refused, time.monotonic() - began

    def costly() -> int:
        return len((tmp_path / "archive" / "refused.jsonl").read_text("utf-8").splitlines())

    (first,), _ = ingest("first parser")
    assert "more than 0.5 s of processor time" in first and costly() == 1
    assert ingest("first parser")[0] == (), "it stands in the store"
    (again,), _ = ingest("first parser", "rebuilt.duckdb")
    assert again == first and costly() == 1, "a rebuild knows it from the archive, word for word"
    (other,), _ = ingest("second parser")
    assert other == first and costly() == 2, "another parser tries it"


def _key(archive: Archive) -> str:
    (line,) = {
        json.loads(line)["page_key"] for line in (archive.root / "refused.jsonl").read_text("utf-8").splitlines()
    }
    return str(line)


def test_rows_beyond_the_cap_are_cut_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "MAX_ROWS", 10)
    example = Example(tmp_path)
    example.saw("2026-06-01", *(score(f"Model {at}", 50) for at in range(25)))
    with example.built("2026-06-01") as db:
        (table,) = ask(db, "from staging.snapshot")
        assert (table["seen"], table["accepted"], table["excluded"]) == (25, 9, 16)
        (note,) = ask(db, "select field, found, expected from marts.quarantine")
        assert note == {
            "field": "rows",
            "found": "26 rows on one page",
            "expected": "at most 10; the others are cut",
        }
