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
from typing import TYPE_CHECKING, Any, NoReturn

import click
import duckdb

from flows.cli.screen import err, plain
from flows.environment import lone_folder
from warehouse.explain import MEMORY, open_readonly
from warehouse.publication import current

if TYPE_CHECKING:
    from flows.settings import Settings


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


data_option = click.option(
    "--data", type=click.Path(path_type=Path), help="Data folder (GAPINDEX_DATA; default: ./data)."
)
mirror_option = click.option("--mirror", help="Base that every request goes through (GAPINDEX_MIRROR).")
night_option = click.option("--night", help="UTC date, YYYY-MM-DD.")
json_option = click.option(
    "--json", "as_json", is_flag=True, help="One JSON document on standard output, for machines."
)
tier_option = click.option(
    "--tier",
    type=click.Choice(["any", "T1"]),
    default="any",
    help="any: weights downloadable; T1: unrestricted licence.",
)


@contextmanager
def published(data: Path | None, *, memory: str = MEMORY) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = folder_of(data)
    publication = current(folder)
    if publication is None:
        stop(Exit.NOTHING_YET, f"nothing is published in {folder}; run `gapindex run` first, or give --data")
    with open_readonly(publication.database, memory=memory) as db:
        yield db


def folder_of(data: Path | None) -> Path:
    """The data folder; the other settings are read, and refused if they cannot be used, where any is given."""
    return lone_folder(data) or settings_of(data, None).data


def settings_of(data: Path | None, mirror: str | None, *, wait: float | None = None) -> Settings:
    """All settings; an option that is None is not given."""
    from flows.settings import Settings  # pydantic, which most commands do without

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
    raise click.exceptions.Exit(code)


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
