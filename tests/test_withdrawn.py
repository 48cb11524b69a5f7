"""Rows a board takes down: what they said is kept, and `score.gone_since` tells since when they are not shown."""

from __future__ import annotations

from datetime import date
from string import ascii_uppercase

import pytest
from examples import HOST, Example, JsonRow, ask, board, score

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
    with example.built(night) as db:
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
