"""Automations on a real Prefect server: declared once, applied twice, and fired by an event, or by none."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT
from news import parity

from flows.settings import QUIET
from tests.tools.faultserver import FaultServer
from warehouse.alerts.messages import single
from warehouse.alerts.subscriptions import Alerts, Channel

pytestmark = [
    # Prefect's client leaves sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[None]:
    """Prefect's own server, with a quick look for events that did not come."""
    os.environ.update(QUIET)
    from prefect.settings import PREFECT_SERVER_EVENTS_PROACTIVE_GRANULARITY, temporary_settings
    from prefect.testing.utilities import prefect_test_harness

    with (
        temporary_settings({PREFECT_SERVER_EVENTS_PROACTIVE_GRANULARITY: 1}),
        prefect_test_harness(server_startup_timeout=180),
    ):
        yield


@pytest.fixture
def receiver() -> Iterator[Any]:
    with FaultServer() as running:
        yield running


def operated(receiver: Any) -> Alerts:
    channel = Channel(name="operator", webhook=receiver.url("/operator"), secrets=("whsec_x",))
    return Alerts(channels={"operator": channel}, subscriptions=())


def declaration(folder: Path, **changed: Any) -> Path:
    """The shipped file, with a dead-man's switch of ten seconds, which is the least that Prefect takes."""
    result = yaml.safe_load((ROOT / "automations.yaml").read_text("utf-8"))
    for one in result["automations"]:
        if one["name"] == "gapindex-silence":
            one["trigger"] |= {"within": 10} | changed
    file = folder / "automations.yaml"
    file.write_text(yaml.safe_dump(result), "utf-8")
    return file


def texts(receiver: Any) -> list[str]:
    return [json.loads(request.body)["text"] for request in receiver.requests_to("/operator")]


def waited_for(receiver: Any, word: str, seconds: float = 60) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if any(word in text for text in texts(receiver)):
            return True
        time.sleep(0.2)
    return False


def test_what_is_declared_is_applied_once_and_then_updated(server: None, receiver: Any, tmp_path: Path) -> None:
    from prefect.client.orchestration import get_client

    from flows.automations import apply

    async def there() -> list[str]:
        async with get_client() as client:
            return sorted(one.name for one in await client.read_automations())

    alerts, file = operated(receiver), declaration(tmp_path, within=3600)
    others = ("gapindex-parity", "gapindex-zombies", "gapindex-crashed")
    assert asyncio.run(apply(file, alerts)) == dict.fromkeys(("gapindex-silence", *others), "created")
    assert asyncio.run(apply(file, alerts)) == dict.fromkeys(("gapindex-silence", *others), "as declared")
    changed = declaration(tmp_path, within=7200)
    assert asyncio.run(apply(changed, alerts)) == dict.fromkeys(others, "as declared") | {"gapindex-silence": "updated"}
    assert asyncio.run(there()) == sorted(("gapindex-silence", *others))


def test_a_confirmed_parity_event_fires_an_automation(server: None, receiver: Any, tmp_path: Path) -> None:
    from prefect.events.worker import EventsWorker

    from flows.alerting.dispatch import emit
    from flows.automations import apply

    asyncio.run(apply(declaration(tmp_path, within=3600), operated(receiver)))
    event = parity("kimi-k2.6", "gpt-5.3-codex")
    # The server hears of a new automation a moment after it was made; what came before it does not count.
    until = time.monotonic() + 60
    while not texts(receiver) and time.monotonic() < until:
        emit(single(parity(state="provisional"), "2026-06-14", "run"))
        emit(single(parity(f"kimi-{time.monotonic()}", headline=event.headline), "2026-06-14", "run"))
        EventsWorker.drain_all(timeout=5)
        waited_for(receiver, event.headline, 3)
    assert set(texts(receiver)) == {event.headline}


def test_silence_fires_the_dead_mans_switch(server: None, receiver: Any, tmp_path: Path) -> None:
    from flows.automations import apply

    asyncio.run(apply(declaration(tmp_path), operated(receiver)))
    assert waited_for(receiver, "no night was published"), texts(receiver)


def test_a_channel_that_is_not_there_leaves_its_automation_out(server: None, tmp_path: Path) -> None:
    from flows.automations import apply

    done = asyncio.run(apply(declaration(tmp_path), Alerts(channels={}, subscriptions=())))
    assert done.pop("gapindex-zombies") in ("created", "as declared")  # needs no channel
    assert set(done.values()) == {"left out: alerts.yaml has no channel operator with a webhook or http address"}


@pytest.mark.parametrize("text", ["", "automations: 7", "automations: [{name: x}]", "[", "automations: [{name: [}]"])
def test_a_file_that_declares_nothing_usable_is_reported(tmp_path: Path, text: str) -> None:
    from flows.automations import BadAutomations, declared

    file = tmp_path / "automations.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(BadAutomations, match=r"automations\.yaml"):
        declared(file)
