"""The data folder of a run: its lock, and clear errors for what its disk refuses.

A folder has one run at a time, by a lock that ends with its process.
"""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from warehouse.archive import LinkFollowed, refuse_links

POLL = 0.5
"""Seconds between two looks at a lock that is waited for."""

SAY_AGAIN = 60.0
"""Seconds between two messages on a lock that is waited for."""

_DISK = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EFBIG,
        errno.EROFS,
        errno.EACCES,
        errno.EPERM,
        errno.EIO,
        errno.ENOTDIR,
        errno.EISDIR,
        errno.ENAMETOOLONG,
        errno.EMFILE,
        errno.ENFILE,
    }
)
"""Errors that only a file system gives; a refused connection is an OSError too."""


STRANGERS = 0o002
"""Added to the umask of a run: whatever it was, other users of the machine write to nothing in the data folder."""

LOCK = ".lock"
"""The file whose lock a run holds, in the data folder."""


class Busy(RuntimeError):
    """Another run holds this data folder."""


class NoDisk(RuntimeError):
    """The data folder cannot be read or written: the disk is full, read-only or failing."""


class data_lock:
    """The folder's lock, as a context: `Busy` where another process holds it.

    ``with`` does not wait.  ``async with`` waits up to ``wait`` seconds for the other run to end, and says so through
    ``progress``.
    """

    def __init__(
        self,
        data: Path,
        night: date,
        *,
        what: str = "",
        wait: float = 0.0,
        progress: Callable[[str], None] = lambda _text: None,
    ) -> None:
        os.umask(os.umask(STRANGERS) | STRANGERS)  # the only way to read it is to set it
        data.mkdir(parents=True, exist_ok=True)
        refuse_links(data)
        self._note = data / ".night"
        self._lock = FileLock(data / LOCK)
        self._text = f"night {night} is being run by process {os.getpid()}{f' ({what})' if what else ''}\n"
        self._wait = wait
        self._progress = progress

    def __enter__(self) -> None:
        if not self._taken():
            raise Busy(
                f"{self._holder()} in {self._note.parent}; what to do: wait for it to end, or give another --data"
            )

    def __exit__(self, *_: object) -> None:
        self._note.unlink(missing_ok=True)
        self._lock.release()

    async def __aenter__(self) -> None:
        began = time.monotonic()
        shown = -SAY_AGAIN
        while not self._taken():
            passed = time.monotonic() - began
            left = self._wait - passed
            if left <= 0:
                raise Busy(
                    f"{self._holder()} in {self._note.parent}, still after {self._wait:g} s of waiting;"
                    " what to do: wait for it to end, raise --wait, or give another --data"
                )
            if passed - shown >= SAY_AGAIN:
                shown = passed
                self._progress(f"waiting up to {left:.0f} s for another run to end: {self._holder()}")
            await asyncio.sleep(min(POLL, left))

    async def __aexit__(self, *_: object) -> None:
        self.__exit__()

    def _taken(self) -> bool:
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        self._note.write_text(self._text, "utf-8")
        return True

    def _holder(self) -> str:
        try:
            return self._note.read_text("utf-8").strip() or "another run"
        except OSError:
            return "another run"


def is_locked(data: Path) -> bool:
    """Whether a run holds the folder at this moment; also where its lock cannot be tried."""
    try:
        with FileLock(data / LOCK, timeout=0):
            return False
    except (Timeout, OSError):
        return True


@contextmanager
def disk_errors(data: Path) -> Iterator[None]:
    """Raises what the disk refuses as `NoDisk`, with the folder and the room left; all that was published stays.

    Ctrl-C is KeyboardInterrupt wherever it strikes, and any other error goes through as it is.
    """
    try:
        yield
    except RuntimeError as error:
        if str(error) != "Query interrupted":
            raise
        raise KeyboardInterrupt from error  # Ctrl-C in the middle of a query, which DuckDB turns into its own error
    except LinkFollowed as error:
        raise NoDisk(str(error)) from error
    except (OSError, duckdb.IOException, duckdb.TransactionException, duckdb.FatalException) as error:
        if "Could not set lock on file" in str(error):
            raise Busy(
                f"another program has a database in {data} open: {str(error).splitlines()[0]};"
                " what to do: close it and run the night again"
            ) from error
        if isinstance(error, OSError) and not _of_disk(error, data):
            raise
        there = next(folder for folder in (data, *data.parents) if folder.exists())
        free = shutil.disk_usage(there).free // 2**20
        raise NoDisk(
            f"{data} cannot be used: {str(error).splitlines()[0]}; {free} MiB are free"
            " there; what to do: make room, or mend the disk or its permissions, and run the night again"
        ) from error


def _of_disk(error: OSError, data: Path) -> bool:
    """Whether the file system refused something: by the kind of error, or because it names a file of the folder."""
    named = [Path(os.fsdecode(name)) for name in (error.filename, error.filename2) if isinstance(name, str | bytes)]
    return error.errno in _DISK or any(file.is_relative_to(data) for file in named)
