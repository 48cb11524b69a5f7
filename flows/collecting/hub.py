"""A source of Hub organisations, through huggingface_hub, which `collectors.hub` reads."""

from __future__ import annotations

import asyncio
import time

from collectors.contract.errors import SourceError, Unreachable
from collectors.contract.pages import CachedPage, Page
from collectors.contract.rows import Get
from collectors.contract.source import Source
from collectors.parsing import ParsedPage
from flows.collecting.context import CollectContext
from flows.collecting.errors import out_of_time, unasked
from flows.collecting.result import SourceResult


def collect_hub(source: Source, context: CollectContext, loop: asyncio.AbstractEventLoop, ends: float) -> SourceResult:
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
            failures.append(out_of_time(source, time.monotonic() - began, fresh + unchanged))
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
                failures += [unasked(error, other) for other in source.start if other != address]
                break
    return SourceResult(
        source=source.name,
        fresh=fresh,
        unchanged=unchanged,
        failures=tuple(failures),
        pages=tuple(parsed),
        late=late,
        bytes_new=bytes_new,
        rows=sum(page.count for page in parsed),
    )
