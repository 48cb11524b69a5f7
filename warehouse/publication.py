"""A publication as its readers find it: the folder that the link ``published`` names, and what its manifest says.

`warehouse.publish` writes it.  Apart from it because every command reads, and few write: this module imports nothing
that only writing needs (pages, charts and templates take most of a second).
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from warehouse.scope import Kind, widest

DATABASE = "gapindex.duckdb"
"""The published file, in the folder of a publication."""

PUBLISHED = """(
    select table_name, comment, estimated_size from duckdb_tables()
    where schema_name = 'main' and not internal and not ends_with(table_name, '_stored')
    union all
    select view_name, comment, null from duckdb_views() where schema_name = 'main' and not internal)"""
"""The tables of a published database as something to select from; some are views of what is stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """The place of tonight's tables; ``fresh`` is False when they equal the publication before.

    ``run_id`` is the digest of what they were computed from (`warehouse.provenance`); ``scope`` is that of the run
    that published them (`warehouse.scope`).  ``behind`` is the night that stays published where it is a later one.
    """

    folder: Path
    night: date
    fresh: bool
    rows: dict[str, int]
    run_id: str = ""
    scope: Kind = "full"
    behind: date | None = None

    @property
    def database(self) -> Path:
        """The DuckDB file; open it read-only."""
        return self.folder / DATABASE


def current(data: Path) -> Publication | None:
    """The last publication, None before the first, and where its manifest cannot be read (`gapindex doctor`)."""
    link = data / "published"
    try:
        manifest = json.loads((link / "manifest.json").read_text("utf-8"))
        return Publication(
            folder=link.resolve(),
            night=date.fromisoformat(manifest["night"]),
            fresh=False,
            rows={name: int(facts["rows"]) for name, facts in manifest["tables"].items()},
            scope=widest([manifest.get("scope", "full")]),
            run_id=str(manifest.get("run_id", "")),
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def sweep(data: Path) -> None:
    """Removes what a run that died while it published has left.

    A process of that run may still be at its end and write there; the next sweep takes the rest.
    """
    for left in (data / "publications").glob(".aside-*"):
        shutil.rmtree(left, ignore_errors=True)
