"""The remaining pages: nights, sources, the method in plain words, data and how to cite them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from markupsafe import escape

from warehouse.report.document import (
    Block,
    Column,
    Facts,
    Heading,
    Link,
    Page,
    Paragraph,
    Points,
    Strong,
    Table,
    Verdict,
    cell,
    figure_cell,
)
from warehouse.report.options import SiteOptions
from warehouse.report.pages.claims import figure
from warehouse.report.pages.shared import gap_table, gap_words, lag_cell, lag_words
from warehouse.report.tables import Row, Tables
from warehouse.report.text import (
    NONE,
    clean,
    in_words,
    number,
    plural,
    rounded,
    short_date,
    slug,
    span,
    web_address,
)

QUARANTINE_ROWS = 60


def nights(tables: Tables) -> dict[date, list[Row]]:
    """Every night of which a publication is kept, with its rows as published; tonight's as they are tonight."""
    found: dict[date, list[Row]] = defaultdict(list)
    for row in tables.query(
        "gap_index_vintage", "select * from gap_index_vintage order by night, scope_kind, scope, tier"
    ):
        found[row["night"]].append(row)
    found.setdefault(tables.night, list(tables.tonight))
    return dict(sorted(found.items()))


def night_page(tables: Tables, night: date, rows: list[Row], before: date | None, after: date | None) -> Page:
    """One night as it was published; it never changes."""
    order = {"overall": 0, "domain": 1, "board": 2}
    shown = sorted(
        (row for row in rows if row["tier"] == "any" and (row["scope_kind"] != "domain" or row["closed_model"])),
        key=lambda row: (order.get(row["scope_kind"], 3), row["domain"] or "", row["scope"]),
    )
    overall = next((row for row in shown if row["scope_kind"] == "overall"), None)
    lead = (
        f"Overall, {tables.title(overall['closed_model'])} led {tables.title(overall['open_model'])} by"
        f" {gap_words(overall)}; lag {lag_words(overall)}."
        if overall is not None and overall["gap"] is not None
        else "Overall, no gap could be given."
    )
    verdicts = tables.query(
        "claim_verdict_vintage",
        "select * from claim_verdict_vintage where night = $night order by claim_id",
        night=night,
    ) or tables.query(
        "claim_verdict", "select * from claim_verdict where night = $night order by claim_id", night=night
    )
    around = [Link(f"Night before: {short_date(before)}", f"nights/{before}")] if before else []
    around += [Link(f"Night after: {short_date(after)}", f"nights/{after}")] if after else []
    blocks: list[Block] = [
        Paragraph(parts=(lead,), role="lead"),
        Paragraph(parts=("This is the index as it was published on this night. It is never restated.",), role="note"),
        gap_table(tables, shown, f"As published on {in_words(night)}", searchable=True),
    ]
    if verdicts:
        blocks += [
            Heading(text="Claims, as judged on this night", anchor="claims"),
            Table(
                caption="Verdicts",
                columns=(Column(title="Claim"), Column(title="Verdict"), Column(title="Number", number=True)),
                rows=tuple(
                    (
                        cell(Link(clean(row["claim"], 200), f"claims/{slug(row['claim_id'])}")),
                        cell(Verdict(clean(row["verdict"], 40))),
                        figure_cell(figure(row), row["estimate"]),
                    )
                    for row in verdicts
                ),
            ),
        ]
    if around:
        blocks.append(Points(items=tuple((link,) for link in around)))
    return Page(
        path=f"nights/{night}",
        title=f"The index as published on {in_words(night)}",
        description=lead,
        blocks=tuple(blocks),
        section="nights",
        night=night,
        trail=(Link("Nights", "nights"),),
    )


def nights_page(tables: Tables, found: dict[date, list[Row]]) -> Page:
    """Every night that was published."""
    rows = []
    for night in sorted(found, reverse=True):
        overall = next((r for r in found[night] if r["scope_kind"] == "overall" and r["tier"] == "any"), None)
        rows.append(
            (
                cell(Link(short_date(night), f"nights/{night}"), sort=str(night)),
                figure_cell(number(overall["gap"]), overall["gap"], span(overall["gap_lo"], overall["gap_hi"]))
                if overall
                else cell(NONE),
                lag_cell(overall) if overall else cell(NONE),
            )
        )
    return Page(
        path="nights",
        title="Every night as it was published",
        description=f"{plural(len(rows), 'vintage')}, never restated.",
        blocks=(
            Table(
                caption="Overall, as published",
                columns=(
                    Column(title="Night"),
                    Column(title="Gap", note="index points, 90 % interval", number=True),
                    Column(title="Lag", note="90 % interval", number=True),
                ),
                rows=tuple(rows),
            ),
        ),
        section="nights",
    )


def sources_page(tables: Tables) -> Page:
    """The outcome of every source, and what was held back."""
    health = tables.query("source_health", "select * from source_health order by outcome = 'read', kind, source")
    gates = tables.query(
        "gate",
        """select * from gate where night = $night and outcome in ('held', 'warned')
           order by outcome, source, board, gate, rule, name""",
        night=tables.night,
    )
    held = tables.query("quarantine", "select * from quarantine order by known_on desc, source, board, name")
    blocks: list[Block] = [
        Table(
            caption=f"Sources on the night of {short_date(tables.night)}",
            columns=(
                Column(title="Source"),
                Column(title="Kind"),
                Column(title="Outcome"),
                Column(title="Last good page"),
                Column(title="Age", note="days", number=True),
                Column(title="What was found"),
            ),
            rows=tuple(
                (
                    cell(clean(row["source"], 60)),
                    cell(clean(row["kind"], 40)),
                    cell(clean(row["outcome"], 40)),
                    cell(
                        short_date(row["last_good_on"]) if row["last_good_on"] else "never",
                        sort=str(row["last_good_on"] or ""),
                    ),
                    figure_cell(number(row["stale_days"], 0), row["stale_days"]),
                    cell(clean(row["error"] or "", 400).removeprefix(f"{row['source']}: ")),
                )
                for row in health
            ),
            searchable=True,
            facets=(1, 2),
        )
    ]
    if gates:
        blocks.append(
            Table(
                caption="What tonight's gates held or warned of",
                columns=(
                    Column(title="Source"),
                    Column(title="Board"),
                    Column(title="Gate"),
                    Column(title="Outcome"),
                    Column(title="Why"),
                ),
                rows=tuple(
                    (
                        cell(Link(clean(row["source"], 60), web_address(row["url"]))),
                        cell(clean(row["board"] or NONE, 60)),
                        cell(clean(f"{row['gate']} {row['rule']}", 80)),
                        cell(clean(row["outcome"], 20)),
                        cell(rounded(clean(f"{row['name'] or ''} {row['explanation']}".strip(), 240))),
                    )
                    for row in gates[:QUARANTINE_ROWS]
                ),
            )
        )
    if held:
        blocks.append(
            Table(
                caption="What is not believed, newest first",
                columns=(
                    Column(title="Since"),
                    Column(title="Source"),
                    Column(title="What"),
                    Column(title="Found"),
                    Column(title="Expected"),
                ),
                rows=tuple(
                    (
                        cell(short_date(row["known_on"]), sort=str(row["known_on"])),
                        cell(Link(clean(row["source"], 60), web_address(row["url"]))),
                        cell(clean(f"{row['held']} {row['board'] or ''} {row['name'] or ''}".strip(), 160)),
                        cell(rounded(clean(row["found"], 240))),
                        cell(rounded(clean(row["expected"], 160))),
                    )
                    for row in held[:QUARANTINE_ROWS]
                ),
            )
        )
    return Page(
        path="sources",
        title="Sources, and what was held back",
        description=f"{plural(len(health), 'source')} on the night of {short_date(tables.night)}.",
        blocks=tuple(blocks),
        section="sources",
    )


def method_page(tables: Tables) -> Page:
    """What the numbers mean, in plain words."""

    def part(title: str, anchor: str, *texts: str) -> list[Block]:
        return [Heading(text=title, anchor=anchor), *(Paragraph(parts=(text,)) for text in texts)]

    blocks: list[Block] = [
        Paragraph(
            parts=(
                "gapindex reads public leaderboards, registries, price lists and announcements every"
                " night, keeps every"
                " page it read, and computes how far the best open-weight model is behind the best closed one.",
            ),
            role="lead",
        ),
        *part(
            "Open and closed",
            "openness",
            "Open-weight means: anyone can download the weights. Some licences restrict what may be done"
            " with them; the"
            " tier T1 counts only unrestricted licences and is published beside the headline.",
            "A closed model counts from the day its API opened, an open one from the day its weights were"
            " out. A model"
            " whose openness is not known counts on neither side.",
        ),
        *part(
            "Ability",
            "ability",
            "No single board decides. A statistical model (a two-parameter logistic, as in school"
            " testing) places every"
            " model on one scale from all the boards it was scored on. Two models fix the scale: Claude"
            " 3.5 Sonnet is 130"
            " and GPT-5 is 150. One point more is always more able; ten points are about as much as lay"
            " between GPT-4o"
            " and o1.",
        ),
        Heading(text="One question, three honest answers", anchor="answers"),
        Points(
            items=(
                (
                    Strong("Lag: "),
                    "how old, among closed models, is what open models can do tonight. It grows by a day"
                    " a day and falls when an open model moves the frontier.",
                ),
                (
                    Strong("Time to match: "),
                    "how long each closed record stood until an open model reached it. Records that still"
                    " stand are counted as such, never left out.",
                ),
                (Strong("Gap: "), "how many points lie between the best of each side."),
            )
        ),
        Paragraph(parts=("The three need not move together, so each says which it is and names the others.",)),
        *part(
            "How sure",
            "uncertainty",
            "A range in brackets is a 90 % interval: if the boards had been drawn anew, nine of ten such"
            " ranges would hold"
            " the true value. It comes from resampling whole boards, so that a single odd board widens it.",
            "A gap smaller than what the boards can show is called below resolution, which is not the same as parity.",
            "Parity is a test: the open model is, with confidence, not worse by more than a stated"
            " margin. A match asks only"
            " for the same score; a lead asks for a better one with confidence.",
        ),
        *part(
            "Nights",
            "nights",
            "Charts show the past as it is known tonight, because scores come late and are corrected."
            " What was published on"
            " each night is kept unchanged as a vintage and has its own page.",
        ),
        *part(
            "Is it narrowing?",
            "trend",
            "The test was fixed before looking: does the time to match get shorter with each year in"
            " which the closed model"
            " was released, in two statistical families, with at least 15 matched records from at least 8"
            " open releases, and"
            " whichever record is left out? Until then the answer is: undecided.",
        ),
        *part(
            "Evidence",
            "evidence",
            "Each score links to the page it was read from, with the time and the sha256 of the bytes."
            " What looks wrong (half"
            " a table, a silent change of scale, a label that turned) is held back until a person or a"
            " second source agrees.",
        ),
        Paragraph(
            parts=(
                f"Method version {tables.method_version}. ",
                Link("Sources", "sources"),
                ", ",
                Link("data", "data"),
                ".",
            )
        ),
    ]
    return Page(
        path="method",
        title="The method in plain words",
        description="What the gap index measures, how, and how sure it is.",
        blocks=tuple(blocks),
        section="method",
    )


def data_page(
    tables: Tables, files: list[tuple[str, int]], figures: list[tuple[str, str]], options: SiteOptions
) -> Page:
    """Data files, how to cite them and how to embed a chart."""
    night = tables.night
    blocks: list[Block] = [
        Heading(text="Cite this", anchor="cite"),
        Paragraph(parts=(citation(tables, options),)),
        Paragraph(
            parts=(
                "A number belongs to its night: cite the page of the night, ",
                Link(f"nights/{night}", f"nights/{night}"),
                ", which never changes.",
            )
        ),
        Heading(text="Data files", anchor="files"),
        Paragraph(
            parts=(
                "One Parquet file a table; every column is commented in the DuckDB file beside this site. ",
                Link("Atom feed of events", "feed.xml"),
                ".",
            )
        ),
        Table(
            caption="Tables of this night, as Parquet",
            columns=(Column(title="Table"), Column(title="Size", note="kB", number=True)),
            rows=tuple(
                (cell(Link(name.removesuffix(".parquet"), f"data/{name}")), figure_cell(number(size / 1000, 0), size))
                for name, size in files
            ),
        ),
    ]
    if figures:
        blocks += [
            Heading(text="Embed a chart", anchor="embed"),
            Facts(
                pairs=tuple(
                    (
                        clean(title, 120),
                        (
                            Link("page", f"charts/{name}"),
                            ", ",
                            Link("SVG", f"charts/{name}.svg"),
                            ", ",
                            Link("CSV", f"charts/{name}.csv"),
                            ": " + _frame(options, name, title),
                        ),
                    )
                    for name, title in figures
                )
            ),
        ]
    return Page(
        path="data",
        title="Data, citation, embedding",
        description="Parquet and CSV files of the gap index, how to cite it and how to embed its charts.",
        blocks=tuple(blocks),
        section="data",
    )


def _frame(options: SiteOptions, name: str, title: str) -> str:
    """The code that shows a chart on another page; without the site's address its beginning is left to the reader."""
    address = escape(options.address(f"charts/{name}/") or f"…/charts/{name}/index.html")
    return f'<iframe src="{address}" title="{escape(clean(title, 120))}" width="100%" height="560"></iframe>'


def citation(tables: Tables, options: SiteOptions, vintage: date | None = None) -> str:
    """How to cite tonight's numbers, or those of a vintage, with the address of their night."""
    night = vintage or tables.night
    run, method = tables.vintage_runs.get(night, ("", "")) if vintage else (tables.run_id, tables.method_version)
    by = f", run {clean(run, 80)}, method {clean(method, 40)}" if run else ""
    address = options.address(f"nights/{night}/") or f"nights/{night}/"
    return (
        f"gapindex, night of {in_words(night)} (vintage {night}{by}): open-weight AI models and closed ones. {address}"
    )
