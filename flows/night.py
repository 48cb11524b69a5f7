"""A night as a plain function: collect, take in, build, check, publish.  No scheduler needed.

The night is an argument (a UTC date) and is never read from the clock.  A folder has one night at
a time, by a lock that dies with its process.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
from filelock import FileLock, Timeout

from collectors.contract import Source
from collectors.http.client import HttpClient
from collectors.http.policy import Limits
from collectors.registry import fingerprint, sources
from flows.collect import CollectContext, Collected, collect
from flows.settings import Settings
from warehouse import vintages
from warehouse.archive import Archive
from warehouse.build import built, failed_checks
from warehouse.explain import rows
from warehouse.publish import Publication, current, publish
from warehouse.store import IngestResult, Store

Each = Callable[[Source, CollectContext], Awaitable[Collected]]
"""How one source is collected; a scheduler may wrap it, the night does not care."""


class Busy(RuntimeError):
    """Another night holds this data folder."""


class NotPublished(RuntimeError):
    """The build did not pass its checks; what was published before stays."""

    def __init__(self, failures: list[str]) -> None:
        self.failures = failures
        super().__init__("\n".join(failures))


class NoDisk(RuntimeError):
    """The data folder cannot be read or written: the disk is full, read-only or failing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What a night came to.  ``seconds`` tells where its time went."""

    night: date
    collected: tuple[Collected, ...]
    taken: IngestResult
    publication: Publication
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def stale(self) -> tuple[Collected, ...]:
        """The sources that should have given a page tonight and gave none."""
        return tuple(result for result in self.collected if not result.reached and not result.gone)

    @property
    def troubled(self) -> tuple[Collected, ...]:
        """The sources with any failure tonight."""
        return tuple(result for result in self.collected if result.failures)


class Watch:
    """Seconds by step, and a word to whoever shows progress."""

    def __init__(self, say: Callable[[str], None] = lambda _text: None) -> None:
        self.seconds: dict[str, float] = {}
        self.say = say
        self._step, self._since = "", time.monotonic()

    def step(self, name: str, text: str = "") -> None:
        now = time.monotonic()
        if self._step:
            self.seconds[self._step] = round(now - self._since, 3)
        self._step, self._since = name, now
        if text:
            self.say(text)


def chosen(names: Iterable[str]) -> dict[str, Source]:
    """The declared sources of these names, all if none is named; KeyError names the nearest that exist."""
    known = sources()
    wanted = list(names) or list(known)
    if unknown := [name for name in wanted if name not in known]:
        raise KeyError(f"no source called {', '.join(unknown)}; there are {', '.join(known)}")
    return {name: known[name] for name in wanted}


async def run_night(
    night: date,
    settings: Settings,
    *,
    only: Iterable[str] = (),
    each: Each = collect,
    say: Callable[[str], None] = lambda _text: None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    limits: Limits | None = None,
) -> Night:
    """Runs one night in ``settings.data``; the same night may be run again and changes nothing by itself.

    Raises `Busy` where another run holds the folder, `NotPublished` where the build fails its checks, `NoDisk`.
    """
    watch = Watch(say)
    chosen(only)  # a misspelt name is told before the folder is touched
    with on_disk(settings.data), data_lock(settings.data, night):
        collected, taken = await collect_night(
            night, settings, only=only, each=each, watch=watch, now=now, limits=limits
        )
        publication = build_and_publish(night, settings.data, watch=watch)
        watch.step("")
    return Night(night=night, collected=collected, taken=taken, publication=publication, seconds=watch.seconds)


async def collect_night(
    night: date,
    settings: Settings,
    *,
    only: Iterable[str] = (),
    each: Each = collect,
    watch: Watch | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    limits: Limits | None = None,
) -> tuple[tuple[Collected, ...], IngestResult]:
    """Asks the sources of a night and takes in what came; builds nothing.  The caller holds the folder."""
    asked = chosen(only)
    watch = watch or Watch()
    archive = Archive(settings.data / "archive")
    archive.sweep()
    with Store(settings.data / "store.duckdb") as store:
        watch.step("catch up")
        store.ingest(archive, sources(), fingerprint, progress=watch.say)
        watch.step("collect", f"asking {len(asked)} sources")
        mirror = settings.mirror_at(night)
        async with HttpClient(user_agent=settings.user_agent, now=now, mirror=mirror, limits=limits) as client:
            ctx = CollectContext(
                night=night,
                client=client,
                archive=archive,
                store=store,
                mirror=mirror,
                user_agent=settings.user_agent,
                now=now,
                cached=store.cached_pages(night),
            )
            collected = await asyncio.gather(*(each(source, ctx) for source in asked.values()))
        archive.finish(night, [result.source for result in collected if not result.retry])
        watch.step("read", "reading what came")
        taken = store.ingest(archive, sources(), fingerprint, read=ctx.read, progress=watch.say)
    return tuple(collected), taken


def build_and_publish(night: date, data: Path, *, watch: Watch | None = None) -> Publication:
    """Builds every table as known on ``night``, checks them, publishes; the caller holds the folder."""
    watch = watch or Watch()
    watch.step("build", "computing the index")
    if before := current(data):  # its run may have died between publishing and keeping its vintage
        vintages.settle(data, before.folder, before.night)
    with built(data / "store.duckdb", night, sources(), published=data / "vintages") as db:
        watch.step("check", "checking what was built")
        from warehouse.expectations import failed_expectations  # 4 s and more of import, so only here

        if failures := [*failed_checks(db), *failed_expectations(db)]:
            raise NotPublished(failures)
        watch.step("publish", "publishing")
        publication = publish(db, data, night)
    vintages.settle(data, publication.folder, publication.night)
    return publication


def as_known_on(night: date, data: Path) -> list[dict[str, Any]]:
    """The night's rows of ``gap_index`` as they were known then: as published, or, of a night on which nothing was
    published, computed now from what had been seen by then.  Raises `Busy` where a run holds the folder."""
    if (published := vintages.published_on(data, night)) is not None:
        return published
    with data_lock(data, night), built(data / "store.duckdb", night, sources(), published=data / "vintages") as db:
        return rows(db, "select * from marts.gap_index where night = $night order by all", {"night": night})


def rebuild(night: date, data: Path) -> Publication:
    """Makes the store anew from the archive alone, then builds and publishes; raises as `run_night` does."""
    with on_disk(data), data_lock(data, night):
        for suffix in ("", ".wal"):
            (data / f"store.duckdb{suffix}").unlink(missing_ok=True)
        with Store(data / "store.duckdb") as store:
            store.ingest(Archive(data / "archive"), sources(), fingerprint)
        return build_and_publish(night, data)


def interruptible() -> None:
    """From here on Ctrl-C ends a night at once; asyncio's own handler waits for an await."""
    signal.signal(signal.SIGINT, _interrupt)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@contextmanager
def on_disk(data: Path) -> Iterator[None]:
    """Tells what the disk refused as `NoDisk`, with the folder and the room left; all that was published stays."""
    try:
        yield
    except (OSError, duckdb.IOException, duckdb.TransactionException, duckdb.FatalException) as error:
        there = next(folder for folder in (data, *data.parents) if folder.exists())
        free = shutil.disk_usage(there).free // 2**20
        raise NoDisk(
            f"{data} cannot be used: {str(error).splitlines()[0]}; {free} MiB are free"
            " there; what to do: make room, or mend the disk or its permissions, and run the night again"
        ) from error


class data_lock:
    """The folder's lock, as a context: `Busy` at once where another process holds it."""

    def __init__(self, data: Path, night: date) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self._note = data / ".night"
        self._lock = FileLock(data / ".lock")
        self._night = night

    def __enter__(self) -> None:
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            who = self._note.read_text("utf-8").strip() if self._note.exists() else "another run"
            raise Busy(
                f"{who} in {self._note.parent}; what to do: wait for it to end, or give another --data"
            ) from error
        self._note.write_text(f"night {self._night} is being run by process {os.getpid()}\n", "utf-8")

    def __exit__(self, *_: object) -> None:
        self._note.unlink(missing_ok=True)
        self._lock.release()
