"""Prices, sizes and dates that cannot be, and gate G13: sizes and dates that no other source confirms."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from examples import ask
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Price, Quarantined, Release, Row, Spec
from collectors.contract.source import Source
from collectors.parsing import read_page
from collectors.registry import sources
from warehouse.statements import prepare, statements

NIGHT = date(2026, 6, 14)
SEEDS = Path(__file__).parent.parent / "warehouse" / "seeds"
TEXTS = {s.name: s.text for s in statements("staging")}


def litellm(models: dict[str, Any]) -> tuple[Row, ...]:
    source = sources()["litellm-prices"]
    page = Page(url=source.start[0], body=json.dumps(models).encode(), fetched_at=datetime(2026, 6, 14, tzinfo=UTC))
    return read_page(source, page)


def offer(paid_in: float, paid_out: float) -> dict[str, Any]:
    return {
        "input_cost_per_token": paid_in,
        "output_cost_per_token": paid_out,
        "litellm_provider": "shop",
        "mode": "chat",
    }


def test_a_price_of_three_million_dollars_costs_its_row() -> None:
    rows = litellm({f"model-{n}": offer(2e-6, 8e-6) for n in range(20)} | {"odd": offer(3.0, 8e-6)})

    assert sum(isinstance(row, Price) for row in rows) == 20
    (row,) = (row for row in rows if isinstance(row, Quarantined))
    assert (row.name, row.field, row.found, row.expected) == ("odd", "input_usd", "3e+06", "0.0001 to 1000")


def test_a_list_in_another_unit_whose_prices_cannot_be_is_refused_whole() -> None:
    with pytest.raises(Drifted, match="rows cannot be believed"):
        litellm({f"model-{n}": offer(15e-3, 75e-3) for n in range(20)})


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (Spec(name="odd", quantity="context_tokens", value=4e12, written=""), "context_tokens"),
        (Spec(name="odd", quantity="parameters", value=0.07, written=""), "parameters"),
        (Release(name="odd", developer="", event="released", happened_on=date(202, 6, 1), written=""), "date"),
    ],
)
def test_a_size_or_date_that_nothing_has_costs_its_row(row: Row, field: str) -> None:
    fine = Spec(name="fine", quantity="parameters", value=7e9, written="")
    source = Source(
        name="toy",
        kind="registry",
        title="Toy",
        homepage="https://toy.example/",
        licence="CC0-1.0",
        start=("https://toy.example/",),
        hosts=frozenset({"toy.example"}),
        parse=lambda page: iter([fine, row]),
    )
    page = Page(url="https://toy.example/", body=b"x", fetched_at=datetime(2026, 6, 14, tzinfo=UTC))

    kept, aside = read_page(source, page)

    assert kept == fine
    assert isinstance(aside, Quarantined) and aside.field == field


# --- gate G13 -----------------------------------------------------------------------------------

Stated = tuple[str, str, float | str, str]
"""Source, name, value (parameters) or date of release, known since."""


def judged(*stated: Stated, read: tuple[tuple[str, str], ...] = ()) -> list[tuple[str, str, str]]:
    """Source, value and rule of each statement that waits; every name is that of one model."""
    with duckdb.connect(":memory:", config={"threads": 1}) as db:
        prepare(db, NIGHT)
        db.execute("create table seed.gate as from read_csv($path)", {"path": str(SEEDS / "gate.csv")})
        db.execute(f"create table staging.gate_limit as {TEXTS['gate_limit']}")
        db.execute("create table input.override (sha256 varchar)")
        db.execute("create table raw.fetch_result (source varchar, url varchar, night date)")
        db.execute("create table staging.resolved_name (source varchar, name varchar, model varchar, variant varchar)")
        keys = "source varchar, name varchar, url varchar, sha256 varchar, known_on date"
        db.execute(f"create table staging.spec_seen (quantity varchar, value double, {keys})")
        db.execute(f"create table staging.release_seen (event varchar, happened_on date, {keys})")
        for source, name, value, known_on in stated:
            row = (source, name, f"https://{source}.example/", f"sha {known_on}", known_on)
            if isinstance(value, str):
                db.execute("insert into staging.release_seen values ('released', ?, ?, ?, ?, ?, ?)", (value, *row))
            else:
                db.execute("insert into staging.spec_seen values ('parameters', ?, ?, ?, ?, ?, ?)", (value, *row))
        for source, name in sorted({(source, name) for source, name, *_ in stated}):
            db.execute("insert into staging.resolved_name values (?, ?, 'ann', '')", (source, name))
        for source, night in read:
            db.execute("insert into raw.fetch_result values (?, ?, ?)", (source, f"https://{source}.example/", night))
        db.execute(f"create table staging.fact_gate as {TEXTS['fact_gate']}")
        found = ask(db, "select source, held, rule from staging.fact_gate where held <> '' order by all")
        return [(row["source"], row["held"].split(" ")[0].rstrip(";"), row["rule"]) for row in found]


def test_a_size_that_jumps_waits_for_its_second_reading() -> None:
    stated: tuple[Stated, ...] = (("list", "Ann", 7e9, "2026-01-01"), ("list", "Ann", 7e12, "2026-06-01"))

    assert judged(*stated) == [("list", "7e+12", "fact jump")]
    assert judged(*stated, read=(("list", "2026-06-02"),)) == []


def test_a_date_a_year_off_that_two_sources_contradict_waits_for_a_witness() -> None:
    stated: tuple[Stated, ...] = (
        ("one", "Ann", "2025-07-11", "2025-08-01"),
        ("two", "Ann", "2025-07-12", "2025-08-01"),
        ("odd", "Ann", "2024-07-14", "2025-08-01"),
    )
    read = (("odd", "2026-06-01"),)

    assert judged(*stated, read=read) == [("odd", "2024-07-14", "sources that contradict")]
    assert judged(*stated, ("third", "Ann", "2024-07-20", "2025-09-01"), read=read) == []


def test_one_source_alone_contradicts_nobody() -> None:
    assert judged(("one", "Ann", "2025-07-11", "2025-08-01"), ("odd", "Ann", "2024-07-14", "2025-08-01")) == []


def test_a_second_source_settles_a_jump_of_a_date() -> None:
    stated: tuple[Stated, ...] = (
        ("list", "Ann", "2025-01-01", "2025-02-01"),
        ("list", "Ann", "2025-09-01", "2025-09-02"),
    )

    assert judged(*stated) == [("list", "2025-09-01", "fact jump")]
    assert judged(*stated, ("two", "Ann", "2025-09-03", "2025-09-05")) == []


@settings(max_examples=20, deadline=None)
@given(size=st.floats(1e9, 1e12), factor=st.sampled_from([1e-6, 1e-3, 1e3, 1e6]))
def test_a_size_a_thousand_times_off_never_counts_against_two_others(size: float, factor: float) -> None:
    good: tuple[Stated, ...] = (("one", "Ann", size, "2026-01-01"), ("two", "Ann", 1.1 * size, "2026-01-01"))

    found = judged(*good, ("odd", "Ann", size * factor, "2026-02-01"), read=(("odd", "2026-06-01"),))

    assert [(source, rule) for source, _, rule in found] == [("odd", "sources that contradict")]
