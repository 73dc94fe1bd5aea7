"""A primary PostgreSQL and a standby that has every commit before it is acknowledged, both on loopback."""

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import asyncpg

from entrypoints.cli import embedded
from entrypoints.cli.subprocesses import Children
from worlds.processes.running import descendants, is_alive

SECRET: Final = "of-a-test-only"
WITHIN_SECONDS: Final = 60.0
LOOK_AGAIN_SECONDS: Final = 0.02
NO_STANDBY: Final = ""


@dataclass(slots=True)
class Node:
    """One of the two servers: its folder, its port, and the process that runs on them."""

    name: str
    programs: Path
    home: Path
    user: int | None
    port: int
    children: Children
    dying: list[int] = field(default_factory=list)

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The address of this server alone."""
        return f"postgresql://{embedded.NAME}:{SECRET}@{self.host}/postgres"

    def make(self, *settings: str) -> None:
        """Make an empty cluster with these lines in its settings."""
        embedded._make_cluster(self.programs, self.data, SECRET, self.user)
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in settings)

    def start(self) -> None:
        embedded._start_postgres(self.children, self.programs, self.home, self.user, self.port)

    def kill(self, how: signal.Signals = signal.SIGKILL) -> float:
        """
        End the server and everything that it started by SIGKILL; none of them gets to write anything.

        By SIGSTOP they are silent instead, as a machine without power. Return the instant, on the monotonic clock,
        at which the first of them was.
        """
        started = [child.process.pid for child in self.children]
        self.dying = [each for pid in started for each in (pid, *descendants(pid))]
        began = time.monotonic()
        for pid in self.dying:
            with suppress(ProcessLookupError):
                os.kill(pid, how)
        return began

    def wait_until_dead(self) -> None:
        for child in self.children:
            child.process.wait()
        while any(map(is_alive, self.dying)):
            time.sleep(LOOK_AGAIN_SECONDS)
        self.children.stop()

    async def restart(self) -> None:
        """Serve again after a crash, on the same data."""
        await asyncio.to_thread(self.kill)
        await asyncio.to_thread(self.wait_until_dead)
        await asyncio.to_thread(self.start)

    def run(self, program: str, *words: str) -> None:
        """Run a program of PostgreSQL as the user of this server."""
        embedded._run(
            [str(self.programs / program), *words],
            user=self.user,
            environ={"PGPASSWORD": SECRET},
        )

    def copy_of(self, primary: "Node") -> None:
        """Become a standby of *primary* by a base backup of it."""
        shutil.rmtree(self.data, ignore_errors=True)
        self.run(
            "pg_basebackup",
            *(f"--pgdata={self.data}", "--checkpoint=fast", "--wal-method=stream"),
            *("--write-recovery-conf", f"--dbname={self._source(primary)}"),
        )

    def rewound_to(self, primary: "Node") -> None:
        """Become a standby of *primary* by going back to where the two went different ways."""
        self.run(
            "pg_rewind",
            *(f"--target-pgdata={self.data}", "--write-recovery-conf"),
            f"--source-server={self._source(primary)}",
        )

    def _source(self, primary: "Node") -> str:
        # The name under which the primary knows its standby.
        return (
            f"host=127.0.0.1 port={primary.port} user={embedded.NAME} password={SECRET}"
            f" dbname=postgres application_name={self.name}"
        )


@dataclass(slots=True)
class Pair:
    """What a service sees as one database with two hosts; the roles change with each failover."""

    primary: Node
    standby: Node

    @property
    def url(self) -> str:
        """Both hosts, always in the same order; whoever connects takes the one that it may write to."""
        hosts = ",".join(node.host for node in sorted(self._nodes, key=lambda node: node.name))
        return f"postgresql://{embedded.NAME}:{SECRET}@{hosts}/postgres?target_session_attrs=read-write"

    @property
    def _nodes(self) -> tuple[Node, Node]:
        return self.primary, self.standby

    async def restart(self) -> None:
        """Serve again after a crash: the standby takes over, and the old primary becomes its standby."""
        await self.lose_primary()
        await self.promote()
        await self.rebuild(by_rewind=True)

    async def lose_primary(self, how: signal.Signals = signal.SIGKILL) -> float:
        """Kill the primary at once, or make it silent by SIGSTOP; return when, on the monotonic clock."""
        return await asyncio.to_thread(self.primary.kill, how)

    async def fence(self) -> None:
        """See to it that the lost primary never comes back by itself."""
        await asyncio.to_thread(self.standby.kill)

    async def promote(self) -> None:
        """Make the standby the primary; it then waits for no standby, since there is none."""
        self.primary, self.standby = self.standby, self.primary
        await ask(self.primary, "SELECT pg_promote(true, 60)", bool)
        await self._wait_for(NO_STANDBY)

    async def rebuild(self, *, by_rewind: bool) -> None:
        """Make the dead server a standby, and return once every commit waits for it."""
        await asyncio.to_thread(self.standby.wait_until_dead)
        way = self.standby.rewound_to if by_rewind else self.standby.copy_of
        await asyncio.to_thread(way, self.primary)
        await asyncio.to_thread(self.standby.start)
        await self._wait_for(self.standby.name)
        await until(
            self.primary,
            "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'",
            lambda count: count == 1,
        )

    async def cut_off_standby(self) -> None:
        """Let commits be acknowledged that the standby never gets: what may not be, to see that it is found."""
        await self._wait_for(NO_STANDBY)
        await ask(self.standby, "ALTER SYSTEM SET primary_conninfo = ''")
        await ask(self.standby, "SELECT pg_reload_conf()")
        await until(
            self.standby, "SELECT count(*) FROM pg_stat_wal_receiver", lambda count: count == 0
        )

    async def _wait_for(self, standby: str) -> None:
        await ask(self.primary, f"ALTER SYSTEM SET synchronous_standby_names = '{standby}'")
        await ask(self.primary, "SELECT pg_reload_conf()")
        await until(
            self.primary,
            "SELECT current_setting('synchronous_standby_names')",
            lambda set_to: set_to == standby,
        )


async def ask(node: Node, statement: str, wanted: Callable[[Any], object] = lambda _: True) -> Any:
    connection = await asyncpg.connect(node.url, timeout=WITHIN_SECONDS)
    try:
        found = await connection.fetchval(statement, timeout=WITHIN_SECONDS)
    finally:
        await connection.close()
    assert wanted(found), f"{node.name} answered {found!r} to {statement}"
    return found


async def until(node: Node, statement: str, so: Callable[[Any], bool]) -> None:
    deadline = time.monotonic() + WITHIN_SECONDS
    while not so(found := await ask(node, statement)):
        if time.monotonic() > deadline:
            raise AssertionError(f"{node.name} still answers {found!r} to {statement}")
        await asyncio.sleep(LOOK_AGAIN_SECONDS)


@contextmanager
def nodes_in(folder: Path, *names: str) -> Iterator[list[Node]]:
    """Yield places for servers; their processes end and their data goes with the ``with`` block."""
    with ExitStack() as contexts:
        around = contexts.enter_context(Children())
        home, user = contexts.enter_context(embedded._home_of(folder, around))
        programs = embedded._programs_for(max(embedded.POSTGRES_FOLDERS), home, user)
        yield [
            _node(name, programs, home, user, contexts.enter_context(Children())) for name in names
        ]


@contextmanager
def pair_in(folder: Path) -> Iterator[Pair]:
    """Run both servers for the length of a ``with`` block."""
    with nodes_in(folder, "north", "south") as (primary, standby):
        # A server that is rewound needs its WAL back to the last checkpoint that both have.
        primary.make("wal_keep_size = '1GB'")
        primary.start()
        pair = Pair(primary, standby)
        asyncio.run(pair.rebuild(by_rewind=False))
        yield pair


def _node(name: str, programs: Path, home: Path, user: int | None, children: Children) -> Node:
    own = home / name
    own.mkdir()
    if user is not None:
        os.chown(own, user, user)
    return Node(name, programs, own, user, embedded.free_port(), children)
