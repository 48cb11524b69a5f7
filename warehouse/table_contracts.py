"""What every published table promises: a unique key, numbers that are numbers, and one way of being empty.

The line ``-- Key:`` of a file in ``sql/*/marts`` is what the manifest states to whoever joins the table.  Two rows of
one key, a NaN, or a column in which both '' and NULL stand for nothing spoil a join or a count without any error, and
none of them is worth a lost night: they become warnings in table ``gate``.  What the index itself must keep is in
``sql/checks``, where a failure does stop publication.
"""

from __future__ import annotations

import duckdb

from warehouse.statements import Statement, statements

AS_PUBLISHED = ("gap_index_vintage", "claim_verdict_vintage")
"""Tables whose older rows stay as an earlier release wrote them."""


def broken_contracts(db: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """(rule, what was found), a row for each promise that a table of schema ``marts`` does not keep."""
    return [found for table in statements("marts") for found in (*_key(db, table), *_columns(db, table))]


def _key(db: duckdb.DuckDBPyConnection, table: Statement) -> list[tuple[str, str]]:
    columns = ", ".join(f'"{column}"' for column in table.key)
    if not columns:
        return [("key stated", f"{table.name}: its file has no line `-- Key:`; state what tells its rows apart")]
    twice = db.execute(
        f"""select count(*) over (), *
            from (select {columns} from marts.{table.name} group by all having count(*) > 1) limit 1"""
    ).fetchall()
    return [
        ("key unique", f"{table.name}: {many} keys ({', '.join(table.key)}) occur more than once, such as {first}")
        for many, *first in twice
    ]


def _columns(db: duckdb.DuckDBPyConnection, table: Statement) -> list[tuple[str, str]]:
    described = [(name, kind) for name, kind, *_ in db.execute(f"describe marts.{table.name}").fetchall()]
    texts = [] if table.name in AS_PUBLISHED else [name for name, kind in described if kind == "VARCHAR"]
    numbers = [name for name, kind in described if kind == "DOUBLE"]
    tests = [
        *(("one way of being empty", name, "hold the rarer of '' and NULL", _empty(name)) for name in texts),
        *(("a number", name, "are NaN", f'count(*) filter (where isnan("{name}"))') for name in numbers),
    ]
    if not tests:
        return []
    counts = db.execute(f"select {', '.join(test for *_, test in tests)} from marts.{table.name}").fetchall()[0]
    return [
        (rule, f"{table.name}.{column}: {count} rows {what}")
        for (rule, column, what, _), count in zip(tests, counts, strict=True)
        if count
    ]


def _empty(name: str) -> str:
    """How often the rarer of '' and NULL stands in a column."""
    return f"""least(count(*) filter (where "{name}" = ''), count(*) filter (where "{name}" is null))"""
