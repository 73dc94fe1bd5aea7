"""What is personal of one student, in memory."""

import asyncio
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from domain.errors import ChangedMeanwhile, NotFound
from domain.identifiers import PaymentId, StudentId
from domain.money import ZERO
from domain.payments.basis import NoteBasis, NoteKind
from domain.payments.payment import Payment
from domain.privacy.erasure import ErasurePlan, PersonalPayment
from fakes.store import Store
from ports.audit_log import AuditEntry
from ports.privacy.personal_records import (
    EMAILS,
    ERASED_EMAIL,
    ERASED_NAME,
    ErasedCounts,
    PaymentRecord,
    PersonalFact,
    PersonalRecord,
)


@dataclass(frozen=True, slots=True)
class MemoryPersonalRecords:
    store: Store

    async def payments_of(self, student: StudentId) -> Sequence[PersonalPayment]:
        await asyncio.sleep(0)
        documented = {each.document.particulars.payment.order for each in self.store.documents}
        return [
            PersonalPayment(
                id=each.id,
                opened_at=each.opened_at,
                is_unfinished=is_unfinished(each),
                is_held=each.id in self.store.legal_holds,
                is_documented=each.id in documented,
                is_contact_erased=each.student.email == ERASED_EMAIL,
                are_names_erased=each.student.name == ERASED_NAME,
            )
            for each in _theirs(self.store, student)
        ]

    async def everything_of(self, student: StudentId) -> PersonalRecord:
        await asyncio.sleep(0)
        facts = sorted(self._facts(student), key=lambda each: (each.at, each.kind, each.what))
        payments = [_to_record(each) for each in _theirs(self.store, student)]
        return PersonalRecord(student=student, payments=payments, facts=facts)

    async def erase(
        self, plan: ErasurePlan, audit: Callable[[ErasedCounts], AuditEntry]
    ) -> ErasedCounts:
        await asyncio.sleep(0)
        counts = None

        def change(store: Store) -> None:
            nonlocal counts
            before = {each.id: each.version for each in store.payments.values()}
            counts = _erase(store, plan)
            entry = audit(counts)
            store.audit.append(entry)
            basis = NoteBasis(note=NoteKind.ERASURE, at=entry.at)
            for each in store.payments.values():
                for version in range(before[each.id], each.version):
                    store.keep(each.id, version + 1, basis)

        self.store.apply([change])
        assert counts is not None
        return counts

    async def holds(self) -> Sequence[PaymentId]:
        await asyncio.sleep(0)
        return sorted(self.store.legal_holds)

    async def hold(self, payment: PaymentId, audit: AuditEntry) -> None:
        await asyncio.sleep(0)
        self.store.legal_holds.add(payment)
        self.store.audit.append(audit)

    async def release(self, payment: PaymentId, audit: AuditEntry) -> None:
        await asyncio.sleep(0)
        if payment not in self.store.legal_holds:
            raise NotFound("legal hold", payment)
        self.store.legal_holds.remove(payment)
        self.store.audit.append(audit)

    def _facts(self, student: StudentId) -> Iterator[PersonalFact]:
        store = self.store
        ids = {each.id for each in _theirs(store, student)}
        for payment, place in store.enrolments.items():
            if place.student == student:
                yield PersonalFact(
                    at=place.since, kind="enrolment", what=place.course, payment=payment
                )
        yield from self._of_payments(ids)
        yield from self._of_the_person(student)

    def _of_payments(self, ids: Collection[PaymentId]) -> Iterator[PersonalFact]:
        store = self.store
        for each in store.documents:
            if (about := each.document.particulars.payment.order) in ids:
                yield PersonalFact(
                    at=each.document.particulars.issued_at,
                    kind="document",
                    what=str(each.document.number),
                    payment=about,
                )
        for row in store.outbox.values():
            if row.payment in ids and row.task in EMAILS and row.state == "done" and row.closed_at:
                yield PersonalFact(
                    at=row.closed_at, kind="email", what=row.task, payment=row.payment
                )
        for sent in store.webhook_deliveries.values():
            if sent.event.payment in ids:
                yield PersonalFact(
                    at=sent.event.at,
                    kind="webhook",
                    what=sent.event.type,
                    payment=sent.event.payment,
                )

    def _of_the_person(self, student: StudentId) -> Iterator[PersonalFact]:
        store = self.store
        for kept in store.browser_sessions.values():
            session = kept.session
            if session.subject == student:
                yield PersonalFact(
                    at=session.began_at,
                    kind="sign_in",
                    what="",
                    browser=session.browser,
                    ip=session.ip,
                )
        for entry in store.audit:
            if _is_act(store, entry, student):
                yield PersonalFact(
                    at=entry.at,
                    kind="act",
                    what=entry.action,
                    browser=entry.origin.user_agent,
                    ip=entry.origin.ip,
                )


def _theirs(store: Store, student: StudentId) -> Sequence[Payment]:
    found = [each for each in store.payments.values() if each.student.id == student]
    return sorted(found, key=lambda each: (each.opened_at, each.id))


def is_unfinished(payment: Payment) -> bool:
    open_disputes = any(each.state.is_open for each in payment.disputes)
    in_flight = payment.refunds.in_flight > ZERO
    return payment.state.is_live or in_flight or bool(payment.review) or open_disputes


def _is_act(store: Store, entry: AuditEntry, student: StudentId) -> bool:
    subjects = {*(each.id for each in _theirs(store, student)), f"person:{student}"}
    return entry.origin.actor == f"student:{student}" and entry.subject in subjects


def _erase(store: Store, plan: ErasurePlan) -> ErasedCounts:
    for about in (*plan.contact, *plan.names):
        if is_unfinished(store.payments[about]) or about in store.legal_holds:
            raise ChangedMeanwhile("a payment")
    for about in plan.contact:
        payment = store.payments[about]
        student = replace(payment.student, email=ERASED_EMAIL, phone="")
        store.payments[about] = replace(payment, student=student, version=payment.version + 1)
    for about in plan.names:
        payment = store.payments[about]
        address = None if payment.buyer.address is None else ERASED_NAME
        store.payments[about] = replace(
            payment,
            student=replace(payment.student, name=ERASED_NAME),
            buyer=replace(payment.buyer, name=ERASED_NAME, address=address),
            version=payment.version + 1,
        )
    sessions = addresses = 0
    for key, row in store.browser_sessions.items():
        if row.session.subject == plan.student:
            bare = replace(row.session, name="", email="", phone="", browser="", ip="")
            sessions += bare != row.session
            store.browser_sessions[key] = replace(row, session=bare)
    for place, entry in enumerate(store.audit):
        if _is_act(store, entry, plan.student) and entry.at < plan.before:
            bare_entry = replace(entry, origin=replace(entry.origin, ip="", user_agent=""))
            addresses += bare_entry != entry
            store.audit[place] = bare_entry
    return ErasedCounts(
        contact=len(plan.contact), names=len(plan.names), sessions=sessions, addresses=addresses
    )


def _to_record(payment: Payment) -> PaymentRecord:
    instrument = payment.capture.instrument if payment.capture else None
    tail = instrument.card_tail if instrument else None
    return PaymentRecord(
        payment=payment.id,
        opened_at=payment.opened_at,
        course=payment.quote.course_title,
        state=payment.state,
        payable=payment.quote.payable.plain(),
        name=payment.student.name,
        email=payment.student.email,
        phone=payment.student.phone,
        bill_name=payment.buyer.name,
        bill_state=payment.buyer.state.code,
        bill_gstin=payment.buyer.gstin.text if payment.buyer.gstin else "",
        bill_address=payment.buyer.address or "",
        method=(instrument.method or "") if instrument else "",
        card_tail=tail.digits if tail else "",
        consent=payment.consent,
    )
