"""LiveBench's model list: organisation and openness of every model of its tables.

A JavaScript module: an object keyed by the tables' model names, followed by code that is not data.
Since 2025-12 an entry may have ``variants`` (efforts), whose ``rawName`` is what the tables say;
a variant takes over its entry's flag unless it has one.

``openweight: true`` marks open weights and is left out otherwise.  The flag came on 2025-08-06; before,
an entry had an address and an organisation, and until 2024-12 no more than an address.  A page that never
says ``openweight`` states nothing about openness: it yields Hub repositories without a verdict.
``version`` is the stamp of an API name and no release date; it is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Access, Row
from collectors.contract.source import Source
from collectors.entries import RowFault, guarded, named_entries, parts, text, truth
from collectors.read.cells import written
from collectors.read.documents import js_literal
from collectors.read.faults import Fault
from collectors.sanitize import name_fault

_REPO = re.compile(r"https://huggingface\.co/([\w.-]+/[\w.-]+)/?")


def _entries(page: Page) -> dict[str, dict[str, Any]]:
    """Name as in the tables -> its entry; a bare address counts as ``url``."""
    start = re.search(r"\bmodelLinks\s*=\s*(?=\{)", page.text)
    if start is None:
        raise Drifted(page.url, "no modelLinks object", expected="export const modelLinks = {...}")
    literal = js_literal(page, page.text[start.end() :])
    as_objects = {name: _as_object(entry) for name, entry in literal.items()} if isinstance(literal, dict) else literal
    return named_entries(page, as_objects, "an object of models")


def _as_object(entry: object) -> object:
    return {"url": entry} if isinstance(entry, str) and not isinstance(entry, Fault) else entry


def parse(page: Page) -> Iterator[Row]:
    entries = _entries(page)
    flagged = any("openweight" in one for entry in entries.values() for one in (entry, *_variants(entry)))
    stated: dict[str, Row] = {}
    for name, entry in entries.items():
        for row in guarded(_model(name, entry, flagged), entry, name=name):
            if isinstance(row, Access):
                stated[row.name] = row  # a name that is stated again is stated anew
            else:
                yield row
    yield from stated.values()


def _variants(entry: dict[str, Any]) -> list[dict[str, Any]]:
    found = entry.get("variants")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _model(name: str, entry: dict[str, Any], flagged: bool) -> Iterator[Row]:
    yield from _access(name, entry, flagged)
    for variant in parts(entry, "variants"):
        yield from _access(text(variant, "rawName"), {**entry, **variant}, flagged)


def _access(name: str, entry: dict[str, Any], flagged: bool) -> Iterator[Row]:
    if fault := name_fault(name):
        raise RowFault("name", fault, "a name of plain characters")
    repo = _REPO.fullmatch(text(entry, "url"))
    if not flagged and not repo:
        return
    yield Access(
        name=name,
        open=truth(entry, "openweight") is True if flagged else None,
        evidence="board flag",
        repo=repo.group(1) if repo else "",
        developer=text(entry, "organization"),
        written=written({"name": name, **{key: entry.get(key) for key in ("url", "organization", "openweight")}}),
    )


SOURCE = Source(
    name="livebench-links",
    title="LiveBench model list",
    kind="metadata",
    homepage="https://livebench.ai/",
    licence="none stated",
    attribution="LiveBench (https://livebench.ai)",
    operator="LiveBench",
    start=("https://raw.githubusercontent.com/LiveBench/livebench.github.io/main/src/Table/modelLinks.js",),
    hosts=frozenset({"raw.githubusercontent.com"}),
    parse=parse,
    cadence_days=7,
)
