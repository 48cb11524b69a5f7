"""Tables of an earlier build, taken again where nothing that they are computed from has changed.

The key of a table is a digest of what makes it (its SQL and the shared macros, or the program for a Python model), of
the night and the run where it reads them, and of the *content* of every table it reads.  A table that is computed
again and comes out equal therefore leaves everything made from it as it is: most of a night on which little changed.
Row order is no content: DuckDB joins with several threads do not fix it, and no statement may depend on it.

A statement may declare that its rows come in parts (``-- Parts:``, one a board or scope).  Then only the parts are
computed whose rows in the tables they come from have changed; the others are taken from the newest kept file.

A table is one Parquet file, written beside its name and renamed, so a run that dies leaves whole files only.
Reading needs no lock; only the run that holds the data folder may write and prune.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache as remembered
from pathlib import Path
from time import perf_counter
from types import MappingProxyType

import duckdb

from warehouse.memory import with_enough
from warehouse.statements import Parts, bare, literals, macros, quoted, tables_read

Place = tuple[str, str]
"""Schema and name of a table."""

FORMAT = 1
"""Raise it when the same key would stand for other files."""

WORTH_KEEPING = 0.02
"""Seconds: what is computed sooner is computed sooner than its file is written and read."""

RUN = frozenset({"night", "run_id", "method_version", "code_version"})
"""The columns of ``input.night``, the one row about the run.  Its digest changes with every input, its night with every
day; a table that takes neither is the same on both."""

WORTH_PARTING = 0.5
"""Share of changed parts above which a table is computed whole: its statement then costs about as much."""

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
    parts: Parts | None = None
    some: Callable[[Collection[str]], str] = str
    """With ``parts``: a SELECT of the rows of the parts that are named."""


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
        before, started = _failures(contents.db), perf_counter()
        facts: dict[str, str] = {}
        if recipe.parts:
            facts = self._make_parts(place, compute, contents, recipe, recipe.parts)
        else:
            compute()
        worth = recipe.parts is not None or perf_counter() - started >= WORTH_KEEPING
        if worth and _failures(contents.db) == before:  # a failure is a row beside the table
            self._keep(contents.db, place, f"{key}.{contents.of(place)}", facts)

    def _make_parts(
        self, place: Place, compute: Callable[[], None], contents: Contents, recipe: Recipe, parts: Parts
    ) -> dict[str, str]:
        """Makes a table from the unchanged parts of a kept file and the others anew, or whole where most are new.

        Returns what its own file says of it: the digests of its parts, and of all that these have in common.
        """
        db = contents.db
        rest = _key(place, replace(recipe, reads=recipe.reads - parts.by.keys()), contents)
        now = _digests(db, parts)
        file, before = self._newest_parts(db, place, rest)
        changed = {part for part, digest in now.items() if before.get(part) != digest}
        if file is None or len(changed) > WORTH_PARTING * len(now):
            compute()
        else:
            same = literals(now.keys() - changed)
            kept = f"select * from read_parquet('{quoted(file)}') where {parts.column} in ({same})"
            if not _joined(db, place, kept, recipe.some(changed)):
                compute()
        return {"rest": rest, "parts": json.dumps(now, sort_keys=True)}

    def _newest_parts(
        self, db: duckdb.DuckDBPyConnection, place: Place, rest: str
    ) -> tuple[Path | None, dict[str, str]]:
        """The newest kept file whose table was made from the same whole tables, and the digests of its parts then."""
        files = sorted(self._folder.glob(f"{'.'.join(place)}.*.parquet"), key=lambda f: f.stat().st_mtime, reverse=True)
        for file in files:
            try:
                rows = db.execute(f"select key, value from parquet_kv_metadata('{quoted(file)}')").fetchall()
                facts = {bytes(name).decode(): bytes(text).decode() for name, text in rows}
                if facts.get("rest") == rest:
                    return file, dict(json.loads(facts["parts"]))
            except (duckdb.Error, OSError, ValueError, KeyError):  # as good as none
                continue
        return None, {}

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

    def _keep(
        self, db: duckdb.DuckDBPyConnection, place: Place, name: str, facts: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Writes a table, unless Parquet would give one of its types back as another one."""
        types = db.execute(f"describe {_quoted_name(place)}").fetchall()
        if any(_NOT_OF_PARQUET in kind for _, kind, *_ in types):
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / f"{'.'.join(place)}.{name}.parquet"
        part = file.with_suffix(".part")
        pairs = ", ".join(f"{key}: '{quoted(text)}'" for key, text in facts.items())
        options = (
            f"format parquet, compression zstd, compression_level 1{f', kv_metadata {{{pairs}}}' if pairs else ''}"
        )
        db.execute(f"copy {_quoted_name(place)} to '{quoted(part)}' ({options})")
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


def _digests(db: duckdb.DuckDBPyConnection, parts: Parts) -> dict[str, str]:
    """Of each part a digest of its rows in the tables it comes from, whatever their order."""
    found: dict[str, list[object]] = {}
    for place, own in sorted(parts.by.items()):
        table = _quoted_name(place)
        columns = ", ".join(f'"{column}"' for column, *_ in db.execute(f"describe {table}").fetchall())
        rows = db.execute(
            f"""select "{own}", count(*), sum(h)::varchar, bit_xor(h)
                from (select "{own}", hash({columns}) as h from {table}) group by 1"""
        ).fetchall()
        for part, *digest in rows:
            found.setdefault(part, []).append((place, digest))
    return {part: hashlib.sha256(repr(lines).encode()).hexdigest()[:32] for part, lines in found.items()}


def _joined(db: duckdb.DuckDBPyConnection, place: Place, kept: str, anew: str) -> bool:
    """Makes a table from two SELECTs, of its kept rows and of those made anew; False where the kept file is damaged."""
    made = f"create table {_quoted_name(place)} as ({kept}) union all by name ({anew})"
    try:
        with_enough(db, lambda: db.execute(made))
    except (duckdb.IOException, duckdb.InvalidInputException):
        return False
    return True


def some_parts(text: str, parts: Parts, chosen: Iterable[str]) -> str:
    """A SELECT that sees only the rows of some parts in the tables that its parts come from."""
    for (schema, name), own in parts.by.items():
        some = f'(from {schema}."{name}" where "{own}" in ({literals(chosen)}))'
        text = re.sub(rf"\b{schema}\.{name}\b", some, text)
    return bare(text)


def run_values(text: str) -> frozenset[str]:
    """Columns of ``input.night`` that a statement takes through a macro; all where it reads the table itself."""
    if ("input", "night") in tables_read(text):
        return RUN
    text = "\n".join(line for line in text.splitlines() if not line.startswith("--"))  # `-- Latest:` computes nothing
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
