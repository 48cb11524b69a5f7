"""Who wants to hear of what, and where: one file, checked as a whole before anything is done.

A mistake in this file is a lost alert, so nothing is forgiven: an unknown key, an unknown word, a variable that is
not set.  Every complaint names file, line and key, and the nearest word that exists.  Addresses and signing secrets
come from the environment as ``${NAME}``; what they hold is never written anywhere.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import unquote, urlsplit

import yaml

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
    """The file cannot be used; one line a mistake, each with file, line and key."""

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
    """Which events go to which channels; what is empty does not narrow."""

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
    return _ConfigParser(name, lookup, known or {}).alerts(root)


_CHANNEL = ("url", "webhook", "secret", "form", "group")
_SUBSCRIPTION = (
    "channels",
    "kinds",
    "from_state",
    "grades",
    "tiers",
    "domains",
    "boards",
    "models",
    "labs",
    "uncounted",
    "days_at_most",
    "lag_moved",
    "gap_moved",
    "stale_days",
)
_TOP = ("channels", "subscriptions", "group_above")


class _ConfigParser:
    """Reads nodes, so that each mistake has its line; collects all of them."""

    def __init__(self, name: str, lookup: Lookup, known: Mapping[str, frozenset[str]]) -> None:
        self.name, self.lookup, self.known = name, lookup, known
        self.mistakes: list[str] = []
        self.hidden: set[str] = set()

    def wrong(self, node: yaml.Node, key: str, found: str, todo: str) -> None:
        self.mistakes.append(f"{self.name} line {node.start_mark.line + 1}: {key}: {found}; {todo}")

    def alerts(self, root: yaml.Node | None) -> Alerts:
        if root is None:
            return NONE
        top = self.mapping(root, "the file", _TOP)
        channels: dict[str, Channel] = {}
        for name, node in self.mapping(top["channels"], "channels", None).items() if "channels" in top else ():
            if not _NAME.fullmatch(name) or name in _RESERVED:
                self.wrong(node, f"channels.{name}", "no usable name", "use up to 40 small letters, digits and dashes")
            channels[name] = self.channel(name, node)
        subscriptions = []
        if "subscriptions" in top:
            for number, node in enumerate(self.sequence(top["subscriptions"], "subscriptions"), 1):
                subscriptions.append(self.subscription(f"subscriptions[{number}]", node, channels))
        above = self.number(top["group_above"], "group_above", least=1, whole=True) if "group_above" in top else None
        if self.mistakes:
            raise BadAlerts(self.mistakes)
        return Alerts(
            channels=channels,
            subscriptions=tuple(subscriptions),
            group_above=GROUP_ABOVE if above is None else int(above),
            hidden=frozenset(self.hidden),
        )

    def channel(self, name: str, node: yaml.Node) -> Channel:
        where = f"channels.{name}"
        settings = self.mapping(node, where, _CHANNEL)
        if ("url" in settings) == ("webhook" in settings):
            self.wrong(node, where, "needs one of url and webhook", "give an Apprise url or a webhook address")
        if ("webhook" in settings) != ("secret" in settings):
            self.wrong(node, where, "webhook and secret go together", "give both, the secret as ${NAME}")
        url = self.expanded(settings["url"], f"{where}.url") if "url" in settings else ""
        if "url" in settings and url and not re.match(r"[a-z][a-z0-9+.-]*://.", url):
            self.wrong(settings["url"], f"{where}.url", "is no address", "give one like ntfys://ntfy.sh/topic")
        form: Form | None = None
        if "form" in settings and (word := self.word(settings["form"], f"{where}.form", get_args(Form))):
            form = word  # type: ignore[assignment]
        return Channel(
            name=name,
            url=url,
            webhook=self.endpoint(settings["webhook"], f"{where}.webhook") if "webhook" in settings else "",
            secrets=self.secrets(settings["secret"], f"{where}.secret") if "secret" in settings else (),
            form=form,
            group=self.flag(settings["group"], f"{where}.group") if "group" in settings else "url" in settings,
        )

    def endpoint(self, node: yaml.Node, key: str) -> str:
        address = self.expanded(node, key)
        parts = urlsplit(address) if address else None
        try:
            host = parts.hostname if parts else None
        except ValueError:
            host = None
        if parts and (not host or not (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK))):
            self.wrong(node, key, "is no https address", "give one like https://host/path (http only to this machine)")
        return address

    def secrets(self, node: yaml.Node, key: str) -> tuple[str, ...]:
        if isinstance(node, yaml.ScalarNode) and not re.fullmatch(rf"(\s*{_VARIABLE.pattern}\s*)+", node.value):
            self.wrong(node, key, "holds a secret in the open", "put it into the environment and write ${NAME} here")
            return ()
        found = tuple(self.expanded(node, key).split())
        for one in found:
            try:
                usable = len(base64.b64decode(one.removeprefix("whsec_") + "==", validate=False)) >= 16
            except (binascii.Error, ValueError):
                usable = False
            if not usable:
                self.wrong(node, key, "is no signing secret", "give whsec_ and at least 24 bytes in base64")
            self.hidden.add(one)
            self.hidden.add(one.removeprefix("whsec_"))
        return found

    def subscription(self, where: str, node: yaml.Node, channels: Mapping[str, Channel]) -> Subscription:
        settings = self.mapping(node, where, _SUBSCRIPTION)
        for key in ("channels", "kinds"):
            if key not in settings:
                self.wrong(node, where, f"has no {key}", f"say which {key}")
        given: dict[str, object] = {}
        lists: Mapping[str, Sequence[str] | None] = {
            "channels": tuple(channels),
            "kinds": KINDS,
            "grades": ("parity", "lead"),
            "tiers": ("any", "T1"),
            "domains": self._known("domains"),
            "boards": self._known("boards"),
            "labs": self._known("labs"),
            "models": None,
        }
        for key, words in lists.items():
            if key in settings:
                chosen = self.words(settings[key], f"{where}.{key}", words)
                given[key] = tuple(chosen) if key in ("channels", "models") else frozenset(chosen)
        if "from_state" in settings:
            given["from_state"] = (
                self.word(settings["from_state"], f"{where}.from_state", get_args(State)) or "confirmed"
            )
        if "uncounted" in settings:
            given["uncounted"] = self.flag(settings["uncounted"], f"{where}.uncounted")
        for key in ("days_at_most", "lag_moved", "gap_moved"):
            if key in settings:
                given[key] = self.number(settings[key], f"{where}.{key}", least=0) or 0
        if "stale_days" in settings:
            given["stale_days"] = int(
                self.number(settings["stale_days"], f"{where}.stale_days", least=3, whole=True) or 3
            )
        given.setdefault("channels", ())
        given.setdefault("kinds", frozenset())
        return Subscription(**given)  # type: ignore[arg-type]

    def _known(self, what: str) -> Sequence[str] | None:
        return tuple(sorted(self.known[what])) if what in self.known else None

    # --- nodes --------------------------------------------------------------------------------

    def mapping(self, node: yaml.Node, where: str, keys: Sequence[str] | None) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, where, "expected keys with values", "write key: value lines below it")
            return {}
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else "?"
            if keys is not None and name not in keys:
                self.wrong(key, name, f"no such key in {where}", _nearest(name, keys))
            elif name in found:
                self.wrong(key, name, f"stands twice in {where}", "keep one of them")
            else:
                found[name] = value
        return found

    def sequence(self, node: yaml.Node, where: str) -> list[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode):
            self.wrong(node, where, "expected a list", "write it as [a, b] or as lines that begin with a dash")
            return []
        if not node.value:
            self.wrong(node, where, "is empty", "leave the key out, or name something")
        return list(node.value)

    def scalar(self, node: yaml.Node, where: str) -> str | None:
        if not isinstance(node, yaml.ScalarNode) or node.tag == "tag:yaml.org,2002:null" or not node.value.strip():
            self.wrong(node, where, "expected one word or number", "give a single value")
            return None
        return str(node.value)

    def word(self, node: yaml.Node, where: str, words: Sequence[str] | None) -> str | None:
        text = self.scalar(node, where)
        if text is not None and words is not None and text not in words:
            self.wrong(node, where, f"{text!r} is unknown", _nearest(text, words))
            return None
        return text

    def words(self, node: yaml.Node, where: str, words: Sequence[str] | None) -> list[str]:
        return [w for one in self.sequence(node, where) if (w := self.word(one, where, words)) is not None]

    def flag(self, node: yaml.Node, where: str) -> bool:
        text = self.scalar(node, where)
        if text is not None and text not in ("true", "false"):
            self.wrong(node, where, f"{text!r} is neither true nor false", "write true or false")
        return text == "true"

    def number(self, node: yaml.Node, where: str, *, least: float, whole: bool = False) -> float | None:
        text = self.scalar(node, where)
        if text is None:
            return None
        if not re.fullmatch(r"[0-9]{1,9}" if whole else r"[0-9]{1,9}(\.[0-9]{1,9})?", text) or float(text) < least:
            self.wrong(node, where, f"{text!r} is no number from {least:g} on", "give a plain number")
            return None
        return float(text)

    def expanded(self, node: yaml.Node, where: str) -> str:
        text = self.scalar(node, where)
        if text is None:
            return ""
        lacking = [name for name in _VARIABLE.findall(text) if not self.lookup(name)]
        for name in lacking:
            self.wrong(node, where, f"the environment has no {name}", f"set {name}, or take the channel out")
        if lacking:
            return ""
        if "$" in _VARIABLE.sub("", text):
            self.wrong(node, where, "has a $ that names no variable", "write ${NAME}, or %24 for a dollar sign")
        for name in _VARIABLE.findall(text):
            self._hide(self.lookup(name) or "")
        whole = _VARIABLE.sub(lambda match: self.lookup(match.group(1)) or "", text)
        self._hide(whole)
        return whole

    def _hide(self, value: str) -> None:
        """A value, and the parts of it that an error message could name alone."""
        parts = re.split(r"[/:@?&=\s]+", value)
        self.hidden.update(one for one in (value, unquote(value)) if len(one) >= 4)
        self.hidden.update(one for part in parts for one in (part, unquote(part)) if len(one) >= 8 and "." not in one)


def _nearest(word: str, words: Sequence[str]) -> str:
    near = get_close_matches(word, words, n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(words)}" if words else "none is declared"
