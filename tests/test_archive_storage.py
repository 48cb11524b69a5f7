"""The archive on S3-compatible storage: what one machine sends, another takes in; an outage costs a sentence.

moto's server proves the protocol (conditions, listings, errors); it says nothing about durability.
"""

from __future__ import annotations

import asyncio
import socket
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from collectors.http.policy import Limits
from flows.backfill import backfill
from flows.settings import BadSetting, Settings
from flows.storage.archive import Diverged, pull, push
from flows.storage.objects import Objects, StorageFailed, Synced
from tests.tools.bucket import Bucket
from tests.tools.timemachine import TimeMachine
from warehouse.archive import Archive, ArchiveDamaged, add_line

QUICK = Limits(attempts=1, wait_initial=0.05)
NOTHING = Synced()


def archive(folder: Path, *bodies: bytes, lines: int = 1) -> Archive:
    """An archive with those bodies, and as many lines in the log of one night."""
    made = Archive(folder / "archive")
    for body in bodies:
        made.put(body)
    for number in range(lines):
        add_line(made.log_path(date(2026, 6, 14)), f'{{"line": {number}}}')
    return made


def files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    """Both are read and written by the same calls."""
    if request.param == "folder":
        return Objects(str(tmp_path / "place"))
    return Objects(request.getfixturevalue("bucket").url)


def test_another_machine_takes_in_what_was_sent_and_goes_on(place: Objects, tmp_path: Path) -> None:
    first = archive(tmp_path / "first", b"one", b"two", lines=2)
    assert push(first.root, place).objects == 3
    assert push(first.root, place) == NOTHING

    second = Archive(tmp_path / "second" / "archive")
    assert pull(second.root, place).objects == 3
    assert files(second.root) == files(first.root)
    second.put(b"three")
    add_line(second.log_path(date(2026, 6, 14)), '{"line": "of the second"}')
    second.finish(date(2026, 6, 14), ["toy"])
    assert push(second.root, place).objects == 3

    assert pull(first.root, place).objects == 3
    assert files(first.root) == files(second.root)
    assert pull(first.root, place) == NOTHING


def test_two_machines_that_add_to_one_log_are_told_apart(place: Objects, tmp_path: Path) -> None:
    first = archive(tmp_path / "first")
    push(first.root, place)
    second = Archive(tmp_path / "second" / "archive")
    pull(second.root, place)
    for made, line in ((first, '{"line": "first"}'), (second, '{"line": "second, longer"}')):
        add_line(made.log_path(date(2026, 6, 14)), line)
    push(first.root, place)
    before = files(second.root)
    for way in (push, pull):
        with pytest.raises(Diverged, match=r"log/2026-06-14.jsonl here and at .* go on differently"):
            way(second.root, place)
    assert files(second.root) == before


def test_a_line_that_a_crash_has_cut_is_not_sent(place: Objects, tmp_path: Path) -> None:
    made = archive(tmp_path)
    with made.log_path(date(2026, 6, 14)).open("a") as log:
        log.write('{"line": "cu')
    push(made.root, place)
    add_line(made.log_path(date(2026, 6, 14)), '{"line": "next"}')
    push(made.root, place)
    second = Archive(tmp_path / "second" / "archive")
    pull(second.root, place)
    assert files(second.root) == files(made.root)


def test_a_damaged_body_is_refused_and_named(place: Objects, tmp_path: Path) -> None:
    made = archive(tmp_path / "first", b"one")
    (body,) = made.root.glob("bodies/*/*.zst")
    body.write_bytes(body.read_bytes()[:-3])
    push(made.root, place)
    second = Archive(tmp_path / "second" / "archive")
    with pytest.raises(ArchiveDamaged, match=body.stem):
        pull(second.root, place)
    assert not list(second.root.rglob("*.zst"))


def collected(data: Path, timemachine: TimeMachine, last: int, **given: Any) -> Any:
    settings = Settings(data=data, mirror=timemachine.base() + "/@{night}", contact="tests@localhost", **given)
    only = ("aider-polyglot", "gso")
    return asyncio.run(backfill(date(2023, 4, 12), date(2023, 4, last), settings, only=only, limits=QUICK))


def test_nights_go_on_upon_another_machine_where_the_first_is_lost(
    timemachine: TimeMachine, bucket: Bucket, tmp_path: Path
) -> None:
    collected(tmp_path / "lost", timemachine, 13, archive=bucket.url)
    went_on = collected(tmp_path / "new", timemachine, 14, archive=bucket.url)
    assert (went_on.skipped, went_on.nights, went_on.troubles) == (2, 1, ())
    alone = collected(tmp_path / "alone", timemachine, 14)
    assert alone.rows == went_on.rows and not alone.skipped
    bodies = {name for name in files(tmp_path / "alone" / "archive") if name.startswith("bodies/")}
    assert bodies == {name for name in bucket.files() if name.startswith("bodies/")}


def test_storage_out_of_reach_costs_a_sentence_and_no_night(
    timemachine: TimeMachine, bucket: Bucket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        reached = bucket.endpoint
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{closed.getsockname()[1]}")
        done = collected(tmp_path, timemachine, 12, archive=bucket.url)
    assert done.nights == 1 and done.fresh > 0
    assert len(done.troubles) == 2 and all("nothing is lost here" in trouble for trouble in done.troubles)
    monkeypatch.setenv("AWS_ENDPOINT_URL", reached)
    assert collected(tmp_path, timemachine, 12, archive=bucket.url).troubles == ()
    assert {name.split("/")[0] for name in bucket.files()} == {"bodies", "pieces"}


def test_a_bucket_that_is_not_there_is_named(bucket: Bucket) -> None:
    with pytest.raises(StorageFailed, match=r"s3://no-such-bucket/x cannot be listed: .*; what to do"):
        Objects("s3://no-such-bucket/x").sizes()


def test_a_place_is_s3_or_a_whole_path() -> None:
    with pytest.raises(BadSetting, match="GAPINDEX_ARCHIVE 'archive' is no place; give s3://BUCKET/PREFIX"):
        Settings.from_env({"GAPINDEX_ARCHIVE": "archive"})
