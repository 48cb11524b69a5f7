"""The public tables as values: what one row is, the key, the columns with type and comment, the shapes."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from warehouse.statements import meaning, statements


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column, its DuckDB type and what it means."""

    name: str
    type: str
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicTable:
    """A published table.

    ``latest`` is the end of a SELECT that leaves what stands tonight, empty where the table has no history.
    """

    name: str
    about: str
    key: tuple[str, ...]
    latest: str
    columns: tuple[Column, ...]

    @property
    def comment(self) -> str:
        """What one row is and the key: the comment of the table in the published database."""
        return f"{self.about} Key: {', '.join(self.key)}."

    @property
    def order(self) -> str:
        """Columns to sort by: the key, then the others, so that equal tables give equal bytes.

        A key begins with what changes least.  A history sorted by board and then by night takes half the space of one
        sorted by night.
        """
        others = [column.name for column in self.columns if column.name not in self.key]
        return ", ".join(f'"{name}"' for name in (*self.key, *others))


def public_tables(db: duckdb.DuckDBPyConnection) -> list[PublicTable]:
    """Every mart of a build, by name."""
    found = []
    for statement in statements("marts"):
        about = meaning(statement.name).columns
        found.append(
            PublicTable(
                name=statement.name,
                about=statement.about,
                key=statement.key,
                latest=statement.latest,
                columns=tuple(
                    Column(name=name, type=kind, about=about.get(name, ""))
                    for name, kind, *_ in db.execute(f"describe marts.{statement.name}").fetchall()
                ),
            )
        )
    return found
