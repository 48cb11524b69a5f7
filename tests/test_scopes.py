"""What a run was: a full night, or a part of one.  Toy sources over a real connection, no recorded web."""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb
import pytest
from examples import board, closed, opened, score, toy
from obedient import HOST

from collectors.contract.source import Source
from flows.folder import Busy, data_lock
from flows.night import Night, run_night
from flows.settings import WAIT, BadSetting, Settings
from flows.stages import notify
from warehouse import vintages
from warehouse.archive import Archive
from warehouse.health.timeliness import last_night
from warehouse.publication import current
from warehouse.scope import RunScope, UnknownSource, feeds_scope, scope_of, widest

DAY = timedelta(days=1)
NIGHT = date(2026, 6, 14)
BOARD = toy(board())
REGISTRY = replace(BOARD, name="toy-registry", kind="registry", boards=(), start=(f"https://{HOST}/models.json",))
DECLARED: dict[str, Source] = {source.name: source for source in (BOARD, REGISTRY)}
FEEDS = feeds_scope(DECLARED)
MODELS = (
    closed("Cee", api="2026-01-01"),
    closed("Later", api="2026-03-01"),
    opened("Oh", weights="2026-04-01"),
)


class Web:
    """Pages by path, and the paths that were posted to."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        self.posted: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(handler) -> None:
                body = self.pages.get(handler.path)
                handler.send_response(200 if body is not None else 404)
                handler.send_header("content-length", str(len(body or b"")))
                handler.end_headers()
                handler.wfile.write(body or b"")

            def do_POST(handler) -> None:
                self.posted.append(handler.path)
                handler.send_response(200)
                handler.send_header("content-length", "0")
                handler.end_headers()

            def log_message(handler, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}"

    def show(self, source: Source, *rows: dict[str, Any]) -> None:
        """What a source's page says from now on."""
        path = source.start[0].replace("https://", "/https/")
        self.pages[path] = json.dumps({"updated_on": "", "rows": rows}).encode()


@pytest.fixture(scope="module")
def running() -> Iterator[Web]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.stages.ingest.fingerprint", lambda _name: "toy parser")  # it has no module of its own
        web = Web()
        thread = threading.Thread(target=web.server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield web
        web.server.shutdown()
        thread.join()
        web.server.server_close()


@pytest.fixture
def web(running: Web) -> Web:
    """The pages of the first night."""
    running.show(BOARD, score("Cee", 40), score("Later", 60), score("Oh", 50))
    running.show(REGISTRY, *MODELS)
    running.posted.clear()
    return running


def run(web: Web, data: Path, moment: datetime, scope: RunScope | None = None, **settings: Any) -> Night:
    """A run of the night of a moment."""
    at = Settings(data=data, mirror=web.base, contact="tests@localhost", ping_url=f"{web.base}/ping", **settings)
    return asyncio.run(run_night(moment.date(), at, scope=scope, declared=DECLARED, bundled=False, now=lambda: moment))


@pytest.fixture(scope="module")
def after_the_night(running: Web, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the nightly of `NIGHT` has run."""
    data = tmp_path_factory.mktemp("night")
    running.show(BOARD, score("Cee", 40), score("Later", 60), score("Oh", 50))
    running.show(REGISTRY, *MODELS)
    run(running, data, at(NIGHT, 3, 30))
    return data


@pytest.fixture
def data(after_the_night: Path, tmp_path: Path) -> Path:
    """A copy of that folder."""
    return Path(shutil.copytree(after_the_night, tmp_path / "data", symlinks=True))


def at(night: date, hour: int, minute: int) -> datetime:
    return datetime(night.year, night.month, night.day, hour, minute, tzinfo=UTC)


def published(data: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(data / "published" / "gapindex.duckdb"), read_only=True) as db:
        return db.execute(query).fetchall()


def leader(data: Path, night: date) -> float | None:
    """The closed score that the vintage of a night tells; None where that night has none."""
    rows = vintages.published_on(data, night)
    return None if rows is None else next(row["closed_score"] for row in rows if row["tier"] == "any")


VINTAGES = "select distinct night from gap_index_vintage order by night"


def test_feeds_at_night_then_the_nightly_then_a_day_without_one(web: Web, tmp_path: Path) -> None:
    """The shipped schedule: feeds at 01:15 and every four hours, the nightly at 03:30."""
    run(web, tmp_path, at(NIGHT - DAY, 3, 30))
    assert web.posted == ["/ping"]

    web.show(BOARD, score("Cee", 40), score("Later", 61), score("Oh", 50))  # the board moves on the new day
    feeds = run(web, tmp_path, at(NIGHT, 1, 15), FEEDS)
    assert ([one.source for one in feeds.results], feeds.publication.scope) == (["toy-registry"], "feeds")
    assert published(tmp_path, "select night, scope from run") == [(NIGHT, "feeds")]
    assert (leader(tmp_path, NIGHT), published(tmp_path, VINTAGES)) == (None, [(NIGHT - DAY,)])
    assert web.posted == ["/ping"]

    full = run(web, tmp_path, at(NIGHT, 3, 30))
    assert full.scope.full
    assert published(tmp_path, "select night, scope from run") == [(NIGHT, "full")]
    assert leader(tmp_path, NIGHT) == 61
    assert published(tmp_path, VINTAGES) == [(NIGHT - DAY,), (NIGHT,)]
    assert web.posted == ["/ping", "/ping"]

    web.show(BOARD, score("Cee", 40), score("Later", 62), score("Oh", 50))
    for night, hour in ((NIGHT, 21), (NIGHT + DAY, 21)):
        run(web, tmp_path, at(night, hour, 15), FEEDS)
    assert (leader(tmp_path, NIGHT), leader(tmp_path, NIGHT + DAY)) == (61, None)
    assert web.posted == ["/ping", "/ping"]  # a watchdog with a period of a day speaks now
    publication = current(tmp_path)
    assert publication is not None
    assert (publication.night, publication.scope, vintages.newest(tmp_path)) == (NIGHT + DAY, "feeds", NIGHT)
    finding = last_night(at(NIGHT + DAY, 21, 20), vintages.newest(tmp_path))
    assert (finding.state, finding.found.split(",")[0]) == ("warning", "2026-06-14 is the last full night published")


def test_a_full_night_that_died_before_its_vintage_is_settled_by_the_next_run(web: Web, data: Path) -> None:
    for table in vintages.KEPT:
        (data / "vintages" / table / f"{NIGHT}.parquet").unlink()
    run(web, data, at(NIGHT, 5, 15), FEEDS)
    assert leader(data, NIGHT) == 60


def test_a_feeds_run_after_the_nightly_with_nothing_new_leaves_its_publication(web: Web, data: Path) -> None:
    full = current(data)
    again = run(web, data, at(NIGHT, 5, 15), FEEDS)
    assert full is not None
    assert (again.publication.folder, again.publication.fresh) == (full.folder, False)


def test_a_source_that_nobody_asks_grows_stale(web: Web, data: Path) -> None:
    """The nightly is dead and the feeds go on: the board is stale by its age."""
    stale = "select scope, known_on from event where kind = 'source-stale'"
    run(web, data, at(NIGHT + 2 * DAY, 1, 15), FEEDS)
    assert published(data, stale) == []
    run(web, data, at(NIGHT + 3 * DAY, 1, 15), FEEDS)
    assert published(data, stale) == [("toy-board", NIGHT + 3 * DAY)]
    run(web, data, at(NIGHT + 3 * DAY, 3, 30))
    assert published(data, stale) == []


def test_feeds_and_a_night_begun_at_once_both_run(web: Web, data: Path) -> None:
    """Whichever comes second waits, and runs: neither is lost as busy."""
    words: list[str] = []

    async def both() -> list[Night]:
        settings = Settings(data=data, mirror=web.base, contact="tests@localhost")
        runs = (
            run_night(
                NIGHT + DAY,
                settings,
                declared=DECLARED,
                scope=scope,
                bundled=False,
                now=lambda: at(NIGHT + DAY, 3, 30),
                progress=words.append,
            )
            for scope in (None, FEEDS)
        )
        return await asyncio.gather(*runs)

    night, feeds = asyncio.run(both())
    assert (str(feeds.scope), night.scope.full) == ("feeds", True)
    assert sum(word.startswith("waiting up to 1800 s") for word in words) == 1
    assert Archive(data / "archive").scopes()[NIGHT + DAY] == {"feeds", "full"}


def test_a_night_waits_for_a_short_run_to_end(web: Web, data: Path) -> None:
    words: list[str] = []
    taken = threading.Event()

    def hold() -> None:
        with data_lock(data, NIGHT, what="feeds"):
            taken.set()
            while not words:
                time.sleep(0.01)
            words.append("the short run ends")

    threading.Thread(target=hold, daemon=True).start()
    taken.wait()
    settings = Settings(data=data, mirror=web.base, contact="tests@localhost", wait=30)
    asyncio.run(
        run_night(
            NIGHT, settings, declared=DECLARED, bundled=False, now=lambda: at(NIGHT, 3, 30), progress=words.append
        )
    )
    assert words[0].startswith("waiting up to 30 s for another run to end: night 2026-06-14 is being run by process")
    assert "(feeds)" in words[0]
    assert words[1] == "the short run ends" and len(words) > 2


def test_a_run_that_has_waited_enough_steps_aside(web: Web, tmp_path: Path) -> None:
    with (
        data_lock(tmp_path, NIGHT),
        pytest.raises(Busy, match=r"still after 0.3 s of waiting; .*raise --wait"),
    ):
        run(web, tmp_path, at(NIGHT, 5, 15), FEEDS, wait=0.3)
    assert not (tmp_path / "store.duckdb").exists()


def test_how_long_a_run_waits(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, mirror="", contact="")
    assert settings.lock_wait == WAIT
    assert Settings.from_env({"GAPINDEX_WAIT": "5"}).lock_wait == 5
    assert Settings.from_env({"GAPINDEX_WAIT": "5"}, wait=0).lock_wait == 0
    with pytest.raises(BadSetting, match="GAPINDEX_WAIT 'soon' is no number of seconds"):
        Settings.from_env({"GAPINDEX_WAIT": "soon"})


def test_scopes() -> None:
    assert scope_of(DECLARED) == RunScope(kind="full", sources=("toy-board", "toy-registry"))
    assert scope_of(DECLARED, ["toy-registry", "toy-board"]).full
    assert str(scope_of(DECLARED, ["toy-board"])) == "partial run (toy-board)"
    assert (str(FEEDS), FEEDS.sources) == ("feeds", ("toy-registry",))
    assert [widest(kinds) for kinds in (("feeds", "full"), ("feeds", "sources"), ("feeds",), ())] == [
        "full",
        "sources",
        "feeds",
        "full",
    ]
    with pytest.raises(UnknownSource, match="no source called toy-bord; did you mean toy-board"):
        scope_of(DECLARED, ["toy-bord"])


def test_the_archive_records_the_scope_of_a_run(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.finish(NIGHT, ["toy-registry"], scope="feeds")
    archive.finish(NIGHT, ["toy-board", "toy-registry"])
    with (tmp_path / "done.jsonl").open("a") as log:
        log.write('{"night": "2026-06-15", "sources": ["toy-board"]}\nhalf a li')
    assert archive.scopes() == {NIGHT: frozenset({"feeds", "full"}), NIGHT + DAY: frozenset({"full"})}
    assert archive.finished()[NIGHT] == frozenset({"toy-board", "toy-registry"})


def test_each_scope_has_its_own_event_and_only_a_full_night_pings(
    web: Web, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication = current(data)
    assert publication is not None
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr("prefect.events.emit_event", lambda **event: sent.append(event))
    settings = Settings(data=data, mirror="", contact="", ping_url=f"{web.base}/ping")
    for scope in (FEEDS, scope_of(DECLARED, ["toy-board"]), scope_of(DECLARED)):
        assert notify.notify(publication, scope, settings, prefect=True) == ()
    words = [one["event"] for one in sent if not one["event"].startswith("gapindex.digest")]
    assert words == ["gapindex.feeds.updated", "gapindex.sources.updated", "gapindex.night.published"]
    assert web.posted == ["/ping"]
