"""What is stored smaller than it is read gives every row again, whatever its columns do."""

from __future__ import annotations

import random
from datetime import date, timedelta

import duckdb
import pytest

from warehouse.dataset import stored
from warehouse.dataset.tables import Column, PublicTable

KINDS = {"scope": "VARCHAR", "night": "DATE", "leader": "VARCHAR", "gap": "DOUBLE", "lag": "DOUBLE", "stale": "INTEGER"}
TABLE = PublicTable(
    name="gap",
    about="One row per night and scope.",
    key=("scope", "night"),
    latest="",
    columns=tuple(Column(name=name, type=kind, about=f"the {name}") for name, kind in KINDS.items()),
)
HISTORY = stored.History(night="night", series=("scope",), rising=("lag", "stale"))
FIRST = date(2026, 1, 1)

Row = tuple[str, date, str | None, float | None, float | None, int | None]


def history_of(*rows: Row) -> duckdb.DuckDBPyConnection:
    db = duckdb.connect()
    db.execute(f"create table given ({', '.join(f'{name} {kind}' for name, kind in KINDS.items())})")
    db.executemany("insert into given values (?, ?, ?, ?, ?, ?)", rows)
    db.execute("create schema published")
    stored.create_spans(db, "published", TABLE, HISTORY, "given")
    return db


def count(db: duckdb.DuckDBPyConnection) -> int:
    return len(db.execute("from published.gap_stored").fetchall())


def night(n: int) -> date:
    return FIRST + timedelta(days=n)


def test_nights_on_which_the_lag_alone_grows_are_one_span() -> None:
    rows: list[Row] = [("a", night(n), "Cee", 1.5, round(0.1 + n, 3), 0) for n in range(400)]
    db = history_of(*rows)
    assert count(db) == 1
    assert db.execute("from published.gap order by night").fetchall() == rows


@pytest.mark.parametrize(
    "second",
    [
        ("a", night(1), "Oh", 1.5, 11.0, 0),
        ("a", night(1), "Cee", 2.5, 11.0, 0),
        ("a", night(1), "Cee", 1.5, 13.0, 0),
        ("a", night(1), "Cee", 1.5, 11.0, 5),
        ("a", night(2), "Cee", 1.5, 11.0, 0),
        ("b", night(1), "Cee", 1.5, 11.0, 0),
        ("a", night(1), None, 1.5, 11.0, 0),
        ("a", night(1), "Cee", 1.5, None, None),
    ],
    ids=["a leader", "a gap", "a lag that jumps", "a page grown old", "a night missed", "a scope", "none", "no lag"],
)
def test_whatever_else_changes_begins_a_span(second: Row) -> None:
    db = history_of(("a", night(0), "Cee", 1.5, 10.0, 0), second)
    assert count(db) == 2
    assert db.execute("from published.gap order by scope, night").fetchall()[1] == second


@pytest.mark.parametrize("seed", range(8))
def test_any_history_is_given_back_as_it_was(seed: int) -> None:
    chance = random.Random(seed)
    rows: list[Row] = []
    for scope in ("a", "b"):
        lag, stale = chance.choice([None, 12.345]), 0
        for n in range(120):
            if chance.random() < 0.05:
                continue
            lag = (
                chance.choice([lag, None if lag is None else round(lag + 1, 3), 1 / 3])
                if chance.random() < 0.3
                else lag
            )
            stale = stale + 1 if chance.random() < 0.8 else 0
            rows.append((scope, night(n), chance.choice(["Cee", "Cee", None]), 0.1 * (n // 40), lag, stale))
    db = history_of(*rows)
    assert db.execute("from published.gap order by scope, night").fetchall() == rows
    assert db.execute("describe published.gap").fetchall() == db.execute("describe given").fetchall()


DRAWS = PublicTable(
    name="ability_draw",
    about="One row per model.",
    key=("model",),
    latest="",
    columns=(Column(name="model", type="VARCHAR", about="model"), Column(name="draws", type="DOUBLE[]", about="draws")),
)


@pytest.mark.parametrize(
    ("draws", "smaller"),
    [([115.61, -3.5, 0.07], True), ([115.611], False), ([1e6], False), ([None, 1.5], True), (None, True)],
    ids=["two decimals", "three decimals", "a large number", "NULL among them", "NULL"],
)
def test_draws_are_stored_as_decimals_where_these_are_the_same_numbers(draws: list[float], smaller: bool) -> None:
    db = duckdb.connect()
    db.execute("create table given (model VARCHAR, draws DOUBLE[])")
    db.execute("insert into given values ('Cee', ?)", [draws])
    db.execute("create schema published")
    stored.create(db, "published", DRAWS, "given")
    assert db.execute("from published.ability_draw").fetchall() == [("Cee", draws)]
    assert db.execute("describe published.ability_draw").fetchall() == db.execute("describe given").fetchall()
    assert (len(db.execute("from duckdb_views() where not internal").fetchall()) == 1) is smaller
