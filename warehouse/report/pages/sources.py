"""The page of the sources: the outcome of each, and what was held back."""

from __future__ import annotations

from collections.abc import Sequence

from warehouse.report.document import Block, Column, Link, Page, Table, cell, figure_cell
from warehouse.report.tables import Row, Tables
from warehouse.report.text import NONE, clean, number, plural, rounded, short_date, web_address

QUARANTINE_ROWS = 60


def sources_page(tables: Tables) -> Page:
    """The outcome of every source, and what was held back."""
    health = tables.query("source_health", "select * from source_health order by outcome = 'read', kind, source")
    gates = tables.query(
        "gate",
        """select * from gate where night = $night and outcome in ('held', 'warned')
           order by outcome, source, board, gate, rule, name""",
        night=tables.night,
    )
    held = tables.query("quarantine", "select * from quarantine order by known_on desc, source, board, name")
    blocks: list[Block] = [_health_table(tables, health)]
    blocks += [_gates_table(gates[:QUARANTINE_ROWS])] if gates else []
    blocks += [_held_table(held[:QUARANTINE_ROWS])] if held else []
    return Page(
        path="sources",
        title="Sources, and what was held back",
        description=f"{plural(len(health), 'source')} on the night of {short_date(tables.night)}.",
        blocks=tuple(blocks),
        section="sources",
    )


def _health_table(tables: Tables, health: Sequence[Row]) -> Table:
    return Table(
        caption=f"Sources on the night of {short_date(tables.night)}",
        columns=(
            Column(title="Source"),
            Column(title="Kind"),
            Column(title="Outcome"),
            Column(title="Last good page"),
            Column(title="Age", note="days", number=True),
            Column(title="What was found"),
        ),
        rows=tuple(
            (
                cell(clean(row["source"], 60)),
                cell(clean(row["kind"], 40)),
                cell(clean(row["outcome"], 40)),
                cell(
                    short_date(row["last_good_on"]) if row["last_good_on"] else "never",
                    sort=str(row["last_good_on"] or ""),
                ),
                figure_cell(number(row["stale_days"], 0), row["stale_days"]),
                cell(clean(row["error"] or "", 400).removeprefix(f"{row['source']}: ")),
            )
            for row in health
        ),
        searchable=True,
        facets=(1, 2),
    )


def _gates_table(gates: Sequence[Row]) -> Table:
    return Table(
        caption="What tonight's gates held or warned of",
        columns=(
            Column(title="Source"),
            Column(title="Board"),
            Column(title="Gate"),
            Column(title="Outcome"),
            Column(title="Why"),
        ),
        rows=tuple(
            (
                cell(Link(clean(row["source"], 60), web_address(row["url"]))),
                cell(clean(row["board"] or NONE, 60)),
                cell(clean(f"{row['gate']} {row['rule']}", 80)),
                cell(clean(row["outcome"], 20)),
                cell(rounded(clean(f"{row['name'] or ''} {row['explanation']}".strip(), 240))),
            )
            for row in gates
        ),
    )


def _held_table(held: Sequence[Row]) -> Table:
    return Table(
        caption="What is not believed, newest first",
        columns=(
            Column(title="Since"),
            Column(title="Source"),
            Column(title="What"),
            Column(title="Found"),
            Column(title="Expected"),
        ),
        rows=tuple(
            (
                cell(short_date(row["known_on"]), sort=str(row["known_on"])),
                cell(Link(clean(row["source"], 60), web_address(row["url"]))),
                cell(clean(f"{row['held']} {row['board'] or ''} {row['name'] or ''}".strip(), 160)),
                cell(rounded(clean(row["found"], 240))),
                cell(rounded(clean(row["expected"], 160))),
            )
            for row in held
        ),
    )
