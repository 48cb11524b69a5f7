"""A real deployment on PostgreSQL: the scheduler's night, and what every death does to that night and the next.

The nights read the mini-web of tests/web under today's date, without the bundled history.  The tests share one
deployment, and none needs another: each starts what was killed before, and has data folders of its own.  Nothing waits
for a time by the clock but for what is to be seen, and generously: a busy machine makes a test slow, and not red.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT

from flows import run_log
from flows.missed import PATIENCE, missed_night
from tests.tools.deployment import POOL, Deployment, Postgres, postgres_programs, wait_for
from tests.tools.faultserver import FaultServer
from tests.tools.timemachine import TimeMachine
from warehouse.alerts.subscriptions import Alerts, Channel
from warehouse.publication import current

NOW = datetime.now(UTC)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
    pytest.mark.deployment,
    pytest.mark.skipif(postgres_programs() is None, reason="needs PostgreSQL (apt-get install postgresql)"),
    pytest.mark.skipif(
        NOW.date() != (NOW - PATIENCE).date() or NOW.date() != (NOW + timedelta(minutes=45)).date(),
        reason="a night is a UTC date: round midnight today's becomes yesterday's while the test runs",
    ),
]

NIGHTLY, MAKE_UP = "gapindex-nightly/nightly", "gapindex-make-up/make-up"

QUIET_NIGHT = "2023-04-07"
"""A night of the mini-web on which every source answers: nothing is asked twice."""

SILENT = 120
"""Seconds without a sign of life after which a run is dead; 240 as shipped.  Signs come every 30 s, Prefect's least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The deployment, its database, the web it reads, the receiver of its alerts; ``data``: all data folders."""

    running: Deployment
    database: Postgres
    web: TimeMachine
    receiver: FaultServer
    data: Path

    def ask(self, method: str, *words: Any, **named: Any) -> Any:
        """What a method of Prefect's client answers."""

        async def answer() -> Any:
            from prefect.client.orchestration import PrefectClient

            async with PrefectClient(self.running.api) as client:
                return await getattr(client, method)(*words, **named)

        return asyncio.run(answer())

    def start(self, deployment: str, data: str, scheduled: datetime | None = None) -> str:
        """The id of a new run into the data folder of that name, as if it had been scheduled for then.

        The folder is new, but for tables that an earlier night has computed already.
        """
        from prefect.states import Scheduled

        computed, folder = self.data / "scheduled" / "cache", self.data / data
        if computed.exists() and not folder.exists():
            shutil.copytree(computed, folder / "cache")
        found = self.ask("read_deployment_by_name", deployment)
        state: Any = Scheduled(scheduled_time=scheduled or datetime.now(UTC))
        given = {"data": str(self.data / data)}
        return str(self.ask("create_flow_run_from_deployment", found.id, parameters=given, state=state).id)

    def schedule_soon(self, deployment: Any) -> None:
        """Lets the schedule of a deployment go, and be due in ten seconds."""
        (planned,) = deployment.schedules
        soon = planned.schedule.model_copy(update={"anchor_date": datetime.now(UTC) + timedelta(seconds=10)})
        self.ask("update_deployment_schedule", deployment.id, planned.id, schedule=soon, active=True)

    def state(self, run: str) -> Any:
        """What the server says of a run."""
        return self.ask("read_flow_run", run).state

    def ended(self, run: str, seconds: float = 600) -> Any:
        """The state of a run once it is final."""

        def final() -> Any:
            state = self.state(run)
            return state if state.is_final() else None

        return wait_for(final, f"run {run} ends", seconds)

    def all_ended(self) -> list[Any]:
        """All runs, once they are final."""
        runs = self.ask("read_flow_runs")
        return runs if all(run.state.is_final() for run in runs) else []

    def kill_server(self) -> None:
        assert self.running.server is not None
        self.running.server.kill()

    def kill_worker(self) -> None:
        assert self.running.worker is not None
        self.running.worker.kill()

    def kill_flow(self, data: str) -> None:
        """Ends the process that runs a night in a data folder."""
        found = re.search(r"process (\d+)", (self.data / data / ".night").read_text("utf-8"))
        assert found is not None
        os.kill(int(found[1]), signal.SIGKILL)
        wait_for(lambda: run_log.read(self.data / data)[-1].outcome == "died" or None, "the lock is free", 120)

    def published(self, data: str) -> date | None:
        publication = current(self.data / data)
        return publication.night if publication else None

    def outcomes(self, data: str) -> list[str]:
        return [run.outcome for run in run_log.read(self.data / data)]

    def missed(self, data: str) -> date | None:
        now = datetime.now(UTC)
        return missed_night(self.data / data, now, datetime.min.time())

    def alerts(self) -> list[str]:
        return [json.loads(request.body)["text"] for request in self.receiver.requests_to("/operator")]


def write_prefect_yaml(folder: Path) -> None:
    """prefect.yaml as shipped, but for the schedules: only a nightly run every minute, which does not go yet."""
    answer = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))
    for one in answer["deployments"]:
        one["schedules"] = []
        one["work_pool"]["job_variables"]["env"]["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"] = "30"
        if one["name"] == "nightly":
            one["schedules"] = [{"interval": 60, "timezone": "UTC", "active": False}]
    (folder / "prefect.yaml").write_text(yaml.safe_dump(answer), "utf-8")


def write_automations(folder: Path) -> Path:
    """automations.yaml as shipped, but that a run is dead sooner, and that a published night is reported."""
    answer = yaml.safe_load((ROOT / "automations.yaml").read_text("utf-8"))
    for one in answer["automations"]:
        if one["name"] == "gapindex-zombies":
            one["trigger"]["within"] = SILENT
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
def installed() -> Iterator[Site]:
    """The deployment: database, server, work pool, automations, and what `prefect deploy --all` registers."""
    # PostgreSQL's own user cannot enter pytest's folders.
    folder = Path(tempfile.mkdtemp(prefix="gapindex-deployment-"))
    folder.chmod(0o755)
    (folder / "postgres").mkdir()
    database = Postgres(folder / "postgres")
    try:
        with TimeMachine() as web, FaultServer() as receiver:
            env = {
                "GAPINDEX_DATA": str(folder / "data" / "scheduled"),
                "GAPINDEX_MIRROR": web.base(QUIET_NIGHT),
                "GAPINDEX_CONTACT": "tests@localhost",
                "GAPINDEX_HISTORY": "false",
                "GAPINDEX_DUE": "00:00",
            }
            running = Deployment(folder, database.address, env)
            try:
                database.start()
                running.start_server()
                site = Site(running=running, database=database, web=web, receiver=receiver, data=folder / "data")
                site.ask("create_work_pool", work_pool())
                channel = Channel(name="operator", webhook=receiver.url("/operator"), secrets=("whsec_x",))
                apply_automations(running, Alerts(channels={"operator": channel}, subscriptions=()))
                write_prefect_yaml(folder)
                running.prefect("deploy", "--all")
                yield site
            finally:
                running.end()
                database.end()
    finally:
        for log in sorted(folder.glob("*.log")):
            print(f"--- {log.name}", *log.read_text("utf-8").splitlines()[-60:], sep="\n")  # noqa: T201
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def site(installed: Site) -> Site:
    """The deployment with its server and its worker alive, whatever an earlier test has killed or left half-done."""
    if not installed.database.alive:
        installed.database.start()
    if installed.running.server is None or installed.running.server.ended:
        installed.running.start_server()
    if installed.running.worker is None or installed.running.worker.ended:
        installed.running.start_worker()
    return installed


def test_the_scheduler_runs_a_night_that_is_published_and_reported(site: Site) -> None:
    running = site.running
    nightly = site.ask("read_deployment_by_name", NIGHTLY)
    assert str(running.folder) in str(nightly.pull_steps) and "{{" not in str(nightly.pull_steps)
    site.schedule_soon(nightly)
    wait_for(lambda: site.outcomes("scheduled"), "the scheduled night begins")
    site.ask("update_deployment_schedule", nightly.id, nightly.schedules[0].id, active=False)
    wait_for(lambda: site.published("scheduled"), "the scheduled night is published")
    assert site.published("scheduled") == NOW.date()
    runs = [run for run in wait_for(site.all_ended, "the runs that were due have ended") if run.auto_scheduled]
    assert runs and all(run.state.is_completed() for run in runs)
    assert "Completed" in {run.state.name for run in runs}  # on a slow machine a second one was due, and is Skipped
    assert {one.key for one in site.ask("read_artifacts")} >= {"gapindex-night", "gapindex-sources", "gapindex-site"}
    wait_for(lambda: f"published {NOW.date()}" in site.alerts(), "the automation calls its webhook")


def test_a_server_killed_in_the_middle_of_a_night_costs_nothing(site: Site) -> None:
    with site.web.holding() as asked:
        run = site.start(NIGHTLY, "served")
        wait_for(asked.is_set, "the night asks its first source")
        site.kill_server()
        site.running.start_server()
    assert site.ended(run).is_completed()
    assert (site.published("served"), site.outcomes("served")) == (NOW.date(), ["published"])


def test_nights_whose_flow_or_worker_is_killed_are_marked_crashed_and_missed(site: Site) -> None:
    """A worker takes its flows with it: the pipe of their next line is cut, and Rich ends the program over that."""
    before = str(site.alerts()).count("has died")
    with site.web.holding():
        runs = {}
        for data in ("killed", "orphaned"):  # one after the other: a run steps aside for a newer one that is due
            runs[data] = site.start(NIGHTLY, data)
            wait_for(lambda data=data: site.outcomes(data), "the night begins")  # type: ignore[misc]
        site.kill_flow("killed")
        assert site.ended(runs["killed"]).is_crashed()
        site.kill_worker()
    assert site.ended(runs["orphaned"]).is_crashed()
    assert (site.outcomes("killed"), site.outcomes("orphaned")) == (["died"], ["failed"])
    for data in runs:
        assert (site.published(data), site.missed(data)) == (None, NOW.date())
    wait_for(lambda: str(site.alerts()).count("has died") == before + 2, "the operator is alerted")


def test_a_night_cancelled_while_no_worker_runs_and_deployed_over_is_made_up(site: Site) -> None:
    """The worker is ended as a service manager does: by SIGTERM, and by SIGKILL where that is not enough."""
    worker = site.running.worker
    assert worker is not None
    worker.stop()
    assert worker.ended
    late = site.start(NIGHTLY, "cancelled")
    write_prefect_yaml(site.running.folder)
    site.running.prefect("deploy", "--all")
    assert site.state(late).is_scheduled()
    site.ask("set_flow_run_state", late, cancelled(), force=True)
    assert site.missed("cancelled") == NOW.date()
    made_up = site.start(MAKE_UP, "cancelled")
    site.running.start_worker()
    assert site.ended(made_up).name == "Completed"
    assert (site.published("cancelled"), site.outcomes("cancelled")) == (NOW.date(), ["published"])
    assert site.state(late).is_cancelled()


def test_a_night_killed_with_all_that_ran_it_is_made_up_and_late_runs_step_aside(site: Site) -> None:
    """As a power cut: flow, worker, server and database at once."""
    with site.web.holding() as asked:
        dead = site.start(NIGHTLY, "dark")
        wait_for(asked.is_set, "the night asks its first source")
        site.kill_worker()
        site.kill_server()
        site.database.kill()
        site.kill_flow("dark")
    assert (site.outcomes("dark"), site.published("dark")) == (["died"], None)

    site.database.start()
    site.running.start_server()
    assert site.state(dead).type in ("RUNNING", "CRASHED")  # the server has not noticed, unless it took long to start
    now = datetime.now(UTC)
    made_up = site.start(MAKE_UP, "dark")
    yesterday, older, newest = (site.start(NIGHTLY, "late", now - timedelta(seconds=ago)) for ago in (86_400, 1200, 0))
    site.running.start_worker()
    assert site.ended(made_up).is_completed()
    assert (site.published("dark"), site.outcomes("dark")) == (NOW.date(), ["died", "published"])
    assert "is over" in site.ended(yesterday).message
    assert "which was due later, goes" in site.ended(older).message
    assert site.ended(newest).name == "Completed", site.state(newest)
    assert site.outcomes("late") == ["published"]

    assert site.ended(dead).is_crashed()
    assert "no sign of life" in site.state(dead).message
    again = site.ended(site.start(MAKE_UP, "dark"))
    assert (again.name, again.message) == ("Skipped", "stepped aside: no night is missing")


def cancelled() -> Any:
    from prefect.states import Cancelled

    return Cancelled()


def work_pool() -> Any:
    from prefect.client.schemas.actions import WorkPoolCreate

    return WorkPoolCreate(name=POOL, type="process")


def apply_automations(running: Deployment, alerts: Alerts) -> None:
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from flows.automations import apply

    file = write_automations(running.folder)
    with temporary_settings({PREFECT_API_URL: running.api}):
        assert set(asyncio.run(apply(file, alerts)).values()) == {"created"}
