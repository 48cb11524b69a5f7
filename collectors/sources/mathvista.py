"""MathVista: mathematics in visual contexts, 1,000 questions (testmini) and 5,141 with private answers (test).

``model_scores.js`` assigns one object of rows to ``score_table``: the testmini board.  The page itself
carries a table whose caption says which split it shows: testmini until December 2023, the test split
since.  Medals stand in the names.  ``Method`` says how a model sees the pictures, not whether its
weights are open: LMM, MoE, Reason, or Tool for a text model fed with captions and OCR, which is a
scaffold, as TextGrad is.  The two oldest script files (October 2023) list raw runs without a method,
before they were the board, and are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Excluded, Row, Tally
from collectors.contract.source import Board, Source
from collectors.entries import entries, guarded, keys_of, text
from collectors.read.cells import absent, day, number, written
from collectors.read.documents import js_literal
from collectors.read.faults import columns
from collectors.read.markup import cell_text, soup

MINI = Board(
    name="mathvista-testmini",
    title="MathVista (testmini)",
    domain="multimodal",
    measures="Share of 1,000 mathematical questions on figures, plots and photographs answered correctly.",
    unit="%",
    low=0,
    high=100,
    n_items=1000,
    chance=17.9,
    min_rows=5,
)
TEST = Board(
    name="mathvista-test",
    title="MathVista (test)",
    domain="multimodal",
    measures="Share of 5,141 mathematical questions on figures answered correctly; the answers are kept private.",
    unit="%",
    low=0,
    high=100,
    n_items=5141,
    chance=17.9,
    counts_for_index=False,
    why_not="a dozen rows; the models are on mathvista-testmini",
)
EDITIONS = {MINI.name: "testmini-1000", TEST.name: "test-5141"}
NEED = ("Model", "Method", "Date", "ALL")


def parse(page: Page) -> Iterator[Row]:
    board, rows = _script(page) if page.url.endswith(".js") else _table(page)
    edition = EDITIONS[board.name]
    dates = (day(row.get("Date")) for row in rows)
    yield Tally(board=board.name, edition=edition, rows=len(rows), updated_on=max(filter(None, dates), default=None))
    for row in rows:
        yield from guarded(_score(board, edition, row), row, board=board.name, edition=edition)


def _score(board: Board, edition: str, row: Mapping[str, Any]) -> Iterator[Row]:
    name = re.sub(r"[\U0001F300-\U0001FAFF\uFE0F\u20E3]", "", text(row, "Model")).strip()
    if rule := _rule(name, text(row, "Method"), row["ALL"]):
        yield Excluded(board=board.name, edition=edition, name=name, rule=rule, value=number(row["ALL"]))
        return
    yield board.score(
        edition=edition,
        name=name,
        value=number(row["ALL"]),
        written=written(row, "Model", "Method", "Source", "Date", "ALL"),
        scored_on=day(row["Date"]),
    )


def _script(page: Page) -> tuple[Board, Sequence[Mapping[str, Any]]]:
    name, _, literal = page.text.partition("=")
    if name.strip() != "score_table":
        raise Drifted(page.url, f"a script that begins {name[:40]!r}", expected="score_table = {...}")
    found = js_literal(page, literal)
    rows = entries(page, list(found.values()) if isinstance(found, dict) else found, "score_table = {...}")
    columns(page, keys_of(rows), NEED)
    return MINI, rows


def _table(page: Page) -> tuple[Board, Sequence[Mapping[str, Any]]]:
    table = soup(page).select_one("table#results")
    if table is None:
        raise Drifted(page.url, "no table with the id results", expected="the board under its caption")
    lines = [[cell_text(cell) for cell in line.select("th, td")] for line in table.select("tr")]
    columns(page, lines[0], NEED)
    rows = [dict(zip(lines[0], line, strict=False)) for line in lines[1:] if len(line) == len(lines[0])]
    caption = table.find_previous("p")
    private = caption is not None and "test subset" in cell_text(caption)
    return TEST if private else MINI, rows


def _rule(name: str, method: str, score: object) -> str:
    if name.startswith("Human"):
        return "human"
    if name.startswith(("Random", "Frequent")):
        return "random or frequent choice"
    if method.startswith("Tool") or "OCR" in name or name.startswith("TextGrad"):
        return "scaffolded system"
    return "not scored" if absent(score) else ""


SOURCE = Source(
    name="mathvista",
    title="MathVista leaderboard",
    kind="leaderboard",
    operator="MathVista",
    homepage="https://mathvista.github.io/",
    licence="none stated",
    attribution="MathVista team",
    start=(
        "https://mathvista.github.io/data/results/model_scores.js",
        "https://mathvista.github.io/index.html",
    ),
    hosts=frozenset({"mathvista.github.io"}),
    parse=parse,
    boards=(MINI, TEST),
    cadence_days=30,
)
