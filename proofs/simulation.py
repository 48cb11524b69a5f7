"""Simulated worlds whose gap and lag are known: do the limits cover them, and do the parity tests err as they say?

A world has closed and open models whose abilities follow one trend, open ones some months behind, most of them short
of their side's best.  Boards leave some models out and score the youngest late.  What the limits have to cover is what
a board can know: the frontier, gap and lag of the true scores of the models it has scored.  How far the lag on it lies
from that among all released models, which no statistics can mend, is a column of its own.

Two kinds of world are not as our models have it: guessing (a third parameter), and questions in families that stand
or fall together, drawn once and put to every model.  Families of three make the variance of a score 1.8 times what its
standard error says and that of a difference 1.3 times, families of five 2.5 and 1.7 times: what limits made from
stated errors can bear, and what they cannot.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtri
from scipy.stats import norm

from flows.mapping import mapped
from flows.settings import Settings
from proofs._program import chosen
from warehouse.measures import composite
from warehouse.measures.bands import DRAWS, Scale
from warehouse.measures.contract import generator
from warehouse.measures.critical import LEVEL
from warehouse.measures.frontiers import NEVER, Side, States, antithetic, lag_limits, limits, pair_error, states

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

NIGHT = 1100
"""Days from the first release to the night on which everything is asked."""

YEARLY = 1.6
"""Log-odds that the frontier gains in a year."""

CRITICAL = float(norm.isf(LEVEL))
"""Standard errors in the distance of a one-sided test."""

MARGIN = 3.0
"""Index points by which a model may be worse on the composite and still count as equal (seeds/margin.csv)."""

EVALUATOR = 0.02
"""How far one evaluator is off from the next, in shares of the range: added to the binomial."""


# --- worlds -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Models: which side, counting from which day, how able (0: what closed models can do tonight, at the trend)."""

    closed: Flags
    on: Ints
    ability: Floats

    def only(self, kept: Flags) -> World:
        """The world of some of its models."""
        return World(closed=self.closed[kept], on=self.on[kept], ability=self.ability[kept])

    def frontiers(self, scores: Floats) -> States:
        """Both sides tonight by these scores, a row a model and a column a draw."""
        closed, open_ = (
            Side.of([f"{row:04}" for row in rows], self.on[rows], np.full(len(rows), NEVER), scores[rows].astype(float))
            for rows in (np.flatnonzero(self.closed), np.flatnonzero(~self.closed))
        )
        return states(closed, open_, np.array([NIGHT]))


def a_world(random: np.random.Generator) -> World:
    """25 to 90 closed and 30 to 120 open models; open is 2 to 12 months behind."""
    lag = random.uniform(60, 365)
    n_closed, n_open = random.integers(25, 90), random.integers(30, 120)
    closed = np.arange(n_closed + n_open) < n_closed
    on = random.integers(1, NIGHT, len(closed))
    trend = YEARLY / 365 * (on - np.where(closed, 0.0, lag) - NIGHT)
    return World(closed=closed, on=on, ability=trend - random.exponential(random.uniform(0.2, 1.2), len(closed)))


def scored(random: np.random.Generator, world: World, missing: float) -> Flags:
    """Which models are scored by tonight: a score takes three weeks on average, and some never come."""
    scored_on = world.on + random.exponential(21, len(world.on))
    return np.asarray((scored_on <= NIGHT) & (random.random(len(world.on)) >= missing))


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """An endless supply of questions, of which it asks some; `family` questions in a row share their fate."""

    n_items: int
    hardness: float
    guess: float = 0.0
    family: int = 0

    SPREAD = 1.0
    """How widely the hardness of its questions spreads, in log-odds."""

    def share(self, ability: Floats) -> Floats:
        """True scores: the shares of the whole supply."""
        hard = self.hardness + self.SPREAD * ndtri((np.arange(200) + 0.5) / 200)
        return np.asarray(self.guess + (1 - self.guess) * expit(ability[:, None] - hard).mean(axis=1))

    def observed(self, random: np.random.Generator, ability: Floats) -> Floats:
        """Scores: the shares of a sample, each off by its evaluator too."""
        share = self.share(ability) + EVALUATOR * random.standard_normal(len(ability))
        if not self.family:
            return np.asarray(random.binomial(self.n_items, np.clip(share, 0, 1)) / self.n_items)
        of = np.arange(self.n_items) // self.family
        hard = self.hardness + self.SPREAD * random.standard_normal(of[-1] + 1)
        # In half of the cases a model fares with a question as it does with the whole family.
        together = random.logistic(size=(len(ability), of[-1] + 1))[:, of]
        luck = np.where(random.random(together.shape) < 0.5, together, random.logistic(size=together.shape))
        right = (ability[:, None] - hard[of] > luck) | (random.random(luck.shape) < self.guess)
        return np.asarray(np.clip(right.mean(axis=1) + EVALUATOR * random.standard_normal(len(ability)), 0, 1))

    def stderr(self, score: Floats) -> Floats:
        """As `staging.score_interval` has it."""
        inner = np.clip(score, 0.01, 0.99)
        return np.asarray(np.sqrt(inner * (1 - inner) / self.n_items + EVALUATOR**2))


# --- what is counted ----------------------------------------------------------------------------


@dataclass(slots=True)
class Tally:
    """What limits did over many worlds: where the truth lay, and the estimates beside the truths."""

    below: int = 0
    above: int = 0
    estimates: list[float] = field(default_factory=list)
    truths: list[float] = field(default_factory=list)

    def add(self, estimate: float, low: float, high: float, truth: float) -> None:
        """One world; a limit that is NaN bounds nothing, and a world whose truth is NaN has none to cover."""
        if not np.isnan(truth):
            self.below += truth < low
            self.above += truth > high
            self.estimates.append(estimate)
            self.truths.append(truth)

    @property
    def worlds(self) -> int:
        """Worlds that had a truth."""
        return len(self.truths)

    @property
    def coverage(self) -> float:
        """Share of them in which it lay within the limits."""
        return 1 - (self.below + self.above) / self.worlds

    @property
    def off(self) -> float:
        """Median estimate over median truth, minus one."""
        return float(np.nanmedian(self.estimates) / np.median(self.truths) - 1)


MEASURES = ("gap", "gap_std", "lag", "horizontal")
"""What a night tells; the differences of pairs have a sign by chance, so no median of theirs means anything."""

Measures = dict[str, tuple[float, float, float]]
"""Estimate, lower and upper limit of each measure."""


def measured(found: States, scale: Scale | None) -> Measures:
    """Everything that a row of `computed.band` or `computed.ability_band` says, on the night itself."""
    made = {}
    columns = {"gap": found.closed - found.open, "horizontal": found.horizontal}
    if scale:
        columns["gap_std"] = scale.log_odds(found.closed) - scale.log_odds(found.open)
    for name, values in columns.items():
        low, high = limits(values[:, 1:])
        made[name] = (float(values[0, 0]), float(low[0]), float(high[0]))
    low_sign, low_on, high_sign, high_on = (float(v[0]) for v in lag_limits(found, np.array([NIGHT])))
    sign = 1.0 if found.closed[0, 0] >= found.open[0, 0] else -1.0
    lag = sign * (NIGHT - float(found.since[0, 0]))
    made["lag"] = (lag, low_sign * (NIGHT - low_on), high_sign * (NIGHT - high_on))
    return made


def add_all(tallies: dict[str, Tally], estimated: Measures, true: Measures) -> None:
    """One world's measures beside its truths."""
    for name, estimate in estimated.items():
        tallies.setdefault(name, Tally()).add(*estimate, true[name][0])


# --- replicates, in parts ------------------------------------------------------------------------

HERE = Settings(runner="here")

PART = 25
"""Worlds of a part, whatever the number of workers: some seconds of work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some worlds of one kind; ``world`` computes one by its number, the same whoever does."""

    world: Callable[[int], tuple[Measures, ...]]
    numbers: range


def simulated(part: Part) -> list[tuple[Measures, ...]]:
    """The worlds of a part."""
    return [part.world(number) for number in part.numbers]


def replicated(
    kinds: Sequence[Callable[[int], tuple[Measures, ...]]], worlds: int, settings: Settings = HERE
) -> list[list[tuple[Measures, ...]]]:
    """So many worlds of each kind, in order, computed in parts on the runner of the settings."""
    ranges = [range(first, min(first + PART, worlds)) for first in range(0, worlds, PART)]
    parts = [Part(world=kind, numbers=numbers) for kind in kinds for numbers in ranges]
    found = mapped(simulated, parts, settings, name="worlds")
    return [list(chain.from_iterable(found[at : at + len(ranges)])) for at in range(0, len(found), len(ranges))]


# --- boards -------------------------------------------------------------------------------------

PERCENT = Scale("fraction", "higher", 0.0, 1.0)


def board_world(random: np.random.Generator, board: Board, missing: float) -> tuple[Measures, Measures, Measures]:
    """What a board tells, what is true of the models it scored, and what of all that were released."""
    everyone = a_world(random)
    world = everyone.only(scored(random, everyone, missing))
    score = board.observed(random, world.ability)
    noise = np.array([antithetic(random, DRAWS) for _ in score])
    draws = np.concatenate([score[:, None], score[:, None] + board.stderr(score)[:, None] * noise], axis=1)
    return (
        measured(world.frontiers(draws), PERCENT),
        measured(world.frontiers(board.share(world.ability)[:, None]), PERCENT),
        measured(everyone.frontiers(board.share(everyone.ability)[:, None]), PERCENT),
    )


def random_board(number: int, guess: float = 0.0, family: int = 0) -> tuple[Measures, Measures, Measures]:
    """A world of boards: 45 to 1,000 questions, easy to hard, a fifth of the models missing."""
    random = generator("board worlds", number)
    board = Board(
        n_items=round(float(np.exp(random.uniform(np.log(45), np.log(1000))))),
        hardness=float(random.uniform(-1.5, 0.5)),
        guess=guess,
        family=family,
    )
    return board_world(random, board, missing=0.2)


def tallied(worlds: Iterable[tuple[Measures, ...]]) -> tuple[dict[str, Tally], Tally]:
    """What the limits did, by measure; and the lag against all released models, where worlds tell it."""
    tallies: dict[str, Tally] = {}
    whole = Tally()
    for estimated, true, *all_released in worlds:
        add_all(tallies, estimated, true)
        if all_released:
            whole.add(*estimated["lag"], all_released[0]["lag"][0])
    return tallies, whole


# --- the composite ------------------------------------------------------------------------------


def composite_world(random: np.random.Generator, guess: float, common: float) -> tuple[Measures, Measures]:
    """What the composite tells of 14 to 30 instruments in groups, and what is true of the models it could place.

    Each instrument measures something of its own besides ability, 0.3 log-odds of it, and a group ``common`` more.
    ``pair`` is the difference of two of the models, whichever they are, by the draws and as `staging.parity_test` tests
    it; ``contest`` that of a record and a rival at the margin of that test, where ``below`` is how often it errs.
    """
    world = a_world(random)
    n_items = int(random.integers(14, 30))
    group = np.sort(random.integers(0, round(n_items * 0.8), n_items))
    _, group = np.unique(group, return_inverse=True)
    theta = world.ability + 2.4
    slope = np.exp(random.normal(0.0, 0.3, n_items))
    hard = random.uniform(-2.0, 3.5, n_items)
    own = 0.3 * random.standard_normal((len(theta), n_items))
    own += common * random.standard_normal((len(theta), group.max() + 1))[:, group]
    floor = np.where(np.arange(n_items) % 2, guess, 0.0)
    true_share = floor + (1 - floor) * expit(slope * (theta[:, None] + own - hard))
    asked = np.exp(random.uniform(np.log(45), np.log(1000), n_items)).round()
    share = np.clip(random.binomial(asked.astype(int), true_share) / asked, 0, 1)
    # A board follows some two years of models; a third of those it leaves out.
    middle = random.uniform(200, NIGHT, n_items)
    present = (np.abs(world.on[:, None] - middle) < 500) & np.array(
        [scored(random, world, missing=1 / 3) for _ in range(n_items)]
    ).T
    model, item = np.nonzero(present)
    placed = composite.placing(model, item, group, len(theta)).cells
    model, item = model[placed], item[placed]
    models, model = np.unique(model, return_inverse=True)
    items, item = np.unique(item, return_inverse=True)
    groups, group = np.unique(group[items], return_inverse=True)
    cell_share = share[np.ix_(models, items)][model, item]
    stderr = np.sqrt(np.clip(cell_share * (1 - cell_share), 0.01, None) / asked[items][item] + EVALUATOR**2)
    cells = composite.Cells(
        model=model,
        item=item,
        share=cell_share,
        weight=composite.shared_out(composite.effective_weight(cell_share, stderr), model, group[item]),
        group=group,
        n_models=len(models),
    )
    # The anchors: two models many instruments know, one from the middle of the field and one from near its top.
    known = np.bincount(model, minlength=len(models))
    ranked = np.argsort(theta[models])
    low, high = (
        max(ranked[int(len(ranked) * begin) : int(len(ranked) * end)], key=lambda one: known[one])
        for begin, end in ((0.3, 0.55), (0.8, 1.0))
    )

    def scale(raw: Floats) -> composite.Scale:
        return composite.anchored(float(raw[low]), float(raw[high]), (130.0, 150.0))

    def index(raw: Floats) -> Floats:
        return scale(raw)(raw)

    fitted = composite.fit(cells)
    point = index(fitted.theta)
    moved = np.stack([point - index(left.theta) for left in composite.without_each_group(cells, fitted)], axis=1)
    draws = point[:, None] + moved @ random.standard_normal((len(groups), DRAWS))
    true = index(theta[models])
    placed_world = world.only(np.isin(np.arange(len(theta)), models))
    standard_error = composite.SE_INFLATION * scale(fitted.theta).stretch * composite.standard_error(cells, fitted)
    one, other = random.choice(len(models), 2, replace=False)
    rival, record = at_the_margin(placed_world, true)
    estimated = measured(placed_world.frontiers(np.concatenate([point[:, None], draws], axis=1)), None)
    truth = measured(placed_world.frontiers(true[:, None]), None)
    for name, first, second, error in (
        ("pair", one, other, pair_error(draws[one], draws[other])),
        ("pair as tested", one, other, float(np.hypot(standard_error[one], standard_error[other]))),
        ("contest as tested", rival, record, float(np.hypot(standard_error[rival], standard_error[record]))),
    ):
        apart = float(point[first] - point[second])
        estimated[name] = (apart, apart - CRITICAL * error, apart + CRITICAL * error)
        truth[name] = (float(true[first] - true[second]), np.nan, np.nan)
    return estimated, truth


def at_the_margin(world: World, level: Floats) -> tuple[int, int]:
    """The open model and the closed record it is nearest to being worse than by exactly the margin, `MARGIN`."""
    closed = np.flatnonzero(world.closed)
    closed = closed[np.lexsort((-level[closed], world.on[closed]))]
    best = np.maximum.accumulate(level[closed])
    records = closed[np.append(True, best[1:] > best[:-1])]
    open_ = np.flatnonzero(~world.closed)
    off = np.abs(level[open_][:, None] - level[records] + MARGIN)
    rival, record = np.unravel_index(int(off.argmin()), off.shape)
    return int(open_[rival]), int(records[record])


def random_composite(number: int, guess: float = 0.0, common: float = 0.0) -> tuple[Measures, Measures]:
    """A world of composites."""
    return composite_world(generator("composite worlds", number), guess, common)


# --- parity -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """One closed record and some open models that truly are worse than it by the same deficit."""

    share: float
    deficit: float
    models: int
    n_items: int = 198
    evaluator: float = EVALUATOR

    def scores(self, random: np.random.Generator, trials: int) -> tuple[Floats, Floats]:
        """Observed: the record's, a column, and the open models', a row a trial."""
        made = []
        for share, width in ((self.share, 1), (self.share - self.deficit, self.models)):
            off = self.evaluator * random.standard_normal((trials, width))
            made.append(random.binomial(self.n_items, np.clip(share + off, 0, 1)) / self.n_items)
        return made[0], made[1]

    def matched(self, random: np.random.Generator, trials: int) -> float:
        """How often one of them scores at or above the record."""
        closed, open_ = self.scores(random, trials)
        return float((open_ >= closed).any(axis=1).mean())

    def found_equal(self, random: np.random.Generator, trials: int) -> float:
        """How often the parity test, Holm over the models, lets one of them through: `staging.parity_test` in arrays.

        Holm's first step decides whether any passes: the best of them against the level shared among all.
        """
        closed, open_ = self.scores(random, trials)
        board = Board(n_items=self.n_items, hardness=0)
        error = np.hypot(board.stderr(closed), board.stderr(open_))
        passed = open_ - closed + margin(error) > norm.isf(LEVEL / self.models) * error
        return float(passed.any(axis=1).mean())


def margin(error: Floats) -> Floats:
    """3 points or half the resolution, whichever is more (METHOD section 4)."""
    return np.maximum(0.03, 0.5 * 2.49 * error)


def at_margin(share: float, models: int) -> Contest:
    """Models that are worse by exactly the margin: the worst case of a wrong parity."""
    board = Board(n_items=198, hardness=0)
    deficit = 0.05
    for _ in range(50):
        both = board.stderr(np.array([share, share - deficit]))
        deficit = float(margin(np.hypot(both[:1], both[1:]))[0])
    return Contest(share=share, deficit=deficit, models=models)


# --- the report ---------------------------------------------------------------------------------


def report(worlds: int = 500, settings: Settings = HERE) -> str:
    """All of it as two tables."""
    lines = [
        f"Limits of 90 % over {worlds} worlds each.",
        "",
        "| worlds | measure | truth inside | below | above | median off by |",
        "|---|---|---|---|---|---|",
    ]
    for title, tallies in _coverages(worlds, settings):
        lines += [
            f"| {title} | {name} | {tally.coverage:.3f} | {tally.below / tally.worlds:.3f} | "
            f"{tally.above / tally.worlds:.3f} | {format(tally.off, '+.1%') if name in MEASURES else ''} |"
            for name, tally in tallies.items()
        ]
    trials = 400 * worlds
    lines += [
        "",
        f"Wrong verdicts over {trials:,} contests on 198 questions.",
        "",
        "| rule | setting | wrong |",
        "|---|---|---|",
    ]
    lines += [f"| {rule} | {setting} | {wrong:.3f} |" for rule, setting, wrong in _verdicts(trials)]
    return "\n".join(lines)


def _coverages(worlds: int, settings: Settings) -> Iterator[tuple[str, dict[str, Tally]]]:
    kinds: dict[str, Callable[[int], tuple[Measures, ...]]] = {
        "boards": random_board,
        "boards, guessing 0.25": partial(random_board, guess=0.25),
        "boards, the same questions for all": partial(random_board, family=1),
        "boards, questions in threes": partial(random_board, family=3),
        "boards, questions in fives": partial(random_board, family=5),
        "composite": random_composite,
        "composite, guessing 0.2 on half": partial(random_composite, guess=0.2),
        "composite, groups of instruments alike": partial(random_composite, common=0.3),
    }
    found = replicated(list(kinds.values()), worlds, settings)
    for title, made in zip(kinds, found, strict=True):
        tallies, whole = tallied(made)
        yield title, tallies
        if title == "boards":
            yield "boards, against all released models", {"lag": whole}


def _verdicts(trials: int) -> Iterator[tuple[str, str, float]]:
    for models, who in ((1, "one model"), (8, "best of eight")):
        five = Contest(share=0.8, deficit=0.05, models=models, evaluator=0)
        yield "match", f"{who}, truly 5 points worse, chance only", five.matched(generator("match", models), trials)
        yield "parity", f"{who}, the same", five.found_equal(generator("five", models), trials)
        for share in (0.3, 0.5, 0.8, 0.9):
            contest = at_margin(share, models)
            setting = f"{who}, {contest.deficit:.3f} below {share:g}: at the margin"
            yield "parity", setting, contest.found_equal(generator("margin", models, share), trials)


def main(worlds: int = 500) -> None:
    """Print the report."""
    sys.stdout.write(report(worlds, chosen()) + "\n")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
