"""The judgement files ``warehouse/seeds/*.csv`` as typed rows.

``alias.csv`` names what no rule can know: what ``mistral-large-2512`` is called, which release a board of 2024
meant by ``deepseek-chat``.  A line with an empty model says that a name is deliberately left unresolved.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
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
    """A curated release; the four dates of a model are kept apart, None where not known.

    ``checkpoint_of``: the release of which this is a later dated checkpoint, or the name that groups such checkpoints.
    """

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
    """One name as written, the source it holds for (blank: any), what it is, since when we know, and why."""

    name: str
    source: str
    model: str
    variant: str
    known_on: str
    reason: str


def rows(name: str) -> Iterator[dict[str, str]]:
    """The lines of one seed file, by column name."""
    with files(PACKAGE).joinpath("seeds", name).open("r", encoding="utf-8") as handle:
        yield from csv.DictReader(handle)


def _day(text: str, until: date) -> date | None:
    on = date.fromisoformat(text) if text else None
    return on if on and on <= until else None


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split("|") if part)


def developers(night: date | None = None) -> tuple[Developer, ...]:
    """``developer.csv``, as known on a night."""
    return tuple(
        Developer(
            slug=row["developer"],
            title=row["title"],
            spellings=_split(row["spellings"]),
            hub_owners=_split(row["hub_owners"]),
            default=row["default"],
        )
        for row in known(rows("developer.csv"), night)
    )


def known(lines: Iterable[dict[str, str]], night: date | None) -> Iterator[dict[str, str]]:
    """The lines whose fact was known on a night; None: all of them."""
    return (row for row in lines if night is None or row["known_on"] <= night.isoformat())


def models(night: date | None = None) -> tuple[Model, ...]:
    """``model.csv``, as far as names need it and as known on a night: a date still to come is no fact."""
    until = night or date.max
    return tuple(
        Model(
            slug=row["model"],
            title=row["title"],
            developer=row["developer"],
            family=row["family"],
            generation=row["generation"],
            announced_on=_day(row["announced_on"], until),
            api_on=_day(row["api_on"], until),
            weights_on=_day(row["weights_on"], until),
            hub_repo=row["hub_repo"],
            checkpoint_of=row["checkpoint_of"],
        )
        for row in known(rows("model.csv"), night)
    )


def aliases(night: date | None = None) -> tuple[Alias, ...]:
    """``alias.csv``, as known on a night; names of models not known then are not known either."""
    there = {row["model"] for row in known(rows("model.csv"), night)}
    return tuple(
        Alias(**{column: row[column] for column in ALIAS_COLUMNS})
        for row in known(rows("alias.csv"), night)
        if not row["model"] or row["model"] in there
    )


ALIAS_COLUMNS = ("name", "source", "model", "variant", "known_on", "reason")
"""The columns of ``alias.csv``, in their order."""
