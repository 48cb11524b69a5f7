"""How a night's parts grow with its rows: loading, gap and lag, the composite's fit, and the files of a publication.

    python -m benchmarks.growth [SCALE ...] [--plot FILE]

Scale 1 is today: 15,000 scores on 40 boards, 10,200 cells of the composite.  Each part and scale is a process of its
own; what is timed is its own work, without imports and without making its input, but for loading, whose process is
whole.  ``--plot`` draws seconds and memory by scale into an SVG file.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import vl_convert

from benchmarks import composite, frontier, load
from benchmarks.composite import seconds
from benchmarks.night import measured
from warehouse.dataset.files import write_files
from warehouse.dataset.tables import Column, PublicTable
from warehouse.measures.composite import fit
from warehouse.measures.threads import one_thread
from warehouse.memory import bound

COLUMNS = (
    ("board", "VARCHAR", "'board-' || (i % boards)"),
    ("model", "VARCHAR", "'model-' || (i // boards)"),
    ("name", "VARCHAR", "'Model ' || (i // boards)"),
    ("value", "DOUBLE", "round(hash(i) % 100000 / 1000, 3)"),
    ("stderr", "DOUBLE", "1.5"),
    ("known_on", "DATE", "date '2023-01-01' + (hash(i, 1) % 1300)::integer"),
    ("url", "VARCHAR", "'https://board.example/' || (i % boards)"),
    ("sha256", "VARCHAR", "sha256((i % boards)::varchar)"),
)
"""A published row of a score: its columns, and what they are made of."""

MEMORY = 2**30
"""Bytes that DuckDB may take for the files; the build before them lets go of what it took."""

PARTS = {
    "load": "load a night",
    "frontier": "gap and lag, all days",
    "fit": "composite fit, cold",
    "warm": "composite fit, next night",
    "publish": "files of the scores",
}


def published(scale: int) -> float:
    """Seconds of the Parquet and CSV files of so many times today's scores."""
    rows, boards = load.SCORES * scale, round(load.BOARDS * math.sqrt(scale))
    made = ", ".join(f"{text} as {name}" for name, _, text in COLUMNS)
    columns = tuple(Column(name=name, type=kind, about="") for name, kind, _ in COLUMNS)
    table = PublicTable(name="score", about="", key=("board", "model"), latest="", columns=columns)
    with duckdb.connect() as db, tempfile.TemporaryDirectory(prefix="gapindex-") as folder:
        bound(db, Path(folder) / "spill", first=MEMORY)
        db.execute("create schema marts")
        db.execute(
            f"create table marts.score as select {made} from (select i, {boards} as boards from range({rows}) r (i))"
        )
        return seconds(partial(write_files, db, Path(folder), [table]), 1)


def own(part: str, scale: int) -> float:
    """Processor seconds of a part in this process."""
    if part == "publish":
        return published(scale)
    with one_thread():
        if part in ("fit", "warm"):
            cells = composite.generated(scale)
            start = fit(cells) if part == "warm" else None
            return seconds(partial(fit, composite.tomorrow(cells), start), 1)
        with tempfile.TemporaryDirectory(prefix="gapindex-") as folder:
            file = Path(folder) / "scores.parquet"
            pq.write_table(frontier.generated(scale), file, store_schema=False)
            return seconds(partial(frontier.ours, file, frontier.warehouse()), 1)


def loaded(scale: int) -> tuple[float, float]:
    """Processor seconds and peak MB of loading a night; the process is whole, so its imports count."""
    with tempfile.TemporaryDirectory(prefix="gapindex-") as name:
        words = [sys.executable, "-m"]
        boards = subprocess.run(
            [*words, "benchmarks.load", "--prepare", name, str(scale)], check=True, stdout=subprocess.PIPE, text=True
        ).stdout.strip()
        figures, _ = measured([*words, "benchmarks.ingest", f"{name}/first", boards])
    return figures["cpu"], figures["memory"]


def grown(part: str, scale: int) -> tuple[float, float]:
    """Processor seconds and peak memory in MB of a part at a scale."""
    if part == "load":
        return loaded(scale)
    figures, printed = measured([sys.executable, "-m", "benchmarks.growth", "--part", part, str(scale)])
    return json.loads(printed), figures["memory"]


def plot(points: list[dict[str, object]]) -> str:
    """Seconds and memory by scale, both axes logarithmic, as SVG."""
    scale = {"field": "scale", "type": "quantitative", "scale": {"type": "log"}, "title": "times today's rows"}
    colour = {"field": "part", "type": "nominal", "title": None, "legend": {"orient": "bottom"}}

    def panel(field: str, title: str) -> dict[str, object]:
        y = {"field": field, "type": "quantitative", "scale": {"type": "log"}, "title": title}
        mark = {"type": "line", "point": True}
        return {"width": 320, "height": 240, "mark": mark, "encoding": {"x": scale, "y": y, "color": colour}}

    panels = [panel("seconds", "processor seconds"), panel("memory", "peak memory, MB")]
    return vl_convert.vegalite_to_svg(
        json.dumps({"background": "white", "data": {"values": points}, "hconcat": panels})
    )


def main(scales: list[int], file: Path | None) -> None:
    """Prints Markdown: a row a part, seconds and memory at each scale, and what the last step multiplied."""
    points: list[dict[str, object]] = []
    print(f"| part | {' | '.join(f'{scale}x' for scale in scales)} | last step |")
    print(f"|---|{'---|' * len(scales)}---|")
    for part, title in PARTS.items():
        found = [grown(part, scale) for scale in scales]
        points += [
            {"part": title, "scale": scale, "seconds": round(took, 3), "memory": round(memory)}
            for scale, (took, memory) in zip(scales, found, strict=True)
        ]
        cells = [f"{took:.2f} s, {memory:,.0f} MB" for took, memory in found]
        step = f"{found[-1][0] / found[-2][0]:.1f} times the time" if len(found) > 1 else ""
        print(f"| {' | '.join([title, *cells, step])} |", flush=True)
    if file is not None:
        file.write_text(plot(points), "utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--part"]:
        print(json.dumps(own(sys.argv[2], int(sys.argv[3]))))
    else:
        numbers = [int(word) for word in sys.argv[1:] if word.isdecimal()]
        place = Path(sys.argv[sys.argv.index("--plot") + 1]) if "--plot" in sys.argv else None
        main(numbers or [1, 10, 100], place)
