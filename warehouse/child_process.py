"""Runs a function in a process of its own, which gives back all its memory when it ends.

A library that is imported stays for good: Great Expectations takes 130 MB, the chart library's engine 200 MB and more.
A night calls each of them once.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

LIMIT = 15 * 60.0
"""Seconds until a child is ended.  A night's longest takes half a minute, and a run holds the data folder meanwhile."""


class ChildDied(RuntimeError):
    """The process ended without an answer: it was killed, by the system where memory was short, or it crashed."""


class ChildOverdue(ChildDied):
    """The process had not answered after `LIMIT` and was ended."""


class ChildTraceback(Exception):
    """The cause of an exception that a child raised: where, as text."""


def in_child(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of ``function``, called in a new process; raises what it raises, `ChildDied` and `ChildOverdue`.

    The function is found by its module and name; arguments, result and exception are pickled.  The child ends when this
    process ends, however that happens.
    """
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with subprocess.Popen(  # noqa: S603 - this Python, our own module
        [sys.executable, "-P", "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as child:
        assert child.stdin and child.stdout  # noqa: S101 - both are pipes
        late = threading.Event()

        def end() -> None:
            late.set()
            child.kill()

        limit = threading.Timer(LIMIT, end)
        limit.daemon = True
        limit.start()
        try:
            try:
                pickle.dump((function, args, kwargs), child.stdin, pickle.HIGHEST_PROTOCOL)
                child.stdin.flush()
            except BrokenPipeError:
                answer = b""  # it died at once: the exit code says more
            else:
                answer = child.stdout.read()  # its standard input stays open: its end would end the child
        except BaseException:
            child.kill()
            raise
        finally:
            limit.cancel()
            with suppress(OSError):
                child.stdin.close()  # sends what is left of the task, which a dead child does not take
    if not answer or child.returncode:
        name = f"{function.__module__}.{function.__qualname__}"
        if late.is_set():
            raise ChildOverdue(
                f"the process of {name} was ended, as it had not answered after {LIMIT:g} s; what to do: run again, and"
                " where it hangs again, see what else the machine computes and whether its disk answers"
            )
        raise ChildDied(f"the process of {name} {_ended(child.returncode)}")
    result, error, trace = pickle.loads(answer)  # noqa: S301 - from our own child
    if error is not None:
        raise error from ChildTraceback(trace)
    return result  # type: ignore[no-any-return]


def _ended(code: int) -> str:
    if code == -signal.SIGKILL:
        return "was killed (signal 9); what to do: see whether the machine had memory left, and run again"
    return f"crashed (signal {-code})" if code < 0 else f"ended without an answer (exit code {code})"


def main() -> None:
    """Answers the one task on standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, which ends us
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: threads stand still in a long call of a library
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    function, args, kwargs = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own parent
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        answer = pickle.dumps((function(*args, **kwargs), None, ""), pickle.HIGHEST_PROTOCOL)
    except BaseException as error:  # noqa: BLE001 - the parent raises it
        answer = pickle.dumps((None, _portable(error), traceback.format_exc()), pickle.HIGHEST_PROTOCOL)
    answers.write(answer)
    answers.flush()
    sys.stderr.flush()
    os._exit(0)  # a thread of ours waits for standard input


def _end_with_parent() -> None:
    """A parent that was killed must not leave a child that goes on writing into its folder."""
    os.read(0, 1)
    os._exit(1)


def _portable(error: BaseException) -> BaseException:
    """The error itself where another process can build it, else one with its text."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    except Exception:  # noqa: BLE001 - an exception may be of any class
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


if __name__ == "__main__":
    main()
