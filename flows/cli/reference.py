"""The reference of commands, settings and exit codes: ``python -m flows.cli.reference > docs/commands.md``.

Written from the commands themselves: their docstrings, options and defaults, the descriptions of `Settings`, and what
the docstring of `flows.cli` says of exit codes.  A test compares the page with what this module writes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from inspect import cleandoc
from pathlib import Path
from typing import Any

import click

import flows.cli
from flows.cli.commands import COMMANDS, loaded
from flows.environment import PREFIX
from flows.settings import Settings

HEAD = """# Commands, settings, exit codes

Written by `python -m flows.cli.reference` from the program itself.

"""


def reference() -> str:
    """The whole page, in Markdown."""
    return HEAD + "\n".join((*_commands(), *_settings(), *_exit_codes())) + "\n"


def _commands() -> Iterator[str]:
    yield "## Commands\n"
    for name in COMMANDS:
        found = loaded(name)
        if isinstance(found, click.Group):
            yield f"### gapindex {name}\n\n{_prose(found.help)}\n"
            for inner, command in found.commands.items():
                yield from _command(f"{name} {inner}", command, "####")
        else:
            yield from _command(name, found, "###")


def _command(name: str, command: Any, level: str) -> Iterator[str]:
    """One command: heading, usage, what it does, and a table of its options."""
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
    words = [f"[{_metavar(p)}]" if not p.required else _metavar(p) for p in arguments]
    usage = " ".join(["gapindex", name, *(["[OPTIONS]"] if options else []), *words])
    yield f"{level} gapindex {name}\n\n```\n{usage}\n```\n\n{_prose(command.help)}\n"
    rows = [(f"`{_metavar(p)}`", _cell(getattr(p, "help", "") or ""), "") for p in arguments]
    rows += [(_flags(p), _cell(getattr(p, "help", "") or ""), _default(p)) for p in options]
    if rows:
        yield _table(("option", "what", "default"), rows)


def _metavar(parameter: Any) -> str:
    return str(parameter.metavar or (parameter.name or "").upper()) + ("..." if parameter.nargs == -1 else "")


def _flags(option: Any) -> str:
    return ", ".join(f"`{flag}`" for flag in (*option.opts, *option.secondary_opts))


def _default(option: Any) -> str:
    """A default worth writing: not of a switch that is off, nor a None."""
    value = option.default
    return f"`{value}`" if value and isinstance(value, str | int | float | Path) else ""


def _settings() -> Iterator[str]:
    yield "\n## Settings\n"
    yield (
        f"In `gapindex.yaml` by name, or in the environment as `{PREFIX}` and the name in capitals; `gapindex config`"
        " shows the value in force and where it came from. An option wins over the environment, the environment over"
        " the file.\n"
    )
    fields = Settings.model_fields
    yield _table(
        ("setting", "variable", "what"),
        [(f"`{n}`", f"`{PREFIX}{n.upper()}`", _cell(field.description or "")) for n, field in fields.items()],
    )


def _exit_codes() -> Iterator[str]:
    text = " ".join((flows.cli.__doc__ or "").partition("Exit codes:")[2].split()).rstrip(".")
    yield "\n## Exit codes\n"
    yield _table(("code", "meaning"), [tuple(part.strip().split(" ", 1)) for part in text.split(";")])


def _prose(text: str | None) -> str:
    """A docstring as Markdown: its line breaks are typography, its double backticks code."""
    plain = re.sub(r"\[/?\w+\]", "", cleandoc(text or "")).replace("``", "`").replace("\b\n", "")
    return re.sub(r"(?<=\S)[ ]+\n", "\n", plain).strip()


def _cell(text: str) -> str:
    return " ".join(_prose(text).split()).replace("|", "\\|").replace("<", "&lt;")


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines).replace("|  |", "| |") + "\n"


if __name__ == "__main__":
    sys.stdout.write(reference())
