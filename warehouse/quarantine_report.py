"""The quarantine report of a night: what was held or warned of, why, and the command that lets it in.

It is made from a finished build, as text and as plain HTML, and published with the tables.  Text from a source
is escaped: no control code reaches a terminal, no mark-up a browser.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
from jinja2 import Environment

from collectors.sanitize import visible
from warehouse.archive import body_name

SHOWN = 10
"""Rows shown as written, and names listed, of one table."""

Row = Mapping[str, Any]

_HTML = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
    """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ title }}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>body{font:15px/1.5 system-ui,sans-serif;max-width:75em;margin:2em auto;padding:0 1em}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f4f4f2;padding:1em}</style></head>
<body><h1>{{ title }}</h1>
{% for heading, lines in parts %}
<h2>{{ heading }}</h2>
<pre>{{ lines | join("\n") }}</pre>
{% endfor %}
</body></html>
"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The page of one night: a title and parts, each a heading with lines of plain text."""

    title: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def text(self) -> str:
        """The page for a terminal."""
        blocks = [self.title, "=" * len(self.title)]
        for heading, lines in self.parts:
            blocks += ["", heading, "-" * len(heading), *lines]
        return "\n".join(blocks) + "\n"

    @property
    def html(self) -> str:
        """The page for a browser; it loads nothing and runs nothing."""
        return _HTML.render(title=self.title, parts=self.parts) + "\n"


def write(db: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Writes ``quarantine/NIGHT.txt`` and ``.html`` below a publication's folder."""
    found = report(db)
    night = found.title.rsplit(" ", 1)[-1]
    home = folder / "quarantine"
    home.mkdir()
    (home / f"{night}.txt").write_text(found.text, "utf-8")
    (home / f"{night}.html").write_text(found.html, "utf-8")


def report(db: duckdb.DuckDBPyConnection) -> Report:
    """What a build held back or warned of for its night."""
    ((night,),) = db.execute("select night from input.night").fetchall()
    judged = _rows(db, "select * from marts.gate where night = $night order by all", night=night)
    parts = [("sources", tuple(_sources(db)))]
    held = [g for g in judged if g["outcome"] == "held" and g["of"] == "table"]
    pages = {(g["source"], g["board"], g["edition"], g["sha256"], g["url"]): g for g in reversed(held)}
    parts += [_table(db, gate, [g for g in judged if _same_table(g, gate)]) for gate in reversed(pages.values())]
    for heading, rows in (
        ("rows held", [g for g in judged if g["outcome"] == "held" and g["of"] == "rows"]),
        ("labels held", [g for g in judged if g["outcome"] == "held" and g["of"] == "flags"]),
        ("prices held", [g for g in judged if g["outcome"] == "held" and g["of"] == "prices"]),
        ("dates and sizes held", [g for g in judged if g["outcome"] == "held" and g["of"] == "facts"]),
        ("decisions", [g for g in judged if g["gate"] == "decision"]),
        ("warnings", [g for g in judged if g["outcome"] == "warned" and g["gate"] != "decision"]),
    ):
        if rows:
            parts.append((heading, tuple(line for row in rows for line in _gate(row))))
    if pages or any(g["outcome"] == "held" for g in judged):
        parts.append(("what to do", _ADVICE))
    return Report(title=f"gapindex quarantine, night {night}", parts=tuple(parts))


_ADVICE = (
    'let a page in              gapindex accept SHA256 --reason "..."',
    'let a board in on a night  gapindex accept BOARD@NIGHT --reason "..."',
    "... and its later tables   add --extend; it ends when a table passes by itself",
    'say whose name it is       gapindex names accept NAME MODEL --reason "..."',
    "a column was renamed       mend the parser of that source; its pages are read again from the archive",
)


def _rows(db: duckdb.DuckDBPyConnection, query: str, **given: Any) -> list[Row]:
    answer = db.execute(query, given)
    names = [column[0] for column in answer.description or ()]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def _plain(value: object) -> str:
    return visible(str(value))


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else "-"


def _same_table(one: Row, other: Row) -> bool:
    return all(one[key] == other[key] for key in ("source", "board", "edition", "sha256", "url"))


def _sources(db: duckdb.DuckDBPyConnection) -> list[str]:
    found = _rows(
        db,
        """select h.source, h.outcome, h.pages_read, h.pages_failed, h.last_good_on, h.stale_days, h.error,
               count(*) filter (where g.outcome = 'held') as held,
               count(*) filter (where g.outcome = 'warned') as warned
           from marts.source_health h
           left join marts.gate g on g.source = h.source and g.night = (select night from input.night)
           group by all having held > 0 or h.outcome not in ('read', 'not asked')
           order by h.source""",
    )
    if not found:
        return ["every source that was asked gave what it should; nothing was held"]
    return [
        _plain(
            f"{row['source']:<24} {row['outcome']:<12} {row['pages_read']} pages read, {row['pages_failed']} not;"
            f" {row['held']} held, {row['warned']} warned; last good {row['last_good_on'] or 'never'}"
            f" ({row['stale_days'] if row['stale_days'] is not None else '-'} days ago)"
            + (f"; {row['error'][:200]}" if row["error"] else "")
        )
        for row in found
    ]


def _gate(row: Row) -> list[str]:
    where = " ".join(str(row[key]) for key in ("source", "board", "edition", "tier", "name") if row[key])
    return [
        _plain(
            f"{row['gate']} {row['rule']}: {where}: {row['explanation']}"
            f" (measured {_number(row['measured'])}, limit {_number(row['limit'])} {row['unit'] or ''})".rstrip()
        ),
        *([f"    sha256 {row['sha256']}"] if row["sha256"] else []),
    ]


def _table(db: duckdb.DuckDBPyConnection, gate: Row, judged: Sequence[Row]) -> tuple[str, tuple[str, ...]]:
    """One held table: row counts, gates, difference to the last good table, effect, and the command to let it in."""
    (page,) = _rows(
        db,
        """select g.*, r.before_no, b.from_night as good_on
           from staging.gate_page g
           join staging.row_count_gate r using (table_no)
           left join staging.gate_page b on b.table_no = r.before_no
           where g.own and g.source = $source and g.board = $board and g.edition = $edition and g.sha256 = $sha256
               and g.url = $url and g.from_night <= (select night from input.night)
           qualify row_number() over (order by g.from_night desc, g.table_no desc) = 1""",
        **{key: gate[key] for key in ("source", "board", "edition", "sha256", "url")},
    )
    lines = [
        f"shown since  {page['from_night']} at {page['url']}",
        f"archive      archive/{body_name(page['sha256'])}",
        f"sha256       {page['sha256']}",
        f"accounting   {page['seen']} rows seen = {page['accepted']} read + {page['quarantined']} quarantined"
        f" + {page['excluded']} excluded",
    ]
    for one in judged:
        if one["outcome"] != "pass":
            lines.append(
                f"{one['outcome']:<12} {one['gate']} {one['rule']}: {one['explanation']}"
                f" (measured {_number(one['measured'])}, limit {_number(one['limit'])} {one['unit'] or ''})"
            )
    age = f", {(gate['night'] - page['good_on']).days} days ago" if page["good_on"] else ""
    lines.append(f"last good    {page['good_on'] or 'none'}{age}")
    if page["before_no"] is not None:
        lines += _difference(db, page)
    lines += _effect(db, page)
    lines.append(f'to accept    gapindex accept {page["sha256"][:12]} --reason "..."    (--extend: later ones too)')
    heading = f"{page['source']}: {page['board']} {page['edition']}"
    return _plain(heading), tuple(_plain(line) for line in lines)


def _difference(db: duckdb.DuckDBPyConnection, page: Row) -> list[str]:
    """The difference to the last good table: rows added, removed and changed, up to ten of them as written."""
    compared = _rows(
        db,
        """with
               here as (from staging.gate_value where table_no = $this),
               there as (from staging.gate_value where table_no = $before)
           select coalesce(h.name, b.name) as name, coalesce(h.variant, b.variant) as variant,
               h.signed as now, b.signed as before
           from here h full join there b using (row_key) order by all""",
        this=page["table_no"],
        before=page["before_no"],
    )
    sign = 1 if page["better"] == "higher" else -1
    added = [row["name"] for row in compared if row["before"] is None]
    gone = [row["name"] for row in compared if row["now"] is None]
    changed = [row for row in compared if None not in (row["now"], row["before"]) and row["now"] != row["before"]]
    lines = [f"difference   {len(added)} added, {len(gone)} gone, {len(changed)} changed"]
    lines += [f"    {word}: {_list(names)}" for word, names in (("added", added), ("gone", gone)) if names]
    written = {
        (row["name"], row["variant"]): row["written"]
        for row in _rows(
            db,
            """select name, variant, min(written) as written from raw.score
               where source = $source and page_key = $page_key and board = $board and edition = $edition
               group by all""",
            **{key: page[key] for key in ("source", "page_key", "board", "edition")},
        )
    }
    for row in sorted(changed, key=lambda row: (-abs(row["now"] - row["before"]), row["name"]))[:SHOWN]:
        lines.append(
            f"    {row['name']}: {row['now'] * sign:g}, expected about {row['before'] * sign:g};"
            f" as written: {written.get((row['name'], row['variant']), '')[:300]}"
        )
    return lines


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _effect(db: duckdb.DuckDBPyConnection, page: Row) -> list[str]:
    """The board's effect on tonight's index: its row, and the medians of its domain and of all with and without it."""
    tonight = _rows(
        db,
        """select g.scope, g.edition, g.tier, g.domain, g.gap, g.gap_std, g.stale_days, g.observed_on, g.unit
           from marts.gap_index g join input.board b on b.board = g.scope
           where g.night = (select night from input.night) and g.scope_kind = 'board' and b.counts_for_index
               and g.tier = 'any' order by all""",
    )
    own = [row for row in tonight if row["scope"] == page["board"] and row["edition"] == page["edition"]]
    if not own:
        return ["effect       none: the board has no row in tonight's index"]
    row = own[0]
    lines = [
        f"effect       its row stands on the table of {row['observed_on']}, {row['stale_days']} days old:"
        f" gap {_number(row['gap'])} {row['unit']}"
    ]
    for scope, peers in (
        (row["domain"], [other for other in tonight if other["domain"] == row["domain"]]),
        ("all boards", tonight),
    ):
        whole = [other["gap_std"] for other in peers if other["gap_std"] is not None]
        rest = [other["gap_std"] for other in peers if other["gap_std"] is not None and other["scope"] != page["board"]]
        if whole and rest:
            lines.append(
                f"    {scope}: median standardised gap {median(whole):.3f} over {len(whole)} rows; without this board"
                f" {median(rest):.3f} over {len(rest)}"
            )
        else:
            lines.append(f"    {scope}: no number is left without this board")
    return lines
