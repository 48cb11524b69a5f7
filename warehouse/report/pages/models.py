"""A page per model and per lab: dates, openness, ability, records, scores, and the evidence for each."""

from __future__ import annotations

import base64
import json
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from warehouse.report.document import (
    Block,
    Cell,
    Column,
    Compare,
    Facts,
    Heading,
    Inline,
    Link,
    Page,
    Paragraph,
    Table,
    cell,
    figure_cell,
)
from warehouse.report.pages.front import hub_link
from warehouse.report.pages.scopes import events_table, side_of
from warehouse.report.pages.shared import TIERS, Pages, lab_link, model_link, probability, scope_link, with_unit
from warehouse.report.tables import Row, Tables
from warehouse.report.text import NONE, clean, number, plural, score, short_date, slug, span, usd, web_address

COMPARED = 150
"""The ablest models that can be set side by side."""

EVENTS = 30
SELLERS = 12


def model_page(tables: Tables, model: str) -> Page:
    """The page of one model."""
    title = tables.title(model)
    facts = tables.models.get(model)
    side = side_of(tables, model)
    blocks: list[Block] = [Paragraph(parts=_lead(tables, model, side), role="lead")]
    if facts is not None:
        blocks.append(_facts(tables, model, facts))
    blocks += _abilities(tables, model)
    blocks += _records(tables, model)
    blocks += _prices(tables, model)
    blocks += _scores(tables, model)
    text = "".join(part if isinstance(part, str) else part.text for part in _lead(tables, model, side))
    return Page(
        path=f"models/{slug(model)}",
        title=title,
        description=text,
        blocks=tuple(blocks),
        section="models",
        trail=(Link("Models", "models"),),
    )


def _lead(tables: Tables, model: str, side: str) -> tuple[Inline, ...]:
    found = tables.ranks.get(model)
    kind = {"open": "An open-weight model", "closed": "A closed model"}.get(side, "A model whose openness is not known")
    facts = tables.models.get(model)
    parts: list[Inline] = [kind]
    if facts is not None and facts["developer"]:
        parts += [" of ", lab_link(tables, facts["developer"])]
    if found is None:
        return (*parts, ". Too few boards have scored it for a place on the overall scale.")
    place, row = found
    ability = f"{number(row['theta'])} index points ({span(row['lo'], row['hi'])})"
    parts.append(f". Overall ability {ability}, place {place} of {len(tables.ranks)}")
    if row["provisional"]:
        parts.append("; provisional")
    return (*parts, ".")


def _facts(tables: Tables, model: str, facts: Row) -> Facts:
    access = tables.access.get(model)
    release = tables.releases.get(model)
    pairs: list[tuple[str, tuple[Inline, ...]]] = [
        ("Announced", (short_date(facts["announced_on"]),)),
        ("By API", (short_date(facts["available_on"]), _basis(facts["available_basis"]))),
    ]
    if facts["weights_on"] or side_of(tables, model) != "closed":
        weights = short_date(facts["weights_on"]) if facts["weights_on"] else "no date"
        pairs.append(("Weights published", (weights, _basis(facts["weights_basis"]))))
    if access is not None:
        words = TIERS.get(access["tier"], clean(access["tier"], 20))
        pairs.append(
            (
                "Access",
                (
                    f"{words}, since {short_date(access['from_on'])}; evidence: {clean(access['evidence'], 80)}"
                    f" ({clean(access['source'], 160)})",
                ),
            )
        )
        pairs.append(("Licence", (clean(access["licence"] or NONE, 80),)))
    if facts["parameters"]:
        pairs.append(("Parameters", (f"{score(facts['parameters'] / 1e9)} billion", _basis(facts["parameters_basis"]))))
    if facts["context_tokens"]:
        pairs.append(("Context", (f"{number(facts['context_tokens'], 0)} tokens",)))
    if facts["hub_repo"]:
        pairs.append(("Files", (hub_link(facts["hub_repo"]),)))
    if release is not None and release["announcement_link"]:
        address = web_address(release["announcement_link"])
        pairs.append(("Announcement", (Link(clean(release["announcement_title"], 160), address),)))
    return Facts(pairs=tuple(pairs))


def _basis(text: str | None) -> str:
    words = clean(text, 80).removeprefix("registry: ")
    return f" ({'list kept by hand' if words.startswith('seed') else words})" if words else ""


def _abilities(tables: Tables, model: str) -> list[Block]:
    found = tables.abilities_of.get(model)
    if not found:
        return []
    blocks: list[Block] = [
        Heading(text="Ability", anchor="ability"),
        Table(
            caption="Index points with 90 % interval; GPT-5 is 150",
            columns=(
                Column(title="Scope"),
                Column(title="Ability", number=True),
                Column(title="90 % interval", number=True),
                Column(title="Boards", number=True),
            ),
            rows=tuple(
                (
                    cell(scope_link(tables, row["scope"])),
                    figure_cell(number(row["theta"]), row["theta"]),
                    figure_cell(span(row["lo"], row["hi"]) or NONE, row["lo"]),
                    figure_cell(number(row["n_instruments"], 0), row["n_instruments"]),
                )
                for row in found
            ),
        ),
    ]
    rivals = tables.rivals(model)
    if rivals:
        blocks.append(
            Table(
                caption="Beside its neighbours: how likely it is the more capable one",
                columns=(
                    Column(title="Than"),
                    Column(title="Difference", note="index points", number=True),
                    Column(title="Probability", note="from joint draws", number=True),
                ),
                rows=tuple(
                    (
                        cell(model_link(tables, other, side_of(tables, other))),
                        figure_cell(number(difference), difference),
                        figure_cell(probability(share), share),
                    )
                    for other, difference, share in rivals
                ),
            )
        )
    return blocks


def _records(tables: Tables, model: str) -> list[Block]:
    held = tables.frontier_of.get(model, [])
    blocks: list[Block] = []
    if held:
        blocks += [
            Heading(text="Records it held", anchor="records"),
            Table(
                caption="Where it was the best of its side",
                columns=(
                    Column(title="Scope"),
                    Column(title="Side"),
                    Column(title="Score", number=True),
                    Column(title="From"),
                    Column(title="Until"),
                ),
                rows=tuple(
                    (
                        cell(scope_link(tables, row["scope"])),
                        cell(row["side"]),
                        figure_cell(with_unit(row["score"], tables.unit(row["scope"])), row["score"]),
                        cell(short_date(row["from_on"]), sort=str(row["from_on"])),
                        cell(
                            short_date(row["until_on"]) if row["until_on"] else "tonight",
                            sort=str(row["until_on"] or "9"),
                        ),
                    )
                    for row in held
                    if row["scope"] in tables.scopes
                ),
            ),
        ]
    events = [
        row for row in tables.events_of.get(model, []) if row["state"] != "candidate" and row["scope"] in tables.scopes
    ]
    if events:
        events.sort(key=lambda row: (row["scope_kind"] == "board", row["scope"]))
        blocks += [Heading(text="Parity events", anchor="events"), events_table(tables, events[:EVENTS])]
    return blocks


def _prices(tables: Tables, model: str) -> list[Block]:
    found = tables.prices.get(model, [])[:SELLERS]
    if not found:
        return []
    return [
        Heading(text="List prices", anchor="prices"),
        Table(
            caption="USD per million tokens, the newest of each seller",
            columns=(
                Column(title="Seller"),
                Column(title="Read", number=True),
                Column(title="Written", number=True),
                Column(title="Listed"),
                Column(title="Evidence"),
            ),
            rows=tuple(
                (
                    cell(clean(row["provider"] or row["source"], 60)),
                    figure_cell(usd(row["input_usd"]), row["input_usd"]),
                    figure_cell(usd(row["output_usd"]), row["output_usd"]),
                    cell(short_date(row["known_on"]), sort=str(row["known_on"])),
                    cell(
                        Link(clean(row["source"], 60), web_address(row["url"])),
                        f", sha256 {clean(row['sha256'], 64)[:16]}",
                    ),
                )
                for row in found
            ),
        ),
    ]


def _scores(tables: Tables, model: str) -> list[Block]:
    found = tables.scores_of.get(model, [])
    if not found:
        return []
    pages = Pages()
    scores: list[Block] = [
        Heading(text="Scores as their sources wrote them", anchor="scores"),
        Table(
            caption="Its best row on each board",
            columns=(
                Column(title="Board"),
                Column(title="Score", number=True),
                Column(title="Written as"),
                *Pages.COLUMNS,
            ),
            rows=tuple(
                (
                    cell(
                        scope_link(tables, row["board"])
                        if row["board"] in tables.scopes
                        else tables.scope_title(row["board"]),
                        f" ({clean(row['edition'], 60)})" if row["edition"] != "current" else "",
                    ),
                    figure_cell(with_unit(row["value"], tables.boards[row["board"]]["unit"]), row["value"]),
                    cell(clean(row["name"], 120), " (self-reported)" if row["self_reported"] else ""),
                    *pages.cells(row),
                )
                for row in found
            ),
        ),
    ]
    return [*scores, pages.table()]


def models_page(tables: Tables) -> Page:
    """Every placed model."""
    found = tables.abilities.get("overall", [])
    return Page(
        path="models",
        title="All models with a place on the scale",
        description=f"{plural(len(found), 'model')}, open and closed, by overall ability.",
        blocks=(
            Paragraph(parts=(Link("Set two models side by side", "compare"), ".")),
            Table(
                caption="By overall ability",
                columns=(
                    Column(title="Model"),
                    Column(title="Lab"),
                    Column(title="Side"),
                    Column(title="Ability", note="index points", number=True),
                    Column(title="90 % interval", number=True),
                    Column(title="Counts from"),
                ),
                rows=tuple(
                    (
                        cell(model_link(tables, row["model"], side_of(tables, row["model"]))),
                        cell(lab_link(tables, tables.models.get(row["model"], {}).get("developer"))),
                        cell(side_of(tables, row["model"]) or "unknown"),
                        figure_cell(number(row["theta"]), row["theta"]),
                        figure_cell(span(row["lo"], row["hi"]) or NONE, row["lo"]),
                        cell(*_counts_from(tables, row["model"])),
                    )
                    for row in found
                ),
                searchable=True,
                facets=(1, 2),
            ),
        ),
        section="models",
    )


def _counts_from(tables: Tables, model: str) -> tuple[Inline, ...]:
    facts = tables.models.get(model, {})
    on = facts.get("weights_on") if side_of(tables, model) == "open" else facts.get("available_on")
    return (short_date(on),)


def lab_page(tables: Tables, developer: str) -> Page:
    """One lab: its models on the scale and what it announced."""
    title = tables.lab_title(developer)
    models = [m for m in tables.with_page if tables.models.get(m, {}).get("developer") == developer]
    models.sort(key=lambda m: (tables.ranks[m][0] if m in tables.ranks else 10**6, m))
    sides = Counter(side_of(tables, model) or "unknown" for model in models)
    counted = ", ".join(f"{count} {side}" for side, count in sorted(sides.items()))
    lead = f"{plural(len(models), 'model')} of {title} with a place or a record: {counted}."
    return Page(
        path=f"labs/{slug(developer)}",
        title=title,
        description=f"Models of {title}, open and closed, on the gap index.",
        blocks=(
            Paragraph(parts=(lead,), role="lead"),
            _lab_models(tables, models),
            *_announced(tables.announcements.get(developer, [])[:20]),
        ),
        section="labs",
        trail=(Link("Labs", "labs"),),
    )


def _lab_models(tables: Tables, models: Sequence[str]) -> Table:
    return Table(
        caption="Models by overall ability",
        columns=(
            Column(title="Model"),
            Column(title="Side"),
            Column(title="Ability", note="index points", number=True),
            Column(title="90 % interval", number=True),
            Column(title="Counts from"),
        ),
        rows=tuple(
            (
                cell(model_link(tables, model, side_of(tables, model))),
                cell(side_of(tables, model) or "unknown"),
                *_place_cells(tables, model),
                cell(*_counts_from(tables, model)),
            )
            for model in models
        ),
    )


def _place_cells(tables: Tables, model: str) -> tuple[Cell, Cell]:
    """A model's overall ability and its interval; dashes where it has no place on the scale."""
    if model not in tables.ranks:
        return figure_cell(NONE, None), figure_cell(NONE, None)
    _, row = tables.ranks[model]
    return figure_cell(number(row["theta"]), row["theta"]), figure_cell(span(row["lo"], row["hi"]), row["lo"])


def _announced(news: Sequence[Row]) -> list[Block]:
    if not news:
        return []
    return [
        Heading(text="What it announced", anchor="announcements"),
        Table(
            caption="Newest announcements",
            columns=(Column(title="Date"), Column(title="Title"), Column(title="Models")),
            rows=tuple(
                (
                    cell(short_date(row["published_on"]), sort=str(row["published_on"])),
                    cell(Link(clean(row["title"], 160), web_address(row["link"]))),
                    cell(clean(row["models"] or NONE, 160)),
                )
                for row in news
            ),
        ),
    ]


def labs_page(tables: Tables) -> Page:
    """Every lab with a page."""
    count: dict[str, list[str]] = defaultdict(list)
    for model in tables.with_page:
        developer = tables.models.get(model, {}).get("developer")
        if developer:
            count[developer].append(model)
    best = {
        developer: min((tables.ranks[m] for m in models if m in tables.ranks), key=lambda rank: rank[0])
        for developer, models in count.items()
        if any(m in tables.ranks for m in models)
    }
    order = sorted(count, key=lambda d: (best[d][0] if d in best else 10**6, d))
    return Page(
        path="labs",
        title="Labs",
        description=f"{plural(len(order), 'lab')} by their most capable model.",
        blocks=(
            Table(
                caption="By their most capable model",
                columns=(
                    Column(title="Lab"),
                    Column(title="Models", number=True),
                    Column(title="Ablest model"),
                    Column(title="Ability", note="index points", number=True),
                ),
                rows=tuple(
                    (
                        cell(lab_link(tables, d)),
                        figure_cell(str(len(count[d])), len(count[d])),
                        cell(
                            model_link(tables, best[d][1]["model"], side_of(tables, best[d][1]["model"]))
                            if d in best
                            else NONE
                        ),
                        figure_cell(
                            number(best[d][1]["theta"]) if d in best else NONE,
                            best[d][1]["theta"] if d in best else None,
                        ),
                    )
                    for d in order
                ),
                searchable=True,
            ),
        ),
        section="labs",
    )


def compare_page() -> Page:
    """Two models side by side."""
    return Page(
        path="compare",
        title="Two models side by side",
        description="Pick two models: which is more capable, by how much, and with what probability.",
        blocks=(
            Paragraph(
                parts=(
                    "The probability comes from joint draws: both models are drawn with the same boards, so that what"
                    " they share cancels out.",
                )
            ),
            Compare(),
        ),
        section="models",
        trail=(Link("Models", "models"),),
    )


def compare_data(tables: Tables) -> str:
    """What the page needs to set the ablest models side by side, as JSON.

    ``probability`` is a byte for each ordered pair (row abler than column), in 200ths, as base64.
    """
    placed = [row for row in tables.abilities.get("overall", []) if row["model"] in tables.draws][:COMPARED]
    draws = np.array([tables.draws[row["model"]] for row in placed])
    shares = np.zeros((len(placed), len(placed)), dtype=np.uint8)
    for n, one in enumerate(draws):
        shares[n] = np.round(200 * ((one > draws).mean(axis=1) + 0.5 * (one == draws).mean(axis=1)))
    models = []
    for row in placed:
        facts = tables.models.get(row["model"], {})
        price = next(iter(tables.prices.get(row["model"], [])), None)
        access = tables.access.get(row["model"])
        models.append(
            {
                "title": tables.title(row["model"]),
                "page": f"models/{slug(row['model'])}",
                "side": side_of(tables, row["model"]),
                "lab": tables.lab_title(facts.get("developer")),
                "ability": round(row["theta"], 1),
                "interval": span(row["lo"], row["hi"]),
                "date": _counts_from(tables, row["model"])[0],
                "licence": clean(access["licence"], 60) if access and access["licence"] else NONE,
                "price": f"{usd(price['input_usd'])} read, {usd(price['output_usd'])} written" if price else NONE,
                "parameters": f"{number(facts['parameters'] / 1e9, 0)} billion" if facts.get("parameters") else NONE,
            }
        )
    packed = base64.b64encode(shares.tobytes()).decode()
    script = json.dumps({"models": models, "probability": packed}, ensure_ascii=True, separators=(",", ":"))
    return script.replace("<", "\\u003c")
