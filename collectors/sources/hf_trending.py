"""The Hub's trending page: which models people look at this week; an order without a score.

``trending`` is the place from below (20 for the first of 20), so that more is more, as in the Hub's own
trendingScore.  The Hub itself answers ``{"recentlyTrending": [{"repoType": ..., "repoData": ...}]}``; the recorded
answers are a recorder's list of the same, whose published_date is the moment of its run and says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collectors.contract import Drifted, Page, Row, Source, Spec
from collectors.read import json_of, number, written
from collectors.sanitize import name_fault


def parse(page: Page) -> Iterator[Row]:
    top = json_of(page)
    repos = [_repo(page, entry) for entry in (top.get("recentlyTrending") if isinstance(top, dict) else top) or ()]
    models = [repo for repo in repos if repo["type"] == "model" and not name_fault(repo["id"])]
    for place, repo in enumerate(models):
        yield Spec(
            name=repo["id"],
            quantity="trending",
            value=float(len(models) - place),
            written=written({**repo, "place": place + 1}),
        )
        for quantity in ("downloads", "likes"):
            if (value := number(repo[quantity])) is not None:
                yield Spec(name=repo["id"], quantity=quantity, value=value, written=written(repo, "id", quantity))


def _repo(page: Page, entry: dict[str, Any]) -> dict[str, Any]:
    """Type, id, downloads and likes of an entry in either shape."""
    if "repoData" in entry:
        repo, kind, name = entry["repoData"], entry.get("repoType"), entry["repoData"].get("id")
    elif "metadata" in entry:
        repo, kind, name = entry["metadata"], entry.get("type"), entry.get("title")
    else:
        raise Drifted(page.url, f"an entry with {sorted(entry)[:10]}", expected="repoData or metadata")
    return {"type": kind, "id": str(name or ""), "downloads": repo.get("downloads"), "likes": repo.get("likes")}


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
