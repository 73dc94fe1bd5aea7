"""Unit tests reach nobody: what needs a socket is tested elsewhere."""

import socket
from typing import NoReturn

import pytest


@pytest.fixture(autouse=True)
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse to reach out; asyncio's own socket pair never connects, so it goes on working."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise RuntimeError("a unit test opened a socket")

    for way in ("connect", "connect_ex", "bind", "sendto"):
        monkeypatch.setattr(socket.socket, way, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
