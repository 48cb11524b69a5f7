"""The alerts file: channels and subscriptions, checked as a whole before anything is sent.

A mistake in this file is a lost alert, so every mistake is an error: an unknown key, an unknown value, a variable that
is not set.  Each error message names file, line and key, and the nearest value that exists.  Addresses and signing
secrets come from the environment as ``${NAME}``; their values are never written anywhere.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from warehouse.alerts.events import KINDS, Event

Form = Literal["text", "markdown", "html"]
State = Literal["provisional", "confirmed"]
Lookup = Callable[[str], str | None]

GROUP_ABOVE = 10
"""Messages to one channel on one night above which they become one."""

LARGEST = 256 * 1024
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_RESERVED = frozenset({"prefect"})


class BadAlerts(ValueError):
    """The file cannot be used; the message has one line for each mistake, with file, line and key."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(mistakes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Where messages go: an Apprise address, or an endpoint that gets signed JSON (Standard Webhooks)."""

    name: str
    url: str = ""
    webhook: str = ""
    secrets: tuple[str, ...] = ()
    form: Form | None = None
    group: bool = True

    def __repr__(self) -> str:
        return f"Channel({self.name!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Which events go to which channels; an empty field does not filter."""

    channels: tuple[str, ...]
    kinds: frozenset[str]
    from_state: State = "confirmed"
    grades: frozenset[str] = frozenset({"parity", "lead"})
    tiers: frozenset[str] = frozenset({"any"})
    domains: frozenset[str] = frozenset()
    boards: frozenset[str] = frozenset()
    models: tuple[str, ...] = ()
    labs: frozenset[str] = frozenset()
    uncounted: bool = False
    days_at_most: float | None = None
    lag_moved: float = 0
    gap_moved: float = 0
    stale_days: int = 3

    def refuses(self, event: Event) -> str:
        """Why this subscription does not take an event; empty where it does."""
        return next(self._objections(event), "")

    def _objections(self, event: Event) -> Iterator[str]:
        about_scope = event.scope_kind in ("board", "domain", "overall")
        if event.kind not in self.kinds:
            yield f"kind {event.kind} is not among its kinds"
        if event.kind == "parity" and event.grade not in self.grades:
            yield f"grade {event.grade} is not among its grades"
        if event.state not in (("confirmed",) if self.from_state == "confirmed" else ("provisional", "confirmed")):
            yield f"{event.state}, and it takes from {self.from_state} on"
        if not event.counts and not self.uncounted and event.scope not in self.boards:
            yield "on a board that does not count for the index"
        if about_scope and self.tiers and event.tier not in self.tiers:
            yield f"licence tier {event.tier} is not among its tiers"
        if self.domains and event.domain and event.domain not in self.domains:
            yield f"domain {event.domain} is not among its domains"
        if self.boards and event.scope_kind == "board" and event.scope not in self.boards:
            yield f"board {event.scope} is not among its boards"
        if self.models and not any(self._names(one, event) for one in self.models):
            yield "about none of its models"
        if self.labs and event.scope_kind == "model" and event.scope not in self.labs:
            yield f"lab {event.scope} is not among its labs"
        yield from self._thresholds(event)

    @staticmethod
    def _names(pattern: str, event: Event) -> bool:
        return any(name is not None and fnmatchcase(name, pattern) for name in (event.model, event.other_model))

    def _thresholds(self, event: Event) -> Iterator[str]:
        if event.kind == "parity" and self.days_at_most is not None:
            days = event.details.get("days")
            if days is not None and days > self.days_at_most:
                yield f"{days} days after, and it takes at most {self.days_at_most:g}"
        if event.kind == "gap-moved":
            details = event.details
            moved = abs(details["now"]["value"] - details["before"]["value"])
            least = self.lag_moved if event.grade == "lag" else self.gap_moved
            if moved < least:
                yield f"moved by {moved:g}, and it takes at least {least:g}"
        if event.kind == "source-stale" and (event.details.get("stale_days") or 0) < self.stale_days:
            yield f"stale for {event.details.get('stale_days')} days, and it takes from {self.stale_days} on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """The whole file."""

    channels: Mapping[str, Channel]
    subscriptions: tuple[Subscription, ...]
    group_above: int = GROUP_ABOVE
    hidden: frozenset[str] = frozenset()

    def redacted(self, text: str) -> str:
        """A text without anything an address or a secret holds."""
        for word in sorted(self.hidden, key=len, reverse=True):
            text = text.replace(word, "***")
        return text

    def taken(self, channel: str, event: Event) -> Subscription | None:
        """The first subscription of a channel that takes an event."""
        return next((s for s in self.subscriptions if channel in s.channels and not s.refuses(event)), None)


NONE = Alerts(channels={}, subscriptions=())


def load(file: Path, lookup: Lookup, *, known: Mapping[str, frozenset[str]] | None = None) -> Alerts:
    """The file, checked; no file means no alerts.  ``known``: the ``boards``, ``domains`` and ``labs`` there are."""
    try:
        size = file.stat().st_size
    except OSError:
        return NONE
    if size > LARGEST:
        raise BadAlerts([f"{file}: {size} bytes, expected at most {LARGEST}; give a smaller file"])
    return parse(file.read_bytes().decode("utf-8", "replace"), str(file), lookup, known=known)


def parse(text: str, name: str, lookup: Lookup, *, known: Mapping[str, frozenset[str]] | None = None) -> Alerts:
    """The text of such a file; raises `BadAlerts` with every mistake in it."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it is no YAML"
        raise BadAlerts([f"{name}{line}: not readable as YAML ({problem}); mend the line"]) from error
    if root is None:
        return NONE
    tree = _Tree.read(root)
    words = {key: tuple(sorted(names)) for key, names in (known or {}).items()}
    channels = tree.value.get("channels") if isinstance(tree.value, dict) else None
    context = _Context(lookup, {**words, "channels": tuple(channels) if isinstance(channels, dict) else ()})
    mistakes = [f"{name} line {line}: {text}" for line, text in tree.mistakes]
    try:
        entries = _File.model_validate(tree.value, context=context)
    except ValidationError as error:
        mistakes += [f"{name} {tree.describe(mistake)}" for mistake in error.errors(include_url=False)]
    if mistakes:
        raise BadAlerts(mistakes)
    return Alerts(
        channels={name: entry.channel(name) for name, entry in entries.channels.items()},
        subscriptions=tuple(Subscription(**entry.model_dump(exclude_unset=True)) for entry in entries.subscriptions),
        group_above=entries.group_above,
        hidden=frozenset(context.hidden),
    )


# --- what the file may hold ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Context:
    """What values are checked against: the environment and the known names; ``hidden`` collects the secrets."""

    lookup: Lookup
    words: Mapping[str, Sequence[str]]
    hidden: set[str] = field(default_factory=set)


def _mistake(found: str, todo: str) -> PydanticCustomError:
    return PydanticCustomError("mistake", "{found}; {todo}", {"found": found, "todo": todo})


def _declared(key: str, word: str, info: ValidationInfo[_Context]) -> str:
    """A value that must be one of those declared under ``key``, where these are known."""
    words = info.context.words.get(key)
    if words is not None and word not in words:
        raise _mistake(f"{word!r} is unknown", _nearest(word, words))
    return word


def _flag(text: object) -> bool:
    if text not in ("true", "false"):
        raise _mistake(f"{text!r} is neither true nor false", "write true or false")
    return text == "true"


def _expanded(text: str, info: ValidationInfo[_Context]) -> str:
    """A text with each ``${NAME}`` replaced by the environment variable."""
    lookup: Lookup = info.context.lookup
    names = _VARIABLE.findall(text)
    for name in names:
        if not lookup(name):
            raise _mistake(f"the environment has no {name}", f"set {name}, or take the channel out")
    if "$" in _VARIABLE.sub("", text):
        raise _mistake("has a $ that names no variable", "write ${NAME}, or %24 for a dollar sign")
    whole = _VARIABLE.sub(lambda match: lookup(match.group(1)) or "", text)
    for value in (whole, *(lookup(name) or "" for name in names)):
        info.context.hidden.update(_parts(value))
    return whole


def _parts(value: str) -> Iterator[str]:
    """A value, and the parts of it that an error message could quote."""
    yield from (one for one in (value, unquote(value)) if len(one) >= 4)
    for part in re.split(r"[/:@?&=\s]+", value):
        yield from (one for one in (part, unquote(part)) if len(one) >= 8 and "." not in one)


def _apprise_address(url: str) -> str:
    if not re.match(r"[a-z][a-z0-9+.-]*://.", url):
        raise _mistake("is no address", "give one like ntfys://ntfy.sh/topic")
    return url


def _endpoint(address: str) -> str:
    try:
        parts = urlsplit(address)
        usable = bool(parts.hostname) and (
            parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        )
    except ValueError:
        usable = False
    if not usable:
        raise _mistake("is no https address", "give one like https://host/path (http only to this machine)")
    return address


def _secrets(text: str, info: ValidationInfo[_Context]) -> str:
    if not re.fullmatch(rf"(\s*{_VARIABLE.pattern}\s*)+", text):
        raise _mistake("holds a secret in the open", "put it into the environment and write ${NAME} here")
    whole = _expanded(text, info)
    for one in whole.split():
        key = one.removeprefix("whsec_")
        info.context.hidden.update((one, key))
        try:
            usable = len(base64.b64decode(key + "==", validate=False)) >= 16
        except (binascii.Error, ValueError):
            usable = False
        if not usable:
            raise _mistake("is no signing secret", "give whsec_ and at least 24 bytes in base64")
    return whole


def _channel_name(name: str) -> str:
    if not _NAME.fullmatch(name) or name in _RESERVED:
        raise _mistake("no usable name", "use up to 40 small letters, digits and dashes")
    return name


_Text = Annotated[str, Field(min_length=1)]
_ChannelWord = Annotated[_Text, AfterValidator(partial(_declared, "channels"))]
_DomainWord = Annotated[_Text, AfterValidator(partial(_declared, "domains"))]
_BoardWord = Annotated[_Text, AfterValidator(partial(_declared, "boards"))]
_LabWord = Annotated[_Text, AfterValidator(partial(_declared, "labs"))]
_Flag = Annotated[bool, BeforeValidator(_flag)]
_Address = Annotated[_Text, AfterValidator(_expanded)]
_Number = Annotated[float, Field(ge=0, lt=1e9, allow_inf_nan=False)]
_NotEmpty = Field(min_length=1)
_Kind = Literal[KINDS]  # type: ignore[valid-type]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class _Channel(_Entry):
    url: Annotated[_Address, AfterValidator(_apprise_address)] = ""
    webhook: Annotated[_Address, AfterValidator(_endpoint)] = ""
    secret: Annotated[_Text, AfterValidator(_secrets)] = ""
    form: Form | None = None
    group: _Flag | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_way(cls, given: object) -> object:
        if isinstance(given, dict):
            if ("url" in given) == ("webhook" in given):
                raise _mistake("needs one of url and webhook", "give an Apprise url or a webhook address")
            if ("webhook" in given) != ("secret" in given) and not given.keys() - cls.model_fields.keys():
                raise _mistake("webhook and secret go together", "give both, the secret as ${NAME}")
        return given

    def channel(self, name: str) -> Channel:
        return Channel(
            name=name,
            url=self.url,
            webhook=self.webhook,
            secrets=tuple(self.secret.split()),
            form=self.form,
            group=bool(self.url) if self.group is None else self.group,
        )


class _Subscription(_Entry):
    channels: Annotated[tuple[_ChannelWord, ...], _NotEmpty]
    kinds: Annotated[frozenset[_Kind], _NotEmpty]
    from_state: State = "confirmed"
    grades: Annotated[frozenset[Literal["parity", "lead"]], _NotEmpty] = frozenset({"parity", "lead"})
    tiers: Annotated[frozenset[Literal["any", "T1"]], _NotEmpty] = frozenset({"any"})
    domains: Annotated[frozenset[_DomainWord], _NotEmpty] = frozenset()
    boards: Annotated[frozenset[_BoardWord], _NotEmpty] = frozenset()
    models: Annotated[tuple[_Text, ...], _NotEmpty] = ()
    labs: Annotated[frozenset[_LabWord], _NotEmpty] = frozenset()
    uncounted: _Flag = False
    days_at_most: _Number | None = None
    lag_moved: _Number = 0
    gap_moved: _Number = 0
    stale_days: Annotated[int, Field(ge=3, lt=10**9)] = 3


class _File(_Entry):
    channels: dict[Annotated[str, AfterValidator(_channel_name)], _Channel] = {}
    subscriptions: Annotated[tuple[_Subscription, ...], _NotEmpty] = ()
    group_above: Annotated[int, Field(ge=1, lt=10**9)] = GROUP_ABOVE


_KEYS: Mapping[int, type[_Entry]] = {1: _File, 3: _Channel}
_Path = tuple[str | int, ...]


@dataclass(slots=True, kw_only=True)
class _Tree:
    """The file as lists, mappings and texts, and the line of each value and of each key."""

    value: Any = None
    lines: dict[_Path, int] = field(default_factory=dict)
    key_lines: dict[_Path, int] = field(default_factory=dict)
    mistakes: list[tuple[int, str]] = field(default_factory=list)

    @classmethod
    def read(cls, root: yaml.Node) -> _Tree:
        tree = cls()
        tree.value = tree._taken(root, (), set())
        return tree

    def _taken(self, node: yaml.Node, path: _Path, seen: set[int]) -> Any:
        self.lines[path] = node.start_mark.line + 1
        if not isinstance(node, yaml.ScalarNode):
            if id(node) in seen:  # an alias: ten of ten of ten are a thousand
                self.mistakes.append((self.lines[path], f"{_written(path)}: repeats another part; write it out"))
                return None
            seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self._taken(one, (*path, at), seen) for at, one in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            return None if node.tag == "tag:yaml.org,2002:null" else str(node.value).strip()
        found: dict[str, Any] = {}
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            if name in found:
                where = _written((*path, name))
                self.mistakes.append((key.start_mark.line + 1, f"{where}: stands twice; keep one of them"))
            else:
                self.key_lines[*path, name] = key.start_mark.line + 1
                found[name] = self._taken(value, (*path, name), seen)
        return found

    def describe(self, mistake: ErrorDetails) -> str:
        """A mistake with its line, its key, what was found and what to do."""
        path: _Path = tuple(part for part in mistake["loc"] if part != "[key]")
        lines = self.key_lines if mistake["type"] == "extra_forbidden" else self.lines
        line = lines.get(path) or self.lines[path[:-1]]
        where = _written(path) or "the file"
        found = mistake.get("input")
        given = mistake.get("ctx", {})
        match mistake["type"]:
            case "mistake":
                details, todo = given["found"], given["todo"]
            case "missing":
                where, details, todo = _written(path[:-1]), f"has no {path[-1]}", f"say which {path[-1]}"
            case "extra_forbidden":
                entry = _KEYS.get(len(path), _Channel) if path[0] == "channels" or len(path) == 1 else _Subscription
                details, todo = "no such key", _nearest(str(path[-1]), tuple(entry.model_fields))
            case "literal_error" if isinstance(found, str) and found:
                details, todo = f"{found!r} is unknown", _nearest(found, re.findall(r"'([^']+)'", given["expected"]))
            case "too_short":
                details, todo = "is empty", "leave the key out, or name something"
            case "tuple_type" | "frozen_set_type":
                details, todo = "expected a list", "write it as [a, b] or as lines that begin with a dash"
            case "model_type" | "dict_type":
                details, todo = "expected keys with values", "write key: value lines below it"
            case "literal_error" | "string_type" | "string_too_short":
                details, todo = "expected one word or number", "give a single value"
            case _:
                least = given.get("ge", 0)
                details, todo = f"{found!r} is no number from {least:g} on", "give a plain number"
        return f"line {line}: {where}: {details}; {todo}"


def _written(path: _Path) -> str:
    """A path for messages: ``subscriptions[1].kinds``, counted from 1."""
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def _nearest(word: str, words: Sequence[str]) -> str:
    near = get_close_matches(word, words, n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(words)}" if words else "none is declared"
