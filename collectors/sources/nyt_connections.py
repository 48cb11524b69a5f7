"""NYT Connections (L. Mazur): group sixteen words of a New York Times puzzle, one attempt.

The README redefined the benchmark in February 2025: up to four trick words per puzzle ("Extended
Version"; DeepSeek R1 fell from 54.4 to 37.6, o1 from 90.7 to 69.7).  A page with an extended board is
the edition ``extended``, one without is ``original``; the original table stays at the foot of the
page, unchanged, and is not read again.  Puzzles were added since (601, 651, 759, 940) and moved a
model by about a point, so that is not a new edition: the row's own ``#Puzzles`` goes along.  In
February 2026 the models with fewer than all puzzles moved to "Older models" lower down, the same
board in two parts.  The newest hundred puzzles are a board of their own.  Early tables lack their
trailing pipes; on 2026-02-06 the header stood twice; ``x`` announces a model not run yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Excluded, Row, Tally
from collectors.contract.source import Board, Source
from collectors.read.cells import absent, day, number, whole_number, written
from collectors.read.tables import markdown_tables

BOARD = Board(
    name="nyt-connections",
    title="Extended NYT Connections",
    domain="reasoning and mathematics",
    measures="Share of word groups found in New York Times Connections puzzles, since 2025 with trick words added.",
    unit="%",
    low=0,
    high=100,
    ceiling=100,
    min_rows=10,
)
NEWEST = Board(
    name="nyt-connections-newest-100",
    title="Extended NYT Connections, newest 100 puzzles",
    domain="reasoning and mathematics",
    measures="As nyt-connections, on the hundred latest puzzles alone, against training on the solutions.",
    unit="%",
    low=0,
    high=100,
    n_items=100,
    ceiling=100,
    counts_for_index=False,
    why_not="a rolling subset of nyt-connections",
    min_rows=10,
)


def parse(page: Page) -> Iterator[Row]:
    parts = _tables(page.text.replace("\r\n", "\n"))
    extended = parts.get("extended", [])
    main = [*extended, *parts.get("older models", [])] if extended else parts.get("original", [])
    if not main:
        raise Drifted(page.url, "no leaderboard under a known heading", expected="a Leaderboard section with a table")
    total = _total(page.text, bool(extended))
    yield from _rows(page, BOARD, "extended" if extended else "original", main, total)
    if newest := parts.get("newest 100"):
        yield from _rows(page, NEWEST, f"newest of {total}" if total else "newest", newest, None)


def _tables(text: str) -> dict[str, list[dict[str, str]]]:
    """The leaderboards by what their heading calls them; a bare "Leaderboard" is the original."""
    found: dict[str, list[dict[str, str]]] = {}
    for section in re.split(r"^#+ +", text, flags=re.MULTILINE):
        title, _, body = section.partition("\n")
        if not title.lower().startswith("leaderboard"):
            continue
        kinds = (
            kind for kind in ("older models", "newest 100", "newest", "extended", "original") if kind in title.lower()
        )
        once = re.sub(r"^((?:\|.*\n)\|[-:| ]+\n)\1", r"\1", body, flags=re.MULTILINE)
        rows = [row for table in markdown_tables(once) for row in table]
        found.setdefault(next(kinds, "original"), []).extend(rows)
    return found


def _total(text: str, extended: bool) -> int | None:
    match = re.search(
        r"from 436 to (\d+)|using (\d+) NYT Connections puzzles, with" if extended else r"using (\d+) NYT", text
    )
    return int(next(group for group in match.groups() if group)) if match else None


def _rows(page: Page, board: Board, edition: str, rows: list[dict[str, str]], total: int | None) -> Iterator[Row]:
    days = (day(stamp) for stamp in re.findall(r"^- ([A-Z][a-z]+ \d+, \d{4}):", page.text, re.MULTILINE))
    yield Tally(board=board.name, edition=edition, rows=len(rows), updated_on=max(filter(None, days), default=None))
    for row in rows:
        score = next((key for key in row if key.startswith("Score")), None)
        if score is None or "Model" not in row:
            raise Drifted(page.url, f"columns {list(row)} in the {edition} table", expected="Model and Score")
        puzzles = next((cell for key, cell in row.items() if key.startswith("#Puzzles")), None)
        counted = number(puzzles)
        n_items = whole_number(counted) or total
        name = row["Model"]
        if "ensemble" in name.lower():
            yield Excluded(board=board.name, edition=edition, name=name, rule="scaffolded system")
        elif total and n_items and 2 * n_items < total:
            yield Excluded(board=board.name, edition=edition, name=name, rule="fewer than half of the puzzles")
        elif absent(row[score]) or row[score] == "x":
            yield Excluded(board=board.name, edition=edition, name=name, rule="not scored")
        else:
            yield board.score(
                edition=edition,
                name=name,
                value=number(row[score]) if absent(puzzles) or (counted and total) or board is NEWEST else None,
                written=written(row),
                n_items=n_items,
            )


SOURCE = Source(
    name="nyt-connections",
    title="Extended NYT Connections benchmark",
    kind="leaderboard",
    operator="Lech Mazur",
    homepage="https://github.com/lechmazur/nyt-connections",
    licence="none stated",
    attribution="Lech Mazur",
    start=("https://raw.githubusercontent.com/lechmazur/nyt-connections/master/README.md",),
    hosts=frozenset({"raw.githubusercontent.com"}),
    parse=parse,
    boards=(BOARD, NEWEST),
    cadence_days=7,
)
