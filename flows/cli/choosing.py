"""The command ``models``: which open-weight model to take, by what it can do, costs, needs and allows."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

import click

from flows.cli.drawing import Field, fitted
from flows.cli.options import (
    Exit,
    data_option,
    json_option,
    print_json,
    published,
    stop,
    tier_option,
)
from flows.cli.screen import out, plain
from warehouse.explain import rows

PER_SCOPE = 5
"""Models shown of each scope where none is named."""

IN_ONE_SCOPE = 20
"""Models shown of a scope that is named."""


@click.command("models")
@click.option("--domain", multiple=True, help="Domain, or `overall`; may be given again (default: all).")
@tier_option
@click.option(
    "--max-usd",
    type=click.FloatRange(min=0),
    help="Blended price at most, USD per million tokens (3 read to 1 written).",
)
@click.option("--country", help="Country of the developer, two letters: CN, US, FR ...")
@click.option("--fits", type=click.FloatRange(min=0), help="Memory at hand, in GB.")
@click.option(
    "--bits", type=click.Choice(["16", "8", "4"]), default="4", help="Bits per parameter the memory is reckoned at."
)
@click.option("--top", type=click.IntRange(min=1), help="How many of each domain.")
@data_option
@json_option
def models(
    domain: tuple[str, ...],
    tier: Literal["any", "T1"],
    max_usd: float | None,
    country: str | None,
    fits: float | None,
    bits: Literal["16", "8", "4"],
    top: int | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Lists the best open-weight models of each domain: ability, the closed model it equals, price, licence, hardware.

    Ability is on the composite's scale (Claude 3.5 Sonnet 130, GPT-5 150), with its 90 % interval; in a domain with the
    share of it that is the domain's own evidence ("own"; the rest is the overall ability).

    A price is the cheapest list price known; --max-usd and --fits leave out models whose price or size is not.
    """
    scopes = list(domain or [])
    limit = top or (IN_ONE_SCOPE if scopes else PER_SCOPE)
    with published(data) as db:
        ((night, placed, boards, countries),) = db.execute(
            """select
                   (select night from run),
                   (select coalesce(list(distinct scope order by scope), []) from model_choice),
                   (select coalesce(list(distinct domain order by domain), []) from benchmark),
                   (select coalesce(list(distinct country order by country), []) from model_choice)"""
        ).fetchall()
        known = [*placed, *(one for one in boards if one not in placed)]
        if unknown := [scope for scope in scopes if scope not in known]:
            stop(Exit.USAGE, f"no domain is called {unknown[0]!r}; there are: {', '.join(known) or 'none yet'}")
        if country is not None and country.upper() not in countries:
            stop(Exit.USAGE, f"no model of country {country!r}; there are: {', '.join(countries) or 'none yet'}")
        if bare := [scope for scope in scopes if scope not in placed]:
            stop(
                Exit.NOTHING_YET,
                f"{bare[0]!r} has boards and no pooled ability, so no model is ranked in it; `gapindex show` has its"
                f" boards, and these rank models: {', '.join(placed) or 'none yet'}",
            )
        found = rows(
            db,
            """select * from model_choice
                where (len($scopes) = 0 or list_contains($scopes, scope)) and ($tier = 'any' or licence_tier = $tier)
                  and ($country is null or country = upper($country))
                  and ($max_usd is null or usd <= $max_usd)
                  and ($fits is null or case $bits when '16' then gb_16 when '8' then gb_8 else gb_4 end <= $fits)
                qualify row_number() over (partition by scope order by place) <= $limit
                order by scope <> 'overall', scope, place""",
            {
                "scopes": scopes,
                "tier": tier,
                "country": country,
                "max_usd": max_usd,
                "fits": fits,
                "bits": bits,
                "limit": limit,
            },
        )
    if not found:
        stop(
            Exit.NOTHING_YET,
            "no open-weight model fits these wishes; loosen --max-usd, --fits, --tier, --country or --domain"
            if placed
            else "no open-weight model is placed yet; run `gapindex run`",
        )
    if as_json:
        print_json(found)
        return
    _print(found, night, bits)


PRICE = "USD per 1M, 3:1 blend"
"""Heading of a blended list price: three tokens read to one written."""


def _print(found: list[dict[str, Any]], night: date, bits: str) -> None:
    fields = (
        Field(title="domain, model"),
        Field(title="ability", drop=1, justify="right"),
        Field(title="own", drop=6, justify="right"),
        Field(title="equals", drop=4),
        Field(title=PRICE, drop=2, justify="right"),
        Field(title="licence", drop=3),
        Field(title=f"memory at {bits} bits", drop=5),
    )
    cells: list[tuple[str, ...]] = []
    before = ""
    for row in found:
        domain = f"[bold]{plain(row['scope'])}[/bold]\n" if row["scope"] != before else ""
        above = "\n" if domain else ""
        before = row["scope"]
        cells.append(
            (
                f"{domain}{row['place']}. {plain(row['title'] or row['model'])}",
                *(
                    f"{above}{cell}"
                    for cell in (
                        f"{row['theta']:.1f} [dim]{_limits(row)}[/dim]",
                        f"{row['share']:.0%}" if row["share"] is not None else "-",
                        plain(row["closed_model"])
                        if row["closed_model"]
                        else "[dim]no closed model placed below[/dim]",
                        _price(row, night),
                        plain(f"{row['licence_tier']} {row['licence'] or ''}".strip()),
                        _memory(row, bits),
                    )
                ),
            )
        )
    out.print(fitted(f"open-weight models, night {night}", fields, cells, out.width))
    for model, prices in {row["title"] or row["model"]: row["price_waiting"] for row in found}.items():
        if prices:
            out.print(f"[bold]held[/bold] {plain(model)}: {plain(prices)}; all: gapindex quarantine", highlight=False)


def _memory(row: dict[str, Any], bits: str) -> str:
    return f"{row[f'gb_{bits}']:.0f} GB [dim]({plain(row[f'class_{bits}'])})[/dim]" if row[f"gb_{bits}"] else "-"


def _limits(row: dict[str, Any]) -> str:
    return f"({row['lo']:.1f} to {row['hi']:.1f})" if row["lo"] is not None and row["hi"] is not None else ""


def _price(row: dict[str, Any], night: date) -> str:
    """The cheapest list price; the date of its list where that could not be read for a month (METHOD section 6)."""
    if row["usd"] is None:
        return "-"
    listed = row.get("listed_on")  # a file of an earlier release has no such column
    old = f" [yellow]listed {listed}[/yellow]" if listed is not None and night - listed > LISTED else ""
    return f"{row['usd']:.2f} [dim]{plain(row['provider'])}[/dim]{old}"


LISTED = timedelta(days=30)
"""A price is tonight's if its list was read within this time."""
