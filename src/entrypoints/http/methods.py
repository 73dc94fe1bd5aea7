"""HEAD on every route that has GET, as the standard asks for (RFC 9110, 9.3.2), and both in Allow."""

from dataclasses import dataclass
from typing import Final

from litestar.datastructures import MutableScopeHeaders
from litestar.enums import HttpMethod, ScopeType
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, Message, Receive, Scope, Send

ALLOW: Final = "Allow"


@dataclass(frozen=True, slots=True)
class HeadAsGet:
    """Wraps the app: HEAD is answered as GET is, without the body."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        head = scope["method"] == HttpMethod.HEAD
        if head:
            scope["method"] = HttpMethod.GET

        async def answered(message: Message) -> None:
            if message["type"] == "http.response.start":
                _name_all(MutableScopeHeaders.from_message(message), scope)
            elif head and message["type"] == "http.response.body":
                if message.get("more_body"):
                    return
                message["body"] = b""
            await send(message)

        try:
            await self.app(scope, receive, answered)
        finally:
            if head:
                scope["method"] = HttpMethod.HEAD  # what the log tells


def methods_of(scope: Scope) -> frozenset[str]:
    """Return every method of the route that was found, HEAD included wherever there is GET."""
    routes = scope["litestar_app"].routes
    found = frozenset(
        str(method)
        for route in routes
        if isinstance(route, HTTPRoute) and route.path_format == scope.get("path_template")
        for handler in route.route_handlers
        for method in handler.http_methods
    )
    return _with_head(found)


def _with_head(methods: frozenset[str]) -> frozenset[str]:
    return methods | {"HEAD"} if "GET" in methods else methods


def _name_all(headers: MutableScopeHeaders, scope: Scope) -> None:
    # The framework's own value may be older than the last handler of the route, and names no HEAD.
    if (named := headers.get(ALLOW)) is None:
        return
    methods = methods_of(scope) or _with_head(frozenset(named.split(", ")))
    headers[ALLOW] = ", ".join(sorted(methods))
