"""Commands ``accept`` and ``exclude``: let in what a gate held, throw out what passed the gates, with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import click
import duckdb

from flows.cli.options import (
    Exit,
    data_option,
    folder_of,
    night_of,
    night_option,
    published,
    stop,
)
from flows.cli.screen import out, plain
from warehouse import exclusions, overrides
from warehouse.archive import Archive
from warehouse.exclusions import InvalidExclusion, Target
from warehouse.explain import open_readonly, rows, suggestion
from warehouse.publication import current
from warehouse.statements import quoted


@click.command("accept")
@click.argument("target", help="sha256 of the page (8 digits or more), or BOARD@NIGHT.")
@click.option("--reason", required=True, help="Why it is right all the same; kept for ever.")
@click.option("--extend", is_flag=True, help="Later tables that trip the same gates too, until one passes by itself.")
@data_option
def accept(target: str, reason: str, extend: bool, data: Path | None) -> None:
    """Lets in a table, row or label that a gate held back; `gapindex quarantine` lists them with their sha256.

    The decision is appended to overrides.jsonl in the data folder and never changed. It counts from the published
    night on and expires when the source mends itself.
    """
    folder = folder_of(data)
    with published(data) as db:
        (night,) = db.execute("select max(night) from run").fetchone() or (None,)
        held = rows(
            db,
            "select distinct source, board, known_on, sha256, found from quarantine where held <> 'page' order by all",
        )
    if night is None:
        stop(Exit.NOTHING_YET, f"nothing is published in {folder}; run `gapindex run` first, or give --data")
    try:
        override = overrides.named(target, night, reason=reason, extend=extend)
    except overrides.InvalidOverride as error:
        stop(Exit.USAGE, str(error))
    meant = [
        row
        for row in held
        if (override.sha256 and row["sha256"].startswith(override.sha256))
        or (override.board == row["board"] and override.on_night is not None and row["known_on"] <= override.on_night)
    ]
    if not meant:
        stop(
            Exit.USAGE,
            f"nothing that is held answers to {target!r}; `gapindex quarantine --rows` lists what is held, with its"
            " sha256, and `gapindex quarantine` counts it by board",
        )
    if len({row["sha256"] for row in meant}) > 1 and override.sha256:
        stop(Exit.USAGE, f"{target!r} begins the sha256 of more than one page; give more digits")
    file = overrides.append(folder, override)
    newest = max(meant, key=lambda row: (row["known_on"], row["found"]))
    out.print(
        f"[bold green]written[/bold green]  {plain(newest['board'] or newest['source'])}, {newest['known_on']}:"
        f" {plain(newest['found'])}, in {plain(str(file))}",
        soft_wrap=True,
    )
    out.print(f"  what next   `gapindex run --night {night}` or `gapindex rebuild` lets it in", highlight=False)


@click.command("exclude")
@click.argument("target", help="A source, a page (8 digits of its sha256 or more), or a board.")
@click.option("--reason", required=True, help="Why it is wrong; kept for ever.")
@click.option("--row", help="Of a board only the row of this name, as its source writes it.")
@click.option("--undo", is_flag=True, help="Let it in again.")
@night_option
@data_option
def exclude(target: str, reason: str, row: str | None, undo: bool, night: str | None, data: Path | None) -> None:
    """Throws out a source, a page or a row that the gates let in; `gapindex quarantine` shows it with the reason.

    The decision is appended to overrides.jsonl in the data folder and never changed. It counts from --night on (the
    published night; where nothing is published, the newest that was run): what is excluded counts for nothing in any
    table of that night or a later one.
    """
    folder = folder_of(data)
    when = night_of(night) or _newest_night(folder)
    if when is None:
        stop(Exit.NOTHING_YET, f"no night was run in {folder}; run `gapindex run` first, or give --data")
    try:
        meant = exclusions.target_of(target, row)
        one = exclusions.exclusion(meant, when, reason=reason, undo=undo)
    except InvalidExclusion as error:
        stop(Exit.USAGE, str(error))
    file = folder / overrides.FILE
    standing = {each.target for each in overrides.excluded(file, when)}
    if undo and meant not in standing:
        listed = "; ".join(map(str, standing)) or "nothing is"
        stop(Exit.USAGE, f"{meant} is not excluded on {when}: {listed}")
    if not undo:
        _known(folder, meant)
    exclusions.append(file, one)
    word = "let in again" if undo else "excluded"
    out.print(
        f"[bold green]written[/bold green]  {plain(str(meant))} is {word} from {when} on, in {plain(str(file))}",
        soft_wrap=True,
    )
    out.print(f"  what next   `gapindex run --night {when}` or `gapindex rebuild` counts without it", highlight=False)


def _newest_night(folder: Path) -> date | None:
    """The published night, else the newest night of which anything was archived."""
    if publication := current(folder):
        return publication.night
    nights = [log.name.partition(".")[0] for log in Archive(folder / "archive").logs()]
    return date.fromisoformat(max(nights)) if nights else None


def _known(folder: Path, target: Target) -> None:
    """Ends the command where nothing in the folder answers to a target, or more than one page does."""
    column, asked = {
        "source": ("source from raw.fetch_result union select source from raw.page", target.source),
        "page": ("sha256 from raw.page", target.sha256),
        "row": ("name from raw.score where board = $board", target.name),
    }[target.kind]
    given = {"board": target.board} if target.kind == "row" else {}
    found: set[str] = set()
    try:
        with duckdb.connect(":memory:") as db:
            if (folder / "store.duckdb").exists():
                db.execute(f"attach '{quoted(folder / 'store.duckdb')}' as store (read_only)")
                db.execute("use store")
                found |= _words(db.execute(f"select distinct {column}", given).fetchall())
    except duckdb.IOException:
        stop(Exit.BUSY, f"another run holds {folder}; try again when it is done")
    if (publication := current(folder)) and target.kind != "page":
        where = "name from score where board = $board" if target.kind == "row" else "source from source_health"
        with open_readonly(publication.database) as db:
            found |= _words(db.execute(f"select distinct {where}", given).fetchall())
    hits = {word for word in found if word.startswith(asked)} if target.kind == "page" else found & {asked}
    if len(hits) > 1:
        stop(Exit.USAGE, f"{asked!r} begins the sha256 of {len(hits)} pages; give more digits")
    if not hits:
        hint = "" if target.kind == "page" else suggestion(asked, found, "")
        what = {"source": "no source", "page": "no page", "row": f"no row of a board {target.board!r}"}[target.kind]
        stop(Exit.USAGE, f"{what} answers to {asked!r}{hint and f'; {hint}'}")


def _words(found: Iterable[tuple[str]]) -> set[str]:
    return {word for (word,) in found}
