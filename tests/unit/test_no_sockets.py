"""Unit tests stay by themselves."""

import asyncio
import socket

import pytest


def test_a_unit_test_cannot_connect() -> None:
    """
    A forgotten fake fails at once, instead of reaching a real bank.
    """
    with socket.socket() as outward, pytest.raises(RuntimeError, match="opened a socket"):
        outward.connect(("127.0.0.1", 9))


def test_a_unit_test_cannot_look_a_host_up() -> None:
    """
    Names are not resolved either.
    """
    with pytest.raises(RuntimeError, match="opened a socket"):
        socket.getaddrinfo("localhost", 80)


async def test_asyncio_cannot_connect_either() -> None:
    """
    The event loop itself runs, on its own socket pair; its connections are refused.
    """
    with pytest.raises(RuntimeError, match="opened a socket"):
        await asyncio.open_connection("127.0.0.1", 9)
