"""One message, and its forms: plain text, Markdown, HTML and JSON.

The content comes from others: model names, titles, addresses.  Each form escapes for its destination, and all drop
invisible characters: control codes, direction marks, zero-width letters.  In the forms for people, ``@everyone`` in a
model's name mentions nobody and an address in it is not a link; JSON has names as they are.
"""

from __future__ import annotations

import hashlib
import html as entities
import itertools
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeVar
from uuid import UUID

from collectors.sanitize import visible
from warehouse.alerts.events import Event

_T = TypeVar("_T")

Sort = Literal["event", "related", "digest", "test"]

LARGEST = 19_000
"""Bytes of a message: the Standard Webhooks specification asks for less than 20 kB."""

IDS_SHOWN = 100
"""Event ids a message lists; the ledger and table ``event`` have all of them."""

HEADLINE = 300
"""Letters of a headline; longer ones are cut."""

_LINE_HEADS = 12
"""Events of a digest that are listed one by one."""

_MARKDOWN = re.compile(r"([\\`*_~\[\]<>|&])")
_UNITS: Mapping[str, str] = {"%": " %", "fraction": "", "rating": "", "points": " points", "index": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The address of a source page, and the digest of the bytes read there."""

    label: str
    url: str
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One event in a message."""

    event_id: str
    kind: str
    state: str
    headline: str
    known_on: str
    retracts: str = ""
    lines: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to one channel; ``event_ids`` are all its events, ``items`` those described in full."""

    message_id: str
    sort: Sort
    headline: str
    items: tuple[Item, ...]
    event_ids: tuple[str, ...]
    night: str
    run_id: str

    def as_data(self) -> dict[str, Any]:
        """For the ledger; `from_data` reads it back."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Message:
        items = tuple(
            Item(**(one | {"lines": tuple(one["lines"]), "links": tuple(Link(**link) for link in one["links"])}))
            for one in data["items"]
        )
        return cls(**(dict(data) | {"items": items, "event_ids": tuple(data["event_ids"])}))


# --- making -------------------------------------------------------------------------------------


def single(event: Event, night: str, run_id: str, *, message_id: str = "", headline: str = "") -> Message:
    """The message about one event."""
    item = describe(event, headline=headline)
    return Message(
        message_id=message_id or event.event_id,
        sort="event",
        headline=item.headline,
        items=(item,),
        event_ids=(message_id or event.event_id,),
        night=night,
        run_id=run_id,
    )


def together(sort: Sort, headline: str, events: Sequence[Event], night: str, run_id: str) -> Message:
    """One message about several events; its id follows from theirs."""
    ids = tuple(event.event_id for event in events)
    full = (
        [describe(event) for event in events[-_LINE_HEADS:]]
        if sort == "digest"
        else [describe(event) for event in events]
    )
    if sort == "digest":
        full = [_brief(item) for item in full]
    return Message(
        message_id=hashlib.sha256("|".join([sort, *sorted(ids)]).encode()).hexdigest(),
        sort=sort,
        headline=cut(headline),
        items=tuple(full),
        event_ids=ids,
        night=night,
        run_id=run_id,
    )


FAULTS = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
"""What reading an event of another form raises."""


def malformed(event: Event) -> str:
    """Why no message can be made of an event; empty where one can.  Such an event is left out, and only that one."""
    try:
        UUID(hex=event.event_id[:32])
        describe(event)
    except FAULTS as error:
        return f"event {event.event_id[:12]} ({event.kind}, {event.scope}): {type(error).__name__}: {error}"
    return ""


def describe(event: Event, *, headline: str = "") -> Item:
    """One event as an item of a message."""
    facts = event.details
    return Item(
        event_id=event.event_id,
        kind=event.kind,
        state=event.state,
        headline=cut(headline or event.headline),
        known_on=str(event.known_on),
        retracts=event.retracts or "",
        lines=tuple(cut(line) for line in _lines(event, facts)),
        links=tuple(_links(facts)),
        data={
            "scope_kind": event.scope_kind,
            "scope": event.scope,
            "edition": event.edition,
            "tier": event.tier,
            "domain": event.domain,
            "grade": event.grade,
            "model": event.model,
            "other_model": event.other_model,
            "happened_on": str(event.happened_on),
            "state_on": str(event.state_on),
            "backfilled": event.backfilled,
            "facts": facts,
        },
    )


def _brief(item: Item) -> Item:
    return Item(
        event_id=item.event_id,
        kind=item.kind,
        state=item.state,
        headline=item.headline,
        known_on=item.known_on,
        retracts=item.retracts,
        data={key: value for key, value in item.data.items() if key != "facts"},
    )


def _lines(event: Event, facts: Mapping[str, Any]) -> Iterable[str]:
    """The numbers of an event as sentences."""
    unit = str(facts.get("unit", ""))
    if not facts:
        yield "it no longer stands in the tables"
    elif event.kind == "parity":
        sides = [facts["open"], facts["closed"]]
        yield "; ".join(f"{side['title']} {amount(side['score'], unit)}" for side in sides)
        yield _difference(facts, unit)
        if facts.get("n_instruments", 1) > 1:
            yield f"from {facts['n_instruments']} boards"
        agree, against = facts.get("level_on", []), facts.get("behind_on", [])
        if agree:
            yield f"level or ahead tonight on {_some(agree)}"
        if against:
            yield f"behind tonight on {_some(against)}"
    elif event.kind in ("open-leader", "closed-leader"):
        sides = [facts["leader"], *([facts["before"]] if facts["before"]["model"] else [])]
        yield "; ".join(f"{side['title']} {amount(side['score'], unit)}" for side in sides)
        if facts.get("difference") is not None:
            yield _difference(facts, unit)
    elif event.kind in ("weights-published", "access-changed"):
        before = f"{facts['before']} to " if facts.get("before") else ""
        yield f"access tier {before}{facts['access_tier']}, from {facts['counts_from']}"
        yield f"evidence: {facts['evidence_kind']}, {facts['source']}"
        if facts.get("parameters"):
            yield f"{facts['parameters'] / 1e9:.4g} billion parameters"
    elif event.kind == "gap-moved":
        for when in ("before", "now"):
            one = facts[when]
            yield (
                f"night {one['night']}: {amount(one['value'], unit)}"
                f" (90 % interval {number(one['lo'])} to {number(one['hi'])})"
            )
    elif event.kind == "claim-changed":
        for when in ("before", "now"):
            one = facts[when]
            span = f" ({number(one['lo'])} to {number(one['hi'])})" if one.get("lo") is not None else ""
            known = one.get("estimate") is not None
            estimate = f", {number(one['estimate'])} {facts.get('unit') or ''}{span}" if known else ""
            yield f"night {one['night']}: {one['verdict']}{estimate}"
        if facts.get("explanation"):
            yield str(facts["explanation"])
    else:
        yield f"{facts.get('outcome', '')}: {facts.get('found', '')}"
    if event.kind not in ("source-stale", "source-drifted", "seed-contradicted", "gap-moved", "claim-changed"):
        yield f"{event.state} on {event.state_on}, found on {event.known_on}" + (
            f", licence tier {event.tier}" if event.tier == "T1" and event.kind != "weights-published" else ""
        )


def _difference(facts: Mapping[str, Any], unit: str) -> str:
    points = " points" if unit == "%" else _UNITS.get(unit, " " + unit if unit else "")
    text = f"difference {facts['difference']:+.4g}{points}"
    if facts.get("lo") is not None and facts.get("hi") is not None:
        text += f" (90 % interval {facts['lo']:+.3g} to {facts['hi']:+.3g})"
    else:
        text += " (its noise is unknown)"
    if facts.get("margin") is not None:
        text += f", margin {number(facts['margin'])}"
    return text


def _links(facts: Mapping[str, Any]) -> Iterable[Link]:
    seen = set()
    for page in facts.get("evidence", []):
        url = str(page.get("url") or "")
        if url.startswith(("https://", "http://")) and url not in seen:
            seen.add(url)
            yield Link(label=f"read on {page.get('known_on')}", url=url, sha256=str(page.get("sha256") or ""))


def _some(names: Sequence[str], most: int = 3) -> str:
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")


def amount(value: float | None, unit: str) -> str:
    """A score in its unit."""
    return "-" if value is None else f"{value:.4g}{_UNITS.get(unit, ' ' + unit if unit else '')}"


def number(value: float | None) -> str:
    """A number as people write it."""
    return "-" if value is None else f"{value:.3g}"


# --- text from outside --------------------------------------------------------------------------


def cut(text: str, longest: int = HEADLINE) -> str:
    """One line without invisible characters, at most this long."""
    seen = visible(" ".join(text[: 4 * longest].split()))
    return seen if len(seen) <= longest else seen[: longest - 1] + "…"


def _calm(text: str) -> str:
    """Text without mentions and links, wherever it is shown."""
    return text.replace("@", "\N{FULLWIDTH COMMERCIAL AT}").replace("://", ": //").replace("<!", "< !")


def _address(url: str) -> str:
    """An address, escaped so that no form ends it early."""
    return re.sub(r"[\s<>\"'`\\()\[\]{}|^*_~]", lambda match: f"%{ord(match.group()):02X}", url)


# --- forms --------------------------------------------------------------------------------------


def plain(message: Message, limit: int = LARGEST) -> str:
    """As plain text."""
    return _fitted(message, limit, str, lambda text: text, lambda link: f"{link.label}: {_address(link.url)}")


def markdown(message: Message, limit: int = LARGEST) -> str:
    """As CommonMark; backslashes stand only where something would take effect."""

    def escaped(text: str) -> str:
        return _MARKDOWN.sub(r"\\\1", text)

    return _fitted(
        message,
        limit,
        escaped,
        lambda text: f"**{text}**",
        lambda link: f"[{escaped(link.label)}](<{_address(link.url)}>)",
    )


def html(message: Message, limit: int = LARGEST) -> str:
    """As HTML without style, script or image."""
    escaped = entities.escape
    return _fitted(
        message,
        limit,
        escaped,
        lambda text: f"<strong>{text}</strong>",
        lambda link: f'<a href="{escaped(_address(link.url))}">{escaped(link.label)}</a>',
        line_end="<br/>\n",
    )


def subject(message: Message) -> str:
    """The headline alone, for a title line."""
    return _calm(message.headline)


def payload(message: Message) -> dict[str, Any]:
    """As data: what a signed webhook carries.  The names in it are as their sources write them."""
    kinds = sorted({item.kind for item in message.items})
    items = [_without_empty(asdict(item)) for item in message.items]
    data: dict[str, Any] = {
        "headline": message.headline,
        "events": items,
        "event_ids": list(message.event_ids[:IDS_SHOWN]),
        "event_count": len(message.event_ids),
        "event_ids_sha256": hashlib.sha256("\n".join(message.event_ids).encode()).hexdigest(),
        "night": message.night,
        "run_id": message.run_id,
    }
    whole = {
        "type": f"gapindex.{kinds[0] if message.sort == 'event' and kinds else message.sort}",
        "timestamp": f"{message.night}T00:00:00Z",
        "data": data,
    }
    if len(encoded(whole)) > LARGEST:
        for item in items:
            item["data"] = {key: value for key, value in item["data"].items() if key != "facts"}
        room = LARGEST - len(encoded(whole | {"data": data | {"events": []}}))
        data["events"] = _fitting(items, room, lambda item: len(encoded(item)) + 1)
    return whole


def _fitting(things: Sequence[_T], room: int, size: Callable[[_T], int]) -> list[_T]:
    """As many of the first as there is room for."""
    used = itertools.accumulate(map(size, things))
    return [thing for thing, total in zip(things, used, strict=True) if total <= room]


def encoded(value: object) -> bytes:
    """JSON bytes, the same for the same value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str).encode()


def _without_empty(item: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if value not in ("", (), [])}


def _fitted(
    message: Message,
    limit: int,
    escaped: Callable[[str], str],
    bold: Callable[[str], str],
    linked: Callable[[Link], str],
    line_end: str = "\n",
) -> str:
    """The fullest text that fits: all, else without links, else headlines only, else as many headlines as fit."""
    limit = min(limit, LARGEST)

    def say(text: str) -> str:
        return escaped(_calm(text))

    def size(text: str) -> int:
        return len((text + line_end).encode())

    alone = len(message.items) == 1 and message.items[0].headline == message.headline
    heads = [] if alone else [f"• {say(item.headline)}" for item in message.items]
    indent = "" if alone else "  "
    numbers = [[indent + say(line) for line in item.lines] for item in message.items]
    links = [
        [linked(link) + (say(f" (sha256 {link.sha256[:12]})") if link.sha256 else "") for link in item.links]
        for item in message.items
    ]
    first, last = bold(say(message.headline)), [say(line) for line in _last(message)]
    room = limit - size(first) - sum(map(size, last))
    each = [heads[n : n + 1] for n in range(len(message.items))]
    for parts in ((each, numbers, links), (each, numbers), (each,)):
        lines = [line for one in zip(*parts, strict=True) for part in one for line in part]
        if sum(map(size, lines)) <= room:
            return line_end.join([first, *lines, *last])
    shown = _fitting(heads, room - 80, size)
    if room > 80:
        return line_end.join([first, *shown, say(f"and {len(heads) - len(shown)} more"), *last])
    return say(message.headline[: max(1, limit // 12)])


def _last(message: Message) -> Iterable[str]:
    """The last lines of every message: the ids of its events, and the vintage."""
    count = len(message.event_ids)
    if count > len(message.items):
        yield f"{count} events in all; table event has each"
    if 1 < count <= IDS_SHOWN:
        yield "ids " + " ".join(one[:12] for one in message.event_ids)
    yield f"gapindex night {message.night}, run {message.run_id}, id {message.message_id[:12]}"
