"""The summary of one night in a few lines, for the terminal and for Prefect's page of the run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from warehouse.report.headline import headline, sentence
from warehouse.report.pages.front import news_text
from warehouse.report.tables import Row, Tables
from warehouse.report.text import clean, number, plural

QUIET = ("read", "partly read", "gone", "not asked")
"""Outcomes of a source that say nothing is wrong tonight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    source: str
    kind: str
    outcome: str
    last_good_on: date | None
    stale_days: int | None
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The published night in words.  ``moved``: the differences from the night published before.

    ``held``: what came tonight and is not believed, as `gapindex quarantine` lists it; ``warned``: warnings of gates.
    """

    night: date
    run_id: str
    sentence: str
    before: date | None
    moved: tuple[str, ...]
    news: tuple[str, ...]
    sources: tuple[Source, ...]
    held: int
    warned: int

    @property
    def outcomes(self) -> dict[str, int]:
        """How many sources came to each outcome, the most frequent first."""
        return dict(Counter(one.outcome for one in self.sources).most_common())

    @property
    def trouble(self) -> tuple[Source, ...]:
        """Sources that were asked tonight, gave nothing, and are not gone for good."""
        return tuple(one for one in self.sources if one.outcome not in QUIET)


def summary(tables: Tables) -> Summary:
    """The summary of the published night."""
    before, moved = _moved(tables)
    health = tables.query("source_health", "select * from source_health order by source")
    gates = tables.query(
        "gate", "select outcome, count(*) as n from gate where night = $night group by outcome", night=tables.night
    )
    judged = {row["outcome"]: row["n"] for row in gates}
    return Summary(
        night=tables.night,
        run_id=tables.run_id,
        sentence=sentence(headline(tables)),
        before=before,
        moved=moved,
        news=news_text(tables),
        sources=tuple(
            Source(
                source=clean(row["source"], 80),
                kind=clean(row["kind"], 40),
                outcome=clean(row["outcome"], 40),
                last_good_on=row["last_good_on"],
                stale_days=row["stale_days"],
                found=clean(row["error"] or "", 200),
            )
            for row in health
        ),
        held=tables.held_back,
        warned=judged.get("warned", 0),
    )


def _moved(tables: Tables) -> tuple[date | None, tuple[str, ...]]:
    """Scopes whose leader changed or whose gap moved by more than its interval since the night published before."""
    earlier = tables.query(
        "gap_index_vintage",
        """select * from gap_index_vintage
           where night = (select max(night) from gap_index_vintage where night < $night) and tier = 'any'""",
        night=tables.night,
    )
    if not earlier:
        return None, ()
    then = {(row["scope"], row["edition"]): row for row in earlier}
    found = []
    for row in tables.tonight:
        old = then.get((row["scope"], row["edition"]))
        if row["tier"] == "any" and old is not None and (words := _movement(tables, old, row)):
            found.append(f"{tables.scope_title(row['scope'])}: {words}")
    return earlier[0]["night"], tuple(found)


def _movement(tables: Tables, old: Row, new: Row) -> str:
    parts = [
        f"{tables.title(new[f'{side}_model'])} leads the {side} models, before it {tables.title(old[f'{side}_model'])}"
        for side in ("closed", "open")
        if new[f"{side}_model"] != old[f"{side}_model"]
    ]
    if None not in (old["gap"], new["gap"], old["gap_lo"], old["gap_hi"]) and not (
        old["gap_lo"] <= new["gap"] <= old["gap_hi"]
    ):
        parts.append(f"gap {number(old['gap'])} to {number(new['gap'])} {clean(new['unit'], 30)}")
    return "; ".join(parts)


def age(source: Source, night: date) -> str:
    """How old a source's newest page is, in words."""
    if source.last_good_on is None:
        return "never read"
    days = source.stale_days if source.stale_days is not None else (night - source.last_good_on) // timedelta(days=1)
    return "tonight" if days == 0 else f"{plural(days, 'day')} old"
