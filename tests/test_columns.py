"""Rows as columns: what a parser gave comes back as it was, and a column that is not what it says costs its page."""

from __future__ import annotations

from array import array
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from mutations import page_of
from obedient import URL, obedient
from test_sources import CASES, source_of

from collectors.columns import Column, cells, column, row_tables
from collectors.contract.errors import SourceError
from collectors.contract.pages import Page
from collectors.contract.rows import Get, Incident, Row, Score, Tally
from collectors.parsing import ParsedPage, parse_page, read_page
from warehouse.page_tables import PageTables, page_tables
from warehouse.store import UnreadPage

AT = datetime(2026, 6, 1, 21, tzinfo=UTC)
SCORE = Score(board="toy", edition="v1", name="Model A", value=50.0, written="Model A, 50")


def parsed(*rows: Row) -> ParsedPage:
    tables, order = row_tables(rows)
    return ParsedPage(source="toy", key="key", tables=tables, order=order)


def stored(page: ParsedPage) -> PageTables:
    unread = UnreadPage(key="key", url=URL, sha256="ab" * 32, context="", fetched_at=AT.replace(tzinfo=None))
    return page_tables("toy", "mark", unread, page)


def ends(*places: int) -> bytes:
    return array("i", places).tobytes()


def test_every_fixture_comes_back_from_columns_as_it_was_read() -> None:
    for case in CASES:
        source, page = source_of(case), page_of(case)
        try:
            rows = read_page(source, page)
        except SourceError as error:
            assert str(parse_page(source, page, "key").error) == str(error)
        else:
            assert parse_page(source, page, "key").rows == rows, case


@pytest.mark.parametrize(
    "row",
    [
        replace(SCORE, name="Modèle 模型", stderr=0.5, n_items=2**62, scored_on=date(1969, 12, 31), self_reported=True),
        replace(SCORE, name="cut in two \ud83d"),
        Tally(board="toy", edition="", rows=0),
        Get(url="https://toy.example/é", context="\n"),
        Incident(provider="p", title="t", impact="", started_at=AT, ended_at=None, guid="g"),
        Incident(provider="p", title="t", impact="", started_at=AT, ended_at=AT.replace(year=1969), guid="g"),
    ],
    ids=lambda row: type(row).__name__,
)
def test_a_row_comes_back_as_it_was(row: Row) -> None:
    assert parsed(SCORE, row, SCORE).rows == (SCORE, row, SCORE)


def test_the_store_takes_what_the_columns_say(tmp_path: Path) -> None:
    full = replace(SCORE, stderr=0.5, n_items=7, scored_on=date(2026, 5, 1), self_reported=True)
    tables = stored(parsed(SCORE, full, replace(SCORE, name="cut \ud83d"))).tables
    with duckdb.connect() as db:
        db.register("score", tables["score"])
        found = db.execute("select name, value, stderr, n_items, scored_on, self_reported from score").fetchall()
    assert found == [
        ("Model A", 50.0, None, None, None, False),
        ("Model A", 50.0, 0.5, 7, date(2026, 5, 1), True),
        ("cut ?", 50.0, None, None, None, False),
    ]


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        ("n_items", 10**30, "OverflowError"),
        ("variant", None, "TypeError"),
        ("value", "fifty", "TypeError"),
        ("scored_on", "2026-05-01", "AttributeError"),
        ("self_reported", None, "TypeError"),
        ("self_reported", "false", "TypeError"),
    ],
)
def test_a_row_that_no_table_can_have_refuses_its_page(field: str, value: object, found: str) -> None:
    odd = replace(SCORE)
    object.__setattr__(odd, field, value)

    def parse(_: Page) -> tuple[Row, ...]:
        return Tally(board="toy", edition=odd.edition, rows=1), odd

    page = Page(url=URL, body=b"", fetched_at=AT)
    error = str(parse_page(replace(obedient(), parse=parse), page, "key").error)
    assert f"a row that cannot be stored: {found}" in error and URL in error


def test_a_count_with_a_decimal_point_is_a_count() -> None:
    odd = replace(SCORE, n_items=7.0)  # type: ignore[arg-type]
    assert parsed(odd).rows == (replace(SCORE, n_items=7),)


@pytest.mark.parametrize(
    ("field", "broken"),
    [
        ("value", column("text", ["fifty"])),
        ("value", Column("float", b"1234567")),
        ("value", column("float", [None])),
        ("name", Column("text", b"ab", ends(0, 9))),
        ("name", Column("text", b"\xff\xfe", ends(0, 2))),
        ("scored_on", Column("date", array("i", [2**31 - 1]).tobytes())),
        ("scored_on", Column("date", array("i", [-(2**31)]).tobytes())),
        ("self_reported", Column("bool", b"")),
    ],
)
def test_a_column_that_is_not_what_it_says_costs_its_page(field: str, broken: Column) -> None:
    page = parsed(SCORE)
    page.tables["Score"].columns[field] = broken  # type: ignore[index]
    result = stored(page)
    assert "a row that cannot be stored" in result.refused and result.tables.keys() == {"page"}


@pytest.mark.parametrize("microseconds", [-(2**63), 2**63 - 1, -62_135_596_800_000_001])  # the last: of the year 0
def test_a_moment_of_no_year_costs_its_page(microseconds: int) -> None:
    page = parsed(Incident(provider="p", title="t", impact="", started_at=AT, ended_at=None, guid="g"))
    odd = Column("moment", array("q", [microseconds]).tobytes())
    page.tables["Incident"].columns["started_at"] = odd  # type: ignore[index]
    assert "a moment outside the years 1 to 9999" in stored(page).refused


@pytest.mark.parametrize("moment", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_the_first_and_the_last_moment_of_python_are_stored(moment: datetime) -> None:
    page = parsed(Incident(provider="p", title="t", impact="", started_at=moment, ended_at=None, guid="g"))
    assert stored(page).refused == "" and page.rows[0].started_at == moment  # type: ignore[union-attr]


def test_a_time_without_its_zone_is_no_moment() -> None:
    with pytest.raises(TypeError, match="a time without its zone"):
        column("moment", [AT, AT.replace(tzinfo=None)])


@pytest.mark.parametrize("places", [(0, 4, 0, 4), (0, 2, 3, 3), (1, 2, 3, 4), (0, 1, 4), (0, -1, 2, 4), (0, 1, 2, 9)])
def test_texts_that_do_not_follow_each_other_are_none(places: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="do not follow each other"):
        cells(Column("text", b"abcd", ends(*places)), 3)


def test_texts_that_overlap_are_no_rows_of_the_store() -> None:
    """Nor where one of them is no UTF-8, and has to be decoded to be mended."""
    page = parsed(SCORE, SCORE, SCORE)
    half = "a cut \ud83d".encode("utf-8", "surrogatepass")
    page.tables["Score"].columns["name"] = Column("text", half, ends(0, 9, 0, 9))  # type: ignore[index]
    assert "the ends of 3 texts do not follow each other through 9 bytes" in stored(page).refused
