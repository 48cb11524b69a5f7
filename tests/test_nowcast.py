"""The nowcast band: how nights were revised, and what the last 60 of them may turn out to be (METHOD section 2)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from click.testing import CliRunner
from examples import Example, JsonRow, ask, closed, gap, opened, score
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.cli import app
from warehouse.statements import prepare, statement

NIGHT = "2026-06-14"
"""A Sunday; the newest Monday that is 63 days old by then is 2026-04-06."""

HORIZONS = (0, 7, 14, 21, 28, 35, 42, 49, 56, 63)


def horizons(db: duckdb.DuckDBPyConnection, column: str, monday: str) -> list[float | None]:
    """What was known of a Monday on the night itself, a week later and so on, and tonight last."""
    result = ask(
        db,
        """select * from staging.frontier_as_known where scope = 'toy' and tier = 'any' and as_of = $monday
           order by horizon nulls last""",
        monday=monday,
    )
    assert [row["horizon"] for row in result] == [*HORIZONS, None]
    return [row[column] for row in result]


def revised(db: duckdb.DuckDBPyConnection, horizon: int) -> JsonRow:
    """The row of ``nowcast`` for the toy board and all downloadable weights."""
    (row,) = ask(
        db,
        "select * from marts.nowcast where scope = 'toy' and tier = 'any' and horizon_days = $horizon",
        horizon=horizon,
    )
    return row


# --- by hand ------------------------------------------------------------------------------------

# Closed had 40 on 2025-01-01 and 60 on 2025-07-01, 181 days later; open has had 50 since February.  Oh's weights came
# on Monday 2025-09-01, but the board scored it only on 09-22, with 55; on 2026-06-14 it corrects that to 58.
# Known of 09-01 until then: gap 60 - 50 = 10; 50 lies halfway from 40 to 60, so lag 243 - 181 / 2 = 152.5 days.
# Three weeks later: gap 60 - 55 = 5; lag 243 - 181 * 0.75 = 107.25.  Tonight: gap 2; lag 243 - 181 * 0.9 = 80.1.
BEFORE = (
    closed("Cad", api="2025-01-01"),
    closed("Ced", api="2025-07-01"),
    opened("Oak", weights="2025-02-01"),
    score("Cad", 40),
    score("Ced", 60),
    score("Oak", 50),
)
OH = opened("Oh", weights="2025-09-01")


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> Example:
    example = Example(tmp_path_factory.mktemp("late"))
    example.saw("2025-06-02", *BEFORE)
    for day in ("2025-09-21", "2025-09-22"):  # a new row that would lead counts when a second night has shown it
        example.saw(day, *BEFORE, OH, score("Oh", 55))
    example.saw(NIGHT, *BEFORE, OH, score("Oh", 58))
    return example


def test_a_score_that_comes_three_weeks_late_is_a_revision(late: Example) -> None:
    with late.built(NIGHT, "frontier_as_known", "nowcast") as db:
        assert horizons(db, "gap", "2025-09-01") == [10, 10, 10, 5, 5, 5, 5, 5, 5, 5, 2]
        assert horizons(db, "gap", "2025-09-15") == [10, 5, 5, 5, 5, 5, 5, 5, 5, 5, 2]
        assert horizons(db, "lag_days", "2025-09-01") == [
            *(pytest.approx(152.5) for _ in range(3)),
            *(pytest.approx(107.25) for _ in range(7)),
            pytest.approx(80.1),
        ]
        # From 2025-06-02 to 2026-04-06 are 45 Mondays; in June open was ahead since its record began: no lag.
        # Just known, three of them (09-01, 09-08, 09-15) lacked Oh; a week later two; from three weeks on none.
        result = [revised(db, horizon) for horizon in (0, 14, 21)]
        assert [(row["n_gap"], row["gap_lo"], row["gap_mid"], row["gap_hi"]) for row in result] == [
            (45, -5, 0, 0),
            (45, -5, 0, 0),
            (45, 0, 0, 0),
        ]
        assert [(row["n_lag"], row["lag_lo"], row["lag_mid"], row["lag_hi"]) for row in result] == [
            (40, -45.25, 0, 0),
            (40, -45.25, 0, 0),
            (40, 0, 0, 0),
        ]
        # What came after 63 days is not in the band but in row 63: 58 - 55, and 181 * 0.15 = 27.15 days.
        later = revised(db, 63)
        assert (later["gap_lo"], later["gap_hi"], later["lag_lo"]) == (-3, 0, -27.15)


def test_the_last_sixty_nights_carry_the_band_of_their_age(late: Example) -> None:
    with late.built(NIGHT, "marts.gap_index") as db:
        tonight, sunday, monday, old, older = (
            gap(db, night) for night in (NIGHT, "2026-05-31", "2026-05-24", "2026-04-16", "2026-04-15")
        )
    # Tonight is known for 0 days: 2 - 5 to 2.  05-31 for 14, so one Monday of that age was revised; 05-24 for 21: none.
    assert (tonight["gap"], tonight["gap_nowcast_lo"], tonight["gap_nowcast_hi"]) == (2, -3, 2)
    assert tonight["lag_nowcast_lo"] == pytest.approx(tonight["lag_days"] - 45.25, abs=0.001)
    assert tonight["lag_nowcast_hi"] == tonight["lag_days"]
    assert (sunday["gap_nowcast_lo"], sunday["gap_nowcast_hi"]) == (-3, 2)
    assert (monday["gap_nowcast_lo"], monday["gap_nowcast_hi"]) == (2, 2)
    assert (old["gap_nowcast_lo"], older["gap_nowcast_lo"]) == (2, None)
    assert (older["gap_nowcast_hi"], older["lag_nowcast_lo"], older["lag_nowcast_hi"]) == (None, None, None)


def test_the_band_is_printed_in_one_line(late: Example) -> None:
    late.published(NIGHT)
    for command in ("show", "why"):
        outcome = CliRunner().invoke(app, [command, "--data", str(late.folder), "toy"])
        assert "late scores are in: gap -3 % to 2 %, lag" in outcome.stdout
        old = CliRunner().invoke(app, [command, "--data", str(late.folder), "toy", "--night", "2026-01-01"])
        assert "late scores" not in old.stdout


# --- what may not change it ---------------------------------------------------------------------


def test_what_is_known_later_changes_neither_an_earlier_night_nor_a_past_revision(tmp_path: Path) -> None:
    example = Example(tmp_path)
    example.saw("2025-06-02", *BEFORE)
    for day in ("2025-09-21", "2025-09-22"):  # a new row that would lead counts when a second night has shown it
        example.saw(day, *BEFORE, OH, score("Oh", 55))
    known = "select * from staging.frontier_as_known where horizon is not null order by all"
    with example.built("2026-01-11", "frontier_as_known", "nowcast") as db:
        bands, then = ask(db, "select * from marts.nowcast order by all"), ask(db, known)
    example.saw("2026-02-02", *BEFORE, OH, score("Oh", 70), score("Cad", 45), score("Oak", 20))
    with example.built("2026-01-11", "frontier_as_known", "nowcast") as db:
        assert ask(db, "select * from marts.nowcast order by all") == bands
    with example.built("2026-03-29", "frontier_as_known", "nowcast") as db:
        since = ask(db, known)
    assert len(then) > 300
    assert [row for row in since if row["as_of"] <= max(old["as_of"] for old in then)] == then


def test_fewer_than_26_weeks_say_nothing_and_why(tmp_path: Path) -> None:
    example = Example(tmp_path)
    example.saw("2025-10-13", *BEFORE)
    # From Monday 2025-10-13 to 2026-03-30 are 25 Mondays.
    with example.built("2026-06-07", "marts.gap_index", "nowcast") as db:
        few, row = revised(db, 0), gap(db, "2026-06-07")
    assert (few["n_gap"], few["gap_lo"], few["gap_mid"], few["gap_hi"], few["lag_lo"]) == (25, None, None, None, None)
    assert few["reason"] == "25 weeks have a gap to compare, needs 26; 25 weeks have a lag to compare, needs 26"
    assert (row["gap"], row["gap_nowcast_lo"], row["gap_nowcast_hi"], row["lag_nowcast_lo"]) == (10, None, None, None)
    with example.built(NIGHT, "marts.gap_index", "nowcast") as db:
        enough, row = revised(db, 0), gap(db, NIGHT)
    assert (enough["n_gap"], enough["gap_lo"], enough["reason"]) == (26, 0, None)
    assert (row["gap"], row["gap_nowcast_lo"]) == (10, None)  # nothing new in 244 days: frozen, so nothing will come
    example.saw("2026-06-08", *BEFORE, score("Cub", 10))
    with example.built(NIGHT, "marts.gap_index", "nowcast") as db:
        row = gap(db, NIGHT)
    assert (row["gap_nowcast_lo"], row["gap_nowcast_hi"]) == (10, 10)


# --- order statistics ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("horizon", "rank"),
    [
        (0, 1),  # 100 Mondays that share nine weeks of news are worth 100 / 9 = 11.1: not 19, so the least of all
        (42, 1),  # 100 / 3 = 33.3, and 5 % of 34.3 is 1.7
        (49, 2),  # 100 / 2 = 50, and 5 % of 51 is 2.55
        (56, 5),  # 100, and 5 % of 101 is 5.05
        (63, 1),  # until tonight: all share it
    ],
)
def test_weeks_that_share_their_news_count_for_less(horizon: int, rank: int) -> None:
    # Week i is revised by i points and 2 i days.
    with duckdb.connect() as db:
        db.execute("create schema staging; create schema marts")
        db.execute(
            """create table staging.frontier_as_known as
               select 'board' as scope_kind, 'toy' as scope, 'v1' as edition, 'any' as tier, horizon,
                   date '2024-01-01' + 7 * week::integer as as_of,
                   case when early then 0 else week::double end as gap,
                   case when early then 0 else 2 * week::double end as lag_days
               from range(1, 101) r(week),
                   (values ($horizon, true), (case when $horizon < 63 then 63 end, false)) h(horizon, early)""",
            {"horizon": horizon},
        )
        text = statement("marts", "nowcast").text
        db.execute(f"create table marts.nowcast as {text}")
        row = revised(db, horizon)
    assert (row["gap_from_end"], row["gap_lo"], row["gap_mid"], row["gap_hi"]) == (rank, rank, 50.5, 101 - rank)
    assert (row["lag_from_end"], row["lag_lo"], row["lag_hi"]) == (rank, 2 * rank, 2 * (101 - rank))


# --- gap and lag are those of the index ---------------------------------------------------------


def pages(seed: int) -> dict[str, list[JsonRow]]:
    """A year of a board on which scores come late, are corrected and tie; some models open up later."""
    chosen = random.Random(seed)
    facts: list[JsonRow] = []
    age: dict[str, int] = {}
    for n in range(20):
        name, age[f"Zed{n:02}"] = f"Zed{n:02}", chosen.randrange(300)
        day = date(2025, 1, 1) + timedelta(age[name])
        weights = day + timedelta(chosen.choice((0, 40, 90)))
        facts.append(
            closed(name, api=str(day)) if n % 2 else opened(name, api=str(day), weights=str(weights), licence="mit")
        )
    shown: dict[str, float] = {}
    found = {}
    for week in range(0, 50, 5):
        for name in chosen.sample(sorted(age), 5):
            shown[name] = 5 * (2 + age[name] // 30 + chosen.randrange(4))  # younger models are better
        found[str(date(2025, 5, 1) + timedelta(7 * week))] = [*facts, *(score(*row) for row in sorted(shown.items()))]
    return found


@pytest.mark.parametrize("seed", range(2))
def test_tonights_word_is_that_of_the_index(tmp_path: Path, seed: int) -> None:
    example = Example(tmp_path)
    for night, rows in pages(seed).items():
        example.saw(night, *rows)
    with example.built(NIGHT, "frontier_as_known", "marts.gap_index") as db:
        result = ask(
            db,
            """select a.gap, a.lag_days, g.gap as index_gap, g.lag_days as index_lag
               from staging.frontier_as_known a
               join marts.gap_index g
                   on g.scope = a.scope and g.edition = a.edition and g.tier = a.tier and g.night = a.as_of
               where a.horizon is null and a.scope_kind = 'board'""",
        )
    assert len(result) > 60
    assert any(row["lag_days"] is not None for row in result)
    for row in result:
        assert row["gap"] == pytest.approx(row["index_gap"])
        assert (row["lag_days"] is None) == (row["index_lag"] is None)
        assert row["lag_days"] is None or row["lag_days"] == pytest.approx(row["index_lag"], abs=0.001)


@dataclass(frozen=True)
class Level:
    """A model's value, known between two nights; it counts as closed, open or closed until its weights are out."""

    model: str
    value: float
    known_from: int
    known_to: int | None
    begins: int
    opens: int | None


FIRST = date(2025, 9, 1)
"""A Monday; days of the worlds below count from here."""


@st.composite
def worlds(draw: st.DrawFn) -> list[Level]:
    """A few models with many ties; ``opens`` equal to ``begins`` is open from the start."""
    found = []
    for n in range(draw(st.integers(2, 9))):
        begins = draw(st.integers(-20, 120))
        opens = draw(st.one_of(st.none(), st.integers(begins, begins + 60)))
        at = draw(st.integers(0, 130))
        for known_to in sorted(draw(st.sets(st.integers(at + 1, at + 90), max_size=2))):
            found.append(Level(f"m{n}", float(draw(st.integers(0, 8))), at, known_to, begins, opens))
            at = known_to
        if draw(st.booleans()) or not found:
            found.append(Level(f"m{n}", float(draw(st.integers(0, 8))), at, None, begins, opens))
    return found


def state(world: Sequence[Level], on: int, known_on: int) -> tuple[float, float | None] | None:
    """Gap and lag as a patient person would find them, from the models known on one night that counted on another."""
    known = [x for x in world if x.known_from <= known_on and (x.known_to is None or known_on < x.known_to)]
    closed_ = [(x.begins, x.value) for x in known if x.begins <= on and (x.opens is None or on < x.opens)]
    open_ = [(x.opens, x.value) for x in known if x.opens is not None and x.opens <= on]
    if not closed_ or not open_:
        return None
    best_closed, best_open = (max(value for _, value in side) for side in (closed_, open_))
    ahead, level, sign = (closed_, best_open, 1) if best_closed >= best_open else (open_, best_closed, -1)
    above_on = min(day for day, value in ahead if value >= level)
    above = max(value for day, value in ahead if day == above_on)
    under = [(value, -day) for day, value in ahead if day < above_on]
    if not under:
        return best_closed - best_open, None
    below, minus_day = max(under)
    since = -minus_day + (above_on + minus_day) * (level - below) / (above - below)
    return best_closed - best_open, sign * (on - since)


def as_known(world: Sequence[Level], night: date) -> list[dict[str, Any]]:
    """The statement's answer on a world of one board, as far as a night knows it."""
    levels, spans = [], []
    tonight = (night - FIRST).days
    for x in world:
        if x.known_from > tonight:
            continue
        until = None if x.known_to is None or x.known_to > tonight else FIRST + timedelta(x.known_to)
        levels.append((x.model, x.value, FIRST + timedelta(x.known_from), until))
    for model, begins, opens in sorted({(x.model, x.begins, x.opens or -999) for x in world}):
        on, weights = FIRST + timedelta(begins), None if opens == -999 else FIRST + timedelta(opens)
        if on != weights:
            spans.append((model, "C", on, weights))
        if weights:
            spans.append((model, "T2", weights, None))
    day, text = pa.date32(), pa.string()
    with duckdb.connect() as db:
        prepare(db, night)
        for name, rows, kinds in (
            ("level", levels, {"model": text, "signed": pa.float64(), "known_from": day, "known_to": day}),
            ("span", spans, {"model": text, "tier": text, "from_on": day, "until_on": day}),
        ):
            result = [dict(zip(kinds, row, strict=True)) for row in rows]
            db.register(name, pa.Table.from_pylist(result, schema=pa.schema(list(kinds.items()))))
        db.execute("create table staging.board_rhythm as select 'toy' as board, 30 as frozen_after_days")
        db.execute("create table staging.access_span as from span")
        db.execute(
            """create table staging.edition_seen as
               select 'toy' as board, 'v1' as edition, true as newest, date '2025-01-01' as observed_on,
                      null::date as ended_on"""
        )
        db.execute(
            """create table staging.level_history as
               select 'board' as scope_kind, 'toy' as scope, 'v1' as edition, * from level"""
        )
        for name in ("revision_week", "followed_edition", "scope_access", "frontier_as_known"):
            db.execute(f"create table staging.{name} as {statement('staging', name).text}")
        return ask(db, "from staging.frontier_as_known where tier = 'any'")


@given(worlds())
@settings(max_examples=40, deadline=None)
def test_every_state_is_that_of_the_plain_loop(world: list[Level]) -> None:
    night = FIRST + timedelta(7 * 30)
    result = {(row["as_of"], row["horizon"]): (row["gap"], row["lag_days"]) for row in as_known(world, night)}
    expected = {}
    for week in range(30 - 9 + 1):
        for horizon in (*HORIZONS, None):
            on = 7 * week
            found = state(world, on, (night - FIRST).days if horizon is None else on + horizon)
            if found and on >= min(level.known_from for level in world):
                expected[FIRST + timedelta(on), horizon] = (found[0], found[1] and pytest.approx(found[1]))
    assert result == expected
