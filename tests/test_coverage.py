"""Which of the ablest models a scope has scored, and after how long without a table it is frozen (METHOD section 1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import duckdb
import pytest
from examples import ask

from warehouse.statements import prepare, statement

NIGHT = date(2026, 6, 14)


def made(db: duckdb.DuckDBPyConnection, name: str) -> None:
    db.execute(f"create table staging.{name} as {statement('staging', name).text}")


@pytest.fixture
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    """Twelve closed models C1 to C12 (C12 is the ablest) and two open ones, O2 since 2026-06-01 only."""
    with duckdb.connect() as db:
        prepare(db, NIGHT)
        db.execute(
            """create table staging.access_span as
               select 'c' || n as model, 'C' as tier, date '2026-01-01' as from_on, null::date as until_on
               from range(1, 13) t (n)
               union all values ('o1', 'T1', date '2026-02-01', null), ('o2', 'T2', date '2026-06-01', null)"""
        )
        db.execute(
            "create table staging.resolved_model as select model, upper(model) as title from staging.access_span"
        )
        db.execute(
            """create table computed.ability as
               select 'overall' as scope, model, 100.0 + try_cast(model[2:] as integer) as theta, null::double as share
               from staging.access_span
               union all select 'coding', 'c12', 112, 0.4 union all select 'coding', 'o1', 101, 0"""
        )
        db.execute(
            """create table staging.best_score as
               select 'toy' as board, 'v1' as edition, unnest(['c1', 'c12', 'o1']) as model
               union all select 'old', 'v1', unnest(['c1', 'c2', 'o1'])"""
        )
        made(db, "ablest")
        made(db, "coverage")
        yield db


def of(db: duckdb.DuckDBPyConnection, scope: str, side: str, tier: str = "any") -> tuple[int, str]:
    (row,) = ask(
        db,
        """select scored, missing from staging.coverage
           where scope = $scope and side = $side and tier = $tier and missing is not null""",
        scope=scope,
        side=side,
        tier=tier,
    )
    return row["scored"], row["missing"]


def test_the_ablest_that_a_board_has_not_scored_are_listed(db: duckdb.DuckDBPyConnection) -> None:
    # Of C3 to C12 only C12 is there: C1 is not among the ten ablest.
    assert of(db, "toy", "closed") == (1, "C10, C11, C3, C4, C5, C6, C7, C8, C9")
    assert of(db, "toy", "open") == (1, "O2")
    assert of(db, "toy", "open", tier="T1") == (1, "")


def test_a_board_can_have_scored_none_of_them(db: duckdb.DuckDBPyConnection) -> None:
    assert of(db, "old", "closed")[0] == 0


def test_a_domain_has_scored_whom_its_own_instruments_have(db: duckdb.DuckDBPyConnection) -> None:
    assert of(db, "coding", "closed")[0] == 1
    assert of(db, "coding", "open") == (0, "O1, O2")


def test_coverage_is_of_the_models_that_counted_on_the_date(db: duckdb.DuckDBPyConnection) -> None:
    counted = ask(
        db,
        """select valid_from, ablest, scored from staging.coverage
           where scope = 'toy' and side = 'open' and tier = 'any' order by valid_from""",
    )
    assert [tuple(row.values()) for row in counted] == [(date(2026, 2, 1), 1, 1), (date(2026, 6, 1), 2, 1)]


@pytest.mark.parametrize(
    ("pauses", "frozen_after_days"),
    [([1] * 12, 30), ([7, 7, 7, 20, 7, 7], 40), ([90] * 6, 120), ([7, 7], 120)],
    ids=["daily", "weekly with a holiday", "slower than declared", "too few to learn from"],
)
def test_a_board_is_frozen_by_its_own_cadence(pauses: list[int], frozen_after_days: int) -> None:
    with duckdb.connect() as db:
        prepare(db, NIGHT)
        db.execute("create table input.board as select 'toy' as board, 120::bigint as frozen_after_days")
        db.execute(
            """create table staging.accepted_table (
                   board text, updated_on date, from_night date, held text, accepted int
               );
               create table history.accepted_table (board text, updated_on date, known_on date)"""
        )
        on = NIGHT - timedelta(days=sum(pauses))
        for pause in (0, *pauses):
            on += timedelta(days=pause)
            db.execute("insert into staging.accepted_table values ('toy', null, ?, '', 20)", [on])
        made(db, "board_rhythm")
        found = db.execute("select frozen_after_days from staging.board_rhythm").fetchone()
    assert found == (frozen_after_days,)
