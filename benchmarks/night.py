"""What a night costs: the build in full, again, and on the next night; a run again; the commands people wait for.

    python -m benchmarks.night [ROUNDS]

The data are those of the bundled history, so no source is asked.  Each figure is a process of its own, with imports,
and full and cached builds alternate.  Before a figure is printed, the tables of the cached build are compared with
those of the full one.  Prints Markdown: median of the rounds, lowest and highest behind it.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from types import MappingProxyType
from typing import Any

import duckdb

NIGHT = date(2026, 6, 17)
"""A Wednesday: on the night after it no weekly table has a new week, and no reviewed line is new."""

GAPINDEX = (sys.executable, "-c", "from flows.cli import main; main()")
"""The program, as the command of this environment."""

VINTAGES = ("ability_week", "ability_vintage", "ability_path", "ability_band", "band")
"""The computed tables that have a row for every week or night."""

NOWHERE = "http://127.0.0.1:9"
"""Nothing listens on the discard port: every source is unreachable at once."""


LAUNCH = """
import os, sys
os.set_inheritable(report := int(sys.argv[1]), False)
_, _, used = os.wait4(os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ), 0)
os.write(report, f"{used.ru_utime + used.ru_stime} {used.ru_maxrss / 1024}".encode())
"""
"""Starts a program and reports its processor seconds and peak memory in MB.

A small process of its own, because the peak of a program counts that of the process it was started from.
"""


def measured(command: Sequence[str]) -> tuple[dict[str, float], str]:
    """Wall seconds, processor seconds and peak memory in MB of a process, and what it printed."""
    report, written = os.pipe()
    started = time.perf_counter()
    with os.fdopen(report) as found:
        try:
            printed = subprocess.run(
                [sys.executable, "-I", "-S", "-c", LAUNCH, str(written), *command],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                pass_fds=[written],
                check=False,
            ).stdout
        finally:
            os.close(written)
        wall = time.perf_counter() - started
        cpu, memory = map(float, found.read().split())
    return {"wall": wall, "cpu": cpu, "memory": memory}, printed


def build(store: Path, night: date, cache: Path | None) -> None:
    """One build in this process; prints what its tables cost, and the digest of every published table.

    ``checking`` is what the digests cost, ``memory`` the peak before them: they are no part of a build.
    """
    from collectors.registry import sources
    from warehouse.build import built
    from warehouse.statements import statements
    from warehouse.table_cache import Contents

    took, last = {}, time.process_time()

    def made(place: tuple[str, str], _wall: float) -> None:
        nonlocal last
        now = time.process_time()
        took[".".join(place)], last = now - last, now

    with built(store, night, sources(), cache=cache, on_table=made) as db:
        cpu, wall = time.process_time(), time.perf_counter()
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        contents = Contents(db)
        digests = {one.name: contents.of(("marts", one.name)) for one in statements("marts")}
        checking = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
    print(json.dumps({"digests": digests, "seconds": took, "checking": checking, "memory": memory}))


def measured_build(command: Sequence[str]) -> tuple[dict[str, float], dict[str, dict[str, Any]]]:
    """What a build took in a process of its own, and what `build` printed."""
    figures, printed = measured(command)
    answer = json.loads(printed)
    took = {name: figures[name] - answer["checking"][name] for name in ("wall", "cpu")}
    return {**took, "memory": answer["memory"]}, answer


def spread(values: Sequence[float], digits: int) -> str:
    """Median, with the least and the greatest behind it."""
    return f"{median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def row(
    title: str,
    figures: Sequence[Mapping[str, float]],
    columns: Mapping[str, int] = MappingProxyType({"wall": 2, "cpu": 2, "memory": 0}),
) -> str:
    """A line of the table; ``columns``: what is shown, and with how many decimals."""
    cells = [spread([figure[name] for figure in figures], digits) for name, digits in columns.items()]
    return f"| {' | '.join([title, *cells])} |"


def builds(folder: Path, rounds: int) -> list[str]:
    """The build in full, with every table kept, and on the next night without news."""
    from warehouse.store import Store

    store, cache = folder / "store.duckdb", folder / "cache"
    with Store(store):
        pass
    worker = [sys.executable, "-m", "benchmarks.night", "--build", str(store)]
    found: dict[str, list[dict[str, float]]] = {"full": [], "again": [], "next": []}
    profile: dict[str, list[float]] = {}
    for number in range(rounds):
        later = NIGHT + timedelta(days=number)
        full, whole = measured_build([*worker, later.isoformat()])
        with_cache, kept = measured_build([*worker, later.isoformat(), str(cache)])
        for table, seconds in whole["seconds"].items():
            profile.setdefault(table, []).append(seconds)
        if whole["digests"] != kept["digests"]:
            sys.exit(f"night {later}: the tables of the cached build are not those of the full one")
        again, _ = measured_build([*worker, later.isoformat(), str(cache)])
        found["full"].append(full)
        found["again"].append(again)
        if number:
            found["next"].append(with_cache)
    titles = {
        "full": "full build of the whole history",
        "again": "the same build again",
        "next": "the next night's build",
    }
    least = sorted(((min(seconds), table) for table, seconds in profile.items()), reverse=True)[:12]
    first, *tables = [f"{table} {seconds:.1f}" for seconds, table in least]
    costly = f"costliest tables of a full build, processor seconds: {', '.join([first, *tables])}"
    weekly = sum(min(profile[f"computed.{name}"]) for name in VINTAGES)
    vintages = (
        f"vintages of all weeks, and the limits of every night by draws, processor seconds: {weekly:.1f} (goal 30)"
    )
    return [*(row(titles[name], figures) for name, figures in found.items() if figures), costly, vintages]


def commands(folder: Path, rounds: int) -> list[str]:
    """A run again with nothing new, and the commands, on a folder that was published."""
    where = ["--data", str(folder / "data")]
    run = [*GAPINDEX, "run", "--night", NIGHT.isoformat(), "--mirror", NOWHERE, *where]
    first, _ = measured(run)
    asked = {
        "a first run, no source reached": [first],
        "the same run again": [measured(run)[0] for _ in range(rounds)],
        "`gapindex --help`": [measured([*GAPINDEX, "--help"])[0] for _ in range(rounds)],
        "`gapindex sql 'select 1'`": [measured([*GAPINDEX, "sql", "select 1", *where])[0] for _ in range(rounds)],
        "`gapindex show`": [measured([*GAPINDEX, "show", *where])[0] for _ in range(rounds)],
    }
    published = (folder / "data" / "published").resolve()
    sizes = {part: size(published / part) for part in ("gapindex.duckdb", "csv", "parquet", "latest", "site")}
    whole = ", ".join(f"{part} {bytes_ / 1e6:.1f}" for part, bytes_ in sizes.items())
    return [
        *(row(title, figures) for title, figures in asked.items()),
        f"opening the published file and asking it, ms: {cold_query(published / 'gapindex.duckdb')} (goal 50)",
        f"publication, MB: {size(published) / 1e6:.1f} in all (goal 60); {whole}",
    ]


def size(place: Path) -> int:
    """Bytes of a file, or of a folder's files, each counted once however many names it has."""
    files = [place] if place.is_file() else [one for one in place.rglob("*") if one.is_file()]
    return sum({one.stat().st_ino: one.stat().st_size for one in files}.values())


def cold_query(file: Path) -> str:
    """Milliseconds to open a published file and read tonight's index from it: median, least and greatest of nine."""
    took = []
    for _ in range(9):
        started = time.perf_counter()
        with duckdb.connect(str(file), read_only=True) as db:
            db.execute(
                "select scope, tier, gap, lag_days from gap_index where night = (select max(night) from run)"
            ).fetchall()
        took.append(1000 * (time.perf_counter() - started))
    return spread(took, 0)


def main() -> None:
    if sys.argv[1:2] == ["--build"]:
        store, night, *cache = sys.argv[2:]
        build(Path(store), date.fromisoformat(night), Path(cache[0]) if cache else None)
        return
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory(prefix="gapindex-") as name:
        lines = [*builds(Path(name), rounds), *commands(Path(name), rounds)]
    print(
        f"Python {platform.python_version()}, DuckDB {duckdb.__version__}, {os.cpu_count()} cores, {rounds} rounds.\n"
    )
    print("| what | wall, s | processor, s | peak memory, MB |\n|---|---|---|---|")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
