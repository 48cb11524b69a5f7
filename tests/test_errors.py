"""Errors in their own words: what a person reads when a run cannot go on, and how it ends."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest
from commands import gapindex
from conftest import ROOT
from examples import Example, closed, opened, score

from flows.cli.options import Exit
from flows.folder import Busy, NoDisk, disk_errors
from flows.night import as_known_on
from flows.settings import Settings
from warehouse.overrides import damaged
from warehouse.provenance import library_versions, program_digest
from warehouse.store import Store

NIGHT = date(2026, 6, 14)
PAIR = (closed("Cee", api="2026-01-01"), opened("Oh", weights="2026-02-01"), score("Cee", 60), score("Oh", 50))


def raised(data: Path, error: Exception) -> None:
    with disk_errors(data):
        raise error


def not_of_the_disk(_data: Path) -> Iterator[Exception]:
    yield ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
    yield ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")
    yield BrokenPipeError(errno.EPIPE, "Broken pipe")
    yield TimeoutError("timed out")
    yield FileNotFoundError(errno.ENOENT, "No such file or directory", "/elsewhere/alerts.yaml")


def of_the_disk(data: Path) -> Iterator[Exception]:
    yield OSError(errno.ENOSPC, "No space left on device")
    yield PermissionError(errno.EACCES, "Permission denied", str(data / "archive"))
    yield FileNotFoundError(errno.ENOENT, "No such file or directory", str(data / "archive" / "log"))
    yield OSError(errno.EIO, "Input/output error")
    yield duckdb.IOException("IO Error: Could not write file")


@pytest.mark.parametrize("place", range(5))
def test_an_error_of_the_network_is_no_error_of_the_disk(tmp_path: Path, place: int) -> None:
    error = list(not_of_the_disk(tmp_path))[place]
    with pytest.raises(type(error)) as found:
        raised(tmp_path, error)
    assert found.value is error


@pytest.mark.parametrize("place", range(5))
def test_an_error_of_the_disk_names_the_folder_and_the_room(tmp_path: Path, place: int) -> None:
    with pytest.raises(NoDisk, match=r"cannot be used: .*MiB are free.*what to do: make room"):
        raised(tmp_path, list(of_the_disk(tmp_path))[place])


def test_a_database_that_another_program_has_open_is_no_full_disk(tmp_path: Path) -> None:
    Store(tmp_path / "store.duckdb").__exit__()
    program = "import duckdb, sys; db = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "store.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None and other.stdin is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(Busy, match="another program has a database in"), disk_errors(tmp_path):
            Store(tmp_path / "store.duckdb")
        other.stdin.close()


def test_a_rebuild_refuses_a_folder_without_an_archive(tmp_path: Path) -> None:
    Store(tmp_path / "store.duckdb").__exit__()
    ended = gapindex("rebuild", "--data", tmp_path)
    assert ended.code == Exit.NOTHING_YET
    assert "holds no log of a night" in ended.err
    assert "restore the archive" in ended.err
    assert (tmp_path / "store.duckdb").exists()
    assert not (tmp_path / "published").exists()


def test_a_history_needs_a_store(tmp_path: Path) -> None:
    ended = gapindex("history", "--data", tmp_path, "--to", tmp_path / "out")
    assert (ended.code, "gapindex run" in ended.err) == (Exit.NOTHING_YET, True)


def test_a_line_of_overrides_without_a_field_is_named_and_left_out(tmp_path: Path) -> None:
    example = Example(tmp_path)
    example.saw(str(NIGHT), *PAIR)
    example.published(str(NIGHT))
    (tmp_path / "overrides.jsonl").write_text('{"night": "2026-06-14", "board": "toy"}\n', "utf-8")
    ended = gapindex("show", "--as-known-on", NIGHT, "--data", tmp_path)
    assert "nothing was known on that night" in ended.err  # computed all the same: no collector reads the toy board
    assert [line[:9] for line in damaged(tmp_path / "overrides.jsonl")] == ["line 1 of"]
    assert "'reason'" in damaged(tmp_path / "overrides.jsonl")[0]


def as_nobody(work: Callable[[], None]) -> int:
    """Runs ``work`` in a fork that may write nothing of ours, also where the tests are run by root; its exit code."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            work()
            code = 0
        except BaseException as error:  # noqa: BLE001 - reported by the exit code
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_what_a_night_knew_can_be_asked_of_a_folder_that_only_reads() -> None:
    """As published, and computed again where nothing was published on that night."""
    with tempfile.TemporaryDirectory(prefix="gapindex-") as name:
        folder = Path(name)
        example = Example(folder)
        example.saw("2026-06-13", *PAIR)
        example.saw("2026-06-14", *PAIR)
        example.published("2026-06-14")
        with Store(example.store):
            pass  # no write-ahead log is left
        program_digest()  # a user who may not read the environment of the tests would not read the program either
        library_versions()
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        before = sorted(folder.rglob("*"))

        def ask() -> None:
            assert not os.access(folder, os.W_OK)
            rows = as_known_on(date(2026, 6, 13), folder, declared=example.sources)
            assert {row["gap"] for row in rows if row["scope"] == "toy" and row["tier"] == "any"} == {10.0}

        assert as_nobody(ask) == 0
        assert sorted(folder.rglob("*")) == before
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755)


@pytest.mark.parametrize(
    ("mirror", "night", "runs_for"),
    [
        ("", "2026-06-14", "2026-06-20"),
        ("http://127.0.0.1:9", "2026-06-19", "2026-06-20"),
        ("http://127.0.0.1:9/@2026-06-13", "2026-06-14", "2026-06-20"),
        ("http://127.0.0.1:9/@2026-06-14", "2026-06-14", "2026-06-14"),
        ("http://127.0.0.1:9/@{night}", "2026-06-14", "2026-06-14"),
        ("", "2026-06-20", "2026-06-20"),
        ("", "2026-06-21", "2026-06-20"),
    ],
)
def test_todays_pages_are_filed_under_today(tmp_path: Path, mirror: str, night: str, runs_for: str) -> None:
    settings = Settings(data=tmp_path, mirror=mirror, contact="tests@localhost")
    found, why = settings.night_to_run(date.fromisoformat(night), date(2026, 6, 20))
    assert str(found) == runs_for
    assert (f"running for {runs_for} instead" in why) == (night != runs_for)


def test_past_nights_are_filled_from_a_mirror_that_serves_them(tmp_path: Path) -> None:
    reply = gapindex("backfill", "--from", "2026-06-13", "--to", "2026-06-14", "--data", tmp_path)
    assert reply.code == Exit.USAGE
    assert "give --mirror an address with {night} in it" in reply.err


@pytest.mark.slow
def test_ctrl_c_while_computing_ends_quietly_with_130(tmp_path: Path) -> None:
    """In the middle of a query DuckDB turns the interrupt into an error of its own."""
    program = [sys.executable, "-c", "from flows.cli import main; main()"]
    env = {name: value for name, value in os.environ.items() if name != "GAPINDEX_HISTORY"}  # so it takes 20 s and more
    options = ["--night", str(NIGHT), "--data", str(tmp_path), "--mirror", f"http://127.0.0.1:9/@{NIGHT}", "--feeds"]
    with subprocess.Popen(
        [*program, "run", *options], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        until = time.monotonic() + 120
        while not (tmp_path / "archive" / "done.jsonl").exists() and time.monotonic() < until:
            time.sleep(0.1)
        time.sleep(2)  # all is asked: it computes
        run.send_signal(signal.SIGINT)
        _, errors = run.communicate(timeout=60)
    assert (run.returncode, "Traceback" in errors) == (Exit.INTERRUPTED, False)
    assert not (tmp_path / "published").exists()
