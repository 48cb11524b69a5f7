"""Hugging Face's Open LLM Leaderboard v2, as a monthly CSV; discontinued in 2025.

Open weights alone, thousands of them, most fine-tunes: useful as a record of licences and dates,
not for a comparison with closed models.  Every column was renamed in December 2024, so there are two
accepted sets.  The flags are not what they are called: before the rename ``flagged`` is TRUE on every
row, after it ``features_is_not_available_on_hub`` is TRUE where the model is there.  Merges of other
models and flagged rows (contamination, withdrawn) are left out.  One repository may stand there in
several precisions.  The six parts are in the file and not read: each would be a board of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from collectors.contract.pages import Page
from collectors.contract.rows import Access, Excluded, Row, Tally
from collectors.contract.source import Board, Source
from collectors.entries import guarded
from collectors.read.cells import absent, day, number, written
from collectors.read.faults import FaultyRow
from collectors.read.tables import csv_rows

BOARD = Board(
    name="open-llm-v2",
    title="Open LLM Leaderboard v2",
    domain="general",
    measures="Mean over IFEval, BBH, MATH, GPQA, MUSR and MMLU-Pro, each rescaled from chance to 100.",
    unit="%",
    low=0,
    high=100,
    chance=0,
    composite=True,
    counts_for_index=False,
    why_not="open weights alone: no closed side",
    min_rows=100,
)
EDITION = "v2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The columns of one era; ``merged`` is (column, the text that says so), ``trusted`` marks the makers' rows."""

    model: str
    average: str
    precision: str
    submitted: str
    licence: str
    merged: tuple[str, str]
    flagged: tuple[str, str] | None
    trusted: tuple[str, ...]

    @property
    def needed(self) -> tuple[str, ...]:
        guards = (self.merged[0], *(self.flagged[:1] if self.flagged else ()))
        return (self.model, self.average, self.precision, self.submitted, self.licence, *guards)


OLD = Names(
    model="fullname",
    average="average",
    precision="precision",
    submitted="submission_date",
    licence="hub_license",
    merged=("not_merged", "FALSE"),
    flagged=None,
    trusted=("maintainers_highlight",),
)
NEW = Names(
    model="model_name",
    average="model_average_score",
    precision="model_precision",
    submitted="metadata_submission_date",
    licence="metadata_hub_license",
    merged=("features_is_merged", "TRUE"),
    flagged=("features_is_flagged", "TRUE"),
    trusted=("features_is_highlighted_by_maintainer", "features_is_official_provider"),
)


def parse(page: Page) -> Iterator[Row]:
    names = OLD if OLD.model in page.marked_text.partition("\n")[0].strip().split(",") else NEW
    rows = csv_rows(page, names.needed)
    dates = (day(row[names.submitted]) for row in rows)
    yield Tally(board=BOARD.name, edition=EDITION, rows=len(rows), updated_on=max(filter(None, dates), default=None))
    seen: set[str] = set()
    for row in rows:
        name = row[names.model]
        yield from guarded(_score(names, row), row, board=BOARD.name, edition=EDITION)
        if isinstance(row, FaultyRow) or _rule(names, row):
            continue
        if name not in seen and any(row.get(column) == "TRUE" for column in names.trusted):
            seen.add(name)
            yield Access(
                name=name,
                open=True,
                evidence="board flag",
                written=written(row, names.model, names.licence),
                licence="" if absent(row[names.licence]) else row[names.licence],
                repo=name,
            )


def _score(names: Names, row: dict[str, str]) -> Iterator[Row]:
    name = row[names.model]
    if rule := _rule(names, row):
        yield Excluded(board=BOARD.name, edition=EDITION, name=name, rule=rule)
        return
    yield BOARD.score(
        edition=EDITION,
        name=name,
        value=number(row[names.average]),
        variant=row[names.precision],
        written=written(row, names.model, names.average, names.precision, names.submitted, names.licence),
        scored_on=day(row[names.submitted]),
    )


def _rule(names: Names, row: dict[str, str]) -> str:
    for flag, rule in ((names.flagged, "flagged by the board"), (names.merged, "merge of other models")):
        if flag and row.get(flag[0], "").upper() == flag[1]:
            return rule
    return "not scored" if absent(row[names.average]) else ""


SOURCE = Source(
    name="open-llm-v2",
    title="Open LLM Leaderboard v2 (monthly CSV)",
    kind="leaderboard",
    operator="Hugging Face",
    homepage="https://github.com/fboulnois/llm-leaderboard-csv",
    licence="MPL-2.0",
    attribution="Hugging Face; CSV by F. Boulnois",
    start=("https://raw.githubusercontent.com/fboulnois/llm-leaderboard-csv/main/csv/huggingface_v2.csv",),
    hosts=frozenset({"raw.githubusercontent.com"}),
    parse=parse,
    boards=(BOARD,),
    cadence_days=30,
)
