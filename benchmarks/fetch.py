"""What asking 200 unchanged pages costs, beside one plain httpx client with 50 connections.

    python -m benchmarks.fetch [ROUNDS]

A server of its own process answers every request 304 after 50 ms.  The 200 addresses stand on 13 hosts, of which each
gets at most four requests of ours at a time, as the leaderboards' do; the peer knows no such limit, and keeps its
connections.  The limit is what four rounds of 50 requests at once must wait.  Rounds alternate; wall and processor
seconds of this process, median with the least and the greatest.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from statistics import median

import httpx

from collectors.contract.pages import CachedPage
from collectors.contract.source import Source
from collectors.http.client import HttpClient

PAGES, HOSTS, LATENCY, AT_ONCE = 200, 13, 0.05, 50
LIMIT = PAGES / AT_ONCE * LATENCY

URLS = [f"https://host{number % HOSTS}.example/board/{number}.json" for number in range(PAGES)]
SOURCE = Source(
    name="bench",
    title="Bench",
    kind="metadata",
    homepage="https://host0.example/",
    licence="CC0-1.0",
    start=(URLS[0],),
    hosts=frozenset(f"host{number}.example" for number in range(HOSTS)),
    parse=lambda _page: iter(()),
)


async def serve() -> None:
    """Answers 304 to everything but robots.txt, 404; prints its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            await asyncio.sleep(LATENCY)
            status = b"404 Not Found\r\nContent-Length: 0" if b"/robots.txt" in head else b"304 Not Modified"
            writer.write(b"HTTP/1.1 " + status + b'\r\nETag: "x"\r\n\r\n')
            await writer.drain()

    async def whole(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(whole, "127.0.0.1", 0, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def ours(base: str) -> None:
    """The pages as a night asks them."""
    now = datetime.now(UTC)
    last = {url: CachedPage(url=url, sha256="0" * 64, size=2, fetched_at=now, headers={"etag": '"x"'}) for url in URLS}
    async with HttpClient(user_agent="gapindex-bench/1", now=lambda: now, mirror=base) as client:
        found = await asyncio.gather(*(client.fetch(SOURCE, url, last=last[url]) for url in URLS))
    assert found == [None] * PAGES


async def plain(base: str) -> None:
    """The same requests by one client without manners, archive or retries."""
    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
    async with httpx.AsyncClient(limits=limits, timeout=60) as client:
        places = [f"{base}/{url.replace('://', '/')}" for url in URLS]
        found = await asyncio.gather(*(client.get(place, headers={"If-None-Match": '"x"'}) for place in places))
    assert {answer.status_code for answer in found} == {304}


def timed(work: Callable[[str], Awaitable[None]], base: str) -> tuple[float, float]:
    """Wall and processor seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    asyncio.run(work(base))  # type: ignore[arg-type]
    return time.perf_counter() - wall, time.process_time() - cpu


def main(rounds: int) -> None:
    """Prints one line of Markdown."""
    with subprocess.Popen(
        [sys.executable, "-m", __spec__.name, "--serve"], stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            base = f"http://127.0.0.1:{int(server.stdout.readline())}"
            pairs = [(timed(ours, base), timed(plain, base)) for _ in range(rounds + 1)][1:]  # the first warms up
        finally:
            server.terminate()

    def shown(place: int, kind: int) -> str:
        values = [pair[place][kind] for pair in pairs]
        return f"{median(values):.2f} ({min(values):.2f} to {max(values):.2f})"

    print(
        f"| fetch {PAGES} pages, {1000 * LATENCY:.0f} ms each, all unchanged | {shown(0, 0)} s, processor {shown(0, 1)}"
        f" | httpx, one client of {AT_ONCE}: {shown(1, 0)} s, processor {shown(1, 1)}; limit {LIMIT:.2f} s"
        f" | {median(pair[1][0] / pair[0][0] for pair in pairs):.1f}x |"
    )


if __name__ == "__main__":
    if sys.argv[1:] == ["--serve"]:
        asyncio.run(serve())
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 5)
