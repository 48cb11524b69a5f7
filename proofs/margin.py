"""The composite's parity test at its margin, as the SQL of the warehouse decides it (METHOD section 8).

Closed records and open models whose true difference is known are put through `staging.parity_test` itself, with levels
that are off by normal errors of the stated size.  At a deficit of exactly the margin the test may say parity in 5 %
of cases at most, however large the error is: the margin of version 1 grew with the noise, and with it the deficit
that counted as parity.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from warehouse.measures.contract import generator
from warehouse.measures.critical import critical_values
from warehouse.statements import SHIPPED, prepare, statements

RECORDS = 4000


def margin() -> float:
    """The composite's margin in index points, as the seed has it."""
    rows = csv.DictReader(SHIPPED.joinpath("seeds", "margin.csv").read_text("utf-8").splitlines())
    return next(float(row["margin"]) for row in rows if row["unit"] == "index points")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """Shares of closed records with an open model judged at parity with them, and that could not be judged."""

    parity: float
    underpowered: float


def judged(deficit: float, error: float, models: int, scope_kind: str = "overall") -> Verdicts:
    """``models`` open models, each truly ``deficit`` points worse than its record, every level known to ``error``."""
    random = generator("margin", deficit, error, models)
    rows = []
    for record in range(RECORDS):
        scope = f"world-{record}"
        for place in range(models + 1):
            value = float((place == 0) * deficit + error * random.standard_normal())
            rows.append(
                {
                    "scope_kind": scope_kind,
                    "scope": scope,
                    "side": "open" if place else "closed",
                    "model": f"{scope}-{place}",
                    "value": value,
                    "signed": value,
                    "stderr": error,
                }
            )
    with duckdb.connect(":memory:") as db:
        prepare(db)
        db.register("levels", pa.Table.from_pylist(rows))
        db.execute(
            """create table staging.asof_scores as
               select *, 'composite' as edition, date '2026-06-14' as valid_from, 'all' as domain,
                   $margin::double as margin,
                   true as third_party, 9 as n_instruments, 1.0 as share, ['any'] as tiers,
                   date '2026-01-01' as from_on, date '2026-01-01' as first_known_on,
                   date '2026-01-01' as first_seen_on, date '2026-06-14' as entered_on, date '2026-01-01' as known_from
               from levels""",
            {"margin": margin()},
        )
        db.execute("create table staging.closed_record as from staging.asof_scores where side = 'closed'")
        db.register("critical", critical_values(db))
        db.execute("create table computed.critical as from critical")
        test = next(statement for statement in statements("staging") if statement.name == "parity_test")
        found = db.execute(
            f"""select count(distinct scope) filter (is_parity), count(distinct scope) filter (underpowered)
                from ({test.text.strip()})"""
        ).fetchone()
    assert found is not None
    return Verdicts(parity=found[0] / RECORDS, underpowered=found[1] / RECORDS)


def report() -> str:
    """A line per setting."""
    at = margin()
    lines = [
        f"{RECORDS} closed records each, through the SQL of staging.parity_test; the margin is {at:g} index points.",
        "",
        "| true deficit | error of a level | open models | judged at parity | could not be judged |",
        "|---|---|---|---|---|",
    ]
    for deficit in (at, at - 1, 0.0):
        for models in (1, 8):
            for error in (0.5, 1.0, 2.0, 4.0):
                rates = judged(deficit, error, models)
                lines.append(f"| {deficit:g} | {error:g} | {models} | {rates.parity:.3f} | {rates.underpowered:.3f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(report() + "\n")
