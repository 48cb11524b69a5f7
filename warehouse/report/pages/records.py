"""The section "How long did records stand?": each closed record as a bar, and the survival curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from warehouse.report import charts
from warehouse.report.document import (
    Block,
    Cell,
    Column,
    Figure,
    Heading,
    Link,
    Paragraph,
    Strong,
    Table,
    cell,
    figure_cell,
)
from warehouse.report.headline import Headline, Interval, RecordDurations, listed_words, standing_words
from warehouse.report.pages.shared import model_link, source_line
from warehouse.report.tables import Row, Tables
from warehouse.report.text import NONE, days, number, plural, short_date

HALF_A_YEAR = 183
FEW = 3
"""Records that must be left for a share of them to be drawn: the last match took the line to 0 % with two standing."""

GRADES = ("match", "parity", "lead")

Grades = Mapping[str, Row]
"""The rows of ``time_to_parity`` of one closed record, by grade."""


def records(tables: Tables, head: Headline) -> list[Block]:
    """How long closed records stood; nothing where there is none."""
    by_model = _by_model(tables)
    durations = [_duration(tables, model, grades) for model, grades in by_model.items()]
    if not durations or head.standing is None:
        return []
    return [
        Heading(text="How long did records stand?", anchor="records"),
        _in_words(tables, head.standing),
        _bars(tables, by_model, durations, head.standing.median),
        *_curve(tables, durations, head.standing.median),
    ]


def _by_model(tables: Tables) -> dict[str, Grades]:
    """Closed records of the composite that have a time to match, oldest first."""
    found: dict[str, dict[str, Row]] = {}
    for row in tables.time_to_parity.get("overall", []):
        found.setdefault(row["closed_model"], {})[row["grade"]] = row
    return {model: grades for model, grades in found.items() if "match" in grades}


def _duration(tables: Tables, model: str, grades: Grades) -> charts.RecordDuration:
    on = grades["match"]["closed_on"]
    match, parity, lead = (grades[grade]["days"] if grade in grades else None for grade in GRADES)
    so_far = (tables.night - on).days
    return charts.RecordDuration(title=tables.title(model), on=on, so_far=so_far, match=match, parity=parity, lead=lead)


def _in_words(tables: Tables, standing: RecordDurations) -> Paragraph:
    return Paragraph(
        parts=(
            f"{standing_words(standing)}. {not_yet(tables)}{no_records(tables)}",
            "Three grades: ",
            Strong("match"),
            ": an open model's ability is at or above the record's; ",
            Strong("parity"),
            f": it is with confidence {margin_words(tables)} below; ",
            Strong("lead"),
            ": it is with confidence above.",
        )
    )


def margin_words(tables: Tables) -> str:
    """The most by which an open model may be below and still be at parity."""
    margins = [row["margin"] for row in tables.parity_events.get("overall", []) if row["grade"] == "parity"]
    return f"less than {number(margins[0], 0)} index points" if margins and margins[0] else "less than the margin"


def _bars(
    tables: Tables,
    by_model: Mapping[str, Grades],
    durations: Sequence[charts.RecordDuration],
    median: Interval | None,
) -> Figure:
    """Each closed record as a bar from its release to its match."""
    return Figure(
        name="records",
        title=f"Half of the closed records were matched within {days(median.value)}"
        if median
        else "How long closed records stood",
        subtitle="Each closed frontier record as a bar from its release to its match by an open-weight model."
        " Circle: match; diamond: parity; triangle: lead. A bar with an arrow still stands.",
        drawing=charts.drawing("records", charts.record_durations(durations)),
        alternative="; ".join(_bar_words(one) for one in durations),
        source=source_line(
            tables, "Counted from API release to weights release.", Link("Every record and board", "boards/overall")
        ),
        table=_table(tables, by_model),
    )


def _bar_words(one: charts.RecordDuration) -> str:
    fate = f"standing for {one.so_far} days" if one.match is None else f"matched after {one.match} days"
    return f"{one.title}: {fate}"


def _table(tables: Tables, by_model: Mapping[str, Grades]) -> Table:
    return Table(
        caption="Closed records and when open-weight models reached them",
        columns=(
            Column(title="Closed record"),
            Column(title="Released"),
            *(Column(title=grade.capitalize(), note="days", number=True) for grade in GRADES),
            Column(title="Matched by"),
        ),
        rows=tuple(
            (
                cell(model_link(tables, model, "closed")),
                cell(short_date(grades["match"]["closed_on"]), sort=str(grades["match"]["closed_on"])),
                *(_grade_cell(grades.get(grade)) for grade in GRADES),
                cell(model_link(tables, grades["match"]["open_model"], "open")),
            )
            for model, grades in by_model.items()
        ),
    )


def _grade_cell(row: Row | None) -> Cell:
    if row is None:
        return cell(NONE)
    if row["days"] is not None:
        return figure_cell(number(row["days"], 0), row["days"])
    if row["underpowered"]:
        return cell("cannot be decided", sort=99999)
    return cell(f"stands, {number(row['lower_days'], 0)} so far", sort=99999)


def _curve(tables: Tables, durations: Sequence[charts.RecordDuration], median: Interval | None) -> list[Block]:
    """The share of records not yet matched, by days since release; nothing where it has no step to show."""
    times = [(r.match if r.match is not None else r.so_far, r.match is not None) for r in durations]
    curve = [(day, share) for day, share in survival_curve(times) if sum(other >= day for other, _ in times) >= FEW]
    if len(curve) < 3:
        return []
    matched = [day for day, met in times if met]
    longer = sum(day > HALF_A_YEAR for day in matched)
    spec = charts.still_standing(curve, (median.value, median.lo, median.hi) if median else None)
    return [
        Figure(
            name="survival",
            title=f"{longer} of the {plural(len(matched), 'matched record')} stood longer than half a year;"
            f" {_unmatched(len(times) - len(matched))}",
            subtitle="Estimated share of closed records not yet matched, by days since release (Kaplan-Meier: records"
            f" that still stand count until tonight). The line ends where fewer than {FEW} records are left. The bar:"
            " median and its 90 % interval, from draws of whole open releases.",
            drawing=charts.drawing("survival", spec),
            alternative="A falling step line from 100 % at release.",
            source=source_line(tables, f"{plural(len(durations), 'closed record')} of the composite."),
            table=Table(
                caption="Share of records unmatched",
                columns=(Column(title="Days", number=True), Column(title="Unmatched", note="%", number=True)),
                rows=tuple((figure_cell(number(d, 0), d), figure_cell(number(100 * s, 0), s)) for d, s in curve),
            ),
        )
    ]


def _unmatched(count: int) -> str:
    return "none is unmatched" if not count else f"{count} {'is' if count == 1 else 'are'} unmatched"


def survival_curve(times: Sequence[tuple[int, bool]]) -> list[tuple[int, float]]:
    """Kaplan-Meier: share still unmatched by days, from (days, whether matched then); starts at (0, 1)."""
    share, curve = 1.0, [(0, 1.0)]
    for day in sorted({day for day, _ in times}):
        at_risk = sum(other >= day for other, _ in times)
        share *= 1 - sum(other == day and met for other, met in times) / at_risk
        curve.append((day, share))
    return curve


def not_yet(tables: Tables) -> str:
    """Why tonight's closed leader is no record yet, where it is none."""
    row = tables.scope_tonight("overall")
    counted = {record["closed_model"] for record in tables.time_to_parity.get("overall", [])}
    if row is None or not row["closed_model"] or row["closed_model"] in counted:
        return ""
    ability = next((a for a in tables.abilities.get("overall", []) if a["model"] == row["closed_model"]), None)
    why = (
        "it has been on the scale for less than a week"
        if ability is not None and ability["provisional"]
        else "it has just come"
    )
    return f"{tables.title(row['closed_model'])} leads tonight and is not counted among the records yet: {why}. "


def no_records(tables: Tables) -> str:
    """The closed models that led for a while and are no records, and why."""
    row = tables.scope_tonight("overall")
    counted = {record["closed_model"] for record in tables.time_to_parity.get("overall", [])}
    names = [
        tables.title(led["model"])
        for led in tables.frontier.get("overall", [])
        if led["side"] == "closed" and led["model"] not in counted and led["model"] != (row or {}).get("closed_model")
    ]
    if not names:
        return ""
    return (
        f"{plural(len(names), 'closed model')} led for a while and {'is' if len(names) == 1 else 'are'} no record,"
        f" because the lead over the model before was within the standard error: {listed_words(names)}. "
    )
