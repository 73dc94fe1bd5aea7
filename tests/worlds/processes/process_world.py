"""Ways in: the demo and a deployment of our own, seen by the same client."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import cycle
from typing import Any

import asyncpg
import httpx

from worlds.processes.api_clients import Bank, Person, ProcessWorld, Records
from worlds.processes.deployment import Deployment

TIMEOUT_SECONDS = 30


@asynccontextmanager
async def world_of_demo(told: dict[str, Any]) -> AsyncIterator[ProcessWorld]:
    """The demo from outside; its students come round."""
    students = cycle([known(each) for each in told["students"]])
    admin = next(known(each) for each in told["staff"] if "admin" in each["roles"])
    async with _world(
        api=told["api"],
        simulator=told["simulator"],
        mailbox=told["mailbox"],
        webhook=(told["webhook"]["url"], told["webhook"]["user"], told["webhook"]["password"]),
        database_url=told["database_url"],
        admin=admin,
        next_student=lambda: next(students),
    ) as world:
        yield world


@asynccontextmanager
async def world_of(deployment: Deployment) -> AsyncIterator[ProcessWorld]:
    """A deployment of our own; each student is new."""
    said = deployment.variables
    async with _world(
        api=deployment.api,
        simulator=deployment.outside_services.simulator,
        mailbox=deployment.outside_services.mailbox,
        webhook=(
            deployment.webhook_url,
            said["SHULK_WEBHOOK_USER"],
            said["SHULK_WEBHOOK_PASSWORD"],
        ),
        database_url=said["SHULK_DATABASE_URL"],
        admin=deployment.person("admin"),
        next_student=deployment.person,
    ) as world:
        yield world


def known(person: dict[str, Any]) -> Person:
    return Person(
        id=person["id"], name=person["name"], email=person["email"], token=person["token"]
    )


@asynccontextmanager
async def _world(
    *,
    api: str,
    simulator: str,
    mailbox: str,
    webhook: tuple[str, str, str],
    database_url: str,
    admin: Person,
    next_student: Callable[[], Person],
) -> AsyncIterator[ProcessWorld]:
    url, user, password = webhook
    async with httpx.AsyncClient(trust_env=False, verify=False, timeout=TIMEOUT_SECONDS) as http:
        connection = await asyncpg.connect(database_url)
        try:
            yield ProcessWorld(
                http=http,
                api=api,
                mailbox=mailbox,
                bank=Bank(
                    http=http, address=simulator, webhook_url=url, user=user, password=password
                ),
                records=Records(connection),
                admin=admin,
                next_student=next_student,
            )
        finally:
            # A fault that no call met must not wait for the next journey.
            await http.delete(f"{simulator}/_control/next")
            await connection.close()
