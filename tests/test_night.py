"""One whole night against the mini-web: pages in, a published index out.

The expected figures were worked out by hand from tests/web/world.yaml, not from our tables.
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
from click.testing import CliRunner

from collectors.http.policy import Limits
from collectors.registry import sources
from flows import run_log
from flows.cli import app
from flows.cli.options import Exit
from flows.folder import Busy, data_lock
from flows.night import Night, rebuild, run_night
from flows.settings import Settings
from tests.tools.miniweb import EMITTERS
from tests.tools.timemachine import TimeMachine
from warehouse.explain import open_readonly, trace
from warehouse.publication import current
from warehouse.scope import scope_of

NIGHT = date(2023, 4, 14)
SOURCES = (*EMITTERS, "hub-models")
FIGURES = [
    ("arena-text", "gpt-9.2", 1502, "glm-9.1", 1458, 44),
    ("aider-polyglot", "gpt-9.2", 86.2, "glm-9.1", 80.4, 5.8),
    ("gso-hack-controlled", "gpt-9.2", 41.2, "glm-9.1", 18.6, 22.6),
    ("alpaca-eval-2", "gpt-9.1", 62.5, "qwen9-235b-a22b", 51.4, 11.1),
]
QUICK = Limits(attempts=2, wait_initial=0.05)


def settings(data: Path, mirror: str) -> Settings:
    return Settings(data=data, mirror=mirror, contact="tests@localhost", site_url="https://gap.example")


def night_on(data: Path, mirror: str, **given: Any) -> Night:
    scope = scope_of(sources(), SOURCES)
    return asyncio.run(run_night(NIGHT, settings(data, mirror), scope=scope, limits=QUICK, **given))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def first(timemachine: TimeMachine, data: Path) -> Night:
    return night_on(data, timemachine.base(str(NIGHT)))


@pytest.fixture
def tables(first: Night) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_readonly(first.publication.database) as db:
        yield db


def test_the_first_page_of_the_night_is_light(first: Night) -> None:
    page = first.publication.folder / "site"
    assert sum((page / name).stat().st_size for name in ("index.html", "site.css", "site.js")) < 1_500_000


def test_the_pages_of_the_night_have_the_address_of_the_settings(first: Night) -> None:
    page = (first.publication.folder / "site" / "index.html").read_text("utf-8")
    assert '<link rel="canonical" href="https://gap.example/">' in page


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
    """GLM-9.1 does 80.4: GPT-9.2 (2023-04-05, 86.2) was first above, 9 days before the night; Claude Opus 9.1
    (2022-11-20, 80.0) the last record below, 145 days before it."""
    row = tables.execute(
        """select lag_under, lag_over, lag_days, lag_censored from gap_index
           where night = $night and scope = 'aider-polyglot' and tier = 'any'""",
        {"night": NIGHT},
    ).fetchone()
    assert row is not None
    assert row[:2] == (9, 145)
    climbed = (80.4 - 80.0) / (86.2 - 80.0)
    assert row[2] == pytest.approx(145 - 136 * climbed, abs=0.001)
    assert row[3] is False


def test_why_leads_back_to_the_bytes(first: Night, data: Path, tables: duckdb.DuckDBPyConnection) -> None:
    received = trace(tables, data / "archive", "arena-text", night=NIGHT)
    open_side = received.sides[1]
    assert "1458" in open_side.evidence["written"]
    assert open_side.evidence["url"].endswith("data/2023-04-14/text.json")
    assert open_side.archived is not None
    assert open_side.archived.name.startswith(open_side.evidence["sha256"])


def test_rows_add_up_and_everything_is_commented(first: Night, tables: duckdb.DuckDBPyConnection) -> None:
    bare = "select table_name, column_name from duckdb_columns() where not internal and comment is null"
    assert tables.execute(bare).fetchall() == []
    assert [refusal.partition(":")[0] for refusal in first.ingested.refused] == ["status-mistral"]


def test_the_same_night_again_asks_conditionally_and_changes_nothing(
    first: Night, timemachine: TimeMachine, data: Path
) -> None:
    before, asked = digests(data), len(timemachine.requests)
    again = night_on(data, timemachine.base(str(NIGHT)))
    assert not again.publication.fresh
    assert digests(data) == before
    pages = [one for one in timemachine.requests[asked:] if "/api/models" not in one.url and "robots" not in one.url]
    assert pages
    assert {one.status for one in pages} <= {304, 404, 503}  # 404: no such page; 503: a source that does not answer
    assert {one.source: one.fresh for one in again.results if one.fresh} == {}


def test_a_rebuild_from_the_archive_gives_the_same_bytes(first: Night, data: Path) -> None:
    before = digests(data)
    assert not rebuild(NIGHT, settings(data, "")).fresh
    assert digests(data) == before
    ran = run_log.read(data)[-1]
    assert (ran.scope, ran.outcome, ran.night) == ("rebuild", "unchanged", NIGHT)
    assert ran.rows_stored > 0 and set(ran.seconds) >= {"catch up", "ingest", "build", "publish"}


def test_a_closed_port_publishes_last_good_marked_stale(first: Night, data: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    later = "2023-04-15"
    result = CliRunner().invoke(
        app,
        ["run", "--night", later, "--mirror", f"http://127.0.0.1:{port}/@{later}", "--data", str(data)]
        + [word for source in SOURCES for word in ("--source", source)],
    )
    assert result.exit_code == Exit.STALE, result.output
    assert "event=source night=2023-04-15 scope=sources source=aider-polyglot outcome=unreachable" in result.stderr
    assert "stage=publish" in result.stderr
    summary = result.stdout.splitlines()
    assert "stale" in summary[0] and len(summary) <= 24
    row = run_log.read(data)[-1]
    assert (row.scope, row.outcome, row.sources) == ("sources", "published", len(SOURCES))
    assert "aider-polyglot" in row.stale and row.seconds["build"] > 0 and row.rows_published > 0
    published = current(data)
    assert published is not None
    with open_readonly(published.database) as db:
        assert db.execute(
            "select distinct outcome from source_health where source in ('aider-polyglot', 'hub-models')"
        ).fetchall() == [("unreachable",)]
        assert db.execute(
            "select gap, stale_days from gap_index where night = '2023-04-15' and scope = 'arena-text' and tier = 'any'"
        ).fetchone() == (44, 6)
        assert db.execute("select stale_days from source_health where source = 'arena-daily'").fetchone() == (1,)


def test_one_bad_source_never_stops_the_others(timemachine: TimeMachine, tmp_path: Path) -> None:
    """Before its first page existed a source answers 404; the others are read and the index is published."""
    result = asyncio.run(
        run_night(
            date(2025, 1, 10),
            settings(tmp_path, timemachine.base("2025-01-10")),
            scope=scope_of(sources(), ("aider-polyglot", "artificial-analysis")),
            limits=QUICK,
        )
    )
    received = {one.source: one for one in result.results}
    assert received["aider-polyglot"].reached
    assert received["artificial-analysis"].gone
    assert result.publication.rows["gap_index"] > 0


def test_a_folder_has_one_night_at_a_time(tmp_path: Path) -> None:
    with data_lock(tmp_path, NIGHT), pytest.raises(Busy, match="2023-04-14"), data_lock(tmp_path, NIGHT):
        pass


def test_a_dry_run_keeps_nothing(timemachine: TimeMachine, tmp_path: Path) -> None:
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
    assert "aider-polyglot polyglot-225: 18 rows shown" in result.output
    assert not list(tmp_path.iterdir())


def test_the_night_is_never_read_from_the_clock(timemachine: TimeMachine, tmp_path: Path) -> None:
    """A run long after its night stands for its night: only the times of fetching tell the clock."""
    late = datetime(2031, 1, 1, tzinfo=UTC)
    result = asyncio.run(
        run_night(
            NIGHT,
            settings(tmp_path, timemachine.base(str(NIGHT))),
            scope=scope_of(sources(), ("aider-polyglot", "models-dev-api")),
            limits=QUICK,
            now=lambda: late,
        )
    )
    with open_readonly(result.publication.database) as db:
        assert db.execute("select max(night), max(known_on) from gap_index, score").fetchone() == (NIGHT, NIGHT)
        assert db.execute("select max(fetched_at)::date from page_fetch").fetchone() == (late.date(),)
