"""Commands that ask the published tables: show, why, sources, events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
import duckdb
from rich.table import Table

from flows.cli.drawing import Field, curve, fitted, fitting
from flows.cli.options import (
    Exit,
    data_option,
    folder_of,
    json_option,
    night_of,
    night_option,
    print_json,
    published,
    settings_of,
    stop,
    tier_option,
)
from flows.cli.screen import (
    bracket,
    coverage_lines,
    err,
    gap_line,
    interval,
    lag,
    lag_line,
    leader,
    nowcast,
    out,
    plain,
    print_bracket,
    print_side,
    print_text,
    show_rows,
    side_facts,
    wrapped,
)
from warehouse.explain import NothingThere, rows, suggestion, trace, unknown_scope
from warehouse.publication import current

if TYPE_CHECKING:
    from warehouse.report.tables import Tables


@click.command("show")
@click.argument("scope", nargs=-1, help="Boards, domains or `overall` (default: all).")
@night_option
@click.option("--as-known-on", "known_on", help="The index as that night knew it: as published, else computed again.")
@tier_option
@click.option(
    "--all", "everything", is_flag=True, help="Frozen boards, boards that do not count, and superseded editions too."
)
@click.option("--history", is_flag=True, help="Draw the gap and the lag of one scope over time.")
@data_option
@json_option
def show(
    scope: tuple[str, ...],
    night: str | None,
    known_on: str | None,
    tier: Literal["any", "T1"],
    everything: bool,
    history: bool,
    data: Path | None,
    as_json: bool,
) -> None:
    """Shows the gap index of a night: who leads, the gap, how old it is in days, how fresh the board is.

    Without names it shows what counts for the index and is not frozen (all that counts, if all is).  --night is
    that night as restated tonight; --as-known-on is what could be known on that night, and never changes.
    """
    if history:
        _history(scope, tier, data, as_json=as_json)
        return
    from warehouse.report.tables import Tables

    answer = None
    with published(data) as db:
        tables = Tables(db)
        counting = tables.boards
        if known_on is None and night is None:
            found = tables.tonight
            answer = None if scope or as_json else headline_text(tables)
        elif known_on is None:
            found = rows(db, "select * from gap_index where night = $night order by all", {"night": night_of(night)})
    if known_on is not None:
        found = _as_known_on(known_on, data)
    wanted = [row for row in found if row["tier"] == tier and (not scope or row["scope"] in scope)]
    if scope and (unknown := set(scope) - {row["scope"] for row in found}):
        with published(data) as db:
            suggestions = [unknown_scope(db, name) for name in sorted(unknown)]
        stop(Exit.NOTHING_YET, "; ".join(suggestions))
    found = wanted if everything or scope else _fresh(wanted, counting)
    found = sorted(
        found, key=lambda row: (_KINDS.index(row["scope_kind"]), row["domain"], row["scope"], row["edition"])
    )
    if not everything:
        found = _newest_editions(found)
    if not found:
        stop(Exit.NOTHING_YET, _nights_there(data, as_known_on=known_on is not None))
    if as_json:
        print_json(found)
        return
    if answer:
        _print_headline(*answer)
    out.print(_gap_table(found, tier))
    if scope:
        for row in found:
            for line in coverage_lines(row):
                print_text(f"[dim]{plain(row['scope'])}: {plain(line)}[/dim]")
    first = found[0]  # overall, where it is shown
    if (first["scope_kind"] == "overall" or len(found) == 1) and (later := nowcast(first)):
        print_text(f"[dim]{plain(first['scope'])}, {later}[/dim]")


def _nights_there(data: Path | None, *, as_known_on: bool) -> str:
    """Why no row of ``gap_index`` was found: the nights that have some."""
    with published(data) as db:
        (there,) = rows(db, "select min(night) as first, max(night) as last from gap_index")
    if there["first"] is None:
        return "the index has no row yet; `gapindex run` reads the sources again"
    of = "nothing was known on that night" if as_known_on else "there is nothing of that night and tier"
    return f"{of}; the index has nights from {there['first']} to {there['last']}"


def _gap_table(found: list[dict[str, Any]], tier: str) -> Table:
    fields: tuple[Field, ...] = (
        Field(title="scope"),
        Field(title="closed leader", drop=2),
        Field(title="open leader", drop=1),
        Field(title="gap", justify="right"),
        Field(title="lag, days", drop=3, justify="right"),
        Field(title="bracket", drop=6, justify="right"),
        Field(title="state", drop=4),
        Field(title="observed", drop=5),
        Field(title="domain", drop=7),
    )
    cells = _gap_cells(found)
    if not {1, 2} <= set(fitting(fields, cells, out.width)):
        # Who leads is shown below the scope where there is no room beside it.
        fields = (Field(title="scope; closed leader; open leader"), *fields[3:])
        cells = [
            (
                f"{plain(row['scope'])}\n [dim]{plain(row['closed_model'] or '-')}[/dim]\n"
                f" [dim]{plain(row['open_model'] or '-')}[/dim]",
                *line[3:],
            )
            for row, line in zip(found, cells, strict=True)
        ]
    return fitted(f"gap index, night {found[0]['night']}, tier {tier}; ranges: 90 %", fields, cells, out.width)


def _gap_cells(found: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    return [
        (
            f"{plain(row['scope'])}\n[dim]{plain(row['edition'])}[/dim]",
            leader(row, "closed"),
            leader(row, "open"),
            interval(row),
            lag(row),
            bracket(row),
            _state(row),
            f"{row['observed_on']}"
            + (f"\n[yellow]{row['stale_days']} days ago[/yellow]" if row["stale_days"] > 7 else ""),
            plain(row["domain"]),
        )
        for row in found
    ]


def headline_text(tables: Tables) -> tuple[str, str]:
    """The sentence with what stands beside it, as markup, and the lag of two years as a small chart; "" without one."""
    from warehouse.report.headline import headline, other_question, sentence

    head = headline(tables)
    words = f"[bold]{plain(wrapped(sentence(head)))}[/bold]"
    if head is None:
        return words, ""
    if beside := other_question(head):
        words += f"\n{plain(wrapped(beside))}"
    points = [
        (row["night"], row["lag_days"])
        for row in tables.over_time("overall")
        if row["night"] > head.night - timedelta(days=730)
    ]
    lines = curve(points, min(out.width, CHART))
    title = "Days behind over two years; higher: further behind"
    return words, "\n".join(["", title, *lines, ""]) if lines else ""


def _print_headline(words: str, chart: str) -> None:
    out.print(words, highlight=False)
    out.print(chart, highlight=False, no_wrap=True)


def front(context: click.Context) -> None:
    """``gapindex`` alone: the answer to the question, and where to go on; the help where nothing is published yet."""
    publication = current(folder_of(None))
    if publication is None:
        out.print(context.get_help(), markup=False, highlight=False)
        return
    from warehouse.report.tables import Tables

    with published(None) as db:
        answer = headline_text(Tables(db))
    _print_headline(*answer)
    for command, about in (
        ("gapindex show", "who leads where, by how much"),
        ("gapindex report --open", "the same with pictures, in the browser"),
        ("gapindex last", "what last night did"),
        ("gapindex --help", "every command"),
    ):
        out.print(f"{command:<24}{about}", highlight=False)


CHART = 100
"""Columns of a chart at most."""


def _history(scope: tuple[str, ...], tier: str, data: Path | None, *, as_json: bool) -> None:
    """One scope over time: gap and lag as charts, and the last twelve months as a table."""
    if not scope or len(scope) != 1:
        stop(Exit.USAGE, "--history draws one scope; name it, such as `gapindex show overall --history`")
    with published(data) as db:
        found = rows(
            db,
            """select * from gap_index where scope = $scope and tier = $tier
               qualify row_number() over (partition by night order by observed_on desc, edition desc) = 1
               order by night""",
            {"scope": scope[0], "tier": tier},
        )
        if not found:
            stop(Exit.NOTHING_YET, unknown_scope(db, scope[0]))
    if as_json:
        print_json(found)
        return
    last = found[-1]
    out.print(f"[bold]{plain(scope[0])}[/bold], {found[0]['night']} to {last['night']}, tier {tier}", highlight=False)
    for title, column, unit in (("gap", "gap", last["unit"]), ("lag", "lag_days", "days")):
        lines = curve([(row["night"], row[column]) for row in found], min(out.width, CHART))
        if lines:
            out.print(f"\n{title}, {plain(unit or 'in its unit')}\n" + "\n".join(lines), highlight=False, no_wrap=True)
    monthly = [*[row for row in found if row["night"].day == 1][-12:], last]
    fields = (
        Field(title="night"),
        Field(title="gap", justify="right"),
        Field(title="lag, days", justify="right"),
        Field(title="closed leader", drop=2),
        Field(title="open leader", drop=1),
    )
    cells = [
        (str(row["night"]), interval(row), lag(row), leader(row, "closed"), leader(row, "open")) for row in monthly
    ]
    out.print(fitted("first of each month, and the last night; ranges: 90 %", fields, cells, out.width))


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
            settings = settings_of(data, None)
            return as_known_on(night, settings.data, bundled=settings.history)
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


@click.command("why")
@click.argument("scope", help="A board, as `gapindex show` names it.")
@night_option
@click.option("--edition", help="Edition (default: the newest).")
@tier_option
@data_option
@json_option
def why(
    scope: str, night: str | None, edition: str | None, tier: Literal["any", "T1"], data: Path | None, as_json: bool
) -> None:
    """Traces a gap back to the pages: both leaders, their rows as written, address, time, sha256, archive file."""
    folder = folder_of(data)
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
                "parts": traced.parts,
            }
        )
        return
    row = traced.row
    print_text(
        f"[bold]{plain(row['scope'])}[/bold] edition {plain(row['edition'])}, night {row['night']}, tier {row['tier']}"
    )
    print_text(f"gap [bold]{gap_line(row)}[/bold]  state {row['state'] or '-'}")
    print_text(f"lag {lag_line(row)}")
    if later := nowcast(row):
        print_text(later)
    if row["reason"]:
        print_text(f"[yellow]{plain(row['reason'])}[/yellow]")
    for line in coverage_lines(row):
        print_text(plain(line))
    for side in traced.sides:
        print_side(side)
    print_bracket(traced)


SOURCES = (
    Field(title="source"),
    Field(title="kind", drop=3),
    Field(title="outcome"),
    Field(title="pages", drop=4, justify="right"),
    Field(title="last good", drop=2),
    Field(title="age", drop=1, justify="right"),
)


@click.command("sources")
@data_option
@json_option
def sources(data: Path | None, as_json: bool) -> None:
    """Shows every source: how it stood on the published night, how old its newest page is, and what to do."""
    with published(data) as db:
        found = rows(db, "select * from source_health order by kind, source")
    if as_json:
        print_json(found)
        return
    cells = [
        (
            plain(row["source"]),
            plain(row["kind"]),
            f"[{'green' if row['outcome'] == 'read' else 'yellow'}]{row['outcome']}[/]",
            str(row["pages_read"]),
            str(row["last_good_on"] or "never"),
            f"{row['stale_days']} d" if row["stale_days"] is not None else "-",
        )
        for row in found
    ]
    out.print(fitted("sources", SOURCES, cells, out.width))
    for row in found:
        if row["error"]:
            named = row["error"].startswith(f"{row['source']}:")
            text = row["error"] if named else f"{row['source']}: {row['error']}"
            print_text(plain(text))


@click.command("quarantine")
@click.argument("source", nargs=-1, help="Sources (default: all).")
@click.option("--rows", "rows_", is_flag=True, help="Each row as written, not counts by reason.")
@data_option
@json_option
def quarantine(source: tuple[str, ...], rows_: bool, data: Path | None, as_json: bool) -> None:
    """Shows what was not believed and why: pages refused, tables held back, rows set aside."""
    query = """select source, held, board, field, left(found, 160) as found, left(any_value(expected), 80) as expected,
                   count(*) as times, min(known_on) as first_on, max(known_on) as last_on
               from quarantine where len($source) = 0 or list_contains($source, source)
               group by source, held, board, field, left(found, 160) order by source, held, first_on"""
    if rows_:
        query = "from quarantine where len($source) = 0 or list_contains($source, source) order by all"
    with published(data) as db:
        found = rows(db, query, {"source": list(source or [])})
        there = {
            str(row["source"])
            for row in rows(db, "select source from source_health union select source from quarantine")
        }
    for name in source or ():
        if name not in there:
            stop(Exit.USAGE, f"no source {name!r}; {suggestion(name, there, '`gapindex sources` lists them')}")
    if as_json:
        print_json(found)
        return
    if not found:
        out.print(f"nothing of {', '.join(source)} is held back" if source else "nothing is held back")
        return
    if rows_:
        show_rows(found)
        return
    for row in found:
        _print_held(row)


def _print_held(row: Mapping[str, Any]) -> None:
    """What was held back for one reason: where, how often and since when; what was found, and what was expected."""
    where = ", ".join(plain(row[part]) for part in ("board", "held", "field") if row[part])
    times = "once" if row["times"] == 1 else f"{row['times']} times"
    when = f"{row['first_on']}" + (f" to {row['last_on']}" if row["last_on"] != row["first_on"] else "")
    print_text(f"[bold]{plain(row['source'])}[/bold]  {where}; {times}, {when}")
    for part in ("found", "expected"):
        print_text(f"  {part:<10}{plain(row[part] or '-')}", hang=12)


@click.command("events")
@click.argument("about", nargs=-1, metavar="[SCOPE|MODEL]...", help="Scopes or models (default: all).")
@click.option("--since", help="Only open models that count from this date on.")
@click.option("--grade", type=click.Choice(["match", "parity", "lead"]), help="Only this grade (default: all three).")
@click.option(
    "--state",
    type=click.Choice(["candidate", "provisional", "confirmed", "retracted", "superseded"]),
    help="Only this state (default: all but superseded).",
)
@click.option("--all", "everything", is_flag=True, help="All of them, superseded ones too.")
@tier_option
@data_option
@json_option
def events(
    about: tuple[str, ...],
    since: str | None,
    grade: Literal["match", "parity", "lead"] | None,
    state: Literal["candidate", "provisional", "confirmed", "retracted", "superseded"] | None,
    everything: bool,
    tier: Literal["any", "T1"],
    data: Path | None,
    as_json: bool,
) -> None:
    """Lists the newest twenty parity events: which open-weight model reached which closed record, after how many days.

    match: its score is at or above; parity: it is not worse by more than the margin; lead: it is better, the last two
    with confidence.  A correction retracts an event; an earlier arrival that becomes known supersedes it.
    --json gives every event that fits, not twenty.
    """
    names = list(about or [])
    with published(data) as db:
        _known_names(db, names)
        found = rows(
            db,
            """select * from parity_event where tier = $tier
                 and (len($names) = 0 or list_contains($names, scope) or list_contains($names, open_model)
                      or list_contains($names, closed_model))
                 and ($since is null or open_on >= $since) and ($grade is null or grade = $grade)
                 and ($everything or coalesce(state = $state, state <> 'superseded'))
               order by open_on, scope, closed_on, grade""",
            {
                "tier": tier,
                "names": names,
                "since": night_of(since),
                "grade": grade,
                "state": state,
                "everything": everything,
            },
        )
        there = _events_there(db, names, tier)
    if as_json:
        print_json(found)
        return
    if not found:
        print_text(f"no such parity event; {there}")
        return
    shown = found if everything else found[-EVENTS:]
    fields, cells = _event_table(shown)
    out.print(fitted("parity events, the newest last", fields, cells, out.width))
    if len(shown) < len(found):
        out.print(f"the newest {len(shown)} of {len(found)}; --all lists them, --state and --since narrow them")


def _events_there(db: duckdb.DuckDBPyConnection, names: list[str], tier: str) -> str:
    """What parity events there are of these scopes and models (of all, without names), by state, and their dates."""
    found = rows(
        db,
        """select state, count(*) as n, min(open_on) as first, max(open_on) as last from parity_event
           where tier = $tier and (len($names) = 0 or list_contains($names, scope)
               or list_contains($names, open_model) or list_contains($names, closed_model))
           group by state order by n desc, state""",
        {"tier": tier, "names": names},
    )
    of = f" of {', '.join(names)}" if names else ""
    if not found:
        return f"there is none{of} in tier {tier}"
    states = ", ".join(f"{row['n']} {row['state']}" for row in found)
    first, last = min(row["first"] for row in found), max(row["last"] for row in found)
    return f"those{of or ' there are'}: {states}, reached from {first} to {last}"


def _event_table(shown: Sequence[Mapping[str, Any]]) -> tuple[tuple[Field, ...], list[tuple[str, ...]]]:
    """Columns and cells of parity events; in a narrow terminal two columns stand below two others."""
    fields: tuple[Field, ...] = (
        Field(title="reached on"),
        Field(title="open model"),
        Field(title="closed record"),
        Field(title="days", drop=2, justify="right"),
        Field(title="grade", drop=3),
        Field(title="scope", drop=1 if len({row["scope"] for row in shown}) > 1 else 4),
        Field(title="state", drop=5),
        Field(title="closed since", drop=6),
        Field(title="scores", drop=7),
        Field(title="edition", drop=8),
    )
    cells: list[tuple[str, ...]] = [
        (
            str(row["open_on"]),
            plain(row["open_model"]),
            plain(row["closed_model"]),
            str(row["days"]),
            row["grade"],
            plain(row["scope"]),
            f"[red]{row['state']}[/red]" if row["state"] == "retracted" else row["state"],
            str(row["closed_on"]),
            f"{row['open_score']:g} : {row['closed_score']:g}",
            plain(row["edition"]),
        )
        for row in shown
    ]
    if fields[5].drop == 1 and 5 not in fitting(fields, cells, out.width):
        # Where there is no room beside it, the scope is shown below the model, and the grade below the record.
        cells = [
            (one[0], f"{one[1]}\n [dim]{one[5]}[/dim]", f"{one[2]}\n [dim]{one[4]}[/dim]", *one[3:]) for one in cells
        ]
        fields = (
            fields[0],
            replace(fields[1], title="model, scope"),
            replace(fields[2], title="record, grade"),
            *fields[3:],
        )
    return fields, cells


EVENTS = 20
"""Events shown unless all are asked for."""


def _known_names(db: duckdb.DuckDBPyConnection, names: list[str]) -> None:
    """Ends the command where a name is neither a scope nor a model with an event, with the nearest that are."""
    if not names:
        return
    scopes = {str(row["scope"]) for row in rows(db, "select distinct scope from gap_index")}
    models = {
        str(row["model"])
        for row in rows(db, "select open_model as model from parity_event union select closed_model from parity_event")
    }
    for name in names:
        if name not in scopes and name not in models:
            hint = suggestion(name, scopes | models, "`gapindex show --all` lists the scopes")
            stop(Exit.NOTHING_YET, f"no scope and no model with an event is called {name!r}; {hint}")
