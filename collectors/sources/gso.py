"""GSO: 102 tasks of making real code bases faster, all run by the authors with OpenHands.

``setting`` is Opt@1 (one try) or Opt@10 (best of ten); only Opt@1 is a model's result.  In November
2025 ``score_hack_control`` came: the same runs, minus speed-ups that a judge found to game the
measurement (Gemini 2.5 Pro 3.92 -> 0.0, o3 8.82 -> 3.92).  That is the board that counts; the
uncorrected one is kept beside it.  Older models were given their hack-controlled score as well.
Effort stood in the name ("GPT-5 (high)") until 2026-04, then in ``reasoning_effort``, when all names
were rewritten.  ``metadata.last_updated`` stood still for a year, so the newest row's date is used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.contract.pages import Page
from collectors.contract.rows import Excluded, Row, Tally
from collectors.contract.source import Board, Source
from collectors.entries import entries, guarded, keys_of, text
from collectors.read.cells import day, number, whole_number, written
from collectors.read.documents import json_of
from collectors.read.faults import columns

EDITION = "opt-1"
SETTING, SCAFFOLD = "Opt@1", "OpenHands"

CONTROLLED = Board(
    name="gso-hack-controlled",
    title="GSO (hack-controlled)",
    domain="coding",
    measures="Share of 102 optimisation tasks where the patch reaches 95 % of the expert's speed-up without gaming.",
    unit="%",
    low=0,
    high=100,
    n_items=102,
    chance=0,
)
PLAIN = Board(
    name="gso",
    title="GSO",
    domain="coding",
    measures="Share of 102 optimisation tasks where the patch reaches 95 % of the expert's speed-up.",
    unit="%",
    low=0,
    high=100,
    n_items=102,
    chance=0,
    counts_for_index=False,
    why_not="Counts speed-ups that game the measurement; the same runs without them are gso-hack-controlled.",
)
COLUMNS = {CONTROLLED: "score_hack_control", PLAIN: "score"}


def parse(page: Page) -> Iterator[Row]:
    table = json_of(page)
    rows = table.get("models") if isinstance(table, dict) else None
    rows = entries(page, rows, 'a JSON object with "models" and "metadata"')
    columns(page, keys_of(rows), ["name", "scaffold", "setting", "score", "date"])
    tasks = whole_number(table["metadata"]["total_tasks"])
    updated_on = max((on for row in rows if (on := day(row.get("date")))), default=None)
    for board, column in COLUMNS.items():
        if not any(column in row for row in rows):
            continue
        yield Tally(board=board.name, edition=EDITION, rows=len(rows), updated_on=updated_on)
        for row in rows:
            yield from guarded(_score(board, column, tasks, row), row, board=board.name, edition=EDITION)


def _score(board: Board, column: str, tasks: int | None, row: Mapping[str, Any]) -> Iterator[Row]:
    name, value = text(row, "name"), number(row.get(column))
    if row.get("setting") != SETTING:
        yield Excluded(board=board.name, edition=EDITION, name=name, rule="best of several tries", value=value)
    elif row.get("scaffold") != SCAFFOLD:
        yield Excluded(board=board.name, edition=EDITION, name=name, rule="scaffolded system", value=value)
    else:
        yield board.score(
            edition=EDITION,
            name=name,
            value=value,
            written=written(row, "name", "scaffold", "setting", column, "date", "reasoning_effort"),
            developer=text(row, "model_org"),
            variant=f"{effort} effort" if (effort := text(row, "reasoning_effort")) else "",
            n_items=tasks,
            scored_on=day(row.get("date")),
        )


SOURCE = Source(
    name="gso",
    title="GSO leaderboard",
    kind="leaderboard",
    operator="GSO",
    homepage="https://gso-bench.github.io/",
    licence="none stated",
    attribution="GSO, Manish Shetty and others",
    start=("https://gso-bench.github.io/assets/leaderboard.json",),
    hosts=frozenset({"gso-bench.github.io"}),
    parse=parse,
    boards=tuple(COLUMNS),
    cadence_days=60,
)
