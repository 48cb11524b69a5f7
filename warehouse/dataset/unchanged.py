"""Files of an earlier publication that a new one shares: those of tables with the same rows.

Sorting and compressing the tables takes ten seconds, and on most nights most of them have not changed.  A file is taken
again, as a hard link, where the digest of its table's rows and of all that describes them is the one in the manifest of
the earlier publication, and its bytes are those of that manifest.  An earlier publication that cannot be read, or whose
manifest is odd, is as none: it costs seconds, and no night.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from warehouse.dataset.stored import SPANS
from warehouse.dataset.tables import PublicTable
from warehouse.provenance import program_digest
from warehouse.table_cache import Contents

_log = logging.getLogger(__name__)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedFile:
    """What the manifest of the earlier publication says of a file."""

    rows: int
    bytes: int
    sha256: str


class EarlierFiles:
    """The files of the publication that stands, by path; none where there is none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._manifest = _manifest(folder)

    def share(self, table: str, digest: str, path: str, target: Path) -> SharedFile | None:
        """Makes ``target`` the earlier file at ``path``; None where that cannot be used."""
        source = self._folder / path
        try:
            if not digest or self._manifest[ROWS_DIGESTS][table] != digest:
                return None
            facts = self._manifest["tables"][table][path.partition("/")[0]]
            shared = SharedFile(rows=facts["rows"], bytes=facts["bytes"], sha256=facts["sha256"])
            odd = facts["path"] != path or not isinstance(shared.rows, int) or not source.is_file()
            if odd or (source.stat().st_size, _sha256(source)) != (shared.bytes, shared.sha256):
                return None
        except (LookupError, TypeError):
            return None
        except OSError as error:
            _log.warning("a file of the earlier publication cannot be read and is written anew: %s", error)
            return None
        try:
            os.link(source.resolve(), target)
        except OSError:
            shutil.copyfile(source, target)
        return shared


def _manifest(folder: Path) -> Any:
    """The manifest as it is, whatever that may be; None where there is none."""
    try:
        return json.loads((folder / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def _sha256(file: Path) -> str:
    with file.open("rb") as body:
        return hashlib.file_digest(body, "sha256").hexdigest()
