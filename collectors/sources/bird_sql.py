"""BIRD: questions over large real databases answered in SQL, scored by executing it on a hidden test set.

One HTML page with several tables whose ids repeat, so a table is known by the heading of its card
and by its columns.  The tables of execution accuracy (EX) with a test column are read; the tables of
efficiency (VES, R-VES) and of Mini-Dev measure something else.  The dev set was cleaned twice and
is public, so its column is not a score here.

Most rows are systems ("AskData + GPT-4o"), and no list of names can tell them from models.  The
page itself can, and a row is a plain model where the page says so:

- the organisers ran it: its affiliation reads "Baseline";
- or the Single-Model table (since 2025-04) has it without self-consistency, one answer per question,
  under one name (a "+" joins a method to a model).

Humans, systems and rows voting over several candidates are excluded by those rules.  Few rows are
left, run by different people years apart, so the board does not count for the index.

The page of the first days (to 2023-05-11) has neither mark, so no row of it is a score.

Oracle knowledge (a hint written by an annotator) is worth 13 points to ChatGPT, so with and without
are editions.  The first page had a table for each, later a column does (spelled "Orocal",
"Oracal" and "Orale" before "Oracle").  The Single-Model table does not say it and is an edition of
its own.  The page is hand-written: some rows and cells are never closed, so that a row's cells are
only those of that row itself; rows in comments are no rows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bs4 import BeautifulSoup, Comment, Tag

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Excluded, Row, Tally
from collectors.contract.source import Board, Source
from collectors.read.cells import absent, day, number, written
from collectors.read.faults import columns
from collectors.read.markup import cell_text, soup

WITH, WITHOUT, SINGLE = "oracle-knowledge", "no-knowledge", "single-model"
VARIOUS = frozenset({"", "Baseline", "Anonymous"})

BOARD = Board(
    name="bird-sql-test",
    title="BIRD text-to-SQL",
    domain="coding",
    measures="Share of 1,789 hidden questions whose SQL returns what the right SQL returns.",
    unit="%",
    low=0,
    high=100,
    n_items=1789,
    chance=0,
    counts_for_index=False,
    why_not="mostly scaffolded systems; the few plain models were run by different people years apart",
    min_rows=5,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of one table, by what its columns say."""

    edition: str
    name: str
    affiliation: str
    test: str
    dated: str
    candidates: str


def _own_text(cell: Tag) -> str:
    """A cell's text without that of cells swallowed because a tag was never closed."""
    own = [text for text in cell.find_all(string=True) if text.find_parent("td") is cell]
    return " ".join(" ".join(text for text in own if not isinstance(text, Comment)).split())


def _name(cell: Tag) -> tuple[str, str]:
    """Name and affiliation from a model cell; links are papers."""
    affiliation = cell.select_one(".affiliation")
    parts = [
        text
        for text in cell.find_all(string=True)
        if text.find_parent("td") is cell
        and not isinstance(text, Comment)
        and text.find_parent("a") is None
        and text.find_parent(class_="affiliation") is None
    ]
    return " ".join(" ".join(parts).split()), cell_text(affiliation) if affiliation else ""


def _entries(page: Page, table: Tag, heading: str) -> Iterator[Entry]:
    heads = [cell_text(head) for head in table.find_all("th")]
    columns(page, heads, ("Model", "Test (%)"))
    knowledge = next((head for head in heads if head.endswith("Knowledge")), "")
    single = table.find_parent(id="single-model-leaderboard") is not None
    if not (single or knowledge or "Knowledge" in heading):
        raise Drifted(page.url, f"columns {heads}", expected="a column or heading on oracle knowledge")
    for line in _lines(table):
        cells = [cell for cell in line.find_all("td") if cell.find_parent("tr") is line]
        entry = dict(zip(heads, cells, strict=False))
        edition = SINGLE
        if not single:
            hint = entry.get(knowledge)
            given = "Oracle" in heading if not knowledge else hint is not None and bool(_own_text(hint))
            edition = WITH if given else WITHOUT
        name, affiliation = _name(entry["Model"]) if "Model" in entry else ("", "")
        yield Entry(
            edition=edition,
            name=name,
            affiliation=affiliation,
            test=_own_text(entry["Test (%)"]) if "Test (%)" in entry else "",
            dated=_own_text(cells[0]),
            candidates=_own_text(entry["Self Consistency"]) if "Self Consistency" in entry else "",
        )


def _lines(table: Tag) -> list[Tag]:
    return [line for line in table.find_all("tr") if any(c.find_parent("tr") is line for c in line.find_all("td"))]


def _tables(tree: BeautifulSoup) -> Iterator[tuple[Tag, str]]:
    """The test-set tables of execution accuracy with the headings of their cards."""
    for table in tree.find_all("table"):
        card = table.find_previous(class_="card-header")
        heading = cell_text(card) if card else ""
        heads = [cell_text(head) for head in table.find_all("th")]
        if "Execution Accuracy" in heading and "Test (%)" in heads:
            yield table, heading


def _left_out(entry: Entry, plain: set[tuple[str, str]]) -> str:
    """The rule by which a row is no plain model, or the empty string."""
    if entry.name.startswith("Human"):
        return "human"
    if entry.candidates:
        return "several candidates voted"
    if entry.affiliation == "Baseline":
        return ""
    if " + " in entry.name:
        return "scaffolded system"
    if (entry.name, entry.test) not in plain:
        return "not marked as a plain model"
    return "not scored" if absent(entry.test) else ""


def parse(page: Page) -> Iterator[Row]:
    tree = soup(page)
    tables = list(_tables(tree))
    if not tables:
        raise Drifted(page.url, "no table of execution accuracy", expected="cards with tables of models and Test (%)")
    entries = [entry for table, heading in tables for entry in _entries(page, table, heading)]
    plain = {(entry.name, entry.test) for entry in entries if entry.edition == SINGLE and not entry.candidates}
    seen = Counter(entry.edition for entry in entries)
    if seen.total() != sum(len(_lines(table)) for table, _ in tables):
        raise Drifted(page.url, f"{seen.total()} rows read", expected="every row of the tables")
    dates = {edition: [on for entry in entries if entry.edition == edition and (on := _day(entry))] for edition in seen}
    for edition, rows in seen.items():
        yield Tally(board=BOARD.name, edition=edition, rows=rows, updated_on=max(dates[edition], default=None))
    for entry in entries:
        value = number(entry.test.removeprefix("New Dev").strip())
        if rule := _left_out(entry, plain):
            yield Excluded(board=BOARD.name, edition=entry.edition, name=entry.name, rule=rule, value=value)
            continue
        yield BOARD.score(
            edition=entry.edition,
            name=entry.name,
            value=value,
            written=written({"name": entry.name, "affiliation": entry.affiliation, "test": entry.test}),
            developer="" if entry.affiliation in VARIOUS else entry.affiliation,
            scored_on=_day(entry),
        )


def _day(entry: Entry) -> date | None:
    """The day of a row's badge, which had the rank before it at first: ``2 Mar 17, 2023``."""
    match = re.search(r"[A-Z][a-z]+ \d{1,2}, ?\d{4}", entry.dated)
    return day(match.group()) if match else None


SOURCE = Source(
    name="bird-sql",
    title="BIRD text-to-SQL leaderboard",
    kind="leaderboard",
    operator="BIRD",
    homepage="https://bird-bench.github.io/",
    licence="none stated",
    attribution="BIRD-bench (https://bird-bench.github.io)",
    start=("https://bird-bench.github.io/",),
    hosts=frozenset({"bird-bench.github.io"}),
    parse=parse,
    boards=(BOARD,),
)
