"""A real deployment on PostgreSQL: the scheduler's night, and what every death does to that night and the next.

The nights read the mini-web of tests/web under today's date, without the bundled history.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT
from filelock import FileLock, Timeout

from flows.missed import PATIENCE
from tests.tools.deployment import BIN, POOL, Deployment, Process, postgres, postgres_programs, wait_for
from tests.tools.faultserver import FaultServer
from tests.tools.timemachine import TimeMachine
from warehouse.alerts.subscriptions import Alerts, Channel
from warehouse.publish import current

NOW = datetime.now(UTC)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("prefect"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
    pytest.mark.skipif(postgres_programs() is None, reason="needs PostgreSQL (apt-get install postgresql)"),
    pytest.mark.skipif(
        NOW.date() != (NOW - PATIENCE).date() or NOW.date() != (NOW + timedelta(minutes=15)).date(),
        reason="a night is a UTC date: round midnight today's becomes yesterday's while the test runs",
    ),
]

NIGHTLY, MAKE_UP = "gapindex-nightly/nightly", "gapindex-make-up/make-up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The deployment, the receiver of its alerts, and the folder of the data folders."""

    running: Deployment
    receiver: Any
    data: Path

    def start(self, deployment: str, data: str, scheduled: datetime | None = None) -> str:
        """The id of a new run into the data folder of that name, as if it had been scheduled for then."""
        found = ask(self.running, "read_deployment_by_name", deployment)
        run = create(self.running, found.id, {"data": str(self.data / data)}, scheduled or datetime.now(UTC))
        return str(run.id)

    def state(self, run: str) -> Any:
        return ask(self.running, "read_flow_run", run).state

    def ended(self, run: str) -> Any:
        """The state of a run once it is final."""

        def final() -> Any:
            state = self.state(run)
            return state if state.is_final() else None

        return wait_for(final, f"run {run} ends")

    def busy(self, data: str) -> bool:
        """Whether a run holds the data folder."""
        if not (self.data / data / ".lock").exists():
            return False
        try:
            with FileLock(self.data / data / ".lock", timeout=0):
                return False
        except Timeout:
            return True

    def published(self, data: str) -> date | None:
        publication = current(self.data / data)
        return publication.night if publication else None

    def alerts(self) -> list[str]:
        return [json.loads(request.body)["text"] for request in self.receiver.requests_to("/operator")]


def ask(running: Deployment, method: str, *words: Any) -> Any:
    """What Prefect's client answers."""

    async def answer() -> Any:
        from prefect.client.orchestration import PrefectClient

        async with PrefectClient(running.api) as client:
            return await getattr(client, method)(*words)

    return asyncio.run(answer())


def create(running: Deployment, deployment: Any, parameters: dict[str, Any], at: datetime) -> Any:
    async def answer() -> Any:
        from prefect.client.orchestration import PrefectClient
        from prefect.states import Scheduled

        async with PrefectClient(running.api) as client:
            return await client.create_flow_run_from_deployment(
                deployment, parameters=parameters, state=Scheduled(scheduled_time=at)
            )

    return asyncio.run(answer())


def deployed(folder: Path, at: datetime) -> None:
    """prefect.yaml as shipped, but for the schedules: one nightly run at a moment, and nothing else by itself."""
    answer = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))
    for one in answer["deployments"]:
        one["schedules"] = []
        one["work_pool"]["job_variables"]["env"]["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"] = "30"
        if one["name"] == "nightly":
            one["schedules"] = [{"interval": 86_400, "anchor_date": at.isoformat(), "timezone": "UTC"}]
    (folder / "prefect.yaml").write_text(yaml.safe_dump(answer), "utf-8")


def automated(folder: Path) -> Path:
    """automations.yaml as shipped, but that a run is dead after 40 s, and that a published night is reported."""
    answer = yaml.safe_load((ROOT / "automations.yaml").read_text("utf-8"))
    for one in answer["automations"]:
        if one["name"] == "gapindex-zombies":
            one["trigger"]["within"] = 40
    answer["automations"].append(
        {
            "name": "published",
            "description": "A night is published.",
            "trigger": {"posture": "Reactive", "expect": ["gapindex.night.published"], "threshold": 1},
            "action": {"channel": "operator", "payload": {"text": "published {{ event.payload.night }}"}},
        }
    )
    file = folder / "automations.yaml"
    file.write_text(yaml.safe_dump(answer), "utf-8")
    return file


@pytest.fixture(scope="module")
def site(timemachine: TimeMachine) -> Iterator[Site]:
    # PostgreSQL's own user cannot enter pytest's folders.
    folder = Path(tempfile.mkdtemp(prefix="gapindex-deployment-"))
    folder.chmod(0o755)
    (folder / "postgres").mkdir()
    data = folder / "data"
    env = {
        "GAPINDEX_DATA": str(data / "scheduled"),
        "GAPINDEX_MIRROR": timemachine.base("2023-04-14"),
        "GAPINDEX_CONTACT": "tests@localhost",
        "GAPINDEX_HISTORY": "false",
        "GAPINDEX_DUE": "00:00",
    }
    try:
        with postgres(folder / "postgres") as database, FaultServer() as receiver:
            running = Deployment(folder, database, env)
            try:
                running.start_server()
                running.prefect("work-pool", "create", POOL, "--type", "process")
                yield Site(running=running, receiver=receiver, data=data)
            finally:
                running.end()
    finally:
        for log in folder.glob("*.log"):
            print(f"--- {log.name}", *log.read_text("utf-8").splitlines()[-60:], sep="\n")  # noqa: T201
        shutil.rmtree(folder, ignore_errors=True)


def test_the_scheduler_runs_a_night_that_is_published_and_reported(site: Site) -> None:
    channel = Channel(name="operator", webhook=site.receiver.url("/operator"), secrets=("whsec_x",))
    automations = automated(site.running.folder)
    apply_automations(site.running, automations, Alerts(channels={"operator": channel}, subscriptions=()))
    deployed(site.running.folder, datetime.now(UTC) + timedelta(seconds=20))
    site.running.prefect("deploy", "--all")
    pull = ask(site.running, "read_deployment_by_name", NIGHTLY).pull_steps
    assert str(site.running.folder) in str(pull) and "{{" not in str(pull)
    site.running.start_worker()

    wait_for(lambda: site.published("scheduled"), "the scheduled night is published")
    assert site.published("scheduled") == NOW.date()
    (run,) = [one for one in ask(site.running, "read_flow_runs") if one.state.is_running() or one.state.is_final()]
    state = site.ended(str(run.id))
    assert state.is_completed() and run.auto_scheduled, state
    artifacts = ask(site.running, "read_artifacts")
    assert {one.key for one in artifacts} >= {"gapindex-night"}, artifacts
    wait_for(lambda: f"published {NOW.date()}" in site.alerts(), "the automation calls its webhook", 60)


def test_a_server_killed_in_the_middle_of_a_night_costs_nothing(site: Site) -> None:
    run = site.start(NIGHTLY, "server-killed")
    wait_for(lambda: site.busy("server-killed"), "the night has begun")
    assert site.running.server is not None
    site.running.server.kill()
    site.running.start_server()
    assert site.ended(run).is_completed()
    assert site.published("server-killed") == NOW.date()


def test_a_night_whose_worker_and_flow_are_killed_is_made_up_and_its_run_marked_crashed(site: Site) -> None:
    dead = site.start(NIGHTLY, "killed")
    wait_for(lambda: site.busy("killed"), "the night has begun")
    assert site.running.worker is not None
    site.running.worker.kill()
    kill_flows(site)
    assert not site.busy("killed") and site.published("killed") is None
    assert site.state(dead).is_running()  # nobody has told the server

    site.running.start_worker()
    made_up = site.start(MAKE_UP, "killed")
    assert site.ended(made_up).is_completed()
    assert site.published("killed") == NOW.date()
    assert site.ended(dead).is_crashed()
    assert "no sign of life" in site.state(dead).message
    wait_for(lambda: any("has died" in text for text in site.alerts()), "the operator hears of it", 60)
    again = site.ended(site.start(MAKE_UP, "killed"))
    assert (again.name, again.message) == ("Skipped", "stepped aside: no night is missing")


def test_after_a_pause_only_the_newest_run_of_tonight_goes(site: Site) -> None:
    assert site.running.worker is not None
    site.running.worker.stop()
    site.running.prefect("deploy", "--all")
    now = datetime.now(UTC)
    yesterday, older, newest = (
        site.start(NIGHTLY, "late", now - timedelta(seconds=ago)) for ago in (86_400, 1200, 600)
    )
    site.running.start_worker()
    assert "is over" in site.ended(yesterday).message
    assert "which was due later, goes" in site.ended(older).message
    assert site.ended(newest).name == "Completed" and site.published("late") == NOW.date()


def test_one_process_serves_the_schedules_without_a_worker(site: Site) -> None:
    running = site.running
    assert running.worker is not None
    running.worker.stop()
    running.worker = Process(
        [str(BIN / "gapindex"), "serve"], running.env, running.folder, running.folder / "serve.log"
    )

    def served() -> bool:
        return ask(running, "read_deployment_by_name", MAKE_UP).work_pool_name is None

    wait_for(served, "the deployments are served")
    assert site.ended(site.start(MAKE_UP, "late")).message == "stepped aside: no night is missing"


def apply_automations(running: Deployment, file: Path, alerts: Alerts) -> None:
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from flows.automations import apply

    with temporary_settings({PREFECT_API_URL: running.api}):
        assert set(asyncio.run(apply(file, alerts)).values()) == {"created"}


def kill_flows(site: Site) -> None:
    """Ends the flow runs of this deployment, which are processes of their own group, by -9."""
    mark = f"PREFECT_API_URL={site.running.api}".encode()
    server = site.running.server
    assert server is not None
    for process in Path("/proc").iterdir():
        try:
            command = (process / "cmdline").read_bytes()
            ours = mark in (process / "environ").read_bytes()
        except OSError:
            continue
        if process.name.isdigit() and ours and b"engine" in command:
            os.kill(int(process.name), 9)
