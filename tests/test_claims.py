"""Every claim by its rule, on tables written by hand; the SQL of docs/claims.md gives the same (METHOD section 7)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner
from conftest import ROOT
from examples import Example, ask, board, closed, opened, score

from flows.cli import app
from flows.cli.options import Exit
from warehouse.statements import Statement, prepare, statements

NIGHT = date(2026, 6, 14)
PAGE = ROOT / "docs" / "claims.md"
SEEDS = ROOT / "warehouse" / "seeds"
MADE = ("claim_rule", "claim_evidence", "claim_verdict")

Row = dict[str, Any]
Rows = Sequence[tuple[str, Row]]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """Columns and types of every published table."""
    example = Example(tmp_path_factory.mktemp("store"))
    example.saw(
        "2026-06-14",
        closed("Cee", api="2026-01-01"),
        opened("Oh", weights="2026-02-01"),
        score("Cee", 60),
    )
    with example.built("2026-06-14") as db:
        return {
            s.name: {name: kind for name, kind, *_ in db.execute(f"describe marts.{s.name}").fetchall()}
            for s in statements("marts")
        }


def claim_statements() -> list[Statement]:
    """What the claims are made of, each after those it reads."""
    every = {(s.schema, s.name): s for s in (*statements("staging"), *statements("marts"))}
    wanted: dict[tuple[str, str], Statement] = {}
    rest = [("marts", name) for name in MADE]
    while rest:
        place = rest.pop()
        if place[0] == "staging" or place[1] in MADE:
            wanted[place] = every[place]
            rest += every[place].needs
    order = TopologicalSorter({place: one.needs & wanted.keys() for place, one in wanted.items()})
    return [wanted[place] for place in order.static_order()]


STATEMENTS = claim_statements()
READ = sorted({name for one in STATEMENTS for schema, name in one.needs if schema == "marts"} - set(MADE))


class World:
    """A publication in which only the given rows are there; the claims are computed from them."""

    def __init__(self, empty: Mapping[str, Mapping[str, str]], rows: Rows) -> None:
        self.db = duckdb.connect(":memory:")
        prepare(self.db, date(2026, 6, 14))
        for seed, types in (
            ("claim", ""),
            ("claim_part", ", types = {'lower': 'double', 'upper': 'double'}"),
        ):
            file = SEEDS / f"{seed}.csv"
            self.db.execute(f"create table seed.{seed} as from read_csv('{file}', nullstr = ''{types})")
        for table in READ:
            result = ", ".join(f'"{name}" {kind}' for name, kind in empty[table].items())
            self.db.execute(f"create table marts.{table} ({result})")
        for table, row in rows:
            names = ", ".join(f'"{name}"' for name in row)
            marks = ", ".join("?" * len(row))
            self.db.execute(
                f"insert into marts.{table} ({names}) values ({marks})",
                list(row.values()),
            )
        for one in STATEMENTS:
            self.db.execute(f"create table {one.schema}.{one.name} as {one.text}")
        for table in (*READ, *MADE):
            self.db.execute(f"create view main.{table} as from marts.{table}")

    def verdict(self, claim: str) -> Row:
        (row,) = ask(self.db, "from marts.claim_verdict where claim_id = $c", c=claim)
        return row

    def figures(self, claim: str) -> list[Row]:
        return ask(
            self.db,
            """select part, scope, role, estimate, lo, hi, n from marts.claim_evidence
               where claim_id = $c and role in ('headline', 'counts') order by part, scope""",
            c=claim,
        )


# --- rows ---------------------------------------------------------------------------------------


def survival(scope: str, median: float | None, lo: float | None, hi: float | None, **more: Any) -> tuple[str, Row]:
    kind = {"overall": "overall", "boards": "boards"}.get(scope, "domain")
    row = {
        "scope_kind": kind,
        "scope": scope,
        "tier": "any",
        "grade": "match",
        "n_records": 20,
        "n_events": 15,
    }
    return "survival", row | {
        "n_clusters": 10,
        "median_days": median,
        "median_lo": lo,
        "median_hi": hi,
    } | more


def took(
    closed_model: str,
    days: int | None,
    scope: str = "overall",
    grade: str = "match",
    at_least: int = 400,
) -> tuple[str, Row]:
    kind = scope if scope == "overall" else "domain" if scope == "reasoning and mathematics" else "board"
    return "time_to_parity", {
        "scope_kind": kind,
        "scope": scope,
        "edition": "1",
        "tier": "any",
        "grade": grade,
        "closed_model": closed_model,
        "days": days,
        "censored": "right" if days is None else "none",
        "lower_days": at_least if days is None else days,
        "upper_days": days,
        "open_model": None if days is None else "oh",
        "open_title": None if days is None else "Oh",
        "underpowered": False,
    }


def shown(
    name: str, domain: str = "coding", *, counts: bool = True, safe: float | None = None
) -> list[tuple[str, Row]]:
    """A board of tonight with both leaders; ``safe`` gives its gap limits one point to either side."""
    facts = {
        "domain": domain,
        "counts_for_index": counts,
        "better": "higher",
        "measures": "What it measures.",
    }
    limits = (None, None) if safe is None else (safe - 1, safe + 1)
    return [
        ("benchmark", {"board": name} | facts),
        (
            "gap_index",
            gap("board", name, safe or 1.0, *limits)[1] | {"domain": domain, "edition": "1", "observed_on": NIGHT},
        ),
    ]


def gap(kind: str, scope: str, value: float, lo: float | None, hi: float | None) -> tuple[str, Row]:
    return "gap_index", {
        "night": NIGHT,
        "scope_kind": kind,
        "scope": scope,
        "tier": "any",
        "closed_model": "cee",
        "open_model": "oh",
        "gap": value,
        "gap_lo": lo,
        "gap_hi": hi,
    }


def trend(
    family: str,
    ratio: float | None,
    lo: float | None,
    hi: float | None,
    worst: float | None,
) -> tuple[str, Row]:
    row = {
        "scope": "overall",
        "tier": "any",
        "grade": "match",
        "family": family,
        "ratio_per_year": ratio,
        "lo": lo,
    }
    more = {
        "hi": hi,
        "worst_hi": worst,
        "worst_left_out": "cee",
        "n_events": 15,
        "n_clusters": 9,
    }
    return "trend", row | more | ({"reason": "too few"} if ratio is None else {})


def record(side: str, model: str, on: str, value: float, name: str = "b") -> tuple[str, Row]:
    row = {
        "scope": name,
        "edition": "1",
        "tier": "any",
        "side": side,
        "model": model,
        "score": value,
    }
    return "frontier", row | {"from_on": date.fromisoformat(on)}


def incident(provider: str, days_ago: int, hours: float | None, part: str = "api") -> tuple[str, Row]:
    began = datetime.combine(NIGHT, time(3)) - timedelta(days=days_ago)
    return "incident", {
        "source": f"status-{provider}",
        "provider": provider,
        "developer": provider,
        "guid": f"{days_ago}-{part}",
        "title": part,
        "impact": "degraded",
        "started_at": began,
        "ended_at": None if hours is None else began + timedelta(hours=hours),
    }


def lab(name: str, tier: str) -> list[tuple[str, Row]]:
    """A lab with one model, whose status page was read tonight and a year ago."""
    return [
        ("model", {"model": f"{name}-1", "developer": name}),
        ("model_access", {"model": f"{name}-1", "tier": tier}),
        *(
            ("page_fetch", {"source": f"status-{name}", "night": on, "outcome": "read"})
            for on in (date(2025, 6, 1), NIGHT)
        ),
    ]


def sold(side: str, model: str, sellers: int, place: int = 1) -> tuple[str, Row]:
    return "provider_count", {
        "side": side,
        "model": model,
        "sellers": sellers,
        "place": place,
        "providers": "x",
    }


def price(level: str, kind: str, halving: float | None, lo: float | None, hi: float | None) -> tuple[str, Row]:
    row = {
        "basis": "blended list price",
        "level_id": level,
        "kind": kind,
        "title": level,
        "side": "any",
        "tier": "any",
    }
    more = {
        "halving_days": halving,
        "halving_lo": lo,
        "halving_hi": hi,
        "n_prices": 9,
        "floor_usd": 0.2,
        "n_models": 4,
    }
    return "capability_price_trend", row | more


def compute(ratio: float, n: int, scope_kind: str = "overall") -> tuple[str, Row]:
    row = {
        "event_id": f"{scope_kind}{n}",
        "scope_kind": scope_kind,
        "tier": "any",
        "grade": "match",
        "state": "candidate",
    }
    return "parity_compute", row | {
        "closed_model": "cee",
        "open_model": f"oh{n}",
        "ratio": ratio,
    }


def needs(four: float, eight: float) -> list[tuple[str, Row]]:
    return [
        (
            "hardware",
            {
                "model": "oh",
                "bits": bits,
                "gb": gb,
                "class": "a card",
                "parameters": 1e11,
            },
        )
        for bits, gb in ((4, four), (8, eight))
    ]


def quarters(labs: Sequence[int], near: tuple[int, int, int] = (3, 5, 9)) -> list[tuple[str, Row]]:
    starts = [
        date(2024, 7, 1),
        date(2024, 10, 1),
        *(date(2025, m, 1) for m in (1, 4, 7, 10)),
        *(date(2026, m, 1) for m in (1, 4)),
    ]
    return [
        (
            "depth",
            dict(zip(("labs_2", "labs_5", "labs_10"), near, strict=True))
            | {
                "quarter": on,
                "tier": "any",
                "placed": 20,
                "labs_releasing": many,
                "unfinished": False,
            },
        )
        for on, many in zip(starts, labs, strict=True)
    ]


ACCESS = (
    "model_access",
    {
        "model": "oh",
        "tier": "T1",
        "licence": "mit",
        "evidence": "hub files",
        "source": "hub",
    },
)
NAMES = (
    "model_alias",
    {"source": "toy", "name": "DeepSeek-R1", "model": "deepseek-r1"},
)


# --- one claim a case ---------------------------------------------------------------------------

CATCH_UP, GPT4, O1, O3 = (
    "catch-up-3-6-months",
    "gpt4-9-months",
    "o1-6-months",
    "o3-4-months",
)
LABS = [gap("overall", "overall", 3.0, None, None), *lab("shut", "C"), *lab("free", "T1")]

CASES: dict[str, tuple[str, Rows, str]] = {
    "a median inside three to six months": (
        CATCH_UP,
        [survival("overall", 140, 100, 180)],
        "supported",
    ),
    "a median of seven months and more": (
        CATCH_UP,
        [survival("overall", 240, 200, 300)],
        "refuted",
    ),
    "a median of one month is not three": (
        CATCH_UP,
        [survival("overall", 30, 20, 60)],
        "refuted",
    ),
    "the composite of a domain is shown beside its boards and does not contradict": (
        CATCH_UP,
        [
            survival("overall", 240, 200, 300),
            survival("coding", 250, 210, 290),
            survival("coding", 140, 100, 180, scope_kind="domain composite"),
        ],
        "refuted",
    ),
    "an interval over the edge": (
        CATCH_UP,
        [survival("overall", 170, 150, 200)],
        "undecided",
    ),
    "an interval without an end": (
        CATCH_UP,
        [survival("overall", 140, 100, None)],
        "undecided",
    ),
    "no end, but beyond already": (
        CATCH_UP,
        [survival("overall", None, 200, None)],
        "refuted",
    ),
    "a domain that disagrees": (
        CATCH_UP,
        [survival("overall", 140, 100, 180), survival("coding", 300, 250, 400)],
        "mixed",
    ),
    "a T1 row that disagrees decides nothing": (
        CATCH_UP,
        [
            survival("overall", 140, 100, 180),
            survival("overall", 300, 250, 400, tier="T1"),
        ],
        "supported",
    ),
    "without the composite the first domain speaks": (
        CATCH_UP,
        [survival("coding", 300, 250, 400)],
        "refuted",
    ),
    "no records": (
        CATCH_UP,
        [survival("overall", None, None, None, n_clusters=0)],
        "not measured",
    ),
    "GPT-4 stood for nine months": (GPT4, [took("gpt-4", 270)], "supported"),
    "GPT-4 stood for sixteen": (GPT4, [took("gpt-4", 497)], "refuted"),
    "still standing, and for longer than claimed": (
        GPT4,
        [took("gpt-4", None, at_least=800)],
        "refuted",
    ),
    "still standing, but not long": (
        GPT4,
        [took("gpt-4", None, at_least=200)],
        "undecided",
    ),
    "parity says otherwise": (
        GPT4,
        [took("gpt-4", 270), took("gpt-4", 600, grade="parity")],
        "mixed",
    ),
    "boards say otherwise": (
        GPT4,
        [
            took("gpt-4", 270),
            *(r for b in "abcd" for r in (*shown(b), took("gpt-4", 500, b))),
        ],
        "mixed",
    ),
    "another model's time is not GPT-4's": (
        GPT4,
        [took("gpt-4-turbo", 270)],
        "not measured",
    ),
    "o1 is judged by reasoning": (
        O1,
        [took("o1", 400), took("o1", 180, "reasoning and mathematics")],
        "mixed",
    ),
    "o1 on the composite alone": (O1, [took("o1", 180)], "supported"),
    "o3 stood for four months": (O3, [took("o3", 120)], "supported"),
    "o3 stood for seven": (O3, [took("o3", 204)], "refuted"),
    "no source knows R2": ("r2-matched-o3", [NAMES], "subject missing"),
    "both families below 1": (
        "gap-narrows",
        [trend("lognormal", 0.6, 0.4, 0.9, 0.95), trend("weibull", 0.6, 0.4, 0.8, 0.9)],
        "supported",
    ),
    "one family is not enough": (
        "gap-narrows",
        [trend("lognormal", 0.6, 0.4, 0.9, 0.95), trend("weibull", 0.8, 0.4, 1.1, 1.2)],
        "undecided",
    ),
    "one record carries it": (
        "gap-narrows",
        [trend("lognormal", 0.6, 0.4, 0.9, 1.05), trend("weibull", 0.6, 0.4, 0.8, 0.9)],
        "undecided",
    ),
    "the gap widens": (
        "gap-narrows",
        [trend("lognormal", 2.0, 1.4, 3.0, 3.1), trend("weibull", 2.0, 1.2, 3.0, 3.1)],
        "refuted",
    ),
    "too few events": (
        "gap-narrows",
        [trend("lognormal", None, None, None, None)],
        "undecided",
    ),
    "at parity": (
        "parity-equilibrium",
        [gap("overall", "overall", 0.5, -1, 1.9)],
        "supported",
    ),
    "open ahead is no refutation": (
        "parity-equilibrium",
        [gap("overall", "overall", -5, -6, -4)],
        "supported",
    ),
    "behind": ("parity-equilibrium", [gap("overall", "overall", 7, 4, 10)], "refuted"),
    "behind, but most domains are not": (
        "parity-equilibrium",
        [
            gap("overall", "overall", 7, 4, 10),
            gap("domain", "coding", 1, 0, 1.5),
            gap("domain", "agents", 1, 0, 1.5),
            gap("domain", "general", 8, 5, 9),
        ],
        "mixed",
    ),
    "less compute at every event": (
        "compute-compensated",
        [compute(0.1 * n, n) for n in range(1, 8)],
        "supported",
    ),
    "four pairs are no interval": (
        "compute-compensated",
        [compute(0.1, n) for n in range(4)],
        "undecided",
    ),
    "a pair counts once": ("compute-compensated", [compute(0.1, 1)] * 9, "undecided"),
    "more compute": (
        "compute-compensated",
        [compute(2.0 + n, n) for n in range(8)],
        "refuted",
    ),
    "closed moves the frontier": (
        "speed-first",
        [
            *shown("b"),
            *(record("closed", f"c{n}", f"2025-01-{n + 1:02}", n) for n in range(12)),
        ],
        "supported",
    ),
    "open moves it": (
        "speed-first",
        [
            *shown("b"),
            *(record("open", f"o{n}", f"2025-01-{n + 1:02}", n) for n in range(12)),
        ],
        "refuted",
    ),
    "following is no advance": (
        "speed-first",
        [
            *shown("b"),
            *(record("closed", f"c{n}", f"2025-01-{n + 1:02}", 10 + n) for n in range(12)),
            *(record("open", f"o{n}", f"2025-02-{n + 1:02}", n) for n in range(12)),
        ],
        "supported",
    ),
    "fewer incidents": (
        "reliability",
        [*LABS, incident("shut", 1, 1), *(incident("free", n, 2) for n in range(1, 6))],
        "supported",
    ),
    "more incidents": (
        "reliability",
        [*LABS, incident("free", 1, 1), *(incident("shut", n, 2) for n in range(1, 6))],
        "refuted",
    ),
    "components of one incident are one": (
        "reliability",
        [
            *LABS,
            incident("free", 1, 1),
            incident("free", 2, 1),
            *(incident("shut", 3, 1, part) for part in "abcde"),
        ],
        "supported",
    ),
    "more incidents, but short ones": (
        "reliability",
        [
            *LABS,
            incident("free", 1, 40),
            *(incident("shut", n, 1) for n in range(1, 6)),
        ],
        "mixed",
    ),
    "no open lab has a page": (
        "reliability",
        [*lab("shut", "C"), incident("shut", 1, 1)],
        "not measured",
    ),
    "closed models are sold everywhere": (
        "integration",
        [
            r
            for n in range(8)
            for r in (
                sold("closed", f"c{n}", 9, n + 1),
                sold("open", f"o{n}", 2, n + 1),
            )
        ],
        "supported",
    ),
    "as many sellers": (
        "integration",
        [
            r
            for n in range(8)
            for r in (
                sold("closed", f"c{n}", 2, n + 1),
                sold("open", f"o{n}", 2, n + 1),
            )
        ],
        "undecided",
    ),
    "nothing measures safety": (
        "safety",
        shown("bullshit-bench", counts=False),
        "not measured",
    ),
    "a board of safety would": (
        "safety",
        shown("guard", "safety", safe=3),
        "supported",
    ),
    "prices halve in half a year": (
        "cost-to-zero",
        [price("130", "fixed", 180, 120, 300)],
        "supported",
    ),
    "the frontier stays dear": (
        "cost-to-zero",
        [
            price("130", "fixed", 180, 120, 300),
            price("frontier", "frontier", 900, 500, None),
        ],
        "mixed",
    ),
    "it may not be falling": (
        "cost-to-zero",
        [price("130", "fixed", 300, 200, None)],
        "undecided",
    ),
    "the best, free to run": (
        "downloadable-best",
        [gap("overall", "overall", 0.5, -1, 1.5), ACCESS, *needs(40, 70)],
        "supported",
    ),
    "the best, but too large": (
        "downloadable-best",
        [gap("overall", "overall", 0.5, -1, 1.5), ACCESS, *needs(600, 1100)],
        "mixed",
    ),
    "neither the best nor small": (
        "downloadable-best",
        [gap("overall", "overall", 8, 5, 12), *needs(600, 1100)],
        "refuted",
    ),
    "three labs near the frontier": (
        "deep-community",
        quarters([9, 9, 9, 9, 10, 10, 10, 10]),
        "supported",
    ),
    "one lab": ("deep-community", quarters([9] * 8, near=(1, 1, 2)), "refuted"),
    "deep, but slowing down": (
        "deep-community",
        quarters([30, 30, 30, 30, 9, 9, 9, 9]),
        "mixed",
    ),
}


@pytest.fixture
def world(empty: dict[str, dict[str, str]], request: pytest.FixtureRequest) -> Iterator[World]:
    made = World(empty, request.param)
    yield made
    made.db.close()


@pytest.mark.parametrize(
    ("world", "claim", "verdict"),
    [(rows, c, v) for c, rows, v in CASES.values()],
    ids=CASES,
    indirect=["world"],
)
def test_a_verdict_by_rule(world: World, claim: str, verdict: str) -> None:
    """The verdict; and what docs/claims.md computes for this claim from the same tables is the same."""
    row = world.verdict(claim)
    assert row["verdict"] == verdict, row["explanation"]
    assert row["night"] == NIGHT
    explanation = row["explanation"]
    assert explanation.endswith(".") and ("verdict changes" in explanation or "would decide" in explanation)
    assert not re.search(r"  |\.\.| ;| ,|\(\)", explanation), explanation
    result = dict(ask_page(world, "rule"))
    assert result[claim] == verdict
    ours = world.figures(claim)
    theirs = sorted(rows_of(world, claim), key=lambda r: (r["part"], r["scope"]))
    assert [(r["part"], r["scope"], r["role"]) for r in theirs] == [(r["part"], r["scope"], r["role"]) for r in ours]
    for one, other in zip(ours, theirs, strict=True):
        for name in ("estimate", "lo", "hi", "n"):
            assert other[name] == (None if one[name] is None else pytest.approx(one[name], abs=1e-5)), (one, other)


def test_the_two_figures_of_a_domain_are_distinct(empty: dict[str, dict[str, str]]) -> None:
    kinds = [survival("coding", 250, 210, 290), survival("coding", 140, 100, 180, scope_kind="domain composite")]
    result = ask(
        World(empty, kinds).db,
        "select scope, role, estimate from marts.claim_evidence where claim_id = $c order by scope",
        c=CATCH_UP,
    )
    assert [tuple(row.values()) for row in result] == [
        ("coding", "counts", 250.0),
        ("coding (composite)", "shown", 140.0),
    ]


def blocks() -> dict[str, str]:
    """The SQL of the page, by the first word of its comment."""
    found = re.findall(r"```sql\n-- ([\w-]+)[^\n]*\n(.*?)```", PAGE.read_text("utf-8"), flags=re.DOTALL)
    assert len(found) == PAGE.read_text("utf-8").count("```sql")
    return dict(found)


def rows_of(world: World, block: str) -> list[Row]:
    return ask(world.db, blocks()[block])


def ask_page(world: World, block: str) -> list[tuple[str, str]]:
    return [(row["claim_id"], row["verdict"]) for row in rows_of(world, block)]


def test_the_page_has_every_claim(empty: dict[str, dict[str, str]]) -> None:
    world = World(empty, [NAMES])
    claims = [row["claim_id"] for row in ask(world.db, "select claim_id from marts.claim_verdict")]
    assert len(claims) == 15
    assert blocks().keys() == {"rule", "survival", *claims}
    headings = re.findall(
        r"^## ([a-z0-9-]+-[a-z0-9-]+|safety|reliability|integration)$",
        PAGE.read_text("utf-8"),
        re.MULTILINE,
    )
    assert sorted(headings) == sorted(claims)


def test_the_page_s_median_is_kaplan_and_meier_s(
    empty: dict[str, dict[str, str]],
) -> None:
    """Reached after 100 and 300, followed without for 200 and 400: 3/4, then 3/8 are left, so 300."""
    rows = [
        took("a", 100),
        took("b", None, at_least=200),
        took("c", 300),
        took("d", None, at_least=400),
    ]
    assert rows_of(World(empty, rows), "survival") == [{"median_days": 300}]


def test_an_r2_that_is_listed_is_judged_by_its_scores(
    empty: dict[str, dict[str, str]],
) -> None:
    listed: list[tuple[str, Row]] = [
        (
            "model_alias",
            {"source": "toy", "name": "DeepSeek-R2", "model": "deepseek-r2"},
        )
    ]
    for n in range(8):
        listed += shown(f"b{n}", "reasoning and mathematics")
        for model, value in (("o3", 50.0), ("deepseek-r2", 60.0)):
            row = {
                "board": f"b{n}",
                "edition": "1",
                "model": model,
                "value": value,
                "self_reported": False,
            }
            listed.append(("score", row))
    row = World(empty, listed).verdict("r2-matched-o3")
    assert (row["verdict"], row["estimate"], row["n_boards"]) == ("supported", 1.0, 8)


@pytest.mark.parametrize(
    "name",
    ["DeepSeek-R2", "deepseek/deepseek-r2:free", "DeepSeek R2 (0528)", "deepseek_r2"],
)
def test_names_of_r2(empty: dict[str, dict[str, str]], name: str) -> None:
    world = World(empty, [("model_alias", {"source": "toy", "name": name, "model": "x"})])
    assert world.verdict("r2-matched-o3")["verdict"] != "subject missing"


@pytest.mark.parametrize("name", ["DeepSeek-R1", "DeepSeek-R20", "Fireball-R2", "deepseek-v3.2"])
def test_names_that_are_not_r2(empty: dict[str, dict[str, str]], name: str) -> None:
    world = World(empty, [("model_alias", {"source": "toy", "name": name, "model": "x"})])
    row = world.verdict("r2-matched-o3")
    assert row["verdict"] == "subject missing"
    assert "No source lists a model called DeepSeek R2" in row["explanation"]


def explained(empty: dict[str, dict[str, str]], claim: str, rows: Rows) -> str:
    return str(World(empty, rows).verdict(claim)["explanation"])


def test_an_explanation_says_number_interval_scopes_and_what_would_change_it(
    empty: dict[str, dict[str, str]],
) -> None:
    rows = [
        survival("overall", 240, 200, 300),
        survival("coding", 170, 150, 200),
        *shown("a"),
        *shown("b", "agents"),
    ]
    assert explained(empty, CATCH_UP, rows) == (
        "Refuted: the typical closed record (the median) stood 240 days (200 to 300) before an open-weight model"
        " matched it;"
        " three to six months would be 91 to 183 days."
        " In brackets: 90 % interval."
        " It rests on 10 open releases and 2 boards: 15 of 20 closed records have been reached."
        " By its other figures: undecided (match in coding)."
        " The verdict changes when the lower end of that range falls to 183 days."
    )


def test_an_undecided_claim_says_how_many_would_decide(
    empty: dict[str, dict[str, str]],
) -> None:
    """Half-width 25, and 13 days to the edge: (25 / 13)^2 = 3.7 times as many, of 10."""
    result = explained(empty, CATCH_UP, [survival("overall", 170, 150, 200)])
    assert "If the estimate stays as it is, about 37 open releases would decide; there are 10." in result


def test_a_mixed_claim_names_both_sides(empty: dict[str, dict[str, str]]) -> None:
    result = explained(
        empty,
        CATCH_UP,
        [survival("overall", 140, 100, 180), survival("coding", 300, 250, 400)],
    )
    assert "not all its figures agree. For it: match overall. Against it: match in coding." in result


def test_a_claim_that_nothing_measures_says_so(
    empty: dict[str, dict[str, str]],
) -> None:
    result = explained(empty, "safety", shown("bullshit-bench", counts=False))
    assert result == (
        "No source that is read measures this: gap between the best closed and the best open-weight model on boards"
        " that measure safety."
        " Near it, but not the same: bullshit-bench."
        " The verdict changes when a source that measures it is read."
    )


def test_every_verdict_is_tried() -> None:
    verdicts = {verdict for _, _, verdict in CASES.values()}
    assert verdicts == {
        "supported",
        "refuted",
        "mixed",
        "undecided",
        "subject missing",
        "not measured",
    }


# --- the command --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    example = Example(tmp_path_factory.mktemp("data"), board("toy"))
    example.saw(
        "2026-06-14",
        closed("Cee", api="2026-01-01"),
        opened("Oh", weights="2026-02-01"),
        score("Cee", 60),
    )
    example.published("2026-06-14")
    return example.folder


def received(data: Path, *words: str) -> tuple[int, str]:
    answer = CliRunner().invoke(app, ["claims", *words, "--data", str(data)], env={"COLUMNS": "200"})
    return answer.exit_code, answer.output


def test_the_command_lists_every_claim(data: Path) -> None:
    code, result = received(data, "--json")
    rows = json.loads(result)
    assert (code, len(rows)) == (0, 15)
    assert {row["claim_id"]: row["verdict"] for row in rows}["r2-matched-o3"] == "subject missing"
    code, result = received(data)
    assert code == 0
    assert all(row["claim_id"] in result for row in rows)


def test_one_claim_in_full(data: Path) -> None:
    code, result = received(data, "r2-matched-o3")
    assert code == 0
    assert "No source lists a model called DeepSeek R2" in result
    code, result = received(data, "r2-matched-o3", "--json")
    (row,) = json.loads(result)
    assert [one["part"] for one in row["evidence"]] == ["matched"]


@pytest.mark.parametrize(
    ("words", "result"),
    [
        (("no-such-claim",), "no claim 'no-such-claim'"),
        (
            ("--night", "2020-01-01"),
            "no verdicts of the night 2020-01-01; the newest are of 2026-06-14",
        ),
    ],
)
def test_an_absent_claim_is_reported(data: Path, words: tuple[str, ...], result: str) -> None:
    code, answer = received(data, *words)
    assert (code, result in answer) == (Exit.NOTHING_YET, True)


def test_nothing_is_published_yet(tmp_path: Path) -> None:
    code, answer = received(tmp_path)
    assert (code, "nothing is published" in answer) == (Exit.NOTHING_YET, True)
