"""Loads a publication into DuckLake, whose catalogue is on PostgreSQL: many readers and writers, and every night kept.

    python -m venv lake && lake/bin/pip install -r deploy/ducklake/requirements.txt
    lake/bin/python deploy/ducklake/load.py DATA/published 'dbname=lake host=127.0.0.1 user=lake' FOLDER

A publication is one snapshot: readers see all of the night before or all of this one.  Its commit message names the
night, so that ``at (version => ...)`` gives any night that was loaded, as it was published (see docs/scale.md).
The program stands alone: it runs on duckdb 1.5.5, beside the 2.x of the project.
"""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb

EXTENSIONS = ("postgres_scanner", "ducklake")


def attached(catalogue: str, folder: str) -> duckdb.DuckDBPyConnection:
    """A connection with the lake attached as ``lake``; ``folder`` is where its Parquet files are."""
    db = duckdb.connect()
    for name in EXTENSIONS:
        found = find_spec(f"duckdb_extension_{name}")
        if found is None or not found.submodule_search_locations:
            raise SystemExit(f"{name} is not installed; what to do: pip install -r deploy/ducklake/requirements.txt")
        home = Path(next(iter(found.submodule_search_locations)))
        db.load_extension(str(next(home.glob(f"extensions/*/{name}.duckdb_extension"))))
    db.execute(f"attach 'ducklake:postgres:{_quoted(catalogue)}' as lake (data_path '{_quoted(folder)}')")
    return db


def load(db: duckdb.DuckDBPyConnection, publication: Path) -> str:
    """Replaces the tables of the lake by those of a publication, in one snapshot; what was done."""
    manifest: dict[str, Any] = json.loads((publication / "manifest.json").read_text("utf-8"))
    night, run = str(manifest["night"]), str(manifest["run_id"])
    message = f"night {night} run {run}"
    loaded = nights(db)
    if loaded and loaded[-1][1] == message:
        return f"unchanged: {message}"
    if loaded and loaded[-1][1][:16] > f"night {night}":
        return f"superseded: {loaded[-1][1]} is there, and stays"
    db.begin()
    try:
        for table, forms in sorted(manifest["tables"].items()):
            file = publication / forms["parquet"]["path"]
            db.execute(f'create or replace table lake."{table}" as from read_parquet($file)', {"file": str(file)})
        db.execute("call lake.set_commit_message('gapindex', $message)", {"message": message})
        db.commit()
    except BaseException:
        db.rollback()
        raise
    return f"loaded: {message}, {len(manifest['tables'])} tables"


def nights(db: duckdb.DuckDBPyConnection) -> list[tuple[int, str]]:
    """The snapshots that are publications, oldest first, with their messages."""
    return db.execute(
        "select snapshot_id, commit_message from lake.snapshots() where commit_message like 'night %' order by all"
    ).fetchall()


def _quoted(text: str) -> str:
    return text.replace("'", "''")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit("usage: load.py PUBLICATION CATALOGUE FOLDER, as in 'dbname=lake host=127.0.0.1'")
    sys.stdout.write(load(attached(sys.argv[2], sys.argv[3]), Path(sys.argv[1]).resolve()) + "\n")
