"""ARC Prize: abstract grid puzzles, ARC-AGI-1 and ARC-AGI-2, as published in April 2025.

Two files are read: ``models.json`` says what an id is (display name, provider, kind) and hands that
on to ``evaluations.json``, which scores ids on question sets.  The semi-private sets are the boards:
no lab has seen their tasks; the public sets may be in training data.

Left out: people (``providerId`` Human), Kaggle entries built for the prize (``modelType`` Custom),
rows the site does not show (``display`` false: o3 at 3,474 dollars a task), and names with a
footnote star: "o3 (low)*" is the December 2024 preview, which nobody can use, at 75.7; the o3 that
was released is another model.

``modelReleaseDate`` means now an announcement (o3: the day of its preview, four months before anyone
could call it), now a release, and has slips (Gemini 1.5 Pro, a year late): it is not passed on.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from collectors.contract import Board, Drifted, Excluded, Get, Page, Quarantined, Row, Source, Tally
from collectors.read import columns, json_of, number, written

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
    rows = json_of(page)
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise Drifted(page.url, "not a list of objects", expected="a JSON list of models or of evaluations")
    yield from evaluations(page, rows) if page.context else models(page, rows)


def models(page: Page, rows: list[dict[str, Any]]) -> Iterator[Row]:
    """What is known of each model, sent along to the evaluations."""
    columns(page, {name for row in rows for name in row}, ["id", *FACTS])
    known = {str(row.get("id")): {fact: row.get(fact) for fact in FACTS} for row in rows}
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
    columns(page, {name for row in rows for name in row}, ["datasetId", "modelId", "score", "display"])
    sets = [SETS.get(str(row.get("datasetId")), (ARC_2, "unknown")) for row in rows]
    for (board, edition), count in Counter(sets).items():
        yield Tally(board=board.name, edition=edition, rows=count)
    for row, (board, edition) in zip(rows, sets, strict=True):
        model = known.get(str(row.get("modelId")))
        if model is None or edition == "unknown":
            yield Quarantined(
                board=board.name,
                edition=edition,
                name=str(row.get("modelId")),
                field="modelId" if model is None else "datasetId",
                found=str(row.get("modelId" if model is None else "datasetId")),
                expected="an id of models.json" if model is None else f"one of {', '.join(SETS)}",
                written=written(row),
            )
        elif why := rule(row, model, edition):
            yield Excluded(
                board=board.name, edition=edition, name=str(model["displayName"] or row["modelId"]), rule=why
            )
        else:
            yield board.score(
                edition=edition,
                name=str(model["displayName"] or row["modelId"]),
                value=number(row.get("score")),
                written=written(row, "datasetId", "modelId", "score", "costPerTask", "display"),
                developer=str(model["providerId"] or ""),
            )


SOURCE = Source(
    name="arc-prize-2025",
    title="ARC Prize leaderboard (April 2025)",
    kind="leaderboard",
    homepage="https://arcprize.org/leaderboard",
    licence="none stated",
    attribution="ARC Prize Foundation",
    start=(MODELS,),
    hosts=frozenset({"arcprize.org"}),
    parse=parse,
    boards=(ARC_1, ARC_2, ARC_1_PUBLIC, ARC_2_PUBLIC),
    cadence_days=30,
)
