"""All benchmarks, one after the other, into docs/BENCHMARKS.md: `make bench`, some ten minutes on two quiet cores.

Each is a process of its own; one that finds another answer than its peer ends with 1 and writes no figure.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "BENCHMARKS.md"

GOALS = {
    "full build of the whole history": "12 s, 600 MB",
    "the same build again": "1.5 s, no build",
    "the next night's build": "4 s",
    "the same run again": "1.5 s over the sources' own wait",
    "`gapindex --help`": "0.2 s",
    "`gapindex sql 'select 1'`": "0.3 s",
    "`gapindex show`": "0.4 s",
}

PACKAGES = ("duckdb", "numpy", "httpx", "lifelines")


def measured(name: str, *words: str) -> list[str]:
    """What a benchmark prints; its failure ends this one."""
    print(f"benchmarks.{name} ...", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", f"benchmarks.{name}", *words]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return ran.stdout.splitlines()


def page() -> str:
    """The whole page, in Markdown."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    night = [line for line in measured("night") if line.startswith("| ") and not line.startswith("| what")]
    peers = [*measured("fetch"), *measured("survival")]
    composite = measured("composite", "1", "10")
    load = os.getloadavg()[0]
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench` on "
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {versions}, {os.cpu_count()} cores; load at"
        f" the end {load:.1f}. Wall and processor seconds and peak memory of whole processes, with imports, unless a"
        " row says otherwise: median of the rounds, the least and the greatest behind it. The data of the night are"
        " those of the bundled history. A figure is printed only where both sides gave the same answer.",
        "",
        "## The night",
        "",
        "| what | wall, s | processor, s | peak memory, MB | goal |",
        "|---|---|---|---|---|",
        *(f"{line[:-1]}| {GOALS.get(line.split(' | ')[0].removeprefix('| '), '')} |" for line in night),
        "",
        "## Beside others",
        "",
        "| what | ours | peer | ratio |",
        "|---|---|---|---|",
        *peers,
        "",
        "## The composite",
        "",
        "Checked against a general minimiser before it is timed; processor time of this process.",
        "",
        *(f"- {line}" for line in composite),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    print(PAGE.read_text("utf-8"))
