"""One source, tonight: ask its addresses, archive what comes, follow what its pages name.

Nothing is read that is not archived, and a failure is a value: one bad page never stops its
source, one bad source never stops the others.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from collectors.contract import CachedPage, Drifted, Get, Gone, Page, Row, Source, SourceError, Unreachable
from collectors.http.client import HttpClient
from collectors.parsing import read_page
from collectors.registry import fingerprint
from warehouse.archive import Archive, ArchiveDamaged, Attempt
from warehouse.store import Store

MAX_PAGES = 600
"""Most addresses one source may name in a night; more is a loop or an attack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """How one source went tonight."""

    source: str
    fresh: int
    unchanged: int
    failures: tuple[SourceError, ...]

    @property
    def reached(self) -> bool:
        """Whether any page of the source could be had tonight."""
        return self.fresh + self.unchanged > 0

    @property
    def gone(self) -> bool:
        """Whether the source has left all its addresses: no fault of the night, and no reason to ask again."""
        return not self.reached and all(isinstance(failure, Gone) for failure in self.failures)

    @property
    def retry(self) -> bool:
        """Whether asking again later tonight can help."""
        return not self.reached and any(failure.retry for failure in self.failures)


class ParseCache:
    """`read_page` that remembers: the collector looks for links, then the store takes the same rows."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, str], tuple[Row, ...]] = {}

    def __call__(self, source: Source, page: Page) -> tuple[Row, ...]:
        place = (source.name, page.key)
        if place not in self._read:
            self._read[place] = read_page(source, page)
        return self._read[place]

    def forget(self) -> None:
        """Lets go of everything read so far."""
        self._read.clear()

    def pages(self) -> list[tuple[Row, ...]]:
        """What was read so far, a tuple of rows per page."""
        return list(self._read.values())


class Calendar(Protocol):
    """Knows which addresses can be left alone on a night."""

    async def unchanged(self, source: Source, get: Get, night: date) -> bool:
        """Whether nothing can have happened to this address since it was last asked."""

    def missed(self, source: Source, get: Get) -> None:
        """Takes note that asking came to nothing, so that the next night asks again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectContext:
    """What every collector of a night shares."""

    night: date
    client: HttpClient
    archive: Archive
    store: Store
    mirror: str
    user_agent: str
    now: Callable[[], datetime]
    cached: dict[tuple[str, str, str], CachedPage]
    calendar: Calendar | None = None
    read: ParseCache = field(default_factory=ParseCache)
    linked: dict[tuple[str, str], tuple[Get, ...]] = field(default_factory=dict)
    lost: set[tuple[str, str, str]] = field(default_factory=set)

    def page(self, source: Source, url: str) -> Page | None:
        """The newest archived page of an address with its body; None where there is none or it is damaged."""
        cached = self.cached.get((source.name, url, ""))
        if cached is None:
            return None
        try:
            body = self.archive.get(cached.sha256)
        except ArchiveDamaged:
            return None
        return Page(url=url, body=body, fetched_at=cached.fetched_at, headers=cached.headers)

    def keep(self, source: Source, page: Page) -> CachedPage:
        """Archives a new page and logs it; on return both are on disk."""
        sha256 = self.archive.put(page.body)
        cached = CachedPage(
            url=page.url,
            sha256=sha256,
            size=len(page.body),
            fetched_at=page.fetched_at,
            headers=page.headers,
            context=page.context,
        )
        self._log(source, cached, "fresh", 200)
        return cached

    def stands(self, source: Source, cached: CachedPage) -> None:
        """Logs that the site says the page we hold still stands."""
        self._log(source, cached, "unchanged", 304)

    def _log(self, source: Source, cached: CachedPage, outcome: str, status: int) -> None:
        place = (source.name, cached.url, cached.context)
        self.cached[place] = cached
        self.lost.discard(place)
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

    def fail(self, source: Source, get: Get, error: SourceError) -> None:
        """Logs an attempt that brought no page; an address that is gone names no others until it is back."""
        if isinstance(error, Gone):
            self.lost.add((source.name, get.url, get.context))
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

    def links(self, source: Source, cached: CachedPage, page: Page | None) -> tuple[Get, ...]:
        """What a page names; remembered or asked of the store, so that old news is not read again."""
        place = (source.name, cached.key)
        if place not in self.linked:
            known = self.store.links(source.name, cached.key, fingerprint(source.name))
            if known is None:
                page = page or Page(
                    url=cached.url,
                    body=self.archive.get(cached.sha256),
                    fetched_at=cached.fetched_at,
                    context=cached.context,
                )
                known = tuple(row for row in self.read(source, page) if isinstance(row, Get))
            self.linked[place] = known
        return self.linked[place]


async def collect(source: Source, ctx: CollectContext) -> Collected:
    """Asks everything a source has tonight; never raises for what the source does."""
    if source.transport == "hub":
        return await asyncio.to_thread(_collect_hub, source, ctx)
    waiting = deque(Get(url=url) for url in source.start)
    seen: set[Get] = set()
    fresh = unchanged = 0
    failures: list[SourceError] = []
    while waiting:
        batch = [get for get in dict.fromkeys(waiting) if get not in seen]
        waiting.clear()
        if len(seen) + len(batch) > MAX_PAGES:
            failures.append(
                Drifted(
                    batch[0].url,
                    f"{len(seen) + len(batch)} addresses named in one night",
                    expected=f"at most {MAX_PAGES}",
                    todo="look at what its pages link to",
                    source=source.name,
                )
            )
            break
        seen.update(batch)
        for get, answer in zip(batch, await asyncio.gather(*(_ask(source, get, ctx) for get in batch)), strict=True):
            if answer is None:
                continue
            if isinstance(answer, SourceError):
                failures.append(answer)
                continue
            before, cached, page = answer
            new = page is not None and (before is None or before.sha256 != cached.sha256)
            fresh += new
            unchanged += not new
            try:
                waiting.extend(ctx.links(source, cached, page))
            except (SourceError, ArchiveDamaged) as error:
                failure = error if isinstance(error, SourceError) else _damaged(source, get, error)
                failures.append(failure.with_traceback(None))
    return Collected(source=source.name, fresh=fresh, unchanged=unchanged, failures=tuple(failures))


async def _ask(
    source: Source, get: Get, ctx: CollectContext
) -> tuple[CachedPage | None, CachedPage, Page | None] | SourceError | None:
    """The page held before, the page held now, and its body where it came; None where it was left alone."""
    last = ctx.cached.get((source.name, get.url, get.context))
    if ctx.calendar is not None and await ctx.calendar.unchanged(source, get, ctx.night):
        return (last, last, None) if last is not None and (source.name, get.url, get.context) not in ctx.lost else None
    try:
        page = await ctx.client.fetch(source, get.url, last=last, context=get.context)
    except SourceError as error:
        ctx.fail(source, get, error)
        if ctx.calendar is not None and error.retry:
            ctx.calendar.missed(source, get)
        return error.with_traceback(None)  # a value from here on: its frames would keep the store open
    if page is None and last is not None:
        ctx.stands(source, last)
        return last, last, None
    assert page is not None  # noqa: S101 - the door answers None only for a page we hold
    return last, ctx.keep(source, page), page


def _damaged(source: Source, get: Get, error: ArchiveDamaged) -> SourceError:
    return Unreachable(get.url, str(error), todo="delete the damaged file and run the night again", source=source.name)


def _collect_hub(source: Source, ctx: CollectContext) -> Collected:
    """The Hub, organisation by organisation, through huggingface_hub (imported here: 0.5 s nobody else needs)."""
    from collectors.hub import list_organisation

    fresh = unchanged = 0
    failures: list[SourceError] = []
    for address in source.start:
        try:
            for page, new in list_organisation(
                address,
                mirror=ctx.mirror,
                user_agent=ctx.user_agent,
                last=lambda url: ctx.page(source, url),
                now=ctx.now,
            ):
                before = ctx.cached.get((source.name, page.url, ""))
                if new or before is None:
                    kept = ctx.keep(source, page)
                    new = before is None or before.sha256 != kept.sha256
                else:
                    ctx.stands(source, before)
                fresh += new
                unchanged += not new
        except SourceError as error:
            error.source = source.name
            ctx.fail(source, Get(url=address), error)
            failures.append(error.with_traceback(None))
            if error.retry and not fresh and not unchanged:
                # The first organisation cannot be reached, so neither can the forty after it.
                failures += [_unasked(error, other) for other in source.start if other != address]
                break
    return Collected(source=source.name, fresh=fresh, unchanged=unchanged, failures=tuple(failures))


def _unasked(error: SourceError, address: str) -> SourceError:
    return type(error)(address, f"not asked: {error.found}", todo=error.todo, source=error.source)
