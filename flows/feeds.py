"""The feeds flow: every few hours it reads only the sources that bring news of releases.

The pages go into the same archive, and the index is built from all pages.  The flow settles no vintage and pings no
watchdog.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger
from prefect.states import Completed

from collectors.registry import sources
from flows.folder import Busy
from flows.nightly import run, scheduled_night
from flows.settings import Settings
from warehouse.scope import feeds_scope


@flow(name="gapindex-feeds", persist_result=False)
async def feeds(
    night: date | None = None, data: str | None = None, mirror: str | None = None, wait: float | None = None
) -> Any:
    """Lab announcements, registries and the Hub; steps aside where another run holds the folder for longer than
    ``wait`` seconds, because that run, or the next one of this flow, reads the same."""
    settings = Settings.from_env(data=Path(data) if data else None, mirror=mirror, wait=wait)
    try:
        return await run(night or scheduled_night(), settings, feeds_scope(sources()))
    except Busy as busy:
        get_run_logger().warning("stepped aside: %s", busy)
        return Completed(message=f"stepped aside: {busy}", name="Skipped")
