"""Where staff of a world on real parts give money back; two counters on one world are two processes."""

import secrets
from dataclasses import dataclass
from typing import Final

from adapters.postgres.queues.refund_polls import PostgresRefundPolls
from application.refunds.decide_refund import ApproveRefund, DecideRefundCommand
from application.refunds.poll_refunds import PollRefunds
from application.refunds.request_refund import RefundStanding, RequestRefund, RequestRefundCommand
from application.refunds.send_refund import SendRefund
from domain.identifiers import PAYMENT_ID_CHARS, PAYMENT_ID_RANDOM_CHARS, PaymentId, RefundId
from domain.money import Money
from domain.payments.payment import Payment, Student
from domain.payments.refund import RequestKey
from fakes.alerts import AlertBook
from fakes.staff.second_factor import confirmed
from ports.audit_log import Origin, Source
from worlds.postgres import ASHA, CALL_MAX, PostgresWorld, wanted

PLENTY: Final = Money(10_00_000_00)
BY_MIRA: Final = Origin(actor="staff:mira", source=Source.ADMIN)
BY_NOOR: Final = Origin(actor="staff:noor", source=Source.ADMIN)


def new_refund_id() -> RefundId:
    drawn = "".join(secrets.choice(PAYMENT_ID_CHARS) for _ in range(PAYMENT_ID_RANDOM_CHARS))
    return RefundId(f"RF{drawn}")


@dataclass(frozen=True, slots=True)
class RefundCounter:
    world: PostgresWorld
    approval_threshold: Money = PLENTY

    @property
    def send(self) -> SendRefund:
        world = self.world
        return SendRefund(
            world.unit_of_work, world.gateway, world.read_order, world.apply, world.clock
        )

    async def asks(
        self, payment: PaymentId, amount: Money, by: Origin = BY_MIRA, key: str | None = None
    ) -> RefundStanding:
        """Return the refund that *by* asked for."""
        request = RequestRefund(
            unit_of_work=self.world.unit_of_work,
            send=self.send,
            clock=self.world.clock,
            new_id=new_refund_id,
            approval_threshold=self.approval_threshold,
        )
        return await request(
            RequestRefundCommand(
                payment=payment,
                amount=amount,
                reason="course cancelled",
                origin=by,
                key=RequestKey(key=key, body_sha256="ab" * 32) if key else None,
            ),
            confirmed,
        )

    async def approves(
        self, payment: PaymentId, refund: RefundId, by: Origin = BY_NOOR
    ) -> RefundStanding:
        approve = ApproveRefund(
            unit_of_work=self.world.unit_of_work, send=self.send, clock=self.world.clock
        )
        return await approve(
            DecideRefundCommand(payment=payment, refund=refund, origin=by), confirmed
        )

    async def follows(self) -> int:
        world = self.world
        follow = PollRefunds(
            refund_polls=PostgresRefundPolls(world.database),
            unit_of_work=world.unit_of_work,
            read_order=world.read_order,
            send=self.send,
            apply=world.apply,
            alerts=AlertBook(),
            clock=world.clock,
            lease=CALL_MAX,
        )
        return await follow()


async def sold(world: PostgresWorld, who: Student = ASHA) -> Payment:
    """Return a payment of *who* that was paid and heard of."""
    payment = await world.initiate(wanted(who))
    world.gateway.pay(payment.id)
    facts = await world.read_order(payment.id, who.id)
    return await world.apply(facts, BY_MIRA)
