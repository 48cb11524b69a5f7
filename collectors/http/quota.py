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
_SECONDS = re.compile(r"\d{1,400}(\.\d{1,9})?", re.ASCII)
_UNIX_TIME = 1_000_000_000
"""A reset above this is a moment, not a number of seconds; a thousand times as large, one in milliseconds."""

UNSTATED = 60.0
"""Seconds to wait where a quota is used up and nothing says until when; GitHub asks for at least a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How many requests a host still answers in its window, and in how many seconds the next one begins."""

    remaining: int
    seconds: float


def retry_after(text: str, now: datetime) -> float | None:
    """Seconds to wait from Retry-After (a number or a date; of several numbers the largest), None if not usable."""
    numbers = [part.strip() for part in text.split(",")]
    if all(_SECONDS.fullmatch(part) for part in numbers):
        return max(map(float, numbers))
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
        remaining, reset_at = (_last(headers, prefix + name) for name in ("remaining", "reset"))
        if re.fullmatch(r"\d{1,9}", remaining) and re.fullmatch(r"\d{1,13}", reset_at):
            seconds = float(reset_at)
            if seconds > 1_000 * _UNIX_TIME:
                seconds /= 1_000
            return Quota(
                remaining=int(remaining),
                seconds=max(0.0, seconds - now.timestamp()) if seconds > _UNIX_TIME else seconds,
            )
    return None


def used_up(headers: Mapping[str, str]) -> bool:
    """Whether the headers say that no request remains, whether or not they say until when."""
    left = _REMAINING.search(headers.get("ratelimit", ""))
    stated = (_last(headers, prefix + "remaining") for prefix in ("ratelimit-", "x-ratelimit-"))
    return (left is not None and int(left[1]) == 0) or "0" in stated


def _last(headers: Mapping[str, str], name: str) -> str:
    """The value of a header; of one that stands twice the last."""
    return headers.get(name, "").rpartition(",")[2].strip()


def pause(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds a refusal asks us to wait: Retry-After, else the end of the window; None where it does not say."""
    stated = retry_after(headers.get("retry-after", ""), now)
    if stated is not None:
        return stated
    window = quota(headers, now)
    return window.seconds if window else None
