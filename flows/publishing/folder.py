"""A folder as a target: a folder for each package, and the link ``current``, moved in one rename."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from filelock import FileLock, Timeout

from flows.publishing.package import CannotPublish, DataPackage, Outcome, may_replace

CURRENT = "current"
KEEP = 7
"""Editions that stay, the current one included."""

LOCK_WAIT = 60.0


def publish_to_folder(package: DataPackage, target: Path) -> Outcome:
    """Copies a package to ``target/<package>`` and moves ``target/current`` to it.

    Publishers exclude each other by a lock; readers need none, as every folder they can see is whole.
    """
    target.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(target / ".lock", timeout=LOCK_WAIT):
            return _publish(package, target)
    except Timeout as error:
        raise CannotPublish(f"another publisher has held {target} for {LOCK_WAIT:g} s; try again later") from error


def _publish(package: DataPackage, target: Path) -> Outcome:
    link, home = target / CURRENT, target / package.name
    current = link.readlink().name if link.is_symlink() else ""
    if current == package.name and home.is_dir():
        return Outcome(result="unchanged", target=str(target), current=current)
    if not may_replace(package, current):
        return Outcome(result="superseded", target=str(target), current=current)
    for left in target.glob(".aside-*"):
        shutil.rmtree(left)
    sent = 0
    if not home.is_dir():
        aside = Path(tempfile.mkdtemp(dir=target, prefix=".aside-"))
        aside.chmod(0o755)
        for file in package.files:
            copy = aside / file.path
            copy.parent.mkdir(parents=True, exist_ok=True)
            with file.local.open("rb") as source, copy.open("wb") as written:
                shutil.copyfileobj(source, written)
                written.flush()
                os.fsync(written.fileno())
            sent += 1
        aside.rename(home)
    moved = target / ".current-aside"
    moved.unlink(missing_ok=True)
    moved.symlink_to(package.name, target_is_directory=True)
    moved.replace(link)
    _prune(target, home)
    total = sum(file.bytes for file in package.files) if sent else 0
    return Outcome(result="published", target=str(target), current=package.name, sent=sent, bytes=total)


def _prune(target: Path, kept: Path) -> None:
    others = sorted(
        (p for p in target.glob("????-??-??-*") if p.is_dir() and p != kept), key=lambda p: p.stat().st_mtime_ns
    )
    for old in others[: max(0, len(others) - (KEEP - 1))]:
        shutil.rmtree(old, ignore_errors=True)
