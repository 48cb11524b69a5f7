"""genai-prices: list prices by provider, with the date from which a price holds where it changed.

``prices`` is one price list, or several with a constraint each: a start date, or hours of the day.  The list
without a start date is the oldest.  Where prices differ by hour the highest counts as the list price, because the list
without hours is the discount (DeepSeek's nights at half price and less, until 2025).  A tiered price counts at
its base, the tier of short prompts.  Prices are USD per million tokens.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from collectors.contract.pages import Page
from collectors.contract.rows import Price, Row
from collectors.contract.source import Source
from collectors.entries import RowFault, date_of, entries, guarded, model_name, part, parts, quantity
from collectors.read.cells import written
from collectors.read.documents import json_of
from collectors.read.faults import columns


def parse(page: Page) -> Iterator[Row]:
    for provider in entries(page, json_of(page), '[{"id": ..., "models": [...]}, ...]', inner="models"):
        yield from guarded(_provider(page, provider), provider)


def _provider(page: Page, provider: Mapping[str, Any]) -> Iterator[Row]:
    columns(page, provider, ("id", "models"))
    name = model_name(provider, "id")
    for model in entries(page, provider["models"], few=True):
        yield from guarded(_prices(page, name, model), model)


def _prices(page: Page, provider: str, model: Mapping[str, Any]) -> Iterator[Row]:
    columns(page, model, ("id", "prices"))
    name = model_name(model, "id")
    for valid_from, prices in _lists(model):
        paid_in, paid_out = _base(prices, "input_mtok"), _base(prices, "output_mtok")
        if paid_in and paid_out:
            yield Price(
                name=name,
                provider=provider,
                input_usd=paid_in,
                output_usd=paid_out,
                written=written(prices, "input_mtok", "output_mtok"),
                valid_from=valid_from,
            )


def _lists(model: Mapping[str, Any]) -> Iterator[tuple[date | None, Mapping[str, Any]]]:
    """Each price list with the day from which it holds; of those for different hours the highest."""
    given = model["prices"]
    lists = parts(model, "prices") if isinstance(given, list) else [{"prices": given}]
    starts = [_start(one) for one in lists]
    for start in dict.fromkeys(starts):
        same = [part(one, "prices") for one, on in zip(lists, starts, strict=True) if on == start]
        yield start, max(same, key=lambda one: _base(one, "input_mtok") or 0.0)


def _start(one: Mapping[str, Any]) -> date | None:
    """The day from which a price list is valid; a date that cannot be read must not make it valid since ever."""
    constraint = part(one, "constraint")
    start = date_of(constraint, "start_date")
    if constraint.get("start_date") is not None and start is None:
        raise RowFault("start_date", str(constraint["start_date"])[:60], "a date")
    return start


def _base(prices: Mapping[str, Any], key: str) -> float | None:
    price = prices.get(key)
    return quantity(price, "base") if isinstance(price, dict) else quantity(prices, key)


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
