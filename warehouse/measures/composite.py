"""One scale for many instruments: a two-parameter logistic on normalised scores (METHOD section 5).

A cell is the score of one model on one instrument, as a share of the instrument's range.  The statistical model is
``share ~ sigmoid(slope * (theta - difficulty))`` with a quasi-binomial likelihood: the shape of the binomial, with a
weight for the number of questions that a cell is worth.  The weight is capped (`CAP`): beyond some twenty questions the
residual of a cell is not chance but what the instrument measures besides ability.  Ten thousand votes measure chat
preference more precisely, not ability.

A steeper instrument does not weigh more for its steepness.  A model's ability on one instrument differs from its
general ability with standard deviation `ITEM_SD`, which on a steep instrument is a large difference in the share, so
the weight of a cell is divided by ``1 + weight * ITEM_SD**2 * slope**2 * p * (1 - p)``.  Without this the steepest
instrument had seven times the weight of a typical one; with it, cells left out are predicted better.

Several measurements by one source are not independent evidence.  Instruments belong to groups, and the k cells of a
model in one group together have the weight of ``k / (1 + (k - 1) * rho)`` independent cells, rho being
`INTRACLASS_CORRELATION`: with one half, two cells count as one and a third, and no number of cells counts as more than
two.  Draws follow the groups too: a draw gives each group one weight, the same for all models, so that the bias of a
benchmark is uncertain for all models at once and differences between models stay paired.

Everything here is a pure function over arrays; the caller handles names, dates and tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csc_array, csr_array
from scipy.sparse.csgraph import connected_components
from scipy.special import expit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

CAP = 25.0
"""Most questions a cell is worth."""

ITEM_SD = 0.1
"""Standard deviation of a model's ability on one instrument from its general ability."""

INTRACLASS_CORRELATION = 0.5
"""Intraclass correlation: the share of a cell's information that the other cells of its group also have."""

OPERATOR_SHARE = 2 / 3
"""Most of a model's weight that the boards of one operator have together, where others scored it too.

One page can hold all boards of an operator (Artificial Analysis has seventeen), so they err, and can be falsified, as
one.  At two thirds an operator can outweigh all others twice over and no more; at one half the best covered models
would lose most of their precision to a single small board of somebody else."""

THETA = (0.0, 2.0)
DIFFICULTY = (0.0, 2.0)
LOG_SLOPE = (0.7, 0.5)
"""Mean and spread of the priors.  On the log of the slope, not the slope: a penalty on slopes inflates them."""

_LEAST = 1e-6
"""Least a cell weighs: a standard error beyond all bounds says nothing, and must not end the fit either."""

_LONGEST = 2.0
_ROUNDS = 200
_REWEIGHED = 60
_DESCENT = 1_000
"""Most rounds with fixed weights.  Shares of nought and one by chance have taken some hundreds."""

_STILL = 1e-6
_NEAR = 0.5
_MOST = 0.25
"""Least portion of a step that may be followed by the derivative itself.

Where an instrument has its direction reversed every step was halved, so a fit that asked for whole ones never took the
derivative, and was still moving after 200 rounds."""

_ACCURACY = 0.01
"""What a step's equations are solved to: more exact ones save no step."""

_PRODUCTS = 60
_BLOCK = 16_384
"""Cells worked on at once."""


class NotConverged(ArithmeticError):
    """The fit did not converge: its numbers must not be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """The scores of models on instruments, at most one per model and instrument, by codes from 0.

    ``group`` has one code per instrument; the other arrays have one entry per cell.
    """

    model: Ints
    item: Ints
    share: Floats
    weight: Floats
    group: Ints
    n_models: int

    @property
    def n_items(self) -> int:
        """How many instruments there are."""
        return len(self.group)

    @property
    def n_groups(self) -> int:
        """How many groups of instruments there are."""
        return int(self.group.max(initial=-1)) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """The most likely abilities and items, in the units of the priors."""

    theta: Floats
    difficulty: Floats
    log_slope: Floats
    rounds: int = 0

    @property
    def slope(self) -> Floats:
        """How sharply each instrument separates abilities."""
        slope: Floats = np.exp(self.log_slope)
        return slope

    @property
    def items(self) -> Floats:
        """Difficulties, then logs of slopes: the order of the equations."""
        return np.concatenate([self.difficulty, self.log_slope])

    def expected(self, model: Ints, item: Ints) -> Floats:
        """The share each of these models is expected to score on each of these instruments."""
        share: Floats = expit(self.slope[item] * (self.theta[model] - self.difficulty[item]))
        return share


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """``index = shift + stretch * theta``."""

    shift: float
    stretch: float

    def __call__(self, theta: Floats) -> Floats:
        """Abilities on the published scale."""
        return self.shift + self.stretch * theta


# --- weights ------------------------------------------------------------------------------------


def effective_weight(share: Floats, stderr: Floats, cap: float = CAP) -> Floats:
    """How many questions a cell is worth: from its standard error where that is known, and never more than the cap."""
    inner = np.clip(share, 0.05, 0.95)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        information = inner * (1 - inner) / np.square(stderr)
    return np.clip(np.where(np.isnan(information), cap, information), _LEAST, cap)


def shared_out(weight: Floats, model: Ints, group: Ints) -> Floats:
    """Weights reduced for the correlation of one model's cells in one group; ``group`` has one code per cell."""
    pair = model * (int(group.max(initial=0)) + 1) + group
    _, inverse, size = np.unique(pair, return_inverse=True, return_counts=True)
    shared: Floats = weight / (1 + (size[inverse] - 1) * INTRACLASS_CORRELATION)
    return shared


def capped(weight: Floats, model: Ints, operator: Ints) -> Floats:
    """Weights with at most `OPERATOR_SHARE` of a model's total for one operator; ``operator`` has one code per cell.

    A model that one operator alone scored keeps its weights: there is nobody to outweigh.
    """
    n_operators = int(operator.max(initial=0)) + 1
    pair = model * n_operators + operator
    own = np.bincount(pair, weight, (int(model.max(initial=-1)) + 1) * n_operators)[pair]
    others = np.bincount(model, weight)[model] - own
    allowed = others * OPERATOR_SHARE / (1 - OPERATOR_SHARE)
    bounded: Floats = weight * np.where((others > _LEAST) & (own > allowed), allowed / own, 1.0)
    return bounded


# --- the fit ------------------------------------------------------------------------------------


def fit(cells: Cells, start: Fitted | None = None) -> Fitted:
    """The point at which the posterior with the weights of that point has its mode, by Newton's method.

    Far from it a step takes the weights of the point it starts from, and the expected curvature, which leads downhill
    everywhere.  Once steps are shorter than `_NEAR` it takes the derivative itself, in which the weights move too: with
    weights taken as fixed each step left three tenths of the way.  No step is longer than `_LONGEST`, and one that does
    not improve is halved.  Weights that follow the point can make it circle, so after `_REWEIGHED` rounds they stay as
    they are half-way between the last two points: what is left then is the descent of one fixed function.

    Raises `NotConverged`, and ValueError where a share or a weight is none.
    """
    if not ((cells.share >= 0) & (cells.share <= 1) & (cells.weight > 0) & np.isfinite(cells.weight)).all():
        raise ValueError(
            "a cell of the composite has a share outside 0 to 1 or a weight that is no positive number; expected "
            "shares of an instrument's range; look at low and high of its board"
        )
    ordered = _Ordered.of(cells)
    at = first_guess(cells) if start is None else start
    here = ordered.around(replace(at, theta=at.theta[ordered.models]), exact=start is not None)
    for rounds in range(1, _REWEIGHED + 1):
        step = here.newton_step()
        length = _length(step)
        if length < _STILL:
            return ordered.whole(_moved(here.at, *step), rounds)
        portion = min(1.0, _LONGEST / length)
        while True:
            there = ordered.around(
                _moved(here.at, *(portion * part for part in step)),
                exact=length < _NEAR and portion >= _MOST,
                judged_by=here.weight,
            )
            if _no_higher(there.judged, here.value) or portion <= 1e-9:
                break
            portion /= 2
        before, here = here.at, there
    return ordered.whole(ordered.lowest(_middle(before, here.at)), _REWEIGHED)


def weighed_at(cells: Cells, at: Fitted) -> Cells:
    """The cells with what their weight is worth for ability at this point: less where the instrument is steep."""
    share = at.expected(cells.model, cells.item)
    steep = np.square(at.slope[cells.item]) * share * (1 - share)
    return replace(cells, weight=cells.weight / (1 + cells.weight * ITEM_SD**2 * steep))


def score(cells: Cells, items: Fitted, prior: tuple[Floats | float, float] = THETA) -> Floats:
    """Abilities of the models of ``cells`` where the items are taken as they are (``items.theta`` is not read).

    ``prior`` is the mean (of all, or one per model) and the spread.  Each ability is the root of one continuous
    function that falls from above zero to below it, by Newton's method with a bracket: a step that leaves the bracket
    or does not halve the step before last is replaced by the middle of the bracket, so the search settles.  (The
    weights depend on the ability, so a plain Newton step cycled for 3 to 9 of 1,000 honest models on 2 or 3
    instruments.)  A model that has not settled after `_ROUNDS` is NaN: the caller leaves it out.
    """
    slope, difficulty = items.slope[cells.item], items.difficulty[cells.item]
    mean, spread = np.full(cells.n_models, 1.0) * prior[0], prior[1]
    theta: Floats = mean.copy()
    low, high = np.full(cells.n_models, -np.inf), np.full(cells.n_models, np.inf)
    last = before_last = np.full(cells.n_models, np.inf)
    moving = np.ones(cells.n_models, dtype=bool)
    for _ in range(_ROUNDS):
        share = expit(slope * (theta[cells.model] - difficulty))
        information = slope**2 * share * (1 - share)
        weight = cells.weight / (1 + cells.weight * ITEM_SD**2 * information)
        asked = np.bincount(cells.model, weight * slope * (cells.share - share), cells.n_models)
        gradient = asked - (theta - mean) / spread**2
        step = gradient / (np.bincount(cells.model, weight * information, cells.n_models) + spread**-2)
        low, high = np.where(gradient > 0, theta, low), np.where(gradient < 0, theta, high)
        there = theta + np.clip(step, -1, 1)
        bracketed = np.isfinite(low) & np.isfinite(high)
        slow = (there <= low) | (there >= high) | (np.abs(step) > before_last / 2)
        with np.errstate(invalid="ignore"):
            there = np.where(bracketed & slow & (gradient != 0), (low + high) / 2, there)
        before_last, last = last, np.abs(there - theta)
        theta = np.where(moving, there, theta)
        moving &= ~(last < _STILL)
        if not moving.any():
            return theta
    return np.where(moving, np.nan, theta)


def first_guess(cells: Cells) -> Fitted:
    """Difficulty from the mean share of an instrument, ability from how far a model is above those means."""
    count = np.maximum(1, np.bincount(cells.item, minlength=cells.n_items))
    mean = np.clip(np.bincount(cells.item, cells.share, cells.n_items) / count, 0.02, 0.98)
    above = np.bincount(cells.model, cells.share - mean[cells.item], cells.n_models)
    theta = 3 * above / np.maximum(1, np.bincount(cells.model, minlength=cells.n_models))
    difficulty = -np.log(mean / (1 - mean)) / np.exp(LOG_SLOPE[0])
    return Fitted(theta=theta, difficulty=difficulty, log_slope=np.full(cells.n_items, LOG_SLOPE[0]))


def _moved(at: Fitted, theta: Floats, items: Floats) -> Fitted:
    """``items`` has a row an instrument: difficulty, and the log of the slope."""
    return replace(
        at, theta=at.theta + theta, difficulty=at.difficulty + items[:, 0], log_slope=at.log_slope + items[:, 1]
    )


def _length(step: tuple[Floats, Floats]) -> float:
    """The most that anything moves."""
    return max(float(np.abs(part).max(initial=0)) for part in step)


def _no_higher(there: float, here: float) -> bool:
    """Whether a value of the objective is no higher than another one, but for rounding."""
    return there <= here + 1e-10 * (1 + abs(here))


def _middle(one: Fitted, other: Fitted) -> Fitted:
    return Fitted(
        theta=(one.theta + other.theta) / 2,
        difficulty=(one.difficulty + other.difficulty) / 2,
        log_slope=(one.log_slope + other.log_slope) / 2,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ordered:
    """The cells in the order of their models: a model's cells are one stretch, and a row of a sparse matrix.

    Models without a cell are left out; the prior alone places them.
    """

    models: Ints
    model: Ints
    item: Ints
    share: Floats
    weight: Floats
    n_models: int
    n_items: int
    first: Ints
    """Where each model's cells begin, and at last where all end."""

    columns: npt.NDArray[np.int32]
    """Of every cell the two columns of its instrument: difficulty, log of slope."""

    @classmethod
    def of(cls, cells: Cells) -> _Ordered:
        count = np.bincount(cells.model, minlength=cells.n_models)
        models = np.flatnonzero(count)
        order = np.argsort(cells.model, kind="stable")
        item = cells.item[order]
        return cls(
            models=models,
            model=(np.cumsum(count > 0) - 1)[cells.model[order]],
            item=item,
            share=cells.share[order],
            weight=cells.weight[order],
            n_models=cells.n_models,
            n_items=cells.n_items,
            first=np.concatenate([[0], np.cumsum(count[models])]),
            columns=np.stack([2 * item, 2 * item + 1], axis=1).astype(np.int32).ravel(),
        )

    def whole(self, at: Fitted, rounds: int) -> Fitted:
        """The point with the models that have no cell."""
        theta = np.full(self.n_models, THETA[0])
        theta[self.models] = at.theta
        return replace(at, theta=theta, rounds=rounds)

    def around(
        self, at: Fitted, *, exact: bool = False, fixed: Floats | None = None, judged_by: Floats | None = None
    ) -> _Around:
        """The objective around a point, in one pass over the cells.

        The weights are those of this point, or ``fixed``; by the weights ``judged_by`` its value is asked for too.

        The cells are worked through in blocks of models, some `_BLOCK` cells at a time: their twenty arrays stay in
        the processor's cache (at ten times today's cells that is a third of the time), and a thousand times as many
        cells take no more room for them.
        """
        n, slope = self.n_items, at.slope
        weight = np.empty(len(self.item)) if fixed is None else fixed
        by_item, by_model = np.zeros((6, n)), np.empty((2, len(self.models)))
        across = np.empty((len(self.item), 2))
        back = np.empty_like(across) if exact else across
        value = judged = 0.0
        for cells, models in self._blocks():
            item, share = self.item[cells], self.share[cells]
            steep = slope[item]
            logit = steep * (at.theta[self.model[cells]] - at.difficulty[item])
            expected, varied, misfit = _logistic(logit)
            misfit -= share * logit
            squared = np.square(steep)
            own_variance = ITEM_SD**2 * squared * varied
            if fixed is None:
                weight[cells] = self.weight[cells] / (1 + self.weight[cells] * own_variance)
            worth = weight[cells]
            value += float(misfit @ worth)
            if judged_by is not None:
                judged += float(misfit @ judged_by[cells])
            short = worth * (share - expected)
            bend = worth * varied
            bent = bent_back = bend * logit
            if exact:
                # The weight moves too.  It falls by its square times what `own_variance` gains, and that gains
                # (1 - 2 * expected) of itself a logit and twice itself a log of the slope.
                lost = short * worth * own_variance if fixed is None else np.zeros_like(short)
                bend = bend + lost * (1 - 2 * expected)
                bent_back = bend * logit - short
                bent = bent_back + 2 * lost
                back[cells, 0] = -bend * squared
                back[cells, 1] = steep * bent_back
            across[cells, 0] = -bend * squared
            across[cells, 1] = steep * bent
            begins = self.first[models] - cells.start
            by_model[0, models] = np.add.reduceat(steep * short, begins)
            by_model[1, models] = np.add.reduceat(bend * squared, begins)
            for total, part in zip(by_item, (short, logit * short, bend, bent, bent_back, logit * bent), strict=True):
                total += np.bincount(item, part, n)
        short, asked, bend, bent, bent_back, bowed = by_item
        items = np.stack([-slope * short, asked], axis=1)
        own = np.stack([slope**2 * bend, -slope * bent, -slope * bent_back, bowed], axis=1).reshape(n, 2, 2)
        rows, size = (2 * self.first).astype(np.int32), (len(self.models), 2 * n)
        pull = 0.0
        for x, asks, (mean, spread) in (
            (at.theta, by_model[0], THETA),
            (at.difficulty, items[:, 0], DIFFICULTY),
            (at.log_slope, items[:, 1], LOG_SLOPE),
        ):
            pull += float(np.square((x - mean) / spread).sum()) / 2
            asks -= (x - mean) / spread**2
        own += np.diag([DIFFICULTY[1] ** -2, LOG_SLOPE[1] ** -2])
        return _Around(
            at=at,
            weight=weight,
            value=value + pull,
            judged=judged + pull,
            theta=by_model[0],
            items=items,
            models=by_model[1] + THETA[1] ** -2,
            own=own,
            across=csr_array((across.ravel(), self.columns, rows), shape=size),
            back=csc_array((back.ravel(), self.columns, rows), shape=size[::-1]),
        )

    def lowest(self, at: Fitted) -> Fitted:
        """Where the objective with the weights of a point is least, by Newton's method; raises `NotConverged`.

        The derivative itself is tried first.  Where it does not lead downhill, the expected curvature does.
        """
        here = self.around(at)
        weight = here.weight
        for _ in range(_DESCENT):
            for exact in (True, False):
                here = self.around(here.at, exact=exact, fixed=weight)
                step = here.newton_step()
                length = _length(step)
                if length < _STILL:
                    return _moved(here.at, *step)
                portion = min(1.0, _LONGEST / length)
                least = _MOST * portion if exact else 1e-9
                while True:
                    there = self.around(_moved(here.at, *(portion * part for part in step)), fixed=weight)
                    if _no_higher(there.value, here.value) or portion <= least:
                        break
                    portion /= 2
                if _no_higher(there.value, here.value):
                    here = there
                    break
        raise NotConverged(
            f"the composite of {self.n_models} models on {self.n_items} instruments still moves by {length:.2g} after "
            f"{_DESCENT} rounds, expected less than {_STILL:g}; look for an instrument whose shares contradict the rest"
        )

    def _blocks(self) -> Iterator[tuple[slice, slice]]:
        """Stretches of cells, and the models they belong to."""
        begins = np.searchsorted(self.first, np.arange(0, len(self.item), _BLOCK))
        for low, high in pairwise(np.unique(np.append(begins, len(self.models))).tolist()):
            yield slice(int(self.first[low]), int(self.first[high])), slice(low, high)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """The objective around a point: its value, what it asks for (downhill), and the derivative of that.

    The derivative is diagonal in the models (``models``) and two by two in the instruments (``own``).  ``across`` has
    a row a model and two columns an instrument, ``back`` has their places changed; where weights move, one is not the
    transpose of the other.
    """

    at: Fitted
    weight: Floats
    value: float
    judged: float
    theta: Floats
    items: Floats
    models: Floats
    own: Floats
    across: csr_array
    back: csc_array

    def newton_step(self) -> tuple[Floats, Floats]:
        """To where nothing more is asked for, to first order: of the models, and of the instruments a row each.

        With the models eliminated the instruments' equations are left.  To write down and factor their matrix grows
        with models times the square of instruments; a product with it is two passes over the cells, and with the
        instruments' own blocks inverted some ten products are enough for a hundredth.  Generalised conjugate
        residuals, because the matrix need not be symmetric; scipy's gmres took half as many products more.
        """
        inverse: Floats = np.linalg.inv(self.own).astype(np.float64, copy=False)
        left: Floats = self.items.ravel() - self.back @ (self.theta / self.models)
        enough = _ACCURACY * np.linalg.norm(left)
        found = np.zeros_like(left)
        tried, products = np.empty((_PRODUCTS, len(left))), np.empty((_PRODUCTS, len(left)))
        for at in range(_PRODUCTS):
            if np.linalg.norm(left) <= enough:
                break
            direction = _by_blocks(inverse, left)
            product = _by_blocks(self.own, direction) - self.back @ ((self.across @ direction) / self.models)
            known = products[:at] @ product
            product -= known @ products[:at]
            direction -= known @ tried[:at]
            size = np.linalg.norm(product)
            tried[at], products[at] = direction / size, product / size
            part = products[at] @ left
            found += part * tried[at]
            left -= part * products[at]
        return (self.theta - self.across @ found) / self.models, found.reshape(-1, 2)


def _logistic(logit: Floats) -> tuple[Floats, Floats, Floats]:
    """The logistic curve, its slope, and ``log(1 + exp(logit))``.

    By exp and log of numpy: scipy's expit and numpy's logaddexp take five times as long.
    """
    odds = np.exp(-np.abs(logit))
    likelier = 1 / (1 + odds)
    return (
        0.5 + np.copysign(likelier - 0.5, logit),
        odds * np.square(likelier),
        np.maximum(logit, 0) - np.log(likelier),
    )


def _by_blocks(blocks: Floats, values: Floats) -> Floats:
    """The product of a matrix of two by two blocks with two values an instrument."""
    product: Floats = np.einsum("nij,nj->ni", blocks, values.reshape(-1, 2)).ravel()
    return product


# --- who can be placed --------------------------------------------------------------------------


INSTRUMENTS = 4
"""Groups of instruments a model needs: what one source measures several times counts once."""

SHARED_INSTRUMENTS, OTHERS = 2, 10
"""How many of these must be shared with how many other models."""

MODELS = 5
"""Models that an instrument needs for its slope and difficulty to be fitted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """Which cells enter the fit, and per model why it does not: '' where it does."""

    cells: Flags
    reason: tuple[str, ...]
    n_instruments: Ints
    n_shared: Ints


def placing(model: Ints, item: Ints, group: Ints, n_models: int) -> Placing:
    """Leaves out models and instruments with too little data, until all the others have enough.

    ``group`` is per instrument.  What is left is one connected component, the largest.
    """
    n_items = len(group)
    kept = np.ones(len(model), dtype=bool)
    while True:
        on_item = np.bincount(item[kept], minlength=n_items)
        instruments, shared = _counts(model, item, group, kept, on_item, n_models)
        enough = (instruments >= INSTRUMENTS) & (shared >= SHARED_INSTRUMENTS)
        left = kept & (on_item >= MODELS)[item] & enough[model]
        if not left.sum() < kept.sum():
            joined = _largest_component(model, item, left, n_models, n_items)
            if joined.sum() == left.sum():
                break
            left = joined
        kept = left
    placed = np.bincount(model[kept], minlength=n_models) > 0
    every = np.ones_like(kept)
    had = _counts(model, item, group, every, np.bincount(item, minlength=n_items), n_models)
    instruments, shared = (
        np.where(placed, now, before) for now, before in zip((instruments, shared), had, strict=True)
    )
    reason = tuple(
        "" if there else _why_not(int(has), int(common))
        for there, has, common in zip(placed, instruments, shared, strict=True)
    )
    return Placing(cells=kept, reason=reason, n_instruments=instruments, n_shared=shared)


def _counts(model: Ints, item: Ints, group: Ints, kept: Flags, on_item: Ints, n_models: int) -> tuple[Ints, Ints]:
    """Distinct groups of each model, and distinct groups where an instrument has `OTHERS` more models."""
    n_groups = int(group.max(initial=-1)) + 1
    seen = np.zeros((n_models, n_groups), dtype=bool)
    seen[model[kept], group[item[kept]]] = True
    common = kept & (on_item > OTHERS)[item]
    met = np.zeros_like(seen)
    met[model[common], group[item[common]]] = True
    return seen.sum(axis=1), met.sum(axis=1)


def _largest_component(model: Ints, item: Ints, kept: Flags, n_models: int, n_items: int) -> Flags:
    if not kept.any():
        return kept
    size = n_models + n_items
    ends = (model[kept], n_models + item[kept])
    _, label = connected_components(coo_array((np.ones(int(kept.sum())), ends), shape=(size, size)), directed=False)
    at = label[model]
    joined: Flags = kept & (at == np.bincount(at[kept]).argmax())
    return joined


def _why_not(instruments: int, shared: int) -> str:
    if instruments < INSTRUMENTS:
        return f"scored on {instruments} independent instruments, needs {INSTRUMENTS}"
    if shared < SHARED_INSTRUMENTS:
        return f"shares {shared} independent instruments with {OTHERS} other models, needs {SHARED_INSTRUMENTS}"
    return "shares its instruments with too few models that can be placed"


# --- uncertainty --------------------------------------------------------------------------------


def without_each_group(cells: Cells, fitted: Fitted) -> Iterator[Fitted]:
    """The fit again without each group of instruments in turn, each made when it is asked for.

    Its distance from the whole fit is what one group's evidence is worth, freed of the pull that evidence has on
    its own prediction (the leverage correction known as HC3, here exact): with weights of mean 0 and variance 1,
    one per group and draw, the distances make draws of all abilities at once.
    """
    group = cells.group[cells.item]
    return (fit(only(cells, group != left_out), fitted) for left_out in range(cells.n_groups))


SE_INFLATION = 1.35
"""Factor on `standard_error` before it judges who has reached whom: it takes the items as known, and instruments
that measure something of their own make it too small (proofs/simulation.py, "pair as tested")."""


def standard_error(cells: Cells, fitted: Fitted) -> Floats:
    """Standard error of each ability alone, items taken as known: the cheap cousin of the draws, for long histories."""
    cells = weighed_at(cells, fitted)
    slope = fitted.slope[cells.item]
    share = fitted.expected(cells.model, cells.item)
    own = cells.weight * slope**2 * share * (1 - share)
    models = np.bincount(cells.model, own, cells.n_models) + THETA[1] ** -2
    shape = (cells.n_models, cells.n_groups)
    pair = cells.model * cells.n_groups + cells.group[cells.item]
    score_of = np.bincount(pair, slope * cells.weight * (cells.share - share), shape[0] * shape[1]).reshape(shape)
    own_of = np.bincount(pair, own, shape[0] * shape[1]).reshape(shape)
    spread: Floats = np.sqrt(np.square(score_of / (models[:, None] - own_of)).sum(axis=1))
    return spread


def information(cells: Cells, items: Fitted, theta: Floats) -> Floats:
    """What the cells of each model tell of its ability at ``theta``, in the fit's unit to the power -2: a precision."""
    known: Floats = np.bincount(cells.model, information_of(cells, items, theta), cells.n_models).astype(np.float64)
    return known


def information_of(cells: Cells, items: Fitted, theta: Floats) -> Floats:
    """What each cell tells of the ability of its model, as `information`."""
    slope = items.slope[cells.item]
    share = expit(slope * (theta[cells.model] - items.difficulty[cells.item]))
    own = slope**2 * share * (1 - share)
    precision: Floats = cells.weight / (1 + cells.weight * ITEM_SD**2 * own) * own
    return precision


def only(cells: Cells, kept: Flags) -> Cells:
    """Some of the cells, under the same codes."""
    return replace(
        cells, model=cells.model[kept], item=cells.item[kept], share=cells.share[kept], weight=cells.weight[kept]
    )


# --- scales -------------------------------------------------------------------------------------


def anchored(low: float, high: float, at: tuple[float, float]) -> Scale:
    """The scale on which two anchor models stand at the two given values."""
    if not high > low:
        raise ValueError(
            f"the upper anchor model stands at {high:.3f}, not above the lower one at {low:.3f}; expected the "
            "anchors in order; look at the scores of both"
        )
    stretch = (at[1] - at[0]) / (high - low)
    return Scale(shift=at[0] - stretch * low, stretch=stretch)


def linked(theta: Floats, onto: Floats) -> Scale:
    """The scale that gives ``theta`` the mean and the spread of ``onto``: the same models in the same order.

    Mean and spread, not regression (which would shrink one scale towards its mean), and not two anchor models (whose
    own errors would stretch the whole scale where they have few instruments).
    """
    spread = float(theta.std())
    stretch = float(onto.std()) / spread if spread > 0 else 1.0
    return Scale(shift=float(onto.mean()) - stretch * float(theta.mean()), stretch=stretch)
