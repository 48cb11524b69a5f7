"""Past nights built as they were known, against what tonight says was known then.

``python -m proofs.replay [FOLDER] [STEP]``: a data folder (default GAPINDEX_DATA) with the bundled history, and how
many days lie between the nights that are built (default 90; each takes half a minute).  An event that tonight says was
found by a past night must be in that night's own build, and the other way round; a gap of a board must be the same
where tonight's table restates nothing.  What differs is restatement: of dates and openness learned since, which
tonight's tables use for the past as well (METHOD section 2, two clocks).
"""

from __future__ import annotations

import statistics
import sys
from datetime import date, timedelta
from pathlib import Path

from collectors.registry import sources
from flows.settings import Settings, be_quiet
from proofs._folder import last_night
from warehouse import lineage
from warehouse.build import built

EVENTS = """select event_id, grade, state from marts.parity_event
            where grade <> 'match' and tier = 'any' and known_on <= $night"""
GAPS = """select scope, edition, gap, lag_days from marts.gap_index
          where tier = 'any' and night = $night and gap is not null"""


def main(folder: Path, step: int) -> None:
    """Prints one line a night, oldest first."""
    last = last_night(folder)
    nights = [last - timedelta(days=step * back) for back in range(6, 0, -1)]
    then = {night: _known(folder, night, [night])[night] for night in nights}
    tonight = _known(folder, last, nights)
    print(f"as known on the night itself, and as {last} tells it\n")
    print("night       events then  now say so  both  gaps both  equal  median |lag revised|, days")
    for night in nights:
        (events, gaps), (events_now, gaps_now) = then[night], tonight[night]
        shared = gaps.keys() & gaps_now.keys()
        equal = sum(gaps[key][0] == gaps_now[key][0] for key in shared)
        lags = [(gaps[key][1], gaps_now[key][1]) for key in shared]
        moved = [abs(before - now) for before, now in lags if before is not None and now is not None]
        print(
            f"{night}  {len(events):11}  {len(events_now):10}  {len(events & events_now):4}  {len(shared):9}  {equal:5}"
            f"  {statistics.median(moved) if moved else float('nan'):.1f} (mean {statistics.fmean(moved or [0]):.1f})"
        )


def _known(
    folder: Path, known_on: date, nights: list[date]
) -> dict[date, tuple[set[str], dict[tuple[str, str], tuple[float, float | None]]]]:
    """Events found by each of the nights and their gaps, by what was known on ``known_on``."""
    found = {}
    only = lineage.selected(lineage.graph(), "parity_event gap_index")
    with built(folder / "store.duckdb", known_on, sources(), only=only) as db:
        for night in nights:
            events = {row[0] for row in db.execute(EVENTS, {"night": night}).fetchall()}
            gaps = {(row[0], row[1]): (row[2], row[3]) for row in db.execute(GAPS, {"night": night}).fetchall()}
            found[night] = (events, gaps)
    return found


if __name__ == "__main__":
    be_quiet()
    given = sys.argv[1:]
    main(Path(given[0]) if given else Settings.from_env().data, int(given[1]) if len(given) > 1 else 90)
