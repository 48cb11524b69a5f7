"""OpenRouter's model registry: when a model was first listed, its street price, its context, its Hub repository.

A model is listed on the day it can be had through OpenRouter, which bounds its API date from above.
Prices are strings in USD per token; "-1" means that the price depends on the routed model, and 0 that
it is free to use (``:free`` variants, previews), so neither is a list price.

``hugging_face_id`` came in 2025-05 (earlier files say nothing about openness).  Set, it is good evidence of
downloadable weights.  Empty, it is weak evidence of their absence: mistral-large-2512, minimax-m1 and
command-r-08-2024 are open weights and have none.  Weigh ``open=False`` from here below any other evidence.

Routers (tokenizer "Router", such as openrouter/auto, and the aliases ~openai/gpt-latest) name no model
of their own and are left out; switchpoint/router says "Other" and is known by its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from collectors.contract.pages import Page
from collectors.contract.rows import Access, Price, Release, Row, Spec
from collectors.contract.source import Source
from collectors.entries import RowFault, entries, guarded, model_name, part, quantity, text, token_price
from collectors.read.cells import written
from collectors.read.documents import json_of
from collectors.read.faults import columns

NEEDED = ("id", "created", "pricing", "context_length", "architecture")


def parse(page: Page) -> Iterator[Row]:
    top = json_of(page)
    models = top.get("data") if isinstance(top, dict) else None
    for model in entries(page, models, '{"data": [{"id": ...}, ...]}'):
        yield from guarded(_rows(page, model), model)


def _is_router(model: Mapping[str, Any]) -> bool:
    return part(model, "architecture").get("tokenizer") == "Router" or str(model["id"]).endswith("/router")


def _rows(page: Page, model: Mapping[str, Any]) -> Iterator[Row]:
    columns(page, model, NEEDED)
    name = model_name(model, "id")
    if _is_router(model):
        return
    developer = name.partition("/")[0]
    if not isinstance(model["created"], int) or isinstance(model["created"], bool):
        raise RowFault("created", repr(model["created"]), "seconds since 1970")
    yield Release(
        name=name,
        event="listed",
        happened_on=datetime.fromtimestamp(model["created"], UTC).date(),
        written=written(model, "id", "created"),
        developer=developer,
    )
    if "hugging_face_id" in model:
        repo = text(model, "hugging_face_id")
        yield Access(
            name=name,
            open=bool(repo),
            evidence="registry flag",
            written=written(model, "id", "hugging_face_id"),
            developer=developer,
            repo=repo,
        )
    pricing = part(model, "pricing")
    paid_in, paid_out = token_price(pricing, "prompt"), token_price(pricing, "completion")
    if paid_in is not None and paid_out is not None:
        yield Price(
            name=name,
            provider="openrouter",
            input_usd=paid_in,
            output_usd=paid_out,
            written=written(pricing, "prompt", "completion"),
        )
    if context := quantity(model, "context_length"):
        yield Spec(name=name, quantity="context_tokens", value=context, written=written(model, "id", "context_length"))


SOURCE = Source(
    name="openrouter-models",
    title="OpenRouter models",
    kind="registry",
    homepage="https://openrouter.ai/models",
    licence="none stated",
    attribution="OpenRouter",
    start=("https://openrouter.ai/api/v1/models",),
    hosts=frozenset({"openrouter.ai"}),
    parse=parse,
)
