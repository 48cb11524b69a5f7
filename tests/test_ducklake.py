"""Publications in DuckLake, with its catalogue on PostgreSQL, in an environment of its own: any night, as published."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT
from examples import Example, closed, opened, score

from tests.tools.deployment import Postgres, postgres_programs

LAKE = ROOT / "deploy" / "ducklake"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.deployment,
    pytest.mark.skipif(postgres_programs() is None, reason="needs PostgreSQL (apt-get install postgresql)"),
]

READ = """
import sys
sys.path.insert(0, sys.argv[1])
from load import attached, nights
db = attached(sys.argv[2], sys.argv[3])
for snapshot, message in nights(db):
    (value,) = db.execute(f"select max(value) from lake.score at (version => {snapshot})").fetchone()
    print(message.split()[1], value)
print("now", *db.execute("select max(value) from lake.score").fetchone())
"""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str, str]]:
    """Python with the lake's packages, the catalogue, and the folder of its files."""
    python = tmp_path_factory.mktemp("lake") / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", python.parent.parent], check=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--retries=1", "--timeout=20", "-r"]
    got = subprocess.run([*pip, str(LAKE / "requirements.txt")], capture_output=True, text=True, check=False)
    if got.returncode:
        pytest.skip(f"the lake's packages are not to be had: {got.stderr[-200:]}")
    folder = Path(tempfile.mkdtemp(prefix="gapindex-lake-"))  # PostgreSQL's own user cannot enter pytest's folders
    folder.chmod(0o755)
    (folder / "postgres").mkdir()
    database = Postgres(folder / "postgres")
    try:
        database.start()
        yield python, f"dbname=postgres host=127.0.0.1 port={database.port} user=prefect", str(folder / "files")
    finally:
        database.end()
        shutil.rmtree(folder, ignore_errors=True)


def test_every_night_that_was_loaded_can_be_read_as_it_was_published(
    lake: tuple[Path, str, str], tmp_path: Path
) -> None:
    python, catalogue, files = lake

    def ran(*words: str | Path) -> list[str]:
        done = subprocess.run([python, *words, catalogue, files], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-1000:]
        return done.stdout.splitlines()

    example = Example(tmp_path)
    example.saw("2026-06-13", closed("Cee", api="2026-01-01"), opened("Oh", weights="2026-02-01"), score("Cee", 60))
    first = example.published("2026-06-13").folder
    example.saw("2026-06-14", closed("Cee", api="2026-01-01"), opened("Oh", weights="2026-02-01"), score("Cee", 70))
    second = example.published("2026-06-14").folder

    load = LAKE / "load.py"
    outcomes = [ran(load, folder)[0].split(":")[0] for folder in (first, second, second, first)]
    assert outcomes == ["loaded", "loaded", "unchanged", "superseded"]
    assert ran("-c", READ, LAKE) == ["2026-06-13 60.0", "2026-06-14 70.0", "now 70.0"]
