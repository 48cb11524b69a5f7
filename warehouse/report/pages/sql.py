"""The page that asks the published tables with SQL, in the reader's browser."""

from __future__ import annotations

from warehouse.report.document import Block, Link, Page, Paragraph, Sql

FIRST = """select night, round(gap, 1) as gap, round(lag_days) as lag_days
from gap_index
where scope = 'overall' and tier = 'any'
order by night desc
limit 30"""

EXAMPLES = (
    ("Lag and gap, newest first", FIRST),
    (
        "Open models that can be had for under a dollar",
        """select model, round(theta, 1) as ability, licence, usd, gb_4 as memory_gb
from model_choice
where scope = 'overall' and usd < 1
order by theta desc
limit 20""",
    ),
    (
        "How long closed records stood",
        """select closed_model, closed_on, days, open_model
from time_to_parity
where scope = 'overall' and tier = 'any' and grade = 'match'
order by closed_on""",
    ),
)


def sql_page(tables: list[str]) -> Page:
    """The page; ``tables`` are the names of the published tables."""
    blocks: tuple[Block, ...] = (
        Paragraph(
            parts=(
                "DuckDB runs in your browser and reads the Parquet files of this site; nothing is sent anywhere."
                " The engine (18 MB, about 4 MB where the host compresses) is loaded at the first question. “describe"
                " gap_index” lists a table's columns; ",
                Link("the data page", "data"),
                " has the files.",
            )
        ),
        Sql(tables=tuple(tables), examples=EXAMPLES),
    )
    return Page(
        path="sql",
        title="Ask the tables",
        description="SQL over the published tables of the gap index, in the browser.",
        blocks=blocks,
        runs_engine=True,
    )
