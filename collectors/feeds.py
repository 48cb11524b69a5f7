"""Shared by all feeds of announcements: an RSS or Atom page in, one `Announcement` per item out.

A truncated feed is `Drifted` as a whole, because half a feed looks like news that was withdrawn.  A feed that is
malformed in another way is read as feedparser repairs it, with a note, and an item that cannot be repaired is
quarantined.  Generated feeds renew their lastBuildDate without news, so only the items are read.  An item's id is the
feed's own, else its link; where a feed renews its ids, the warehouse identifies an item by its link, title and date.

A date is used only where it is the lab's own.  A scraper that finds no date writes the time of its own run
("Introducing Claude Sonnet 4.5" was dated 5, 12 and 19 October 2025 in turn, GPT-4 January 2025).  So an item with
the date of the feed itself gets no date, and neither does an item whose page gives only the month (`months`).

Two kinds of item become no row: notices of the recorders ("This feed is no longer maintained"), whose guid
begins with "deprecation-notice", and items without a title, which are posts not yet published.

A news page that is not a feed is not read, because no such page was recorded and a parser for it could not be tested.
The lab's posts come through the scraped feeds (feed-*), its models through the registries and the Hub.
"""

from __future__ import annotations

import calendar
import io
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

import feedparser

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import MAX_SUMMARY, MAX_TITLE, REPAIRED, Announcement, Quarantined, Row
from collectors.contract.source import Source
from collectors.read.markup import plain_text
from collectors.sanitize import MAX_NAME, MAX_URL, REPLACEMENT, clean_text

MOST_REPAIRED = 2_000
"""Items of a malformed feed that are read one by one, at about a millisecond each."""

# feedparser guesses encodings with chardet where some other package happens to have installed it: then the same bytes
# would be other text on another machine.
feedparser.encodings.lazy_chardet_encoding = None

RECORDER_NOTICE = "deprecation-notice"
SAME_RUN = timedelta(minutes=1)
FIRST_FEED = datetime(1999, 1, 1, tzinfo=UTC)
"""No item of a feed is older; feedparser reads the time stamp 1749000000 as a day of 1748."""

_DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']", re.IGNORECASE)
_REFERENCE = re.compile(rb"&#(?:x([0-9a-f]+)|(\d+));", re.IGNORECASE)
_LONE = re.compile("[\udc80-\udcff]")
_UTF8 = (b"utf-8", b"utf8", b"us-ascii", b"ascii")
_CLOSED = re.compile(rb"</(?:\w+:)?(?:rss|feed|rdf)\s*>", re.IGNORECASE)
_ROOT = re.compile(rb"<((?:\w+:)?(?:rss|feed|rdf))(?:\s[^<>]{0,4000})?>", re.IGNORECASE)
_END = re.compile(rb"</(?:item|entry)\s*>", re.IGNORECASE)
_ITEM = re.compile(rb"<(?:item|entry)[\s>]", re.IGNORECASE)


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

    ``recorder`` is who scrapes the feed, if the lab does not publish it itself.  ``zone`` is the time zone in which
    the feed's times are midnights: midnight of the 18th in Beijing is 16:00 UTC of the 17th, and the post is of the
    18th.  ``months``: each date is the last day of a month and stands for the whole month.
    """

    def parse(page: Page) -> Iterator[Row]:
        body, repair = _readable(page.body)
        read = _read(page, body)
        repair = repair or (str(read.bozo_exception) if read.bozo else "")
        if repair:
            yield _note(repair)
        built = _moment(read.feed) if recorder else None
        for item in _entries(page, body, read):
            link, heading = _link(item), _title(item, repaired=bool(read.bozo))
            guid = str(item.get("id") or link).strip()[:MAX_URL]
            if guid.startswith(RECORDER_NOTICE) or (guid and not heading and not repair):
                continue
            if not guid or not heading:
                yield _lost(heading or guid or str(item.get("summary") or "")[:MAX_TITLE])
                continue
            yield Announcement(
                lab=lab,
                title=heading,
                link=link,
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


def _readable(body: bytes) -> tuple[bytes, str]:
    """The feed in the encoding it declares, without character references that no character has; and what was repaired.

    feedparser reads a whole feed in one encoding: one stray byte turned every accent of the others into two letters,
    and UTF-8 declared as GBK became other characters without a word.  So UTF-8 is UTF-8 whatever is declared, and
    single bytes within it are read as Windows-1252, where most of them come from.  It raises on ``&#x110000;``.
    """
    repair = ""
    declared = _DECLARED.match(body)
    if b"\0" not in body[:4] and not body.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            body.decode("utf-8")
            if declared and declared[1].lower() not in _UTF8 and not body.isascii():
                repair = f"declared as {declared[1].decode()}, and is UTF-8"
                body = body[: declared.start(1)] + b"utf-8" + body[declared.end(1) :]
        except UnicodeDecodeError as error:
            if declared is None or declared[1].lower() in _UTF8:
                repair = f"byte {error.start} is not UTF-8; such bytes are read as Windows-1252"
                body = _LONE.sub(_of_windows, body.decode("utf-8", "surrogateescape")).encode()
    plain_references = _REFERENCE.sub(_reference, body)
    if plain_references != body:
        repair = repair or "a reference to a character that does not exist"
    return plain_references, repair


def _of_windows(match: re.Match[str]) -> str:
    return bytes([ord(match[0]) - 0xDC00]).decode("cp1252", "replace")


def _reference(match: re.Match[bytes]) -> bytes:
    digits = match[1] or match[2]
    exists = len(digits) < 10 and int(digits, 16 if match[1] else 10) < 0x110000
    return match[0] if exists else f"&#{ord(REPLACEMENT)};".encode()


def _read(page: Page, body: bytes) -> feedparser.FeedParserDict:
    """The feed as feedparser reads and, if necessary, repairs it; `Drifted` where it is no feed or is truncated.

    feedparser repairs stray ampersands and bytes, unknown entities, wrong declarations of the encoding and open tags;
    `_entries` accounts for every item.  A truncated feed cannot be repaired.
    """
    if b"<!ENTITY" in body:
        raise Drifted(page.url, "entities of its own, which may unfold without bound", expected="a feed without them")
    # A stream, because bytes that spell a path or an address would be opened.
    read = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    if read.bozo and not _CLOSED.search(body):
        raise Drifted(page.url, f"not a well-formed feed: {read.bozo_exception}", expected="RSS or Atom, to its end")
    if not read.version or not read.entries:
        raise Drifted(page.url, f"no item in a page of type {read.version or 'unknown'}", expected="a feed with items")
    return read


def _note(repair: str) -> Quarantined:
    """A note for the operator on what was repaired; no item is lost."""
    return Quarantined(
        board="",
        edition="",
        name="",
        field=REPAIRED,
        found=repair[:MAX_TITLE],
        expected="a well-formed feed; it was repaired, and its items are kept",
        written="",
    )


def _lost(shown: str) -> Quarantined:
    return Quarantined(
        board="",
        edition="",
        name=plain(shown, MAX_NAME),
        field="item",
        found="an item without an identity of its own, or one that cannot be read",
        expected="a title, and an id or a link",
        written=shown[:MAX_TITLE],
    )


def _entries(page: Page, body: bytes, read: feedparser.FeedParserDict) -> list[Any]:
    """The items of a feed; in a feed that is not XML each is read by itself, so that one does not spoil the next.

    An empty item stands for one that is in the bytes and was not read.
    """
    if not read.bozo or isinstance(read.bozo_exception, feedparser.exceptions.CharacterEncodingOverride):
        return list(read.entries)
    root = _ROOT.search(body)
    starts = [match.start() for match in _ITEM.finditer(_masked(body))]
    if root is None or not 0 < len(starts) <= MOST_REPAIRED:
        raise Drifted(
            page.url,
            f"a malformed feed of {len(starts)} items: {read.bozo_exception}",
            expected=f"RSS or Atom; if it is malformed, 1 to {MOST_REPAIRED} items",
        )
    declaration = body.lstrip()[: body.lstrip().find(b"?>") + 2]
    head = (declaration if declaration.startswith(b"<?xml") and len(declaration) < 200 else b"") + root[0]
    found: list[Any] = []
    for start, end in zip(starts, [*starts[1:], len(body)], strict=True):
        item = body[start:end]
        closed = _END.search(item)
        name = b"entry" if item[:6].lower() == b"<entry" else b"item"
        whole = item[: closed.end()] if closed else item + b"</" + name + b">"
        one = feedparser.parse(
            io.BytesIO(head + whole + b"</" + root[1] + b">"), sanitize_html=False, resolve_relative_uris=False
        )
        found.append(one.entries[0] if len(one.entries) == 1 else {})
    return found


def _masked(body: bytes) -> bytes:
    """The bytes with blanks for comments and quoted text that end, each at its place."""
    for begin, end in ((b"<!--", b"-->"), (b"<![CDATA[", b"]]>")):
        first, *rest = body.split(begin)
        pieces = [first]
        for piece in rest:
            inside, found, after = piece.partition(end)
            pieces.append(b" " * (len(begin) + len(inside) + len(found)) + after if found else begin + piece)
        body = b"".join(pieces)
    return body


def _title(item: Mapping[str, Any], *, repaired: bool) -> str:
    """The title as text; a repaired one without the semicolons by which feedparser ends a stray ``R&D``."""
    title = plain(item.get("title"), MAX_TITLE)
    return re.sub(r"&(\w+);", r"&\1", title) if repaired else title


def plain(markup: object, limit: int) -> str:
    """Text without mark-up, control or invisible characters, in one line, cut to the limit."""
    return clean_text(" ".join(plain_text(str(markup or "")).split()), limit)


def _link(item: Mapping[str, Any]) -> str:
    """The item's address as it stands; the row type keeps it only where it is one of the web."""
    return str(item.get("link") or "").strip()


def _moment(item: Mapping[str, Any]) -> datetime | None:
    """When it was published, None where no feed can be so old; Atom without ``published`` states it as ``updated``."""
    stated = dict(item)  # feedparser's own get() answers one for the other, and warns
    stated_time = stated.get("published_parsed") or stated.get("updated_parsed")
    try:
        moment = datetime.fromtimestamp(calendar.timegm(stated_time), UTC) if stated_time else None
    except (ValueError, OverflowError, OSError):  # 0001-01-01T00:00:00+14:00 is of the year 0
        return None
    return moment if moment and moment >= FIRST_FEED else None


def _published(item: Mapping[str, Any], built: datetime | None, zone: timezone) -> date | None:
    moment = _moment(item)
    if moment is None:
        return None
    by_clock = built is not None and abs(moment - built) <= SAME_RUN and moment.time() != time(0)
    return None if by_clock else moment.astimezone(zone).date()
