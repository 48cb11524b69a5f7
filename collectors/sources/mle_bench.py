"""MLE-bench: 75 Kaggle competitions worked on by an agent; share of runs that win any medal.

A table in the repository's README, there since January 2025 (the months before have none and are
refused).  A row is an agent and one or several models, in one cell until October 2025
(``AIDE o1-preview``), then in two.  Cells carry the standard error of the mean (``34.3 ± 2.4``),
footnotes (``[^3]``), links and line breaks.  Since February 2026 a column marks agents known to
profit from leaked test labels.  The leader is an agent rather than a model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Excluded, Row, Tally
from collectors.contract.source import Board, Source
from collectors.read.cells import absent, day, written
from collectors.read.tables import markdown_tables

WHY_NOT = "every row is an agent; model and agent cannot be told apart"
ALL = Board(
    name="mle-bench",
    title="MLE-bench",
    domain="agents",
    measures="Share of runs on 75 Kaggle competitions that win a medal.",
    unit="%",
    low=0,
    high=100,
    n_items=75,
    chance=0,
    counts_for_index=False,
    why_not=WHY_NOT,
    min_rows=4,
)
LITE = Board(
    name="mle-bench-lite",
    title="MLE-bench Lite",
    domain="agents",
    measures="Share of runs on the 22 simplest Kaggle competitions of MLE-bench that win a medal.",
    unit="%",
    low=0,
    high=100,
    n_items=22,
    chance=0,
    counts_for_index=False,
    why_not=WHY_NOT,
    min_rows=4,
)
COLUMNS = {"All (%)": (ALL, "all-75"), "Low == Lite (%)": (LITE, "lite-22")}


def parse(page: Page) -> Iterator[Row]:
    tables = [table for table in markdown_tables(page.text) if table and {"Agent", *COLUMNS} <= set(table[0])]
    if not tables:
        raise Drifted(page.url, "no table of agents", expected=f"a table with Agent, {', '.join(COLUMNS)}")
    rows = tables[0]
    for column, (board, edition) in COLUMNS.items():
        dates = (day(row.get("Date")) for row in rows)
        yield Tally(
            board=board.name, edition=edition, rows=len(rows), updated_on=max(filter(None, dates), default=None)
        )
        for row in rows:
            agent, model = _agent_and_model(row)
            leak = next((cell for key, cell in row.items() if key.startswith("Known Leakage")), "")
            if rule := _rule(model, leak, row[column]):
                yield Excluded(board=board.name, edition=edition, name=f"{agent}: {model}", rule=rule)
                continue
            match = re.match(r"(\d+(?:\.\d+)?)(?:\s*±\s*(\d+(?:\.\d+)?))?", row[column])
            yield board.score(
                edition=edition,
                name=model,
                value=float(match[1]) if match else None,
                stderr=float(match[2]) if match and match[2] else None,
                variant=agent,
                written=written(row),
                scored_on=day(row.get("Date")),
            )


def _agent_and_model(row: dict[str, str]) -> tuple[str, str]:
    agent = _plain(row["Agent"])
    if "LLM(s) used" in row:
        return agent, _plain(row["LLM(s) used"])
    link = re.match(r"\[([^\]]+)\]\([^)]*\)\s*(.*)", row["Agent"])
    first, _, rest = agent.partition(" ")
    return (link[1], _plain(link[2])) if link else (first, rest)


def _plain(cell: str) -> str:
    text = re.sub(r"\[\^\w+\]|<[^>]*>", " ", cell)
    return " ".join(re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text).split())


def _rule(model: str, leak: str, cell: str) -> str:
    if "✓" in leak:
        return "known leakage of test labels"
    if " + " in model or "," in model or "ensemble" in model.lower():
        return "several models in one run"
    if model.lower() in ("", "undisclosed", "multi-agent"):
        return "model not disclosed"
    return "not scored" if absent(cell) else ""


SOURCE = Source(
    name="mle-bench",
    title="MLE-bench leaderboard",
    kind="leaderboard",
    operator="OpenAI",
    homepage="https://github.com/openai/mle-bench",
    licence="MIT",
    attribution="OpenAI and the agents' submitters",
    start=("https://raw.githubusercontent.com/openai/mle-bench/main/README.md",),
    hosts=frozenset({"raw.githubusercontent.com"}),
    parse=parse,
    boards=(ALL, LITE),
    cadence_days=30,
)
