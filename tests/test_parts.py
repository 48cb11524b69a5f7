"""The archive read in parts, on a process, on threads and on Dask: the same bytes, whoever reads and however many."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path

import duckdb
import pytest

from collectors.registry import fingerprint, sources
from flows.backfill import backfill
from flows.mapping import mapped
from flows.reading import read_archive, read_in_parts, write_part
from flows.settings import QUIET, Runner, Settings
from flows.storage.archive import push
from flows.storage.objects import Objects
from proofs import simulation
from tests.tools.bucket import Bucket
from tests.tools.timemachine import TimeMachine
from warehouse.archive import Archive
from warehouse.parts import Part, parts_of
from warehouse.store import ROW_TABLES, Store

pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]

FIRST, LAST = date(2023, 3, 26), date(2023, 4, 14)
BOARDS = ("aider-polyglot", "arena-daily", "bird-sql", "gso", "litellm-prices")


@pytest.fixture(scope="module")
def server() -> Iterator[None]:
    """A Prefect server whose address stands in the environment: Dask's workers have no other way to learn it."""
    os.environ.update(QUIET)
    from prefect.settings import PREFECT_API_URL
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=600), pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_API_URL", str(PREFECT_API_URL.value()))
        yield


@pytest.fixture(scope="module")
def filled(timemachine: TimeMachine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with twenty nights back-filled."""
    data = tmp_path_factory.mktemp("filled")
    settings = Settings(data=data, mirror=timemachine.base() + "/@{night}", contact="tests@localhost", runner="here")
    done = asyncio.run(backfill(FIRST, LAST, settings, only=BOARDS))
    assert done.nights == 20
    return data


def digests(store: Path) -> dict[str, str]:
    """The rows of every table of a store, as one digest."""
    found = {}
    with duckdb.connect(str(store), read_only=True) as db:
        for table in (*ROW_TABLES, "page", "fetch_result"):
            rows = db.execute(f"from raw.{table} order by all").fetchall()
            found[table] = f"{len(rows)} {hashlib.sha256(repr(rows).encode()).hexdigest()}"
    return found


def without_store(data: Path, to: Path) -> Path:
    shutil.copytree(data / "archive", to / "archive")
    return to


def parts(data: Path) -> list[Part]:
    with Store(data / "store.duckdb") as store:
        unread = store.unread(Archive(data / "archive"), sources(), fingerprint)
    return [part for name, pages in unread.items() for part in parts_of(name, fingerprint(name), pages)]


@pytest.mark.slow
@pytest.mark.deployment
def test_twenty_nights_are_the_same_on_one_process_on_threads_and_on_two_dask_workers(
    server: None, filled: Path, tmp_path: Path
) -> None:
    expected = digests(filled / "store.duckdb")
    rows: dict[str, int] = {}
    runners: tuple[Runner, ...] = ("here", "threads", "dask")
    for runner in runners:
        data = without_store(filled, tmp_path / runner)
        printed: list[str] = []
        rows[runner], troubles = read_archive(
            Settings(data=data, runner=runner), sources(), worth_it=1, progress=printed.append
        )
        assert troubles == ()
        assert any("parts of the archive" in line for line in printed) == (runner != "here")
        assert not (data / "parts").exists()
        assert digests(data / "store.duckdb") == expected, runner
    assert len(set(rows.values())) == 1 and rows["dask"] > 0


@pytest.mark.slow
@pytest.mark.deployment
def test_replicates_are_the_same_on_one_process_on_threads_and_on_two_dask_workers(server: None) -> None:
    """Simulated worlds of `proofs.simulation`: each is drawn by its number, whoever computes it."""
    kinds: list[Callable[[int], tuple[simulation.Measures, ...]]] = [
        simulation.random_board,
        partial(simulation.random_composite, guess=0.2),
    ]
    runners: tuple[Runner, ...] = ("here", "threads", "dask")
    found = {runner: repr(simulation.replicated(kinds, 30, Settings(runner=runner))) for runner in runners}
    assert found["here"] == found["threads"] == found["dask"]
    assert found["here"].count("'lag'") == 30 * (3 + 2)


def test_results_come_in_the_order_of_their_parts() -> None:
    came: list[int] = []
    assert mapped(abs, [-3, 2, -1], Settings(runner="here"), name="sizes", done=came.append) == [3, 2, 1] == came


def test_a_part_has_the_same_bytes_whoever_writes_it_and_is_written_once(filled: Path, tmp_path: Path) -> None:
    data = without_store(filled, tmp_path / "data")
    listed = parts(data)
    written = {}
    for folder in ("first", "second"):
        for part in listed:
            write_part(part, str(data / "archive"), str(tmp_path / folder))
        written[folder] = {
            file.relative_to(tmp_path / folder): file.read_bytes() for file in (tmp_path / folder).rglob("*.*")
        }
    assert written["first"] == written["second"] and len(listed) >= len(BOARDS)
    before = {file: file.stat().st_mtime_ns for file in (tmp_path / "first").rglob("*.*")}
    shutil.rmtree(data / "archive")  # what is written is not read again
    for part in listed:
        write_part(part, str(data / "archive"), str(tmp_path / "first"))
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "first").rglob("*.*")} == before


def test_a_damaged_body_is_left_to_the_store_which_names_it(filled: Path, tmp_path: Path) -> None:
    data = without_store(filled, tmp_path / "data")
    (part, *_) = parts(data)
    spoilt = Archive(data / "archive").path(part.pages[0].sha256)
    spoilt.write_bytes(b"x")
    whole = sum(write_part(one, str(filled / "archive"), str(tmp_path / "whole")) for one in (part,))
    assert write_part(part, str(data / "archive"), str(tmp_path / "parts")) < whole


def test_parts_are_written_and_merged_where_the_archive_is_and_leave_nothing(
    filled: Path, tmp_path: Path, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As workers on other machines do, which share no folder with the writer; here in turn, without Prefect."""
    from flows import reading

    def here(parts: list[Part], bodies: str, target: str, _settings: Settings) -> int:
        assert bodies == bucket.url and target == f"{bucket.url}/parts"
        return sum(write_part(part, bodies, target) for part in parts)

    monkeypatch.setattr(reading, "write_parts", here)
    data = without_store(filled, tmp_path / "data")
    push(data / "archive", Objects(bucket.url))
    shutil.rmtree(data / "archive" / "bodies")
    settings = Settings(data=data, archive=bucket.url, runner="dask")
    assert read_in_parts(settings, sources(), worth_it=1) > 0
    assert digests(data / "store.duckdb") == digests(filled / "store.duckdb")
    assert not [name for name in bucket.files() if name.startswith("parts/")]


def test_a_runner_that_fails_costs_time_and_nothing_else(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dask's scheduler cannot be reached."""
    from flows import reading

    def unreachable(*_: object) -> int:
        raise OSError("Timed out trying to connect to tcp://127.0.0.1:1")

    monkeypatch.setattr(reading, "write_parts", unreachable)
    data = without_store(filled, tmp_path / "data")
    _, (trouble,) = read_archive(Settings(data=data, runner="dask"), sources(), worth_it=1)
    assert trouble.startswith("runner dask: OSError: Timed out") and "read here instead" in trouble
    assert digests(data / "store.duckdb") == digests(filled / "store.duckdb")
