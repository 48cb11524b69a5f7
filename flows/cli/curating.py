"""Commands ``gapindex names``: list unresolved names, resolve a name, add a reviewed line to ``alias.csv``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from flows.cli.commands import Group
from flows.cli.drawing import Field, fitted
from flows.cli.options import (
    Exit,
    data_option,
    json_option,
    print_json,
    published,
    stop,
)
from flows.cli.screen import out, plain
from warehouse import curation
from warehouse.identity import Resolver, seeds

SHOWN = 50

UNRESOLVED = (
    Field(title="name, and what it may be"),
    Field(title="source", drop=1),
    Field(title="would lead", drop=3, justify="right"),
    Field(title="boards", drop=2, justify="right"),
    Field(title="rows", drop=4, justify="right"),
    Field(title="on", drop=5),
)

RESOLVED = (
    Field(title="name"),
    Field(title="model, variant"),
    Field(title="layer", drop=1),
)

all_option = click.option(
    "--all", "everything", is_flag=True, help="Names on boards that do not count, of registries, and reviewed ones too."
)
source_option = click.option(
    "--source", default="", show_default=False, help="The source that writes the name so (default: any)."
)


@click.group("names", cls=Group, invoke_without_command=True)
@click.pass_context
@all_option
@data_option
@json_option
def names(context: click.Context, everything: bool, data: Path | None, as_json: bool) -> None:
    """Names of models: which are unresolved, what one stands for, and a reviewed line more."""
    if context.invoked_subcommand is None:
        context.invoke(list_names, everything=everything, data=data, as_json=as_json)
    elif everything or data or as_json:
        stop(Exit.USAGE, f"give options after the command: gapindex names {context.invoked_subcommand} ... --json")


@names.command("list")
@all_option
@data_option
@json_option
def list_names(everything: bool, data: Path | None, as_json: bool) -> None:
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
    cells = [
        (
            _with_lines(one.name, [*_may_be(one.candidates), *([f"left so: {one.reviewed}"] if one.reviewed else [])]),
            plain(one.source),
            str(one.would_lead),
            str(one.boards),
            str(one.rows),
            plain("\n".join(one.on_boards[:4]) + ("\n..." if len(one.on_boards) > 4 else "")),
        )
        for one in shown[:SHOWN]
    ]
    out.print(fitted("unresolved names", UNRESOLVED, cells, out.width))
    if len(shown) > SHOWN:
        out.print(f"and {len(shown) - SHOWN} more, less harmful: --json has them all")
    left = sum(1 for one in found if one.boards and one.reviewed)
    if left and not everything:
        out.print(f"{left} more are left unresolved on purpose: --all shows why")
    out.print("what to do   gapindex names accept NAME MODEL --reason TEXT", highlight=False)


@names.command()
@click.argument("name", nargs=-1, help="Names; `-` or none: standard input, one a line.")
@source_option
@json_option
def resolve(name: tuple[str, ...], source: str, as_json: bool) -> None:
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
        cells = [
            (
                plain(one.name),
                _with_lines(one.model or "-", [*filter(None, one.variant.split("; ")), *_may_be(one.candidates)]),
                one.layer,
            )
            for one in resolutions
        ]
        out.print(fitted("", RESOLVED, cells, out.width))
    raise click.exceptions.Exit(Exit.UNRESOLVED if any(one.layer == "unresolved" for one in resolutions) else Exit.DONE)


@names.command()
@click.argument("name", help="The name as its source writes it.")
@click.argument("model", help="Key of the model; `none`: leave it unresolved on purpose.")
@click.option("--reason", required=True, help="How we know; it is reviewed with the line.")
@source_option
@click.option("--variant", default="", help="Configuration, such as `thinking=on`.")
@click.option("--known-on", default="", help="Since when it is known; today unless given.")
def accept(name: str, model: str, reason: str, source: str, variant: str, known_on: str) -> None:
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


def _with_lines(name: str, lines: Sequence[str]) -> str:
    """A name in a cell, and lines below it."""
    return "\n".join([plain(name), *(f" [dim]{plain(line)}[/dim]" for line in lines)])


def _may_be(candidates: Sequence[str]) -> list[str]:
    return [f"may be {one}" for one in candidates]


def _lines() -> list[str]:
    return [line for line in (raw.strip() for raw in sys.stdin) if line]
