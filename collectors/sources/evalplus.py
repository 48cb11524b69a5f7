"""EvalPlus: HumanEval and MBPP with many more tests per task (HumanEval+ 164 tasks, MBPP+ 378).

Only the two plus scores are read.  Until 2024-04-20 they stood under ``pass@1_plus``, since then
under ``pass@1`` as ``humaneval+`` and ``mbpp+``.  Two days later MBPP+ was cut from 399 tasks to 378
and run again: another edition.  The page does not say so, but its scores do, because they are
whole tasks of one number or of the other.  A missing MBPP+ is null.  For some hours (2024-04-30) the
columns of starcoder2-15b-instruct stood swapped.  ``open-data`` is about training data, not weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from collectors.contract.pages import Page
from collectors.contract.rows import Excluded, Row, Spec, Tally
from collectors.contract.source import Board, Source
from collectors.entries import FaultyEntry, guarded, keys_of, named_entries
from collectors.read.cells import number, written
from collectors.read.documents import json_of
from collectors.read.faults import columns
from collectors.sanitize import name_fault
from collectors.sources._access import stated

ROUNDING = 0.051
SATURATED = "Saturated: the best models are above 85 since 2024, near what the labels allow."

HUMANEVAL = Board(
    name="humaneval-plus",
    title="HumanEval+ (EvalPlus)",
    domain="coding",
    measures="Share of 164 short Python functions written correctly at the first try, under EvalPlus's tests.",
    unit="%",
    low=0,
    high=100,
    n_items=164,
    chance=0,
    counts_for_index=False,
    why_not=SATURATED,
    min_rows=10,
)
MBPP = Board(
    name="mbpp-plus",
    title="MBPP+ (EvalPlus)",
    domain="coding",
    measures="Share of 378 beginners' Python tasks solved at the first try, under EvalPlus's tests.",
    unit="%",
    low=0,
    high=100,
    n_items=378,
    chance=0,
    counts_for_index=False,
    why_not=SATURATED,
    min_rows=10,
)
KEYS = {HUMANEVAL: "humaneval", MBPP: "mbpp"}
TASKS = {HUMANEVAL: (164,), MBPP: (378, 399)}


def tasks_behind(board: Board, values: Iterable[float | None]) -> int:
    """The number of tasks whose whole counts explain most of the scores, written with one decimal."""
    known = [value for value in values if value is not None]
    return max(TASKS[board], key=lambda n: sum(abs(round(v * n / 100) * 100 / n - v) <= ROUNDING for v in known))


def parse(page: Page) -> Iterator[Row]:
    models = named_entries(page, json_of(page), "a JSON object, one entry per model")
    column, plus = ("pass@1_plus", "") if any("pass@1_plus" in row for row in models.values()) else ("pass@1", "+")
    columns(page, keys_of(models.values()), [column, "link", "size"])
    passed = {name: found if isinstance(found := row.get(column), dict) else {} for name, row in models.items()}
    columns(page, keys_of(passed.values()), [key + plus for key in KEYS.values()])
    for board, key in KEYS.items():
        values = {name: found.get(key + plus, "missing") for name, found in passed.items()}
        tasks = tasks_behind(board, (number(value) for value in values.values()))
        edition = f"{tasks}-tasks"
        yield Tally(board=board.name, edition=edition, rows=len(models))
        for name, row in models.items():
            shown = written({"model": name, **row}, "model", column, "prompted", "size")
            scored = _score(board, edition, tasks, name, values[name], shown)
            yield from guarded(scored, row, board=board.name, edition=edition, name=name)
    for name, row in models.items():
        if not isinstance(row, FaultyEntry):
            yield from facts(name, row)


def _score(board: Board, edition: str, tasks: int, name: str, value: object, shown: str) -> Iterator[Row]:
    if value is None:
        yield Excluded(board=board.name, edition=edition, name=name, rule="not scored")
        return
    yield board.score(edition=edition, name=name, value=number(value), written=shown, n_items=tasks)


def facts(name: str, row: dict[str, Any]) -> Iterator[Row]:
    """The Hub repository and the size (in billions) a row states."""
    as_written = written({"model": name, **row}, "model", "link", "size")
    if name_fault(name):
        return
    yield from stated(name, written=as_written, link=row.get("link"))
    if (size := number(row.get("size"))) is not None:
        yield Spec(name=name, quantity="parameters", value=size * 1e9, written=as_written)


SOURCE = Source(
    name="evalplus",
    title="EvalPlus leaderboard",
    kind="leaderboard",
    operator="EvalPlus",
    homepage="https://evalplus.github.io/leaderboard.html",
    licence="Apache-2.0",
    attribution="EvalPlus",
    start=("https://evalplus.github.io/results.json",),
    hosts=frozenset({"evalplus.github.io"}),
    parse=parse,
    boards=tuple(KEYS),
    cadence_days=120,
)
