"""Shared by all commands: options, exit codes, opening a publication, refusing and printing."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import duckdb
import typer

from flows.cli.screen import err, plain
from flows.settings import Settings
from warehouse.explain import MEMORY, open_readonly
from warehouse.publication import current


class Exit(IntEnum):
    """Documented exit codes."""

    DONE = 0
    USAGE = 2
    STALE = 3
    NOT_PUBLISHED = 4
    BUSY = 5
    NOTHING_YET = 6
    UNRESOLVED = 7
    UNDELIVERED = 8
    NO_DISK = 9
    UNWELL = 10
    INTERRUPTED = 130


Data = Annotated[Path | None, typer.Option("--data", help="Data folder (GAPINDEX_DATA; default: ./data).")]
Mirror = Annotated[str | None, typer.Option("--mirror", help="Base that every request goes through (GAPINDEX_MIRROR).")]
NightOption = Annotated[str | None, typer.Option("--night", help="UTC date, YYYY-MM-DD.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, for machines.")]
Tier = Annotated[
    Literal["any", "T1"], typer.Option("--tier", help="any: weights downloadable; T1: unrestricted licence.")
]


@contextmanager
def published(data: Path | None, *, memory: str = MEMORY) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = settings_of(data, None).data
    publication = current(folder)
    if publication is None:
        stop(Exit.NOTHING_YET, f"nothing is published in {folder}; run `gapindex run` first, or give --data")
    with open_readonly(publication.database, memory=memory) as db:
        yield db


def settings_of(data: Path | None, mirror: str | None, *, wait: float | None = None) -> Settings:
    return Settings.from_env(data=data, mirror=mirror, wait=wait)


def night_of(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        stop(Exit.USAGE, f"{text!r} is no date; give one like 2026-06-14")


def stop(code: Exit, text: str) -> NoReturn:
    err.print(f"gapindex: {plain(text)}", soft_wrap=True)
    raise typer.Exit(code)


def print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(sound(value), default=str, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def sound(value: Any) -> Any:
    """A value without NaN and infinity, which JSON does not have."""
    match value:
        case float() if not math.isfinite(value):
            return None
        case Mapping():
            return {key: sound(item) for key, item in value.items()}
        case list() | tuple():
            return [sound(item) for item in value]
    return value
