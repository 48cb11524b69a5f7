"""Reading a response: the whole body under a size limit, the headers to keep, and which error a refusal is."""

from __future__ import annotations

import re
import socket
import zlib
from collections.abc import Mapping
from datetime import datetime

import httpx

from collectors.contract.errors import Blocked, Drifted, Gone, Hostile, SourceError, Unreachable
from collectors.contract.pages import CachedPage
from collectors.http.addresses import host_of, live
from collectors.http.quota import UNSTATED, pause, used_up

KEPT_HEADERS = ("etag", "last-modified", "content-type", "date", "link", "ratelimit", "ratelimit-policy")
"""Response headers worth archiving; request headers and cookies never are."""

HIDES_BEHIND_401 = frozenset({"huggingface.co"})
"""Hosts that answer 401 for what is missing, renamed or private."""

LAST_GOOD = "nothing tonight: what was read before stays in use"
"""True of every kind of source: a board keeps its last accepted table, a feed its items, a registry its statements."""

_WALLS = (b"just a moment...", b"attention required!", b"verify you are human", b"enable javascript and cookies")


def conditions(last: CachedPage | None) -> dict[str, str]:
    """If-None-Match or If-Modified-Since, where the archived page came with a validator that can be sent back.

    Our own clock is no validator: a server whose file is older than our last visit would call any page current, also
    one that somebody else had put in its place.
    """
    if last is None:
        return {}
    known = {name: value for name, value in last.headers.items() if value.isascii() and value.isprintable()}
    if etag := known.get("etag"):
        return {"If-None-Match": etag}
    since = known.get("last-modified")
    return {"If-Modified-Since": since} if since else {}


async def bounded(url: str, response: httpx.Response, limit: int) -> bytes:
    """The decoded body, at most ``limit`` bytes; identity or one layer of gzip, complete, or an error.

    ``x-gzip`` is gzip by its older name (RFC 9110).  ``aws-chunked`` is the framing of an upload to S3, which S3 leaves
    in the header although the body no longer has it.
    """
    header = response.headers.get("content-encoding", "")
    named = [name for name in (part.strip().lower() for part in header.split(",")) if name not in _NO_ENCODING]
    if named not in ([], ["gzip"], ["x-gzip"]):
        raise Hostile(
            url,
            f"Content-Encoding {header[:60]!r}",
            expected="none or one layer of gzip",
            todo=_LOOK,
        )
    announced = response.headers.get("content-length", "")
    if announced.isdecimal() and float(announced) > limit:
        raise _too_much(url, f"{announced} bytes announced", limit)
    decoder = _Members(url) if named else None
    body = bytearray()
    taken = 0
    async for chunk in response.aiter_raw():
        taken += len(chunk)
        body += decoder.inflated(chunk, limit + 1 - len(body)) if decoder else chunk
        # Compressed bytes are counted too: endless gzip input need not decode to a single byte.
        if max(taken, len(body)) > limit:
            raise _too_much(url, f"{taken} bytes so far, {len(body)} once decoded", limit)
    if decoder and not decoder.whole:
        raise Unreachable(url, f"the body ends inside its gzip stream, after {taken} bytes", todo=LAST_GOOD)
    return bytes(body)


_LOOK = "the site ignores what we accept: look at it by hand"
_NO_ENCODING = ("", "identity", "aws-chunked", "none", "utf-8", "utf8", "binary", "7bit", "8bit")
"""Names under Content-Encoding that change no byte: what S3 leaves there, and what others write there by mistake."""

REFUSAL_BYTES = 64 * 1024
"""Most bytes of a refusal that are read, to see whether it is about the rate."""


class _Members:
    """A decoder of gzip with one or more members, which RFC 1952 allows and log shippers write."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._member = zlib.decompressobj(31)
        self._begun = False
        self._members = 0

    @property
    def whole(self) -> bool:
        """Whether the last member is complete."""
        return self._members > 0 and not self._begun

    def inflated(self, chunk: bytes, most: int) -> bytes:
        """About ``most`` bytes (at least 1) of the next piece of the stream, decoded; the rest is dropped."""
        found = bytearray()
        while chunk and len(found) < max(1, most):
            if self._members and not self._begun and not (chunk := chunk.lstrip(b"\0")):
                break  # padding after the last member, as tar writes it
            try:
                found += self._member.decompress(chunk, max(1, most - len(found)))
            except zlib.error as error:
                if self._members and not self._begun:
                    raise Unreachable(
                        self._url, "the body goes on after its gzip stream", expected="gzip to its end", todo=LAST_GOOD
                    ) from error
                raise Unreachable(self._url, f"broken gzip: {error}", todo=LAST_GOOD) from error
            self._begun = True
            chunk = self._member.unused_data
            if self._member.eof:
                self._member, self._begun, self._members = zlib.decompressobj(31), False, self._members + 1
                if self._members > MOST_MEMBERS:
                    raise Hostile(
                        self._url, f"more than {MOST_MEMBERS} gzip members", expected="one, or a few", todo=_LOOK
                    )
        return bytes(found)


MOST_MEMBERS = 10_000
"""Most members of a gzip body: each needs a new decoder, and an empty one takes only 20 bytes."""


def _too_much(url: str, found: str, limit: int) -> Hostile:
    return Hostile(url, found, expected=f"at most {limit} bytes", todo="raise limit_bytes if the page really grew")


def kept(headers: Mapping[str, str], mirror: str = "") -> dict[str, str]:
    """The headers worth archiving; a ``Link`` into the mirror becomes the live address it stands for."""
    found = {name: headers[name] for name in KEPT_HEADERS if name in headers}
    if mirror and "link" in found:
        found["link"] = re.sub(r"(?<=<)[^<>]*", lambda link: live(link[0], mirror), found["link"])
    return found


def is_wall(body: bytes) -> bool:
    """Whether a page is a bot wall that answers 200."""
    head = body[:4096].lower()
    return b"<title" in head and any(mark in head for mark in _WALLS)


async def refusal(url: str, response: httpx.Response, now: datetime) -> SourceError:
    """The error for a response whose status is not 200."""
    status = response.status_code
    found = f"HTTP {status}"
    if status in (404, 410) or (status == 401 and host_of(url) in HIDES_BEHIND_401):
        return Gone(url, found, todo="look where the site moved the page; what was read before stays in use")
    if await _asks_for_less(url, response):
        error = Unreachable(url, found, todo="nothing tonight: the site asks for fewer requests")
        error.wait = pause(response.headers, now)
        if error.wait is None and status == 403:
            error.wait = UNSTATED
        return error
    if status in (401, 403, 451) or "cf-mitigated" in response.headers:
        return Blocked(url, found, todo="the site refuses us: read its terms, ask for access or drop the source")
    if status >= 500 or status in (408, 425):
        return Unreachable(url, found, todo=LAST_GOOD)
    return Drifted(url, f"unexpected {found}", expected="200", todo="look at the address by hand")


async def _asks_for_less(url: str, response: httpx.Response) -> bool:
    """Whether a refusal is about the rate: 429, 503 with Retry-After, or GitHub's 403 for a used-up quota.

    GitHub's secondary limit may come without any header: then only the message of the 403 tells.
    """
    status, headers = response.status_code, response.headers
    if "cf-mitigated" in headers:
        return False
    if status == 403:
        return "retry-after" in headers or used_up(headers) or await _names_a_rate_limit(url, response)
    return status == 429 or (status == 503 and "retry-after" in headers)


async def _names_a_rate_limit(url: str, response: httpx.Response) -> bool:
    """Whether the body is an API's message about a rate limit: JSON, as a bot wall's page is not."""
    try:
        body = await bounded(url, response, REFUSAL_BYTES)
    except (SourceError, httpx.TransportError):
        return False
    return body.lstrip().startswith(b"{") and b"rate limit" in body.lower()


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
