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
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import duckdb

NIGHT = date(2026, 6, 14)
NOWHERE = "http://127.0.0.1:9"
"""Nothing listens on the discard port: every source is unreachable at once."""


def measured(command: Sequence[str]) -> tuple[dict[str, float], str]:
    """Wall seconds, processor seconds and peak memory in MB of a process, and what it printed."""
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        printed = process.stdout.read() if process.stdout else ""
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = 0
    wall = time.perf_counter() - started
    return {"wall": wall, "cpu": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss / 1024}, printed


def build(store: Path, night: date, cache: Path | None) -> None:
    """One build in this process; prints the digest of every published table."""
    from collectors.registry import sources
    from warehouse.build import built
    from warehouse.statements import statements
    from warehouse.table_cache import Contents

    with built(store, night, sources(), cache=cache) as db:
        contents = Contents(db)
        print(json.dumps({one.name: contents.of(("marts", one.name)) for one in statements("marts")}))


def row(title: str, figures: Sequence[Mapping[str, float]]) -> str:
    """A line of the table."""
    cells = [title]
    for name, digits in (("wall", 2), ("cpu", 2), ("memory", 0)):
        values = [figure[name] for figure in figures]
        cells.append(f"{median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})")
    return f"| {' | '.join(cells)} |"


def builds(folder: Path, rounds: int) -> list[str]:
    """The build in full, with every table kept, and on the next night without news."""
    from warehouse.store import Store

    store, cache = folder / "store.duckdb", folder / "cache"
    with Store(store):
        pass
    worker = [sys.executable, "-m", "benchmarks.night", "--build", str(store)]
    found: dict[str, list[dict[str, float]]] = {"full": [], "again": [], "next": []}
    for number in range(rounds):
        later = NIGHT + timedelta(days=number)
        full, whole = measured([*worker, later.isoformat()])
        with_cache, kept = measured([*worker, later.isoformat(), str(cache)])
        if json.loads(whole) != json.loads(kept):
            sys.exit(f"night {later}: the tables of the cached build are not those of the full one")
        again, _ = measured([*worker, later.isoformat(), str(cache)])
        found["full"].append(full)
        found["again"].append(again)
        if number:
            found["next"].append(with_cache)
    titles = {
        "full": "full build of the whole history",
        "again": "the same build again",
        "next": "the next night's build",
    }
    return [row(titles[name], figures) for name, figures in found.items() if figures]


def commands(folder: Path, rounds: int) -> list[str]:
    """A run again with nothing new, and the commands, on a folder that was published."""
    gapindex = [sys.executable, "-c", "from flows.cli import main; main()"]
    where = ["--data", str(folder / "data")]
    run = [*gapindex, "run", "--night", NIGHT.isoformat(), "--mirror", NOWHERE, *where]
    first, _ = measured(run)
    asked = {
        "a first run, no source reached": [first],
        "the same run again": [measured(run)[0] for _ in range(rounds)],
        "`gapindex --help`": [measured([*gapindex, "--help"])[0] for _ in range(rounds)],
        "`gapindex sql 'select 1'`": [measured([*gapindex, "sql", "select 1", *where])[0] for _ in range(rounds)],
        "`gapindex show`": [measured([*gapindex, "show", *where])[0] for _ in range(rounds)],
    }
    return [row(title, figures) for title, figures in asked.items()]


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
