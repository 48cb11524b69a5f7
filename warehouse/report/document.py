"""What a page is made of: a short list of blocks, each with one template macro.

A page is a document first: headings, paragraphs, tables and figures in reading order; colour and script come after.
Cells and links are named tuples, not dataclasses: a site has 200,000 of them, and a tuple is made three times as fast.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple

Side = Literal["", "open", "closed"]


class Link(NamedTuple):
    """Text that leads somewhere: ``to`` is an address inside the site (``models/kimi-k2.6``) or a web address."""

    text: str
    to: str | None
    side: Side = ""


class Strong(NamedTuple):
    """Emphasised text."""

    text: str
    side: Side = ""


class Small(NamedTuple):
    """What belongs to the number before it: its interval, its unit; on a line of its own in a column of numbers."""

    text: str


class Anchor(NamedTuple):
    """Text that a link of the same page leads to: ``to`` is ``#name``."""

    text: str
    name: str


class Verdict(NamedTuple):
    """A verdict or state, shown as a label with its word; colour only repeats the word."""

    text: str


Inline = str | Link | Strong | Small | Anchor | Verdict


class Cell(NamedTuple):
    """One cell: its text and its sort key (a number, or else its text)."""

    parts: tuple[Inline, ...]
    sort: float | str | None = None
    number: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column's heading; ``note`` is the unit or a short explanation below it; minor columns fold on small screens."""

    title: str
    note: str = ""
    number: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows below headings.  ``facets`` names the columns that a reader may choose a value of, by their place."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    searchable: bool = False
    facets: tuple[int, ...] = ()
    chosen: str = ""
    """The value of the first facet that is chosen at the beginning."""
    limits: tuple[int, ...] = ()
    """Columns of numbers a reader may set an upper limit for."""
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    text: str
    anchor: str
    level: Literal[2, 3] = 2
    kind: Literal["heading"] = "heading"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    parts: tuple[Inline, ...]
    role: Literal["", "lead", "note", "warning"] = ""
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """A list of short paragraphs."""

    items: tuple[tuple[Inline, ...], ...]
    kind: Literal["points"] = "points"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Name and value pairs."""

    pairs: tuple[tuple[str, tuple[Inline, ...]], ...]
    kind: Literal["facts"] = "facts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One of the answers on the first page: a large number, its interval, what it means."""

    question: str
    value: str
    interval: str
    meaning: tuple[Inline, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    items: tuple[Answer, ...]
    kind: Literal["answers"] = "answers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """One chart as SVG for wide and for narrow screens, in colours that follow the page's theme."""

    wide: str
    narrow: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A chart: a title that states the finding, a subtitle that states the measure, source and date, table behind."""

    name: str
    title: str
    subtitle: str
    drawing: Drawing
    alternative: str
    source: tuple[Inline, ...]
    table: Table | None = None
    overlay: str = ""
    """What a reader may lay over the chart, in words; empty where there is nothing."""
    kind: Literal["figure"] = "figure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sparkline:
    """A small chart inside a text: inline SVG, and the same in words."""

    svg: str
    caption: tuple[Inline, ...]
    kind: Literal["sparkline"] = "sparkline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Details folded away under a summary line."""

    summary: tuple[Inline, ...]
    blocks: tuple[Block, ...]
    anchor: str = ""
    kind: Literal["fold"] = "fold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A claim, verdict first, then one plain sentence, then the details."""

    claim: str
    to: str
    verdict: str
    sentence: str
    details: tuple[Block, ...]
    kind: Literal["claim"] = "claim"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """Two models side by side, chosen by the reader; needs script, and says so without."""

    kind: Literal["compare"] = "compare"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sql:
    """A box for SQL over the published tables, with examples (title, query); needs script and a web server."""

    tables: tuple[str, ...]
    examples: tuple[tuple[str, str], ...]
    kind: Literal["sql"] = "sql"


Block = Heading | Paragraph | Points | Facts | Answers | Figure | Sparkline | Table | Fold | Claim | Compare | Sql


LASTING = frozenset({"boards", "claims", "compare", "labs", "method", "models"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page: ``path`` is its folder below the site (empty for the first page)."""

    path: str
    title: str
    description: str
    blocks: tuple[Block, ...]
    section: str = ""
    night: date | None = None
    """The night that the page is about, where it is not tonight."""
    runs_engine: bool = False
    """Whether the page may compile WebAssembly and ask this site for files; no other page may."""
    trail: tuple[Link, ...] = field(default=())

    @property
    def lasting(self) -> bool:
        """Whether the page stays as it is while its numbers do: it is about a subject, not about a night."""
        return self.night is None and self.path.partition("/")[0] in LASTING


def cell(*parts: Inline, sort: float | str | None = None) -> Cell:
    """A cell of text."""
    return Cell(parts=parts, sort=sort)


def figure_cell(text: str, value: float | None, small: str = "") -> Cell:
    """A cell of a number, sorted by it; ``small`` stands below it."""
    return Cell(parts=(text, Small(small)) if small else (text,), sort=value, number=True)
