"""LMArena text leaderboard as a CSV file, kept by fboulnois: blind human preference, overall ratings.

The file moved from lmsys.csv to lmarena_text.csv on 2025-08-06; both addresses are read, and one of
them answers 404.  The rating column changed its name (``arena_elo``, then ``arena_score``) and the
95 % interval is text: "+5/-5".  Ratings have no fixed zero: until May 2025 Mixtral-8x7B-Instruct was
fixed at 1114, since then the scale floats and all ratings drift together, so that model's rating decides
the edition.  A rating is estimated anew from all votes in each version and replaces the last.
A row can occur twice, identical but for its rank (Yi-34B-Chat, 2025-08-06).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Excluded, Row, Score, Tally
from collectors.contract.source import Board, Source
from collectors.entries import guarded
from collectors.read.cells import number, whole_number, written
from collectors.read.faults import FaultyRow, columns
from collectors.read.tables import csv_rows
from collectors.sources._access import stated

BASE = "https://raw.githubusercontent.com/fboulnois/llm-leaderboard-csv/main/csv/"
ANCHOR, ANCHOR_RATING = "mixtral-8x7b-instruct-v0.1", 1114
TWO_SIDED_95 = 2 * 1.96

BOARD = Board(
    name="arena-text-csv",
    title="LMArena text (CSV mirror)",
    domain="chat preference",
    measures="Rating from blind pairwise votes of people on answers to their own prompts; 400 points are odds of 10.",
    unit="rating",
    low=300,
    high=2500,
    min_rows=50,
)


def standard_error(cell: str) -> float | None:
    """The standard error behind "+5/-4": the width of a 95 % interval over 3.92; the anchor's "+0/-0" is none."""
    match = re.fullmatch(r"\+(\d+(?:\.\d+)?)/-(\d+(?:\.\d+)?)", cell.strip())
    width = float(match.group(1)) + float(match.group(2)) if match else 0.0
    return width / TWO_SIDED_95 or None


def parse(page: Page) -> Iterator[Row]:
    rows = csv_rows(page, ["model", "95_pct_ci", "votes", "organization", "license"])
    if not rows:
        raise Drifted(page.url, "a header without rows", expected="one row per model")
    column = "arena_elo" if "arena_elo" in rows[0] else "arena_score"
    columns(page, list(rows[0]), [column])
    anchor = {number(row[column]) for row in rows if row["model"].lower() == ANCHOR}
    if not anchor or None in anchor:
        raise Drifted(page.url, f"no rating of {ANCHOR}", expected="the model that identifies the scale")
    edition = "anchored-1114" if anchor == {ANCHOR_RATING} else "floating"
    yield Tally(board=BOARD.name, edition=edition, rows=len(rows))
    seen = set()
    for row in rows:
        row_key = (row["model"], row[column], row["votes"])
        if row_key in seen and not isinstance(row, FaultyRow):
            yield Excluded(board=BOARD.name, edition=edition, name=row["model"], rule="repeated row")
            continue
        found = list(guarded(_rating(edition, column, row), row, board=BOARD.name, edition=edition))
        if any(isinstance(one, Score) for one in found):
            seen.add(row_key)
        yield from found


def _rating(edition: str, column: str, row: dict[str, str]) -> Iterator[Row]:
    as_written = written(row, "model", column, "95_pct_ci", "votes", "organization", "license", "url")
    yield BOARD.score(
        edition=edition,
        name=row["model"],
        value=number(row[column]),
        written=as_written,
        developer=row["organization"],
        stderr=standard_error(row["95_pct_ci"]),
        n_items=whole_number(row["votes"]) or None,
    )
    yield from stated(
        row["model"],
        written=as_written,
        licence=row["license"],
        developer=row["organization"],
        link=row.get("url"),
    )


SOURCE = Source(
    name="arena-csv",
    title="LMArena leaderboard as CSV",
    kind="leaderboard",
    operator="LMArena",
    homepage="https://github.com/fboulnois/llm-leaderboard-csv",
    licence="MPL-2.0",
    attribution="LMArena; CSV by fboulnois",
    start=(BASE + "lmarena_text.csv", BASE + "lmsys.csv"),
    hosts=frozenset({"raw.githubusercontent.com"}),
    parse=parse,
    boards=(BOARD,),
    cadence_days=7,
)
