"""The Hugging Face Hub's listings, through huggingface_hub and through the guards of our own door.

The library alone has no read time-out (a hanging listing still hung after 45 s), sleeps as long as
Retry-After tells it to, names a stranger in its User-Agent, sends a saved token unasked, and asks
``/api/agent-harnesses`` for telemetry on its first call.  So it is handed a client whose transport
lets nothing out but listings, as ourselves and without a token, reads bounded bodies within one
deadline, keeps them as pages with their live address, and answers "not modified" from the archive.
"""

from __future__ import annotations

import queue
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, TypeVar, cast
from urllib.parse import parse_qs, urlsplit
from urllib.request import getproxies, proxy_bypass  # noqa: TID251 - what the environment says, no connection

import httpx2
from huggingface_hub import HfApi, close_session, set_client_factory
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.utils import parse_ratelimit_headers  # type: ignore[attr-defined]

from collectors.contract import Blocked, Drifted, Gone, Hostile, Page, SourceError, Unreachable
from collectors.http.addresses import mirrored
from collectors.http.responses import KEPT_HEADERS

if TYPE_CHECKING:
    from huggingface_hub.hf_api import ExpandModelProperty_T

LIVE = "https://huggingface.co"
SOURCE = "hub-models"
LIMIT_BYTES = 32 * 2**20
HEADER_BYTES = 64 * 1024
CONNECT_SECONDS = 10.0
PATIENCE_SECONDS = 120.0
FEW_LEFT = 2
"""At so few requests left in the Hub's window we wait for the next one instead of running into a 429."""

UNCONDITIONAL_AFTER = timedelta(days=7)

_T = TypeVar("_T")
_TURN = threading.Lock()
"""The library has one client per process, so one organisation is listed at a time."""


def list_organisation(
    address: str,
    *,
    mirror: str,
    user_agent: str,
    last: Callable[[str], Page | None],
    now: Callable[[], datetime],
    deadline: float = 60.0,
    limit_bytes: int = LIMIT_BYTES,
    newest: int = 200,
    backoff: float = PATIENCE_SECONDS,
) -> Iterator[tuple[Page, bool]]:
    """The listing pages of one organisation, newest repositories first, each with whether it is fresh.

    ``address`` is a live listing address (author, sort, expand); pages are asked for until ``newest``
    repositories have come.  ``last`` gives the archived page of an address, which is asked for
    conditionally and handed back with False where the Hub says that it stands.  All pages got are
    handed out before an error is raised.  An organisation that never listed anything yields nothing.
    """
    endpoint = mirrored(LIVE, mirror)
    asked = parse_qs(urlsplit(address).query)
    if not address.startswith(f"{LIVE}/api/models?") or not asked.get("author"):
        raise ValueError(f"not the address of an organisation's listing: {address}")
    count = 0
    failed: SourceError | None = None
    with _TURN:
        guard = _Guard(
            endpoint=endpoint,
            user_agent=user_agent,
            last=last,
            now=now,
            ends=time.monotonic() + deadline,
            limit_bytes=limit_bytes,
            backoff=backoff,
            proxy=None if mirror else _proxy(),
        )
        set_client_factory(lambda: httpx2.Client(transport=guard, trust_env=False))
        try:
            for _ in HfApi(endpoint=endpoint, token=False).list_models(
                author=asked["author"][0],
                sort="created_at",
                limit=newest,
                expand=cast("list[ExpandModelProperty_T]", asked.get("expand", [])),
                token=False,
            ):
                count += 1
        except SourceError as error:
            failed = error
        except (HfHubHTTPError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            failed = Drifted(
                address,
                f"huggingface_hub cannot read the listing: {type(error).__name__}: {str(error)[:200]}",
                expected="a JSON array of repositories",
                todo="look at the archived page; upgrade huggingface_hub if the Hub changed its answers",
            )
        finally:
            close_session()
            set_client_factory(_plain_client)
            guard.close()
    if failed is None and count == 0:
        before = last(guard.pages[0][0].url) if guard.pages else None
        if before is None:
            return
        failed = Drifted(
            address,
            "an organisation that had repositories lists none",
            expected="at least one repository",
            todo="see whether it was renamed on the Hub and change its name in collectors/sources/hub_models.py",
        )
        guard.pages.clear()
    yield from guard.pages
    if failed is not None:
        failed.source = SOURCE
        raise failed


def _proxy() -> str | None:
    """The environment's proxy for the live Hub; a client with a transport of its own would not look for it."""
    host = urlsplit(LIVE).hostname or ""
    return None if proxy_bypass(host) else getproxies().get("https")


def _plain_client() -> httpx2.Client:
    """What other users of the library in this process get, once our turn is over."""
    return httpx2.Client(timeout=60.0, follow_redirects=True)


@dataclass(slots=True, kw_only=True)
class _Guard(httpx2.BaseTransport):
    """The only way out for the library during one call; keeps every listing page it lets in."""

    endpoint: str
    user_agent: str
    last: Callable[[str], Page | None]
    now: Callable[[], datetime]
    ends: float
    limit_bytes: int
    backoff: float
    proxy: str | None
    pages: list[tuple[Page, bool]] = field(default_factory=list)
    _inner: httpx2.HTTPTransport = field(init=False)

    def __post_init__(self) -> None:
        self._inner = httpx2.HTTPTransport(
            proxy=self.proxy,
            limits=httpx2.Limits(max_connections=1, max_keepalive_connections=0),
        )

    def close(self) -> None:
        self._inner.close()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = self._live(request)
        known = self.last(url)
        headers = {
            "Host": request.headers["host"],
            "User-Agent": self.user_agent,
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            **_conditions(known, self.now()),
        }
        self._wait(url, _WINDOWS.wait(self.endpoint), "the Hub's rate limit")
        answer = self._answer(url, request.url, headers)
        if answer.status == 429:
            self._wait(url, answer.wait, "HTTP 429 Too Many Requests")
            answer = self._answer(url, request.url, headers)
        page = known if answer.status == 304 and known is not None else self._page(url, answer)
        self.pages.append((page, page is not known))
        return httpx2.Response(200, headers=self._for_library(page), content=page.body, request=request)

    def _live(self, request: httpx2.Request) -> str:
        """The live address of a listing; everything else the library might ask for stays here."""
        asked = str(request.url)
        path = asked.removeprefix(self.endpoint)
        if request.method != "GET" or not asked.startswith(self.endpoint) or not path.startswith("/api/models?"):
            raise Hostile(
                asked[:300],
                f"huggingface_hub was led to {request.method} {asked[:200]}",
                expected=f"a listing under {LIVE}/api/models",
            )
        if "authorization" in request.headers:
            raise Hostile(f"{LIVE}{path}", "huggingface_hub was about to send a token", todo="unset HF_TOKEN")
        return f"{LIVE}{path}"

    def _wait(self, url: str, seconds: float | None, why: str) -> None:
        if seconds is None:
            raise Unreachable(url, why, todo="nothing tonight: last good stays")
        if seconds > self.backoff:
            raise Blocked(
                url, f"{why} asks for {seconds:.0f} s of patience", expected=f"at most {self.backoff:g} s", todo=_LESS
            )
        if seconds > 0:
            time.sleep(seconds)
            self.ends += seconds

    def _answer(self, url: str, target: httpx2.URL, headers: Mapping[str, str]) -> _Answer:
        """One request on a thread of its own, because a dripping answer outlives every read time-out."""
        left = self.ends - time.monotonic()
        try:
            answer = _within(left, lambda: self._ask(url, target, headers, left))
        except TimeoutError as error:
            raise Unreachable(url, "no whole answer within the deadline", todo="nothing tonight") from error
        except httpx2.TransportError as error:
            raise Unreachable(url, f"{type(error).__name__}: {error}", todo="nothing tonight") from error
        _WINDOWS.note(self.endpoint, answer.headers)
        return answer

    def _ask(self, url: str, target: httpx2.URL, headers: Mapping[str, str], left: float) -> _Answer:
        request = httpx2.Request("GET", target, headers=dict(headers))
        per_step = {"connect": min(left, CONNECT_SECONDS), "read": left, "write": left, "pool": left}
        request.extensions = {"timeout": per_step}
        response = self._inner.handle_request(request)
        try:
            if sum(len(name) + len(value) for name, value in response.headers.raw) > HEADER_BYTES:
                raise Hostile(url, "headers of more than 64 KiB")
            headers = {name.lower(): value for name, value in response.headers.items()}
            body = b"" if response.status_code != 200 else self._body(url, response)
            return _Answer(status=response.status_code, headers=headers, body=body)
        finally:
            response.close()

    def _body(self, url: str, response: httpx2.Response) -> bytes:
        """The decoded body under the size cap and the deadline; whole, or an error."""
        encoding = response.headers.get("content-encoding", "").strip().lower()
        if encoding not in ("", "identity", "gzip"):
            raise Hostile(url, f"Content-Encoding {encoding[:60]!r}", expected="none or one layer of gzip")
        decoder = zlib.decompressobj(31) if encoding == "gzip" else None
        body = bytearray()
        for chunk in response.iter_raw():
            if time.monotonic() > self.ends:
                raise TimeoutError
            piece = chunk
            while piece:
                try:
                    body += decoder.decompress(piece, self.limit_bytes + 1 - len(body)) if decoder else piece
                except zlib.error as error:
                    raise Unreachable(url, f"broken gzip: {error}") from error
                if len(body) > self.limit_bytes:
                    raise Hostile(url, f"more than {self.limit_bytes} bytes", todo="list fewer repositories at a time")
                piece = decoder.unconsumed_tail if decoder else b""
        if decoder is not None and not decoder.eof:
            raise Unreachable(url, "the body ends inside its gzip stream")
        return bytes(body)

    def _page(self, url: str, answer: _Answer) -> Page:
        if answer.status != 200:
            raise _refusal(url, answer)
        kept = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
        if "link" in kept:
            kept["link"] = kept["link"].replace(f"<{self.endpoint}/", f"<{LIVE}/")
        return Page(url=url, body=answer.body, status=200, fetched_at=self.now(), headers=kept)

    def _for_library(self, page: Page) -> dict[str, str]:
        headers = {"content-type": "application/json"}
        if link := page.headers.get("link"):
            headers["link"] = link.replace(f"<{LIVE}/", f"<{self.endpoint}/")
        return headers


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def wait(self) -> float | None:
        """How long a 429 asks us to wait: Retry-After in seconds, else the end of the rate limit's window."""
        after = self.headers.get("retry-after", "").strip()
        if after.isdigit():
            return float(after)
        limits = parse_ratelimit_headers(self.headers)
        return float(limits.reset_in_seconds) if limits else None


class _Windows:
    """How many requests each Hub has left for us and until when, as its RateLimit header last said."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, float]] = {}

    def note(self, endpoint: str, headers: Mapping[str, str]) -> None:
        if limits := parse_ratelimit_headers(headers):
            self._known[endpoint] = (limits.remaining, time.monotonic() + limits.reset_in_seconds)

    def wait(self, endpoint: str) -> float:
        remaining, resets = self._known.get(endpoint, (FEW_LEFT + 1, 0.0))
        return max(0.0, resets - time.monotonic()) if remaining <= FEW_LEFT else 0.0


_WINDOWS = _Windows()
_LESS = "ask again later, and less often"


def _conditions(known: Page | None, now: datetime) -> dict[str, str]:
    """If-None-Match or If-Modified-Since; nothing once a week, because some validators lie."""
    if known is None or now - known.fetched_at >= UNCONDITIONAL_AFTER:
        return {}
    if etag := known.headers.get("etag"):
        return {"If-None-Match": etag}
    stamp = known.headers.get("last-modified") or format_datetime(known.fetched_at, usegmt=True)
    return {"If-Modified-Since": stamp}


def _refusal(url: str, answer: _Answer) -> SourceError:
    found = f"HTTP {answer.status}"
    if answer.status == 401:
        return Gone(url, f"{found}: the Hub's answer for what is missing or private", todo="check the name on the Hub")
    if answer.status in (404, 410):
        return Gone(url, found, todo="check the organisation's name on the Hub")
    if answer.status in (403, 451):
        return Blocked(url, found, todo="the Hub refuses us: read its terms")
    if 300 <= answer.status < 400 and answer.status != 304:
        return Gone(url, f"{found} to {answer.headers.get('location', 'nowhere')[:200]}", todo="renamed on the Hub?")
    if answer.status == 304:
        return Unreachable(url, f"{found}, and we never asked conditionally")
    if answer.status in (408, 429) or answer.status >= 500:
        error = Unreachable(url, found, todo="nothing tonight: last good stays")
        error.wait = answer.wait
        return error
    return Drifted(url, f"unexpected {found}", expected="200")


def _within(seconds: float, work: Callable[[], _T]) -> _T:
    """The result of ``work``, or `TimeoutError` after so many seconds; the thread left behind is a daemon."""
    if seconds <= 0:
        raise TimeoutError
    done: queue.SimpleQueue[tuple[_T | None, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            done.put((work(), None))
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            done.put((None, error))

    threading.Thread(target=run, daemon=True, name="hub").start()
    try:
        result, error = done.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if error is not None:
        raise error
    return result  # type: ignore[return-value]
