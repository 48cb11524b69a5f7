"""A board that re-bases without saying so: another edition begins that night, and scales never share a frontier."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import pytest
from examples import Example, JsonRow, ask, board, closed, opened, score

from collectors.registry import sources
from flows.backfill import backfill
from flows.settings import Settings
from warehouse.build import built

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


@pytest.mark.recorded_web
@pytest.mark.slow
def test_the_recorded_rebases_of_artificial_analysis_leave_the_page_s_own_gap(
    recorded_web: Any, tmp_path: Path
) -> None:
    """The page of 2026-06-16: 59.86 - 44.44 = 15.42, where the old scale gave 64.88 and 53.90.  Coding and agentic
    followed on 06-21: 52.81 - 43.06 = 9.76 (unrounded 9.759), where rows of the old scale stood at 70.43 and 66.65.
    OpenRouter is the second operator that calls GLM-5.2 open; on the word of one it would count on neither side."""
    settings = Settings.from_env({}, data=tmp_path, mirror=recorded_web.base("{night}"))
    for night in (date(2026, 6, 15), date(2026, 6, 16), date(2026, 6, 20), date(2026, 6, 21)):
        asyncio.run(backfill(night, night, settings, only=["artificial-analysis", "openrouter-models"]))
    found = {}
    for night, scope in ((date(2026, 6, 16), "aa-intelligence-index"), (date(2026, 6, 21), "aa-agentic-index")):
        with built(tmp_path / "store.duckdb", night, sources(), bundled=False, only={("staging", "gap_board")}) as db:
            (row,) = ask(
                db,
                """select edition, closed_model, round(closed_score, 2) as closed, open_model,
                       round(open_score, 2) as open, round(gap, 2) as gap
                   from staging.gap_board where scope = $scope and tier = 'any' and night = $night""",
                scope=scope,
                night=night,
            )
        found[scope] = tuple(row.values())
    assert found["aa-intelligence-index"][2::2] == (59.86, 44.44)
    assert found["aa-intelligence-index"][5] == 15.42
    assert found["aa-agentic-index"] == ("2026-06-21", "claude-fable-5", 52.81, "glm-5.2", 43.06, 9.76)
