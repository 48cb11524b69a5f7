"""All benchmarks, one after the other, into docs/BENCHMARKS.md: `make bench`.

A back-fill of 400 nights takes some 20 minutes, growth to a thousand times as many: ``--nights 20 --scales 1 10`` does
without both.
Each is a process of its own; one that finds another answer than its peer ends with 1 and writes no figure.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "BENCHMARKS.md"
PLOT = PAGE.with_name("growth.svg")

GOALS = {
    "full build of the whole history": "12 s, 600 MB",
    "the same build again": "1.5 s",
    "the next night's build": "4 s",
    "the same run again": "1.5 s over the sources' own wait",
    "the same night again, nothing changed": "own 1.5 s",
    "the next night: what a day changes": "own 10 s, 400 MB",
    "the feeds, next morning": "own 3 s",
    "`gapindex --help`": "0.2 s",
    "`gapindex sql 'select 1'`": "0.3 s",
    "`gapindex show`": "0.4 s",
    "load a night, 1x": "10 times less than dlt",
    "gap and lag beside a loop, 1x": "1,000x",
    "gap and lag of every board and day, 1x": "1x",
    "beside a scan of the scores, 100x": "2 scans at 1000x",
    "fetch 200 pages": "within 3 times the limit",
    "Kaplan-Meier, 1,000 draws": "1,000x",
    "composite fit, 1x": "80x",
    "composite fit, 10x": "150x",
    "intervals of a night, 1x": "1,000 ms",
}

SHORTFALLS = Path(__file__).with_name("shortfalls.md")
"""What is said of the goals that are missed: written by hand, from profiles."""

PACKAGES = ("duckdb", "numpy", "httpx", "lifelines", "pandas", "polars")


def measured(name: str, *words: str) -> list[str]:
    """What a benchmark prints; its failure ends this one."""
    print(f"benchmarks.{name} ...", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", f"benchmarks.{name}", *words]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return ran.stdout.splitlines()


def with_goal(line: str) -> str:
    """A line of a table with its goal behind it."""
    title = line.removeprefix("| ").split(" | ")[0]
    goal = next((goal for begins, goal in GOALS.items() if title.startswith(begins)), "")
    return f"{line[:-1]}| {goal} |"


def page(nights: int, scales: Sequence[int], grown: Path | None) -> str:
    """The whole page, in Markdown; ``nights``: those of the back-fill, ``scales``: those of growth.

    ``grown``: a table that `benchmarks.growth` printed before, in place of a new run.
    """
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    backfill = measured("backfill", str(nights))
    night = measured("night", "2")
    rows = [line for line in night if line.startswith("| ") and not line.startswith("| what")]
    notes = [line for line in night if line.startswith(("costliest", "vintages", "opening", "publication"))]
    recorded = measured("recorded")
    peers = [
        *measured("fetch"),
        *measured("survival"),
        *measured("frontier", "--scale", "1", "10", "100"),
        *measured("load", "1", "10", "--vs", "dlt"),
        *measured("composite", "1", "10", "--vs", "epoch"),
    ]
    if grown is not None:
        growth = grown.read_text("utf-8").splitlines()
    else:
        growth = measured("growth", *map(str, scales), "--plot", str(PLOT))
    load = os.getloadavg()[0]
    lines = [
        "# Benchmarks",
        "",
        f"Written by `make bench` on {datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {versions},"
        f" {os.cpu_count()} cores; load at the end {load:.1f}. Wall and processor seconds and peak memory of whole"
        " processes, with imports, unless a row says otherwise: median of the rounds, the least and the greatest behind"
        " it. A figure is printed only where both sides gave the same answer.",
        "",
        "## The night, on the bundled history",
        "",
        "| what | wall, s | processor, s | peak memory, MB | goal |",
        "|---|---|---|---|---|",
        *map(with_goal, rows),
        "",
        *(f"- {line}" for line in notes),
        "",
        "## The night, on real pages",
        "",
        "Pages of two days from a recording of the web on the same machine; `sources` is what the fetch stage took by"
        " the clock, waits for the sources' sake included, and `own` is the rest.",
        "",
        "| what | wall, s | sources, s | own, s | processor, s | peak memory, MB | goal |",
        "|---|---|---|---|---|---|---|",
        *map(with_goal, recorded),
        "",
        "## Beside others",
        "",
        "| what | ours | peer | ratio | goal |",
        "|---|---|---|---|---|",
        *map(with_goal, peers),
        "",
        "The composite is checked against a general minimiser before it is timed.",
        "",
        "## Growth",
        "",
        "Processor seconds and peak memory of parts of a night at so many times today's rows, one run each; of loading,"
        " of the whole process.",
        "",
        f"![Seconds and memory by scale]({PLOT.name})",
        "",
        *growth,
        "",
        "## A back-fill",
        "",
        "On invented pages in the sources' true formats, so that no source is waited for; every way stores the same"
        " rows.",
        "",
        *backfill,
        "",
        SHORTFALLS.read_text("utf-8"),
    ]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=400, help="nights of the back-fill (400)")
    parser.add_argument("--scales", type=int, nargs="+", default=[1, 10, 100, 1000], help="of growth")
    parser.add_argument("--grown", type=Path, help="a table that benchmarks.growth printed, in place of a new run")
    asked = parser.parse_args()
    PAGE.write_text(page(asked.nights, asked.scales, asked.grown), "utf-8")
    print(PAGE.read_text("utf-8"))
