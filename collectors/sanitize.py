"""Sanitising of text from outside: the one definition of "invisible", and the rules for names, texts and addresses.

A name that is not plain is refused (`name_fault`), because a repaired name may be another model's.  Free text is
cleaned and shortened (`clean_text`); a verbatim row is shortened, and its invisible characters are marked (`visible`).
An address of the web is kept whole or dropped (`clean_url`).  The row types of `collectors.contract` call these for
every field, so no page can put a control code, a hidden instruction or five megabytes into a table or a terminal.

Invisible characters: Unicode's controls, format characters, surrogates, private use, noncharacters, line and paragraph
separators, everything "default ignorable" (soft hyphen, Arabic letter mark, bidirectional controls, invisible
operators, tags, fillers of Hangul) and the blank of Braille.  The ranges are written out, because ``unicodedata``
changes with the version of Python and a row must not.  U+FE0E and U+FE0F are kept: they choose the appearance of the
character before them.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

MAX_NAME = 200
"""Longest model name we take from a source, in characters (a 1 MB name is an attack, not a model)."""

MAX_TEXT = 2_000
"""Longest verbatim row kept beside a value, in characters; the archive has the whole page."""

MAX_URL = 2_000
"""Longest address, in characters."""

SURROGATES = (0xD800, 0xDFFF)
INVISIBLE = (
    *((0x00, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x34F, 0x34F)),
    *((0x600, 0x605), (0x61C, 0x61C), (0x6DD, 0x6DD), (0x70F, 0x70F), (0x890, 0x891), (0x8E2, 0x8E2)),
    *((0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F)),
    *((0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F), (0x2800, 0x2800), (0x3164, 0x3164)),
    *(SURROGATES, (0xE000, 0xF8FF), (0xFDD0, 0xFDEF), (0xFE00, 0xFE0D), (0xFEFF, 0xFEFF)),
    *((0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0xFFFE, 0xFFFF)),
    *((0x110BD, 0x110BD), (0x110CD, 0x110CD), (0x13430, 0x1343F), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A)),
    *((plane << 16 | 0xFFFE, plane << 16 | 0xFFFF) for plane in range(1, 14)),
    *((0xE0000, 0xE0FFF), (0xEFFFE, 0xEFFFF), (0xF0000, 0x10FFFF)),
)
"""First and last code point of each range of invisible characters."""

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
NOT_UTF8_MARK = "\ufdd0"
"""A noncharacter in the place of a byte that is not UTF-8, or of a character its format forbids; it is invisible."""

INVISIBLE_CLASS = "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in INVISIBLE)
"""The inside of a character class of Python's ``re``."""

_INVISIBLE = re.compile(f"[{INVISIBLE_CLASS}]")
_SPACE = re.compile("[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]")
_UNREADABLE = re.compile(f"[\x00-\x1f\x7f-\x9f\ud800-\udfff{REPLACEMENT}]")
_MISREAD = re.compile(
    rb"[\xc3-\xdf][\x80-\xbf]|\xc2[\x80-\x9f\xa1-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)


def is_plain(text: str) -> bool:
    """Whether a text is of visible ASCII characters and spaces alone, which no rule here changes."""
    return text.isascii() and text.isprintable()


def name_fault(name: str) -> str:
    """Why ``name`` cannot be the name of something (a model, a variant), or the empty string."""
    if not name.strip():
        return "empty name"
    if len(name) > MAX_NAME:
        return f"name of {len(name)} characters"
    if is_plain(name):
        return ""
    if _UNREADABLE.search(name):
        return "control or replacement characters in the name"
    if _INVISIBLE.search(name):
        return "invisible characters in the name"
    if name != unicodedata.normalize("NFC", name):
        return "name is not in Unicode normal form C"
    return "UTF-8 read as another encoding in the name" if _misread(name) else ""


def has_invisible(text: str) -> bool:
    """Whether a text has an invisible character; tabs and line ends count as invisible."""
    return not is_plain(text) and _INVISIBLE.search(text) is not None


def clean_text(text: str, limit: int = MAX_TEXT) -> str:
    """Free text in one line of at most ``limit`` characters: line ends become spaces, the invisible is removed."""
    text = text[: 4 * limit]  # what is cut off anyway need not be looked at
    if has_invisible(text):
        text = _INVISIBLE.sub("", _SPACE.sub(" ", text))
    return text[:limit]


def visible(text: str, limit: int | None = None, *, lines: bool = False) -> str:
    """A text as written, with U+FFFD for every invisible character; ``lines`` keeps line feeds and tabs."""
    text = text[:limit]
    if not has_invisible(text):
        return text
    return _INVISIBLE.sub(lambda found: found[0] if lines and found[0] in "\n\t" else REPLACEMENT, text)


def whole_text(text: str) -> str:
    """Text without the half characters that a site leaves where it cuts an emoji in two."""
    return text.encode("utf-8", "replace").decode()


def clean_url(url: str) -> str:
    """An address of the web, unchanged; empty where it has another scheme, is too long or has invisible characters."""
    url = url.strip()
    if len(url) > MAX_URL or has_invisible(url) or any(letter.isspace() for letter in url):
        return ""
    try:
        parts = urlsplit(url)
        return url if parts.scheme in ("http", "https") and parts.hostname else ""
    except ValueError:
        return ""


def _misread(name: str) -> bool:
    """Whether a part of the name is UTF-8 that was decoded as Windows-1252 or Latin-1: "QwÃ©n" for "Qwén"."""
    return any(_MISREAD.search(name.encode(codec, "replace")) for codec in ("cp1252", "latin-1"))


# --- cells of a spreadsheet ---------------------------------------------------------------------

FORMULA_STARTS = "=+@-\t\r\n\uff1d\uff0b\uff20\uff0d"
"""First characters with which a spreadsheet reads a cell as a formula; full-width forms count like plain ones."""


def csv_cell(column: str) -> str:
    """The SQL expression of a text column as a CSV cell: invisible characters are marked, and no cell is a formula.

    Line feeds and tabs within a text stay.  A cell that begins like a formula, after any spaces, gets a leading
    apostrophe, which spreadsheets do not show: it remains a text.
    """
    shown = f"""regexp_replace("{column}", '{_MARKED}', '{REPLACEMENT}', 'g')"""
    return f"""case when regexp_matches("{column}", '{_FORMULA}') then '''' || {shown} else {shown} end"""


def _re2(first: int, last: int) -> str:
    return f"\\x{{{first:x}}}-\\x{{{last:x}}}"


_KEPT_IN_CELLS = ((0x00, 0x08), (0x0B, 0x1F))
"""The controls but for tab and line feed."""

_MARKED = "[" + "".join(_re2(*r) for r in (*_KEPT_IN_CELLS, *INVISIBLE[1:]) if r != SURROGATES) + "]"
_FORMULA = "^ *[" + "".join(_re2(ord(c), ord(c)) for c in FORMULA_STARTS) + "]"
