"""How much memory DuckDB takes for a build, and where it writes what does not fit."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import duckdb

from warehouse.statements import quoted

FIRST = 200 * 2**20
"""Bytes that DuckDB may take at first; the process has some 300 MB besides."""

T = TypeVar("T")

_ALLOWED = "build_memory"
"""The variable of a connection that holds the bytes it may take."""


def bound(db: duckdb.DuckDBPyConnection, spill: Path, *, first: int = FIRST) -> None:
    """Holds a connection to ``first`` bytes of memory; what does not fit goes to ``spill``.

    Without a bound the widest statement of a build alone took 1.2 GB.
    """
    db.execute(f"set temp_directory = '{quoted(spill)}'")
    _allow(db, first)


def with_enough(db: duckdb.DuckDBPyConnection, work: Callable[[], T], *, most: int | None = None) -> T:
    """The result of ``work``, called again with twice the bound as often as it needs more, up to ``most`` bytes.

    More rows than today's make a build slower and do not cost the night.  Work that begins again must leave nothing
    behind when it fails.  ``most`` is four fifths of the machine's memory by default; where that does not do, DuckDB's
    own error is raised.
    """
    most = most or _most()
    while True:
        try:
            return work()
        except duckdb.OutOfMemoryException:
            allowed = allowed_bytes(db)
            if allowed is None or allowed >= most:
                raise
            _allow(db, min(2 * allowed, most))


def release(db: duckdb.DuckDBPyConnection) -> None:
    """Lets a connection take what the machine has: for statements beside a build that nobody calls again."""
    _allow(db, _most())


def allowed_bytes(db: duckdb.DuckDBPyConnection) -> int | None:
    """The bound of a connection; None where it has none."""
    row = db.execute(f"select getvariable('{_ALLOWED}')").fetchone()
    return row[0] if row else None


def _most() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * 4 // 5


def _allow(db: duckdb.DuckDBPyConnection, size: int) -> None:
    db.execute(f"set memory_limit = '{size}B'")
    db.execute(f"set variable {_ALLOWED} = {size}")


@contextmanager
def spill_folder(folder: Path | None) -> Iterator[Path]:
    """A folder for what does not fit into memory, gone when the context ends.

    ``folder``: one that is the caller's alone; what a killed run left in it goes first (up to 400 MB each time).
    None: a new one in the system's temporary folder.
    """
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="gapindex-build-") as new:
            yield Path(new)
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
