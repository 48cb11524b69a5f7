"""The commands of ``gapindex``, each imported when it is called.

The modules behind them bring DuckDB, numpy and the templates of the site: a second and more that ``gapindex --help``
does not need.  What a command does in a line is read from its module's source, so it is written once.
"""

from __future__ import annotations

import ast
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

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
"""Name of a command -> module of this package and what it holds: a function, or a Typer of further commands."""


class Commands(TyperGroup):
    """The group of all commands; its help lists them without importing one."""

    _listing = False

    def __init__(self, **attrs: Any) -> None:
        super().__init__(**attrs)
        self.commands = {name: TyperCommand(name) for name in COMMANDS}  # what a mistyped name is compared with

    def list_commands(self, ctx: object) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: object, cmd_name: str) -> TyperCommand | TyperGroup | None:
        if cmd_name not in COMMANDS:
            return None
        return TyperCommand(cmd_name, help=summary(cmd_name)) if self._listing else _loaded(cmd_name)

    def format_help(self, ctx: object, formatter: object) -> None:
        self._listing = True
        try:
            super().format_help(ctx, formatter)  # type: ignore[arg-type]
        finally:
            self._listing = False


@cache
def _loaded(name: str) -> TyperCommand | TyperGroup:
    module, attribute = COMMANDS[name]
    found = getattr(import_module(f"{__package__}.{module}"), attribute)
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(add_completion=False, rich_markup_mode="rich")
        alone.command(name)(found)
        found = alone
    return typer.main.get_command(found)  # type: ignore[return-value]


def summary(name: str) -> str:
    """The first paragraph of a command's docstring, or the help of a Typer, as its module writes it."""
    module, attribute = COMMANDS[name]
    for node in ast.parse(Path(__file__).with_name(f"{module}.py").read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name == attribute:
            return (ast.get_docstring(node) or "").split("\n\n")[0]
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == [attribute]:
            keywords = node.value.keywords if isinstance(node.value, ast.Call) else []
            return next((str(ast.literal_eval(k.value)) for k in keywords if k.arg == "help"), "")
    return ""
