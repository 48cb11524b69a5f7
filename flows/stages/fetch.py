"""Stage 1, fetch: requests every source's addresses, archives and parses the pages, follows the links they name.

Every page is archived before it is parsed.  A failure is a value: one bad page never stops its source, one bad source
never stops the others.  Requests go through `collectors.http`; the Hub is read by `collectors.hub`.  How one source is
collected stands in `flows.collecting`.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime

from collectors.contract.rows import Get
from collectors.contract.source import Source
from collectors.http.client import HttpClient
from collectors.http.policy import Limits
from collectors.limited import LimitedParser
from flows.collecting.addresses import SourceProgress, collect_pages
from flows.collecting.context import Budget, CollectContext
from flows.collecting.errors import out_of_time
from flows.collecting.hub import collect_hub
from flows.collecting.result import SourceResult
from flows.settings import Settings
from warehouse.archive import Archive
from warehouse.scope import RunScope
from warehouse.store import KnownPages

CollectSource = Callable[[Source, CollectContext], Awaitable[SourceResult]]
"""Collects one source; a scheduler may wrap it."""


async def fetch(
    night: date,
    settings: Settings,
    scope: RunScope,
    known: KnownPages,
    declared: Mapping[str, Source],
    *,
    collect_source: CollectSource | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    limits: Limits | None = None,
    budget: Budget | None = None,
    parser: LimitedParser | None = None,
) -> tuple[SourceResult, ...]:
    """Fetches the sources of a run concurrently; the results keep their order, and the archive has every page.

    ``collect_source`` collects one of them, `collect` unless something is wrapped round it.
    """
    each = collect_source or collect
    archive = Archive(settings.data / "archive")
    mirror = settings.mirror_at(night)
    async with HttpClient(user_agent=settings.user_agent, now=now, mirror=mirror, limits=limits) as client:
        limited = parser or LimitedParser()
        context = CollectContext(
            night=night,
            client=client,
            archive=archive,
            now=now,
            known=known,
            parser=limited,
            budget=budget or Budget(),
        )
        try:
            results = await asyncio.gather(*(each(declared[name], context) for name in scope.sources))
        finally:
            await asyncio.to_thread(limited.close)
    archive.finish(night, [one.source for one in results if not (one.retry or one.late)], scope=scope.kind)
    return tuple(results)


async def collect(source: Source, context: CollectContext) -> SourceResult:
    """Fetches all pages of a source tonight within its time; never raises for what the source does."""
    seconds = context.seconds_left()
    if source.transport == "hub":
        ends = time.monotonic() + seconds
        return await asyncio.to_thread(collect_hub, source, context, asyncio.get_running_loop(), ends)
    found = SourceProgress(source=source, waiting=deque(Get(url=url) for url in source.start))
    try:
        async with asyncio.timeout(seconds) as clock:
            await collect_pages(found, context)
    except TimeoutError:
        if not clock.expired():
            raise
        found.failures.append(out_of_time(source, seconds, found.fresh + found.unchanged))
        found.late = True
    return found.result()
