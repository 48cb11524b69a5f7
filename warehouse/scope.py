"""The scope of a run: a full night reads every source, a partial run only the feeds or the sources that were named.

Only a full night settles a vintage (`flows.stages.publish`), emits ``gapindex.night.published`` and pings the watchdog
(`flows.stages.notify`).  A partial run publishes tables too, with new data from the sources it read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:  # every command asks for the scope of a publication, and few need more
    import duckdb

    from collectors.contract.source import Source
    from warehouse.archive import Archive

Kind = Literal["full", "sources", "feeds"]
"""From the widest to the narrowest."""

FEEDS = frozenset({"announcements", "hub", "registry"})
"""Kinds of sources that a feeds run reads: lab announcements, registries and the Hub."""

KINDS: tuple[Kind, ...] = get_args(Kind)


class UnknownSource(LookupError):
    """No source has this name; the message lists the sources there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunScope:
    """The sources that one run reads, by name, and the kind of run."""

    kind: Kind
    sources: tuple[str, ...]

    @property
    def full(self) -> bool:
        """Whether every declared source is read."""
        return self.kind == "full"

    def __str__(self) -> str:
        match self.kind:
            case "full":
                return "full night"
            case "feeds":
                return "feeds"
        return f"partial run ({', '.join(self.sources[:3])}{', ...' if len(self.sources) > 3 else ''})"


def scope_of(declared: Mapping[str, Source], only: Iterable[str] = ()) -> RunScope:
    """The scope of a run over ``only``, or over all declared sources; a run that names every source is a full night.

    Raises `UnknownSource`.
    """
    chosen = tuple(dict.fromkeys(only)) or tuple(declared)
    if unknown := [name for name in chosen if name not in declared]:
        near = get_close_matches(unknown[0], declared, n=3, cutoff=0.5)
        hint = f"did you mean {', '.join(near)}? There" if near else "there"
        raise UnknownSource(f"no source called {', '.join(unknown)}; {hint} are {', '.join(declared)}")
    return RunScope(kind="full" if set(chosen) == set(declared) else "sources", sources=chosen)


def feeds_scope(declared: Mapping[str, Source]) -> RunScope:
    """The scope of a feeds run: the sources that bring news of releases."""
    return RunScope(kind="feeds", sources=tuple(n for n, source in declared.items() if source.kind in FEEDS))


def widest(kinds: Iterable[str]) -> Kind:
    """The widest of several runs of one night; full where none is recorded, because older archives have no scopes."""
    found = set(kinds)
    return next((kind for kind in KINDS if kind in found), "full")


def load(db: duckdb.DuckDBPyConnection, archive: Archive, night: date) -> None:
    """Makes ``raw.run_scope``: one row, the night and the widest scope of its runs so far."""
    recorded = archive.scopes()
    db.execute("create table raw.run_scope (night date, scope varchar)")
    db.execute("insert into raw.run_scope values (?, ?)", [night, widest(recorded.get(night, ()))])
