"""Limits of gap and lag: of every board edition (`band`), and of the composite, with its frontier (`ability_band`).

One row per date on which a frontier can change; what it says holds until the next one.  Columns called ``since``
are dates, in days since 1970 with a fraction, because a lag grows by a day a day: on night t the lower limit is
``lag_lo_sign * (t - since_lo)``, where the sign is -1 if that limit has open ahead, and the upper one likewise.

A limit is NULL where it cannot be computed: a model at the frontier has no standard error; one side has no model;
or, for the lag, more than 5 % of the draws lie before the instrument's first score.  A model behind the frontier
without a standard error is drawn with the largest one known on its instrument.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from math import log
from operator import itemgetter
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from warehouse.measures.contract import PythonModel, failed, generator
from warehouse.measures.frontiers import (
    NEVER,
    Flags,
    Floats,
    Ints,
    Side,
    States,
    antithetic,
    changes,
    lag_limits,
    limits,
    states,
)
from warehouse.statements import Parts

DRAWS = 400
"""Joint draws per instrument: a limit is then the 21st draw from the end."""

SINCE = date(2023, 1, 1)
"""The composite's frontier is followed from here."""

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Scale:
    """The range of a board's values, needed for differences in log-odds (METHOD section 3)."""

    unit: str
    better: str
    bottom: float
    top: float

    def log_odds(self, signed: Floats) -> Floats:
        """Standardised values of signed scores (higher is better), up to a constant."""
        if self.unit == "rating":
            return signed * (log(10) / 400)
        over = signed - self.bottom if self.better == "higher" else self.top + signed
        share = np.clip(over / (self.top - self.bottom), 0.001, 0.999)
        return np.asarray(np.log(share / (1 - share)))


class Stretch(NamedTuple):
    """The dates on which a model counts on one side."""

    side: str
    model: str
    from_on: int
    until_on: int | None


def _sides(stretches: Sequence[Stretch], scores: Mapping[str, Floats]) -> tuple[Side, Side]:
    """Closed and open models with their scores, a column a draw; column 0 is the point."""
    width = len(next(iter(scores.values())))

    def one(side: str) -> Side:
        rows = [s for s in stretches if s.side == side]
        return Side.of(
            [s.model for s in rows],
            np.array([s.from_on for s in rows], np.int64),
            np.array([NEVER if s.until_on is None else s.until_on for s in rows], np.int64),
            np.array([scores[s.model] for s in rows]).reshape(len(rows), width),
        )

    return one("closed"), one("open")


def _limits(found: States, on: Ints, sure: Flags) -> dict[str, Floats]:
    """The columns both tables share, a value per state; limits are NaN where they cannot be computed."""
    gap_lo, gap_hi = limits(found.closed[:, 1:] - found.open[:, 1:])
    lo_sign, since_lo, hi_sign, since_hi = lag_limits(found, on)
    horizontal_lo, horizontal_hi = limits(found.horizontal[:, 1:])
    doubtful = {
        "gap_lo": gap_lo,
        "gap_hi": gap_hi,
        "lag_lo_sign": lo_sign,
        "since_lo": since_lo,
        "lag_hi_sign": hi_sign,
        "since_hi": since_hi,
        "horizontal_lo": horizontal_lo,
        "horizontal_hi": horizontal_hi,
    }
    return {name: np.where(sure, values, np.nan) for name, values in doubtful.items()} | {
        "horizontal_days": found.horizontal[:, 0],
        "horizontal_censored": found.unmet[:, 0],
        "horizontal_waiting_since": found.waiting[:, 0],
    }


_Columns = dict[str, Sequence[object] | Floats]


def _table(parts: Sequence[_Columns], schema: pa.Schema) -> pa.Table:
    """The parts under one another; NaN becomes NULL, and what is below a billionth is noise of the arithmetic."""

    def column(field: pa.Field) -> pa.Array:
        values = [value for part in parts for value in part[field.name]]
        if pa.types.is_floating(field.type):
            return pa.array(np.round(np.array(values, float), 9), field.type, from_pandas=True)
        return pa.array(values, field.type)

    return pa.Table.from_arrays([column(field) for field in schema], schema=schema)


def _repeated(times: int, **place: str) -> _Columns:
    return {name: [value] * times for name, value in place.items()}


_SHARED = [
    *((name, pa.float64()) for name in ("gap_lo", "gap_hi", "lag_lo_sign", "since_lo", "lag_hi_sign", "since_hi")),
    *((name, pa.float64()) for name in ("horizontal_days", "horizontal_lo", "horizontal_hi")),
    *((name, pa.float64()) for name in ("horizontal_censored", "horizontal_waiting_since")),
]


# --- boards -------------------------------------------------------------------------------------

_BAND = pa.schema(
    [
        *((name, pa.string()) for name in ("board", "edition", "tier")),
        ("valid_from", pa.date32()),
        ("gap_std_lo", pa.float64()),
        ("gap_std_hi", pa.float64()),
        *_SHARED,
    ]
)


def _band(db: duckdb.DuckDBPyConnection, boards: Collection[str] | None = None) -> pa.Table:
    """The table, or its rows of some boards: every draw of a board edition depends on that edition alone."""
    scales = {
        board: Scale(*facts)
        for board, *facts in db.execute(
            "select board, unit, better, coalesce(chance, low), coalesce(ceiling, high) from input.board"
        ).fetchall()
    }
    chosen = None if boards is None else sorted(boards)
    days: dict[tuple[str, str, str], list[int]] = {}
    for board, edition, tier, on in db.execute(
        """select board, edition, tier, valid_from - date '1970-01-01' from staging.frontier_state
           where $boards is null or list_contains($boards, board) order by all""",
        {"boards": chosen},
    ).fetchall():
        days.setdefault((board, edition, tier), []).append(on)
    entries = db.execute(
        """select e.board, e.edition, e.tier, e.side, if(e.provisional, e.model || ' provisional', e.model),
               e.from_on - date '1970-01-01',
               e.until_on - date '1970-01-01', e.signed, if(e.provisional, coalesce(e.stderr, p.stderr), p.stderr)
           from staging.frontier_candidate e
           left join staging.score_interval p
               on p.board = e.board and p.edition = e.edition and p.model = e.model and p.known_to is null
           where $boards is null or list_contains($boards, e.board)
           order by all""",
        {"boards": chosen},
    ).fetchall()
    parts: list[_Columns] = []
    for (board, edition), group in groupby(entries, key=itemgetter(0, 1)):
        listed = list(group)
        try:
            parts += _band_of((board, edition), listed, scales[board], days)
        except (ArithmeticError, LookupError, ValueError) as error:
            failed(db, "band", f"{board} {edition}", str(error))
    return _table(parts, _BAND)


def _band_of(
    about: tuple[str, str],
    listed: Sequence[Sequence[Any]],
    scale: Scale,
    days: Mapping[tuple[str, str, str], Sequence[int]],
) -> list[_Columns]:
    """The columns of one board edition, a part per tier."""
    board, edition = about
    parts = []
    error = {row[4]: row[8] for row in listed if row[8] is not None}
    scores = _drawn(about, {row[4]: row[7] for row in listed}, error)
    for tier, rows in groupby(listed, key=itemgetter(2)):
        closed, open_ = _sides([Stretch(*row[3:7]) for row in rows], scores)
        on = np.array(days[board, edition, tier])
        kept, state = changes(closed, open_, on)
        found = states(closed, open_, on[kept])
        sure = _leader_in(closed, found.closed_leader, error) & _leader_in(open_, found.open_leader, error)
        std = scale.log_odds(found.closed) - scale.log_odds(found.open)
        std_lo, std_hi = (np.where(sure, limit, np.nan) for limit in limits(std[:, 1:]))
        made = _limits(found, on[kept], sure) | {"gap_std_lo": std_lo, "gap_std_hi": std_hi}
        place = _repeated(len(on), board=board, edition=edition, tier=tier)
        parts.append(place | {name: values[state] for name, values in made.items()} | {"valid_from": on.tolist()})
    return parts


def _drawn(about: tuple[str, str], point: Mapping[str, float], error: Mapping[str, float]) -> dict[str, Floats]:
    """Point and draws of every model of an instrument; no draws where not one standard error is known.

    A model's noise depends on its name and the instrument's only: who else is listed does not change it.
    """
    if not error:
        return {model: np.array([value]) for model, value in point.items()}
    largest = max(error.values())
    drawn = {}
    for model, value in point.items():
        noise = antithetic(generator("band", *about, model), DRAWS)
        drawn[model] = np.concatenate([[value], value + error.get(model, largest) * noise])
    return drawn


def _leader_in(side: Side, leader: Ints, known: Mapping[str, float]) -> Flags:
    """In which states the side has a leader, and one whose standard error is known."""
    return np.array([row >= 0 and side.models[row] in known for row in leader.tolist()], bool)


# --- the composite ------------------------------------------------------------------------------

_ABILITY_BAND = pa.schema(
    [
        *((name, pa.string()) for name in ("scope", "tier")),
        *((name, pa.date32()) for name in ("valid_from", "next_on")),
        *(
            (f"{side}_{name}", kind)
            for side in ("closed", "open")
            for name, kind in (("model", pa.string()), ("theta", pa.float64()), ("on", pa.date32()))
        ),
        *((name, pa.int32()) for name in ("n_closed", "n_open")),
        *((name, pa.float64()) for name in ("gap", "ahead_sign", "closed_share", "open_share")),
        *((name, pa.date32()) for name in ("above_on", "below_on")),
        *((name, pa.string()) for name in ("above_model", "below_model")),
        ("since", pa.float64()),
        ("censored", pa.bool_()),
        *_SHARED,
    ]
)


def _ability_band(db: duckdb.DuckDBPyConnection) -> pa.Table:
    return frontiers_of(db, lambda stretches: stretches, {})


def frontiers_of(
    db: duckdb.DuckDBPyConnection, chosen: Callable[[Sequence[Stretch]], Sequence[Stretch]], place: Mapping[str, str]
) -> pa.Table:
    """The rows of `ability_band` for the stretches that ``chosen`` keeps, with the columns of ``place`` before them."""
    abilities = db.execute(
        """select a.scope, a.model, a.theta, d.draws, a.share
           from computed.ability a join computed.ability_draw d using (scope, model)
           where a.theta is not null order by a.scope, a.model"""
    ).fetchall()
    spans = db.execute(
        """select t.tier, case when s.tier = 'C' then 'closed' else 'open' end, s.model,
               s.from_on - date '1970-01-01', s.until_on - date '1970-01-01'
           from staging.access_span s
           join (values ('any', ['C', 'T1', 'T2', 'T3']), ('T1', ['C', 'T1'])) t(tier, counting)
               on list_contains(t.counting, s.tier)
           order by all"""
    ).fetchall()
    parts: list[_Columns] = []
    for scope, group in groupby(abilities, key=itemgetter(0)):
        listed = list(group)
        scores = {model: np.array([theta, *draws]) for _, model, theta, draws, _ in listed}
        share = {model: own for _, model, _, _, own in listed}
        for tier, rows in groupby(spans, key=itemgetter(0)):
            stretches = chosen([Stretch(*row[1:]) for row in rows if row[2] in scores])
            if stretches:
                try:
                    made = _frontier_of(stretches, scores)
                except (ArithmeticError, LookupError, ValueError) as error:
                    failed(db, "ability_band", f"{scope} {tier}", str(error))
                    continue
                own = {f"{side}_share": [share.get(m) for m in made[f"{side}_model"]] for side in ("closed", "open")}
                parts.append(made | own | _repeated(len(made["valid_from"]), scope=scope, tier=tier, **place))
    names = [(name, pa.string()) for name in place]
    return _table(parts, pa.schema([*names, *_ABILITY_BAND]))


def _frontier_of(stretches: Sequence[Stretch], scores: Mapping[str, Floats]) -> _Columns:
    """The columns of `ability_band` for one scope and tier."""
    first = (SINCE - _EPOCH).days
    ends = [s.until_on for s in stretches if s.until_on is not None]
    on = np.unique([max(first, day) for day in [*(s.from_on for s in stretches), *ends]])
    closed, open_ = _sides(stretches, scores)
    kept, state = changes(closed, open_, on)
    found = states(closed, open_, on[kept])
    both = (found.closed_leader >= 0) & (found.open_leader >= 0)
    point = {
        "closed_theta": found.closed[:, 0],
        "open_theta": found.open[:, 0],
        "gap": found.closed[:, 0] - found.open[:, 0],
        "ahead_sign": np.where(both, np.where(found.closed[:, 0] >= found.open[:, 0], 1.0, -1.0), np.nan),
        "since": found.since[:, 0],
    }
    made: _Columns = {name: values[state] for name, values in (point | _limits(found, on[kept], both)).items()}
    for name, side, leader in (("closed", closed, found.closed_leader), ("open", open_, found.open_leader)):
        rows = leader[state].tolist()
        made[f"{name}_model"] = [side.models[row] if row >= 0 else None for row in rows]
        made[f"{name}_on"] = [int(side.from_on[row]) if row >= 0 else None for row in rows]
        counting = [s for s in stretches if s.side == name]
        begun = np.searchsorted(np.sort([s.from_on for s in counting]), on, side="right")
        ended = np.searchsorted(np.sort([s.until_on for s in counting if s.until_on is not None]), on, side="right")
        made[f"n_{name}"] = (begun - ended).tolist()
    ahead = [closed if leads else open_ for leads in (found.closed[state, 0] >= found.open[state, 0]).tolist()]
    for name, dates in (("above", found.above_on), ("below", found.below_on)):
        days = [None if np.isnan(day) else int(day) for day in dates[state, 0].tolist()]
        made[f"{name}_on"] = days
        made[f"{name}_model"] = [
            None if begun is None else _best_of(side, begun, day)
            for side, begun, day in zip(ahead, days, on.tolist(), strict=True)
        ]
    censored = both & np.isnan(found.below_on[:, 0])
    made["censored"] = [bool(flag) if known else None for flag, known in zip(censored[state], both[state], strict=True)]
    return made | {"valid_from": on.tolist(), "next_on": [*on[1:].tolist(), None]}


def _best_of(side: Side, begun: int, day: int) -> str:
    """The best of the models that count from a date and still do on the day."""
    return side.models[int(np.argmax((side.from_on == begun) & (side.until_on > day)))]


BAND = PythonModel(
    name="band",
    needs=frozenset({("staging", "frontier_candidate"), ("staging", "score_interval"), ("staging", "frontier_state")}),
    make=_band,
    inputs=frozenset({("input", "board")}),
    parts=Parts(
        column="board",
        by={("staging", name): "board" for name in ("frontier_candidate", "score_interval", "frontier_state")},
    ),
    make_parts=_band,
)
ABILITY_BAND = PythonModel(
    name="ability_band",
    needs=frozenset({("staging", "access_span"), ("computed", "ability"), ("computed", "ability_draw")}),
    make=_ability_band,
)
