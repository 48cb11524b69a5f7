"""`gapindex serve` on a real Prefect server: the schedule runs a night, and SIGTERM ends the process."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows import run_log
from tests.tools.deployment import BIN, Deployment, Process, wait_for
from tests.tools.timemachine import TimeMachine
from warehouse.publication import current

NOW = datetime.now(UTC)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.deployment,
    pytest.mark.skipif(
        NOW.date() != (NOW + timedelta(minutes=10)).date(),
        reason="a night is a UTC date: round midnight today's becomes yesterday's while the test runs",
    ),
]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Deployment]:
    """A Prefect server on SQLite, in whose environment a night reads the mini-web."""
    with TimeMachine() as web:
        env = {
            "GAPINDEX_DATA": str(tmp_path / "data"),
            "GAPINDEX_MIRROR": web.base("2023-04-14"),
            "GAPINDEX_CONTACT": "tests@localhost",
            "GAPINDEX_HISTORY": "false",
        }
        running = Deployment(tmp_path, f"sqlite+aiosqlite:///{tmp_path}/prefect.db", env)
        try:
            running.start_server()
            yield running
        finally:
            running.end()
            for log in sorted(tmp_path.glob("*.log")):
                print(f"--- {log.name}", *log.read_text("utf-8").splitlines()[-40:], sep="\n")  # noqa: T201


def deployments(server: Deployment) -> dict[str, Any]:
    """What is deployed, by name."""

    async def answer() -> Any:
        from prefect.client.orchestration import PrefectClient

        async with PrefectClient(server.api) as client:
            return await client.read_deployments()

    return {one.name: one for one in asyncio.run(answer())}


def test_a_scheduled_night_is_run_and_sigterm_ends_it(server: Deployment, tmp_path: Path) -> None:
    due = (datetime.now(UTC) + timedelta(seconds=105)).replace(second=0)  # it takes up to forty seconds to start
    env = server.env | {"GAPINDEX_DUE": f"{due:%H:%M}"}
    serving = Process([str(BIN / "gapindex"), "serve"], env, tmp_path, tmp_path / "serve.log")
    try:
        wait_for(lambda: current(tmp_path / "data"), "the scheduled night is published")
        wait_for(lambda: run_log.read(tmp_path / "data")[-1].outcome == "published" or None, "its run has ended", 30)
        serving.signal(signal.SIGTERM)
        assert serving.ended_within(30), "SIGTERM did not end it"
    finally:
        serving.kill()
    publication = current(tmp_path / "data")
    assert publication is not None and publication.night == NOW.date()
    left = deployments(server)
    assert set(left) == {"nightly", "feeds", "make-up"}
    assert f"{left['nightly'].schedules[0].schedule.anchor_date:%H:%M}" == f"{due:%H:%M}"
    assert {one.paused for one in left.values()} == {True}
