"""Reading helpers every collector shares: strict numbers, tables by column name, safe formats.

All raise `Drifted` (or `Hostile`) with the page's address, never return a partial result, and never
guess: a cell is a number or it is not, a column is there by name or the page has drifted.

All formats are read with the same strictness, and every loader takes time in proportion to its input.  A fault of the
document is `Drifted`.  A fault of one row (one key twice with two values, NaN, a cell too many) is a `Fault` in place
of the value; `collectors.entries` quarantines the row that contains it.
"""

from __future__ import annotations

import csv
import html
import io
import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

import yaml

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML without libyaml: ten times slower
    from yaml import SafeLoader as Loader  # type: ignore[assignment]
from bs4 import BeautifulSoup, Tag
from bs4.exceptions import ParserRejectedMarkup

from collectors.contract import Drifted, Hostile, Page
from collectors.sanitize import STRAY

csv.field_size_limit(2**25)  # 131,072 characters otherwise, and a longer cell would cost the page

_NUMBER = re.compile(r"[+-]?([1-9]\d{0,2}(,\d{3})+|\d+)(\.\d+)?([eE][+-]?\d{1,3})?", re.ASCII)
MAX_DEPTH = 100
"""Most levels of nested objects and lists; no page of data needs more than ten."""

MAX_TAGS = 250
"""Most levels of nested HTML elements; the deepest recorded page has 46."""


class Fault(str):
    """A placeholder for a value that cannot be right, with the reason; it is neither a number nor a name nor a date."""

    __slots__ = ()

    def __new__(cls, reason: str) -> Fault:
        return super().__new__(cls, f"\N{REPLACEMENT CHARACTER} {reason}")

    @property
    def reason(self) -> str:
        """The reason, without the mark that keeps the placeholder from being a name."""
        return self[2:]


UNENDED = "\N{REPLACEMENT CHARACTER} (the text ends here)"
"""A mark at the end of a cell that may have been cut: the text ends in this row, without a line end.

Such a cell may be incomplete: 87.5 cut to 8 is a number too.  A row with all its cells has the mark on its last one, a
shorter row on every one.  A marked cell is neither a number nor a name, so the row is quarantined where that cell is
needed.
"""

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


# --- JSON, YAML, CSV ----------------------------------------------------------------------------


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; a key that occurs twice with two values has a `Fault` (the same value twice is no contradiction)."""
    found = dict(pairs)
    if len(found) != len(pairs):
        first: dict[str, Any] = {}
        for key, value in pairs:
            if key not in first:
                first[key] = value
            elif first[key] != value:
                found[key] = Fault(f"key {key[:60]!r} stands twice")
    return found


def _constant(text: str) -> Fault:
    return Fault(f"{text} is no number")


def _whole_number(digits: str) -> int | Fault:
    return int(digits) if len(digits) <= 400 else Fault(f"a number of {len(digits)} digits")


def json_of(page: Page, text: str | None = None) -> Any:
    """The page (or one ``text`` of it) as JSON; deep nesting or a cut document is `Drifted`.

    A `Fault` replaces NaN and the infinities, a key that occurs twice, a number of hundreds of digits, a text with a
    byte that is not UTF-8, and half a surrogate pair, which a site leaves where it cuts an emoji in two.  A line end or
    control character inside a text is no reason to refuse the document.
    """
    text = page.marked_text if text is None else text
    try:
        try:
            value = json.loads(text, strict=False, parse_constant=_constant, object_pairs_hook=_object)
        except json.JSONDecodeError:
            raise
        except ValueError:  # a number longer than Python takes; the hook is slow, so it is set only then
            value = json.loads(
                text, strict=False, parse_constant=_constant, parse_int=_whole_number, object_pairs_hook=_object
            )
        if STRAY in text or re.search(r"\\u[dD][89a-fA-F]", text):
            value = _whole_text(value)
    except (ValueError, RecursionError) as error:
        raise Drifted(
            page.url,
            f"not JSON: {error}" if isinstance(error, ValueError) else "JSON nested too deep",
            expected="one whole JSON document",
            todo="compare the archived page with last good; the site may have published a broken file",
        ) from error
    if isinstance(value, Fault):
        raise Drifted(page.url, f"not JSON: {value.reason}", expected="one whole JSON document")
    return value


def _whole_text(value: Any) -> Any:
    """The value, with a `Fault` in place of every text that has half a surrogate pair or a stray byte."""
    if isinstance(value, dict):
        return {
            key.encode("utf-8", "replace").decode(): Fault(NOT_UTF8) if STRAY in key else _whole_text(one)
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [_whole_text(one) for one in value]
    if isinstance(value, str) and not isinstance(value, Fault):
        if STRAY in value:
            return Fault(NOT_UTF8)
        if any("\ud800" <= c <= "\udfff" for c in value):
            return Fault("half a surrogate pair")
    return value


NOT_UTF8 = "a byte that is not UTF-8, or a character the format forbids"
_FORBIDDEN_IN_YAML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")
"""Characters that YAML does not take, and line ends that JSON and CSV take for characters of a text."""


def yaml_of(page: Page) -> Any:
    """The page as YAML; more than one document is `Drifted`.

    A scalar is the text as written, or None where it is empty, ``~`` or ``null``; collectors convert it.  YAML's types
    would turn ``1:30`` into 90, ``no`` into false and ``010`` into 8.  A `Fault` replaces a key that occurs twice or is
    no text, what an alias, a merge or a tag stands for (none is ever unfolded), and what JSON has a `Fault` for.
    """
    text = _FORBIDDEN_IN_YAML.sub(STRAY, page.marked_text)
    text = re.sub(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}", rf"\\u{ord(STRAY):04x}", text)
    try:
        value = _whole_text(_from_events(yaml.parse(text, Loader=Loader)))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise Drifted(
            page.url,
            f"not plain YAML: {str(error).splitlines()[0]}",
            expected="one YAML document without aliases and tags",
        ) from error
    if isinstance(value, Fault):
        raise Drifted(page.url, f"not plain YAML: {value.reason}", expected="one YAML document without tags")
    return value


def _from_events(events: Iterable[yaml.Event]) -> Any:
    """The one document of a stream of parsing events, in one pass and without recursion."""
    documents: list[Any] = []
    open_nodes: list[tuple[yaml.CollectionStartEvent | None, list[Any]]] = [(None, documents)]
    for event in events:
        if isinstance(event, yaml.ScalarEvent):
            empty = not event.style and event.value in ("", "~", "null", "Null", "NULL")
            open_nodes[-1][1].append(_tag_fault(event) or (None if empty else event.value))
        elif isinstance(event, yaml.CollectionStartEvent):
            if len(open_nodes) > MAX_DEPTH:
                raise yaml.YAMLError(f"nested deeper than {MAX_DEPTH}")
            open_nodes.append((event, []))
        elif isinstance(event, yaml.CollectionEndEvent):
            start, inner = open_nodes.pop()
            made = _mapping(inner) if isinstance(start, yaml.MappingStartEvent) else inner
            open_nodes[-1][1].append((start and _tag_fault(start)) or made)
        elif isinstance(event, yaml.AliasEvent):
            open_nodes[-1][1].append(Fault("an alias in a data file"))
        elif isinstance(event, yaml.DocumentStartEvent) and documents:
            raise yaml.YAMLError("a second document")
    return documents[0] if documents else None


def _tag_fault(event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> Fault | None:
    return None if event.tag in (None, "!") else Fault(f"a tag {event.tag[:60]!r} in a data file")


def _mapping(inner: list[Any]) -> dict[str, Any]:
    """The object of keys and values in turn; what a merge or a key that is no text may mean is a `Fault`."""
    pairs = list(zip(inner[::2], inner[1::2], strict=True))
    odd = [key for key, _ in pairs if not isinstance(key, str) or isinstance(key, Fault) or key == "<<"]
    made = _object([(key, value) for key, value in pairs if key not in odd])
    return {**made, "": Fault(f"a key that is no text: {str(odd[0])[:60]!r}")} if odd else made


def whole_number(cell: object) -> int | None:
    """A whole number of at least 0 from a number or its digits (``225``, ``"225"``); else None."""
    value = number(cell)
    return int(value) if value is not None and 0 <= value < 2**53 and value.is_integer() else None


class FaultyRow(dict[str, str]):
    """A row of a table that cannot be read: every value is the `Fault`; ``cells`` are the cells as written."""

    __slots__ = ("cells", "fault")

    def __init__(self, header: Iterable[str], cells: Sequence[str], reason: str) -> None:
        names = list(header)
        self.fault, self.cells = Fault(reason), dict(zip(names, cells, strict=False))
        super().__init__(dict.fromkeys(names, self.fault))


def csv_rows(
    page: Page, need: Sequence[str], *, text: str | None = None, fill: str | None = None
) -> list[dict[str, str]]:
    """Rows of a CSV page by column name; unclosed quotes and missing columns are `Drifted`.

    A row with more or fewer cells than the header, or with a quote inside a quoted cell, is a `FaultyRow`: it is
    unknown which cell is extra or missing, so the others may be under wrong names.  So is one with a stray byte.
    A caller that recognises short rows itself gives ``fill``, and they are filled up at their end with it.
    A last row without a line end may have been cut: see `UNENDED`.
    """
    text = page.marked_text if text is None else text
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines: list[list[str] | str] = []
    while True:
        before = reader.line_num
        try:
            line = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            # A row that ends on its own line has not swallowed another one.
            ends_here = reader.line_num == before + 1 and "unexpected end" not in str(error)
            if not (ends_here and lines and "expected after" in str(error)):
                raise Drifted(page.url, f"CSV line {reader.line_num}: {error}", expected="well-formed CSV") from error
            lines.append(f"line {reader.line_num}: {error}")
            continue
        if line:
            lines.append(line)
    if not lines or isinstance(lines[0], str):
        raise Drifted(page.url, "an empty file", expected=f"columns {', '.join(need)}")
    header = [cell.strip() for cell in lines[0]]
    columns(page, header, need)
    if len(lines) > 1 and not text.endswith(("\n", "\r")) and isinstance(last := lines[-1], list):
        lines[-1] = _unended(last, len(header))
    return [_csv_row(header, line, fill) for line in lines[1:]]


def _csv_row(header: list[str], line: list[str] | str, fill: str | None) -> dict[str, str]:
    if isinstance(line, str):
        return FaultyRow(header, (), line)
    if len(line) > len(header) or (len(line) < len(header) and fill is None):
        return FaultyRow(header, line, f"{len(line)} cells under {len(header)} columns")
    if any(STRAY in cell for cell in line):
        return FaultyRow(header, line, NOT_UTF8)
    return dict(zip(header, line + [fill or ""] * (len(header) - len(line)), strict=True))


def _unended(cells: list[str], count: int) -> list[str]:
    if len(cells) >= count:
        return [*cells[:-1], cells[-1] + UNENDED]
    return [cell + UNENDED for cell in cells + [""] * (count - len(cells))]


def ended(page: Page, mark: str = "\n") -> None:
    """Raises `Drifted` where the text lacks the end that every whole page of its kind has: line end, last section."""
    text = page.marked_text
    if not (text.endswith(mark) if mark.isspace() else mark in text):
        raise cut_off(page, "a line end" if mark.isspace() else repr(mark))


def same_keys(page: Page, entries: Sequence[Mapping[str, Any]], spare: Iterable[str] = ()) -> None:
    """Raises `Drifted` where the text ends without a line end and its last entry lacks a key that all others have."""
    if page.marked_text.endswith("\n"):
        return
    others = [set(entry) for entry in entries[:-1] if entry]
    if others and (lost := set.intersection(*others) - set(entries[-1]) - set(spare)):
        raise cut_off(page, f"{', '.join(sorted(map(str, lost)))} in its last entry, as in all others")


def cut_off(page: Page, missing: str) -> Drifted:
    return Drifted(
        page.url,
        f"the page breaks off after {len(page.body)} bytes: no {missing}",
        expected="a whole page",
        todo="nothing, if the next night brings it whole; else compare the archived page with last good",
    )


def columns(page: Page, found: Iterable[str], need: Iterable[str]) -> None:
    """Raises `Drifted`, with the missing and the new names, unless every needed column is there once."""
    names = list(found)
    wanted = list(need)
    faults = [
        found[name].reason for name in wanted if isinstance(found, Mapping) and isinstance(found.get(name), Fault)
    ]
    if faults:
        raise Drifted(page.url, "; ".join(faults), expected=f"one value under each of {wanted}")
    missing = [name for name in wanted if name not in names]
    doubled = [name for name in wanted if names.count(name) > 1]
    if missing or doubled:
        new = [name for name in names if name not in wanted]
        raise Drifted(
            page.url,
            f"columns missing: {missing}; doubled: {doubled}; others there: {new[:20]}",
            expected=f"columns {wanted}",
            todo="if a column was renamed, change its name in the source's module and add the page as a fixture",
        )


# --- HTML, Markdown, JavaScript -----------------------------------------------------------------


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


def markdown_tables(text: str) -> Iterator[list[dict[str, str]]]:
    """Every pipe table of a Markdown text as rows by column name (outer pipes are optional, ``\\|`` is a pipe).

    Cells beyond the header are dropped, as Markdown renderers do.  A last row without a line end may have been cut:
    see `UNENDED`.  Each line is read once: a table ends before its first line without a pipe.
    """
    lines = re.split(r"\r\n|\n|\r", text)
    at = 0
    while at < len(lines) - 1:
        if "|" not in lines[at] or "|" not in lines[at + 1] or not _is_separator(lines[at + 1]):
            at += 1
            continue
        header = _cells(lines[at])
        rows = []
        at += 2
        while at < len(lines) and "|" in lines[at]:
            cells = _cells(lines[at])
            if at == len(lines) - 1 and not (len(cells) >= len(header) and lines[at].rstrip().endswith("|")):
                cells = _unended(cells, len(header))
            rows.append(dict(zip(header, cells + [""] * (len(header) - len(cells)), strict=False)))
            at += 1
        yield rows


def _is_separator(line: str) -> bool:
    return all(re.fullmatch(r":?-+:?", cell) for cell in _cells(line))


def _cells(line: str) -> list[str]:
    inner = re.sub(r"(?<!\\)\|$", "", line.strip().removeprefix("|"))
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", inner)]


def js_literal(page: Page, text: str) -> Any:
    """The first JavaScript literal of ``text`` as data: comments, bare keys, single quotes, trailing commas.

    A tokenizer, not an evaluator: anything that is not literal data is `Drifted`, a bare name too.
    """
    out: list[str] = []
    bare = ""
    at = depth = 0
    token = re.compile(
        r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)"""
        r"""|(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\$]|\\.)*`)"""
        r"""|(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"""
        r"""|(?P<endless>[+-]?(?:Infinity|NaN)\b)"""
        r"""|(?P<word>[A-Za-z_$][\w$]*)"""
        r"""|(?P<mark>[{}\[\]:,])""",
        re.DOTALL,
    )
    while at < len(text):
        match = token.match(text, at)
        if match is None:
            break
        at = match.end()
        piece = match.group()
        if match.lastgroup == "space":
            continue
        if piece == ":" and bare:
            out[-1] = json.dumps(bare)
        bare = piece if match.lastgroup in ("word", "number", "endless") else ""
        if match.lastgroup == "string":
            out.append(json.dumps(_unescape(piece[1:-1])))
        elif match.lastgroup == "endless":
            out.append(piece.lstrip("+").replace("-NaN", "NaN"))
        elif match.lastgroup == "number":
            plain_integer = re.fullmatch(r"-?(0|[1-9]\d{0,400})", piece)
            out.append(piece if plain_integer else repr(float(piece)).replace("inf", "Infinity"))
        elif match.lastgroup == "word":
            out.append({"true": "true", "false": "false", "null": "null", "undefined": "null"}.get(piece, piece))
        else:
            if piece in "}]" and out[-1:] == [","] and out[-2:-1] not in (["{"], ["["], [","]):
                out.pop()
            out.append(piece)
            depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(piece, 0)
            if piece in "}]" and depth == 0:
                break
    try:
        return _whole_text(json.loads(" ".join(out), parse_constant=_constant, object_pairs_hook=_object))
    except (ValueError, RecursionError) as error:
        raise Drifted(
            page.url, f"not a JavaScript literal near {text[max(0, at - 30) : at + 30]!r}", expected="a data literal"
        ) from error


def _unescape(body: str) -> str:
    simple = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": ""}

    def plain(match: re.Match[str]) -> str:
        code = match.group(2) or match.group(3)
        return chr(int(code, 16)) if code else simple.get(match.group(1), match.group(1))

    text = re.sub(r"\\(u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|.)", plain, body, flags=re.DOTALL)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def written(row: Mapping[str, Any], *keys: str) -> str:
    """The named fields of a row (all, if none is named) as compact JSON: the row as its source wrote it."""
    chosen = {key: row.get(key) for key in keys} if keys else dict(row)
    return json.dumps(chosen, ensure_ascii=False, separators=(",", ":"), default=str)
