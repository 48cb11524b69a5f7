"""The feeds flow: every few hours it reads only the sources that bring news of releases.

The pages go into the same archive, and the index is built from all pages.  The flow settles no vintage and pings no
watchdog.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from prefect import flow

from collectors.registry import sources
from flows.folder import Busy
from flows.nightly import run
from flows.scheduled import reason_to_step_aside, run_title, scheduled_night, stepped_aside
from flows.settings import Settings
from warehouse.scope import feeds_scope


@flow(name="gapindex-feeds", flow_run_name=run_title, persist_result=False)
async def feeds(
    night: date | None = None, data: str | None = None, mirror: str | None = None, wait: float | None = None
) -> Any:
    """Lab announcements, registries and the Hub; steps aside where another run holds the folder for longer than
    ``wait`` seconds, because that run, or the next one of this flow, reads the same.

    Args:
        night: The UTC date to run. Default: the date this run was scheduled for.
        data: The data folder. Default: GAPINDEX_DATA, else ./data.
        mirror: A base that every request goes through, with {night} for the date. Default: GAPINDEX_MIRROR, else none.
        wait: Seconds to wait for another run in the folder to end. Default: GAPINDEX_WAIT, else 1800.
    """
    settings = Settings.from_env(data=Path(data) if data else None, mirror=mirror, wait=wait)
    if night is None and (reason := await reason_to_step_aside(datetime.now(UTC))):
        return stepped_aside(reason)
    try:
        return await run(night or scheduled_night(), settings, feeds_scope(sources()))
    except Busy as busy:
        return stepped_aside(str(busy))
