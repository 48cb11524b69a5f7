"""What the composite costs: the fit cold and warm, and its draws, at 1 and 10 times today's cells, or at given factors.

    python -m benchmarks.composite [SCALE ...] [--vs epoch]

From a hundred times on three refits are timed, and the rest counted as costing the same.  The peer is the method of
Epoch AI's index, as `proofs.eci` has it: one search by scipy's least squares, its derivatives exact, as their code has
them now, on one thread like ours and on as many as BLAS takes by itself; at today's size also by differences, as their
code took them at first; and for intervals a refit a draw, each model's scores drawn again.  Both must order the models
alike before a ratio is printed.  One estimate is not the other, so these ratios compare methods.  The same objective is
compared too: ours by scipy's L-BFGS-B, which is given the weights of the optimum.

Today's size is that of the recorded web in June 2026: 386 models on 170 instruments in 37 groups, 10,200 cells.
First the optimum is checked: a general minimiser (L-BFGS), started where the fit ended and given the same objective,
must not find anything lower.  A figure is only printed where it does not.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import islice

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import spearmanr
from threadpoolctl import threadpool_limits

from proofs.eci import FIXED, Objective, Published, TheirFit
from warehouse.measures import composite
from warehouse.measures.composite import Cells, Fitted
from warehouse.measures.contract import generator
from warehouse.measures.threads import one_thread

MODELS, INSTRUMENTS, GROUPS, CELLS, DRAWS = 386, 170, 37, 10_200, 1_000
ALIKE = 0.98
"""Rank correlation of the two estimates' abilities below which they are no peers."""


def generated(scale: int) -> Cells:
    """A world of so many times today's cells, its sides grown by the square root."""
    random, side = generator("benchmark composite", scale), scale**0.5
    n_models, n_items, n_groups = round(MODELS * side), round(INSTRUMENTS * side), round(GROUPS * side)
    place = random.choice(n_models * n_items, CELLS * scale, replace=False)
    place.sort()
    model, item = place // n_items, place % n_items
    theta, difficulty = random.normal(0, 0.8, n_models), random.normal(0.2, 0.6, n_items)
    slope = np.exp(random.normal(0.7, 0.4, n_items))
    share = expit(slope[item] * (theta[model] - difficulty[item]) + random.normal(0, 0.5, len(model)))
    group = random.integers(0, n_groups, n_items)
    weight = composite.shared_out(np.full(len(model), composite.CAP), model, group[item])
    return Cells(model=model, item=item, share=share, weight=weight, group=group, n_models=n_models)


def tomorrow(cells: Cells) -> Cells:
    """A night's change: one cell in a hundred is new by a hundredth of the range."""
    nudge = np.where(np.arange(len(cells.share)) % 100 == 0, 0.01, 0.0)
    return replace(cells, share=np.clip(cells.share + nudge, 0, 1))


def minimised(cells: Cells, weights_of: Fitted, start: Fitted, rounds: int = 200) -> tuple[float, float]:
    """The composite's objective at ``start``, and where a general minimiser gets it from there, the weights fixed."""
    weighed = composite.weighed_at(cells, weights_of)
    n_models, n_items = cells.n_models, cells.n_items
    spreads = (composite.THETA, composite.DIFFICULTY, composite.LOG_SLOPE)
    sizes = (n_models, n_items, n_items)
    mean, spread = (np.repeat([pair[at] for pair in spreads], sizes) for at in (0, 1))

    def objective(point: composite.Floats) -> tuple[float, composite.Floats]:
        theta, difficulty, log_slope = np.split(point, [n_models, n_models + n_items])
        slope = np.exp(log_slope)[cells.item]
        logit = slope * (theta[cells.model] - difficulty[cells.item])
        over = weighed.weight * (expit(logit) - cells.share)
        pull = (point - mean) / spread
        gradient = pull / spread
        gradient[:n_models] += np.bincount(cells.model, slope * over, n_models)
        gradient[n_models : n_models + n_items] -= np.bincount(cells.item, slope * over, n_items)
        gradient[n_models + n_items :] += np.bincount(cells.item, logit * over, n_items)
        value = weighed.weight @ (np.logaddexp(0, logit) - cells.share * logit) + pull @ pull / 2
        return float(value), gradient

    at = np.concatenate([start.theta, start.items])
    options = {"maxiter": rounds, "ftol": 0, "gtol": 1e-9}
    return objective(at)[0], float(minimize(objective, at, jac=True, method="L-BFGS-B", options=options).fun)


def lower_elsewhere(cells: Cells, fitted: Fitted) -> float:
    """By how much, relative to its value, a general minimiser gets the objective below where the fit ended."""
    value, found = minimised(cells, fitted, fitted, rounds=200 if len(cells.share) < 1e6 else 20)
    return (value - found) / value


def as_epoch(cells: Cells) -> Objective:
    """The same cells as the input of the method that Epoch states (`proofs.eci`), which has an objective of its own."""
    epoch = Published(
        models=[f"model {at}" for at in range(cells.n_models)],
        benchmarks=[FIXED, *(f"benchmark {at}" for at in range(1, cells.n_items))],
        model=cells.model,
        benchmark=cells.item,
        score=cells.share,
        capability=np.zeros(cells.n_models),
        difficulty=np.zeros(cells.n_items),
        slope=np.ones(cells.n_items),
    )
    return Objective(epoch=epoch, used=np.ones(len(cells.share), dtype=bool))


def drawn_again(cells: Cells, whole: TheirFit, number: int) -> TheirFit:
    """One of the refits that Epoch's intervals are made of: as many scores of each model, drawn with replacement."""
    random = generator("benchmark resample", number)
    count = np.bincount(cells.model, minlength=cells.n_models)
    order = np.argsort(cells.model, kind="stable")
    begin = np.repeat(np.cumsum(count) - count, count)
    chosen = order[begin + (random.random(len(order)) * np.repeat(count, count)).astype(int)]
    again = replace(cells, model=cells.model[chosen], item=cells.item[chosen], share=cells.share[chosen])
    return as_epoch(again).search(random, whole)


def seconds(work: Callable[[], object], times: int) -> float:
    """Least processor time of so many runs."""
    taken = []
    for _ in range(times):
        before = time.process_time()
        work()
        taken.append(time.process_time() - before)
    return min(taken)


def row(*words: str) -> None:
    """A line of a Markdown table."""
    print(f"| {' | '.join(words)} |", flush=True)


def main(scales: list[int], *, peer: bool) -> int:
    """Prints lines of Markdown for every scale; 1 where the optimum does not hold, or the peer is none."""
    for scale in scales:
        cells = generated(scale)
        fitted = composite.fit(cells)
        if (lower := lower_elsewhere(cells, fitted)) > 1e-8:
            print(f"{scale}x: not the optimum, a general minimiser gets {lower:.1e} lower; no figures")
            return 1
        times = {1: 9, 10: 3}.get(scale, 1)
        cold, warm = (seconds(partial(composite.fit, tomorrow(cells), start), times) for start in (None, fitted))
        size = f"{len(cells.share):,} cells, {cells.n_models:,} models, {cells.n_items:,} instruments"
        shown = f"composite fit, {scale}x: {size}"
        if peer:
            theirs = as_epoch(cells).search(generator("benchmark search"))
            alike = float(spearmanr(theirs.capability, fitted.theta).statistic)
            if alike < ALIKE:
                print(f"{scale}x: the peer orders the models otherwise ({alike:.3f}); no figures")
                return 1
            beside(cells, fitted, cold, scale, shown, alike)
        else:
            row(shown, f"{1000 * cold:,.0f} ms", "", "")
        row(f"composite fit on the next night, {scale}x", f"{1000 * warm:,.0f} ms", "", "")
        refits = cells.n_groups if scale <= 10 else 3
        whole = seconds(partial(drawn, cells, fitted, refits), 3 if scale == 1 else 1) * cells.n_groups / refits
        reckoned = f", of which {refits} were timed" if refits < cells.n_groups else ""
        words = [f"intervals of a night, {scale}x: {DRAWS:,} draws", f"{1000 * whole:,.0f} ms"]
        note = f"ours {cells.n_groups} refits without a group each{reckoned}"
        if peer:
            one = seconds(partial(drawn_again, cells, theirs, 1), 1)
            note += f"; Epoch's a refit a draw: {one * DRAWS:,.0f} s, reckoned from one of {1000 * one:,.0f} ms"
            row(*words, note, f"{one * DRAWS / whole:,.0f}x")
        else:
            row(*words, note, "")
    return 0


def beside(cells: Cells, fitted: Fitted, cold: float, scale: int, shown: str, alike: float) -> None:
    """Rows of the fit beside Epoch's method and beside a general minimiser of the same objective."""
    theirs, every = as_epoch(cells), os.cpu_count() or 1

    def search(*, by_differences: bool = False) -> float:
        return seconds(lambda: theirs.search(generator("benchmark search"), by_differences=by_differences), 1)

    def compared(what: str, took: float, peer: str) -> None:
        row(what, f"{1000 * cold:,.0f} ms", peer.format(f"{1000 * took:,.0f} ms"), f"{took / cold:.1f}x")

    same = f"the same, {scale}x"
    compared(shown, search(), f"Epoch's method, exact derivatives, one thread: {{}}; same order to {alike:.3f}")
    with threadpool_limits(every, user_api="blas"):
        compared(
            same, search(), f"their search on the {every} threads that BLAS takes by itself, as their code runs: {{}}"
        )
    if scale == 1:
        took = search(by_differences=True)
        compared(same, took, "their search by differences, as their code did at first, one thread: {}")
    ended, _ = minimised(cells, fitted, fitted, rounds=0)
    begun = time.process_time()
    _, found = minimised(cells, fitted, composite.first_guess(cells))
    took = time.process_time() - begun
    compared(same, took, f"our objective by scipy's L-BFGS-B, weights given: {{}}; ends {found - ended:.0e} higher")


def drawn(cells: Cells, fitted: Fitted, refits: int) -> composite.Floats:
    """All abilities in `DRAWS` draws, as a build makes them, of the first so many groups of instruments."""
    left = islice(composite.without_each_group(cells, fitted), refits)
    moved = np.stack([fitted.theta - without.theta for without in left], axis=1)
    made: composite.Floats = fitted.theta[:, None] + moved @ generator("benchmark draws").standard_normal(
        (refits, DRAWS)
    )
    return made


if __name__ == "__main__":
    with one_thread():
        numbers = [int(word) for word in sys.argv[1:] if word.isdecimal()]
        sys.exit(main(numbers or [1, 10], peer="epoch" in sys.argv))
