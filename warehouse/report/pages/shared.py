"""Parts that several pages share: links to models and boards, leaders, intervals, evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from warehouse.report.document import Cell, Column, Inline, Link, Side, Table, cell, figure_cell
from warehouse.report.tables import Row, Tables
from warehouse.report.text import (
    NONE,
    clean,
    days,
    in_words,
    number,
    scope_path,
    score,
    short_date,
    slug,
    span,
    web_address,
)

TIERS = {
    "T1": "unrestricted licence",
    "T2": "restricted commercial licence",
    "T3": "non-commercial licence",
    "C": "closed",
    "U": "openness unknown",
}


def model_link(tables: Tables, model: str | None, side: Side = "") -> Inline:
    """A model's name, linked to its page if it has one."""
    if not model:
        return "none"
    title = tables.title(model)
    return Link(title, f"models/{slug(model)}", side) if model in tables.with_page else title


def lab_link(tables: Tables, developer: str | None) -> Inline:
    """A lab's name, linked to its page if it has one."""
    title = tables.lab_title(developer)
    return Link(title, f"labs/{slug(developer)}") if developer and developer in tables.labs_with_page else title


def scope_link(tables: Tables, scope: str) -> Link:
    return Link(tables.scope_title(scope), scope_path(scope))


def with_unit(value: float | None, unit: str) -> str:
    """A score or gap with its unit."""
    if value is None:
        return NONE
    if unit == "fraction":
        return f"{number(value * 100)} %"
    return f"{score(value)} {clean(unit, 30)}".strip()


def gap_words(row: Row) -> str:
    """A gap with unit and its 90 % interval."""
    value, inside = gap_parts(row)
    return f"{value} ({inside})" if inside else value


def gap_parts(row: Row) -> tuple[str, str]:
    """A gap with its unit, and its 90 % interval."""
    if row["gap"] is None:
        return NONE, ""
    factor, unit = (100.0, "points of 100") if row["unit"] == "fraction" else (1.0, clean(row["unit"], 30))
    unit = {"%": "points of 100"}.get(unit, unit)
    ends = [None if row[end] is None else row[end] * factor for end in ("gap_lo", "gap_hi")]
    return f"{number(row['gap'] * factor)} {unit}", span(ends[0], ends[1])


def lag_words(row: Row) -> str:
    """A lag with its 90 % interval; never the bracket in its place."""
    value, inside = lag_parts(row)
    return f"{value} ({inside})" if inside else value


def lag_parts(row: Row) -> tuple[str, str]:
    """A lag in days, and its 90 % interval."""
    if row["lag_days"] is None:
        return f"at least {days(row['lag_under'])}" if row.get("lag_censored") and row["lag_under"] else NONE, ""
    return days(row["lag_days"]), span(row["lag_lo"], row["lag_hi"], 0)


def gap_cell(row: Row) -> Cell:
    """A gap in a column of numbers, sorted by its size in log-odds, in which boards of any unit compare."""
    value, inside = gap_parts(row)
    return figure_cell(value, row["gap_std"] if row["gap_std"] is not None else row["gap"], inside)


def lag_cell(row: Row) -> Cell:
    value, inside = lag_parts(row)
    return figure_cell(value, row["lag_days"], inside)


def probability(share: float) -> str:
    """A probability from a few hundred draws, too few to distinguish it from 0 or 1 at the ends."""
    return "above 0.99" if share > 0.99 else "below 0.01" if share < 0.01 else number(share, 2)


LEADER_COLUMNS = (
    Column(title="Closed leader"),
    Column(title="Open leader"),
    Column(title="Gap", note="90 % interval", number=True),
    Column(title="Lag", note="90 % interval", number=True),
    Column(title="State"),
    Column(title="As of"),
)
"""The last columns of a table of ``gap_index``: both leaders, gap, lag, state and date."""


def gap_table(tables: Tables, found: Sequence[Row], caption: str, *, searchable: bool = False) -> Table:
    """Rows of ``gap_index``, one line a scope."""
    return Table(
        caption=caption,
        columns=(Column(title="Scope"), Column(title="Domain"), *LEADER_COLUMNS),
        rows=tuple(
            (
                cell(scope_link(tables, row["scope"]), *_edition(row), sort=tables.scope_title(row["scope"]).lower()),
                cell(clean(row["domain"] or "all", 60)),
                cell(model_link(tables, row["closed_model"], "closed")),
                cell(model_link(tables, row["open_model"], "open")),
                gap_cell(row),
                lag_cell(row),
                cell(clean(row["state"] or row["reason"] or NONE, 60), sort=row["state"] or "~"),
                cell(short_date(row["observed_on"]), sort=str(row["observed_on"])),
            )
            for row in found
        ),
        searchable=searchable,
        facets=(1, 6) if searchable else (),
    )


def _edition(row: Row) -> tuple[Inline, ...]:
    edition = clean(row["edition"], 60)
    return () if edition in ("current", "composite-1", "") else (f" ({edition})",)


def evidence(row: Mapping[str, Any]) -> tuple[Inline, ...]:
    """The evidence of a row: address, time, and the beginning of the sha256 of its page."""
    return _evidence(row["source"], row["url"], row["fetched_at"], row["known_on"], row["sha256"])


@lru_cache(10_000)
def _evidence(source: str, url: str, fetched: datetime | None, known_on: date, sha256: str) -> tuple[Inline, ...]:
    when = f", fetched {fetched:%Y-%m-%d %H:%M} UTC" if fetched else ""
    return (
        Link(clean(source, 60), web_address(url)),
        f"{when}, known since {short_date(known_on)}, sha256 {clean(sha256, 64)[:16]}",
    )


def source_line(tables: Tables, text: str, *links: Inline) -> tuple[Inline, ...]:
    """The line below a chart: where its numbers are from and of what night."""
    return (f"{text} Night of {in_words(tables.night)}, method {tables.method_version}. ", *links)
