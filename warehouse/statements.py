"""The SQL of the warehouse as values: each file under ``sql/`` is one SELECT, and its path is its table's name.

``sql/<subject>/<schema>/<table>.sql`` makes ``<schema>.<table>``: schema ``marts`` is published, ``staging`` is not.
``sql/checks/*.sql`` are queries that must find nothing.

DuckDB's own parser finds the tables that a statement reads, so there is no list of dependencies to maintain.
"""

from __future__ import annotations

import atexit
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:  # a second of imports that reading a publication does not need
    import pyarrow as pa

SHIPPED = files("warehouse")
"""Where SQL, seeds and history are, installed or not."""

_INPUTS = ("raw", "seed", "history", "input")
"""Schemas a build is given: stored rows, what people wrote, the bundled past, and what Python makes of the three."""

_BUILT = frozenset({"staging", "computed", "vintage", "marts"})
"""The schemas whose tables a build makes; all others are its inputs."""

_DECLARED = re.compile(r"-- (?P<word>Key|Latest|Materialized|Parts): (?P<text>.+)$")

_COLUMN = re.compile(r'"?(\w+)"?,?\s+--\s+(\S.*)$')


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Rows with one value of ``column`` are made from the rows with that value in the tables ``by``, each with the name
    of the column there, and from whole other tables."""

    column: str
    by: Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One SQL file: ``schema.name``, its text, what each of its columns means, and the folder of its subject."""

    schema: str
    name: str
    text: str
    subject: str = ""

    @property
    def needs(self) -> frozenset[tuple[str, str]]:
        """The tables it reads that a build makes too."""
        return frozenset(place for place in self.reads if place[0] in _BUILT)

    @property
    def reads(self) -> frozenset[tuple[str, str]]:
        """All the tables it reads, those a build is given included."""
        return tables_read(self.text)

    @property
    def about(self) -> str:
        """What one row is: the header comment."""
        head = []
        for line in self.text.splitlines():
            if not line.startswith("--"):
                break
            if not _DECLARED.match(line):
                head.append(line.removeprefix("--").strip())
        return " ".join(head)

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that tell one row from every other, as the line ``-- Key:`` of the header names them."""
        return tuple(name.strip() for name in self._declared("Key").split(",") if name.strip())

    @property
    def latest(self) -> str:
        """The end of a SELECT that leaves what stands tonight: the line ``-- Latest:``, empty without a history."""
        return self._declared("Latest")

    @property
    def kind(self) -> str:
        """``view`` for what holds no rows of its own (``-- Materialized: no``), or ``table``."""
        return "view" if self._declared("Materialized") == "no" else "table"

    @property
    def parts(self) -> Parts | None:
        """The line ``-- Parts: scope, by staging.level_history.scope, staging.edition_seen.board``; None without it."""
        column, _, inputs = self._declared("Parts").partition(", by ")
        if not inputs:
            return None
        by = (one.strip().split(".") for one in inputs.split(","))
        return Parts(column=column, by={(schema, name): own for schema, name, own in by})

    def _declared(self, word: str) -> str:
        lines = (_DECLARED.match(line) for line in self.text.splitlines())
        return next((line["text"] for line in lines if line and line["word"] == word), "")

    @property
    def columns(self) -> dict[str, str]:
        """Column name -> its comment, from the trailing comments of the file."""
        body = [line for line in self.text.splitlines() if not line.startswith("--")]
        return {match.group(1): match.group(2) for line in body if (match := _COLUMN.search(line))}


@cache
def tables_read(select: str) -> frozenset[tuple[str, str]]:
    """Schema and name of every schema-qualified table that a SELECT reads; ValueError where it does not parse.

    A name in a comment or in a literal is no table.  DuckDB's parser is the one that will run the statement;
    other parsers of its dialect refuse some of it (a table called ``fetch``) and take four times as long.
    """
    with _parser() as parser:
        options = "skip_null := true, skip_empty := true, skip_default := true"
        row = parser.execute(f"select json_serialize_sql(?, {options})", [bare(select)]).fetchone()
    found: set[tuple[str, str]] = set()

    def note_table(pairs: list[tuple[str, object]]) -> None:
        node = dict(pairs)
        if node.get("type") == "BASE_TABLE" and "schema_name" in node:
            found.add((str(node["schema_name"]), str(node["table_name"])))
        if node.get("error"):
            first = next((line for line in select.splitlines() if line.strip()), "")
            raise ValueError(f"SQL does not parse: {node.get('error_message')}; the statement begins {first!r}")

    json.loads(row[0] if row else "{}", object_pairs_hook=note_table)  # called for every node; no tree is kept
    return frozenset(found)


@cache
def _database() -> duckdb.DuckDBPyConnection:
    # A connection that outlives a Prefect flow makes DuckDB print fifty lines about leaks at the end of the process.
    atexit.register(_database.cache_clear)
    return duckdb.connect(":memory:")


def _parser() -> duckdb.DuckDBPyConnection:
    """A connection that only parses; each caller has its own, so that threads do not share one."""
    return _database().cursor()


@cache
def macros() -> str:
    """What the statements have in common: the macros of a build."""
    return SHIPPED.joinpath("sql", "macros.sql").read_text("utf-8")


@cache
def all_statements() -> MappingProxyType[tuple[str, str], Statement]:
    """Every file of ``sql/``, by schema and name."""
    return MappingProxyType(discover(SHIPPED.joinpath("sql")))


def discover(folder: Traversable) -> dict[tuple[str, str], Statement]:
    """Every .sql file below ``folder``; RuntimeError where two of them make one table, or where there is none."""
    found: dict[tuple[str, str], Statement] = {}
    paths: dict[tuple[str, str], str] = {}
    subjects = sorted((entry for entry in folder.iterdir() if entry.is_dir()), key=lambda e: e.name)
    for path, file in (found for subject in subjects for found in _sql_files(subject, f"{folder.name}/{subject.name}")):
        *folders, schema, name = path.removesuffix(".sql").split("/")
        place = schema, name
        if place in paths:
            raise RuntimeError(f"{paths[place]} and {path} both make {schema}.{name}: rename one of them")
        paths[place] = path
        found[place] = Statement(schema=schema, name=name, text=file.read_text("utf-8"), subject=folders[-1])
    if not found:
        raise RuntimeError("no SQL in warehouse/sql: the package was installed without its data files")
    return dict(sorted(found.items()))


def _sql_files(folder: Traversable, path: str) -> Iterator[tuple[str, Traversable]]:
    """Every .sql file below a folder, with its path written with slashes."""
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            yield from _sql_files(entry, f"{path}/{entry.name}")
        elif entry.name.endswith(".sql"):
            yield f"{path}/{entry.name}", entry


def statement(schema: str, name: str) -> Statement:
    """The statement that makes ``schema.name``; KeyError where no file does."""
    return all_statements()[schema, name]


def statements(schema: str) -> list[Statement]:
    """All statements of one schema by name; refuses an unknown one, because a check that finds none checks nothing."""
    found = [one for one in all_statements().values() if one.schema == schema]
    if not found:
        raise RuntimeError(f"no SQL of schema {schema!r} in warehouse/sql")
    return found


def prepare(db: duckdb.DuckDBPyConnection, night: date | None = None) -> None:
    """Makes the empty schemas of a build in a new database, and the macros its statements share.

    ``night`` is for tries of single statements: a build puts its own row into ``input.night``.
    """
    for schema in (*_INPUTS, *sorted(_BUILT)):
        db.execute(f"create schema {schema}")
    db.execute("create table input.night (night date, run_id varchar, method_version varchar, code_version varchar)")
    db.execute("create table input.broken_expectation (rule varchar, found varchar)")
    if night is not None:
        db.execute("insert into input.night (night, method_version) values (?, '1')", [night])
    db.execute(macros())


def fill(db: duckdb.DuckDBPyConnection, table: str, rows: pa.Table, *, select: str = "*") -> None:
    """Makes a table of a build from an Arrow table, or from what ``select`` makes of its columns."""
    db.register("incoming", rows)
    db.execute(f"create table {table} as select {select} from incoming")
    db.unregister("incoming")


def meaning(name: str) -> Statement:
    """The mart whose comments describe the columns of a mart: a vintage has those of the table it keeps."""
    known = {s.name: s for s in statements("marts")}
    return known.get(name.removesuffix("_vintage"), known[name])


def bare(text: str) -> str:
    """A SELECT that may stand in brackets."""
    return text.strip().removesuffix(";")


def literals(names: Iterable[str]) -> str:
    """Names as SQL has them in a list; NULL, which is equal to nothing, for none."""
    return ", ".join(f"'{quoted(name)}'" for name in sorted(names)) or "NULL"


def quoted(text: object) -> str:
    """For the inside of a SQL string literal, where a name cannot be bound."""
    return str(text).replace("'", "''")
