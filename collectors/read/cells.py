"""One cell as a number, a date or a price: a cell is one or it is None, and nothing is guessed."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

_NUMBER = re.compile(r"[+-]?([1-9]\d{0,2}(,\d{3})+|\d+)(\.\d+)?([eE][+-]?\d{1,3})?", re.ASCII)

_ABSENT = frozenset({"", "-", "–", "—", "n/a", "na", "none", "null", "nan", "unk", "tbd", "?"})  # noqa: RUF001

_MONTH = re.compile(
    r"(jan)(?:uary)?|(feb)(?:ruary)?|(mar)(?:ch)?|(apr)(?:il)?|(may)|(june?)|(july?)|(aug)(?:ust)?"
    r"|(sep)(?:t|tember)?|(oct)(?:ober)?|(nov)(?:ember)?|(dec)(?:ember)?",
    re.IGNORECASE,
)

_CLOCK = re.compile(r"\s+\d{1,2}:\d\d(:\d\d)?\s*([AaPp]\.?[Mm]\.?)?", re.ASCII)
"""A time of day without a zone, which leaves the day as it is."""


def number(cell: object) -> float | None:
    """A finite number from a cell: ``87.5``, ``"87.5 %"``, ``"1,234"``, ``"**88**"``; else None.

    A percent sign is dropped and the number is not divided by 100: the board's unit gives its meaning.  A decimal
    comma is not accepted, because one cell cannot show whether "87,500" has a decimal comma or a thousands separator.
    """
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float):
        try:
            return float(cell) + 0.0 if math.isfinite(cell) else None  # -0.0 is 0.0
        except OverflowError:
            return None
    text = str(cell).strip().strip("*").removesuffix("%").strip()
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text.replace(",", "")) + 0.0
    return value if math.isfinite(value) else None


def absent(cell: object) -> bool:
    """Whether a cell is one of the boards' marks for a missing value."""
    return cell is None or str(cell).strip().lower() in _ABSENT


def day(text: object) -> date | None:
    """A date from ``2025-10-04``, ``2024-4-2``, ``20250601``, ``Jun 10, 2026``, an ISO or RFC 822 instant; else None.

    Instants are taken in UTC; a time of day with a zone that cannot be read (``20:00 Europe/Paris``) gives None, since
    it may be the day before or after.  Day/month order is never guessed: ``03/04/2025`` is None.
    """
    if isinstance(text, datetime):
        try:
            return (text if text.tzinfo else text.replace(tzinfo=UTC)).astimezone(UTC).date()
        except OverflowError:
            return None
    if isinstance(text, date):
        return text
    cell = str(text or "").strip()
    if match := re.match(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?=$|[T\s])", cell, re.ASCII):
        if rest := cell[match.end() :]:
            try:
                return day(datetime.fromisoformat(re.sub(r"\s+(?=UTC$|Z$|[+-]\d)", "", cell).replace("UTC", "Z")))
            except ValueError:
                if re.match(r"T|\s+\d{1,2}:", rest) and not _CLOCK.fullmatch(rest):
                    return None
        return _date(*(int(g) for g in match.groups()))
    if match := re.fullmatch(r"(20\d{2})(\d{2})(\d{2})", cell, re.ASCII):
        return _date(*(int(g) for g in match.groups()))
    if match := re.fullmatch(r"([A-Za-z]+) +(\d{1,2}),? *(\d{4})", cell, re.ASCII):
        return _date(int(match[3]), _month(match[1]), int(match[2]))
    if match := re.fullmatch(r"(\d{1,2}) +([A-Za-z]+) +(\d{4})", cell, re.ASCII):
        return _date(int(match[3]), _month(match[2]), int(match[1]))
    if re.match(r"[A-Za-z]{3}, +\d{1,2} [A-Za-z]{3} \d{4} \d", cell, re.ASCII):
        try:
            return day(parsedate_to_datetime(cell))
        except ValueError:
            return None
    return None


def _month(name: str) -> int:
    """1 to 12 for an English month, in full or by three letters (``Sept`` too); else 0, which no date has."""
    match = _MONTH.fullmatch(name)
    return (match.lastindex or 0) if match else 0


def usd_per_million(cell: object) -> float | None:
    """USD per million tokens from a registry's USD per token; None for none, free (0) and dynamic (-1).

    Decimal, because 0.00000035 times a million is 0.35, and not 0.35000000000000003.
    """
    try:
        price = Decimal(str(cell)) * 1_000_000
    except ArithmeticError:
        return None
    return number(float(price)) if price.is_finite() and price > 0 else None


def _date(year: int, month: int, dom: int) -> date | None:
    try:
        return date(year, month, dom)
    except ValueError:
        return None


def whole_number(cell: object) -> int | None:
    """A whole number of at least 0 from a number or its digits (``225``, ``"225"``); else None."""
    value = number(cell)
    return int(value) if value is not None and 0 <= value < 2**53 and value.is_integer() else None


def written(row: Mapping[str, Any], *keys: str) -> str:
    """The named fields of a row (all, if none is named) as compact JSON: the row as its source wrote it."""
    chosen = {key: row.get(key) for key in keys} if keys else dict(row)
    return json.dumps(chosen, ensure_ascii=False, separators=(",", ":"), default=str)
