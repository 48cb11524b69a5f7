"""Every gate with something that trips it and something like it that must not; and what the recorded past says.

The cases share two builds: each is a board of its own with an address of its own, so no case sees another.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from examples import Example, JsonRow, ask, board, closed, opened, score

from warehouse import validation
from warehouse.build import add_warnings, built
from warehouse.statements import SHIPPED, all_statements, bare, prepare, statement
from warehouse.validation import QUERIES, Broken

NIGHTS = tuple(f"2026-06-{day:02}" for day in range(1, 19))
LAST = NIGHTS[-1]
LETTERS = "abcdefghijklmnopqrstuvwxyz0123"
QUIET = ("names unknown", "one change")
"""The names of the examples are nobody's on purpose, and all their boards are one operator's; these rules have cases of
their own."""


def table(count: int = 20, *, times: float = 1, plus: float = 0, without: str = "", **other: float) -> dict[str, float]:
    """Models a, b, c ... with values 30, 31.3, 32.6 ...: the last is the best."""
    values = {letter: (30 + 1.3 * at) * times + plus for at, letter in enumerate(LETTERS[:count])}
    return {letter: other.get(letter, value) for letter, value in values.items() if letter not in without} | {
        name: value for name, value in other.items() if name not in values
    }


def shown(case: str, values: Mapping[str, float], **more: Any) -> list[JsonRow]:
    return [score(f"Model {letter}", value, board=case, **more) for letter, value in values.items()]


@dataclass(frozen=True)
class Case:
    """Pages by night (the day of June), and what trips on which day; a page stands until the next."""

    pages: Mapping[int, Sequence[JsonRow] | Mapping[str, float]]
    trips: Mapping[int, set[str]]
    facts: Mapping[str, Any] = field(default_factory=dict)
    stated: Mapping[int, str] = field(default_factory=dict)


def twice(letter: str, *values: float) -> list[JsonRow]:
    return [score(f"Model {letter}", value, board="") for value in values]


WHOLE = table()
CASES = {
    # G2
    "too few rows": Case({1: table(2)}, {1: {"held G2 rows expected"}}, {"min_rows": 3}),
    "just enough rows": Case({1: table(3)}, {}, {"min_rows": 3}),
    # G3: half of it, the tail, the head; and what only looks like it
    "half a table": Case({1: WHOLE, 2: table(10), 3: WHOLE}, {2: {"held G3 rows kept"}}),
    "half a table that stays": Case({1: WHOLE, 2: table(10)}, {2: {"held G3 rows kept"}}),
    "the tail is missing": Case({1: WHOLE, 2: table(without="abc")}, {2: {"held G3 rows kept"}}),
    "a list of the best, and again": Case(
        {1: WHOLE, 2: table(without="abcdefgh"), 3: table(without="abcdef", t=56)},
        {2: {"held G3 rows kept"}, 3: {"warned G3 rows kept", "warned G6 values withdrawn"}},
    ),
    "rows withdrawn from all over": Case(
        {1: WHOLE, 2: table(without="bjq")}, {2: {"warned G3 rows kept", "warned G6 values withdrawn"}}
    ),
    "one of nine rows": Case({1: table(9), 2: table(9, without="d")}, {}),
    "a list that stops repeating names": Case(
        {1: [*shown("", WHOLE), *shown("", WHOLE)], 2: WHOLE}, {2: {"warned G3 rows kept"}}
    ),
    "cut anew from night to night": Case(
        {1: WHOLE, 2: table(8), 6: table(12), 9: table(6), 14: table(12), 17: table(8), 18: table(10)},
        {day: {"held G3 rows kept"} for day in (2, 6, 9, 14, 17, 18)},
    ),
    "shrunk once and for good": Case(
        {1: WHOLE, 2: table(8), 10: table(8, b=31.5), 18: table(8, b=31.6)},
        {2: {"held G3 rows kept"}, 10: {"held G3 rows kept"}, 18: {"warned G6 values withdrawn"}},
    ),
    "the head is missing": Case(
        {1: table(30), 2: table(30, without="123")}, {2: {"held G3 leaders kept", "warned G6 values withdrawn"}}
    ),
    "leaders retired by better ones": Case(
        {1: table(30), 2: table(30, without="123", X=90, Y=91, Z=92)}, {2: {"warned G6 values withdrawn"}}
    ),
    # G4
    "fractions instead of per cent": Case(
        {1: WHOLE, 2: table(times=0.01), 3: table(times=0.01, c=0.33), 4: WHOLE},
        {2: {"held G4 scale step"}, 3: {"held G4 scale step"}},
    ),
    "fractions from the first night": Case({1: table(times=0.01)}, {1: {"held G4 scale step"}}),
    "a hard board": Case({1: table(times=0.03)}, {}),
    # G1
    "columns swapped": Case(
        {1: WHOLE, 2: {letter: 100 - value for letter, value in WHOLE.items()}, 3: WHOLE}, {2: {"held G1 order kept"}}
    ),
    # G5
    "one name twice": Case({1: WHOLE, 2: [*shown("", WHOLE), *twice("t", 50)]}, {2: {"held G5 contradiction"}}),
    "one row twice": Case({1: WHOLE, 2: [*shown("", WHOLE), *twice("t", WHOLE["t"])]}, {}),
    "nobody's names": Case({1: WHOLE}, {1: {"warned G5 names unknown"}}),
    "everybody's names": Case({1: [score(name, 50, board="") for name in ("gpt-4o", "o3", "gpt-5", "o1")]}, {}),
    # G6
    "re-based": Case({1: WHOLE, 2: table(plus=5), 3: table(plus=5, a=35.1)}, {2: {"warned G6 median shift"}}),
    "rounded": Case({1: WHOLE, 2: {letter: round(value) for letter, value in WHOLE.items()}}, {}),
    "values withdrawn": Case({1: table(30), 2: table(30, without="bjq")}, {2: {"warned G6 values withdrawn"}}),
    "one value withdrawn": Case({1: table(30), 2: table(30, without="b")}, {}),
    # G7
    "a typing error": Case({1: WHOLE, 2: table(c=98.7), 3: WHOLE}, {2: {"held G7 single jump"}}),
    "a jump that stands": Case({1: WHOLE, 2: table(c=98.7)}, {2: {"held G7 single jump"}}),
    "a step": Case({1: WHOLE, 2: table(c=45)}, {}),
    # G9
    "a date to come": Case(
        {1: [*shown("", WHOLE), score("Model new", 99, board="", scored_on="2031-01-01")]}, {1: {"held G9 days ahead"}}
    ),
    "tomorrow somewhere": Case({1: [*shown("", WHOLE), score("Model new", 60, board="", scored_on="2026-06-02")]}, {}),
    "an old page again": Case({1: WHOLE, 2: table(t=58), 3: table(t=58), 4: WHOLE}, {4: {"held G9 older page"}}),
    "a change of one night undone": Case({1: WHOLE, 2: table(t=58), 3: WHOLE}, {}),
    "a new page": Case({1: WHOLE, 2: table(t=58), 3: table(t=59)}, {}),
    "dated back": Case(
        {1: WHOLE, 2: table(t=58)}, {2: {"warned G9 date goes on"}}, stated={1: "2026-05-20", 2: "2026-05-01"}
    ),
    "dated on": Case({1: WHOLE, 2: table(t=58)}, {}, stated={1: "2026-05-20", 2: "2026-05-21"}),
}


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Example:
    toy = Example(
        tmp_path_factory.mktemp("gates"),
        *(board(name, counts_for_index=False, why_not="an example", **case.facts) for name, case in CASES.items()),
    )
    for at, (name, case) in enumerate(CASES.items()):
        standing: Sequence[JsonRow] = ()
        stated = ""
        for day, night in enumerate(NIGHTS, start=1):
            if day in case.pages:
                page = case.pages[day]
                standing = shown(name, page) if isinstance(page, Mapping) else [row | {"board": name} for row in page]
                stated = case.stated.get(day, "")
            toy.saw(
                night, *standing, url=f"https://toy.example/{LETTERS[at % 26]}-case-{'x' * at}.json", updated_on=stated
            )
    toy.ingest()
    return toy


@pytest.fixture(scope="module")
def db(example: Example) -> Iterator[duckdb.DuckDBPyConnection]:
    with example.built(LAST) as made:
        yield made


def test_every_limit_that_is_published_is_taken_or_said_to_be_none() -> None:
    """A line of the seed that no statement takes looks like a number to turn: four did, and changed nothing."""
    limits = set(re.findall(r" as (\w+),?$", statement("staging", "gate_limit").text, re.M))
    others = "".join(one.text for place, one in all_statements().items() if place != ("staging", "gate_limit"))
    assert limits
    assert {name for name in limits if not re.search(rf"\.{name}\b", others)} == set()


@pytest.mark.parametrize("name", CASES)
def test_a_gate_trips_on_this_and_on_nothing_else(db: duckdb.DuckDBPyConnection, name: str) -> None:
    found: dict[int, set[str]] = {}
    for row in ask(
        db,
        """select p.from_night, o.outcome, o.gate, o.rule
           from staging.gate_outcome o join staging.gate_page p using (table_no)
           where p.board = $board and o.outcome <> 'pass'""",
        board=name,
    ):
        if row["rule"] not in QUIET or name == "nobody's names":
            found.setdefault(row["from_night"].day, set()).add(f"{row['outcome']} {row['gate']} {row['rule']}")
    assert found == dict(CASES[name].trips)


def scores(db: duckdb.DuckDBPyConnection, name: str) -> dict[str, float]:
    rows = ask(db, "select name, value from marts.score where board = $board order by known_on", board=name)
    return {row["name"].removeprefix("Model "): row["value"] for row in rows}


def test_what_is_held_changes_no_score(db: duckdb.DuckDBPyConnection) -> None:
    for name in ("half a table", "the tail is missing", "the head is missing", "cut anew from night to night"):
        whole = CASES[name].pages[1]
        assert isinstance(whole, Mapping)
        assert scores(db, name) == pytest.approx(whole), name
    for name in ("fractions instead of per cent", "columns swapped"):
        assert scores(db, name) == pytest.approx(WHOLE), name


def test_a_board_that_shrank_for_good_is_believed_a_fortnight_later(db: duckdb.DuckDBPyConnection) -> None:
    # Cut on 06-02, the same since: 06-02 + 15 = 06-17, and the page of 06-18 counts.
    assert scores(db, "shrunk once and for good")["b"] == 31.6
    # The page of 06-02 itself was replaced on the 10th, before its fortnight was over.
    believed = ask(
        db,
        """select from_night from staging.accepted_table
           where board = 'shrunk once and for good' and held = '' order by from_night""",
    )
    assert [row["from_night"].day for row in believed] == [1, 18]


def test_a_shrunken_page_that_just_stays_is_believed_when_it_is_seen_again(db: duckdb.DuckDBPyConnection) -> None:
    believed = ask(
        db,
        """select from_night from staging.accepted_table
           where board = 'half a table that stays' and held = '' order by from_night""",
    )
    assert [row["from_night"].day for row in believed] == [1, 17]


def test_a_jump_counts_from_the_night_that_shows_it_again(db: duckdb.DuckDBPyConnection) -> None:
    result = ask(
        db,
        "select value, known_on from marts.score_history where board = $board and name = 'Model c' order by known_on",
        board="a jump that stands",
    )
    assert [(row["value"], row["known_on"].day) for row in result] == [(pytest.approx(32.6), 1), (98.7, 3)]
    assert scores(db, "a typing error")["c"] == pytest.approx(32.6)


def test_a_rebase_opens_a_new_series_until_it_is_shown_again(db: duckdb.DuckDBPyConnection) -> None:
    found = ask(db, "select night, series, confirmed_on, shifted from staging.rebase where board = 're-based'")
    assert found == [{"night": date(2026, 6, 2), "series": 2, "confirmed_on": date(2026, 6, 3), "shifted": True}]


def test_what_was_held_is_listed_as_its_source_wrote_it(db: duckdb.DuckDBPyConnection) -> None:
    (row,) = ask(
        db,
        "select held, name, field, found, expected, written, believed_on from marts.quarantine where board = $board",
        board="a jump that stands",
    )
    assert '"value": 98.7' in row.pop("written")
    assert row == {
        "held": "row",
        "name": "Model c",
        "field": "value",
        "found": "98.7",
        "expected": "about 32.6, as in the last good table",
        "believed_on": date(2026, 6, 3),
    }


def test_every_table_shown_tonight_is_judged_by_every_gate_of_tables(db: duckdb.DuckDBPyConnection) -> None:
    judged = ask(
        db,
        """select board, count(distinct rule) as rules from marts.gate
           where night = (select night from input.night) and "of" in ('table', 'rows') group by board""",
    )
    assert {row["board"] for row in judged} == set(CASES)
    assert all(row["rules"] >= 6 for row in judged)
    assert {row["rules"] for row in judged if row["board"] == "a new page"} == {16}


def test_every_limit_is_stated_and_says_why(db: duckdb.DuckDBPyConnection) -> None:
    limits = ask(db, "select * from seed.gate")
    assert all(row["why"] and row["calibrated_on"] and row["unit"] for row in limits)
    used = {row["rule"] for row in ask(db, "select distinct rule from marts.gate where gate <> 'decision'")}
    assert used - {row["rule"] for row in limits} <= {"date goes on", "older page"}


def test_what_is_held_on_a_night_depends_on_that_night_alone(
    example: Example, db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    result = """select board, edition, from_night, held from staging.accepted_table
               where from_night <= date '2026-06-05' order by all"""
    store = Path(shutil.copy(example.store, tmp_path))  # one process attaches a file once
    with built(store, date(2026, 6, 5), example.sources, bundled=False) as then:
        assert then.execute(result).fetchall() == db.execute(result).fetchall()


# --- labels, numbers and unknown access -----------------------------------------------------------


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Forty closed models; on the second night one turns open and nobody seconds it, one is seconded by the Hub."""
    toy = Example(tmp_path_factory.mktemp("labels"))
    names = [f"Cee {at}" for at in range(40)]
    rows = [*(closed(name, api="2026-01-01") for name in names), opened("Oh", weights="2026-02-01")]
    board_ = [*(score(name, 20 + at / 2) for at, name in enumerate(names))]
    flagged = opened("Who", weights="2026-03-01", evidence="board flag")
    toy.saw("2026-06-01", *rows, *board_, score("Oh", 30))
    toy.saw(
        "2026-06-02",
        *rows[2:],
        opened(names[0]),
        opened(names[1]),
        opened(names[1], evidence="hub files"),
        flagged,
        *board_,
        score("Who", 70),
        score("Oh", 41),
    )
    with toy.built("2026-06-02") as db:
        yield db


def test_a_label_that_turns_needs_a_second_witness(world: duckdb.DuckDBPyConnection) -> None:
    found = ask(world, "select name, outcome, explanation from marts.gate where rule = 'second witness' order by name")
    assert [(row["name"], row["outcome"]) for row in found] == [("Cee 0", "held"), ("Cee 1", "pass")]
    spans = ask(world, "select model, arg_max(tier, from_on) as tier from staging.access_span group by model")
    tiers = {row["model"]: row["tier"] for row in spans}
    assert tiers["Cee 0"] == "C"
    assert tiers["Cee 1"] == "T1"
    assert ask(world, "select name, found from marts.quarantine where held = 'flag'") == [
        {"name": "Cee 0", "found": "turned open without a second witness"}
    ]


def test_a_source_whose_labels_turn_together_is_not_believed(tmp_path: Path) -> None:
    toy = Example(tmp_path)
    names = [f"Cee {at}" for at in range(10)]
    board_ = [score(name, 50 + at) for at, name in enumerate(names)]
    toy.saw("2026-06-01", *(closed(name, api="2026-01-01") for name in names), *board_)
    toy.saw("2026-06-02", *(opened(name, weights="2026-01-01") for name in names), *board_)
    with toy.built("2026-06-02", "access_span", "gate") as db:
        held = ask(db, "select distinct rule, explanation from marts.gate where gate = 'G8' and outcome = 'held'")
        tiers = ask(db, "select distinct tier from staging.access_span where model like 'Cee %'")
    result = "10 of 10 labels turned in one night"
    assert {(row["rule"], row["explanation"]) for row in held} == {
        ("flips a night", result),
        ("flips a night", f"{result}; it leads a board"),
    }
    assert tiers == [{"tier": "C"}]


def test_a_model_of_unknown_access_that_would_lead_is_an_incident(world: duckdb.DuckDBPyConnection) -> None:
    found = ask(world, "select name, outcome, measured, explanation from marts.gate where gate = 'U'")
    assert [(row["name"], row["outcome"], row["measured"]) for row in found] == [("Who", "warned", 70.0)]
    assert "nobody says whether its weights can be had" in found[0]["explanation"]


def test_a_new_best_value_waits_for_its_second_night(world: duckdb.DuckDBPyConnection) -> None:
    found = ask(
        world,
        """select name, outcome from marts.gate
           where gate = 'G10' and tier = 'any' and night = date '2026-06-02' order by name""",
    )
    assert found == [{"name": "Cee 39", "outcome": "pass"}, {"name": "Oh", "outcome": "warned"}]
    confirmed = ask(
        world, "select value, confirmed_on from staging.frontier_confirmed where model = 'Oh' order by known_on"
    )
    assert confirmed == [
        {"value": 30.0, "confirmed_on": date(2026, 6, 2)},
        {"value": 41.0, "confirmed_on": None},
    ]


def test_a_number_that_moves_by_itself_is_noticed(world: duckdb.DuckDBPyConnection) -> None:
    """Against what was published the night before: once with another leader, once with the same two."""
    text = statement("staging", "gated_gap").text
    asked = f"""select outcome, explanation from ({text})
                where rule = 'change is explained' and tier = 'any' and board = 'toy'"""
    keep = "select * replace (date '2026-06-01' as night, {}) from marts.gap_index where night = date '2026-06-02'"
    world.begin()
    try:
        world.execute(f"insert into vintage.gap_index {keep.format('gap + 1 as gap')}")
        (row,) = ask(world, asked)
        assert row["outcome"] == "warned"
        assert "both leaders kept their scores" in row["explanation"]
        world.execute("delete from vintage.gap_index")
        world.execute(f"insert into vintage.gap_index {keep.format('gap + 11 as gap, 30.0 as open_score')}")
        assert ask(world, asked) == [{"outcome": "pass", "explanation": "Oh 41.0 after 30.0"}]
    finally:
        world.rollback()


# --- the page -------------------------------------------------------------------------------------


def test_the_page_of_a_night_says_what_was_held_and_what_to_type(tmp_path: Path) -> None:
    from warehouse import quarantine_report

    toy = Example(tmp_path)
    hostile = "<script>alert(1)</script>{{7*7}}"
    rows = [*(score(f"Model {letter}", 50 + at) for at, letter in enumerate("abcdefghi")), score(hostile, 60)]
    access = [closed("Model i", api="2026-01-01"), opened("Model h", weights="2026-01-01")]
    toy.saw("2026-06-01", *access, *rows)
    sha256 = toy.saw("2026-06-02", *access, *rows[:4], score("Model e", 44))
    with toy.built("2026-06-02") as db:
        page = quarantine_report.report(db)
    for result in (
        "5 rows seen = 5 read + 0 quarantined + 0 excluded",
        "G3 rows kept: 5 rows shown, 10 before it was cut (measured 0.5, limit 0.9",
        "last good    2026-06-01, 1 days ago",
        "0 added, 5 gone, 1 changed",
        "Model e: 44, expected about 54; as written:",
        f"archive/bodies/{sha256[:2]}/{sha256}.zst",
        f"gapindex accept {sha256[:12]} --reason",
        "without this board",
    ):
        assert result in page.text, result
    assert hostile in page.text
    assert "<script" not in page.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}" in page.html


def test_a_quiet_night_has_a_page_too(tmp_path: Path) -> None:
    toy = Example(tmp_path)
    toy.saw("2026-06-01", score("gpt-4o", 50), score("o3", 60))
    published = toy.published("2026-06-01")
    page = (published.folder / "quarantine" / "2026-06-01.txt").read_text("utf-8")
    assert "nothing was held" in page
    assert (published.folder / "quarantine" / "2026-06-01.html").is_file()


# --- Great Expectations ---------------------------------------------------------------------------


def test_a_warning_is_listed_and_stops_nothing(world: duckdb.DuckDBPyConnection) -> None:
    from warehouse import expectations

    scores = "collected scores"
    world.begin()
    try:
        world.execute("update staging.current_score set name = 'Cafe\u00c3\u00a9' where name = 'Oh'")
        broken = expectations.broken_in({scores: world.execute(QUERIES[scores]).df()})
        assert [rule.found for rule in broken if rule.critical] == []
        add_warnings(world, [(rule.rule, rule.found) for rule in broken])
        (row,) = ask(world, "select rule, outcome, explanation from marts.gate where gate = 'GX'")
        assert (row["rule"], row["outcome"]) == ("expect_column_values_to_not_match_regex on name", "warned")
        assert "Cafe\u00c3\u00a9" in row["explanation"]
        world.execute("update staging.current_score set value = 6000 where name = 'Cee 1'")
        broken = expectations.broken_in({scores: world.execute(QUERIES[scores]).df()})
        assert len([rule.found for rule in broken if rule.critical]) == 1
    finally:
        world.rollback()


def test_rows_that_have_met_their_rules_are_not_checked_again(
    world: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[set[str]] = []

    def in_this_process(function: Callable[[Any], list[Broken]], rows: dict[str, Any]) -> list[Broken]:
        checked.append(set(rows))
        return function(rows)

    monkeypatch.setattr(validation, "in_child", in_this_process)
    met = tmp_path / "checked.json"
    first = validation.broken_rules(world, met)
    broken = {one.suite for one in first}
    assert "collected scores" not in broken
    assert validation.broken_rules(world, met) == first
    world.begin()
    try:
        world.execute("update input.night set run_id = 'another run'")
        world.execute("update staging.current_score set value = 6000 where name = 'Cee 1'")
        assert "collected scores" in {one.suite for one in validation.broken_rules(world, met)}
    finally:
        world.rollback()
    met.write_text("[]", "utf-8")
    assert validation.broken_rules(world, met) == first
    changed = {"collected scores"}
    assert checked == [one for one in (set(QUERIES), broken, broken | changed, set(QUERIES)) if one]


def test_a_note_of_met_rules_that_cannot_be_written_costs_no_night(
    world: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validation, "in_child", lambda *_: [])
    (tmp_path / "file").touch()
    assert validation.broken_rules(world, tmp_path / "file" / "checked.json") == []


def test_the_rules_and_what_they_found_make_a_site(world: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    from warehouse import expectations

    page = expectations.data_docs(world, tmp_path / "docs", expectations.COLLECTED[:1])
    assert "collected scores" in page.read_text("utf-8")
    assert [file.stem for file in (tmp_path / "docs" / "expectations").rglob("*.html")] == ["collected scores"]
    assert list((tmp_path / "docs" / "validations").rglob("*.html"))


@pytest.mark.parametrize(
    ("first_read", "without", "cut"),
    [(True, "abcdefgh", False), (False, "abcdefgh", True), (True, "mnopqrst", True)],
    ids=["the best, where only the bundled history is older", "the best, after a table we read", "the worst"],
)
def test_a_list_of_the_best_counts_at_once_on_the_first_night_of_a_folder(
    first_read: bool, without: str, cut: bool
) -> None:
    """LMArena's webdev, 2026-06-14: 30 rows led by a new model; the bundled history's last table had 67."""
    with duckdb.connect() as db:
        prepare(db, date(2026, 6, 14))
        db.execute(f"create table seed.gate as from read_csv('{SHIPPED / 'seeds' / 'gate.csv'}')")
        db.execute(f"create table staging.gate_limit as {statement('staging', 'gate_limit').text}")
        db.execute(
            """create table staging.gate_page (
                   table_no int, series int, from_night date, seen int, min_rows int, quarantined int, own boolean
               );
               create table staging.gate_value (table_no int, name text, variant text, scored_on date, signed double)"""
        )
        for t, night, values, own in (
            (1, "2026-06-06", WHOLE, not first_read),
            (2, "2026-06-14", table(without=without, X=80), True),
        ):
            db.execute(
                "insert into staging.gate_page values (?, 1, ?, ?, 5, 0, ?)",
                [t, date.fromisoformat(night), len(values), own],
            )
            db.executemany(
                "insert into staging.gate_value values (?, ?, '', null, ?)", [[t, *value] for value in values.items()]
            )
        found = db.execute(
            f"select cut from ({bare(statement('staging', 'row_count_gate').text)}) where table_no = 2"
        ).fetchone()
    assert found == (cut,)


# --- the recorded past ----------------------------------------------------------------------------


@pytest.mark.recorded_web
@pytest.mark.slow
def test_lists_of_the_best_of_the_recorded_arena_are_believed_however_long(recorded_web: Any, tmp_path: Path) -> None:
    """From night to night the pages show 20, 30, 50 or 71 rows, always the best ones."""
    from proofs.gates import recorded

    found = recorded(recorded_web, "arena-daily", date(2026, 3, 19), date(2026, 6, 14), tmp_path)
    for name in ("arena-text", "arena-webdev"):
        tables = [row for row in found if row["board"] == name]
        rows = [row["rows"] for row in tables]
        assert min(rows) < 30 and max(rows) >= 50 and len(rows) > 50
        # The first short one after a whole one waits for the next night; that one counts.
        assert sum(row["held"] for row in tables) < len(tables) / 4


@pytest.mark.recorded_web
@pytest.mark.slow
def test_no_false_alarm_on_recorded_artificial_analysis(recorded_web: Any, tmp_path: Path) -> None:
    from proofs.gates import recorded

    found = recorded(recorded_web, "artificial-analysis", date(2026, 4, 1), date(2026, 6, 14), tmp_path, every=7)
    assert len({row["board"] for row in found}) > 10
    assert [row for row in found if row["held"]] == []
