"""Parses a name by its family's grammar: words into a slug, a version and a configuration.

Words come in any order (``Claude 4 Opus``, ``Claude Opus 4``, ``Llama 3 Instruct 70B``), so a name is read as a bag
and written back in the family's own order: that is the slug.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from warehouse.identity.families import EXCLUSIVE, FAMILIES, SERVING, Family
from warehouse.identity.words import EFFORTS, HOSTS, SCAFFOLDS, Config, Stamp, config_at, stamp_at

_SIZE = re.compile(r"\d{1,4}(?:\.\d{1,2})?[bt]|\d{2,3}m|\d{1,2}x\d{1,3}b|e[24]b")
_ACTIVE = re.compile(r"a\d{1,3}(?:\.\d{1,2})?b|\d{2,3}e")
_MINOR = re.compile(r"\d{1,2}")
_SYNONYM = {"experimental": "exp", "distil": "distill", "o": "omni"}
_PAIRS = {
    ("multi", "agent"): "multi-agent",
    ("deep", "think"): "deep-think",
    ("deep", "research"): "deep-research",
    ("native", "audio"): "native-audio",
}
_COINED = re.compile(r"[a-z]{3,12}")
_NO_TIER = frozenset(
    {
        "abliterated", "agent", "agentic", "agents", "and", "asr", "ast", "audio", "average", "banana", "base",
        "basic", "best", "big", "blend", "bot", "chain", "code", "computer", "consensus", "cot", "custom",
        "customtools", "dall", "default", "desktop", "distill", "dpo", "draft", "eagle", "embed", "embedding",
        "embeddings", "ensemble", "entropy", "few", "finetune", "finetuned", "function", "gamed", "generation",
        "greedy", "guard", "guardian", "hide", "human", "image", "images", "imagine", "judge", "large", "leak",
        "legacy", "lora", "medical", "merged", "mix", "mod", "moderation", "moe", "new", "not", "ocr", "old",
        "oracle", "original", "orpo", "path", "plain", "pruned", "ptq", "qlora", "rag", "random", "realtime",
        "rerank", "reranker", "research", "reward", "robotics", "rotate", "router", "safety", "self", "sft", "shot",
        "simpo", "slerp", "small", "speech", "sql", "submission", "system", "team", "test", "text", "tiny", "tools",
        "transcribe", "translate", "tts", "tuned", "tuning", "ultracode", "uncensored", "unknown", "verified",
        "version", "video", "vision", "vote", "voting", "weights", "whisper", "with", "zero",
    }
)  # fmt: skip
"""Words for how a model was tuned, used or combined, and for models that are no chat models: never a new tier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A name read by a family: the slug without date, and what is left to decide with the seeds.

    ``coined``: the one word of the name that nobody knows, part of the slug; whether it is believed is not decided
    here.  ``tierless``: only a version was named, no tier, line or size.
    """

    family: Family
    slug: str
    version: str
    config: Config
    complete: bool
    bare: bool
    coined: str = ""
    tierless: bool = False


@dataclass(slots=True)
class _Reading:
    """The state of the parser: the position, and what the words so far were read as."""

    family: Family
    words: Sequence[str]
    start: int
    i: int
    config: Config
    version: str = ""
    base: str = ""
    found: list[str] = field(default_factory=list)
    sizes: list[str] = field(default_factory=list)
    active: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def word(self, ahead: int = 0) -> str:
        """The word here, or some words further on; empty behind the end."""
        at = self.i + ahead
        return self.words[at] if at < len(self.words) else ""


_BY_HEAD: dict[str, list[tuple[tuple[str, ...], Family]]] = {}
for _family in FAMILIES:
    for _head in _family.heads:
        _words = tuple(_head.split())
        _BY_HEAD.setdefault(_words[0], []).append((_words, _family))
for _list in _BY_HEAD.values():
    _list.sort(key=lambda pair: -len(pair[0]))
_INSIDE = [
    (family, family.heads[0], frozenset({family.heads[0], *family.inside})) for family in FAMILIES if family.inside
]
_BY_LINE = {line: family for family in FAMILIES for line in family.lines.split()}
_VERSION = {family.name: re.compile(family.version) for family in FAMILIES if family.version}
_LINES = {family.name: frozenset(family.bare_lines.split()) for family in FAMILIES}
_RANKS = {family.name: family.ranks for family in FAMILIES}
_DROP = {family.name: frozenset(family.drop.split()) for family in FAMILIES}
_SIZELESS = {family.name: frozenset(family.sizeless.split()) for family in FAMILIES}
_HOSTED = {family.name: frozenset(family.hosts.split()) for family in FAMILIES}
_FAMILY_PAIRS = {
    family.name: _PAIRS | {(a, b): f"{a}-{b}" for a, b in (pair.split() for pair in family.pairs)}
    for family in FAMILIES
}
_COMMON = frozenset({"command", "falcon", "mercury", "muse", "nova", "ring", "seed", "solar", "step", "trinity"})
"""Heads of families that are words as well: another lab may call a tier so."""
_FOREIGN = (frozenset(_BY_HEAD) - _COMMON) | HOSTS | SCAFFOLDS | EFFORTS


def family_of(words: Sequence[str]) -> tuple[Family, int] | None:
    """The family whose head starts these words, and how long the head is."""
    for family, head, first in _INSIDE:
        if head in words[:5] and words[0] in first:
            return family, 0
    for heads, family in _BY_HEAD.get(words[0], ()):
        if tuple(words[: len(heads)]) == heads:
            return family, len(heads)
    return (_BY_LINE[words[0]], 0) if words[0] in _BY_LINE else None


def parse(words: Sequence[str], family: Family, start: int, fields: Mapping[str, str]) -> Parsed:
    """Reads the words after the head by the family; ``complete`` False when a word was not understood."""
    reading = _Reading(family, words, start, start, Config(fields=dict(fields)))
    while reading.i < len(words):
        taken = next((taken for read in _STEPS if (taken := read(reading))), 0)
        if not taken:
            reading.unknown.append(reading.word())
        reading.i += taken or 1
    _sort_out(reading)
    coined = _coined(reading)
    tierless = not (reading.found or reading.sizes or coined)
    if coined:
        reading.found.append(coined)
    sound = _sound(reading)
    slug = _slug(reading, coined)
    return Parsed(
        family=family,
        slug=slug,
        version=reading.version or _issue(reading),
        config=reading.config,
        complete=sound and len(reading.unknown) == bool(coined),
        bare=_is_bare(reading),
        coined=coined,
        tierless=tierless,
    )


# --- one word after the other -------------------------------------------------------------------


def _read_pair(reading: _Reading) -> int:
    """Two words that are one (``deep think``)."""
    pair = _FAMILY_PAIRS[reading.family.name].get((reading.word(), reading.word(1)), "")
    if pair not in _RANKS[reading.family.name]:
        return 0
    reading.found.append(pair)
    return 2


def _read_base(reading: _Reading) -> int:
    """Another lab's model that the name mentions, with its version (``Llama 3.3`` of a Nemotron)."""
    word, after = reading.word(), reading.word(1)
    if word not in reading.family.bases.split():
        return 0
    version, taken = "", 1
    if after.isdigit() and len(after) == 1 and _MINOR.fullmatch(reading.word(2)):
        version, taken = f"{after}.{reading.word(2)}", 3
    elif re.fullmatch(r"\d\.\d", after):
        version, taken = after, 2
    if reading.family.keeps_base:
        reading.base = f"{word}-{version}" if version else word
    return taken


def _read_head_again(reading: _Reading) -> int:
    """The head of a family that may stand inside a name."""
    return int(bool(reading.family.inside) and reading.word() == reading.family.heads[0])


def _read_version(reading: _Reading) -> int:
    family, word = reading.family, reading.word()
    if reading.version or not family.version:
        return 0
    if family.prefix and word[0].isdigit() and reading.i > reading.start:
        return 0
    at = _version_at(reading.words, reading.i, family)
    if at is None:
        return 0
    reading.version = _normal_version(at[0], family)
    return at[1]


def _read_effort(reading: _Reading) -> int:
    """``max effort``, and ``max`` or ``medium`` beside another tier or a size: an effort, in every family."""
    word = reading.word()
    if word not in EFFORTS or not (
        reading.word(1) == "effort" or reading.sizes or EXCLUSIVE.intersection(reading.found)
    ):
        return 0
    return config_at(reading.words, reading.i, reading.config)


def _read_tier(reading: _Reading) -> int:
    word = _SYNONYM.get(reading.word(), reading.word())
    if word not in _RANKS[reading.family.name] or word in reading.found:
        return 0
    reading.found.append(word)
    return 1


def _read_named(reading: _Reading) -> int:
    """Words to which the family gives a meaning of its own: ignored, base weights, a host, no thinking."""
    family, word = reading.family, reading.word()
    if word == family.pretrained:
        reading.config.base = True
    elif word in _HOSTED[family.name] or (word in SERVING and not family.closed):
        reading.config.put("provider", word)
    elif word == family.off:
        reading.config.put("thinking", "off")
    elif word not in _DROP[family.name]:
        return 0
    return 1


def _read_size(reading: _Reading) -> int:
    if reading.family.sizes == "no":
        return 0
    word = reading.word()
    if _SIZE.fullmatch(word):
        reading.sizes.append(word)
    elif _ACTIVE.fullmatch(word):
        reading.active.append(word)
    else:
        return 0
    return 1


def _read_config(reading: _Reading) -> int:
    return config_at(reading.words, reading.i, reading.config, budget=reading.family.budget)


_STEPS = (
    _read_pair, _read_base, _read_head_again, _read_version, _read_effort, _read_tier, _read_named, _read_size,
    _read_config,
)  # fmt: skip
"""In this order; the first that knows the word takes it."""


def _version_at(words: Sequence[str], i: int, family: Family) -> tuple[str, int] | None:
    """A version at word ``i``; ``4, 5`` is 4.5 unless the second number begins a date."""
    word, pattern = words[i], _VERSION[family.name]
    after = words[i + 1] if i + 1 < len(words) else ""
    if "." not in word and word[-1].isdigit() and _MINOR.fullmatch(after):
        dated = len(after) == 2 and stamp_at(words, i + 1) is not None
        if not dated and pattern.fullmatch(f"{word}.{after}"):
            return f"{word}.{after}", 2
    return (word, 1) if pattern.fullmatch(word) else None


def _normal_version(version: str, family: Family) -> str:
    if family.version.startswith("v?"):
        version = version.removeprefix("v")
    version = family.versions.get(version, version)
    if family.prefix and version[0].isdigit():
        return f"{family.prefix}{version}"
    if family.zero:
        return version if "." in version else f"{version}.0"
    if version.endswith(".0") and version not in family.versions.values():
        return version[:-2]
    return version


# --- all words together -------------------------------------------------------------------------


def _sort_out(reading: _Reading) -> None:
    """Corrections that need the whole name: a host's tier beside a size, a student that names no distillation."""
    family, found = reading.family, reading.found
    for word in family.sized_hosts.split():
        if word in found and reading.sizes:
            found.remove(word)
            reading.config.put("provider", word)
    students = set(family.students.split()) & set(found)
    if students and _reasoner(reading) and reading.sizes and not reading.config.stamp and "distill" not in found:
        found.append("distill")
    if reading.config.base and family.base == "variant":
        reading.config.put("thinking", "off")


def _reasoner(reading: _Reading) -> bool:
    return reading.version[:1] == "r"


def _coined(reading: _Reading) -> str:
    """The one word nobody knows, where it can be a new tier: a plain word beside a version, no size, nothing tuned."""
    family, unknown = reading.family, reading.unknown
    if len(unknown) != 1 or not _COINED.fullmatch(unknown[0]) or unknown[0] in _NO_TIER | _FOREIGN:
        return ""
    if reading.config.base or not family.version:
        return ""
    if not family.closed and (reading.sizes or reading.config.instruct):
        return ""
    named = reading.version or (family.closed and "preview" in reading.found)
    return unknown[0] if named else ""


def _sound(reading: _Reading) -> bool:
    """Whether the words together name one model of the family."""
    family, found, sizes = reading.family, set(reading.found), reading.sizes
    if sizes and not reading.version and reading.config.stamp is None and found & _SIZELESS[family.name]:
        return False
    whole = family.whole_from and not {"distill", "lite", *family.students.split()} & found
    small = any(size[-1] == "b" and float(size[:-1]) < family.whole_from for size in _plain(sizes))
    if whole and small and (_reasoner(reading) or reading.version[1:2] >= "2"):
        return False
    return not (("distill" in found and not sizes) or (family.needs_more and not (found or sizes)))


def _issue(reading: _Reading) -> str:
    """The version of a name without one: that of the model it is built on, else an issue (``v2``)."""
    _, _, version = reading.base.partition("-")
    if version:
        return reading.base
    return next((word for word in reading.found if word in reading.family.issues.split()), "")


def _is_bare(reading: _Reading) -> bool:
    """Whether on the Hub this name without "instruct" is the base model."""
    family, config = reading.family, reading.config
    if not (reading.sizes and family.bare_base) or config.instruct or config.base:
        return False
    # ``open-mistral-7b`` is an API id: what an API serves is tuned.
    tuned = bool(set(reading.found) - _LINES[family.name]) or reading.words[0] == "open"
    return not tuned and re.fullmatch(family.bare_base, reading.version) is not None


def _plain(sizes: Sequence[str]) -> list[str]:
    return [size for size in sizes if "x" not in size and size[0].isdigit()]


def _monthly(stamp: Stamp | None) -> bool:
    """A stamp of year and month only, as Qwen dates weights (``2507``)."""
    return stamp is not None and any(y is not None and d is None for y, _m, d in stamp.readings)


def _slug(reading: _Reading, coined: str) -> str:
    family, version = reading.family, reading.version
    ranks: Mapping[str, float] = {**_RANKS[family.name], coined: -0.5}
    ordered = sorted(reading.found, key=lambda word: ranks[word])
    lead = [word for word in ordered if ranks[word] < 0]
    tail = [word for word in ordered if ranks[word] >= 0]
    keep = family.sizes == "keep" or (family.sizes == "lone" and not lead)
    if family.sizes == "versionless":
        keep = not version or "distill" in tail or "qwen" in tail
    size = [*reading.sizes, *reading.active] if keep else []
    head = f"{reading.base}-{family.name}" if reading.base else family.name
    first = bool(version) and family.words_first is not None and family.words_first(version, frozenset(reading.found))
    if family.glue and version and not first:
        parts = [head + version, *lead]
    elif first:
        parts = [head, *lead, *(tail if not family.lead else []), version]
        tail = tail if family.lead else []
    else:
        parts = [head, *([version] if version else []), *lead]
    slug = "-".join([*parts, *tail, *size] if family.size_last else [*parts, *size, *tail])
    config = reading.config
    if family.monthly and reading.sizes and _monthly(config.stamp):
        slug += "-thinking" if config.fields.get("thinking", "off") != "off" else "-instruct"
    return f"{slug}-base" if config.base and family.base == "model" else slug


_CASED = {
    "gpt": "GPT", "glm": "GLM", "ai": "AI", "vl": "VL", "oss": "OSS", "lfm": "LFM", "qwq": "QwQ", "qvq": "QVQ",
    "moe": "MoE", "exp": "Exp", "r7b": "R7B", "llm": "LLM",
}  # fmt: skip


def title_of(slug: str, family: Family) -> str:
    """A display title for a model the seeds do not have yet; reading it gives the slug again."""
    rest = slug.removeprefix(family.name)
    if rest == slug:
        return slug
    words = []
    for word in rest.lstrip("-").split("-"):
        if not word:
            continue
        if word in _CASED:
            words.append(_CASED[word])
        elif word[0].isdigit() or _ACTIVE.fullmatch(word) or (len(word) < 6 and word[1:2].isdigit()):
            sized = word[-1] in "bt" or not word[0].isdigit()
            words.append(re.sub(r"[a-wyz]+", lambda match: match[0].upper(), word) if sized else word)
        elif word in {"mini", "nano"} and family.developer == "openai":
            words.append(word)
        else:
            words.append(word.capitalize())
    if family.name == "gpt":
        return " ".join([f"GPT-{words[0]}", *words[1:]])
    joint = "" if family.glue and rest[:1].isdigit() else family.space
    return family.title + joint + family.space.join(words) if words else family.title
