"""`gapindex publish`: a folder, S3 storage and the Hub see the old night or the new one, whatever happens meanwhile."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import gapindex
from conftest import ROOT
from examples import Example, closed, opened, score

from flows.publishing import hub as hub_target
from flows.publishing import s3 as s3_target
from flows.publishing.folder import publish_to_folder
from flows.publishing.hub import publish_to_hub
from flows.publishing.package import CannotPublish, DataPackage, package_of
from flows.publishing.s3 import publish_to_s3
from flows.publishing.targets import publish_to
from tests.tools.bucket import Bucket
from tests.tools.hubserver import HubServer
from tests.tools.killpoints import killed_everywhere

REPO = "hf://datasets/owner/gaps"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The publications of two nights."""
    example = Example(tmp_path_factory.mktemp("data"))
    example.saw("2026-06-13", closed("Cee", api="2026-01-01"), opened("Oh", weights="2026-02-01"), score("Cee", 60))
    first = example.published("2026-06-13")
    example.saw("2026-06-14", closed("Cee", api="2026-01-01"), opened("Oh", weights="2026-02-01"), score("Cee", 70))
    return first.folder, example.published("2026-06-14").folder


@pytest.fixture(scope="module")
def packages(folders: tuple[Path, Path]) -> tuple[DataPackage, DataPackage]:
    return package_of(folders[0]), package_of(folders[1])


def whole(files: dict[str, bytes]) -> str:
    """The night of a data set, after each file was compared with the manifest."""
    manifest = json.loads(files["manifest.json"])
    tables = manifest["tables"].values()
    named = [table[form] for table in tables for form in ("parquet", "latest", "csv") if form in table]
    for one in (*manifest["files"].values(), *named):
        assert hashlib.sha256(files[one["path"]]).hexdigest() == one["sha256"], one["path"]
    return str(manifest["night"])


# --- a package ---------------------------------------------------------------------------------


def test_an_edition_is_the_data_set_without_the_pages(packages: tuple[DataPackage, DataPackage]) -> None:
    paths = {file.path for file in packages[1].files}
    assert {"manifest.json", "README.md", "gapindex.duckdb", "latest/gap_index.parquet", "csv/benchmark.csv"} <= paths
    assert not [path for path in paths if path.startswith(("site/", "quarantine/"))]
    assert packages[1].name.startswith("2026-06-14-")


def test_a_publication_that_differs_from_its_manifest_is_not_sent(folders: tuple[Path, Path], tmp_path: Path) -> None:
    import shutil

    spoilt = Path(shutil.copytree(folders[0], tmp_path / "spoilt"))
    (spoilt / "csv" / "benchmark.csv").unlink()
    (spoilt / "csv" / "benchmark.csv").write_text("model\n", "utf-8")
    with pytest.raises(CannotPublish, match=r"csv/benchmark.csv .* differs from its manifest"):
        package_of(spoilt)


@pytest.mark.parametrize("target", ["ftp://toy.example/x", "hf://datasets/name", "hf://models/owner/name/x"])
def test_a_target_that_is_none_is_refused(packages: tuple[DataPackage, DataPackage], target: str) -> None:
    with pytest.raises(CannotPublish, match="give"):
        publish_to(packages[0], target)


# --- a folder -----------------------------------------------------------------------------------


def read_folder(target: Path) -> dict[str, bytes]:
    home = (target / "current").resolve(strict=True)
    return {p.relative_to(home).as_posix(): p.read_bytes() for p in home.rglob("*") if p.is_file()}


def test_a_folder_gets_each_night_once(packages: tuple[DataPackage, DataPackage], tmp_path: Path) -> None:
    old, new = packages
    assert publish_to_folder(old, tmp_path).result == "published"
    assert publish_to_folder(new, tmp_path).result == "published"
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
    assert publish_to_folder(new, tmp_path).result == "unchanged"
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")} == before
    assert publish_to_folder(old, tmp_path).result == "superseded"
    assert whole(read_folder(tmp_path)) == "2026-06-14"


def test_a_folder_shows_the_old_or_the_new_night_wherever_the_publisher_is_killed(
    packages: tuple[DataPackage, DataPackage], tmp_path: Path
) -> None:
    import shutil

    old, new = packages
    target = tmp_path / "target"

    def reset() -> None:
        shutil.rmtree(target, ignore_errors=True)
        publish_to_folder(old, target)

    seen = set()
    for end in killed_everywhere(
        lambda: void(publish_to_folder(new, target)),
        only=str(target),
        log=tmp_path / "points",
        reset=reset,
        every=23,
    ):
        assert end.killed, end
        seen.add(whole(read_folder(target)))
        assert publish_to_folder(new, target).current == new.name
        assert whole(read_folder(target)) == "2026-06-14"
    assert "2026-06-13" in seen


def void(_: object) -> None:
    """For a function whose result nobody needs."""


def test_the_command_says_what_it_did(folders: tuple[Path, Path], tmp_path: Path) -> None:
    data = folders[0].parent.parent
    first = gapindex("publish", "--to", tmp_path / "there", "--data", data, "--json")
    assert (first.code, first.json["result"]) == (0, "published")
    again = gapindex("publish", "--to", tmp_path / "there", "--data", data)
    assert (again.code, again.out.split()[0]) == (0, "unchanged")


def test_the_command_refuses_what_is_no_target(folders: tuple[Path, Path]) -> None:
    answer = gapindex("publish", "--to", "ftp://toy.example/x", "--data", folders[0].parent.parent)
    assert answer.code == 8 and "give a folder, s3://BUCKET/PREFIX" in answer.err


# --- S3 storage ---------------------------------------------------------------------------------


def test_s3_gets_each_night_once(packages: tuple[DataPackage, DataPackage], bucket: Bucket) -> None:
    old, new = packages
    assert publish_to_s3(old, bucket.url).result == "published"
    assert publish_to_s3(new, bucket.url).result == "published"
    before = bucket.files()
    again = publish_to_s3(new, bucket.url)
    assert (again.result, again.sent) == ("unchanged", 0)
    assert publish_to_s3(old, bucket.url).result == "superseded"
    assert bucket.files() == before
    assert whole(bucket.current()) == "2026-06-14"
    assert {path.split("/")[0] for path in before} == {"current.json", old.name, new.name}


def test_of_two_publishers_that_race_for_the_pointer_the_later_night_stays(
    packages: tuple[DataPackage, DataPackage], bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The later night is published between another publisher's look at the pointer and its write."""
    old, new = packages
    read = s3_target._current
    raced: list[int] = []

    def current(store: Any) -> tuple[str, Any]:
        found = read(store)
        if len(raced) < 2:
            raced.append(1)
            if len(raced) == 2:
                monkeypatch.setattr(s3_target, "_current", read)
                assert publish_to_s3(new, bucket.url).result == "published"
        return found

    monkeypatch.setattr(s3_target, "_current", current)
    assert publish_to_s3(old, bucket.url).result == "superseded"
    assert whole(bucket.current()) == "2026-06-14"


def test_s3_shows_the_old_night_until_the_pointer_moves(
    packages: tuple[DataPackage, DataPackage], bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A publisher dies after any number of files; the next goes on where it stopped."""
    old, new = packages
    publish_to_s3(old, bucket.url)
    create = s3_target._create
    sent: list[int] = []

    def dying(*given: Any) -> None:
        if len(sent) >= 20:
            raise KeyboardInterrupt
        create(*given)
        sent.append(1)

    monkeypatch.setattr(s3_target, "_create", dying)
    with pytest.raises(KeyboardInterrupt):
        publish_to_s3(new, bucket.url)
    assert whole(bucket.current()) == "2026-06-13"
    monkeypatch.setattr(s3_target, "_create", create)
    outcome = publish_to_s3(new, bucket.url)
    assert (outcome.result, 0 < outcome.sent <= len(new.files) - 20) == ("published", True)
    assert whole(bucket.current()) == "2026-06-14"


# --- the Hub ------------------------------------------------------------------------------------


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    with HubServer() as server:
        monkeypatch.setattr("flows.publishing.hub.HfApi", api_at(server.base))
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
        yield server


def api_at(base: str) -> Callable[[], Any]:
    from huggingface_hub import HfApi

    return lambda: HfApi(endpoint=base, token="hf_invented")


def test_the_hub_gets_one_commit_for_each_night(packages: tuple[DataPackage, DataPackage], hub: HubServer) -> None:
    old, new = packages
    assert publish_to_hub(old, REPO).result == "published"
    assert publish_to_hub(new, REPO).result == "published"
    again = publish_to_hub(new, REPO)
    assert (again.result, again.sent) == ("unchanged", 0)
    assert publish_to_hub(old, REPO).result == "superseded"
    commits = hub.commits("owner/gaps")
    assert [one.message for one in commits] == ["initial commit", "Night 2026-06-13", "Night 2026-06-14"]
    assert [whole(dict(one.files)) for one in commits[1:]] == ["2026-06-13", "2026-06-14"]


def test_a_commit_on_a_branch_that_moved_is_refused_and_made_anew(
    packages: tuple[DataPackage, DataPackage], hub: HubServer
) -> None:
    old, new = packages
    publish_to_hub(old, REPO)
    raced = threading.Event()

    def race(number: int, path: str) -> None:
        if path.split("?")[0].endswith("/commit/main") and not raced.is_set():
            raced.set()
            header = {"key": "header", "value": {"summary": "a person edits the card", "description": ""}}
            edit = {"key": "file", "value": {"path": "NOTES.md", "content": "aGk=", "encoding": "base64"}}
            hub.answer("POST", path, "\n".join(map(json.dumps, (header, edit))).encode())

    hub.before = race
    assert publish_to_hub(new, REPO).result == "published"
    commits = hub.commits("owner/gaps")
    assert [one.message for one in commits][2:] == ["a person edits the card", "Night 2026-06-14"]
    assert commits[-1].files["NOTES.md"] == b"hi"
    assert whole(dict(commits[-1].files)) == "2026-06-14"


PUBLISH = """
import sys; from pathlib import Path
from flows.publishing.package import package_of; from flows.publishing.targets import publish_to
publish_to(package_of(Path(sys.argv[1])), sys.argv[2])
"""


@pytest.mark.slow
def test_the_hub_shows_the_old_or_the_new_night_wherever_the_publisher_is_killed(
    packages: tuple[DataPackage, DataPackage], folders: tuple[Path, Path], tmp_path: Path
) -> None:
    """The process is killed before the answer to its n-th request."""
    with HubServer() as server:
        env = {**os.environ, "HF_ENDPOINT": server.base, "HF_TOKEN": "hf_invented", "HF_HOME": str(tmp_path)}
        env |= {"HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "PYTHONPATH": str(ROOT)}

        def publish(folder: Path, *, kill_at: int = 0, when: str = "after") -> int:
            server.requests.clear()
            with subprocess.Popen([sys.executable, "-c", PUBLISH, folder, REPO], env=env) as child:

                def kill(number: int, path: str) -> None:
                    if number == kill_at:
                        os.kill(child.pid, signal.SIGKILL)

                server.before = server.after = lambda number, path: None
                if kill_at:
                    setattr(server, when, kill)
                return child.wait()

        assert publish(folders[0]) == 0
        number, nights = 0, []
        while True:
            number += 1
            code = publish(folders[1], kill_at=number, when="before" if number % 2 else "after")
            commits = server.commits("owner/gaps")
            nights.append(whole(dict(commits[-1].files)))
            if code == 0:
                break
            assert code == -signal.SIGKILL
            if number > 4:
                number += 24  # most requests upload one file each
        assert nights[-1] == "2026-06-14" and nights[0] == "2026-06-13"
        assert all(whole(dict(one.files)) for one in server.commits("owner/gaps")[1:])
        assert hub_target.TRIES > 1
