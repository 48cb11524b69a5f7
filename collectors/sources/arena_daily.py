"""Arena (arena.ai, formerly LMArena), as a public repository scrapes it every morning.

``latest.json`` names the night's folder, its ``_index.json`` names the boards, each board is one
file of rank, model, vendor, licence kind, rating, 95 % half-width and votes.

Half a table is normal here: the text board came with 10, 20, 30, 40, 50 or 71 rows from night to
night, ranks unbroken, so completeness is judged by the gates and never by this parser.  The
WebDev board is called ``code`` in older and ``code-webdev`` in newer folders; it goes on as one
board.  The agent board states no rating: it came as 10 (a win margin in points), on 2026-06-09
as 922, and since as null, because the scraper misreads the column.  Only its order can be
believed, so none of its rows is a score.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Access, Excluded, Get, Row, Tally
from collectors.contract.source import Board, Source
from collectors.entries import entries, guarded, keys_of, part, text
from collectors.read.cells import absent, day, number, whole_number, written
from collectors.read.documents import json_of
from collectors.read.faults import columns

ROOT = "https://raw.githubusercontent.com/aabao325/arena-ai-leaderboards/main/data/"
EDITION = "style-controlled"
Z95 = 1.96

TEXT = Board(
    name="arena-text",
    title="Arena text",
    domain="chat preference",
    measures="Rating from blind pairwise votes of visitors on open conversation, with style controlled for.",
    unit="rating",
    low=0,
    high=4000,
    min_rows=10,
)
WEBDEV = Board(
    name="arena-webdev",
    title="Arena WebDev",
    domain="coding",
    measures="Rating from blind pairwise votes of visitors on web applications built from one request.",
    unit="rating",
    low=0,
    high=4000,
    min_rows=10,
)
AGENT = Board(
    name="arena-agent",
    title="Arena agents",
    domain="agents",
    measures="Order of models by votes of visitors on agentic sessions; the mirror has no usable rating.",
    unit="rating",
    low=0,
    high=4000,
    counts_for_index=False,
    why_not="rank only: the mirror gives no rating that can be compared",
    min_rows=10,
)
BOARDS = {"text": TEXT, "code-webdev": WEBDEV, "code": WEBDEV, "agent": AGENT}
CELLS = ("rank", "model", "vendor", "license", "score", "ci", "votes")


def _folder(page: Page, document: dict[str, Any]) -> Iterator[Row]:
    folder = str(document["path"])
    if day(folder) is None:
        raise Drifted(page.url, f"path {folder[:80]!r}", expected="a folder named after a day")
    yield Get(url=f"{ROOT}{folder}/_index.json")


def _boards(page: Page, document: dict[str, Any]) -> Iterator[Row]:
    names = [name for name in BOARDS if name in document["leaderboards"]]
    if "code-webdev" in names and "code" in names:
        names.remove("code")
    if not names:
        raise Drifted(page.url, f"boards {sorted(document['leaderboards'])[:20]}", expected=f"any of {sorted(BOARDS)}")
    for name in names:
        yield Get(url=page.url.removesuffix("_index.json") + f"{name}.json")


def _access(row: dict[str, Any]) -> Iterator[Access]:
    licence = text(row, "license")
    if absent(licence) or absent(row.get("model")):
        return
    closed = licence.lower() == "proprietary"
    yield Access(
        name=text(row, "model"),
        open=not closed,
        evidence="board flag",
        licence="" if closed or licence == "open" else licence,
        developer=text(row, "vendor"),
        written=written(row, "model", "vendor", "license"),
    )


def parse(page: Page) -> Iterator[Row]:
    document = json_of(page)
    if not isinstance(document, dict):
        raise Drifted(page.url, f"a {type(document).__name__}", expected="an object")
    if "path" in document:
        yield from _folder(page, document)
        return
    if "leaderboards" in document:
        yield from _boards(page, document)
        return
    columns(page, document, ("meta", "models"))
    meta, rows = part(document, "meta"), entries(page, document["models"], "a list of models")
    board = BOARDS.get(str(meta.get("leaderboard")))
    if board is None:
        raise Drifted(page.url, f"board {str(meta.get('leaderboard'))[:80]!r}", expected=f"any of {sorted(BOARDS)}")
    columns(page, keys_of(rows), CELLS)
    yield Tally(board=board.name, edition=EDITION, rows=len(rows), updated_on=day(meta.get("last_updated")))
    for row in rows:
        yield from guarded(_rating(board, row), row, board=board.name, edition=EDITION)


def _rating(board: Board, row: dict[str, Any]) -> Iterator[Row]:
    yield from _access(row)
    name = text(row, "model")
    if board is AGENT:
        rule = "rank only, no score" if absent(row.get("score")) else "score misread by the mirror"
        yield Excluded(board=board.name, edition=EDITION, name=name, rule=rule)
        return
    half = number(row.get("ci"))
    yield board.score(
        edition=EDITION,
        name=name,
        value=number(row.get("score")),
        written=written(row, *CELLS),
        developer=text(row, "vendor"),
        stderr=None if half is None else half / Z95,
        n_items=whole_number(row.get("votes")),
    )


SOURCE = Source(
    name="arena-daily",
    title="Arena leaderboards, daily mirror",
    kind="leaderboard",
    operator="LMArena",
    homepage="https://arena.ai/leaderboard",
    licence="MIT (mirror)",
    attribution="Arena (arena.ai); mirror by aabao325",
    start=(f"{ROOT}latest.json",),
    hosts=frozenset({"raw.githubusercontent.com"}),
    parse=parse,
    boards=(TEXT, WEBDEV, AGENT),
)
