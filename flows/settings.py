"""Settings and their defaults: the only module that reads the environment."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from warehouse.scope import RunScope

QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "GX_ANALYTICS_ENABLED": "false",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}
"""Switches that keep our libraries from calling home; set unless the operator has set them."""

PATIENT = {
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
}
"""Prefect's embedded server needs up to a minute on two busy cores, and its default of 20 s loses nights; at a
terminal the command itself reports each failure once."""


FULL_WAIT = 1800.0
"""Seconds a full night waits for the run before it, which is a short one as a rule."""

PARTIAL_WAIT = 60.0
"""Seconds a partial run waits before it steps aside: the next one is hours away, and a night reads the feeds too."""


class BadSetting(ValueError):
    """A setting that cannot be used; the message states which, its value and the allowed values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of one run.  Each has an environment variable; command-line options win over it.

    ``data`` (GAPINDEX_DATA): the data folder.  ``mirror`` (GAPINDEX_MIRROR): a base that every
    request goes through as ``<base>/<scheme>/<host>/<path>``, with ``{night}`` in it replaced by the
    night's date; empty asks the live addresses.
    ``contact`` (GAPINDEX_CONTACT): an address for the User-Agent, so that a site can write to us.
    ``alerts`` (GAPINDEX_ALERTS): the file of subscriptions; without it, alerts.yaml in the data folder, if it is there.
    ``site_url`` (GAPINDEX_SITE_URL): the address of the report site, for the picture of link previews.
    ``ping`` (GAPINDEX_PING_URL): a watchdog's address, pinged after each published full night (healthchecks style).
    ``wait`` (GAPINDEX_WAIT): seconds to wait for another run in the folder to end; see `lock_wait`.
    """

    data: Path
    mirror: str
    contact: str
    alerts: Path | None = None
    site_url: str = ""
    ping: str = field(default="", repr=False)
    wait: float | None = None

    @classmethod
    def from_env(
        cls,
        env: Mapping[str, str] = os.environ,
        *,
        data: Path | None = None,
        mirror: str | None = None,
        wait: float | None = None,
    ) -> Settings:
        """Settings from the environment, less what is given; raises `BadSetting`."""
        chosen = env.get("GAPINDEX_MIRROR", "") if mirror is None else mirror
        if chosen and not _is_address(chosen):
            raise BadSetting(
                "the mirror (GAPINDEX_MIRROR or --mirror; not shown, as it may hold a password) is no base address;"
                " give one like http://127.0.0.1:8799/@2026-06-14"
            )
        ping = env.get("GAPINDEX_PING_URL", "")
        if ping and not _is_address(ping):
            raise BadSetting("GAPINDEX_PING_URL is no address; give one like https://hc-ping.com/<uuid>")
        alerts = env.get("GAPINDEX_ALERTS", "")
        site_url = env.get("GAPINDEX_SITE_URL", "")
        if site_url and (urlsplit(site_url).scheme not in ("http", "https") or not urlsplit(site_url).hostname):
            raise BadSetting(f"GAPINDEX_SITE_URL {site_url!r} is no address; give one like https://gap.example.org/")
        return cls(
            data=(data or Path(env.get("GAPINDEX_DATA", "data"))).absolute(),
            mirror=chosen.rstrip("/"),
            contact=env.get("GAPINDEX_CONTACT", "") or f"operator@{socket.gethostname()}",
            alerts=Path(alerts).absolute() if alerts else None,
            site_url=site_url.rstrip("/"),
            ping=ping,
            wait=_seconds(env.get("GAPINDEX_WAIT", "")) if wait is None else wait,
        )

    def in_folder(self, data: Path) -> Settings:
        """The same settings for another data folder."""
        return replace(self, data=data)

    def lock_wait(self, scope: RunScope) -> float:
        """Seconds that a run waits for another one: a full night half an hour, a partial run a minute, or ``wait``."""
        if self.wait is not None:
            return self.wait
        return FULL_WAIT if scope.full else PARTIAL_WAIT

    def mirror_at(self, night: date) -> str:
        """The mirror base for one night."""
        return self.mirror.replace("{night}", night.isoformat())

    def serves(self, night: date, today: date) -> bool:
        """Whether the pages a run for ``night`` would be sent are of that day: it is today, or the mirror names it."""
        return night == today or night.isoformat() in self.mirror_at(night)

    def night_to_run(self, wanted: date, today: date) -> tuple[date, str]:
        """The night a run files its pages under, and why it is not the one ``wanted``; empty where it is.

        A night knows nothing of later days: a late run, or one for a past day without a mirror that serves that day,
        would file today's pages under it.
        """
        if self.serves(wanted, today):
            return wanted, ""
        return today, (
            f"the web of {wanted} cannot be asked for: today is {today}, and no mirror serves that day; running for"
            f" {today} instead.  What to do: give --mirror an address with {{night}} in it; `gapindex rebuild --night"
            f" {wanted}` computes that night again from the archive"
        )

    @property
    def user_agent(self) -> str:
        """The User-Agent: the program, its version and a contact."""
        return f"gapindex/{version('gapindex')} (nightly open-weights gap index; contact: {self.contact})"


def _seconds(text: str) -> float | None:
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 86_400:
        raise BadSetting(f"GAPINDEX_WAIT {text!r} is no number of seconds from 0 to 86400")
    return seconds


def _is_address(text: str) -> bool:
    """Whether a text is an address of the web, with a password, if any, in its proper place."""
    try:
        parts = urlsplit(text)
        plain = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # its own words would repeat a part of the address
        return False
    return plain and not re.search(r":[^/]*@", parts.path)


def variable(name: str) -> str | None:
    """The value of an environment variable, for files that refer to it as ``${NAME}``."""
    return os.environ.get(name)


def be_quiet() -> None:
    """Sets `QUIET` where unset; to be called before a library that calls home is imported."""
    _set_unset(QUIET)


def be_patient() -> None:
    """Sets `PATIENT` where unset; to be called before Prefect is imported."""
    _set_unset(PATIENT)


def _set_unset(values: Mapping[str, str]) -> None:
    for name, value in values.items():
        os.environ.setdefault(name, value)
