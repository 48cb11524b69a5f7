"""Delivery over real sockets: signed webhooks against a server that misbehaves, SMTP, chat channels' JSON."""

from __future__ import annotations

import base64
import email
import email.policy
import json
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from click.testing import CliRunner
from news import NIGHT, night, parity, publication, retraction, subscribed
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from flows.alerting.delivery import DeliveryLocked, alone, deliver, revive
from flows.alerting.dispatch import dispatch, emit, load
from flows.alerting.previewing import preview, refusals, sample
from flows.alerting.sending import Outcome, judged, notify, ping, post, refused_by_mail, sender
from flows.cli import app
from flows.settings import Settings
from flows.stages import notify as stage
from tests.tools.faultserver import FaultServer
from warehouse.alerts.events import Event
from warehouse.alerts.ledger import LIFE, TRIES, Ledger
from warehouse.alerts.messages import single
from warehouse.alerts.subscriptions import Channel
from warehouse.publication import current
from warehouse.scope import RunScope

pytestmark = [
    # Apprise leaves sockets and files to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

SECRET = "whsec_" + base64.b64encode(b"a secret of twenty-four!").decode()
OLD_SECRET = "whsec_" + base64.b64encode(b"the one before, also 24!").decode()
MESSAGE = single(parity(), "2026-06-14", "0123456789abcdef")


class Clock:
    """Time that passes only when someone sleeps or moves it."""

    def __init__(self) -> None:
        self.at = datetime(2026, 6, 14, 4, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def receiver() -> Iterator[Any]:
    """A server that takes any POST, and any fault."""
    with FaultServer() as server:
        yield server


def hook(server: Any, path: str = "/hook", name: str = "hook", secrets: tuple[str, ...] = (SECRET,)) -> Channel:
    return Channel(name=name, webhook=server.url(path), secrets=secrets, group=False)


def headers(request: Any) -> dict[str, str]:
    return dict(request.headers)


def ids_on_the_wire(server: Any, path: str = "/hook", *, accepted: bool = False) -> list[str]:
    return [
        headers(request)["webhook-id"] for request in server.requests_to(path) if not accepted or request.fault == "ok"
    ]


# --- one try ------------------------------------------------------------------------------------


def test_the_reference_library_verifies_what_we_sign(receiver: Any) -> None:
    channel = hook(receiver, secrets=(SECRET, OLD_SECRET))
    assert post(channel, MESSAGE, at=datetime.now(UTC)).result == "delivered"
    (request,) = receiver.requests_to("/hook")
    received = {
        secret: Webhook(secret).verify(request.body, headers(request)) for secret in (SECRET, OLD_SECRET)
    }  # both, so that a secret can be changed without losing a message
    assert received[SECRET] == received[OLD_SECRET]
    assert received[SECRET]["type"] == "gapindex.parity"
    assert received[SECRET]["data"]["headline"] == MESSAGE.headline
    assert headers(request)["webhook-id"] == MESSAGE.message_id
    assert len(request.body) < 20_000


def test_a_receiver_refuses_what_is_forged_or_old(receiver: Any) -> None:
    post(hook(receiver), MESSAGE, at=datetime.now(UTC))
    post(hook(receiver), MESSAGE, at=datetime.now(UTC) - timedelta(minutes=6))
    fresh, old = receiver.requests_to("/hook")
    forgeries = [
        (fresh.body.replace(b"61.5", b"99.5"), headers(fresh), SECRET),
        (fresh.body, headers(fresh) | {"webhook-id": "another"}, SECRET),
        (fresh.body, headers(fresh), OLD_SECRET),
        (old.body, headers(old), SECRET),
    ]
    for body, received, secret in forgeries:
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body, received)


@pytest.mark.parametrize(
    ("spec", "result", "why"),
    [
        ("status;code=200", "delivered", ""),
        ("status;code=204", "delivered", ""),
        ("status;code=410", "gone", "HTTP 410"),
        ("status;code=401", "failed", "token"),
        ("redirect;to=/elsewhere", "failed", "redirects"),
        ("status;code=404", "failed", "HTTP 404"),
        ("status;code=503", "failed", "HTTP 503"),
        ("reset", "failed", "could not be reached"),
        ("close", "failed", "could not be reached"),
        ("hang", "failed", "no answer within 1 s"),
        ("drip", "delivered", ""),  # the reply's body is not waited for
        ("garbage", "failed", "could not be reached"),
    ],
)
def test_only_2xx_is_a_yes_and_nothing_is_followed(receiver: Any, spec: str, result: str, why: str) -> None:
    channel = replace(hook(receiver), webhook=receiver.url("/hook", spec))
    began = time.monotonic()
    outcome = post(channel, MESSAGE, at=datetime.now(UTC), timeout=1.0 if spec == "hang" else 20.0)
    assert (outcome.result, why in outcome.why) == (result, True), outcome
    assert time.monotonic() - began < 20
    assert not receiver.requests_to("/elsewhere")


def test_a_port_where_nobody_listens_is_a_failure_like_others(receiver: Any) -> None:
    channel = Channel(name="gone", webhook=f"http://127.0.0.1:{receiver.closed_port()}/x", secrets=(SECRET,))
    assert post(channel, MESSAGE, at=datetime.now(UTC)) == Outcome("failed", "could not be reached (ConnectError)")


def test_a_receiver_may_ask_for_time() -> None:
    at = datetime(2026, 6, 14, 4, 0, tzinfo=UTC)
    assert judged(429, "90", at).wait == timedelta(seconds=90)
    assert judged(503, "Sun, 14 Jun 2026 04:10:00 GMT", at).wait == timedelta(minutes=10)
    assert judged(503, "99999999999999999999", at).wait is None
    assert judged(503, "31536000", at).wait == timedelta(days=1)
    assert judged(500, "90", at).wait is None


# --- many tries ---------------------------------------------------------------------------------


def nightly(folder: Path, channels: list[Channel], received: Any, clock: Clock, **more: Any) -> list[Any]:
    return deliver(folder, subscribed(*channels), received, now=clock.now, sleep=clock.sleep, **more)


def begun(folder: Path, channels: list[Channel], clock: Clock) -> None:
    """Channels that were there before anything happened."""
    nightly(folder, channels, night(on=NIGHT - timedelta(days=1)), clock)


def test_a_receiver_that_fails_gets_everything_once_in_order_under_the_same_ids(receiver: Any, tmp_path: Path) -> None:
    clock, channel, dice = Clock(), hook(receiver), random.Random(7)
    begun(tmp_path, [channel], clock)
    faults = ["status;code=503", "reset", "close", "status;code=429;retry-after=60", "redirect;to=/x"]
    receiver.plan("/hook", *(dice.choice(faults) if dice.random() < 0.4 else "ok" for _ in range(200)), "ok")
    expected = []
    for n in range(12):
        event = parity(f"model-{n:02}", on=NIGHT + timedelta(days=n))
        expected.append(event)
        nightly(tmp_path, [channel], night(*expected, on=NIGHT + timedelta(days=n)), clock)
        clock.at += timedelta(hours=4)
        nightly(tmp_path, [channel], None, clock)
        clock.at += timedelta(hours=20)
    nightly(tmp_path, [channel], None, clock)
    accepted = ids_on_the_wire(receiver, accepted=True)
    assert accepted == [event.event_id for event in expected]
    everything = ids_on_the_wire(receiver)
    assert len(everything) > len(accepted)
    assert [one for n, one in enumerate(everything) if one not in everything[:n]] == accepted


def test_a_lost_yes_means_the_same_message_again_with_the_same_id_and_bytes(receiver: Any, tmp_path: Path) -> None:
    clock, channel = Clock(), hook(receiver)
    begun(tmp_path, [channel], clock)
    receiver.plan("/hook", "reset", "ok")
    nightly(tmp_path, [channel], night(parity()), clock)
    first, second = receiver.requests_to("/hook")
    assert headers(first)["webhook-id"] == headers(second)["webhook-id"] == parity().event_id
    assert first.body == second.body
    assert Ledger(tmp_path).outboxes["hook"].waiting == []


def test_a_kill_between_the_yes_and_the_ledger_repeats_the_same_message(
    receiver: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, channel = Clock(), hook(receiver)
    begun(tmp_path, [channel], clock)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying, pytest.raises(KeyboardInterrupt):
        dying.setattr(Ledger, "delivered", killed)
        nightly(tmp_path, [channel], night(parity()), clock)
    nightly(tmp_path, [channel], night(parity()), clock)
    first, second = receiver.requests_to("/hook")
    assert headers(first)["webhook-id"] == headers(second)["webhook-id"]
    assert first.body == second.body
    nightly(tmp_path, [channel], night(parity()), clock)
    assert len(receiver.requests_to("/hook")) == 2


def test_a_receiver_down_for_three_days_gets_everything_once_and_in_order(receiver: Any, tmp_path: Path) -> None:
    clock, channel = Clock(), hook(receiver)
    begun(tmp_path, [channel], clock)
    receiver.plan("/hook", "status;code=503")
    began, events = clock.at, list[Event]()
    back = began + timedelta(days=3)
    while clock.at < back + timedelta(days=2):
        if clock.at >= back and receiver.requests_to("/hook")[-1].fault != "ok":
            receiver.plan("/hook", "ok")
        days = (clock.at - began).days
        if days < 3 and len(events) <= days * 2:
            on = NIGHT + timedelta(days=days)
            events += [parity(f"m-{days}-{n}", on=on) for n in range(2)]
        nightly(tmp_path, [channel], night(*events, on=NIGHT + timedelta(days=days)), clock)
        clock.at += timedelta(hours=4)
    assert ids_on_the_wire(receiver, accepted=True) == [event.event_id for event in events]
    tries = ids_on_the_wire(receiver)
    assert max(tries.count(event.event_id) for event in events) <= TRIES
    assert Ledger(tmp_path).outboxes["hook"].dead == []


def test_what_cannot_be_delivered_is_a_dead_letter_that_can_be_revived(receiver: Any, tmp_path: Path) -> None:
    clock, channel = Clock(), hook(receiver)
    begun(tmp_path, [channel], clock)
    receiver.plan("/hook", "status;code=500")
    nightly(tmp_path, [channel], night(parity("a"), parity("b")), clock)
    for _ in range(12):
        clock.at += timedelta(hours=24)
        done = nightly(tmp_path, [channel], None, clock)
    outbox = Ledger(tmp_path).outboxes["hook"]
    assert [one.message.message_id for one in outbox.dead] == [parity("a").event_id, parity("b").event_id]
    assert {one.why for one in outbox.dead} == {"HTTP 500"}
    assert (done[0].waiting, outbox.due) == (0, None)
    assert len(receiver.requests_to("/hook")) <= 2 * TRIES
    receiver.clear()
    assert revive(tmp_path, [], now=clock.at) == {"hook": 2}
    nightly(tmp_path, [channel], None, clock)
    assert ids_on_the_wire(receiver) == [parity("a").event_id, parity("b").event_id]
    assert revive(tmp_path, [], now=clock.at) == {}
    with pytest.raises(KeyError, match="it knows hook"):
        revive(tmp_path, ["hok"])


def test_410_stops_a_channel_until_someone_opens_it(receiver: Any, tmp_path: Path) -> None:
    clock, channel = Clock(), hook(receiver)
    begun(tmp_path, [channel], clock)
    receiver.plan("/hook", "status;code=410")
    nightly(tmp_path, [channel], night(parity()), clock)
    clock.at += LIFE
    nightly(tmp_path, [channel], None, clock)
    assert len(receiver.requests_to("/hook")) == 1
    assert "410" in Ledger(tmp_path).outboxes["hook"].stopped
    receiver.clear()
    revive(tmp_path, ["hook"], now=clock.at)
    nightly(tmp_path, [channel], None, clock)
    assert ids_on_the_wire(receiver) == [parity().event_id]


def test_one_channel_down_keeps_nothing_from_another(receiver: Any, tmp_path: Path) -> None:
    clock = Clock()
    bad = Channel(name="bad", webhook=receiver.url("/bad", "status;code=503"), secrets=(SECRET,), group=False)
    good = hook(receiver, "/good", "good")
    begun(tmp_path, [bad, good], clock)
    done = {one.channel: one for one in nightly(tmp_path, [bad, good], night(parity()), clock)}
    assert (done["good"].delivered, done["bad"].delivered, done["bad"].waiting) == (1, 0, 1)
    assert done["bad"].why == "HTTP 503"


def test_a_channel_that_breaks_is_a_channel_that_failed(receiver: Any, tmp_path: Path) -> None:
    def broken(_: object) -> Outcome:
        raise RuntimeError("a plug-in's own fault")

    clock, good = Clock(), hook(receiver, "/good", "good")
    channels = [good, Channel(name="odd", url="json://127.0.0.1/")]
    begun(tmp_path, channels, clock)
    received = {
        one.channel: one for one in nightly(tmp_path, channels, night(parity()), clock, senders={"odd": broken})
    }
    assert (received["good"].delivered, received["odd"].why) == (1, "could not be sent (RuntimeError)")


def test_a_channel_that_hangs_holds_a_night_up_for_half_a_minute_at_most(
    receiver: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a limit of 1 s a try: two tries, and no third, however many messages wait."""
    slow = Channel(name="slow", webhook=receiver.url("/slow", "hang"), secrets=(SECRET,), group=False)
    clock = Clock()
    begun(tmp_path, [slow], clock)

    def speak(message: Any) -> Outcome:
        clock.sleep(15)
        return post(slow, message, at=clock.at, timeout=0.3)

    before = clock.at
    nightly(tmp_path, [slow], night(*(parity(f"m-{n}") for n in range(9))), clock, senders={"slow": speak})
    assert clock.at - before <= timedelta(seconds=30)
    assert len(receiver.requests_to("/slow")) <= 2


def test_a_retraction_goes_out_after_what_it_takes_back(receiver: Any, tmp_path: Path) -> None:
    clock, channel = Clock(), hook(receiver)
    begun(tmp_path, [channel], clock)
    receiver.plan("/hook", *["status;code=503"] * 3, "ok")
    event = parity()
    nightly(tmp_path, [channel], night(event), clock)
    clock.at += timedelta(days=1)
    nightly(
        tmp_path, [channel], night(*retraction(event, NIGHT + timedelta(days=1)), on=NIGHT + timedelta(days=1)), clock
    )
    clock.at += timedelta(days=1)
    nightly(tmp_path, [channel], None, clock)
    bodies = [json.loads(r.body) for r in receiver.requests_to("/hook") if r.fault == "ok"]
    assert [body["data"]["events"][0].get("retracts") for body in bodies] == [None, event.event_id]


# --- mail, chat, push ---------------------------------------------------------------------------


class Mailbox:
    """Keeps what an SMTP server is given."""

    def __init__(self) -> None:
        self.letters: list[Any] = []
        self.receiver_answer = self.letter_answer = ""

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if not self.receiver_answer:
            envelope.rcpt_tos.append(address)
        return self.receiver_answer or "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.letter_answer:
            return self.letter_answer
        self.letters.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 taken"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    """A real SMTP server on a free port."""
    with FaultServer() as probe:
        port = probe.closed_port()
    inbox = Mailbox()
    server = Controller(inbox, hostname="127.0.0.1", port=port)
    server.start()
    yield inbox, port
    server.stop()


HOSTILE = 'x\r\nBcc: v@e.org\r\n\r\n<script>alert(1)</script> **b** @everyone <!channel> "q"'


def test_mail_arrives_with_a_subject_and_no_header_of_its_own(mailbox: tuple[Mailbox, int]) -> None:
    inbox, port = mailbox
    url = f"mailto://127.0.0.1:{port}/?from=gapindex@example.org&to=team@example.org&mode=insecure"
    made = single(parity(HOSTILE, headline=f"{HOSTILE} reaches parity"), "2026-06-14", "run")
    assert notify(Channel(name="mail", url=url), made) == Outcome("delivered")
    (letter,) = inbox.letters
    assert letter["to"] == "team@example.org" and letter["bcc"] is None
    assert "reaches parity" in letter["subject"] and "\n" not in letter["subject"]
    assert letter["x-gapindex-id"] == made.message_id
    page = letter.get_body(("html",)).get_content()
    assert "<script" not in page and "&lt;script&gt;" in page
    assert "difference -0.5" in page


@pytest.mark.parametrize(
    ("receiver", "letter", "why"),
    [
        ("452 mailbox full", "", "SMTP 452: the mail server takes no mail for now"),
        ("550 no such user", "", "SMTP 550: refused; see that the addresses are right and may be written to"),
        ("", "452 try later", "SMTP 452: the mail server takes no mail for now"),
        ("", "554 looks like spam", "SMTP 554: refused; see that the addresses are right and may be written to"),
    ],
)
def test_a_mail_server_that_refuses_is_not_out_of_reach(
    mailbox: tuple[Mailbox, int], receiver: str, letter: str, why: str
) -> None:
    inbox, port = mailbox
    inbox.receiver_answer, inbox.letter_answer = receiver, letter
    url = f"mailto://127.0.0.1:{port}/?from=gapindex@example.org&to=team@example.org&mode=insecure"
    assert notify(Channel(name="mail", url=url), MESSAGE) == Outcome("failed", why)


@pytest.mark.parametrize(
    ("reply", "why"),
    [(421, "takes no mail for now"), (452, "takes no mail for now"), (535, "password"), (550, "addresses are right")],
)
def test_what_a_mail_servers_reply_means(reply: int, why: str) -> None:
    assert why in refused_by_mail(reply).why
    assert f"SMTP {reply}" in refused_by_mail(reply).why


def test_mail_that_nobody_takes_is_tried_again(receiver: Any) -> None:
    url = f"mailto://127.0.0.1:{receiver.closed_port()}/?from=g@example.org&to=t@example.org&mode=insecure"
    assert notify(Channel(name="mail", url=url), MESSAGE) == Outcome("failed", "could not be reached")


def chat(receiver: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> Channel:
    """A chat service whose address is this machine; where the plug-in has it fixed, it is moved for the test."""
    from apprise.plugins.discord import NotifyDiscord
    from apprise.plugins.slack import NotifySlack

    place = f"127.0.0.1:{receiver.port}"
    monkeypatch.setattr(NotifySlack, "webhook_url", f"http://{place}/slack")
    monkeypatch.setattr(NotifyDiscord, "notify_url", f"http://{place}/discord")
    url = {
        "slack": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general",
        "discord": "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
        "ntfy": f"ntfy://{place}/topic",
        "json": f"json://{place}/json",
        "mattermost": f"mmost://{place}/3ccdd113474722377935511fc85d3dd4",
    }[name]
    return Channel(name=name, url=url)


@pytest.mark.parametrize("name", ["slack", "discord", "ntfy", "json", "mattermost"])
def test_chat_gets_the_message_and_a_hostile_name_does_nothing(
    receiver: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.default_fault = "status;code=200"
    made = single(parity(HOSTILE, headline=f"{HOSTILE} reaches parity"), "2026-06-14", "run")
    outcome = notify(chat(receiver, name, monkeypatch), made)
    assert outcome == Outcome("delivered"), outcome
    (request,) = receiver.requests
    body = json.loads(request.body)
    text = json.dumps(body, ensure_ascii=False)
    assert "reaches parity" in text and "difference -0.5" in text
    assert "@everyone" not in text
    assert not body.get("allow_mentions") and not body.get("allowed_mentions", {}).get("parse")
    if name == "slack":
        assert "<!channel" not in text and "<script" not in text
    if name == "discord":
        assert "**b**" not in text and r"\\*\\*b" in text


@pytest.mark.parametrize(
    ("spec", "result"),
    [("status;code=410", "gone"), ("status;code=500", "failed"), ("redirect;to=/x", "failed"), ("reset", "failed")],
)
def test_a_chat_service_that_refuses_is_judged_like_a_webhook(receiver: Any, spec: str, result: str) -> None:
    receiver.default_fault = spec
    outcome = notify(Channel(name="json", url=f"json://127.0.0.1:{receiver.port}/json"), MESSAGE)
    assert outcome.result == result, outcome
    assert not receiver.requests_to("/x")


def test_an_address_apprise_does_not_know_is_reported() -> None:
    assert "does not know" in notify(Channel(name="odd", url="nosuch://host/"), MESSAGE).why


# --- around a night -----------------------------------------------------------------------------


def test_a_sample_is_marked(receiver: Any) -> None:
    assert sender(hook(receiver))(sample(NIGHT)).result == "delivered"
    body = json.loads(receiver.requests_to("/hook")[0].body)
    assert body["type"] == "gapindex.test" and body["data"]["headline"].startswith("SAMPLE: ")


def test_a_preview_says_what_and_why_and_what_is_left_out(receiver: Any, tmp_path: Path) -> None:
    alerts = subscribed(hook(receiver))
    received = night(parity("a"), parity("b", on=NIGHT - timedelta(days=20)), parity("c", grade="match"))
    (past,) = preview(alerts, received, Ledger(tmp_path), NIGHT - timedelta(days=20))["hook"]
    assert past.message.message_id == parity("b").event_id
    assert past.why == "parity, confirmed on 2026-05-25"
    assert refusals(alerts, "hook", received, NIGHT) == {"grade match is not among its grades": 1}
    assert not (tmp_path / "alerts").exists()


def test_no_secret_reaches_ledger_or_complaint(receiver: Any, tmp_path: Path) -> None:
    canary = "canary-7f3a9"
    alerts = replace(
        subscribed(Channel(name="json", url=f"json://user:{canary}@127.0.0.1:{receiver.closed_port()}/{canary}")),
        hidden=frozenset({canary}),
    )
    clock = Clock()
    deliver(tmp_path, alerts, night(), now=clock.now, sleep=clock.sleep)
    done = deliver(tmp_path, alerts, night(parity()), now=clock.now, sleep=clock.sleep)
    assert done[0].failed and canary not in repr(done)
    assert canary not in Ledger(tmp_path).file.read_text("utf-8")


def test_a_watchdog_is_pinged_and_its_silence_harms_nobody(receiver: Any) -> None:
    assert ping(receiver.url("/ping"))
    assert ping(receiver.url("/ping"), failed=True)
    assert not ping(f"http://127.0.0.1:{receiver.closed_port()}/ping")
    assert not ping(receiver.url("/ping", "status;code=500"))
    assert [request.path for request in receiver.requests][:2] == ["/ping", "/ping/fail"]


def test_two_runs_do_not_deliver_at_once(tmp_path: Path, receiver: Any) -> None:
    alerts = subscribed(hook(receiver))
    with alone(tmp_path), pytest.raises(DeliveryLocked, match="wait for it to end"):
        deliver(tmp_path, alerts, night())


def test_a_prefect_event_has_the_messages_id(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, Any]] = []
    monkeypatch.setattr("prefect.events.emit_event", lambda **event: seen.append(event))
    emit(MESSAGE)
    emit(MESSAGE)
    assert [event["event"] for event in seen] == ["gapindex.parity.confirmed"] * 2
    assert seen[0]["id"] == seen[1]["id"] and seen[0]["id"].hex == MESSAGE.message_id[:32]


# --- commands -----------------------------------------------------------------------------------

FILE = """\
channels:
  hook:
    webhook: {url}
    secret: ${{ALERT_TEST_SECRET}}
subscriptions:
  - channels: [hook]
    kinds: [parity]
"""


@pytest.fixture
def folder(receiver: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with one channel that has been there for a night, and a publication with one event."""
    monkeypatch.setenv("ALERT_TEST_SECRET", SECRET)
    (tmp_path / "alerts.yaml").write_text(FILE.format(url=receiver.url("/hook")), "utf-8")
    publication(tmp_path, night(on=NIGHT - timedelta(days=1)))
    assert command("send", tmp_path).exit_code == 0
    publication(tmp_path, night(parity(on=NIGHT)))
    return tmp_path


def command(*words: object) -> Any:
    """``gapindex alerts ... --data FOLDER``."""
    *received, data = map(str, words)
    return CliRunner().invoke(app, ["alerts", *received, "--data", data])


def test_send_tells_what_is_new_and_status_how_it_stands(receiver: Any, folder: Path) -> None:
    shown = command("preview", "--json", folder)
    (message,) = json.loads(shown.stdout)["hook"]["messages"]
    assert (message["why"], message["data"]["event_ids"]) == ("parity, confirmed on 2026-06-14", [parity().event_id])
    assert ids_on_the_wire(receiver) == []
    (sent,) = json.loads(command("send", "--json", folder).stdout)
    assert (sent["planned"], sent["delivered"], sent["waiting"]) == (1, 1, 0)
    assert ids_on_the_wire(receiver) == [parity().event_id]
    status = command("status", "--json", folder)
    assert (status.exit_code, json.loads(status.stdout)["hook"]["delivered"]) == (0, 1)


def test_a_stuck_channel_is_seen_and_opened_again(receiver: Any, folder: Path) -> None:
    receiver.plan("/hook", "status;code=410", "ok")
    command("send", folder)
    stuck = command("status", folder)
    assert stuck.exit_code == 8 and "HTTP 410" in stuck.stdout and "gapindex alerts retry" in stuck.stdout
    assert command("retry", "hook", folder).exit_code == 0
    assert command("send", folder).exit_code == 0
    assert command("status", folder).exit_code == 0


def test_a_sample_goes_to_one_channel_and_stays_out_of_the_ledger(receiver: Any, folder: Path) -> None:
    before = Ledger(folder).file.read_bytes()
    assert command("test", "hook", folder).exit_code == 0
    assert json.loads(receiver.requests_to("/hook")[-1].body)["type"] == "gapindex.test"
    receiver.plan("/hook", "status;code=401")
    refused = command("test", "hook", folder)
    assert refused.exit_code == 8
    assert command("test", "hok", folder).exit_code == 2
    assert Ledger(folder).file.read_bytes() == before


def test_a_file_with_a_mistake_ends_every_command_with_a_sentence(folder: Path) -> None:
    file = folder / "alerts.yaml"
    file.write_text(file.read_text("utf-8").replace("kinds", "kind"), "utf-8")
    for words in (("status",), ("send",), ("preview",), ("test", "hook")):
        assert command(*words, folder).exit_code == 2


def test_a_night_fails_for_no_channel(receiver: Any, folder: Path) -> None:
    receiver.plan("/hook", "status;code=503")
    settings = Settings(data=folder, mirror="", contact="", ping_url=f"http://127.0.0.1:{receiver.closed_port()}/")
    published = current(folder)
    assert published is not None
    troubles = stage.notify(published, RunScope(kind="full", sources=()), settings)
    assert [trouble.split(";")[0] for trouble in troubles] == [
        "alerts to hook: HTTP 503",
        "the watchdog at GAPINDEX_PING_URL could not be pinged",
    ]
    (folder / "published" / "gapindex.duckdb").write_bytes(b"no database")
    assert "they are kept" in dispatch(folder, load(settings))[0]


def test_a_malformed_event_costs_itself_and_no_other(receiver: Any, folder: Path) -> None:
    """Facts that are no JSON, facts without what their kind tells, an id that is none: the others are delivered."""
    events = (
        replace(parity("no-json", on=NIGHT), facts="{"),
        replace(parity("no-sides", on=NIGHT), facts='{"unit": "%"}'),
        replace(parity("no-id", on=NIGHT), event_id="x" * 64),
        replace(parity("moved", on=NIGHT), kind="gap-moved", facts='{"now": {}, "before": {}}'),
        parity(on=NIGHT),
    )
    publication(folder, night(*events))
    settings = Settings(data=folder, mirror="", contact="")
    troubles = dispatch(folder, load(settings))
    named = {trouble.split(" (")[0] for trouble in troubles}
    assert named == {f"left out of all alerts: event {event.event_id[:12]}" for event in events[:4]}
    assert ids_on_the_wire(receiver) == [parity().event_id]
    assert dispatch(folder, load(settings)) == troubles  # reported again, and nothing is sent twice
    assert ids_on_the_wire(receiver) == [parity().event_id]


@pytest.mark.parametrize("field", ["channel", "at", "what", "message", "notified"])
def test_a_ledger_line_without_a_field_is_named_and_passed_over(receiver: Any, folder: Path, field: str) -> None:
    command("send", folder)
    file = Ledger(folder).file
    lines = file.read_text("utf-8").splitlines()
    at = next(n for n, line in enumerate(lines) if json.loads(line)["what"] == "planned")
    line = json.loads(lines[at])
    del line[field]
    file.write_text("\n".join([*lines[:at], json.dumps(line), *lines[at + 1 :]]) + "\n", "utf-8")
    status = json.loads(command("status", "--json", folder).stdout)
    assert status["damaged_lines"] == 1
    assert f"{file} line {at + 1}: " in status["faults"][0]
    assert f"has no field '{field}'" in status["faults"][0]
    assert command("send", folder).exit_code == 0
    assert set(ids_on_the_wire(receiver)) == {parity().event_id}  # once more at most, with the same id
