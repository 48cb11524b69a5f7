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
from flows.backfill import Progress, backfill
from flows.night import collect_night
from flows.settings import Settings
from warehouse.build import built

FIRST, LAST = date(2025, 1, 15), date(2025, 2, 12)
BOARDS = ("aider-polyglot", "nyt-connections", "bird-sql", "livebench", "livebench-links")


def settings(data: Path, timemachine: Any) -> Settings:
    return Settings(data=data, mirror=timemachine.base() + "/@{night}", contact="tests@localhost")


def filled(data: Path, timemachine: Any, first: date = FIRST, last: date = LAST, **given: Any) -> Any:
    return asyncio.run(backfill(first, last, settings(data, timemachine), only=BOARDS, **given))


def tables(data: Path, night: date) -> dict[str, list[tuple[Any, ...]]]:
    """Every mart as known on a night, less the columns that tell when bytes came and what was asked."""
    with built(data / "store.duckdb", night, sources(), bundled=False) as db:
        return {
            "gap_index": db.execute("select * exclude (run_id) from marts.gap_index order by all").fetchall(),
            "score": db.execute("select * exclude (fetched_at) from marts.score order by all").fetchall(),
            "score_history": db.execute("from marts.score_history order by all").fetchall(),
            "parity_event": db.execute("from marts.parity_event order by all").fetchall(),
            "quarantine": db.execute("from marts.quarantine order by all").fetchall(),
        }


@pytest.mark.recorded
@pytest.mark.xdist_group("night")
def test_a_back_fill_equals_having_lived_through_the_nights(timemachine: Any, tmp_path: Path) -> None:
    result: list[Progress] = []
    done = filled(tmp_path / "filled", timemachine, progress=result.append)
    assert done.nights == (LAST - FIRST).days + 1
    assert done.not_asked > done.fresh  # most nights bring a file nothing, and its history says so
    assert [now.night for now in result][-1] == LAST

    night = FIRST
    while night <= LAST:
        asyncio.run(collect_night(night, settings(tmp_path / "lived", timemachine), only=BOARDS))
        night += timedelta(days=1)
    assert tables(tmp_path / "filled", LAST) == tables(tmp_path / "lived", LAST)


@pytest.mark.recorded
@pytest.mark.xdist_group("night")
def test_it_goes_on_where_it_was_and_then_does_nothing(timemachine: Any, tmp_path: Path) -> None:
    filled(tmp_path, timemachine, last=FIRST + timedelta(days=9))
    rest = filled(tmp_path, timemachine)
    assert (rest.skipped, rest.nights) == (10, (LAST - FIRST).days + 1 - 10)
    asked = len(timemachine.requests)
    again = filled(tmp_path, timemachine)
    assert (again.nights, again.fresh, again.rows) == (0, 0, 0)
    assert len(timemachine.requests) == asked


@pytest.mark.recorded
@pytest.mark.xdist_group("night")
def test_every_table_of_every_night_adds_up_and_a_rebuild_is_the_same(timemachine: Any, tmp_path: Path) -> None:
    filled(tmp_path, timemachine)
    before = tables(tmp_path, LAST)
    with duckdb.connect(str(tmp_path / "store.duckdb"), read_only=True) as store:
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
    (tmp_path / "store.duckdb").unlink()
    shutil.rmtree(tmp_path / "publications", ignore_errors=True)
    filled(tmp_path, timemachine)  # asks nothing, and reads the archive again
    assert tables(tmp_path, LAST) == before


def test_a_files_history_tells_on_which_nights_it_can_have_changed() -> None:
    result = CommitHistory(days=(date(2025, 1, 3), date(2025, 1, 9)))
    assert result.changed_between(None, date(2025, 1, 3))
    assert not result.changed_between(None, date(2025, 1, 2))
    assert not result.changed_between(date(2025, 1, 3), date(2025, 1, 8))
    assert result.changed_between(date(2025, 1, 3), date(2025, 1, 9))
    assert history_address("https://bird-bench.github.io/") is None
    address = history_address("https://raw.githubusercontent.com/a/b/main/c d/e.json")
    assert address == "https://api.github.com/repos/a/b/commits?path=c%20d/e.json&sha=main&per_page=100&page=1"
