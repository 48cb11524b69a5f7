"""Berkeley Function-Calling Leaderboard: tool calls, from single functions to multi-turn and agentic work.

Only the overall accuracy is read; the live, non-live, multi-turn and agentic files hold its parts.
The overall file moved twice (data.csv, data_combined.csv, data_overall.csv) and what "overall" means
changed with it, so the columns decide the edition:
- ``v1-launch`` (first days of 2024-03) has no split by programming language; its successor ``v1``
  added tasks and lost 6 points in the median;
- ``v2`` adds live, user-contributed tasks (Irrelevance Detection beside Relevance);
- ``v3`` adds multi-turn; ``v3-ast`` is v3 without executed calls (2025-04);
- ``v4`` adds web search and memory, and drops 22 points in the median.

"(FC)" is native tool calling, "(Prompt)" a plain prompt: two configurations, kept in the name.
Labels in ``License`` can be wrong (mistral-large-2411 "Proprietary", its weights are public).
One night (2025-02-11) CALM-8B stood twice with two scores.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Quarantined, Row, Tally
from collectors.contract.source import Board, Source
from collectors.entries import guarded
from collectors.read.cells import number, written
from collectors.read.tables import csv_rows
from collectors.sources._access import stated

BOARD = Board(
    name="bfcl",
    title="Berkeley Function-Calling Leaderboard",
    domain="agents",
    measures="Overall accuracy of tool calls; since v3 with multi-turn, since v4 with web search and memory tasks.",
    unit="%",
    low=0,
    high=100,
    chance=0,
    min_rows=10,
)


def edition(page: Page, columns: Collection[str]) -> str:
    """The edition that has these columns."""
    if {"Web Search Acc", "Memory Acc"} <= set(columns):
        return "v4"
    if "Multi Turn Acc" in columns:
        return "v3" if "Non-Live Exec Acc" in columns else "v3-ast"
    if {"Irrelevance Detection", "Relevance Detection", "Exec Summary"} <= set(columns):
        return "v2"
    if {"Relevance Detection", "Exec Summary"} <= set(columns):
        return "v1" if "Python Simple Function AST" in columns else "v1-launch"
    raise Drifted(
        page.url,
        f"columns of no known edition: {list(columns)[:40]}",
        expected="the columns of v1 to v4",
        todo="look at the new columns; if the task mix changed, add an edition by its columns",
    )


def parse(page: Page) -> Iterator[Row]:
    rows = csv_rows(page, ["Overall Acc", "Model", "Model Link", "Organization", "License"])
    if not rows:
        raise Drifted(page.url, "a header without rows", expected="one row per model configuration")
    name_of_edition = edition(page, rows[0].keys())
    yield Tally(board=BOARD.name, edition=name_of_edition, rows=len(rows))
    twice = {name for name, count in Counter(row["Model"] for row in rows).items() if count > 1}
    for row in rows:
        scored = _score(name_of_edition, row, row["Model"] in twice)
        yield from guarded(scored, row, board=BOARD.name, edition=name_of_edition)


def _score(name_of_edition: str, row: dict[str, str], twice: bool) -> Iterator[Row]:
    name = row["Model"]
    as_written = written(row, "Model", "Overall Acc", "Organization", "License", "Model Link")
    if twice:
        yield Quarantined(
            board=BOARD.name,
            edition=name_of_edition,
            name=name,
            field="Model",
            found="the name stands twice",
            expected="one row per configuration",
            written=as_written,
        )
        return
    yield BOARD.score(
        edition=name_of_edition,
        name=name,
        value=number(row["Overall Acc"]),
        written=as_written,
        developer=row["Organization"],
    )
    yield from stated(
        name,
        written=as_written,
        licence=row["License"],
        developer=row["Organization"],
        link=row["Model Link"],
    )


SOURCE = Source(
    name="bfcl",
    title="Berkeley Function-Calling Leaderboard",
    kind="leaderboard",
    operator="Gorilla (UC Berkeley)",
    homepage="https://gorilla.cs.berkeley.edu/leaderboard.html",
    licence="Apache-2.0",
    attribution="Gorilla LLM, UC Berkeley",
    start=(
        "https://gorilla.cs.berkeley.edu/data_overall.csv",
        "https://gorilla.cs.berkeley.edu/data_combined.csv",
        "https://gorilla.cs.berkeley.edu/data.csv",
    ),
    hosts=frozenset({"gorilla.cs.berkeley.edu"}),
    parse=parse,
    boards=(BOARD,),
    cadence_days=60,
)
