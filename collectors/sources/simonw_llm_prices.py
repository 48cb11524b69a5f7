"""Simon Willison's list prices by vendor, with their history: one file a vendor, USD per million tokens.

``from_date`` and ``to_date`` are null except where a price changed; the entry without from_date is the oldest.
"""

from __future__ import annotations

from collections.abc import Iterator

from collectors.contract import Drifted, Page, Price, Row, Source
from collectors.read import columns, day, json_of, number, written
from collectors.sanitize import name_fault

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
    for model in top["models"]:
        columns(page, model, ("id", "price_history"))
        if name_fault(str(model["id"])):
            continue
        for price in model["price_history"]:
            paid_in, paid_out = number(price.get("input")), number(price.get("output"))
            if paid_in and paid_out:
                yield Price(
                    name=str(model["id"]),
                    provider=str(top["vendor"]),
                    input_usd=paid_in,
                    output_usd=paid_out,
                    written=written(price, "input", "output", "from_date", "to_date"),
                    valid_from=day(price.get("from_date")),
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
