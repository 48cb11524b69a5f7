"""The composite of a build: reads `staging.irt_observation` and returns abilities, draws, items and the real-time path.

A scope is ``overall`` or a domain.  Two anchor models fix the scale of overall (METHOD section 5).  A domain has no fit
of its own: every model has an offset there from its overall ability (`warehouse.measures.domains`).

A fit estimates the items from the models that could be placed a week ago.  A younger model is scored with these items
frozen and is called provisional, so that the first scores of a new model place it and move no other model.  Where
most models are that young (a first night, a new source), or the older models' instruments do not place it, it enters
the fit.

What was known of abilities at each time is in `warehouse.measures.realtime`.

No fit ends a build: a model whose ability does not settle is left out with a reason, and if tonight's fails, every
model of the scope has the reason (`contract.failed` keeps a list).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa

from warehouse.measures import composite
from warehouse.measures.composite import Cells, Fitted, Flags, Floats, Ints, Scale
from warehouse.measures.contract import PythonModel, failed, generator
from warehouse.measures.domains import Offsets, offsets
from warehouse.measures.threads import one_thread

OVERALL = "overall"
ANCHORS = {"claude-3.5-sonnet-20240620": 130.0, "gpt-5": 150.0}
EARLY = {"llama-3-8b": 112.0, "gpt-4-turbo": 128.5}

DRAWS = 400
SEASONED = 7
"""Days after which a model is no longer provisional."""

COMMON = 10
"""Models two fits need in common before one takes over the scale of the other."""

_ITEM = ("board", "edition", "domain", "group", "operator")
_NEVER = 10**6
EPOCH = date(1970, 1, 1)


# --- what is known ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All cells there ever were, by codes: days count from 1970, and ``until`` is exclusive."""

    models: Sequence[str]
    items: Sequence[tuple[str, str]]
    groups: Sequence[str]
    operators: Sequence[str]
    domain: Sequence[str]
    group: Ints
    operator: Ints
    model: Ints
    item: Ints
    share: Floats
    stderr: Floats
    since: Ints
    until: Ints
    first: Ints
    """Day on which the model was first scored on the instrument, whatever it was scored then."""
    tau: Mapping[str, float] = field(default_factory=dict)
    """The domains that have offsets, and the spread of these in index points."""

    @classmethod
    def read(cls, db: duckdb.DuckDBPyConnection, table: str = "irt_observation") -> Known:
        """Everything in a table of observations, in an order that does not depend on the order of its rows."""
        columns = db.sql(
            f"""select model, board, edition, domain, "group", operator, share, coalesce(share_stderr, 'nan') as stderr,
                   known_from - date '1970-01-01' as since, coalesce(known_to - date '1970-01-01', {_NEVER}) as until,
                   min(known_from) over (partition by model, board, edition) - date '1970-01-01' as first
               from staging.{table} where isfinite(share) order by model, board, edition, known_from"""
        ).fetchnumpy()
        tau = dict(db.execute("select domain, tau from seed.domain order by domain").fetchall())
        models, model = np.unique(columns["model"].astype(str), return_inverse=True)
        whole = list(zip(*(columns[name].tolist() for name in _ITEM), strict=True))
        items = sorted(set(whole))
        code = {key: at for at, key in enumerate(items)}
        groups, group = np.unique(np.array([key[3] for key in items], dtype=str), return_inverse=True)
        operators, operator = np.unique(np.array([key[4] for key in items], dtype=str), return_inverse=True)
        return cls(
            models=models.tolist(),
            items=[key[:2] for key in items],
            groups=groups.tolist(),
            operators=operators.tolist(),
            domain=[key[2] for key in items],
            group=group.astype(np.intp),
            operator=operator.astype(np.intp),
            model=model.astype(np.intp),
            item=np.array([code[key] for key in whole], dtype=np.intp),
            share=columns["share"].astype(float),
            stderr=columns["stderr"].astype(float),
            since=columns["since"].astype(np.intp),
            until=columns["until"].astype(np.intp),
            first=columns["first"].astype(np.intp),
            tau=tau,
        )

    def on(self, day: int) -> Flags:
        """The cells as known on a day."""
        alive: Flags = (self.since <= day) & (day < self.until)
        return alive


@dataclass(frozen=True, slots=True, kw_only=True)
class Vintage:
    """One fit: its input and its result.

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

    unsettled: Ints
    """Models left out because their ability did not settle."""

    @property
    def placed(self) -> Ints:
        """Models with an ability, the settled ones first."""
        return np.concatenate([self.settled_models, self.new_models])

    @property
    def theta(self) -> Floats:
        """Their abilities, in the units of the fit."""
        return np.concatenate([self.fitted.theta, self.new_theta])

    @property
    def cells(self) -> Cells:
        """The cells of all placed models, in that order."""
        settled, new = self.settled, self.new
        return replace(
            settled,
            model=np.concatenate([settled.model, settled.n_models + new.model]),
            item=np.concatenate([settled.item, new.item]),
            share=np.concatenate([settled.share, new.share]),
            weight=np.concatenate([settled.weight, new.weight]),
            n_models=settled.n_models + new.n_models,
        )

    def offsets(self, known: Known, domain: str, stretch: float) -> Offsets:
        """Every placed model's offset in a domain; ``stretch`` is how many index points the fit's unit is."""
        inside = np.array([known.domain[item] == domain for item in self.items.tolist()], dtype=bool)
        return offsets(self.cells, self.fitted, self.theta, inside, known.tau[domain] / stretch)


def vintage(known: Known, rows: Ints, day: int, before: Vintage | None = None) -> Vintage:
    """The fit of the cells ``rows`` as known on ``day``, started from the one before."""
    models, model = np.unique(known.model[rows], return_inverse=True)
    items, item = np.unique(known.item[rows], return_inverse=True)
    groups, group = np.unique(known.group[items], return_inverse=True)
    placing = composite.placing(model, item, group, len(models))
    young = _young(known, rows, model, group[item], placing.cells, (len(models), len(groups)), day)
    settled, new = _parted(model, item, group, placing.cells, young, len(models))
    weight = composite.shared_out(composite.effective_weight(known.share[rows], known.stderr[rows]), model, group[item])
    weight = composite.capped(weight, model, known.operator[items][item])
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
    new_theta = composite.score(new_cells, fitted)
    unsettled = new_models[np.isnan(new_theta)]
    if len(unsettled):
        new_cells, new_models = cells(new & ~np.isin(models[model], unsettled))
        new_theta = new_theta[~np.isnan(new_theta)]
    return Vintage(
        settled=settled_cells,
        fitted=fitted,
        settled_models=settled_models,
        items=items[used_items],
        groups=groups[used_groups],
        new=new_cells,
        new_models=new_models,
        new_theta=new_theta,
        models=models,
        reason=[
            "its ability does not settle: its scores contradict each other" if lost else reason
            for reason, lost in zip(placing.reason, np.isin(models, unsettled).tolist(), strict=True)
        ],
        unsettled=unsettled,
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


def anchors_in(known: Known, made: Vintage, values: dict[str, float]) -> tuple[int, int] | None:
    """Places of the two models among the settled ones, where both are there and in their order."""
    names = [known.models[model] for model in made.settled_models.tolist()]
    if not set(values) <= set(names):
        return None
    low, high = (names.index(name) for name in values)
    return (low, high) if made.fitted.theta[low] < made.fitted.theta[high] else None


def on_anchors(raw: Floats, at: tuple[int, int], values: dict[str, float]) -> Scale:
    low, high = values.values()
    return composite.anchored(float(raw[at[0]]), float(raw[at[1]]), (low, high))


def _linked(raw: Floats, standing: Floats) -> Scale:
    """The scale on which models have the mean and the spread of their ``standing``, NaN where one has none.

    ``raw`` may have more models at its end than ``standing``.
    """
    common = ~np.isnan(standing)
    return composite.linked(raw[: len(common)][common], standing[common])


# --- tonight ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoped:
    """Tonight's fit and the scale it is on; where there is none, ``why`` says so."""

    made: Vintage
    standing: Floats
    anchors: tuple[int, int] | None
    why: str

    def scale(self, raw: Floats) -> Scale:
        """The scale of abilities in the order of the fit, by the anchors or else by where the path has its models."""
        if self.anchors is not None and raw[self.anchors[0]] < raw[self.anchors[1]]:
            return on_anchors(raw, self.anchors, ANCHORS)
        return _linked(raw, self.standing)

    def without_each_group(self) -> Iterator[tuple[int, Vintage]]:
        """Tonight's fit again without each group of instruments in turn.

        A provisional model that does not settle without the group stays where it was.
        """
        made = self.made
        for group, fitted in enumerate(composite.without_each_group(made.settled, made.fitted)):
            new = composite.only(made.new, made.new.group[made.new.item] != group)
            theta = composite.score(new, fitted)
            yield (
                group,
                replace(
                    made,
                    settled=composite.only(made.settled, made.settled.group[made.settled.item] != group),
                    fitted=fitted,
                    new=new,
                    new_theta=np.where(np.isnan(theta), made.new_theta, theta),
                ),
            )


def tonight(known: Known, night: int, overall: Mapping[int, float]) -> Scoped:
    """``overall`` is where the real-time path puts each model tonight (by code): the scale to be on."""
    made = vintage(known, np.flatnonzero(known.on(night)), night)
    standing = np.array([overall.get(model, np.nan) for model in made.settled_models.tolist()], dtype=float)
    common = int((~np.isnan(standing)).sum())
    return Scoped(
        made=made,
        standing=standing,
        anchors=anchors_in(known, made, ANCHORS),
        why="" if common >= COMMON else f"{common} models could be placed both here and overall, needs {COMMON}",
    )


# --- tables -------------------------------------------------------------------------------------


def jackknife(db: duckdb.DuckDBPyConnection) -> pa.Table:
    """``computed.jackknife``: one row per scope, model and group of instruments: what the group adds to its ability.

    The scale is found again for every fit without a group, so the anchors never move.
    """
    known = Known.read(db)
    scoped = fitted_tonight(db, known)
    if scoped is None or scoped.why:
        return _JACKKNIFE.empty_table()
    made = scoped.made
    whole = _scopes(known, scoped, made)
    moved: dict[str, list[Floats]] = {scope: [] for scope in whole}
    for _, left in scoped.without_each_group():
        for scope, (theta, _) in _scopes(known, scoped, left).items():
            moved[scope].append(whole[scope][0] - theta)
    names = np.array([known.models[model] for model in made.placed.tolist()], dtype=str)
    groups = [known.groups[group] for group in made.groups.tolist()]
    parts = []
    for scope, (theta, own) in whole.items():
        there = np.flatnonzero(own.scored) if own else np.arange(len(names))
        columns = np.stack(moved[scope], axis=1)[there]
        parts.append(
            pa.table(
                {
                    "scope": pa.array([scope] * columns.size, pa.string()),
                    "model": pa.array(np.repeat(names[there], len(groups)), pa.string()),
                    "group": pa.array(groups * len(there), pa.string()),
                    "theta": pa.array(np.repeat(theta[there], len(groups))),
                    "moved": pa.array(columns.reshape(-1)),
                }
            )
        )
    return pa.concat_tables(parts)


_JACKKNIFE = pa.schema(
    [*((name, pa.string()) for name in ("scope", "model", "group")), ("theta", pa.float64()), ("moved", pa.float64())]
)


def _scopes(known: Known, scoped: Scoped, made: Vintage) -> dict[str, tuple[Floats, Offsets | None]]:
    """Per scope the abilities of all placed models on the published scale, and in a domain their offsets."""
    scale = scoped.scale(made.theta)
    found: dict[str, tuple[Floats, Offsets | None]] = {OVERALL: (scale(made.theta), None)}
    for domain in known.tau:
        own = made.offsets(known, domain, scale.stretch)
        found[domain] = (scale(own.ability), own)
    return found


def operator_influence(db: duckdb.DuckDBPyConnection) -> pa.Table:
    """``computed.operator_influence``: one row per scope, placed model and operator that scored it.

    ``share`` is the operator's part of the model's precision, ``theta`` the ability without its boards, on items as
    tonight's fit has them; NULL where fewer than two independent instruments of others are left.  In a domain the
    shares are those of the model's boards there, and a model with no other operator's boards there has no ability.
    """
    known = Known.read(db)
    scoped = fitted_tonight(db, known)
    if scoped is None or scoped.why:
        return _INFLUENCE.empty_table()
    made, scale = scoped.made, scoped.scale(scoped.made.theta)
    cells = made.cells
    operator, group = known.operator[made.items], cells.group
    domain = np.array([known.domain[item] for item in made.items.tolist()], dtype=str)
    worth = composite.information_of(cells, made.fitted, made.theta)
    rows: list[tuple[object, ...]] = []
    for one in np.unique(operator[cells.item]).tolist():
        others = operator[cells.item] != one
        left = composite.only(cells, others)
        theta = composite.score(left, made.fitted)
        seen = np.zeros((cells.n_models, cells.n_groups), dtype=bool)
        seen[left.model, group[left.item]] = True
        alone = seen.sum(axis=1) < _OTHERS
        without = replace(
            made,
            settled=composite.only(made.settled, operator[made.settled.item] != one),
            new=composite.only(made.new, operator[made.new.item] != one),
            fitted=replace(made.fitted, theta=theta[: made.settled.n_models]),
            new_theta=theta[made.settled.n_models :],
        )
        for scope in (OVERALL, *known.tau):
            there = np.ones(len(cells.item), dtype=bool) if scope == OVERALL else domain[cells.item] == scope
            total = np.bincount(cells.model[there], worth[there], cells.n_models)
            own = np.bincount(cells.model[there & ~others], worth[there & ~others], cells.n_models)
            if scope == OVERALL:
                at, lost = scale(theta), alone
            else:
                offsets_left = without.offsets(known, scope, scale.stretch)
                at, lost = scale(offsets_left.ability), alone | ~offsets_left.scored
            for model in np.flatnonzero(own > 0).tolist():
                kept = None if lost[model] or not np.isfinite(at[model]) else round(float(at[model]), 3)
                share = round(float(own[model] / total[model]), 4)
                rows.append((scope, known.models[made.placed[model]], known.operators[one], share, kept))
    return pa.table([list(column) for column in zip(*sorted(rows), strict=True)], schema=_INFLUENCE)


_OTHERS = 2
"""Independent instruments of others that an ability without one operator needs."""

_INFLUENCE = pa.schema(
    [
        *((name, pa.string()) for name in ("scope", "model", "operator")),
        ("share", pa.float64()),
        ("theta", pa.float64()),
    ]
)


def offset(db: duckdb.DuckDBPyConnection) -> pa.Table:
    """``computed.offset``: one row per domain and model scored in it: its offset from overall and the evidence for it.

    ``delta`` and ``own_se`` (the error of the offset where theta is known) are in index points.
    """
    known = Known.read(db)
    scoped = fitted_tonight(db, known)
    parts = []
    if scoped is not None and not scoped.why:
        made, scale = scoped.made, scoped.scale(scoped.made.theta)
        names = np.array([known.models[model] for model in made.placed.tolist()], dtype=str)
        for domain, (ability, own) in _scopes(known, scoped, made).items():
            if own is None:
                continue
            there = own.scored
            parts.append(
                pa.table(
                    {
                        "domain": pa.array([domain] * int(there.sum()), pa.string()),
                        "model": pa.array(names[there], pa.string()),
                        "theta": pa.array(ability[there]),
                        "delta": pa.array((ability - scale(made.theta))[there]),
                        "own_se": pa.array(scale.stretch * own.error[there]),
                        "share": pa.array(own.share[there]),
                    }
                )
            )
    return pa.concat_tables(parts) if parts else _OFFSET.empty_table()


_OFFSET = pa.schema(
    [
        *((name, pa.string()) for name in ("domain", "model")),
        *((name, pa.float64()) for name in ("theta", "delta", "own_se", "share")),
    ]
)


def ability_draw(db: duckdb.DuckDBPyConnection) -> pa.Table:
    """``computed.ability_draw``: one row per scope and model placed in it; entry i of all rows of a scope is one draw.

    Overall, a draw weighs what each group adds by one normal number, the same for all models: pairs stay pairs.  In a
    domain a draw moves a model with its overall draw by the share that is not its own evidence there, and by a normal
    number of its own (`seeded by model and domain`) for the rest.
    """
    found = db.execute(
        """select model, any_value(theta), list(moved order by "group"), list("group" order by "group")
           from computed.jackknife where scope = $scope group by model order by model""",
        {"scope": OVERALL},
    ).fetchall()
    if not found:
        return _DRAWN.empty_table()
    weights = np.stack([generator("ability", group).standard_normal(DRAWS) for group in found[0][3]])
    shifts = dict(zip((row[0] for row in found), np.array([row[2] for row in found]) @ weights, strict=True))
    drawn: list[tuple[str, str, list[float]]] = [
        (OVERALL, model, (theta + shifts[model]).round(2).tolist()) for model, theta, *_ in found
    ]
    for domain, model, theta, error, share in db.execute(
        "select domain, model, theta, own_se, share from computed.offset order by domain, model"
    ).fetchall():
        noise = generator("offset", model, domain).standard_normal(DRAWS)
        drawn.append((domain, model, (theta + (1 - share) * shifts[model] + error * noise).round(2).tolist()))
    return pa.table([list(column) for column in zip(*drawn, strict=True)], schema=_DRAWN)


_DRAWN = pa.schema([("scope", pa.string()), ("model", pa.string()), ("draws", pa.list_(pa.float64()))])


def ability(db: duckdb.DuckDBPyConnection) -> pa.Table:
    """``computed.ability``: one row per scope and model that has a score in it, placed or not."""
    known = Known.read(db)
    bounds = {
        (scope, model): np.quantile(draws, (0.05, 0.95)).round(3).tolist()
        for scope, model, draws in db.execute("select scope, model, draws from computed.ability_draw").fetchall()
    }
    offset_of = {
        (domain, model): values
        for domain, model, *values in db.execute(
            "select domain, model, theta, delta, share from computed.offset"
        ).fetchall()
    }
    rows: list[dict[str, object]] = []
    scoped = fitted_tonight(db, known)
    on = known.on(fit_day(db))
    if scoped is None:
        for model in np.unique(known.model[on]).tolist():
            rows.append({"scope": OVERALL, "model": known.models[model], "reason": _NO_FIT, **_NOWHERE})
        return pa.Table.from_pylist(rows, schema=_ABILITY)
    made = scoped.made
    theta = dict(zip(made.placed.tolist(), _scaled(scoped), strict=True))
    young = set(made.new_models.tolist())
    why: dict[int, str] = {}
    for model, reason, instruments, shared in zip(
        made.models.tolist(), made.reason, made.n_instruments.tolist(), made.n_shared.tolist(), strict=True
    ):
        name = known.models[model]
        low, high = bounds.get((OVERALL, name), (None, None))
        at = theta.get(model)
        why[model] = reason or scoped.why
        rows.append(
            {
                "scope": OVERALL,
                "model": name,
                "theta": None if at is None else round(at, 3),
                "lo": low,
                "hi": high,
                "delta": None,
                "share": None,
                "n_instruments": instruments,
                "n_shared": shared,
                "provisional": model in young,
                "reason": why[model],
            }
        )
    for domain in known.tau:
        for model, instruments, shared in _scored_in(known, domain, on):
            name = known.models[model]
            low, high = bounds.get((domain, name), (None, None))
            at, delta, share = offset_of.get((domain, name), (None, None, None))
            reason = "" if at is not None else why[model] or "its scores here stand on no instrument of the fit"
            rows.append(
                {
                    "scope": domain,
                    "model": name,
                    "theta": None if at is None else round(at, 3),
                    "lo": low,
                    "hi": high,
                    "delta": None if delta is None else round(delta, 3),
                    "share": None if share is None else round(share, 4),
                    "n_instruments": instruments,
                    "n_shared": shared,
                    "provisional": model in young,
                    "reason": reason,
                }
            )
    return pa.Table.from_pylist(rows, schema=_ABILITY)


_NO_FIT = "tonight's fit failed: table build_failure says why"
_NOWHERE: Mapping[str, object] = {"n_instruments": 0, "n_shared": 0, "provisional": False}
_ABILITY = pa.schema(
    [
        *((name, pa.string()) for name in ("scope", "model")),
        *((name, pa.float64()) for name in ("theta", "lo", "hi", "delta", "share")),
        *((name, pa.int64()) for name in ("n_instruments", "n_shared")),
        ("provisional", pa.bool_()),
        ("reason", pa.string()),
    ]
)


def _scored_in(known: Known, domain: str, on: Flags) -> Iterator[tuple[int, int, int]]:
    """Models with a score in a domain: the groups they are scored on there, and those shared with enough others."""
    inside = on & np.array([domain == its for its in known.domain], dtype=bool)[known.item]
    model, item = known.model[inside], known.item[inside]
    common = (np.bincount(item, minlength=len(known.items)) > composite.OTHERS)[item]
    for one in np.unique(model).tolist():
        own = model == one
        groups = known.group[item]
        yield one, len(np.unique(groups[own])), len(np.unique(groups[own & common]))


def item(db: duckdb.DuckDBPyConnection) -> pa.Table:
    """``computed.item``: one row per scope and instrument in its fit, its slope and difficulty in index points."""
    known, rows = Known.read(db), []
    scoped = fitted_tonight(db, known)
    if scoped is not None and not scoped.why:
        made, scale = scoped.made, scoped.scale(scoped.made.theta)
        count = np.bincount(made.settled.item, minlength=made.settled.n_items)
        for scope in (OVERALL, *known.tau):
            for at, code in enumerate(made.items.tolist()):
                if scope not in (OVERALL, known.domain[code]):
                    continue
                board, edition = known.items[code]
                rows.append(
                    {
                        "scope": scope,
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


def fitted_tonight(db: duckdb.DuckDBPyConnection, known: Known) -> Scoped | None:
    """Tonight's fit; None, and a line in the list of failures, where there is none."""
    code = {model: at for at, model in enumerate(known.models)}
    rows = db.execute("select model, theta from staging.standing_ability").fetchall()
    try:
        return tonight(known, fit_day(db), {code[model]: theta for model, theta in rows if model in code})
    except (ArithmeticError, ValueError) as error:
        failed(db, "ability", OVERALL, str(error))
        return None


def _scaled(scoped: Scoped) -> list[float | None]:
    raw = scoped.made.theta
    return [None] * len(raw) if scoped.why else scoped.scale(raw)(raw).tolist()


def fit_day(db: duckdb.DuckDBPyConnection) -> int:
    """The last day on which tonight's fit can have changed; a fit of that day is tonight's."""
    ((day,),) = db.execute("select day - date '1970-01-01' from staging.fit_day").fetchall()
    return int(day)


CELL = ("staging", "irt_observation")
_OF_TONIGHT = frozenset({CELL, ("staging", "standing_ability"), ("staging", "fit_day")})
DOMAINS = frozenset({("seed", "domain")})
PYTHON_MODELS = (
    PythonModel(name="jackknife", needs=_OF_TONIGHT, make=one_thread()(jackknife), inputs=DOMAINS),
    PythonModel(name="operator_influence", needs=_OF_TONIGHT, make=one_thread()(operator_influence), inputs=DOMAINS),
    PythonModel(name="offset", needs=_OF_TONIGHT, make=one_thread()(offset), inputs=DOMAINS),
    PythonModel(
        name="ability_draw",
        needs=frozenset({("computed", "jackknife"), ("computed", "offset")}),
        make=one_thread()(ability_draw),
        inputs=DOMAINS,
    ),
    PythonModel(
        name="ability",
        needs=_OF_TONIGHT | {("computed", "ability_draw"), ("computed", "offset")},
        make=one_thread()(ability),
        inputs=DOMAINS,
    ),
    PythonModel(name="item", needs=_OF_TONIGHT, make=one_thread()(item), inputs=DOMAINS),
)
