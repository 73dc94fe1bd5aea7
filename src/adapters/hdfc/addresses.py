"""Which payment page a student may be sent to: a forged address could steal cards (PCI FAQ on redirects)."""

import re
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

ADDRESS_LENGTH_MAX: Final = 2000

# Browsers read ``\`` as ``/`` and drop control characters, and Python does neither: an address that the two could
# read differently is refused. So is a user name, which can hide the host.
_ADDRESS: Final = re.compile(
    r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"
    r"(?:[/?#][A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*)?"
)
_USUAL_PORT: Final = {"https": 443, "http": 80}


def origin_of(address: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of *address*, or None when it is not a plain web address."""
    if len(address) > ADDRESS_LENGTH_MAX or not _ADDRESS.fullmatch(address):
        return None
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    return (parts.scheme, host, port or _USUAL_PORT[parts.scheme]) if host else None


def may_be_contacted(address: str) -> bool:
    """Whether *address* is https, or http that never leaves this machine (the simulator)."""
    origin = origin_of(address)
    return origin is not None and (origin[0] == "https" or _is_loopback(origin[1]))


def is_payment_page(address: str, *, gateway: str, others: Iterable[str] = ()) -> bool:
    """Whether *address* has the origin of the *gateway*, or the host of one of *others* (``host[:port]``)."""
    origin = origin_of(address)
    if origin is None or not may_be_contacted(address):
        return False
    return origin in {origin_of(gateway), *(origin_of(f"{origin[0]}://{host}") for host in others)}


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
