"""A program killed at every point at which it touches the outside, one run a point.

A point is a file opened for writing, a rename, a removal, a folder made, a link, a connection: what Python's audit
hooks tell of.  They come in the same order in every run of a deterministic program, so "killed anywhere" is a loop that
ends.  What C libraries write by themselves (DuckDB's own file) is no point; random moments reach it
(`proofs.nights.kills`).

    ends = killed_everywhere(work, only=str(folder), log=folder / "points", reset=reset)
    for end in ends: ...                     # the folder is as the kill left it
"""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

EVENTS = frozenset(
    (
        "open",
        "os.rename",
        "os.remove",
        "os.mkdir",
        "os.rmdir",
        "os.link",
        "os.symlink",
        "os.truncate",
        "shutil.move",
        "socket.connect",
        "subprocess.Popen",
    )
)
"""What counts as a point; the next one is an audit event's name here."""

LONGEST_WAIT = 300.0
"""Seconds after which a run that has not ended counts as hanging."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a child ended: its exit code, minus the signal that killed it, and what it wrote of a failure."""

    code: int
    output: str
    seconds: float
    point: str = ""

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
        except BaseException:  # noqa: BLE001 - reported by the exit code and the log
            log.write_text(traceback.format_exc()[-450:], "utf-8")  # a full disk takes no more
        finally:
            os._exit(code)
    due = began + (LONGEST_WAIT if kill_after is None else kill_after)
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


def dying(at: int | str, log: Path | None, only: str) -> None:
    """From here on this process is killed at a point: its ``at``-th, or the first that names ``at``; 0 is none.

    Points are counted where they name ``only``, and every connection; ``log`` gets a line for each.
    """
    seen, busy = 0, False

    def hook(event: str, args: tuple[object, ...]) -> None:
        nonlocal seen, busy
        if busy or event not in EVENTS or (event == "open" and not _writes(args)):
            return
        point = " ".join(str(arg) for arg in args[:2])
        if event != "socket.connect" and only not in point:
            return
        seen += 1
        if log is not None:
            busy = True
            with log.open("a", encoding="utf-8") as file:
                file.write(f"{event} {point}\n")
            busy = False
        if seen == at or (isinstance(at, str) and at in point):
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def _writes(args: tuple[object, ...]) -> bool:
    mode, flags = ((*args, None, 0))[1:3]
    if isinstance(mode, str) and any(letter in mode for letter in "wax+"):
        return True
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def points(work: Callable[[], None], *, only: str, log: Path) -> list[str]:
    """Every point of a run that nobody kills, by name; ``log`` lies outside of what ``only`` names."""

    def listed() -> None:
        dying(0, log, only)
        work()

    end = in_child(listed, log.with_suffix(".failure"))
    if end.code != 0:
        raise RuntimeError(f"the program fails without being killed: {end.output}")
    names = log.read_text("utf-8").splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    return names


def killed_everywhere(
    work: Callable[[], None], *, only: str, log: Path, reset: Callable[[], None], every: int = 1
) -> Iterator[End]:
    """Kills ``work`` at every point (or every n-th), each time after ``reset``; yields before the next."""
    reset()
    names = points(work, only=only, log=log)
    for at in range(1, len(names) + 1, every):
        reset()

        def doomed(at: int = at) -> None:
            dying(at, None, only)
            work()

        end = in_child(doomed, log.with_suffix(".failure"))
        yield End(code=end.code, output=end.output, seconds=end.seconds, point=names[at - 1])
