"""Events for the tests of alerts: rows of table ``event`` made by hand, and nights made of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from warehouse.alerts.events import Event, EventBatch, retraction_id
from warehouse.alerts.subscriptions import Alerts, Channel, Subscription

NIGHT = date(2026, 6, 14)

EVERYTHING = frozenset({"parity", "open-leader", "closed-leader", "weights-published", "source-stale"})


def parity(
    open_model: str = "kimi-k2.6",
    closed_model: str = "gpt-5.3-codex",
    *,
    on: date = NIGHT,
    board: str = "toy",
    grade: str = "parity",
    state: str = "confirmed",
    **more: Any,
) -> Event:
    """An open model reaches a closed one."""
    facts = {
        "scope_title": board,
        "unit": "%",
        "days": more.pop("days", 74),
        "open": {"model": open_model, "title": open_model, "score": 61.5, "counts_from": str(on)},
        "closed": {"model": closed_model, "title": closed_model, "score": 62.0, "counts_from": str(on)},
        "difference": -0.5,
        "lo": -1.9,
        "hi": 0.9,
        "margin": 3.0,
        "level_on": ["One", "Two", "Three", "Four"],
        "behind_on": ["Five"],
        "evidence": [{"url": "https://toy.example/board", "sha256": "ab" * 32, "known_on": str(on)}],
    }
    event = Event(
        event_id=hashlib.sha256(f"{open_model}|{closed_model}|{board}|{grade}".encode()).hexdigest(),
        kind="parity",
        state=state,
        scope_kind="board",
        scope=board,
        edition="v1",
        tier="any",
        domain="coding",
        grade=grade,
        model=open_model,
        other_model=closed_model,
        happened_on=on,
        known_on=on,
        state_on=on,
        headline=f"{open_model} reaches parity with {closed_model} on {board}, 74 days after",
        facts=json.dumps(facts),
        counts=True,
        backfilled=False,
        retracts=None,
    )
    return replace(event, **more)


def retraction(of: Event, on: date, state: str = "retracted") -> tuple[Event, Event]:
    """The two rows that table ``event`` has once an event is taken back: itself in its new state, and the follow-up."""
    after = replace(of, state=state, state_on=on)
    follow_up = replace(
        after,
        event_id=retraction_id(of.event_id, state),
        known_on=on,
        headline=f"{state.title()}: {of.headline}",
        retracts=of.event_id,
    )
    return after, follow_up


def night(*events: Event, on: date = NIGHT, method: str = "1") -> EventBatch:
    """What a publication says happened."""
    ordered = sorted(events, key=lambda e: (e.state_on, e.known_on, e.kind, e.headline, e.event_id))
    return EventBatch(night=on, run_id="0123456789abcdef", method_version=method, events=tuple(ordered))


def subscribed(*channels: Channel, **more: Any) -> Alerts:
    """Channels that want everything."""
    names = tuple(channel.name for channel in channels)
    wanted = Subscription(**({"channels": names, "kinds": EVERYTHING} | more))
    return Alerts(channels={channel.name: channel for channel in channels}, subscriptions=(wanted,))


def ids(messages: Iterable[Any]) -> list[str]:
    """The ids of planned messages, in order."""
    return [one.message.message_id for one in messages]


def publication(folder: Path, batch: EventBatch) -> None:
    """A publication of these events and of nothing else, where readers look for one."""
    home = folder / "publications" / f"{batch.night}-toy"
    home.mkdir(parents=True, exist_ok=True)
    columns = [field.name for field in fields(Event)]
    kinds = {"happened_on": "date", "known_on": "date", "state_on": "date", "counts": "bool", "backfilled": "bool"}
    declared = ", ".join(f"{name} {kinds.get(name, 'varchar')}" for name in columns)
    file = home / "gapindex.duckdb"
    file.unlink(missing_ok=True)
    with duckdb.connect(str(file)) as db:
        db.execute(f"create table event ({declared})")
        marks = ", ".join("?" * len(columns))
        for event in batch.events:
            db.execute(f"insert into event values ({marks})", [getattr(event, name) for name in columns])
        db.execute("create table run (night date, run_id varchar, method_version varchar)")
        db.execute("insert into run values (?, ?, ?)", [batch.night, batch.run_id, batch.method_version])
    manifest = {"night": str(batch.night), "tables": {"event": {"rows": len(batch.events)}}}
    (home / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    link = folder / "published"
    link.unlink(missing_ok=True)
    link.symlink_to(home, target_is_directory=True)
