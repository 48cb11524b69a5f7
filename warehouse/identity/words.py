"""From a raw name to words: cleaning, and the words that say how a model was run rather than which model it is.

Boards hide a configuration in the name: ``claude-opus-4-5-20251101-thinking-64k-high-effort`` is one model, a
date, a budget and an effort.  Every such word is *read*, never skipped: a word that is neither part of a model's
name nor a known configuration leaves the whole name unresolved, because a fine-tune differs from its parent by
one word (``Llama-3-8B-Instruct-SkillMix``).

Letters outside ASCII are refused rather than transliterated: a Cyrillic letter in ``GPT-4o`` is another name.
All patterns run on at most 200 characters and have no nested quantifiers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

MAX_NAME = 200
_NEAR_DAYS = 10
"""A stamp this close to a release's own date is that release (``kimi-k2-0711`` is Kimi K2 of 2025-07-11)."""

EFFORTS = frozenset({"none", "minimal", "low", "medium", "high", "xhigh", "max", "default"})
_EFFORT_SPELLINGS = {"minimum": "minimal", "maximum": "max", "med": "medium", "extrahigh": "xhigh"}
THINKING = frozenset({"thinking", "think", "reasoning", "reasoner", "cot"})
INSTRUCT = frozenset({"instruct", "chat", "it", "hf", "instruction"})
PLAIN_NOISE = frozenset(
    {"effort", "budget", "tokens", "token", "verbosity", "format", "deprecated", "note", "see", "below", "quantized"}
)
FORMATS = frozenset(
    {"fc", "prompt", "prompting", "diff", "whole", "udiff", "concise", "verbose", "optimized", "original"}
)
HOSTS = frozenset(
    {
        "together", "togetherai", "groq", "fireworks", "novita", "chutes", "deepinfra", "parasail", "openrouter",
        "cerebras", "sambanova", "hyperbolic", "nebius", "azure", "vertex", "bedrock", "ollama", "local", "replicate",
        "siliconflow", "alibaba", "free", "exacto", "nitro", "extended", "floor", "maas",
        "alpindale", "bartowski", "lonestriker", "mradermacher", "thebloke", "turboderp", "unsloth",
    }
)  # fmt: skip
REPACKERS = (
    "casperhansen", "cyankiwi", "ggml-org", "hugging-quants", "lmstudio-community", "maziyarpanahi", "mlx-community",
    "neuralmagic", "quanttrio", "redhatai", "tensorblock", "ubergarm",
)  # fmt: skip
"""Hub owners whose repositories are other people's weights in another format, under the same name."""
ROUTES = frozenset(
    {
        "accounts", "anyscale", "azure-ai", "baseten", "bedrock-converse", "cf", "cloudflare", "converse",
        "databricks", "eu", "featherless-ai", "fireworks-ai", "friendliai", "github", "github-copilot",
        "github-models", "global", "global-standard", "gradient-ai", "heroku", "hf", "invoke", "lambda", "lambda-ai",
        "llama", "models", "novita-ai", "nscale", "nvidia-nim", "oci", "ovhcloud", "sagemaker", "scaleway",
        "together-ai", "unknown", "us", "vercel-ai-gateway", "vertex-ai", "wandb", "watsonx",
    }
)  # fmt: skip
"""Parts of a path that say where a model is served, in no other place of a name (``azure/eu/``, ``vertex_ai/``)."""
SCAFFOLDS = frozenset(
    {
        "agentless", "openhands", "swe-agent", "mini-swe-agent", "claude-code", "win-agent", "codex", "codex-cli",
        "gemini-cli", "terminus", "terminus-2", "aider", "moatless", "moatless-tools", "autocoderover",
        "live-swe-agent", "codeact", "openhands-codeact", "tools", "kimi-cli", "qwen-code", "opencode", "cline",
        "goose",
    }
)  # fmt: skip
TOOLS = frozenset({"tools", "tool", "python", "search"})

_DASHES = re.compile(r"[\u2010-\u2015\u2212]")
_SIGNS = str.maketrans(
    {
        "\u00b7": " ", "\u2022": " ", "\u00d7": "x", "\uff08": "(", "\uff09": ")", "\uff0c": ",", "\uff1a": ":",
        "\uff0b": "+", "\u201c": "", "\u201d": "", "\u03b2": "beta", "*": "",
    }
)  # fmt: skip
_QUOTES = re.compile(r"[\u2018\u2019\u02bc`\u00b4]")
_PAREN = re.compile(r"\([^()]{1,100}\)")
_LINK = re.compile(r"\[([^\[\]]{1,150})\]\(https?://[^()\s]{1,150}\)")
_TAG = re.compile(r"</?[a-z]{1,10}(?: [^<>]{0,80})?>", re.IGNORECASE)
_FOOTNOTE = re.compile(r"\[\^?\d{1,3}\]")
_WRAPPER = re.compile(r"\w{1,30}provider\('([^']{1,150})'\)")
_HUB = re.compile(r"(?:https?://)?(?:huggingface\.co|hf\.co)/")
_BEDROCK = re.compile(r"-(?:v(?=\d{1,2}:))?\d{1,2}:\d{1,2}\b")
_BEDROCK_POINT = re.compile(r"(?<=\bclaude-v)(\d):([1-9])\b|(?<=instruct-v)(0):(\d)\b")
_REVISION = re.compile(r":\d$")
_SIZE_POINT = re.compile(r"(?<=-)(\d)_(\d)(?=b\b)")
_SETTING = re.compile(
    r"\b(temperature|temp|t|length|reasoning[ _]effort|reasoning|thinking|effort|max[ _]tokens)"
    r"\s?[=:]\s?([a-z0-9.]{1,12})"
)
_BRACKETED_EFFORT = re.compile(
    rf"[(\[][ ]?({'|'.join(sorted(EFFORTS))})(?:[ -](?:effort|reasoning|thinking))?[ ]?[)\]]"
)
"""In brackets an effort word is never a part of the model's name: ``GPT-5.6 Sol (max)``."""
_FALLBACK = re.compile(r",[ ]([a-z0-9 .-]{2,40})[ ]fallback(?=[,)])")
"""In brackets: which model answers what this one declines (``(Max Effort, Opus 4.8 Fallback)``)."""
_HARNESS = re.compile(r"\b([a-z]{2,20})[- ]harness\b")
_MONTHS = {
    name: i
    for i, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)
}
_MONTH_NAME = (
    r"(jan|january|feb|february|mar|march|apr|april|may|jun|june|jul|july|aug|august|sep|sept|september|oct|october"
    r"|nov|november|dec|december)"
)
_DAY_FIRST = re.compile(r"\b(\d{1,2})[ .-]" + _MONTH_NAME + r"[ .,'-]{1,3}(20\d\d|(?<=')\d\d)(?![a-z0-9])")
_MONTH_FIRST = re.compile(r"\b" + _MONTH_NAME + r"[ .-]{1,2}(\d{1,2})(?:st|nd|rd|th)?[ ,-]{1,2}(20\d\d)(?![a-z0-9])")
_MONTH = re.compile(r"\b" + _MONTH_NAME + r"[ .'-]{0,3}(20\d\d|\d\d)?(?![a-z0-9])")
_GLUED = re.compile(
    r"(gpt|claude|gemini|gemma|grok|qwen|llama|glm|phi|step|falcon|jamba|ernie|small|large|medium|flash|opus|sonnet"
    r"|haiku|seed|nova|lfm|olmo|granite|internlm|mimo|codeqwen|mistral|longcat|exaone|internvl|beta)(\d.*)"
    r"|(kimi)(k\d.*)|(minimax)(m\d.*)|(deepseek)([vr]\d.*)"
)
_SPLIT = re.compile(r"[^a-z0-9.]+")
_WORD_DOT = re.compile(r"(?<=[a-z])\.(?=[a-z])")
_POINT = re.compile(r"([a-z]?\d{1,2})p(\d{1,2})")
_QUANT = re.compile(
    r"fp8|fp4|bf16|fp16|int4|int8|awq|gptq|gguf|ggml|exl2|exl3|bnb|nvfp4|mxfp[468]|w4a16|w8a8|w8a16|[2-8]bitq?|ud|i1"
    r"|f16|f32|mlx|qat|dwq|onnx|hqq|imatrix|\d(?:\.\d{1,2})?bpw"
)
_QUANT_K = re.compile(r"i?q[2-8]")
_QUANT_TAIL = frozenset({"k", "m", "s", "l", "xl", "xs", "xxs", "0", "1", "nl", "p"})
_BUDGET = re.compile(r"\d{1,3}k")
_GLUED_EFFORT = re.compile(rf"({'|'.join(sorted(EFFORTS - {'none', 'default'}))})(?:thinking|reasoning)")
_GLUED_OFF = re.compile(r"(?:no|non)(?:thinking|think|reasoning)")
_WITH = re.compile(r"\bw/(o\b)? ?")
_PLUS = re.compile(r"(?<=[a-z0-9])\+(?![a-z0-9])")
_WRITTEN_MONTH = re.compile(r"date(\d{4}|0)m(\d\d)(?:d(\d\d))?")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A date stamp in a name: the readings it allows (year, month, day; None = not stated) and its text.

    ``08-24`` is the 24th of August on one board and August 2024 on another: both readings are kept
    and what is known of the model decides.
    """

    readings: tuple[tuple[int | None, int | None, int | None], ...]
    text: str
    slug: str

    def near(self, on: date) -> bool:
        """Whether one reading is that month or within a few days of that day."""
        return any(_near(reading, on) for reading in self.readings)


@dataclass(slots=True)
class Config:
    """What a name says about how the model was run.  ``fields`` become the variant text."""

    fields: dict[str, str] = field(default_factory=dict)
    stamp: Stamp | None = None
    base: bool = False
    instruct: bool = False

    def put(self, name: str, value: str) -> None:
        """Sets a field; a second, different value is kept beside the first."""
        old = self.fields.get(name)
        if old is None or (name == "thinking" and old == "on"):
            self.fields[name] = value
        elif value not in old.split("+") and not (name == "thinking" and value == "on"):
            self.fields[name] = f"{old}+{value}"

    def text(self) -> str:
        """The variant as canonical text, fields in alphabetical order."""
        fields = dict(self.fields)
        if self.stamp is not None:
            fields["date"] = self.stamp.text
        return "; ".join(f"{name}={fields[name]}" for name in sorted(fields))


def merge_variants(*texts: str) -> str:
    """Several variant texts as one, fields in alphabetical order; the first to name a field wins."""
    fields: dict[str, str] = {}
    for text in texts:
        for part in text.split("; "):
            name, equals, value = part.partition("=")
            if equals:
                fields.setdefault(name, value)
    return "; ".join(f"{name}={fields[name]}" for name in sorted(fields))


# --- cleaning -----------------------------------------------------------------------------------


def clean(name: str) -> str:
    """The name without mark-up, wrappers, symbols and typographic dashes, in lower case; empty if unusable."""
    if not name or len(name) > MAX_NAME:
        return ""
    text = unicodedata.normalize("NFC", name)
    text = _DASHES.sub("-", _QUOTES.sub("'", text)).translate(_SIGNS).replace("%3A", ":")
    kinds = [(c, unicodedata.category(c)) for c in text]
    text = "".join(" " if kind == "Zs" else c for c, kind in kinds if kind not in {"So", "Sk", "Cf", "Mn"})
    text = _FOOTNOTE.sub("", _TAG.sub("", _LINK.sub(r"\1", text))).casefold().strip()
    if not text.isascii():
        return ""
    if match := _WRAPPER.fullmatch(text):
        text = match[1]
    text = _HUB.sub("", _PAREN.sub(lambda match: match[0].replace(" + ", " "), text), count=1)
    return text.removeprefix("models/").removeprefix("hf:")


def settings(text: str) -> tuple[str, dict[str, str]]:
    """Takes ``key=value`` settings, ``(effort)``, a fallback and ``(x-harness)`` out of the text, as variant fields."""
    fields: dict[str, str] = {}

    def keep(match: re.Match[str]) -> str:
        key, value = match[1].replace("_", " "), match[2]
        if key in {"temperature", "temp", "t"}:
            fields["temperature"] = value
        elif key in {"length", "max tokens"}:
            fields["length"] = value
        elif value.isdigit():
            fields["thinking"] = value
        elif value in EFFORTS:
            fields["effort"] = value
        else:
            return match[0]
        return " "

    def harness(match: re.Match[str]) -> str:
        fields["scaffold"] = match[1]
        return " "

    def bracketed(match: re.Match[str]) -> str:
        fields.setdefault("effort", match[1])
        return " "

    def fallback(match: re.Match[str]) -> str:
        fields["fallback"] = match[1].replace(" ", "-")
        return ""

    text = _FALLBACK.sub(fallback, text)
    return _BRACKETED_EFFORT.sub(bracketed, _HARNESS.sub(harness, _SETTING.sub(keep, text))), fields


def _day(day: str, name: str, year: str) -> str:
    return f" date{year if len(year) == 4 else f'20{year}'}m{_MONTHS[name[:3]]:02d}d{int(day):02d} "


def month(match: re.Match[str]) -> str:
    """A written month as one word the date reader knows; ``may`` without a year is no month."""
    number = _MONTHS[match[1][:3]]
    year = match[2]
    if year is None:
        return match[0] if match[1] == "may" else f" date0m{number:02d} "
    if len(year) == 2 and int(year) < 22:
        return f" date0m{number:02d}d{int(year):02d} "
    return f" date{year if len(year) == 4 else f'20{year}'}m{number:02d} "


def tokens(text: str) -> tuple[str, ...]:
    """The words of a cleaned name; numbers keep their point, families lose a glued version."""
    text = _DAY_FIRST.sub(lambda match: _day(match[1], match[2], match[3]), text)
    text = _MONTH_FIRST.sub(lambda match: _day(match[2], match[1], match[3]), text)
    text = _BEDROCK_POINT.sub(lambda match: f"{match[1] or match[3]}.{match[2] or match[4]}", _MONTH.sub(month, text))
    text = (_REVISION if "nemotron" in text else _BEDROCK).sub("", _SIZE_POINT.sub(r"\1.\2", text))
    text = _WITH.sub(lambda match: "without " if match[1] else "with ", text)
    text = _PLUS.sub("-plus", text)
    found: list[str] = []
    for raw in _SPLIT.split(_WORD_DOT.sub(" ", text)):
        word = raw.strip(".")
        if not word:
            continue
        if match := _POINT.fullmatch(word):
            word = f"{match[1]}.{match[2]}"
        if match := _GLUED.fullmatch(word):
            head, word = (part for part in match.groups() if part)
            found.append(head)
        found.append(word)
    return tuple(found)


# --- dates --------------------------------------------------------------------------------------


def _two(word: str, low: int, high: int) -> int | None:
    return int(word) if len(word) == 2 and word.isdigit() and low <= int(word) <= high else None


def _year(word: str) -> int | None:
    return int(word) if len(word) == 4 and word.isdigit() and 2022 <= int(word) <= 2035 else None


def stamp_at(words: Sequence[str], i: int) -> tuple[Stamp, int] | None:
    """The date stamp that starts at word ``i`` and how many words it takes."""
    word = words[i]
    after = words[i + 1] if i + 1 < len(words) else ""
    third = words[i + 2] if i + 2 < len(words) else ""
    if match := _WRITTEN_MONTH.fullmatch(word):
        y, m, d = int(match[1]) or None, int(match[2]), int(match[3]) if match[3] else None
        if d:
            text = f"{y}-{m:02d}-{d:02d}" if y else f"{m:02d}-{d:02d}"
            return Stamp(((y, m, d),), text, text), 1
        text = f"{y}-{m:02d}" if y else f"month {m:02d}"
        return Stamp(((y, m, None),), text, f"{y}-{m:02d}" if y else f"{m:02d}"), 1
    if not word[-1:].isdigit():
        return None
    if (y := _year(word)) and (mm := _two(after, 1, 12)):
        if dd := _two(third, 1, 31):
            return Stamp(((y, mm, dd),), f"{y}-{after}-{third}", f"{word}-{after}-{third}"), 3
        return Stamp(((y, mm, None),), f"{y}-{after}", f"{word}-{after}"), 2
    if y and len(after) == 4 and (mm := _two(after[:2], 1, 12)) and (dd := _two(after[2:], 1, 31)):
        return Stamp(((y, mm, dd),), f"{y}-{after[:2]}-{after[2:]}", f"{word}{after}"), 2
    word = word.removeprefix("v") if len(word) == 9 else word
    if len(word) == 8 and (y := _year(word[:4])) and (mm := _two(word[4:6], 1, 12)) and (dd := _two(word[6:], 1, 31)):
        return Stamp(((y, mm, dd),), f"{y}-{word[4:6]}-{word[6:]}", word), 1
    if len(word) == 6 and (y := _year(word[:4])) and (mm := _two(word[4:], 1, 12)):
        return Stamp(((y, mm, None),), f"{y}-{word[4:]}", word), 1
    if len(word) == 6 and (yy := _two(word[:2], 23, 35)) and (mm := _two(word[2:4], 1, 12)):  # noqa: SIM102
        if dd := _two(word[4:], 1, 31):
            return Stamp(((2000 + yy, mm, dd),), f"20{word[:2]}-{word[2:4]}-{word[4:]}", word), 1
    if mm := _two(word, 1, 12):
        if y := _year(after):
            return Stamp(((y, mm, None),), f"{after}-{word}", f"{word}-{after}"), 2
        if (dd := _two(after, 1, 31)) and (y := _year(third)):
            return Stamp(((y, mm, dd),), f"{third}-{word}-{after}", f"{word}-{after}-{third}"), 3
        if dd := _two(after, 1, 31):
            readings: list[tuple[int | None, int | None, int | None]] = [(None, mm, dd)]
            if yy := _two(after, 23, 35):
                readings.append((2000 + yy, mm, None))
            return Stamp(tuple(readings), f"{word}-{after}", f"{word}-{after}"), 2
    if (yy := _two(word, 23, 35)) and (mm := _two(after, 1, 12)):
        if dd := _two(third, 1, 31):
            return Stamp(((2000 + yy, mm, dd),), f"20{word}-{after}-{third}", f"{word}-{after}-{third}"), 3
        return Stamp(((2000 + yy, mm, None),), f"20{word}-{after}", f"{word}{after}"), 2
    if len(word) == 4 and word.isdigit():
        if (mm := _two(word[:2], 1, 12)) and (dd := _two(word[2:], 1, 31)):
            return Stamp(((None, mm, dd),), f"{word[:2]}-{word[2:]}", word), 1
        if (yy := _two(word[:2], 23, 35)) and (mm := _two(word[2:], 1, 12)):
            return Stamp(((2000 + yy, mm, None),), f"20{word[:2]}-{word[2:]}", word), 1
    year, point, rest = word.removeprefix("v").partition(".")
    if point and (yy := _two(year, 23, 35)) and (mm := _two(rest, 1, 12)):
        return Stamp(((2000 + yy, mm, None),), f"20{year}-{rest}", f"{year}{rest}"), 1
    return None


# --- configuration ------------------------------------------------------------------------------


def _near(reading: tuple[int | None, int | None, int | None], on: date) -> bool:
    y, m, d = reading
    if y is not None and y != on.year:
        return False
    if d is None or m is None:
        return m == on.month
    try:
        return abs((date(on.year, m, d) - on).days) <= _NEAR_DAYS
    except ValueError:
        return False


def compatible(a: Stamp, b: Stamp) -> bool:
    """Whether two stamps can be the same date: no part that both name differs."""
    return any(
        all(p is None or q is None or p == q for p, q in zip(x, y, strict=True)) for x in a.readings for y in b.readings
    )


def _is_budget(word: str) -> bool:
    """``64k``, ``8192``, ``32000``: a number of tokens, not a date."""
    if _BUDGET.fullmatch(word):
        return True
    return word.isdigit() and 4 <= len(word) <= 6 and (int(word) % 1000 == 0 or int(word) % 1024 == 0)


_SWITCH = {"off": "off", "on": "on", "disabled": "off", "enabled": "on"}


def _thinking_at(words: Sequence[str], i: int, config: Config) -> int:
    """Reads ``thinking`` or a synonym at ``i`` with the budget or mode that follows it."""
    after = words[i + 1] if i + 1 < len(words) else ""
    if _is_budget(after):
        config.put("thinking", after)
        return 2
    if after in {"auto", "adaptive"}:
        config.put("thinking", "adaptive")
        return 2
    if after in _SWITCH:
        config.put("thinking", _SWITCH[after])
        return 2
    config.put("thinking", "on")
    return 1


def config_at(words: Sequence[str], i: int, config: Config, *, budget: bool = False) -> int:
    """Reads the configuration word at ``i`` into ``config``; returns how many words it took, 0 for none.

    ``budget``: a bare ``16k`` is a thinking budget for this family, not a context length.
    """
    at = _At(words, i, budget=budget)
    return next((taken for read in _READERS if (taken := read(at, config))), 0)


@dataclass(frozen=True, slots=True)
class _At:
    """A place in a name: the word there and the one after it."""

    words: Sequence[str]
    i: int
    budget: bool

    @property
    def word(self) -> str:
        return self.words[self.i]

    @property
    def after(self) -> str:
        return self.words[self.i + 1] if self.i + 1 < len(self.words) else ""


def _read_budget(at: _At, config: Config) -> int:
    """``32k thinking``, ``budget 32k``, ``32000 tokens``."""
    if at.after in THINKING and _is_budget(at.word):
        config.put("thinking", at.word)
        return 2
    if at.word == "budget" and _is_budget(at.after):
        config.put("thinking", at.after)
        return 2
    if at.after in {"tokens", "token"} and at.word.isdigit() and 3 <= len(at.word) <= 6:
        config.put("thinking" if "thinking" in config.fields else "context", at.word)
        return 2
    return 0


def _read_with(at: _At, config: Config) -> int:
    """``no thinking``, ``without tools``, ``with tools``, ``with 32k thinking``."""
    if at.word in {"no", "non", "without"}:
        field_name = "thinking" if at.after in THINKING else "tools" if at.after in TOOLS else ""
        if field_name:
            config.put(field_name, "off")
        return 2 if field_name else 0
    if at.word == "with" and at.after in THINKING:
        return 1 + _thinking_at(at.words, at.i + 1, config)
    if at.word == "with" and at.after in TOOLS:
        config.put("tools", "on")
        return 2
    return 0


def _read_effort(at: _At, config: Config) -> int:
    """``high``, ``extra high``, ``high effort``, ``effort max``."""
    if (at.word, at.after) in {("x", "high"), ("extra", "high")}:
        config.put("effort", "xhigh")
        return 3 if at.words[at.i + 2 : at.i + 3] == ("reasoning",) else 2
    if at.word == "effort" and at.after in EFFORTS:
        config.put("effort", at.after)
        return 2
    word = _EFFORT_SPELLINGS.get(at.word, at.word)
    if word not in EFFORTS:
        return 0
    config.put("effort", word)
    return 2 if at.after in {"effort", "reasoning"} else 1


def _read_thinking(at: _At, config: Config) -> int:
    """``thinking`` and its synonyms, ``adaptive``, ``highthinking``, ``nothink``."""
    if at.word == "adaptive" or (at.word == "auto" and at.after in THINKING):
        config.put("thinking", "adaptive")
        return 2 if at.after in THINKING else 1
    if at.word in THINKING:
        return _thinking_at(at.words, at.i, config)
    if match := _GLUED_EFFORT.fullmatch(at.word):
        config.put("effort", match[1])
        config.put("thinking", "on")
        return 1
    if _GLUED_OFF.fullmatch(at.word):
        config.put("thinking", "off")
        return 1
    return 0


def _read_date(at: _At, config: Config) -> int:
    """A date stamp, ``latest``, a revision (``002``)."""
    if (found := stamp_at(at.words, at.i)) and (config.stamp is None or compatible(config.stamp, found[0])):
        config.stamp = config.stamp or found[0]
        return found[1]
    if at.word == "latest":
        config.put("date", "latest")
        return 1
    if len(at.word) == 3 and at.word.startswith("00") and at.word.isdigit():
        config.put("revision", at.word)
        return 1
    return 0


def _read_context(at: _At, config: Config) -> int:
    """A bare number of tokens: ``16k``, ``1m``."""
    if _is_budget(at.word):
        budgeted = (at.budget or "thinking" in config.fields) and not (at.word[-1] == "k" and int(at.word[:-1]) >= 100)
        config.put("thinking" if budgeted else "context", at.word)
        return 1
    if at.word == "1m":
        config.put("context", at.word)
        return 1
    return 0


def _read_quantisation(at: _At, config: Config) -> int:
    """``fp8``, ``Q4_K_M``, ``dynamic`` after one of them."""
    if _QUANT.fullmatch(at.word):
        config.put("quant", at.word)
        return 1
    if _QUANT_K.fullmatch(at.word):
        end = at.i + 1
        while end < len(at.words) and end < at.i + 4 and at.words[end] in _QUANT_TAIL:
            end += 1
        config.put("quant", "_".join(at.words[at.i : end]).upper())
        return end - at.i
    return 1 if at.word in {"dynamic", "block"} and "quant" in config.fields else 0


def _read_serving(at: _At, config: Config) -> int:
    """The format of the answers, and who serves the model."""
    if at.word in FORMATS:
        config.put("format", {"prompting": "prompt"}.get(at.word, at.word))
        dated = stamp_at(at.words, at.i + 2) if at.i + 2 < len(at.words) else None
        if at.word == "fc" and at.after == "tools" and dated:
            return 2 + dated[1]
        return 2 if at.word == "fc" and at.after in {"auto", "any"} else 1
    if at.word in HOSTS:
        config.put("provider", {"togetherai": "together"}.get(at.word, at.word))
        return 2 if at.after in {"ai", "api"} else 1
    return 0


def _read_tuning(at: _At, config: Config) -> int:
    """``instruct``, ``base``, and words that say nothing."""
    if at.word in INSTRUCT:
        config.instruct = config.instruct or at.word != "hf"
        return 1
    if at.word == "base":
        config.base = True
        return 1
    return 1 if at.word in PLAIN_NOISE or at.word == "api" else 0


_READERS = (
    _read_budget, _read_with, _read_effort, _read_thinking, _read_date, _read_context, _read_quantisation,
    _read_serving, _read_tuning,
)  # fmt: skip
"""In this order: a word that two of them know is the first one's."""
