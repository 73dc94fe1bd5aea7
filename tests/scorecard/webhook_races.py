"""Everything that may be told about an order, told at once, over HTTP, to two API processes and a worker."""

import asyncio
from collections.abc import Awaitable, Sequence
from random import Random
from typing import Final

from scorecard.endings import wrongly_sold
from scorecard.scenario import Tally
from scorecard.scene import Cart, Scene, run_several
from scorecard.setup import Setup

SEED: Final = "shulk"
POLLERS: Final = 2
COPIES: Final = 4
EVENTS_AT_A_TIME: Final = 20
COPIES_KEPT: Final = (
    "SELECT order_id, array_agg(copies) AS copies FROM inbox WHERE order_id = ANY($1) GROUP BY 1"
)


async def every_evidence_at_once(setup: Setup, times: int) -> Tally:
    """Let each payment fail and then be charged while everybody tells of both, copies and old news too."""
    async with setup.deployment() as scene:
        carts = await scene.carts(times)
        done = asyncio.Event()
        pollers = [asyncio.create_task(scene.poll_until(done)) for _ in range(POLLERS)]
        try:
            await run_several(lambda cart: _fails_then_pays(scene, cart), carts)
        finally:
            done.set()
            await asyncio.gather(*pollers)
        wrong = await wrongly_sold(scene, [cart.order for cart in carts])
        return Tally(tried=times, wrong=wrong, told=dict(scene.told))


async def _fails_then_pays(scene: Scene, cart: Cart) -> None:
    order, chance = cart.order, Random(f"{SEED} {cart.order}")  # noqa: S311 - an order of events
    await scene.an_hour_passes(order)
    failed = (await scene.world.bank.pay(order, "failure", webhooks=False))["return_url"]
    failure = await scene.webhook_of(order, "ORDER_FAILED")
    told = [
        scene.send_webhook(order, failure, 0),
        scene.send_webhook(order, failure, 1),
        scene.follow_return(order, failed, chance.randrange(2)),
        scene.read_status(cart, chance.randrange(2)),
        _pays(scene, cart, chance, failed, failure),
    ]
    await _all_at_once(told, chance)


async def _pays(scene: Scene, cart: Cart, chance: Random, failed: str, failure: bytes) -> None:
    order = cart.order
    charged = (await scene.world.bank.pay(order, webhooks=False))["return_url"]
    charge = await scene.webhook_of(order, "ORDER_SUCCEEDED")
    told = [
        scene.an_hour_passes(order),
        scene.bank_tells_all(order),
        scene.send_webhook(order, charge, 0),
        scene.send_webhook(order, charge, 1),
        # Old news and the way back of the first attempt come late, once more.
        scene.send_webhook(order, failure, chance.randrange(2)),
        scene.follow_return(order, failed, chance.randrange(2)),
        scene.follow_return(order, charged, 0),
        scene.follow_return(order, charged, 1),
        scene.read_status(cart, 0),
        scene.read_status(cart, 1),
    ]
    await _all_at_once(told, chance)


async def copies_at_once(setup: Setup, times: int) -> Tally:
    """Tell of each sale by one event in four copies at the same moment, two at each API process."""
    async with setup.deployment() as scene:
        carts = await scene.carts(times)

        async def told(cart: Cart) -> None:
            await scene.world.bank.pay(cart.order, webhooks=False)
            event = await scene.webhook_of(cart.order, "ORDER_SUCCEEDED")
            await asyncio.gather(
                *(scene.send_webhook(cart.order, event, number) for number in range(COPIES))
            )

        await run_several(told, carts, EVENTS_AT_A_TIME)
        orders = [cart.order for cart in carts]
        wrong = await wrongly_sold(scene, orders)
        kept = {
            row["order_id"]: row["copies"]
            for row in await scene.world.records.rows(COPIES_KEPT, orders)
        }
        for order in orders:
            if kept.get(order) != [COPIES]:
                wrong.setdefault(order, []).append(f"kept with copies {kept.get(order)}")
        return Tally(tried=times, wrong=wrong, told=dict(scene.told))


async def _all_at_once(told: Sequence[Awaitable[None]], chance: Random) -> None:
    shuffled = list(told)
    chance.shuffle(shuffled)
    await asyncio.gather(*shuffled)
