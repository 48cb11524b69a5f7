"""Parts that several pages share: links to models and boards, leaders, intervals, evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from warehouse.report.document import Anchor, Cell, Column, Inline, Link, Side, Table, cell, figure_cell
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
    return f"{score(value)} {unit_words(unit)}".strip()


def unit_words(unit: str) -> str:
    """A unit as it stands after a number: ``66.8 rating points``, not ``66.8 rating``."""
    return {"rating": "rating points", "index": "points"}.get(unit, clean(unit, 30))


def gap_words(row: Row) -> str:
    """A gap with unit and its 90 % interval."""
    value, inside = gap_parts(row)
    return f"{value} ({inside})" if inside else value


def gap_parts(row: Row) -> tuple[str, str]:
    """A gap with its unit, and its 90 % interval."""
    if row["gap"] is None:
        return NONE, ""
    factor, unit = (100.0, "points of 100") if row["unit"] == "fraction" else (1.0, unit_words(row["unit"]))
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
                cell(clean(row["state"] or "not given", 60), sort=row["state"] or "~"),
                cell(short_date(row["observed_on"]), sort=str(row["observed_on"])),
            )
            for row in found
        ),
        searchable=searchable,
        facets=(1, 6) if searchable else (),
    )


def _edition(row: Row) -> tuple[Inline, ...]:
    edition = clean(row["edition"], 60)
    return () if edition in ("current", "") or edition.startswith("composite-") else (f" ({edition})",)


class Pages:
    """The pages that the rows of a table were read from: each is described once, below the table, and rows link to it.

    A model's hundred scores are from twenty pages; with address, time and sha256 in every row, a third of the site was
    repetition and no table fitted a telephone.
    """

    COLUMNS = (Column(title="Known since"), Column(title="Source"))

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, datetime | None, str], str] = {}

    def cells(self, row: Mapping[str, Any]) -> tuple[Cell, Cell]:
        """When a row became known, and a link to its page."""
        page = (row["source"], row["url"], row["fetched_at"], row["sha256"])
        anchor = self._found.setdefault(page, f"page-{len(self._found) + 1}")
        known = row["known_on"]
        return cell(short_date(known), sort=str(known)), cell(Link(clean(row["source"], 60), f"#{anchor}"))

    def table(self) -> Table:
        """The pages, with address, time and the beginning of their sha256."""
        return Table(
            caption="The pages they were read from",
            columns=(Column(title="Source"), Column(title="Address"), Column(title="Fetched"), Column(title="sha256")),
            rows=tuple(
                (
                    cell(Anchor(clean(source, 60), anchor)),
                    cell(Link(shortened(url), web_address(url))),
                    cell(f"{fetched:%Y-%m-%d %H:%M} UTC" if fetched else NONE),
                    cell(clean(sha256, 64)[:16]),
                )
                for (source, url, fetched, sha256), anchor in self._found.items()
            ),
        )


def shortened(url: str) -> str:
    """An address as a reader may see it: its host and the end of its path."""
    text = clean(url, 300).partition("://")[2]
    host, _, path = text.partition("/")
    return text if len(text) <= 60 else f"{host}/…/{path.rpartition('/')[2][-40:]}"


def source_line(tables: Tables, text: str, *links: Inline) -> tuple[Inline, ...]:
    """The line below a chart: where its numbers are from and of what night."""
    return (f"{text} Night of {in_words(tables.night)}, method {tables.method_version}. ", *links)
