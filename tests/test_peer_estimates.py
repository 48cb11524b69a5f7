"""What others have published about the gap, with ours for the same day beside it (METHOD section 7)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from examples import Example, ask, board, closed, opened, score

from warehouse.statements import statement


def test_a_night_knows_what_was_published_by_then(tmp_path: Path) -> None:
    example = Example(tmp_path)
    example.saw("2025-10-29", closed("Cee", api="2025-01-01"), score("Cee", 60))
    counts = {}
    for night in ("2025-10-29", "2025-11-01", "2026-06-14"):
        with example.built(night, "peer_estimate") as db:
            counts[night] = len(ask(db, "select * from marts.peer_estimate"))
    assert counts == {"2025-10-29": 0, "2025-11-01": 2, "2026-06-14": 4}


def test_ours_is_that_of_the_day_and_the_average_that_of_their_time(tmp_path: Path) -> None:
    """Their four months are of 2026-01-01 to 05-29.  Ours there: 100 days, and 130 from 05-01 on.

    (120 * 100 + 29 * 130) / 149 = 105.839; on 05-29 130 (90 to 170), and 128 as published then.
    """
    example = Example(tmp_path)
    example.saw("2026-06-14", closed("Cee", api="2026-01-01"), score("Cee", 60))
    with example.built("2026-06-14", "peer_estimate") as db:
        db.execute(
            """insert into staging.gap_span by name
               select
                   night::date as night, 1 as nights, 'overall' as scope, 'domain' as scope_kind, 'v' as edition,
                   'any' as tier,
                   case when night < date '2026-05-01' then 100 else 130 end as lag_days, 90 as lag_lo, 170 as lag_hi,
                   0 as lag_step, 0 as lag_lo_step, 0 as lag_hi_step
               from range(date '2025-12-01', date '2026-06-15', interval 1 day) r (night)"""
        )
        db.execute(
            """insert into marts.gap_index_vintage by name
               select date '2026-05-29' as night, 'overall' as scope, 'any' as tier, 128 as lag_days"""
        )
        query = f"select * from ({statement('marts', 'peer_estimate').text}) where measure = 'lag' and place = 3"
        (row,) = ask(db, query)
    assert (row["ours"], row["ours_lo"], row["ours_hi"], row["ours_then"]) == (130, 90, 170, 128)
    assert row["ours_average"] == pytest.approx((120 * 100 + 29 * 130) / 149, abs=0.001)


def test_their_index_is_asked_our_question(tmp_path: Path) -> None:
    """A board of another's estimates: its own gap and lag, by our arithmetic."""
    example = Example(
        tmp_path, board("epoch-eci", composite=True, unit="index", counts_for_index=False, why_not="theirs")
    )
    example.saw(
        "2026-06-14",
        closed("Cee", api="2026-01-01"),
        opened("Oh", weights="2026-05-01"),
        score("Cee", 60, board="epoch-eci"),
        score("Oh", 50, board="epoch-eci"),
        updated_on="2026-06-10",
    )
    with example.built("2026-06-14", "peer_estimate") as db:
        found = ask(db, "select published_on, measure, value, ours from marts.peer_estimate where place > 100")
    assert found == [{"published_on": date(2026, 6, 10), "measure": "gap", "value": 10, "ours": None}]
