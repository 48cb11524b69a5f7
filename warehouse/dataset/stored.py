"""Tables stored smaller than they are read: in the published database a table ``<name>_stored`` and a view ``<name>``.

``gap_index`` is a history: from one night to the next most rows repeat, with the same leaders, the same scores, and a
lag that is one day longer.  It is computed as spans of nights and unfolded by its view; the published database has the
same spans under the same view.  As rows, 400,000 of 47 columns, it was a third of the database.  Both are in one
schema: DuckDB 1.1 finds the table of a view that names no schema, once the file is opened or in use (``use gapindex``).

Draws have two decimals.  As DECIMAL they take a fifth of what they take as DOUBLE in small blocks.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from warehouse.dataset.tables import PublicTable
from warehouse.statements import bare, quoted, statement

SPANS = {"gap_index": ("staging", "gap_span")}
"""Histories that are views in a build, each with the table of spans that it unfolds."""

OF_THE_RUN = ("method_version", "run_id")
"""What such a view takes from the run, as macros of these names; its spans are stored with them as columns."""

DECIMALS = {"ability_draw": {"draws": "DECIMAL(6, 2)[]"}}
"""Columns of numbers that have few decimals, and the type that has them all."""


def create(db: duckdb.DuckDBPyConnection, schema: str, table: PublicTable, rows: str) -> None:
    """Creates a published table in ``schema`` with its comments, from ``rows``, something to select from.

    One of `SPANS` is created from the table of the build that its view unfolds.
    """
    decimals = DECIMALS.get(table.name)
    place, kind = f'{schema}."{table.name}"', "view"
    if table.name in SPANS:
        _create_spans(db, schema, table, *SPANS[table.name])
    elif decimals is None or not _create_decimals(db, schema, table, decimals, rows):
        db.execute(f"create table {place} as from {rows}")
        kind = "table"
    db.execute(f"comment on {kind} {place} is '{quoted(table.comment)}'")
    for column in table.columns:
        db.execute(f"""comment on column {place}."{column.name}" is '{quoted(column.about)}'""")


def unfolded(table: str) -> str:
    """A SELECT of the rows of one of `SPANS`, in the order of its key.

    Its spans are sorted, a twentieth of its rows, and each is unfolded to nights in a row.
    """
    schema, spans = SPANS[table]
    made = statement("marts", table)
    in_order = f"(from {schema}.{spans} order by {', '.join(made.key)})"
    return bare(made.text).replace(f"{schema}.{spans}", in_order)


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


def _create_spans(db: duckdb.DuckDBPyConnection, schema: str, table: PublicTable, staging: str, spans: str) -> None:
    """Creates the spans, and over them the view that the build has, its macros replaced by columns."""
    stored = f"{table.name}_stored"
    place = f'{schema}."{stored}"'
    run = ", ".join(f"{name}() as {name}" for name in OF_THE_RUN)
    db.execute(f"create table {place} as select *, {run} from {staging}.{spans}")
    view = bare(statement("marts", table.name).text).replace(f"{staging}.{spans}", f'"{stored}"')
    for name in OF_THE_RUN:
        view = view.replace(f"{name}()", name)
    db.execute(f'create view {schema}."{table.name}" as {view}')
    about = f"How {table.name} is stored, for its view to unfold; read {table.name} instead."
    db.execute(f"""comment on table {place} is '{quoted(about)} Key: {", ".join(table.key)}.'""")
    for name, text in _comments(table, statement(staging, spans).columns).items():
        db.execute(f"""comment on column {place}."{name}" is '{quoted(text)}'""")


def _comments(table: PublicTable, own: Mapping[str, str]) -> dict[str, str]:
    """What the columns of the spans mean: those of the table, on the first night of a span, and their own."""
    return {column.name: f"{column.about}; on the first night of the span" for column in table.columns} | dict(own)
