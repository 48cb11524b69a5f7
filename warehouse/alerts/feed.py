"""The Atom feed of a publication: the newest events in their present state, and what was taken back.

It is made from the tables alone, so the same tables give the same bytes.  It has the events that interest a reader of
the index: matches, boards that do not count and events for the operator are left out.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from uuid import UUID

from warehouse.alerts.events import OPERATORS, Event, EventBatch, without_twins
from warehouse.alerts.messages import cut, malformed, plain, single

ENTRIES = 100
ATOM = "http://www.w3.org/2005/Atom"


def atom(batch: EventBatch) -> bytes:
    """The feed as XML; an event of which no message can be made is left out."""
    ET.register_namespace("", ATOM)
    feed = ET.Element(f"{{{ATOM}}}feed")
    never = _never_news(batch.events)
    news = (event for event in batch.events if event.event_id not in never and event.retracts not in never)
    shown = (event for event in news if _shown(event) and not malformed(event))
    entries = sorted(without_twins(shown), key=lambda e: (e.state_on, not _taken_back(e), e.known_on, e.event_id))
    updated = _updated(entries)
    entries.reverse()
    _add(feed, "id", UUID(hex="67617069-6e64-4578-8000-000000000001").urn)
    _add(feed, "title", "gapindex: open-weight models and closed ones")
    _add(feed, "updated", updated[entries[0].event_id] if entries else f"{batch.night}T00:00:00Z")
    _add(feed, "generator", f"gapindex, night {batch.night}, run {batch.run_id}")
    author = ET.SubElement(feed, f"{{{ATOM}}}author")
    _add(author, "name", "gapindex")
    for event in entries[:ENTRIES]:
        _entry(feed, event, batch, updated[event.event_id])
    ET.indent(feed)
    body: str = ET.tostring(feed, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'.encode()


def hosted(feed: bytes, url: str) -> bytes:
    """The feed of a site at ``url``: with its own address, which readers keep, and that of the page it belongs to.

    The feed of a publication has neither, as it is made from the tables alone.
    """
    ET.register_namespace("", ATOM)
    root = ET.fromstring(feed)  # noqa: S314 - our own feed
    place = next(at for at, child in enumerate(root) if child.tag == f"{{{ATOM}}}updated")
    for rel, kind, path in (("alternate", "text/html", ""), ("self", "application/atom+xml", "feed.xml")):
        link = ET.Element(f"{{{ATOM}}}link", rel=rel, type=kind, href=f"{url}/{path}")
        root.insert(place, link)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'.encode()


def _shown(event: Event) -> bool:
    return event.counts and not event.backfilled and event.state != "candidate" and event.kind not in OPERATORS


def _never_news(events: Iterable[Event]) -> frozenset[str]:
    """Ids of what was taken back on the night that found it: no night published that it held."""
    return frozenset(
        event.event_id
        for event in events
        if event.retracts is None and _taken_back(event) and event.state_on <= event.known_on
    )


def _taken_back(event: Event) -> bool:
    return event.state in ("retracted", "superseded")


def _updated(events: Iterable[Event]) -> dict[str, str]:
    """When each event came to its state: the night, and its place among that night's events as seconds.

    A reader that orders or de-duplicates by this time sees two events, the later one later.
    """
    places: Counter[date] = Counter()
    found = {}
    for event in events:
        at = datetime.combine(event.state_on, time()) + timedelta(seconds=places[event.state_on])
        found[event.event_id] = f"{at.isoformat()}Z"
        places[event.state_on] += 1
    return found


def _entry(feed: ET.Element, event: Event, batch: EventBatch, updated: str) -> None:
    message = single(event, str(batch.night), batch.run_id)
    entry = ET.SubElement(feed, f"{{{ATOM}}}entry")
    _add(entry, "id", UUID(hex=event.event_id[:32]).urn)
    known = "" if event.state == "confirmed" or event.retracts is not None else f" ({event.state})"
    _add(entry, "title", message.headline + known)
    _add(entry, "published", f"{event.known_on}T00:00:00Z")
    _add(entry, "updated", updated)
    for term in (event.kind, event.state, *([event.domain] if event.domain else [])):
        ET.SubElement(entry, f"{{{ATOM}}}category", term=cut(term))
    for place, link in enumerate(message.items[0].links):
        # A feed may have one alternate of a kind; the other page is related.
        ET.SubElement(entry, f"{{{ATOM}}}link", rel="related" if place else "alternate", href=cut(link.url, 2000))
    _add(entry, "content", plain(message).rpartition("\n")[0], type="text")


def _add(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}{name}", attributes).text = text
