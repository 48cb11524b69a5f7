"""Inline text and tables as HTML: the one place where names from outside meet a page.

Written in Python because a site has some 200,000 cells and a template macro costs ten times as much for each.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from markupsafe import Markup, escape

from warehouse.report.document import Anchor, Column, Inline, Link, Small, Strong, Table
from warehouse.report.text import unbroken

_DATE = re.compile(r"\d{1,2} [A-Z][a-z]{2} \d{4}")
_SPECIAL = re.compile("[&<>'\"]")

LONG = 60

FILES = ("data/", "charts/", "feed.xml")
"""Beginnings of addresses inside the site that may name a file instead of a page."""


def address(to: str, up: str) -> str:
    """An address as a page may use it: relative, ending in ``index.html``, so that it works from a file."""
    if to.startswith(("http://", "https://", "#")):
        return to
    if to.startswith(FILES) and "." in to.rsplit("/", 1)[-1]:
        return up + to
    return f"{up}{to}/index.html" if to else f"{up}index.html"


def inline(parts: Sequence[Inline], up: str) -> Markup:
    """Text, links and labels, each escaped; a number stays beside its unit."""
    return Markup(unbroken("".join([_part(part, up) for part in parts])))  # noqa: S704 - every part is escaped below


def long(parts: Sequence[Inline]) -> bool:
    """Whether a fact is too long for one of several columns."""
    return sum(len(part if isinstance(part, str) else part.text) for part in parts) > LONG


def _escaped(text: str) -> str:
    # Most texts have nothing to escape, and a search costs a tenth of what `escape` does.
    return text if _SPECIAL.search(text) is None else str(escape(text))


def _part(part: Inline, up: str) -> str:
    if isinstance(part, str):
        return _escaped(part)
    if isinstance(part, Link):
        return _link(part, up)
    text = _escaped(part.text)
    if isinstance(part, Strong):
        return f'<strong class="{part.side}">{text}</strong>' if part.side else f"<strong>{text}</strong>"
    if isinstance(part, Anchor):
        return f'<span id="{_escaped(part.name)}">{text}</span>'
    if isinstance(part, Small):
        return f" <small>{text}</small>"
    return f'<span class="verdict" data-verdict="{text}">{text}</span>'


@lru_cache(100_000)
def _link(link: Link, up: str) -> str:
    text = _escaped(link.text)
    if link.to is None:
        return text
    side = f' class="{link.side}"' if link.side else ""
    return f'<a href="{_escaped(address(link.to, up))}"{side}>{text}</a>'


def _sort_key(key: float | str) -> str:
    # Six digits order what people compare; all sixteen of them were a tenth of the site.
    return f"{key:.6g}" if isinstance(key, float) else _escaped(str(key))


def _sorts_itself(text: Inline | None, key: float | str) -> bool:
    # The script reads a date ("14 Jun 2026") and a plain number from the text.
    if not isinstance(text, str):
        return False
    return text == str(key) or (isinstance(key, str) and _DATE.fullmatch(text) is not None)


def table_rows(table: Table, up: str) -> Markup:
    """The rows of a table's body."""
    lines = []
    for row in table.rows:
        lines.append("<tr>")
        for parts, key, number in row:
            alone = parts[0] if len(parts) == 1 else None
            text = _part(alone, up) if alone is not None else "".join([_part(part, up) for part in parts])
            sort = "" if key is None or _sorts_itself(alone, key) else f' data-sort="{_sort_key(key)}"'
            lines.append(f"""<td{' class="number"' if number else ""}{sort}>{text}</td>""")
        lines.append("</tr>\n")
    return Markup("".join(lines))  # noqa: S704 - every part is escaped above


def table_head(table: Table) -> Markup:
    """The headings of a table's columns, each with its note."""
    return Markup("".join([_heading(column) for column in table.columns]))  # noqa: S704 - escaped in `_heading`


@lru_cache(1_000)
def _heading(column: Column) -> str:
    number = ' class="number"' if column.number else ""
    note = f" <small>{unbroken(_escaped(column.note))}</small>" if column.note else ""
    return f'<th scope="col"{number}>{_escaped(column.title)}{note}</th>'
