"""How long a host asks us to wait: ``Retry-After``, the window of its ``RateLimit`` headers, or GitHub's own.

There are four forms: seconds or a date (``Retry-After``), the IETF drafts' ``RateLimit: "api";r=0;t=290`` and
``limit=60, remaining=0, reset=290``, the same as headers of their own (``RateLimit-Remaining``), and GitHub's
``x-ratelimit-remaining`` with ``x-ratelimit-reset`` as a moment in Unix time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_REMAINING = re.compile(r"\b(?:r|remaining)\s*=\s*(\d{1,9})\b", re.IGNORECASE)
_RESET = re.compile(r"\b(?:t|reset)\s*=\s*(\d{1,9})\b", re.IGNORECASE)
_UNIX_TIME = 1_000_000_000
"""A reset above this is a moment, not a number of seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How many requests a host still answers in its window, and in how many seconds the next one begins."""

    remaining: int
    seconds: float


def retry_after(text: str, now: datetime) -> float | None:
    """Seconds to wait from Retry-After (a number or a date), None where it is not usable."""
    if text.strip().isdecimal():
        return float(text)
    try:
        when = parsedate_to_datetime(text)
        return max(0.0, ((when if when.tzinfo else when.replace(tzinfo=UTC)) - now).total_seconds())
    except (TypeError, ValueError, LookupError, OverflowError):
        return None


def quota(headers: Mapping[str, str], now: datetime) -> Quota | None:
    """The host's quota from the headers of a response; None where they state none that is usable."""
    stated = headers.get("ratelimit", "")
    for policy in (*stated.split(","), stated):  # the tightest of several policies; or one, written as a list
        if (left := _REMAINING.search(policy)) and (reset := _RESET.search(policy)) and int(left[1]) == 0:
            return Quota(remaining=0, seconds=float(reset[1]))
    if (left := _REMAINING.search(stated)) and (reset := _RESET.search(stated)):
        return Quota(remaining=int(left[1]), seconds=float(reset[1]))
    for prefix in ("ratelimit-", "x-ratelimit-"):
        remaining, reset_at = (headers.get(prefix + name, "").strip() for name in ("remaining", "reset"))
        if re.fullmatch(r"\d{1,9}", remaining) and re.fullmatch(r"\d{1,12}", reset_at):
            seconds = float(reset_at)
            return Quota(
                remaining=int(remaining),
                seconds=max(0.0, seconds - now.timestamp()) if seconds > _UNIX_TIME else seconds,
            )
    return None


def pause(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds a refusal asks us to wait: Retry-After, else the end of the window; None where it does not say."""
    stated = retry_after(headers.get("retry-after", ""), now)
    if stated is not None:
        return stated
    window = quota(headers, now)
    return window.seconds if window else None
