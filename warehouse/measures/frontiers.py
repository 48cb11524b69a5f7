"""Frontiers of joint draws: limits of gap and lag where every score has its own error (METHOD section 3).

A draw is one possible set of true scores; a model has one value per draw, the same at every date and on
both tiers, so that what is compared stays paired.  Column 0 is always the point: the scores as they stand.
The states of an instrument are its change dates, on which a model begins or ceases to count.

The best of several noisy scores is on average too high (the winner's curse), and by more where more models are close
together.  The point has this bias once, as the best of scores with noise; a draw adds its own noise to those scores and
takes the best again, so it has the bias twice.  The mean distance of the drawn frontiers of a date above the point's is
therefore an estimate of the point's bias.  Each draw is lowered by that distance (METHOD section 3), so that the limits
lie round the point, and the running maximum is taken again, because a level once reached stays reached.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

NEVER = int(np.iinfo(np.int64).max)
"""An ``until_on`` that does not come: the model still counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """The models of one side: the days [from_on, until_on) on which each counts, and its scores, a column a draw.

    Ordered by date, then better score, then name: how ties are broken everywhere.
    """

    models: Sequence[str]
    from_on: Ints
    until_on: Ints
    scores: Floats

    @staticmethod
    def of(models: Sequence[str], from_on: Ints, until_on: Ints, scores: Floats) -> Side:
        """In order, and without the models that in no draw were ahead of all earlier ones that still count."""
        order = np.lexsort((np.array(models, dtype=str), -scores[:, 0], from_on))
        ranked = scores[order]
        lasting = np.where((until_on[order] == NEVER)[:, None], ranked, -np.inf)
        before = np.full_like(ranked, -np.inf)
        np.maximum.accumulate(lasting[:-1], axis=0, out=before[1:])
        order = order[(ranked > before).any(axis=1)]
        return Side(
            models=[models[i] for i in order], from_on=from_on[order], until_on=until_on[order], scores=scores[order]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """A frontier over time: at each date the best so far and since when, a column a draw; and who leads the point."""

    dates: Ints
    best: Floats
    best_on: Ints
    area: Floats
    """Integral over the levels, up to the best, of the date on which each was reached."""
    leader: Ints

    def until(self, day: int) -> Path:
        """The part of it that was there on that day."""
        n = int(np.searchsorted(self.dates, day, side="right"))
        return Path(
            dates=self.dates[:n],
            best=self.best[:n],
            best_on=self.best_on[:n],
            area=self.area[:n],
            leader=self.leader[:n],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """Both frontiers in each state (row) and draw (column; column 0 is the point); NaN where there is no such thing."""

    closed: Floats
    open: Floats
    closed_leader: Ints
    """Row of the closed `Side`, -1 where nothing counts yet; likewise the open one."""
    open_leader: Ints
    above_on: Floats
    """First date on which the side ahead stood at or above the side behind."""
    below_on: Floats
    """Date of the record before that one; NaN: the scores do not go back so far."""
    since: Floats
    """Between the two, in proportion to the scores."""
    horizontal: Floats
    """Mean days from the closed frontier to the open one, over the levels that both have reached."""
    unmet: Floats
    """Share of the levels that only the side ahead has reached: censored, so beside the mean and not in it."""
    waiting: Floats
    """Mean date since which those levels wait: on day t they have waited t minus this."""


def path(side: Side, day: int) -> Path:
    """The frontier of the models that do not cease before ``day``, over the dates from which they count."""
    rows = np.flatnonzero(side.until_on > day)
    dates, first = np.unique(side.from_on[rows], return_index=True)
    if not len(dates):
        nothing = side.scores[:0]
        return Path(dates=dates, best=nothing, best_on=nothing.astype(int), area=nothing, leader=rows)
    best = np.maximum.accumulate(np.maximum.reduceat(side.scores[rows], first, axis=0), axis=0)
    if best.shape[1] > 1:
        best[:, 1:] -= best[:, 1:].mean(axis=1, keepdims=True) - best[:, :1]
        best = np.maximum.accumulate(best, axis=0)
    rises = np.ones(best.shape, bool)
    rises[1:] = best[1:] > best[:-1]
    record = np.maximum.accumulate(np.where(rises, np.arange(len(dates))[:, None], 0), axis=0)
    area = np.cumsum(dates[:, None].astype(float) * np.diff(best, axis=0, prepend=best[:1]), axis=0)
    return Path(dates=dates, best=best, best_on=dates[record], area=area, leader=rows[first[record[:, 0]]])


def changes(closed: Side, open_: Side, on: Ints) -> tuple[Ints, Ints]:
    """Which of the days ``on`` differ in what counts, and for each day the last of those: most days change nothing."""
    counts = np.stack(
        [
            np.searchsorted(np.sort(dates), on, side="right")
            for side in (closed, open_)
            for dates in (side.from_on, side.until_on)
        ]
    )
    differs = np.ones(len(on), bool)
    differs[1:] = (counts[:, 1:] != counts[:, :-1]).any(axis=0)
    return np.flatnonzero(differs), np.cumsum(differs) - 1


def states(closed: Side, open_: Side, on: Ints) -> States:
    """Both frontiers on each of the days ``on``."""
    draws = closed.scores.shape[1]
    names = ("closed", "open", "above_on", "below_on", "since", "horizontal", "unmet", "waiting")
    made = {name: np.full((len(on), draws), np.nan) for name in names}
    leaders = {"closed": np.full(len(on), -1), "open": np.full(len(on), -1)}
    paths: dict[tuple[str, int], Path] = {}
    for i, day in enumerate(on.tolist()):
        reached: dict[str, Path] = {}
        for name, side in (("closed", closed), ("open", open_)):
            ceased = int((side.until_on <= day).sum())
            if (name, ceased) not in paths:
                paths[name, ceased] = path(side, day)
            there = paths[name, ceased].until(day)
            if len(there.dates):
                reached[name] = there
                made[name][i] = there.best[-1]
                leaders[name][i] = there.leader[-1]
        if len(reached) == 2:
            for name, values in _pursuit(reached["closed"], reached["open"]).items():
                made[name][i] = values
    return States(closed_leader=leaders["closed"], open_leader=leaders["open"], **made)


def antithetic(random: np.random.Generator, draws: int) -> Floats:
    """Standard normal numbers for one model, each with its mirror image, so that their mean is exactly zero."""
    half = random.standard_normal(draws // 2)
    return np.concatenate([half, -half])


def limits(draws: Floats) -> tuple[Floats, Floats]:
    """The 5 % and the 95 % limit of each row: order statistics, so that an infinite draw stays what it is.

    NaN where there are no draws, or a draw is not a number.
    """
    if not draws.shape[1]:
        return np.full(len(draws), np.nan), np.full(len(draws), np.nan)
    ordered = np.sort(draws, axis=1)
    ordered[np.isnan(ordered[:, -1])] = np.nan
    below = round(0.05 * (draws.shape[1] - 1))
    return ordered[:, below], ordered[:, draws.shape[1] - 1 - below]


def lag_limits(found: States, on: Ints) -> tuple[Floats, Floats, Floats, Floats]:
    """Sign and date of the lower limit of the lag, and of the upper: on night t of a state it is sign * (t - date).

    A draw's lag grows by a day a day where closed leads and falls by one where open leads, so the order of the draws
    does not change while a state lasts, and one draw's date makes a limit for all its nights.  A limit that lies
    before the first score is NaN.
    """
    # Seen from the next day, a lag of no days has a sign too.
    tomorrow = (on + 1).astype(float)
    days = tomorrow[:, None] - found.since[:, 1:]
    days[np.isnan(days) & ~np.isnan(found.above_on[:, 1:])] = np.inf
    made: list[Floats] = []
    for limit in limits(np.where(found.closed[:, 1:] >= found.open[:, 1:], days, -days)):
        known = np.isfinite(limit)
        made += [np.where(known, np.sign(limit), np.nan), np.where(known, tomorrow - np.abs(limit), np.nan)]
    return made[0], made[1], made[2], made[3]


def pair_error(one: Floats, other: Floats) -> float:
    """Standard error of the difference of two models, from draws that belong together."""
    return float(np.std(one - other, ddof=1))


def _pursuit(closed: Path, open_: Path) -> dict[str, Floats]:
    """How long ago the side ahead was where the side behind is, and how far apart the two curves lie."""
    top_closed, top_open = closed.best[-1], open_.best[-1]
    level = np.minimum(top_closed, top_open)
    ahead = top_closed >= top_open
    first, second = _reaching(closed, level), _reaching(open_, level)
    bracket = [np.where(ahead, c, o) for c, o in zip(first, second, strict=True)]
    floor = np.maximum(closed.best[0], open_.best[0])
    both = level - floor
    beyond = np.maximum(top_closed, top_open) - level
    behind = (second[3] - _area(open_, floor)) - (first[3] - _area(closed, floor))
    late = np.where(ahead, closed.area[-1] - first[3], open_.area[-1] - second[3])
    with np.errstate(divide="ignore", invalid="ignore"):
        horizontal = np.where(both > 0, behind / both, np.nan)
        unmet = np.where(both > 0, beyond / (both + beyond), np.nan)
        waiting = np.where(beyond > 0, late / beyond, np.nan)
    return {
        "above_on": bracket[0],
        "below_on": bracket[1],
        "since": bracket[2],
        "horizontal": horizontal,
        "unmet": unmet,
        "waiting": waiting,
    }


def _row(frontier: Path, level: Floats) -> Ints:
    """Where along the frontier each draw first stood at or above its level."""
    under: Ints = np.count_nonzero(frontier.best < level, axis=0)
    return np.minimum(under, len(frontier.dates) - 1)


def _reaching(frontier: Path, level: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """First date at or above a level, date of the record before it, the date between them, the area up to it."""
    draws = np.arange(len(level))
    row = _row(frontier, level)
    under = np.maximum(row - 1, 0)
    above_on = frontier.dates[row].astype(float)
    below_on = np.where(row > 0, frontier.best_on[under, draws], np.nan)
    below, above = frontier.best[under, draws], frontier.best[row, draws]
    with np.errstate(divide="ignore", invalid="ignore"):
        since = below_on + (above_on - below_on) * (level - below) / (above - below)
    return above_on, below_on, since, frontier.area[under, draws] + above_on * (level - below)


def _area(frontier: Path, level: Floats) -> Floats:
    draws = np.arange(len(level))
    row = _row(frontier, level)
    under = np.maximum(row - 1, 0)
    return frontier.area[under, draws] + frontier.dates[row] * (level - frontier.best[under, draws])
