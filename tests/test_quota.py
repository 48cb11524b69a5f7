"""How long a host asks us to wait, in each way hosts say it, and that one policy holds for pages and for the Hub."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from collectors.commit_history import commit_history
from collectors.contract.errors import Blocked, SourceError, Unreachable
from collectors.contract.pages import Page
from collectors.contract.source import Source
from collectors.http.client import HttpClient
from collectors.http.policy import Limits
from collectors.http.quota import Quota, pause, quota
from collectors.sources.hub_models import SOURCE as HUB
from flows.cli.screen import partly_read
from flows.collecting.context import CollectContext
from flows.collecting.result import SourceResult
from flows.stages.fetch import collect
from warehouse.archive import Archive
from warehouse.store import KnownPages

NOW = datetime(2026, 6, 14, 21, 0, tzinfo=UTC)
UNIX = int(NOW.timestamp())
LIMITS = Limits(connect=2.0, deadline=5.0, retry_after=2.0, wait_initial=0.001)
GITHUB = "https://api.github.com/repos/o/r/commits?path=a.csv"
SOURCE = Source(
    name="test-board",
    title="Test board",
    kind="metadata",
    homepage="https://github.com/o/r",
    licence="CC0-1.0",
    start=(GITHUB,),
    hosts=frozenset({"api.github.com"}),
    parse=lambda _page: (),
)


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({"ratelimit": '"api";r=0;t=290'}, Quota(remaining=0, seconds=290)),
        ({"ratelimit": '"api";r=12;t=290'}, Quota(remaining=12, seconds=290)),
        ({"ratelimit": '"minute";r=5;t=20, "day";r=0;t=3600'}, Quota(remaining=0, seconds=3600)),
        ({"ratelimit": "limit=100, remaining=0, reset=50"}, Quota(remaining=0, seconds=50)),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "7"}, Quota(remaining=0, seconds=7)),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(UNIX + 90)}, Quota(remaining=0, seconds=90)),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(UNIX - 90)}, Quota(remaining=0, seconds=0)),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{UNIX + 90}000"}, Quota(remaining=0, seconds=90)),
        ({"x-ratelimit-remaining": "3, 0", "x-ratelimit-reset": "20, 30"}, Quota(remaining=0, seconds=30)),
        ({"x-ratelimit-remaining": "many", "x-ratelimit-reset": "soon"}, None),
        ({"ratelimit": '"api";r=-1;t=x'}, None),
        ({"ratelimit": "r=" + "9" * 400}, None),
        ({}, None),
    ],
)
def test_a_quota_is_read_in_each_way_it_is_written(headers: dict[str, str], found: Quota | None) -> None:
    assert quota(headers, NOW) == found


def test_retry_after_speaks_before_the_window_does() -> None:
    window = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(UNIX + 3000)}
    assert pause({"retry-after": "60", **window}, NOW) == 60
    assert pause(window, NOW) == 3000
    assert pause({}, NOW) is None


# --- asked --------------------------------------------------------------------------------------

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Site:
    """A server on the loopback that answers as the test tells it to; keeps which paths it was asked for."""

    answer: Callable[[str, int], Answer] = lambda path, nth: (200, {}, b"[]")
    asked: list[str] = field(default_factory=list)
    base: str = ""


@pytest.fixture
def site() -> Iterator[Site]:
    here = Site()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            here.asked.append(self.path)
            status, headers, body = here.answer(self.path, len(here.asked))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)
    thread.start()
    here.base = f"http://127.0.0.1:{server.server_address[1]}"
    yield here
    server.shutdown()
    server.server_close()
    thread.join()


def http_client(site: Site) -> HttpClient:
    return HttpClient(user_agent="gapindex-test/1", now=lambda: NOW, mirror=site.base, limits=LIMITS)


def fetched(site: Site, *urls: str) -> list[Page | SourceError | None]:
    async def run() -> list[Page | SourceError | None]:
        responses: list[Page | SourceError | None] = []
        async with http_client(site) as client:
            for url in urls:
                try:
                    responses.append(await client.fetch(SOURCE, url))
                except SourceError as error:
                    responses.append(error)
        return responses

    return asyncio.run(run())


def used_up(seconds: int) -> dict[str, str]:
    return {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(UNIX + seconds)}


def test_githubs_403_with_nothing_remaining_is_waited_for(site: Site) -> None:
    site.answer = lambda path, nth: (403, used_up(1), b"{}") if nth == 1 else (200, {}, b"[]")
    began = time.monotonic()
    (page,) = fetched(site, GITHUB)
    assert isinstance(page, Page)
    assert time.monotonic() - began > 0.9
    assert len(site.asked) == 2


def test_githubs_403_for_an_hour_silences_the_host_and_says_to_come_back(site: Site) -> None:
    site.answer = lambda path, nth: (403, used_up(3000), b"{}")
    first, second = fetched(site, GITHUB, GITHUB + "&page=2")
    for error in (first, second):
        assert isinstance(error, Blocked) and error.retry
        assert "asks us to wait" in error.found
        assert "drop the source" not in error.todo
    assert len(site.asked) == 1


def test_githubs_secondary_limit_is_a_403_with_retry_after(site: Site) -> None:
    site.answer = lambda path, nth: (403, {"Retry-After": "1"}, b"{}") if nth == 1 else (200, {}, b"[]")
    assert isinstance(fetched(site, GITHUB)[0], Page)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"x-ratelimit-remaining": "0"}, b"{}"),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon"}, b"{}"),
        ({}, b'{"message": "You have exceeded a secondary rate limit. Please wait a few minutes."}'),
        ({}, b'{"message": "API rate limit exceeded for 192.0.2.7."}'),
    ],
    ids=["no reset", "a reset that is none", "secondary limit", "no header"],
)
def test_a_403_about_the_rate_that_names_no_time_is_one_for_a_minute(
    site: Site, headers: dict[str, str], body: bytes
) -> None:
    site.answer = lambda path, nth: (403, headers, body)
    (error,) = fetched(site, GITHUB)
    assert isinstance(error, Blocked) and error.retry
    assert "asks us to wait 60 s" in error.found
    assert len(site.asked) == 1


@pytest.mark.parametrize("body", [b"<html>rate limit</html>", b'{"message": "Repository access blocked"}'])
def test_a_403_with_another_message_is_a_refusal(site: Site, body: bytes) -> None:
    site.answer = lambda path, nth: (403, {}, body)
    (error,) = fetched(site, GITHUB)
    assert isinstance(error, Blocked) and not error.retry


def test_another_403_is_a_refusal(site: Site) -> None:
    site.answer = lambda path, nth: (403, {"x-ratelimit-remaining": "41", "x-ratelimit-reset": "9"}, b"{}")
    (error,) = fetched(site, GITHUB)
    assert isinstance(error, Blocked) and not error.retry
    assert len(site.asked) == 1


def test_the_last_request_of_a_window_is_followed_by_a_pause_and_not_by_a_refusal(site: Site) -> None:
    site.answer = lambda path, nth: (200, used_up(1), b"[]")
    began = time.monotonic()
    responses = fetched(site, GITHUB, GITHUB + "&page=2")
    assert all(isinstance(answer, Page) for answer in responses)
    assert time.monotonic() - began > 0.9


def test_a_history_whose_pages_repeat_themselves_is_read_once(site: Site) -> None:
    commits = [{"commit": {"committer": {"date": f"2026-05-{n % 28 + 1:02d}T00:00:00Z"}}} for n in range(100)]
    site.answer = lambda path, nth: (200, {}, json.dumps(commits).encode())

    async def run() -> tuple[date, ...]:
        async with http_client(site) as client:
            found = await commit_history(client, SOURCE, "https://raw.githubusercontent.com/o/r/main/a.csv")
        assert found is not None
        return found.days

    assert len(asyncio.run(run())) == 28
    assert len(site.asked) == 2


# --- a partial result ---------------------------------------------------------------------------


def collected(site: Site, folder: Path) -> tuple[SourceResult, int]:
    """What the Hub gave on a night, and how many pages are in the archive."""
    archive = Archive(folder / "archive")

    async def run() -> SourceResult:
        async with http_client(site) as client:
            context = CollectContext(
                night=NOW.date(),
                client=client,
                archive=archive,
                now=lambda: NOW + timedelta(minutes=1),
                known=KnownPages(),
            )
            return await collect(HUB, context)

    return asyncio.run(run()), len(list((folder / "archive" / "bodies").glob("*/*.zst")))


def listing(path: str) -> bytes:
    owner = path.split("author=")[1].split("&")[0]
    facts = {"createdAt": "2026-05-01T00:00:00.000Z", "tags": ["safetensors"]}
    return json.dumps([{"id": f"{owner}/model", "_id": "1", **facts}]).encode()


def test_organisations_read_are_kept_where_others_answer_504(site: Site, tmp_path: Path) -> None:
    def answer(path: str, nth: int) -> Answer:
        return (
            (504, {}, b"") if any(f"author={name}&" in path for name in ("01-ai", "Qwen")) else (200, {}, listing(path))
        )

    site.answer = answer
    result, archived = collected(site, tmp_path)
    assert [failure.outcome for failure in result.failures] == ["unreachable", "unreachable"]
    assert result.fresh == archived == len(HUB.start) - 2
    assert len(site.asked) == len(HUB.start) + 2 * (LIMITS.attempts - 1)
    line = partly_read(result)
    assert line.startswith(f"{len(HUB.start) - 2} pages came, 2 failed; the others: from page_fetch where source = ")
    assert "; hub-models: HTTP 504; at " in line


def test_a_hub_that_cannot_be_reached_at_all_is_asked_for_one_organisation(tmp_path: Path) -> None:
    result, _ = collected(Site(base="http://127.0.0.1:9"), tmp_path)
    assert len(result.failures) == len(HUB.start)
    assert all(isinstance(failure, Unreachable) for failure in result.failures)
    assert sum(failure.found.startswith("not asked") for failure in result.failures) == len(HUB.start) - 1
