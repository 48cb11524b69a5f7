"""The command ``gapindex``.

Exit codes: 0 done; 1 an unexpected fault; 2 wrong usage or setting; 3 published, but a source gave
nothing tonight (stale); 4 nothing published, because the build failed its checks; 5 another run
holds the data folder; 6 there is nothing to show yet.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import duckdb
import typer
from rich.markup import escape
from rich.table import Table

from flows.screen import bracket, err, leader, night_facts, number, out, side_facts, tell_night, tell_side
from flows.settings import BadSetting, Settings, be_patient, be_quiet
from warehouse.explain import NothingThere, opened, rows, trace
from warehouse.publish import current

if TYPE_CHECKING:
    from flows.night import Night  # the collectors behind it cost half a second that only `run` needs

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    help="How far open-weight AI models are behind closed ones, every night, with the evidence for every number.",
)


class Exit(IntEnum):
    """Documented exit codes."""

    DONE = 0
    USAGE = 2
    STALE = 3
    NOT_PUBLISHED = 4
    BUSY = 5
    NOTHING_YET = 6


Data = Annotated[Path | None, typer.Option("--data", help="Data folder (GAPINDEX_DATA; default: ./data).")]
Mirror = Annotated[str | None, typer.Option("--mirror", help="Base that every request goes through (GAPINDEX_MIRROR).")]
NightOption = Annotated[str | None, typer.Option("--night", help="UTC date, YYYY-MM-DD.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, for machines.")]
Tier = Annotated[str, typer.Option("--tier", help="any: weights downloadable; T1: unrestricted licence.")]


@app.command()
def run(
    night: NightOption = None,
    source: Annotated[list[str] | None, typer.Option("--source", help="Only this source (repeatable).")] = None,
    mirror: Mirror = None,
    data: Data = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Ask and read, show what was read, keep nothing.")] = False,
    prefect: Annotated[
        bool, typer.Option("--prefect", help="As a Prefect flow, on its embedded server if none is set.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Runs a night: asks every source, keeps what comes, computes the index, checks it, publishes it.

    The same night may be run again; it asks conditionally and changes nothing where nothing is new.
    """
    be_quiet()
    from flows.night import Busy, NotPublished, chosen

    settings = _settings(data, mirror)
    when = _night(night) or datetime.now(UTC).date()
    only = source or []
    try:
        chosen(only)
        if dry_run:
            _dry_run(when, settings, only)
            return
        result = _on_prefect(when, settings, only) if prefect else _plainly(when, settings, only)
    except KeyError as error:
        _stop(Exit.USAGE, str(error.args[0]))
    except Busy as error:
        _stop(Exit.BUSY, str(error))
    except NotPublished as error:
        for failure in error.failures[:20]:
            err.print(f"[red]check failed[/red] {escape(failure)}", soft_wrap=True)
        _stop(Exit.NOT_PUBLISHED, "nothing was published; what was published before stays as it was")
    if as_json:
        _print_json(night_facts(result))
    else:
        tell_night(result)
    raise typer.Exit(Exit.STALE if result.stale else Exit.DONE)


@app.command()
def show(
    scope: Annotated[list[str] | None, typer.Argument(help="Boards to show (default: all).")] = None,
    night: NightOption = None,
    tier: Tier = "any",
    all_editions: Annotated[bool, typer.Option("--all-editions", help="Superseded editions too.")] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Shows the gap index of a night: who leads, the gap, how old it is in days, how fresh the board is."""
    with _published(data) as db:
        found = rows(
            db,
            """select * from gap_index
               where tier = $tier and night = coalesce($night, (select max(night) from gap_index))
                 and (len($scope) = 0 or list_contains($scope, scope))
               qualify $everything or edition = last_value(edition) over (
                   partition by scope order by observed_on, edition
                   rows between unbounded preceding and unbounded following)
               order by domain, scope, edition""",
            {"tier": tier, "night": _night(night), "scope": list(scope or []), "everything": all_editions},
        )
    if not found:
        _stop(Exit.NOTHING_YET, "no row of that night, scope and tier; `gapindex show` lists the newest night")
    if as_json:
        _print_json(found)
        return
    table = Table(title=f"gap index, night {found[0]['night']}, tier {tier}", title_justify="left", expand=False)
    for heading in ("domain", "board", "closed leader", "open leader", "gap", "lag in days", "state", "observed"):
        table.add_column(heading, justify="right" if heading in ("gap", "lag in days") else "left")
    for row in found:
        table.add_row(
            row["domain"],
            f"{row['scope']}\n[dim]{escape(row['edition'])}[/dim]",
            leader(row, "closed"),
            leader(row, "open"),
            number(row["gap"], row["unit"]),
            bracket(row),
            row["state"] or "[dim]-[/dim]",
            f"{row['observed_on']}"
            + (f"\n[yellow]{row['stale_days']} days ago[/yellow]" if row["stale_days"] > 7 else ""),
        )
    out.print(table)


@app.command()
def why(
    scope: Annotated[str, typer.Argument(help="A board, as `gapindex show` names it.")],
    night: NightOption = None,
    edition: Annotated[str | None, typer.Option("--edition", help="Edition (default: the newest).")] = None,
    tier: Tier = "any",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Traces a gap back to the pages: both leaders, their rows as written, address, time, sha256, archive file."""
    folder = _settings(data, None).data
    with _published(data) as db:
        try:
            told = trace(db, folder / "archive", scope, night=_night(night), edition=edition, tier=tier)
        except NothingThere as error:
            _stop(Exit.NOTHING_YET, str(error))
    if as_json:
        _print_json({"row": told.row, "sides": [side_facts(side) for side in told.sides]})
        return
    row = told.row
    out.print(f"[bold]{row['scope']}[/bold] edition {escape(row['edition'])}, night {row['night']}, tier {row['tier']}")
    out.print(
        f"gap [bold]{number(row['gap'], row['unit'])}[/bold]  state {row['state'] or '-'}  lag {bracket(row)} days"
    )
    if row["reason"]:
        out.print(f"[yellow]{escape(row['reason'])}[/yellow]")
    for side in told.sides:
        tell_side(side)


@app.command()
def sources(data: Data = None, as_json: AsJson = False) -> None:
    """Shows every source: how it stood on the published night, how old its newest page is, and what to do."""
    with _published(data) as db:
        found = rows(db, "select * from source_health order by kind, source")
    if as_json:
        _print_json(found)
        return
    table = Table("source", "kind", "outcome", "pages", "last good", "age", "what was found", title="sources")
    for row in found:
        good = row["outcome"] == "read"
        table.add_row(
            row["source"],
            row["kind"],
            f"[{'green' if good else 'yellow'}]{row['outcome']}[/]",
            str(row["pages_read"]),
            str(row["last_good_on"] or "never"),
            f"{row['stale_days']} d" if row["stale_days"] is not None else "-",
            escape(row["error"][:160]),
        )
    out.print(table)


@app.command()
def events(
    scope: Annotated[list[str] | None, typer.Argument(help="Boards (default: all).")] = None,
    since: Annotated[str | None, typer.Option("--since", help="Only open models that count from this date on.")] = None,
    tier: Tier = "any",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Lists parity events: which open-weight model reached which closed frontier record, after how many days."""
    with _published(data) as db:
        found = rows(
            db,
            """select * from parity_event where tier = $tier and (len($scope) = 0 or list_contains($scope, scope))
                 and ($since is null or open_on >= $since) order by open_on, scope, closed_on""",
            {"tier": tier, "scope": list(scope or []), "since": _night(since)},
        )
    if as_json:
        _print_json(found)
        return
    table = Table("reached on", "board", "grade", "open model", "closed record", "days", title="parity events")
    for row in found:
        table.add_row(
            str(row["open_on"]),
            f"{row['scope']} [dim]{escape(row['edition'])}[/dim]",
            row["grade"],
            escape(f"{row['open_model']} {row['open_score']:g}"),
            escape(f"{row['closed_model']} {row['closed_score']:g} ({row['closed_on']})"),
            str(row["days"]),
        )
    out.print(table)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="SQL over the published tables; `-` reads it from standard input.")],
    data: Data = None,
    as_json: AsJson = False,
    seconds: Annotated[float, typer.Option(help="Time limit of the query.")] = 60.0,
) -> None:
    """Asks the published tables in SQL; the query can neither read nor write files, nor reach the network."""
    text = sys.stdin.read() if query == "-" else query
    with _published(data) as db:
        alarm = threading.Timer(seconds, db.interrupt)
        alarm.start()
        try:
            found = rows(db, text)
        except duckdb.InterruptException:
            _stop(Exit.USAGE, f"the query took longer than {seconds:g} s; narrow it or raise --seconds")
        except duckdb.Error as error:
            _stop(Exit.USAGE, str(error))
        finally:
            alarm.cancel()
    if as_json:
        _print_json(found)
        return
    table = Table(*(list(found[0]) if found else ["no row"]))
    for row in found:
        table.add_row(*("" if value is None else escape(str(value)) for value in row.values()))
    out.print(table)


def main() -> None:
    """Entry point; a setting that cannot be used ends with a sentence, not a traceback."""
    try:
        app()
    except BadSetting as error:
        err.print(f"gapindex: {escape(str(error))}", soft_wrap=True)
        sys.exit(Exit.USAGE)


# --- running ------------------------------------------------------------------------------------


def _plainly(night: date, settings: Settings, only: Sequence[str]) -> Night:
    from flows.night import run_night

    with err.status(f"night {night}") as status:
        return asyncio.run(
            run_night(night, settings, only=only, say=lambda text: status.update(f"night {night}: {escape(text)}"))
        )


def _on_prefect(night: date, settings: Settings, only: Sequence[str]) -> Night:
    """The night as a Prefect flow; where Prefect does not start, the plain night, and it says so."""
    from flows.night import Busy, NotPublished

    be_patient()
    with err.status("starting Prefect (its embedded server takes 10 to 60 s)"):
        try:
            from flows.nightly import begun, nightly
        except ImportError as error:
            _no_prefect(error)
            return _plainly(night, settings, only)
    try:
        return asyncio.run(nightly(night=night, sources=list(only), data=str(settings.data), mirror=settings.mirror))
    except (Busy, NotPublished):
        raise
    except Exception as error:
        if night in begun:
            raise
        _no_prefect(error)
        return _plainly(night, settings, only)


def _no_prefect(error: Exception) -> None:
    told = str(error).splitlines()[0] if str(error) else type(error).__name__
    err.print(
        f"[yellow]Prefect did not start ({escape(told)}); running the plain night instead.[/yellow]", soft_wrap=True
    )


def _dry_run(night: date, settings: Settings, only: Sequence[str]) -> None:
    from flows.rehearsal import rehearse

    with err.status("asking"):
        told = asyncio.run(rehearse(night, settings, only))
    for line in told:
        out.print(escape(line), soft_wrap=True)


# --- showing ------------------------------------------------------------------------------------


@contextmanager
def _published(data: Path | None) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = _settings(data, None).data
    publication = current(folder)
    if publication is None:
        _stop(Exit.NOTHING_YET, f"nothing is published in {folder}; run `gapindex run` first, or give --data")
    with opened(publication.database) as db:
        yield db


def _settings(data: Path | None, mirror: str | None) -> Settings:
    return Settings.from_env(data=data, mirror=mirror)


def _night(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        _stop(Exit.USAGE, f"{text!r} is no date; give one like 2026-06-14")


def _stop(code: Exit, text: str) -> NoReturn:
    err.print(f"gapindex: {escape(text)}", soft_wrap=True)
    raise typer.Exit(code)


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, default=str, ensure_ascii=False, indent=2) + "\n")
