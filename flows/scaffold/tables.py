"""The tables of a page, in any format of a leaderboard: rows that belong together, and their place."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal
from urllib.parse import urlsplit

from collectors.contract.pages import Page
from collectors.read.documents import json_of, yaml_of
from collectors.read.markup import cell_text, soup
from collectors.read.tables import csv_rows, markdown_tables

Format = Literal["html", "json", "csv", "yaml", "markdown"]
Column = tuple[str, ...]
"""The keys that lead to a cell inside a row: one, except in nested objects."""

FORMATS: tuple[Format, ...] = ("html", "json", "csv", "yaml", "markdown")
ENTRY: Column = ("entry",)
"""The column that stands for the key of a row, where rows are the values of an object."""

_SUFFIX: Mapping[str, Format] = {
    "html": "html", "htm": "html", "json": "json", "csv": "csv", "yml": "yaml", "yaml": "yaml", "md": "markdown",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows that stand together on a page; ``steps`` and ``keyed`` say where in a JSON or YAML document."""

    columns: tuple[Column, ...]
    rows: Sequence[Mapping[Column, object]]
    steps: tuple[str, ...] = ()
    keyed: bool = False


def likely(page: Page) -> list[Format]:
    """Formats worth trying: what the address, the Content-Type and the first characters say."""
    text = page.text.lstrip()
    kind = page.headers.get("content-type", "").lower()
    found = [_SUFFIX.get(PurePosixPath(urlsplit(page.url).path).suffix.lstrip(".").lower())]
    found += [form for form in FORMATS if form in kind]
    if text.startswith(("{", "[")):
        found.append("json")
    elif text.startswith("<"):
        found.append("html")
    else:
        found += ["markdown", "html" if "<table" in text else "csv", "yaml"]
    return [form for form in dict.fromkeys(found) if form]


def tables(page: Page, form: Format) -> Iterator[Table]:
    """Every table of the page, read as that format; raises what reading raises."""
    match form:
        case "html":
            for table in soup(page).select("table"):
                yield from _html_tables([[cell_text(c) for c in row.select("th, td")] for row in table.select("tr")])
        case "markdown":
            yield from (_flat(rows, list(rows[0])) for rows in markdown_tables(page.text) if rows)
        case "csv":
            if rows := csv_rows(page, ()):
                yield _flat(rows, next(line for line in csv.reader(io.StringIO(page.text, newline="")) if line))
        case "json":
            yield from _documents(json_of(page))
        case "yaml":
            yield from _documents(yaml_of(page))


def _html_tables(lines: Sequence[Sequence[str]]) -> Iterator[Table]:
    """The table under each line that can be its header: one of the first three, as long as most lines below."""
    for at, header in enumerate(lines[:3]):
        below = [line for line in lines[at + 1 :] if any(line)]
        usual = Counter(map(len, below)).most_common(1)
        if usual and usual[0][0] == len(header) >= 2 and max(map(len, below)) == len(header):
            yield _flat([dict(zip(header, line, strict=False)) for line in below], header)


def _flat(rows: Sequence[Mapping[str, str]], header: Sequence[str]) -> Table:
    """A table of plain cells; a column whose name stands twice cannot be read by name."""
    once = [name.strip() for name, times in Counter(header).items() if times == 1]
    return Table(columns=tuple((name,) for name in once), rows=[{(k,): v for k, v in row.items()} for row in rows])


def _documents(value: Any, steps: tuple[str, ...] = ()) -> Iterator[Table]:
    """Every list of objects, and every object of alike objects, that keys lead to."""
    if isinstance(value, dict):
        parts = list(value.values())
        if len(parts) > 1 and _objects(parts) and set.intersection(*map(set, parts)):
            yield _nested([cells(row) | {ENTRY: key} for key, row in value.items()], steps, keyed=True)
        for key, part in value.items():
            if isinstance(key, str):
                yield from _documents(part, (*steps, key))
    elif isinstance(value, list) and _objects(value):
        yield _nested([cells(row) for row in value], steps)


def _objects(rows: Sequence[object]) -> bool:
    return bool(rows) and all(isinstance(row, dict) and row for row in rows)


def _nested(rows: Sequence[Mapping[Column, object]], steps: tuple[str, ...], *, keyed: bool = False) -> Table:
    times = Counter(column for row in rows for column in row)
    usual = tuple(column for column, count in times.items() if count * 2 >= len(rows))
    return Table(columns=usual, rows=rows, steps=steps, keyed=keyed)


def cells(row: Mapping[str, Any]) -> dict[Column, object]:
    """The plain values of an object and of the objects in it."""
    found: dict[Column, object] = {}
    for key, value in row.items():
        if isinstance(value, dict):
            found |= {(str(key), str(k)): v for k, v in value.items() if not isinstance(v, dict | list)}
        elif not isinstance(value, list):
            found[str(key),] = value
    return found
