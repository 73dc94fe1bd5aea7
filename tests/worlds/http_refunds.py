"""Refunds over HTTP: a payment that was paid, and of which some is given back."""

from adapters.fake.script import Outcome
from application.refunds.request_refund import RequestRefundCommand
from domain.identifiers import PaymentId
from domain.money import Money
from domain.payments.order_facts import RefundVerdict
from domain.payments.refund import RequestKey
from fakes.samples import BY_STAFF
from fakes.staff.second_factor import confirmed
from worlds.http import Client, HttpWorld, begun_payment


async def refunded(
    world: HttpWorld,
    client: Client,
    paise: int,
    verdict: RefundVerdict = RefundVerdict.PAID,
    *,
    revokes: bool = False,
    arn: str = "",
) -> str:
    """Return a payment that was paid and of which *paise* were asked back."""
    payment = PaymentId(await begun_payment(client, world.bearer()))
    world.gateway.pay(payment, Outcome.SUCCESS)
    await client.get(f"/api/payment/status/{payment}", headers=world.bearer())
    await give_back(world, payment, paise, verdict, revokes=revokes, arn=arn)
    return payment


async def give_back(
    world: HttpWorld,
    payment: PaymentId,
    paise: int,
    verdict: RefundVerdict = RefundVerdict.PAID,
    *,
    revokes: bool = False,
    arn: str = "",
) -> None:
    """Ask *paise* of the paid *payment* back; the bank ends the refund with *verdict*."""
    world.gateway.refunds_end(verdict)
    wanted = RequestRefundCommand(
        payment=payment,
        amount=Money(paise),
        reason="cancelled",
        origin=BY_STAFF,
        revokes=revokes,
        key=RequestKey(key=payment, body_sha256="a" * 64),
    )
    use_cases = world.use_cases()
    asked = await use_cases.refunds().request_refund()(wanted, confirmed)
    if arn:
        world.gateway.move_refund(payment, asked.refund.id, verdict, arn=arn)
        facts = await world.gateway.read_order(payment, asked.payment.student.id)
        await use_cases.order_status().apply_order_status()(facts, BY_STAFF)
