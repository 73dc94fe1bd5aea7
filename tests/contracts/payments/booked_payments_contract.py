"""What whoever reads payments beside their decisions must do, and whoever keeps where both differ."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from contracts.documents.documents_contract import invoice, issue
from contracts.storage import SECOND, Storage
from domain.identifiers import PaymentId, StudentId
from domain.money import ZERO
from domain.payments.basis import Basis
from domain.rebuild.booked_payment import BookedDocument, BookedPayment, EnrolmentState
from domain.rebuild.differences import Difference, DifferenceKind
from fakes.clock import NOON
from fakes.decided import BEGUN, HISTORIES, kept
from fakes.samples import RAVI, a_payment, payment_id
from ports.notifications.outbox import OutboxTask
from ports.rebuild.booked_payments import KnownDifference

MINE: Final = payment_id(1)
STATE: Final = Difference(kind=DifferenceKind.STATE, books="failed", rebuilt="success")
PRICE: Final = Difference(kind=DifferenceKind.PRICE, books="1.00", rebuilt="2.00")


async def begin(storage: Storage, number: int = 1, at: timedelta = timedelta()) -> PaymentId:
    payment = a_payment(number, student=replace(RAVI, id=StudentId(f"s{number}")), at=NOON + at)
    async with storage.unit_of_work() as work:
        work.payments.repository.add(payment)
    return payment.id


async def change(storage: Storage, payment: PaymentId, *bases: Basis) -> None:
    """Decide *payment* on each of *bases*, one unit each."""
    for basis in bases:
        async with storage.unit_of_work() as work:
            known = await work.payments.repository.get(payment)
            decision = basis.decide(known)
            work.payments.repository.save(decision.payment, basis)
            if decision.enrols:
                work.payments.enrolments.enrol(decision.payment, basis.at)
            if decision.leaves:
                work.payments.enrolments.leave(decision.payment, basis.at)


async def found(storage: Storage, payment: PaymentId = MINE) -> BookedPayment:
    (item,) = (await storage.booked_payments.named([payment])).items
    return item


class BookedPaymentsContract:
    async def test_every_kind_of_basis_is_read_as_it_was_kept(self, storage: Storage) -> None:
        """
        With its version, in their order.
        """
        for number, bases in enumerate(HISTORIES.values(), start=1):
            payment = await begin(storage, number)
            async with storage.unit_of_work() as work:
                known = await work.payments.repository.get(payment)
            for version, basis in enumerate(bases):
                async with storage.unit_of_work() as work:
                    work.payments.repository.save(replace(known, version=version), basis)

            read = await found(storage, payment)

            assert read.kept == kept(*bases)
            assert read.payment.version == len(bases)

    async def test_what_the_books_say_is_read(self, storage: Storage) -> None:
        """
        The payment, its refunds, its enrolment and its documents, as one.
        """
        await begin(storage)
        before = await found(storage)
        await change(storage, MINE, *HISTORIES["refunded"])
        await issue(storage, invoice())

        after = await found(storage)

        assert (before.enrolment, before.documents) == (EnrolmentState.NONE, ())
        assert (before.refunded, before.refunding) == (ZERO, ZERO)
        assert after.enrolment is EnrolmentState.OPEN
        assert after.refunded == after.payment.refunds.went_back != ZERO
        (total,) = {each.heads.total for each in [invoice()]}
        assert after.documents == (BookedDocument(number="INV/2627/0000001", total=total),)
        assert not after.awaits_documents

    async def test_a_document_is_awaited_while_its_task_is_open(self, storage: Storage) -> None:
        """
        A task for an email says nothing of documents.
        """
        for number, task in enumerate(
            (OutboxTask.PAYMENT_CONFIRMATION, OutboxTask.TAX_DOCUMENT), 1
        ):
            payment = await begin(storage, number)
            async with storage.unit_of_work() as work:
                work.notifications.outbox.enqueue(task, payment, NOON)

        assert not (await found(storage)).awaits_documents
        assert (await found(storage, payment_id(2))).awaits_documents

    async def test_each_changed_payment_is_returned_once(self, storage: Storage) -> None:
        """
        In the order of their last change, batch by batch; older ones are left out.
        """
        _old, *rest = [await begin(storage, number, at=number * SECOND) for number in range(1, 5)]
        await change(storage, rest[0], replace(HISTORIES["noted"][0], at=NOON + 9 * SECOND))  # type: ignore[type-var]  # a basis
        pages, after = [], 0
        while True:
            page = await storage.booked_payments.changed_since(
                NOON + 2 * SECOND, after=after, at_most=2
            )
            pages.append([each.payment.id for each in page.items])
            if page.next is None:
                break
            after = page.next

        assert [each for page in pages for each in page] == [rest[1], rest[2], rest[0]]
        assert all(len(each) <= 2 for each in pages)

    async def test_nothing_has_changed(self, storage: Storage) -> None:
        """
        Nothing is kept, or nothing of late; nobody of that name is there.
        """
        books = storage.booked_payments
        assert await books.kept_since() is None
        await begin(storage)

        page = await books.changed_since(NOON + SECOND, at_most=2)

        assert (list(page.items), page.next) == ([], None)
        assert not (await books.named([payment_id(9)])).items
        assert await books.kept_since() == NOON
        assert (await found(storage)).kept == kept()
        assert (await found(storage)).kept[0].basis == BEGUN

    async def test_differences_stand_until_they_heal(self, storage: Storage) -> None:
        """
        What is found again keeps its instant; another difference takes the place of the first.
        """
        register, first, second = storage.differences, payment_id(1), payment_id(2)
        await register.record({first: [STATE], second: [STATE, PRICE]}, [], NOON)
        await register.record({first: [PRICE]}, [payment_id(3)], NOON + SECOND)

        known = await register.known(at_most=9)

        assert known == [
            KnownDifference(payment=first, found_at=NOON, differences=[PRICE]),
            KnownDifference(payment=second, found_at=NOON, differences=[STATE, PRICE]),
        ]
        assert await register.known(at_most=1) == known[:1]
        assert await register.known(after=first, at_most=1) == known[1:]
        await register.record({}, [first, second], NOON)
        assert await register.known(at_most=9) == []
