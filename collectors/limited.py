"""Parses pages in processes that can be ended, so that no page can hold up a night, whatever a parser makes of it.

`LimitedParser` keeps a few workers (`collectors.worker`), started when the first page comes.  A page has a limit of
processor time, of time by the clock and of memory; one that breaks a limit is `TooCostly`, its worker is ended, and
the next page gets a new one.  After a few such pages of one source its others are left for the next run.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import select
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from collectors.contract import Hostile, Page, Source
from collectors.parsing import ParsedPage, parse_page
from collectors.registry import sources
from collectors.worker import HEADER, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseLimits:
    """What one page may cost: seconds of processor time, seconds by the clock, bytes of memory and of its rows.

    The costliest recorded page takes 0.8 s of processor time.  ``strikes``: pages of one source that may break a limit
    in one run before its others are no longer tried.
    """

    seconds: float = 20.0
    deadline: float = 120.0
    memory: int = 2 * 2**30
    answer: int = 512 * 2**20
    strikes: int = 3
    workers: int = 2


class TooCostly(Hostile):
    """Parsing the page took more time or memory than any honest page does; it is not tried again by this parser."""


class OutOfPatience(Hostile):
    """Not parsed now: other pages of its source were `TooCostly` in this run, or the run is being ended."""


class LimitedParser:
    """`parse_page` with limits; safe to call from several threads.  Use as a context manager, or let it go."""

    def __init__(self, limits: ParseLimits | None = None) -> None:
        self.limits = limits or ParseLimits()
        self._idle: list[_Worker] = []
        self._guard = threading.Lock()
        self._free = threading.Semaphore(self.limits.workers)
        self._threads: ThreadPoolExecutor | None = None
        self._strikes: Counter[str] = Counter()
        self._workers: weakref.WeakSet[_Worker] = weakref.WeakSet()
        self._closing = False

    def __enter__(self) -> LimitedParser:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the workers, whatever they are at; a later page starts new ones."""
        with self._guard:
            self._closing = True
            for worker in list(self._workers):
                worker.end()
            self._idle.clear()
        if self._threads:
            self._threads.shutdown(wait=True, cancel_futures=True)
            self._threads = None
        self._closing = False

    async def parse_soon(self, source: Source, page: Page, key: str) -> ParsedPage:
        """`parse` for an event loop, which goes on meanwhile."""
        if self._threads is None:
            # Threads of its own: those of the loop resolve names, and would wait behind slow pages.
            self._threads = ThreadPoolExecutor(self.limits.workers, thread_name_prefix="parse")
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.parse, source, page, key)

    def parse(self, source: Source, page: Page, key: str) -> ParsedPage:
        """A page parsed within the limits; never raises for what the page holds.

        A source that no other process can know (one made within a function, as in tests) is parsed here, unlimited.
        """
        known = _known_to_others(source)
        if known is None:
            return parse_page(source, page, key)
        if self._strikes[source.name] >= self.limits.strikes:
            found = f"{self._strikes[source.name]} pages of this source took too much time or memory in this run"
            return ParsedPage(source=source.name, key=key, error=self._not_now(source, page, found))
        task = Task(source=known, page=page, key=key, seconds=self.limits.seconds)
        with self._free:
            try:
                return self._parse(task)
            except _Ended as ended:
                self._strikes[source.name] += 1
                if ended.by_page and not self._closing:
                    error: Hostile = self._too_costly(source, page, str(ended))
                else:
                    error = self._not_now(source, page, f"it took {ended}")
                return ParsedPage(source=source.name, key=key, error=error)

    def _parse(self, task: Task) -> ParsedPage:
        with self._guard:
            worker = self._idle.pop() if self._idle else None
        if worker is None or not worker.alive:
            worker = _Worker(self.limits)
            with self._guard:
                self._workers.add(worker)
        try:
            parsed = worker.ask(task)
        except BaseException:
            worker.end()
            raise
        with self._guard:
            self._idle.append(worker)
        return parsed

    def _too_costly(self, source: Source, page: Page, found: str) -> TooCostly:
        return TooCostly(
            page.url,
            f"parsing {len(page.body):,} bytes took {found}",
            expected=f"at most {self.limits.seconds:g} s of processor time and {self.limits.memory / 2**20:.0f} MiB",
            todo=f"look at the archived page {page.sha256[:12]}; it is not parsed again until the parser changes",
            source=source.name,
        )

    def _not_now(self, source: Source, page: Page, found: str) -> OutOfPatience:
        return OutOfPatience(
            page.url,
            f"not parsed: {found}",
            expected="a page that is parsed within its limits",
            todo="nothing, if the run was being ended; the next run tries this page",
            source=source.name,
        )


_CRASHES = frozenset({signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL, signal.SIGFPE})


class _Ended(Exception):
    """A worker was ended, or ended itself, and what that page took; ``by_page``: for what the page holds."""

    def __init__(self, took: str, *, by_page: bool = True) -> None:
        super().__init__(took)
        self.by_page = by_page


class _Worker:
    """One process; not shared between threads at a time."""

    def __init__(self, limits: ParseLimits) -> None:
        self._limits = limits
        self._process = subprocess.Popen(  # noqa: S603 - this Python, our own module
            [sys.executable, "-P", "-m", "collectors.worker", str(limits.memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
        self._finalizer = weakref.finalize(self, _end, self._process)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def end(self) -> None:
        self._finalizer()

    def ask(self, task: Task) -> ParsedPage:
        """The page as parsed; raises `_Ended`."""
        assert self._process.stdin and self._process.stdout  # noqa: S101 - both are pipes
        deadline = time.monotonic() + self._limits.deadline
        question = pickle.dumps(task, pickle.HIGHEST_PROTOCOL)
        try:
            self._process.stdin.write(HEADER.pack(len(question)))
            self._process.stdin.write(question)
            self._process.stdin.flush()
        except OSError as error:
            raise self._ended(deadline) from error
        (size,) = HEADER.unpack(self._read(HEADER.size, deadline))
        if size > self._limits.answer:
            raise _Ended(f"{size / 2**20:.0f} MiB for its rows")
        parsed = pickle.loads(self._read(size, deadline))  # noqa: S301 - from a process of ours
        if parsed is None:
            raise _Ended(f"more than {self._limits.memory / 2**20:.0f} MiB of memory")
        assert isinstance(parsed, ParsedPage)  # noqa: S101 - nothing else is answered
        return parsed

    def _read(self, size: int, deadline: float) -> bytes:
        assert self._process.stdout  # noqa: S101 - a pipe
        place = self._process.stdout.fileno()
        found = bytearray()
        while len(found) < size:
            ready, _, _ = select.select([place], [], [], max(0.0, deadline - time.monotonic()))
            part = os.read(place, min(size - len(found), 2**20)) if ready else b""
            if not part:
                raise self._ended(deadline)
            found += part
        return bytes(found)

    def _ended(self, deadline: float) -> _Ended:
        if time.monotonic() >= deadline:
            return _Ended(f"more than {self._limits.deadline:g} s by the clock")
        code = self._process.wait()
        if code == -signal.SIGPROF:
            return _Ended(f"more than {self._limits.seconds:g} s of processor time")
        # A crash of a C library is the page's doing; whoever sends SIGTERM, or a Python that cannot start, is not.
        return _Ended(f"its process with it (exit code {code})", by_page=-code in _CRASHES)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            try:
                pipe.close()
            except OSError:
                continue


def _known_to_others(source: Source) -> str | Source | None:
    """How another process can be told of a source: by name, or by value; None where it cannot."""
    if sources().get(source.name) is source:
        return source.name
    try:
        pickle.dumps(source)
    except (pickle.PicklingError, AttributeError, TypeError):
        return None
    return source
