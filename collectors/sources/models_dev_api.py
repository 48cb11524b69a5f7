"""models.dev: a registry kept by volunteers, provider by provider: dates, open-weights flag, price, context.

Only the rows of the labs that made the model are read.  Resellers' rows carry wrong flags (302ai has
MiniMax-M2 as closed) and dates (1970-01-01).  The labs' own rows are better, not perfect: devstral-medium-2507
and qwen3-coder-plus stand as open weights, and zai/glm-5.1 stood as closed weeks after its weights came.
So the flag is one voice among several.  A date of seven characters ("2024-09") is a month, not a day, and
becomes no release.  Prices are USD per million tokens; 0 means free or unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.contract import Access, Drifted, Page, Price, Release, Row, Source, Spec
from collectors.names import name_fault
from collectors.read import columns, day, json_of, number, written

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
    columns(page, top, ("anthropic", "deepseek", "openai"))
    for lab in LABS:
        for model in top.get(lab, {}).get("models", {}).values():
            columns(page, model, NEEDED)
            name = f"{lab}/{model['id']}"
            if not name_fault(name):
                yield from _rows(name, lab, model)


def _rows(name: str, lab: str, model: Mapping[str, Any]) -> Iterator[Row]:
    on = day(model["release_date"])
    if on is not None and on.year >= FIRST_YEAR:
        yield Release(
            name=name, event="released", happened_on=on, written=written(model, "id", "release_date"), developer=lab
        )
    yield Access(
        name=name,
        open=model["open_weights"] if isinstance(model["open_weights"], bool) else None,
        evidence="registry flag",
        written=written(model, "id", "open_weights"),
        developer=lab,
    )
    cost = model.get("cost") or {}
    paid_in, paid_out = number(cost.get("input")), number(cost.get("output"))
    if paid_in and paid_out:
        yield Price(
            name=name, provider=lab, input_usd=paid_in, output_usd=paid_out, written=written(cost, "input", "output")
        )
    if context := number(model["limit"].get("context")):
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
