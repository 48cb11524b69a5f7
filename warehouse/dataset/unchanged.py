"""Files of an earlier publication that a new one shares: those of tables with the same rows.

Sorting and compressing the tables takes ten seconds, and on most nights most of them have not changed.  A file is taken
again, as a hard link, where the digest of its table's rows and of all that describes them is the one in the manifest of
the earlier publication, and its bytes are those of that manifest.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from warehouse.dataset.stored import SPANS
from warehouse.dataset.tables import PublicTable
from warehouse.provenance import program_digest
from warehouse.table_cache import Contents

ROWS_DIGESTS = "rows_digests"
"""The key of the manifest under which it has the digest of every table that may be shared."""


def rows_digest(contents: Contents, table: PublicTable, night: date) -> str:
    """32 hex digits for all that the files of a table are made from; empty where they change with every run.

    The view of a history has the digest of its run in every row.
    """
    if table.name in SPANS:
        return ""
    parts = [program_digest(), duckdb.__version__, repr(table), contents.of(("marts", table.name))]
    if "night()" in table.latest:
        parts.append(night.isoformat())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


class EarlierFiles:
    """The files of the publication that stands, by path; none where there is none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        manifest = _manifest(folder)
        self._digests: Mapping[str, str] = manifest.get(ROWS_DIGESTS, {})
        self._tables: Mapping[str, Mapping[str, Any]] = manifest.get("tables", {})

    def share(self, table: str, digest: str, path: str, target: Path) -> Mapping[str, Any] | None:
        """Makes ``target`` the earlier file at ``path``; what its manifest says of it, None where it cannot be used."""
        if not digest or self._digests.get(table) != digest:
            return None
        facts = self._tables.get(table, {}).get(path.partition("/")[0], {})
        source = self._folder / path
        if facts.get("path") != path or not source.is_file() or _sha256(source) != facts.get("sha256"):
            return None
        try:
            os.link(source.resolve(), target)
        except OSError:
            shutil.copyfile(source, target)
        return facts  # type: ignore[no-any-return]


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _sha256(file: Path) -> str:
    with file.open("rb") as body:
        return hashlib.file_digest(body, "sha256").hexdigest()
