"""The headers of every answer: a correlation id, and the security headers for browsers."""

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlsplit

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from domain.identifiers import is_payment_id
from entrypoints.http.api_versions import version_headers
from entrypoints.http.security.body_deadline import BodyDeadlines
from entrypoints.http.security.rate_limits import standings_of
from entrypoints.logs.setup import Correlation, correlated
from entrypoints.settings.settings import GatewayKind, Settings
from entrypoints.telemetry.telemetry import Telemetry

log = logging.getLogger(__name__)

REQUEST_ID: Final = "X-Request-ID"
CLIENT_REQUEST_ID: Final = "X-Client-Request-ID"
"""What the client called its request, given back beside our own id."""

HSTS: Final = "max-age=63072000; includeSubDomains"
PERMISSIONS: Final = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
    "microphone=(), payment=(), usb=()"
)
STATIC: Final = "/static/"
PRIVATE: Final = b"private,"
PAYMENT_PARAMETER: Final = "transaction_id"
EVENTS: Final = b"text/event-stream"
"""Such an answer goes on until its reader leaves: its length in time says nothing."""

CACHE_CONTROL: Final = b"cache-control"
OFFERED_ID: Final = REQUEST_ID.lower().encode()
RawHeaders = Sequence[tuple[bytes, bytes]]


def origin_of(address: str) -> str:
    """Return scheme, host and port of *address*, as a browser compares them."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower()


@dataclass(frozen=True, slots=True)
class Outermost:
    """
    Wraps the whole app, so that answers made before any route is found are covered as well.

    Nothing that comes from here may be kept by a browser or a proxy, our static files aside, and
    documents, which the asker's own browser may keep.
    """

    app: ASGIApp
    security: RawHeaders
    bodies: BodyDeadlines
    telemetry: Telemetry

    @classmethod
    def around(cls, app: ASGIApp, settings: Settings, telemetry: Telemetry) -> Self:
        headers = _raw(_security_headers(settings))
        return cls(app, headers, BodyDeadlines.of(settings), telemetry)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        offered = dict(scope["headers"]).get(OFFERED_ID)
        with (
            correlated(offered.decode("latin-1") if offered else None) as known,
            self.telemetry.request(scope["method"]) as seen,
        ):

            async def dressed(message: Message) -> None:
                if message["type"] == "http.response.start":
                    headers = list(message["headers"])
                    seen.status = message["status"]
                    seen.streamed = _value(headers, b"content-type").startswith(EVENTS)
                    message["headers"] = self._dressed(headers, scope, known)
                await send(message)

            try:
                await self.app(scope, self.bodies.around(receive), dressed)
            finally:
                seen.route = scope.get("path_template")
            log.info(
                "request.answered",
                extra={
                    "method": scope.get("method"),
                    "route": seen.route or "none",
                    "status_code": seen.status,
                    "milliseconds": round((time.perf_counter() - began) * 1000, 1),
                    **_payment_in(scope),
                },
            )

    def _dressed(self, headers: RawHeaders, scope: Scope, known: Correlation) -> RawHeaders:
        """Return *headers* with ours, each in place of one of the same name; names are in lower case."""
        ours = [*self.security, *_raw(_of_request(scope, known))]
        kept = _value(headers, CACHE_CONTROL).startswith(PRIVATE)
        if not scope["path"].startswith(STATIC) and not kept:
            ours.append((CACHE_CONTROL, b"no-store"))
        replaced = {name for name, _ in ours}
        return [each for each in headers if each[0].lower() not in replaced] + ours


def _of_request(scope: Scope, known: Correlation) -> Iterator[tuple[str, str]]:
    yield REQUEST_ID, known.id
    if known.client_id is not None:
        yield CLIENT_REQUEST_ID, known.client_id
    yield from version_headers(scope).items()
    if standings := standings_of(scope).values():
        yield "RateLimit-Policy", ", ".join(each.policy for each in standings)
        yield "RateLimit", ", ".join(each.told for each in standings)


def _raw(headers: Iterable[tuple[str, str]]) -> RawHeaders:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def _value(headers: RawHeaders, wanted: bytes) -> bytes:
    """Return the value of the header *wanted*, in lower case, or nothing."""
    return next((value for name, value in headers if name.lower() == wanted), b"")


def _payment_in(scope: Scope) -> dict[str, str]:
    """Return the payment that the address names, once it has the form of one: what else stands there is anybody's."""
    named = str((scope.get("path_params") or {}).get(PAYMENT_PARAMETER, ""))
    return {PAYMENT_PARAMETER: named} if is_payment_id(named) else {}


def form_targets(settings: Settings) -> tuple[str, ...]:
    """Return the foreign origins that a form of ours may lead to: the bank's page and no other."""
    fake = settings.gateway is GatewayKind.FAKE
    address = settings.fake_gateway_url if fake else settings.gateway_url
    own = (origin_of(address),) if address else ()
    return (*own, *(f"https://{host}" for host in settings.payment_hosts))


def _security_headers(settings: Settings) -> list[tuple[str, str]]:
    targets = " ".join(("'self'", *form_targets(settings)))
    policy = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        f"form-action {targets}",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
    headers = [
        ("Content-Security-Policy", "; ".join(policy)),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "no-referrer"),
        ("Permissions-Policy", PERMISSIONS),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ]
    if settings.public_url.startswith("https://"):
        headers.append(("Strict-Transport-Security", HSTS))
    return headers
