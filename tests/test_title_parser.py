"""Which model an item of a lab's feed announces: true titles, and what each rule is for."""

from __future__ import annotations

from datetime import date

import pytest

from warehouse.identity import Resolver
from warehouse.title_parser import Item, Rule, TitleParser, announced, same_items


@pytest.fixture(scope="module")
def reader() -> TitleParser:
    resolver = Resolver.from_seeds()
    return TitleParser(resolver, resolver.models)


def item(
    title: str, lab: str = "Anthropic", link: str = "", on: str = "", source: str = "feed", guid: str = ""
) -> Item:
    return Item(
        source=source,
        lab=lab,
        guid=guid or title,
        title=title,
        link=link,
        published_on=date.fromisoformat(on) if on else None,
    )


@pytest.mark.parametrize(
    ("lab", "title", "named"),
    [
        ("Anthropic", "Introducing Claude Opus 4.5", {"claude-opus-4.5": "opening word"}),
        ("Anthropic", "Releasing Claude Instant 1.2", {"claude-instant-1.2": "opening word"}),
        ("Anthropic", "Claude Opus 4.1", {"claude-opus-4.1": "name alone"}),
        ("Anthropic", "Claude 3 Haiku: our fastest model yet", {"claude-3-haiku": "name alone"}),
        (
            "Anthropic",
            "Claude Fable 5 and Claude Mythos 5",
            {"claude-fable-5": "name alone", "claude-mythos-5": "name alone"},
        ),
        ("OpenAI", "Introducing GPT-5.4", {"gpt-5.4": "opening word"}),
        ("OpenAI", "OpenAI o1-mini", {"o1-mini": "name alone"}),
        ("OpenAI", "GPT-4.1 is here", {"gpt-4.1": "release word"}),
        ("OpenAI", "Introducing GPT-4.1 in the API", {"gpt-4.1": "opening word"}),
        ("OpenAI", "Introducing OpenAI o3 and o4-mini", {"o3": "opening word", "o4-mini": "opening word"}),
        ("xAI", "Open Release of Grok-1", {"grok-1": "opening word"}),
        ("xAI", "Grok-2 Beta Release", {"grok-2": "release word"}),
        ("Mistral AI", "Introducing: Devstral 2 and Mistral Vibe CLI.", {"devstral-2": "opening word"}),
        ("MiniMax", "MiniMax-Text-01 / MiniMax-VL-01", {"minimax-text-01": "name alone"}),
        ("DeepSeek", "DeepSeek-V3 发布 2024/12/26", {"deepseek-v3": "release word"}),
        ("Cohere", "Cohere Releases Command A+: An Open-Source Enterprise Model", {"command-a-plus": "release word"}),
        ("Google DeepMind", "Introducing Gemma 4 12B: a unified model", {"gemma-4-12b": "opening word"}),
    ],
)
def test_a_title_that_announces(reader: TitleParser, lab: str, title: str, named: dict[str, Rule]) -> None:
    assert dict(reader.named(item(title, lab))) == named


@pytest.mark.parametrize(
    ("lab", "title", "model"),
    [
        ("OpenAI", "GPT-5.4 Thinking System Card", "gpt-5.4"),
        ("OpenAI", "GPT-4: 6-month follow-up", "gpt-4"),
        ("Google", "Gemma 4 12B: The Developer Guide", "gemma-4-12b"),
        ("Anthropic", "Fine-tune Claude 3 Haiku in Amazon Bedrock", "claude-3-haiku"),
        ("Anthropic", "Anthropic Economic Index: Insights from Claude 3.7 Sonnet", "claude-3.7-sonnet"),
        ("Anthropic", "Introducing a new way to work with Claude Opus 4.5", "claude-opus-4.5"),
        ("OpenAI", "GPT-4.1 is now available in Azure", "gpt-4.1"),
        ("Mistral AI", "Remote agents in Vibe. Powered by Mistral Medium 3.5.", "mistral-medium-3.5"),
        ("DeepSeek", "DeepSeek V3.1 更新 2025/09/22", "deepseek-v3.1"),
    ],
)
def test_a_title_that_only_speaks_of_a_model(reader: TitleParser, lab: str, title: str, model: str) -> None:
    assert dict(reader.named(item(title, lab))) == {model: "mentioned"}


@pytest.mark.parametrize(
    ("lab", "title"),
    [
        ("Anthropic", "Introducing Claude"),
        ("Anthropic", "Introducing Claude 4"),  # two models
        ("Anthropic", "Introducing Claude Pro"),
        ("Anthropic", "Claude for Life Sciences"),
        ("xAI", "Grok-1.5 Vision Preview"),  # not Grok-1.5
        ("xAI", "Grok Voice Agent API"),
        ("Mistral AI", "Mistral Compute"),
        ("Cohere", "Cohere acquires Reliant AI"),  # the lab, not its model of that name
        ("OpenAI", "Introducing Claude Opus 4.5"),  # another lab's
        ("Ollama", "MiniMax M2"),  # nobody's own feed
        ("OpenAI", ""),
        ("OpenAI", ", ... —"),
    ],
)
def test_a_title_that_names_no_model_of_its_lab(reader: TitleParser, lab: str, title: str) -> None:
    assert reader.named(item(title, lab)) == ()


@pytest.mark.parametrize(
    ("title", "link", "named"),
    [
        ("Large Enough", "https://mistral.ai/news/mistral-large-2407", {"mistral-large-2": "address"}),
        ("Medium is the new large.", "https://mistral.ai/news/mistral-medium-3/", {"mistral-medium-3": "address"}),
        ("Mistral Small 3", "https://mistral.ai/news/mistral-small-3", {"mistral-small-3": "name alone"}),
        ("How we serve Large", "https://mistral.ai/news/mistral-large-2407", {}),
        ("Large Enough", "https://mistral.ai/news/large-enough?of=mistral-large-2407", {}),
    ],
)
def test_an_address_speaks_where_a_title_is_a_pun(
    reader: TitleParser, title: str, link: str, named: dict[str, Rule]
) -> None:
    assert dict(reader.named(item(title, "Mistral AI", link))) == named


def test_of_several_models_of_a_name_the_one_that_came_out_then_is_meant(reader: TitleParser) -> None:
    title = "Claude 3.5 Sonnet"
    assert dict(reader.named(item(title, on="2024-06-21"))) == {"claude-3.5-sonnet-20240620": "name alone"}
    assert dict(reader.named(item(title, on="2024-10-22"))) == {"claude-3.5-sonnet-20241022": "name alone"}
    assert reader.named(item(title, on="2025-01-01")) == ()
    assert reader.named(item(title)) == ()


def test_a_model_nobody_else_knows_is_not_made_by_a_title() -> None:
    resolver = Resolver.from_seeds()
    title = item("Introducing GPT-9.7", "OpenAI")
    assert TitleParser(resolver, resolver.models).named(title) == ()
    assert dict(TitleParser(resolver, {"gpt-9.7"}).named(title)) == {"gpt-9.7": "opening word"}


def test_every_model_named_is_a_row_in_one_order(reader: TitleParser) -> None:
    items = [item("Claude Opus 4.1", guid="b"), item("Claude Fable 5 and Claude Mythos 5", guid="a")]
    result = announced(items, reader)
    assert [(row.guid, row.model, row.is_release) for row in result] == [
        ("a", "claude-fable-5", True),
        ("a", "claude-mythos-5", True),
        ("b", "claude-opus-4.1", True),
    ]
    assert announced(items[::-1], reader) == result


# --- mirrors ------------------------------------------------------------------------------------


def test_mirrors_share_a_link_or_a_title_of_the_same_days() -> None:
    items = [
        item("Grok 4", "xAI", "https://x.ai/news/grok-4", "2025-07-09", "a", "1"),
        item("Grok-4!", "xAI", "http://www.x.ai/news/grok-4/?ref=feed#top", "2025-07-12", "b", "2"),
        item("grok 4", "xAI", "https://mirror.example/9", "2025-07-15", "c", "3"),
        item("Grok 4", "xAI", "", "", "d", "4"),
        item("Grok 4", "Other", "https://x.ai/news/grok-4", "2025-07-09", "e", "5"),
    ]
    same = same_items(items)
    assert [same[i.source, i.guid] for i in items] == ["1", "1", "1", "1", "5"]
    assert same_items(items[::-1]) == same


def test_a_title_that_comes_back_is_other_news() -> None:
    again = "Sharing new research, models, and datasets from Meta FAIR"
    items = [
        item(again, "Meta", "https://ai.example/october", "2024-10-18", guid="1"),
        item(again, "Meta", "https://ai.example/december", "2024-12-12", guid="2"),
    ]
    assert set(same_items(items).values()) == {"1", "2"}


def test_the_address_of_a_list_joins_nothing() -> None:
    items = [
        item("MiniMax M2.5", "MiniMax", "https://minimax.example/models", "2026-02-01", guid="1"),
        item("MiniMax M2.7", "MiniMax", "https://minimax.example/models", "2026-03-18", guid="2"),
    ]
    assert set(same_items(items).values()) == {"1", "2"}
