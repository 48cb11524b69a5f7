"""Which night was missed, by what the data folder holds; needs no scheduler, and trusts none.

A scheduler may cancel a run, lose it, or be dead.  The flow ``make-up`` and `gapindex run --missed` ask every hour.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

from warehouse import unpublished, vintages

PATIENCE = timedelta(minutes=30)
"""How long after it was due a night may be missing before it is made up."""


def missed_night(data: Path, now: datetime, due: time) -> date | None:
    """Today's night, where it was due and no full night of today is published; ``now`` and ``due`` are in UTC.

    Only today's night can be made up: the pages of yesterday cannot be asked for any more.  A night that ran and was
    refused by its checks is not missed: running it every hour would refuse it every hour.
    """
    tonight = now.date()
    if now < datetime.combine(tonight, due, now.tzinfo) + PATIENCE:
        return None
    newest, refused = vintages.newest(data), unpublished.read(data)
    if (newest is not None and newest >= tonight) or (refused is not None and refused.night == tonight):
        return None
    return tonight
