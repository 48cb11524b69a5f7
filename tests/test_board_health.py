"""A source is read as long as any page of it is; a board of it that is not is a matter for the operator."""

from __future__ import annotations

from pathlib import Path

import pytest
from examples import Example, JsonRow, ask, board, closed, opened, score

GOOD = (closed("Cee", api="2026-01-01"), opened("Oh", weights="2026-02-01"))
TWENTY = tuple(score(f"Model {n}", 10 + n, board="dark") for n in range(20))


def lit(value: float) -> tuple[JsonRow, ...]:
    return (*GOOD, score("Cee", value, board="lit"), score("Oh", 50, board="lit"))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Example:
    """Board ``dark`` is cut to a quarter from 03-02 on; board ``lit`` of the same source is read every night."""
    result = Example(tmp_path_factory.mktemp("dark"), board("lit"), board("dark", min_rows=10))
    for night in range(1, 6):
        result.saw(f"2026-03-0{night}", *lit(60 + night), url="https://toy.example/lit.json")
        shown = TWENTY if night == 1 else TWENTY[:5]
        result.saw(f"2026-03-0{night}", *shown, url="https://toy.example/dark.json")
    return result


def health(example: Example, night: str) -> dict[str, tuple[str, int, bool]]:
    with example.built(night) as db:
        found = ask(db, "select board, outcome, stale_days, in_trouble from marts.board_health")
    return {row["board"]: (row["outcome"], row["stale_days"], row["in_trouble"]) for row in found}


def test_one_cut_page_is_no_trouble_and_three_nights_are(example: Example) -> None:
    assert health(example, "2026-03-02") == {"lit": ("accepted", 0, False), "dark": ("held", 1, False)}
    assert health(example, "2026-03-04") == {"lit": ("accepted", 0, False), "dark": ("held", 3, True)}


def test_the_operator_has_an_event_that_stays_the_same(example: Example) -> None:
    found = []
    for night in ("2026-03-04", "2026-03-05"):
        with example.built(night) as db:
            found.append(
                ask(
                    db,
                    """select event_id, kind, known_on, headline from marts.event
                       where scope_kind = 'board' and scope = 'dark'""",
                )
            )
    ((event,), again) = found
    assert again == [event]
    assert (event["kind"], str(event["known_on"])) == ("source-stale", "2026-03-04")
    assert event["headline"] == "dark has no accepted table since 2026-03-01, though toy-board is read"


def test_a_board_that_reads_again_is_healthy(tmp_path: Path) -> None:
    example = Example(tmp_path, board("lit"), board("dark", min_rows=10))
    for night, shown in (("2026-03-01", TWENTY), ("2026-03-05", TWENTY[:5]), ("2026-03-06", TWENTY)):
        example.saw(night, *shown, url="https://toy.example/dark.json")
    assert health(example, "2026-03-06")["dark"] == ("accepted", 0, False)


def test_the_row_of_a_board_whose_tables_are_held_says_since_when(tmp_path: Path) -> None:
    """The page shows another leader and twelve rows of 22: the row keeps the leaders of 03-01, and says so."""
    example = Example(tmp_path, board("dark", min_rows=10))
    whole = (*GOOD, score("Cee", 60, board="dark"), score("Oh", 50, board="dark"), *TWENTY)
    for night, shown in (("2026-03-01", whole), ("2026-03-02", (*GOOD, score("Cee", 70, board="dark"), *TWENTY[:11]))):
        example.saw(night, *shown, url="https://toy.example/dark.json")
    with example.built("2026-03-02", "gap_index") as db:
        (row,) = ask(
            db,
            """select closed_score, reason from marts.gap_index
               where night = '2026-03-02' and scope = 'dark' and tier = 'any'""",
        )
    assert row["closed_score"] == 60
    assert row["reason"].endswith(
        "its leaders are those of 2026-03-01: newer tables are held by a gate (12 rows shown, 22 before it was cut)"
    )
