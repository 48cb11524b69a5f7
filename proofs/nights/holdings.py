"""What a data folder holds, by name and digest, and whether all of it is whole."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import duckdb
import zstandard

from warehouse.archive import attempts

State = dict[str, str]
"""What a data folder holds, by name and digest."""


def digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def published(data: Path) -> State:
    """What a reader finds, each file held against the manifest's digest; empty where nothing is published yet."""
    link = data / "published"
    if not link.exists():
        return {}
    manifest = json.loads((link / "manifest.json").read_text("utf-8"))
    files = [
        manifest["files"]["gapindex.duckdb"],
        *(facts[kind] for facts in manifest["tables"].values() for kind in ("parquet", "csv")),
    ]
    for expected in files:
        assert digest((link / expected["path"]).read_bytes()) == expected["sha256"], (
            f"{expected['path']} is not what was published"
        )
    return {expected["path"]: expected["sha256"] for expected in files[1:]}


def archived(data: Path) -> State:
    """Every body under its own digest; every line of the log that names one finds it."""
    archive = data / "archive"
    found = {path.stem: digest(zstandard.decompress(path.read_bytes())) for path in archive.glob("bodies/*/*.zst")}
    assert all(name == expected for name, expected in found.items()), "a body is not what its name says"
    for log in archive.glob("log/*.jsonl"):
        assert all(attempt.sha256 in found for _, attempt in attempts(log) if attempt.good), "a lost body"
    return {f"body {name}": name for name in found}


def stored(data: Path) -> State:
    """Every table of the store: its rows, whatever their order.  How far each log was read is bookkeeping."""
    state: State = {}
    with duckdb.connect(str(data / "store.duckdb"), read_only=True) as db:
        for (table,) in db.execute("select table_name from duckdb_tables() where schema_name = 'raw'").fetchall():
            if table != "ingested":
                rows = sorted(map(repr, db.execute(f"from raw.{table}").fetchall()))
                state[f"raw.{table}"] = f"{len(rows)} rows, {digest(repr(rows).encode())}"
        lost = db.execute(
            "select count(*) from raw.fetch_result s anti join raw.page p using (source, page_key)"
            " where s.page_key is not null"
        ).fetchone()
        assert lost == (0,), f"{lost} sightings without their page"
    return state


def kept(data: Path) -> State:
    """The vintages: what each night published, for ever."""
    return {path.name: digest(path.read_bytes()) for path in (data / "vintages").glob("*/*.parquet")}


def leftovers(data: Path) -> list[str]:
    """What only a dead run leaves: half-written files, a build's aside, a write-ahead log."""
    return sorted(
        str(path.relative_to(data))
        for pattern in ("archive/bodies/*/*.tmp", "publications/.aside-*", "vintages/*/.*", "*.wal", ".published-aside")
        for path in data.glob(pattern)
    )


def state(data: Path) -> State:
    """All of it, for a comparison; raises AssertionError where something is damaged."""
    return published(data) | archived(data) | stored(data) | kept(data)


def differences(found: State, expected: State) -> list[str]:
    return sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))
