"""What gap and lag over all days cost, beside a loop over days in pandas, beside polars, and beside a plain scan.

    python -m benchmarks.frontier [--scale SCALE ...]

The statements are those of a build (`staging.frontier_record` to `staging.lag_bracket`), given generated scores: at
scale 1, 600 models on 40 boards with 15,000 scores over 1,300 days; a board is followed each day from its first score
on both sides.  What is computed is, of every board and day, the gap between the best closed and the best open score so
far, and the days since the leading side first had what the trailing side has.

Every side is a process of its own that reads one Parquet file and ends with an Arrow table of the same rows; they are
compared row by row before a ratio is printed.  Timed is the processor time of that work, without imports and without
the schemas and macros of an empty warehouse; memory is the peak of the whole process.  The limit is a scan of the
file that reads the same four columns.  The statements of a build do more than asked here: models that end, provisional
rows, editions and tiers, how many models count, and of both leaders and both ends of the lag the model with its
configuration and noise.  Polars is given none of that to do.  The loop is timed on some boards of 1x.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.night import spread
from warehouse.measures.contract import generator
from warehouse.measures.threads import one_thread
from warehouse.statements import prepare, statement

MODELS, BOARDS, SCORES, DAYS = 600, 40, 15_000, 1_300
START, LOOPED = date(2023, 1, 1), 2
"""The first day, and how many boards the loop is timed on."""

MEMORY = "2GB"
"""What DuckDB may take before it spills."""

STATEMENTS = ("frontier_record", "frontier_state", "lag_bracket")


def generated(scale: int) -> pa.Table:
    """Rows of `staging.frontier_candidate`: one a board and model, each with the day it counts from."""
    random, side = generator("benchmark frontier", scale), scale**0.5
    n_models, n_boards = round(MODELS * side), round(BOARDS * side)
    place = random.choice(n_models * n_boards, SCORES * scale, replace=False)
    model, board = (part.astype(np.int32) for part in (place // n_boards, place % n_boards))
    born = random.integers(0, DAYS, n_models)
    value = np.round(born[model] / DAYS * 60 + random.normal(20, 8, len(place)), 6)
    del place
    names = pa.DictionaryArray.from_arrays(pa.array(model), [f"model-{number}" for number in range(n_models)])
    first = pa.array((np.datetime64(START) + born[model]).astype("datetime64[D]"), pa.date32())

    def always(text: str) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(value), np.int8)), [text])

    return pa.table(
        {
            "board": pa.DictionaryArray.from_arrays(pa.array(board), [f"board-{n}" for n in range(n_boards)]),
            "edition": always("v1"),
            "tier": always("any"),
            "side": pa.DictionaryArray.from_arrays(pa.array((model % 2).astype(np.int8)), ["closed", "open"]),
            "model": names,
            "title": names,
            "name": names,
            "variant": always(""),
            "value": value,
            "signed": value,
            "stderr": np.ones(len(value)),
            "n_items": np.full(len(value), 100),
            "from_on": first,
            "dated_on": first,
            "provisional": np.zeros(len(value), dtype=bool),
            "until_on": pa.nulls(len(value), pa.date32()),
        }
    )


def ours(file: Path, db: duckdb.DuckDBPyConnection) -> pa.Table:
    """By the statements of a build, unfolded to days as the view ``gap_index`` does."""
    db.execute(f"create or replace table staging.frontier_candidate as from read_parquet('{file}')")
    for name in STATEMENTS:
        db.execute(f"create or replace table staging.{name} as {statement('staging', name).text}")
    return db.sql(
        f"""select board, night, gap, sign * (night - above_on) as days
            from (
                select s.board, r.above_on, s.closed_signed - s.open_signed as gap,
                    case r.ahead when 'open' then -1 else 1 end as sign,
                    s.valid_from + unnest(range(coalesce(s.next_on, date '{after()}') - s.valid_from))::integer as night
                from staging.frontier_state s
                join staging.lag_bracket r using (board, edition, tier, valid_from))
            order by board, night"""
    ).to_arrow_table()


def after() -> date:
    """The day after the last one."""
    return START + timedelta(days=DAYS)


def warehouse() -> duckdb.DuckDBPyConnection:
    """An empty warehouse in memory, on one thread."""
    db = duckdb.connect(":memory:")
    db.execute(f"set threads = 1; set memory_limit = '{MEMORY}'; set temp_directory = '{tempfile.mkdtemp()}'")
    prepare(db, after() - timedelta(days=1))
    return db


def scanned(file: Path, db: duckdb.DuckDBPyConnection) -> pa.Table:
    """The limit: the four columns that the question needs, read and summed (a file states its maxima)."""
    return db.sql(
        f"""select sum(length(board)), sum(length(side)), sum(signed), sum(from_on - date '{START}')
            from read_parquet('{file}')"""
    ).to_arrow_table()


def by_loop(file: Path, boards: list[str]) -> pd.DataFrame:
    """As one writes it first: every board, every day, what had come by then."""
    scores, found = pd.read_parquet(file, columns=["board", "side", "value", "from_on"]), []
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


def by_polars(file: Path) -> pa.Table:
    """Running maxima per side, joined as of each day; the lag by a second such join, on the level."""
    frame = pl.read_parquet(file, columns=["board", "side", "signed", "from_on"])
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
    return lags.select("board", "night", "gap", days).sort("board", "night").to_arrow()


def seconds(work: Callable[[], pa.Table], times: int) -> tuple[list[float], pa.Table]:
    """Processor time of each of so many runs, and what the last one found."""
    taken = []
    for _ in range(times):
        before = time.process_time()
        found = work()
        taken.append(time.process_time() - before)
    return taken, found


def side(name: str, file: Path, times: int, into: Path) -> None:
    """One side in this process: writes what it found, prints its seconds and the peak of the process in MB."""
    with one_thread():
        if name == "polars":
            work = partial(by_polars, file)
        else:
            work = partial(ours if name == "ours" else scanned, file, warehouse())
        taken, found = seconds(work, times)
    pq.write_table(found, into)
    print(*taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def measured(name: str, file: Path, times: int, into: Path) -> tuple[list[float], float]:
    """Seconds of each run of one side in a process of its own, and its peak MB."""
    command = [sys.executable, "-m", "benchmarks.frontier", "--side", name, str(file), str(times), str(into)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    *taken, peak = map(float, done.stdout.split())
    return taken, peak


def same(ours: pa.Table, theirs: pa.Table) -> bool:
    """Whether two answers, by board and night, have the same rows."""
    types = {"board": pa.string(), "night": pa.date32(), "gap": pa.float64(), "days": pa.int64()}
    return len(ours) == len(theirs) and all(
        pc.all(pc.equal(ours[name].cast(kind), theirs[name].cast(kind))).as_py() for name, kind in types.items()
    )


def lines(scale: int, folder: Path) -> list[str]:
    """A line of Markdown for every peer at one scale; raises `AssertionError` where two answers differ."""
    file, times = folder / "scores.parquet", 5 if scale < 100 else 1
    pq.write_table(generated(scale), file, store_schema=False)
    took, peak = measured("ours", file, times, folder / "ours.parquet")
    peer, peer_peak = measured("polars", file, times, folder / "polars.parquet")
    limit, _ = measured("scan", file, times, folder / "scan.parquet")
    found = pq.read_table(folder / "ours.parquet")
    assert same(found, pq.read_table(folder / "polars.parquet")), f"{scale}x: polars finds other rows"
    middle, scan = np.median(took), np.median(limit)
    what = f"gap and lag of every board and day, {scale}x: {SCORES * scale:,} scores, {len(found):,} rows"
    own = f"{spread([1000 * one for one in took], 0)} ms, {peak:,.0f} MB"
    rows = [
        f"| {what} | {own} | polars {spread([1000 * one for one in peer], 0)} ms, {peer_peak:,.0f} MB; no models that"
        f" end, counts, names or noise | {np.median(peer) / middle:.2f}x |",
        f"| beside a scan of the scores, {scale}x | {own} | {1000 * scan:,.1f} ms | {middle / scan:,.0f} scans |",
    ]
    if scale == 1:
        boards = [f"board-{number}" for number in range(LOOPED)]
        before = time.process_time()
        theirs = by_loop(file, boards)
        looped = time.process_time() - before
        ours_looped = found.filter(pc.is_in(found["board"], pa.array(boards)))
        assert same(ours_looped, pa.Table.from_pandas(theirs).sort_by([("board", "ascending"), ("night", "ascending")]))
        whole = looped * BOARDS / LOOPED
        rows.append(
            f"| gap and lag beside a loop, {scale}x | {own} | pandas, a loop over days: {whole:,.0f} s,"
            f" reckoned from {looped:.1f} s for {LOOPED} boards | {whole / middle:,.0f}x |"
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=int, nargs="+", default=[1, 10])
    parser.add_argument("--side", nargs=4, metavar=("NAME", "FILE", "TIMES", "INTO"), help="one side, in this process")
    given = parser.parse_args()
    if given.side:
        name, file, times, into = given.side
        side(name, Path(file), int(times), Path(into))
        return
    for scale in given.scale:
        with tempfile.TemporaryDirectory(prefix="gapindex-") as folder:
            for line in lines(scale, Path(folder)):
                print(line, flush=True)


if __name__ == "__main__":
    main()
