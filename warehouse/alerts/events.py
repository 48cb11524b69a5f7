"""Rows of table ``event`` as values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import duckdb

KINDS = (
    "parity",
    "open-leader",
    "closed-leader",
    "weights-published",
    "access-changed",
    "claim-changed",
    "gap-moved",
    "source-stale",
    "source-drifted",
    "seed-contradicted",
)
OPERATORS = frozenset({"source-stale", "source-drifted", "seed-contradicted"})
"""Kinds for the operator, not for readers of the index; their end is notified too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One row of table ``event``; ``facts`` is its JSON text."""

    event_id: str
    kind: str
    state: str
    scope_kind: str
    scope: str
    edition: str
    tier: str
    domain: str
    grade: str
    model: str | None
    other_model: str | None
    happened_on: date
    known_on: date
    state_on: date
    headline: str
    facts: str
    counts: bool
    backfilled: bool
    retracts: str | None

    @property
    def details(self) -> Mapping[str, Any]:
        """The facts, read."""
        read = json.loads(self.facts)
        return read if isinstance(read, dict) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBatch:
    """A night's events, and the publication they come from."""

    night: date
    run_id: str
    method_version: str
    events: tuple[Event, ...]


def read(db: duckdb.DuckDBPyConnection, schema: str = "main") -> EventBatch:
    """The events of a publication (schema ``main``) or of a build (schema ``marts``), in the order they came about."""
    names = [field.name for field in fields(Event)]
    columns = ", ".join(f'"{name}"' for name in names)
    found = db.execute(f"select {columns} from {schema}.event order by state_on, known_on, kind, headline, event_id")
    events = tuple(Event(**dict(zip(names, row, strict=True))) for row in found.fetchall())
    runs = db.execute(f"select night, run_id, method_version from {schema}.run").fetchall()
    if len(runs) != 1:
        raise ValueError(f"table run has {len(runs)} rows, expected 1: run the night again")
    night, run_id, method_version = runs[0]
    return EventBatch(night=night, run_id=run_id, method_version=method_version, events=events)


def without_twins(events: Iterable[Event]) -> list[Event]:
    """These events without those of tier T1 whose twin of tier any is among them: one happening is one message."""
    known = list(events)
    whole = {_subject(event) for event in known if event.tier == "any"}
    return [event for event in known if event.tier != "T1" or _subject(event) not in whole]


def _subject(event: Event) -> tuple[object, ...]:
    """What an event is about, whichever licence tier it counts for.

    Who takes the lead of both tiers on one night may have overtaken another model in each (GLM-5.2 MiniMax-M3 and
    DeepSeek-V4-Pro): one happening.
    """
    overtaken = event.known_on if event.kind in ("open-leader", "closed-leader") else event.other_model
    about = (event.kind, event.scope_kind, event.scope, event.edition, event.grade, event.model, overtaken)
    return (*about, event.retracts is None)


def retraction_id(event_id: str, state: str = "retracted") -> str:
    """The id of the event that takes this one back; table ``event`` makes it the same way."""
    return hashlib.sha256(f"{state}|{event_id}".encode()).hexdigest()
