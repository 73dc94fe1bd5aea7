"""What any book of discount codes must do: count each slot that is taken, and give no more than there are."""

import asyncio

import pytest

from contracts.storage import (
    Storage,
    put_code,
    uses,
)
from domain.catalogue.discount import DiscountCode, DiscountUses
from domain.errors import ChangedMeanwhile
from domain.payments.payment import Student
from fakes.samples import ASHA, RAVI, a_code


class DiscountBookContract:
    async def test_a_reservation_is_counted_for_all_and_for_the_student(
        self, storage: Storage
    ) -> None:
        """
        Both counters move together, and back together.
        """
        await put_code(storage, a_code())

        await reserve(storage, a_code(), ASHA)
        await reserve(storage, a_code(), RAVI)
        assert DiscountUses(total=2, by_student=1) == await uses(storage, "TEN")

        await _release(storage, ASHA)
        assert DiscountUses(total=1, by_student=0) == await uses(storage, "TEN")
        assert DiscountUses(total=1, by_student=1) == await uses(storage, "TEN", RAVI)

    async def test_the_last_slot_goes_to_one_of_two(self, storage: Storage) -> None:
        """
        Two buyers at once, one slot: one has it, one is told.
        """
        last = a_code(total_limit=1)
        await put_code(storage, last)

        outcomes = await asyncio.gather(
            reserve(storage, last, ASHA), reserve(storage, last, RAVI), return_exceptions=True
        )

        assert [ChangedMeanwhile] == [type(each) for each in outcomes if each is not None]
        assert (await uses(storage, "TEN")).total == 1

    async def test_a_student_has_a_limit_of_their_own(self, storage: Storage) -> None:
        """
        One student at the limit does not stop another, and takes no slot of theirs.
        """
        once = a_code(total_limit=5, per_student_limit=1)
        await put_code(storage, once)
        await reserve(storage, once, ASHA)

        with pytest.raises(ChangedMeanwhile):
            await reserve(storage, once, ASHA)

        await reserve(storage, once, RAVI)
        assert DiscountUses(total=2, by_student=1) == await uses(storage, "TEN")

    async def test_a_released_slot_can_be_taken_again(self, storage: Storage) -> None:
        """
        What came to nothing does not use the code up.
        """
        last = a_code(total_limit=1, per_student_limit=1)
        await put_code(storage, last)
        await reserve(storage, last, ASHA)
        await _release(storage, ASHA)

        await reserve(storage, last, ASHA)

        assert DiscountUses(total=1, by_student=1) == await uses(storage, "TEN")

    async def test_late_money_is_honoured_beyond_both_limits(self, storage: Storage) -> None:
        """
        The price was paid; the counter says so although it passes the limit.
        """
        last = a_code(total_limit=1, per_student_limit=1)
        await put_code(storage, last)
        await reserve(storage, last, ASHA)

        async with storage.unit_of_work() as work:
            work.catalogue.discounts.honour_late("TEN", ASHA.id)

        assert DiscountUses(total=2, by_student=2) == await uses(storage, "TEN")

    async def test_late_money_of_a_new_student_is_counted(self, storage: Storage) -> None:
        """
        The student's own counter begins with it when need be.
        """
        await put_code(storage, a_code())

        async with storage.unit_of_work() as work:
            work.catalogue.discounts.honour_late("TEN", ASHA.id)

        assert DiscountUses(total=1, by_student=1) == await uses(storage, "TEN")

    async def test_an_unknown_code_has_no_slot(self, storage: Storage) -> None:
        """
        Whatever is done with it, the unit is told.
        """
        with pytest.raises(ChangedMeanwhile):
            await reserve(storage, a_code("GONE"), ASHA)
        with pytest.raises(ChangedMeanwhile):
            await _release(storage, ASHA)
        with pytest.raises(ChangedMeanwhile):
            async with storage.unit_of_work() as work:
                work.catalogue.discounts.honour_late("TEN", ASHA.id)

    async def test_a_slot_is_released_once(self, storage: Storage) -> None:
        """
        No counter goes below nothing.
        """
        await put_code(storage, a_code())
        await reserve(storage, a_code(), ASHA)
        await _release(storage, ASHA)

        with pytest.raises(storage.fault):
            await _release(storage, ASHA)


async def reserve(storage: Storage, discount: DiscountCode, student: Student) -> None:
    async with storage.unit_of_work() as work:
        work.catalogue.discounts.reserve(discount, student.id)


async def _release(storage: Storage, student: Student) -> None:
    async with storage.unit_of_work() as work:
        work.catalogue.discounts.release("TEN", student.id)
