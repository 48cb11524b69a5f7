"""BigCodeBench: Python functions that call real libraries; the full set (1140) and a hard subset (148).

Each model is scored on ``complete`` (from a docstring) and on ``instruct`` (from a short request).
Base models have no ``instruct`` score.  In the first days (2024-06-04 to 06-07) every score stood
there twice, plain and as ``-cal``, calibrated against answers that stop early; the calibrated ones
became the board, so the plain twin is left out where both are given.

``date`` is meant as the model's release and is careless (GPT-4-0613 in June 2024), so it stays in
the row as written and is not passed on.  The hard file repeats every model of the full one, and
newer models are run on the hard subset only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from collectors.contract.pages import Page
from collectors.contract.rows import Excluded, Row, Spec, Tally
from collectors.contract.source import Board, Source
from collectors.entries import FaultyEntry, guarded, keys_of, named_entries, part
from collectors.read.cells import number, written
from collectors.read.documents import json_of
from collectors.read.faults import columns
from collectors.sanitize import name_fault
from collectors.sources._access import stated

EDITION = "v0.1"
BASE = "https://bigcode-bench.github.io/"
CALIBRATED = "-cal"
Task = Literal["complete", "instruct"]
TASKS: tuple[Task, ...] = ("complete", "instruct")
ASKED = {"complete": "from their docstring", "instruct": "from a short request"}


def _board(subset: str, task: Task) -> Board:
    hard = subset == "hard"
    return Board(
        name=f"bigcodebench-hard-{task}" if hard else f"bigcodebench-{task}",
        title=f"BigCodeBench {'Hard ' if hard else ''}({task})",
        domain="coding",
        measures=f"Share of {148 if hard else 1140} functions calling real libraries written correctly {ASKED[task]}.",
        unit="%",
        low=0,
        high=100,
        n_items=148 if hard else 1140,
        chance=0,
        min_rows=10,
        counts_for_index=hard,
        why_not="" if hard else "The hard subset is part of it and has every model of it, and the newer ones too.",
    )


BOARDS = {(subset, task): _board(subset, task) for subset in ("full", "hard") for task in TASKS}


def parse(page: Page) -> Iterator[Row]:
    models = named_entries(page, json_of(page), "a JSON object, one entry per model")
    subset = "hard" if page.url.endswith("-hard.json") else "full"
    columns(page, keys_of(models.values()), ["pass@1", "link", "size"])
    columns(page, keys_of(_passed(row) for row in models.values()), TASKS)
    for task in TASKS:
        twins = sum(task + CALIBRATED in _passed(row) for row in models.values())
        yield Tally(board=BOARDS[subset, task].name, edition=EDITION, rows=len(models) + twins)
    for name, row in models.items():
        for task in TASKS:
            board = BOARDS[subset, task]
            yield from guarded(scores(board, name, row, task), row, board=board.name, edition=EDITION, name=name)
        if not isinstance(row, FaultyEntry):
            yield from facts(name, row)


def _passed(row: Mapping[str, Any]) -> dict[str, Any]:
    passed = row.get("pass@1")
    return passed if isinstance(passed, dict) else {}


def scores(board: Board, name: str, row: dict[str, Any], task: Task) -> Iterator[Row]:
    """One score per model and task, and the exclusion of its absence or its twin."""
    passed = part(row, "pass@1")
    calibrated = passed.get(task + CALIBRATED)
    if task + CALIBRATED in passed:
        rule = "not scored" if calibrated is None else "uncalibrated twin"
        yield Excluded(board=board.name, edition=EDITION, name=name, rule=rule)
    if calibrated is None and task in passed and passed[task] is None:
        yield Excluded(board=board.name, edition=EDITION, name=name, rule="not scored")
        return
    yield board.score(
        edition=EDITION,
        name=name,
        value=number(passed.get(task) if calibrated is None else calibrated),
        written=written({"model": name, **row}, "model", "pass@1", "prompted", "size", "date", "prefill", "link"),
    )


def facts(name: str, row: dict[str, Any]) -> Iterator[Row]:
    """The Hub repository and the sizes (in billions) a row states."""
    as_written = written({"model": name, **row}, "model", "link", "size", "act_param")
    if name_fault(name):
        return
    yield from stated(name, written=as_written, link=row.get("link"))
    if (size := number(row.get("size"))) is not None:
        yield Spec(name=name, quantity="parameters", value=size * 1e9, written=as_written)
    if (active := number(row.get("act_param"))) is not None:
        yield Spec(name=name, quantity="active_parameters", value=active * 1e9, written=as_written)


SOURCE = Source(
    name="bigcodebench",
    title="BigCodeBench leaderboard",
    kind="leaderboard",
    operator="BigCode",
    homepage=BASE,
    licence="none stated",
    attribution="BigCodeBench, BigCode",
    start=(BASE + "results.json", BASE + "results-hard.json"),
    hosts=frozenset({"bigcode-bench.github.io"}),
    parse=parse,
    boards=tuple(BOARDS.values()),
    cadence_days=60,
)
