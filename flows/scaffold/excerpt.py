"""The few rows of a page that are kept as its fixture, in the page's own format."""

from __future__ import annotations

import copy
import csv
import io
import json
import re
from typing import Any

import yaml

from collectors.contract.pages import Page
from collectors.read.documents import json_of, yaml_of
from collectors.read.markup import cell_text, soup
from collectors.read.tables import markdown_tables
from flows.scaffold.guess import Guess
from flows.scaffold.tables import ENTRY, Column, Format, cells

_KEPT_ROWS = {"html": 4, "csv": 4, "markdown": 4, "json": 3, "yaml": 3}
_ATTRIBUTES = frozenset({"id", "class", "href", "colspan", "rowspan"})
_MANY = 40
_LONG = 200


def excerpt(page: Page, form: Format, guess: Guess) -> str:
    """The page with its first rows, and little beside them."""
    most = _KEPT_ROWS[form]
    match form:
        case "html":
            return _trimmed_html(page, guess, most)
        case "markdown":
            return _trimmed_markdown(page, guess, most)
        case "csv":
            return _trimmed_csv(page, most)
        case "json":
            return json.dumps(_cut(json_of(page), guess.table.steps, guess, most), ensure_ascii=False, indent=2) + "\n"
        case "yaml":
            kept = _cut(yaml_of(page), guess.table.steps, guess, most)
            return yaml.safe_dump(kept, sort_keys=False, allow_unicode=True, width=110)


def _trimmed_html(page: Page, guess: Guess, most: int) -> str:
    """The first table that has the columns, without elements from which no row is read."""
    need = {column[-1] for column in guess.needed}
    for found in soup(page).select("table"):
        table = copy.copy(found)
        lines = table.select("tr")
        for at, line in enumerate(lines):
            if need <= {cell_text(cell) for cell in line.select("th, td")}:
                for extra in [*lines[at + 1 + most :], *table.select("script, style, svg, img")]:
                    extra.decompose()
                for tag in (table, *table.select("*")):
                    tag.attrs = {k: v for k, v in tag.attrs.items() if k in _ATTRIBUTES}
                tight = re.sub(r"\s*\n\s*", "\n", str(table))
                return f"<!DOCTYPE html>\n<html><body>\n{tight}\n</body></html>\n"
    raise AssertionError("the guess came from a table of this page")


def _trimmed_markdown(page: Page, guess: Guess, most: int) -> str:
    lines = page.text.splitlines()
    for at in range(len(lines)):
        rows = next(markdown_tables("\n".join(lines[at : at + 3])), [])
        if rows and {column[-1] for column in guess.needed} <= set(rows[0]):
            table = [line for line in lines[at : at + 2 + most] if "|" in line]
            return "\n".join(table) + "\n"
    raise AssertionError("the guess came from a table of this page")


def _trimmed_csv(page: Page, most: int) -> str:
    """The header and the first rows, exactly as written: the source's way of quoting is worth testing."""
    lines = list(io.StringIO(page.text, newline=""))
    reader = csv.reader(lines)
    kept = 0
    for row in reader:
        kept += bool(row)
        if kept > most:
            break
    return "".join(lines[: reader.line_num])


def _cut(value: Any, steps: tuple[str, ...], guess: Guess, most: int) -> Any:
    """The document with few rows where ``steps`` lead, and little of everything beside the way."""
    if not steps:
        needed = frozenset(guess.needed)
        if isinstance(value, dict):
            named = [(key, row) for key, row in value.items() if guess.reads(cells(row) | {ENTRY: key})]
            return {key: _slim(row, needed) for key, row in named[:most]}
        return [_slim(row, needed) for row in ([row for row in value if guess.reads(cells(row))] or value)[:most]]
    slim: dict[str, Any] = _slim(value, frozenset({steps[:1]}))
    return slim | {steps[0]: _cut(value[steps[0]], steps[1:], guess, most)}


def _slim(value: Any, needed: frozenset[Column] = frozenset()) -> Any:
    """A value with short lists, short texts, and of a large object only what is needed and a few more."""
    if isinstance(value, list):
        return [_slim(item) for item in value[:3]]
    if isinstance(value, dict):
        wanted = {column[0] for column in needed}
        few = set(value) if len(value) <= _MANY else {*list(value)[:3], *wanted}
        inner = {key: frozenset(c[1:] for c in needed if c[0] == key and len(c) > 1) for key in few}
        return {key: _slim(item, inner[key]) for key, item in value.items() if key in few}
    return value[:_LONG] if isinstance(value, str) else value
