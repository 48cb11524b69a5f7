"""A night as a plain function: fetch -> ingest -> build -> publish -> notify.  No scheduler needed.

===========================  =============================================================================
module                       what happens there
===========================  =============================================================================
`flows.stages.fetch`         sources are asked through `collectors.http`; pages are archived and parsed
`flows.stages.ingest`        fetch results and rows go into the store (`warehouse.store`)
`flows.stages.build`         store -> tables (`warehouse.build`) -> checks (`warehouse.expectations`, sql/checks)
`flows.stages.publish`       tables -> publication (`warehouse.publish`) -> vintage (`warehouse.vintages`)
`flows.stages.notify`        alerts (`flows.alerting`), Prefect's event, the watchdog
---------------------------  -----------------------------------------------------------------------------
decision                     where it is made
---------------------------  -----------------------------------------------------------------------------
a name is resolved           `warehouse.identity.resolver`, called by `warehouse.naming` for every raw name
a table is accepted          ``warehouse/sql/gates/staging/accepted_table.sql``, from ``gate_outcome.sql``
an alert is sent             `warehouse.alerts.digest.plan`: table ``event`` less what a channel was sent
a run is full or partial     `warehouse.scope`: full night, feeds, or named sources
a run waits for another      `flows.folder.data_lock`: one run at a time in a data folder
===========================  =============================================================================

CONTRIBUTING.md, "Where would I change ...", has a longer list.
The night is an argument (a UTC date) and is never read from the clock.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from collectors.contract.source import Source
from collectors.http.policy import Limits
from collectors.registry import sources
from flows.collecting.result import SourceResult, pages
from flows.folder import data_lock, disk_errors
from flows.run_lines import line_writer, logged
from flows.run_log import REBUILD, recorded
from flows.settings import Settings
from flows.sql_engine import site_options
from flows.stages.build import NotPublished, build
from flows.stages.fetch import CollectSource, collect, fetch
from flows.stages.ingest import ingest, known_pages
from flows.stages.notify import notify, notify_failure
from flows.stages.publish import publish, settle_previous
from flows.storage.runs import send, take_in
from flows.timer import StageTimer
from warehouse import unpublished, vintages
from warehouse.archive import Archive
from warehouse.explain import rows
from warehouse.provenance import inputs_digest
from warehouse.publication import Publication, current
from warehouse.report.options import NO_OPTIONS, SiteOptions
from warehouse.scope import RunScope, scope_of, widest
from warehouse.store import IngestResult


class NoArchive(RuntimeError):
    """There is nothing to compute from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """The result of a run.  ``seconds``: its time by stage; ``troubles``: what failed of notifications and storage."""

    night: date
    scope: RunScope
    results: tuple[SourceResult, ...]
    ingested: IngestResult
    publication: Publication
    troubles: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def stale(self) -> tuple[SourceResult, ...]:
        """The sources that should have given a page tonight and gave none."""
        return tuple(result for result in self.results if not result.reached and not result.gone)

    @property
    def failing(self) -> tuple[SourceResult, ...]:
        """The sources with any failure tonight."""
        return tuple(result for result in self.results if result.failures)


async def run_night(
    night: date,
    settings: Settings,
    *,
    scope: RunScope | None = None,
    declared: Mapping[str, Source] | None = None,
    bundled: bool | None = None,
    collect_source: CollectSource | None = None,
    prefect: bool = False,
    progress: Callable[[str], None] = lambda _text: None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    limits: Limits | None = None,
) -> Night:
    """Runs one night in ``settings.data``; running the same night again changes nothing by itself.

    ``scope``: which of the ``declared`` sources are asked, all by default.  ``bundled``: with the history that ships
    with the package, by default as ``settings.history``.  Raises `Busy` where another run holds
    the folder for longer than ``settings.wait``, `NotPublished` where the build fails its checks, `NoDisk`.
    """
    declared = sources() if declared is None else declared
    scope = scope or scope_of(declared)
    bundled = settings.history if bundled is None else bundled
    data, wait = settings.data, settings.lock_wait
    log = line_writer(settings.log, night, scope.kind, shown=prefect or sys.stderr.isatty())
    timer = StageTimer(progress, ended=lambda stage, seconds: log("stage", stage=stage, seconds=seconds))
    collect_source = logged(collect_source or collect, log)
    with recorded(settings, night, scope.kind, timer, now) as recorder:
        try:
            with disk_errors(data):
                async with data_lock(data, night, what=str(scope), wait=wait, progress=progress):
                    recorder.begin()
                    timer.start("catch up")
                    unsent = await asyncio.to_thread(take_in, settings, progress)
                    known = known_pages(night, data, declared, progress=progress)
                    timer.start("fetch", f"asking {len(scope.sources)} sources")
                    results = await fetch(
                        night, settings, scope, known, declared, collect_source=collect_source, now=now, limits=limits
                    )
                    timer.start("ingest", "storing what came")
                    ingested = ingest(data, declared, pages(results), progress=progress)
                    unsent += await asyncio.to_thread(send, settings, progress)
                    publication = build_and_publish(
                        night, data, scope, declared, bundled=bundled, timer=timer, site=site_options(settings)
                    )
        except NotPublished:
            await asyncio.to_thread(notify_failure, scope, settings)
            raise
        timer.start("notify", "telling who subscribed")
        run = Night(night=night, scope=scope, results=results, ingested=ingested, publication=publication)
        stale = [result.source for result in run.stale]
        troubles = await asyncio.to_thread(notify, publication, scope, settings, stale=stale, prefect=prefect)
        timer.stop()
        troubles = unsent + troubles
        run = replace(run, troubles=troubles, seconds=timer.seconds)
        return replace(run, troubles=troubles + recorder.finish(run))


def build_and_publish(
    night: date,
    data: Path,
    scope: RunScope,
    declared: Mapping[str, Source],
    *,
    bundled: bool = True,
    anew: bool = False,
    timer: StageTimer | None = None,
    site: SiteOptions = NO_OPTIONS,
) -> Publication:
    """The stages build and publish, in a folder that the caller holds; raises `NotPublished`.

    What is published already, computed from the same inputs, is not built again, and a table whose inputs have not
    changed is taken from an earlier build (`warehouse.table_cache`), unless ``anew``.
    """
    timer = timer or StageTimer()
    settle_previous(data)
    if not anew and (before := current(data)) is not None and before.night == night:
        timer.start("build", "comparing the inputs with those of the publication")
        run_id = inputs_digest(data / "store.duckdb", night, declared, bundled=bundled, published=data / "vintages")
        if before.run_id == run_id:
            timer.start("build", f"skipped: run {run_id} is published, and nothing it was computed from has changed")
            return before
    try:
        with build(night, data, declared, bundled=bundled, anew=anew, timer=timer) as tables:
            timer.start("publish", "publishing")
            publication = publish(tables, data, night, scope, site)
    except NotPublished as error:
        stays = current(data)
        error.record = unpublished.record(data, night, error.failures, published=stays.night if stays else None)
        raise
    unpublished.clear(data)
    return publication


def rebuild(
    night: date,
    settings: Settings,
    *,
    declared: Mapping[str, Source] | None = None,
    progress: Callable[[str], None] = lambda _text: None,
) -> Publication:
    """Rebuilds the store from the archive alone, then builds and publishes; raises as `run_night` does.

    Raises `NoArchive` where the archive has nothing, and leaves the store as it is.  The scope is that of the runs
    of that night: a night that never ran in full settles no vintage now.
    """
    from flows.reading import read_archive  # task runners, which no night needs

    declared = sources() if declared is None else declared
    data, archive = settings.data, Archive(settings.data / "archive")
    if not (archive.logs() or settings.archive):
        raise _nothing_in(archive)
    timer = StageTimer(progress)
    with (
        recorded(settings, night, REBUILD, timer, lambda: datetime.now(UTC)) as recorder,
        disk_errors(data),
        data_lock(data, night, what="rebuild"),
    ):
        timer.start("catch up")
        troubles = take_in(settings, progress)
        if not archive.logs():
            raise _nothing_in(archive, *troubles)
        recorder.begin()
        timer.start("ingest", "reading the archive")
        for suffix in ("", ".wal"):
            (data / f"store.duckdb{suffix}").unlink(missing_ok=True)
        rows_read, troubles_reading = read_archive(settings, declared, progress=progress)
        kind = widest(archive.scopes().get(night, ()))
        scope = RunScope(kind=kind, sources=tuple(declared))
        publication = build_and_publish(
            night,
            data,
            scope,
            declared,
            bundled=settings.history,
            anew=True,
            timer=timer,
            site=site_options(settings),
        )
        timer.stop()
        recorder.end(
            "published" if publication.fresh else "unchanged",
            seconds=dict(timer.seconds),
            sources=len(declared),
            rows_stored=rows_read,
            rows_published=sum(publication.rows.values()),
            publication=publication.folder.name,
            troubles=len(troubles + troubles_reading),
        )
        for trouble in troubles + troubles_reading:
            progress(trouble)
        return publication


def _nothing_in(archive: Archive, *troubles: str) -> NoArchive:
    return NoArchive(
        f"{archive.root} holds no log of a night; what to do: give the --data folder that the nights ran in, restore"
        f" the archive from a backup, or begin with `gapindex run`{''.join(f'; {one}' for one in troubles)}"
    )


def as_known_on(
    night: date, data: Path, *, declared: Mapping[str, Source] | None = None, bundled: bool = True
) -> list[dict[str, Any]]:
    """The night's rows of ``gap_index`` as they were known then: as published, or, of a night on which nothing was
    published, computed now from what had been seen by then.  Only reads.  Raises `Busy` where a run holds the folder,
    and `NoArchive` where there is nothing to compute from."""
    try:
        published = vintages.published_on(data, night)
    except vintages.VintageDamaged as error:
        raise NoArchive(str(error)) from error
    if published is not None:
        return published
    from warehouse.build import built  # a second of imports that a vintage does not need

    declared = sources() if declared is None else declared
    if not (data / "store.duckdb").exists():
        raise NoArchive(f"{data} holds no store to compute from; what to do: `gapindex rebuild`, then ask again")
    with (
        disk_errors(data),
        data_lock(data, night, what="show") if os.access(data, os.W_OK) else nullcontext(),
        built(
            data / "store.duckdb",
            night,
            declared,
            bundled=bundled,
            published=data / "vintages",
            only=[("marts", "gap_index")],
        ) as db,
    ):
        return rows(db, "select * from marts.gap_index where night = $night order by all", {"night": night})


def interruptible() -> None:
    """From here on Ctrl-C ends a night at once; asyncio's own handler waits for an await."""
    signal.signal(signal.SIGINT, _interrupt)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
