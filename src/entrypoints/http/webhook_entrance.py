"""Webhooks of the bank, taken before the framework's router: they come in crowds, and each is the same request."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, cast

import msgspec
from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.enums import HttpMethod, ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from entrypoints.http.api.gateway import REFUSAL, WEBHOOK, take_webhook
from entrypoints.http.api.wire import Accepted
from entrypoints.http.security.guards import Connection
from ports.payments.gateway_messages import MalformedMessage

LENGTH: Final = b"content-length"
LENGTH_DIGITS_MAX: Final = 9
NOT_PLAIN: Final = frozenset({b"transfer-encoding", b"shulk-version", b"expect"})
"""What a request says that the router has to look into."""

BODY: Final = msgspec.json.encode(Accepted())
HEADERS: Final = (
    (b"content-type", b"application/json"),
    (b"content-length", str(len(BODY)).encode()),
)


@dataclass(frozen=True, slots=True)
class WebhookEntrance:
    """
    Wraps the app: a POST of the bank's webhook with a length up to *limit* bytes is taken here.

    The steps are those of the route (``take_webhook``). Whatever they refuse, and every other request, is answered
    by the route.
    """

    app: ASGIApp
    router: Litestar
    limit: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._is_plain(scope):
            await self.app(scope, receive, send)
            return
        deps = self.router.state.deps
        try:
            connection: Connection = ASGIConnection(scope, receive)
            await take_webhook(connection, deps, _body_of(receive))
        except Exception as refusal:  # noqa: BLE001 - the route answers it, whatever it is
            cast("dict[str, object]", scope)[REFUSAL] = refusal
            await self.app(scope, receive, send)
            return
        scope["path_template"] = WEBHOOK
        await send(
            {"type": "http.response.start", "status": HTTPStatus.OK, "headers": list(HEADERS)}
        )
        await send({"type": "http.response.body", "body": BODY, "more_body": False})
        await deps.process.wake_workers()

    def _is_plain(self, scope: Scope) -> bool:
        if (
            scope["type"] != ScopeType.HTTP
            or scope["path"] != WEBHOOK
            or scope["method"] != HttpMethod.POST
        ):
            return False
        lengths = [value for name, value in scope["headers"] if name == LENGTH]
        return (
            len(lengths) == 1
            and len(lengths[0]) <= LENGTH_DIGITS_MAX
            and lengths[0].isdigit()
            and int(lengths[0]) <= self.limit
            and NOT_PLAIN.isdisjoint(name for name, _ in scope["headers"])
        )


def _body_of(receive: Receive) -> Callable[[], Awaitable[bytes]]:
    async def body() -> bytes:
        parts: list[bytes] = []
        more = True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                raise MalformedMessage("its body ended early")
            parts.append(message["body"])
            more = message.get("more_body", False)
        return b"".join(parts)

    return body
