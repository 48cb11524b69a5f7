"""The composite: what it finds where the truth is known, whom it places, and what may not change it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from proofs import eci
from warehouse.measures import abilities, composite, realtime
from warehouse.measures.composite import Cells, Fitted
from warehouse.measures.contract import PythonModel
from warehouse.measures.threads import one_thread
from warehouse.statements import prepare, statement

NIGHT = date(2026, 3, 2)
LOW, HIGH = abilities.ANCHORS
FITS = (*realtime.PYTHON_MODELS, *abilities.PYTHON_MODELS)
PATHS = [fit for fit in FITS if fit.name in ("ability_week", "ability_vintage", "ability_path")]

Row = tuple[str, str, str, str, str, date, date | None, float]
"""board, edition, model, domain, group, known from, known to, share."""


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    with one_thread():
        yield


# --- worlds -------------------------------------------------------------------------------------


def truth(n_models: int = 40, n_items: int = 12) -> Fitted:
    """Abilities and instruments of even spread: nothing about them is chance."""
    return Fitted(
        theta=np.linspace(-1.5, 1.5, n_models),
        difficulty=np.linspace(-1, 1, n_items)[np.argsort(np.arange(n_items) * 5 % n_items)],
        log_slope=np.log(np.linspace(1.5, 3, n_items)),
    )


def world(true: Fitted, noise: float = 0.0, seed: int = 1, group: Iterable[int] = ()) -> Cells:
    """Every model on every instrument, off by ``noise`` at one half and by less near the ends."""
    n_models, n_items = len(true.theta), len(true.difficulty)
    model, item = (code.ravel() for code in np.indices((n_models, n_items)))
    share = true.expected(model, item)
    off = noise * 2 * np.sqrt(share * (1 - share)) * np.random.default_rng(seed).standard_normal(len(share))
    return Cells(
        model=model,
        item=item,
        share=np.clip(share + off, 0, 1),
        weight=np.full(len(share), composite.CAP),
        group=np.array(list(group) or range(n_items)),
        n_models=n_models,
    )


def rows(true: Fitted, noise: float = 0.03, seed: int = 1, known: date = date(2025, 1, 6)) -> list[Row]:
    """The same as rows of `staging.irt_observation`, with the two anchors among the models."""
    cells = world(true, noise, seed)
    names = [f"model-{at:02}" for at in range(cells.n_models)]
    names[10], names[30] = LOW, HIGH
    return [
        (f"board-{item:02}", "v1", names[model], "coding", f"board-{item:02}", known, None, float(share))
        for model, item, share in zip(cells.model.tolist(), cells.item.tolist(), cells.share.tolist(), strict=True)
    ]


def in_two(cells: Iterable[Row]) -> list[Row]:
    """The same with the first six boards in a domain of their own."""
    return [(*row[:3], "reasoning" if row[0] < "board-06" else "coding", *row[4:]) for row in cells]


def built_from(
    cells: Iterable[Row], night: date = NIGHT, fits: Iterable[PythonModel] = FITS
) -> duckdb.DuckDBPyConnection:
    """A database with these cells and all the tables that are fitted to them, or only some."""
    db = duckdb.connect(":memory:")
    prepare(db, night)
    db.execute("create table seed.domain as from (values ('coding', 2.5::double), ('reasoning', 2.5)) t(domain, tau)")
    db.execute(
        """create table staging.irt_observation (board varchar, edition varchar, model varchar, domain varchar,
            "group" varchar, operator varchar,
            known_from date, known_to date, share double, share_stderr double)"""
    )
    names = ("board", "edition", "model", "domain", "group", "known_from", "known_to", "share")
    db.register("cells", pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in cells]))
    db.execute("insert into staging.irt_observation by name select *, board as operator from cells")
    made = {("staging", "irt_observation")}

    def make_staging(needs: Iterable[tuple[str, str]]) -> None:
        for schema, name in sorted(needs):
            if schema == "staging" and (schema, name) not in made:
                make_staging(statement(schema, name).needs)
                db.execute(f"create table {schema}.{name} as {statement(schema, name).text}")
                made.add((schema, name))

    for fit in fits:
        make_staging(fit.needs)
        db.register("made", fit.make(db))
        db.execute(f"create table computed.{fit.name} as from made")
        db.unregister("made")
    return db


def overall(db: duckdb.DuckDBPyConnection) -> dict[str, float]:
    found = db.execute(
        "select model, theta from computed.ability where scope = 'overall' and theta is not null"
    ).fetchall()
    return dict(found)


# --- the fit ------------------------------------------------------------------------------------


def test_finds_the_abilities_and_instruments_behind_scores_without_noise() -> None:
    true = truth()
    found = composite.fit(world(true))
    at = (float(found.theta[10]), float(found.theta[30]))
    scale = composite.anchored(*at, (float(true.theta[10]), float(true.theta[30])))
    assert scale(found.theta) == pytest.approx(true.theta, abs=0.05)
    assert scale(found.difficulty) == pytest.approx(true.difficulty, abs=0.05)


def test_a_warm_start_ends_where_a_cold_one_does() -> None:
    cells = world(truth(), noise=0.1)
    cold = composite.fit(cells)
    warm = composite.fit(cells, composite.fit(world(truth(), noise=0.1, seed=2)))
    assert warm.theta == pytest.approx(cold.theta, abs=1e-5)


def test_models_with_equal_scores_have_equal_abilities_in_the_fit_and_in_every_draw() -> None:
    cells = world(truth(), noise=0.1)
    share = cells.share.copy()
    share[cells.model == 7] = share[cells.model == 20]
    cells = replace(cells, share=share)
    fitted = composite.fit(cells)
    assert fitted.theta[7] == pytest.approx(fitted.theta[20], abs=1e-6)
    for left in composite.without_each_group(cells, fitted):
        assert left.theta[7] == pytest.approx(left.theta[20], abs=1e-6)


def test_a_new_model_is_scored_on_frozen_items_as_the_fit_would_score_it() -> None:
    cells = world(truth(), noise=0.05)
    whole = composite.fit(cells)
    newcomer = cells.model == 25
    alone = replace(composite.only(cells, newcomer), model=np.zeros(newcomer.sum(), dtype=np.intp), n_models=1)
    items = composite.fit(composite.only(cells, ~newcomer))
    assert composite.score(alone, items)[0] == pytest.approx(whole.theta[25], abs=0.05)


def alone(model: list[int], item: list[int], share: list[float], n_items: int) -> Cells:
    """Cells at the cap, every instrument a group of its own."""
    return Cells(
        model=np.array(model),
        item=np.array(item),
        share=np.array(share),
        weight=np.full(len(share), composite.CAP),
        group=np.arange(n_items),
        n_models=max(model) + 1,
    )


def test_scoring_settles_where_a_plain_newton_step_goes_in_a_circle() -> None:
    """Three steep instruments that disagree: the step from 0 led to 1 and the step from 1 back to 0, for ever."""
    items = Fitted(
        theta=np.empty(0), difficulty=np.array([0.88, 0.45, 0.57]), log_slope=np.log(np.array([3.18, 5.79, 2.73]))
    )
    found = composite.score(alone([0, 0, 0], [0, 1, 2], [0.356, 0.362, 0.549], 3), items)
    assert found == pytest.approx([0.50965], abs=1e-5)


@pytest.mark.parametrize("instruments", [2, 3])
@pytest.mark.parametrize("noise", [0.1, 0.5])
def test_scoring_settles_for_thousands_of_models_on_few_instruments(instruments: int, noise: float) -> None:
    """Each ends where what its scores and the prior ask for cancel out."""
    random, n = np.random.default_rng(instruments), 5000
    model = np.repeat(np.arange(n), instruments)
    theta = random.normal(0, 1.5, n)
    items = Fitted(
        theta=np.empty(0), difficulty=random.normal(0, 1, len(model)), log_slope=random.normal(0.7, 0.5, len(model))
    )
    true = replace(items, theta=theta).expected(model, np.arange(len(model)))
    share = np.clip(true + noise * 2 * np.sqrt(true * (1 - true)) * random.standard_normal(len(model)), 0, 1)
    cells = alone(model.tolist(), list(range(len(model))), share.tolist(), len(model))
    at = replace(items, theta=composite.score(cells, items))
    assert np.isfinite(at.theta).all()
    weighed = composite.weighed_at(cells, at)
    asked = weighed.weight * at.slope[cells.item] * (cells.share - at.expected(cells.model, cells.item))
    assert np.bincount(cells.model, asked) == pytest.approx(at.theta / composite.THETA[1] ** 2, abs=1e-3)


def test_a_fit_of_scores_that_contradict_each_other_settles() -> None:
    for seed in range(20):
        random = np.random.default_rng(seed)
        cells = world(truth(12, 6))
        found = composite.fit(replace(cells, share=random.integers(0, 2, len(cells.share)).astype(float)))
        assert np.isfinite(found.theta).all()


def test_a_standard_error_beyond_all_bounds_weighs_next_to_nothing_and_ends_no_fit() -> None:
    weight = composite.effective_weight(np.array([0.5, 0.5, 0.5]), np.array([np.inf, 1e300, 0.0]))
    assert weight[0] == weight[1] < 1e-3
    assert weight[2] == composite.CAP


def test_shares_outside_the_range_are_refused_with_a_reason() -> None:
    cells = world(truth())
    with pytest.raises(ValueError, match="share outside 0 to 1"):
        composite.fit(replace(cells, share=cells.share + 1))


def test_anchors_in_the_wrong_order_are_refused_with_a_reason() -> None:
    with pytest.raises(ValueError, match="not above the lower one"):
        composite.anchored(0.5, 0.2, (130.0, 150.0))


# --- weights ------------------------------------------------------------------------------------


def test_a_cell_weighs_what_its_standard_error_says_and_no_more_than_the_cap() -> None:
    share, stderr = np.array([0.5, 0.5, 0.5]), np.array([0.25, 0.01, np.nan])
    assert composite.effective_weight(share, stderr).tolist() == [4.0, composite.CAP, composite.CAP]


@pytest.mark.parametrize(("cells", "together"), [(1, 1.0), (2, 4 / 3), (7, 1.75), (1000, 2.0)])
def test_sub_scores_of_one_board_never_count_as_more_than_two(cells: int, together: float) -> None:
    zeros = np.zeros(cells, dtype=np.intp)
    assert composite.shared_out(np.ones(cells), zeros, zeros).sum() == pytest.approx(together, rel=0.01)


# --- who is placed ------------------------------------------------------------------------------


def test_a_model_needs_four_independent_instruments_and_two_in_common_with_ten_others() -> None:
    cells = world(truth(20, 6), group=[0, 1, 2, 3, 4, 4])
    few = (cells.model == 0) & np.isin(cells.item, [0, 1, 2])
    sub_scores = (cells.model == 1) & np.isin(cells.item, [0, 1, 4, 5])
    four = (cells.model == 2) & np.isin(cells.item, [0, 1, 2, 3])
    kept = few | sub_scores | four | (cells.model > 2)
    found = composite.placing(cells.model[kept], cells.item[kept], cells.group, 20)
    assert found.reason[0] == "scored on 3 independent instruments, needs 4"
    assert found.reason[1] == "scored on 3 independent instruments, needs 4"
    assert set(found.reason[2:]) == {""}
    assert found.n_instruments[2] == 4


def test_models_that_share_too_little_with_the_rest_are_left_out() -> None:
    cells = world(truth(30, 10))
    island = cells.model >= 24
    kept = island == (cells.item >= 5)
    found = composite.placing(cells.model[kept], cells.item[kept], cells.group, 30)
    assert set(found.reason[:24]) == {""}
    assert set(found.reason[24:]) == {"shares 0 independent instruments with 10 other models, needs 2"}


def test_only_the_largest_connected_component_is_placed() -> None:
    cells = world(truth(30, 10))
    island = cells.model >= 18
    kept = island == (cells.item >= 5)
    found = composite.placing(cells.model[kept], cells.item[kept], cells.group, 30)
    assert set(found.reason[:18]) == {""}
    assert set(found.reason[18:]) == {"shares its instruments with too few models that can be placed"}


# --- uncertainty --------------------------------------------------------------------------------


def test_intervals_of_differences_hold_the_truth_nine_times_in_ten() -> None:
    true, random, held, asked = truth(), np.random.default_rng(7), 0, 0
    weights = random.standard_normal((12, 400))
    for seed in range(25):
        cells = world(true, noise=0.08, seed=seed)
        fitted = composite.fit(cells)
        moved = np.stack([fitted.theta - left.theta for left in composite.without_each_group(cells, fitted)], axis=1)
        one, other = random.integers(0, 40, (2, 100))
        # The fit's unit is not quite the truth's: what is compared is how far apart two models are in spreads.
        unit = true.theta.std() / fitted.theta.std()
        draws = unit * ((fitted.theta[one] - fitted.theta[other])[:, None] + (moved[one] - moved[other]) @ weights)
        low, high = np.quantile(draws, (0.05, 0.95), axis=1)
        apart, differs = true.theta[one] - true.theta[other], one != other
        held += int(((low <= apart) & (apart <= high))[differs].sum())
        asked += int(differs.sum())
    assert 0.85 <= held / asked <= 0.95


# --- tables -------------------------------------------------------------------------------------


def test_the_anchors_hold_the_scale_in_every_draw() -> None:
    db = built_from(rows(truth()))
    found = db.execute(
        """select model, list_min(draws), list_max(draws) from computed.ability_draw
           where scope = 'overall' and model in (?, ?)""",
        [LOW, HIGH],
    ).fetchall()
    assert sorted(found) == [(LOW, 130.0, 130.0), (HIGH, 150.0, 150.0)]


def test_the_order_of_rows_does_not_matter() -> None:
    cells = rows(truth())
    shuffled = [cells[at] for at in np.random.default_rng(3).permutation(len(cells))]
    one, other = built_from(cells), built_from(shuffled)
    for table in (fit.name for fit in FITS):
        query = f"from computed.{table} order by all"
        assert one.execute(query).fetchall() == other.execute(query).fetchall()


def test_what_is_learned_later_does_not_change_what_was_known_before() -> None:
    early = rows(truth(), known=date(2025, 1, 6))
    later = [(*row[:5], date(2026, 1, 5), None, row[7] / 2) for row in rows(truth(), seed=9) if row[0] < "board-06"]
    held = [(*row[:6], date(2026, 1, 5), row[7]) if row[0] < "board-06" else row for row in early]
    query = "select model, theta, se from computed.ability_vintage where night < '2026-01-05' order by all"
    assert built_from(early).execute(query).fetchall() == built_from([*held, *later]).execute(query).fetchall()


def test_later_scores_do_not_change_an_earlier_composite_of_a_domain() -> None:
    """Later the reasoning boards score half and one more comes: what was known of either domain stays to the bit."""
    early = in_two(rows(truth(), known=date(2025, 1, 6)))
    turned = date(2026, 1, 5)
    held = [(*row[:6], turned, row[7]) if row[3] == "reasoning" else row for row in early]
    later = [(*row[:5], turned, None, row[7] / 2) for row in in_two(rows(truth(), seed=9)) if row[3] == "reasoning"]
    more = [("board-00a", "v1", *row[2:4], "board-00a", turned, None, row[7]) for row in early if row[0] == "board-00"]
    query = (
        "select scope, model, night, theta, se from computed.ability_vintage where night < '2026-01-05' order by all"
    )
    one, other = (built_from(cells, fits=PATHS).execute(query).fetchall() for cells in (early, [*held, *later, *more]))
    assert one == other
    assert {row[0] for row in one} == {"overall", "reasoning", "coding"}


def test_a_domain_stands_tonight_where_its_path_ends() -> None:
    db = built_from(in_two(rows(truth(), noise=0.05)))
    for scope in ("reasoning", "coding"):
        path = "select model, theta from computed.ability_path where scope = $scope and known_to is null"
        ends = dict(db.execute(path, {"scope": scope}).fetchall())
        fit = "select model, theta from computed.ability where scope = $scope and theta is not null"
        assert len(ends) == 40
        assert ends == pytest.approx(dict(db.execute(fit, {"scope": scope}).fetchall()), abs=0.002)


def test_a_domain_says_nothing_more_of_a_model_without_a_score_in_it() -> None:
    """In June the reasoning boards drop all but nine models: those keep an offset, and the others end."""
    cells = in_two(rows(truth()))
    left = {*(f"model-{at:02}" for at in range(7)), LOW, HIGH}
    held = [
        (*row[:6], date(2025, 6, 2), row[7]) if row[3] == "reasoning" and row[2] not in left else row for row in cells
    ]
    db = built_from(held, fits=PATHS)
    now = """select scope, count(distinct model) from computed.ability_path where known_to is null
             group by scope order by all"""
    assert db.execute(now).fetchall() == [("coding", 40), ("overall", 40), ("reasoning", 9)]
    ended = "select distinct known_to from computed.ability_path where scope = 'reasoning' and model = 'model-20'"
    assert db.execute(f"{ended} and known_to is not null").fetchall()[-1] == (date(2025, 6, 2),)


def test_a_domain_of_which_nothing_is_left_says_no_more() -> None:
    held = [
        (*row[:6], date(2025, 6, 2) if row[3] == "reasoning" else None, row[7])
        for row in in_two(rows(truth(), noise=0.0))
    ]
    now = "select count(*) from computed.ability_path where scope = 'reasoning' and known_to is null"
    assert built_from(held).execute(now).fetchall() == [(0,)]


# --- domains ------------------------------------------------------------------------------------


def test_an_offset_is_the_models_own_evidence_in_the_domain_by_its_share() -> None:
    """A model whose reasoning boards stand 0.1 above what its overall ability expects goes up there, and only there."""
    cells = in_two(rows(truth(), noise=0.0))
    raised = [(*row[:7], min(1.0, row[7] + 0.1)) if row[2:4] == ("model-20", "reasoning") else row for row in cells]
    db = built_from(raised)
    found = dict(
        db.execute(
            "select scope, delta from computed.ability where model = 'model-20' and scope <> 'overall'"
        ).fetchall()
    )
    assert found["reasoning"] > 0.5
    assert found["coding"] < 0
    others = db.execute("select max(abs(delta)) from computed.ability where model not in ('model-20')").fetchone()
    assert others is not None
    assert others[0] < 0.3


def test_a_model_with_little_evidence_in_a_domain_stands_where_it_stands_overall() -> None:
    cells = in_two(rows(truth()))
    few = [row for row in cells if row[2:4] != ("model-20", "reasoning") or row[0] == "board-00"]
    none = [row for row in cells if row[2:4] != ("model-20", "reasoning")]
    share = "select share from computed.ability where scope = 'reasoning' and model = 'model-20'"
    whole, little = built_from(cells).execute(share).fetchall(), built_from(few).execute(share).fetchall()
    assert 0 < little[0][0] < whole[0][0] < 1
    assert built_from(none).execute(share).fetchall() == []


def test_a_draw_of_a_domain_follows_overall_by_what_is_not_its_own_evidence() -> None:
    db = built_from(in_two(rows(truth(), noise=0.05)))
    for _, share, error, spread, overall_spread in db.execute(
        """select o.model, o.share, o.own_se, list_stddev_pop(d.draws), list_stddev_pop(v.draws)
           from computed.offset o
           join computed.ability_draw d on d.scope = o.domain and d.model = o.model
           join computed.ability_draw v on v.scope = 'overall' and v.model = o.model"""
    ).fetchall():
        assert spread == pytest.approx(np.hypot((1 - share) * overall_spread, error), rel=0.25)


def test_a_stretch_is_of_one_scope_and_ends_with_the_next_vintage() -> None:
    """One model at one ability twice overall, once in a domain on the nights between, and then no more in it."""
    db = duckdb.connect(":memory:")
    db.execute("create schema computed")
    db.execute(
        """create table computed.ability_vintage (
               scope text, night date, next_night date, model text, theta int, se int, share int)"""
    )
    db.execute(
        """insert into computed.ability_vintage values
               ('overall', '2026-01-05', '2026-01-19', 'cee', 140, 1, 1),
               ('overall', '2026-01-19', null, 'cee', 140, 1, 1),
               ('reasoning', '2026-01-12', '2026-02-02', 'cee', 140, 1, 1)"""
    )
    db.register("path", realtime.ability_path(db))
    assert db.execute("select scope, known_from, known_to from path").fetchall() == [
        ("overall", date(2026, 1, 5), None),
        ("reasoning", date(2026, 1, 12), date(2026, 2, 2)),
    ]


def test_a_new_edition_on_another_scale_does_not_make_abilities_jump() -> None:
    old = rows(truth())
    half = [(row[0], "v2", *row[2:5], date(2025, 6, 2), None, row[7] / 2) for row in old if row[0] == "board-03"]
    before, after = overall(built_from(old)), overall(built_from([*old, *half]))
    moved = [abs(after[model] - before[model]) for model in before if abs(before[model] - 140) < 20]
    assert max(moved) < 1.5


def test_the_first_scores_of_a_new_model_move_nobody_else() -> None:
    old = [row for row in rows(truth()) if row[2] != "model-20"]
    first = [(*row[:5], NIGHT - timedelta(2), None, row[7]) for row in rows(truth()) if row[2] == "model-20"]
    before, after = overall(built_from(old)), built_from([*old, *first])
    placed = overall(after)
    assert {model: theta for model, theta in placed.items() if model != "model-20"} == pytest.approx(before, abs=0.002)
    new_rows = after.execute(
        "select provisional from computed.ability where scope = 'overall' and theta is not null"
    ).fetchall()
    assert sum(flag for (flag,) in new_rows) == 1
    assert placed["model-20"] == pytest.approx(overall(built_from(rows(truth())))["model-20"], abs=1.0)


def test_a_domain_that_expects_what_overall_expects_has_no_offsets() -> None:
    db = built_from(in_two(rows(truth(), noise=0.0)))
    assert db.execute("select max(abs(delta)) < 0.1 from computed.ability where delta is not null").fetchall() == [
        (True,)
    ]


def test_a_model_that_is_not_placed_overall_has_the_reason_in_its_domain() -> None:
    cells = [row for row in in_two(rows(truth())) if row[2] != "model-20" or row[0] in ("board-00", "board-01")]
    found = built_from(cells).execute(
        "select scope, theta, reason from computed.ability where model = 'model-20' order by all"
    )
    why = "scored on 2 independent instruments, needs 4"
    assert found.fetchall() == [("overall", None, why), ("reasoning", None, why)]


def test_a_fit_that_fails_tonight_leaves_every_model_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> Fitted:
        raise composite.NotConverged("it still moves")

    monkeypatch.setattr(composite, "fit", fails)
    db = built_from(rows(truth()))
    assert db.execute("select count(*), count(theta), min(reason) from computed.ability").fetchall() == [
        (40, 0, "tonight's fit failed: table build_failure says why")
    ]
    listed = db.execute("select distinct part, error from input.failure order by all").fetchall()
    assert ("ability", "it still moves") in listed


def test_a_night_whose_fit_fails_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fit of the first Monday fails; a week later something is news, and the path begins there."""
    calls, whole = [0], composite.fit

    def fails_once(cells: Cells, start: Fitted | None = None) -> Fitted:
        calls[0] += 1
        if calls[0] == 1:
            raise composite.NotConverged("it still moves")
        return whole(cells, start)

    monkeypatch.setattr(composite, "fit", fails_once)
    db = built_from(rows(truth(), known=date(2025, 1, 6)), fits=PATHS)
    assert db.execute("select min(night) from computed.ability_vintage").fetchall() == [(date(2025, 1, 13),)]


def test_where_nothing_is_news_nothing_drifts_and_stretches_grow_together() -> None:
    db = built_from(rows(truth()))
    assert db.execute("select count(*) from computed.drift where rms > 0").fetchall() == [(0,)]
    counted = "select scope, count(*), count(distinct model) from computed.ability_path group by scope order by scope"
    assert db.execute(counted).fetchall() == [("coding", 40, 40), ("overall", 40, 40)]


def test_before_the_anchors_a_pair_of_early_models_holds_the_scale() -> None:
    low, high = abilities.EARLY
    renamed = {LOW: low, HIGH: high}
    cells = [(*row[:2], renamed.get(row[2], row[2]), *row[3:]) for row in rows(truth())]
    found = overall(built_from(cells))
    assert (found[low], found[high]) == pytest.approx(tuple(abilities.EARLY.values()), abs=0.01)


def test_without_any_anchor_nobody_is_placed_and_everybody_has_a_reason() -> None:
    cells = [(*row[:2], row[2].replace(LOW, "other").replace(HIGH, "another"), *row[3:]) for row in rows(truth())]
    found = (
        built_from(cells)
        .execute("select count(theta), min(reason) from computed.ability where scope = 'overall'")
        .fetchall()
    )
    assert found == [(0, "0 models could be placed both here and overall, needs 10")]


def test_draws_do_not_depend_on_what_other_groups_there_are() -> None:
    """A new board reshuffles nobody's draws: each group has random numbers of its own."""
    old = rows(truth(), noise=0.05)
    more = [("board-99", "v1", *row[2:4], "board-99", *row[5:]) for row in old if row[0] == "board-05"]
    query = "select model, draws from computed.ability_draw where scope = 'overall' order by model"
    one, other = (np.array([draw for _, draw in built_from(c).execute(query).fetchall()]) for c in (old, [*old, *more]))
    centred = [draws - draws.mean(axis=1, keepdims=True) for draws in (one, other)]
    assert np.corrcoef(centred[0][5], centred[1][5])[0, 1] > 0.8


# --- against the published ----------------------------------------------------------------------


@pytest.mark.recorded_web
def test_the_published_index_of_others_comes_out_of_their_method_and_in_the_order_of_ours() -> None:
    found = eci.compare(eci.Published.read(), searches=12)
    assert found.searches_off.shape == (12, 222)
    assert found.worst.min() < 0.02  # a search that ends where theirs did, for all 222 models
    assert np.abs(found.given_items_off).max() < 0.02
    assert found.least_cost < found.search_costs.min()
    assert found.search_costs.max() - found.least_cost < 1e-4
    assert found.least_cost < found.published_cost < found.search_costs.max()
    assert np.sqrt(np.square(found.least_off).mean()) < 0.05
    assert found.spearman >= 0.98
    assert found.held_out_ours <= found.held_out_theirs
