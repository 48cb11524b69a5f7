"""The remaining pages: nights, data and how to cite them."""

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
    short_date,
    slug,
    span,
)


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
