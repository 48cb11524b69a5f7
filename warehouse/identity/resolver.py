"""Entity resolution: maps a raw name of a source to at most one model, in three layers.

1. **alias**: the name as written, in ``alias.csv``;
2. **normal form**: the same words as a slug, a title or a Hub repository of ``model.csv``;
3. **structure**: the family's grammar, which also reads names nobody has seeded yet.

A name that no layer resolves stays unresolved and visible.  A near miss is a candidate and never a match, because a
wrong match puts one model's score on another's date, while a missing one is only a gap in a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
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
_BRACKETS = re.compile(r"\(([^()]{1,100})\)|\"([^\"]{1,100})\"")
_NOTE = re.compile(r"\s?\([^()]{1,40}\)$")
_THINKING_NOTE = re.compile(r"[(\[](?:non-?)?(?:thinking|reasoning)[)\]]")
_SETTINGS = frozenset({"effort", "quant", "provider", "format"})
"""What of a name nobody knows is surely no part of the model's: "thinking" may mean other weights."""
_EARLY = timedelta(days=45)
_LATE = timedelta(days=15)
"""A stamp from so long before a release until so long after it is that release's own (``claude-opus-4-5-20251101``
came out on 2025-11-24); a later one is a checkpoint, which is a model of its date."""
_INSIDE = re.compile(r"([^()+]{2,60}) \(([^()+]{2,60})\)")
_LINES_TOO = frozenset({"codex", "tools"})
"""Scaffolds whose name after a model may be part of the model's (``GPT-5 (Codex)``)."""
_REGION = re.compile(r"(?:us|eu|apac|jp|au|ca|us-gov|global|regional)\.(?=[a-z])")
_ZONE = re.compile(r"[a-z]{2}(?:-gov)?-[a-z]{4,9}-\d")
_RELEASE = re.compile(r" ?v?\d{1,2}(?:\.\d{1,2}){0,2}$")
BASE_SOURCES = frozenset({"bigcodebench", "epoch-runs", "evalplus", "hub-models", "oobabooga", "open-llm-v2"})
"""Sources that write Hub names: ``gemma-7b`` beside ``gemma-7b-it`` is the base model there."""
COMMUNITY_SOURCES = frozenset({"open-llm-v2"})
"""Boards of anybody's own versions: two people's ``SphinX`` are two models, and a third of that name is neither's."""
PROTOCOL_SOURCES = frozenset({"aider-edit", "aider-polyglot"})
"""Boards where ``openai/`` names the protocol of an end point, not who made the model (``openai/Qwen2.5-Coder``)."""
_SERVERS = frozenset({("amazon",), ("databricks",), ("cerebras",), ("groq",)})
"""Who serves other labs' models under a prefix of its own (``databricks-meta-llama-3-70b``)."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a name stands for.  ``model`` empty means unresolved; ``variant`` empty means plain.

    ``checkpoint_of``: the release this model is a later dated checkpoint of, ``dated_on`` the date in its name.
    ``stem``: of an unresolved name, its words without settings, so that spellings of one unknown model meet; ``owner``:
    the letters of the organisation before it that nobody knows (``nex-agi/nex-n2-pro``).
    ``developer`` of an unresolved name is the lab that the name or its board states, where we know it.
    """

    name: str
    source: str
    model: str = ""
    title: str = ""
    developer: str = ""
    family: str = ""
    variant: str = ""
    layer: Layer = "unresolved"
    candidates: tuple[str, ...] = ()
    checkpoint_of: str = ""
    dated_on: date | None = None
    stem: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One seeded way to write a model in the grammar: its stamp, revision, whether it says "thinking", its variant."""

    model: str
    stamp: Stamp | None
    revision: str
    thinking: bool
    variant: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """Facts about a name beside its words.

    ``lab``: who made it by its path or its board, `_STRANGER` where that is nobody we know.  ``noted``: the words that
    stood in brackets.  ``near`` collects models that almost fit.
    """

    fields: dict[str, str]
    hub_style: bool
    lab: str
    noted: frozenset[str]
    near: set[str]


_STRANGER = "?"


@dataclass(frozen=True, slots=True)
class _Found:
    model: str
    variant: str
    family: Family | None = None
    generation: str = ""
    layer: Layer = "structure"
    checkpoint_of: str = ""
    dated_on: date | None = None


class _Ambiguous(Exception):
    """A name that fits several models; never leaves this module."""

    def __init__(self, candidates: Iterable[str]) -> None:
        super().__init__()
        self.candidates = tuple(sorted(set(candidates)))


class Resolver:
    """Resolves names by a fixed set of seeds; a pure function of them, independent of earlier calls."""

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
        self._versions: set[tuple[str, str]] = set()
        self._newest: dict[str, tuple[int, int]] = {}
        for model in models:
            if model.dates:
                last = (model.dates[-1].year, model.dates[-1].month)
                self._newest[model.family] = max(last, self._newest.get(model.family, last))
            for name in dict.fromkeys((model.slug, model.title)):
                self._register(name, model.slug, "", strict=True)
            self._complete_sizes(model.slug)
        for model in models:
            if model.hub_repo:
                self._register(model.hub_repo, model.slug, "", strict=False)
        for alias in aliases:
            if not alias.source:
                self._register(alias.name, alias.model, alias.variant, strict=True)

    @classmethod
    @cache
    def from_seeds(cls, night: date | None = None) -> Resolver:
        """The resolver of the packaged seeds as known on a night (None: all), built once per process and night."""
        return cls(seeds.models(night), seeds.aliases(night), seeds.developers(night))

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
                if model in self.models:
                    self._versions.add((parsed.family.name, parsed.version))

    def _dated(self, stamp: Stamp | None, model: str) -> Stamp | None:
        """The stamp with the model's year where it names none, so that May 2025 is not May 2024."""
        known = self.models[model].dates if model in self.models else ()
        if stamp is None or not known:
            return stamp
        readings = tuple((y or known[0].year, m, d) for y, m, d in stamp.readings)
        return Stamp(readings, stamp.text, stamp.slug)

    def _complete_sizes(self, slug: str) -> None:
        """``nemotron-3-ultra`` and ``qwen3.5-397b`` for models whose slug says more of size or parent."""
        parts = slug.split("-")
        active = [p for p in parts if not re.fullmatch(r"a\d+(\.\d+)?b", p)]
        bare = [p for p in active if not re.fullmatch(r"\d+(\.\d+)?[bt]", p)]
        short = {"-".join(active), "-".join(bare)}
        if len(parts) > 2 and (read := family_of(parts)) and read[0].keeps_base and parts[0] in read[0].bases.split():
            short.add("-".join((parts[0], *parts[2:])))
        for name in short - {slug}:
            self._sized.setdefault(name, set()).add(slug)

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
        stated = self._orgs.get(words_of(clean(developer)), _STRANGER) if developer else ""
        text = clean(written)
        if source in PROTOCOL_SOURCES:
            text = text.removeprefix("openai/").removeprefix("hf:")
        try:
            found = self._read(text, stated, source in BASE_SOURCES and " " not in written)
        except _Ambiguous as several:
            return Resolution(name, source, candidates=several.candidates)
        return self._answer(name, source, found) if found else self._unread(name, source, text, stated)

    def _unread(self, name: str, source: str, text: str, stated: str) -> Resolution:
        """An unresolved name, with the lab that it or its board states and its words without settings."""
        text, org = self._without_path(_THINKING_NOTE.sub(" ", text))
        text, owner = self._without_stranger(text, stated) if source not in COMMUNITY_SOURCES else (text, "")
        words = words_of(settings(text)[0])
        kept: list[str] = []
        i = 0
        while i < len(words):
            config = Config()
            taken = config_at(words, i, config)
            setting = bool(kept) and taken and config.fields.keys() and config.fields.keys() <= _SETTINGS
            if not setting:
                kept.extend(words[i : i + max(taken, 1)])
            i += max(taken, 1)
        stem = "-".join(kept) if any(word[0].isalpha() for word in kept) else ""
        return Resolution(name, source, developer=org or stated.removeprefix(_STRANGER), stem=stem, owner=owner)

    def _without_stranger(self, text: str, stated: str) -> tuple[str, str]:
        """The last part of a path and the letters of the stranger before it; a stranger's copy of a model that we know
        (``acme/Qwen2.5-7B-Instruct``) keeps its path."""
        path, _, last = text.rpartition("/")
        owner = re.sub(r"[^a-z0-9]", "", path.rpartition("/")[2])
        if not owner or not last[:1].isalpha() or " " in path:
            return text, ""
        try:
            known = self._read(last, stated, hub_style=False)
        except _Ambiguous:
            return text, ""
        return (text, "") if known else (last, owner)

    def _answer(self, name: str, source: str, found: _Found) -> Resolution:
        if not found.model:
            return Resolution(name, source)
        if seeded := self.models.get(found.model):
            return Resolution(
                name, source, found.model, seeded.title, seeded.developer, seeded.family, found.variant, found.layer,
                checkpoint_of=seeded.checkpoint_of,
            )  # fmt: skip
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
            checkpoint_of=found.checkpoint_of,
            dated_on=found.dated_on,
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
        noted = frozenset(word for notes in _BRACKETS.findall(text) for note in notes for word in words_of(note))
        near: set[str] = set()
        todo = [(words_of(text), org, 0)]
        while todo:
            words, developer, depth = todo.pop(0)
            if not words:
                continue
            asked = _Asked(fields, hub_style, developer or stated, noted, near)
            if found := self._words(words, asked):
                return self._vetted(found, asked.lab)
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
                return replace(found, variant=variant, layer="structure")
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
        if developer in ("", _STRANGER) or not found.model:
            return found
        seeded = self.models.get(found.model)
        owner = seeded.developer if seeded else (found.family.developer if found.family else "")
        if owner and owner != developer:
            raise _Ambiguous({found.model})
        return found

    def _words(self, words: tuple[str, ...], asked: _Asked) -> _Found | None:
        key, fields = "-".join(words), asked.fields
        family = family_of(words)
        parsed = parse(words, family[0], family[1], fields) if family else None
        if asked.hub_style and parsed and parsed.complete and parsed.bare and not parsed.coined:
            return _Found(f"{parsed.slug}-base", parsed.config.text(), parsed.family, parsed.version)
        if key in self._plain:
            variant = merge_variants("; ".join(f"{k}={v}" for k, v in fields.items()), self._plain_variant.get(key, ""))
            return _Found(self._plain[key], variant, layer="normal form")
        if parsed and (found := self._by_grammar(words, parsed, asked)):
            return found
        if parsed and parsed.complete:
            return None
        if parsed and parsed.slug in self.models:
            asked.near.add(parsed.slug)
        return self._prefix(words, fields)

    def _by_grammar(self, words: tuple[str, ...], parsed: Parsed, asked: _Asked) -> _Found | None:
        """The name as it stands, unless only with a point more it is a model that exists (``qwen3-1-7b``)."""
        found: _Found | None = None
        unclear: _Ambiguous | None = None
        try:
            found = self._decide(parsed, asked) if parsed.complete else None
        except _Ambiguous as several:
            unclear = several
        if found and found.model in self.models:
            return found
        others: dict[str, _Found] = {}
        for dotted in _with_point(words):
            family = family_of(dotted)
            other = parse(dotted, family[0], family[1], asked.fields) if family else None
            if other is None or not other.complete or other.config.stamp != parsed.config.stamp:
                continue
            try:
                meant = self._decide(other, asked)
            except _Ambiguous:
                continue
            # ``qwen4-8b`` is no Qwen 4.8B: a reading without the version must be a model that exists.
            if meant and (other.version or not parsed.version or meant.model in self.models):
                others[meant.model] = meant
        existing = [m for m, other in others.items() if m in self.models or other.checkpoint_of in self.models]
        if len(existing) == 1:
            return others[existing[0]]
        if existing or (found and set(others) - {found.model}):
            raise _Ambiguous(existing)
        if unclear:
            raise unclear
        return found

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

    def _decide(self, parsed: Parsed, asked: _Asked) -> _Found | None:
        slug, family, config = parsed.slug, parsed.family, parsed.config
        stamp = config.stamp
        self._refuse_rolling(parsed)
        on = config.fields.get("thinking", "off") != "off"
        entries = _of_revision(self._struct.get(slug, []), config.fields.get("revision", ""), stamp)
        thinking = [e for e in entries if e.thinking]
        if on and (found := self._pick(thinking, stamp, family)):
            return self._found(found, parsed, stated_thinking=True)
        apart = on and self._thinks_apart(parsed)
        plain = [e for e in entries if not e.thinking and not apart]
        if found := self._pick(plain, stamp, family):
            return self._found(found, parsed, stated_thinking=False)
        if not entries and slug != family.name and (whole := self._whole(parsed, apart=apart)):
            return whole
        if plain and (checkpoint := self._checkpoint(plain, parsed)):
            return checkpoint
        if plain and stamp is None:
            raise _Ambiguous(e.model for e in plain)
        if config.base and stamp is None and (parent := self.models.get(slug.removesuffix("-base"))):
            return _Found(slug, config.text(), family, parent.generation)
        if not self._believed(parsed, asked, seeded=bool(plain)):
            return None
        if stamp is not None and (family.dates == "model" or plain):
            slug, config.stamp = f"{slug}-{stamp.slug}", stamp
        if on and family.thinking == "seed" and (apart or not plain):
            slug = slug if "-thinking" in slug else f"{slug}-thinking"
            if config.fields["thinking"] == "on":
                config.fields.pop("thinking")
        if stamp is not None and slug.endswith(stamp.slug):
            config.stamp = None
        return _Found(slug, config.text(), family, parsed.version)

    def _believed(self, parsed: Parsed, asked: _Asked, *, seeded: bool) -> bool:
        """Whether a name that no seed knows follows its family closely enough to be a model; may be ambiguous."""
        slug, family, config = parsed.slug, parsed.family, parsed.config
        if parsed.tierless and not seeded:
            tiers = self._tiers(slug) if config.stamp is None else []
            if tiers or (family.tiered_from and parsed.version and float(parsed.version) >= family.tiered_from):
                raise _Ambiguous(tiers)
        numbered = family.open_ended and (parsed.version or not family.version or parsed.coined)
        if not numbered and not (family.dates == "model" and slug != family.name and self._is_new(config, family)):
            return False
        if parsed.coined:
            new = family.closed or (family.name, parsed.version) not in self._versions
            if not (asked.lab == family.developer or (new and not asked.lab)) or parsed.coined in asked.noted:
                return False
        return seeded or not (family.version and slug == family.name)

    def _tiers(self, slug: str) -> list[str]:
        """The seeded models of a version that has tiers (``gpt-5.6`` is none of Sol, Terra and Luna)."""
        return [e.model for longer, entries in self._struct.items() if longer.startswith(f"{slug}-") for e in entries]

    def _refuse_rolling(self, parsed: Parsed) -> None:
        """``-latest`` of a line without a version, or of one that went on by number or date, is no model of its own."""
        slug, family = parsed.slug, parsed.family
        if family.rolling and parsed.config.stamp is None:
            raise _Ambiguous(e.model for e in self._struct.get(slug, []))
        if parsed.config.fields.get("date") != "latest":
            return
        if family.version and not parsed.version and family.dates == "variant":
            words = [word for word in slug.split("-") if word != family.name]
            line = [
                model for model in self.models.values()
                if model.family == family.name and model.dates and set(words) <= set(model.slug.split("-"))
            ]  # fmt: skip
            raise _Ambiguous(model.slug for model in sorted(line, key=lambda model: model.dates[0])[-3:])
        if family.dates == "model" and (moved := self._later(parsed)):
            raise _Ambiguous(moved)

    def _thinks_apart(self, parsed: Parsed) -> bool:
        """Whether "thinking" means other weights than the plain name: the family says so, and seeds have both."""
        family = parsed.family
        if family.thinking != "seed" or re.fullmatch(family.hybrid or "(?!)", parsed.version):
            hybrid = self._sized.get(f"{parsed.slug}-thinking", set())
            return family.thinking == "seed" and bool(hybrid)
        return any(
            model == f"{parsed.slug}-thinking" or model.startswith(f"{parsed.slug}-thinking-") for model in self.models
        ) or bool(self._sized.get(f"{parsed.slug}-thinking"))

    def _whole(self, parsed: Parsed, *, apart: bool) -> _Found | None:
        """The one seeded model of which this slug says less about the size (``nemotron-3-ultra``)."""
        slug, config = parsed.slug, parsed.config
        sized = self._sized.get(f"{slug}-thinking" if apart else slug, set())
        if len(sized) != 1:
            return None
        whole = next(iter(sized))
        if config.stamp is not None and parsed.family.dates == "model" and not self._own_date(whole, config.stamp):
            return None
        if apart and config.fields.get("thinking") == "on":
            config.fields.pop("thinking")
        return _Found(whole, config.text(), parsed.family, parsed.version)

    def _checkpoint(self, plain: Sequence[_Entry], parsed: Parsed) -> _Found | None:
        """A later dated checkpoint of a release: a model of its own date (``gpt-4-0613`` is not GPT-4 of March)."""
        stamp = parsed.config.stamp
        releases = {e.model for e in plain if e.stamp is None}
        if parsed.family.dates != "variant" or stamp is None or len(releases) != 1:
            return None
        release = next(iter(releases))
        seeded = self.models.get(release)
        if seeded is None or not seeded.dates or (on := _later_than(stamp, seeded.dates[0])) is None:
            return None
        parsed.config.stamp = None
        if "thinking" in release.split("-") and parsed.config.fields.get("thinking") == "on":
            parsed.config.fields.pop("thinking")
        day, written = on
        return _Found(
            f"{release}-{written}", parsed.config.text(), parsed.family, parsed.version, checkpoint_of=release,
            dated_on=day,
        )  # fmt: skip

    def _is_new(self, config: Config, family: Family) -> bool:
        """A day, or a month later than all we know of the family: a release, not a misspelt date of an old one."""
        known = self._newest.get(family.name, (0, 0))
        return (
            config.stamp is not None
            and not config.base
            and all(y is not None and m is not None and (d or (y, m) > known) for y, m, d in config.stamp.readings)
        )

    def _later(self, parsed: Parsed) -> set[str]:
        """The releases ``...-latest`` may mean where the line went on by number or date (``magistral-medium-1.2``), or
        its family by a number without the tier (``devstral-medium`` before Devstral 2)."""
        slug = parsed.slug
        later = {model for model in self.models if re.fullmatch(rf"{re.escape(slug)}-\d[\d.-]*", model)}
        first = self.models[slug].dates[:1] if slug in self.models and not parsed.version else ()
        later |= {
            model.slug
            for model in self.models.values()
            if model.slug == f"{model.family}-{model.generation}"
            and model.family == parsed.family.name
            and first
            and model.dates[:1] > first
        }
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
        if undated and family.dates == "variant" and not self._is_later(undated[0].model, stamp):
            return undated[0]
        return None

    def _is_later(self, model: str, stamp: Stamp) -> bool:
        """Whether a stamp can only be a checkpoint after this release."""
        seeded = self.models.get(model)
        return seeded is not None and bool(seeded.dates) and _later_than(stamp, seeded.dates[-1]) is not None

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


def _later_than(stamp: Stamp, released: date) -> tuple[date, str] | None:
    """The date of a stamp that is well after a release, and how a slug writes it; None where it may be the release.

    A month and a day without a year are those that came first after the release.
    """
    found = []
    for year, month, day in stamp.readings:
        if month is None:
            return None
        years = [year] if year is not None else [released.year - 1, released.year, released.year + 1]
        days = [on for y in years if (on := _on(y, month, day)) is not None]
        if day is None:
            # A month is over before the release, or it may be the release's, or it is later.
            if any(released - _EARLY <= on + timedelta(days=30) and on <= released + _LATE for on in days):
                return None
        elif any(released - _EARLY <= on <= released + _LATE for on in days):
            return None
        later = [on for on in days if on > released + _LATE]
        if not later:
            continue
        on = min(later)
        found.append((on, on.isoformat() if day is not None else f"{on:%Y-%m}"))
    return min(found) if found else None


def _on(year: int, month: int, day: int | None) -> date | None:
    try:
        return date(year, month, day or 1)
    except ValueError:
        return None


_HEAD_DIGIT = re.compile(r"[a-z]?\d")
_TAIL_DIGIT = re.compile(r"\d[bv]?")
_TWO_DIGITS = re.compile(r"([a-z]?\d)(\d[v]?)")


def _with_point(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The words with one decimal point more: ``1, 7b`` as 1.7b, ``4, 6v`` as 4.6v, ``v1, 5`` as v1.5, ``52`` as 5.2."""
    for i, word in enumerate(words):
        after = words[i + 1] if i + 1 < len(words) else ""
        if _HEAD_DIGIT.fullmatch(word) and _TAIL_DIGIT.fullmatch(after):
            yield (*words[:i], f"{word}.{after}", *words[i + 2 :])
        if i and (match := _TWO_DIGITS.fullmatch(word)):
            yield (*words[:i], f"{match[1]}.{match[2]}", *words[i + 1 :])
