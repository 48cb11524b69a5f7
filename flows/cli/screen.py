"""How the command line looks: tables, brackets, and the few lines a newcomer needs after a night."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table
from rich.text import Text

from collectors.sanitize import visible
from flows.cli.drawing import Field, fitted
from flows.environment import variable
from warehouse.explain import Side, Trace, open_readonly, rows

if TYPE_CHECKING:
    from rich.progress import Progress

    from flows.collecting.result import SourceResult
    from flows.night import Night
    from warehouse.publication import Publication

WIDE = 160
"""Columns where the output is no terminal and COLUMNS says nothing: rich would fold a table to 80."""

MOST_TROUBLES = 17
"""Lines on what is wrong after a run; with the six that follow they fit a screen of 24 lines."""

KIND_SHOWN = 3
"""Lines on one kind of trouble."""

NAMED = 8
"""Names in one line."""

_WORD = re.compile(r"\S+")

out = Console(width=None if sys.stdout.isatty() or variable("COLUMNS") else WIDE, emoji=False)
err = Console(stderr=True, emoji=False)


def plain(text: str) -> str:
    """Other people's text, to be shown as it stands: neither markup nor codes a terminal would obey."""
    return escape(visible(text, lines=True))


def wrapped(text: str) -> str:
    """The text in lines of the terminal's width, none of which ends between a number and its unit."""
    from warehouse.report.text import unbroken

    lines = textwrap.wrap(unbroken(text), out.width, break_on_hyphens=False)
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")


def print_text(markup: str, hang: int = 2) -> None:
    """Prints text in lines of the terminal's width, later ones ``hang`` columns in; a word is never cut.

    So an identifier, an address or a sha256 stays whole, even where it is wider than the terminal.  (rich alone either
    cuts such a word or does not wrap the text at all.)
    """
    text = Text.from_markup(markup, emoji=False)
    lines = text.divide(_line_starts(text.plain, out.width, hang))
    for line in lines:
        line.rstrip()
    out.print(Text("\n" + " " * hang).join(lines), overflow="ignore", crop=False, no_wrap=True, highlight=False)


def _line_starts(text: str, width: int, hang: int) -> list[int]:
    """Where the second line of a text begins, the third and so on, if each has as many words as fit."""
    starts: list[int] = []
    for word in _WORD.finditer(text):
        start, inside = (starts[-1], hang) if starts else (0, 0)
        taken = inside + cell_len(text[start : word.start()])
        if taken > hang and taken + cell_len(word[0]) > width:
            starts.append(word.start())
    return starts


def progress_bar() -> Progress:
    """A bar with count, rate and the time left, on standard error."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(elapsed_when_finished=True),
        console=err,
    )


def print_night(result: Night) -> None:
    """What a run did, on one screen: first what is wrong, each kind cut to a few lines, then what was published."""
    publication = result.publication
    link = publication.folder.parent.parent / "published"
    part = "" if result.scope.full else f" ({plain(str(result.scope))})"
    troubles = [*_troubles(result)]
    for line in troubles[:MOST_TROUBLES]:
        _print_line(line)
    if len(troubles) > MOST_TROUBLES:
        _print_line(f"and {len(troubles) - MOST_TROUBLES} more: gapindex sources, gapindex doctor")
    _print_line(
        f"[bold green]{published_as(publication)}[/bold green]  night {result.night}{part},"
        f" {publication.rows['gap_index']} rows of gap_index,"
        f" {publication.rows['parity_event']} parity events"
    )
    read = sum(one.reached for one in result.results)
    fresh, unchanged, new = (
        sum(getattr(one, kind) for one in result.results) for kind in ("fresh", "unchanged", "bytes_new")
    )
    _print_line(
        f"  sources      {read} of {len(result.results)} answered; {fresh} pages new ({new / 1e6:.1f} MB),"
        f" {unchanged} unchanged"
    )
    seconds = ", ".join(f"{stage} {passed:.0f} s" for stage, passed in result.seconds.items())
    _print_line(f"  time         {seconds}")
    _print_line(f"  where        {link}/gapindex.duckdb  (and parquet/, csv/, manifest.json)")
    _print_line("  look at it   gapindex last   gapindex show   gapindex why <board>   gapindex sql 'from gap_index'")


def _print_line(line: str) -> None:
    """A line, cut at the edge of a terminal; in a file it is whole."""
    if out.is_terminal:
        out.print(line, no_wrap=True, overflow="ellipsis")
    else:
        out.print(line, soft_wrap=True)


def _troubles(result: Night) -> Iterator[str]:
    """A line for each thing that is wrong, the gravest first."""
    from warehouse.unpublished import failed_parts

    for trouble in result.troubles:
        yield f"[yellow]trouble[/yellow]      {plain(trouble)}"
    for part in failed_parts(result.publication.database)[:KIND_SHOWN]:
        yield f"[yellow]left out[/yellow]     {plain(part)}"
    if result.stale:
        yield from _stale(result)
    if late := [one.source for one in result.results if one.late]:
        yield f"[yellow]out of time[/yellow]  {_names(late)}: what came in time counts, the next night asks again"
    boards = boards_in_trouble(result.publication.database)
    for board in boards[:KIND_SHOWN]:
        yield (
            f"[yellow]board[/yellow]        {plain(board['board'])} is {board['outcome']}, last accepted"
            f" {board['last_accepted_on']}, {board['stale_days']} days ago: {plain(str(board['error']))}"
        )
    yield from _more(len(boards))
    partly = [one for one in result.failing if one.reached and not all(f.outcome == "gone" for f in one.failures)]
    for one in partly[:KIND_SHOWN]:
        yield f"[yellow]partly[/yellow]       {plain(partly_read(one))}"
    yield from _more(len(partly))
    if gone := [one.source for one in result.results if one.gone]:
        yield f"gone         {_names(gone)}: their pages were taken down or moved; their rows are kept"


def partly_read(one: SourceResult) -> str:
    """How much of a source came, and the first failure: the others are rows of ``page_fetch``."""
    came, failed = one.fresh + one.unchanged, len(one.failures)
    others = f"; the others: from page_fetch where source = '{one.source}'" if failed > 1 else ""
    return f"{came} pages came, {failed} failed{others}; {one.failures[0]}"


def _more(count: int) -> Iterator[str]:
    if count > KIND_SHOWN:
        yield f"             and {count - KIND_SHOWN} more"


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def boards_in_trouble(database: Path) -> list[dict[str, Any]]:
    """Rows of ``board_health``: boards that count and gave no accepted table, although their source is read."""
    with open_readonly(database) as db:
        return rows(db, "select * from board_health where in_trouble order by stale_days desc, board")


def published_as(publication: Publication) -> str:
    """What became of a publication, in a few words."""
    if publication.behind:
        return f"beside the later night {publication.behind}, which stays published"
    return "published" if publication.fresh else "nothing new: the publication stands"


def _stale(result: Night) -> Iterator[str]:
    """Which sources gave nothing tonight, by the age of their newest page, and the reasons."""
    names = [one.source for one in result.stale]
    with open_readonly(result.publication.database) as db:
        ages = rows(
            db,
            """select last_good_on, stale_days, list(source order by source) as sources
               from source_health where list_contains($names, source)
               group by all order by last_good_on desc nulls last""",
            {"names": names},
        )
    yield f"[yellow]stale[/yellow]        {len(names)} sources gave nothing tonight; last good stays, dated as it is:"
    for age in ages[:KIND_SHOWN]:
        when = f"{age['last_good_on']}, {age['stale_days']} days ago" if age["last_good_on"] else "never read"
        yield f"             {when} ({len(age['sources'])}): {plain(_names(age['sources']))}"
    yield from _more(len(ages))
    found = dict.fromkeys(failure.found for one in result.stale for failure in one.failures[:1])
    for line in [text for text in found if not text.startswith("not asked")][:KIND_SHOWN]:
        yield f"             found: {plain(line)}"
    yield "             nothing to do, if it is the network: the next night asks again; `gapindex sources` tells each"


def night_facts(result: Night) -> dict[str, Any]:
    return {
        "night": result.night,
        "scope": result.scope.kind,
        "publication": result.publication.folder,
        "changed": result.publication.fresh,
        "rows": result.publication.rows,
        "seconds": dict(result.seconds),
        "troubles": list(result.troubles),
        "sources": [
            {
                "source": one.source,
                "fresh": one.fresh,
                "unchanged": one.unchanged,
                "failures": [{"outcome": f.outcome, "error": str(f)} for f in one.failures],
            }
            for one in result.results
        ],
    }


def number(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    if unit == "index points":
        return f"{value:.1f}"
    if unit == "fraction":
        return f"{100 * value:.1f} %"
    return f"{value:.2f}".rstrip("0").rstrip(".") + (" %" if unit == "%" else "")


def leader(row: Mapping[str, Any], side: str) -> str:
    if row[f"{side}_model"] is None:
        return "[dim]none counts[/dim]"
    score = number(row[f"{side}_score"], row["unit"])
    return f"{plain(row[f'{side}_model'])}\n{score} [dim]{row[f'{side}_on']}[/dim]"


def interval(row: Mapping[str, Any]) -> str:
    """The gap, and its 90 % interval where the noise of both leaders is known."""
    gap = number(row["gap"], row["unit"])
    if row["gap_lo"] is None:
        return gap
    return f"{gap}\n[dim]{number(row['gap_lo'], row['unit'])} to {number(row['gap_hi'], row['unit'])}[/dim]"


def gap_line(row: Mapping[str, Any]) -> str:
    """The gap in one line with its 90 % interval; where there is none, that."""
    gap = number(row["gap"], row["unit"])
    if row["gap"] is None:
        return gap
    if row["gap_lo"] is None:
        return f"{gap} (no interval: the noise of a leader is not known)"
    return f"{gap} (90 %: {number(row['gap_lo'], row['unit'])} to {number(row['gap_hi'], row['unit'])})"


def lag(row: Mapping[str, Any]) -> str:
    """The lag in days, and its 90 % interval where there is one."""
    if row["lag_days"] is None:
        return bracket(row)
    ends = _lag_ends(row)
    return f"{row['lag_days']:.0f}" + (f"\n[dim]{ends}[/dim]" if ends else "")


def lag_line(row: Mapping[str, Any]) -> str:
    """The lag in one line: days, 90 % interval, and the bracket by its name."""
    if row["lag_days"] is None:
        return bracket(row)
    ends = _lag_ends(row)
    inside = f" (90 %: {ends})" if ends else " (no interval)"
    return f"{row['lag_days']:.0f} days{inside}, bracket {bracket(row)}"


def _lag_ends(row: Mapping[str, Any]) -> str:
    """Both limits of the lag; one that lies beyond the record is open, and without any the text is empty."""
    lo, hi = row["lag_lo"], row["lag_hi"]
    if hi is None:
        return "" if lo is None else f"{lo:.0f} or more"
    return f"{hi:.0f} or less" if lo is None else f"{lo:.0f} to {hi:.0f}"


def bracket(row: Mapping[str, Any]) -> str:
    """Days since the first closed record above, and since the last one at or below: not an interval."""
    if row["lag_under"] is None:
        return "-"
    if row["lag_over"] is None:
        return f"at least {abs(row['lag_under'])}" + (", open ahead" if row["lag_under"] < 0 else "")
    return f"{row['lag_under']} to {row['lag_over']}"


def nowcast(row: Mapping[str, Any]) -> str:
    """What a night of the last 60 days may turn out to be once late scores are in; empty where no band is given."""
    if row.get("gap_nowcast_lo") is None:
        return ""
    unit = row["unit"]
    text = f"gap {number(row['gap_nowcast_lo'], unit)} to {number(row['gap_nowcast_hi'], unit)}"
    if row["lag_nowcast_lo"] is not None:
        text += f", lag {row['lag_nowcast_lo']:.0f} to {row['lag_nowcast_hi']:.0f} days"
    return f"likely when the night is 63 days old and late scores are in: {text}"


def coverage_lines(row: Mapping[str, Any]) -> list[str]:
    """Of each side's ten ablest models, how many a scope has scored and which not; then the rows that do not count."""
    lines = []
    for side in ("closed", "open"):
        if (scored := row.get(f"{side}_top_scored")) is not None:
            missing = row.get(f"{side}_top_missing")
            without = f"; not scored: {missing}" if missing else ""
            lines.append(f"{scored} of the ten ablest {side} models are scored here{without}")
    if row.get("rows_left_out"):
        lines.append(f"rows that do not count: {row['rows_left_out']}")
    return lines


def print_side(side: Side) -> None:
    out.print()
    print_text(f"[bold]{side.side}[/bold]  {plain(side.model or 'no model counts')}")
    if side.score is not None and not side.evidence:
        print_text(f"  {'score':<11}{side.score:g}, counts from {side.counts_from}")
        return
    if not side.evidence:
        return
    evidence = side.evidence
    lines = {
        "score": f"{side.score:g}, counts from {side.counts_from}",
        "written as": f"{evidence['name']} {evidence['listed_as']}".strip(),
        "its row": evidence["written"],
        "read at": evidence["url"],
        "fetched": f"{evidence['fetched_at']} UTC, known since night {evidence['known_on']}",
        "sha256": evidence["sha256"],
        "archive": str(side.archived) if side.archived else "not in this archive (bundled history)",
        "access": ", ".join(f"{key} {value}" for key, value in side.access.items() if value not in (None, "")),
    }
    for key, value in lines.items():
        print_text(f"  {key:<11}{plain(value)}", hang=13)


def print_bracket(traced: Trace) -> None:
    """The models between which the lag lies, and what is new since an earlier night."""
    row = traced.row
    if traced.bracket:
        out.print("\n[bold]lag[/bold]")
        for end in traced.bracket:
            days_ago = (row["night"] - end["from_on"]).days
            text = (
                f"{end['title'] or end['model']}, {end['score']:g}, counts from {end['from_on']}: {days_ago} days ago"
            )
            print_text(f"  {end['role']:<24}{plain(text)}", hang=26)
    if traced.parts:
        tell_parts(traced)
    if not traced.before and not traced.news:
        return
    since = f"since the night published before, {traced.before['night']}" if traced.before else "new scores"
    out.print(f"\n[bold]{since}[/bold]")
    if traced.before:
        before, now = (number(r["gap"], row["unit"]) for r in (traced.before, row))
        then = f"published {traced.before['night']}: gap {before}, lag {lag_line(traced.before)}"
        print_text(f"  {then}; now {now}, {lag_line(row)}", hang=4)
    for item in traced.news[:12]:
        text = f"{item['known_on']} {item['board']}: {item['name']} {item['variant'] or ''} {item['value']:g}"
        print_text(f"  {plain(' '.join(text.split()))}  [dim]{item['sha256'][:12]}[/dim]", hang=4)
    if len(traced.news) > 12:
        out.print(f"  and {len(traced.news) - 12} more; --json lists up to 200")


def tell_parts(text: Trace) -> None:
    """What a composite is made of: each board's score of either leader, and what the gap would be without the board."""
    scores = sum(part[side] is not None for part in text.parts for side in ("closed_value", "open_value"))
    out.print()
    print_text(
        f"[bold]composite of {scores} scores[/bold] on {len(text.parts)} boards;"
        " pull: how much wider the gap is with the board than without it, both leaders held fixed",
        hang=0,
    )
    out.print(
        fitted(
            "",
            (
                Field(title="board"),
                Field(title="pull", justify="right"),
                Field(title="closed", drop=2, justify="right"),
                Field(title="open", drop=2, justify="right"),
                Field(title="closed written as", drop=4),
                Field(title="open written as", drop=3),
            ),
            [
                (
                    plain(part["board"]),
                    "-" if part["pull"] is None else f"{part['pull']:+.2f}",
                    *("-" if part[f"{side}_value"] is None else f"{part[f'{side}_value']:.4g}" for side in _SIDES),
                    *(plain(part[f"{side}_name"] or "-") for side in _SIDES),
                )
                for part in text.parts
            ],
            out.width,
        )
    )
    out.print("each board's rows with address and sha256: gapindex why BOARD", highlight=False)


_SIDES = ("closed", "open")


def side_facts(side: Side) -> dict[str, Any]:
    return {
        "side": side.side,
        "model": side.model,
        "score": side.score,
        "counts_from": side.counts_from,
        "evidence": dict(side.evidence),
        "access": dict(side.access),
        "archive_file": side.archived,
    }


def show_rows(found: Sequence[Mapping[str, Any]]) -> None:
    """Any query's rows: a table while it fits without cutting a word, else one block a row."""
    if not found:
        out.print("no row")
        return
    if len(found[0]) > 9 or _least_width(found) > out.width:
        for at, row in enumerate(found, start=1):
            out.print(f"[dim]row {at}[/dim]")
            for name, value in row.items():
                print_text(f"  {plain(name):<20} {'' if value is None else plain(str(value))}", hang=23)
        return
    table = Table(*(Column(plain(name), overflow="fold") for name in found[0]))
    for row in found:
        table.add_row(*("" if value is None else plain(str(value)) for value in row.values()))
    out.print(table)


def _least_width(found: Sequence[Mapping[str, Any]]) -> int:
    """Columns that a table of these rows takes at least, if no word is cut."""
    widest = [max(cell_len(word) for row in found for word in (name, *str(row[name]).split())) for name in found[0]]
    return sum(width + 3 for width in widest) + 1
