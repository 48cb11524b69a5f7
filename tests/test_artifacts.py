"""What a night leaves on Prefect's page of its run, as Markdown that a hostile name cannot change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from flows.artifacts import markdown, site_address, table
from flows.night import Night
from flows.settings import Settings
from tests.tools.hostile import HOSTILE
from warehouse.publication import Publication
from warehouse.report.summary import Source, Summary
from warehouse.report.text import clean
from warehouse.scope import RunScope
from warehouse.store import IngestResult

SUMMARY = Summary(
    night=date(2026, 6, 14),
    run_id="run-1",
    sentence="On 14 June 2026 the best open-weight model was 158 days behind closed models.",
    before=date(2026, 6, 13),
    moved=("Toy: Oh leads the open models, before it Cee",),
    news=("Oh reaches parity with Cee",),
    sources=(
        Source(
            source="a-good", kind="leaderboard", outcome="read", last_good_on=date(2026, 6, 14), stale_days=0, found=""
        ),
        Source(source="z-bad", kind="leaderboard", outcome="blocked", last_good_on=None, stale_days=None, found="403"),
    ),
    held=2,
    warned=3,
)


@pytest.fixture
def result(tmp_path: Path) -> Night:
    folder = tmp_path / "publications" / "2026-06-14-abc"
    publication = Publication(folder=folder, night=SUMMARY.night, fresh=True, rows={})
    return Night(
        night=SUMMARY.night,
        scope=RunScope(kind="full", sources=()),
        results=(),
        ingested=IngestResult.__new__(IngestResult),
        publication=publication,
        seconds={"build": 12.3},
    )


def kinds(text: str) -> list[str]:
    """The structure of a Markdown text: its tokens, inline ones too, without words."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(text)
    return [token.type for block in tokens for token in (block, *(block.children or ()))]


def test_the_night_in_markdown_begins_with_the_sentence(result: Night) -> None:
    answer = markdown(SUMMARY, result, "https://gap.example/")
    assert answer.startswith(f"**{SUMMARY.sentence}**")
    for part in (
        "[Report](https://gap.example/)",
        "Held back tonight: 2",
        "before it Cee",
        "1 read, 1 blocked",
        "build 12 s",
    ):
        assert part in answer


@pytest.mark.parametrize(
    "name",
    [
        "[x](https://toy.example) ![y](https://toy.example/p.png)",
        "<img src=x onerror=alert(1)>",
        "**bold** _it_ `code` ~~gone~~ # no heading",
        "- a list\n- of two\n\n# and a heading",
        "1. first",
        "a | b\n--|--\n1 | 2",
        "https://toy.example www.toy.example @everyone",
        *filter(None, (clean(name, 200) for name in HOSTILE.values())),
    ],
)
def test_a_hostile_name_changes_no_structure(result: Night, name: str) -> None:
    calm = markdown(SUMMARY, result, "https://gap.example/")
    hostile = markdown(replace(SUMMARY, moved=(name,), news=(name,)), result, "https://gap.example/")
    kept = [kind for kind in kinds(hostile) if kind != "text_special"]
    assert [k for k in kept if k != "text"] == [k for k in kinds(calm) if k not in ("text", "text_special")]
    assert "https://toy.example" not in hostile


def test_the_table_has_trouble_first_and_its_first_clause() -> None:
    good, bad = SUMMARY.sources
    gone = replace(good, source="b-gone", outcome="gone", found="b-gone: HTTP 404; at https://toy.example/x; moved")
    rows = table(replace(SUMMARY, sources=(good, gone, bad)))
    assert [(row["source"], row["found"]) for row in rows] == [("z-bad", "403"), ("b-gone", "HTTP 404"), ("a-good", "")]
    assert rows[0]["newest page"] == "never read"


def test_a_report_on_the_disk_is_opened_by_a_command(result: Night) -> None:
    """Browsers follow no link from a page of a server to a file."""
    command = "`gapindex report --open`"
    assert command in markdown(SUMMARY, result, "file:///data/published/site/index.html")
    assert command not in markdown(SUMMARY, result, "https://gap.example/")


def test_the_link_is_the_site_s_address_or_its_file(result: Night, tmp_path: Path) -> None:
    settings = Settings.from_env({"GAPINDEX_SITE_URL": "https://gap.example"}, data=tmp_path)
    assert site_address(result, settings) == "https://gap.example/"
    assert (
        site_address(result, Settings.from_env({}, data=tmp_path))
        == (tmp_path / "published" / "site" / "index.html").as_uri()
    )
