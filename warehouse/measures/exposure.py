"""Are open models further behind on questions that nobody can have trained on? (METHOD section 5, exposure)

The questions of each instrument are private, renewed after the models' training, live, public or unknown
(seeds/exposure.csv).  Only one parameter is identified: by how many index points an open model is lower on private and
renewed questions, ``gamma * open * private``.  It is fitted together with the abilities and difficulties of tonight's
sixty ablest models, with fixed slopes.  The difficulties absorb an effect on all models, the abilities the quality of a
model.

It is an association: groups of instruments differ in more than who could read their questions.  So the table has the
group that matters most, gamma without that group and without the boards on broad knowledge, and the share of random
permutations of the labels among the groups with a gamma as large.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pyarrow as pa
from scipy.special import expit

from warehouse.measures import abilities, composite
from warehouse.measures.composite import Cells, Fitted, Flags, Floats, Ints
from warehouse.measures.contract import PythonModel, failed, generator
from warehouse.measures.threads import one_thread

ABLEST = 60
DRAWS = 400
PERMUTATIONS = 999
LEAST_GROUPS = 3
"""Fewest groups of each kind of questions for a comparison."""

_RIDGE = 1e-6
_ROUNDS = 50
_STILL = 1e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Cells of the ablest models; which models are open, which instruments private; ``group`` is per instrument."""

    cells: Cells
    items: Fitted
    open_: Flags
    private: Flags

    def only(self, kept: Flags) -> Panel:
        """The panel of some of its cells."""
        return replace(self, cells=composite.only(self.cells, kept))


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear:
    """The panel as weighted least squares at its optimum, in the fit's unit, a value per cell.

    ``response ~ ability - difficulty - gamma * x``; abilities and difficulties are taken out of response and labels
    alike, the models first (a diagonal), so that a draw solves one equation an instrument.
    """

    model: Ints
    item: Ints
    response: Floats
    weight: Floats
    x: Floats

    @property
    def gamma(self) -> float:
        """The parameter gamma."""
        return float(self.gammas(self.x[:, None])[0])

    def gammas(self, x: Floats) -> Floats:
        """Gamma for other labels, a column each; NaN where the labels are nothing but a model or an instrument."""
        left = x - self._effects(x)
        across = (self.weight * self.response) @ left
        own = self.weight @ np.square(left)
        found: Floats = np.where(own > _RIDGE, -across / np.maximum(own, _RIDGE), np.nan)
        return found

    def _effects(self, x: Floats) -> Floats:
        """The part of the columns of x that abilities and difficulties explain."""
        n_models, n_items = int(self.model.max()) + 1, int(self.item.max()) + 1
        both = np.zeros((n_models, n_items))
        both[self.model, self.item] = self.weight
        models, items = both.sum(axis=1) + _RIDGE, both.sum(axis=0) + _RIDGE
        table = np.zeros((n_models, n_items, x.shape[1]))
        table[self.model, self.item] = self.weight[:, None] * x
        of_model, of_item = table.sum(axis=1), table.sum(axis=0)
        scaled = both / models[:, None]
        item = np.linalg.solve(np.diag(items) - both.T @ scaled, of_item - scaled.T @ of_model)
        model = (of_model - both @ item) / models[:, None]
        explained: Floats = model[self.model] + item[self.item]
        return explained


def linear(panel: Panel) -> Linear:
    """Fits abilities, difficulties and gamma with fixed slopes, and returns the last linear step."""
    cells = panel.cells
    slope = panel.items.slope[cells.item]
    x = (panel.open_[cells.model] & panel.private[cells.item]).astype(float)
    rows = np.arange(len(cells.model))
    whole = np.zeros((len(rows), cells.n_models + cells.n_items + 1))
    whole[rows, cells.model] = 1
    whole[rows, cells.n_models + cells.item] = -1
    whole[:, -1] = -x
    effects = start = np.concatenate([panel.items.theta, panel.items.difficulty, [0.0]])
    # Abilities and difficulties stay near tonight's: the pull only fixes where zero lies.
    pull = 0.01 * np.eye(whole.shape[1])
    pull[-1, -1] = 0
    for _ in range(_ROUNDS):
        reach = whole @ effects
        share = np.clip(expit(slope * reach), 1e-4, 1 - 1e-4)
        bend = slope * share * (1 - share)
        information = slope * bend
        weight = cells.weight * information / (1 + cells.weight * composite.ITEM_SD**2 * information)
        response = reach + np.clip((cells.share - share) / bend, -3, 3)
        normal = whole.T @ (whole * weight[:, None]) + pull
        there = np.linalg.solve(normal, whole.T @ (weight * response) + pull @ start)
        moved = float(np.abs(there - effects).max())
        effects = effects + (there - effects) * min(1.0, 1 / max(moved, 1.0))
        if moved < _STILL:
            break
    return Linear(model=cells.model, item=cells.item, response=response, weight=weight, x=x)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gamma:
    """The parameter with its interval, in the unit of the fit, and its robustness checks."""

    value: float
    draws: Floats
    p: float
    worst_group: int
    without_worst: float


def gamma(panel: Panel, *about: object) -> Gamma:
    """Gamma, its draws over groups and models, its permutation p, and gamma without the group that moves it most."""
    cells = panel.cells
    fitted = linear(panel)
    value = fitted.gamma
    group = cells.group[cells.item]
    random = generator("exposure", *about)
    draws = np.empty(DRAWS)
    for draw in range(DRAWS):
        weight = random.exponential(size=cells.n_groups)[group] * random.exponential(size=cells.n_models)[cells.model]
        draws[draw] = replace(fitted, weight=fitted.weight * weight).gamma
    # Labels belong to groups: what one source measures several times is dealt one label, in the whole of a group.
    of_group = np.zeros(cells.n_groups, dtype=bool)
    of_group[cells.group] = panel.private
    dealt = np.stack([random.permutation(of_group) for _ in range(PERMUTATIONS)], axis=1)
    chance = fitted.gammas((panel.open_[cells.model][:, None] & dealt[group]).astype(float))
    at_least = np.nan_to_num(np.abs(chance), nan=np.inf) >= abs(value)
    without = np.array(
        [replace(fitted, weight=np.where(group == one, 0.0, fitted.weight)).gamma for one in range(cells.n_groups)]
    )
    worst = int(np.nanargmax(np.abs(without - value)))
    return Gamma(
        value=value,
        draws=draws,
        p=float((1 + at_least.sum()) / (1 + PERMUTATIONS)),
        worst_group=worst,
        without_worst=float(without[worst]),
    )


# --- the table ----------------------------------------------------------------------------------

_EXPOSURE = pa.schema(
    [
        *((name, pa.string()) for name in ("tier", "sample", "closed_model", "open_model")),
        *((name, pa.float64()) for name in ("gamma", "gamma_lo", "gamma_hi", "p_value")),
        ("worst_group", pa.string()),
        *((name, pa.float64()) for name in ("gamma_without_worst", "private_share", "gap")),
        *((name, pa.float64()) for name in ("gap_public", "gap_public_lo", "gap_public_hi")),
        *((name, pa.float64()) for name in ("gap_private", "gap_private_lo", "gap_private_hi")),
        *((name, pa.int64()) for name in ("n_models", "n_open", "n_private_groups", "n_public_groups")),
        ("reason", pa.string()),
    ]
)
SAMPLES = ("all", "without knowledge")
KNOWLEDGE = "knowledge and factuality"


def exposure(db: duckdb.DuckDBPyConnection) -> pa.Table:
    """``computed.exposure``: one row per tier and sample of instruments, all or without those of broad knowledge."""
    known = abilities.Known.read(db)
    scoped = abilities.fitted_tonight(db, known)
    if scoped is None or scoped.why:
        return _EXPOSURE.empty_table()
    rows = []
    for sample in SAMPLES:
        try:
            rows += list(_rows(db, known, scoped, sample))
        except (ArithmeticError, ValueError) as error:
            failed(db, "exposure", sample, str(error))
    return pa.Table.from_pylist(rows, schema=_EXPOSURE)


def panel_of(
    db: duckdb.DuckDBPyConnection, known: abilities.Known, scoped: abilities.Scoped, sample: str
) -> tuple[Panel, list[str], list[str]]:
    """Tonight's ablest models on instruments whose questions are known to be private, renewed or public.

    Returns the panel, the models' keys and the groups' names, each in the order of its codes.
    """
    made = scoped.made
    kind = dict(db.execute("select board, items from seed.exposure").fetchall())
    side = dict(
        db.execute(
            """select model, tier <> 'C' from staging.access_span
               where tier <> 'U' and until_on is null"""
        ).fetchall()
    )
    names = [known.models[model] for model in made.placed.tolist()]
    counted = np.array([name in side for name in names], dtype=bool)
    order = np.argsort(-made.theta, kind="stable")
    ablest = np.sort(order[counted[order]][:ABLEST])
    kinds = np.array([kind.get(known.items[item][0], "unknown") for item in made.items.tolist()], dtype=str)
    broad = np.array([known.domain[item] == KNOWLEDGE for item in made.items.tolist()], dtype=bool)
    usable = np.isin(kinds, ("private", "renewed", "public")) & ~(broad if sample != "all" else np.zeros_like(broad))
    cells = composite.only(made.cells, np.isin(made.cells.model, ablest) & usable[made.cells.item])
    items, item = np.unique(cells.item, return_inverse=True)
    groups, group = np.unique(made.settled.group[items], return_inverse=True)
    chosen = replace(cells, model=np.searchsorted(ablest, cells.model), item=item, group=group, n_models=len(ablest))
    fitted = Fitted(
        theta=made.theta[ablest],
        difficulty=made.fitted.difficulty[items],
        log_slope=made.fitted.log_slope[items],
    )
    panel = Panel(
        cells=chosen,
        items=fitted,
        open_=np.array([side[names[model]] for model in ablest.tolist()], dtype=bool),
        private=np.isin(kinds[items], ("private", "renewed")),
    )
    return (
        panel,
        [names[model] for model in ablest.tolist()],
        [known.groups[int(made.groups[code])] for code in groups.tolist()],
    )


def _rows(
    db: duckdb.DuckDBPyConnection, known: abilities.Known, scoped: abilities.Scoped, sample: str
) -> Iterator[dict[str, object]]:
    panel, names, groups = panel_of(db, known, scoped, sample)
    of_group = np.zeros(panel.cells.n_groups, dtype=bool)
    of_group[panel.cells.group] = panel.private
    base: dict[str, object] = {
        "sample": sample,
        "n_models": len(names),
        "n_open": int(panel.open_.sum()),
        "n_private_groups": int(of_group.sum()),
        "n_public_groups": int((~of_group).sum()),
    }
    few = min(of_group.sum(), (~of_group).sum()) < LEAST_GROUPS or panel.open_.all() or not panel.open_.any()
    found = None if few else gamma(panel, sample)
    stretch = scoped.scale(scoped.made.theta).stretch
    for tier, closed, open_, gap, low, high in db.execute(
        """select tier, closed_model, open_model, gap, gap_lo, gap_hi from computed.ability_band
           where scope = 'overall' and next_on is null order by tier"""
    ).fetchall():
        row = base | {"tier": tier, "closed_model": closed, "open_model": open_, "gap": gap}
        if found is None:
            reason = f"needs {LEAST_GROUPS} groups of private and of public instruments, and models of both sides"
            yield row | {"reason": reason}
            continue
        points = stretch * found.draws
        row |= {
            "gamma": stretch * found.value,
            **dict(zip(("gamma_lo", "gamma_hi"), np.quantile(points, (0.05, 0.95)).tolist(), strict=True)),
            "p_value": found.p,
            "worst_group": groups[found.worst_group],
            "gamma_without_worst": stretch * found.without_worst,
        }
        if gap is None or closed not in names or open_ not in names:
            yield row | {"reason": "no gap tonight between two of the models compared"}
            continue
        share = _private_share(panel, [names.index(closed), names.index(open_)])
        public = gap - share * stretch * found.value
        row |= {"private_share": share, "gap_public": public, "gap_private": public + stretch * found.value}
        if low is None or high is None:
            yield row | {"reason": "the noise of a leader is not known, so the two gaps have no interval"}
            continue
        # The gap's own draws as a normal of the same width, independent of who could read the questions.
        noise = (low + high) / 2 + (high - low) / 3.29 * generator("exposure gap", tier).standard_normal(DRAWS)
        for name, shift in (("gap_public", -share * points), ("gap_private", (1 - share) * points)):
            row[f"{name}_lo"], row[f"{name}_hi"] = np.quantile(noise + shift, (0.05, 0.95)).tolist()
        yield row


def _private_share(panel: Panel, leaders: list[int]) -> float:
    """The share of the information on two models that comes from private and renewed questions."""
    cells = panel.cells
    private = composite.information(composite.only(cells, panel.private[cells.item]), panel.items, panel.items.theta)
    whole = composite.information(cells, panel.items, panel.items.theta)
    return float(private[leaders].sum() / whole[leaders].sum())


EXPOSURE = PythonModel(
    name="exposure",
    needs=frozenset(
        {
            ("staging", "irt_observation"),
            ("staging", "fit_day"),
            ("staging", "access_span"),
            ("staging", "standing_ability"),
            ("computed", "ability_band"),
        }
    ),
    make=one_thread()(exposure),
    inputs=frozenset({("seed", "exposure"), ("seed", "domain")}),
)
