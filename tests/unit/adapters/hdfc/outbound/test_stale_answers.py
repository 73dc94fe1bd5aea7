"""What the bank's own events cost after the sale: nothing, unless they may tell of money going back."""

import base64
import json
from dataclasses import dataclass, field

from adapters.hdfc.inbound.gateway_messages import HdfcMessages, WebhookCredentials
from application.evidence.receive_webhook import ReceiveWebhook
from domain.identifiers import PaymentId
from domain.payments.payment_state import State
from ports.payments.inbox import EntryState
from ports.payments.payment_gateway import GatewayOperation
from samples.hdfc.merchant import merchant
from samples.hdfc.samples import ORDER, raw_sample
from worlds.memory import MemoryWorld

HEADERS = {"authorization": f"Basic {base64.b64encode(b'hook:a-password').decode()}"}


@dataclass
class HdfcWorld:
    """A world in memory whose webhooks are the bank's own bodies."""

    world: MemoryWorld = field(default_factory=MemoryWorld)
    reads: list[int] = field(default_factory=list)

    async def deliver_webhook(self, payment: PaymentId, *names: str) -> None:
        """Take events called *names*, one after the other, and count the reads after each."""
        credentials = WebhookCredentials(user="hook", password="a-password")
        messages = HdfcMessages(settings=merchant(), credentials=(credentials,))
        receive_webhook = ReceiveWebhook(messages, self.world.memory.inbox, self.world.clock)
        for name in names:
            said = json.loads(
                raw_sample("event_order_succeeded").replace(ORDER.encode(), payment.encode())
            )
            said |= {"id": f"evt_{len(self.reads)}", "event_name": name}
            await receive_webhook(HEADERS, json.dumps(said).encode())
            await self.world.process_inbox()
            self.reads.append(self.world.gateway.calls[GatewayOperation.READ_ORDER])


async def test_a_whole_sequence_of_news_costs_one_read_after_the_sale() -> None:
    """
    The first makes the sale; the others, and copies of them under new ids, are put away unread.
    """
    banked = HdfcWorld()
    payment = await banked.world.begin_payment()
    banked.world.gateway.pay(payment.id)

    await banked.deliver_webhook(
        payment.id, "TXN_CREATED", "TXN_CHARGED", "ORDER_SUCCEEDED", "ORDER_SUCCEEDED", "TXN_FAILED"
    )

    assert banked.world.payment(payment.id).state is State.SUCCESS
    assert banked.reads == [1] * 5
    inbox = banked.world.memory.store.inbox.values()
    assert {row.state for row in inbox} == {EntryState.APPLIED}


async def test_news_of_money_going_back_is_looked_into() -> None:
    """
    Each of them, also after the sale.
    """
    banked = HdfcWorld()
    payment = await banked.world.begin_payment()
    banked.world.gateway.pay(payment.id)

    await banked.deliver_webhook(
        payment.id, "ORDER_SUCCEEDED", "ORDER_REFUNDED", "AUTO_REFUND_SUCCEEDED"
    )

    assert banked.reads == [1, 2, 3]


async def test_news_before_the_sale_is_looked_into() -> None:
    """
    Nothing is sold yet, so the bank is asked each time.
    """
    banked = HdfcWorld()
    payment = await banked.world.begin_payment()

    await banked.deliver_webhook(payment.id, "ORDER_CREATED", "TXN_CREATED", "TXN_FAILED")

    assert banked.reads == [1, 2, 3]
