"""Command `gapindex claims`: the verdict on each claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from flows.cli.drawing import Field, fitted
from flows.cli.options import (
    Exit,
    data_option,
    json_option,
    night_of,
    night_option,
    print_json,
    published,
    stop,
)
from flows.cli.screen import out, plain, print_text
from warehouse.explain import rows, suggestion
from warehouse.publication import PUBLISHED
from warehouse.report.text import after_verdict, first_sentence

_COLOUR = {"supported": "green", "refuted": "red", "mixed": "yellow", "undecided": "yellow"}


@click.command("claims")
@click.argument("claim", required=False, help="One claim in full, by its id.")
@night_option
@data_option
@json_option
def claims(claim: str | None, night: str | None, data: Path | None, as_json: bool) -> None:
    """Shows the verdict on each claim about open and closed models, by stated rules, with number and interval.

    A past night gives the verdicts published on that night. `docs/claims.md` has every rule and its SQL.
    """
    asked = night_of(night)
    with published(data) as db:
        (state,) = rows(db, "select max(night) as night from claim_verdict")
        tonight = asked is None or asked == state["night"]
        table = "claim_verdict" if tonight else "claim_verdict_vintage"
        there = rows(db, f"select 1 from {PUBLISHED} where table_name = $t", {"t": table})  # noqa: S608 - a constant
        found = (
            rows(
                db,
                f"""select v.*, r.place from {table} v
                    left join (select distinct claim_id, place from claim_rule) r using (claim_id)
                    where v.night = coalesce($night, (select max(night) from claim_verdict))
                      and ($claim is null or v.claim_id = $claim)
                    order by r.place nulls last, v.claim_id""",  # noqa: S608 - one of the two names above
                {"night": asked, "claim": claim},
            )
            if there
            else []
        )
        # Evidence is kept for the published night alone; earlier nights keep their verdicts.
        evidence = (
            rows(
                db,
                """select e.*, r.title, r.tolerance from claim_evidence e join claim_rule r using (claim_id, part)
                   where $claim is null or e.claim_id = $claim
                   order by r.place, r.part_place, e.role, e.tier desc, e.scope""",
                {"claim": claim},
            )
            if tonight
            else []
        )
        known = {str(row["claim_id"]) for row in rows(db, "select distinct claim_id from claim_rule")}
    if not found and claim is not None and claim not in known:
        stop(Exit.NOTHING_YET, f"no claim {claim!r}; {suggestion(claim, known, '`gapindex claims` lists them')}")
    if not found:
        newest = f"no verdicts of the night {asked}; the newest are of {state['night']}"
        stop(Exit.NOTHING_YET, newest if asked else "no verdicts are published")
    if as_json:
        print_json([row | {"evidence": [e for e in evidence if e["claim_id"] == row["claim_id"]]} for row in found])
        return
    if claim is None:
        _print_all(found)
    else:
        _print_one(found[0], evidence)


def _print_all(found: Sequence[Mapping[str, Any]]) -> None:
    """Each claim with its verdict beside it, one sentence, and the id to ask for the rest."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(min_width=max(len(row["verdict"]) for row in found))
    grid.add_column(overflow="fold")
    for row in found:
        sentence = after_verdict(first_sentence(row["explanation"])[0], row["verdict"])
        grid.add_row(
            _verdict(row["verdict"]),
            f"[bold]{plain(row['claim'])}[/bold]\n{plain(sentence)}\n[dim]{plain(row['claim_id'])}[/dim]\n",
        )
    out.print(f"claims, night {found[0]['night']}\n", highlight=False)
    out.print(grid, highlight=False)
    print_text(
        "one claim with its basis and all its figures: gapindex claims ID; the rules and their SQL: docs/claims.md"
    )


FIGURES = (
    Field(title="scope"),
    Field(title="number", justify="right"),
    Field(title="alone it says"),
    Field(title="behind it", drop=1),
    Field(title="note", drop=2),
)


def _print_one(row: Mapping[str, Any], evidence: Sequence[Mapping[str, Any]]) -> None:
    print_text(f"[bold]{plain(row['claim'])}[/bold]  [dim]{plain(row['claim_id'])}, night {row['night']}[/dim]", hang=0)
    out.print(f"verdict   {_verdict(row['verdict'])}")
    print_text(f"measured  {plain(row['measure'])}", hang=10)
    print_text(plain(row["explanation"]), hang=0)
    for title in dict.fromkeys(one["title"] for one in evidence):
        of_title = [one for one in evidence if one["title"] == title]
        tolerance = of_title[0]["tolerance"]
        out.print()
        print_text(f"[bold]{plain(title)}[/bold]" + (f"; the claim: {plain(tolerance)}" if tolerance else ""))
        out.print(fitted("", FIGURES, [_figure_cells(one) for one in of_title], out.width))


def _figure_cells(one: Mapping[str, Any]) -> tuple[str, ...]:
    licence = "\n[dim]unrestricted licence[/dim]" if one["tier"] == "T1" else ""
    return (
        plain(one["scope"]) + licence,
        _figure(one),
        _verdict(one["verdict"]) + ("" if one["role"] != "shown" else "\n[dim]not judged by it[/dim]"),
        f"{one['n']} {plain(one['n_what'])}" if one["n"] is not None else "",
        plain(one["note"] or ""),
    )


def _verdict(text: str | None) -> str:
    if text is None:
        return "[dim]-[/dim]"
    return f"[{_COLOUR.get(text, 'dim')}]{text}[/]"


def _figure(row: Mapping[str, Any]) -> str:
    """The estimate over its interval, in its unit; a share as a percentage."""
    unit = row["unit"] or ""
    if row["estimate"] is None and row["lo"] is None:
        return "[dim]-[/dim]"
    if unit == "share":
        row, unit = {key: row[key] and row[key] * 100 for key in ("estimate", "lo", "hi")}, "%"
    ends = [_short(row[key]) for key in ("lo", "hi")]
    middle = f"more than {ends[0]}" if row["estimate"] is None else _short(row["estimate"])
    shown = "" if unit in ("ratio", "yes") else f" {plain(unit)}"
    if row["estimate"] is None or ends[0] == ends[1]:
        return middle + shown
    return f"{middle}{shown}\n[dim]{ends[0] or 'no limit'} to {ends[1] or 'no limit'}[/dim]"


def _short(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
