"""What storing a night's pages costs, beside dlt, which merges the same rows as a slowly changing dimension.

    python -m benchmarks.load [SCALE ...] [--vs dlt]

At scale 1 a night has 15,000 scores on 40 boards, a page each; the second night is timed, on which one score in a
hundred moved.  Ours includes reading the archived pages with a parser in its process of its own.  With ``--vs dlt`` an
environment of its own is made from ``benchmarks/peers/dlt.txt``, and before a ratio is printed the scores that stand
are compared.  In the first row dlt starts from the pages, as we do, without their archive, digests and limits; in the
second both start from the same rows in Parquet, parsed and checked before, and dlt is given a hash of each row as well.
Processor seconds and peak memory of whole processes, imports included, ours and theirs in turn: median of three, the
least and the greatest.
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

from benchmarks.board_pages import HOST, source
from benchmarks.ingest import ingest
from benchmarks.night import measured, spread
from collectors.contract.pages import page_key
from collectors.limited import LimitedParser
from warehouse.archive import Archive, Attempt, attempts
from warehouse.measures.contract import generator
from warehouse.parts import parts_of, read_part
from warehouse.store import UnreadPage

SCORES, BOARDS, ROUNDS = 15_000, 40, 3
NIGHTS = ("2026-06-14", "2026-06-15")
Costs = list[dict[str, float]]
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


def write_rows(folder: Path, n_boards: int) -> None:
    """The rows of both nights as ``parts/NIGHT/*/TABLE.parquet``, and for the peer as ``NIGHT.parquet``."""
    shown, archive = source(n_boards), Archive(folder / "archive")
    with LimitedParser() as parser, duckdb.connect() as db:
        for night in NIGHTS:
            pages = [
                UnreadPage(key=page_key(one.url, one.sha256), url=one.url, sha256=one.sha256, context="", fetched_at=at)
                for _, one in attempts(archive.log_path(date.fromisoformat(night)))
                if (at := one.asked_at.replace(tzinfo=None))
            ]
            home = folder / "parts" / night
            for number, part in enumerate(parts_of(shown.name, "benchmark", pages)):
                (place := home / f"{number:04}").mkdir(parents=True)
                for table, content in read_part(part, shown, archive.get, parser).tables.items():
                    (place / f"{table}.parquet").write_bytes(content)
            db.execute(
                f"""copy (select board, name, value, (hash(board, name, value) >> 1)::bigint as version
                    from '{home}/*/score.parquet') to '{folder / night}.parquet'"""
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


def cost(found: Costs) -> str:
    """Processor seconds and peak memory."""
    return f"{spread([one['cpu'] for one in found], 2)} s, {spread([one['memory'] for one in found], 0)} MB"


def compared(folder: Path, n_boards: int, ours: list[str], theirs: list[str] | None) -> tuple[Costs, Costs]:
    """What each of some rounds costs, in turn; ends the program where the answers differ.

    ``ours`` and ``theirs`` are commands; ``FOLDER`` in them is that of the round, made as ``folder`` is.
    """
    mine, other = [], []
    if theirs:
        subprocess.run([*_in(folder, theirs[:-1]), NIGHTS[0]], check=True)
    for _ in range(ROUNDS):
        copy = folder.with_name("round")
        shutil.copytree(folder, copy)
        mine.append(measured(_in(copy, ours))[0])
        if theirs:
            other.append(measured(_in(copy, theirs))[0])
            a, b = standing(copy, n_boards)
            if a != b:
                sys.exit(f"the scores that stand differ, no figures: {len(a)} and {len(b)}")
        shutil.rmtree(copy)
    return mine, other


def _in(folder: Path, command: list[str]) -> list[str]:
    return [str(folder) if word == "FOLDER" else word for word in command]


def line(title: str, ours: Costs, theirs: Costs) -> str:
    """A row of the table: what it is, ours, theirs, and how many times as much theirs is."""
    ratio = f"{median(b['cpu'] / a['cpu'] for a, b in zip(ours, theirs, strict=True)):.1f}x" if theirs else ""
    return f"| {title} | {cost(ours)} | {f'dlt {cost(theirs)}' if theirs else ''} | {ratio} |"


def main(scales: list[int], *, peer: bool) -> None:
    """Prints two lines of Markdown a scale, the second with a peer only."""
    for scale in scales:
        with tempfile.TemporaryDirectory(prefix="gapindex-") as name:
            first = Path(name) / "first"
            n_boards = prepare(Path(name), scale)
            program = [sys.executable, "-m", "benchmarks.ingest"]
            of_pages = [peer_python(), str(PEERS / "dlt_merge.py"), "FOLDER", NIGHTS[1]] if peer else None
            found = compared(first, n_boards, [*program, "FOLDER", str(n_boards)], of_pages)
            size = f"{scale}x: {SCORES * scale:,} scores on {n_boards} pages"
            print(line(f"load a night, {size}", *found), flush=True)
            if peer:
                for left in ("dlt.duckdb", "dlt"):
                    shutil.rmtree(first / left) if (first / left).is_dir() else (first / left).unlink()
                write_rows(first, n_boards)
                of_rows = [peer_python(), str(PEERS / "dlt_merge.py"), "--rows", "FOLDER", NIGHTS[1]]
                found = compared(first, n_boards, [*program, "--rows", "FOLDER", NIGHTS[1]], of_rows)
                print(line(f"the same rows, parsed before, {scale}x", *found), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--prepare"]:
        print(prepare(Path(sys.argv[2]), int(sys.argv[3])))
    else:
        numbers = [int(word) for word in sys.argv[1:] if word.isdecimal()]
        main(numbers or [1, 10], peer="dlt" in sys.argv)
