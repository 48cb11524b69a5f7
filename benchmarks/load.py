"""What storing a night's pages costs, beside dlt, which merges the same rows as a slowly changing dimension.

    python -m benchmarks.load [SCALE ...] [--vs dlt]

At scale 1 a night has 15,000 scores on 40 boards, a page each; the second night is timed, on which one score in a
hundred moved.  Ours includes reading the archived pages with a parser in its process of its own.  With ``--vs dlt`` an
environment of its own is made from ``benchmarks/peers/dlt.txt``, and before a ratio is printed the scores that stand
are compared.  Processor seconds and peak memory of whole processes, imports included, ours and theirs in turn: median
of three, the least and the greatest.
"""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
import tempfile
import venv
from datetime import UTC, date, datetime, time
from pathlib import Path
from statistics import median

import duckdb
import numpy as np

from benchmarks.board_pages import HOST
from benchmarks.ingest import ingest
from benchmarks.night import measured, spread
from warehouse.archive import Archive, Attempt
from warehouse.measures.contract import generator

SCORES, BOARDS, ROUNDS = 15_000, 40, 3
NIGHTS = ("2026-06-14", "2026-06-15")
PEERS = Path(__file__).resolve().parent / "peers"


def write_pages(folder: Path, scale: int) -> int:
    """The pages of both nights, a file each; how many boards there are."""
    random, n_boards = generator("benchmark load", scale), round(BOARDS * math.sqrt(scale))
    value = np.round(random.uniform(1, 99, SCORES * scale), 3)
    moved = np.where(random.random(len(value)) < 0.01, np.round(value * 0.99, 3), value)
    for night, values in zip(NIGHTS, (value, moved), strict=True):
        (folder / night).mkdir(parents=True)
        for number in range(n_boards):
            name = f"board-{number:04}"
            rows = [
                {"board": name, "name": f"model-{at // n_boards:06}", "value": float(values[at])}
                for at in range(number, len(values), n_boards)
            ]
            (folder / night / f"{name}.json").write_text(json.dumps(rows), "utf-8")
    return n_boards


def fetch(folder: Path, night: str) -> None:
    """The pages of a night in the archive, as the fetch stage leaves them."""
    archive, at = Archive(folder / "archive"), datetime.combine(date.fromisoformat(night), time(21), UTC)
    for page in sorted((folder / night).glob("*.json")):
        body = page.read_bytes()
        archive.append(
            Attempt(
                night=at.date(),
                source="bench",
                url=f"https://{HOST}/{page.name}",
                context="",
                outcome="fresh",
                asked_at=at,
                fetched_at=at,
                status=200,
                sha256=archive.put(body),
                size=len(body),
            )
        )


def prepare(folder: Path, scale: int) -> int:
    """A folder ``first`` that has stored the first night and fetched the second; how many boards there are."""
    first = folder / "first"
    n_boards = write_pages(first, scale)
    fetch(first, NIGHTS[0])
    ingest(first, n_boards)
    fetch(first, NIGHTS[1])
    return n_boards


def peer_python() -> str:
    """The Python of an environment with the peer, inside our own: in a common folder anyone could have put it."""
    home = Path(sys.prefix) / "peers" / "dlt"
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--quiet", "-r", PEERS / "dlt.txt"], check=True)
    return str(python)


def standing(folder: Path, n_boards: int) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Board, model and score as they stand after both nights: ours and the peer's."""
    with duckdb.connect(str(folder / "store.duckdb"), read_only=True) as db:
        ours = db.execute(
            """select board, name, value from raw.score
               semi join (from raw.fetch_result where night = $night) using (source, page_key) order by all""",
            {"night": NIGHTS[1]},
        ).fetchall()
    with duckdb.connect(str(folder / "dlt.duckdb"), read_only=True) as db:
        theirs = db.execute(
            "select board, name, value from main_scores.score where _dlt_valid_to is null order by all"
        ).fetchall()
    return ours, theirs


def cost(found: list[dict[str, float]]) -> str:
    """Processor seconds and peak memory."""
    return f"{spread([one['cpu'] for one in found], 2)} s, {spread([one['memory'] for one in found], 0)} MB"


def main(scales: list[int], *, peer: bool) -> int:
    """Prints a line of Markdown a scale; 1 where the answers differ."""
    for scale in scales:
        ours, theirs = [], []
        with tempfile.TemporaryDirectory(prefix="gapindex-") as name:
            first, n_boards = Path(name) / "first", prepare(Path(name), scale)
            if peer:
                subprocess.run([peer_python(), PEERS / "dlt_merge.py", first, NIGHTS[0]], check=True)
            for number in range(ROUNDS):
                folder = Path(name) / str(number)
                shutil.copytree(first, folder)
                command = [sys.executable, "-m", "benchmarks.ingest", str(folder), str(n_boards)]
                ours.append(measured(command)[0])
                if peer:
                    command = [peer_python(), str(PEERS / "dlt_merge.py"), str(folder), NIGHTS[1]]
                    theirs.append(measured(command)[0])
                    mine, other = standing(folder, n_boards)
                    if mine != other:
                        print(f"{scale}x: the scores that stand differ, no figures: {len(mine)} and {len(other)}")
                        return 1
                shutil.rmtree(folder)
        cells = [
            f"load a night, {scale}x: {SCORES * scale:,} scores on {n_boards} pages",
            cost(ours),
            f"dlt {cost(theirs)}" if peer else "",
            f"{median(b['cpu'] / a['cpu'] for a, b in zip(ours, theirs, strict=True)):.1f}x" if peer else "",
        ]
        print(f"| {' | '.join(cells)} |", flush=True)
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--prepare"]:
        print(prepare(Path(sys.argv[2]), int(sys.argv[3])))
    else:
        numbers = [int(word) for word in sys.argv[1:] if word.isdecimal()]
        sys.exit(main(numbers or [1, 10], peer="dlt" in sys.argv))
