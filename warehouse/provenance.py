"""Provenance: one digest of everything a night is computed from, and the version of the program.

The digest is the ``run_id`` of every published number.  It covers the program's own files (Python, SQL, seeds), the
operator's decisions, the pages that were read, the tables that earlier nights published, and the releases of the
libraries that compute.  Two runs with the same digest have the same tables, so the second need not be built.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import date
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import duckdb

from collectors.contract.source import Source
from warehouse import overrides
from warehouse.archive import Archive
from warehouse.scope import widest
from warehouse.statements import quoted

METHOD_VERSION = "2"
"""Version of METHOD this program follows; every number carries it."""

COMPUTING = ("collectors", "warehouse")
"""The packages that make tables; `flows` decides when they run and computes nothing."""

LIBRARIES = ("beautifulsoup4", "duckdb", "feedparser", "numpy", "pyarrow", "pyyaml", "scipy")
"""The distributions whose release can change a number: they parse, query or fit."""

_UNREAD = ("__pycache__", ".pyc")


def inputs_digest(
    store: Path, night: date, sources: Mapping[str, Source], *, bundled: bool = True, published: Path | None = None
) -> str:
    """16 hex digits for everything that the tables of ``night`` are computed from; the arguments are those of a build.

    The night's own vintage is part of the digest if another run published it, because it is then an input of
    tonight's tables.  A vintage with this same run_id is left out: running again must not change the digest.
    """
    digest = hashlib.sha256(f"{night} {METHOD_VERSION} {bundled}\n".encode())
    for part in (
        program_digest(),
        json.dumps(library_versions()),
        _declared(sources),
        *map(str, overrides.read(store.with_name(overrides.FILE), night)),
        *map(repr, overrides.excluded(store.with_name(overrides.FILE), night)),
        widest(Archive(store.with_name("archive")).scopes().get(night, ())),
        _read_pages(store, night),
    ):
        digest.update(f"{part}\n".encode())
    own = f"{night.isoformat()}.parquet"
    vintages = sorted(published.glob("*/????-??-??.parquet")) if published else []
    for file in vintages:
        if file.name < own:
            digest.update(_file_digest(f"{file.parent.name}/{file.name}", file))
    alone = digest.hexdigest()[:16]
    tonight = [file for file in vintages if file.name == own]
    if not tonight or _runs_of(tonight) <= {alone}:
        return alone
    for file in tonight:
        digest.update(_file_digest(f"{file.parent.name}/{file.name}", file))
    return digest.hexdigest()[:16]


@cache
def program_digest() -> str:
    """Digest of every file of the packages that compute: Python, SQL, seeds and bundled history."""
    return source_digest(files(package) for package in COMPUTING)


def source_digest(folders: Iterable[Traversable]) -> str:
    """Digest of all files below some folders, each with its path; 64 hex digits."""
    digest = hashlib.sha256()
    for folder in folders:
        for path, file in _files(folder, folder.name):
            digest.update(f"{path}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _files(folder: Traversable, path: str) -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.name.endswith(_UNREAD):
            continue
        if entry.is_dir():
            yield from _files(entry, f"{path}/{entry.name}")
        else:
            yield f"{path}/{entry.name}", entry


@cache
def library_versions() -> dict[str, str]:
    """Release of each library that computes, and of Python."""
    return {"python": f"{sys.version_info.major}.{sys.version_info.minor}"} | {
        name: version(name) for name in LIBRARIES
    }


@cache
def code_version() -> str:
    """Which program this is: ``0.1.0+g<commit>.d<digest>`` in a clone of its own, else ``0.1.0+d<digest>``.

    The digest of the program's files tells apart what differs from the commit.
    """
    commit = _commit(Path(__file__).parent.parent)
    parts = [f"g{commit[:12]}"] if commit else []
    return f"{version('gapindex')}+{'.'.join([*parts, f'd{program_digest()[:12]}'])}"


def _commit(root: Path) -> str:
    """The commit checked out in ``root``, read from its ``.git``; empty where it is the top of no clone."""
    try:
        git = root / ".git"
        if git.is_file():  # a worktree names its own folder
            git = root / git.read_text("utf-8").removeprefix("gitdir:").strip()
        head = (git / "HEAD").read_text("utf-8").strip()
        if not head.startswith("ref: "):
            return head
        name = head.removeprefix("ref: ")
        common = git / (git / "commondir").read_text("utf-8").strip() if (git / "commondir").is_file() else git
        if (common / name).is_file():
            return (common / name).read_text("utf-8").strip()
        packed = (common / "packed-refs").read_text("utf-8").splitlines()
        return next((line.partition(" ")[0] for line in packed if line.endswith(f" {name}")), "")
    except (OSError, ValueError):
        return ""


def _declared(sources: Mapping[str, Source]) -> str:
    """The declarations of the sources and their boards."""
    stated = [
        [s.name, s.kind, s.title, s.licence, s.homepage, s.operator, [asdict(board) for board in s.boards]]
        for _, s in sorted(sources.items())
    ]
    return json.dumps(stated, default=str)


def _read_pages(store: Path, night: date) -> str:
    """Digest of every response up to a night and of its parser's fingerprint; the time of a request is left out."""
    with duckdb.connect(":memory:") as db:
        db.execute(f"attach '{quoted(store)}' as store (read_only)")
        row = db.execute(
            """select sha256(coalesce(string_agg(line, '' order by line), ''))
               from (
                   select sha256(to_json([
                       s.night::varchar, s.source, s.url, s.context, s.page_key, s.sha256, s.size::varchar,
                       s.status::varchar, s.fetched_at::varchar, s.error,
                       -- The same bytes are fresh once and unchanged when a night is run again.
                       case when s.outcome in ('fresh', 'unchanged') then 'answered' else s.outcome end,
                       json_extract_string(s.headers, '$."last-modified"'), p.fingerprint, p.outcome, p.error
                   ])::varchar) as line
                   from store.raw.fetch_result s
                   left join store.raw.page p on p.source = s.source and p.page_key = s.page_key
                   where s.night <= $night)""",
            {"night": night},
        ).fetchone()
    return str(row[0]) if row else ""


def _runs_of(vintages: Iterable[Path]) -> set[str]:
    """The runs that published these vintages, of those whose rows name one; "damaged" for one that cannot be read."""
    found: set[str] = set()
    with duckdb.connect(":memory:") as db:
        for file in vintages:
            try:
                columns = {name for name, *_ in db.execute(f"describe from read_parquet('{quoted(file)}')").fetchall()}
                if "run_id" in columns:
                    named = db.execute(f"select distinct run_id from read_parquet('{quoted(file)}')").fetchall()
                    found |= {run for (run,) in named}
            except duckdb.Error:
                found.add("damaged")
    return found


def _file_digest(path: str, file: Path) -> bytes:
    return f"{path} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode()
