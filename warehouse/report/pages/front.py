"""The first page: the answer in a sentence, the main chart, and the evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from warehouse.report import charts
from warehouse.report.document import (
    Answer,
    Answers,
    Block,
    Cell,
    Column,
    Figure,
    Heading,
    Inline,
    Link,
    Page,
    Paragraph,
    Points,
    Small,
    Strong,
    Table,
    cell,
    figure_cell,
)
from warehouse.report.headline import (
    PRICED,
    Headline,
    Interval,
    Leader,
    RecordDurations,
    headline,
    listed_words,
    sentence,
)
from warehouse.report.pages import otherwise
from warehouse.report.pages.claims import claim_block
from warehouse.report.pages.narrowing import moments, narrowing, test_words, year_by_year
from warehouse.report.pages.records import margin_words, records
from warehouse.report.pages.shared import (
    TIERS,
    gap_table,
    gap_words,
    model_link,
    scope_link,
    source_line,
    unit_words,
)
from warehouse.report.tables import Row, Tables
from warehouse.report.text import (
    NONE,
    capital,
    clean,
    days,
    in_words,
    number,
    plural,
    scope_path,
    short_date,
    slug,
    span,
    usd,
    web_address,
)

SINCE = date(2023, 1, 1)
PRICE_LEVELS = ("gpt-4", "gpt-4o", "o1", "o3")
CHOICES = 60
NEWS = 14
MOST_NEWS = 40
"""Events on the first page, where those of one model share a line."""

NEWS_DAYS = 14
OUTCOMES = {"drifted": "its page has a new layout"}
"""Outcomes of a source that need more words for a reader."""

NAMED = 5
"""Leaderboards that the first page names."""

WORDS: tuple[Inline, ...] = (
    Strong("Open-weight: "),
    "anyone can download the model; ",
    Strong("closed: "),
    "it can be used only through its maker or a seller.",
)
LEADERS = ("open-leader", "closed-leader")


def front(tables: Tables) -> Page:
    """The first page of the published night."""
    head = headline(tables)
    lead = sentence(head)
    blocks: list[Block] = [Paragraph(parts=(lead,), role="lead")]
    if head is not None and head.gap is not None:
        blocks.append(answers(head))
        if both := _two_questions(head):
            blocks.append(Paragraph(parts=both))
        blocks.append(Paragraph(parts=_witnesses(tables)))
        blocks.append(Paragraph(parts=(*WORDS, *_cost(head))))
        blocks += _picture_section(tables, head)
        blocks += narrowing(tables, head)
        blocks += records(tables, head)
    blocks += _domains(tables)
    blocks += _leaders(tables)
    blocks += _claims(tables)
    blocks += _peers(tables)
    blocks += otherwise.measured_otherwise(tables)
    blocks += _prices(tables)
    blocks += _tonight(tables)
    return Page(
        path="", title="How far are open-weight AI models behind closed ones?", description=lead, blocks=tuple(blocks)
    )


def answers(head: Headline) -> Answers:
    """The measures of the headline, each with its meaning in a line or two."""
    return Answers(items=(*_in_time(head), *_in_points(head), *_in_records(head), _whether_narrowing(head)))


def _in_time(head: Headline) -> tuple[Answer, ...]:
    if head.lag is None:
        return ()
    return (
        Answer(
            question="How far behind in time?",
            value=days(head.lag.value),
            interval=_interval(head.lag, "days"),
            meaning=(_between(head), _how_it_moves(head)),
        ),
    )


def _between(head: Headline) -> str:
    """The two closed models between which the lag is interpolated: on the date between them nothing was released."""
    under, over = head.bracket
    above, below = head.bracket_titles
    if head.lag is None or not (under and over and above and below):
        return "The age of what the best open-weight model can do. "
    return (
        f"{head.open.title} lies between {below} (released {days(over)} ago) and {above} ({days(under)} ago);"
        f" {days(head.lag.value)} is interpolated between the two. "
    )


def _how_it_moves(head: Headline) -> str:
    average = f"; over the last twelve months it averaged {days(head.averages[0].lag)}" if head.averages else ""
    return f"The lag grows by a day a day and drops when a more capable open model appears{average}."


def _in_points(head: Headline) -> tuple[Answer, ...]:
    if head.gap is None:
        return ()
    leads = "leads with" if head.gap.value >= 0 else "has"
    return (
        Answer(
            question="Who leads, and by how many points?",
            value=f"{number(head.gap.value)} points",
            interval=_interval(head.gap, "points"),
            meaning=(
                _late_scores(head),
                Link(head.closed.title, f"models/{slug(head.closed.model)}", "closed"),
                f" (closed{_new(head.closed)}) {leads} {number(head.closed.score)} points; ",
                Link(head.open.title, f"models/{slug(head.open.model)}", "open"),
                f", the best open-weight model{_new(head.open)}, has {number(head.open.score)}. A"
                " point is a twentieth of the way from Claude 3.5 Sonnet (130) to GPT-5 (150).",
            ),
        ),
    )


def _late_scores(head: Headline) -> str:
    """That the interval is one of the scores so far, and where late scores may move the gap to."""
    if head.nowcast is None:
        return ""
    lo, hi = (number(end) for end in head.nowcast)
    below = "; below zero the open model would lead" if head.nowcast[0] < 0 else ""
    return (
        f"The interval is from the scores in so far; as late scores arrive, the gap may move to between {lo} and {hi}"
        f"{below}. "
    )


def _new(leader: Leader) -> str:
    """Since when a leader leads, where its place is still provisional."""
    if not leader.provisional or leader.since is None:
        return ""
    return f", the best since {in_words(leader.since)}, provisional: on the scale for less than a week"


def _in_records(head: Headline) -> tuple[Answer, ...]:
    if head.standing is None:
        return ()
    median = head.standing.median
    return (
        Answer(
            question="How long does a closed record stand before an open model matches it?",
            value=days(median.value) if median else "no median yet",
            interval=_interval(median, "days") if median else "",
            meaning=(
                "The median; records that still stand count as long as they have stood. " if median else "",
                f"{_matched(head.standing)}. ",
                Link("More", "#records"),
            ),
        ),
    )


def _whether_narrowing(head: Headline) -> Answer:
    return Answer(
        question="Is the gap narrowing?",
        value={"narrowing": "Yes", "not narrowing": "Not shown"}.get(head.narrowing, "Undecided"),
        interval="",
        meaning=(year_by_year(head), test_words(head) + " ", Link("More", "#narrowing")),
    )


def _matched(standing: RecordDurations) -> str:
    """How many closed records have been matched, and which of the last ones have not."""
    still = [title for title, took, _ in standing.recent if took is None]
    stand = f"; {listed_words(still)} still {'stands' if len(still) == 1 else 'stand'}" if still else ""
    return f"{standing.matched} of {plural(standing.records, 'closed record')} have been matched{stand}"


def _two_questions(head: Headline) -> tuple[Inline, ...]:
    """Why the lag and the time to match differ, where both stand on the page."""
    if head.lag is None or head.standing is None or head.standing.median is None:
        return ()
    lag, wait = number(head.lag.value, 0), number(head.standing.median.value, 0)
    return (
        Strong(f"Why {lag} and {wait} days: "),
        f"{lag} days is how far behind the best open model is tonight; {wait} days is how long a typical closed record"
        " stood until it was matched, over all years. ",
    )


def _witnesses(tables: Tables) -> tuple[Inline, ...]:
    """The number of boards and sources behind the composite."""
    found = tables.query(
        "item",
        """select count(distinct i.board) as boards, count(distinct b.source) as sources
           from item i join benchmark b using (board) where i.scope = 'overall'""",
    )
    made = (
        f"{plural(found[0]['boards'], 'public leaderboard')} from {plural(found[0]['sources'], 'source')}"
        if found
        else "public leaderboards"
    )
    largest = "; ".join(tables.scope_title(board) for board in _largest(tables))
    return (
        Strong("Says who: "),
        f"{made}, combined every night by published rules; no single board decides. Those with the most models:"
        f" {largest}. Claims also count a few boards that are not in the index, such as indexes of other makers. Each"
        " score links to the page it was read from. ",
        Link("What each board contributes", scope_path("overall")),
        "; ",
        Link("how it is computed", "method"),
        f" (version {tables.method_version} of the method).",
    )


def _cost(head: Headline) -> tuple[Inline, ...]:
    """Which prices the sentence compares, and which models it leaves out."""
    if head.price is None:
        return ()
    return (
        Strong(" Cost: "),
        "list prices, three tokens read to one written. A closed model counts where it is at least as capable as"
        f" {head.open.title} with a probability of 0.95.",
    )


def _largest(tables: Tables) -> list[str]:
    """The boards of the index with the most scored models, one a source."""
    rows = tables.query(
        "item",
        """select i.board, b.source, sum(i.n_models) as models from item i join benchmark b using (board)
           where i.scope = 'overall' group by i.board, b.source
           qualify row_number() over (partition by b.source order by models desc, i.board) = 1
           order by models desc, i.board limit $named""",
        named=NAMED,
    )
    return [row["board"] for row in rows]


def _interval(value: Interval, unit: str) -> str:
    inside = span(value.lo, value.hi, 0 if unit == "days" else 1)
    return f"90 % interval: {inside} {unit}" if inside else "no interval"


def frontier_chart(tables: Tables, head: Headline) -> Callable[[int], charts.Spec] | None:
    """The main chart: both frontiers since 2023, parity events, tonight's lag; None without records of both sides."""
    closed, open_ = (_frontier_records(tables, side) for side in ("closed", "open"))
    if not closed or not open_:
        return None
    lag = (
        charts.Lag(
            night=head.night,
            level=head.open.score,
            title=head.open.title,
            days=head.lag.value,
            lo=head.lag.lo,
            hi=head.lag.hi,
        )
        if head.lag is not None and head.lag.value > 0 and head.open.score is not None
        else None
    )
    return charts.frontiers(closed, open_, _reached(tables, open_), lag)


def _frontier_records(tables: Tables, side: str) -> list[charts.Record]:
    limits = {row["model"]: (row["lo"], row["hi"]) for row in tables.abilities.get("overall", [])}
    return [
        charts.Record(
            title=tables.title(row["model"]),
            on=max(row["from_on"], SINCE),
            until=row["until_on"] or tables.night,
            score=row["score"],
            lo=limits.get(row["model"], (None, None))[0],
            hi=limits.get(row["model"], (None, None))[1],
        )
        for row in tables.frontier.get("overall", [])
        if row["side"] == side and (row["until_on"] or tables.night) > SINCE
    ]


def _reached(tables: Tables, records: Sequence[charts.Record]) -> list[tuple[date, float]]:
    """Where the open frontier came to confirmed parity with a closed record for the first time."""
    dates = {
        row["open_on"]
        for row in tables.parity_events.get("overall", [])
        if row["grade"] == "parity" and row["state"] == "confirmed"
    }
    return [(record.on, record.score) for record in records if record.on in dates]


def _picture_section(tables: Tables, head: Headline) -> list[Block]:
    spec = frontier_chart(tables, head)
    if spec is None:
        return []
    records = tables.frontier["overall"]
    table = Table(
        caption="The models that made the two frontiers",
        columns=(
            Column(title="Side"),
            Column(title="Model"),
            Column(title="Best from"),
            Column(title="Best until"),
            Column(title="Ability", note="index points", number=True),
        ),
        rows=tuple(
            (
                cell(row["side"]),
                cell(model_link(tables, row["model"], row["side"])),
                cell(short_date(row["from_on"]), sort=str(row["from_on"])),
                cell(short_date(row["until_on"]) if row["until_on"] else "tonight", sort=str(row["until_on"] or "9")),
                figure_cell(number(row["score"]), row["score"]),
            )
            for row in records
        ),
    )
    lag = f"{days(head.lag.value)} behind" if head.lag else "behind"
    return [
        Figure(
            name="frontiers",
            title=f"Open-weight models follow the closed frontier, {lag} tonight",
            subtitle="Ability of the best closed and the best open-weight model so far, in index points; higher is"
            " more capable. Shaded: 90 % interval. Diamonds: parity with a closed record confirmed, that"
            f" is, with confidence {margin_words(tables)} below it. The horizontal line is tonight's lag, the grey bar"
            " its 90 % interval.",
            drawing=charts.drawing("frontiers", spec),
            alternative=f"Two rising step lines since 2023. Closed models stand at {number(head.closed.score)} points"
            f" ({head.closed.title}), open-weight models at {number(head.open.score)} ({head.open.title}).",
            source=source_line(tables, "Composite of all boards that count.", Link("Evidence", "boards/overall")),
            table=table,
        )
    ]


def _domains(tables: Tables) -> list[Block]:
    rows = [row for row in tables.tonight if row["scope_kind"] == "domain" and row["tier"] == "any"]
    if not rows:
        return []
    with_gap = [row for row in rows if row["gap"] is not None]
    groups = []
    for row in with_gap:
        points = moments(tables.over_time(row["scope"]), "gap", "gap")
        if len(points) > 1:
            groups.append(
                (f"{row['scope'].capitalize()}: {number(row['gap'])} ({span(row['gap_lo'], row['gap_hi'])})", points)
            )
    blocks: list[Block] = [Heading(text="By domain", anchor="domains")]
    if groups:
        blocks.append(
            Figure(
                name="domains",
                title=_by_domain(with_gap),
                subtitle="Best closed minus best open-weight model in each domain, in index points, all on one scale;"
                " higher is further behind, and the dark line is parity. Shaded: 90 % interval.",
                drawing=charts.drawing("domains", charts.panels(groups)),
                alternative="; ".join(name for name, _ in groups),
                source=source_line(tables, "Composites by domain.", Link("All boards", "boards")),
                table=gap_table(tables, with_gap, "Domains tonight"),
            )
        )
    blocks += _coverage(tables)
    for_boards = [row["scope"] for row in rows if row["gap"] is None]
    if for_boards:
        blocks.append(
            Paragraph(
                parts=(
                    f"No combined figure for {listed_words([clean(name, 60) for name in for_boards])}: it would predict"
                    " their boards no better than the overall one does; ",
                    Link("their boards one by one", "boards"),
                    ".",
                ),
                role="note",
            )
        )
    return blocks


def _by_domain(rows: Sequence[Row]) -> str:
    """In which domain the gap is widest, where the interval of the widest leaves another domain out."""
    widest = max(rows, key=lambda row: row["gap"])
    least = min(row["gap"] for row in rows)
    if len(rows) > 1 and widest["gap_lo"] is not None and widest["gap_lo"] <= least:
        return f"The gap is about the same in every domain: {span(least, widest['gap'])} {unit_words(widest['unit'])}"
    return f"The gap is widest in {clean(widest['scope'], 60)}: {gap_words(widest)}"


COVERAGE = ("closed_top_scored", "open_top_scored", "closed_top_missing", "open_top_missing")
"""Columns of ``gap_index`` that say how many of each side's ten best models a scope has scored, and which not."""


def _coverage(tables: Tables) -> list[Block]:
    if not tables.has("gap_index", *COVERAGE):
        return []
    rows = [
        row
        for row in tables.tonight
        if row["scope_kind"] == "domain" and row["tier"] == "any" and row[COVERAGE[0]] is not None
    ]
    if not any(row[missing] for row in rows for missing in COVERAGE[2:]):
        return []
    return [
        Table(
            caption="How many of the ten most capable models of each side each domain has scored",
            columns=(
                Column(title="Domain"),
                Column(title="Closed", note="of 10", number=True),
                Column(title="Open", note="of 10", number=True),
                Column(title="Not scored"),
            ),
            rows=tuple(
                (
                    cell(scope_link(tables, row["scope"])),
                    figure_cell(number(row[COVERAGE[0]], 0), row[COVERAGE[0]]),
                    figure_cell(number(row[COVERAGE[1]], 0), row[COVERAGE[1]]),
                    cell(clean("; ".join(str(row[c]) for c in COVERAGE[2:] if row[c])) or "none is missing"),
                )
                for row in rows
            ),
        )
    ]


def _leaders(tables: Tables) -> list[Block]:
    scopes = [
        row
        for row in tables.tonight
        if row["scope_kind"] in ("overall", "domain") and row["tier"] == "any" and row["gap"] is not None
    ]
    choices = tables.query("model_choice", "select * from model_choice order by scope <> 'overall', scope, place")
    if not scopes:
        return []
    chosen = {(row["scope"], row["model"]): row for row in choices}
    scopes.sort(key=lambda row: (row["scope_kind"] != "overall", row["scope"]))
    blocks: list[Block] = [
        Heading(text="Who leads, and what it takes", anchor="leaders"),
        *_everywhere(tables, scopes),
        Table(
            caption="The leader of each side by domain, and what the open one needs",
            columns=(
                Column(title="Domain"),
                Column(title="Closed leader"),
                Column(title="Open leader"),
                Column(title="Gap", note="index points, 90 % interval", number=True),
                Column(title="Licence", note="of the open leader"),
                Column(title="Price", note="USD per million tokens", number=True),
                Column(title="Hardware", note="at 4 bits"),
                Column(title="Download"),
            ),
            rows=tuple(
                _leader_row(tables, row, chosen.get((row["scope"], row["open_model"])))
                for row in (scopes[:1] if _same_leaders(scopes) else scopes)
            ),
        ),
    ]
    if choices:
        blocks += [
            Heading(text="Choose an open model", anchor="choose", level=3),
            Paragraph(
                parts=(
                    "The most capable open-weight models by domain. Filter by domain, licence, price and memory; or ",
                    Link("set two models side by side", "compare"),
                    ".",
                )
            ),
            chooser(tables, [row for row in choices if row["place"] <= CHOICES]),
        ]
    return blocks


def _same_leaders(scopes: Sequence[Row]) -> bool:
    """Whether one model of each side leads overall and in every domain, so that one row says it."""
    overall = len(scopes) > 1 and scopes[0]["scope_kind"] == "overall"
    return overall and len({(row["closed_model"], row["open_model"]) for row in scopes}) == 1


def _everywhere(tables: Tables, scopes: Sequence[Row]) -> list[Block]:
    if not _same_leaders(scopes):
        return []
    closed, open_ = (model_link(tables, scopes[0][f"{side}_model"], side) for side in ("closed", "open"))
    return [
        Paragraph(
            parts=(closed, " (closed) and ", open_, " (open-weight) lead overall and in every domain with an index.")
        )
    ]


def _leader_row(tables: Tables, row: Row, choice: Row | None) -> tuple[Cell, ...]:
    name = "Overall" if row["scope"] == "overall" else clean(row["scope"], 60).capitalize()
    access = tables.access.get(row["open_model"])
    licence: tuple[Inline, ...] = (
        (clean(access["licence"] or NONE, 60), Small(TIERS.get(access["tier"], clean(access["tier"], 20))))
        if access
        else (NONE,)
    )
    hub = choice["hub_repo"] if choice else None
    return (
        cell(Link(name, scope_path(row["scope"]))),
        cell(model_link(tables, row["closed_model"], "closed")),
        cell(model_link(tables, row["open_model"], "open")),
        figure_cell(number(row["gap"]), row["gap"], span(row["gap_lo"], row["gap_hi"])),
        cell(*licence),
        figure_cell(usd(choice["usd"]) if choice else NONE, choice["usd"] if choice else None),
        cell(*_hardware(choice)),
        cell(hub_link(hub)),
    )


def _hardware(choice: Row | None) -> tuple[Inline, ...]:
    if choice is None or choice["gb_4"] is None:
        return (NONE,)
    machine = clean(choice["class_4"], 40)
    return f"{number(choice['gb_4'], 0)} GB", Small("more than 8 x 80 GB" if machine == "more" else machine)


def hub_link(repo: str | None) -> Inline:
    """A link to a model's files on the Hub."""
    address = web_address(f"https://huggingface.co/{repo}") if repo else None
    return Link(clean(repo, 100), address) if address else NONE


def chooser(tables: Tables, choices: Sequence[Row]) -> Table:
    """The best open models with licence, price and memory, for choosing one."""
    return Table(
        caption="Open-weight models by domain, the most capable first",
        columns=(
            Column(title="Model"),
            Column(title="Domain"),
            Column(title="Ability", note="90 % interval", number=True),
            Column(title="Best closed leader", note="of its day that it matches"),
            Column(title="Licence"),
            Column(title="Price", note="USD per million tokens", number=True),
            Column(title="Memory", note="GB at 4 bits", number=True),
        ),
        rows=tuple(
            (
                cell(model_link(tables, row["model"], "open")),
                cell(clean(row["scope"], 40)),
                figure_cell(number(row["theta"]), row["theta"], span(row["lo"], row["hi"])),
                cell(model_link(tables, row["closed_model"], "closed")),
                cell(clean(f"{row['licence'] or TIERS.get(row['licence_tier'], '')}", 40)),
                figure_cell(usd(row["usd"]), row["usd"]),
                figure_cell(number(row["gb_4"], 0), row["gb_4"]),
            )
            for row in choices
        ),
        searchable=True,
        facets=(1, 4),
        chosen="overall",
        limits=(5, 6),
    )


def _claims(tables: Tables) -> list[Block]:
    found = claim_rows(tables)
    if not found:
        return []
    counts: dict[str, int] = {}
    for row in found:
        counts[row["verdict"]] = counts.get(row["verdict"], 0) + 1
    summary = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items(), key=lambda c: -c[1]))
    return [
        Heading(text="What people say", anchor="claims"),
        Paragraph(
            parts=(
                f"{plural(len(found), 'claim')} of an essay of 2025, in our words, judged by stated rules, never by"
                f" hand: {summary}. Each sentence names the figure that its verdict rests on. ",
                Link("The rules", "claims"),
                ".",
            )
        ),
        *(claim_block(row) for row in found),
    ]


def claim_rows(tables: Tables) -> list[Row]:
    """Tonight's verdicts in the order of their rules."""
    return list(
        tables.query(
            "claim_verdict",
            """select v.* from claim_verdict v
               left join (select claim_id, min(place) as place from claim_rule group by claim_id) r using (claim_id)
               where v.night = $night order by r.place nulls last, v.claim_id""",
            night=tables.night,
        )
    )


def _peers(tables: Tables) -> list[Block]:
    """Estimates of others beside ours for the same day."""
    rows = tables.query("peer_estimate", "select * from peer_estimate order by place")
    if not rows:
        return []
    return [
        Heading(text="What others measure", anchor="others"),
        Paragraph(parts=(_like_for_like(rows), "Others ask the same question with other boards and other words.")),
        Table(
            caption="Published estimates of others, and ours for the same day",
            columns=(
                Column(title="Whose estimate"),
                Column(title="Theirs", note="90 % interval", number=True),
                Column(title="Ours that day", note="90 % interval", number=True),
                Column(title="Ours, their time", note="average", number=True),
                Column(title="Why they differ"),
            ),
            rows=tuple(_peer_row(row) for row in rows),
        ),
    ]


def _like_for_like(rows: Sequence[Row]) -> str:
    """The newest estimate of another that is an average gap, and our average over the same time."""
    gaps = [row for row in rows if row["measure"] == "gap" and None not in (row["value"], row["ours_average"])]
    if not gaps:
        return ""
    newest = max(gaps, key=lambda row: row["published_on"])
    return (
        f"Like for like, the average gap from {in_words(newest['from_on'])} to {in_words(newest['published_on'])}:"
        f" {clean(newest['peer'], 60)} {number(newest['value'])} points, ours {number(newest['ours_average'])}. "
    )


def _peer_row(row: Row) -> tuple[Cell, ...]:
    digits, unit = (0, "days") if row["unit"] == "days" else (1, "points")

    def estimate(value: float | None, lo: float | None = None, hi: float | None = None) -> Cell:
        return figure_cell(
            NONE if value is None else f"{number(value, digits)} {unit}",
            value,
            "" if value is None else span(lo, hi, digits),
        )

    return (
        cell(
            Link(f"{clean(row['peer'], 60)}, {in_words(row['published_on'])}", web_address(row["url"])),
            Small(clean(row["title"], 200)),
        ),
        estimate(row["value"], row["lo"], row["hi"]),
        estimate(row["ours"], row["ours_lo"], row["ours_hi"]),
        estimate(row["ours_average"]),
        cell(f"Theirs is the {clean(row['definition'], 400)}. {capital(clean(row['why'], 400))}."),
    )


def _prices(tables: Tables) -> list[Block]:
    found = tables.query(
        "capability_price",
        "select * from capability_price where basis = $basis and tier = 'any' order by level, side, from_on",
        basis=PRICED,
    )
    levels = []
    for level in PRICE_LEVELS:
        rows = [row for row in found if row["level_id"] == level]
        closed, open_ = (
            _price_steps(tables, [row for row in rows if row["side"] == side]) for side in ("closed", "open")
        )
        if closed and open_:
            levels.append((capital(clean(rows[0]["title"], 60)), closed, open_))
    if not levels:
        return []
    floor = min(levels[-1][2][-1].usd, levels[-1][1][-1].usd)
    first = min(levels[-1][1][0], levels[-1][2][0], key=lambda step: step.on)
    return [
        Heading(text="Price of a level of ability", anchor="prices"),
        Figure(
            name="prices",
            title=f"{levels[-1][0]} cost {usd(first.usd)} in {first.on:%B %Y} and {usd(floor)} tonight",
            subtitle="Cheapest list price of a model at least that able, in USD per million tokens (three parts read to"
            " one written), on a scale where each line up is ten times as much.",
            drawing=charts.drawing("prices", charts.price_panels(levels)),
            alternative="; ".join(
                f"{name}: closed {usd(c[-1].usd)}, open {usd(o[-1].usd)} tonight" for name, c, o in levels
            ),
            source=source_line(tables, "List prices of providers and routers."),
            table=_price_table(tables),
        ),
    ]


def _price_steps(tables: Tables, rows: Sequence[Row]) -> list[charts.PriceStep]:
    return [
        charts.PriceStep(on=row["from_on"], until=row["until_on"] or tables.night, usd=row["usd"])
        for row in rows
        if row["usd"]
    ]


def _price_table(tables: Tables) -> Table:
    found = tables.query(
        "capability_price_trend",
        """select * from capability_price_trend where basis = $basis and tier = 'any' and side in ('open', 'closed')
           order by level, side""",
        basis=PRICED,
    )
    return Table(
        caption="Levels of ability and what they cost tonight",
        columns=(
            Column(title="Level"),
            Column(title="Side"),
            Column(title="First price", note="USD per million tokens", number=True),
            Column(title="Tonight", note="USD per million tokens", number=True),
            Column(title="By"),
            Column(title="Halves in", note="days, 90 % interval", number=True),
        ),
        rows=tuple(
            (
                cell(capital(clean(row["title"], 60)), sort=row["level"]),
                cell(row["side"]),
                figure_cell(f"{usd(row['first_usd'])} ({short_date(row['first_on'])})", row["first_usd"]),
                figure_cell(usd(row["floor_usd"]), row["floor_usd"]),
                cell(model_link(tables, row["floor_model"], row["side"])),
                figure_cell(
                    f"{number(row['halving_days'], 0)} ({span(row['halving_lo'], row['halving_hi'], 0)})"
                    if row["halving_days"] is not None
                    else clean(row["reason"] or NONE),
                    row["halving_days"],
                ),
            )
            for row in found
        ),
    )


def _tonight(tables: Tables) -> list[Block]:
    blocks: list[Block] = [Heading(text="News and sources", anchor="tonight")]
    news = tonight_events(tables, MOST_NEWS)
    if news:
        blocks.append(
            Points(
                items=tuple(_news_line(tables, group) for group in by_model(news)),
            )
        )
    else:
        blocks.append(Paragraph(parts=("No news.",)))
    health = tables.query("source_health", "select * from source_health order by source")
    trouble = [row for row in health if row["outcome"] not in ("read", "partly read", "gone", "not asked")]
    gone = sum(row["outcome"] == "gone" for row in health)
    read = sum(row["outcome"] in ("read", "partly read") for row in health)
    parts: list[Inline] = [f"{read} of {plural(len(health), 'source')} of scores, prices, models and incidents read"]
    if trouble:
        listed = (f"{clean(r['source'], 60)} ({OUTCOMES.get(r['outcome'], clean(r['outcome'], 30))})" for r in trouble)
        parts.append(f"; not read tonight: {', '.join(listed)}")
    if gone:
        parts.append(f"; {gone} are gone for good")
    parts.append(f"; {plural(tables.held_back, 'reading')} of tonight set aside as not credible. ")
    parts.append(Link("Sources and what was set aside", "sources"))
    if waiting := _waiting(tables):
        blocks.append(Paragraph(parts=(waiting,)))
    blocks.append(Paragraph(parts=tuple(parts)))
    return blocks


def _waiting(tables: Tables) -> str:
    """New open-weight models with too few scores for a place on the index."""
    rows = tables.query(
        "event",
        """select distinct e.model, e.happened_on from event e
           where e.kind = 'weights-published' and e.counts and e.state = 'confirmed' and e.happened_on > $since
             and not exists (from ability a where a.scope = 'overall' and a.model = e.model and a.theta is not null)
           order by e.happened_on desc, e.model""",
        since=tables.night - timedelta(days=NEWS_DAYS),
    )
    named = [f"{tables.title(row['model'])} (weights of {in_words(row['happened_on'])})" for row in rows]
    return f"Too few scores yet for a place on the index: {listed_words(named)}." if named else ""


def by_model(news: Sequence[Row]) -> list[list[Row]]:
    """News of one kind about one model on one day together: a new leader of ten boards is one piece of news."""
    groups: dict[tuple[object, ...], list[Row]] = {}
    for row in news:
        key = (
            (row["known_on"], row["kind"], row["model"], row["state"]) if row["kind"] in LEADERS else (row["event_id"],)
        )
        groups.setdefault(key, []).append(row)
    return list(groups.values())


def _news_line(tables: Tables, group: Sequence[Row]) -> tuple[Inline, ...]:
    first, *more = group
    line = f"{short_date(first['known_on'])}: {_headline(first)}"
    if not more:
        return (line,)
    links: list[Inline] = [scope_link(tables, row["scope"]) for row in more]
    return (f"{line}; also on ", *[part for link in links for part in (", ", link)][1:])


def news_text(tables: Tables) -> tuple[str, ...]:
    """The news of the last days, a line each, for the terminal and for Prefect."""
    return tuple(
        _headline(first) + (f"; also on {', '.join(tables.scope_title(row['scope']) for row in more)}" if more else "")
        for first, *more in by_model(tonight_events(tables, MOST_NEWS))
    )


def _headline(row: Row) -> str:
    return f"{clean(row['headline'], 200)}{_state(row)}"


def _state(row: Row) -> str:
    return "" if row["state"] == "confirmed" else f" ({clean(row['state'], 30)})"


def tonight_events(tables: Tables, limit: int = NEWS) -> list[Row]:
    """The news of the last days that a reader would want: the index and its domains first, then boards and weights."""
    return list(
        tables.query(
            "event",
            """select * from event
               where counts and not backfilled and state in ('confirmed', 'provisional', 'retracted') and tier <> 'T1'
                 and kind not in ('source-stale', 'source-drifted') and happened_on > $since and known_on > $since
               order by case scope_kind when 'overall' then 0 when 'domain' then 1 when 'model' then 3 else 2 end,
                   known_on desc, happened_on desc, event_id
               limit $limit""",
            since=tables.night - timedelta(days=NEWS_DAYS),
            limit=limit,
        )
    )
