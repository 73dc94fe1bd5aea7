"""The control API for refunds, as the simulator has it: tests act as the bank, and as staff at its dashboard."""

import secrets
from collections.abc import Sequence
from typing import Final, Literal

from litestar import Response, delete, post
from litestar.exceptions import ClientException, HTTPException, NotFoundException
from litestar.params import FromPath, JSONBody

from adapters.fake.orders import FakeOrder
from domain.identifiers import PaymentId, RefundId
from domain.money import ZERO, Money, MoneyNotExact
from domain.payments.order_facts import RefundFacts, RefundVerdict
from entrypoints.operations.fake_bank.served_bank import NextRefund, SentEvent, ServedBank
from entrypoints.operations.fake_bank.wire import (
    Count,
    JsonObject,
    Seconds,
    Strict,
    TheBank,
    json_answer,
    order_of,
    rupees,
    where,
)

CONFLICT: Final = 409
DECLINED: Final = ("05", "Do not honour")
VERDICTS: Final = {
    "success": RefundVerdict.PAID,
    "failure": RefundVerdict.FAILED,
    "manual_review": RefundVerdict.IN_REVIEW,
    "pending": RefundVerdict.PENDING,
}
DECIDABLE: Final = frozenset({RefundVerdict.PENDING, RefundVerdict.IN_REVIEW})
RefundOutcome = Literal["success", "failure", "manual_review", "pending"]


class NextRefunds(Strict):
    """At the fake gateway a refund ends at once: the seconds decide only whether there is an ARN."""

    outcome: RefundOutcome = "success"
    seconds: Seconds = 1.0
    arn_seconds: Seconds | None = 1.0
    error_code: str = DECLINED[0]
    error_message: str = DECLINED[1]
    times: Count = 1
    order_id: str | None = None


class DashboardRefund(Strict):
    amount: str | None = None
    unique_request_id: str | None = None
    initiated_by: str = "DASHBOARD"
    outcome: RefundOutcome | None = None
    webhooks: bool = True


class Decide(Strict):
    outcome: Literal["success", "failure", "manual_review"]
    webhooks: bool = True


class Arn(Strict):
    webhooks: bool = True


@post("/refunds/next", status_code=200)
async def plan_refunds(data: JSONBody[NextRefunds], bank: TheBank) -> Response[bytes]:
    planned = NextRefund(
        verdict=VERDICTS[data.outcome],
        error=_error(data.outcome, f"{data.error_code} {data.error_message}"),
        has_arn=data.arn_seconds is not None,
        payment=PaymentId(data.order_id) if data.order_id else None,
    )
    bank.next_refunds.extend([planned] * data.times)
    return json_answer({"waiting": len(bank.next_refunds)})


@delete("/refunds/next", status_code=200)
async def forget_refunds(bank: TheBank) -> Response[bytes]:
    bank.next_refunds.clear()
    return json_answer({"waiting": 0})


@post("/orders/{order_id:str}/refunds", status_code=200)
async def refund_at_dashboard(
    order_id: FromPath[str], data: JSONBody[DashboardRefund], bank: TheBank
) -> Response[bytes]:
    order = order_of(bank, order_id)
    if not order.is_paid:
        raise ClientException("the order was not charged")
    left = order.refunds.left_of(order.facts.amount or order.asked.amount)
    amount = left if data.amount is None else _amount(data.amount)
    if not ZERO < amount <= left:
        raise ClientException("more than what is left of the charge")
    refund = RefundId(data.unique_request_id or f"DB{secrets.token_hex(9)}")
    verdict = VERDICTS[data.outcome or "success"]
    bank.gateway.refund_outside(order.asked.payment, refund, amount)
    return await _moved(bank, order, refund, verdict, webhooks=data.webhooks)


@post("/orders/{order_id:str}/refunds/{request_id:str}/decide", status_code=200)
async def decide_refund(
    order_id: FromPath[str],
    request_id: FromPath[str],
    data: JSONBody[Decide],
    bank: TheBank,
) -> Response[bytes]:
    order = order_of(bank, order_id)
    if _known(order, request_id).verdict not in DECIDABLE:
        raise HTTPException("the refund has ended", status_code=CONFLICT)
    verdict = VERDICTS[data.outcome]
    return await _moved(bank, order, RefundId(request_id), verdict, webhooks=data.webhooks)


@post("/orders/{order_id:str}/refunds/{request_id:str}/arn", status_code=200)
async def give_arn(
    order_id: FromPath[str], request_id: FromPath[str], data: JSONBody[Arn], bank: TheBank
) -> Response[bytes]:
    order = order_of(bank, order_id)
    known = _known(order, request_id)
    if known.verdict is not RefundVerdict.PAID or known.arn:
        raise HTTPException("the refund has an ARN, or was not paid", status_code=CONFLICT)
    return await _moved(
        bank, order, RefundId(request_id), RefundVerdict.PAID, webhooks=data.webhooks
    )


def refund_entry(refund: RefundFacts) -> JsonObject:
    """Return *refund* as an order lists it."""
    entry: JsonObject = {
        "unique_request_id": refund.id,
        "amount": rupees(refund.amount) if refund.amount else None,
        "status": refund.word,
        "ref": refund.reference or None,
        "error_message": refund.error,
        "initiated_by": refund.initiated_by,
    }
    return entry | ({"arn": refund.arn} if refund.arn else {})


async def _moved(
    bank: ServedBank,
    order: FakeOrder,
    refund: RefundId,
    verdict: RefundVerdict,
    *,
    webhooks: bool,
) -> Response[bytes]:
    payment = order.asked.payment
    events: Sequence[SentEvent] = ()
    if verdict is not RefundVerdict.PENDING:
        error = DECLINED[1] if verdict is RefundVerdict.FAILED else ""
        bank.end_refund(payment, refund, NextRefund(verdict, error))
        events = bank.events_of_refund(payment, verdict)
    if webhooks:
        await bank.deliver(events)
    return json_answer(where(order) | {"refund": refund_entry(_known(order, refund))})


def _known(order: FakeOrder, request_id: str) -> RefundFacts:
    if (refund := order.refunds.known.get(RefundId(request_id))) is None:
        raise NotFoundException("no such refund")
    return refund


def _error(outcome: str, error: str) -> str:
    return error if outcome == "failure" else ""


def _amount(written: str) -> Money:
    try:
        return Money.from_rupees(written)
    except MoneyNotExact as complaint:
        raise ClientException(str(complaint)) from None


REFUND_CONTROL: Final = (
    plan_refunds,
    forget_refunds,
    refund_at_dashboard,
    decide_refund,
    give_arn,
)
