"""The command ``gapindex``.

Exit codes: 0 done; 1 an unexpected fault; 2 wrong usage or setting; 3 published, but a source gave
nothing tonight (stale); 4 nothing published, because the build failed its checks; 5 another run
holds the data folder; 6 there is nothing to show yet; 7 a name is unresolved; 8 an alert could not
be delivered; 9 the data folder cannot be written; 10 `gapindex doctor` found a fault; 130 interrupted.
"""

from __future__ import annotations

import sys

import duckdb
import typer

from flows.cli import (
    alerting,
    building,
    checking,
    choosing,
    claiming,
    contributing,
    curating,
    overriding,
    querying,
    reporting,
    reviewing,
    running,
)
from flows.cli.options import Exit
from flows.cli.screen import err, plain
from flows.settings import BadSetting

app = typer.Typer(
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode="rich",
    help="How far open-weight AI models are behind closed ones, every night, with the evidence for every number.",
)
for command in (
    running.run,
    querying.show,
    reporting.report,
    reviewing.last,
    choosing.models,
    querying.why,
    querying.events,
    claiming.claims,
    querying.sources,
    querying.quarantine,
    overriding.accept,
    overriding.exclude,
    querying.sql,
    running.backfill,
    running.rebuild,
    building.build,
    running.history,
    checking.doctor,
    contributing.new_source,
):
    app.command()(command)
app.add_typer(curating.names, name="names")
app.add_typer(alerting.alerts, name="alerts")


@app.callback()
def begin(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        querying.front(context)


def main() -> None:
    """Entry point; a setting that cannot be used ends with a sentence, not a traceback."""
    try:
        app()
    except BadSetting as error:
        err.print(f"gapindex: {plain(str(error))}", soft_wrap=True)
        sys.exit(Exit.USAGE)
    except (RuntimeError, duckdb.InterruptException) as error:
        # DuckDB turns Ctrl-C in the middle of a query into an error of its own.
        if not isinstance(error, duckdb.InterruptException) and str(error) != "Query interrupted":
            raise
        sys.exit(Exit.INTERRUPTED)
