"""Tables of an earlier build, taken again where nothing that they are computed from has changed.

The key of a table is a digest of what makes it (its SQL and the shared macros, or the program for a Python model), of
the night and the run where it reads them, and of the *content* of every table it reads.  A table that is computed
again and comes out equal therefore leaves everything made from it as it is: most of a night on which little changed.
Row order is no content: DuckDB joins with several threads do not fix it, and no statement may depend on it.

A table is one Parquet file, written beside its name and renamed, so a run that dies leaves whole files only.
Reading needs no lock; only the run that holds the data folder may write and prune.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache as remembered
from pathlib import Path
from time import perf_counter

import duckdb

from warehouse.statements import macros, quoted, tables_read

Place = tuple[str, str]
"""Schema and name of a table."""

FORMAT = 1
"""Raise it when the same key would stand for other files."""

WORTH_KEEPING = 0.02
"""Seconds: what is computed sooner is computed sooner than its file is written and read."""

RUN = frozenset({"night", "run_id", "method_version", "code_version"})
"""The columns of ``input.night``, the one row about the run.  Its digest changes with every input, its night with every
day; a table that takes neither is the same on both."""

KEPT_FILES = 2
"""Files of one table that stay: tonight's and the one before, for a night that is run again."""

_MACRO = re.compile(r"create macro (?P<name>\w+)\(.*?\) as (?P<body>.*?);", re.DOTALL)

_NOT_OF_PARQUET = "HUGEINT"
"""The type, signed or not, that Parquet gives back as another one."""


class Contents:
    """Digests of the content of the tables of one build, each computed once."""

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self.db = db
        self._known: dict[Place, str] = {}

    def of(self, place: Place) -> str:
        """32 hex digits for the names of a table's columns and its rows, whatever their order."""
        if place not in self._known:
            table = _quoted_name(place)
            columns = [f'"{column}"' for column, *_ in self.db.execute(f"describe {table}").fetchall()]
            hashes = f"select hash({', '.join(columns)}) as h from {table}"
            rows = self.db.execute(f"select count(*), sum(h)::varchar, bit_xor(h) from ({hashes})").fetchall()
            self._known[place] = hashlib.sha256(repr((columns, rows)).encode()).hexdigest()[:32]
        return self._known[place]

    def note(self, place: Place, content: str) -> None:
        """The digest of a table that was computed in an earlier build."""
        self._known[place] = content


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What makes a table: its text or program with every value it takes from the run, and the tables it reads."""

    made_by: str
    reads: frozenset[Place]
    lasting: bool = True
    """False for what is never made again: a table with the digest of its run in every row."""
    view: bool = False
    """True for what holds no rows: its content is what it is made from."""


class TableCache:
    """The kept tables of one data folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, place: Place, recipe: Recipe, contents: Contents) -> Path | None:
        """The kept file of a table that the caller takes what it needs from."""
        return next(iter(self._folder.glob(f"{'.'.join(place)}.{_key(place, recipe, contents)}.*.parquet")), None)

    def keep(self, place: Place, recipe: Recipe, contents: Contents) -> None:
        """Keeps a table that `find` will look for; it replaces the one of the same key."""
        self._keep(contents.db, place, f"{_key(place, recipe, contents)}.rows")

    def make(self, place: Place, compute: Callable[[], None], contents: Contents, recipe: Recipe) -> None:
        """Makes one table: from its kept file if there is one for the same recipe and inputs, else by ``compute``."""
        if not recipe.lasting:
            compute()
            return
        key = _key(place, recipe, contents)
        if recipe.view:
            compute()
            contents.note(place, key)
            return
        if (content := self._take(contents.db, place, key)) is not None:
            contents.note(place, content)
            return
        before = _failures(contents.db)
        started = perf_counter()
        compute()
        seconds = perf_counter() - started
        if seconds >= WORTH_KEEPING and _failures(contents.db) == before:  # a failure is a row beside the table
            self._keep(contents.db, place, f"{key}.{contents.of(place)}")

    def _take(self, db: duckdb.DuckDBPyConnection, place: Place, key: str) -> str | None:
        """Makes the table from a file; the digest of its content, or None where no file can be read."""
        kind = "table" if place[0] == "marts" else "view"  # what is only read on the way is read where it lies
        for file in self._folder.glob(f"{'.'.join(place)}.{key}.*.parquet"):
            try:
                db.execute(f"create {kind} {_quoted_name(place)} as from read_parquet('{quoted(file)}')")
                os.utime(file)
            except (duckdb.Error, OSError):  # a damaged file is as good as none: the table is computed
                continue
            return file.name.split(".")[-2]
        return None

    def _keep(self, db: duckdb.DuckDBPyConnection, place: Place, name: str) -> None:
        """Writes a table, unless Parquet would give one of its types back as another one."""
        types = db.execute(f"describe {_quoted_name(place)}").fetchall()
        if any(_NOT_OF_PARQUET in kind for _, kind, *_ in types):
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / f"{'.'.join(place)}.{name}.parquet"
        part = file.with_suffix(".part")
        db.execute(
            f"copy {_quoted_name(place)} to '{quoted(part)}' (format parquet, compression zstd, compression_level 1)"
        )
        part.replace(file)

    def prune(self) -> None:
        """Removes what newer files of the same table have replaced, and what a dead run left half written."""
        tables: dict[str, list[Path]] = {}
        for file in self._folder.glob("*"):
            if file.suffix == ".parquet":
                tables.setdefault(".".join(file.name.split(".")[:2]), []).append(file)
            else:
                file.unlink(missing_ok=True)
        for files in tables.values():
            for file in sorted(files, key=lambda f: f.stat().st_mtime, reverse=True)[KEPT_FILES:]:
                file.unlink(missing_ok=True)


def _key(place: Place, recipe: Recipe, contents: Contents) -> str:
    """32 hex digits for everything that a table is computed from."""
    parts = [str(FORMAT), duckdb.__version__, *place, recipe.made_by]
    parts += [f"{schema}.{name} {contents.of((schema, name))}" for schema, name in sorted(recipe.reads)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def run_values(text: str) -> frozenset[str]:
    """Columns of ``input.night`` that a statement takes through a macro; all where it reads the table itself."""
    if ("input", "night") in tables_read(text):
        return RUN
    return frozenset().union(*(columns for name, columns in _macros().items() if f"{name}(" in text))


@remembered
def _macros() -> dict[str, frozenset[str]]:
    """The macros that depend on the run, each with the columns of ``input.night`` behind it."""
    bodies = {match["name"]: match["body"] for match in _MACRO.finditer(macros())}
    found = {
        name: frozenset(re.findall(r"select (\w+) from input\.night", body))
        for name, body in bodies.items()
        if "input.night" in body
    }
    for name, body in bodies.items():  # a macro stands below those it uses
        if used := [columns for other, columns in found.items() if f"{other}(" in body]:
            found[name] = frozenset().union(*used)
    return found


def _failures(db: duckdb.DuckDBPyConnection) -> int:
    ((count,),) = db.execute("select count(*) from input.failure").fetchall()
    return int(count)


def _quoted_name(place: Place) -> str:
    schema, name = place
    return f'"{schema}"."{name}"'
