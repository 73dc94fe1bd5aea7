"""Real servers out of wheels: several at a time, behind a password, gone without a trace."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from redis.asyncio import from_url
from redis.exceptions import AuthenticationError

import entrypoints
from entrypoints.cli import embedded
from entrypoints.cli.embedded import (
    NotEmbedded,
    embedded_postgres,
    embedded_valkey,
    free_port,
)
from entrypoints.cli.subprocesses import ChildDied, Children

SOURCES = str(Path(entrypoints.__file__).parents[1])
PATIENCE_SECONDS = 20.0
KILLED = """
import os, socket, sys
from pathlib import Path
from urllib.parse import urlsplit
from entrypoints.cli.embedded import embedded_postgres, embedded_valkey
folder = Path(sys.argv[1])
with embedded_postgres(folder / "postgres") as database, embedded_valkey(folder / "valkey") as bus:
    print(urlsplit(database).port, urlsplit(bus).port, flush=True)
    sys.stdin.read()
"""


async def shown(url: str, setting: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        value: str = await connection.fetchval(f"show {setting}")
        return value
    finally:
        await connection.close()


def is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize("version", [16, 18])
async def test_postgres_is_the_real_thing(tmp_path: Path, version: int) -> None:
    """
    The version that was asked for, flushing each commit, in UTC, on loopback only.
    """
    with embedded_postgres(tmp_path, version=version) as url:
        assert (await shown(url, "server_version")).startswith(f"{version}.")
        assert await shown(url, "fsync") == "on"
        assert await shown(url, "timezone") == "UTC"
        assert await shown(url, "listen_addresses") == "127.0.0.1"
        assert urlsplit(url).path == "/shulk"


async def test_two_at_a_time_do_not_meet(tmp_path: Path) -> None:
    """
    Test runs side by side have databases of their own.
    """
    with (
        embedded_postgres(tmp_path / "a") as first,
        embedded_postgres(tmp_path / "b") as second,
        embedded_valkey(tmp_path / "c") as third,
        embedded_valkey(tmp_path / "d") as fourth,
    ):
        assert len({urlsplit(each).port for each in (first, second, third, fourth)}) == 4
        connection = await asyncpg.connect(first)
        await connection.execute("create table mark (x int)")
        await connection.close()
        connection = await asyncpg.connect(second)
        assert await connection.fetchval("select to_regclass('mark')") is None
        await connection.close()


async def test_a_wrong_password_opens_nothing(tmp_path: Path) -> None:
    """
    Other users of the machine reach the port, too.
    """
    with embedded_postgres(tmp_path / "a") as url, embedded_valkey(tmp_path / "b") as bus:
        place = urlsplit(url)
        wrong = f"postgresql://{place.username}:guess@127.0.0.1:{place.port}/shulk"
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(wrong)
        client = from_url(f"redis://:guess@127.0.0.1:{urlsplit(bus).port}/0")
        with pytest.raises(AuthenticationError):
            await client.ping()
        await client.aclose()


async def test_valkey_answers_and_keeps_to_itself(tmp_path: Path) -> None:
    """
    The password stands in no argument, where every user of the machine could read it.
    """
    with embedded_valkey(tmp_path) as url:
        client = from_url(url)
        assert (await client.info("server"))["valkey_version"]
        await client.aclose()
        config = tmp_path / "valkey.conf"

        assert config.stat().st_mode & 0o077 == 0
        assert str(urlsplit(url).password) in config.read_text(encoding="utf-8")


def test_both_are_gone_afterwards(tmp_path: Path) -> None:
    """
    No process, no port, no folder elsewhere on the machine.
    """
    with embedded_postgres(tmp_path / "a") as url, embedded_valkey(tmp_path / "b") as bus:
        ports = [urlsplit(each).port or 0 for each in (url, bus)]
        assert all(map(is_open, ports))

    assert not any(map(is_open, ports))


def test_both_are_gone_after_a_kill(tmp_path: Path) -> None:
    """
    Whoever is killed hard leaves no server that goes on for ever.
    """
    owner = subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, "-c", KILLED, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": SOURCES},
    )
    with owner:
        assert owner.stdout is not None
        ports = [int(each) for each in owner.stdout.readline().split()]
        assert all(map(is_open, ports))
        owner.kill()

    deadline = time.monotonic() + PATIENCE_SECONDS
    while any(map(is_open, ports)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(is_open, ports))


def test_a_used_folder_is_refused(tmp_path: Path) -> None:
    """
    An old cluster has another password, and may be another version's.
    """
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("18\n", encoding="ascii")

    with pytest.raises(FileExistsError):
        embedded._make_cluster(tmp_path, tmp_path / "data", "x", None)


def test_a_missing_wheel_is_named() -> None:
    """
    A production host installs none of this; the demo says what it needs.
    """
    with pytest.raises(NotEmbedded, match=r"shulk\[embedded\]"):
        embedded._package_folder("no_such_wheel")


def test_a_taken_port_is_another_ports_turn(tmp_path: Path) -> None:
    """
    Between the choice of a port and its use somebody else may be faster.
    """
    tried: list[int] = []

    def start(port: int) -> None:
        tried.append(port)
        if len(tried) == 1:
            raise ChildDied("server", 1, "could not bind IPv4 address")

    with Children() as children:
        port = embedded._on_a_free_port(start, children)

    assert tried == [tried[0], port]
    assert free_port() > 0
