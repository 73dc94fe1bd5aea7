"""What pages of the platform may ask from a browser (CORS, Fetch standard): student routes, by token."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Self

from litestar import Litestar
from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import HttpMethod, ScopeType
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from domain.staff.access import is_of_students
from entrypoints.http.security.headers import origin_of
from entrypoints.settings.settings import Settings

API: Final = "/api/"
REQUEST_HEADERS: Final = (
    "accept-language, authorization, content-type, idempotency-key, if-none-match, shulk-version,"
    " x-request-id"
)
"""Not ``Shulk-Student``: a server key has no place in a browser."""

EXPOSED: Final = (
    "Content-Disposition, ETag, Idempotent-Replayed, RateLimit, RateLimit-Policy, Retry-After, Shulk-Version,"
    " Sunset, X-Request-ID"
)
KEPT_SECONDS: Final = 600
VARY: Final = "Vary"


@dataclass(frozen=True, slots=True)
class OpenedRoute:
    """An address that the platform's pages may ask, with its methods."""

    pattern: re.Pattern[str]
    methods: frozenset[str]


@dataclass(frozen=True, slots=True)
class CrossOrigin:
    """
    Wraps the app: to an origin of the settings it answers preflights of student routes, and lets it read the rest.

    Another origin gets no such header, so that its browser shows it nothing. Credentials are never allowed:
    what a cookie opens stays with our own pages.
    """

    app: ASGIApp
    origins: frozenset[str]
    routes: Sequence[OpenedRoute]

    @classmethod
    def around(cls, app: ASGIApp, router: Litestar, settings: Settings) -> Self:
        """Return *app* wrapped; the student routes are those of *router* that a student's permission opens."""
        origins = frozenset(map(origin_of, settings.platform_origins))
        return cls(app, origins, [*_student_routes(router)] if origins else [])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or not (methods := self._methods(scope)):
            await self.app(scope, receive, send)
            return
        headers = Headers.from_scope(scope)
        origin = headers.get("origin")
        listed = origin if origin in self.origins else None
        if (
            listed
            and scope["method"] == HttpMethod.OPTIONS
            and "access-control-request-method" in headers
        ):
            await send(_preflight(listed, methods))
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableScopeHeaders.from_message(message)
                answer.extend_header_value(VARY, "Origin")
                if listed:
                    answer["Access-Control-Allow-Origin"] = listed
                    answer["Access-Control-Expose-Headers"] = EXPOSED
            await send(message)

        await self.app(scope, receive, told)

    def _methods(self, scope: Scope) -> frozenset[str]:
        found = [each.methods for each in self.routes if each.pattern.fullmatch(scope["path"])]
        return frozenset[str]().union(*found)


def _student_routes(router: Litestar) -> Iterable[OpenedRoute]:
    for route in router.routes:
        if not isinstance(route, HTTPRoute) or not route.path.startswith(API):
            continue
        methods = [
            str(method)
            for handler in route.route_handlers
            if (needed := handler.opt.get("permission")) and is_of_students(needed)
            for method in handler.http_methods - {"OPTIONS"}
        ]
        if methods:
            parts = [
                re.escape(each) if isinstance(each, str) else "[^/]+"
                for each in route.path_components
            ]
            more = {"HEAD"} if "GET" in methods else set()
            pattern = re.compile(f"/{'/'.join(parts)}/?")
            yield OpenedRoute(pattern, frozenset(methods) | more)


def _preflight(origin: str, methods: frozenset[str]) -> Message:
    said = {
        "access-control-allow-origin": origin,
        "access-control-allow-methods": ", ".join(sorted(methods)),
        "access-control-allow-headers": REQUEST_HEADERS,
        "access-control-max-age": str(KEPT_SECONDS),
        "vary": "Origin",
    }
    return {
        "type": "http.response.start",
        "status": HTTPStatus.NO_CONTENT,
        "headers": [(name.encode(), value.encode()) for name, value in said.items()],
    }
