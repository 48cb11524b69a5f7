"""Sends a publication's events to every channel, and to Prefect's automations if asked.

A night never fails because a channel is down.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID

from flows.alerting.delivery import DeliveryLocked, deliver
from flows.alerting.sending import Outcome
from flows.environment import variable
from flows.settings import Settings
from warehouse.alerts import messages, subscriptions
from warehouse.alerts.events import KINDS, EventBatch, read
from warehouse.alerts.messages import Message, malformed
from warehouse.alerts.subscriptions import Alerts, BadAlerts, Subscription
from warehouse.explain import open_readonly
from warehouse.publication import current

PREFECT = "prefect"
"""The channel of Prefect events; only a flow delivers it."""


def load(settings: Settings) -> Alerts:
    """The subscriptions of these settings; raises `BadAlerts`.  A file that is named but not there is a mistake."""
    file = settings.alerts or settings.data / "alerts.yaml"
    if settings.alerts is not None and not file.is_file():
        raise BadAlerts([f"{file}: GAPINDEX_ALERTS names it and it is not there; write it, or unset the variable"])
    return subscriptions.load(file, variable, known=_declared() if file.is_file() else None)


def _declared() -> dict[str, frozenset[str]]:
    from collectors.registry import sources
    from warehouse.identity import seeds

    boards = [board for source in sources().values() for board in source.boards]
    return {
        "boards": frozenset(board.name for board in boards),
        "domains": frozenset(board.domain for board in boards),
        "labs": frozenset(lab.slug for lab in seeds.developers()),
    }


def current_events(data: Path) -> EventBatch | None:
    """The events of the current publication; None before the first, or where it has no table ``event``."""
    publication = current(data)
    if publication is None or "event" not in publication.rows:
        return None
    with open_readonly(publication.database) as db:
        return read(db)


def dispatch(data: Path, alerts: Alerts, *, prefect: bool = False) -> list[str]:
    """Sends the alerts of the current publication.  Never raises; returns one sentence for each failure."""
    troubles = []
    try:
        chosen = with_prefect(alerts) if prefect else alerts
        if not chosen.channels and not prefect:
            return []
        current = current_events(data)
        troubles += [
            f"left out of all alerts: {why}"
            for event in (current.events if current else ())
            if (why := malformed(event))
        ]
        done = deliver(data, chosen, current, senders={PREFECT: emit} if prefect else None)
        troubles += [f"alerts to {one.channel}: {one.why}; {one.waiting} waiting" for one in done if one.why]
        troubles += [
            f"alerts to {one.channel}: {one.dead} given up; see gapindex alerts status" for one in done if one.dead
        ]
    except DeliveryLocked as error:
        troubles.append(str(error))
    except Exception as error:  # noqa: BLE001 - the night is published; what goes wrong now must not undo that
        troubles.append(f"alerts were not sent ({type(error).__name__}); they are kept: gapindex alerts send")
    return troubles


def with_prefect(alerts: Alerts) -> Alerts:
    """The subscriptions, and Prefect as one more channel that takes every event an automation could use."""
    everything = Subscription(channels=(PREFECT,), kinds=frozenset(KINDS), from_state="provisional")
    return replace(alerts, subscriptions=(*alerts.subscriptions, everything))


def emit(message: Message) -> Outcome:
    """As a Prefect event, for automations; its id is the message's, so that a repeat is seen as one."""
    from prefect.events import emit_event

    kind = message.items[0].kind if message.sort == "event" and message.items else message.sort
    state = message.items[0].state if message.sort == "event" and message.items else ""
    emit_event(
        event=f"gapindex.{kind}" + (f".{state}" if state else ""),
        resource={
            "prefect.resource.id": f"gapindex.event.{message.message_id}",
            "prefect.resource.name": messages.cut(message.headline, 200),
            "gapindex.kind": kind,
            "gapindex.state": state,
        },
        payload=messages.payload(message)["data"],
        id=UUID(hex=message.message_id[:32]),
    )
    return Outcome("delivered")
