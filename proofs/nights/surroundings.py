"""Nights on a full disk, and under other time zones."""

from __future__ import annotations

import functools
import os
import resource
import time
from collections import Counter

from proofs.nights.holdings import differences, state
from proofs.nights.rig import Outcome, Rig, readable

ZONES = ("Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kolkata", "Europe/Berlin", "America/St_Johns")


def full_disks(made: Rig, sizes: int) -> Outcome:
    """A limit on the size of files, as a full disk gives it: a clean error, then, with room, the same tables."""
    outcome = Outcome(what=f"disk full ({sizes} limits on file size)")
    night = made.nights[-1]
    largest = max(p.stat().st_size for p in (made.folder / f"after-{night}").rglob("*") if p.is_file())
    ended: Counter[str] = Counter()
    for n in range(sizes):
        limit = int(512 * (largest / 512) ** (n / max(1, sizes - 1)))
        data = made.copy(night)
        end = made.run(night, data, prepare=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))  # noqa: B023
        ended[
            "reported as NoDisk"
            if "NoDisk: " in end.output or "what to do: make room" in end.output
            else f"exit {end.code}"
        ] += 1
        outcome.saw(f"{limit} bytes", readable(data, made) + made.finish(night, data))
    outcome.note = ", ".join(f"{name} {count}" for name, count in ended.most_common())
    return outcome


def zones(made: Rig) -> Outcome:
    """The night under time zones from one end of the world to the other, one of them in a changed hour."""
    outcome = Outcome(what="time zones", note=", ".join(ZONES))
    for zone in ZONES:
        data = made.copy(made.nights[-1])
        end = made.run(made.nights[-1], data, prepare=functools.partial(set_zone, zone))
        failed = [] if end.code == 0 else [end.output[-300:]]
        outcome.saw(zone, failed or differences(state(data), made.after[made.nights[-1]]))
    return outcome


def set_zone(zone: str) -> None:
    os.environ["TZ"] = zone
    time.tzset()
