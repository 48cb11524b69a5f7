"""Proof: a receiver that fails 40 % of the time, 200 nights and 200 random kills; nothing is lost, nothing sent twice.

    python proofs/alerts.py [--nights 200] [--kills 200] [--events event.parquet --run run.parquet] [--seed 1]

Each night is a process of its own, forked and killed with SIGKILL at a random moment, then run again.  The receiver
(tests/tools/faultserver.py) is another process.  What should arrive is found by the same nights run once, in
peace, against a receiver that always says yes.  Without ``--events`` the nights are made up; with the Parquet files of
a publication they are its last nights: what was known on each, with retractions on the night they came.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from standardwebhooks.webhooks import Webhook

from flows.alerting.delivery import deliver, revive
from flows.alerting.sending import Outcome
from tests.tools.faultserver import FaultServer
from warehouse.alerts.events import KINDS, Event, EventBatch, read, retraction_id
from warehouse.alerts.ledger import Ledger
from warehouse.alerts.messages import Message
from warehouse.alerts.subscriptions import Alerts, Channel, Subscription

SECRET = "whsec_c2VjcmV0LW9mLXRoZS1wcm9vZi1vZi1hbGVydHM="
FAULTS = ("status;code=503", "status;code=500", "reset", "close", "close-in-head", "redirect;to=/elsewhere")
LOST_ACKNOWLEDGEMENT = ("reset", "close", "close-in-head")
DAY = timedelta(days=1)


# --- the nights -----------------------------------------------------------------------------------


def made_up(nights: int, seed: int) -> Iterator[EventBatch]:
    """Nights on which zero to four things happen; one in fifteen is taken back later, and one night is a storm."""
    dice, events = random.Random(seed), list[Event]()
    for number in range(nights):
        on = date(2026, 1, 1) + number * DAY
        for n in range(25 if number == nights // 2 else dice.choice((0, 1, 2, 3, 4))):
            events.append(_event(f"open-{number}-{n}", on))
        for place, event in enumerate(events):
            if event.retracts is None and event.state == "confirmed" and event.state_on < on and dice.random() < 0.0005:
                events[place] = replace(event, state="retracted", state_on=on)
                follow_up = replace(events[place], event_id=retraction_id(event.event_id), retracts=event.event_id)
                events.append(replace(follow_up, known_on=on, headline=f"Retracted: {event.headline}"))
        yield EventBatch(night=on, run_id=f"run-{number}", method_version="1", events=_in_order(events))


def _event(model: str, on: date) -> Event:
    facts = {
        "unit": "%",
        "days": 74,
        "open": {"title": model, "score": 61.5},
        "closed": {"title": "closed", "score": 62.0},
        "difference": -0.5,
        "lo": -1.9,
        "hi": 0.9,
        "margin": 3.0,
    }
    return Event(
        event_id=hashlib.sha256(model.encode()).hexdigest(),
        kind="parity",
        state="confirmed",
        scope_kind="board",
        scope="toy",
        edition="v1",
        tier="any",
        domain="coding",
        grade="parity",
        model=model,
        other_model="closed",
        happened_on=on,
        known_on=on,
        state_on=on,
        headline=f"{model} reaches parity with closed on toy, 74 days after",
        facts=json.dumps(facts),
        counts=True,
        backfilled=False,
        retracts=None,
    )


def recorded(events: Path, run: Path, nights: int) -> Iterator[EventBatch]:
    """The last nights of a publication: what it says was known on each, in the state of that night."""
    with duckdb.connect() as db:
        for name, file in (("event", events), ("run", run)):
            db.execute(f"create view {name} as from read_parquet('{str(file).replace(chr(39), chr(39) * 2)}')")
        batch = read(db)
    for number in range(nights - 1, -1, -1):
        on = batch.night - number * DAY
        then = [_as_of(event, on) for event in batch.events if event.known_on <= on]
        yield replace(batch, night=on, events=_in_order(then))


def _as_of(event: Event, on: date) -> Event:
    if event.retracts is not None or event.state_on <= on:
        return event
    before = "confirmed" if event.state in ("retracted", "superseded") else "provisional"
    return replace(event, state=before, state_on=event.known_on)


def _in_order(events: list[Event]) -> tuple[Event, ...]:
    return tuple(sorted(events, key=lambda e: (e.state_on, e.known_on, e.kind, e.headline, e.event_id)))


# --- the receiver ---------------------------------------------------------------------------------


def receiver(seed: int, share: float, log: Path, ready: int) -> None:
    """Runs until it is asked to end; then writes down every request it saw."""
    dice = random.Random(seed)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    with FaultServer() as server:
        server.plan("/hook", *(dice.choice(FAULTS) if dice.random() < share else "ok" for _ in range(50_000)))
        os.write(ready, str(server.port).encode())
        os.close(ready)
        signal.sigwait([signal.SIGTERM])
        seen = [
            {"fault": r.fault, "path": r.path, "headers": dict(r.headers), "body": r.body.decode()}
            for r in server.requests
        ]
    log.write_text(json.dumps(seen), "utf-8")


def started(seed: int, share: float, log: Path) -> tuple[int, int]:
    """The receiver's process and its port."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        receiver(seed, share, log, writing)
        os._exit(0)
    os.close(writing)
    port = int(os.read(reading, 16))
    os.close(reading)
    return child, port


# --- one night ------------------------------------------------------------------------------------


def subscribed(port: int) -> Alerts:
    channel = Channel(name="hook", webhook=f"http://127.0.0.1:{port}/hook", secrets=(SECRET,), group=False)
    wanted = Subscription(channels=("hook",), kinds=frozenset(KINDS), from_state="provisional", uncounted=True)
    return Alerts(channels={"hook": channel}, subscriptions=(wanted,))


def run(data: Path, alerts: Alerts, batch: EventBatch | None, at: datetime, kill_after: float | None) -> bool:
    """A night in a process of its own; True where the kill hit it."""
    child = os.fork()
    if child == 0:
        skew = [timedelta(0)]

        def sleep(seconds: float) -> None:
            skew[0] += timedelta(seconds=seconds)

        try:
            deliver(data, alerts, batch, now=lambda: at + skew[0], sleep=sleep)
        except BaseException as error:  # noqa: BLE001 - a child must not go on as a second parent
            sys.stderr.write(f"child: {error!r}\n")
            os._exit(1)
        os._exit(0)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise SystemExit("a night failed; see above")
    return os.WIFSIGNALED(status)


def in_peace(data: Path, nights: list[EventBatch]) -> list[Message]:
    """What should arrive, in order: the same nights, once each, and a receiver that always says yes."""
    arrived: list[Message] = []

    def yes(message: Message) -> Outcome:
        arrived.append(message)
        return Outcome("delivered")

    for batch in nights:
        at = datetime(batch.night.year, batch.night.month, batch.night.day, 4, tzinfo=UTC)
        deliver(data, subscribed(1), batch, senders={"hook": yes}, now=lambda at=at: at, sleep=lambda _: None)  # type: ignore[misc]
    return arrived


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--nights", type=int, default=200)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--failing", type=float, default=0.4)
    parser.add_argument("--events", type=Path)
    parser.add_argument("--run", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    made = recorded(given.events, given.run, given.nights) if given.events else made_up(given.nights, given.seed)
    nights, dice, began = list(made), random.Random(given.seed), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        expected = in_peace(here / "peace", nights)
        process, port = started(given.seed, given.failing, here / "seen.json")
        alerts, data, hits, tries, long = subscribed(port), here / "data", 0, 0, 0.05
        for number, batch in enumerate(nights):
            at = datetime(batch.night.year, batch.night.month, batch.night.day, 4, tzinfo=UTC)
            wanted = round(given.kills * (number + 1) / len(nights))
            while hits < wanted:
                tries += 1
                hits += run(data, alerts, batch, at, dice.uniform(0, dice.choice((0.02, 0.06, long))))
                at += timedelta(minutes=1)
            for hours in (0, 12):
                since = time.monotonic()
                run(data, alerts, batch, at + timedelta(hours=hours), None)
                if hours == 0:
                    long = 0.7 * long + 0.3 * (time.monotonic() - since)
        dead = 0
        for more in range(60):
            outbox = Ledger(data).outboxes["hook"]
            dead += len(outbox.dead)
            if not outbox.waiting:
                break
            later = datetime(nights[-1].night.year, nights[-1].night.month, nights[-1].night.day, 23, tzinfo=UTC)
            revive(data, [], now=later + more * DAY)
            run(data, alerts, None, later + more * DAY + timedelta(minutes=1), None)
        os.kill(process, signal.SIGTERM)
        os.waitpid(process, 0)
        seen = json.loads((here / "seen.json").read_text("utf-8"))
        damaged = len(Ledger(data).faults)
    return check_deliveries(expected, seen, hits, tries, dead, damaged, time.monotonic() - began)


def check_deliveries(
    expected: list[Message], seen: list[dict[str, Any]], hits: int, tries: int, dead: int, damaged: int, seconds: float
) -> int:
    """Counts, and 1 where one of them is not what is promised."""
    posts = [one for one in seen if one["path"] == "/hook"]
    ids = [one["headers"]["webhook-id"] for one in posts]
    arrived = [one for one in posts if one["fault"] == "ok" or one["fault"] in LOST_ACKNOWLEDGEMENT]
    acknowledged = [one["headers"]["webhook-id"] for one in posts if one["fault"] == "ok"]
    bodies: dict[str, set[str]] = {}
    unsigned = 0
    for one in posts:
        bodies.setdefault(one["headers"]["webhook-id"], set()).add(one["body"])
        headers = one["headers"]
        at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        unsigned += Webhook(SECRET).sign(headers["webhook-id"], at, one["body"]) != headers["webhook-signature"]
    wanted = [message.message_id for message in expected]
    got = list(dict.fromkeys(one["headers"]["webhook-id"] for one in arrived))
    order = list(dict.fromkeys(acknowledged))
    events = {event for message in expected for event in message.event_ids}
    counts = {
        "nights run again after a kill that hit": hits,
        "kills tried": tries,
        "events": len(events),
        "messages expected": len(wanted),
        "requests": len(ids),
        "requests that failed": sum(one["fault"] != "ok" for one in posts),
        "copies that arrived": len(arrived),
        "copies beyond the first": len(arrived) - len(got),
        "yeses that a kill kept from the ledger": len(acknowledged) - len(set(acknowledged)),
        "lines cut short by a kill": damaged,
        "dead letters revived": dead,
        "LOST": len(set(wanted) - set(acknowledged)),
        "UNEXPECTED AFTER DE-DUPLICATION": len(set(got) - set(wanted)),
        "IDS WITH TWO CONTENTS": sum(len(one) > 1 for one in bodies.values()),
        "SIGNATURES NOT OURS": unsigned,
        "REDIRECTS FOLLOWED": sum(one["path"] == "/elsewhere" for one in seen),
        "OUT OF ORDER": sum(a != b for a, b in zip(order, wanted, strict=False)),
        "most tries of one message": max(Counter(ids).values()),
    }
    for name, count in counts.items():
        sys.stdout.write(f"{count:>8}  {name}\n")
    sys.stdout.write(f"{seconds:8.0f}  seconds\n")
    return int(any(count for name, count in counts.items() if name.isupper()))


if __name__ == "__main__":
    sys.exit(main())
