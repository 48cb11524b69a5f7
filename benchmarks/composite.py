"""What the composite costs: the fit cold and warm, and its draws, at 1 and 10 times today's cells, or at given factors.

    python -m benchmarks.composite [SCALE ...] [--vs epoch]

A hundred times takes some minutes: there three refits are timed, and the rest counted as costing the same.  The peer is
the method that Epoch AI states for its index, as `proofs.eci` has it (least squares by scipy, exact derivatives); both
must order the models alike before a ratio is printed.  One estimate is not the other, so a ratio compares methods.

Today's size is that of the recorded web in June 2026: 386 models on 170 instruments in 37 groups, 10,200 cells.
First the optimum is checked: a general minimiser (L-BFGS), started where the fit ended and given the same objective,
must not find anything lower.  A figure is only printed where it does not.
"""

from __future__ import annotations

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


def lower_elsewhere(cells: Cells, fitted: Fitted) -> float:
    """By how much, relative to its value, a general minimiser gets the objective below where the fit ended."""
    weighed = composite.weighed_at(cells, fitted)
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

    at = np.concatenate([fitted.theta, fitted.items])
    value, _ = objective(at)
    found = minimize(objective, at, jac=True, method="L-BFGS-B", options={"maxiter": 200, "ftol": 0, "gtol": 1e-9})
    return float((value - found.fun) / value)


def searched(cells: Cells) -> TheirFit:
    """The same cells by the method that Epoch states (`proofs.eci`), which has an objective of its own."""
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
    used = np.ones(len(cells.share), dtype=bool)
    return Objective(epoch=epoch, used=used).search(generator("benchmark search"))


def seconds(work: Callable[[], object], times: int) -> float:
    """Least processor time of so many runs."""
    taken = []
    for _ in range(times):
        before = time.process_time()
        work()
        taken.append(time.process_time() - before)
    return min(taken)


def main(scales: list[int], *, peer: bool) -> int:
    """Prints lines of Markdown for every scale; 1 where the optimum does not hold, or the peer is none."""
    for scale in scales:
        cells = generated(scale)
        fitted = composite.fit(cells)
        if (lower := lower_elsewhere(cells, fitted)) > 1e-8:
            print(f"{scale}x: not the optimum, a general minimiser gets {lower:.1e} lower; no figures")
            return 1
        times = 5 if scale == 1 else 1
        # A night's change: one cell in a hundred is new by a hundredth of the range.
        nudge = np.where(np.arange(len(cells.share)) % 100 == 0, 0.01, 0.0)
        tomorrow = replace(cells, share=np.clip(cells.share + nudge, 0, 1))
        cold, warm = (seconds(partial(composite.fit, tomorrow, start), times) for start in (None, fitted))
        size = f"{len(cells.share):,} cells, {cells.n_models:,} models, {cells.n_items:,} instruments"
        shown = f"composite fit, {scale}x: {size}"
        theirs = ["", ""]
        if peer:
            begun = time.process_time()
            alike = float(spearmanr(searched(cells).capability, fitted.theta).statistic)
            other = time.process_time() - begun
            if alike < ALIKE:
                print(f"{scale}x: the peer orders the models otherwise ({alike:.3f}); no figures")
                return 1
            theirs = [f"Epoch's method {1000 * other:,.0f} ms; same order to {alike:.3f}", f"{other / cold:.1f}x"]
        print(f"| {' | '.join([shown, f'{1000 * cold:,.0f} ms', *theirs])} |")
        refits = cells.n_groups if scale <= 10 else 3
        whole = seconds(partial(drawn, cells, fitted, refits), 1) * cells.n_groups / refits
        reckoned = f", of which {refits} were timed" if refits < cells.n_groups else ""
        note = f"{cells.n_groups} refits without a group each{reckoned}"
        print(f"| intervals of a night, {scale}x: {DRAWS:,} draws | {1000 * whole:,.0f} ms | {note} |  |")
        print(f"| composite fit on the next night, {scale}x | {1000 * warm:,.0f} ms |  |  |", flush=True)
    return 0


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
