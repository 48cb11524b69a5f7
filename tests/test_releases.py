"""What sources say of a model besides scores: dates, news, quantities, licences, and where they contradict."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from examples import URL, Example, ask, board, score, toy
from obedient import HOST

from collectors.contract.pages import Page
from collectors.contract.rows import Access, Announcement, Release, Row, Spec
from collectors.contract.source import Kind, Source
from warehouse.build import built
from warehouse.history import export
from warehouse.statements import SHIPPED

NIGHT = "2026-06-14"
_ROWS: dict[str, type] = {"access": Access, "release": Release, "spec": Spec, "news": Announcement}


def speaker(name: str, kind: Kind = "registry") -> Source:
    """A source whose pages are JSON lists of contract rows."""

    def parse(page: Page) -> Iterator[Row]:
        for result in json.loads(page.body):
            row = _ROWS[result.pop("row")]
            yield row(
                **{
                    k: date.fromisoformat(v) if k in ("happened_on", "published_on") and v else v
                    for k, v in result.items()
                }
            )

    return Source(
        name=name,
        title=name,
        kind=kind,
        homepage=f"https://{HOST}/",
        licence="CC0-1.0",
        start=(URL,),
        hosts=frozenset({HOST}),
        parse=parse,
    )


def released(name: str, on: str, event: str = "released") -> dict[str, Any]:
    return {"row": "release", "name": name, "event": event, "happened_on": on, "written": on}


def stated(name: str, value: float, quantity: str = "parameters") -> dict[str, Any]:
    return {"row": "spec", "name": name, "quantity": quantity, "value": value, "written": f"{value:g}"}


def access(name: str, is_open: bool | None, licence: str = "", evidence: str = "registry flag") -> dict[str, Any]:
    return {"row": "access", "name": name, "open": is_open, "evidence": evidence, "written": "x", "licence": licence}


def news(lab: str, title: str, on: str = "", link: str = "", guid: str = "") -> dict[str, Any]:
    facts = {"lab": lab, "title": title, "link": link, "guid": guid or title, "published_on": on or None}
    return {"row": "news", **facts}


class Several:
    """A warehouse that several sources speak into."""

    def __init__(self, folder: Path, *sources: Source) -> None:
        self.sources = {source.name: source for source in sources}
        self.example = Example(folder, source=sources[0])
        self.example.sources = self.sources

    def states(self, source: str, night: str, *rows: dict[str, Any]) -> None:
        self.example.source = self.sources[source]
        self.example.answered(night, json.dumps(rows).encode())

    def build(self, *only: str, night: str = NIGHT) -> Any:
        return self.example.built(night, *only)


@pytest.fixture
def here(tmp_path: Path) -> Several:
    return Several(
        tmp_path,
        speaker("epoch-models"),
        speaker("helm-model-metadata"),
        speaker("hub-models", "hub"),
        speaker("feed", "announcements"),
        speaker("mirror", "announcements"),
        toy(board()),
    )


def one(db: duckdb.DuckDBPyConnection, table: str, model: str) -> dict[str, Any]:
    (row,) = ask(db, f"select * from marts.{table} where model = $model", model=model)
    return row


def dis(db: duckdb.DuckDBPyConnection, fact: str, model: str = "Oh") -> dict[str, Any] | None:
    found = ask(db, "select * from marts.disagreement where model = $m and fact = $f", m=model, f=fact)
    return found[0] if found else None


# --- releases -----------------------------------------------------------------------------------


def test_every_statement_is_kept_and_one_row_says_the_event(here: Several) -> None:
    here.states("epoch-models", NIGHT, released("Oh", "2026-03-01"))
    here.states("helm-model-metadata", NIGHT, released("Oh", "2026-03-11"), released("Oh", "2026-04-01", "weights"))
    here.states("hub-models", NIGHT, released("Oh", "2026-03-25", "listed"))
    with here.build("release", "release_by_source") as db:
        assert [
            (r["source"], r["event"], str(r["happened_on"]))
            for r in ask(db, "from marts.release_by_source order by source, event")
        ] == [
            ("epoch-models", "released", "2026-03-01"),
            ("helm-model-metadata", "released", "2026-03-11"),
            ("helm-model-metadata", "weights", "2026-04-01"),
            ("hub-models", "listed", "2026-03-25"),
        ]
        result = one(db, "release", "Oh")
    assert (result["n_sources"], result["spread_days"]) == (2, 10)
    assert (str(result["available_on"]), result["available_basis"]) == ("2026-03-01", "registry: release date")
    assert (str(result["weights_on"]), result["weights_lag_days"]) == ("2026-04-01", 31)
    assert (str(result["first_listed_on"]), str(result["hub_created_on"])) == ("2026-03-25", "2026-03-25")
    assert (result["announced_on"], result["announced_basis"], result["announcement_title"]) == (None, "", None)


def test_a_snapshot_is_no_other_date_of_its_model(here: Several) -> None:
    here.states("epoch-models", NIGHT, released("GPT-4o", "2024-05-13"), released("gpt-4o-2024-08-06", "2024-08-06"))
    here.states("helm-model-metadata", NIGHT, released("gpt-4o-2024-05-13", "2024-05-13"))
    with here.build("release") as db:
        result = one(db, "release", "gpt-4o")
    assert (result["n_sources"], result["spread_days"]) == (2, 0)


def test_the_newest_word_of_a_source_counts(here: Several) -> None:
    here.states("epoch-models", "2026-06-12", released("Oh", "2025-03-01"))
    here.states("epoch-models", "2026-06-13", released("Oh", "2026-03-01"))
    here.states("helm-model-metadata", "2026-06-13", released("Oh", "2026-03-01"))
    with here.build("disagreement", "release", "release_by_source") as db:
        assert one(db, "release", "Oh")["spread_days"] == 0
        assert dis(db, "release date") is None
        assert len(ask(db, "from marts.release_by_source")) == 3
    with here.build("disagreement", "release", "release_by_source", night="2026-06-12") as db:
        assert one(db, "release", "Oh")["n_sources"] == 1


def test_a_page_that_repeats_itself_adds_nothing_and_a_word_taken_back_counts_again(here: Several) -> None:
    for night, on, is_open in (
        ("2026-06-10", "2026-03-01", True),
        ("2026-06-11", "2026-03-01", True),
        ("2026-06-12", "2026-04-01", False),
        ("2026-06-13", "2026-03-01", True),
    ):
        here.states("epoch-models", night, released("Oh", on), access("Oh", is_open), released(f"Only {night}", on))
    here.states("helm-model-metadata", "2026-06-13", released("Oh", "2026-03-01"), access("Oh", True))
    with here.build("disagreement", "release", "release_by_source") as db:
        result = ask(
            db, "from marts.release_by_source where model = 'Oh' and source = 'epoch-models' order by known_on"
        )
        assert [(str(row["happened_on"]), str(row["known_on"])) for row in result] == [
            ("2026-03-01", "2026-06-10"),
            ("2026-04-01", "2026-06-12"),
            ("2026-03-01", "2026-06-13"),
        ]
        assert one(db, "release", "Oh")["spread_days"] == 0
        assert dis(db, "openness") is None


def test_first_scored_is_a_date_of_its_own(here: Several) -> None:
    here.example.source = here.sources["toy-board"]
    here.example.saw("2026-06-13", score("Oh", 50, scored_on="2026-06-01"))
    with here.build("release") as db:
        result = one(db, "release", "Oh")
    assert (str(result["first_scored_on"]), result["available_basis"], result["n_sources"]) == (
        "2026-06-01",
        "first scored",
        0,
    )
    assert (result["spread_days"], result["known"]) == (None, False)


# --- announcements ------------------------------------------------------------------------------


def test_news_is_linked_to_the_model_it_announces(here: Several) -> None:
    link = "https://x.ai/news/grok-4-1-fast"
    here.states("feed", "2026-06-12", news("xAI", "Grok 4.1 Fast and Agent Tools API", "2025-11-20", link, guid="a"))
    here.states(
        "mirror", "2026-06-13", news("xAI", "Grok 4.1 Fast and tools", "2025-11-19", link + "/?from=feed", guid="b")
    )
    with here.build("announcement", "announcement_model", "release") as db:
        result = one(db, "release", "grok-4.1-fast")
        assert (result["announcement_lab"], result["announcement_rule"]) == ("xAI", "address")
        assert result["announcement_title"] == "Grok 4.1 Fast and tools"
        assert result["n_sources"] == 2
        (item,) = ask(db, "from marts.announcement_model")
        assert (item["model"], item["is_release"], item["n_feeds"]) == ("grok-4.1-fast", True, 2)
        assert (str(item["published_on"]), str(item["known_on"]), item["source"]) == (
            "2025-11-19",
            "2026-06-12",
            "mirror",
        )
        rows = ask(db, "from marts.announcement order by source")
    assert [(row["guid"], row["models"], row["is_release"]) for row in rows] == [
        ("a", "grok-4.1-fast", True),
        ("b", "grok-4.1-fast", True),
    ]
    assert rows[0]["item"] == rows[1]["item"]


def test_news_that_only_speaks_of_a_model_announces_nothing(here: Several) -> None:
    here.states(
        "feed", NIGHT, news("OpenAI", "GPT-5.4 Thinking System Card", "2026-03-05"), news("OpenAI", "Hiring", "")
    )
    with here.build("announcement", "announcement_model", "release") as db:
        assert one(db, "release", "gpt-5.4")["announcement_title"] is None
        assert one(db, "announcement_model", "gpt-5.4")["rule"] == "mentioned"
        assert {r["title"]: (r["models"], r["is_release"]) for r in ask(db, "from marts.announcement")} == {
            "GPT-5.4 Thinking System Card": ("gpt-5.4", False),
            "Hiring": ("", False),
        }


def test_news_links_to_a_model_that_another_source_names(here: Several) -> None:
    here.states("feed", NIGHT, news("OpenAI", "Introducing GPT-9.7", "2026-06-01"))
    with here.build("announcement", "announcement_model", "release") as db:
        assert ask(db, "from marts.announcement_model") == []
    here.states("epoch-models", NIGHT, released("GPT-9.7", "2026-06-03"))
    with here.build("announcement", "announcement_model", "release") as db:
        result = one(db, "release", "gpt-9.7")
    assert (str(result["announced_on"]), result["announced_basis"]) == ("2026-06-01", "announcement: feed")
    assert (result["n_sources"], result["spread_days"]) == (2, 2)


@pytest.mark.parametrize(
    ("dates", "counts"),
    [
        (("2023-02-19", "2026-04-08"), "2026-04-08"),  # mended
        (("2026-04-08", "2026-06-13"), "2026-04-08"),  # dated anew
        (("", "2026-04-08"), "2026-04-08"),
        (("2026-06-13", "2026-06-14"), "2026-06-13"),  # the feed is a day ahead of us
        (("", ""), "None"),
    ],
)
def test_an_item_dated_twice(here: Several, dates: tuple[str, str], counts: str) -> None:
    for night, on in zip(("2026-06-12", "2026-06-13"), dates, strict=True):
        here.states("feed", night, news("Meta", "Introducing Muse Spark", on))
    with here.build("announcement", "announcement_model", "release") as db:
        assert [str(row["published_on"]) for row in ask(db, "from marts.announcement")] == [counts]
        assert one(db, "announcement_model", "muse-spark")["rule"] == "opening word"


def test_news_of_a_later_night_is_not_known_before(here: Several) -> None:
    here.states("feed", "2026-06-13", news("OpenAI", "Introducing GPT-5.4", "2026-03-05"))
    with here.build("announcement", "announcement_model", night="2026-06-12") as db:
        assert ask(db, "from marts.announcement") == ask(db, "from marts.announcement_model") == []


# --- quantities ---------------------------------------------------------------------------------


def test_quantities_are_kept_by_source_and_change(here: Several) -> None:
    here.states("helm-model-metadata", "2026-06-11", stated("Oh", 70e9), stated("Oh", 128_000, "context_tokens"))
    here.states("helm-model-metadata", "2026-06-12", stated("Oh", 71e9), stated("Oh", 128_000, "context_tokens"))
    here.states("epoch-models", "2026-06-12", stated("Oh", 72e9), stated("Oh", 1e25, "training_flop"))
    here.states("hub-models", "2026-06-12", stated("Oh", 5, "downloads"), stated("Oh", 9, "likes"))
    with here.build("model", "model_spec") as db:
        rows = ask(db, "from marts.model_spec order by source, quantity, known_on")
        assert [(r["source"], r["quantity"], r["value"], str(r["known_on"])) for r in rows] == [
            ("epoch-models", "parameters", 72e9, "2026-06-12"),
            ("epoch-models", "training_flop", 1e25, "2026-06-12"),
            ("helm-model-metadata", "context_tokens", 128_000, "2026-06-11"),
            ("helm-model-metadata", "parameters", 70e9, "2026-06-11"),
            ("helm-model-metadata", "parameters", 71e9, "2026-06-12"),
        ]
        result = one(db, "model", "Oh")
    assert (result["parameters"], result["parameters_basis"]) == (72e9, "epoch-models")
    assert (result["context_tokens"], result["training_flop"]) == (128_000, 1e25)


def test_parameters_counted_in_the_files_come_before_stated_ones(here: Several) -> None:
    here.states("epoch-models", NIGHT, stated("Oh", 70e9))
    here.states("hub-models", NIGHT, stated("Oh", 70.6e9))
    with here.build("disagreement", "model") as db:
        assert (one(db, "model", "Oh")["parameters"], one(db, "model", "Oh")["parameters_basis"]) == (
            70.6e9,
            "hub-models",
        )
        assert dis(db, "parameters") is None


# --- disagreements ------------------------------------------------------------------------------


def test_open_against_closed_shows_both_sides_with_their_evidence(here: Several) -> None:
    here.states("hub-models", NIGHT, access("Oh", True, "mit", "hub files"))
    here.states("epoch-models", NIGHT, access("Oh", True, "mit"), released("Oh", "2026-03-01"))
    here.states("helm-model-metadata", NIGHT, access("Oh", False), access("Ah", False))
    with here.build("disagreement") as db:
        result = dis(db, "openness")
        assert dis(db, "openness", "Ah") is None
    assert result is not None
    assert result["stated"] == "open (hub-models, epoch-models); closed (helm-model-metadata)"
    assert (result["picked"], result["picked_rank"], result["against_rank"]) == ("open", 1, 3)
    assert (result["n_values"], result["n_sources"], result["n_for"], result["n_against"]) == (2, 3, 2, 1)


def test_weights_that_came_later_are_no_contradiction(here: Several) -> None:
    here.states("epoch-models", "2026-06-12", access("Oh", False))
    here.states("helm-model-metadata", "2026-06-12", access("Oh", True))
    here.states("epoch-models", "2026-06-13", access("Oh", True))
    with here.build("disagreement") as db:
        assert dis(db, "openness") is None
    with here.build("disagreement", night="2026-06-12") as db:
        assert dis(db, "openness") is not None


def test_dates_that_differ_show_who_says_which_and_what_is_picked(here: Several) -> None:
    here.states("epoch-models", NIGHT, released("Oh", "2026-03-01"), released("Ah", "2026-03-01"))
    here.states("helm-model-metadata", NIGHT, released("Oh", "2025-03-01"), released("Ah", "2026-03-01"))
    with here.build("disagreement") as db:
        result = dis(db, "release date")
        assert dis(db, "release date", "Ah") is None
    assert result is not None
    assert result["stated"] == "2025-03-01 (helm-model-metadata); 2026-03-01 (epoch-models)"
    assert (result["spread_days"], result["picked"], result["rule"]) == (365, "2025-03-01", "registry: release date")


@pytest.mark.parametrize(
    ("made", "differs"), [("2026-03-20", False), ("2026-03-31", False), ("2026-02-01", True), ("2026-05-01", True)]
)
def test_a_repository_is_a_bound_of_the_weights_date(here: Several, made: str, differs: bool) -> None:
    here.states("epoch-models", NIGHT, released("Oh", "2026-03-31", "weights"))
    here.states("hub-models", NIGHT, released("Oh", made, "listed"))
    with here.build("disagreement") as db:
        assert (dis(db, "weights date") is not None) == differs


@pytest.mark.parametrize(("other", "differs"), [(76e9, False), (7e9, True), (140e9, True)])
def test_parameters_differ_beyond_rounding(here: Several, other: float, differs: bool) -> None:
    here.states("epoch-models", NIGHT, stated("Oh", 70e9))
    here.states("helm-model-metadata", NIGHT, stated("Oh", other))
    with here.build("disagreement") as db:
        result = dis(db, "parameters")
    assert (result is not None) == differs
    if result:
        assert result["times_apart"] == max(70e9, other) / min(70e9, other)
        assert (result["picked"], result["rule"]) == ("7e+10", "first by place: epoch-models")


@pytest.mark.parametrize(
    ("a", "b", "differs"),
    [
        ("llama3.1", "LLAMA 3.1 COMMUNITY LICENSE AGREEMENT", False),
        ("apache-2.0", "Apache 2.0", False),
        ("other:tongyi-qianwen", "Qwen LICENSE", False),
        ("unrestricted", "mit", False),
        ("other", "mit", False),
        ("non-commercial", "CC-BY-NC-4.0", False),
        ("mit", "apache-2.0", True),
        ("llama3", "llama3.1", True),
        ("unrestricted", "CC-BY-NC-4.0", True),
    ],
)
def test_licences_differ_by_what_they_are_and_not_by_spelling(here: Several, a: str, b: str, differs: bool) -> None:
    here.states("epoch-models", NIGHT, access("Oh", True, a))
    here.states("helm-model-metadata", NIGHT, access("Oh", True, b))
    with here.build("disagreement") as db:
        assert (dis(db, "licence") is not None) == differs


def test_the_reviewed_seed_speaks_too(here: Several) -> None:
    here.states("epoch-models", NIGHT, access("GPT-5", True), released("GPT-5", "2024-08-07"))
    with here.build("disagreement") as db:
        openness, released_on = dis(db, "openness", "gpt-5"), dis(db, "release date", "gpt-5")
    assert openness is not None
    assert released_on is not None
    assert openness["stated"] == "closed (seed); open (epoch-models)"
    assert (openness["picked"], openness["picked_rank"], openness["n_for"]) == ("closed", 0, 0)
    assert openness["rule"].startswith("a reviewed line: ")
    assert (released_on["picked"], released_on["n_sources"]) == ("2025-08-07", 1)


# --- bundled history ----------------------------------------------------------------------------


@contextmanager
def bundled(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The package with this folder's history instead of its own."""

    class Package:
        def __init__(self, root: Any) -> None:
            self._root = root

        def joinpath(self, *parts: str) -> Any:
            return folder.joinpath(*parts[1:]) if parts[0] == "history" else self._root.joinpath(*parts)

        def iterdir(self) -> Any:
            return self._root.iterdir()

    with monkeypatch.context() as patch:
        patch.setattr("warehouse.build.SHIPPED", Package(SHIPPED))
        yield


def test_a_fresh_install_knows_what_was_bundled(here: Several, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here.states("epoch-models", "2026-06-11", stated("Oh", 70e9), released("Oh", "2026-03-01"))
    here.states("epoch-models", "2026-06-12", stated("Oh", 71e9), released("Oh", "2026-03-01"))
    here.states("hub-models", "2026-06-12", stated("Oh", 5, "downloads"))
    here.states("feed", "2026-06-12", news("OpenAI", "Introducing GPT-5.4", "2026-03-05"))
    tables = ("model_spec", "release", "release_by_source", "announcement_model", "model")
    with here.build() as db:
        before = {name: ask(db, f"from marts.{name} order by all") for name in tables}
        written = export(db, tmp_path / "history", here.sources)
    assert written["spec"] == 2
    empty = Several(tmp_path / "fresh", *here.sources.values())
    empty.example.ingest()
    with (
        bundled(tmp_path / "history", monkeypatch),
        built(empty.example.store, date.fromisoformat(NIGHT), empty.sources) as db,
    ):
        assert {name: ask(db, f"from marts.{name} order by all") for name in tables} == before
