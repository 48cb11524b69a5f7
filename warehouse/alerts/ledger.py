"""The ledger of messages by channel (planned, delivered, failed): an append-only file of JSON lines.

A line is on disk before its consequence is carried out, and a message counts as delivered only by a line written after
the receiver's acknowledgement.  So a kill between the two sends the message again, with the same id, and never loses
one.  A line cut short by a kill is ignored, and its content is computed again.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from warehouse.alerts.messages import Message
from warehouse.archive import add_line

DELAYS = tuple(timedelta(seconds=s) for s in (5, 300, 1800, 7200, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600))
"""Waits between tries: some three days in all, as the Standard Webhooks specification asks."""

TRIES = len(DELAYS) + 1

LIFE = timedelta(days=5)
"""Age at which a failing message is given up, however often it was tried: after a week of down-time a channel does not
get a week of retries for each of its messages."""


@dataclass(slots=True, kw_only=True)
class Queued:
    """One message for one channel."""

    message: Message
    planned_at: datetime
    tries: int = 0
    next_try: datetime
    why: str = ""
    dead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifiedState:
    """The last notification of an event to a channel: that it holds, or that it is retracted (``back``)."""

    kind: str
    headline: str
    method: str
    night: date
    back: bool = False
    times: int = 1


@dataclass(slots=True, kw_only=True)
class Outbox:
    """One channel: its waiting messages in order, and the events it was notified of."""

    waiting: list[Queued] = field(default_factory=list)
    delivered: int = 0
    last_delivered_at: datetime | None = None
    stopped: str = ""
    notified: dict[str, NotifiedState] = field(default_factory=dict)
    """The notified state of each event, by id."""

    @property
    def due(self) -> Queued | None:
        """The next message to send; dead letters do not block it."""
        return None if self.stopped else next((one for one in self.waiting if not one.dead), None)

    @property
    def dead(self) -> list[Queued]:
        return [one for one in self.waiting if one.dead]


class Ledger:
    """The file below a data folder.  One process writes at a time (`flows.alerting.delivery` locks); any may read."""

    def __init__(self, data: Path) -> None:
        self.folder = data / "alerts"
        self.file = self.folder / "ledger.jsonl"
        self.outboxes: dict[str, Outbox] = {}
        self.faults: list[str] = []
        self._writing = threading.Lock()
        for number, line in self._lines():
            try:
                self._take(line)
            except (LookupError, TypeError, ValueError, AttributeError) as error:
                self.faults.append(self._fault(number, line, error))

    def _fault(self, number: int, line: Mapping[str, Any], error: Exception) -> str:
        lacks = f"has no field {error}" if isinstance(error, KeyError) else f"cannot be read: {error}"
        return (
            f"{self.file} line {number}: a line of kind {line.get('what', 'unknown')!r} {lacks};"
            " it is skipped, and its content is computed again;"
            " what to do: nothing, or restore the file from a backup"
        )

    def outbox(self, channel: str) -> Outbox | None:
        """The state of a channel; None before its first line."""
        return self.outboxes.get(channel)

    def begin(self, channel: str, night: str, at: datetime) -> None:
        """Records that a channel exists, whether or not there is a message for it."""
        self._write({"what": "begun", "channel": channel, "night": night}, at)

    def plan(self, channel: str, message: Message, notified: Mapping[str, NotifiedState], at: datetime) -> None:
        """Records a message to deliver; ``notified``: the state of each event after its delivery, by id."""
        standing = {
            event_id: [one.kind, one.headline, one.method, str(one.night), one.back, one.times]
            for event_id, one in notified.items()
        }
        self._write({"what": "planned", "channel": channel, "message": message.as_data(), "notified": standing}, at)

    def delivered(self, channel: str, message_id: str, at: datetime) -> None:
        self._write({"what": "delivered", "channel": channel, "id": message_id}, at)

    def failed(self, channel: str, message_id: str, why: str, at: datetime, *, wait: timedelta | None = None) -> bool:
        """Records a failed attempt; True where it was the last.  ``wait``: what the receiver asked for, if longer."""
        one = self._find(channel, message_id)
        last = one.tries + 1 >= TRIES or at - one.planned_at >= LIFE
        line: dict[str, Any] = {"what": "dead" if last else "failed", "channel": channel, "id": message_id, "why": why}
        if not last:
            line["next_try"] = _stamp(at + max(DELAYS[one.tries], wait or timedelta(0)))
        self._write(line, at)
        return last

    def stopped(self, channel: str, why: str, at: datetime) -> None:
        """Records that the receiver wants no more; messages are kept and not sent until the channel is revived."""
        self._write({"what": "stopped", "channel": channel, "why": why}, at)

    def revived(self, channel: str, at: datetime) -> int:
        """Makes a channel's dead messages due again, in order, and opens a stopped channel; returns their number."""
        outbox = self.outboxes[channel]
        count = len(outbox.dead)
        self._write({"what": "revived", "channel": channel}, at)
        return count

    def _find(self, channel: str, message_id: str) -> Queued:
        return next(one for one in self.outboxes[channel].waiting if one.message.message_id == message_id)

    def _write(self, line: Mapping[str, Any], at: datetime) -> None:
        text = json.dumps({"at": _stamp(at), **line}, ensure_ascii=False, separators=(",", ":"), default=str)
        with self._writing:
            add_line(self.file, text, private=True)
            self._take(json.loads(text))

    def _lines(self) -> Iterator[tuple[int, dict[str, Any]]]:
        if not self.file.exists():
            return
        with self.file.open("rb") as file:
            for number, raw in enumerate(file, 1):
                try:
                    line = json.loads(raw)
                except ValueError:
                    self.faults.append(f"{self.file} line {number}: not JSON; a run was killed while it wrote")
                    continue
                if isinstance(line, dict):
                    yield number, line
                else:
                    self.faults.append(f"{self.file} line {number}: {type(line).__name__}, expected an object")

    def _take(self, line: Mapping[str, Any]) -> None:
        channel, at = str(line["channel"]), datetime.fromisoformat(line["at"])
        outbox = self.outboxes.get(channel, Outbox())
        match line["what"]:
            case "planned":
                message = Message.from_data(line["message"])
                notified = {
                    event_id: _notified_state(*facts)
                    for event_id, facts in (line["told"] if "told" in line else line["notified"]).items()
                }
                outbox.waiting.append(Queued(message=message, planned_at=at, next_try=at))
                outbox.notified.update(notified)
            case "delivered":
                delivered = line["id"]
                outbox.waiting = [one for one in outbox.waiting if one.message.message_id != delivered]
                outbox.delivered += 1
                outbox.last_delivered_at = at
            case "failed" | "dead":
                failed, why, next_try = (
                    line["id"],
                    line["why"],
                    datetime.fromisoformat(line.get("next_try", line["at"])),
                )
                for one in outbox.waiting:
                    if one.message.message_id == failed:
                        one.tries, one.why, one.dead = one.tries + 1, why, line["what"] == "dead"
                        one.next_try = next_try
            case "stopped":
                outbox.stopped = line["why"]
            case "revived":
                outbox.stopped = ""
                for one in outbox.waiting:
                    if one.dead:
                        one.dead, one.tries, one.planned_at, one.next_try = False, 0, at, at
        self.outboxes[channel] = outbox  # only now: a line that cannot be read leaves no trace


def _notified_state(kind: str, headline: str, method: str, night: str, back: bool, times: int) -> NotifiedState:
    return NotifiedState(
        kind=kind, headline=headline, method=method, night=date.fromisoformat(night), back=back, times=times
    )


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
