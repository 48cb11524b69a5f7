"""A function in a process of its own: its result, its errors, and an end with its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest

from warehouse import child_process
from warehouse.child_process import ChildDied, ChildOverdue, ChildTraceback, in_child


def add(one: int, *, other: int) -> tuple[int, int]:
    print("what is printed is no answer")  # noqa: T201
    return one + other, os.getpid()


def fail() -> None:
    raise duckdb.OutOfMemoryException("no memory left")


def fail_strangely() -> None:
    class Odd(Exception):
        pass

    raise Odd("of no module")


def die(how: int) -> None:
    os.kill(os.getpid(), how)


def leave() -> None:
    os._exit(3)


class SentToTheDead:
    """Is pickled once a child process has ended."""

    def __reduce__(self) -> tuple[type[int], tuple[()]]:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
        return int, ()


def size(*parts: object) -> int:
    return len(parts)


def sleep() -> None:
    time.sleep(60)


def count(file: Path) -> None:
    """One long call in which no other thread of Python gets to run."""
    file.write_text(str(os.getpid()), "utf-8")
    sum(range(10**10))


def wait(file: Path) -> None:
    file.write_text(str(os.getpid()), "utf-8")
    time.sleep(60)


def test_the_result_comes_from_another_process() -> None:
    result, process = in_child(add, 2, other=3)
    assert result == 5
    assert process != os.getpid()


def test_an_exception_is_raised_here_with_where_it_was_raised() -> None:
    with pytest.raises(duckdb.OutOfMemoryException, match="no memory left") as raised:
        in_child(fail)
    assert isinstance(raised.value.__cause__, ChildTraceback)
    assert "in fail" in str(raised.value.__cause__)


def test_an_exception_of_no_module_comes_as_its_text() -> None:
    with pytest.raises(RuntimeError, match="Odd: of no module"):
        in_child(fail_strangely)


def test_a_killed_process_is_named_with_what_to_do() -> None:
    with pytest.raises(ChildDied, match=r"test_child_process\.die was killed \(signal 9\); what to do: .* memory"):
        in_child(die, signal.SIGKILL)
    with pytest.raises(ChildDied, match="ended without an answer \\(exit code 3\\)"):
        in_child(leave)


def test_a_process_that_dies_before_it_has_its_task_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 3\n", "utf-8")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(ChildDied, match=r"test_child_process\.size ended without an answer \(exit code 3\)"):
        in_child(size, SentToTheDead(), b"x" * 300_000)


def test_a_process_that_does_not_answer_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process, "LIMIT", 0.5)
    with pytest.raises(
        ChildOverdue, match=r"test_child_process\.sleep was ended, .* not answered after 0\.5 s; what to do: run again"
    ):
        in_child(sleep)


linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a long call of a library goes on to its end")


@pytest.mark.parametrize("work", ["wait", pytest.param("count", marks=linux)])
def test_a_process_ends_when_its_parent_is_killed(tmp_path: Path, work: str) -> None:
    file = tmp_path / "process"
    program = (
        f"import sys; from pathlib import Path; from tests.test_child_process import {work};"
        f"from warehouse.child_process import in_child; in_child({work}, Path(sys.argv[1]))"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(file)], cwd=Path(__file__).parent.parent) as parent:
        until(lambda: file.exists() and file.read_text("utf-8") != "")
        parent.kill()
    child = int(file.read_text("utf-8"))
    try:
        until(lambda: not alive(child))
    finally:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def until(holds: Callable[[], bool]) -> None:
    due = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < due
        time.sleep(0.02)


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process}/stat")
    return not status.exists() or status.read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
