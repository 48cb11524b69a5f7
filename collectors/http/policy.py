"""Whether and when a host may be sent a request: robots.txt, the wait it asked for, and a circuit breaker."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from protego import Protego

from collectors.contract.errors import Blocked, Drifted, Gone, SourceError, Unreachable
from collectors.contract.pages import Page
from collectors.http.addresses import host_of
from collectors.http.quota import Quota
from collectors.http.responses import LAST_GOOD

API_HOSTS = frozenset({"api.github.com", "raw.githubusercontent.com", "huggingface.co", "openrouter.ai", "models.dev"})
"""Hosts that document these addresses as an API.  robots.txt is for crawlers, so it is not read there; rate limits
and terms of these hosts apply all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long, how much and how often; times in seconds.

    ``deadline`` is for one whole response, redirects included; there is no retry once it has passed.
    After ``give_up`` addresses of a host in a row that could not be reached in time, the host gets no request for
    ``retry_after`` seconds.  That is also the longest wait that a host may ask for: a longer one ends its addresses for
    the night.
    """

    connect: float = 10.0
    deadline: float = 60.0
    attempts: int = 3
    wait_initial: float = 0.5
    retry_after: float = 120.0
    redirects: int = 5
    per_host: int = 4
    give_up: int = 8
    header_bytes: int = 64 * 1024
    unconditional_after_days: int = 7


def worth_waiting(error: Exception) -> bool | float:
    """Whether to retry, or after how many seconds."""
    if not isinstance(error, Unreachable):
        return False
    return True if error.wait is None else max(error.wait, 0.05)


class HostBackoff:
    """Per host: until when it asked us to wait, and how often in a row it could not be reached."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._paused_until: dict[str, float] = {}
        self._late: dict[str, tuple[int, float]] = {}

    def record_retry_after(self, error: SourceError) -> SourceError:
        """Stores the wait that a refusal asks for, for all addresses of its host; returns the error to raise."""
        wait = error.wait if isinstance(error, Unreachable) else None
        if wait is None:
            return error
        self._paused_until[host_of(error.url)] = _clock() + wait
        return self._too_long(error.url, error.found, wait) if wait > self._limits.retry_after else error

    async def wait_for_host(self, url: str) -> None:
        """Waits as long as the host asked us to: a 429 for one address applies to all addresses of its host."""
        left = self._paused_until.get(host_of(url), 0.0) - _clock()
        if left > self._limits.retry_after:
            raise self._too_long(url, "not asked", left)
        await asyncio.sleep(max(0.0, left))

    def note_quota(self, url: str, quota: Quota | None) -> None:
        """Stores that the host's quota is used up until its window ends, before it has to refuse a request."""
        if quota is not None and quota.remaining == 0:
            host = host_of(url)
            self._paused_until[host] = max(self._paused_until.get(host, 0.0), _clock() + quota.seconds)

    def note(self, url: str, *, late: bool) -> None:
        """Stores whether the host could be reached in time."""
        count, _ = self._late.pop(host_of(url), (0, 0.0))
        if late:
            self._late[host_of(url)] = (count + 1, _clock())

    def check_circuit(self, url: str) -> None:
        """Raises `Unreachable` for a host that is down, instead of waiting for each of its addresses in turn."""
        count, when = self._late.get(host_of(url), (0, 0.0))
        if count >= self._limits.give_up and _clock() - when < self._limits.retry_after:
            raise Unreachable(
                url,
                f"not asked: the last {count} addresses of {host_of(url)} could not be reached in time",
                todo=f"{LAST_GOOD}; if it lasts, look at the site by hand",
            )

    def _too_long(self, url: str, found: str, wait: float) -> Blocked:
        error = Blocked(
            url,
            f"{found}: {host_of(url)} asks us to wait {wait:.0f} s",
            expected=f"at most {self._limits.retry_after:g} s",
            todo="nothing tonight: the next run asks again; ask less often if it lasts",
        )
        error.retry = True  # not tonight, but the next run may succeed
        return error


def _clock() -> float:
    return asyncio.get_running_loop().time()


class Robots:
    """Each host's robots.txt, fetched once, and its rules for a program of this name."""

    def __init__(self, product: str) -> None:
        self._product = product
        self._rules: dict[str, asyncio.Task[Protego | None]] = {}

    async def allow(self, url: str, ask: Callable[[str], Coroutine[Any, Any, Page | None]]) -> None:
        """Raises where ``url`` is forbidden or robots.txt cannot be read; ``ask`` fetches the page of a robots.txt."""
        host = host_of(url)
        if host in API_HOSTS:
            return
        if host not in self._rules:
            self._rules[host] = asyncio.create_task(_rules(ask(f"https://{host}/robots.txt")))
        try:
            rules = await asyncio.shield(self._rules[host])
        except SourceError as error:
            self._rules.pop(host, None)
            # Several sources may wait for one robots.txt, and each puts its own name on its error.
            raise copy.copy(error) from error.__cause__
        if rules is not None and not rules.can_fetch(url, self._product):
            raise Blocked(url, "robots.txt forbids it", todo="respect it: ask the site, or drop the source")

    def cancel(self) -> None:
        """Cancels all pending requests."""
        for task in self._rules.values():
            task.cancel()


async def _rules(asked: Coroutine[Any, Any, Page | None]) -> Protego | None:
    """The rules of a host, None where it has none; an unreachable robots.txt forbids the host tonight."""
    try:
        page = await asked
    except (Gone, Blocked, Drifted):
        return None
    return Protego.parse(page.body.decode("utf-8", "replace")) if page else None
