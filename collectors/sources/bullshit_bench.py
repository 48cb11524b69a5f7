"""BullshitBench: does a model push back on a confident, nonsensical question, or play along?

Three model judges give 2 (says it is nonsense), 1 or 0; the score is the mean over the questions.
The first question set (55) is under ``data/latest``, the second (100) under ``data/v2/latest``: two
editions.  ``leaderboard.csv`` and ``leaderboard_with_launch.csv`` hold the same rows; the second adds
launch date, size, licence and ``open_model_status`` (empty in places until 2026-04-21), so it is the
one that is read.  The effort stands in the id after ``@reasoning=``.
"""

from __future__ import annotations

from collections.abc import Iterator

from collectors.contract.pages import Page
from collectors.contract.rows import Access, Release, Row, Spec, Tally
from collectors.contract.source import Board, Source
from collectors.entries import guarded
from collectors.read.cells import absent, day, number, whole_number, written
from collectors.read.faults import UNENDED
from collectors.read.tables import csv_rows
from collectors.sanitize import name_fault
from collectors.sources._access import open_by_label

BASE = "https://raw.githubusercontent.com/petergpt/bullshit-benchmark/main/data/"
OPENNESS = {"open_weights": True, "open_source": True, "closed": False}

BOARD = Board(
    name="bullshit-bench",
    title="BullshitBench",
    domain="knowledge and factuality",
    measures="Mean grade (0 to 2) for pushing back on nonsensical questions, by three model judges.",
    unit="points",
    low=0,
    high=2,
    counts_for_index=False,
    why_not="A habit rather than an ability: small old models stand above large new ones.",
    min_rows=10,
)


def parse(page: Page) -> Iterator[Row]:
    rows = csv_rows(page, ["model", "org", "reasoning", "avg_score", "nonsense_count", "error_count"])
    edition = "v2" if "/v2/" in page.url else "v1"
    yield Tally(board=BOARD.name, edition=edition, rows=len(rows))
    for row in rows:
        yield from guarded(_score(edition, row), row, board=BOARD.name, edition=edition)
    for name, row in {row["model"].split("@reasoning=")[0]: row for row in rows}.items():
        yield from facts(name, row)


def _score(edition: str, row: dict[str, str]) -> Iterator[Row]:
    yield BOARD.score(
        edition=edition,
        name=row["model"].split("@reasoning=")[0],
        value=number(row["avg_score"]),
        written=written(row, "model", "org", "avg_score", "nonsense_count", "error_count"),
        developer=row["org"],
        variant=f"reasoning {row['reasoning']}",
        n_items=whole_number(row["nonsense_count"]) or None,
    )


def facts(name: str, row: dict[str, str]) -> Iterator[Row]:
    """Launch, openness and size: the same in every row of a model."""
    if name_fault(name):
        return
    licence, status = row.get("model_license", ""), row.get("open_model_status", "")
    licence = "" if licence.endswith(UNENDED) else licence
    if on := day(row.get("launch_date")):
        as_written = written(row, "model", "launch_date", "launch_evidence_url")
        yield Release(name=name, event="released", happened_on=on, written=as_written, developer=row["org"])
    if not (absent(licence) and absent(status)):
        yield Access(
            name=name,
            open=OPENNESS.get(status, open_by_label(licence)),
            evidence="board flag",
            written=written(row, "model", "open_model_status", "model_license"),
            developer=row["org"],
            licence=licence,
        )
    as_written = written(row, "model", "total_params_b", "active_params_b", "active_params_status")
    if (size := number(row.get("total_params_b"))) is not None:
        yield Spec(name=name, quantity="parameters", value=size * 1e9, written=as_written, developer=row["org"])
    if (active := number(row.get("active_params_b"))) is not None:
        yield Spec(
            name=name, quantity="active_parameters", value=active * 1e9, written=as_written, developer=row["org"]
        )


SOURCE = Source(
    name="bullshit-bench",
    title="BullshitBench",
    kind="leaderboard",
    operator="BullshitBench",
    homepage="https://github.com/petergpt/bullshit-benchmark",
    licence="MIT",
    attribution="BullshitBench, petergpt",
    start=(BASE + "latest/leaderboard_with_launch.csv", BASE + "v2/latest/leaderboard_with_launch.csv"),
    hosts=frozenset({"raw.githubusercontent.com"}),
    parse=parse,
    boards=(BOARD,),
    cadence_days=14,
)
