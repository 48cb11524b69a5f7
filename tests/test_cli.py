"""The command line, on a publication of the toy warehouse: what people and machines get to see."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from commands import Answer, gapindex
from examples import Example, board, closed, excluded, opened, score
from rich.console import Console

from collectors.sanitize import visible
from flows.cli import app, main
from flows.cli.commands import COMMANDS, summary
from flows.cli.drawing import Field, curve, fitted
from flows.cli.screen import out
from flows.environment import lone_folder
from flows.settings import load

NIGHT = "2026-06-14"
HOSTILE = {
    "markup": "[red]x[/red] [/nonsense] [link=https://toy.example]y",
    "formula": '=HYPERLINK("https://toy.example")',
    "emoji": "model:free:100:smile:",
    "backslash": "back\\slash\\",
    "long": "L" * 200,
}
ESCAPES = "\x1b[2J\x1b]0;title\x07 \u202edlrow"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    example = Example(
        tmp_path_factory.mktemp("data"),
        board(),
        board("hostile", domain="agents"),
        board("one-sided", domain="multimodal"),
        board("aside", counts_for_index=False, why_not="an average of [other] boards"),
    )
    example.saw(
        "2026-06-13",
        closed("Cee", api="2026-01-01"),
        closed("Later", api="2026-03-01"),
        opened("Oh", weights="2026-04-01"),
        *(closed(name, api="2026-01-01") for name in HOSTILE.values()),
        *(opened(name, weights="2026-02-01") for name in HOSTILE.values()),
        opened(HOSTILE["markup"] + "!", weights="2026-02-01"),
        score("Cee", 40),
        score("Later", 60),
        score("Oh", 50, variant="high"),
        score("Cee", 60, board="aside"),
        score("Oh", 50, board="aside"),
        score("Cee", 60, board="one-sided"),
        score(HOSTILE["markup"] + "!", 90, board="hostile", edition="[bold]v1", written=f"[blink]{ESCAPES}"),
        score("Cee", 20, board="hostile", edition="[bold]v1", variant="[i]high", written="plain"),
        *(score(name, 10 + n, board="hostile", edition="[bold]v1") for n, name in enumerate(HOSTILE.values())),
        excluded("Human", "human baseline"),
    )
    example.failed(NIGHT, "blocked", f"[/b] 403 {ESCAPES}")
    example.published(NIGHT)
    return example.folder


@pytest.fixture
def ask(data: Path) -> Iterator[Any]:
    yield lambda *words, **given: asked(data, *words, **given)


def asked(data: Path, *words: str, given: str | None = None) -> Answer:
    return gapindex(words[0], "--data", data, *words[1:], given=given)


# --- help ---------------------------------------------------------------------------------------


def test_help_names_every_command() -> None:
    reply = gapindex("--help")
    assert reply.code == 0
    for command in ("run", "show", "why", "sources", "events", "sql", "backfill", "rebuild"):
        assert command in reply.out
    assert "How far open-weight AI models are behind closed ones" in reply.out


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_command_has_help_and_a_line_in_the_list(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"], terminal_width=200)
    assert result.exit_code == 0
    assert ("--data" in result.stdout) is (command not in {"new-source", "alerts", "serve"})
    assert summary(command).endswith(".")


HEAVY = {
    *("pydantic", "typer", "yaml", "prefect", "great_expectations", "numpy", "pandas", "pyarrow", "httpx", "jinja2"),
    *("zstandard", "rich.progress", "rich.markdown", "rich.traceback"),
}
"""What takes a tenth of a second and more to import, or comes with such a package."""


@pytest.mark.parametrize(
    ("words", "spared"),
    [
        (("--help",), HEAVY | {"duckdb", "rich"}),
        (("sql", "from run"), HEAVY),
        (("show",), HEAVY),
    ],
)
def test_a_command_imports_nothing_that_it_does_not_need(data: Path, words: tuple[str, ...], spared: set[str]) -> None:
    """A second of imports once stood before every `gapindex --help`, and half a second before `gapindex sql`."""
    program = f"import sys; from flows.cli import app; app({words!r}, standalone_mode=False); print(*sys.modules)"
    env = {name: value for name, value in os.environ.items() if not name.startswith("GAPINDEX_")}
    shown = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env=env | {"GAPINDEX_DATA": str(data), "PYTHONPATH": str(Path(__file__).parent.parent)},
        cwd=data,
    ).stdout
    assert spared & set(shown.split()) == set()


def test_the_data_folder_is_known_without_reading_settings_only_where_it_is_the_only_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert lone_folder(None, {}) == tmp_path / "data" == load({}).settings.data
    assert lone_folder(None, {"GAPINDEX_DATA": "nights"}) == tmp_path / "nights"
    assert lone_folder(Path("given"), {"GAPINDEX_DATA": "nights"}) == tmp_path / "given"
    assert lone_folder(None, {"GAPINDEX_WAIT": "soon"}) is None  # `load` refuses it
    assert lone_folder(None, {"gapindex_data": "nights"}) is None  # `load` knows it in small letters too
    (tmp_path / "gapindex.yaml").write_text("data: filed", "utf-8")
    assert lone_folder(None, {}) is None


# --- show ---------------------------------------------------------------------------------------


def test_show_tells_who_leads_and_by_how_much(ask: Any) -> None:
    # Oh's 50 lies between Cee's 40 of 01-01 and Later's 60 of 03-01: 105 to 164 days, halfway 134.5.
    reply = ask("show", "toy")
    assert reply.code == 0
    for received in (NIGHT, "Later", "60 %", "Oh", "50 %", "10 %", "134", "105 to 164", "closed leads", "2026-06-13"):
        assert received in reply.out


def test_show_says_as_json_what_the_table_has(ask: Any) -> None:
    (row,) = ask("show", "toy", "--json").json
    assert (row["night"], row["scope"], row["tier"], row["gap"]) == (NIGHT, "toy", "any", 10.0)
    assert (row["closed_model"], row["open_model"], row["lag_days"]) == ("Later", "Oh", 134.5)


def test_show_leaves_out_what_does_not_count_unless_asked(ask: Any) -> None:
    shown = {row["scope"] for row in ask("show", "--json").json}
    everything = {row["scope"] for row in ask("show", "--all", "--json").json}
    # A domain without a composite says only that; its boards say the rest.
    assert everything - shown == {"aside", "coding", "agents", "multimodal"}
    assert {row["scope"] for row in ask("show", "aside", "--json").json} == {"aside"}


def test_show_of_another_night_and_tier(ask: Any) -> None:
    (row,) = ask("show", "toy", "--night", "2026-02-15", "--tier", "T1", "--json").json
    assert (row["night"], row["tier"], row["closed_model"], row["open_model"]) == ("2026-02-15", "T1", "Cee", None)


def test_show_of_a_board_with_one_side(ask: Any) -> None:
    assert "none counts" in ask("show", "one-sided").out


# --- why ----------------------------------------------------------------------------------------


def test_why_leads_back_to_the_bytes(ask: Any, data: Path) -> None:
    received = ask("why", "toy", "--json").json
    closed_side, open_side = received["sides"]
    assert received["row"]["gap"] == 10.0
    assert (closed_side["side"], closed_side["model"], closed_side["score"]) == ("closed", "Later", 60.0)
    assert json.loads(closed_side["evidence"]["written"])["name"] == "Later"
    assert open_side["evidence"]["listed_as"] == "high"
    assert (open_side["access"]["tier"], open_side["access"]["evidence"]) == ("T1", "release note")
    for side in (closed_side, open_side):
        file = Path(side["archive_file"])
        assert file.is_file()
        assert file.is_relative_to(data / "archive")
        assert file.stem == side["evidence"]["sha256"]


def test_why_for_people(ask: Any) -> None:
    reply = ask("why", "toy")
    assert reply.code == 0
    for received in (
        "gap 10 %",
        "closed leads",
        "https://toy.example/board.json",
        "known since night 2026-06-13",
        "T1",
    ):
        assert received in reply.out


@pytest.mark.parametrize("words", [("why", "toy"), ("why", "coding"), ("show", "toy"), ("claims",), ("sources",)])
def test_lines_fit_the_terminal_and_cut_no_word(
    ask: Any, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setattr(out, "_width", 60)
    shown = ask(*words).out
    too_long = [line.split() for line in shown.splitlines() if len(line) > 60]
    assert [line for line in too_long if max(map(len, line)) < 40] == []  # a word that is too wide is not cut


def test_rows_whose_words_do_not_fit_a_table_stand_one_below_the_other(
    ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "select 'a-source-of-some-length' as source, 'https://toy.example/board.json' as url, 1 as n"
    assert "┃ source" in ask("sql", query).out
    monkeypatch.setattr(out, "_width", 50)
    assert ask("sql", query).out.split() == [
        *("row", "1", "source", "a-source-of-some-length"),
        *("url", "https://toy.example/board.json", "n", "1"),
    ]


def test_an_address_and_a_digest_are_one_word_at_any_width(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (side, _) = ask("why", "toy", "--json").json["sides"]
    monkeypatch.setattr(out, "_width", 30)
    words = ask("why", "toy").out.split()
    assert {side["evidence"]["sha256"], side["evidence"]["url"], side["archive_file"]} <= set(words)


def test_why_of_a_board_with_one_side_gives_the_reason(ask: Any) -> None:
    reply = ask("why", "one-sided")
    assert "no open model counts here" in reply.out
    assert "no model counts" in reply.out


def test_why_of_an_unknown_scope(ask: Any) -> None:
    reply = ask("why", "tay")
    assert (reply.code, reply.out) == (6, "")
    assert "no scope 'tay'" in reply.err
    assert "toy" in reply.err


def test_why_of_a_night_before_the_first(ask: Any) -> None:
    reply = ask("why", "toy", "--night", "2023-01-01")
    assert reply.code == 6
    assert "it has nights from 2026-01-01 to 2026-06-14" in reply.err


# --- sources, events, sql -----------------------------------------------------------------------


def test_sources_say_how_the_night_went(ask: Any) -> None:
    (row,) = ask("sources", "--json").json
    assert (row["source"], row["outcome"]) == ("toy-board", "blocked")
    assert (row["last_good_on"], row["stale_days"]) == ("2026-06-13", 1)
    reply = ask("sources")
    for received in ("toy-board", "blocked", "2026-06-13", "1 d", "403"):
        assert received in reply.out


def test_events_say_which_model_reached_which(ask: Any) -> None:
    # Oh's 50 of 04-01 reached Cee's 40 of 01-01 after 31 + 28 + 31 = 90 days.
    (row,) = ask("events", "toy", "--json").json
    assert (row["closed_model"], row["open_model"], row["days"], row["grade"]) == ("Cee", "Oh", 90, "match")
    reply = ask("events", "toy")
    for received in ("2026-04-01", "Oh", "50 : 40", "2026-01-01", "90"):
        assert received in reply.out
    assert ask("events", "toy", "--since", "2026-04-02", "--json").json == []


def test_sql_answers_people_and_machines(ask: Any) -> None:
    query = """select scope, count(*) as n from time_to_parity
               where grade = 'match' and tier = 'any' and scope = 'toy' group by scope"""
    assert ask("sql", query, "--json").json == [{"scope": "toy", "n": 2}]
    assert "toy" in ask("sql", query).out
    assert ask("sql", "-", "--json", given=query).json == [{"scope": "toy", "n": 2}]
    assert "no row" in ask("sql", "from score where false").out


def test_sql_answers_in_the_forms_that_programs_read(ask: Any) -> None:
    query = (
        "select scope, max(gap) as gap, [1, 2] as list, null as nothing from gap_index where scope = 'toy' group by 1"
    )
    (gap,) = {row["gap"] for row in ask("sql", query, "--json").json}
    assert ask("sql", query, "--format", "csv").out == f'scope,gap,list,nothing\ntoy,{gap},"[1, 2]",\n'
    assert ask("sql", query, "--format", "json").json == ask("sql", query, "--json").json
    assert ask("sql", query, "--format", "markdown").out.splitlines() == [
        "| scope | gap | list | nothing |",
        "| --- | --- | --- | --- |",
        f"| toy | {gap} | [1, 2] |  |",
    ]


def test_sql_writes_arrow_with_types(data: Path) -> None:
    import pyarrow as pa

    query = "select date '2026-06-14' as night, 7::integer as n"
    result = CliRunner().invoke(app, ["sql", query, "--format", "arrow", "--data", str(data)])
    assert result.exit_code == 0
    table = pa.ipc.open_stream(result.stdout_bytes).read_all()
    assert (table.schema.names, str(table.schema.field("night").type)) == (["night", "n"], "date32[day]")
    assert table.to_pylist() == [{"night": date(2026, 6, 14), "n": 7}]


def test_sql_keeps_columns_of_one_name_apart(ask: Any) -> None:
    query = "select 1 as n, 2 as n, 3 as n_2, 4 as n"
    assert ask("sql", query, "--json").json == [{"n": 1, "n_3": 2, "n_2": 3, "n_4": 4}]
    assert all(received in ask("sql", query).out for received in ("n_2", "n_3", "n_4"))


def test_sql_of_many_columns_is_a_block_a_row(ask: Any) -> None:
    reply = ask("sql", "from gap_index where scope = 'toy' and tier = 'any' order by night desc limit 1")
    assert "row 1" in reply.out
    assert "closed_model" in reply.out


@pytest.mark.parametrize(
    "query",
    ["select", "select nothing", "from read_text('/etc/passwd')", "copy score to 'out.csv'", "drop table score"],
)
def test_sql_that_cannot_be_answered_is_refused(ask: Any, query: str) -> None:
    reply = ask("sql", query)
    assert (reply.code, reply.out) == (2, "")
    assert reply.err.startswith("gapindex: ")


def test_sql_that_takes_too_long_is_stopped(ask: Any) -> None:
    reply = ask("sql", "select count(*) from range(100000000) a, range(100000000) b", "--seconds", "0.2")
    assert reply.code == 2
    assert "took longer than 0.2 s" in reply.err


# --- what cannot be done ------------------------------------------------------------------------


@pytest.mark.parametrize("words", [("show",), ("why", "toy"), ("sources",), ("events",), ("sql", "select 1")])
def test_before_the_first_publication_it_says_what_to_do(tmp_path: Path, words: tuple[str, ...]) -> None:
    reply = asked(tmp_path, *words)
    assert (reply.code, reply.out) == (6, "")
    assert "nothing is published" in reply.err
    assert "gapindex run" in reply.err


@pytest.mark.parametrize("night", ["tonight", "2026-13-01", "14.06.2026", ""])
@pytest.mark.parametrize("command", ["show", "run"])
def test_a_night_that_is_no_date(ask: Any, command: str, night: str) -> None:
    reply = ask(command, "--night", night)
    assert reply.code == 2
    assert "is no date; give one like 2026-06-14" in reply.err


def test_an_unknown_board_or_night_shows_nothing(ask: Any) -> None:
    assert ask("show", "nowhere").code == 6
    assert ask("show", "--night", "2022-01-01").code == 6


def test_an_unknown_source_is_wrong_usage(ask: Any) -> None:
    reply = ask("run", "--source", "toy-bord")
    assert reply.code == 2
    assert "no source called toy-bord" in reply.err


@pytest.mark.parametrize("mirror", ["127.0.0.1:8799", "ftp://127.0.0.1/", "http://", "web"])
def test_a_mirror_that_is_no_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], mirror: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["gapindex", "run", "--data", str(tmp_path), "--mirror", mirror])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    answer = capsys.readouterr().err
    assert "is no base address" in answer and f"'{mirror}'" not in answer
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_option_is_wrong_usage(ask: Any) -> None:
    assert ask("show", "--nonsense").code == 2
    assert ask("show", "--tier", "T9").code == 2


# --- hostile text -------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [("show", "hostile"), ("why", "hostile"), ("events", "hostile"), ("sources",)])
def test_hostile_text_stands_on_the_screen_as_it_is(ask: Any, words: tuple[str, ...]) -> None:
    reply = ask(*words)
    assert reply.code == 0
    if words[0] != "sources":
        assert "[red]x[/red]" in reply.out
        assert "[bold]v1" in reply.out
    assert "\x1b" not in reply.out
    assert "\u202e" not in reply.out


def test_hostile_names_in_any_query(ask: Any) -> None:
    reply = ask("sql", "select distinct name from score where board = 'hostile' and name <> 'Cee' order by name")
    folded = reply.out.replace("\n", "").replace("│", "").replace(" ", "")
    for name in HOSTILE.values():
        assert name.replace(" ", "") in folded
    assert "\x1b" not in ask("sql", "select written from score where board = 'hostile'").out
    assert "\x1b" not in ask("sql", "from score where board = 'hostile'").out


def test_hostile_text_is_json_as_it_is(ask: Any) -> None:
    rows = ask("sql", "select name, written from score where board = 'hostile' order by value", "--json").json
    assert rows[-1] == {"name": HOSTILE["markup"] + "!", "written": visible(f"[blink]{ESCAPES}")}
    assert {row["name"] for row in rows} == {"Cee", HOSTILE["markup"] + "!", *HOSTILE.values()}


def test_json_is_json_whatever_the_numbers(ask: Any) -> None:
    reply = ask("sql", "select 'nan'::double as a, 'inf'::double as b, date '2026-06-14' as c, null as d", "--json")
    received = json.loads(reply.out, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
    assert received == [{"a": None, "b": None, "c": "2026-06-14", "d": None}]


# --- what fits, and the answer in front ---------------------------------------------------------


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_table_fits_by_leaving_out_columns_and_cuts_no_name(width: int) -> None:
    name = "a-board-with-a-rather-long-name"
    fields = (Field(title="scope"), Field(title="leader", drop=2), Field(title="gap"), Field(title="domain", drop=1))
    table = fitted("", fields, [(name, "an-open-model-with-a-name-of-40-letters!", "5.0", "coding")], width)
    console = Console(width=width, file=StringIO(), record=True)
    console.print(table)
    received = console.export_text()
    assert max(map(len, received.splitlines())) <= width
    assert [title in received for title in ("leader", "domain")] == [width == 200, width >= 80]
    assert name in received or width == 40  # folded there, with every letter
    assert "\N{HORIZONTAL ELLIPSIS}" not in received


def test_a_curve_is_filled_up_to_its_value() -> None:
    points = [(date(2026, 1, 1) + timedelta(days=n), float(n)) for n in range(11)]
    # Eleven columns from 0 to 10 in two rows of eight eighths: 5 fills the lower row, 10 both.
    assert curve(points, 17, height=2) == [
        "10.0       ▂▃▅▆█",
        " 0.0  ▂▃▅▆██████",
        "     Jan 2026Jan 2026",
    ]
    assert curve([(date(2026, 1, 1), None)], 40) == []


def test_events_of_a_model_and_of_what_is_neither_scope_nor_model(ask: Any) -> None:
    assert [row["scope"] for row in ask("events", "Oh", "--json").json] == ["toy"]
    assert ask("events", "toy", "--state", "retracted", "--json").json == []
    reply = ask("events", "toi")
    assert reply.code == 6
    assert "did you mean toy" in reply.err


@pytest.mark.parametrize(
    ("words", "what_there_is"),
    [
        (("events", "toy", "--state", "retracted"), "those of toy: 1 candidate, reached from 2026-04-01"),
        (("events", "--since", "2030-01-01"), "no such parity event; those there are: "),
        (("quarantine", "toy-board"), "nothing of toy-board is held back"),
    ],
)
def test_an_empty_answer_is_a_sentence(ask: Any, words: tuple[str, ...], what_there_is: str) -> None:
    reply = ask(*words)
    assert (reply.code, reply.out.startswith("no such"), "┏" in reply.out) == (0, words[0] == "events", False)
    assert what_there_is in " ".join(reply.out.split())


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("show", "--night", "2022-01-01"), "the index has nights from 2026-01-01 to 2026-06-14"),
        (("why", "toy", "--edition", "v9"), "nothing on toy of edition 'v9'; it has nights from"),
        (("claims", "deep-comunity"), "did you mean deep-community"),
        (("quarantine", "toy-bord"), "did you mean toy-board?"),
        (("models", "--country", "XX"), "no model of country 'XX'; there are: "),
    ],
)
def test_a_name_that_is_not_there_is_answered_with_those_that_are(ask: Any, words: tuple[str, ...], hint: str) -> None:
    reply = ask(*words)
    assert (reply.code in (2, 6), reply.out) == (True, "")
    assert hint in reply.err


def test_the_history_of_one_scope_is_drawn(ask: Any) -> None:
    reply = ask("show", "toy", "--history")
    assert reply.code == 0
    assert "\N{FULL BLOCK}" in reply.out
    assert "gap" in reply.out and "lag" in reply.out
    assert ask("show", "--history").code == 2
    assert ask("show", "toi", "--history").code == 6


def test_last_says_what_the_night_did(ask: Any) -> None:
    reply = ask("last")
    assert reply.code == 0
    for received in ("night 2026-06-14", "no earlier night", "1 blocked", "held back", "nobody is subscribed"):
        assert received in reply.out
    assert ask("last", "--json").json["outcomes"] == {"blocked": 1}


def test_report_builds_the_site_and_says_where(ask: Any, data: Path, tmp_path: Path) -> None:
    reply = ask("report", "--into", tmp_path / "site")
    assert reply.code == 0
    assert str(tmp_path / "site" / "index.html") in reply.out
    assert (tmp_path / "site" / "boards" / "toy" / "index.html").is_file()
    assert " 0 written" in ask("report", "--into", tmp_path / "site").out
    assert ask("report", "--picture", tmp_path / "picture").code == 6  # no composite, so no gap overall to draw


def test_gapindex_alone_gives_the_answer_and_help_before_the_first_night(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAPINDEX_DATA", str(tmp_path))
    assert "Usage" in gapindex().out
    monkeypatch.setenv("GAPINDEX_DATA", str(data))
    reply = gapindex()
    assert reply.code == 0
    assert reply.out.startswith(("On 14 June 2026", "Nothing is published"))
