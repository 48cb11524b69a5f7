"""Parts of the archive that are read apart: a worker reads a part into Parquet tables, and one writer merges them.

A part is a fixed list of pages, cut by the store and not by the number of workers, so any number of workers gives the
same parts with the same bytes.  What a part leaves out (a page that is damaged or too costly) the store reads itself.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC

import pyarrow as pa
import pyarrow.parquet as pq

from collectors.contract.pages import Page
from collectors.contract.source import Source
from collectors.limited import LimitedParser, NotParsed, TooCostly
from collectors.parsing import ParsedPage
from warehouse.archive import ArchiveDamaged
from warehouse.page_tables import page_tables
from warehouse.store import UnreadPage

PAGES = 40
"""Pages of a part: some seconds of work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Pages of one source that one parser, by its fingerprint, has still to read."""

    source: str
    fingerprint: str
    pages: tuple[UnreadPage, ...]

    @property
    def name(self) -> str:
        """A name that no other part has."""
        return hashlib.sha256(json.dumps(asdict(self), default=str).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPart:
    """What a part holds: its Parquet tables by name, and the rows of its pages."""

    tables: Mapping[str, bytes]
    rows: int


def parts_of(source: str, fingerprint: str, pages: Iterable[UnreadPage]) -> tuple[Part, ...]:
    """The parts that the unread pages of a source make."""
    listed = tuple(pages)
    return tuple(
        Part(source=source, fingerprint=fingerprint, pages=listed[at : at + PAGES])
        for at in range(0, len(listed), PAGES)
    )


def read_part(part: Part, source: Source, body: Callable[[str], bytes], parser: LimitedParser) -> ReadPart:
    """Reads a part; ``body`` gives the bytes of a digest or raises `ArchiveDamaged`."""
    found: dict[str, list[pa.Table]] = defaultdict(list)
    rows = 0
    for unread in part.pages:
        parsed = _parsed(unread, source, body, parser)
        if parsed is None:
            continue
        stored = page_tables(source.name, part.fingerprint, unread, parsed)
        rows += stored.rows
        for table, values in stored.tables.items():
            found[table].append(values)
    return ReadPart(tables={table: _parquet(values) for table, values in sorted(found.items())}, rows=rows)


def merged(tables: Mapping[str, bytes]) -> dict[str, pa.Table]:
    """The tables of a part, for `Store.merge`; `pyarrow.parquet.read_table` would import pandas, for half a second."""
    return {table: pq.ParquetFile(io.BytesIO(body)).read() for table, body in tables.items()}


def _parsed(
    unread: UnreadPage, source: Source, body: Callable[[str], bytes], parser: LimitedParser
) -> ParsedPage | None:
    """A page parsed within its limits; None where the store has to see to it."""
    try:
        raw = body(unread.sha256)
    except ArchiveDamaged:
        return None
    moment = unread.fetched_at.replace(tzinfo=UTC)
    page = Page(url=unread.url, body=raw, fetched_at=moment, context=unread.context)
    parsed = parser.parse(source, page, unread.key)
    return None if isinstance(parsed.error, NotParsed | TooCostly) else parsed


def _parquet(tables: list[pa.Table]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.concat_tables(tables, promote_options="permissive"), out, compression="zstd")
    return out.getvalue()
