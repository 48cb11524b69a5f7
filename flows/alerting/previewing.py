"""Previews of what would be sent, and a sample message; nothing here is sent or written to the ledger."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

from warehouse.alerts import messages
from warehouse.alerts.digest import Planned, plan
from warehouse.alerts.events import Event, EventBatch
from warehouse.alerts.ledger import Ledger, Outbox
from warehouse.alerts.messages import Message
from warehouse.alerts.subscriptions import Alerts


def sample(night: date) -> Message:
    """A message that is marked as a sample."""
    event = Event(
        event_id="0" * 64,
        kind="parity",
        state="confirmed",
        scope_kind="board",
        scope="sample-board",
        edition="sample",
        tier="any",
        domain="coding",
        grade="parity",
        model="sample-open",
        other_model="sample-closed",
        happened_on=night,
        known_on=night,
        state_on=night,
        headline="SAMPLE: Open Model 2 reaches parity with Closed Model 1 on Sample Board, 74 days after",
        facts=(
            '{"unit":"%","days":74,"open":{"title":"Open Model 2","score":61.5},'
            '"closed":{"title":"Closed Model 1","score":62.0},"difference":-0.5,"lo":-1.9,"hi":0.9,"margin":3.0,'
            '"level_on":["Sample Board"],"behind_on":["Other Board"],"evidence":[]}'
        ),
        counts=True,
        backfilled=False,
        retracts=None,
    )
    made = messages.single(event, str(night), "sample", message_id=f"{night:%Y%m%d}".ljust(64, "0"))
    return replace(made, sort="test")


def preview(alerts: Alerts, batch: EventBatch, ledger: Ledger, night: date | None) -> dict[str, list[Planned]]:
    """What would be sent now; with a past night, what that night would have sent to an up-to-date channel."""
    if night is None:
        return {channel: plan(alerts, channel, batch, ledger.outbox(channel)) for channel in alerts.channels}
    then = [e for e in batch.events if e.state_on == night and not e.backfilled and e.retracts is None]
    past = replace(batch, night=night, events=tuple(then))
    return {channel: plan(alerts, channel, past, Outbox()) for channel in alerts.channels}


def refusals(alerts: Alerts, channel: str, batch: EventBatch, night: date) -> Counter[str]:
    """Why a channel does not get the other events of a night: counts by reason."""
    wanted = [one for one in alerts.subscriptions if channel in one.channels]
    found: Counter[str] = Counter()
    for event in batch.events:
        if event.state_on == night and event.retracts is None and alerts.taken(channel, event) is None:
            found[" / ".join(sorted({one.refuses(event) for one in wanted})) or "no subscription names it"] += 1
    return found
