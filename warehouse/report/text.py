"""Words for pages: the gate for names from outside, addresses of pages, dates and numbers as people read them."""

from __future__ import annotations

import hashlib
import math
import re
from datetime import date
from functools import lru_cache
from urllib.parse import urlsplit

from warehouse.alerts.messages import cut

NONE = "\N{EN DASH}"
"""What stands where there is nothing to say."""

LONGEST = 400
"""Characters of a text from outside that a page shows in one place."""

_UNIT = re.compile(
    r"(?<=\d) (?=(?:index points?|rating points?|points?|days?|months?|years?|billion|million|GB|kB|tokens"
    r"|January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b|%)"
)
_LONG_DECIMAL = re.compile(r"\b\d+\.\d{4,}\b")
_DIGIT = re.compile(r"\d ")
_SINCE = re.compile(r"(?<=since )\d{4}-\d\d-\d\d\b")
_SLUG = re.compile(r"[^a-z0-9.]+")
_PLAIN_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")


def clean(text: object, longest: int = LONGEST) -> str:
    """The one gate for names and texts from outside: one line, nothing invisible, bounded; markup stays text."""
    return "" if text is None else _clean(str(text), longest)


@lru_cache(100_000)
def _clean(text: str, longest: int) -> str:
    if text.isascii() and text.isprintable() and len(text) <= longest:
        return " ".join(text.split())
    return cut(text, longest)


@lru_cache(100_000)
def slug(name: str) -> str:
    """The folder of a name in an address; names that differ get different folders.

    Only ``a-z 0-9 . -`` are left, so that no name can leave its folder; a hash tells apart names that lost characters.
    """
    if _PLAIN_SLUG.fullmatch(name) and len(name) <= 80:
        return name
    short = _SLUG.sub("-", name.lower()).strip("-.")[:60].strip("-.")
    return f"{short or 'name'}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


@lru_cache(10_000)
def scope_path(scope: str) -> str:
    """The address of a scope's page; scopes are named by our own declarations, domains with spaces."""
    return f"boards/{slug(scope.replace(' ', '-'))}"


def unbroken(text: str) -> str:
    """The same text with no line end between a number and its unit, or between a day and its month."""
    return _UNIT.sub("\N{NO-BREAK SPACE}", text) if _DIGIT.search(text) else text


def rounded(text: str) -> str:
    """A text with its long decimals at four significant digits: ``0.8451999999999999`` is ``0.8452``."""
    return _LONG_DECIMAL.sub(lambda found: f"{float(found[0]):.4g}", text)


def capital(text: str) -> str:
    """The same text with a capital letter at its beginning, and every other letter as it is."""
    return text[:1].upper() + text[1:]


def web_address(text: object) -> str | None:
    """An address that a page may link to: http or https with a host, else None."""
    return _web_address(clean(text, 2000))


@lru_cache(10_000)
def _web_address(address: str) -> str | None:
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in ("http", "https") and parts.netloc and " " not in address else None


@lru_cache(10_000)
def in_words(day: date | None) -> str:
    """``14 June 2026``."""
    return f"{day.day} {day:%B %Y}" if day else "not known"


@lru_cache(10_000)
def short_date(day: date | None) -> str:
    """``14 Jun 2026``."""
    return f"{day.day} {day:%b %Y}" if day else "not known"


def number(value: float | None, digits: int = 1) -> str:
    """A number with so many digits after the point; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return NONE
    text = f"{value:,.{digits}f}"
    if text[0] != "-":
        return text
    return f"{0:.{digits}f}" if float(text.replace(",", "")) == 0 else f"\N{MINUS SIGN}{text[1:]}"


def score(value: float | None) -> str:
    """A score of any board with about four significant digits."""
    if value is None or not math.isfinite(value):
        return NONE
    digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 100 else 2 if abs(value) >= 10 else 3
    return number(value, digits)


def usd(value: float | None) -> str:
    """A price in US dollars: ``$1.36``, ``$0.015``."""
    if value is None or not math.isfinite(value):
        return NONE
    if 0 < value < 0.095:
        return f"${value:.2g}"
    return f"${value:,.2f}" if value < 100 else f"${value:,.0f}"


def span(lo: float | None, hi: float | None, digits: int = 1) -> str:
    """An interval in words: ``2.9 to 7.4``, with its open ends named; empty where there is none."""
    if lo is None and hi is None:
        return ""
    if lo is None:
        return f"up to {number(hi, digits)}"
    if hi is None:
        return f"{number(lo, digits)} or more"
    return f"{number(lo, digits)} to {number(hi, digits)}"


def days(value: float | None) -> str:
    """``158 days``, ``1 day``."""
    if value is None:
        return NONE
    whole = round(value)
    return f"{number(whole, 0)} day" + ("" if abs(whole) == 1 else "s")


def months(value: float | None) -> str:
    """Days as months, for those who think in them: ``5.2 months``."""
    return NONE if value is None else f"{number(value / 30.4375, 1)} months"


def sentences(reason: str) -> str:
    """The parts of a table's ``reason``, each as a sentence with its dates in words."""
    parts = [part.strip() for part in clean(reason).split(";") if part.strip()]
    dated = (_SINCE.sub(_date_in_words, part) for part in parts)
    return " ".join(f"{part[:1].upper()}{part[1:].rstrip('.')}." for part in dated)


def _date_in_words(found: re.Match[str]) -> str:
    try:
        return short_date(date.fromisoformat(found[0]))
    except ValueError:  # part of a name from outside
        return found[0]


def plural(count: int, one: str, many: str | None = None) -> str:
    """``1 board``, ``2 boards``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def first_sentence(text: str) -> tuple[str, str]:
    """The first sentence, and the rest; a stop inside a number or a name is none."""
    for at, letter in enumerate(text):
        after = text[at + 1 : at + 3]
        if letter == "." and (after == "" or (after[0] == " " and after[1:2].isupper())):
            return text[: at + 1], text[at + 1 :].strip()
    return text, ""


def after_verdict(sentence: str, verdict: str) -> str:
    """The sentence without the verdict that it begins with, which stands before it as a label."""
    if not sentence.lower().startswith(f"{verdict.lower()}: "):
        return sentence
    rest = sentence[len(verdict) + 2 :]
    return rest[:1].upper() + rest[1:] if rest[1:2].islower() else rest  # "o1" stays as it is
