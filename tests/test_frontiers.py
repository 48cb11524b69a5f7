"""Frontiers three times: the SQL, the arrays with draws, and a plain loop that says what both must say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from examples import Example, ask, closed, opened, score
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs import simulation
from warehouse.measures import bands
from warehouse.measures.contract import generator
from warehouse.measures.frontiers import (
    NEVER,
    Side,
    antithetic,
    changes,
    lag_limits,
    limits,
    pair_error,
    states,
)
from warehouse.statements import prepare, statement

EPOCH = date(1970, 1, 1)


# --- the plain loop -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """A model that counts on one side from a day on, perhaps until another."""

    side: str
    model: str
    from_on: int
    until_on: int | None
    value: float


@dataclass(frozen=True)
class FrontierState:
    """What a patient person with a table of models would find on one day."""

    closed: Entry | None
    open: Entry | None
    above_on: int | None = None
    below_on: int | None = None
    since: float | None = None
    horizontal: float | None = None


def frontier_state(entries: Sequence[Entry], day: int) -> FrontierState:
    there = [e for e in entries if e.from_on <= day and (e.until_on is None or e.until_on > day)]
    best: dict[str, Entry] = {}
    for entry in sorted(there, key=lambda e: (-e.value, e.from_on, e.model)):
        best.setdefault(entry.side, entry)
    if len(best) < 2:
        return FrontierState(best.get("closed"), best.get("open"))
    ahead, behind = ("closed", "open") if best["closed"].value >= best["open"].value else ("open", "closed")
    level = best[behind].value
    above_on = min(e.from_on for e in there if e.side == ahead and e.value >= level)
    above = max(e.value for e in there if e.side == ahead and e.from_on == above_on)
    under = [e for e in there if e.side == ahead and e.from_on < above_on]
    below_on, since = None, None
    if under:
        record = min(under, key=lambda e: (-e.value, e.from_on))
        below_on = record.from_on
        since = below_on + (above_on - below_on) * (level - record.value) / (above - record.value)
    return FrontierState(best["closed"], best["open"], above_on, below_on, since, horizontal(there))


def horizontal(there: Sequence[Entry]) -> float | None:
    """Mean days between the two staircases, level by level, over the levels both have climbed."""
    sides = {side: [e for e in there if e.side == side] for side in ("closed", "open")}
    first = [max(e.value for e in side if e.from_on == min(f.from_on for f in side)) for side in sides.values()]
    low, high = max(first), min(max(e.value for e in side) for side in sides.values())
    if high <= low:
        return None
    steps = sorted({low, high, *(e.value for e in there if low < e.value < high)})
    days, height = 0.0, 0.0
    for lower, upper in pairwise(steps):
        reached = {name: min(e.from_on for e in side if e.value >= upper) for name, side in sides.items()}
        days += (reached["open"] - reached["closed"]) * (upper - lower)
        height += upper - lower
    return days / height


def sides(entries: Sequence[Entry], noise: np.ndarray | None = None) -> tuple[Side, Side]:
    """The same models as arrays; without noise, two draws that are the point again."""
    noise = np.zeros((len(entries), 2)) if noise is None else noise
    made = []
    for name in ("closed", "open"):
        rows = [i for i, e in enumerate(entries) if e.side == name]
        scores = np.array([[entries[i].value, *(entries[i].value + noise[i])] for i in rows])
        made.append(
            Side.of(
                [entries[i].model for i in rows],
                np.array([entries[i].from_on for i in rows], np.int64),
                np.array([entries[i].until_on or NEVER for i in rows], np.int64),
                scores.reshape(len(rows), 1 + noise.shape[1]),
            )
        )
    return made[0], made[1]


def change_days(entries: Sequence[Entry]) -> list[int]:
    return sorted({e.from_on for e in entries} | {e.until_on for e in entries if e.until_on})


@st.composite
def worlds(draw: st.DrawFn) -> list[Entry]:
    """A few models with many ties: of dates, of scores, and of models that change sides."""
    entries = []
    for i in range(draw(st.integers(1, 12))):
        model, begins, value = f"m{i:02}", draw(st.integers(1, 12)), float(draw(st.integers(0, 8)))
        opens = draw(st.one_of(st.none(), st.integers(0, 6)))
        if opens != 0:
            entries.append(Entry("closed", model, begins, begins + opens if opens else None, value))
        if opens is not None:
            entries.append(Entry("open", model, begins + opens, None, value))
    return entries


# --- three ways, one answer ---------------------------------------------------------------------


@given(worlds())
@settings(max_examples=150, deadline=None)
def test_arrays_and_plain_loop_agree_in_every_draw(entries: list[Entry]) -> None:
    on = np.array(change_days(entries))
    closed_side, open_side = sides(entries)
    kept, state = changes(closed_side, open_side, on)
    found = states(closed_side, open_side, on[kept])
    for day, row in zip(on.tolist(), state.tolist(), strict=True):
        result = frontier_state(entries, day)
        for entry, side, leader in (
            (result.closed, closed_side, found.closed_leader[row]),
            (result.open, open_side, found.open_leader[row]),
        ):
            assert (entry.model if entry else None) == (side.models[leader] if leader >= 0 else None)
        for column in range(3):
            for expected, values in (
                (result.closed and result.closed.value, found.closed),
                (result.open and result.open.value, found.open),
                (result.above_on, found.above_on),
                (result.below_on, found.below_on),
                (result.since, found.since),
                (result.horizontal, found.horizontal),
            ):
                assert values[row, column] == pytest.approx(np.nan if expected is None else expected, nan_ok=True)


@contextmanager
def staged(editions: Sequence[Sequence[Entry]], stderr: float | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with one board of percentages whose editions list these models, and both statements over them."""
    result = [
        {
            "board": "b", "edition": str(edition), "tier": "any", "side": e.side, "model": e.model, "title": e.model,
            "name": e.model, "variant": "", "value": e.value, "signed": e.value, "stderr": stderr, "n_items": None,
            "from_on": EPOCH + timedelta(e.from_on), "dated_on": EPOCH + timedelta(e.from_on),
            "until_on": EPOCH + timedelta(e.until_on) if e.until_on else None, "provisional": False,
        }
        for edition, entries in enumerate(editions)
        for e in entries
    ]  # fmt: skip
    text, number, day = pa.string(), pa.float64(), pa.date32()
    kinds = [text] * 8 + [number, number, number, pa.int64(), day, day, day, pa.bool_()]
    with duckdb.connect() as db:
        prepare(db)
        db.register("result", pa.Table.from_pylist(result, schema=pa.schema(list(zip(result[0], kinds, strict=True)))))
        db.execute("create table staging.frontier_candidate as from result")
        db.execute(
            """create table staging.score_interval as
               select distinct board, edition, model, stderr, null::date as known_to from staging.frontier_candidate"""
        )
        db.execute(
            """create table input.board as select 'b' as board, '%' as unit, 'higher' as better,
                   0.0::double as low, 100.0::double as high, null::double as chance, null::double as ceiling"""
        )
        for name in ("frontier_record", "frontier_state", "lag_bracket"):
            text = statement("staging", name).text
            db.execute(f"create table staging.{name} as {text}")
        yield db


@given(st.lists(worlds(), min_size=1, max_size=12))
@settings(max_examples=10, deadline=None)
def test_sql_and_plain_loop_agree(editions: list[list[Entry]]) -> None:
    with staged(editions) as db:
        rows = ask(
            db,
            """select s.edition::integer as edition, s.valid_from - date '1970-01-01' as valid_from,
                   s.closed_model, s.open_model,
                   r.above_on - date '1970-01-01' as above_on, r.below_on - date '1970-01-01' as below_on,
                   epoch(r.below_on) / 86400
                       + (r.above_on - r.below_on) * (level - below_signed) / (above_signed - below_signed) as since
               from staging.frontier_state s
                   left join staging.lag_bracket r using (board, edition, tier, valid_from)""",
        )
    for edition, entries in enumerate(editions):
        assert sorted(row["valid_from"] for row in rows if row["edition"] == edition) == change_days(entries)
    for row in rows:
        found = frontier_state(editions[row["edition"]], row["valid_from"])
        assert row["closed_model"] == (found.closed and found.closed.model)
        assert row["open_model"] == (found.open and found.open.model)
        assert (row["above_on"], row["below_on"]) == (found.above_on, found.below_on)
        assert row["since"] == (None if found.since is None else pytest.approx(found.since))


def test_gap_and_lag_of_a_build_are_those_of_the_plain_loop(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    rows, entries = [], []
    for i in range(14):
        name, side = f"Zed{i:02}", "closed" if i % 2 else "open"
        day, value = int(random.integers(1, 200)), float(random.integers(200, 900) / 10)
        on = (date(2025, 6, 1) + timedelta(day)).isoformat()
        rows += [closed(name, api=on) if side == "closed" else opened(name, weights=on), score(name, value)]
        entries.append(Entry(side, name, (date.fromisoformat(on) - EPOCH).days, None, value))
    example = Example(tmp_path)
    example.saw("2026-03-01", *rows)
    with example.built("2026-03-01", "marts.gap_index") as db:
        result = ask(
            db,
            """select night - date '1970-01-01' as night, gap, lag_days, lag_under, lag_over from marts.gap_index
               where scope = 'toy' and tier = 'any' and closed_score is not null and open_score is not null""",
        )
    assert len(result) > 60
    for row in result:
        found = frontier_state(entries, row["night"])
        assert found.closed and found.open and found.above_on
        sign = 1 if found.closed.value >= found.open.value else -1
        assert row["gap"] == pytest.approx(found.closed.value - found.open.value)
        assert row["lag_under"] == sign * (row["night"] - found.above_on)
        if found.since is None:
            assert (row["lag_days"], row["lag_over"]) == (None, None)
        else:
            assert row["lag_days"] == pytest.approx(sign * (row["night"] - found.since), abs=0.001)


# --- draws --------------------------------------------------------------------------------------

CROWD = [
    Entry("closed", "c0", 5, None, 40.0),
    Entry("closed", "c1", 50, None, 60.0),
    *(Entry("open", f"o{i}", 60, None, 50.0 - i / 10) for i in range(8)),
]


def drawn(entries: Sequence[Entry], stderr: float) -> np.ndarray:
    return np.array([stderr * antithetic(generator("test", e.model), 400) for e in entries])


def test_limits_of_a_lag_move_with_the_night() -> None:
    entries = [Entry("closed", "c0", 5, None, 20.0), Entry("closed", "c1", 50, None, 52.0), CROWD[2]]
    entries.append(Entry("open", "old", 7, None, 20.0))
    on = np.array([70])
    found = states(*sides(entries, drawn(entries, 4.0)), on)
    low_sign, low, high_sign, high = (float(values[0]) for values in lag_limits(found, on))
    assert (low_sign, high_sign) == (-1, 1)
    for night in (70, 71, 170):
        days = night - found.since[0, 1:]
        ahead = found.closed[0, 1:] >= found.open[0, 1:]
        lags = np.sort(
            np.where(ahead, np.where(np.isnan(days), np.inf, days), np.where(np.isnan(days), -np.inf, -days))
        )
        assert lags[20] == pytest.approx(low_sign * (night - low))
        assert lags[379] == pytest.approx(high_sign * (night - high))


def test_a_limit_before_the_first_score_is_none() -> None:
    entries = [Entry("closed", "c0", 5, None, 49.0), Entry("closed", "c1", 50, None, 60.0), CROWD[2]]
    on = np.array([70])
    low_sign, low, high_sign, high = lag_limits(states(*sides(entries, drawn(entries, 2.0)), on), on)
    assert (low_sign[0], 70 - low[0] > 0) == (1, True)
    assert np.isnan([high_sign[0], high[0]]).all()


def test_a_crowd_at_the_top_lowers_its_drawn_frontier() -> None:
    """Eight scores within a point of each other, each known to four: the best is too high, a draw's best twice."""
    noise = drawn(CROWD, 4.0)
    found = states(*sides(CROWD, noise), np.array([70]))
    naive = np.max([e.value + n for e, n in zip(CROWD, noise, strict=True) if e.side == "open"], axis=0).mean()
    assert found.open[0, 0] == 50
    assert naive > 54
    assert found.open[0, 1:].mean() == pytest.approx(50, abs=0.5)
    assert found.closed[0, 1:].mean() == pytest.approx(60, abs=0.1)


def test_models_that_cannot_lead_are_left_out_and_change_nothing() -> None:
    hopeless = [*CROWD, Entry("open", "x", 65, None, 5.0)]
    on = np.array([70])
    with_it, without = (states(*sides(world, drawn(world, 1.0)), on) for world in (hopeless, CROWD))
    assert "x" not in sides(hopeless, drawn(hopeless, 1.0))[1].models
    assert np.array_equal(with_it.open, without.open)
    assert np.array_equal(with_it.since, without.since, equal_nan=True)


def test_levels_only_closed_has_reached_stand_beside_the_mean() -> None:
    entries = [
        Entry("closed", "c0", 10, None, 10.0),
        Entry("closed", "c1", 20, None, 30.0),
        Entry("closed", "c2", 40, None, 50.0),
        Entry("open", "o0", 30, None, 10.0),
        Entry("open", "o1", 60, None, 20.0),
        Entry("open", "o2", 100, None, 40.0),
    ]
    found = states(*sides(entries), np.array([100]))
    # 10-20: 60 - 20 = 40 days; 20-30: 100 - 20 = 80; 30-40: 100 - 40 = 60.  40-50 has waited since day 40.
    assert found.horizontal[0, 0] == 60
    assert (found.unmet[0, 0], found.waiting[0, 0]) == (0.25, 40)


def test_limits_are_order_statistics() -> None:
    draws = np.array([[*np.arange(399.0), np.inf], [np.nan, *np.arange(399.0)]])
    low, high = limits(draws)
    assert (low[0], high[0]) == (20, 379)
    assert np.isnan([low[1], high[1]]).all()
    assert np.isnan(limits(draws[:, :0])).all()


def test_draws_that_belong_together_compare_better() -> None:
    shared, own = (generator("test", about).standard_normal((2, 4000)) for about in ("shared", "own"))
    one, other = 3 * shared[0] + own[0], 3 * shared[0] + own[1]
    assert pair_error(one, other) == pytest.approx(2**0.5, rel=0.05)
    assert np.hypot(one.std(), other.std()) > 4


# --- simulated worlds, a few of the many of `proofs.simulation` -----------------------------------


def test_limits_cover_known_gaps_and_lags() -> None:
    tallies, _ = simulation.tallied(map(simulation.random_board, range(80)))
    assert min(tallies[name].coverage for name in ("gap", "gap_std", "lag")) > 0.8


@pytest.mark.parametrize(("models", "matches"), [(1, 0.13), (8, 0.44)])
def test_a_match_is_often_wrong_and_parity_seldom(models: int, matches: float) -> None:
    five = simulation.Contest(share=0.8, deficit=0.05, models=models, evaluator=0)
    assert five.matched(generator("test", models), 20_000) == pytest.approx(matches, abs=0.02)
    for share in (0.3, 0.5, 0.8, 0.9):
        assert simulation.at_margin(share, models).found_equal(generator("test", share), 20_000) < 0.055


# --- the tables ---------------------------------------------------------------------------------

PAGE = (
    closed("Cee", api="2025-01-01"),
    closed("Dee", api="2025-06-01"),
    opened("Oh", weights="2025-09-01"),
    score("Cee", 40, n_items=500),
    score("Dee", 70, n_items=500),
    score("Oh", 50, n_items=500),
)


def test_band_of_a_build(tmp_path: Path) -> None:
    example = Example(tmp_path)
    example.saw("2026-03-01", *PAGE)
    with example.built("2026-03-01", "band") as db:
        first, second, third = ask(db, """from computed.band where tier = 'any' order by valid_from """)
    assert [row["valid_from"] for row in (first, second, third)] == [
        date(2025, 1, 1),
        date(2025, 6, 1),
        date(2025, 9, 1),
    ]
    assert {first["gap_lo"], second["gap_hi"], second["since_lo"]} == {None}
    # 500 questions and 2 points of evaluator: 3.0 and 2.9 points, together 4.1; 1.645 of them either way.
    assert third["gap_lo"] == pytest.approx(20 - 1.645 * 4.1, abs=0.7)
    assert third["gap_hi"] == pytest.approx(20 + 1.645 * 4.1, abs=0.7)
    # Oh stands a third of the way from Cee to Dee.
    between = (date(2025, 1, 1) - EPOCH).days + 151 / 3
    assert third["lag_lo_sign"] == third["lag_hi_sign"] == 1
    assert third["since_hi"] < between < third["since_lo"]


def last_band(*entries: Entry, stderr: float | None) -> dict[str, Any]:
    with staged([entries], stderr) as db:
        return max(bands.BAND.make(db).to_pylist(), key=itemgetter("valid_from"))


LINE = (
    Entry("closed", "Cee", 100, None, 40.0),
    Entry("open", "Ah", 160, None, 30.0),
    Entry("closed", "Dee", 252, None, 70.0),
    Entry("open", "Oh", 344, None, 50.0),
)


def test_no_standard_error_no_limits() -> None:
    last = last_band(*LINE, stderr=None)
    assert {last[name] for name in ("gap_lo", "gap_std_hi", "since_lo", "lag_hi_sign", "horizontal_lo")} == {None}
    # 40 to 50 points: Dee, and Oh 92 days later.  50 to 70: only Dee, since day 252.
    assert (last["horizontal_days"], last["horizontal_censored"]) == (92, pytest.approx(2 / 3))
    assert last["horizontal_waiting_since"] == 252


def test_a_model_draws_the_same_whoever_else_is_listed() -> None:
    alone, among = (
        last_band(*LINE, stderr=3.0),
        last_band(*LINE[::-1], Entry("closed", "Aaa", 101, None, 1), stderr=3.0),
    )
    assert alone["gap_lo"] < 20 < alone["gap_hi"]
    assert among == alone


def abilities(*models: tuple[str, str, str, str | None, float]) -> pa.Table:
    """`ability_band` of models with their access tier, dates and ability, each drawn with an error of 2."""
    with duckdb.connect() as db:
        prepare(db, date(2026, 3, 1))
        db.execute("create table staging.access_span (model varchar, tier varchar, from_on date, until_on date)")
        db.execute("create table computed.ability (scope varchar, model varchar, theta double, share double)")
        db.execute("create table computed.ability_draw (scope varchar, model varchar, draws double[])")
        for model, tier, from_on, until_on, theta in models:
            db.execute("insert into staging.access_span values (?, ?, ?, ?)", [model, tier, from_on, until_on])
            if until_on is None:
                draws = theta + 2 * antithetic(generator(model), 400)
                db.execute("insert into computed.ability values ('overall', ?, ?, null)", [model, theta])
                db.execute("insert into computed.ability_draw values ('overall', ?, ?)", [model, draws.tolist()])
        return bands.ABILITY_BAND.make(db)


def test_ability_band_by_hand() -> None:
    made = abilities(
        ("old", "C", "2022-11-30", None, 110),
        ("new", "C", "2024-03-02", None, 130),
        ("late", "C", "2025-01-01", "2025-03-02", 125),
        ("late", "T2", "2025-03-02", None, 125),
        ("free", "T1", "2025-06-01", None, 115),
        ("hidden", "U", "2025-06-01", None, 180),
    ).to_pylist()
    rows = [row for row in made if row["tier"] == "any"]
    assert [(row["valid_from"].isoformat(), row["closed_model"], row["open_model"]) for row in rows] == [
        ("2023-01-01", "old", None),
        ("2024-03-02", "new", None),
        ("2025-01-01", "new", None),
        ("2025-03-02", "new", "late"),
        ("2025-06-01", "new", "late"),
    ]
    assert rows[0]["closed_on"] == date(2022, 11, 30)
    assert {row["gap"] for row in rows[:3]} == {row["since_lo"] for row in rows[:3]} == {None}
    last = rows[-1]
    assert (last["n_closed"], last["n_open"], last["gap"], last["censored"]) == (2, 2, 5, False)
    assert (last["above_on"], last["below_on"]) == (date(2024, 3, 2), date(2022, 11, 30))
    assert (last["above_model"], last["below_model"]) == ("new", "old")
    # Three quarters of the way from 110 to 130.
    assert last["since"] == (date(2022, 11, 30) - EPOCH).days + 0.75 * 458
    assert last["gap_lo"] == pytest.approx(5 - 1.645 * 8**0.5, abs=0.6)
    assert [row["next_on"] for row in rows] == [*(row["valid_from"] for row in rows[1:]), None]
    (only,) = (row for row in made if row["tier"] == "T1" and row["valid_from"] == date(2025, 6, 1))
    assert (only["open_model"], only["gap"], only["n_open"]) == ("free", 15, 1)
