"""HTML as a tree, as plain text and as rows of a table, in time proportional to the page."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Sequence

from bs4 import BeautifulSoup, Tag
from bs4.exceptions import ParserRejectedMarkup

from collectors.contract.errors import Drifted, Hostile
from collectors.contract.pages import Page
from collectors.read.faults import FaultyRow, cut_off

MAX_TAGS = 250
"""Most levels of nested HTML elements; the deepest recorded page has 46."""


def soup(page: Page) -> BeautifulSoup:
    """The page as parsed HTML, `Drifted` where it breaks off: no closing tag of the page, or of a fragment's table.

    The caller notices a bot wall or an empty client-side page by its missing table.
    """
    text = page.text
    lower = text.lower()
    if lower.lstrip().startswith("<?xml"):
        raise Drifted(page.url, "an XML document", expected="a page in HTML")
    kind = "html" if "<html" in lower else "table"
    if lower.count(f"<{kind}") > lower.count(f"</{kind}"):
        raise cut_off(page, f"</{kind}>")
    try:
        return BeautifulSoup(_harmless(page, text), "html.parser")
    except (RecursionError, ParserRejectedMarkup, AssertionError) as error:
        raise Hostile(page.url, f"HTML that cannot be read: {type(error).__name__}") from error


_TAG = re.compile(r"(/?)([A-Za-z][^\s/>]*)")

_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)


def _harmless(page: Page, text: str) -> str:
    """The page without the constructs on which the parser takes more than linear time; each line names its case.

    `Hostile` where elements are nested deeper than `MAX_TAGS` (100,000 unclosed paragraphs: for each of them the
    parser walks up through all open ones).
    """
    # For each of these the parser searches the whole text for an end: comments, marked sections, open tags.
    text = _closed_comments(text).replace("<![", "&lt;![")
    end = text.rfind(">") + 1
    text = text[:end] + text[end:].replace("<", "&lt;")
    open_tags: Counter[str] = Counter()
    depth = 0
    for piece in text.split("<")[1:]:
        match = _TAG.match(piece)
        if match is None or (name := match[2].lower()) in _VOID or piece.partition(">")[0].endswith("/"):
            continue
        step = -1 if match[1] else 1
        if step > 0 or open_tags[name]:
            open_tags[name] += step
            depth += step
        if depth > MAX_TAGS:
            raise Hostile(page.url, f"more than {MAX_TAGS} HTML elements within each other")
    return text


def _closed_comments(text: str) -> str:
    """The text with every comment emptied, and without what follows a comment that never ends."""
    first, *rest = text.split("<!--")
    kept = [first]
    inside = False
    for piece in rest:
        _, end, after = piece.partition("-->")
        if end:
            kept.append(("" if inside else "<!---->") + after)
        inside = not end
    return "".join(kept)


def plain_text(markup: str) -> str:
    """The text of an HTML fragment, one blank for every tag, character references resolved; in linear time.

    For titles and summaries: a full HTML parser takes 19 seconds for 12,000 times ``<a ``.
    """
    if "<" not in markup:
        return html.unescape(markup)
    kept: list[str] = []
    hidden = ""
    for at, piece in enumerate(markup.split("<")):
        tag = _TAG.match(piece) if at else None
        if at == 0:
            kept.append(piece)
        elif hidden == "!--":
            if "-->" in piece:
                hidden = ""
                kept.append(" " + piece.partition("-->")[2])
        elif hidden:
            if tag and tag[1] and tag[2].lower() == hidden:
                hidden = ""
                kept.append(" " + piece.partition(">")[2])
        elif piece.startswith("!--") and "-->" not in piece:
            hidden = "!--"
        elif tag and not tag[1] and tag[2].lower() in ("script", "style"):
            hidden = tag[2].lower()
        elif tag or piece[:1] in ("!", "?"):
            kept.append(" " + piece.partition(">")[2])
        else:
            kept.append("<" + piece)
    return html.unescape("".join(kept))


def cell_text(tag: Tag) -> str:
    """A cell's text with runs of white space made one blank."""
    return " ".join(tag.get_text(" ", strip=True).split())


def table_row(header: Sequence[str], cells: Sequence[Tag]) -> dict[str, str]:
    """A row of an HTML table by column name; with another number of cells than columns it is a `FaultyRow`."""
    texts = [cell_text(cell) for cell in cells]
    if len(texts) != len(header):
        return FaultyRow(header, texts, f"{len(texts)} cells under {len(header)} columns")
    return dict(zip(header, texts, strict=True))
