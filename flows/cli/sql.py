"""Command ``gapindex sql``: an answer within limits of rows, bytes, seconds and memory, printed as it arrives."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Any, Literal, get_args

import click
import duckdb

from flows.cli.options import (
    Exit,
    data_option,
    json_option,
    published,
    sound,
    stop,
)
from flows.cli.screen import show_rows
from warehouse.explain import labels

if TYPE_CHECKING:
    from flows.cli import formats

Format = Literal["table", "arrow", "csv", "json", "markdown"]

BATCH = 200
"""Rows fetched and printed at a time; a table has its header again for each batch."""

CELL = 1_000
"""Characters of a cell in a table; ``--json`` gives all."""

QUERY_MEMORY = "1GB"
"""Memory of the query itself, as DuckDB counts it."""

MEMORY = 2 * 2**30
"""Bytes of address space that the command may take beyond what the program has when the query begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLimits:
    """How much of an answer is fetched and printed; ``seconds`` covers query, fetching and printing."""

    rows: int
    megabytes: float
    seconds: float


class TooMuch(Exception):
    """The answer goes on beyond a limit; the message says which, and what to do."""


@click.command("sql")
@click.argument("query", help="SQL over the published tables; `-` reads it from standard input.")
@data_option
@json_option
@click.option(
    "--format", "form", type=click.Choice(get_args(Format)), default="table", help="arrow is Arrow's stream format."
)
@click.option("--seconds", type=float, default=60.0, help="Time limit of the query and of printing its answer.")
@click.option("--rows", type=int, default=10_000, help="Rows printed at most.")
@click.option("--megabytes", type=float, default=64.0, help="Size of the answer at most, in MB of text.")
def sql(
    query: str, data: Path | None, as_json: bool, form: Format, seconds: float, rows: int, megabytes: float
) -> None:
    """Asks the published tables in SQL; the query can neither read nor write files, nor reach the network.

    An answer beyond a limit is cut there, and the command ends with exit code 2.
    """
    text = sys.stdin.read() if query == "-" else query
    limits = AnswerLimits(rows=rows, megabytes=megabytes, seconds=seconds)
    with published(data, memory=QUERY_MEMORY) as db, _memory_limit(MEMORY):
        try:
            _write(batches(db, text, limits), "json" if as_json else form, lambda: db.description)
        except TooMuch as error:
            stop(Exit.USAGE, str(error))
        except (MemoryError, duckdb.OutOfMemoryException):
            stop(Exit.USAGE, "the query or its answer needs too much memory; select fewer columns or rows")
        except duckdb.InterruptException:
            stop(Exit.USAGE, f"the query took longer than {seconds:g} s; narrow it or raise --seconds")
        except duckdb.Error as error:
            stop(Exit.USAGE, str(error))


def batches(db: duckdb.DuckDBPyConnection, query: str, limits: AnswerLimits) -> Iterator[list[dict[str, Any]]]:
    """The rows of an answer in batches, fetched as they are taken; raises `TooMuch` after the last within the limits.

    Two columns of one name are told apart as in `warehouse.explain.rows`.  An answer without rows is one empty batch.
    """
    deadline = time.monotonic() + limits.seconds
    alarm = threading.Timer(limits.seconds, db.interrupt)
    alarm.daemon = True
    alarm.start()
    try:
        answer = db.execute(query)
        names = labels([column[0] for column in answer.description or ()])
        count, size = 0, 0
        while found := answer.fetchmany(min(BATCH, limits.rows - count + 1)):
            kept: list[dict[str, Any]] = []
            reached = ""
            for row in found:
                size += sum(map(_size, row))
                if count + len(kept) >= limits.rows:
                    reached = f"more than {limits.rows:,} rows; raise --rows"
                elif size > limits.megabytes * 1e6:
                    reached = f"more than {limits.megabytes:g} MB; raise --megabytes"
                if reached:
                    break
                kept.append(dict(zip(names, row, strict=True)))
            count += len(kept)
            if kept:
                yield kept
            if time.monotonic() > deadline:
                reached = f"not been printed after {limits.seconds:g} s; raise --seconds"
            if reached:
                raise TooMuch(f"the answer has {reached}, or narrow the query; {count:,} rows are shown")
        if not count:
            yield []
    finally:
        alarm.cancel()


def _size(value: object) -> int:
    """About how many characters a value takes as text."""
    match value:
        case str() | bytes():
            return len(value)
        case Mapping():
            return sum(_size(key) + _size(item) for key, item in value.items())
        case list() | tuple():
            return sum(map(_size, value))
    return 16


def _write(found: Iterator[list[dict[str, Any]]], form: Format, columns: formats.Columns) -> None:
    if form == "table":
        _print_tables(found)
        return
    if form == "json":
        _print_json(found)
        return
    from flows.cli import formats

    match form:
        case "csv":
            formats.write_csv(found, columns)
        case "markdown":
            formats.write_markdown(found, columns)
        case "arrow":
            formats.write_arrow(found, columns)


def _print_tables(found: Iterator[list[dict[str, Any]]]) -> None:
    for batch in found:
        show_rows([{name: _shortened(value) for name, value in row.items()} for row in batch])


def _shortened(value: object) -> object:
    if value is None or (isinstance(value, str) and len(value) <= CELL):
        return value
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= CELL else text[: CELL - 1] + "…"


def _print_json(found: Iterator[list[dict[str, Any]]]) -> None:
    """A JSON list, row by row; it is closed where an answer is cut, so that what is there can be read."""
    sys.stdout.write("[")
    first = True
    try:
        for row in (row for batch in found for row in batch):
            text = json.dumps(sound(row), default=str, ensure_ascii=False, indent=2, allow_nan=False)
            sys.stdout.write(("\n" if first else ",\n") + indent(text, "  "))
            first = False
    finally:
        sys.stdout.write("]\n" if first else "\n]\n")


@contextmanager
def _memory_limit(more: int) -> Iterator[None]:
    """Limits the address space of this process to ``more`` bytes beyond today's, where the system can."""
    try:
        import resource

        used = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    except (ImportError, OSError, ValueError):
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = used + more if hard == resource.RLIM_INFINITY else min(used + more, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    try:
        yield
    finally:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
