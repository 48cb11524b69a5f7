"""What the labs' own news pages share: a page of cards, of release notes, or a list of articles as data.

The pages behind these readers were not recorded, and none was seen when this was written.  Each source's module
says what shape it assumes; where a page has another, that is `Drifted`, and says what was looked for.  So is a
page of which less than half can be read: a few links without a title are a site's menu, many are a new layout.

A date is the lab's own or none: a month alone ("March 2026", Ai2) dates nothing.  ``zone`` is where a moment is a
day, because midnight in Beijing is the day before in UTC.  An item's id is its address; on a page where all
items share one, it is the address with date and title.

x.ai and ai.meta.com refuse plain clients and are read only through the scraped feeds (feed-xainews, feed-meta-ai).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from bs4.element import NavigableString, Tag

from collectors.contract import Announcement, Drifted, Page, Row, Source
from collectors.feeds import MAX_LINK, MAX_SUMMARY, MAX_TITLE, plain
from collectors.read import cell_text, day, js_literal, json_of, soup

BEIJING = timezone(timedelta(hours=8))
HEADINGS = "h1, h2, h3, h4, h5, h6"
LONGEST_DATE = 60
"""Characters of a text that is looked at for a date: "Mar 26, 2026 | 5 min read", not a sentence that holds one."""

_INLINE = frozenset({"a", "b", "strong", "em", "i", "code", "u"})
_MARK = re.compile(r"\s*[\u00b7\u2022|\u2013\u2014]\s*|\s+-\s+")
_MONTH_ALONE = re.compile(r"[A-Z][a-z]{2,8}\.? \d{4}")
_ADVICE = "compare the archived page with the shape the source's module assumes"


def news_page(
    name: str,
    lab: str,
    url: str,
    *,
    title: str,
    link_prefix: tuple[str, ...],
    heading: str = HEADINGS,
    zone: timezone = UTC,
) -> Source:
    """A page of cards, each with a link to an item directly under one of the paths ``link_prefix``.

    The title is the first ``heading`` (a CSS selector) in or around the link that is no date; what is around a
    link is its card, which ends where another item's begins.
    """
    hosts = _hosts(url)

    def item(anchor: Tag) -> str:
        try:
            parts = urlsplit(urljoin(url, str(anchor.get("href") or "").strip()))
        except ValueError:
            return ""
        slugs = (parts.path.removeprefix(path).strip("/") for path in link_prefix if parts.path.startswith(path))
        if parts.scheme not in ("http", "https") or parts.hostname not in hosts:
            return ""
        return f"https://{parts.hostname}{parts.path}"[:MAX_LINK] if any(s and "/" not in s for s in slugs) else ""

    def parse(page: Page) -> Iterator[Row]:
        found: dict[str, tuple[str, date | None]] = {}
        for anchor in soup(page).select("a[href]"):
            link = item(anchor)
            known, on = found.get(link, ("", None))
            if link and not (known and on):
                card = _card(anchor, item)
                found[link] = (known or _heading(card, heading), on or _dated(card, zone))
        yield from _believed(
            page,
            [_item(lab, name_, link, on) for link, (name_, on) in found.items()],
            f"links under {' or '.join(link_prefix)} with a title ({heading})",
        )

    return _source(name, lab, url, title, parse)


def release_notes(name: str, lab: str, url: str, *, title: str, zone: timezone = UTC) -> Source:
    """A page of sections, each opened by a text that is a date ("Date: 2025-12-01") and followed by its titles.

    The first text below a date is a title, and where it is a heading so is every further one of its level.
    """

    def parse(page: Page) -> Iterator[Row]:
        rows = [
            _item(
                lab,
                note.title,
                f"{url}#{quote(note.anchor)}" if note.anchor else url,
                note.on,
                guid=f"{url}#{note.on} {note.title}",
                summary=" ".join(note.texts),
            )
            for note in _notes(page, zone)
        ]
        yield from _believed(page, rows, "a date as a text of its own, and a title below it")

    return _source(name, lab, url, title, parse)


def article_list(
    name: str,
    lab: str,
    url: str,
    *,
    title: str,
    items: str,
    title_field: str,
    slug_field: str,
    date_field: str,
    link: str,
    homepage: str = "",
    summary_field: str = "",
    variable: str = "",
    zone: timezone = UTC,
) -> Source:
    """A list ``items``, at any depth of a JSON answer, of articles with the named fields (``a.b`` is b within a).

    ``link`` is the address of an article, ``{}`` standing for its slug.  ``variable`` names the JavaScript variable
    the data stand in where the answer is a page.
    """

    def parse(page: Page) -> Iterator[Row]:
        articles = _under(_variable(page, variable) if variable else json_of(page), items)
        rows = [
            _item(
                lab,
                _field(article, title_field),
                link.format(quote(slug))[:MAX_LINK] if (slug := _field(article, slug_field)) else "",
                _on(_at(article, date_field), zone),
                summary=_field(article, summary_field),
            )
            for article in articles
        ]
        yield from _believed(page, rows, f"a list {items!r} with {title_field} and {slug_field}")

    return _source(name, lab, url, title, parse, homepage)


def _source(
    name: str, lab: str, url: str, title: str, parse: Callable[[Page], Iterable[Row]], homepage: str = ""
) -> Source:
    return Source(
        name=name,
        title=title,
        kind="announcements",
        homepage=homepage or url,
        licence="none stated",
        attribution=lab,
        start=(url,),
        hosts=_hosts(url),
        parse=parse,
    )


def _hosts(url: str) -> frozenset[str]:
    host = urlsplit(url).hostname or ""
    return frozenset({host, host.removeprefix("www.")})


def _item(lab: str, title: str, link: str, on: date | None, *, guid: str = "", summary: str = "") -> Announcement:
    return Announcement(
        lab=lab,
        title=plain(title, MAX_TITLE).strip(),
        link=link,
        guid=(guid or link)[:MAX_LINK],
        published_on=on,
        summary=plain(summary, MAX_SUMMARY),
    )


def _believed(page: Page, rows: list[Announcement], sought: str) -> list[Announcement]:
    """The items that have a title and an address, each once; `Drifted` where they are none, or the lesser part."""
    whole = [row for row in rows if row.title and row.link]
    if not whole or len(whole) < len(rows) - len(whole):
        raise Drifted(page.url, f"{len(whole)} of {len(rows)} items whole", expected=sought, todo=_ADVICE)
    return list({row.guid: row for row in reversed(whole)}.values())[::-1]


# --- dates --------------------------------------------------------------------------------------


def _on(stated: object, zone: timezone) -> date | None:
    """The day a lab tells: a moment in the site's zone (a number is milliseconds since 1970), or a date."""
    if isinstance(stated, int | float) and not isinstance(stated, bool):
        try:
            return datetime.fromtimestamp(stated / 1000, zone).date()
        except (OverflowError, ValueError, OSError):
            return None
    text = str(stated or "").strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        text = re.sub(r"^[A-Za-z ]{1,20}:\s*", "", text)
        return day(re.sub(r"(?<=\d)\.(?=\d)", "-", text).replace(".", ""))
    return moment.astimezone(zone).date() if moment.tzinfo else moment.date()


def _day_in(text: str, zone: timezone) -> date | None:
    """The date a short text is, or is a part of between dashes, dots or bars."""
    if len(text) > LONGEST_DATE:
        return None
    return next((on for part in _MARK.split(text) if (on := _on(part, zone))), None)


def _dated(card: list[Tag], zone: timezone) -> date | None:
    """The first date around a link, the nearest first: a ``<time datetime>``, else a text."""
    for scope in card:
        dates = (_on(tag["datetime"], zone) for tag in [scope, *scope.select("time[datetime]")] if tag.get("datetime"))
        texts = (*scope.stripped_strings, *map(cell_text, scope.find_all(True)))
        if on := next((on for on in dates if on), None) or next((on for t in texts if (on := _day_in(t, zone))), None):
            return on
    return None


# --- cards --------------------------------------------------------------------------------------


def _card(anchor: Tag, item: Callable[[Tag], str]) -> list[Tag]:
    """The link and what is around it, from the inside out, up to where another item's link stands."""
    own = item(anchor)
    card = [anchor]
    for around in anchor.parents:
        if around.name in ("main", "body", "html", "[document]"):
            break
        if any(isinstance(tag, Tag) and tag.name == "a" and item(tag) not in ("", own) for tag in around.descendants):
            break
        card.append(around)
    return card


def _heading(card: list[Tag], heading: str) -> str:
    """The nearest heading's text without what stands in it as a text of its own: a date, and a mark after it."""
    for scope in card:
        for tag in [scope] if scope.css.match(heading) else scope.select(heading):
            text = "".join(piece for piece in tag.strings if not _dates(piece.strip()))
            if title := re.sub(r"^[\W_]+(?=\s)", "", " ".join(text.split())).strip():
                return title
    return ""


def _dates(text: str) -> bool:
    if len(text) > LONGEST_DATE:
        return False
    return bool(_MONTH_ALONE.fullmatch(text)) or _on(_MARK.split(text)[0], UTC) is not None


# --- release notes ------------------------------------------------------------------------------


@dataclass(slots=True)
class _Note:
    on: date
    title: str
    anchor: str
    texts: list[str] = field(default_factory=list)


def _notes(page: Page, zone: timezone) -> list[_Note]:
    """The notes of a page; an outline of the page, which repeats its dates as links within it, is left out."""
    body = soup(page)
    articles = body.select("article")
    root = articles[0] if len(articles) == 1 else body.select_one("main") or body
    for beside in root.select('nav, aside, footer, script, style, li a[href^="#"]'):
        beside.extract()
    notes: list[_Note] = []
    on: date | None = None
    level = ""
    for block in _blocks(root):
        text = plain(block.get_text(), MAX_LINK).strip()
        heading_on = _on(text, zone) if len(text) <= LONGEST_DATE else None
        if heading_on:
            on, level = heading_on, ""
        elif text and on and (not level or (block.name == level and block.css.match(HEADINGS))):
            notes.append(_Note(on=on, title=text, anchor=str(block.get("id") or "")))
            level = block.name
        elif text and on:
            notes[-1].texts.append(text)
    return notes


def _blocks(root: Tag) -> Iterator[Tag]:
    """The elements that hold text, in order: a heading whole, a paragraph with all that is set inside its line."""
    seen: set[int] = set()
    for text in root.find_all(string=True):
        if type(text) is not NavigableString or not text.strip() or text.parent is None:
            continue
        block = text.find_parent(HEADINGS.split(", ")) or text.parent
        while block.name in _INLINE and block.parent is not None:
            block = block.parent
        if not any(id(tag) in seen for tag in (block, *block.parents)):
            seen.add(id(block))
            yield block


# --- articles as data ---------------------------------------------------------------------------


def _variable(page: Page, name: str) -> Any:
    """What a script of the page sets a variable to."""
    for script in soup(page).select("script"):
        _, found, value = script.get_text().partition(name)
        if found:
            return js_literal(page, value.partition("=")[2])
    raise Drifted(page.url, "no script that sets it", expected=f"the variable {name}", todo=_ADVICE)


def _under(value: Any, key: str) -> list[Any]:
    """The first list of objects under that key, at any depth; none is an empty list."""
    queue = [value]
    for here in queue:
        if isinstance(here, dict):
            item = here.get(key)
            if isinstance(item, list) and item and all(isinstance(article, dict) for article in item):
                return item
            queue.extend(here.values())
        elif isinstance(here, list):
            queue.extend(here)
    return []


def _at(value: Any, path: str) -> Any:
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _field(article: Any, path: str) -> str:
    """The text of a field; nothing where it is none, or no field is named."""
    stated = _at(article, path)
    return stated.strip() if isinstance(stated, str) else ""
