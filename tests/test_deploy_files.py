"""The files of deploy/: linted by the tools of their kind, and their commands run outside a container."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from conftest import ROOT

from flows.schedules import HOURS, hours
from flows.settings import Settings

DEPLOY = ROOT / "deploy"
BIN = Path(sys.executable).parent
UNITS = sorted((DEPLOY / "systemd").iterdir())


def run(*command: object, **env: str) -> subprocess.CompletedProcess[str]:
    full = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", **env}
    return subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=full,
    )


def test_the_dockerfile_has_no_fault() -> None:
    done = run(BIN / "hadolint", DEPLOY / "Dockerfile")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_compose_file_is_one() -> None:
    done = run(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_command_of_the_containers_is_one_of_ours_that_runs() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    commands = {name: one["command"] for name, one in services.items() if "command" in one}
    assert set(commands) == {"server", "worker", "site"}
    assert run(*commands["server"][:3], "--help").returncode == 0
    assert run("sh", "-n", commands["worker"][1]).returncode == 0
    refused = run("sh", commands["worker"][1], PREFECT_API_URL="")
    assert refused.returncode != 0 and "start a server" in refused.stderr
    assert run(*commands["site"][:3], "--help").returncode == 0
    for service in services.values():
        if (test := service["healthcheck"]["test"])[1] == "python":
            compile(test[3], "healthcheck", "exec")


def test_the_health_check_of_the_image_runs(tmp_path: Path) -> None:
    (words,) = re.findall(r"^HEALTHCHECK .* CMD (\[.*\])$", (DEPLOY / "Dockerfile").read_text("utf-8"), re.M)
    assert run(*json.loads(words), GAPINDEX_DATA=str(tmp_path)).returncode == 0


def test_the_kubernetes_job_is_valid_once_prefect_has_filled_it_in() -> None:
    template = json.loads((DEPLOY / "kubernetes" / "base-job-template.json").read_text("utf-8"))
    given: dict[str, Any] = {"command": ["prefect", "flow-run", "execute"], "env": [{"name": "A", "value": "b"}]}
    defaults = {name: one.get("default") for name, one in template["variables"]["properties"].items()} | given
    job = filled(template["job_configuration"]["job_manifest"], defaults)
    assert "{{" not in json.dumps(job)
    kubernetes_validate.validate(job, "1.29", strict=True)
    job["spec"]["template"]["spec"]["containers"][0]["imagee"] = "x"
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(job, "1.29", strict=True)


def filled(value: Any, variables: dict[str, Any]) -> Any:
    """A value with its placeholders replaced, as a work pool does."""
    match value:
        case dict():
            return {key: filled(one, variables) for key, one in value.items()}
        case list():
            return [filled(one, variables) for one in value]
        case str() if found := re.fullmatch(r"{{ (\w+) }}", value):
            return variables[found[1]]
        case str():
            return re.sub(r"{{ (\w+) }}", lambda match: str(variables[match[1]]), value)
    return value


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze (apt-get install systemd)")
def test_the_units_are_accepted_by_systemd(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text("utf-8").replace("/opt/gapindex/.venv/bin", str(BIN))
        (tmp_path / unit.name).write_text(text, "utf-8")
    done = run("systemd-analyze", "verify", *sorted(tmp_path.iterdir()))
    ours = [line for line in (done.stdout + done.stderr).splitlines() if "gapindex" in line]
    assert not [line for line in ours if "Failed to" in line or "Unknown" in line or "not executable" in line], ours
    done = run("systemd-analyze", "security", "--offline=true", tmp_path / "gapindex.service")
    (level,) = re.findall(r"Overall exposure level for gapindex\.service: ([\d.]+)", done.stdout)
    assert float(level) < 2, done.stdout


@pytest.mark.parametrize("file", [*UNITS, DEPLOY / "crontab"], ids=lambda file: file.name)
def test_every_gapindex_command_is_one(file: Path) -> None:
    for words in re.findall(r"/opt/gapindex/\.venv/bin/gapindex (.*)", file.read_text("utf-8")):
        done = run(BIN / "gapindex", *words.split(), "--help")
        assert done.returncode == 0, done.stderr


def test_all_ways_to_run_keep_the_same_hours() -> None:
    crons = re.findall(r"^(\S+ \S+ \* \* \*) /opt", (DEPLOY / "crontab").read_text("utf-8"), re.M)
    nightly, make_up = HOURS["nightly"].first, HOURS["make-up"].first
    assert hours(Settings(data=Path("data")).due) == HOURS, "what `gapindex serve` runs by default"
    assert crons == [f"{nightly.minute} {nightly.hour} * * *", f"{make_up.minute} * * * *"]
    timers = {file.stem: file.read_text("utf-8") for file in UNITS if file.suffix == ".timer"}
    assert f"OnCalendar=*-*-* {nightly} UTC" in timers["gapindex"]
    assert "OnCalendar=*-*-* *:25:00 UTC" in timers["gapindex-missed"]
