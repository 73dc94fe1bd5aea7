"""A pgbouncer in transaction mode before the PostgreSQL of the tests; it has to be installed."""

import getpass
import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import pytest

from adapters.postgres.engine.database import DatabaseSettings
from entrypoints.cli.embedded import free_port
from entrypoints.cli.subprocesses import Children, wait_until

SERVERS: Final = 3
"""Fewer server connections than clients, so that statements of one client meet different ones."""

CONFIG: Final = """
[databases]
* = host={host} port={port} user={user} password={password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own_port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
server_round_robin = 1
default_pool_size = {servers}
max_client_conn = 400
{more}
"""
START_SECONDS_MAX: Final = 20.0


def program() -> str:
    """Return where pgbouncer is, or fail: a test that is skipped proves nothing."""
    found = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        pytest.fail("pgbouncer is not installed; on Debian: apt-get install pgbouncer")
    return found


def pooled(url: str, more: str = "") -> Iterator[str]:
    """Run a pgbouncer before the server at *url*, and yield the same URL at its address."""
    parts, own_port = urlsplit(url), free_port()
    user = "nobody" if os.geteuid() == 0 else getpass.getuser()
    with tempfile.TemporaryDirectory(prefix="shulk-pooler-") as folder, Children() as children:
        config = Path(folder) / "pgbouncer.ini"
        config.write_text(
            CONFIG.format(
                host=parts.hostname,
                port=parts.port,
                user=parts.username,
                password=parts.password,
                own_port=own_port,
                servers=SERVERS,
                more=more,
            ),
            encoding="utf-8",
        )
        log = Path(folder) / "pgbouncer.log"
        if os.geteuid() == 0:
            owner = pwd.getpwnam(user).pw_uid
            for each in (Path(folder), config):
                os.chown(each, owner, owner)
        children.start(
            "pgbouncer",
            [program(), "-u", user, str(config)] if os.geteuid() == 0 else [program(), str(config)],
            log=log,
        )
        wait_until(
            lambda: "listening on" in log.read_text(encoding="utf-8"),
            children,
            at_most_seconds=START_SECONDS_MAX,
            what="pgbouncer",
        )
        netloc = f"{parts.username}:{parts.password}@127.0.0.1:{own_port}"
        yield urlunsplit(parts._replace(netloc=netloc))


@pytest.fixture
def pooled_url(database_url: str) -> Iterator[str]:
    yield from pooled(database_url)


@pytest.fixture
def pooled_url_without_parameters(database_url: str) -> Iterator[str]:
    """The URL of a pooler that takes the parameters of a session and does nothing with them."""
    yield from pooled(
        database_url,
        "ignore_startup_parameters = statement_timeout,lock_timeout,idle_in_transaction_session_timeout",
    )


def behind_a_pooler(url: str) -> DatabaseSettings:
    return DatabaseSettings(url=url, pooled_by_transaction=True)
