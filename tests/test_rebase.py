"""A board that re-bases without saying so: another edition begins that night, and scales never share a frontier."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from string import ascii_uppercase

import pytest
from examples import Example, JsonRow, ask, board, closed, opened, score

NAMES = tuple(f"Model {letter}" for letter in ascii_uppercase[:20])
MODELS = (
    closed("Cee", api="2026-01-01"),
    closed("Old", api="2025-06-01"),
    opened("Oh", weights="2026-01-10"),
    opened("New", weights="2026-02-01"),
)
EDITION = "current"


def page(*leaders: tuple[str, float], minus: float = 0.0) -> tuple[JsonRow, ...]:
    """Twenty models from 10 on and the leaders; ``minus`` points for each of the twenty."""
    rest = ((name, 10.1 + n - minus) for n, name in enumerate(NAMES))
    return (*MODELS, *(score(name, value, edition=EDITION) for name, value in (*rest, *leaders)))


def frontiers(example: Example, night: str) -> list[tuple[str, str | None, float | None, str | None, float | None]]:
    """Edition and both leaders of every edition that has a row for the night."""
    with example.built(night) as db:
        rows = ask(
            db,
            """select edition, closed_model, closed_score, open_model, open_score from marts.gap_index
               where scope = 'toy' and tier = 'any' and night = $night order by edition""",
            night=night,
        )
    return [tuple(row.values()) for row in rows]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Example:
    """Old scale: Cee 80, Old 70, Oh 60.  Re-based on 03-02: Cee 60, Oh 45, New 50, and Old is not run again."""
    result = Example(tmp_path_factory.mktemp("rebase"), board("toy", unit="index"))
    result.saw("2026-03-01", *page(("Cee", 80), ("Old", 70), ("Oh", 60)))
    result.saw("2026-03-02", *page(("Cee", 60), ("Oh", 45), ("New", 50), minus=5))
    result.saw("2026-03-03", *page(("Cee", 60), ("Oh", 45), ("New", 50.5), minus=5))
    return result


def test_scales_never_share_a_frontier(example: Example) -> None:
    assert frontiers(example, "2026-03-01") == [("current", "Cee", 80, "Oh", 60)]
    # Not Cee 60 against Oh 60 of the old scale, and Old's 70 leads nothing.
    assert frontiers(example, "2026-03-02") == [("2026-03-02", "Cee", 60, "New", 50)]
    assert frontiers(example, "2026-03-03") == [("2026-03-02", "Cee", 60, "New", 50.5)]


def test_the_edition_before_keeps_its_history_and_ends(example: Example) -> None:
    with example.built("2026-03-03") as db:
        nights = ask(db, "select edition, max(night) as last from marts.gap_index where scope = 'toy' group by all")
        levels = ask(
            db,
            """select edition, value, known_to from staging.level_history
               where scope = 'toy' and model in ('Cee', 'Old') order by all""",
        )
    assert {row["edition"]: row["last"] for row in nights} == {
        "current": date(2026, 3, 1),
        "2026-03-02": date(2026, 3, 3),
    }
    # Nothing of the old scale was taken back: Old stands there as it did, and is not withdrawn.
    assert [tuple(row.values()) for row in levels] == [
        ("2026-03-02", 60, None),
        ("current", 70, None),
        ("current", 80, None),
    ]


def test_no_event_rests_on_a_new_and_an_old_value(example: Example) -> None:
    with example.built("2026-03-03") as db:
        crossed = ask(
            db,
            """select headline from marts.event
               where scope = 'toy' and kind = 'parity' and edition = 'current' and known_on >= date '2026-03-02'""",
        )
        found = ask(
            db,
            "select distinct backfilled from marts.parity_event where scope = 'toy' and known_on = date '2026-03-02'",
        )
    assert crossed == []
    assert all(row["backfilled"] for row in found)


def test_a_part_of_an_index_that_is_re_based_is_a_re_base(tmp_path: Path) -> None:
    """One of ten metrics is another: every value falls by .4, less than 1 % of the range, and no rounding."""
    example = Example(tmp_path, board("toy", unit="index"))
    example.saw("2026-03-01", *page(("Cee", 80), ("Oh", 60)))
    example.saw("2026-03-02", *page(("Cee", 79.6), ("Oh", 59.6), minus=0.4))
    assert frontiers(example, "2026-03-02") == [("2026-03-02", "Cee", 79.6, "Oh", 59.6)]


def test_ratings_that_drift_together_stay_one_edition(tmp_path: Path) -> None:
    """Every rating moves by 4 points: more than 1 % of a spread of 70, less than 10 points."""
    example = Example(tmp_path, board("toy", unit="rating", low=0, high=3000))
    example.saw("2026-03-01", *page(("Cee", 80), ("Oh", 60)))
    example.saw("2026-03-02", *page(("Cee", 76), ("Oh", 56), minus=4))
    assert frontiers(example, "2026-03-02") == [("current", "Cee", 76, "Oh", 56)]


def test_the_row_states_that_its_edition_began_with_a_re_base(example: Example) -> None:
    with example.built("2026-03-03") as db:
        reasons = {
            row["edition"]: row["reason"]
            for row in ask(
                db,
                """select edition, arg_max(reason, night) as reason from marts.gap_index
                   where scope = 'toy' and tier = 'any' group by edition""",
            )
        }
    assert "a new edition since 2026-03-02, when all its values moved at once" in reasons["2026-03-02"]
    assert "edition current ended the night before" in reasons["2026-03-02"]
    assert "this edition ended on 2026-03-02" in reasons["current"]
