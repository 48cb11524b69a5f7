"""Validates a data set folder with a tool that others use: ``python validate_dataset.py TOOL FOLDER [PART [ROWS]]``.

Prints ``valid`` and exits 0, or prints what the tool found and exits 1.  With PART, a path of the data package or a
record set of the Croissant description, the description is read whole and of the data only that part: all of them
take ten seconds.  Of files longer than ROWS, frictionless reads the beginning.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

RECORDS = 200
"""Records that are read of each record set of a Croissant description; validating reads none."""

ROWS = 200
"""Rows of a file that frictionless reads.  It reads some 10,000 cells a second; a night has 25 million, most of them in
``parquet/gap_index.parquet``.  Of longer files it reads the beginning, and DuckDB all: types, keys, rows and digest."""

_TYPES = {"boolean": "BOOLEAN", "date": "DATE", "datetime": "TIMESTAMP", "integer": "BIGINT", "number": "DOUBLE"}


def frictionless(folder: Path, part: str = "", rows: str = str(ROWS)) -> Iterator[str]:
    """What frictionless finds in ``datapackage.json`` and the files it names, CSV and Parquet."""
    from frictionless import Package

    package = Package(str(folder / "datapackage.json"))
    most = int(rows)
    report = Package.validate_descriptor(package.to_descriptor())
    yield from (f"{error.type}: {error.message}" for error in report.errors)
    for resource in package.resources:
        if part and resource.path != part:
            continue
        if _rows(folder / str(resource.path)) > most:
            yield from _long(folder, resource.to_descriptor())
            report = resource.to_copy(bytes=None, hash=None, rows=None).validate(limit_rows=most)
        else:
            report = resource.validate()
        for error in report.errors:
            yield f"{resource.name}: {error.type}: {error.message}"
        for task in report.tasks:
            for found in task.errors:
                yield f"{task.place}: {found.type}: {found.message}"


def _rows(file: Path) -> int:
    reader = "read_parquet" if file.suffix == ".parquet" else "read_csv"
    columns = "" if file.suffix == ".parquet" else ", all_varchar = true, ignore_errors = true"
    with duckdb.connect() as db:
        row = db.execute(f"select count(*) from {reader}('{file}'{columns})").fetchone()
    return int(row[0]) if row else 0


def _long(folder: Path, resource: dict[str, Any]) -> Iterator[str]:
    """What DuckDB finds in a long file: the same faults, under the names that frictionless has for them."""
    file, schema = folder / resource["path"], resource["schema"]
    if resource["format"] == "csv":
        digest = f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"
        if digest != resource["hash"]:
            yield f"{resource['path']}: hash-count: {digest} is not {resource['hash']}"
        types = {field["name"]: _TYPES.get(field["type"], "VARCHAR") for field in schema["fields"]}
        rows = f"read_csv('{file}', header = true, strict_mode = true, auto_detect = false, columns = {types})"
    else:
        rows = f"read_parquet('{file}')"
    key = ", ".join(f'"{name}"' for name in schema["primaryKey"])
    with duckdb.connect() as db:
        try:
            described = {name: kind for name, kind, *_ in db.execute(f"describe from {rows}").fetchall()}
            for field in schema["fields"]:
                kind = _field_type(described.pop(field["name"], ""))
                if kind != field["type"] and field["type"] not in ("any", "array"):
                    yield f"{resource['path']}: type-error: {field['name']} is no {field['type']}"
            yield from (f"{resource['path']}: extra-label: {name}" for name in described)
            # Every cell is read once, so that every cell is of its type.
            cells = ", ".join(f'count("{field["name"]}")' for field in schema["fields"])
            total = db.execute(f"select count(*), {cells} from {rows}").fetchone()
            keys = db.execute(f"select count(*) from (select distinct {key} from {rows})").fetchone()
        except duckdb.Error as error:
            yield f"{resource['path']}: type-error: {str(error)[:300]}"
            return
    assert total is not None and keys is not None
    if "rows" in resource and total[0] != resource["rows"]:
        yield f"{resource['path']}: row-count: {total[0]} is not {resource['rows']}"
    if total[0] != keys[0]:
        yield f"{resource['path']}: primary-key: {total[0] - keys[0]} rows have the key of another"


def _field_type(kind: str) -> str:
    if kind.endswith("[]"):
        return "array"
    names = {"VARCHAR": "string", "BOOLEAN": "boolean", "DATE": "date"}
    if kind.startswith("TIMESTAMP"):
        return "datetime"
    return names.get(kind, "integer" if kind.endswith(("INT", "INTEGER")) else "number" if kind else "")


def croissant(folder: Path, part: str = "") -> Iterator[str]:
    """What mlcroissant finds in ``croissant.json``, and whether the records can be read."""
    import mlcroissant

    try:
        dataset = mlcroissant.Dataset(jsonld=str(folder / "croissant.json"))
        yield from dataset.metadata.ctx.issues.errors
        for record_set in dataset.metadata.record_sets:
            for _ in islice(dataset.records(record_set.uuid), RECORDS if part in ("", record_set.uuid) else 0):
                pass
    except Exception as error:  # noqa: BLE001 - whatever the tool raises is what it found
        yield f"{type(error).__name__}: {error} {error.__cause__ or ''}"


if __name__ == "__main__":
    tool, place, *only = sys.argv[1:]
    found = list({"frictionless": frictionless, "croissant": croissant}[tool](Path(place), *only))
    sys.stdout.write(("\n".join(found) or "valid") + "\n")
    sys.exit(1 if found else 0)
