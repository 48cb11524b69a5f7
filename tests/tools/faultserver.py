"""A web server on the loopback that misbehaves as planned, and keeps every request it was sent.

    with FaultServer() as server:
        server.add("/board.json", b"[]")
        server.plan("/board.json", "status;code=503", "ok")   # one fault per request; the last one repeats
        httpx.get(server.url("/board.json"))

A fault is written ``name;key=value;key=value``.  Values may be percent-encoded, sizes take k, m, g.  Several are
joined by ``|`` and applied from left to right: first what changes the page, last what changes how it is sent.

**The next fault** is one function below `PAGE_FAULTS` or `WIRE_FAULTS`: its name (with ``-`` for ``_``) is the fault's,
its keyword parameters are the keys, their defaults give the types.  tests/test_tools.py then asks it, and fails where
the client cannot tell its answer from the good one.

A fault that cannot be parsed raises where it is planned.  One that changes nothing on the page it is planned for
(a column that is not there) answers 500, and leaving the ``with`` block raises `FaultError`: a test must not pass
because nothing went wrong.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import functools
import gzip
import hashlib
import inspect
import io
import itertools
import json
import math
import socket
import socketserver
import ssl
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, unquote

from bs4 import BeautifulSoup

LAST_MODIFIED = "Mon, 01 Jun 2026 00:00:00 GMT"
MEDIA_TYPES = {
    "json": "application/json",
    "html": "text/html; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "xml": "application/xml",
    "yml": "application/yaml",
    "md": "text/markdown; charset=utf-8",
}


class FaultError(ValueError):
    """A fault that does not exist, takes other values, or changes nothing on the page it is meant for."""


class End(Enum):
    """How a wire fault ends its connection; without one it stays open for the next request."""

    CLOSE = 1
    RESET = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it arrived: ``at`` by the monotonic clock, ``conn`` numbers connections, header names in lower
    case."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    at: float
    conn: int
    fault: str

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name.lower()), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer before it is sent; header names in lower case."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "surrogateescape")

    def saying(self, **headers: str) -> Answer:
        return replace(self, headers={**self.headers, **{key.replace("_", "-"): v for key, v in headers.items()}})

    def head(self, length: int | None = -1, **more: str) -> bytes:
        """Status line and headers; ``length`` is announced (-1: the true one, None: none)."""
        lines = [f"HTTP/1.1 {self.status} Status", *(f"{key}: {value}" for key, value in self.headers.items())]
        if length is not None and self.status not in (204, 304):
            lines.append(f"content-length: {len(self.body) if length < 0 else length}")
        lines += [f"{key.replace('_', '-')}: {value}" for key, value in more.items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")

    def whole(self) -> bytes:
        return self.head() + (b"" if self.status in (204, 304) else self.body)


def html_answer(status: int, title: str, **headers: str) -> Answer:
    page = f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return Answer(body=page.encode(), status=status, headers={"content-type": "text/html"}).saying(**headers)


# --- faults of the page: an answer becomes another ------------------------------------------------

PAGE_FAULTS: dict[str, Callable[..., Answer]] = {}
WIRE_FAULTS: dict[str, Callable[..., Iterator[bytes | float | End]]] = {}


def page_fault(function: Callable[..., Answer]) -> Callable[..., Answer]:
    PAGE_FAULTS[function.__name__.strip("_").replace("_", "-")] = function
    return function


def wire_fault(function: Callable[..., Iterator[bytes | float | End]]) -> Callable[..., Iterator[bytes | float | End]]:
    WIRE_FAULTS[function.__name__.strip("_").replace("_", "-")] = function
    return function


@page_fault
def status(_: Answer, *, code: int = 503, retry_after: str = "") -> Answer:
    """An error status, with that Retry-After, word for word."""
    return html_answer(code, f"status {code}", **({"retry_after": retry_after} if retry_after else {}))


@page_fault
def redirect(_: Answer, *, to: str, code: int = 302) -> Answer:
    """A redirect to any address, word for word."""
    return Answer(status=code, headers={"location": to})


@page_fault
def challenge(_: Answer, *, code: int = 403) -> Answer:
    """A bot wall; ``code=200`` is the quiet kind."""
    return html_answer(code, "Just a moment...", cf_mitigated="challenge")


@page_fault
def maintenance(_: Answer) -> Answer:
    """A friendly page with status 200 and no data."""
    return html_answer(200, "We will be back soon")


@page_fault
def file(_: Answer, *, name: str, server: FaultServer) -> Answer:
    """Another page of this server under this address."""
    found = server.resource(name)
    if found is None:
        raise FaultError(f"no page {name}")
    return found


@page_fault
def empty(answer: Answer) -> Answer:
    """Status 200 and no byte."""
    return replace(answer, body=b"")


@page_fault
def replace_text(answer: Answer, *, old: str, new: str = "") -> Answer:
    """One text in place of another, everywhere."""
    return replace(answer, body=answer.text.replace(old, new).encode("utf-8", "surrogateescape"))


@page_fault
def cut(answer: Answer, *, at: float = 0.7) -> Answer:
    """A whole HTTP message around a document that stops early."""
    return replace(answer, body=answer.body[: int(len(answer.body) * at)])


@page_fault
def bom(answer: Answer) -> Answer:
    """A byte order mark in front."""
    return replace(answer, body=b"\xef\xbb\xbf" + answer.body)


@page_fault
def bad_utf8(answer: Answer) -> Answer:
    """Bytes in the middle that are no UTF-8."""
    middle = len(answer.body) // 2
    return replace(answer, body=answer.body[:middle] + b"\xff\xfe\xc0\xaf" + answer.body[middle:])


@page_fault
def charset(answer: Answer, *, body: str = "utf-16") -> Answer:
    """Another encoding than the header says."""
    return replace(answer, body=answer.text.encode(body))


@page_fault
def content_type(answer: Answer, *, type: str = "image/png") -> Answer:
    """The right bytes under a wrong media type."""
    return answer.saying(content_type=type)


@page_fault
def duplicate_keys(answer: Answer, *, key: str = "score") -> Answer:
    """Every object of a JSON document has the key once more, with another value."""
    first = f'"{key}":'
    return replace(answer, body=answer.text.replace(first, f'"{key}": "another", {first}').encode())


@page_fault
def unclosed_quote(answer: Answer) -> Answer:
    """A CSV file whose first row opens a quote and never closes it."""
    head, _, rows = answer.text.partition("\n")
    return replace(answer, body=f'{head}\n"{rows}'.encode())


@page_fault
def etag(answer: Answer, *, kind: str = "stale", server: FaultServer) -> Answer:
    """Validators that lie: ``stale`` never changes, ``flap`` always does, ``none``, ``always-304``."""
    if kind == "always-304":
        return Answer(status=304, headers={"etag": '"constant"'})
    if kind == "none":
        kept = {name: value for name, value in answer.headers.items() if name not in ("etag", "last-modified")}
        return replace(answer, headers=kept)
    return answer.saying(etag={"stale": '"constant"', "flap": f'"{len(server.requests)}"'}[kind])


@page_fault
def huge_header(answer: Answer, *, size: int = 2**20, n: int = 0) -> Answer:
    """One header of that size, or ``n`` small ones."""
    if n:
        return answer.saying(**{f"x_{at}": "v" for at in range(n)})
    return answer.saying(x_huge="h" * size)


@page_fault
def gzip_(answer: Answer, *, layers: int = 1) -> Answer:
    """Compressed, and saying so: what the faults of compression are held against."""
    body = answer.body
    for _ in range(layers):
        body = gzip.compress(body, mtime=0)
    return replace(answer, body=body).saying(content_encoding=", ".join(["gzip"] * layers))


@page_fault
def gzip_lie(answer: Answer, *, encoding: str = "gzip", cut: int = 0) -> Answer:
    """An encoding that the bytes do not have, or (``cut=1``) a gzip stream that stops in the middle."""
    body = gzip.compress(answer.body, mtime=0) if cut else answer.body
    return replace(answer, body=body[: len(body) // 2] if cut else body).saying(content_encoding=encoding)


@page_fault
def gzip_bomb(_: Answer, *, size: int = 64 * 2**20, layers: int = 1) -> Answer:
    """So many zeros in a gzip body of a thousandth of that."""
    return gzip_(Answer(body=_packed_zeros(size), headers={"content-type": "text/html"}), layers=layers - 1).saying(
        content_encoding=", ".join(["gzip"] * layers)
    )


@functools.cache
def _packed_zeros(size: int) -> bytes:
    packer, block = zlib.compressobj(9, zlib.DEFLATED, 31), bytes(2**20)
    return b"".join(packer.compress(block) for _ in range(math.ceil(size / 2**20))) + packer.flush()


# --- faults of the rows: a table in JSON, CSV or HTML becomes another -------------------------------

Row = dict[str, Any]


def table_fault(change: Callable[..., tuple[list[str], list[Row]]]) -> None:
    """Registers a fault over column names and rows, whatever format the page has them in."""

    @functools.wraps(change)
    def fault(answer: Answer, **given: Any) -> Answer:
        return replace(answer, body=_edited(answer.text, lambda columns, rows: change(columns, rows, **given)).encode())

    page_fault(fault)


def _edited(text: str, edit: Callable[[list[str], list[Row]], tuple[list[str], list[Row]]]) -> str:
    def change(columns: list[str], rows: list[Row]) -> tuple[list[str], list[Row]]:
        before = repr((columns, rows))
        after = edit(columns, rows)
        if repr(after) == before:  # the bytes may still differ, by how they are written
            raise FaultError("it changes nothing")
        return after

    start = text.lstrip("\ufeff \n")[:1]
    if start and start in "[{":
        document = json.loads(text)
        rows = _longest_list(document)
        rows[:] = change(list({key: None for row in rows for key in row}), rows)[1]
        return json.dumps(document, ensure_ascii=False, indent=1)
    if start == "<":
        tree = BeautifulSoup(text, "html.parser")
        lines = max((table.find_all("tr") for table in tree.find_all("table")), key=len)
        columns = [cell.get_text(strip=True) for cell in lines[0].find_all(["th", "td"])]
        cells = [dict(zip(columns, line.find_all("td"), strict=False)) for line in lines[1:]]
        columns, changed = change(columns, cells)
        for line in lines[1:]:
            line.extract()
        for row in reversed(changed):
            line = tree.new_tag("tr")
            for column in columns:
                cell = row.get(column, "")
                if isinstance(cell, str):
                    cell, inner = tree.new_tag("td"), cell
                    cell.append(inner)
                line.append(cell)
            lines[0].insert_after(line)
        return str(tree)
    table = csv.DictReader(io.StringIO(text))
    columns, rows = change(list(table.fieldnames or ()), list(table))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _longest_list(node: Any) -> list[Row]:
    """The longest list of objects in a JSON document."""
    found: list[list[Row]] = [[]]
    if isinstance(node, list) and all(isinstance(one, dict) for one in node):
        found.append(node)
    elif isinstance(node, dict):
        found += [_longest_list(one) for one in node.values()]
    return max(found, key=len)


def _picked(rows: list[Row], which: str) -> list[Row]:
    return rows if which == "all" else rows[: int(which)]


def _put(row: Row, field: str, change: Callable[[float], float]) -> None:
    """A number, changed, in the form in which it stood there."""
    if row.get(field) not in (None, ""):
        value = round(change(float(row[field])), 6)
        row[field] = str(value) if isinstance(row[field], str) else value


@table_fault
def empty_table(columns: list[str], rows: list[Row]) -> tuple[list[str], list[Row]]:
    """The header stands, every row is gone."""
    return columns, []


@table_fault
def half_table(columns: list[str], rows: list[Row], *, part: str = "first") -> tuple[list[str], list[Row]]:
    """Half of the rows, the ``first`` or the ``last``."""
    half = len(rows) // 2
    return columns, rows[:half] if part == "first" else rows[-half:]


@table_fault
def skeleton(columns: list[str], rows: list[Row]) -> tuple[list[str], list[Row]]:
    """Ten rows of empty cells, as a page that a script was to fill."""
    return columns, [dict.fromkeys(columns, "") for _ in range(10)]


@table_fault
def rename(columns: list[str], rows: list[Row], *, old: str, new: str) -> tuple[list[str], list[Row]]:
    """A column has another name."""
    names = {old: new}
    return [names.get(c, c) for c in columns], [{names.get(c, c): v for c, v in row.items()} for row in rows]


@table_fault
def drop_column(columns: list[str], rows: list[Row], *, name: str) -> tuple[list[str], list[Row]]:
    """A column is gone."""
    return [c for c in columns if c != name], [{c: v for c, v in row.items() if c != name} for row in rows]


@table_fault
def insert_column(columns: list[str], rows: list[Row], *, at: int = 1) -> tuple[list[str], list[Row]]:
    """A new column of numbers, which moves the others."""
    return [*columns[:at], "votes", *columns[at:]], [{**row, "votes": 1000 + n} for n, row in enumerate(rows)]


@table_fault
def swap_columns(columns: list[str], rows: list[Row], *, a: str, b: str) -> tuple[list[str], list[Row]]:
    """The cells of two columns change places, their names do not."""
    return columns, [{**row, a: row[b], b: row[a]} for row in rows]


@table_fault
def scale(columns: list[str], rows: list[Row], *, field: str, by: float) -> tuple[list[str], list[Row]]:
    """Numbers times a factor."""
    for row in rows:
        _put(row, field, lambda value: value * by)
    return columns, rows


@table_fault
def shift(
    columns: list[str], rows: list[Row], *, field: str, by: float, rows_: str = "all"
) -> tuple[list[str], list[Row]]:
    """Numbers plus a constant, in all rows or in the first few."""
    for row in _picked(rows, rows_):
        _put(row, field, lambda value: value + by)
    return columns, rows


@table_fault
def set_(
    columns: list[str], rows: list[Row], *, field: str, value: str, rows_: str = "all"
) -> tuple[list[str], list[Row]]:
    """One text in a column, in all rows or in the first few."""
    for row in _picked(rows, rows_):
        row[field] = value
    return columns, rows


@table_fault
def nan(columns: list[str], rows: list[Row], *, field: str) -> tuple[list[str], list[Row]]:
    """The first row's number is none."""
    rows[0][field] = math.nan
    return columns, rows


@table_fault
def duplicate(columns: list[str], rows: list[Row], *, field: str, delta: float) -> tuple[list[str], list[Row]]:
    """Every row stands twice, the second time with another number."""
    doubled = [copy for row in rows for copy in (row, dict(row))]
    for row in doubled[1::2]:
        _put(row, field, lambda value: value + delta)
    return columns, doubled


# --- faults of the wire: how an answer leaves -----------------------------------------------------


@wire_fault
def ok(answer: Answer) -> Iterator[bytes | float | End]:
    """Nothing wrong."""
    yield answer.whole()


@wire_fault
def reset(answer: Answer) -> Iterator[bytes | float | End]:
    """The connection is reset before the first byte."""
    yield End.RESET


@wire_fault
def close(answer: Answer) -> Iterator[bytes | float | End]:
    """The connection is closed before the first byte."""
    yield End.CLOSE


@wire_fault
def close_in_head(answer: Answer) -> Iterator[bytes | float | End]:
    """Half of the headers, then the end."""
    yield answer.head()[: len(answer.head()) // 2]
    yield End.CLOSE


@wire_fault
def truncate(answer: Answer, *, at: float = 0.5, rst: int = 0) -> Iterator[bytes | float | End]:
    """The whole length announced, a part sent."""
    yield answer.head() + answer.body[: int(len(answer.body) * at)]
    if rst:
        yield 0.05
        yield End.RESET
    yield End.CLOSE


@wire_fault
def truncate_unframed(answer: Answer, *, at: float = 0.5) -> Iterator[bytes | float | End]:
    """A part sent and no length announced: HTTP cannot see the cut."""
    yield answer.head(None, connection="close") + answer.body[: int(len(answer.body) * at)]
    yield End.CLOSE


@wire_fault
def length(answer: Answer, *, by: int = -10) -> Iterator[bytes | float | End]:
    """A length announced that is too great or too small."""
    yield answer.head(len(answer.body) + by) + answer.body
    yield End.CLOSE


@wire_fault
def chunked(answer: Answer, *, kind: str = "ok", chunk: int = 1024) -> Iterator[bytes | float | End]:
    """Chunks: ``ok``, or half of them and then ``no-end``, a ``bad-size``, or one ``short`` of its size."""
    yield answer.head(None, transfer_encoding="chunked")
    pieces = [answer.body[at : at + chunk] for at in range(0, len(answer.body), chunk)]
    for piece in pieces if kind == "ok" else pieces[: len(pieces) // 2]:
        yield b"%x\r\n%s\r\n" % (len(piece), piece)
    yield {"ok": b"0\r\n\r\n", "no-end": b"", "bad-size": b"zz\r\nrow\r\n", "short": b"ff\r\nrow\r\n"}[kind]
    if kind != "ok":
        yield End.CLOSE


@wire_fault
def extra(answer: Answer) -> Iterator[bytes | float | End]:
    """A second answer behind the first, to a question that nobody asked."""
    yield answer.whole() + replace(answer, body=b"[666]").whole()


@wire_fault
def stale_keepalive(answer: Answer) -> Iterator[bytes | float | End]:
    """The connection is promised for later and closed at once."""
    yield answer.head(connection="keep-alive") + answer.body
    yield End.CLOSE


@wire_fault
def garbage(answer: Answer, *, kind: str = "ssh") -> Iterator[bytes | float | End]:
    """No HTTP, a broken ``status`` line, or a broken ``header``."""
    yield {
        "ssh": b"SSH-2.0-OpenSSH_9.9\r\n",
        "status": b"HTTP/1.1 two hundred\r\n\r\n",
        "header": b"HTTP/1.1 200 OK\r\na line without a colon\r\n\r\n",
    }[kind]
    yield End.CLOSE


@wire_fault
def delay(answer: Answer, *, s: float = 1.0) -> Iterator[bytes | float | End]:
    """A good answer, after a while."""
    yield s
    yield answer.whole()


@wire_fault
def hang(answer: Answer, *, when: str = "head") -> Iterator[bytes | float | End]:
    """Nothing for an hour; with ``when=body`` the headers come."""
    if when == "body":
        yield answer.head()
    yield 3600.0
    yield End.CLOSE


@wire_fault
def drip(answer: Answer, *, s: float = 0.1) -> Iterator[bytes | float | End]:
    """A byte now and then."""
    yield answer.head()
    for at in range(len(answer.body)):
        yield answer.body[at : at + 1]
        yield s


@wire_fault
def endless(answer: Answer, *, size: int = 10 * 2**30, announced: int = 0) -> Iterator[bytes | float | End]:
    """More than anybody can take, with its length announced or in chunks."""
    block = b"<tr><td>row</td></tr>\n" * 2978
    yield answer.head(size) if announced else answer.head(None, transfer_encoding="chunked")
    for _ in range(size // len(block)):
        yield block if announced else b"%x\r\n%s\r\n" % (len(block), block)
    yield End.CLOSE


# --- what a fault is written as -------------------------------------------------------------------

Step = tuple[str, dict[str, Any]]


def parsed(spec: str) -> list[Step]:
    """The steps of a fault, the last of them on the wire; raises `FaultError` where there is no such fault."""
    steps = [_step(part) for part in spec.split("|")]
    if steps[-1][0] not in WIRE_FAULTS:
        steps.append(("ok", {}))
    if early := [name for name, _ in steps[:-1] if name in WIRE_FAULTS]:
        raise FaultError(f"{spec!r}: {early[0]} is about sending and must be last")
    return steps


def _step(text: str) -> Step:
    name, *pairs = text.split(";")
    function = PAGE_FAULTS.get(name) or WIRE_FAULTS.get(name)
    if function is None:
        raise FaultError(f"no fault {name!r}; there are {', '.join([*PAGE_FAULTS, *WIRE_FAULTS])}")
    takes = {p.name: p for p in inspect.signature(function).parameters.values() if p.kind is p.KEYWORD_ONLY}
    given = {}
    for pair in pairs:
        key, _, value = pair.partition("=")
        key = key.replace("-", "_") if key != "rows" else "rows_"
        if key not in takes:
            raise FaultError(f"{name} takes {', '.join(takes) or 'nothing'}, not {key!r}")
        given[key] = _value(name, key, takes[key].annotation, unquote(value))
    if missing := [key for key, p in takes.items() if p.default is p.empty and key not in given and key != "server"]:
        raise FaultError(f"{name} needs {', '.join(missing)}")
    return name, given


def _value(name: str, key: str, kind: str, text: str) -> Any:
    try:
        if kind == "int":
            unit = {"k": 2**10, "m": 2**20, "g": 2**30}.get(text[-1:], 1)
            return int(text.rstrip("kmg")) * unit
        return float(text) if kind == "float" else text
    except ValueError as error:
        raise FaultError(f"{name}: {key}={text!r} is no {kind}") from error


# --- the server -----------------------------------------------------------------------------------


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64
    owner: FaultServer

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        if self.owner.ssl_context:
            connection.settimeout(5)
            connection = self.owner.ssl_context.wrap_socket(connection, server_side=True)
        return connection, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is what many tests are about."""


class _Connection(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        owner, number = self.server.owner, next(self.server.owner.connections)
        with contextlib.suppress(OSError):
            while line := self.rfile.readline():
                method, target, _ = line.decode("latin-1").split()
                headers = []
                while (raw := self.rfile.readline().decode("latin-1").strip()) != "":
                    name, _, value = raw.partition(":")
                    headers.append((name.strip().lower(), value.strip()))
                size = int(dict(headers).get("content-length", 0))
                body = self.rfile.read(size) if size else b""
                if not self._send(owner.answer(method, target, tuple(headers), body, number)):
                    return
                if dict(headers).get("connection", "").lower() == "close":
                    return

    def _send(self, pieces: Iterator[bytes | float | End]) -> bool:
        """Whether the connection may go on."""
        for piece in pieces:
            if isinstance(piece, bytes):
                self.connection.sendall(piece)
            elif isinstance(piece, float):
                if self.server.owner.stopping.wait(piece):
                    return False
            else:
                if piece is End.RESET:
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.connection.close()
                return False
        return True


class FaultServer:
    """The server; ``root`` is a folder whose files are its pages."""

    def __init__(self, root: Path | None = None, *, port: int = 0, ssl_context: ssl.SSLContext | None = None) -> None:
        self.root = root
        self.ssl_context = ssl_context
        self.default_fault = "ok"
        self.requests: list[Request] = []
        self.errors: list[str] = []
        self.connections = itertools.count(1)
        self.stopping = threading.Event()
        self._pages: dict[str, Answer] = {}
        self._plans: dict[str, list[str]] = {}
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._wanted_port = port

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", self._wanted_port), _Connection)
        self._server.owner = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        for one in self._sockets:
            one.close()
        if self.errors and kind is None:
            raise FaultError("; ".join(self.errors))

    # what is served

    def add(self, path: str, body: bytes | str, *, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        """A page; its media type follows from the path unless given."""
        raw = body if isinstance(body, bytes) else body.encode()
        self._pages[path] = _page(path, raw, status, headers or {})

    def plan(self, path: str, *specs: str) -> None:
        """The faults of the next requests to a path, one each; the last repeats."""
        for spec in specs:
            parsed(spec)
        with self._lock:
            self._plans[path] = list(specs)

    def clear(self, *, pages: bool = False) -> None:
        """Forgets requests and plans, and, if asked, the pages too."""
        with self._lock:
            self.requests.clear()
            self._plans.clear()
            if pages:
                self._pages.clear()

    def resource(self, path: str) -> Answer | None:
        """The good answer of a path."""
        if path in self._pages:
            return self._pages[path]
        there = self.root and (self.root / unquote(path).lstrip("/")).resolve()
        if there and self.root and there.is_relative_to(self.root.resolve()) and there.is_file():
            return _page(path, there.read_bytes(), 200, {})
        return None

    # where it is

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def base_url(self) -> str:
        return f"http{'s' if self.ssl_context else ''}://127.0.0.1:{self.port}"

    def url(self, path: str, spec: str = "") -> str:
        """The address of a path, with a fault in it that every request to it meets."""
        if not spec:
            return self.base_url + path
        parsed(spec)
        return f"{self.base_url}/__fault/{quote(spec, safe='')}{path}"

    def closed_port(self) -> int:
        """A port that refuses connections."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    def blackhole_port(self) -> int:
        """A port where connecting never ends: its queue is full and nobody takes from it."""
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        self._sockets.append(listener)
        for _ in range(8):
            waiting = socket.socket()
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
            self._sockets.append(waiting)
        return int(listener.getsockname()[1])

    # what was asked

    def requests_to(self, path: str) -> list[Request]:
        with self._lock:
            return [request for request in self.requests if request.path == path]

    def answer(
        self, method: str, target: str, headers: tuple[tuple[str, str], ...], body: bytes, connection: int
    ) -> Iterator[bytes | float | End]:
        """Notes a request and gives what is to be sent for it."""
        path, _, query = target.partition("?")
        spec = ""
        if path.startswith("/__fault/"):
            spec, _, path = path.removeprefix("/__fault/").partition("/")
            spec, path = unquote(spec), f"/{path}"
        path = unquote(path) if path not in self._pages else path
        with self._lock:
            plan = self._plans.get(path, [])
            spec = spec or (plan[0] if plan else self.default_fault)
            if len(plan) > 1:
                plan.pop(0)
            self.requests.append(
                Request(
                    method=method,
                    path=path,
                    query=query,
                    headers=headers,
                    body=body,
                    at=time.monotonic(),
                    conn=connection,
                    fault=spec,
                )
            )
        good = self.resource(path) or Answer(status=404 if method in ("GET", "HEAD") else 200)
        try:
            *changes, (wire, given) = parsed(spec)
            sent = good
            for name, values in changes:
                sent = self._changed(name, sent, values, spec)
        except (FaultError, KeyError, ValueError, IndexError) as error:
            self.errors.append(f"{path}: {spec}: {error!r}")
            return iter([Answer(status=500, body=str(error).encode()).whole()])
        tags = [tag.strip() for tag in dict(headers).get("if-none-match", "").split(",")]
        as_it_was = wire == "ok" and all(name == "etag" for name, _ in changes)  # "not modified" would hide a fault
        if as_it_was and sent.status == 200 and sent.headers.get("etag") in tags:
            kept = {name: value for name, value in sent.headers.items() if name in ("etag", "last-modified")}
            sent = Answer(status=304, headers=kept)
        return WIRE_FAULTS[wire](sent, **given)

    def _changed(self, name: str, answer: Answer, values: dict[str, Any], spec: str) -> Answer:
        fault = PAGE_FAULTS[name]
        if "server" in inspect.signature(fault).parameters:
            values = {**values, "server": self}
        changed = fault(answer, **values)
        if changed == answer:
            raise FaultError("it changes nothing")
        return changed


def _page(path: str, body: bytes, status: int, headers: Mapping[str, str]) -> Answer:
    given = {name.lower(): value for name, value in headers.items()}
    media = MEDIA_TYPES.get(path.rpartition(".")[2], "text/html; charset=utf-8")
    tags = {"etag": f'"{hashlib.sha256(body).hexdigest()[:32]}"', "last-modified": LAST_MODIFIED}
    return Answer(body=body, status=status, headers={"content-type": media, **tags, **given})


def main() -> None:
    """Serves the files of a folder until it is ended."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("root", type=Path)
    parser.add_argument("--port", type=int, default=0)
    result = parser.parse_args()
    with FaultServer(result.root, port=result.port) as server:
        print(server.base_url, flush=True)  # noqa: T201 - whoever started it waits for this line
        server.stopping.wait()


if __name__ == "__main__":
    main()
