"""A source of addresses: requests them, archives and parses the pages, follows the links they name."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from collectors.contract.errors import SourceError
from collectors.contract.pages import CachedPage, Page
from collectors.contract.rows import Get
from collectors.contract.source import Source
from collectors.parsing import ParsedPage
from flows.collecting.context import CollectContext
from flows.collecting.errors import broken_connection, damaged, too_many
from flows.collecting.result import SourceResult
from warehouse.archive import ArchiveDamaged

MAX_PAGES = 600
"""Most addresses one source may name in a night; more is a loop or an attack."""

AT_ONCE = 8
"""Pages of one source that are requested, archived and parsed at a time, so that no more bodies are in memory."""

MAX_KEPT_ROWS = 200_000
"""Rows of one source that stay in memory until they are stored; further pages are read from the archive again then."""


@dataclass(slots=True, kw_only=True)
class SourceProgress:
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
            self.rows += page.parsed.count
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


async def collect_pages(found: SourceProgress, context: CollectContext) -> None:
    """Requests the waiting addresses, and those that their pages name, until there are none."""
    seen: set[Get] = set()
    turn = asyncio.Semaphore(AT_ONCE)
    while found.waiting:
        batch = [get for get in dict.fromkeys(found.waiting) if get not in seen]
        found.waiting.clear()
        if len(seen) + len(batch) > MAX_PAGES:
            found.failures.append(too_many(found.source, batch[0].url, len(seen) + len(batch), MAX_PAGES))
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
            return _PageResult(new=answer.new, bytes_new=answer.bytes_new, damage=damaged(source, get, damage))
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
        error = found if isinstance(found, SourceError) else broken_connection(source, get, found)
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
