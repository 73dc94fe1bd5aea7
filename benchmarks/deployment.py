"""The deployment that is measured: our API and worker before an instant bank, and the bare handler beside them."""

import asyncio
import os
import pickle
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx

from adapters.postgres import schema
from adapters.postgres.engine.database import DatabaseSettings
from benchmarks.bare import POOL, STATEMENTS, Trip
from benchmarks.instant_bank import PRICE, InstantGateway
from benchmarks.statements import Recording
from domain.catalogue.course import Course, CourseId
from domain.tax.gst import GstRate, PriceMode
from entrypoints.cli.embedded import embedded_postgres, embedded_valkey
from entrypoints.settings.settings import Settings, load_settings
from entrypoints.wiring.container import Shulk, close
from ports.audit_log import Origin, Source
from worlds.processes.deployment import Deployment, OutsideServices, new_deployment
from worlds.processes.running import Running, started
from worlds.wiring import Wiring

ROOT: Final = Path(__file__).parents[1]
STARTS_WITHIN_SECONDS: Final = 60
POOL_SIZE: Final = 10
NOWHERE: Final = "127.0.0.1:9"
BY_BENCH: Final = Origin(actor="staff:bench", source=Source.ADMIN)
COURSE: Final = Course(
    id=CourseId("bench"),
    title="Bench",
    list_price=PRICE,
    price_mode=PriceMode.INCLUSIVE,
    sac="999293",
    gst_rate=GstRate(Decimal(18)),
)
GRANIAN: Final = ("-m", "granian", "--interface", "asgi", "--factory", "--no-ws", "--no-log")


def deployment_on(folder: Path, url: str, redis_url: str) -> Deployment:
    """Return a deployment on this storage whose bank and mail server are never called."""
    unused = OutsideServices(
        simulator=f"http://{NOWHERE}",
        mailbox=f"http://{NOWHERE}",
        smtp=f"smtp://{NOWHERE}",
        folder=folder,
        secrets={
            "SHULK_MERCHANT_ID": "SIMMERCHANT",
            "SHULK_PAYMENT_PAGE_CLIENT_ID": "hdfcmaster",
            "SHULK_API_KEY": "of-a-benchmark-only",
            "SHULK_RESPONSE_KEY": "of-a-benchmark-only",
        },
    )
    return new_deployment(
        folder,
        unused,
        url,
        SHULK_DATABASE_POOL_SIZE=str(POOL_SIZE),
        SHULK_REDIS_URL=redis_url,
        SHULK_LOG_LEVEL="WARNING",
        SHULK_LIMIT_INITIATE="100000/minute",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredDeployment:
    """
    *deployment* and its processes; *container* is one more process, whose statements *recording* keeps.

    *watcher* is a connection of the benchmark's own. *postgres* is the process whose children are all the others.
    """

    url: str
    deployment: Deployment
    settings: Settings
    container: Shulk
    recording: Recording
    watcher: Any
    rooms: ExitStack
    postgres: int
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    variables: dict[str, str] = field(
        default_factory=lambda: {"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}", POOL: str(POOL_SIZE)}
    )

    @property
    def port(self) -> int:
        return int(self.deployment.variables["SHULK_PORT"])

    def serve(self, factory: str, port: int) -> Running:
        """Start one server process of *factory*, as ``shulk serve`` starts ours."""
        command = (*GRANIAN, "--host", "127.0.0.1", "--port", str(port), "--workers", "1")
        return self._start(factory, *command, factory)

    def work(self) -> Running:
        """Start one worker."""
        return self._start("worker", "-m", "benchmarks.instant_bank", "worker")

    def keep(self, trips: dict[str, Trip]) -> None:
        """Leave *trips* for the bare handler to find."""
        path = self.deployment.folder / "statements"
        path.write_bytes(pickle.dumps(trips))
        self.variables[STATEMENTS] = str(path)

    def _start(self, name: str, *options: str) -> Running:
        log = self.deployment.folder / f"{name.replace(':', '-')}.log"
        variables = {**self.deployment.variables, **self.variables}
        return self.rooms.enter_context(
            started(name, sys.executable, *options, log=log, variables=variables)
        )


async def answers(port: int, path: str, process: Running) -> None:
    """Return once *process* answers at *port*."""
    async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(STARTS_WITHIN_SECONDS):
        while True:
            assert process.lives, process.said
            try:
                await client.get(f"http://127.0.0.1:{port}{path}")
            except httpx.TransportError:
                await asyncio.sleep(0.05)
            else:
                return


@contextmanager
def stopped(process: Running) -> Iterator[None]:
    """Stop *process* for the length of the block."""
    os.kill(process.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process.process.pid, signal.SIGCONT)


@asynccontextmanager
async def measured_deployment(
    folder: Path, url: str, redis_url: str
) -> AsyncIterator[MeasuredDeployment]:
    """Open a deployment on an empty database, with one course on sale; no process runs yet."""
    deployment = deployment_on(folder, url, redis_url)
    settings = load_settings(dict(deployment.variables))
    recording = Recording.connect(DatabaseSettings(url=url))
    await schema.upgrade(recording.engine)
    wiring = Wiring.of(settings)
    container = wiring.container
    wiring.replace(
        (container.storage.database, recording), (container.bank.adapter, InstantGateway())
    )
    await wiring.use_cases.catalogue().replace_courses()([COURSE], BY_BENCH)
    recording.told.clear()
    watcher = await asyncpg.connect(url)
    backend = await watcher.fetchval("SELECT pg_backend_pid()")
    with ExitStack() as rooms:
        yield MeasuredDeployment(
            url=url,
            deployment=deployment,
            settings=settings,
            container=container,
            recording=recording,
            watcher=watcher,
            rooms=rooms,
            postgres=parent_of(backend),
        )
    await watcher.close()
    await close(container)


def parent_of(pid: int) -> int:
    return int((Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])


@contextmanager
def parts(folder: Path) -> Iterator[tuple[str, str]]:
    """Run PostgreSQL and Valkey within the block; yield their addresses."""
    with (
        embedded_postgres(folder / "postgres") as url,
        embedded_valkey(folder / "valkey") as redis_url,
    ):
        yield url, redis_url
