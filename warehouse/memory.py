"""How much memory DuckDB takes for a build, and where it writes what does not fit."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from warehouse.statements import quoted

FIRST = 280 * 2**20
"""Bytes that DuckDB may take at first; the process has some 300 MB besides."""


class BuildMemory:
    """How many bytes of memory DuckDB may take for a build; what does not fit it writes to ``spill``.

    Without a limit the widest statement alone took 1.2 GB.  A statement that cannot do with the limit gets twice as
    much, again and again: more rows than today's make a build slower and do not cost the night.
    """

    def __init__(
        self, db: duckdb.DuckDBPyConnection, spill: Path, *, first: int = FIRST, most: int | None = None
    ) -> None:
        """``first``: bytes allowed at first; ``most``: at last, by default four fifths of the machine's memory."""
        self._db = db
        self._most = most or os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * 4 // 5
        db.execute(f"set temp_directory = '{quoted(spill)}'")
        self._allow(first)

    def grow_for(self, make: Callable[[], None]) -> None:
        """Calls ``make``, again with more memory if it needs more; raises DuckDB's own error where there is no more."""
        while True:
            try:
                return make()
            except duckdb.OutOfMemoryException:
                if self.allowed >= self._most:
                    raise
                self._allow(2 * self.allowed)

    def ease(self) -> None:
        """Twice as much, for what reads the tables once they are made: nobody calls it again when it needs more.

        Without any bound a night took 1,390 MB instead of 880: DuckDB keeps what it may.
        """
        self._allow(2 * self.allowed)

    def _allow(self, size: int) -> None:
        self.allowed = min(size, self._most)
        self._db.execute(f"set memory_limit = '{self.allowed}B'")


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
