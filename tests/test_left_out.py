"""Rows that do not count are counted, watched against their own history, and stated where they would lead."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from examples import Example, ask, board, closed, excluded, opened, score

KNOWN = (closed("Cee", api="2026-01-01"), opened("Oh", weights="2026-02-01"), score("Cee", 60), score("Oh", 50))
REST = tuple(score(f"Model {n}", 10 + n) for n in range(20))
RULE = "a part of the index was not run"


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """One of 24 rows is left out on two nights, eight of 31 on the third; then a self-reported row leads the page."""
    example = Example(tmp_path_factory.mktemp("left-out"), board())
    old = excluded("Old", RULE)
    example.saw("2026-03-01", *KNOWN, *REST, old)
    example.saw("2026-03-02", *KNOWN, *REST, old, score("Model 20", 31))
    new = tuple(excluded(f"New {n}", RULE) for n in range(7))
    example.saw("2026-03-03", *KNOWN, *REST, old, *new, score("Boast", 99, self_reported=True))
    with example.built("2026-03-03") as made:
        yield made


def test_a_rule_that_leaves_out_more_than_usual_is_a_warning(db: duckdb.DuckDBPyConnection) -> None:
    (row,) = ask(db, "select night, name, outcome, explanation from marts.gate where rule = 'rows left out'")
    assert (str(row["night"]), row["name"], row["outcome"]) == ("2026-03-03", RULE, "warned")
    # 8 of 31 rows; 1 of 23 and 1 of 24 before.
    assert row["explanation"].startswith(f'26 % of 31 rows are left out as "{RULE}", usually 4 %')


def test_the_row_counts_what_does_not_count(db: duckdb.DuckDBPyConnection) -> None:
    (row,) = ask(
        db,
        """select rows_left_out, closed_model, reason from marts.gap_index
           where scope = 'toy' and tier = 'any' and night = date '2026-03-03'""",
    )
    assert f"8 {RULE}" in row["rows_left_out"]
    assert "1 self-reported" in row["rows_left_out"]
    assert row["closed_model"] == "Cee"
    assert row["reason"] == "its page is led by Boast (99), which leads nothing here: its row is self-reported"


def test_a_rule_that_leaves_out_the_best_of_a_page_is_a_warning(tmp_path: Path) -> None:
    """Two rows of 24 are below the limit on shares, but they are the best two of the page."""
    example = Example(tmp_path, board())
    middling, best = excluded("Old", RULE, value=20), [excluded(f"New {n}", RULE, value=90 + n) for n in range(2)]
    example.saw("2026-03-01", *KNOWN, *REST, middling)
    example.saw("2026-03-02", *KNOWN, *REST, middling, score("Model 20", 31))
    example.saw("2026-03-03", *KNOWN, *REST, *best)
    with example.built("2026-03-03", "gate", "gap_index") as db:
        (row,) = ask(db, "select rule, explanation from marts.gate where gate = 'G14'")
        (page,) = ask(
            db, "select reason from marts.gap_index where scope = 'toy' and tier = 'any' and night = date '2026-03-03'"
        )
    assert row == {
        "rule": "best kept",
        "explanation": f"2 of the ten best rows are left out, usually 0: New 1 ({RULE}), New 0 ({RULE})",
    }
    assert page["reason"] == f'its page is led by New 1 (91), which leads nothing here: it is left out as "{RULE}"'
