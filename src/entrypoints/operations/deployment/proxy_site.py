"""What a reverse proxy in front of the API has to know, read from the settings and routes of the deployment itself."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit

from litestar import Litestar
from litestar.response import ServerSentEvent
from litestar.routes import HTTPRoute

from entrypoints.http.app import new_app
from entrypoints.settings.settings import Settings
from entrypoints.settings.values import Network

HTTPS_PORT: Final = 443
WEBHOOK: Final = "/api/payment/webhook"
PLAIN_PORT: Final = 80
CALLS_PER_REQUEST: Final = 2
"""A request asks the bank twice at most: how an order stands, and for the page of the next one."""

SPARE_SECONDS: Final = 10


class ProxyRefused(Exception):
    """No file of a proxy fits these settings; the text says which one and what to write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyFiles:
    """Where the proxy is and what it finds there; *address* is the one that the API sees it under."""

    apis: Sequence[str] = ()
    address: str = "127.0.0.1"
    listen: str = ""
    plain_port: int = PLAIN_PORT
    certificate: Path | None = None
    key: Path | None = None
    access_log: Path = Path("/var/log/nginx/shulk.log")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxySite:
    """One public address and the processes behind it. Patterns are regular expressions over whole paths."""

    files: ProxyFiles
    host: str
    port: int
    apis: Sequence[str]
    outer_proxies: Sequence[Network]
    """Trusted proxies in front of this one; whoever else names an address of its own is not believed."""

    body_limit_bytes: int
    webhook_body_limit_bytes: int
    larger_bodies: Mapping[int, Sequence[str]]
    """Patterns of the routes that take another body than the rest, by their limit in bytes."""

    streams: Sequence[str]
    """Patterns of the routes that answer with a stream of events."""

    body_seconds: int
    answer_seconds: int

    @classmethod
    def of(
        cls,
        settings: Settings,
        files: ProxyFiles,
        lay_out: Callable[[Settings], Litestar] = new_app,
    ) -> Self:
        """Return the site of a deployment whose routes *lay_out* returns, or raise ``ProxyRefused``."""
        public = urlsplit(settings.public_url)
        if public.scheme != "https" or public.path:
            raise ProxyRefused(
                "SHULK_PUBLIC_URL has to be https and without a path: the proxy ends TLS at it"
            )
        _require_trusted(settings.trusted_proxies, files.address)
        bodies, streams = _routes_apart(lay_out(settings), settings.body_limit_bytes)
        bank = settings.gateway_connect_timeout_seconds + settings.gateway_read_timeout_seconds
        return cls(
            files=files,
            host=public.hostname or "",
            port=public.port or HTTPS_PORT,
            apis=files.apis or (f"{settings.host}:{settings.port}",),
            outer_proxies=[
                each
                for each in settings.trusted_proxies
                if each != ip_network(ip_address(files.address))
            ],
            body_limit_bytes=settings.body_limit_bytes,
            webhook_body_limit_bytes=settings.webhook_body_limit_bytes,
            larger_bodies=bodies,
            streams=streams,
            body_seconds=settings.body_seconds,
            answer_seconds=CALLS_PER_REQUEST * int(bank) + SPARE_SECONDS,
        )

    @property
    def url(self) -> str:
        return f"https://{self.host}" + ("" if self.port == HTTPS_PORT else f":{self.port}")


def _require_trusted(trusted: Sequence[Network], address: str) -> None:
    try:
        known = ip_address(address)
    except ValueError:
        raise ProxyRefused(f"{address}: no IP address") from None
    if not any(known in network for network in trusted):
        raise ProxyRefused(
            f"SHULK_TRUSTED_PROXIES does not hold {address}, so that all clients would be counted as one: add"
            f" {ip_network(known)}"
        )


def _routes_apart(app: Litestar, usual: int) -> tuple[Mapping[int, Sequence[str]], Sequence[str]]:
    """Return the routes with a body limit of their own, by limit, and those that stream."""
    bodies: dict[int, list[str]] = defaultdict(list)
    streams: list[str] = []
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        limit = max(int(each.resolve_request_max_body_size() or 0) for each in route.route_handlers)
        if limit != usual:
            bodies[limit].append(_pattern(route))
        if any(
            each.parsed_fn_signature.return_type.is_subclass_of(ServerSentEvent)
            for each in route.route_handlers
        ):
            streams.append(_pattern(route))
    return dict(sorted(bodies.items())), sorted(streams)


def _pattern(route: HTTPRoute) -> str:
    """Return a regular expression of the route's path, with the closing slash that the API takes as well."""
    parts = [
        each.replace(".", r"\.") if isinstance(each, str) else "[^/]+"
        for each in route.path_components
    ]
    return f"^/{'/'.join(parts)}/?$"
