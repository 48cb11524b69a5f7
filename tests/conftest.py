"""Shared fixtures: the mini-web, the recorded web where it is there, and a moment."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests.tools.bucket import Bucket
from tests.tools.recorded import recorded
from tests.tools.timemachine import TimeMachine

# A worker process of pytest is given the width of nobody's terminal.
os.environ.pop("COLUMNS", None)
# Threads of linear algebra spin while they wait for each other, and each worker process of pytest has its own.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
# A night in a test rests on what the test gives it; one with the bundled history takes ten times as long.
os.environ["GAPINDEX_HISTORY"] = "false"

hypothesis.settings.register_profile("the same each time", derandomize=True, database=None)
hypothesis.settings.load_profile("the same each time")

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
FIXTURES = ROOT / "tests" / "fixtures"

# A file of tests runs whole in one worker process (`--dist loadfile`), for its tests share what its fixtures make.
# A long file that begins last keeps one worker busy while the other has nothing left to do.
LONGEST_FIRST = {
    name: place
    for place, name in enumerate(
        (
            "test_faults",
            "test_recorded_night",
            "test_docs",
            "test_flows",
            "test_report",
            "test_vintages",
            "test_eval_records",
            "test_scopes",
            "test_gates",
            "test_errors",
        )
    )
}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "recorded_web: needs the recorded web in ../shared; skipped where it is missing")
    config.addinivalue_line("markers", "slow: takes more than about ten seconds")
    config.addinivalue_line("markers", "deployment: real servers and their deaths; only `make deployment` runs it")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "GAPINDEX_TEST_DEPLOYMENT" not in os.environ:
        left = [item for item in items if "deployment" in item.keywords]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if "deployment" not in item.keywords]
    items.sort(key=lambda item: LONGEST_FIRST.get(item.path.stem, len(LONGEST_FIRST)))
    if SHARED.is_dir():
        return
    for item in items:
        if "recorded_web" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="needs the recorded web (../shared), which is not here"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium, for the tests of a file."""
    from tests.tools.chromium import started

    with started() as browser:
        yield browser


@pytest.fixture(scope="session")
def timemachine() -> Iterator[TimeMachine]:
    """The mini-web of tests/web on a free local port; ``.base("2023-04-14")`` is a mirror base."""
    with TimeMachine() as machine:
        yield machine


@pytest.fixture(scope="session")
def recorded_web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The recorded web on a free local port; ``.base("2026-06-14")`` is a mirror base."""
    with recorded(SHARED, tmp_path_factory.mktemp("web")) as machine:
        yield machine


@pytest.fixture(scope="module")
def with_history() -> Iterator[None]:
    """Nights of this test stand on the bundled history, as everybody's do."""
    del os.environ["GAPINDEX_HISTORY"]
    yield
    os.environ["GAPINDEX_HISTORY"] = "false"


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """moto's server in a process of its own."""
    code = (
        "from moto.server import ThreadedMotoServer as S; import time;"
        "s = S(ip_address='127.0.0.1', port=0, verbose=False); s.start();"
        "print(s.get_host_and_port()[1], flush=True); time.sleep(3600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
        finally:
            server.kill()


@pytest.fixture
def bucket(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Bucket:
    """A new bucket on that server, with the keys of AWS's variables."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": s3_endpoint,
        "AWS_ALLOW_HTTP": "true",
    }.items():
        monkeypatch.setenv(name, value)
    name = "b" + hashlib.sha256(request.node.name.encode()).hexdigest()[:20]
    urllib.request.urlopen(urllib.request.Request(f"{s3_endpoint}/{name}", method="PUT"), timeout=30).close()
    return Bucket(s3_endpoint, name)


@pytest.fixture
def moment() -> datetime:
    return datetime(2026, 6, 14, 21, 0, tzinfo=UTC)
