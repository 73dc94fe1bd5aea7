"""Which addresses a webhook may reach: those of the public internet, judged where the connection is made."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Any, Final

import anyio
import httpcore

GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
RESERVED: Final = (
    IPv6Network("2001::/23"),
    IPv6Network("2001:db8::/32"),
    IPv6Network("2002::/16"),
    IPv6Network("3fff::/20"),
)
"""Within the global unicast addresses: tunnels, protocols and documentation (IANA special-purpose registry)."""


class NotPublic(Exception):
    """A host has an address, or only addresses, that no webhook may reach."""


def is_public(address: str) -> bool:
    """Whether *address* is of the public internet; what is no address is not."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv4Address):
        # ``is_global`` alone passes multicast.
        return found.is_global and not found.is_multicast
    return found in GLOBAL_UNICAST and not any(found in each for each in RESERVED)


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """
    Resolves a host once, refuses it unless every address is public, and connects to the address it checked.

    So a name that points elsewhere a moment later leads nowhere. TLS still proves the name.
    """

    def __init__(self) -> None:
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's own parameter
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            with anyio.fail_after(timeout):
                found = await anyio.getaddrinfo(host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout from error
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        addresses = [str(each[4][0]) for each in found]
        if not addresses or not all(map(is_public, addresses)):
            raise NotPublic(host)
        return await self._network.connect_tcp(
            addresses[0], port, timeout, local_address, socket_options
        )

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's own parameter
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise NotPublic(f"{path} within {timeout} by {socket_options}")

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)
