"""Commands ``gapindex names``: list unresolved names, resolve a name, add a reviewed line to ``alias.csv``."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from flows.cli.options import AsJson, Data, Exit, print_json, published, stop
from flows.cli.screen import out, plain
from warehouse import curation
from warehouse.identity import Resolver, seeds

SHOWN = 50

names = typer.Typer(help="Names of models: which are unresolved, what one stands for, and a reviewed line more.")

Everything = Annotated[
    bool, typer.Option("--all", help="Names on boards that do not count, of registries, and reviewed ones too.")
]
OfSource = Annotated[str, typer.Option("--source", help="The source that writes the name so (default: any).")]


@names.callback(invoke_without_command=True)
def default(
    context: typer.Context,
    everything: Everything = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Lists the names of the published tables that no rule knows, the most harmful first (as `names list`)."""
    if context.invoked_subcommand is None:
        list_names(everything, data, as_json)
    elif everything or data or as_json:
        stop(Exit.USAGE, f"give options after the command: gapindex names {context.invoked_subcommand} ... --json")


@names.command("list")
def list_names(everything: Everything = False, data: Data = None, as_json: AsJson = False) -> None:
    """Lists the names of the published tables that no rule knows, the most harmful first.

    Most harmful: they stand above one of the leaders on boards that count, so that a gap may be wrong without them.
    """
    with published(data) as db:
        found = curation.unresolved(db, seeds.aliases())
    shown = [one for one in found if everything or (one.boards and not one.reviewed)]
    if as_json:
        print_json([asdict(one) for one in shown])
        return
    if not shown:
        out.print("every name on the boards that count is resolved" if not everything else "every name is resolved")
        return
    table = Table("name", "source", "may be", "would lead", "boards", "rows", "on", title="unresolved names")
    for one in shown[:SHOWN]:
        table.add_row(
            plain(one.name),
            one.source,
            plain(", ".join(one.candidates) or (f"left so: {one.reviewed}" if one.reviewed else "-")),
            str(one.would_lead),
            str(one.boards),
            str(one.rows),
            plain(", ".join(one.on_boards[:4]) + (" ..." if len(one.on_boards) > 4 else "")),
        )
    out.print(table)
    if len(shown) > SHOWN:
        out.print(f"and {len(shown) - SHOWN} more, less harmful: --json has them all")
    left = sum(1 for one in found if one.boards and one.reviewed)
    if left and not everything:
        out.print(f"{left} more are left unresolved on purpose: --all shows why")
    out.print("what to do   gapindex names accept NAME MODEL --reason TEXT", highlight=False)


@names.command()
def resolve(
    name: Annotated[list[str] | None, typer.Argument(help="Names; `-` or none: standard input, one a line.")] = None,
    source: OfSource = "",
    as_json: AsJson = False,
) -> None:
    """Resolves names: model, variant, and the layer that resolved each; exit code 7 if one is unresolved.

    Needs no publication: it uses the seeds and the grammar of the package.
    """
    given = [line for one in name or ["-"] for line in (_lines() if one == "-" else [one])]
    if not given:
        stop(Exit.USAGE, "no name was given")
    resolver = Resolver.from_seeds()
    resolutions = [resolver.resolve(one, source) for one in given]
    if as_json:
        print_json([asdict(one) for one in resolutions])
    else:
        table = Table("name", "model", "variant", "layer", "may be")
        for one in resolutions:
            table.add_row(
                plain(one.name),
                plain(one.model or "-"),
                plain(one.variant),
                one.layer,
                plain(", ".join(one.candidates)),
            )
        out.print(table)
    raise typer.Exit(Exit.UNRESOLVED if any(one.layer == "unresolved" for one in resolutions) else Exit.DONE)


@names.command()
def accept(
    name: Annotated[str, typer.Argument(help="The name as its source writes it.")],
    model: Annotated[str, typer.Argument(help="Key of the model; `none`: leave it unresolved on purpose.")],
    reason: Annotated[str, typer.Option("--reason", help="How we know; it is reviewed with the line.")],
    source: OfSource = "",
    variant: Annotated[str, typer.Option("--variant", help="Configuration, such as `thinking=on`.")] = "",
    known_on: Annotated[str, typer.Option("--known-on", help="Since when it is known; today unless given.")] = "",
) -> None:
    """Adds a line to warehouse/seeds/alias.csv: the model a name stands for; works in a checkout of the project.

    The tables know it after the next run or rebuild.
    """
    alias = seeds.Alias(
        name=name,
        source=source,
        model="" if model == curation.NOBODY else model,
        variant=variant,
        known_on=known_on or datetime.now(UTC).date().isoformat(),
        reason=reason,
    )
    try:
        file = curation.alias_file()
        curation.accept(file, alias)
    except curation.NotAccepted as error:
        stop(Exit.USAGE, str(error))
    meaning = plain(alias.model or "nobody, on purpose")
    out.print(f"[bold green]written[/bold green]  {plain(name)} is {meaning}, in {plain(str(file))}", soft_wrap=True)
    out.print("  what next   review it with `git diff`, then `gapindex rebuild`", soft_wrap=True, highlight=False)


def _lines() -> list[str]:
    return [line for line in (raw.strip() for raw in sys.stdin) if line]
