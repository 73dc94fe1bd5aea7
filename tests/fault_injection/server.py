"""A PostgreSQL that can be killed and started again on the same data and at the same address."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from entrypoints.cli import embedded
from entrypoints.cli.subprocesses import Children

SECRET = "of-a-test-only"


@dataclass(frozen=True, slots=True)
class Server:
    url: str
    _children: Children
    _programs: Path
    _home: Path
    _user: int | None
    _port: int

    async def kill(self) -> None:
        """Stop at once, as a power cut would: no goodbye to anybody."""
        await asyncio.to_thread(self._kill)

    async def start(self) -> None:
        """Recover and serve again."""
        await asyncio.to_thread(self.run)

    async def restart(self) -> None:
        await self.kill()
        await self.start()

    def _kill(self) -> None:
        for child in self._children._children:
            child.process.send_signal(signal.SIGQUIT)
            child.process.wait()
        self._children.stop()

    def run(self) -> None:
        embedded._start_postgres(self._children, self._programs, self._home, self._user, self._port)


@contextmanager
def server_in(folder: Path) -> Iterator[Server]:
    with Children() as children, embedded._home_of(folder, children) as (home, user):
        programs = embedded._programs_for(max(embedded.POSTGRES_FOLDERS), home, user)
        embedded._make_cluster(programs, home / "data", SECRET, user)
        port = embedded.free_port()
        url = f"postgresql://{embedded.NAME}:{SECRET}@127.0.0.1:{port}/postgres"
        server = Server(url, children, programs, home, user, port)
        server.run()
        yield server
