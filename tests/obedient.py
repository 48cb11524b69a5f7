"""A source whose parser does what its page says, as a parser with a flaw does what a hostile page wants.

A module of its own, with few imports, because another process imports it within its limit of memory.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from collectors import parsing
from collectors.contract.pages import Page
from collectors.contract.rows import Get, Row, Tally
from collectors.contract.source import Board, Parse, Source

HOST = "toy.example"
URL = f"https://{HOST}/board.json"


def board(name: str = "toy", **facts: Any) -> Board:
    """A board of percentages by default; its pages may be as short as one row."""
    given: dict[str, Any] = {
        "title": name,
        "domain": "coding",
        "measures": "nothing",
        "unit": "%",
        "low": 0,
        "high": 100,
        "min_rows": 1,
    }
    return Board(name=name, **(given | facts))


BOARD = board()


def obey(page: Page) -> Iterator[Row]:
    word, _, count = page.body[:400].decode().strip().partition(" ")
    match word:
        case "spin":
            while True:
                pass
        case "swallow":
            kept = [bytes(2**20)]
            while True:
                kept.append(bytes(2**20))
        case "wait":  # for a file; that it is waited for shows in another
            Path(f"{count}.begun").touch()
            while not Path(count).exists():
                time.sleep(0.01)
        case "burn":
            ends = time.process_time() + float(count)
            while time.process_time() < ends:
                pass
        case "environment":
            raise AssertionError(sorted(os.environ))
        case "crash":
            ctypes.string_at(0)
        case "stumble":
            raise AssertionError("no such page")
        case "print":
            sys.stdout.write("noise" * 10_000)
        case "lie":  # as a page that has taken over this process
            vars(parsing).update(row_tables=lambda _rows: ({"Score": "x"}, 5))
        case "name":
            for at in range(int(count)):
                yield Get(url=f"https://{HOST}/{at}.json")
    yield Tally(board="toy", edition="v1", rows=1)
    yield BOARD.score(name="Model A", value=50, edition="v1", written="Model A, 50")


def obedient(name: str = "obedient") -> Source:
    return toy_source(name, obey, BOARD)


def toy_source(name: str, parse: Parse, *boards: Board) -> Source:
    """A source of one invented page."""
    return Source(
        name=name,
        title="Toy board",
        kind="leaderboard",
        homepage=f"https://{HOST}/",
        licence="CC0-1.0",
        start=(URL,),
        hosts=frozenset({HOST}),
        parse=parse,
        boards=boards,
    )
