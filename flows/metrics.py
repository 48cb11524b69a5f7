"""Metrics of the runs of a data folder, as a text file for node_exporter's textfile collector.

The file is written anew from the log of runs after each run, so it has the last run of every scope.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from flows.run_log import PUBLISHED, RunRecord

_OF_A_RUN = {
    "pages_new": "Pages of the last run that were not in the archive.",
    "pages_unchanged": "Pages of the last run that had not changed.",
    "bytes_new": "Bytes of the new pages of the last run.",
    "rows_stored": "Rows of pages that the last run stored.",
    "rows_published": "Rows of all public tables together.",
    "peak_memory_bytes": "Most memory that the largest process of the last run had in use.",
    "sources": "Sources that the last run asked.",
    "troubles": "Notifications of the last run that failed.",
}


def write(file: Path, runs: Iterable[RunRecord]) -> None:
    """Writes the metrics of the last run of every scope, atomically; raises OSError."""
    registry = CollectorRegistry()

    def gauge(name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"gapindex_{name}", text, ("scope", *labels), registry=registry)

    ended = gauge("run_ended_timestamp_seconds", "When the last run ended.")
    good = gauge("run_success", "1 if the last run left a publication (a back-fill: came to its end), else 0.")
    published = gauge("published_timestamp_seconds", "When a run last left a publication.")
    night = gauge("published_night_timestamp_seconds", "Midnight UTC of the night that a run last published.")
    seconds = gauge("run_stage_seconds", "Seconds of each stage of the last run.", "stage")
    stale = gauge("run_stale_sources", "Sources that should have given a page to the last run and gave none.")
    missing = gauge("source_stale", "1 for each of those sources.", "source")
    figures = {name: gauge(f"run_{name}", text) for name, text in _OF_A_RUN.items()}
    newest: dict[str, RunRecord] = {}
    for run in runs:
        if run.ended_at is None and run.outcome != "died":
            continue
        newest[run.scope] = run
        if run.outcome in PUBLISHED and run.ended_at is not None:
            published.labels(run.scope).set(run.ended_at.timestamp())
            night.labels(run.scope).set(datetime.combine(run.night, time(), UTC).timestamp())
    for scope, run in newest.items():
        ended.labels(scope).set((run.ended_at or run.began_at).timestamp())
        good.labels(scope).set(run.outcome in PUBLISHED or run.outcome == "collected")
        stale.labels(scope).set(len(run.stale))
        for stage, passed in run.seconds.items():
            seconds.labels(scope, stage).set(passed)
        for source in run.stale:
            missing.labels(scope, source).set(1)
        for name, figure in figures.items():
            figure.labels(scope).set(getattr(run, name))
    file.parent.mkdir(parents=True, exist_ok=True)
    write_to_textfile(str(file), registry)
