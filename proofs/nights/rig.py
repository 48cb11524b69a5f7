"""A mirror of recorded pages, and folders in which every night ran undisturbed, to hold disturbed ones against."""

from __future__ import annotations

import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import zstandard

from flows.settings import be_quiet
from proofs.nights.child import INTRACLASS_CORRELATION, End, a_night, in_child, tool
from proofs.nights.holdings import State, archived, differences, leftovers, published, state
from warehouse.archive import attempts

NIGHTS = (date(2026, 6, 13), date(2026, 6, 14))


def warmed(folder: Path, nights: Sequence[date]) -> None:
    """Runs the nights once in this very process, so that its children need not import, or read seeds, again."""
    be_quiet()
    with tool("timemachine").TimeMachine([INTRACLASS_CORRELATION / "web"], cache=folder / "cache") as machine:
        for night in nights:
            a_night(night, folder / "scratch", machine.base(str(night)))
            save_pages(folder / "scratch" / "archive", night, folder / "web" / str(night))


@contextmanager
def mirror(folder: Path) -> Iterator[str]:
    """The pages that `warmed` kept, behind the shared fault server in a process of its own; yields its base."""
    web = folder / "web"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [
            sys.executable,
            str(INTRACLASS_CORRELATION / "tools" / "faultserver.py"),
            "--root",
            str(web),
            "--port",
            str(port),
        ],
        stdout=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/{{night}}"
    finally:
        server.terminate()
        server.wait()


def save_pages(archive: Path, night: date, to: Path) -> None:
    """Every page that a night's log names, as the files of a mirror."""
    for _, attempt in attempts(archive / "log" / f"{night}.jsonl"):
        if attempt.good:
            file = to / attempt.url.replace("://", "/", 1)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(zstandard.decompress(body_of(archive, attempt.sha256).read_bytes()))


def body_of(archive: Path, sha256: str) -> Path:
    return archive / "bodies" / sha256[:2] / f"{sha256}.zst"


@dataclass(slots=True, kw_only=True)
class Rig:
    """A mirror, the undisturbed outcome of each night, and how long a night takes."""

    folder: Path
    base: str
    nights: Sequence[date]
    after: dict[date, State] = field(default_factory=dict)
    took: dict[date, list[float]] = field(default_factory=dict)

    def run(self, night: date, data: Path, **given: Any) -> End:
        """One night in a child; what it does to the clock, to limits or to itself beforehand is ``prepare``."""
        prepare: Callable[[], None] = given.pop("prepare", lambda: None)

        def work() -> None:
            prepare()
            a_night(night, data, self.base)

        end = in_child(work, self.folder / "failure.log", **given)
        if end.code == 0:
            self.took.setdefault(night, []).append(end.seconds)
        return end

    def finish(self, night: date, data: Path) -> list[str]:
        """Runs the night to its end and says how the folder differs from an undisturbed one."""
        end = self.run(night, data)
        if end.code != 0:
            return [f"the run after it failed ({end.code}): {end.output[-400:]}"]
        try:
            return differences(state(data), self.after[night]) + leftovers(data)
        except (AssertionError, OSError, duckdb.Error) as error:
            return [f"damaged: {error}"]

    def seconds(self, night: date) -> float:
        """How long a night takes now: others use this machine too."""
        return statistics.median(self.took[night][-5:])

    def copy(self, night: date) -> Path:
        """A folder in which all nights before ``night`` have run."""
        data = self.folder / "again"
        shutil.rmtree(data, ignore_errors=True)
        if night != self.nights[0]:
            before = self.nights[self.nights.index(night) - 1]
            shutil.copytree(self.folder / f"after-{before}", data, symlinks=True)
        return data


@contextmanager
def rig(folder: Path, nights: Sequence[date] = NIGHTS) -> Iterator[Rig]:
    """A rig in an empty folder, each night run once undisturbed and once more, which must change nothing."""
    warmed(folder, nights)
    with mirror(folder) as base:
        made = Rig(folder=folder, base=base, nights=nights)
        data = folder / "undisturbed"
        for night in nights:
            end = made.run(night, data)
            assert end.code == 0, end.output
            made.after[night] = state(data)
            shutil.copytree(data, folder / f"after-{night}", symlinks=True)
            if found := made.finish(night, data):
                raise AssertionError(f"the same night again changes {found}")
        yield made


def readable(data: Path, made: Rig) -> list[str]:
    """Whether readers find, at this very moment, nothing yet or a whole publication, and every body whole."""
    try:
        archived(data)
        now = published(data)
    except (AssertionError, OSError, ValueError) as error:
        return [f"right after: {error}"]
    whole = [{name: digest for name, digest in after.items() if "/" in name} for after in made.after.values()]
    return [] if not now or now in whole else ["right after: a publication that no undisturbed night made"]


@dataclass(slots=True, kw_only=True)
class Outcome:
    """One line of the table: what was done, how often, and how often it did harm."""

    what: str
    times: int = 0
    harmed: list[str] = field(default_factory=list)
    note: str = ""

    def saw(self, what: str, found: list[str]) -> None:
        self.times += 1
        self.harmed += [f"{what}: {one}" for one in found]


def say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
