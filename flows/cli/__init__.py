"""The command ``gapindex``.

Exit codes: 0 done; 1 an unexpected fault; 2 wrong usage or setting; 3 published, but a source gave
nothing tonight, or a board of one that did has no accepted table (stale); 4 nothing published, because
the build failed its checks; 5 another run holds the data folder; 6 there is nothing to show yet; 7 a
name is unresolved; 8 an alert could not be delivered; 9 the data folder cannot be written; 10 `gapindex
doctor` found a fault; 130 interrupted.
"""

from __future__ import annotations

import sys

import click

from flows.cli.commands import Commands


@click.group(
    "gapindex",
    cls=Commands,
    invoke_without_command=True,
    context_settings={"show_default": True, "max_content_width": 120},
)
@click.pass_context
def app(context: click.Context) -> None:
    """How far open-weight AI models are behind closed ones, every night, with the evidence for every number."""
    if context.invoked_subcommand is None:
        from flows.cli.querying import front

        front(context)


def main() -> None:
    """Entry point; a setting that cannot be used ends with a sentence, not a traceback."""
    try:
        app()
    except Exception as error:
        code = _code_of(error)
        if code is None:
            raise
        sys.exit(code)


def _code_of(error: Exception) -> int | None:
    """The exit code of an error that ends a command as it should; None for an unexpected one."""
    from flows.cli.options import Exit
    from flows.cli.screen import err, plain
    from flows.settings import BadSetting

    if isinstance(error, BadSetting):
        err.print(f"gapindex: {plain(str(error))}", soft_wrap=True)
        return Exit.USAGE
    # DuckDB turns Ctrl-C in the middle of a query into an error of its own.
    stopped = type(error).__name__ == "InterruptException" or (
        isinstance(error, RuntimeError) and str(error) == "Query interrupted"
    )
    return Exit.INTERRUPTED if stopped else None
