"""Validates a data set folder with one of the tools that others use: ``python validate_dataset.py TOOL FOLDER [PART]``.

Prints ``valid`` and exits 0, or prints what the tool found and exits 1.  With PART, a path of the data package or a
record set of the Croissant description, the description is read whole and of the data only that part: all of them
take ten seconds.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

RECORDS = 200
"""Records that are read of each record set of a Croissant description; validating reads none."""


def frictionless(folder: Path, part: str = "") -> Iterator[str]:
    """What frictionless finds in ``datapackage.json`` and the files it names, CSV and Parquet."""
    from frictionless import Package

    package = Package(str(folder / "datapackage.json"))
    if part:
        package.resources = [resource for resource in package.resources if resource.path == part]
    report = package.validate()
    for error in report.errors:
        yield f"{error.type}: {error.message}"
    for task in report.tasks:
        for error in task.errors:
            yield f"{task.place}: {error.type}: {error.message}"


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
