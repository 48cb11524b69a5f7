"""What one operator, or two together, can do to the index at worst (`python -m proofs.poison [FOLDER]`).

**Through the gates.**  In a copy of a back-filled folder (default GAPINDEX_DATA) the pages that one operator serves on
a night are replaced by pages that lie about the open leader, a day later by the true ones or by the lie again, and the
nights are built whole: what the gates let through, what overall, domains, events and claims did that night, a day and a
week later, beside the same nights without the lie.  Which operators, attacks and nights were taken is printed.

**The cost of caution.**  The folder's newest night is built with the gates G15 and G16 and without them: how much later
true rows, leaders and events come.

**Past the gates.**  On two nights the cells of the composite are falsified, as if the pages had lied for so long that
no gate waits any more: for every operator that scores the open leader and for pairs of the three largest.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from collectors.contract.source import Board
from collectors.registry import sources
from flows.settings import Settings, be_quiet
from proofs._folder import last_night
from warehouse import build
from warehouse.build import built
from warehouse.lineage import Place
from warehouse.measures import composite
from warehouse.measures.abilities import Known, Scoped, tonight
from warehouse.measures.composite import Flags
from warehouse.measures.threads import one_thread
from warehouse.store import Store

# --- through the gates --------------------------------------------------------------------------

FIRST, SECOND = date(2026, 6, 22), date(2026, 6, 9)
"""Nights that are attacked; in the six after the first Artificial Analysis and LiveBench changed nothing."""

LARGEST = "Artificial Analysis"
INVENTED = "Kimi K9"
DOMAINS = ("agents", "coding", "reasoning and mathematics")
TRACELESS = ("score", "ability", "frontier", "gap_index", "parity_event", "event", "claim_verdict", "model")
PROVENANCE = ("run_id", "sha256", "url", "fetched_at", "facts", "observed_on", "stale_days", "known_on")
_COPIED = ("tally", "score", "access", "excluded", "quarantined", "release", "spec", "price", "link")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """What the pages of ``operators`` say falsely from the attacked night on, for one night or ``lasting`` a week.

    ``kind``: "one metric", "all metrics", "new variant", "new model" or "openness flag"; ``rise`` is a share of the
    range.
    """

    kind: str
    rise: float = 0.0
    operators: tuple[str, ...] = (LARGEST,)
    source: str = ""
    night: date = FIRST
    lasting: bool = True
    days: tuple[int, ...] = (0, 1, 7)

    def __str__(self) -> str:
        size = f" +{100 * self.rise:.3g} % of the range" if self.rise else ""
        who = f"one mirror ({self.source})" if self.source else " and ".join(self.operators)
        return f"{who}, {self.night}: {self.kind}{size}, {'every night' if self.lasting else 'one night'}"


ATTACKS = (
    Attack(kind="one metric", rise=0.19, days=(0, 1)),
    Attack(kind="all metrics", rise=0.145, lasting=False, days=(0, 1, 2)),
    Attack(kind="all metrics", rise=0.145, days=(1, 7)),
    Attack(kind="new model", rise=0.3, lasting=False, days=(0, 2)),
    Attack(kind="new model", rise=0.3, days=(1, 7)),
    Attack(kind="new variant", rise=0.3, days=(7,)),
    Attack(kind="openness flag", days=(7,)),
    Attack(kind="all metrics", rise=0.145, operators=("LiveBench",), days=(7,)),
    Attack(kind="new model", rise=0.3, operators=(LARGEST, "LiveBench"), days=(7,)),
    Attack(kind="new model", rise=0.3, night=SECOND, days=(1,)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a night's tables say of what an attack is after."""

    overall: tuple[float, float, str, str, str]
    """Gap, half the width of its interval, closed and open leader, reason."""
    gaps: Mapping[tuple[str, str], float]
    leaders: Mapping[tuple[str, str], tuple[str, str]]
    confirmed: frozenset[tuple[str, str, str, str]]
    """Kind, scope, model and other model of confirmed events of `any` tier."""
    verdicts: Mapping[str, str]
    held: int
    provisional: int
    tables: Mapping[str, frozenset[int]]
    """Hashes of the rows of the tables that a lie must leave no trace in."""


def outcome(store: Path, night: date, attacked: date, cache: Path) -> Outcome:
    """Builds a night of a store and reads its answers; rows held since the night ``attacked`` are counted."""
    with built(store, night, sources(), cache=cache) as db:
        (overall,) = db.execute(
            """select gap, (gap_hi - gap_lo) / 2, closed_model, open_model, coalesce(reason, '')
               from marts.gap_index where night = $night and scope = 'overall' and tier = 'any'""",
            {"night": night},
        ).fetchall()
        rows = db.execute(
            """select scope, edition, gap, closed_model, open_model from marts.gap_index
               where night = $night and tier = 'any' and gap is not null""",
            {"night": night},
        ).fetchall()
        confirmed = db.execute(
            """select kind || ' ' || grade, scope, model, coalesce(other_model, '') from marts.event
               where state = 'confirmed' and tier = 'any' and kind in ('parity', 'open-leader', 'closed-leader')"""
        ).fetchall()
        verdicts = db.execute(
            "select claim_id, verdict from marts.claim_verdict where night = $night", {"night": night}
        ).fetchall()
        ((held,),) = db.execute(
            """select count(distinct (board, name, variant)) from staging.held_score
               where from_night >= $from and believed_on is null""",
            {"from": attacked},
        ).fetchall()
        ((provisional,),) = db.execute(
            """select count(*) from marts.gap_index
               where night = $night and scope_kind = 'board' and tier = 'any' and provisional""",
            {"night": night},
        ).fetchall()
        tables = {table: _hashes(db, table) for table in TRACELESS}
    return Outcome(
        overall=overall,
        gaps={(scope, edition): gap for scope, edition, gap, *_ in rows},
        leaders={(scope, edition): (closed, opened) for scope, edition, _, closed, opened in rows},
        confirmed=frozenset(confirmed),
        verdicts=dict(verdicts),
        held=held,
        provisional=provisional,
        tables=tables,
    )


def _hashes(db: duckdb.DuckDBPyConnection, table: str) -> frozenset[int]:
    """The hash of each row, without the columns that say when and from which bytes it was read."""
    columns = [name for name, *_ in db.execute(f"describe marts.{table}").fetchall()]
    chosen = ", ".join(f'"{name}"' for name in columns if name not in PROVENANCE)
    return frozenset(one for (one,) in db.execute(f"select hash({chosen}) from marts.{table}").fetchall())


def lie(store: Path, attack: Attack, names: pa.Table, target: str, closed: str) -> None:
    """Rewrites a store as if the operators had served false pages on the attacked night, and for a week if it lasts.

    A false page is the page in force that night under another key, its rows changed.  ``target`` is the open leader,
    ``closed`` the closed one, and ``names`` how the sources call each model.
    """
    mine = [
        s
        for s in sources().values()
        if s.operator in attack.operators and (not attack.source or s.name == attack.source)
    ]
    boards = {board.name: board for source in mine for board in source.boards}
    with duckdb.connect(str(store)) as db:
        db.register("names", names)
        db.execute("create temp table mine as select unnest($names) as source", {"names": [s.name for s in mine]})
        db.execute(
            """create temp table page as
               select f.*, regexp_replace(f.url, '[0-9]{4}-[0-9]{2}-[0-9]{2}', '#') as place
               from raw.fetch_result f join mine using (source)
               join raw.page p on p.source = f.source and p.page_key = f.page_key and p.outcome = 'read'
               where f.night <= $night
               qualify row_number() over (
                   partition by f.source, place, f.context order by f.night desc, f.url desc) = 1""",
            {"night": attack.night},
        )
        for table in _COPIED:
            db.execute(
                f"""insert into raw.{table} by name
                    select r.* replace (r.page_key || '-false' as page_key) from raw.{table} r
                    where (source, page_key) in (select source, page_key from page)"""
            )
        db.execute(
            """insert into raw.page by name
               select r.* replace (page_key || '-false' as page_key, sha256(sha256) as sha256) from raw.page r
               where (source, page_key) in (select source, page_key from page)"""
        )
        for day in range(8):
            serves_false = attack.lasting or day == 0
            if not serves_false and day > 1:
                break
            night = attack.night + timedelta(days=day)
            db.execute(
                """delete from raw.fetch_result where night = $night
                   and (source, regexp_replace(url, '[0-9]{4}-[0-9]{2}-[0-9]{2}', '#'), context)
                       in (select source, place, context from page)""",
                {"night": night},
            )
            db.execute(
                f"""insert into raw.fetch_result by name
                    select p.* exclude (place) replace (
                        $night::date as night, 'fresh' as outcome, $night::date + interval 21 hour as fetched_at,
                        page_key || '{"-false" if serves_false else ""}' as page_key)
                    from page p""",
                {"night": night},
            )
        _falsify(db, attack, target, closed, boards)


def _falsify(
    db: duckdb.DuckDBPyConnection, attack: Attack, target: str, closed: str, boards: Mapping[str, Board]
) -> None:
    """Changes the rows of the false pages."""
    db.execute(
        """create temp table shown as select s.rowid as id, s.* from raw.score s
           where page_key like '%-false' and (source, name) in (select source, name from names where model = $model)
           qualify row_number() over (partition by source, board, edition order by value desc) = 1""",
        {"model": target},
    )
    if attack.kind == "nothing":
        return
    if attack.kind == "openness flag":
        db.execute(
            """update raw.access set open = true where page_key like '%-false'
               and (source, name) in (select source, name from names where model = $model)""",
            {"model": closed},
        )
        return
    rows = db.execute("select id, source, page_key, board, value from shown order by board").fetchall()
    scaled = [row for row in rows if boards[row[3]].unit in ("%", "fraction", "index", "rating")]
    for at, (row, source, key, name, value) in enumerate(scaled):
        board = boards[name]
        low, high = (value - 500, value + 500) if board.unit == "rating" else (board.low, board.high)
        step = attack.rise * (high - low) * (1 if board.better == "higher" else -1)
        raised = min(high - 0.005 * (high - low), max(low + 0.005 * (high - low), value + step))
        if attack.kind in ("one metric", "all metrics"):
            if attack.kind == "all metrics" or at == 0:
                db.execute("update raw.score set value = $raised where rowid = $row", {"raised": raised, "row": row})
            continue
        added = "$name" if attack.kind == "new model" else "name || ' (max)'"
        given = {"name": INVENTED} if attack.kind == "new model" else {}
        db.execute(
            f"insert into raw.score by name select * replace ({added} as name, $raised as value) "
            "from raw.score where rowid = $row",
            {"raised": raised, "row": row} | given,
        )
        db.execute(
            "update raw.tally set rows = rows + 1 where source = $source and page_key = $key and board = $board",
            {"source": source, "key": key, "board": name},
        )
    if attack.kind == "new model":
        db.execute(
            """insert into raw.access by name
               select * replace ($name as name, true as open) from raw.access where page_key like '%-false'
               and (source, name) in (select source, name from names where model = $model)""",
            {"name": INVENTED, "model": target},
        )


def through_the_gates(folder: Path, scratch: Path) -> Iterator[str]:
    """One line per attack and night."""
    cache = scratch / "cache"
    cache.mkdir()
    plain, false = scratch / "plain.duckdb", scratch / "false.duckdb"
    shutil.copy(folder / "store.duckdb", plain)
    names: dict[date, pa.Table] = {}
    true: dict[tuple[object, ...], Outcome] = {}
    for attack in ATTACKS:
        night = attack.night
        if night not in names:
            with built(plain, night, sources(), only={("staging", "resolved_name")}, cache=cache) as db:
                names[night] = db.sql("select source, name, model from staging.resolved_name").to_arrow_table()
        who = (night, attack.operators, attack.source)
        yield f"{attack}"
        for day in attack.days:
            # The same pages, asked again on the same nights and true: what they confirm is no lie's doing.
            if (*who, day) not in true:
                shutil.copy(plain, false)
                lie(false, replace(attack, kind="nothing", lasting=True), names[night], "", "")
                true[*who, day] = outcome(false, night + timedelta(days=day), night, cache)
        gap, half, closed, target, _ = true[*who, attack.days[0]].overall
        yield f"  without it: {closed} before {target} by {gap:.2f}, half-width {half:.2f}; the lie is about {target}"
        for day in attack.days:
            shutil.copy(plain, false)
            lie(false, attack, names[night], target, closed)
            honest, found = true[*who, day], outcome(false, night + timedelta(days=day), night, cache)
            yield _line(day, honest, found)
            for kind, scope, model, other in sorted(found.confirmed - honest.confirmed):
                yield f"    confirmed: {kind}, {scope}: {model} {other}"
            if not attack.lasting and day:
                yield f"    rows that the night has not without the lie: {_traces(honest, found)}"


def _traces(honest: Outcome, false: Outcome) -> str:
    """Rows by table that a lie has left."""
    left = {table: len(rows - honest.tables[table]) for table, rows in false.tables.items()}
    return ", ".join(f"{table} {n}" for table, n in left.items() if n) or "none"


def _line(day: int, honest: Outcome, false: Outcome) -> str:
    """What a lie changed on a night, against the same night without it."""
    gap, half, _, _, _ = honest.overall
    now, _, closed, opened, reason = false.overall
    common = honest.gaps.keys() & false.gaps.keys()
    moved = sum(abs(false.gaps[key] - honest.gaps[key]) > 1e-9 for key in common)
    led = sum(false.leaders[key] != honest.leaders[key] for key in common)
    domains = max((abs(false.gaps[key] - honest.gaps[key]) for key in common if key[0] in DOMAINS), default=0.0)
    new = sorted(false.confirmed - honest.confirmed)
    lost = len(honest.confirmed - false.confirmed)
    verdicts = sum(false.verdicts[claim] != verdict for claim, verdict in honest.verdicts.items())
    leader = "" if (closed, opened) == honest.overall[2:4] else f", leaders {closed} and {opened}"
    parity = sum(event[0].startswith("parity") for event in new)
    composite = sum(event[1] in (*DOMAINS, "overall") for event in new)
    return (
        f"  night +{day}: overall {now:.2f} ({now - gap:+.2f}, half-width {half:.2f}){leader}; "
        f"domains up to {domains:.2f}; "
        f"{moved} gaps moved, {led} scopes led by another; {len(new)} events confirmed anew ({parity} of parity, "
        f"{composite} of composites), {lost} no more; {verdicts} verdicts; {false.provisional} boards provisional, "
        f"{false.held} rows held" + (f"; reason: {reason}" if reason else "")
    )


# --- the cost of caution ------------------------------------------------------------------------

_ADDED_GATES: tuple[Place, ...] = (("staging", "operator_change"), ("staging", "new_row"))
EVENTS = """select event_id, kind in ('open-leader', 'closed-leader') as leader, scope_kind, known_on from marts.event
            where tier = 'any' and kind in ('parity', 'open-leader', 'closed-leader')"""
OVERALL = """select night, gap, closed_model, open_model from marts.gap_index
             where scope = 'overall' and tier = 'any' and gap is not null"""
WAITED = """
    with counted as (
        select h.gate, h.name, h.from_night, least(h.believed_on, (
            select min(p.from_night) from staging.gate_page p
            join staging.gate_value v on v.table_no = p.table_no and v.row_key = h.row_key
            where p.series = g.series and p.table_no > g.table_no
                and not exists (
                    select 1 from staging.held_score k where k.table_no = p.table_no and k.row_key = h.row_key
                ))) as counts_on
        from staging.held_score h join staging.gate_page g using (table_no) where h.gate in ('G15', 'G16')
    )
    select gate, count(*), count(distinct name), count(counts_on), median(counts_on - from_night),
        max(counts_on - from_night)
    from counted group by gate order by gate"""
LATER = """
    select if(p.leader, 'leaders', 'parity events'), if(p.scope_kind = 'board', 'boards', 'composites'), count(*),
        count(*) filter (where e.known_on > p.known_on), coalesce(median(e.known_on - p.known_on)
            filter (where e.known_on > p.known_on), 0), coalesce(max(e.known_on - p.known_on), 0),
        count(*) filter (where e.event_id is null)
    from plain_events p left join events e using (event_id) where p.known_on >= $first group by all order by all"""
MOVED = """
    select count(*), count(*) filter (where abs(o.gap - p.gap) > 1e-9), coalesce(max(abs(o.gap - p.gap)), 0),
        count(*) filter (where (o.closed_model, o.open_model) is distinct from (p.closed_model, p.open_model))
    from plain_overall p left join overall o using (night) where night >= $first"""


@contextmanager
def without_added_gates() -> Iterator[None]:
    """Builds inside hold nothing for G15 and G16."""
    plain = build.make_table

    def make(
        db: duckdb.DuckDBPyConnection, schema: str, name: str, *, night: date, published: Path | None = None
    ) -> None:
        plain(db, schema, name, night=night, published=published)
        if (schema, name) in _ADDED_GATES:
            db.execute(f"delete from {schema}.{name}")

    build.make_table = make
    try:
        yield
    finally:
        build.make_table = plain


def cost(folder: Path) -> Iterator[str]:
    """What the added gates delay in a back-filled folder."""
    store, night = folder / "store.duckdb", last_night(folder)
    with without_added_gates(), built(store, night, sources()) as db:
        plain_events, plain_overall = db.sql(EVENTS).to_arrow_table(), db.sql(OVERALL).to_arrow_table()
    with built(store, night, sources()) as db:
        ((first,),) = db.execute("select min(night) from raw.fetch_result").fetchall()
        db.register("plain_events", plain_events)
        db.register("plain_overall", plain_overall)
        db.execute(f"create temp table events as {EVENTS}; create temp table overall as {OVERALL}")
        waited = db.execute(WAITED).fetchall()
        later = db.execute(LATER, {"first": first}).fetchall()
        ((nights, moved, most_moved, led),) = db.execute(MOVED, {"first": first}).fetchall()
    yield f"{first} to {night}"
    for gate, rows, names, counted, middle, most in waited:
        yield (
            f"  {gate}: {rows} rows of {names} names waited; {counted} counted later, after {middle or 0:g} days "
            f"(median; {most or 0} at most); the others were shown once or came on the last nights"
        )
    for what, scopes, events, late, middle, most, missing in later:
        yield (
            f"  {what} of {scopes}: {events} since the first night, {late} later by {middle:g} days (median; {most} at "
            f"most), {missing} not yet"
        )
    yield (
        f"  overall: on {moved} of {nights} nights another gap, by {most_moved:.2f} at most; other leaders on {led}; "
        "a gap is stated with what is known on the last night"
    )


# --- past the gates -----------------------------------------------------------------------------

NIGHTS = (date(2026, 6, 14), date(2026, 2, 1))
RISES = (0.145, 0.3)
"""Shares of the range: under the limit of a single jump, and over it."""

MARGIN = 3.0
_NEEDED: frozenset[Place] = frozenset(
    {("staging", "irt_observation"), ("staging", "access_span"), ("marts", "gap_index")}
)
_EPOCH = date(1970, 1, 1)


def attacked(known: Known, night: int, target: int, chosen: Flags, rise: float, *, invent: bool) -> Known:
    """The cells with those of ``target`` among ``chosen`` raised; ``invent``: on a new model that has only these."""
    cells = np.flatnonzero(known.on(night) & (known.model == target) & chosen)
    raised = np.minimum(0.99, known.share[cells] + rise)
    if not invent:
        share = known.share.copy()
        share[cells] = raised
        return replace(known, share=share)
    new = len(known.models)
    return replace(
        known,
        models=[*known.models, "invented"],
        model=np.concatenate([known.model, np.full(len(cells), new)]),
        item=np.concatenate([known.item, known.item[cells]]),
        share=np.concatenate([known.share, raised]),
        stderr=np.concatenate([known.stderr, known.stderr[cells]]),
        since=np.concatenate([known.since, np.full(len(cells), night - 1)]),
        until=np.concatenate([known.until, known.until[cells]]),
        first=np.concatenate([known.first, np.full(len(cells), night - 1)]),
    )


def placed(known: Known, scoped: Scoped, without: int | None = None) -> dict[str, float]:
    """Abilities on the published scale; ``without``: without that operator, NaN where too few boards are left."""
    made = scoped.made
    theta = made.theta
    if without is not None:
        cells = composite.only(made.cells, known.operator[made.items][made.cells.item] != without)
        seen = np.zeros((cells.n_models, cells.n_groups), dtype=bool)
        seen[cells.model, cells.group[cells.item]] = True
        theta = np.where(seen.sum(axis=1) < 2, np.nan, composite.score(cells, made.fitted))
    found = scoped.scale(made.theta)(theta).tolist()
    return dict(zip((known.models[model] for model in made.placed.tolist()), found, strict=True))


def best(theta: Mapping[str, float], side: set[str]) -> tuple[str, float]:
    """The ablest model of a side."""
    return max(((m, t) for m, t in theta.items() if m in side and not np.isnan(t)), key=lambda pair: pair[1])


def stands(known: Known, scoped: Scoped, model: str, record: str, margin: float) -> bool:
    """Whether a model is within ``margin`` of the closed record without the boards of any one operator."""
    made = scoped.made
    for one in np.unique(known.operator[made.items]).tolist():
        left = placed(known, scoped, one)
        if not left[model] - left[record] >= -margin:
            return False
    return True


def report(db: duckdb.DuckDBPyConnection, night: date) -> Iterator[str]:
    """One line per operator or pair, and attack."""
    known, day = Known.read(db), (night - _EPOCH).days
    at = db.execute(
        """select model, tier = 'C' from staging.access_span where tier <> 'U' and from_on <= $night
           and (until_on is null or until_on > $night)""",
        {"night": night},
    ).fetchall()
    closed, opened = {m for m, c in at if c}, {m for m, c in at if not c} | {"invented"}
    half = db.execute(
        "select (gap_hi - gap_lo) / 2 from marts.gap_index where night = $night and scope = 'overall' and tier = 'any'",
        {"night": night},
    ).fetchone()
    honest = tonight(known, day, {})
    theta = placed(known, honest)
    (record, top), (leader, level) = best(theta, closed), best(theta, opened)
    width = f"{half[0]:.2f}" if half and half[0] is not None else "unknown"
    yield f"night {night}: {record} {top:.1f}, {leader} {level:.1f}, gap {top - level:.2f}, half-width {width}"
    target = known.models.index(leader)
    mine = known.operator[known.item]
    own = known.on(day) & (known.model == target)
    size = {int(one): int(np.count_nonzero(own & (mine == one))) for one in np.unique(mine[own])}
    largest = sorted(size, key=lambda one: (-size[one], one))
    whom: Sequence[tuple[int, ...]] = [*((one,) for one in largest), *combinations(largest[:3], 2)]
    for who in whom:
        chosen = np.isin(mine, who)
        name = " + ".join(known.operators[one] for one in who)
        for rise in RISES:
            for invent in (False, True):
                if invent and sum(size[one] for one in who) < composite.INSTRUMENTS:
                    continue
                false = attacked(known, day, target, chosen, rise, invent=invent)
                scoped = tonight(false, day, {})
                moved = placed(false, scoped)
                (_, above), (now, reached) = best(moved, closed), best(moved, opened)
                what = "invented model" if invent else "open leader  "
                firm = stands(false, scoped, now, record, MARGIN)
                yield (
                    f"  {name[:42]:42} {sum(size[one] for one in who):3} boards, {what} +{100 * rise:4.1f} %: gap "
                    f"{above - reached:6.2f} ({above - reached - top + level:+.2f}), leader {now}, "
                    f"{'at parity without any one operator' if firm else 'no parity without some one operator'}"
                )


def past_the_gates(scratch: Path) -> Iterator[str]:
    """The lines of `report` for each night, on the bundled history."""
    store = scratch / "store.duckdb"
    with Store(store):
        pass
    for night in NIGHTS:
        with built(store, night, sources(), only=_NEEDED) as db, one_thread():
            yield from report(db, night)


def main() -> None:
    """Prints each line as it is known."""
    be_quiet()
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Settings.from_env().data
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        for title, lines in (
            ("through the gates", through_the_gates(folder, scratch)),
            ("the cost of caution", cost(folder)),
            ("past the gates", past_the_gates(scratch)),
        ):
            sys.stdout.write(f"{title}\n")
            for line in lines:
                sys.stdout.write(f"{line}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
