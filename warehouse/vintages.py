"""What was published on each night, kept for ever: one Parquet file a table and night, never written twice.

A vintage is evidence, like the archive: the current tables restate history, and only the vintages tell
what a reader saw that morning (as real-time data sets do in economics).  They are copied from the
publication itself, so that a crash between publishing and copying loses nothing: the next run copies.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from warehouse.archive import sync_folder
from warehouse.explain import rows
from warehouse.statements import quoted

KEPT = ("gap_index", "claim_verdict")
"""Tables kept by night: of each, the rows of the night it was published on."""


def settle(data: Path, publication: Path, night: date) -> None:
    """Keeps what a publication's folder says of its night as a vintage, if that night has none yet."""
    for table in KEPT:
        source = publication / "parquet" / f"{table}.parquet"
        target = data / "vintages" / table / f"{night.isoformat()}.parquet"
        if target.exists() or not source.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        for left in target.parent.glob(".*.parquet-*"):
            left.unlink()
        aside = target.with_name(f".{target.name}-{os.getpid()}")
        with duckdb.connect(":memory:") as db:
            db.execute(
                f"copy (from read_parquet('{quoted(source)}') where night = date '{night.isoformat()}' order by all)"
                f" to '{quoted(aside)}' (format parquet, compression zstd)"
            )
        with aside.open("rb") as written:
            os.fsync(written.fileno())
        aside.replace(target)
        sync_folder(target.parent)


def load(db: duckdb.DuckDBPyConnection, vintages: Path | None, table: str, night: date) -> None:
    """Makes ``vintage.<table>``: what was published up to and on ``night``, in the columns that table has today."""
    db.execute(f"create table vintage.{table} as from marts.{table} limit 0")
    files = sorted((vintages / table).glob("????-??-??.parquet")) if vintages else []
    if known := [file for file in files if file.stem <= night.isoformat()]:
        names = ", ".join(f"'{quoted(file)}'" for file in known)
        relation = f"from read_parquet([{names}], union_by_name = true)"
        then = {column for column, *_ in db.execute(f"describe {relation}").fetchall()}
        shared = [column for column, *_ in db.execute(f"describe vintage.{table}").fetchall() if column in then]
        chosen = ", ".join(f'"{column}"' for column in shared)
        db.execute(f"insert into vintage.{table} by name select {chosen} {relation} order by night")


def published_on(data: Path, night: date) -> list[dict[str, Any]] | None:
    """The rows of ``gap_index`` as that night published them; None where it published nothing."""
    file = data / "vintages" / "gap_index" / f"{night.isoformat()}.parquet"
    if not file.exists():
        return None
    with duckdb.connect(":memory:") as db:
        return rows(db, "select * from read_parquet($file) order by all", {"file": str(file)})
