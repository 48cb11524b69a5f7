"""The nightly flow: `run_night` with one Prefect task per source, and nothing else of Prefect.

Caching and stored results are off: a night's own idempotence is what counts.  One bad source never
stops the others, and only what was out of reach is asked again.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.events import emit_event
from prefect.runtime import flow_run
from prefect.states import Completed

from collectors.contract import Source
from flows import artifacts, last_run
from flows.alerting.dispatch import after_night, load
from flows.collect import CollectContext, Collected, collect
from flows.night import Night, run_night
from flows.settings import Settings
from warehouse.alerts.subscriptions import NONE, Alerts, BadAlerts

begun: set[date] = set()
"""Nights whose body this process has entered: tells "Prefect did not start" from "the night failed"."""

_work: dict[str, tuple[Source, CollectContext]] = {}
"""What each running task works with, by source: Prefect keeps a task's parameters, and these hold open files."""


class OutOfReach(Exception):
    """A source gave no page, and asking again a little later can help."""

    def __init__(self, result: Collected) -> None:
        self.result = result
        super().__init__("; ".join(str(failure) for failure in result.failures[:1]))


async def worth_retrying(_task: Any, _run: Any, state: Any) -> bool:
    """Only a source out of reach is asked again; what it refuses, and what drifted, is not."""
    return isinstance(await state.result(raise_on_failure=False), OutOfReach)


@task(
    name="collect",
    task_run_name="{name}",
    retries=1,
    retry_delay_seconds=5,
    retry_condition_fn=worth_retrying,
    cache_policy=NO_CACHE,
    persist_result=False,
)
async def collect_one(name: str) -> Collected:
    """One source, tonight; raises `OutOfReach` where another try is worth it."""
    result = await collect(*_work[name])
    log = get_run_logger()
    for failure in result.failures[:5]:
        log.warning("%s", failure)
    if result.retry:
        raise OutOfReach(result)
    log.info("%s: %d pages new, %d unchanged", name, result.fresh, result.unchanged)
    return result


async def _as_task(source: Source, ctx: CollectContext) -> Collected:
    _work[source.name] = (source, ctx)
    try:
        return await collect_one(source.name)
    except OutOfReach as failure:
        return failure.result
    finally:
        del _work[source.name]


@flow(name="gapindex-nightly", persist_result=False)
async def nightly(
    night: date | None = None, sources: list[str] | None = None, data: str | None = None, mirror: str | None = None
) -> Night:
    """Runs one night; what is not given comes from the environment.

    Args:
        night: The UTC date to run. Default: the date this run was scheduled for.
        sources: Names of the sources to ask. Default: all of them.
        data: The data folder. Default: GAPINDEX_DATA, else ./data.
        mirror: A base that every request goes through, with {night} for the date. Default: GAPINDEX_MIRROR, else none.
    """
    chosen = night or scheduled_night()
    begun.add(chosen)
    settings = Settings.from_env(data=Path(data) if data else None, mirror=mirror)
    alerts = _alerts(settings)
    result = await run_night(chosen, settings, only=sources or (), each=_as_task, say=get_run_logger().info)
    emit_event(
        event="gapindex.night.published",
        resource={"prefect.resource.id": f"gapindex.night.{chosen}", "prefect.resource.name": f"gapindex {chosen}"},
        payload={
            "night": str(chosen),
            "publication": result.publication.folder.name,
            "changed": result.publication.fresh,
            "sources": len(result.collected),
            "stale": [one.source for one in result.stale],
        },
    )
    sentence = await _leave_artifacts(result, settings)
    for trouble in await asyncio.to_thread(after_night, settings, alerts or NONE, prefect=True):
        get_run_logger().warning("%s", trouble)
    if alerts is None:
        load(settings)  # the night stands; the run ends red, with what is wrong in the file
    return Completed(message=sentence, data=result)  # type: ignore[return-value] # a flow's caller gets its data


async def _leave_artifacts(result: Night, settings: Settings) -> str:
    """The night on Prefect's page of the run; the sentence that says what it found, empty where that failed."""
    last_run.write(settings.data, result, datetime.now(UTC))
    try:
        told = await asyncio.to_thread(artifacts.of, result)
        await artifacts.leave(result, told, settings)
    except Exception as error:  # noqa: BLE001 - the night is published; a page of Prefect's must not undo that
        get_run_logger().warning("no artifacts of this night: %s", error)
        return ""
    return told.sentence


def _alerts(settings: Settings) -> Alerts | None:
    """Who is told; None where the file cannot be used, which must not cost a night: its events are told when it can."""
    try:
        return load(settings)
    except BadAlerts as error:
        get_run_logger().error("no alerts will be sent tonight: %s", error)
        return None


def scheduled_night() -> date:
    """The UTC date this run was scheduled for, however late it starts; without a schedule, today."""
    planned = flow_run.scheduled_start_time
    return (planned or datetime.now(UTC)).astimezone(UTC).date()
