"""LiveBench: objective questions in several categories, replaced in releases against contamination.

Each release is two files, ``categories_2026_01_08.json`` (category -> tasks) and
``table_2026_01_08.csv`` (one row per model, one column per task, 0 to 100).  A category's value is
the mean of its tasks, the overall value the mean of the categories; the site computes both in the
browser and publishes neither, so they are computed here from exactly the cells the files hold.

- Scores of different releases cannot be compared, so a release is an edition.  Before 2024-08 the
  files carried no date: a task set equal to that of 2024-06-24 is that release, anything else is
  the launch week's and is named by its number of tasks.
- There is no index of releases.  The repository's folder listing has the new ones; the releases
  known when this was written are asked for by name as well, because the listing is rate-limited.
  A release that is withdrawn (2024-07-24, 2025-01-25, 2025-05-17) or not yet there answers 404,
  and that is its normal state.
- A row with fewer cells than the header has lost cells *somewhere*: the 21 values of
  nemotron-3-super-120b-a12b (2026-04) are shifted, so that a reasoning task stands under
  ``typescript``.  No value of such a row is used.  A category needs all its tasks, the overall value
  all categories.
- The categories' file decides which columns count: a column it does not name (``spatial``, on
  2024-07-18) is not part of the release yet.
- ``Writing`` of the launch week is called ``Language`` since 2024-06-12.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Excluded, Get, Quarantined, Row, Score, Tally
from collectors.contract.source import Board, Source
from collectors.entries import entries, guarded
from collectors.read.cells import absent, number, written
from collectors.read.documents import json_of
from collectors.read.faults import UNENDED, FaultyRow
from collectors.read.tables import csv_rows

SITE = "https://livebench.ai/"
LISTING = "https://api.github.com/repos/LiveBench/livebench.github.io/contents/public"
KNOWN_RELEASES = (
    "2024-06-24",
    "2024-07-24",
    "2024-07-26",
    "2024-08-31",
    "2024-11-25",
    "2025-01-25",
    "2025-04-02",
    "2025-04-25",
    "2025-05-17",
    "2025-05-30",
    "2025-11-25",
    "2025-12-23",
    "2026-01-08",
)
FIRST_RELEASE = "2024-06-24"
FIRST_TASKS = frozenset(
    {
        "AMPS_Hard",
        "LCB_generation",
        "coding_completion",
        "connections",
        "cta",
        "math_comp",
        "olympiad",
        "paraphrase",
        "plot_unscrambling",
        "simplify",
        "story_generation",
        "summarize",
        "tablejoin",
        "tablereformat",
        "typos",
        "web_of_lies_v2",
        "zebra_puzzle",
    }
)
LOST = "(no cell)"
FEWEST_FOR_A_GRID = 10

OVERALL = Board(
    name="livebench",
    title="LiveBench",
    domain="general",
    measures="Mean of the category means of one question release.",
    unit="%",
    low=0,
    high=100,
    composite=True,
    min_rows=10,
)
REASONING = Board(
    name="livebench-reasoning",
    title="LiveBench reasoning",
    domain="reasoning and mathematics",
    measures="Mean of the reasoning tasks: logic puzzles, spatial questions, lies and theory of mind.",
    unit="%",
    low=0,
    high=100,
    min_rows=10,
)
CODING = Board(
    name="livebench-coding",
    title="LiveBench coding",
    domain="coding",
    measures="Mean of code generation and code completion.",
    unit="%",
    low=0,
    high=100,
    chance=0,
    min_rows=10,
)
AGENTIC_CODING = Board(
    name="livebench-agentic-coding",
    title="LiveBench agentic coding",
    domain="agents",
    measures="Mean of repository tasks in JavaScript, TypeScript and Python, solved with one plain scaffold.",
    unit="%",
    low=0,
    high=100,
    chance=0,
    min_rows=10,
)
MATHEMATICS = Board(
    name="livebench-mathematics",
    title="LiveBench mathematics",
    domain="reasoning and mathematics",
    measures="Mean of competition, olympiad proof and hard synthetic mathematics.",
    unit="%",
    low=0,
    high=100,
    min_rows=10,
)
DATA_ANALYSIS = Board(
    name="livebench-data-analysis",
    title="LiveBench data analysis",
    domain="general",
    measures="Mean of tasks on tables: joining, reformatting, column types.",
    unit="%",
    low=0,
    high=100,
    min_rows=10,
)
LANGUAGE = Board(
    name="livebench-language",
    title="LiveBench language",
    domain="general",
    measures="Mean of word connections, plot unscrambling and typo repair.",
    unit="%",
    low=0,
    high=100,
    min_rows=10,
)
INSTRUCTIONS = Board(
    name="livebench-if",
    title="LiveBench instruction following",
    domain="general",
    measures="Mean of writing tasks under verifiable instructions.",
    unit="%",
    low=0,
    high=100,
    min_rows=10,
)
CATEGORIES = {
    "Reasoning": REASONING,
    "Coding": CODING,
    "Agentic Coding": AGENTIC_CODING,
    "Mathematics": MATHEMATICS,
    "Data Analysis": DATA_ANALYSIS,
    "Language": LANGUAGE,
    "Writing": LANGUAGE,
    "IF": INSTRUCTIONS,
}

Means = dict[str, float | str]
"""Per category: its mean, or why it has none."""


def _edition(page: Page, tasks: Mapping[str, list[str]]) -> str:
    name = page.url.removeprefix(SITE)
    if match := re.fullmatch(r"table_(\d{4})_(\d{2})_(\d{2})\.csv", name):
        return "-".join(match.groups())
    if name != "table.csv":
        raise Drifted(page.url, "no release date in the address", expected="table_YYYY_MM_DD.csv or table.csv")
    named = {task for group in tasks.values() for task in group}
    return FIRST_RELEASE if named == FIRST_TASKS else f"undated-{len(named)}-tasks"


def _tasks(page: Page, document: object) -> dict[str, list[str]]:
    """The categories of one release, checked; an unknown category has no board to go to."""
    if (
        not isinstance(document, dict)
        or not document
        or not all(isinstance(group, list) and group for group in document.values())
    ):
        raise Drifted(page.url, "no categories", expected="category names, each with its tasks")
    if unknown := [name for name in document if name not in CATEGORIES]:
        raise Drifted(
            page.url,
            f"categories unknown: {unknown[:20]}",
            expected=f"any of {sorted(CATEGORIES)}",
            todo="declare a board for the new category",
        )
    return document


def _mean(tasks: list[str], row: Mapping[str, str]) -> float | str:
    """A category's mean, or why it has none; an impossible cell is returned itself, because a mean would hide it."""
    cells = [row[task] for task in tasks]
    if any(absent(cell) for cell in cells):
        return "incomplete row"
    values = [value for cell in cells if (value := number(cell)) is not None]
    if len(values) < len(cells):
        return "bad cell"
    return _impossible(values) or sum(values) / len(values)


def _impossible(values: list[float]) -> float | None:
    return next((value for value in values if not 0 <= value <= 100), None)


def _row(board: Board, edition: str, name: str, mean: float | str, shown: str) -> Score | Excluded | Quarantined:
    if mean == "incomplete row":
        return Excluded(board=board.name, edition=edition, name=name, rule="incomplete row")
    value = None if isinstance(mean, str) else mean
    return board.score(edition=edition, name=name, value=value, written=shown)


def _proven(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows, where the file's very last cell counts as whole if it lies on the grid of all above it.

    Four files in ten have no line end, and the newest model may stand last.  Where all others are multiples of 1/8,
    so is a whole cell, and what a cut leaves of 28.25 (28.2, 28., 28) is not.
    """
    if len(rows) < FEWEST_FOR_A_GRID or not (column := next(reversed(rows[-1]))) or LOST in rows[-1].values():
        return rows
    cell = rows[-1][column].removesuffix(UNENDED)
    whole = [row for row in rows[:-1] if not isinstance(row, FaultyRow)]
    others = [number(row[column]) for row in whole if not absent(row[column])]
    on_grid = all(value is not None and (8 * value).is_integer() for value in (*others, number(cell)))
    return [*rows[:-1], rows[-1] | {column: cell}] if on_grid and re.fullmatch(r"\d+\.\d+", cell) else rows


def _table(page: Page) -> Iterator[Row]:
    if not page.context:
        raise Drifted(page.url, "no categories handed on", expected="a table asked for by its categories' page")
    tasks = _tasks(page, json.loads(page.context))
    edition = _edition(page, tasks)
    rows = csv_rows(page, ["model", *(task for group in tasks.values() for task in group)], fill=LOST)
    rows = _proven(rows)
    for board in (OVERALL, *(CATEGORIES[name] for name in tasks)):
        yield Tally(board=board.name, edition=edition, rows=len(rows))
    for row in rows:
        if isinstance(row, FaultyRow):
            for board in (OVERALL, *(CATEGORIES[name] for name in tasks)):
                yield from guarded((), row, board=board.name, edition=edition)
            continue
        short = LOST in row.values()
        means = {name: "incomplete row" if short else _mean(group, row) for name, group in tasks.items()}
        for name, mean in means.items():
            yield _row(CATEGORIES[name], edition, row["model"], mean, written(row, "model", *tasks[name]))
        yield _row(OVERALL, edition, row["model"], _overall(means), written({"model": row["model"], **means}))


def _overall(means: Means) -> float | str:
    """Mean of all category means; a bad cell outweighs a missing one, so that it is not overlooked."""
    known = [mean for mean in means.values() if not isinstance(mean, str)]
    if len(known) == len(means):
        return _impossible(known) or sum(known) / len(known)
    return "bad cell" if "bad cell" in means.values() else "incomplete row"


def _listing(page: Page) -> Iterator[Row]:
    names = [str(entry.get("name")) for entry in entries(page, json_of(page), "GitHub's contents of a folder")]
    found = [name for name in names if re.fullmatch(r"categories_\d{4}_\d{2}_\d{2}\.json", name)]
    if not found:
        raise Drifted(page.url, f"files {names[:20]}", expected="categories_YYYY_MM_DD.json among them")
    for name in found:
        yield Get(url=SITE + name)


def parse(page: Page) -> Iterator[Row]:
    if page.url == LISTING:
        yield from _listing(page)
    elif page.url.endswith(".json"):
        tasks = _tasks(page, json_of(page))
        table = page.url.removesuffix(".json").replace("/categories", "/table") + ".csv"
        yield Get(url=table, context=json.dumps(tasks, ensure_ascii=False, separators=(",", ":")))
    else:
        yield from _table(page)


SOURCE = Source(
    name="livebench",
    title="LiveBench",
    kind="leaderboard",
    operator="LiveBench",
    homepage="https://livebench.ai/",
    licence="none stated",
    attribution="LiveBench (https://livebench.ai)",
    start=(
        LISTING,
        SITE + "categories.json",
        *(f"{SITE}categories_{release.replace('-', '_')}.json" for release in KNOWN_RELEASES),
    ),
    hosts=frozenset({"livebench.ai", "api.github.com"}),
    parse=parse,
    boards=(OVERALL, REASONING, CODING, AGENTIC_CODING, MATHEMATICS, DATA_ANALYSIS, LANGUAGE, INSTRUCTIONS),
)
