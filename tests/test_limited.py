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
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import pytest
from examples import Example, ask, score
from mutations import page_of
from obedient import URL, obedient, obey
from test_sources import CASES, source_of

from collectors import parsing
from collectors.columns import Column, RowTable, row_tables
from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Excluded, Get, Row, Tally
from collectors.limited import LimitedParser, NotParsed, ParseLimits, TooCostly, _Answer, read_answer
from collectors.parsing import ParsedPage
from collectors.registry import sources
from flows.collecting.context import Budget
from flows.collecting.result import SourceResult
from flows.settings import Settings
from flows.stages.fetch import fetch
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


def test_the_event_loop_goes_on_while_a_page_is_parsed(parser: LimitedParser, tmp_path: Path) -> None:
    """The page waits for a file that the loop makes after many turns."""
    awaited = tmp_path / "awaited"

    async def parsed() -> object:
        parsing_ = asyncio.create_task(parser.parse_soon(obedient("busy"), page(f"wait {awaited}"), "key"))
        await begun(awaited)
        awaited.touch()
        return (await parsing_).error

    assert asyncio.run(parsed()) is None


async def begun(awaited: Path) -> None:
    """Returns as soon as the parser of a page ``wait`` is at work."""
    while not awaited.with_name(f"{awaited.name}.begun").exists():
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("after", [0.0, 0.02, 0.1, 0.4, None])  # as a worker starts, imports, reads and parses
def test_a_parser_that_is_closed_ends_what_it_is_at_and_refuses_nothing_for_ever(
    after: float | None, tmp_path: Path
) -> None:
    limited = LimitedParser(SHORT)

    async def closed_early() -> object:
        running = asyncio.create_task(limited.parse_soon(obedient(), page(f"wait {tmp_path / 'never'}"), "key"))
        await (begun(tmp_path / "never") if after is None else asyncio.sleep(after))
        await asyncio.to_thread(limited.close)
        try:
            return (await running).error
        except asyncio.CancelledError:  # no thread had begun with it
            return NotParsed("", "cancelled", expected="", todo="")

    error = asyncio.run(closed_early())
    assert isinstance(error, NotParsed) and "by the clock" not in str(error)


# --- the store ------------------------------------------------------------------------------------


def test_a_refused_page_is_not_parsed_again_until_its_parser_changes(tmp_path: Path) -> None:
    toy_ = Example(tmp_path, source=obedient())
    toy_.answered("2026-06-01", b"read")
    toy_.answered("2026-06-02", b"spin")

    def ingest(mark: str, store: str = "store.duckdb") -> tuple[str, ...]:
        with LimitedParser(SHORT) as limited, Store(tmp_path / store) as opened:
            result = opened.ingest(toy_.archive, toy_.sources, lambda _name: mark, parser=limited)
            assert opened.known_pages(date(2026, 6, 2)).refused.keys() == {("obedient", _key(toy_.archive))}
            return result.refused

    def costly() -> int:
        return len((tmp_path / "archive" / "refused.jsonl").read_text("utf-8").splitlines())

    (first,) = ingest("first parser")
    assert "more than 0.5 s of processor time" in first and costly() == 1
    assert ingest("first parser") == (), "it stands in the store"
    (again,) = ingest("first parser", "rebuilt.duckdb")
    assert again == first and costly() == 1, "a rebuild knows it from the archive, word for word"
    (other,) = ingest("second parser")
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
    with LimitedParser(dataclasses.replace(SHORT, source_seconds=0.3, seconds_a_page=0.01)) as limited:
        outcomes = [limited.parse(obedient(), page("burn 0.2"), "key").error for _ in range(4)]
        assert [error is None for error in outcomes] == [True, True, False, False]
        assert "2 pages of this source took 0 s of processor time" in str(outcomes[-1])


def collected(folder: Path, server: FaultServer, budget: Budget, *pages: str, here: bool = False) -> SourceResult:
    """The toy source asked once, its start page naming the others; ``here``: parsed in this process."""
    for path, body in zip(("board", *map(str, range(len(pages)))), (f"name {len(pages)}", *pages), strict=True):
        server.add(f"/https/toy.example/{path}.json", body)
    source = obedient()
    if here:  # what another process cannot import is parsed in this one
        source = dataclasses.replace(source, parse=lambda one: obey(one))
    (result,) = asyncio.run(
        fetch(
            date(2026, 6, 1),
            Settings(data=folder, mirror=server.base_url, contact=""),
            RunScope(kind="full", sources=("obedient",)),
            KnownPages(),
            {"obedient": source},
            budget=budget,
        )
    )
    return result


def test_a_source_has_its_time_and_what_came_in_it_counts(tmp_path: Path) -> None:
    with FaultServer() as server:
        server.plan("/https/toy.example/1.json", "delay;s=600")
        result = collected(tmp_path, server, Budget(source=3.0), "read", "read", "read", here=True)
    assert result.late and result.reached
    assert "out of time" in str(result.failures[-1])
    assert {name for names in Archive(tmp_path / "archive").finished().values() for name in names} == set()


def test_a_night_has_its_time_too(tmp_path: Path) -> None:
    with FaultServer() as server:
        result = collected(tmp_path, server, Budget(night=0.0), "read")
    assert result.late and not result.reached and "out of time" in str(result.failures[-1])


MANY = 24
"""Pages of 30 MiB that one manifest names."""


def test_many_large_pages_of_one_manifest_take_the_memory_of_a_few(tmp_path: Path) -> None:
    script = (
        "import re, sys; from pathlib import Path; from test_limited import *\n"
        "class Server: base_url = sys.argv[2]; add = staticmethod(lambda *_: None)\n"
        f"result = collected(Path(sys.argv[1]), Server(), Budget(), *['read'] * {MANY})\n"
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


TALLY = Tally(board="toy", edition="", rows=2)
ROWS: tuple[Row, ...] = (TALLY, *(Excluded(board="toy", edition="", name=name, rule="r") for name in "ab"))
TABLES, ORDER = row_tables(ROWS)


def answer(*, seconds: object = 0.1, **parts: object) -> bytes:
    """What a worker writes for a page of three rows, but with these parts."""
    whole: dict[str, object] = {"source": "toy", "key": "key", "tables": TABLES, "order": ORDER}
    return pickle.dumps((seconds, ParsedPage(**(whole | parts))))  # type: ignore[arg-type]


def excluded(**columns: object) -> dict[str, RowTable]:
    table = TABLES["Excluded"]
    return TABLES | {"Excluded": RowTable(2, {**table.columns, **columns})}  # type: ignore[dict-item]


def error(**texts: object) -> Drifted:
    drifted = Drifted(URL, "found")
    vars(drifted).update(texts)
    return drifted


def test_an_honest_answer_is_read() -> None:
    seconds, page = read_answer(answer())
    assert page is not None and (seconds, page.rows) == (0.1, ROWS)
    _, refused = read_answer(answer(tables={}, order=b"", error=error(), cut=(("toy", "", 7),)))
    assert refused is not None and str(refused.error) == str(error())


@pytest.mark.parametrize(
    "harmful",
    [
        answer(order=5),
        answer(order=b""),
        answer(order=ORDER + ORDER[-1:]),
        answer(order=ORDER + b"\xff"),
        answer(order=ORDER[:-1]),
        answer(tables=None),
        answer(tables={"Score": "x"}),
        answer(tables=TABLES | {"Excluded": "x"}),
        answer(tables=TABLES | {"Score": TABLES["Excluded"]}),
        answer(tables=TABLES | {"Excluded": RowTable(2, dict.fromkeys(TABLES["Excluded"].columns))}),  # type: ignore[arg-type]
        answer(tables=TABLES | {"Excluded": RowTable("2", TABLES["Excluded"].columns)}),  # type: ignore[arg-type]
        answer(tables=TABLES | {"Excluded": RowTable(2, {})}),
        answer(tables=excluded(another=TABLES["Excluded"].columns["name"])),
        answer(tables=excluded(value=TABLES["Excluded"].columns["name"])),
        answer(tables=excluded(name=Column("text", [b"ab"]))),  # type: ignore[arg-type]
        answer(tables=excluded(**dict.fromkeys(("name", "rule"), Column("text", bytes(1_000), bytes(12))))),
        answer(cut=(("toy", "", "7"),)),
        answer(cut=(("toy", 7),)),
        answer(error="x"),
        answer(error=error(url=5)),
        answer(error=error(outcome="read")),
        answer(error=error(todo="x" * 2**17)),
        answer(seconds=float("nan")),
        answer(seconds="1"),
        pickle.dumps(5),
        pickle.dumps((0.1, "x")),
        b"\x80\x04h\x07.",
    ],
    ids=map(str, count()),
)
def test_an_answer_that_no_parser_gives_is_none(harmful: bytes) -> None:
    with pytest.raises((ValueError, TypeError, LookupError, AttributeError, pickle.UnpicklingError)):
        read_answer(harmful)


def test_more_rows_than_a_page_may_have_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a parser process cuts is counted here again."""
    monkeypatch.setattr(parsing, "MAX_ROWS", 10)

    def read(gets: int, tallies: int) -> None:
        tables, order = row_tables([*[Get(url=URL)] * gets, *[TALLY] * tallies])
        read_answer(answer(tables=tables, order=order))

    read(11, 10)  # all tallies stay, and one row notes that others were cut
    for gets, tallies in ((12, 0), (0, 11)):
        with pytest.raises(ValueError, match=f"{gets + tallies} rows"):
            read(gets, tallies)


def test_a_page_that_has_taken_over_its_process_costs_itself(parser: LimitedParser) -> None:
    refused = parser.parse(obedient("liar"), page("lie"), "key")
    assert isinstance(refused.error, TooCostly) and "an answer that cannot be read" in str(refused.error)
    assert parser.parse(obedient("liar"), page("read"), "key").error is None


def test_a_worker_knows_no_secret(parser: LimitedParser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAPINDEX_CANARY", "hunter2")
    with LimitedParser(SHORT) as fresh:
        answer = fresh.parse(obedient(), page("environment"), "key")
    assert "PATH" in str(answer.error) and "CANARY" not in str(answer.error)
