"""What any unit of work must do: everything collected happens together, or none of it."""

from dataclasses import replace

import pytest

from contracts.idempotency_contract import KEY, A, record_of
from contracts.payments.payments_contract import charged
from contracts.storage import (
    LEASE,
    NO_COURSE,
    AuditLine,
    Storage,
    add,
    event,
    facts,
    get,
    put_code,
    uses,
)
from domain.catalogue.discount import DiscountUses
from domain.errors import ChangedMeanwhile, NotFound
from fakes.clock import NOON
from fakes.samples import ASHA, BY_ASHA, NOTED, RAVI, a_code, a_payment, payment_id
from ports.audit_log import AuditEntry
from ports.notifications.outbox import OutboxTask
from ports.payments.checkout_facts import CheckoutQuery

OPENED = AuditEntry(at=NOON, origin=BY_ASHA, action="payment.opened", subject="SK1")


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
                work.payments.repository.save(replace(a_payment(1), version=7), NOTED)

        with pytest.raises(ChangedMeanwhile):
            await unit()

        with pytest.raises(NotFound):
            await get(storage, payment_id(2))
        assert not await storage.outbox.claim(NOON, lease=LEASE, at_most=9)
        assert DiscountUses(total=0, by_student=0) == await uses(storage, "TEN")
        assert before == await storage.audit_lines()
        assert (await record_of(storage)) is None

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
