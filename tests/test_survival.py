"""How long open weights took, held against lifelines and against arithmetic done by hand (METHOD section 4)."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warehouse.measures import times
from warehouse.measures.contract import generator
from warehouse.measures.survival import FAMILIES, Family, Floats, Times, accelerated, curves, limits, resampled
from warehouse.measures.times import Records, survival_of, trend_of
from warehouse.statements import prepare

NEVER = float("inf")
NIGHT = date(2026, 6, 14)


def sample(lower: Sequence[float], upper: Sequence[float], cluster: Sequence[int] | None = None) -> Times:
    groups = range(len(lower)) if cluster is None else cluster
    return Times(
        lower=np.array(lower, dtype=np.float64),
        upper=np.array(upper, dtype=np.float64),
        cluster=np.array(list(groups), dtype=np.int64),
    )


def once(many: int) -> Floats:
    return np.ones((1, many))


def noisy(n: int = 60, seed: int = 1, slope: float = -0.2) -> tuple[Times, Floats]:
    """Log-normal times that shrink with x, some still running."""
    random = np.random.default_rng(seed)
    x = random.uniform(-1, 2, n)
    took = np.round(np.exp(5 + slope * x + 0.7 * random.normal(size=n))) + 1
    followed = np.round(random.uniform(50, 700, n))
    reached = took <= followed
    cluster = np.unique(random.integers(0, n // 2, n), return_inverse=True)[1]
    return sample(np.minimum(took, followed).tolist(), np.where(reached, took, NEVER).tolist(), cluster.tolist()), x


@pytest.fixture(scope="module")
def lifelines() -> Iterator[Any]:
    """The peer; what it asks of pandas is not our affair."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import lifelines
        import lifelines.utils

        yield lifelines


# --- the curve ----------------------------------------------------------------------------------


def test_a_curve_worked_out_on_paper() -> None:
    """Reached after 100 and 300 days, followed without for 200 and 400.

    At 100 four are followed, one goes: 3/4 are left.  At 300 two are: 3/4 * 1/2 = 3/8.  Half is passed at 300.
    Mean within 365: 100 + 3/4 * 200 + 3/8 * 65 = 274.375.
    """
    curve = curves(sample([100, 200, 300, 400], [100, NEVER, 300, NEVER]), once(4))
    assert curve.mass.tolist() == [[0.25, 0.375]]
    assert [curve.quantile(share)[0] for share in (0.25, 0.5, 0.75)] == [100, 300, NEVER]
    assert curve.restricted_mean(365)[0] == pytest.approx(274.375)


def test_nothing_reached_has_no_median_and_the_longest_mean() -> None:
    curve = curves(sample([10, 20], [NEVER, NEVER]), once(2))
    assert curve.quantile(0.5)[0] == NEVER
    assert curve.restricted_mean(365)[0] == 365


records = st.lists(st.tuples(st.integers(0, 900), st.booleans()), min_size=1, max_size=60)


@settings(max_examples=60, deadline=None)
@given(result=records)
def test_kaplan_meier_equals_lifelines(lifelines: Any, result: list[tuple[int, bool]]) -> None:
    days = [float(day) for day, _ in result]
    reached = [hit for _, hit in result]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = lifelines.KaplanMeierFitter().fit(days, reached)
        mean = lifelines.utils.restricted_mean_survival_time(peer, t=365)
        theirs = [float(peer.predict(day)) for day in sorted(set(days))]
    curve = curves(sample(days, [day if hit else NEVER for day, hit in result]), once(len(result)))
    ours = [1 - float(curve.mass[0, curve.points <= day].sum()) for day in sorted(set(days))]
    assert ours == pytest.approx(theirs, abs=1e-12)
    assert curve.restricted_mean(365)[0] == pytest.approx(mean, abs=1e-9)
    left = 1 - curve.mass.cumsum()
    for share in (0.25, 0.5, 0.75):
        at = curve.quantile(share)[0]
        assert np.all(left[curve.points < at] > 1 - share)
        assert at == NEVER or left[curve.points == at][0] <= 1 - share + 1e-9


def test_weights_are_copies() -> None:
    """A record of weight 3 counts as three, one of weight 0 is not there."""
    weighted = curves(sample([100, 200, 300], [100, 200, NEVER]), np.array([[3.0, 0.0, 1.0]]))
    copied = curves(sample([100, 100, 100, 300], [100, 100, 100, NEVER]), once(4))
    assert weighted.mass[0, weighted.points == 100] == copied.mass[0]
    assert weighted.mass[0, weighted.points == 200] == 0


# --- times known to lie between two dates -------------------------------------------------------


def test_an_interval_puts_its_mass_in_its_middle() -> None:
    curve = curves(sample([100, 300], [200, 300]), once(2))
    assert curve.points.tolist() == [150, 300]
    assert curve.mass[0] == pytest.approx([0.5, 0.5])


spans = st.lists(
    st.tuples(st.integers(0, 200), st.one_of(st.just(0), st.integers(1, 100), st.just(NEVER))), min_size=2, max_size=25
)


@settings(max_examples=60, deadline=None)
@given(result=spans)
def test_turnbull_is_the_most_likely_curve(result: list[tuple[int, float]]) -> None:
    """At the maximum no point could gain by more mass: the sum over records of held / probability is at most n."""
    lower = [float(a) for a, _ in result]
    upper = [a + width for a, width in result]
    found = curves(sample([*lower, 500.0], [*upper, 510.0]), once(len(result) + 1))
    low, high = np.array([*lower, 500.0]), np.array([*upper, 510.0])
    beyond = 1 - found.mass[0].sum()
    points = np.append(found.points, 10_000.0)
    mass = np.append(found.mass[0], beyond)
    starts, ends = low[:, None], high[:, None]
    holds = (starts < points) | (starts == ends) | ((starts == 0) & np.isfinite(ends))
    holds &= (starts <= points) & (points <= ends)
    probability = holds @ mass
    gain = (holds / probability[:, None]).sum(axis=0)
    assert np.all(gain <= len(low) * 1.02)
    # A mass on its way to nothing goes slowly and gains too little until it is gone.
    assert gain[mass > 0.05] == pytest.approx(len(low), rel=0.05)


def test_intervals_without_width_are_kaplan_meier() -> None:
    exact, _ = noisy(30)
    wide = Times(lower=np.append(exact.lower, 5000.0), upper=np.append(exact.upper, 5001.0), cluster=np.arange(31))
    narrow = Times(lower=np.append(exact.lower, 5000.0), upper=np.append(exact.upper, 5000.0), cluster=np.arange(31))
    ours, theirs = curves(wide, once(31)), curves(narrow, once(31))
    assert ours.mass[0, :-1] == pytest.approx(theirs.mass[0, :-1], abs=1e-3)


# --- resampling ---------------------------------------------------------------------------------


def test_records_of_one_open_release_fall_together() -> None:
    drawn = resampled(sample([1, 2, 3, 4], [1, 2, 3, 4], [0, 0, 1, 2]), 200, generator("test"))
    assert np.array_equal(drawn[:, 0], drawn[:, 1])
    assert not np.array_equal(drawn[:, 1], drawn[:, 2])
    assert drawn[:, 0].mean() == pytest.approx(1, abs=0.2)


def test_limits_keep_infinity() -> None:
    assert limits(np.array([3.0, 1.0, 2.0, *[NEVER] * 17]), 0.90) == (1.0, NEVER)
    assert limits(np.arange(101.0), 0.90) == (5.0, 95.0)


# --- the trend ----------------------------------------------------------------------------------


def peer_fit(lifelines: Any, family: Family, data: Times, x: Floats) -> list[float]:
    """Intercept, slope and log scale by lifelines, which needs a lower bound above 0."""
    import pandas

    fitter = {"lognormal": lifelines.LogNormalAFTFitter, "weibull": lifelines.WeibullAFTFitter}[family]()
    frame = pandas.DataFrame({"lower": np.maximum(data.lower, 1e-3), "upper": data.upper, "x": x})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = fitter.fit_interval_censoring(frame, "lower", "upper").params_
    first, second, sign = ("mu_", "sigma_", 1) if family == "lognormal" else ("lambda_", "rho_", -1)
    return [result[first, "Intercept"], result[first, "x"], sign * result[second, "Intercept"]]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("near", [0.0, 60.0])
def test_accelerated_equals_lifelines(lifelines: Any, family: Family, near: float) -> None:
    """With exact and running times, and with short ones known only to be short."""
    exact, x = noisy()
    short = exact.upper < near
    data = Times(
        lower=np.where(short, 0.0, exact.lower), upper=np.where(short, near, exact.upper), cluster=exact.cluster
    )
    trend, fit = accelerated(family, data, x, once(len(x)))
    assert fit[0] == pytest.approx(peer_fit(lifelines, family, data, x), abs=2e-4)
    assert trend.ratio[0] == pytest.approx(np.exp(fit[0, 1]))


@pytest.mark.parametrize("family", FAMILIES)
def test_leaving_one_out_is_a_fit_without_it(family: Family) -> None:
    data, x = noisy(25)
    every, _ = accelerated(family, data, x, 1 - np.eye(25))
    keep = np.arange(25) != 7
    alone, _ = accelerated(
        family,
        Times(lower=data.lower[keep], upper=data.upper[keep], cluster=data.cluster[keep]),
        x[keep],
        once(24),
    )
    assert every.ratio[7] == pytest.approx(alone.ratio[0], rel=1e-6)
    assert every.hi[7] == pytest.approx(alone.hi[0], rel=1e-6)


@pytest.mark.parametrize("family", FAMILIES)
def test_copies_in_one_cluster_add_no_certainty(family: Family) -> None:
    """Every record twice: within its cluster the limits stand, as a cluster of its own they close in."""
    data, x = noisy(40)
    single, _ = accelerated(family, data, x, once(40))

    def twice(cluster: Any) -> float:
        both = Times(lower=np.tile(data.lower, 2), upper=np.tile(data.upper, 2), cluster=cluster)
        trend, _ = accelerated(family, both, np.tile(x, 2), once(80))
        assert trend.ratio[0] == pytest.approx(single.ratio[0], rel=1e-6)
        return float(trend.hi[0] / trend.lo[0])

    width = float(single.hi[0] / single.lo[0])
    many = int(data.cluster.max()) + 1
    assert twice(np.tile(data.cluster, 2)) == pytest.approx(width, rel=1e-6)
    assert twice(np.append(data.cluster, data.cluster + many)) < width**0.75


@pytest.mark.parametrize("family", FAMILIES)
def test_limits_cover_where_errors_are_shared(family: Family) -> None:
    """Three records a cluster with one error between them: 95 % limits hold the true slope about that often."""
    random = np.random.default_rng(5)
    cluster = np.repeat(np.arange(12), 3).tolist()
    hit = 0
    for _ in range(200):
        x = np.repeat(random.uniform(-1, 1, 12), 3)
        error = random.normal(size=12) if family == "lognormal" else -random.gumbel(size=12)
        took = np.exp(5 - 0.3 * x + 0.6 * np.repeat(error, 3)).tolist()
        trend, _ = accelerated(family, sample(took, took, cluster), x, once(36))
        hit += bool(trend.lo[0] < np.exp(-0.3) < trend.hi[0])
    assert 176 <= hit <= 198


# --- the text for a pool of records -------------------------------------------------------------


def pool(*result: tuple[str, str, float | None, float], kind: str = "overall", grade: str = "match") -> Records:
    """Records as (closed model, open model, days or None, year); an unmet one is followed for 400 days."""
    days = [day for _, _, day, _ in result]
    return Records(
        kind=kind,
        pool=kind,
        tier="any",
        grade=grade,
        closed=[c for c, *_ in result],
        open=[o for _, o, *_ in result],
        year=np.array([year for *_, year in result]),
        before=sum(day is not None and day < 0 for day in days),
        underpowered=0,
        lower=np.array([400.0 if day is None else max(0.0, day) for day in days]),
        upper=np.array([NEVER if day is None else max(0.0, day) for day in days]),
        known=np.array([NEVER if day is None else max(0.0, day) for day in days]),
    )


def test_open_weights_that_were_there_first_took_no_time() -> None:
    result = survival_of(pool(("A", "x", -30, 2025), ("B", "y", 10, 2025), ("C", "z", 20, 2025)))
    assert (result["n_before"], result["q25_days"], result["median_days"]) == (1, 0, 10)


def test_an_empty_result_has_its_reason() -> None:
    nothing = survival_of(pool())
    unmet = survival_of(pool(("A", "", None, 2025), ("B", "", None, 2025)))
    alone = survival_of(pool(("A", "x", 10, 2025), ("B", "x", 20, 2025)))
    assert nothing["reason"] == "no closed frontier record is followed here"
    assert unmet["reason"] == "none of the 2 records has been reached yet"
    assert unmet["rmst_365_days"] == 365
    assert "the 2 events come from 1 open release, and 3 are needed" in alone["reason"]
    assert alone["median_days"] == 10 and "median_lo" not in alone


def test_a_median_that_some_draws_never_reach_has_no_upper_limit() -> None:
    reached = [(f"A{n}", f"x{n}", 100.0 + n, 2025.0) for n in range(6)]
    result = survival_of(pool(*reached, *((f"B{n}", "", None, 2025.0) for n in range(5))))
    assert result["median_lo"] is not None and result["median_hi"] is None
    assert "no upper limit" in result["reason"]


def narrowing(n: int = 24, factor: float = 0.5) -> list[tuple[str, str, float | None, float]]:
    """Times that shrink by ``factor`` a year, about a tenth to and fro."""
    years = np.linspace(2023, 2026, n)
    return [
        (f"C{i}", f"o{i // 2}", round(600 * factor ** (year - 2023) * (1.1 if i % 2 else 0.9)), float(year))
        for i, year in enumerate(years)
    ]


def test_the_trend_holds_where_it_is_plain() -> None:
    rows = trend_of(pool(*narrowing()))
    assert [row["family"] for row in rows] == list(FAMILIES)
    assert all(row["holds"] and row["hi"] < 1 and row["worst_hi"] < 1 for row in rows)
    assert rows[0]["ratio_per_year"] == pytest.approx(0.5, abs=0.03)


def test_a_trend_that_needs_one_record_does_not_hold() -> None:
    """Below 1 with all records, above 1 without the third: the trend was that record's."""
    spread = (0.7, 0.85, 1.0, 1.15, 1.3)
    later = [(f"C{i}", f"o{i}", round(100 * 0.8 ** (i / 10) * spread[i * 7 % 5]), 2024 + i / 10) for i in range(20)]
    lognormal, weibull = trend_of(pool(("GPT", "early", 300.0, 2023.0), *later))
    assert lognormal["hi"] < 1 and weibull["hi"] < 1 and weibull["worst_hi"] < 1
    assert (lognormal["worst_left_out"], lognormal["worst_hi"] > 1) == ("C2", True)
    assert not lognormal["holds"] and not weibull["holds"]


def test_the_trend_needs_events_and_open_releases() -> None:
    few = trend_of(pool(*narrowing(14)))
    same = trend_of(pool(*((c, f"o{i % 7}", d, y) for i, (c, _, d, y) in enumerate(narrowing()))))
    assert (
        few[0]["reason"]
        == "the test needs 15 closed records that open models have reached, and there are 14, and 8 open releases that"
        " have reached one, and there are 7"
    )
    assert same[0]["reason"] == "the test needs 8 open releases that have reached one, and there are 7"
    assert all("holds" not in row for row in (*few, *same))


# --- from the tables ----------------------------------------------------------------------------


@pytest.fixture
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables both fits read, as they are declared, without rows."""
    with duckdb.connect(":memory:") as db:
        prepare(db)
        db.execute("create table input.board (board varchar, domain varchar, counts_for_index boolean)")
        db.execute(
            "create table staging.edition_seen (board varchar, edition varchar, observed_on date, newest boolean)"
        )
        db.execute(
            """create table marts.time_to_parity (scope_kind varchar, scope varchar, edition varchar, tier varchar,
                domain varchar, grade varchar, closed_model varchar, closed_on date, days bigint, censored varchar,
                lower_days bigint, upper_days bigint, open_model varchar, underpowered boolean)"""
        )
        yield db


def result(
    db: duckdb.DuckDBPyConnection,
    closed: str,
    days: int | None,
    *,
    scope: str = "overall",
    edition: str = "1",
    grade: str = "match",
    on: date = date(2025, 1, 1),
    known: int | None = None,
    kind: str = "",
) -> None:
    kind = kind or (scope if scope == "overall" else "board")
    lower = days if days is not None else (NIGHT - on).days
    upper = None if days is None else days if known is None else known
    censored = "right" if days is None else "none" if known is None else "interval"
    opened = None if days is None else f"open of {closed}"
    row = (kind, scope, edition, "any", "coding", grade, closed, on, days, censored, lower, upper, opened, days is None)
    db.execute(f"insert into marts.time_to_parity values ({', '.join('?' * len(row))})", row)


def survival(
    db: duckdb.DuckDBPyConnection, scope: str, grade: str = "match", kind: str | None = None
) -> dict[str, Any]:
    key = {"scope": scope, "grade": grade, "tier": "any"} | ({"scope_kind": kind} if kind else {})
    (row,) = (r for r in times.SURVIVAL.make(db).to_pylist() if key.items() <= r.items())
    return dict(row)


def test_a_dead_board_ends_the_following(db: duckdb.DuckDBPyConnection) -> None:
    """Unmet on a board that stopped 60 days after the release: followed for 60 days, not until tonight."""
    for board, counts in (("live", True), ("dead", True), ("aside", False)):
        db.execute("insert into input.board values (?, 'coding', ?)", [board, counts])
    for board, edition, observed_on, newest in (
        ("live", "1", NIGHT, True),
        ("live", "0", date(2025, 1, 1), False),
        ("dead", "1", date(2025, 3, 2), True),
        ("aside", "1", NIGHT, True),
    ):
        db.execute("insert into staging.edition_seen values (?, ?, ?, ?)", [board, edition, observed_on, newest])
    result(db, "A", 100, scope="live")
    result(db, "B", 300, scope="live")
    result(db, "C", None, scope="dead")
    result(db, "left", 5, scope="aside")
    result(db, "old", 5, scope="live", edition="0")
    row = survival(db, "coding")
    # At 100 days only A and B are followed: 1/2 is left, so the median is 100 and not 300.
    assert (row["n_records"], row["n_events"], row["median_days"]) == (3, 2, 100)
    assert survival(db, "boards")["median_days"] == 100


def test_the_composite_of_a_domain_is_a_pool_of_its_own(db: duckdb.DuckDBPyConnection) -> None:
    """A release on one board and on the composite of its domain: no record stands in a pool of the other."""
    db.execute("insert into input.board values ('live', 'coding', true)")
    db.execute("insert into staging.edition_seen values ('live', '1', '2025-03-02', true)")
    result(db, "A", 100, scope="live")
    result(db, "A", 140, scope="coding", edition="composite-1", kind="domain")
    result(db, "B", None, scope="coding", edition="composite-1", kind="domain")
    result(db, "C", 300, scope="coding", edition="composite-1", kind="domain")
    boards, composite = survival(db, "coding", kind="domain"), survival(db, "coding", kind="domain composite")
    assert (boards["n_records"], boards["median_days"]) == (1, 100)
    assert survival(db, "boards")["n_records"] == 1
    # The boards of coding say nothing after 60 days, so B left by then: of A and C one half is left at 140 days.
    assert (composite["n_records"], composite["n_events"], composite["median_days"]) == (3, 2, 140)
    assert {row["scope"] for row in times.TREND.make(db).to_pylist()} == {"overall", "coding"}


def test_the_median_as_known_is_later(db: duckdb.DuckDBPyConnection) -> None:
    """Weights after 100, 110 and 120 days, two of them first scored long after: nobody could know before."""
    result(db, "A", 100, known=200)
    result(db, "B", 110, known=300)
    result(db, "C", 120)
    row = survival(db, "overall")
    assert row["median_days"] == 110
    assert row["known_median_days"] > 110
    assert survival(db, "overall", "lead")["reason"] == "no closed frontier record is followed here"


def test_a_rerun_draws_the_same_and_row_order_does_not_matter(db: duckdb.DuckDBPyConnection) -> None:
    days = [30, 90, None, 150, 210, None, 270, 60]
    for n, day in enumerate(days):
        result(db, f"M{n}", day, on=date(2025, 1, 1) + timedelta(days=n))
    first = times.SURVIVAL.make(db)
    db.execute("create table shuffled as from marts.time_to_parity order by closed_model desc")
    db.execute("delete from marts.time_to_parity")
    db.execute("insert into marts.time_to_parity from shuffled")
    assert times.SURVIVAL.make(db).equals(first)
    assert times.TREND.make(db).num_rows == 2 * 2 * 2  # overall, by tier, match and parity, and family


def test_a_pool_that_cannot_be_computed_has_a_reason_and_costs_no_other(
    db: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A closed record of an impossible time in one pool: its row says so, and overall has its median."""
    result(db, "A", 100)
    result(db, "B", 110)
    whole = times.survival_of

    def fails_for_lead(records: times.Records) -> dict[str, Any]:
        if records.grade == "lead":
            raise ValueError("times must be 0 <= lower <= upper with a finite lower")
        return whole(records)

    monkeypatch.setattr(times, "survival_of", fails_for_lead)
    assert survival(db, "overall")["median_days"] == 100
    assert survival(db, "overall", "lead")["reason"].startswith("could not be computed: times must be")
    failures = db.execute("select distinct part, subject from input.failure where subject like 'overall%'").fetchall()
    assert ("survival", "overall any lead") in failures
