"""The Hub's door: listings come whole, as ourselves, from nowhere else, and every misbehaviour is a typed error."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants
from huggingface_hub.utils import _detect_agent

from collectors.contract.errors import Blocked, Drifted, Gone, Hostile, SourceError, Unreachable
from collectors.contract.pages import CachedPage, Page
from collectors.contract.rows import Access
from collectors.http.client import HttpClient
from collectors.http.policy import Limits
from collectors.hub import list_organisation
from collectors.parsing import read_page
from collectors.sources.hub_models import SOURCE, listing
from tests.tools.timemachine import TimeMachine

AGENT = "gapindex-test/1 (+https://example.org)"
NOW = datetime(2026, 6, 14, 21, 0, tzinfo=UTC)
ADDRESS = listing("deepseek-ai")
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Hub:
    """A small Hub on the loopback that answers as the test tells it to; keeps what it was asked."""

    answer: Callable[[str, int], Answer | None] = lambda path, nth: (200, {}, b"[]")
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    base: str = ""
    stop: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def hub() -> Iterator[Hub]:
    outcome = Hub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            outcome.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
            answer = outcome.answer(self.path, len(outcome.asked))
            self.close_connection = True
            if answer is None:
                outcome.stop.wait(20)
                return
            status, headers, body = answer
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), "Connection": "close", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if "X-Drip" not in headers:
                self.wfile.write(body)
            for byte in body if "X-Drip" in headers else b"":
                if outcome.stop.wait(0.1):
                    return
                self.wfile.write(bytes([byte]))

        def do_CONNECT(self) -> None:
            outcome.asked.append((f"CONNECT {self.path}", {}))
            self.close_connection = True
            self.send_error(502)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)
    thread.start()
    outcome.base = f"http://127.0.0.1:{server.server_address[1]}"
    yield outcome
    outcome.stop.set()
    server.shutdown()
    server.server_close()
    thread.join()


def repos(*names: str) -> bytes:
    facts = {"createdAt": "2026-05-01T00:00:00.000Z", "tags": ["safetensors"], "downloads": 1, "likes": 1}
    return json.dumps([{"id": f"deepseek-ai/{name}", "_id": name, **facts} for name in names]).encode()


LIMITS = Limits(connect=2.0, deadline=5.0, retry_after=2.0, wait_initial=0.001)


def listed(
    mirror: str,
    address: str = ADDRESS,
    *,
    known: dict[str, Page] | None = None,
    limits: Limits = LIMITS,
    limit_bytes: int = SOURCE.limit_bytes,
    newest: int = 200,
) -> tuple[list[tuple[Page, bool]], SourceError | None]:
    """The pages of a listing, and the error that ended it."""
    source = replace(SOURCE, limit_bytes=limit_bytes)

    async def run() -> tuple[list[tuple[Page, bool]], SourceError | None]:
        loop = asyncio.get_running_loop()
        async with HttpClient(user_agent=AGENT, now=lambda: NOW, mirror=mirror, limits=limits) as client:

            def fetch(url: str, last: CachedPage | None) -> Page | None:
                return asyncio.run_coroutine_threadsafe(client.fetch(source, url, last=last), loop).result()

            def collect() -> tuple[list[tuple[Page, bool]], SourceError | None]:
                pages: list[tuple[Page, bool]] = []
                try:
                    for page in list_organisation(address, fetch=fetch, last=(known or {}).get, newest=newest):
                        pages.append(page)
                except SourceError as error:
                    return pages, error
                return pages, None

            return await asyncio.to_thread(collect)

    return asyncio.run(run())


def ask(hub: Hub, **options: Any) -> list[tuple[Page, bool]]:
    pages, error = listed(hub.base, **options)
    if error is not None:
        raise error
    return pages


def test_a_listing_comes_as_a_page_of_the_live_address(timemachine: TimeMachine) -> None:
    before = len(timemachine.requests)
    pages, error = listed(timemachine.base("2023-04-14"))
    assert error is None
    assert [(page.url, page.fetched_at, fresh) for page, fresh in pages] == [(ADDRESS, NOW, True)]
    rows = read_page(SOURCE, pages[0][0])
    assert any(isinstance(row, Access) and row.name == "deepseek-ai/DeepSeek-V9" and row.open for row in rows)
    assert [request.url for request in timemachine.requests[before:]] == [ADDRESS]


@pytest.mark.recorded_web
def test_every_watched_organisation_is_read_or_has_nothing_recorded(recorded_web: Any) -> None:
    listings = 0
    for address in SOURCE.start:
        pages, error = listed(recorded_web.base("2026-06-14"), address)
        assert error is None
        for page, _ in pages:
            assert page.url == address
            listings += bool(read_page(SOURCE, page))
    assert listings >= 30


def test_we_name_ourselves_and_send_no_token(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_not_a_token")
    hub.answer = lambda path, nth: (200, {}, repos("a"))
    ask(hub)
    path, headers = hub.asked[0]
    assert path.startswith("/https/huggingface.co/api/models?author=deepseek-ai&sort=createdAt&limit=200&expand=")
    assert headers["user-agent"] == AGENT
    assert "authorization" not in headers
    assert "cookie" not in headers


def test_the_librarys_telemetry_stays_here(hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    registry = tmp_path / "harnesses.json"
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", False)
    monkeypatch.setattr(constants, "AGENT_HARNESSES_PATH", str(registry))
    monkeypatch.setattr(_detect_agent, "_registry", None)
    hub.answer = lambda path, nth: (200, {}, repos("a"))
    ask(hub)
    assert [path.split("?")[0] for path, _ in hub.asked] == ["/https/huggingface.co/api/models"]
    assert not registry.exists()


@pytest.mark.parametrize("link_host", ["https://huggingface.co", "mirror"])
def test_paging_follows_the_link_through_the_mirror(hub: Hub, link_host: str) -> None:
    def answer(path: str, nth: int) -> Answer:
        host = f"{hub.base}/https/huggingface.co" if link_host == "mirror" else link_host
        link = f'<{host}/api/models?author=deepseek-ai&cursor=abc%3D>; rel="next"'
        return (200, {"Link": link}, repos("a", "b")) if nth == 1 else (200, {}, repos("c"))

    hub.answer = answer
    pages = ask(hub)
    second = "https://huggingface.co/api/models?author=deepseek-ai&cursor=abc%3D"
    assert [page.url for page, _ in pages] == [ADDRESS, second]
    assert pages[0][0].headers["link"] == f'<{second}>; rel="next"'
    assert all(path.startswith("/https/huggingface.co/") for path, _ in hub.asked)


def test_no_page_is_asked_for_beyond_the_newest(hub: Hub) -> None:
    link = '<https://huggingface.co/api/models?author=deepseek-ai&cursor=x>; rel="next"'
    hub.answer = lambda path, nth: (200, {"Link": link}, repos("a", "b"))
    assert len(ask(hub, newest=2)) == 1


@pytest.mark.parametrize(
    ("headers", "sent"),
    [
        ({"etag": 'W/"1"', "last-modified": "Mon, 01 Jun 2026 00:00:00 GMT"}, ("if-none-match", 'W/"1"')),
        ({"last-modified": "Mon, 01 Jun 2026 00:00:00 GMT"}, ("if-modified-since", "Mon, 01 Jun 2026 00:00:00 GMT")),
    ],
)
def test_an_unchanged_listing_comes_from_the_archive(hub: Hub, headers: dict[str, str], sent: tuple[str, str]) -> None:
    hub.answer = lambda path, nth: (304, {}, b"")
    kept = Page(url=ADDRESS, body=repos("a"), fetched_at=datetime(2026, 6, 13, 21, tzinfo=UTC), headers=headers)
    assert ask(hub, known={ADDRESS: kept}) == [(kept, False)]
    assert hub.asked[0][1][sent[0]] == sent[1]


def test_a_validator_is_not_believed_for_more_than_a_week(hub: Hub) -> None:
    hub.answer = lambda path, nth: (200, {"ETag": '"1"'}, repos("a"))
    kept = Page(url=ADDRESS, body=repos("a"), fetched_at=datetime(2026, 6, 1, tzinfo=UTC), headers={"etag": '"1"'})
    assert [fresh for _, fresh in ask(hub, known={ADDRESS: kept})] == [True]
    assert "if-none-match" not in hub.asked[0][1]


def test_a_short_wait_is_waited_for(hub: Hub) -> None:
    hub.answer = lambda path, nth: (429, {"Retry-After": "1"}, b"") if nth == 1 else (200, {}, repos("a"))
    began = time.monotonic()
    assert len(ask(hub)) == 1
    assert 0.9 < time.monotonic() - began < 20


def test_a_long_wait_is_refused_at_once(hub: Hub) -> None:
    hub.answer = lambda path, nth: (429, {"Retry-After": "9999"}, b"")
    began = time.monotonic()
    with pytest.raises(Blocked, match="asks us to wait 9999 s"):
        ask(hub)
    assert time.monotonic() - began < 20
    assert len(hub.asked) == 1


def test_an_exhausted_window_stops_the_next_request(hub: Hub) -> None:
    link = '<https://huggingface.co/api/models?author=deepseek-ai&cursor=x>; rel="next"'
    outcome = {"Link": link, "RateLimit": '"api";r=0;t=290', "RateLimit-Policy": '"fixed window";"api";q=500;w=300'}
    hub.answer = lambda path, nth: (200, outcome, repos("a"))
    pages, error = listed(hub.base)
    assert [fresh for _, fresh in pages] == [True]
    assert isinstance(error, Blocked) and "asks us to wait 290 s" in str(error)
    assert len(hub.asked) == 1


def test_a_window_that_ends_soon_is_waited_for(hub: Hub) -> None:
    link = '<https://huggingface.co/api/models?author=deepseek-ai&cursor=x>; rel="next"'
    outcome = {"Link": link, "RateLimit": '"api";r=0;t=1'}
    hub.answer = lambda path, nth: (200, outcome, repos("a")) if nth == 1 else (200, {}, repos("b"))
    began = time.monotonic()
    assert len(ask(hub)) == 2
    assert time.monotonic() - began > 0.9


def test_one_504_costs_another_try_and_not_the_hub(hub: Hub) -> None:
    hub.answer = lambda path, nth: (504, {}, b"") if nth == 1 else (200, {}, repos("a"))
    assert [fresh for _, fresh in ask(hub)] == [True]
    assert len(hub.asked) == 2


def cursor(value: object) -> dict[str, str]:
    return {"Link": f'<https://huggingface.co/api/models?author=deepseek-ai&cursor={value}>; rel="next"'}


@pytest.mark.parametrize(
    ("answer", "asked", "found"),
    [
        (lambda path, nth: (200, cursor("same"), repos(f"r{nth}")), 2, "one that was read already"),
        (lambda path, nth: (200, cursor(nth), repos("a")), 2, "it repeats an earlier page"),
        (lambda path, nth: (200, cursor(nth), b"[]"), 2, "it repeats an earlier page"),
        (lambda path, nth: (200, cursor(nth), repos(f"r{nth}")), 20, "more than 20 pages"),
    ],
    ids=["a cursor again", "a page again", "nothing again", "no end"],
)
def test_a_cursor_that_leads_nowhere_ends_the_listing(hub: Hub, answer: Any, asked: int, found: str) -> None:
    hub.answer = answer
    pages, error = listed(hub.base)
    assert isinstance(error, Drifted) and found in str(error)
    assert len(hub.asked) == asked
    assert 1 <= len(pages) <= asked, "what was read is kept"


@pytest.mark.parametrize(
    ("status", "headers", "kind", "asked"),
    [
        (401, {}, Gone, 1),
        (403, {}, Blocked, 1),
        (404, {}, Gone, 1),
        (302, {"Location": "http://169.254.169.254/"}, Hostile, 1),
        (302, {"Location": "https://elsewhere.example/"}, Gone, 1),
        (429, {}, Unreachable, 3),
        (500, {}, Unreachable, 3),
        (503, {"Retry-After": "9999"}, Blocked, 1),
        (204, {}, Drifted, 1),
        (304, {}, Unreachable, 3),
    ],
)
def test_a_refusal_is_typed_and_asked_again_only_where_that_helps(
    hub: Hub, status: int, headers: dict[str, str], kind: type[SourceError], asked: int
) -> None:
    hub.answer = lambda path, nth: (status, headers, b"")
    with pytest.raises(kind) as caught:
        ask(hub)
    assert caught.value.source == "hub-models"
    assert caught.value.url == ADDRESS
    assert len(hub.asked) == asked


def test_a_renamed_organisations_listing_is_read_where_it_moved(hub: Hub) -> None:
    moved = {"Location": "/https/huggingface.co/api/models?author=renamed"}
    hub.answer = lambda path, nth: (307, moved, b"") if nth == 1 else (200, {}, repos("a"))
    assert [page.url for page, _ in ask(hub)] == [ADDRESS]


@pytest.mark.parametrize("drips", [False, True])
def test_a_hang_ends_at_the_deadline(hub: Hub, drips: bool) -> None:
    hub.answer = lambda path, nth: (200, {"X-Drip": "1"}, repos("a")) if drips else None
    began = time.monotonic()
    with pytest.raises(Unreachable):
        ask(hub, limits=replace(LIMITS, deadline=1.0))
    assert time.monotonic() - began < 15, "the Hub hangs up after 20"


def test_a_cut_body_is_no_page(hub: Hub) -> None:
    hub.answer = lambda path, nth: (200, {"Content-Length": "9000"}, repos("a"))
    with pytest.raises(Unreachable):
        ask(hub)


@pytest.mark.parametrize("packed", [False, True])
def test_an_oversized_body_is_hostile(hub: Hub, packed: bool) -> None:
    body = b"[" + b" " * 3_000_000 + b"]"
    headers = {"Content-Encoding": "gzip"} if packed else {}
    hub.answer = lambda path, nth: (200, headers, gzip.compress(body) if packed else body)
    with pytest.raises(Hostile, match="1000000"):
        ask(hub, limit_bytes=1_000_000)


def test_gzip_is_decoded_and_a_cut_stream_is_no_page(hub: Hub) -> None:
    packed = gzip.compress(repos("a"))
    hub.answer = lambda path, nth: (200, {"Content-Encoding": "gzip"}, packed if nth == 1 else packed[:-9])
    assert ask(hub)[0][0].body == repos("a")
    with pytest.raises(Unreachable, match="gzip"):
        ask(hub)


def test_a_link_to_another_host_is_not_followed(hub: Hub) -> None:
    link = '<http://169.254.169.254/api/models?cursor=x>; rel="next"'
    hub.answer = lambda path, nth: (200, {"Link": link}, repos("a"))
    with pytest.raises(Hostile, match=r"169\.254"):
        ask(hub)


@pytest.mark.parametrize("body", [b"<html>wall</html>", b'{"error": "x"}', b'["a"]', b"\xff\xfe"])
def test_what_is_no_listing_is_handed_out_before_it_is_refused(hub: Hub, body: bytes) -> None:
    hub.answer = lambda path, nth: (200, {}, body)
    pages, error = listed(hub.base)
    assert [(page.body, fresh) for page, fresh in pages] == [(body, True)]
    assert isinstance(error, Drifted)


def test_an_organisation_that_lists_nothing_is_loud_only_if_it_once_did(hub: Hub) -> None:
    assert ask(hub) == []
    kept = Page(url=ADDRESS, body=repos("a"), fetched_at=NOW)
    with pytest.raises(Drifted, match="lists none"):
        ask(hub, known={ADDRESS: kept})


def test_threads_take_turns_and_get_their_own_pages(hub: Hub) -> None:
    hub.answer = lambda path, nth: (200, {}, repos(path.split("author=")[1].split("&")[0]))
    names = ["Qwen", "openai", "google", "zai-org"]
    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(lambda name: ask(hub, address=listing(name)), names))
    assert [page.url for pages in got for page, _ in pages] == [listing(name) for name in names]
    assert [json.loads(pages[0][0].body)[0]["_id"] for pages in got] == names


def test_waiting_for_a_turn_costs_no_deadline(hub: Hub) -> None:
    def answer(path: str, nth: int) -> Answer:
        hub.stop.wait(0.6)
        return (200, {}, repos("a"))

    hub.answer = answer
    with ThreadPoolExecutor(3) as pool:
        got = list(pool.map(lambda _: ask(hub, limits=replace(LIMITS, deadline=1.5)), range(3)))
    assert [len(pages) for pages in got] == [1, 1, 1]


def test_the_live_hub_is_asked_through_the_environments_proxy(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", hub.base)
    pages, error = listed("", limits=replace(LIMITS, attempts=1))
    assert pages == [] and isinstance(error, Unreachable)
    assert [path for path, _ in hub.asked] == ["CONNECT huggingface.co:443"]


def test_an_address_of_something_else_is_a_mistake_of_ours(hub: Hub) -> None:
    with pytest.raises(ValueError, match="not the address"):
        ask(hub, address="https://huggingface.co/api/trending")
