"""Memory and PostgreSQL are told the same random story, and have to tell the same one back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, TypeVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, invariant, multiple, rule

from application.order_status.apply_order_status import ApplyOrderStatus
from contracts.payments.payments_contract import PAGE
from contracts.storage import LEASE, SECOND, Storage, event, facts, put_code, uses
from contracts.two_storages import TwoStorages, agree
from domain.catalogue.course import Course
from domain.identifiers import PaymentId, RefundId
from domain.money import Money
from domain.payments.failure_reason import FailureReason
from domain.payments.order_facts import (
    OrderFacts,
    RefundFacts,
    RefundVerdict,
    ReviewReason,
    Verdict,
)
from domain.payments.payment import Payment, Student
from domain.payments.payment_state import State
from domain.payments.refund import RefundRequest, RequestKey
from fakes.clock import NOON
from fakes.samples import (
    ASHA,
    BY_ASHA,
    BY_STATUS,
    NOTED,
    RAVI,
    a_code,
    a_course,
    a_payment,
    payment_id,
    refund_id,
)
from ports.audit_log import AuditEntry
from ports.idempotency import IdempotencyKey
from ports.notifications.outbox import OutboxEntry, OutboxTask
from ports.payments.checkout_facts import CheckoutQuery
from ports.payments.inbox import InboxEntry
from ports.refunds.refund_polls import RefundPoll
from ports.work_queue import ClaimedEntry, QueueWrites

EXAMPLES: Final = 40
STEPS: Final = 30
ALL: Final = 99
HOUR: Final = 3600 * SECOND
STUDENTS: Final = st.sampled_from([ASHA, RAVI])
COURSE_LIST: Final = (a_course("algebra"), a_course("botany"))
COURSES: Final = st.sampled_from(COURSE_LIST)
LAST, LOOSE = a_code("LAST", total_limit=2, per_student_limit=1), a_code("LOOSE", total_limit=3)
KEYS: Final = st.sampled_from(
    [IdempotencyKey(student=student.id, route="r", key="k") for student in (ASHA, RAVI)]
)
NUMBERS: Final = st.integers(1, 5)

Out = TypeVar("Out")


@dataclass(frozen=True, slots=True)
class Twins:
    """The same claimed thing as either store numbered it."""

    memory: InboxEntry | OutboxEntry
    postgres: InboxEntry | OutboxEntry


ALONE: Final = Money(500_00)
DEALINGS: Final = st.sampled_from(["complete", "reschedule", "bury"])
REFUNDS: Final = st.sampled_from([refund_id(number) for number in range(1, 4)])
OUTSIDE: Final = RefundId("AR0001")
SUMS: Final = st.sampled_from([Money(100), Money(400_00), Money(600_00), Money(1180_00)])


class Agreement(TwoStorages):
    """Payments and what hangs on them: places, slots, keys, and the entries of the four work queues."""

    copies = Bundle("copies")
    entries = Bundle("entries")
    tasks = Bundle("tasks")
    polls = Bundle("polls")

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.opened: set[PaymentId] = set()
        for code in (LAST, LOOSE):
            self.both(lambda storage, code=code: put_code(storage, code))  # type: ignore[misc]  # bound now

    @initialize(coded=st.booleans())
    def begin(self, *, coded: bool) -> None:
        """Two payments stand there from the start: a story that finds none tells little."""
        for number, course in enumerate(COURSE_LIST, start=1):
            self._open(number, ASHA, course, coded=coded)

    @rule(seconds=st.sampled_from([1, 60, 121, 900, 5000]))
    def time_passes(self, seconds: int) -> None:
        self.clock.move(seconds * SECOND)

    @rule(number=NUMBERS, student=STUDENTS, course=COURSES, coded=st.booleans())
    def open(self, number: int, student: Student, course: Course, *, coded: bool) -> None:
        self._open(number, student, course, coded=coded)

    def _open(self, number: int, student: Student, course: Course, *, coded: bool) -> None:
        payment = a_payment(
            number,
            student=student,
            course=course,
            discount=LAST if coded else None,
            at=self.clock.now(),
        )

        async def command(storage: Storage) -> None:
            async with storage.unit_of_work() as work:
                work.payments.repository.add(payment)
                if coded:
                    work.catalogue.discounts.reserve(LAST, payment.student.id)
                work.audit.add(_opened(payment))

        if payment.id not in self.opened:
            self.both(command)
        self.opened = set(self.memory.store.payments)

    @rule(number=NUMBERS, target=copies)
    def read(self, number: int) -> object:
        async def command(storage: Storage) -> object:
            async with storage.unit_of_work() as work:
                return await work.payments.repository.get_in_context(payment_id(number))

        found = self.both(command)
        return multiple() if found is None else found.payment  # type: ignore[attr-defined]  # in context

    @rule(copy=copies)
    def save(self, copy: Payment) -> None:
        async def command(storage: Storage) -> None:
            async with storage.unit_of_work() as work:
                work.audit.add(_opened(copy))
                work.notifications.outbox.enqueue(OutboxTask.PAYMENT_CONFIRMATION, copy.id, NOON)
                work.payments.repository.save(copy.with_gateway_order(PAGE), NOTED)

        self.both(command)

    @rule(number=NUMBERS, verdict=st.sampled_from(Verdict), exact=st.booleans())
    def apply(self, number: int, verdict: Verdict, *, exact: bool) -> None:
        known = self.memory.store.payments.get(payment_id(number))
        said = _said(payment_id(number), verdict, known, exact=exact)
        self.both(
            lambda storage: ApplyOrderStatus(storage.unit_of_work, self.clock)(said, BY_STATUS)
        )

    @rule(number=NUMBERS, verdict=st.sampled_from(Verdict), entry=entries)
    def apply_with_entry(self, number: int, verdict: Verdict, entry: Twins) -> None:
        known = self.memory.store.payments.get(payment_id(number))
        said = _said(payment_id(number), verdict, known, exact=True)

        def with_entry(held: object) -> Callable[[Storage], Awaitable[Payment]]:
            assert isinstance(held, InboxEntry)
            return lambda storage: ApplyOrderStatus(storage.unit_of_work, self.clock)(
                said, BY_STATUS, held
            )

        self._told_apart(with_entry(entry.memory), with_entry(entry.postgres))

    @rule(number=NUMBERS, student=STUDENTS, course=COURSES)
    def enrol(self, number: int, student: Student, course: Course) -> None:
        payment = a_payment(number, student=student, course=course)

        async def command(storage: Storage) -> None:
            async with storage.unit_of_work() as work:
                work.payments.enrolments.enrol(payment, NOON)

        self.both(command)

    @rule(student=STUDENTS, how=st.sampled_from(["reserve", "release", "honour"]))
    def slot(self, student: Student, how: str) -> None:
        holder = student.id

        async def command(storage: Storage) -> None:
            async with storage.unit_of_work() as work:
                if how == "reserve":
                    work.catalogue.discounts.reserve(LOOSE, holder)
                elif how == "release":
                    work.catalogue.discounts.release("LOOSE", holder)
                else:
                    work.catalogue.discounts.honour_late("LOOSE", holder)

        self.both(command)

    @rule(key=KEYS, body=st.sampled_from("ab"), number=NUMBERS, completed=st.booleans())
    def claim(self, key: IdempotencyKey, body: str, number: int, *, completed: bool) -> None:
        at = self.clock.now()

        async def command(storage: Storage) -> None:
            async with storage.unit_of_work() as work:
                work.idempotency.claim(
                    key,
                    body_sha256=body * 64,
                    payment=payment_id(number),
                    at=at,
                    until=at + 90 * SECOND,
                    completed=completed and number == 1,
                )

        self.both(command)

    @rule(key=KEYS, number=NUMBERS, completes=st.booleans())
    def end_claim(self, key: IdempotencyKey, number: int, *, completes: bool) -> None:
        async def command(storage: Storage) -> None:
            async with storage.unit_of_work() as work:
                if completes and number == 1:
                    work.idempotency.complete(key, payment_id(number))
                else:
                    work.idempotency.release(key, payment_id(number), self.clock.now())

        self.both(command)

    @rule(number=NUMBERS, body=st.sampled_from("01"))
    def accept(self, number: int, body: str) -> None:
        news = replace(event(str(number), order=payment_id(number)), body_sha256=body * 64)
        self.both(lambda storage: storage.inbox.enqueue(news, self.clock.now()))

    @rule(target=entries)
    def claim_entries(self) -> object:
        return self._claimed(
            lambda storage: storage.inbox.claim(self.clock.now(), lease=LEASE, at_most=ALL)
        )

    @rule(entry=entries, how=DEALINGS)
    def deal_with_entry(self, entry: Twins, how: str) -> None:
        at = self.clock.now()

        def dealing(held: object) -> Callable[[Storage], Awaitable[None]]:
            assert isinstance(held, InboxEntry)

            async def command(storage: Storage) -> None:
                async with storage.unit_of_work() as work:
                    _deal_with(work.payments.inbox, held, how, at)

            return command

        self._told_apart(dealing(entry.memory), dealing(entry.postgres))

    @rule(target=tasks)
    def claim_tasks(self) -> object:
        return self._claimed(
            lambda storage: storage.outbox.claim(self.clock.now(), lease=LEASE, at_most=ALL)
        )

    @rule(task=tasks, how=DEALINGS)
    def deal_with_task(self, task: Twins, how: str) -> None:
        at = self.clock.now()

        def dealing(held: object) -> Callable[[Storage], Awaitable[None]]:
            assert isinstance(held, OutboxEntry)

            async def command(storage: Storage) -> None:
                async with storage.unit_of_work() as work:
                    _deal_with(work.notifications.outbox, held, how, at)

            return command

        self._told_apart(dealing(task.memory), dealing(task.postgres))

    @rule(copy=copies, refund=REFUNDS, amount=SUMS, keyed=st.booleans())
    def ask_refund(self, copy: Payment, refund: RefundId, amount: Money, *, keyed: bool) -> None:
        request = RefundRequest(
            id=refund,
            amount=amount,
            reason="any",
            by="staff:mira",
            key=RequestKey(key="k", body_sha256="ab" * 32) if keyed else None,
        )
        at = self.clock.now()

        async def command(storage: Storage) -> None:
            async with storage.unit_of_work() as work:
                work.refunds.polls.enqueue(copy.id, refund, since=at, due_at=at + SECOND)
                work.payments.repository.save(
                    copy.request_refund(request, at=at, approval_threshold=ALONE), NOTED
                )

        # An id is drawn once: the same one for another payment, or again, is a fault of ours.
        self.both(command)

    @rule(copy=copies, refund=REFUNDS, approves=st.booleans())
    def decide_refund(self, copy: Payment, refund: RefundId, *, approves: bool) -> None:
        async def command(storage: Storage) -> None:
            async with storage.unit_of_work() as work:
                decide = copy.approve_refund if approves else copy.reject_refund
                work.payments.repository.save(decide(refund, by="staff:noor", at=NOON), NOTED)

        self.both(command)

    @rule(
        number=NUMBERS,
        refund=st.one_of(REFUNDS, st.just(OUTSIDE)),
        amount=SUMS,
        verdict=st.sampled_from(RefundVerdict),
    )
    def hear_of_refund(
        self, number: int, refund: RefundId, amount: Money, verdict: RefundVerdict
    ) -> None:
        known = self.memory.store.payments.get(payment_id(number))
        said = _said(payment_id(number), Verdict.CHARGED, known, exact=True)
        told = replace(
            said, refunds=(RefundFacts(id=refund, amount=amount, verdict=verdict, arn="1"),)
        )
        self.both(
            lambda storage: ApplyOrderStatus(storage.unit_of_work, self.clock)(told, BY_STATUS)
        )

    @rule(target=polls)
    def claim_refunds(self) -> object:
        said = self.both(
            lambda storage: storage.refund_polls.claim(self.clock.now(), lease=LEASE, at_most=ALL)
        )
        return multiple(*(said or ()))

    @rule(poll=polls, how=DEALINGS | st.just("cancel"))
    def deal_with_refund(self, poll: RefundPoll, how: str) -> None:
        at = self.clock.now()

        async def command(storage: Storage) -> None:
            async with storage.unit_of_work() as work:
                if how == "cancel":
                    work.refunds.polls.cancel(poll.payment, poll.refund)
                else:
                    _deal_with(work.refunds.polls, poll, how, at)

        self.both(command)

    @rule(by=st.sampled_from(["staff:mira", "staff:noor"]))
    def refund_request(self, by: str) -> None:
        async def command(storage: Storage) -> object:
            async with storage.unit_of_work() as work:
                return await work.payments.repository.refund_request(by, "k")

        self.both(command)

    @rule(number=NUMBERS)
    def leave(self, number: int) -> None:
        payment = a_payment(number)

        async def command(storage: Storage) -> None:
            async with storage.unit_of_work() as work:
                work.payments.enrolments.leave(payment, self.clock.now())

        self.both(command)

    @rule(number=NUMBERS, ago=st.sampled_from([0, 3]))
    def may_ask(self, number: int, ago: int) -> None:
        at = self.clock.now()
        self.both(
            lambda storage: storage.order_polls.may_ask(
                payment_id(number), at, not_since=at - ago * SECOND
            )
        )

    @rule(hours=st.sampled_from([0, 1, 24]))
    def claim_order_polls(self, hours: int) -> None:
        at = self.clock.now() + hours * HOUR

        async def command(storage: Storage) -> list[object]:
            return list(await storage.order_polls.claim(at, lease=SECOND, at_most=ALL))

        self.both(command)

    @rule(
        student=STUDENTS,
        states=st.none() | st.lists(st.sampled_from(State), max_size=3),
        size=st.integers(1, 3),
    )
    def history(self, student: Student, states: list[State] | None, size: int) -> None:
        holder = student.id

        async def command(storage: Storage) -> list[object]:
            first = await storage.queries.history(holder, states=states, at_most=size)
            after = first.next
            rest = await storage.queries.history(holder, states=states, after=after, at_most=size)
            return [first, rest]

        self.both(command)

    @rule(key=KEYS, course=COURSES, hours=st.sampled_from([1, 24]))
    def initiation(self, key: IdempotencyKey, course: Course, hours: int) -> None:
        question = CheckoutQuery(
            unsold_since=self.clock.now() - hours * HOUR,
            student=key.student,
            course=course.id,
            code="LAST",
            key=key,
        )
        self.both(lambda storage: facts(storage, question))

    @rule(number=NUMBERS, student=STUDENTS)
    def status(self, number: int, student: Student) -> None:
        holder = student.id
        self.both(lambda storage: storage.queries.status(payment_id(number), holder))

    @invariant()
    def the_counters_agree(self) -> None:
        for code in ("LAST", "LOOSE"):
            self.both(lambda storage, code=code: uses(storage, code, ASHA))  # type: ignore[misc]  # bound now

    def _told_apart(
        self,
        of_memory: Callable[[Storage], Awaitable[Out]],
        of_postgres: Callable[[Storage], Awaitable[Out]],
    ) -> None:
        memory, postgres = self.each(of_memory, of_postgres)
        assert memory == postgres

    def _claimed(self, claim: Callable[[Storage], Awaitable[object]]) -> object:
        memory, postgres = (_in_order(claimed) for _, claimed in self.each(claim, claim))
        assert [replace(each, id=0) for each in memory] == [
            replace(each, id=0) for each in postgres
        ]
        return multiple(*map(Twins, memory, postgres))


@pytest.mark.no_cover
def test_memory_and_postgres_tell_the_same_story(contracts_url: str) -> None:
    """
    Opening, saving stale copies, applying, enrolling, slots, keys, inbox and outbox, in any order.
    """
    agree(lambda: Agreement(contracts_url), examples=EXAMPLES, steps=STEPS)


def _deal_with(writes: QueueWrites[Any], entry: ClaimedEntry, how: str, at: datetime) -> None:
    if how == "complete":
        writes.complete(entry, at)
    elif how == "reschedule":
        writes.reschedule(entry, due_at=at + 60 * SECOND, why=how)
    else:
        writes.bury(entry, at, why=how)


def _in_order(claimed: object) -> list[InboxEntry | OutboxEntry]:
    """Return what was claimed as both can name it: tasks of one unit have ids in no promised order."""
    assert isinstance(claimed, list)
    return sorted(
        claimed,
        key=lambda each: (
            (each.payment, each.task, each.subject) if isinstance(each, OutboxEntry) else (each.id,)
        ),
    )


def _opened(payment: Payment) -> AuditEntry:
    return AuditEntry(
        at=NOON,
        origin=BY_ASHA,
        action="payment.opened",
        subject=payment.id,
        to_state=payment.state,
    )


def _said(
    payment: PaymentId, verdict: Verdict, known: Payment | None, *, exact: bool
) -> OrderFacts:
    return OrderFacts(
        payment=payment,
        verdict=verdict,
        amount=known.quote.payable if known and exact else Money(1),
        currency="INR",
        failure=FailureReason.DECLINED_BY_BANK if verdict is Verdict.DECLINED else None,
        review_reason=ReviewReason.VOIDED if verdict is Verdict.UNCLEAR else None,
    )
