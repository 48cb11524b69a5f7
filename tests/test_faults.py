"""Faults through real nights: broken pages publish nothing wrong; no kill, signal, full disk or crowd loses anything.

What a page may say (catalogue B) is done to a dozen sources at once, one fault each; the process and the disk
(catalogue D) to a small rig of forked nights, of which `proofs.faults` runs the heavy counts.
"""

from __future__ import annotations

import asyncio
import functools
import os
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from examples import Example, closed, gap, opened, score

from collectors.http.policy import Limits
from collectors.registry import sources
from flows.folder import NoDisk
from flows.night import Night, run_night
from flows.settings import Settings
from proofs.nights.child import a_night
from proofs.nights.company import crowds, read_meanwhile
from proofs.nights.holdings import differences, leftovers, state
from proofs.nights.kills import killed_at_random, terminated
from proofs.nights.rig import Rig, readable, rig
from proofs.nights.surroundings import full_disks, set_zone
from tests.tools.faultserver import FaultServer
from tests.tools.killpoints import dying, in_child
from tests.tools.timemachine import TimeMachine
from warehouse.archive import Archive, attempts

FIRST, SECOND = date(2023, 4, 13), date(2023, 4, 14)
SOURCES = (
    "aider-polyglot",
    "alpaca-eval-2",
    "arena-csv",
    "arena-daily",
    "bird-sql",
    "bullshit-bench",
    "gso",
    "mmmu",
    "models-dev-api",
    "spider2",
    "vectara-hallucination",
)
ARENA_CSV, ARENA = "/csv/lmarena_text.csv", "/text.json"
BULLSHIT, ALPACA = "/v2/latest/leaderboard_with_launch.csv", "weighted_alpaca_eval_gpt4_turbo_leaderboard.csv"
AIDER, VECTARA = "polyglot_leaderboard.yml", "/hallucination-leaderboard/main/README.md"
BIRD, SPIDER = "bird-bench.github.io/", "spider2-sql.github.io/"
GSO, MMMU, REGISTRY = "gso-bench", "mmmu-benchmark", "models.dev"

# What each source's page suffers, and what must be reported: page refused, table or rows held, or nothing.
NIGHTS = {
    "columns and shapes": {
        ARENA_CSV: ("B1", "rename;old=model;new=system", "page"),
        ALPACA: ("B2", "drop-column;name=win_rate", "page"),
        BULLSHIT: ("B4", "swap-columns;a=avg_score;b=launch_date", "table"),
        GSO: ("B7", "nan;field=score", "row"),
        REGISTRY: ("B8", "duplicate-keys;key=id", "page"),
        BIRD: ("B9", "replace-text;old=<table;new=<div", "page"),
        SPIDER: ("B10", "skeleton", "table"),
        MMMU: ("B11", "empty-table", "page"),
        AIDER: ("B11", "empty", "page"),
        ARENA: ("B12", "half-table", "table"),
        VECTARA: ("B9", "replace-text;old=Hallucination Rate;new=Error", "page"),
    },
    "values and encodings": {
        GSO: ("B5", "scale;field=score;by=0.01", "table"),
        REGISTRY: ("B18", "bad-utf8", "page"),
        MMMU: ("B18", "charset;body=utf-16", "page"),
        BULLSHIT: ("B13", "half-table;part=last", "table"),
        ARENA_CSV: ("B13", "half-table;part=last", "table"),
        ALPACA: ("B31", "unclosed-quote", "page"),
        BIRD: ("A10", "truncate-unframed;at=0.5", "page"),
        SPIDER: ("A20", "maintenance", "page"),
        AIDER: ("B9", "replace-text;old=pass_rate_2;new=pass_rate_two", "page"),
        ARENA: ("B22", "set;field=score;value=9999;rows=1", "row"),
        VECTARA: ("A28", "content-type;type=image/png", ""),
    },
    "labels, repeats and other pages": {
        ARENA_CSV: ("B27", "set;field=license;value=MIT", "flag"),
        BULLSHIT: ("B14", "duplicate;field=avg_score;delta=1", "table"),
        GSO: ("B6", "set;field=score;value=87%2C5;rows=1", "row"),
        REGISTRY: ("A19", "challenge;code=200", ""),
        MMMU: ("B19", "file;name={gso}", "page"),
        ARENA: ("B23", "shift;field=score;by=150;rows=1", "row"),
        SPIDER: ("B11", "empty-table", "page"),
        AIDER: ("A10", "cut;at=0.9", "page"),
        VECTARA: ("B17", "bom", ""),
        BIRD: ("B30", "etag;kind=none", ""),
        ALPACA: ("B3", "insert-column;at=1", ""),
    },
}
LEADERS = """select scope, edition, tier, closed_model, closed_score, open_model, open_score from gap_index
             where night = (select max(night) from gap_index)"""
SCORES = "select distinct board, edition, model, variant, value from score"


# --- B: what a page says ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """A dozen sources' pages behind a fault server, and a folder in which one good night has run."""

    server: FaultServer
    pages: dict[str, bytes]
    data: Path
    folder: Path

    def path(self, part: str) -> str:
        (found,) = (path for path in self.pages if part in path)
        return found

    def night(self, data: Path, mirror: str = "", night: date = SECOND) -> Night:
        settings = Settings(data=data, mirror=mirror or self.server.base_url, contact="tests@localhost")
        limits = Limits(attempts=1, wait_initial=0.05)
        declared = {name: sources()[name] for name in SOURCES}
        return asyncio.run(run_night(night, settings, declared=declared, bundled=False, limits=limits))


@pytest.fixture(scope="module")
def web(timemachine: TimeMachine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    folder = tmp_path_factory.mktemp("web")
    with FaultServer() as server:
        made = Web(server=server, pages={}, data=folder / "good", folder=folder)
        made.night(made.data, timemachine.base(str(FIRST)), FIRST)
        archive = Archive(made.data / "archive")
        for _, attempt in attempts(archive.log_path(FIRST)):
            if attempt.good:
                path = f"/{attempt.url.replace('://', '/', 1)}"
                made.pages[path] = archive.get(attempt.sha256)
                server.add(path, made.pages[path])
        yield made


def asked(data: Path, query: str) -> set[tuple[Any, ...]]:
    with duckdb.connect(str(data / "published" / "gapindex.duckdb"), read_only=True) as db:
        return set(db.execute(query).fetchall())


@pytest.mark.parametrize("what", NIGHTS)
def test_a_night_of_broken_pages_publishes_nothing_wrong(web: Web, what: str) -> None:
    """Leaders, gaps and scores are those of the good night; what was wrong is reported, by source and kind."""
    data = web.folder / what
    shutil.copytree(web.data, data, symlinks=True)
    web.server.clear()
    for part, (_, spec, _) in NIGHTS[what].items():
        web.server.plan(web.path(part), spec.format(gso=web.path(GSO)))
    night = web.night(data)
    injected = {request.path: request.fault for request in web.server.requests if request.fault != "ok"}
    assert injected.keys() >= {web.path(part) for part in NIGHTS[what]}
    assert asked(data, SCORES) == asked(web.data, SCORES)
    assert asked(data, LEADERS) == asked(web.data, LEADERS)
    result = asked(data, f"select source, held from quarantine where known_on = '{SECOND}'")
    by_part = {part: night_source(web.path(part)) for part in NIGHTS[what]}
    silent = [
        (fault, part) for part, (fault, _, held) in NIGHTS[what].items() if held and (by_part[part], held) not in result
    ]
    assert not silent, f"{silent} not among {sorted(result)}"
    fine = {by_part[part] for part, (_, _, held) in NIGHTS[what].items() if not held}
    assert not {source for source, _ in result} & fine
    for refusal in night.ingested.refused:
        source = refusal.partition(":")[0]
        assert source in SOURCES
        assert "expected" in refusal
        assert "https://" in refusal


def night_source(path: str) -> str:
    url = path.replace("/https/", "https://", 1)
    names = {"arena-ai-leaderboards": "arena-daily", "lmarena_text.csv": "arena-csv", "alpaca": "alpaca-eval-2"}
    for name in SOURCES:
        if any(start == url for start in sources()[name].start):
            return name
    return next(name for part, name in names.items() if part in url)


def test_a_silent_rescore_of_all_rows_opens_no_event(web: Web) -> None:
    """B20: every rating 50 points up is another zero: reported by G6, a new edition, no news of parity."""
    data = web.folder / "rescored"
    shutil.copytree(web.data, data, symlinks=True)
    web.server.clear()
    web.server.plan(web.path(ARENA), "shift;field=score;by=50")
    web.night(data)
    events = "select event_id from parity_event where scope = 'arena-text' and not backfilled"
    assert asked(data, events) == asked(web.data, events)
    result = asked(data, "select gate, outcome from gate where board = 'arena-text' and gate = 'G6'")
    assert any(outcome != "pass" for _, outcome in result), result


# --- D: process and disk ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """One night over three sources in forks, in a folder whose name must be quoted everywhere."""
    folder = tmp_path_factory.mktemp("rig") / """a night's "data" & more"""
    folder.mkdir()
    with rig(folder, nights=(SECOND,)) as made:
        yield made


ASIDE, NAMED = "publications/.aside-", f"publications/{SECOND}"
TURNS = ("bodies/", ".zst", "log/", ASIDE, NAMED, "/published", "vintages/gap_index/.")


def test_killed_at_every_turn_of_one_night_nothing_is_lost(small: Rig) -> None:
    """Kill -9 as a body is written, named, logged, as tables are published, linked, kept: each run goes on there."""
    data = small.copy(SECOND)
    for turn in TURNS:
        end = small.run(SECOND, data, prepare=functools.partial(dying, turn, None, str(small.folder)))
        assert end.killed, f"{turn}: {end}"
        assert readable(data, small) == [], turn
    assert small.finish(SECOND, data) == []


@pytest.mark.slow
def test_killed_at_random_moments_nothing_is_lost(small: Rig) -> None:
    assert killed_at_random(small, 3, in_a_row=3).harmed == []


@pytest.mark.slow
@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_night_and_publishes_nothing_half(small: Rig, sig: signal.Signals) -> None:
    assert terminated(small, 1, sig, soon=30).harmed == []


@pytest.mark.slow
def test_a_full_disk_is_reported_and_harms_nothing(small: Rig) -> None:
    result = full_disks(small, 2)
    assert result.harmed == []
    assert "NoDisk" in result.note


def test_of_several_runs_one_works_and_the_others_say_who_does(small: Rig) -> None:
    assert crowds(small, 2).harmed == []


@pytest.mark.slow
def test_readers_and_nights_do_not_wait_for_each_other(small: Rig) -> None:
    result = read_meanwhile(small, 1, readers=2)
    assert result.harmed == []
    assert int(result.note.split()[0]) > 10


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati"])
def test_the_time_zone_of_the_machine_means_nothing(small: Rig, zone: str) -> None:
    data = small.copy(SECOND)
    end = small.run(SECOND, data, prepare=functools.partial(set_zone, zone))
    assert end.code == 0, end.output
    assert differences(state(data), small.after[SECOND]) == []


def test_leftovers_of_a_dead_run_are_swept(small: Rig) -> None:
    data = small.copy(SECOND)
    shutil.copytree(small.folder / f"after-{SECOND}", data, symlinks=True)
    body = next(data.glob("archive/bodies/*/*.zst"))
    (body.parent / "half.tmp").write_bytes(b"half a page")
    (data / "publications" / ".aside-dead").mkdir()
    (data / "publications" / ".aside-dead" / "manifest.json").write_text("{", "utf-8")
    (data / ".night").write_text("night 2023-04-14 is being run by process 1\n", "utf-8")
    log = data / "archive" / "log" / f"{SECOND}.jsonl"
    log.write_bytes(log.read_bytes() + b'{"night": "2023-04-14", "source": "aider-poly')
    assert leftovers(data)
    assert small.finish(SECOND, data) == []


def test_a_night_past_midnight_and_past_its_clock_is_one_night(small: Rig) -> None:
    """The clock is asked for the times of fetching alone: a run over New Year's Eve, and one in another year."""
    moments = iter(datetime(2027, 12, 31, 23, 59, 59, tzinfo=UTC) + timedelta(seconds=n) for n in range(10_000))
    data = small.copy(SECOND)

    def work() -> None:
        a_night(SECOND, data, small.base, now=lambda: next(moments))

    end = in_child(work, small.folder / "failure.log")
    assert end.code == 0, end.output
    assert asked(data, "select night from run union select max(night) from gap_index") == {(SECOND,)}
    assert asked(data, "select distinct known_on from score") == {(SECOND,)}


def test_a_folder_that_cannot_be_written_ends_before_anything_is_asked(web: Web) -> None:
    web.server.clear()
    with pytest.raises(NoDisk, match=r"/proc/gapindex cannot be used: .*what to do: make room"):
        web.night(Path("/proc/gapindex"))
    assert web.server.requests == []


def test_a_body_is_on_disk_before_its_name_and_its_line_after_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order a power cut cannot undo: bytes flushed, renamed, folder flushed, and only then the log."""
    order: list[str] = []
    flush, rename = os.fsync, Path.replace

    def fsync(handle: int) -> None:
        order.append(f"flush {'folder' if os.path.isdir(f'/proc/self/fd/{handle}') else 'file'}")  # noqa: PTH112
        flush(handle)

    def replace(self: Path, target: Path) -> Path:
        order.append("rename")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", replace)
    Example(tmp_path).saw("2026-06-14", score("Cee", 60))
    assert order == ["flush file", "rename", "flush folder", "flush file", "flush folder"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("2026-03-28", "2026-03-29"),
        ("2026-10-24", "2026-10-26"),
        ("2026-12-31", "2027-01-01"),
        ("2028-02-28", "2028-03-01"),
    ],
)
def test_nights_are_counted_in_days_of_utc(
    tmp_path: Path, before: str, after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over a changed hour, a new year and a leap day, on a machine in Berlin."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        example = Example(tmp_path)
        example.saw(
            before,
            closed("Cee", api="2026-01-01"),
            opened("Oh", weights="2026-01-01"),
            score("Cee", 60),
            score("Oh", 50),
        )
        with example.built(after) as db:
            passed = (date.fromisoformat(after) - date.fromisoformat(before)).days
            assert gap(db, after)["stale_days"] == passed
    finally:
        monkeypatch.undo()
        time.tzset()
