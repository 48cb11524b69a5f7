"""The judgement files ``warehouse/seeds/*.csv`` as typed rows.

``alias.csv`` names what no rule can know: what ``mistral-large-2512`` is called, which release a board of 2024
meant by ``deepseek-chat``.  A line with an empty model says that a name is deliberately left unresolved.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

PACKAGE = "warehouse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Developer:
    """A lab: its spellings on boards and the Hub organisations whose files count as its own."""

    slug: str
    title: str
    spellings: tuple[str, ...]
    hub_owners: tuple[str, ...]
    default: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A curated release; the four dates of a model are kept apart, None where not known."""

    slug: str
    title: str
    developer: str
    family: str
    generation: str
    announced_on: date | None
    api_on: date | None
    weights_on: date | None
    hub_repo: str
    checkpoint_of: str = ""

    @property
    def dates(self) -> tuple[date, ...]:
        """All known dates of the release, earliest first."""
        return tuple(sorted(d for d in (self.announced_on, self.api_on, self.weights_on) if d))


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """One name as written, the source it holds for (blank: any), what it is and why."""

    name: str
    source: str
    model: str
    variant: str
    reason: str


def rows(name: str) -> Iterator[dict[str, str]]:
    """The lines of one seed file, by column name."""
    with files(PACKAGE).joinpath("seeds", name).open("r", encoding="utf-8") as handle:
        yield from csv.DictReader(handle)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split("|") if part)


def developers() -> tuple[Developer, ...]:
    """``developer.csv``."""
    return tuple(
        Developer(
            slug=row["developer"],
            title=row["title"],
            spellings=_split(row["spellings"]),
            hub_owners=_split(row["hub_owners"]),
            default=row["default"],
        )
        for row in rows("developer.csv")
    )


def models() -> tuple[Model, ...]:
    """``model.csv``, as far as names need it."""
    return tuple(
        Model(
            slug=row["model"],
            title=row["title"],
            developer=row["developer"],
            family=row["family"],
            generation=row["generation"],
            announced_on=_day(row["announced_on"]),
            api_on=_day(row["api_on"]),
            weights_on=_day(row["weights_on"]),
            hub_repo=row["hub_repo"],
            checkpoint_of=row.get("checkpoint_of", ""),
        )
        for row in rows("model.csv")
    )


def aliases() -> tuple[Alias, ...]:
    """``alias.csv``."""
    return tuple(
        Alias(name=row["name"], source=row["source"], model=row["model"], variant=row["variant"], reason=row["reason"])
        for row in rows("alias.csv")
    )
