"""The Hub's trending page: which models people look at this week; an order without a score.

``trending`` is the place from below (20 for the first of 20), so that more is more, as in the Hub's own
trendingScore; data sets and spaces have their places too, so that no entry moves another.  The Hub itself answers
``{"recentlyTrending": [{"repoType": ..., "repoData": ...}]}``; the recorded answers are a recorder's list of the
same, whose published_date is the moment of its run and says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collectors.contract.pages import Page
from collectors.contract.rows import Row, Spec
from collectors.contract.source import Source
from collectors.entries import RowFault, entries, guarded, model_name, part, quantity, text
from collectors.read.cells import written
from collectors.read.documents import json_of

OTHER_KINDS = ("dataset", "space")
"""Repositories that are no models."""


def parse(page: Page) -> Iterator[Row]:
    top = json_of(page)
    found = entries(page, top.get("recentlyTrending") if isinstance(top, dict) else top, "a list of repositories")
    for place, entry in enumerate(found):
        if entry.get("repoType", entry.get("type")) not in OTHER_KINDS:
            yield from guarded(_rows(entry, place, len(found)), entry)


def _rows(entry: dict[str, Any], place: int, count: int) -> Iterator[Row]:
    repo = _repo(entry)
    name = model_name(repo, "id")
    yield Spec(
        name=name, quantity="trending", value=float(count - place), written=written({**repo, "place": place + 1})
    )
    for what in ("downloads", "likes"):
        if (value := quantity(repo, what)) is not None:
            yield Spec(name=name, quantity=what, value=value, written=written(repo, "id", what))


def _repo(entry: dict[str, Any]) -> dict[str, Any]:
    """Type, id, downloads and likes of an entry in either shape."""
    if "repoData" in entry:
        repo, kind = part(entry, "repoData"), text(entry, "repoType")
        name = repo.get("id")
    elif "metadata" in entry:
        repo, kind, name = part(entry, "metadata"), text(entry, "type"), entry.get("title")
    else:
        raise RowFault("row", f"an entry with {sorted(entry)[:10]}", "repoData or metadata")
    if kind != "model":
        raise RowFault("type", kind[:60] or "nothing", f"model, {' or '.join(OTHER_KINDS)}")
    return {"type": kind, "id": name or "", "downloads": repo.get("downloads"), "likes": repo.get("likes")}


SOURCE = Source(
    name="hf-trending",
    title="Hugging Face trending",
    kind="hub",
    homepage="https://huggingface.co/models?sort=trending",
    licence="none stated",
    attribution="Hugging Face; recorded by mibuhand/AI-News-Direct",
    start=("https://huggingface.co/api/trending",),
    hosts=frozenset({"huggingface.co"}),
    parse=parse,
)
