"""What any source of the facts of a checkout must tell: all that is asked for at once, and nothing else."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from contracts.catalogue.discount_book_contract import reserve
from contracts.idempotency_contract import KEY, claim
from contracts.payments.payments_contract import PAGE, charged, failed, unsold
from contracts.storage import (
    NO_COURSE,
    Storage,
    add,
    enrol,
    facts,
    get,
    put_code,
    put_course,
    save,
)
from domain.catalogue.discount import DiscountUses
from domain.errors import ChangedMeanwhile
from domain.identifiers import PaymentId
from domain.payments.client_reference import ClientReference, ReferencedPurchase
from domain.payments.payment_state import State
from fakes.clock import NOON
from fakes.samples import ASHA, RAVI, a_code, a_course, a_payment, payment_id
from ports.payments.checkout_facts import CheckoutQuery

MINUTE = timedelta(minutes=1)
MOMENT = timedelta(microseconds=1)


class InitiationsContract:
    async def test_an_empty_store_knows_nothing(self, storage: Storage) -> None:
        """
        No course, no code, no uses, no payment: facts too.
        """
        found = await facts(
            storage,
            CheckoutQuery(
                unsold_since=NOON, student=ASHA.id, course=NO_COURSE, code="TEN", key=KEY
            ),
        )

        assert (
            found.course,
            found.discount,
            found.live,
            found.record,
            found.answered,
        ) == (None, None, None, None, None)
        assert not found.enrolled
        assert DiscountUses(total=0, by_student=0) == found.uses

    async def test_all_facts_in_one_answer(self, storage: Storage) -> None:
        """
        Course, code and its use, enrolment, live payment, key and its payment side by side.
        """
        course, code = a_course(), a_code(total_limit=9, per_student_limit=3)
        await put_course(storage, course)
        await put_code(storage, code)
        sold, live = charged(a_payment(1)), a_payment(2)
        await add(storage, sold, live)
        await enrol(storage, sold)
        await reserve(storage, code, RAVI)
        await claim(storage)

        found = await facts(
            storage,
            CheckoutQuery(
                unsold_since=NOON, student=ASHA.id, course=course.id, code="TEN", key=KEY
            ),
        )

        assert (course, code, live, sold) == (
            found.course,
            found.discount,
            found.live,
            found.answered,
        )
        assert found.enrolled
        assert DiscountUses(total=1, by_student=0) == found.uses

    async def test_what_was_not_asked_is_not_told(self, storage: Storage) -> None:
        """
        Without a code and a key there is no discount and no record.
        """
        await put_code(storage, a_code())
        await claim(storage)

        found = await facts(
            storage, CheckoutQuery(unsold_since=NOON, student=ASHA.id, course=NO_COURSE)
        )

        assert (found.discount, found.record, found.answered) == (None, None, None)

    async def test_a_reference_tells_its_first_payment_and_whether_it_was_sold(
        self, storage: Storage
    ) -> None:
        """
        Whoever asks for whatever course; a further payment is not the first one.
        """
        first = replace(a_payment(1), client_reference=ClientReference("order-1"))
        first = replace(first, state=State.EXPIRED, closed_at=NOON)
        further = replace(a_payment(2), client_reference=ClientReference("order-1", first.id))
        asked = CheckoutQuery(
            unsold_since=NOON, student=RAVI.id, course=NO_COURSE, reference="order-1"
        )
        borne = ReferencedPurchase(first=first.id, student=ASHA.id, course=first.course, sold=False)
        assert (await facts(storage, asked)).referenced is None

        await add(storage, first, further)
        assert (await facts(storage, asked)).referenced == borne
        await save(storage, charged(further))

        assert (await facts(storage, asked)).referenced == replace(borne, sold=True)
        assert (await facts(storage, replace(asked, reference="order-2"))).referenced is None

    async def test_a_reference_has_one_first_payment(self, storage: Storage) -> None:
        """
        Two purchases that begin at once cannot both have it.
        """
        order = ClientReference("order-1")
        await add(storage, replace(a_payment(1), client_reference=order))

        with pytest.raises(ChangedMeanwhile):
            await add(storage, replace(a_payment(2, student=RAVI), client_reference=order))

    async def test_a_payment_that_is_over_is_not_live(self, storage: Storage) -> None:
        """
        Only pending and processing hold the place.
        """
        await add(storage, charged(a_payment()), a_payment(2, student=RAVI))

        found = await facts(
            storage, CheckoutQuery(unsold_since=NOON, student=ASHA.id, course=a_course().id)
        )

        assert found.live is None

    async def test_a_busy_payment_is_live(self, storage: Storage) -> None:
        """
        Money may be on its way: the place is held.
        """
        await add(storage, a_payment())
        from_bank = await get(storage, payment_id(1))
        await save(storage, replace(from_bank.payment, state=State.PROCESSING))

        found = await facts(
            storage, CheckoutQuery(unsold_since=NOON, student=ASHA.id, course=a_course().id)
        )

        assert found.live is not None

    async def test_the_newest_unsold_payment_is_told(self, storage: Storage) -> None:
        """
        Failed or expired with a page at the bank, closed after the asked instant: the last opened.
        """
        older, newer = (unsold(a_payment(number, at=NOON + number * MINUTE)) for number in (1, 2))
        await add(storage, older, replace(newer, state=State.EXPIRED))

        assert newer.id == await _unsold(storage, since=NOON - MOMENT)
        assert None is await _unsold(storage, since=NOON)

    async def test_of_two_opened_at_once_one_is_the_newest(self, storage: Storage) -> None:
        """
        The greater id, whichever was written first.
        """
        await add(storage, unsold(a_payment(2)), unsold(a_payment(1)))

        assert payment_id(2) == await _unsold(storage, since=NOON - MOMENT)

    async def test_what_cannot_have_been_paid_since_is_not_unsold(self, storage: Storage) -> None:
        """
        Without a page, sold, live, of another student, or for another course.
        """
        live = replace(a_payment(3), state=State.PROCESSING).with_gateway_order(PAGE)
        await add(
            storage,
            failed(a_payment(1)),
            charged(a_payment(2).with_gateway_order(PAGE)),
            live,
            unsold(a_payment(4, student=RAVI)),
            unsold(a_payment(5, course=a_course("botany"))),
        )

        assert None is await _unsold(storage, since=NOON - MOMENT)


async def _unsold(storage: Storage, *, since: datetime) -> PaymentId | None:
    question = CheckoutQuery(student=ASHA.id, course=a_course().id, unsold_since=since)
    return (await facts(storage, question)).unsold
