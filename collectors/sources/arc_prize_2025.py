"""ARC Prize: abstract grid puzzles, ARC-AGI-1 and ARC-AGI-2, as published in April 2025.

Two files are read: ``models.json`` says what an id is (display name, provider, kind) and hands that
on to ``evaluations.json``, which scores ids on question sets.  The semi-private sets are the boards:
no lab has seen their tasks; the public sets may be in training data.

Left out: people (``providerId`` Human), Kaggle entries built for the prize (``modelType`` Custom),
rows the site does not show (``display`` false: o3 at 3,474 dollars a task), and names with a
footnote star: "o3 (low)*" is the December 2024 preview, which was never released, at 75.7; the o3
that was released is another model.

``modelReleaseDate`` is sometimes an announcement (o3: the day of its preview, four months before its API),
sometimes a release, and has errors (Gemini 1.5 Pro, a year late): it is not passed on.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from collectors.contract.pages import Page
from collectors.contract.rows import Excluded, Get, Row, Tally
from collectors.contract.source import Board, Source
from collectors.entries import RowFault, entries, guarded, keys_of
from collectors.read.cells import number, written
from collectors.read.documents import json_of
from collectors.read.faults import columns

MODELS = "https://arcprize.org/media/data/models.json"
EVALUATIONS = "https://arcprize.org/media/data/evaluations.json"
FACTS = ("displayName", "providerId", "modelType")
PUBLIC = "Its tasks are public and may be in training data; the semi-private set is what counts."

ARC_1 = Board(
    name="arc-agi-1",
    title="ARC-AGI-1 (semi-private)",
    domain="reasoning and mathematics",
    measures="Share of 100 unseen grid puzzles solved within two tries.",
    unit="fraction",
    low=0,
    high=1,
    n_items=100,
    chance=0,
)
ARC_2 = Board(
    name="arc-agi-2",
    title="ARC-AGI-2 (semi-private)",
    domain="reasoning and mathematics",
    measures="Share of 120 unseen, harder grid puzzles solved within two tries.",
    unit="fraction",
    low=0,
    high=1,
    n_items=120,
    chance=0,
)
ARC_1_PUBLIC = Board(
    name="arc-agi-1-public",
    title="ARC-AGI-1 (public evaluation)",
    domain="reasoning and mathematics",
    measures="Share of 400 public grid puzzles solved within two tries.",
    unit="fraction",
    low=0,
    high=1,
    n_items=400,
    chance=0,
    counts_for_index=False,
    why_not=PUBLIC,
)
ARC_2_PUBLIC = Board(
    name="arc-agi-2-public",
    title="ARC-AGI-2 (public evaluation)",
    domain="reasoning and mathematics",
    measures="Share of 120 public, harder grid puzzles solved within two tries.",
    unit="fraction",
    low=0,
    high=1,
    n_items=120,
    chance=0,
    counts_for_index=False,
    why_not=PUBLIC,
)
SETS = {
    "v1_Semi_Private": (ARC_1, "semi-private"),
    "v2_Semi_Private": (ARC_2, "semi-private"),
    "v1_Public_Eval": (ARC_1_PUBLIC, "public"),
    "v2_Public_Eval": (ARC_2_PUBLIC, "public"),
    "v1_Private_Eval": (ARC_1, "private"),
    "v2_Private_Eval": (ARC_2, "private"),
}


def parse(page: Page) -> Iterator[Row]:
    rows = entries(page, json_of(page), "a JSON list of models or of evaluations")
    yield from evaluations(page, rows) if page.context else models(page, rows)


def models(page: Page, rows: list[dict[str, Any]]) -> Iterator[Row]:
    """The facts of each model, passed on to the page of evaluations."""
    columns(page, keys_of(rows), ["id", *FACTS])
    known = {str(row.get("id")): {fact: row.get(fact) for fact in FACTS} for row in rows if row}
    for row in rows:
        yield from guarded((), row)
    yield Get(url=EVALUATIONS, context=json.dumps(known, sort_keys=True))


def rule(row: dict[str, Any], model: dict[str, Any], edition: str) -> str:
    """The named rule that leaves an evaluation out, or the empty string."""
    if model["providerId"] == "Human":
        return "human"
    if model["modelType"] == "Custom":
        return "scaffolded system"
    if edition == "private":
        return "question set closed to models"
    if str(model["displayName"]).endswith("*"):
        return "marked preliminary by the board"
    if row.get("display") is False:
        return "not shown by the board"
    return ""


def evaluations(page: Page, rows: list[dict[str, Any]]) -> Iterator[Row]:
    known: dict[str, dict[str, Any]] = json.loads(page.context)
    columns(page, keys_of(rows), ["datasetId", "modelId", "score", "display"])
    sets = [SETS.get(str(row.get("datasetId")), (ARC_2, "unknown")) for row in rows]
    for (board, edition), count in Counter(sets).items():
        yield Tally(board=board.name, edition=edition, rows=count)
    for row, (board, edition) in zip(rows, sets, strict=True):
        model = known.get(str(row.get("modelId")))
        yield from guarded(
            _evaluation(board, edition, row, model), row, board=board.name, edition=edition, name=_id(row)
        )


def _id(row: dict[str, Any]) -> str:
    return str(row.get("modelId") or "")


def _evaluation(board: Board, edition: str, row: dict[str, Any], model: dict[str, Any] | None) -> Iterator[Row]:
    if model is None:
        raise RowFault("modelId", str(row.get("modelId")), "an id of models.json")
    if edition == "unknown":
        raise RowFault("datasetId", str(row.get("datasetId")), f"one of {', '.join(SETS)}")
    name = str(model["displayName"] or row["modelId"])
    if why := rule(row, model, edition):
        yield Excluded(board=board.name, edition=edition, name=name, rule=why)
        return
    yield board.score(
        edition=edition,
        name=name,
        value=number(row.get("score")),
        written=written(row, "datasetId", "modelId", "score", "costPerTask", "display"),
        developer=str(model["providerId"] or ""),
    )


SOURCE = Source(
    name="arc-prize-2025",
    title="ARC Prize leaderboard (April 2025)",
    kind="leaderboard",
    operator="ARC Prize",
    homepage="https://arcprize.org/leaderboard",
    licence="none stated",
    attribution="ARC Prize Foundation",
    start=(MODELS,),
    hosts=frozenset({"arcprize.org"}),
    parse=parse,
    boards=(ARC_1, ARC_2, ARC_1_PUBLIC, ARC_2_PUBLIC),
    cadence_days=30,
)
