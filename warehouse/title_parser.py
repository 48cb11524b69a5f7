"""Finds the model that an item of a lab's feed announces, by simple rules.

A title names a model where consecutive words resolve, by alias, normal form or structure, to a model of the feed's own
lab that is known from another source.  A title alone never makes a model ("Introducing Claude 4" stands for two), and a
feed that is not a lab's own (Ollama's) announces no model.  The longest match counts, and a match ends at the next
name-like word: "Grok-1.5 Vision Preview" is not Grok-1.5.

An item is a release where a rule (`Rule`) finds that it announces the model; "GPT-5.4 Thinking System Card" and "Remote
agents in Vibe. Powered by Mistral Medium 3.5." only mention one.  Mistral's titles are puns ("Large Enough"), so an
address with a model's name counts as well (``/news/mistral-large-2407``).  Where a name stands for several models
("Claude 3.5 Sonnet"), the one released within days of the item is meant.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from urllib.parse import urlsplit

from warehouse.identity import Resolution, Resolver

Rule = Literal["opening word", "release word", "name alone", "address", "mentioned"]
"""What made an item a release of the model it names: "Introducing X", "X is here", "X: our best yet", ``/news/x``."""

LONGEST = 6
"""Words a model's name has at most."""

SAME_NEWS = timedelta(days=7)
"""Mirrors date an item some days apart; a title that comes back later ("Sharing new research") is other news."""

_HAN = re.compile(r"([\u4e00-\u9fff]+)")
_OPENING = re.compile(
    r"(?i)(?:introducing|announcing|meet|hello|releasing|launching|unveiling|presenting|welcome"
    r"|(?:open |official )?release of)\b"
)
_RELEASE = re.compile(
    r"(?i)\b(?:releases?|released|launch|launches|launched|is here|arrives"
    r"|(?:now|generally) available(?! (?:in|on|for|to|through)))\b|发布|开源"
)
_ABOUT = re.compile(
    r"(?i)\b(?:system card|model card|guide|tutorial|cookbook|how|fine-?tun\w+|follow-?up|prompt\w*|insights|statement"
    r"|safety|partners?|partnership|compatibility)\b|更新"
)
_TURN = frozenset({"with", "for", "in", "on", "by", "using", "powered", "from", "built", "to", "through"})
"""Words after which a title is about something else: "Introducing Vibe, powered by Mistral Medium 3.5"."""
_BREAK = frozenset({"and", "&", "/", "|", "-", "\u2013", "\u2014", "\u00b7", "+"})
_FILLING = (
    "a an the our new next all is here now available generally today official officially first preview beta model"
    " models family series api release releases released launch launches launched system card in on for with by from"
    " to through powered using built and open weights weight version update"
)
_FILL = frozenset(_FILLING.split())
_CLAUSE = re.compile(r"(?:: | [-|\u2013\u2014] )")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of one feed, as newest known."""

    source: str
    lab: str
    guid: str
    title: str
    link: str
    published_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """A model an item of a feed names."""

    source: str
    lab: str
    guid: str
    model: str
    is_release: bool
    rule: Rule


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a title; ``ends`` where a comma or the like closes the phrase after it."""

    text: str
    ends: bool


_Span = tuple[int, int, str]
"""From word, to word, the model they name."""


class TitleParser:
    """Reads titles by a fixed resolver; ``known`` are the models that seeds or other sources name."""

    def __init__(self, resolver: Resolver, known: Collection[str]) -> None:
        self._resolver = resolver
        self._known = frozenset(known)
        self._labs = {
            spelling.casefold(): lab.slug
            for lab in resolver.developers.values()
            for spelling in (lab.slug, lab.title, *lab.spellings)
        }
        self._starts: dict[str, set[str]] = defaultdict(set)
        for model in resolver.models.values():
            self._starts[model.developer] |= {_start(model.title), _start(model.slug)}
        self._read: dict[str, Resolution] = {}

    def named(self, item: Item) -> tuple[tuple[str, Rule], ...]:
        """The lab's models that an item names, each with its rule; ``mentioned`` is no release."""
        developer = self._labs.get(item.lab.casefold())
        if developer is None:
            return ()
        title, on = item.title, item.published_on
        words = _words(title)
        found: dict[str, Rule] = {}
        spans = self._spans(words, developer, on)
        about = _ABOUT.search(title) is not None
        for at, end, model in spans:
            rule: Rule = "mentioned"
            if not about and not any(word.text.casefold() in _TURN for word in words[:at]):
                rule = self._rule(title, words, spans, end, developer)
            if found.get(model, "mentioned") == "mentioned":
                found[model] = rule
        model = "" if about else self._model(_address(item.link).rpartition("/")[2], developer, on)
        if model and found.get(model, "mentioned") == "mentioned":
            found[model] = "address"
        return tuple(sorted(found.items()))

    def _spans(self, words: Sequence[_Word], developer: str, on: date | None) -> list[_Span]:
        """The models' names among the words, from left to right."""
        spans: list[_Span] = []
        at = 0
        while at < len(words):
            span = self._longest(words, at, developer, on)
            if span:
                spans.append(span)
            at = span[1] if span else at + 1
        return spans

    def _longest(self, words: Sequence[_Word], at: int, developer: str, on: date | None) -> _Span | None:
        """The longest name that starts at a word."""
        if _start(words[at].text) not in self._starts[developer]:
            return None
        last = at + 1
        while last < min(len(words), at + LONGEST) and not words[last - 1].ends:
            last += 1
        for end in range(last, at, -1):
            goes_on = end < len(words) and not words[end - 1].ends and _names(words[end].text)
            if not goes_on and (model := self._model(_phrase(words[at:end]), developer, on)):
                return at, end, model
        return None

    def _model(self, phrase: str, developer: str, on: date | None) -> str:
        """The known model of that developer a phrase stands for on a date, or the empty string."""
        if self._labs.get(phrase.casefold()) == developer:
            return ""
        if phrase not in self._read:
            self._read[phrase] = self._resolver.resolve(phrase)
        resolution = self._read[phrase]
        meant = [resolution.model] if resolution.model else []
        if len(resolution.candidates) > 1:
            meant = [model for model in resolution.candidates if self._came_out(model, on)]
        return meant[0] if len(meant) == 1 and self._is_of(meant[0], resolution, developer) else ""

    def _is_of(self, model: str, resolution: Resolution, developer: str) -> bool:
        seeded = self._resolver.models.get(model)
        return model in self._known and (seeded.developer if seeded else resolution.developer) == developer

    def _came_out(self, model: str, on: date | None) -> bool:
        seeded = self._resolver.models.get(model)
        return seeded is not None and on is not None and any(abs(day - on) <= SAME_NEWS for day in seeded.dates)

    def _rule(self, title: str, words: Sequence[_Word], spans: Sequence[_Span], end: int, developer: str) -> Rule:
        if _OPENING.match(title.strip()):
            return "opening word"
        if _RELEASE.search(title):
            return "release word"
        head = len(_words(_CLAUSE.split(title, maxsplit=1)[0]))
        covered = {i for start, stop, _model in spans for i in range(start, stop)}
        rest = {words[i].text for i in range(head) if i not in covered}
        return "name alone" if end <= head and all(self._is_beside(w, developer) for w in rest) else "mentioned"

    def _is_beside(self, word: str, developer: str) -> bool:
        """Whether a word beside a name is not part of it: a filler, the lab itself, an unknown model of the lab."""
        like_a_model = not word.isalpha() and _start(word) in self._starts[developer]
        return like_a_model or word.casefold() in _FILL or self._labs.get(word.casefold()) == developer


def announced(items: Iterable[Item], reader: TitleParser) -> list[Announced]:
    """Every model that any item names, in a fixed order."""
    return [
        Announced(
            source=item.source,
            lab=item.lab,
            guid=item.guid,
            model=model,
            is_release=rule != "mentioned",
            rule=rule,
        )
        for item in sorted(items, key=lambda i: (i.lab, i.source, i.guid))
        for model, rule in reader.named(item)
    ]


def same_items(items: Sequence[Item]) -> Mapping[tuple[str, str], str]:
    """(source, guid) -> the guid that stands for it: mirrors of one lab's item share a link, or a title within days.

    A link that one feed gives to several titles is the page of a list (MiniMax's ``/models``) and joins nothing.
    """
    titles: dict[tuple[str, str], set[str]] = defaultdict(set)
    for item in items:
        titles[item.source, _address(item.link)].add(_title(item.title))
    shared = {link for (_source, link), seen in titles.items() if len(seen) > 1}
    stands: dict[tuple[str, str], str] = {}
    by_link: dict[tuple[str, str], str] = {}
    by_title: dict[tuple[str, str], list[tuple[date | None, str]]] = defaultdict(list)
    for item in sorted(items, key=lambda i: (i.published_on or date.max, i.source, i.guid)):
        link, title = (item.lab, _address(item.link)), (item.lab, _title(item.title))
        own = link[1] not in shared and link[1] != ""
        near = (day for on, day in by_title[title] if _near(on, item.published_on))
        stands_for = (by_link.get(link) if own else None) or next(near, item.guid)
        stands[item.source, item.guid] = stands_for
        by_title[title].append((item.published_on, stands_for))
        if own:
            by_link.setdefault(link, stands_for)
    return stands


def _words(title: str) -> list[_Word]:
    found: list[_Word] = []
    for raw in _HAN.sub(r" \1 ", title).split():
        text = raw.strip("\"'()[]\u201c\u201d\u2018\u2019").rstrip(",.:;!?")
        if raw.casefold() in _BREAK or not text:
            if found:
                found[-1] = _Word(found[-1].text, True)
            continue
        found.append(_Word(text, raw[-1] in ",.:;!?)"))
    return found


def _phrase(words: Sequence[_Word]) -> str:
    return " ".join(word.text for word in words)


def _names(word: str) -> bool:
    """Whether a word after a name may belong to it: a capital or a digit, and no word of announcements."""
    return (word[0].isupper() or word[0].isdigit()) and word.casefold() not in _FILL


def _start(name: str) -> str:
    """What a name begins with: its letters up to the first digit, point, dash or space."""
    match = re.match(r"[^\W\d_]+", name.casefold())
    return match[0] if match else ""


def _title(title: str) -> str:
    return " ".join(re.findall(r"\w+", title.casefold()))


def _address(link: str) -> str:
    """A link without scheme, ``www``, query, fragment and closing slash; empty where there is none."""
    parts = urlsplit(link)
    host = (parts.hostname or "").removeprefix("www.")
    return f"{host}{parts.path.rstrip('/').casefold()}" if host else ""


def _near(a: date | None, b: date | None) -> bool:
    return a is None or b is None or abs(a - b) <= SAME_NEWS
