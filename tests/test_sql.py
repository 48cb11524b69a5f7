"""The numbers, on a handful of rows each, with the arithmetic beside them (METHOD sections 1 to 4)."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from examples import Example, JsonRow, ask, board, closed, days, excluded, gap, opened, score

NIGHT = "2026-06-14"
CEE = closed("Cee", api="2026-01-01")
OH = opened("Oh", weights="2026-02-01")


@pytest.fixture
def example(tmp_path: Path) -> Example:
    return Example(tmp_path)


# --- one board a case ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """What one board shows tonight, and what its row of ``gap_index`` must say; ``facts`` are the board's."""

    rows: tuple[JsonRow, ...]
    expected: dict[str, Any]
    facts: dict[str, Any] = field(default_factory=dict)
    tier: str = "any"


SIXTY_FIFTY = (CEE, OH, score("Cee", 60), score("Oh", 50))
SECONDS = {"unit": "seconds", "high": 60, "better": "lower"}
STEPS = (
    closed("Forty", api="2026-01-01"),
    closed("Fifty", api="2026-03-01"),
    closed("Sixty", api="2026-05-01"),
    score("Forty", 40),
    score("Fifty", 50),
    score("Sixty", 60),
)
LICENCES = (
    CEE,
    opened("Free", weights="2026-02-01", licence="MIT"),
    opened("Bound", weights="2026-02-01", licence="our own"),
    score("Cee", 60),
    score("Free", 45),
    score("Bound", 50),
)

CASES = {
    # gap
    "gap is closed minus open": Case(
        SIXTY_FIFTY,
        {
            "closed_model": "Cee",
            "closed_score": 60,
            "closed_on": date(2026, 1, 1),
            "open_model": "Oh",
            "open_score": 50,
            "open_on": date(2026, 2, 1),
            "gap": 10,
            "state": "closed leads",
            "n_closed": 1,
            "n_open": 1,
            "reason": None,
        },
    ),
    # Closed needs 10 seconds, open 15: closed is ahead by 5.
    "where lower is better more is still a lead": Case(
        (CEE, OH, score("Cee", 10), score("Cee", 12, variant="slow"), score("Oh", 15)),
        {"closed_score": 10, "gap": 5, "state": "closed leads"},
        SECONDS,
    ),
    "equal frontiers are no lead": Case(
        (CEE, OH, score("Cee", 50), score("Oh", 50)), {"gap": 0, "gap_std": 0, "state": "below resolution"}
    ),
    # ln(0.6 / 0.4) - ln(0.5 / 0.5) = ln 1.5
    "gap_std is a difference of log-odds": Case(SIXTY_FIFTY, {"gap_std": math.log(1.5)}),
    # Guessing gives 25 and wrong labels allow 95: (60 - 25) / 70 = 0.5, (39 - 25) / 70 = 0.2; 0 - ln(0.2 / 0.8) = ln 4
    "gap_std is corrected for chance and ceiling": Case(
        (CEE, OH, score("Cee", 60), score("Oh", 39)), {"gap_std": math.log(4)}, {"chance": 25, "ceiling": 95}
    ),
    # Of 60 seconds 15 leave 45 / 60 = 0.75, and 30 leave 0.5: ln(0.75 / 0.25) - 0 = ln 3
    "gap_std where lower is better": Case(
        (CEE, OH, score("Cee", 15), score("Oh", 30)), {"gap_std": math.log(3)}, SECONDS
    ),
    # 400 points are odds of 10 to 1, whatever the bounds of the board.
    "gap_std of a rating is the log-odds of a win": Case(
        (CEE, OH, score("Cee", 1600), score("Oh", 1200)), {"gap_std": math.log(10)}, {"unit": "rating", "high": 5000}
    ),
    # 100 % counts as 0.999: ln(0.999 / 0.001) - 0
    "gap_std of a perfect score is finite": Case(
        (CEE, OH, score("Cee", 100), score("Oh", 50)), {"gap_std": math.log(999)}
    ),
    # 2.49 * 100 * sqrt(0.6 * 0.4 / 100 + 0.5 * 0.5 / 100) = 249 * 0.07 = 17.43: ten points are not enough.
    "resolution follows from the number of questions": Case(
        SIXTY_FIFTY, {"resolution": 17.43, "gap": 10, "state": "below resolution"}, {"n_items": 100}
    ),
    # 2.49 * 100 * sqrt(0.65 * 0.35 / 100 + 0.5 * 0.5 / 100) = 17.2, but 15 - 1.645 * 6.9 = 3.6: a lead.
    "a gap whose interval excludes zero is a lead, whatever the resolution": Case(
        (CEE, OH, score("Cee", 65), score("Oh", 50)),
        {"resolution": 17.206242, "gap": 15, "state": "closed leads"},
        {"n_items": 100},
    ),
    # 2.49 * sqrt(3 ** 2 + 4 ** 2) = 12.45: thirteen points are enough.
    "resolution follows from the errors the board states": Case(
        (CEE, OH, score("Cee", 63, stderr=3), score("Oh", 50, stderr=4)),
        {"resolution": 12.45, "gap": 13, "state": "closed leads"},
        {"n_items": 100},
    ),
    "resolution is not invented": Case(SIXTY_FIFTY, {"resolution": None}),
    # lag
    # Artificial Analysis, 2026-06-14: open 53.90; closed had 53.56 on 2026-02-05 and 57.18 on 2026-02-19.
    # Under: 9 + 31 + 30 + 31 + 14 = 115 days.  Over: 14 days more, 129.
    # Between: 129 - 14 * (53.90 - 53.56) / (57.18 - 53.56) = 129 - 1.315 = 127.685.
    "lag is a bracket between two closed records": Case(
        (
            closed("Early", api="2026-02-05"),
            closed("Late", api="2026-02-19"),
            closed("Best", api="2026-05-01"),
            opened("Behind", weights="2026-06-01"),
            score("Early", 53.56),
            score("Late", 57.18),
            score("Best", 61.00),
            score("Behind", 53.90),
        ),
        {"lag_under": 115, "lag_days": 127.685, "lag_over": 129, "lag_censored": False},
    ),
    # Met exactly on 03-01, which is 30 + 30 + 31 + 14 = 105 days ago; the record below is 31 + 28 = 59 days older.
    "lag where a closed record is met exactly": Case(
        (*STEPS, OH, score("Oh", 50)), {"lag_under": 105, "lag_days": 105, "lag_over": 164}
    ),
    # The first closed model we know was above already: at least 30 + 28 + 31 + 30 + 31 + 14 = 164 days.
    "lag is censored where no closed record is lower": Case(
        SIXTY_FIFTY, {"lag_under": 164, "lag_days": None, "lag_over": None, "lag_censored": True}
    ),
    # Closed 55; open had 50 on 05-01 and 60 on 05-15: 30 to 44 days ahead, 44 - 14 * 5 / 10 = 37 between.
    "lag is negative where open leads": Case(
        (
            CEE,
            opened("First", weights="2026-05-01"),
            opened("Second", weights="2026-05-15"),
            score("Cee", 55),
            score("First", 50),
            score("Second", 60),
        ),
        {"gap": -5, "state": "open leads", "lag_under": -30, "lag_days": -37, "lag_over": -44},
    ),
    # NULL and why
    "without an open model": Case(
        (CEE, score("Cee", 60)),
        {"gap": None, "gap_std": None, "lag_under": None, "state": None, "reason": "no open model counts here"},
    ),
    "without a closed model": Case(
        (OH, score("Oh", 50)),
        {"gap": None, "gap_std": None, "lag_under": None, "state": None, "reason": "no closed model counts here"},
    ),
    "a board outside the index says why": Case(
        SIXTY_FIFTY,
        {"gap": 10, "reason": "not in the index: an average of other boards"},
        {"counts_for_index": False, "why_not": "an average of other boards"},
    ),
    # who counts, and as what
    "unknown access counts on neither side": Case(
        (*SIXTY_FIFTY, score("Nobody knows", 99)),
        {"closed_model": "Cee", "open_model": "Oh", "n_closed": 1, "n_open": 1},
    ),
    "a board's flag alone never makes a model open": Case(
        (*SIXTY_FIFTY, opened("Flag", weights="2026-02-01", evidence="board flag"), score("Flag", 70)),
        {"closed_model": "Cee", "open_model": "Oh", "n_closed": 1, "n_open": 1},
    ),
    "a registry outweighs a board's flag": Case(
        (
            CEE,
            opened("Both", weights="2026-02-01"),
            closed("Both") | {"evidence": "board flag"},
            score("Cee", 60),
            score("Both", 50),
        ),
        {"open_model": "Both", "n_closed": 1, "n_open": 1},
    ),
    # The page announces weights for 2026-07-01: tonight it is a closed model.
    "weights that are not out yet leave a model closed": Case(
        (opened("Soon", api="2026-05-01", weights="2026-07-01"), OH, score("Soon", 60), score("Oh", 50)),
        {"closed_model": "Soon", "open_model": "Oh", "gap": 10},
    ),
    "a model without any date counts from the night it was first scored": Case(
        (CEE, opened("Dateless"), score("Cee", 60), score("Dateless", 50)),
        {"open_model": "Dateless", "open_on": date(2026, 6, 14)},
    ),
    # MIT is unrestricted, a licence nobody has judged is not: both can be downloaded, one is free.
    "tier any takes every downloadable model": Case(
        LICENCES, {"open_model": "Bound", "gap": 10, "n_open": 2, "n_closed": 1}
    ),
    "tier T1 takes unrestricted licences only": Case(
        LICENCES, {"open_model": "Free", "gap": 15, "n_open": 1, "n_closed": 1}, tier="T1"
    ),
    "names of one model are one model": Case(
        (OH, score("gpt-5-2025-08-07", 60), score("GPT-5 (high)", 62), score("Oh", 50)),
        {"closed_model": "gpt-5", "closed_score": 62, "closed_on": date(2025, 8, 7), "n_closed": 1},
    ),
    "what a developer says of itself sets no frontier": Case(
        (*SIXTY_FIFTY, score("Oh", 70, variant="own", self_reported=True)), {"open_score": 50, "gap": 10}
    ),
    "the best configuration is kept": Case(
        (
            *SIXTY_FIFTY,
            score("Cee", 70, variant="high"),
            score("Cee", 65, variant="medium"),
        ),
        {"closed_score": 70, "n_closed": 1},
    ),
    # Better is less here: 12 seconds and not 15.
    "a run listed twice counts once with its better value": Case(
        (CEE, OH, score("Cee", 15), score("Cee", 12), score("Oh", 20)), {"closed_score": 12, "gap": 8}, SECONDS
    ),
}


@pytest.fixture(scope="module")
def boards(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """All cases in one build, each on the board of its name."""
    example = Example(tmp_path_factory.mktemp("boards"), *(board(name, **case.facts) for name, case in CASES.items()))
    rows = [row | {"board": name} if "board" in row else row for name, case in CASES.items() for row in case.rows]
    example.saw(NIGHT, *rows)
    with example.built(NIGHT) as db:
        yield db


@pytest.mark.parametrize("name", CASES)
def test_a_row_of_the_gap_index(boards: duckdb.DuckDBPyConnection, name: str) -> None:
    case = CASES[name]
    row = gap(boards, NIGHT, board=name, tier=case.tier)
    for column, value in case.expected.items():
        assert row[column] == (pytest.approx(value, abs=1e-6) if isinstance(value, int | float) else value), column


def test_configurations_are_counted(boards: duckdb.DuckDBPyConnection) -> None:
    assert ask(
        boards,
        """select model, listed_as, configurations from staging.best_score
           where board = 'the best configuration is kept' order by model""",
    ) == [
        {"model": "Cee", "listed_as": "high", "configurations": 3},
        {"model": "Oh", "listed_as": "", "configurations": 1},
    ]


def test_unknown_access_is_listed_with_its_evidence(boards: duckdb.DuckDBPyConnection) -> None:
    assert ask(boards, "select tier, evidence from marts.model_access where model = 'Flag'") == [
        {"tier": "U", "evidence": "board flag"}
    ]


def test_dates_say_where_they_come_from(boards: duckdb.DuckDBPyConnection) -> None:
    result = ask(
        boards,
        """select model, available_basis, weights_basis from marts.model
           where model in ('Cee', 'Dateless', 'Oh', 'gpt-5') order by model""",
    )
    assert [tuple(row.values()) for row in result] == [
        ("Cee", "registry: release date", ""),
        ("Dateless", "first scored", ""),
        ("Oh", "first scored", "registry: weights date"),
        ("gpt-5", "seed: API date", ""),
    ]


def test_self_reported_scores_are_kept_as_such(boards: duckdb.DuckDBPyConnection) -> None:
    assert ask(boards, "select name, value from marts.score where self_reported") == [{"name": "Oh", "value": 70.0}]


# --- night after night --------------------------------------------------------------------------


def test_lag_grows_by_a_day_each_night(boards: duckdb.DuckDBPyConnection) -> None:
    result = [gap(boards, night, board="gap is closed minus open") for night in ("2026-02-01", "2026-06-13", NIGHT)]
    assert [row["lag_under"] for row in result] == [31, 163, 164]


def test_a_frozen_board_keeps_its_gap_has_no_lag_and_says_since_when(tmp_path: Path) -> None:
    # Nothing new since 2026-03-01; on 2026-03-31 that is 30 days, on 2026-04-01 it is 31.
    example = Example(tmp_path, board(frozen_after_days=30))
    example.saw("2026-03-01", CEE, OH, score("Cee", 60), score("Oh", 50), updated_on="2026-03-01")
    with example.built("2026-04-01", "marts.gap_index") as db:
        fresh, frozen = gap(db, "2026-03-31"), gap(db, "2026-04-01")
    assert (fresh["stale_days"], fresh["lag_under"], fresh["state"], fresh["reason"]) == (30, 89, "closed leads", None)
    assert (frozen["stale_days"], frozen["gap"], frozen["gap_std"]) == (31, 10.0, fresh["gap_std"])
    assert days(frozen) == (None, None, None)
    assert (frozen["state"], frozen["lag_censored"]) == (None, False)
    assert frozen["reason"] == "frozen: nothing new since 2026-03-01, so no lag is given"


@pytest.mark.parametrize(
    ("answer", "observed_on"),
    [
        ({"updated_on": "2026-03-01", "modified": "Mon, 02 Mar 2026 08:00:00 GMT"}, date(2026, 3, 1)),
        ({"modified": "Mon, 02 Mar 2026 08:00:00 GMT"}, date(2026, 3, 2)),
        ({"modified": "yesterday"}, date(2026, 3, 5)),
        ({"updated_on": "2027-01-01"}, date(2026, 3, 5)),
    ],
    ids=["the board's own date", "Last-Modified", "the night it was seen", "a date to come"],
)
def test_how_old_a_board_is(example: Example, answer: dict[str, str], observed_on: date) -> None:
    example.saw("2026-03-05", CEE, OH, score("Cee", 60), score("Oh", 50), **answer)
    with example.built("2026-03-10", "marts.gap_index") as db:
        row = gap(db, "2026-03-10")
    assert row["observed_on"] == observed_on
    assert row["stale_days"] == (date(2026, 3, 10) - observed_on).days


def test_editions_never_share_a_frontier(example: Example) -> None:
    example.saw("2026-03-01", CEE, OH, score("Cee", 80), score("Oh", 70))
    example.saw("2026-04-01", score("Cee", 40, edition="v2"), score("Oh", 35, edition="v2"))
    with example.built("2026-04-01", "marts.gap_index") as db:
        assert gap(db, "2026-04-01", edition="v2")["gap"] == 5.0
        assert gap(db, "2026-04-01", edition="v1")["gap"] == 10.0


def test_an_edition_that_was_followed_by_another_leaves_when_it_is_frozen(tmp_path: Path) -> None:
    example = Example(tmp_path, board(frozen_after_days=30))
    example.saw("2026-03-01", CEE, OH, score("Cee", 80), score("Oh", 70))
    example.saw("2026-03-02", score("Cee", 40, edition="v2"), score("Oh", 35, edition="v2"))
    with example.built("2026-04-10", "marts.gap_index") as db:
        last = ask(
            db,
            """select edition, max(night) as last from marts.gap_index
               where scope_kind = 'board' group by edition order by edition""",
        )
    assert last == [
        {"edition": "v1", "last": date(2026, 3, 31)},
        {"edition": "v2", "last": date(2026, 4, 10)},
    ]


def test_a_model_counts_as_closed_until_its_weights_are_out(example: Example) -> None:
    # MiniMax-M2.7's weights came 26 days after its API, 2026-03-18 and 2026-04-13.
    example.saw(
        "2026-03-20",
        closed("Cee", api="2026-01-01"),
        opened("Oh", weights="2026-02-01"),
        score("Cee", 40),
        score("Oh", 35),
        score("MiniMax-M2.7", 50),
    )
    with example.built("2026-04-14", "marts.gap_index", "parity_event") as db:
        before, after = gap(db, "2026-04-12"), gap(db, "2026-04-13")
        (entered,) = ask(
            db,
            """select days from marts.parity_event
               where closed_model = 'Cee' and open_model = 'minimax-m2.7' and tier = 'any'""",
        )
    assert (before["closed_model"], before["open_model"], before["gap"]) == ("minimax-m2.7", "Oh", 15.0)
    assert (before["n_closed"], before["n_open"]) == (2, 1)
    assert (after["closed_model"], after["open_model"], after["gap"]) == ("Cee", "minimax-m2.7", -10.0)
    assert (after["n_closed"], after["n_open"]) == (1, 2)
    assert after["open_on"] == date(2026, 4, 13)
    assert "MiniMax-M2.7 was released before its weights, which count from 2026-04-13" in after["reason"]
    assert entered["days"] == 102  # 2026-01-01 to 2026-04-13: 30 + 28 + 31 + 13


def test_so_does_a_model_that_only_our_sources_know(example: Example) -> None:
    late = opened("Late", api="2026-03-18", weights="2026-04-13")
    example.saw("2026-04-14", CEE, OH, late, score("Cee", 40), score("Oh", 35), score("Late", 50))
    with example.built("2026-04-14", "marts.gap_index", "model_access") as db:
        before, after = gap(db, "2026-04-12"), gap(db, "2026-04-13")
        spans = ask(db, "select tier, from_on, until_on from marts.model_access where model = 'Late' order by from_on")
    assert (before["closed_model"], before["open_model"]) == ("Late", "Oh")
    assert (after["closed_model"], after["open_model"]) == ("Cee", "Late")
    assert spans == [
        {"tier": "C", "from_on": date(2026, 3, 18), "until_on": date(2026, 4, 13)},
        {"tier": "T1", "from_on": date(2026, 4, 13), "until_on": None},
    ]


def test_a_correction_replaces_a_score_and_stays_in_the_history(example: Example) -> None:
    example.saw("2026-03-01", CEE, OH, score("Cee", 60), score("Oh", 69))
    example.saw("2026-03-02", score("Cee", 60), score("Oh", 50))
    with example.built("2026-03-02", "marts.gap_index", "score_history") as db:
        assert gap(db, "2026-03-02")["gap"] == 10.0
        assert ask(db, "select value, known_on from marts.score_history where name = 'Oh' order by known_on") == [
            {"value": 69.0, "known_on": date(2026, 3, 1)},
            {"value": 50.0, "known_on": date(2026, 3, 2)},
        ]


def test_a_score_that_somebody_else_confirms_sets_a_frontier_from_then_on(example: Example) -> None:
    example.saw("2026-03-01", CEE, OH, score("Cee", 60), score("Oh", 50, self_reported=True))
    example.saw("2026-03-02", score("Cee", 60), score("Oh", 50))
    with example.built("2026-03-01", "marts.gap_index") as db:
        assert gap(db, "2026-03-01")["open_model"] is None
    with example.built("2026-03-02", "marts.gap_index") as db:
        assert gap(db, "2026-03-02")["open_model"] == "Oh"


def test_a_value_that_comes_back_is_a_change_again(example: Example) -> None:
    for night, value in (("2026-03-01", 60), ("2026-03-02", 50), ("2026-03-03", 60), ("2026-03-04", 60)):
        example.saw(night, score("Cee", value))
    with example.built("2026-03-04", "score", "score_history") as db:
        result = ask(db, "select value, known_on from marts.score_history order by known_on")
        assert [(row["value"], row["known_on"].day) for row in result] == [(60.0, 1), (50.0, 2), (60.0, 3)]
        assert ask(db, "select value, known_on from marts.score") == [{"value": 60.0, "known_on": date(2026, 3, 3)}]


def test_a_row_that_leaves_a_board_counts_no_longer(example: Example) -> None:
    example.saw("2026-03-01", CEE, OH, score("Cee", 60), score("Oh", 50))
    example.saw("2026-03-02", score("Oh", 50))
    with example.built("2026-03-02", "marts.gap_index", "score") as db:
        assert gap(db, "2026-03-02")["closed_model"] is None
        assert ask(db, "select model from marts.score where model = 'Cee'") == [{"model": "Cee"}]


def test_two_addresses_that_say_the_same_are_one_observation(example: Example) -> None:
    for path in ("a", "b"):
        example.saw(NIGHT, score("Cee", 60), url=f"https://toy.example/{path}.json")
    with example.built(NIGHT, "score", "score_history") as db:
        assert ask(db, "select name, value from marts.score") == [{"name": "Cee", "value": 60.0}]
        assert ask(db, "select name, value from marts.score_history") == [{"name": "Cee", "value": 60.0}]


# --- frontier and parity ------------------------------------------------------------------------

RACE = (
    closed("Cad", api="2026-01-01"),
    closed("Ced", api="2026-03-01"),
    closed("Cid", api="2026-05-01"),
    opened("Oak", weights="2026-02-01"),
    opened("Owl", weights="2026-04-10"),
    score("Cad", 40),
    score("Ced", 50),
    score("Cid", 70),
    score("Oak", 35),
    score("Owl", 55),
)


@pytest.fixture(scope="module")
def race(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    example = Example(tmp_path_factory.mktemp("race"))
    example.saw(NIGHT, *RACE)
    with example.built(NIGHT) as db:
        yield db


def test_frontier_tells_who_held_it_from_when_to_when(race: duckdb.DuckDBPyConnection) -> None:
    result = ask(
        race, "select side, model, from_on, until_on from marts.frontier where tier = 'any' order by side, from_on"
    )
    assert [(row["side"], row["model"], row["from_on"], row["until_on"]) for row in result] == [
        ("closed", "Cad", date(2026, 1, 1), date(2026, 3, 1)),
        ("closed", "Ced", date(2026, 3, 1), date(2026, 5, 1)),
        ("closed", "Cid", date(2026, 5, 1), None),
        ("open", "Oak", date(2026, 2, 1), date(2026, 4, 10)),
        ("open", "Owl", date(2026, 4, 10), None),
    ]


def test_parity_events_and_times_to_parity(race: duckdb.DuckDBPyConnection) -> None:
    # Owl (55, weights 2026-04-10) is the first open model at Cad's 40 and at Ced's 50.
    # From 01-01 to 04-10 are 30 + 28 + 31 + 10 = 99 days, from 03-01 they are 40.
    # Cid's 70 stands: from 05-01 to 06-14 are 30 + 14 = 44 days and counting.
    reached = ask(race, "select * from marts.parity_event where tier = 'any' order by closed_on")
    waited = ask(
        race,
        """select closed_model, closed_on, days, censored, lower_days, upper_days, open_model
           from marts.time_to_parity where tier = 'any' and grade = 'match' order by closed_on""",
    )
    assert [(row["closed_model"], row["open_model"], row["days"]) for row in reached] == [
        ("Cad", "Owl", 99),
        ("Ced", "Owl", 40),
    ]
    assert {(row["grade"], row["state"], row["known_on"], row["backfilled"]) for row in reached} == {
        ("match", "candidate", date(2026, 6, 14), True)
    }
    assert [tuple(row.values()) for row in waited] == [
        ("Cad", date(2026, 1, 1), 99, "none", 99, 99, "Owl"),
        ("Ced", date(2026, 3, 1), 40, "none", 40, 40, "Owl"),
        ("Cid", date(2026, 5, 1), None, "right", 44, None, None),
    ]


def test_an_open_model_that_was_there_first_took_less_than_no_time(example: Example) -> None:
    # Open had 65 on 2026-02-01, closed reached 60 on 2026-03-01: -28 days.
    example.saw(NIGHT, closed("C", api="2026-03-01"), OH, score("C", 60), score("Oh", 65))
    with example.built(NIGHT, "parity_event") as db:
        assert [row["days"] for row in ask(db, "select days from marts.parity_event where tier = 'any'")] == [-28]


def test_waiting_counts_from_the_api_and_from_the_announcement_too(example: Example) -> None:
    # o1: in ChatGPT on 2024-12-05, by API on 2024-12-17; gpt-oss-120b on 2025-08-05 (dates of seeds/model.csv).
    # From 12-17 to 08-05 are 14 + 31 + 28 + 31 + 30 + 31 + 30 + 31 + 5 = 231 days; from 12-05 they are 12 more.
    example.saw(NIGHT, score("o1", 60), score("gpt-oss-120b", 61))
    with example.built(NIGHT, "time_to_parity") as db:
        (waited,) = ask(
            db,
            """select closed_model, open_model, days, announced_days
               from marts.time_to_parity where tier = 'any' and grade = 'match'""",
        )
    assert tuple(waited.values()) == ("o1", "gpt-oss-120b", 231, 243)


def test_an_event_is_new_when_its_score_comes_later(example: Example) -> None:
    example.saw("2026-06-01", CEE, score("Cee", 60))
    example.saw("2026-06-05", OH, score("Cee", 60), score("Oh", 61))
    with example.built("2026-06-05", "parity_event") as db:
        (event,) = ask(db, "select known_on, backfilled from marts.parity_event where tier = 'any'")
    assert event == {"known_on": date(2026, 6, 5), "backfilled": False}


def test_a_closed_model_that_did_not_raise_the_frontier_is_no_record(example: Example) -> None:
    example.saw(NIGHT, CEE, closed("Weaker", api="2026-03-01"), score("Cee", 60), score("Weaker", 55))
    with example.built(NIGHT, "time_to_parity") as db:
        assert ask(db, "select distinct closed_model from marts.time_to_parity") == [{"closed_model": "Cee"}]


@pytest.mark.parametrize(("value", "records"), [(64.9, ["Cee"]), (65.1, ["Cee", "Next"])], ids=["within", "beyond"])
def test_a_record_is_more_than_the_joint_standard_error(example: Example, value: float, records: list[str]) -> None:
    # sqrt(3 ** 2 + 4 ** 2) = 5 points above 60.
    example.saw(
        NIGHT, CEE, closed("Next", api="2026-03-01"), score("Cee", 60, stderr=3), score("Next", value, stderr=4)
    )
    with example.built(NIGHT, "time_to_parity") as db:
        found = ask(
            db,
            """select closed_model from marts.time_to_parity
               where tier = 'any' and grade = 'match' order by closed_on""",
        )
    assert [row["closed_model"] for row in found] == records


def test_an_error_that_is_not_stated_is_not_borrowed_from_a_weaker_record(example: Example) -> None:
    # Cid's 62 is 2 above Ced's 60, whose error nobody knows; that of Cad's 50 says nothing about it.
    example.saw(NIGHT, *RACE[:3], score("Cad", 50, stderr=3), score("Ced", 60), score("Cid", 62, stderr=4))
    with example.built(NIGHT, "time_to_parity") as db:
        assert ask(db, "select count(*) as n from marts.time_to_parity where tier = 'any' and grade = 'match'") == [
            {"n": 3}
        ]


def test_event_ids_are_the_same_on_every_night_and_machine(tmp_path: Path) -> None:
    ids = []
    for name, nights in (("one", ["2026-06-14"]), ("other", ["2026-06-01", "2026-06-14"])):
        example = Example(tmp_path / name)
        for night in nights:
            example.saw(night, *RACE)
        with example.built(nights[-1], "parity_event") as db:
            ids.append(sorted(row["event_id"] for row in ask(db, "select event_id from marts.parity_event")))
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == len(ids[0]) == 4  # two records, two tiers


def test_excluded_rows_are_in_no_table_but_accounted_for(example: Example) -> None:
    example.saw(NIGHT, CEE, OH, score("Cee", 60), score("Oh", 50), excluded("Human", "human baseline"))
    with example.built(NIGHT, "score", "snapshot") as db:
        assert ask(db, "select seen, accepted, quarantined, excluded from staging.snapshot") == [
            {"seen": 3, "accepted": 2, "quarantined": 0, "excluded": 1}
        ]
        assert ask(db, "select count(*) as n from marts.score where name = 'Human'") == [{"n": 0}]


# --- what may not matter ------------------------------------------------------------------------


def test_nothing_known_later_leaks_into_an_earlier_night(example: Example) -> None:
    example.saw("2026-03-01", CEE, OH, score("Cee", 60), score("Oh", 50))
    example.failed("2026-03-02")
    before = example.tables("2026-03-02")

    example.saw(
        "2026-03-03",
        closed("Cee", api="2025-06-01"),
        opened("Oh", weights="2025-07-01"),
        opened("New", weights="2026-01-15"),
        score("Cee", 10, developer="Cee Inc"),
        score("Oh", 99),
        score("New", 98),
        score("Cee", 5, edition="v2"),
        score("Out", 900),
        updated_on="2026-03-03",
    )
    example.answered("2026-03-04", b"no page at all")
    example.failed("2026-03-05")
    assert example.tables("2026-03-05")["gap_index"] != before["gap_index"]

    after = example.tables("2026-03-02")
    for mart in before:
        assert after[mart] == before[mart], mart


def test_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    # With ties on every side, a run listed twice, and two spellings of one model.
    rows = [
        *RACE,
        closed("Cud", api="2026-05-01"),
        opened("Orc", weights="2026-04-10"),
        score("Cud", 70),
        score("Orc", 55),
        score("Orc", 55, written="the same again"),
        score("Orc", 55, stderr=2.0, written="and again"),
        score("gpt-5", 30),
        score("GPT-5", 30),
    ]
    result = []
    for seed in range(3):
        example = Example(tmp_path / str(seed))
        random.Random(seed).shuffle(rows)
        example.saw(NIGHT, *rows)
        with example.built(NIGHT) as db:
            result.append(
                {
                    name: ask(db, f"select * exclude ({left}) from marts.{name} order by all")
                    for name, left in {
                        "gap_index": "run_id",
                        "frontier": "title",
                        "parity_event": "state",
                        "time_to_parity": "grade",
                        "model_access": "basis",
                        "score": "sha256",
                    }.items()
                }
            )
    assert result[0] == result[1] == result[2]


# --- two implementations ------------------------------------------------------------------------


@dataclass(frozen=True)
class Model:
    """A model of the plain loop: ``until`` is the date its weights came, where it began as closed."""

    name: str
    side: str
    value: float
    since: date
    until: date | None = None

    def counts(self, on: date) -> bool:
        return self.since <= on and (self.until is None or on < self.until)


def leader(models: Iterable[Model], on: date) -> Model | None:
    there = [m for m in models if m.counts(on)]
    return min(there, key=lambda m: (-m.value, m.since, m.name)) if there else None


def by_hand(models: list[Model], on: date) -> tuple[Any, ...]:
    """Both leaders, gap, and the lag bracket of one night, by a plain loop over dated models."""
    sides = {side: [m for m in models if m.side == side] for side in ("closed", "open")}
    best_closed, best_open = leader(sides["closed"], on), leader(sides["open"], on)
    if best_closed is None or best_open is None:
        return (best_closed and best_closed.name, best_open and best_open.name, None, None, None)
    ahead, sign = ("closed", 1) if best_closed.value >= best_open.value else ("open", -1)
    level = min(best_closed.value, best_open.value)
    there = [m for m in sides[ahead] if m.counts(on)]
    above = min(m.since for m in there if m.value >= level)
    earlier = [m for m in there if m.since < above]
    below = min(earlier, key=lambda m: (-m.value, m.since)).since if earlier else None
    return (
        best_closed.name,
        best_open.name,
        round(best_closed.value - best_open.value, 9),
        sign * (on - above).days,
        None if below is None else sign * (on - below).days,
    )


def random_models(rng: random.Random, board_name: str) -> Iterator[tuple[list[JsonRow], list[Model]]]:
    """Models with few distinct values and dates, so that ties happen; some with weights after their API."""
    start = date(2026, 1, 1)
    for n in range(rng.randint(0, 9)):
        name, value = f"{board_name} {n}", rng.randint(1, 12) / 2
        since = start + timedelta(days=rng.randint(0, 40))
        row = score(name, value, board=board_name)
        match rng.choice(["closed", "closed", "open", "open", "late"]):
            case "closed":
                yield [row, closed(name, api=since.isoformat())], [Model(name, "closed", value, since)]
            case "open":
                yield [row, opened(name, weights=since.isoformat())], [Model(name, "open", value, since)]
            case _:
                out = since + timedelta(days=rng.randint(1, 20))
                yield (
                    [row, opened(name, api=since.isoformat(), weights=out.isoformat())],
                    [Model(name, "closed", value, since, out), Model(name, "open", value, out)],
                )


def test_a_plain_loop_finds_the_same_frontiers_gaps_and_lags(tmp_path: Path) -> None:
    rng = random.Random(20260614)
    names = [f"b{n:02}" for n in range(60)]
    example = Example(tmp_path, *(board(name) for name in names))
    models: dict[str, list[Model]] = {name: [] for name in names}
    rows: list[JsonRow] = []
    for name in names:
        for result, made in random_models(rng, name):
            rows += result
            models[name] += made
    rng.shuffle(rows)
    night = date(2026, 3, 10)
    example.saw(night.isoformat(), *rows)

    with example.built(night.isoformat(), "marts.gap_index") as db:
        found = {
            (row["scope"], row["night"]): tuple(row.values())[2:]
            for row in ask(
                db,
                """select scope, night, closed_model, open_model, gap, lag_under, lag_over
                   from marts.gap_index where tier = 'any' and scope_kind = 'board'""",
            )
        }
    expected = {}
    for name in names:
        first = min((m.since for m in models[name]), default=night + timedelta(days=1))
        for n in range((night - first).days + 1):
            on = first + timedelta(days=n)
            expected[name, on] = by_hand(models[name], on)
    assert len(expected) > 2500
    different = {key: (found.get(key), result) for key, result in expected.items() if found.get(key) != result}
    assert not different, json.dumps({str(k): v for k, v in list(different.items())[:5]}, indent=1)
    assert found.keys() == expected.keys()


def test_a_table_cut_short_is_held_and_last_good_stays(tmp_path: Path) -> None:
    """Ten rows, then four of them with other scores: 4 < 0.9 x 10, so the four are held; on day 15 they count."""
    toy = Example(tmp_path)
    whole = [score(f"Model {letter}", 50 + at) for at, letter in enumerate("abcdefghij")]
    cut = [score(f"Model {letter}", 10 + at) for at, letter in enumerate("abcd")]
    toy.saw("2026-06-01", *whole)
    toy.saw("2026-06-02", *cut)
    with toy.built("2026-06-02", "quarantine", "score") as db:
        assert db.execute("select max(value), count(*) from marts.score").fetchone() == (59, 10)
        held = db.execute("select found from marts.quarantine where held = 'table'").fetchall()
        assert held == [("4 rows shown, 10 before it was cut",)]
    toy.saw("2026-06-20", *cut[:-1], score("Model d", 14))
    with toy.built("2026-06-20", "quarantine", "score") as db:
        found = db.execute("select edition, value from marts.score where name = 'Model d' order by all").fetchall()
        assert found == [("v1", 53), ("v1 from 2026-06-20", 14)], "other scores of the same models are another scale"
