"""A dry run: asks and reads like a night, in a folder that is gone afterwards, and tells what was read."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

from collectors.contract import Score, Tally
from collectors.http.client import HttpClient
from collectors.registry import fingerprint
from flows.collect import CollectContext, ParseCache, collect
from flows.night import chosen
from flows.settings import Settings
from warehouse.archive import Archive
from warehouse.store import Store


async def dry_run(night: date, settings: Settings, only: Iterable[str]) -> list[str]:
    """Lines that tell, per source: pages, rows by kind, tallies, a few scores, and what was refused."""
    lines: list[str] = []
    with tempfile.TemporaryDirectory(prefix="gapindex-dry-") as folder, Store(Path(folder) / "store.duckdb") as store:
        async with HttpClient(
            user_agent=settings.user_agent, now=lambda: datetime.now(UTC), mirror=settings.mirror_at(night)
        ) as client:
            for source in chosen(only).values():
                ctx = CollectContext(
                    night=night,
                    client=client,
                    archive=Archive(Path(folder) / "archive"),
                    store=store,
                    mirror=settings.mirror_at(night),
                    user_agent=settings.user_agent,
                    now=lambda: datetime.now(UTC),
                    cached={},
                    read=(reader := ParseCache()),
                )
                result = await collect(source, ctx)
                store.ingest(ctx.archive, {source.name: source}, fingerprint, read=reader)
                lines.append(f"{source.name}: {result.fresh} pages")
                lines += [f"  {line}" for line in _lines(reader)]
                lines += [f"  refused: {failure}" for failure in result.failures]
    return lines


def _lines(reader: ParseCache) -> Iterable[str]:
    rows = [row for page in reader.pages() for row in page]
    yield "rows: " + ", ".join(f"{count} {kind}" for kind, count in Counter(type(row).__name__ for row in rows).items())
    for row in rows:
        if isinstance(row, Tally):
            yield f"{row.board} {row.edition}: {row.rows} rows shown, updated {row.updated_on or 'not told'}"
    for row in [row for row in rows if isinstance(row, Score)][:5]:
        yield f"{row.board} {row.edition}: {row.name} {row.variant} {row.value:g}"
