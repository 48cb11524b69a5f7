"""One loop for all sources: every fixture page parses to exactly the rows reviewed beside it.

A case is a folder ``tests/fixtures/<source>/<case>/`` with ``case.toml`` (``url``, ``file``, and
``context`` where the page was asked for by another), the page itself, written by hand in the
source's true format, and ``rows.jsonl``.  Where ``rows.jsonl`` is missing the test writes it and
fails once: read it, commit it, run again.
"""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import FIXTURES
from mutations import page_of

from collectors.contract.errors import SourceError
from collectors.contract.pages import Page
from collectors.contract.rows import Excluded, Quarantined, Row, Score, Tally
from collectors.contract.source import Source
from collectors.parsing import read_page
from collectors.registry import sources

CASES = sorted(path.parent for path in FIXTURES.glob("*/*/case.toml"))
NOT_PAGES = {
    "blank": b"",
    "white": b"\n  \n",
    "object": b"{}",
    "list": b"[]",
    "wall": b"<!doctype html><html><head><title>Just a moment...</title></head><body>Checking</body></html>",
}


def plain(row: Row) -> dict[str, Any]:
    """A row as its reviewed line shows it: every field that is not at its default."""
    result = {f.name: getattr(row, f.name) for f in dataclasses.fields(row) if getattr(row, f.name) != f.default}
    return {"row": type(row).__name__} | {k: str(v) if isinstance(v, date | datetime) else v for k, v in result.items()}


def source_of(case: Path) -> Source:
    return sources()[case.parent.name]


def read_case(case: Path) -> tuple[Row, ...]:
    return read_page(source_of(case), page_of(case))


def test_every_source_has_a_fixture() -> None:
    assert CASES, "no fixture found: has the folder moved?"
    assert {case.parent.name for case in CASES} == set(sources())


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.parent.name}-{c.name}")
def test_page_parses_to_the_reviewed_rows(case: Path) -> None:
    lines = [json.dumps(plain(row), ensure_ascii=False) for row in read_case(case)]
    reviewed = case / "rows.jsonl"
    if not reviewed.exists():
        reviewed.write_text("\n".join(lines) + "\n", "utf-8")
        pytest.fail(f"wrote {len(lines)} rows to {reviewed}: review them, commit them, run again")
    assert lines == reviewed.read_text("utf-8").splitlines()


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.parent.name}-{c.name}")
def test_rows_belong_to_declared_boards(case: Path) -> None:
    declared = {board.name for board in source_of(case).boards}
    used = {row.board for row in read_case(case) if isinstance(row, Score | Excluded | Quarantined | Tally)}
    assert used - {""} <= declared, "only a quarantined row outside the boards has none"


@pytest.mark.parametrize("kind", NOT_PAGES)
@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.parent.name}-{c.name}")
def test_what_is_no_page_is_refused(case: Path, kind: str) -> None:
    page = dataclasses.replace(page_of(case), body=NOT_PAGES[kind])
    with pytest.raises(SourceError) as caught:
        read_page(source_of(case), page)
    assert page.url in str(caught.value)


def test_a_new_composition_of_an_index_leaves_its_new_models_in() -> None:
    """Terminal-Bench Hard is no longer run: Cee and Oh have a coding index without it, and GPT-4's is a leftover."""

    def model(name: str, coding: float, **parts: float | None) -> dict[str, object]:
        evaluations: dict[str, float | bool | None] = {
            "artificial_analysis_intelligence_index": 50.0,
            "artificial_analysis_intelligence_index_is_estimated": False,
            "artificial_analysis_coding_index": coding,
            "terminal_bench_hard": None,
            "scicode": None,
        }
        facts = ("release_date", "creator", "pricing", "capabilities", "open_weights", "breakdowns")
        return {"name": name, "evaluations": evaluations | parts} | dict.fromkeys(facts)

    models = [
        model("Cee", 78.4, scicode=0.6),
        model("Oh", 68.8, scicode=0.5),
        model("Before", 61.0, scicode=0.5, terminal_bench_hard=0.6),
        model("GPT-4", 13.1),
    ]
    page = Page(
        url="https://raw.githubusercontent.com/Maicarons/artificial-analysis-leaderboards/main/data/2026-07-10/llms.json",
        body=json.dumps({"meta": {}, "models": models}).encode(),
        fetched_at=datetime(2026, 7, 10, tzinfo=UTC),
    )
    read = [
        row for row in sources()["artificial-analysis"].parse(page) if getattr(row, "board", "") == "aa-coding-index"
    ]
    assert [row.name for row in read if isinstance(row, Score)] == ["Cee", "Oh", "Before"]
    assert [(row.name, row.rule) for row in read if isinstance(row, Excluded)] == [
        ("GPT-4", "a part of the index was not run")
    ]
