"""What any unit of work must do: everything collected happens together, or none of it."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from contracts.payments.payments_contract import PAGE, charged, failed, unsold
from contracts.storage import (
    LEASE,
    NO_COURSE,
    AuditLine,
    Storage,
    add,
    enrol,
    event,
    facts,
    get,
    put_code,
    put_course,
    save,
    uses,
)
from domain.catalogue.discount import DiscountCode, DiscountUses
from domain.errors import ChangedMeanwhile, NotFound
from domain.identifiers import PaymentId
from domain.payments.client_reference import ClientReference, ReferencedPurchase
from domain.payments.payment import Student
from domain.payments.payment_state import State
from fakes.clock import NOON
from fakes.samples import ASHA, BY_ASHA, RAVI, a_code, a_course, a_payment, payment_id
from ports.audit_log import AuditEntry
from ports.idempotency import IdempotencyKey, IdempotencyRecord
from ports.notifications.outbox import OutboxTask
from ports.payments.checkout_facts import CheckoutQuery

OPENED = AuditEntry(at=NOON, origin=BY_ASHA, action="payment.opened", subject="SK1")
KEY = IdempotencyKey(student=ASHA.id, route="initiate", key="k-1")
MINUTE = timedelta(minutes=1)
MOMENT = timedelta(microseconds=1)
A, B = "a" * 64, "b" * 64


class UnitOfWorkContract:
    async def test_everything_collected_is_applied(self, storage: Storage) -> None:
        """
        Payment, place, letter, slot, key, inbox entry and audit line, in one go.
        """
        await put_code(storage, a_code())
        await storage.inbox.enqueue(event(), NOON)
        (entry,) = await storage.inbox.claim(NOON, lease=LEASE, at_most=1)
        sold = charged(a_payment())

        async with storage.unit_of_work() as work:
            work.payments.repository.add(sold)
            work.payments.enrolments.enrol(sold, NOON)
            work.notifications.outbox.enqueue(OutboxTask.PAYMENT_CONFIRMATION, sold.id, NOON)
            work.catalogue.discounts.reserve(a_code(), ASHA.id)
            work.idempotency.claim(KEY, body_sha256=A, payment=sold.id, at=NOON, until=NOON)
            work.payments.inbox.complete(entry, NOON)
            work.audit.add(OPENED)

        question = CheckoutQuery(
            unsold_since=NOON, student=ASHA.id, course=sold.course, code="TEN", key=KEY
        )
        found = await facts(storage, question)
        assert found.enrolled
        assert found.answered == sold
        assert DiscountUses(total=1, by_student=1) == found.uses
        assert sold.id == (await storage.outbox.claim(NOON, lease=LEASE, at_most=9))[0].payment
        assert await storage.inbox.enqueue(event(), NOON) == "applied"
        assert "payment.opened" in {line.action for line in await storage.audit_lines()}

    async def test_nothing_is_applied_when_one_part_is_stale(self, storage: Storage) -> None:
        """
        The last guard that fails takes everything before it along.
        """
        await put_code(storage, a_code())
        await add(storage, a_payment(1))
        before = await storage.audit_lines()

        async def unit() -> None:
            async with storage.unit_of_work() as work:
                work.payments.repository.add(a_payment(2, student=RAVI))
                work.notifications.outbox.enqueue(
                    OutboxTask.PAYMENT_CONFIRMATION, payment_id(1), NOON
                )
                work.catalogue.discounts.reserve(a_code(), ASHA.id)
                work.idempotency.claim(
                    KEY, body_sha256=A, payment=payment_id(1), at=NOON, until=NOON
                )
                work.audit.add(OPENED)
                work.payments.repository.save(replace(a_payment(1), version=7))

        with pytest.raises(ChangedMeanwhile):
            await unit()

        with pytest.raises(NotFound):
            await get(storage, payment_id(2))
        assert not await storage.outbox.claim(NOON, lease=LEASE, at_most=9)
        assert DiscountUses(total=0, by_student=0) == await uses(storage, "TEN")
        assert before == await storage.audit_lines()
        assert (await _record(storage)) is None

    async def test_nothing_is_applied_when_the_block_raises(self, storage: Storage) -> None:
        """
        A refusal half-way leaves no trace, and comes out as it went in.
        """

        async def unit() -> None:
            async with storage.unit_of_work() as work:
                work.payments.repository.add(a_payment())
                work.audit.add(OPENED)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await unit()

        assert not await storage.audit_lines()
        with pytest.raises(NotFound):
            await get(storage, payment_id(1))

    async def test_a_unit_that_collects_nothing_ends_quietly(self, storage: Storage) -> None:
        """
        Reading alone is a unit too.
        """
        async with storage.unit_of_work() as work:
            found = await work.payments.checkout_facts.read(
                CheckoutQuery(unsold_since=NOON, student=ASHA.id, course=NO_COURSE)
            )

        assert found.course is None
        assert found.live is None

    async def test_a_collected_write_is_not_seen_before_the_end(self, storage: Storage) -> None:
        """
        Nobody acts on a state that may still come to nothing.
        """
        async with storage.unit_of_work() as work:
            work.payments.repository.add(a_payment())
            with pytest.raises(NotFound):
                await get(storage, payment_id(1))

        assert a_payment() == (await get(storage, payment_id(1))).payment

    async def test_audit_lines_stand_in_the_order_in_which_they_were_added(
        self, storage: Storage
    ) -> None:
        """
        The timeline of a payment is read by it where two steps have one instant.
        """
        wanted = [replace(OPENED, action=action) for action in ("one", "two", "three")]

        async with storage.unit_of_work() as work:
            for entry in wanted:
                work.audit.add(entry)

        assert [line.action for line in await storage.audit_lines()] == ["one", "two", "three"]

    async def test_audit_lines_say_who_and_from_where(self, storage: Storage) -> None:
        """
        Address and user agent of whoever asked stand in the line.
        """
        async with storage.unit_of_work() as work:
            work.audit.add(OPENED)

        expected = AuditLine(
            action="payment.opened",
            subject="SK1",
            actor="student:asha",
            ip="192.0.2.7",
            user_agent="a browser",
        )
        assert [expected] == await storage.audit_lines()


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


class DiscountBookContract:
    async def test_a_reservation_is_counted_for_all_and_for_the_student(
        self, storage: Storage
    ) -> None:
        """
        Both counters move together, and back together.
        """
        await put_code(storage, a_code())

        await _reserve(storage, a_code(), ASHA)
        await _reserve(storage, a_code(), RAVI)
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
            _reserve(storage, last, ASHA), _reserve(storage, last, RAVI), return_exceptions=True
        )

        assert [ChangedMeanwhile] == [type(each) for each in outcomes if each is not None]
        assert (await uses(storage, "TEN")).total == 1

    async def test_a_student_has_a_limit_of_their_own(self, storage: Storage) -> None:
        """
        One student at the limit does not stop another, and takes no slot of theirs.
        """
        once = a_code(total_limit=5, per_student_limit=1)
        await put_code(storage, once)
        await _reserve(storage, once, ASHA)

        with pytest.raises(ChangedMeanwhile):
            await _reserve(storage, once, ASHA)

        await _reserve(storage, once, RAVI)
        assert DiscountUses(total=2, by_student=1) == await uses(storage, "TEN")

    async def test_a_released_slot_can_be_taken_again(self, storage: Storage) -> None:
        """
        What came to nothing does not use the code up.
        """
        last = a_code(total_limit=1, per_student_limit=1)
        await put_code(storage, last)
        await _reserve(storage, last, ASHA)
        await _release(storage, ASHA)

        await _reserve(storage, last, ASHA)

        assert DiscountUses(total=1, by_student=1) == await uses(storage, "TEN")

    async def test_late_money_is_honoured_beyond_both_limits(self, storage: Storage) -> None:
        """
        The price was paid; the counter says so although it passes the limit.
        """
        last = a_code(total_limit=1, per_student_limit=1)
        await put_code(storage, last)
        await _reserve(storage, last, ASHA)

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
            await _reserve(storage, a_code("GONE"), ASHA)
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
        await _reserve(storage, a_code(), ASHA)
        await _release(storage, ASHA)

        with pytest.raises(storage.fault):
            await _release(storage, ASHA)


class IdempotencyContract:
    async def test_the_first_to_claim_has_the_key(self, storage: Storage) -> None:
        """
        The record tells what for, and until when.
        """
        await _claim(storage)

        expected = IdempotencyRecord(
            key=KEY,
            body_sha256=A,
            payment=payment_id(1),
            completed=False,
            locked_until=NOON + MINUTE,
        )
        assert expected == await _record(storage)

    async def test_the_second_is_told_while_the_first_is_at_work(self, storage: Storage) -> None:
        """
        Claimed until the very instant; then the request that claimed it counts as dead.
        """
        await _claim(storage)
        with pytest.raises(ChangedMeanwhile):
            await _claim(storage, payment=2, at=NOON + MINUTE - timedelta(microseconds=1))

        await _claim(storage, payment=2, at=NOON + MINUTE)

        record = await _record(storage)
        assert record is not None
        assert payment_id(2) == record.payment

    async def test_one_of_two_at_once_has_the_key(self, storage: Storage) -> None:
        """
        A double click opens one payment.
        """
        outcomes = await asyncio.gather(
            *(_claim(storage, payment=number) for number in (1, 2)), return_exceptions=True
        )

        assert [ChangedMeanwhile] == [type(each) for each in outcomes if each is not None]

    async def test_another_body_never_takes_a_key_over(self, storage: Storage) -> None:
        """
        Not even after the claim ran out.
        """
        await _claim(storage)

        with pytest.raises(ChangedMeanwhile):
            await _claim(storage, body=B, at=NOON + 2 * MINUTE)

    async def test_a_completed_key_is_never_claimed_again(self, storage: Storage) -> None:
        """
        The answer stands, however late the request is repeated.
        """
        await _claim(storage)
        async with storage.unit_of_work() as work:
            work.idempotency.complete(KEY, payment_id(1))

        with pytest.raises(ChangedMeanwhile):
            await _claim(storage, at=NOON + timedelta(days=1))
        record = await _record(storage)
        assert record is not None
        assert record.completed

    async def test_a_key_can_be_completed_as_it_is_claimed(self, storage: Storage) -> None:
        """
        When nothing is to be paid the answer is there at once.
        """
        await _claim(storage, completed=True)

        record = await _record(storage)
        assert record is not None
        assert record.completed

    async def test_a_released_key_is_free_at_once(self, storage: Storage) -> None:
        """
        The same request may come again without waiting for the claim to run out.
        """
        await _claim(storage)
        async with storage.unit_of_work() as work:
            work.idempotency.release(KEY, payment_id(1), NOON)

        await _claim(storage, payment=2)

    async def test_a_lost_claim_neither_completes_nor_releases_its_key(
        self, storage: Storage
    ) -> None:
        """
        A request that counted as dead cannot touch its successor's key; nor is that an error.
        """
        await _claim(storage)
        await _claim(storage, payment=2, at=NOON + MINUTE)

        async with storage.unit_of_work() as work:
            work.idempotency.complete(KEY, payment_id(1))
        async with storage.unit_of_work() as work:
            work.idempotency.release(KEY, payment_id(1), NOON)

        record = await _record(storage)
        assert record is not None
        assert (payment_id(2), False, NOON + 2 * MINUTE) == (
            record.payment,
            record.completed,
            record.locked_until,
        )

    async def test_a_completed_key_is_not_released(self, storage: Storage) -> None:
        """
        An answer is not taken back.
        """
        await _claim(storage, completed=True)

        async with storage.unit_of_work() as work:
            work.idempotency.release(KEY, payment_id(1), NOON)

        record = await _record(storage)
        assert record is not None
        assert (record.completed, record.locked_until) == (True, NOON + MINUTE)

    async def test_what_was_claimed_long_ago_is_forgotten_in_batches(
        self, storage: Storage
    ) -> None:
        """
        By the end of the last claim, that of the oldest first; a key that was forgotten is free again.
        """
        keys = [replace(KEY, key=f"k-{number}") for number in range(4)]
        for number, key in enumerate(keys):
            await _claim(storage, key=key, at=NOON + number * MINUTE, completed=number % 2 == 0)
        before = NOON + 4 * MINUTE

        assert await storage.idempotency_records.forget(before, at_most=2) == 2
        assert [bool(await _record(storage, key)) for key in keys] == [False, False, True, True]
        assert await storage.idempotency_records.forget(before, at_most=2) == 1
        assert await storage.idempotency_records.forget(before, at_most=2) == 0
        assert await _record(storage, keys[3]) is not None
        await _claim(storage, key=keys[0], body=B, payment=2)

    async def test_a_key_is_one_students_on_one_route(self, storage: Storage) -> None:
        """
        The same words from someone else, or for something else, are another key.
        """
        await _claim(storage)

        for other in (replace(KEY, student=RAVI.id), replace(KEY, route="refund")):
            assert (await _record(storage, other)) is None


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
        await _reserve(storage, code, RAVI)
        await _claim(storage)

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
        await _claim(storage)

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


async def _reserve(storage: Storage, discount: DiscountCode, student: Student) -> None:
    async with storage.unit_of_work() as work:
        work.catalogue.discounts.reserve(discount, student.id)


async def _release(storage: Storage, student: Student) -> None:
    async with storage.unit_of_work() as work:
        work.catalogue.discounts.release("TEN", student.id)


async def _claim(
    storage: Storage,
    *,
    key: IdempotencyKey = KEY,
    payment: int = 1,
    body: str = A,
    at: datetime = NOON,
    completed: bool = False,
) -> None:
    async with storage.unit_of_work() as work:
        work.idempotency.claim(
            key,
            body_sha256=body,
            payment=payment_id(payment),
            at=at,
            until=at + MINUTE,
            completed=completed,
        )


async def _record(storage: Storage, key: IdempotencyKey = KEY) -> IdempotencyRecord | None:
    question = CheckoutQuery(unsold_since=NOON, student=key.student, course=NO_COURSE, key=key)
    return (await facts(storage, question)).record
