"""Which addresses a merchant may give for the payer's return and for webhooks."""

import ipaddress
import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

ADDRESS_LENGTH_MAX: Final = 2000
NAME: Final = re.compile(
    r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]",
    re.ASCII | re.IGNORECASE,
)
LOOPBACK_NAME: Final = re.compile(r"(?:[a-z0-9-]+\.)*localhost", re.ASCII)
SAFE: Final = re.compile(r"[!#-;=?-Z_a-z~\[\]]+", re.ASCII)


def complaint_about(address: str, *, query_allowed: bool = False) -> str | None:
    """
    Return what is wrong with *address*, or none.

    HTTPS and a full host name are required, without query string, fragment, credentials or IP address. Loopback
    hosts may use http and an IP address, as the merchant of a simulator often runs on the same machine.
    """
    if len(address) > ADDRESS_LENGTH_MAX or not SAFE.fullmatch(address):
        return "not a URL"
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "not a URL"
    forbidden = {
        "must not hold credentials": "@" in parts.netloc,
        "must not have a fragment": "#" in address,
        "must not have a query string": "?" in address and not query_allowed,
    }
    found = next((complaint for complaint, broken in forbidden.items() if broken), None)
    return found or _complaint_about_host(parts.scheme, host)


def is_loopback(host: str) -> bool:
    if LOOPBACK_NAME.fullmatch(host):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def form_target(address: str) -> str:
    """Return the Content-Security-Policy source that lets a form lead to *address*."""
    parts: SplitResult = urlsplit(address)
    if "[" in parts.netloc:  # the policy's grammar has no IPv6 hosts
        return f"{parts.scheme}:"
    return f"{parts.scheme}://{parts.netloc}"


def _complaint_about_host(scheme: str, host: str) -> str | None:
    if is_loopback(host):
        return None if scheme in {"http", "https"} else "must be https or http"
    if scheme != "https":
        return "must be https"
    return None if NAME.fullmatch(host) else "must have a full host name, no IP address"
