"""Which addresses may be requested: plain https on a source's own hosts and the public internet, or the mirror."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from ipaddress import IPv6Network, ip_address
from typing import Any
from urllib.parse import urljoin, urlsplit

from collectors.contract.errors import Gone, Hostile
from collectors.contract.source import Source
from collectors.sanitize import MAX_URL, has_invisible

_TUNNELS = tuple(
    IPv6Network(network)
    for network in (
        "::/96",  # IPv4-compatible
        "::ffff:0:0:0/96",  # IPv4-translated
        "64:ff9b::/32",  # NAT64, well known and local
        "2001::/32",  # Teredo
        "2002::/16",  # 6to4
    )
)
"""Networks whose addresses contain an IPv4 address: through them a public-looking address can reach a private host."""


def mirrored(url: str, mirror: str) -> str:
    """The address to request for a live address: itself, or ``<mirror>/<scheme>/<host>/<path>``."""
    return f"{mirror.rstrip('/')}/{url.replace('://', '/', 1)}" if mirror else url


def live(url: str, mirror: str) -> str:
    """The live address that an address of the mirror stands for."""
    base = f"{mirror.rstrip('/')}/"
    return url.removeprefix(base).replace("/", "://", 1) if mirror and url.startswith(base) else url


def host_of(url: str) -> str:
    """The host of a plain https address; the empty string where it has a user, a port or is no such address."""
    try:
        parts = urlsplit(url)
        plain = parts.scheme == "https" and "@" not in parts.netloc and parts.port in (None, 443)
    except ValueError:
        return ""
    return parts.hostname or "" if plain and len(url) <= MAX_URL and not has_invisible(url) else ""


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


def is_public(peer: str) -> bool:
    """Whether a numeric address is one host of the public internet, and names no IPv4 address inside it.

    An address of a tunnel or translator is refused, because an unknown gateway decides where it leads.  An
    IPv4-mapped one (``::ffff:192.0.2.1``) is the IPv4 address it stands for.
    """
    address = ip_address(peer.partition("%")[0])
    if address.version == 6:
        if address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        elif any(address in network for network in _TUNNELS):
            return False
    return address.is_global and not address.is_multicast


def public_only(url: str, host: str) -> Callable[[str, Mapping[str, Any]], Awaitable[None]]:
    """A trace callback for httpx that closes a connection to a private peer before a byte is sent.

    The check runs on the connected address, so DNS rebinding (a name that changes its address in between) does not
    get past it.  Where the request goes through the operator's proxy, the proxy decides.
    """
    direct = True

    async def watch(event: str, info: Mapping[str, Any]) -> None:
        nonlocal direct
        if event == "connection.connect_tcp.started":
            direct = info["host"] == host
        if event == "connection.connect_tcp.complete" and direct:
            peer = info["return_value"].get_extra_info("server_addr")[0]
            if not is_public(peer):
                await info["return_value"].aclose()
                raise Hostile(
                    url,
                    f"{host} resolves to {peer}",
                    expected="an address on the public internet",
                    todo="look at the DNS of this machine and of the site",
                )

    return watch
