"""The flows on a real Prefect server: thin shells, one task a source, retries only where worth it."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT

from flows import run_log
from flows.folder import data_lock
from flows.settings import PATIENT, QUIET, BadSetting, Settings
from tests.tools.timemachine import TimeMachine

pytestmark = [
    # Prefect's client leaves sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]

NIGHT = date(2023, 4, 14)


@pytest.fixture(scope="module")
def server() -> Iterator[None]:
    """Prefect's own server on a database of its own, for the whole module: it takes 10 to 20 s to start."""
    os.environ.update(QUIET)
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=180):
        yield


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def attempts(data: Path, night: date = NIGHT) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (data / "archive" / "log" / f"{night}.jsonl").read_text("utf-8").splitlines()]


def test_a_night_is_a_flow_with_one_task_a_source(server: None, timemachine: TimeMachine, tmp_path: Path) -> None:
    from prefect.client.orchestration import get_client

    from flows.nightly import nightly

    wanted = ["aider-polyglot", "models-dev-api", "status-mistral"]
    result = asyncio.run(nightly(night=NIGHT, sources=wanted, data=str(tmp_path), mirror=timemachine.base(str(NIGHT))))
    answer = {one.source: one for one in result.results}
    assert {name: one.reached for name, one in answer.items()} == dict.fromkeys(wanted, True)
    assert answer["status-mistral"].failures  # published but broken: refused, and the night goes on
    assert result.publication.rows["gap_index"] > 0

    async def task_names() -> list[str]:
        async with get_client() as client:
            assert [run.name for run in await client.read_flow_runs()] == [f"night {NIGHT}"]
            for _ in range(40):  # the recorder is a little behind
                names = [run.name for run in await client.read_task_runs()]
                if len(names) >= len(wanted):
                    break
                await asyncio.sleep(0.25)
            return sorted(names)

    assert asyncio.run(task_names()) == sorted(wanted)


def test_every_parameter_is_described_where_a_run_is_started_by_hand() -> None:
    from flows.feeds import feeds
    from flows.make_up import make_up
    from flows.nightly import nightly

    for flow in (nightly, feeds, make_up):
        fields = flow.parameters.properties
        assert {name for name, field in fields.items() if not field.get("description")} == set(), flow.name


def test_only_a_source_out_of_reach_is_asked_again(
    server: None, timemachine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows import nightly as shell

    monkeypatch.setattr(shell, "RETRY_SECONDS", 0)

    async def night(date_: date, sources: list[str], mirror: str) -> Any:
        return await shell.nightly(night=date_, sources=sources, data=str(tmp_path), mirror=mirror)

    asyncio.run(night(NIGHT, ["aider-polyglot", "models-dev-api"], timemachine.base("{night}")))
    nobody = f"http://127.0.0.1:{closed_port()}/@{{night}}"
    result = asyncio.run(night(NIGHT + timedelta(days=1), ["aider-polyglot"], nobody))
    assert [one.source for one in result.stale] == ["aider-polyglot"]
    assert [line["outcome"] for line in attempts(tmp_path, NIGHT + timedelta(days=1))] == ["unreachable"] * 2
    message, artifacts = asyncio.run(left_in_prefect())
    assert message.startswith("Nothing is published about open-weight and closed models overall yet")
    assert {"gapindex-night", "gapindex-sources", "gapindex-site"} <= set(artifacts)
    assert artifacts["gapindex-night"].startswith(f"**{message[:20]}")
    assert [(one.scope, one.outcome) for one in run_log.read(tmp_path)] == [("sources", "published")] * 2


async def left_in_prefect() -> tuple[str, dict[str, str]]:
    """The state message of the newest flow run, and the newest artifact of each key."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.sorting import ArtifactSort, FlowRunSort

    async with get_client() as client:
        (run,) = await client.read_flow_runs(sort=FlowRunSort.START_TIME_DESC, limit=1)
        found = await client.read_artifacts(sort=ArtifactSort.CREATED_DESC)
    assert run.state is not None
    return run.state.message or "", {one.key or "": str(one.data) for one in reversed(found)}


def test_feeds_step_aside_for_a_night(server: None, tmp_path: Path) -> None:
    """The run ends green under a name of its own, and nothing was asked; a night in the same place ends red."""
    from flows.feeds import feeds
    from flows.nightly import nightly

    async def both(given: dict[str, Any]) -> tuple[Any, Any]:
        options = given | {"wait": 0.1, "return_state": True}
        return await feeds(**options), await nightly(**options)

    given: dict[str, Any] = {"night": NIGHT, "data": str(tmp_path), "mirror": f"http://127.0.0.1:{closed_port()}"}
    with data_lock(tmp_path, NIGHT):
        state, late = asyncio.run(both(given))
    assert (state.is_completed(), state.name) == (True, "Skipped")
    assert f"stepped aside: night {NIGHT} is being run by process" in (state.message or "")
    assert late.is_failed()
    assert not (tmp_path / "archive").exists()


def test_without_prefects_server_the_night_runs_all_the_same(timemachine: TimeMachine, tmp_path: Path) -> None:
    """The API cannot be reached: a flow's body would never run, so the plain night does, and says so."""
    env = (
        os.environ | QUIET | {"PREFECT_API_URL": f"http://127.0.0.1:{closed_port()}/api", "PREFECT_HOME": str(tmp_path)}
    )
    program = [sys.executable, "-c", "from flows.cli import main; main()"]
    options = [
        "--source",
        "aider-polyglot",
        "--source",
        "models-dev-api",
        "--data",
        str(tmp_path / "data"),
        "--mirror",
        timemachine.base(str(NIGHT)),
    ]
    done = subprocess.run(
        [*program, "run", "--prefect", "--night", str(NIGHT), *options],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Prefect did not start" in done.stderr
    assert "published" in done.stdout


def test_deployments_name_flows_that_exist() -> None:
    from prefect.flows import load_flow_from_entrypoint

    from flows.schedules import HOURS

    answer = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))
    declared = {one["name"]: one["schedules"][0] for one in answer["deployments"]}
    assert {name: (one["interval"], one["anchor_date"]) for name, one in declared.items()} == {
        name: (hours.every.total_seconds(), hours.anchor.isoformat()) for name, hours in HOURS.items()
    }
    assert {one["name"] for one in answer["deployments"]} == {"nightly", "feeds", "make-up"}
    for one in answer["deployments"]:
        assert load_flow_from_entrypoint(one["entrypoint"]).name.startswith("gapindex-")
        assert [plan["timezone"] for plan in one["schedules"]] == ["UTC"]
        assert "concurrency_limit" not in one  # a dead run keeps its slot, and the nights after it are cancelled
    assert "{{" not in (ROOT / "prefect.yaml").read_text("utf-8")  # an unset variable would be deployed literally


def test_prefects_scheduler_creates_runs_at_the_hours_that_are_documented() -> None:
    """On Python 3.11 it raised ValueError for every cron, and no run was ever created."""
    from prefect.server.schemas.schedules import IntervalSchedule

    from flows.schedules import HOURS, hours

    def next_runs(of: Any, count: int) -> list[str]:
        plan = IntervalSchedule(interval=of.every, anchor_date=of.anchor, timezone="UTC")
        start = datetime(2026, 6, 14, 0, 0, tzinfo=UTC)
        return [f"{moment:%d %H:%M}" for moment in asyncio.run(plan.get_dates(count, start=start))]

    assert next_runs(HOURS["nightly"], 2) == ["14 03:30", "15 03:30"]
    assert next_runs(HOURS["feeds"], 6) == [f"14 {hour:02d}:15" for hour in (1, 5, 9, 13, 17, 21)]
    assert next_runs(HOURS["make-up"], 2) == ["14 00:25", "14 01:25"]
    assert next_runs(hours(time(23, 50))["nightly"], 1) == ["14 23:50"]


def test_settings_come_from_the_environment_and_options_win(tmp_path: Path) -> None:
    env = {
        "GAPINDEX_DATA": str(tmp_path / "a"),
        "GAPINDEX_MIRROR": "http://127.0.0.1:1/@{night}",
        "GAPINDEX_CONTACT": "me@x.org",
    }
    answer = Settings.from_env(env)
    assert (answer.data, answer.mirror_at(NIGHT)) == (tmp_path / "a", "http://127.0.0.1:1/@2023-04-14")
    assert "me@x.org" in answer.user_agent
    assert Settings.from_env(env, data=tmp_path / "b", mirror="").mirror == ""
    with pytest.raises(BadSetting, match="no base address"):
        Settings.from_env({"GAPINDEX_MIRROR": "ftp://x"})
    assert float(PATIENT["PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"]) >= 120


@pytest.mark.parametrize(
    "mirror",
    [
        "htp://user:hunter2@127.0.0.1:1",
        "user:hunter2@127.0.0.1:1",
        "http://user:hunter2",
        "http://user:hun/ter2@127.0.0.1:1",
        "http://us/er:hunter2@127.0.0.1:1",
        "http://[user:hunter2@127.0.0.1:1",
    ],
)
def test_a_mistyped_mirror_is_refused_without_its_password(mirror: str) -> None:
    with pytest.raises(BadSetting, match="no base address") as caught:
        Settings.from_env({"GAPINDEX_MIRROR": mirror})
    assert "hun" not in str(caught.value) and "ter2" not in str(caught.value)
