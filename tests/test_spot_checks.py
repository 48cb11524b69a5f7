"""Figures looked up by hand on the recorded pages: a parser that shifts a column or a scale fails here.

One line is one figure: what a source stated on a day, of which model, to the digits the site shows.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

import httpx
import pytest

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Excluded, Get, Quarantined, Row, Score, Tally
from collectors.parsing import read_page
from collectors.registry import sources

pytestmark = pytest.mark.recorded_web


class Figure(NamedTuple):
    source: str
    on: str
    board: str
    edition: str
    name: str
    value: float


FIGURES = [
    Figure("arena-daily", "2026-06-14", "arena-text", "style-controlled", "claude-fable-5", 1510),
    Figure("arena-daily", "2026-06-14", "arena-webdev", "style-controlled", "claude-fable-5", 1665),
    Figure("arena-daily", "2026-03-22", "arena-webdev", "style-controlled", "claude-opus-4-6", 1548),
    Figure(
        "artificial-analysis",
        "2026-06-14",
        "aa-intelligence-index",
        "current",
        "Claude Fable 5 (Adaptive Reasoning, Max Effort, Opus 4.8 Fallback)",
        64.88,
    ),
    Figure("artificial-analysis", "2026-06-14", "aa-intelligence-index", "current", "Kimi K2.6", 53.90),
    Figure("artificial-analysis", "2026-06-14", "aa-gpqa", "current", "Kimi K2.6", 0.9111),
    Figure("artificial-analysis", "2026-06-14", "aa-gdpval", "current", "Kimi K2.6", 1481.5),
    Figure("livebench", "2026-06-14", "livebench", "2026-01-08", "gpt-5.5-xhigh", 80.71),
    Figure("livebench", "2026-06-14", "livebench", "2026-01-08", "deepseek-v4-pro", 73.58),
    Figure("livebench", "2025-03-31", "livebench", "2024-11-25", "o1-2024-12-17-high", 75.7),
    Figure("livebench", "2025-03-31", "livebench", "2024-11-25", "deepseek-r1", 71.6),
    Figure("livebench", "2025-02-01", "livebench", "2024-11-25", "deepseek-r1", 71.4),  # corrected on 2025-02-03
    Figure("swe-bench", "2025-12-10", "swe-bench-bash-only", "verified-500-mini-swe-agent", "o3 (2025-04-16)", 58.4),
    Figure("swe-bench", "2025-12-10", "swe-bench-bash-only", "verified-500-mini-swe-agent", "Minimax M2", 61.0),
    Figure(
        "swe-bench",
        "2025-12-10",
        "swe-bench-bash-only",
        "verified-500-mini-swe-agent",
        "Claude 4.5 Opus medium (20251101)",
        74.4,
    ),
    Figure(
        "swe-bench", "2025-12-10", "swe-bench-bash-only", "verified-500-mini-swe-agent", "DeepSeek V3.2 Reasoner", 60.0
    ),
    Figure("bfcl", "2025-12-17", "bfcl", "v4", "Claude-Opus-4-5-20251101 (FC)", 77.5),
    Figure("bfcl", "2025-12-17", "bfcl", "v4", "GLM-4.6 (FC thinking)", 72.4),
    Figure("nyt-connections", "2025-01-31", "nyt-connections", "original", "o1", 90.7),
    Figure("nyt-connections", "2025-02-20", "nyt-connections", "extended", "o1", 69.7),
    Figure("nyt-connections", "2025-01-31", "nyt-connections", "original", "DeepSeek R1", 54.4),
    Figure("nyt-connections", "2025-02-20", "nyt-connections", "extended", "DeepSeek R1", 37.6),
    Figure("bird-sql", "2026-06-14", "bird-sql-test", "oracle-knowledge", "GPT-5.5-xhigh", 72.55),
    Figure("bird-sql", "2024-03-01", "bird-sql-test", "oracle-knowledge", "GPT-4", 54.89),
    Figure("bird-sql", "2023-06-01", "bird-sql-test", "no-knowledge", "Codex", 24.86),
    Figure("vectara-hallucination", "2023-12-31", "vectara-hallucination", "hhem-1.0", "GPT 4", 3.0),
    Figure("vectara-hallucination", "2024-01-31", "vectara-hallucination", "hhem-1.0", "GPT 4", 3.0),
    Figure("vectara-hallucination", "2024-07-26", "vectara-hallucination", "hhem-2.1", "GPT-4", 1.8),
    Figure(
        "vectara-hallucination",
        "2025-11-20",
        "vectara-hallucination",
        "hhem-2.3-second-dataset",
        "openai/gpt-4.1-2025-04-14",
        5.6,
    ),
]


@cache
def rows(base: str, source: str) -> tuple[Row, ...]:
    """All rows a source gave at one moment, addresses followed; what answers 404 is not there."""
    declared = sources()[source]
    todo = [Get(url=url) for url in declared.start]
    read: list[Row] = []
    for get in todo:
        answer = httpx.get(f"{base}/{get.url.replace('://', '/')}", timeout=60)
        if answer.status_code == 404:
            continue
        found = read_page(
            declared,
            Page(url=get.url, body=answer.content, fetched_at=datetime(2026, 6, 14, tzinfo=UTC), context=get.context),
        )
        todo += [row for row in found if isinstance(row, Get) and row not in todo]
        read += found
    return tuple(read)


@pytest.mark.parametrize("source", sorted({figure.source for figure in FIGURES}))
def test_figures(recorded_web: Any, source: str) -> None:
    wrong = {}
    for figure in FIGURES:
        if figure.source != source:
            continue
        found = [
            row.value
            for row in rows(recorded_web.base(figure.on), source)
            if isinstance(row, Score) and (row.board, row.edition, row.name) == figure[2:5]
        ]
        digits = len(str(figure.value).partition(".")[2])
        if [round(value, digits) for value in found] != [figure.value]:
            wrong[figure] = found
    assert not wrong


def test_livebench_row_of_shifted_cells_is_left_out(recorded_web: Any) -> None:
    name = "nemotron-3-super-120b-a12b"
    result = [row for row in rows(recorded_web.base("2026-05-20"), "livebench") if getattr(row, "name", "") == name]
    assert result
    assert all(isinstance(row, Excluded) and row.rule == "incomplete row" for row in result)


def test_livebench_broken_hours_are_drift(recorded_web: Any) -> None:
    with pytest.raises(Drifted, match="LCB_generation"):
        rows(recorded_web.base("2024-06-12T16:00:00Z"), "livebench")


def test_livebench_release_is_the_same_before_and_after_its_file_was_dated(recorded_web: Any) -> None:
    def sonnet(on: str) -> list[float]:
        return [
            round(row.value, 2)
            for row in rows(recorded_web.base(on), "livebench")
            if isinstance(row, Score)
            and (row.board, row.edition, row.name) == ("livebench", "2024-06-24", "claude-3-5-sonnet-20240620")
        ]

    assert sonnet("2024-08-02") == sonnet("2024-08-03") == [61.16]


def test_half_a_table_is_read_as_far_as_it_goes(recorded_web: Any) -> None:
    shown = {
        on: sum(
            row.rows
            for row in rows(recorded_web.base(on), "arena-daily")
            if isinstance(row, Tally) and row.board == "arena-text"
        )
        for on in ("2026-03-29", "2026-06-13", "2026-06-14")
    }
    assert shown == {"2026-03-29": 71, "2026-06-13": 20, "2026-06-14": 50}


def test_bird_rows_are_models_humans_or_systems(recorded_web: Any) -> None:
    result = rows(recorded_web.base("2026-06-14"), "bird-sql")
    rules = Counter(row.rule for row in result if isinstance(row, Excluded))
    assert rules["human"] == 2
    assert not [row for row in result if isinstance(row, Quarantined)]
    assert not [row.name for row in result if isinstance(row, Score) and " + " in row.name]


def test_openness_flags_are_observations(recorded_web: Any) -> None:
    before = rows(recorded_web.base("2024-09-26"), "livebench-links")
    after = rows(recorded_web.base("2026-06-14"), "livebench-links")
    assert {row.open for row in before} == {None}  # type: ignore[union-attr]
    assert {row.name: row.open for row in after}["deepseek-r1"] is True  # type: ignore[union-attr]
    assert {row.name: row.open for row in after}["claude-3-opus-20240229"] is False  # type: ignore[union-attr]
