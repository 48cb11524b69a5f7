"""LiteLLM's price map: what each provider charges for each model, in USD per token, without dates.

The key names provider, region and model in many ways ("azure/eu/gpt-4o", "gpt-4o") and is kept as it is.
"sample_spec" documents the fields.  Only models that write text are read; embeddings, images, speech and
rerankers are priced by other units.  A price of 0 stands for free, unknown or self-hosted and is no price.
Slips of the unit are frequent: azure_ai/jais-30b-chat stands at 3,200 USD a million tokens, a thousand times its price.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.contract.pages import Page
from collectors.contract.rows import Price, Row
from collectors.contract.source import Source
from collectors.entries import RowFault, guarded, named_entries, text, token_price
from collectors.read.cells import written
from collectors.read.documents import json_of
from collectors.sanitize import name_fault

MODES = frozenset({"chat", "completion", "responses"})
OTHER_MODES = frozenset(
    (
        "audio_speech",
        "audio_transcription",
        "embedding",
        "guardrail",
        "image_edit",
        "image_generation",
        "moderation",
        "moderations",
        "ocr",
        "realtime",
        "rerank",
        "search",
        "vector_store",
        "video_generation",
    )
)
PAID_IN, PAID_OUT = "input_cost_per_token", "output_cost_per_token"


def parse(page: Page) -> Iterator[Row]:
    models = named_entries(page, json_of(page), '{"gpt-4": {"input_cost_per_token": ...}, ...}')
    for name, model in models.items():
        if name != "sample_spec":
            yield from guarded(_price(name, model), model, name=name)


def _price(name: str, model: Mapping[str, Any]) -> Iterator[Row]:
    mode = text(model, "mode")
    if mode in OTHER_MODES:
        return
    if mode not in ("", *MODES):
        raise RowFault("mode", mode[:60], "a mode that is known to write text, or not to")
    if fault := name_fault(name):
        raise RowFault("name", fault, "a name of plain characters")
    paid_in, paid_out = token_price(model, PAID_IN), token_price(model, PAID_OUT)
    if paid_in is not None and paid_out is not None:
        yield Price(
            name=name,
            provider=text(model, "litellm_provider"),
            input_usd=paid_in,
            output_usd=paid_out,
            written=written(model, PAID_IN, PAID_OUT, "litellm_provider"),
        )


SOURCE = Source(
    name="litellm-prices",
    title="LiteLLM model prices",
    kind="prices",
    homepage="https://github.com/BerriAI/litellm",
    licence="MIT",
    attribution="BerriAI, LiteLLM",
    start=("https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json",),
    hosts=frozenset({"raw.githubusercontent.com"}),
    parse=parse,
)
