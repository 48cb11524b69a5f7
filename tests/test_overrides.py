"""Decisions of the operator: what they let in, what they leave alone, and when they end."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from examples import Example, JsonRow, ask, score

from flows.cli import app
from flows.cli.options import Exit
from warehouse import overrides
from warehouse.overrides import InvalidOverride, Override, append, damaged, named, read

NIGHT = date(2026, 6, 2)
WHOLE = [score(f"Model {letter}", 50 + at) for at, letter in enumerate("abcdefghij")]


def cut(by: int = 0) -> list[JsonRow]:
    return [score(f"Model {letter}", 51 + at + by) for at, letter in enumerate("abcd")]


def first_score(db: duckdb.DuckDBPyConnection) -> float:
    (row,) = ask(db, "select value from marts.score where name = 'Model a'")
    return float(row["value"])


def decided(db: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    rows = ask(db, "select outcome, explanation from marts.gate where gate = 'decision' order by all")
    return [(row["outcome"], row["explanation"]) for row in rows]


# --- what is named ------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["abc", "arena-text", "arena-text@soon", "@2026-06-01", "ABCDEF0123", "../../etc"])
def test_what_names_nothing_is_refused(target: str) -> None:
    with pytest.raises(InvalidOverride, match="sha256"):
        named(target, NIGHT, reason="it is so")


def test_a_decision_needs_a_reason() -> None:
    with pytest.raises(InvalidOverride, match="reason"):
        named("arena-text@2026-06-01", NIGHT, reason=" ")


def test_a_decision_comes_back_as_it_was_written(tmp_path: Path) -> None:
    one = named("arena-text@2026-06-01", NIGHT, reason='they say "so"\nthemselves', extend=True)
    other = named("0123456789abcdef", NIGHT, reason="checked by hand")
    for override in (one, other):
        file = append(tmp_path, override)
    assert read(file, NIGHT) == [one, other]
    assert len(file.read_text("utf-8").splitlines()) == 2


def test_a_night_before_a_decision_does_not_know_it(tmp_path: Path) -> None:
    file = append(tmp_path, named("0123456789abcdef", NIGHT, reason="checked"))
    assert read(file, date(2026, 6, 1)) == []


@pytest.mark.parametrize("spoilt", ["{}", "[]", "no json", '{"night": "soon"}', "[" * 5_000])
def test_a_spoilt_line_is_left_out_and_named(tmp_path: Path, spoilt: str, caplog: pytest.LogCaptureFixture) -> None:
    first, last = (named(sha, NIGHT, reason="checked") for sha in ("0123456789abcdef", "fedcba9876543210"))
    file = append(tmp_path, first)
    with file.open("a", encoding="utf-8") as lines:
        lines.write(f"{spoilt}\n")
    append(tmp_path, last)
    assert read(file, NIGHT) == [first, last]
    (fault,) = damaged(file)
    assert re.match(r"line 2 of .*overrides\.jsonl is no decision", fault) and fault in caplog.text


def test_a_reason_may_hold_any_line_separator(tmp_path: Path) -> None:
    fields = {"night": "2026-06-01", "reason": "one\u2028two", "board": "", "on_night": None, "sha256": "01234567"}
    line = json.dumps({**fields, "extend": False}, ensure_ascii=False)
    file = tmp_path / "overrides.jsonl"
    file.write_text(f"{line}\n{line}\n", "utf-8")
    assert [one.reason for one in read(file, NIGHT)] == ["one two", "one two"]
    assert damaged(file) == []
    assert named("01234567", NIGHT, reason="one\u2028two\x1b").reason == "one two"


# --- what it does -------------------------------------------------------------------------------


def test_a_table_is_let_in_and_expires_when_the_source_mends_itself(tmp_path: Path) -> None:
    toy = Example(tmp_path)
    toy.saw("2026-06-01", *WHOLE)
    sha256 = toy.saw("2026-06-02", *cut())
    with toy.built("2026-06-02", "gate", "run", "score") as db:
        assert first_score(db) == 50
        (before,) = ask(db, "select run_id from marts.run")
    append(tmp_path, Override(night=NIGHT, reason="they dropped six models", sha256=sha256[:12]))
    with toy.built("2026-06-01", "gate", "run", "score") as db:
        assert decided(db) == []
    with toy.built("2026-06-02", "gate", "run", "score") as db:
        assert first_score(db) == 51
        assert decided(db) == [("warned", "in force: they dropped six models")]
        (after,) = ask(db, "select run_id from marts.run")
        assert after != before
        (gate,) = ask(db, "select outcome, explanation from marts.gate where rule = 'rows kept' and outcome <> 'pass'")
        assert gate["outcome"] == "warned"
        assert gate["explanation"].endswith("let in on 2026-06-02: they dropped six models")
    toy.saw("2026-06-03", *cut(1))
    with toy.built("2026-06-03", "gate", "run", "score") as db:
        assert first_score(db) == 51, "the next cut table is not meant"
    toy.saw("2026-06-04", *WHOLE[:-1], score("Model j", 60))
    with toy.built("2026-06-04", "gate", "run", "score") as db:
        assert decided(db) == [
            ("pass", "expired on 2026-06-04, when a table passed by itself: they dropped six models")
        ]


def test_an_extended_decision_goes_on_until_a_table_passes_by_itself(tmp_path: Path) -> None:
    toy = Example(tmp_path)
    toy.saw("2026-06-01", *WHOLE)
    toy.saw("2026-06-02", *cut())
    append(tmp_path, Override(night=NIGHT, reason="shorter now", board="toy", on_night=NIGHT, extend=True))
    toy.saw("2026-06-03", *cut(1))
    with toy.built("2026-06-03", "score") as db:
        assert first_score(db) == 52
    toy.saw("2026-06-04", *WHOLE[:-1], score("Model j", 60))
    toy.saw("2026-06-05", *cut(2))
    with toy.built("2026-06-05", "score") as db:
        assert first_score(db) == 50, "the board was whole in between"


def test_a_row_is_let_in_on_the_night_it_jumped(tmp_path: Path) -> None:
    toy = Example(tmp_path)
    toy.saw("2026-06-01", *WHOLE)
    sha256 = toy.saw("2026-06-02", score("Model a", 95), *WHOLE[1:])
    with toy.built("2026-06-02", "score") as db:
        assert first_score(db) == 50
    append(tmp_path, Override(night=NIGHT, reason="run again with tools", sha256=sha256))
    with toy.built("2026-06-02", "score") as db:
        assert first_score(db) == 95


# --- the command --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    toy = Example(tmp_path_factory.mktemp("data"))
    toy.saw("2026-06-01", *WHOLE)
    sha256 = toy.saw("2026-06-02", *cut())
    toy.published("2026-06-02")
    return toy.folder, sha256


def accept(data: Path, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["accept", *arguments, "--data", str(data)])
    return result.exit_code, " ".join(result.output.split())


def test_the_command_writes_down_what_is_let_in(held: tuple[Path, str]) -> None:
    data, sha256 = held
    for target in (sha256[:12], "toy@2026-06-02"):
        code, answer = accept(data, target, "--reason", "they dropped six")
        assert code == Exit.DONE, answer
        assert "toy, 2026-06-02: 4 rows shown, 10 before it was cut" in answer
        assert "gapindex run --night 2026-06-02" in answer
    lines = [json.loads(line) for line in (data / overrides.FILE).read_text("utf-8").splitlines()]
    assert [(line["night"], line["sha256"], line["board"]) for line in lines] == [
        ("2026-06-02", sha256[:12], ""),
        ("2026-06-02", "", "toy"),
    ]


@pytest.mark.parametrize("target", ["0123456789abcdef", "tay@2026-06-02", "toy@2026-06-01", "nonsense"])
def test_the_command_refuses_what_is_not_held(held: tuple[Path, str], target: str) -> None:
    code, answer = accept(held[0], target, "--reason", "so it is")
    assert code == Exit.USAGE
    assert "gapindex:" in answer


def test_the_command_has_nothing_to_accept_before_the_first_night(tmp_path: Path) -> None:
    code, answer = accept(tmp_path, "toy@2026-06-02", "--reason", "so it is")
    assert code == Exit.NOTHING_YET
    assert "gapindex run" in answer
