"""Past nights: the same as having lived through them, cheaply, resumably."""

from __future__ import annotations

import asyncio
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from collectors.commit_history import CommitHistory, history_address
from collectors.registry import sources
from flows import run_log
from flows.backfill import Progress, backfill
from flows.collecting.result import pages
from flows.settings import Settings
from flows.stages.fetch import fetch
from flows.stages.ingest import ingest, known_pages
from tests.tools.timemachine import TimeMachine
from warehouse.build import built
from warehouse.scope import scope_of

FIRST, LAST = date(2023, 4, 3), date(2023, 4, 14)
BOARDS = ("aider-polyglot", "arena-daily", "arena-csv", "bird-sql", "gso")


def settings(data: Path, timemachine: TimeMachine) -> Settings:
    return Settings(data=data, mirror=timemachine.base() + "/@{night}", contact="tests@localhost")


def filled(data: Path, timemachine: TimeMachine, first: date = FIRST, last: date = LAST, **given: Any) -> Any:
    return asyncio.run(backfill(first, last, settings(data, timemachine), only=BOARDS, **given))


@pytest.fixture(scope="module")
def whole(timemachine: TimeMachine, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any, list[Progress]]:
    """A folder with all nights filled, what the back-fill returned, and its progress."""
    data = tmp_path_factory.mktemp("filled")
    progress: list[Progress] = []
    return data, filled(data, timemachine, progress=progress.append), progress


def lived(night: date, at: Settings) -> None:
    """The stages fetch and ingest of a night."""
    known = known_pages(night, at.data, sources())
    results = asyncio.run(fetch(night, at, scope_of(sources(), BOARDS), known, sources()))
    ingest(at.data, sources(), pages(results))


def tables(data: Path, night: date) -> dict[str, list[tuple[Any, ...]]]:
    """Every mart as known on a night, less the columns that tell when bytes came and what was asked."""
    names = ("gap_index", "score", "score_history", "parity_event", "quarantine")
    only = [("marts", name) for name in names]
    with built(data / "store.duckdb", night, sources(), bundled=False, only=only) as db:
        return {
            "gap_index": db.execute("select * exclude (run_id) from marts.gap_index order by all").fetchall(),
            "score": db.execute("select * exclude (fetched_at) from marts.score order by all").fetchall(),
            "score_history": db.execute("from marts.score_history order by all").fetchall(),
            "parity_event": db.execute("from marts.parity_event order by all").fetchall(),
            "quarantine": db.execute("from marts.quarantine order by all").fetchall(),
        }


def test_a_back_fill_equals_having_lived_through_the_nights(
    whole: tuple[Path, Any, list[Progress]], timemachine: TimeMachine, tmp_path: Path
) -> None:
    folder, done, progress = whole
    assert done.nights == (LAST - FIRST).days + 1
    assert done.not_asked >= 20  # most nights bring a file nothing, and its history says so
    assert progress[-1].night == LAST
    (ran,) = run_log.read(folder)
    assert (ran.scope, ran.outcome, ran.pages_new, ran.rows_stored) == ("back-fill", "collected", done.fresh, done.rows)
    assert ran.bytes_new > 0 and set(ran.seconds) == {"read", "collect", "send"}

    night = FIRST
    while night <= LAST:
        lived(night, settings(tmp_path, timemachine))
        night += timedelta(days=1)
    assert tables(folder, LAST) == tables(tmp_path, LAST)


def test_it_goes_on_where_it_was_and_then_does_nothing(timemachine: TimeMachine, tmp_path: Path) -> None:
    filled(tmp_path, timemachine, last=FIRST + timedelta(days=4))
    rest = filled(tmp_path, timemachine)
    assert (rest.skipped, rest.nights) == (5, (LAST - FIRST).days + 1 - 5)
    asked = len(timemachine.requests)
    again = filled(tmp_path, timemachine)
    assert (again.nights, again.fresh, again.rows) == (0, 0, 0)
    assert len(timemachine.requests) == asked


def test_every_table_of_every_night_adds_up_and_a_rebuild_is_the_same(
    whole: tuple[Path, Any, list[Progress]], timemachine: TimeMachine, tmp_path: Path
) -> None:
    folder, *_ = whole
    with duckdb.connect(str(folder / "store.duckdb"), read_only=True) as store:
        shown, kept, left, doubtful = (
            store.execute(f"select {what} from raw.{table}").fetchone()
            for what, table in [
                ("sum(rows)", "tally"),
                ("count(*)", "score"),
                ("sum(rows)", "excluded"),
                ("count(*)", "quarantined"),
            ]
        )
        assert shown and kept and left and doubtful
        assert shown[0] == kept[0] + left[0] + doubtful[0]
    shutil.copytree(folder / "archive", tmp_path / "archive")
    filled(tmp_path, timemachine)  # asks nothing, and reads the archive again
    assert tables(tmp_path, LAST) == tables(folder, LAST)


def test_a_files_history_tells_on_which_nights_it_can_have_changed() -> None:
    result = CommitHistory(days=(date(2025, 1, 3), date(2025, 1, 9)))
    assert result.changed_between(None, date(2025, 1, 3))
    assert not result.changed_between(None, date(2025, 1, 2))
    assert not result.changed_between(date(2025, 1, 3), date(2025, 1, 8))
    assert result.changed_between(date(2025, 1, 3), date(2025, 1, 9))
    assert history_address("https://bird-bench.github.io/") is None
    address = history_address("https://raw.githubusercontent.com/a/b/main/c d/e.json")
    assert address == "https://api.github.com/repos/a/b/commits?path=c%20d/e.json&sha=main&per_page=100&page=1"
