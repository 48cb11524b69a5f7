"""`gapindex names`: what is unresolved and what it blocks, what a name stands for, and a line more in the seeds."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from commands import Answer, gapindex
from examples import Example, board, closed, opened, score

from warehouse import curation
from warehouse.curation import NotAccepted, with_alias
from warehouse.identity import Resolver, seeds

NIGHT = "2026-06-14"
HEAD = "name,source,model,variant,known_on,reason\n"
MODELS = seeds.models()
DEVELOPERS = seeds.developers()


def asked(*words: str, given: str | None = None) -> Answer:
    return gapindex("names", *words, given=given)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """GPT-5 and Kimi K2 lead; the others are names no rule knows, on boards that count and on one that does not."""
    example = Example(
        tmp_path_factory.mktemp("data"),
        board(),
        board("lower", better="lower"),
        board("aside", counts_for_index=False, why_not="an average"),
    )
    example.saw(
        NIGHT,
        closed("Listed Only", api="2026-01-01"),
        opened("Kimi K2", weights="2025-07-11"),
        score("GPT-5", 80),
        score("Kimi K2", 60),
        score("[red]Between", 70),
        score("Weak", 10),
        score("Weak", 11, variant="high"),
        score("Codestral", 5),
        score("Avg. Mturker", 50),
        score("GPT-5", 20, board="lower"),
        score("Kimi K2", 30, board="lower"),
        score("Weak", 90, board="lower"),
        score("Elsewhere", 99, board="aside"),
        score("GPT-5", 50, board="aside"),
    )
    example.published(NIGHT)
    return example.folder


# --- list ---------------------------------------------------------------------------------------


def test_names_lists_what_blocks_most_first(data: Path) -> None:
    result = asked("list", "--data", str(data), "--json").json
    assert [(row["name"], row["would_lead"], row["boards"], row["rows"]) for row in result] == [
        ("[red]Between", 1, 1, 1),
        ("Weak", 0, 2, 3),
        ("Codestral", 0, 1, 1),
    ]
    assert result[1]["on_boards"] == ["lower", "toy"]
    assert result[2]["candidates"] == list(Resolver.from_seeds().resolve("Codestral").candidates) != []


def test_names_alone_is_the_list(data: Path) -> None:
    assert asked("--data", str(data), "--json") == asked("list", "--data", str(data), "--json")


def test_names_of_all_has_registries_other_boards_and_reviewed_ones(data: Path) -> None:
    result = {row["name"]: row for row in asked("--data", str(data), "--all", "--json").json}
    assert set(result) == {"[red]Between", "Weak", "Codestral", "Elsewhere", "Listed Only", "Avg. Mturker"}
    assert result["Avg. Mturker"]["reviewed"] == "people"
    assert (result["Elsewhere"]["boards"], result["Elsewhere"]["on_boards"]) == (0, ["aside"])


def test_names_for_people(data: Path) -> None:
    answer = asked("--data", str(data))
    assert answer.code == 0
    for result in ("[red]Between", "Weak", "codestral-22b", "1 more are left unresolved on purpose", "names accept"):
        assert result in answer.out


def test_names_where_all_is_known(tmp_path: Path) -> None:
    example = Example(tmp_path)
    example.saw(NIGHT, score("GPT-5", 80))
    example.published(NIGHT)
    assert "every name on the boards that count is resolved" in asked("--data", str(tmp_path)).out
    assert asked("--data", str(tmp_path), "--json").json == []


def test_names_before_the_first_publication(tmp_path: Path) -> None:
    answer = asked("--data", str(tmp_path))
    assert (answer.code, answer.out) == (6, "")
    assert "nothing is published" in answer.err


def test_options_before_a_command_are_refused_and_not_lost() -> None:
    answer = asked("--json", "resolve", "GPT-5")
    assert (answer.code, answer.out) == (2, "")
    assert "after the command" in answer.err


# --- resolve ------------------------------------------------------------------------------------


def test_resolve_tells_model_variant_and_layer() -> None:
    answer = asked("resolve", "GPT-5", "claude-opus-4-5-20251101-thinking-64k")
    assert answer.code == 0
    for result in ("gpt-5", "normal form", "claude-opus-4.5", "thinking=64k", "structure"):
        assert result in answer.out


def test_resolve_of_an_unresolved_name_gives_candidates_and_seven() -> None:
    answer = asked("resolve", "GPT-5", "Codestral", "--json")
    assert answer.code == 7
    known, unknown = answer.json
    assert (known["model"], known["layer"]) == ("gpt-5", "normal form")
    assert (unknown["model"], unknown["layer"]) == ("", "unresolved")
    assert "codestral-22b" in unknown["candidates"]


@pytest.mark.parametrize("words", [(), ("-",)])
def test_resolve_reads_names_from_standard_input(words: tuple[str, ...]) -> None:
    answer = asked("resolve", *words, "--json", given="GPT-5\n\n  Kimi K2 \n")
    assert [row["model"] for row in answer.json] == ["gpt-5", "kimi-k2"]


def test_resolve_of_nothing() -> None:
    assert asked("resolve", given="\n").code == 2


def test_resolve_minds_the_source() -> None:
    read = Resolver.from_seeds().resolve
    alias = next(a for a in seeds.aliases() if a.source and a.model and read(a.name).model != a.model)
    (result,) = asked("resolve", alias.name, "--source", alias.source, "--json").json
    assert (result["model"], result["layer"]) == (alias.model, "alias")


def test_resolve_shows_hostile_names_as_they_stand() -> None:
    answer = asked("resolve", "[bold]x[/nonsense]\x1b[2J")
    assert answer.code == 7
    assert "[bold]x[/nonsense]" in answer.out
    assert "\x1b" not in answer.out


# --- accept -------------------------------------------------------------------------------------


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An ``alias.csv`` of two lines that may be written."""
    file = tmp_path / "alias.csv"
    file.write_text(HEAD + "Some Person,,,,2026-01-01,people\nKay Two,,kimi-k2,,2026-01-01,a board says so\n", "utf-8")
    monkeypatch.setattr(curation, "alias_file", lambda: file)
    return file


def test_accept_writes_a_line_in_its_place(checkout: Path) -> None:
    more = ("--source", "toy-board", "--variant", "effort=high", "--known-on", "2026-06-14")
    answer = asked("accept", "Gee, Pea Five", "gpt-5", "--reason", 'the "board" says so', *more)
    assert (answer.code, answer.err) == (0, "")
    assert "written" in answer.out
    assert list(csv.reader(io.StringIO(checkout.read_text("utf-8")))) == [
        ["name", "source", "model", "variant", "known_on", "reason"],
        ["Some Person", "", "", "", "2026-01-01", "people"],
        ["Gee, Pea Five", "toy-board", "gpt-5", "effort=high", "2026-06-14", 'the "board" says so'],
        ["Kay Two", "", "kimi-k2", "", "2026-01-01", "a board says so"],
    ]
    assert list(checkout.parent.iterdir()) == [checkout]


def test_accept_of_nobody_leaves_a_name_unresolved_on_purpose(checkout: Path) -> None:
    assert asked("accept", "Two Of Us", "none", "--reason", "an ensemble", "--known-on", "2026-06-14").code == 0
    assert "Two Of Us,,,,2026-06-14,an ensemble\n" in checkout.read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "result"),
    [
        (("Gee Pea", "gpt-55", "--reason", "x"), "did you mean gpt-5"),
        (("Gee Pea", "zzzz", "--reason", "x"), "add it to warehouse/seeds/model.csv first"),
        (("Gee Pea", "gpt-5", "--reason", ""), "a reason is needed"),
        (("Gee Pea", "gpt-5", "--reason", "x", "--known-on", "June"), "not a day such as"),
        (("Gee Pea", "gpt-5", "--reason", "two\nlines"), "several lines"),
        ((" Gee Pea", "gpt-5", "--reason", "x"), "spaces round it"),
        (("", "gpt-5", "--reason", "x"), "empty name"),
        (("Gee\u200bPea", "gpt-5", "--reason", "x"), "invisible"),
        (("G" * 201, "gpt-5", "--reason", "x"), "201 characters"),
        (("Kay Two", "kimi-k2", "--reason", "x"), "has its line in alias.csv already: kimi-k2"),
        (("Kay Two", "gpt-5", "--reason", "x"), "has its line in alias.csv already: kimi-k2"),
        (("Some Person", "gpt-5", "--reason", "x"), "deliberately nobody (people)"),
        (("GPT-5", "gpt-5", "--reason", "x"), "no line is needed"),
        (("GPT-5", "gpt-4", "--reason", "x"), "is read as 'gpt-5' by normal form"),
        (("GPT 5", "none", "--reason", "x"), "is read as 'gpt-5' by normal form"),
        (("Nobody At All", "none", "--variant", "effort=high", "--reason", "x"), "has no variant"),
    ],
)
def test_accept_refuses_with_a_reason_and_changes_nothing(checkout: Path, words: tuple[str, ...], result: str) -> None:
    before = checkout.read_bytes()
    answer = asked("accept", *words)
    assert (answer.code, answer.out) == (2, "")
    assert result in " ".join(answer.err.split())
    assert checkout.read_bytes() == before


def test_accept_needs_a_reason(checkout: Path) -> None:
    assert asked("accept", "Gee Pea", "gpt-5").code == 2


def test_accept_refuses_an_installed_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site-packages" / "warehouse"
    (package / "seeds").mkdir(parents=True)
    (package / "seeds" / "alias.csv").write_text(HEAD, "utf-8")
    monkeypatch.setattr(curation, "files", lambda _package: package)
    answer = asked("accept", "Gee Pea", "gpt-5", "--reason", "x")
    assert answer.code == 2
    assert "installed copy" in answer.err
    (tmp_path / "site-packages" / "pyproject.toml").touch()
    assert asked("accept", "Gee Pea", "gpt-5", "--reason", "x").code == 0


def test_accept_refuses_a_file_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "warehouse"
    (package / "seeds").mkdir(parents=True)
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.setattr(curation, "files", lambda _package: package)
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(NotAccepted, match="cannot be written"):
        curation.alias_file()


def test_our_own_seeds_are_a_checkout_and_sorted() -> None:
    file = curation.alias_file()
    text = file.read_text("utf-8")
    name, why = "Nobody's Name 77", "because, well"
    line = seeds.Alias(name=name, source="", model="gpt-5", variant="", known_on=NIGHT, reason=why)
    more = with_alias(text, line, MODELS, DEVELOPERS)
    assert sorted(more.splitlines()) == sorted([*text.splitlines(), f'{name},,gpt-5,,{NIGHT},"{why}"'])
    assert list(csv.reader(io.StringIO(more)))[1:] == sorted(
        list(csv.reader(io.StringIO(more)))[1:], key=lambda row: (row[2], row[0], row[1])
    )


def test_a_line_that_clashes_with_another_spelling_is_refused() -> None:
    text = HEAD + "Kay-Two,,kimi-k2,,2026-01-01,a board says so\n"
    line = seeds.Alias(name="kay two", source="", model="gpt-5", variant="", known_on=NIGHT, reason="x")
    with pytest.raises(NotAccepted, match="is read as 'kimi-k2'"):
        with_alias(text, line, MODELS, DEVELOPERS)


def test_a_file_of_other_columns_is_refused() -> None:
    line = seeds.Alias(name="kay two", source="", model="gpt-5", variant="", known_on=NIGHT, reason="x")
    with pytest.raises(NotAccepted, match="has the columns"):
        with_alias("name,model\n", line, MODELS, DEVELOPERS)


def test_an_accepted_name_is_resolved_in_the_next_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    example = Example(tmp_path)
    example.saw(NIGHT, score("Gee Pea Five", 80))
    line = seeds.Alias(name="Gee Pea Five", source="", model="gpt-5", variant="", known_on=NIGHT, reason="x")
    resolver = Resolver(MODELS, [*seeds.aliases(), line], DEVELOPERS)
    monkeypatch.setattr(Resolver, "from_seeds", classmethod(lambda _cls, _night=None: resolver))
    assert example.tables(NIGHT)["model_alias"] == [("toy-board", "Gee Pea Five", "gpt-5", "", "alias", "")]
    example.published(NIGHT)
    assert asked("--data", str(tmp_path), "--all", "--json").json == []
