"""What is shipped: the wheel holds the three packages whole and nothing else, and the lock can be trusted.

Hatch leaves out of a wheel whatever .gitignore names, so a careless line there would ship a warehouse
without its SQL; an editable install would never show it.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest
from conftest import ROOT

PACKAGES = ("collectors", "flows", "warehouse")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
ABOUT = "gapindex-{version}.dist-info".format(**PYPROJECT["project"])


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def unpacked(wheel: Path) -> Path:
    with ZipFile(wheel) as archive:
        archive.extractall(wheel.parent / "unpacked")
    return wheel.parent / "unpacked"


def files(folder: Path) -> set[str]:
    return {
        path.relative_to(folder.parent).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.mark.parametrize("package", PACKAGES)
def test_the_wheel_has_every_file_of_the_package(unpacked: Path, package: str) -> None:
    assert files(ROOT / package), f"{package}/ is empty: has the folder moved?"
    assert files(unpacked / package) == files(ROOT / package)


def test_the_warehouse_ships_what_is_not_python(unpacked: Path) -> None:
    assert {Path(name).suffix for name in files(unpacked / "warehouse")} >= {".py", ".sql", ".csv"}


def test_nothing_else_is_at_the_top(unpacked: Path) -> None:
    assert {path.name for path in unpacked.iterdir()} == {*PACKAGES, ABOUT}


def test_the_command_is_declared(unpacked: Path) -> None:
    declared = (unpacked / ABOUT / "entry_points.txt").read_text("utf-8").split()
    assert declared == ["[console_scripts]", "gapindex", "=", "flows.cli:main"]


def test_the_metadata_say_what_is_needed(unpacked: Path) -> None:
    metadata = Parser().parsestr((unpacked / ABOUT / "METADATA").read_text("utf-8"))
    assert (metadata["Name"], metadata["License-Expression"]) == ("gapindex", "Apache-2.0")
    needed = metadata.get_all("Requires-Dist", [])
    plain = [re.split(r"[<>=]", requirement)[0] for requirement in needed if "extra ==" not in requirement]
    assert "prefect" in plain
    assert not {"pytest", "mypy", "ruff"} & set(plain)


def test_the_shipped_sources_are_found_from_anywhere(unpacked: Path, tmp_path: Path) -> None:
    code = "import collectors.registry as r; print(r.__file__); print(*r.sources())"
    found = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(unpacked)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    assert Path(found[0]).is_relative_to(unpacked)
    modules = {path.stem.replace("_", "-") for path in (ROOT / "collectors" / "sources").glob("[!_]*.py")}
    assert set(found[1].split()) == modules


def test_the_lock_pins_everything_by_hash_and_names_no_place() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    pins = re.findall(r"^[a-z0-9][^\n]*(?:\n[ ]{4}--hash=[^\n]*)*", lock, re.MULTILINE)
    assert len(pins) > 50
    assert [pin.splitlines()[0] for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []
    assert [line for line in lock.splitlines() if re.search(r"://|(^|\s)/|^-|\bfile:", line)] == []


def test_the_lock_covers_what_is_declared() -> None:
    project = PYPROJECT["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[<>=\[]", requirement)[0].lower().replace("_", "-") for requirement in declared}
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert names - set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE)) == set()
