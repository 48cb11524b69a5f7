"""AppWorld: everyday tasks done by code against the APIs of nine simulated apps.

A row is an agent (``method``) driving a model (``llm``).  Only the benchmark authors' plain ReAct
loop is the same for every model, so only its rows are a model's result; the authors' other three
agents, and every later entry (a loop trained by reinforcement on the task, IBM's CUGA, worked
examples added to the prompt), are systems.  ``llm.tooltip`` is the exact model, ``llm.name`` a nickname.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collectors.contract.pages import Page
from collectors.contract.rows import Excluded, Row, Tally
from collectors.contract.source import Board, Source
from collectors.entries import entries, guarded, keys_of, part, text
from collectors.read.cells import day, number, written
from collectors.read.documents import json_of
from collectors.read.faults import columns

EDITION = "v1"
HARNESS = "ReAct"
WHY_NOT = "Four models of 2024 share a harness; all entries since then are systems of their own builders."

NORMAL = Board(
    name="appworld-normal",
    title="AppWorld (normal tasks)",
    domain="agents",
    measures="Share of 168 tasks across simulated apps completed by one plain agent loop, by state-based tests.",
    unit="%",
    low=0,
    high=100,
    n_items=168,
    chance=0,
    counts_for_index=False,
    why_not=WHY_NOT,
)
CHALLENGE = Board(
    name="appworld-challenge",
    title="AppWorld (challenge tasks)",
    domain="agents",
    measures="Share of 417 harder tasks, with apps not seen before, completed by one plain agent loop.",
    unit="%",
    low=0,
    high=100,
    n_items=417,
    chance=0,
    counts_for_index=False,
    why_not=WHY_NOT,
)
SPLITS = {NORMAL: "test_normal", CHALLENGE: "test_challenge"}


def parse(page: Page) -> Iterator[Row]:
    rows = entries(page, json_of(page), "a JSON list of agent runs")
    columns(page, keys_of(rows), ["method", "llm", "date", *SPLITS.values()])
    updated_on = max((on for row in rows if (on := day(row.get("date")))), default=None)
    for board, split in SPLITS.items():
        yield Tally(board=board.name, edition=EDITION, rows=len(rows), updated_on=updated_on)
        for row in rows:
            yield from guarded(_run(board, split, row), row, board=board.name, edition=EDITION, name=_name(row))


def _name(row: dict[str, Any]) -> str:
    llm = row.get("llm")
    return str(llm.get("tooltip") or llm.get("name") or "") if isinstance(llm, dict) else ""


def _run(board: Board, split: str, row: dict[str, Any]) -> Iterator[Row]:
    method, name = text(part(row, "method"), "name"), _name(row)
    if method != HARNESS:
        yield Excluded(board=board.name, edition=EDITION, name=f"{method} / {name}", rule="scaffolded system")
        return
    result = part(part(row, split), "all")
    yield board.score(
        edition=EDITION,
        name=name,
        value=number(result.get("task_goal_completion")),
        written=written({**row, "split": split, "all": result}, "method", "llm", "date", "split", "all"),
        variant=f"{method} agent",
        scored_on=day(row.get("date")),
    )


SOURCE = Source(
    name="appworld",
    title="AppWorld leaderboard",
    kind="leaderboard",
    operator="AppWorld",
    homepage="https://appworld.dev/leaderboard",
    licence="none stated",
    attribution="AppWorld, Stony Brook NLP",
    start=(
        "https://raw.githubusercontent.com/StonyBrookNLP/appworld-leaderboard/main/experiments/outputs/_leaderboard.json",
    ),
    hosts=frozenset({"raw.githubusercontent.com"}),
    parse=parse,
    boards=tuple(SPLITS),
    cadence_days=120,
)
