"""What a Kaplan-Meier curve with a thousand draws costs, beside lifelines, which fits one draw at a time.

    python -m benchmarks.survival [DRAWS]

The same weights go to both; before a ratio is printed, the medians of the draws that lifelines fitted are compared.
Processor time of this process, least of five runs for ours; lifelines is timed on 20 draws.
"""

from __future__ import annotations

import sys
import time
import warnings

import numpy as np

from warehouse.measures.contract import generator
from warehouse.measures.survival import Floats, Times, curves, resampled
from warehouse.measures.threads import one_thread

RECORDS, PEER_DRAWS = 40, 20
"""As many as overall has in 2026, and as many draws as a reader waits for."""


def records() -> Times:
    """Days that records stood: two in three were reached, some by the same release."""
    random = generator("benchmark survival")
    took: Floats = np.round(np.exp(random.normal(5.3, 0.7, RECORDS))).astype(np.float64)
    reached = random.random(RECORDS) < 2 / 3
    cluster = np.unique(random.integers(0, RECORDS // 2, RECORDS), return_inverse=True)[1].astype(np.int64)
    return Times(lower=took, upper=np.where(reached, took, np.inf), cluster=cluster)


def theirs(times: Times, weights: Floats) -> Floats:
    """The median of each draw, by lifelines."""
    from lifelines import KaplanMeierFitter

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas' deprecations in the peer
        fits = [KaplanMeierFitter().fit(times.lower, times.reached, weights=row) for row in weights]
        return np.array([fit.median_survival_time_ for fit in fits])


def main(draws: int) -> int:
    """Prints one line of Markdown; 1 where the medians differ."""
    times = records()
    weights = resampled(times, draws, generator("benchmark survival draws"))
    taken = []
    for _ in range(5):
        before = time.process_time()
        medians = curves(times, weights).quantile(0.5)
        taken.append(time.process_time() - before)
    some = weights[:PEER_DRAWS] + 1e-9  # lifelines wants no weight to be nothing
    theirs(times, some[:1])  # imports and first-call costs are no draw's
    before = time.process_time()
    peer = theirs(times, some)
    each = (time.process_time() - before) / PEER_DRAWS
    if not np.array_equal(peer, medians[:PEER_DRAWS]):
        print(f"the medians differ, no figures: {peer.tolist()} and {medians[:PEER_DRAWS].tolist()}")
        return 1
    ours = min(taken)
    print(
        f"| Kaplan-Meier, {draws:,} draws of {RECORDS} records | {1000 * ours:.1f} ms"
        f" | lifelines {1000 * each:.1f} ms a draw | {each * draws / ours:,.0f}x |"
    )
    return 0


if __name__ == "__main__":
    with one_thread():
        sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 1000))
