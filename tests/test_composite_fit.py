"""The composite's fit is fast; here it ends where a slow and plain one does, whatever the world."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from warehouse.measures import composite
from warehouse.measures.composite import Cells, Fitted, Floats
from warehouse.measures.threads import one_thread

PRIORS = (composite.THETA, composite.DIFFICULTY, composite.LOG_SLOPE)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    with one_thread():
        yield


def world(seed: int, n_models: int = 30, n_items: int = 9, filled: float = 0.7, noise: float = 0.7) -> Cells:
    """Scores with noise, some missing, in an order of chance, of weights from a tenth of a question to the cap."""
    random = np.random.default_rng(seed)
    model, item = np.nonzero(random.random((n_models, n_items)) < filled)
    order = random.permutation(len(model))
    model, item = model[order], item[order]
    true = Fitted(
        theta=random.normal(0, 1, n_models),
        difficulty=random.normal(0, 0.7, n_items),
        log_slope=random.normal(0.7, 0.4, n_items),
    )
    logit = true.slope[item] * (true.theta[model] - true.difficulty[item]) + random.normal(0, noise, len(model))
    return Cells(
        model=model,
        item=item,
        share=expit(logit),
        weight=random.uniform(0.1, composite.CAP, len(model)),
        group=np.arange(n_items) // 2,
        n_models=n_models,
    )


def objective(cells: Cells, point: Floats) -> tuple[float, Floats]:
    """Minus the log of the posterior with these weights, and its gradient: abilities, difficulties, logs of slopes."""
    at = fitted(cells, point)
    logit = at.slope[cells.item] * (at.theta[cells.model] - at.difficulty[cells.item])
    value = cells.weight @ (np.logaddexp(0, logit) - cells.share * logit)
    over = cells.weight * (expit(logit) - cells.share)
    steep = at.slope[cells.item]
    gradient = np.concatenate(
        [
            np.bincount(cells.model, steep * over, cells.n_models),
            -np.bincount(cells.item, steep * over, cells.n_items),
            np.bincount(cells.item, logit * over, cells.n_items),
        ]
    )
    pulls = [
        (x - mean) / spread for x, (mean, spread) in zip((at.theta, at.difficulty, at.log_slope), PRIORS, strict=True)
    ]
    gradient += np.concatenate([pull / spread for pull, (_, spread) in zip(pulls, PRIORS, strict=True)])
    return float(value + sum(np.square(pull).sum() / 2 for pull in pulls)), gradient


def fitted(cells: Cells, point: Floats) -> Fitted:
    theta, difficulty, log_slope = np.split(point, [cells.n_models, cells.n_models + cells.n_items])
    return Fitted(theta=theta, difficulty=difficulty, log_slope=log_slope)


def plain(cells: Cells) -> Fitted:
    """The weights of a point, the least value with these by a general minimiser, the weights there, and so on."""
    point = np.repeat([mean for mean, _ in PRIORS], (cells.n_models, cells.n_items, cells.n_items)).astype(float)
    for _ in range(200):
        weighed = composite.weighed_at(cells, fitted(cells, point))
        found = minimize(
            lambda x, its: objective(its, x),
            point,
            weighed,
            jac=True,
            method="L-BFGS-B",
            options={"ftol": 0, "gtol": 1e-8},
        ).x
        still, point = float(np.abs(found - point).max()), found
        if still < 1e-8:
            return fitted(cells, point)
    raise AssertionError(f"the plain fit still moves by {still}")


def same(one: Fitted, other: Fitted, within: float = 1e-5) -> bool:
    return all(
        np.allclose(getattr(one, part), getattr(other, part), rtol=0, atol=within)
        for part in ("theta", "difficulty", "log_slope")
    )


@pytest.mark.parametrize("seed", range(4))
def test_ends_where_a_general_minimiser_and_weights_in_turn_end(seed: int) -> None:
    cells = world(seed)
    assert same(composite.fit(cells), plain(cells))


def test_without_a_group_it_ends_where_a_fit_from_nothing_does() -> None:
    """The refits start from the whole fit; the instruments of the group that is left out have no cell."""
    cells = world(5)
    for group, left in enumerate(composite.without_each_group(cells, composite.fit(cells))):
        others = composite.only(cells, cells.group[cells.item] != group)
        assert same(left, composite.fit(others), 1e-6)
        if group == 0:
            assert same(left, plain(others))


@pytest.mark.parametrize("seed", range(5))
def test_where_it_ends_nothing_more_is_asked_for_however_the_scores_contradict(seed: int) -> None:
    """Shares of nought and one by chance: far from any logistic curve."""
    cells = world(seed, filled=0.3 + 0.1 * seed)
    cells = replace(cells, share=np.random.default_rng(seed).integers(0, 2, len(cells.share)).astype(float))
    found = composite.fit(cells)
    _, gradient = objective(composite.weighed_at(cells, found), np.concatenate([found.theta, found.items]))
    assert np.abs(gradient).max() < 1e-4


@pytest.mark.parametrize("seed", range(4))
def test_shares_by_chance_alone_do_not_end_the_fit(seed: int) -> None:
    """Nothing is there to find, and with damping by halves alone some such worlds still moved after 200 rounds."""
    cells = world(seed, n_models=150 + 20 * seed, n_items=30 + 5 * seed, filled=0.4)
    cells = replace(cells, share=np.random.default_rng(seed).integers(0, 2, len(cells.share)).astype(float))
    assert np.isfinite(composite.fit(cells).theta).all()


@pytest.mark.parametrize("seed", [3, 14, 22])
def test_an_instrument_with_its_direction_reversed_does_not_end_the_fit(seed: int) -> None:
    """A board whose lower is better, read as higher: seed 22 once still moved after 200 rounds."""
    random = np.random.default_rng(seed)
    model, item = np.nonzero(random.random((200, 30)) < 0.25)
    theta, difficulty = random.normal(0, 1.5, 200), random.normal(0, 1.5, 30)
    slope = np.exp(random.normal(0.7, 0.5, 30))
    slope[0] *= -1
    share = expit(slope[item] * (theta[model] - difficulty[item] + random.normal(0, 0.5, len(model))))
    weight = np.full(len(model), composite.CAP)
    cells = Cells(model=model, item=item, share=share, weight=weight, group=np.arange(30), n_models=200)
    assert composite.fit(cells).rounds < 30


def test_the_derivative_near_the_optimum_is_that_of_what_is_asked_for() -> None:
    """By differences, the weights moving along."""
    cells, random = world(3), np.random.default_rng(3)
    ordered = composite._Ordered.of(cells)
    at = replace(composite.fit(cells), theta=random.normal(0, 1, cells.n_models))
    theta, items = random.normal(0, 1, cells.n_models), random.normal(0, 1, (cells.n_items, 2))
    low, high = (ordered.around(composite._moved(at, by * theta, by * items)) for by in (-1e-6, 1e-6))
    here = ordered.around(at, exact=True)
    of_models = here.models * theta + here.across @ items.ravel()
    of_items = np.einsum("nij,nj->ni", here.own, items) + (here.back @ theta).reshape(-1, 2)
    assert (low.theta - high.theta) / 2e-6 == pytest.approx(of_models, rel=1e-5, abs=1e-4)
    assert (low.items - high.items) / 2e-6 == pytest.approx(of_items, rel=1e-5, abs=1e-4)


def test_blocks_of_cells_give_what_all_at_once_give(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = world(7)
    whole = composite.fit(cells)
    monkeypatch.setattr(composite, "_BLOCK", 20)
    assert same(composite.fit(cells), whole, 1e-9)


def test_a_model_without_a_score_stands_where_the_prior_has_it_and_moves_nobody() -> None:
    cells = world(8)
    more = replace(cells, model=cells.model + (cells.model >= 4), n_models=cells.n_models + 2)
    found = composite.fit(more)
    assert found.theta[[4, -1]].tolist() == [composite.THETA[0]] * 2
    assert np.delete(found.theta, [4, cells.n_models + 1]) == pytest.approx(composite.fit(cells).theta, abs=1e-12)


def test_no_scores_at_all_leave_everything_at_the_prior() -> None:
    nothing = composite.only(world(9), np.zeros(len(world(9).share), dtype=bool))
    found = composite.fit(nothing)
    assert (found.theta == composite.THETA[0]).all()
    assert found.difficulty == pytest.approx(np.full(9, composite.DIFFICULTY[0]), abs=1e-6)
    assert found.log_slope == pytest.approx(np.full(9, composite.LOG_SLOPE[0]), abs=1e-6)
