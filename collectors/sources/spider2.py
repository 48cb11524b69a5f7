"""Spider 2.0: enterprise text-to-SQL in four settings (Snow, Lite, DBT and, until 2025, the full one).

Each setting is a panel of the page, an HTML table under a paragraph that names it ("Spider 2.0-Snow
... includes 547 examples"); panel ids and their order were shuffled several times (``BoardPanel1``
was Spider 2.0, then Snow), so the paragraph alone says which board it is.  The number of examples is
the edition.  A row is an agent, sometimes with its model ("ReFoRCE + o1-preview"), sometimes a
product alone.  Its date stood in a badge, since 2025 in ``data-date``.  The first column of rows was
headed "Retriever" for two months.  The page of 2024-08-23 was another benchmark's template.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from bs4 import Comment, Tag

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Excluded, Row, Tally
from collectors.contract.source import Board, Source
from collectors.entries import RowFault, guarded
from collectors.read.cells import absent, day, number, written
from collectors.read.markup import cell_text, soup


def _board(name: str, title: str, examples: int, task: str) -> Board:
    return Board(
        name=name,
        title=title,
        domain="coding",
        measures=f"Share of {examples} {task} solved by an agent.",
        unit="%",
        low=0,
        high=100,
        chance=0,
        counts_for_index=False,
        why_not="every row is an agent, often of an unnamed model",
        min_rows=1,
    )


BOARDS = {
    "": _board("spider2", "Spider 2.0", 632, "database workflow tasks of enterprises"),
    "snow": _board("spider2-snow", "Spider 2.0-Snow", 547, "text-to-SQL questions on Snowflake"),
    "lite": _board("spider2-lite", "Spider 2.0-Lite", 547, "text-to-SQL questions on BigQuery, Snowflake and SQLite"),
    "dbt": _board("spider2-dbt", "Spider 2.0-DBT", 68, "code-agent tasks on DuckDB with dbt"),
}
METHOD = ("Method", "Retriever")


def parse(page: Page) -> Iterator[Row]:
    read = 0
    for table in soup(page).select("table"):
        lines = table.select("tr")
        header = [cell_text(cell) for cell in lines[0].select("th, td")] if lines else []
        method = next((name for name in METHOD if name in header), "")
        if not method or "Score" not in header:
            continue
        board, edition, count = _which(page, table)
        yield Tally(board=board.name, edition=edition, rows=len(lines) - 1, updated_on=_newest(lines))
        for line in lines[1:]:
            read += 1
            scored = _score(board, edition, count, header, method, line)
            yield from guarded(scored, {method: cell_text(line)}, board=board.name, edition=edition)
    if not read:
        raise Drifted(page.url, "no table with Method and Score", expected="the panels of Spider 2.0")


def _score(board: Board, edition: str, count: int | None, header: list[str], method: str, line: Tag) -> Iterator[Row]:
    found = line.select("td")
    if len(found) != len(header):
        raise RowFault("row", f"{len(found)} cells", f"one for each of {len(header)} columns")
    cells = dict(zip(header, found, strict=True))
    name, score = _name(cells[method]), cell_text(cells["Score"])
    if absent(score):
        yield Excluded(board=board.name, edition=edition, name=name, rule="not scored")
        return
    yield board.score(
        edition=edition,
        name=name,
        value=number(score),
        n_items=count,
        written=written({"Method": cell_text(cells[method]), "Score": score, "date": str(_day(line))}),
        scored_on=_day(line),
    )


def _which(page: Page, table: Tag) -> tuple[Board, str, int | None]:
    panel = table.find_parent("div", id=True)
    text = cell_text(panel) if panel else ""
    match = re.search(r"Spider ?2(?:\.0)?(?:-(\w+))?", text)
    setting = (match[1] or "").lower() if match else None
    if setting not in BOARDS:
        raise Drifted(page.url, f"a panel that begins {text[:80]!r}", expected=f"one of {list(BOARDS)} of Spider 2.0")
    counted = re.search(r"(\d+) examples", text)
    edition = f"{counted[1]} examples" if counted else "unstated"
    return BOARDS[setting], edition, int(counted[1]) if counted else None


def _name(cell: Tag) -> str:
    """The cell's first line: what follows are affiliation and paper, each in an element of its own."""
    parts: list[str] = []
    for piece in cell.children:
        if isinstance(piece, Tag) and (parts or piece.name == "br"):
            break
        if not isinstance(piece, Comment):
            parts.append(cell_text(piece) if isinstance(piece, Tag) else str(piece))
    return " ".join(" ".join(parts).split())


def _day(line: Tag) -> date | None:
    badge = line.select_one(".badge")
    return day(line.get("data-date")) or (day(cell_text(badge)) if badge else None)


def _newest(lines: list[Tag]) -> date | None:
    return max(filter(None, (_day(line) for line in lines)), default=None)


SOURCE = Source(
    name="spider2",
    title="Spider 2.0 leaderboards",
    kind="leaderboard",
    operator="XLang Lab",
    homepage="https://spider2-sql.github.io/",
    licence="none stated",
    attribution="XLANG Lab and the agents' submitters",
    start=("https://spider2-sql.github.io/",),
    hosts=frozenset({"spider2-sql.github.io"}),
    parse=parse,
    boards=tuple(BOARDS.values()),
    cadence_days=7,
)
