"""The books of a sample, kept as sales and refunds in a storage: what it does not list was settled before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from contracts.reconciliation.book_reads_contract import post_facts
from contracts.storage import Storage, add, get, save
from domain.catalogue.quote import quote_course
from domain.identifiers import PaymentId, RefundId
from domain.money import ZERO, Money
from domain.payments.order_decisions import apply_order_facts
from domain.payments.order_facts import Instrument, OrderFacts, RefundFacts, RefundVerdict, Verdict
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from domain.payments.refund import RefundRequest
from domain.payments.refund_state import RefundState
from domain.reconciliation.expectation import ExpectationMove
from domain.reconciliation.reported import LineRef
from fakes.samples import ASHA, ASHAS_BILL, LIFETIME, SELLER, a_course
from unit.domain.reconciliation.samples import instant

MINUTE: Final = timedelta(minutes=1)
BUYER: Final = replace(ASHAS_BILL, address="1 Example Road")
EARLIER: Final = "0" * 64
"""The file that settled what the sample takes for settled."""

UNLISTED: Final[Mapping[str, Any]] = {
    "amount_paise": 11800_00,
    "at": "2026-11-11T04:30:00Z",
    "method": "UPI",
    "state": State.SUCCESS,
}
"""The payment of a refund that is listed without it: of the day before, and settled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """A payment of the sample with its refunds; *settled* are the ids that need no line any more."""

    payment: PaymentId
    told: Mapping[str, Any]
    refunds: Sequence[Mapping[str, Any]]
    settled: frozenset[str]


def sales_of(books: Sequence[Mapping[str, Any]]) -> list[Sale]:
    """Return the sales of *books*, each with what they list of it, and what they imply."""
    listed = {each["id"]: each for each in books}
    names = {PaymentId(each.get("payment_id", each["id"])) for each in books}
    found = []
    for name in sorted(names):
        told = listed.get(name, UNLISTED)
        refunds = [each for each in books if each.get("payment_id") == name]
        settled = {each["id"] for each in books if each.get("settled_earlier")}
        if name not in listed:
            settled.add(name)
        if told["state"] == State.PARTIALLY_REFUNDED and not refunds:
            refunds = [_unlisted_refund(name, told)]
            settled.add(refunds[0]["id"])
        found.append(Sale(payment=name, told=told, refunds=refunds, settled=frozenset(settled)))
    return found


async def keep(storage: Storage, sale: Sale, number: int) -> None:
    """Keep *sale*, its journals and its expectations, as the units do that hear of it from the bank."""
    at, amount = instant(sale.told["at"]), Money(sale.told["amount_paise"])
    course = replace(a_course(f"course-{number}"), list_price=amount)
    payment = Payment.begin(
        sale.payment,
        student=ASHA,
        buyer=BUYER,
        quote=quote_course(course, BUYER, SELLER, None),
        at=at - MINUTE,
        lifetime=LIFETIME,
    )
    if sale.told["state"] == State.EXPIRED:
        await add(storage, _told(payment, sale, Verdict.NOT_ATTEMPTED, at=payment.lapses_at))
        return
    payment = _told(payment, sale, Verdict.CHARGED, at=at)
    await add(storage, payment)
    if sale.refunds:
        payment = (await get(storage, payment.id)).payment
    for refund in sale.refunds:
        wanted = RefundRequest(
            id=RefundId(refund["id"]),
            amount=Money(refund["amount_paise"]),
            reason="course cancelled",
            by="staff:mira",
        )
        asked_at = instant(refund["at"])
        payment = payment.request_refund(wanted, at=asked_at, approval_threshold=wanted.amount)
        payment = _told(payment, sale, Verdict.CHARGED, refund, at=asked_at)
    assert payment.state == sale.told["state"] or "id" not in sale.told, payment.state
    if sale.refunds:
        await save(storage, payment)
    await post_facts(storage, payment, at)
    await _settled_before(storage, payment, sale)


def _told(
    payment: Payment, sale: Sale, verdict: Verdict, *refunds: Mapping[str, Any], at: datetime
) -> Payment:
    facts = OrderFacts(
        payment=payment.id,
        verdict=verdict,
        amount=payment.quote.payable,
        currency="INR",
        bank_txn_id="txn-1",
        instrument=Instrument(method=sale.told["method"]),
        charged_at=instant(sale.told["at"]) if verdict is Verdict.CHARGED else None,
        refunds=tuple(
            RefundFacts(
                id=RefundId(each["id"]),
                amount=Money(each["amount_paise"]),
                verdict=RefundVerdict.PAID
                if each["state"] == RefundState.SUCCESS
                else RefundVerdict.PENDING,
            )
            for each in refunds
        ),
    )
    return apply_order_facts(payment, facts, at=at).payment


async def _settled_before(storage: Storage, payment: Payment, sale: Sale) -> None:
    amounts = {"": (payment.id, payment.captured or ZERO)} | {
        each.id: (each.id, each.amount) for each in payment.refunds
    }
    moves = [
        ExpectationMove(
            payment=payment.id, refund=refund, amount=amount, was=None, by=LineRef(EARLIER, 2)
        )
        for refund, (name, amount) in amounts.items()
        if name in sale.settled
    ]
    if not moves:
        return
    async with storage.unit_of_work() as work:
        work.reconciliation.expectations.move(moves)


def _unlisted_refund(payment: PaymentId, told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": f"RF{payment[2:]}",
        "amount_paise": 500_00,
        "at": told["at"],
        "state": RefundState.SUCCESS,
        "payment_id": payment,
    }
