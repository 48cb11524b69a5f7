"""SWE-bench-Live: fresh GitHub issues in sets by language and system, resolved by agent and model.

JSON lines, one run each.  ``resolved`` is a count, or the list of resolved ids; in the first file
(May 2025) it was the percentage as text beside ``resolved_ids``.  The rate is computed.  A set grows
and shrinks (java 62, 39 and 102 issues; rust 45 and 64), several sizes side by side in one file, so
the edition is set and total.  ``name`` is "scaffold + model".  A set that is not declared goes to the
board ``swe-bench-live-other`` with its name as edition.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Row, Tally
from collectors.contract.source import Board, Source
from collectors.entries import FaultyEntry, RowFault, entries, guarded, text
from collectors.read.cells import day, written
from collectors.read.documents import json_of

SETS = {
    "full": "Python issues of all months",
    "lite": "300 Python issues",
    "verified": "500 Python issues that a model judged solvable",
    "windows": "issues on Windows",
    "java": "Java issues",
    "rust": "Rust issues",
    "go": "Go issues",
    "tsjs": "TypeScript and JavaScript issues",
    "csharp": "C# issues",
    "ccpp": "C and C++ issues",
    "other": "issues of sets named in the edition",
}
BOARDS = {
    name: Board(
        name=f"swe-bench-live-{name}",
        title=f"SWE-bench-Live {name}",
        domain="coding",
        measures=f"Share of fresh GitHub issues resolved by an agent's patch: {what}.",
        unit="%",
        low=0,
        high=100,
        chance=0,
        counts_for_index=False,
        why_not="scaffold and model change together from row to row",
        min_rows=1,
    )
    for name, what in SETS.items()
}


def parse(page: Page) -> Iterator[Row]:
    tables: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for run in entries(page, _lines(page), "a JSON object on every line: name, set, total, resolved"):
        try:
            known = text(run, "set") if text(run, "set") in SETS else "other"
            tables[known, f"{text(run, 'set')}-{_total(run)}"].append(run)
        except RowFault as fault:
            yield from guarded((), run if isinstance(run, FaultyEntry) else FaultyEntry(fault, run))
    for (known, edition), runs in tables.items():
        board = BOARDS[known]
        dates = (day(run.get("date")) for run in runs)
        yield Tally(
            board=board.name, edition=edition, rows=len(runs), updated_on=max(filter(None, dates), default=None)
        )
        for run in runs:
            yield from guarded(_score(board, edition, run), run, board=board.name, edition=edition)


def _lines(page: Page) -> list[Any]:
    """Each line as an object; a line that is not JSON (if the text is cut, the last one) is an unreadable row."""
    found: list[Any] = []
    for line in page.marked_text.split("\n"):  # splitlines() would end a line at a U+2028 inside a text
        if line.strip():
            try:
                found.append(json_of(page, line))
            except Drifted:
                found.append(line)
    return found


def _total(run: dict[str, Any]) -> int:
    """The number of instances; without it and the set, the table of a run is unknown."""
    total = run.get("total")
    if not text(run, "set") or not isinstance(total, int) or isinstance(total, bool):
        raise RowFault("total", repr(total)[:60], "a set and its whole number of instances")
    return total


def _score(board: Board, edition: str, run: dict[str, Any]) -> Iterator[Row]:
    count, total = _resolved(run), _total(run)
    yield board.score(
        edition=edition,
        name=text(run, "name"),
        value=100 * count / total if count is not None and total > 0 else None,
        n_items=total,
        written=written({**{k: run.get(k) for k in ("name", "set", "total", "date")}, "resolved": count}),
        scored_on=day(run.get("date")),
    )


def _resolved(run: dict[str, Any]) -> int | None:
    resolved = run.get("resolved_ids", run.get("resolved"))
    if isinstance(resolved, list):
        return len(resolved)
    return resolved if isinstance(resolved, int) and not isinstance(resolved, bool) else None


SOURCE = Source(
    name="swe-bench-live",
    title="SWE-bench-Live leaderboard",
    kind="leaderboard",
    operator="SWE-bench-Live",
    homepage="https://swe-bench-live.github.io/",
    licence="none stated",
    attribution="SWE-bench-Live team",
    start=(
        "https://swe-bench-live.github.io/reports-0605.jsonl",
        "https://swe-bench-live.github.io/reports.jsonl",
    ),
    hosts=frozenset({"swe-bench-live.github.io"}),
    parse=parse,
    boards=tuple(BOARDS.values()),
    cadence_days=14,
)
