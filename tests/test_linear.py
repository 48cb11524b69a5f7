"""Twice the input takes twice the time, not four times: every format with what made it slow, every collector.

Processor time is measured, so that a busy machine changes nothing, and a quadratic step shows four times and more.
"""

from __future__ import annotations

import copy
import dataclasses
import gc
import json
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mutations import ROWS, _places, page_of
from test_sources import CASES, source_of

from collectors.contract.errors import SourceError
from collectors.contract.pages import Page
from collectors.parsing import read_page
from collectors.read.documents import js_literal, json_of, yaml_of
from collectors.read.markup import plain_text, soup
from collectors.read.tables import csv_rows, markdown_tables

FACTOR, SLACK = 3.2, 0.3
"""Twice the input may take this many times as long, and seconds more."""


def seconds(work: Callable[[], object]) -> float:
    """Processor seconds; a refusal is an answer too."""
    gc.collect()
    began = time.process_time()
    with suppress(SourceError):
        work()
    return time.process_time() - began


def page(text: str) -> Page:
    return Page(url="https://example.org/page", body=text.encode(), fetched_at=datetime(2026, 6, 14, tzinfo=UTC))


FORMATS: dict[str, tuple[Callable[[Page], object], Callable[[int], str]]] = {
    "JSON: one key again and again": (json_of, lambda n: "{" + ",".join(f'"k":{at}' for at in range(n)) + "}"),
    "JSON: every key twice": (json_of, lambda n: "{" + ",".join(f'"k{at // 2}":{at}' for at in range(n)) + "}"),
    "YAML: sexagesimals": (yaml_of, lambda n: "- " + "1:" * n + "1\n"),
    "YAML: rows": (yaml_of, lambda n: "- name: a\n  value: 1\n" * (n // 4)),
    "YAML: one key again and again": (yaml_of, lambda n: "a: 1\n" * (n // 4)),
    "CSV: rows": (lambda p: csv_rows(p, ["a"]), lambda n: "a,b\n" + "1,2\n" * n),
    "CSV: rows too long": (lambda p: csv_rows(p, ["a"]), lambda n: "a,b\n" + "1,2,3\n" * n),
    "Markdown: nothing but separators": (lambda p: list(markdown_tables(p.text)), lambda n: "|-|\n" * (n // 2)),
    "Markdown: rows": (lambda p: list(markdown_tables(p.text)), lambda n: "|a|\n|-|\n" + "|1|\n" * (n // 2)),
    "HTML: open paragraphs": (soup, lambda n: "<p>" * n),
    "HTML: deep, and below the limit": (soup, lambda n: "<b>" * 200 + "<i>x</i>" * (n // 8)),
    "HTML: tags that never end": (soup, lambda n: "<a " * n),
    "HTML: comments that never end": (soup, lambda n: "<!--x>" * n),
    "HTML: marked sections": (soup, lambda n: "<![x[" * n),
    "HTML: closing tags": (soup, lambda n: "<div>" * 200 + "</p>" * (n // 4)),
    "HTML: declarations": (soup, lambda n: "<!x" * n + ">"),
    "text: tags that never end": (lambda p: plain_text(p.text), lambda n: "<a " * n),
    "text: comments that never end": (lambda p: plain_text(p.text), lambda n: "<!--" * n),
    "JavaScript: rows": (lambda p: js_literal(p, p.text), lambda n: "[" + "{a: 'b', c: 1}," * (n // 8) + "]"),
    "JavaScript: comments that never end": (lambda p: js_literal(p, p.text), lambda n: "[1, /*" + " /*" * n),
}


@pytest.mark.parametrize("what", FORMATS)
def test_twice_the_text_takes_twice_the_time(what: str) -> None:
    read, text = FORMATS[what]
    once, twice = page(text(16_000)), page(text(32_000))
    assert seconds(lambda: read(twice)) <= FACTOR * seconds(lambda: read(once)) + SLACK


# --- collectors ---------------------------------------------------------------------------------


def repeated(name: str, kind: str, text: str, times: int) -> str:
    """A fixture with its rows many times over, or with more of what its format repeats."""
    if kind == "json":
        top = json.loads(text)
        for path in ROWS.get(name, ("*",)):
            for container, key in list(_places(top, path.split("."))):
                row = container[key]
                if isinstance(container, list):
                    container.extend(copy.copy(row) for _ in range(times))
                else:
                    container.update({f"{key}-{at}": row for at in range(times)})
        return json.dumps(top)
    ends = {"xml": ("<item", "</item>"), "html": ("<tr", "</tr>")}
    if kind in ends:
        begin, end = ends[kind]
        start = text.rfind(begin)
        stop = text.find(end, start) + len(end)
        piece = text[start:stop] if 0 <= start < stop else "<p>x</p>"
        at = stop if 0 <= start < stop else text.rfind("</")
        return text[:at] + piece * times + text[at:]
    lines = text.rstrip("\n").split("\n")
    if kind in ("yml", "yaml"):
        starts = [at for at, line in enumerate(lines) if line.lstrip().startswith("- ")]
        return "\n".join([*lines, *lines[starts[-1] :] * times, ""])
    if kind == "md":
        at = max(n for n, line in enumerate(lines) if line.startswith("|"))
        return "\n".join([*lines[:at], *[lines[at]] * times, *lines[at:], ""])
    return "\n".join([*lines, *[lines[-1]] * times, ""])


FIRST = list({case.parent.name: case for case in reversed(CASES)}.values())[::-1]
"""One page of each source."""


@pytest.mark.parametrize("case", FIRST, ids=lambda c: f"{c.parent.name}-{c.name}")
def test_twice_the_rows_take_twice_the_time(case: Path) -> None:
    whole, source = page_of(case), source_of(case)
    file = next(one for one in case.iterdir() if one.name not in ("case.toml", "rows.jsonl"))
    text = whole.body.decode("utf-8-sig")
    times = 150
    once, twice = (
        dataclasses.replace(whole, body=repeated(source.name, file.suffix[1:], text, n).encode())
        for n in (times, 2 * times)
    )
    assert seconds(lambda: read_page(source, twice)) <= FACTOR * seconds(lambda: read_page(source, once)) + SLACK
