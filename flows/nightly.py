"""The flows of Prefect: a run of `flows.night` with one Prefect task per source, and nothing else of Prefect.

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
from prefect.states import Completed

from collectors.contract.source import Source
from collectors.registry import sources as declared_sources
from flows import artifacts
from flows.alerting.dispatch import load
from flows.collecting.context import CollectContext
from flows.collecting.result import SourceResult
from flows.night import Night, run_night
from flows.scheduled import reason_to_step_aside, run_title, scheduled_night, stepped_aside
from flows.settings import Settings
from flows.stages.fetch import collect
from warehouse.scope import RunScope, scope_of

RETRY_SECONDS = 5.0
"""How long after a failed try a source out of reach is asked once more."""


class OutOfReach(Exception):
    """A source gave no page, and asking again a little later can help."""

    def __init__(self, result: SourceResult) -> None:
        self.result = result
        super().__init__("; ".join(str(failure) for failure in result.failures[:1]))


async def worth_retrying(_task: Any, _run: Any, state: Any) -> bool:
    """Only a source out of reach is asked again; what it refuses, and what drifted, is not."""
    return isinstance(await state.result(raise_on_failure=False), OutOfReach)


async def collect_as_task(source: Source, context: CollectContext) -> SourceResult:
    """One source as a Prefect task.  The task takes no parameters: Prefect keeps those, and these hold open files."""

    @task(
        name="collect",
        task_run_name=source.name,
        retries=1,
        retry_delay_seconds=RETRY_SECONDS,
        retry_condition_fn=worth_retrying,
        cache_policy=NO_CACHE,
        persist_result=False,
    )
    async def collect_one() -> SourceResult:
        result = await collect(source, context)
        log = get_run_logger()
        for failure in result.failures[:5]:
            log.warning("%s", failure)
        if result.retry:
            raise OutOfReach(result)
        log.info("%s: %d pages new, %d unchanged", source.name, result.fresh, result.unchanged)
        return result

    try:
        return await collect_one()
    except OutOfReach as failure:
        return failure.result


@flow(name="gapindex-nightly", flow_run_name=run_title, persist_result=False)
async def nightly(
    night: date | None = None,
    sources: list[str] | None = None,
    data: str | None = None,
    mirror: str | None = None,
    wait: float | None = None,
) -> Any:
    """Runs one night; what is not given comes from the environment.  A late run steps aside where a newer one is due.

    Args:
        night: The UTC date to run. Default: the date this run was scheduled for.
        sources: Names of the sources to ask. Default: all of them.
        data: The data folder. Default: GAPINDEX_DATA, else ./data.
        mirror: A base that every request goes through, with {night} for the date. Default: GAPINDEX_MIRROR, else none.
        wait: Seconds to wait for another run in the folder to end. Default: GAPINDEX_WAIT, else 1800.
    """
    settings = Settings.from_env(data=Path(data) if data else None, mirror=mirror, wait=wait)
    if night is None and (reason := await reason_to_step_aside(datetime.now(UTC))):
        return stepped_aside(reason)
    return await run(night or scheduled_night(), settings, scope_of(declared_sources(), sources or ()))


async def run(night: date, settings: Settings, scope: RunScope) -> Any:
    """A run inside a flow: its state, with the night as data and the sentence that says what it found as message.

    It ends red where the file of alerts cannot be used, which must not cost a night.
    """
    log = get_run_logger()
    night, why = settings.night_to_run(night, datetime.now(UTC).date())
    if why:
        log.warning("%s", why)
    result = await run_night(
        night, settings, scope=scope, collect_source=collect_as_task, prefect=True, progress=log.info
    )
    sentence = await _leave_artifacts(result, settings)
    for trouble in result.troubles:
        log.warning("%s", trouble)
    load(settings)
    return Completed(message=sentence, data=result)


async def _leave_artifacts(result: Night, settings: Settings) -> str:
    """The night on Prefect's page of the run; the sentence that says what it found, empty where that failed."""
    try:
        summary = await asyncio.to_thread(artifacts.of, result)
        await artifacts.leave(result, summary, settings)
    except Exception as error:  # noqa: BLE001 - the night is published; a page of Prefect's must not undo that
        get_run_logger().warning("no artifacts of this night: %s", error)
        return ""
    return summary.sentence
