"""`gapindex serve`: one process that registers the schedules with Prefect's server and runs what is due, no worker."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import cast

from prefect import serve
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from flows.feeds import feeds
from flows.make_up import make_up
from flows.nightly import nightly

SCHEDULES = {"nightly": "30 3 * * *", "feeds": "15 1,5,9,13,17,21 * * *", "make-up": "25 * * * *"}
"""The crons of prefect.yaml, in UTC; a wheel has no prefect.yaml."""


def schedules(due: time) -> Mapping[str, str]:
    """The crons, in UTC, with the night at ``due``; by name of the deployment."""
    return SCHEDULES | {"nightly": f"{due.minute} {due.hour} * * *"}


def serve_schedules(due: time) -> None:
    """Serves until it is stopped; the schedules are paused when it ends, and resumed when it starts again."""
    served = ((nightly, "nightly"), (feeds, "feeds"), (make_up, "make-up"))
    crons = schedules(due)
    deployments = [
        flow.to_deployment(
            name,
            schedule=Cron(crons[name], timezone="UTC"),
            tags=["gapindex", name],
            entrypoint_type=EntrypointType.MODULE_PATH,  # a file's folder would come first on sys.path
        )
        for flow, name in served
    ]
    serve(*(cast(RunnerDeployment, one) for one in deployments))  # a coroutine only where a loop runs already
