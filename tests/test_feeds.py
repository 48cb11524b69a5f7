"""What a feed may do to us: a malformed or hostile one is refused, and nothing but its bytes is ever read."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest
from examples import URL, Example

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import REPAIRED, Announcement, Quarantined
from collectors.feeds import feed
from collectors.parsing import read_page

SOURCE = feed(
    name="feed-example",
    lab="Example",
    url="https://example.org/feed.xml",
    title="Example",
    homepage="https://example.org/",
    recorder="a scraper",
)
ITEM = "<item><title>{title}</title><link>https://example.org/a</link><pubDate>{date}</pubDate></item>"
MIDNIGHT = "Thu, 05 Mar 2026 00:00:00 +0000"


def page(body: str | bytes, moment: object) -> Page:
    raw = body if isinstance(body, bytes) else body.encode()
    return Page(url=SOURCE.start[0], body=raw, fetched_at=moment)  # type: ignore[arg-type]


def rss(*items: str, built: str = MIDNIGHT, head: str = "") -> str:
    inside = f"<title>x</title><lastBuildDate>{built}</lastBuildDate>{''.join(items)}"
    return f'<?xml version="1.0"?>{head}<rss version="2.0"><channel>{inside}</channel></rss>'


def only(body: str, moment: object) -> Announcement:
    (row,) = read_page(SOURCE, page(body, moment))
    assert isinstance(row, Announcement)
    return row


def test_bytes_that_spell_a_path_are_not_opened(tmp_path: Path, moment: object) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_text(rss(ITEM.format(title="a file of ours", date=MIDNIGHT)), "utf-8")
    with pytest.raises(Drifted):
        read_page(SOURCE, page(str(secret), moment))


def test_an_external_entity_is_not_resolved(tmp_path: Path, moment: object) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("of ours", "utf-8")
    head = f'<!DOCTYPE rss [<!ENTITY e SYSTEM "file://{secret}">]>'
    body = rss(ITEM.format(title="news &e;", date=MIDNIGHT), head=head)
    try:
        rows = read_page(SOURCE, page(body, moment))
    except Drifted:
        return
    assert "of ours" not in str(rows)


def test_an_entity_bomb_is_refused_in_time(moment: object) -> None:
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    body = rss(ITEM.format(title="&a11;", date=MIDNIGHT), head=f"<!DOCTYPE rss [{entities}]>")
    began = time.process_time()
    with pytest.raises(Drifted):
        read_page(SOURCE, page(body, moment))
    assert time.process_time() - began < 5


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
def test_a_cut_feed_is_refused_whole(cut: float, moment: object) -> None:
    body = rss(*(ITEM.format(title=f"post {n}", date=MIDNIGHT) for n in range(5)))
    with pytest.raises(Drifted):
        read_page(SOURCE, page(body[: int(len(body) * cut)], moment))


TEN = tuple(ITEM.format(title=f"post {n}", date=MIDNIGHT).replace("/a<", f"/{n}<") for n in range(10))


def with_third(item: str) -> bytes:
    """A feed of ten items, of which the third is this one."""
    return rss(*TEN[:2], item, *TEN[3:]).encode()


MALFORMED = {
    "an entity of HTML": (with_third(TEN[2].replace("post 2", "a&nbsp;b")), "a b"),
    "a stray ampersand": (with_third(TEN[2].replace("post 2", "R & D")), "R & D"),
    "a stray ampersand before a letter": (with_third(TEN[2].replace("post 2", "R&D now")), "R&D now"),
    "a stray angle": (with_third(TEN[2].replace("post 2", "x < y and z")), "x < y and z"),
    "a stray byte": (with_third(TEN[2].replace("post 2", "aXb")).replace(b"X", b"\xff"), "a\u00ffb"),
    "a control character": (with_third(TEN[2].replace("post 2", "a\x0bb")), "a b"),
    "a charset that lies": (
        with_third(TEN[2].replace("post 2", "caf\u00e9"))
        .decode()
        .replace('version="1.0"', 'version="1.0" encoding="us-ascii"', 1)
        .encode(),
        "caf\u00e9",
    ),
    "a charset nobody knows": (
        rss(*TEN).replace('version="1.0"', 'version="1.0" encoding="x-nonsense"', 1).encode(),
        "post 2",
    ),
    "a charset of Chinese": (
        with_third(TEN[2].replace("post 2", "\u6a21\u578b"))
        .decode()
        .replace('version="1.0"', 'version="1.0" encoding="gbk"', 1)
        .encode(),
        "\u6a21\u578b",
    ),
    "a byte of Latin-1": (with_third(TEN[2].replace("post 2", "cafX!")).replace(b"X", b"\xe9"), "caf\u00e9!"),
    "half a character": (with_third(TEN[2].replace("post 2", "aXb")).replace(b"X", b"\xe6\x97"), "a\u00e6\u2014b"),
    "a byte of no encoding": (with_third(TEN[2].replace("post 2", "aXb")).replace(b"X", b"\x81"), "a\ufffdb"),
    "a character that does not exist": (with_third(TEN[2].replace("post 2", "a&#x110000;b")), "a\ufffdb"),
    "a number of many digits": (with_third(TEN[2].replace("post 2", "a&#99999999999999999999;b")), "a\ufffdb"),
    "a blank before the declaration": (b"\n\n" + rss(*TEN).encode(), "post 2"),
    "a prefix without its namespace": (with_third(TEN[2].replace("<link>", "<dc:by>me</dc:by><link>")), "post 2"),
    "a tag left open": (with_third(TEN[2].replace("<link>", "<description>x<br>y</description><link>")), "post 2"),
    "an attribute without quotes": (with_third(TEN[2].replace("<title>", "<title type=text>")), "post 2"),
    "an item without its end": (with_third(TEN[2].removesuffix("</item>")), "post 2"),
    "text behind the end": (rss(*TEN).encode() + b"<script>1</script>", "post 2"),
}


@pytest.mark.parametrize("what", MALFORMED)
def test_a_malformed_feed_is_read_as_it_was_repaired(what: str, moment: object) -> None:
    body, title = MALFORMED[what]
    rows = read_page(SOURCE, page(body, moment))
    titles = [row.title for row in rows if isinstance(row, Announcement)]
    assert titles == ["post 0", "post 1", title, *(f"post {n}" for n in range(3, 10))]
    notes = [row for row in rows if isinstance(row, Quarantined)]
    assert [note.field for note in notes] == [REPAIRED]
    assert notes[0].found


@pytest.mark.parametrize(
    "third",
    [
        TEN[2].replace("</title>", "</titel>"),
        ITEM.format(title="post 2", date=MIDNIGHT).replace("<link>https://example.org/a</link>", ""),
        TEN[2].replace("<title>post 2</title>", "") + "&",
    ],
    ids=["a title that does not end", "no id and no link", "no title in a broken feed"],
)
def test_a_lost_item_is_reported_and_costs_no_other(third: str, moment: object) -> None:
    rows = read_page(SOURCE, page(with_third(third), moment))
    titles = [row.title for row in rows if isinstance(row, Announcement)]
    assert titles == [f"post {n}" for n in range(10) if n != 2]
    assert [row.field for row in rows if isinstance(row, Quarantined) and row.field != REPAIRED] == ["item"]


def test_quoted_text_that_never_ends_costs_its_item(moment: object) -> None:
    rows = read_page(SOURCE, page(with_third(TEN[2].replace("post 2", "<![CDATA[post 2")), moment))
    assert [row.title for row in rows if isinstance(row, Announcement)] == [f"post {n}" for n in range(10) if n != 2]


def test_a_stray_byte_changes_no_other_title(moment: object) -> None:
    """feedparser reads the whole feed as Windows-1252 then, and every accent of the others becomes two letters."""
    accented = [item.replace("post", "modèle 模型") for item in TEN]
    rows = read_page(SOURCE, page(rss(*accented).encode().replace(b"2</title>", b"2\x93</title>"), moment))
    titles = [row.title for row in rows if isinstance(row, Announcement)]
    assert titles == [f"modèle 模型 {n}" + ("\u201c" if n == 2 else "") for n in range(10)]


@pytest.mark.parametrize(
    "stated",
    ["0001-01-01T00:00:00+14:00", "1749000000", "Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 31 Feb 2026 10:00:00 GMT"],
)
def test_a_date_that_no_feed_can_have_costs_the_date_alone(stated: str, moment: object) -> None:
    rows = read_page(SOURCE, page(rss(ITEM.format(title="odd", date=stated), *TEN), moment))
    dates = {row.title: row.published_on for row in rows if isinstance(row, Announcement)}
    assert dates.pop("odd") is None
    assert len(dates) == 10 and set(dates.values()) == {date(2026, 3, 5)}


def test_a_feed_of_which_much_is_lost_is_refused(moment: object) -> None:
    body = rss(*(item.replace("</title>", "</titel>") for item in TEN[:3]), *TEN[3:])
    with pytest.raises(Drifted, match="3 of 10 rows cannot be believed"):
        read_page(SOURCE, page(body, moment))


def test_an_item_without_a_date_is_undated(moment: object) -> None:
    body = rss(*TEN).replace(f"<pubDate>{MIDNIGHT}</pubDate>", "", 1)
    first, second, *_ = read_page(SOURCE, page(body, moment))
    assert isinstance(first, Announcement)
    assert isinstance(second, Announcement)
    assert (first.published_on, second.published_on) == (None, date(2026, 3, 5))


def test_a_title_of_tags_that_never_end_costs_no_time(moment: object) -> None:
    """12,000 of them took 19 seconds."""
    began = time.process_time()
    rows = read_page(SOURCE, page(rss(*TEN, ITEM.format(title="&lt;a " * 12_000, date=MIDNIGHT)), moment))
    assert time.process_time() - began < 2
    assert len([row for row in rows if isinstance(row, Announcement)]) == 10


def test_a_feed_without_items_is_no_news(moment: object) -> None:
    with pytest.raises(Drifted, match="no item"):
        read_page(SOURCE, page(rss(), moment))


def test_an_item_dated_by_the_scrapers_clock_is_undated(moment: object) -> None:
    run = "Sun, 19 Oct 2025 23:03:46 +0000"
    assert only(rss(ITEM.format(title="old news", date=run), built=run), moment).published_on is None
    assert only(rss(ITEM.format(title="news", date=MIDNIGHT)), moment).published_on == date(2026, 3, 5)


def test_a_title_is_one_line_of_visible_text(moment: object) -> None:
    title = "&lt;script&gt;alert(1)&lt;/script&gt;GPT\u202e-9\n &lt;b&gt;now&lt;/b&gt;" + " x" * 500
    row = only(rss(ITEM.format(title=title, date=MIDNIGHT)), moment)
    assert row.title.startswith("GPT-9 now x x")
    assert len(row.title) <= 300


def test_a_feed_that_renews_its_ids_doubles_no_row(tmp_path: Path) -> None:
    """A generator gave every item a new id, and links with another query: 284 items became 513 rows."""
    source = feed("feed-example", "Example", URL, title="Example", homepage="https://example.org/")
    example = Example(tmp_path, source=source)

    def items(mark: str, count: int) -> str:
        return "".join(
            f"<item><title>post {n}</title><link>https://example.org/{n}?utm={mark}</link>"
            f"<guid>{mark}-{n}</guid><pubDate>{MIDNIGHT}</pubDate></item>"
            for n in range(count)
        )

    example.answered("2026-06-13", rss(items("first", 20)).encode())
    example.answered("2026-06-14", rss(items("second", 21)).encode())
    with example.built("2026-06-14") as db:
        rows = db.execute("select guid, title, published_on, known_on from marts.announcement order by all").fetchall()
    assert len(rows) == 21
    assert ("first-3", "post 3", date(2026, 3, 5), date(2026, 6, 13)) in rows
    assert ("second-20", "post 20", date(2026, 3, 5), date(2026, 6, 14)) in rows
