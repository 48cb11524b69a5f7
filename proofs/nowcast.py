"""How often a night's later word lies inside the nowcast band that was made before it was known.

``python -m proofs.nowcast [FOLDER]``: a back-filled data folder (default GAPINDEX_DATA).  For every Monday of the last
year the bands are made again by the same SQL from the levels as known on that Monday, so from nights 63 days old and
older.  Each is held against what was known of its night 63 days after it, which is what it promises, and against
tonight's word, which it does not.  Dates and access are tonight's throughout: when we learned of them is not kept.
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path

import duckdb

from collectors.registry import sources
from flows.settings import Settings, be_quiet
from proofs._folder import last_night
from warehouse.build import built
from warehouse.memory import release
from warehouse.statements import bare, statements

WEEKS = 52
GROUPS = {
    "overall, any": "scope_kind = 'overall' and tier = 'any'",
    "overall, T1": "scope_kind = 'overall' and tier = 'T1'",
    "domains, any": "scope_kind = 'domain' and tier = 'any'",
    "boards, any": "tier = 'any' and scope in (select board from input.board where counts_for_index)",
}


def main(folder: Path) -> None:
    """Prints shares of nights inside, a column a horizon."""
    last = last_night(folder)
    with built(folder / "store.duckdb", last, sources()) as db:
        release(db)
        _make_bands(db, last)
        _judge(db)
        ((first, end),) = db.execute("""select min(as_of), max(as_of) from judged""").fetchall()
        print(f"Mondays judged: {first} to {end}; tonight is {last}.  The band aims at 90 %.")
        print("Mondays share their news with their neighbours: a year of them, just known, is worth about six nights.")
        print("A domain's bands stand on its first months: read its lines first.  Boards are seldom revised.")
        print("Tonight's word is not promised: boards that came later move it.  Row 63 of `nowcast` says how far.")
        for measure, unit in (("gap", "unit of the scope"), ("lag", "days")):
            _print(db, measure, unit)


def _make_bands(db: duckdb.DuckDBPyConnection, last: date) -> None:
    """``band``: the table `nowcast` as each Monday could make it."""
    sql = {statement.name: bare(statement.text) for schema in ("staging", "marts") for statement in statements(schema)}
    db.execute("create table tonight as from staging.frontier_as_known")
    db.execute("create table level as from staging.level_history")
    db.execute("create table band as select night, n.* from (select night from input.night), marts.nowcast n limit 0")
    newest = last - timedelta(days=last.weekday())
    for monday in (newest - timedelta(weeks=back) for back in range(WEEKS + 17)):
        db.execute("update input.night set night = $monday", {"monday": monday})
        db.execute(
            """create or replace table staging.level_history as
               select * replace (case when known_to <= $monday then known_to end as known_to)
               from level where known_from <= $monday""",
            {"monday": monday},
        )
        db.execute(f"create or replace table staging.frontier_as_known as {sql['frontier_as_known']}")
        db.execute(f"insert into band select night, n.* from (select night from input.night), ({sql['nowcast']}) n")


def _judge(db: duckdb.DuckDBPyConnection) -> None:
    """``judged``: each night of the last year and horizon: the band made then, and what its night turned out to be."""
    db.execute(
        f"""create table judged as
            select t.* exclude (gap, lag_days), m.measure,
                case m.measure when 'gap' then t.gap else t.lag_days end as reported,
                case m.measure when 'gap' then s.gap else s.lag_days end as settled,
                case m.measure when 'gap' then n.gap else n.lag_days end as now,
                case m.measure when 'gap' then b.gap_lo else b.lag_lo end as lo,
                case m.measure when 'gap' then b.gap_hi else b.lag_hi end as hi
            from tonight t
            cross join (values ('gap'), ('lag')) m(measure)
            join tonight s using (scope, edition, tier, as_of)
            join tonight n using (scope, edition, tier, as_of)
            join band b on b.scope = t.scope and b.edition = t.edition and b.tier = t.tier
                and b.night = t.known_on and b.horizon_days = t.horizon
            where t.horizon < 63 and s.horizon = 63 and n.horizon is null
                and t.as_of > (select max(as_of) from tonight) - {7 * WEEKS}
                and reported is not null and settled is not null and lo is not null"""
    )


def _print(db: duckdb.DuckDBPyConnection, measure: str, unit: str) -> None:
    """One block of lines for each question, a line a group of scopes."""
    inside = "between reported + lo - 1e-6 and reported + hi + 1e-6"
    questions = {
        "nights judged": ("count(*)", ".0f"),
        "of these revised": ("count(*) filter (abs(settled - reported) > 1e-6)", ".0f"),
        "word after 63 days inside, %": (f"100 * avg((settled {inside})::integer)", ".0f"),
        "tonight's word inside, %": (f"100 * avg((now {inside})::integer) filter (now is not null)", ".0f"),
        f"mean width of the band, {unit}": ("avg(hi - lo)", ".1f"),
    }
    print(f"\n{measure}: days for which the night had been known" + " ".join(f"{7 * week:6}" for week in range(9)))
    for question, (expression, form) in questions.items():
        print(question)
        for group, where in GROUPS.items():
            found = dict(
                db.execute(
                    f"""select horizon, {expression} from judged
                        where measure = $measure and {where} group by horizon order by horizon""",
                    {"measure": measure},
                ).fetchall()
            )
            line = " ".join(f"{format(found[7 * w], form) if 7 * w in found else '-':>6}" for w in range(9))
            print(f"  {group:<{len(measure) + 42}}{line}")


if __name__ == "__main__":
    be_quiet()
    given = sys.argv[1:]
    main(Path(given[0]) if given else Settings.from_env().data)
