"""The rules of `warehouse.expectations` over a build, checked in a process of their own.

Great Expectations takes 4 s and 130 MB to import, and a night needs it once: the build hands over the rows that the
rules are about, and gets back which rules do not hold.  Rows that have met their rules are not checked again: after a
run that brought announcements alone, no process is started.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import duckdb

from warehouse.archive import write_whole
from warehouse.child_process import in_child
from warehouse.provenance import program_digest

if TYPE_CHECKING:
    import pyarrow as pa

QUERIES: Mapping[str, str] = MappingProxyType(
    {
        "collected scores": """
            select s.board, s.name, s.value, s.stderr, s.written, (s.value - b.low) / (b.high - b.low) as place
            from staging.current_score s join input.board b using (board)""",
        "model access": "select model, tier, from_on, evidence_rank from marts.model_access",
        "gap index tonight": """
            select scope, edition, tier, state, reason, method_version, nullif(run_id is null, true) as run_id,
                n_closed, n_open, stale_days, coalesce(gap, 0) as gap, coalesce(lag_under, 0) as lag_under
            from marts.gap_index where night = (select night from input.night)""",
        "frontier": "select scope, edition, tier, side, model, score, from_on from marts.frontier",
        "parity events": """
            select event_id, grade, state, closed_model, open_model, days, known_on from marts.parity_event""",
    }
)
"""The rows that each suite is about, by its name; of the run only whether it is named, as it changes every time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A rule that does not hold: its suite, the rule, whether that stops publication, and what was found."""

    suite: str
    rule: str
    critical: bool
    found: str


def broken_rules(db: duckdb.DuckDBPyConnection, met: Path | None = None) -> list[Broken]:
    """Every rule that does not hold of a build: suite, rule, column, how many rows and the first of them.

    ``met``: a file of the digests of rows that have met every rule of their suite; those are not checked again, and it
    is written with tonight's.  Raises `ChildDied` where the process of the rules is killed.
    """
    digests = {suite: _digest(db, query) for suite, query in QUERIES.items()}
    known = _known(met)
    rows = {
        suite: db.sql(query).to_arrow_table() for suite, query in QUERIES.items() if known.get(suite) != digests[suite]
    }
    broken = in_child(_broken_in, rows) if rows else []
    found = {suite: digest for suite, digest in digests.items() if suite not in {one.suite for one in broken}}
    if met is not None and found != known:
        with suppress(OSError):  # without the file all rows are checked again, which costs seconds and no night
            write_whole(met, json.dumps(found, indent=1).encode())
    return broken


def _digest(db: duckdb.DuckDBPyConnection, query: str) -> str:
    """Of the rows, whatever their order, and of the rules."""
    rows = db.execute(f"select count(*), sum(h)::varchar, bit_xor(h) from (select hash(q) as h from ({query}) q)")
    parts = [program_digest(), version("great-expectations"), duckdb.__version__, query, *rows.fetchall()]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def _known(met: Path | None) -> dict[str, str]:
    try:
        found = json.loads(met.read_text("utf-8")) if met is not None else {}
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _broken_in(rows: Mapping[str, pa.Table]) -> list[Broken]:
    from warehouse.expectations import broken_in

    with duckdb.connect(":memory:") as db:
        return broken_in({name: db.from_arrow(table).df() for name, table in rows.items()})
