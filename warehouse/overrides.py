"""The operator's decisions on held tables, rows and flags: ``DATA/overrides.jsonl``, append-only, each with a reason.

A decision lets in what a gate held; it never changes a value.  It names a page (the sha256 of its bytes, or a prefix of
it) or a board and a night.  It counts from the night on which it was taken, so that past nights stay as they were.
An extended decision also covers later tables of that board, until one of them passes by itself: then it has expired.

The same file has what the operator throws out: `warehouse.exclusions`.
"""

from __future__ import annotations

import json
import logging
import re
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import duckdb

from collectors.sanitize import clean_text
from warehouse import exclusions
from warehouse.archive import add_line
from warehouse.exclusions import Exclusion

FILE = "overrides.jsonl"
_log = logging.getLogger(__name__)
MIN_SHA = 8
"""Fewest hex digits that name a page."""


class InvalidOverride(ValueError):
    """A name of something that is not held; the message lists what is held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One decision, taken on ``night``: it lets in a page (``sha256``) or a ``board`` on a night."""

    night: date
    reason: str
    board: str = ""
    on_night: date | None = None
    sha256: str = ""
    extend: bool = False


def named(target: str, night: date, *, reason: str, extend: bool = False) -> Override:
    """The decision that ``SHA`` or ``BOARD@NIGHT`` names, taken on ``night``."""
    reason = clean_text(reason).strip()
    if not reason:
        raise InvalidOverride("a decision needs a reason: --reason TEXT")
    if re.fullmatch(rf"[0-9a-f]{{{MIN_SHA},64}}", target):
        return Override(night=night, reason=reason, sha256=target, extend=extend)
    board, at, on = target.rpartition("@")
    try:
        on_night = date.fromisoformat(on) if at and board else None
    except ValueError:
        on_night = None
    if on_night is None:
        raise InvalidOverride(
            f"{target!r} is neither a sha256 ({MIN_SHA} to 64 hex digits) nor BOARD@NIGHT such as arena-text@2026-06-14"
        )
    return Override(night=max(night, on_night), reason=reason, board=board, on_night=on_night, extend=extend)


def append(data: Path, override: Override) -> Path:
    """Adds a line to the file and makes sure that it is on disk."""
    file = data / FILE
    add_line(file, json.dumps(asdict(override), default=str, ensure_ascii=False))
    return file


def read(file: Path, night: date) -> list[Override]:
    """The decisions known on a night, oldest first; none where there is no file.

    A line that cannot be read as a decision is left out; `damaged` lists such lines.
    """
    lines = _lines(file)
    for fault in damaged(file):
        _log.warning(fault)
    return [one for _, one in lines if isinstance(one, Override) and one.night <= night]


def excluded(file: Path, night: date) -> list[Exclusion]:
    """What is excluded on a night (`warehouse.exclusions`); a line that is no decision throws nothing out."""
    return exclusions.in_force((one for _, one in _lines(file) if isinstance(one, Exclusion)), night)


def damaged(file: Path) -> list[str]:
    """Each line that cannot be read as a decision: its number, the reason, and what to do."""
    return [
        f"line {at} of {file} is no decision and is left out ({type(one).__name__}: {str(one)[:200]});"
        " expected what `gapindex accept` or `exclude` writes; what to do: mend or remove that line"
        for at, one in _lines(file)
        if isinstance(one, Exception)
    ]


def _lines(file: Path) -> list[tuple[int, Override | Exclusion | Exception]]:
    """Every line with its number, read or not.  Only a line feed ends a line: a reason may hold U+2028."""
    if not file.is_file():
        return []
    text = file.read_text("utf-8", "replace")
    return [(at, _override(line)) for at, line in enumerate(text.split("\n"), start=1) if line.strip()]


def _override(line: str) -> Override | Exclusion | Exception:
    try:
        fields = json.loads(line)
        if "exclude" in fields:
            return exclusions.parsed(fields)
        return Override(
            night=date.fromisoformat(fields["night"]),
            reason=clean_text(str(fields["reason"])),
            board=str(fields["board"]),
            on_night=date.fromisoformat(fields["on_night"]) if fields["on_night"] else None,
            sha256=str(fields["sha256"]),
            extend=bool(fields["extend"]),
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        return error


def load(db: duckdb.DuckDBPyConnection, file: Path, night: date) -> None:
    """Makes ``input.override``."""
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
    db.execute("create table input.override as from incoming")
    db.unregister("incoming")
