"""The tools of the tests: a fault that misbehaves in no way, or a killer that kills nobody, must be found out here."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import yaml

from collectors.contract.errors import SourceError
from collectors.contract.pages import Page
from collectors.parsing import read_page
from collectors.registry import sources
from tests.tools import miniweb
from tests.tools.faultserver import PAGE_FAULTS, WIRE_FAULTS, FaultError, FaultServer, parsed
from tests.tools.killpoints import killed_everywhere, points
from tests.tools.timemachine import TimeMachine

PAGE = "/rows.json"
ROWS = json.dumps([{"name": f"model-{n}", "score": 10.0 + n, "text": "x" * 50} for n in range(40)])
GIVEN = {
    "redirect": ";to=/elsewhere",
    "file": ";name=/other.json",
    "replace-text": ";old=model;new=system",
    "duplicate-keys": ";key=score",
    "rename": ";old=score;new=points",
    "drop-column": ";name=score",
    "swap-columns": ";a=name;b=text",
    "scale": ";field=score;by=0.01",
    "shift": ";field=score;by=5",
    "set": ";field=score;value=N/A",
    "nan": ";field=score",
    "duplicate": ";field=score;delta=1",
    "delay": ";s=0.5",
    "drip": ";s=0.05",
    "endless": ";size=1m",
    "gzip-bomb": ";size=1m",
}
"""The values of faults that need some, or that would take long."""


@pytest.fixture
def server() -> FaultServer:
    return FaultServer()


def seen(server: FaultServer, *, backoff: float = 0.3) -> tuple[bytes, bool]:
    """What a client takes off the wire, and whether it could tell within its patience that all of it had come."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=backoff) as client:
        client.sendall(f"GET {PAGE} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n".encode())
        taken, until = b"", time.monotonic() + backoff
        try:
            while piece := client.recv(65536):
                taken += piece
                if time.monotonic() > until:
                    return taken, False
        except (TimeoutError, ConnectionResetError):
            return taken, False
        return taken, True


@pytest.mark.parametrize("name", [*PAGE_FAULTS, *(name for name in WIRE_FAULTS if name != "ok")])
def test_every_fault_differs_from_the_good_answer(server: FaultServer, name: str) -> None:
    with server:
        server.add(PAGE, ROWS)
        server.add("/other.json", "[]")
        good = seen(server, backoff=30)
        assert good[1] and good[0].endswith(ROWS.encode())
        server.plan(PAGE, name + GIVEN.get(name, ""))
        assert seen(server) != good
        assert server.requests_to(PAGE)[-1].fault.startswith(name)


def test_a_fault_that_changes_nothing_fails_the_test_that_asks_for_it(server: FaultServer) -> None:
    with pytest.raises(FaultError, match=r"rename.*changes nothing"), server:
        server.add(PAGE, ROWS)
        server.plan(PAGE, "rename;old=elo;new=rating")
        assert httpx.get(server.url(PAGE)).status_code == 500


@pytest.mark.parametrize(
    "spec",
    ["reste", "status;kode=503", "truncate;at=half", "reset|gzip", "rename;old=score", "huge-header;size=1t"],
)
def test_a_fault_that_is_written_wrong_is_refused_where_it_is_planned(server: FaultServer, spec: str) -> None:
    with pytest.raises(FaultError):
        server.plan(PAGE, spec)


def test_faults_come_one_a_request_and_the_last_repeats(server: FaultServer) -> None:
    with server:
        server.add(PAGE, ROWS)
        server.plan(PAGE, "status;code=503", "status;code=429", "ok")
        assert [httpx.get(server.url(PAGE)).status_code for _ in range(4)] == [503, 429, 200, 200]
        assert [step[0] for step in parsed("scale;field=score;by=2|gzip|truncate")] == ["scale", "gzip", "truncate"]


@pytest.mark.parametrize("form", ["json", "csv", "html"])
def test_a_table_is_changed_in_its_own_format(server: FaultServer, form: str) -> None:
    rows = [("Model", "Score"), ("a", "10"), ("b", "20")]
    page = {
        "json": '{"rows": [{"Model": "a", "Score": 10}, {"Model": "b", "Score": 20}]}',
        "csv": "".join(",".join(row) + "\n" for row in rows),
        "html": f"<table>{''.join(f'<tr><td>{a}</td><td>{b}</td></tr>' for a, b in rows)}</table>",
    }[form]
    with server:
        server.add(f"/page.{form}", page)
        server.plan(f"/page.{form}", "half-table", "half-table;part=last", "empty-table")
        first, last, none = (httpx.get(server.url(f"/page.{form}")).text for _ in range(3))
    assert ("a" in first.replace("table", ""), "20" in first) == (True, False)
    assert ("10" in last, "20" in last) == (False, True)
    assert ("10" in none, "20" in none) == (False, False)


# --- kill points ----------------------------------------------------------------------------------


def careful(folder: Path) -> None:
    """Writes aside and renames."""
    aside = folder / "aside"
    aside.write_bytes(b"whole")
    aside.replace(folder / "page")


def careless(folder: Path) -> None:
    """Empties the page before it writes it."""
    with (folder / "page").open("wb"):
        (folder / "note").write_bytes(b"at work")
    (folder / "page").write_bytes(b"whole")


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
@pytest.mark.parametrize(("program", "harmed"), [(careful, False), (careless, True)])
def test_a_kill_at_every_point_tells_careful_from_careless(
    tmp_path: Path, program: Callable[[Path], None], harmed: bool
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()

    def reset() -> None:
        for file in folder.iterdir():
            file.unlink()
        (folder / "page").write_bytes(b"before")

    found = []
    for end in killed_everywhere(lambda: program(folder), only=str(folder), log=tmp_path / "points", reset=reset):
        assert end.killed, end
        found.append((folder / "page").read_bytes())
    assert len(found) >= 2
    assert any(body not in (b"before", b"whole") for body in found) is harmed


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_program_that_fails_by_itself_has_no_points(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="fails without being killed"):
        points((tmp_path / "nothing").unlink, only=str(tmp_path), log=tmp_path / "points")


# --- the time machine and the mini-web ------------------------------------------------------------


def test_a_page_is_what_it_was_on_its_night(timemachine: TimeMachine) -> None:
    page = "/https/gso-bench.github.io/assets/leaderboard.json"
    before, after = (httpx.get(timemachine.base(night) + page) for night in ("2023-04-11", "2023-04-12"))
    assert ("GPT-9.2" in before.text, "GPT-9.2" in after.text) == (False, True)
    assert before.headers["etag"] != after.headers["etag"]
    assert before.headers["last-modified"] == "Mon, 03 Apr 2023 03:00:00 GMT"
    for headers in (
        {"if-none-match": after.headers["etag"]},
        {"if-modified-since": after.headers["last-modified"]},
    ):
        assert httpx.get(timemachine.base("2023-04-13") + page, headers=headers).status_code == 304
        assert httpx.get(timemachine.base("2023-04-11") + page, headers={"if-none-match": '"other"'}).status_code == 200
    assert httpx.get(timemachine.base("2023-04-02") + page).status_code == 404
    assert httpx.get(timemachine.base("2023-04-31") + page).status_code == 400


def test_a_source_that_is_dark_does_not_answer(timemachine: TimeMachine) -> None:
    page = "/https/spider2-sql.github.io/"
    nights = ("2023-04-09", "2023-04-10", "2023-04-12", "2023-04-13")
    assert [httpx.get(timemachine.base(night) + page).status_code for night in nights] == [200, 503, 503, 200]


def test_a_files_history_names_the_nights_on_which_it_changed(timemachine: TimeMachine) -> None:
    path = "aider/website/_data/polyglot_leaderboard.yml"
    asked = f"/https/api.github.com/repos/Aider-AI/aider/commits?path={path}&sha=main&per_page=100&page="
    days = [
        c["commit"]["committer"]["date"][:10] for c in httpx.get(timemachine.base("2023-04-14") + asked + "1").json()
    ]
    assert days == ["2023-04-09", "2023-04-07", "2023-04-03"]
    assert httpx.get(timemachine.base("2023-04-14") + asked + "2").json() == []


@pytest.mark.parametrize("source", [name for name in miniweb.EMITTERS if name != "status-mistral"])
def test_every_page_of_the_mini_web_is_in_its_sources_format(source: str) -> None:
    """Each parses, but for the pages that are to drift; nothing of a row is set aside."""
    world, declared = miniweb.world(), sources()[source]
    for night in world.nights:
        for url, text in miniweb.EMITTERS[source](world, night).items():
            page = Page(url=url, body=text.encode(), fetched_at=None, headers={})  # type: ignore[arg-type]
            rows = read_page(declared, page)
            assert rows
            assert not [row for row in rows if type(row).__name__ == "Quarantined"]
            changed = world.drifted(source, night, text)
            if changed != text:
                with pytest.raises(SourceError):
                    read_page(declared, Page(url=url, body=changed.encode(), fetched_at=None, headers={}))  # type: ignore[arg-type]


def test_the_mini_web_stays_small() -> None:
    assert miniweb.WORLD.stat().st_size < 12_000
    result = yaml.safe_load(miniweb.WORLD.read_text("utf-8"))
    assert len(miniweb.world().nights) == 12
    assert {*result["dark"], *result["drift"]} <= set(miniweb.EMITTERS)
