"""Parses pages in processes that can be ended, so that no page can hold up a night, whatever a parser makes of it.

`LimitedParser` keeps a few workers (`collectors.worker`), started when the first page comes and used for all others.
A page has a limit of processor time, of time by the clock and of memory.  One that breaks a limit is `TooCostly`: its
worker is ended, and the next page gets a new one.  A source has an allowance of processor time that grows with its
pages; beyond it, and after a few pages that were too costly, its other pages are left for the next run (`NotParsed`).

A worker is not trusted: it gets none of our environment but paths and locale; of its answers only columns and errors
are built (`_Answer`), no other class, and each answer is checked whole before anything relies on it (`check_parsed`).
"""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import io
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
from dataclasses import dataclass, replace

from collectors.columns import Column, RowTable
from collectors.contract import errors
from collectors.contract.errors import Hostile
from collectors.contract.pages import Page
from collectors.contract.source import Source
from collectors.parsing import ParsedPage, check_parsed, parse_page
from collectors.worker import HEADER, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseLimits:
    """What a page may cost: seconds of processor time, seconds by the clock, bytes of memory and of its rows.

    The costliest recorded page takes 0.8 s of processor time.  A source may use ``source_seconds`` in a run and
    ``seconds_a_page`` more for each of its pages.  ``costly_pages``: pages of a source that may break a limit in it.
    """

    seconds: float = 20.0
    deadline: float = 120.0
    memory: int = 2 * 2**30
    answer: int = 128 * 2**20
    source_seconds: float = 60.0
    seconds_a_page: float = 1.0
    costly_pages: int = 3
    workers: int = 2


class TooCostly(Hostile):
    """Parsing the page took more time or memory than any honest page does; this parser does not try it again."""


class NotParsed(Hostile):
    """Not parsed in this run: its source has used up its allowance, or the run is being ended."""


class LimitedParser:
    """`parse_page` with limits; safe to call from several threads.  Use as a context manager, or let it go."""

    def __init__(self, limits: ParseLimits | None = None) -> None:
        self.limits = limits or ParseLimits()
        self._idle: list[_Worker] = []
        self._guard = threading.Lock()
        self._free = threading.Semaphore(self.limits.workers)
        self._threads: ThreadPoolExecutor | None = None
        self._known: dict[str, tuple[Source, str | None]] = {}
        self._costly: Counter[str] = Counter()
        self._pages: Counter[str] = Counter()
        self._seconds: dict[str, float] = {}
        self._workers: weakref.WeakSet[_Worker] = weakref.WeakSet()
        self._closing = False

    def __enter__(self) -> LimitedParser:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the workers, whatever they do; a later page starts new ones."""
        with self._guard:
            self._closing = True
            for worker in list(self._workers):
                worker.kill()
            for worker in self._idle:
                worker.end()
            self._idle.clear()
        if self._threads:
            self._threads.shutdown(wait=True, cancel_futures=True)
            self._threads = None
        self._closing = False

    async def parse_soon(self, source: Source, page: Page, key: str) -> ParsedPage:
        """`parse` for an event loop, which is not blocked meanwhile."""
        if self._threads is None:
            # Threads of its own: those of the loop resolve names, and would wait behind slow pages.
            self._threads = ThreadPoolExecutor(self.limits.workers, thread_name_prefix="parse")
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.parse, source, page, key)

    def parse(self, source: Source, page: Page, key: str) -> ParsedPage:
        """A page parsed within the limits; never raises for what the page holds.

        A source that no other process can import (one made within a function, as in tests) is parsed here, unlimited.
        """
        known = self._known_as(source)
        if known is None:
            return parse_page(source, page, key)
        if used_up := self._used_up(source.name):
            return ParsedPage(source=source.name, key=key, error=self._not_parsed(source, page, used_up))
        task = Task(source=known, page=page, key=key, seconds=self.limits.seconds)
        with self._free:
            began = time.monotonic()
            try:
                seconds, parsed = self._parse(task, source)
            except _Ended as ended:
                seconds = min(self.limits.seconds, time.monotonic() - began)
                self._costly[source.name] += 1
                if ended.by_page and not self._closing:
                    error: Hostile = self._too_costly(source, page, str(ended))
                else:
                    error = self._not_parsed(source, page, f"it took {ended}")
                parsed = ParsedPage(source=source.name, key=key, error=error)
        with self._guard:
            self._pages[source.name] += 1
            self._seconds[source.name] = self._seconds.get(source.name, 0.0) + seconds
        return parsed

    def _used_up(self, source: str) -> str:
        """Why no more pages of a source are parsed in this run; empty where they are."""
        limits = self.limits
        if self._costly[source] >= limits.costly_pages:
            return f"{self._costly[source]} pages of this source took too much time or memory in this run"
        allowed = limits.source_seconds + limits.seconds_a_page * self._pages[source]
        if (used := self._seconds.get(source, 0.0)) > allowed:
            return f"{self._pages[source]} pages of this source took {used:.0f} s of processor time in this run"
        return ""

    def _known_as(self, source: Source) -> str | None:
        """What workers know a source by: its name where it is one of ours, else a digest; None where they cannot."""
        found = self._known.get(source.name)
        if found is None or found[0] is not source:  # a source of many boards takes milliseconds to pickle
            found = self._known[source.name] = (source, _known_as(source))
        return found[1]

    def _parse(self, task: Task, source: Source) -> tuple[float, ParsedPage]:
        with self._guard:
            worker = self._idle.pop() if self._idle else None
        if worker is None or not worker.alive:
            worker = _Worker(self.limits)
            with self._guard:
                self._workers.add(worker)
                if self._closing:  # `close` came while the process was being started, and did not see it
                    worker.kill()
        try:
            parsed = worker.ask(task, source)
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

    def _not_parsed(self, source: Source, page: Page, found: str) -> NotParsed:
        return NotParsed(
            page.url,
            f"not parsed: {found}",
            expected="pages that are parsed within their limits",
            todo="nothing, if the run was being ended; the next run tries this page",
            source=source.name,
        )


_CRASHES = frozenset({signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL, signal.SIGFPE})
_PASSED_ON = ("PATH", "LANG", "LANGUAGE", "TZ", "TMPDIR", "SYSTEMROOT", "COVERAGE_PROCESS_START")
_PASSED_ON_PREFIXES = ("PYTHON", "LC_")


class _Ended(Exception):
    """A worker was ended or ended by itself, with what the page took; ``by_page``: because of what the page holds."""

    def __init__(self, took: str, *, by_page: bool = True) -> None:
        super().__init__(took)
        self.by_page = by_page


class _Worker:
    """One process; used by one thread at a time."""

    def __init__(self, limits: ParseLimits) -> None:
        self._limits = limits
        environment = {k: v for k, v in os.environ.items() if k in _PASSED_ON or k.startswith(_PASSED_ON_PREFIXES)}
        self._process = subprocess.Popen(  # noqa: S603 - this Python, our own module
            [sys.executable, "-P", "-m", "collectors.worker", str(limits.memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
        self._finalizer = weakref.finalize(self, _end, self._process)
        self._declared: set[str] = set()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """Ends the process; for any thread.  Its pipes stay open: the thread that reads from them closes them.

        Closed here, a pipe's number may be that of another file by the time the reader asks for it.
        """
        self._process.kill()

    def end(self) -> None:
        """Ends the process and closes its pipes; for the thread that uses the worker."""
        self._finalizer()

    def ask(self, task: Task, source: Source) -> tuple[float, ParsedPage]:
        """The processor seconds that a page took, and the parsed page; raises `_Ended`."""
        if task.source != source.name and task.source not in self._declared:
            task = replace(task, declared=source)
            self._declared.add(task.source)
        assert self._process.stdin and self._process.stdout  # noqa: S101 - both are pipes
        deadline = time.monotonic() + self._limits.deadline
        question = pickle.dumps(task, pickle.HIGHEST_PROTOCOL)
        try:
            self._process.stdin.write(HEADER.pack(len(question)))
            self._process.stdin.write(question)
            self._process.stdin.flush()
        except OSError as error:
            raise self._ended(deadline) from error
        del question
        (size,) = HEADER.unpack(self._read(HEADER.size, deadline))
        if size > self._limits.answer:
            raise _Ended(f"{size / 2**20:.0f} MiB for its rows")
        answer = self._read(size, deadline)
        try:
            seconds, parsed = read_answer(answer)
        except Exception as error:  # bytes of a stranger's making may raise anything; only their page is refused
            raise _Ended(f"an answer that cannot be read: {str(error)[:100]}") from error
        if parsed is None:
            raise _Ended(f"more than {self._limits.memory / 2**20:.0f} MiB of memory")
        if (parsed.source, parsed.key) != (source.name, task.key):
            raise _Ended("an answer about another page")
        return min(seconds, self._limits.seconds), parsed

    def _read(self, size: int, deadline: float) -> bytearray:
        assert self._process.stdout  # noqa: S101 - a pipe
        place = self._process.stdout.fileno()
        found = bytearray()
        while len(found) < size:
            ready, _, _ = select.select([place], [], [], max(0.0, deadline - time.monotonic()))
            part = os.read(place, min(size - len(found), 2**20)) if ready else b""
            if not part:
                raise self._ended(deadline)
            found += part
        return found

    def _ended(self, deadline: float) -> _Ended:
        if time.monotonic() >= deadline:
            return _Ended(f"more than {self._limits.deadline:g} s by the clock")
        code = self._process.wait()
        if code == -signal.SIGPROF:
            return _Ended(f"more than {self._limits.seconds:g} s of processor time")
        # A crash of a C library is caused by the page; a SIGTERM from outside, or a Python that cannot start, is not.
        return _Ended(f"its process with it (exit code {code})", by_page=-code in _CRASHES)


_TYPES = {
    (kind.__module__, kind.__qualname__): kind
    for kind in (
        *(one for _, one in inspect.getmembers(errors, inspect.isclass) if one.__module__ == errors.__name__),
        *(ParsedPage, RowTable, Column),
    )
}


class _Answer(pickle.Unpickler):
    """Reads what a worker answers; builds rows as columns and the errors of the contract, nothing else."""

    def find_class(self, module: str, name: str) -> type:
        if (module, name) not in _TYPES:
            raise pickle.UnpicklingError(f"{module}.{name} is no row")
        return _TYPES[module, name]


def read_answer(answer: bytes | bytearray) -> tuple[float, ParsedPage | None]:
    """The processor seconds and the page that a worker answers, checked; raises an error of any class."""
    seconds, parsed = _Answer(io.BytesIO(answer)).load()
    if parsed is not None:
        check_parsed(parsed, len(answer))
    if not seconds >= 0:  # not a number either: the sum of a source would be none for ever
        raise ValueError(f"{seconds} s of processor time")
    return float(seconds), parsed


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            try:
                pipe.close()
            except OSError:
                continue


def _known_as(source: Source) -> str | None:
    """What another process can know a source by: the name of a module of ours, or a digest of the source itself."""
    name = source.name
    if getattr(sys.modules.get(f"collectors.sources.{name.replace('-', '_')}"), "SOURCE", None) is source:
        return name
    try:
        return hashlib.sha256(pickle.dumps(source)).hexdigest()
    except (pickle.PicklingError, AttributeError, TypeError):
        return None
