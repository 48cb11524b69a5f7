"""What the operator throws out: a row, a page, a source; seen in quarantine, gone from every number, let in again."""

from __future__ import annotations

import json
import os
import signal
from datetime import date
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from examples import Example, ask, closed, gap, opened, score

from flows.cli import app
from flows.cli.options import Exit
from flows.night import build_and_publish
from flows.stages import build as stage
from flows.stages.build import NotPublished
from warehouse import exclusions, overrides, unpublished
from warehouse.exclusions import Exclusion, Target
from warehouse.health.derived import last_build
from warehouse.health.kept import exclusions as excluded_finding
from warehouse.publication import current
from warehouse.scope import RunScope

NIGHT = date(2026, 6, 2)
MODELS = (closed("Cee", api="2026-01-01"), opened("Oh", weights="2026-02-01"), opened("Lie", weights="2026-05-01"))
HONEST = (*MODELS[:2], score("Cee", 60), score("Oh", 50))
LIE = Target(kind="row", board="toy", name="Lie")


@pytest.fixture
def lied_to(tmp_path: Path) -> tuple[Example, str]:
    """Two honest models, and a row that leads them both: on its second night, the 2nd of June, it counts."""
    toy = Example(tmp_path)
    toy.saw("2026-05-31", *HONEST)
    for night in ("2026-06-01", "2026-06-02"):
        sha256 = toy.saw(night, *MODELS, score("Cee", 60), score("Oh", 50), score("Lie", 70))
    return toy, sha256


def throw_out(toy: Example, target: Target, night: date = NIGHT, *, undo: bool = False) -> None:
    one = exclusions.exclusion(target, night, reason="nobody has seen that model", undo=undo)
    exclusions.append(toy.folder / overrides.FILE, one)


def quarantined(db: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    rows = ask(db, "select held, name, found from marts.quarantine where believed_on is null order by all")
    return [(row["held"], row["name"], row["found"]) for row in rows]


def test_a_row_is_thrown_out_from_that_night_on_and_let_in_again(lied_to: tuple[Example, str]) -> None:
    toy, _ = lied_to
    with toy.built("2026-06-02") as db:
        assert gap(db, "2026-06-02")["open_model"] == "Lie"
        (before,) = ask(db, "select run_id from marts.run")
    throw_out(toy, LIE)
    with toy.built("2026-06-02") as db:
        assert gap(db, "2026-06-02")["open_model"] == "Oh"
        assert ask(db, "from marts.score where name = 'Lie'") == []
        assert quarantined(db) == [("row", "Lie", "excluded by the operator on 2026-06-02: nobody has seen that model")]
        assert ask(db, "from marts.gate where outcome = 'held'") == [], "no gate takes the table for a cut one"
        (after,) = ask(db, "select run_id from marts.run")
        assert after != before
    with toy.built("2026-06-01") as db:
        assert ask(db, "from input.exclusion") == [], "an earlier night does not know it"
    toy.saw("2026-06-03", *MODELS, score("Cee", 60), score("Oh", 51), score("Lie", 71))
    with toy.built("2026-06-03") as db:
        assert gap(db, "2026-06-03")["open_model"] == "Oh", "a later page that shows it again changes nothing"
    throw_out(toy, LIE, date(2026, 6, 4), undo=True)
    toy.saw("2026-06-04", *MODELS, score("Cee", 60), score("Oh", 52), score("Lie", 71))
    with toy.built("2026-06-04") as db:
        assert gap(db, "2026-06-04")["open_model"] == "Lie"
        assert quarantined(db) == []


def test_a_page_is_thrown_out_and_the_one_before_stays_in_force(lied_to: tuple[Example, str]) -> None:
    toy, sha256 = lied_to
    throw_out(toy, Target(kind="page", sha256=sha256[:12]))
    with toy.built("2026-06-02") as db:
        row = gap(db, "2026-06-02")
        assert (row["open_model"], str(row["observed_on"])) == ("Oh", "2026-05-31")
        assert quarantined(db) == [("page", "", "excluded by the operator on 2026-06-02: nobody has seen that model")]
        (health,) = ask(db, "select outcome, error from marts.source_health")
        assert health["outcome"] == "excluded" and "nobody has seen" in health["error"]


def test_a_source_is_thrown_out_with_all_it_ever_said(lied_to: tuple[Example, str]) -> None:
    toy, _ = lied_to
    throw_out(toy, Target(kind="source", source="toy-board"))
    with toy.built("2026-06-02") as db:
        for table in ("marts.score", "staging.access_statement", "marts.frontier"):
            assert ask(db, f"from {table}") == []
        assert {held for held, _, _ in quarantined(db)} == {"page"}


def test_many_rows_of_a_table_are_thrown_out_and_its_gates_stay_calm(tmp_path: Path) -> None:
    toy = Example(tmp_path)
    names = [f"Model {letter}" for letter in "abcdefghij"]
    for night in (1, 2):
        toy.saw(f"2026-06-0{night}", *(score(name, 50 + at + night) for at, name in enumerate(names)))
    for name in names[:6]:
        throw_out(toy, Target(kind="row", board="toy", name=name))
    with toy.built("2026-06-02") as db:
        assert {row["name"] for row in ask(db, "select name from marts.score")} == set(names[6:])
        assert ask(db, "from marts.gate where outcome = 'held'") == []
        (table,) = ask(db, "from staging.snapshot where page_key = (select max(page_key) from staging.snapshot)")
        assert (table["seen"], table["accepted"], table["excluded"]) == (10, 4, 6)


@pytest.mark.parametrize(
    "exclude", [{}, {"kind": "world"}, {"kind": "row", "board": "toy"}, {"kind": "page", "sha256": "xyz"}, "toy", None]
)
def test_a_spoilt_exclusion_throws_nothing_out_and_is_named(tmp_path: Path, exclude: object) -> None:
    file = tmp_path / overrides.FILE
    file.write_text(json.dumps({"night": "2026-06-01", "exclude": exclude, "reason": "x", "undo": False}) + "\n")
    assert overrides.excluded(file, NIGHT) == []
    (fault,) = overrides.damaged(file)
    assert "is no decision" in fault


def test_an_exclusion_comes_back_as_it_was_written(tmp_path: Path) -> None:
    given = [
        Exclusion(night=NIGHT, reason='they say "so"', target=target)
        for target in (LIE, Target(kind="page", sha256="0123456789abcdef"), Target(kind="source", source="toy-board"))
    ]
    for one in given:
        file = exclusions.append(tmp_path / overrides.FILE, one)
    assert set(overrides.excluded(file, NIGHT)) == set(given)
    assert overrides.read(file, NIGHT) == [] and overrides.damaged(file) == []


# --- the command --------------------------------------------------------------------------------


def command(data: Path, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["exclude", *arguments, "--data", str(data)])
    return result.exit_code, " ".join(result.output.split())


def test_the_command_throws_out_and_lets_in_again(lied_to: tuple[Example, str]) -> None:
    toy, sha256 = lied_to
    toy.published("2026-06-02")
    because = ("--reason", "nobody has seen it")
    for target in (("toy", "--row", "Lie"), (sha256[:12],), ("toy-board",)):
        code, answer = command(toy.folder, *target, *because)
        assert code == Exit.DONE, answer
        assert "is excluded from 2026-06-02 on" in answer
    assert "3" not in excluded_finding(toy.folder).state
    assert "toy --row 'Lie' since 2026-06-02 (nobody has seen it)" in excluded_finding(toy.folder).found
    for target in (("toy", "--row", "Lie"), (sha256[:12],), ("toy-board",)):
        code, answer = command(toy.folder, *target, *because, "--undo")
        assert code == Exit.DONE, answer
    assert overrides.excluded(toy.folder / overrides.FILE, NIGHT) == []
    assert len((toy.folder / overrides.FILE).read_text("utf-8").splitlines()) == 6, "nothing is ever changed"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("toy", "--row", "Lye"), "did you mean Lie"),
        (("tay", "--row", "Lie"), "no row of a board 'tay'"),
        (("toy-bored",), "did you mean toy-board"),
        (("0123456789abcdef",), "no page"),
        (("toy", "--row", "Lie", "--undo"), "is not excluded"),
        (("",), "name a source"),
    ],
)
def test_the_command_refuses_what_is_not_there(
    lied_to: tuple[Example, str], arguments: tuple[str, ...], says: str
) -> None:
    toy, _ = lied_to
    toy.published("2026-06-02")
    code, answer = command(toy.folder, *arguments, "--reason", "so it is")
    assert code == Exit.USAGE and says in answer, answer
    assert not (toy.folder / overrides.FILE).exists()


def test_the_command_works_where_nothing_could_be_published(lied_to: tuple[Example, str]) -> None:
    toy, _ = lied_to
    toy.ingest()
    code, answer = command(toy.folder, "toy", "--row", "Lie", "--reason", "it ends every night")
    assert code == Exit.DONE and "from 2026-06-02 on" in answer, answer


# --- a night that is not published ----------------------------------------------------------------


def test_a_build_that_fails_names_what_stands_in_the_way_until_it_is_thrown_out(
    lied_to: tuple[Example, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    toy, sha256 = lied_to
    scope = RunScope(kind="full", sources=("toy-board",))

    def check(db: duckdb.DuckDBPyConnection, _met: Path) -> None:
        if ask(db, "from marts.score where name = 'Lie'"):
            raise ArithmeticError("the fit does not settle")

    def publish(night: date) -> None:
        toy.ingest()
        build_and_publish(night, toy.folder, scope, toy.sources, bundled=False)

    monkeypatch.setattr(stage, "check", check)
    publish(date(2026, 5, 31))
    with pytest.raises(NotPublished, match="ArithmeticError: the fit does not settle") as caught:
        publish(NIGHT)
    assert caught.value.record == unpublished.read(toy.folder)
    finding = last_build(toy.folder)
    assert finding.state == "fault"
    assert f"toy-board, page {sha256[:12]} (3 scores)" in finding.found
    assert f"gapindex exclude {sha256[:12]}" in finding.todo
    throw_out(toy, LIE)
    publish(NIGHT)
    assert last_build(toy.folder).state == "ok"
    publication = current(toy.folder)
    assert publication is not None and publication.night == NIGHT


def test_a_statement_that_fails_is_named(lied_to: tuple[Example, str], monkeypatch: pytest.MonkeyPatch) -> None:
    from warehouse import build

    toy, _ = lied_to
    toy.ingest()
    make = build.make_table

    def failing(db: duckdb.DuckDBPyConnection, schema: str, name: str, **given: object) -> None:
        if name == "gap_index":
            raise ZeroDivisionError("1 / 0")
        make(db, schema, name, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(build, "make_table", failing)
    with pytest.raises(NotPublished, match=r"ZeroDivisionError: 1 / 0 \(while table marts.gap_index was made\)"):
        build_and_publish(NIGHT, toy.folder, RunScope(kind="full", sources=()), toy.sources, bundled=False)


def killed(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_rules_whose_process_is_killed_publish_nothing(
    lied_to: tuple[Example, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    toy, _ = lied_to
    toy.ingest()
    scope = RunScope(kind="full", sources=("toy-board",))
    monkeypatch.setattr("warehouse.validation._broken_in", killed)
    with pytest.raises(
        NotPublished, match=r"ChildDied: the process of .* was killed \(signal 9\); what to do: .*memory"
    ):
        build_and_publish(NIGHT, toy.folder, scope, toy.sources, bundled=False)
    assert current(toy.folder) is None


def test_what_a_publication_lacks_is_named(lied_to: tuple[Example, str], monkeypatch: pytest.MonkeyPatch) -> None:
    toy, _ = lied_to
    toy.ingest()
    scope = RunScope(kind="full", sources=("toy-board",))
    check = stage.check

    def check_and_fail(db: duckdb.DuckDBPyConnection, met: Path) -> None:
        check(db, met)
        db.execute("insert into marts.build_failure values ('ability', 'overall', 'it still moves')")

    monkeypatch.setattr(stage, "check", check_and_fail)
    build_and_publish(NIGHT, toy.folder, scope, toy.sources, bundled=False)
    finding = last_build(toy.folder)
    assert (finding.state, finding.found) == ("warning", "published without ability of overall: it still moves")
