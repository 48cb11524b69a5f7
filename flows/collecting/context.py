"""What the collectors of a night share: the client, the archive and its log, what is known already, the time left."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from collectors.contract.errors import Gone, SourceError
from collectors.contract.pages import CachedPage, Page
from collectors.contract.rows import Get
from collectors.contract.source import Source
from collectors.http.client import HttpClient
from collectors.limited import LimitedParser
from warehouse.archive import Archive, ArchiveDamaged, Attempt
from warehouse.store import KnownPages


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Seconds by the clock for requests and parsing: of one source, whatever its chain of pages, and of the night.

    A night of 75 sources takes one to three minutes; the longest source waits twice for the window of a rate limit.
    """

    source: float = 900.0
    night: float = 2700.0


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
