"""One bad row costs one row: the rows of a list that can be read, and a reason for each that cannot.

    for model in entries(page, top["data"]):
        yield from guarded(_rows(model), model)

`entries` takes a list (or an object) of rows as a loader of `collectors.read` returns it.  An item that is no row (a
text among objects), a row with one key twice and two values, and a row with a number that is not finite become a
`FaultyEntry`: an empty row with the reason.  `guarded` turns it into one `Quarantined`, and does the same with a row
on which its reader raises.  `collectors.parsing` limits the share of such rows in a list outside the boards.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Quarantined, Row
from collectors.read.cells import absent, day, number, usd_per_million, written
from collectors.read.faults import Fault, FaultyRow
from collectors.sanitize import MAX_NAME, name_fault

STUMBLES = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError, OSError)
"""What a reader may raise over a value it did not expect (OSError: a time stamp the platform cannot hold)."""

NAMES = (
    "name",
    "Model",
    "model",
    "id",
    "model_name",
    "title",
    "Method",
    "Agent",
    "displayName",
    "modelId",
    "rawName",
    "",
)
"""Keys under which a row's name is looked for where its reader gives none."""


class RowFault(ValueError):
    """One row cannot be right: the field, what was found there, what was expected."""

    def __init__(self, field: str, found: str, expected: str) -> None:
        super().__init__(f"{field}: {found}; expected {expected}")
        self.field, self.found, self.expected = field, found, expected


class FaultyEntry(dict[str, Any]):
    """A placeholder for a row that cannot be read: the reason, and the row as it was in ``shown``."""

    __slots__ = ("fault", "shown")

    def __init__(self, fault: RowFault, shown: object, values: Mapping[str, Any] | None = None) -> None:
        super().__init__(values or {})
        self.fault, self.shown = fault, shown


def entries(
    page: Page, rows: object, expected: str = "a list of objects", *, inner: str = "", few: bool = False
) -> list[dict[str, Any]]:
    """The rows of a list in their order, each an object; `Drifted` where it is no list, or has no object at all.

    ``few``: the list is one of several on the page, so it may be empty or wholly faulty.  ``inner`` is the key of a
    list inside each row; `entries` is called for that list separately, so its faults do not count here.
    """
    if not isinstance(rows, list) or not (few or any(isinstance(row, dict) for row in rows)):
        raise Drifted(page.url, f"no list of objects but {_kind(rows)}", expected=expected)
    return [_entry(row, inner) for row in rows]


def named_entries(
    page: Page, rows: object, expected: str = "an object of objects", *, few: bool = False
) -> dict[str, dict[str, Any]]:
    """The rows of an object whose keys are their names; `Drifted` as `entries` is."""
    if not isinstance(rows, dict) or not (few or any(isinstance(row, dict) for row in rows.values())):
        raise Drifted(page.url, f"no object of objects but {_kind(rows)}", expected=expected)
    return {name: _entry(row) for name, row in rows.items()}


def keys_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, None]:
    """Every key that any row has, once, in the order of their first appearance."""
    return dict.fromkeys(key for row in rows for key in row)


def guarded(
    rows: Iterable[Row],
    entry: Mapping[str, Any],
    *,
    board: str = "",
    edition: str = "",
    name: str = "",
) -> Iterator[Row]:
    """The rows that a (lazy) reader makes of one entry, or one `Quarantined` where the entry cannot be right.

    Without a board the row is one of a list outside the boards.
    """
    try:
        if isinstance(entry, FaultyEntry):
            raise entry.fault
        if isinstance(entry, FaultyRow):
            raise RowFault("row", entry.fault.reason, "one cell for each column")
        found = tuple(rows)
    except RowFault as fault:
        yield _quarantined(entry, fault, board, edition, name)
    except Drifted as fault:
        yield _quarantined(entry, RowFault("row", fault.found, fault.expected), board, edition, name)
    except STUMBLES as error:
        row_fault = RowFault("row", f"{type(error).__name__}: {error}", "a row in the shape its reader was written for")
        yield _quarantined(entry, row_fault, board, edition, name)
    else:
        yield from found


def part(entry: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The object within an entry, empty where there is none; `RowFault` where the value is something else."""
    value = entry.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RowFault(key, _kind(value), "an object")
    return value


def parts(entry: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """The list of objects within an entry, empty where there is none; `RowFault` where the value is something else."""
    value = entry.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise RowFault(key, _kind(value), "a list of objects")
    return value


def text(entry: Mapping[str, Any], key: str) -> str:
    """The text of a field, empty where there is none; `RowFault` for an object, a list or a truth value."""
    value = entry.get(key)
    if value is None:
        return ""
    if isinstance(value, bool | dict | list):
        raise RowFault(key, _kind(value), "a text")
    return str(value).strip()


def model_name(entry: Mapping[str, Any], key: str) -> str:
    """The name an entry has under that key; `RowFault` where it cannot be a name."""
    name = text(entry, key)
    if fault := name_fault(name):
        raise RowFault(key, fault, f"a name of 1 to {MAX_NAME} plain characters")
    return name


def quantity(entry: Mapping[str, Any], key: str) -> float | None:
    """The number of a field, None where it is blank or marked as missing; `RowFault` for anything else."""
    value = entry.get(key)
    read = number(value)
    if read is None and not absent(value):
        raise RowFault(key, _kind(value), "a number or nothing")
    return read


def token_price(entry: Mapping[str, Any], key: str) -> float | None:
    """USD per million tokens from a registry's USD per token; `RowFault` where it is no price.

    None for nothing, for 0 (free or unknown) and for -1 (it depends on what is asked).
    """
    price = quantity(entry, key)
    if price is not None and price < 0 and price != -1:
        raise RowFault(key, f"{price:g}", "USD per token, 0 or -1")
    return usd_per_million(entry.get(key))


def truth(entry: Mapping[str, Any], key: str) -> bool | None:
    """The truth value of a field, None where there is none; `RowFault` for anything else."""
    value = entry.get(key)
    if value is None or isinstance(value, bool):
        return value
    raise RowFault(key, _kind(value), "true or false")


def date_of(entry: Mapping[str, Any], key: str) -> date | None:
    """The day of a field, None where it holds none; `RowFault` where it is not even a text."""
    value = entry.get(key)
    if isinstance(value, bool | dict | list):
        raise RowFault(key, _kind(value), "a date")
    return day(value)


def _entry(row: object, inner: str = "") -> dict[str, Any]:
    if isinstance(row, FaultyEntry):
        return row
    if not isinstance(row, dict):
        return FaultyEntry(RowFault("row", _kind(row), "an object"), row)
    fault = _fault_in({key: value for key, value in row.items() if key != inner} if inner else row)
    return FaultyEntry(fault, row) if fault else row


def _fault_in(row: dict[str, Any]) -> RowFault | None:
    """The first value anywhere in a row that cannot be right, as a `RowFault` with its key."""
    waiting: list[tuple[str, Any]] = [*row.items()]
    for key, value in waiting:
        if isinstance(value, Fault):
            return RowFault(key, value.reason, "one value" if "twice" in value.reason else "a value that can be read")
        if isinstance(value, float) and not math.isfinite(value):
            return RowFault(key, str(value), "a finite number")
        if isinstance(value, dict):
            waiting.extend(value.items())
        elif isinstance(value, list):
            waiting.extend((key, one) for one in value)
    return None


def _quarantined(entry: Mapping[str, Any], fault: RowFault, board: str, edition: str, name: str) -> Quarantined:
    shown = entry.shown if isinstance(entry, FaultyEntry) else entry.cells if isinstance(entry, FaultyRow) else entry
    names = (shown.get(key) for key in NAMES) if isinstance(shown, Mapping) else ()
    plain = (str(one) for one in names if isinstance(one, str | int) and not isinstance(one, Fault))
    found = name or next((one for one in plain if one.strip()), "")
    try:
        as_written = written(shown if isinstance(shown, Mapping) else {"row": shown})
    except STUMBLES:
        as_written = repr(shown)
    return Quarantined(
        board=board,
        edition=edition,
        name=found.strip()[:MAX_NAME],
        field=fault.field[:MAX_NAME],
        found=fault.found[:MAX_NAME],
        expected=fault.expected,
        written=as_written,
    )


def _kind(value: object) -> str:
    """What a value is, for a message: "a text 'free'", "a list of 3"."""
    if isinstance(value, Fault):
        return value.reason
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}"
    name = {bool: "a truth value", str: "a text", int: "a number", float: "a number"}.get(type(value), "a value")
    return f"{name} {str(value)[:60]!r}"
