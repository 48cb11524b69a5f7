"""Stage 1, fetch: requests every source's addresses, archives and parses the pages, follows the links they name.

Every page is archived before it is parsed.  A failure is a value: one bad page never stops its source, one bad source
never stops the others.  Requests go through `collectors.http`; the Hub is read by `collectors.hub`.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Protocol

from collectors.contract.errors import Drifted, Gone, SourceError, Unreachable
from collectors.contract.pages import CachedPage, Page
from collectors.contract.rows import Get
from collectors.contract.source import Source
from collectors.http.client import HttpClient
from collectors.http.policy import Limits
from collectors.http.responses import LAST_GOOD
from collectors.limited import LimitedParser
from collectors.parsing import ParsedPage
from flows.settings import Settings
from warehouse.archive import Archive, ArchiveDamaged, Attempt
from warehouse.scope import RunScope
from warehouse.store import KnownPages

MAX_PAGES = 600
"""Most addresses one source may name in a night; more is a loop or an attack."""


AT_ONCE = 8
"""Pages of one source that are requested, archived and parsed at a time, so that no more bodies are in memory."""

MAX_KEPT_ROWS = 200_000
"""Rows of one source that stay in memory until they are stored; further pages are read from the archive again then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Seconds by the clock for requests and parsing: of one source, whatever its chain of pages, and of the night.

    A night of 75 sources takes one to three minutes; the longest source waits twice for the window of a rate limit.
    """

    source: float = 900.0
    night: float = 2700.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceResult:
    """The result of one source tonight, and its pages that were parsed; ``late``: its time ran out.

    ``bytes_new``: of its fresh pages; ``rows``: of its pages that were parsed.
    """

    source: str
    fresh: int
    unchanged: int
    failures: tuple[SourceError, ...]
    pages: tuple[ParsedPage, ...] = field(default=(), repr=False)
    late: bool = False
    bytes_new: int = 0
    rows: int = 0

    @property
    def outcome(self) -> str:
        """``read``, ``partly read``, or why there is no page: the outcome of its first failure."""
        if self.reached:
            return "partly read" if self.failures else "read"
        return self.failures[0].outcome if self.failures else "not asked"

    @property
    def reached(self) -> bool:
        """Whether any page of the source could be fetched tonight."""
        return self.fresh + self.unchanged > 0

    @property
    def gone(self) -> bool:
        """Whether all addresses of the source are gone: not a fault of this night, and no reason to retry."""
        return not self.reached and all(isinstance(failure, Gone) for failure in self.failures)

    @property
    def retry(self) -> bool:
        """Whether a retry later tonight can help."""
        return not self.reached and any(failure.retry for failure in self.failures)


class Calendar(Protocol):
    """Decides which addresses need no request on a night."""

    async def unchanged(self, source: Source, get: Get, night: date) -> bool:
        """Whether this address cannot have changed since it was last requested."""

    def missed(self, source: Source, get: Get) -> None:
        """Records that the request failed, so that the next night asks again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectContext:
    """The state that all collectors of a night share.  ``known`` grows with every response of the run."""

    night: date
    client: HttpClient
    archive: Archive
    now: Callable[[], datetime]
    known: KnownPages
    calendar: Calendar | None = None
    parser: LimitedParser = field(default_factory=LimitedParser)
    budget: Budget = field(default_factory=Budget)
    began: float = field(default_factory=time.monotonic)

    def seconds_left(self) -> float:
        """What a source that begins now may take."""
        return max(0.0, min(self.budget.source, self.began + self.budget.night - time.monotonic()))

    def cached(self, source: Source, get: Get) -> CachedPage | None:
        """The newest archived page of an address, without its body."""
        return self.known.pages.get((source.name, get.url, get.context))

    def cached_page(self, source: Source, url: str) -> Page | None:
        """The newest archived page of an address with its body; None where there is none or it is damaged."""
        cached = self.cached(source, Get(url=url))
        if cached is None:
            return None
        try:
            return self.load(cached)
        except ArchiveDamaged:
            return None

    def load(self, cached: CachedPage) -> Page:
        """A page from the archive; raises `ArchiveDamaged`."""
        return Page(
            url=cached.url,
            body=self.archive.get(cached.sha256),
            fetched_at=cached.fetched_at,
            headers=cached.headers,
            context=cached.context,
        )

    def record_fresh(self, source: Source, page: Page) -> CachedPage:
        """Archives a new page and logs it; on return both are on disk."""
        sha256 = self.archive.put(page.body)
        last = self.known.pages.get((source.name, page.url, page.context))
        # A back-fill knows its pages from night to night; any other run reads them from the store.
        is_first_look = self.calendar is not None and (last is None or last.sha256 != sha256)
        cached = CachedPage(
            url=page.url,
            sha256=sha256,
            size=len(page.body),
            fetched_at=page.fetched_at,
            headers=page.headers,
            context=page.context,
            whole_nights=1 if is_first_look else 2,
        )
        self._record(source, cached, "fresh", 200)
        return cached

    def record_unchanged(self, source: Source, cached: CachedPage) -> None:
        """Logs that the site answered that the archived page is still current."""
        self._record(source, cached, "unchanged", 304)

    def _record(self, source: Source, cached: CachedPage, outcome: str, status: int) -> None:
        place = (source.name, cached.url, cached.context)
        self.known.pages[place] = cached
        self.known.gone.discard(place)
        self.archive.append(
            Attempt(
                night=self.night,
                source=source.name,
                url=cached.url,
                context=cached.context,
                outcome=outcome,
                asked_at=self.now(),
                fetched_at=cached.fetched_at,
                status=status,
                sha256=cached.sha256,
                size=cached.size,
                headers=cached.headers if outcome == "fresh" else {},
            )
        )

    def record_failure(self, source: Source, get: Get, error: SourceError) -> None:
        """Logs an attempt without a page; the links of an address that is gone are not followed until it is back."""
        if isinstance(error, Gone):
            self.known.gone.add((source.name, get.url, get.context))
        self.archive.append(
            Attempt(
                night=self.night,
                source=source.name,
                url=get.url,
                context=get.context,
                outcome=error.outcome,
                asked_at=self.now(),
                error=str(error),
            )
        )


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
        return await asyncio.to_thread(_collect_hub, source, context, asyncio.get_running_loop(), ends)
    found = _SourceProgress(source=source, waiting=deque(Get(url=url) for url in source.start))
    try:
        async with asyncio.timeout(seconds) as clock:
            await _collect_pages(found, context)
    except TimeoutError:
        if not clock.expired():
            raise
        found.failures.append(_out_of_time(source, seconds, found.fresh + found.unchanged))
        found.late = True
    return found.result()


@dataclass(slots=True, kw_only=True)
class _SourceProgress:
    """What a source has given so far; it is kept when the source runs out of time."""

    source: Source
    waiting: deque[Get]
    fresh: int = 0
    unchanged: int = 0
    failures: list[SourceError] = field(default_factory=list)
    parsed: list[ParsedPage] = field(default_factory=list)
    rows: int = 0
    bytes_new: int = 0
    late: bool = False

    def add(self, page: _PageResult | SourceError | None) -> None:
        """Adds the result of one address."""
        if page is None:
            return
        if isinstance(page, SourceError):
            self.failures.append(page)
            return
        self.fresh += page.new
        self.unchanged += not page.new
        self.bytes_new += page.bytes_new
        self.waiting.extend(page.links)
        if page.damage is not None:
            self.failures.append(page.damage)
        if page.parsed is not None:
            self.rows += len(page.parsed.rows)
            if self.rows <= MAX_KEPT_ROWS:
                self.parsed.append(page.parsed)
            if page.parsed.error is not None:
                self.failures.append(page.parsed.error)

    def result(self) -> SourceResult:
        return SourceResult(
            source=self.source.name,
            fresh=self.fresh,
            unchanged=self.unchanged,
            failures=tuple(self.failures),
            pages=tuple(self.parsed),
            late=self.late,
            bytes_new=self.bytes_new,
            rows=self.rows,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _PageResult:
    """One address that answered: its links, and the parsed page unless it is in the store already."""

    new: bool
    links: tuple[Get, ...] = ()
    parsed: ParsedPage | None = None
    damage: SourceError | None = None
    bytes_new: int = 0


async def _collect_pages(found: _SourceProgress, context: CollectContext) -> None:
    """Requests the waiting addresses, and those that their pages name, until there are none."""
    seen: set[Get] = set()
    turn = asyncio.Semaphore(AT_ONCE)
    while found.waiting:
        batch = [get for get in dict.fromkeys(found.waiting) if get not in seen]
        found.waiting.clear()
        if len(seen) + len(batch) > MAX_PAGES:
            found.failures.append(_too_many(found.source, batch[0].url, len(seen) + len(batch)))
            break
        seen.update(batch)
        tasks = [asyncio.ensure_future(_collect_page(found.source, get, context, turn)) for get in batch]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                if task.done() and not task.cancelled() and task.exception() is None:
                    found.add(task.result())


async def _collect_page(
    source: Source, get: Get, context: CollectContext, turn: asyncio.Semaphore
) -> _PageResult | SourceError | None:
    """Requests, archives and parses one address; at most `AT_ONCE` bodies of a source are in memory."""
    async with turn:
        answer = await _ask(source, get, context)
        if answer is None or isinstance(answer, SourceError):
            return answer
        try:
            links, page = await _links(source, answer, context)
        except ArchiveDamaged as damage:
            return _PageResult(new=answer.new, bytes_new=answer.bytes_new, damage=_damaged(source, get, damage))
        return _PageResult(new=answer.new, bytes_new=answer.bytes_new, links=links, parsed=page)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """The current page of an address, with its body where one came; ``new``: other bytes than before."""

    cached: CachedPage
    page: Page | None
    new: bool

    @property
    def bytes_new(self) -> int:
        """Size of a page with other bytes than before."""
        return self.cached.size if self.new else 0


async def _ask(source: Source, get: Get, context: CollectContext) -> _Answer | SourceError | None:
    """Fetches one address; None where no request was needed and its page names no others."""
    place = (source.name, get.url, get.context)
    last = context.cached(source, get)
    # Bytes that came once wait for a second look, and a calendar gives none.
    looked_twice = last is None or last.whole_nights >= 2
    if context.calendar is not None and looked_twice and await context.calendar.unchanged(source, get, context.night):
        if last is None or place in context.known.gone:
            return None
        return _Answer(cached=last, page=None, new=False)
    try:
        page = await context.client.fetch(source, get.url, last=last, context=get.context)
    except (SourceError, ConnectionError, TimeoutError) as found:
        error = found if isinstance(found, SourceError) else _refused(source, get, found)
        context.record_failure(source, get, error)
        if context.calendar is not None and error.retry:
            context.calendar.missed(source, get)
        return error.with_traceback(None)  # drop the traceback: its frames would keep the run's files open
    if page is None and last is not None:
        context.record_unchanged(source, last)
        return _Answer(cached=last, page=None, new=False)
    assert page is not None  # noqa: S101 - the client answers None only for a page we hold
    cached = await asyncio.to_thread(context.record_fresh, source, page)  # compresses and flushes up to 30 MiB
    return _Answer(cached=cached, page=page, new=last is None or last.sha256 != cached.sha256)


async def _links(source: Source, answer: _Answer, context: CollectContext) -> tuple[tuple[Get, ...], ParsedPage | None]:
    """The links of a page, and the parsed page unless it is in the store already: known pages are not parsed again."""
    place = (source.name, answer.cached.key)
    if (known := context.known.links.get(place)) is not None:
        return known, None
    if (refused := context.known.refused.get(place)) is not None:
        return (), ParsedPage(source=source.name, key=answer.cached.key, error=refused)
    page = answer.page if answer.page is not None else await asyncio.to_thread(context.load, answer.cached)
    parsed = await context.parser.parse_soon(source, page, answer.cached.key)
    if parsed.error is None:
        context.known.links[place] = parsed.links
    return parsed.links, parsed


def _out_of_time(source: Source, seconds: float, pages: int) -> SourceError:
    error = Unreachable(
        source.start[0],
        f"out of time: {pages} pages in {seconds:.0f} s, and more to ask for",
        expected="fewer or faster pages",
        todo="nothing, if the night was short of time; else look at how many pages it names and how slowly they come",
        source=source.name,
    )
    error.retry = False  # it has had its time tonight
    return error


def _too_many(source: Source, url: str, count: int) -> SourceError:
    return Drifted(
        url,
        f"{count} addresses named in one night",
        expected=f"at most {MAX_PAGES}",
        todo="look at what its pages link to",
        source=source.name,
    )


def _refused(source: Source, get: Get, error: OSError) -> SourceError:
    """A connection that broke outside a request, while its client was being opened or closed."""
    found = f"{type(error).__name__}: {error}"
    return Unreachable(get.url, found, todo=LAST_GOOD, source=source.name)


def _damaged(source: Source, get: Get, error: ArchiveDamaged) -> SourceError:
    return Unreachable(get.url, str(error), todo="delete the damaged file and run the night again", source=source.name)


def _collect_hub(source: Source, context: CollectContext, loop: asyncio.AbstractEventLoop, ends: float) -> SourceResult:
    """The Hub, organisation by organisation, through huggingface_hub (imported here, because the import takes 0.5 s).

    Runs on its own thread, because the library blocks; its requests are sent on ``loop``.
    """
    from collectors.hub import list_organisation

    def fetch(url: str, last: CachedPage | None) -> Page | None:
        return asyncio.run_coroutine_threadsafe(context.client.fetch(source, url, last=last), loop).result()

    fresh = unchanged = bytes_new = 0
    failures: list[SourceError] = []
    parsed: list[ParsedPage] = []
    began, late = time.monotonic(), False
    for address in source.start:
        if late := time.monotonic() >= ends:
            failures.append(_out_of_time(source, time.monotonic() - began, fresh + unchanged))
            break
        try:
            for page, new in list_organisation(address, fetch=fetch, last=lambda url: context.cached_page(source, url)):
                before = context.cached(source, Get(url=page.url))
                if new or before is None:
                    cached = context.record_fresh(source, page)
                    new = before is None or before.sha256 != cached.sha256
                    if new:
                        bytes_new += cached.size
                        parsed.append(context.parser.parse(source, page, cached.key))
                else:
                    context.record_unchanged(source, before)
                fresh += new
                unchanged += not new
                if time.monotonic() >= ends:
                    break
        except SourceError as error:
            error.source = source.name
            context.record_failure(source, Get(url=address), error)
            failures.append(error.with_traceback(None))
            if isinstance(error, Unreachable) and error.late and not fresh and not unchanged:
                # The first organisation cannot be reached, so neither can the forty after it.
                failures += [_unasked(error, other) for other in source.start if other != address]
                break
    return SourceResult(
        source=source.name,
        fresh=fresh,
        unchanged=unchanged,
        failures=tuple(failures),
        pages=tuple(parsed),
        late=late,
        bytes_new=bytes_new,
        rows=sum(len(page.rows) for page in parsed),
    )


def _unasked(error: SourceError, address: str) -> SourceError:
    return type(error)(address, f"not asked: {error.found}", todo=error.todo, source=error.source)


def pages(results: Iterable[SourceResult]) -> tuple[ParsedPage, ...]:
    """Every page that was parsed, of all sources."""
    return tuple(page for result in results for page in result.pages)
