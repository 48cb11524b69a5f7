"""Tables that fit a terminal by leaving out columns, never by cutting an identifier, and a line drawn in characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

_BLOCKS = " ▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column: its heading and when it may be left out (the highest ``drop`` goes first; 0 always stays)."""

    title: str
    drop: int = 0
    justify: Literal["left", "right"] = "left"


def fitted(title: str, fields: Sequence[Field], rows: Sequence[Sequence[str]], width: int) -> Table:
    """A table of as many columns as fit; cells are rich markup.  What is still too wide is folded, never cut."""
    widths = _widths(fields, rows)
    kept = _chosen(fields, widths, width)
    # Rich would measure every cell again; only where the columns do not fit it has to find narrower ones.
    known = _taken(widths, kept) <= width
    table = Table(title=title, title_justify="left", expand=False)
    for at in kept:
        table.add_column(
            fields[at].title, justify=fields[at].justify, overflow="fold", width=widths[at] if known else None
        )
    for row in rows:
        table.add_row(*(row[at] for at in kept))
    return table


def fitting(fields: Sequence[Field], rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """The places of the columns that fit: those that always stay, and of the others the most important first."""
    return _chosen(fields, _widths(fields, rows), width)


def _widths(fields: Sequence[Field], rows: Sequence[Sequence[str]]) -> list[int]:
    return [max([cell_len(field.title), *(_wide(row[at]) for row in rows)]) for at, field in enumerate(fields)]


def _taken(widths: Sequence[int], kept: Sequence[int]) -> int:
    """Columns of the terminal that a table of these columns takes, with its lines."""
    return sum(widths[at] + 3 for at in kept) + 1


def _chosen(fields: Sequence[Field], widths: Sequence[int], width: int) -> list[int]:
    kept = [at for at, field in enumerate(fields) if not field.drop]
    for at in sorted((at for at, field in enumerate(fields) if field.drop), key=lambda at: fields[at].drop):
        if _taken(widths, (*kept, at)) <= width:
            kept.append(at)
    return sorted(kept)


@lru_cache(maxsize=4096)
def _wide(cell: str) -> int:
    return max((cell_len(line) for line in Text.from_markup(cell).plain.split("\n")), default=0)


def curve(points: Sequence[tuple[date, float | None]], width: int, *, height: int = 6) -> list[str]:
    """A value over time as lines of text: filled below the curve, highest and lowest value at the left, dates below.

    Values below nought are drawn downwards from the same axis only in words: the lowest label says so.
    """
    known = [value for _, value in points if value is not None]
    if not known:
        return []
    high, low = max(known), min(0.0, *known)
    labels = [f"{high:.0f}" if high >= 20 else f"{high:.1f}", f"{low:.0f}" if high >= 20 else f"{low:.1f}"]
    margin = max(len(label) for label in labels)
    columns = max(10, width - margin - 2)
    first, last = points[0][0], points[-1][0]
    levels: list[float | None] = [None] * columns
    for on, value in points:  # the last night of each column stands for it
        at = round((on - first).days / max(1, (last - first).days) * (columns - 1))
        levels[at] = value
    for at in range(1, columns):
        if levels[at] is None and points:
            levels[at] = levels[at - 1]
    lines = []
    for row in range(height - 1, -1, -1):
        cells = "".join(_block(level, low, high, row, height) for level in levels)
        label = labels[0] if row == height - 1 else labels[1] if row == 0 else ""
        lines.append(f"{label:>{margin}} {cells}".rstrip())
    begin, end = f"{first:%b %Y}", f"{last:%b %Y}"
    lines.append(f"{'':>{margin}} {begin}{end:>{max(1, columns - len(begin))}}")
    return lines


def _block(level: float | None, low: float, high: float, row: int, height: int) -> str:
    if level is None:
        return " "
    filled = (level - low) / ((high - low) or 1.0) * height - row
    return _BLOCKS[max(0, min(8, round(filled * 8)))]
