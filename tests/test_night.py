"""One whole night against the recorded web: real pages in, a published index out, checked by hand.

The expected figures were worked out from the recorded pages of 2026-06-14, not from our tables.
"""

from __future__ import annotations

import asyncio
import hashlib
import socket
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from collectors.http.policy import Limits
from flows.cli import app
from flows.cli.options import Exit
from flows.night import Busy, Night, data_lock, rebuild, run_night
from flows.settings import Settings
from warehouse.explain import open_readonly, trace
from warehouse.publish import current

pytestmark = [pytest.mark.recorded, pytest.mark.xdist_group("night")]

NIGHT = date(2026, 6, 14)
SOURCES = (
    "arena-daily",
    "artificial-analysis",
    "livebench",
    "livebench-links",
    "aider-polyglot",
    "swe-bench",
    "bird-sql",
    "vectara-hallucination",
    "openrouter-models",
    "hub-models",
    "feed-openai-research",
    "feed-deepseek-news",
)
FIGURES = [
    ("arena-text", "claude-fable-5", 1510, "glm-5.1", 1475, 35),
    ("aa-intelligence-index", "claude-fable-5", 64.88, "kimi-k2.6", 53.90, 10.98),
    ("livebench", "gpt-5.5", 80.71, "deepseek-v4-pro", 73.58, 7.13),
    ("aider-polyglot", "gpt-5", 88.0, "deepseek-v3.2-exp", 74.2, 13.8),
]
QUICK = Limits(attempts=2, wait_initial=0.05)


def settings(data: Path, mirror: str) -> Settings:
    return Settings(data=data, mirror=mirror, contact="tests@localhost")


def night_on(data: Path, mirror: str, **given: Any) -> Night:
    return asyncio.run(run_night(NIGHT, settings(data, mirror), only=SOURCES, limits=QUICK, **given))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def first(timemachine: Any, data: Path) -> Night:
    return night_on(data, timemachine.base(str(NIGHT)))


@pytest.fixture
def tables(first: Night) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_readonly(first.publication.database) as db:
        yield db


def test_the_first_page_of_the_night_is_light(first: Night) -> None:
    page = first.publication.folder / "site"
    assert sum((page / name).stat().st_size for name in ("index.html", "site.css", "site.js")) < 1_500_000


def digests(data: Path) -> dict[str, str]:
    files = sorted(file for file in (data / "published").glob("*/*") if file.is_file())
    assert files
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@pytest.mark.parametrize(("scope", "closed", "closed_score", "open_", "open_score", "gap"), FIGURES)
def test_the_index_agrees_with_the_pages(
    tables: duckdb.DuckDBPyConnection,
    scope: str,
    closed: str,
    closed_score: float,
    open_: str,
    open_score: float,
    gap: float,
) -> None:
    row = tables.execute(
        """select closed_model, closed_score, open_model, open_score, gap from gap_index
           where night = $night and scope = $scope and tier = 'any' order by observed_on desc, edition desc limit 1""",
        {"night": NIGHT, "scope": scope},
    ).fetchone()
    assert row is not None
    assert (row[0], row[2]) == (closed, open_)
    assert (row[1], row[3], row[4]) == pytest.approx((closed_score, open_score, gap), abs=0.006)


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
    assert row[0].startswith("frozen since 2025-10-03")
    assert row[1:] == (None, date(2025, 10, 3))


def test_why_leads_back_to_the_bytes(first: Night, data: Path, tables: duckdb.DuckDBPyConnection) -> None:
    answer = trace(tables, data / "archive", "aa-intelligence-index", night=NIGHT)
    open_side = answer.sides[1]
    assert "53.904517585423" in open_side.evidence["written"]
    assert open_side.evidence["url"].endswith("data/2026-06-14/llms.json")
    assert open_side.archived is not None
    assert open_side.archived.name.startswith(open_side.evidence["sha256"])


def test_rows_add_up_and_everything_is_commented(first: Night, tables: duckdb.DuckDBPyConnection) -> None:
    bare = "select table_name, column_name from duckdb_columns() where not internal and comment is null"
    assert tables.execute(bare).fetchall() == []
    assert not first.taken.refused


def test_the_same_night_again_asks_conditionally_and_changes_nothing(
    first: Night, timemachine: Any, data: Path
) -> None:
    before, asked = digests(data), len(timemachine.requests)
    again = night_on(data, timemachine.base(str(NIGHT)))
    assert not again.publication.fresh
    assert digests(data) == before
    pages = [request for request in timemachine.requests[asked:] if "/api/models" not in request["url"]]
    assert pages
    assert {request["status"] for request in pages} <= {304, 404}  # 404: releases withdrawn before this night
    assert {one.source: one.fresh for one in again.collected if one.fresh} == {}


def test_a_rebuild_from_the_archive_gives_the_same_bytes(first: Night, data: Path) -> None:
    before = digests(data)
    assert not rebuild(NIGHT, data).fresh
    assert digests(data) == before


def test_a_closed_port_publishes_last_good_marked_stale(first: Night, data: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    later = "2026-06-15"
    result = CliRunner().invoke(
        app,
        ["run", "--night", later, "--mirror", f"http://127.0.0.1:{port}", "--data", str(data)]
        + [word for source in SOURCES for word in ("--source", source)],
    )
    assert result.exit_code == Exit.STALE, result.output
    published = current(data)
    assert published is not None
    with open_readonly(published.database) as db:
        assert db.execute(
            "select distinct outcome from source_health where source in ('aider-polyglot', 'hub-models')"
        ).fetchall() == [("unreachable",)]
        assert db.execute(
            "select gap, stale_days from gap_index where night = '2026-06-15' and scope = 'arena-text' and tier = 'any'"
        ).fetchone() == (35, 5)
        assert db.execute("select stale_days from source_health where source = 'arena-daily'").fetchone() == (1,)


def test_one_bad_source_never_stops_the_others(timemachine: Any, tmp_path: Path) -> None:
    """Before its first page existed a source answers 404; the others are read and the index is published."""
    result = asyncio.run(
        run_night(
            date(2025, 1, 10),
            settings(tmp_path, timemachine.base("2025-01-10")),
            only=("aider-polyglot", "artificial-analysis"),
            limits=QUICK,
        )
    )
    answer = {one.source: one for one in result.collected}
    assert answer["aider-polyglot"].reached
    assert answer["artificial-analysis"].gone
    assert result.publication.rows["gap_index"] > 0


def test_a_folder_has_one_night_at_a_time(tmp_path: Path) -> None:
    with data_lock(tmp_path, NIGHT), pytest.raises(Busy, match="2026-06-14"), data_lock(tmp_path, NIGHT):
        pass


def test_a_dry_run_keeps_nothing(timemachine: Any, tmp_path: Path) -> None:
    result = CliRunner().invoke(
        app,
        [
            "run",
            "--dry-run",
            "--night",
            str(NIGHT),
            "--mirror",
            timemachine.base(str(NIGHT)),
            "--source",
            "aider-polyglot",
            "--data",
            str(tmp_path),
        ],
    )
    assert result.exit_code == Exit.DONE, result.output
    assert "gpt-5 (high)" in result.output or "aider-polyglot polyglot-225: 69 rows shown" in result.output
    assert not list(tmp_path.iterdir())


def test_the_night_is_never_read_from_the_clock(timemachine: Any, tmp_path: Path) -> None:
    """A run long after its night stands for its night: only the times of fetching tell the clock."""
    late = datetime(2031, 1, 1, tzinfo=UTC)
    result = asyncio.run(
        run_night(
            NIGHT,
            settings(tmp_path, timemachine.base(str(NIGHT))),
            only=("aider-polyglot",),
            limits=QUICK,
            now=lambda: late,
        )
    )
    with open_readonly(result.publication.database) as db:
        assert db.execute("select max(night), max(known_on) from gap_index, score").fetchone() == (NIGHT, NIGHT)
        assert db.execute("select max(fetched_at)::date from page_fetch").fetchone() == (late.date(),)
