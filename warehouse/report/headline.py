"""The headline: how far open-weight models are behind, in one sentence, and whether the gap narrows.

There are three measures (the age of the open frontier's ability; the time until each closed record was matched; the
difference in points), and a page that shows one of them shows all three.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean
from typing import Any

from warehouse.report.tables import Row, Tables
from warehouse.report.text import days, in_words, number, plural, span, usd

PRICED = "blended list price"
"""The basis of the price in the sentence: list prices, three parts read to one written."""

RECENT = 5
"""Closed records that are named one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A value and its 90 % interval; an end that is not known is None."""

    value: float
    lo: float | None
    hi: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leader:
    model: str
    title: str
    score: float | None
    since: date | None
    provisional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Average:
    """Mean gap (points) and lag (days) over the nights of twelve months; a mean has no interval of its own."""

    gap: float
    lag: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """List prices, USD per million tokens, of the cheapest model of each side as able as the open leader."""

    open_usd: float
    closed_usd: float
    open_title: str
    closed_title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDurations:
    """Days until an open model matched a closed record: the median over all records, censored ones included."""

    median: Interval | None
    records: int
    matched: int
    recent: tuple[tuple[str, int | None, int], ...]
    """The last closed records: title, days until matched or None, days it has stood so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """What the first lines say, everywhere."""

    night: date
    closed: Leader
    open: Leader
    unit: str
    gap: Interval | None
    lag: Interval | None
    bracket: tuple[int | None, int | None]
    """Days since the first closed record above, and since the last one at or below."""
    bracket_titles: tuple[str, str]
    """Names of these two closed models; empty where it is not known."""
    state: str | None
    reason: str
    price: Price | None
    standing: RecordDurations | None
    narrowing: str
    """``narrowing``, ``not narrowing`` or ``undecided``: the verdict of the pre-registered test."""
    narrowing_why: str
    averages: tuple[Average, Average] | None
    """Of the last twelve months and of the twelve before, as restated tonight; None without every night of both."""
    nowcast: tuple[float, float] | None


def headline(tables: Tables) -> Headline | None:
    """The headline of the published night; None where the index has no row for ``overall``."""
    row = tables.scope_tonight("overall")
    if row is None:
        return None
    narrowing, why = _trend(tables)
    return Headline(
        night=row["night"],
        closed=_leader(tables, row, "closed"),
        open=_leader(tables, row, "open"),
        unit=row["unit"] or "points",
        gap=_interval(row, "gap"),
        lag=_interval(row, "lag_days", "lag"),
        bracket=(row["lag_under"], row["lag_over"]),
        bracket_titles=(_named(tables, row.get("lag_above_model")), _named(tables, row.get("lag_below_model"))),
        state=row["state"],
        reason=row["reason"] or "",
        price=_price(tables),
        standing=_standing(tables, row["night"]),
        narrowing=narrowing,
        narrowing_why=why,
        averages=_averages(tables, row["night"]),
        nowcast=((row["gap_nowcast_lo"], row["gap_nowcast_hi"]) if row.get("gap_nowcast_lo") is not None else None),
    )


def sentence(head: Headline | None) -> str:
    """One sentence: how far behind in time, score and price, with intervals and date, and whether that narrows."""
    if head is None:
        return "Nothing is published about open-weight and closed models overall yet."
    when = f"On {in_words(head.night)}"
    if head.gap is None:
        return f"{when} it is not known how far open-weight models are behind: {head.reason or 'no data'}."
    parts = [_time(head), _score(head)]
    if head.price is not None:
        parts.append(_cost(head.price))
    return f"{when} {', '.join(part for part in parts if part)}; {_narrows(head)}."


def _time(head: Headline) -> str:
    lag = head.lag
    if lag is None:
        return f"the best open-weight model has no lag in days ({head.reason or 'none can be given'})"
    if lag.value < 0:
        ahead = f"the best open-weight model was {days(-lag.value)} ahead of closed models"
        return ahead + _of(None if lag.hi is None else -lag.hi, None if lag.lo is None else -lag.lo, 0)
    return f"the best open-weight model was {days(lag.value)} behind closed models{_of(lag.lo, lag.hi, 0)}"


def _score(head: Headline) -> str:
    gap = head.gap
    assert gap is not None  # noqa: S101 - the caller has asked
    best = "the best closed one" if head.lag is None else "the best of them"
    if gap.value < 0:
        ends = (None if gap.hi is None else -gap.hi, None if gap.lo is None else -gap.lo)
        return f"{number(-gap.value)} {head.unit} above {best}{_of(*ends, 1, short=True)}"
    return f"{number(gap.value)} {head.unit} below {best}{_of(gap.lo, gap.hi, 1, short=True)}"


def _of(lo: float | None, hi: float | None, digits: int, *, short: bool = False) -> str:
    if lo is None and hi is None:
        return " (no interval)"
    return f" ({span(lo, hi, digits)})" if short else f" (90 % interval: {span(lo, hi, digits)})"


def _cost(price: Price) -> str:
    ratio = price.open_usd / price.closed_usd
    closed = f"{price.closed_title}, the cheapest closed model that is surely as capable"
    both = f"({usd(price.open_usd)} against {usd(price.closed_usd)} per million tokens)"
    if ratio < 0.95:
        return f"and cost {number(100 * ratio, 0)} % of what {closed}, costs {both}"
    if ratio > 1.05:
        return f"and cost {number(ratio)} times what {closed}, costs {both}"
    return f"and cost as much as {closed} {both}"


def _narrows(head: Headline) -> str:
    return {
        "narrowing": "the gap is narrowing with each generation",
        "not narrowing": "the gap is not shown to be narrowing",
    }.get(head.narrowing, "whether the gap is narrowing is undecided")


def _leader(tables: Tables, row: Row, side: str) -> Leader:
    model = row[f"{side}_model"]
    placed = tables.query(
        "ability",
        """select provisional from ability
           where scope = 'overall' and model = $model and theta is not null and provisional limit 1""",
        model=model,
    )
    return Leader(
        model=model or "",
        title=tables.title(model),
        score=row[f"{side}_score"],
        since=row[f"{side}_on"],
        provisional=bool(placed),
    )


def _named(tables: Tables, model: str | None) -> str:
    return tables.title(model) if model else ""


def _interval(row: Row, value: str, prefix: str = "") -> Interval | None:
    if row[value] is None:
        return None
    prefix = prefix or value
    return Interval(value=row[value], lo=row[f"{prefix}_lo"], hi=row[f"{prefix}_hi"])


def _price(tables: Tables) -> Price | None:
    found = tables.query(
        "capability_price_trend",
        """select side, floor_usd, floor_model from capability_price_trend
           where basis = $basis and level_id = 'open-leader' and tier = 'any' and side in ('open', 'closed')
             and floor_usd > 0""",
        basis=PRICED,
    )
    by_side = {row["side"]: row for row in found}
    if set(by_side) != {"open", "closed"}:
        return None
    return Price(
        open_usd=by_side["open"]["floor_usd"],
        closed_usd=by_side["closed"]["floor_usd"],
        open_title=tables.title(by_side["open"]["floor_model"]),
        closed_title=tables.title(by_side["closed"]["floor_model"]),
    )


def _standing(tables: Tables, night: date) -> RecordDurations | None:
    records = tables.query(
        "time_to_parity",
        """select closed_model, closed_on, days from time_to_parity
           where scope = 'overall' and tier = 'any' and grade = 'match' order by edition, closed_on, closed_model""",
    )
    if not records:
        return None
    found = tables.survival.get(("overall", "overall", "match"))
    median = (
        Interval(value=found["median_days"], lo=found["median_lo"], hi=found["median_hi"])
        if found and found["median_days"] is not None
        else None
    )
    return RecordDurations(
        median=median,
        records=len(records),
        matched=sum(row["days"] is not None for row in records),
        recent=tuple(
            (tables.title(row["closed_model"]), row["days"], (night - row["closed_on"]).days)
            for row in sorted(records, key=lambda row: row["closed_on"], reverse=True)[:RECENT]
        ),
    )


def _trend(tables: Tables) -> tuple[str, str]:
    found = tables.query(
        "trend",
        "select * from trend where scope = 'overall' and tier = 'any' and grade = 'match' order by family",
    )
    if not found:
        return "undecided", "no test of the trend is published"
    if reasons := [row["reason"] for row in found if row["reason"]]:
        return "undecided", str(reasons[0])
    if all(row["holds"] for row in found):
        return "narrowing", _factors(found)
    return "not narrowing", _factors(found)


def _factors(found: list[dict[str, Any]]) -> str:
    return "; ".join(
        f"{row['family']}: each year's closed releases are matched in {number(row['ratio_per_year'], 2)} times the time"
        f" of the year before ({span(row['lo'], row['hi'], 2)})"
        for row in found
    )


YEAR = timedelta(days=365)


def _averages(tables: Tables, night: date) -> tuple[Average, Average] | None:
    last, before = (_average(tables, night - years * YEAR) for years in (0, 1))
    return (last, before) if last is not None and before is not None else None


def _average(tables: Tables, until: date) -> Average | None:
    rows = [
        row
        for row in tables.over_time("overall")
        if until - YEAR < row["night"] <= until and row["lag_days"] is not None
    ]
    if len(rows) < YEAR.days:
        return None
    return Average(gap=fmean(row["gap"] for row in rows), lag=fmean(row["lag_days"] for row in rows))


def listed_words(names: Sequence[str]) -> str:
    """``A, B and C``."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def standing_words(standing: RecordDurations) -> str:
    """Closed records in a line: how many have been matched, and what became of the last ones."""
    still = [one for one in standing.recent if one[1] is None]
    met = [one for one in standing.recent if one[1] is not None]
    parts = [f"{standing.matched} of {plural(standing.records, 'closed record')} have been matched"]
    if still:
        parts.append(
            f"{listed_words([title for title, *_ in still])} still {'stands' if len(still) == 1 else 'stand'}"
            f" (for {' and '.join(number(so_far, 0) for *_, so_far in still)} days so far)"
        )
    if met:
        listed = ", ".join(f"{title} after {number(took, 0)}" for title, took, _ in met if took is not None)
        parts.append(f"the {plural(len(met), 'record')} before {'them' if still else 'tonight'} fell: {listed} days")
    return "; ".join(parts)


def other_question(head: Headline) -> str:
    """How long closed records stood, and how that goes together with tonight's lag; empty where neither is known."""
    if head.standing is None:
        return ""
    median = head.standing.median
    if median is None or head.lag is None:
        return f"{standing_words(head.standing)}."
    return (
        f"That is how far behind the best open-weight model is tonight. How long a closed record stood before an"
        f" open-weight model matched it is another question: {days(median.value)} at the median"
        f"{_of(median.lo, median.hi, 0)}, over all years."
        f" {standing_words(head.standing)}."
    )
