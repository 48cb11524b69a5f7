"""Runs every check of a data folder, and has those of the folder itself: writable, enough room, no run in it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

from filelock import FileLock, Timeout

from warehouse.health import derived, kept
from warehouse.health.findings import Finding, first_line, mib, size_of

LEAST_ROOM = 64 * 2**20


def folder(
    data: Path, *, today: date, deep: bool = False, progress: kept.Progress = lambda _done, _all: None
) -> list[Finding]:
    """Every check of a data folder; with ``deep`` every archived body is read."""
    if not data.is_dir():
        return [
            Finding(
                check="data folder",
                state="warning",
                found=f"{data} is not there",
                todo="nothing, if no night was run yet; else give --data or GAPINDEX_DATA",
            )
        ]
    running, lock = _lock(data)
    archive = data / "archive"
    return [
        *_looked("writable", lambda: [writable(data)]),
        lock,
        *_looked("free space", lambda: [_room(data)]),
        *_looked("leftovers", lambda: [_leftovers(data, running=running)]),
        *_looked("fetch log", lambda: kept.log(archive)),
        *_looked("archive bodies", lambda: [kept.bodies(archive, today=today, deep=deep, progress=progress)]),
        *_looked("store", lambda: [derived.store(data, running=running)]),
        *_looked("publication", lambda: derived.publication(data)),
        *_looked("vintages", lambda: [kept.vintages(data)]),
        *_looked("decisions", lambda: [kept.overrides(data)]),
        *_looked("exclusions", lambda: [kept.exclusions(data)]),
        *_looked("last build", lambda: [derived.last_build(data)]),
    ]


def _looked(check: str, look: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """The findings of a check; where the disk refuses it a file, that is the finding."""
    try:
        return list(look())
    except OSError as error:
        found = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        return [Finding(check=check, state="fault", found=found, todo="mend the disk, the file or its permissions")]


def writable(data: Path) -> Finding:
    """Whether a file can be made here."""
    try:
        with tempfile.TemporaryFile(dir=data) as probe:
            probe.write(b"gapindex")
    except OSError as error:
        return Finding(
            check="writable",
            state="fault",
            found=f"{data}: {error.strerror or error}",
            todo="mend the disk or its permissions, or give another --data",
        )
    return Finding(check="writable", state="ok", found=str(data))


def _lock(data: Path) -> tuple[bool, Finding]:
    """Whether a night is running.  The lock is tried only where a note says that it is taken: a check that took it
    could turn a starting night away."""
    note = data / ".night"
    try:
        holder = note.read_text("utf-8").strip()
    except OSError:
        return False, Finding(check="lock", state="ok", found="free")
    try:
        with FileLock(data / ".lock", timeout=0):
            pass
    except Timeout:
        return True, Finding(check="lock", state="ok", found=f"held: {holder}")
    except OSError as error:
        return False, Finding(
            check="lock", state="warning", found=first_line(error), todo="mend the folder's permissions"
        )
    return False, Finding(
        check="lock",
        state="warning",
        found=f"free, but a run left its note: {holder}; it was killed",
        todo="nothing: the next run goes on where it stopped",
    )


def _room(data: Path) -> Finding:
    """Free space against what publishing needs beside the old publication: another one, and a tenth of the store."""
    free = shutil.disk_usage(data).free
    need = LEAST_ROOM + size_of(data / "published") + size_of(data / "store.duckdb") // 10
    found = f"{mib(free)} free; the next publication needs about {mib(need)}"
    if free < need:
        return Finding(check="free space", state="fault", found=found, todo="make room: the next night cannot publish")
    if free < 3 * need:
        return Finding(check="free space", state="warning", found=found, todo="make room before it runs out")
    return Finding(check="free space", state="ok", found=found)


def _leftovers(data: Path, *, running: bool) -> Finding:
    left = [
        *data.glob("archive/bodies/*/*.tmp"),
        *data.glob("publications/.aside-*"),
        *data.glob(".published-aside"),
        *data.glob("vintages/*/.*.parquet-*"),
    ]
    if not left:
        return Finding(check="leftovers", state="ok", found="none")
    found = f"{len(left)} half-written, {mib(sum(map(size_of, left)))}"
    if running:
        return Finding(check="leftovers", state="ok", found=f"{found}, of the run that holds the lock")
    return Finding(
        check="leftovers",
        state="warning",
        found=f"{found} of a run that was killed, such as {min(left)}",
        todo="nothing: the next run removes them",
    )
