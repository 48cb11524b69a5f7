"""The command ``doctor``: checks the installation, the data folder and the services around it, and says what to do."""

from __future__ import annotations

import asyncio
import platform
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, nullcontext
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from urllib.parse import urlsplit

import click
from rich.table import Column, Table

from flows.cli.options import (
    Exit,
    data_option,
    json_option,
    print_json,
    settings_of,
)
from flows.cli.screen import out, plain, progress_bar
from flows.environment import variable
from flows.settings import Settings, be_patient, be_quiet
from warehouse import vintages
from warehouse.health.findings import Finding, worst
from warehouse.health.folder import folder
from warehouse.health.kept import newest_fetch
from warehouse.health.timeliness import clock, last_night, published_sources
from warehouse.publication import current

LEAST_PYTHON = (3, 11)

REACHABLE_IN = 3.0
"""Seconds in which Prefect's API has to answer."""

DEPLOYED = "nightly"
"""The deployment of prefect.yaml without which no night is ever scheduled."""

_COLOUR = {"ok": "green", "warning": "yellow", "fault": "red"}
_PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
_NAME = re.compile(r"[\w.-]+")


@click.command("doctor")
@click.option("--deep", is_flag=True, help="Read every archived page, not a sample of them.")
@data_option
@json_option
def doctor(deep: bool, data: Path | None, as_json: bool) -> None:
    """Checks the installation, the data folder, the clock, Prefect, the sources and the settings; says what to do.

    It changes nothing and asks no source. Exit code 0: no fault (warnings may stand); 10: at least one fault.
    """
    settings = settings_of(data, None)
    now = datetime.now(UTC)
    with progress_bar() if deep and not as_json else nullcontext() as bar:
        line = bar.add_task("archived pages", total=None) if bar else None

        def show_progress(done: int, total: int) -> None:
            if bar is not None and line is not None:
                bar.update(line, completed=done, total=total)

        findings = [
            *installation(),
            *folder(settings.data, today=now.date(), deep=deep, progress=show_progress),
            *_time_and_sources(settings),
            _alerts(settings),
            *_settings(settings),
            *_prefect(),
        ]
    state = worst(findings)
    if as_json:
        print_json({"state": state, "checked_at": now.isoformat(), "checks": [asdict(one) for one in findings]})
    else:
        _print(findings)
    raise click.exceptions.Exit(Exit.UNWELL if state == "fault" else Exit.DONE)


def _print(findings: list[Finding]) -> None:
    table = Table("", "check", *(Column(title, overflow="fold") for title in ("found", "what to do")), expand=False)
    for one in findings:
        table.add_row(f"[{_COLOUR[one.state]}]{one.state}[/]", one.check, plain(one.found), plain(one.todo))
    out.print(table)
    counts = {state: sum(one.state == state for one in findings) for state in _COLOUR}
    out.print(
        ", ".join(f"[{_COLOUR[state]}]{count} {state}[/]" for state, count in counts.items() if count),
        highlight=False,
    )


# --- the installation ---------------------------------------------------------------------------


def installation(lock: Path | None = None) -> Iterator[Finding]:
    """Python, and what is installed against the lock beside the program; a wheel comes without one."""
    python = platform.python_version()
    old = sys.version_info < LEAST_PYTHON
    yield Finding(
        check="python",
        state="fault" if old else "ok",
        found=f"{python}, gapindex {version('gapindex')}" + (", expected 3.11 or newer" if old else ""),
        todo="install a newer Python and set up anew: make install" if old else "",
    )
    lock = lock or Path(__file__).parents[2] / "requirements.lock"
    needed = {
        _normal(found[0]) for one in requires("gapindex") or () if "extra ==" not in one and (found := _NAME.match(one))
    }
    yield packages(lock.read_text("utf-8") if lock.is_file() else "", needed, _installed)


def packages(lock: str, needed: set[str], installed: Callable[[str], str | None]) -> Finding:
    """What is installed against the pins of a lock; a name pinned twice (for two Pythons) may be either."""
    pins: dict[str, set[str]] = {}
    for name, pinned in _PIN.findall(lock):
        pins.setdefault(_normal(name), set()).add(pinned)
    if missing := sorted(name for name in needed if installed(name) is None):
        return Finding(
            check="packages",
            state="fault",
            found=f"not installed: {', '.join(missing)}",
            todo="make install, or pip install gapindex again",
        )
    if not pins:
        return Finding(
            check="packages",
            state="ok",
            found=f"all {len(needed)} direct requirements are there; no requirements.lock beside the program",
        )
    there = {name: found for name in pins if (found := installed(name)) is not None}
    other = [
        f"{name} {found} (locked {' or '.join(sorted(pins[name]))})"
        for name, found in sorted(there.items())
        if found not in pins[name]
    ]
    if other:
        return Finding(
            check="packages",
            state="warning",
            found=f"{len(other)} of {len(there)} are not the locked version: {', '.join(other[:5])}"
            + (f" and {len(other) - 5} more" if len(other) > 5 else ""),
            todo="make install puts in what the lock says; what was measured was measured with that",
        )
    return Finding(check="packages", state="ok", found=f"{len(there)} installed, each as requirements.lock has it")


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


# --- time, sources, settings --------------------------------------------------------------------


def _time_and_sources(settings: Settings) -> Iterator[Finding]:
    publication = current(settings.data)  # none where its manifest is damaged: the check of the publication names it
    night = publication.night if publication else None
    fetched = newest_fetch(settings.data / "archive")
    now = datetime.now(UTC)  # asked after it: a night that goes on meanwhile keeps fetching
    yield clock(now, fetched, night)
    yield last_night(now, vintages.newest(settings.data))
    if publication:
        yield published_sources(publication.database)


def _alerts(settings: Settings) -> Finding:
    from flows.alerting.dispatch import load
    from warehouse.alerts.subscriptions import BadAlerts

    try:
        found = load(settings)
    except BadAlerts as error:
        mistake = error.mistakes[0] + (f" (and {len(error.mistakes) - 1} more)" if len(error.mistakes) > 1 else "")
        return Finding(
            check="alerts", state="fault", found=mistake, todo="mend the file; `gapindex alerts preview` tries it"
        )
    if not found.channels:
        return Finding(check="alerts", state="ok", found="no alerts.yaml: no alerts are sent")
    return Finding(
        check="alerts",
        state="ok",
        found=f"{len(found.channels)} channels, {len(found.subscriptions)} subscriptions",
    )


def _settings(settings: Settings) -> Iterator[Finding]:
    if variable("GAPINDEX_CONTACT"):
        yield Finding(check="contact", state="ok", found=f"sites see {settings.contact}")
    else:
        yield Finding(
            check="contact",
            state="warning",
            found=f"GAPINDEX_CONTACT is not set; sites see {settings.contact}",
            todo="set it to an address at which a site can reach you; some refuse who gives none",
        )
    if settings.mirror:
        yield Finding(
            check="mirror",
            state="warning",
            found=f"every request goes through {_place(settings.mirror)}, none to the live addresses",
            todo="unset GAPINDEX_MIRROR if that is not meant",
        )
    else:
        yield Finding(check="mirror", state="ok", found="none: the live addresses are asked")


def _place(address: str) -> str:
    """An address without user and password."""
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


# --- Prefect ------------------------------------------------------------------------------------


def _prefect() -> Iterator[Finding]:
    address = variable("PREFECT_API_URL")
    if not address:
        yield Finding(
            check="prefect",
            state="ok",
            found="PREFECT_API_URL is not set: `gapindex run --prefect` starts a server of its own",
        )
        return
    be_quiet()
    be_patient()
    yield from asyncio.run(_ask_prefect(_place(address)))


async def _ask_prefect(place: str) -> list[Finding]:
    from prefect.client.orchestration import get_client

    start = "start it (`prefect server start`) or correct PREFECT_API_URL; `gapindex run` needs no Prefect"
    try:
        async with AsyncExitStack() as stack:
            async with asyncio.timeout(REACHABLE_IN):
                client = await stack.enter_async_context(get_client())
                trouble = await client.api_healthcheck()
            if trouble is not None:
                raise trouble
            async with asyncio.timeout(3 * REACHABLE_IN):
                there = {one.name: one.paused for one in await client.read_deployments()}
    except TimeoutError:
        return [
            Finding(check="prefect", state="fault", found=f"{place} gave no answer in {REACHABLE_IN:g} s", todo=start)
        ]
    except Exception as error:  # noqa: BLE001 - whatever the client raises, it does not reach the server
        return [Finding(check="prefect", state="fault", found=f"{place}: {type(error).__name__}", todo=start)]
    responses = Finding(check="prefect", state="ok", found=f"{place} answers")
    if DEPLOYED not in there:
        return [
            responses,
            Finding(
                check="deployments",
                state="warning",
                found=f"no deployment called {DEPLOYED} among {len(there)}: no night is scheduled there",
                todo="`prefect deploy --all` in the project's folder",
            ),
        ]
    paused = there[DEPLOYED]
    return [
        responses,
        Finding(
            check="deployments",
            state="warning" if paused else "ok",
            found=f"{', '.join(sorted(there))}" + (f"; {DEPLOYED} is paused" if paused else ""),
            todo=f"`prefect deployment schedule resume`, or unpause {DEPLOYED} in Prefect's UI" if paused else "",
        ),
    ]
