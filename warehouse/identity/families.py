"""The families of model names: one line each.

A family says which words belong to a *model* (``mini``, ``codex``, ``235b``, ``terminus``); everything else in a
name must be a configuration word (`words.config_at`), or the name is not read at all.

Date stamps mean two things.  OpenAI, Anthropic, Google and xAI date snapshots of one model; DeepSeek, Mistral,
Qwen, Moonshot and others date different weights (``DeepSeek-V3-0324``), which must not be merged.
The same holds for "thinking": a switch of one model with most labs, other weights under another id with some
(``Kimi-K2-Thinking``); with the latter the seeds decide, and an unknown one is kept apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """How the names of one family are built.  Word lists are space-separated, in the order of the slug.

    ``lines``: words that alone begin a name of the family (``Opus 4.5``).
    ``lead`` words stand before a size, ``tail`` words after it.  ``sizes``: kept in the slug; "lone": only where no
    lead word names the line (``Mistral-Small-24B`` is ``mistral-small``); "drop": never; "no": not part of such names.
    ``hosts``: words of this family that name a host or its speed tier; ``off``: a word for "without thinking";
    ``pretrained``: its word for base weights.
    ``bare_base``: versions whose Hub name without "instruct" is the base model, as a pattern; ``bare_lines``: the
    words that leave that open (``Qwen2.5-Coder-7B`` is a base model too).
    ``group``: the family to report where one line of this table is a generation (``o3`` of ``o``).
    ``needs_more``: a version alone is no model (``Qwen 2.5``); a size or a line must follow.
    ``sizeless``: lines that several releases share, so that a size without version or date names none of them.
    ``whole_from``: with a version, a size below this many billions is another model (``deepseek-r1:32b``).
    ``zero``: versions are written with ``.0``.  ``open_ended``: an unseeded name of this pattern is believed.
    ``closed``: the lab publishes no weights of it, so nobody else names a model after it, and a word nobody knows is
    the lab's own (``gpt-7-nova``).  ``tiered_from``: from this version on, a version without a tier is no model.
    ``pairs``: words that are one only together (``codex max``; ``max`` alone is an effort).
    ``inside``: words its head may stand behind (``Llama 3.3 Nemotron``).  ``bases``: other labs' models that a name
    may mention; ``keeps_base``: they are part of the slug.  ``issues``: words that are the version where there is none.
    ``prefix``: the letter that a bare number right after the head lacks (``DeepSeek 3.1`` is V3.1).
    ``sized_hosts``: tiers of the line that, beside a size, are a host's (``Qwen2.5-72B-Turbo``).
    ``students``: models it was distilled into; beside a size one of them means that.
    ``monthly``: a stamp of year and month separates instructed weights from thinking ones (``Qwen3-4B-2507``).
    ``rolling``: the name without a date is whatever the lab serves that day, so that it names no model.
    ``hybrid``: versions whose thinking is a switch although ``thinking`` says other weights (a pattern).
    """

    name: str
    title: str
    developer: str
    group: str = ""
    heads: tuple[str, ...] = ()
    lines: str = ""
    version: str = r"\d(?:\.\d{1,2})?"
    lead: str = ""
    tail: str = ""
    drop: str = ""
    hosts: str = ""
    off: str = ""
    pretrained: str = ""
    sizes: Literal["keep", "lone", "drop", "no", "versionless"] = "no"
    size_last: bool = False
    glue: bool = False
    sizeless: str = ""
    whole_from: int = 0
    zero: bool = False
    versions: Mapping[str, str] = field(default_factory=dict)
    words_first: Callable[[str, frozenset[str]], bool] | None = None
    dates: Literal["variant", "model"] = "variant"
    thinking: Literal["variant", "seed"] = "variant"
    budget: bool = False
    base: Literal["model", "variant"] = "model"
    bare_base: str = ""
    bare_lines: str = "v0.2 v0.3"
    open_ended: bool = True
    needs_more: bool = False
    space: str = "-"
    closed: bool = False
    tiered_from: int = 0
    pairs: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    bases: str = ""
    keeps_base: bool = False
    issues: str = ""
    prefix: str = ""
    sized_hosts: str = ""
    students: str = ""
    monthly: bool = False
    hybrid: str = ""
    rolling: bool = False

    @property
    def ranks(self) -> dict[str, int]:
        """Word -> place in the slug; negative before the size."""
        lead, tail = self.lead.split(), self.tail.split()
        return {w: i - len(lead) for i, w in enumerate(lead)} | {w: i for i, w in enumerate(tail)}


def _always(_version: str, _words: frozenset[str]) -> bool:
    return True


def _claude(version: str, words: frozenset[str]) -> bool:
    return "instant" in words or (bool(version) and float(version) >= 4)


FAMILIES: tuple[Family, ...] = (
    Family(name="gpt-oss", title="gpt-oss", developer="openai", heads=("gpt oss",), version="", lead="safeguard",
           sizes="keep"),
    *(Family(name=f"gpt-oss-{n}", title=f"gpt-oss-{n}", developer="openai", group="gpt-oss", heads=(f"gpt oss {n}",),
             version="", lead="safeguard", sizes="keep") for n in range(2, 6)),
    Family(name="chatgpt-4o-latest", closed=True, title="ChatGPT-4o-latest", developer="openai",
           heads=("chatgpt 4o latest",),
           version="", base="variant", dates="model", rolling=True),
    Family(name="gpt", closed=True, title="GPT", developer="openai", heads=("gpt",), version=r"\d(?:\.\d)?o?",
           pairs=("codex max",),
           words_first=lambda v, words: bool(words & {"realtime", "image"}) and v[:1] in {"1", "2"},
           tail="turbo codex codex-max chat instant mini nano pro spark instruct realtime audio "
                "search vision image exp preview"),
    *(Family(name=f"o{n}", closed=True, title=f"o{n}", developer="openai", group="o", heads=(f"o{n}",), version="",
             tail="mini pro deep-research preview") for n in range(1, 10)),
    Family(name="claude", closed=True, title="Claude", developer="anthropic", heads=("claude",), space=" ",
           lines="opus sonnet haiku", tiered_from=3,
           version=r"v?\d(?:\.\d)?", tail="instant haiku sonnet opus fable preview", drop="beta v1",
           hosts="fast", words_first=_claude, budget=True, base="variant"),
    Family(name="gemini", closed=True, needs_more=True, title="Gemini", developer="google", heads=("gemini",),
           space=" ",
           lead="ultra pro flash nano lite",
           tail="deep-think live native-audio computer-use robotics image tts exp preview", sizes="keep",
           versions={"1": "1.0", "2": "2.0"}, budget=True),
    Family(name="gemma", needs_more=True, title="Gemma", developer="google", heads=("gemma",),
           version=r"\d(?:\.\d)?n?", space=" ", tail="preview", sizes="keep", bare_base=r"|1\.1|2|3n", pretrained="pt"),
    Family(name="learnlm", closed=True, title="LearnLM", developer="google", heads=("learnlm",), zero=True,
           lead="pro flash",
           tail="exp", space=" "),
    Family(name="grok", closed=True, title="Grok", developer="xai", heads=("grok",), space=" ",
           tail="code build voice mini fast vision heavy multi-agent exp beta preview",
           words_first=lambda _v, words: bool(words & {"code", "build", "voice"})),
    Family(name="deepseek", title="DeepSeek", developer="deepseek", heads=("deepseek",),
           version=r"v\d(?:\.\d)?|r\d|[3-9]\.\d",
           lead="coder llm math prover vl ocr", drop="moe", prefix="v", students="llama qwen",
           tail="zero distill llama qwen lite terminus speciale flash pro vision exp preview", sizes="versionless",
           whole_from=200, size_last=True, dates="model",
           words_first=lambda _v, words: bool(words & {"coder", "llm", "math", "prover", "vl"})),
    Family(name="qwq", title="QwQ", developer="alibaba", heads=("qwq",), version="", tail="plus preview",
           sizes="keep", dates="model", budget=True),
    Family(name="qvq", title="QVQ", developer="alibaba", heads=("qvq",), version="", lead="max", tail="preview",
           sizes="keep", dates="model"),
    Family(name="qwen", needs_more=True, title="Qwen", developer="alibaba", heads=("qwen",),
           version=r"1\.\d|[2-9](?:\.\d)?", glue=True, sizes="keep", dates="model",
           lead="coder math vl audio omni next long max plus turbo flash", tail="preview 1m", hosts="tput rope",
           thinking="seed", sized_hosts="turbo", monthly=True, hybrid=r"3(?:\.[5-9])?", bare_base=r"|1\.5|2|2\.5",
           bare_lines="coder math vl"),
    Family(name="llama", needs_more=True, title="Llama", developer="meta", heads=("llama", "meta llama"),
           sizes="lone", space=" ", lead="maverick scout behemoth", drop="vision meta moe",
           hosts="turbo versatile instant basic lite", bare_base=r"2|3|3\.1|3\.2"),
    Family(name="mixtral", title="Mixtral", developer="mistral", heads=("mixtral", "open mixtral"), version="",
           sizes="keep", drop="v0.1", dates="model", space=" ", bare_base=r"|"),
    Family(name="ministral", needs_more=True, title="Ministral", developer="mistral", heads=("ministral",),
           version=r"[3-9]", sizes="keep", dates="model", space=" "),
    Family(name="magistral", title="Magistral", developer="mistral", heads=("magistral",), lead="small medium",
           sizes="lone", dates="model", words_first=_always, space=" "),
    Family(name="devstral", title="Devstral", developer="mistral", heads=("devstral", "labs devstral"),
           version=r"[2-9]", lead="small medium", sizes="drop", dates="model", words_first=_always, space=" "),
    Family(name="codestral", title="Codestral", developer="mistral", heads=("codestral",), version="", lead="mamba",
           sizes="keep", drop="v0.1", dates="model", space=" "),
    Family(name="pixtral", title="Pixtral", developer="mistral", heads=("pixtral",), version="", lead="large",
           sizes="lone", dates="model", space=" "),
    Family(name="mistral", title="Mistral", developer="mistral", heads=("mistral", "open mistral"),
           version=r"[2-9](?:\.\d)?", lead="large medium small tiny nemo next saba", tail="v0.2 v0.3", drop="v0.1",
           sizeless="small large",
           sizes="lone", dates="model", words_first=_always, space=" ", bare_base=r"|"),
    Family(name="kimi", title="Kimi", developer="moonshot", heads=("kimi",), version=r"k\d(?:\.\d)?",
           lead="linear vl dev researcher", tail="code pro mini", off="instant", sizes="versionless",
           dates="model", thinking="seed", hybrid=r"k2\.\d|k[3-9].*", budget=True, space=" "),
    Family(name="glm", title="GLM", developer="zhipu", heads=("glm",), version=r"\d(?:\.\d)?v?|z1", lead="rumination",
           tail="air airx flash flashx plus turbo long preview 1m", sizes="keep", dates="model"),
    Family(name="minimax", title="MiniMax", developer="minimax", heads=("minimax",), version=r"m\d(?:\.\d)?|01",
           tail="text vl her flash preview", words_first=lambda v, _w: v == "01", budget=True,
           dates="model"),
    Family(name="phi", title="Phi", developer="microsoft", heads=("phi",), sizes="drop", drop="128k 4k 8k",
           lead="mini small medium moe vision multimodal silica reasoning plus"),
    Family(name="command", title="Command", developer="cohere", heads=("command", "c4ai command"), version="",
           lead="r r7b a plus reasoning vision light", dates="model", open_ended=False, budget=True, sizes="drop",
           space=" "),
    Family(name="nova", closed=True, title="Nova", developer="amazon", heads=("nova",), version=r"[2-9](?:\.0)?",
           lead="micro lite pro premier omni exp", tail="preview", drop="v1 v1.0 1.0", space=" ", needs_more=True),
    Family(name="ernie", title="ERNIE", developer="baidu", heads=("ernie",), zero=True, thinking="seed",
           lead="x1 speed lite turbo vl", tail="preview", sizes="keep", space=" ", drop="pt"),
    Family(name="step", title="Step", developer="stepfun", heads=("step",), version=r"\d(?:\.\d)?o?",
           lead="flash mini turbo vl r", tail="exp preview", sizes="keep", dates="model"),
    Family(name="mimo", title="MiMo", developer="xiaomi", heads=("mimo",), version=r"v\d(?:\.\d)?",
           lead="vl flash pro omni", tail="rl sft", sizes="keep", dates="model"),
    Family(name="hunyuan", title="Hunyuan", developer="tencent", heads=("hunyuan",), version=r"\d\.\d",
           lead="t1 lite standard turbo turbos large vision", sizes="keep", space=" "),
    *(Family(name=f"hy{n}", title=f"Hy{n}", developer="tencent", group="hy", heads=(f"hy{n}", f"hunyuan hy{n}"),
             version="", tail="preview", space=" ") for n in range(3, 8)),
    Family(name="longcat", title="LongCat", developer="meituan", heads=("longcat",), zero=True, lead="flash lite",
           tail="exp", dates="model", thinking="seed"),
    Family(name="ling", title="Ling", developer="inclusionai", heads=("ling",), version=r"v?\d\.\d", zero=True,
           lead="flash mini lite", sizes="keep"),
    Family(name="ring", title="Ring", developer="inclusionai", heads=("ring",), version=r"v?\d\.\d", zero=True,
           lead="flash mini lite", sizes="keep"),
    Family(name="seed-oss", title="Seed-OSS", developer="bytedance", heads=("seed oss",), version="", sizes="keep",
           needs_more=True),
    Family(name="seed", closed=True, title="Seed", developer="bytedance", heads=("seed", "doubao seed", "dola seed"),
           zero=True,
           version=r"\d\.\d", lead="oss code pro lite mini flash vl", tail="preview", sizes="keep", space=" "),
    Family(name="doubao", closed=True, title="Doubao", developer="bytedance", heads=("doubao",), version=r"\d\.\d",
           zero=True,
           lead="pro lite vision", space=" "),
    Family(name="exaone", title="EXAONE", developer="lg", heads=("exaone",), zero=True, lead="deep", sizes="keep",
           space=" "),
    Family(name="falcon", needs_more=True, title="Falcon", developer="tii", heads=("falcon",), version=r"[23]",
           sizes="keep", glue=True, bare_base=r"|"),
    Family(name="granite", needs_more=True, title="Granite", developer="ibm", heads=("granite",), zero=True,
           lead="code h micro tiny small vision", tail="preview", sizes="keep", space=" "),
    Family(name="olmo", needs_more=True, title="OLMo", developer="ai2", heads=("olmo",), sizes="keep", drop="furious",
           thinking="seed", space=" ", bare_base=r"|1|1\.7|2"),
    Family(name="jamba", needs_more=True, title="Jamba", developer="ai21", heads=("jamba",), lead="large mini",
           sizes="keep", space=" "),
    Family(name="yi", title="Yi", developer="01-ai", heads=("yi",), version=r"1\.5|[2-9](?:\.\d)?",
           lead="coder vl large medium lightning lite", tail="preview", sizes="keep", bare_base=r"|1\.5",
           bare_lines="coder"),
    Family(name="reka", closed=True, title="Reka", developer="reka", heads=("reka",), version=r"[3-9](?:\.\d)?",
           lead="core flash edge", tail="preview", sizes="drop", words_first=_always, space=" "),
    Family(name="lfm", needs_more=True, title="LFM", developer="liquid", heads=("lfm",), lead="vl", sizes="keep",
           glue=True, thinking="seed"),
    Family(name="internlm", needs_more=True, title="InternLM", developer="shanghai-ai-lab", heads=("internlm",),
           sizes="keep", glue=True, bare_base=r"|2|2\.5"),
    Family(name="internvl", needs_more=True, title="InternVL", developer="shanghai-ai-lab", heads=("internvl",),
           sizes="keep", glue=True, tail="pro mpo"),
    Family(name="muse", closed=True, title="Muse", developer="meta", heads=("muse",), lead="spark", sizes="keep",
           zero=True, words_first=_always, space=" ", version=r"\d\.\d"),
    Family(name="mercury", closed=True, title="Mercury", developer="inception", heads=("mercury",), lead="coder",
           space=" "),
    Family(name="trinity", title="Trinity", developer="arcee", heads=("trinity",), version="", lead="large mini nano",
           tail="preview", thinking="seed", open_ended=False, space=" "),
    Family(name="solar", title="Solar", developer="upstage", heads=("solar",), version=r"\d(?:\.\d)?", tail="preview",
           lead="pro mini open", sizes="keep", words_first=_always, drop="v1.0", space=" "),
    Family(name="codellama", title="Code Llama", developer="meta", heads=("codellama", "code llama"), version="",
           lead="python", sizes="keep", space=" ", bare_base=r"|"),
    Family(name="hermes", needs_more=True, title="Hermes", developer="nous", heads=("hermes",),
           version=r"[4-9](?:\.\d)?", bases="llama qwen", sizes="keep", space=" "),
    Family(name="cogito", needs_more=True, title="Cogito", developer="deepcogito", heads=("cogito",),
           version=r"v\d(?:\.\d)?", lead="preview", drop="llama qwen deepseek", sizes="keep", space=" "),
    Family(name="intellect", title="INTELLECT", developer="prime-intellect", heads=("intellect",),
           version=r"[3-9](?:\.\d)?"),
    Family(name="sarvam", needs_more=True, title="Sarvam", developer="sarvam", heads=("sarvam",), version="",
           sizes="keep", space=" "),
    Family(name="apertus", needs_more=True, title="Apertus", developer="swiss-ai", heads=("apertus",), sizes="keep",
           space=" ", drop="v1"),
    Family(name="kat-coder", needs_more=True, title="KAT-Coder", developer="kwaipilot", heads=("kat coder",),
           version=r"v\d(?:\.\d)?", lead="pro air exp", words_first=_always, open_ended=True),
    Family(name="palmyra", closed=True, title="Palmyra", developer="writer", heads=("palmyra",), version=r"x[5-9]",
           space=" "),
    Family(name="nemotron", title="Nemotron", developer="nvidia", heads=("nemotron",), version=r"\d(?:\.\d)?",
           inside=("llama", "nvidia"), bases="llama", keeps_base=True, issues="v2 v2.5 v3 v4",
           lead="nano super ultra lightning omni cascade", tail="vl v1.1 v1.5 v2 v2.5 v3 v4", drop="v1 nvidia",
           sizes="keep", space=" "),
)  # fmt: skip

EXCLUSIVE = frozenset(
    {"small", "medium", "large", "tiny", "mini", "nano", "max", "plus", "pro", "flash", "turbo", "next", "saba", "lite"}
)
"""Tiers of a line of which a name has one: beside another, or a size, ``max`` and ``medium`` are efforts."""

SERVING = frozenset({"turbo", "lightning", "highspeed", "fast", "tput"})
"""A host's speed tier where weights are open and the family has no such line (``kimi-k2-thinking-turbo``)."""
