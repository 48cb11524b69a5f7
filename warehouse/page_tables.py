"""A parsed page as tables of the store: the step between what a parser gave and what DuckDB takes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from collectors.columns import Kind, column, columns_of
from collectors.contract.errors import Drifted
from collectors.contract.rows import Excluded
from collectors.parsing import MAX_ROWS, ParsedPage
from collectors.sanitize import whole_text
from warehouse.arrow import arrow_table, table_of
from warehouse.store import TABLES, UnreadPage

_EXCLUDED: Mapping[str, Kind] = {"board": "text", "edition": "text", "rule": "text", "rows": "int", "example": "text"}
_EXCLUDED_VALUE: Mapping[str, Kind] = {
    "board": "text",
    "edition": "text",
    "rule": "text",
    "name": "text",
    "value": "float",
}
_PAGE: Mapping[str, Kind] = dict.fromkeys(
    ("source", "page_key", "url", "sha256", "fingerprint", "outcome", "error"), "text"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTables:
    """One page as the store keeps it: its rows by table, how many, and why it was refused, empty where it was not."""

    tables: Mapping[str, pa.Table]
    rows: int
    refused: str


def page_tables(source: str, fingerprint: str, unread: UnreadPage, page: ParsedPage) -> PageTables:
    """A parsed page as the store keeps it, with its row of ``page``."""
    tables: dict[str, pa.Table] = {}
    fault, rows = page.error, 0
    if fault is None:
        try:
            tables, rows = _tables(source, unread.url, unread.sha256, page), page.count
        except Drifted as drifted:
            fault = drifted
    outcome, error = ("read", "") if fault is None else (fault.outcome, whole_text(str(fault)))
    row = (source, unread.key, unread.url, unread.sha256, fingerprint, outcome, error)
    tables["page"] = table_of(_PAGE, [row])
    return PageTables(tables=tables, rows=rows, refused=error)


def _tables(source: str, url: str, sha256: str, page: ParsedPage) -> dict[str, pa.Table]:
    """The rows of one page by table; columns that are not what they should be are `Drifted`.

    The error is raised here, for one page: in a batch insert it would stop this night and every later one.
    """
    try:
        found = {
            TABLES[kind]: _placed(source, page.key, arrow_table(columns_of(kind, table), table.rows))
            for kind in TABLES
            if (table := page.tables.get(kind.__name__))
        }
        left_out, values = _left_out(page)
        if left_out:
            found["excluded"] = _placed(source, page.key, table_of(_EXCLUDED, left_out))
        if values:
            found["excluded_value"] = _placed(source, page.key, table_of(_EXCLUDED_VALUE, values))
        return found
    except (ValueError, TypeError, LookupError, OverflowError) as error:
        raise Drifted(
            url,
            f"a row that cannot be stored: {type(error).__name__}: {str(error)[:200]}",
            expected="values of the contract's types",
            todo=f"compare the archived page {sha256[:12]} with the parser of {source}",
            source=source,
        ) from error


def _placed(source: str, key: str, rows: pa.Table) -> pa.Table:
    """Rows of a page with the columns that say which page it is."""
    place = {"source": column("text", [source] * len(rows)), "page_key": column("text", [key] * len(rows))}
    both = arrow_table(place, len(rows))
    return pa.Table.from_arrays([*both.columns, *rows.columns], names=[*place, *rows.column_names])


def _left_out(page: ParsedPage) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """The rows that were left out: counted by rule, with an example, and those for which the page shows a number."""
    count: Counter[tuple[str, str, str]] = Counter()
    example: dict[tuple[str, str, str], str] = {}
    values = []
    for row in page.of(Excluded):
        rule = (row.board, row.edition, row.rule)
        count[rule] += 1
        example.setdefault(rule, row.name[:200])
        if row.value is not None and math.isfinite(row.value):
            values.append((*rule, row.name[:200], row.value))
    counted = [(*rule, rows, example[rule]) for rule, rows in count.items()]
    cut = [(board, edition, f"beyond {MAX_ROWS:,} rows of a page", rows, "") for board, edition, rows in page.cut]
    return counted + cut, values
