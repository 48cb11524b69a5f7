"""Plans a channel's messages of tonight: its new events in order, grouped, and retractions of earlier ones.

New are the events that the ledger does not list as sent to this channel.  Back-filled events, a first run and a widened
subscription make one digest, never many messages.  Related events (a model that reaches several records on one night)
are one message where the channel asks for grouping; more messages than ``group_above`` become one.  The same events
give the same messages with the same ids, so a kill in between changes nothing.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from warehouse.alerts.events import OPERATORS, Event, EventBatch, retraction_id, without_twins
from warehouse.alerts.ledger import NotifiedState, Outbox
from warehouse.alerts.messages import FAULTS, Message, malformed, single, together
from warehouse.alerts.subscriptions import Alerts

HISTORY = timedelta(days=7)
"""An event that came to its state longer ago than this is history for a channel that has not been sent it."""

AGAIN = timedelta(days=30)
"""A retracted event that holds again is sent again only after this long, so that a flapping one is not a nuisance."""

_PLURAL: Mapping[str, tuple[str, str]] = {
    "parity": ("parity event", "parity events"),
    "open-leader": ("new open leader", "new open leaders"),
    "closed-leader": ("new closed leader", "new closed leaders"),
    "weights-published": ("publication of weights", "publications of weights"),
    "access-changed": ("change of access", "changes of access"),
    "claim-changed": ("changed verdict", "changed verdicts"),
    "gap-moved": ("moved gap", "moved gaps"),
    "source-stale": ("stale source", "stale sources"),
    "source-drifted": ("drifted source", "drifted sources"),
    "seed-contradicted": ("contradicted reviewed line", "contradicted reviewed lines"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A message to send, and the notified state of each of its events afterwards."""

    message: Message
    notified: Mapping[str, NotifiedState]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Notification:
    """One notification: an event or its retraction; ``about`` is the id of the event in both cases."""

    event: Event
    about: str
    times: int = 1

    @property
    def back(self) -> bool:
        return self.event.retracts is not None

    @property
    def why(self) -> str:
        if self.back:
            return "this channel was sent the event that is now retracted"
        return f"{self.event.kind}, {self.event.state} on {self.event.state_on}"


def plan(alerts: Alerts, channel: str, batch: EventBatch, outbox: Outbox | None) -> list[Planned]:
    """The messages to send to a channel, oldest first; ``outbox`` is None for a channel that was never sent one."""
    known = outbox.notified if outbox is not None else {}
    new, old = [], []
    wanted = (event for event in batch.events if event.retracts is None and _wanted(alerts, channel, event))
    for event in without_twins(wanted):
        if (standing := known.get(event.event_id)) is not None:
            if standing.back and batch.night - standing.night >= AGAIN and not malformed(event):
                new.append(_once_more(event, event.event_id, standing.times + 1, "again"))
        elif malformed(event):
            continue
        elif outbox is None or event.backfilled or event.state_on < batch.night - HISTORY:
            old.append(_Notification(event=event, about=event.event_id))
        else:
            new.append(_Notification(event=event, about=event.event_id))
    new += _retractions(batch, known)
    return list(_messages(alerts, channel, batch, old, new, first=outbox is None))


def _wanted(alerts: Alerts, channel: str, event: Event) -> bool:
    """Whether a channel takes an event; an event whose facts cannot be compared with the limits is never taken."""
    try:
        return alerts.taken(channel, event) is not None
    except FAULTS:
        return False


def _retractions(batch: EventBatch, known: Mapping[str, NotifiedState]) -> Iterator[_Notification]:
    """Retractions of what this channel was sent: those that the table states, and events no longer in the table."""
    here = {event.event_id for event in batch.events}
    for event in batch.events:
        standing = known.get(event.retracts or "")
        if event.retracts is not None and standing is not None and not standing.back and not malformed(event):
            yield _once_more(event, event.retracts, standing.times, "back")
    for event_id, standing in known.items():
        if event_id in here or standing.back or standing.method != batch.method_version:
            continue
        gone = Event(
            event_id=retraction_id(event_id),
            kind=standing.kind,
            state="retracted",
            scope_kind="",
            scope="",
            edition="",
            tier="",
            domain="",
            grade="",
            model=None,
            other_model=None,
            happened_on=batch.night,
            known_on=batch.night,
            state_on=batch.night,
            headline=("Over: " if standing.kind in OPERATORS else "Retracted: ") + standing.headline,
            facts="{}",
            counts=True,
            backfilled=False,
            retracts=event_id,
        )
        yield _once_more(gone, event_id, standing.times, "back")


def _once_more(event: Event, about: str, times: int, word: str) -> _Notification:
    """A notification of an event for the n-th time; from the second time on it has an id of its own."""
    if times == 1:
        return _Notification(event=event, about=about)
    event_id = hashlib.sha256(f"{word}|{times}|{about}".encode()).hexdigest()
    headline = event.headline if event.retracts is not None else f"Again: {event.headline}"
    return _Notification(event=replace(event, event_id=event_id, headline=headline), about=about, times=times)


def _messages(
    alerts: Alerts,
    channel: str,
    batch: EventBatch,
    old: Sequence[_Notification],
    new: Sequence[_Notification],
    *,
    first: bool,
) -> Iterator[Planned]:
    if old:
        since = f" since {min(one.event.known_on for one in old)}" if len(old) > 1 else ""
        start = "Alerts begin here. So far: " if first else "Learned late: "
        why = "first run" if first else "back-filled, or long known"
        yield _planned("digest", f"{start}{_counted(old)}{since}", old, batch, why)
    groups = _related(new) if _grouped(alerts, channel) else [[one] for one in new]
    if len(groups) > alerts.group_above:
        why = f"more than {alerts.group_above} messages on one night"
        yield _planned("digest", f"{_counted(new)} on one night", new, batch, why)
        return
    for group in groups:
        yield _planned("related", _headline(group), group, batch, "; ".join(sorted({one.why for one in group})))


def _planned(
    sort: Literal["digest", "related"], headline: str, news: Sequence[_Notification], batch: EventBatch, why: str
) -> Planned:
    events, night = [one.event for one in news], str(batch.night)
    if sort == "related" and len(events) == 1:
        message = single(events[0], night, batch.run_id)
    else:
        message = together(sort, headline, events, night, batch.run_id)
    states = {
        one.about: NotifiedState(
            kind=one.event.kind,
            headline=one.event.headline,
            method=batch.method_version,
            night=batch.night,
            back=one.back,
            times=one.times,
        )
        for one in news
    }
    return Planned(message=message, notified=states, why=why)


def _grouped(alerts: Alerts, channel: str) -> bool:
    return channel in alerts.channels and alerts.channels[channel].group


def _related(news: Iterable[_Notification]) -> list[list[_Notification]]:
    """News about one model that came to its state on one night, in the order of the first of each."""
    groups: dict[tuple[object, ...], list[_Notification]] = {}
    for one in news:
        groups.setdefault((one.back, one.event.model or one.about, one.event.state_on), []).append(one)
    return list(groups.values())


def _headline(group: Sequence[_Notification]) -> str:
    """The headline of a group: that of its strongest event."""
    ranks = {"lead": 0, "parity": 1}
    best = min((one.event for one in group), key=lambda event: (event.kind != "parity", ranks.get(event.grade, 2)))
    return f"{best.headline} (and {len(group) - 1} more)" if len(group) > 1 else best.headline


def _counted(news: Sequence[_Notification]) -> str:
    kinds = Counter("" if one.back else one.event.kind for one in news)
    words = [f"{count} {_PLURAL[kind][count > 1]}" for kind, count in kinds.items() if kind]
    return ", ".join([*words, f"{kinds['']} taken back"] if kinds[""] else words)
