"""Linear algebra on one thread.

The fits solve some hundred small systems of equations each.  OpenBLAS, which the wheels of numpy and scipy bring along,
shares each among as many threads as there are cores, and those wait for each other by spinning: on two busy cores that
cost thirty times the processor time of one thread.  How a sum is split also decides its last bits, and the tables of a
night must not depend on how many cores it ran on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits


@contextmanager
def one_thread() -> Iterator[None]:
    """While it lasts, every BLAS in the process works on one thread."""
    with threadpool_limits(limits=1, user_api="blas"):
        yield
