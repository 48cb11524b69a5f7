"""Arena text ratings as a matrix of board dates by models, 2023-05-08 to 2025-02-27 (lmarena-history).

One file, rewritten whole: a line per board date, a column per model (in no order), 0.0 where the
model was not rated.  Every rating is dated by its line.  The lines do not share one scale: from
2024-06-26 to 2024-06-29 all 112 shared models rise by 94 points in the median, because a slice of
the votes or another zero was read before, so a jump of the median opens a new edition, named by its
first date.  Before it GPT-4 drifts from 1150 to 1034 while retired models stand still.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from statistics import median

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Row, Tally
from collectors.contract.source import Board, Source
from collectors.read.cells import absent, day, number
from collectors.read.faults import FaultyRow, ended
from collectors.read.tables import csv_rows

JUMP = 50.0

BOARD = Board(
    name="arena-matrix",
    title="Arena text history (matrix mirror)",
    domain="chat preference",
    measures="Rating from blind pairwise votes of people on answers to their own prompts, one per board date.",
    unit="rating",
    low=300,
    high=2500,
    counts_for_index=False,
    why_not="A mirror of the same votes, with scales that shift from date to date and no intervals.",
    min_rows=10,
)


def rated(line: Mapping[str, str]) -> dict[str, str]:
    """The cells of a line that hold a rating, as written."""
    return {model: cell for model, cell in line.items() if model and not absent(cell) and number(cell) != 0}


def jumped(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    """Whether the shared models moved together from one line to the next."""
    pairs = [(number(before[model]), number(after[model])) for model in before.keys() & after.keys()]
    moves = [new - old for old, new in pairs if old is not None and new is not None]
    return bool(moves) and abs(median(moves)) > JUMP


def _dated(page: Page, line: Mapping[str, str]) -> date:
    """The date a line begins with; without it the edition of every line is unknown."""
    on = day(line[""])
    if on is None:
        found = line.fault.reason if isinstance(line, FaultyRow) else f"a line begins with {line['']!r}"
        raise Drifted(page.url, found, expected="a date such as 20230508 and one cell for each model")
    return on


def parse(page: Page) -> Iterator[Row]:
    ended(page)  # half a line would shift the median that decides the edition
    lines: list[tuple[date, dict[str, str]]] = []
    for line in csv_rows(page, [""]):
        lines.append((_dated(page, line), rated(line)))
    lines.sort(key=lambda pair: pair[0])
    edition = ""
    before: dict[str, str] = {}
    for on, ratings in lines:
        if not edition or jumped(before, ratings):
            edition = f"from-{on}"
        before = ratings
        yield Tally(board=BOARD.name, edition=edition, rows=len(ratings), updated_on=on)
        for model, cell in ratings.items():
            yield BOARD.score(
                edition=edition, name=model, value=number(cell), written=f"{on},{model},{cell}", scored_on=on
            )


SOURCE = Source(
    name="arena-matrix",
    title="Arena history matrix",
    kind="leaderboard",
    operator="LMArena",
    homepage="https://github.com/nakasyou/lmarena-history",
    licence="MIT",
    attribution="LMArena; history by nakasyou",
    start=("https://raw.githubusercontent.com/nakasyou/lmarena-history/main/output/result.csv",),
    hosts=frozenset({"raw.githubusercontent.com"}),
    parse=parse,
    boards=(BOARD,),
    cadence_days=7,
)
