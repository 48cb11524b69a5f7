"""One attempt on one channel: a signed webhook, Apprise for chat, mail and push, or the ping of an outside watchdog.

Replies are not read and redirects are not followed.  Error messages are written here and never quote a library's,
because those can contain an address or a secret.
"""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import Literal

import httpx
from standardwebhooks.webhooks import Webhook

from warehouse.alerts import messages
from warehouse.alerts.messages import Message
from warehouse.alerts.subscriptions import Channel

TIMEOUT = 15.0
"""Seconds a receiver may take; the Standard Webhooks specification asks for 15 to 30."""

LONGEST_ASKED = timedelta(days=1)
"""A receiver's Retry-After is honoured up to this."""

_STATUS = re.compile(r"error[ =:]+(\d{3})\b")

_REPLY = re.compile(r"^Socket Exception: (?:\(([45]\d\d), |\{'[^']*': \(([45]\d\d), )")
"""An SMTP server's refusal as Apprise logs it: of the letter, or of each receiver."""

_SHOWS_MARKDOWN = frozenset({"discord", "guilded", "mmost", "mmosts", "rocket", "rockets", "slack", "zulip"})
"""Services that read text as Markdown whatever it is meant to be, so that it must be escaped as such."""

_FORMS: Mapping[str, Callable[[Message, int], str]] = {
    "text": messages.plain,
    "markdown": messages.markdown,
    "html": messages.html,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one attempt.  ``gone``: the receiver wants no more messages."""

    result: Literal["delivered", "failed", "gone"]
    why: str = ""
    wait: timedelta | None = None


Sender = Callable[[Message], Outcome]


def sender(channel: Channel, *, timeout: float = TIMEOUT, now: Callable[[], datetime] | None = None) -> Sender:
    """How a message is sent to a channel."""
    clock = now or (lambda: datetime.now(UTC))
    if channel.webhook:
        return lambda message: post(channel, message, at=clock(), timeout=timeout)
    return lambda message: notify(channel, message, timeout=timeout)


def post(channel: Channel, message: Message, *, at: datetime, timeout: float = TIMEOUT) -> Outcome:
    """A signed POST by Standard Webhooks 1.0: id, timestamp, and a signature for each secret."""
    body = messages.encoded(messages.payload(message)).decode()
    signatures = [Webhook(secret).sign(message.message_id, at, body) for secret in channel.secrets]
    headers = {
        "content-type": "application/json",
        "user-agent": f"gapindex/{version('gapindex')}",
        "webhook-id": message.message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
        "connection": "close",
    }
    try:
        status, retry_after = asyncio.run(_status(channel.webhook, body.encode(), headers, timeout))
    except (httpx.TimeoutException, TimeoutError):
        return Outcome("failed", f"no answer within {timeout:g} s")
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return Outcome("failed", f"could not be reached ({type(error).__name__})")
    return judged(status, retry_after, at)


async def _status(url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> tuple[int, str]:
    """Status and Retry-After of a POST, within ``timeout`` seconds in total; the reply's body is not read."""
    async with (
        asyncio.timeout(timeout),
        httpx.AsyncClient(timeout=timeout, follow_redirects=False) as client,
        client.stream("POST", url, content=body, headers=dict(headers)) as response,
    ):
        return response.status_code, response.headers.get("retry-after", "")


def judged(status: int, retry_after: str, at: datetime) -> Outcome:
    """The result for a status: only 2xx is success, 410 is permanent failure, a redirect is not followed."""
    match status:
        case _ if 200 <= status < 300:
            return Outcome("delivered")
        case 410:
            return Outcome("gone", "HTTP 410: the receiver wants nothing more")
        case 401 | 403:
            return Outcome("failed", f"HTTP {status}: refused; see that its secret or token is right")
        case _ if 300 <= status < 400:
            return Outcome("failed", f"HTTP {status}: it redirects, which is not followed; give its new address")
        case 429 | 502 | 503 | 504:
            return Outcome("failed", f"HTTP {status}", _asked(retry_after, at))
    return Outcome("failed", f"HTTP {status}")


def _asked(retry_after: str, at: datetime) -> timedelta | None:
    try:
        seconds = timedelta(seconds=int(retry_after))
    except (ValueError, OverflowError):
        try:
            seconds = parsedate_to_datetime(retry_after) - at
        except (ValueError, TypeError):
            return None
    return min(max(seconds, timedelta(0)), LONGEST_ASKED)


def notify(channel: Channel, message: Message, *, timeout: float = TIMEOUT) -> Outcome:
    """Through Apprise: chat, mail, push; the form is the channel's own unless the file says otherwise."""
    import apprise  # half a second, so only where such a channel is

    asset = apprise.AppriseAsset(async_mode=False, secure_logging=True, http_redirects=False, app_id="gapindex")
    server = apprise.Apprise.instantiate(channel.url, asset=asset, suppress_exceptions=True)
    if server is None:
        return Outcome("failed", "Apprise does not know this kind of address, or a part of it is missing")
    server.socket_connect_timeout = server.socket_read_timeout = timeout
    scheme = channel.url.partition("://")[0]
    form = channel.form or ("markdown" if scheme in _SHOWS_MARKDOWN else str(server.notify_format.value))
    server.notify_format = written = apprise.NotifyFormat(form)
    title = "" if form == "markdown" else messages.subject(message)
    body = _FORMS[form](message, max(200, int(server.body_maxlen) - len(title.encode())))
    if form == "text":
        body = body.partition("\n")[2]  # the title says it
    if scheme == "slack":
        # From its own markup Apprise makes <!channel> out of an escaped one; HTML it converts by CommonMark's rules.
        written = apprise.NotifyFormat.HTML
    headers = getattr(server, "headers", None)
    if isinstance(headers, dict):
        headers["X-Gapindex-Id"] = message.message_id
    with _apprise_logs() as lines:
        try:
            done = server.notify(body=body, title=title, body_format=written, notify_type=apprise.NotifyType.INFO)
        except Exception as error:  # noqa: BLE001 - eighty plug-ins, each with errors of its own
            return Outcome("failed", f"Apprise failed ({type(error).__name__})")
    if done:
        return Outcome("delivered")
    status = next((int(found.group(1)) for line in lines if (found := _STATUS.search(line))), None)
    if status:
        return judged(status, "", datetime.now(UTC))
    reply = next((int(found.group(1) or found.group(2)) for line in lines if (found := _REPLY.search(line))), None)
    return refused_by_mail(reply) if reply else Outcome("failed", "could not be reached")


def refused_by_mail(reply: int) -> Outcome:
    """The result for an SMTP reply (RFC 5321): 4xx is temporary, 5xx lasts until the configuration is fixed."""
    if reply < 500:
        return Outcome("failed", f"SMTP {reply}: the mail server takes no mail for now")
    if reply in (530, 534, 535):
        return Outcome("failed", f"SMTP {reply}: refused; see that user name and password are right")
    return Outcome("failed", f"SMTP {reply}: refused; see that the addresses are right and may be written to")


@contextmanager
def _apprise_logs() -> Iterator[list[str]]:
    """What Apprise logs on this thread meanwhile: it returns only true or false, and the status is only in its log."""
    lines: list[str] = []
    thread = threading.get_ident()

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == thread:
                lines.append(record.getMessage())

    handler, log = Handler(logging.DEBUG), logging.getLogger("apprise")
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)  # the replies of a mail server stand there and nowhere else
    try:
        yield lines
    finally:
        log.setLevel(level)
        log.removeHandler(handler)


def ping(url: str, *, failed: bool = False, timeout: float = 10.0) -> bool:
    """Pings a watchdog that alerts when pings stop (healthchecks style: ``/fail`` reports a failure)."""
    where = url.rstrip("/") + ("/fail" if failed else "")
    try:
        status, _ = asyncio.run(_status(where, b"", {}, timeout))
    except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError):
        return False
    return 200 <= status < 300
