"""Kagi LLM benchmark: unpublished tasks of reasoning, code and instruction following, run by Kagi.

The task set is rewritten now and then while old models stay listed, so the edition must come from
the page.  From May 2025 it states the number of tasks and their input tokens, and the pair changes
only with the set (100/8861, 100/10859, 110/14909, 116/15256).  The date under "Last task list
revision" does not tell sets apart: the label replaced "Last update" over one and the same day
(2025-10-08) and moves on without a single old score changing; it is kept as the table's date.  In April
2025 the page stated that tasks change with every update, so the date of the update is the edition.  Before
that only the scores show the number of tasks, because all are k/n: n was 50, then 60, then 62.

The header changed twelve times; the early cells hold bold makers (``**OpenAI** gpt-4o``) or Python
calls (``OpenAIProvider('gpt-4o')``).  On 2025-05-06 the separator stood in the header's own line for
an hour: no table, and refused.  The tables of list prices on the early pages have no accuracy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Row, Tally
from collectors.contract.source import Board, Source
from collectors.read.cells import day, number, written
from collectors.read.faults import ended
from collectors.read.tables import markdown_tables

BOARD = Board(
    name="kagi-llm",
    title="Kagi LLM benchmark",
    domain="reasoning and mathematics",
    measures="Share of Kagi's unpublished tasks (reasoning, code, instructions, several languages) solved, no tools.",
    unit="%",
    low=0,
    high=100,
    min_rows=5,
)


def parse(page: Page) -> Iterator[Row]:
    text = page.text
    tables = [table for table in markdown_tables(text) if table and _column(table[0], "model")]
    rows = [row for table in tables if _column(table[0], "accuracy", "accuracyavg") for row in table]
    if not rows:
        raise Drifted(page.url, "no table with a model and an accuracy column", expected="the benchmark's table")
    columns = [(_column(row, "model"), _column(row, "accuracy", "accuracyavg")) for row in rows]
    values = [number(row[accuracy]) for row, (_, accuracy) in zip(rows, columns, strict=True)]
    updated = _updated(text)
    edition, tasks = _edition(page, values, updated)
    yield Tally(board=BOARD.name, edition=edition, rows=len(rows), updated_on=updated)
    for row, (model, _), value in zip(rows, columns, values, strict=True):
        name, developer = _name(row[model])
        yield BOARD.score(
            edition=edition, name=name, developer=developer, value=value, written=written(row), n_items=tasks
        )


def _column(row: dict[str, str], *names: str) -> str:
    """The column whose letters spell one of ``names``: ``%accuracy``, ``accuracy(%)``, ``Accuracy (%)``."""
    return next((key for key in row if re.sub(r"[^a-z]", "", key.lower()) in names), "")


def _updated(text: str) -> date | None:
    match = re.search(
        r"Last (?:task list revision|updated?)\W*([A-Z][a-z]+) (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})", text, re.IGNORECASE
    )
    return day(f"{match[1]} {match[2]}, {match[3]}") if match else None


def _edition(page: Page, values: Sequence[float | None], updated: date | None) -> tuple[str, int | None]:
    text = page.text
    if tasks := re.search(r"^\W*Tasks:\W*(\d+)", text, re.MULTILINE):
        tokens = re.search(r"Input Tokens[^\d\n]*(\d+)", text)
        return f"{tasks[1]} tasks" + (f", {tokens[1]} input tokens" if tokens else ""), int(tasks[1])
    if "change the benchmark tasks every update" in text:
        return f"updated {updated}", None
    ended(page, "## Credits")  # half the rows would imply another set
    count = _implied([value for value in values if value is not None])
    return (f"{count} tasks" if count else "unstated"), count


ENOUGH_FOR_A_TYPO = 8
"""Rows of which one may be wrong: 17.00 among multiples of 2 is a typo on 50 questions, rather than 100 of them."""


def _implied(values: Sequence[float]) -> int | None:
    """The smallest number of questions of which most of the percentages are whole counts; a typo must not move it."""
    hits = {n: sum(abs(round(v * n / 100) * 100 / n - v) < 0.006 for v in values) for n in range(20, 151)}
    most = max(hits.values())
    forgiven = 1 if len(values) >= ENOUGH_FOR_A_TYPO else 0
    count = min(n for n in hits if hits[n] >= most - forgiven)
    return count if hits[count] * 3 >= len(values) * 2 else None


def _name(cell: str) -> tuple[str, str]:
    if call := re.fullmatch(r"\w+Provider\('(.+)'\)", cell):
        return call[1], ""
    maker = re.match(r"\*\*([^*]+)\*\*\s*\S", cell)
    plain = re.sub(r"\(see note below\)|[*`]", "", cell)
    return " ".join(plain.split()), maker[1] if maker else ""


SOURCE = Source(
    name="kagi-llm",
    title="Kagi LLM Benchmarking Project",
    kind="leaderboard",
    operator="Kagi",
    homepage="https://help.kagi.com/kagi/ai/llm-benchmark.html",
    licence="none stated",
    attribution="Kagi Inc.",
    start=("https://raw.githubusercontent.com/kagisearch/kagi-docs/main/docs/kagi/ai/llm-benchmark.md",),
    hosts=frozenset({"raw.githubusercontent.com"}),
    parse=parse,
    boards=(BOARD,),
    cadence_days=14,
)
