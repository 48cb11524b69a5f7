"""The command that shows the settings in force and where each came from."""

from __future__ import annotations

import re
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from flows.cli.options import (
    data_option,
    json_option,
    mirror_option,
    print_json,
)
from flows.cli.screen import err, out, plain
from flows.settings import Settings, load


@click.command("config")
@data_option
@mirror_option
@json_option
def config(data: Path | None, mirror: str | None, as_json: bool) -> None:
    """Shows every setting: its value, where it came from, and what it is for.  Secrets are not shown.

    A value comes from an option, else from the environment (GAPINDEX_DATA ...), else from gapindex.yaml in the working
    folder (GAPINDEX_CONFIG names another file), else it is the default.
    """
    loaded = load(data=data, mirror=mirror)
    shown = {name: _shown(loaded.settings, name) for name in Settings.model_fields}
    if as_json:
        settings = {name: {"value": value, "origin": loaded.origins[name]} for name, value in shown.items()}
        print_json({"settings": settings, "unknown": list(loaded.unknown)})
        return
    table = Table("setting", "value", "from", "what it is", box=None, pad_edge=False)
    for name, field in Settings.model_fields.items():
        cells = (name, shown[name], loaded.origins[name], field.description or "")
        table.add_row(*(Text(plain(cell), overflow="fold") for cell in cells))
    out.print(table)
    if loaded.unknown:
        err.print(f"no settings, unless alerts.yaml refers to them: {plain(', '.join(loaded.unknown))}", soft_wrap=True)


def _shown(settings: Settings, name: str) -> str:
    value = getattr(settings, name)
    if name == "ping_url":
        return "set (not shown)" if value else ""
    if name == "mirror":
        return re.sub("//[^/]*@", "//", str(value).partition("?")[0])
    return "" if value is None else str(value)
