"""Reads what the archive has and the store lacks, in parts, on a task runner of Prefect: threads, or a Dask cluster.

Workers write immutable parts as Parquet (`warehouse.parts`), where the archive is; this process merges them, the only
writer of the store.  A part that is there already, from a run that died, is not read again.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any

from collectors.contract.source import Source
from collectors.limited import LimitedParser, ParseLimits
from collectors.registry import fingerprint, sources
from flows.mapping import RunnerMissing, mapped
from flows.settings import Settings
from flows.stages.ingest import ingest
from flows.storage.objects import Objects
from warehouse.archive import Archive, ArchiveDamaged, body_name, decoded
from warehouse.parts import Part, merged, parts_of, read_part
from warehouse.store import Store

WORTH_IT = 2000
"""Unread pages from which parts may pay: Prefect's embedded server alone takes 10 to 60 s to start."""

FOLDER = "parts"


def read_archive(
    settings: Settings,
    declared: Mapping[str, Source],
    *,
    worth_it: int = WORTH_IT,
    progress: Callable[[str], None] = lambda _text: None,
) -> tuple[int, tuple[str, ...]]:
    """Stores all that the archive has and the store lacks, in the folder that the caller holds.

    Returns the rows that were stored, and what failed: where the task runner fails, all is read here, one page after
    the other.  Raises `RunnerMissing`.
    """
    rows, troubles = 0, tuple[str, ...]()
    try:
        rows = read_in_parts(settings, declared, worth_it=worth_it, progress=progress)
    except RunnerMissing:
        raise
    except Exception as error:  # noqa: BLE001 - whatever Prefect, Dask or the storage raises: the work is done here
        found = (str(error).splitlines() or [""])[0]
        troubles = (f"runner {settings.runner}: {type(error).__name__}: {found}; the archive was read here instead",)
        progress(troubles[0])
    return rows + ingest(settings.data, declared, progress=progress).rows, troubles


def read_in_parts(
    settings: Settings,
    declared: Mapping[str, Source],
    *,
    worth_it: int = WORTH_IT,
    progress: Callable[[str], None] = lambda _text: None,
) -> int:
    """Stores what is unread, in the folder that the caller holds; the rows that were stored.

    Does nothing where the settings say ``runner: here``, or where fewer than ``worth_it`` pages are unread; what is
    left, the store reads itself.  Raises `RunnerMissing` and `StorageFailed`.
    """
    if settings.runner == "here":
        return 0
    with Store(settings.data / "store.duckdb") as store:
        unread = store.unread(Archive(settings.data / "archive"), declared, fingerprint)
    if sum(map(len, unread.values())) < worth_it:
        return 0
    parts = [part for name, pages in unread.items() for part in parts_of(name, fingerprint(name), pages)]
    bodies = settings.archive or str(settings.data / "archive")
    target = f"{settings.archive}/{FOLDER}" if settings.archive else str(settings.data / FOLDER)
    progress(f"reading {len(parts)} parts of the archive on {settings.runner}")
    rows = write_parts(parts, bodies, target, settings)
    place = Objects(target)
    with Store(settings.data / "store.duckdb") as store:
        for part in parts:
            files = {table: f"{part.name}/{table}.parquet" for table in _tables(place, part)}
            store.merge(merged({table: place.get(file) for table, file in files.items()}))
            place.remove([*files.values(), _list(part)])
    shutil.rmtree(settings.data / FOLDER, ignore_errors=True)
    return rows


def write_parts(parts: Sequence[Part], bodies: str, target: str, settings: Settings) -> int:
    """Writes the parts to ``target`` on the task runner of the settings; their rows."""
    return sum(mapped(partial(write_part, bodies=bodies, target=target), parts, settings, name="reading"))


def write_part(part: Part, bodies: str, target: str) -> int:
    """Reads a part with the archive at ``bodies`` and writes it to ``target``, its list of tables last; its rows."""
    place, archive = Objects(target), Objects(bodies)
    try:
        return int(_facts(place, part)["rows"])
    except KeyError:
        pass

    def body(sha256: str) -> bytes:
        name = body_name(sha256)
        try:
            return decoded(archive.get(name), sha256, f"{archive.address}/{name}")
        except KeyError as error:
            raise ArchiveDamaged(f"{archive.address}/{name} is missing") from error

    result = read_part(part, sources()[part.source], body, _parser())
    for table, content in result.tables.items():
        place.create(f"{part.name}/{table}.parquet", content)
    facts = {"rows": result.rows, "tables": sorted(result.tables)}
    place.create(_list(part), json.dumps(facts).encode())
    return result.rows


@cache
def _parser() -> LimitedParser:
    """One for the process: its workers take a second to start."""
    return LimitedParser(ParseLimits(workers=os.cpu_count() or 1))


def _list(part: Part) -> str:
    """The object that lists a part's tables; it is written last."""
    return f"{part.name}/part.json"


def _facts(place: Objects, part: Part) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(place.get(_list(part)))
    return found


def _tables(place: Objects, part: Part) -> list[str]:
    return [str(table) for table in _facts(place, part)["tables"]]
