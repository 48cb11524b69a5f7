"""What all feeds of announcements share: an RSS or Atom page in, one `Announcement` per item out.

A malformed feed is `Drifted` as a whole, because half a feed looks like news that was withdrawn.  Generated
feeds renew their lastBuildDate without news, so nothing but the items is read.  An item's id is the feed's
own, else its link.

Dates are believed only where they are the lab's.  A scraper that finds no date writes the moment of its own
run ("Introducing Claude Sonnet 4.5" was dated 5, 12 and 19 October 2025 in turn, GPT-4 January 2025), so an
item dated like the feed itself is undated; so is one whose page tells the month alone (`months`).

Two kinds of item become no row: the recorders' notices ("This feed is no longer maintained"), whose guid
begins with "deprecation-notice", and items without a title, which stand for posts not yet published.
"""

from __future__ import annotations

import calendar
import html
import io
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

import feedparser
from bs4 import BeautifulSoup

from collectors.contract import Announcement, Drifted, Page, Row, Source

MAX_TITLE = 300
MAX_LINK = 1_000
MAX_SUMMARY = 500
RECORDER_NOTICE = "deprecation-notice"
UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs"})
SAME_RUN = timedelta(minutes=1)


def feed(
    name: str,
    lab: str,
    url: str,
    *,
    title: str,
    homepage: str,
    recorder: str = "",
    licence: str = "none stated",
    zone: timezone = UTC,
    months: bool = False,
) -> Source:
    """A source that reads one feed of one lab.

    ``recorder`` is who scrapes the feed, if the lab does not write it.  ``zone`` is where the feed's times are
    midnights: Beijing's of the 18th is 16:00 UTC of the 17th, and the post is of the 18th.  ``months`` says
    that the feed's dates are ends of months, put for a month.
    """

    def parse(page: Page) -> Iterator[Row]:
        # A stream, because bytes that spell a path or an address would be opened.
        read = feedparser.parse(io.BytesIO(page.body), sanitize_html=False, resolve_relative_uris=False)
        if read.bozo:
            raise Drifted(page.url, f"not a well-formed feed: {read.bozo_exception}", expected="RSS or Atom")
        if not read.version or not read.entries:
            raise Drifted(
                page.url, f"no item in a page of type {read.version or 'unknown'}", expected="a feed with items"
            )
        built = _moment(read.feed) if recorder else None
        for item in read.entries:
            guid = str(item.get("id") or item.get("link") or "")[:MAX_LINK]
            heading = plain(item.get("title"), MAX_TITLE)
            if guid and heading and not guid.startswith(RECORDER_NOTICE):
                yield Announcement(
                    lab=lab,
                    title=heading,
                    link=_link(item),
                    guid=guid,
                    published_on=None if months else _published(item, built, zone),
                    summary=plain(item.get("summary"), MAX_SUMMARY),
                )

    return Source(
        name=name,
        title=title,
        kind="announcements",
        homepage=homepage,
        licence=licence,
        attribution=f"{lab}; feed by {recorder}" if recorder else lab,
        start=(url,),
        hosts=frozenset({urlsplit(url).hostname or ""}),
        parse=parse,
    )


def plain(markup: object, limit: int) -> str:
    """Text without mark-up, control or invisible characters, in one line, cut to the limit."""
    text = str(markup or "")
    text = BeautifulSoup(text, "html.parser").get_text(" ") if "<" in text else html.unescape(text)
    line = " ".join(text.split())
    return "".join(c for c in line if unicodedata.category(c) not in UNSEEN)[:limit]


def _link(item: Mapping[str, Any]) -> str:
    """The item's address where it is one of the web (not ``javascript:``), else nothing."""
    link = str(item.get("link") or "").strip()[:MAX_LINK]
    return link if link.startswith(("https://", "http://")) else ""


def _moment(item: Mapping[str, Any]) -> datetime | None:
    """When it was published; Atom without ``published`` states it as ``updated``."""
    stated = dict(item)  # feedparser's own get() answers one for the other, and warns
    stated_time = stated.get("published_parsed") or stated.get("updated_parsed")
    return datetime.fromtimestamp(calendar.timegm(stated_time), UTC) if stated_time else None


def _published(item: Mapping[str, Any], built: datetime | None, zone: timezone) -> date | None:
    moment = _moment(item)
    if moment is None:
        return None
    by_clock = built is not None and abs(moment - built) <= SAME_RUN and moment.time() != time(0)
    return None if by_clock else moment.astimezone(zone).date()
