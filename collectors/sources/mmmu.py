"""MMMU and MMMU-Pro: multimodal questions of college exams, from the board's own JSON.

One object per model with a section per split (``validation``, ``test``, ``pro``); a section with
``source: author`` is the lab's own number, which is most of them.  Scores are strings.  Humans,
a random chooser and a frequent-answer chooser are listed among the models; ``info.type`` marks them.
``info.date`` is when the result was published, mostly the model's release day.  Since 2026 some
models have a second row "w/ tools", which is another instrument.  Two versions of 2024-11-20 had a
trailing comma and are no JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from collectors.contract.pages import Page
from collectors.contract.rows import Access, Excluded, Row, Tally
from collectors.contract.source import Board, Source
from collectors.entries import FaultyEntry, RowFault, entries, guarded, keys_of, part, text
from collectors.read.cells import absent, day, number, written
from collectors.read.documents import json_of
from collectors.read.faults import columns

BOARDS = {
    "validation": Board(
        name="mmmu-val",
        title="MMMU (validation)",
        domain="multimodal",
        measures="Share of 900 college-level questions with images answered correctly.",
        unit="%",
        low=0,
        high=100,
        n_items=900,
        chance=22.1,
        min_rows=10,
    ),
    "test": Board(
        name="mmmu-test",
        title="MMMU (test)",
        domain="multimodal",
        measures="Share of 10,500 college-level questions with images answered correctly; answers kept private.",
        unit="%",
        low=0,
        high=100,
        n_items=10_500,
        chance=23.9,
        counts_for_index=False,
        why_not="the larger split of mmmu-val, given up by the board's submitters",
        min_rows=10,
    ),
    "pro": Board(
        name="mmmu-pro",
        title="MMMU-Pro",
        domain="multimodal",
        measures="Mean over a ten-option and a picture-only setting of 1,730 questions no text-only model can answer.",
        unit="%",
        low=0,
        high=100,
        n_items=1730,
        chance=12.6,
        min_rows=10,
    ),
}
EDITIONS = {"validation": "val-900", "test": "test-10500", "pro": "pro-1730"}
NO_MODEL = {"human_expert": "human", "random_frequent": "random or frequent choice"}
OPENNESS = {"open_source": True, "proprietary": False}


def parse(page: Page) -> Iterator[Row]:
    found = json_of(page)
    rows = entries(page, found.get("leaderboardData") if isinstance(found, dict) else None, "leaderboardData: [...]")
    columns(page, keys_of(rows), ("info",))
    columns(page, keys_of(_info(row) for row in rows), ("name",))
    for row in rows:
        if isinstance(row, FaultyEntry) or not any(section in row for section in BOARDS):
            yield from guarded(_no_section(row), row, name=str(_info(row).get("name") or ""))
    seen: set[str] = set()
    for section, board in BOARDS.items():
        shown = [row for row in rows if section in row]
        edition = EDITIONS[section]
        dates = (day(_info(row).get("date")) for row in shown)
        yield Tally(
            board=board.name, edition=edition, rows=len(shown), updated_on=max(filter(None, dates), default=None)
        )
        for row in shown:
            scored = _score(board, edition, section, row, seen)
            name = str(_info(row).get("name") or "")
            yield from guarded(scored, row, board=board.name, edition=edition, name=name)


def _info(row: dict[str, Any]) -> dict[str, Any]:
    info = row.get("info")
    return info if isinstance(info, dict) else {}


def _no_section(row: dict[str, Any]) -> Iterator[Row]:
    raise RowFault("row", f"keys {sorted(row)[:10]}", f"one of the sections {', '.join(BOARDS)}")
    yield


def _score(board: Board, edition: str, section: str, row: dict[str, Any], seen: set[str]) -> Iterator[Row]:
    """The score of one section; openness once a model, which ``seen`` remembers."""
    info, cell = part(row, "info"), part(row, section)
    name, kind = text(info, "name"), text(info, "type")
    if rule := _rule(name, kind, cell.get("overall")):
        shown = number(cell.get("overall"))
        yield Excluded(board=board.name, edition=edition, name=name, rule=rule, value=shown)
        return
    yield board.score(
        edition=edition,
        name=name,
        value=number(cell.get("overall")),
        written=written({**info, section: {k: cell.get(k) for k in ("overall", "source")}}),
        scored_on=day(info.get("date")),
        self_reported=cell.get("source") == "author",
    )
    if kind in OPENNESS and name not in seen:
        seen.add(name)
        yield Access(name=name, open=OPENNESS[kind], evidence="board flag", written=written(info, "name", "type"))


def _rule(name: str, kind: str, overall: object) -> str:
    if kind in NO_MODEL:
        return NO_MODEL[kind]
    if re.search(r"\bw(ith|/) (tools|python)\b", name, re.IGNORECASE):
        return "with tools"
    if "PRM" in name:
        return "scaffolded system"
    return "not scored" if absent(overall) else ""


SOURCE = Source(
    name="mmmu",
    title="MMMU leaderboard",
    kind="leaderboard",
    operator="MMMU",
    homepage="https://mmmu-benchmark.github.io/",
    licence="none stated",
    attribution="MMMU team",
    start=("https://mmmu-benchmark.github.io/leaderboard_data.json",),
    hosts=frozenset({"mmmu-benchmark.github.io"}),
    parse=parse,
    boards=tuple(BOARDS.values()),
    cadence_days=14,
)
