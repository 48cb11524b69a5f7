"""Simon Willison's list prices by vendor, with their history: one file a vendor, USD per million tokens.

``from_date`` and ``to_date`` are null except where a price changed; the entry without from_date is the oldest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Price, Row
from collectors.contract.source import Source
from collectors.entries import RowFault, date_of, entries, guarded, model_name, parts, quantity
from collectors.read.cells import written
from collectors.read.documents import json_of
from collectors.read.faults import columns

VENDORS = (
    "amazon",
    "anthropic",
    "deepseek",
    "google",
    "minimax",
    "mistral",
    "moonshot-ai",
    "openai",
    "qwen",
    "xai",
)


def parse(page: Page) -> Iterator[Row]:
    top = json_of(page)
    if not isinstance(top, dict):
        raise Drifted(page.url, "not an object", expected='{"vendor": ..., "models": [...]}')
    columns(page, top, ("vendor", "models"))
    for model in entries(page, top["models"], '{"vendor": ..., "models": [{"id": ...}, ...]}'):
        yield from guarded(_prices(page, str(top["vendor"]), model), model)


def _prices(page: Page, vendor: str, model: Mapping[str, Any]) -> Iterator[Row]:
    columns(page, model, ("id", "price_history"))
    for price in parts(model, "price_history"):
        paid_in, paid_out = quantity(price, "input"), quantity(price, "output")
        start = date_of(price, "from_date")
        if start is None and price.get("from_date"):
            raise RowFault("from_date", str(price["from_date"])[:60], "a date")
        if paid_in and paid_out:
            yield Price(
                name=model_name(model, "id"),
                provider=vendor,
                input_usd=paid_in,
                output_usd=paid_out,
                written=written(price, "input", "output", "from_date", "to_date"),
                valid_from=start,
            )


SOURCE = Source(
    name="simonw-llm-prices",
    title="llm-prices.com",
    kind="prices",
    homepage="https://www.llm-prices.com/",
    licence="none stated",
    attribution="Simon Willison, llm-prices",
    start=tuple(f"https://www.llm-prices.com/data/{vendor}.json" for vendor in VENDORS),
    hosts=frozenset({"www.llm-prices.com"}),
    parse=parse,
)
