"""Checks of what cannot be computed again: the archive's log and bodies, the vintages, the decisions.

A damaged body can be fetched again or restored from a backup, everything else only from a backup.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

import duckdb

from warehouse.archive import Archive, ArchiveDamaged, attempts
from warehouse.health.findings import Finding, counted, first_line, listed
from warehouse.overrides import FILE, damaged, excluded, read
from warehouse.statements import quoted
from warehouse.vintages import digests, edited

Progress = Callable[[int, int], None]

SAMPLE = 200
"""Bodies read where not all are; the sample moves on every day."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_RESTORE = "restore it from a backup, or delete the file and run `gapindex run --night` with its night again"


def newest_fetch(archive: Path) -> datetime | None:
    """When the newest attempt of the newest log ended."""
    for path in reversed(Archive(archive).logs()):
        try:
            asked = [attempt.asked_at for _end, attempt in attempts(path)]
        except OSError:  # the check of the log names it
            continue
        if asked:
            return max(asked)
    return None


def log(archive: Path) -> Iterator[Finding]:
    """Whether every line of the fetch log can be read, and whether the bodies it names are there."""
    store = Archive(archive)
    lines = 0
    unread: list[str] = []
    missing: dict[str, str] = {}
    known: set[str] = set()
    for path in store.logs():
        whole = 0
        for _end, attempt in attempts(path):
            whole += 1
            if attempt.good and attempt.sha256 not in known:
                known.add(attempt.sha256)
                if not _SHA256.fullmatch(attempt.sha256) or not store.path(attempt.sha256).is_file():
                    missing[attempt.sha256] = f"{attempt.sha256[:12]} of {attempt.source}, night {path.stem}"
        lines += whole
        with path.open("rb") as file:
            unread += [path.name] * (sum(1 for _line in file) - whole)
    yield Finding(
        check="fetch log",
        state="warning" if unread else "ok",
        found=f"{lines} lines of {counted(len(store.logs()), 'night', 'nights')}"
        + (f"; {len(unread)} cannot be read, in {listed(unread)}" if unread else ""),
        todo="nothing, if a run was killed while it wrote them: they are passed over; else restore from a backup"
        if unread
        else "",
    )
    yield Finding(
        check="bodies of the log",
        state="fault" if missing else "ok",
        found=f"{counted(len(missing), 'body is', 'bodies are')} missing: {listed(missing.values())}"
        if missing
        else f"all {len(known)} are there",
        todo="restore archive/bodies from a backup; a rebuild loses the rows of those pages" if missing else "",
    )


def bodies(archive: Path, *, today: date, deep: bool, progress: Progress) -> Finding:
    """Whether bodies match the digests in their names: a sample, or with ``deep`` all of them."""
    store = Archive(archive)
    every = sorted((archive / "bodies").glob("*/*.zst"))
    step = 1 if deep else max(1, len(every) // SAMPLE)
    chosen = every[today.toordinal() % step :: step]
    damaged = []
    for done, path in enumerate(chosen, start=1):
        sha256 = path.name.removesuffix(".zst")
        try:
            if store.path(sha256) != path:
                damaged.append(f"{path} (its name is no sha256 of that folder)")
            else:
                store.get(sha256)
        except ArchiveDamaged as error:
            damaged.append(str(error).split("; what to do", 1)[0])
        progress(done, len(chosen))
    share = f"{len(chosen)} of {len(every)} bodies read"
    if damaged:
        return Finding(
            check="archive bodies",
            state="fault",
            found=f"{share}; {len(damaged)} not what their name says: {listed(damaged)}",
            todo=_RESTORE + ("" if deep else "; `gapindex doctor --deep` reads all"),
        )
    return Finding(check="archive bodies", state="ok", found=f"{share}; each is what its name says")


def vintages(data: Path) -> Finding:
    """Whether every vintage can be read, is of its night, and is the file that was written."""
    known = sorted(path for path in (data / "vintages").glob("*/*.parquet") if not path.name.startswith("."))
    written = digests(data / "vintages")
    bad = []
    with duckdb.connect(":memory:") as db:
        for path in known:
            if edited(path, written):
                bad.append(f"{path} (not the file that was written)")
                continue
            try:
                date.fromisoformat(path.stem)
                (others,) = db.execute(
                    f"select count(*) from read_parquet('{quoted(path)}') where night <> date '{path.stem}'"
                ).fetchone() or (0,)
            except (duckdb.Error, ValueError) as error:
                bad.append(f"{path} ({first_line(error)})")
            else:
                if others:
                    bad.append(f"{path} ({others} rows of another night)")
    if bad:
        return Finding(
            check="vintages",
            state="fault",
            found=f"{len(bad)} of {len(known)} cannot be used: {listed(bad)}",
            todo="restore them from a backup: what was published on a night cannot be computed again",
        )
    return Finding(check="vintages", state="ok", found=f"{counted(len(known), 'file', 'files')}, each readable")


def overrides(data: Path) -> Finding:
    """Whether every line of the file of decisions can be read."""
    found = read(data / FILE, date.max)
    if faults := damaged(data / FILE):
        text, _, todo = faults[0].partition("; what to do: ")
        more = f"; and {len(faults) - 1} more lines" if len(faults) > 1 else ""
        return Finding(check="decisions", state="fault", found=text + more, todo=todo)
    return Finding(check="decisions", state="ok", found=counted(len(found), "decision", "decisions"))


def exclusions(data: Path) -> Finding:
    """What the operator has thrown out and not let in again."""
    out = excluded(data / FILE, date.max)
    found = listed(f"{one.target} since {one.night} ({one.reason})" for one in out)
    return Finding(check="exclusions", state="ok", found=found or "nothing is excluded")
