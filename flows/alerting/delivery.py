"""Sends the messages that are due: at least once, in order, and no channel waits for another.

A message is tried again over days with growing pauses, by the next night or the next `gapindex alerts send`.  The
receiver's acknowledgement is written to the ledger before the next message goes out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from flows.alerting.sending import Outcome, Sender, sender
from warehouse.alerts.digest import Planned, plan
from warehouse.alerts.events import EventBatch
from warehouse.alerts.ledger import Ledger
from warehouse.alerts.subscriptions import Alerts

LONGEST_WAIT = timedelta(seconds=10)
"""How long a run waits for the next try of one channel; longer pauses are left to the next run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The result of a run on one channel."""

    channel: str
    planned: int = 0
    delivered: int = 0
    failed: int = 0
    dead: int = 0
    waiting: int = 0
    why: str = ""


class DeliveryLocked(RuntimeError):
    """Another process is delivering from this folder."""


def plan_all(
    alerts: Alerts, ledger: Ledger, batch: EventBatch, channels: Sequence[str], at: datetime
) -> dict[str, int]:
    """Writes each channel's messages of this night into the ledger; returns their number by channel."""
    counts = {}
    for channel in channels:
        outbox = ledger.outbox(channel)
        made: list[Planned] = plan(alerts, channel, batch, outbox)
        for one in made:
            ledger.plan(channel, one.message, one.notified, at)
        if outbox is None and not made:
            ledger.begin(channel, str(batch.night), at)
        counts[channel] = len(made)
    return counts


def work(
    ledger: Ledger,
    channel: str,
    send: Sender,
    *,
    now: Callable[[], datetime],
    sleep: Callable[[float], None] = time.sleep,
    backoff: timedelta = LONGEST_WAIT,
) -> Sent:
    """Sends what is due on one channel, in order; a failing message blocks those after it until it is given up."""
    outbox = ledger.outbox(channel)
    delivered = failed = dead = 0
    why, until = "", now() + backoff
    while outbox is not None and (head := outbox.due) is not None:
        pause = head.next_try - now()
        if pause > timedelta(0):
            if now() + pause > until:
                break
            sleep(pause.total_seconds())
        try:
            outcome = send(head.message)
        except Exception as error:  # noqa: BLE001 - one channel's fault is no other's
            outcome = Outcome("failed", f"could not be sent ({type(error).__name__})")
        at, message_id = now(), head.message.message_id
        if outcome.result == "delivered":
            ledger.delivered(channel, message_id, at)
            delivered += 1
            continue
        failed, why = failed + 1, outcome.why
        if outcome.result == "gone":
            ledger.stopped(channel, outcome.why, at)
        else:
            dead += ledger.failed(channel, message_id, outcome.why, at, wait=outcome.wait)
    waiting = len(outbox.waiting) - len(outbox.dead) if outbox is not None else 0
    return Sent(channel=channel, delivered=delivered, failed=failed, dead=dead, waiting=waiting, why=why)


def deliver(
    data: Path,
    alerts: Alerts,
    batch: EventBatch | None,
    *,
    senders: Mapping[str, Sender] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    sleep: Callable[[float], None] = time.sleep,
    backoff: timedelta = LONGEST_WAIT,
) -> list[Sent]:
    """Plans a night's messages, if ``batch`` is given, and sends what is due; raises `DeliveryLocked`."""
    speak = {name: sender(channel, now=now) for name, channel in alerts.channels.items()} | dict(senders or {})
    if not speak:
        return []
    with alone(data):
        ledger = Ledger(data)
        planned = plan_all(alerts, ledger, batch, list(speak), now()) if batch is not None else {}
        with ThreadPoolExecutor(max_workers=min(8, len(speak))) as pool:
            jobs = {
                name: pool.submit(work, ledger, name, send, now=now, sleep=sleep, backoff=backoff)
                for name, send in speak.items()
            }
            done = [job.result() for job in jobs.values()]
    return [replace(one, planned=planned.get(one.channel, 0), why=alerts.redacted(one.why)) for one in done]


def revive(data: Path, channels: Sequence[str], *, now: datetime | None = None) -> dict[str, int]:
    """Makes dead letters due again and opens stopped channels: those named, or all that are stuck."""
    with alone(data):
        ledger = Ledger(data)
        if unknown := [name for name in channels if name not in ledger.outboxes]:
            raise KeyError(f"the ledger knows no channel {', '.join(unknown)}; it knows {', '.join(ledger.outboxes)}")
        stuck = [name for name, outbox in ledger.outboxes.items() if outbox.dead or outbox.stopped]
        return {name: ledger.revived(name, now or datetime.now(UTC)) for name in (channels or stuck)}


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """The lock for delivery from a folder; raises `DeliveryLocked` where another process has it."""
    (data / "alerts").mkdir(parents=True, exist_ok=True)
    lock = FileLock(data / "alerts" / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise DeliveryLocked(f"another process is delivering alerts from {data}; wait for it to end") from error
    try:
        yield
    finally:
        lock.release()
