"""The same gap measured in other ways: on private and on public questions, and by country of the developer."""

from __future__ import annotations

from collections.abc import Sequence

from warehouse.report.document import (
    Block,
    Column,
    Heading,
    Paragraph,
    Strong,
    Table,
    cell,
    figure_cell,
)
from warehouse.report.pages.shared import lag_words, model_link, scope_link
from warehouse.report.tables import Row, Tables
from warehouse.report.text import NONE, capital, clean, number, plural, span

SAMPLES = {"all": "All boards", "without knowledge": "Without boards of broad knowledge"}

COUNTRIES = {"US": "the United States", "CN": "China", "FR": "France", "CA": "Canada", "KR": "South Korea"}


def measured_otherwise(tables: Tables) -> list[Block]:
    """Each part only where its table is published and has figures."""
    parts = [*_exposure(tables), *_countries(tables)]
    return [Heading(text="Measured in other ways", anchor="otherwise"), *parts] if parts else []


def _exposure(tables: Tables) -> list[Block]:
    rows = tables.query(
        "exposure",
        """select * from exposure where night = $night and tier = 'any' and gap_private is not null
           order by sample <> 'all', sample""",
        night=tables.night,
    )
    if not rows:
        return []
    first = rows[0]
    higher = "wider" if first["gap_private"] > first["gap_public"] else "narrower"
    return [
        Heading(text="On questions that nobody can have trained on", anchor="exposure", level=3),
        Paragraph(
            parts=(
                Strong(f"The gap is {higher} on private questions: {_gap(first, 'gap_private')} points"),
                f" on those that are private or renewed after a model's training, {_gap(first, 'gap_public')} on public"
                f" ones. An association over {plural(first['n_models'], 'model')} and"
                f" {plural(first['n_private_groups'] + first['n_public_groups'], 'group')} of boards, not a proof of"
                f" training on the questions; {_chance(first['p_value'])}",
            )
        ),
        Table(
            caption="The gap on private and on public questions",
            columns=(
                Column(title="Sample"),
                Column(title="Private or renewed", note="index points, 90 % interval", number=True),
                Column(title="Public", note="index points, 90 % interval", number=True),
                Column(title="Difference", note="index points, 90 % interval", number=True),
                Column(title="By chance", note="share of random labels", number=True),
            ),
            rows=tuple(
                (
                    cell(SAMPLES.get(row["sample"], clean(row["sample"], 60))),
                    *(
                        figure_cell(number(row[value]), row[value], span(row[f"{value}_lo"], row[f"{value}_hi"]))
                        for value in ("gap_private", "gap_public", "gamma")
                    ),
                    figure_cell(number(row["p_value"], 3), row["p_value"]),
                )
                for row in rows
            ),
        ),
    ]


def _gap(row: Row, value: str) -> str:
    inside = span(row[f"{value}_lo"], row[f"{value}_hi"])
    return number(row[value]) + (f" ({inside})" if inside else "")


def _chance(p_value: float | None) -> str:
    return "" if p_value is None else f"labels drawn at random do as much in {number(100 * p_value, 0)} of 100 tries."


def _countries(tables: Tables) -> list[Block]:
    rows = tables.query(
        "country_gap",
        """select * from country_gap where until_on is null and tier = 'any' and gap is not null
           order by scope <> 'overall', scope, gap, open_country""",
    )
    if not rows:
        return []
    return [
        Heading(text="By country of the developer", anchor="countries", level=3),
        Paragraph(parts=(_by_country([row for row in rows if row["scope"] == "overall"]),)),
        Table(
            caption="Closed models of one country against open-weight models of another",
            columns=(
                Column(title="Scope"),
                Column(title="Open models of"),
                Column(title="Best open model"),
                Column(title="Best closed model"),
                Column(title="Gap", note="index points, 90 % interval", number=True),
                Column(title="Lag", number=True),
            ),
            rows=tuple(
                (
                    cell(scope_link(tables, row["scope"])),
                    cell(capital(_country(row["open_country"]).removeprefix("the "))),
                    cell(model_link(tables, row["open_model"], "open")),
                    cell(model_link(tables, row["closed_model"], "closed"), f" ({clean(row['closed_country'], 20)})"),
                    figure_cell(number(row["gap"]), row["gap"], span(row["gap_lo"], row["gap_hi"])),
                    figure_cell(_lag(row), row["lag_days"]),
                )
                for row in rows
            ),
        ),
    ]


def _by_country(rows: Sequence[Row]) -> str:
    """Overall in a sentence."""
    parts = [
        f"open models of {_country(row['open_country'])} {number(row['gap'])} ({span(row['gap_lo'], row['gap_hi'])})"
        for row in rows
    ]
    if not parts:
        return "Overall no gap can be given by country."
    return (
        f"Index points behind the best closed model of {_country(rows[0]['closed_country'])}: {', '.join(parts)}."
        " The country is that of the developer's seat."
    )


def _country(code: str) -> str:
    return COUNTRIES.get(code, clean(code, 40))


def _lag(row: Row) -> str:
    return NONE if row["lag_days"] is None else lag_words({**row, "lag_lo": None, "lag_hi": None})
