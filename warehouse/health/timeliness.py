"""Checks of the clock, and of the age of the published night and its sources."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import duckdb

from warehouse.explain import open_readonly, rows
from warehouse.health.findings import Finding, first_line

OVERDUE = timedelta(hours=36)
"""Age of the published night above which a night was missed; its midnight counts, as the schedule is daily in UTC."""

STALE_DAYS = 7
"""Days without a page after which a source is called stale, as `gapindex show` does."""


def clock(now: datetime, fetched: datetime | None, night: date | None) -> Finding:
    """The system's clock against the times recorded in this folder; a clock that is ahead cannot be noticed here."""
    known = {"the newest fetch": fetched, "the published night": night and datetime.combine(night, time(), UTC)}
    for what, moment in known.items():
        if moment is not None and now < moment:
            return Finding(
                check="clock",
                state="fault",
                found=f"the clock says {now:%Y-%m-%d %H:%M} UTC, and {what} is of {moment:%Y-%m-%d %H:%M} UTC",
                todo="set the clock (NTP); nights are UTC dates, and a clock that is behind runs a past night again",
            )
    return Finding(check="clock", state="ok", found=f"{now:%Y-%m-%d %H:%M} UTC; nothing here is younger")


def last_night(now: datetime, night: date | None) -> Finding:
    """How old the last full night is; partial runs in between do not count."""
    if night is None:
        return Finding(check="last night", state="warning", found="no full night yet", todo="`gapindex run`")
    age = now - datetime.combine(night, time(), UTC)
    late = age > OVERDUE
    return Finding(
        check="last night",
        state="warning" if late else "ok",
        found=f"{night} is the last full night published, begun {_hours(age)} ago"
        + (f"; expected at most {_hours(OVERDUE)}" if late else ""),
        todo="see that the scheduler or cron runs; `gapindex run` runs tonight by hand" if late else "",
    )


def published_sources(database: Path) -> Finding:
    """The state of the sources on the published night; names the one without a page for longest.

    A source that is gone was taken down for good: it is counted, and nothing can be done about it.
    """
    try:
        with open_readonly(database) as db:
            stood = rows(db, "select source, outcome, stale_days, last_good_on from source_health order by source")
    except duckdb.Error as error:
        return Finding(
            check="sources", state="fault", found=first_line(error), todo="`gapindex rebuild` publishes anew"
        )
    outcomes = [row["outcome"] for row in stood]
    alive = [row for row in stood if row["outcome"] != "gone"]
    bad = [row for row in alive if row["outcome"] not in ("read", "partly read", "not asked")]
    stale = [row for row in alive if row["stale_days"] is None or row["stale_days"] > STALE_DAYS]
    counts = ", ".join(f"{outcomes.count(kind)} {kind}" for kind in dict.fromkeys(sorted(outcomes)))
    if not bad and not stale:
        return Finding(check="sources", state="ok", found=counts)
    worst = max(bad + stale, key=lambda row: (row["stale_days"] is None, row["stale_days"] or 0, row["source"]))
    since = f"last read on {worst['last_good_on']}" if worst["last_good_on"] else "never read"
    reached = any(kind in ("read", "partly read") for kind in outcomes)
    asked = any(kind != "not asked" for kind in outcomes)
    return Finding(
        check="sources",
        state="warning" if reached or not asked else "fault",
        found=f"{counts}; {len(stale)} without a page for more than {STALE_DAYS} days; worst: {worst['source']}"
        f" ({worst['outcome']}, {since})",
        todo="`gapindex sources` lists each with what to do"
        + ("" if reached or not asked else "; none gave a page, so look at the network first"),
    )


def _hours(span: timedelta) -> str:
    return f"{span.days} days" if span > timedelta(days=3) else f"{span / timedelta(hours=1):.0f} h"
