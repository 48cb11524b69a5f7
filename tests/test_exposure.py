"""Exposure and country: gamma where it is known, and what may not change it."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest

from collectors.registry import sources
from warehouse.measures import composite, exposure
from warehouse.measures.composite import Cells, Fitted
from warehouse.measures.exposure import Panel
from warehouse.statements import SHIPPED


def panel(lower: float, noise: float = 0.0, seed: int = 1) -> Panel:
    """Thirty models, every second open, on sixteen instruments, every second private, where open stands ``lower``."""
    n_models, n_items = 30, 16
    model, item = (code.ravel() for code in np.indices((n_models, n_items)))
    items = Fitted(
        theta=np.linspace(-1, 1, n_models),
        difficulty=np.linspace(-1, 1, n_items)[np.argsort(np.arange(n_items) * 7 % n_items)],
        log_slope=np.full(n_items, np.log(2.0)),
    )
    open_, private = np.arange(n_models) % 2 == 1, np.arange(n_items) % 2 == 1
    off = noise * np.random.default_rng(seed).standard_normal(len(model))
    reach = items.theta[model] - items.difficulty[item] - lower * (open_[model] & private[item]) + off
    cells = Cells(
        model=model,
        item=item,
        share=1 / (1 + np.exp(-2 * reach)),
        weight=np.full(len(model), composite.CAP),
        group=np.arange(n_items),
        n_models=n_models,
    )
    return Panel(cells=cells, items=items, open_=open_, private=private)


@pytest.mark.parametrize("lower", [0.0, 0.2, -0.3])
def test_gamma_is_by_how_much_open_models_stand_lower_on_private_questions(lower: float) -> None:
    assert exposure.linear(panel(lower)).gamma == pytest.approx(lower, abs=0.005)


def test_what_is_harder_for_everybody_or_a_worse_model_everywhere_is_not_exposure() -> None:
    """Private questions 0.5 harder for all, open models 0.4 worse on all: neither is gamma."""
    made = panel(0.2)
    reach = np.log(made.cells.share / (1 - made.cells.share)) / 2
    reach = reach - 0.5 * made.private[made.cells.item] - 0.4 * made.open_[made.cells.model]
    moved = replace(made, cells=replace(made.cells, share=1 / (1 + np.exp(-2 * reach))))
    assert exposure.linear(moved).gamma == pytest.approx(0.2, abs=0.01)


def test_a_real_difference_differs_from_labels_dealt_at_random() -> None:
    there, nothing = exposure.gamma(panel(0.3, noise=0.2), "a"), exposure.gamma(panel(0.0, noise=0.2), "a")
    assert there.p < 0.02 < nothing.p
    low, high = np.quantile(there.draws, (0.05, 0.95))
    assert 0 < low < 0.3 < high
    low, high = np.quantile(nothing.draws, (0.05, 0.95))
    assert low < 0 < high


def test_one_group_that_makes_all_the_difference_is_named() -> None:
    made = panel(0.0)
    one = made.open_[made.cells.model] & (made.cells.item == 3)
    reach = np.log(made.cells.share / (1 - made.cells.share)) / 2 - 0.8 * one
    found = exposure.gamma(replace(made, cells=replace(made.cells, share=1 / (1 + np.exp(-2 * reach)))), "b")
    assert found.worst_group == 3
    assert found.value > 0.05
    assert found.without_worst == pytest.approx(0.0, abs=0.01)


def test_the_same_panel_gives_the_same_draws() -> None:
    one, other = (exposure.gamma(panel(0.1, noise=0.1), "c") for _ in range(2))
    assert one.draws.tolist() == other.draws.tolist()
    assert one.p == other.p


# --- seeds --------------------------------------------------------------------------------------


def seed(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(SHIPPED.joinpath("seeds", f"{name}.csv").read_text("utf-8").splitlines()))


def test_every_line_of_exposure_names_a_board_a_kind_and_how_it_is_known() -> None:
    boards = {board.name for source in sources().values() for board in source.boards}
    rows = seed("exposure")
    assert {row["board"] for row in rows} <= boards
    assert {row["items"] for row in rows} <= {"private", "renewed", "live", "public", "unknown"}
    assert all(row["source"] for row in rows)
    assert len({row["board"] for row in rows}) == len(rows)


def test_a_group_of_instruments_belongs_to_one_domain() -> None:
    """GPQA stood in two.  LiveBench's sub-scores, one release of seven subjects, are the exception."""
    domain = {board.name: board.domain for source in sources().values() for board in source.boards}
    found: dict[str, set[str]] = {}
    for row in seed("instrument_group"):
        found.setdefault(row["group"], set()).add(domain[row["board"]])
    assert [group for group, domains in found.items() if len(domains) > 1] == ["livebench"]
