"""A back-fill's archive read here, on threads and on two Dask workers: ``python -m benchmarks.backfill [NIGHTS]``.

The nights are those of the mini-web of tests/web, 20 by default, collected once; then the same archive is read into an
empty store by each runner.  A figure is printed only where all runners stored the same rows.
"""

from __future__ import annotations

import asyncio
import hashlib
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import duckdb

from collectors.registry import sources
from flows.backfill import backfill
from flows.reading import read_archive
from flows.settings import Runner, Settings, be_quiet
from tests.tools.miniweb import EMITTERS
from tests.tools.timemachine import TimeMachine
from warehouse.store import ROW_TABLES

LAST = date(2023, 4, 14)
RUNNERS: tuple[Runner, ...] = ("here", "threads", "dask")


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of processor time, of this process and those that it has waited for."""
    began, used = time.monotonic(), _processor()
    work()
    return time.monotonic() - began, _processor() - used


def _processor() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


def digest(store: Path) -> tuple[int, str]:
    """The rows of a store, and their digest."""
    count, found = 0, hashlib.sha256()
    with duckdb.connect(str(store), read_only=True) as db:
        for table in (*ROW_TABLES, "page", "fetch_result"):
            rows = db.execute(f"from raw.{table} order by all").fetchall()
            count += len(rows)
            found.update(repr(rows).encode())
    return count, found.hexdigest()


def main(nights: int) -> None:
    """Prints a table in Markdown."""
    be_quiet()
    with tempfile.TemporaryDirectory() as folder, TimeMachine() as web:
        home = Path(folder)
        settings = Settings(
            data=home / "filled", mirror=web.base() + "/@{night}", contact="bench@localhost", runner="here"
        )
        first = LAST - timedelta(days=nights - 1)
        wall, used = measured(lambda: asyncio.run(backfill(first, LAST, settings, only=EMITTERS)))
        count, expected = digest(settings.data / "store.duckdb")
        print(f"{nights} nights, {len(EMITTERS)} sources, {count} rows in the store")
        print("\n| what | by the clock, s | processor, s |\n|---|---|---|")
        print(f"| collecting, one process | {wall:.1f} | {used:.1f} |", flush=True)
        for runner in RUNNERS:
            data = home / runner
            shutil.copytree(settings.data / "archive", data / "archive")
            read = Settings(data=data, runner=runner)
            wall, used = measured(lambda read=read: read_archive(read, sources(), worth_it=1))  # type: ignore[misc]
            if digest(data / "store.duckdb") != (count, expected):
                raise SystemExit(f"{runner} stored other rows")
            print(f"| reading, {runner} | {wall:.1f} | {used:.1f} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
