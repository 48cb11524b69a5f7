"""What the operator throws out: a source, a page or a row of a board counts for nothing, with a reason on record.

The mirror of `warehouse.overrides`, in the same append-only file: a line with ``"exclude"`` in it, known from the
night it was taken on, so that past nights stay as they were.  From that night on the excluded thing counts for nothing
on any night that is computed, as if it had never been shown; it stands in ``quarantine`` with the reason.  A later
line with ``undo`` lets it in again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import duckdb

from collectors.sanitize import clean_text
from warehouse.archive import add_line

Kind = Literal["source", "page", "row"]

MIN_SHA = 8
"""Fewest hex digits that name a page."""

_PAGE_TABLES = (
    *(
        "link",
        "tally",
        "score",
        "excluded",
        "excluded_value",
        "quarantined",
        "access",
        "release",
        "price",
        "spec",
        "announcement",
    ),
    "incident",
)
_HISTORY_OF_PAGES = ("score", "access", "release", "price", "spec")
_HISTORY = (*_HISTORY_OF_PAGES, "announcement", "accepted_table", "source_seen")


class InvalidExclusion(ValueError):
    """What was given names nothing that can be excluded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A source by name, a page by its sha256 (or the beginning of it), or a row by board and name as written."""

    kind: Kind
    source: str = ""
    sha256: str = ""
    board: str = ""
    name: str = ""

    def __str__(self) -> str:
        """The target as the command takes it."""
        if self.kind == "row":
            return f"{self.board} --row {self.name!r}"
        return self.source or self.sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """One line of the file: taken on ``night``, it throws the target out, or (``undo``) lets it in again."""

    night: date
    reason: str
    target: Target
    undo: bool = False

    def line(self) -> str:
        """The line as it is written."""
        return json.dumps(
            {"night": str(self.night), "exclude": asdict(self.target), "reason": self.reason, "undo": self.undo},
            ensure_ascii=False,
        )


def target_of(text: str, row: str | None = None) -> Target:
    """What a word of the command means: SHA256 or SOURCE, and with ``row`` a BOARD; raises `InvalidExclusion`."""
    if not text.strip():
        raise InvalidExclusion("name a source, a board with --row NAME, or the sha256 of a page")
    if row is not None:
        if not row.strip():
            raise InvalidExclusion("--row takes the name of the row as its source writes it")
        return Target(kind="row", board=text, name=row)
    if re.fullmatch(rf"[0-9a-f]{{{MIN_SHA},64}}", text):
        return Target(kind="page", sha256=text)
    return Target(kind="source", source=text)


def exclusion(target: Target, night: date, *, reason: str, undo: bool = False) -> Exclusion:
    """The decision as it will be written; raises `InvalidExclusion` where it has no reason."""
    reason = clean_text(reason).strip()
    if not reason:
        raise InvalidExclusion("an exclusion needs a reason: --reason TEXT")
    return Exclusion(night=night, reason=reason, target=target, undo=undo)


def parsed(fields: dict[str, Any]) -> Exclusion:
    """A line of the file; raises ValueError, KeyError or TypeError for what is none."""
    given = {key: str(value) for key, value in dict(fields["exclude"]).items()}
    if given.get("kind") not in ("source", "page", "row"):
        raise ValueError(f"an exclusion of {given.get('kind')!r}; expected source, page or row")
    target = Target(**given)  # type: ignore[arg-type]
    needed = {"source": target.source, "page": target.sha256, "row": target.board and target.name}[target.kind]
    if not needed or (target.kind == "page" and not re.fullmatch(rf"[0-9a-f]{{{MIN_SHA},64}}", target.sha256)):
        raise ValueError("an exclusion that names nothing")
    return Exclusion(
        night=date.fromisoformat(fields["night"]),
        reason=clean_text(str(fields["reason"])),
        target=target,
        undo=bool(fields["undo"]),
    )


def append(file: Path, one: Exclusion) -> Path:
    """Adds a line to the file of decisions and makes sure that it is on disk."""
    add_line(file, one.line())
    return file


def in_force(lines: Iterable[Exclusion], night: date) -> list[Exclusion]:
    """Of the lines of a file, what is out on a night: of each target the last line known by then decides."""
    last = {one.target: one for one in lines if one.night <= night}
    return sorted((one for one in last.values() if not one.undo), key=lambda one: (one.night, str(one.target)))


# --- in a build ---------------------------------------------------------------------------------


def load(db: duckdb.DuckDBPyConnection, out: Iterable[Exclusion]) -> None:
    """Makes ``input.exclusion`` and takes what it names out of ``raw`` and ``history``, before anything reads them.

    An excluded page is one that was not read (outcome ``excluded``), as are all pages of an excluded source.  An
    excluded row counts as excluded by a rule, so that its table still adds up and no gate calls it cut; what it was
    is kept in ``input.excluded_row``.
    """
    db.execute(
        """create table input.exclusion (
               n integer, night date, kind varchar, source varchar, sha256 varchar, board varchar, name varchar,
               reason varchar)"""
    )
    lines = [
        (n, one.night, at.kind, at.source, at.sha256, at.board, at.name, one.reason)
        for n, one in enumerate(out, start=1)
        for at in (one.target,)
    ]
    if lines:
        db.executemany("insert into input.exclusion values (?, ?, ?, ?, ?, ?, ?, ?)", lines)
    _note_rows(db)
    if lines:
        _take_out(db)


def _note_rows(db: duckdb.DuckDBPyConnection) -> None:
    db.execute(
        """create table input.excluded_row as
           select s.source, s.board, s.edition, s.name, s.written, s.url, s.sha256, min(s.known_on) as known_on,
               x.night, x.reason
           from (
               select r.source, r.board, r.edition, r.name, r.written, f.url, f.sha256, f.night as known_on
               from raw.score r
               join raw.fetch_result f on f.source = r.source and f.page_key = r.page_key
               union all
               select source, board, edition, name, written, url, sha256, known_on from history.score
           ) s
           join input.exclusion x on x.kind = 'row' and x.board = s.board and x.name = s.name
           group by all"""
    )


def _take_out(db: duckdb.DuckDBPyConnection) -> None:
    db.execute(
        """create table input.excluded_page as
           select p.source, p.page_key,
               format('excluded by the operator on {}: {}', min(x.night), min_by(x.reason, x.n)) as error
           from store.raw.page p
           join input.exclusion x
               on (x.kind = 'source' and x.source = p.source) or (x.kind = 'page' and starts_with(p.sha256, x.sha256))
           group by all"""
    )
    db.execute(
        """create or replace view raw.page as
           select p.* replace (
               case when e.page_key is null then p.outcome else 'excluded' end as outcome,
               coalesce(e.error, p.error) as error)
           from store.raw.page p
           left join input.excluded_page e using (source, page_key)"""
    )
    for table in _PAGE_TABLES:
        kept = _KEPT.get(table, f"store.raw.{table}")
        db.execute(
            f"create or replace view raw.{table} as"
            f" from {kept} every anti join input.excluded_page using (source, page_key)"
        )
    db.execute(f"delete from history.score r where {_ROW_OUT}")
    for table in _HISTORY:
        db.execute(
            f"delete from history.{table} h"
            " where h.source in (select source from input.exclusion where kind = 'source')"
        )
    for table in _HISTORY_OF_PAGES:
        db.execute(
            f"delete from history.{table} h where exists ("
            "select 1 from input.exclusion x where x.kind = 'page' and starts_with(h.sha256, x.sha256))"
        )


_ROW_OUT = "exists (select 1 from input.exclusion x where x.kind = 'row' and x.board = r.board and x.name = r.name)"
_KEPT = {
    "score": f"(from store.raw.score r where not {_ROW_OUT})",
    "excluded": f"""(
        from store.raw.excluded
        union all by name
        select r.source, r.page_key, r.board, r.edition, 'excluded by the operator' as rule, count(*) as rows,
            min(r.name) as example
        from store.raw.score r where {_ROW_OUT} group by all)""",
}
