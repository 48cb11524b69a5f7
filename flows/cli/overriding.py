"""Command ``gapindex accept``: lets in what a gate held, with a reason; the next run applies it."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.cli.options import Data, Exit, published, settings_of, stop
from flows.cli.screen import out, plain
from warehouse import overrides
from warehouse.explain import rows


def accept(
    target: Annotated[str, typer.Argument(help="sha256 of the page (8 digits or more), or BOARD@NIGHT.")],
    reason: Annotated[str, typer.Option("--reason", help="Why it is right all the same; kept for ever.")],
    extend: Annotated[
        bool, typer.Option("--extend", help="Later tables that trip the same gates too, until one passes by itself.")
    ] = False,
    data: Data = None,
) -> None:
    """Lets in a table, row or label that a gate held back; `gapindex quarantine` lists them with their sha256.

    The decision is appended to overrides.jsonl in the data folder and never changed. It counts from the published
    night on and expires when the source mends itself.
    """
    folder = settings_of(data, None).data
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
