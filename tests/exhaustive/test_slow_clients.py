"""Two thousand clients that never finish their bodies keep nobody from paying."""

import asyncio
import contextlib
import resource
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from worlds.processes.api_clients import ProcessWorld
from worlds.processes.deployment import (
    Deployment,
    OutsideServices,
    migrate,
    new_deployment,
    outside_services,
)
from worlds.processes.process_world import world_of

SLOW: Final = 2000
OPEN_FILES: Final = SLOW + 1000
PAID_WITHIN_SECONDS: Final = 2.0
BODY_SECONDS: Final = 10
ENDED_WITHIN_SECONDS: Final = BODY_SECONDS + 10.0
OPENED_WITHIN_SECONDS: Final = 9.0
PAYMENTS: Final = 3


@pytest.fixture(scope="module", autouse=True)
def open_files() -> Iterator[None]:
    """Let this process hold so many connections, and ask for no more than the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < OPEN_FILES:
        pytest.fail(f"the hard limit of open files is {hard}; this test needs {OPEN_FILES}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, OPEN_FILES), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OutsideServices]:
    with outside_services(tmp_path_factory.mktemp("outside_services")) as standing:
        yield standing


@pytest.fixture
def deployment(tmp_path: Path, around: OutsideServices, database_url: str) -> Iterator[Deployment]:
    """The server as it is started in production, with its usual limits."""
    # Without the limit of one student, which would refuse most of them before their bodies.
    changes = {"SHULK_BODY_SECONDS": str(BODY_SECONDS), "SHULK_LIMIT_INITIATE": "999999/minute"}
    built = new_deployment(tmp_path, around, database_url, **changes)
    migrate(built)
    with built.process("serve"):
        yield built


@pytest_asyncio.fixture
async def world(deployment: Deployment) -> AsyncIterator[ProcessWorld]:
    async with world_of(deployment) as view:
        yield view


class SlowClient:
    """Sends headers and one byte of a body that it announces, then waits for what comes."""

    def __init__(self, address: str, token: str) -> None:
        parts = urlsplit(address)
        self.host, self.port = parts.hostname or "", parts.port or 0
        self.request = (
            f"POST /api/payment/initiate HTTP/1.1\r\nHost: {parts.netloc}\r\n"
            f"Authorization: Bearer {token}\r\n"
            "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
        ).encode()
        self.sent = asyncio.Event()

    async def answered(self) -> str:
        """Return the status that ends the connection, or how it ended without one."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            writer.write(self.request)
            await writer.drain()
            self.sent.set()
            line = await reader.readline()
            rest = await reader.read()
            assert not line or b"body-too-slow" in rest, rest[:300]
            return line.decode().partition(" ")[2].partition(" ")[0] or "closed"
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


async def pays(world: ProcessWorld, course: str) -> float:
    """Let a new student pay as a browser does; return how many seconds it took, from the page to the course."""
    asha = world.student()
    began = time.monotonic()
    made = await asha.opened(course)
    paid = await world.bank.pay(made["order_id"], webhooks=False)
    back = await world.http.get(paid["return_url"])
    assert back.status_code == 303, back.text
    assert (await asha.status(made["transaction_id"]))["status"] == "success"
    return time.monotonic() - began


async def test_a_student_pays_among_slow_clients(
    world: ProcessWorld, deployment: Deployment
) -> None:
    """
    Each payment within two seconds while all of them are open, and each of them is ended by its deadline.
    """
    course = await world.course()
    await pays(world, course)
    token = world.student().person.token
    clients = [SlowClient(world.api, token) for _ in range(SLOW)]
    began = time.monotonic()
    running = [asyncio.create_task(each.answered()) for each in clients]
    async with asyncio.timeout(OPENED_WITHIN_SECONDS):
        await asyncio.gather(*(each.sent.wait() for each in clients))

    took = [await pays(world, course) for _ in range(PAYMENTS)]
    still_open = sum(not each.done() for each in running)
    async with asyncio.timeout(ENDED_WITHIN_SECONDS):
        ends = Counter(await asyncio.gather(*running))
    ended, alone = time.monotonic() - began, await pays(world, course)
    # Shown by `make drills` alone.
    sys.stdout.write(
        f"\namong {SLOW} slow clients: slowest payment {max(took):.2f} s;"
        f" all of them ended {ended:.1f} s after the first; a payment then {alone:.2f} s\n"
    )

    assert max(took) < PAID_WITHIN_SECONDS, took
    assert still_open > SLOW / 2
    assert ends == {"408": SLOW}
