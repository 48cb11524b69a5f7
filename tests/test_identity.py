"""Who is who: names labelled by hand, names of tomorrow, names that must never meet, and the judgement files.

``labelled_names.csv`` was labelled from the names alone, across sources, years and hard cases; an empty model
means that the name must stay unresolved.  A wrong model counts against precision, a missing one against recall.
"""

from __future__ import annotations

import csv
import re
import time
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warehouse.identity import Resolver, seeds
from warehouse.identity.families import FAMILIES
from warehouse.identity.grammar import family_of, title_of
from warehouse.identity.words import merge_variants
from warehouse.identity.words import tokens as words_of

LABELLED = Path(__file__).with_name("labelled_names.csv")
TIERS = {"T1", "T2", "T3", "C", "U"}
OPEN_TIERS = {"T1", "T2", "T3"}


@cache
def resolver() -> Resolver:
    return Resolver.from_seeds()


def model_of(name: str, source: str = "", developer: str = "") -> str:
    return resolver().resolve(name, source, developer).model


def labelled() -> list[dict[str, str]]:
    with LABELLED.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


# --- labelled names -----------------------------------------------------------------------------


def test_the_labelled_set_covers_sources_years_and_hard_cases() -> None:
    rows = labelled()
    assert len(rows) >= 600
    assert len({row["source"] for row in rows}) >= 20
    assert {"2023", "2024", "2025", "2026"} <= {row["era"] for row in rows}
    assert sum(1 for row in rows if row["hard_case"]) >= 300
    assert sum(1 for row in rows if not row["model"]) >= 80
    assert max(Counter((row["source"], row["name"]) for row in rows).values()) == 1


def test_precision_and_recall_on_labelled_names() -> None:
    wrong, missing, variants, right, taken, due = [], [], [], 0, 0, 0
    for row in labelled():
        found = resolver().resolve(row["name"], row["source"])
        due += bool(row["model"])
        taken += bool(found.model)
        if found.model == row["model"]:
            right += bool(found.model)
            if row["variant_contains"] not in found.variant:
                variants.append(f"{row['source']}: {row['name']} -> {found.variant!r}, not {row['variant_contains']!r}")
        elif found.model:
            wrong.append(f"{row['source']}: {row['name']} -> {found.model}, not {row['model'] or 'unresolved'}")
        else:
            missing.append(f"{row['source']}: {row['name']} -> unresolved, not {row['model']} {found.candidates}")
    report = "\n".join([*wrong, *missing, *variants])
    assert right / taken >= 0.995, f"precision {right / taken:.2%}\n{report}"
    assert right / due >= 0.97, f"recall {right / due:.2%}\n{report}"
    assert not variants, report


def test_names_drawn_blind_do_as_well_as_the_rest() -> None:
    """Drawn at random from all recorded versions and labelled before the resolver was asked."""
    rows = [row for row in labelled() if row["note"].endswith("blind draw")]
    found = [(row["model"], model_of(row["name"], row["source"])) for row in rows]
    assert len(rows) >= 700
    assert not [pair for pair in found if pair[1] and pair[0] != pair[1]]
    assert sum(1 for due, got in found if due and got) / sum(1 for due, _ in found if due) >= 0.97


# --- tomorrow -----------------------------------------------------------------------------------

TOMORROW = [
    ("gpt-5.7-high", "gpt-5.7", "openai", "effort=high"),
    ("GPT-5.7 (xhigh)", "gpt-5.7", "openai", "effort=xhigh"),
    ("openai/gpt-7-mini-2027-03-01", "gpt-7-mini", "openai", "date=2027-03-01"),
    ("claude-opus-7-20271101-thinking-64k", "claude-opus-7", "anthropic", "date=2027-11-01; thinking=64k"),
    ("Claude Haiku 6 (no reasoning)", "claude-haiku-6", "anthropic", "thinking=off"),
    ("deepseek-v4.2", "deepseek-v4.2", "deepseek", ""),
    ("deepseek-ai/DeepSeek-V5-Terminus", "deepseek-v5-terminus", "deepseek", ""),
    ("qwen4-235b-a22b-instruct", "qwen4-235b-a22b", "alibaba", ""),
    ("Qwen 4 Max (thinking)", "qwen4-max-thinking", "alibaba", ""),
    ("gemini-4.1-flash-lite-preview", "gemini-4.1-flash-lite-preview", "google", ""),
    ("Gemini 5 Pro (high)", "gemini-5-pro", "google", "effort=high"),
    ("kimi-k4-thinking", "kimi-k4-thinking", "moonshot", ""),
    ("kimi-k4", "kimi-k4", "moonshot", ""),
    ("glm-6-air", "glm-6-air", "zhipu", ""),
    ("grok-6-fast", "grok-6-fast", "xai", ""),
    ("Grok 6 Fast (Non-reasoning)", "grok-6-fast", "xai", "thinking=off"),
    ("MiniMax-M4", "minimax-m4", "minimax", ""),
    ("llama-5-70b-instruct", "llama-5-70b", "meta", ""),
    ("meta-llama/Llama-5-Maverick-FP8", "llama-5-maverick", "meta", "quant=fp8"),
    ("o5-mini-high", "o5-mini", "openai", "effort=high"),
    ("mistral-large-5", "mistral-large-5", "mistral", ""),
    ("mimo-v3-pro", "mimo-v3-pro", "xiaomi", ""),
    ("step-6-flash", "step-6-flash", "stepfun", ""),
    ("ERNIE 6.0", "ernie-6.0", "baidu", ""),
    ("Phi-6-mini-instruct", "phi-6-mini", "microsoft", ""),
    ("gemini-3.5-pro-preview-05-06", "gemini-3.5-pro-preview", "google", "date=05-06"),
    ("qwen4-235b-a22b-thinking-2507", "qwen4-235b-a22b-thinking-2507", "alibaba", ""),
    ("qwen-max-2027-01-25", "qwen-max-2027-01-25", "alibaba", ""),
    ("kimi-k3-0905", "kimi-k3-0905", "moonshot", ""),
    ("grok-6-fast-reasoning", "grok-6-fast", "xai", "thinking=on"),
    ("mistral-medium-4", "mistral-medium-4", "mistral", ""),
    ("mistral-medium-2701", "mistral-medium-2701", "mistral", ""),
    ("glm-6.1-air", "glm-6.1-air", "zhipu", ""),
    ("gpt-oss-250b", "gpt-oss-250b", "openai", ""),
    ("openai/gpt-oss-2-120b (high)", "gpt-oss-2-120b", "openai", "effort=high"),
    ("hermes-5-405b", "hermes-5-405b", "nous", ""),
    ("KAT-Coder-Pro V3", "kat-coder-pro-v3", "kwaipilot", ""),
    ("Opus 6.5 (thinking)", "claude-opus-6.5", "anthropic", "thinking=on"),
    ("bedrock/eu-west-3/anthropic.claude-opus-6-20270101-v1:0", "claude-opus-6", "anthropic", "date=2027-01-01"),
    ("vertex_ai/gemini-4-pro", "gemini-4-pro", "google", ""),
    ("openrouter/deepseek/deepseek-v5:free", "deepseek-v5", "deepseek", "provider=free"),
    ("some_router/deepseek-ai/DeepSeek-V5", "deepseek-v5", "deepseek", ""),
    ("fireworks_ai/accounts/fireworks/models/glm-6p1", "glm-6.1", "zhipu", ""),
    ("mlx-community/GLM-6-Air-8bit", "glm-6-air", "zhipu", "quant=8bit"),
    ("RedHatAI/Qwen4-32B-FP8-dynamic", "qwen4-32b", "alibaba", "quant=fp8"),
    ("Qwen4-32B-Instruct-GPTQ-Int4", "qwen4-32b", "alibaba", "quant=gptq+int4"),
    ("bartowski/Qwen_Qwen4-32B-GGUF", "qwen4-32b", "alibaba", "quant=gguf"),
    ("mini-SWE-agent v2 + GPT-5.7 (high)", "gpt-5.7", "openai", "effort=high; scaffold=mini-swe-agent"),
    ("Claude Opus 6 (mini-swe-agent)", "claude-opus-6", "anthropic", "scaffold=mini-swe-agent"),
    ("SWE-agent 1.0 (Claude Opus 6)", "claude-opus-6", "anthropic", "scaffold=swe-agent"),
    ("GPT-5.7 w/tools", "gpt-5.7", "openai", "tools=on"),
    ("GPT-5.7 (7 Aug 2026)", "gpt-5.7", "openai", "date=2026-08-07"),
    ("GPT-5.7 (Aug 7, 2026)", "gpt-5.7", "openai", "date=2026-08-07"),
    ("gpt-5.7-20260807", "gpt-5.7", "openai", "date=2026-08-07"),
    ("doubao-seed-3-0-pro-270115", "seed-3.0-pro", "bytedance", "date=2027-01-15"),
    ("\U0001f947 GPT\u20115.7\u2003(high)", "gpt-5.7", "openai", "effort=high"),
    ("[GPT-5.7](https://example.org)", "gpt-5.7", "openai", ""),
    ("Claude\u00a0Opus\u202f6 [thinking=32k]", "claude-opus-6", "anthropic", "thinking=32k"),
    ("deepseek-v5-ultra", "deepseek-v5-ultra", "deepseek", ""),
    ("qwen4-ultra", "qwen4-ultra", "alibaba", ""),
    ("grok-6-turbo", "grok-6-turbo", "xai", ""),
    ("claude-saga-1", "claude-1-saga", "anthropic", ""),
    ("Claude Quartet 7", "claude-quartet-7", "anthropic", ""),
    ("gpt-7-nova", "gpt-7-nova", "openai", ""),
    ("gpt-7-nova-pro (max)", "gpt-7-nova-pro", "openai", "effort=max"),
    ("Claude Mythos Preview", "claude-mythos-preview", "anthropic", ""),
    ("gemini-5-argon", "gemini-5-argon", "google", ""),
    ("claude-opus-6-adaptive", "claude-opus-6", "anthropic", "thinking=adaptive"),
    ("kimi-k4-thinking-turbo", "kimi-k4-thinking", "moonshot", "provider=turbo"),
    ("MiniMax-M4-highspeed", "minimax-m4", "minimax", "provider=highspeed"),
    ("unknown/glm-6-air", "glm-6-air", "zhipu", ""),
    ("nvidia/Nemotron-4.5-Ultra-900B-A90B-BF16", "nemotron-4.5-ultra-900b-a90b", "nvidia", "quant=bf16"),
]


@pytest.mark.parametrize(("name", "model", "developer", "variant"), TOMORROW)
def test_new_names_resolve_by_rule_without_a_seed(name: str, model: str, developer: str, variant: str) -> None:
    bare = Resolver((), (), seeds.developers())
    for found in (resolver().resolve(name), bare.resolve(name)):
        assert (found.model, found.developer, found.variant) == (model, developer, variant)
    assert bare.resolve(name).layer == "structure"


@pytest.mark.parametrize(
    "name",
    [
        "Horizon Alpha", "Agentar-Scale-SQL", "AskData + GPT-4o", "o3 (high) + gpt-4.1", "polaris-alpha", "owl-alpha",
        "GPT", "Claude", "gemini", "Qwen 2.5", "Llama 3.1", "Mistral 9000", "Claude 4.7 (Max)", "claude-3.5",
        "claude-6", "gpt-5.6", "gemini-pro-latest", "chatgpt-4o-latest", "qwen4-1-7b", "gpt-71",
        "GPT-5 (Astrolabe)", "Llama-3.1-8B-Storm", "Qwen2.5-DPO", "gpt-5-embedding", "GPT-4 (8-shot)",
        "Human Expert (High)", "Random", "gpt-5 and claude-opus-5", "Ensemble (GPT-5, Claude Opus 4.5)", "n/a", "-",
        "Qwen2.5-7B-DPO", "Qwen3-32B-Eagle3", "huihui-ai/Qwen2.5-7B-Instruct-abliterated", "Llama-3.1-8B-slerp",
        "acme/Qwen2.5-7B-Instruct", "ft:gpt-4o-mini-2024-07-18:acme::abc", "Llama-3-8B-Instruct+Qwen2-7B",
        "deepseek-r1:32b", "deepseek-coder-v2:16b", "Mistral-Small-24B-Instruct", "magistral-medium-latest",
        "devstral-medium-latest", "gemini-flash-latest", "mistral-large-latest",
        "DeepSeek-V3 finetuned by acme", "acme/gpt-9-weights-leak", "Llama-3-8B-Instruct-Mixmatch",
    ],
)  # fmt: skip
def test_what_follows_no_pattern_stays_visible(name: str) -> None:
    found = resolver().resolve(name)
    assert (found.model, found.layer) == ("", "unresolved")


EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max", "default")


def newest_of_each_family() -> list[str]:
    """The title of the youngest seeded model of each family the grammar reads."""
    newest: dict[str, seeds.Model] = {}
    for model in seeds.models():
        family = family_of(words_of(model.slug))
        if family and model.dates and not model.checkpoint_of:
            newest[family[0].name] = max(model, newest.get(family[0].name, model), key=lambda m: m.dates[-1])
    return [model.title for model in newest.values()]


@pytest.mark.parametrize("title", newest_of_each_family())
def test_an_effort_is_an_effort_in_every_family(title: str) -> None:
    model = model_of(title)
    for effort in EFFORTS:
        for name in (f"{title} ({effort})", f"{title} (Thinking, {effort.title()} Effort)"):
            found = resolver().resolve(name)
            assert (found.model, f"effort={effort}" in found.variant) == (model, True), name
        # Without brackets ``max`` and ``medium`` may be tiers of a line that has such; they are never another model's.
        assert model_of(f"{title}-{effort}") in {model, "", f"{model}-{effort}"}


def test_a_checkpoint_of_a_later_date_is_a_model_of_its_date() -> None:
    found = resolver().resolve("hunyuan-turbos-20250416")
    assert (found.model, found.checkpoint_of) == ("hunyuan-turbos-2025-04-16", "hunyuan-turbos")
    assert found.dated_on == date(2025, 4, 16)
    seeded = resolver().resolve("grok-2-1212")
    assert (seeded.model, seeded.checkpoint_of) == ("grok-2-2024-12-12", "grok-2")


@pytest.mark.parametrize(
    ("names", "stem"),
    [
        (["Nex-N2-Pro", "nex-agi/nex-n2-pro", "Nex N2 Pro (high)", "nex-n2-pro-fp8"], "nex-n2-pro"),
        (["Lodestar 9", "Lodestar 9 (xhigh)", "lodestar-9 (Reasoning)"], "lodestar-9"),
    ],
)
def test_spellings_of_a_model_nobody_knows_share_a_stem(names: list[str], stem: str) -> None:
    found = [resolver().resolve(name) for name in names]
    assert {one.model for one in found} == {""}
    assert {one.stem for one in found} == {stem}


def test_the_organisation_before_an_unknown_model_is_its_owner() -> None:
    # As known before the lab had a line: on boards it was nine models.
    then = Resolver.from_seeds(date(2026, 6, 14))
    names = ("Inkling", "thinkingmachines/Inkling", "thinking-machines/inkling-medium", "Inkling (xhigh)")
    found = [then.resolve(name) for name in names]
    assert {one.stem for one in found} == {"inkling"}
    assert [one.owner for one in found] == ["", "thinkingmachines", "thinkingmachines", ""]
    copy = then.resolve("acme/Qwen2.5-7B-Instruct")
    assert (copy.model, copy.owner) == ("", "")
    assert copy.stem != then.resolve("other/Qwen2.5-7B-Instruct").stem


def test_an_unknown_model_of_a_known_lab_has_its_lab() -> None:
    found = resolver().resolve("poolside/lodestar-9")
    assert (found.model, found.developer, found.stem) == ("", "poolside", "lodestar-9")


# --- what must never be merged ------------------------------------------------------------------

APART = [
    ["o1", "o1-mini", "o1-preview", "o1-pro"],
    ["DeepSeek-R1", "DeepSeek-R1-Distill-Qwen-32B", "DeepSeek-R1-Distill-Llama-70B", "DeepSeek-R1-0528",
     "DeepSeek-R1-0528-Qwen3-8B", "DeepSeek-R1-Zero"],
    ["DeepSeek-V3", "DeepSeek-V3-0324", "DeepSeek-V3.1", "DeepSeek-V3.1-Terminus", "DeepSeek-V3.2-Exp",
     "DeepSeek-V3.2", "DeepSeek-V3.2-Speciale", "DeepSeek-V3-Base"],
    ["DeepSeek-V4-Flash", "DeepSeek-V4-Flash-0731", "DeepSeek-V4-Pro", "DeepSeek-V4-Pro-0813"],
    ["gpt-4", "gpt-4-1106-preview", "gpt-4-0125-preview", "gpt-4-turbo-2024-04-09", "gpt-4o"],
    ["gpt-4-0314", "gpt-4-0613", "gpt-4-1106-preview"],
    ["gpt-4o-2024-05-13", "gpt-4o-2024-08-06", "gpt-4o-2024-11-20"],
    ["gpt-3.5-turbo-0301", "gpt-3.5-turbo-0613", "gpt-3.5-turbo-1106", "gpt-3.5-turbo-0125"],
    ["chatgpt-4o-latest-20240808", "chatgpt-4o-latest-20240903", "chatgpt-4o-latest-20241120",
     "chatgpt-4o-latest-20250129", "chatgpt-4o-latest-20250326"],
    ["grok-2", "grok-2-1212"],
    ["gemini-2.0-flash-thinking-exp-1219", "gemini-2.0-flash-thinking-exp-01-21"],
    ["reka-core", "reka-core-20240501", "reka-core-20240904"],
    ["kimi-k2-thinking", "kimi-k2-thinking-0905", "kimi-k2-0905"],
    ["qwen3-next-80b", "qwen3-next-80b-thinking"],
    ["GPT-5.1-Codex-Max", "GPT-5.1-Codex (Max)"],
    ["gpt-6-luna", "gpt-6-sol", "gpt-6-astra"],
    ["claude-3.5-sonnet-20240620", "claude-3.5-sonnet-20241022", "claude-3.7-sonnet"],
    ["gemini-2.5-pro", "gemini-2.5-pro-preview-03-25", "gemini-2.5-pro-preview-05-06", "gemini-2.5-pro-preview-06-05"],
    ["gemini-1.5-pro", "gemini-1.5-pro-002", "gemini-1.5-pro-exp-0827", "gemini-1.5-pro-preview-0409"],
    ["gemini-2.5-flash", "gemini-2.5-flash-preview-04-17", "gemini-2.5-flash-preview-09-2025", "gemini-2.5-flash-lite"],
    ["Qwen3-235B-A22B", "Qwen3-235B-A22B-Instruct-2507", "Qwen3-235B-A22B-Thinking-2507"],
    ["GPT-5", "GPT-5-mini", "GPT-5-nano", "GPT-5-Codex", "GPT-5-chat", "GPT-5 Pro"],
    ["gpt-5.1-codex", "gpt-5.1-codex-max", "gpt-5.1-codex-mini"],
    ["Kimi K2", "Kimi K2 0905", "Kimi K2 Thinking", "Kimi K2.5"],
    ["GLM-4.5", "GLM-4.5-Air", "GLM-4.5V", "GLM-4.6"],
    ["Llama 3.1 70B", "Llama 3.3 70B", "Llama-3.1-Nemotron-70B-Instruct", "Llama-3.1-70B-base"],
    ["Mistral Large 2 (2407)", "mistral-large-2411", "mistral-large-2402", "mistral-large-2512"],
    ["grok-4", "grok-4-fast", "grok-4.1", "grok-4.1-fast", "grok-4.20", "grok-4.20-multi-agent"],
    ["QwQ-32B", "QwQ-32B-Preview"],
    ["Qwen3-Max", "Qwen3-Max-Preview", "Qwen3-Max-Thinking"],
    ["gemma-2-9b", "gemma-3-4b", "gemma-3n-e4b", "gemma-2-9b-it-SimPO"],
    ["LLaVA-Critic-R1", "LLaVA-Critic-R1+"],
    ["Gemini-1.5-Flash-001 (Prompt)", "Gemini-1.5-Flash-002 (Prompt)"],
    ["Qwen2.5-7B-Instruct", "Qwen2.5-7B-Instruct-1M"],
    ["DeepSeek-Coder-33B-Base", "DeepSeek-Coder-33B-Instruct"],
    ["Kimi-VL-A3B-Instruct", "Kimi-VL-A3B-Thinking"],
    ["Llama-3.1-Tulu-3-70B", "Llama-3.1-Tulu-3-70B-DPO"],
    ["mistral.mistral-7b-instruct-v0:2", "mistral-7b-instruct-v0.1", "mistral-7b-instruct-v0.3"],
    ["anthropic.claude-v2:1", "anthropic.claude-v2"],
    ["DeepSeek-R1-Llama-70B", "DeepSeek-R1-Llama-8B", "DeepSeek-R1"],
    ["nvidia.nemotron-nano-9b-v2:0", "nemotron-nano-9b-v3"],
    ["GPT-5 (Codex)", "GPT-5"],
]  # fmt: skip


@pytest.mark.parametrize("names", APART, ids=lambda names: names[0])
def test_names_that_differ_in_what_matters_are_never_merged(names: list[str]) -> None:
    models = [model_of(name) for name in names]
    assert all(models), dict(zip(names, models, strict=True))
    assert len(set(models)) == len(names), dict(zip(names, models, strict=True))


TOGETHER = [
    ["gpt-4-0314", "GPT-4 (32k)", "OpenAI GPT-4"],
    ["gpt-4o-2024-05-13", "GPT-4o"],
    ["gpt-4o-2024-11-20", "GPT-4o (Nov '24)", "GPT-4o (11-20)"],
    ["chatgpt-4o-latest-20250326", "ChatGPT-4o-latest-2025-03-27", "chatgpt-4o-latest (2025-03-29)"],
    ["gpt-5.6-sol", "GPT-5.6 Sol (max)", "gpt-5.6-sol-max", "GPT-5.6 Sol (Reasoning, Max Effort)"],
    ["qwen3-1.7b", "qwen3-1-7b"],
    ["Qwen3-0.6B", "qwen3-0-6b"],
    ["GPT-5.2", "gpt-52"],
    ["claude-3.7-sonnet", "claude-37-sonnet"],
    ["GLM-4.6V", "glm-4-6v"],
    ["Llama-3_3-Nemotron-Super-49B-v1_5", "llama-3-3-nemotron-super-49b-v1-5",
     "llama-nemotron-super-49b-v1-5"],
    ["Qwen3-Next-80B-A3B-Thinking", "qwen3-next-80b-thinking"],
    ["DeepSeek-R1-0528", "deepinfra/deepseek-ai/DeepSeek-R1-0528-Turbo"],
    ["claude-opus-4-5-20251101-thinking-32k", "Claude 4.5 Opus medium (20251101)",
     "anthropic/claude-opus-4.5@reasoning=high", "us.anthropic.claude-opus-4-5-20251101-v1:0",
     "Claude Opus 4.5 (Reasoning)"],
    ["DeepSeek V3.1 (Reasoning)", "deepseek-v3.1-thinking", "DeepSeek-V3.1_thinking",
     "deepseek/deepseek-chat-v3.1:free"],
    ["Qwen3 235B A22B (Reasoning)", "qwen3-235b-a22b-thinking", "Qwen3-235B-A22B-no-thinking",
     "qwen-3-235b-a22b/nothink"],
    ["Llama 3.1 Instruct 405B", "Meta-Llama-3.1-405B-Instruct-Turbo", "llama3.1:405b-instruct-q4_K_M"],
    ["Gemini 3 Pro Preview (high)", "gemini-3-pro", "google/gemini-3-pro-preview", "Gemini 3.0 Pro"],
    ["deepseek-v3.1", "DeepSeek 3.1", "azure_ai/deepseek-v3.1", "nscale/deepseek-ai/DeepSeek-V3.1"],
    ["gpt-3.5-turbo", "gpt-3.5-turbo-0301", "gpt-35-turbo-16k"],
    ["gpt-3.5-turbo-0613", "azure/gpt-35-turbo-0613"],
    ["Kimi K2.5 Thinking", "kimi-k2.5-instant", "moonshotai/Kimi-K2.5"],
    ["kimi-k2-0711-preview", "Kimi-K2-Instruct", "moonshotai/kimi-k2"],
]  # fmt: skip


@pytest.mark.parametrize("names", TOGETHER, ids=lambda names: names[0])
def test_spellings_and_configurations_of_one_model_meet(names: list[str]) -> None:
    assert len({model_of(name) for name in names}) == 1, {name: model_of(name) for name in names}


@pytest.mark.parametrize(
    ("base", "tuned"),
    [
        ("Qwen/Qwen2.5-Coder-7B", "Qwen/Qwen2.5-Coder-7B-Instruct"),
        ("meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.1-8B-Instruct"),
        ("google/gemma-3n-E4B", "google/gemma-3n-E4B-it"),
        ("google/codegemma-7b", "google/codegemma-7b-it"),
        ("tiiuae/falcon-40b", "tiiuae/falcon-40b-instruct"),
        ("allenai/OLMo-2-1124-7B", "allenai/OLMo-2-1124-7B-Instruct"),
        ("google/gemma-3-27b-pt", "google/gemma-3-27b-it"),
        ("mistralai/Mistral-7B-v0.3", "mistralai/Mistral-7B-Instruct-v0.3"),
    ],
)
def test_base_weights_on_the_hub_are_another_model(base: str, tuned: str) -> None:
    assert model_of(base, "hub-models") == f"{model_of(tuned, 'hub-models')}-base"


@pytest.mark.parametrize(
    "name",
    [
        "Qwen/Qwen3-Embedding-8B", "Qwen/Qwen3-Reranker-8B", "Qwen/Qwen3-ASR-1.7B", "deepseek-ai/DeepSeek-OCR",
        "zai-org/GLM-OCR", "zai-org/GLM-TTS", "meta-llama/Llama-Guard-4-12B", "Qwen/Qwen2.5-Math-RM-72B",
        "nvidia/DeepSeek-R1-FP4", "google/embeddinggemma-300m", "Qwen/Qwen3Guard-Gen-8B",
    ],
)  # fmt: skip
def test_what_only_shares_the_name_is_not_the_chat_model(name: str) -> None:
    assert model_of(name, "hub-models") == ""


def test_a_protocol_is_no_organisation() -> None:
    assert model_of("openai/Qwen2.5-Coder-32B-Instruct", "aider-polyglot") == "qwen2.5-coder-32b"
    assert model_of("openai/Qwen2.5-Coder-32B-Instruct", "openrouter-models") == ""


def test_an_ambiguous_name_offers_candidates_and_takes_none() -> None:
    found = resolver().resolve("Claude 3.5 Sonnet", "some board")
    assert found.model == ""
    assert found.candidates == ("claude-3.5-sonnet-20240620", "claude-3.5-sonnet-20241022")


def test_another_labs_organisation_vetoes() -> None:
    assert model_of("DeepSeek-V3", developer="DeepSeek") == "deepseek-v3"
    assert model_of("DeepSeek-V3", developer="Sierra") == "deepseek-v3"
    vetoed = resolver().resolve("DeepSeek-V3", developer="Microsoft")
    assert (vetoed.model, vetoed.candidates) == ("", ("deepseek-v3",))
    assert resolver().resolve("perplexity/DeepSeek-R1").candidates == ("deepseek-r1",)


def test_letters_that_only_look_alike_make_no_model() -> None:
    assert model_of("GPT-4o") == "gpt-4o"
    assert model_of("GPT-4\u043e") == ""
    assert model_of("GPT\u20114o") == "gpt-4o"


def test_variant_text_is_canonical() -> None:
    found = resolver().resolve("claude-opus-4-5-20251101-thinking-64k-high-effort")
    assert found.variant == "date=2025-11-01; effort=high; thinking=64k"
    assert merge_variants("b=1; a=2", "a=3; c=4") == "a=2; b=1; c=4"


# --- properties ---------------------------------------------------------------------------------

PIECES = (
    "gpt", "claude", "gemini", "qwen", "llama", "deepseek", "kimi", "glm", "grok", "mini", "pro", "flash", "opus",
    "sonnet", "4", "5", "4.5", "v3", "r1", "k2", "70b", "235b", "a22b", "high", "thinking", "64k", "2507", "0528",
    "20251101", "preview", "exp", "(FC)", "instruct", "chat", "base", "/", "+", "-", "Q4_K_M", "latest", "openai/",
)  # fmt: skip
WORDS = st.sampled_from(PIECES)
NAMES = st.one_of(
    st.text(max_size=60),
    st.lists(WORDS, min_size=1, max_size=8).map(" ".join),
    st.lists(WORDS, min_size=1, max_size=8).map("-".join),
    st.sampled_from(sorted({row["name"] for row in labelled()})),
)


@given(NAMES, st.sampled_from(["", "livebench", "evalplus"]))
@settings(max_examples=400, deadline=None)
def test_resolving_a_slug_or_a_title_again_gives_the_same_model(name: str, source: str) -> None:
    found = resolver().resolve(name, source)
    if found.model:
        assert model_of(found.model) == found.model
        if not found.model.endswith("-base"):
            assert model_of(found.title) == found.model
        assert found.developer in resolver().developers
    else:
        assert (found.title, found.variant, found.layer) == ("", "", "unresolved")


@given(st.lists(NAMES, min_size=2, max_size=12))
@settings(max_examples=60, deadline=None)
def test_the_order_of_asking_does_not_matter(names: list[str]) -> None:
    forwards = {name: resolver().resolve(name) for name in names}
    backwards = {name: resolver().resolve(name) for name in reversed(names)}
    assert forwards == backwards


@given(st.text(min_size=1, max_size=40))
@settings(max_examples=300, deadline=None)
def test_random_text_hardly_ever_resolves(text: str) -> None:
    found = resolver().resolve(text)
    assert not found.model or re.search(r"[A-Za-z]", text)


@pytest.mark.parametrize("piece", ["a", "gpt-5 ", "((((", "thinking-64k-", "1.", "-", "2025-01-01 ", "\u0301", "/a"])
def test_a_long_name_is_unresolved_at_once(piece: str) -> None:
    started = time.process_time()
    assert model_of(piece * 50_000) == ""
    assert model_of(("gpt-5-" + piece * 200)[:200]) in {"", "gpt-5"}
    assert model_of("gpt-5" + " " * 300 + "high") == ""
    assert time.process_time() - started < 2


def test_ten_thousand_names_take_well_under_two_seconds() -> None:
    names = [row["name"] for row in labelled()]
    names = (names * (10_000 // len(names) + 1))[:10_000]
    resolver()
    started = time.process_time()
    for name in names:
        resolver().resolve(name)
    assert time.process_time() - started < 2


# --- seeds --------------------------------------------------------------------------------------


def table(name: str) -> list[dict[str, str]]:
    return list(seeds.rows(name))


def test_models_are_unique_dated_and_known_to_the_resolver() -> None:
    rows = table("model.csv")
    developers = {row["developer"] for row in table("developer.csv")}
    assert len(rows) >= 400
    assert max(Counter(row["model"] for row in rows).values()) == 1
    assert max(Counter(row["title"].casefold() for row in rows).values()) == 1
    faults = []
    for row in rows:
        days = {key: date.fromisoformat(row[key]) for key in ("announced_on", "api_on", "weights_on") if row[key]}
        announced = days.get("announced_on")
        if announced is None:
            if days or row["licence_class"] != "unknown" or row["confidence"] != "low":
                faults.append(f"{row['model']}: states more than an unknown date allows")
        elif any(day < announced for day in days.values()):
            faults.append(f"{row['model']}: {days}")
        if bool(row["weights_on"]) != bool(row["weights_on_basis"]):
            faults.append(f"{row['model']}: weights date without its basis")
        if row["developer"] not in developers:
            faults.append(f"{row['model']}: developer {row['developer']}")
        if row["licence_class"] not in {"permissive", "community", "non-commercial", "proprietary", "unknown"}:
            faults.append(f"{row['model']}: {row['licence_class']}")
        if (row["licence_class"] == "proprietary") != (not row["weights_on"]) and row["licence_class"] != "unknown":
            faults.append(f"{row['model']}: {row['licence_class']} and weights on {row['weights_on'] or 'no day'}")
        if not row["source"] or row["confidence"] not in {"high", "medium", "low"}:
            faults.append(f"{row['model']}: source or confidence missing")
        for name in (row["model"], row["title"]):
            if model_of(name) != row["model"]:
                faults.append(f"{name} resolves to {model_of(name)!r}, not {row['model']}")
    assert not faults, "\n".join(faults)


def test_developers_are_distinguished() -> None:
    rows = table("developer.csv")
    assert max(Counter(row["developer"] for row in rows).values()) == 1
    assert {row["default"] for row in rows} == {"closed", "open", "mixed"}
    owners = Counter(owner.lower() for d in seeds.developers() for owner in d.hub_owners)
    assert max(owners.values()) == 1, owners.most_common(3)
    spelled: dict[str, set[str]] = {}
    for developer in seeds.developers():
        for spelling in (developer.title, *developer.spellings):
            spelled.setdefault(spelling.casefold(), set()).add(developer.slug)
    assert not {spelling: who for spelling, who in spelled.items() if len(who) > 1}


def test_hub_repositories_belong_to_allow_listed_owners() -> None:
    owners = {owner.lower(): d.slug for d in seeds.developers() for owner in d.hub_owners}
    faults = []
    for row in table("model.csv"):
        if row["hub_repo"]:
            owner = row["hub_repo"].split("/")[0].lower()
            if owners.get(owner) != row["developer"]:
                faults.append(f"{row['model']}: {row['hub_repo']} is {owners.get(owner)}, not {row['developer']}")
    assert not faults, "\n".join(faults)


def test_every_alias_names_a_model_and_gives_its_reason() -> None:
    models = {row["model"] for row in table("model.csv")}
    rows = table("alias.csv")
    assert max(Counter((row["name"], row["source"]) for row in rows).values()) == 1
    for row in rows:
        assert row["reason"], row
        assert not row["model"] or row["model"] in models, row
        assert model_of(row["name"], row["source"]) == row["model"], row


def test_every_dated_model_has_dated_access_lines() -> None:
    models = {row["model"]: row for row in table("model.csv") if row["announced_on"]}
    lines = table("access.csv")
    # What nobody recorded is not stated here: of such a model the sources speak alone.
    assert {line["model"] for line in lines} <= set(models)
    assert not [line for line in lines if "general knowledge" in line["source"]]
    models = {slug: row for slug, row in models.items() if slug in {line["model"] for line in lines}}
    assert max(Counter((line["model"], line["from_on"]) for line in lines).values()) == 1
    for line in lines:
        date.fromisoformat(line["from_on"])
        assert line["tier"] in TIERS, line
        assert line["evidence_rank"] in {"1", "2", "3", "4"}, line
        assert line["evidence"] in {"hub files", "release note", "registry flag", "board flag"}, line
        assert line["source"], line
        assert line["reason"], line
    for slug, row in models.items():
        own = sorted((line["from_on"], line["tier"]) for line in lines if line["model"] == slug)
        opened = [day for day, tier in own if tier in OPEN_TIERS]
        if row["weights_on"]:
            assert opened, slug
            assert opened[0] == row["weights_on"], slug
            if row["api_on"] and row["api_on"] < row["weights_on"]:
                assert own[0] == (row["api_on"], "C"), slug
        else:
            assert not opened, slug


def test_every_line_says_since_when_its_fact_was_known() -> None:
    models = {row["model"]: row["known_on"] for row in table("model.csv")}
    for name in ("model.csv", "access.csv", "alias.csv"):
        for row in table(name):
            date.fromisoformat(row["known_on"])
            assert not row["model"] or row["known_on"] >= models[row["model"]], row
    for name in ("model.csv", "access.csv", "developer.csv"):
        assert [row for row in table(name) if not row["source"] or "general knowledge" in row["source"]] == []
    labs = {row["developer"]: row["known_on"] for row in table("developer.csv")}
    assert [row for row in table("model.csv") if row["known_on"] < labs[row["developer"]]] == []
    for line in table("access.csv"):
        assert line["known_on"] >= line["from_on"], line


def test_a_night_sees_the_lines_of_its_day() -> None:
    night = date(2026, 6, 14)
    then = Resolver.from_seeds(night)
    assert {"glm-5.3", "gpt-6-astra", "claude-sonnet-5"}.isdisjoint(then.models)
    assert max(day for model in then.models.values() for day in model.dates) <= night
    assert then.models["minimax-m3"].weights_on is None
    # Thinking Machines: its first model came out on 2026-07-15 and was reviewed on 2026-09-28.
    assert "thinking-machines" not in then.developers
    assert {"poolside", "moonshot"} <= then.developers.keys()


def test_known_openings_after_the_api() -> None:
    models = {row["model"]: row for row in table("model.csv")}
    days = {}
    for slug in ("minimax-m2.7", "glm-5.1", "minimax-m3", "kimi-k3", "grok-1", "grok-2", "glm-5.2", "mimo-v2.5-pro"):
        row = models[slug]
        days[slug] = (date.fromisoformat(row["weights_on"]) - date.fromisoformat(row["api_on"])).days
    assert days["minimax-m2.7"] == 26
    assert days["mimo-v2.5-pro"] == 6
    assert all(day > 0 for day in days.values()), days


def test_licence_tiers_follow_the_licence() -> None:
    lines = {}
    for line in sorted(table("access.csv"), key=lambda line: line["from_on"]):
        lines[line["model"]] = line["tier"]
    expected = {
        "deepseek-r1": "T1", "deepseek-v3": "T2", "kimi-k2": "T2", "llama-3.1-405b": "T2", "gemma-3-27b": "T2",
        "qwen2.5-72b": "T2", "qwen3-235b-a22b": "T1", "mistral-large-2": "T3", "command-r-plus": "T3",
        "minimax-m2.7": "T3", "gpt-oss-120b": "T1", "glm-5": "T1", "codestral-22b": "T3", "gpt-5": "C",
        "mistral-large-4": "U", "mixtral-8x7b": "T1", "llama-65b": "T3", "gemma-4-31b": "T1",
    }  # fmt: skip
    assert {slug: lines[slug] for slug in expected} == expected


def test_tier_licence_and_class_agree() -> None:
    tiers = {row["licence"]: row["tier"] for row in table("licence.csv")}
    classes = {"permissive": "T1", "community": "T2", "non-commercial": "T3"}
    models = {row["model"]: row for row in table("model.csv")}
    faults = []
    for line in table("access.csv"):
        if line["tier"] in OPEN_TIERS:
            row = models[line["model"]]
            if tiers.get(line["licence"].casefold(), line["tier"]) != line["tier"]:
                faults.append(f"{line['model']}: {line['licence']} is no {line['tier']}")
            if classes.get(row["licence_class"], line["tier"]) != line["tier"]:
                faults.append(f"{line['model']}: {row['licence_class']} is no {line['tier']}")
            if line["licence"] and line["licence"] != row["licence"]:
                faults.append(f"{line['model']}: {line['licence']} here, {row['licence']} there")
    assert not faults, "\n".join(faults)


def test_there_is_no_deepseek_r2() -> None:
    for name in ("model.csv", "alias.csv", "access.csv"):
        cells = [value for row in table(name) for value in row.values()]
        assert not any(re.search(r"deepseek.?r2", cell, re.IGNORECASE) for cell in cells)


def test_families_write_titles_that_read_back() -> None:
    bare = Resolver((), (), seeds.developers())
    for family in FAMILIES:
        if family.open_ended and family.version and not family.needs_more and family.name not in {"mistral"}:
            for version in ("5", "5.5", "v5", "k5", "m5"):
                slug = bare.resolve(f"{family.heads[0]} {version}").model
                if slug:
                    assert bare.resolve(title_of(slug, family)).model == slug
