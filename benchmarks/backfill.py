"""A back-fill's archive read here, on threads and on two Dask workers: ``python -m benchmarks.backfill [NIGHTS]``.

The nights, 400 by default, are those of the mini-web of tests/web, drawn out: every board has 100 rows more, and each
night every value of it moves, so that each night has pages of its own.  They are collected once; then the same archive
is read into an empty store by each runner, in a process of its own, with a Prefect server that runs before and after.
A figure is printed only where all runners stored the same rows.
"""

from __future__ import annotations

import asyncio
import atexit
import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from typing import Any

import duckdb
import yaml

from collectors.registry import sources
from flows.backfill import backfill
from flows.reading import read_archive
from flows.settings import Runner, Settings, be_quiet
from tests.tools import miniweb
from tests.tools.deployment import Deployment
from tests.tools.timemachine import TimeMachine
from warehouse.store import ROW_TABLES

RUNNERS: tuple[Runner, ...] = ("here", "threads", "dask")
ROWS, MOVE = 100, 0.0005
"""Rows that each board has more, and the share of its least value by which it falls each night."""


def draw_out(world: dict[str, Any], nights: int) -> dict[str, Any]:
    """The mini-web's world with as many nights, wider boards, and a change of every board on every night."""
    first = world["first"]
    days = [first + timedelta(days=n) for n in range(nights)]
    for facts in world["boards"].values():
        values = [value for name, value in facts.items() if name != "pebbles" and isinstance(value, int | float)]
        facts["pebbles"] += ROWS
        facts["shift"] = {day: round(-min(values) * MOVE, 4) for day in days[1:]}
    return world | {"last": days[-1], "dark": {}, "drift": {}}


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of processor time, of this process and those that it has waited for."""
    began, used = time.monotonic(), _processor()
    work()
    return time.monotonic() - began, _processor() - used


def _processor() -> float:
    both = (getrusage(who) for who in (RUSAGE_SELF, RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


def group_seconds(leader: int) -> float:
    """Processor seconds, up to now, of the processes in a group that live."""
    ticks = 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            fields = (process / "stat").read_text("utf-8").rpartition(")")[2].split()
            if int(fields[2]) == leader:
                ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def digest(store: Path) -> tuple[int, str]:
    """The rows of a store, and their digest."""
    count, found = 0, hashlib.sha256()
    with duckdb.connect(str(store), read_only=True) as db:
        for table in (*ROW_TABLES, "page", "fetch_result"):
            rows = db.execute(f"from raw.{table} order by all").fetchall()
            count += len(rows)
            found.update(repr(rows).encode())
    return count, found.hexdigest()


def read(data: Path, runner: Runner) -> None:
    """What is timed: all that the archive has, into an empty store."""
    adopt_orphans = 36  # PR_SET_CHILD_SUBREAPER: a Dask worker leaves its parsers behind, whose time counts too
    ctypes.CDLL(None).prctl(adopt_orphans, 1)
    atexit.register(wait_for_children)
    _, troubles = read_archive(Settings(data=data, runner=runner), sources(), worth_it=1)
    if troubles:
        sys.exit(f"no figures: {troubles}")


def wait_for_children(seconds: float = 5) -> None:
    """Waits for what has ended, so that its time is counted; some of it may end with this process only."""
    until = time.monotonic() + seconds
    with suppress(ChildProcessError):
        while time.monotonic() < until:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.1)


def main(nights: int) -> None:
    """Prints a table in Markdown."""
    be_quiet()
    with tempfile.TemporaryDirectory(prefix="gapindex-") as folder:
        home = Path(folder)
        world = home / "world.yaml"
        world.write_text(yaml.safe_dump(draw_out(yaml.safe_load(miniweb.WORLD.read_text("utf-8")), nights)), "utf-8")
        miniweb.WORLD = world
        with TimeMachine() as web:
            mirror = web.base() + "/@{night}"
            settings = Settings(data=home / "filled", mirror=mirror, contact="bench@localhost", runner="here")
            first: date = miniweb.world().nights[0]
            last = first + timedelta(days=nights - 1)
            wall, used = measured(lambda: asyncio.run(backfill(first, last, settings, only=miniweb.EMITTERS)))
        expected = digest(settings.data / "store.duckdb")
        bodies = sum(1 for _ in (settings.data / "archive" / "bodies").rglob("*.zst"))
        print(f"{nights} nights, {len(miniweb.EMITTERS)} sources, {bodies:,} bodies, {expected[0]:,} rows in the store")
        print("\n| what | by the clock, s | processor, s | Prefect's server, processor, s |\n|---|---|---|---|")
        print(f"| collecting and reading, one process | {wall:.1f} | {used:.1f} | |", flush=True)
        prefect = Deployment(home, f"sqlite+aiosqlite:///{home}/prefect.db", {})
        try:
            prefect.start_server()
            assert prefect.server is not None
            for runner in RUNNERS:
                data = home / runner
                shutil.copytree(settings.data / "archive", data / "archive")
                command = [sys.executable, "-m", "benchmarks.backfill", "--read", str(data), runner]
                served = group_seconds(prefect.server.group)
                wall, used = measured(lambda command=command: subprocess.run(command, env=prefect.env, check=True))  # type: ignore[misc]
                served = group_seconds(prefect.server.group) - served
                if digest(data / "store.duckdb") != expected:
                    sys.exit(f"{runner} stored other rows")
                print(f"| reading, {runner} | {wall:.1f} | {used:.1f} | {served:.1f} |", flush=True)
        finally:
            prefect.end()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--read"]:
        read(Path(sys.argv[2]), sys.argv[3])  # type: ignore[arg-type]
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
