"""What goes wrong around a service that stays up: the cache, a disk, the clock, the certificate of the database."""

import asyncio
import random
import resource
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import httpx

from crashes.afterwards import Found, look_afterwards
from crashes.load import Load
from crashes.under_attack import (
    DeploymentUnderAttack,
    MortalDatabase,
    deployment_under_attack,
)
from drills.clock import clock_jumps
from drills.image import build_image, image
from drills.incident import Incident
from drills.postgres_full import POSTGRES_FULL, postgres_full, small_disk
from drills.release_before import release_before
from drills.tls_front import TlsFront, tls_front
from fault_injection.server import server_in
from worlds.processes.running import descendants

STUDENTS_AT_ONCE: Final = 6
CALM_SECONDS: Final = 3.0
TROUBLE_SECONDS: Final = 6.0
TIMEOUT_SECONDS: Final = 15.0
ROOM_BYTES: Final = 8192
"""Less than any document, and more than the other files that a process writes."""

NOT_FILED: Final = """
    SELECT count(*) FROM outbox WHERE state = 'new' AND attempts > 0 AND errand = 'file_documents'
"""
NEWEST: Final = "SELECT max(id) FROM outbox"
ENDS_AFTER_SECONDS: Final = 2
CERTIFICATE: Final = "certificate"
IMAGE: Final = "image"


async def cache_killed(incident: Incident) -> float:
    """
    Valkey is killed and comes back empty. Sales go on without it; return when all parts are ready again.
    """
    cache = incident.attack.cache
    await asyncio.to_thread(cache.kill)
    await incident.until_begun("a sale without Valkey")
    await asyncio.sleep(TROUBLE_SECONDS)
    await asyncio.to_thread(cache.start)

    async def ready() -> bool:
        return await asyncio.to_thread(incident.attack.ready)

    return await incident.until(ready, "every part is ready")


async def disk_full(incident: Incident) -> float:
    """
    No document can be written any more; then there is room again, and return when the documents are filed.

    The kernel refuses each file that would grow above a limit (RLIMIT_FSIZE) in the processes that run. The error
    is EFBIG and not ENOSPC, and comes from the same call. What they log is lost meanwhile, as on a full disk.
    """
    with _room(incident.attack, ROOM_BYTES):

        async def refused() -> bool:
            return await incident.ask(NOT_FILED) > 0

        await incident.until(refused, "a document that could not be filed")
        await incident.until_begun("a sale without room for documents")
        await asyncio.sleep(TROUBLE_SECONDS)
        waiting = await incident.ask(NOT_FILED)
        newest = await incident.ask(NEWEST)
    if not waiting:
        incident.wrong.append("no document waited for room, so nothing was shown")

    async def caught_up() -> bool:
        return await incident.ask(f"{NOT_FILED} AND id <= {newest}") == 0

    return await incident.until(caught_up, "the documents that waited are filed")


@contextmanager
def _room(attack: DeploymentUnderAttack, limit: int) -> Iterator[None]:
    """Let no file of our processes grow above *limit* bytes within the block."""
    heads = [each.running.pid for each in (attack.api, *attack.workers) if each.running]
    pids = [each for head in heads for each in (head, *descendants(head))]
    before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in pids}
    for pid, (_, hard) in before.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        for pid, usual in before.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, usual)


async def certificate_ends(incident: Incident) -> float:
    """
    The certificate of the database ends, and its connections are made anew. Nothing is sold and nothing is lost;
    then there is a new certificate, and return when the next sale is complete.
    """
    front = incident.attack.server
    assert isinstance(front, TlsFront)
    front.certify(timedelta(seconds=ENDS_AFTER_SECONDS))
    # A certificate says its end in whole seconds.
    await asyncio.sleep(ENDS_AFTER_SECONDS + 1)
    front.end_connections()

    async def refused() -> bool:
        return not await asyncio.to_thread(incident.attack.ready)

    await incident.until(refused, "the database is refused")
    await asyncio.sleep(TROUBLE_SECONDS)
    if not await refused():
        incident.wrong.append("a certificate that has ended was believed")
    front.certify()
    return await incident.until_sold("a sale with the new certificate")


INCIDENTS: Final[dict[str, Callable[[Incident], Awaitable[float]]]] = {
    "cache": cache_killed,
    "disk-full": disk_full,
    "clock": clock_jumps,
    POSTGRES_FULL: postgres_full,
    "release-before": release_before,
    IMAGE: image,
    CERTIFICATE: certificate_ends,
}


async def _live_through(
    attack: DeploymentUnderAttack, happens: Callable[[Incident], Awaitable[float]], seed: int
) -> tuple[float, Found, Incident]:
    async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False, verify=False) as http:
        load = Load(attack, http, random.Random(seed))  # noqa: S311 - what people do, not a secret
        await load.prepare()
        incident = Incident(attack, load, [])
        over = asyncio.Event()

        async def students() -> None:
            while not over.is_set():
                await load.student()

        crowd = [asyncio.create_task(students()) for _ in range(STUDENTS_AT_ONCE)]
        try:
            await asyncio.sleep(CALM_SECONDS)
            recovered = await happens(incident)
            over.set()
            await asyncio.gather(*crowd)
        finally:
            for each in crowd:
                each.cancel()
            await asyncio.gather(*crowd, return_exceptions=True)
        if incident.before_rest is not None:
            await incident.before_rest()
        found = await look_afterwards(attack, load.promises, http)
        return recovered, found, incident


@contextmanager
def _database_of(name: str, folder: Path) -> Iterator[MortalDatabase]:
    if name == POSTGRES_FULL:
        with small_disk() as disk, server_in(disk / "postgres") as server:
            yield server
        return
    with server_in(folder / "postgres") as server:
        if name != CERTIFICATE:
            yield server
            return
        with tls_front(server, folder / "tls") as front:
            yield front


def run(name: str, seed: int) -> bool:
    """Run the drill *name* and print what it measured and found; return whether all was as it should be."""
    if name == IMAGE:
        sys.stdout.write(f"built in {build_image():.0f} s\n")
    with (
        tempfile.TemporaryDirectory(prefix="shulk-drill-") as folder,
        _database_of(name, Path(folder)) as database,
        deployment_under_attack(Path(folder), seed=seed, database=database) as attack,
    ):
        try:
            recovered, found, incident = asyncio.run(_live_through(attack, INCIDENTS[name], seed))
        finally:
            # An incident may have exchanged them, and the deployment ends those that it started itself.
            for process in (attack.api, *attack.workers):
                process.end()
    wrong = [*found.wrong, *incident.wrong]
    say = sys.stdout.write
    say(
        f"{name}: recovered after {recovered:.2f} s; {found.payments} payments, {found.sold} sold,"
        f" {found.refunds} refunds; at rest {found.converged_seconds:.1f} s after the last student\n"
    )
    for each in incident.told:
        say(f"  {each}\n")
    for each in wrong:
        say(f"  WRONG {each}\n")
    say(f"1 passed, {len(wrong)} failed\n")
    return not wrong
