"""What came back: a whole body under a cap, the headers worth keeping and sending back, and what a refusal means."""

from __future__ import annotations

import socket
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

import httpx

from collectors.contract import Blocked, CachedPage, Drifted, Gone, Hostile, SourceError, Unreachable

KEPT_HEADERS = ("etag", "last-modified", "content-type", "date", "link", "ratelimit", "ratelimit-policy")
"""Response headers worth archiving; request headers and cookies never are."""

LAST_GOOD = "nothing tonight: last good stays"
_WALLS = (b"just a moment...", b"attention required!", b"verify you are human", b"enable javascript and cookies")


def conditions(last: CachedPage | None) -> dict[str, str]:
    """If-None-Match or If-Modified-Since, where the page we hold came with a validator that can be sent back."""
    if last is None:
        return {}
    known = {name: value for name, value in last.headers.items() if value.isascii() and value.isprintable()}
    if etag := known.get("etag"):
        return {"If-None-Match": etag}
    since = known.get("last-modified") or format_datetime(last.fetched_at.astimezone(UTC), usegmt=True)
    return {"If-Modified-Since": since}


async def bounded(url: str, response: httpx.Response, limit: int) -> bytes:
    """The decoded body, at most ``limit`` bytes; identity or one layer of gzip, complete, or an error."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", ""):
        raise Hostile(
            url,
            f"Content-Encoding {encoding[:60]!r}",
            expected="none or one layer of gzip",
            todo="the site ignores what we accept: look at it by hand",
        )
    announced = response.headers.get("content-length", "")
    if announced.isdecimal() and float(announced) > limit:
        raise _too_much(url, f"{announced} bytes announced", limit)
    decoder = zlib.decompressobj(31) if encoding == "gzip" else None
    body = bytearray()
    taken = 0
    async for chunk in response.aiter_raw():
        taken += len(chunk)
        body += _inflated(url, decoder, chunk, limit + 1 - len(body)) if decoder else chunk
        # The wire is counted too: gzip can be fed for ever without giving a byte.
        if max(taken, len(body)) > limit:
            raise _too_much(url, f"{taken} bytes so far, {len(body)} once decoded", limit)
    if decoder and not decoder.eof:
        raise Unreachable(url, f"the body ends inside its gzip stream, after {taken} bytes", todo=LAST_GOOD)
    return bytes(body)


def _inflated(url: str, decoder: zlib._Decompress, chunk: bytes, most: int) -> bytes:
    """At most ``most`` bytes (at least 1) of what the next piece of the one gzip stream holds."""
    try:
        piece = decoder.decompress(chunk, most)
    except zlib.error as error:
        raise Unreachable(url, f"broken gzip: {error}", todo=LAST_GOOD) from error
    if decoder.unused_data:
        raise Unreachable(url, "the body goes on after its gzip stream", expected="one gzip stream", todo=LAST_GOOD)
    return piece


def _too_much(url: str, found: str, limit: int) -> Hostile:
    return Hostile(url, found, expected=f"at most {limit} bytes", todo="raise limit_bytes if the page really grew")


def kept(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers worth archiving."""
    return {name: headers[name] for name in KEPT_HEADERS if name in headers}


def is_wall(body: bytes) -> bool:
    """Whether a page is a bot wall that answers 200."""
    head = body[:4096].lower()
    return b"<title" in head and any(mark in head for mark in _WALLS)


def refusal(url: str, response: httpx.Response, now: datetime) -> SourceError:
    """What a status other than 200 means to us."""
    status = response.status_code
    found = f"HTTP {status}"
    if status in (404, 410):
        return Gone(url, found, todo="look where the site moved the page; the board keeps its last good rows")
    if status in (401, 403, 451) or "cf-mitigated" in response.headers:
        return Blocked(url, found, todo="the site refuses us: read its terms, ask for access or drop the source")
    if status == 429 or (status == 503 and "retry-after" in response.headers):
        error = Unreachable(url, found, todo="nothing tonight: the site asks for fewer requests")
        error.wait = retry_after(response.headers.get("retry-after", ""), now)
        return error
    if status >= 500 or status in (408, 425):
        return Unreachable(url, found, todo=LAST_GOOD)
    return Drifted(url, f"unexpected {found}", expected="200", todo="look at the address by hand")


def retry_after(text: str, now: datetime) -> float | None:
    """Seconds to wait as Retry-After says (a number or a date), None where it says nothing usable."""
    if text.strip().isdecimal():
        return float(text)
    try:
        when = parsedate_to_datetime(text)
        return max(0.0, ((when if when.tzinfo else when.replace(tzinfo=UTC)) - now).total_seconds())
    except (TypeError, ValueError, LookupError, OverflowError):
        return None


def describe(error: httpx.TransportError) -> str:
    """What went wrong in words an operator can act on."""
    if isinstance(error, httpx.ConnectTimeout):
        return "no connection in time"
    deepest: BaseException = error
    while (cause := deepest.__cause__ or deepest.__context__) is not None:
        deepest = cause
    if isinstance(deepest, socket.gaierror):
        return f"DNS: the name does not resolve ({deepest.strerror})"
    plainest = deepest if isinstance(deepest, OSError) else error
    return f"{type(plainest).__name__}: {str(plainest)[:200]}"
