"""The commands ``last`` and ``runs``: what the last published night did, and how every run ended."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table

from flows.cli.drawing import Field, fitted
from flows.cli.options import (
    data_option,
    folder_of,
    json_option,
    print_json,
    published,
)
from flows.cli.screen import out, plain, wrapped
from warehouse.alerts.ledger import Ledger
from warehouse.report.summary import Summary, age, summary
from warehouse.report.tables import Tables

if TYPE_CHECKING:
    from flows.run_log import RunRecord  # what is behind it costs half a second of imports

LISTED = 8
"""Lines of each kind on the screen."""

FAILED = frozenset({"not published", "no disk", "failed", "died"})
"""Outcomes of a newest run that `gapindex last` begins with."""


@click.command("last")
@data_option
@json_option
def last(data: Path | None, as_json: bool) -> None:
    """Shows what the last night did: what moved, sources by outcome, what was held, its seconds, what was sent."""
    from flows.run_log import PUBLISHED, REBUILD, read
    from flows.run_log import plain as plain_run

    folder = folder_of(data)
    with published(data) as db:
        report = summary(Tables(db))
    recorded = read(folder)
    of_night = [run for run in recorded if run.night == report.night and run.outcome in PUBLISHED]
    run = next(iter([one for one in of_night if one.scope != REBUILD][-1:] or of_night[-1:]), None)
    sent = {
        channel: {
            "delivered": outbox.delivered,
            "last_delivered_at": outbox.last_delivered_at,
            "waiting": len(outbox.waiting) - len(outbox.dead),
            "given_up": len(outbox.dead),
        }
        for channel, outbox in sorted(Ledger(folder).outboxes.items())
    }
    if as_json:
        print_json(
            asdict(report) | {"outcomes": report.outcomes, "last_run": plain_run(run) if run else {}, "sent": sent}
        )
        return
    if recorded and recorded[-1].outcome in FAILED:
        out.print(_failure(recorded[-1]), highlight=False)
    out.print(f"[bold]{plain(wrapped(report.sentence))}[/bold]", highlight=False)
    _run(report, run)
    _list(
        "moved",
        report.moved,
        f"nothing since night {report.before}" if report.before else "no earlier night to compare with",
    )
    _list("news", report.news, "none")
    _sources(report)
    _line("held", f"{report.held} held back, {report.warned} warned of tonight; why: gapindex quarantine")
    lines = [
        f"{plain(channel)}: {outbox['delivered']} delivered, {outbox['waiting']} waiting, {outbox['given_up']} given up"
        for channel, outbox in sent.items()
    ]
    _list("sent", tuple(lines), "nobody is subscribed; docs/alerts.md")


@click.command("runs")
@click.option("-n", "--number", type=click.IntRange(min=1), default=20, help="The newest so many runs.")
@data_option
@json_option
def runs(number: int, data: Path | None, as_json: bool) -> None:
    """Lists every run of the data folder, newest first: nights, feeds, partial runs, and those that failed or died."""
    from flows.run_log import plain as plain_run
    from flows.run_log import read

    newest = read(folder_of(data))[::-1][:number]
    if as_json:
        print_json([plain_run(run) for run in newest])
        return
    if not newest:
        out.print("no run yet: gapindex run")
        return
    fields = (
        Field(title="began (UTC)"),
        Field(title="night"),
        Field(title="scope"),
        Field(title="outcome"),
        Field(title="seconds", justify="right"),
        Field(title="stale", justify="right", drop=1),
        Field(title="pages new", justify="right", drop=3),
        Field(title="MB new", justify="right", drop=3),
        Field(title="rows stored", justify="right", drop=2),
        Field(title="peak MB", justify="right", drop=2),
        Field(title="error", drop=4),
    )
    cells = [
        (
            f"{run.began_at:%Y-%m-%d %H:%M}",
            str(run.night),
            plain(run.scope),
            run.outcome,
            f"{run.total_seconds:.0f}",
            str(len(run.stale)),
            str(run.pages_new),
            f"{run.bytes_new / 1e6:.1f}",
            str(run.rows_stored),
            f"{run.peak_memory_bytes / 1e6:.0f}",
            plain(run.error[:120]),
        )
        for run in newest
    ]
    out.print(fitted("", fields, cells, out.width))


def _failure(run: RunRecord) -> str:
    why = f": {plain(run.error)}" if run.error else ""
    return (
        f"[bold red]{run.outcome}[/bold red]  the newest run ({run.scope}, night {run.night}, began"
        f" {run.began_at:%Y-%m-%d %H:%M} UTC){why}; what follows is of the publication before it"
    )


def _run(report: Summary, run: RunRecord | None) -> None:
    words = f"night {report.night}, run {plain(report.run_id)}"
    if run is None:
        words += "; this data folder has no record of the run"
    else:
        steps = ", ".join(f"{plain(step)} {value:.0f} s" for step, value in run.seconds.items())
        words += f"; ended {run.ended_at:%Y-%m-%d %H:%M} UTC; {run.total_seconds:.0f} s ({steps})"
        words += f"; {run.pages_new} pages new, {run.pages_unchanged} unchanged"
        words += f"; {run.bytes_new / 1e6:.1f} MB new, {run.rows_stored} rows stored"
        words += f"; peak {run.peak_memory_bytes / 1e6:.0f} MB of memory"
    out.print()
    _line("run", words)


def _list(name: str, lines: tuple[str, ...], empty: str) -> None:
    marked = [f"- {line}" if len(lines) > 1 else line for line in lines]
    _line(name, plain(marked[0]) if marked else plain(empty))
    for line in marked[1:LISTED]:
        _line("", plain(line))
    if len(lines) > LISTED:
        _line("", f"and {len(lines) - LISTED} more")


def _line(name: str, text: str) -> None:
    """A name, and beside it a text that is folded within its own column."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=8)
    grid.add_column(overflow="fold")
    grid.add_row(f"[bold]{name}[/bold]", text)
    out.print(grid, highlight=False)


def _sources(report: Summary) -> None:
    counted = ", ".join(f"{count} {plain(outcome)}" for outcome, count in report.outcomes.items())
    _line("sources", counted or "none")
    if report.trouble:
        fields = (
            Field(title="source"),
            Field(title="outcome"),
            Field(title="age", drop=1),
            Field(title="found", drop=2),
        )
        cells = [
            (plain(one.source), plain(one.outcome), age(one, report.night), plain(one.found))
            for one in report.trouble[:LISTED]
        ]
        out.print(fitted("", fields, cells, out.width))
