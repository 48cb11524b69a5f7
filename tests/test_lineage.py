"""Lineage: order, selections, the page of docs/, and a part of a build."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from examples import Example, board, closed, opened, score

from warehouse import lineage
from warehouse.build import built
from warehouse.lineage import BadSelection, Place, downstream, selected, upstream

TOY: dict[Place, frozenset[Place]] = {
    ("staging", "offer"): frozenset(),
    ("staging", "model"): frozenset(),
    ("marts", "model"): frozenset({("staging", "model")}),
    ("marts", "price"): frozenset({("staging", "offer"), ("marts", "model")}),
    ("marts", "trend"): frozenset({("marts", "price")}),
}


def names(places: frozenset[Place]) -> set[str]:
    return {".".join(place) for place in places}


@pytest.mark.parametrize(
    ("selection", "found"),
    [
        ("price", "marts.price"),
        ("offer", "staging.offer"),
        ("model", "marts.model"),  # the published one goes first
        ("staging.model", "staging.model"),
        ("+model", "marts.model staging.model"),
        ("price+", "marts.price marts.trend"),
        ("+marts.price+", "marts.price marts.trend marts.model staging.model staging.offer"),
        ("offer, trend", "staging.offer marts.trend"),
    ],
)
def test_a_selection_names_tables_as_in_dbt(selection: str, found: str) -> None:
    assert names(selected(TOY, selection)) == set(found.split())


@pytest.mark.parametrize(
    ("selection", "says"),
    [
        ("prize", "no table prize; near it: price"),
        ("marts.offer", "no table marts.offer"),
        ("++x", "selects nothing"),
        ("", "empty"),
    ],
)
def test_a_selection_of_nothing_says_what_there_is(selection: str, says: str) -> None:
    with pytest.raises(BadSelection, match=says.replace("+", r"\+")):
        selected(TOY, selection)


def test_up_and_down_are_each_others_mirror() -> None:
    for place in TOY:
        assert all(place in upstream(TOY, [other]) for other in downstream(TOY, [place]))


def test_an_arrow_that_others_imply_is_left_out() -> None:
    assert lineage.published_reads(TOY) == {
        "model": frozenset(),
        "price": frozenset({"model"}),
        "trend": frozenset({"price"}),
    }


def test_the_page_is_up_to_date() -> None:
    page = Path(__file__).parent.parent / "docs" / "lineage.md"
    assert page.read_text("utf-8") == lineage.picture(), "`make lineage` writes it anew"


def test_a_part_of_a_build_makes_what_it_needs_and_no_more(tmp_path: Path) -> None:
    example = Example(tmp_path, board())
    example.saw("2026-06-14", closed("Cee", api="2026-01-01"), opened("Oh", weights="2026-02-01"), score("Cee", 60))
    example.ingest()
    seconds: dict[Place, float] = {}
    chosen = selected(lineage.graph(), "incident")
    night = date(2026, 6, 14)
    with built(example.store, night, example.sources, bundled=False, only=chosen, on_table=seconds.__setitem__) as db:
        assert db.execute("select count(*) from staging.page_seen").fetchall() == [(1,)]
    assert {*seconds} == {("marts", "incident"), ("staging", "page_seen")}
