"""Stage 2, ingest: fetch results and parsed pages become rows of the store.

`warehouse.store` stores the rows of a page once.  A page that was archived and not stored (its run was killed, or its
parser has changed) is read from the archive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path

from collectors.contract.source import Source
from collectors.parsing import ParsedPage
from collectors.registry import fingerprint
from warehouse.archive import Archive
from warehouse.store import IngestResult, KnownPages, Store


def ingest(
    data: Path,
    declared: Mapping[str, Source],
    pages: Iterable[ParsedPage] = (),
    *,
    progress: Callable[[str], None] = lambda _text: None,
) -> IngestResult:
    """Stores what the archive has and the store lacks; ``pages`` were parsed when they came."""
    with Store(data / "store.duckdb") as store:
        return store.ingest(Archive(data / "archive"), declared, fingerprint, parsed=pages, progress=progress)


def known_pages(
    night: date,
    data: Path,
    declared: Mapping[str, Source],
    *,
    progress: Callable[[str], None] = lambda _text: None,
) -> KnownPages:
    """What is known of every page before the night fetches, after storing all that an earlier run only archived."""
    archive = Archive(data / "archive")
    archive.sweep()
    with Store(data / "store.duckdb") as store:
        store.ingest(archive, declared, fingerprint, progress=progress)
        return store.known_pages(night)
