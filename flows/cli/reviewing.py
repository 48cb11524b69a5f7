"""The command ``last``: one screen of what the last published night did."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flows.cli.drawing import Field, fitted
from flows.cli.options import AsJson, Data, print_json, published, settings_of
from flows.cli.screen import out, plain
from warehouse.alerts.ledger import Ledger
from warehouse.report.summary import Summary, age, summary
from warehouse.report.tables import Tables

LISTED = 8
"""Lines of each kind on the screen."""


def last(data: Data = None, as_json: AsJson = False) -> None:
    """Shows what the last night did: what moved, sources by outcome, what was held, its seconds, what was sent."""
    from flows.last_run import read  # the night behind it costs half a second of imports

    folder = settings_of(data, None).data
    with published(data) as db:
        report = summary(Tables(db))
    note = read(folder)
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
        print_json(asdict(report) | {"outcomes": report.outcomes, "last_run": note, "sent": sent})
        return
    out.print(f"[bold]{plain(report.sentence)}[/bold]", highlight=False)
    _run(report, note)
    _list(
        "moved",
        report.moved,
        f"nothing since night {report.before}" if report.before else "no earlier night to compare with",
    )
    _list("news", report.news, "none")
    _sources(report)
    out.print(
        f"[bold]held[/bold]      {report.held} held back, {report.warned} warned of tonight; why: gapindex quarantine",
        highlight=False,
    )
    lines = [
        f"{plain(channel)}: {outbox['delivered']} delivered, {outbox['waiting']} waiting, {outbox['given_up']} given up"
        for channel, outbox in sent.items()
    ]
    _list("sent", tuple(lines), "nobody is subscribed; docs/alerts.md")


def _run(report: Summary, note: dict[str, Any]) -> None:
    words = f"night {report.night}, run {plain(report.run_id)}"
    if note.get("night") == str(report.night):
        seconds: dict[str, float] = note.get("seconds") or {}
        steps = ", ".join(f"{plain(step)} {value:.0f} s" for step, value in seconds.items())
        words += f"; ended {plain(str(note.get('ended_at')))}; {sum(seconds.values()):.0f} s ({steps})"
        words += f"; {note.get('pages_new')} pages new, {note.get('pages_unchanged')} unchanged"
    else:
        words += "; no note of its seconds in this data folder"
    out.print(f"\n[bold]run[/bold]       {words}", highlight=False)


def _list(name: str, lines: tuple[str, ...], empty: str) -> None:
    out.print(f"[bold]{name:<9}[/bold] {plain(lines[0]) if lines else plain(empty)}", highlight=False)
    for line in lines[1:LISTED]:
        out.print(f"          {plain(line)}", highlight=False)
    if len(lines) > LISTED:
        out.print(f"          and {len(lines) - LISTED} more", highlight=False)


def _sources(report: Summary) -> None:
    counted = ", ".join(f"{count} {plain(outcome)}" for outcome, count in report.outcomes.items())
    out.print(f"[bold]sources[/bold]   {counted or 'none'}", highlight=False)
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
