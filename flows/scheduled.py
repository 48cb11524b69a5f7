"""What Prefect knows about the run it has started: the night it is for, and why it should not go after all."""

from __future__ import annotations

from datetime import UTC, date, datetime

from prefect import get_run_logger
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import State, StateType
from prefect.runtime import deployment, flow_run
from prefect.states import Completed

ALIVE = [StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING, StateType.COMPLETED]
"""States of a newer run that make an older one needless; a cancelled or crashed one does not."""


def scheduled_night() -> date:
    """The UTC date this run was scheduled for; without a schedule, today."""
    planned = flow_run.scheduled_start_time
    return (planned or datetime.now(UTC)).astimezone(UTC).date()


def run_title() -> str:
    """The name of this run on Prefect's page: the night it is for."""
    return f"night {flow_run.parameters.get('night') or scheduled_night()}"


async def reason_to_step_aside(now: datetime) -> str:
    """Why this run, which comes late, should not go: its night is over, or a newer run is due; empty where it should.

    After a pause every late run starts at once.  The oldest of them used to run, with today's pages under its own
    date, and the newest was cancelled.
    """
    planned = flow_run.scheduled_start_time
    if planned is None or deployment.id is None:
        return ""
    planned = planned.astimezone(UTC)
    if planned.date() < now.date():
        return f"night {planned.date()} is over, and what the sources show now is of {now.date()}"
    if newer := await _newer_run(planned, now):
        return f"run {newer}, which was due later, goes"
    return ""


async def _newer_run(planned: datetime, now: datetime) -> str:
    """The name of a run of the same deployment that was due after ``planned`` and by now; empty where none was."""
    try:
        async with get_client() as client:
            newer = await client.read_flow_runs(
                deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment.id])),
                flow_run_filter=FlowRunFilter(
                    expected_start_time=FlowRunFilterExpectedStartTime.model_validate(
                        {"after_": planned, "before_": now}
                    ),
                    state=FlowRunFilterState(type=FlowRunFilterStateType(any_=ALIVE)),
                ),
            )
    except Exception as error:  # noqa: BLE001 - a night is not lost to its scheduler: two runs are better than none
        get_run_logger().warning("Prefect could not say whether a newer run is due (%s)", type(error).__name__)
        return ""
    late = [run for run in newer if run.expected_start_time and run.expected_start_time > planned]
    return str(max(late, key=lambda run: run.expected_start_time or planned).name) if late else ""


def stepped_aside(reason: str) -> State[None]:
    """The state of a run that did nothing, and why; green, because nothing is wrong."""
    get_run_logger().warning("stepped aside: %s", reason)
    return Completed(message=f"stepped aside: {reason}", name="Skipped")
