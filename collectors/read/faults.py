"""What cannot be right: a value, a row that cannot be read, a page that is cut short or lacks columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page


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

NOT_UTF8 = "a byte that is not UTF-8, or a character the format forbids"


class FaultyRow(dict[str, str]):
    """A row of a table that cannot be read: every value is the `Fault`; ``cells`` are the cells as written."""

    __slots__ = ("cells", "fault")

    def __init__(self, header: Iterable[str], cells: Sequence[str], reason: str) -> None:
        names = list(header)
        self.fault, self.cells = Fault(reason), dict(zip(names, cells, strict=False))
        super().__init__(dict.fromkeys(names, self.fault))


def mark_unended(cells: list[str], count: int) -> list[str]:
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
