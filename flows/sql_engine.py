"""DuckDB-Wasm for the site's page for SQL: fetched from the npm registry once, with npm itself, and never committed.

The version is the newest whose build reads Parquet by itself: from 1.29 on Parquet is an extension, which the engine
downloads from its makers' host, and a page of the site asks no other host.  The digests are those that npm's own lock
files keep (`dist.integrity`), so that a changed archive is refused.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from flows.settings import Settings
from warehouse.report.options import SiteOptions

_log = logging.getLogger(__name__)

PATIENCE = 180.0
"""Seconds for npm to fetch one archive of up to 25 MB."""


class NoEngine(RuntimeError):
    """The engine could not be fetched; the message says why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """An archive of the npm registry: its digest, and by its path inside the file that is taken from it."""

    package: str
    version: str
    sha512: str
    files: dict[str, str]


ARCHIVES = (
    Archive(
        package="@duckdb/duckdb-wasm",
        version="1.28.0",
        sha512="YaswpEmxr1Sp20/FZbWR7bZBJqj6xQXX2m4LLzYBnA02g4K1yrpxsBWmkxQyMbrH6AHKhcUUqAlaXfA2Rvaa3w==",
        files={
            "package/dist/duckdb-browser.cjs": "duckdb-browser.js",
            "package/dist/duckdb-browser-eh.worker.js": "duckdb-browser-eh.worker.js",
            "package/dist/duckdb-eh.wasm": "duckdb-eh.wasm",
        },
    ),
    Archive(
        package="apache-arrow",
        version="13.0.0",
        sha512="3gvCX0GDawWz6KFNC28p65U+zGh/LZ6ZNKWNu74N6CQlKzxeoWHpi4CgEQsgRSEMuyrIIXi1Ea2syja7dwcHvw==",
        files={"package/Arrow.es2015.min.js": "arrow.js", "package/LICENSE.txt": "arrow-license.txt"},
    ),
)

NOTICE = """DuckDB-Wasm 1.28.0, (c) the authors of DuckDB-Wasm, MIT licence, https://github.com/duckdb/duckdb-wasm
Apache Arrow 13.0.0, Apache licence 2.0, https://arrow.apache.org: arrow-license.txt
"""


def site_options(settings: Settings) -> SiteOptions:
    """What the site is built with; an engine that cannot be had costs its page, never a night."""
    engine = None
    if settings.site_sql:
        try:
            engine = fetched(settings.data / "site-engine")
        except NoEngine as error:
            _log.warning("the site is built without its page for SQL: %s", error)
    return SiteOptions(url=settings.site_url, engine=engine)


def fetched(home: Path) -> Path:
    """The folder with the files of the engine below ``home``, fetched where it is not there.  Raises `NoEngine`."""
    folder = home / f"duckdb-wasm-{ARCHIVES[0].version}"
    if folder.is_dir():
        return folder
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix=".part-") as name:
        made = Path(name) / "engine"
        made.mkdir()
        for archive in ARCHIVES:
            unpack(_packed(archive, Path(name)), archive, made)
        (made / "notice.txt").write_text(NOTICE, "utf-8")
        try:
            made.rename(folder)
        except OSError:  # another process was faster
            if not folder.is_dir():
                raise
    return folder


def _packed(archive: Archive, folder: Path) -> Path:
    """The archive as npm saves it."""
    npm = shutil.which("npm")
    name = f"{archive.package}@{archive.version}"
    if npm is None:
        raise NoEngine("npm is not installed; install Node.js, or leave site_sql off")
    command = [npm, "pack", name, "--silent", "--ignore-scripts", "--pack-destination", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True, cwd=folder)  # noqa: S603 - our own words
    except subprocess.CalledProcessError as error:
        raise NoEngine(f"npm could not fetch {name}: {(error.stderr or '').strip()[-300:]}") from None
    except subprocess.TimeoutExpired:
        raise NoEngine(f"npm did not fetch {name} within {PATIENCE:.0f} s") from None
    return folder / done.stdout.strip().splitlines()[-1]


def unpack(file: Path, archive: Archive, into: Path) -> None:
    """Writes the files that are wanted of an archive, whose bytes must be the expected ones.  Raises `NoEngine`."""
    found = base64.b64encode(hashlib.sha512(file.read_bytes()).digest()).decode()
    if found != archive.sha512:
        raise NoEngine(
            f"{archive.package} {archive.version} has sha512 {found}, expected {archive.sha512}; nothing of it is used"
        )
    with tarfile.open(file) as packed:
        for inside, name in archive.files.items():
            member = packed.extractfile(inside)
            assert member is not None, inside  # noqa: S101 - the digest fixes what is inside
            (into / name).write_bytes(member.read())
