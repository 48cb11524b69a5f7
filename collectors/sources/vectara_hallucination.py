"""Vectara's hallucination leaderboard: how often a summary says what its document does not.

A Markdown table in the README.  Columns are read by name: until 2024-01 accuracy stood first, and
a parser by position took GPT-4's 97 % accuracy for its hallucination rate of 3 %.

The rate is measured by a judge model (HHEM) on a set of documents; a change of either makes rates
incomparable, so both make the edition, as read from the page:

- the judge is the one the page says it uses now, not one it links as a former or an open variant.
  HHEM-1.0 was never named while in use.  HHEM-2.1 came on 2024-07-26 (GPT-4: 3.0 to 1.8 %, PaLM-2
  Chat: 10.0 to 69.8 %) and was named eight days later; between the two it shows by the link to the
  summaries' new data set, which came with it.
- the second set of documents (2025-11-18, 7,700 longer articles for 831 short ones) shows by the
  link to the version "based on the previous dataset".

The first set has rates over the 831 documents that every model answered; on the second each model
is judged on what it answered.  Small and old models lead here: copying a sentence is no hallucination.
Vectara's own models are judged by Vectara.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Row, Tally
from collectors.contract.source import Board, Source
from collectors.read.cells import day, number, whole_number, written
from collectors.read.faults import columns, ended
from collectors.read.tables import markdown_tables

BOARD = Board(
    name="vectara-hallucination",
    title="Vectara hallucination leaderboard",
    domain="knowledge and factuality",
    measures="Share of summaries with something that the document does not say, by Vectara's judge model.",
    unit="%",
    low=0,
    high=100,
    better="lower",
    counts_for_index=False,
    why_not="small and old models lead: a poor measure of capability",
    min_rows=10,
)
RATE = "Hallucination Rate"
SUMMARIES_OF_HHEM_2 = "huggingface.co/datasets/vectara/leaderboard_results"


def _edition(text: str) -> str:
    in_use = re.search(r"(?:based on the|computed using the|leaderboard uses) \[?HHEM-(\d+\.\d+)", text)
    judge = in_use.group(1) if in_use else "2.1" if SUMMARIES_OF_HHEM_2 in text else "1.0"
    return f"hhem-{judge}" + ("-second-dataset" if "based on the previous dataset" in text else "")


def _documents(text: str) -> tuple[int | None, bool]:
    """Number of documents the page states, and whether each model is judged on its own share of them."""
    if match := re.search(r"only (\d+) documents? were summarized by every model", text):
        return int(match.group(1)), False
    if match := re.search(r"over (\d+) articles", text):
        return int(match.group(1)), True
    return None, False


def _own(name: str) -> bool:
    return name.lower().startswith("vectara")


def parse(page: Page) -> Iterator[Row]:
    ended(page, "## Methodology")  # the text that states the edition is between the table and this heading
    tables = [table for table in markdown_tables(page.text) if table and RATE in table[0]]
    if len(tables) != 1:
        raise Drifted(page.url, f"{len(tables)} tables with {RATE}", expected="one Markdown table")
    rows = tables[0]
    columns(page, rows[0], ("Model", RATE, "Answer Rate"))
    edition = _edition(page.text)
    stated = re.search(r"^Last updated on (.+?)\s*$", page.text, re.MULTILINE)
    updated = day(re.sub(r"(\d)(?:st|nd|rd|th)\b", r"\1", stated.group(1))) if stated else None
    documents, own_share = _documents(page.text)
    yield Tally(board=BOARD.name, edition=edition, rows=len(rows), updated_on=updated)
    for row in rows:
        answered = number(row["Answer Rate"])
        judged = documents
        if documents is not None and own_share:
            judged = whole_number(round(documents * answered / 100)) if answered is not None else None
        yield BOARD.score(
            edition=edition,
            name=row["Model"],
            value=number(row[RATE]),
            written=written(row),
            developer=row["Model"].partition("/")[0] if "/" in row["Model"] else "",
            n_items=judged,
            self_reported=_own(row["Model"]),
        )


SOURCE = Source(
    name="vectara-hallucination",
    title="Vectara hallucination leaderboard",
    kind="leaderboard",
    operator="Vectara",
    homepage="https://github.com/vectara/hallucination-leaderboard",
    licence="Apache-2.0",
    attribution="Vectara hallucination leaderboard",
    start=("https://raw.githubusercontent.com/vectara/hallucination-leaderboard/main/README.md",),
    hosts=frozenset({"raw.githubusercontent.com"}),
    parse=parse,
    boards=(BOARD,),
    cadence_days=14,
)
