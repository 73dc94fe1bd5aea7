"""A client that costs little: requests written once, answers read no further than their status."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

HEAD_END: Final = b"\r\n\r\n"
LENGTH: Final = b"content-length: "


@dataclass(frozen=True, slots=True)
class Request:
    path: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()

    def on_the_wire(self, host: str) -> bytes:
        lines = [
            f"POST {self.path} HTTP/1.1",
            f"Host: {host}",
            "Content-Type: application/json",
            f"Content-Length: {len(self.body)}",
            *(f"{name}: {value}" for name, value in self.headers),
        ]
        return "\r\n".join(lines).encode() + HEAD_END + self.body


async def seconds_for(
    port: int, requests: Sequence[Request], *, clients: int, status: int
) -> float:
    """Return how long *clients* side by side take for all *requests*, each answered with *status*."""
    written = iter([each.on_the_wire(f"127.0.0.1:{port}") for each in requests])
    lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(clients)]
    began = time.perf_counter()
    await asyncio.gather(*(_talk(reader, writer, written, status) for reader, writer in lines))
    took = time.perf_counter() - began
    for _, writer in lines:
        writer.close()
    return took


async def _talk(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    written: Iterator[bytes],
    status: int,
) -> None:
    for request in written:
        writer.write(request)
        head = await reader.readuntil(HEAD_END)
        lowered = head.lower()
        at = lowered.index(LENGTH) + len(LENGTH)
        body = await reader.readexactly(int(lowered[at : lowered.index(b"\r", at)]))
        if int(head[9:12]) != status:
            raise RuntimeError(f"{head[:60]!r} {body[:300]!r}")
