"""The only door to the network for pages: httpx behind limits, one honest name, typed refusals.

httpx alone decodes a 1 GiB gzip bomb in full, lets a dripping body outlive its read time-out,
returns a body cut inside gzip without an error, and sends keys along redirects.  So this module
streams raw bytes, decodes them under a cap, keeps one deadline for the whole answer, follows
redirects itself and only inside a source's hosts, and shares no connection between requests.
"""

from __future__ import annotations

import asyncio
import copy
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

import httpx
import stamina
from protego import Protego

from collectors.contract import Blocked, Drifted, Gone, Held, Hostile, Page, Source, SourceError, Unreachable

KEPT_HEADERS = ("etag", "last-modified", "content-type", "date", "link", "ratelimit", "ratelimit-policy")
"""Response headers worth archiving; request headers and cookies never are."""

API_HOSTS = frozenset({"api.github.com", "raw.githubusercontent.com", "huggingface.co", "openrouter.ai", "models.dev"})
"""Hosts that offer these very addresses as a documented interface for programs, so robots.txt, which
speaks to crawlers, is not asked there; their rate limits and terms hold all the same."""

_WALLS = (b"just a moment...", b"attention required!", b"verify you are human", b"enable javascript and cookies")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long, how much and how often; times in seconds."""

    connect: float = 10.0
    deadline: float = 60.0
    attempts: int = 3
    wait_initial: float = 0.5
    retry_after: float = 120.0
    redirects: int = 5
    per_host: int = 4
    header_bytes: int = 64 * 1024
    unconditional_after_days: int = 7


def mirrored(url: str, mirror: str) -> str:
    """Where to ask for a live address: itself, or ``<mirror>/<scheme>/<host>/<path>``."""
    return f"{mirror.rstrip('/')}/{url.replace('://', '/', 1)}" if mirror else url


def _live(url: str, mirror: str) -> str:
    base = f"{mirror.rstrip('/')}/"
    return url.removeprefix(base).replace("/", "://", 1) if mirror and url.startswith(base) else url


class Door:
    """Asks live addresses (through a mirror, if one is set) for whole pages; use as async context.

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
        self._robots: dict[str, asyncio.Task[Protego | None]] = {}

    def through(self, mirror: str) -> Door:
        """The same door, asking through another mirror; connections and limits are shared."""
        other = copy.copy(self)
        other._mirror = mirror
        return other

    async def __aenter__(self) -> Door:
        await self._stack.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._robots.values():
            task.cancel()
        await self._stack.aclose()

    async def fetch(self, source: Source, url: str, *, last: Held | None = None, carry: str = "") -> Page | None:
        """The page behind ``url``; None where the site says that the page we hold (``last``) still stands.

        Raises `Unreachable` after the last attempt, else the `SourceError` that tells why not.
        """
        try:
            self._check(source, url)
            async for attempt in stamina.retry_context(
                on=self._worth_waiting,
                attempts=self._limits.attempts,
                timeout=None,
                wait_initial=self._limits.wait_initial,
                wait_max=self._limits.retry_after,
            ):
                with attempt:
                    await self._may(url)
                    page = await self._follow(source, url, last)
            return replace(page, url=url, carry=carry) if page else None
        except SourceError as error:
            error.source = source.name
            raise

    # -- one request -------------------------------------------------------------------------

    async def _follow(self, source: Source, url: str, last: Held | None) -> Page | None:
        chain: list[str] = []
        here = url
        try:
            async with asyncio.timeout(self._limits.deadline):
                for _ in range(self._limits.redirects + 1):
                    answer = await self._ask(source, here, last)
                    if not isinstance(answer, str):
                        return answer
                    here = answer
                    self._check(source, here, came_from=url)
                    chain.append(here)
        except TimeoutError as error:
            raise Unreachable(
                url,
                f"no whole answer within {self._limits.deadline:g} s",
                todo="nothing tonight: last good stays; if it lasts, look at the site by hand",
            ) from error
        raise Unreachable(url, f"more than {self._limits.redirects} redirects: {' -> '.join(chain[:3])} ...")

    async def _ask(self, source: Source, url: str, last: Held | None) -> Page | str | None:
        host = urlsplit(url).hostname or ""
        turn = self._turns.setdefault(host, asyncio.Semaphore(self._limits.per_host))
        async with turn:
            try:
                async with (await self._client(host)).stream(
                    "GET", mirrored(url, self._mirror), headers=self._conditions(last)
                ) as response:
                    return await self._read(source, url, response, last)
            except httpx.TransportError as error:
                raise Unreachable(url, _told(error), todo="nothing tonight: last good stays") from error
            except httpx.InvalidURL as error:
                raise Gone(url, f"not an address: {error}") from error

    async def _client(self, host: str) -> httpx.AsyncClient:
        if host not in self._clients:
            client = httpx.AsyncClient(
                headers={"User-Agent": self._agent, "Accept-Encoding": "gzip", "Accept": "*/*"},
                timeout=httpx.Timeout(self._limits.deadline, connect=self._limits.connect),
                # A kept connection can carry a smuggled second answer into the next request.
                limits=httpx.Limits(max_connections=self._limits.per_host, max_keepalive_connections=0),
                follow_redirects=False,
                verify=self._tls,
                trust_env=not self._mirror,
            )
            self._clients[host] = await self._stack.enter_async_context(client)
        return self._clients[host]

    def _conditions(self, last: Held | None) -> dict[str, str]:
        """If-None-Match or If-Modified-Since; nothing once a week, because some validators lie."""
        if last is None or self._now() - last.fetched_at >= timedelta(days=self._limits.unconditional_after_days):
            return {}
        if etag := last.headers.get("etag"):
            return {"If-None-Match": etag}
        return {"If-Modified-Since": last.headers.get("last-modified") or format_datetime(last.fetched_at, usegmt=True)}

    async def _read(
        self, source: Source, url: str, response: httpx.Response, last: Held | None
    ) -> Page | str | None:
        status = response.status_code
        if sum(len(k) + len(v) for k, v in response.headers.raw) > self._limits.header_bytes:
            raise Hostile(url, "headers of more than 64 KiB")
        if status in _REDIRECTS and "location" in response.headers:
            target = urljoin(mirrored(url, self._mirror), response.headers["location"])
            return _live(target, self._mirror)
        if status == 304:
            if last is None:
                raise Unreachable(url, "304 Not Modified, and we never asked conditionally")
            return None
        if status != 200:
            raise self._refusal(url, response)
        body = await _bounded(url, response, source.limit_bytes)
        if "cf-mitigated" in response.headers or _is_wall(body):
            raise Blocked(url, "a bot wall instead of the page", todo="read the site's terms; ask for access or drop it")
        return Page(url=url, body=body, status=status, fetched_at=self._now(), headers=_kept(response.headers))

    def _refusal(self, url: str, response: httpx.Response) -> SourceError:
        status = response.status_code
        found = f"HTTP {status}"
        if status in (404, 410):
            return Gone(url, found, todo="look where the site moved the page; the board keeps its last good rows")
        if status in (401, 403, 451) or "cf-mitigated" in response.headers:
            return Blocked(url, found, todo="the site refuses us: read its terms, ask for access or drop the source")
        if status == 429 or (status == 503 and "retry-after" in response.headers):
            wait = _retry_after(response.headers.get("retry-after", ""), self._now())
            if wait is not None and wait > self._limits.retry_after:
                return Blocked(url, f"{found}, asks for {wait:.0f} s of patience", todo="try tomorrow, ask less often")
            error = Unreachable(url, found, todo="nothing tonight: the site asks for fewer requests")
            error.wait = wait
            return error
        if status >= 500:
            return Unreachable(url, found, todo="nothing tonight: last good stays")
        return Drifted(url, f"unexpected {found}", expected="200", todo="look at the address by hand")

    def _worth_waiting(self, error: Exception) -> bool | float:
        if not isinstance(error, SourceError) or not error.retry:
            return False
        wait = error.wait if isinstance(error, Unreachable) else None
        return True if wait is None else max(wait, 0.05)

    # -- where we may ask --------------------------------------------------------------------

    def _check(self, source: Source, url: str, came_from: str = "") -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" or parts.username or parts.port not in (None, 443):
            raise Hostile(came_from or url, f"leads to {url[:200]}", expected="a plain https address")
        if parts.hostname not in source.hosts:
            raise Gone(
                came_from or url,
                f"leads to the host {parts.hostname}",
                expected=f"one of {sorted(source.hosts)}",
                todo="if the source moved, add the new host to its declaration",
            )

    async def _may(self, url: str) -> None:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if host in API_HOSTS:
            return
        if host not in self._robots:
            self._robots[host] = asyncio.create_task(self._rules(f"https://{host}/robots.txt"))
        try:
            rules = await asyncio.shield(self._robots[host])
        except SourceError:
            self._robots.pop(host, None)
            raise
        if rules is not None and not rules.can_fetch(url, self._agent):
            raise Blocked(url, "robots.txt forbids it", todo="respect it: ask the site, or drop the source")

    async def _rules(self, url: str) -> Protego | None:
        """The host's robots.txt, None where it has none; unreachable means we may not ask tonight."""
        host = urlsplit(url).hostname or ""
        asked = Source(
            name="robots",
            title="robots.txt",
            kind="metadata",
            homepage=url,
            licence="",
            start=(url,),
            hosts=frozenset({host}),
            parse=lambda _page: (),
            limit_bytes=512 * 1024,
        )
        try:
            page = await self._follow(asked, url, None)
        except (Gone, Blocked, Drifted):
            return None
        return Protego.parse(page.body.decode("utf-8", "replace")) if page else None


async def _bounded(url: str, response: httpx.Response, limit: int) -> bytes:
    """The decoded body, at most ``limit`` bytes; identity or one layer of gzip, complete, or an error."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", ""):
        raise Hostile(url, f"Content-Encoding {encoding[:60]!r}", expected="none or one layer of gzip")
    announced = response.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise Hostile(url, f"{announced} bytes announced", expected=f"at most {limit}")
    body = bytearray()
    if encoding != "gzip":
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > limit:
                raise Hostile(url, f"more than {limit} bytes", todo="raise limit_bytes if the page really grew")
        return bytes(body)
    decoder = zlib.decompressobj(31)
    async for chunk in _raw(response):
        piece = chunk
        while piece:
            try:
                body += decoder.decompress(piece, limit + 1 - len(body))
            except zlib.error as error:
                raise Unreachable(url, f"broken gzip: {error}") from error
            if len(body) > limit:
                raise Hostile(url, f"more than {limit} bytes once decompressed")
            piece = decoder.unconsumed_tail
        if decoder.eof:
            break
    if not decoder.eof:
        raise Unreachable(url, "the body ends inside its gzip stream")
    return bytes(body)


def _raw(response: httpx.Response) -> AsyncIterator[bytes]:
    return response.aiter_raw(64 * 1024)


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: headers[name] for name in KEPT_HEADERS if name in headers}


def _is_wall(body: bytes) -> bool:
    head = body[:4096].lower()
    return b"<title>" in head and any(mark in head for mark in _WALLS)


def _told(error: httpx.TransportError) -> str:
    """What went wrong in words an operator can act on."""
    text = str(error) or type(error).__name__
    if isinstance(error, httpx.ConnectTimeout):
        return "no connection in time"
    if any(mark in text for mark in ("Name or service not known", "getaddrinfo", "No address associated")):
        return f"DNS: the name does not resolve ({text})"
    return f"{type(error).__name__}: {text}"


def _retry_after(text: str, now: datetime) -> float | None:
    """Seconds to wait as Retry-After says (a number or a date), None where it says nothing usable."""
    if text.strip().isdigit():
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return max(0.0, ((when if when.tzinfo else when.replace(tzinfo=UTC)) - now).total_seconds())
