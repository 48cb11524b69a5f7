"""The mini-web: what the head of tests/web/world.yaml announces for a night is what our parsers read in its pages."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Announcement, Incident, Price, Row, Score
from collectors.parsing import read_page
from collectors.registry import sources
from tests.tools.miniweb import EMITTERS, GAVE_UP, world
from tests.tools.timemachine import answer
from warehouse.identity import Resolver


def on(day: int) -> date:
    return date(2023, 4, day)


def answers(source: str, night: date) -> list[tuple[str, int, bytes]]:
    """The address, status and body of each page of a source, as the time machine answers them."""
    found = [(url, answer(url, night, {})) for url in EMITTERS[source](world(), night)]
    return [(url, one.status, one.body) for url, one in found]


def rows(source: str, night: date) -> list[Row]:
    at = datetime(night.year, night.month, night.day, 21, tzinfo=UTC)
    return [
        row
        for url, _, body in answers(source, night)
        for row in read_page(sources()[source], Page(url=url, body=body, fetched_at=at))
        if isinstance(row, Row)
    ]


def board(source: str, name: str, night: date) -> dict[str, float]:
    """A board's values by the name it shows, lower case, highest first."""
    found = [row for row in rows(source, night) if isinstance(row, Score) and row.board == name]
    return {row.name.lower().replace(" ", "-"): row.value for row in sorted(found, key=lambda row: -row.value)}


def price(night: date) -> list[float | None]:
    found = [row for row in rows("litellm-prices", night) if isinstance(row, Price)]
    return [row.input_usd for row in found if row.name == "gpt-9.2"]


def test_a_model_is_announced_listed_and_priced_too_high_for_two_nights() -> None:
    def titles(night: date) -> list[str]:
        return [row.title for row in rows("feed-openai-research", night) if isinstance(row, Announcement)]

    assert ["Introducing GPT-9.2" in titles(on(day)) for day in (4, 5)] == [False, True]
    listed = [any("gpt-9.2" in str(row) for row in rows("openrouter-models", on(day))) for day in (4, 5)]
    assert listed == [False, True]
    assert [price(on(day)) for day in (4, 5, 6, 7)] == [[], [30.0], [30.0], [3.0]]


def test_a_model_takes_the_lead() -> None:
    leaders = [next(iter(board("arena-daily", "arena-text", on(day)))) for day in (5, 6)]
    assert leaders == ["claude-opus-9.1", "gpt-9.2"]


def test_weights_come_a_week_after_the_api() -> None:
    def repositories(night: date) -> bytes:
        return answer("https://huggingface.co/api/models?author=deepseek-ai", night, {}).body

    assert [b"DeepSeek-V9" in repositories(on(day)) for day in (7, 8)] == [False, True]
    assert world().facts["models"]["DeepSeek-V9"]["api"] == on(1)


@pytest.mark.parametrize(("day", "drifted"), [(7, False), (8, True), (9, True), (10, False)])
def test_a_board_has_another_layout_for_two_nights(day: int, drifted: bool) -> None:
    if drifted:
        with pytest.raises(Drifted, match="avg_score"):
            rows("bullshit-bench", on(day))
    else:
        assert board("bullshit-bench", "bullshit-bench", on(day))


def test_an_open_model_matches_one_record_and_passes_another() -> None:
    aider = [board("aider-polyglot", "aider-polyglot", on(day)) for day in (8, 9)]
    assert [now.get("glm-9.1", 0) >= now["claude-opus-9.1"] for now in aider] == [False, True]
    arena = [board("arena-daily", "arena-text", on(day)) for day in (8, 9)]
    assert [now["glm-9.1"] > now["claude-sonnet-9.1"] for now in arena] == [False, True]


@pytest.mark.parametrize(("source", "first", "until"), [("spider2", 10, 13), ("evalplus", 11, 15)])
def test_a_source_does_not_answer(source: str, first: int, until: int) -> None:
    silent = [{status for _, status, _ in answers(source, night)} == {GAVE_UP} for night in world().nights]
    assert silent == [first <= night.day < until for night in world().nights]


def test_the_status_page_has_the_incident() -> None:
    incidents = [[row for row in rows("status-openai", on(day)) if isinstance(row, Incident)] for day in (9, 10)]
    assert [len(found) for found in incidents] == [1, 2]


def test_a_row_is_withdrawn() -> None:
    assert ["kimi-k9" in board("arena-daily", "arena-webdev", on(day)) for day in (10, 11)] == [True, False]


def test_every_rating_moves_by_forty_points() -> None:
    before, after = (board("arena-csv", "arena-text-csv", on(day)) for day in (11, 12))
    assert {name: after[name] - value for name, value in before.items()} == dict.fromkeys(before, 40.0)


def test_every_model_resolves_by_its_structure_and_no_pebble_does() -> None:
    resolver = Resolver.from_seeds(on(14))
    assert {resolver.resolve(name).layer for name in world().facts["models"]} == {"structure"}
    assert resolver.resolve("Pebble 1").layer == "unresolved"
