"""The rows of a page as columns: what crosses from the process that parses, and what the store takes.

A row as a Python object costs several microseconds for pickling, unpickling and taking apart, and a page has up to
100,000.  The values of a column lie one after the other as in Arrow, so that the store copies none
(`warehouse.arrow`); they are written with the standard library, because Arrow would take longer to import than most
pages take to parse.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, pairwise
from operator import attrgetter
from typing import Any, Literal, NamedTuple, TypeVar, get_args, get_type_hints

from collectors.contract.rows import Row

R = TypeVar("R", bound=Row)

ROW_TYPES: tuple[type[Row], ...] = get_args(Row)
Kind = Literal["text", "float", "int", "bool", "date", "moment"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.toordinal()
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Column:
    """Cells of one kind.

    ``values``: texts in UTF-8, doubles, 64-bit integers, a byte for each truth, days since 1970 in 32 bits, or
    microseconds since then in UTC.  ``ends``: where each text begins and the last one ends, in 32 bits.  ``valid``: a
    byte for each cell, 0 where it is None; empty where none is.
    """

    kind: Kind
    values: bytes
    ends: bytes = b""
    valid: bytes = b""


@dataclass(frozen=True, slots=True)
class RowTable:
    """The rows of one type: how many, and a column for each field."""

    rows: int
    columns: Mapping[str, Column]


class Field(NamedTuple):
    """The kind of a row's field, and whether it may be None."""

    kind: Kind
    optional: bool


def column(kind: Kind, cells: Sequence[Any], *, optional: bool = True) -> Column:
    """The cells as a column; raises TypeError or OverflowError for one that is not of its kind."""
    valid = b""
    if optional and None in cells:
        valid = bytes(cell is not None for cell in cells)
        empty = _EMPTY[kind]
        cells = [empty if cell is None else cell for cell in cells]
    if kind == "text":
        values, ends = _texts(cells)
        return Column(kind, values, ends, valid)
    return Column(kind, _WRITE[kind](cells), b"", valid)


def cells(one: Column, rows: int) -> list[Any]:
    """The cells of a column of so many rows; raises ValueError where it has another number."""
    found = _read_texts(one, rows) if one.kind == "text" else _READ[one.kind](one.values)
    if len(found) != rows or len(one.valid) not in (0, rows):
        raise ValueError(f"a column of {len(found)} cells for {rows} rows")
    return [cell if here else None for cell, here in zip(found, one.valid, strict=True)] if one.valid else found


def row_tables(rows: Sequence[Row]) -> tuple[dict[str, RowTable], bytes]:
    """Rows as a table for each type, and the order in which types follow each other, a byte a row (`ROW_TYPES`).

    Raises TypeError, LookupError or OverflowError for a row that no table can have: a count of 30 digits.
    """
    order = bytes(map(_NUMBERS.__getitem__, map(type, rows)))
    return {
        kind.__name__: _table(kind, [row for row in rows if type(row) is kind])
        for number, kind in enumerate(ROW_TYPES)
        if number in order
    }, order


def check_tables(tables: object, order: object, size: int) -> None:
    """Raises TypeError, ValueError or LookupError unless `row_tables` can have made these, of at most ``size`` bytes.

    For tables from a process that is not trusted.  What the cells hold is checked where they are read: by `cells` and
    by `warehouse.arrow`.
    """
    if type(tables) is not dict or type(order) is not bytes:
        raise TypeError("no tables, or no order of their rows")
    rows = {kind: order.count(number) for kind, number in _NUMBERS.items() if number in order}
    if sum(rows.values()) != len(order) or tables.keys() != {kind.__name__ for kind in rows}:
        raise ValueError("an order of the rows that is not that of the tables")
    taken = sum(_check_table(kind, tables[kind.__name__], count) for kind, count in rows.items())
    if taken > size:  # the same bytes as many columns
        raise ValueError(f"columns of {taken:,} bytes in an answer of {size:,}")


def rows_of(kind: type[R], table: RowTable) -> list[R]:
    """The rows of a table; raises ValueError, TypeError, LookupError or OverflowError where it is none of ours."""
    columns = columns_of(kind, table)
    by_field = [cells(one, table.rows) for one in columns.values()]
    return [kind(**dict(zip(columns, values, strict=True))) for values in zip(*by_field, strict=True)]


def columns_of(kind: type[Any], table: RowTable) -> dict[str, Column]:
    """The columns of a table in the order of the row's fields; raises LookupError or ValueError for other ones."""
    found = {name: table.columns[name] for name in FIELDS[kind]}
    for name, field in FIELDS[kind].items():
        if found[name].kind != field.kind or (found[name].valid and not field.optional):
            raise ValueError(f"{kind.__name__}.{name}: a column of another kind")
    return found


def in_order(tables: Mapping[str, RowTable], order: bytes) -> tuple[Row, ...]:
    """All rows of a page, in the order in which its parser gave them."""
    each = {_NUMBERS[kind]: iter(rows_of(kind, tables[kind.__name__])) for kind in ROW_TYPES if kind.__name__ in tables}
    return tuple(next(each[number]) for number in order)


def _field(hint: Any) -> Field:
    options = get_args(hint) or (hint,)
    stated = next(option for option in options if option is not type(None))
    kind = _KINDS[stated] if isinstance(stated, type) else "text"  # texts: those of a `Literal`
    return Field(kind, type(None) in options)


def _table(kind: type[Any], rows: Sequence[Row]) -> RowTable:
    of = FIELDS[kind]
    by_field = zip(*map(attrgetter(*of), rows), strict=True)
    columns = {
        name: column(field.kind, values, optional=field.optional)
        for (name, field), values in zip(of.items(), by_field, strict=True)
    }
    return RowTable(len(rows), columns)


def _check_table(kind: type[Any], table: object, rows: int) -> int:
    """The bytes of a table's columns; raises as `check_tables` does."""
    if type(table) is not RowTable or type(table.rows) is not int or type(table.columns) is not dict:
        raise TypeError(f"{kind.__name__}: no table")
    if table.rows != rows or table.columns.keys() != FIELDS[kind].keys():
        raise ValueError(f"{kind.__name__}: other columns, or another number of rows")
    parts: list[object] = []
    for one in table.columns.values():
        if type(one) is not Column:
            raise TypeError(f"{kind.__name__}: no column")
        parts += (one.values, one.ends, one.valid)
    if any(type(part) is not bytes for part in parts):
        raise TypeError(f"{kind.__name__}: a column that is not of bytes")
    columns_of(kind, table)
    return sum(len(part) for part in parts if isinstance(part, bytes))


def _texts(texts: Sequence[str]) -> tuple[bytes, bytes]:
    joined = "".join(texts)
    if joined.isascii():
        return joined.encode(), _packed("i", accumulate(map(len, texts), initial=0))
    coded = [text.encode("utf-8", "surrogatepass") for text in texts]
    return b"".join(coded), _packed("i", accumulate(map(len, coded), initial=0))


def _read_texts(one: Column, rows: int) -> list[str]:
    ends = array("i", one.ends).tolist()
    # Texts that overlap would be many times as long together as the column is.
    if len(ends) != rows + 1 or ends[0] != 0 or ends[-1] != len(one.values) or ends != sorted(ends):
        raise ValueError(f"the ends of {rows} texts do not follow each other through {len(one.values)} bytes")
    return [one.values[start:end].decode("utf-8", "surrogatepass") for start, end in pairwise(ends)]


def _packed(code: str, values: Iterable[Any]) -> bytes:
    return array(code, values).tobytes()


def _whole(numbers: Sequence[Any]) -> bytes:
    """64-bit integers; a count that a source writes with a decimal point is rounded, as a database does."""
    try:
        return _packed("q", numbers)
    except TypeError:
        return _packed("q", map(round, numbers))


def _days(dates: Sequence[date]) -> bytes:
    return _packed("i", (one.toordinal() - _EPOCH_DAY for one in dates))


def _microseconds(moments: Sequence[datetime]) -> bytes:
    if any(one.tzinfo is None for one in moments):
        raise TypeError("a time without its zone")  # Python would take it for the local time of this machine
    return _packed("q", ((one.astimezone(UTC) - _EPOCH) // _MICROSECOND for one in moments))


def _truths(truths: Sequence[bool]) -> bytes:
    if any(type(one) is not bool for one in truths):
        raise TypeError("a truth that is neither True nor False")
    return bytes(truths)


_KINDS: Mapping[type, Kind] = {
    str: "text",
    float: "float",
    int: "int",
    bool: "bool",
    date: "date",
    datetime: "moment",
}
_EMPTY: Mapping[Kind, object] = {
    "text": "",
    "float": 0.0,
    "int": 0,
    "bool": False,
    "date": _EPOCH.date(),
    "moment": _EPOCH,
}
_WRITE: Mapping[Kind, Callable[[Sequence[Any]], bytes]] = {
    "float": lambda numbers: _packed("d", numbers),
    "int": _whole,
    "bool": _truths,
    "date": _days,
    "moment": _microseconds,
}
_READ: Mapping[Kind, Callable[[bytes], list[Any]]] = {
    "float": lambda raw: array("d", raw).tolist(),
    "int": lambda raw: array("q", raw).tolist(),
    "bool": lambda raw: list(map(bool, raw)),
    "date": lambda raw: [date.fromordinal(_EPOCH_DAY + day) for day in array("i", raw)],
    "moment": lambda raw: [_EPOCH + microseconds * _MICROSECOND for microseconds in array("q", raw)],
}
_NUMBERS: Mapping[type, int] = {kind: number for number, kind in enumerate(ROW_TYPES)}

RANGES: Mapping[Kind, tuple[int, int]] = {
    "date": (date.min.toordinal() - _EPOCH_DAY, date.max.toordinal() - _EPOCH_DAY),
    "moment": (
        (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND,
        (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND,
    ),
}
"""The first and the last day and microsecond that Python has, of the years 1 and 9999; a database has more."""

FIELDS: Mapping[type[Any], dict[str, Field]] = {
    kind: {field.name: _field(hints[field.name]) for field in fields(kind)}
    for kind in ROW_TYPES
    for hints in (get_type_hints(kind),)
}
"""The fields of each row type, in their order."""
