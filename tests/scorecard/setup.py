"""What scenarios run on: databases of one real PostgreSQL, and a deployment of processes on one of them."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from secrets import token_urlsafe
from typing import Final

from adapters.postgres import schema
from adapters.postgres.engine.database import Database, DatabaseSettings
from conftest import run_sql, with_database
from entrypoints.cli.embedded import free_port
from scorecard.scene import Scene
from worlds.processes.deployment import Deployment, new_deployment, outside_services
from worlds.processes.process_world import world_of
from worlds.processes.waiting import PATIENCE_SECONDS

OWN: Final = frozenset({"SHULK_PORT", "SHULK_PUBLIC_URL"})
LATE_ANSWER_SECONDS_MAX: Final = 110
"""How long a deployment waits for a bank whose answer a scenario holds back."""


@dataclass(slots=True, kw_only=True)
class Setup:
    """
    Lasts as long as *rooms* is open. *server* is the URL of a PostgreSQL, *folder* an empty one.

    The processes are started for the first scenario that needs them; later ones use the same processes.
    """

    server: str
    folder: Path
    rooms: ExitStack = field(repr=False)
    _numbers: Iterator[int] = field(default_factory=count)
    _deployments: tuple[Deployment, ...] = ()

    async def database_url(self) -> str:
        """Return the URL of a migrated database that nobody else uses."""
        name = f"scorecard_{next(self._numbers)}"
        await run_sql(self.server, f"CREATE DATABASE {name}")
        url = with_database(self.server, name)
        database = Database.connect(DatabaseSettings(url=url))
        await schema.upgrade(database.engine)
        await database.close()
        return url

    @asynccontextmanager
    async def deployment(self) -> AsyncIterator[Scene]:
        """Lend a view of two API processes and a worker on one database, a bank and a mail server."""
        if not self._deployments:
            self._deployments = self._built(await self.database_url())
        first, *_ = self._deployments
        async with world_of(first) as world:
            yield Scene(
                world=world,
                apis=tuple(deployment.api for deployment in self._deployments),
                settings=first.variables,
                new_person=first.person,
            )

    def _built(self, database_url: str) -> tuple[Deployment, Deployment]:
        port, password = free_port(), token_urlsafe(24)
        address = f"http://127.0.0.1:{port}"
        around = self.rooms.enter_context(
            outside_services(
                self.folder,
                f"--webhook-url={address}/api/payment/webhook",
                f"--webhook-password={password}",
                f"--webhook-timeout={PATIENCE_SECONDS:g}",
            )
        )
        chosen = {
            "SHULK_PORT": str(port),
            "SHULK_PUBLIC_URL": address,
            "SHULK_WEBHOOK_PASSWORD": password,
            "SHULK_GATEWAY_READ_TIMEOUT_SECONDS": str(LATE_ANSWER_SECONDS_MAX),
        }
        first = new_deployment(self._room("first"), around, database_url, **chosen)
        same = {name: said for name, said in first.variables.items() if name not in OWN}
        second = new_deployment(self._room("second"), around, database_url, **same)
        self.rooms.enter_context(first.processes("serve", "worker"))
        self.rooms.enter_context(second.process("serve"))
        return first, second

    def _room(self, name: str) -> Path:
        room = self.folder / name
        room.mkdir(exist_ok=True)
        return room
