"""The back-filled data folder that some proofs read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb


def last_night(folder: Path) -> date:
    """The newest night a folder has pages of; ends the program where it has none."""
    with duckdb.connect(str(folder / "store.duckdb"), read_only=True) as store:
        ((last,),) = store.execute("select max(night) from raw.fetch_result").fetchall()
    if not isinstance(last, date):
        raise SystemExit(f"{folder} has no night; back-fill it first")
    return last
