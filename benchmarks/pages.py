"""
How long the pages of students and staff take with 200,000 payments, and with a million.

``BENCH_PAYMENTS`` says how many. One server process, as ``shulk serve`` starts it, stands on each of the two databases,
and they are asked in turns, one page at a time. A page is timed from its request to its last byte, over loopback.
"""

import asyncio
import os
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from http import HTTPStatus
from pathlib import Path
from statistics import median
from typing import Final

import asyncpg
import httpx

from adapters.totp.second_factor import code_of, step_at
from benchmarks.deployment import deployment_on
from benchmarks.full_tables import FEW, fill
from domain.staff.access import Role
from entrypoints.cli.embedded import embedded_postgres, embedded_valkey
from entrypoints.http.console.places import PAYMENTS, PLACES
from entrypoints.operations.run_in_container import run_in_container
from entrypoints.operations.staff import staff_with_app
from entrypoints.settings.settings import load_settings
from entrypoints.wiring.container import Shulk
from worlds.processes.deployment import Deployment, migrate

USUAL: Final = 1_000_000
AIM_MS: Final = 100
ROUNDS: Final = 15
STUDENT: Final = "school"
"""The student of one payment in a hundred, who has the longest history of all."""

OFFICER: Final = "farhan"
OLDER: Final = re.compile('rel="next" href="([^"]+)"')
LATELY: Final = """
    SELECT p.id, p.student_id, p.student_email, p.bank_txn_id, p.bank_reference, r.arn
    FROM payment p JOIN refund r ON r.payment_id = p.id
    WHERE r.arn <> '' AND p.state = 'partially_refunded' ORDER BY p.opened_at DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Site:
    """One deployment with so many payments; *pages* are who opens them, signed in, and their addresses."""

    pages: dict[str, tuple[httpx.AsyncClient, str]]

    async def milliseconds(self, name: str) -> float:
        """Return the milliseconds of one look at the page called *name*; raises when it is not there."""
        client, address = self.pages[name]
        began = time.perf_counter()
        answer = await client.get(address)
        taken = (time.perf_counter() - began) * 1000
        # Whoever looks for the id of one payment is led to it.
        if answer.status_code not in {HTTPStatus.OK, HTTPStatus.SEE_OTHER}:
            raise RuntimeError(f"{name}: {answer.status_code} {answer.text[:300]}")
        return taken


def measure() -> list[str]:
    """Return what there is to read; the servers are started for it, in a folder of its own."""
    many = int(os.environ.get("BENCH_PAYMENTS", USUAL))
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as kept,
        embedded_postgres(Path(kept) / "postgres") as url,
        embedded_valkey(Path(kept) / "valkey") as redis_url,
    ):
        folder = Path(kept)
        with (
            _served(folder / "few", url, redis_url + "/1", FEW) as few,
            _served(folder / "many", url, redis_url + "/2", many) as full,
        ):
            return asyncio.run(_measure((few, full), many))


@contextmanager
def _served(folder: Path, url: str, redis_url: str, payments: int) -> Iterator[Deployment]:
    """Run a server on a database of its own with so many *payments*, all of them counted into the figures."""
    own = f"{url.rpartition('/')[0]}/bench_pages_{folder.name}"
    asyncio.run(_created(url, own))
    deployment = deployment_on(folder, own, redis_url)
    migrate(deployment)
    asyncio.run(fill(own, 1, payments, newest=datetime.now(UTC)))
    run_in_container(load_settings(dict(deployment.variables)), _counted)
    with deployment.process("serve"):
        yield deployment


async def _created(url: str, own: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(f"CREATE DATABASE {own.rpartition('/')[2]}")
    await connection.close()


async def _counted(container: Shulk) -> None:
    count = container.use_cases().monitoring().count_payments()
    while await count():
        pass


async def _measure(deployments: Sequence[Deployment], many: int) -> list[str]:
    async with AsyncExitStack() as rooms:
        few, full = [await _opened(rooms, each) for each in deployments]
        taken: dict[str, list[tuple[float, float]]] = {}
        for number in range(ROUNDS + 1):
            for name in full.pages:
                pair = await few.milliseconds(name), await full.milliseconds(name)
                if number:
                    taken.setdefault(name, []).append(pair)
    lines = [
        f"pages with {many:,} payments, one at a time; medians of {ROUNDS}, the aim is {AIM_MS} ms"
    ]
    for name, pairs in taken.items():
        found = [late for _, late in pairs]
        ratio = median(late / early for early, late in pairs)
        lines.append(
            f"  {name:<34} {median(found):6.1f} ms, at most {max(found):6.1f};"
            f" to {FEW:,} payments {ratio:.2f}"
        )
    slowest = max(taken, key=lambda name: median(late for _, late in taken[name]))
    reached = median(late for _, late in taken[slowest]) < AIM_MS
    lines.append(f"  slowest: {slowest}; the aim is {'kept' if reached else 'missed'}")
    return lines


async def _opened(rooms: AsyncExitStack, deployment: Deployment) -> Site:
    connection = await asyncpg.connect(deployment.variables["SHULK_DATABASE_URL"])
    payment = await connection.fetchrow(LATELY)
    await connection.close()
    seed = await asyncio.to_thread(
        staff_with_app,
        load_settings(dict(deployment.variables)),
        staff=OFFICER,
        name="Farhan",
        email="farhan@example.com",
        roles=[role.value for role in Role if role is not Role.STUDENT],
    )
    student, payer, officer = [
        await rooms.enter_async_context(_client(deployment)) for _ in range(3)
    ]
    await _exchange(student, deployment.token(sub=STUDENT))
    await _exchange(payer, deployment.token(sub=payment["student_id"]))
    form = await _exchange(officer, deployment.token(sub=OFFICER, roles=["admin", "finance"]))
    code = code_of(seed, step_at(datetime.now(UTC)))
    answer = await officer.post("/console/sign-in", data={"csrf_token": form, "code": code})
    if answer.status_code != HTTPStatus.SEE_OTHER:
        raise RuntimeError(f"sign-in: {answer.status_code} {answer.text[:300]}")
    pages = {
        "student: courses": (student, "/"),
        "student: history": (student, "/payments"),
        "student: history, refunded": (student, "/payments?show=refunded"),
        "student: history, next page": (student, await _older(student, "/payments")),
        "student: payment": (payer, f"/payments/{payment['id']}"),
    }
    for (method, address), place in PLACES.items():
        if method == "GET" and place.word:
            pages[f"console: {place.word.lower()}"] = officer, address
    pages |= {
        "console: payments, next page": (officer, await _older(officer, PAYMENTS)),
        "console: payments that failed": (officer, f"{PAYMENTS}?status=failed"),
        "console: payment": (officer, f"{PAYMENTS}/{payment['id']}"),
        "console: refund form": (officer, f"{PAYMENTS}/{payment['id']}/refund"),
        "console: search by our id": (officer, f"{PAYMENTS}?q={payment['id']}"),
        "console: search by the bank's id": (officer, f"{PAYMENTS}?q={payment['bank_txn_id']}"),
        "console: search by reference": (officer, f"{PAYMENTS}?q={payment['bank_reference']}"),
        "console: search by ARN": (officer, f"{PAYMENTS}?q={payment['arn']}"),
        "console: search by email": (officer, f"{PAYMENTS}?q={payment['student_email']}"),
    }
    for span in ("7d", "30d"):
        pages[f"console: monitoring, {span}"] = officer, f"/console/monitoring?range={span}"
    return Site(pages)


def _client(deployment: Deployment) -> httpx.AsyncClient:
    headers = {"Origin": deployment.api, "Accept": "text/html"}
    return httpx.AsyncClient(base_url=deployment.api, headers=headers, trust_env=False, timeout=60)


async def _exchange(client: httpx.AsyncClient, token: str) -> str:
    answer = await client.post(
        "/session/exchange", json={"token": token}, headers={"Accept": "application/json"}
    )
    if answer.status_code != HTTPStatus.OK:
        raise RuntimeError(f"exchange: {answer.status_code} {answer.text[:300]}")
    return str(answer.json()["csrf_token"])


async def _older(client: httpx.AsyncClient, address: str) -> str:
    answer = await client.get(address)
    found = OLDER.search(answer.text)
    if found is None:
        raise RuntimeError(f"{address} has no next page: {answer.status_code} {answer.text[:300]}")
    return unescape(found[1])
