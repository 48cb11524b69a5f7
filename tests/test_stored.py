"""What is stored smaller than it is read gives every row again, whatever its columns do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import duckdb
import pytest
from examples import Example, board, closed, opened, score

from warehouse.dataset import stored
from warehouse.dataset.tables import Column, PublicTable, public_tables
from warehouse.statements import statement

NIGHT = "2026-06-14"

NIGHTLY = """
    with nights as (
        select unnest(generate_series(date '2023-01-01', night(), interval 1 day))::date as night
    ),
    composite_seen as (
        select i.scope, max(e.observed_on) as observed_on, max(e.observed_on + b.frozen_after_days) as stands_until
        from computed.item i
        join staging.edition_seen e on e.board = i.board and e.edition = i.edition
        join staging.board_rhythm b on b.board = i.board
        group by i.scope
    )
    select
        'board' as scope_kind, s.board as scope, s.edition, s.tier, s.valid_from as since, n.night, 1 as nights,
        e.observed_on, n.night - e.observed_on > w.frozen_after_days as frozen,
        w.usual_days is not null and n.night - e.observed_on > greatest(7, 2 * w.usual_days) as overdue
    from staging.frontier_state s
    join nights n on n.night >= s.valid_from and (s.next_on is null or n.night < s.next_on)
    join staging.edition_seen e on e.board = s.board and e.edition = s.edition
    join staging.board_rhythm w on w.board = s.board
    where
        (e.newest or n.night - e.observed_on <= w.frozen_after_days) and (e.ended_on is null or n.night < e.ended_on)
    union all by name
    select
        case b.scope when 'overall' then 'overall' else 'domain' end as scope_kind, b.scope,
        composite_edition() as edition, b.tier, b.valid_from as since, n.night, 1 as nights, s.observed_on,
        n.night > s.stands_until as frozen, false as overdue
    from computed.ability_band b
    join nights n on n.night >= b.valid_from and (b.next_on is null or n.night < b.next_on)
    join composite_seen s on s.scope = b.scope"""
"""The calendar of gaps as METHOD has it: a row for every night."""


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Two years of a lively board, one that stopped, one that is overdue and one whose edition gave way to another."""
    names = ("lively", "stopped", "overdue", "renewed")
    example = Example(tmp_path_factory.mktemp("spans"), *(board(name, composite=True) for name in names))
    first = date(2024, 6, 3)
    models = [closed("Cee 1", api="2024-01-10"), opened("Oh 1", weights="2024-03-01")]
    values: dict[str, float] = {"Cee 1": 50.0, "Oh 1": 40.0}
    for week in range(0, 106, 2):
        night = first + timedelta(weeks=week)
        dated = night.isoformat()
        if week % 10 == 0:
            n, since = 2 + week // 10, (night - timedelta(days=3)).isoformat()
            models += [closed(f"Cee {n}", api=since), opened(f"Oh {n}", weights=since, licence="llama3")]
            values |= {f"Cee {n}": 52.0 + 3.1 * n, f"Oh {n}": 43.7 + 3.4 * n}
        last = {"lively": 106, "stopped": 40, "overdue": 98, "renewed": 106}
        for place, name in enumerate(names):
            if week <= last[name] and not (name == "overdue" and 84 <= week < 92):  # a pause that it survived
                edition = "v2" if name == "renewed" and week >= 60 else "v1"
                rows = [
                    score(model, value + place, board=name, edition=edition, stderr=1.2)
                    for model, value in values.items()
                ]
                example.saw(dated, *models, *rows, url=f"https://toy.example/{name}", updated_on=dated)
    with example.built(NIGHT) as found:
        yield found


def test_spans_of_nights_are_the_nights_one_by_one(db: duckdb.DuckDBPyConnection) -> None:
    """The simple way, a row computed for every night, gives the rows that the view unfolds."""
    unfolded = db.execute("from marts.gap_index order by all").fetchall()
    spans = db.execute("select count(*) from staging.gap_span").fetchone()
    db.execute("begin")
    try:
        db.execute(f"create or replace table staging.gap_calendar as {NIGHTLY}")
        for name in ("gap_composite", "gap_span"):
            text = statement("staging", name).text
            db.execute(f"create or replace {statement('staging', name).kind} staging.{name} as {text}")
        nightly = db.execute("from marts.gap_index order by all").fetchall()
    finally:
        db.execute("rollback")
    assert unfolded == nightly
    assert spans is not None
    assert spans[0] < len(unfolded) / 4


def test_the_example_has_what_ends_a_span(db: duckdb.DuckDBPyConnection) -> None:
    """Frozen and overdue boards, an edition that ended, lags of both signs' limits and a nowcast."""
    (found,) = db.execute(
        """select
               count(distinct scope) filter (reason like 'frozen%'), count(*) filter (reason like '%no new table%'),
               count(distinct edition) filter (scope = 'renewed'), count(lag_lo), count(lag_nowcast_lo), count(lag_over)
           from marts.gap_index"""
    ).fetchall()
    assert all(found), found


def test_the_published_view_is_the_one_of_the_build(db: duckdb.DuckDBPyConnection) -> None:
    """Same rows, types and comments; its spans explain themselves."""
    (table,) = [one for one in public_tables(db) if one.name == "gap_index"]
    db.execute("attach ':memory:' as published")
    try:
        stored.create(db, "published.main", table, "nothing")
        assert db.execute("from published.gap_index").fetchall() == db.execute("from marts.gap_index").fetchall()
        described = "select column_name, column_type from (describe {})"
        assert db.execute(described.format("published.gap_index")).fetchall() == [
            (c.name, c.type) for c in table.columns
        ]
        comments = dict(
            db.execute(
                "select column_name, comment from duckdb_columns() where table_name = 'gap_index_stored'"
            ).fetchall()
        )
        assert not [name for name, comment in comments.items() if not comment]
        assert comments["lag_step"].startswith("what lag_days")
    finally:
        db.execute("detach published")


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
