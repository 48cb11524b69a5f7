"""The composite as it was known: a vintage for every Monday and for tonight, each fitted to what was known then.

The fit of a past Monday reads the stretches that were known then and starts from the fit before it, so rows learned
later cannot change it.  The two anchor models fix its scale.  Before the later of them was known, two early models do
(`EARLY`), with values fixed once from a fit of the whole past: llama-3-8b at 112 and gpt-4-turbo at 128.5.  Where
neither pair is placed, a vintage takes the scale of the one before it through the models whose scores did not change.
The movement of models without new scores is published as the drift.

The Mondays are a table of their own, made from what was known on the last of them (`staging.irt_week`): news of
tonight leave it as it is.  Tonight's vintage is that of `staging.fit_day`, the last day on which a fit can have
changed, and its fit is the one that `warehouse.measures.abilities` has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import duckdb
import numpy as np
import pyarrow as pa

from warehouse.measures import composite
from warehouse.measures.abilities import (
    ANCHORS,
    CELL,
    COMMON,
    DOMAINS,
    EARLY,
    EPOCH,
    OVERALL,
    Known,
    Vintage,
    anchors_in,
    fit_day,
    on_anchors,
    vintage,
)
from warehouse.measures.composite import Flags, Floats, Ints, Scale
from warehouse.measures.contract import PythonModel, failed
from warehouse.measures.threads import one_thread

FIRST = date(2023, 6, 5)
"""The first vintage: a Monday, as all but tonight's are."""

ALARM_RMS, ALARM_WORST = 0.5, 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A scope in one vintage, on the published scale, and how far the models that had no news moved since the last.

    The arrays have one entry per model, the settled ones (`Vintage.settled_models`) first.  ``share`` is how much of an
    ability is the scope's own evidence: `Offsets.share` in a domain, 1 overall.  ``moved`` is NaN where something was
    news of the model, or the vintage before did not have it.
    """

    scope: str
    day: int
    before: int | None
    models: Ints
    theta: Floats
    spread: Floats
    share: Floats
    moved: Floats
    settled: Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Where a vintage left the models: ``published`` has per scope an ability for every code of `Known`, or NaN."""

    day: int | None
    settled: Ints
    provisional: bool
    """Whether it had models that were only scored on its items: these can settle without any news."""
    published: Mapping[str, Floats]

    @classmethod
    def none(cls, known: Known) -> Past:
        """Before the first vintage."""
        nowhere = {scope: np.full(len(known.models), np.nan) for scope in (OVERALL, *known.tau)}
        return cls(day=None, settled=np.empty(0, dtype=np.intp), provisional=False, published=nowhere)

    def alive(self, known: Known) -> Flags:
        """The cells that were known then."""
        return np.zeros(len(known.item), dtype=bool) if self.day is None else known.on(self.day)


def path(
    known: Known, days: Iterable[int], past: Past | None = None, failures: list[str] | None = None
) -> Iterator[Moment]:
    """The vintages of ``days`` on which something was news since the one before; overall, then each domain.

    A day whose fit fails is passed over and named in ``failures``.
    """
    past = past or Past.none(known)
    group = known.group[known.item]
    made: Vintage | None = None
    alive, provisional = past.alive(known), past.provisional
    for day in days:
        on = known.on(day)
        news = on ^ alive
        if not (news.any() or provisional):
            continue
        if not alive.any() and np.count_nonzero(np.bincount(group[on])) < composite.INSTRUMENTS:
            continue
        try:
            made = vintage(known, np.flatnonzero(on), day, made)
        except (ArithmeticError, ValueError) as error:
            if failures is not None:
                failures.append(f"{EPOCH + timedelta(days=day)}: {error}")
            continue
        alive, provisional = on, len(made.new_models) > 0
        touched = np.zeros(len(known.models), dtype=bool)
        touched[known.model[news]] = True
        unchanged = np.flatnonzero(~touched[made.settled_models] & np.isin(made.settled_models, past.settled))
        scale = _scale_in_time(known, made, unchanged, past.published[OVERALL])
        if scale is None:
            continue
        still = np.zeros(len(known.models), dtype=bool)
        still[made.settled_models[unchanged]] = True
        published = {}
        for scope, models, theta, spread, share in _placed(known, made, scale):
            yield Moment(
                scope=scope,
                day=day,
                before=past.day,
                models=models,
                theta=theta,
                spread=spread,
                share=share,
                moved=np.where(still[models], theta - past.published[scope][models], np.nan),
                settled=np.isin(models, made.settled_models),
            )
            published[scope] = np.full(len(known.models), np.nan)
            published[scope][models] = theta
        past = Past(day=day, settled=made.settled_models, provisional=provisional, published=published)


def _placed(known: Known, made: Vintage, scale: Scale) -> Iterator[tuple[str, Ints, Floats, Floats, Floats]]:
    """Overall and every domain in one vintage: its models, their abilities, standard errors and own evidence."""
    error = composite.standard_error(made.cells, replace(made.fitted, theta=made.theta))
    spread = composite.SE_INFLATION * scale.stretch * error
    yield OVERALL, made.placed, scale(made.theta), spread, np.ones(len(made.placed))
    for domain in known.tau:
        own = made.offsets(known, domain, scale.stretch)
        there = own.scored
        of_domain = (scale(own.ability), own.spread(spread, scale.stretch), own.share)
        yield domain, made.placed[there], of_domain[0][there], of_domain[1][there], of_domain[2][there]


def _scale_in_time(known: Known, made: Vintage, unchanged: Ints, published: Floats) -> Scale | None:
    for pair in (ANCHORS, EARLY):
        if (at := anchors_in(known, made, pair)) is not None:
            return on_anchors(made.theta, at, pair)
    if len(unchanged) >= COMMON:
        return composite.linked(made.theta[unchanged], published[made.settled_models[unchanged]])
    return None


# --- tables -------------------------------------------------------------------------------------


_WEEK = pa.schema(
    [
        ("scope", pa.string()),
        *((name, pa.int32()) for name in ("day", "before")),
        ("model", pa.string()),
        *((name, pa.float64()) for name in ("theta", "se", "share", "moved")),
        ("settled", pa.bool_()),
    ]
)


def ability_week(db: duckdb.DuckDBPyConnection) -> pa.Table:
    """``computed.ability_week``: one row per scope, Monday's vintage and model, unrounded; days count from 1970."""
    known = Known.read(db, "irt_week")
    ((last,),) = db.execute("select monday - date '1970-01-01' from staging.fit_week").fetchall()
    mondays = range((FIRST - EPOCH).days, last + 1, 7)
    return _moments(db, "ability_week", known, mondays, Past.none(known))


def ability_vintage(db: duckdb.DuckDBPyConnection) -> pa.Table:
    """``computed.ability_vintage``: one row per scope, vintage and model; its move, if nothing new was known of it."""
    known = Known.read(db)
    weekly = db.sql("from computed.ability_week").to_arrow_table()
    past = _past(known, weekly)
    tonight = fit_day(db)
    days = [tonight] if tonight > (past.day or 0) else []
    every = pa.concat_tables([weekly.cast(_WEEK), _moments(db, "ability_vintage", known, days, past)])
    vintages = np.unique(every["day"].to_numpy()).tolist()
    next_of = dict(zip(vintages, [*vintages, None][1:], strict=True))
    return pa.table(
        {
            "scope": every["scope"],
            "night": every["day"].cast(pa.date32()),
            "previous_night": every["before"].cast(pa.date32()),
            "next_night": pa.array([next_of[day] for day in every["day"].to_pylist()], pa.int32()).cast(pa.date32()),
            "model": every["model"],
            "theta": every["theta"].to_numpy().round(3),
            "se": every["se"].to_numpy().round(3),
            "share": every["share"].to_numpy().round(4),
            "moved": every["moved"],
        }
    )


def _moments(db: duckdb.DuckDBPyConnection, table: str, known: Known, days: Iterable[int], past: Past) -> pa.Table:
    """The vintages of some days as rows; what fails is listed as a failure of ``table``."""
    failures: list[str] = []
    names = pa.array(known.models, pa.string())
    parts = [
        pa.table(
            {
                "scope": pa.array([one.scope] * len(one.models), pa.string()),
                "day": pa.array([one.day] * len(one.models), pa.int32()),
                "before": pa.array([one.before] * len(one.models), pa.int32()),
                "model": names.take(pa.array(one.models)),
                "theta": one.theta,
                "se": one.spread,
                "share": one.share,
                "moved": pa.array(one.moved, from_pandas=True),  # NaN: NULL
                "settled": one.settled,
            },
            schema=_WEEK,
        )
        for one in path(known, days, past, failures)
    ]
    for error in failures:
        failed(db, table, OVERALL, error)
    return pa.concat_tables(parts) if parts else _WEEK.empty_table()


def _past(known: Known, weekly: pa.Table) -> Past:
    """Where the last of these vintages left the models that are known now."""
    past = Past.none(known)
    if not weekly.num_rows:
        return past
    day = weekly["day"].to_numpy().max()
    code = {model: at for at, model in enumerate(known.models)}
    settled, provisional = [], False
    for row in weekly.filter(pa.array(weekly["day"].to_numpy() == day)).to_pylist():
        if (model := code.get(row["model"])) is None:
            continue
        past.published[row["scope"]][model] = row["theta"]
        if row["scope"] == OVERALL:
            settled += [model] if row["settled"] else []
            provisional = provisional or not row["settled"]
    return replace(past, day=int(day), settled=np.array(sorted(settled), dtype=np.intp), provisional=provisional)


def ability_path(db: duckdb.DuckDBPyConnection) -> pa.Table:
    """``computed.ability_path``: one row per scope, model and stretch of nights with one ability."""
    return db.sql(
        """with compared as (
               select *, lag((theta, se, share)) over path is not distinct from (theta, se, share)
                       and lag(next_night) over path = night as same
               from computed.ability_vintage
               window path as (partition by scope, model order by night)
           ),
           stretches as (
               select *, sum(1 - same::integer) over (partition by scope, model order by night) as stretch from compared
           )
           select scope, model, min(night) as known_from,
               case when bool_or(next_night is null) then null else max(next_night) end as known_to,
               any_value(theta) as theta, any_value(se) as se, any_value(share) as share
           from stretches group by scope, model, stretch order by scope, model, known_from"""
    ).to_arrow_table()


def drift(db: duckdb.DuckDBPyConnection) -> pa.Table:
    """``computed.drift``: one row per scope, vintage and the one before it: how far models without news moved."""
    return db.sql(
        f"""select scope, night, previous_night,
               round(sqrt(favg(moved ** 2 order by model)), 3) as rms,
               round(arg_max(moved, (abs(round(moved, 3)), model)), 3) as worst,
               arg_max(model, (abs(round(moved, 3)), model)) as worst_model,
               count(*) as n_linked,
               rms > {ALARM_RMS} or abs(worst) > {ALARM_WORST} as alarm
           from computed.ability_vintage where moved is not null
           group by all order by all"""
    ).to_arrow_table()


PYTHON_MODELS = (
    PythonModel(
        name="ability_week",
        needs=frozenset({("staging", "irt_week"), ("staging", "fit_week")}),
        make=one_thread()(ability_week),
        inputs=DOMAINS,
    ),
    PythonModel(
        name="ability_vintage",
        needs=frozenset({CELL, ("staging", "fit_day"), ("computed", "ability_week")}),
        make=one_thread()(ability_vintage),
        inputs=DOMAINS,
    ),
    PythonModel(name="ability_path", needs=frozenset({("computed", "ability_vintage")}), make=ability_path),
    PythonModel(name="drift", needs=frozenset({("computed", "ability_vintage")}), make=drift),
)
