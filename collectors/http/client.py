"""The HTTP client for pages, the only one: httpx with limits, one honest User-Agent and typed errors.

httpx alone decodes a 1 GiB gzip bomb in full, lets a slowly dripping body outlive its read time-out,
returns a body cut inside gzip without an error, sends keys along redirects, and returns every cookie.
So this module streams raw bytes, decodes them under a size limit, sets one deadline for the whole
response, follows redirects itself and only inside a source's hosts, shares no connection between
requests, takes no cookies, and disconnects from a peer that is not on the public internet.
"""

from __future__ import annotations

import asyncio
import copy
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx
import stamina

from collectors.contract.errors import Blocked, Drifted, Gone, Hostile, SourceError, Unreachable
from collectors.contract.pages import CachedPage, Page
from collectors.contract.source import Source
from collectors.http.addresses import check, host_of, mirrored, public_only, target
from collectors.http.policy import HostBackoff, Limits, Robots, worth_waiting
from collectors.http.quota import quota
from collectors.http.responses import LAST_GOOD, bounded, conditions, describe, is_wall, kept, refusal

ROBOTS_BYTES = 512 * 1024

# No log line for each retry: the final error reports the outcome once.
stamina.instrumentation.set_on_retry_hooks(())
# Their log lines contain the whole address of each request, a mirror's password included.
for _logger in ("httpx", "httpx2"):
    logging.getLogger(_logger).setLevel(logging.WARNING)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class HttpClient:
    """Fetches whole pages from live addresses (through a mirror, if one is set); an async context manager.

    Each host has its own small client and at most ``limits.per_host`` requests at a time.
    """

    def __init__(
        self, *, user_agent: str, now: Callable[[], datetime], mirror: str = "", limits: Limits | None = None
    ) -> None:
        self._agent = user_agent
        self._now = now
        self._mirror = mirror
        self._limits = limits or Limits()
        self._stack = AsyncExitStack()
        # One context for all clients: making one reads the whole certificate store, 20 ms each time.
        self._tls = httpx.create_ssl_context()
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._turns: dict[str, asyncio.Semaphore] = {}
        self._backoff = HostBackoff(self._limits)
        self._robots = Robots(user_agent.partition("/")[0])

    def through(self, mirror: str) -> HttpClient:
        """The same client with another mirror; connections and limits are shared."""
        other = copy.copy(self)
        other._mirror = mirror
        return other

    async def __aenter__(self) -> HttpClient:
        await self._stack.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._robots.cancel()
        await self._stack.aclose()

    async def fetch(
        self, source: Source, url: str, *, last: CachedPage | None = None, context: str = ""
    ) -> Page | None:
        """The page at ``url``; None where the site answers that the archived page (``last``) is still current.

        Raises `Unreachable` after the last attempt, or another `SourceError` at once.
        """
        if last and self._now() - last.fetched_at >= timedelta(days=self._limits.unconditional_after_days):
            last = None  # some validators are wrong, so once a week the page is fetched unconditionally
        if last and last.whole_nights < 2:
            last = None
        try:
            check(source, url)
            # The semaphore comes before the deadline starts: waiting in our own queue is not the site's fault.
            async with self._turns.setdefault(host_of(url), asyncio.Semaphore(self._limits.per_host)):
                page = await self._fetch_with_retry(source, url, last)
            return replace(page, url=url, context=context) if page else None
        except SourceError as error:
            error.source = source.name
            raise

    async def _fetch_with_retry(self, source: Source, url: str, last: CachedPage | None) -> Page | None:
        """Sends up to ``limits.attempts`` requests, while a retry can help and the deadline has not passed."""
        self._backoff.check_circuit(url)
        try:
            async for attempt in stamina.retry_context(
                on=worth_waiting,
                attempts=self._limits.attempts,
                timeout=self._limits.deadline,
                wait_initial=self._limits.wait_initial,
                wait_max=self._limits.retry_after,
                wait_jitter=self._limits.wait_initial,
            ):
                with attempt:
                    await self._backoff.wait_for_host(url)
                    await self._check_robots(source, url)
                    page = await self._follow(source, url, last, robots=True)
        except SourceError as error:
            late = isinstance(error.__cause__, TimeoutError | httpx.TimeoutException | httpx.ConnectError)
            if isinstance(error, Unreachable):
                error.late = late
            self._backoff.note(url, late=late)
            raise
        self._backoff.note(url, late=False)
        return page

    # -- one request -------------------------------------------------------------------------

    async def _follow(self, source: Source, url: str, last: CachedPage | None, *, robots: bool = False) -> Page | None:
        """One whole response, after up to ``limits.redirects`` redirects; ``robots``: check robots.txt of each."""
        chain: list[str] = []
        here = url
        try:
            async with asyncio.timeout(self._limits.deadline):
                for _ in range(self._limits.redirects + 1):
                    answer = await self._ask(source, here, last)
                    if not isinstance(answer, str):
                        return answer
                    here = answer
                    check(source, here, came_from=url)
                    if robots:
                        await self._check_robots(source, here)
                    chain.append(here[:100])
        except TimeoutError as error:
            raise Unreachable(
                url,
                f"no whole answer within {self._limits.deadline:g} s",
                todo=f"{LAST_GOOD}; if it lasts, look at the site by hand",
            ) from error
        raise Drifted(
            url,
            f"more than {self._limits.redirects} redirects: {' -> '.join(chain[:3])} ...",
            expected="a page",
            todo="open the address by hand: the site may have moved, or want a login",
        )

    async def _ask(self, source: Source, url: str, last: CachedPage | None) -> Page | str | None:
        try:
            async with aclosing(await self._send(url, last)) as response:
                return await self._read(source, url, response, last)
        except httpx.TransportError as error:
            raise Unreachable(url, describe(error), todo=LAST_GOOD) from error

    async def _send(self, url: str, last: CachedPage | None) -> httpx.Response:
        try:
            where = httpx.URL(mirrored(url, self._mirror))
            guard = {} if self._mirror else {"trace": public_only(url, where.raw_host.decode())}
            client = await self._client(host_of(url))
            request = client.build_request("GET", where, headers=conditions(last), extensions=guard)
            return await client.send(request, stream=True)
        except (httpx.InvalidURL, ValueError) as error:
            # Also raised for a redirect: httpx parses Location even where it must not follow it.
            raise Gone(url, f"leads to no address: {error}", todo="look for where the page has moved") from error

    async def _client(self, host: str) -> httpx.AsyncClient:
        if host not in self._clients:
            client = httpx.AsyncClient(
                headers={
                    "User-Agent": self._agent,
                    "Accept-Encoding": "gzip",
                    "Accept": "*/*",
                    # A kept connection can carry a smuggled second answer into the next request.
                    "Connection": "close",
                },
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
                timeout=httpx.Timeout(self._limits.deadline, connect=self._limits.connect),
                limits=httpx.Limits(max_connections=self._limits.per_host, max_keepalive_connections=0),
                follow_redirects=False,
                verify=self._tls,
                trust_env=not self._mirror,
            )
            self._clients[host] = await self._stack.enter_async_context(client)
        return self._clients[host]

    async def _read(
        self, source: Source, url: str, response: httpx.Response, last: CachedPage | None
    ) -> Page | str | None:
        status = response.status_code
        if sum(len(k) + len(v) for k, v in response.headers.raw) > self._limits.header_bytes:
            raise Hostile(
                url,
                f"headers of more than {self._limits.header_bytes} bytes",
                expected="the few headers of a page",
                todo="look at the address by hand: something other than the site may be answering",
            )
        self._backoff.note_quota(url, quota(response.headers, self._now()))
        if status in _REDIRECTS and "location" in response.headers:
            return target(url, response.headers["location"], self._mirror)
        if status == 304:
            if last is None:
                raise Unreachable(
                    url,
                    "304 Not Modified, and we never asked conditionally",
                    expected="200 and the page",
                    todo=f"{LAST_GOOD}; if it lasts, tell the site that its cache is broken",
                )
            return None
        if status != 200:
            raise self._backoff.record_retry_after(await refusal(url, response, self._now()))
        body = await bounded(url, response, source.limit_bytes)
        if "cf-mitigated" in response.headers or is_wall(body):
            raise Blocked(url, "a bot wall instead of the page", todo="read its terms; ask for access or drop it")
        return Page(
            url=url, body=body, status=status, fetched_at=self._now(), headers=kept(response.headers, self._mirror)
        )

    async def _check_robots(self, source: Source, url: str) -> None:
        await self._robots.allow(url, partial(self._follow, replace(source, limit_bytes=ROBOTS_BYTES), last=None))
