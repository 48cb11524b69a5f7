"""The log of runs, its metrics, and the lines of a run: what is left of a run that died, and of one that went well."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from commands import gapindex
from filelock import FileLock
from prometheus_client.parser import text_string_to_metric_families

from flows import metrics, run_log
from flows.folder import Busy
from flows.run_lines import line_writer
from flows.run_log import RunRecord
from flows.settings import LogStyle, Settings
from flows.timer import StageTimer

NIGHT = date(2026, 6, 14)
BEGAN = datetime(2026, 6, 14, 3, 30, tzinfo=UTC)


def record(**given: Any) -> RunRecord:
    fields: dict[str, Any] = {"run": "a", "night": NIGHT, "scope": "full", "began_at": BEGAN, **given}
    return RunRecord(**fields)


def logged(data: Path, *records: RunRecord) -> None:
    lines = [json.dumps(run_log.plain(one)) for one in records]
    (data / run_log.FILE).write_text("\n".join(lines) + "\n", "utf-8")


def test_a_run_without_an_end_has_died_unless_it_holds_the_folder(tmp_path: Path) -> None:
    logged(tmp_path, record(run="a"), record(run="b", scope="feeds"))
    assert [one.outcome for one in run_log.read(tmp_path)] == ["died", "died"]
    with FileLock(tmp_path / ".lock"):
        assert [one.outcome for one in run_log.read(tmp_path)] == ["died", "running"]
    assert [row["outcome"] for row in gapindex("runs", "--data", tmp_path, "--json").json] == ["died", "died"]


def test_a_run_is_read_as_it_was_written_and_a_cut_line_costs_itself(tmp_path: Path) -> None:
    ended = record(
        outcome="published", ended_at=BEGAN, seconds={"fetch": 1.5, "build": 2.0}, stale=("toy",), bytes_new=7
    )
    logged(tmp_path, record(), ended, record(run="b"))
    with (tmp_path / run_log.FILE).open("a") as file:
        file.write('{"run": "c", "night": "2026-')
    (first, second) = run_log.read(tmp_path)
    assert (first, first.total_seconds, second.run) == (ended, 3.5, "b")


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (RuntimeError("broken\nline"), "failed"),
        (KeyboardInterrupt(), "failed"),
        (Busy("held"), "stepped aside"),
    ],
)
def test_a_run_that_raises_has_its_row(tmp_path: Path, error: BaseException, outcome: str) -> None:
    timer = StageTimer()
    with (
        pytest.raises(type(error)),
        run_log.recorded(Settings(data=tmp_path), NIGHT, "full", timer, lambda: BEGAN) as recorder,
    ):
        recorder.begin()
        timer.start("fetch")
        raise error
    (row,) = run_log.read(tmp_path)
    assert (row.outcome, [*row.seconds]) == (outcome, ["fetch"])
    assert row.error == (str(error).splitlines() or ["KeyboardInterrupt"])[0]
    assert row.peak_memory_bytes > 10_000_000


def test_the_metrics_have_the_last_run_of_every_scope(tmp_path: Path) -> None:
    later = BEGAN + timedelta(days=1)
    runs = [
        record(outcome="published", ended_at=BEGAN, seconds={"fetch": 9.0}, pages_new=3),
        record(run="b", scope="feeds", outcome="unchanged", ended_at=BEGAN),
        record(run="c", night=NIGHT + timedelta(days=1), began_at=later, outcome="died", stale=("toy",)),
    ]
    metrics.write(tmp_path / "node" / "gapindex.prom", runs)
    text = (tmp_path / "node" / "gapindex.prom").read_text("utf-8")
    found = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert found["gapindex_run_success", "full"] == 0
    assert found["gapindex_run_success", "feeds"] == 1
    assert found["gapindex_published_timestamp_seconds", "full"] == BEGAN.timestamp()
    assert found["gapindex_source_stale", "full", "toy"] == 1
    assert [file.name for file in (tmp_path / "node").iterdir()] == ["gapindex.prom"]  # nothing half-written is left


def test_metrics_that_cannot_be_written_are_a_trouble_and_no_failure(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = Settings(data=tmp_path, metrics=tmp_path / "file" / "gapindex.prom")
    with run_log.recorded(settings, NIGHT, "full", StageTimer(), lambda: BEGAN) as recorder:
        (trouble,) = recorder.end("published")
    assert "no metrics" in trouble and "gapindex.prom" in trouble


def test_a_line_is_logfmt_or_json_and_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = 'two\nlines \x1b[2J and "quotes"'
    styles: tuple[LogStyle, ...] = ("text", "json")
    for style in styles:
        line_writer(style, NIGHT, "full")("source", source="toy", pages_new=3, error=hostile)
    text, as_json = capsys.readouterr().err.splitlines()
    assert "event=source night=2026-06-14 scope=full source=toy pages_new=3" in text
    assert "\x1b" not in text
    facts = json.loads(as_json)
    assert (facts["source"], facts["pages_new"], facts["scope"]) == ("toy", 3, "full")
    line_writer("text", NIGHT, "full", shown=True)("stage")
    line_writer("off", NIGHT, "full")("stage")
    assert capsys.readouterr().err == ""
