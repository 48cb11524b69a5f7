"""Builds the staging and mart tables from store, seeds and bundled history: from scratch, in memory.

Nothing here writes to disk: a build that fails leaves no trace, and its tables are published only after
they have been checked.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from functools import cache, partial
from pathlib import Path
from time import perf_counter
from types import MappingProxyType

import duckdb
import pyarrow as pa

from collectors.contract.source import Source
from warehouse import exclusions, lineage, naming, overrides, scope, vintages
from warehouse.archive import Archive
from warehouse.dates_ahead import dates_ahead
from warehouse.identity import Resolver
from warehouse.measures import PYTHON_MODELS
from warehouse.measures.contract import FAILURE, failed
from warehouse.memory import bound, spill_folder, with_enough
from warehouse.provenance import METHOD_VERSION, code_version, inputs_digest, library_versions, program_digest
from warehouse.statements import SHIPPED, bare, fill, macros, prepare, quoted, statement, statements
from warehouse.table_cache import Contents, Recipe, TableCache, run_values, some_parts

_SEED_TYPES: Mapping[str, Mapping[str, str]] = {
    "model": {
        "announced_on": "date",
        "api_on": "date",
        "weights_on": "date",
        "parameters": "double",
        "known_on": "date",
    },
    "developer": {"known_on": "date"},
    "access": {"from_on": "date", "evidence_rank": "integer", "known_on": "date"},
    "alias": {"known_on": "date"},
    "claim": {"place": "integer", "version": "integer"},
    "claim_part": {"place": "integer", "lower": "double", "upper": "double"},
    "peer_estimate": {
        "place": "integer",
        "published_on": "date",
        "from_on": "date",
        "value": "double",
        "lo": "double",
        "hi": "double",
        "known_on": "date",
    },
    "price_exclusion": {"known_from": "date", "known_until": "date"},
    "capability_level": {"level": "double"},
    "hardware_class": {"gb": "double", "place": "integer"},
    "gate": {"limit": "double"},
    "domain": {"tau": "double"},
    "instrument_group": {},
    "margin": {"margin": "double", "share": "double"},
}
HISTORY: Mapping[str, str] = {
    "score": """source varchar, board varchar, edition varchar, name varchar, variant varchar, developer varchar,
        value double, stderr double, n_items bigint, scored_on date, self_reported boolean, written varchar,
        url varchar, page_key varchar, sha256 varchar, fetched_at timestamp, known_on date""",
    "access": """source varchar, name varchar, developer varchar, open boolean, evidence varchar, licence varchar,
        repo varchar, gated boolean, written varchar, url varchar, sha256 varchar, known_on date""",
    "release": """source varchar, name varchar, developer varchar, event varchar, happened_on date, written varchar,
        url varchar, sha256 varchar, known_on date""",
    "price": """source varchar, name varchar, provider varchar, input_usd double, output_usd double,
        valid_from date, url varchar, sha256 varchar, known_on date""",
    "spec": """source varchar, name varchar, developer varchar, quantity varchar, value double,
        url varchar, sha256 varchar, known_on date""",
    "announcement": """lab varchar, guid varchar, title varchar, link varchar, published_on date, summary varchar,
        source varchar, known_on date""",
    "accepted_table": """source varchar, address varchar, board varchar, edition varchar, rows bigint, updated_on date,
        known_on date""",
    "source_seen": "source varchar, known_on date",
}


@contextmanager
def built(
    store: Path,
    night: date,
    sources: Mapping[str, Source],
    *,
    bundled: bool = True,
    published: Path | None = None,
    only: Collection[lineage.Place] | None = None,
    on_table: Callable[[lineage.Place, float], None] | None = None,
    reviewed_until: date | None = None,
    cache: Path | None = None,
    spill: Path | None = None,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with every staging and mart table as known on ``night``; gone when the context ends.

    ``store`` must have no open writer.  Without ``bundled`` the shipped history is left out.
    ``published`` is the folder of `warehouse.vintages`: the tables that earlier nights published.  With ``only``, only
    these tables and those they are made from are built; ``on_table`` is called with each table and its seconds.
    Reviewed lines known later than ``reviewed_until`` (default: the night) are left out.  ``cache``: the folder of
    `warehouse.table_cache`, which is read and written; ``spill``: a folder for what does not fit into memory, emptied
    first; only the run that holds the data folder may name them.
    """
    run_id = inputs_digest(store, night, sources, bundled=bundled, published=published)
    reviewed = min(reviewed_until or night, night)
    with spill_folder(spill) as spilled, duckdb.connect(":memory:") as db:
        bound(db, spilled)
        db.execute("set preserve_insertion_order = true")
        db.execute("set enable_progress_bar = false")  # a night says itself what it does
        db.execute(f"attach '{quoted(store)}' as store (read_only)")
        prepare(db)
        for (table,) in db.execute(
            "select table_name from duckdb_tables() where database_name = 'store' and schema_name = 'raw'"
        ).fetchall():
            # The pages of an answer count from its night on, so what came later is unknown without its answers.
            known = f" where night <= date '{night}'" if table == "fetch_result" else ""
            db.execute(f"create view raw.{table} as from store.raw.{table}{known}")
        _declare(db, sources)
        _load_seeds(db, reviewed)
        _load_history(db, night, bundled=bundled)
        exclusions.load(db, overrides.excluded(store.with_name(overrides.FILE), night))
        db.execute(FAILURE)
        kept, contents = TableCache(cache) if cache else None, Contents(db)
        naming.load(db, partial(Resolver.from_seeds, reviewed), contents, kept)
        scope.load(db, Archive(store.with_name("archive")), night)
        overrides.load(db, store.with_name(overrides.FILE), night)
        _set_night(db, night, run_id)
        needs = lineage.graph()
        made = needs.keys() if only is None else lineage.upstream(needs, only)
        spared = needs.keys() - lineage.upstream(needs, _ESSENTIAL)
        for place in lineage.in_order(needs):
            if place in made:
                started = perf_counter()
                compute = partial(make_table, db, *place, night=night, published=published)
                make = partial(with_enough, db, compute)
                try:
                    if kept is None or place[0] == "vintage":
                        make()
                    else:
                        kept.make(place, make, contents, _recipe(db, place))
                except Exception as error:
                    if place not in spared or not isinstance(error, _DATA_ERRORS):
                        error.add_note(f"while table {'.'.join(place)} was made")
                        raise
                    _leave_empty(db, place, error)
                if on_table:
                    on_table(place, perf_counter() - started)
        if ("marts", "build_failure") in made:
            db.execute(f"create or replace table marts.build_failure as {statement('marts', 'build_failure').text}")
        if kept is not None and only is None:
            kept.prune()
        yield db


def failed_checks(db: duckdb.DuckDBPyConnection) -> list[str]:
    """What ``sql/checks`` and `dates_ahead` find wrong in a build: one line a check, with its first failing rows."""
    found = []
    for check in statements("checks"):
        rows = db.execute(f"select * from ({bare(check.text)}) limit 5").fetchall()
        if rows:
            found.append(f"{check.name}: {check.about} First: {rows}")
    if ahead := dates_ahead(db):
        found.append(f"dates_ahead: dates of published tables that lie beyond the night. First: {ahead[:5]}")
    return found


def add_warnings(db: duckdb.DuckDBPyConnection, warnings: Iterable[tuple[str, str]]) -> None:
    """Makes ``marts.gate`` again with the expectations that a build does not meet: (rule, what was found)."""
    rows = list(warnings)
    if not rows:
        return
    db.execute("delete from input.broken_expectation")
    db.executemany("insert into input.broken_expectation values (?, ?)", rows)
    for schema, name in (("staging", "gated_expectation"), ("marts", "gate")):
        db.execute(f"create or replace table {schema}.{name} as {statement(schema, name).text}")


def make_table(
    db: duckdb.DuckDBPyConnection, schema: str, name: str, *, night: date, published: Path | None = None
) -> None:
    """Makes one table of a build, whose tables that it reads are there."""
    if schema == "computed":
        fill(db, f"computed.{name}", PYTHON_MODELS[name].make(db))
    elif schema == "vintage":
        vintages.load(db, published, name, night)
    else:
        made = statement(schema, name)
        db.execute(f"create {made.kind} {schema}.{name} as {made.text}")


_DATA_ERRORS = (duckdb.DataError, duckdb.InvalidInputException)
"""What a statement raises because of a value; a missing table or a full disk is none of them."""

_ESSENTIAL: tuple[lineage.Place, ...] = (
    *(("marts", name) for name in ("gap_index", "frontier", "score", "parity_event", "gate", "quarantine", "run")),
    *(("staging", f"event_kind_{kind}") for kind in ("parity", "leader", "weights", "access")),
)
"""Without one of these, or a table it is made from, nothing is published: an index without its scores, or events taken
back, would be a lie.  Any other table that one odd value makes fail is empty that night; `build_failure` says so."""


def _leave_empty(db: duckdb.DuckDBPyConnection, place: lineage.Place, error: duckdb.Error) -> None:
    """Makes a table that could not be computed with its columns and no row, and keeps why."""
    schema, name = place
    db.execute(f"create or replace table {schema}.{name} as from ({bare(statement(schema, name).text)}) limit 0")
    failed(db, f"{schema}.{name}", "every row", str(error))


def _recipe(db: duckdb.DuckDBPyConnection, place: lineage.Place) -> Recipe:
    """What makes a table, beside the content of the tables it reads."""
    schema, name = place
    if schema == "computed":
        model = PYTHON_MODELS[name]
        made_by, reads, parts = f"{program_digest()} {library_versions()}", model.reads, model.parts
        run = frozenset({"night"}) & {column for _, column in reads}
    else:
        shipped = statement(schema, name)
        made_by, reads, parts = f"{macros()}\n{shipped.text}", shipped.reads, shipped.parts
        run = run_values(shipped.text)
    values = db.execute(f"select {', '.join(sorted(run))} from input.night").fetchall() if run else []
    return Recipe(
        made_by=f"{made_by}\n{values}",
        reads=frozenset(reads) - {("input", "night")},
        lasting="run_id" not in run,
        view=schema != "computed" and statement(schema, name).kind == "view",
        parts=parts,
        some=partial(_some_parts, db, place),
    )


def _some_parts(db: duckdb.DuckDBPyConnection, place: lineage.Place, chosen: Collection[str]) -> str:
    """A SELECT of the rows of some parts of a table that has parts."""
    schema, name = place
    if schema != "computed":
        shipped = statement(schema, name)
        return some_parts(shipped.text, shipped.parts, chosen) if shipped.parts else bare(shipped.text)
    model = PYTHON_MODELS[name]
    db.execute("drop table if exists input.some_parts")
    fill(db, "input.some_parts", model.make_parts(db, chosen) if model.make_parts else model.make(db))
    return "from input.some_parts"


# --- inputs -------------------------------------------------------------------------------------


def _declare(db: duckdb.DuckDBPyConnection, sources: Mapping[str, Source]) -> None:
    """What the collectors declare about themselves, as tables."""
    boards = [
        {
            "board": b.name,
            "source": s.name,
            "licence": s.licence,
            "homepage": s.homepage,
            "operator": s.operator or s.name,
        }
        | {k: v for k, v in asdict(b).items() if k != "name"}
        for s in sources.values()
        for b in s.boards
    ]
    rows = [
        {
            "source": s.name,
            "kind": s.kind,
            "title": s.title,
            "licence": s.licence,
            "homepage": s.homepage,
            "operator": s.operator or s.name,
        }
        for s in sources.values()
    ]
    schema = pa.schema(
        [
            *(
                (name, pa.string())
                for name in ("board", "source", "licence", "homepage", "operator", "title", "domain", "measures")
            ),
            *((name, pa.string()) for name in ("unit", "better", "evaluator", "why_not")),
            *((name, pa.float64()) for name in ("low", "high", "chance", "ceiling")),
            *((name, pa.int64()) for name in ("n_items", "min_rows", "frozen_after_days")),
            *((name, pa.bool_()) for name in ("composite", "counts_for_index")),
        ]
    )
    fill(db, "input.board", pa.Table.from_pylist(boards, schema=schema))
    fill(db, "input.source", pa.Table.from_pylist(rows))


def _load_seeds(db: duckdb.DuckDBPyConnection, known_on: date) -> None:
    """Every file of ``seeds/`` as ``seed.<name>``: text, but for the columns of `_SEED_TYPES`.

    Of a file whose lines say since when their fact was known a night sees what was known then, and no date to come.
    """
    for name, rows in _seeds().items():
        kinds = _SEED_TYPES.get(name, {})
        typed = ", ".join(f'"{c}"::{kinds.get(c, "varchar")} as "{c}"' for c in rows.column_names)
        fill(db, f"seed.{name}", rows, select=typed)
        if "known_on" in kinds:
            db.execute(f"delete from seed.{name} where known_on > ?", [known_on])
            for column in (c for c in ("announced_on", "api_on", "weights_on") if c in kinds):
                db.execute(f"update seed.{name} set {column} = null where {column} > ?", [known_on])


@cache
def _seeds() -> Mapping[str, pa.Table]:
    """Every file of ``seeds/`` by name, as text; an empty field is NULL."""
    found = {}
    for file in sorted(SHIPPED.joinpath("seeds").iterdir(), key=lambda f: f.name):
        reader = csv.DictReader(io.StringIO(file.read_text("utf-8"), newline=""), strict=True)
        rows = [{key: value or None for key, value in row.items()} for row in reader]
        fields = [(column, pa.string()) for column in reader.fieldnames or ()]
        found[file.name.removesuffix(".csv")] = pa.Table.from_pylist(rows, schema=pa.schema(fields))
    return MappingProxyType(found)


def _load_history(db: duckdb.DuckDBPyConnection, night: date, *, bundled: bool) -> None:
    """The facts that ship with the package, so that a fresh install has the past, as far as a night knew them."""
    for table, columns in HISTORY.items():
        db.execute(f"create table history.{table} ({columns})")
        file = SHIPPED.joinpath("history", f"{table}.parquet")
        if bundled and file.is_file():
            db.execute(
                f"insert into history.{table} by name from read_parquet('{quoted(file)}') where known_on <= ?", [night]
            )


def _set_night(db: duckdb.DuckDBPyConnection, night: date, run_id: str) -> None:
    """The night, what it is computed from and by which program: the one row of ``input.night``."""
    db.execute("insert into input.night values (?, ?, ?, ?)", [night, run_id, METHOD_VERSION, code_version()])
