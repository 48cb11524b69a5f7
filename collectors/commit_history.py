"""The commit history of a GitHub-hosted file: when each of its versions appeared, from GitHub's commits API.

A back-fill need not fetch a board in a repository for every past night: the history lists the nights on
which it can have changed.  Anonymous callers have 60 requests an hour, so the history of a path is
fetched once and kept for the whole back-fill.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote

from collectors.contract.errors import Drifted, Gone
from collectors.contract.pages import Page
from collectors.contract.source import Source
from collectors.http.client import HttpClient

_RAW = re.compile(r"https://raw\.githubusercontent\.com/([^/]+)/([^/]+)/([^/]+)/(.+)")
_PER_PAGE = 100
_MAX_PAGES = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitHistory:
    """The UTC days on which a file changed (appeared, changed or went), oldest first; empty: no such file."""

    days: tuple[date, ...]

    def changed_between(self, after: date | None, night: date) -> bool:
        """Whether the file changed after one night (None: ever) and by another."""
        return any((after is None or day > after) and day <= night for day in self.days)


def history_address(url: str, page: int = 1) -> str | None:
    """The API address of a GitHub-hosted file's history; None for any other address."""
    match = _RAW.fullmatch(url)
    if match is None:
        return None
    owner, repo, branch, path = match.groups()
    return (
        f"https://api.github.com/repos/{owner}/{repo}/commits"
        f"?path={quote(path)}&sha={quote(branch)}&per_page={_PER_PAGE}&page={page}"
    )


async def commit_history(client: HttpClient, source: Source, url: str) -> CommitHistory | None:
    """The history of a file, None where its address has none; raises `SourceError` like any page."""
    days: set[date] = set()
    seen: set[str] = set()
    for number in range(1, _MAX_PAGES + 1):
        address = history_address(url, number)
        if address is None:
            return None
        try:
            page = await client.fetch(_historian(source), address)
        except Gone:
            break
        if page is None or page.sha256 in seen:  # a repeated page means that the listing has ended
            break
        seen.add(page.sha256)
        commits = _commits(page)
        days.update(commits)
        if len(commits) < _PER_PAGE:
            break
    return CommitHistory(days=tuple(sorted(days)))


def _commits(page: Page) -> list[date]:
    try:
        return [
            datetime.fromisoformat(commit["commit"]["committer"]["date"].replace("Z", "+00:00")).date()
            for commit in json.loads(page.body)
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise Drifted(page.url, f"no list of commits: {error}", expected="GitHub's commits, as JSON") from error


def _historian(source: Source) -> Source:
    return Source(
        name=source.name,
        title=f"history of {source.title}",
        kind="metadata",
        homepage=source.homepage,
        licence=source.licence,
        start=source.start,
        hosts=frozenset({"api.github.com"}),
        parse=source.parse,
    )
