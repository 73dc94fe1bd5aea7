"""Whatever the bank says and staff do, in whatever order: the ledger says the same as the payments."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.fake.gateway import FakeGateway
from application.documents.cancel_document import CancelDocument
from application.documents.issue_credit_note import IssueCreditNote
from application.documents.issue_invoice import IssueInvoice
from application.order_status.apply_order_status import ApplyOrderStatus
from application.order_status.read_order import ReadOrder
from application.refunds.decide_refund import DecideRefundCommand, RejectRefund
from application.refunds.lapse_requests import LapseRequests
from application.refunds.request_refund import RequestRefund, RequestRefundCommand
from application.refunds.send_refund import SendRefund
from domain.errors import ChangedMeanwhile, DomainError
from domain.identifiers import RefundId
from domain.ledger.account import Account
from domain.ledger.journal import JournalKind
from domain.money import ZERO, Money
from domain.payments.order_facts import (
    OrderFacts,
    RefundFacts,
    RefundVerdict,
    ReviewReason,
    Verdict,
)
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from domain.payments.refund_state import RefundState
from fakes.clock import StoppedClock
from fakes.documents.issued import POLICY, a_company
from fakes.ledger.expected_books import booked, check_ledger
from fakes.memory import Memory
from fakes.refunds.refund_strategies import refund_facts
from fakes.samples import BY_SECOND, BY_STAFF, BY_STATUS, LIFETIME, a_course, a_payment, payment_id
from ports.unit_of_work import UnitOfWork, Work

PRICE: Final = Money(1180_00)
SALE: Final = payment_id(1)


class SilentGateway(FakeGateway):
    """A bank that knows no order: what is sent to it gets no answer that moves anything."""


async def confirmed(_: Work) -> None:
    """Say that the second factor was right."""


@dataclass
class Shop:
    """One payment of 1,180 rupees and everything that moves it, on one store."""

    memory: Memory = field(default_factory=Memory)
    clock: StoppedClock = field(default_factory=StoppedClock)
    gateway: SilentGateway = field(default_factory=SilentGateway)
    unit_of_work: UnitOfWork | None = None
    threshold: Money = ZERO

    def __post_init__(self) -> None:
        unit = self.unit_of_work or self.memory.unit_of_work
        ids = count(50)
        self.apply = ApplyOrderStatus(unit, self.clock)
        read = ReadOrder(self.gateway)
        self.ask = RequestRefund(
            unit_of_work=unit,
            send=SendRefund(unit, self.gateway, read, self.apply, self.clock),
            clock=self.clock,
            new_id=lambda: RefundId(f"RF{payment_id(next(ids))[2:]}"),
            approval_threshold=self.threshold,
        )
        self.reject = RejectRefund(unit_of_work=unit, clock=self.clock)
        self.invoice = IssueInvoice(unit, self.clock, a_company(), POLICY)
        self.note = IssueCreditNote(unit, self.clock, a_company(), POLICY, self.invoice)
        self.cancel = CancelDocument(unit, self.memory.documents, self.clock)

    @property
    def payment(self) -> Payment:
        return self.memory.store.payments[SALE]

    async def open(self, *, on_sale: bool = True) -> None:
        self.memory.store.courses[a_course().id] = a_course(active=on_sale)
        async with self.memory.unit_of_work() as work:
            work.payments.repository.add(a_payment())

    async def hear(self, facts: OrderFacts) -> None:
        await self.apply(facts, BY_STATUS)

    async def request(self, paise: int) -> None:
        await self.ask(
            RequestRefundCommand(
                payment=SALE,
                amount=Money(paise),
                available=self.payment.refundable,
                reason="as asked",
                origin=BY_STAFF,
            ),
            confirmed,
        )

    async def refuse(self) -> None:
        for refund in self.payment.refunds:
            if refund.state is RefundState.AWAITING_APPROVAL:
                await self.reject(
                    DecideRefundCommand(payment=SALE, refund=refund.id, origin=BY_SECOND), confirmed
                )

    async def document(self) -> None:
        if self.payment.capture is None:
            return
        await self.invoice(SALE)
        for refund in self.payment.refunds:
            if refund.state is RefundState.SUCCESS:
                await self.note(SALE, refund.id)

    async def void(self) -> None:
        for registered in [*self.memory.store.documents][::-1]:
            if registered.cancelled is None:
                await self.cancel(registered.document.number, "typed wrong", BY_STAFF)


def told(
    verdict: Verdict = Verdict.CHARGED,
    amount: Money | None = PRICE,
    currency: str = "INR",
    review_reason: ReviewReason | None = None,
    refunds: tuple[RefundFacts, ...] = (),
) -> OrderFacts:
    return OrderFacts(
        payment=SALE,
        verdict=verdict,
        amount=amount,
        currency=currency,
        review_reason=review_reason,
        bank_txn_id="TXN-1",
        refunds=refunds,
    )


def of_refund(verdict: RefundVerdict, paise: int = 500_00) -> tuple[RefundFacts, ...]:
    return (RefundFacts(id=RefundId("AR9"), amount=Money(paise), verdict=verdict),)


HEARD = st.builds(
    told,
    verdict=st.sampled_from([Verdict.CHARGED, Verdict.CHARGED, Verdict.DECLINED, Verdict.UNCLEAR]),
    amount=st.sampled_from([PRICE, PRICE, PRICE, Money(1170_00), None]),
    currency=st.sampled_from(["INR", "INR", "INR", "USD"]),
    review_reason=st.sampled_from([None, ReviewReason.AUTO_REFUNDED]),
    refunds=st.lists(refund_facts(), max_size=3).map(tuple),
)
Deed = Callable[[Shop], Awaitable[None]]
DEEDS: Final = st.one_of(
    HEARD.map(lambda facts: lambda shop: shop.hear(facts)),
    st.sampled_from([100, 400_00, 600_00, 1180_00]).map(
        lambda paise: lambda shop: shop.request(paise)
    ),
    st.sampled_from(
        [
            lambda shop: shop.refuse(),
            lambda shop: shop.document(),
            lambda shop: shop.void(),
        ]
    ),
)


@given(st.lists(DEEDS, max_size=9), st.booleans())
@settings(deadline=None)
def test_the_ledger_says_what_the_payment_says(deeds: list[Deed], on_sale: bool) -> None:  # noqa: FBT001 - drawn
    """
    After every single fact: charges and refunds, documents and their cancellations, to the paisa.
    """

    async def run() -> None:
        shop = Shop()
        await shop.open(on_sale=on_sale)
        for deed in deeds:
            with suppress(DomainError):
                await deed(shop)
            check_ledger(shop.memory.store)

    asyncio.run(run())


async def kinds(shop: Shop) -> list[tuple[JournalKind, int]]:
    return [(each.key.kind, each.key.sequence) for each in shop.memory.store.journals.values()]


@pytest.fixture
async def shop() -> Shop:
    shop = Shop()
    await shop.open()
    return shop


async def test_a_charge_is_posted_once_however_often_it_is_heard(shop: Shop) -> None:
    """
    On the bank's own day in India, under the bank's id.
    """
    for _ in range(3):
        await shop.hear(told())

    (journal,) = shop.memory.store.journals.values()
    assert (journal.key.kind, journal.reference) == (JournalKind.CAPTURE, "TXN-1")
    assert booked(shop.memory.store, SALE) == {Account.CLEARING: PRICE, Account.RECEIVABLE: -PRICE}


async def test_another_amount_is_corrected_when_the_bank_corrects_it(shop: Shop) -> None:
    """
    First unapplied, then another amount of it, then a sale after all: the corrections add up.
    """
    for amount, currency in ((1170_00, "USD"), (1170_00, "INR"), (1160_00, "INR")):
        await replace_apply(shop).hear(told(amount=Money(amount), currency=currency))
    check_ledger(shop.memory.store)
    assert booked(shop.memory.store, SALE)[Account.UNAPPLIED] == -Money(1160_00)

    await replace_apply(shop).hear(told())

    check_ledger(shop.memory.store)
    assert booked(shop.memory.store, SALE) == {Account.CLEARING: PRICE, Account.RECEIVABLE: -PRICE}


def replace_apply(shop: Shop) -> Shop:
    """Let staff decide about another amount, so that nothing goes back by itself."""
    shop.apply = replace(shop.apply, returns_mismatch=False)
    return shop


async def test_what_the_bank_returned_itself_and_sold_after_all(shop: Shop) -> None:
    """
    A promise that was made of unapplied money is a refund granted once the course is sold.
    """
    await shop.hear(
        told(
            Verdict.UNCLEAR,
            review_reason=ReviewReason.AUTO_REFUNDED,
            refunds=of_refund(RefundVerdict.PENDING),
        )
    )
    assert booked(shop.memory.store, SALE)[Account.UNAPPLIED] == -Money(680_00)

    await shop.hear(told(refunds=of_refund(RefundVerdict.PENDING)))

    check_ledger(shop.memory.store)
    assert booked(shop.memory.store, SALE)[Account.REFUNDS_GRANTED] == Money(500_00)


async def test_what_went_back_before_it_was_sold_is_in_its_state(shop: Shop) -> None:
    """
    The bank returned a part by itself, and then calls the order charged without a word about that.
    """
    facts = replace(of_refund(RefundVerdict.PAID)[0], automatic=True)
    await shop.hear(
        told(Verdict.UNCLEAR, review_reason=ReviewReason.AUTO_REFUNDED, refunds=(facts,))
    )

    await shop.hear(told())

    check_ledger(shop.memory.store)
    assert shop.payment.state is State.PARTIALLY_REFUNDED
    assert booked(shop.memory.store, SALE)[Account.REFUNDS_GRANTED] == Money(500_00)


async def test_a_failed_refund_that_was_paid_after_all_is_promised_again(shop: Shop) -> None:
    """
    Promise, its mirror, a second promise, and the payment of it.
    """
    for verdict in (RefundVerdict.PENDING, RefundVerdict.FAILED, RefundVerdict.PAID):
        await shop.hear(told(refunds=of_refund(verdict)))
        check_ledger(shop.memory.store)

    assert await kinds(shop) == [
        (JournalKind.CAPTURE, 1),
        (JournalKind.REFUND_ASKED, 1),
        (JournalKind.REVERSAL, 1),
        (JournalKind.REFUND_ASKED, 2),
        (JournalKind.REFUND_PAID, 1),
    ]


async def test_a_refund_that_failed_before_we_knew_it_posts_nothing(shop: Shop) -> None:
    """
    Promised and taken back at once is nothing.
    """
    await shop.hear(told(refunds=of_refund(RefundVerdict.FAILED)))

    assert await kinds(shop) == [(JournalKind.CAPTURE, 1)]


async def test_an_adopted_refund_is_promised_and_paid_at_once(shop: Shop) -> None:
    """
    Both in the unit that adopts it, under the bank's reference.
    """
    facts = replace(of_refund(RefundVerdict.PAID)[0], arn="ARN-1")
    await shop.hear(told(refunds=(facts,)))

    assert await kinds(shop) == [
        (JournalKind.CAPTURE, 1),
        (JournalKind.REFUND_ASKED, 1),
        (JournalKind.REFUND_PAID, 1),
    ]
    assert shop.memory.store.journals[3].reference == "ARN-1"


async def test_a_refund_of_an_earlier_sale_is_granted(shop: Shop) -> None:
    """
    The bank reports it when the course is long open: no unapplied money is touched.
    """
    await shop.hear(told())
    await shop.hear(told(refunds=of_refund(RefundVerdict.PENDING)))

    check_ledger(shop.memory.store)
    assert booked(shop.memory.store, SALE)[Account.REFUNDS_GRANTED] == Money(500_00)


async def test_a_request_that_lapses_is_taken_back(shop: Shop) -> None:
    """
    Nobody approved it: its promise ends with it.
    """
    await shop.hear(told())
    await shop.request(400_00)
    assert booked(shop.memory.store, SALE)[Account.REFUNDS_PAYABLE] == -Money(400_00)

    shop.clock.move(LIFETIME)
    lapse = LapseRequests(
        queries=shop.memory.refunds,
        unit_of_work=shop.memory.unit_of_work,
        clock=shop.clock,
        after=LIFETIME,
    )
    assert await lapse() == 1

    check_ledger(shop.memory.store)
    assert Account.REFUNDS_PAYABLE not in booked(shop.memory.store, SALE)


async def test_documents_are_posted_under_their_numbers_and_taken_back(shop: Shop) -> None:
    """
    An invoice that is cancelled and issued anew has three journals: posted, taken back, posted.
    """
    await shop.hear(told())
    await shop.document()
    await shop.void()
    await shop.document()

    check_ledger(shop.memory.store)
    assert [(each.key.kind, each.reference) for each in shop.memory.store.journals.values()] == [
        (JournalKind.CAPTURE, "TXN-1"),
        (JournalKind.INVOICE, "INV/2627/0000001"),
        (JournalKind.REVERSAL, "INV/2627/0000001"),
        (JournalKind.INVOICE, "INV/2627/0000002"),
    ]


async def test_a_conflict_repeats_the_unit_and_posts_once(shop: Shop) -> None:
    """
    What was collected for nothing is posted by nobody.
    """
    shop.memory.unit_of_work.gateway_failure.append(ChangedMeanwhile("payment"))

    await shop.hear(told())

    assert await kinds(shop) == [(JournalKind.CAPTURE, 1)]
