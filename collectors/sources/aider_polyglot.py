"""Aider polyglot: 225 Exercism tasks in six languages, edited through Aider's own formats.

One row is one run: model, effort and edit format.  Rows of two models ("R1 + Sonnet", an architect
and an editor) are scaffolds, not a model's plain result.  The file has not changed since 2025-10-04
although its repository goes on, so the board is frozen rather than gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.contract.pages import Page
from collectors.contract.rows import Excluded, Row, Tally
from collectors.contract.source import Board, Source
from collectors.entries import entries, guarded, keys_of, text
from collectors.read.cells import day, number, whole_number, written
from collectors.read.documents import yaml_of
from collectors.read.faults import columns, same_keys

EDITION = "polyglot-225"

BOARD = Board(
    name="aider-polyglot",
    title="Aider polyglot",
    domain="coding",
    measures="Share of 225 hard Exercism exercises in six languages solved within two tries, edits included.",
    unit="%",
    low=0,
    high=100,
    n_items=225,
    chance=0,
    min_rows=10,
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
    if " + " in name or row.get("editor_model"):
        yield Excluded(board=BOARD.name, edition=EDITION, name=name, rule="two models in one run")
        return
    yield BOARD.score(
        edition=EDITION,
        name=name,
        value=number(row.get("pass_rate_2")),
        written=written(row, "model", "edit_format", "pass_rate_2", "date", "total_cost", "test_cases"),
        variant=f"{text(row, 'edit_format') or 'unknown'} format",
        n_items=whole_number(row.get("test_cases")),
        scored_on=day(row.get("date")),
    )


SOURCE = Source(
    name="aider-polyglot",
    title="Aider polyglot leaderboard",
    kind="leaderboard",
    operator="Aider",
    homepage="https://aider.chat/docs/leaderboards/",
    licence="Apache-2.0",
    attribution="Aider, Paul Gauthier and contributors",
    start=("https://raw.githubusercontent.com/Aider-AI/aider/main/aider/website/_data/polyglot_leaderboard.yml",),
    hosts=frozenset({"raw.githubusercontent.com"}),
    parse=parse,
    boards=(BOARD,),
)
