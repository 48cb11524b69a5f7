"""The build: its statements, its inputs, and every check with a build that trips it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb
import pytest
from examples import Example, ask, board, closed, excluded, marts, opened, score

from warehouse import lineage
from warehouse.build import failed_checks
from warehouse.dates_ahead import AHEAD_BY_RIGHT
from warehouse.memory import allowed_bytes, bound, spill_folder, with_enough
from warehouse.provenance import METHOD_VERSION
from warehouse.statements import Statement, discover, meaning, prepare, statements
from warehouse.table_contracts import broken_contracts
from warehouse.validation import QUERIES

NIGHT = "2026-06-14"
SCHEMAS = ("staging", "marts", "checks")
EVERY = [statement for schema in SCHEMAS for statement in statements(schema)]


def example(folder: Path) -> Example:
    """Two boards: on one an open model leads, a row was held back and one was left out."""
    example = Example(folder, board(), board("second"))
    example.saw(
        NIGHT,
        closed("Cee", api="2026-01-01"),
        opened("Oh", weights="2026-02-01"),
        opened("Up", weights="2026-03-01"),
        score("Cee", 60, stderr=1),
        score("Oh", 50, stderr=1),
        score("Up", 61, stderr=1),
        score("Two", 200),
        excluded("Human", "human baseline"),
        score("Cee", 30, board="second"),
        score("Oh", 20, board="second"),
    )
    return example


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with example(tmp_path_factory.mktemp("warehouse")).built(NIGHT) as built:
        yield built


@contextmanager
def spoilt(db: duckdb.DuckDBPyConnection, *statements: str) -> Iterator[None]:
    """The build with something wrong in it, for as long as the context lasts."""
    db.begin()
    try:
        for statement in statements:
            if re.search(r"marts\.gap_index\b", statement):  # a view, which has no rows of its own to spoil
                db.execute("create or replace temp table kept as from marts.gap_index")
                db.execute("drop view if exists marts.gap_index")
                db.execute("create table marts.gap_index as from kept")
            db.execute(statement)
        yield
    finally:
        db.rollback()


# --- statements ---------------------------------------------------------------------------------


def test_a_folder_without_sql_is_refused() -> None:
    with pytest.raises(RuntimeError, match="nowhere"):
        statements("nowhere")


def test_every_file_makes_one_table_and_no_two_the_same(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="without its data files"):
        discover(tmp_path)
    for subject in ("prices", "scores"):
        (tmp_path / subject / "staging").mkdir(parents=True)
    (tmp_path / "prices" / "staging" / "offer.sql").write_text("select 1")
    assert [*discover(tmp_path)] == [("staging", "offer")]
    (tmp_path / "scores" / "staging" / "offer.sql").write_text("select 2")
    with pytest.raises(RuntimeError, match=r"prices/staging/offer.sql and .*scores/staging/offer.sql"):
        discover(tmp_path)


def test_every_statement_can_be_ordered() -> None:
    plan = lineage.graph()
    order = list(TopologicalSorter(plan).static_order())
    assert set(order) == set(plan), "a statement needs one that does not exist"
    assert all(order.index(need) < order.index(place) for place, needs in plan.items() for need in needs)


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        ("-- from marts.y\nselect a -- of marts.z\nfrom staging.b join marts.c using (k)", "staging.b marts.c"),
        ("select '--' as dash from staging.b join marts.c using (k)", "staging.b marts.c"),
        ("select 'see marts.y' as note, \"marts.z\" from staging.b", "staging.b"),
        ("select b.c from staging.b b, (select max(n) from computed.d)", "staging.b computed.d"),
        ("with marts as (select 1 as y) select marts.y from marts, input.board", ""),
        (
            "from staging.a where exists (from vintage.b) union all from marts.valid_from",
            "staging.a vintage.b marts.valid_from",
        ),
    ],
)
def test_needs_are_the_tables_it_reads_and_not_names_in_comments_or_literals(text: str, needs: str) -> None:
    found = Statement(schema="marts", name="x", text=text).needs
    assert found == {tuple(place.split(".")) for place in needs.split()}


def test_no_connection_outlives_the_process() -> None:
    """After a Prefect flow, DuckDB ended `gapindex run --prefect` with fifty lines about a connection still open."""
    program = """
import atexit
from warehouse import statements
statements.tables_read("from raw.page")
atexit._run_exitfuncs()
print(statements._database.cache_info().currsize)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"


def test_sql_that_does_not_parse_is_named() -> None:
    with pytest.raises(ValueError, match=r"does not parse: .*the statement begins 'select from where'"):
        _ = Statement(schema="marts", name="x", text="select from where").needs


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("night()", date(2026, 6, 14)),
        ("composite_edition()", "composite-1"),
        ("is_open('T3')", True),
        ("is_open('U')", False),
        ("counts_for('any', 'T2')", True),
        ("counts_for('T1', 'T2')", False),
        ("counts_for('T1', 'T1')", True),
        ("counts_for('any', 'C')", False),
        ("(select list(tier) from licence_tiers())", ["any", "T1"]),
        ("evidence_rank('hub files')", 1),
        ("evidence_rank('hearsay')", 4),
        ("better_is_more('lower', 3)", -3),
        ("round(wilson_lo(8, 10), 4)", 0.5408),  # by the formula: p 0.8, n 10, z 1.6449
        ("round(wilson_hi(8, 10), 4)", 0.9314),
    ],
)
def test_what_statements_share(call: str, value: object) -> None:
    with duckdb.connect(":memory:") as db:
        prepare(db, date(2026, 6, 14))
        assert db.execute(f"select {call}").fetchone() == (value,)


@pytest.mark.parametrize("written", ["from input.night)", "'T2'", "2.49", "1.6449", "2.7055", "when 'hub files' then"])
def test_what_statements_share_is_written_once(written: str) -> None:
    """A licence with unknown terms is T2, and a restricted-use class is: two rules, not lists of tiers."""
    allowed = {("staging", "access_state"), ("staging", "comparable_fact")} if written == "'T2'" else set()
    assert {(s.schema, s.name) for s in EVERY if written in s.text} == allowed


@pytest.mark.parametrize("statement", EVERY, ids=lambda s: f"{s.schema}.{s.name}")
def test_every_statement_says_what_one_row_is(statement: Statement) -> None:
    assert len(statement.about) > 30
    assert statement.about.endswith((".", ":")) or statement.schema == "checks"
    assert not re.search(r"(?i)^\s*(create|insert|update|delete|drop)\b", statement.text, re.MULTILINE)


@pytest.mark.parametrize("statement", statements("marts"), ids=lambda s: s.name)
def test_every_column_of_a_mart_has_a_comment(statement: Statement, db: duckdb.DuckDBPyConnection) -> None:
    names = [name for name, *_ in db.execute(f"describe marts.{statement.name}").fetchall()]
    columns = meaning(statement.name).columns
    assert [name for name in names if name not in columns] == []
    assert [name for name in columns if name not in names] == []


def test_the_public_columns_of_the_gap_index_and_its_companions(db: duckdb.DuckDBPyConnection) -> None:
    """What downstream relies on; columns may be added, none may leave."""
    promised = {
        "gap_index": "night scope_kind scope edition tier domain metric unit closed_model closed_variant closed_score"
        " closed_on open_model open_variant open_score open_on gap gap_lo gap_hi gap_std gap_std_lo gap_std_hi"
        " resolution lag_days lag_under lag_over lag_lo lag_hi lag_censored state n_closed n_open observed_on"
        " stale_days reason method_version run_id",
        "parity_event": "event_id scope_kind scope edition grade state tier closed_model closed_score closed_on"
        " open_model open_score open_on days margin standard_error known_on confirmed_on retracted_on backfilled",
        "time_to_parity": "scope edition tier closed_model grade days censored lower_days upper_days open_model",
    }
    for mart, names in promised.items():
        there = {name for name, *_ in db.execute(f"describe marts.{mart}").fetchall()}
        assert set(names.split()) <= there, mart


# --- a build ------------------------------------------------------------------------------------


def test_every_row_says_by_which_method_and_from_what(db: duckdb.DuckDBPyConnection) -> None:
    (run,) = ask(db, "select night, run_id, method_version, answers from marts.run")
    assert (run["night"], run["method_version"], run["answers"]) == (date(2026, 6, 14), METHOD_VERSION, 1)
    assert re.fullmatch("[0-9a-f]{16}", run["run_id"])
    assert ask(db, "select distinct run_id, method_version from marts.gap_index") == [
        {"run_id": run["run_id"], "method_version": METHOD_VERSION}
    ]


def test_the_same_inputs_give_the_same_tables(tmp_path: Path, db: duckdb.DuckDBPyConnection) -> None:
    assert example(tmp_path).tables(NIGHT) == marts(db)


def test_work_with_little_memory_spills_and_gets_more_where_it_needs_more(tmp_path: Path) -> None:
    """Growing data make a build slower and do not end the night; tables are the same."""
    with duckdb.connect(":memory:") as alone:
        bound(alone, tmp_path, first=2 * 2**20)

        def wide() -> None:
            alone.execute("create table wide as select i, md5(i::varchar) as s from range(300000) r (i) order by s")

        with_enough(alone, wide, most=64 * 2**20)
        assert alone.execute("select count(*) from wide").fetchall() == [(300_000,)]
        assert 2 * 2**20 < (allowed_bytes(alone) or 0) <= 64 * 2**20

        def wider() -> None:
            alone.execute("create table wider as select list(repeat('x', 1000)) from range(1000000)")

        with pytest.raises(duckdb.OutOfMemoryException):
            with_enough(alone, wider, most=64 * 2**20)
        assert allowed_bytes(alone) == 64 * 2**20


def test_what_a_killed_build_spilled_goes_with_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "spill"
    folder.mkdir()
    (folder / "left").write_bytes(b"by a run that was killed")
    with spill_folder(folder) as spill:
        assert [*spill.iterdir()] == []
    assert not folder.exists()


def test_what_is_too_wide_to_hold_is_a_view(db: duckdb.DuckDBPyConnection) -> None:
    views = db.execute("select schema_name, view_name from duckdb_views() where schema_name = 'staging'").fetchall()
    assert set(views) == {("staging", "gap_board")}
    assert sum(("staging", "gap_board") in statement.reads for statement in EVERY) == 1, "read once, computed once"


def test_another_night_and_another_page_are_another_run(tmp_path: Path) -> None:
    toy = Example(tmp_path)
    toy.saw(NIGHT, score("Cee", 60))
    runs = [toy.tables(night)["run"][0][1] for night in (NIGHT, "2026-06-15")]
    toy.saw("2026-06-15", score("Cee", 61))
    runs += [toy.tables(night)["run"][0][1] for night in (NIGHT, "2026-06-15")]
    assert runs[0] == runs[2]
    assert len({runs[0], runs[1], runs[3]}) == 3


def test_a_store_without_any_page_builds_empty_tables(tmp_path: Path) -> None:
    result = Example(tmp_path).tables(NIGHT)
    assert {name for name, rows in result.items() if rows} <= {
        "benchmark",
        "board_health",
        "capability_price_trend",
        "claim_evidence",
        "claim_rule",
        "claim_verdict",
        "claim_verdict_vintage",
        "depth",
        "event",
        "event_state",
        "gate",
        "hardware_best",
        "model",
        "model_access",
        "parity_compute",
        "peer_estimate",
        "release",
        "run",
        "source_health",
        "survival",
        "trend",
    }


def test_a_folder_with_a_quote_in_its_name_is_a_folder(tmp_path: Path) -> None:
    toy = Example(tmp_path / "o'clock")
    toy.saw(NIGHT, score("Cee", 60))
    assert toy.published(NIGHT).rows["score"] == 1


# --- checks -------------------------------------------------------------------------------------

GAP_TONIGHT = "night = (select night from input.night) and scope = 'toy' and tier = 'any'"
BAD = {
    "claims_are_judged": [
        "delete from marts.claim_verdict where claim_id = 'r2-matched-o3'",
        "insert into marts.claim_verdict from marts.claim_verdict limit 1",
        "update marts.claim_verdict set explanation = null where claim_id = 'o3-4-months'",
    ],
    "events_do_not_move": [
        "update marts.event set state_on = null where kind = 'parity'",
        "update marts.event set known_on = known_on - 1 where kind = 'parity'",
        """insert into staging.event_memory by name
           select event_id, kind, state, known_on - 1 as known_on, state_on, night() - 1 as night from marts.event
           where retracts is null limit 1""",
        """insert into staging.event_memory by name
           select event_id, kind, 'retracted' as state, known_on, state_on, state_on as night from marts.event
           where retracts is null and state_on < night() limit 1""",
    ],
    "price_rows_are_unique": ["insert into marts.depth from marts.depth limit 1"],
    "retractions_name_an_event": [
        "update marts.event set retracts = 'nobody' where event_id = (select min(event_id) from marts.event)"
    ],
    "bracket_is_ordered": [
        f"update marts.gap_index set lag_under = 20, lag_over = 10, lag_days = 15 where {GAP_TONIGHT}",
        f"update marts.gap_index set lag_under = 10, lag_over = 20, lag_days = 25 where {GAP_TONIGHT}",
        f"update marts.gap_index set lag_under = -20, lag_over = -10, lag_days = -15 where {GAP_TONIGHT}",
    ],
    "gap_is_the_difference": [
        f"update marts.gap_index set gap = gap + 1 where {GAP_TONIGHT}",
        f"update marts.gap_index set gap = null, reason = 'no reason' where {GAP_TONIGHT}",
        f"update marts.gap_index set open_score = null where {GAP_TONIGHT}",
    ],
    "history_has_parity_events": [
        "insert into history.score by name select date '2020-01-01' as known_on; delete from marts.parity_event",
    ],
    "keys_are_unique": [
        f"insert into marts.gap_index from marts.gap_index where {GAP_TONIGHT}",
        "insert into marts.parity_event from marts.parity_event limit 1",
        "insert into marts.time_to_parity from marts.time_to_parity limit 1",
        "insert into marts.model_alias from marts.model_alias limit 1",
        "insert into marts.model from marts.model limit 1",
    ],
    "dates_ahead": [
        "update marts.score set known_on = date '2026-06-15' where name = 'Cee'",
        f"update marts.gap_index set night = date '2026-06-15' where {GAP_TONIGHT}",
        "update marts.frontier set from_on = date '2028-01-01' where model = 'Cee'",
        "update marts.board_health set last_accepted_on = date '2026-06-15'",
        "update marts.model_access set until_on = date '2026-06-15' where model = 'Cee'",
    ],
    "numbers_are_finite": [
        f"update marts.gap_index set gap_std = 'nan' where {GAP_TONIGHT}",
        f"update marts.gap_index set gap_std = 'inf' where {GAP_TONIGHT}",
    ],
    "nowcast_is_ordered": [
        f"update marts.gap_index set gap_nowcast_lo = 1, gap_nowcast_hi = 0 where {GAP_TONIGHT}",
        f"update marts.gap_index set gap_nowcast_lo = 0 where {GAP_TONIGHT}",
        f"update marts.gap_index set lag_days = null, lag_nowcast_lo = 0, lag_nowcast_hi = 1 where {GAP_TONIGHT}",
        f"""update marts.gap_index set gap_nowcast_lo = 0, gap_nowcast_hi = 1
            where {GAP_TONIGHT.replace("night)", "night) - 60")}""",
        """insert into marts.nowcast by name
           select 'toy' as scope, 'v1' as edition, 'any' as tier, 0 as horizon_days, 0 as n_gap, 0 as n_lag
           from range(2)""",
        """insert into marts.nowcast by name
           select 'toy' as scope, 'v1' as edition, 'any' as tier, 0 as horizon_days, 25 as n_gap, 0 as n_lag,
               0 as gap_lo, 0 as gap_mid, 0 as gap_hi""",
    ],
    "null_has_a_reason": [
        f"update marts.gap_index set state = null, reason = null where {GAP_TONIGHT}",
        f"update marts.gap_index set gap = null, open_score = null, reason = null where {GAP_TONIGHT}",
    ],
    "state_agrees_with_interval": [
        f"update marts.gap_index set state = 'below resolution', gap_lo = 1, gap_hi = 20 where {GAP_TONIGHT}",
        f"update marts.gap_index set state = 'closed leads', gap_lo = -1, gap_hi = 20 where {GAP_TONIGHT}",
        f"update marts.gap_index set state = 'open leads', gap_lo = -20, gap_hi = 1 where {GAP_TONIGHT}",
        """update marts.parity_event set grade = 'lead', difference = 1, standard_error = 1
           where event_id = (select min(event_id) from marts.parity_event)""",
    ],
    "rows_add_up": ["update staging.snapshot set seen = seen + 1 where board = 'toy'"],
}


def test_a_good_build_passes_every_check(db: duckdb.DuckDBPyConnection) -> None:
    assert failed_checks(db) == []


def test_what_may_lie_beyond_the_night_is_a_column_with_a_date(db: duckdb.DuckDBPyConnection) -> None:
    dated = db.execute("""select table_name, column_name from duckdb_columns()
                          where schema_name = 'marts' and regexp_matches(data_type, '^(DATE|TIMESTAMP)')""").fetchall()
    assert set(AHEAD_BY_RIGHT) <= {f"{table}.{column}" for table, column in dated}


def test_every_check_is_tripped_below() -> None:
    assert {s.name for s in statements("checks")} | {"dates_ahead"} == set(BAD)


@pytest.mark.parametrize(
    ("check", "statement"), [(check, statement) for check, found in BAD.items() for statement in found]
)
def test_a_check_finds_what_it_is_for(db: duckdb.DuckDBPyConnection, check: str, statement: str) -> None:
    with spoilt(db, statement):
        failures = failed_checks(db)
    assert [failure.split(":")[0] for failure in failures] == [check]
    assert "First: [(" in failures[0]


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (
            "insert into marts.depth from marts.depth limit 1",
            ("key unique", "depth: 1 keys (quarter, tier) occur more"),
        ),
        ("insert into marts.score from marts.score limit 1", ("key unique", "score: 1 keys (board, edition, source,")),
        (
            "update marts.gate set measured = 'nan' where gate = 'G3' and board = 'toy'",
            ("a number", "gate.measured: 1 rows are NaN"),
        ),
        (
            f"update marts.gap_index set closed_variant = '' where {GAP_TONIGHT}",
            ("one way of being empty", "gap_index.closed_variant: 1 rows hold the rarer of '' and NULL"),
        ),
    ],
)
def test_a_broken_promise_of_a_table_is_a_warning(
    db: duckdb.DuckDBPyConnection, statement: str, found: tuple[str, str]
) -> None:
    assert broken_contracts(db) == []
    with spoilt(db, statement):
        ((rule, text),) = broken_contracts(db)
    assert (rule, text[: len(found[1])]) == found


def test_every_published_table_states_its_key() -> None:
    assert [table.name for table in statements("marts") if not table.key] == []


# --- expectations -------------------------------------------------------------------------------

WRONG: dict[str, list[tuple[str, str]]] = {
    "collected scores": [
        ("update staging.current_score set name = null", "expect_column_values_to_not_be_null on name"),
        ("update staging.current_score set written = null", "expect_column_values_to_not_be_null on written"),
        ("update staging.current_score set name = repeat('x', 201)", "expect_column_values_to_match_regex on name"),
        ("update staging.current_score set name = 'a' || chr(27)", "expect_column_values_to_match_regex on name"),
        ("update staging.current_score set value = 6000", "expect_column_values_to_be_between on place"),
        ("update staging.current_score set stderr = -1", "expect_column_values_to_be_between on stderr"),
    ],
    "model access": [
        ("update marts.model_access set tier = 'open'", "expect_column_values_to_be_in_set on tier"),
        ("update marts.model_access set from_on = null", "expect_column_values_to_not_be_null on from_on"),
        ("update marts.model_access set evidence_rank = 5", "expect_column_values_to_be_between on evidence_rank"),
    ],
    "gap index tonight": [
        ("update marts.gap_index set scope = 'toy'", "expect_compound_columns_to_be_unique"),
        ("update marts.gap_index set tier = 'T2' where tier = 'any'", "expect_column_values_to_be_in_set on tier"),
        ("update marts.gap_index set state = 'about even'", "expect_column_values_to_be_in_set on state"),
        ("update marts.gap_index set gap = 5001", "expect_column_values_to_be_between on gap"),
        ("update marts.gap_index set lag_under = -4001", "expect_column_values_to_be_between on lag_under"),
        ("update marts.gap_index set stale_days = -1", "expect_column_values_to_be_between on stale_days"),
        ("update marts.gap_index set run_id = null", "expect_column_values_to_not_be_null on run_id"),
    ],
    "frontier": [
        ("update marts.frontier set side = 'ajar'", "expect_column_values_to_be_in_set on side"),
        ("update marts.frontier set score = null", "expect_column_values_to_not_be_null on score"),
    ],
    "parity events": [
        ("insert into marts.parity_event from marts.parity_event", "expect_column_values_to_be_unique on event_id"),
        ("update marts.parity_event set event_id = 'one'", "expect_column_values_to_match_regex on event_id"),
        ("update marts.parity_event set days = null", "expect_column_values_to_not_be_null on days"),
    ],
}
EMPTY = {
    "collected scores": "staging.current_score",
    "model access": "marts.model_access",
    "gap index tonight": "marts.gap_index",
    "frontier": "marts.frontier",
}
"""Not the parity events: that a build on the bundled history has some is a check in SQL."""


@pytest.fixture(scope="module")
def expectations() -> Any:
    """Imported here and not above: it costs seconds, and the tests before do not need it."""
    from warehouse import expectations

    return expectations


def frames(db: duckdb.DuckDBPyConnection, *names: str) -> dict[str, Any]:
    return {name: db.execute(QUERIES[name]).df() for name in names}


def suites(expectations: Any) -> dict[str, Any]:
    return {suite.name: suite for suite in (*expectations.COLLECTED, *expectations.BUILT)}


def test_a_good_build_meets_every_expectation(db: duckdb.DuckDBPyConnection, expectations: Any) -> None:
    assert [rule for rule in expectations.broken_in(frames(db, *QUERIES)) if rule.critical] == []


def test_every_suite_is_failed_below(expectations: Any) -> None:
    assert set(suites(expectations)) == set(WRONG) == {*EMPTY, "parity events"}


@pytest.mark.parametrize("name", EMPTY)
def test_an_empty_table_never_passes(db: duckdb.DuckDBPyConnection, expectations: Any, name: str) -> None:
    with spoilt(db, f"delete from {EMPTY[name]}"):
        failures = [rule.found for rule in expectations.broken_in(frames(db, name)) if rule.critical]
    assert any("expect_table_row_count_to_be_between on table" in failure for failure in failures)


@pytest.mark.parametrize(
    ("name", "statement", "rule"), [(name, *wrong) for name, found in WRONG.items() for wrong in found]
)
def test_an_expectation_finds_what_it_is_for(
    db: duckdb.DuckDBPyConnection, expectations: Any, name: str, statement: str, rule: str
) -> None:
    with spoilt(db, statement):
        failures = [rule.found for rule in expectations.broken_in(frames(db, name)) if rule.critical]
    assert any(failure.startswith(f"{name}: {rule}") for failure in failures), failures
