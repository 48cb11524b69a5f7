"""The process that parses: one page at a time, with a limit on memory and processor time that the system enforces.

`collectors.limited` starts it (``python -m collectors.worker``), gives it pages and ends it.  A page that exceeds its
processor time ends the process by SIGPROF, even inside a C library; one that exceeds its memory raises MemoryError.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import pickle
import signal
import struct
import sys
import time
from dataclasses import dataclass
from typing import BinaryIO

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.source import Source
from collectors.parsing import ParsedPage, parse_page

HEADER = struct.Struct("!Q")
"""Length of what follows, before every message in either direction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A page to be parsed by a source, in at most ``seconds`` of processor time.

    ``source``: the name of one of ours, or a digest; ``declared``: the source of that digest, when it is first used.
    """

    source: str
    page: Page
    key: str
    seconds: float
    declared: Source | None = None


def main(memory: int) -> None:
    """Answers tasks from standard input until it ends; ``memory`` in bytes of address space."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's: it ends us by closing the pipe
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # not on every system; the limit on time holds all the same

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    declared: dict[str, Source] = {}
    while (body := receive(sys.stdin.buffer)) is not None:
        task: Task = pickle.loads(body)  # noqa: S301 - from our own parent
        del body
        if task.declared is not None:
            declared[task.source] = task.declared
        try:
            source = declared.get(task.source) or _ours(task.source)
            answer = pickle.dumps(_parse(task, source), pickle.HIGHEST_PROTOCOL)
        except MemoryError:
            answer = pickle.dumps((task.seconds, None))
        del task
        answers.write(HEADER.pack(len(answer)))
        answers.write(answer)
        answers.flush()


def _ours(name: str) -> Source:
    source = importlib.import_module(f"collectors.sources.{name.replace('-', '_')}").SOURCE
    assert isinstance(source, Source)  # noqa: S101 - the registry has looked
    return source


def _parse(task: Task, source: Source) -> tuple[float, ParsedPage]:
    """Processor seconds, and the parsed page."""
    signal.setitimer(signal.ITIMER_PROF, task.seconds)
    began = time.process_time()
    try:
        parsed = parse_page(source, task.page, task.key)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a parser may raise anything, and only its page is refused
        found = f"the parser stumbled: {type(error).__name__}: {str(error)[:200]}"
        parsed = ParsedPage(source=source.name, key=task.key, error=Drifted(task.page.url, found, source=source.name))
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    if parsed.error is not None:  # the chain of causes holds objects of any class
        parsed.error.__cause__ = parsed.error.__context__ = None
    return time.process_time() - began, parsed


def receive(stream: BinaryIO | io.BufferedReader) -> bytes | None:
    """One message; None where the other side has ended."""
    head = stream.read(HEADER.size)
    if len(head) < HEADER.size:
        return None
    (size,) = HEADER.unpack(head)
    body = stream.read(size)
    return body if len(body) == size else None


if __name__ == "__main__":
    main(int(sys.argv[1]))
