"""What nights cost on real pages, served from a recording of the web; beside the time that the sources take to answer.

    python -m benchmarks.recorded [ROUNDS]

Needs the recorded web beside the project, as the tests marked ``recorded_web`` do; prints nothing without it.  A folder
that begins with the bundled history runs the night 2026-06-16, the same again, the feeds of the next morning, the next
night (what changed on the web in a day), and that night again.  Each is a process of its own; "sources" is the time its
fetch stage took by the clock, from its row in the log of runs, and "own" is the rest.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.night import GAPINDEX, measured, row

TOOL = Path(__file__).resolve().parents[2] / "shared" / "tools" / "timemachine.py"

RUNS = (
    ("a first night: every page new", "2026-06-16", ()),
    ("the same night again, nothing changed", "2026-06-16", ()),
    ("the feeds, next morning", "2026-06-17", ("--feeds",)),
    ("the next night: what a day changes", "2026-06-17", ()),
    ("the next night again", "2026-06-17", ()),
)
"""What, the night and day of the web it sees, and further words of the command.

Neither is a Monday: on Mondays the weekly tables have a new week."""


@contextmanager
def web(cache: Path) -> Iterator[str]:
    """The address of a server of the recording."""
    command = [sys.executable, str(TOOL), "--port", "0", "--cache", str(cache)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        try:
            lines = iter(server.stdout) if server.stdout else iter(())
            yield next(found[0] for line in lines if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
        finally:
            server.terminate()


def last_run(data: Path) -> dict[str, object]:
    """The newest row of the log of runs."""
    row: dict[str, object] = json.loads((data / "runs.jsonl").read_text("utf-8").splitlines()[-1])
    return row


def main(rounds: int) -> None:
    """Prints Markdown: what, wall, sources, own, processor, peak memory; median of the rounds, least and greatest."""
    if not TOOL.is_file():
        return
    found: dict[str, list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory(prefix="gapindex-") as name, web(Path(name) / "web") as base:
        for number in range(rounds):
            data = Path(name) / str(number)
            for title, night, words in RUNS:
                mirror = f"{base}/@{night}"
                command = [*GAPINDEX, "run", "--night", night, "--mirror", mirror, "--data", str(data), *words]
                figures, _ = measured(command)
                seconds = last_run(data)["seconds"]
                assert isinstance(seconds, dict)
                sources = float(seconds.get("fetch", 0.0))
                found.setdefault(title, []).append({**figures, "sources": sources, "own": figures["wall"] - sources})
    columns = {"wall": 1, "sources": 1, "own": 1, "cpu": 1, "memory": 0}
    for title, figures_of in found.items():
        print(row(title, figures_of, columns))


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 1)
