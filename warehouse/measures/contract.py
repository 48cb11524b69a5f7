"""How a computed table takes part in a build, and how its randomness is fixed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from warehouse.statements import Parts


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonModel:
    """One table of schema ``computed``: what it reads (schema, name), and the function that makes it.

    ``needs`` are tables that the build makes too, ``inputs`` those it is given; the function reads no other one.
    """

    name: str
    needs: frozenset[tuple[str, str]]
    make: Callable[[duckdb.DuckDBPyConnection], pa.Table]
    inputs: frozenset[tuple[str, str]] = frozenset()
    parts: Parts | None = None
    make_parts: Callable[[duckdb.DuckDBPyConnection, Collection[str]], pa.Table] | None = None
    """With ``parts``: makes the rows of the parts that are named."""

    @property
    def reads(self) -> frozenset[tuple[str, str]]:
        """All the tables it reads."""
        return self.needs | self.inputs


def generator(*about: object) -> np.random.Generator:
    """Random numbers that depend on what they are for and on nothing else, so that a rerun draws the same."""
    digest = hashlib.sha256("|".join(map(str, about)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


FAILURE = "create table if not exists input.failure (part varchar, subject varchar, error varchar)"
"""What went wrong in a build and cost one model, board or scope: the mart `build_failure`."""


def failed(db: duckdb.DuckDBPyConnection, part: str, subject: str, error: str) -> None:
    """Keeps a failure that costs only ``subject`` (a scope, a board, a pool) in the fit ``part``."""
    db.execute(FAILURE)
    db.execute("insert into input.failure values (?, ?, ?)", [part, subject, " ".join(error.split())[:500]])
