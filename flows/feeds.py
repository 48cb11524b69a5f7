"""The feeds flow: every few hours, only what brings news of releases; a night like any other, with fewer sources."""

from __future__ import annotations

from datetime import date

from prefect import flow

from collectors.registry import sources
from flows.night import Night
from flows.nightly import nightly

KINDS = frozenset({"announcements", "hub", "registry"})


@flow(name="gapindex-feeds", persist_result=False)
async def feeds(night: date | None = None) -> Night:
    """Lab announcements, registries and the Hub, into the same archive; the index is built again from all."""
    return await nightly(night=night, sources=[name for name, source in sources().items() if source.kind in KINDS])
