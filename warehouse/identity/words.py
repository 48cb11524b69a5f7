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
THINKING = frozenset({"thinking", "think", "reasoning", "reasoner", "cot"})
INSTRUCT = frozenset({"instruct", "chat", "it", "hf", "instruction"})
PLAIN_NOISE = frozenset(
    {"effort", "budget", "tokens", "token", "verbosity", "format", "deprecated", "note", "see", "below"}
)
FORMATS = frozenset(
    {"fc", "prompt", "prompting", "diff", "whole", "udiff", "concise", "verbose", "optimized", "original"}
)
HOSTS = frozenset(
    {
        "together", "togetherai", "groq", "fireworks", "novita", "chutes", "deepinfra", "parasail", "openrouter",
        "cerebras", "sambanova", "hyperbolic", "nebius", "azure", "vertex", "bedrock", "ollama", "local", "replicate",
        "siliconflow", "alibaba", "free", "exacto", "nitro", "extended", "floor",
        "alpindale", "bartowski", "lonestriker", "mradermacher", "thebloke", "turboderp", "unsloth",
    }
)  # fmt: skip
SCAFFOLDS = frozenset(
    {
        "agentless", "openhands", "swe-agent", "mini-swe-agent", "claude-code", "win-agent", "codex", "codex-cli",
        "gemini-cli", "terminus", "terminus-2", "aider", "moatless", "moatless-tools", "autocoderover",
        "live-swe-agent", "codeact", "tools", "kimi-cli", "qwen-code", "opencode", "cline", "goose",
    }
)  # fmt: skip
TOOLS = frozenset({"tools", "tool", "python", "search"})

_DASHES = re.compile(r"[\u2010-\u2015\u2212]")
_QUOTES = re.compile(r"[\u2018\u2019\u02bc`\u00b4]")
_PAREN = re.compile(r"\([^()]{1,100}\)")
_FOOTNOTE = re.compile(r"\[\^?\d{1,3}\]")
_WRAPPER = re.compile(r"\w{1,30}provider\('([^']{1,150})'\)")
_HUB = re.compile(r"(?:https?://)?(?:huggingface\.co|hf\.co)/")
_BEDROCK = re.compile(r"-v\d{1,2}:\d{1,2}\b")
_SETTING = re.compile(
    r"\b(temperature|temp|t|length|reasoning[ _]effort|reasoning|thinking|effort|max[ _]tokens)"
    r"\s?[=:]\s?([a-z0-9.]{1,12})"
)
_HARNESS = re.compile(r"\b([a-z]{2,20})[- ]harness\b")
_MONTHS = {
    name: i
    for i, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)
}
_MONTH = re.compile(
    r"\b(jan|january|feb|february|mar|march|apr|april|may|jun|june|jul|july|aug|august|sep|sept|september|oct|october"
    r"|nov|november|dec|december)[ .'-]{0,3}(20\d\d|\d\d)?(?![a-z0-9])"
)
_GLUED = re.compile(
    r"(gpt|claude|gemini|gemma|grok|qwen|llama|glm|phi|step|falcon|jamba|ernie|small|large|medium|flash|opus|sonnet"
    r"|haiku|seed|nova|lfm|olmo|granite|internlm|mimo|codeqwen|mistral|longcat|exaone|internvl|beta)(\d.*)"
)
_SPLIT = re.compile(r"[^a-z0-9.]+")
_WORD_DOT = re.compile(r"(?<=[a-z])\.(?=[a-z])")
_POINT = re.compile(r"([a-z]?\d{1,2})p(\d{1,2})")
_QUANT = re.compile(
    r"fp8|fp4|bf16|fp16|int4|int8|awq|gptq|gguf|ggml|exl2|exl3|bnb|nvfp4|mxfp4|w4a16|w8a8|[48]bitq?|ud|i1|f16|f32"
    r"|\d\.\d{1,2}bpw"
)
_QUANT_K = re.compile(r"i?q[2-8]")
_QUANT_TAIL = frozenset({"k", "m", "s", "l", "xl", "xs", "xxs", "0", "1", "nl", "p"})
_BUDGET = re.compile(r"\d{1,3}k")
_GLUED_EFFORT = re.compile(r"(minimal|low|medium|high|xhigh|max)(?:thinking|reasoning)")
_GLUED_OFF = re.compile(r"(?:no|non)(?:thinking|think|reasoning)")
_PLUS = re.compile(r"(?<=[a-z0-9])\+(?![a-z0-9])")
_WRITTEN_MONTH = re.compile(r"date(\d{4}|0)m(\d\d)")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A date stamp in a name: the readings it allows (year, month, day; None = not said) and its text.

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
    text = _DASHES.sub("-", _QUOTES.sub("'", text)).replace("\u03b2", "beta").replace("*", "").replace("\u00a0", " ")
    text = "".join(c for c in text if unicodedata.category(c) not in {"So", "Sk", "Cf", "Mn"})
    text = _FOOTNOTE.sub("", text).casefold().strip()
    if not text.isascii():
        return ""
    if match := _WRAPPER.fullmatch(text):
        text = match[1]
    text = _HUB.sub("", _PAREN.sub(lambda match: match[0].replace(" + ", " "), text), count=1)
    return text.removeprefix("models/").removeprefix("hf:")


def settings(text: str) -> tuple[str, dict[str, str]]:
    """Takes ``key=value`` settings and ``(x-harness)`` out of the text, as variant fields."""
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

    return _HARNESS.sub(harness, _SETTING.sub(keep, text)), fields


def month(match: re.Match[str]) -> str:
    """A written month as one word the date reader knows; ``may`` without a year is no month."""
    number = _MONTHS[match[1][:3]]
    year = match[2]
    if year is None:
        return match[0] if match[1] == "may" else f" date0m{number:02d} "
    return f" date{year if len(year) == 4 else f'20{year}'}m{number:02d} "


def tokens(text: str) -> tuple[str, ...]:
    """The words of a cleaned name; numbers keep their point, families lose a glued version."""
    text = _BEDROCK.sub("", _MONTH.sub(month, text))
    text = text.replace("w/o ", "without ").replace("w/ ", "with ")
    text = _PLUS.sub("-plus", text)
    found: list[str] = []
    for raw in _SPLIT.split(_WORD_DOT.sub(" ", text)):
        word = raw.strip(".")
        if not word:
            continue
        if match := _POINT.fullmatch(word):
            word = f"{match[1]}.{match[2]}"
        if match := _GLUED.fullmatch(word):
            found.extend((match[1], match[2]))
        else:
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
        y, m = int(match[1]) or None, int(match[2])
        text = f"{y}-{m:02d}" if y else f"month {m:02d}"
        return Stamp(((y, m, None),), text, f"{y}-{m:02d}" if y else f"{m:02d}"), 1
    if not word[-1:].isdigit():
        return None
    if (y := _year(word)) and (mm := _two(after, 1, 12)):
        if dd := _two(third, 1, 31):
            return Stamp(((y, mm, dd),), f"{y}-{after}-{third}", f"{word}-{after}-{third}"), 3
        return Stamp(((y, mm, None),), f"{y}-{after}", f"{word}-{after}"), 2
    if len(word) == 8 and (y := _year(word[:4])) and (mm := _two(word[4:6], 1, 12)) and (dd := _two(word[6:], 1, 31)):
        return Stamp(((y, mm, dd),), f"{y}-{word[4:6]}-{word[6:]}", word), 1
    if len(word) == 6 and (y := _year(word[:4])) and (mm := _two(word[4:], 1, 12)):
        return Stamp(((y, mm, None),), f"{y}-{word[4:]}", word), 1
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


def _thinking_at(words: Sequence[str], i: int, config: Config) -> int:
    """Reads ``thinking`` or a synonym at ``i`` with the budget or mode that follows it."""
    after = words[i + 1] if i + 1 < len(words) else ""
    if _is_budget(after):
        config.put("thinking", after)
        return 2
    if after in {"auto", "adaptive"}:
        config.put("thinking", "adaptive")
        return 2
    if after in {"off", "on"}:
        config.put("thinking", after)
        return 2
    config.put("thinking", "on")
    return 1


def config_at(words: Sequence[str], i: int, config: Config, *, budget: bool = False) -> int:
    """Reads the configuration word at ``i`` into ``config``; returns how many words it took, 0 for none.

    ``budget``: a bare ``16k`` is a thinking budget for this family, not a context length.
    """
    word = words[i]
    after = words[i + 1] if i + 1 < len(words) else ""
    if after in THINKING and _is_budget(word):
        config.put("thinking", word)
        return 2
    if word in {"no", "non", "without"}:
        if after in THINKING:
            config.put("thinking", "off")
            return 2
        if after in TOOLS:
            config.put("tools", "off")
            return 2
        return 0
    if word == "with" and after in THINKING:
        return 1 + _thinking_at(words, i + 1, config)
    if word == "with" and after in TOOLS:
        config.put("tools", "on")
        return 2
    if (word, after) in {("x", "high"), ("extra", "high")}:
        config.put("effort", "xhigh")
        return 3 if words[i + 2 : i + 3] == ("reasoning",) else 2
    if word in EFFORTS:
        config.put("effort", word)
        return 2 if after in {"effort", "reasoning"} else 1
    if word in {"adaptive", "auto"} and after in THINKING:
        config.put("thinking", "adaptive")
        return 2
    if word in THINKING:
        return _thinking_at(words, i, config)
    if match := _GLUED_EFFORT.fullmatch(word):
        config.put("effort", match[1])
        config.put("thinking", "on")
        return 1
    if _GLUED_OFF.fullmatch(word):
        config.put("thinking", "off")
        return 1
    if (found := stamp_at(words, i)) and (config.stamp is None or compatible(config.stamp, found[0])):
        config.stamp = config.stamp or found[0]
        return found[1]
    if word == "latest":
        config.put("date", "latest")
        return 1
    if len(word) == 3 and word.startswith("00") and word.isdigit():
        config.put("revision", word)
        return 1
    if _is_budget(word):
        budgeted = (budget or "thinking" in config.fields) and not (word[-1] == "k" and int(word[:-1]) >= 128)
        config.put("thinking" if budgeted else "context", word)
        return 1
    if word == "1m":
        config.put("context", word)
        return 1
    if _QUANT.fullmatch(word):
        config.put("quant", word)
        return 1
    if _QUANT_K.fullmatch(word):
        end = i + 1
        while end < len(words) and end < i + 4 and words[end] in _QUANT_TAIL:
            end += 1
        config.put("quant", "_".join(words[i:end]).upper())
        return end - i
    if word in FORMATS:
        config.put("format", {"prompting": "prompt"}.get(word, word))
        if word == "fc" and after == "tools" and (dated := stamp_at(words, i + 2) if i + 2 < len(words) else None):
            return 2 + dated[1]
        return 2 if word == "fc" and after in {"auto", "any"} else 1
    if word in HOSTS:
        config.put("provider", {"togetherai": "together"}.get(word, word))
        return 2 if after in {"ai", "api"} else 1
    if word in INSTRUCT:
        config.instruct = config.instruct or word != "hf"
        return 1
    if word == "base":
        config.base = True
        return 1
    return 1 if word in PLAIN_NOISE or word == "api" else 0
