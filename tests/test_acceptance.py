"""Every collector on pages broken in every way: it refuses, or accounts for its rows; it never says a wrong number.

A page is right when read whole (``rows.jsonl``); every broken copy of it must raise a `SourceError` or give rows that
`read_page` adds up, of which each value is one that the whole page gives to the same model.
"""

from __future__ import annotations

import csv
import dataclasses
import html
import io
import json
import math
import re
import time
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from mutations import KEYSTONES, page_of
from test_sources import CASES, source_of

from collectors.contract.errors import SourceError
from collectors.contract.rows import (
    REPAIRED,
    Access,
    Excluded,
    Get,
    Price,
    Quarantined,
    Release,
    Row,
    Score,
    Spec,
    Tally,
)
from collectors.parsing import read_page
from collectors.registry import sources
from collectors.sanitize import name_fault
from tests.tools.hostile import HOSTILE

CUTS = 20
"""Points at which a page is cut, evenly spread; as many more over its last bytes."""

SECONDS = 2.0
"""No page of a few kilobytes, whatever is in it, may take longer to read."""

NO_PAGES = {
    "challenge": b"<!doctype html><html><head><title>Just a moment...</title></head><body></body></html>",
    "consent": b"<html><body><h1>Before you continue</h1><form><button>Accept all</button></form></body></html>",
    "login": b"<html><head><title>Sign in</title></head><body><form><input name='password'></form></body></html>",
    "maintenance": b"<html><body><h1>We'll be back soon!</h1><p>Scheduled maintenance.</p></body></html>",
    "error as text": b"429 Too Many Requests\n",
    "error as JSON": b'{"error": {"code": 503, "message": "try again"}}',
    "skeleton": b"<html><body><table><tr><th></th><th></th></tr>"
    + b"<tr><td></td><td></td></tr>" * 10
    + b"</table></body></html>",
    "another board": b"rank,player,elo\n1,Magnus,2839\n2,Hikaru,2802\n",
    "another README": b"# Project\n\n| Col | Value |\n|---|---|\n| a | 1 |\n",
    "another feed": b'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title></channel></rss>',
    "null": b"null",
    "number": b"1e999",
    "text": b'"ok"',
    "empty rows": b"[{}]",
    "nested": b"[[[]]]",
    "zero byte": b"\x00",
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + b"\xab" * 40,
    "utf-16": "model,score\nGPT-4,87.5\n".encode("utf-16"),
}
BAD_NUMBERS = (
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999",
    "-1e999",
    "inf",
    "9" * 400,
    "87,5",
    "N/A",
    "1e309",
    "0x1F",
    "--",
)
BY_SOURCE = sorted({case.parent.name for case in CASES})
PROSE = ("written", "developer")
Key = tuple[str, str, str, str]


@cache
def cases(source: str) -> tuple[Path, ...]:
    return tuple(case for case in CASES if case.parent.name == source)


@cache
def kind(case: Path) -> str:
    """What the page is, by its file: csv, json, html, md, ..."""
    return str(tomllib.loads((case / "case.toml").read_text("utf-8"))["file"]).rsplit(".", 1)[-1]


@cache
def whole(case: Path) -> tuple[Row, ...]:
    return read_page(source_of(case), page_of(case))


def result(rows: tuple[Row, ...]) -> dict[Key, set[tuple[float, object]]]:
    """The values by board, edition, name and configuration (a name may stand for several dates)."""
    found: defaultdict[Key, set[tuple[float, object]]] = defaultdict(set)
    for row in rows:
        if isinstance(row, Score):
            found[row.board, row.edition, row.name, row.variant].add((row.value, row.scored_on))
    return dict(found)


def read(case: Path, body: bytes) -> tuple[Row, ...]:
    """The rows of a broken page, none where it was refused; anything but a `SourceError` is a failure of ours."""
    began = time.process_time()
    page = dataclasses.replace(page_of(case), body=body)
    try:
        rows = read_page(source_of(case), page)
    except SourceError as error:
        assert error.source == case.parent.name
        assert page.url in str(error)
        rows = ()
    assert time.process_time() - began < SECONDS, f"{len(body)} bytes took too long"
    return rows


def sound(rows: tuple[Row, ...]) -> None:
    """What holds for every row, whatever the page: finite numbers, names that are names."""
    for row in rows:
        numbers = [value for f in dataclasses.fields(row) if isinstance(value := getattr(row, f.name), float)]
        assert all(math.isfinite(value) for value in numbers), row
        if isinstance(row, Score | Access | Release | Price | Spec):
            assert not name_fault(row.name), row


def contradicted(case: Path, name: str) -> bool:
    """Whether the whole page refuses this name, say for two scores: of half a page it may be right to believe one."""
    return any(isinstance(row, Quarantined) and row.name == name for row in whole(case))


def no_wrong_number(case: Path, rows: tuple[Row, ...], *, renamed: str = "") -> None:
    """Each value is one that the whole page gives to the same model; ``renamed`` is a name that was replaced."""
    sound(rows)
    right = result(whole(case))
    values = {value for found in right.values() for value, _ in found}
    for (board, edition, name, variant), found in result(rows).items():
        if contradicted(case, name):
            continue
        same = {value for key, result_ in right.items() if key[:3] == (board, edition, name) for value, _ in result_}
        known = right.get((board, edition, name, variant))
        assert same or renamed, f"{name} is not on {board} {edition} of the whole page"
        assert {value for value, _ in found} <= ({value for value, _ in known} if known else same or values), (
            name,
            found,
        )


def facts(rows: tuple[Row, ...], *, but: tuple[str, ...] = ("written",)) -> set[tuple[object, ...]]:
    """What rows say, counts and links left out, without the text they were read from."""
    return {
        (type(row).__name__, *(getattr(row, f.name) for f in dataclasses.fields(row) if f.name not in but))
        for row in rows
        if not isinstance(row, Tally | Get)
    }


# --- what is no page ----------------------------------------------------------------------------


@pytest.mark.parametrize("source", BY_SOURCE)
def test_what_is_no_page_gives_no_row(source: str) -> None:
    for case in cases(source):
        for what, body in NO_PAGES.items():
            believed = [row for row in read(case, body) if not isinstance(row, Tally | Excluded | Quarantined)]
            assert not believed, what


def test_every_source_is_here() -> None:
    assert set(BY_SOURCE) == set(sources())


# --- cut pages ----------------------------------------------------------------------------------


def cut_points(size: int) -> list[int]:
    return sorted({size * n // (CUTS + 1) for n in range(1, CUTS + 1)} | {size - n for n in range(1, CUTS + 1)} - {0})


@pytest.mark.parametrize("source", BY_SOURCE)
def test_a_cut_page_says_nothing_that_the_whole_one_does_not(source: str) -> None:
    for case in cases(source):
        body = page_of(case).body
        for at in cut_points(len(body)):
            if body[:at].strip() == body.strip():
                continue
            rows = read(case, body[:at])
            no_wrong_number(case, rows)
            model_rows = tuple(row for row in rows if isinstance(row, Release | Price | Spec))
            assert facts(model_rows, but=PROSE) <= facts(whole(case), but=PROSE)
            for row in rows:
                if isinstance(row, Access) and not contradicted(case, row.name):
                    answer = {
                        known.open for known in whole(case) if isinstance(known, Access) and known.name == row.name
                    }
                    assert row.open in {*answer, None}, row


@pytest.mark.parametrize("case", [c for c in CASES if kind(c) == "csv"], ids=lambda c: f"{c.parent.name}-{c.name}")
def test_half_a_last_cell_is_no_number(case: Path) -> None:
    """The last line of a file without a line end, cut back byte by byte: 87.5, 87., 87, 8."""
    body = page_of(case).body.rstrip(b"\r\n")
    for at in range(len(body) - len(body.splitlines()[-1]) + 1, len(body)):
        no_wrong_number(case, read(case, body[:at]))


# --- encodings ----------------------------------------------------------------------------------


@pytest.mark.parametrize("codec", ["latin-1", "cp1252"])
@pytest.mark.parametrize("source", BY_SOURCE)
def test_misread_text_makes_no_new_model(source: str, codec: str) -> None:
    """UTF-8 read as another encoding and written again; an accent in a name gives it something to spoil."""
    for case in cases(source):
        name, body = renamed(case, "Modèle-7B")
        known = {row.name for row in whole(case) if isinstance(row, Score)}
        rows = read(case, body.decode(codec, "replace").encode())
        no_wrong_number(case, rows, renamed=name or "?")
        strange = {row.name for row in rows if isinstance(row, Score)} - known
        assert not strange, strange


def names(rows: tuple[Row, ...]) -> set[str]:
    return {row.name for row in rows if isinstance(row, Score)}


@pytest.mark.parametrize("source", BY_SOURCE)
def test_bytes_that_are_not_utf8_make_no_number_and_no_model(source: str) -> None:
    """A feed is repaired, with a note; of every other page the rows with such bytes are lost, or the page."""
    for case in cases(source):
        body = page_of(case).body
        for place in range(0, len(body), max(1, len(body) // CUTS)):
            rows = read(case, body[:place] + b"\xff\xfe\xc0\xaf" + body[place:])
            sound(rows)
            if source not in KEYSTONES:
                no_wrong_number(case, rows)
                assert names(rows) <= names(whole(case))
        rows = read(case, body.decode("utf-8-sig").encode("utf-16"))
        assert rows == () or any(isinstance(row, Quarantined) and row.field == REPAIRED for row in rows)


@pytest.mark.parametrize("source", BY_SOURCE)
def test_a_byte_order_mark_and_a_wrong_media_type_change_nothing(source: str) -> None:
    for case in cases(source):
        body = page_of(case).body
        if not body.startswith(b"\xef\xbb\xbf"):
            assert read(case, b"\xef\xbb\xbf" + body) == whole(case)
        for media in ("text/html", "image/png", "application/octet-stream", ""):
            page = dataclasses.replace(page_of(case), headers={"content-type": media})
            assert read_page(source_of(case), page) == whole(case)


@pytest.mark.parametrize("source", BY_SOURCE)
def test_line_ends_change_nothing(source: str) -> None:
    for case in cases(source):
        text = page_of(case).body.decode()
        if "\r" not in text and kind(case) in ("csv", "md", "json", "yml", "yaml"):
            assert facts(read(case, text.replace("\n", "\r\n").encode())) == facts(whole(case))


# --- hostile names ------------------------------------------------------------------------------


def written_in(case: Path, text: str) -> str:
    """A text as the source's own format would write it."""
    match kind(case):
        case "json" | "jsonl" | "js":
            return json.dumps(text, ensure_ascii=False)[1:-1]
        case "yml" | "yaml":
            return json.dumps(text, ensure_ascii=False)
        case "csv":
            return '"' + text.replace('"', '""') + '"'
        case "md":
            return text.replace("|", "\\|")
    return html.escape(text)


def renamed(case: Path, text: str) -> tuple[str, bytes]:
    """The first model's (or item's) name and the page on which it is called ``text``; no name: the page as it is."""
    body = page_of(case).body.decode("utf-8-sig")
    for row in whole(case):
        if isinstance(row, Excluded | Quarantined):
            continue  # a name may be the very reason why
        name = getattr(row, "name", "") or getattr(row, "title", "")
        quoted = re.search(rf'(?<![\w.-])"?{re.escape(name)}"?(?![\w.-])', body) if len(name) > 2 else None
        if quoted:
            as_cell = quoted.group() if kind(case) in ("csv", "yml", "yaml") else name
            return name, body.replace(as_cell, written_in(case, text)).encode("utf-8", "surrogatepass")
    return "", body.encode()


@pytest.mark.parametrize("source", BY_SOURCE)
def test_a_hostile_name_is_kept_as_it_is_or_set_aside(source: str) -> None:
    """Every hostile text as a model's name: verbatim or refused, and no other model's number moves."""
    for case in cases(source):
        for payload, hostile in HOSTILE.items():
            name, body = renamed(case, hostile)
            if not name:
                continue
            rows = read(case, body)
            no_wrong_number(case, rows, renamed=name)
            made = {row.name for row in rows if isinstance(row, Score)} - {
                row.name for row in whole(case) if isinstance(row, Score)
            }
            if kind(case) == "json" and made:
                assert all(hostile.strip()[:20] in new or new in hostile for new in made), (payload, made)


# --- hostile numbers ----------------------------------------------------------------------------


def spread(found: list[re.Match[str]], count: int) -> list[re.Match[str]]:
    return found if len(found) <= count else [found[n * len(found) // count] for n in range(count)]


@pytest.mark.parametrize("source", BY_SOURCE)
def test_a_number_that_is_none_costs_its_row_alone_or_the_page(source: str) -> None:
    """Numbers all over the page, one at a time: NaN, infinities, 400 digits, a decimal comma."""
    for case in cases(source):
        text = page_of(case).body.decode("utf-8-sig")
        places = spread(list(re.finditer(r"(?<![\w.#&-])-?\d+(?:\.\d+)?(?![\w.])", text)), 16)
        for at, place in enumerate(places):
            bad = BAD_NUMBERS[at % len(BAD_NUMBERS)]
            bad = f'"{bad}"' if bad == "87,5" and kind(case) == "csv" else bad
            no_wrong_number(case, read(case, (text[: place.start()] + bad + text[place.end() :]).encode()), renamed="?")


@pytest.mark.parametrize("source", BY_SOURCE)
def test_documents_made_to_break_parsers_are_refused(source: str) -> None:
    for case in cases(source):
        text = page_of(case).body.decode("utf-8-sig")
        match kind(case):
            case "json" | "jsonl":
                assert read(case, b"[" * 100_000 + b"]" * 100_000) == ()
                assert read(case, ('{"rows": [{"score": ' + "9" * 5000 + "}]}").encode()) == ()
                doubled = re.sub(r'"(\w+)": ', r'"\1": 0, "\1": ', text, count=1)
                believed = tuple(row for row in read(case, doubled.encode()) if not isinstance(row, Quarantined))
                assert facts(believed, but=PROSE) <= facts(whole(case), but=PROSE)
            case "yml" | "yaml":
                bomb = "a: &a [x,x]\n" + "".join(
                    f"{c}: &{c} [*{p},*{p}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
                )
                assert read(case, bomb.encode()) == ()
                assert read(case, b"!!python/object/apply:os.system ['true']\n") == ()
            case "xml":
                entity = '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
                read(
                    case,
                    re.sub(r"(<(?:rss|feed)\b)", rf"{entity}\1", text, count=1)
                    .replace("</title>", "&b;</title>")
                    .encode(),
                )
            case "html":
                read(case, ("<html>" + "<div>" * 5000 + "</html>").encode())


# --- columns ------------------------------------------------------------------------------------

TABLES = [case for case in CASES if kind(case) == "csv"]


def table(case: Path) -> list[list[str]]:
    return [line for line in csv.reader(io.StringIO(page_of(case).body.decode("utf-8-sig"), newline="")) if line]


def as_csv(lines: list[list[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(lines)
    return out.getvalue().encode()


def edited(case: Path) -> Iterator[tuple[str, bytes]]:
    lines = table(case)
    width = len(lines[0])
    if all(len(line) == width for line in lines):
        yield "reversed", as_csv([line[::-1] for line in lines])
        yield (
            "one more in front",
            as_csv([[extra, *line] for extra, line in zip(["Votes", *"123456789" * 9], lines, strict=False)]),
        )
        yield "last in front", as_csv([[line[-1], *line[:-1]] for line in lines])


@pytest.mark.parametrize("case", TABLES, ids=lambda c: f"{c.parent.name}-{c.name}")
def test_the_order_of_columns_means_nothing(case: Path) -> None:
    if case.parent.name == "arena-matrix":
        pytest.skip("every column is a model: one more column is one more model")
    for what, body in edited(case):
        assert facts(read(case, body)) == facts(whole(case)), what


@pytest.mark.parametrize("case", TABLES, ids=lambda c: f"{c.parent.name}-{c.name}")
def test_a_lost_or_renamed_column_is_refused_or_missed(case: Path) -> None:
    lines = table(case)
    if any(len(line) != len(lines[0]) for line in lines):
        return
    for at in range(len(lines[0])):
        no_wrong_number(case, read(case, as_csv([line[:at] + line[at + 1 :] for line in lines])), renamed="?")
        again = [[f"new_{name}" if n == at else name for n, name in enumerate(lines[0])], *lines[1:]]
        no_wrong_number(case, read(case, as_csv(again)), renamed="?")


@pytest.mark.parametrize("case", TABLES, ids=lambda c: f"{c.parent.name}-{c.name}")
@pytest.mark.parametrize("shape", ["unclosed quote", "semicolons", "one cell too many"])
def test_a_misshapen_csv_swallows_no_row(case: Path, shape: str) -> None:
    lines = table(case)
    match shape:
        case "unclosed quote":
            body = as_csv(lines).replace(b"\r\n", b'\r\n"', 1)
        case "semicolons":
            body = as_csv(lines).replace(b",", b";")
        case _:
            body = as_csv([lines[0], [*lines[1], *lines[0]], *lines[2:]])
    rows = read(case, body)
    assert not rows or any(isinstance(row, Quarantined) for row in rows), "a row was lost without a report"
    believed = tuple(row for row in rows if not isinstance(row, Quarantined))
    assert facts(believed) <= facts(whole(case))
