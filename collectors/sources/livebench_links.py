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

from collectors.contract import Access, Drifted, Page, Row, Source
from collectors.read import js_literal, written

_REPO = re.compile(r"https://huggingface\.co/([\w.-]+/[\w.-]+)/?")


def _entries(page: Page) -> dict[str, dict[str, Any]]:
    """Name as the tables have it -> what is said of it; a bare address counts as ``url``."""
    start = re.search(r"\bmodelLinks\s*=\s*(?=\{)", page.text)
    if start is None:
        raise Drifted(page.url, "no modelLinks object", expected="export const modelLinks = {...}")
    found: dict[str, dict[str, Any]] = {}
    for name, links in js_literal(page, page.text[start.end() :]).items():
        entry: dict[str, Any] = {"url": links} if isinstance(links, str) else links
        found[name] = entry
        for variant in entry.get("variants") or ():
            found[variant["rawName"]] = {**entry, **variant}
    return found


def parse(page: Page) -> Iterator[Row]:
    entries = _entries(page)
    flagged = any("openweight" in entry for entry in entries.values())
    for name, entry in entries.items():
        repo = _REPO.fullmatch(str(entry.get("url") or ""))
        if not flagged and not repo:
            continue
        yield Access(
            name=name,
            open=entry.get("openweight") is True if flagged else None,
            evidence="board flag",
            repo=repo.group(1) if repo else "",
            developer=str(entry.get("organization") or ""),
            written=written({"name": name, **{key: entry.get(key) for key in ("url", "organization", "openweight")}}),
        )


SOURCE = Source(
    name="livebench-links",
    title="LiveBench model list",
    kind="metadata",
    homepage="https://livebench.ai/",
    licence="none stated",
    attribution="LiveBench (https://livebench.ai)",
    start=("https://raw.githubusercontent.com/LiveBench/livebench.github.io/main/src/Table/modelLinks.js",),
    hosts=frozenset({"raw.githubusercontent.com"}),
    parse=parse,
    cadence_days=7,
)
