"""Stores what an archive of `benchmarks.load` has and the store lacks: what is timed, with no import but what it needs.

python -m benchmarks.ingest FOLDER BOARDS
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.board_pages import source
from warehouse.archive import Archive
from warehouse.store import Store


def ingest(folder: Path, n_boards: int) -> None:
    """Reads every page in ``folder/archive`` that ``folder/store.duckdb`` lacks; ends the program if one is refused."""
    shown = source(n_boards)
    with Store(folder / "store.duckdb") as store:
        result = store.ingest(Archive(folder / "archive"), {shown.name: shown}, lambda _name: "benchmark")
    if result.refused:
        sys.exit(f"pages were refused, no figures: {result.refused[:3]}")


def merge(folder: Path, night: str) -> None:
    """Merges the parts in ``folder/parts/NIGHT``, as a flow does that had them read elsewhere."""
    from warehouse.parts import merged

    with Store(folder / "store.duckdb") as store:
        store.unread(Archive(folder / "archive"), [], lambda _name: "benchmark")  # takes in the log
        for part in sorted((folder / "parts" / night).iterdir()):
            store.merge(merged({file.stem: file.read_bytes() for file in part.glob("*.parquet")}))


if __name__ == "__main__":
    if sys.argv[1] == "--rows":
        merge(Path(sys.argv[2]), sys.argv[3])
    else:
        ingest(Path(sys.argv[1]), int(sys.argv[2]))
