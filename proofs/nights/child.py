"""One whole night in a forked child, which may be signalled, or killed at a point of its own."""

from __future__ import annotations

import asyncio
import functools
import importlib.util
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

from collectors.http.policy import Limits
from flows.settings import Settings

INTRACLASS_CORRELATION = Path(__file__).resolve().parents[3] / "shared"
SOURCES = ("aider-polyglot", "arena-daily", "vectara-hallucination")
MOMENT = datetime(2026, 6, 14, 21, tzinfo=UTC)
LIMITS = Limits(attempts=2, wait_initial=0.05, connect=5, deadline=20)
PATIENCE = 300.0
"""Seconds after which a night that has not ended counts as hanging."""


def tool(name: str) -> ModuleType:
    """A module of the shared tools, which are not a package."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, INTRACLASS_CORRELATION / "tools" / f"{name}.py")
        assert spec and spec.loader
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a child ended: its exit code, minus the signal that killed it, and what it said of a failure."""

    code: int
    output: str
    seconds: float

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL


def in_child(work: Callable[[], None], log: Path, *, kill_after: float | None = None, sig: int = signal.SIGKILL) -> End:
    """Runs ``work`` in a fork, signalled after ``kill_after`` seconds if it still runs then."""
    began = time.monotonic()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        except KeyboardInterrupt:
            code = 130
        except BaseException:  # noqa: BLE001 - told by the exit code and the log
            log.write_text(traceback.format_exc()[-450:], "utf-8")  # a full disk takes no more
        finally:
            os._exit(code)
    due = began + (PATIENCE if kill_after is None else kill_after)
    done, status = 0, 0
    while not done and time.monotonic() < due:
        done, status = os.waitpid(pid, os.WNOHANG)
        if not done:
            time.sleep(min(0.005, max(0.0, due - time.monotonic())))
    if not done:
        os.kill(pid, signal.SIGKILL if kill_after is None else sig)
        _, status = os.waitpid(pid, 0)
    output = log.read_text("utf-8") if log.exists() else ""
    log.unlink(missing_ok=True)
    return End(code=os.waitstatus_to_exitcode(status), output=output, seconds=time.monotonic() - began)


def a_night(night: date, data: Path, mirror: str, *, now: Callable[[], datetime] = lambda: MOMENT) -> None:
    """One whole night over `SOURCES` alone, without the bundled history, which no fault here can touch."""
    import flows.night as nights
    from collectors.registry import sources
    from warehouse.build import built

    chosen = {name: sources()[name] for name in SOURCES}
    settings = Settings(data=data, mirror=mirror, contact="proofs@localhost")
    nights.interruptible()
    with (
        patch.object(nights, "built", functools.partial(built, bundled=False)),
        patch.object(nights, "sources", lambda: chosen),
    ):
        asyncio.run(nights.run_night(night, settings, only=SOURCES, now=now, limits=LIMITS))


def dying(at: int | str, log: Path | None, only: str) -> None:
    """From here on this process is killed at a point: its ``at``-th opening for writing, rename, removal or
    connection, or the first that names ``at``."""
    events = frozenset(tool("killpoints").EVENTS)
    seen, busy = 0, False

    def hook(event: str, args: tuple[object, ...]) -> None:
        nonlocal seen, busy
        if busy or event not in events or (event == "open" and not writes(args)):
            return
        details = " ".join(str(arg) for arg in args[:2])
        if event != "socket.connect" and only not in details:
            return
        seen += 1
        if log is not None:
            busy = True
            with log.open("a", encoding="utf-8") as file:
                file.write(f"{event} {details}\n")
            busy = False
        if seen == at or (isinstance(at, str) and at in details):
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def writes(args: tuple[object, ...]) -> bool:
    mode, flags = ((*args, None, 0))[1:3]
    if isinstance(mode, str) and any(letter in mode for letter in "wax+"):
        return True
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
