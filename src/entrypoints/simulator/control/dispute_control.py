"""
The control API for disputes: tests act as the payer's bank.

- ``POST /_control/orders/{order_id}/dispute`` ``{"amount": null, "stage": "CHARGEBACK", "reason": "10.4", "deadline":
  null, "webhooks": true}`` opens a dispute of a charged order, of all that was charged without an amount; *stage* is
  ``RETRIEVAL``, ``CHARGEBACK``, ``PRE_ARBITRATION`` or ``ARBITRATION``; *deadline* an instant in UTC, in three days
  without one.
- ``POST /_control/orders/{order_id}/dispute/{dispute_id}/decide`` ``{"outcome": "won"|"lost"|"evidence_required"|
  "under_review"|"expired"|"withdrawn", "webhooks": true}`` moves it.

- ``POST /_control/chargebacks`` ``{"order_id": "...", ...}`` and ``POST /_control/chargebacks/{dispute_id}/decide`` are
  the same calls for who knows the dispute by its own id.

All answer ``{"order_id", "id", "status", "dispute": {...}}`` after the first try of the webhook; 409 when the step
does not follow.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

from litestar import Response, post
from litestar.exceptions import ClientException, HTTPException, NotFoundException
from litestar.params import FromPath, JSONBody

from entrypoints.simulator.orders.disputes import (
    ANSWER_WITHIN,
    DISPUTES_MAX,
    Dispute,
    DisputeNotDecidable,
    DisputeStage,
    DisputeStatus,
    dispute_entry,
)
from entrypoints.simulator.orders.order import Order
from entrypoints.simulator.orders.webhook_records import WebhookEvent, WebhookRecord
from entrypoints.simulator.rupees import rupees_in
from entrypoints.simulator.simulated_bank import SimulatedBank, TheBank
from entrypoints.simulator.wire import Strict, json_answer

REASON_USUAL: Final = "10.4 Other fraud, card absent"
OUTCOMES: Final = {
    "evidence_required": DisputeStatus.EVIDENCE_REQUIRED,
    "under_review": DisputeStatus.UNDER_REVIEW,
    "won": DisputeStatus.RESOLVED_IN_MERCHANT_FAVOUR,
    "lost": DisputeStatus.RESOLVED_IN_CUSTOMER_FAVOUR,
    "expired": DisputeStatus.EXPIRED,
    "withdrawn": DisputeStatus.CANCELED,
}
EVENTS: Final = {status: WebhookEvent(f"CHARGEBACK_{status}") for status in DisputeStatus}


class OpenDispute(Strict):
    amount: str | None = None
    stage: DisputeStage = DisputeStage.CHARGEBACK
    reason: str = REASON_USUAL
    deadline: datetime | None = None
    webhooks: bool = True


class OpenChargeback(OpenDispute, kw_only=True):
    order_id: str


class DecideDispute(Strict):
    outcome: Literal["evidence_required", "under_review", "won", "lost", "expired", "withdrawn"]
    webhooks: bool = True


@post("/orders/{order_id:str}/dispute", status_code=200)
async def open_dispute(
    order_id: FromPath[str], data: JSONBody[OpenDispute], bank: TheBank
) -> Response[bytes]:
    return await _open(bank, bank.order(order_id), data)


@post("/chargebacks", status_code=200)
async def open_chargeback(data: JSONBody[OpenChargeback], bank: TheBank) -> Response[bytes]:
    return await _open(bank, bank.order(data.order_id), data)


@post("/chargebacks/{dispute_id:str}/decide", status_code=200)
async def decide_chargeback(
    dispute_id: FromPath[str], data: JSONBody[DecideDispute], bank: TheBank
) -> Response[bytes]:
    for order in bank.orders:
        if any(each.id == dispute_id for each in order.disputes):
            return await _decide(bank, order, dispute_id, data)
    raise NotFoundException("no such dispute")


async def _open(bank: SimulatedBank, order: Order, data: OpenDispute) -> Response[bytes]:
    if not order.is_paid:
        raise HTTPException("only a charged order is disputed", status_code=409)
    if len(order.disputes) >= DISPUTES_MAX:
        raise HTTPException(f"at most {DISPUTES_MAX} disputes per order", status_code=409)
    now = bank.config.clock()
    deadline = data.deadline or now + ANSWER_WITHIN
    if deadline.tzinfo is None:
        raise ClientException("the deadline needs an offset, such as Z")
    dispute = Dispute(
        amount=_amount(order, data.amount),
        stage=data.stage,
        reason=data.reason,
        created_at=now,
        due_at=deadline,
    )
    order.disputes.append(dispute)
    return await _answer(bank, order, dispute, webhooks=data.webhooks)


@post("/orders/{order_id:str}/dispute/{dispute_id:str}/decide", status_code=200)
async def decide_dispute(
    order_id: FromPath[str],
    dispute_id: FromPath[str],
    data: JSONBody[DecideDispute],
    bank: TheBank,
) -> Response[bytes]:
    return await _decide(bank, bank.order(order_id), dispute_id, data)


async def _decide(
    bank: SimulatedBank, order: Order, dispute_id: str, data: DecideDispute
) -> Response[bytes]:
    dispute = next((each for each in order.disputes if each.id == dispute_id), None)
    if dispute is None:
        raise NotFoundException("no such dispute")
    try:
        dispute.move(OUTCOMES[data.outcome], bank.config.clock())
    except DisputeNotDecidable as refusal:
        raise HTTPException(str(refusal), status_code=409) from None
    return await _answer(bank, order, dispute, webhooks=data.webhooks)


async def _answer(
    bank: SimulatedBank, order: Order, dispute: Dispute, *, webhooks: bool
) -> Response[bytes]:
    records: Sequence[WebhookRecord] = (
        bank.sender.record(order, EVENTS[dispute.status], dispute=dispute),
    )
    answer = json_answer(
        {
            "order_id": order.request.order_id,
            "id": order.id,
            "status": order.status,
            "dispute": dispute_entry(dispute),
        }
    )
    if webhooks:
        await bank.sender.deliver(order, records)
    return answer


def _amount(order: Order, named: str | None) -> Decimal:
    if named is None:
        return order.request.amount
    amount = rupees_in(named)
    if amount is None or not 0 < amount <= order.request.amount:
        raise ClientException("the amount is not more than zero, or more than what was charged")
    return amount


DISPUTE_CONTROL: Final = (open_dispute, decide_dispute, open_chargeback, decide_chargeback)
