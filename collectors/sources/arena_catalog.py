"""LMArena's own repository of board data: ratings with intervals, model tables, prices (2023-06 to 2025-12).

The folder's listing names the files; those read are the newest of each kind:
- ``leaderboard_table_YYYYMMDD.csv`` (2023-06 to 2024-10): licence, organisation, MT-bench, MMLU; an
  Arena Elo only in the tables of 2023 (later ratings lie in pickles, which are code and never opened).
  The folder keeps every old table, and only the newest is asked for.
- ``leaderboard-data.json``, since 2025-03 ``leaderboard-text.json`` and
  ``leaderboard-text-style-control.json``: ratings by category.  While both generations lay side by
  side (2025-03-07 to 03-17) the old one was stale, so it is not followed then.
- ``scatterplot-data.json``: licence, organisation and list prices by model.

All files moved from the root to ``data/`` on 2024-10-14; the listing of the root names the folder.

Editions of the ratings.  Style control is another statistical model of the same votes, and since
May 2025 the zero is no longer tied to Mixtral-8x7B-Instruct at 1114, so both are in the edition.
``leaderboard-data.json`` does not say which model it is, and its first two versions were
style-controlled in the category ``full`` only.  Two retired models show which: GPT-4-0314 is 72 points
above Mixtral without style control and 86 with it, in every version of the named files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Excluded, Get, Price, Row, Tally
from collectors.contract.source import Board, Source
from collectors.entries import entries, guarded, keys_of, model_name, named_entries, part, quantity, text
from collectors.read.cells import absent, day, number, written
from collectors.read.documents import json_of
from collectors.read.faults import columns
from collectors.read.tables import csv_rows
from collectors.sources._access import stated

LISTING = "https://api.github.com/repos/lmarena/arena-catalog/contents/"
TABLE = re.compile(r"leaderboard_table_(\d{8})\.csv")
TEXT, STYLE_CONTROL, UNNAMED = (
    "leaderboard-text.json",
    "leaderboard-text-style-control.json",
    "leaderboard-data.json",
)
PRICES = "scatterplot-data.json"
ANCHOR, ANCHOR_RATING = "mixtral-8x7b-instruct-v0.1", 1114
REFERENCE, STYLE_DISTANCE = "gpt-4-0314", 79
TOKENS = ("input_token_price", "output_token_price")
TWO_SIDED_95 = 2 * 1.96
PICTURES = re.compile(r"dall-e|flux|ideogram|imagen|photon|recraft|stable-diffusion", re.IGNORECASE)


def _rating(name: str, votes: str, counts: bool) -> Board:
    return Board(
        name=name,
        title=f"LMArena {votes}",
        domain="chat preference",
        measures=f"Rating from blind pairwise votes of people on answers to their own prompts ({votes}).",
        unit="rating",
        low=300,
        high=2500,
        min_rows=15,
        counts_for_index=counts,
        why_not="" if counts else "A slice of the votes of arena-catalog-text, which counts as a whole.",
    )


OVERALL = _rating("arena-catalog-text", "text, all votes", True)
CATEGORIES = {
    "full": OVERALL,
    "coding": _rating("arena-catalog-text-coding", "text, coding prompts", False),
    "math": _rating("arena-catalog-text-math", "text, mathematics prompts", False),
    "hard_6": _rating("arena-catalog-text-hard", "text, hard prompts", False),
}
MT_BENCH = Board(
    name="mt-bench-arena-catalog",
    title="MT-bench",
    domain="chat preference",
    measures="Mean grade (1 to 10) of GPT-4 as judge for 80 two-turn conversations.",
    unit="points",
    low=1,
    high=10,
    n_items=80,
    counts_for_index=False,
    why_not="The judge is itself the model to beat, and grades crowd above 9.",
)
MMLU = Board(
    name="mmlu-arena-catalog",
    title="MMLU (as listed by LMArena)",
    domain="knowledge and factuality",
    measures="Share of 14,042 four-way exam questions answered correctly, figures collected from reports.",
    unit="fraction",
    low=0,
    high=1,
    n_items=14_042,
    chance=0.25,
    evaluator="unknown",
    counts_for_index=False,
    why_not="Figures copied from reports with differing prompts and shots, most of them the labs' own.",
)
CELLS = {OVERALL: "Arena Elo rating", MT_BENCH: "MT-bench (score)", MMLU: "MMLU"}


def parse(page: Page) -> Iterator[Row]:
    if page.url.startswith(LISTING):
        return listing(page)
    name = page.url.rsplit("/", 1)[-1]
    if name == PRICES:
        return prices(page)
    return table(page, name) if TABLE.fullmatch(name) else ratings(page, name)


def listing(page: Page) -> Iterator[Row]:
    """The files worth reading in one folder, and the folder ``data`` once there is one."""
    found_entries = entries(page, json_of(page), "GitHub's contents of a folder")
    files = {str(entry["name"]): entry for entry in found_entries if "name" in entry}
    wanted = {PRICES, *({TEXT, STYLE_CONTROL} if TEXT in files else {UNNAMED})}
    tables = sorted(name for name in files if TABLE.fullmatch(name))
    found = [name for name in files if name in wanted or name in tables[-1:]]
    if not found and "data" not in files:
        raise Drifted(
            page.url,
            f"none of the known files among {sorted(files)[:20]}",
            expected=f"{TEXT}, {PRICES} or leaderboard_table_*.csv",
            todo="look for the new names of the files",
        )
    if files.get("data", {}).get("type") == "dir":
        yield Get(url=LISTING + "data")
    for name in found:
        yield from guarded(_file(files[name]), files[name])


def _file(entry: Mapping[str, Any]) -> Iterator[Row]:
    yield Get(url=text(entry, "download_url"))


def zero(full: Mapping[str, Any]) -> str:
    """Whether the scale is tied to the anchor; asked of all votes, as a slice may float to 1114 by chance."""
    anchor = number(part(full, ANCHOR).get("rating"))
    return "anchored-1114" if anchor is not None and abs(anchor - ANCHOR_RATING) < 0.01 else "floating"


def style_controlled(page: Page, full: Mapping[str, Any]) -> bool:
    """Which statistical model an unnamed file used, by the distance of two retired models."""
    columns(page, full, [REFERENCE, ANCHOR])
    reference, anchor = (number(full[name].get("rating")) for name in (REFERENCE, ANCHOR))
    if reference is None or anchor is None:
        raise Drifted(page.url, f"no rating of {REFERENCE} or {ANCHOR}", expected="the models that tell the edition")
    return reference - anchor > STYLE_DISTANCE


def ratings(page: Page, name: str) -> Iterator[Row]:
    """Ratings by category; the standard error is the width of the 95 % interval over 3.92, if it has one.

    The anchor's interval is a point because its rating is set, not because it is known exactly.
    """
    by_category = json_of(page)
    if not isinstance(by_category, dict) or "full" not in by_category:
        raise Drifted(page.url, "no category full", expected="a JSON object of categories, each an object of models")
    scale = zero(named_entries(page, by_category["full"], "an object of models"))
    for key, board in CATEGORIES.items():
        if by_category.get(key) is None:
            continue
        category = named_entries(page, by_category[key], "an object of models")
        unnamed = name == UNNAMED and key == "full"
        styled = style_controlled(page, category) if unnamed else name == STYLE_CONTROL
        edition = f"{'style-control' if styled else 'plain'}-{scale}"
        yield Tally(board=board.name, edition=edition, rows=len(category))
        columns(page, keys_of(category.values()), ["rating", "rating_q025", "rating_q975"])
        for model, row in category.items():
            rating = _rating_of(board, edition, key, model, row)
            yield from guarded(rating, row, board=board.name, edition=edition, name=model)


def _rating_of(board: Board, edition: str, category: str, model: str, row: Mapping[str, Any]) -> Iterator[Row]:
    low, high = number(row.get("rating_q025")), number(row.get("rating_q975"))
    width = high - low if low is not None and high is not None else 0.0
    yield board.score(
        edition=edition,
        name=model,
        value=number(row.get("rating")),
        written=written({"model": model, "category": category, **row}),
        stderr=width / TWO_SIDED_95 or None,
    )


def table(page: Page, name: str) -> Iterator[Row]:
    """One dated table of 2023 or 2024: scores where it has them, and what it says about each model."""
    rows = csv_rows(page, ["Model", "MT-bench (score)", "MMLU", "License", "Link"])
    if not rows:
        raise Drifted(page.url, "a header without rows", expected="one row per model")
    dated = TABLE.fullmatch(name)
    on = day(dated.group(1)) if dated else None
    for board, column in CELLS.items():
        if column not in rows[0]:
            continue
        edition = "elo-2023" if board is OVERALL else "lmsys"
        yield Tally(board=board.name, edition=edition, rows=len(rows), updated_on=on)
        for row in rows:
            yield from guarded(_cell(board, edition, column, row), row, board=board.name, edition=edition)
    for row in rows:
        yield from stated(
            row["Model"],
            written=written(row),
            licence=row["License"],
            developer=row.get("Organization", ""),
            link=row["Link"],
        )


def _cell(board: Board, edition: str, column: str, row: dict[str, str]) -> Iterator[Row]:
    if absent(row[column]):
        yield Excluded(board=board.name, edition=edition, name=row["Model"], rule="not scored")
        return
    yield board.score(
        edition=edition,
        name=row["Model"],
        value=number(row[column]),
        written=written(row, "Model", column, "License", "Link"),
        developer=row.get("Organization", ""),
    )


def prices(page: Page) -> Iterator[Row]:
    """Licence and list price by the name the ratings use; a picture has no price per token."""
    rows = entries(page, json_of(page), "a JSON list of models")
    columns(page, keys_of(rows), ["model_api_name", "organization", "license", *TOKENS])
    for row in rows:
        yield from guarded(_facts(row), row, name=str(row.get("model_api_name") or ""))


def _facts(row: dict[str, Any]) -> Iterator[Row]:
    name, developer, as_written = model_name(row, "model_api_name"), text(row, "organization"), written(row)
    yield from stated(
        name,
        written=as_written,
        licence=text(row, "license"),
        developer=developer,
        link=row.get("model_source"),
    )
    paid_in, paid_out = (quantity(row, column) for column in TOKENS)
    if paid_in is not None and paid_out is not None and not PICTURES.search(name):
        host = urlsplit(text(row, "price_source")).hostname
        yield Price(
            name=name,
            provider=host or developer,
            input_usd=paid_in,
            output_usd=paid_out,
            written=as_written,
        )


SOURCE = Source(
    name="arena-catalog",
    title="LMArena catalogue",
    kind="leaderboard",
    operator="LMArena",
    homepage="https://github.com/lmarena/arena-catalog",
    licence="none stated",
    attribution="LMArena",
    start=(LISTING,),
    hosts=frozenset({"api.github.com", "raw.githubusercontent.com"}),
    parse=parse,
    boards=(*CATEGORIES.values(), MT_BENCH, MMLU),
    cadence_days=30,
)
