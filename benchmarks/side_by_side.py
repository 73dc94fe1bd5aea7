"""Each trip through our own deployment, through the bare handler and through pgbench, in interleaved rounds."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from statistics import median
from typing import Final

from benchmarks import pgbench
from benchmarks.client import Request, seconds_for
from benchmarks.deployment import MeasuredDeployment, answers, stopped
from benchmarks.processor_time import processor_seconds
from benchmarks.trips import (
    bare_initiations,
    checkout_facts,
    news,
    open_payments,
    scripts,
    take_down,
)
from entrypoints.cli.embedded import free_port
from worlds.processes.running import Running

CLIENTS: Final = 16
TIMES: Final = 40
ROUNDS: Final = 5
OURS, BARE, PGBENCH = "ours", "bare handler", "pgbench"
WEBHOOK: Final = "/api/payment/webhook"
SETTLED_WITHIN_SECONDS: Final = 300


@dataclass(slots=True)
class Measured:
    """Of one trip one way: runs a second, and processor milliseconds a run by part, round by round."""

    per_second: list[float] = field(default_factory=list)
    milliseconds: dict[str, list[float]] = field(default_factory=dict)


Results = Mapping[str, Mapping[str, Measured]]


@dataclass(slots=True, kw_only=True)
class Stage:
    """Everything that runs, and who is watched while it does."""

    measured: MeasuredDeployment
    own_port: int
    bare_port: int
    server: Running
    worker: Running
    bare: Running
    scripts: Mapping[str, list[str]]

    def numbers(self) -> list[int]:
        return list(islice(self.measured.numbers, CLIENTS * TIMES))

    async def forget_news(self) -> None:
        await self.measured.watcher.execute("TRUNCATE inbox")

    async def ours(self, trip: str) -> float:
        numbers = self.numbers()
        if trip == "initiate":
            return await self._asked(self.own_port, checkout_facts(self.measured, numbers), 201)
        requests = news(self.measured, numbers, WEBHOOK)
        if trip == "accept":
            with stopped(self.worker):
                rate = await self._asked(self.own_port, requests, 200)
                await self.forget_news()
            return rate
        await open_payments(self.measured, numbers)
        await self.forget_news()
        began = time.perf_counter()
        await self._asked(self.own_port, requests, 200)
        await self._all_applied()
        return len(numbers) / (time.perf_counter() - began)

    async def bare_handler(self, trip: str) -> float:
        numbers = self.numbers()
        if trip == "initiate":
            return await self._asked(self.bare_port, bare_initiations(self.measured, numbers), 201)
        await open_payments(self.measured, numbers)
        with stopped(self.worker):
            await self.forget_news()
            rate = await self._asked(self.bare_port, news(self.measured, numbers, f"/{trip}"), 200)
            await self.forget_news()
        return rate

    async def pgbench(self, trip: str) -> float | None:
        program = pgbench.program()
        if program is None:
            return None
        numbers = self.numbers()
        await open_payments(self.measured, numbers) if trip == "settle" else None
        with stopped(self.worker):
            await self.forget_news()
            rate = await pgbench.per_second(
                program,
                self.measured.url,
                self.scripts[trip],
                clients=CLIENTS,
                times=TIMES,
                variables={"first": numbers[0] - 1, "each": TIMES},
            )
            await self.forget_news()
        return rate

    async def _asked(self, port: int, requests: list[Request], status: int) -> float:
        seconds = await seconds_for(port, requests, clients=CLIENTS, status=status)
        return len(requests) / seconds

    async def _all_applied(self) -> None:
        async with asyncio.timeout(SETTLED_WITHIN_SECONDS):
            while await self.measured.watcher.fetchval(
                # The database holds the question back, so that it is not asked without end.
                "SELECT EXISTS (SELECT FROM inbox WHERE state <> 'applied') FROM pg_sleep(0.01)"
            ):
                pass

    def busy(self) -> dict[str, float]:
        """Return the processor seconds of each part so far."""
        return {
            "server": processor_seconds(self.server.process.pid),
            "worker": processor_seconds(self.worker.process.pid),
            "bare": processor_seconds(self.bare.process.pid),
            "postgres": processor_seconds(self.measured.postgres),
        }


async def staged(measured: MeasuredDeployment) -> Stage:
    """Start everything, and return once it answers."""
    trips = await take_down(measured)
    measured.keep(trips)
    own_port, bare_port = measured.port, free_port()
    server = measured.serve("benchmarks.instant_bank:app", own_port)
    bare = measured.serve("benchmarks.bare:app", bare_port)
    await answers(own_port, "/health/live", server)
    await answers(bare_port, "/", bare)
    worker = measured.work()
    return Stage(
        measured=measured,
        own_port=own_port,
        bare_port=bare_port,
        server=server,
        worker=worker,
        bare=bare,
        scripts=scripts(trips),
    )


async def measure(stage: Stage) -> Results:
    """Return every trip's rounds, each way in turn, forwards and backwards."""
    results: dict[str, dict[str, Measured]] = {}
    ways: list[tuple[str, Callable[[str], Awaitable[float | None]]]] = [
        (OURS, stage.ours),
        (BARE, stage.bare_handler),
        (PGBENCH, stage.pgbench),
    ]
    for trip in ("accept", "settle", "initiate"):
        told = results[trip] = {name: Measured() for name, _ in ways}
        for _, run in ways:
            await run(trip)
        # A plan that a session made while a table was empty reads it whole. In an installation PostgreSQL gathers
        # statistics within a minute, and plans anew.
        await stage.measured.watcher.execute("ANALYZE")
        for number in range(ROUNDS):
            for name, run in ways if number % 2 == 0 else reversed(ways):
                await _take(stage, told[name], run, trip)
    return results


async def _take(
    stage: Stage, measured: Measured, run: Callable[[str], Awaitable[float | None]], trip: str
) -> None:
    before = stage.busy()
    rate = await run(trip)
    if rate is None:
        return
    measured.per_second.append(rate)
    for part, seconds in stage.busy().items():
        spent = (seconds - before[part]) * 1000 / (CLIENTS * TIMES)
        measured.milliseconds.setdefault(part, []).append(spent)


def ratios(ours: Measured, other: Measured) -> list[float]:
    return [mine / theirs for mine, theirs in zip(ours.per_second, other.per_second, strict=False)]


def lines(results: Results) -> list[str]:
    """Return what there is to read, one table a trip."""
    told = [
        f"{CLIENTS} clients, {ROUNDS} interleaved rounds of {CLIENTS * TIMES}; medians, least to most",
        "",
    ]
    for trip, by_way in results.items():
        told.append(
            f"{trip:<10} {'a second':>10}   ratio of ours to it   processor ms: app, database   of it to ours"
        )
        for name, measured in by_way.items():
            if not measured.per_second:
                continue
            spent = [median(measured.milliseconds[each]) for each in _parts_of(name)]
            *app, database = (f"{each:.2f}" for each in spent)
            told.append(
                f"  {name:<12} {median(measured.per_second):6.0f}   {_spread(by_way, name):<20}"
                f"  {' + '.join(app) or '-':>12}, {database}          {_spent_spread(by_way, name)}"
            )
        told.append("")
    if pgbench.program() is None:
        told.append(pgbench.HOW_TO_GET_IT)
    return told


def _parts_of(way: str) -> tuple[str, ...]:
    """Return who works for *way*; the client and pgbench itself are not counted."""
    app = {OURS: ("server", "worker"), BARE: ("bare",)}.get(way, ())
    return (*app, "postgres")


def _spent_spread(by_way: Mapping[str, Measured], way: str) -> str:
    """Return how much processor time *way* takes beside ours: at pgbench the database's alone."""
    if way == OURS:
        return ""
    parts = ("postgres",) if way == PGBENCH else _parts_of(OURS)
    ours = zip(*(by_way[OURS].milliseconds[each] for each in parts), strict=True)
    theirs = zip(*(by_way[way].milliseconds[each] for each in _parts_of(way)), strict=True)
    return _told([sum(other) / sum(own) for own, other in zip(ours, theirs, strict=False)])


def _told(found: Sequence[float]) -> str:
    return f"{median(found):.2f} ({min(found):.2f} to {max(found):.2f})"


def _spread(by_way: Mapping[str, Measured], name: str) -> str:
    if name == OURS:
        return ""
    return _told(ratios(by_way[OURS], by_way[name]))
