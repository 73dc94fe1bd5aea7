"""The client's address, as far as it can be known: only our own proxies' headers are used."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from litestar.connection import ASGIConnection

from entrypoints.settings.values import Network

HOPS_MAX: Final = 32
IPV6_NETWORK_BITS: Final = 64
"""One home or office has a whole /64; a limit for single addresses would have no effect."""


def client_address(
    peer: str | None, forwarded_for: Sequence[str], trusted: Sequence[Network]
) -> str:
    """
    Return the client's address, or an empty text.

    *forwarded_for* are the values of all X-Forwarded-For headers in order. They are read from the
    right, each entry only because the hop after it is one of the *trusted* proxies; what any other
    wrote further left is never used.
    """
    known = _address(peer or "")
    entries = [entry for line in forwarded_for for entry in line.split(",")]
    for entry in reversed(entries[-HOPS_MAX:]):
        if known is None or not any(known in network for network in trusted):
            break
        before = _address(entry.strip())
        if before is None:
            break
        known = before
    return "" if known is None else str(known)


def address_of(connection: ASGIConnection, trusted: Sequence[Network]) -> str:  # type: ignore[type-arg]  # any connection has an address
    """Return the client's address of *connection*."""
    client = connection.client
    return client_address(
        client.host if client else None,
        connection.headers.getall("x-forwarded-for", []),
        trusted,
    )


def network_of(address: str) -> str:
    """Return what requests from *address* are counted under."""
    known = _address(address)
    if isinstance(known, IPv6Address):
        return str(IPv6Address(int(known) >> IPV6_NETWORK_BITS << IPV6_NETWORK_BITS))
    return address or "unknown"


def _address(text: str) -> IPv4Address | IPv6Address | None:
    bare = text.strip('"')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        known = ip_address(bare)
    except ValueError:
        return None
    if isinstance(known, IPv6Address) and known.ipv4_mapped is not None:
        return known.ipv4_mapped
    return known
