"""Maps a pure function over parts, on the task runner of the settings: here, on threads, or on a Dask cluster.

The parts do not depend on the runner, and what comes back has their order: so any number of workers gives the same.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flows.settings import Settings, be_patient

T = TypeVar("T")
R = TypeVar("R")


class RunnerMissing(RuntimeError):
    """The task runner of the settings is not installed; the message states what to install."""


def mapped(
    work: Callable[[T], R],
    parts: Sequence[T],
    settings: Settings,
    *,
    name: str,
    done: Callable[[R], object] = lambda _result: None,
) -> list[R]:
    """What ``work`` gives for each part, in their order; ``name`` is what Prefect shows.

    ``done`` is called with each result, in the same order, as soon as those before it have come.  On Dask, ``work`` and
    the parts are pickled.  A part that fails is tried once more.  Raises what ``work`` raises, and `RunnerMissing`.
    """
    results: list[R] = []

    def take(result: R) -> None:
        results.append(result)
        done(result)

    if settings.runner == "here":
        for part in parts:
            take(work(part))
        return results
    be_patient()
    from prefect import flow, task
    from prefect.cache_policies import NO_CACHE

    one = task(name=name, cache_policy=NO_CACHE, persist_result=False, retries=1)(work)

    @flow(name=f"gapindex-{name.replace(' ', '-')}", task_runner=task_runner(settings), persist_result=False)
    def every() -> None:
        for future in [one.submit(part) for part in parts]:
            take(future.result())

    every()
    return results


def task_runner(settings: Settings) -> Any:
    """Prefect's task runner of the settings: threads, or Dask, whose cluster is one of this machine by default."""
    if settings.runner == "threads":
        from prefect.task_runners import ThreadPoolTaskRunner

        return ThreadPoolTaskRunner(max_workers=os.cpu_count() or 1)
    try:
        from prefect_dask.task_runners import DaskTaskRunner  # only where the extra `dask` is installed
    except ImportError as error:
        raise RunnerMissing("the runner is dask, which is not installed; install gapindex[dask]") from error
    if settings.dask:
        return DaskTaskRunner(address=settings.dask)
    return DaskTaskRunner(
        cluster_kwargs={"n_workers": os.cpu_count() or 1, "threads_per_worker": 1, "dashboard_address": None}
    )
