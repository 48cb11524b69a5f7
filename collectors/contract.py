"""The contract between collectors and warehouse: pages in, typed rows out, typed errors.

Everything here is an immutable value.  A collector declares one `Source` and one pure function
``parse(page) -> rows``; the warehouse stores what the rows say.  Neither knows the other.

Rows are *observations*: what one page states, under the name that page uses.  Nothing here resolves
names, judges openness or compares boards; the warehouse does that.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Literal

from collectors.sanitize import (
    MAX_NAME,
    MAX_TEXT,
    MAX_URL,
    REPLACEMENT,
    STRAY,
    clean_text,
    clean_url,
    has_invisible,
    name_fault,
    visible,
)

MAX_TITLE = 300
MAX_SUMMARY = 500
MAX_DEVELOPER = 1_000
"""A joint work names a dozen laboratories."""

MAX_FOUND = 1_000
"""What an error says was found may quote the page."""

MAX_CONTEXT = 2**20
"""Longest context one page hands to another, in characters: a list of its tables, not the tables."""

FAULTY_SHARE = 0.1
"""Largest share of a page's rows outside the boards that may be quarantined; beyond it the whole page is refused.

A single row may always be quarantined.  The tables of boards have their own limit (gate G4).
"""

REPAIRED = "repaired"
"""The field of a `Quarantined` that is only a note: the page was malformed and was read without loss."""

STRAY_SHARE = 1_000
"""One byte in so many may be no UTF-8 (four on any page): the rows with such bytes are quarantined, the others read."""

Domain = Literal[
    "chat preference",
    "reasoning and mathematics",
    "coding",
    "agents",
    "knowledge and factuality",
    "multimodal",
    "general",
]
Direction = Literal["higher", "lower"]
Evaluator = Literal["third party", "first party", "unknown"]
Evidence = Literal["hub files", "release note", "registry flag", "board flag"]
ReleaseEvent = Literal["announced", "api", "weights", "released", "listed"]
Kind = Literal["leaderboard", "registry", "prices", "announcements", "hub", "metadata", "status"]
Transport = Literal["http", "hub"]


# --- errors -------------------------------------------------------------------------------------


class SourceError(Exception):
    """Something about one source went wrong; the message states where, what was found and what to do.

    ``retry``: whether asking again tonight can help.  There is one subclass for each outcome, so that a caller can
    handle each kind by its class.
    """

    outcome = "failed"
    retry = False

    def __init__(self, url: str, found: str, *, expected: str = "", todo: str = "", source: str = "") -> None:
        self.url = url
        self.found = visible(found, MAX_FOUND)
        self.expected = expected
        self.todo = todo
        self.source = source
        super().__init__(url, found)

    def __str__(self) -> str:
        parts = [f"{self.source or 'source'}: {self.found}"]
        if self.expected:
            parts.append(f"expected {self.expected}")
        parts.append(f"at {visible(self.url, MAX_URL)}")
        if self.todo:
            parts.append(f"what to do: {self.todo}")
        return "; ".join(parts)


class Unreachable(SourceError):
    """No whole answer: connection, DNS, time-out, 5xx, cut body.  Worth another try.

    ``wait`` is how many seconds the site asked us to wait, None where it named no time.  ``late``: the site could not
    be reached at all or in time, so its other addresses will fail in the same way.
    """

    outcome = "unreachable"
    retry = True
    wait: float | None = None
    late = False


class Blocked(SourceError):
    """The site refuses us: bot wall, 401/403/451, robots.txt, or a rate limit with too long a wait."""

    outcome = "blocked"


class Gone(SourceError):
    """The address answers 404/410 or points to a host the source does not own."""

    outcome = "gone"


class Drifted(SourceError):
    """The page came, but its shape or columns are not those the parser expects, or it is empty."""

    outcome = "drifted"


class Hostile(SourceError):
    """The answer broke a safety limit: size, decompression, nesting, redirect target."""

    outcome = "hostile"


# --- pages --------------------------------------------------------------------------------------

_LONE = re.compile("[\ud800-\udfff]")


def page_key(url: str, sha256: str, context: str = "") -> str:
    """The digest that identifies a page and its rows: address, body and context."""
    return hashlib.sha256(f"{url}\n{sha256}\n{context}".encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The bytes that one address returned at one moment.

    ``url`` is always the live address, also when a mirror answered.  ``context`` comes from the page
    that named this address (see `Get`), so that parsing stays a function of its input.
    """

    url: str
    body: bytes
    fetched_at: datetime
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    context: str = ""

    @property
    def sha256(self) -> str:
        """Hex digest of the body: the name of its file in the archive."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def key(self) -> str:
        """What parsing depends on besides the parser (address, body, context) as one hex digest."""
        return page_key(self.url, self.sha256, self.context)

    @property
    def text(self) -> str:
        """The body as UTF-8 (a BOM is dropped); anything else is `Drifted`, never guessed."""
        try:
            return self.body.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Drifted(
                self.url,
                f"byte {error.start} is not UTF-8",
                expected="a page in UTF-8",
                todo="look at the archived page; declare the encoding if the site changed it",
            ) from error

    @property
    def marked_text(self) -> str:
        """The body as UTF-8, with `STRAY` for each of a few bytes that are not, as a cell saved in Latin-1 has.

        For formats whose rows stand apart (JSON, YAML, CSV): their loaders put a `Fault` in the place of such a text.
        In HTML and Markdown the same byte may have been part of what says which table it is.
        """
        text, count = _LONE.subn(STRAY, self.body.decode("utf-8-sig", "surrogateescape"))
        if count > max(4, len(self.body) // STRAY_SHARE) or self.body.startswith((b"\xff\xfe", b"\xfe\xff")):
            return self.text  # raises
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedPage:
    """The newest archived page of an address, without its body: enough for a conditional request.

    ``whole_nights`` is on how many nights the site served these bytes whole.  One look confirms nothing, so a page is
    asked for without a condition until there are two.
    """

    url: str
    sha256: str
    size: int
    fetched_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)
    context: str = ""
    whole_nights: int = 2

    @property
    def key(self) -> str:
        """The key of the page itself."""
        return page_key(self.url, self.sha256, self.context)


# --- rows ---------------------------------------------------------------------------------------


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


def _sanitize(row: Row, *fields: str) -> None:
    """Cleans and bounds the named fields of a row in place; a row's name is judged by `name_fault` and not changed."""
    for name in fields:
        given = getattr(row, name)
        cleaned = _FIELD_RULES.get(name, _one_line)(given)
        if cleaned != given:
            object.__setattr__(row, name, cleaned)


def _one_line(text: str) -> str:
    return clean_text(text, MAX_NAME)


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
        _sanitize(self, "edition")


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
        _sanitize(self, "edition", "written", "developer", "variant")


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
        _sanitize(self, "edition", "name", "rule")


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
        _sanitize(self, "edition", "name", "field", "found", "expected", "written")


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
        _sanitize(self, "written", "developer", "licence", "repo")


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
        _sanitize(self, "written", "developer")


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
        _sanitize(self, "provider", "written")


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
        _sanitize(self, "written", "developer")


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
        _sanitize(self, "title", "link", "guid", "summary")


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
        _sanitize(self, "provider", "title", "impact", "guid")


Row = Get | Tally | Score | Excluded | Quarantined | Access | Release | Price | Spec | Announcement | Incident
Parse = Callable[[Page], Iterable[Row]]


# --- declarations -------------------------------------------------------------------------------


MAX_ITEMS = 10**12
"""No count is larger; one of 0 or less makes a resolution that is no number, and then nothing is published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What one leaderboard measures: the facts needed to read its values and to check them.

    ``low`` and ``high`` bound the possible (not the likely) values; a rating has no natural bound,
    so give it a generous one.  ``n_items`` is the registered number of questions, ``chance`` the
    score of guessing, ``ceiling`` the best score the labels allow; all three in the board's unit
    or None where unknown.  A ``composite`` is an average or an index of other instruments and
    never enters the composite again (METHOD section 5).  A board with ``counts_for_index`` False
    is collected all the same and says why in ``why_not``.
    """

    name: str
    title: str
    domain: Domain
    measures: str
    unit: Literal["%", "fraction", "rating", "index", "points", "seconds", "USD"]
    low: float
    high: float
    better: Direction = "higher"
    n_items: int | None = None
    chance: float | None = None
    ceiling: float | None = None
    composite: bool = False
    evaluator: Evaluator = "third party"
    counts_for_index: bool = True
    why_not: str = ""
    min_rows: int = 2
    frozen_after_days: int = 120

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"board {self.name}: low {self.low} is not below high {self.high}")
        if not self.counts_for_index and not self.why_not:
            raise ValueError(f"board {self.name} does not count for the index and does not say why")

    def score(
        self,
        *,
        edition: str,
        name: str,
        value: float | None,
        written: str,
        developer: str = "",
        variant: str = "",
        stderr: float | None = None,
        n_items: int | None = None,
        scored_on: date | None = None,
        self_reported: bool = False,
    ) -> Score | Quarantined:
        """The only way to make a `Score`; a value that cannot be right becomes `Quarantined`.

        Nothing is rescaled: 0.88 on a board of percentages passes the range and is left to the
        gates, which see the whole table.
        """
        name = name.strip()

        def refuse(field_: str, found: str, expected: str) -> Quarantined:
            return Quarantined(
                board=self.name,
                edition=edition,
                name=visible(name, MAX_NAME),
                field=field_,
                found=found,
                expected=expected,
                written=written,
            )

        if fault := name_fault(name):
            return refuse("name", fault, f"a name of 1 to {MAX_NAME} plain characters")
        if has_invisible(variant) or REPLACEMENT in variant:
            return refuse("variant", "control, invisible or replacement characters", "plain characters")
        if value is None or not math.isfinite(value):
            return refuse("value", str(value), f"a finite number in {self.unit}")
        if not self.low <= value <= self.high:
            return refuse("value", f"{value:g}", f"{self.low:g} to {self.high:g} {self.unit}")
        if stderr is not None and not 0 <= stderr <= self.high - self.low:
            return refuse("stderr", f"{stderr}", f"a standard error of 0 to {self.high - self.low:g} {self.unit}")
        if n_items is not None and not 1 <= n_items <= MAX_ITEMS:
            return refuse("n_items", f"{n_items}", f"1 to {MAX_ITEMS:,} questions or votes")
        return Score(
            board=self.name,
            edition=edition,
            name=name,
            value=value,
            written=written,
            developer=developer.strip()[:MAX_NAME],
            variant=variant.strip(),
            stderr=stderr,
            n_items=n_items,
            scored_on=scored_on,
            self_reported=self_reported,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One place we read, declared once in one module whose file name is its name (``_`` for ``-``).

    ``start`` are live addresses; what else must be fetched, ``parse`` names with `Get`.  ``hosts``
    are all hosts it may be redirected to or name.  ``cadence_days`` is how often the site is
    expected to change, ``limit_bytes`` the size cap after decompression.
    ``past_every_days``: a back-fill asks it only that often, because its rows bear their own dates.
    A source with transport ``hub`` gives Hub organisations instead of addresses in ``start``.
    ``faulty_share`` of a page's rows outside the boards may be quarantined; beyond it the page is `Drifted`.
    ``operator`` is who evaluates and publishes: all boards of one operator are one witness.  A source that collects the
    results of others has itself as operator, because whoever can write its page can write all of them.  Empty: the
    source stands for itself.
    """

    name: str
    title: str
    kind: Kind
    homepage: str
    licence: str
    start: tuple[str, ...]
    hosts: frozenset[str]
    parse: Parse
    boards: tuple[Board, ...] = ()
    attribution: str = ""
    operator: str = ""
    cadence_days: int = 1
    past_every_days: int = 1
    limit_bytes: int = 32 * 2**20
    transport: Transport = "http"
    faulty_share: float = FAULTY_SHARE

    def __post_init__(self) -> None:
        if not self.start or not self.hosts:
            raise ValueError(f"source {self.name} names no address or no host")
        if self.kind == "leaderboard" and not self.boards:
            raise ValueError(f"leaderboard {self.name} declares no board")

    def board(self, name: str) -> Board:
        """The declared board of that name (KeyError names the ones there are)."""
        for board in self.boards:
            if board.name == name:
                return board
        raise KeyError(f"{self.name} has no board {name!r}; it has {[b.name for b in self.boards]}")
