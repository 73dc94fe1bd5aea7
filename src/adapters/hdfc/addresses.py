"""Where a student may be sent to pay: whoever can change that address can steal cards (PCI FAQ on redirects)."""

import re
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

ADDRESS_LENGTH_MAX: Final = 2000

# Browsers read ``\`` as ``/`` and drop control characters, Python does neither: what the two could
# read differently is not an address at all. No user name either, it only hides the host.
_ADDRESS: Final = re.compile(
    r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"
    r"(?:[/?#][A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*)?"
)
_USUAL_PORT: Final = {"https": 443, "http": 80}


def place_of(address: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of *address*, or None when it is no plain web address."""
    if len(address) > ADDRESS_LENGTH_MAX or not _ADDRESS.fullmatch(address):
        return None
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    return (parts.scheme, host, port or _USUAL_PORT[parts.scheme]) if host else None


def may_be_talked_to(address: str) -> bool:
    """Whether *address* is https, or http that never leaves this machine (the simulator)."""
    place = place_of(address)
    return place is not None and (place[0] == "https" or _is_here(place[1]))


def is_payment_page(address: str, *, gateway: str, others: Iterable[str] = ()) -> bool:
    """Whether *address* lies at the *gateway*'s own place or at one of the *others* (``host[:port]``)."""
    place = place_of(address)
    if place is None or not may_be_talked_to(address):
        return False
    return place in {place_of(gateway), *(place_of(f"{place[0]}://{host}") for host in others)}


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
