"""Shared fixtures: the recorded web where it is there, and a page made of given bytes."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import hypothesis
import pytest

hypothesis.settings.register_profile("the same each time", derandomize=True, database=None)
hypothesis.settings.load_profile("the same each time")

ROOT = Path(__file__).resolve().parent.parent
INTRACLASS_CORRELATION = ROOT.parent / "shared"
FIXTURES = ROOT / "tests" / "fixtures"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "recorded: needs ../shared, the recorded web; skipped where it is missing")
    config.addinivalue_line("markers", "slow: takes more than about ten seconds")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if INTRACLASS_CORRELATION.is_dir():
        return
    for item in items:
        if "recorded" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="../shared is not here"))


def tool(name: str) -> ModuleType:
    """A module of ../shared/tools, loaded by path (it is not a package of ours)."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, INTRACLASS_CORRELATION / "tools" / f"{name}.py")
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="session")
def timemachine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The recorded web on a free local port; ``.base("2026-06-14")`` is a mirror base."""
    machine = tool("timemachine").TimeMachine([INTRACLASS_CORRELATION / "web"], cache=tmp_path_factory.mktemp("web"))
    with machine:
        yield machine


@pytest.fixture
def moment() -> datetime:
    return datetime(2026, 6, 14, 21, 0, tzinfo=UTC)
