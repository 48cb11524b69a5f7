"""Which channel is sent what: subscriptions, grouping, retractions, the forms of a message, the ledger and the feed."""

from __future__ import annotations

import json
import os
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import feedparser
import pytest
from examples import URL, Example, ask, board, closed, opened, score, toy
from news import NIGHT, night, parity, retraction, subscribed

from warehouse.alerts import messages
from warehouse.alerts.digest import Planned, plan
from warehouse.alerts.events import Event, EventBatch, read, retraction_id, without_twins
from warehouse.alerts.feed import atom
from warehouse.alerts.ledger import Ledger
from warehouse.alerts.messages import Message, html, markdown, payload, plain, single
from warehouse.alerts.subscriptions import Alerts, BadAlerts, Channel, Subscription, load, parse
from warehouse.archive import LinkFollowed
from warehouse.statements import prepare, statements

AT = datetime(2026, 6, 14, 4, 0, tzinfo=UTC)
CHAT = Channel(name="chat", url="json://127.0.0.1/")
HOOK = Channel(name="hook", webhook="https://hook.example/", secrets=("whsec_x",), group=False)
DAY = timedelta(days=1)


class Recipient:
    """A channel over several nights, without any network: what it is sent on each."""

    def __init__(self, folder: Path, channel: Channel = CHAT, **wanted: Any) -> None:
        self.alerts = subscribed(channel, **wanted)
        self.name, self.folder = channel.name, folder

    def on(self, batch: EventBatch) -> list[Planned]:
        ledger = Ledger(self.folder)
        outbox = ledger.outbox(self.name)
        made = plan(self.alerts, self.name, batch, outbox)
        for one in made:
            ledger.plan(self.name, one.message, one.notified, AT)
        if outbox is None and not made:
            ledger.begin(self.name, str(batch.night), AT)
        return made


@pytest.fixture
def reader(tmp_path: Path) -> Recipient:
    """A channel that has been there for a while."""
    channel = Recipient(tmp_path)
    channel.on(night(on=NIGHT - 60 * DAY))
    return channel


def headlines(made: list[Planned]) -> list[str]:
    return [one.message.headline for one in made]


# --- what a channel is sent -----------------------------------------------------------------------


def test_an_event_is_sent_once(reader: Recipient) -> None:
    event = parity()
    (first,) = reader.on(night(event))
    assert first.message.message_id == event.event_id
    assert reader.on(night(event)) == []
    assert reader.on(night(event, on=NIGHT + DAY)) == []


def test_a_first_run_is_one_digest_and_not_a_storm(tmp_path: Path) -> None:
    past = [parity(f"open-{n}", on=NIGHT - n * DAY) for n in range(400)]
    (digest,) = Recipient(tmp_path).on(night(*past))
    assert digest.message.headline == "Alerts begin here. So far: 400 parity events since 2025-05-11"
    assert len(digest.message.event_ids) == 400
    assert len(plain(digest.message)) < 4000
    assert Recipient(tmp_path).on(night(*past)) == []


def test_what_was_back_filled_or_came_late_is_one_digest(reader: Recipient) -> None:
    late = [parity(f"late-{n}", on=NIGHT - (8 + n) * DAY) for n in range(30)]
    old = [parity(f"old-{n}", backfilled=True) for n in range(30)]
    fresh = parity("fresh")
    digest, news = reader.on(night(*late, *old, fresh))
    assert digest.message.headline.startswith("Learned late: 60 parity events")
    assert news.message.message_id == fresh.event_id


def test_more_than_ten_messages_on_one_night_are_one_with_all_ids(reader: Recipient) -> None:
    ten = [parity(f"a-{n}") for n in range(10)]
    assert len(reader.on(night(*ten))) == 10
    eleven = [parity(f"b-{n}", on=NIGHT + DAY) for n in range(11)]
    (storm,) = reader.on(night(*ten, *eleven, on=NIGHT + DAY))
    assert storm.message.headline == "11 parity events on one night"
    assert set(storm.message.event_ids) == {event.event_id for event in eleven}
    assert all(event.event_id[:12] in plain(storm.message) for event in eleven)
    assert set(payload(storm.message)["data"]["event_ids"]) == {event.event_id for event in eleven}


def test_what_one_model_does_on_one_night_is_one_message_for_people_and_several_for_programs(tmp_path: Path) -> None:
    several = [parity(closed_model=name, grade=grade) for name in ("a", "b") for grade in ("parity", "lead")]
    for channel, count in ((CHAT, 1), (HOOK, 4)):
        batch = Recipient(tmp_path / channel.name, channel)
        batch.on(night())
        assert len(batch.on(night(*several))) == count


def test_a_retraction_goes_only_to_channels_that_had_the_event(reader: Recipient, tmp_path: Path) -> None:
    event = parity()
    reader.on(night(event))
    other = Recipient(tmp_path / "other", domains=frozenset({"vision"}))
    other.on(night(event))
    rows = retraction(event, NIGHT + DAY)
    (back,) = reader.on(night(*rows, on=NIGHT + DAY))
    assert back.message.headline == f"Retracted: {event.headline}"
    assert payload(back.message)["data"]["events"][0]["retracts"] == event.event_id
    assert other.on(night(*rows, on=NIGHT + DAY)) == []
    assert reader.on(night(*rows, on=NIGHT + 2 * DAY)) == []


def test_a_superseded_event_is_named(reader: Recipient) -> None:
    event = parity()
    reader.on(night(event))
    assert headlines(reader.on(night(*retraction(event, NIGHT, "superseded")))) == [f"Superseded: {event.headline}"]


def test_an_event_that_left_the_table_is_retracted_once_and_under_the_same_id(reader: Recipient) -> None:
    event, other = parity(), parity("other")
    reader.on(night(event, other))
    (back,) = reader.on(night(other, on=NIGHT + DAY))
    assert back.message.message_id == retraction_id(event.event_id)
    # The table may state the retraction later; it is the same one.
    assert reader.on(night(*retraction(event, NIGHT + DAY), other, on=NIGHT + 2 * DAY)) == []


def test_an_event_that_flaps_is_sent_again_after_thirty_nights_under_a_new_id(reader: Recipient) -> None:
    event = parity()
    first = reader.on(night(event))
    reader.on(night(on=NIGHT + DAY))
    assert reader.on(night(event, on=NIGHT + 5 * DAY)) == []
    (again,) = reader.on(night(event, on=NIGHT + 31 * DAY))
    assert again.message.headline == f"Again: {event.headline}"
    assert again.message.message_id != first[0].message.message_id
    assert reader.on(night(event, on=NIGHT + 32 * DAY)) == []
    (back,) = reader.on(night(on=NIGHT + 33 * DAY))
    assert back.message.message_id not in {again.message.message_id, retraction_id(event.event_id)}


def test_a_new_version_of_the_method_retracts_nothing(reader: Recipient) -> None:
    reader.on(night(parity()))
    renamed = parity("same-event-new-id", on=NIGHT - 20 * DAY)
    assert headlines(reader.on(night(renamed, method="2"))) == ["Learned late: 1 parity event"]


def test_trouble_with_a_source_ends_with_a_word(reader: Recipient) -> None:
    facts = json.dumps({"source": "toy", "outcome": "gone", "found": "HTTP 404", "stale_days": 3})
    stale = replace(
        parity(), kind="source-stale", scope_kind="source", grade="", headline="toy has given nothing", facts=facts
    )
    assert headlines(reader.on(night(stale))) == ["toy has given nothing"]
    assert headlines(reader.on(night(on=NIGHT + DAY))) == ["Over: toy has given nothing"]


@pytest.mark.parametrize(
    ("event", "taken"),
    [
        (parity(), True),
        (parity(grade="match", state="candidate"), False),
        (parity(grade="match", state="confirmed"), False),
        (parity(state="provisional"), False),
        (parity(state="retracted"), False),
        (parity(counts=False), True),  # its board is named
        (parity(tier="T1"), False),
        (parity(domain="vision"), False),
        (parity(board="elsewhere"), False),
        (parity("glm-5"), False),
        (parity("glm-5", "kimi-k2"), True),
        (parity(days=500), False),
        (parity(kind="weights-published"), False),
    ],
)
def test_a_subscription_takes_what_it_names(event: Event, taken: bool) -> None:
    wanted = Subscription(
        channels=("chat",),
        kinds=frozenset({"parity"}),
        domains=frozenset({"coding"}),
        boards=frozenset({"toy"}),
        models=("kimi-*",),
        days_at_most=400,
    )
    assert (wanted.refuses(event) == "") is taken


def test_a_board_that_does_not_count_is_sent_only_on_request() -> None:
    event = parity(counts=False)
    wanted = Subscription(channels=("chat",), kinds=frozenset({"parity"}))
    assert wanted.refuses(event) == "on a board that does not count for the index"
    assert replace(wanted, uncounted=True).refuses(event) == ""


def test_a_subscriber_may_hear_of_what_is_provisional(tmp_path: Path) -> None:
    early = Recipient(tmp_path, from_state="provisional")
    early.on(night())
    event = parity(state="provisional")
    assert len(early.on(night(event))) == 1
    assert early.on(night(replace(event, state="confirmed", state_on=NIGHT + 7 * DAY), on=NIGHT + 7 * DAY)) == []


# --- the file -------------------------------------------------------------------------------------

GOOD = """\
channels:
  team:
    url: ${TEAM_URL}
    form: markdown
  pipeline:
    webhook: https://hook.example/gapindex
    secret: ${HOOK_SECRET}
    group: false
subscriptions:
  - channels: [team, pipeline]
    kinds: [parity, open-leader]
    from_state: provisional
    grades: [parity]
    tiers: [any, T1]
    domains: [coding]
    boards: [toy]
    models: ["kimi-*"]
    labs: [moonshot]
    uncounted: true
    days_at_most: 400
  - channels: [team]
    kinds: [source-stale, gap-moved]
    lag_moved: 14
    gap_moved: 1.5
    stale_days: 5
group_above: 10
"""
ENV = {"TEAM_URL": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/", "HOOK_SECRET": "whsec_" + "QUJD" * 8}
KNOWN = {"boards": frozenset({"toy"}), "domains": frozenset({"coding"}), "labs": frozenset({"moonshot"})}


def reads(text: str) -> Alerts:
    return parse(text, "alerts.yaml", ENV.get, known=KNOWN)


def test_a_good_file_reads() -> None:
    batch = reads(GOOD)
    assert batch.channels["team"].url == ENV["TEAM_URL"]
    assert batch.channels["pipeline"].secrets == (ENV["HOOK_SECRET"],)
    assert (batch.channels["team"].group, batch.channels["pipeline"].group) == (True, False)
    assert batch.subscriptions[0].from_state == "provisional"
    assert batch.subscriptions[1].stale_days == 5


def test_no_file_and_an_empty_file_mean_no_alerts(tmp_path: Path) -> None:
    assert load(tmp_path / "alerts.yaml", ENV.get).channels == {}
    assert reads("# nothing yet\n").channels == {}


MUTATIONS = [
    ("kinds: [parity, open-leader]", "kind: [parity]", 11, "did you mean kinds?"),
    ("from_state:", "from-state:", 12, "did you mean from_state?"),
    ("grades:", "grade:", 13, "did you mean grades?"),
    ("group_above:", "groupabove:", 26, "did you mean group_above?"),
    ("subscriptions:", "subscription:", 9, "did you mean subscriptions?"),
    ("    form:", "    format:", 4, "did you mean form?"),
    ("    secret:", "    secrets:", 7, "did you mean secret?"),
    ("form: markdown", "form: markdwon", 4, "did you mean markdown?"),
    ("[parity, open-leader]", "[parrity]", 11, "did you mean parity?"),
    ("[parity, open-leader]", "parity", 11, "expected a list"),
    ("[parity, open-leader]", "[]", 11, "is empty"),
    ("[parity, open-leader]", "[[parity]]", 11, "expected one word"),
    ("[team, pipeline]", "[teem]", 10, "did you mean team?"),
    ("from_state: provisional", "from_state: candidate", 12, "there are provisional, confirmed"),
    ("grades: [parity]", "grades: [match]", 13, "'match' is unknown"),
    ("[any, T1]", "[any, t1]", 14, "'t1' is unknown"),
    ("domains: [coding]", "domains: [codding]", 15, "did you mean coding?"),
    ("boards: [toy]", "boards: [tory]", 16, "did you mean toy?"),
    ("labs: [moonshot]", "labs: [moonshoot]", 18, "did you mean moonshot?"),
    ("uncounted: true", "uncounted: yes", 19, "write true or false"),
    ("days_at_most: 400", "days_at_most: soon", 20, "'soon' is no number"),
    ("lag_moved: 14", "lag_moved: -14", 23, "'-14' is no number"),
    ("stale_days: 5", "stale_days: 0", 25, "'0' is no number from 3"),
    ("stale_days: 5", "stale_days: 3.5", 25, "'3.5' is no number"),
    ("group_above: 10", "group_above: 0", 26, "'0' is no number from 1"),
    ("group_above: 10", "group_above: .inf", 26, "'.inf' is no number"),
    ("${TEAM_URL}", "${TEEM_URL}", 3, "the environment has no TEEM_URL"),
    ("${TEAM_URL}", "$TEAM_URL", 3, "write ${NAME}"),
    ("${TEAM_URL}", "somewhere", 3, "is no address"),
    ("${HOOK_SECRET}", "whsec_QUJDQUJDQUJDQUJDQUJD", 7, "put it into the environment"),
    ("https://hook.example", "http://hook.example", 6, "is no https address"),
    ("https://hook.example/gapindex", "''", 6, "expected one word"),
    ("    secret: ${HOOK_SECRET}\n", "", 6, "webhook and secret go together"),
    ("    url: ${TEAM_URL}\n", "", 3, "needs one of url and webhook"),
    ("  team:", "  Team!:", 3, "no usable name"),
    ("  team:", "  prefect:", 3, "no usable name"),
    ("  pipeline:\n", "  pipeline: 7\n  other:\n", 5, "expected keys with values"),
    ("    kinds: [source-stale, gap-moved]\n", "", 21, "has no kinds"),
    ("form: markdown", "form: markdown\n    form: html", 5, "stands twice"),
    ("group_above: 10", "group_above: [10", 27, "not readable as YAML"),
    ("[any, T1]", "&a [any, *a]", 14, "repeats another part"),
    ("subscriptions:\n", "subscriptions:\n  - &s [*s]\n", 10, "repeats another part"),
]


@pytest.mark.parametrize(("old", "new", "line", "batch"), MUTATIONS, ids=range(len(MUTATIONS)))
def test_a_mistake_in_the_file_is_reported_with_its_line_and_the_nearest_word(
    old: str, new: str, line: int, batch: str
) -> None:
    assert GOOD.count(old) >= 1
    with pytest.raises(BadAlerts) as caught:
        reads(GOOD.replace(old, new, 1))
    assert any(f"alerts.yaml line {line}:" in one and batch in one for one in caught.value.mistakes), caught.value


def test_all_mistakes_are_reported_at_once_and_no_secret_with_them() -> None:
    text = GOOD.replace("markdown", "x").replace("parity", "z").replace("group: false", "group: maybe")
    with pytest.raises(BadAlerts) as caught:
        reads(text)
    assert len(caught.value.mistakes) >= 4
    assert "TIiajkdnlazkcOXrIdevi7FQ" not in str(caught.value)
    assert "TIiajkdnlazkcOXrIdevi7FQ" not in repr(reads(GOOD).channels)
    assert (
        reads(GOOD).redacted(f"cannot reach {ENV['TEAM_URL']} (TIiajkdnlazkcOXrIdevi7FQ)") == "cannot reach *** (***)"
    )


# --- forms ----------------------------------------------------------------------------------------


def test_a_message_says_what_happened_with_numbers_boards_evidence_and_vintage() -> None:
    text = plain(single(parity(), "2026-06-14", "0123456789abcdef"))
    for words in (
        "kimi-k2.6 reaches parity with gpt-5.3-codex on toy, 74 days after",
        "kimi-k2.6 61.5 %; gpt-5.3-codex 62 %",
        "difference -0.5 points (90 % interval -1.9 to +0.9), margin 3",
        "level or ahead tonight on One, Two, Three and 1 more",
        "behind tonight on Five",
        "confirmed on 2026-06-14, found on 2026-06-14",
        "https://toy.example/board (sha256 abababababab)",
        "gapindex night 2026-06-14, run 0123456789abcdef",
    ):
        assert words in text


HOSTILE = [
    "<script>alert(1)</script>",
    "@everyone <!channel> <@U123>",
    "**bold** _it_ `code` ~x~ ||spoiler||",
    "[click](https://evil.example) https://evil.example",
    "line\r\nBcc: victim@example.org\r\n\r\nbody",
    "\x1b[31mred\x1b[0m\x07 \u202eevil\u202c \u200b\ufeff",
    "{0.__class__} %s {{ 7*7 }} ${HOME}",
    "' onmouseover='x' \"quoted\" & &lt;b&gt;",
    "a" * 5000,
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_a_name_in_every_form(name: str) -> None:
    event = parity(name, headline=f"{name} reaches parity")
    made = single(event, "2026-06-14", "run")
    text, marked, page = plain(made), markdown(made), html(made)
    for form in (text, marked, page):
        assert "@" not in form
        assert "https://evil" not in form
        assert not any(letter in form for letter in "\r\x1b\x07\u202e\u200b\ufeff")
        assert len(form.encode()) < messages.LARGEST
    assert "\n" not in messages.subject(made)
    assert "<script" not in page and "onmouseover='" not in page
    assert not ET.fromstring(f"<p>{page}</p>").findall(".//script")  # well-formed, nothing but our own tags
    for mark in ("<script", "<!channel", "**bold", " _it_", "`code`", "~x~", "[click]"):
        assert not re.search(rf"(?<!\\){re.escape(mark)}", marked.removeprefix("**"))
    carried = json.loads(messages.encoded(payload(made)))
    assert carried["data"]["events"][0]["data"]["facts"]["open"]["title"] == name


@pytest.mark.parametrize("limit", [200, 1000, 1900, 19000])
def test_a_long_message_is_cut_to_what_its_channel_takes(limit: int) -> None:
    many = [parity(f"model-{n}-{'x' * 100}") for n in range(300)]
    made = messages.together("related", "a great many", many, "2026-06-14", "run")
    for form in (plain, markdown, html):
        assert len(form(made, limit).encode()) <= limit
        assert "a great many" in form(made, limit)
    assert len(messages.encoded(payload(made))) <= messages.LARGEST
    assert payload(made)["data"]["event_count"] == 300


def test_a_message_survives_the_ledger() -> None:
    made = messages.together("related", "two", [parity("a"), parity("b")], "2026-06-14", "run")
    assert plain(Message.from_data(json.loads(json.dumps(made.as_data())))) == plain(made)
    assert payload(Message.from_data(json.loads(json.dumps(made.as_data())))) == payload(made)


# --- ledger ---------------------------------------------------------------------------------------


def test_a_line_cut_short_by_a_kill_is_no_line(reader: Recipient) -> None:
    event = parity()
    reader.on(night(event))
    file = Ledger(reader.folder).file
    whole = file.read_bytes()
    for cut in (1, len(whole.splitlines()[-1]) // 2, len(whole.splitlines()[-1]) - 1):
        file.write_bytes(whole[: -cut - 1])
        (once_more,) = reader.on(night(event))
        assert once_more.message.message_id == event.event_id
        assert len(Ledger(reader.folder).faults) == 1
        assert reader.on(night(event)) == []
        file.write_bytes(whole)


@pytest.mark.parametrize("line", ["{}", "[]", '{"what": "planned", "channel": "chat", "at": "2026-06-14"}', "\u2028"])
def test_a_damaged_line_of_the_ledger_costs_that_line(reader: Recipient, line: str) -> None:
    reader.on(night(parity()))
    ledger = Ledger(reader.folder)
    with ledger.file.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    again = Ledger(reader.folder)
    assert len(again.faults) == 1
    assert again.outboxes["chat"] == ledger.outboxes["chat"]


def test_only_its_owner_reads_the_ledger_whatever_the_umask(reader: Recipient) -> None:
    before = os.umask(0)
    try:
        reader.on(night(parity()))
    finally:
        os.umask(before)
    file = Ledger(reader.folder).file
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)
    Ledger(reader.folder).begin("other", "2026-06-14", AT)
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_ledger_that_is_a_link_is_not_written_to(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine\n")
    (tmp_path / "data" / "alerts").mkdir(parents=True)
    (tmp_path / "data" / "alerts" / "ledger.jsonl").symlink_to(elsewhere)
    with pytest.raises(LinkFollowed, match="symbolic link"):
        Ledger(tmp_path / "data").begin("chat", "2026-06-14", AT)
    assert elsewhere.read_text() == "mine\n"


def test_a_ledger_says_the_same_after_reading_it_again(reader: Recipient) -> None:
    reader.on(night(parity("a"), parity("b"), parity("c")))
    ledger = Ledger(reader.folder)
    first, second, third = (one.message.message_id for one in ledger.outboxes["chat"].waiting)
    ledger.delivered("chat", first, AT)
    ledger.failed("chat", second, "HTTP 503", AT)
    for n in range(10):
        ledger.failed("chat", third, "HTTP 503", AT + n * DAY / 10)
    assert Ledger(reader.folder).outboxes == ledger.outboxes
    assert [one.message.message_id for one in ledger.outboxes["chat"].dead] == [third]


# --- the feed -------------------------------------------------------------------------------------


def test_the_feed_reads_and_its_bytes_are_the_same_twice() -> None:
    event = parity("<b>kimi</b> & \x07co", on=NIGHT - DAY)
    rows = [event, *retraction(parity("glm", on=NIGHT - DAY), NIGHT), *retraction(parity("never"), NIGHT)]
    rows += [parity("m", grade="match", state="candidate")]
    rows += [parity("old", backfilled=True), parity("uncounted", counts=False)]
    body = atom(night(*rows))
    assert atom(night(*reversed(rows))) == body
    read_back = feedparser.parse(body)
    assert not read_back.bozo
    titles = [entry.title for entry in read_back.entries]
    assert sorted(title.split()[0] for title in titles[:2]) == ["Retracted:", "glm"]
    assert titles[-1].startswith("<b>kimi</b> & \N{REPLACEMENT CHARACTER}co")
    assert read_back.entries[-1].link == "https://toy.example/board"
    assert len({entry.id for entry in read_back.entries}) == 3


def test_the_feed_has_the_newest_hundred() -> None:
    body = atom(night(*(parity(f"m-{n}", on=date(2025, 1, 1) + n * DAY) for n in range(130))))
    entries = feedparser.parse(body).entries
    assert len(entries) == 100
    assert entries[0].updated == "2025-05-10T00:00:00Z"


def test_no_two_entries_of_the_feed_have_one_time_and_the_newest_news_comes_first() -> None:
    rows = [parity(f"m-{n}", on=NIGHT - DAY * (n % 2)) for n in range(6)]
    entries = feedparser.parse(atom(night(*rows))).entries
    times = [entry.updated for entry in entries]
    assert times == sorted(set(times), reverse=True)
    assert [time[:10] for time in times] == [str(NIGHT)] * 3 + [str(NIGHT - DAY)] * 3


def test_a_twin_under_an_unrestricted_licence_is_no_second_message(tmp_path: Path) -> None:
    event, twin, alone = parity("kimi"), parity("kimi", tier="T1", event_id="1" * 64), parity("glm", tier="T1")
    batch = night(event, twin, alone)
    titles = [entry.title.split()[0] for entry in feedparser.parse(atom(batch)).entries]
    assert sorted(titles) == ["glm", "kimi"]
    both = Recipient(tmp_path, tiers=frozenset({"any", "T1"}))
    both.on(night(on=NIGHT - DAY))
    assert sorted(one.message.message_id for one in both.on(batch)) == sorted([event.event_id, alone.event_id])


def test_who_overtakes_another_model_in_each_tier_takes_the_lead_once() -> None:
    lead = replace(parity("glm", "minimax"), kind="open-leader", grade="")
    twin = replace(lead, other_model="deepseek", tier="T1", event_id="1" * 64)
    earlier = replace(twin, known_on=NIGHT - DAY, event_id="2" * 64)
    assert without_twins([lead, twin, earlier]) == [lead, earlier]


# --- the table ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def event_table(tmp_path_factory: pytest.TempPathFactory) -> dict[str, EventBatch]:
    """A board on which an open model takes the lead and loses it to a correction, as three nights knew it."""
    example = Example(tmp_path_factory.mktemp("events"), board(counts_for_index=True))
    there = [
        closed("GPT-4", api="2023-03-14"),
        score("GPT-4", 60.0, n_items=500),
        closed("GPT-3.5 Turbo", api="2023-03-01"),
        score("GPT-3.5 Turbo", 45.0, n_items=500),
        opened("Llama 2 70B", weights="2023-07-18"),
        score("Llama 2 70B", 50.0, n_items=500),
        opened("Qwen2 72B", weights="2024-06-07"),
    ]
    for day in ("2024-01-01", "2024-01-02"):
        example.saw(day, *there)
    # A new row that would lead counts when a second night has shown it.
    for day, value in (
        ("2024-06-09", 63.0),
        ("2024-06-10", 63.0),
        ("2024-06-11", 63.0),
        ("2024-06-12", 44.0),
        ("2024-06-13", 44.0),
    ):
        example.saw(day, *there, score("Qwen2 72B", value, n_items=500))
    other = toy(board("other"), name="other-board")
    example.source = example.sources[other.name] = other
    values = {"Llama 2 70B": 50.0, "Qwen2 72B": 63.0, "Yi 34B": 70.0}  # ahead there too, and not its leader
    agreeing = [score(name, value, board="other") for name, value in values.items()]
    example.saw("2024-06-10", opened("Yi 34B", weights="2023-11-02"), *agreeing, url=f"{URL}/other")
    found = {}
    for when in ("2024-06-10", "2024-06-11", "2024-06-13"):
        with example.built(when) as db:
            found[when] = read(db, "marts")
    return found


def new_leaders(batch: EventBatch) -> list[Event]:
    """Of the boards of the first operator."""
    found = [e for e in batch.events if e.kind == "open-leader" and not e.backfilled and e.tier == "any"]
    return [e for e in found if e.scope != "other"]


def test_a_new_leader_is_confirmed_when_two_nights_have_shown_it(event_table: dict[str, EventBatch]) -> None:
    (first,) = new_leaders(event_table["2024-06-10"])
    (second,) = new_leaders(event_table["2024-06-11"])
    assert (first.state, second.state, str(second.state_on)) == ("provisional", "confirmed", "2024-06-11")
    assert (first.event_id, first.known_on) == (second.event_id, second.known_on)
    assert second.headline == "Qwen2-72B leads the open-weight models on toy, ahead of Llama 2-70B"


def test_a_leader_that_one_operator_alone_shows_stays_provisional(tmp_path: Path) -> None:
    """However often: on its other boards it may lie as well.  Another operator's order of the two makes it certain."""
    models = (closed("Cee", api="2026-01-01"), opened("Oh", weights="2026-01-05"), opened("Up", weights="2026-01-05"))
    example = Example(tmp_path, board("toy"), board("second"))
    for day, up in (("2026-03-01", 40), ("2026-03-02", 55), ("2026-03-03", 55), ("2026-03-04", 55)):
        rows = [score(n, v, board=on) for n, v in (("Cee", 60), ("Oh", 50), ("Up", up)) for on in ("toy", "second")]
        example.saw(day, *models, *rows)
    with example.built("2026-03-30", "marts.event", "marts.run") as db:
        alone = new_leaders(read(db, "marts"))
    assert {event.state for event in alone} == {"provisional"}
    assert [event.headline for event in alone if event.scope == "toy"] == [
        "Up leads the open-weight models on toy, ahead of Oh (shown by one operator only)"
    ]
    other = toy(board("other"), name="other-board")
    example.source = example.sources[other.name] = other
    example.saw("2026-04-01", score("Oh", 10, board="other"), score("Up", 11, board="other"), url=f"{URL}/other")
    with example.built("2026-04-02", "marts.event", "marts.run") as db:
        confirmed = new_leaders(read(db, "marts"))
    assert {(event.state, str(event.state_on)) for event in confirmed} == {("confirmed", "2026-04-01")}
    assert all("one operator" not in event.headline for event in confirmed)


def test_a_correction_takes_the_lead_back(event_table: dict[str, EventBatch]) -> None:
    rows = new_leaders(event_table["2024-06-13"])
    (event,) = [row for row in rows if row.retracts is None]
    (follow_up,) = [row for row in rows if row.retracts is not None]
    assert event.state == "retracted"
    assert (follow_up.retracts, follow_up.event_id) == (event.event_id, retraction_id(event.event_id))
    assert [event.event_id] == [row.event_id for row in new_leaders(event_table["2024-06-11"])]


def test_a_parity_event_has_its_numbers_and_its_evidence(event_table: dict[str, EventBatch]) -> None:
    (event,) = [
        e for e in event_table["2024-06-11"].events if (e.grade, e.tier, e.other_model) == ("parity", "any", "gpt-4")
    ]
    assert event.headline == "Qwen2-72B reaches parity with GPT-4 on toy, 451 days after"
    assert event.state == "provisional"
    batch = event.details
    assert (batch["open"]["score"], batch["closed"]["score"], batch["difference"]) == (63.0, 60.0, 3.0)
    assert batch["lo"] < 3.0 < batch["hi"]
    assert [page["url"] for page in batch["evidence"]] == ["https://toy.example/board.json"] * 2
    assert all(len(page["sha256"]) == 64 for page in batch["evidence"])


def test_weights_that_were_published_are_an_event(event_table: dict[str, EventBatch]) -> None:
    (event,) = [e for e in event_table["2024-06-11"].events if (e.kind, e.model) == ("weights-published", "qwen2-72b")]
    assert event.headline.startswith("Alibaba (Qwen) publishes the weights of Qwen2-72B")
    assert str(event.happened_on) == "2024-06-07"


# --- one statement alone --------------------------------------------------------------------------


def alone(name: str, *tables: str) -> list[dict[str, Any]]:
    """What one file of sql/staging gives over a few rows."""
    (text,) = [one.text for one in statements("staging") if one.name == name]
    with duckdb.connect() as db:
        prepare(db, date(2026, 6, 14))
        for table in tables:
            db.execute(f"create table {table}")
        return ask(db, text)


def gap_nights(*nights: tuple[str, float, float, float]) -> str:
    """Rows of gap_index_vintage: a night, its gap and its interval; the open score changes with the gap.

    The lag is 30 days on 2026-06-13 and grows by a day a day.
    """
    rows = ", ".join(
        f"(date '{on}', 'board', 'toy', 'v1', 'any', 'coding', '%', 'c', 60e0, 'o', {60 - gap}e0, {gap}e0, {lo}e0,"
        f" {hi}e0, {lag}e0, {lag - 10}e0, {lag + 10}e0, '2', false)"
        for on, gap, lo, hi in nights
        for lag in [30.0 + (date.fromisoformat(on) - date(2026, 6, 13)).days]
    )
    names = """night, scope_kind, scope, edition, tier, domain, unit, closed_model, closed_score, open_model,
               open_score, gap, gap_lo, gap_hi, lag_days, lag_lo, lag_hi, method_version, provisional"""
    return f"marts.gap_index_vintage as from (values {rows}) t({names})"


@pytest.mark.parametrize(
    ("after", "moved"),
    [
        (("2026-06-14", 5.4, 4.4, 6.4), False),  # within both intervals
        (("2026-06-14", 7.0, 4.9, 9.1), False),  # out of the old one, but the new one still holds the old figure
        (("2026-06-14", 8.0, 7.0, 9.0), True),
        (("2026-06-14", 2.0, 1.0, 3.0), True),
        (("2026-07-14", 8.0, 7.0, 9.0), True),  # news, however long nothing was; the lag grew by the days gone by
    ],
)
def test_a_gap_has_moved_when_each_night_lies_outside_the_others_interval(after: Any, moved: bool) -> None:
    found = alone("event_gap", gap_nights(("2026-06-13", 5.0, 4.0, 6.0), after))
    assert [(row["what"], row["before_value"], row["value"]) for row in found] == [("gap", 5.0, after[1])] * moved


def test_a_gap_that_creeps_is_compared_with_what_was_last_told() -> None:
    """Each night lies within the interval of the night before; the fourth lies outside that of the first."""
    creeping = [(f"2026-06-{13 + n}", 5.0 + n, 3.5 + n, 6.5 + n) for n in range(5)]
    found = alone("event_gap", gap_nights(*creeping))
    assert [(str(row["before_on"]), str(row["night"]), row["value"]) for row in found] == [
        ("2026-06-13", "2026-06-15", 7.0),
        ("2026-06-15", "2026-06-17", 9.0),
    ]


@pytest.mark.parametrize(("lag", "moved"), [(130.0, False), (145.0, True)])
def test_a_lag_that_grew_by_the_days_gone_by_has_not_moved(lag: float, moved: bool) -> None:
    """100 nights later 130 days of lag are the 30 of the first night; 145 are not, if a row changed."""
    first = gap_nights(("2026-06-13", 5.0, 4.0, 6.0), ("2026-09-21", 5.1, 4.1, 6.1))
    found = alone("event_gap", first.replace("130.0e0, 120.0e0, 140.0e0", f"{lag}e0, {lag - 10}e0, {lag + 10}e0"))
    assert [(row["what"], row["days_gone_by"]) for row in found] == [("lag", 100)] * moved


@pytest.mark.parametrize(
    ("verdicts", "found"),
    [
        ({1: "undecided", 8: "undecided", 9: "supported", 12: "supported", 16: "supported"}, [(16, 9)]),
        ({1: "mixed", 8: "mixed", 9: "refuted", 10: "mixed", 20: "mixed"}, []),  # back before the week was over
        ({1: "mixed", 8: "mixed", 9: "refuted", 13: "refuted"}, []),  # not for a week yet
        ({1: "mixed", 2: "refuted", 10: "refuted"}, []),  # the first that stood is no change
    ],
)
def test_a_verdict_has_changed_when_the_new_one_stood_for_a_week(
    verdicts: dict[int, str], found: list[tuple[int, int]]
) -> None:
    rows = ", ".join(
        f"(date '2026-06-{day:02}', 'c1', 'a claim', 'm', 1.0, 'days', 0.5, 2.0, 3, '{verdict}', 'so')"
        for day, verdict in verdicts.items()
    )
    names = "night, claim_id, claim, measure, estimate, unit, lo, hi, n_boards, verdict, explanation"
    changed = alone("event_claim", f"marts.claim_verdict_vintage as from (values {rows}) t({names})")
    assert [(row["night"].day, row["since"].day) for row in changed] == found
    assert all((row["before_verdict"], row["verdict"]) == ("undecided", "supported") for row in changed)


def test_trouble_lasts_until_the_source_is_read_again_and_not_until_it_is_not_asked() -> None:
    """Two sources drifted on the 12th: one is read again on the 13th, and on the 14th neither is asked."""
    sightings = (("a", 11, "k1"), ("b", 11, "k2"), ("a", 12, "k3"), ("b", 12, "k4"), ("a", 13, "k1"))
    seen = ", ".join(f"('{name}', date '2026-06-{day}', 'u', '{key}', 'fresh', '')" for name, day, key in sightings)
    pages = ", ".join(
        f"('{name}', '{key}', '{outcome}', '{outcome}')"
        for name, key, outcome in (
            ("a", "k1", "read"),
            ("b", "k2", "read"),
            ("a", "k3", "drifted"),
            ("b", "k4", "drifted"),
        )
    )
    (row,) = alone(
        "event_source",
        f"raw.fetch_result as from (values {seen}) t(source, night, url, page_key, outcome, error)",
        f"raw.page as from (values {pages}) t(source, page_key, outcome, error)",
        "marts.source_health as from (values ('a', date '2026-06-13'), ('b', date '2026-06-11'))"
        " t(source, last_good_on)",
    )
    assert (row["source"], row["outcome"], str(row["troubled_on"]), row["stale_days"]) == (
        "b",
        "drifted",
        "2026-06-12",
        3,
    )
