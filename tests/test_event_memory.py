"""What was published of an event stays: its dates do not move, and a new state is appended (METHOD section 4)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from examples import Example, board, closed, opened, score
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warehouse import vintages
from warehouse.build import built, failed_checks

DAY = timedelta(days=1)
FIRST = date(2026, 6, 1)
CEE = closed("Cee", api="2026-01-01")
DEE = closed("Dee", api="2026-03-01")
OH = opened("Oh", weights="2026-02-01")
UP = opened("Up", weights="2026-04-01")

States = dict[str, tuple[str, date, date]]
"""Event id -> its state, the night that found it, and the date of the state."""


def night(example: Example, on: date) -> States:
    """Builds a night and keeps what it would publish, as a run does; returns its events; no check may find anything."""
    example.ingest()
    with built(example.store, on, example.sources, bundled=False, published=example.folder / "vintages") as db:
        assert failed_checks(db) == []
        parquet = example.folder / "parquet"
        parquet.mkdir(exist_ok=True)
        for table in vintages.KEPT:
            db.execute(f"copy marts.{table} to '{parquet / table}.parquet' (format parquet)")
        found = db.execute(
            "select event_id, state, known_on, state_on from marts.event where retracts is null"
        ).fetchall()
    vintages.settle(example.folder, example.folder, on)
    return {event_id: (state, known_on, state_on) for event_id, state, known_on, state_on in found}


def appended(example: Example, what: str) -> list[tuple[Any, ...]]:
    """What was appended about the lead over Cee in tier `any`, night by night."""
    with duckdb.connect() as db:
        return db.execute(
            f"""select {what} from read_parquet('{example.folder}/vintages/event_state/*.parquet')
                where grade = 'lead' and tier = 'any' order by night"""
        ).fetchall()


VALUES = st.tuples(*[st.sampled_from([40, 55, 60, 61, 75])] * 4)


@given(first=VALUES, second=VALUES)
@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
def test_the_same_input_a_night_later_leaves_every_old_event_as_it_was(
    first: tuple[int, ...], second: tuple[int, ...]
) -> None:
    with TemporaryDirectory() as folder:
        example = Example(Path(folder), board(counts_for_index=True))
        for n, values in enumerate((first, second)):
            named = zip(("Cee", "Dee", "Oh", "Up"), values, strict=True)
            example.saw(str(FIRST + n * DAY), CEE, DEE, OH, UP, *(score(name, v, stderr=1) for name, v in named))
        before = night(example, FIRST + DAY)
        after = night(example, FIRST + 2 * DAY)
        moved = {key: (kept, after.get(key)) for key, kept in before.items() if after.get(key) != kept}
        # A leader that two nights have shown is confirmed by the second: a new state of tonight, no date of old.
        assert all(now is not None and now[1:] == (kept[1], FIRST + 2 * DAY) for kept, now in moved.values())


def test_a_state_is_appended_and_its_date_is_that_of_the_night_that_made_it(tmp_path: Path) -> None:
    example = Example(tmp_path, board(counts_for_index=True))
    example.saw("2026-06-01", CEE, OH, score("Cee", 60, stderr=1), score("Oh", 70, stderr=1))
    night(example, FIRST)
    example.saw("2026-06-02", CEE, OH, score("Cee", 60, stderr=1), score("Oh", 50, stderr=1))
    for n in (1, 2):
        night(example, FIRST + n * DAY)
    assert appended(example, "night, state, state_on") == [
        (FIRST, "provisional", FIRST),
        (FIRST + DAY, "retracted", FIRST + DAY),
    ]


def test_an_event_that_tonights_inputs_no_longer_give_is_retracted_and_not_forgotten(tmp_path: Path) -> None:
    example = Example(tmp_path, board(counts_for_index=True))
    example.saw("2026-06-01", CEE, OH, score("Cee", 60, stderr=1), score("Oh", 70, stderr=1))
    night(example, FIRST)
    ((lead,),) = appended(example, "event_id")
    (file,) = (example.folder / "vintages" / "event_state").iterdir()
    (example.folder / "vintages" / "digests.jsonl").unlink()  # as after a night before there were digests
    with duckdb.connect() as db:  # an event that nothing gives any more, as one whose page was thrown out
        db.execute(f"create table page as from read_parquet('{file}')")
        db.execute(f"insert into page select * replace ('gone' as event_id) from page where event_id = '{lead}'")
        db.execute(f"copy page to '{file}' (format parquet)")
    kept = [night(example, FIRST + n * DAY)["gone"] for n in (1, 2)]
    assert kept == [("retracted", FIRST, FIRST + DAY)] * 2
