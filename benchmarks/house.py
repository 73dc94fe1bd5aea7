"""A house to measure: PostgreSQL, Valkey, our API and worker before an instant bank, and the bare handler."""

import asyncio
import os
import pickle
import signal
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
from dependency_injector import providers

from adapters.postgres import schema
from adapters.postgres.engine.database import DatabaseSettings
from benchmarks.bare import POOL, STATEMENTS, Trip
from benchmarks.instant_bank import PRICE, InstantGateway
from benchmarks.statements import Recording
from domain.catalogue.course import Course, CourseId
from domain.tax.gst import GstRate, PriceMode
from entrypoints.cli.embedded import embedded_postgres, embedded_valkey
from entrypoints.cli.subprocesses import Child, Children
from entrypoints.settings.settings import VARIABLES, Settings, load_settings
from entrypoints.wiring.container import Shulk, build, close
from ports.audit_log import Origin, Source

ROOT: Final = Path(__file__).parents[1]
STARTS_WITHIN_SECONDS: Final = 60
POOL_SIZE: Final = 10
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


def environ_for(url: str, redis_url: str, port: int) -> dict[str, str]:
    """Return the documented examples, on these parts."""
    variables = {each.name: each.example for each in VARIABLES if each.example and each.needed}
    return variables | {
        "SHULK_ENVIRONMENT": "development",
        "SHULK_PORT": str(port),
        "SHULK_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SHULK_DATABASE_URL": url,
        "SHULK_DATABASE_POOL_SIZE": str(POOL_SIZE),
        "SHULK_REDIS_URL": redis_url,
        "SHULK_GATEWAY": "simulator",
        "SHULK_GATEWAY_URL": "http://127.0.0.1:9",
        "SHULK_API_KEY": "nobody-asks-for-it-here",
        "SHULK_CIPHER_KEYS": f"bench:{b64encode(bytes(32)).decode()}",
        "SHULK_JWT_SECRET": "a-secret-of-the-benchmark-and-no-other",
        "SHULK_LOG_LEVEL": "WARNING",
        "SHULK_LIMIT_INITIATE": "100000/minute",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    url: str
    settings: Settings
    container: Shulk
    recording: Recording
    look: Any
    """A connection of the benchmark's own."""

    children: Children
    folder: Path
    environ: dict[str, str]
    numbers: Iterator[int]
    postgres: int
    """The process of PostgreSQL whose children are all the others."""

    def serve(self, factory: str, port: int) -> Child:
        """Start one server process of *factory*, as ``shulk serve`` starts ours."""
        command = [sys.executable, *GRANIAN, "--host", "127.0.0.1", "--port", str(port)]
        return self._start(factory, [*command, "--workers", "1", factory])

    def work(self) -> Child:
        """Start one worker."""
        return self._start("worker", [sys.executable, "-m", "benchmarks.instant_bank", "worker"])

    def keep(self, trips: dict[str, Trip]) -> None:
        """Leave *trips* for the bare handler to find."""
        path = self.folder / "statements"
        path.write_bytes(pickle.dumps(trips))
        self.environ[STATEMENTS] = str(path)

    def _start(self, name: str, command: list[str]) -> Child:
        log = self.folder / f"{name.replace(':', '-')}.log"
        return self.children.start(name, command, log=log, environ=self.environ)


async def answers(port: int, path: str, child: Child) -> None:
    """Return once somebody answers at *port*."""
    async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(STARTS_WITHIN_SECONDS):
        while True:
            child.check()
            try:
                await client.get(f"http://127.0.0.1:{port}{path}")
            except httpx.TransportError:
                await asyncio.sleep(0.05)
            else:
                return


@contextmanager
def stopped(child: Child) -> Iterator[None]:
    """Let *child* stand still within the block."""
    os.kill(child.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(child.process.pid, signal.SIGCONT)


@asynccontextmanager
async def opened_house(folder: Path, url: str, redis_url: str, port: int) -> AsyncIterator[House]:
    environ = environ_for(url, redis_url, port)
    settings = load_settings(environ)
    recording = Recording.connect(DatabaseSettings(url=url))
    await schema.upgrade(recording.engine)
    container = build(settings)
    container.storage.database.override(providers.Object(recording))
    container.bank.adapter.override(providers.Object(InstantGateway()))
    await container.use_cases().catalogue().replace_courses()([COURSE], BY_BENCH)
    recording.told.clear()
    look = await asyncpg.connect(url)
    backend = await look.fetchval("SELECT pg_backend_pid()")
    with Children() as children:
        yield House(
            url=url,
            settings=settings,
            container=container,
            recording=recording,
            look=look,
            children=children,
            folder=folder,
            environ={
                **os.environ,
                **environ,
                "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}",
                POOL: str(POOL_SIZE),
            },
            numbers=count(1),
            postgres=parent_of(backend),
        )
    await look.close()
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
