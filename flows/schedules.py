"""`gapindex serve`: one process that registers the schedules with Prefect's server and runs what is due, no worker.

The schedules are intervals from a first moment, and no crons: on Python 3.11 and 3.12 the scheduler of Prefect 3.9.1
creates no run of a cron ("tzinfo must be of type ZoneInfo (exactly), got Timezone('UTC')" in the server's log).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import cast

from prefect import serve
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Interval, Schedule
from prefect.types.entrypoint import EntrypointType

from flows.feeds import feeds
from flows.make_up import make_up
from flows.nightly import nightly
from flows.settings import DUE


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """When a flow is due, in UTC: ``first`` on a day, and again ``every`` so often."""

    first: time
    every: timedelta

    @property
    def anchor(self) -> datetime:
        """A moment in the past at which it was due."""
        return datetime.combine(datetime(2026, 1, 1, tzinfo=UTC), self.first, UTC)

    @property
    def schedule(self) -> Schedule:
        """Prefect's schedule of these hours."""
        return Interval(self.every, anchor_date=self.anchor, timezone="UTC")


HOURS: Mapping[str, Hours] = {
    "nightly": Hours(first=DUE, every=timedelta(days=1)),
    "feeds": Hours(first=time(1, 15), every=timedelta(hours=4)),
    "make-up": Hours(first=time(0, 25), every=timedelta(hours=1)),
}
"""The schedules of prefect.yaml, by name of the deployment; a wheel has no prefect.yaml."""


def hours(due: time) -> Mapping[str, Hours]:
    """The schedules with the night at ``due``."""
    return {**HOURS, "nightly": Hours(first=due, every=timedelta(days=1))}


def serve_schedules(due: time) -> None:
    """Serves until it is stopped; the schedules are paused when it ends, and resumed when it starts again."""
    served = ((nightly, "nightly"), (feeds, "feeds"), (make_up, "make-up"))
    planned = hours(due)
    deployments = [
        flow.to_deployment(
            name,
            schedule=planned[name].schedule,
            tags=["gapindex", name],
            entrypoint_type=EntrypointType.MODULE_PATH,  # a file's folder would come first on sys.path
        )
        for flow, name in served
    ]
    serve(*(cast(RunnerDeployment, one) for one in deployments))  # a coroutine only where a loop runs already
