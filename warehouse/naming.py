"""What the names in pages and titles stand for: the inputs of a build that the resolver makes.

Reading 19,000 names takes some five seconds and almost all of them are those of the night before, so what each stood
for is kept beside the tables of an earlier build, as long as program and reviewed names are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from warehouse import title_parser
from warehouse.identity import Resolver
from warehouse.provenance import program_digest
from warehouse.statements import fill, quoted
from warehouse.table_cache import Contents, Place, Recipe, TableCache

_LASTING: Mapping[str, str] = {"spec": " where quantity not in ('downloads', 'likes', 'trending')"}
"""Which rows of a table say something that lasts; what changes every day stays out of the tables."""


MAX_NAMES = 20_000
"""Names of one source that a build reads, those known longest first.  The longest list of 2026 has 3,822; one second
reads some 4,000, and a page may hold 100,000 rows with a new name each."""

_NAME = pa.schema(
    [
        *((name, pa.string()) for name in ("source", "name", "stated_developer")),
        *((name, pa.string()) for name in ("model", "title", "developer", "family", "variant", "layer")),
        *((name, pa.string()) for name in ("checkpoint_of", "stem", "owner", "candidates")),
        ("dated_on", pa.date32()),
    ]
)
_ANNOUNCED = pa.schema(
    [
        *((name, pa.string()) for name in ("source", "lab", "guid", "model")),
        ("is_release", pa.bool_()),
        ("rule", pa.string()),
    ]
)
_ITEM = pa.schema([(name, pa.string()) for name in ("source", "lab", "guid", "item")])
_REVIEWED: frozenset[Place] = frozenset({("seed", "model"), ("seed", "alias"), ("seed", "developer")})


def load(
    db: duckdb.DuckDBPyConnection,
    resolver: Callable[[], Resolver],
    contents: Contents,
    cache: TableCache | None,
) -> None:
    """Makes ``input.resolution`` (what every name stands for), ``input.announced`` (which models the items of the feeds
    name) and ``input.announcement_item`` (which items are the same news)."""
    _list_names(db)
    _list_items(db)
    names = Recipe(made_by=program_digest(), reads=_REVIEWED)
    earlier = cache.find(("input", "name"), names, contents) if cache else None
    if _resolve(db, resolver, earlier) and cache:
        cache.keep(("input", "name"), names, contents)
    titles = Recipe(made_by=program_digest(), reads=_REVIEWED | {("input", "resolution"), ("input", "feed_item")})
    for table, compute in (("announced", _read_titles), ("announcement_item", _join_items)):
        make = partial(compute, db, resolver)
        if cache is None:
            make()
        else:
            cache.make(("input", table), make, contents, titles)


def _list_names(db: duckdb.DuckDBPyConnection) -> None:
    """``input.used_name``: every raw name that a source had used by the night, and the developer it stated.

    ``input.cut_name`` has the sources with more than `MAX_NAMES`, whose other names nobody reads.
    """
    stated_names = " union all ".join(
        f"select source, name, max({developer}) as developer, min({on}) as first_on from {place} group by source, name"
        for table, developer in (
            ("score", "developer"),
            ("access", "developer"),
            ("release", "developer"),
            ("price", "''"),
            ("spec", "developer"),
        )
        for on, place in (
            (
                "seen.first_on",
                f"(from raw.{table}{_LASTING.get(table, '')}) join (select source, page_key, min(night) as first_on"
                " from raw.fetch_result group by all) seen using (source, page_key)",
            ),
            ("known_on", f"history.{table}"),
        )
    )
    db.execute(
        f"""create table input.used_name as
            select source, name, coalesce(max(developer), '') as stated_developer, min(first_on) as first_on
            from ({stated_names}) group by source, name
            qualify row_number() over (partition by source order by min(first_on), name) <= $most + 1
            order by source, name""",
        {"most": MAX_NAMES},
    )
    db.execute(
        """create table input.cut_name as
           select source, max(first_on) as first_on, $most::bigint as most from input.used_name
           group by source having count(*) > $most""",
        {"most": MAX_NAMES},
    )
    db.execute(
        """delete from input.used_name where (source, name) in (
               select (source, name) from input.used_name semi join input.cut_name using (source)
               qualify row_number() over (partition by source order by first_on, name) > $most)""",
        {"most": MAX_NAMES},
    )


def _resolve(db: duckdb.DuckDBPyConnection, resolver: Callable[[], Resolver], earlier: Path | None) -> bool:
    """``input.name`` and ``input.resolution``; whether a name was resolved that ``earlier`` does not hold."""
    fill(db, "input.name", _NAME.empty_table())
    if earlier:
        with suppress(duckdb.Error):  # a damaged file is as good as none: the names are read again
            db.execute(
                f"""insert into input.name by name from read_parquet('{quoted(earlier)}')
                    semi join input.used_name using (source, name, stated_developer)"""
            )
    missing = db.execute(
        """select source, name, stated_developer from input.used_name
           anti join input.name using (source, name, stated_developer) order by all"""
    ).fetchall()
    if missing:
        fill(db, "input.new_name", pa.Table.from_pylist(list(_resolved(resolver(), missing)), schema=_NAME))
        db.execute("insert into input.name from input.new_name")
        db.execute("drop table input.new_name")
    db.execute(
        """create table input.resolution as
           select * exclude (stated_developer)
           from input.used_name join input.name using (source, name, stated_developer) order by source, name"""
    )
    return bool(missing)


def _resolved(resolver: Resolver, names: Iterable[tuple[str, str, str]]) -> Iterator[dict[str, Any]]:
    for source, name, developer in names:
        found = resolver.resolve(name, source, developer)
        yield {
            "stated_developer": developer,
            "candidates": ", ".join(found.candidates),
            **{
                column: getattr(found, column)
                for column in _NAME.names
                if column not in ("stated_developer", "candidates")
            },
        }


def _list_items(db: duckdb.DuckDBPyConnection) -> None:
    """``input.feed_item``: every item of a feed as last seen, with the date that was first believed."""
    db.execute(
        """create table input.feed_item as
           select source, lab, guid, arg_max(title, (last_on, title)) as title, arg_max(link, (last_on, link)) as link,
               coalesce(max(published_on) filter (published_on <= known_on), min(published_on)) as published_on
           from (select *, min(first_on) over (partition by source, lab, guid) as known_on
                 from (select source, lab, guid, title, link, published_on, first_on, last_on
                       from raw.announcement
                       join (select source, page_key, min(night) as first_on, max(night) as last_on
                             from raw.fetch_result group by all) using (source, page_key)
                       union all
                       select source, lab, guid, title, link, published_on, known_on, known_on
                       from history.announcement))
           group by source, lab, guid order by all"""
    )


def _items(db: duckdb.DuckDBPyConnection) -> list[title_parser.Item]:
    keys = ("source", "lab", "guid", "title", "link", "published_on")
    rows = db.execute(f"select {', '.join(keys)} from input.feed_item order by all").fetchall()
    return [title_parser.Item(**dict(zip(keys, row, strict=True))) for row in rows]


def _read_titles(db: duckdb.DuckDBPyConnection, resolver: Callable[[], Resolver]) -> None:
    named = {model for (model,) in db.execute("select distinct model from input.resolution").fetchall()}
    parser = title_parser.TitleParser(resolver(), {*resolver().models, *named})
    rows = [
        {name: getattr(row, name) for name in _ANNOUNCED.names} for row in title_parser.announced(_items(db), parser)
    ]
    fill(db, "input.announced", pa.Table.from_pylist(rows, schema=_ANNOUNCED))


def _join_items(db: duckdb.DuckDBPyConnection, _: Callable[[], Resolver]) -> None:
    items = _items(db)
    same = title_parser.same_items(items)
    rows = [{"source": i.source, "lab": i.lab, "guid": i.guid, "item": same[i.source, i.guid]} for i in items]
    fill(db, "input.announcement_item", pa.Table.from_pylist(rows, schema=_ITEM))
