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
from dataclasses import replace
from typing import Any

from collectors.contract import Board, Drifted, Page, Row, Source, Tally
from collectors.read import day, json_of, written

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
    for run in _runs(page):
        known = run["set"] if run["set"] in SETS else "other"
        tables[known, f"{run['set']}-{run['total']}"].append(run)
    for (known, edition), runs in tables.items():
        board = BOARDS[known]
        dates = (day(run.get("date")) for run in runs)
        yield Tally(
            board=board.name, edition=edition, rows=len(runs), updated_on=max(filter(None, dates), default=None)
        )
        for run in runs:
            count, total = _resolved(run), run["total"]
            yield board.score(
                edition=edition,
                name=str(run["name"]),
                value=100 * count / total if count is not None and total > 0 else None,
                n_items=total,
                written=written({**{k: run.get(k) for k in ("name", "set", "total", "date")}, "resolved": count}),
                scored_on=day(run.get("date")),
            )


def _runs(page: Page) -> Iterator[dict[str, Any]]:
    for at, line in enumerate(page.text.splitlines(), start=1):
        if not line.strip():
            continue
        run = json_of(replace(page, body=line.encode("utf-8", "surrogatepass")))
        if not isinstance(run, dict) or not {"name", "set", "total", "resolved"} <= set(run):
            raise Drifted(page.url, f"line {at} is no run", expected="name, set, total, resolved")
        if not isinstance(run["total"], int):
            raise Drifted(page.url, f"line {at}: {run['total']!r} instances", expected="a whole number")
        yield run


def _resolved(run: dict[str, Any]) -> int | None:
    resolved = run.get("resolved_ids", run["resolved"])
    if isinstance(resolved, list):
        return len(resolved)
    return resolved if isinstance(resolved, int) and not isinstance(resolved, bool) else None


SOURCE = Source(
    name="swe-bench-live",
    title="SWE-bench-Live leaderboard",
    kind="leaderboard",
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
