"""Who is who: one raw name of one source to at most one model, in three layers.

1. **alias**: the name as written, in ``alias.csv``;
2. **normal form**: the same words as a slug, a title or a Hub repository of ``model.csv``;
3. **structure**: the family's grammar, which also reads names nobody has seeded yet.

What none of them reads stays unresolved and visible; a near miss is a candidate, never an answer, because a wrong
merge puts one model's score on another's date, and a missing one is merely a gap in a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from warehouse.identity import seeds
from warehouse.identity.families import Family
from warehouse.identity.grammar import Parsed, family_of, parse, title_of
from warehouse.identity.words import (
    HOSTS,
    MAX_NAME,
    REPACKERS,
    ROUTES,
    SCAFFOLDS,
    Config,
    Stamp,
    clean,
    compatible,
    config_at,
    merge_variants,
    settings,
)
from warehouse.identity.words import tokens as words_of

Layer = Literal["alias", "normal form", "structure", "unresolved"]

_PATH = re.compile(r"[~@]?([a-z0-9][a-z0-9._-]{0,60})/(?=\S)")
_NOTE = re.compile(r"\s?\([^()]{1,40}\)$")
_INSIDE = re.compile(r"([^()+]{2,60}) \(([^()+]{2,60})\)")
_LINES_TOO = frozenset({"codex", "tools"})
"""Scaffolds whose name after a model may be part of the model's (``GPT-5 (Codex)``)."""
_REGION = re.compile(r"(?:us|eu|apac|jp|au|ca|us-gov|global|regional)\.(?=[a-z])")
_ZONE = re.compile(r"[a-z]{2}(?:-gov)?-[a-z]{4,9}-\d")
_RELEASE = re.compile(r" ?v?\d{1,2}(?:\.\d{1,2}){0,2}$")
BASE_SOURCES = frozenset({"bigcodebench", "epoch-runs", "evalplus", "hub-models", "oobabooga", "open-llm-v2"})
"""Sources that write Hub names: ``gemma-7b`` beside ``gemma-7b-it`` is the base model there."""
PROTOCOL_SOURCES = frozenset({"aider-edit", "aider-polyglot"})
"""Boards where ``openai/`` names the protocol of an end point, not who made the model (``openai/Qwen2.5-Coder``)."""
_SERVERS = frozenset({("amazon",), ("databricks",), ("cerebras",), ("groq",)})
"""Who serves other labs' models under a prefix of its own (``databricks-meta-llama-3-70b``)."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a name stands for.  ``model`` empty means unresolved; ``variant`` empty means plain."""

    name: str
    source: str
    model: str = ""
    title: str = ""
    developer: str = ""
    family: str = ""
    variant: str = ""
    layer: Layer = "unresolved"
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Entry:
    """One seeded way to write a model in the grammar: its stamp, revision, whether it says "thinking", its variant."""

    model: str
    stamp: Stamp | None
    revision: str
    thinking: bool
    variant: str


@dataclass(frozen=True, slots=True)
class _Found:
    model: str
    variant: str
    family: Family | None = None
    generation: str = ""
    layer: Layer = "structure"


class _Ambiguous(Exception):
    """A name that fits several models; never leaves this module."""

    def __init__(self, candidates: Iterable[str]) -> None:
        super().__init__()
        self.candidates = tuple(sorted(set(candidates)))


class Resolver:
    """Resolves names by a fixed set of seeds; a pure function of them, whatever was asked before."""

    def __init__(
        self,
        models: Sequence[seeds.Model],
        aliases: Sequence[seeds.Alias],
        developers: Sequence[seeds.Developer],
    ) -> None:
        self.models = {model.slug: model for model in models}
        self.developers = {developer.slug: developer for developer in developers}
        self._orgs: dict[tuple[str, ...], str] = {words_of(host): "" for host in (*HOSTS, *REPACKERS)}
        for developer in developers:
            for spelling in (developer.slug, developer.title, *developer.spellings, *developer.hub_owners):
                if words := words_of(clean(spelling)):
                    self._orgs[words] = developer.slug
        self._longest_org = max(len(words) for words in self._orgs)
        self._written: dict[tuple[str, str], seeds.Alias] = {(a.name, a.source): a for a in aliases}
        self._plain: dict[str, str] = {}
        self._plain_variant: dict[str, str] = {}
        self._struct: dict[str, list[_Entry]] = {}
        self._sized: dict[str, set[str]] = {}
        self._newest: dict[str, tuple[int, int]] = {}
        for model in models:
            if model.dates:
                last = (model.dates[-1].year, model.dates[-1].month)
                self._newest[model.family] = max(last, self._newest.get(model.family, last))
            for name in dict.fromkeys((model.slug, model.title, model.hub_repo)):
                if name:
                    self._register(name, model.slug, "", strict=name != model.hub_repo)
            self._complete_sizes(model.slug)
        for alias in aliases:
            if not alias.source:
                self._register(alias.name, alias.model, alias.variant, strict=True)

    @classmethod
    @cache
    def from_seeds(cls) -> Resolver:
        """The resolver of the packaged seeds, built once per process."""
        return cls(seeds.models(), seeds.aliases(), seeds.developers())

    # --- index ------------------------------------------------------------------------------

    def _register(self, name: str, model: str, variant: str, *, strict: bool) -> None:
        text, fields = settings(self._without_path(clean(name))[0])
        words = words_of(text)
        if not words:  # letters outside ASCII: an alias for the exact spelling only
            return
        key = "-".join(words)
        if self._plain.setdefault(key, model) != model:
            if strict:
                raise ValueError(f"{name!r} stands for {self._plain[key]!r} and for {model!r}")
            return
        if variant:
            self._plain_variant[key] = variant
        if family := family_of(words):
            parsed = parse(words, family[0], family[1], fields)
            if parsed.complete:
                on = parsed.config.fields.get("thinking", "off") != "off"
                revision = parsed.config.fields.get("revision", "")
                entry = _Entry(model, self._dated(parsed.config.stamp, model), revision, on, variant)
                entries = self._struct.setdefault(parsed.slug, [])
                if entry not in entries:
                    entries.append(entry)

    def _dated(self, stamp: Stamp | None, model: str) -> Stamp | None:
        """The stamp with the model's year where it names none, so that May 2025 is not May 2024."""
        known = self.models[model].dates if model in self.models else ()
        if stamp is None or not known:
            return stamp
        readings = tuple((y or known[0].year, m, d) for y, m, d in stamp.readings)
        return Stamp(readings, stamp.text, stamp.slug)

    def _complete_sizes(self, slug: str) -> None:
        """``nemotron-3-ultra`` and ``qwen3.5-397b`` for models whose slug says more about size."""
        parts = slug.split("-")
        active = [p for p in parts if not re.fullmatch(r"a\d+(\.\d+)?b", p)]
        bare = [p for p in active if not re.fullmatch(r"\d+(\.\d+)?[bt]", p)]
        for short in {"-".join(active), "-".join(bare)} - {slug}:
            self._sized.setdefault(short, set()).add(slug)

    # --- reading ----------------------------------------------------------------------------

    def _without_path(self, text: str) -> tuple[str, str]:
        """The last segment of ``router/organisation/name`` and the developer the path names, if any."""
        developer = ""
        for _ in range(6):
            text = _REGION.sub("", text, count=1) if _REGION.match(text) else text
            match = _PATH.match(text)
            if not match:
                break
            words = words_of(match[1])
            routed = "-".join(words) in ROUTES or _ZONE.fullmatch(match[1])
            org = "" if routed else self._orgs.get(words)
            if org is None and not self._names_maker(text[match.end() :]):
                break
            developer = org or developer
            text = text[match.end() :].removeprefix("hf:")
        return text, developer

    def _names_maker(self, rest: str) -> bool:
        """Whether what follows an unknown part of a path begins with a lab: then the unknown part is a router."""
        match = _PATH.match(rest)
        return match is not None and bool(self._orgs.get(words_of(match[1])))

    def _without_org(self, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
        """What is left after each organisation the words may start with, the longest first."""
        for n in range(min(self._longest_org, len(words) - 1), 0, -1):
            if (org := self._orgs.get(words[:n])) is not None:
                rest = words[n:]
                org = "" if words[:n] in _SERVERS else org
                if org == "deepseek" and re.fullmatch(r"r1|v\d(\.\d)?", rest[0]):
                    rest = ("deepseek", *rest)
                yield rest, org

    def resolve(self, name: str, source: str = "", developer: str = "") -> Resolution:
        """What ``name`` of ``source`` stands for; ``developer`` as the board writes it can only veto."""
        written = name.strip() if len(name) <= MAX_NAME * 2 else ""
        if not written or len(written) > MAX_NAME:
            return Resolution(name, source)
        for key in ((written, source), (written, "")):
            if alias := self._written.get(key):
                return self._answer(name, source, _Found(alias.model, alias.variant, layer="alias"))
        stated = self._orgs.get(words_of(clean(developer)), "") if developer else ""
        text = clean(written)
        if source in PROTOCOL_SOURCES:
            text = text.removeprefix("openai/").removeprefix("hf:")
        try:
            found = self._read(text, stated, source in BASE_SOURCES and " " not in written)
        except _Ambiguous as several:
            return Resolution(name, source, candidates=several.candidates)
        return self._answer(name, source, found) if found else Resolution(name, source)

    def _answer(self, name: str, source: str, found: _Found) -> Resolution:
        if not found.model:
            return Resolution(name, source)
        if seeded := self.models.get(found.model):
            return Resolution(
                name, source, found.model, seeded.title, seeded.developer, seeded.family, found.variant, found.layer
            )
        family = found.family
        return Resolution(
            name,
            source,
            found.model,
            title_of(found.model, family) if family else found.model,
            family.developer if family else "",
            (family.group or family.name) if family else "",
            found.variant,
            found.layer,
        )

    def _read(self, text: str, stated: str, hub_style: bool) -> _Found | None:
        if not text:
            return None
        if pair := _INSIDE.fullmatch(text):
            outer, inner = (self._scaffold(part) for part in pair.groups())
            if (outer and not inner) or (inner and inner not in _LINES_TOO):
                text = f"{pair[1]} + {pair[2]}"
        if " + " in text:
            return self._scaffolded(text, stated, hub_style)
        text, org = self._without_path(text)
        text, fields = settings(text)
        near: set[str] = set()
        todo = [(words_of(text), org, 0)]
        while todo:
            words, developer, depth = todo.pop(0)
            if not words:
                continue
            if found := self._words(words, fields, near, hub_style):
                return self._vetted(found, developer or stated)
            if depth < 3:
                todo.extend((rest, named or developer, depth + 1) for rest, named in self._without_org(words))
        if near:
            raise _Ambiguous(near)
        return None

    def _scaffolded(self, text: str, stated: str, hub_style: bool) -> _Found | None:
        """``OpenHands + Claude 3.7 Sonnet``: known scaffolds round one model; two models stay unresolved."""
        scaffolds, rest = [], []
        for part in text.split(" + "):
            if spelled := self._scaffold(_NOTE.sub("", part)):
                scaffolds.append(spelled)
            else:
                rest.append(part)
        if len(rest) == 1 and scaffolds:
            found = self._read(rest[0], stated, hub_style)
            if found:
                variant = merge_variants(f"scaffold={'+'.join(scaffolds)}", found.variant)
                return _Found(found.model, variant, found.family, found.generation)
            return None
        models: set[str] = set()
        for part in rest:
            try:
                found = self._read(part, "", hub_style)
            except _Ambiguous as several:
                models.update(several.candidates)
            else:
                models.update({found.model} if found and found.model else set())
        if models:
            raise _Ambiguous(models)
        return None

    def _scaffold(self, part: str) -> str:
        """The known scaffold this names, its own release number set aside (``SWE-agent 1.0``); else empty."""
        names = ["-".join(words_of(text)) for text in (part, _RELEASE.sub("", part))]
        return next((name for name in names if name in SCAFFOLDS), "")

    def _vetted(self, found: _Found, developer: str) -> _Found:
        """A name under another lab's organisation is a derivative, not the model (``acme/DeepSeek-V3``)."""
        if not developer or not found.model:
            return found
        seeded = self.models.get(found.model)
        owner = seeded.developer if seeded else (found.family.developer if found.family else "")
        if owner and owner != developer:
            raise _Ambiguous({found.model})
        return found

    def _words(self, words: tuple[str, ...], fields: dict[str, str], near: set[str], hub_style: bool) -> _Found | None:
        key = "-".join(words)
        family = family_of(words)
        parsed = parse(words, family[0], family[1], fields) if family else None
        if hub_style and parsed and parsed.complete and parsed.bare:
            return _Found(f"{parsed.slug}-base", parsed.config.text(), parsed.family, parsed.version)
        if key in self._plain:
            variant = merge_variants("; ".join(f"{k}={v}" for k, v in fields.items()), self._plain_variant.get(key, ""))
            return _Found(self._plain[key], variant, layer="normal form")
        if parsed and parsed.complete:
            return self._decide(parsed)
        if parsed and parsed.slug in self.models:
            near.add(parsed.slug)
        return self._prefix(words, fields)

    def _prefix(self, words: tuple[str, ...], fields: dict[str, str]) -> _Found | None:
        """A seeded name outside the grammar, followed by configuration words only; the longest such name."""
        for cut in range(len(words) - 1, 0, -1):
            key = "-".join(words[:cut])
            model = self._plain.get(key)
            if not model:
                continue
            config = Config(fields=dict(fields))
            i = cut
            while i < len(words) and (taken := config_at(words, i, config)):
                i += taken
            if i < len(words) or config.base or (config.stamp and not self._own_date(model, config.stamp)):
                return None
            return _Found(model, merge_variants(config.text(), self._plain_variant.get(key, "")))
        return None

    # --- deciding with the seeds ------------------------------------------------------------

    def _own_date(self, model: str, stamp: Stamp) -> bool:
        """Whether the stamp is the date of this very release."""
        seeded = self.models.get(model)
        return seeded is not None and any(stamp.near(on) for on in seeded.dates)

    def _decide(self, parsed: Parsed) -> _Found | None:
        slug, family, config = parsed.slug, parsed.family, parsed.config
        stamp = config.stamp
        if family.dates == "model" and config.fields.get("date") == "latest" and (moved := self._later(slug)):
            raise _Ambiguous(moved)
        on = config.fields.get("thinking", "off") != "off"
        entries = _of_revision(self._struct.get(slug, []), config.fields.get("revision", ""), stamp)
        if on and (found := self._pick([e for e in entries if e.thinking], stamp, family)):
            return self._found(found, parsed, stated_thinking=True)
        plain = [e for e in entries if not e.thinking]
        if found := self._pick(plain, stamp, family):
            return self._found(found, parsed, stated_thinking=False)
        if not plain and slug != family.name and len(sized := self._sized.get(slug, set())) == 1:
            whole = next(iter(sized))
            if stamp is None or family.dates == "variant" or self._own_date(whole, stamp):
                return _Found(whole, config.text(), family, parsed.version)
        if plain and stamp is None:
            raise _Ambiguous(e.model for e in plain)
        if config.base and stamp is None and (parent := self.models.get(slug.removesuffix("-base"))):
            return _Found(slug, config.text(), family, parent.generation)
        numbered = family.open_ended and (parsed.version or not family.version)
        if not numbered and not (family.dates == "model" and slug != family.name and self._is_new(config, family)):
            return None
        if not plain and family.version and slug == family.name:
            return None
        if stamp is not None and (family.dates == "model" or plain):
            slug, config.stamp = f"{slug}-{stamp.slug}", stamp
        if on and family.thinking == "seed" and not plain:
            slug = slug if "-thinking" in slug else f"{slug}-thinking"
            if config.fields["thinking"] == "on":
                config.fields.pop("thinking")
        if stamp is not None and slug.endswith(stamp.slug):
            config.stamp = None
        return _Found(slug, config.text(), family, parsed.version)

    def _is_new(self, config: Config, family: Family) -> bool:
        """A day, or a month later than all we know of the family: a release, not a misspelt date of an old one."""
        known = self._newest.get(family.name, (0, 0))
        return (
            config.stamp is not None
            and not config.base
            and all(y is not None and m is not None and (d or (y, m) > known) for y, m, d in config.stamp.readings)
        )

    def _later(self, slug: str) -> set[str]:
        """The releases ``...-latest`` may mean where the line went on by number or date (``magistral-medium-1.2``)."""
        later = {model for model in self.models if re.fullmatch(rf"{re.escape(slug)}-\d[\d.-]*", model)}
        return later | {slug} if later else set()

    def _pick(self, entries: Sequence[_Entry], stamp: Stamp | None, family: Family) -> _Entry | None:
        undated = [e for e in entries if e.stamp is None]
        if stamp is None:
            if undated:
                return undated[0]
            models = {e.model for e in entries}
            return entries[0] if len(models) == 1 else None
        dated = [e for e in entries if e.stamp and compatible(e.stamp, stamp)]
        if dated:
            if len({e.model for e in dated}) > 1:
                raise _Ambiguous(e.model for e in dated)
            return dated[0]
        near = [e for e in entries if self._own_date(e.model, stamp)]
        if len({e.model for e in near}) == 1:
            return near[0]
        if undated and family.dates == "variant":
            return undated[0]
        return None

    def _found(self, entry: _Entry, parsed: Parsed, *, stated_thinking: bool) -> _Found:
        config = parsed.config
        if (stated_thinking or "-thinking" in entry.model) and config.fields.get("thinking") == "on":
            config.fields.pop("thinking")
        if entry.revision:
            config.fields.pop("revision", None)
        return _Found(entry.model, merge_variants(config.text(), entry.variant), parsed.family, parsed.version)


def _of_revision(entries: Sequence[_Entry], revision: str, stamp: Stamp | None) -> list[_Entry]:
    """The entries a revision may mean: ``-002`` the model of that number where there is one, else the plain ones.

    A date may say the same without the number (``Gemini 1.5 Flash (Sep '24)`` is 002).
    """
    if stamp is not None and not revision:
        return list(entries)
    own = [e for e in entries if e.revision == revision]
    return own or [e for e in entries if not e.revision] or list(entries)
