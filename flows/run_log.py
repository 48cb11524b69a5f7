"""The log of runs beside the data: one row for every run, partial, refused and dead ones too.

``DATA/runs.jsonl`` only grows.  A run adds a line when it begins and one when it ends, so that a run that was killed
leaves a line without an end.  Seconds and memory differ from run to run, and a publication computed twice must have the
same bytes: so these rows are kept beside it, and the published table ``run`` states what the publication was computed
from.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from flows.folder import Busy, NoDisk, is_locked
from flows.settings import Settings
from flows.stages.build import NotPublished
from flows.timer import StageTimer
from warehouse.archive import add_line

if TYPE_CHECKING:
    from flows.night import Night

FILE = "runs.jsonl"

Outcome = Literal[
    "running", "published", "unchanged", "collected", "not published", "stepped aside", "no disk", "failed", "died"
]
"""``unchanged``: what is published already was computed from the same inputs.  ``collected``: a back-fill came to its
end, which publishes nothing.  ``stepped aside``: another run held the folder.  ``died``: the process ended without a
word: it was killed, or the machine went down."""

PUBLISHED: frozenset[str] = frozenset({"published", "unchanged"})

REBUILD, BACK_FILL = "rebuild", "back-fill"
"""Scopes of runs that are no night's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One run; ``scope`` is that of a night, `REBUILD` or `BACK_FILL`, whose last night is ``night``.  Times are UTC;
    ``seconds`` by stage; ``bytes_new``: of pages that were not in the archive; ``rows_stored``: rows of the pages
    stored by this run; ``rows_published``: by public table, together; ``peak_memory_bytes``: of the largest of its
    processes; ``troubles``: what failed of notifications and storage."""

    run: str
    night: date
    scope: str
    began_at: datetime
    outcome: Outcome = "running"
    ended_at: datetime | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    sources: int = 0
    stale: tuple[str, ...] = ()
    pages_new: int = 0
    pages_unchanged: int = 0
    bytes_new: int = 0
    rows_stored: int = 0
    rows_published: int = 0
    peak_memory_bytes: int = 0
    publication: str = ""
    error: str = ""
    troubles: int = 0

    @property
    def total_seconds(self) -> float:
        """All stages together."""
        return round(sum(self.seconds.values()), 3)


class Recorder:
    """Adds the lines of one run, and writes the metrics when it ends."""

    def __init__(self, settings: Settings, record: RunRecord, now: Callable[[], datetime]) -> None:
        self._settings, self._record, self._now = settings, record, now

    def begin(self) -> None:
        """Adds the line of a run that begins; the run holds the folder."""
        _add(self._settings.data, self._record)

    def finish(self, result: Night) -> tuple[str, ...]:
        """Adds the line of a run that came to its end; returns what went wrong with its metrics."""
        return self.end("published" if result.publication.fresh else "unchanged", **_facts(result))

    def end(self, outcome: Outcome, **found: Any) -> tuple[str, ...]:
        """Adds the line of a run that ends, with what it ``found``; returns what went wrong with its metrics."""
        record, settings = self._record, self._settings
        ended = replace(record, outcome=outcome, ended_at=self._now(), peak_memory_bytes=peak_memory_bytes(), **found)
        _add(settings.data, ended)
        if settings.metrics is None:
            return ()
        from flows import metrics

        try:
            metrics.write(settings.metrics, read(settings.data))
        except OSError as error:
            return (f"no metrics: {settings.metrics} cannot be written ({error.strerror}); the night is not touched",)
        return ()


@contextmanager
def recorded(
    settings: Settings, night: date, scope: str, timer: StageTimer, now: Callable[[], datetime]
) -> Iterator[Recorder]:
    """The lines of one run: a run that raises has its line, with the stages it came through and the error."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")  # the clock of a test may stand still, and ids may not
    record = RunRecord(run=f"{stamp}-{os.getpid()}", night=night, scope=scope, began_at=now())
    recorder = Recorder(settings, record, now)
    try:
        yield recorder
    except BaseException as error:
        timer.stop()
        text = (str(error).splitlines() or [""])[0] or type(error).__name__
        recorder.end(_outcome(error), seconds=dict(timer.seconds), error=text)
        raise


def _outcome(error: BaseException) -> Outcome:
    match error:
        case Busy():
            return "stepped aside"
        case NoDisk():
            return "no disk"
        case NotPublished():
            return "not published"
    return "failed"


def _facts(result: Night) -> dict[str, Any]:
    return {
        "seconds": dict(result.seconds),
        "sources": len(result.results),
        "stale": tuple(one.source for one in result.stale),
        "pages_new": sum(one.fresh for one in result.results),
        "pages_unchanged": sum(one.unchanged for one in result.results),
        "bytes_new": sum(one.bytes_new for one in result.results),
        "rows_stored": result.ingested.rows,
        "rows_published": sum(result.publication.rows.values()),
        "publication": result.publication.folder.name,
        "troubles": len(result.troubles),
    }


def read(data: Path) -> list[RunRecord]:
    """All runs of a data folder, oldest first; a line that cannot be read is left out.

    A run without an end has died; the newest of them is running while the folder is locked.
    """
    found: dict[str, RunRecord] = {}
    try:
        lines = (data / FILE).read_text("utf-8", "replace").split("\n")
    except OSError:
        return []
    for line in lines:
        try:
            record = _record(json.loads(line))
        except (ValueError, TypeError, KeyError):
            continue
        found[record.run] = record
    records = list(found.values())
    open_runs = [one.run for one in records if one.outcome == "running"]
    alive = open_runs[-1] if open_runs and is_locked(data) else ""
    return [replace(one, outcome="died") if one.outcome == "running" and one.run != alive else one for one in records]


def peak_memory_bytes() -> int:
    """Most memory that this process, or one that it started and waited for, had in use at one moment."""
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return peak if sys.platform == "darwin" else peak * 1024


def _add(data: Path, record: RunRecord) -> None:
    """A disk that refuses the line costs the line, not the night."""
    try:
        add_line(data / FILE, json.dumps(plain(record), ensure_ascii=False))
    except OSError:
        return


def plain(record: RunRecord) -> dict[str, Any]:
    """A run as JSON has it, with its seconds in total."""
    values = asdict(record) | {"total_seconds": record.total_seconds, "stale": list(record.stale)}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _record(line: Mapping[str, Any]) -> RunRecord:
    values = {one.name: line[one.name] for one in fields(RunRecord) if one.name in line}
    values["night"] = date.fromisoformat(values["night"])
    values["began_at"] = datetime.fromisoformat(values["began_at"])
    values["ended_at"] = datetime.fromisoformat(values["ended_at"]) if values.get("ended_at") else None
    values["stale"] = tuple(values.get("stale") or ())
    values["seconds"] = {str(stage): float(seconds) for stage, seconds in (values.get("seconds") or {}).items()}
    return RunRecord(**values)
