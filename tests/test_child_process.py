"""A function in a process of its own: its result, its errors, and an end with its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from warehouse.child_process import ChildDied, ChildTraceback, in_child


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


def test_a_process_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "process"
    program = (
        "import sys; from pathlib import Path; from tests.test_child_process import wait;"
        "from warehouse.child_process import in_child; in_child(wait, Path(sys.argv[1]))"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(file)], cwd=Path(__file__).parent.parent) as parent:
        until(lambda: file.exists() and file.read_text("utf-8") != "")
        parent.kill()
    child = int(file.read_text("utf-8"))
    until(lambda: not alive(child))


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
