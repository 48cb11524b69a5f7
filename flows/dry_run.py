"""A dry run: fetches and parses like a night, in a temporary folder, and shows what was read."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from collectors.contract.rows import Row, Score, Tally
from collectors.registry import sources
from flows.collecting.result import SourceResult
from flows.settings import Settings
from flows.stages.fetch import fetch
from warehouse.scope import RunScope
from warehouse.store import KnownPages


async def dry_run(night: date, settings: Settings, scope: RunScope) -> list[str]:
    """Lines that show, per source: pages, rows by kind, tallies, a few scores, and what was refused."""
    with tempfile.TemporaryDirectory(prefix="gapindex-dry-") as folder:
        aside = settings.in_folder(Path(folder))
        results = await fetch(night, aside, scope, KnownPages(), sources())
    return [line for result in results for line in _lines(result)]


def _lines(result: SourceResult) -> Iterator[str]:
    rows: list[Row] = [row for page in result.pages for row in page.rows]
    kinds = Counter(type(row).__name__ for row in rows)
    yield f"{result.source}: {result.fresh} pages"
    yield "  rows: " + ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    for row in rows:
        if isinstance(row, Tally):
            yield f"  {row.board} {row.edition}: {row.rows} rows shown, updated {row.updated_on or 'not stated'}"
    for row in [row for row in rows if isinstance(row, Score)][:5]:
        yield f"  {row.board} {row.edition}: {row.name} {row.variant} {row.value:g}"
    for failure in result.failures:
        yield f"  refused: {failure}"
