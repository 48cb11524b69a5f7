"""Tables stored smaller than they are read: in the published database a table ``<name>_stored`` and a view ``<name>``.

A history is stored as spans of nights.  From one night to the next most rows repeat: the same leaders, the same scores,
and a lag that is one day longer.  ``gap_index`` has 400,000 rows of 47 columns; as rows it was a third of the database.
The view has the name, columns, types and comments of the table, so that readers see no difference.  Both are in one
schema: DuckDB 1.1 finds the table of a view that names no schema, once the file is opened or in use (``use gapindex``).

Draws have two decimals.  As DECIMAL they take a fifth of what they take as DOUBLE in small blocks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from warehouse.dataset.tables import Column, PublicTable
from warehouse.statements import quoted


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A table with a row a night.

    ``rising``: columns that stay or grow by one a night within a span; numbers with a fraction have three decimals.
    The others stay.
    """

    night: str
    series: tuple[str, ...]
    rising: tuple[str, ...]


HISTORIES = {
    "gap_index": History(
        night="night",
        series=("scope", "edition", "tier"),
        rising=(
            "lag_days",
            "lag_under",
            "lag_over",
            "lag_lo",
            "lag_hi",
            "lag_nowcast_lo",
            "lag_nowcast_hi",
            "stale_days",
        ),
    )
}


DECIMALS = {"ability_draw": {"draws": "DECIMAL(6, 2)[]"}}
"""Columns of numbers that have few decimals, and the type that has them all."""


def create(db: duckdb.DuckDBPyConnection, schema: str, table: PublicTable, rows: str) -> None:
    """Creates a published table in ``schema`` from ``rows``, something to select from, with its comments."""
    history, decimals = HISTORIES.get(table.name), DECIMALS.get(table.name)
    place, kind = f'{schema}."{table.name}"', "view"
    if history is not None:
        create_spans(db, schema, table, history, rows)
    elif decimals is None or not _create_decimals(db, schema, table, decimals, rows):
        db.execute(f"create table {place} as from {rows}")
        kind = "table"
    db.execute(f"comment on {kind} {place} is '{quoted(table.comment)}'")
    for column in table.columns:
        db.execute(f"""comment on column {place}."{column.name}" is '{quoted(column.about)}'""")


def _create_decimals(
    db: duckdb.DuckDBPyConnection, schema: str, table: PublicTable, decimals: Mapping[str, str], rows: str
) -> bool:
    """False, and nothing done, where a number has more decimals than its type."""
    back = {name: f'cast("{name}" as {c.type}) as "{name}"' for c in table.columns if (name := c.name) in decimals}
    differs = " or ".join(
        f'try_cast("{c.name}" as {decimals[c.name]})::{c.type} is distinct from "{c.name}"'
        for c in table.columns
        if c.name in decimals
    )
    if db.execute(f"select 1 from {rows} where {differs} limit 1").fetchone():
        return False
    place = f'{schema}."{table.name}_stored"'
    kinds = ", ".join(f'cast("{name}" as {kind}) as "{name}"' for name, kind in decimals.items())
    db.execute(f"create table {place} as select * replace ({kinds}) from {rows}")
    columns = ", ".join(back.get(c.name, f'"{c.name}"') for c in table.columns)
    db.execute(f'create view {schema}."{table.name}" as select {columns} from "{table.name}_stored"')
    about = f"How {table.name} is stored, for its view to cast; read {table.name} instead."
    db.execute(f"""comment on table {place} is '{quoted(about)} Key: {", ".join(table.key)}.'""")
    for column in table.columns:
        db.execute(f"""comment on column {place}."{column.name}" is '{quoted(column.about)}'""")
    return True


def create_spans(db: duckdb.DuckDBPyConnection, schema: str, table: PublicTable, history: History, rows: str) -> None:
    """Creates the spans and the view of a history."""
    spans = f"{table.name}_stored"
    db.execute(f'create table {schema}."{spans}" as {_folded(table, history, rows)}')
    db.execute(f'create view {schema}."{table.name}" as {_unfolded(table, history, spans)}')
    about = f"How {table.name} is stored, for its view to unfold; read {table.name} instead."
    key = ", ".join((*history.series, history.night))
    db.execute(f"""comment on table {schema}."{spans}" is '{quoted(about)} Key: {key}.'""")
    for column in table.columns:
        text = f"{column.about}, on the first night" if column.name in history.rising else column.about
        db.execute(f"""comment on column {schema}."{spans}"."{column.name}" is '{quoted(text)}'""")
    for name in history.rising:
        text = f"what {name} grows by from night to night, 0 or 1"
        db.execute(f"""comment on column {schema}."{spans}"."{name}_step" is '{text}'""")
    db.execute(f"""comment on column {schema}."{spans}".nights is 'nights of the span, the first included'""")


def _folded(table: PublicTable, history: History, rows: str) -> str:
    """The SELECT of the spans, each the row of its first night.

    A span ends where a column that stays changes, or one that rises does otherwise than the night before.  Columns that
    stay are compared by their hash, one value a row: a window over forty columns takes ten times as long.
    """
    series, night = ", ".join(f'"{name}"' for name in history.series), f'"{history.night}"'
    kinds = {column.name: column for column in table.columns}
    constant = [f'"{name}"' for name in kinds if name not in (*history.series, history.night, *history.rising)]
    before = ", ".join(f'lag("{name}") over series as "{name} before"' for name in history.rising)
    steps = ", ".join(f'{_step(kinds[name])} as "{name}_step"' for name in history.rising)
    unknown = " or ".join(f'"{name}_step" is null' for name in history.rising)
    turns = " or ".join(f'"{name}_step" <> lag("{name}_step") over series' for name in history.rising)
    names = ", ".join(f'"{name}"' for name in kinds)
    slopes = ", ".join(
        f'if(lead(starts) over series, 0, coalesce(lead("{name}_step") over series, 0))::tinyint as "{name}_slope"'
        for name in history.rising
    )
    chosen = ", ".join(f'"{name}_slope" as "{name}_step"' for name in history.rising)
    return f"""
        with hashed as (select *, hash({", ".join(constant)}) as constants from {rows}),
        neighbour as (
            select
                *, row_number() over series as place, count(*) over (partition by {series}) as last,
                lag({night}) over series as "night before", lag(constants) over series as "constants before", {before}
            from hashed
            window series as (partition by {series} order by {night})
        ),
        stepped as (select *, {steps} from neighbour),
        started as (
            select
                *, "night before" is distinct from ({night} - 1)::date
                or constants is distinct from "constants before" or {unknown} or coalesce({turns}, false) as starts
            from stepped
            window series as (partition by {series} order by {night})
        ),
        sloped as (
            select *, {slopes} from started window series as (partition by {series} order by {night})
        )
        select
            {names}, {chosen},
            (coalesce(lead(place) over (partition by {series} order by {night}), last + 1) - place)::integer as nights
        from (from sloped where starts)
        order by {series}, {night}"""


def _step(column: Column) -> str:
    """0 where a column stays, 1 where it grows by one and `_risen` gives that very number again, else NULL."""
    new, old = f'"{column.name}"', f'"{column.name} before"'
    exact = f" and {new} = round({new}, 3) and {old} = round({old}, 3)" if column.type == "DOUBLE" else ""
    return f"case when {new} is not distinct from {old} then 0 when abs({new} - {old} - 1) < 1e-6{exact} then 1 end"


def _risen(column: Column) -> str:
    name = f'"{column.name}"'
    grown = f'{name} + past * "{column.name}_step"'
    if column.type == "DOUBLE":  # 0.1 + 1 is not 1.1 in binary, the same rounded to three decimals is
        # CASE, as DuckDB 2.0 stores if() in a view as a function that earlier versions do not have.
        return f'case when past * "{column.name}_step" = 0 then {name} else round({grown}, 3) end as {name}'
    return f"({grown})::{column.type} as {name}"


def _unfolded(table: PublicTable, history: History, spans: str) -> str:
    """The SELECT of the view: the columns of the table in their order."""
    columns = []
    for column in table.columns:
        if column.name == history.night:
            columns.append(f'("{column.name}" + past::integer)::date as "{column.name}"')
        else:
            columns.append(_risen(column) if column.name in history.rising else f'"{column.name}"')
    return f'select {", ".join(columns)} from (select *, unnest(range(nights)) as past from "{spans}")'
