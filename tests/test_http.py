"""The door against a server that breaks on purpose: what every fault gives, and how often we asked.

The live address ``https://board.example/...`` is asked through a mirror on the loopback, which is the
fault server; ``robots.txt`` is missing there unless a test adds one.  A `Case` is a script of faults,
one per request, of which the last repeats.
"""

from __future__ import annotations

import asyncio
import functools
import gzip
import json
import ssl
import time
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.contract.errors import Blocked, Drifted, Gone, Hostile, SourceError, Unreachable
from collectors.contract.pages import CachedPage, Page
from collectors.contract.source import Source
from collectors.http.addresses import host_of, live, mirrored, public_only, target
from collectors.http.client import HttpClient
from collectors.http.policy import Limits
from collectors.http.quota import retry_after
from tests.tools.faultserver import FaultServer

AGENT = "gapindex/0.0 (test; contact: operator@board.example)"
NOW = datetime(2026, 6, 14, 21, 0, tzinfo=UTC)
LIVE = "https://board.example/rows.json"
HERE = "/https/board.example"
BODY = json.dumps([{"model": f"model-{n}", "score": 50 + n / 100} for n in range(200)]).encode()
MIB = 2**20
LAX = Limits(connect=5.0, deadline=15.0, wait_initial=0.001, retry_after=3.0)
HASTY = replace(LAX, connect=0.3, deadline=0.8)
SOURCE = Source(
    name="test-board",
    title="Test board",
    kind="metadata",
    homepage="https://board.example",
    licence="CC0-1.0",
    start=(LIVE,),
    hosts=frozenset({"board.example", "www.board.example"}),
    parse=lambda _page: (),
    limit_bytes=MIB,
)


_tls = functools.cache(httpx.create_ssl_context)


@pytest.fixture(autouse=True)
def one_tls_context(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading the certificate store for every door would take half of the time of this file."""
    monkeypatch.setattr(httpx, "create_ssl_context", _tls)


@pytest.fixture(scope="module")
def running() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server


@pytest.fixture
def web(running: FaultServer) -> FaultServer:
    """The fault server with one good page and no memory of earlier tests."""
    running.clear(pages=True)
    running.add(f"{HERE}/rows.json", BODY)
    return running


@pytest.fixture(scope="module")
def other() -> Iterator[FaultServer]:
    """A second server, which no request of ours may ever reach."""
    with FaultServer() as server:
        yield server


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of all pieces of bodies taken off the wire."""
    taken: list[int] = []
    plain = httpx.Response.aiter_raw

    async def counted(self: httpx.Response, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        async for chunk in plain(self, chunk_size):
            taken.append(len(chunk))
            yield chunk

    monkeypatch.setattr(httpx.Response, "aiter_raw", counted)
    return taken


def client(mirror: str, limits: Limits = LAX, now: datetime = NOW) -> HttpClient:
    return HttpClient(user_agent=AGENT, now=lambda: now, mirror=mirror, limits=limits)


Answer = Page | SourceError | None


async def one(at: HttpClient, url: str, last: CachedPage | None = None, source: Source = SOURCE) -> Answer:
    try:
        return await at.fetch(source, url, last=last)
    except SourceError as error:
        return error


def ask(mirror: str, *urls: str, limits: Limits = LAX, last: CachedPage | None = None, source: Source = SOURCE) -> Any:
    """What the door gives for one address, or for several asked one after the other."""

    async def run() -> list[Answer]:
        async with client(mirror, limits) as at:
            return [await one(at, url, last, source) for url in urls or (LIVE,)]

    responses = asyncio.run(run())
    return responses if len(urls) > 1 else responses[0]


def refused(answer: Answer, kind: type[SourceError], *words: str, url: str = LIVE) -> SourceError:
    """The answer as an error that names its source, its address, what was found and what to do."""
    assert type(answer) is kind, f"{type(answer).__name__}: {answer}"
    assert answer.source == "test-board"
    assert answer.url == url
    assert answer.todo
    for word in words:
        assert word in answer.found, answer.found
    result = str(answer)
    assert result.startswith(f"test-board: {answer.found}")
    assert url in result
    assert answer.todo in result
    assert len(result) < 1000
    assert result.isprintable()
    return answer


# --- every fault --------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Case:
    name: str
    script: tuple[str, ...]
    gives: type[SourceError] | None
    requests: int
    words: tuple[str, ...] = ()
    body: bytes = BODY
    limits: Limits = field(default=LAX)


def page(name: str, *script: str, requests: int = 1, body: bytes = BODY) -> Case:
    return Case(name=name, script=script, gives=None, requests=requests, body=body)


def error(name: str, spec: str, gives: type[SourceError], requests: int, *words: str, limits: Limits = LAX) -> Case:
    return Case(name=name, script=(spec,), gives=gives, requests=requests, words=words, limits=limits)


CASES = [
    page("nothing wrong", "ok"),
    page("A4 reset, then good", "reset", "ok", requests=2),
    error("A4 reset for ever", "reset", Unreachable, 3, "reset by peer"),
    page("A5 close, then good", "close", "ok", requests=2),
    error("A5 close for ever", "close", Unreachable, 3, "without sending a response"),
    page("A5 close in head, then good", "close-in-head", "ok", requests=2),
    error("A5 close in head for ever", "close-in-head", Unreachable, 3, "RemoteProtocolError"),
    error("A7 hang before the head", "hang", Unreachable, 1, "no whole answer within 0.8 s", limits=HASTY),
    error("A7 hang in the body", "hang;when=body", Unreachable, 1, "no whole answer within 0.8 s", limits=HASTY),
    error("A8 drip", "drip;s=0.05", Unreachable, 1, "no whole answer within 0.8 s", limits=HASTY),
    page("A8 slow but whole", "delay;s=0.3"),
    page("A9 cut, then good", "truncate", "ok", requests=2),
    error("A9 cut", "truncate", Unreachable, 3, "without sending complete message body"),
    error("A9 cut by reset", "truncate;rst=1", Unreachable, 3, "reset by peer"),
    # HTTP cannot see these two cuts: whether the page is whole is asked of its parser.
    page("A10 cut without framing", "truncate-unframed", body=BODY[: len(BODY) // 2]),
    page("A12 length too small", "length;by=-300", body=BODY[:-300]),
    error("A10 cut without framing, but in gzip", "gzip|truncate-unframed", Unreachable, 3, "inside its gzip stream"),
    error("A12 length too small, but in gzip", "gzip|length;by=-9", Unreachable, 3, "inside its gzip stream"),
    error("A12 length too great", "length;by=50", Unreachable, 3, "without sending complete message body"),
    page("A11 chunks", "chunked;kind=ok"),
    error("A11 chunks without end", "chunked;kind=no-end", Unreachable, 3, "incomplete chunked read"),
    error("A11 chunk of no size", "chunked;kind=bad-size", Unreachable, 3, "RemoteProtocolError"),
    error("A11 chunk too short", "chunked;kind=short", Unreachable, 3, "RemoteProtocolError"),
    page("A13 gzip", "gzip"),
    page("A13 gzip in chunks", "gzip|chunked;kind=ok;chunk=7"),
    error("A13 gzip cut", "gzip-lie;cut=1", Unreachable, 3, "inside its gzip stream"),
    error("A13 gzip it is not", "gzip-lie", Unreachable, 3, "broken gzip"),
    error("A14 brotli", "gzip-lie;encoding=br", Hostile, 1, "'br'"),
    error("A14 zstd", "gzip-lie;encoding=zstd", Hostile, 1, "'zstd'"),
    error("A14 two layers of gzip", "gzip;layers=2", Hostile, 1, "'gzip, gzip'"),
    error("A15 429 without a word", "status;code=429", Unreachable, 3, "HTTP 429"),
    error("A15 429 and junk", "status;code=429;retry-after=soon", Unreachable, 3, "HTTP 429"),
    error("A15 429 and a digit that is none", "status;code=429;retry-after=%C2%B2", Unreachable, 3, "HTTP 429"),
    error("A15 429 for a year", "status;code=429;retry-after=31536000", Blocked, 1, "HTTP 429", "31536000 s"),
    error("A15 429 for ever", f"status;code=429;retry-after={'9' * 400}", Blocked, 1, "HTTP 429", "inf s"),
    error(
        "A15 429 until 2036",
        "status;code=429;retry-after=Sat%2C 14 Jun 2036 21:00:00 GMT",
        Blocked,
        1,
        "board.example asks us to wait 3156",
    ),
    error("A15 503 for a year", "status;code=503;retry-after=31536000", Blocked, 1, "HTTP 503", "31536000 s"),
    page("A17 500, then good", "status;code=500", "ok", requests=2),
    *(error(f"A17 {code}", f"status;code={code}", Unreachable, 3, f"HTTP {code}") for code in (500, 502, 503, 504)),
    *(error(f"A18 {code}", f"status;code={code}", Unreachable, 3, f"HTTP {code}") for code in (408, 425)),
    *(error(f"A18 {code}", f"status;code={code}", Blocked, 1, f"HTTP {code}") for code in (401, 403, 451)),
    *(error(f"A18 {code}", f"status;code={code}", Gone, 1, f"HTTP {code}") for code in (404, 410)),
    *(error(f"A18 {code}", f"status;code={code}", Drifted, 1, f"HTTP {code}") for code in (204, 206, 300, 418)),
    error("A19 bot wall", "challenge", Blocked, 1, "HTTP 403"),
    error("A19 quiet bot wall", "challenge;code=200", Blocked, 1, "bot wall"),
    error("A19 busy bot wall", "challenge;code=503", Blocked, 1, "HTTP 503"),
    error("A22 redirect loop", f"redirect;to={LIVE}", Drifted, 6, "more than 5 redirects"),
    error("A22 redirect to nowhere", "redirect;to=", Drifted, 6, "more than 5 redirects"),
    error("A23 304 nobody asked for", "etag;kind=always-304", Unreachable, 3, "304 Not Modified, and we never asked"),
    error("A24 header of 1 MiB", "huge-header;size=1m", Unreachable, 3, "RemoteProtocolError"),
    error("A24 header of 80 KiB", "huge-header;size=80k", Hostile, 1, "headers of more than 65536 bytes"),
    error("A24 10000 headers", "huge-header;n=10000", Hostile, 1, "headers of more than 65536 bytes"),
    *(
        error(f"A25 garbage: {kind}", f"garbage;kind={kind}", Unreachable, 3, "RemoteProtocolError")
        for kind in ("ssh", "status", "header")
    ),
    error("C1 endless, announced", "endless;announced=1", Hostile, 1, "10737418240 bytes announced"),
]


# A connection that is reset while it opens leaves its socket to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_fault(web: FaultServer, case: Case) -> None:
    web.plan(f"{HERE}/rows.json", *case.script)
    began = time.monotonic()
    answer = ask(web.base_url, limits=case.limits)
    took = time.monotonic() - began
    seen = web.requests_to(f"{HERE}/rows.json")
    assert len(seen) == case.requests
    assert len({request.conn for request in seen}) == case.requests, "a connection was used twice"
    assert took < case.limits.deadline + 15
    if case.gives is not None:
        refused(answer, case.gives, *case.words)
        return
    assert isinstance(answer, Page)
    assert (answer.url, answer.body, answer.fetched_at, answer.status) == (LIVE, case.body, NOW, 200)
    assert answer.headers["content-type"] == "application/json"


def test_refused_connection(web: FaultServer) -> None:
    mirror = f"http://127.0.0.1:{web.closed_port()}"
    refused(
        ask(mirror, "https://models.dev/x", source=API),
        Unreachable,
        "ConnectionRefusedError",
        url="https://models.dev/x",
    )


def test_connection_that_hangs(web: FaultServer) -> None:
    mirror = f"http://127.0.0.1:{web.blackhole_port()}"
    began = time.monotonic()
    answer = ask(mirror, "https://models.dev/x", source=API, limits=replace(LAX, connect=0.2))
    assert 0.6 <= time.monotonic() - began < 20
    refused(answer, Unreachable, "no connection in time", url="https://models.dev/x")


def test_name_that_does_not_resolve() -> None:
    answer = ask("http://nosuch.invalid", "https://models.dev/x", source=API, limits=replace(LAX, attempts=1))
    refused(answer, Unreachable, "DNS", url="https://models.dev/x")


API = replace(SOURCE, hosts=frozenset({"models.dev"}))
"""A source whose host is not asked for robots.txt."""


def test_certificate_nobody_vouches_for(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))
    with FaultServer(ssl_context=context) as server:
        server.add("/https/models.dev/x", BODY)
        mirror = f"https://localhost:{server.port}"
        answer = ask(mirror, "https://models.dev/x", source=API)
        assert server.requests == []
    refused(answer, Unreachable, "certificate verify failed", url="https://models.dev/x")


def self_signed(folder: Path) -> Path:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "both.pem"
    file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return file


# --- patience -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "after"),
    [(429, "1"), (503, format_datetime(NOW + timedelta(seconds=1), usegmt=True))],
    ids=["429, seconds", "503, date"],
)
def test_retry_after_is_honoured(web: FaultServer, code: int, after: str) -> None:
    web.plan(f"{HERE}/rows.json", f"status;code={code};retry-after={after.replace(',', '%2C')}", "ok")
    assert isinstance(ask(web.base_url), Page)
    first, second = web.requests_to(f"{HERE}/rows.json")
    assert 1.0 <= second.at - first.at < 20


def test_a_429_silences_the_whole_host(web: FaultServer) -> None:
    web.plan(f"{HERE}/rows.json", "status;code=429;retry-after=1", "ok")
    web.add(f"{HERE}/b.json", b"[]")

    async def run() -> Answer:
        async with client(web.base_url) as at:
            asked = asyncio.create_task(one(at, LIVE))
            while not web.requests_to(f"{HERE}/rows.json"):
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.2)
            later = await one(at, "https://board.example/b.json")
            await asked
            return later

    assert isinstance(asyncio.run(run()), Page)
    assert web.requests_to(f"{HERE}/b.json")[0].at - web.requests_to(f"{HERE}/rows.json")[0].at >= 1.0


def test_after_a_429_for_a_year_nothing_else_is_asked(web: FaultServer) -> None:
    web.plan(f"{HERE}/rows.json", "status;code=429;retry-after=31536000")
    web.add(f"{HERE}/b.json", b"[]")
    _, second = ask(web.base_url, LIVE, "https://board.example/b.json")
    refused(second, Blocked, "not asked", "asks us to wait", url="https://board.example/b.json")
    assert web.requests_to(f"{HERE}/b.json") == []


def test_a_long_queue_does_not_use_up_the_deadline(web: FaultServer) -> None:
    urls = [f"https://board.example/{n}.json" for n in range(6)]
    for n in range(6):
        web.add(f"{HERE}/{n}.json", b"[]")
        web.plan(f"{HERE}/{n}.json", "delay;s=0.4")

    async def run() -> list[Answer]:
        async with client(web.base_url, replace(LAX, deadline=1.0, per_host=2, attempts=1)) as at:
            return await asyncio.gather(*(one(at, url) for url in urls))

    assert [type(answer) for answer in asyncio.run(run())] == [Page] * 6
    moments = sorted(request.at for request in web.requests if "robots" not in request.path)
    assert all(later - now > 0.3 for now, later in zip(moments, moments[2:], strict=False)), "more than 2 at a time"


def test_a_host_that_hangs_is_left_alone(web: FaultServer) -> None:
    limits = replace(LAX, deadline=0.2, per_host=1, give_up=2, retry_after=60)
    web.plan(f"{HERE}/rows.json", "hang")
    responses = ask(web.base_url, *[LIVE] * 5, limits=limits)
    assert len(web.requests_to(f"{HERE}/rows.json")) == 2
    refused(responses[1], Unreachable, "no whole answer")
    refused(responses[2], Unreachable, "not asked: the last 2 addresses of board.example could not be reached in time")


def test_a_host_that_answers_is_not_given_up(web: FaultServer) -> None:
    limits = replace(LAX, deadline=0.4, per_host=1, give_up=2)
    web.plan(f"{HERE}/rows.json", "hang", "status;code=404", "hang", "ok")
    responses = ask(web.base_url, *[LIVE] * 4, limits=limits)
    assert [type(answer) for answer in responses] == [Unreachable, Gone, Unreachable, Page]


# --- redirects ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "path"),
    [
        ("https://board.example/new.json", "/https/board.example/new.json"),
        ("https://BOARD.example:443/new.json", "/https/BOARD.example:443/new.json"),
        ("/new.json?at=1#top", "/https/board.example/new.json"),
        ("new.json", "/https/board.example/new.json"),
        ("//www.board.example/new.json", "/https/www.board.example/new.json"),
        ("http://127.0.0.1:{port}/https/board.example/new.json", "/https/board.example/new.json"),
    ],
)
@pytest.mark.parametrize("code", [301, 308])
def test_redirect_inside_is_followed(web: FaultServer, to: str, path: str, code: int) -> None:
    web.add(path, b"[1]")
    web.plan(f"{HERE}/rows.json", f"redirect;code={code};to={to.format(port=web.port)}")
    answer = ask(web.base_url)
    assert isinstance(answer, Page)
    assert (answer.url, answer.body) == (LIVE, b"[1]")


@pytest.mark.parametrize(
    ("to", "kind", "word"),
    [
        ("https://evil.example/", Gone, "'evil.example'"),
        ("//evil.example/rows.json", Gone, "'evil.example'"),
        ("https://board.example.evil.example/", Gone, "'board.example.evil.example'"),
        ("https://board.example\\.evil.example/", Gone, "evil.example"),
        ("https://127.0.0.1/", Gone, "'127.0.0.1'"),
        ("https://169.254.169.254/latest/meta-data/", Gone, "'169.254.169.254'"),
        ("https://[::ffff:127.0.0.1]/", Gone, "'::ffff:127.0.0.1'"),
        ("https://2130706433/", Gone, "'2130706433'"),
        ("https://0.0.0.0/", Gone, "'0.0.0.0'"),
        ("http://127.0.0.1:{other}/", Hostile, "http://127.0.0.1"),
        ("https://127.0.0.1:{other}/", Hostile, "https://127.0.0.1"),
        ("http://[::1]:{other}/", Hostile, "http://[::1]"),
        ("http://169.254.169.254/latest/meta-data/", Hostile, "http://169.254.169.254"),
        ("http://board.example/rows.json", Hostile, "http://board.example"),
        ("https://board.example:{other}/", Hostile, "https://board.example:"),
        ("https://user@board.example/", Hostile, "user@"),
        ("https://:pass@board.example/", Hostile, ":pass@"),
        ("https://@127.0.0.1:{other}/", Hostile, "@127.0.0.1"),
        ("https://board.example:99999999/", Hostile, "99999999"),
        ("https://[/", Hostile, "https://["),
        ("file:///etc/passwd", Hostile, "file:///etc/passwd"),
        ("javascript:/alert(1)", Hostile, "javascript:"),
        ("data:,[]", Gone, "no address"),
        (":https://[77", Gone, "no address"),
        ("//xn--/", Gone, "no address"),
        ("https://board.example/%C2%9B31m", Hostile, "x9b31m"),
        (f"https://board.example:1/{'a' * 9000}", Hostile, "https://board.example:1"),
    ],
)
def test_redirect_outside_reaches_nobody(
    web: FaultServer, other: FaultServer, to: str, kind: type[SourceError], word: str
) -> None:
    web.plan(f"{HERE}/rows.json", f"redirect;to={to.format(other=other.port)}")
    refused(ask(web.base_url), kind, "leads to", word)
    assert [request.path for request in web.requests] == [f"{HERE}/robots.txt", f"{HERE}/rows.json"]
    assert [request for request in other.requests if request.header("user-agent") == AGENT] == []


@pytest.mark.parametrize(
    "url",
    [
        "http://board.example/",
        "https://board.example:8443/",
        "https://user:pass@board.example/",
        "file:///etc/passwd",
        "ftp://board.example/",
        "board.example/rows.json",
        "",
        "https://",
        "https://[",
        "https://board.example:port/",
        "https://board.example\u202e/",
        "https://board.example/\x1b[31m",
        "https://board\n.example/",
    ],
)
def test_address_that_is_not_plain_https(url: str) -> None:
    assert host_of(url) == ""
    assert type(ask("", url)) is Hostile


@pytest.mark.parametrize(
    "url", [LIVE, "https://board.example:443/", "https://BOARD.EXAMPLE", "https://board.example?q"]
)
def test_address_that_is_plain_https(url: str) -> None:
    assert host_of(url) == "board.example"


@given(st.text() | st.text().map("https://".__add__) | st.text().map("https://board.example".__add__))
@settings(deadline=None)
def test_host_of_anything(text: str) -> None:
    host_of(text)
    host_of(target(LIVE, text, "http://127.0.0.1:1/m"))


@pytest.mark.parametrize(
    "mirror", ["", "http://127.0.0.1:1", "http://127.0.0.1:1/@2026-06-14", "http://127.0.0.1:1/m/"]
)
@pytest.mark.parametrize("url", [LIVE, "https://board.example/a/https/b.example/c?d=https://e.example/#f"])
def test_mirrored_and_back(mirror: str, url: str) -> None:
    assert live(mirrored(url, mirror), mirror) == url
    assert live(url, mirror) == url


def test_mirrored() -> None:
    base = "http://127.0.0.1:1/@2026-06-14"
    assert mirrored(LIVE, base) == mirrored(LIVE, f"{base}/") == f"{base}/https/board.example/rows.json"
    assert mirrored(LIVE, "") == LIVE


def test_a_page_carries_what_named_it(web: FaultServer) -> None:
    async def run() -> Page | None:
        async with client("http://127.0.0.1:9") as at:
            return await at.through(web.base_url).fetch(SOURCE, LIVE, context="from-the-index")

    got = asyncio.run(run())
    assert got is not None
    assert (got.url, got.context) == (LIVE, "from-the-index")


# --- validators ---------------------------------------------------------------------------------


def cached(days: float, **headers: str) -> CachedPage:
    return CachedPage(
        url=LIVE,
        sha256="0" * 64,
        size=1,
        fetched_at=NOW - timedelta(days=days),
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


def test_what_we_hold_still_stands(web: FaultServer) -> None:
    first = ask(web.base_url)
    last = CachedPage(url=LIVE, sha256=first.sha256, size=len(first.body), fetched_at=NOW, headers=first.headers)
    assert ask(web.base_url, last=last) is None
    assert [request.header("if-none-match") for request in web.requests_to(f"{HERE}/rows.json")] == [
        None,
        first.headers["etag"],
    ]


@pytest.mark.parametrize(
    ("headers", "name", "value"),
    [
        ({"etag": '"a"', "last_modified": "Sat, 13 Jun 2026 00:00:00 GMT"}, "if-none-match", '"a"'),
        ({"last_modified": "Sat, 13 Jun 2026 00:00:00 GMT"}, "if-modified-since", "Sat, 13 Jun 2026 00:00:00 GMT"),
        ({}, "", ""),
        ({"etag": '"é"'}, "", ""),
        ({"etag": '"\x9b"', "last_modified": "½"}, "", ""),
    ],
)
def test_one_validator_is_sent_and_it_is_theirs(
    web: FaultServer, headers: dict[str, str], name: str, value: str
) -> None:
    assert isinstance(ask(web.base_url, last=cached(1, **headers)), Page)
    (request,) = web.requests_to(f"{HERE}/rows.json")
    assert {k: v for k, v in request.headers if k.startswith("if-")} == ({name: value} if name else {})


def test_bytes_that_came_whole_once_are_asked_for_without_a_condition(web: FaultServer) -> None:
    """One look confirms nothing, and neither does "not modified"."""
    web.plan(f"{HERE}/rows.json", "etag;kind=stale")
    once = replace(cached(1, etag='"constant"'), whole_nights=1)
    assert isinstance(ask(web.base_url, last=once), Page)
    assert web.requests_to(f"{HERE}/rows.json")[-1].header("if-none-match") is None


def test_validators_that_lie_are_believed_for_a_week(web: FaultServer) -> None:
    web.plan(f"{HERE}/rows.json", "etag;kind=stale")
    assert ask(web.base_url, last=cached(6.9, etag='"constant"')) is None
    assert isinstance(ask(web.base_url, last=cached(7, etag='"constant"')), Page)
    assert web.requests_to(f"{HERE}/rows.json")[-1].header("if-none-match") is None


def test_always_304_is_found_out_after_a_week(web: FaultServer) -> None:
    web.plan(f"{HERE}/rows.json", "etag;kind=always-304")
    assert ask(web.base_url, last=cached(6.9, etag='"constant"')) is None
    refused(ask(web.base_url, last=cached(7, etag='"constant"')), Unreachable, "we never asked conditionally")


@pytest.mark.parametrize("kind", ["flap", "none"])
def test_validators_that_are_useless_cost_a_fetch(web: FaultServer, kind: str) -> None:
    web.plan(f"{HERE}/rows.json", f"etag;kind={kind}")
    assert isinstance(ask(web.base_url, last=cached(1, etag='"b"')), Page)


# --- limits -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "most"),
    [("endless", MIB + 128 * 1024), ("endless;announced=1", 0), ("gzip-bomb", 128 * 1024), ("gzip-bomb;layers=2", 0)],
)
def test_bombs_are_not_swallowed(web: FaultServer, wire: list[int], spec: str, most: int) -> None:
    web.plan(f"{HERE}/rows.json", "gzip-bomb;size=64m" if "bomb" in spec else "ok", spec)
    ask(web.base_url)  # the server makes its bomb once and keeps it: not ours to count
    wire.clear()
    tracemalloc.start()
    try:
        answer = ask(web.base_url)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    refused(answer, Hostile)
    assert sum(wire) <= most
    assert peak < 16 * MIB
    assert len(web.requests_to(f"{HERE}/rows.json")) == 2


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("over", [0, 1])
def test_the_cap_is_exact(web: FaultServer, packed: bool, over: int) -> None:
    web.add(f"{HERE}/rows.json", b" " * (MIB + over))
    web.plan(f"{HERE}/rows.json", f"{'gzip|' if packed else ''}chunked;kind=ok;chunk=65536")
    answer = ask(web.base_url)
    if over:
        refused(answer, Hostile, "once decoded")
    else:
        assert len(answer.body) == MIB


@pytest.mark.parametrize(
    ("packed", "kind", "word"),
    [
        (gzip.compress(b"[1]") + b"goes on", Unreachable, "goes on after its gzip stream"),
        (gzip.compress(b"[1]")[:-8] + b"\0" * 8, Unreachable, "broken gzip"),
        (gzip.compress(b"[1") + gzip.compress(b",2]")[:-4], Unreachable, "inside its gzip stream"),
        (b"", Unreachable, "inside its gzip stream, after 0 bytes"),
        (gzip.compress(b"") * 20_000, Hostile, "gzip members"),
        (gzip.compress(b" " * (MIB // 2)) * 3, Hostile, "once decoded"),
    ],
    ids=["text behind it", "wrong checksum", "second member cut", "empty", "empty members", "a bomb in members"],
)
def test_gzip_is_whole_and_bounded(web: FaultServer, packed: bytes, kind: type[SourceError], word: str) -> None:
    web.add(f"{HERE}/rows.json", packed, headers={"content-encoding": "gzip"})
    refused(ask(web.base_url), kind, word)


@pytest.mark.parametrize("chunk", [1, 7, 65536])
@pytest.mark.parametrize(
    ("packed", "encoding"),
    [
        (gzip.compress(b"[1") + gzip.compress(b",2]"), "gzip"),
        (gzip.compress(b"[1") + gzip.compress(b"") + gzip.compress(b",2]"), "gzip"),
        (gzip.compress(b"[1,2]") + b"\0" * 512, "gzip"),
        (gzip.compress(b"[1,2]"), "x-gzip"),
        (gzip.compress(b"[1,2]"), "X-GZIP"),
        (b"[1,2]", "aws-chunked"),
        (gzip.compress(b"[1,2]"), "gzip,aws-chunked"),
        (gzip.compress(b"[1,2]"), "aws-chunked, gzip"),
        (b"[1,2]", "identity"),
        (b"[1,2]", "UTF-8"),
        (b"[1,2]", "none"),
        (gzip.compress(b"[1,2]"), "binary, gzip"),
    ],
    ids=[
        "two members",
        "three members",
        "padded",
        "x-gzip",
        "X-GZIP",
        "chunked",
        "gzip first",
        "gzip last",
        "identity",
        "a charset",
        "none",
        "binary",
    ],
)
def test_valid_encodings_are_read(web: FaultServer, packed: bytes, encoding: str, chunk: int) -> None:
    """Several members, padding, the older name, and names that change no byte: the framing S3 leaves in the header of
    what was uploaded so, and a charset or "none", which sites write there by mistake."""
    web.add(f"{HERE}/rows.json", packed, headers={"content-encoding": encoding})
    web.plan(f"{HERE}/rows.json", f"chunked;kind=ok;chunk={chunk}")
    assert ask(web.base_url).body == b"[1,2]"


def test_gzip_that_never_gives_a_byte(web: FaultServer) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    empty = packer.compress(b"") + b"".join(packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    web.add(f"{HERE}/rows.json", empty + b"\0\0\0\xff\xff" * (MIB // 4), headers={"content-encoding": "gzip"})
    web.plan(f"{HERE}/rows.json", "chunked;kind=ok;chunk=65536")
    refused(ask(web.base_url), Hostile, "0 once decoded")


# --- what we tell of ourselves -------------------------------------------------------------------


def test_we_say_who_we_are_and_nothing_else(web: FaultServer) -> None:
    web.add(f"{HERE}/a.json", b"[]", headers={"set-cookie": "track=1; Path=/"})
    web.add("/https/www.board.example/b.json", b"[]", headers={"set-cookie": "track=2; Path=/"})
    web.plan(f"{HERE}/rows.json", "redirect;to=https://www.board.example/b.json")
    ask(web.base_url, "https://board.example/a.json", LIVE, "https://board.example/a.json")
    assert len(web.requests) == 6
    for request in web.requests:
        assert dict(request.headers) == {
            "host": f"127.0.0.1:{web.port}",
            "user-agent": AGENT,
            "accept": "*/*",
            "accept-encoding": "gzip",
            "connection": "close",
        }
    assert len({request.conn for request in web.requests}) == 6


def test_a_second_answer_on_the_line_is_nobodys(web: FaultServer) -> None:
    web.add(f"{HERE}/b.json", b"[2]")
    web.plan(f"{HERE}/rows.json", "extra")

    async def run() -> list[Answer]:
        async with client(web.base_url, replace(LAX, per_host=2)) as at:
            return await asyncio.gather(*(one(at, url) for url in [LIVE, "https://board.example/b.json"] * 10))

    assert [answer.body for answer in asyncio.run(run()) if isinstance(answer, Page)] == [BODY, b"[2]"] * 10


def test_stale_keepalive_is_never_met(web: FaultServer) -> None:
    web.plan(f"{HERE}/rows.json", "stale-keepalive")
    assert {type(answer) for answer in ask(web.base_url, *[LIVE] * 20)} == {Page}
    assert len(web.requests_to(f"{HERE}/rows.json")) == 20


# --- addresses ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_a_name_of_a_private_address_gets_no_request(
    web: FaultServer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """What a rebound name does: without a mirror set, the live address ends up on the loopback."""
    for proxy in ("http_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    monkeypatch.setattr("collectors.http.client.mirrored", lambda url, mirror: f"http://{name}:{web.port}/x")
    answer = ask("", "https://models.dev/x", source=API)
    refused(answer, Hostile, f"{name} resolves to 127.0.0.1", url="https://models.dev/x")
    assert web.requests == []


def test_a_proxy_of_the_operator_may_be_private(web: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for proxy in ("HTTP_PROXY", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(proxy, raising=False)
    monkeypatch.setenv("http_proxy", web.base_url)
    monkeypatch.setattr("collectors.http.client.mirrored", lambda url, mirror: "http://models.dev/x")
    refused(ask("", "https://models.dev/x", source=API), Gone, "HTTP 404", url="https://models.dev/x")
    assert len(web.requests) == 1


@pytest.mark.parametrize(
    ("peer", "public"),
    [
        ("93.184.216.34", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
    ],
)
def test_only_public_peers(peer: str, public: bool) -> None:
    class Stream:
        closed = False

        def get_extra_info(self, info: str) -> tuple[str, int]:
            assert info == "server_addr"
            return peer, 443

        async def aclose(self) -> None:
            self.closed = True

    async def run() -> None:
        watch = public_only(LIVE, "board.example")
        await watch("connection.connect_tcp.started", {"host": "board.example"})
        await watch("connection.connect_tcp.complete", {"return_value": stream})

    stream = Stream()
    if public:
        asyncio.run(run())
    else:
        with pytest.raises(Hostile, match=r"board\.example resolves to"):
            asyncio.run(run())
    assert stream.closed is not public


# --- robots.txt ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        ("User-agent: *\nDisallow:\n", True),
        ("User-agent: *\nDisallow: /private\n", True),
        ("User-agent: *\nDisallow: /rows\n", False),
        ("User-agent: gapindex\nDisallow: /\n\nUser-agent: *\nAllow: /\n", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: gapindex\nAllow: /rows.json\n", True),
        ("User-agent: operator\nDisallow: /\n", True),
        ("<html>Not found</html>", True),
        ("", True),
        ("\0\xff" * 1000, True),
    ],
)
def test_robots_are_obeyed(web: FaultServer, rules: str, allowed: bool) -> None:
    web.add(f"{HERE}/robots.txt", rules)
    first, second = ask(web.base_url, LIVE, LIVE)
    if allowed:
        assert isinstance(first, Page)
        assert isinstance(second, Page)
    else:
        refused(second, Blocked, "robots.txt forbids it")
    assert len(web.requests_to(f"{HERE}/rows.json")) == (2 if allowed else 0)
    assert len(web.requests_to(f"{HERE}/robots.txt")) == 1


@pytest.mark.parametrize(
    ("spec", "kind", "asked"),
    [
        ("status;code=503", Unreachable, 3),
        ("reset", Unreachable, 3),
        ("hang", Unreachable, 1),
        ("endless", Hostile, 1),
        ("gzip-bomb", Hostile, 1),
        ("redirect;to=file:///etc/passwd", Hostile, 1),
    ],
)
def test_robots_that_cannot_be_had(web: FaultServer, spec: str, kind: type[SourceError], asked: int) -> None:
    web.add(f"{HERE}/robots.txt", "User-agent: *\nAllow: /\n")
    web.plan(f"{HERE}/robots.txt", spec)
    refused(ask(web.base_url, limits=HASTY), kind, url="https://board.example/robots.txt")
    assert web.requests_to(f"{HERE}/rows.json") == []
    assert len(web.requests_to(f"{HERE}/robots.txt")) == asked


@pytest.mark.parametrize("spec", ["status;code=404", "status;code=403", "challenge", "redirect;to=/robots.txt"])
def test_host_without_robots(web: FaultServer, spec: str) -> None:
    web.plan(f"{HERE}/robots.txt", spec)
    assert isinstance(ask(web.base_url), Page)


def test_robots_hold_where_a_redirect_leads(web: FaultServer) -> None:
    web.add("/https/www.board.example/robots.txt", "User-agent: *\nDisallow: /\n")
    web.plan(f"{HERE}/rows.json", "redirect;to=https://www.board.example/rows.json")
    refused(ask(web.base_url), Blocked, "robots.txt forbids it", url="https://www.board.example/rows.json")
    assert web.requests_to("/https/www.board.example/rows.json") == []


def test_robots_are_found_behind_a_redirect_inside(web: FaultServer) -> None:
    web.plan(f"{HERE}/robots.txt", "redirect;to=https://www.board.example/robots.txt")
    web.add("/https/www.board.example/robots.txt", "User-agent: *\nDisallow: /\n")
    refused(ask(web.base_url), Blocked, "robots.txt forbids it")
    assert web.requests_to(f"{HERE}/rows.json") == []


def test_every_source_gets_its_own_word_on_robots(web: FaultServer) -> None:
    web.plan(f"{HERE}/robots.txt", "delay;s=0.2")
    web.add(f"{HERE}/robots.txt", "", status=503)
    second = replace(SOURCE, name="second-board")

    async def run() -> list[Answer]:
        async with client(web.base_url, replace(LAX, attempts=1)) as at:
            return list(await asyncio.gather(one(at, LIVE), one(at, LIVE, source=second)))

    result = [str(answer).partition(":")[0] for answer in asyncio.run(run())]
    assert result == ["test-board", "second-board"]
    assert len(web.requests) == 1


def test_hosts_that_are_interfaces_are_not_asked_for_robots(web: FaultServer) -> None:
    web.add("/https/models.dev/x", b"[]")
    assert isinstance(ask(web.base_url, "https://models.dev/x", source=API), Page)
    assert [request.path for request in web.requests] == ["/https/models.dev/x"]


# --- Retry-After --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        (" 120 ", 120.0),
        ("Sun, 14 Jun 2026 21:00:30 GMT", 30.0),
        ("Sun, 14 Jun 2026 23:00:30 +0200", 30.0),
        ("Sun, 14 Jun 2026 20:00:00 GMT", 0.0),
        ("Sun, 14 Jun 2026 21:00:30", 30.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", 1.5),
        ("7, 30", 30.0),
        ("²", None),
        ("Sun, 14 Jun 99999 21:00:30 GMT", None),
        ("Sun, 14 Jun 2026 21:00:30 +99999999999999", None),
    ],
)
def test_retry_after(text: str, seconds: float | None) -> None:
    assert retry_after(text, NOW) == seconds


@given(st.text() | st.from_regex(r"[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d+ \d+:\d+:\d+ ([+-]\d+|[A-Z]*)"))
@settings(deadline=None)
def test_retry_after_of_anything(text: str) -> None:
    wait = retry_after(text, NOW)
    assert wait is None or wait >= 0
