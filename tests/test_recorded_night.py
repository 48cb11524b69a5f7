"""A night against the recorded web: the figures were worked out from the pages of 2026-06-14, not from our tables."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import ROOT

from collectors.http.policy import Limits
from flows.night import run_night
from flows.settings import Settings
from tests.tools.chromium import Visit, needs_browser
from tests.tools.examples_in_docs import differences, sql_examples
from warehouse.explain import open_readonly, trace

pytestmark = pytest.mark.recorded_web

NIGHT = date(2026, 6, 14)
FIGURES = {
    "arena-text": ("claude-fable-5", 1510, "glm-5.1", 1475, 35),
    "aa-intelligence-index": ("claude-fable-5", 64.88, "kimi-k2.6", 53.90, 10.98),
    "livebench": ("gpt-5.5", 80.71, "deepseek-v4-pro", 73.58, 7.13),
    "aider-polyglot": ("gpt-5", 88.0, "deepseek-v3.2-exp", 74.2, 13.8),
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, recorded_web: Any, with_history: None) -> Path:
    """A folder in which the night has run, over every source."""
    folder = tmp_path_factory.mktemp("data")
    settings = Settings(data=folder, mirror=recorded_web.base(str(NIGHT)), contact="tests@localhost")
    asyncio.run(run_night(NIGHT, settings, limits=Limits(attempts=2, wait_initial=0.05)))
    return folder


@pytest.fixture
def tables(data: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_readonly(data / "published" / "gapindex.duckdb") as db:
        yield db


def test_the_index_agrees_with_the_pages(tables: duckdb.DuckDBPyConnection) -> None:
    rows = tables.execute(
        """select scope, closed_model, round(closed_score, 2), open_model, round(open_score, 2), round(gap, 2)
           from gap_index where night = $night and tier = 'any' and scope in (select unnest($scopes))
           qualify row_number() over (partition by scope order by observed_on desc, edition desc) = 1""",
        {"night": NIGHT, "scopes": list(FIGURES)},
    ).fetchall()
    found = {scope: tuple(figures) for scope, *figures in rows}
    assert {scope: (one[0], one[2]) for scope, one in found.items()} == {s: (f[0], f[2]) for s, f in FIGURES.items()}
    for scope, figures in FIGURES.items():
        assert found[scope][1::2] == pytest.approx((figures[1], figures[3]), abs=0.006)
        assert found[scope][4] == pytest.approx(figures[4], abs=0.006)


def test_the_lag_is_a_bracket_of_api_dates(tables: duckdb.DuckDBPyConnection) -> None:
    """Kimi K2.6 does 53.90: Gemini 3.1 Pro Preview (2026-02-19, 57.18) was first above, 115 days before the night;
    Claude Opus 4.6 (2026-02-05, 52.95) the last record below, 129 days before it.  GPT-5.3 Codex (53.56) was
    announced on that day too and came to the API on 2026-02-24, from which it counts."""
    row = tables.execute(
        """select lag_under, lag_over, lag_days, lag_censored from gap_index
           where night = $night and scope = 'aa-intelligence-index' and tier = 'any'""",
        {"night": NIGHT},
    ).fetchone()
    assert row is not None
    assert row[:2] == (115, 129)
    climbed = (53.904517585423 - 52.9491806522587) / (57.1754980007686 - 52.9491806522587)
    assert row[2] == pytest.approx(129 - 14 * climbed, abs=0.001)
    assert row[3] is False


def test_a_frozen_board_says_so(tables: duckdb.DuckDBPyConnection) -> None:
    row = tables.execute(
        """select reason, lag_days, observed_on from gap_index
           where night = $night and scope = 'aider-polyglot' and tier = 'any'""",
        {"night": NIGHT},
    ).fetchone()
    assert row is not None
    assert row[0].startswith("frozen: nothing new since 2025-10-03")
    assert row[1:] == (None, date(2025, 10, 3))


@pytest.mark.parametrize("validator", ["frictionless", "croissant"])
def test_validators_find_the_data_set_of_the_night_valid(data: Path, validator: str) -> None:
    """Whole where a file is short; of long files the beginning, and the rest by DuckDB (`validate_dataset`)."""
    command = [sys.executable, str(ROOT / "tests" / "tools" / "validate_dataset.py"), validator]
    ran = subprocess.run([*command, str(data / "published")], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout.splitlines()[-1:]) == (0, ["valid"]), ran.stderr[-500:]


def test_every_table_of_the_night_keeps_its_promises(tables: duckdb.DuckDBPyConnection) -> None:
    """Keys, NaN and '' beside NULL, over every published table (`warehouse.table_contracts`)."""
    rules = ("key stated", "key unique", "one way of being empty", "a number")
    asked = "select rule, explanation from gate where gate = 'GX' and list_contains($rules, rule)"
    assert tables.execute(asked, {"rules": rules}).fetchall() == []


def test_why_leads_back_to_the_bytes(data: Path, tables: duckdb.DuckDBPyConnection) -> None:
    result = trace(tables, data / "archive", "aa-intelligence-index", night=NIGHT)
    open_side = result.sides[1]
    assert "53.904517585423" in open_side.evidence["written"]
    assert open_side.evidence["url"].endswith("data/2026-06-14/llms.json")
    assert open_side.archived is not None
    assert open_side.archived.name.startswith(open_side.evidence["sha256"])


@pytest.mark.parametrize("page", ["docs/events.md", "docs/questions.md"])
def test_the_pages_answers_are_those_of_the_night(tables: duckdb.DuckDBPyConnection, page: str) -> None:
    """README's other answers are those of the bundled history, which `test_docs` compares; what the pages of a night
    add, a row withdrawn for one, may move them."""
    examples = list(sql_examples(ROOT, page))
    assert examples
    wrong = {str(e): found for e in examples if (found := differences(tables, e))}
    assert not wrong


def test_the_first_page_is_light(data: Path) -> None:
    site = data / "published" / "site"
    assert sum((site / name).stat().st_size for name in ("index.html", "site.css", "site.js")) < 1_500_000


@needs_browser
def test_the_first_page_is_painted_within_a_second(data: Path, browser: Any) -> None:
    times = []
    for _ in range(3):  # the best of three: another test may have the processor
        with Visit(browser) as visit:
            visit.open_file(data / "published" / "site" / "index.html")
            times.append(visit.first_paint())
    assert min(times) < 1
