"""Archive -> typed rows in DuckDB.  One way in: `Store.ingest` reads what the archive has and the store lacks.

A night, a re-run after a crash, a back-fill and a full rebuild are the same call, so they cannot
differ.  Parsing is keyed by page and parser fingerprint; a changed parser reads its pages again.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from collectors.contract import (
    Access,
    Announcement,
    CachedPage,
    Drifted,
    Excluded,
    Get,
    Incident,
    Page,
    Price,
    Quarantined,
    Release,
    Row,
    Score,
    Source,
    SourceError,
    Spec,
    Tally,
    page_key,
)
from collectors.parsing import read_page
from warehouse.archive import Archive, ArchiveDamaged, Attempt, attempts

_TABLES: Mapping[type, str] = {
    Get: "link",
    Tally: "tally",
    Score: "score",
    Quarantined: "quarantined",
    Access: "access",
    Release: "release",
    Price: "price",
    Spec: "spec",
    Announcement: "announcement",
    Incident: "incident",
}
ROW_TABLES = (*_TABLES.values(), "excluded")


HEADERS = 3 * 4096
"""Bytes of a new, empty database.  A shorter file was cut at birth by a full disk: it held nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestResult:
    """What one `Store.ingest` did: log lines taken in, pages read, rows stored, pages refused."""

    lines: int
    pages: int
    rows: int
    refused: tuple[str, ...]


class Store:
    """The writer's private database.  Use as a context manager; one process at a time."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        if path.exists() and path.stat().st_size < HEADERS:
            path.unlink()
            path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
        self._db = duckdb.connect(str(path))
        self._db.execute("set preserve_insertion_order = false")
        self._db.execute(files("warehouse").joinpath("schema.sql").read_text("utf-8"))

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()
        del self._db  # whoever still holds the store (a failure's frames, Prefect's states) holds no connection

    # -- asked while collecting ----------------------------------------------------------------

    def cached_pages(self, night: date) -> dict[tuple[str, str, str], CachedPage]:
        """The newest archived page of every (source, url, context) as of a night, with its validators."""
        rows = self._db.execute(
            """select s.source, s.url, s.context, s.sha256, s.size, s.fetched_at,
                   arg_max(f.headers, f.night) as headers
               from (select * from raw.fetch_result where night <= $night and sha256 is not null
                     qualify row_number() over (partition by source, url, context order by night desc) = 1) s
               left join raw.fetch_result f on f.source = s.source and f.url = s.url and f.context = s.context
                   and f.sha256 = s.sha256 and f.headers <> '{}' and f.night <= s.night
               group by all""",
            {"night": night},
        ).fetchall()
        return {
            (source, url, context): CachedPage(
                url=url,
                sha256=sha256,
                size=size,
                fetched_at=fetched_at.replace(tzinfo=UTC),
                headers=json.loads(headers or "{}"),
                context=context,
            )
            for source, url, context, sha256, size, fetched_at, headers in rows
        }

    def links(self, source: str, key: str, fingerprint: str) -> tuple[Get, ...] | None:
        """What a page already read by this parser names; None where it has not been read (or was refused)."""
        read = self._db.execute(
            "select 1 from raw.page where source = ? and page_key = ? and fingerprint = ? and outcome = 'read'",
            [source, key, fingerprint],
        ).fetchone()
        if read is None:
            return None
        rows = self._db.execute(
            "select url, context from raw.link where source = ? and page_key = ? order by all", [source, key]
        ).fetchall()
        return tuple(Get(url=url, context=context) for url, context in rows)

    # -- taking in -----------------------------------------------------------------------------

    def ingest(
        self,
        archive: Archive,
        sources: Mapping[str, Source],
        fingerprint: Callable[[str], str],
        *,
        read: Callable[[Source, Page], tuple[Row, ...]] = read_page,
        progress: Callable[[str], None] = lambda _text: None,
    ) -> IngestResult:
        """Takes in every log line and page the store lacks; safe to stop and to repeat at any point.

        ``read`` may be a `read_page` that remembers what was read a moment ago.
        """
        lines = sum(self._take_log(path) for path in archive.logs())
        pages = rows = 0
        refused: list[str] = []
        for name, source in sources.items():
            mark = fingerprint(name)
            self._forget_other_parsers(name, mark)
            waiting = self._unread(name)
            if waiting:
                progress(f"{name}: reading {len(waiting)} pages")
            for at in range(0, len(waiting), 50):
                batch = waiting[at : at + 50]
                stored, bad = self._read_pages(archive, source, mark, batch, read)
                pages += len(batch)
                rows += stored
                refused += bad
        return IngestResult(lines=lines, pages=pages, rows=rows, refused=tuple(refused))

    def _take_log(self, path: Path) -> int:
        row = self._db.execute("select bytes from raw.ingested where log = ?", [path.name]).fetchone()
        start = int(row[0]) if row else 0
        if path.stat().st_size <= start:
            return 0
        kept: dict[tuple[str, str, str], Attempt] = {}
        count, end = 0, start
        for end, attempt in attempts(path, start):  # noqa: B007 - the last offset is what we store
            count += 1
            place = (attempt.source, attempt.url, attempt.context)
            before = kept.get(place)
            if before is None or not before.good or (attempt.good and attempt.sha256 != before.sha256):
                kept[place] = attempt
        self._db.begin()
        try:
            for attempt in kept.values():
                self._sight(attempt)
            self._db.execute("insert or replace into raw.ingested values (?, ?)", [path.name, end])
            self._db.commit()
        except BaseException:
            self._db.rollback()
            raise
        return count

    def _sight(self, attempt: Attempt) -> None:
        """One sighting a night: a good answer replaces a failure, new bytes replace old, never the other way."""
        at = {"night": attempt.night, "source": attempt.source, "url": attempt.url, "context": attempt.context}
        where = "night = $night and source = $source and url = $url and context = $context"
        before = self._db.execute(f"select sha256 from raw.fetch_result where {where}", at).fetchone()
        if before is not None:
            if before[0] is not None and (not attempt.good or before[0] == attempt.sha256):
                return
            self._db.execute(f"delete from raw.fetch_result where {where}", at)
        key = page_key(attempt.url, attempt.sha256, attempt.context) if attempt.good else None
        self._db.execute(
            "insert into raw.fetch_result values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                attempt.night,
                attempt.source,
                attempt.url,
                attempt.context,
                attempt.outcome,
                key,
                attempt.sha256 or None,
                attempt.size,
                attempt.status,
                _naive(attempt.fetched_at),
                _naive(attempt.asked_at),
                json.dumps(dict(attempt.headers), sort_keys=True),
                attempt.error,
            ],
        )

    def _forget_other_parsers(self, source: str, mark: str) -> None:
        stale = "select page_key from raw.page where source = $source and fingerprint <> $mark"
        given = {"source": source, "mark": mark}
        if self._db.execute(f"{stale} limit 1", given).fetchone() is None:
            return
        self._db.begin()
        for table in ROW_TABLES:
            self._db.execute(f"delete from raw.{table} where source = $source and page_key in ({stale})", given)
        self._db.execute("delete from raw.page where source = $source and fingerprint <> $mark", given)
        self._db.commit()

    def _unread(self, source: str) -> list[tuple[str, str, str, str, datetime]]:
        return self._db.execute(
            """select s.page_key, s.url, s.sha256, s.context, min(s.fetched_at)
               from raw.fetch_result s anti join raw.page p on p.source = s.source and p.page_key = s.page_key
               where s.source = ? and s.page_key is not null
               group by all order by min(s.night), s.url, s.page_key""",
            [source],
        ).fetchall()

    def _read_pages(
        self,
        archive: Archive,
        source: Source,
        mark: str,
        batch: Iterable[tuple[str, str, str, str, datetime]],
        read: Callable[[Source, Page], tuple[Row, ...]],
    ) -> tuple[int, list[str]]:
        found: dict[str, list[pa.Table]] = defaultdict(list)
        refused: list[str] = []
        count = 0
        for key, url, sha256, context, fetched_at in batch:
            outcome, error = "read", ""
            try:
                page = Page(
                    url=url, body=archive.get(sha256), fetched_at=fetched_at.replace(tzinfo=UTC), context=context
                )
                rows = read(source, page)
                tables = _tables(source.name, page, rows)
            except ArchiveDamaged as damage:
                refused.append(f"{source.name}: {damage}")
                continue
            except SourceError as fault:
                rows, tables, outcome, error = (), {}, fault.outcome, _plain(str(fault))
                refused.append(error)
            count += len(rows)
            values = {"url": url, "sha256": sha256, "fingerprint": mark, "outcome": outcome, "error": error}
            tables["page"] = pa.Table.from_pylist([{"source": source.name, "page_key": key, **values}])
            for table, rows_of in tables.items():
                found[table].append(rows_of)
        self._db.begin()
        try:
            for table, rows_of in found.items():
                self._insert(table, rows_of)
            self._db.commit()
        except BaseException:
            self._db.rollback()
            raise
        return count, refused

    def _insert(self, table: str, rows: list[pa.Table]) -> None:
        incoming = pa.concat_tables(rows, promote_options="permissive")
        names = ", ".join(f'"{name}"' for name in incoming.column_names)
        self._db.register("incoming", incoming)
        self._db.execute(f"insert into raw.{table} ({names}) select {names} from incoming")
        self._db.unregister("incoming")


def _tables(source: str, page: Page, rows: Iterable[Row]) -> dict[str, pa.Table]:
    """The rows of one page by table; what cannot be stored at all (a count of 30 digits) is `Drifted`.

    It fails here, for its page alone: a batch that cannot be inserted would stop every night to come.
    """
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    key = page.key  # hashes the whole body: once a page, not once a row
    for table, values in _values(rows):
        found[table].append({"source": source, "page_key": key, **values})
    try:
        return {table: _arrow(rows_of) for table, rows_of in found.items()}
    except (ValueError, TypeError, OverflowError) as error:
        raise Drifted(
            page.url,
            f"a row that cannot be stored: {type(error).__name__}: {str(error)[:200]}",
            expected="values of the contract's types",
            todo=f"compare the archived page {page.sha256[:12]} with the parser of {source}",
            source=source,
        ) from error


def _arrow(rows: list[dict[str, Any]]) -> pa.Table:
    try:
        return pa.Table.from_pylist(rows)
    except UnicodeEncodeError:
        return pa.Table.from_pylist([{k: _plain(v) if isinstance(v, str) else v for k, v in r.items()} for r in rows])


def _plain(text: str) -> str:
    """Text without the half characters that a site leaves where it cuts an emoji in two."""
    return text.encode("utf-8", "replace").decode()


def _values(rows: Iterable[Row]) -> Iterable[tuple[str, dict[str, Any]]]:
    """Rows as (table, values); excluded rows are counted by rule, with one example each."""
    left_out: Counter[tuple[str, str, str]] = Counter()
    example: dict[tuple[str, str, str], str] = {}
    for row in rows:
        if isinstance(row, Excluded):
            place = (row.board, row.edition, row.rule)
            left_out[place] += 1
            example.setdefault(place, row.name[:200])
            continue
        values = {f.name: getattr(row, f.name) for f in fields(row)}
        yield _TABLES[type(row)], {k: _naive(v) if isinstance(v, datetime) else v for k, v in values.items()}
    for (board, edition, rule), count in left_out.items():
        place = (board, edition, rule)
        yield (
            "excluded",
            {"board": board, "edition": edition, "rule": rule, "rows": count, "example": example[place]},
        )


def _naive(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment else None
