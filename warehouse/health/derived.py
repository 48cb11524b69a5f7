"""Checks of what `gapindex rebuild` can compute again: the store and the publication."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb

from warehouse import unpublished
from warehouse.archive import Archive
from warehouse.explain import open_readonly
from warehouse.health.findings import Finding, counted, first_line, listed, mib, size_of
from warehouse.publication import current


def store(data: Path, *, running: bool) -> Finding:
    """Whether the store opens, has this program's columns, and took in no more than the archive holds."""
    file = data / "store.duckdb"
    if not file.exists():
        return Finding(
            check="store", state="warning", found=f"{file} is not there", todo="nothing: the next run makes it anew"
        )
    if running:
        return Finding(check="store", state="ok", found="not looked into: the run that holds the lock has it open")
    try:
        with duckdb.connect(str(file), read_only=True) as db:
            there = _columns(db)
            taken = dict(db.execute("select log, bytes from raw.ingested").fetchall()) if there else {}
    except duckdb.Error as error:
        return Finding(
            check="store",
            state="fault",
            found=f"{file} does not open: {first_line(error)}",
            todo="`gapindex rebuild` makes it anew from the archive; if a newer program wrote it, use that program",
        )
    with duckdb.connect(":memory:") as db:
        db.execute(files("warehouse").joinpath("schema.sql").read_text("utf-8"))
        ours = _columns(db)
    if unknown := sorted(there - ours):
        return Finding(
            check="store",
            state="fault",
            found=f"{file} has what this program does not know: {listed('.'.join(one) for one in unknown)}",
            todo="a newer program wrote it: use that one, or `gapindex rebuild` with this one",
        )
    if lacking := sorted(ours - there):
        return Finding(
            check="store",
            state="fault",
            found=f"{file} lacks {listed('.'.join(one) for one in lacking)}",
            todo="an older program wrote it: `gapindex rebuild` makes it anew from the archive",
        )
    sizes = {path.name: path.stat().st_size for path in Archive(data / "archive").logs()}
    shrunk = sorted(log for log, read in taken.items() if sizes.get(log, 0) < read)
    if shrunk:
        return Finding(
            check="store",
            state="fault",
            found=f"it has taken in more of {listed(shrunk)} than the archive holds",
            todo="restore archive/log from a backup; a rebuild from what is there would forget those nights",
        )
    waiting = sum(taken.get(log, 0) < size for log, size in sizes.items())
    return Finding(
        check="store",
        state="ok",
        found=f"opens, {mib(size_of(file))}"
        + (f"; {counted(waiting, 'log has', 'logs have')} lines for the next run to take in" if waiting else ""),
    )


def _columns(db: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    return set(
        db.execute(
            "select table_name, column_name from information_schema.columns where table_schema = 'raw'"
        ).fetchall()
    )


def publication(data: Path) -> Iterator[Finding]:
    """Whether the published files are those of the manifest, and whether readers can open the database."""
    link = data / "published"
    if not link.is_symlink() and not link.exists():
        yield Finding(check="publication", state="warning", found="nothing is published yet", todo="`gapindex run`")
        return
    mend = "`gapindex rebuild` publishes anew"
    try:
        manifest = json.loads((link / "manifest.json").read_text("utf-8"))
        night = date.fromisoformat(manifest["night"])
        sums = {str(one["path"]): str(one["sha256"]) for one in _named_files(manifest)}
    except (OSError, ValueError, KeyError, TypeError) as error:
        whole = link.exists()
        yield Finding(
            check="publication",
            state="fault",
            found=f"{link} has no manifest that can be read ({type(error).__name__})"
            if whole
            else f"{link} leads nowhere: {link.readlink()} is gone",
            todo=mend,
        )
        return
    other = [path for path, sha256 in sums.items() if _sha256(link / path) != sha256]
    if other:
        yield Finding(
            check="publication",
            state="fault",
            found=f"night {night}: {len(other)} of {len(sums)} files are not those of the manifest: {listed(other)}",
            todo=f"delete {link.resolve()}, then {mend}; readers must open gapindex.duckdb with read_only",
        )
    else:
        yield Finding(
            check="publication", state="ok", found=f"night {night}, {len(sums)} files as the manifest has them"
        )
    if (link / "gapindex.duckdb.wal").exists():
        yield Finding(
            check="published database",
            state="fault",
            found=f"{link}/gapindex.duckdb.wal: somebody opened the published file for writing",
            todo="delete that .wal; readers must open gapindex.duckdb with read_only",
        )
        return
    try:
        with open_readonly(link / "gapindex.duckdb") as db:
            count = len(db.execute("show tables").fetchall())
    except duckdb.Error as error:
        yield Finding(check="published database", state="fault", found=first_line(error), todo=mend)
        return
    yield Finding(check="published database", state="ok", found=f"opens, {count} tables")


def _named_files(manifest: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every file a manifest names with its digest, however deep."""
    for value in manifest.values():
        if isinstance(value, Mapping):
            if "path" in value and "sha256" in value:
                yield value
            else:
                yield from _named_files(value)


def _sha256(file: Path) -> str:
    try:
        with file.open("rb") as body:
            return hashlib.file_digest(body, "sha256").hexdigest()
    except OSError:
        return ""


def last_build(data: Path) -> Finding:
    """Whether the newest build was published, and what failed in it: a whole night, or a scope, board or model."""
    failed = unpublished.read(data)
    if failed is not None:
        *found, todo = failed.sentences()
        return Finding(
            check="last build",
            state="fault",
            found=f"night {failed.night} was not published; " + "; ".join(found),
            todo=todo.removeprefix("what to do: "),
        )
    publication = current(data)
    if publication is not None and (parts := unpublished.failed_parts(publication.database)):
        return Finding(
            check="last build",
            state="warning",
            found="published without " + "; ".join(parts),
            todo="`gapindex sql 'from build_failure'` has the errors; `gapindex exclude` throws out a row",
        )
    return Finding(check="last build", state="ok", found="nothing failed")
