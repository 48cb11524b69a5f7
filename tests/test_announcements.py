"""The labs' own news pages: what is no item, what is no date, and that another shape is told."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from collectors.announcements import BEIJING, article_list, news_page, release_notes
from collectors.contract import Announcement, Drifted, Page, Source
from collectors.parsing import read_page

URL = "https://lab.example/news"
NEWS = news_page("x", "Lab", URL, title="News", link_prefix=("/news/",), zone=BEIJING)
NOTES = release_notes("x", "Lab", URL, title="Notes")
DATA = article_list(
    "x",
    "Lab",
    URL,
    title="Data",
    items="list",
    title_field="a.title",
    slug_field="slug",
    date_field="at",
    link="https://lab.example/{}",
    zone=BEIJING,
)
EMBEDDED = article_list(
    "x",
    "Lab",
    URL,
    title="Data",
    items="list",
    title_field="title",
    slug_field="slug",
    date_field="at",
    link="https://lab.example/{}",
    variable="_DATA",
)


def items(source: Source, body: str) -> list[Announcement]:
    page = Page(url=URL, body=body.encode(), fetched_at=datetime(2026, 6, 14, tzinfo=UTC))
    return [row for row in read_page(source, page) if isinstance(row, Announcement)]


def card(slug: str, title: str, result: str) -> str:
    return f'<div><a href="{slug}"></a><div><h3>{title}</h3><p>{result}</p></div></div>'


@pytest.mark.parametrize(
    ("result", "on"),
    [
        ("2026-02-12", date(2026, 2, 12)),
        ("2026.2.12", date(2026, 2, 12)),
        ("Feb. 12, 2026 \u00b7 3 min read", date(2026, 2, 12)),
        ("12 February 2026", date(2026, 2, 12)),
        ('<time datetime="2026-02-11T16:00:00Z">yesterday</time>', date(2026, 2, 12)),
        ("February 2026", None),
        ("03/04/2026", None),
        ("2 days ago", None),
    ],
)
def test_a_card_is_dated_by_the_lab_or_not_at_all(result: str, on: date | None) -> None:
    assert [row.published_on for row in items(NEWS, card("/news/a", "A", result))] == [on]


def test_a_card_takes_nothing_from_its_neighbour() -> None:
    body = f"<section>{card('/news/a', 'A', '')}{card('news/b', 'B', '2026-02-12')}</section>"
    assert [(row.title, row.link[-6:], row.published_on) for row in items(NEWS, body)] == [
        ("A", "news/a", None),
        ("B", "news/b", date(2026, 2, 12)),
    ]


@pytest.mark.parametrize(
    "href", ["/news/", "/news/tag/x", "/about", "https://other.example/news/a", "javascript:/news/a", "http://[/news/a"]
)
def test_what_leads_elsewhere_is_no_item(href: str) -> None:
    assert [row.title for row in items(NEWS, card(href, "No", "") + card("/news/a", "A", ""))] == ["A"]


def test_links_without_titles_are_told_as_drift() -> None:
    body = card("/news/a", "A", "") + "".join(f'<p><a href="/news/{n}">Read</a></p>' for n in range(2))
    with pytest.raises(Drifted, match=r"1 of 3 items whole; expected links under /news/ with a title"):
        items(NEWS, f"<section>{body}</section>")


def test_notes_without_a_date_are_told_as_drift() -> None:
    with pytest.raises(Drifted, match="a date as a text of its own"):
        items(NOTES, "<h2>Version 2</h2><p>It was released on 2026-02-12.</p>")


def test_a_note_does_not_borrow_the_title_of_the_next() -> None:
    body = "<h2>2026-02-12</h2><h2>2026-02-11</h2><h3>A</h3><p>It is <b>new</b>.</p><h3>B</h3>"
    assert [(row.title, row.published_on, row.summary) for row in items(NOTES, body)] == [
        ("A", date(2026, 2, 11), "It is new."),
        ("B", date(2026, 2, 11), ""),
    ]


def test_an_article_is_dated_in_the_zone_of_its_site() -> None:
    body = '{"d": [{"list": [{"a": {"title": "A"}, "slug": "a b", "at": "2026-02-12T04:00:00+08:00"}]}]}'
    assert [(row.link, row.published_on) for row in items(DATA, body)] == [
        ("https://lab.example/a%20b", date(2026, 2, 12))
    ]


@pytest.mark.parametrize(
    "body",
    [
        '{"list": []}',
        '{"list": ["a"]}',
        '{"list": [{"title": "A", "slug": "a"}]}',
        '{"list": [{"a": {"title": "A"}, "slug": 7}]}',
    ],
)
def test_articles_with_other_fields_are_told_as_drift(body: str) -> None:
    with pytest.raises(Drifted, match=r"a list 'list' with a\.title and slug"):
        items(DATA, body)


def test_articles_within_a_page_are_read_from_their_variable() -> None:
    script = 'window._DATA = {"list": [{"title": "A", "slug": "a", "at": 1770825600000}]}; go();'
    assert [row.published_on for row in items(EMBEDDED, f"<script>{script}</script>")] == [date(2026, 2, 11)]
    with pytest.raises(Drifted, match="the variable _DATA"):
        items(EMBEDDED, "<script>window._OTHER = {}</script>")
