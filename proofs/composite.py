"""The composite, its domains and the exposure on the recorded scores (METHOD section 8, version 2).

``python -m proofs.composite [FOLDER] [PART ...]``: a data folder (default GAPINDEX_DATA) and any of `halves`,
`futures`, `domains`, `exposure` (default all).

halves    The groups of instruments of one night are split in two at random, each half fitted alone and linked: how
          often do the intervals of the two hold the difference between them?
futures   Abilities, pairs and gaps as fitted on past nights, against what the same fit says of the same night's models
          84 days later.
domains   Blocks of one model's scores in one group are left out and predicted: by the overall abilities, by those with
          the offsets of the domains, and by those with the offsets of random partitions of the same sizes, which must
          gain nothing.  And the spread of the offsets as it is chosen where the truth is known.
exposure  Gamma in worlds like tonight where it is 0, and where it is 3.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
from scipy.special import expit

from collectors.registry import sources
from flows.settings import Settings, be_quiet
from proofs._folder import last_night
from warehouse.build import built
from warehouse.measures import abilities, composite, exposure
from warehouse.measures.abilities import Known, Vintage
from warehouse.measures.composite import Cells, Fitted, Flags, Floats, Ints
from warehouse.measures.contract import generator
from warehouse.measures.domains import offsets
from warehouse.measures.threads import one_thread

DRAWS = 400
EPOCH = date(1970, 1, 1)
LATER = 84
SPLITS = 12
FOLDS = 5
TAUS = (0.0, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0)
PLACEBOS = 16
WORLDS = 6
EXPOSURE_WORLDS = 60


# --- what a fit says ----------------------------------------------------------------------------


def jackknifed(made: Vintage) -> Floats:
    """What each group adds to each placed model, in the unit of the fit: a model a row, a group a column."""
    scoped = abilities.Scoped(made=made, standing=np.empty(0), anchors=None, why="")
    return np.stack([made.theta - left.theta for _, left in scoped.without_each_group()], axis=1)


def share_inside(difference: Floats, spread: Floats) -> str:
    """How often a difference lies within 90 % limits of the given spread."""
    inside = np.abs(difference) <= 1.645 * spread
    return f"{100 * inside.mean():.1f} % of {len(inside)}"


# --- halves -------------------------------------------------------------------------------------


def halves(known: Known, night: int) -> Iterator[str]:
    """Differences between the abilities, and between the pairs of the fifteen ablest, of two disjoint halves.

    Leaving a model's groups out one by one counts its variance m / (m - 1) times where it has m groups: little on a
    whole night, much in a half.  So the shares are given without that excess too.
    """
    rows = np.flatnonzero(known.on(night))
    singles: list[tuple[Floats, Floats, Floats]] = []
    pairs: list[tuple[Floats, Floats, Floats]] = []
    sizes: list[Ints] = []
    for split in range(SPLITS):
        random = generator("halves", split)
        first = random.permutation(len(known.groups)) < len(known.groups) // 2
        made = [
            abilities.vintage(known, rows[first[known.group[known.item[rows]]] == side], night)
            for side in (True, False)
        ]
        common = np.intersect1d(made[0].settled_models, made[1].settled_models)
        at = [np.searchsorted(one.settled_models, common) for one in made]
        theta = [one.fitted.theta[place] for one, place in zip(made, at, strict=True)]
        moved = [jackknifed(one)[place] for one, place in zip(made, at, strict=True)]
        seen = [scored(one)[place] for one, place in zip(made, at, strict=True)]
        sizes.extend(one.sum(axis=1) for one in seen)
        scale = composite.linked(theta[1], theta[0])
        apart = theta[0] - scale(theta[1])
        stretch = (1.0, scale.stretch)
        singles.append((apart, *spreads(moved, seen, stretch)))
        best = np.argsort(-(theta[0] + scale(theta[1])))[:15]
        one, other = (best[code] for code in np.triu_indices(len(best), 1))
        both = [m[one] - m[other] for m in moved]
        pairs.append((apart[one] - apart[other], *spreads(both, [g[one] | g[other] for g in seen], stretch)))
    for name, found in (("abilities", singles), ("pairs of the fifteen ablest", pairs)):
        difference, spread, fair = (np.concatenate(part) for part in zip(*found, strict=True))
        yield f"{name}: {share_inside(difference, spread)} differences inside 90 % limits, {SPLITS} splits"
        yield f"  without the excess of leaving one group out: {share_inside(difference, fair)}"
    whole = abilities.vintage(known, rows, night)
    yield (
        f"groups of a model, median: {np.median(np.concatenate(sizes)):.0f} in a half, "
        f"{np.median(scored(whole).sum(axis=1)):.0f} in the whole night"
    )


def scored(made: Vintage) -> Flags:
    """On which groups each settled model is scored: a model a row, a group a column."""
    seen: Flags = np.zeros((made.settled.n_models, made.settled.n_groups), dtype=bool)
    seen[made.settled.model, made.settled.group[made.settled.item]] = True
    return seen


def spreads(moved: Sequence[Floats], seen: Sequence[Flags], stretch: Sequence[float]) -> tuple[Floats, Floats]:
    """The spread of the difference between two halves, as it is published and without the excess."""
    variance = [s**2 * np.square(m).sum(axis=1) for m, s in zip(moved, stretch, strict=True)]
    fair = [v * (1 - 1 / np.maximum(g.sum(axis=1), 2)) for v, g in zip(variance, seen, strict=True)]
    return np.sqrt(variance[0] + variance[1]), np.sqrt(fair[0] + fair[1])


# --- futures ------------------------------------------------------------------------------------


def futures(known: Known, night: int, sides: Sequence[tuple[str, bool, int, int]]) -> Iterator[str]:
    """Sixteen nights, one a month, and the same models 84 days later, on the scale of the night."""
    singles: list[tuple[Floats, Floats]] = []
    pairs: list[tuple[Floats, Floats]] = []
    inside = raw_inside = asked = 0
    for back in range(16):
        day = night - LATER - 30 * (15 - back)
        then, later = (abilities.vintage(known, np.flatnonzero(known.on(on)), on) for on in (day, day + LATER))
        stretch = _points(known, then)
        common = np.intersect1d(then.placed, later.placed)
        at, there = (_places(one.placed, common) for one in (then, later))
        linked = composite.linked(later.theta[there], then.theta[at])
        moved = jackknifed(then)
        apart = stretch * (linked(later.theta)[there] - then.theta[at])
        singles.append((apart, stretch * np.sqrt(np.square(moved[at]).sum(axis=1))))
        best = np.argsort(-then.theta[at])[:15]
        one, other = (best[code] for code in np.triu_indices(len(best), 1))
        pairs.append(
            (apart[one] - apart[other], stretch * np.sqrt(np.square(moved[at][one] - moved[at][other]).sum(axis=1)))
        )
        drawn = then.theta[:, None] + moved @ generator("futures", day).standard_normal((moved.shape[1], DRAWS))
        now = _gap(known, then.placed, np.column_stack([then.theta, drawn]), sides, day)
        after = _gap(known, later.placed, linked(later.theta)[:, None], sides, day)
        if now is None or after is None:
            continue
        asked += 1
        shift = now[1:].mean() - now[0]
        for shifted in (True, False):
            low, high = np.quantile(now[1:] - shifted * shift, (0.05, 0.95))
            hit = bool(low <= after[0] <= high)
            inside, raw_inside = (inside + hit, raw_inside) if shifted else (inside, raw_inside + hit)
    for name, found in (("abilities", singles), ("pairs of the fifteen ablest", pairs)):
        difference, spread = (np.concatenate(part) for part in zip(*found, strict=True))
        yield f"{name}: {share_inside(difference, spread)} inside 90 % limits after {LATER} days"
    yield f"gaps: {inside} of {asked} inside after {LATER} days ({raw_inside} with limits that are not shifted)"


def _points(known: Known, made: Vintage) -> float:
    """Index points of the unit of a fit."""
    names = [known.models[model] for model in made.placed.tolist()]
    for pair in (abilities.ANCHORS, abilities.EARLY):
        if set(pair) <= set(names):
            low, high = (float(made.theta[names.index(name)]) for name in pair)
            first, last = pair.values()
            return (last - first) / (high - low)
    return 1.0


def _places(models: Ints, wanted: Ints) -> Ints:
    order = np.argsort(models)
    return order[np.searchsorted(models[order], wanted)]


def _gap(
    known: Known, models: Ints, theta: Floats, sides: Sequence[tuple[str, bool, int, int]], day: int
) -> Floats | None:
    """Best closed minus best open model that counts on a day, a column a draw."""
    place = {known.models[model]: row for row, model in enumerate(models.tolist())}
    rows: dict[bool, list[int]] = {True: [], False: []}
    for model, closed, begun, ended in sides:
        if model in place and begun <= day < ended:
            rows[closed].append(place[model])
    if not rows[True] or not rows[False]:
        return None
    gap: Floats = theta[rows[True]].max(axis=0) - theta[rows[False]].max(axis=0)
    return gap


# --- domains ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A fit without some blocks of a model's scores in a group, and those blocks."""

    kept: Cells
    fitted: Fitted
    missing: Cells


def left_out(cells: Cells, start: Fitted) -> list[LeftOut]:
    """Every block is left out once; the abilities and instruments are fitted without it."""
    block = cells.model * cells.n_groups + cells.group[cells.item]
    fold = generator("blocks").integers(0, FOLDS, int(block.max()) + 1)[block]
    made = []
    for number in range(FOLDS):
        kept = composite.only(cells, fold != number)
        made.append(
            LeftOut(kept=kept, fitted=composite.fit(kept, start), missing=composite.only(cells, fold == number))
        )
    return made


def error(folds: Sequence[LeftOut], domain_of: Ints, tau: float) -> float:
    """Mean squared error of the left-out shares; ``domain_of`` is each instrument's domain, -1 where it has none.

    ``tau`` is in the unit of the fit.
    """
    squares: list[Floats] = []
    for one in folds:
        theta = one.fitted.theta[one.missing.model]
        if tau > 0:
            for domain in range(int(domain_of.max()) + 1):
                inside: Flags = domain_of == domain
                ability = offsets(one.kept, one.fitted, one.fitted.theta, inside, tau).ability
                theta = np.where(inside[one.missing.item], ability[one.missing.model], theta)
        share = expit(one.fitted.slope[one.missing.item] * (theta - one.fitted.difficulty[one.missing.item]))
        squares.append(np.square(share - one.missing.share))
    return float(np.concatenate(squares).mean())


def domains(known: Known, night: int) -> Iterator[str]:
    """The domains against overall alone and against placebos, and tau where it is known."""
    made = abilities.vintage(known, np.flatnonzero(known.on(night)), night)
    cells, stretch = made.settled, _points(known, made)
    names = sorted(known.tau)
    domain_of = np.array(
        [names.index(known.domain[item]) if known.domain[item] in names else -1 for item in made.items.tolist()]
    )
    folds = left_out(cells, made.fitted)
    base = error(folds, domain_of, 0.0)
    yield f"left-out blocks, error of overall alone {base**0.5:.4f}"
    yield "tau, index points: " + ", ".join(
        f"{tau:g} {error(folds, domain_of, tau / stretch) ** 0.5:.4f}" for tau in TAUS[1:]
    )
    for place, name in enumerate(names):
        only = np.where(domain_of == place, 0, -1)
        inside = [replace(one, missing=composite.only(one.missing, only[one.missing.item] == 0)) for one in folds]
        gain = error(inside, only, known.tau[name] / stretch) / error(inside, only, 0.0) - 1
        yield f"  {name}: squared error of its own blocks {100 * gain:+.1f} %"
    gains = []
    group = cells.group
    for number in range(PLACEBOS):
        # The same sizes: the groups trade their domains; a group of several domains gets one of them.
        of_group = np.array([domain_of[group == one][0] for one in range(cells.n_groups)])
        dealt = generator("placebo", number).permutation(of_group)[group]
        gains.append(100 * (error(folds, dealt, 2.5 / stretch) / base - 1))
    yield (
        f"{PLACEBOS} random partitions, squared error {np.mean(gains):+.2f} % on average, {min(gains):+.2f} % at best; "
        f"the domains {100 * (error(folds, domain_of, 2.5 / stretch) / base - 1):+.2f} %"
    )
    for true in (0.0, 2.0, 3.0):
        chosen = [_chosen(cells, made.fitted, domain_of, true, stretch, world) for world in range(WORLDS)]
        yield f"true tau {true:g}: chosen {', '.join(f'{tau:g}' for tau in chosen)}"


def _chosen(cells: Cells, fitted: Fitted, domain_of: Ints, true: float, stretch: float, world: int) -> float:
    """The tau with the least error on left-out blocks, in a world like tonight's with a known one."""
    random = generator("tau", true, world)
    delta = true / stretch * random.standard_normal((cells.n_models, int(domain_of.max()) + 1))
    own = np.where(domain_of[cells.item] >= 0, delta[cells.model, domain_of[cells.item]], 0.0)
    stray = composite.ITEM_SD * random.standard_normal(len(cells.item))
    slope, difficulty = fitted.slope[cells.item], fitted.difficulty[cells.item]
    share = expit(slope * (fitted.theta[cells.model] + own + stray - difficulty))
    noisy = share + np.sqrt(share * (1 - share) / composite.CAP) * random.standard_normal(len(share))
    simulated = replace(cells, share=np.clip(noisy, 0, 1))
    folds = left_out(simulated, fitted)
    errors = [error(folds, domain_of, tau / stretch) for tau in TAUS]
    return TAUS[int(np.argmin(errors))]


# --- exposure -----------------------------------------------------------------------------------


def exposed(db: duckdb.DuckDBPyConnection, known: Known) -> Iterator[str]:
    """Gamma in worlds like tonight where it is known: how often its interval holds it, how often chance is excluded."""
    scoped = abilities.fitted_tonight(db, known)
    if scoped is None:
        yield "no fit tonight"
        return
    panel, _, _ = exposure.panel_of(db, known, scoped, "all")
    stretch = scoped.scale(scoped.made.theta).stretch
    cells, items = panel.cells, panel.items
    for true in (0.0, 3.0):
        held = significant = 0
        for world in range(EXPOSURE_WORLDS):
            random = generator("exposure world", true, world)
            # Instruments of one group stray together, and by as much again on their own.
            common = random.standard_normal((cells.n_models, cells.n_groups))[cells.model, cells.group[cells.item]]
            stray = composite.ITEM_SD * (common + random.standard_normal(len(cells.item)))
            lower = true / stretch * (panel.open_[cells.model] & panel.private[cells.item])
            reach = items.theta[cells.model] - lower + stray - items.difficulty[cells.item]
            share = expit(items.slope[cells.item] * reach)
            noisy = share + np.sqrt(share * (1 - share) / composite.CAP) * random.standard_normal(len(share))
            found = exposure.gamma(replace(panel, cells=replace(cells, share=np.clip(noisy, 0, 1))), "proof", world)
            low, high = np.quantile(stretch * found.draws, (0.05, 0.95))
            held += bool(low <= true <= high)
            significant += found.p <= 0.05
        yield (
            f"true gamma {true:g}: inside the 90 % interval in {held} of {EXPOSURE_WORLDS} worlds; permutation p at "
            f"most 0.05 in {significant}"
        )


# --- the report ---------------------------------------------------------------------------------


def main(folder: Path, parts: Sequence[str]) -> None:
    """Prints each part as it is done."""
    last = last_night(folder)
    with built(folder / "store.duckdb", last, sources()) as db, one_thread():
        known = Known.read(db)
        night = (last - EPOCH).days
        sides = db.execute(
            """select model, tier = 'C', from_on - date '1970-01-01',
                   coalesce(until_on, date '9999-12-31') - date '1970-01-01'
               from staging.access_span where tier <> 'U' order by all"""
        ).fetchall()
        every: dict[str, Callable[[], Iterator[str]]] = {
            "halves": lambda: halves(known, night),
            "futures": lambda: futures(known, night, sides),
            "domains": lambda: domains(known, night),
            "exposure": lambda: exposed(db, known),
        }
        print(f"night {last}")
        for name in parts or every:
            print(f"\n{name}")
            for line in every[name]():
                print(line, flush=True)


if __name__ == "__main__":
    be_quiet()
    given = sys.argv[1:]
    main(Path(given[0]) if given else Settings.from_env().data, given[1:])
