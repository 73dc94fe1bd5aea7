"""What has to be true when the guns are silent: nothing lost, nothing twice, the bank and our books agree."""

import asyncio
import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import asyncpg
import httpx

from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.invariants.invariants import PostgresInvariants
from adapters.system.clock import SystemClock
from application.monitoring.check_invariants import CheckInvariants
from books import told_of
from crashes.load import Promises
from crashes.under_attack import DeploymentUnderAttack
from worlds.processes.running import shulk

CONVERGES_WITHIN_SECONDS: Final = 240.0
LOOK_AGAIN_SECONDS: Final = 0.5
SOLD: Final = frozenset({"success", "partially_refunded", "refunded"})
UNFINISHED: Final = """
    SELECT (SELECT count(*) FROM payment WHERE state IN ('pending', 'processing')) AS payments,
           (SELECT count(*) FROM inbox i WHERE state = 'new'
              OR (state = 'deferred' AND EXISTS (SELECT FROM payment p WHERE p.id = i.order_id)))
              AS inbox,
           (SELECT count(*) FROM outbox WHERE state = 'new') AS outbox,
           (SELECT count(*) FROM refund WHERE state IN ('requested', 'pending')) AS refunds
"""


@dataclass(frozen=True, slots=True)
class Found:
    """What was wrong, in words; empty when nothing was."""

    wrong: tuple[str, ...]
    converged_seconds: float
    payments: int
    sold: int
    refunds: int
    webhooks: int
    emails: int


async def look_afterwards(
    attack: DeploymentUnderAttack, promises: Promises, http: httpx.AsyncClient
) -> Found:
    """Silence the bank's faults, wait until all has come to rest, and compare everything."""
    bank = attack.deployment.outside_services.simulator
    (await http.delete(f"{bank}/_control/faults")).raise_for_status()
    (await http.delete(f"{bank}/_control/next")).raise_for_status()
    connection = await asyncpg.connect(attack.server.url)
    try:
        took = await _rest(connection)
        ours = {row["id"]: dict(row) for row in await connection.fetch("SELECT * FROM payment")}
        refunds = {row["id"]: dict(row) for row in await connection.fetch("SELECT * FROM refund")}
        told = {row["event_id"] for row in await connection.fetch("SELECT event_id FROM inbox")}
        lines = await connection.fetch("SELECT state, why FROM outbox WHERE state <> 'done'")
    finally:
        await connection.close()
    wrong = [f"an outbox line ended as {dict(line)}" for line in lines]
    wrong += [f"payment {each} is lost" for each in promises.payments - set(ours)]
    wrong += [f"refund {each} is lost" for each in set(promises.refunds) - set(refunds)]
    webhooks = 0
    for order, mine in ours.items():
        answer = await http.get(f"{bank}/_control/orders/{order}")
        if answer.is_success:
            seen = answer.json()
            webhooks += _compare_webhooks(seen, told, wrong)
            _compare(seen, mine, refunds, wrong)
        elif mine["state"] in SOLD:
            wrong.append(f"{order} is sold, and the bank never heard of it")
    wrong += await _breaches(attack)
    wrong += await asyncio.to_thread(_unsealed, attack)
    emails = (await http.get(f"{attack.deployment.outside_services.mailbox}/messages")).json()
    return Found(
        wrong=tuple(wrong),
        converged_seconds=took,
        payments=len(ours),
        sold=sum(each["state"] in SOLD for each in ours.values()),
        refunds=len(refunds),
        webhooks=webhooks,
        emails=len(emails),
    )


async def _rest(connection: asyncpg.Connection) -> float:
    began = time.monotonic()
    while True:
        left = dict(await connection.fetchrow(UNFINISHED))
        if not any(left.values()):
            return time.monotonic() - began
        if time.monotonic() - began > CONVERGES_WITHIN_SECONDS:
            raise AssertionError(f"it did not come to rest: {left}")
        await asyncio.sleep(LOOK_AGAIN_SECONDS)


def _compare_webhooks(seen: dict[str, Any], told: set[str], wrong: list[str]) -> int:
    """Whatever the bank was answered 200 for lies in the inbox."""
    accepted = [
        event["id"]
        for event in seen["webhooks"]
        if any(each.get("status_code") == 200 for each in event["deliveries"])
    ]
    wrong += [
        f"webhook {each} was acknowledged and is lost" for each in accepted if each not in told
    ]
    return len(accepted)


def _compare(
    seen: dict[str, Any], ours: dict[str, Any], refunds: dict[str, Any], wrong: list[str]
) -> None:
    order = seen["order"]
    charged = order["status"] == "CHARGED"
    if charged != (ours["state"] in SOLD):
        wrong.append(f"{ours['id']}: the bank says {order['status']}, we say {ours['state']}")
    mine = {
        each["id"]: each["amount_paise"]
        for each in refunds.values()
        if each["payment_id"] == ours["id"] and each["state"] == "success"
    }
    theirs = {
        each["unique_request_id"]: int(Decimal(str(each["amount"])) * 100)
        for each in order.get("refunds", [])
        if each["status"] == "SUCCESS"
    }
    if mine != theirs:
        wrong.append(f"{ours['id']}: the bank gave back {theirs}, we say {mine}")


def _unsealed(attack: DeploymentUnderAttack) -> list[str]:
    """Whatever was killed while it sealed: every entry is sealed once, and the trail is whole."""
    said = [
        shulk("audit", word, variables=attack.deployment.variables) for word in ("seal", "verify")
    ]
    return [words for code, words in said if code]


async def _breaches(attack: DeploymentUnderAttack) -> list[str]:
    database = Database.connect(DatabaseSettings(url=attack.server.url, pool_size=1))
    try:
        return told_of(await CheckInvariants(PostgresInvariants(database), SystemClock())())
    finally:
        await database.close()
