"""The gates over the recorded past: what they held, what they warned of, and how often without need.

    python -m proofs.gates DATA        a data folder that was back-filled; builds its newest night once

A held table counts as a false alarm (`was_right`) where what followed was no better: the next table that the gates
call whole is as short, or the page still stood a fortnight later.  What is right cannot always be known, so what was
found is listed for anybody to judge.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from collectors.registry import sources
from flows.settings import Settings, be_quiet
from proofs._folder import last_night
from warehouse.build import built

BY_GATE = """
    select o.gate, o.rule, count(*) as judged,
        count(*) filter (where outcome = 'held' and "of" = 'table') as tables_held,
        count(*) filter (where outcome = 'held' and "of" = 'rows') as with_rows_held,
        count(*) filter (where outcome = 'warned') as warned
    from staging.gate_outcome o group by all order by o.gate, o.rule"""

HELD = """
    with held as (
        select p.table_no, p.series, p.source, p.board, p.edition, o.rule, p.from_night, o.explanation, p.seen, (
                select min_by(l.seen, l.table_no) from staging.row_count_gate l
                where l.series = p.series and l.table_no > p.table_no and l.good and not l.shorter) as next_whole, (
                select min(b.from_night) from staging.accepted_table b
                where b.table_no = p.table_no and b.held = '') as believed_on
        from staging.gate_outcome o
        join staging.gate_page p using (table_no)
        join staging.row_count_gate r using (table_no)
        where o.outcome = 'held' and o."of" = 'table'
    )
    select source, board, edition, rule, min(from_night) as first_on, max(from_night) as last_on, count(*) as tables,
        count(*) filter (where believed_on is not null or rule = 'rows kept' and 0.9 * next_whole <= seen)
            as was_right,
        arg_min(explanation, from_night) as found
    from held group by all order by source, board, first_on"""

ROWS = """
    select gate, board, name, from_night, value_before, value, believed_on
    from staging.held_score order by gate, board, from_night, name"""

LABELS = """
    select source, name, open, known_on, seconded_by, held from staging.access_statement_gate
    where flipped order by source, known_on"""


def main(data: Path | None = None) -> int:
    """Prints the tables; 0, because what they say is to be read and not passed."""
    be_quiet()
    folder = data or (Path(sys.argv[1]) if len(sys.argv) > 1 else Settings.from_env().data)
    with built(folder / "store.duckdb", last_night(folder), sources(), bundled=False) as db:
        _show("judged, by rule", db, BY_GATE)
        _show("tables held", db, HELD)
        _show("rows held for a night", db, ROWS)
        _show("labels that turned", db, LABELS)
        judged, held = db.execute(
            """select count(distinct t), count(distinct t) filter (where outcome = 'held' and "of" = 'table')
               from staging.gate_outcome"""
        ).fetchone() or (0, 0)
        false = db.execute(f"select coalesce(sum(was_right), 0)::integer from ({HELD})").fetchone() or (0,)
    _say(
        f"{judged} tables judged, {held} held, {false[0]} of them right after all: false alarms"
        f" {1000 * int(false[0]) / max(1, judged):.1f} in 1000 tables"
    )
    return 0


def recorded(
    machine: Any, source: str, first: date, last: date, folder: Path, *, every: int = 1
) -> list[dict[str, Any]]:
    """Every table of one source on recorded nights, as the gates judged it; ``machine`` serves the recorded web."""
    from flows.backfill import backfill

    be_quiet()
    nights = [first + timedelta(days=at) for at in range(0, (last - first).days + 1, every)]
    settings = Settings.from_env({}, data=folder, mirror=machine.base("{night}"))
    for begin, end in [(first, last)] if every == 1 else [(night, night) for night in nights]:
        asyncio.run(backfill(begin, end, settings, only=[source]))
    with built(folder / "store.duckdb", last, sources(), bundled=False) as db:
        answer = db.execute(
            """select g.board, g.edition, g.from_night as night, g.seen as rows,
                   coalesce(bool_or(o.outcome = 'held' and o."of" = 'table'), false) as held
               from staging.gate_page g left join staging.gate_outcome o using (table_no)
               group by all order by g.board, g.edition, g.from_night"""
        )
        names = [column[0] for column in answer.description or ()]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def _show(title: str, db: duckdb.DuckDBPyConnection, query: str) -> None:
    answer = db.execute(query)
    names = [column[0] for column in answer.description or ()]
    rows = [[_cell(cell) for cell in row] for row in answer.fetchall()]
    _say(f"\n{title}")
    widths = [max(len(row[at]) for row in [names, *rows]) for at in range(len(names))]
    for row in [names, *rows]:
        _say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _cell(value: object) -> str:
    text = "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:100]


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
