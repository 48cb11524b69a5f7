"""Linear algebra on one thread.

Each fit solves some hundred small systems of equations.  OpenBLAS, which comes with the wheels of numpy and scipy,
splits each among as many threads as there are cores, and these threads spin while they wait for each other: on two
busy cores that took thirty times the processor time of one thread.  How a sum is split also decides its last bits, and
the tables of a night must not depend on the number of cores.
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
