"""The section "Is it narrowing?": the verdict of the test, and lag and gap over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from warehouse.report import charts
from warehouse.report.document import (
    Block,
    Column,
    Figure,
    Fold,
    Heading,
    Inline,
    Link,
    Paragraph,
    Strong,
    Table,
    cell,
    figure_cell,
)
from warehouse.report.headline import Headline, Interval
from warehouse.report.pages.shared import gap_table, source_line
from warehouse.report.tables import Row, Tables
from warehouse.report.text import NONE, clean, days, number, plural, short_date, span


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One of the two measures that are drawn over time: its columns in ``gap_index`` and its words."""

    name: str
    column: str
    prefix: str
    unit: str
    zero: str
    subtitle: str
    words: Callable[[float], str]


LAG = Measure(
    name="lag",
    column="lag_days",
    prefix="lag",
    unit="days",
    zero="no lag",
    subtitle="How many days behind closed models the best open-weight model was; every night is computed with what is"
    " known tonight. It grows by a day a day until an open model moves the frontier.",
    words=days,
)
GAP = Measure(
    name="gap",
    column="gap",
    prefix="gap",
    unit="index points",
    zero="parity",
    subtitle="Best closed minus best open-weight model, in index points; every night is computed with what is known"
    " tonight.",
    words=lambda value: f"{number(value)} points",
)


def narrowing(tables: Tables, head: Headline) -> list[Block]:
    """The verdict of the pre-registered test, the averages of two years, and lag and gap over time."""
    series = tables.over_time("overall")
    published = _published(tables)
    blocks: list[Block] = [
        Heading(text="Is it narrowing?", anchor="narrowing"),
        Paragraph(parts=(*_verdict(head), *_averaged(head))),
        *_late_scores(head),
    ]
    for measure, tonight in ((LAG, head.lag), (GAP, head.gap)):
        blocks += _over_time(tables, head, measure, tonight, series, published)
    return blocks + _vintages(tables, published)


def _verdict(head: Headline) -> tuple[Inline, ...]:
    verdict = {
        "narrowing": "Yes: the pre-registered test holds.",
        "not narrowing": "Not shown: the pre-registered test does not hold.",
    }.get(head.narrowing, "Undecided.")
    return Strong(verdict), f" {test_words(head)}"


def test_words(head: Headline) -> str:
    """What the pre-registered test asks, and what it found or lacks."""
    why = clean(head.narrowing_why)
    if head.narrowing == "undecided":
        return f"Whether each year's closed models are matched sooner cannot be tested yet: {why}."
    return f"The test asks whether each year's closed models are matched sooner: {why}."


def _averaged(head: Headline) -> tuple[Inline, ...]:
    if head.averages is None:
        return ()
    return (f" {year_by_year(head)}Single nights jump with every release, so the verdict is that of the test alone.",)


def year_by_year(head: Headline) -> str:
    """The averages of the last twelve months and of the twelve before: single nights jump with every release."""
    if head.averages is None:
        return ""
    last, before = head.averages
    return (
        f"Over the last twelve months the gap averaged {number(last.gap)} points and the lag {days(last.lag)}; over the"
        f" twelve before, {number(before.gap)} points and {days(before.lag)}. "
    )


def _late_scores(head: Headline) -> list[Block]:
    """Where tonight's gap is likely to lie once late scores are in."""
    if head.nowcast is None:
        return []
    lo, hi = head.nowcast
    words = (
        "The interval of tonight's gap is from the scores in so far. Scores come late: once tonight is 63 days old and"
        " late scores are in, its gap is likely to lie between"
        f" {number(lo)} and {number(hi)} points, judging by how earlier nights were revised."
    )
    return [Paragraph(parts=(words,), role="note")]


def _over_time(
    tables: Tables,
    head: Headline,
    measure: Measure,
    tonight: Interval | None,
    series: Sequence[Row],
    published: Sequence[Row],
) -> list[Block]:
    """A measure over time with its band; nothing where it has fewer than two nights."""
    points = moments(series, measure.column, measure.prefix)
    if len(points) < 2:
        return []
    rings = _rings(published, points[0].on, measure.column) if len(published) > 1 else []
    recent = (head.night, *head.nowcast) if measure is GAP and head.nowcast else None
    spec = charts.moments(
        points, unit=measure.unit, up="higher is further behind", zero=measure.zero, recent=recent, published=rings
    )
    dashed = " Dashed at the right: where tonight is likely to lie once late scores are in." if recent else ""
    extent = _extent(series, measure.column, measure.words)
    value = measure.words(tonight.value) if tonight else f"No {measure.name}"
    return [
        Figure(
            name=measure.name,
            title=f"{value} tonight; {extent} over the last two years",
            subtitle=f"{measure.subtitle} Shaded: 90 % interval.{dashed}",
            drawing=charts.drawing(measure.name, spec),
            overlay=f"Show the {measure.name} as it was published, {plural(len(rings), 'night')} (rings)"
            if rings
            else "",
            alternative=f"Line of the {measure.name}, {_extent(series, measure.column, number)} {measure.unit}.",
            source=source_line(tables, "Composite of all boards that count.", Link("Evidence", "boards/overall")),
            table=_monthly(series, measure),
        )
    ]


def _vintages(tables: Tables, published: Sequence[Row]) -> list[Block]:
    """The last nights as they were published, folded away."""
    if len(published) < 2:
        return []
    return [
        Fold(
            summary=(f"The same as it was published, night by night ({plural(len(published), 'vintage')})",),
            blocks=(gap_table(tables, published[-60:], "As published; never restated"),),
            anchor="vintages",
        )
    ]


def _rings(published: Sequence[Row], since: date, column: str) -> list[charts.Moment]:
    """The values of the vintages, which a reader may lay over the restated line."""
    return [
        charts.Moment(on=row["night"], value=row[column], lo=None, hi=None)
        for row in published
        if row[column] is not None and row["night"] >= since
    ]


def _extent(series: Sequence[Row], column: str, words: Callable[[float], str]) -> str:
    values = [row[column] for row in series[-730:] if row[column] is not None]
    return (
        f"between {words(min(values)).removesuffix(' days').removesuffix(' points')} and {words(max(values))}"
        if values
        else "not known"
    )


def moments(series: Sequence[Row], column: str, prefix: str) -> list[charts.Moment]:
    """A series of nights as points: what a straight line between its neighbours would show is left out."""
    found = [
        charts.Moment(on=row["night"], value=row[column], lo=row[f"{prefix}_lo"], hi=row[f"{prefix}_hi"])
        for row in series
        if row[column] is not None
    ]
    kept = [found[0]] if found else []
    for before, here, after in zip(found, found[1:], found[2:], strict=False):
        bends = [
            abs((getattr(here, end) - getattr(before, end)) - (getattr(after, end) - getattr(here, end)))
            if None not in (getattr(before, end), getattr(here, end), getattr(after, end))
            else float(len({getattr(p, end) is None for p in (before, here, after)}) > 1)
            for end in ("value", "lo", "hi")
        ]
        if max(bends) > 0.05:
            kept.append(here)
    return kept + found[-1:] if len(found) > 1 else kept


def _monthly(series: Sequence[Row], measure: Measure) -> Table:
    monthly = [row for row in series if row["night"].day == 1] + list(series[-1:])
    digits = 0 if measure is LAG else 1
    lo, hi = f"{measure.prefix}_lo", f"{measure.prefix}_hi"
    return Table(
        caption=f"The {measure.name} on the first of each month, and tonight",
        columns=(
            Column(title="Night"),
            Column(title=measure.name.capitalize(), note=measure.unit, number=True),
            Column(title="90 % interval", number=True),
        ),
        rows=tuple(
            (
                cell(short_date(row["night"]), sort=str(row["night"])),
                figure_cell(number(row[measure.column], digits), row[measure.column]),
                figure_cell(span(row[lo], row[hi], digits) or NONE, row[lo]),
            )
            for row in monthly
            if row[measure.column] is not None
        ),
    )


def _published(tables: Tables) -> list[Row]:
    return list(
        tables.query(
            "gap_index_vintage",
            "select * from gap_index_vintage where scope = 'overall' and tier = 'any' order by night",
        )
    )
