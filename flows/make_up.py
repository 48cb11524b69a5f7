"""The make-up flow: every hour it looks whether tonight's full night is published, and runs it where it is not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger

from collectors.registry import sources
from flows.folder import Busy
from flows.missed import missed_night
from flows.nightly import run
from flows.scheduled import stepped_aside
from flows.settings import Settings
from warehouse.scope import scope_of


@flow(name="gapindex-make-up", persist_result=False)
async def make_up(data: str | None = None, mirror: str | None = None) -> Any:
    """Runs tonight's night where it was cancelled, lost or died; steps aside where another run is at it.

    Args:
        data: The data folder. Default: GAPINDEX_DATA, else ./data.
        mirror: A base that every request goes through, with {night} for the date. Default: GAPINDEX_MIRROR, else none.
    """
    settings = Settings.from_env(data=Path(data) if data else None, mirror=mirror, wait=0)
    night = missed_night(settings.data, datetime.now(UTC), settings.due)
    if night is None:
        return stepped_aside("no night is missing")
    get_run_logger().warning("night %s was due and is not published; it is made up now", night)
    try:
        return await run(night, settings, scope_of(sources()))
    except Busy as busy:
        return stepped_aside(str(busy))
