"""Commands for those who add to the project: new-source."""

from __future__ import annotations

import asyncio
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import click

from flows.cli.options import (
    Exit,
    mirror_option,
    night_of,
    night_option,
    settings_of,
    stop,
)
from flows.cli.screen import err, out, plain


@click.command("new-source")
@click.argument("name", help="Name of the source: small letters, digits, dashes.")
@click.argument("url", help="Address of the leaderboard, or of the data file behind it.")
@mirror_option
@night_option
@click.option(
    "--format",
    "format_",
    type=click.Choice(["auto", "html", "json", "csv", "yaml", "markdown"]),
    default="auto",
    help="Form of the page.",
)
def new_source(
    name: str,
    url: str,
    mirror: str | None,
    night: str | None,
    format_: Literal["auto", "html", "json", "csv", "yaml", "markdown"],
) -> None:
    """Scaffolds a leaderboard source: a module that parses, and a few rows of its page as the first fixture.

    Run it in the folder of the project.  It overwrites nothing.
    """
    from collectors.contract.errors import SourceError
    from collectors.registry import sources
    from flows.scaffold.new_source import NotScaffolded, check_name, fetch, scaffold, write

    root = _checkout()
    settings = settings_of(None, mirror)
    when = night_of(night) or datetime.now(UTC).date()
    try:
        check_name(name)
        boards = {board.name: one.name for one in sources().values() for board in one.boards}
        if (owner := boards.get(name, name)) != name:
            stop(Exit.USAGE, f"a board called {name} is there already, in the source {owner}; choose another name")
        with err.status(f"asking {plain(url)}"):
            page = asyncio.run(
                fetch(
                    name,
                    url,
                    user_agent=settings.user_agent,
                    now=lambda: datetime.now(UTC),
                    mirror=settings.mirror_at(when),
                )
            )
        made = scaffold(name, page, None if format_ == "auto" else format_)
        write(root, made)
    except (NotScaffolded, SourceError) as error:
        stop(Exit.USAGE, str(error))
    guess = made.guess
    out.print(f"[bold green]written[/bold green]  {name}, from {len(guess.table.rows)} rows of {made.format}")
    for path in made.files:
        out.print(f"  {path}", soft_wrap=True)
    out.print(f"  read         {plain(_describe(guess.read))}", soft_wrap=True)
    out.print("  kept         a few rows of the page: see that its licence allows it, replace what no test needs")
    out.print("  next         settle what the module's first lines list, then")
    out.print(f'               make test ARGS="-k {name}"   writes rows.jsonl and fails once: review it; run it again')
    out.print(f"               gapindex run --source {name} --dry-run   reads the live page")


def _describe(read: list[tuple[str, float | None]]) -> str:
    good = [f"{name} {value:g}" for name, value in read if name and value is not None]
    return f"{', '.join(good[:3])}; {len(good)} of {len(read)} rows have a name and a number"


def _checkout() -> Path:
    """The current folder, if it is a checkout of this project."""
    here = Path.cwd()
    try:
        project = tomllib.loads((here / "pyproject.toml").read_text("utf-8"))["project"]["name"]
    except (OSError, ValueError, LookupError):
        project = ""
    if project != "gapindex":
        stop(Exit.USAGE, f"{here} is not the project's folder; run this where pyproject.toml of gapindex is")
    return here
