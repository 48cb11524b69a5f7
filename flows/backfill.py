"""Back-fill: collects past nights in order, with the same collectors, archive and rows as a nightly run.

An address of a file with a commit history is fetched only for nights on which the file changed; every
other address gets a conditional request each night.  Finished sources are recorded, so a stopped
back-fill resumes where it was and a finished one does nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from collectors.commit_history import CommitHistory, commit_history
from collectors.contract.errors import SourceError
from collectors.contract.rows import Get
from collectors.contract.source import Source
from collectors.http.client import HttpClient
from collectors.http.policy import Limits
from collectors.limited import LimitedParser
from collectors.parsing import ParsedPage
from collectors.registry import sources
from flows.collecting.context import CollectContext
from flows.collecting.result import SourceResult, pages
from flows.folder import data_lock, disk_errors
from flows.reading import read_archive
from flows.run_log import BACK_FILL, recorded
from flows.settings import Settings
from flows.stages.fetch import collect
from flows.stages.ingest import ingest, known_pages
from flows.storage.runs import send, take_in
from flows.timer import StageTimer
from warehouse.archive import Archive
from warehouse.scope import RunScope, scope_of

FLUSH_NIGHTS = 30
"""Nights collected between two ingests into the store; their pages are in the archive meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The progress of a back-fill, for display."""

    night: date
    done: int
    nights: int
    pages: int
    seconds_left: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfilled:
    """The result of a back-fill; ``seconds``: its time by stage; ``troubles``: what failed of storage and runner."""

    nights: int
    skipped: int
    fresh: int
    unchanged: int
    not_asked: int
    rows: int
    seconds_collecting: float
    seconds_reading: float
    troubles: tuple[str, ...] = ()


class HistoryCalendar:
    """Which addresses need no request on a night, by their files' commit histories."""

    def __init__(self, client: HttpClient, last: date) -> None:
        self._door = client
        self._last = last
        self._histories: dict[str, CommitHistory | None] = {}
        self._asked: dict[tuple[str, str, str], date] = {}
        self.left_alone = 0

    async def unchanged(self, source: Source, get: Get, night: date) -> bool:
        """Whether, by its history, the file of this address has not changed since it was last fetched."""
        if get.url not in self._histories:
            try:
                self._histories[get.url] = await commit_history(self._door, source, get.url)
            except SourceError:
                self._histories[get.url] = None  # no history available: request it every night
        history = self._histories[get.url]
        place = (source.name, get.url, get.context)
        # On the last night every address is requested, so that the record shows how far it was followed.
        if history is not None and night < self._last and not history.changed_between(self._asked.get(place), night):
            self.left_alone += 1
            return True
        self._asked[place] = night
        return False

    def missed(self, source: Source, get: Get) -> None:
        """Records that the request failed, so that the next night asks again."""
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

    Raises `Busy` where another run holds the folder for longer than ``settings.wait``, and `NoDisk`.
    """
    declared = sources()
    scope = scope_of(declared, only)
    data, archive = settings.data, Archive(settings.data / "archive")
    nights = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    total, timer = _Total(), StageTimer()
    with (
        recorded(settings, last, BACK_FILL, timer, now) as recorder,
        disk_errors(data),
        LimitedParser() as parser,
    ):
        async with (
            data_lock(data, last, what="back-fill", wait=settings.lock_wait),
            HttpClient(user_agent=settings.user_agent, now=now, limits=limits) as client,
        ):
            recorder.begin()
            timer.start("read")
            troubles = await asyncio.to_thread(take_in, settings)
            total.rows, failed = await asyncio.to_thread(read_archive, settings, declared)
            finished = archive.finished()
            todo = [night for night in nights if not set(scope.sources) <= finished.get(night, frozenset())]
            calendar = HistoryCalendar(client.through(settings.mirror_at(last)), last)
            if todo:
                shared = CollectContext(
                    night=todo[0],
                    client=client,
                    archive=archive,
                    now=now,
                    known=known_pages(todo[0], data, declared),
                    calendar=calendar,
                    parser=parser,
                )
                await _collect_nights(todo, last, scope, declared, settings, shared, total, timer, progress)
            timer.start("send")
            troubles += failed + await asyncio.to_thread(send, settings)
            timer.stop()
            recorder.end(
                "collected",
                seconds=dict(timer.seconds),
                sources=len(scope.sources),
                pages_new=total.fresh,
                pages_unchanged=total.unchanged,
                bytes_new=total.bytes_new,
                rows_stored=total.rows,
                troubles=len(troubles),
            )
    return Backfilled(
        nights=len(todo),
        skipped=len(nights) - len(todo),
        fresh=total.fresh,
        unchanged=total.unchanged,
        not_asked=calendar.left_alone,
        rows=total.rows,
        seconds_collecting=round(timer.seconds.get("collect", 0.0), 1),
        seconds_reading=round(timer.seconds["read"], 1),
        troubles=troubles,
    )


@dataclass(slots=True)
class _Total:
    """What a back-fill has fetched and stored so far."""

    fresh: int = 0
    unchanged: int = 0
    bytes_new: int = 0
    rows: int = 0

    def add(self, results: Iterable[SourceResult]) -> None:
        """Adds a night."""
        for result in results:
            self.fresh += result.fresh
            self.unchanged += result.unchanged
            self.bytes_new += result.bytes_new


async def _collect_nights(
    todo: Sequence[date],
    last: date,
    scope: RunScope,
    declared: Mapping[str, Source],
    settings: Settings,
    shared: CollectContext,
    total: _Total,
    timer: StageTimer,
    progress: Callable[[Progress], None],
) -> None:
    """Collects one night after the other, and stores the rows of every `FLUSH_NIGHTS` of them together."""
    parsed: list[ParsedPage] = []
    began = time.monotonic()
    finished = shared.archive.finished()
    for done, night in enumerate(todo, start=1):
        timer.start("collect")
        # Each night has a budget of its own.
        context = replace(
            shared, night=night, client=shared.client.through(settings.mirror_at(night)), began=time.monotonic()
        )
        missing = [declared[name] for name in scope.sources if name not in finished.get(night, frozenset())]
        results = await _collect(missing, last, scope, context)
        total.add(results)
        parsed += pages(results)
        if done % FLUSH_NIGHTS == 0 or done == len(todo):
            timer.start("read")
            total.rows += ingest(settings.data, declared, parsed).rows
            parsed.clear()
        spent = time.monotonic() - began
        left = spent / done * (len(todo) - done) if done >= 5 else None
        progress(Progress(night=night, done=done, nights=len(todo), pages=total.fresh, seconds_left=left))


async def _collect(
    missing: Sequence[Source], last: date, scope: RunScope, context: CollectContext
) -> Sequence[SourceResult]:
    """One past night: fetches the sources that it lacks and that are due, and records those that were finished."""
    due = [source for source in missing if (last - context.night).days % source.past_every_days == 0]
    results = await asyncio.gather(*(collect(source, context) for source in due))
    again = {result.source for result in results if result.retry or result.late}
    finished = [source.name for source in missing if source.name not in again]
    context.archive.finish(context.night, finished, scope=scope.kind)
    return results
