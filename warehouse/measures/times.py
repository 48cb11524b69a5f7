"""From `time_to_parity` to the tables ``computed.survival`` and ``computed.trend`` (METHOD section 4).

A board that is no longer updated has no information on later models, so its unmet records are followed to the newest
date of its table, not to tonight.  Otherwise a dead board would make every open model look slow.
The composite of a domain is followed to the newest date of its boards.  Its records are a pool of their own: they come
from the same scores as those of its boards, and a pool of both would count one event twice.
Where open weights were first the time counts as 0, and the table has the number of such cases.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from warehouse.measures.contract import PythonModel, failed, generator
from warehouse.measures.survival import FAMILIES, Floats, Times, accelerated, curves, limits, resampled

DRAWS = 500
DRAWS_OF_INTERVALS = 200
LEVEL = 0.90
HORIZON = 365.0
MIN_CLUSTERS_TO_RESAMPLE = 3

MIN_EVENTS = 15
MIN_CLUSTERS = 8
NEAR = 30.0
"""Days below which a time is only called short: the dates of releases are no more certain than that, and on
a scale of logarithms the difference between one day and ten would outweigh all the others."""

COMPOSITE = "domain composite"

_RECORDS = f"""
    with pooled as (
        select t.*, e.observed_on
        from marts.time_to_parity t
        join input.board b on b.board = t.scope and b.counts_for_index
        join staging.edition_seen e on e.board = t.scope and e.edition = t.edition and e.newest
        where t.scope_kind = 'board'
    ),
    followed as (
        select b.domain as scope, max(e.observed_on) as observed_on
        from input.board b join staging.edition_seen e on e.board = b.board
        where b.counts_for_index
        group by b.domain
    ),
    every as (
        select 'overall' as kind, 'overall' as pool, *, null::date as observed_on
        from marts.time_to_parity where scope_kind = 'overall'
        union all by name
        select '{COMPOSITE}' as kind, t.scope as pool, t.*, f.observed_on
        from marts.time_to_parity t left join followed f on f.scope = t.scope
        where t.scope_kind = 'domain'
        union all by name
        select 'domain' as kind, domain as pool, * from pooled
        union all by name
        select 'boards' as kind, 'boards' as pool, * from pooled
    )
    select
        kind, pool, tier, grade, closed_model, scope, coalesce(open_model, '') as open_model, closed_on,
        days < 0 as before, underpowered,
        greatest(0, case when days is not null then days
            else least(lower_days, coalesce(observed_on - closed_on, lower_days)) end)::double as lower,
        if(days is null, null, greatest(0, days))::double as upper,
        if(days is null, null, greatest(0, days, upper_days))::double as known
    from every
    order by kind, pool, tier, grade, closed_on, closed_model, scope
"""
_EPOCH = 2025
"""Year from which the trend counts: it moves the intercept, not the ratio."""

TEXT, NUMBER, COUNT = pa.string(), pa.float64(), pa.int64()
_SURVIVAL = pa.schema(
    [
        *((name, TEXT) for name in ("scope_kind", "scope", "tier", "grade")),
        *((name, COUNT) for name in ("n_records", "n_events", "n_clusters", "n_before", "n_underpowered")),
        *((name, NUMBER) for name in ("median_days", "median_lo", "median_hi", "q25_days", "q75_days")),
        *((name, NUMBER) for name in ("rmst_365_days", "rmst_lo", "rmst_hi")),
        *((name, NUMBER) for name in ("known_median_days", "known_median_lo", "known_median_hi")),
        ("reason", TEXT),
    ]
)
_TREND = pa.schema(
    [
        *((name, TEXT) for name in ("scope", "tier", "grade", "family")),
        *((name, NUMBER) for name in ("ratio_per_year", "lo", "hi")),
        *((name, COUNT) for name in ("n_events", "n_clusters")),
        ("worst_left_out", TEXT),
        ("worst_hi", NUMBER),
        ("holds", pa.bool_()),
        ("reason", TEXT),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The closed frontier records of one pool, tier and grade, with how long each took."""

    kind: str
    pool: str
    tier: str
    grade: str
    closed: Sequence[str]
    open: Sequence[str]
    year: Floats
    before: int
    underpowered: int
    lower: Floats
    upper: Floats
    known: Floats

    @property
    def events(self) -> int:
        return sum(model != "" for model in self.open)

    @property
    def releases(self) -> int:
        return len({model for model in self.open if model})

    @property
    def key(self) -> Mapping[str, str]:
        return {"scope": self.pool, "tier": self.tier, "grade": self.grade}

    def times(self, upper: Floats | None = None) -> Times:
        """Clusters are the open releases; unmet records of one closed model, on several boards, stay together."""
        groups = [("open", o) if o else ("closed", c) for o, c in zip(self.open, self.closed, strict=True)]
        number = {group: i for i, group in enumerate(sorted(set(groups)))}
        cluster = np.array([number[group] for group in groups], dtype=np.int64)
        return Times(lower=self.lower, upper=self.upper if upper is None else upper, cluster=cluster)


def _survival(db: duckdb.DuckDBPyConnection) -> pa.Table:
    rows = []
    for records in _pools(db):
        try:
            rows.append(survival_of(records))
        except (ArithmeticError, LookupError, ValueError) as error:
            failed(db, "survival", " ".join(records.key.values()), str(error))
            rows.append({"scope_kind": records.kind, **records.key, "reason": f"could not be computed: {error}"})
    return pa.Table.from_pylist(rows, schema=_SURVIVAL)


def _trend(db: duckdb.DuckDBPyConnection) -> pa.Table:
    # The composite of a domain has a dozen records at most, and the test needs 15 events.
    pools = (p for p in _pools(db) if p.kind not in ("boards", COMPOSITE) and p.grade != "lead")
    rows = []
    for records in pools:
        try:
            rows += trend_of(records)
        except (ArithmeticError, LookupError, ValueError) as error:
            failed(db, "trend", " ".join(records.key.values()), str(error))
            rows += [{**records.key, "family": name, "reason": f"could not be computed: {error}"} for name in FAMILIES]
    return pa.Table.from_pylist(rows, schema=_TREND)


SURVIVAL = PythonModel(
    name="survival",
    needs=frozenset({("marts", "time_to_parity"), ("staging", "edition_seen")}),
    make=_survival,
    inputs=frozenset({("input", "board")}),
)
TREND = PythonModel(name="trend", needs=SURVIVAL.needs, make=_trend, inputs=SURVIVAL.inputs)


def survival_of(records: Records) -> dict[str, Any]:
    """One row of ``computed.survival``; a figure that cannot be computed is None, with its reason."""
    row: dict[str, Any] = {
        "scope_kind": records.kind,
        **records.key,
        "n_records": len(records.closed),
        "n_events": records.events,
        "n_clusters": records.releases,
        "n_before": records.before,
        "n_underpowered": records.underpowered,
    }
    if not records.closed:
        return row | {"reason": "no closed frontier record is followed here"}
    times = records.times()
    whole = np.ones((1, len(records.closed)))
    curve = curves(times, whole)
    row |= {
        name: _day(curve.quantile(share)[0])
        for name, share in (("q25_days", 0.25), ("median_days", 0.5), ("q75_days", 0.75))
    }
    followed = max(records.lower.max(), records.upper[np.isfinite(records.upper)].max(initial=0.0))
    complete = curve.mass.sum() > 1 - 1e-9 or followed >= HORIZON
    if complete:
        row["rmst_365_days"] = _day(curve.restricted_mean(HORIZON)[0])
    drawn = None
    if records.releases >= MIN_CLUSTERS_TO_RESAMPLE:
        drawn = resampled(times, DRAWS, generator("survival", *records.key.values()))
        many = curves(times, drawn)
        row["median_lo"], row["median_hi"] = map(_day, limits(many.quantile(0.5), LEVEL))
        if complete:
            row["rmst_lo"], row["rmst_hi"] = map(_day, limits(many.restricted_mean(HORIZON), LEVEL))
    if np.any(np.isfinite(records.known) & (records.known > records.lower)):
        later = records.times(np.where(np.isfinite(records.upper), records.known, np.inf))
        row["known_median_days"] = _day(curves(later, whole).quantile(0.5)[0])
        # Each draw takes hundreds of rounds over all records: a hundred times the work of an exact time.
        if drawn is not None and records.kind == "overall":
            many = curves(later, drawn[:DRAWS_OF_INTERVALS])
            row["known_median_lo"], row["known_median_hi"] = map(_day, limits(many.quantile(0.5), LEVEL))
    return row | {"reason": _why(records, row, complete)}


def _why(records: Records, row: Mapping[str, Any], complete: bool) -> str | None:
    n = len(records.closed)
    reasons = []
    if not records.events:
        reasons.append(f"none of the {n} records has been reached yet")
    elif row["median_days"] is None:
        reasons.append(
            f"no median: only {records.events} of {n} records have been reached in the time they were followed"
        )
    if records.events and records.releases < MIN_CLUSTERS_TO_RESAMPLE:
        reasons.append(
            f"no interval: the {records.events} events come from {records.releases} open"
            f" release{'s' * (records.releases != 1)}, and {MIN_CLUSTERS_TO_RESAMPLE} are needed"
        )
    elif row.get("median_days") is not None and row.get("median_hi") is None:
        reasons.append("the median has no upper limit: in some draws half of the records are never reached")
    if not complete:
        reasons.append(f"no mean within {HORIZON:.0f} days: no record was followed that long")
    return "; ".join(reasons) or None


def _too_few(records: Records) -> str:
    """What the pre-registered test lacks, in words for a reader; empty where it lacks nothing."""
    lacks = []
    if records.events < MIN_EVENTS:
        lacks.append(f"{MIN_EVENTS} closed records that open models have reached, and there are {records.events}")
    if records.releases < MIN_CLUSTERS:
        lacks.append(f"{MIN_CLUSTERS} open releases that have reached one, and there are {records.releases}")
    return f"the test needs {', and '.join(lacks)}" if lacks else ""


def trend_of(records: Records) -> list[dict[str, Any]]:
    """The rows of ``computed.trend`` of one pool: both families, and whether the pre-registered test holds."""
    # A record followed for no day yet says nothing, and 0 has no logarithm.
    use = np.flatnonzero(np.isfinite(records.upper) | (records.lower > 0))
    counts = {"n_events": records.events, "n_clusters": records.releases}
    base = {**records.key, **counts}
    if reason := _too_few(records):
        return [base | {"family": family, "reason": reason} for family in FAMILIES]
    x = records.year[use] - _EPOCH
    if np.ptp(x) == 0:
        return [base | {"family": family, "reason": "all records are of one day"} for family in FAMILIES]
    lower, upper = records.lower[use], records.upper[use]
    near = upper < NEAR
    times = Times(
        lower=np.where(near, 0.0, lower), upper=np.where(near, NEAR, upper), cluster=records.times().cluster[use]
    )
    n = len(use)
    rows: list[dict[str, Any]] = []
    below_one = True
    for family in FAMILIES:
        trend, _ = accelerated(family, times, x, np.vstack([np.ones((1, n)), 1 - np.eye(n)]))
        found = bool(np.all(np.isfinite(trend.hi)))
        worst = int(np.argmax(trend.hi[1:])) if found else -1
        below_one &= bool(trend.hi.max() < 1)
        rows.append(
            base
            | {
                "family": family,
                "ratio_per_year": _round(trend.ratio[0]),
                "lo": _round(trend.lo[0]),
                "hi": _round(trend.hi[0]),
                "worst_left_out": records.closed[use[worst]] if found else None,
                "worst_hi": _round(trend.hi[1 + worst]) if found else None,
                "reason": None if found else "a fit without one of the records has no maximum",
            }
        )
    fitted = all(row["reason"] is None for row in rows)
    holds = below_one if fitted else None
    return [row | {"holds": holds} for row in rows]


def _pools(db: duckdb.DuckDBPyConnection) -> Iterator[Records]:
    """Every pool that has records, and the two everyone asks for even where they have none."""
    answer = db.execute(_RECORDS)
    names = [column[0] for column in answer.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
    found = {
        key: list(group) for key, group in groupby(rows, key=lambda r: (r["kind"], r["pool"], r["tier"], r["grade"]))
    }
    asked = {
        (kind, kind, tier, grade)
        for kind in ("overall", "boards")
        for tier in ("any", "T1")
        for grade in ("match", "parity", "lead")
    }
    for kind, pool, tier, grade in sorted(found.keys() | asked):
        yield _records(kind, pool, tier, grade, found.get((kind, pool, tier, grade), []))


def _records(kind: str, pool: str, tier: str, grade: str, rows: Sequence[Mapping[str, Any]]) -> Records:
    never = float("inf")
    return Records(
        kind=kind,
        pool=pool,
        tier=tier,
        grade=grade,
        closed=[row["closed_model"] for row in rows],
        open=[row["open_model"] for row in rows],
        year=np.array([row["closed_on"].year + (row["closed_on"].timetuple().tm_yday - 1) / 365.25 for row in rows]),
        before=sum(bool(row["before"]) for row in rows),
        underpowered=sum(bool(row["underpowered"]) for row in rows),
        lower=np.array([row["lower"] for row in rows], dtype=np.float64),
        upper=np.array([never if row["upper"] is None else row["upper"] for row in rows], dtype=np.float64),
        known=np.array([never if row["known"] is None else row["known"] for row in rows], dtype=np.float64),
    )


def _day(value: float) -> float | None:
    return round(float(value), 3) if np.isfinite(value) else None


def _round(value: float) -> float | None:
    return round(float(value), 6) if np.isfinite(value) else None
