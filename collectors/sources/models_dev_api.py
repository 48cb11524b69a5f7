"""models.dev: a registry kept by volunteers, provider by provider: dates, open-weights flag, price, context.

Only the rows of the labs that made the model are read.  Resellers' rows carry wrong flags (302ai has
MiniMax-M2 as closed) and dates (1970-01-01).  The labs' own rows are better, not perfect: devstral-medium-2507
and qwen3-coder-plus stand as open weights, and zai/glm-5.1 stood as closed weeks after its weights came.
So the flag is weak evidence among other sources.  A date of seven characters ("2024-09") is a month, not a day, and
becomes no release.  Prices are USD per million tokens; 0 means free or unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Access, Price, Release, Row, Spec
from collectors.contract.source import Source
from collectors.entries import date_of, guarded, model_name, named_entries, part, quantity, truth
from collectors.read.cells import written
from collectors.read.documents import json_of
from collectors.read.faults import columns

LABS = (
    "alibaba",
    "anthropic",
    "cohere",
    "deepseek",
    "google",
    "inception",
    "llama",
    "minimax",
    "mistral",
    "moonshotai",
    "openai",
    "sarvam",
    "stepfun",
    "upstage",
    "xai",
    "xiaomi",
    "zai",
    "zhipuai",
)
NEEDED = ("id", "release_date", "open_weights", "limit")
FIRST_YEAR = 2018


def parse(page: Page) -> Iterator[Row]:
    top = json_of(page)
    if not isinstance(top, dict):
        raise Drifted(page.url, "not an object of providers", expected='{"openai": {"models": {...}}, ...}')
    columns(page, list(top), ("anthropic", "deepseek", "openai"))
    for lab in LABS:
        yield from guarded(_models(page, top, lab), {}, name=lab)


def _models(page: Page, top: Mapping[str, Any], lab: str) -> Iterator[Row]:
    expected = f'{{"{lab}": {{"models": {{"name": {{"id": ...}}}}}}}}'
    models = part(top, lab).get("models") or {}
    for name, model in named_entries(page, models, expected, few=True).items():
        yield from guarded(_rows(page, lab, model), model, name=f"{lab}/{name}")


def _rows(page: Page, lab: str, model: Mapping[str, Any]) -> Iterator[Row]:
    columns(page, model, NEEDED)
    name = f"{lab}/{model_name(model, 'id')}"
    on = date_of(model, "release_date")
    if on is not None and on.year >= FIRST_YEAR:
        yield Release(
            name=name, event="released", happened_on=on, written=written(model, "id", "release_date"), developer=lab
        )
    yield Access(
        name=name,
        open=truth(model, "open_weights"),
        evidence="registry flag",
        written=written(model, "id", "open_weights"),
        developer=lab,
    )
    cost = part(model, "cost")
    paid_in, paid_out = quantity(cost, "input"), quantity(cost, "output")
    if paid_in and paid_out:
        yield Price(
            name=name, provider=lab, input_usd=paid_in, output_usd=paid_out, written=written(cost, "input", "output")
        )
    if context := quantity(part(model, "limit"), "context"):
        yield Spec(name=name, quantity="context_tokens", value=context, written=written(model, "id", "limit"))


SOURCE = Source(
    name="models-dev-api",
    title="models.dev",
    kind="registry",
    homepage="https://models.dev/",
    licence="none stated",
    attribution="models.dev and contributors",
    start=("https://models.dev/api.json",),
    hosts=frozenset({"models.dev"}),
    parse=parse,
)
