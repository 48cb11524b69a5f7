"""The command ``mcp``: the published tables for assistants that speak the Model Context Protocol."""

from __future__ import annotations

from pathlib import Path

import click

from flows.cli.options import (
    data_option,
    settings_of,
)


@click.command("mcp")
@data_option
def mcp(data: Path | None) -> None:
    """Serves the published tables over the Model Context Protocol, on standard input and output.

    Tools: how_far_behind, why, compare, models, tables, sql.  Each answer names the pages it rests on.
    """
    settings = settings_of(data, None)
    from flows.serving.mcp import server  # the protocol's library, which no other command needs

    server(settings.data, settings.site_url).run("stdio")
