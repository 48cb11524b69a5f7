"""A page per board, per domain and for `overall`: leaders, their dates, intervals and evidence."""

from __future__ import annotations

from collections.abc import Sequence

from warehouse.archive import body_name
from warehouse.report.document import (
    Block,
    Column,
    Facts,
    Heading,
    Inline,
    Link,
    Page,
    Paragraph,
    Side,
    Sparkline,
    Table,
    cell,
    figure_cell,
)
from warehouse.report.pages.shared import (
    LEADER_COLUMNS,
    Pages,
    gap_cell,
    gap_parts,
    gap_table,
    gap_words,
    lag_cell,
    lag_words,
    model_link,
    scope_link,
    unit_words,
    with_unit,
)
from warehouse.report.steps import steps
from warehouse.report.tables import Row, Tables
from warehouse.report.text import (
    NONE,
    clean,
    number,
    plural,
    scope_path,
    score,
    sentences,
    short_date,
    span,
    web_address,
)

LISTED = 60
"""Models listed on a page."""


def scope_page(tables: Tables, scope: str) -> Page:
    """The page of one board, domain or ``overall``."""
    rows = [row for row in tables.tonight if row["scope"] == scope]
    newest = next(row for row in rows if row["tier"] == "any")
    title = tables.scope_title(scope) if newest["scope_kind"] != "overall" else "Overall: the composite of all boards"
    blocks: list[Block] = [Paragraph(parts=_lead(tables, newest), role="lead")]
    if newest["reason"]:
        blocks.append(Paragraph(parts=(sentences(newest["reason"]),), role="warning"))
    blocks += _sparkline(tables, scope, newest["edition"])
    blocks.append(_tonight(tables, rows))
    board = tables.boards.get(scope)
    if board is not None:
        blocks += _evidence(tables, newest)
        blocks += _about(board)
        blocks += _leaderboard(tables, scope, newest)
    else:
        blocks += _influence(tables, scope)
        blocks += _abilities(tables, scope)
    blocks += _records(tables, scope, newest["edition"])
    blocks += _events(tables, scope)
    return Page(
        path=scope_path(scope),
        title=title,
        description="".join(part if isinstance(part, str) else part.text for part in _lead(tables, newest)),
        blocks=tuple(blocks),
        section="boards",
        trail=(Link("Boards", "boards"),),
    )


def _lead(tables: Tables, row: Row) -> tuple[Inline, ...]:
    if row["gap"] is None:
        why = sentences(row["reason"] or "one side has no model that counts")
        return (f"No gap can be computed here tonight. {why}",)
    who = "leads" if row["gap"] >= 0 else "trails"
    parts: list[Inline] = [
        model_link(tables, row["closed_model"], "closed"),
        f" {who} ",
        model_link(tables, row["open_model"], "open"),
        f" by {gap_words({**row, 'gap': abs(row['gap'])} if row['gap_lo'] is None else row)}",
    ]
    if row["lag_days"] is not None:
        parts.append(f"; a lag of {lag_words(row)}")
    parts.append(f". State: {clean(row['state'])}." if row["state"] else ".")
    if row["resolution"] is not None and row["unit"]:
        smallest, _ = gap_parts({**row, "gap": row["resolution"]})
        parts.append(f" The smallest difference this scope can show is {smallest}.")
    return tuple(parts)


def _tonight(tables: Tables, rows: Sequence[Row]) -> Table:
    return Table(
        caption="Tonight, by edition and openness",
        columns=(Column(title="Open means"), Column(title="Edition"), *LEADER_COLUMNS),
        rows=tuple(
            (
                cell("weights can be downloaded" if row["tier"] == "any" else "unrestricted licence"),
                cell(clean(row["edition"], 60)),
                cell(model_link(tables, row["closed_model"], "closed")),
                cell(model_link(tables, row["open_model"], "open")),
                gap_cell(row),
                lag_cell(row),
                cell(clean(row["state"] or NONE, 60)),
                cell(short_date(row["observed_on"])),
            )
            for row in sorted(rows, key=lambda row: row["tier"] == "T1")
        ),
    )


def _evidence(tables: Tables, newest: Row) -> list[Block]:
    """Both leaders' rows as their source wrote them, with address, time and sha256 of the page."""
    blocks: list[Block] = []
    sides: tuple[Side, ...] = ("closed", "open")
    for side in sides:
        model, value = newest[f"{side}_model"], newest[f"{side}_score"]
        row = next(
            (
                row
                for row in tables.scores.get(newest["scope"], [])
                if row["model"] == model and row["edition"] == newest["edition"] and row["value"] == value
            ),
            None,
        )
        if row is None:
            continue
        address = web_address(row["url"])
        blocks.append(
            Facts(
                pairs=(
                    (f"The {side} leader", (model_link(tables, model, side),)),
                    ("Written as", (clean(row["name"], 200),)),
                    ("Its row", (clean(row["written"], 1000),)),
                    ("Read at", (Link(address, address) if address else NONE,)),
                    ("Fetched", (f"{row['fetched_at']:%Y-%m-%d %H:%M:%S} UTC" if row["fetched_at"] else NONE,)),
                    ("Known since", (short_date(row["known_on"]),)),
                    ("sha256 of the page", (clean(row["sha256"], 64),)),
                    ("In the archive", (body_name(clean(row["sha256"], 64)),)),
                )
            )
        )
    return [Heading(text="Evidence for both leaders", anchor="evidence"), *blocks] if blocks else []


def _sparkline(tables: Tables, scope: str, edition: str) -> list[Block]:
    records = [row for row in tables.frontier.get(scope, []) if row["edition"] == edition]
    sides = {
        side: [(r["from_on"], r["until_on"] or tables.night, r["score"]) for r in records if r["side"] == side]
        for side in ("closed", "open")
    }
    if not records:
        return []
    unit = "" if tables.unit(scope) in ("%", "fraction") else f", in {unit_words(tables.unit(scope))}"
    words = f"Best closed and best open-weight model so far on {tables.scope_title(scope)}{unit}; higher is better."
    return [
        Sparkline(
            svg=steps(
                sides["closed"],
                sides["open"],
                words,
                lambda v: with_unit(v, tables.unit(scope) if tables.unit(scope) in ("%", "fraction") else ""),
            ),
            caption=(words,),
        )
    ]


def _about(board: Row) -> list[Block]:
    home = web_address(board["homepage"])
    pairs: list[tuple[str, tuple[Inline, ...]]] = [
        ("Measures", (clean(board["measures"]),)),
        ("Domain", (clean(board["domain"]),)),
        ("Unit", (clean(board["unit"]), ", higher is better" if board["better"] == "higher" else ", lower is better")),
        ("Questions", (number(board["n_items"], 0) if board["n_items"] else "not known",)),
        ("Who evaluates", (clean(board["evaluator"]),)),
        ("Counts for the index", ("yes" if board["counts_for_index"] else f"no: {clean(board['why_not'])}",)),
        ("Source", (clean(board["source"]),)),
        ("Licence", (clean(board["licence"]),)),
        ("Homepage", (Link(home, home) if home else NONE,)),
    ]
    return [Heading(text="About this board", anchor="about"), Facts(pairs=tuple(pairs))]


def _leaderboard(tables: Tables, scope: str, newest: Row) -> list[Block]:
    found = [row for row in tables.scores.get(scope, []) if row["edition"] == newest["edition"]][:LISTED]
    if not found:
        return []
    pages = Pages()
    scores: list[Block] = [
        Heading(text="Scores as their source wrote them", anchor="scores"),
        Table(
            caption=f"The best row of each model, edition {clean(newest['edition'], 60)}",
            columns=(
                Column(title="Model"),
                Column(title="Side"),
                Column(title="Score", number=True),
                Column(title="Written as"),
                *Pages.COLUMNS,
            ),
            rows=tuple(
                (
                    cell(model_link(tables, row["model"], side_of(tables, row["model"]))),
                    cell(side_of(tables, row["model"]) or "unknown"),
                    figure_cell(with_unit(row["value"], newest["unit"]), row["value"]),
                    cell(clean(row["name"], 120)),
                    *pages.cells(row),
                )
                for row in found
            ),
            searchable=True,
            facets=(1,),
        ),
    ]
    return [*scores, pages.table()]


def side_of(tables: Tables, model: str) -> Side:
    """``open``, ``closed`` or nothing, by what holds tonight."""
    access = tables.access.get(model)
    if access is None or access["tier"] == "U":
        return ""
    return "closed" if access["tier"] == "C" else "open"


def _influence(tables: Tables, scope: str) -> list[Block]:
    found = tables.influence.get(scope, [])
    if not found:
        return []
    return [
        Heading(text="Which boards it is made of, and what each pulls", anchor="evidence"),
        Paragraph(
            parts=(
                f"This is a composite of {plural(len(found), 'group')} of boards that score its two leaders. No single"
                " row is its source: each board has its own rows, with address, time and sha256, on its page.",
            )
        ),
        Table(
            caption="The gap without each board, both leaders held fixed",
            columns=(
                Column(title="Board"),
                Column(title="Gap without it", note="index points", number=True),
                Column(title="Pull on the closed leader", number=True),
                Column(title="Pull on the open leader", number=True),
            ),
            rows=tuple(
                (
                    cell(
                        scope_link(tables, row["group"]) if row["group"] in tables.boards else clean(row["group"], 80)
                    ),
                    figure_cell(number(row["gap_without"], 2), row["gap_without"]),
                    figure_cell(number(row["closed_pull"], 2), row["closed_pull"]),
                    figure_cell(number(row["open_pull"], 2), row["open_pull"]),
                )
                for row in found
            ),
        ),
    ]


def _abilities(tables: Tables, scope: str) -> list[Block]:
    found = tables.abilities.get(scope, [])[:LISTED]
    if not found:
        return []
    return [
        Heading(text="The most capable models", anchor="abilities"),
        Table(
            caption="Ability in index points, with 90 % interval",
            columns=(
                Column(title="Model"),
                Column(title="Side"),
                Column(title="Ability", number=True),
                Column(title="90 % interval", number=True),
                Column(title="Boards", number=True),
            ),
            rows=tuple(
                (
                    cell(model_link(tables, row["model"], side_of(tables, row["model"]))),
                    cell(side_of(tables, row["model"]) or "unknown"),
                    figure_cell(number(row["theta"]), row["theta"]),
                    figure_cell(span(row["lo"], row["hi"]) or NONE, row["lo"]),
                    figure_cell(number(row["n_instruments"], 0), row["n_instruments"]),
                )
                for row in found
            ),
            searchable=True,
            facets=(1,),
        ),
    ]


def _records(tables: Tables, scope: str, edition: str) -> list[Block]:
    found = [
        row for row in tables.time_to_parity.get(scope, []) if row["edition"] == edition and row["grade"] == "match"
    ]
    if not found:
        return []
    return [
        Heading(text="How long closed records stood", anchor="records"),
        Table(
            caption="Closed records and the first open-weight model at or above them",
            columns=(
                Column(title="Closed record"),
                Column(title="Released"),
                Column(title="Score", number=True),
                Column(title="Matched by"),
                Column(title="Days", number=True),
            ),
            rows=tuple(
                (
                    cell(model_link(tables, row["closed_model"], "closed")),
                    cell(short_date(row["closed_on"]), sort=str(row["closed_on"])),
                    figure_cell(score(row["closed_score"]), row["closed_score"]),
                    cell(model_link(tables, row["open_model"], "open") if row["open_model"] else "still stands"),
                    figure_cell(
                        number(row["days"], 0) if row["days"] is not None else f"{number(row['lower_days'], 0)} so far",
                        row["days"] if row["days"] is not None else row["lower_days"],
                    ),
                )
                for row in reversed(found)
            ),
        ),
    ]


def _events(tables: Tables, scope: str) -> list[Block]:
    found = [row for row in tables.parity_events.get(scope, []) if row["state"] != "candidate"][:LISTED]
    if not found:
        return []
    return [Heading(text="Parity events", anchor="events"), events_table(tables, found)]


def events_table(tables: Tables, found: Sequence[Row]) -> Table:
    """Parity events, newest first."""
    return Table(
        caption="Which open-weight model reached which closed record",
        columns=(
            Column(title="Reached"),
            Column(title="Scope"),
            Column(title="Grade"),
            Column(title="State"),
            Column(title="Open model"),
            Column(title="Closed record"),
            Column(title="Days", number=True),
        ),
        rows=tuple(
            (
                cell(short_date(row["open_on"]), sort=str(row["open_on"])),
                cell(scope_link(tables, row["scope"])),
                cell(clean(row["grade"])),
                cell(clean(row["state"])),
                cell(model_link(tables, row["open_model"], "open")),
                cell(model_link(tables, row["closed_model"], "closed")),
                figure_cell(number(row["days"], 0), row["days"]),
            )
            for row in found
        ),
    )


def boards_page(tables: Tables) -> Page:
    """All scopes of the night."""
    newest = [row for row in tables.tonight if row["tier"] == "any" and tables.scope_tonight(row["scope"]) is row]
    order = {"overall": 0, "domain": 1, "board": 2}
    newest.sort(
        key=lambda row: (order[row["scope_kind"]], row["domain"] or "", tables.scope_title(row["scope"]).lower())
    )
    return Page(
        path="boards",
        title="All boards, domains and the whole",
        description=f"Gap and lag of {plural(len(newest), 'scope')} on the night of {short_date(tables.night)}.",
        blocks=(gap_table(tables, newest, "The gap on each, the composites first", searchable=True),),
        section="boards",
    )
