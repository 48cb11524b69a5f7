"""The Hugging Face Hub: what the watched organisations have published, newest first, from their listings.

The Hub is the best evidence of open weights, and only from the developer's own organisation: anybody may
open a repository called "gpt-9-weights", so no other owner is ever listed.  A repository counts as open when
it holds weight files, as its tags or its list of files show (the tag compressed-tensors is all that marks
Mistral-Large-3); a card with a tokenizer (voyageai's repositories) has neither.  That is no proof of the
contrary, because grok-1's weights have no tag and no suffix, so nothing here ever says "closed".  Where the files are
listed and none is a weight file, the repository is not named as the model's (``repo`` is empty); a listing without
files (grok-2's) names it, and the warehouse believes it after a week.

``createdAt`` is when the repository was made, often days or weeks before it was opened to the public (76 of
111 releases checked): it bounds the weights date and is not it.  2022-03-02 stands for "earlier than we know".
``safetensors.total`` counts stored numbers: where weights are packed (two 4-bit weights in a byte of
DeepSeek-V4-Pro, eight in an I32 of GPTQ) it is not the number of parameters, and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from collectors.contract.pages import Page
from collectors.contract.rows import Access, Release, Row, Spec
from collectors.contract.source import Source
from collectors.entries import RowFault, date_of, entries, guarded, model_name, part, parts, quantity, truth
from collectors.read.cells import number, written
from collectors.read.documents import json_of
from collectors.read.faults import columns

ORGANISATIONS = (
    "01-ai",
    "BAAI",
    "ByteDance-Seed",
    "CohereLabs",
    "HuggingFaceTB",
    "LGAI-EXAONE",
    "LiquidAI",
    "MiniMaxAI",
    "NousResearch",
    "PrimeIntellect",
    "Qwen",
    "ServiceNow-AI",
    "Skywork",
    "Snowflake",
    "XiaomiMiMo",
    "ai21labs",
    "allenai",
    "arcee-ai",
    "baidu",
    "databricks",
    "deepseek-ai",
    "google",
    "ibm-granite",
    "inclusionAI",
    "internlm",
    "meituan-longcat",
    "meta-llama",
    "microsoft",
    "mistralai",
    "moonshotai",
    "nvidia",
    "openai",
    "openbmb",
    "poolside",
    "rednote-hilab",
    "stepfun-ai",
    "tencent",
    "thinkingmachines",
    "tiiuae",
    "upstage",
    "xai-org",
    "zai-org",
)
"""The developers' own organisations; a model anywhere else on the Hub is a copy or a derivative."""

EXPAND = (
    "cardData",
    "createdAt",
    "disabled",
    "downloads",
    "gated",
    "library_name",
    "likes",
    "private",
    "safetensors",
    "siblings",
    "tags",
    "trendingScore",
)
NEWEST = 200
"""Repositories per organisation and night; what is older was seen on an earlier night."""

NEEDED = ("id", "createdAt", "tags")
GATED = ("auto", "manual")
"""How access is granted where somebody must ask for it; a repository open to all has false."""

UNKNOWN_AGE = date(2022, 3, 2)
WEIGHT_TAGS = frozenset({"safetensors", "gguf", "pytorch", "nemo", "onnx", "mlx", "jax", "tf", "compressed-tensors"})
WEIGHT_FILES = (".safetensors", ".gguf", ".pth", ".nemo", ".onnx", ".ckpt", ".msgpack", ".litertlm")
PACKED = frozenset({"I8", "U8", "I32", "F4", "F8_E8M0"})


def listing(organisation: str) -> str:
    """The live address of an organisation's newest repositories, as `huggingface_hub` writes it."""
    asked = [("author", organisation), ("sort", "createdAt"), ("limit", str(NEWEST))]
    return f"https://huggingface.co/api/models?{urlencode([*asked, *(('expand', field) for field in EXPAND)])}"


def parse(page: Page) -> Iterator[Row]:
    for repo in entries(page, json_of(page), '[{"id": "owner/name", ...}, ...]'):
        yield from guarded(_rows(page, repo), repo)


def _rows(page: Page, repo: Mapping[str, Any]) -> Iterator[Row]:
    columns(page, repo, NEEDED)
    name = model_name(repo, "id")
    if truth(repo, "private"):
        return
    tags = _tags(repo)
    developer = name.partition("/")[0]
    card = part(repo, "cardData")
    has_weights, disabled = _has_weights(repo, tags), truth(repo, "disabled")
    yield Access(
        name=name,
        open=True if has_weights and not disabled else None,
        evidence="hub files",
        written=written(
            {
                **{key: repo.get(key) for key in ("id", "gated", "disabled", "library_name")},
                **{key: card[key] for key in ("license", "license_name", "license_link") if key in card},
                "weights": sorted(WEIGHT_TAGS.intersection(tags)),
            }
        ),
        developer=developer,
        licence=_licence(card, tags),
        repo="" if disabled or (repo.get("siblings") and not has_weights) else name,
        gated=True if repo.get("gated") in GATED else truth(repo, "gated"),
    )
    created = date_of(repo, "createdAt")
    if created is not None and created != UNKNOWN_AGE:
        yield Release(
            name=name,
            event="listed",
            happened_on=created,
            written=written(repo, "id", "createdAt"),
            developer=developer,
        )
    if parameters := _parameters(repo):
        yield Spec(
            name=name,
            quantity="parameters",
            value=parameters,
            written=written(repo, "id", "safetensors"),
            developer=developer,
        )
    if (downloads := quantity(repo, "downloads")) is not None:
        yield Spec(name=name, quantity="downloads", value=downloads, written=written(repo, "id", "downloads"))
    if (likes := quantity(repo, "likes")) is not None:
        yield Spec(name=name, quantity="likes", value=likes, written=written(repo, "id", "likes"))
    if trending := quantity(repo, "trendingScore"):
        yield Spec(name=name, quantity="trending", value=trending, written=written(repo, "id", "trendingScore"))


def _tags(repo: Mapping[str, Any]) -> list[str]:
    tags = repo["tags"]
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise RowFault("tags", repr(tags)[:60], "a list of texts")
    return tags


def _has_weights(repo: Mapping[str, Any], tags: list[str]) -> bool:
    files = [str(file.get("rfilename", "")) for file in parts(repo, "siblings")]
    return (
        bool(repo.get("safetensors"))
        or not WEIGHT_TAGS.isdisjoint(tags)
        or any(file.endswith(WEIGHT_FILES) for file in files)
    )


def _licence(card: Mapping[str, Any], tags: list[str]) -> str:
    """The card's licence (its given name where the card says "other"), else the licence tag."""
    named = card.get("license")
    if isinstance(named, list):
        named = ", ".join(one for one in named if isinstance(one, str))
    elif isinstance(named, dict):
        raise RowFault("license", repr(named)[:60], "a text or a list of texts")
    if named == "other":
        named = card.get("license_name") or named
    return str(named or next((tag.removeprefix("license:") for tag in tags if tag.startswith("license:")), ""))


def _parameters(repo: Mapping[str, Any]) -> float | None:
    stored = part(repo, "safetensors")
    total = quantity(stored, "total")
    packed = sum(number(count) or 0 for dtype, count in part(stored, "parameters").items() if dtype in PACKED)
    return total if total and packed * 2 < total else None


SOURCE = Source(
    name="hub-models",
    title="Hugging Face Hub",
    kind="hub",
    homepage="https://huggingface.co/models",
    licence="each repository's own; listing under Hugging Face's terms",
    attribution="Hugging Face and the repositories' owners",
    operator="Hugging Face",
    start=tuple(listing(organisation) for organisation in ORGANISATIONS),
    hosts=frozenset({"huggingface.co"}),
    parse=parse,
    transport="hub",
    past_every_days=30,
)
