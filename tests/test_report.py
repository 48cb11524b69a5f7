"""The report site: the sentence, the files, what a hostile name may do to a page, and the pages in a real browser."""

from __future__ import annotations

import functools
import json
import re
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup
from defusedxml import ElementTree
from report_example import BOARDS, NIGHT, published, stranger

from collectors.contract.rows import Score
from flows.sql_engine import NoEngine, fetched
from tests.tools import hostile
from tests.tools.chromium import Visit, needs_browser
from warehouse.explain import open_readonly
from warehouse.publication import Publication
from warehouse.report import charts, site
from warehouse.report.document import Figure
from warehouse.report.headline import (
    Average,
    Headline,
    Interval,
    Leader,
    Price,
    RecordDurations,
    sentence,
    standing_words,
)
from warehouse.report.options import SiteOptions
from warehouse.report.pages.claims import claim_block
from warehouse.report.pages.front import answers
from warehouse.report.pages.narrowing import moments
from warehouse.report.pages.records import survival_curve
from warehouse.report.tables import Tables
from warehouse.report.text import clean, number, rounded, scope_path, slug, span, unbroken, usd, web_address

KINDS = (
    "",
    "boards",
    "boards/overall",
    "boards/coding-1",
    "models",
    "models/kimi-k2.6",
    "labs",
    "labs/moonshot",
    "claims",
    "claims/gap-narrows",
    "nights",
    f"nights/{NIGHT}",
    "compare",
    "method",
    "data",
    "sources",
)
"""A page of every kind."""


@pytest.fixture(scope="module")
def publication(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    return published(tmp_path_factory.mktemp("report"))


def page(publication: Publication, path: str) -> BeautifulSoup:
    file = publication.folder / "site" / path / "index.html"
    return BeautifulSoup(file.read_bytes(), "html.parser")


# --- the sentence -------------------------------------------------------------------------------

HEAD = Headline(
    night=date(2026, 6, 14),
    closed=Leader(model="cee", title="Cee", score=159.0, since=date(2026, 6, 9)),
    open=Leader(model="oh", title="Oh", score=154.0, since=date(2026, 4, 20)),
    unit="index points",
    gap=Interval(value=5.0, lo=2.9, hi=7.4),
    lag=Interval(value=158.4, lo=115.0, hi=371.0),
    bracket=(129, 185),
    bracket_titles=("Dee", "Bee"),
    state="closed leads",
    reason="",
    price=None,
    standing=None,
    narrowing="undecided",
    narrowing_why="",
    averages=None,
    nowcast=None,
)


def test_the_sentence_says_time_score_interval_date_and_whether_it_narrows() -> None:
    assert sentence(HEAD) == (
        "On 14 June 2026 the best open-weight model was 158 days behind closed models (90 % interval: 115 to 371),"
        " 5.0 index points below the best of them (2.9 to 7.4); whether the gap is narrowing is undecided."
    )


@pytest.mark.parametrize(
    ("usd_open", "words"),
    [
        (1.2, "12 % of what Cee, the cheapest closed model that is surely as capable, costs ($1.20"),
        (10.1, "as much as Cee, the cheapest closed model that is surely as capable ($10.10"),
        (25.0, "2.5 times what Cee, the cheapest closed model that is surely as capable, costs ($25.00"),
    ],
)
def test_the_sentence_says_the_price(usd_open: float, words: str) -> None:
    price = Price(open_usd=usd_open, closed_usd=10.0, open_title="Oh", closed_title="Cee")
    assert f", and cost {words} against $10.00 per million tokens); whether" in sentence(replace(HEAD, price=price))


def test_the_sentence_turns_where_open_leads() -> None:
    ahead = replace(HEAD, gap=Interval(value=-2.0, lo=-4.0, hi=1.0), lag=Interval(value=-30.0, lo=-60.0, hi=5.0))
    assert "30 days ahead of closed models (90 % interval: \N{MINUS SIGN}5 to 60)" in sentence(ahead)
    assert "2.0 index points above the best of them (\N{MINUS SIGN}1.0 to 4.0)" in sentence(ahead)


def test_the_sentence_says_why_there_is_no_lag() -> None:
    """A night without a network, long after the bundled history was read."""
    frozen = replace(HEAD, lag=None, reason="frozen: nothing new since 2026-06-14, so no lag is given")
    assert sentence(frozen).startswith(
        "On 14 June 2026 the best open-weight model has no lag in days (frozen: nothing new since 2026-06-14, so no lag"
        " is given), 5.0 index points below the best closed one (2.9 to 7.4); whether"
    )


def test_the_sentence_invents_nothing() -> None:
    assert sentence(None) == "Nothing is published about open-weight and closed models overall yet."
    nothing = replace(HEAD, gap=None, reason="no open model counts")
    assert sentence(nothing).endswith("it is not known how far open-weight models are behind: no open model counts.")
    assert "(no interval)" in sentence(replace(HEAD, gap=Interval(value=5.0, lo=None, hi=None)))


def test_the_cards_say_what_a_number_lies_between_and_where_it_may_move() -> None:
    averages = (Average(gap=7.13, lag=227.3), Average(gap=6.61, lag=190.8))
    leader = replace(HEAD.closed, provisional=True)
    time, points, narrowing = answers(replace(HEAD, closed=leader, nowcast=(-4.0, 10.2), averages=averages)).items
    assert time.meaning[0] == (
        "Oh lies between Bee (released 185 days ago) and Dee (129 days ago); 158 days is interpolated between the two. "
    )
    assert "over the last twelve months it averaged 227 days" in str(time.meaning[1])
    assert "the gap may move to between \N{MINUS SIGN}4.0 and 10.2" in str(points.meaning[0])
    assert "the best since 9 June 2026, provisional" in str(points.meaning[2])
    assert str(narrowing.meaning[0]).endswith("over the twelve before, 6.6 points and 191 days. ")


def test_the_cards_say_nothing_that_is_not_known() -> None:
    time, points, _ = answers(replace(HEAD, bracket_titles=("", ""))).items
    assert "interpolated" not in str(time.meaning) and "averaged" not in str(time.meaning)
    assert "late scores" not in str(points.meaning) and "provisional" not in str(points.meaning)


def test_a_claim_about_whole_records_is_set_apart_from_the_lag_in_view() -> None:
    apart = "That is not tonight's lag (158 days, 116 to 372): this is how long whole records stood, over all years."
    row = {
        "claim_id": "catch-up",
        "claim": "Matched within six months.",
        "verdict": "refuted",
        "explanation": f"Refuted: the typical record stood 260 days (226 to 285). {apart} It rests on 8 releases.",
    }
    assert claim_block(row).sentence == f"The typical record stood 260 days (226 to 285). {apart}"


def test_records_that_stand_are_named_before_those_that_fell() -> None:
    standing = RecordDurations(
        median=Interval(value=260, lo=227, hi=301),
        records=4,
        matched=2,
        recent=(("D", None, 52), ("C", None, 129), ("B", 301, 500), ("A", 229, 600)),
    )
    assert standing_words(standing) == (
        "2 of 4 closed records have been matched; D and C still stand (for 52 and 129 days so far);"
        " the 2 records before them fell: B after 301, A after 229 days"
    )


# --- words and addresses ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "folder"),
    [("kimi-k2.6", "kimi-k2.6"), ("gpt-5", "gpt-5")],
)
def test_a_plain_name_is_its_own_address(name: str, folder: str) -> None:
    assert slug(name) == folder
    assert scope_path("chat preference") == "boards/chat-preference"


@pytest.mark.parametrize("name", ["..", "../../etc", "/", "", "a/b", "A", "a\x00b", "x" * 300, "日本語", ".hidden"])
def test_no_name_leaves_its_folder(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*[a-z0-9]", slug(name))
    assert len(slug(name)) <= 80


def test_names_that_differ_have_different_addresses() -> None:
    names = ["a b", "a_b", "a/b", "A b", "a  b", "a-b!"]
    assert len({slug(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "//toy.example", "data:text/html,x", "https://a b", "https://["]
)
def test_only_web_addresses_are_links(address: str) -> None:
    assert web_address(address) is None
    assert web_address("https://toy.example/a?b#c") == "https://toy.example/a?b#c"


def test_the_gate_leaves_nothing_invisible() -> None:
    assert clean("a\u202eb\x1b[2J\n c") == "a\ufffdb\ufffd[2J c"
    assert len(clean("x" * 1000)) == 400


def test_numbers_are_written_as_people_read_them() -> None:
    assert (number(-0.04), number(-1.25, 2), number(1234.5, 0)) == ("0.0", "\N{MINUS SIGN}1.25", "1,234")
    assert (span(1, 2), span(None, 2), span(1, None), span(None, None)) == (
        "1.0 to 2.0",
        "up to 2.0",
        "1.0 or more",
        "",
    )
    assert (usd(0.015), usd(0.09975), usd(1.3625), usd(150)) == ("$0.015", "$0.10", "$1.36", "$150")


# --- numbers behind the charts ------------------------------------------------------------------


def test_a_number_stays_beside_its_unit() -> None:
    assert unbroken("(90 % interval: 116 to 372 days) on 14 June 2026").split(" ") == [
        "(90\N{NO-BREAK SPACE}%",
        "interval:",
        "116",
        "to",
        "372\N{NO-BREAK SPACE}days)",
        "on",
        "14\N{NO-BREAK SPACE}June",
        "2026",
    ]
    assert unbroken("GPT-4 daily") == "GPT-4 daily"


def test_a_long_decimal_is_rounded() -> None:
    assert rounded("slope 0.8451999999999999, 3 of 10.5 rows") == "slope 0.8452, 3 of 10.5 rows"


def test_the_first_page_counts_records_and_names_its_largest_boards(publication: Publication) -> None:
    text = " ".join(page(publication, "").get_text().split())
    assert re.search(
        r"\d+ of the \d+ matched records? stood longer than half a year; (none|\d+) (is|are) unmatched", text
    )
    assert re.search(r"Those with the most models: .+?\. Claims also count", text)
    assert "parity: it is with confidence less than 3 index points below" in text
    assert "15 claims of an essay of 2025, in our words" in text


def test_the_survival_curve_is_that_of_lifelines() -> None:
    lifelines = pytest.importorskip("lifelines")
    times = [(158, True), (226, True), (226, False), (301, True), (52, False), (129, False), (301, True), (400, True)]
    fitted = lifelines.KaplanMeierFitter().fit([t for t, _ in times], [met for _, met in times])
    result = fitted.survival_function_["KM_estimate"]
    assert dict(survival_curve(times)) == pytest.approx({int(day): share for day, share in result.items()})


def test_a_series_keeps_its_bends_and_loses_its_straights() -> None:
    values = [10, 11, 12, 13, 4, 5, 6]
    series = [{"night": date(2026, 6, n + 1), "lag": v, "lag_lo": v - 1, "lag_hi": v + 1} for n, v in enumerate(values)]
    assert [(p.on.day, p.value) for p in moments(series, "lag", "lag")] == [(1, 10), (4, 13), (5, 4), (7, 6)]


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", charts.PALETTES)
def test_every_colour_of_a_text_can_be_read_on_its_paper(theme: str) -> None:
    # Axe says nothing of text in SVG.
    palette = charts.PALETTES[theme]
    paper = luminance(palette[charts.PAPER])
    for meaning in (charts.CLOSED, charts.OPEN, charts.INK, charts.MUTED, charts.ACCENT):
        ink = luminance(palette[meaning])
        assert (max(ink, paper) + 0.05) / (min(ink, paper) + 0.05) >= 4.5, meaning


def test_the_page_has_the_colours_of_the_charts() -> None:
    css = (Path(site.__file__).parent / "static" / "site.css").read_text("utf-8")
    light, dark = (css[css.index(mark) :] for mark in (":root{", "@media (prefers-color-scheme:dark)"))
    for theme, text in (("light", light), ("dark", dark)):
        for meaning, colour in charts.PALETTES[theme].items():
            assert re.search(rf"{charts.VARIABLES[meaning][4:-1]}:(#\w+)", text)[1] == colour  # type: ignore[index]


# --- the files ----------------------------------------------------------------------------------


def test_the_site_is_part_of_the_publication(publication: Publication) -> None:
    (lead,) = page(publication, "").select("p.lead")
    assert lead.text.startswith("On 14\N{NO-BREAK SPACE}June 2026 the best open-weight model was ")
    with open_readonly(publication.database) as db:
        tables = Tables(db)
        models = {slug(model) for model in tables.with_page}
    assert {folder.name for folder in (publication.folder / "site" / "models").iterdir() if folder.is_dir()} == models


def test_the_same_tables_write_nothing_again(publication: Publication, tmp_path: Path) -> None:
    first = site.build(publication.folder, tmp_path / "one")
    assert first.written == first.files
    assert site.build(publication.folder, tmp_path / "one").written == 0
    shared = site.build(publication.folder, tmp_path / "two", earlier=tmp_path / "one")
    assert shared.files == first.files
    page = "models/kimi-k2.6/index.html"
    assert (tmp_path / "two" / page).samefile(tmp_path / "one" / page)


def test_a_page_with_the_numbers_of_the_night_before_is_not_written_again(
    publication: Publication, tmp_path: Path
) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    site.build(publication.folder, before)
    same, other, front = (path / "index.html" for path in (Path("models/gpt-4"), Path("models/gpt-5"), Path()))
    for file in (same, other, front):
        text = (before / file).read_text("utf-8")
        (before / file).write_text(re.sub(r'(<p class="date">.*>)14 June', r"\1 13 June", text), "utf-8")
    number_changed = (before / other).read_text("utf-8").replace(">150.0<", ">149.0<")
    (before / other).write_text(number_changed, "utf-8")
    site.build(publication.folder, after, earlier=before)
    assert [(after / file).samefile(before / file) for file in (same, other, front)] == [True, False, False]
    assert "13 June 2026" in (after / same).read_text("utf-8")
    assert "13 June 2026" not in (after / other).read_text("utf-8") + (after / front).read_text("utf-8")


def test_a_site_gives_its_address_where_others_ask_for_it(publication: Publication, tmp_path: Path) -> None:
    site.build(publication.folder, tmp_path, options=SiteOptions(url="https://gap.example"))
    shown = BeautifulSoup((tmp_path / f"nights/{NIGHT}/index.html").read_bytes(), "html.parser")
    here = f"https://gap.example/nights/{NIGHT}/"
    assert shown.select_one('link[rel="canonical"]')["href"] == here  # type: ignore[index]
    assert shown.select_one('meta[property="og:url"]')["content"] == here  # type: ignore[index]
    picture = str(shown.select_one('meta[property="og:image"]')["content"])  # type: ignore[index]
    assert (tmp_path / picture.removeprefix("https://gap.example/")).is_file()
    data = BeautifulSoup((tmp_path / "data/index.html").read_bytes(), "html.parser").text
    assert here in data  # to cite
    assert '<iframe src="https://gap.example/charts/lag/"' in data
    feed = ElementTree.parse(tmp_path / "feed.xml")
    links = {link.get("rel"): link.get("href") for link in feed.findall("{http://www.w3.org/2005/Atom}link")}
    assert links == {"self": "https://gap.example/feed.xml", "alternate": "https://gap.example/"}
    unhosted = (publication.folder / "site" / "data" / "index.html").read_text("utf-8")
    assert "gap.example" not in unhosted and f"nights/{NIGHT}/" in unhosted


def test_a_page_that_changes_leaves_the_earlier_publication_as_it_was(tmp_path: Path) -> None:
    site.write(tmp_path / "one", [("a/index.html", b"then")])
    site.write(tmp_path / "two", [("a/index.html", b"then")], earlier=tmp_path / "one")
    site.write(tmp_path / "two", [("a/index.html", b"now")])
    assert (tmp_path / "one/a/index.html").read_bytes() == b"then"
    assert (tmp_path / "two/a/index.html").read_bytes() == b"now"


def test_a_page_that_is_no_longer_is_taken_away(tmp_path: Path) -> None:
    site.write(tmp_path, [("a/index.html", b"a"), ("b/index.html", b"b")])
    site.write(tmp_path, [("a/index.html", b"a")])
    assert [file.name for file in tmp_path.rglob("*.html")] == ["index.html"]


def test_every_link_inside_the_site_leads_somewhere(publication: Publication) -> None:
    home = publication.folder / "site"
    wanted: dict[Path, str] = {}
    anchors: dict[Path, set[str]] = {}
    fragments = []
    for file in home.rglob("*.html"):
        soup = BeautifulSoup(file.read_bytes(), "html.parser")
        anchors[file] = {str(tag["id"]) for tag in soup.find_all(id=True)}
        for tag in soup.find_all(href=True):
            parts = urlsplit(str(tag["href"]))
            if parts.scheme in ("https", "data"):
                assert tag.name == "a" or tag["href"] == "data:,"
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            wanted[target] = f"{file}: {tag['href']}"
            if parts.fragment:
                fragments.append((target, parts.fragment, str(file)))
    assert [result for target, result in wanted.items() if not target.is_file()] == []
    assert [one for one in fragments if one[1] not in anchors[one[0]]] == []


def test_a_page_loads_nothing_from_elsewhere(publication: Publication) -> None:
    for file in (publication.folder / "site").rglob("*.html"):
        soup = BeautifulSoup(file.read_bytes(), "html.parser")
        loaded = [str(tag["src"]) for tag in soup.find_all(src=True)]
        loaded += [str(tag["href"]) for tag in soup.find_all("link", rel="stylesheet")]
        assert all(not urlsplit(address).scheme and not address.startswith("//") for address in loaded), file


def test_a_board_shows_the_rows_of_both_leaders_as_written(publication: Publication) -> None:
    text = page(publication, "boards/coding-1").text
    with open_readonly(publication.database) as db:
        found = db.execute(
            """select s.written, s.sha256 from score s
               join gap_index g on s.board = g.scope and s.model in (g.closed_model, g.open_model)
               where g.scope = 'coding-1' and g.night = $night and g.tier = 'any'""",
            {"night": NIGHT},
        ).fetchall()
    assert len(found) == 2
    for written, sha256 in found:
        assert written in text
        assert f"bodies/{sha256[:2]}/{sha256}.zst" in text


def test_charts_stand_alone_as_files(publication: Publication) -> None:
    folder = publication.folder / "site" / "charts"
    for chart in ("frontiers", "lag", "gap", "records", "survival", "domains"):
        ElementTree.parse(folder / f"{chart}.svg")
        assert (folder / f"{chart}.csv").read_text("utf-8").count("\n") > 2
        assert (folder / chart / "index.html").is_file()
    assert (folder / "frontiers.png").read_bytes().startswith(b"\x89PNG")


def test_the_picture_is_drawn_for_both_themes(publication: Publication, tmp_path: Path) -> None:
    written = site.write_pictures(publication.folder, tmp_path)
    assert {file.name for file in written} == {"gap-light.svg", "gap-light.png", "gap-dark.svg", "gap-dark.png"}
    assert charts.PALETTES["dark"][charts.PAPER] in (tmp_path / "gap-dark.svg").read_text("utf-8")


def test_what_others_measure_stands_beside_ours(publication: Publication) -> None:
    text = page(publication, "").text
    assert "Measured in other ways" in text
    assert "What others measure" in text
    assert "Epoch AI, 29 May 2026" in text


# --- hostile names ------------------------------------------------------------------------------

ATOM = "{http://www.w3.org/2005/Atom}"

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",
    "../../../../etc/passwd",
    "javascript:alert(1)//",
    "</title></style></svg><b>x",
    "\u202egnp.exe\x00\x1b[2J",
    "[click](https://toy.example) ![x](https://toy.example/p.png) https://toy.example",
    '=HYPERLINK("https://toy.example")',
    "L" * 300,
)


def payloads() -> list[str]:
    """Names that a board's page may carry into the tables; what the contract refuses reaches no page."""
    names = dict.fromkeys([*HOSTILE, *hostile.HOSTILE.values()])
    read = {name: BOARDS[0].score(name=name, value=5.0, edition="v1", written="") for name in names}
    return [name for name, row in read.items() if isinstance(row, Score)]


def skeleton(file: Path) -> Counter[str]:
    """What a page is made of: its elements and the names of their attributes."""
    soup = BeautifulSoup(file.read_bytes(), "html.parser")
    for drawing in soup.find_all("svg"):
        drawing.decompose()
    return Counter(f"{tag.name} {sorted(tag.attrs)}" for tag in soup.find_all())


@pytest.mark.slow
def test_a_hostile_name_changes_no_page_s_structure(tmp_path: Path) -> None:
    names = payloads()
    plain = [f"Invented {n}" for n in range(len(names))]

    def rows(chosen: list[str]) -> tuple[Any, ...]:
        result = [stranger(name, 159.0 + n / 10, side=("closed", "open")[n % 2]) for n, name in enumerate(chosen)]
        return tuple(row for one in result for row in one)

    built = {}
    for kind, chosen in (("plain", plain), ("hostile", names)):
        (tmp_path / kind).mkdir()
        built[kind] = published(tmp_path / kind, also=rows(chosen)).folder
    for path in ("", "boards", "boards/coding-1", "boards/overall", "models", "nights", f"nights/{NIGHT}", "sources"):
        one, other = (skeleton(built[kind] / "site" / path / "index.html") for kind in ("plain", "hostile"))
        assert {key for key in other if key not in one} == set(), path
    for file in (built["hostile"] / "site").rglob("*.html"):
        soup = BeautifulSoup(file.read_bytes(), "html.parser")
        assert all(str(tag.get("src", "")).endswith(("site.js", "models.js")) for tag in soup.find_all("script")), file
        assert not soup.find_all(["img", "iframe", "object", "embed", "b", "base", "form"]), file
        for tag in soup.find_all():
            assert not [name for name in tag.attrs if name.startswith("on")], file
            assert not str(tag.get("href", "")).lower().startswith(("javascript:", "vbscript:", "file:")), file
        assert "49" not in [tag.text for tag in soup.find_all("a")]
    for file in [*(built["hostile"] / "site").rglob("*.svg"), built["hostile"] / "feed.xml"]:
        ElementTree.parse(file)
    feeds = {kind: ElementTree.parse(built[kind] / "feed.xml") for kind in built}
    parts = {kind: {(part.tag, *sorted(part.attrib)) for part in feed.iter()} for kind, feed in feeds.items()}
    assert parts["hostile"] == parts["plain"]
    assert all(str(link.get("href")).startswith("https://") for link in feeds["hostile"].iter(f"{ATOM}link"))
    script = (built["hostile"] / "site/compare/models.js").read_text("utf-8")
    json.loads(script.removeprefix("window.gapindexModels=").removesuffix(";\n"))
    assert "<" not in re.sub(r'"probability":"[^"]*"', "", script)


# --- in the browser -----------------------------------------------------------------------------


@needs_browser
@pytest.mark.parametrize("width", [320, 768, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_kind_of_page_opens_from_a_file(browser: Any, publication: Publication, width: int, theme: str) -> None:
    home = (publication.folder / "site").resolve().as_uri()
    with Visit(browser, width, theme) as visit:
        for path in (*KINDS, "charts/frontiers"):
            shown = visit.open(publication, path)
            assert shown.evaluate("document.documentElement.scrollWidth") <= width, path
            assert shown.locator("h1").count() == 1, path
        assert visit.wrong == []
        assert all(address.startswith((home, "data:,")) for address in visit.asked)


@needs_browser
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_serious_violation(browser: Any, publication: Publication, theme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with Visit(browser, 1280, theme) as visit:
        for path in KINDS:
            shown = visit.open(publication, path)
            shown.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
            found = Axe().run(shown).response["violations"]
            serious = [one for one in found if one["impact"] in ("serious", "critical")]
            result = [(path, one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in serious]
            assert result == []


@needs_browser
def test_the_first_page_shows_its_charts_at_either_width(browser: Any, publication: Publication) -> None:
    for width, seen, hidden in ((1280, ".wide", ".narrow"), (320, ".narrow", ".wide")):
        with Visit(browser, width) as visit:
            shown = visit.open(publication, "")
            drawings = shown.locator(f".drawing{seen} svg")
            assert drawings.count() >= 6
            assert all(drawings.nth(at).is_visible() for at in range(drawings.count()))
            assert not shown.locator(f".drawing{hidden}").first.is_visible()
            # Text of a chart lies on its drawing, and stays readable where it is scaled down.
            outside = shown.evaluate(
                """(seen) => [...document.querySelectorAll(`.drawing${seen} svg`)].flatMap((svg) => {
                    const room = svg.getBoundingClientRect();
                    const whole = (text) => {
                        const box = text.getBoundingClientRect();
                        return box.bottom <= room.bottom + 2 && box.top >= room.top - 2 && box.left >= room.left - 2;
                    };
                    return [...svg.querySelectorAll("text")].filter((t) => !whole(t)).map((t) => t.textContent);
                })""",
                seen,
            )
            assert outside == []
            size = shown.evaluate(
                """(seen) => Math.min(...[...document.querySelectorAll(`.drawing${seen} svg text`)]
                    .map((text) => text.getBoundingClientRect().height))""",
                seen,
            )
            assert size >= 8


@needs_browser
def test_a_page_is_whole_without_script(browser: Any, publication: Publication) -> None:
    with Visit(browser, script=False) as visit:
        shown = visit.open(publication, "")
        assert shown.locator("p.lead").inner_text().startswith("On 14\N{NO-BREAK SPACE}June 2026")
        assert shown.locator(".drawing.wide svg").first.is_visible()
        shown.locator("summary", has_text="The table behind it").first.click()
        assert shown.locator("figure table").first.is_visible()
        assert shown.locator(".filters").count() == 0


@needs_browser
def test_a_page_is_printed_dark_on_white_without_what_only_a_screen_needs(
    browser: Any, publication: Publication
) -> None:
    with Visit(browser, 794, "dark") as visit:
        for path in ("", "models", "models/kimi-k2.6", "claims", "boards/coding-1"):
            shown = visit.open(publication, path)
            shown.emulate_media(media="print", color_scheme="dark")
            paper = shown.evaluate(
                "(({backgroundColor, color}) => [backgroundColor, color])(getComputedStyle(document.documentElement))"
            )
            assert paper == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"], path
            screen_only = shown.locator(".top ul, .filters, .contents, .skip, .drawing.narrow, details:not([open])")
            assert not any(one.is_visible() for one in screen_only.all()), path
            assert shown.evaluate("document.documentElement.scrollWidth") <= 794, path
        # The address behind a link is printed; Chromium repeats the headings of a table only as plain text.
        shown = visit.open(publication, "models/kimi-k2.6")
        address = shown.locator("td a[href^=http]").first.evaluate("(one) => getComputedStyle(one, '::after').content")
        assert "https://toy.example/" in address
        visit.open(publication, "models")
        heading = shown.locator("th button").first
        assert heading.evaluate("(one) => getComputedStyle(one).display") == "contents"


@needs_browser
def test_a_table_is_filtered_and_sorted_in_place(browser: Any, publication: Publication) -> None:
    with Visit(browser) as visit:
        shown = visit.open(publication, "models")
        rows = shown.locator("tbody tr:visible")
        everyone = rows.count()
        shown.get_by_label("Side").select_option("open")
        assert 0 < rows.count() < everyone
        shown.get_by_label("Search").fill("kimi")
        assert all("Kimi" in text for text in rows.all_inner_texts())
        assert f"{rows.count()} of {everyone}" in shown.locator("output").inner_text()
        shown.get_by_label("Search").fill("")
        shown.get_by_label("Side").select_option("")
        shown.get_by_role("button", name="Ability").click()
        heading = shown.locator("th", has_text="Ability")
        assert heading.get_attribute("aria-sort") == "ascending"
        values = [float(text) for text in shown.locator("tbody tr td:nth-child(4)").all_inner_texts()]
        assert values == sorted(values)
        assert visit.wrong == []


@needs_browser
def test_two_models_are_set_side_by_side(browser: Any, publication: Publication) -> None:
    with Visit(browser) as visit:
        shown = visit.open(publication, "compare")
        result = shown.locator("#compare .lead")
        shown.get_by_label("One model").select_option(label="GPT-5.5 (closed)")
        shown.get_by_label("The other").select_option(label="DeepSeek-V3 (open)")
        assert result.inner_text() == "GPT-5.5 is more capable than DeepSeek-V3 with probability above 0.99."
        assert "DeepSeek" in shown.locator("#compare table").inner_text()
        assert visit.wrong == []


@needs_browser
def test_evidence_is_reached_by_links_from_the_first_page(browser: Any, publication: Publication) -> None:
    with Visit(browser) as visit:
        shown = visit.open(publication, "")
        shown.get_by_role("link", name="Evidence").first.click()
        assert "composite" in shown.locator("h1").inner_text()
        shown.locator("tbody a", has_text="Coding 1").first.click()
        assert shown.get_by_role("heading", name="Evidence for both leaders").is_visible()
        assert "https://toy.example/board.json" in shown.locator("dl.facts").first.inner_text()
        assert visit.wrong == []


@needs_browser
def test_a_page_can_be_walked_by_keyboard(browser: Any, publication: Publication) -> None:
    with Visit(browser) as visit:
        shown = visit.open(publication, "")
        shown.keyboard.press("Tab")
        assert shown.evaluate("document.activeElement.textContent") == "Skip to the content"
        shown.keyboard.press("Tab")
        assert shown.evaluate("document.activeElement.textContent") == "gapindex"


@needs_browser
def test_nothing_jumps_while_loading(browser: Any, publication: Publication) -> None:
    with Visit(browser, 1280) as visit:
        shown = visit.open(publication, "")
        moved = shown.evaluate(
            """() => new Promise((done) => {
                let sum = 0;
                new PerformanceObserver((list) => { for (const one of list.getEntries()) sum += one.value; })
                    .observe({ type: "layout-shift", buffered: true });
                setTimeout(() => done(sum), 300);
            })"""
        )
        assert moved < 0.02


@pytest.fixture(scope="module")
def hosted(publication: Publication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site with its page for SQL, on a static host."""
    folder = tmp_path_factory.mktemp("hosted")
    try:
        engine = fetched(folder)
    except NoEngine as error:
        pytest.skip(str(error))
    site.build(publication.folder, folder / "site", options=SiteOptions(engine=engine))
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(folder / "site"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@needs_browser
@pytest.mark.slow
def test_sql_over_the_published_tables_in_the_browser(browser: Any, publication: Publication, hosted: str) -> None:
    with Visit(browser, 320) as visit:
        shown = visit.page
        shown.goto(f"{hosted}sql/index.html")
        assert shown.evaluate("document.documentElement.scrollWidth") <= 320
        assert not any("engine" in address for address in visit.asked)
        shown.get_by_role("button", name="Run").click()
        shown.locator("#sql table").wait_for(timeout=60_000)
        with open_readonly(publication.database) as db:
            (gap,) = db.execute(
                "select round(gap, 1) from gap_index where scope = 'overall' and tier = 'any' and night = $night",
                {"night": NIGHT},
            ).fetchone()  # type: ignore[misc]
        assert shown.locator("#sql tbody td").all_inner_texts()[:2] == [str(NIGHT), str(gap)]
        assert visit.wrong == []
        assert all(address.startswith((hosted, "data:,", "blob:")) for address in visit.asked)
        # Other hosts are out of reach, whatever a question names.
        shown.locator("textarea").fill("select * from 'http://127.0.0.1:9/x.parquet'")
        shown.get_by_role("button", name="Run").click()
        shown.locator("#sql .warning").wait_for()


@needs_browser
def test_from_a_file_the_sql_page_says_what_it_needs(browser: Any, publication: Publication, tmp_path: Path) -> None:
    (tmp_path / "engine").mkdir()
    site.build(publication.folder, tmp_path / "site", options=SiteOptions(engine=tmp_path / "engine"))
    with Visit(browser) as visit:
        visit.page.goto((tmp_path / "site" / "sql" / "index.html").as_uri())
        assert "gapindex report --serve" in visit.page.locator("#sql").inner_text()
        assert visit.wrong == []


@needs_browser
def test_vintages_are_laid_over_the_restated_line_on_demand(
    browser: Any, publication: Publication, tmp_path: Path
) -> None:
    points = [charts.Moment(on=date(2026, 6, n), value=100 + n, lo=90, hi=130) for n in (1, 14)]
    drawn = charts.drawing("lag", charts.moments(points, unit="days", up="up", zero="none", published=points[:1]))
    figure = Figure(
        name="lag", title="T", subtitle="S", drawing=drawn, alternative="A", source=(), overlay="Show as published"
    )
    file = tmp_path / "charts" / "lag" / "index.html"
    file.parent.mkdir(parents=True)
    with open_readonly(publication.database) as db:
        file.write_bytes(site.View(Tables(db), SiteOptions()).embedded(figure))
    shutil.copy(publication.folder / "site" / "site.css", tmp_path)
    with Visit(browser, script=False) as visit:
        visit.page.goto(file.as_uri())
        rings = visit.page.locator(f".wide .{charts.OVERLAY}")
        assert rings.count() == 1 and not rings.is_visible()
        visit.page.get_by_label("Show as published").check()
        assert rings.is_visible()
