"""From the address of a leaderboard to a source that parses: module, trimmed page and case file.

Format, place of the rows, the column of the model and the columns of numbers are guessed from the whole
page and written as plain code that reads by name, so that the guess can be seen and corrected.  Facts that
no page shows, above all what the board measures and whether it may count, get a harmless default.  Only a
few rows of the page are kept, because the page belongs to its authors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from collectors.contract.errors import SourceError
from collectors.contract.pages import Page
from collectors.contract.source import Source
from collectors.http.client import HttpClient
from flows.scaffold.excerpt import excerpt
from flows.scaffold.guess import Guess, best
from flows.scaffold.module import literal, rendered
from flows.scaffold.tables import Format, likely, tables

CASE = "first"
_ENDING = {"html": "html", "json": "json", "csv": "csv", "yaml": "yml", "markdown": "md"}
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class NotScaffolded(ValueError):
    """Nothing was written; the message states why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaffold:
    """The files to write: texts by path, relative to the checkout, and the guess they are based on."""

    format: Format
    guess: Guess
    files: Mapping[Path, str]


async def fetch(name: str, url: str, *, user_agent: str, now: Callable[[], datetime], mirror: str = "") -> Page:
    """The page at ``url``, fetched through the HTTP client as for any source."""
    asked = Source(
        name=name,
        title=name,
        kind="metadata",
        homepage=url,
        licence="",
        start=(url,),
        hosts=frozenset({urlsplit(url).hostname or ""}),
        parse=lambda _page: (),
    )
    async with HttpClient(user_agent=user_agent, now=now, mirror=mirror) as client:
        page = await client.fetch(asked, url)
    if page is None:
        raise NotScaffolded(f"{url} answered that nothing has changed, and we never asked before")
    return page


def check_name(name: str) -> None:
    """`NotScaffolded` unless ``name`` can be a source's name."""
    if not _NAME.fullmatch(name):
        raise NotScaffolded(f"{name!r} is no name for a source; give one like toy-bench: small letters, digits, dashes")


def scaffold(name: str, page: Page, format_: Format | None = None) -> Scaffold:
    """Module, page and case of a new source; without a format the likely ones are tried.  Raises `NotScaffolded`."""
    check_name(name)
    tried: list[str] = []
    for form in [format_] if format_ else likely(page):
        try:
            guess = best(tables(page, form))
        except SourceError as error:
            tried.append(f"{form}: {error.found}")
            continue
        if guess is None:
            tried.append(f"{form}: no table with a column of names and a column of plain numbers")
            continue
        file = f"page.{_ENDING[form]}"
        case = Path("tests/fixtures", name, CASE)
        module = Path("collectors/sources", f"{name.replace('-', '_')}.py")
        return Scaffold(
            format=form,
            guess=guess,
            files={
                module: rendered(name, page.url, form, guess),
                case / "case.toml": f"url = {literal(page.url)}\nfile = {literal(file)}\n",
                case / file: excerpt(page, form, guess),
            },
        )
    raise NotScaffolded(
        f"nothing to read as a leaderboard at {page.url} ({'; '.join(tried)});"
        " if the page is drawn by a script, give the address of the data file the script loads"
    )


def write(root: Path, made: Scaffold) -> None:
    """Writes all files or none; `NotScaffolded` where one is there already."""
    if there := [path for path in made.files if (root / path).exists()]:
        raise NotScaffolded(f"{', '.join(map(str, there))} is there already; nothing was written")
    for path, text in made.files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
