"""Where may be asked: plain https addresses of a source's own hosts, on the public internet, or their mirror's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urljoin, urlsplit

from collectors.contract import Gone, Hostile, Source


def mirrored(url: str, mirror: str) -> str:
    """Where to ask for a live address: itself, or ``<mirror>/<scheme>/<host>/<path>``."""
    return f"{mirror.rstrip('/')}/{url.replace('://', '/', 1)}" if mirror else url


def live(url: str, mirror: str) -> str:
    """The live address behind one of the mirror's."""
    base = f"{mirror.rstrip('/')}/"
    return url.removeprefix(base).replace("/", "://", 1) if mirror and url.startswith(base) else url


def host_of(url: str) -> str:
    """The host of a plain https address; the empty string where it has a user, a port or is no such address."""
    try:
        parts = urlsplit(url)
        plain = parts.scheme == "https" and "@" not in parts.netloc and parts.port in (None, 443)
    except ValueError:
        return ""
    return parts.hostname or "" if plain and url.isprintable() else ""


def check(source: Source, url: str, came_from: str = "") -> None:
    """Raises where ``url``, which ``came_from`` leads to, is no plain https address or not of the source's hosts."""
    host = host_of(url)
    if not host:
        raise Hostile(
            came_from or url,
            f"leads to {url[:200]!r}",
            expected="a plain https address",
            todo="never follow it; look at the page that named it, or at where the site redirects to",
        )
    if host not in source.hosts:
        raise Gone(
            came_from or url,
            f"leads to the host {host[:200]!r}",
            expected=f"one of {sorted(source.hosts)}",
            todo="if the source moved, add the new host to its declaration",
        )


def target(url: str, location: str, mirror: str) -> str:
    """The live address a redirect leads to; a location that is no address stays as it is, to be refused."""
    try:
        return live(urljoin(url, location), mirror)
    except ValueError:
        return location


def public_only(url: str, host: str) -> Callable[[str, Mapping[str, Any]], Awaitable[None]]:
    """A watch for httpx's trace that hangs up on a private peer before a byte is sent.

    The address is judged once connected, so a name that changes its address in between (rebinding)
    gains nothing.  Where the operator's proxy is asked instead of ``host``, the proxy decides.
    """
    direct = True

    async def watch(event: str, info: Mapping[str, Any]) -> None:
        nonlocal direct
        if event == "connection.connect_tcp.started":
            direct = info["host"] == host
        if event == "connection.connect_tcp.complete" and direct:
            peer = info["return_value"].get_extra_info("server_addr")[0]
            if not ip_address(peer).is_global:
                await info["return_value"].aclose()
                raise Hostile(
                    url,
                    f"{host} resolves to {peer}",
                    expected="an address on the public internet",
                    todo="look at the DNS of this machine and of the site",
                )

    return watch
