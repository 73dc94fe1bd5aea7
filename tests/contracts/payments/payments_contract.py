"""What any keeper of payments must do; run against memory and against PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contracts.storage import Storage, add, enrol, get, put_course, save
from domain.errors import ChangedMeanwhile, NotFound
from domain.money import ZERO, Money
from domain.payments.adjustment import Adjustment
from domain.payments.failure_reason import FailureReason
from domain.payments.order_decisions import apply_order_facts, fail_without_session
from domain.payments.order_facts import Instrument, OrderFacts, ReviewReason, Verdict
from domain.payments.payment import GatewayOrder, Payment
from domain.payments.payment_state import State
from domain.text.card_number import CardTail
from fakes.clock import NOON
from fakes.samples import (
    LIFETIME,
    NOTED,
    RAVI,
    a_code,
    a_course,
    a_payment,
    payment_id,
    under_review,
)

PAGE = GatewayOrder(id="ordeh_1", payment_url="https://bank.example.com/1")


def failed(payment: Payment) -> Payment:
    return fail_without_session(payment, FailureReason.GATEWAY_UNREACHABLE, NOON).payment


def unsold(payment: Payment) -> Payment:
    """Return *payment* failed although it had a page at the bank."""
    return failed(payment.with_gateway_order(PAGE))


def charged(payment: Payment, **changes: Any) -> Payment:
    """Return *payment* sold; *changes* are to what the bank says of it."""
    usual = OrderFacts(
        payment=payment.id,
        verdict=Verdict.CHARGED,
        amount=payment.quote.payable,
        currency="INR",
        bank_txn_id="txn-1",
        bank_reference="0012",
        instrument=Instrument(method="CARD", card_tail=CardTail("4242"), card_brand="VISA"),
        charged_at=NOON + timedelta(minutes=1),
        adjustment=Adjustment(effective=payment.quote.payable, surcharge=ZERO),
    )
    return apply_order_facts(payment, replace(usual, **changes), at=NOON).payment


def retried(payment: Payment, *numbers: int) -> list[Payment]:
    """Return as many payments that all try *payment* again."""
    quote, at = payment.quote, NOON + timedelta(hours=1)
    return [
        payment.retry_as(payment_id(number), quote=quote, at=at, lifetime=LIFETIME)[1]
        for number in numbers
    ]


class RetriesContract:
    """A retry is kept with what it tries again, and its number is given out once."""

    async def test_a_retry_is_read_back_whole(self, storage: Storage) -> None:
        """
        Both ways.
        """
        first = failed(a_payment())
        await add(storage, first)
        quote, at = first.quote, NOON + timedelta(hours=1)
        old, new = first.retry_as(payment_id(2), quote=quote, at=at, lifetime=LIFETIME)

        async with storage.unit_of_work() as work:
            work.payments.repository.save(old, NOTED)
            work.payments.repository.add(new)

        assert new == (await get(storage, payment_id(2))).payment
        assert (await get(storage, payment_id(1))).payment.retried_as == payment_id(2)

    async def test_one_number_goes_to_one_retry(self, storage: Storage) -> None:
        """
        Also when the one that has it came to nothing.
        """
        first = failed(a_payment())
        second, third = retried(first, 2, 3)
        await add(storage, first, replace(second, state=State.EXPIRED, closed_at=NOON))

        with pytest.raises(ChangedMeanwhile):
            await add(storage, third)

    async def test_the_number_of_a_retry_without_a_page_is_given_out_again(
        self, storage: Storage
    ) -> None:
        """
        Nobody could have paid it.
        """
        first = failed(a_payment())
        second, third = retried(first, 2, 3)
        await add(storage, first, failed(second), third)

        assert third == (await get(storage, payment_id(3))).payment


class PaymentsContract:
    """Kept whole, under a version, one live payment for a student and a course."""

    async def test_a_stranger_is_not_found(self, storage: Storage) -> None:
        """
        Asking for an unknown id is an error, never ``None``.
        """
        with pytest.raises(NotFound):
            await get(storage, payment_id(404))

    async def test_what_was_added_is_read_back_whole(self, storage: Storage) -> None:
        """
        Price, buyer, student, page and capture come back as they went in.
        """
        opened = a_payment(discount=a_code()).with_gateway_order(PAGE)
        sold = charged(a_payment(2, student=RAVI))
        await add(storage, opened, sold)

        assert opened == (await get(storage, opened.id)).payment
        assert sold == (await get(storage, sold.id)).payment

    async def test_a_save_is_read_back_under_the_next_version(self, storage: Storage) -> None:
        """
        Every field of the aggregate is written, and the version counts the writes.
        """
        await add(storage, a_payment())
        flagged = under_review(charged(a_payment()), ReviewReason.PAID_TWICE, ReviewReason.VOIDED)
        later = flagged.flagged(*ReviewReason, at=NOON + timedelta(hours=1))
        sold = replace(later, review=later.review.accepting(ReviewReason.VOIDED))

        await save(storage, sold)

        assert replace(sold, version=1) == (await get(storage, sold.id)).payment

    async def test_the_second_of_two_writers_is_told(self, storage: Storage) -> None:
        """
        A copy read before someone else's save can no longer be saved.
        """
        await add(storage, a_payment())
        mine = (await get(storage, payment_id(1))).payment
        await save(storage, mine.with_gateway_order(PAGE))

        with pytest.raises(ChangedMeanwhile):
            await save(storage, failed(mine))

        assert State.PENDING is (await get(storage, mine.id)).payment.state

    async def test_one_of_two_writers_at_once_wins(self, storage: Storage) -> None:
        """
        Two units that read the same version: one is applied, one is told, whatever their order.
        """
        await add(storage, a_payment())
        mine = (await get(storage, payment_id(1))).payment

        outcomes = await asyncio.gather(
            save(storage, mine.with_gateway_order(PAGE)),
            save(storage, failed(mine)),
            return_exceptions=True,
        )

        assert [ChangedMeanwhile] == [type(each) for each in outcomes if each is not None]
        assert (await get(storage, mine.id)).payment.version == 1

    async def test_what_was_never_added_cannot_be_saved(self, storage: Storage) -> None:
        """
        A save finds the row it read, or tells.
        """
        with pytest.raises(ChangedMeanwhile):
            await save(storage, a_payment())

    async def test_one_live_payment_for_a_student_and_a_course(self, storage: Storage) -> None:
        """
        The second is refused as a race, and nothing of it is kept.
        """
        await add(storage, a_payment(1))

        with pytest.raises(ChangedMeanwhile):
            await add(storage, a_payment(2))

        with pytest.raises(NotFound):
            await get(storage, payment_id(2))

    async def test_one_of_two_initiations_at_once_wins(self, storage: Storage) -> None:
        """
        I2: however close they are, one live payment comes of it.
        """
        outcomes = await asyncio.gather(
            *(add(storage, a_payment(number)) for number in (1, 2)), return_exceptions=True
        )

        assert [ChangedMeanwhile] == [type(each) for each in outcomes if each is not None]

    async def test_others_do_not_take_the_place(self, storage: Storage) -> None:
        """
        Another student, another course, or a payment that is over: all are free to go on.
        """
        await add(storage, failed(a_payment(1)), a_payment(2))

        await add(storage, a_payment(3, student=RAVI), a_payment(4, course=a_course("botany")))

        assert State.PENDING is (await get(storage, payment_id(4))).payment.state

    async def test_an_id_is_used_once(self, storage: Storage) -> None:
        """
        A second payment of the same id is a fault of ours, not a race to repeat.
        """
        await add(storage, failed(a_payment()))

        with pytest.raises(storage.fault):
            await add(storage, failed(a_payment()))

    async def test_a_sale_is_never_undone(self, storage: Storage) -> None:
        """
        The store itself refuses what the domain would never ask for.
        """
        await add(storage, charged(a_payment()))

        with pytest.raises(storage.fault):
            await save(storage, replace(charged(a_payment()), state=State.FAILED))

    async def test_sold_means_captured(self, storage: Storage) -> None:
        """
        A sale without the quoted amount in the bank's hands cannot be written.
        """
        with pytest.raises(storage.fault):
            await add(storage, replace(a_payment(), state=State.SUCCESS))
        sold = charged(a_payment())
        assert sold.capture
        short = replace(sold, capture=replace(sold.capture, amount=Money(1)))
        with pytest.raises(storage.fault):
            await add(storage, short)

    async def test_whether_the_course_is_on_sale_is_told(self, storage: Storage) -> None:
        """
        As things stand now, and not when the payment was opened.
        """
        await add(storage, a_payment())
        assert not (await get(storage, payment_id(1))).on_sale

        for active in (True, False):
            await put_course(storage, a_course(active=active))
            assert (await get(storage, payment_id(1))).on_sale is active

    async def test_the_owner_of_the_course_is_told(self, storage: Storage) -> None:
        """
        Only another payment's enrolment counts, for this very student and course.
        """
        first, second = charged(a_payment(1)), a_payment(2)
        ravis = charged(a_payment(3, student=RAVI, course=a_course("botany")))
        await add(storage, first, second, ravis)
        assert (await get(storage, second.id)).owned_by is None

        await enrol(storage, first)
        await enrol(storage, ravis)

        assert first.id == (await get(storage, second.id)).owned_by
        assert (await get(storage, first.id)).owned_by is None
