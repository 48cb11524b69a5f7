"""Which night is made up: tonight's, once it is overdue, unless it is published or was refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from commands import gapindex

from flows.missed import missed_night
from warehouse import unpublished

TONIGHT = date(2026, 6, 14)
DUE = time(3, 30)


def vintage(data: Path, night: date) -> None:
    file = data / "vintages" / "gap_index" / f"{night}.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()


@pytest.mark.parametrize(
    ("hour", "minute", "published", "missed"),
    [
        (3, 59, date(2026, 6, 13), None),  # due, and perhaps running
        (4, 0, date(2026, 6, 13), TONIGHT),
        (23, 59, None, TONIGHT),
        (4, 25, TONIGHT, None),
        (4, 25, date(2026, 6, 11), TONIGHT),  # of three missed nights only tonight's pages are still there
        (0, 25, date(2026, 6, 12), None),  # yesterday's night is over
    ],
)
def test_only_tonights_night_is_made_up_and_only_once_it_is_overdue(
    tmp_path: Path, hour: int, minute: int, published: date | None, missed: date | None
) -> None:
    if published:
        vintage(tmp_path, published)
    assert missed_night(tmp_path, datetime(2026, 6, 14, hour, minute, tzinfo=UTC), DUE) == missed


def test_a_night_that_its_checks_refused_is_not_missed(tmp_path: Path) -> None:
    unpublished.record(tmp_path, TONIGHT, ["a check failed"], published=None)
    assert missed_night(tmp_path, datetime(2026, 6, 14, 5, tzinfo=UTC), DUE) is None
    assert missed_night(tmp_path, datetime(2026, 6, 15, 5, tzinfo=UTC), DUE) == date(2026, 6, 15)


def test_the_command_runs_nothing_where_no_night_is_missing(tmp_path: Path) -> None:
    vintage(tmp_path, date(9999, 1, 1))
    answer = gapindex("run", "--missed", "--data", tmp_path)
    assert (answer.code, answer.err) == (0, "no night is missing\n")
    assert gapindex("run", "--missed", "--feeds", "--data", tmp_path).code == 2
