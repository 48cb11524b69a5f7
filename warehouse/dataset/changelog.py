"""The changelog of a night: which rows are new, gone or changed since an earlier publication, and what moved.

Rows are compared by the keys of their tables.  Columns that differ wherever a run or a page is new (``run_id``,
``sha256``) say nothing and are left out.  A file of the earlier publication that cannot be read costs its comparison.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from warehouse.dataset.tables import PublicTable
from warehouse.statements import quoted

_log = logging.getLogger(__name__)

_ALWAYS_NEW = frozenset({"run_id", "method_version", "code_version", "fetched_at", "url", "sha256"})

_MOVED = """
    select
        scope, edition, tier, o.closed_model as closed_before, n.closed_model, o.open_model as open_before,
        n.open_model, round(o.gap, 4) as gap_before, round(n.gap, 4) as gap, n.unit, o.lag_days as lag_before,
        n.lag_days, o.state as state_before, n.state
    from (select * from {new} where night = (select max(night) from {new})) n
    join (select * from {old} where night = (select max(night) from {old})) o using (scope, edition, tier)
    where
        n.closed_model is distinct from o.closed_model or n.open_model is distinct from o.open_model
        or n.state is distinct from o.state
        or n.scope_kind <> 'board' and (abs(n.gap - o.gap) >= 0.01 or abs(n.lag_days - o.lag_days) >= 1)
    order by n.scope_kind desc, scope, edition, tier"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChange:
    """Rows of a table that are new, gone, or other than they were under the same key."""

    table: str
    new: int
    gone: int
    changed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Changelog:
    """What a publication has that the one of ``since`` had not; ``since`` is None for the first.

    ``unread`` names the tables whose earlier file could not be read.
    """

    night: date
    since: date | None
    tables: tuple[TableChange, ...] = ()
    moved: tuple[dict[str, Any], ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def facts(self) -> dict[str, Any]:
        """For ``changelog.json``."""
        return {
            "night": self.night.isoformat(),
            "since": self.since.isoformat() if self.since else None,
            "tables": {one.table: {k: v for k, v in asdict(one).items() if k != "table"} for one in self.tables},
            "moved": list(self.moved),
            **({"unread": list(self.unread)} if self.unread else {}),
        }

    @property
    def text(self) -> str:
        """For ``changelog.md``."""
        if self.since is None:
            return f"# {self.night}\n\nThe first publication: every row is new.\n"
        lines = [f"# {self.night}, against {self.since}", ""]
        if self.unread:
            names = ", ".join(f"`{name}`" for name in self.unread)
            lines += [f"Not compared, as the file of {self.since} cannot be read: {names}.", ""]
        if "gap_index" not in self.unread:
            lines += [f"- {_sentence(row)}" for row in self.moved] or ["No leader, state, composite gap or lag moved."]
        lines += ["", "| table | new rows | gone | changed |", "|---|---|---|---|"]
        lines += [f"| `{one.table}` | {one.new} | {one.gone} | {one.changed} |" for one in self.tables]
        return "\n".join(lines) + "\n"


def _sentence(row: dict[str, Any]) -> str:
    where = f"**{row['scope']}**" + (f" {row['edition']}" if row["edition"] else "") + f", tier {row['tier']}"
    parts = []
    for side in ("closed", "open"):
        before, now = row[f"{side}_before"], row[f"{side}_model"]
        if before != now:
            parts.append(f"{side} leader {before or 'none'} -> {now or 'none'}")
    if row["gap_before"] != row["gap"]:
        parts.append(f"gap {_number(row['gap_before'])} -> {_number(row['gap'])} {row['unit'] or ''}".rstrip())
    if row["lag_before"] != row["lag_days"]:
        parts.append(f"lag {_number(row['lag_before'])} -> {_number(row['lag_days'])} days")
    if row["state_before"] != row["state"]:
        parts.append(f"state {row['state_before'] or 'none'} -> {row['state'] or 'none'}")
    return f"{where}: {'; '.join(parts)}"


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.4g}"


def changelog(
    db: duckdb.DuckDBPyConnection,
    folder: Path,
    tables: Sequence[PublicTable],
    night: date,
    earlier: tuple[date, Path] | None,
) -> Changelog:
    """Compares the Parquet files below ``folder`` with those of an earlier publication, if there is one."""
    if earlier is None:
        return Changelog(night=night, since=None)
    since, before = earlier
    changes: list[TableChange] = []
    moved: list[dict[str, Any]] = []
    unread: list[str] = []
    for table in tables:
        old, new = (place / "parquet" / f"{table.name}.parquet" for place in (before, folder))
        try:
            if not old.exists():
                continue
            if not old.samefile(new) and (change := _compared(db, table, old, new)):  # the same rows share a file
                changes.append(change)
            if table.name == "gap_index":
                moved = _moved(db, old, new)
        except (duckdb.OutOfMemoryException, duckdb.InterruptException):
            raise
        except (duckdb.Error, OSError) as error:
            _log.warning("the changelog leaves %s out, whose earlier file cannot be read: %s", table.name, error)
            unread.append(table.name)
    return Changelog(night=night, since=since, tables=tuple(changes), moved=tuple(moved), unread=tuple(unread))


def _moved(db: duckdb.DuckDBPyConnection, old: Path, new: Path) -> list[dict[str, Any]]:
    answer = db.execute(_MOVED.format(old=f"'{quoted(old)}'", new=f"'{quoted(new)}'"))
    names = [column[0] for column in answer.description or ()]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def _compared(db: duckdb.DuckDBPyConnection, table: PublicTable, old: Path, new: Path) -> TableChange | None:
    """The change of one table; None where nothing changed, or where its columns of then have no such key."""
    known = {name for name, *_ in db.execute(f"describe from '{quoted(old)}'").fetchall()}
    if not known.issuperset(table.key):
        return None
    compared = [
        c.name for c in table.columns if c.name in known and c.name not in _ALWAYS_NEW and c.name not in table.key
    ]
    rows = ", ".join(f'"{name}"' for name in compared) or "true"
    key = ", ".join(f'"{name}"' for name in table.key)
    # Keys are grouped, not joined: a log may have a key twice, and NULL in a key equals NULL.
    # `_side`: the key of `frontier` has a column `side`, by which each of its rows was both new and gone.
    answer = db.execute(
        f"""select count(*) filter (o is null), count(*) filter (n is null), count(*) filter (o <> n)
            from (
                select max(_hash) filter (_side = 0) as o, max(_hash) filter (_side = 1) as n
                from (
                    select 0 as _side, {key}, hash({rows}) as _hash from '{quoted(old)}'
                    union all
                    select 1 as _side, {key}, hash({rows}) as _hash from '{quoted(new)}')
                group by {key})"""
    ).fetchone()
    assert answer is not None  # noqa: S101 - an aggregate has a row
    added, gone, changed = answer
    return TableChange(table=table.name, new=added, gone=gone, changed=changed) if any(answer) else None
