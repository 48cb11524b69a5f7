"""Rows a board takes down: their values are kept, and `score.gone_since` tells since when they are not shown."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from string import ascii_uppercase

import pytest
from examples import Example, JsonRow, ask, board, closed, gap, opened, score
from obedient import HOST

BOARDS = ("toy", "dark", "cut", "dated")


def address(on_board: str, rest: str = "") -> str:
    return f"https://{HOST}/{on_board}{rest}.json"


def table(on_board: str, *more: JsonRow) -> tuple[JsonRow, ...]:
    """26 rows and more: one that goes is a withdrawal, half of them would be a cut table."""
    return (*(score(f"Model {letter}", 20 + n, board=on_board) for n, letter in enumerate(ascii_uppercase)), *more)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Example:
    result = Example(tmp_path_factory.mktemp("withdrawn"), *(board(name) for name in BOARDS))

    def oh(on_board: str) -> JsonRow:
        return score("Oh", 30.5, board=on_board)

    back, aside, moved = score("Back", 31.5), score("Aside", 32.5), score("Moved", 33.5)
    result.saw("2026-03-01", *table("toy", oh("toy"), back, aside, moved), url=address("toy"))
    result.saw("2026-03-02", *table("toy", score("Aside", 5_000)), url=address("toy"))
    result.saw("2026-03-02", moved, url=address("toy", "/more"))
    result.saw("2026-03-03", *table("toy", aside, score("New", 34.5)), url=address("toy"))
    result.saw("2026-03-04", *table("toy", aside, back), url=address("toy"))

    result.saw("2026-03-01", *table("dark", oh("dark")), url=address("dark"))
    result.failed("2026-03-02", "gone", "404", url=address("dark"))

    result.saw("2026-03-01", *table("cut", oh("cut")), url=address("cut"))
    result.saw("2026-03-02", *table("cut")[:9], url=address("cut"))

    result.saw("2026-03-01", *table("dated", oh("dated")), url=address("dated", "-2026-03-01"))
    result.saw("2026-03-03", *table("dated"), url=address("dated", "-2026-03-03"))
    return result


def gone(example: Example, night: str) -> dict[str, date]:
    """What is gone as of a night, by board and name; what it scored is kept."""
    with example.built(night, "score") as db:
        found = ask(db, "select board || ' ' || name as row, value, gone_since from marts.score order by all")
    assert {row["row"]: row["value"] for row in found}["toy Oh"] == 30.5
    assert len(found) > 4 * 26
    return {row["row"]: row["gone_since"] for row in found if row["gone_since"]}


def test_a_row_is_gone_from_the_first_table_that_is_believed_without_it(example: Example) -> None:
    # On 03-02 "Aside" stands there with a value nobody believes, and "Moved" on another page: both are still shown.
    # The board that went dark withdrew nothing, and neither did the one whose table was cut.
    assert gone(example, "2026-03-01") == {}
    assert gone(example, "2026-03-03") == {
        "toy Oh": date(2026, 3, 2),
        "toy Back": date(2026, 3, 2),
        "dated Oh": date(2026, 3, 3),
    }


def test_a_row_that_came_back_is_not_gone(example: Example) -> None:
    assert gone(example, "2026-03-04") == {
        "toy Oh": date(2026, 3, 2),
        "toy New": date(2026, 3, 4),
        "dated Oh": date(2026, 3, 3),
    }


def test_a_withdrawn_row_counts_for_nothing_until_it_is_back(tmp_path: Path) -> None:
    """Lie is shown on two nights, Oh is away for one: no frontier, level or event rests on a row that is not shown."""
    example = Example(tmp_path, board("toy"))
    models = (closed("Cee", api="2026-01-01"), opened("Oh", weights="2026-01-10"), opened("Lie", weights="2026-01-20"))
    both = (*models, *table("toy", score("Cee", 60), score("Oh", 50.5)))
    example.saw("2026-03-01", *both)
    example.saw("2026-03-02", *both, score("Lie", 70))
    example.saw("2026-03-03", *both, score("Lie", 70))  # a new row that leads counts from the second look on
    example.saw("2026-03-04", *both, score("New on the fourth", 21.5))
    example.saw("2026-03-05", *models, *table("toy", score("Cee", 60), score("New on the fifth", 22.5)))
    example.saw("2026-03-06", *both, score("New on the sixth", 23.5))

    def leader(night: str) -> tuple[str | None, float | None]:
        with example.built(night, "marts.gap_index") as db:
            row = gap(db, night)
            return row["open_model"], row["gap"]

    assert leader("2026-03-02") == ("Lie", -10)  # 60 - 70; provisional until the second look
    assert leader("2026-03-03") == ("Lie", -10)
    assert leader("2026-03-04") == ("Oh", 9.5)  # 60 - 50.5
    assert leader("2026-03-05") == (None, None)  # no other open model is listed
    assert leader("2026-03-06") == ("Oh", 9.5)
    with example.built("2026-03-06") as db:
        known = ask(db, "select model, known_from, known_to from staging.level_history where model in ('Oh', 'Lie')")
        events = ask(
            db,
            """select distinct state, state_on from marts.event
               where model = 'Lie' and retracts is null and kind <> 'weights-published'""",
        )
    assert sorted((r["model"], str(r["known_from"]), str(r["known_to"])) for r in known) == [
        ("Lie", "2026-03-03", "2026-03-04"),
        ("Oh", "2026-03-01", "2026-03-05"),
        ("Oh", "2026-03-06", "None"),
    ]
    assert [(r["state"], str(r["state_on"])) for r in events] == [("retracted", "2026-03-04")]


def test_what_falls_off_the_end_of_a_list_of_the_best_is_not_withdrawn(tmp_path: Path) -> None:
    """The list shows its best 26: "Oh" with 19 is worse than every row of the next night, 20 and more."""
    example = Example(tmp_path, board("toy"))
    example.saw("2026-03-01", *table("toy")[:25], score("Oh", 19))
    example.saw("2026-03-02", *table("toy"))
    with example.built("2026-03-02", "score") as db:
        assert ask(db, "select name from marts.score where gone_since is not null") == []


def test_a_row_says_that_its_page_lists_no_open_model_any_more(tmp_path: Path) -> None:
    """The leader that fell off the end of the list stays the open frontier."""
    example = Example(tmp_path, board("toy"))
    who = (closed("Cee", api="2026-01-01"), opened("Oh", weights="2026-02-01"), score("Cee", 60))
    example.saw("2026-03-01", *who, *table("toy")[:25], score("Oh", 19))
    example.saw("2026-03-02", *who, *table("toy"))
    with example.built("2026-03-02", "gap_index") as db:
        (row,) = ask(
            db,
            """select open_model, reason from marts.gap_index
               where scope = 'toy' and tier = 'any' and night = date '2026-03-02'""",
        )
    assert row == {
        "open_model": "Oh",
        "reason": "its page lists no open model: the open leader is the last it listed",
    }
