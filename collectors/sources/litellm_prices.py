"""LiteLLM's price map: what each provider charges for each model, in USD per token, without dates.

The key names provider, region and model in many ways ("azure/eu/gpt-4o", "gpt-4o") and is kept as it is.
"sample_spec" documents the fields.  Only models that write text are read; embeddings, images, speech and
rerankers are priced by other units.  A price of 0 stands for free, unknown or self-hosted and is no price;
neither is one above any that was ever asked (azure_ai/jais-30b-chat stands at 3,200 USD a million tokens,
a thousand times its price: a slip of the unit).
"""

from __future__ import annotations

from collections.abc import Iterator

from collectors.contract import Drifted, Page, Price, Row, Source
from collectors.read import json_of, usd_per_million, written
from collectors.sanitize import name_fault

MODES = frozenset({"chat", "completion", "responses"})
MOST_USD = 1_000.0
PAID_IN, PAID_OUT = "input_cost_per_token", "output_cost_per_token"


def parse(page: Page) -> Iterator[Row]:
    models = json_of(page)
    if not isinstance(models, dict) or not all(isinstance(model, dict) for model in models.values()):
        raise Drifted(page.url, "not an object of models", expected='{"gpt-4": {"input_cost_per_token": ...}, ...}')
    for name, model in models.items():
        if name == "sample_spec" or model.get("mode", "chat") not in MODES or name_fault(name):
            continue
        paid_in, paid_out = usd_per_million(model.get(PAID_IN)), usd_per_million(model.get(PAID_OUT))
        if paid_in is not None and paid_out is not None and max(paid_in, paid_out) <= MOST_USD:
            yield Price(
                name=name,
                provider=str(model.get("litellm_provider") or ""),
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
