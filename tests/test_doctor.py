"""`gapindex doctor`: a sound folder is called sound, each kind of damage is named with what to do, nothing changes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb
import pytest
from commands import gapindex
from conftest import ROOT
from examples import Example, closed, opened, score

from flows.cli.checking import installation, packages
from flows.folder import data_lock
from warehouse import vintages
from warehouse.archive import Archive
from warehouse.health import kept
from warehouse.health.findings import Finding
from warehouse.health.folder import folder, writable
from warehouse.health.timeliness import clock, last_night, published_sources

NIGHT = date(2026, 6, 14)
NOON = datetime(2026, 6, 14, 23, tzinfo=UTC)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two nights, a publication and its vintage."""
    example = Example(tmp_path_factory.mktemp("sound"))
    example.saw("2026-06-13", closed("Cee", api="2026-01-01"), opened("Oh", weights="2026-04-01"), score("Cee", 60))
    example.saw(str(NIGHT), closed("Cee", api="2026-01-01"), score("Cee", 60), score("Oh", 50))
    publication = example.published(str(NIGHT))
    vintages.settle(example.folder, publication.folder, NIGHT)
    return example.folder


@pytest.fixture
def data(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "data", symlinks=True))


def found(data: Path, *, deep: bool = False) -> dict[str, Finding]:
    return {one.check: one for one in folder(data, today=NIGHT, deep=deep)}


def asked(data: Path, *words: str) -> tuple[int, Any]:
    """What the command answers, as JSON."""
    given = gapindex("doctor", "--data", data, "--json", *words)
    return given.code, given.json


def a_body(data: Path) -> Path:
    return min(data.glob("archive/bodies/*/*.zst"))


def newest_log(data: Path) -> Path:
    return max(data.glob("archive/log/*.jsonl"))


# --- a sound folder -----------------------------------------------------------------------------


def test_a_sound_folder_has_no_fault_and_no_warning(data: Path) -> None:
    assert {one.check: one.found for one in found(data).values() if one.state != "ok"} == {}


def test_it_changes_nothing(data: Path) -> None:
    def state() -> dict[str, tuple[int, int]]:
        return {
            str(path): (path.lstat().st_mtime_ns, path.lstat().st_size) for path in [data, *sorted(data.rglob("*"))]
        }

    before = state()
    asked(data, "--deep")
    after = state()
    assert {path: result for path, result in after.items() if path != str(data)} == {
        path: result for path, result in before.items() if path != str(data)
    }


def test_a_folder_that_is_not_there_yet_is_no_fault(tmp_path: Path) -> None:
    code, result = asked(tmp_path / "none")
    assert (code, result["state"]) == (0, "warning")
    assert not (tmp_path / "none").exists()


def test_an_empty_folder_is_no_fault(tmp_path: Path) -> None:
    assert {one.check for one in found(tmp_path).values() if one.state != "ok"} == {"store", "publication"}


# --- damage -------------------------------------------------------------------------------------


def other_bytes(data: Path) -> None:
    path = a_body(data)
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(body)


def another_body(data: Path) -> None:
    first, second, *_ = sorted(data.glob("archive/bodies/*/*.zst"))
    shutil.copyfile(second, first)


def a_wrong_name(data: Path) -> None:
    a_body(data).with_name("notes.zst").write_bytes(b"x")


def no_body(data: Path) -> None:
    a_body(data).unlink()


def a_cut_line(data: Path) -> None:
    newest_log(data).write_bytes(newest_log(data).read_bytes() + b'{"night": "2026-06-14", "sou')


def a_line_of_something_else(data: Path) -> None:
    newest_log(data).write_bytes(newest_log(data).read_bytes() + b"<html>\n")


def a_folder_for_a_log(data: Path) -> None:
    (data / "archive" / "log" / "2026-06-15.jsonl").mkdir()


def a_shorter_log(data: Path) -> None:
    newest_log(data).write_text("")


def half_a_store(data: Path) -> None:
    path = data / "store.duckdb"
    path.write_bytes(path.read_bytes()[:20_000])


def no_store_at_all(data: Path) -> None:
    (data / "store.duckdb").write_bytes(b"")


def text_for_a_store(data: Path) -> None:
    (data / "store.duckdb").write_text("not a database\n" * 1000)


def store(data: Path, statement: str) -> None:
    with duckdb.connect(str(data / "store.duckdb")) as db:
        db.execute(statement)


def a_newer_store(data: Path) -> None:
    store(data, "alter table raw.page add column read_by varchar")


def an_older_store(data: Path) -> None:
    store(data, "drop table raw.incident")


def another_table(data: Path) -> None:
    path = data / "published" / "csv" / "gap_index_latest.csv"
    path.chmod(0o644)
    path.write_text(path.read_text("utf-8").replace("Cee", "Dee"), "utf-8")


def a_missing_table(data: Path) -> None:
    (data / "published" / "parquet" / "score.parquet").unlink()


def a_link_to_nowhere(data: Path) -> None:
    shutil.rmtree((data / "published").resolve())


def half_a_manifest(data: Path) -> None:
    path = data / "published" / "manifest.json"
    path.write_text(path.read_text("utf-8")[:200], "utf-8")


def opened_for_writing(data: Path) -> None:
    (data / "published" / "gapindex.duckdb.wal").write_bytes(b"\x00" * 64)


def half_a_vintage(data: Path) -> None:
    path = next(data.glob("vintages/gap_index/*.parquet"))
    path.write_bytes(path.read_bytes()[:100])


def a_vintage_of_another_night(data: Path) -> None:
    path = next(data.glob("vintages/gap_index/*.parquet"))
    path.rename(path.with_name("2026-06-13.parquet"))


def a_decision_by_hand(data: Path) -> None:
    (data / "overrides.jsonl").write_text("accept the arena table\n")


def a_killed_publication(data: Path) -> None:
    (data / "publications" / ".aside-abc").mkdir()


def a_killed_fetch(data: Path) -> None:
    a_body(data).with_name("tmpabc.tmp").write_bytes(b"x")


def a_killed_run(data: Path) -> None:
    (data / ".night").write_text("night 2026-06-14 is being run by process 1\n")


@pytest.mark.parametrize(
    ("damage", "check", "state", "says", "todo"),
    [
        (other_bytes, "archive bodies", "fault", "1 not what their name says", "restore it from a backup"),
        (another_body, "archive bodies", "fault", "not those of its name", "gapindex run --night"),
        (a_wrong_name, "archive bodies", "fault", "its name is no sha256", "restore"),
        (no_body, "bodies of the log", "fault", "1 body is missing", "restore archive/bodies"),
        (a_cut_line, "fetch log", "warning", "1 cannot be read, in 2026-06-14.jsonl", "passed over"),
        (a_line_of_something_else, "fetch log", "warning", "1 cannot be read", "passed over"),
        (a_folder_for_a_log, "fetch log", "fault", "2026-06-15.jsonl: Is a directory", "mend the disk, the file"),
        (a_shorter_log, "store", "fault", "more of 2026-06-14.jsonl than the archive holds", "restore archive/log"),
        (half_a_store, "store", "fault", "does not open", "gapindex rebuild"),
        (no_store_at_all, "store", "fault", "store.duckdb", "gapindex rebuild"),
        (text_for_a_store, "store", "fault", "does not open", "gapindex rebuild"),
        (a_newer_store, "store", "fault", "does not know: page.read_by", "a newer program wrote it"),
        (an_older_store, "store", "fault", "lacks incident.", "gapindex rebuild"),
        (another_table, "publication", "fault", "csv/gap_index_latest.csv", "gapindex rebuild"),
        (a_missing_table, "publication", "fault", "parquet/score.parquet", "gapindex rebuild"),
        (a_link_to_nowhere, "publication", "fault", "leads nowhere", "gapindex rebuild"),
        (half_a_manifest, "publication", "fault", "no manifest that can be read", "gapindex rebuild"),
        (
            opened_for_writing,
            "published database",
            "fault",
            "opened the published file for writing",
            "delete that .wal",
        ),
        (half_a_vintage, "vintages", "fault", "2026-06-14.parquet", "restore them from a backup"),
        (a_vintage_of_another_night, "vintages", "fault", "rows of another night", "restore them"),
        (a_decision_by_hand, "decisions", "fault", "line 1 of", "mend or remove that line"),
        (a_killed_publication, "leftovers", "warning", ".aside-abc", "the next run removes them"),
        (a_killed_fetch, "leftovers", "warning", "tmpabc.tmp", "the next run removes them"),
        (a_killed_run, "lock", "warning", "process 1; it was killed", "goes on where it stopped"),
    ],
)
def test_damage_is_named_with_what_to_do(
    data: Path, damage: Callable[[Path], None], check: str, state: str, says: str, todo: str
) -> None:
    damage(data)
    result = found(data, deep=True)[check]
    assert (result.state, says in result.found, todo in result.todo) == (state, True, True), result


@pytest.mark.parametrize("damage", [other_bytes, half_a_store, another_table, a_folder_for_a_log])
def test_a_fault_is_exit_code_10(data: Path, damage: Callable[[Path], None]) -> None:
    damage(data)
    code, result = asked(data, "--deep")
    assert (code, result["state"]) == (10, "fault")


def test_all_it_names_has_something_to_do(data: Path) -> None:
    for damage in (no_body, half_a_store, half_a_manifest, a_killed_fetch, a_decision_by_hand):
        damage(data)
    _, result = asked(data)
    assert [one["check"] for one in result["checks"] if one["state"] != "ok" and not one["todo"]] == []


def test_a_sample_moves_on_by_day_and_deep_reads_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "SAMPLE", 2)
    archive = Archive(tmp_path / "archive")
    for n in range(8):
        archive.put(b"page %d" % n)
    other_bytes(tmp_path)

    def state(on: date, *, deep: bool = False) -> str:
        return {one.check: one.state for one in folder(tmp_path, today=on, deep=deep)}["archive bodies"]

    days = [NIGHT + timedelta(days=n) for n in range(4)]
    assert sorted(state(day) for day in days) == ["fault", "ok", "ok", "ok"]
    assert {state(day, deep=True) for day in days} == {"fault"}


def test_deep_tells_how_far_it_is(data: Path) -> None:
    seen: list[tuple[int, int]] = []
    folder(data, today=NIGHT, deep=True, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]


# --- who holds it, is there room ----------------------------------------------------------------


def test_a_running_night_is_no_fault_and_is_named(data: Path) -> None:
    a_killed_fetch(data)
    with data_lock(data, NIGHT):
        result = found(data)
        assert result["lock"].found == f"held: night 2026-06-14 is being run by process {os.getpid()}"
        assert {one.state for one in result.values()} == {"ok"}
    assert found(data)["lock"].found == "free"


@pytest.mark.parametrize(("free", "state"), [(10 * 2**20, "fault"), (100 * 2**20, "warning"), (2**40, "ok")])
def test_room_for_the_next_publication(data: Path, monkeypatch: pytest.MonkeyPatch, free: int, state: str) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(2**41, 0, free))
    result = found(data)["free space"]
    assert result.state == state
    assert result.found.startswith(f"{free // 2**20} MiB free; the next publication needs about")


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="no /proc to fail to write into")
def test_a_folder_that_takes_no_file() -> None:
    result = writable(Path("/proc/self"))
    assert (result.state, "permissions" in result.todo) == ("fault", True)


# --- time ---------------------------------------------------------------------------------------


def test_a_clock_behind_what_was_fetched_or_published_is_a_fault(data: Path) -> None:
    fetched = kept.newest_fetch(data / "archive")
    assert fetched == datetime(2026, 6, 14, 21, tzinfo=UTC)
    assert clock(fetched, fetched, NIGHT).state == "ok"
    behind = clock(fetched - timedelta(minutes=1), fetched, NIGHT)
    assert (behind.state, "the newest fetch" in behind.found) == ("fault", True)
    before = clock(datetime(2026, 6, 13, 23, 59, tzinfo=UTC), None, NIGHT)
    assert (before.state, "the published night" in before.found) == ("fault", True)
    assert clock(NOON, None, None).state == "ok"


def test_what_a_night_fetches_while_the_checks_run_is_no_fault_of_the_clock(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.cli.checking.newest_fetch", lambda _archive: datetime.now(UTC))
    states = {one["check"]: one["state"] for one in asked(data)[1]["checks"]}
    assert states["clock"] == "ok"


def test_a_night_is_missed_after_36_hours() -> None:
    assert last_night(datetime(2026, 6, 15, 12, tzinfo=UTC), NIGHT).state == "ok"
    late = last_night(datetime(2026, 6, 15, 12, 1, tzinfo=UTC), NIGHT)
    assert (late.state, late.found) == (
        "warning",
        "2026-06-14 is the last full night published, begun 36 h ago; expected at most 36 h",
    )
    assert "10 days ago" in last_night(datetime(2026, 6, 24, tzinfo=UTC), NIGHT).found
    assert last_night(NOON, None).state == "warning"


# --- sources ------------------------------------------------------------------------------------


def stood(tmp_path: Path, *sources: tuple[str, str, int | None]) -> Finding:
    file = tmp_path / "gapindex.duckdb"
    with duckdb.connect(str(file)) as db:
        db.execute("create table source_health (source text, outcome text, stale_days integer, last_good_on date)")
        for name, outcome, stale_days in sources:
            good = None if stale_days is None else NIGHT - timedelta(days=stale_days)
            db.execute("insert into source_health values (?, ?, ?, ?)", [name, outcome, stale_days, good])
    return published_sources(file)


def test_sources_that_are_read_or_gone_for_good_are_well(tmp_path: Path) -> None:
    result = stood(tmp_path, ("aye", "read", 0), ("bee", "partly read", 0), ("cee", "gone", 500))
    assert (result.state, result.found) == ("ok", "1 gone, 1 partly read, 1 read")


def test_the_worst_source_is_named(tmp_path: Path) -> None:
    result = stood(tmp_path, ("aye", "read", 0), ("bee", "blocked", 3), ("cee", "drifted", 12), ("dee", "gone", 90))
    assert result.state == "warning"
    assert result.found == (
        "1 blocked, 1 drifted, 1 gone, 1 read; 1 without a page for more than 7 days;"
        " worst: cee (drifted, last read on 2026-06-02)"
    )


def test_a_night_on_which_nothing_answered_is_a_fault(tmp_path: Path) -> None:
    result = stood(tmp_path, ("aye", "unreachable", 1), ("bee", "unreachable", None))
    assert (result.state, "bee (unreachable, never read)" in result.found) == ("fault", True)
    assert "network" in result.todo


# --- installation and settings ------------------------------------------------------------------


LOCK = """aye==1.0 \\
    --hash=sha256:00
bee[extra]==2.0 ; python_full_version < '3.12' \\
    --hash=sha256:00
bee==2.1 ; python_full_version >= '3.12' \\
    --hash=sha256:00
Dotted.Name==3.0 ; sys_platform == 'win32' \\
    --hash=sha256:00
"""


@pytest.mark.parametrize(
    ("installed", "state", "says"),
    [
        ({"aye": "1.0", "bee": "2.1"}, "ok", "2 installed, each as requirements.lock has it"),
        ({"aye": "1.0", "bee": "2.0", "dotted-name": "3.0"}, "ok", "3 installed"),
        ({"aye": "1.1", "bee": "2.0"}, "warning", "1 of 2 are not the locked version: aye 1.1 (locked 1.0)"),
        ({"aye": "1.0", "bee": "1"}, "warning", "bee 1 (locked 2.0 or 2.1)"),
        ({"bee": "2.0"}, "fault", "not installed: aye"),
    ],
)
def test_what_is_installed_against_the_lock(installed: dict[str, str], state: str, says: str) -> None:
    result = packages(LOCK, {"aye"}, installed.get)
    assert (result.state, says in result.found) == (state, True), result


def test_a_wheel_has_no_lock_to_compare(tmp_path: Path) -> None:
    python, result = installation(tmp_path / "none")
    assert {python.state, result.state} == {"ok"}
    assert "no requirements.lock" in result.found


def setting(data: Path, check: str) -> Any:
    _, result = asked(data)
    (one,) = [one for one in result["checks"] if one["check"] == check]
    return one


def test_contact_and_mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GAPINDEX_CONTACT", "GAPINDEX_MIRROR", "PREFECT_API_URL"):
        monkeypatch.delenv(name, raising=False)
    assert (setting(tmp_path, "contact")["state"], setting(tmp_path, "mirror")["state"]) == ("warning", "ok")
    monkeypatch.setenv("GAPINDEX_CONTACT", "me@toy.example")
    monkeypatch.setenv("GAPINDEX_MIRROR", "http://user:canary@toy.example:8799/@{night}")
    assert setting(tmp_path, "contact")["found"] == "sites see me@toy.example"
    mirror = setting(tmp_path, "mirror")
    assert (mirror["state"], "toy.example:8799/@" in mirror["found"]) == ("warning", True)
    assert "canary" not in str(mirror)


def test_an_alerts_file_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "alerts.yaml").write_text("channels:\n  team:\n    address: https://toy.example/canary\n")
    result = setting(tmp_path, "alerts")
    assert result["state"] == "fault"
    assert "alerts.yaml line 3" in result["found"]


def test_people_get_a_table(data: Path) -> None:
    half_a_store(data)
    given = gapindex("doctor", "--data", data)
    assert given.code == 10
    assert "what to do" in given.out
    assert "1 fault" in given.out.splitlines()[-1]


# --- Prefect ------------------------------------------------------------------------------------


class _Api(BaseHTTPRequestHandler):
    """As much of Prefect's API as the check asks for; ``deployments`` is what it lists."""

    deployments: list[dict[str, Any]]

    def do_GET(self) -> None:
        if "csrf-token" in self.path:
            self.send_error(404)  # as a server without that protection says
            return
        self._answer("3.8.8" if self.path.endswith("/version") else True)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self._answer(self.deployments)

    def _answer(self, result: Any) -> None:
        body = json.dumps(result).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def api() -> Iterator[Any]:
    servers = []

    def started(*deployments: dict[str, Any]) -> str:
        handler = type("Api", (_Api,), {"deployments": list(deployments)})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/api"

    yield started
    for server in servers:
        server.shutdown()
        server.server_close()


def prefect(home: Path, *addresses: str) -> list[list[dict[str, str]]]:
    """What the check says of each address; Prefect reads its settings once a process, so it runs in one of its own."""
    code = (
        "import asyncio, dataclasses, json, sys\n"
        "from prefect.settings import temporary_settings, PREFECT_API_URL\n"
        "from flows.cli.checking import _ask_prefect\n"
        "checks = []\n"
        "for address in sys.argv[1:]:\n"
        "    with temporary_settings({PREFECT_API_URL: address}):\n"
        "        checks.append([dataclasses.asdict(one) for one in asyncio.run(_ask_prefect(address))])\n"
        "print(json.dumps(checks))"
    )
    env = os.environ | {"PREFECT_HOME": str(home), "PREFECT_LOGGING_LEVEL": "CRITICAL", "DO_NOT_TRACK": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", code, *addresses], cwd=ROOT, env=env, check=True, capture_output=True, text=True
    )
    answer: list[list[dict[str, str]]] = json.loads(ran.stdout)
    return answer


def test_prefect(tmp_path: Path, api: Any) -> None:
    nobody = "11111111-1111-1111-1111-111111111111"
    nightly = {"name": "nightly", "flow_id": nobody, "paused": False}
    silent, bare, ready, paused = prefect(
        tmp_path, "http://127.0.0.1:9/api", api(), api(nightly), api(nightly | {"paused": True})
    )
    assert [(one["check"], one["state"]) for one in silent] == [("prefect", "fault")]
    assert "prefect server start" in silent[0]["todo"]
    assert [(one["check"], one["state"]) for one in bare] == [("prefect", "ok"), ("deployments", "warning")]
    assert "prefect deploy --all" in bare[1]["todo"]
    assert [one["state"] for one in ready] == ["ok", "ok"]
    assert [(one["state"], "is paused" in one["found"]) for one in paused] == [("ok", False), ("warning", True)]
