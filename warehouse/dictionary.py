"""Writes docs/tables.md, the data dictionary, from a published database: ``python -m warehouse.dictionary FILE``.

Everything in it is a comment, a key or a type of that database; what differs from night to night (rows, dates) is left
out, so that the page changes with the tables alone.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import duckdb

from warehouse.dataset.card import FIRST
from warehouse.explain import open_readonly
from warehouse.publication import PUBLISHED
from warehouse.statements import Statement, statement

_HEAD = """# Tables

Written by `python -m warehouse.dictionary` from the comments, keys and types of the published database, which has
all of this as well: `select column_name, comment from duckdb_columns() where table_name = 'gap_index'`. The first
twelve are those to begin with; the others are detail. "Latest" is the end of the SELECT that makes the file in
`latest/` from the whole table. A column may be NULL where its meaning or the row's `reason` says so. How the tables
are made from each other is in [lineage.md](lineage.md), questions and answers in [questions.md](questions.md).

What a new reader trips over:

- `gap_index` and `frontier` have two rows for each scope and night, one a `tier`: say `tier = 'any'` (weights can be
  downloaded) or `'T1'` (unrestricted licence), and a `night`, or the newest row is either.
- A NULL has its cause beside it: `select lag_days, reason from gap_index where scope = 'coding' and tier = 'any'`.
- Scores are comparable within an `edition` of a board. Group `score_history` by it, or a new set of questions looks
  like a model that forgot something.
- `ability` has no side: join `model_access` where `until_on is null`; tiers T1 to T3 are open, C is closed.
- `time_to_parity` has boards and domains, told apart by `scope_kind`; `days` is negative where an open model had the
  score before the closed one came.
- `gap_index` and `ability_draw` are views of a smaller form of the same rows (`gap_index_stored`); read the views.
"""


def dictionary(db: duckdb.DuckDBPyConnection) -> str:
    """The page, as Markdown."""
    comments: dict[str, str] = dict(
        db.execute(f"select table_name, comment from {PUBLISHED} order by table_name").fetchall()
    )
    order = [*FIRST, *(name for name in comments if name not in FIRST)]
    links = ", ".join(f"[{name}](#{name})" for name in order)
    return "\n".join([_HEAD, links, "", *(_section(db, name, comments[name]) for name in order)])


def _section(db: duckdb.DuckDBPyConnection, name: str, comment: str) -> str:
    columns = db.execute(
        "select column_name, data_type, comment from duckdb_columns() where table_name = ? order by column_index",
        [name],
    ).fetchall()
    made = statement("marts", name)
    about, _, key = comment.rpartition(" Key: ")
    lines = [f"## {name}", "", about, "", f"- key: {', '.join(f'`{c}`' for c in key.rstrip('.').split(', '))}"]
    if made.latest:
        lines.append(f"- latest: `{re.sub(r'marts[.]', '', made.latest)}`")
    lines += [f"- made from: {_sources(made)}", "", "```sql", f"from {name} limit 3", "```", ""]
    lines += ["| column | type | meaning |", "|---|---|---|"]
    lines += [f"| `{column}` | {kind} | {_cell(text)} |" for column, kind, text in columns]
    return "\n".join([*lines, ""])


def _sources(made: Statement) -> str:
    return ", ".join(f"`{schema}.{name}`" for schema, name in sorted(made.reads)) or "nothing"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    """Writes the page to standard output."""
    with open_readonly(Path(sys.argv[1])) as db:
        sys.stdout.write(dictionary(db))


if __name__ == "__main__":
    main()
