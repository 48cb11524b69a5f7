"""A time machine: the mini-web as it was on any of its nights.

The address of a page is the live one behind a night: ``<base>/@2023-04-08/https/gso-bench.github.io/assets/...``.
So ``--mirror '<base>/@{night}'`` runs any night, and a folder of nights can be filled as if it had been lived through.

Answered are: the newest version of a page on that night, with ETag and Last-Modified and 304 where they still hold;
404 before its first; the status of a source that does not answer; GitHub's history of a file; the Hub's listing.
``python -m tests.tools.timemachine --port 8900`` serves it by hand.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, unquote

from tests.tools import miniweb
from tests.tools.miniweb import Version, hub_repositories


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A status, a body and headers."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked, for which night, and the status it was answered with."""

    night: str
    url: str
    status: int


def answer(url: str, night: date, headers: Mapping[str, str]) -> Answer:
    """What an address answers on a night; header names in lower case."""
    address, _, query = url.partition("?")
    asked = dict(parse_qsl(query))
    if address == "https://huggingface.co/api/models":
        rows = [r for r in hub_repositories(miniweb.world(), night) if r["id"].split("/")[0] == asked.get("author")]
        return _json(rows[: int(asked.get("limit", 1000))])
    if address.startswith("https://api.github.com/repos/") and address.endswith("/commits"):
        owner_and_repo = address.removeprefix("https://api.github.com/repos/").removesuffix("/commits")
        file = f"{miniweb.RAW}/{owner_and_repo}/{asked.get('sha')}/{asked.get('path')}"
        return _history(miniweb.versions().get(file, ()), night, int(asked.get("page", 1)))
    there = [version for version in miniweb.versions().get(address, ()) if version.since <= night]
    return _page(there[-1], address, headers) if there else Answer(status=404, headers={})


def _page(version: Version, address: str, headers: Mapping[str, str]) -> Answer:
    changed = datetime.combine(version.since, time(3), UTC)
    tags = {
        "ETag": f'"{hashlib.sha256(version.body).hexdigest()[:32]}"',
        "Last-Modified": format_datetime(changed, usegmt=True),
    }
    if version.status != 200:
        return Answer(status=version.status, headers={})
    if given := headers.get("if-none-match"):
        unchanged = tags["ETag"] in given
    else:
        since = headers.get("if-modified-since")
        unchanged = bool(since) and changed <= parsedate_to_datetime(str(since))
    if unchanged:
        return Answer(status=304, headers=tags)
    kind = "application/json" if address.endswith(".json") else "text/plain; charset=utf-8"
    return Answer(status=200, body=version.body, headers={**tags, "Content-Type": kind})


def _history(known: Sequence[Version], night: date, page: int) -> Answer:
    days = [version.since for version in reversed(known) if version.since <= night] if page == 1 else []
    return _json([{"sha": f"{day:%Y%m%d}", "commit": {"committer": {"date": f"{day}T03:00:00Z"}}} for day in days])


def _json(rows: object) -> Answer:
    return Answer(status=200, body=json.dumps(rows).encode(), headers={"Content-Type": "application/json"})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self.server.asked.set()
        self.server.open.wait()
        night, _, rest = self.path.removeprefix("/@").partition("/")
        scheme, _, place = rest.partition("/")
        url = f"{scheme}://{place}" if "?" in place else f"{scheme}://{unquote(place)}"
        try:
            result = answer(
                url, date.fromisoformat(night), {name.lower(): value for name, value in self.headers.items()}
            )
        except ValueError:
            result = Answer(status=400, headers={})
        self.server.requests.append(Request(night=night, url=url, status=result.status))
        self.send_response_only(result.status)  # no Date: the same night has the same headers at any time
        for name, value in result.headers.items():
            self.send_header(name, value)
        if result.status != 304:
            self.send_header("Content-Length", str(len(result.body)))
        self.end_headers()
        self.wfile.write(result.body)

    def log_message(self, *_: object) -> None:
        """`TimeMachine.requests` keeps them."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    requests: list[Request]

    def __init__(self, *given: Any) -> None:
        self.asked, self.open = threading.Event(), threading.Event()
        self.open.set()
        super().__init__(*given)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who asked is gone: a client that was killed, or gave up."""


class TimeMachine:
    """The server, on a free port unless one is given; ``requests`` are what it was asked and answered."""

    def __init__(self, port: int = 0) -> None:
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.requests = self.requests = list[Request]()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def base(self, night: str = "") -> str:
        """What stands before ``/https/...``; without a night, before ``/@<night>``."""
        root = f"http://127.0.0.1:{self._server.server_address[1]}"
        return f"{root}/@{night}" if night else root

    @contextmanager
    def holding(self) -> Iterator[threading.Event]:
        """No request is answered until the context ends; the event is set by the first one."""
        self._server.asked.clear()
        self._server.open.clear()
        try:
            yield self._server.asked
        finally:
            self._server.open.set()

    def __enter__(self) -> Self:
        miniweb.versions()  # a mistake in world.yaml is raised here, not in a thread
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def main() -> None:
    """Serves the mini-web until it is ended."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--port", type=int, default=0)
    with TimeMachine(parser.parse_args().port) as machine:
        print(f"{machine.base()}/@{{night}}", flush=True)  # noqa: T201 - whoever started it waits for this line
        threading.Event().wait()


if __name__ == "__main__":
    main()
