"""The answer of a query for other programs: Arrow, CSV, Markdown, on standard output.

Each takes the batches of `flows.cli.sql.batches` and writes them as they arrive; where an answer is cut, what is there
can be read.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from warehouse.explain import labels

Batches = Iterator[list[dict[str, Any]]]
Columns = Callable[[], Sequence[Sequence[Any]] | None]
"""The columns of the answer, known once its first batch was fetched; an answer without rows has a header too."""


def write_csv(found: Batches, columns: Columns) -> None:
    """NULL is an empty cell, a list is JSON; UTF-8 without a byte order mark."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    for row in _lines(found, columns):
        writer.writerow(row)


def write_markdown(found: Batches, columns: Columns) -> None:
    """A table of Markdown; a bar in a cell is escaped."""
    lines = _lines(found, columns)
    header = next(lines)
    _write_row(header)
    _write_row(["---"] * len(header))
    for row in lines:
        _write_row(row)


def write_arrow(found: Batches, columns: Columns) -> None:
    """A stream of Arrow; the types are those of the values, and of the whole answer."""
    import pyarrow as pa

    every: list[dict[str, Any]] = []
    try:
        for batch in found:
            every.extend(batch)
    finally:
        names = _names(columns)
        table = pa.table({name: [row[name] for row in every] for name in names})
        with pa.ipc.new_stream(sys.stdout.buffer, table.schema) as stream:
            stream.write_table(table)


def _lines(found: Batches, columns: Columns) -> Iterator[list[str]]:
    """The header and the rows, as texts."""
    first = True
    for batch in found:
        if first:
            yield _names(columns)
            first = False
        yield from ([_text(value) for value in row.values()] for row in batch)


def _names(columns: Columns) -> list[str]:
    return labels([str(column[0]) for column in columns() or ()])


def _write_row(cells: Sequence[str]) -> None:
    shown = (cell.replace("|", "\\|").replace("\n", " ") for cell in cells)
    sys.stdout.write("| " + " | ".join(shown) + " |\n")


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list() | dict():
            return json.dumps(value, default=str, ensure_ascii=False)
    return str(value)
