"""Past nights, in order, as living through them would have been: the same collectors, archive and rows.

A file-backed address is asked only on nights on which its own history says it changed; every other
address is asked conditionally each night.  What has been asked to the end is noted, so a stopped
back-fill goes on where it was and a finished one does nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from collectors.commit_history import CommitHistory, commit_history
from collectors.contract import Get, Source, SourceError
from collectors.http.client import HttpClient
from collectors.http.policy import Limits
from collectors.registry import fingerprint, sources
from flows.collect import CollectContext, collect
from flows.night import chosen, data_lock
from flows.settings import Settings
from warehouse.archive import Archive
from warehouse.store import Store

FLUSH_NIGHTS = 30
"""Nights collected between two passes of the store; their pages wait in the archive meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a back-fill is: for whoever shows it."""

    night: date
    done: int
    nights: int
    pages: int
    seconds_left: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfilled:
    """What a back-fill did; ``seconds`` tells where its time went."""

    nights: int
    skipped: int
    fresh: int
    unchanged: int
    not_asked: int
    rows: int
    seconds_collecting: float
    seconds_reading: float


class HistoryCalendar:
    """Which addresses can be left alone tonight, by their files' own histories."""

    def __init__(self, client: HttpClient, last: date) -> None:
        self._door = client
        self._last = last
        self._histories: dict[str, CommitHistory | None] = {}
        self._asked: dict[tuple[str, str, str], date] = {}
        self.left_alone = 0

    async def unchanged(self, source: Source, get: Get, night: date) -> bool:
        """Whether the history of this address says that nothing happened since it was last asked."""
        if get.url not in self._histories:
            try:
                self._histories[get.url] = await commit_history(self._door, source, get.url)
            except SourceError:
                self._histories[get.url] = None  # no history to be had: ask every night
        history = self._histories[get.url]
        place = (source.name, get.url, get.context)
        # On the last night everything is asked, so that the record says how far it was followed.
        if history is not None and night < self._last and not history.changed_between(self._asked.get(place), night):
            self.left_alone += 1
            return True
        self._asked[place] = night
        return False

    def missed(self, source: Source, get: Get) -> None:
        """Takes note that asking came to nothing, so that the next night asks again."""
        self._asked.pop((source.name, get.url, get.context), None)


async def backfill(
    first: date,
    last: date,
    settings: Settings,
    *,
    only: Iterable[str] = (),
    progress: Callable[[Progress], None] = lambda _now: None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    limits: Limits | None = None,
) -> Backfilled:
    """Runs the nights from ``first`` to ``last`` in ``settings.data`` without publishing.

    Raises `Busy` where another run holds the folder.
    """
    asked = chosen(only)
    archive = Archive(settings.data / "archive")
    nights = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    fresh = unchanged = rows = done = skipped = 0
    collecting = reading = 0.0
    with data_lock(settings.data, last), Store(settings.data / "store.duckdb") as store:
        archive.sweep()
        rows += store.ingest(archive, sources(), fingerprint).rows
        finished = archive.finished()
        todo = [night for night in nights if not set(asked) <= finished.get(night, frozenset())]
        skipped = len(nights) - len(todo)
        began = time.monotonic()
        async with HttpClient(user_agent=settings.user_agent, now=now, limits=limits) as client:
            calendar = HistoryCalendar(client.through(settings.mirror_at(last)), last)
            ctx = CollectContext(
                night=first,
                client=client,
                archive=archive,
                store=store,
                mirror="",
                user_agent=settings.user_agent,
                now=now,
                cached=store.cached_pages(todo[0]) if todo else {},
                calendar=calendar,
            )
            for at, night in enumerate(todo, start=1):
                step = time.monotonic()
                mirror = settings.mirror_at(night)
                tonight = replace(ctx, night=night, client=client.through(mirror), mirror=mirror)
                missing = [s for name, s in asked.items() if name not in finished.get(night, frozenset())]
                due = [s for s in missing if (last - night).days % s.past_every_days == 0]
                results = await asyncio.gather(*(collect(source, tonight) for source in due))
                again = {result.source for result in results if result.retry}
                archive.finish(night, [source.name for source in missing if source.name not in again])
                fresh += sum(r.fresh for r in results)
                unchanged += sum(r.unchanged for r in results)
                done = at
                collecting += time.monotonic() - step
                if at % FLUSH_NIGHTS == 0 or at == len(todo):
                    step = time.monotonic()
                    rows += store.ingest(archive, sources(), fingerprint, read=ctx.read).rows
                    ctx.read.forget()
                    reading += time.monotonic() - step
                spent = time.monotonic() - began
                progress(
                    Progress(
                        night=night,
                        done=at,
                        nights=len(todo),
                        pages=fresh,
                        seconds_left=spent / at * (len(todo) - at) if at >= 5 else None,
                    )
                )
    return Backfilled(
        nights=done,
        skipped=skipped,
        fresh=fresh,
        unchanged=unchanged,
        not_asked=calendar.left_alone,
        rows=rows,
        seconds_collecting=round(collecting, 1),
        seconds_reading=round(reading, 1),
    )
