"""What the operator decided about held tables, rows and flags: ``DATA/overrides.jsonl``, append-only, with a reason.

A decision lets in what a gate held; it never changes a value.  It names the page (the sha256 of its bytes, or enough
of it) or a board and a night, and is known from the night it was taken on, so that past nights stay as they were.
One that is extended goes on for later tables of that board until one of them passes by itself: then it has expired.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import duckdb

from warehouse.archive import add_line

FILE = "overrides.jsonl"
MIN_SHA = 8
"""Fewest hex digits that name a page."""


class InvalidOverride(ValueError):
    """What was given names nothing that is held; says what is held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One line of the file: taken on ``night``, it lets in a page (``sha256``) or a ``board`` on a night."""

    night: date
    reason: str
    board: str = ""
    on_night: date | None = None
    sha256: str = ""
    extend: bool = False


def named(target: str, night: date, *, reason: str, extend: bool = False) -> Override:
    """The decision that ``SHA`` or ``BOARD@NIGHT`` names, taken on ``night``."""
    if not reason.strip():
        raise InvalidOverride("a decision needs a reason: --reason TEXT")
    if re.fullmatch(rf"[0-9a-f]{{{MIN_SHA},64}}", target):
        return Override(night=night, reason=reason.strip(), sha256=target, extend=extend)
    board, at, on = target.rpartition("@")
    try:
        on_night = date.fromisoformat(on) if at and board else None
    except ValueError:
        on_night = None
    if on_night is None:
        raise InvalidOverride(
            f"{target!r} is neither a sha256 ({MIN_SHA} to 64 hex digits) nor BOARD@NIGHT such as arena-text@2026-06-14"
        )
    return Override(night=max(night, on_night), reason=reason.strip(), board=board, on_night=on_night, extend=extend)


def append(data: Path, override: Override) -> Path:
    """Adds a line to the file and makes sure that it is on disk."""
    file = data / FILE
    add_line(file, json.dumps(asdict(override), default=str, ensure_ascii=False))
    return file


def read(file: Path, night: date) -> list[Override]:
    """The decisions known on a night, oldest first; none where there is no file."""
    if not file.is_file():
        return []
    found = []
    for at, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
            override = Override(
                night=date.fromisoformat(values["night"]),
                reason=str(values["reason"]),
                board=str(values["board"]),
                on_night=date.fromisoformat(values["on_night"]) if values["on_night"] else None,
                sha256=str(values["sha256"]),
                extend=bool(values["extend"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"line {at} of {file} is no decision ({error}); expected what `gapindex accept` writes;"
                " what to do: mend or remove that line"
            ) from error
        if override.night <= night:
            found.append(override)
    return found


def load(db: duckdb.DuckDBPyConnection, file: Path, night: date) -> str:
    """Makes ``seed.override``; returns its text for the digest of everything that is computed from."""
    overrides = read(file, night)
    import pyarrow as pa  # 0.2 s, and every command imports this module

    schema = pa.schema(
        [
            ("n", pa.int32()),
            ("night", pa.date32()),
            ("board", pa.string()),
            ("on_night", pa.date32()),
            ("sha256", pa.string()),
            ("extend", pa.bool_()),
            ("reason", pa.string()),
        ]
    )
    rows = pa.Table.from_pylist([{"n": n} | asdict(one) for n, one in enumerate(overrides, start=1)], schema=schema)
    db.register("incoming", rows)
    db.execute("create table seed.override as from incoming")
    db.unregister("incoming")
    return "\n".join(str(one) for one in overrides)
