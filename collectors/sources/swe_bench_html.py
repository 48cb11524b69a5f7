"""SWE-bench's page before its data became a file: real GitHub issues resolved by an agent.

Continued since May 2025 by the JSON file (the source ``swe-bench``), on the boards of the same names
without ``-html``.  The page has one table per split, identified by the tab's id ("leaderboard-Lite",
"UnassistedLite"), on pages without tabs by the heading ("Leaderboard (Lite)").  Until April 2024 a
second table listed runs that were shown the files to change ("Assisted").  Medals and badges stand in
the names: verified by the authors, open system, new; they say nothing of the model's weights.  Dates
are not padded ("2024-4-2") and their column was headed "% Date" at first.  The page of the first two
days (October 2023) was a mock-up and is refused.  ``lite.html`` describes the split, has never held a
table and is not asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bs4 import Tag

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Excluded, Row, Tally
from collectors.contract.source import Board, Source
from collectors.entries import guarded
from collectors.read.cells import day, number, written
from collectors.read.faults import columns
from collectors.read.markup import cell_text, soup, table_row


def _board(split: str, n_items: int | None, what: str) -> Board:
    return Board(
        name=f"swe-bench-{split}-html",
        title=f"SWE-bench {split.capitalize()} (page until 2025)",
        domain="coding",
        measures=f"Share of {what} resolved by an agent's patch.",
        unit="%",
        low=0,
        high=100,
        n_items=n_items,
        chance=0,
        counts_for_index=False,
        why_not="every row is an agent on its own scaffold",
    )


BOARDS = {
    "test": _board("full", 2294, "2,294 GitHub issues of twelve Python repositories"),
    "verified": _board("verified", 500, "500 GitHub issues that engineers checked to be solvable"),
    "lite": _board("lite", 300, "300 self-contained GitHub issues"),
    "multimodal": _board("multimodal", None, "GitHub issues with images in JavaScript repositories"),
}


def parse(page: Page) -> Iterator[Row]:
    tables = soup(page).select("table")
    if not tables:
        raise Drifted(page.url, "no table", expected="the leaderboards of SWE-bench")
    for table in tables:
        lines = table.select("tr")
        header = [cell_text(cell).replace("% Date", "Date") for cell in lines[0].select("th")]
        columns(page, header, ("Model", "% Resolved", "Date"))
        split, assisted = _which(page, table)
        board = BOARDS[split]
        edition = f"{split}-{board.n_items}" if board.n_items else split
        rows = [table_row(header, line.select("td")) for line in lines[1:]]
        dates = (day(row["Date"]) for row in rows)
        yield Tally(
            board=board.name, edition=edition, rows=len(rows), updated_on=max(filter(None, dates), default=None)
        )
        for row in rows:
            yield from guarded(_score(board, edition, assisted, row), row, board=board.name, edition=edition)


def _score(board: Board, edition: str, assisted: bool, row: dict[str, str]) -> Iterator[Row]:
    name = " ".join(re.sub(r"[\u2600-\u27BF\U0001F000-\U0001FAFF\uFE0F]", "", row["Model"]).split())
    if assisted:
        yield Excluded(board=board.name, edition=edition, name=name, rule="shown the files to change")
        return
    yield board.score(
        edition=edition,
        name=name,
        value=number(row["% Resolved"]),
        written=written(row, "Model", "% Resolved", "Date"),
        scored_on=day(row["Date"]),
    )


def _which(page: Page, table: Tag) -> tuple[str, bool]:
    """The split and whether the runs were assisted, from the tab's id or else from the heading."""
    tab, heading = table.find_parent(id=True), table.find_previous(re.compile("^h[1-5]$"))
    label = (str(tab["id"]) if tab else cell_text(heading) if heading else "").lower()
    split = next((name for name in ("verified", "lite", "multimodal") if name in label), "test")
    if not label.startswith(("leaderboard", "assisted", "unassisted")):
        raise Drifted(page.url, f"a table under {label[:60]!r}", expected="a tab or a heading of a leaderboard")
    return split, label.startswith("assisted")


SOURCE = Source(
    name="swe-bench-html",
    title="SWE-bench leaderboard page (until 2025)",
    kind="leaderboard",
    operator="SWE-bench",
    homepage="https://www.swebench.com/",
    licence="CC BY-NC 4.0",
    attribution="SWE-bench team",
    start=("https://www.swebench.com/index.html",),
    hosts=frozenset({"www.swebench.com"}),
    parse=parse,
    boards=tuple(BOARDS.values()),
    cadence_days=7,
)
