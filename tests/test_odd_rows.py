"""One odd row in a registry or price list of an invented dozen is quarantined with its field, and costs no other."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from collectors.contract.pages import Page
from collectors.contract.rows import Price, Quarantined, Row
from collectors.parsing import read_page
from collectors.registry import sources

COUNT = 14


def openrouter(odd: str) -> str:
    return f'{{"data": [{", ".join(json.dumps(listed(n)) for n in range(COUNT))}, {odd}]}}'


def listed(n: int | str, **changed: Any) -> dict[str, Any]:
    """A model as OpenRouter lists it."""
    return {
        "id": f"lab/model-{n}",
        "created": 1_749_000_000,
        "pricing": {"prompt": "0.000003", "completion": "0.000015"},
        "context_length": 200_000,
        "architecture": {"tokenizer": "Other"},
    } | changed


def litellm(odd: str) -> str:
    prices = {f"model-{n}": {"input_cost_per_token": 3e-6, "output_cost_per_token": 1.5e-5} for n in range(COUNT)}
    return f"{json.dumps(prices)[:-1]}, {odd}}}"


def models_dev(odd: str) -> str:
    """``odd`` is a lab with its models."""
    model = {"release_date": "2025-01-02", "open_weights": True, "limit": {"context": 8192}}
    labs = {
        lab: {"models": {f"m{n}": {"id": f"{lab}-{n}", **model} for n in range(COUNT)}}
        for lab in ("anthropic", "deepseek", "openai")
    }
    return f"{json.dumps(labs)[:-1]}, {odd}}}"


def hub(odd: str) -> str:
    repos = [{"id": f"Qwen/m{n}", "createdAt": "2026-01-01T00:00:00Z", "tags": ["gguf"]} for n in range(COUNT)]
    return f"{json.dumps(repos)[:-1]}, {odd}]"


def a_repo(**changed: Any) -> str:
    return json.dumps({"id": "Qwen/odd", "createdAt": "2026-01-01T00:00:00Z", "tags": ["gguf"], **changed})


def an_entry(prices: str, mode: str = "chat") -> str:
    return f'"odd": {{"mode": "{mode}", {prices}}}'


def priced(prompt: str) -> str:
    return json.dumps(listed("odd"))[:-1].replace('"0.000003"', prompt) + "}"


CASES: list[tuple[str, Callable[[str], str], str, str]] = [
    *(
        ("openrouter-models", openrouter, priced(prompt), "prompt")
        for prompt in ('"free"', '"$0.000003"', '"0,000003"', '"Infinity"', "1e999", '"-0.000003"', "NaN", "[3e-6]")
    ),
    ("openrouter-models", openrouter, priced('"3"'), "input_usd"),
    ("openrouter-models", openrouter, json.dumps(listed("odd", context_length=2**63)), "context_tokens"),
    ("openrouter-models", openrouter, json.dumps(listed("odd", context_length="200k")), "context_length"),
    ("openrouter-models", openrouter, json.dumps(listed("odd", created=1_749_000_000_000)), "row"),
    ("openrouter-models", openrouter, '{"created": 1, "created": 2}', "created"),
    ("litellm-prices", litellm, an_entry('"input_cost_per_token": "free"'), "input_cost_per_token"),
    ("litellm-prices", litellm, an_entry('"output_cost_per_token": -3e-6'), "output_cost_per_token"),
    ("litellm-prices", litellm, an_entry('"output_cost_per_token": 1e-6', "telepathy"), "mode"),
    ("litellm-prices", litellm, an_entry('"search": {"a": {"b": 1, "b": 2}}'), "b"),
    ("models-dev-api", models_dev, '"openai": {"models": {}}', "openai"),
    ("models-dev-api", models_dev, '"google": ["gemini"]', "google"),
    ("models-dev-api", models_dev, '"google": {"models": ["gemini"]}', "row"),
    ("hub-models", hub, a_repo(private="false"), "private"),
    ("hub-models", hub, a_repo(disabled="false"), "disabled"),
    ("hub-models", hub, a_repo(gated="false"), "gated"),
    ("hub-models", hub, a_repo(tags="gguf"), "tags"),
    ("hub-models", hub, a_repo(tags=[None, {}]), "tags"),
    ("hub-models", hub, a_repo(cardData={"license": {"name": "mit"}}), "license"),
    ("hub-models", hub, a_repo(downloads=-1), "downloads"),
]


def read(source: str, text: str) -> tuple[Row, ...]:
    one = sources()[source]
    return read_page(one, Page(url=one.start[0], body=text.encode(), fetched_at=datetime(2026, 6, 14, tzinfo=UTC)))


def names(rows: tuple[Row, ...]) -> set[str]:
    return {str(getattr(row, "name", "")) for row in rows if not isinstance(row, Quarantined)}


@pytest.mark.parametrize(("source", "page", "odd", "field"), CASES, ids=[f"{case[0]}-{case[3]}" for case in CASES])
def test_an_odd_row_is_quarantined_with_its_field(
    source: str, page: Callable[[str], str], odd: str, field: str
) -> None:
    rows = read(source, page(odd))
    assert [row.field for row in rows if isinstance(row, Quarantined)] == [field]
    others = names(rows) - {"lab/model-odd", "Qwen/odd"}
    assert len(others) == (COUNT * 2 if '"openai"' in odd else COUNT * 3 if source == "models-dev-api" else COUNT)


@pytest.mark.parametrize("nothing", ["0", '"0"', '"-0.0"', "-0.0", '"-1"', "null", '""'])
def test_what_is_no_price_but_no_fault_costs_nothing(nothing: str) -> None:
    """0 is free or unknown, -1 depends on what is asked."""
    rows = read("openrouter-models", openrouter(priced(nothing)))
    assert not [row for row in rows if isinstance(row, Quarantined)]
    assert "lab/model-odd" in names(rows)
    assert "lab/model-odd" not in {row.name for row in rows if isinstance(row, Price)}
