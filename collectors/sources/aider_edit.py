"""Aider code editing: 133 Exercism tasks in Python, the board before Aider polyglot.

One row is one run: model and edit format.  A few runs are on another number of tasks and cannot be
compared: 33 (an early gpt-4-turbo), 36 (an o1-mini in a hurry), 225 (a polyglot run filed here by
mistake).  132 instead of 133 is one lost task and stays.  The model's release date is kept under
``released`` or ``_released``.  One published version (2024-07-12) was not YAML at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.contract.pages import Page
from collectors.contract.rows import Excluded, Release, Row, Tally
from collectors.contract.source import Board, Source
from collectors.entries import entries, guarded, keys_of, text
from collectors.read.cells import day, number, whole_number, written
from collectors.read.documents import yaml_of
from collectors.read.faults import columns, same_keys
from collectors.sanitize import name_fault

EDITION = "python-133"
TASKS = range(130, 134)

BOARD = Board(
    name="aider-edit",
    title="Aider code editing",
    domain="coding",
    measures="Share of 133 Exercism exercises in Python solved within two tries, edits included.",
    unit="%",
    low=0,
    high=100,
    n_items=133,
    chance=0,
    min_rows=10,
    counts_for_index=False,
    why_not="Superseded in December 2024 by the polyglot board, because the best models had nearly solved it.",
)


def parse(page: Page) -> Iterator[Row]:
    rows = entries(page, yaml_of(page), "a YAML list of benchmark runs")
    columns(page, keys_of(rows), ("model", "pass_rate_2"))
    same_keys(page, rows, spare=("total_cost",))
    yield Tally(
        board=BOARD.name,
        edition=EDITION,
        rows=len(rows),
        updated_on=max((on for row in rows if (on := day(row.get("date")))), default=None),
    )
    for row in rows:
        yield from guarded(_run(row), row, board=BOARD.name, edition=EDITION)


def _run(row: Mapping[str, Any]) -> Iterator[Row]:
    name = text(row, "model")
    tasks = whole_number(row.get("test_cases"))
    released = day(row.get("released") or row.get("_released"))
    if released and not name_fault(name):
        yield Release(
            name=name, event="released", happened_on=released, written=written(row, "model", "released", "_released")
        )
    if " + " in name or row.get("editor_model"):
        yield Excluded(board=BOARD.name, edition=EDITION, name=name, rule="two models in one run")
    elif tasks not in TASKS:
        yield Excluded(board=BOARD.name, edition=EDITION, name=name, rule="run on another set of tasks")
    else:
        yield BOARD.score(
            edition=EDITION,
            name=name,
            value=number(row.get("pass_rate_2")),
            written=written(row, "model", "edit_format", "pass_rate_2", "date", "total_cost", "test_cases"),
            variant=f"{text(row, 'edit_format') or 'unknown'} format",
            n_items=tasks,
            scored_on=day(row.get("date")),
        )


SOURCE = Source(
    name="aider-edit",
    title="Aider code editing leaderboard",
    kind="leaderboard",
    operator="Aider",
    homepage="https://aider.chat/docs/leaderboards/edit.html",
    licence="Apache-2.0",
    attribution="Aider, Paul Gauthier and contributors",
    start=("https://raw.githubusercontent.com/Aider-AI/aider/main/aider/website/_data/edit_leaderboard.yml",),
    hosts=frozenset({"raw.githubusercontent.com"}),
    parse=parse,
    boards=(BOARD,),
    cadence_days=365,
)
