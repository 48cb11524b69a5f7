"""Nested data of a page: JSON, YAML and literals of JavaScript, read with the same strictness.

A fault of the document is `Drifted`.  A fault of one value (one key twice with two values, NaN) is a `Fault` in its
place; `collectors.entries` quarantines the row that contains it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

import yaml

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.read.faults import NOT_UTF8, Fault
from collectors.sanitize import NOT_UTF8_MARK

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML without libyaml: ten times slower
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

MAX_DEPTH = 100
"""Most levels of nested objects and lists; no page of data needs more than ten."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; a key that occurs twice with two values has a `Fault` (the same value twice is no contradiction)."""
    found = dict(pairs)
    if len(found) != len(pairs):
        first: dict[str, Any] = {}
        for key, value in pairs:
            if key not in first:
                first[key] = value
            elif first[key] != value:
                found[key] = Fault(f"key {key[:60]!r} stands twice")
    return found


def _constant(text: str) -> Fault:
    return Fault(f"{text} is no number")


def _whole_number(digits: str) -> int | Fault:
    return int(digits) if len(digits) <= 400 else Fault(f"a number of {len(digits)} digits")


def json_of(page: Page, text: str | None = None) -> Any:
    """The page (or one ``text`` of it) as JSON; deep nesting or a cut document is `Drifted`.

    A `Fault` replaces NaN and the infinities, a key that occurs twice, a number of hundreds of digits, a text with a
    byte that is not UTF-8, and half a surrogate pair, which a site leaves where it cuts an emoji in two.  A line end or
    control character inside a text is no reason to refuse the document.
    """
    text = page.marked_text if text is None else text
    try:
        try:
            value = json.loads(text, strict=False, parse_constant=_constant, object_pairs_hook=_object)
        except json.JSONDecodeError:
            raise
        except ValueError:  # a number longer than Python takes; the hook is slow, so it is set only then
            value = json.loads(
                text, strict=False, parse_constant=_constant, parse_int=_whole_number, object_pairs_hook=_object
            )
        if NOT_UTF8_MARK in text or re.search(r"\\u[dD][89a-fA-F]", text):
            value = _whole_text(value)
    except (ValueError, RecursionError) as error:
        raise Drifted(
            page.url,
            f"not JSON: {error}" if isinstance(error, ValueError) else "JSON nested too deep",
            expected="one whole JSON document",
            todo="compare the archived page with last good; the site may have published a broken file",
        ) from error
    if isinstance(value, Fault):
        raise Drifted(page.url, f"not JSON: {value.reason}", expected="one whole JSON document")
    return value


def _whole_text(value: Any) -> Any:
    """The value, with a `Fault` in place of every text that has half a surrogate pair or a stray byte."""
    if isinstance(value, dict):
        return {
            key.encode("utf-8", "replace").decode(): Fault(NOT_UTF8) if NOT_UTF8_MARK in key else _whole_text(one)
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [_whole_text(one) for one in value]
    if isinstance(value, str) and not isinstance(value, Fault):
        if NOT_UTF8_MARK in value:
            return Fault(NOT_UTF8)
        if any("\ud800" <= c <= "\udfff" for c in value):
            return Fault("half a surrogate pair")
    return value


_FORBIDDEN_IN_YAML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")
"""Characters that YAML does not take, and line ends that JSON and CSV take for characters of a text."""


def yaml_of(page: Page) -> Any:
    """The page as YAML; more than one document is `Drifted`.

    A scalar is the text as written, or None where it is empty, ``~`` or ``null``; collectors convert it.  YAML's types
    would turn ``1:30`` into 90, ``no`` into false and ``010`` into 8.  A `Fault` replaces a key that occurs twice or is
    no text, what an alias, a merge or a tag stands for (none is ever unfolded), and what JSON has a `Fault` for.
    """
    text = _FORBIDDEN_IN_YAML.sub(NOT_UTF8_MARK, page.marked_text)
    text = re.sub(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}", rf"\\u{ord(NOT_UTF8_MARK):04x}", text)
    try:
        value = _whole_text(_from_events(yaml.parse(text, Loader=Loader)))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise Drifted(
            page.url,
            f"not plain YAML: {str(error).splitlines()[0]}",
            expected="one YAML document without aliases and tags",
        ) from error
    if isinstance(value, Fault):
        raise Drifted(page.url, f"not plain YAML: {value.reason}", expected="one YAML document without tags")
    return value


def _from_events(events: Iterable[yaml.Event]) -> Any:
    """The one document of a stream of parsing events, in one pass and without recursion."""
    documents: list[Any] = []
    open_nodes: list[tuple[yaml.CollectionStartEvent | None, list[Any]]] = [(None, documents)]
    for event in events:
        if isinstance(event, yaml.ScalarEvent):
            empty = not event.style and event.value in ("", "~", "null", "Null", "NULL")
            open_nodes[-1][1].append(_tag_fault(event) or (None if empty else event.value))
        elif isinstance(event, yaml.CollectionStartEvent):
            if len(open_nodes) > MAX_DEPTH:
                raise yaml.YAMLError(f"nested deeper than {MAX_DEPTH}")
            open_nodes.append((event, []))
        elif isinstance(event, yaml.CollectionEndEvent):
            start, inner = open_nodes.pop()
            made = _mapping(inner) if isinstance(start, yaml.MappingStartEvent) else inner
            open_nodes[-1][1].append((start and _tag_fault(start)) or made)
        elif isinstance(event, yaml.AliasEvent):
            open_nodes[-1][1].append(Fault("an alias in a data file"))
        elif isinstance(event, yaml.DocumentStartEvent) and documents:
            raise yaml.YAMLError("a second document")
    return documents[0] if documents else None


def _tag_fault(event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> Fault | None:
    return None if event.tag in (None, "!") else Fault(f"a tag {event.tag[:60]!r} in a data file")


def _mapping(inner: list[Any]) -> dict[str, Any]:
    """The object of keys and values in turn; what a merge or a key that is no text may mean is a `Fault`."""
    pairs = list(zip(inner[::2], inner[1::2], strict=True))
    odd = [key for key, _ in pairs if not isinstance(key, str) or isinstance(key, Fault) or key == "<<"]
    made = _object([(key, value) for key, value in pairs if key not in odd])
    return {**made, "": Fault(f"a key that is no text: {str(odd[0])[:60]!r}")} if odd else made


def js_literal(page: Page, text: str) -> Any:
    """The first JavaScript literal of ``text`` as data: comments, bare keys, single quotes, trailing commas.

    A tokenizer, not an evaluator: anything that is not literal data is `Drifted`, a bare name too.
    """
    out: list[str] = []
    bare = ""
    at = depth = 0
    token = re.compile(
        r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)"""
        r"""|(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\$]|\\.)*`)"""
        r"""|(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"""
        r"""|(?P<endless>[+-]?(?:Infinity|NaN)\b)"""
        r"""|(?P<word>[A-Za-z_$][\w$]*)"""
        r"""|(?P<mark>[{}\[\]:,])""",
        re.DOTALL,
    )
    while at < len(text):
        match = token.match(text, at)
        if match is None:
            break
        at = match.end()
        piece = match.group()
        if match.lastgroup == "space":
            continue
        if piece == ":" and bare:
            out[-1] = json.dumps(bare)
        bare = piece if match.lastgroup in ("word", "number", "endless") else ""
        if match.lastgroup == "string":
            out.append(json.dumps(_unescape(piece[1:-1])))
        elif match.lastgroup == "endless":
            out.append(piece.lstrip("+").replace("-NaN", "NaN"))
        elif match.lastgroup == "number":
            plain_integer = re.fullmatch(r"-?(0|[1-9]\d{0,400})", piece)
            out.append(piece if plain_integer else repr(float(piece)).replace("inf", "Infinity"))
        elif match.lastgroup == "word":
            out.append({"true": "true", "false": "false", "null": "null", "undefined": "null"}.get(piece, piece))
        else:
            if piece in "}]" and out[-1:] == [","] and out[-2:-1] not in (["{"], ["["], [","]):
                out.pop()
            out.append(piece)
            depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(piece, 0)
            if piece in "}]" and depth == 0:
                break
    try:
        return _whole_text(json.loads(" ".join(out), parse_constant=_constant, object_pairs_hook=_object))
    except (ValueError, RecursionError) as error:
        raise Drifted(
            page.url, f"not a JavaScript literal near {text[max(0, at - 30) : at + 30]!r}", expected="a data literal"
        ) from error


def _unescape(body: str) -> str:
    simple = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": ""}

    def plain(match: re.Match[str]) -> str:
        code = match.group(2) or match.group(3)
        return chr(int(code, 16)) if code else simple.get(match.group(1), match.group(1))

    text = re.sub(r"\\(u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|.)", plain, body, flags=re.DOTALL)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
