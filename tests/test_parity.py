"""Match, parity and lead, from provisional to retracted, worked by hand (METHOD section 4).

Margin on a board of percentages: 3 points, or half the resolution where that is more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from examples import Example, JsonRow, ask, board, closed, opened, score, toy

from warehouse.build import failed_checks
from warehouse.measures import PYTHON_MODELS
from warehouse.measures.contract import PythonModel
from warehouse.provenance import METHOD_VERSION

NIGHT = "2026-06-14"
CEE = closed("Cee", api="2026-01-01")
OH = opened("Oh", weights="2026-02-01")


@pytest.fixture
def example(tmp_path: Path) -> Example:
    return Example(tmp_path)


def events(db: duckdb.DuckDBPyConnection, what: str = "grade, state", where: str = "true") -> list[tuple[Any, ...]]:
    return db.execute(
        f"select {what} from marts.parity_event where tier = 'any' and {where} order by grade, open_model"
    ).fetchall()


def test_one_point_below_is_parity_where_the_noise_is_small(example: Example) -> None:
    # Error of the difference: sqrt(1 + 0.25) = 1.118.  59 - 60 - 1.645 * 1.118 = -2.84 > -3: parity and no match.
    example.saw(NIGHT, CEE, OH, score("Cee", 60, stderr=1), score("Oh", 59, stderr=0.5))
    with example.built(NIGHT, "parity_event") as db:
        assert events(db, "grade, state, margin, round(standard_error, 3), difference") == [
            ("parity", "provisional", 3.0, 1.118, -1.0)
        ]


def test_five_points_above_is_a_lead(example: Example) -> None:
    # 5 - 1.645 * 1.118 = 3.16 > 0.
    example.saw(NIGHT, CEE, OH, score("Cee", 60, stderr=1), score("Oh", 65, stderr=0.5))
    with example.built(NIGHT, "parity_event") as db:
        assert events(db) == [("lead", "provisional"), ("match", "candidate"), ("parity", "provisional")]


def test_without_known_noise_there_is_a_match_and_no_more(example: Example) -> None:
    example.saw(NIGHT, CEE, OH, score("Cee", 60), score("Oh", 90))
    with example.built(NIGHT, "parity_event") as db:
        assert events(db) == [("match", "candidate")]


def test_where_the_noise_hides_the_margin_the_test_is_underpowered_not_lost(example: Example) -> None:
    # Error sqrt(9 + 9) = 4.24: half the resolution is 5.28, but the half-width is 6.98.
    example.saw(NIGHT, CEE, OH, score("Cee", 60, stderr=3), score("Oh", 59, stderr=3))
    with example.built(NIGHT, "time_to_parity") as db:
        result = ask(db, "select grade, underpowered, censored from marts.time_to_parity where tier = 'any' order by 1")
    assert [tuple(row.values()) for row in result] == [
        ("lead", True, "right"),
        ("match", False, "right"),
        ("parity", True, "right"),
    ]


def test_two_models_of_one_night_share_the_error(example: Example) -> None:
    # z = (-1 + 3) / 1.118 = 1.79: enough alone (1.645), not for the better of two that came together (1.96).
    other = opened("Other", weights="2026-02-01")
    rows = (CEE, OH, score("Cee", 60, stderr=1), score("Oh", 59, stderr=0.5))
    example.saw(NIGHT, *rows, other, score("Other", 40, stderr=0.5))
    with example.built(NIGHT, "parity_event") as db:
        assert events(db) == []


def test_a_model_that_came_on_another_day_shares_nothing(example: Example) -> None:
    other = opened("Other", weights="2026-02-02")
    rows = (CEE, OH, score("Cee", 60, stderr=1), score("Oh", 59, stderr=0.5))
    example.saw(NIGHT, *rows, other, score("Other", 40, stderr=0.5))
    with example.built(NIGHT, "parity_event") as db:
        assert events(db) == [("parity", "provisional")]


def test_a_correction_takes_a_match_back(example: Example) -> None:
    example.saw("2026-06-01", CEE, OH, score("Cee", 60), score("Oh", 61))
    example.saw("2026-06-05", CEE, OH, score("Cee", 60), score("Oh", 55))
    with example.built("2026-06-04", "parity_event") as db:
        assert events(db, "state, known_on, retracted_on") == [("candidate", date(2026, 6, 1), None)]
    with example.built("2026-06-05", "parity_event") as db:
        assert events(db, "state, known_on, retracted_on, open_score") == [
            ("retracted", date(2026, 6, 1), date(2026, 6, 5), 61.0)
        ]


def test_who_is_first_because_another_left_the_board_is_no_news(example: Example) -> None:
    # Both scores stood as they are for six weeks; that Early's row is gone changes neither.
    early = opened("Early", weights="2026-01-15")
    example.saw("2026-04-30", CEE, OH, early, score("Cee", 60), score("Oh", 61), score("Early", 62))
    example.saw("2026-05-01", CEE, OH, early, score("Cee", 60), score("Oh", 61), score("Early", 62))
    example.saw(NIGHT, CEE, OH, score("Cee", 60), score("Oh", 61))
    with example.built(NIGHT, "parity_event") as db:
        assert events(db, "open_model, known_on, backfilled", where="open_model = 'Oh'") == [
            ("Oh", date(2026, 6, 14), True)
        ]


def test_parity_is_not_taken_back_for_a_hair(example: Example) -> None:
    # -1.3 - 1.84 = -3.14 fails the test, but not by a standard error (-4.118); -3 - 1.84 = -4.84 does.
    example.saw("2026-06-01", CEE, OH, score("Cee", 60, stderr=1), score("Oh", 59, stderr=0.5))
    example.saw("2026-06-05", CEE, OH, score("Cee", 60, stderr=1), score("Oh", 58.7, stderr=0.5))
    example.saw("2026-06-09", CEE, OH, score("Cee", 60, stderr=1), score("Oh", 57, stderr=0.5))
    with example.built("2026-06-05", "parity_event") as db:
        assert events(db, "state, retracted_on") == [("provisional", None)]
    with example.built("2026-06-09", "parity_event") as db:
        assert events(db, "state, retracted_on") == [("retracted", date(2026, 6, 9))]


def test_who_is_first_because_another_slipped_by_a_hair_is_no_news(example: Example) -> None:
    # As above: 58.7 fails the test by less than a standard error, 57 by more.  Late passes on every night.
    late = opened("Late", weights="2026-03-01")
    for night, value in {"2026-06-01": 59, "2026-06-05": 58.7, "2026-06-09": 57}.items():
        rows = (score("Cee", 60, stderr=1), score("Oh", value, stderr=0.5), score("Late", value + 0.5, stderr=0.5))
        example.saw(night, CEE, OH, late, *rows)
    with example.built("2026-06-05", "parity_event") as db:
        assert events(db, "open_model, state, known_on, backfilled", where="grade = 'parity'") == [
            ("Late", "provisional", date(2026, 6, 5), True),
            ("Oh", "superseded", date(2026, 6, 1), True),
        ]
    with example.built("2026-06-09", "first_holding") as db:
        first = ask(
            db,
            """select valid_from, open_model from staging.first_holding
               where grade = 'parity' and tier = 'any' order by valid_from""",
        )
    assert [(str(row["valid_from"]), row["open_model"]) for row in first] == [
        ("2026-06-01", "Oh"),
        ("2026-06-05", "Oh"),
    ]


def test_a_record_stays_one_until_it_falls_by_more_than_its_noise(example: Example) -> None:
    # Error of the difference: sqrt(1 + 1) = 1.41.  Dee raises the frontier by 2, then lies within the noise above and
    # below Cee, then below it; half a point above Cee makes no record again.
    dee = closed("Dee", api="2026-02-01")
    scores = {"2026-06-01": 58, "2026-06-03": 56.5, "2026-06-05": 55.2, "2026-06-07": 54, "2026-06-09": 56.5}
    for night, value in scores.items():
        example.saw(night, CEE, dee, score("Cee", 56, stderr=1), score("Dee", value, stderr=1))
    with example.built("2026-06-09", "closed_record") as db:
        rows = ask(db, "select valid_from, value, raised from staging.closed_record where model = 'Dee' order by all")
    assert [(str(row["valid_from"]), row["value"]) for row in rows] == list(scores.items())[:3]
    assert [row["raised"] for row in rows] == [True, False, False]


def test_an_earlier_model_that_is_scored_later_supersedes(example: Example) -> None:
    early = opened("Early", weights="2026-01-15")
    example.saw("2026-06-01", CEE, OH, score("Cee", 60), score("Oh", 61))
    for night in ("2026-06-05", "2026-06-06"):  # a new row that leads counts from the second look on
        example.saw(night, CEE, OH, early, score("Cee", 60), score("Oh", 61), score("Early", 62))
    with example.built("2026-06-06", "parity_event") as db:
        assert events(db, "open_model, state, days") == [("Early", "candidate", 14), ("Oh", "superseded", 31)]


def at_parity(on_board: str) -> list[JsonRow]:
    return [CEE, OH, score("Cee", 60, board=on_board, stderr=1), score("Oh", 59, board=on_board, stderr=0.5)]


def test_two_boards_of_one_operator_confirm_nothing(tmp_path: Path) -> None:
    example = Example(tmp_path, board("toy"), board("other"))
    example.saw("2026-06-01", *at_parity("toy"), *at_parity("other"))
    with example.built("2026-06-30", "parity_event") as db:
        assert sorted(events(db, "scope, state, boards")) == [("other", "provisional", 2), ("toy", "provisional", 2)]


def test_boards_of_two_operators_confirm_after_a_week(tmp_path: Path) -> None:
    example = Example(tmp_path, board("toy"))
    example.saw("2026-06-01", *at_parity("toy"))
    example.source = toy(board("other"), name="other-board")
    example.sources[example.source.name] = example.source
    example.saw("2026-06-01", *at_parity("other"), url="https://toy.example/other.json")
    with example.built("2026-06-07", "parity_event") as db:
        assert sorted(events(db, "scope, state, boards")) == [("other", "provisional", 2), ("toy", "provisional", 2)]
    with example.built("2026-06-08", "parity_event") as db:
        assert sorted(events(db, "scope, state, confirmed_on")) == [
            ("other", "confirmed", date(2026, 6, 8)),
            ("toy", "confirmed", date(2026, 6, 8)),
        ]


# --- a composite --------------------------------------------------------------------------------


def standing(
    monkeypatch: pytest.MonkeyPatch,
    *levels: tuple[str, str, str, float, float],
    instruments: int,
    share: Mapping[str, float] | None = None,
    operators: Sequence[str] = ("first", "second"),
) -> None:
    """Abilities by hand in place of the fit: scope, model, since when known, ability and its standard error.

    ``share`` of own evidence by model, 1 where it names none; ``operators`` scored every model, and without one of them
    it would be as able as it is if another is left.
    """
    path = [
        {"scope": s, "model": m, "known_from": date.fromisoformat(on), "theta": theta, "se": se}
        | {"share": (share or {}).get(m, 1.0)}
        for s, m, on, theta, se in levels
    ]
    placed = [{"scope": s, "model": m, "theta": theta, "n_instruments": instruments} for s, m, _, theta, _ in levels]
    left = [
        {"scope": s, "model": m, "operator": operator, "share": 1 / len(operators)}
        | {"theta": theta if len(operators) > 1 else None}
        for s, m, _, theta, _ in levels
        for operator in operators
    ]
    for name, rows in (("ability_path", path), ("ability", placed), ("operator_influence", left)):
        monkeypatch.setitem(PYTHON_MODELS, name, in_place_of(PYTHON_MODELS[name], rows))


def in_place_of(fit: PythonModel, rows: list[dict[str, Any]]) -> PythonModel:
    """The same table with these rows in it; what they leave out is NULL."""

    def make(db: duckdb.DuckDBPyConnection) -> pa.Table:
        return pa.Table.from_pylist(rows, schema=fit.make(db).schema)

    return PythonModel(name=fit.name, needs=fit.needs, make=make)


CODING = (("coding", "Cee", "2026-05-04", 140.0, 1.0), ("coding", "Oh", "2026-06-01", 139.9, 0.5))
OVERALL = (("overall", "Cee", "2026-05-04", 150.0, 1.0), ("overall", "Oh", "2026-05-04", 130.0, 1.0))


def test_what_one_operator_alone_scored_is_never_confirmed(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    example.saw("2026-05-04", CEE, OH, score("Cee", 60), score("Oh", 20))
    standing(monkeypatch, *CODING, *OVERALL, instruments=6, operators=("first",))
    with example.built("2026-12-01", "parity_event") as db:
        assert events(db, "scope, grade, state") == [("coding", "parity", "provisional")]


def test_a_domain_has_parity_of_its_own(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    # Overall Oh is twenty points behind.  In coding: error sqrt(1 + 0.25) = 1.118, margin 3,
    # -0.1 + 3 = 2.9 > 1.645 * 1.118 = 1.839: parity, no match, and no lead.
    example.saw("2026-05-04", CEE, OH, score("Cee", 60), score("Oh", 20))
    standing(monkeypatch, *CODING, *OVERALL, instruments=6)
    found = "scope_kind, scope, edition, domain, grade, state, margin, days, known_on, confirmed_on, backfilled"
    known = ("domain", "coding", f"composite-{METHOD_VERSION}", "coding", "parity")
    with example.built("2026-06-07") as db:
        assert events(db, found) == [(*known, "provisional", 3.0, 31, date(2026, 6, 1), None, False)]
        assert failed_checks(db) == []
    with example.built("2026-06-08") as db:
        confirmed = date(2026, 6, 8)
        assert events(db, found) == [(*known, "confirmed", 3.0, 31, date(2026, 6, 1), confirmed, False)]
        result = ask(
            db,
            """select scope, grade, days, open_model from marts.time_to_parity
               where scope_kind <> 'board' and tier = 'any' order by scope, grade""",
        )
        assert [tuple(row.values()) for row in result] == [
            ("coding", "lead", None, None),
            ("coding", "match", None, None),
            ("coding", "parity", 31, "Oh"),
            ("overall", "lead", None, None),
            ("overall", "match", None, None),
            ("overall", "parity", None, None),
        ]
        (event,) = ask(db, "from marts.event where kind = 'parity' and tier = 'any'")
        assert event["headline"] == "Oh reaches parity with Cee on the coding index, 31 days after"
        assert (event["scope_kind"], event["domain"], event["state"], event["counts"]) == (
            "domain",
            "coding",
            "confirmed",
            True,
        )
        survived = ask(
            db,
            """select scope_kind, scope, n_records, n_events, median_days from marts.survival
               where grade = 'parity' and tier = 'any' and n_records > 0 order by all""",
        )
        # One record each of the board, of the domain's composite and of overall: no pool has two of them.
        assert [tuple(row.values()) for row in survived] == [
            ("boards", "boards", 1, 0, None),
            ("domain", "coding", 1, 0, None),
            ("domain composite", "coding", 1, 1, 31.0),
            ("overall", "overall", 1, 0, None),
        ]


def test_a_domain_of_five_instruments_confirms_nothing(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    example.saw("2026-05-04", CEE, OH, score("Cee", 60), score("Oh", 20))
    standing(monkeypatch, *CODING, instruments=5)
    with example.built("2026-06-14", "parity_event") as db:
        assert events(db, "scope, grade, state") == [("coding", "parity", "provisional")]


def test_the_margin_of_the_composite_does_not_grow_with_its_noise(
    example: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Error sqrt(9 + 9) = 4.24: half the resolution would be 5.28, the margin is 3, so no test here can find parity."""
    example.saw("2026-05-04", CEE, OH, score("Cee", 60), score("Oh", 20))
    noisy = (("overall", "Cee", "2026-05-04", 140.0, 3.0), ("overall", "Oh", "2026-05-04", 140.5, 3.0))
    standing(monkeypatch, *noisy, instruments=6)
    with example.built("2026-06-14", "parity_test") as db:
        contests = ask(db, "select margin, is_parity, underpowered from staging.parity_test where scope = 'overall'")
        assert contests
        assert {tuple(row.values()) for row in contests} == {(3.0, False, True)}


@pytest.mark.parametrize("known_best", ["Cee", "Oh"])
def test_a_domain_that_is_mostly_overall_has_no_events(
    example: Example, monkeypatch: pytest.MonkeyPatch, known_best: str
) -> None:
    example.saw("2026-05-04", CEE, OH, score("Cee", 60), score("Oh", 20))
    standing(monkeypatch, *CODING, instruments=6, share={"Cee": 0.19, "Oh": 0.19} | {known_best: 0.9})
    with example.built("2026-06-14", "parity_event") as db:
        assert events(db, "scope, grade, state") == []


def test_a_domain_event_is_another_than_the_same_overall(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    example.saw("2026-05-04", CEE, OH, score("Cee", 60), score("Oh", 20))
    same = [("overall", *level[1:]) for level in CODING]
    standing(monkeypatch, *CODING, *same, instruments=6)
    with example.built("2026-06-14") as db:
        assert sorted(events(db, "scope, grade, state")) == [
            ("coding", "parity", "confirmed"),
            ("overall", "parity", "confirmed"),
        ]
        assert failed_checks(db) == []


def test_an_event_waits_for_the_weights_and_needs_no_new_page(example: Example) -> None:
    late = opened("Late", api="2026-05-01", weights="2026-06-10")
    example.saw("2026-06-01", CEE, late, score("Cee", 60), score("Late", 70))
    with example.built("2026-06-09", "parity_event") as db:
        assert [row for row in events(db, "open_model") if row == ("Late",)] == []
    with example.built("2026-06-10", "parity_event") as db:
        assert events(db, "open_model, open_on, known_on, backfilled", "closed_model = 'Cee'") == [
            ("Late", date(2026, 6, 10), date(2026, 6, 10), False)
        ]


def test_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    rows = [CEE, OH, closed("Dee", api="2026-03-01"), score("Cee", 60, stderr=1), score("Dee", 70, stderr=1)]
    rows += [score("Oh", 72, stderr=1), opened("Ox", weights="2026-04-01"), score("Ox", 61, stderr=1)]
    tables = []
    for place, order in enumerate((rows, rows[::-1])):
        (tmp_path / str(place)).mkdir()
        example = Example(tmp_path / str(place))
        example.saw(NIGHT, *order)
        with example.built(NIGHT, "parity_event") as db:
            tables.append(db.execute("from marts.parity_event order by all").fetchall())
    assert tables[0] == tables[1] and tables[0]
