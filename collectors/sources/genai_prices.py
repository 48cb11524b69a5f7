"""genai-prices: list prices by provider, with the date from which a price holds where it changed.

``prices`` is one price list, or several with a constraint each: a start date, or hours of the day.  The list
without a start date is the oldest.  Where hours differ the dearest counts as the list price, because the list
without hours is the discount (DeepSeek's nights at half price and less, until 2025).  A tiered price counts at
its base, the tier of short prompts.  Prices are USD per million tokens.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from collectors.contract import Drifted, Page, Price, Row, Source
from collectors.read import columns, day, json_of, number, written
from collectors.sanitize import name_fault


def parse(page: Page) -> Iterator[Row]:
    providers = json_of(page)
    if not isinstance(providers, list) or not all(isinstance(provider, dict) for provider in providers):
        raise Drifted(page.url, "not a list of providers", expected='[{"id": ..., "models": [...]}, ...]')
    for provider in providers:
        columns(page, provider, ("id", "models"))
        for model in provider["models"]:
            columns(page, model, ("id", "prices"))
            if name_fault(str(model["id"])):
                continue
            for valid_from, prices in _lists(model["prices"]):
                paid_in, paid_out = _base(prices.get("input_mtok")), _base(prices.get("output_mtok"))
                if paid_in and paid_out:
                    yield Price(
                        name=str(model["id"]),
                        provider=str(provider["id"]),
                        input_usd=paid_in,
                        output_usd=paid_out,
                        written=written(prices, "input_mtok", "output_mtok"),
                        valid_from=valid_from,
                    )


def _lists(prices: Any) -> Iterator[tuple[date | None, Mapping[str, Any]]]:
    """Each price list with the day from which it holds; of those that hold at different hours the dearest."""
    entries = prices if isinstance(prices, list) else [{"prices": prices}]
    starts = [day((entry.get("constraint") or {}).get("start_date")) for entry in entries]
    for start in dict.fromkeys(starts):
        same = [entry["prices"] for entry, on in zip(entries, starts, strict=True) if on == start]
        yield start, max(same, key=lambda one: _base(one.get("input_mtok")) or 0.0)


def _base(price: Any) -> float | None:
    return number(price.get("base")) if isinstance(price, dict) else number(price)


SOURCE = Source(
    name="genai-prices",
    title="genai-prices",
    kind="prices",
    homepage="https://github.com/pydantic/genai-prices",
    licence="MIT",
    attribution="Pydantic, genai-prices",
    start=("https://raw.githubusercontent.com/pydantic/genai-prices/main/prices/data.json",),
    hosts=frozenset({"raw.githubusercontent.com"}),
    parse=parse,
)
