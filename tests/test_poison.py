"""One hostile page moves nothing: the attacks on an invented operator with four boards in one file."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import duckdb
import numpy as np
import pytest
from examples import URL, Example, JsonRow, ask, board, closed, gap, opened, score

from collectors.contract.rows import Quarantined
from warehouse import build, naming, vintages
from warehouse.measures import composite

BOARDS = tuple(f"toy-{n}" for n in range(1, 5))
MODELS = (closed("Cee", api="2026-01-01"), opened("Oh", weights="2026-01-10"), opened("Lie", weights="2026-02-01"))


def page(stamp: float, **changed: float) -> tuple[JsonRow, ...]:
    """Twenty models on four boards, Cee with 60 and Oh with 50 on each; ``stamp`` makes the page a new one."""
    rows = [
        score(f"Model {letter}", 20 + n, board=name) for name in BOARDS for n, letter in enumerate(ascii_uppercase[:20])
    ]
    rows[0] = score("Model A", stamp, board=BOARDS[0])
    values = {"Cee": 60.0, "Oh": 50.0, **changed}
    return (*MODELS, *rows, *(score(name, value, board=on) for name, value in values.items() for on in BOARDS))


@pytest.fixture
def example(tmp_path: Path) -> Example:
    result = Example(tmp_path, *(board(name) for name in BOARDS))
    result.saw("2026-03-01", *page(20.1))
    return result


WAITS = "open leader: provisional, new row, waits for a second look"


def leaders(example: Example, night: str, *, provisional: bool = False) -> set[tuple[str, float]]:
    """Open leaders of the four boards with their scores: those that wait for a second look, or the others."""
    with example.built(night, "marts.gap_index") as db:
        found = ask(
            db,
            """select open_model, open_score, provisional, reason from marts.gap_index
               where night = $night and scope_kind = 'board' and tier = 'any'""",
            night=night,
        )
    assert len(found) == 4
    assert all((WAITS in (row["reason"] or "")) == row["provisional"] for row in found)
    return {(row["open_model"], row["open_score"]) for row in found if row["provisional"] == provisional}


def held(example: Example, night: str) -> set[str]:
    with example.built(night, "staging.held_score") as db:
        return {row["name"] for row in ask(db, "select name from staging.held_score where gate in ('G15', 'G16')")}


def test_a_new_model_on_many_boards_of_one_operator_waits_for_a_second_look(example: Example) -> None:
    example.saw("2026-03-02", *page(20.2, Lie=65))
    assert leaders(example, "2026-03-02", provisional=True) == {("Lie", 65.0)}
    assert leaders(example, "2026-03-02") == set()
    assert held(example, "2026-03-02") == {"Lie"}
    example.saw("2026-03-03", *page(20.1))  # repaired: no trace, and the page of the first night is no old page
    assert leaders(example, "2026-03-03") == {("Oh", 50.0)}
    with example.built("2026-03-03", "marts.score", "marts.parity_event", "staging.accepted_table") as db:
        assert ask(db, "select * from marts.score where name = 'Lie'") == []
        assert ask(db, "select * from marts.parity_event where open_model = 'Lie'") == []
        assert ask(db, "select * from staging.accepted_table where held <> ''") == []


def test_a_name_that_a_page_gave_for_one_night_and_never_again_names_no_model(example: Example) -> None:
    example.saw("2026-03-02", opened("Invented", weights="2026-02-01"), *page(20.2, Invented=65))
    with example.built("2026-03-02", "marts.model") as db:
        assert ask(db, "select model from marts.model where model = 'Invented'") != []
    example.saw("2026-03-03", *page(20.1))
    with example.built("2026-03-03", "marts.model", "marts.model_alias") as db:
        assert ask(db, "select model from marts.model where model = 'Invented'") == []
        assert ask(db, "select name from marts.model_alias where name in ('Invented', 'Oh')") == [{"name": "Oh"}]


def test_a_rise_under_every_limit_on_many_boards_is_one_change(example: Example) -> None:
    """12 % of the range on each of four boards: 48 % together, and the limit is 20 %."""
    example.saw("2026-03-02", *page(20.2, Oh=62))
    assert leaders(example, "2026-03-02") == {("Oh", 50.0)}
    assert held(example, "2026-03-02") == {"Oh"}
    example.saw("2026-03-03", *page(20.3, Oh=62))
    assert leaders(example, "2026-03-03") == {("Oh", 62.0)}


def test_a_small_change_on_every_board_counts_at_once(example: Example) -> None:
    example.saw("2026-03-02", *page(20.2, Oh=52))  # 4 x 2 %
    assert leaders(example, "2026-03-02") == {("Oh", 52.0)}


def test_not_modified_is_no_second_look(example: Example) -> None:
    sha256 = example.saw("2026-03-02", *page(20.2, Lie=65))
    example._asked("2026-03-03", URL, "unchanged", status=304, sha256=sha256)
    assert leaders(example, "2026-03-03", provisional=True) == {("Lie", 65.0)}
    example.saw("2026-03-04", *page(20.2, Lie=65))
    assert leaders(example, "2026-03-04") == {("Lie", 65.0)}


def test_one_operator_alone_confirms_nothing_however_long_it_lies(example: Example) -> None:
    for day in range(2, 18):
        example.saw(f"2026-03-{day:02}", *page(20 + day / 100, Lie=65))
    with example.built("2026-03-17", "marts.parity_event") as db:
        states = {row["state"] for row in ask(db, "select state from marts.parity_event where open_model = 'Lie'")}
    assert states
    assert "confirmed" not in states


def test_an_operators_weight_is_capped_at_two_thirds() -> None:
    """Model 0: five cells of operator 0 and one of operator 1, 25 each, so 125 become 50.  Model 1 has one operator."""
    weight = np.full(8, 25.0)
    model, operator = np.array([0, 0, 0, 0, 0, 0, 1, 1]), np.array([0, 0, 0, 0, 0, 1, 0, 0])
    capped = composite.capped(weight, model, operator)
    assert capped.tolist() == pytest.approx([10] * 5 + [25] * 3)
    assert capped[:5].sum() / capped[:6].sum() == pytest.approx(composite.OPERATOR_SHARE)


def lone(stamp: float, **more: float) -> tuple[JsonRow, ...]:
    """A page on which further models stand on the first board only."""
    return (*page(stamp), *(score(name, value, board=BOARDS[0]) for name, value in more.items()))


def test_a_new_row_that_would_lead_its_side_waits_for_a_second_look(example: Example) -> None:
    """On one board alone: Lie would lead the open side of it, Meek would not."""
    example.saw("2026-03-02", *lone(20.2, Lie=65, Meek=45))
    assert leaders(example, "2026-03-02", provisional=True) == {("Lie", 65.0)}
    assert leaders(example, "2026-03-02") == {("Oh", 50.0)}
    assert held(example, "2026-03-02") == {"Lie"}
    example.saw("2026-03-03", *lone(20.2, Lie=65, Meek=45))
    assert leaders(example, "2026-03-03") == {("Oh", 50.0), ("Lie", 65.0)}


def test_a_provisional_leader_is_on_its_board_from_its_night_on_and_nowhere_else(example: Example) -> None:
    """Oh is said to have a better configuration: composites, events and the nights before do not see it."""
    lie = score("Oh (high)", 65, board=BOARDS[0])
    example.saw("2026-03-02", *page(20.2), lie)
    with example.built("2026-03-02") as db:
        open_scores = ask(
            db,
            """select night::varchar as night, open_score, provisional from marts.gap_index
               where scope = 'toy-1' and tier = 'any' and night >= '2026-03-01' order by night""",
        )
        assert [tuple(row.values()) for row in open_scores] == [("2026-03-01", 50.0, False), ("2026-03-02", 65.0, True)]
        assert ask(db, "select * from staging.irt_observation where share > 0.61") == []
        assert ask(db, "select * from staging.asof_scores where value = 65") == []
        assert ask(db, "select * from marts.event where facts like '%65.0%'") == []
        (told,) = ask(db, "select value, gone_since from marts.score where provisional")
        assert tuple(told.values()) == (65.0, None)
        stands = ask(
            db,
            """select provisional, until_on from marts.frontier
               where scope = 'toy-1' and side = 'open' and tier = 'any' order by from_on""",
        )
        assert [row["provisional"] for row in stands] == [False, True]
        assert build.failed_checks(db) == []
    example.saw("2026-03-03", *page(20.3))
    assert leaders(example, "2026-03-03") == {("Oh", 50.0)}


def test_the_first_page_of_a_folder_has_nothing_to_be_compared_with(tmp_path: Path) -> None:
    first = Example(tmp_path, *(board(name) for name in BOARDS))
    first.saw("2026-03-02", *page(20.2, Lie=65))
    assert leaders(first, "2026-03-02") == {("Lie", 65.0)}
    assert held(first, "2026-03-02") == set()


def test_the_vintage_that_showed_a_lie_is_marked_and_not_changed(example: Example) -> None:
    example.saw("2026-03-02", *lone(20.2, Lie=65))
    vintages.settle(example.folder, example.published("2026-03-02").folder, date(2026, 3, 2))
    example.saw("2026-03-03", *page(20.3))
    example.ingest()
    published = example.folder / "vintages"
    with build.built(example.store, date(2026, 3, 3), example.sources, bundled=False, published=published) as db:
        where = "night = '2026-03-02' and scope = 'toy-1' and tier = 'any'"
        (then,) = ask(db, f"select open_score, provisional from marts.gap_index_vintage where {where}")
        (now,) = ask(db, f"select open_score, provisional from marts.gap_index where {where}")
        (revision,) = ask(db, f"select open_changed, gap_then, gap_now from marts.gap_index_revision where {where}")
        assert (tuple(then.values()), tuple(now.values())) == ((65.0, True), (50.0, False))
        assert tuple(revision.values()) == (True, -5.0, 10.0)
        assert ask(db, "select kind from marts.event where model = 'Lie' and kind <> 'weights-published'") == []


def test_a_page_that_renames_its_edition_is_provisional_for_a_night(tmp_path: Path) -> None:
    """It has no earlier table to be compared with, so neither G15 nor G16 sees its new leader."""
    one = Example(tmp_path)
    rows = [*MODELS, score("Cee", 60), score("Oh", 50), score("Model A", 30), score("Model B", 31)]
    one.saw("2026-03-01", *rows)
    renamed = [row | {"edition": "v2"} if row["row"] == "score" else row for row in (*rows, score("Lie", 65))]
    one.saw("2026-03-02", *renamed)
    with one.built("2026-03-02", "marts.gap_index", "marts.event") as db:
        now = gap(db, "2026-03-02", edition="v2")
        assert (now["open_model"], now["provisional"]) == ("Lie", True)
        assert "provisional, new edition, waits for a second look" in now["reason"]
        leads = ask(
            db, "select state from marts.event where kind = 'open-leader' and model = 'Lie' and state = 'confirmed'"
        )
        assert leads == []
    one.saw("2026-03-03", *renamed)
    with one.built("2026-03-03", "marts.gap_index") as db:
        assert not gap(db, "2026-03-03", edition="v2")["provisional"]


def test_a_flood_of_names_keeps_the_names_known_before_it(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naming, "MAX_NAMES", 25)  # there are 23
    flood = [score(f"Aardvark {n}", 30, board=BOARDS[0]) for n in range(1, 5)]
    example.saw("2026-03-02", *page(20.2), *flood)
    with example.built("2026-03-02", "marts.quarantine", "marts.score") as db:
        names = {row["name"] for row in ask(db, "select distinct name from marts.score")}
        assert {"Model A", "Cee", "Oh", "Aardvark 1", "Aardvark 2"} <= names and "Aardvark 3" not in names
        (cut,) = ask(
            db, "select source, found, known_on::varchar as known_on from marts.quarantine where held = 'names'"
        )
        assert tuple(cut.values()) == ("toy-board", "more than 25 names", "2026-03-02")


# --- odd numbers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "more",
    [{"stderr": 1.7e308}, {"stderr": float("nan")}, {"n_items": 0}, {"n_items": -1}, {"n_items": 2**62}],
    ids=str,
)
def test_an_impossible_error_or_count_costs_its_row(more: dict[str, float]) -> None:
    assert isinstance(board().score(edition="v1", name="Oh", value=50, written="", **more), Quarantined)


def test_the_oddest_numbers_that_a_board_may_state_end_no_night(tmp_path: Path) -> None:
    """Ends of the range, errors next to zero, one question, dates of 1950 and 9999; Cee and Oh lead with them."""
    odd = Example(tmp_path)
    for day, stamp in ((1, 20.1), (2, 20.2)):
        rows = [score(f"Model {letter}", 20 + n) for n, letter in enumerate(ascii_uppercase[:20])]
        rows[0] = score("Model A", stamp, stderr=5e-324, scored_on="1950-01-01")
        odd.saw(
            f"2026-03-0{day}",
            closed("Cee", api="1950-01-01"),
            opened("Oh", weights="9999-12-31"),
            opened("Ah", weights="2026-01-01"),
            score("Cee", 100, n_items=1, stderr=0.0),
            score("Oh", 100, n_items=10**12),
            score("Ah", -0.0, stderr=1e-200),
            *rows,
            updated_on="9999-12-31",
        )
    with odd.built_whole("2026-03-02") as db:
        assert build.failed_checks(db) == []
        assert ask(db, "select * from marts.build_failure") == []
        assert ask(db, "select count(*) > 0 as any from marts.gap_index where gap is not null") == [{"any": True}]


def test_a_table_beside_the_index_that_fails_is_empty_and_says_so(
    example: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = build.make_table

    def make(db: duckdb.DuckDBPyConnection, schema: str, name: str, **more: Any) -> None:
        if name in ("hardware", spoilt):
            db.execute(f"create table {schema}.{name} as select (day || 'th')::date from range(2) r (day)")
        plain(db, schema, name, **more)

    monkeypatch.setattr(build, "make_table", make)
    spoilt = ""
    with example.built("2026-03-01", "marts.gap_index", "marts.hardware", "marts.build_failure") as db:
        (failure,) = ask(db, "select * from marts.build_failure")
        assert (failure["part"], failure["subject"]) == ("marts.hardware", "every row")
        assert failure["error"].startswith("Conversion Error: invalid date")
        assert ask(db, "select * from marts.hardware") == []
        assert ask(db, "select count(*) > 0 as any from marts.gap_index") == [{"any": True}]
    spoilt = "best_score"
    with (
        pytest.raises(duckdb.ConversionException, match="invalid date"),
        example.built("2026-03-01", "marts.gap_index", "marts.hardware", "marts.build_failure"),
    ):
        pass
