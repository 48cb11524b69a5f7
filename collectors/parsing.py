"""The only way to call a parser: an exception in it becomes `Drifted`, and the rows it read must add up.

Every parser's fingerprint covers this module too, because it decides which rows are kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import inf
from typing import TypeVar

from collectors.columns import RowTable, check_tables, in_order, row_tables, rows_of
from collectors.contract.errors import Drifted, SourceError
from collectors.contract.pages import Page
from collectors.contract.rows import (
    REPAIRED,
    Access,
    Announcement,
    Excluded,
    Get,
    Incident,
    Price,
    Quarantined,
    Release,
    Row,
    Score,
    Spec,
    Tally,
)
from collectors.contract.source import Source
from collectors.sanitize import name_fault

MAX_ROWS = 100_000
"""Most rows one page may state; the longest recorded one states 11,925.  What lies beyond is cut, and counted."""


R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPage:
    """One parsed page of a source: its rows, or the error for which the whole page was refused.

    ``tables``: the rows as columns, by the name of their type; ``order``: the types in the order of the page's rows, a
    byte a row.  ``cut``: board, edition and number of rows left out, where the page has more than `MAX_ROWS`.
    """

    source: str
    key: str
    tables: Mapping[str, RowTable] = field(default_factory=dict)
    order: bytes = b""
    error: SourceError | None = None
    cut: tuple[tuple[str, str, int], ...] = ()

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.order)

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows as objects, made anew at every call."""
        return in_order(self.tables, self.order)

    @property
    def links(self) -> tuple[Get, ...]:
        """The addresses the page names."""
        return self.of(Get)

    def of(self, kind: type[R]) -> tuple[R, ...]:
        """The rows of one type, made anew at every call."""
        table = self.tables.get(kind.__name__)
        return tuple(rows_of(kind, table)) if table else ()


def check_parsed(page: ParsedPage, size: int) -> None:
    """Raises an error of any class unless `parse_page` can have made this page, in an answer of so many bytes.

    For an answer of a process that a page may have taken over: what comes after relies on the types checked here.
    """
    if type(page) is not ParsedPage or type(page.cut) is not tuple:
        raise TypeError("no parsed page")
    check_tables(page.tables, page.order, size)
    tallies = page.tables["Tally"].rows if "Tally" in page.tables else 0
    if max(page.count - tallies - 1, tallies, len(page.cut)) > MAX_ROWS:  # one more: the note that rows were cut
        raise ValueError(f"{page.count:,} rows, {tallies:,} of them tallies, {len(page.cut):,} boards cut")
    for board, edition, rows in page.cut:
        if (type(board), type(edition), type(rows)) != (str, str, int) or not 0 < rows < 2**63:
            raise TypeError("no number of rows that were cut from a board")
    if page.error is not None:
        _check_error(page.error)
    page.links  # noqa: B018 - what is read of it before the store, which checks the cells of all other columns


def _check_error(error: SourceError) -> None:
    """Raises TypeError unless the error holds the texts it is made of, and nothing else."""
    if not isinstance(error, SourceError) or vars(error).keys() != _OF_ERROR:
        raise TypeError("no error of a source")
    if any(type(text) is not str or len(text) > MAX_ERROR for text in vars(error).values()):
        raise TypeError("an error of other things than texts, or of endless ones")


def parse_page(source: Source, page: Page, key: str) -> ParsedPage:
    """`read_page` as a value; ``key`` is ``page.key``, passed in because computing it hashes the whole body."""
    try:
        rows, cut = _within_cap(read_page(source, page))
        tables, order = _as_columns(source, page, rows)
        return ParsedPage(source=source.name, key=key, tables=tables, order=order, cut=cut)
    except SourceError as error:
        return ParsedPage(source=source.name, key=key, error=error.with_traceback(None))


def _as_columns(source: Source, page: Page, rows: Sequence[Row]) -> tuple[Mapping[str, RowTable], bytes]:
    """The rows by type as columns; one that no table can have (a count of 30 digits) is `Drifted`."""
    try:
        return row_tables(rows)
    except (ValueError, TypeError, LookupError, OverflowError, AttributeError) as error:
        raise Drifted(
            page.url,
            f"a row that cannot be stored: {type(error).__name__}: {str(error)[:200]}",
            expected="values of the contract's types",
            todo=f"compare the archived page {page.sha256[:12]} with the parser of {source.name}",
            source=source.name,
        ) from error


def _within_cap(rows: tuple[Row, ...]) -> tuple[tuple[Row, ...], tuple[tuple[str, str, int], ...]]:
    """The first `MAX_ROWS` rows and every tally, and of each board and edition how many rows were cut.

    Their table still adds up: what was cut counts as excluded by a rule.  A note for the quarantine says how many rows
    there were, of boards or not.
    """
    if len(rows) <= MAX_ROWS:
        return rows, ()
    kept, cut = list(rows[:MAX_ROWS]), Counter[tuple[str, str]]()
    for row in rows[MAX_ROWS:]:
        if isinstance(row, Tally):
            kept.append(row)
        elif isinstance(row, _OF_BOARDS) and row.board:
            cut[row.board, row.edition] += 1
    note = Quarantined(
        board="",
        edition="",
        name="",
        field="rows",
        found=f"{len(rows):,} rows on one page",
        expected=f"at most {MAX_ROWS:,}; the others are cut",
        written="",
    )
    return (*kept, note), tuple((board, edition, count) for (board, edition), count in sorted(cut.items()))


MAX_ERROR = 2**16
"""Longest text in an error, in characters."""

_OF_ERROR = vars(SourceError("", "")).keys()

_OF_BOARDS = (Score, Excluded, Quarantined)
_FACTS = (Access, Release, Price, Spec)
"""Rows about a thing, by its name; like the above no union, which would be made anew for each row."""

POSSIBLE = {
    "input_usd": (0.0001, 1_000.0),
    "output_usd": (0.0001, 5_000.0),
    "parameters": (1.0, 1e15),
    "active_parameters": (1.0, 1e15),
    "context_tokens": (1.0, 1e9),
    "training_flop": (1.0, 1e30),
    "downloads": (0.0, 1e12),
    "likes": (0.0, 1e9),
    "trending": (0.0, 1e9),
}
"""What a price in USD per million tokens (0: free) and a quantity of a model can be at all.

The dearest list price on record is 220 read and 720 written, the cheapest 0.003 and 0.001; the largest context is ten
million tokens.  Epoch AI's list has models of ten parameters and of 40 FLOP."""

EARLIEST = date(1950, 1, 1)
"""No model is older: the first in Epoch AI's list is of 1950."""


def _possible(row: Access | Release | Price | Spec) -> Row:
    """The row, or `Quarantined` where its value is one that nothing has: a price of three million dollars."""
    if isinstance(row, Price):
        stated = {"input_usd": row.input_usd, "output_usd": row.output_usd}
    elif isinstance(row, Spec):
        stated = {row.quantity: row.value}
    elif isinstance(row, Release) and row.happened_on < EARLIEST:
        return _quarantined(row, "date", str(row.happened_on), f"a date since {EARLIEST}")
    else:
        return row
    for quantity, value in stated.items():
        low, high = POSSIBLE.get(quantity, (-inf, inf))
        if not (low <= value <= high or (value == 0 and isinstance(row, Price))):
            return _quarantined(row, quantity, f"{value:g}", f"{low:g} to {high:g}")
    return row


def _quarantined(row: Price | Spec | Release, field: str, found: str, expected: str) -> Quarantined:
    return Quarantined(
        board="", edition="", name=row.name, field=field, found=found, expected=expected, written=row.written
    )


def _believable(source: Source, page: Page, rows: tuple[Row, ...]) -> None:
    """Raises `Drifted` where all rows outside the boards, or more than the source's share of them, cannot be read.

    A board's own table is left to the gates, which can compare it with the table before it.
    """
    outside = [row for row in rows if isinstance(row, Quarantined) and not row.board and row.field != REPAIRED]
    if not outside:
        return
    whole = len({_identity(row) for row in rows if not isinstance(row, Tally | Quarantined)})
    if len(outside) > max(1, source.faulty_share * (len(outside) + whole)) or not whole:
        first = outside[0]
        raise Drifted(
            page.url,
            f"{len(outside)} of {len(outside) + whole} rows cannot be believed, the first {first.name!r}: "
            f"{first.field}: {first.found}",
            expected=f"at most {source.faulty_share:.0%} of them; in the first, {first.expected}",
            todo=f"compare the archived page {page.sha256[:12]} with the fixtures of {source.name}",
            source=source.name,
        )


def _identity(row: Row) -> tuple[object, ...]:
    """The subject of a row: a model with its provider, an item, a configuration on a board."""
    if isinstance(row, Announcement | Incident):
        return ("item", row.guid)
    if isinstance(row, Get):
        return ("page", row.url)
    return ("model", getattr(row, "name", ""), getattr(row, "provider", ""))


def read_page(source: Source, page: Page) -> tuple[Row, ...]:
    """All rows of one page: the only way to call a parser.

    Raises `Drifted` where the parser fails, where nothing was read, and where the rows do not add up
    to the number the page shows: seen = scores + excluded + quarantined, per board edition.
    """
    try:
        rows = tuple(
            _possible(row) if isinstance(row, _FACTS) else row
            for row in source.parse(page)
            if not (isinstance(row, _FACTS) and name_fault(row.name))  # blank, control characters, a megabyte
        )
    except SourceError as error:
        error.source = source.name
        raise
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
        raise Drifted(
            page.url,
            f"the parser stumbled: {type(error).__name__}: {str(error)[:200]}",
            expected="a page in the shape the parser was written for",
            todo=f"compare the archived page {page.sha256[:12]} with the fixtures of {source.name}",
            source=source.name,
        ) from error
    _believable(source, page, rows)
    if all(isinstance(row, Tally) or (isinstance(row, Quarantined) and not row.board) for row in rows):
        raise Drifted(
            page.url,
            f"no row in {len(page.body)} bytes",
            expected="at least one row",
            todo=f"look at the archived page {page.sha256[:12]}: a skeleton, a wall, or a new layout",
            source=source.name,
        )
    shown: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if isinstance(row, Tally):
            shown[row.board, row.edition] += row.rows
    read = Counter((row.board, row.edition) for row in rows if isinstance(row, _OF_BOARDS) and row.board)
    if +shown != read:
        raise Drifted(
            page.url,
            f"rows do not add up: read {dict(read - shown)} too many, {dict(shown - read)} too few",
            expected="seen = scores + excluded + quarantined",
            todo=f"the parser of {source.name} drops or doubles rows: mend it",
            source=source.name,
        )
    return rows
