"""Claims: the verdict first, then one plain sentence, then the figures behind it."""

from __future__ import annotations

from collections.abc import Sequence

from warehouse.report.document import (
    Block,
    Claim,
    Column,
    Facts,
    Heading,
    Link,
    Page,
    Paragraph,
    Points,
    Table,
    Verdict,
    cell,
    figure_cell,
)
from warehouse.report.pages.shared import scope_link
from warehouse.report.tables import Row, Tables
from warehouse.report.text import (
    NONE,
    after_verdict,
    capital,
    clean,
    first_sentence,
    number,
    plural,
    short_date,
    slug,
    span,
)

VERDICTS = (
    "A rule that was fixed in advance turns each claim into a number with an interval, and into the range in which the"
    " claim would hold. Supported: the whole interval lies within that range. Refuted: all of it lies outside."
    " Undecided: it reaches across the limit. Mixed: the figures of one claim disagree. No verdict is given by hand."
)


NOT_THE_LAG = "That is not tonight's lag "
"""How the explanation of a claim about whole records sets it apart from the lag."""


def claim_block(row: Row) -> Claim:
    """A claim for the first page, its long explanation folded away."""
    first, rest = _in_view(clean(row["explanation"], 3000))
    details: list[Block] = [Paragraph(parts=(rest,))] if rest else []
    details.append(Paragraph(parts=(Link("All its figures, rule and history", f"claims/{slug(row['claim_id'])}"),)))
    return Claim(
        claim=clean(row["claim"], 300),
        to=f"claims/{slug(row['claim_id'])}",
        verdict=clean(row["verdict"], 40),
        sentence=after_verdict(first, clean(row["verdict"], 40)),
        details=tuple(details),
    )


def _in_view(explanation: str) -> tuple[str, str]:
    """What a claim shows unasked, and the rest: how tonight's lag goes together with it belongs to its verdict."""
    first, rest = first_sentence(explanation)
    if not rest.startswith(NOT_THE_LAG):
        return first, rest
    second, rest = first_sentence(rest)
    return f"{first} {second}", rest


def claim_page(tables: Tables, row: Row) -> Page:
    """One claim with its rule, its figures and its verdicts on earlier nights."""
    claim, verdict = clean(row["claim"], 300), clean(row["verdict"], 40)
    first, rest = first_sentence(clean(row["explanation"], 3000))
    sentence = after_verdict(first, verdict)
    evidence = tables.claim_evidence.get(row["claim_id"], [])
    blocks: list[Block] = [Paragraph(parts=(Verdict(verdict), f" {sentence}"), role="lead"), _basis(row)]
    if rest:
        points = tuple((point,) for point in _sentences(rest))
        blocks += [Heading(text="What the verdict rests on", anchor="why"), Points(items=points)]
    if evidence:
        blocks.append(Heading(text="Every figure looked at", anchor="figures"))
    for title in dict.fromkeys(clean(one["title"], 200) for one in evidence):
        blocks.append(_figures(tables, title, [one for one in evidence if clean(one["title"], 200) == title]))
    return Page(
        path=f"claims/{slug(row['claim_id'])}",
        title=claim,
        description=f"{capital(verdict)}: {sentence}",
        blocks=(*blocks, *_earlier(tables.claim_vintages.get(row["claim_id"], []))),
        section="claims",
        trail=(Link("Claims", "claims"),),
    )


def _basis(row: Row) -> Facts:
    return Facts(
        pairs=(
            ("What is measured", (capital(clean(row["measure"], 400)),)),
            ("Estimate", (figure(row),)),
            ("Boards behind it", (number(row["n_boards"], 0),)),
        )
    )


def _figures(tables: Tables, title: str, evidence: Sequence[Row]) -> Table:
    """One figure of a claim over all its scopes."""
    return Table(
        caption=capital(title),
        columns=(
            Column(title="Scope"),
            Column(title="Number", number=True),
            Column(title="Behind it"),
            Column(title="Alone it says"),
            Column(title="Note"),
        ),
        rows=tuple(
            (
                cell(_scope(tables, one["scope"]), " (unrestricted licence)" if one["tier"] == "T1" else ""),
                figure_cell(figure(one), one["estimate"]),
                cell(f"{one['n']} {clean(one['n_what'], 60)}" if one["n"] is not None else NONE),
                cell(Verdict(clean(one["verdict"], 40)) if one["verdict"] else NONE, sort=one["verdict"]),
                cell(clean(one["note"] or "", 300)),
            )
            for one in evidence
        ),
    )


def _earlier(vintages: Sequence[Row]) -> list[Block]:
    """The verdict night by night as it was published; nothing where there was one night."""
    if len(vintages) < 2:
        return []
    return [
        Table(
            caption="The verdict as it was published",
            columns=(Column(title="Night"), Column(title="Verdict"), Column(title="Number", number=True)),
            rows=tuple(
                (
                    cell(Link(short_date(one["night"]), f"nights/{one['night']}"), sort=str(one["night"])),
                    cell(Verdict(clean(one["verdict"], 40))),
                    figure_cell(figure(one), one["estimate"]),
                )
                for one in vintages
            ),
        )
    ]


def _sentences(text: str) -> list[str]:
    found = []
    while text:
        first, text = first_sentence(text)
        found.append(first)
    return found


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
    digits = 0 if unit in ("days", "labs") else 2 if abs(value or lo or 0) < 10 else 1
    if value is None:
        return f"more than {number(lo, digits)} {unit}".strip()
    inside = "" if lo == hi else span(lo, hi, digits)
    return f"{number(value, digits)} {unit}".strip() + (f" ({inside})" if inside else "")


def claims_page(found: list[Row]) -> Page:
    """All claims, verdict first."""
    return Page(
        path="claims",
        title="What people say about open and closed models, and whether it is so",
        description=f"{plural(len(found), 'claim')} judged every night by stated rules.",
        blocks=(Paragraph(parts=(VERDICTS,), role="note"), *(claim_block(row) for row in found)),
        section="claims",
    )
