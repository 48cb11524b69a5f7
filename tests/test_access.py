"""Openness as published against 290 releases that people checked: agreement, or a reviewed line that says why not.

No store is needed: what is reviewed ships in the seeds, and a build over an empty store publishes it.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from conftest import SHARED
from examples import Example, ask, board, score, toy
from test_releases import Several, access, released, speaker

from warehouse.identity import Resolver, seeds
from warehouse.statements import statements

NIGHT = "2026-06-14"
Spans = dict[str, list[tuple[str, str]]]


REVIEWED = "2026-12-31"
"""A night that sees every reviewed line."""


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with Example(tmp_path_factory.mktemp("empty")).built(REVIEWED) as built:
        yield built


@pytest.fixture(scope="module")
def spans(db: duckdb.DuckDBPyConnection) -> Spans:
    """Model -> its published stretches of access as (first date, open or closed)."""
    found: Spans = defaultdict(list)
    for row in ask(db, "select model, tier, from_on from marts.model_access order by model, from_on"):
        found[row["model"]].append((row["from_on"].isoformat(), "closed" if row["tier"] == "C" else "open"))
    return found


@pytest.fixture(scope="module")
def facts(spans: Spans) -> dict[str, dict[str, str]]:
    """Model -> the checked fact, of all with high confidence released before the night."""
    with (SHARED / "facts" / "frontier_facts.csv").open(encoding="utf-8") as file:
        checked = [row for row in csv.DictReader(file) if row["confidence"] == "high" and row["release_date"] < NIGHT]
    assert len(checked) > 150
    return {model_of(fact, spans): fact for fact in checked}


def model_of(fact: dict[str, str], spans: Spans) -> str:
    """The model a fact is about: by name, by repository, or the one of several that came out on its date."""
    resolver = Resolver.from_seeds()
    for name in (fact["model"], re.sub(r" \(.*\)$", "", fact["model"]), fact["hub_repo_id"]):
        for developer in (fact["developer"], ""):
            world = resolver.resolve(name, developer=developer)
            meant = [world.model] if world.model else [m for m in world.candidates if on_its_date(resolver, m, fact)]
            if len(meant) == 1 and meant[0] in spans:
                return meant[0]
    raise AssertionError(f"no published access for {fact['model']}")


def on_its_date(resolver: Resolver, model: str, fact: dict[str, str]) -> bool:
    released = date.fromisoformat(fact["release_date"])
    return any(abs(on - released) <= timedelta(days=1) for on in resolver.models[model].dates)


def differences() -> dict[str, dict[str, str]]:
    return {row["model"]: row for row in seeds.rows("access_difference.csv")}


def open_from(fact: dict[str, str]) -> str:
    return fact["weights_date"] or fact["release_date"]


@pytest.mark.recorded_web
def test_openness_tonight_is_what_the_facts_say(facts: dict[str, dict[str, str]], spans: Spans) -> None:
    differing = {}
    for model, fact in facts.items():
        # "after 2026-06-08" is no date yet, and sorts behind every one.
        stated = "open" if fact["open_weights"] == "true" and open_from(fact) <= NIGHT else "closed"
        ours = [side for on, side in spans[model] if on <= NIGHT][-1]
        if ours != stated:
            differing[model] = (stated, spans[model])
    assert differing == {}


@pytest.mark.recorded_web
def test_open_since_the_facts_date_or_a_reviewed_line_says_why_not(
    facts: dict[str, dict[str, str]], spans: Spans
) -> None:
    differing = {}
    for model, fact in facts.items():
        ours = next((on for on, side in spans[model] if side == "open"), None)
        theirs = open_from(fact) if fact["open_weights"] == "true" else None
        if ours != theirs:
            differing[model] = f"open from {theirs}"
    assert differing == {model: row["facts_say"] for model, row in differences().items()}


def test_a_reviewed_difference_says_what_we_publish_and_why() -> None:
    opened: dict[str, str] = {}
    for row in seeds.rows("access.csv"):
        if row["tier"] in ("T1", "T2", "T3"):
            opened[row["model"]] = min(row["from_on"], opened.get(row["model"], row["from_on"]))
    for model, row in differences().items():
        assert row["we_say"] == f"open from {opened[model]}"
        assert row["reason"]
        assert row["evidence"]


@pytest.mark.parametrize(("model", "days"), [("minimax-m2.7", 26), ("glm-5.1", 11)])
def test_weights_that_came_after_the_api_keep_both_dates(db: duckdb.DuckDBPyConnection, model: str, days: int) -> None:
    # MiniMax-M2.7: API 2026-03-18, weights 2026-04-13; GLM-5.1: API 2026-03-27, weights 2026-04-07.
    (row,) = ask(db, "select * from marts.release where model = $model", model=model)
    assert row["weights_on"] - row["api_on"] == timedelta(days=days)
    assert row["weights_lag_days"] == days
    sides = ask(db, "select tier, from_on, until_on from marts.model_access where model = $m order by from_on", m=model)
    assert [side["tier"] == "C" for side in sides] == [True, False]
    assert (sides[0]["from_on"], sides[0]["until_on"], sides[1]["from_on"]) == (
        row["api_on"],
        row["weights_on"],
        row["weights_on"],
    )


def test_nobody_made_a_deepseek_r2(db: duckdb.DuckDBPyConnection) -> None:
    """People wrote about it, no source knows it: neither our seeds nor our grammar may bring it into a table."""
    for statement in statements("marts"):
        texts = [
            name
            for name, kind, *_ in db.execute(f"describe marts.{statement.name}").fetchall()
            if kind == "VARCHAR" and re.search("model|title", name)
        ]
        for column in texts:
            found = db.execute(f'select distinct "{column}" from marts.{statement.name}').fetchall()
            assert [world for (world,) in found if re.search("(?i)deepseek-?r2", world or "")] == [], statement.name


# --- sources alone ------------------------------------------------------------------------------

CODENAME = "openrouter/sonoma-sky-alpha"
FLAGGED, TURNED, OWNED = "gpt-5.8", "glm-7.1", "glm-7.2"
"""Models of no reviewed line whose lab their family tells: of them one registry's word counts."""
REGISTRY, OTHER, HUB, BOARD = "epoch-models", "models-dev-api", "hub-models", "livebench-links"


def flag(name: str, is_open: bool | None) -> dict[str, object]:
    return access(name, is_open, "mit" if is_open else "", "board flag")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Models of nobody, all released on 2026-03-01, of which no reviewed line knows; each is named after its case."""
    here = Several(tmp_path_factory.mktemp("sources"), *map(speaker, (REGISTRY, OTHER, HUB, BOARD)), toy(board()))
    names = ("Hubbed", FLAGGED, "Torn", TURNED, OWNED, "Upheld", "Alone", "KiQ-v0", "gpt-5.9-high", CODENAME, "Silent")
    dates = [released(name, "2026-03-01") for name in names]
    here.states(BOARD, "2026-04-01", flag("Upheld", True), *dates)
    here.states(REGISTRY, "2026-05-01", access(TURNED, False), access(OWNED, False))
    here.states(REGISTRY, "2026-06-01", *(access(name, True, "mit") for name in (TURNED, "Torn", "Upheld")),
              access(OWNED, True, "mit") | {"repo": "zai-org/GLM-7.2"})  # fmt: skip
    here.states(
        OTHER,
        "2026-06-01",
        access("Torn", False),
        access(OWNED, False),
        access(TURNED, True, "mit"),
        access(CODENAME, False),
    )
    here.states(REGISTRY, "2026-06-02", *(access(name, True, "mit") for name in (TURNED, "Torn", "Upheld")),
              access("Hubbed", False), access(FLAGGED, False), access("Alone", True, "mit"))  # fmt: skip
    here.states(HUB, NIGHT, access("Hubbed", True, "mit", "hub files"))
    here.states(BOARD, NIGHT, *dates, flag(FLAGGED, True), flag("KiQ-v0", False), flag("gpt-5.9-high", False),
              flag("Silent", None))  # fmt: skip
    with here.build() as db:
        yield db


def tiers(db: duckdb.DuckDBPyConnection, model: str) -> list[tuple[str, str]]:
    found = ask(db, "select * from marts.model_access where model = $model order by from_on", model=model)
    return [(row["tier"], row["from_on"].isoformat()) for row in found]


def test_the_hubs_files_beat_a_registrys_flag_and_that_a_boards(world: duckdb.DuckDBPyConnection) -> None:
    assert tiers(world, "Hubbed") == [("T1", "2026-03-01")]
    assert tiers(world, FLAGGED) == [("C", "2026-03-01")]


def test_two_registries_that_contradict_each_other_decide_nothing(world: duckdb.DuckDBPyConnection) -> None:
    assert tiers(world, "Torn") == [("U", "2026-03-01")]
    (row,) = ask(world, "select * from marts.disagreement where model = 'Torn' and fact = 'openness'")
    assert (row["stated"], row["picked"]) == ("closed (models-dev-api); open (epoch-models)", "unknown")
    assert row["rule"] == "our sources do not decide it: registry flag, epoch-models, models-dev-api"


def test_of_one_source_the_newer_word_counts_and_the_older_is_kept(world: duckdb.DuckDBPyConnection) -> None:
    assert tiers(world, TURNED) == [("C", "2026-03-01"), ("T1", "2026-06-01")]


def test_a_label_that_names_the_labs_own_repository_for_a_week_needs_no_second_witness(
    world: duckdb.DuckDBPyConnection,
) -> None:
    # Ling-2.6: one registry named the repository, the other named none and so said "closed" for ever.
    assert tiers(world, OWNED) == [("C", "2026-03-01"), ("T1", "2026-06-01")]


def test_a_late_statement_holds_from_the_beginning(world: duckdb.DuckDBPyConnection) -> None:
    assert tiers(world, "Upheld") == [("T1", "2026-03-01")]


def test_a_name_nobody_resolved_is_unknown_on_a_boards_word(world: duckdb.DuckDBPyConnection) -> None:
    assert tiers(world, "KiQ-v0") == [("U", "2026-03-01")]
    assert tiers(world, "gpt-5.9") == [("C", "2026-03-01")]


@pytest.mark.parametrize(
    "model",
    [
        pytest.param("Alone", id="one source's word on a name and lab nobody knows"),
        pytest.param(CODENAME, id="a code name, whatever a registry says"),
        pytest.param("Silent", id="a statement that says nothing about openness"),
    ],
)
def test_what_counts_on_neither_side_is_unknown(world: duckdb.DuckDBPyConnection, model: str) -> None:
    assert tiers(world, model) == [("U", "2026-03-01")]


# --- a reviewed line and the sources --------------------------------------------------------------


def test_two_operators_that_contradict_a_reviewed_line_are_an_incident(tmp_path: Path) -> None:
    """Reviewed: GPT-5, Claude Opus 4 and Grok 3 closed; DeepSeek R1, Phi 4 and Qwen3 8B open under MIT and Apache."""
    here = Several(tmp_path, *map(speaker, (REGISTRY, OTHER, BOARD)))
    here.states(
        REGISTRY,
        "2026-06-01",
        access("GPT-5", True),
        access("Claude Opus 4", True),
        access("Grok 3", True),
        access("DeepSeek-R1", False),
        access("Phi-4", True, "cc-by-nc-4.0"),
        access("Qwen3-8B", True, "cc-by-nc-4.0"),
        access("Qwen3-14B", True, "a licence nobody knows"),
    )
    here.states(
        OTHER,
        NIGHT,
        access("GPT-5", True),
        access("Claude Opus 4", False),
        access("DeepSeek-R1", False),
        access("Phi-4", True, "CC-BY-NC-4.0"),
        access("Qwen3-8B", True, "llama3"),
        access("Qwen3-14B", True, "a licence nobody knows"),
    )
    here.states(BOARD, NIGHT, flag("Grok 3", True))  # a board's flag is no second witness
    with here.build("event_kind_seed") as db:
        found = ask(db, "select headline, known_on::varchar as known_on from staging.event_kind_seed order by headline")
    assert [tuple(row.values()) for row in found] == [
        ("DeepSeek-R1: our reviewed line says open, and 2 operators say closed", NIGHT),
        ("GPT-5: our reviewed line says closed, and 2 operators say open", NIGHT),
        ("Phi-4: our reviewed line says a licence of tier T1, and 2 operators say one of tier T3", NIGHT),
    ]


def named(name: str, repo: str, is_open: bool | None = None, evidence: str = "hub files") -> dict[str, object]:
    return access(name, is_open, "", evidence) | {"repo": repo}


def test_a_repository_of_the_models_own_lab_named_for_a_week_overrules_an_older_closed_line(tmp_path: Path) -> None:
    """Reviewed: Grok 2 Mini, Grok 3 and Mistral Medium 3 closed, as they were when only served."""
    here = Several(tmp_path, *map(speaker, (REGISTRY, OTHER, HUB)))
    mini = named("xai-org/grok-2-mini", "xai-org/grok-2-mini")
    named_early = named("Mistral Medium 3", "mistralai/Mistral-Medium-3", True, "registry flag")
    another = named("Grok 3", "xai-org/grok-2", True, "registry flag")
    here.states(HUB, "2026-06-01", mini)
    here.states(REGISTRY, "2026-06-01", named_early, another)
    here.states(OTHER, "2026-06-02", access("Mistral Medium 3", False))
    here.states(HUB, "2026-06-08", mini, released("other", "2026-06-01"))
    here.states(REGISTRY, "2026-06-08", named_early, another, released("other", "2026-06-01"))
    with here.build("access_span", night="2026-06-07") as db:  # one read of each page
        assert {model: stretches(db, model) for model in ("grok-2-mini", "grok-3", "mistral-medium-3")} == {
            "grok-2-mini": ["C"], "grok-3": ["C"], "mistral-medium-3": ["C"],
        }  # fmt: skip
    with here.build("access_span", "event_kind_seed", night="2026-06-08") as db:
        # A listing without files is the lab's own.  A registry names a repository before it has weights, so it waits
        # for a label that turns; and Grok 2's repository is none of Grok 3.
        assert stretches(db, "grok-2-mini") == ["C", "T2 from 2026-06-01: hub-models names xai-org/grok-2-mini"]
        assert stretches(db, "mistral-medium-3") == ["C"]
        assert stretches(db, "grok-3") == ["C"]
        assert ask(db, "select headline, known_on::varchar as known_on from staging.event_kind_seed") == [
            {
                "headline": "Grok 2 Mini: our reviewed line says closed, and hub-models names xai-org/grok-2-mini; "
                "it counts as open from 2026-06-01",
                "known_on": "2026-06-08",
            }
        ]
    here.states(OTHER, "2026-06-10", access("Mistral Medium 3", True))
    with here.build("access_span", night="2026-06-10") as db:
        assert stretches(db, "mistral-medium-3") == [
            "C",
            "T2 from 2026-06-10: epoch-models names mistralai/Mistral-Medium-3",
        ]


def stretches(db: duckdb.DuckDBPyConnection, model: str) -> list[str]:
    """A model's stretches of access: the tier, and where the sources decided it since when and by what."""
    found = ask(db, "select * from staging.access_span where model = $model order by from_on", model=model)
    return [
        row["tier"] + (f" from {row['from_on']}: {row['source']}" if row["basis"] == "sources" else "") for row in found
    ]


# --- names nobody knows ---------------------------------------------------------------------------


def test_a_model_of_a_lab_nobody_knows_is_one_model_on_all_boards(tmp_path: Path) -> None:
    here = Several(tmp_path, *map(speaker, (REGISTRY, OTHER)))
    spellings = ("Zorblax 7", "zorb-labs/Zorblax-7", "zorblax-7 (high)", "router/zorb-labs/zorblax-7:free")
    strangers = ("north/Quux-1", "south/Quux-1", "Quux-1")
    for source in (REGISTRY, OTHER):
        here.states(source, NIGHT, *(access(name, True, "mit") for name in (*spellings, *strangers)))
    with here.build("resolved_name") as db:
        rows = ask(db, "select distinct name, model from staging.resolved_name order by all")
    model = {row["name"]: row["model"] for row in rows}
    assert {model[name] for name in spellings} == {"Zorblax 7"}
    # Two organisations have one of that name: nobody knows whose the third is.
    assert len({model[name] for name in strangers}) == 3


def test_instruct_is_no_other_model_unless_one_source_has_both(tmp_path: Path) -> None:
    here = Several(tmp_path, *map(speaker, (REGISTRY, OTHER)))
    here.states(REGISTRY, NIGHT, *(access(name, True, "mit") for name in ("Zorblax 7", "Quux 2", "Quux 2 Instruct")))
    here.states(OTHER, NIGHT, *(access(name, True, "mit") for name in ("Zorblax 7 Instruct", "quux-2-instruct")))
    with here.build("resolved_name") as db:
        rows = ask(db, "select distinct name, model from staging.resolved_name order by all")
    assert {row["name"]: row["model"] for row in rows} == {
        "Quux 2": "Quux 2",
        "Quux 2 Instruct": "Quux 2 Instruct",
        "Zorblax 7": "Zorblax 7",
        "Zorblax 7 Instruct": "Zorblax 7",
        "quux-2-instruct": "Quux 2 Instruct",
    }


def test_a_model_of_a_lab_nobody_knows_leads_once_two_operators_call_it_open(tmp_path: Path) -> None:
    """No line of the seeds and no family knows Zorblax, and no other open model has a score."""
    here = Several(tmp_path, *map(speaker, (REGISTRY, OTHER)), toy(board()))
    here.example.source = here.sources["toy-board"]
    here.example.saw("2026-06-01", score("GPT-5", 60), score("Zorblax 7", 50), score("zorblax-7 (high)", 55))
    here.states(REGISTRY, "2026-06-01", access("zorb-labs/Zorblax-7", True, "mit"))
    leader = """select open_model, open_score, gap from marts.gap_index
                where scope = 'toy' and tier = 'T1' and night = night()"""
    with here.build("gap_index", night="2026-06-02") as db:
        assert ask(db, leader) == [{"open_model": None, "open_score": None, "gap": None}]  # one registry alone
    here.states(OTHER, "2026-06-03", access("Zorblax 7 Instruct", True, "mit"))
    with here.build("gap_index", "model_access", night="2026-06-03") as db:
        assert ask(db, leader) == [{"open_model": "Zorblax 7", "open_score": 55.0, "gap": 5.0}]
        assert tiers(db, "Zorblax 7") == [("T1", "2026-06-01")]  # the night it was first scored, an upper bound
