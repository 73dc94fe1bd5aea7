"""What any register of enrolments must do: a student has one place in a course, opened by one payment."""

import asyncio
from datetime import timedelta

import pytest

from contracts.storage import (
    Storage,
    enrol,
)
from domain.errors import ChangedMeanwhile
from fakes.clock import NOON
from fakes.samples import RAVI, a_course, a_payment, payment_id

MINUTE = timedelta(minutes=1)


class EnrolmentsContract:
    async def test_what_a_payment_opened_is_known_for_good(self, storage: Storage) -> None:
        """
        Closed since or not; a payment that opened nothing is another matter.
        """
        bought = a_payment()
        await enrol(storage, bought)
        async with storage.unit_of_work() as work:
            assert await work.payments.enrolments.opened_by(bought.id)
            assert not await work.payments.enrolments.opened_by(payment_id(2))
            work.payments.enrolments.leave(bought, NOON + MINUTE)
        async with storage.unit_of_work() as work:
            assert await work.payments.enrolments.opened_by(bought.id)

    async def test_one_payment_opens_a_course_to_a_student(self, storage: Storage) -> None:
        """
        A second payment for the same place is a race, decided again on fresh state.
        """
        await enrol(storage, a_payment(1))

        with pytest.raises(ChangedMeanwhile):
            await enrol(storage, a_payment(2))

        await enrol(storage, a_payment(3, student=RAVI))
        await enrol(storage, a_payment(4, course=a_course("botany")))

    async def test_a_payment_opens_once(self, storage: Storage) -> None:
        """
        The same payment settled twice at once opens one place.
        """
        outcomes = await asyncio.gather(
            *(enrol(storage, a_payment()) for _ in range(2)), return_exceptions=True
        )

        assert [ChangedMeanwhile] == [type(each) for each in outcomes if each is not None]
