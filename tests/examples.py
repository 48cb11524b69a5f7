"""A warehouse from a handful of rows: the room in which tests write examples instead of set-ups.

The toy source is a real `Source` with a real parser; its pages go through the real archive, log and
store.  Names such as ``Cee`` and ``Oh`` are nobody's models, so no seed has a say in their dates or
access: what counts is what the page says.

    example = Example(tmp_path)
    example.saw("2026-03-01", closed("Cee", api="2026-01-01"), score("Cee", 60), score("Oh", 50))
    with example.built("2026-03-01") as db: ...
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any, cast

import duckdb
from obedient import URL, board, toy_source

from collectors.contract.pages import Page
from collectors.contract.rows import Access, Excluded, Release, Row, Tally
from collectors.contract.source import Board, Source
from warehouse import lineage
from warehouse.archive import Archive, Attempt
from warehouse.build import built, make_table
from warehouse.publication import Publication
from warehouse.publish import publish
from warehouse.statements import statements
from warehouse.store import IngestResult, Store

JsonRow = dict[str, Any]
"""One row of a toy page, as JSON."""


# --- what a page says ---------------------------------------------------------------------------


def score(name: str, value: float, *, board: str = "toy", edition: str = "v1", **more: Any) -> JsonRow:
    """A row of a board; ``more`` are further fields of `Board.score`."""
    return {"row": "score", "board": board, "edition": edition, "name": name, "value": value, **more}


def excluded(name: str, rule: str, *, board: str = "toy", edition: str = "v1", value: float | None = None) -> JsonRow:
    """A row left out by a named rule, with the value that its page shows."""
    return {"row": "excluded", "board": board, "edition": edition, "name": name, "rule": rule, "value": value}


def closed(name: str, *, api: str = "") -> JsonRow:
    """A model its lab calls closed, available from ``api`` on."""
    return {"row": "model", "name": name, "open": False, "evidence": "release note", "dates": {"api": api}}


def opened(
    name: str, *, weights: str = "", api: str = "", licence: str = "mit", evidence: str = "release note"
) -> JsonRow:
    """A model whose weights can be had from ``weights`` on, by that kind of evidence."""
    dates = {"weights": weights, "api": api}
    return {"row": "model", "name": name, "open": True, "evidence": evidence, "licence": licence, "dates": dates}


def toy(*boards: Board, name: str = "toy-board") -> Source:
    """The source whose pages are JSON lists of the rows above."""
    declared = {b.name: b for b in boards}

    def parse(page: Page) -> Iterator[Row]:
        row_ = json.loads(page.body)
        shown = Counter((row["board"], row["edition"]) for row in row_["rows"] if "board" in row)
        updated_on = date.fromisoformat(row_["updated_on"]) if row_["updated_on"] else None
        for (on_board, edition), rows in shown.items():
            yield Tally(board=on_board, edition=edition, rows=rows, updated_on=updated_on)
        for row in row_["rows"]:
            yield from _read(declared, row)

    return toy_source(name, parse, *boards)


def _read(declared: Mapping[str, Board], row_: JsonRow) -> Iterator[Row]:
    kind = row_["row"]
    fields = {key: value for key, value in row_.items() if key not in ("row", "dates")}
    if kind == "score":
        if "scored_on" in fields:
            fields["scored_on"] = date.fromisoformat(fields["scored_on"])
        fields.setdefault("written", json.dumps(row_, ensure_ascii=False))
        yield declared[fields.pop("board")].score(**fields)
    elif kind == "excluded":
        yield Excluded(**fields)
    else:
        yield Access(**fields, written=f"open: {row_['open']}")
        for event, on in row_["dates"].items():
            if on:
                yield Release(
                    name=row_["name"], event=event, happened_on=date.fromisoformat(on), written=f"{event}: {on}"
                )


# --- the warehouse ------------------------------------------------------------------------------


class Example:
    """A data folder with a real archive and store; ``marks`` stand for the parsers' fingerprints."""

    def __init__(self, folder: Path, *boards: Board, source: Source | None = None) -> None:
        self.folder = folder
        self.archive = Archive(folder / "archive")
        self.store = folder / "store.duckdb"
        self.source = source or toy(*(boards or (board(),)))
        self.sources = {self.source.name: self.source}

    def saw(self, night: str, *rows: JsonRow, url: str = URL, updated_on: str = "", modified: str = "") -> str:
        """A night on which the source answered with a page of these rows; returns the page's sha256."""
        body = json.dumps({"updated_on": updated_on, "rows": rows}, ensure_ascii=False).encode()
        return self.answered(night, body, url=url, headers={"last-modified": modified} if modified else {})

    def answered(self, night: str, body: bytes, *, url: str = URL, headers: Mapping[str, str] | None = None) -> str:
        """A night on which the source answered with these bytes."""
        sha256 = self.archive.put(body)
        self._asked(night, url, "fresh", status=200, sha256=sha256, size=len(body), headers=headers or {})
        return sha256

    def failed(self, night: str, outcome: str = "unreachable", error: str = "no answer", *, url: str = URL) -> None:
        """A night on which the source gave no page."""
        self._asked(night, url, outcome, error=error)

    def _asked(self, night: str, url: str, outcome: str, **more: Any) -> None:
        at = datetime.combine(date.fromisoformat(night), time(21), UTC)
        self.archive.append(
            Attempt(
                night=at.date(),
                source=self.source.name,
                url=url,
                context="",
                outcome=outcome,
                asked_at=at,
                fetched_at=at if outcome == "fresh" else None,
                **more,
            )
        )

    def ingest(self, mark: str = "first parser") -> IngestResult:
        """Everything the archive has and the store lacks."""
        with Store(self.store) as store:
            return store.ingest(self.archive, self.sources, lambda _name: mark)

    @contextmanager
    def built(self, night: str, *only: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """The warehouse as known on a night: only the tables named, or each when a statement first names it.

        A table comes with all it is made from.  Pages not yet in the store are ingested first; the bundled history
        is left out.
        """
        self.ingest()
        places = lineage.selected(lineage.graph(), " ".join(only)) if only else frozenset[lineage.Place]()
        on = date.fromisoformat(night)
        with built(self.store, on, self.sources, bundled=False, only=places) as db:
            yield db if only else cast(duckdb.DuckDBPyConnection, _TablesWhenNamed(db, on))

    def built_whole(self, night: str) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """Every table as known on a night, which takes two to four times as long."""
        self.ingest()
        return built(self.store, date.fromisoformat(night), self.sources, bundled=False)

    def tables(self, night: str) -> dict[str, list[tuple[Any, ...]]]:
        """Every mart as known on a night."""
        with self.built_whole(night) as db:
            return marts(db)

    def published(self, night: str) -> Publication:
        """The publication of a night, in this folder."""
        with self.built_whole(night) as db:
            return publish(db, self.folder, date.fromisoformat(night))


_NAMED = re.compile(r"\b(marts|staging|computed|vintage)\.(\w+)")


@cache
def _in_order() -> tuple[lineage.Place, ...]:
    return tuple(lineage.in_order(lineage.graph()))


class _TablesWhenNamed:
    """A connection to a build without tables, which makes those a statement names before it runs the statement."""

    def __init__(self, db: duckdb.DuckDBPyConnection, night: date) -> None:
        self._db, self._night = db, night
        self._made: set[lineage.Place] = set()

    def execute(self, query: str, parameters: object = None) -> duckdb.DuckDBPyConnection:
        self._make_tables(query)
        return self._db.execute(query, parameters)

    def sql(self, query: str, **given: Any) -> duckdb.DuckDBPyRelation:
        self._make_tables(query)
        return self._db.sql(query, **given)

    def begin(self) -> duckdb.DuckDBPyConnection:
        """Every table is made first: those of a transaction would be gone after it, and see what it has changed."""
        self._make(lineage.graph().keys())
        return self._db.begin()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)

    def _make_tables(self, query: str) -> None:
        every = lineage.graph().keys()
        self._make(every if "duckdb_" in query else every & set(_NAMED.findall(query)))

    def _make(self, named: Iterable[lineage.Place]) -> None:
        wanted = lineage.upstream(lineage.graph(), named) - self._made
        for place in _in_order() if wanted else ():
            if place in wanted:
                make_table(self._db, *place, night=self._night)
        self._made |= wanted


def marts(db: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[Any, ...]]]:
    """Every mart table of a build, in one order."""
    return {s.name: db.execute(f"from marts.{s.name} order by all").fetchall() for s in statements("marts")}


def ask(db: duckdb.DuckDBPyConnection, query: str, **given: Any) -> list[dict[str, Any]]:
    """Rows by column name."""
    answer = db.execute(query, given)
    names = [column[0] for column in answer.description or ()]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def gap(
    db: duckdb.DuckDBPyConnection, night: str, *, board: str = "toy", edition: str = "v1", tier: str = "any"
) -> JsonRow:
    """The one row of ``gap_index`` of that key."""
    given = {"night": night, "scope": board, "edition": edition, "tier": tier}
    where = " and ".join(f"{key} = ${key}" for key in given)
    (row,) = ask(db, f"select * from marts.gap_index where {where}", **given)
    return row


def days(row: Mapping[str, Any], names: Iterable[str] = ("lag_under", "lag_days", "lag_over")) -> tuple[Any, ...]:
    """The lag bracket of a row of ``gap_index``: under, central, over."""
    return tuple(row[name] for name in names)
