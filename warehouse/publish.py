"""Publishes the mart tables atomically: a read-only DuckDB file, the data set (`warehouse.dataset`), pages, a manifest.

A publication is a folder of its own, complete before the link ``published`` is moved to it in one
rename.  Readers keep the files they have open; readers and writer never wait for each other.  The same
tables give the same Parquet and CSV bytes, and then nothing is published again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from warehouse import quarantine_report
from warehouse.alerts.events import read
from warehouse.alerts.feed import atom
from warehouse.archive import sync_folder
from warehouse.child_process import in_child
from warehouse.dataset import stored
from warehouse.dataset.attribution import attributions
from warehouse.dataset.card import card
from warehouse.dataset.changelog import changelog
from warehouse.dataset.descriptors import croissant, data_package
from warehouse.dataset.files import DataFile, digest, write_files
from warehouse.dataset.tables import PublicTable, public_tables
from warehouse.dataset.unchanged import ROWS_DIGESTS, rows_digest
from warehouse.publication import DATABASE, Publication, current, sweep
from warehouse.report.options import NO_OPTIONS, SiteOptions
from warehouse.scope import Kind
from warehouse.statements import quoted
from warehouse.table_cache import Contents

_log = logging.getLogger(__name__)

DESCRIPTIONS = ("README.md", "datapackage.json", "croissant.json", "changelog.json", "changelog.md")
"""Files that describe the data set, beside the manifest."""

BLOCK = 32_768
"""Bytes of a block of the database.  Of the usual 256 KB each of fifty tables fills at least one: 5 MB of nothing."""

KEEP = 7
"""Publications kept on disk, the current one included."""


def publish(
    db: duckdb.DuckDBPyConnection, data: Path, night: date, *, scope: Kind = "full", site: SiteOptions = NO_OPTIONS
) -> Publication:
    """Writes every mart of a build below ``data`` and moves the link ``data/published`` to it.

    A night older than the published one gets its folder, and the link stays: readers never go back in time.
    """
    home = data / "publications"
    home.mkdir(parents=True, exist_ok=True)
    sweep(data)
    aside = Path(tempfile.mkdtemp(dir=home, prefix=".aside-"))
    aside.chmod(0o755)
    try:
        tables = public_tables(db)
        contents = Contents(db)
        digests = {table.name: rows_digest(contents, table, night) for table in tables}
        files = write_files(db, aside, tables, digests, earlier=data / "published")
        facts = {table.name: _table_facts(table, files[table.name]) for table in tables}
        identity = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
        target = home / f"{night}-{identity[:12]}"
        rows = {name: int(one["rows"]) for name, one in facts.items()}
        fresh = not target.exists()
        if fresh:
            _write_database(db, aside, tables)
            (aside / "feed.xml").write_bytes(atom(read(db, "marts")))
            quarantine_report.write(db, aside)
            _write_dataset(db, aside, night, tables, files, _earlier(home, night))
            _write_manifest(db, aside, night, scope, facts, digests)
            _write_site(aside, site, earlier=data / "published" / "site")
            _protect(aside, files)
            _sync(aside)
            aside.rename(target)
            sync_folder(home)
        stands = current(data)
        later = stands.night if stands is not None and stands.night > night else None
        if later is None:
            _point(data / "published", target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)  # what stays, the next sweep takes
    _prune(home, {target, home / (data / "published").resolve().name})
    return Publication(
        folder=target, night=night, fresh=fresh, rows=rows, scope=scope, run_id=_run_id(db), behind=later
    )


def _run_id(db: duckdb.DuckDBPyConnection) -> str:
    row = db.execute("select run_id from input.night").fetchone()
    return str(row[0]) if row else ""


def _write_database(db: duckdb.DuckDBPyConnection, folder: Path, tables: Sequence[PublicTable]) -> None:
    """The tables with their comments, in the storage version that every DuckDB since 1.0 opens."""
    options = f"storage_version 'v1.0.0', block_size {BLOCK}"
    db.execute(f"attach '{quoted(folder / DATABASE)}' as published ({options})")
    try:
        db.begin()  # one commit, not one and a flush to disk for each of 250 comments
        try:
            for table in tables:
                # The Parquet files are sorted already, which makes the same columns a third smaller here too.
                rows = f"read_parquet('{quoted(folder / 'parquet' / f'{table.name}.parquet')}')"
                stored.create(db, "published.main", table, rows)
            db.commit()
        except BaseException:
            db.rollback()
            raise
        db.execute("checkpoint published")
    finally:
        db.execute("detach published")


def _table_facts(table: PublicTable, files: Sequence[DataFile]) -> dict[str, Any]:
    """What the manifest says of a table; ``parquet`` and ``latest`` are its two shapes, ``csv`` is for people."""
    full = next(file for file in files if file.path.startswith("parquet/"))
    return {
        "rows": full.rows,
        "key": list(table.key),
        "columns": {column.name: column.type for column in table.columns},
        **{file.path.partition("/")[0]: file.facts for file in files},
    }


def _write_dataset(
    db: duckdb.DuckDBPyConnection,
    folder: Path,
    night: date,
    tables: Sequence[PublicTable],
    files: Mapping[str, Sequence[DataFile]],
    earlier: tuple[date, Path] | None,
) -> None:
    """The descriptors of the files, the dataset card and the changelog."""
    named = attributions()
    changes = changelog(db, folder, tables, night, earlier)
    for name, content in (
        ("datapackage.json", data_package(tables, files, night, named)),
        ("croissant.json", croissant(tables, files, night, named)),
        ("changelog.json", changes.facts),
    ):
        (folder / name).write_text(json.dumps(content, indent=1, ensure_ascii=False, default=str) + "\n", "utf-8")
    (folder / "README.md").write_text(card(tables, files, night, named), "utf-8")
    (folder / "changelog.md").write_text(changes.text, "utf-8")


def _earlier(home: Path, night: date) -> tuple[date, Path] | None:
    """The newest publication of an earlier night, which a changelog compares with."""
    found: list[tuple[date, int, Path]] = []
    for folder in home.glob("????-??-??-*"):
        with suppress(ValueError, OSError):  # a folder that is no publication
            if (of := date.fromisoformat(folder.name[:10])) < night:
                found.append((of, folder.stat().st_mtime_ns, folder))
    newest = max(found, default=None)
    return (newest[0], newest[2]) if newest else None


def _write_manifest(
    db: duckdb.DuckDBPyConnection,
    folder: Path,
    night: date,
    scope: Kind,
    tables: dict[str, Any],
    digests: Mapping[str, str],
) -> None:
    run = db.execute("select run_id, method_version, code_version from input.night").fetchone()
    assert run is not None  # noqa: S101 - the build made this row
    health = db.execute("select source, outcome, last_good_on, stale_days from marts.source_health order by source")
    manifest = {
        "night": night.isoformat(),
        "published_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "scope": scope,
        "run_id": run[0],
        "method_version": run[1],
        "code_version": run[2],
        "files": {name: _file_facts(folder, name) for name in (DATABASE, "feed.xml", *DESCRIPTIONS)},
        "sources": {
            source: {"outcome": outcome, "last_good_on": good and good.isoformat(), "stale_days": days}
            for source, outcome, good, days in health.fetchall()
        },
        "tables": tables,
        ROWS_DIGESTS: digests,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest) + "\n", "utf-8")


def _file_facts(folder: Path, name: str) -> dict[str, Any]:
    return {"path": name, "bytes": (folder / name).stat().st_size, "sha256": digest(folder / name)}


def _write_site(folder: Path, options: SiteOptions, *, earlier: Path) -> None:
    """The pages of a publication.  They show its tables and are not what others compute with: a page that cannot be
    drawn must not cost a night, so its tables are published without pages and `gapindex report` says what is wrong."""
    try:
        in_child(_build_site, folder, earlier, options)
    except Exception:  # noqa: BLE001 - see above
        shutil.rmtree(folder / "site", ignore_errors=True)
        _log.exception("the site of %s could not be built; the tables are published without it", folder.name)


def _build_site(folder: Path, earlier: Path, options: SiteOptions) -> None:
    from warehouse.report import site  # numpy and the chart library, in a process that gives their memory back

    site.build(folder, folder / "site", earlier=earlier, options=options)


def _point(link: Path, target: Path) -> None:
    """Moves the link in one rename; a reader sees the old folder or the new one, never none."""
    if link.is_symlink() and link.resolve() == target.resolve():
        return
    aside = link.with_name(f".{link.name}-aside")
    aside.unlink(missing_ok=True)
    aside.symlink_to(target.relative_to(link.parent), target_is_directory=True)
    aside.replace(link)
    sync_folder(link.parent)


def _prune(home: Path, kept: set[Path]) -> None:
    others = sorted((p for p in home.iterdir() if p.is_dir() and p not in kept), key=lambda p: p.stat().st_mtime_ns)
    for old in others[: max(0, len(others) - (KEEP - len(kept)))]:
        shutil.rmtree(old, ignore_errors=True)


def _protect(folder: Path, files: Mapping[str, Sequence[DataFile]]) -> None:
    """Makes the data files read-only: one that is edited in place changes in every publication that shares it."""
    for file in (folder / one.path for several in files.values() for one in several):
        with suppress(OSError):  # of another user's, shared
            file.chmod(file.stat().st_mode & ~0o222)


def _sync(folder: Path) -> None:
    # A site has hundreds of small files: one after the other they would take
    # seconds, together they share the disk's work.
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(_sync_file, [path for path in folder.rglob("*") if path.is_file()]))
    sync_folder(folder)


def _sync_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
