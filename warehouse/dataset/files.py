"""Files of the public tables: Parquet whole and of tonight, CSV for people.

``parquet/<table>.parquet`` has every row.  A table with a history has ``latest/<table>.parquet`` as well, and its CSV
is of that shape and named so, ``csv/<table>_latest.csv``; every other CSV is whole.  With all rows the CSV files were
half of a publication, and no spreadsheet opens 400,000 rows with ease.  The long ones (`LONG`) are compressed,
``csv/<table>.csv.gz``: 22 MB of text are 3 MB, and what reads CSV by program reads them as they are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import duckdb

from collectors.sanitize import csv_cell
from warehouse.dataset.stored import SPANS, unfolded
from warehouse.dataset.tables import Column, PublicTable
from warehouse.dataset.unchanged import EarlierFiles
from warehouse.statements import quoted

Shape = Literal["full", "latest"]
Format = Literal["parquet", "csv"]

LONG = frozenset(
    {
        "ability",
        "ability_draw",
        "event_state",
        "gate",
        "model",
        "model_alias",
        "model_spec",
        "nowcast",
        "parity_compute",
        "price",
        "release",
        "release_by_source",
        "score",
        "time_to_parity",
    }
)
"""Tables whose CSV is compressed: the long ones.  By name and not by size, so that no path ever changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """One file of a table: its path in the publication, what it has, and its bytes."""

    path: str
    shape: Shape
    format: Format
    rows: int
    bytes: int
    sha256: str

    @property
    def facts(self) -> dict[str, Any]:
        """For the manifest."""
        return {
            "path": self.path,
            "shape": self.shape,
            "rows": self.rows,
            "bytes": self.bytes,
            "sha256": self.sha256,
        }


def write_files(
    db: duckdb.DuckDBPyConnection,
    folder: Path,
    tables: Sequence[PublicTable],
    digests: Mapping[str, str] = MappingProxyType({}),
    earlier: Path | None = None,
) -> dict[str, tuple[DataFile, ...]]:
    """Writes the files of every mart below ``folder``; the same rows give the same bytes.

    A table whose digest in ``digests`` (`warehouse.dataset.unchanged`) is that of the publication ``earlier`` has the
    files of that one.
    """
    for place in ("parquet", "latest", "csv"):
        (folder / place).mkdir()
    standing = EarlierFiles(earlier) if earlier else None
    found = {}
    for table in tables:
        shared = _shared(folder, table, digests.get(table.name, ""), standing) if standing else None
        found[table.name] = tuple(shared or _write_table(db, folder, table))
    return found


def _paths(table: PublicTable) -> list[tuple[str, Shape, Format]]:
    """The files of a table: path, shape and format."""
    parquet: list[tuple[str, Shape, Format]] = [(f"parquet/{table.name}.parquet", "full", "parquet")]
    if table.latest:
        parquet.append((f"latest/{table.name}.parquet", "latest", "parquet"))
    shape: Shape = "latest" if table.latest else "full"
    return [*parquet, (csv_path(table.name, shape), shape, "csv")]


def _shared(folder: Path, table: PublicTable, digest: str, earlier: EarlierFiles) -> list[DataFile]:
    """The files of a table from an earlier publication; none where one of them cannot be used."""
    found: list[DataFile] = []
    for path, shape, format in _paths(table):
        shared = earlier.share(table.name, digest, path, folder / path)
        if shared is None:
            for one in found:
                (folder / one.path).unlink()
            return []
        found.append(
            DataFile(path=path, shape=shape, format=format, rows=shared.rows, bytes=shared.bytes, sha256=shared.sha256)
        )
    return found


def _write_table(db: duckdb.DuckDBPyConnection, folder: Path, table: PublicTable) -> list[DataFile]:
    full = f"from marts.{table.name}"
    latest = f"{full} {table.latest}".strip()
    *parquet, (path, shape, _) = _paths(table)
    found = [
        _write_parquet(db, folder, path, table, full if shape == "full" else latest, shape)
        for path, shape, _ in parquet
    ]
    cells = ", ".join(f'{_cell(column)} as "{column.name}"' for column in table.columns)
    options = f"format csv, header, compression {'gzip' if path.endswith('.gz') else 'none'}"
    rows = _copy(db, folder / path, f"select {cells} from ({latest} order by {table.order})", options)
    return [*found, _described(folder, path, shape, "csv", rows)]


def csv_path(table: str, shape: Shape) -> str:
    """Where the CSV of a table is, below a publication's folder."""
    return f"csv/{table}{'_latest' if shape == 'latest' else ''}.csv{'.gz' if table in LONG else ''}"


def _write_parquet(
    db: duckdb.DuckDBPyConnection, folder: Path, path: str, table: PublicTable, select: str, shape: Shape
) -> DataFile:
    """Comments and key are in the file's own metadata, so that a file taken alone still explains itself."""
    metadata = {
        "comment": table.about,
        "key": json.dumps(table.key),
        "shape": shape,
        "columns": json.dumps({column.name: column.about for column in table.columns}, ensure_ascii=False),
    }
    pairs = ", ".join(f"{name}: '{quoted(text)}'" for name, text in metadata.items())
    options = f"format parquet, compression zstd, compression_level 9, kv_metadata {{{pairs}}}"
    if shape == "full" and table.name in SPANS:
        with _one_thread(db):
            rows = _copy(db, folder / path, unfolded(table.name), options)
    else:
        rows = _copy(db, folder / path, f"{select} order by {table.order}", options)
    return _described(folder, path, shape, "parquet", rows)


@contextmanager
def _one_thread(db: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """One thread writes rows in order as they come, several keep them until they can be put in order: three times the
    processor time for the 390,000 wide rows of ``gap_index``."""
    before = db.execute("select current_setting('threads')").fetchone() or (1,)
    db.execute("set threads = 1")
    try:
        yield
    finally:
        db.execute(f"set threads = {before[0]}")


def _copy(db: duckdb.DuckDBPyConnection, file: Path, select: str, options: str) -> int:
    """Rows written."""
    answer = db.execute(f"copy ({select}) to '{quoted(file)}' ({options})").fetchone()
    return int(answer[0]) if answer else 0


def _described(folder: Path, path: str, shape: Shape, format: Format, rows: int) -> DataFile:
    file = folder / path
    return DataFile(path=path, shape=shape, format=format, rows=rows, bytes=file.stat().st_size, sha256=digest(file))


def digest(file: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    with file.open("rb") as body:
        return hashlib.file_digest(body, "sha256").hexdigest()


def _cell(column: Column) -> str:
    """A column as CSV has it: no formula of a spreadsheet, times as ISO 8601 has them, lists as JSON."""
    if column.type == "VARCHAR":
        return csv_cell(column.name)
    if column.type.startswith("TIMESTAMP"):
        return f"""strftime("{column.name}", '%Y-%m-%dT%H:%M:%SZ')"""
    if column.type.endswith("[]"):
        return f"""to_json("{column.name}")::varchar"""
    return f'"{column.name}"'
