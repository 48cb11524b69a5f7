"""The composite of a build: reads `staging.irt_observation` and returns abilities, draws, items and the real-time path.

A scope is ``overall`` or a domain.  Overall stands on two anchor models (METHOD section 5); a domain has too few
instruments for that, so it takes the mean and the spread that its models have overall.

A fit estimates the items from the models that could be placed a week ago.  A younger model is scored with these items
frozen and is called provisional, so that the first scores of a new model place it and move no other model.  Where
most models are that young (a first night, a new source), or the older models' instruments do not place it, it enters
the fit.

Real time: the fit of a past night reads the stretches that were known then and starts from the fit before it, so rows
learned later cannot change it.  The two anchor models hold its scale.  Before the later of them was known, two early
models do (`EARLY`), fixed once at where the whole past puts them: llama-3-8b at 112 and gpt-4-turbo at 128.5.  Where
neither pair is placed, a night takes over the scale of the night before it through the models whose scores did not
change.  A domain takes over the scale of overall as it stood on the same night, through the models placed in both, as
its fit of tonight does; on a night on which it cannot, it says nothing, and what it said before stands no longer.  How
far the models without news moved is published as the drift.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import zip_longest

import duckdb
import numpy as np
import pyarrow as pa

from warehouse.measures import composite
from warehouse.measures.composite import Cells, Fitted, Flags, Floats, Ints, Scale
from warehouse.measures.contract import PythonModel, generator
from warehouse.measures.threads import one_thread

OVERALL = "overall"
ANCHORS = {"claude-3.5-sonnet-20240620": 130.0, "gpt-5": 150.0}
EARLY = {"llama-3-8b": 112.0, "gpt-4-turbo": 128.5}

DRAWS = 400
SEASONED = 7
"""Days after which a model is no longer provisional."""

COMMON = 10
"""Models two fits need in common before one takes over the scale of the other."""

FIRST = date(2023, 6, 5)
"""The first vintage: a Monday, as they all are."""

ALARM_RMS, ALARM_WORST = 0.5, 2.0

_NEVER = 10**6
_EPOCH = date(1970, 1, 1)


# --- what is known ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All cells there ever were, by codes: days count from 1970, and ``until`` is exclusive."""

    models: Sequence[str]
    items: Sequence[tuple[str, str]]
    groups: Sequence[str]
    domain: Sequence[str]
    group: Ints
    model: Ints
    item: Ints
    share: Floats
    stderr: Floats
    since: Ints
    until: Ints
    first: Ints
    """Day on which the model was first scored on the instrument, whatever it was scored then."""

    @classmethod
    def read(cls, db: duckdb.DuckDBPyConnection) -> Known:
        """Everything in `staging.irt_observation`, in an order that does not depend on the order of its rows."""
        columns = db.sql(
            f"""select model, board, edition, domain, "group", share, coalesce(share_stderr, 'nan') as stderr,
                   known_from - date '1970-01-01' as since, coalesce(known_to - date '1970-01-01', {_NEVER}) as until,
                   min(known_from) over (partition by model, board, edition) - date '1970-01-01' as first
               from staging.irt_observation order by model, board, edition, known_from"""
        ).fetchnumpy()
        models, model = np.unique(columns["model"].astype(str), return_inverse=True)
        whole = list(zip(*(columns[name].tolist() for name in ("board", "edition", "domain", "group")), strict=True))
        items = sorted(set(whole))
        code = {key: at for at, key in enumerate(items)}
        groups, group = np.unique(np.array([key[3] for key in items], dtype=str), return_inverse=True)
        return cls(
            models=models.tolist(),
            items=[key[:2] for key in items],
            groups=groups.tolist(),
            domain=[key[2] for key in items],
            group=group.astype(np.intp),
            model=model.astype(np.intp),
            item=np.array([code[key] for key in whole], dtype=np.intp),
            share=columns["share"].astype(float),
            stderr=columns["stderr"].astype(float),
            since=columns["since"].astype(np.intp),
            until=columns["until"].astype(np.intp),
            first=columns["first"].astype(np.intp),
        )

    def of(self, scope: str) -> Flags:
        """The cells that count for a scope."""
        inside = np.array([scope in (OVERALL, domain) for domain in self.domain], dtype=bool)
        chosen: Flags = inside[self.item]
        return chosen

    def on(self, day: int) -> Flags:
        """The cells as believed on a day."""
        alive: Flags = (self.since <= day) & (day < self.until)
        return alive


@dataclass(frozen=True, slots=True, kw_only=True)
class Vintage:
    """One fit: what it was made of and what came out.

    ``settled`` and ``new`` hold codes of this fit's own; ``settled_models``, ``new_models`` and ``items`` are the codes
    of `Known` behind them.
    """

    settled: Cells
    fitted: Fitted
    settled_models: Ints
    items: Ints
    groups: Ints
    new: Cells
    new_models: Ints
    new_theta: Floats
    models: Ints
    reason: Sequence[str]
    n_instruments: Ints
    n_shared: Ints

    @property
    def placed(self) -> Ints:
        """Models with an ability, the settled ones first."""
        return np.concatenate([self.settled_models, self.new_models])

    @property
    def theta(self) -> Floats:
        """Their abilities, in the units of the fit."""
        return np.concatenate([self.fitted.theta, self.new_theta])


def vintage(known: Known, rows: Ints, day: int, before: Vintage | None = None) -> Vintage:
    """The fit of the cells ``rows`` as known on ``day``, started from the one before."""
    models, model = np.unique(known.model[rows], return_inverse=True)
    items, item = np.unique(known.item[rows], return_inverse=True)
    groups, group = np.unique(known.group[items], return_inverse=True)
    placing = composite.placing(model, item, group, len(models))
    young = _young(known, rows, model, group[item], placing.cells, (len(models), len(groups)), day)
    settled, new = _parted(model, item, group, placing.cells, young, len(models))
    weight = composite.shared_out(composite.effective_weight(known.share[rows], known.stderr[rows]), model, group[item])
    used_items = np.unique(item[settled])
    used_groups, used_group = np.unique(group[used_items], return_inverse=True)
    place = np.full(len(items), -1)
    place[used_items] = np.arange(len(used_items))

    def cells(chosen: Flags) -> tuple[Cells, Ints]:
        used_models, used_model = np.unique(model[chosen], return_inverse=True)
        made = Cells(
            model=used_model,
            item=place[item[chosen]],
            share=known.share[rows][chosen],
            weight=weight[chosen],
            group=used_group,
            n_models=len(used_models),
        )
        return made, models[used_models]

    settled_cells, settled_models = cells(settled)
    new_cells, new_models = cells(new)
    fitted = composite.fit(settled_cells, _start(settled_cells, settled_models, items[used_items], before))
    return Vintage(
        settled=settled_cells,
        fitted=fitted,
        settled_models=settled_models,
        items=items[used_items],
        groups=groups[used_groups],
        new=new_cells,
        new_models=new_models,
        new_theta=composite.score(new_cells, fitted),
        models=models,
        reason=placing.reason,
        n_instruments=placing.n_instruments,
        n_shared=placing.n_shared,
    )


def _young(
    known: Known, rows: Ints, model: Ints, group: Ints, placed: Flags, shape: tuple[int, int], day: int
) -> Flags:
    """Models that had too few groups of instruments a week ago, counted by when each was first scored there."""
    first = np.full(shape, _NEVER)
    np.minimum.at(first, (model[placed], group[placed]), known.first[rows][placed])
    young: Flags = (first <= day - SEASONED).sum(axis=1) < composite.INSTRUMENTS
    return young


def _parted(model: Ints, item: Ints, group: Ints, placed: Flags, young: Flags, n_models: int) -> tuple[Flags, Flags]:
    """The cells that make the fit, and those of models scored on its frozen items."""
    there = np.bincount(model[placed], minlength=n_models) > 0
    if 2 * (there & young).sum() > there.sum():
        return placed, np.zeros_like(placed)
    old = placed & ~young[model]
    firm = placed & (np.bincount(item[old], minlength=len(group)) >= composite.MODELS)[item]
    on_firm = np.zeros((n_models, int(group.max(initial=-1)) + 1), dtype=bool)
    on_firm[model[firm], group[item[firm]]] = True
    late = there & young & (on_firm.sum(axis=1) >= composite.INSTRUMENTS)
    return placed & ~late[model], firm & late[model]


def _start(cells: Cells, models: Ints, items: Ints, before: Vintage | None) -> Fitted | None:
    """Where the fit before left off; a model or instrument it did not have starts in the middle of what it did."""
    if before is None or not len(before.placed):
        return None
    theta = _spread(models, before.placed, before.theta)
    middle = float(before.theta.mean())
    theta = np.where(np.isnan(theta), middle, theta)
    log_slope = _spread(items, before.items, before.fitted.log_slope)
    log_slope = np.where(np.isnan(log_slope), composite.LOG_SLOPE[0], log_slope)
    count = np.maximum(1, np.bincount(cells.item, minlength=cells.n_items))
    share = np.clip(np.bincount(cells.item, cells.share, cells.n_items) / count, 0.02, 0.98)
    at_mean = np.bincount(cells.item, theta[cells.model], cells.n_items) / count
    guessed = at_mean - np.log(share / (1 - share)) / np.exp(log_slope)
    difficulty = _spread(items, before.items, before.fitted.difficulty)
    return Fitted(theta=theta, difficulty=np.where(np.isnan(difficulty), guessed, difficulty), log_slope=log_slope)


def _spread(wanted: Ints, had: Ints, values: Floats) -> Floats:
    """The values of the wanted codes, NaN where there are none."""
    size = int(max(wanted.max(initial=-1), had.max(initial=-1))) + 1
    at = np.full(size, np.nan)
    at[had] = values
    chosen: Floats = at[wanted]
    return chosen


# --- scales -------------------------------------------------------------------------------------


def _anchors(known: Known, made: Vintage, values: dict[str, float]) -> tuple[int, int] | None:
    """Places of the two models among the settled ones, where both are there and in their order."""
    names = [known.models[model] for model in made.settled_models.tolist()]
    if not set(values) <= set(names):
        return None
    low, high = (names.index(name) for name in values)
    return (low, high) if made.fitted.theta[low] < made.fitted.theta[high] else None


def _on_anchors(raw: Floats, at: tuple[int, int], values: dict[str, float]) -> Scale:
    low, high = values.values()
    return composite.anchored(float(raw[at[0]]), float(raw[at[1]]), (low, high))


def _linked(raw: Floats, standing: Floats) -> Scale:
    """The scale on which models have the mean and the spread of their ``standing``, NaN where one has none.

    ``raw`` may go on after the models that ``standing`` tells of.
    """
    common = ~np.isnan(standing)
    return composite.linked(raw[: len(common)][common], standing[common])


# --- tonight ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoped:
    """Tonight's fit of one scope and the scale it is on; where there is none, ``why`` says so."""

    scope: str
    made: Vintage
    standing: Floats
    anchors: tuple[int, int] | None
    why: str

    def scale(self, raw: Floats) -> Scale:
        """The scale of abilities in the order of the fit, by the anchors or else by the models placed overall."""
        if self.anchors is not None and raw[self.anchors[0]] < raw[self.anchors[1]]:
            return _on_anchors(raw, self.anchors, ANCHORS)
        return _linked(raw, self.standing)

    def moved(self) -> Floats:
        """What each group of instruments adds to each ability: a model a row in the order of the fit, a group a column.

        The scale is found again for every fit without a group, so the anchors never move.
        """
        theta = self.scale(self.made.theta)(self.made.theta)
        moved = []
        for group, fitted in enumerate(composite.without_each_group(self.made.settled, self.made.fitted)):
            left = composite.only(self.made.new, self.made.new.group[self.made.new.item] != group)
            raw = np.concatenate([fitted.theta, composite.score(left, fitted)])
            moved.append(theta - self.scale(raw)(raw))
        columns: Floats = np.stack(moved, axis=1)
        return columns


def tonight(known: Known, night: int, overall: Mapping[int, float]) -> Iterator[Scoped]:
    """Every scope; ``overall`` is where the real-time path puts each model tonight (by code): the scale to be on."""
    on = known.on(night)
    for scope in (OVERALL, *sorted(set(known.domain))):
        made = vintage(known, np.flatnonzero(on & known.of(scope)), night)
        standing = np.array([overall.get(model, np.nan) for model in made.settled_models.tolist()], dtype=float)
        common = int((~np.isnan(standing)).sum())
        yield Scoped(
            scope=scope,
            made=made,
            standing=standing,
            anchors=_anchors(known, made, ANCHORS) if scope == OVERALL else None,
            why="" if common >= COMMON else f"{common} models could be placed both here and overall, needs {COMMON}",
        )


# --- real time ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One vintage of the path on the published scale, and how far the models that had no news moved since the last."""

    day: int
    models: Ints
    theta: Floats
    spread: Floats
    before: int | None
    quiet: Ints
    drift: Floats

    @classmethod
    def silent(cls, day: int, before: int) -> Moment:
        """A vintage that places nobody: what the one before said is over."""
        nobody, nothing = np.empty(0, dtype=np.intp), np.empty(0)
        return cls(day=day, models=nobody, theta=nothing, spread=nothing, before=before, quiet=nobody, drift=nothing)


def paths(known: Known, night: int) -> Iterator[tuple[str, list[Moment]]]:
    """The vintages of every scope; overall comes first, since the domains stand on its scale."""
    overall = list(path(known, night))
    yield OVERALL, overall
    for domain in sorted(set(known.domain)):
        yield domain, list(path(known, night, domain, overall))


def path(known: Known, night: int, scope: str = OVERALL, overall: Sequence[Moment] = ()) -> Iterator[Moment]:
    """The vintages on which something was news, oldest first, tonight last.

    To a domain it is news too when ``overall``, whose scale it takes over, has a new vintage.
    """
    inside = known.of(scope)
    group = known.group[known.item]
    made: Vintage | None = None
    had, last, alive = np.empty(0, dtype=np.intp), None, np.zeros_like(inside)
    published = np.full(len(known.models), np.nan)
    standing = np.full(len(known.models), np.nan)
    waiting = deque(overall)
    for day in _vintages(night):
        moved = bool(waiting) and waiting[0].day <= day
        while waiting and waiting[0].day <= day:
            standing = _published(known, waiting.popleft())
        on = known.on(day) & inside
        news = on ^ alive
        fresh = made is None or bool(news.any()) or bool(len(made.new_models))
        if not fresh and not moved:
            continue
        if made is None and np.count_nonzero(np.bincount(group[on])) < composite.INSTRUMENTS:
            continue
        if made is None or fresh:
            made = vintage(known, np.flatnonzero(on), day, made)
        alive = on
        touched = np.zeros(len(known.models), dtype=bool)
        touched[known.model[news]] = True
        quiet = np.flatnonzero(~touched[made.settled_models] & np.isin(made.settled_models, had))
        if scope == OVERALL:
            scale = _scale_in_time(known, made, quiet, published)
        else:
            scale = _scale_of_domain(made.theta, standing[made.settled_models])
        if scale is None:
            if scope != OVERALL and last is not None and len(had):
                yield Moment.silent(day, last)
                published[:] = np.nan
                had, last = np.empty(0, dtype=np.intp), day
            continue
        theta = scale(made.theta)
        yield Moment(
            day=day,
            models=made.placed,
            theta=theta,
            spread=composite.SE_INFLATION
            * scale.stretch
            * np.concatenate([composite.standard_error(made.settled, made.fitted), _standard_error_of_new(made)]),
            before=last,
            quiet=made.settled_models[quiet],
            drift=theta[quiet] - published[made.settled_models[quiet]],
        )
        published[:] = np.nan
        published[made.placed] = theta
        had, last = made.settled_models, day


def _vintages(night: int) -> list[int]:
    """Every Monday since the first vintage, and tonight."""
    first = (FIRST - _EPOCH).days
    return [*range(first, night, 7), night]


def _scale_in_time(known: Known, made: Vintage, quiet: Ints, published: Floats) -> Scale | None:
    for pair in (ANCHORS, EARLY):
        if (at := _anchors(known, made, pair)) is not None:
            return _on_anchors(made.theta, at, pair)
    if len(quiet) >= COMMON:
        return composite.linked(made.theta[quiet], published[made.settled_models[quiet]])
    return None


def _scale_of_domain(raw: Floats, standing: Floats) -> Scale | None:
    return _linked(raw, standing) if np.count_nonzero(~np.isnan(standing)) >= COMMON else None


def _published(known: Known, moment: Moment) -> Floats:
    """Where each model stood in a vintage, to the digits that were published."""
    standing = np.full(len(known.models), np.nan)
    standing[moment.models] = np.round(moment.theta, 3)
    return standing


def _standard_error_of_new(made: Vintage) -> Floats:
    return composite.standard_error(made.new, replace(made.fitted, theta=made.new_theta))


# --- tables -------------------------------------------------------------------------------------


def ability_vintage(db: duckdb.DuckDBPyConnection) -> pa.Table:
    """Fit ``ability_vintage``: a row per scope, vintage and model; what it moved by, where nothing was news of it."""
    known = Known.read(db)
    columns: dict[str, list[object]] = {
        name: [] for name in ("scope", "night", "previous_night", "next_night", "model", "theta", "se", "moved")
    }
    for scope, moments in paths(known, _night(db)):
        for moment, later in zip_longest(moments, moments[1:]):
            moved = dict(zip(moment.quiet.tolist(), moment.drift.tolist(), strict=True))
            for model, theta, spread in sorted(
                zip(moment.models.tolist(), moment.theta.tolist(), moment.spread.tolist(), strict=True)
            ):
                when = (moment.day, moment.before, later.day if later else None)
                row = (scope, *when, known.models[model], round(theta, 3), round(spread, 3), moved.get(model))
                for column, value in zip(columns.values(), row, strict=True):
                    column.append(value)
    return pa.table(
        {
            "scope": pa.array(columns["scope"], pa.string()),
            **{name: _dates(columns[name]) for name in ("night", "previous_night", "next_night")},
            "model": pa.array(columns["model"], pa.string()),
            **{name: pa.array(columns[name], pa.float64()) for name in ("theta", "se", "moved")},
        }
    )


def ability_path(db: duckdb.DuckDBPyConnection) -> pa.Table:
    """Fit ``ability_path``: one row per scope, model and stretch of nights on which it stood at one ability."""
    return db.sql(
        """with told as (
               select *, lag((theta, se)) over path is not distinct from (theta, se)
                       and lag(next_night) over path = night as same
               from computed.ability_vintage
               window path as (partition by scope, model order by night)
           ),
           stretches as (
               select *, sum(1 - same::integer) over (partition by scope, model order by night) as stretch from told
           )
           select scope, model, min(night) as known_from,
               case when bool_or(next_night is null) then null else max(next_night) end as known_to,
               any_value(theta) as theta, any_value(se) as se
           from stretches group by scope, model, stretch order by scope, model, known_from"""
    ).to_arrow_table()


def drift(db: duckdb.DuckDBPyConnection) -> pa.Table:
    """Fit ``drift``: one row per scope, vintage and the one before it: how far models without news moved."""
    return db.sql(
        f"""select scope, night, previous_night,
               round(sqrt(favg(moved ** 2 order by model)), 3) as rms,
               round(arg_max(moved, (abs(moved), model)), 3) as worst,
               arg_max(model, (abs(moved), model)) as worst_model,
               count(*) as n_linked,
               rms > {ALARM_RMS} or abs(worst) > {ALARM_WORST} as alarm
           from computed.ability_vintage where moved is not null
           group by all order by all"""
    ).to_arrow_table()


def jackknife(db: duckdb.DuckDBPyConnection) -> pa.Table:
    """Fit ``jackknife``: one row per scope, model and group of instruments: what the group adds to its ability."""
    known = Known.read(db)
    parts = []
    for scoped in _tonight(db, known):
        if scoped.why:
            continue
        names = [known.models[model] for model in scoped.made.placed.tolist()]
        groups = [known.groups[group] for group in scoped.made.groups.tolist()]
        theta = scoped.scale(scoped.made.theta)(scoped.made.theta)
        parts.append(
            pa.table(
                {
                    "scope": pa.array([scoped.scope] * (len(names) * len(groups)), pa.string()),
                    "model": pa.array(np.repeat(names, len(groups)), pa.string()),
                    "group": pa.array(groups * len(names), pa.string()),
                    "theta": pa.array(np.repeat(theta, len(groups))),
                    "moved": pa.array(scoped.moved().reshape(-1)),
                }
            )
        )
    return pa.concat_tables(parts) if parts else _JACKKNIFE.empty_table()


_JACKKNIFE = pa.schema(
    [*((name, pa.string()) for name in ("scope", "model", "group")), ("theta", pa.float64()), ("moved", pa.float64())]
)


def ability_draw(db: duckdb.DuckDBPyConnection) -> pa.Table:
    """Fit ``ability_draw``: one row per scope and model placed in it; entry i of all rows of a scope is one draw.

    A draw weighs what each group adds by one normal number, the same for all models and scopes: pairs stay pairs.
    """
    parts = []
    for (scope,) in db.execute("select distinct scope from computed.jackknife order by all").fetchall():
        found = db.execute(
            """select model, any_value(theta), list(moved order by "group"), list("group" order by "group")
               from computed.jackknife where scope = $scope group by model order by model""",
            {"scope": scope},
        ).fetchall()
        weights = np.stack([generator("ability", group).standard_normal(DRAWS) for group in found[0][3]])
        drawn = np.array([row[1] for row in found])[:, None] + np.array([row[2] for row in found]) @ weights
        parts.append(
            pa.table(
                {
                    "scope": pa.array([scope] * len(found), pa.string()),
                    "model": pa.array([row[0] for row in found], pa.string()),
                    "draws": pa.array(drawn.round(2).tolist(), pa.list_(pa.float64())),
                }
            )
        )
    return pa.concat_tables(parts) if parts else _DRAWN.empty_table()


_DRAWN = pa.schema([("scope", pa.string()), ("model", pa.string()), ("draws", pa.list_(pa.float64()))])


def ability(db: duckdb.DuckDBPyConnection) -> pa.Table:
    """Fit ``ability``: one row per scope and model that has a score in it, placed or not."""
    known = Known.read(db)
    bounds = {
        (scope, model): np.quantile(draws, (0.05, 0.95)).round(3).tolist()
        for scope, model, draws in db.execute("select scope, model, draws from computed.ability_draw").fetchall()
    }
    rows = []
    for scoped in _tonight(db, known):
        made = scoped.made
        theta = dict(zip(made.placed.tolist(), _scaled(scoped), strict=True))
        young = set(made.new_models.tolist())
        for model, reason, instruments, shared in zip(
            made.models.tolist(), made.reason, made.n_instruments.tolist(), made.n_shared.tolist(), strict=True
        ):
            name = known.models[model]
            low, high = bounds.get((scoped.scope, name), (None, None))
            at = theta.get(model)
            rows.append(
                {
                    "scope": scoped.scope,
                    "model": name,
                    "theta": None if at is None else round(at, 3),
                    "lo": low,
                    "hi": high,
                    "n_instruments": instruments,
                    "n_shared": shared,
                    "provisional": model in young,
                    "reason": reason or scoped.why,
                }
            )
    numbers = {"theta": pa.float64(), "lo": pa.float64(), "hi": pa.float64()}
    whole = {"n_instruments": pa.int64(), "n_shared": pa.int64(), "provisional": pa.bool_()}
    fields = {"scope": pa.string(), "model": pa.string(), **numbers, **whole, "reason": pa.string()}
    return pa.Table.from_pylist(rows, schema=pa.schema(list(fields.items())))


def item(db: duckdb.DuckDBPyConnection) -> pa.Table:
    """Fit ``item``: one row per scope and instrument in its fit, its slope and difficulty in index points."""
    known, rows = Known.read(db), []
    for scoped in _tonight(db, known):
        if scoped.why:
            continue
        made, scale = scoped.made, scoped.scale(scoped.made.theta)
        count = np.bincount(made.settled.item, minlength=made.settled.n_items)
        for at, code in enumerate(made.items.tolist()):
            board, edition = known.items[code]
            rows.append(
                {
                    "scope": scoped.scope,
                    "board": board,
                    "edition": edition,
                    "slope": round(float(made.fitted.slope[at]) / scale.stretch, 5),
                    "difficulty": round(scale.shift + scale.stretch * float(made.fitted.difficulty[at]), 3),
                    "n_models": int(count[at]),
                    "group": known.groups[int(known.group[code])],
                }
            )
    texts = [(name, pa.string()) for name in ("scope", "board", "edition")]
    fields = [*texts, ("slope", pa.float64()), ("difficulty", pa.float64()), ("n_models", pa.int64())]
    return pa.Table.from_pylist(rows, schema=pa.schema([*fields, ("group", pa.string())]))


def _tonight(db: duckdb.DuckDBPyConnection, known: Known) -> Iterator[Scoped]:
    code = {model: at for at, model in enumerate(known.models)}
    rows = db.execute(
        "select model, theta from computed.ability_path where scope = $overall and known_to is null",
        {"overall": OVERALL},
    ).fetchall()
    return tonight(known, _night(db), {code[model]: theta for model, theta in rows})


def _scaled(scoped: Scoped) -> list[float | None]:
    raw = scoped.made.theta
    return [None] * len(raw) if scoped.why else scoped.scale(raw)(raw).tolist()


def _night(db: duckdb.DuckDBPyConnection) -> int:
    ((night,),) = db.execute("select night - date '1970-01-01' from input.night").fetchall()
    return int(night)


def _dates(days: Sequence[object]) -> pa.Array:
    return pa.array(days, pa.int32()).cast(pa.date32())


_CELL, _PATH = ("staging", "irt_observation"), ("computed", "ability_path")
PYTHON_MODELS = (
    PythonModel(name="ability_vintage", needs=frozenset({_CELL}), make=one_thread()(ability_vintage)),
    PythonModel(name="ability_path", needs=frozenset({("computed", "ability_vintage")}), make=ability_path),
    PythonModel(name="drift", needs=frozenset({("computed", "ability_vintage")}), make=drift),
    PythonModel(name="jackknife", needs=frozenset({_CELL, _PATH}), make=one_thread()(jackknife)),
    PythonModel(name="ability_draw", needs=frozenset({("computed", "jackknife")}), make=one_thread()(ability_draw)),
    PythonModel(
        name="ability", needs=frozenset({_CELL, _PATH, ("computed", "ability_draw")}), make=one_thread()(ability)
    ),
    PythonModel(name="item", needs=frozenset({_CELL, _PATH}), make=one_thread()(item)),
)
