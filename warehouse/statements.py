"""The SQL of the warehouse as values: each file under ``sql/`` is one SELECT, and its path is its table's name.

Who needs whom is read off the schema-qualified names, so there is no list to keep.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files

SHIPPED = files("warehouse")
"""Where SQL, seeds and history are, installed or not."""

_QUALIFIED = re.compile(r"\b(staging|computed|vintage|marts)\.(\w+)\b")
_COLUMN = re.compile(r'"?(\w+)"?,?\s+--\s+(\S.*)$')


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One SQL file: ``schema.name``, its text, and what each of its columns means."""

    schema: str
    name: str
    text: str

    @property
    def needs(self) -> frozenset[tuple[str, str]]:
        """The other statements it reads."""
        code = "\n".join(line.split("--", 1)[0] for line in self.text.splitlines())
        return frozenset((schema, name) for schema, name in _QUALIFIED.findall(code))

    @property
    def about(self) -> str:
        """What one row is: the header comment."""
        head = []
        for line in self.text.splitlines():
            if not line.startswith("--"):
                break
            head.append(line.removeprefix("--").strip())
        return " ".join(head)

    @property
    def columns(self) -> dict[str, str]:
        """Column name -> its comment, from the trailing comments of the file."""
        body = [line for line in self.text.splitlines() if not line.startswith("--")]
        return {match.group(1): match.group(2) for line in body if (match := _COLUMN.search(line))}


def statements(schema: str) -> list[Statement]:
    """All statements of one schema; refuses an empty folder, because a check that finds none checks nothing."""
    folder = SHIPPED.joinpath("sql", schema)
    found = [
        Statement(schema=schema, name=file.name.removesuffix(".sql"), text=file.read_text("utf-8"))
        for file in sorted(folder.iterdir(), key=lambda f: f.name)
        if file.name.endswith(".sql")
    ]
    if not found:
        raise RuntimeError(f"no SQL in warehouse/sql/{schema}: the package was installed without its data files")
    return found


def meaning(name: str) -> Statement:
    """The mart that says what the columns of a mart mean: a vintage's are those of the table it keeps."""
    known = {s.name: s for s in statements("marts")}
    return known.get(name.removesuffix("_vintage"), known[name])


def bare(text: str) -> str:
    """A SELECT that may stand in brackets."""
    return text.strip().removesuffix(";")


def quoted(text: object) -> str:
    """For the inside of a SQL string literal, where a name cannot be bound."""
    return str(text).replace("'", "''")
