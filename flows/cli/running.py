"""Commands that run something: a night, past nights, a rebuild, the bundled history."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.cli.options import (
    Exit,
    data_option,
    folder_of,
    json_option,
    mirror_option,
    night_of,
    night_option,
    print_json,
    settings_of,
    stop,
)
from flows.cli.screen import boards_in_trouble, err, night_facts, out, plain, print_night, progress_bar, published_as
from flows.environment import variable
from flows.settings import Settings, be_patient, be_quiet
from warehouse.alerts.subscriptions import BadAlerts
from warehouse.publication import current
from warehouse.unpublished import MOST

if TYPE_CHECKING:
    from flows.night import Night  # the collectors behind it cost half a second that only running needs
    from flows.stages.build import NotPublished
    from warehouse.scope import RunScope


wait_option = click.option(
    "--wait",
    type=click.FloatRange(min=0, max=86_400),
    help="Seconds to wait for another run in the folder (GAPINDEX_WAIT; default: 1800).",
)


@click.command("run")
@night_option
@click.option("--source", multiple=True, help="Only this source (repeatable).")
@click.option("--feeds", is_flag=True, help="Only what brings news of releases: announcements, registries, the Hub.")
@mirror_option
@data_option
@wait_option
@click.option("--dry-run", is_flag=True, help="Ask and read, show what was read, keep nothing.")
@click.option("--missed", is_flag=True, help="Only if tonight's night was due and is not published; for a timer.")
@click.option("--prefect", is_flag=True, help="As a Prefect flow, on its embedded server if none is set.")
@click.option("--data-docs", is_flag=True, help="Also write the rules and what they found as a site, to DATA/docs.")
@json_option
def run(
    night: str | None,
    source: tuple[str, ...],
    feeds: bool,
    mirror: str | None,
    data: Path | None,
    wait: float | None,
    dry_run: bool,
    missed: bool,
    prefect: bool,
    data_docs: bool,
    as_json: bool,
) -> None:
    """Runs a night: asks every source, keeps what comes, computes the index, checks it, publishes it.

    The same night may be run again; it asks conditionally and changes nothing where nothing is new.  With --feeds or
    --source the run is partial: it publishes what it read, and settles no vintage and pings no watchdog.
    """
    be_quiet()
    from collectors.registry import sources as declared
    from flows.alerting.dispatch import load
    from flows.folder import Busy, NoDisk
    from flows.missed import missed_night
    from flows.stages.build import NotPublished
    from warehouse.scope import UnknownSource, feeds_scope, scope_of

    settings = settings_of(data, mirror, wait=wait)
    if missed and (night or feeds or source):
        stop(Exit.USAGE, "--missed is about tonight's full night; give it without --night, --feeds and --source")
    if missed and missed_night(settings.data, datetime.now(UTC), settings.due) is None:
        err.print("no night is missing", soft_wrap=True)
        return
    today = datetime.now(UTC).date()
    when = night_of(night) or today
    if feeds and source:
        stop(Exit.USAGE, "--feeds and --source name two sets of sources; give one of them")
    try:
        load(settings)  # a mistake in alerts.yaml ends here, and not after the night
        scope = feeds_scope(declared()) if feeds else scope_of(declared(), source or ())
        if dry_run:
            _dry_run(when, settings, scope)
            return
        when, why = settings.night_to_run(when, today)
        if why:
            err.print(f"[yellow]{plain(why)}[/yellow]", soft_wrap=True)
        result = (_on_prefect if prefect else _plainly)(when, settings, scope)
    except (UnknownSource, BadAlerts) as error:
        stop(Exit.USAGE, str(error))
    except Busy as error:
        stop(Exit.BUSY, str(error))
    except NoDisk as error:
        stop(Exit.NO_DISK, str(error))
    except NotPublished as error:
        _print_unpublished(error)
        stop(Exit.NOT_PUBLISHED, "nothing was published; what was published before stays as it was")
    if data_docs:
        _data_docs(when, settings)
    if as_json:
        print_json(night_facts(result))
    else:
        print_night(result)
    waiting = result.stale or boards_in_trouble(result.publication.database)
    raise click.exceptions.Exit(Exit.STALE if waiting else Exit.DONE)


@click.command("serve")
def serve() -> None:
    """Runs the schedules of prefect.yaml in this process, on the server at PREFECT_API_URL; no worker is needed.

    Data folder, mirror and the night's hour (`due`, UTC) are those of the settings (`gapindex config`).
    """
    if not variable("PREFECT_API_URL"):
        stop(
            Exit.USAGE,
            "serve needs a Prefect server that goes on: start one (`prefect server start`) and set"
            " PREFECT_API_URL=http://127.0.0.1:4200/api; without a server, use deploy/crontab or deploy/systemd",
        )
    settings = settings_of(None, None)  # a mistake in the settings ends here, and not at the first night
    be_quiet()
    from flows.schedules import serve_schedules

    serve_schedules(settings.due)


@click.command("backfill")
@click.option("--from", "first", required=True, help="First night, UTC date.")
@click.option("--to", "last", required=True, help="Last night, UTC date.")
@click.option("--source", multiple=True, help="Only this source (repeatable).")
@mirror_option
@data_option
@wait_option
@json_option
def backfill(
    first: str,
    last: str,
    source: tuple[str, ...],
    mirror: str | None,
    data: Path | None,
    wait: float | None,
    as_json: bool,
) -> None:
    """Runs past nights in order into the archive and the store; stopped, it goes on where it was.

    Give a mirror with {night} in it, such as http://127.0.0.1:8799/@{night}, to ask each night's own web.
    Publishes nothing: `gapindex run` or `gapindex rebuild` does, and marks what was back-filled.
    """
    be_quiet()
    from flows.backfill import Progress
    from flows.backfill import backfill as fill
    from flows.folder import Busy, NoDisk
    from flows.mapping import RunnerMissing
    from warehouse.scope import UnknownSource

    begin, end = night_of(first), night_of(last)
    if begin is None or end is None or begin > end:
        stop(Exit.USAGE, f"--from {first} is not before --to {last}")
    settings = settings_of(data, mirror, wait=wait)
    today = datetime.now(UTC).date()
    if not (settings.serves(begin, today) and settings.serves(end, today)):
        stop(Exit.USAGE, "past nights need a mirror that serves them: give --mirror an address with {night} in it")
    with progress_bar() as bar:
        line = bar.add_task("back-fill", total=(end - begin).days + 1)

        def show_progress(now: Progress) -> None:
            bar.update(line, total=now.nights, completed=now.done, description=f"night {now.night}, {now.pages} pages")

        try:
            done = asyncio.run(fill(begin, end, settings, only=source or [], progress=show_progress))
        except (UnknownSource, RunnerMissing) as error:
            stop(Exit.USAGE, str(error))
        except Busy as error:
            stop(Exit.BUSY, str(error))
        except NoDisk as error:
            stop(Exit.NO_DISK, str(error))
    for trouble in done.troubles:
        err.print(f"[yellow]{plain(trouble)}[/yellow]", soft_wrap=True)
    if as_json:
        print_json(asdict(done))
        return
    out.print(
        f"[bold green]back-filled[/bold green]  {done.nights} nights, {done.skipped} were done before", soft_wrap=True
    )
    out.print(f"  pages   {done.fresh} new, {done.unchanged} unchanged, {done.not_asked} left alone by their history")
    out.print(f"  rows    {done.rows}")
    out.print(f"  time    {done.seconds_collecting} s collecting, {done.seconds_reading} s reading")


@click.command("rebuild")
@night_option
@data_option
def rebuild(night: str | None, data: Path | None) -> None:
    """Rebuilds the store from the archive alone and publishes; the tables are those of a normal run."""
    be_quiet()
    from flows.folder import Busy, NoDisk
    from flows.mapping import RunnerMissing
    from flows.night import NoArchive
    from flows.night import rebuild as again
    from flows.stages.build import NotPublished

    settings = settings_of(data, None)
    folder = settings.data
    published = current(folder)
    when = night_of(night) or (published.night if published else datetime.now(UTC).date())
    try:
        with err.status(f"reading the archive in {folder}") as status:
            publication = again(when, settings, progress=lambda text: status.update(plain(text)))
    except RunnerMissing as error:
        stop(Exit.USAGE, str(error))
    except Busy as error:
        stop(Exit.BUSY, str(error))
    except NoDisk as error:
        stop(Exit.NO_DISK, str(error))
    except NoArchive as error:
        stop(Exit.NOTHING_YET, str(error))
    except NotPublished as error:
        _print_unpublished(error)
        stop(Exit.NOT_PUBLISHED, "nothing was published; what was published before stays as it was")
    out.print(
        f"[bold green]{published_as(publication)}[/bold green]  night {when}, in {publication.folder}", soft_wrap=True
    )


@click.command("history")
@click.option(
    "--to", type=click.Path(path_type=Path), default=Path("warehouse/history"), help="Folder for the Parquet files."
)
@night_option
@data_option
def history(to: Path, night: str | None, data: Path | None) -> None:
    """Writes the facts of a data folder as the history that ships with the package (for maintainers)."""
    from collectors.registry import sources as declared
    from warehouse.build import built
    from warehouse.history import export

    folder = folder_of(data)
    published = current(folder)
    when = night_of(night) or (published.night if published else datetime.now(UTC).date())
    if not (folder / "store.duckdb").exists():
        stop(Exit.NOTHING_YET, f"{folder} holds no store; run `gapindex run` first, or give --data")
    with built(folder / "store.duckdb", when, declared(), bundled=False) as db:
        counts = export(db, to, declared())
    size = sum(file.stat().st_size for file in to.iterdir())
    out.print(f"{to}: {size / 1e6:.1f} MB; " + ", ".join(f"{count} {table}" for table, count in counts.items()))


def _print_unpublished(error: NotPublished) -> None:
    """What stands in the way of a publication, and how to get round it."""
    for failure in error.failures[:20]:
        err.print(f"[red]check failed[/red] {plain(failure)}", soft_wrap=True)
    if error.record:
        for sentence in error.record.sentences()[min(len(error.failures), MOST) :]:
            err.print(plain(sentence), soft_wrap=True, highlight=False)


def _data_docs(night: date, settings: Settings) -> None:
    """The site of Great Expectations.  It needs a build of its own, so it is made only when asked for."""
    from collectors.registry import sources as declared
    from warehouse.build import built
    from warehouse.expectations import data_docs

    with (
        err.status("writing the rules and what they found"),
        built(
            settings.data / "store.duckdb",
            night,
            declared(),
            bundled=settings.history,
            published=settings.data / "vintages",
        ) as db,
    ):
        page = data_docs(db, settings.data / "docs")
    err.print(f"rules and what they found: {plain(str(page))}", soft_wrap=True)


def _plainly(night: date, settings: Settings, scope: RunScope) -> Night:
    from flows.night import interruptible, run_night

    interruptible()
    with err.status(f"night {night}") as status:

        def show(text: str) -> None:
            status.update(f"night {night}: {plain(text)}")

        return asyncio.run(run_night(night, settings, scope=scope, progress=show))


def _on_prefect(night: date, settings: Settings, scope: RunScope) -> Night:
    """The night as a Prefect flow; where Prefect fails, the plain night, and it says so.

    A night that ran and whose end Prefect could not record is run again, which changes nothing.
    """
    from flows.folder import Busy, NoDisk
    from flows.stages.build import NotPublished

    be_patient()
    with err.status("starting Prefect (its embedded server takes 10 to 60 s)"):
        try:
            from flows.feeds import feeds
            from flows.nightly import nightly
        except ImportError as error:
            _prefect_unavailable(error)
            return _plainly(night, settings, scope)
    given: dict[str, Any] = {
        "night": night,
        "data": str(settings.data),
        "mirror": settings.mirror,
        "wait": settings.wait,
    }
    names = [] if scope.full else list(scope.sources)
    try:
        result: Night | None = asyncio.run(feeds(**given) if scope.kind == "feeds" else nightly(**given, sources=names))
        if result is None:
            raise Busy(f"another run holds {settings.data}; what to do: wait for it to end, or raise --wait")
        return result
    except (Busy, NoDisk, NotPublished, BadAlerts):
        raise
    except Exception as error:  # noqa: BLE001 - a night is not lost to its scheduler; its own fault comes again below
        _prefect_unavailable(error)
        return _plainly(night, settings, scope)


def _prefect_unavailable(error: Exception) -> None:
    found = str(error).splitlines()[0] if str(error) else type(error).__name__
    err.print(
        f"[yellow]Prefect did not start ({plain(found)}); running the plain night instead.[/yellow]", soft_wrap=True
    )


def _dry_run(night: date, settings: Settings, scope: RunScope) -> None:
    from flows.dry_run import dry_run

    with err.status("asking"):
        lines = asyncio.run(dry_run(night, settings, scope))
    for line in lines:
        out.print(plain(line), soft_wrap=True)
