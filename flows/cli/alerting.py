"""Commands ``gapindex alerts``: send a sample, preview, send, show the state of channels, retry."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.cli.commands import Group
from flows.cli.drawing import Field, fitted
from flows.cli.options import (
    Exit,
    data_option,
    json_option,
    night_of,
    night_option,
    print_json,
    settings_of,
    stop,
)
from flows.cli.screen import err, out, plain
from warehouse.alerts import messages
from warehouse.alerts.ledger import Ledger, Outbox
from warehouse.alerts.subscriptions import Alerts, BadAlerts, parse

if TYPE_CHECKING:
    from flows.settings import Settings
    from warehouse.alerts.events import EventBatch


@click.group("alerts", cls=Group, no_args_is_help=True)
def alerts() -> None:
    """Alerts: samples, previews, sending, and messages that are stuck."""


@alerts.command("test")
@click.argument("channel", help="A channel of the subscriptions file.")
@data_option
def test(channel: str, data: Path | None) -> None:
    """Sends a message marked SAMPLE to one channel now and shows the result; the ledger does not record it."""
    from flows.alerting.previewing import sample
    from flows.alerting.sending import sender

    _, chosen = _loaded(data)
    if channel not in chosen.channels:
        stop(Exit.USAGE, f"no channel called {channel}; there are {', '.join(chosen.channels) or 'none'}")
    with err.status(f"sending a sample to {channel}"):
        outcome = sender(chosen.channels[channel])(sample(datetime.now(UTC).date()))
    if outcome.result != "delivered":
        stop(Exit.UNDELIVERED, f"{channel}: {chosen.redacted(outcome.why)}")
    out.print(f"[bold green]delivered[/bold green]  a sample to {channel}")


@alerts.command("preview")
@night_option
@click.option("--channel", multiple=True, help="Only this channel (repeatable).")
@data_option
@json_option
def preview(night: str | None, channel: tuple[str, ...], data: Path | None, as_json: bool) -> None:
    """Shows what would be sent now and why; with --night, what that night would have sent and what it left out."""
    from flows.alerting.previewing import preview as look
    from flows.alerting.previewing import refusals

    settings, chosen = _loaded(data)
    if not chosen.channels:
        err.print(
            "no subscriptions (no alerts.yaml; docs/alerts.md): this is what a subscription to everything would get"
        )
        chosen = parse(_OF_ALL, "example", lambda _name: None)
    for name in channel or ():
        if name not in chosen.channels:
            stop(Exit.USAGE, f"no channel called {name}; there are {', '.join(chosen.channels)}")
    batch = _current_events(settings)
    when = night_of(night)
    found = look(chosen, batch, Ledger(settings.data), when)
    wanted = {name: made for name, made in found.items() if not channel or name in channel}
    left = {name: refusals(chosen, name, batch, when or batch.night) for name in wanted}
    if as_json:
        print_json(
            {
                name: {
                    "messages": [{"why": one.why, **messages.payload(one.message)} for one in made],
                    "left_out": dict(left[name]),
                }
                for name, made in wanted.items()
            }
        )
        return
    for name, made in wanted.items():
        out.print(f"[bold]{name}[/bold]  {len(made)} messages", soft_wrap=True)
        for one in made:
            out.print(f"  [dim]why: {plain(one.why)}[/dim]", soft_wrap=True)
            for line in messages.plain(one.message).splitlines():
                out.print(f"  {plain(line)}", soft_wrap=True)
            out.print()
        for reason, count in left[name].most_common(8):
            out.print(f"  [dim]left out: {count}, {plain(reason)}[/dim]", soft_wrap=True)


_OF_ALL = """
channels: {example: {url: "json://localhost"}}
subscriptions: [{channels: [example], kinds: [parity, open-leader, closed-leader, weights-published]}]
"""


@alerts.command("send")
@data_option
@json_option
def send(data: Path | None, as_json: bool) -> None:
    """Puts what is new into the ledger and sends what is due; what fails is tried again by the next run."""
    from flows.alerting.delivery import DeliveryLocked, deliver
    from flows.alerting.dispatch import current_events

    settings, chosen = _loaded(data)
    try:
        with err.status("sending"):
            done = deliver(settings.data, chosen, current_events(settings.data))
    except DeliveryLocked as error:
        stop(Exit.BUSY, str(error))
    if as_json:
        print_json([asdict(one) for one in done])
    else:
        for one in done:
            summary = f"{one.planned} new, {one.delivered} delivered, {one.waiting} waiting, {one.dead} given up now"
            out.print(f"[bold]{one.channel}[/bold]  {summary}  {plain(one.why)}", soft_wrap=True)
        if not done:
            out.print(NO_CHANNEL)
    raise click.exceptions.Exit(Exit.UNDELIVERED if any(one.dead for one in done) else Exit.DONE)


@alerts.command("status")
@data_option
@json_option
def status(data: Path | None, as_json: bool) -> None:
    """Shows each channel: what is waiting, since when, why, and the dead letters; exit code 8 if something is stuck."""
    settings, chosen = _loaded(data)
    ledger = Ledger(settings.data)
    outboxes = {
        name: ledger.outboxes.get(name, Outbox()) for name in dict.fromkeys([*chosen.channels, *ledger.outboxes])
    }
    stuck = any(outbox.dead or outbox.stopped for outbox in outboxes.values())
    if as_json:
        print_json(
            {name: _facts(outbox) for name, outbox in outboxes.items()}
            | {"damaged_lines": len(ledger.faults), "faults": ledger.faults}
        )
        raise click.exceptions.Exit(Exit.UNDELIVERED if stuck else Exit.DONE)
    cells = [_channel_cells(name, outbox) for name, outbox in outboxes.items()]
    out.print(fitted("alerts", CHANNELS, cells, out.width) if cells else NO_CHANNEL)
    for name, outbox in outboxes.items():
        for one in outbox.dead:
            out.print(
                f"[red]dead[/red]  {plain(name)}  {one.message.night}  {plain(one.message.headline)}  "
                f"({one.tries} tries; {plain(one.why)})",
                soft_wrap=True,
            )
    for fault in ledger.faults:
        out.print(f"[yellow]damaged[/yellow]  {plain(fault)}", soft_wrap=True)
    if stuck:
        out.print("what to do: mend the channel, then gapindex alerts retry CHANNEL", soft_wrap=True)
    raise click.exceptions.Exit(Exit.UNDELIVERED if stuck else Exit.DONE)


NO_CHANNEL = "no channel: write alerts.yaml into the data folder (docs/alerts.md)"

CHANNELS = (
    Field(title="channel"),
    Field(title="delivered", drop=2, justify="right"),
    Field(title="last", drop=4),
    Field(title="waiting", justify="right"),
    Field(title="next try", drop=3),
    Field(title="dead", justify="right"),
    Field(title="why", drop=1),
)


def _channel_cells(name: str, outbox: Outbox) -> tuple[str, ...]:
    due = outbox.due
    return (
        plain(name),
        str(outbox.delivered),
        f"{outbox.last_delivered_at:%Y-%m-%d %H:%M}" if outbox.last_delivered_at else "-",
        str(len(outbox.waiting) - len(outbox.dead)),
        f"{due.next_try:%Y-%m-%d %H:%M}, try {due.tries + 1}" if due else "-",
        f"[red]{len(outbox.dead)}[/red]" if outbox.dead else "0",
        plain(outbox.stopped or (due.why if due else "") or "; ".join(sorted({one.why for one in outbox.dead}))),
    )


@alerts.command("retry")
@click.argument("channel", nargs=-1, help="Channels (default: all that are stuck).")
@data_option
def retry(channel: tuple[str, ...], data: Path | None) -> None:
    """Opens stopped channels and makes their dead letters due again, in order; `gapindex alerts send` sends them."""
    from flows.alerting.delivery import DeliveryLocked, revive

    settings, _ = _loaded(data)
    try:
        done = revive(settings.data, channel or [])
    except DeliveryLocked as error:
        stop(Exit.BUSY, str(error))
    except KeyError as error:
        stop(Exit.USAGE, str(error.args[0]))
    for name, count in done.items():
        out.print(f"[bold]{plain(name)}[/bold]  {count} messages due again")
    if not done:
        out.print("nothing is stuck")


@alerts.command("automations")
@click.option("--file", type=click.Path(path_type=Path), default=Path("automations.yaml"), help="Declared automations.")
@data_option
@json_option
def automations(file: Path, data: Path | None, as_json: bool) -> None:
    """Creates or updates the automations of automations.yaml on Prefect's server; a second time changes nothing."""
    from flows.settings import be_patient, be_quiet

    be_quiet()
    be_patient()
    from flows.automations import BadAutomations, apply

    _, chosen = _loaded(data)
    try:
        with err.status("asking Prefect"):
            done = asyncio.run(apply(file, chosen))
    except BadAutomations as error:
        stop(Exit.USAGE, chosen.redacted(str(error)))
    if as_json:
        print_json(done)
        return
    for name, what in done.items():
        out.print(f"[bold]{plain(name)}[/bold]  {what}", soft_wrap=True)


def _loaded(data: Path | None) -> tuple[Settings, Alerts]:
    from flows.alerting.dispatch import load

    settings = settings_of(data, None)
    try:
        return settings, load(settings)
    except BadAlerts as error:
        stop(Exit.USAGE, str(error))


def _current_events(settings: Settings) -> EventBatch:
    from flows.alerting.dispatch import current_events

    batch = current_events(settings.data)
    if batch is None:
        stop(Exit.NOTHING_YET, f"nothing with events is published in {settings.data}; run `gapindex run` first")
    return batch


def _facts(outbox: Outbox) -> Mapping[str, Any]:
    def tell(day: datetime | date | None) -> str | None:
        return day.isoformat() if day else None

    return {
        "delivered": outbox.delivered,
        "last_delivered_at": tell(outbox.last_delivered_at),
        "stopped": outbox.stopped,
        "waiting": [
            {
                "id": one.message.message_id,
                "headline": one.message.headline,
                "night": one.message.night,
                "tries": one.tries,
                "next_try": tell(one.next_try),
                "why": one.why,
                "dead": one.dead,
            }
            for one in outbox.waiting
        ],
    }
