"""Claims: the verdict first, then one plain sentence, then the figures behind it."""

from __future__ import annotations

from warehouse.report.document import (
    Block,
    Claim,
    Column,
    Facts,
    Link,
    Page,
    Paragraph,
    Table,
    Verdict,
    cell,
    figure_cell,
)
from warehouse.report.pages.shared import scope_link
from warehouse.report.tables import Row, Tables
from warehouse.report.text import NONE, clean, first_sentence, in_words, number, plural, short_date, slug, span


def claim_block(tables: Tables, row: Row) -> Claim:
    """A claim for the first page, its long explanation folded away."""
    first, rest = first_sentence(clean(row["explanation"], 3000))
    details: list[Block] = [Paragraph(parts=(rest,))] if rest else []
    details.append(Paragraph(parts=(Link("All its figures, rule and history", f"claims/{slug(row['claim_id'])}"),)))
    del tables
    return Claim(
        claim=clean(row["claim"], 300),
        to=f"claims/{slug(row['claim_id'])}",
        verdict=clean(row["verdict"], 40),
        sentence=_after_verdict(first, clean(row["verdict"], 40)),
        details=tuple(details),
    )


def _after_verdict(sentence: str, verdict: str) -> str:
    """The sentence without the verdict that it begins with, which stands before it as a label."""
    if not sentence.lower().startswith(f"{verdict.lower()}: "):
        return sentence
    rest = sentence[len(verdict) + 2 :]
    return rest[:1].upper() + rest[1:] if rest[1:2].islower() else rest  # "o1" stays as it is


def claim_page(tables: Tables, row: Row) -> Page:
    """One claim with its rule, its figures and its verdicts on earlier nights."""
    claim = clean(row["claim"], 300)
    evidence = tables.claim_evidence.get(row["claim_id"], [])
    earlier = tables.claim_vintages.get(row["claim_id"], [])
    blocks: list[Block] = [
        Paragraph(parts=(Verdict(clean(row["verdict"], 40)), f" on {in_words(row['night'])}"), role="lead"),
        Paragraph(parts=(clean(row["explanation"], 3000),)),
        Facts(
            pairs=(
                ("What is measured", (clean(row["measure"], 400),)),
                ("Estimate", (figure(row),)),
                ("Boards behind it", (number(row["n_boards"], 0),)),
            )
        ),
    ]
    if evidence:
        blocks.append(
            Table(
                caption="Every figure looked at",
                columns=(
                    Column(title="Figure"),
                    Column(title="Scope"),
                    Column(title="Number", number=True),
                    Column(title="Behind it"),
                    Column(title="Alone it says"),
                    Column(title="Note"),
                ),
                rows=tuple(
                    (
                        cell(clean(one["title"], 200)),
                        cell(_scope(tables, one["scope"]), f" ({one['tier']})" if one["tier"] else ""),
                        figure_cell(figure(one), one["estimate"]),
                        cell(f"{one['n']} {clean(one['n_what'], 60)}" if one["n"] is not None else NONE),
                        cell(Verdict(clean(one["verdict"] or NONE, 40)), sort=one["verdict"]),
                        cell(clean(one["note"] or "", 300)),
                    )
                    for one in evidence
                ),
            )
        )
    if len(earlier) > 1:
        blocks.append(
            Table(
                caption="The verdict as it was published",
                columns=(Column(title="Night"), Column(title="Verdict"), Column(title="Number", number=True)),
                rows=tuple(
                    (
                        cell(Link(short_date(one["night"]), f"nights/{one['night']}"), sort=str(one["night"])),
                        cell(Verdict(clean(one["verdict"], 40))),
                        figure_cell(figure(one), one["estimate"]),
                    )
                    for one in earlier
                ),
            )
        )
    return Page(
        path=f"claims/{slug(row['claim_id'])}",
        title=claim,
        description=f"{clean(row['verdict'], 40).capitalize()}: "
        + _after_verdict(clean(row["explanation"], 200), clean(row["verdict"], 40)),
        blocks=tuple(blocks),
        section="claims",
        trail=(Link("Claims", "claims"),),
    )


def _scope(tables: Tables, scope: str | None) -> Link | str:
    if scope in tables.scopes:
        return scope_link(tables, scope)
    return clean(scope or NONE, 80)


def figure(row: Row) -> str:
    """An estimate with its interval and unit; a share as a percentage."""
    unit, factor = clean(row["unit"] or "", 40), 1.0
    if unit == "share":
        unit, factor = "%", 100.0
    if unit in ("ratio", "yes"):
        unit = ""
    values = [None if row[key] is None else row[key] * factor for key in ("estimate", "lo", "hi")]
    value, lo, hi = values
    if value is None and lo is None:
        return NONE
    digits = 0 if unit == "days" else 2 if abs(value or lo or 0) < 10 else 1
    if value is None:
        return f"more than {number(lo, digits)} {unit}".strip()
    inside = "" if lo == hi else span(lo, hi, digits)
    return f"{number(value, digits)} {unit}".strip() + (f" ({inside})" if inside else "")


def claims_page(tables: Tables, found: list[Row]) -> Page:
    """All claims, verdict first."""
    return Page(
        path="claims",
        title="What people say about open and closed models, and whether it is so",
        description=f"{plural(len(found), 'claim')} judged every night by stated rules.",
        blocks=tuple(claim_block(tables, row) for row in found),
        section="claims",
    )
