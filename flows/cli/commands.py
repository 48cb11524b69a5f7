"""The commands of ``gapindex``, each imported when it is called.

The modules behind them bring DuckDB, numpy and the templates of the site: a second and more that ``gapindex --help``
does not need.  What a command does in a line is read from its module's source, so it is written once.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import click

COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("running", "run"),
    "serve": ("running", "serve"),
    "show": ("querying", "show"),
    "report": ("reporting", "report"),
    "last": ("reviewing", "last"),
    "runs": ("reviewing", "runs"),
    "models": ("choosing", "models"),
    "why": ("querying", "why"),
    "events": ("querying", "events"),
    "claims": ("claiming", "claims"),
    "sources": ("querying", "sources"),
    "quarantine": ("querying", "quarantine"),
    "accept": ("overriding", "accept"),
    "exclude": ("overriding", "exclude"),
    "sql": ("sql", "sql"),
    "publish": ("publishing", "publish"),
    "eval-records": ("publishing", "eval_records"),
    "mcp": ("serving", "mcp"),
    "backfill": ("running", "backfill"),
    "rebuild": ("running", "rebuild"),
    "build": ("building", "build"),
    "history": ("running", "history"),
    "doctor": ("checking", "doctor"),
    "config": ("configuring", "config"),
    "new-source": ("contributing", "new_source"),
    "names": ("curating", "names"),
    "alerts": ("alerting", "alerts"),
}
"""Name of a command -> module of this package and the command or group it holds."""


_SUMMARY = r'^def {}\(.*?"""(.*?)(?:\n\n|""")'
"""The first paragraph of a function's docstring, in the source of its module."""


class Command(click.Command):
    """A command whose line in a list is the whole first paragraph of its help; Click would cut it."""

    def get_short_help_str(self, limit: int = 45) -> str:
        return (self.help or "").partition("\n\n")[0]


class Group(click.Group):
    """A group of such commands, listed in the order in which they are written."""

    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


class Commands(Group):
    """The group of all commands; its help lists them without importing one."""

    _listing = False

    def __init__(self, *args: Any, **attrs: Any) -> None:
        super().__init__(*args, **attrs)
        self.commands = {name: Command(name) for name in COMMANDS}  # what a mistyped name is compared with

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        return Command(cmd_name, help=summary(cmd_name)) if self._listing else loaded(cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        """Ctrl-C ends a command with the exit code of its signal; Click's own is 1."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise click.exceptions.Exit(130) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self._listing = True
        try:
            super().format_commands(ctx, formatter)
        finally:
            self._listing = False


def loaded(name: str) -> click.Command:
    """The command itself; its module is imported."""
    module, attribute = COMMANDS[name]
    found: click.Command = getattr(import_module(f"{__package__}.{module}"), attribute)
    return found


def summary(name: str) -> str:
    """The first paragraph of a command's docstring, as its module writes it."""
    module, attribute = COMMANDS[name]
    found = re.search(_SUMMARY.format(attribute), _source(module), re.DOTALL | re.MULTILINE)
    return " ".join(found[1].split()) if found else ""


@cache
def _source(module: str) -> str:
    return Path(__file__).with_name(f"{module}.py").read_text("utf-8")
