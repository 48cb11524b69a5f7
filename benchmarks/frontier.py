"""What gap and lag over all days cost, beside a loop over days in pandas and beside polars.

    python -m benchmarks.frontier [SCALE ...]

The statements are those of a build (`staging.frontier_record` to `staging.lag_bracket`), given generated scores: at
scale 1, 600 models on 40 boards with 15,000 scores over 1,300 days; a board is followed each day from its first score
on both sides.  What is computed is, of every board and day, the gap between the best closed and the best open score so
far, and the days since the leading side first had what the trailing side has.  Before a ratio is printed, gap and days
of the three are compared, row by row.  Processor time of this process; the loop is timed on some boards of 1x.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from warehouse.measures.contract import generator
from warehouse.measures.threads import one_thread
from warehouse.statements import prepare, statement

MODELS, BOARDS, SCORES, DAYS = 600, 40, 15_000, 1_300
START, LOOPED = date(2023, 1, 1), 2
"""The first day, and how many boards the loop is timed on."""


def generated(scale: int) -> pa.Table:
    """Rows of `staging.frontier_candidate`: one a board and model, each with the day it counts from."""
    random, side = generator("benchmark frontier", scale), scale**0.5
    n_models, n_boards = round(MODELS * side), round(BOARDS * side)
    place = random.choice(n_models * n_boards, SCORES * scale, replace=False)
    model, board = place // n_boards, place % n_boards
    born = random.integers(0, DAYS, n_models)
    value = np.round(born[model] / DAYS * 60 + random.normal(20, 8, len(place)), 6)
    return pa.table(
        {
            "board": np.char.add("board-", board.astype(str)),
            "edition": np.full(len(place), "v1"),
            "tier": np.full(len(place), "any"),
            "side": np.where(model % 2 == 0, "closed", "open"),
            **{name: np.char.add("model-", model.astype(str)) for name in ("model", "title", "name")},
            "variant": np.full(len(place), ""),
            "value": value,
            "signed": value,
            "stderr": np.ones(len(place)),
            "n_items": np.full(len(place), 100),
            "from_on": pa.array([START + timedelta(days=int(day)) for day in born[model]], pa.date32()),
            "dated_on": pa.array([START + timedelta(days=int(day)) for day in born[model]], pa.date32()),
            "provisional": np.zeros(len(place), dtype=bool),
            "until_on": pa.nulls(len(place), pa.date32()),
        }
    )


def ours(candidates: pa.Table) -> pd.DataFrame:
    """By the statements of a build, unfolded to days as `staging.gap_board` does."""
    last = START + timedelta(days=DAYS - 1)
    with duckdb.connect(":memory:") as db:
        db.execute("set threads = 1")
        prepare(db, last)
        db.register("generated", candidates)
        db.execute("create table staging.frontier_candidate as from generated")
        for name in ("frontier_record", "frontier_state", "lag_bracket"):
            db.execute(f"create table staging.{name} as {statement('staging', name).text}")
        return db.execute(
            """select s.board, n.night::date as night, s.closed_signed - s.open_signed as gap,
                   case r.ahead when 'open' then -1 else 1 end * (n.night::date - r.above_on) as days
               from staging.frontier_state s
               join staging.lag_bracket r using (board, edition, tier, valid_from)
               join generate_series($first::timestamp, $last::timestamp, interval 1 day) n (night)
                   on n.night >= s.valid_from and (s.next_on is null or n.night < s.next_on)
               order by s.board, n.night""",
            {"first": START, "last": last},
        ).df()


def by_loop(candidates: pa.Table, boards: list[str]) -> pd.DataFrame:
    """As one writes it first: every board, every day, what had come by then."""
    scores, found = candidates.to_pandas(), []
    for board in boards:
        rows = scores[scores.board == board]
        for night in (START + timedelta(days=day) for day in range(DAYS)):
            seen = rows[rows.from_on <= night]
            closed, opened = seen[seen.side == "closed"], seen[seen.side == "open"]
            if closed.empty or opened.empty:
                continue
            gap = closed.value.max() - opened.value.max()
            ahead, level = (closed, opened.value.max()) if gap >= 0 else (opened, closed.value.max())
            days = (night - ahead[ahead.value >= level].from_on.min()).days
            found.append((board, night, gap, days if gap >= 0 else -days))
    return pd.DataFrame(found, columns=["board", "night", "gap", "days"])


def by_polars(candidates: pa.Table) -> pd.DataFrame:
    """Running maxima per side, joined as of each day; the lag by a second such join, on the level."""
    frame = pl.DataFrame(candidates.select(["board", "side", "signed", "from_on"]))
    records = (
        frame.sort("board", "side", "from_on", "signed", descending=[False, False, False, True])
        .with_columns(best=pl.col("signed").cum_max().over("board", "side"))
        .filter(pl.col("signed") == pl.col("best"))
        .unique(["board", "side", "best"], keep="first", maintain_order=True)
    )
    nights = pl.DataFrame({"night": pl.date_range(START, START + timedelta(days=DAYS - 1), "1d", eager=True)})
    daily = frame.select("board").unique().join(nights, how="cross").sort("night")
    for side in ("closed", "open"):
        one = records.filter(side=side).select("board", "from_on", pl.col("best").alias(side)).sort("from_on")
        daily = daily.join_asof(one, left_on="night", right_on="from_on", by="board").drop("from_on")
    level = daily.drop_nulls().with_columns(
        gap=pl.col("closed") - pl.col("open"),
        side=pl.when(pl.col("closed") >= pl.col("open")).then(pl.lit("closed")).otherwise(pl.lit("open")),
        level=pl.min_horizontal("closed", "open"),
    )
    reached = records.select("board", "side", "best", since="from_on").sort("best")
    lags = level.sort("level").join_asof(
        reached, left_on="level", right_on="best", by=["board", "side"], strategy="forward", check_sortedness=False
    )
    sign = pl.when(pl.col("side") == "closed").then(1).otherwise(-1)
    days = ((pl.col("night") - pl.col("since")).dt.total_days() * sign).alias("days")
    return lags.select("board", "night", "gap", days).sort("board", "night").to_pandas()


def seconds(work: Callable[[], pd.DataFrame], times: int) -> tuple[float, pd.DataFrame]:
    """Least processor time of so many runs, and what the last one found."""
    taken = []
    for _ in range(times):
        before = time.process_time()
        found = work()
        taken.append(time.process_time() - before)
    return min(taken), found


def same(ours: pd.DataFrame, theirs: pd.DataFrame) -> bool:
    """Whether two answers have the same rows."""
    theirs = theirs.sort_values(["board", "night"])
    return len(ours) == len(theirs) and all(
        np.array_equal(pd.to_datetime(ours[name]), pd.to_datetime(theirs[name]))
        if name == "night"
        else (ours[name].to_numpy() == theirs[name].to_numpy()).all()
        for name in ("board", "night", "gap", "days")
    )


def main(scales: list[int]) -> int:
    """Prints a line of Markdown for every peer and scale; 1 where two answers differ."""
    for scale in scales:
        candidates = generated(scale)
        took, found = seconds(partial(ours, candidates), 3 if scale < 100 else 1)
        peer, theirs = seconds(partial(by_polars, candidates), 3 if scale < 100 else 1)
        if not same(found, theirs):
            print(f"{scale}x: polars finds other rows, no figures")
            return 1
        shown = f"gap and lag of every board and day, {scale}x: {candidates.num_rows:,} scores, {len(found):,} rows"
        print(f"| {shown} | {1000 * took:,.0f} ms | polars {1000 * peer:,.0f} ms | {peer / took:.2f}x |", flush=True)
        if scale == 1:
            boards = [f"board-{number}" for number in range(LOOPED)]
            peer, theirs = seconds(partial(by_loop, candidates, boards), 1)
            if not same(found[found.board.isin(boards)], theirs):
                print("the loop finds other rows, no figures")
                return 1
            whole = peer * BOARDS / LOOPED
            print(
                f"| the same, {scale}x | {1000 * took:,.0f} ms | pandas, a loop over days: {whole:,.0f} s, reckoned"
                f" from {peer:.1f} s for {LOOPED} boards | {whole / took:,.0f}x |",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    with one_thread():
        sys.exit(main([int(text) for text in sys.argv[1:]] or [1, 10]))
