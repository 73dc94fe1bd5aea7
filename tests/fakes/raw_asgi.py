"""Requests as bytes, straight into an app: a client library would put the worst of them right."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

from litestar.types import ASGIApp

CHUNK_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class RawAnswer:
    status: int
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes = field(repr=False)


async def send_raw(
    app: ASGIApp,
    method: str,
    path: str,
    *,
    query: bytes = b"",
    headers: Sequence[tuple[bytes, bytes]] = (),
    body: bytes = b"",
    broken_off: bool = False,
) -> RawAnswer:
    """Return what *app* answers to exactly these bytes; half of the body only, when *broken_off*."""
    scope: Any = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query,
        "headers": [(b"host", b"testserver"), *headers],
        "client": ("192.0.2.66", 50_000),
        "server": ("testserver", 80),
        "extensions": {},
        "state": {},
    }
    parts, told = _half(body) if broken_off else _parts(body), []

    async def receive() -> Any:
        return next(parts, {"type": "http.disconnect"})

    async def send(message: Any) -> None:
        told.append(message)

    await app(scope, receive, send)
    begun = told[0]
    whole = b"".join(message.get("body", b"") for message in told[1:])
    return RawAnswer(begun["status"], list(begun["headers"]), whole)


def _parts(body: bytes) -> Iterator[dict[str, Any]]:
    starts = range(0, len(body), CHUNK_BYTES) if body else range(1)
    for start in starts:
        chunk = body[start : start + CHUNK_BYTES]
        more = start + CHUNK_BYTES < len(body)
        yield {"type": "http.request", "body": chunk, "more_body": more}


def _half(body: bytes) -> Iterator[dict[str, Any]]:
    yield {"type": "http.request", "body": body[: len(body) // 2], "more_body": True}
