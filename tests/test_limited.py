"""No page holds up a night: a parser that never ends, takes all memory or crashes is ended, and its page is refused."""

from __future__ import annotations

import asyncio
import dataclasses
import io
import json
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from examples import Example, ask, score
from mutations import page_of
from obedient import URL, obedient
from test_sources import CASES, source_of

from collectors import parsing
from collectors.contract import Page
from collectors.limited import LimitedParser, NotParsed, ParseLimits, TooCostly, _Answer
from collectors.registry import sources
from flows.settings import Settings
from flows.stages.fetch import Budget, SourceResult, fetch
from tests.tools.faultserver import FaultServer
from warehouse.archive import Archive
from warehouse.scope import RunScope
from warehouse.store import KnownPages, Store

AT = datetime(2026, 6, 1, 21, tzinfo=UTC)
SHORT = ParseLimits(seconds=0.5, deadline=30, memory=512 * 2**20, workers=2)


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
    with LimitedParser(dataclasses.replace(SHORT, costly_pages=2)) as limited:
        for _ in range(2):
            assert isinstance(limited.parse(obedient(), page("spin"), "key").error, TooCostly)
        waiting = limited.parse(obedient(), page("read"), "key")
        assert isinstance(waiting.error, NotParsed)
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


@pytest.mark.parametrize("after", [0.0, 0.02, 0.1, 0.4, 1.5])  # as a worker starts, imports, reads and parses
def test_a_parser_that_is_closed_ends_what_it_is_at_and_refuses_nothing_for_ever(after: float) -> None:
    limited = LimitedParser(dataclasses.replace(SHORT, seconds=60))

    async def closed_early() -> object:
        running = asyncio.create_task(limited.parse_soon(obedient(), page("spin"), "key"))
        await asyncio.sleep(after)
        await asyncio.to_thread(limited.close)
        try:
            return (await running).error
        except asyncio.CancelledError:  # no thread had begun with it
            return NotParsed("", "cancelled", expected="", todo="")

    began = time.monotonic()
    assert isinstance(asyncio.run(closed_early()), NotParsed)
    assert time.monotonic() - began < 30, "not the minute that the page may take"


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


# --- a source's time and memory -------------------------------------------------------------------


def test_a_source_whose_pages_cost_much_each_has_an_allowance() -> None:
    with LimitedParser(dataclasses.replace(SHORT, source_seconds=0.1, seconds_a_page=0.01)) as limited:
        outcomes = [limited.parse(obedient(), page("burn 0.06"), "key").error for _ in range(4)]
        assert [error is None for error in outcomes] == [True, True, False, False]
        assert "2 pages of this source took 0 s of processor time" in str(outcomes[-1])


def collected(folder: Path, server: FaultServer, budget: Budget, *pages: str) -> tuple[SourceResult, float]:
    """The toy source asked once, its start page naming the others, and the seconds it took."""
    for path, body in zip(("board", *map(str, range(len(pages)))), (f"name {len(pages)}", *pages), strict=True):
        server.add(f"/https/toy.example/{path}.json", body)
    began = time.monotonic()
    results = asyncio.run(
        fetch(
            date(2026, 6, 1),
            Settings(data=folder, mirror=server.base_url, contact=""),
            RunScope(kind="full", sources=("obedient",)),
            KnownPages(),
            {"obedient": obedient()},
            budget=budget,
        )
    )
    return results[0], time.monotonic() - began


def test_a_source_has_its_time_and_what_came_in_it_counts(tmp_path: Path) -> None:
    with FaultServer() as server:
        server.plan("/https/toy.example/1.json", "delay;s=60")
        result, seconds = collected(tmp_path, server, Budget(source=3.0), "read", "read", "read")
    assert result.late and result.reached and seconds < 20
    assert "out of time" in str(result.failures[-1])
    assert {name for names in Archive(tmp_path / "archive").finished().values() for name in names} == set()


def test_a_night_has_its_time_too(tmp_path: Path) -> None:
    with FaultServer() as server:
        result, _ = collected(tmp_path, server, Budget(night=0.0), "read")
    assert result.late and not result.reached and "out of time" in str(result.failures[-1])


MANY = 24
"""Pages of 30 MiB that one manifest names."""


def test_many_large_pages_of_one_manifest_take_the_memory_of_a_few(tmp_path: Path) -> None:
    script = (
        "import re, sys; from pathlib import Path; from test_limited import *\n"
        "class Server: base_url = sys.argv[2]; add = staticmethod(lambda *_: None)\n"
        f"result, _ = collected(Path(sys.argv[1]), Server(), Budget(), *['read'] * {MANY})\n"
        "peak = re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]\n"
        "print(result.fresh, int(peak) // 1024, *result.failures[:2])"
    )
    with FaultServer() as server:
        server.add("/https/toy.example/board.json", f"name {MANY}")
        large = b"read".ljust(30 * 2**20)
        for at in range(MANY):
            server.add(f"/https/toy.example/{at}.json", large)
        done = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path), server.base_url],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, Path(__file__).parents[:2]))},
        )
    fresh, mebibytes, *_ = done.stdout.split()
    assert int(fresh) == MANY + 1, done.stdout
    assert int(mebibytes) < 700, f"{MANY} pages of 30 MiB took {mebibytes} MiB"


# --- what crosses the border of the process ---------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.parent.name}-{c.name}")
def test_every_fixture_is_read_in_another_process_as_here(workers: LimitedParser, case: Path) -> None:
    source, whole = source_of(case), page_of(case)
    there, here = (read(source, whole, "key") for read in (workers.parse, parsing.parse_page))
    assert there.rows == here.rows and str(there.error) == str(here.error)


@pytest.fixture(scope="module")
def workers() -> Iterator[LimitedParser]:
    with LimitedParser() as limited:
        yield limited


def test_an_answer_builds_rows_and_nothing_else() -> None:
    for harmful in (os.system, pickle.Unpickler, Path("x"), subprocess.Popen):
        with pytest.raises(pickle.UnpicklingError, match="is no row"):
            _Answer(io.BytesIO(pickle.dumps((0.0, harmful)))).load()


def test_a_worker_knows_no_secret(parser: LimitedParser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAPINDEX_CANARY", "hunter2")
    with LimitedParser(SHORT) as fresh:
        told = fresh.parse(obedient(), page("environment"), "key")
    assert "PATH" in str(told.error) and "CANARY" not in str(told.error)
