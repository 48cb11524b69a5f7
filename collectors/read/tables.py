"""Rows by column name, from CSV and from the pipe tables of Markdown."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.read.faults import NOT_UTF8, FaultyRow, columns, mark_unended
from collectors.sanitize import NOT_UTF8_MARK

csv.field_size_limit(2**25)  # 131,072 characters otherwise, and a longer cell would cost the page


def csv_rows(
    page: Page, need: Sequence[str], *, text: str | None = None, fill: str | None = None
) -> list[dict[str, str]]:
    """Rows of a CSV page by column name; unclosed quotes and missing columns are `Drifted`.

    A row with more or fewer cells than the header, or with a quote inside a quoted cell, is a `FaultyRow`: it is
    unknown which cell is extra or missing, so the others may be under wrong names.  So is one with a stray byte.
    A caller that recognises short rows itself gives ``fill``, and they are filled up at their end with it.
    A last row without a line end may have been cut: see `UNENDED`.
    """
    text = page.marked_text if text is None else text
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines: list[list[str] | str] = []
    while True:
        before = reader.line_num
        try:
            line = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            # A row that ends on its own line has not swallowed another one.
            ends_here = reader.line_num == before + 1 and "unexpected end" not in str(error)
            if not (ends_here and lines and "expected after" in str(error)):
                raise Drifted(page.url, f"CSV line {reader.line_num}: {error}", expected="well-formed CSV") from error
            lines.append(f"line {reader.line_num}: {error}")
            continue
        if line:
            lines.append(line)
    if not lines or isinstance(lines[0], str):
        raise Drifted(page.url, "an empty file", expected=f"columns {', '.join(need)}")
    header = [cell.strip() for cell in lines[0]]
    columns(page, header, need)
    if len(lines) > 1 and not text.endswith(("\n", "\r")) and isinstance(last := lines[-1], list):
        lines[-1] = mark_unended(last, len(header))
    return [_csv_row(header, line, fill) for line in lines[1:]]


def _csv_row(header: list[str], line: list[str] | str, fill: str | None) -> dict[str, str]:
    if isinstance(line, str):
        return FaultyRow(header, (), line)
    if len(line) > len(header) or (len(line) < len(header) and fill is None):
        return FaultyRow(header, line, f"{len(line)} cells under {len(header)} columns")
    if any(NOT_UTF8_MARK in cell for cell in line):
        return FaultyRow(header, line, NOT_UTF8)
    return dict(zip(header, line + [fill or ""] * (len(header) - len(line)), strict=True))


def markdown_tables(text: str) -> Iterator[list[dict[str, str]]]:
    """Every pipe table of a Markdown text as rows by column name (outer pipes are optional, ``\\|`` is a pipe).

    Cells beyond the header are dropped, as Markdown renderers do.  A last row without a line end may have been cut:
    see `UNENDED`.  Each line is read once: a table ends before its first line without a pipe.
    """
    lines = re.split(r"\r\n|\n|\r", text)
    at = 0
    while at < len(lines) - 1:
        if "|" not in lines[at] or "|" not in lines[at + 1] or not _is_separator(lines[at + 1]):
            at += 1
            continue
        header = _cells(lines[at])
        rows = []
        at += 2
        while at < len(lines) and "|" in lines[at]:
            cells = _cells(lines[at])
            if at == len(lines) - 1 and not (len(cells) >= len(header) and lines[at].rstrip().endswith("|")):
                cells = mark_unended(cells, len(header))
            rows.append(dict(zip(header, cells + [""] * (len(header) - len(cells)), strict=False)))
            at += 1
        yield rows


def _is_separator(line: str) -> bool:
    return all(re.fullmatch(r":?-+:?", cell) for cell in _cells(line))


def _cells(line: str) -> list[str]:
    inner = re.sub(r"(?<!\\)\|$", "", line.strip().removeprefix("|"))
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", inner)]
