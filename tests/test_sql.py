"""The numbers, on a handful of rows each, with the arithmetic beside them (METHOD sections 1 to 4)."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from examples import Example, Told, ask, board, closed, days, excluded, gap, opened, score

NIGHT = "2026-06-14"


@pytest.fixture
def example(tmp_path: Path) -> Example:
    return Example(tmp_path)


def tonight(example: Example, *rows: Told, night: str = NIGHT, **where: str) -> Told:
    """The gap row of a night on which the board showed these rows for the first time."""
    example.saw(night, *rows)
    with example.built(night) as db:
        return gap(db, night, **where)


CEE = closed("Cee", api="2026-01-01")
OH = opened("Oh", weights="2026-02-01")


# --- gap ----------------------------------------------------------------------------------------


def test_gap_is_closed_minus_open(example: Example) -> None:
    row = tonight(example, CEE, OH, score("Cee", 60), score("Oh", 50))
    assert (row["closed_model"], row["closed_score"], row["closed_on"]) == ("Cee", 60.0, date(2026, 1, 1))
    assert (row["open_model"], row["open_score"], row["open_on"]) == ("Oh", 50.0, date(2026, 2, 1))
    assert (row["gap"], row["state"], row["n_closed"], row["n_open"]) == (10.0, "closed leads", 1, 1)
    assert row["reason"] is None


def test_on_a_board_where_lower_is_better_more_is_still_a_lead(tmp_path: Path) -> None:
    # Seconds: closed needs 10, open 15; closed is ahead by 15 - 10 = 5.
    example = Example(tmp_path, board(unit="seconds", high=60, better="lower"))
    row = tonight(example, CEE, OH, score("Cee", 10), score("Cee", 12, variant="slow"), score("Oh", 15))
    assert (row["closed_score"], row["gap"], row["state"]) == (10.0, 5.0, "closed leads")


def test_gap_std_is_a_difference_of_log_odds(example: Example) -> None:
    # ln(0.6/0.4) - ln(0.5/0.5) = ln 1.5
    row = tonight(example, CEE, OH, score("Cee", 60), score("Oh", 50))
    assert row["gap_std"] == pytest.approx(math.log(1.5), abs=1e-8)


def test_gap_std_is_corrected_for_chance_and_ceiling(tmp_path: Path) -> None:
    # Guessing gives 25, wrong labels allow 95: (60 - 25) / 70 = 0.5 and (39 - 25) / 70 = 0.2; 0 - ln(0.2/0.8) = ln 4
    example = Example(tmp_path, board(chance=25, ceiling=95))
    row = tonight(example, CEE, OH, score("Cee", 60), score("Oh", 39))
    assert row["gap_std"] == pytest.approx(math.log(4), abs=1e-8)


def test_gap_std_where_lower_is_better(tmp_path: Path) -> None:
    # Of 60 seconds, 15 leave 45/60 = 0.75 and 30 leave 0.5: ln(0.75/0.25) - 0 = ln 3
    example = Example(tmp_path, board(unit="seconds", high=60, better="lower"))
    row = tonight(example, CEE, OH, score("Cee", 15), score("Oh", 30))
    assert row["gap_std"] == pytest.approx(math.log(3), abs=1e-8)


def test_gap_std_of_a_rating_is_the_log_odds_of_a_win(tmp_path: Path) -> None:
    # 400 points are odds of 10 to 1, whatever the bounds of the board.
    example = Example(tmp_path, board(unit="rating", low=0, high=5000))
    row = tonight(example, CEE, OH, score("Cee", 1600), score("Oh", 1200))
    assert row["gap_std"] == pytest.approx(math.log(10), abs=1e-8)


def test_gap_std_of_a_perfect_score_is_finite(example: Example) -> None:
    # 100 % counts as 0.999: ln 999 - ln 1
    row = tonight(example, CEE, OH, score("Cee", 100), score("Oh", 50))
    assert row["gap_std"] == pytest.approx(math.log(999), abs=1e-8)


def test_resolution_of_percentages_follows_from_the_number_of_questions(tmp_path: Path) -> None:
    # 2.49 * 100 * sqrt(0.6 * 0.4 / 100 + 0.5 * 0.5 / 100) = 249 * 0.07 = 17.43: ten points are not enough.
    example = Example(tmp_path, board(n_items=100))
    row = tonight(example, CEE, OH, score("Cee", 60), score("Oh", 50))
    assert row["resolution"] == pytest.approx(17.43, abs=1e-6)
    assert (row["gap"], row["state"]) == (10.0, "below resolution")


def test_resolution_follows_from_the_errors_the_board_states(tmp_path: Path) -> None:
    # 2.49 * sqrt(3 ** 2 + 4 ** 2) = 12.45 < 13
    example = Example(tmp_path, board(n_items=100))
    row = tonight(example, CEE, OH, score("Cee", 63, stderr=3), score("Oh", 50, stderr=4))
    assert row["resolution"] == pytest.approx(12.45, abs=1e-6)
    assert row["state"] == "closed leads"


def test_resolution_is_not_invented(example: Example) -> None:
    assert tonight(example, CEE, OH, score("Cee", 60), score("Oh", 50))["resolution"] is None


# --- lag ----------------------------------------------------------------------------------------


def test_lag_is_a_bracket_between_two_closed_records(example: Example) -> None:
    # Artificial Analysis, 2026-06-14: open 53.90; closed had 53.56 on 2026-02-05 and 57.18 on 2026-02-19.
    # Under: 9 + 31 + 30 + 31 + 14 = 115 days.  Over: 14 days more, 129.
    # Between: 129 - 14 * (53.90 - 53.56) / (57.18 - 53.56) = 129 - 1.315 = 127.685.
    row = tonight(
        example,
        closed("Early", api="2026-02-05"),
        closed("Late", api="2026-02-19"),
        closed("Best", api="2026-05-01"),
        opened("Oh", weights="2026-06-01"),
        score("Early", 53.56),
        score("Late", 57.18),
        score("Best", 61.00),
        score("Oh", 53.90),
    )
    assert days(row) == (115, 127.685, 129)
    assert row["lag_censored"] is False


def test_lag_where_a_closed_record_is_met_exactly(example: Example) -> None:
    # Closed 40 on 01-01, 50 on 03-01, 60 on 05-01; open 50.  Since 03-01: 30 + 30 + 31 + 14 = 105 days.
    row = tonight(
        example,
        closed("A", api="2026-01-01"),
        closed("B", api="2026-03-01"),
        closed("C", api="2026-05-01"),
        OH,
        score("A", 40),
        score("B", 50),
        score("C", 60),
        score("Oh", 50),
    )
    assert days(row) == (105, 105.0, 105 + 59)


def test_lag_is_censored_where_no_closed_record_is_lower(example: Example) -> None:
    # The first closed model we know was above already: at least 30 + 28 + 31 + 30 + 31 + 14 = 164 days.
    row = tonight(example, CEE, OH, score("Cee", 60), score("Oh", 50))
    assert days(row) == (164, None, None)
    assert row["lag_censored"] is True


def test_lag_is_negative_where_open_leads(example: Example) -> None:
    # Closed 55; open had 50 on 05-01 and 60 on 05-15: 30 to 44 days ahead, 44 - 14 * 5 / 10 = 37 between.
    row = tonight(
        example,
        CEE,
        opened("First", weights="2026-05-01"),
        opened("Second", weights="2026-05-15"),
        score("Cee", 55),
        score("First", 50),
        score("Second", 60),
    )
    assert (row["gap"], row["state"]) == (-5.0, "open leads")
    assert days(row) == (-30, -37.0, -44)


def test_equal_frontiers_are_no_lead(example: Example) -> None:
    row = tonight(example, CEE, OH, score("Cee", 50), score("Oh", 50))
    assert (row["gap"], row["gap_std"], row["state"]) == (0.0, 0.0, "below resolution")


def test_lag_grows_by_a_day_each_night(example: Example) -> None:
    example.saw(NIGHT, CEE, OH, score("Cee", 60), score("Oh", 50))
    with example.built("2026-06-15") as db:
        assert [gap(db, night)["lag_under"] for night in ("2026-02-01", NIGHT, "2026-06-15")] == [31, 164, 165]


# --- NULL and why -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ((CEE, score("Cee", 60)), "no open model counts here"),
        ((OH, score("Oh", 50)), "no closed model counts here"),
    ],
    ids=["closed only", "open only"],
)
def test_a_board_with_one_side_has_no_gap_and_says_why(example: Example, rows: Iterable[Told], reason: str) -> None:
    row = tonight(example, *rows)
    assert (row["gap"], row["gap_std"], row["lag_under"], row["state"]) == (None, None, None, None)
    assert row["reason"] == reason


def test_a_frozen_board_keeps_its_gap_has_no_lag_and_says_since_when(tmp_path: Path) -> None:
    # Nothing new since 2026-03-01; on 2026-03-31 that is 30 days, on 2026-04-01 it is 31.
    example = Example(tmp_path, board(frozen_after_days=30))
    example.saw("2026-03-01", CEE, OH, score("Cee", 60), score("Oh", 50), updated_on="2026-03-01")
    with example.built("2026-04-01") as db:
        fresh, frozen = gap(db, "2026-03-31"), gap(db, "2026-04-01")
    assert (fresh["stale_days"], fresh["lag_under"], fresh["state"], fresh["reason"]) == (30, 89, "closed leads", None)
    assert (frozen["stale_days"], frozen["gap"], frozen["gap_std"]) == (31, 10.0, fresh["gap_std"])
    assert days(frozen) == (None, None, None)
    assert (frozen["state"], frozen["lag_censored"]) == (None, False)
    assert frozen["reason"] == "frozen since 2026-03-01: nothing new in 31 days, so no lag is given"


@pytest.mark.parametrize(
    ("said", "observed_on"),
    [
        ({"updated_on": "2026-03-01", "modified": "Mon, 02 Mar 2026 08:00:00 GMT"}, date(2026, 3, 1)),
        ({"modified": "Mon, 02 Mar 2026 08:00:00 GMT"}, date(2026, 3, 2)),
        ({"modified": "yesterday"}, date(2026, 3, 5)),
        ({"updated_on": "2027-01-01"}, date(2026, 3, 5)),
    ],
    ids=["the board's own date", "Last-Modified", "the night it was seen", "a date to come"],
)
def test_how_old_a_board_is(example: Example, said: dict[str, str], observed_on: date) -> None:
    example.saw("2026-03-05", CEE, OH, score("Cee", 60), score("Oh", 50), **said)
    with example.built("2026-03-10") as db:
        row = gap(db, "2026-03-10")
    assert row["observed_on"] == observed_on
    assert row["stale_days"] == (date(2026, 3, 10) - observed_on).days


def test_a_board_outside_the_index_says_why(tmp_path: Path) -> None:
    example = Example(tmp_path, board(counts_for_index=False, why_not="an average of other boards"))
    row = tonight(example, CEE, OH, score("Cee", 60), score("Oh", 50))
    assert (row["gap"], row["reason"]) == (10.0, "not in the index: an average of other boards")


def test_editions_never_share_a_frontier(example: Example) -> None:
    example.saw("2026-03-01", CEE, OH, score("Cee", 80), score("Oh", 70))
    example.saw("2026-04-01", score("Cee", 40, edition="v2"), score("Oh", 35, edition="v2"))
    with example.built("2026-04-01") as db:
        assert gap(db, "2026-04-01", edition="v2")["gap"] == 5.0
        assert gap(db, "2026-04-01", edition="v1")["gap"] == 10.0


def test_an_edition_that_was_followed_by_another_leaves_when_it_is_frozen(tmp_path: Path) -> None:
    example = Example(tmp_path, board(frozen_after_days=30))
    example.saw("2026-03-01", CEE, OH, score("Cee", 80), score("Oh", 70))
    example.saw("2026-03-02", score("Cee", 40, edition="v2"), score("Oh", 35, edition="v2"))
    with example.built("2026-04-10") as db:
        last = ask(db, "select edition, max(night) as last from marts.gap_index group by edition order by edition")
    assert last == [
        {"edition": "v1", "last": date(2026, 3, 31)},
        {"edition": "v2", "last": date(2026, 4, 10)},
    ]


# --- who counts, and as what --------------------------------------------------------------------


def test_unknown_access_counts_on_neither_side(example: Example) -> None:
    row = tonight(example, CEE, OH, score("Cee", 60), score("Oh", 50), score("Nobody knows", 99))
    assert (row["closed_model"], row["open_model"], row["n_closed"], row["n_open"]) == ("Cee", "Oh", 1, 1)


def test_a_boards_flag_alone_never_makes_a_model_open(example: Example) -> None:
    flagged = opened("Flag", weights="2026-02-01", evidence="board flag")
    row = tonight(example, CEE, OH, flagged, score("Cee", 60), score("Oh", 50), score("Flag", 70))
    assert (row["open_model"], row["n_closed"], row["n_open"]) == ("Oh", 1, 1)
    with example.built(NIGHT) as db:
        assert ask(db, "select tier, evidence from marts.model_access where model = 'Flag'") == [
            {"tier": "U", "evidence": "board flag"}
        ]


def test_a_registry_outweighs_a_boards_flag(example: Example) -> None:
    board_says = closed("Oh") | {"evidence": "board flag"}
    row = tonight(example, CEE, OH, board_says, score("Cee", 60), score("Oh", 50))
    assert (row["open_model"], row["n_open"]) == ("Oh", 1)


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
    with example.built("2026-04-14") as db:
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
    with example.built("2026-04-14") as db:
        before, after = gap(db, "2026-04-12"), gap(db, "2026-04-13")
        spans = ask(db, "select tier, from_on, until_on from marts.model_access where model = 'Late' order by from_on")
    assert (before["closed_model"], before["open_model"]) == ("Late", "Oh")
    assert (after["closed_model"], after["open_model"]) == ("Cee", "Late")
    assert spans == [
        {"tier": "C", "from_on": date(2026, 3, 18), "until_on": date(2026, 4, 13)},
        {"tier": "T1", "from_on": date(2026, 4, 13), "until_on": None},
    ]


def test_weights_that_are_not_out_yet_leave_a_model_closed(example: Example) -> None:
    # Announced for 2026-07-01 on a page of 2026-06-14: tonight it is a closed model.
    soon = opened("Soon", api="2026-05-01", weights="2026-07-01")
    row = tonight(example, OH, soon, score("Oh", 50), score("Soon", 60))
    assert (row["closed_model"], row["open_model"], row["gap"]) == ("Soon", "Oh", 10.0)


def test_a_model_without_any_date_counts_from_the_night_it_was_first_scored(example: Example) -> None:
    row = tonight(example, CEE, opened("Dateless"), score("Cee", 60), score("Dateless", 50), night="2026-03-01")
    assert (row["open_model"], row["open_on"]) == ("Dateless", date(2026, 3, 1))
    with example.built("2026-03-01") as db:
        assert ask(db, "select available_on, available_basis from marts.model where model = 'Dateless'") == [
            {"available_on": date(2026, 3, 1), "available_basis": "first scored"}
        ]


def test_tier_t1_takes_unrestricted_licences_only(example: Example) -> None:
    # MIT is T1, an own licence T2: both are downloadable, one is free.
    free, bound = opened("Free", weights="2026-02-01"), opened("Bound", weights="2026-02-01", licence="ours")
    example.saw(NIGHT, CEE, free, bound, score("Cee", 60), score("Free", 45), score("Bound", 50))
    with example.built(NIGHT) as db:
        either, t1 = gap(db, NIGHT), gap(db, NIGHT, tier="T1")
    assert (either["open_model"], either["gap"], either["n_open"]) == ("Bound", 10.0, 2)
    assert (t1["open_model"], t1["gap"], t1["n_open"]) == ("Free", 15.0, 1)
    assert either["n_closed"] == t1["n_closed"] == 1


def test_the_best_configuration_is_kept_and_counted(example: Example) -> None:
    row = tonight(
        example,
        CEE,
        OH,
        score("Cee", 55, variant="low"),
        score("Cee", 60, variant="high"),
        score("Cee", 58, variant="medium"),
        score("Oh", 50),
    )
    assert row["closed_score"] == 60.0
    with example.built(NIGHT) as db:
        assert ask(db, "select model, listed_as, configurations from staging.model_best order by model") == [
            {"model": "Cee", "listed_as": "high", "configurations": 3},
            {"model": "Oh", "listed_as": "", "configurations": 1},
        ]


def test_names_of_one_model_are_one_model(example: Example) -> None:
    row = tonight(example, OH, score("gpt-5-2025-08-07", 60), score("GPT-5 (high)", 62), score("Oh", 50))
    assert (row["closed_model"], row["closed_score"], row["closed_on"]) == ("gpt-5", 62.0, date(2025, 8, 7))
    assert row["n_closed"] == 1


def test_what_a_developer_says_of_itself_sets_no_frontier(example: Example) -> None:
    row = tonight(
        example, CEE, OH, score("Cee", 60), score("Oh", 50), score("Oh", 70, variant="own", self_reported=True)
    )
    assert (row["open_score"], row["gap"]) == (50.0, 10.0)
    with example.built(NIGHT) as db:
        assert ask(db, "select value from marts.score where self_reported") == [{"value": 70.0}]


def test_a_correction_replaces_a_score_and_stays_in_the_history(example: Example) -> None:
    example.saw("2026-03-01", CEE, OH, score("Cee", 60), score("Oh", 90))
    example.saw("2026-03-02", score("Cee", 60), score("Oh", 50))
    with example.built("2026-03-02") as db:
        assert gap(db, "2026-03-02")["gap"] == 10.0
        assert ask(db, "select value, known_on from marts.score_history where name = 'Oh' order by known_on") == [
            {"value": 90.0, "known_on": date(2026, 3, 1)},
            {"value": 50.0, "known_on": date(2026, 3, 2)},
        ]


def test_a_value_that_comes_back_is_a_change_again(example: Example) -> None:
    for night, value in (("2026-03-01", 60), ("2026-03-02", 50), ("2026-03-03", 60), ("2026-03-04", 60)):
        example.saw(night, score("Cee", value))
    with example.built("2026-03-04") as db:
        told = ask(db, "select value, known_on from marts.score_history order by known_on")
        assert [(row["value"], row["known_on"].day) for row in told] == [(60.0, 1), (50.0, 2), (60.0, 3)]
        assert ask(db, "select value, known_on from marts.score") == [{"value": 60.0, "known_on": date(2026, 3, 3)}]


def test_a_row_that_leaves_a_board_is_still_known(example: Example) -> None:
    example.saw("2026-03-01", CEE, OH, score("Cee", 60), score("Oh", 50))
    example.saw("2026-03-02", score("Oh", 50))
    with example.built("2026-03-02") as db:
        assert gap(db, "2026-03-02")["closed_model"] == "Cee"


def test_two_addresses_that_say_the_same_are_one_observation(example: Example) -> None:
    for path in ("a", "b"):
        example.saw(NIGHT, score("Cee", 60), url=f"https://toy.example/{path}.json")
    with example.built(NIGHT) as db:
        assert ask(db, "select name, value from marts.score") == [{"name": "Cee", "value": 60.0}]
        assert ask(db, "select name, value from marts.score_history") == [{"name": "Cee", "value": 60.0}]


def test_a_run_listed_twice_counts_once_with_its_better_value(tmp_path: Path) -> None:
    # Better is less here: 12 seconds and not 15.
    example = Example(tmp_path, board(unit="seconds", high=60, better="lower"))
    example.saw(NIGHT, score("Cee", 15), score("Cee", 12))
    with example.built(NIGHT) as db:
        assert ask(db, "select value from marts.score") == [{"value": 12.0}]


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


def test_frontier_tells_who_held_it_from_when_to_when(example: Example) -> None:
    example.saw(NIGHT, *RACE)
    with example.built(NIGHT) as db:
        told = ask(
            db, "select side, model, from_on, until_on from marts.frontier where tier = 'any' order by side, from_on"
        )
    assert [(row["side"], row["model"], row["from_on"], row["until_on"]) for row in told] == [
        ("closed", "Cad", date(2026, 1, 1), date(2026, 3, 1)),
        ("closed", "Ced", date(2026, 3, 1), date(2026, 5, 1)),
        ("closed", "Cid", date(2026, 5, 1), None),
        ("open", "Oak", date(2026, 2, 1), date(2026, 4, 10)),
        ("open", "Owl", date(2026, 4, 10), None),
    ]


def test_parity_events_and_times_to_parity(example: Example) -> None:
    # Owl (55, weights 2026-04-10) is the first open model at Cad's 40 and at Ced's 50.
    # From 01-01 to 04-10 are 30 + 28 + 31 + 10 = 99 days, from 03-01 they are 40.
    # Cid's 70 stands: from 05-01 to 06-14 are 30 + 14 = 44 days and counting.
    example.saw(NIGHT, *RACE)
    with example.built(NIGHT) as db:
        reached = ask(db, "select * from marts.parity_event where tier = 'any' order by closed_on")
        waited = ask(
            db,
            """select closed_model, closed_on, days, censored, lower_days, upper_days, open_model
               from marts.time_to_parity where tier = 'any' order by closed_on""",
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
    with example.built(NIGHT) as db:
        assert [row["days"] for row in ask(db, "select days from marts.parity_event where tier = 'any'")] == [-28]


def test_an_event_is_new_when_its_score_comes_later(example: Example) -> None:
    example.saw("2026-06-01", CEE, score("Cee", 60))
    example.saw("2026-06-05", OH, score("Cee", 60), score("Oh", 61))
    with example.built("2026-06-05") as db:
        (event,) = ask(db, "select known_on, backfilled from marts.parity_event where tier = 'any'")
    assert event == {"known_on": date(2026, 6, 5), "backfilled": False}


def test_a_closed_model_that_did_not_raise_the_frontier_is_no_record(example: Example) -> None:
    example.saw(NIGHT, CEE, closed("Weaker", api="2026-03-01"), score("Cee", 60), score("Weaker", 55))
    with example.built(NIGHT) as db:
        assert ask(db, "select distinct closed_model from marts.time_to_parity") == [{"closed_model": "Cee"}]


@pytest.mark.parametrize(("value", "records"), [(64.9, ["Cee"]), (65.1, ["Cee", "Next"])], ids=["within", "beyond"])
def test_a_record_is_more_than_the_joint_standard_error(example: Example, value: float, records: list[str]) -> None:
    # sqrt(3 ** 2 + 4 ** 2) = 5 points above 60.
    example.saw(
        NIGHT, CEE, closed("Next", api="2026-03-01"), score("Cee", 60, stderr=3), score("Next", value, stderr=4)
    )
    with example.built(NIGHT) as db:
        found = ask(db, "select closed_model from marts.time_to_parity where tier = 'any' order by closed_on")
    assert [row["closed_model"] for row in found] == records


def test_event_ids_are_the_same_on_every_night_and_machine(tmp_path: Path) -> None:
    ids = []
    for name, nights in (("one", ["2026-06-14"]), ("other", ["2026-06-01", "2026-06-14"])):
        example = Example(tmp_path / name)
        for night in nights:
            example.saw(night, *RACE)
        with example.built(nights[-1]) as db:
            ids.append(sorted(row["event_id"] for row in ask(db, "select event_id from marts.parity_event")))
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == len(ids[0]) == 4  # two records, two tiers


def test_excluded_rows_are_in_no_table_but_accounted_for(example: Example) -> None:
    example.saw(NIGHT, CEE, OH, score("Cee", 60), score("Oh", 50), excluded("Human", "human baseline"))
    with example.built(NIGHT) as db:
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
    told = []
    for seed in range(3):
        example = Example(tmp_path / str(seed))
        random.Random(seed).shuffle(rows)
        example.saw(NIGHT, *rows)
        with example.built(NIGHT) as db:
            told.append(
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
    assert told[0] == told[1] == told[2]


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
    best = {side: leader(those, on) for side, those in sides.items()}
    if best["closed"] is None or best["open"] is None:
        return (*(m and m.name for m in best.values()), None, None, None)
    ahead, behind = ("closed", "open") if best["closed"].value >= best["open"].value else ("open", "closed")
    sign = 1 if ahead == "closed" else -1
    level = best[behind].value
    there = [m for m in sides[ahead] if m.counts(on)]
    above = min(m.since for m in there if m.value >= level)
    earlier = [m for m in there if m.since < above]
    below = min(earlier, key=lambda m: (-m.value, m.since)).since if earlier else None
    return (
        best["closed"].name,
        best["open"].name,
        round(best["closed"].value - best["open"].value, 9),
        sign * (on - above).days,
        None if below is None else sign * (on - below).days,
    )


def random_models(rng: random.Random, board_name: str) -> Iterator[tuple[list[Told], list[Model]]]:
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
    rows: list[Told] = []
    for name in names:
        for told, made in random_models(rng, name):
            rows += told
            models[name] += made
    rng.shuffle(rows)
    night = date(2026, 3, 10)
    example.saw(night.isoformat(), *rows)

    with example.built(night.isoformat()) as db:
        found = {
            (row["scope"], row["night"]): tuple(row.values())[2:]
            for row in ask(
                db,
                """select scope, night, closed_model, open_model, gap, lag_under, lag_over
                   from marts.gap_index where tier = 'any'""",
            )
        }
    expected = {}
    for name in names:
        first = min((m.since for m in models[name]), default=None)
        for n in range((night - first).days + 1) if first else ():
            on = first + timedelta(days=n)
            expected[name, on] = by_hand(models[name], on)
    assert len(expected) > 2500
    different = {key: (found.get(key), told) for key, told in expected.items() if found.get(key) != told}
    assert not different, json.dumps({str(k): v for k, v in list(different.items())[:5]}, indent=1)
    assert found.keys() == expected.keys()
