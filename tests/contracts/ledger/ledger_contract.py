"""What any ledger must do: post a fact once, take it back once, keep what is closed, and add up."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from contracts.storage import SECOND, Storage, add, enrol
from domain.documents.invoicing import invoice_for
from domain.errors import NotFound
from domain.identifiers import StudentId
from domain.ledger.account import Account
from domain.ledger.journal import Journal, JournalKey, JournalKind, Reversal, reversal_of
from domain.ledger.payment_postings import document_journal
from domain.ledger.postings import post_capture, post_refund_asked, refund_asked_key
from domain.ledger.settlement_postings import SettlementTotals, post_settlement
from domain.money import Money
from fakes.clock import NOON
from fakes.documents.issued import POLICY, a_company, sold
from fakes.samples import ASHA, BY_STAFF, payment_id, refund_id
from ports.audit_log import AuditEntry
from ports.ledger.ledger_periods import PeriodClosed
from ports.ledger.ledger_queries import AccountBalance, PostedJournal

DAY = date(2026, 11, 26)
NEXT = DAY + timedelta(days=1)
ALWAYS = (date.min, date.max)


def captured(number: int = 1, day: date = DAY, rupees: int = 1180) -> Journal:
    journal = post_capture(
        payment_id(number), Money(rupees * 100), day, applied=True, reference=f"TXN{number}"
    )
    assert journal
    return journal


def promised(number: int = 1) -> Journal:
    journal = post_refund_asked(
        payment_id(number), refund_id(number), Money(500_00), DAY, applied=True
    )
    assert journal
    return journal


async def post(storage: Storage, *journals: Journal) -> None:
    """Post each in a unit of its own: those of one unit get their numbers in any order."""
    for journal in journals:
        await post_at_once(storage, journal)


async def post_at_once(storage: Storage, *journals: Journal) -> None:
    async with storage.unit_of_work() as work:
        for journal in journals:
            work.ledger.journals.post(journal, NOON)


async def reverse(storage: Storage, key: JournalKey, day: date = DAY) -> None:
    async with storage.unit_of_work() as work:
        work.ledger.journals.reverse(Reversal(key, day), NOON + SECOND)


async def close(storage: Storage, through: date) -> None:
    entry = AuditEntry(at=NOON, origin=BY_STAFF, action="ledger.closed", subject="ledger")
    await storage.ledger_periods.close(through, entry)


async def posted(storage: Storage) -> list[PostedJournal]:
    return [*(await storage.ledger.journal_page(*ALWAYS, at_most=99)).items]


async def balances(storage: Storage) -> dict[Account, int]:
    return {
        each.account: each.balance.paise for each in await storage.ledger.trial_balance(date.max)
    }


class LedgerContract:
    async def test_a_journal_is_read_as_it_was_posted(self, storage: Storage) -> None:
        """
        Its key, its days, its reference, and its entries in their order.
        """
        journal = captured()
        await post(storage, journal)

        (read,) = await posted(storage)

        assert (read.key, read.day, read.posted_on) == (journal.key, DAY, DAY)
        assert (read.posted_at, read.reference, read.reverses) == (NOON, "TXN1", None)
        assert tuple(read.entries) == journal.entries
        assert await storage.ledger.journal(read.number) == read
        with pytest.raises(NotFound):
            await storage.ledger.journal(read.number + 1)

    async def test_a_fact_is_posted_once(self, storage: Storage) -> None:
        """
        The same key again changes nothing; the other postings of the unit stand.
        """
        await post_at_once(storage, captured(), captured(2))
        await post_at_once(storage, captured(3), captured())

        assert len(await posted(storage)) == 3
        assert {each.key.subject for each in await posted(storage)} == {
            payment_id(1),
            payment_id(2),
            payment_id(3),
        }

    async def test_a_journal_is_taken_back_by_its_mirror_once(self, storage: Storage) -> None:
        """
        A second reversal, and one of a journal that was never posted, are nothing.
        """
        await post(storage, promised())
        for number in (1, 1, 2):
            await reverse(storage, refund_asked_key(payment_id(number), refund_id(number)), NEXT)

        first, mirror = await posted(storage)
        assert (mirror.key, mirror.reverses) == (reversal_of(first.key), first.number)
        assert mirror.day == NEXT
        assert tuple(mirror.entries) == promised().mirrored(NEXT).entries
        assert await balances(storage) == {
            Account.REFUNDS_GRANTED: 0,
            Account.REFUNDS_PAYABLE: 0,
        }

    async def test_a_document_gives_its_number(self, storage: Storage) -> None:
        """
        The number is drawn by the same unit, and is the reference of its journal.
        """
        invoice = invoice_for(sold(), a_company(), POLICY, NOON)
        journal = document_journal(invoice, [])
        async with storage.unit_of_work() as work:
            work.documents.register.issue(invoice)
            work.ledger.journals.post_document(journal, NOON)

        (read,) = await posted(storage)

        assert (read.key.kind, read.reference) == (JournalKind.INVOICE, "INV/2627/0000001")
        assert tuple(read.entries) == journal.entries

    async def test_a_closed_period_takes_no_posting(self, storage: Storage) -> None:
        """
        A late fact is posted on the first open day and names its own; so is a reversal.
        """
        assert await storage.ledger_periods.closed_through() is None
        await post(storage, promised())
        await close(storage, DAY)

        await post(storage, captured(), captured(2, NEXT), captured(3, NEXT + timedelta(days=1)))
        await reverse(storage, refund_asked_key(payment_id(1), refund_id(1)))

        assert await storage.ledger_periods.closed_through() == DAY
        assert {(each.key.subject, each.day, each.posted_on) for each in await posted(storage)} == {
            (promised().key.subject, DAY, DAY),
            (payment_id(1), DAY, NEXT),
            (payment_id(2), NEXT, NEXT),
            (payment_id(3), NEXT + timedelta(days=1), NEXT + timedelta(days=1)),
            (str(promised().key), DAY, NEXT),
        }
        assert [each.action for each in await storage.audit_lines()] == ["ledger.closed"]

    async def test_a_period_closes_once(self, storage: Storage) -> None:
        """
        Later ones follow; an earlier or equal day is closed already.
        """
        await close(storage, DAY)
        await close(storage, NEXT)
        for day in (DAY, NEXT):
            with pytest.raises(PeriodClosed) as refusal:
                await close(storage, day)
            assert refusal.value.through == NEXT

        assert len(await storage.audit_lines()) == 2

    async def test_the_trial_balance_adds_up_to_a_day(self, storage: Storage) -> None:
        """
        Debits and credits of each account, in the order of the chart, up to the day.
        """
        settlement = post_settlement("S1", SettlementTotals(cleared=Money(1180_00)), NEXT)
        assert settlement
        await post(storage, captured(), settlement)

        assert await storage.ledger.trial_balance(DAY) == [
            AccountBalance(Account.CLEARING, Money(1180_00), Money(0)),
            AccountBalance(Account.RECEIVABLE, Money(0), Money(1180_00)),
        ]
        assert await storage.ledger.trial_balance(NEXT) == [
            AccountBalance(Account.CLEARING, Money(1180_00), Money(1180_00)),
            AccountBalance(Account.TRANSIT, Money(1180_00), Money(0)),
            AccountBalance(Account.RECEIVABLE, Money(0), Money(1180_00)),
        ]

    async def test_an_account_is_read_by_pages(self, storage: Storage) -> None:
        """
        Oldest day first, each entry once, whatever the size of a page; only those of the period.
        """
        await post(storage, captured(3, NEXT), captured(1), captured(2), captured(4, date.min))
        seen = []
        after = None
        while True:
            page = await storage.ledger.account_page(
                Account.CLEARING, DAY, NEXT, after=after, at_most=1
            )
            seen += [(each.key.subject, each.posted_on, each.line) for each in page.items]
            if (after := page.next) is None:
                break

        assert seen == [
            (payment_id(1), DAY, 1),
            (payment_id(2), DAY, 1),
            (payment_id(3), NEXT, 1),
        ]
        whole = await storage.ledger.account_page(Account.CLEARING, DAY, NEXT, at_most=3)
        assert whole.next is None
        assert [each.entry.amount for each in whole.items] == [Money(1180_00)] * 3

    async def test_journals_are_read_by_pages_and_by_payment(self, storage: Storage) -> None:
        """
        Each journal once and whole; a payment's in the order in which they were posted.
        """
        await post(storage, captured(2, NEXT), captured(1), promised(2))
        seen = []
        after = None
        while True:
            page = await storage.ledger.journal_page(DAY, NEXT, after=after, at_most=1)
            seen += [each.key for each in page.items]
            if (after := page.next) is None:
                break

        assert seen == [captured(1).key, promised(2).key, captured(2).key]
        assert [each.key for each in await storage.ledger.about(payment_id(2))] == [
            captured(2).key,
            promised(2).key,
        ]
        assert await storage.ledger.about(payment_id(9)) == []


class LedgerBackfillContract:
    async def test_a_pass_goes_on_where_it_was_stopped(self, storage: Storage) -> None:
        """
        A batch at a time; at its end nothing is due until the next pass begins.
        """
        for number in (1, 2, 3):
            student = replace(ASHA, id=StudentId(f"student-{number}"))
            await add(storage, replace(sold(number), student=student))
        await storage.ledger_backfill.begin(NOON)

        assert await storage.ledger_backfill.batch(NOON, at_most=2) == 2
        assert [each.key.subject for each in await posted(storage)] == [
            payment_id(1),
            payment_id(2),
        ]
        assert await storage.ledger_backfill.unfinished() == 1
        assert await storage.ledger_backfill.batch(NOON, at_most=2) == 1
        assert await storage.ledger_backfill.batch(NOON, at_most=2) == 0
        assert await storage.ledger_backfill.unfinished() == 0
        assert len(await posted(storage)) == 3

    async def test_what_is_posted_is_left_as_it_is(self, storage: Storage) -> None:
        """
        A second pass finds nothing; money that opened no course is unapplied.
        """
        await add(storage, sold(1))
        for _ in range(2):
            await storage.ledger_backfill.begin(NOON)
            assert await storage.ledger_backfill.batch(NOON, at_most=9) == 1

        assert await balances(storage) == {
            Account.CLEARING: 11_800_00,
            Account.UNAPPLIED: -11_800_00,
        }

    async def test_what_the_ledger_says_is_expected(self, storage: Storage) -> None:
        """
        Of what was posted before there were expectations as well; a second pass changes nothing.
        """
        await add(storage, sold(1))
        for _ in range(2):
            await storage.ledger_backfill.begin(NOON)
            await storage.ledger_backfill.batch(NOON, at_most=9)

            (owed,) = await storage.books.unsettled(DAY)
            assert (owed.id, owed.amount, owed.expected) == (payment_id(1), Money(11_800_00), True)
            await storage.forget_expectations()

    async def test_a_document_is_posted_under_its_number(self, storage: Storage) -> None:
        """
        With the money that its payment took for the course.
        """
        await add(storage, sold(1))
        await enrol(storage, sold(1))
        async with storage.unit_of_work() as work:
            work.documents.register.issue(invoice_for(sold(), a_company(), POLICY, NOON))
        await storage.ledger_backfill.begin(NOON)
        await storage.ledger_backfill.batch(NOON, at_most=9)

        assert {each.reference for each in await posted(storage)} == {
            "SIMMERCHANT-1-1",
            "INV/2627/0000001",
        }
        assert (await balances(storage))[Account.RECEIVABLE] == 0
