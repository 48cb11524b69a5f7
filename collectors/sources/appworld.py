"""AppWorld: everyday tasks done by code against the APIs of nine simulated apps.

A row is an agent (``method``) driving a model (``llm``).  Only the benchmark authors' plain ReAct
loop is the same for every model, so only its rows are a model's result; the authors' other three
agents, and every later entry (a loop trained by reinforcement on the task, IBM's CUGA, worked
examples added to the prompt), are systems.  ``llm.tooltip`` is the exact model, ``llm.name`` a nickname.
"""

from __future__ import annotations

from collections.abc import Iterator

from collectors.contract import Board, Drifted, Excluded, Page, Row, Source, Tally
from collectors.read import columns, day, json_of, number, written

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
    rows = json_of(page)
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise Drifted(page.url, "not a list of agent runs", expected="a JSON list of objects")
    columns(page, {name for row in rows for name in row}, ["method", "llm", "date", *SPLITS.values()])
    updated_on = max((on for row in rows if (on := day(row.get("date")))), default=None)
    for board, split in SPLITS.items():
        yield Tally(board=board.name, edition=EDITION, rows=len(rows), updated_on=updated_on)
        for row in rows:
            method, llm = str((row.get("method") or {}).get("name")), row.get("llm") or {}
            name = str(llm.get("tooltip") or llm.get("name") or "")
            if method != HARNESS:
                yield Excluded(board=board.name, edition=EDITION, name=f"{method} / {name}", rule="scaffolded system")
                continue
            result = (row.get(split) or {}).get("all") or {}
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
