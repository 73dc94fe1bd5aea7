"""API and worker processes over one database: each with its own clock, and each can end at any step and come again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from random import SystemRandom
from typing import Any, Final

from dependency_injector import providers
from litestar import Litestar

from adapters.breaker.gateway import CircuitBreakerGateway
from adapters.hdfc.outbound.transport import new_client
from adapters.system.random_number import jitter
from entrypoints.http.app import install, new_app
from entrypoints.http.dependencies import ProcessDependencies
from entrypoints.jobs.schedule import BY_WORKERS_ALONE, EVERY, OncePerSlot
from entrypoints.jobs.worker import Worker, periodic_tasks
from entrypoints.jobs.worker_tasks import WorkerTask
from entrypoints.settings.settings import Settings
from entrypoints.wiring.bootstrap_configuration import bootstrap_configuration
from entrypoints.wiring.configuration_refresh import ConfigurationRefresh
from entrypoints.wiring.gateway import circuit_policy, hdfc_settings
from entrypoints.wiring.http_process import dependencies_of
from entrypoints.wiring.worker_process import worker_tasks_of
from fakes.documents.document_renderer import Typewriter
from fakes.file_store import Shelf
from fakes.memory import Memory
from fakes.notifications.email_texts import PlainTexts
from fakes.notifications.webhooks import HookBook
from ports.unit_of_work import StorageUnavailable
from simulation.loop import Owner, begin, context_of
from simulation.network import Host, LineTransport, Network
from simulation.rest import Rest
from simulation.storage import DistantUnits, LivingInbox, StorageLine
from worlds.wiring import Wiring

log = logging.getLogger(__name__)

SHUTDOWN_SECONDS: Final = 10.0
BROKER_SECONDS_MAX: Final = 2.0
TOLD_PART: Final = 0.5
"""So much of what is due is told at a time; the rest is told the next time."""

QUIET_PART: Final = 0.5
"""A scheduler looks again when the life has become longer by about this part."""

TRIGGERED: Final = {job: every for job, every in EVERY.items() if job not in BY_WORKERS_ALONE}


@dataclass(slots=True)
class SparingRefresh(ConfigurationRefresh):
    """Reads the configuration when there is something new to read; to look every few seconds would take most steps."""

    wait: Callable[[], Awaitable[None]] = field(kw_only=True)

    async def _keep_reading(self) -> None:
        while True:
            await (asyncio.sleep(self.pause) if self._trouble else self.wait())
            await self.once()


class NoInvariants:
    """The invariants of a life are looked at from outside; no worker asks a database for them."""


async def _nothing() -> int:
    return 0


@dataclass(slots=True)
class Surroundings:
    """What the processes of a house reach: replaced for each life, so that a process can be built once for all."""

    network: Network
    line: StorageLine
    now: Callable[[], datetime]
    rest: Rest


@dataclass(slots=True)
class ProcessClock:
    """The clock of one machine: the true time, and the seconds by which it is wrong."""

    true: Callable[[], datetime]
    wrong_by: timedelta = timedelta()

    def now(self) -> datetime:
        return self.true() + self.wrong_by


@dataclass(slots=True)
class Place:
    """
    Where a process runs, by name. It is built once; each start makes its parts anew.

    An *app* is served there, or a worker works.
    """

    name: str
    settings: Settings
    memory: Memory
    around: Callable[[], Surroundings]
    mail: Any
    shelf: Shelf
    hooks: HookBook
    app: Litestar | None = None
    owner: Owner | None = None
    clock: ProcessClock = field(init=False)
    starts: int = 0
    _wiring: Wiring = field(init=False)
    _breaker: Any = field(init=False)
    _refresh: Any = field(init=False)
    _rounds: Mapping[str, WorkerTask] = field(init=False)

    def __post_init__(self) -> None:
        self.clock = ProcessClock(lambda: self.around().now())
        self._wiring = wiring = Wiring.of(self.settings)
        parts = wiring.container
        wiring.keep_in(self.memory)
        client = new_client(
            hdfc_settings(self.settings, bootstrap_configuration(self.settings)),
            LineTransport(lambda: self.around().network, f"{self.name}>bank"),
        )
        wiring.replace(
            (
                parts.storage.unit_of_work,
                DistantUnits(self.memory.unit_of_work, lambda: self.around().line),
            ),
            (parts.storage.inbox, LivingInbox(self.memory.store, lambda: self.around().line)),
            (parts.storage.ledger_periods, self.memory.ledger_periods),
            (parts.storage.ledger_backfill, self.memory.ledger_backfill),
            (parts.storage.invariants, NoInvariants()),
            (parts.clock, self.clock),
            (parts.bank.client, client),
            (parts.jitter, jitter),
            (parts.files, self.shelf),
            (parts.renderer, Typewriter()),
            (parts.webhooks, self.hooks),
            (parts.texts, PlainTexts()),
            (parts.sender, self.mail),
        )
        self._breaker = providers.Singleton(
            CircuitBreakerGateway,
            gateway=parts.bank.adapter,
            circuit_policy=providers.Callable(circuit_policy, self.settings),
            now=providers.Object(lambda: asyncio.get_running_loop().time()),
            chance=providers.Object(SystemRandom().random),
            pause=providers.Object(asyncio.sleep),
            observe=parts.keep_calls.provided.observe,
        )
        parts.bank.gateway.override(self._breaker)
        self._refresh = providers.Singleton(
            SparingRefresh,
            parts.configuration,
            wait=providers.Object(self._until_configured),
        )
        parts.refresh.override(self._refresh)

    async def _until_configured(self) -> None:
        await self.around().rest.until_configured()

    @property
    def runs(self) -> bool:
        return self.owner is not None and self.owner.alive

    @property
    def host(self) -> Host | None:
        """Return who answers here now, None while nobody does."""
        return Host(self.app, self.owner) if self.owner is not None and self.owner.alive else None

    def start(self, last_step: int | None) -> Owner:
        """Start the process; its *last_step* is the one at which it ends, None while it lives for ever."""
        self.starts += 1
        self.owner = Owner(f"{self.name}.{self.starts}", last_step=last_step)
        self._breaker.reset()
        self._refresh.reset()
        self._rounds = {}
        self._wiring.begin_anew()
        begin(self._serve() if self.app is not None else self._work(), self.owner)
        return self.owner

    def triggered(self, job: str) -> None:
        """Let the worker do *job* if it runs and has begun: a scheduler said that it is due."""
        if self.runs and (task := self._rounds.get(job)) is not None:
            begin(_outlived(task), self.owner)

    async def _serve(self) -> None:
        container = self._wiring.container

        async def nothing() -> None:
            pass

        async def ready() -> Mapping[str, str]:
            return {}

        process = ProcessDependencies(
            start=nothing, stop=nothing, wake_workers=nothing, ready=ready
        )
        assert self.app is not None
        install(replace(dependencies_of(container), process=process), self.app)
        await container.refresh().start()

    async def _work(self) -> None:
        container = self._wiring.container

        async def stop() -> None:
            await container.refresh().stop()

        tasks = replace(
            worker_tasks_of(container),
            start=container.refresh().start,
            stop=stop,
            check_invariants=_nothing,
            check_invariants_in_full=_nothing,
        )
        rounds = OncePerSlot(tasks.job_runs, self.clock.now)
        self._rounds = {
            job: partial(rounds.run, job, task) for job, task in periodic_tasks(tasks).items()
        }
        shutdown = asyncio.Event()
        worker = Worker(
            tasks=tasks,
            shutdown=shutdown,
            shutdown_seconds=SHUTDOWN_SECONDS,
            wait=partial(self.around().rest.wait, shutdown),
            now=self.clock.now,
        )
        await worker.run()


@dataclass(slots=True)
class SchedulerPlace:
    """
    Where a scheduler runs. It tells one of the *workers* what is due, over a broker that keeps nothing.

    It looks seldomer than production's does, which triggers a job as often as each worker's own timer.
    """

    name: str
    around: Callable[[], Surroundings]
    workers: Sequence[Place]
    owner: Owner | None = None
    clock: ProcessClock = field(init=False)
    starts: int = 0

    def __post_init__(self) -> None:
        self.clock = ProcessClock(lambda: self.around().now())

    def start(self, last_step: int | None) -> Owner:
        """Start the process; its *last_step* is the one at which it ends, None while it lives for ever."""
        self.starts += 1
        self.owner = Owner(f"{self.name}.{self.starts}", last_step=last_step)
        begin(self._beat(), self.owner)
        return self.owner

    async def _beat(self) -> None:
        told: dict[str, datetime] = {}
        loop = asyncio.get_running_loop()
        while True:
            rest = self.around().rest
            now, live = self.clock.now(), [each for each in self.workers if each.runs]
            for job, every in TRIGGERED.items():
                is_due = job not in told or now - told[job] >= every
                if live and is_due and rest.drawn() < TOLD_PART:
                    told[job] = now
                    worker = live[int(rest.drawn() * len(live))]
                    delay = rest.drawn() * BROKER_SECONDS_MAX
                    loop.call_later(delay, worker.triggered, job, context=context_of(None))
            # Most of what goes wrong does so while there is much to do, in the first hours.
            pause = max(rest.beat_seconds, loop.time() * QUIET_PART)
            await asyncio.sleep(pause * (0.1 + rest.drawn()))


async def _outlived(task: WorkerTask) -> None:
    """Do *task*; the broker's worker outlives whatever it raises."""
    try:
        await task()
    except StorageUnavailable:
        log.warning("job.postponed")
    except Exception:
        log.exception("job.failed")


def served_app(settings: Settings) -> Litestar:
    """Return the routes of one API process; they answer only once it has started."""
    return new_app(settings)
