"""The examples of README and docs: SQL blocks, and the table that follows one as its answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

_BLOCK = re.compile(r"```sql\n(?P<sql>.*?)```\n(?:\n(?P<table>(?:\|[^\n]*\n)+))?", re.DOTALL)
_SHELL = re.compile(r'```sh\ngapindex sql "(?P<sql>.*?)"\n```\n(?:\n(?P<table>(?:\|[^\n]*\n)+))?', re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlExample:
    """A statement of a page, the line it begins on, and the answer the page gives: header and rows, or none."""

    page: str
    line: int
    sql: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def sql_examples(root: Path, page: str) -> Iterator[SqlExample]:
    """Every example of a page; one block may hold several statements, of which the last has the answer."""
    text = (root / page).read_text("utf-8")
    for found in sorted((*_BLOCK.finditer(text), *_SHELL.finditer(text)), key=lambda one: one.start()):
        lines = [_cells(line) for line in (found["table"] or "").splitlines()]
        statements = [part for part in found["sql"].split(";") if re.sub(r"--.*", "", part).strip()]
        for sql in statements:
            answered = bool(lines) and sql is statements[-1]
            yield SqlExample(
                page=page,
                line=text.count("\n", 0, found.start()) + 1,
                sql=sql,
                header=lines[0] if answered else (),
                rows=tuple(lines[2:]) if answered else (),
            )


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip().strip("|").split("|"))


def same(value: object, written: str) -> bool:
    """Whether a page writes a value so, figures by what they are worth."""
    if value is None or written == "":
        return value is None and written == ""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return float(value) == float(written)
    return str(value) == written


def differences(db: duckdb.DuckDBPyConnection, example: SqlExample) -> list[str]:
    """Where a database answers otherwise than the page says; a statement that does not run raises."""
    answer = db.execute(example.sql)
    columns = tuple(column[0] for column in answer.description or ())
    rows = answer.fetchall()
    if not example.header:
        return []
    found = [f"{len(rows)} rows, {len(example.rows)} on the page"] if len(rows) != len(example.rows) else []
    if len(columns) != len(example.header):
        return [*found, f"columns {columns}, on the page {example.header}"]
    for row, written in zip(rows, example.rows, strict=False):
        if not all(map(same, row, written)):
            found.append(f"{row} on the page {written}")
    return found
