"""The leaders and the gap of boards as the index has them on a night, against the pages of that night by themselves.

    python -m proofs.pages [FOLDER] [NIGHT ...]     a back-filled data folder (default GAPINDEX_DATA)

The archived pages of four sources are parsed once more, and of each board's newest edition on its page the best row of
either side is taken: no gate, no history, no names and no SQL.  The side of a row is the page's own flag; where a page
has none, that of the model the row stands for.  Of a source that was not asked that night the pages before are taken.
The gap is that of `gap_index`.  A page that lists models of one side only has none; the index keeps the last it listed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Access, Row, Score
from collectors.contract.source import Source
from collectors.registry import sources
from flows.settings import Settings, be_quiet
from proofs._folder import last_night
from warehouse import lineage
from warehouse.archive import Archive
from warehouse.build import built

NIGHTS = ("2026-06-14", "2026-06-17", "2026-06-21", "2026-07-10")
SOURCES = ("artificial-analysis", "arena-daily", "livebench", "nyt-connections")
TABLES = "gap_index edition_seen resolved_name access_span"

INDEX = """select g.scope, g.edition, g.closed_model, g.closed_score, g.open_model, g.open_score, g.gap, g.reason
           from marts.gap_index g
           join staging.edition_seen e on e.board = g.scope and e.edition = g.edition and e.newest
           where g.tier = 'any' and g.night = $night"""
SIDES = """select s.source, s.name, s.model, case when a.tier = 'C' then 'closed' when a.tier <> 'U' then 'open' end
           from staging.resolved_name s
           left join staging.access_span a
               on a.model = s.model and a.from_on <= $night and (a.until_on is null or a.until_on > $night)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaders:
    """Who leads a board on either side: name, score; None where no row of that side is there."""

    closed: tuple[str, float] | None
    open: tuple[str, float] | None

    @property
    def gap(self) -> float | None:
        """Closed minus open."""
        return self.closed[1] - self.open[1] if self.closed and self.open else None

    def __str__(self) -> str:
        return " / ".join(f"{side[0]} {side[1]:.6g}" if side else "none" for side in (self.closed, self.open))


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A board's leaders on the page and in the index, and the reason of the index's row."""

    board: str
    page: Leaders
    index: Leaders
    reason: str

    @property
    def equal(self) -> bool:
        """Whether both sides have the same score; the names differ in spelling."""
        return all(
            (a is None) == (b is None) and (a is None or b is None or abs(a[1] - b[1]) < 1e-6)
            for a, b in ((self.page.closed, self.index.closed), (self.page.open, self.index.open))
        )


def main(folder: Path, nights: list[date]) -> int:
    """Prints a table a night, the boards that differ with both last; 1 where any does."""
    last, apart = last_night(folder), 0
    for night in (night for night in nights if night <= last):
        ours, sides = _index(folder, night)
        boards = [
            Compared(board=board, page=page, index=index, reason=reason)
            for source in SOURCES
            for board, page in _pages(folder, sources()[source], night, sides)
            for index, reason in [ours.get(board, (Leaders(closed=None, open=None), "no row"))]
        ]
        whole = [one for one in boards if one.page.gap is not None]
        same = [one for one in whole if one.equal]
        print(f"night {night}: {len(same)} of {len(whole)} boards have the leaders and the gap of the page")
        for one in same:
            print(f"  {one.board:<38} {one.index.gap or 0:>10.6g}  {one.index}")
        for one in boards:
            if one not in same:
                word = "ONE SIDE ONLY" if one not in whole else "DIFFERS"
                print(f"  {word} {one.board}: page {one.page}; index {one.index}; {one.reason}")
        print()
        apart += len(whole) - len(same)
    return min(apart, 1)


def _index(folder: Path, night: date) -> tuple[dict[str, tuple[Leaders, str]], dict[tuple[str, str], str]]:
    """By board the leaders that a build of the night has, with the row's reason; and each scored name's side."""
    only = lineage.selected(lineage.graph(), TABLES)
    watched = {board.name for source in SOURCES for board in sources()[source].boards if board.better == "higher"}
    with built(folder / "store.duckdb", night, sources(), only=only) as db:
        found: dict[str, tuple[Leaders, str]] = {}
        for board, _, closed, closed_score, open_, open_score, gap, reason in _rows(db, INDEX, night):
            leaders = Leaders(
                closed=(closed, closed_score) if closed else None, open=(open_, open_score) if open_ else None
            )
            if board in watched and leaders.gap is not None and (gap is None or abs(leaders.gap - gap) > 1e-6):
                raise SystemExit(f"{board} on {night}: gap {gap}, of {leaders}")
            found[board] = (leaders, reason or "")
        return found, {(source, name): side for source, name, _, side in _rows(db, SIDES, night) if side}


def _rows(db: duckdb.DuckDBPyConnection, query: str, night: date) -> list[Any]:
    return db.execute(query, {"night": night}).fetchall()


def _pages(
    folder: Path, source: Source, night: date, sides: dict[tuple[str, str], str]
) -> Iterator[tuple[str, Leaders]]:
    """By board who leads its newest edition on the pages that the source answered with on a night."""
    rows = list(_parsed(folder, source, night))
    flags = {
        row.name: "open" if row.open else "closed" for row in rows if isinstance(row, Access) and row.open is not None
    }
    scores = [row for row in rows if isinstance(row, Score) and not row.self_reported]
    for board in sorted({row.board for row in scores}):
        newest = max(row.edition for row in scores if row.board == board)
        better = -1 if any(b.name == board and b.better == "lower" for b in source.boards) else 1
        best: dict[str, Score] = {}
        for row in scores:
            side = flags.get(row.name) or sides.get((source.name, row.name), "")
            if (
                row.board == board
                and row.edition == newest
                and (side not in best or better * row.value > better * best[side].value)
            ):
                best[side] = row
        closed, open_ = best.get("closed"), best.get("open")
        yield (
            board,
            Leaders(
                closed=(closed.name, closed.value) if closed else None,
                open=(open_.name, open_.value) if open_ else None,
            ),
        )


def _parsed(folder: Path, source: Source, night: date) -> Iterator[Row]:
    archive = Archive(folder / "archive")
    with duckdb.connect(str(folder / "store.duckdb"), read_only=True) as store:
        pages = store.execute(
            """select url, context, sha256 from raw.fetch_result
               where source = $source and night <= $night and outcome in ('fresh', 'unchanged') and sha256 is not null
               qualify night = max(night) over ()
               order by url""",
            {"source": source.name, "night": night},
        ).fetchall()
    for url, context, sha256 in pages:
        page = Page(url=url, body=archive.get(sha256), fetched_at=datetime(2000, 1, 1, tzinfo=UTC), context=context)
        try:
            yield from source.parse(page)
        except Drifted as error:
            print(f"  {url}: not readable: {error}")


if __name__ == "__main__":
    be_quiet()
    given = sys.argv[1:]
    where = Path(given[0]) if given else Settings.from_env().data
    sys.exit(main(where, [date.fromisoformat(night) for night in given[1:] or NIGHTS]))
