"""What any keeper of personal records must do: run against the fake and against PostgreSQL."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from contracts.documents.documents_contract import invoice, issue
from contracts.sign_in.browser_sessions_contract import a_session
from contracts.storage import BY_MIRA, Storage
from domain.errors import ChangedMeanwhile, NotFound
from domain.identifiers import PaymentId, StudentId
from domain.payments.consent import Consent
from domain.payments.payment import Payment, Student
from domain.payments.payment_state import State
from domain.privacy.erasure import ErasurePlan, plan_erasure
from fakes.clock import NOON
from fakes.samples import ASHAS_BILL, BY_ASHA, NOTED, RAVI, a_payment, payment_id
from ports.audit_log import AuditEntry
from ports.privacy.personal_records import ERASED_EMAIL, ERASED_NAME, ErasedCounts

STUDENT: Final = StudentId("asha")
LATER: Final = NOON + timedelta(days=400)
LONG_AGO: Final = -800
"""More than a year by the clock of the database as well, which tests do not move."""

ASHA: Final = Student(id=STUDENT, name="Asha", email="asha@example.com", phone="+919845012345")


def a_lapsed(number: int = 1, student: Student = ASHA) -> Payment:
    """Return a payment that came to nothing."""
    payment = a_payment(number, student=student)
    bill = replace(ASHAS_BILL, address="12 MG Road")
    agreed = Consent(version="5ac1" * 16, notice_url="https://learn.example.com/notice", at=NOON)
    return replace(payment, buyer=bill, state=State.EXPIRED, closed_at=NOON, consent=agreed)


def an_act(payment: PaymentId, at_day: int = LONG_AGO) -> AuditEntry:
    return AuditEntry(
        at=NOON + timedelta(days=at_day),
        origin=replace(BY_ASHA, ip="192.0.2.7", user_agent="Firefox"),
        action="payment.begun",
        subject=payment,
    )


async def begin(storage: Storage, *payments: Payment, acts: tuple[AuditEntry, ...] = ()) -> None:
    for payment in payments:
        async with storage.unit_of_work() as work:
            work.payments.repository.add(payment)
    async with storage.unit_of_work() as work:
        for each in acts:
            work.audit.add(each)


async def save(storage: Storage, payment: Payment) -> None:
    async with storage.unit_of_work() as work:
        await work.payments.repository.get(payment.id)
        work.payments.repository.save(payment, NOTED)


async def planned(storage: Storage, student: StudentId = STUDENT) -> ErasurePlan:
    return plan_erasure(student, await storage.personal_records.payments_of(student), LATER)


def counted(seen: list[ErasedCounts]) -> Callable[[ErasedCounts], AuditEntry]:
    def audit(counts: ErasedCounts) -> AuditEntry:
        seen.append(counts)
        return replace(BY_MIRA, action="personal_data.erased", subject=f"person:{STUDENT}")

    return audit


class PersonalRecordsContract:
    """Subclasses give the fixture ``storage``."""

    async def test_everything_of_a_student_is_read(self, storage: Storage) -> None:
        """
        In the order of time, and nothing of anybody else.
        """
        mine, other = a_lapsed(1), a_lapsed(2, RAVI)
        await begin(storage, mine, other, acts=(an_act(mine.id), an_act(other.id)))
        await storage.browser_sessions.begin(a_session(1, STUDENT, at=NOON), None)

        record = await storage.personal_records.everything_of(STUDENT)

        (payment,) = record.payments
        assert (payment.payment, payment.name, payment.email) == (mine.id, "Asha", ASHA.email)
        assert (payment.phone, payment.bill_address) == (ASHA.phone, "12 MG Road")
        assert payment.payable == mine.quote.payable.plain()
        assert payment.consent == mine.consent is not None
        assert [(each.kind, each.what, each.ip) for each in record.facts] == [
            ("act", "payment.begun", "192.0.2.7"),
            ("sign_in", "", "2001:db8::1"),
        ]
        nobody = await storage.personal_records.everything_of(StudentId("nobody"))
        assert (nobody.payments, nobody.facts) == ([], [])

    async def test_a_document_keeps_the_names_that_stand_on_it(self, storage: Storage) -> None:
        """
        And is told by its number.
        """
        await begin(storage, a_lapsed())
        await issue(storage, invoice(1))

        assert [each.is_documented for each in await storage.personal_records.payments_of(STUDENT)]
        facts = (await storage.personal_records.everything_of(STUDENT)).facts
        assert [(each.kind, each.payment) for each in facts] == [("document", payment_id(1))]
        plan = await planned(storage)
        assert (plan.contact, plan.names) == ([payment_id(1)], [])

    async def test_what_is_erased_is_nowhere_any_more(self, storage: Storage) -> None:
        """
        Not in the payment, in a session, or in where an old request came from; the act itself stays.
        """
        mine, other = a_lapsed(1), a_lapsed(2, RAVI)
        await begin(storage, mine, other, acts=(an_act(mine.id), an_act(mine.id, 399)))
        await storage.browser_sessions.begin(a_session(1, STUDENT, at=NOON), None)
        seen: list[ErasedCounts] = []

        counts = await storage.personal_records.erase(await planned(storage), counted(seen))

        assert counts == ErasedCounts(contact=1, names=1, sessions=1, addresses=1)
        assert seen == [counts]
        record = await storage.personal_records.everything_of(STUDENT)
        (payment,) = record.payments
        assert (payment.name, payment.email, payment.phone) == (ERASED_NAME, ERASED_EMAIL, "")
        assert (payment.bill_name, payment.bill_address) == (ERASED_NAME, ERASED_NAME)
        assert [(each.kind, each.ip, each.browser) for each in record.facts] == [
            ("act", "", ""),
            ("sign_in", "", ""),
            ("act", "192.0.2.7", "Firefox"),
        ]
        (others,) = (await storage.personal_records.everything_of(RAVI.id)).payments
        assert (others.name, others.email) == (RAVI.name, RAVI.email)
        assert (await planned(storage)).contact == []
        assert (await storage.audit_lines())[-1].action == "personal_data.erased"

    async def test_whoever_read_the_payment_before_cannot_write_it_back(
        self, storage: Storage
    ) -> None:
        """
        A late change of the payment is made anew, on what is left of it.
        """
        await begin(storage, a_lapsed())
        async with storage.unit_of_work() as work:
            stale = await work.payments.repository.get(payment_id(1))
        await storage.personal_records.erase(await planned(storage), counted([]))

        with pytest.raises(ChangedMeanwhile):
            await save(storage, stale)

    async def test_a_payment_that_moves_meanwhile_is_left_as_it_is(self, storage: Storage) -> None:
        """
        With all that was to be erased beside it, and no entry of the audit log.
        """
        await begin(storage, a_lapsed(1), a_payment(2, student=ASHA))
        plan = await planned(storage)
        assert plan.contact == [payment_id(1)]
        wrong = replace(plan, contact=[payment_id(1), payment_id(2)])

        with pytest.raises(ChangedMeanwhile):
            await storage.personal_records.erase(wrong, counted([]))
        first, _ = (await storage.personal_records.everything_of(STUDENT)).payments
        assert first.email == ASHA.email
        assert await storage.audit_lines() == []

    async def test_a_payment_that_is_held_meanwhile_is_left_as_it_is(
        self, storage: Storage
    ) -> None:
        """
        The hold was placed after somebody had seen the plan.
        """
        await begin(storage, a_lapsed())
        plan = await planned(storage)
        assert plan.contact == plan.names == [payment_id(1)]
        await storage.personal_records.hold(
            payment_id(1), replace(BY_MIRA, action="legal_hold.placed")
        )

        for part in (replace(plan, names=[]), replace(plan, contact=[])):
            with pytest.raises(ChangedMeanwhile):
                await storage.personal_records.erase(part, counted([]))
        (record,) = (await storage.personal_records.everything_of(STUDENT)).payments
        assert (record.email, record.name) == (ASHA.email, ASHA.name)

    async def test_a_hold_is_placed_and_released(self, storage: Storage) -> None:
        """
        Twice is once; what is not held cannot be released.
        """
        await begin(storage, a_lapsed())
        records = storage.personal_records
        for _ in range(2):
            await records.hold(payment_id(1), replace(BY_MIRA, action="legal_hold.placed"))

        assert await records.holds() == [payment_id(1)]
        assert [each.is_held for each in await records.payments_of(STUDENT)] == [True]
        await records.release(payment_id(1), replace(BY_MIRA, action="legal_hold.released"))
        assert await records.holds() == []
        with pytest.raises(NotFound):
            await records.release(payment_id(1), BY_MIRA)
        assert [each.action for each in await storage.audit_lines()] == [
            "legal_hold.placed",
            "legal_hold.placed",
            "legal_hold.released",
        ]
