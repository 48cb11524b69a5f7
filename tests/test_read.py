"""The shared reading helpers: what a cell, a table, a document is, and what they refuse."""

from __future__ import annotations

import contextlib
import json
import math
import time
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.read.cells import absent, day, number, usd_per_million, written
from collectors.read.documents import js_literal, json_of, yaml_of
from collectors.read.faults import Fault, FaultyRow, columns
from collectors.read.markup import cell_text, soup
from collectors.read.tables import csv_rows, markdown_tables

URL = "https://example.org/board"


def page(text: str | bytes) -> Page:
    body = text if isinstance(text, bytes) else text.encode()
    return Page(url=URL, body=body, fetched_at=datetime(2026, 6, 14, tzinfo=UTC))


# --- cells --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (87, 87.0),
        (87.5, 87.5),
        ("87.5", 87.5),
        (" 87.5 % ", 87.5),
        ("**88**", 88.0),
        ("1,234", 1234.0),
        ("12,345,678.5", 12345678.5),
        ("-0.5", -0.5),
        ("+3", 3.0),
        ("2.5e-7", 2.5e-7),
        ("100.0%", 100.0),
        (-0.0, 0.0),
        ("-0.00", 0.0),
    ],
)
def test_number_reads(cell: object, value: float) -> None:
    assert number(cell) == value


@pytest.mark.parametrize(
    "cell",
    [
        "",
        " ",
        "-",
        "N/A",
        "87,5",
        "1,23",
        "0,350",
        "-0,350",
        "00,350",
        "12,34,567",
        "46/48",
        "87.5 (3)",
        "30.O",
        "0x1F",
        "1_000",
        "\u0663",
        "nan",
        "inf",
        None,
        True,
        False,
        math.nan,
        math.inf,
        -math.inf,
        10**400,
        "1e999",
        [],
        {},
    ],
)
def test_number_refuses(cell: object) -> None:
    assert number(cell) is None


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_number_gives_back_any_written_float(value: float) -> None:
    assert number(value) == number(repr(value)) == value


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_number_reads_thousands_marks(value: int) -> None:
    assert number(f"{value:,}") == value


@given(st.text() | st.integers() | st.floats() | st.none() | st.booleans() | st.binary())
def test_number_is_finite_or_none(cell: object) -> None:
    value = number(cell)
    assert value is None or math.isfinite(value)


@pytest.mark.parametrize("cell", [None, "", " ", "-", "—", "N/A", "none", "NaN", "null", "TBD", "?"])
def test_absent(cell: object) -> None:
    assert absent(cell)


@pytest.mark.parametrize("cell", [0, 0.0, "0", False, "no", "x"])
def test_not_absent(cell: object) -> None:
    assert not absent(cell)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_nothing_is_both_a_number_and_absent(value: float) -> None:
    assert not absent(value)


@pytest.mark.parametrize(
    ("cell", "on"),
    [
        ("2025-10-04", date(2025, 10, 4)),
        ("2024-4-2", date(2024, 4, 2)),
        ("2024/4/2", date(2024, 4, 2)),
        ("20250601", date(2025, 6, 1)),
        ("Jun 10, 2026", date(2026, 6, 10)),
        ("June 10, 2026", date(2026, 6, 10)),
        ("June 10,2026", date(2026, 6, 10)),
        ("Sept 5, 2024", date(2024, 9, 5)),
        ("may 1, 2024", date(2024, 5, 1)),
        ("10 Jun 2026", date(2026, 6, 10)),
        ("10 December 2026", date(2026, 12, 10)),
        ("2026-06-14T23:30:00Z", date(2026, 6, 14)),
        ("2026-06-14T23:30:00-02:00", date(2026, 6, 15)),
        ("2026-06-14 23:30:00", date(2026, 6, 14)),
        ("2026-06-13 20:00:00-07:00", date(2026, 6, 14)),
        ("2026-06-13 20:00:00 -07:00", date(2026, 6, 14)),
        ("2026-06-13 20:00:00.5 -0700", date(2026, 6, 14)),
        ("2026-06-14 00:30:00+02:00", date(2026, 6, 13)),
        ("2026-06-14 23:30:00 UTC", date(2026, 6, 14)),
        ("2026-06-14 (updated)", date(2026, 6, 14)),
        ("Sun, 14 Jun 2026 10:00:00 GMT", date(2026, 6, 14)),
        ("Sun, 14 Jun 2026 23:00:00 -0700", date(2026, 6, 15)),
        (date(2026, 6, 14), date(2026, 6, 14)),
        (datetime(2026, 6, 14, 23, tzinfo=timezone(timedelta(hours=-7))), date(2026, 6, 15)),
        (datetime(2026, 6, 14, 23), date(2026, 6, 14)),  # noqa: DTZ001 - what YAML gives
    ],
)
def test_day_reads(cell: object, on: date) -> None:
    assert day(cell) == on


@pytest.mark.parametrize(
    "cell",
    [
        "",
        None,
        "03/04/2025",
        "2025-13-01",
        "2025-02-30",
        "Jun 31, 2024",
        "2508-22-",
        "2024",
        "Juneteenth 1, 2024",
        "Jan",
        "soon",
        "9999-12-31T23:59:59-01:00",
        "2026-06-14Tx",
        "Sun, 99 Jun 2026 10:00:00 GMT",
        "\u0662\u0660\u0662\u0665-10-04",
    ],
)
def test_day_refuses(cell: object) -> None:
    assert day(cell) is None


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31)))
def test_day_reads_every_day_in_every_form(on: date) -> None:
    forms = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%a, %d %b %Y 12:00:00 +0000")
    assert {day(on.strftime(form)) for form in forms} == {on}


@given(st.datetimes(timezones=st.timezones()))
def test_day_is_the_utc_day(instant: datetime) -> None:
    try:
        wanted = instant.astimezone(UTC).date()
    except OverflowError:
        assert day(instant) is None
    else:
        assert day(instant) == wanted


@given(st.text())
def test_day_never_stumbles(text: str) -> None:
    assert day(text) is None or isinstance(day(text), date)


def test_usd_per_million_is_exact() -> None:
    assert usd_per_million("0.00000035") == 0.35
    assert [usd_per_million(cell) for cell in ("0", "-1", "", None, "free", "NaN", "1e999999")] == [None] * 7


# --- JSON, YAML ---------------------------------------------------------------------------------

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(plain)
def test_json_reads_what_json_writes(value: Any) -> None:
    assert json_of(page(json.dumps(value))) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        '{"a": 1',
        '{"a": 1,}',
        "NaN",
        "[" * 100000,
        "<html></html>",
        "{'a': 1}",
        "1 2",
    ],
)
def test_json_refuses(text: str) -> None:
    with pytest.raises(Drifted) as caught:
        json_of(page(text))
    assert URL in str(caught.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[{"a": 1, "b": NaN}]', "NaN is no number"),
        ('[{"a": 1, "b": -Infinity}]', "-Infinity is no number"),
        ('[{"a": 1, "b": 2, "b": 3}]', "key 'b' stands twice"),
        ('[{"a": 1, "b": {"c": 1}, "b": {"c": 2}}]', "key 'b' stands twice"),
        ('[{"a": 1, "b": "\\ud800"}]', "half a surrogate pair"),
        ('[{"a": 1, "b": "x\\udc00"}]', "half a surrogate pair"),
        ('[{"a": 1, "b": ' + "9" * 5000 + "}]", "a number of 5000 digits"),
    ],
)
def test_what_spoils_one_value_of_a_document_leaves_the_others(text: str, reason: str) -> None:
    [row] = json_of(page(text))
    assert row["a"] == 1
    assert isinstance(row["b"], Fault)
    assert row["b"].reason == reason
    assert (number(row["b"]), day(row["b"])) == (None, None)


def test_a_key_twice_with_one_value_is_no_contradiction() -> None:
    assert json_of(page('{"a": [1], "a": [1]}')) == {"a": [1]}
    assert yaml_of(page("a: 1\na: 1\n")) == {"a": "1"}


def test_json_knows_a_surrogate_pair_from_half_of_one() -> None:
    assert json_of(page('["\\ud83d\\ude00", "\\\\ud800"]')) == ["😀", "\\ud800"]


def test_a_page_in_another_encoding_is_refused() -> None:
    with pytest.raises(Drifted, match="UTF-8"):
        json_of(page('["ééééé"]'.encode("latin-1")))
    with pytest.raises(Drifted, match="UTF-8"):
        csv_rows(page("a,b\n1,2\n".encode("utf-16")), ["a"])
    assert json_of(page(b"\xef\xbb\xbf[1]")) == [1]


CAFE = "café".encode("latin-1")


@pytest.mark.parametrize("cell", [CAFE, b"caf\xe9 noir", b"\x81", b"a\xe2\x80"], ids=repr)
def test_a_byte_that_is_not_utf8_costs_its_row(cell: bytes) -> None:
    """Of a list of 3,000 models, one description saved as Latin-1 cost them all."""

    def faulty(row: Any) -> bool:
        return all(isinstance(value, Fault) for key, value in row.items() if key != "model")

    first, second = json_of(page(b'[{"model": "a", "note": "' + cell + b'"}, {"model": "b", "note": "c"}]'))
    assert faulty(first) and second == {"model": "b", "note": "c"}
    first, second = yaml_of(page(b"- model: a\n  note: " + cell + b"\n- {model: b, note: c}\n"))
    assert faulty(first) and second == {"model": "b", "note": "c"}
    first, second = csv_rows(page(b"model,note\na," + cell + b"\nb,c\n"), ["model"])
    assert isinstance(first, FaultyRow) and second == {"model": "b", "note": "c"}
    with pytest.raises(Drifted, match="UTF-8"):  # here it may have been part of what says which table this is
        soup(page(b"<table><tr><td>" + cell + b"</td></tr></table>"))


def test_a_broken_key_is_not_taken_for_a_missing_one() -> None:
    """``editor_model`` says that a run had two models; without its key the run would count as one model's."""
    [row] = json_of(page(b'[{"model": "a", "edit\xffor_model": "b"}]'))
    assert [type(value) for value in row.values()] == [str, Fault]


def test_a_line_end_inside_a_text_is_no_reason_to_refuse_json() -> None:
    assert json_of(page('[{"note": "two\nlines\tand a tab"}]')) == [{"note": "two\nlines\tand a tab"}]


def test_yaml_gives_every_scalar_as_it_is_written() -> None:
    """YAML's own reading of these is 90, false, 8, infinity and a date that no calendar has."""
    text = "- {time: 1:30, access: no, digits: 010, most: .inf, on: 2025-02-30, quoted: '~', none: ~, empty: }\n"
    assert yaml_of(page(text)) == [
        {
            "time": "1:30",
            "access": "no",
            "digits": "010",
            "most": ".inf",
            "on": "2025-02-30",
            "quoted": "~",
            "none": None,
            "empty": None,
        }
    ]


def test_yaml_says_where_a_key_stands_twice() -> None:
    """A duplicate's last value won silently: 35.6 became 92.0, and ``access: limited`` became open."""
    first, second = yaml_of(page("- model: a\n  rate: 35.6\n  rate: 92.0\n- model: b\n  rate: 50\n"))
    assert first["rate"].reason == "key 'rate' stands twice"
    assert second == {"model": "b", "rate": "50"}


@pytest.mark.parametrize(
    "text",
    [
        "!!python/object/apply:os.system ['true']",
        "a: [1",
        "a: b: c",
        "[" * 5_000,
        "{" * 5_000,
        "a: 1\n---\nb: 2\n",
    ],
)
def test_yaml_refuses(text: str) -> None:
    with pytest.raises(Drifted):
        yaml_of(page(text))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("on: *other", "an alias in a data file"),
        ("on: !!python/object/apply:os.system ['true']", "a tag 'tag:yaml.org,2002:python/object/apply:os.system'"),
        ("on: !!float 35", "a tag 'tag:yaml.org,2002:float'"),
        ("on: !x {rate: 35}", "a tag '!x'"),
        ("<<: *other", "a key that is no text: '<<'"),
        ("<<: {rate: 92.0}", "a key that is no text: '<<'"),
        ("? [a, b]\n  : 1", "a key that is no text: \"['a', 'b']\""),
        ("~: 1", "a key that is no text: 'None'"),
        ('on: "\\ud83d"', "a byte that is not UTF-8"),
        ("on: a\0b", "a byte that is not UTF-8"),
        ("on: a\u2028b", "a byte that is not UTF-8"),
    ],
)
def test_what_yaml_would_unfold_or_cannot_write_costs_its_row(line: str, reason: str) -> None:
    """A merge could give a row another's score; nothing is merged, unfolded or made."""
    first, second, third = yaml_of(page(f"- &other\n  rate: 50\n- model: b\n  {line}\n- model: c\n  rate: 20\n"))
    assert next(value.reason for value in second.values() if isinstance(value, Fault)).startswith(reason)
    assert second["model"] == "b"
    assert (first, third) == ({"rate": "50"}, {"model": "c", "rate": "20"})


def test_an_alias_bomb_is_not_unfolded() -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    began = time.process_time()
    assert {type(one) for one in yaml_of(page("\n".join(levels)))["a11"]} == {Fault}
    assert time.process_time() - began < 1


# --- CSV ----------------------------------------------------------------------------------------


def test_csv_reads_by_name() -> None:
    text = 'score,model,note\n88.0,"a, b",\n\n74.2,"say ""hi""",\n'
    assert csv_rows(page(text), ["model", "score"]) == [
        {"score": "88.0", "model": "a, b", "note": ""},
        {"score": "74.2", "model": 'say "hi"', "note": ""},
    ]


def test_csv_marks_what_a_short_row_lacks() -> None:
    rows = csv_rows(page("model,a,b\nwhole,1,2\nshort,1\nempty,1,\n"), ["model"], fill="(no cell)")
    assert [row["b"] for row in rows] == ["2", "(no cell)", ""]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        'model,score\n"a,1\n',
        'model,score\n"a,1\nb",2\n"c"d,3\n"e,4\n',
        "model,points\na,1\n",
        "model,score,score\na,1,2\n",
    ],
)
def test_csv_refuses(text: str) -> None:
    with pytest.raises(Drifted):
        csv_rows(page(text), ["model", "score"])


@pytest.mark.parametrize("bad", ["b,2,3", "b,,2", '"b"x,2', "2"])
def test_a_misshapen_line_of_a_csv_costs_its_row(bad: str) -> None:
    first, second, third = csv_rows(page(f"model,score\na,1\n{bad}\nc,3\n"), ["model", "score"])
    assert (first, third) == ({"model": "a", "score": "1"}, {"model": "c", "score": "3"})
    assert isinstance(second, FaultyRow)
    assert number(second["score"]) is None


cells = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), min_size=1, max_size=12)


@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=5))
def test_csv_gives_back_what_was_quoted(rows: list[tuple[str, str]]) -> None:
    quoted = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    read = csv_rows(page(f"model,score\n{quoted}\n"), ["model", "score"])
    assert [(row["model"], row["score"]) for row in read] == rows


def test_columns_names_what_is_missing_and_what_is_new() -> None:
    columns(page(""), ["a", "b", "c"], ["c", "a"])
    with pytest.raises(Drifted, match=r"missing: \['score'\].*points"):
        columns(page(""), ["model", "points"], ["model", "score"])
    with pytest.raises(Drifted, match=r"doubled: \['score'\]"):
        columns(page(""), ["model", "score", "score"], ["model", "score"])


# --- Markdown, HTML, JavaScript -----------------------------------------------------------------


def test_markdown_reads_every_table() -> None:
    text = """# Title
|Model|Score %|
|:---|---:|
|a|1 |
|b \\| c| 2|

not | a table

Model | Score
--- | ---
d | 3
e
"""
    assert list(markdown_tables(text)) == [
        [{"Model": "a", "Score %": "1"}, {"Model": "b | c", "Score %": "2"}],
        [{"Model": "d", "Score": "3"}],
    ]


def test_markdown_keeps_a_row_with_an_odd_separator_inside_a_cell() -> None:
    rows = next(markdown_tables("|Model|Score|\n|--|--|\n|a\u2028b|1|\n|c|2|\n"))
    assert [row["Score"] for row in rows] == ["1", "2"]


@pytest.mark.parametrize("text", ["", "|a|b|\n|c|d|\n", "a\n---\nb\n", "|a|\n| - x |\n"])
def test_markdown_without_tables(text: str) -> None:
    assert list(markdown_tables(text)) == []


def test_markdown_separators_cost_no_time() -> None:
    began = time.process_time()
    list(markdown_tables("|a|\n|-" + " " * 200_000 + "x|\n|-" + "-" * 200_000 + "x|\n" + "|" * 200_000))
    assert time.process_time() - began < 2


words = st.text(st.characters(categories=("L", "N"), include_characters=" .-()"), min_size=1, max_size=10)


@given(st.lists(st.tuples(words.map(str.strip), words.map(str.strip)), min_size=1, max_size=5))
def test_markdown_gives_back_its_cells(rows: list[tuple[str, str]]) -> None:
    text = "|Model|Score|\n|---|---|\n" + "\n".join(f"| {a} | {b} |" for a, b in rows)
    assert [(row["Model"], row["Score"]) for row in next(markdown_tables(text))] == rows


def test_cell_text_is_one_line() -> None:
    cell = soup(page("<td>  GPT-4o<br>\n <span>x</span><!-- hidden --></td>")).td
    assert cell is not None
    assert cell_text(cell) == "GPT-4o x"


def test_js_reads_what_people_write() -> None:
    text = """{
        // a comment
        'single': 'it\\'s', "double": "caf\\u00e9", /* another */
        bare_key: true, $d: undefined, none: null, 7: [1, -2.5, .5, 1e3,],
        template: `x`, nested: {a: {}, b: [],},
    }; const more = code();"""
    assert js_literal(page(text), text) == {
        "single": "it's",
        "double": "café",
        "bare_key": True,
        "$d": None,
        "none": None,
        "7": [1, -2.5, 0.5, 1000.0],
        "template": "x",
        "nested": {"a": {}, "b": []},
    }


@pytest.mark.parametrize("value", ["NaN", "-Infinity", "1e999", "{b: 1, b: 2}"])
def test_js_says_which_value_cannot_be_believed(value: str) -> None:
    found = js_literal(page(""), f"[{{a: {value}, c: 1}}]")[0]
    assert found["c"] == 1
    assert isinstance(found["a"]["b"] if isinstance(found["a"], dict) else found["a"], Fault)


def test_js_keys_may_be_words_of_the_language() -> None:
    text = "{true: 1, null : 2, in: 3}"
    assert js_literal(page(text), text) == {"true": 1, "null": 2, "in": 3}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1",
        "{a: b}",
        "{a: f(1)}",
        "{a: 1 + 2}",
        "{a: 1 2}",
        "[1 2]",
        "{a: `${x}`}",
        "{a: 'unclosed}",
        "[1,,2]",
        "{,}",
        "{a 1}",
        "/* unclosed",
        "[" * 100000,
        "<!doctype html>",
    ],
)
def test_js_refuses(text: str) -> None:
    with pytest.raises(Drifted):
        js_literal(page(text), text)


@given(plain)
def test_js_reads_all_json(value: Any) -> None:
    text = json.dumps(value)
    assert js_literal(page(text), text) == value


@settings(max_examples=200)
@given(st.text(st.sampled_from("{}[]:,'\"`/*\\ab01.e-+\n $_"), max_size=40))
def test_js_reads_or_refuses(text: str) -> None:
    with contextlib.suppress(Drifted):
        json.dumps(js_literal(page(text), text))


def test_written_is_the_row_as_it_stood() -> None:
    row = {"model": "é", "on": date(2026, 6, 14), "more": [1]}
    assert written(row) == '{"model":"é","on":"2026-06-14","more":[1]}'
    assert written(row, "model", "gone") == '{"model":"é","gone":null}'
