"""The store: typed rows in DuckDB, from the archive.  Only `Store.ingest` writes: it adds what the store lacks.

A night, a re-run after a crash, a back-fill and a full rebuild are the same call, so they cannot
differ.  Parsing is keyed by page and parser fingerprint; when a parser changes, its pages are parsed again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from collectors.contract.errors import Drifted, Hostile, SourceError
from collectors.contract.pages import CachedPage, Page, page_key
from collectors.contract.rows import (
    Access,
    Announcement,
    Get,
    Incident,
    Price,
    Quarantined,
    Release,
    Score,
    Spec,
    Tally,
)
from collectors.contract.source import Source
from collectors.limited import LimitedParser, NotParsed, TooCostly
from collectors.parsing import ParsedPage
from collectors.sanitize import whole_text
from warehouse.archive import Archive, ArchiveDamaged, Attempt, attempts

if TYPE_CHECKING:
    import pyarrow as pa  # 0.2 s, which only a page with news needs: it is imported where rows become tables

    from warehouse.page_tables import PageTables

TABLES: Mapping[type, str] = {
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
_FETCH_RESULT: Mapping[str, str] = {
    "night": "date",
    "source": "varchar",
    "url": "varchar",
    "context": "varchar",
    "outcome": "varchar",
    "page_key": "varchar",
    "sha256": "varchar",
    "size": "bigint",
    "status": "integer",
    "fetched_at": "timestamp",
    "asked_at": "timestamp",
    "headers": "varchar",
    "error": "varchar",
}
ROW_TABLES = (*TABLES.values(), "excluded", "excluded_value")


MAX_ROWS, MAX_PAGES = 200_000, 200
"""Rows and pages that wait in memory to be stored together; what a kill costs is read again."""

HEADERS = 3 * 4096
"""Bytes of a new, empty database.  A shorter file was cut by a full disk when it was created: it has no rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestResult:
    """The result of one `Store.ingest`: log lines read, pages stored, their rows, and why pages were refused."""

    lines: int
    pages: int
    rows: int
    refused: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadPage:
    """An archived page whose rows the store lacks; ``fetched_at`` is in UTC, without a zone."""

    key: str
    url: str
    sha256: str
    context: str
    fetched_at: datetime


Address = tuple[str, str, str]
"""Source, address, and the context of the page that named it."""


@dataclass(slots=True, kw_only=True)
class KnownPages:
    """What is known of the pages before they are requested; a run adds its responses.

    ``pages``: the newest archived page of an address.  ``links``: the addresses that a page names, by source and page
    key.  ``gone``: addresses that are gone by now; the addresses they named are not requested.  ``refused``: pages that
    today's parser refused, with the reason; it would refuse them again.
    """

    pages: dict[Address, CachedPage] = field(default_factory=dict)
    links: dict[tuple[str, str], tuple[Get, ...]] = field(default_factory=dict)
    gone: set[Address] = field(default_factory=set)
    refused: dict[tuple[str, str], SourceError] = field(default_factory=dict)


class Store:
    """The writer's private database.  Use as a context manager; one process at a time.

    It is derived from the archive: a store with another schema (of an older program) is dropped, and the next `ingest`
    fills it again.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        if path.exists() and path.stat().st_size < HEADERS:
            self._remove()
        schema = files("warehouse").joinpath("schema.sql").read_text("utf-8")
        layout = hashlib.sha256(schema.encode()).hexdigest()
        self._db = duckdb.connect(str(path))
        if self._layout() not in ("", layout):
            self._db.close()
            self._remove()
            self._db = duckdb.connect(str(path))
        self._db.execute("set preserve_insertion_order = false")
        if self._layout() != layout:
            self._db.execute(schema)
            self._db.execute("insert into raw.layout values (?)", [layout])

    def _remove(self) -> None:
        self.path.unlink()
        self.path.with_name(f"{self.path.name}.wal").unlink(missing_ok=True)

    def _layout(self) -> str:
        """The digest of the schema that made this store; empty for a new one, "unknown" where it was not kept."""
        found = self._db.execute("select table_name from duckdb_tables() where schema_name = 'raw'").fetchall()
        tables = {name for (name,) in found}
        if not tables:
            return ""
        row = self._db.execute("from raw.layout").fetchone() if "layout" in tables else None
        return str(row[0]) if row else "unknown"

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()
        del self._db  # whoever still holds the store (a failure's frames, Prefect's states) holds no connection

    # -- asked before fetching -----------------------------------------------------------------

    def known_pages(self, night: date) -> KnownPages:
        """The newest archived page of every address as of a night, with its validators and what it names.

        Call it after `ingest`: links are those of today's parsers.
        """
        rows = self._db.execute(
            """select s.source, s.url, s.context, s.sha256, s.size, s.fetched_at,
                   arg_max(f.headers, f.night) filter (where f.headers <> '{}') as headers,
                   -- Asked again on the same night it would be no second look.
                   count(distinct f.night) filter (where f.outcome = 'fresh')
                   + count(*) filter (where f.outcome = 'fresh' and f.night = $night) as whole_nights
               from (select * from raw.fetch_result where night <= $night and sha256 is not null
                     qualify row_number() over (partition by source, url, context order by night desc) = 1) s
               left join raw.fetch_result f on f.source = s.source and f.url = s.url and f.context = s.context
                   and f.sha256 = s.sha256 and f.night <= s.night
               group by all""",
            {"night": night},
        ).fetchall()
        pages = {
            (source, url, context): CachedPage(
                url=url,
                sha256=sha256,
                size=size,
                fetched_at=fetched_at.replace(tzinfo=UTC),
                headers=json.loads(headers or "{}"),
                context=context,
                whole_nights=whole_nights,
            )
            for source, url, context, sha256, size, fetched_at, headers, whole_nights in rows
        }
        keys = {(place[0], page.key) for place, page in pages.items()}
        return KnownPages(pages=pages, links=self._links(keys), refused=self._refused(keys))

    def _refused(self, keys: set[tuple[str, str]]) -> dict[tuple[str, str], SourceError]:
        rows = self._db.execute(
            "select source, page_key, url, outcome, error from raw.page where outcome <> 'read' order by all"
        ).fetchall()
        return {
            (source, key): _error_again(source, url, outcome, error)
            for source, key, url, outcome, error in rows
            if (source, key) in keys
        }

    def _links(self, keys: set[tuple[str, str]]) -> dict[tuple[str, str], tuple[Get, ...]]:
        """What pages name, by source and page key; a page that was not read, or refused, is not among them."""
        read = self._db.execute(
            """select p.source, p.page_key, l.url, l.context
               from raw.page p left join raw.link l on l.source = p.source and l.page_key = p.page_key
               where p.outcome = 'read' order by all"""
        ).fetchall()
        links: dict[tuple[str, str], tuple[Get, ...]] = {}
        for source, key, url, context in read:
            if (source, key) in keys:
                found = links.setdefault((source, key), ())
                links[source, key] = found if url is None else (*found, Get(url=url, context=context))
        return links

    # -- taking in -----------------------------------------------------------------------------

    def ingest(
        self,
        archive: Archive,
        sources: Mapping[str, Source],
        fingerprint: Callable[[str], str],
        *,
        parsed: Iterable[ParsedPage] = (),
        parser: LimitedParser | None = None,
        progress: Callable[[str], None] = lambda _text: None,
    ) -> IngestResult:
        """Takes in every log line and page the store lacks; safe to stop and to repeat at any point.

        ``parsed`` are pages that were parsed when they came; all others are read from the archive, by ``parser``.
        """
        with parser or LimitedParser() as limited:
            return self._ingest(archive, sources, fingerprint, parsed, limited, progress)

    def _ingest(
        self,
        archive: Archive,
        sources: Mapping[str, Source],
        fingerprint: Callable[[str], str],
        parsed: Iterable[ParsedPage],
        parser: LimitedParser,
        progress: Callable[[str], None],
    ) -> IngestResult:
        lines = self._take_logs(archive)
        at_hand = {(page.source, page.key): page for page in parsed}
        reader = _Reader(archive, parser, archive.refusals())
        pages = rows = waiting_rows = 0
        refused: list[str] = []
        tables: dict[str, list[pa.Table]] = defaultdict(list)
        marks = {name: fingerprint(name) for name in sources}
        for name, unread in self._waiting(marks).items():
            progress(f"{name}: reading {len(unread)} pages")
            pages += len(unread)
            for stored in self._read(reader, sources[name], marks[name], unread, at_hand):
                rows += stored.rows
                if stored.refused:
                    refused.append(stored.refused)
                for table, values in stored.tables.items():
                    tables[table].append(values)
                # Pages of all sources together: a statement and a commit for each took a third of a night with news.
                waiting_rows += stored.rows
                if waiting_rows > MAX_ROWS or len(tables.get("page", ())) >= MAX_PAGES:
                    self._insert_all(tables)
                    tables.clear()
                    waiting_rows = 0
        self._insert_all(tables)
        return IngestResult(lines=lines, pages=pages, rows=rows, refused=tuple(refused))

    def unread(
        self, archive: Archive, sources: Iterable[str], fingerprint: Callable[[str], str]
    ) -> dict[str, list[UnreadPage]]:
        """The archived pages whose rows the store lacks, by source, after it has taken in the logs.

        Those that have broken the limits of parsing are left to `ingest`, which does not parse them again.
        """
        self._take_logs(archive)
        refusals = archive.refusals()
        marks = {name: fingerprint(name) for name in sources}
        found = {
            name: [page for page in pages if (name, page.key, marks[name]) not in refusals]
            for name, pages in self._waiting(marks).items()
        }
        return {name: pages for name, pages in found.items() if pages}

    def merge(self, tables: Mapping[str, pa.Table]) -> None:
        """Stores the tables of pages that were read elsewhere, all of them or none; see `warehouse.parts`."""
        self._insert_all({table: [values] for table, values in tables.items()})

    def _take_logs(self, archive: Archive) -> int:
        return sum(self._take_log(path) for path in archive.logs())

    def _concerned(self, marks: Mapping[str, str]) -> set[str]:
        """The sources with pages that wait to be read, or that another parser than today's has read.

        One statement for all of them: one for each took half a second of a night without news.
        """
        rows = self._db.execute(
            """select distinct s.source
               from raw.fetch_result s anti join raw.page p on p.source = s.source and p.page_key = s.page_key
               where s.page_key is not null
               union
               select p.source
               from raw.page p join (select unnest($names) as source, unnest($marks) as mark) m using (source)
               where p.fingerprint <> m.mark""",
            {"names": list(marks), "marks": list(marks.values())},
        ).fetchall()
        return {name for (name,) in rows}

    def _waiting(self, marks: Mapping[str, str]) -> dict[str, list[UnreadPage]]:
        """The unread pages by source, in the order of ``marks``, once those of other parsers are forgotten."""
        concerned = self._concerned(marks)
        found: dict[str, list[UnreadPage]] = {name: [] for name in marks if name in concerned}
        for name in found:
            self._forget_other_parsers(name, marks[name])
        rows = self._db.execute(
            """select s.source, s.page_key, s.url, s.sha256, s.context, min(s.fetched_at)
               from raw.fetch_result s anti join raw.page p on p.source = s.source and p.page_key = s.page_key
               where s.source in (select unnest(?::varchar[])) and s.page_key is not null
               group by all order by min(s.night), s.url, s.page_key""",
            [list(found)],
        ).fetchall()
        for source, key, url, sha256, context, at in rows:
            found[source].append(UnreadPage(key=key, url=url, sha256=sha256, context=context, fetched_at=at))
        return {name: pages for name, pages in found.items() if pages}

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
            if kept:
                self._record_fetches(kept.values())
            self._db.execute("insert or replace into raw.ingested values (?, ?)", [path.name, end])
            self._db.commit()
        except BaseException:
            self._db.rollback()
            raise
        return count

    def _record_fetches(self, of_log: Iterable[Attempt]) -> None:
        """One fetch result a night and address: good replaces failed, new bytes replace old, never the reverse.

        One statement for all attempts of a log: one for each took milliseconds for every page of a night.
        """
        columns = [list(values) for values in zip(*map(_fetch_result, of_log), strict=True)]
        given = ", ".join(f"unnest(?::{kind}[]) as {name}" for name, kind in _FETCH_RESULT.items())
        self._db.execute(f"create or replace temp table attempt as select {given}", columns)
        self._db.execute(
            """delete from raw.fetch_result f using attempt a
               where f.night = a.night and f.source = a.source and f.url = a.url and f.context = a.context
                 and (f.sha256 is null or f.sha256 <> a.sha256)"""
        )
        self._db.execute(
            """insert into raw.fetch_result by name
               from attempt anti join raw.fetch_result using (night, source, url, context)"""
        )
        self._db.execute("drop table attempt")

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

    def _read(
        self,
        reader: _Reader,
        source: Source,
        mark: str,
        unread: Iterable[UnreadPage],
        at_hand: Mapping[tuple[str, str], ParsedPage],
    ) -> Iterator[PageTables]:
        """The pages of a source as the store keeps them; without tables where one is left for the next run."""
        from warehouse.page_tables import PageTables, page_tables

        for one in unread:
            try:
                page = at_hand.get((source.name, one.key)) or reader.read(source, mark, one)
            except ArchiveDamaged as damage:
                yield PageTables(tables={}, rows=0, refused=f"{source.name}: {damage}")
                continue
            if isinstance(page.error, NotParsed):
                yield PageTables(tables={}, rows=0, refused=str(page.error))
                continue
            if isinstance(page.error, TooCostly):
                reader.refuse(page, mark)
            yield page_tables(source.name, mark, one, page)

    def _insert_all(self, tables: Mapping[str, list[pa.Table]]) -> None:
        """The tables of pages, all of them or none."""
        self._db.begin()
        try:
            for table, rows in tables.items():
                self._insert(table, rows)
            self._db.commit()
        except BaseException:
            self._db.rollback()
            raise

    def _insert(self, table: str, rows: list[pa.Table]) -> None:
        import pyarrow as pa

        incoming = pa.concat_tables(rows, promote_options="permissive")
        names = ", ".join(f'"{name}"' for name in incoming.column_names)
        self._db.register("incoming", incoming)
        self._db.execute(f"insert into raw.{table} ({names}) select {names} from incoming")
        self._db.unregister("incoming")


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads pages from the archive, within limits; a page that broke them is not given to the same parser again."""

    archive: Archive
    parser: LimitedParser
    refusals: dict[tuple[str, str, str], str]

    def read(self, source: Source, mark: str, unread: UnreadPage) -> ParsedPage:
        """A page parsed from the archive; raises `ArchiveDamaged`."""
        if (before := self.refusals.get((source.name, unread.key, mark))) is not None:
            error = _error_again(source.name, unread.url, "hostile", before)
            return ParsedPage(source=source.name, key=unread.key, error=error)
        moment = unread.fetched_at.replace(tzinfo=UTC)
        body = self.archive.get(unread.sha256)
        page = Page(url=unread.url, body=body, fetched_at=moment, context=unread.context)
        return self.parser.parse(source, page, unread.key)

    def refuse(self, page: ParsedPage, mark: str) -> None:
        """Records that a page broke the limits of parsing."""
        place = (page.source, page.key, mark)
        if place not in self.refusals:
            self.refusals[place] = whole_text(str(page.error))
            self.archive.refuse(*place, self.refusals[place])


_ERROR = re.compile(
    r"(?P<source>[^:]*): (?P<found>.*?)(; expected (?P<expected>.*?))?; at \S+(; what to do: (?P<todo>.*))?", re.DOTALL
)


def _error_again(source: str, url: str, outcome: str, text: str) -> SourceError:
    """The error of an earlier refusal, from its text."""
    kind = Hostile if outcome == "hostile" else Drifted
    match = _ERROR.fullmatch(text)
    if match is None:
        return kind(url, text, source=source)
    return kind(url, match["found"], expected=match["expected"] or "", todo=match["todo"] or "", source=source)


def _fetch_result(attempt: Attempt) -> tuple[Any, ...]:
    return (
        attempt.night,
        attempt.source,
        attempt.url,
        attempt.context,
        attempt.outcome,
        page_key(attempt.url, attempt.sha256, attempt.context) if attempt.good else None,
        attempt.sha256 or None,
        attempt.size,
        attempt.status,
        _naive(attempt.fetched_at),
        _naive(attempt.asked_at),
        json.dumps(dict(attempt.headers), sort_keys=True),
        attempt.error,
    )


def _naive(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment else None
