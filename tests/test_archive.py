"""The archive: bytes come back as they went in or not at all, and the log survives a cut."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import zstandard

from warehouse.archive import Archive, ArchiveDamaged, Attempt, attempts

NIGHT = date(2026, 6, 14)
MOMENT = datetime(2026, 6, 14, 21, 0, tzinfo=UTC)
LINE = Attempt(
    night=NIGHT,
    source="toy-board",
    url="https://toy.example/board.json",
    context="",
    outcome="fresh",
    asked_at=MOMENT,
    fetched_at=MOMENT,
    status=200,
    sha256="ab" * 32,
    size=3,
    headers={"etag": '"1"'},
)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


# --- bodies -------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"", b"abc", bytes(range(256)) * 1000], ids=["empty", "small", "binary"])
def test_a_body_comes_back_as_it_went_in(archive: Archive, body: bytes) -> None:
    assert archive.get(archive.put(body)) == body


def test_the_same_bytes_are_kept_once(archive: Archive) -> None:
    first = archive.path(archive.put(b"abc")).stat()
    archive.put(b"abc")
    assert archive.path(archive.put(b"abc")).stat().st_mtime_ns == first.st_mtime_ns
    assert [p.name for p in archive.root.rglob("*.zst")] == [archive.path(archive.put(b"abc")).name]


def test_a_flipped_byte_is_damage_and_names_the_file(archive: Archive) -> None:
    path = archive.path(archive.put(b"a board of scores" * 40))
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(bytes(raw))
    with pytest.raises(ArchiveDamaged, match=str(path)):
        archive.get(path.stem)


def test_another_body_under_the_name_is_damage(archive: Archive) -> None:
    path = archive.path(archive.put(b"the page"))
    path.write_bytes(zstandard.compress(b"another page"))
    with pytest.raises(ArchiveDamaged, match=f"{path}.*not those of its name"):
        archive.get(path.stem)


@pytest.mark.parametrize("left", [b"", b"\x28\xb5\x2f\xfd"], ids=["emptied", "cut"])
def test_a_truncated_body_is_damage(archive: Archive, left: bytes) -> None:
    path = archive.path(archive.put(b"abc"))
    path.write_bytes(left)
    with pytest.raises(ArchiveDamaged, match=str(path)):
        archive.get(path.stem)


def test_a_missing_body_is_damage_and_names_the_file(archive: Archive) -> None:
    path = archive.path(archive.put(b"abc"))
    path.unlink()
    with pytest.raises(ArchiveDamaged, match=f"{path}.*what to do"):
        archive.get(path.stem)


def test_sweep_removes_what_a_dead_run_left(archive: Archive) -> None:
    kept = archive.path(archive.put(b"abc"))
    left = kept.with_name("half-written.tmp")
    left.write_bytes(b"ab")
    assert archive.sweep() == [left]
    assert not left.exists()
    assert kept.exists()
    assert archive.sweep() == []


def test_bodies_put_by_many_threads_at_once_are_whole(archive: Archive) -> None:
    bodies = [f"page {n % 5}".encode() for n in range(40)]
    with ThreadPoolExecutor(8) as pool:
        names = list(pool.map(archive.put, bodies))
    assert [archive.get(name) for name in names] == bodies
    assert archive.sweep() == []


# --- the log ------------------------------------------------------------------------------------


def result(archive: Archive, start: int = 0) -> list[Attempt]:
    return [attempt for _, attempt in attempts(archive.log_path(NIGHT), start)]


def test_an_attempt_comes_back_as_it_was_written(archive: Archive) -> None:
    failure = Attempt(
        night=NIGHT,
        source="toy-board",
        url="https://toy.example/ü\u2028",
        context="a\nb",
        outcome="unreachable",
        asked_at=MOMENT,
        error='no "answer"',
    )
    archive.append(LINE)
    archive.append(failure)
    assert result(archive) == [LINE, failure]
    assert (LINE.good, failure.good) == (True, False)


def test_a_cut_last_line_is_ignored_and_closed_off_by_the_next(archive: Archive) -> None:
    archive.append(LINE)
    log = archive.log_path(NIGHT)
    whole = log.read_bytes()
    log.write_bytes(whole + whole[: len(whole) // 2])
    assert result(archive) == [LINE]

    later = replace(LINE, outcome="unchanged")
    archive.append(later)
    assert result(archive) == [LINE, later]
    assert log.read_bytes().endswith(b"\n")


@pytest.mark.parametrize("line", [b"{}", b"null", b"[1]", b'{"night":"soon"}', b"\xff\xfe"])
def test_a_line_that_is_no_attempt_is_passed_over(archive: Archive, line: bytes) -> None:
    archive.append(LINE)
    log = archive.log_path(NIGHT)
    log.write_bytes(line + b"\n" + log.read_bytes())
    assert result(archive) == [LINE]


def test_offsets_lead_to_the_lines_not_yet_read(archive: Archive) -> None:
    lines = [replace(LINE, size=n) for n in range(3)]
    for line in lines[:2]:
        archive.append(line)
    seen = list(attempts(archive.log_path(NIGHT)))
    (first, _), (second, _) = seen
    archive.append(lines[2])
    assert result(archive, first) == lines[1:]
    assert result(archive, second) == lines[2:]
    assert result(archive, archive.log_path(NIGHT).stat().st_size) == []


def test_the_offset_stays_before_a_cut_line(archive: Archive) -> None:
    archive.append(LINE)
    log = archive.log_path(NIGHT)
    whole = log.read_bytes()
    log.write_bytes(whole + whole[:20])
    assert [end for end, _ in attempts(log)] == [len(whole)]


def test_each_night_has_its_log_and_they_come_oldest_first(archive: Archive) -> None:
    for day in (15, 13, 14):
        archive.append(replace(LINE, night=date(2026, 6, day)))
    assert [log.stem for log in archive.logs()] == ["2026-06-13", "2026-06-14", "2026-06-15"]
    assert Archive(archive.root / "nowhere").logs() == []


def test_lines_of_many_threads_stay_whole(archive: Archive) -> None:
    lines = [replace(LINE, size=n, error="x" * 5000) for n in range(60)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(archive.append, lines))
    assert sorted(result(archive), key=lambda a: a.size) == lines


# --- nights asked to the end --------------------------------------------------------------------


def test_finished_nights_add_up(archive: Archive) -> None:
    assert archive.finished() == {}
    archive.finish(NIGHT, ["b", "a"])
    archive.finish(NIGHT, ["c"])
    archive.finish(date(2026, 6, 15), [])
    assert archive.finished() == {NIGHT: frozenset("abc"), date(2026, 6, 15): frozenset()}


def test_a_cut_note_of_a_finished_night_is_as_if_it_were_not_there(archive: Archive) -> None:
    archive.finish(NIGHT, ["a"])
    done = archive.root / "done.jsonl"
    done.write_bytes(done.read_bytes() + b'{"night": "2026-06-15", "sour')
    assert archive.finished() == {NIGHT: frozenset("a")}
    archive.finish(date(2026, 6, 15), ["b"])
    assert archive.finished() == {NIGHT: frozenset("a"), date(2026, 6, 15): frozenset("b")}
