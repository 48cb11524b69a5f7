"""Commands that ask the published tables: show, why, sources, events, sql."""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import duckdb
import typer
from rich.table import Table

from flows.cli.options import AsJson, Data, Exit, NightOption, Tier, night_of, print_json, published, settings_of, stop
from flows.cli.screen import (
    bracket,
    err,
    interval,
    leader,
    nowcast,
    number,
    out,
    plain,
    print_bracket,
    print_side,
    show_rows,
    side_facts,
)
from warehouse.explain import NothingThere, nearest, rows, trace


def show(
    scope: Annotated[list[str] | None, typer.Argument(help="Boards, domains or `overall` (default: all).")] = None,
    night: NightOption = None,
    known_on: Annotated[
        str | None,
        typer.Option("--as-known-on", help="The index as that night knew it: as published, else computed again."),
    ] = None,
    tier: Tier = "any",
    everything: Annotated[
        bool, typer.Option("--all", help="Frozen boards, boards that do not count, and superseded editions too.")
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Shows the gap index of a night: who leads, the gap, how old it is in days, how fresh the board is.

    Without names it shows what counts for the index and is not frozen (all that counts, if all is).  --night is
    that night as restated tonight; --as-known-on is what could be known on that night, and never changes.
    """
    with published(data) as db:
        counting = {row["board"]: row for row in rows(db, "select * from benchmark")}
        if known_on is None:
            found = rows(
                db,
                """select * from gap_index
                   where night = coalesce($night, (select max(night) from gap_index)) order by all""",
                {"night": night_of(night)},
            )
    if known_on is not None:
        found = _as_known_on(known_on, data)
    wanted = [row for row in found if row["tier"] == tier and (not scope or row["scope"] in scope)]
    if scope and (unknown := set(scope) - {row["scope"] for row in found}):
        suggestions = [nearest(name, {row["scope"] for row in found}) for name in sorted(unknown)]
        stop(Exit.NOTHING_YET, "; ".join(suggestions))
    found = wanted if everything or scope else _fresh(wanted, counting)
    found = sorted(
        found, key=lambda row: (_KINDS.index(row["scope_kind"]), row["domain"], row["scope"], row["edition"])
    )
    if not everything:
        found = _newest_editions(found)
    if not found:
        stop(Exit.NOTHING_YET, "no row of that night, scope and tier; `gapindex show` lists the newest night")
    if as_json:
        print_json(found)
        return
    table = Table(title=f"gap index, night {found[0]['night']}, tier {tier}", title_justify="left", expand=False)
    for heading in ("domain", "board", "closed leader", "open leader", "gap", "lag in days", "state", "observed"):
        table.add_column(heading, justify="right" if heading in ("gap", "lag in days") else "left")
    for row in found:
        table.add_row(
            row["domain"],
            f"{row['scope']}\n[dim]{plain(row['edition'])}[/dim]",
            leader(row, "closed"),
            leader(row, "open"),
            interval(row),
            bracket(row),
            _state(row),
            f"{row['observed_on']}"
            + (f"\n[yellow]{row['stale_days']} days ago[/yellow]" if row["stale_days"] > 7 else ""),
        )
    out.print(table)
    first = found[0]  # overall, where it is shown
    if (first["scope_kind"] == "overall" or len(found) == 1) and (later := nowcast(first)):
        out.print(f"[dim]{first['scope']}, {later}[/dim]", soft_wrap=True)


def _state(row: Mapping[str, Any]) -> str:
    """The state; where a domain has none because it is mostly the overall index again, that."""
    mostly = (row["reason"] or "").startswith("mostly overall")
    return row["state"] or f"[dim]{'mostly overall' if mostly else '-'}[/dim]"


_KINDS = ("overall", "domain", "board")


def _as_known_on(text: str, data: Path | None) -> list[dict[str, Any]]:
    from flows.folder import Busy, NoDisk
    from flows.night import NoArchive, as_known_on  # computing costs a second of imports, asking none

    night = night_of(text)
    assert night is not None  # noqa: S101 - a text that is no date has ended the command
    try:
        with err.status(f"what was known on {night}"):
            return as_known_on(night, settings_of(data, None).data)
    except Busy as error:
        stop(Exit.BUSY, str(error))
    except NoDisk as error:
        stop(Exit.NO_DISK, str(error))
    except NoArchive as error:
        stop(Exit.NOTHING_YET, str(error))


def _fresh(found: list[dict[str, Any]], boards: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What counts for the index and is not frozen; all that counts where everything is frozen.

    A domain that has no composite yet says nothing that its boards do not say.
    """
    found = [row for row in found if row["scope_kind"] != "domain" or row["n_closed"] + row["n_open"] > 0]
    counts = [row for row in found if row["scope"] not in boards or boards[row["scope"]]["counts_for_index"]]
    fresh = [
        row
        for row in counts
        if row["scope"] not in boards or row["stale_days"] <= boards[row["scope"]]["frozen_after_days"]
    ]
    return fresh if any(row["scope_kind"] == "board" for row in fresh) else counts


def _newest_editions(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of each board only the edition whose table is newest."""
    newest = {row["scope"]: row for row in sorted(found, key=lambda row: (row["observed_on"], row["edition"]))}
    return [row for row in found if row is newest[row["scope"]]]


def why(
    scope: Annotated[str, typer.Argument(help="A board, as `gapindex show` names it.")],
    night: NightOption = None,
    edition: Annotated[str | None, typer.Option("--edition", help="Edition (default: the newest).")] = None,
    tier: Tier = "any",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Traces a gap back to the pages: both leaders, their rows as written, address, time, sha256, archive file."""
    folder = settings_of(data, None).data
    with published(data) as db:
        try:
            traced = trace(db, folder / "archive", scope, night=night_of(night), edition=edition, tier=tier)
        except NothingThere as error:
            stop(Exit.NOTHING_YET, str(error))
    if as_json:
        print_json(
            {
                "row": traced.row,
                "sides": [side_facts(side) for side in traced.sides],
                "bracket": traced.bracket,
                "before": traced.before,
                "news": traced.news,
                "pulls": traced.pulls,
            }
        )
        return
    row = traced.row
    out.print(f"[bold]{row['scope']}[/bold] edition {plain(row['edition'])}, night {row['night']}, tier {row['tier']}")
    out.print(
        f"gap [bold]{number(row['gap'], row['unit'])}[/bold]  state {row['state'] or '-'}  lag {bracket(row)} days"
    )
    if later := nowcast(row):
        out.print(later, soft_wrap=True)
    if row["reason"]:
        out.print(f"[yellow]{plain(row['reason'])}[/yellow]")
    for side in traced.sides:
        print_side(side)
    print_bracket(traced)


def sources(data: Data = None, as_json: AsJson = False) -> None:
    """Shows every source: how it stood on the published night, how old its newest page is, and what to do."""
    with published(data) as db:
        found = rows(db, "select * from source_health order by kind, source")
    if as_json:
        print_json(found)
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
            plain(row["error"][:160]),
        )
    out.print(table)


def quarantine(
    source: Annotated[list[str] | None, typer.Argument(help="Sources (default: all).")] = None,
    rows_: Annotated[bool, typer.Option("--rows", help="Each row as written, not counts by reason.")] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Shows what was not believed and why: pages refused, tables held back, rows set aside."""
    query = """select source, held, board, field, left(found, 160) as found, left(any_value(expected), 80) as expected,
                   count(*) as times, min(known_on) as first_on, max(known_on) as last_on
               from quarantine where len($source) = 0 or list_contains($source, source)
               group by source, held, board, field, left(found, 160) order by source, held, first_on"""
    if rows_:
        query = "from quarantine where len($source) = 0 or list_contains($source, source) order by all"
    with published(data) as db:
        found = rows(db, query, {"source": list(source or [])})
    if as_json:
        print_json(found)
        return
    show_rows(found)


def events(
    scope: Annotated[list[str] | None, typer.Argument(help="Boards (default: all).")] = None,
    since: Annotated[str | None, typer.Option("--since", help="Only open models that count from this date on.")] = None,
    grade: Annotated[
        Literal["match", "parity", "lead"] | None, typer.Option("--grade", help="Only this grade (default: all three).")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Superseded events too.")] = False,
    tier: Tier = "any",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Lists parity events: which open-weight model reached which closed frontier record, after how many days.

    match: its score is at or above; parity: it is not worse by more than the margin; lead: it is better, the last two
    with confidence.  A correction retracts an event; an earlier arrival that becomes known supersedes it.
    """
    with published(data) as db:
        found = rows(
            db,
            """select * from parity_event where tier = $tier and (len($scope) = 0 or list_contains($scope, scope))
                 and ($since is null or open_on >= $since) and ($grade is null or grade = $grade)
                 and ($everything or state <> 'superseded')
               order by open_on, scope, closed_on, grade""",
            {
                "tier": tier,
                "scope": list(scope or []),
                "since": night_of(since),
                "grade": grade,
                "everything": everything,
            },
        )
    if as_json:
        print_json(found)
        return
    table = Table("reached on", "scope", "grade", "state", "open model", "closed record", "days", title="parity events")
    for row in found:
        table.add_row(
            str(row["open_on"]),
            f"{row['scope']} [dim]{plain(row['edition'])}[/dim]",
            row["grade"],
            f"[red]{row['state']}[/red]" if row["state"] == "retracted" else row["state"],
            plain(f"{row['open_model']} {row['open_score']:g}"),
            plain(f"{row['closed_model']} {row['closed_score']:g} ({row['closed_on']})"),
            str(row["days"]),
        )
    out.print(table)


def sql(
    query: Annotated[str, typer.Argument(help="SQL over the published tables; `-` reads it from standard input.")],
    data: Data = None,
    as_json: AsJson = False,
    seconds: Annotated[float, typer.Option(help="Time limit of the query.")] = 60.0,
) -> None:
    """Asks the published tables in SQL; the query can neither read nor write files, nor reach the network."""
    text = sys.stdin.read() if query == "-" else query
    with published(data) as db:
        alarm = threading.Timer(seconds, db.interrupt)
        alarm.start()
        try:
            found = rows(db, text)
        except duckdb.InterruptException:
            stop(Exit.USAGE, f"the query took longer than {seconds:g} s; narrow it or raise --seconds")
        except duckdb.Error as error:
            stop(Exit.USAGE, str(error))
        finally:
            alarm.cancel()
    if as_json:
        print_json(found)
        return
    show_rows(found)
