"""Publishes the mart tables atomically: a read-only DuckDB file, Parquet, CSV, pages and a manifest.

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
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from collectors.sanitize import csv_cell
from warehouse import quarantine_report
from warehouse.alerts.events import read
from warehouse.alerts.feed import atom
from warehouse.archive import sync_folder
from warehouse.scope import Kind, widest
from warehouse.statements import meaning, quoted, statements

_log = logging.getLogger(__name__)

KEEP = 7
"""Publications kept on disk, the current one included."""

CSV_NIGHTS = 30
"""Nights of gap_index in its CSV, which people open in a spreadsheet; Parquet and DuckDB have them all."""

LONG = ("gap_index", "gap_index_vintage")
"""Tables with a row for every night."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """The place of tonight's tables; ``fresh`` is False when they equal the publication before.

    ``run_id`` is the digest of what they were computed from (`warehouse.provenance`); ``scope`` is that of the run
    that published them (`warehouse.scope`).  ``behind`` is the night that stays published where it is a later one.
    """

    folder: Path
    night: date
    fresh: bool
    rows: dict[str, int]
    run_id: str = ""
    scope: Kind = "full"
    behind: date | None = None

    @property
    def database(self) -> Path:
        """The DuckDB file; open it read-only."""
        return self.folder / "gapindex.duckdb"


def publish(db: duckdb.DuckDBPyConnection, data: Path, night: date, *, scope: Kind = "full") -> Publication:
    """Writes every mart of a build below ``data`` and moves the link ``data/published`` to it.

    A night older than the published one gets its folder, and the link stays: readers never go back in time.
    """
    home = data / "publications"
    home.mkdir(parents=True, exist_ok=True)
    sweep(data)
    aside = Path(tempfile.mkdtemp(dir=home, prefix=".aside-"))
    aside.chmod(0o755)
    try:
        tables = _write_tables(db, aside)
        digest = hashlib.sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()
        target = home / f"{night}-{digest[:12]}"
        rows = {name: int(facts["rows"]) for name, facts in tables.items()}
        fresh = not target.exists()
        if fresh:
            _write_database(db, aside / "gapindex.duckdb", list(tables))
            (aside / "feed.xml").write_bytes(atom(read(db, "marts")))
            quarantine_report.write(db, aside)
            _write_manifest(db, aside, night, scope, tables)
            _write_site(aside, earlier=data / "published" / "site")
            _sync(aside)
            aside.rename(target)
            sync_folder(home)
        stands = current(data)
        later = stands.night if stands is not None and stands.night > night else None
        if later is None:
            _point(data / "published", target)
    finally:
        if aside.exists():
            shutil.rmtree(aside)
    _prune(home, {target, home / (data / "published").resolve().name})
    return Publication(
        folder=target, night=night, fresh=fresh, rows=rows, scope=scope, run_id=_run_id(db), behind=later
    )


def sweep(data: Path) -> None:
    """Removes what a run that died while it published has left."""
    for left in (data / "publications").glob(".aside-*"):
        shutil.rmtree(left)


def current(data: Path) -> Publication | None:
    """The last publication, None before the first, and where its manifest cannot be read (`gapindex doctor`)."""
    link = data / "published"
    try:
        manifest = json.loads((link / "manifest.json").read_text("utf-8"))
        return Publication(
            folder=link.resolve(),
            night=date.fromisoformat(manifest["night"]),
            fresh=False,
            rows={name: int(facts["rows"]) for name, facts in manifest["tables"].items()},
            scope=widest([manifest.get("scope", "full")]),
            run_id=str(manifest.get("run_id", "")),
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def _run_id(db: duckdb.DuckDBPyConnection) -> str:
    row = db.execute("select run_id from input.night").fetchone()
    return str(row[0]) if row else ""


def _write_tables(db: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for kind in ("parquet", "csv"):
        (folder / kind).mkdir()
    for statement in statements("marts"):
        name = statement.name
        parquet, human = folder / "parquet" / f"{name}.parquet", folder / "csv" / f"{name}.csv"
        db.execute(f"copy (from marts.{name} order by all) to '{quoted(parquet)}' (format parquet, compression zstd)")
        cells = ", ".join(
            f'{csv_cell(c)} as "{c}"' if kind == "VARCHAR" else f'"{c}"'
            for c, kind, *_ in db.execute(f"describe marts.{name}").fetchall()
        )
        recent = f"where night > (select night from input.night) - {CSV_NIGHTS}" if name in LONG else ""
        db.execute(
            f"copy (select {cells} from (from marts.{name} {recent} order by all))"
            f" to '{quoted(human)}' (format csv, header)"
        )
        count = db.execute(f"select count(*) from marts.{name}").fetchone()
        facts[name] = {
            "rows": count[0] if count else 0,
            "parquet": {"path": f"parquet/{name}.parquet", "sha256": _digest(parquet)},
            "csv": {"path": f"csv/{name}.csv", "sha256": _digest(human)},
        }
    return facts


def _write_database(db: duckdb.DuckDBPyConnection, file: Path, tables: list[str]) -> None:
    """The tables with their comments, in the storage version that every DuckDB since 1.0 opens."""
    db.execute(f"attach '{quoted(file)}' as published (storage_version 'v1.0.0')")
    try:
        about = {s.name: s.about for s in statements("marts")}
        columns = {name: meaning(name).columns for name in tables}
        db.begin()  # one commit, not one and a flush to disk for each of 250 comments
        try:
            for name in tables:
                db.execute(f"create table published.main.{name} as from marts.{name} order by all")
                db.execute(f"comment on table published.main.{name} is '{quoted(about[name])}'")
                for column, text in columns[name].items():
                    db.execute(f"""comment on column published.main.{name}."{column}" is '{quoted(text)}'""")
            db.commit()
        except BaseException:
            db.rollback()
            raise
        db.execute("checkpoint published")
    finally:
        db.execute("detach published")


def _write_manifest(
    db: duckdb.DuckDBPyConnection, folder: Path, night: date, scope: Kind, tables: dict[str, Any]
) -> None:
    run = db.execute("select run_id, method_version, code_version from input.night").fetchone()
    assert run is not None  # noqa: S101 - the build made this row
    manifest = {
        "night": night.isoformat(),
        "scope": scope,
        "run_id": run[0],
        "method_version": run[1],
        "code_version": run[2],
        "database": {"path": "gapindex.duckdb", "sha256": _digest(folder / "gapindex.duckdb")},
        "feed": {"path": "feed.xml", "sha256": _digest(folder / "feed.xml")},
        "tables": tables,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n", "utf-8")


def _write_site(folder: Path, *, earlier: Path) -> None:
    """The pages of a publication.  They show its tables and are not what others compute with: a page that cannot be
    drawn must not cost a night, so its tables are published without pages and `gapindex report` says what is wrong."""
    from warehouse.report import site  # numpy and the chart library, which reading a publication does not need

    try:
        site.build(folder, folder / "site", earlier=earlier)
    except Exception:  # noqa: BLE001 - see above
        shutil.rmtree(folder / "site", ignore_errors=True)
        _log.exception("the site of %s could not be built; the tables are published without it", folder.name)


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


def _digest(file: Path) -> str:
    with file.open("rb") as body:
        return hashlib.file_digest(body, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    # A site has hundreds of small files: one after the other they would take
    # seconds, together they share the disk's work.
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(_sync_file, [path for path in folder.rglob("*") if path.is_file()]))
    sync_folder(folder)


def _sync_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
