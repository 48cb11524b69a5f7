"""The one gate for text from outside: what is invisible, what becomes of it, and that no row lets it through."""

from __future__ import annotations

import dataclasses
import sys
import unicodedata
from datetime import UTC, date, datetime

import duckdb
import pytest

from collectors.contract.errors import Drifted
from collectors.contract.rows import (
    Access,
    Announcement,
    Excluded,
    Get,
    Incident,
    Price,
    Quarantined,
    Release,
    Row,
    Spec,
    Tally,
)
from collectors.contract.source import Board
from collectors.http.addresses import host_of, is_public
from collectors.sanitize import INVISIBLE, MAX_NAME, clean_text, clean_url, csv_cell, has_invisible, name_fault, visible
from warehouse.alerts.messages import HEADLINE, cut

HIDDEN = (
    *("\x00", "\x1b", "\x7f", "\x85", "\x9b", "\u00ad", "\u061c", "\u200b", "\u200d", "\u202e"),
    *("\u2028", "\u2029", "\u2060", "\u2061", "\u2064", "\u2066", "\u3164", "\ufeff", "\U000e0041", "\ue000", "\ud800"),
)
DAY = date(2026, 6, 14)
BOARD = Board(name="b", title="B", domain="coding", measures="tasks solved", unit="%", low=0, high=100)


def test_no_character_of_an_invisible_category_is_missing_and_no_letter_is_taken() -> None:
    listed = {code for first, last in INVISIBLE for code in range(first, last + 1)}
    hidden = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    missing = [hex(c) for c in range(sys.maxunicode + 1) if unicodedata.category(chr(c)) in hidden and c not in listed]
    assert missing == []
    shown = {c for c in listed if unicodedata.category(chr(c)) not in {*hidden, "Cn", "Mn"}}
    assert shown == {0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0}, "four fillers of Hangul and a blank of Braille"


@pytest.mark.parametrize("letter", HIDDEN, ids=lambda c: f"U+{ord(c):04X}")
def test_a_name_with_it_is_refused_text_loses_it_and_evidence_marks_it(letter: str) -> None:
    assert name_fault(f"gpt{letter}9")
    assert not has_invisible(clean_text(f"gpt{letter}9"))
    assert visible(f"gpt{letter}9") == "gpt\ufffd9"
    assert cut(f"gpt{letter}9") in ("gpt\ufffd9", "gpt 9")


@pytest.mark.parametrize("text", ["Qwen3-235B-A22B", "Mistral Large 3 (médium)", "通义千问", "❤\ufe0f", "naïve 👍🏽"])
def test_what_people_write_stays(text: str) -> None:
    assert clean_text(text) == text and visible(text) == text


def test_line_ends_of_all_kinds_are_spaces_in_text_and_stay_in_evidence_where_they_are_plain() -> None:
    assert clean_text("a\nb\tc\u2028d\u2029e") == "a b c d e"
    assert visible("a\nb\tc\u2028d\re", lines=True) == "a\nb\tc\ufffdd\ufffde"


BAD = "x\x1b[31m\u202e\u061c\U000e0041" + "y" * 5_000_000
ROWS: tuple[Row, ...] = (
    Tally(board="b", edition=BAD, rows=1),
    Excluded(board="b", edition="e", name=BAD, rule="human"),
    Quarantined(board="b", edition="e", name=BAD, field="name", found=BAD, expected="a name", written=BAD),
    Access(name="m", open=True, evidence="hub files", written=BAD, developer=BAD, licence=BAD, repo=BAD),
    Release(name="m", event="api", happened_on=DAY, written=BAD, developer=BAD),
    Price(name="m", provider=BAD, input_usd=1, output_usd=1, written=BAD),
    Spec(name="m", quantity="likes", value=1, written=BAD, developer=BAD),
    Announcement(lab="Lab", title=BAD, link="https://lab.example/" + BAD, guid=BAD, published_on=DAY, summary=BAD),
    Incident(
        provider="p", title=BAD, impact=BAD, guid=BAD, started_at=datetime(2026, 6, 14, tzinfo=UTC), ended_at=None
    ),
)  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: type(row).__name__)
def test_five_megabytes_of_hidden_text_leave_no_field_of_a_row_long_or_unsafe(row: Row) -> None:
    for field in dataclasses.fields(row):
        value = getattr(row, field.name)
        if isinstance(value, str):
            assert len(value) <= 2_000, field.name
            assert not has_invisible(value), field.name
            value.encode()


def test_a_score_is_refused_for_its_name_and_cleaned_elsewhere() -> None:
    refused = BOARD.score(edition="e", name="gpt\u061c9", value=50.0, written="gpt\u061c9 50")
    assert isinstance(refused, Quarantined)
    assert (refused.name, refused.written) == ("gpt\ufffd9", "gpt\ufffd9 50")
    kept = BOARD.score(edition="e", name="gpt-9", value=50.0, written="50", developer="Open\u200bAI")
    assert not isinstance(kept, Quarantined) and kept.developer == "OpenAI"
    assert isinstance(BOARD.score(edition="e", name="gpt-9", variant="hi\u2060gh", value=5.0, written=""), Quarantined)


def test_an_error_that_quotes_a_page_is_bounded_and_hides_nothing() -> None:
    error = Drifted("https://board.example/\u202e", f"the parser stumbled: {BAD}", expected="rows")
    assert not has_invisible(str(error)) and len(str(error)) < 2_000


def test_a_page_cannot_hand_on_a_context_without_bound() -> None:
    with pytest.raises(ValueError, match="2000000 characters of context"):
        Get(url="https://board.example/", context="x" * 2_000_000)


def test_a_licence_of_five_megabytes_is_a_name_long_and_a_headline_stays_a_headline() -> None:
    row = Access(name="m", open=True, evidence="hub files", written="", licence="MIT " * 1_250_000)
    assert len(row.licence) == MAX_NAME
    assert len(cut("MIT " * 1_250_000)) == HEADLINE


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://", "https://[::1", "https://a.example/\u202e", "http://a b", "x" * 3_000]
)
def test_what_is_no_address_of_the_web_is_none(url: str) -> None:
    assert clean_url(url) == ""
    assert host_of(url) == ""


def test_an_address_of_the_web_stays_as_it_is() -> None:
    assert clean_url(" https://lab.example/a?b=c#d ") == "https://lab.example/a?b=c#d"


@pytest.mark.parametrize(
    "peer",
    [
        *("127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255"),
        *("::1", "fe80::1%eth0", "fc00::1", "ff02::1", "ff0e::1", "::ffff:10.0.0.1", "::10.0.0.1", "::808:808"),
        *("64:ff9b::a00:1", "64:ff9b::808:808", "64:ff9b:1::1", "2002:a00:1::1", "2002:808:808::1", "2001:0:1::1"),
    ],
)
def test_private_tunnelled_and_multicast_addresses_are_not_public(peer: str) -> None:
    assert not is_public(peer)


@pytest.mark.parametrize("peer", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_a_host_of_the_internet_is_public(peer: str) -> None:
    assert is_public(peer)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("\uff1dcmd|' /C calc'!A0", "'\uff1dcmd|' /C calc'!A0"),
        ("  @SUM(A1)", "'  @SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\n-1", "'\n-1"),
        ("\x1b[31mred\x00", "\ufffd[31mred\ufffd"),
        ("two\nlines", "two\nlines"),
        ("gpt\u202e9", "gpt\ufffd9"),
        ("Qwen3 + tools", "Qwen3 + tools"),
        ("", ""),
        (None, None),
    ],
)
def test_a_cell_of_a_csv_is_no_formula_and_hides_nothing(text: str | None, cell: str | None) -> None:
    found = duckdb.execute(f"select {csv_cell('t')} from (select $text::varchar as t)", {"text": text}).fetchone()
    assert found == (cell,)
