"""Declarations: what a board measures, and what a source is, where it lies and how it is parsed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from collectors.contract.pages import Page
from collectors.contract.rows import Quarantined, Row, Score
from collectors.sanitize import MAX_NAME, REPLACEMENT, has_invisible, name_fault, visible

FAULTY_SHARE = 0.1
"""Largest share of a page's rows outside the boards that may be quarantined; beyond it the whole page is refused.

A single row may always be quarantined.  The tables of boards have their own limit (gate G4).
"""

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

Kind = Literal["leaderboard", "registry", "prices", "announcements", "hub", "metadata", "status"]

Transport = Literal["http", "hub"]

Parse = Callable[[Page], Iterable[Row]]

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
        if variant and (has_invisible(variant) or REPLACEMENT in variant):
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
