"""Settings and their defaults; this module and `flows.environment` are the only ones that read the environment.

Every setting is a field of `Settings`.  Its value comes from the command line, else from the environment
(GAPINDEX_<NAME>), else from the settings file, else from its default; `gapindex config` shows which.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from difflib import get_close_matches
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from flows.environment import DATA, FILE, OTHER_VARIABLES, PREFIX

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


WAIT = 1800.0
"""Seconds a run waits for the one before it in its folder: longer than a night on a slow machine takes."""

LogStyle = Literal["text", "json", "off"]
"""How the lines of a run's log are written."""

Runner = Literal["here", "threads", "dask"]
"""Where many archived pages are read."""

NO_SERVER = (
    "is dask, whose every worker would start a Prefect server of its own, because PREFECT_API_URL names none; start one"
    " (`prefect server start`) and set PREFECT_API_URL=http://HOST:4200/api, or choose runner: threads"
)


class BadSetting(ValueError):
    """A setting that cannot be used; the message states which, its value and the allowed values."""


def _is_address(text: str) -> bool:
    """Whether a text is an address of the web, with a password, if any, in its proper place."""
    try:
        parts = urlsplit(text)
        plain = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # its own words would repeat a part of the address
        return False
    return plain and not re.search(r":[^/]*@", parts.path)


def _mirror(text: Any) -> Any:
    if text and not _is_address(str(text)):
        raise ValueError("no base address (not shown, as it may hold a password); give one like http://127.0.0.1:8799")
    return str(text).rstrip("/")


def _ping(text: Any) -> Any:
    if text and not _is_address(str(text)):
        raise ValueError("no address (not shown, as it is a secret); give one like https://hc-ping.com/<uuid>")
    return text


def _site_url(text: Any) -> Any:
    if text and not _is_address(str(text)):
        raise ValueError(f"{text!r} is no address; give one like https://gap.example.org/")
    return str(text).rstrip("/")


def _seconds(value: Any) -> Any:
    if value is None:
        return None
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = -1.0
    if not 0 <= seconds <= 86_400:
        raise ValueError(f"{value!r} is no number of seconds from 0 to 86400")
    return seconds


def _absolute(value: Any) -> Any:
    return Path(value).absolute() if isinstance(value, str | Path) and str(value) else value


def _place(text: Any) -> Any:
    if text and not str(text).startswith("s3://") and not Path(str(text)).is_absolute():
        raise ValueError(f"{text!r} is no place; give s3://BUCKET/PREFIX, or a folder from / on")
    return str(text).rstrip("/")


DUE = time(3, 30)
"""When a night starts, UTC, unless a setting says otherwise."""


class Settings(BaseSettings):
    """Settings of one run; the description of a field is what `gapindex config` and docs/run.md show."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid")

    data: Annotated[Path, BeforeValidator(_absolute)] = Field(
        default=DATA, validate_default=True, description="the data folder"
    )
    mirror: Annotated[str, BeforeValidator(_mirror)] = Field(
        default="",
        repr=False,
        description="a base that every request goes through, as <base>/<scheme>/<host>/<path>, with {night} for the"
        " date; empty: the live addresses",
    )
    contact: str = Field(
        default_factory=lambda: f"operator@{socket.gethostname()}",
        description="an address for the User-Agent, at which a site can reach the operator",
    )
    alerts: Annotated[Path | None, BeforeValidator(_absolute)] = Field(
        default=None, description="the file of subscriptions; default: alerts.yaml in the data folder, if it is there"
    )
    site_url: Annotated[str, BeforeValidator(_site_url)] = Field(
        default="",
        description="the address the report site will have: for previews of links, the feed, citations, code to embed"
        " charts, and Prefect's artifacts",
    )
    site_sql: bool = Field(
        default=False,
        description="whether the site has a page that asks the tables with SQL in the browser; its engine, 18 MB, is"
        " fetched with npm once",
    )
    ping_url: Annotated[str, BeforeValidator(_ping)] = Field(
        default="", repr=False, description="a watchdog's address, pinged after each published full night; secret"
    )
    wait: Annotated[float | None, BeforeValidator(_seconds)] = Field(
        default=None,
        description="seconds to wait for another run in the folder; default: 1800",
    )
    history: bool = Field(
        default=True, description="whether the history that ships with the package is part of every build"
    )
    due: time = Field(default=DUE, description="when a night starts, UTC; half an hour later a missing one is made up")

    log: LogStyle = Field(
        default="text",
        description="lines on standard error, one for each source and stage: text (at a terminal, progress instead),"
        " json, or off",
    )
    metrics: Annotated[Path | None, BeforeValidator(_absolute)] = Field(
        default=None,
        description="a file for node_exporter, NAME.prom, written after each run; default: none",
    )

    archive: Annotated[str, BeforeValidator(_place)] = Field(
        default="",
        description="a second place of the archive, s3://BUCKET/PREFIX or a folder: what it has more of is taken in"
        " before each run, what it lacks is sent after it; its keys are those of AWS's own variables",
    )
    runner: Runner = Field(
        default="threads",
        description="where back-fill and rebuild read 2,000 archived pages or more: here (one after the other), on"
        " threads, or on dask; both are task runners of Prefect, and dask needs a server at PREFECT_API_URL",
    )
    dask: str = Field(
        default="",
        description="the scheduler of a Dask cluster that reaches the archive, as tcp://HOST:8786; default: a cluster"
        " of this machine",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The constructor takes what it is given; `load` reads the environment and the file, and keeps the origins."""
        return (init_settings,)

    @classmethod
    def from_env(
        cls,
        env: Mapping[str, str] = os.environ,
        *,
        data: Path | None = None,
        mirror: str | None = None,
        wait: float | None = None,
    ) -> Settings:
        """Settings from the environment and the settings file, less what is given; raises `BadSetting`."""
        return load(env, data=data, mirror=mirror, wait=wait).settings

    def in_folder(self, data: Path) -> Settings:
        """The same settings for another data folder."""
        return self.model_copy(update={"data": data})

    @property
    def lock_wait(self) -> float:
        """Seconds that a run waits for another one in its folder: ``wait``, else half an hour."""
        return WAIT if self.wait is None else self.wait

    def mirror_at(self, night: date) -> str:
        """The mirror base for one night."""
        return self.mirror.replace("{night}", night.isoformat())

    def serves(self, night: date, today: date) -> bool:
        """Whether the pages a run for ``night`` would be sent are of that day: it is today, or the mirror names it."""
        return night == today or night.isoformat() in self.mirror_at(night)

    def night_to_run(self, wanted: date, today: date) -> tuple[date, str]:
        """The night a run files its pages under, and why it is not the one ``wanted``; empty where it is.

        A night knows nothing of later days: a run for a past day without a mirror that serves that day would file
        today's pages under it.  A scheduled run whose day is over has stepped aside before (`flows.scheduled`).
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Settings, and by name where each came from: ``option --data``, ``GAPINDEX_DATA``, ``file:line`` or ``default``.

    ``unknown``: variables with our prefix that are no setting; they may be what alerts.yaml refers to, or a slip.
    """

    settings: Settings
    origins: Mapping[str, str]
    unknown: tuple[str, ...]


def load(env: Mapping[str, str] = os.environ, **options: Any) -> Loaded:
    """The settings in force and their origins; ``options`` that are None are not given.  Raises `BadSetting`."""
    given = {name: value for name, value in options.items() if value is not None}
    found = _Environment(Settings, env)()
    filed, lines = _read_file(env)
    origins = dict.fromkeys(Settings.model_fields, "default")
    origins |= lines
    origins |= {name: PREFIX + name.upper() for name in found}
    origins |= {name: f"option --{name}" for name in given}
    try:
        settings = Settings(**{**filed, **found, **given})
    except ValidationError as error:
        raise BadSetting("\n".join(_mistake(one, origins) for one in error.errors())) from None
    if settings.runner == "dask" and not env.get("PREFECT_API_URL"):
        raise BadSetting(f"{_place_of('runner', origins)} {NO_SERVER}")
    known = {PREFIX + name.upper() for name in Settings.model_fields} | OTHER_VARIABLES
    unknown = tuple(sorted(name for name in env if name.startswith(PREFIX) and name not in known))
    return Loaded(settings=settings, origins=origins, unknown=unknown)


class _Environment(EnvSettingsSource):
    """The variables of a given mapping instead of the process's own."""

    def __init__(self, settings: type[BaseSettings], env: Mapping[str, str]) -> None:
        self._env = env
        super().__init__(settings)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): value for name, value in self._env.items() if value}


def _mistake(error: Any, origins: Mapping[str, str]) -> str:
    """A sentence for one mistake; it never repeats a value that may hold a secret."""
    where = _place_of(str(error["loc"][0]), origins)
    text = str(error["msg"]).removeprefix("Value error, ").replace("Input should be", "should be")
    if text.startswith("no "):
        text = f"is {text}"
    return f"{where} {text}"


def _place_of(name: str, origins: Mapping[str, str]) -> str:
    """Where a setting was given: its variable, or its option or file and line with its name."""
    origin = origins[name]
    return name if origin == "default" else origin if origin.startswith(PREFIX) else f"{origin}: {name}"


def _read_file(env: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The values of the settings file, and ``file:line`` of each; relative paths in it start at its folder."""
    named = env.get("GAPINDEX_CONFIG", "")
    file = Path(named or FILE)
    if not named and (env is not os.environ or not file.is_file()):
        return {}, {}
    try:
        root = yaml.compose(file.read_text("utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise BadSetting(f"{file}: cannot be read ({error.strerror}); write it, or unset GAPINDEX_CONFIG") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise BadSetting(f"{file}{line}: no YAML ({getattr(error, 'problem', None) or 'not UTF-8'})") from None
    if root is None:
        return {}, {}
    if not isinstance(root, yaml.MappingNode):
        raise BadSetting(f"{file}:1: a list of settings is expected, as `name: value`")
    values: dict[str, Any] = {}
    lines: dict[str, str] = {}
    for key, value in root.value:
        name, where = str(key.value), f"{file}:{key.start_mark.line + 1}"
        if name not in Settings.model_fields:
            near = get_close_matches(name, Settings.model_fields, 1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(Settings.model_fields)}"
            raise BadSetting(f"{where}: {name}: no such setting; {hint}")
        if name in values:
            raise BadSetting(f"{where}: {name}: stands twice, first in {lines[name]}; keep one of them")
        if not isinstance(value, yaml.ScalarNode):
            raise BadSetting(f"{where}: {name}: one value is expected, not a list or a table")
        if value.tag == "tag:yaml.org,2002:null":
            continue
        if name == "ping_url" or (name == "mirror" and re.search("//[^/]*@", value.value)):
            raise BadSetting(
                f"{where}: {name}: holds a secret, which has no place in a file; set {PREFIX}{name.upper()} instead"
            )
        lines[name] = where
        values[name] = file.parent / value.value if name in ("data", "alerts", "metrics") else value.value
    return values, lines


def be_quiet() -> None:
    """Sets `QUIET` where unset; to be called before a library that calls home is imported."""
    _set_unset(QUIET)


def be_patient() -> None:
    """Sets `PATIENT` where unset; to be called before Prefect is imported."""
    _set_unset(PATIENT)


def _set_unset(values: Mapping[str, str]) -> None:
    for name, value in values.items():
        os.environ.setdefault(name, value)
