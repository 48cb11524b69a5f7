"""One whole night over a few sources of the mini-web (tests/web)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from collectors.http.policy import Limits
from flows.settings import Settings

SOURCES = ("aider-polyglot", "arena-daily", "models-dev-api", "vectara-hallucination")
MOMENT = datetime(2023, 4, 14, 21, tzinfo=UTC)
LIMITS = Limits(attempts=2, wait_initial=0.05, connect=5, deadline=20)


def a_night(night: date, data: Path, mirror: str, *, now: Callable[[], datetime] = lambda: MOMENT) -> None:
    """One whole night over `SOURCES` alone, without the bundled history, which no fault here can touch."""
    from collectors.registry import sources
    from flows.night import interruptible, run_night

    chosen = {name: sources()[name] for name in SOURCES}

    settings = Settings(data=data, mirror=mirror, contact="proofs@localhost")
    interruptible()
    asyncio.run(run_night(night, settings, declared=chosen, bundled=False, now=now, limits=LIMITS))
