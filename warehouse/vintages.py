"""Vintages: the tables as published on each night, one Parquet file a table and night, never rewritten.

The current tables restate history, and only the vintages show what a reader saw that morning (like
real-time data sets in economics).  They are copied from the publication itself, so a crash between
publishing and copying loses nothing: the next run copies.

Only a full night has a vintage: a partial run publishes tables in which most boards are those of the day before.

``digests.jsonl`` has the sha256 of each file, written before the file gets its name: a vintage that was edited later
(a gap of -99 in one was once shown as evidence) is left out like one that cannot be read.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from warehouse.archive import add_line, sync_folder
from warehouse.explain import rows
from warehouse.statements import quoted

_log = logging.getLogger(__name__)

KEPT = ("gap_index", "claim_verdict", "event_state")
"""Tables kept by night: of each, the rows of the night it was published on."""

DECLARED: Mapping[str, str] = {
    "event_state": """night date, event_id varchar, state varchar, state_on date, known_on date, kind varchar,
        scope_kind varchar, scope varchar, edition varchar, tier varchar, domain varchar, grade varchar, model varchar,
        other_model varchar, happened_on date, headline varchar, counts boolean, backfilled boolean,
        method_version varchar, run_id varchar""",
}
"""Columns of the kept tables that tonight's own rows are computed from; those of the others are the mart's."""

DIGESTS = "digests.jsonl"


class VintageDamaged(Exception):
    """A vintage is not the file that was written; the message says which, and what to do."""


def settle(data: Path, publication: Path, night: date) -> None:
    """Copies the tables of a publication as the vintage of its night, if that night has none yet."""
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
        line = {"file": f"{table}/{target.name}", "sha256": _sha256(aside)}
        add_line(data / "vintages" / DIGESTS, json.dumps(line))
        aside.replace(target)
        sync_folder(target.parent)


def load(db: duckdb.DuckDBPyConnection, vintages: Path | None, table: str, night: date) -> None:
    """Makes ``vintage.<table>``: the rows published up to and on ``night``, in the columns the table has today.

    A file that cannot be read is left out with a warning, and stays where it is: `gapindex doctor` names it too.
    """
    declared = f"({DECLARED[table]})" if table in DECLARED else f"as from marts.{table} limit 0"
    db.execute(f"create table vintage.{table} {declared}")
    files = sorted((vintages / table).glob("????-??-??.parquet")) if vintages else []
    written = digests(vintages) if vintages else {}
    known = [file for file in files if file.stem <= night.isoformat() and _unchanged(file, written)]
    try:
        _insert(db, table, known)
    except duckdb.Error:
        _insert(db, table, [file for file in known if _readable(file)])


def _insert(db: duckdb.DuckDBPyConnection, table: str, files: Sequence[Path]) -> None:
    if not files:
        return
    names = ", ".join(f"'{quoted(file)}'" for file in files)
    published = f"from read_parquet([{names}], union_by_name = true)"
    then = {column for column, *_ in db.execute(f"describe {published}").fetchall()}
    shared = [column for column, *_ in db.execute(f"describe vintage.{table}").fetchall() if column in then]
    chosen = ", ".join(f'"{column}"' for column in shared)
    db.execute(f"insert into vintage.{table} by name select {chosen} {published} order by night")


def digests(vintages: Path) -> dict[str, str]:
    """The sha256 of each vintage as it was written, by table and file name; one of an older program has none."""
    found: dict[str, str] = {}
    try:
        lines = (vintages / DIGESTS).read_text("utf-8", "replace").split("\n")
    except FileNotFoundError:
        return found
    for line in lines:
        try:
            one = json.loads(line)
            found[str(one["file"])] = str(one["sha256"])
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
    return found


def edited(file: Path, written: dict[str, str]) -> bool:
    """Whether a vintage is not the file that was written."""
    return written.get(f"{file.parent.name}/{file.name}", digest := _sha256(file)) != digest


def _unchanged(file: Path, written: dict[str, str]) -> bool:
    if edited(file, written):
        _log.warning("vintage %s is not the file that was written and is left out", file)
        return False
    return True


def _sha256(file: Path) -> str:
    with file.open("rb") as body:
        return hashlib.file_digest(body, "sha256").hexdigest()


def _readable(file: Path) -> bool:
    """Whether every cell of a file can be read and all rows are of its night; logs a warning where not."""
    with duckdb.connect(":memory:") as db:
        try:
            (others,) = db.execute(
                f"select count(*) filter (where night <> date '{file.stem}' or hash(vintage) is null)"
                f" from read_parquet('{quoted(file)}') vintage"
            ).fetchone() or (0,)
        except duckdb.Error as error:
            _log.warning("vintage %s cannot be read and is left out: %s", file, str(error).split("\n")[0])
            return False
    if others:
        _log.warning("vintage %s holds %d rows of another night and is left out", file, others)
    return not others


def newest(data: Path) -> date | None:
    """The last night that has a vintage: the last full night that was published."""
    nights = [file.stem for file in (data / "vintages" / "gap_index").glob("????-??-??.parquet")]
    return date.fromisoformat(max(nights)) if nights else None


def published_on(data: Path, night: date) -> list[dict[str, Any]] | None:
    """The rows of ``gap_index`` as that night published them; None where it published nothing.

    Raises `VintageDamaged` where the file was changed since.
    """
    file = data / "vintages" / "gap_index" / f"{night.isoformat()}.parquet"
    if not file.exists():
        return None
    if edited(file, digests(data / "vintages")):
        raise VintageDamaged(f"{file} is not the file that was written; what to do: restore it from a backup")
    with duckdb.connect(":memory:") as db:
        return rows(db, "select * from read_parquet($file) order by all", {"file": str(file)})
