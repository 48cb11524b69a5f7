"""An invented source of many boards, a JSON page each; alone here, because the process that parses imports it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from collectors.contract.pages import Page
from collectors.contract.rows import Row, Tally
from collectors.contract.source import Board, Source

HOST = "bench.example"


def board(name: str) -> Board:
    """A board of percentages."""
    return Board(name=name, title=name, domain="coding", measures="nothing", unit="%", low=0, high=100, min_rows=1)


def parse(page: Page) -> Iterator[Row]:
    """The rows of a page: a JSON list of objects."""
    rows = json.loads(page.body)
    shown = board(rows[0]["board"])
    yield Tally(board=shown.name, edition="v1", rows=len(rows))
    for row in rows:
        yield shown.score(name=row["name"], value=row["value"], edition="v1", written=f"{row['name']}, {row['value']}")


def source(n_boards: int) -> Source:
    """The source of as many pages as boards."""
    names = [f"board-{number:04}" for number in range(n_boards)]
    return Source(
        name="bench",
        title="Bench",
        kind="leaderboard",
        homepage=f"https://{HOST}/",
        licence="CC0-1.0",
        start=tuple(f"https://{HOST}/{name}.json" for name in names),
        hosts=frozenset({HOST}),
        parse=parse,
        boards=tuple(board(name) for name in names),
    )
