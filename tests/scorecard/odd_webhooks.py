"""Webhooks that come too early or tell what is not so."""

import asyncio
import json
from collections.abc import Sequence
from http import HTTPStatus
from itertools import cycle
from typing import Final

from scorecard.endings import wrongly_sold, wrongly_unsold
from scorecard.scenario import Tally
from scorecard.scene import Cart, Scene, run_several
from scorecard.setup import LATE_ANSWER_SECONDS_MAX, Setup
from worlds.processes.api_clients import Person, charged
from worlds.processes.waiting import eventually

HELD_AT_A_TIME: Final = 20
"""Fewer than the connections that one process keeps to the bank."""

PRICE: Final = "1180.00"
OPENED_BY: Final = "SELECT id FROM payment WHERE student_id = ANY($1)"
PAGES_KNOWN: Final = "SELECT id FROM payment WHERE id = ANY($1) AND gateway_order_id IS NOT NULL"
NOT_SOLD: Final = "SELECT count(*) FROM payment WHERE id = ANY($1) AND state <> 'success'"
DEFERRED: Final = "SELECT count(*) FROM inbox WHERE order_id = ANY($1) AND state = 'deferred'"
A_PLACE_ASIDE: Final = "CREATE TABLE IF NOT EXISTS payment_aside (LIKE payment)"
PUT_ASIDE: Final = (
    "WITH gone AS (DELETE FROM payment WHERE id = ANY($1) RETURNING *)"
    " INSERT INTO payment_aside SELECT * FROM gone"
)
PUT_BACK: Final = (
    "WITH gone AS (DELETE FROM payment_aside WHERE id = ANY($1) RETURNING *)"
    " INSERT INTO payment SELECT * FROM gone"
)
"""An order that is not there yet: its row is put aside while the bank already tells of it."""
UNCHARGED: Final = {"no attempt": "pending", "failure": "failed", "pending": "processing"}
"""What the payer did at the bank, and where the payment has to stand afterwards."""


async def before_the_answer(setup: Setup, times: int) -> Tally:
    """Sell by webhook while the answer that names the order's page has not reached us yet."""
    async with setup.deployment() as scene:
        course = await scene.world.course()
        wrong: dict[str, list[str]] = {}
        for first in range(0, times, HELD_AT_A_TIME):
            many = min(HELD_AT_A_TIME, times - first)
            wrong |= await _overtaken(scene, course, many)
        return Tally(tried=times, wrong=wrong, told=dict(scene.told))


async def _overtaken(scene: Scene, course: str, many: int) -> dict[str, list[str]]:
    students = [scene.new_person() for _ in range(many)]
    bank, records = scene.world.bank, scene.world.records
    await bank.fault("session", "late", times=many, hold_seconds=LATE_ANSWER_SECONDS_MAX)
    asked = [asyncio.create_task(scene.world.of(student).initiate(course)) for student in students]
    orders = await eventually(
        lambda: _known_to_the_bank(scene, students), lambda seen: len(seen) == many
    )

    async def sold(order: str) -> None:
        await bank.pay(order, webhooks=False)
        event = await scene.webhook_of(order, "ORDER_SUCCEEDED")
        await asyncio.gather(*(scene.send_webhook(order, event, number) for number in range(2)))

    await run_several(sold, orders)
    await eventually(lambda: records.connection.fetchval(NOT_SOLD, orders), lambda left: left == 0)
    answered_early = {str(row["id"]) for row in await records.rows(PAGES_KNOWN, orders)}
    await scene.world.http.delete(f"{bank.address}/_control/next")
    shown = {}
    for answer in await asyncio.gather(*asked):
        if answer.status_code == HTTPStatus.CREATED:
            shown[str(answer.json()["order_id"])] = answer.json()["payment_url"]
            scene.told["payments opened late"] += 1
    wrong = await wrongly_sold(scene, orders)
    for order in orders:
        if order in answered_early:
            wrong.setdefault(order, []).append("its page was known before the webhook")
        if not shown.get(order):
            wrong.setdefault(order, []).append("its student was shown no page")
    return wrong


async def _known_to_the_bank(scene: Scene, students: Sequence[Person]) -> list[str]:
    """Return the orders of *students* that have come to the bank."""
    rows = await scene.world.records.rows(OPENED_BY, [student.id for student in students])
    orders = [str(row["id"]) for row in rows]
    answers = await asyncio.gather(
        *(
            scene.world.http.get(f"{scene.world.bank.address}/_control/orders/{one}")
            for one in orders
        )
    )
    return [
        order
        for order, answer in zip(orders, answers, strict=True)
        if answer.status_code == HTTPStatus.OK
    ]


async def before_the_order(setup: Setup, times: int) -> Tally:
    """Tell of a sale before the order is there; it waits, and is applied when the order appears."""
    async with setup.deployment() as scene:
        orders = [cart.order for cart in await scene.carts(times)]
        records = scene.world.records
        await records.connection.execute(A_PLACE_ASIDE)
        await records.connection.execute(PUT_ASIDE, orders)

        async def told(order: str) -> None:
            await scene.world.bank.pay(order, webhooks=False)
            event = await scene.webhook_of(order, "ORDER_SUCCEEDED")
            await asyncio.gather(*(scene.send_webhook(order, event, number) for number in range(2)))

        await run_several(told, orders)
        await eventually(
            lambda: records.connection.fetchval(DEFERRED, orders),
            lambda deferred: deferred == times,
        )
        scene.told["webhooks deferred"] = times
        await records.connection.execute(PUT_BACK, orders)
        wrong = await wrongly_sold(scene, orders)
        return Tally(tried=times, wrong=wrong, told=dict(scene.told))


async def of_an_uncharged_order(setup: Setup, times: int) -> Tally:
    """Claim a sale with the bank's own password and the right amount; the bank has charged nothing."""
    async with setup.deployment() as scene:
        carts = await scene.carts(times)
        deeds = dict(zip((cart.order for cart in carts), cycle(UNCHARGED), strict=False))

        async def lied_to(cart: Cart) -> None:
            if deeds[cart.order] in {"failure", "pending"}:
                await scene.world.bank.pay(cart.order, deeds[cart.order], webhooks=False)
            lie = json.dumps(charged(cart.order, PRICE)).encode()
            await asyncio.gather(
                *(scene.send_webhook(cart.order, lie, number) for number in range(2))
            )

        await run_several(lied_to, carts)
        states = {order: {"state": UNCHARGED[deed]} for order, deed in deeds.items()}
        wrong = await wrongly_unsold(scene, list(deeds), states)
        for order in deeds:
            if not await scene.world.bank.reads_of(order):
                wrong.setdefault(order, []).append("the bank was not asked")
        return Tally(tried=times, wrong=wrong, told=dict(scene.told))
