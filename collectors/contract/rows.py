"""Rows: what one page states, under the name that page uses; each cleans and bounds its own texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from operator import attrgetter
from typing import Literal

from collectors.sanitize import MAX_NAME, MAX_TEXT, MAX_URL, clean_text, clean_url, is_plain, visible

MAX_TITLE = 300

MAX_SUMMARY = 500

MAX_DEVELOPER = 1_000
"""A joint work names a dozen laboratories."""

MAX_CONTEXT = 2**20
"""Longest context one page hands to another, in characters: a list of its tables, not the tables."""

REPAIRED = "repaired"
"""The field of a `Quarantined` that is only a note: the page was malformed and was read without loss."""

Evidence = Literal["hub files", "release note", "registry flag", "board flag"]

ReleaseEvent = Literal["announced", "api", "weights", "released", "listed"]

_FIELD_RULES: Mapping[str, Callable[[str], str]] = {
    "written": partial(visible, limit=MAX_TEXT, lines=True),
    "found": partial(visible, limit=MAX_NAME),
    "developer": partial(clean_text, limit=MAX_DEVELOPER),
    "title": partial(clean_text, limit=MAX_TITLE),
    "summary": partial(clean_text, limit=MAX_SUMMARY),
    "guid": partial(clean_text, limit=MAX_URL),
    "link": clean_url,
}
"""How a field is made safe, by its name; every other text is one line of at most `MAX_NAME` characters."""


def _sanitizer(*fields: str) -> Callable[[Row], None]:
    """A function that cleans and bounds the named fields of a row in place.

    A row's name is judged by `name_fault` and not changed.
    """
    texts, of_texts = attrgetter(*fields), "link" not in fields

    def sanitize(row: Row) -> None:
        together = "".join(texts(row))
        if of_texts and len(together) <= MAX_NAME and is_plain(together):
            return  # nearly every row: no limit is less than `MAX_NAME`
        for name in fields:
            given = getattr(row, name)
            cleaned = _FIELD_RULES.get(name, _one_line)(given)
            if cleaned != given:
                object.__setattr__(row, name, cleaned)

    return sanitize


def _one_line(text: str) -> str:
    return clean_text(text, MAX_NAME)


_clean_tally = _sanitizer("edition")
_clean_score = _sanitizer("edition", "written", "developer", "variant")
_clean_excluded = _sanitizer("edition", "name", "rule")
_clean_quarantined = _sanitizer("edition", "name", "field", "found", "expected", "written")
_clean_access = _sanitizer("written", "developer", "licence", "repo")
_clean_release = _sanitizer("written", "developer")
_clean_price = _sanitizer("provider", "written")
_clean_spec = _sanitizer("written", "developer")
_clean_announcement = _sanitizer("title", "link", "guid", "summary")
_clean_incident = _sanitizer("provider", "title", "impact", "guid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Get:
    """Another address this page names, to be fetched tonight; ``context`` is passed on to its page."""

    url: str
    context: str = ""

    def __post_init__(self) -> None:
        if len(self.context) > MAX_CONTEXT:
            raise ValueError(
                f"{len(self.context)} characters of context for one address, expected at most {MAX_CONTEXT}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The number of rows that the page shows for one board edition, counted before any row is read.

    The warehouse asserts ``rows = scores + excluded + quarantined``.  ``updated_on`` is the newest
    date the board itself states for this table, if it states one.
    """

    board: str
    edition: str
    rows: int
    updated_on: date | None = None

    def __post_init__(self) -> None:
        _clean_tally(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One value of one model configuration on one board edition.  Make it with `Board.score`.

    ``name`` and ``developer`` are as the source writes them; ``variant`` adds a configuration the
    source keeps in another column (effort, edit format).  ``value`` is in the board's unit.
    ``stderr`` is in the same unit, from the board's own interval, else None; ``n_items`` is the
    number of questions or votes behind this value when the row says so.
    """

    board: str
    edition: str
    name: str
    value: float
    written: str
    developer: str = ""
    variant: str = ""
    stderr: float | None = None
    n_items: int | None = None
    scored_on: date | None = None
    self_reported: bool = False

    def __post_init__(self) -> None:
        _clean_score(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Excluded:
    """A row that is no plain model result, left out by a named rule (METHOD section 1).

    ``value``: what its page shows for it, in the board's unit, where it shows a number: so that a rule that leaves out
    the best of a page is noticed.
    """

    board: str
    edition: str
    name: str
    rule: str
    value: float | None = None

    def __post_init__(self) -> None:
        _clean_excluded(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A row that cannot be right: what was found, what was expected, and the row as written.

    ``board`` and ``edition`` are empty for a row of a list outside the boards: a price, a model, an item of a feed.
    """

    board: str
    edition: str
    name: str
    field: str
    found: str
    expected: str
    written: str

    def __post_init__(self) -> None:
        _clean_quarantined(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One source's statement on whether a model's weights can be downloaded, with its kind of evidence.

    ``open`` None means the source states a licence or a repository but no verdict.
    """

    name: str
    open: bool | None
    evidence: Evidence
    written: str
    developer: str = ""
    licence: str = ""
    repo: str = ""
    gated: bool | None = None

    def __post_init__(self) -> None:
        _clean_access(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A dated event of a model as one source reports it (``released``: the source does not say which event).

    ``listed`` is when a registry or the Hub first had it, which bounds a release from one side.
    """

    name: str
    event: ReleaseEvent
    happened_on: date
    written: str
    developer: str = ""

    def __post_init__(self) -> None:
        _clean_release(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A list price in USD per million tokens; ``valid_from`` only where the source dates it."""

    name: str
    provider: str
    input_usd: float
    output_usd: float
    written: str
    valid_from: date | None = None

    def __post_init__(self) -> None:
        _clean_price(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A quantity a source states about a model: parameters, context tokens, training FLOP, downloads."""

    name: str
    quantity: Literal[
        "parameters", "active_parameters", "context_tokens", "training_flop", "downloads", "likes", "trending"
    ]
    value: float
    written: str
    developer: str = ""

    def __post_init__(self) -> None:
        _clean_spec(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """One item of a lab's feed.  ``guid`` is the feed's own id, else the link."""

    lab: str
    title: str
    link: str
    guid: str
    published_on: date | None
    summary: str = ""

    def __post_init__(self) -> None:
        _clean_announcement(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One incident of a provider's status page; times in UTC, ``ended_at`` None while it lasts."""

    provider: str
    title: str
    impact: str
    started_at: datetime
    ended_at: datetime | None
    guid: str

    def __post_init__(self) -> None:
        _clean_incident(self)


Row = Get | Tally | Score | Excluded | Quarantined | Access | Release | Price | Spec | Announcement | Incident
