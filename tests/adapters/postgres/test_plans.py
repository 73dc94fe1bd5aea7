"""What PostgreSQL does with our statements when the tables are as full as after a good year."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Final

import asyncpg
import pytest
import pytest_asyncio

from adapters.fake.gateway import FakeGateway
from adapters.postgres.audit import audit_reads
from adapters.postgres.audit.audit_reads import PostgresAuditReads
from adapters.postgres.audit.record_archive import PostgresRecordArchive
from adapters.postgres.engine.database import DatabaseSettings
from adapters.postgres.engine.statements import Prepared
from adapters.postgres.invariants.card_scan import GROWING
from adapters.postgres.invariants.invariants import PostgresInvariants
from adapters.postgres.ledger import ledger_queries
from adapters.postgres.ledger.ledger_queries import PostgresLedgerQueries
from adapters.postgres.payments import (
    checkout_facts,
    enrolment_queries,
    payment_details,
    payment_queries,
    payment_search,
    payments,
)
from adapters.postgres.payments.booked_payments import PostgresBookedPayments
from adapters.postgres.payments.enrolment_queries import PostgresEnrolmentQueries
from adapters.postgres.payments.idempotency import PostgresIdempotencyRecords
from adapters.postgres.payments.payment_search import PostgresPaymentSearch
from adapters.postgres.queues import inbox, order_polls, outbox
from adapters.postgres.queues.outbox import PostgresOutbox
from adapters.postgres.reconciliation import book_reads
from adapters.postgres.reconciliation.book_reads import PostgresBookReads
from adapters.postgres.reconciliation.discrepancy_queries import PostgresDiscrepancyQueries
from adapters.postgres.reconciliation.expectation_register import SETTLE
from adapters.postgres.reconciliation.first_pass import PostgresFirstPass
from adapters.postgres.reconciliation.first_pass_statements import AGAIN, DECIDE, OPEN
from adapters.postgres.refunds import refunds
from adapters.postgres.refunds.refund_queries import (
    DISPUTED,
    OF_PAYMENT,
    PAYMENT_OF,
    REFUNDS,
    PostgresRefundQueries,
)
from adapters.postgres.staff.waiting_work import PostgresWaitingWork
from application.monitoring.check_invariants import CheckInvariants
from application.notifications.relay_outbox import LEASE
from conftest import TEMPLATE, run_sql, with_database
from contracts.reconciliation.reconciling_contract import AGREEMENT
from domain.audit.archive_month import ArchiveMonth
from domain.audit.record_kind import RecordKind
from domain.catalogue.course import CourseId
from domain.identifiers import PaymentId, RefundId, StudentId
from domain.ledger.account import Account
from domain.payments.dispute_state import DisputeState
from domain.payments.payment_state import State
from domain.payments.refund_polling import DEFAULT_SCHEDULE
from domain.payments.refund_state import RefundState
from domain.payments.search_term import SearchTerm
from domain.reconciliation.discrepancy import CLOSED_WEIGHT
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.plain_sums import lines_of
from domain.reconciliation.taxonomy import Cause, DiscrepancyType, Owner
from domain.tax.gstin import Gstin
from fault_injection.sql_explain import ExplainingDatabase, Plan
from ports.file_store import FileHash
from ports.payments.enrolment_queries import EnrolmentFilter
from ports.payments.inbox import RefusedWebhookCursor
from ports.payments.payment_queries import HistoryCursor
from ports.payments.payment_search import PaymentFilter
from ports.reconciliation.discrepancy_queries import (
    NO_FILTER,
    DiscrepancyFilter,
    DiscrepancyOrder,
)
from ports.reconciliation.first_pass import FirstPassQuery
from ports.refunds.refund_queries import DisputeCursor
from worlds.postgres import CODE, NOON, HandClock, PostgresWorld, code, origin, student, wanted
from worlds.refund_requests import ask_refund

PAYMENTS: Final = 200_000
BIG: Final = frozenset(
    {
        *("refund", "payment", "audit_log", "inbox", "outbox", "enrolment", "idempotency"),
        *("journal", "entry", "expectation", "discrepancy"),
    }
)
"""
Order polls and refund polls are not among them: there are as many as have not come to an end, and
they go when those do.
"""
OF_ENROLMENTS: Final = frozenset(
    {"enrolment_one_active", "enrolment_of_student", "enrolment_of_course"}
)
"""Where few are of a student and of a course, as here, each costs the same, and any is taken."""

LISTED: Final = (
    NO_FILTER,
    DiscrepancyFilter(states=frozenset({DiscrepancyState.OPEN})),
    DiscrepancyFilter(states=frozenset({DiscrepancyState.RESOLVED})),
    DiscrepancyFilter(types=frozenset({DiscrepancyType.AMOUNT_MISMATCH})),
    DiscrepancyFilter(owners=frozenset({Owner.BANK}), found_before=NOON),
    DiscrepancyFilter(seen_at=NOON - timedelta(days=30)),
    DiscrepancyFilter(proposed=True),
    DiscrepancyFilter(search="SK"),
)
LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
NAME: Final = "shulk_full"

FILL: Final = Path(__file__).with_name("full_tables.sql")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def full_url(postgres_server: str, migrated_template: str) -> AsyncIterator[str]:
    """The URL of a database with 200,000 payments and all that comes with them."""
    await run_sql(postgres_server, f"CREATE DATABASE {NAME} TEMPLATE {TEMPLATE}")
    url = with_database(postgres_server, NAME)
    await run_sql(url, FILL.read_text(encoding="utf-8"))
    yield url
    await run_sql(postgres_server, f"DROP DATABASE {NAME} WITH (FORCE)")


@pytest_asyncio.fixture
async def full(full_url: str) -> AsyncIterator[ExplainingDatabase]:
    # Planning 200,000 rows on a busy machine is not what is measured here.
    database = ExplainingDatabase.connect(
        DatabaseSettings(url=full_url, statement_timeout=timedelta(minutes=1))
    )
    yield database
    await database.close()


@pytest.fixture
def world(full: ExplainingDatabase) -> PostgresWorld:
    return PostgresWorld.open(full, FakeGateway(), HandClock())


async def test_the_tables_are_full(full: ExplainingDatabase) -> None:
    """
    Plans for small tables say nothing: a table that fits one page is best read whole.
    """
    async with full.borrow() as connection:
        counts = await connection.driver.fetchrow(
            "SELECT (SELECT count(*) FROM payment), (SELECT count(*) FROM enrolment),"
            " (SELECT count(*) FROM audit_log), (SELECT count(*) FROM inbox),"
            " (SELECT count(*) FROM outbox), (SELECT count(*) FROM idempotency)"
        )
    assert min(counts) > PAYMENTS / 4
    assert counts[0] >= PAYMENTS


async def a_live_one(world: PostgresWorld, name: str) -> PaymentId:
    who = student(name)
    return (await world.initiate(wanted(who, code=CODE, key=f"first of {name}"))).id


async def go_every_way(world: PostgresWorld) -> None:
    """Every trip of a payment, each of its statements explained on the way."""
    asha, ravi = student("Asha"), student("Ravi")
    await world.stock(code())
    paid = await a_live_one(world, "Asha")
    await world.initiate(wanted(asha, code=CODE, key="first of Asha"))
    world.gateway.pay(paid)
    await world.receive_webhook(*world.gateway.event(paid))
    # The oldest entries are due first; the student's own is behind 400 of others.
    while await world.process_inbox():
        pass
    assert await world.state_of(paid) == "success"
    back = await a_live_one(world, "Ravi")
    world.gateway.pay(back)
    await world.check_status(back, ravi.id, origin(ravi))
    await world.queries.details(back, ravi.id)
    await world.queries.open_courses(ravi.id)
    await world.receive_callback(world.gateway.return_fields(back), origin(ravi))
    await world.check_status(back, ravi.id, origin(ravi))
    await world.poll_orders()
    (entry, *_) = await PostgresOutbox(world.database).claim(NOON, lease=LEASE, at_most=16)
    async with world.unit_of_work() as work:
        work.notifications.outbox.complete(entry, NOON)
    for who in (StudentId("school"), StudentId("student-12345")):
        page = await world.queries.history(who, at_most=2)
        await world.queries.history(who, at_most=20, states=[State.SUCCESS])
        behind = page.next or HistoryCursor(NOON, paid)
        await world.queries.history(who, at_most=20, after=behind)
        await world.queries.history(who, at_most=20, after=behind, states=[State.FAILED])
        month = NOON - timedelta(days=30)
        await world.queries.history(who, at_most=20, opened_from=month, opened_before=NOON)
    await list_enrolments(world)
    await search_payments(world, paid)
    assert await PostgresAuditReads(world.database).about(paid, at_most=200)
    await look_at_refunds(world)
    await read_the_ledger(world, paid)
    await look_at_discrepancies(world)
    await look_at_what_waits(world)
    await ask_refund(world, paid, 100_00, key="k")
    world.clock.forward(DEFAULT_SCHEDULE.first)
    assert await world.poll_refunds() > 0


async def list_enrolments(world: PostgresWorld) -> None:
    """First and further pages of all, of a student, of a course, and of both."""
    enrolments = PostgresEnrolmentQueries(world.database)
    for who, what in product((None, StudentId("student-12345")), (None, CourseId("course-7"))):
        page = await enrolments.find(EnrolmentFilter(student=who, course=what), at_most=20)
        since = EnrolmentFilter(student=who, course=what, changed_from=NOON - timedelta(days=9))
        await enrolments.find(since, after=page.next, at_most=20)


async def search_payments(world: PostgresWorld, payment: PaymentId) -> None:
    """Pages of a week and of what each kind of term finds, first and further ones, all and some."""
    search = PostgresPaymentSearch(world.database, Gstin("27AAECD1234F1Z3"))
    newest = datetime(2026, 4, 1, 7, tzinfo=UTC)
    week = PaymentFilter(opened_from=newest - timedelta(days=7), opened_before=newest)
    page = await search.find(week, at_most=20)
    assert page.next
    await search.find(replace(week, state=State.FAILED), after=page.next, at_most=20)
    for typed in (
        payment,
        "school",
        "Student-123@example.com",
        "+919845000007",
        "txn5010",
        "arn2023",
    ):
        term = SearchTerm.read(typed)
        found = await search.find(PaymentFilter(term=term), at_most=20)
        assert found.items, typed
        await search.find(PaymentFilter(term=term), after=found.next, at_most=20)


async def read_the_ledger(world: PostgresWorld, payment: PaymentId) -> None:
    """A payment's journals, and pages of an account and of a day's journals."""
    ledger = PostgresLedgerQueries(world.database)
    (journal, *_) = await ledger.about(payment)
    await ledger.journal(journal.number)
    day = NOON.date() - timedelta(days=60)
    entries = await ledger.account_page(Account.CLEARING, day, NOON.date(), at_most=20)
    assert entries.next
    await ledger.account_page(Account.CLEARING, day, NOON.date(), after=entries.next, at_most=20)
    books = PostgresBookReads(world.database)
    assert await books.settleable(day, day + timedelta(days=1))
    assert await books.unsettled(NOON.date())
    journals = await ledger.journal_page(day, NOON.date(), at_most=20)
    assert journals.next
    await ledger.journal_page(day, NOON.date(), after=journals.next, at_most=20)


async def look_at_discrepancies(world: PostgresWorld) -> None:
    """Pages of discrepancies by every filter, those that a run saw, and behind the last of a page."""
    seen = PostgresDiscrepancyQueries(world.database)
    at = NOON - timedelta(days=30)
    first = await seen.page(NO_FILTER, order=DiscrepancyOrder.PRIORITY, at=NOON, at_most=20)
    assert first.next
    for listed, order, after in product(LISTED, DiscrepancyOrder, (None, first.next)):
        await seen.page(listed, order=order, at=NOON, after=after, at_most=20)
    closed = replace(first.next, at=at, overdue=False, weight=CLOSED_WEIGHT, found_at=at)
    for listed in LISTED:
        order = DiscrepancyOrder.PRIORITY
        await seen.page(listed, order=order, at=NOON, after=closed, at_most=20)


async def look_at_what_waits(world: PostgresWorld) -> None:
    await PostgresWaitingWork(world.database).waiting("staff:mira", NOON)
    refused = inbox.PostgresInbox(world.database).refused
    await refused(at_most=20)
    await refused(at_most=20, after=RefusedWebhookCursor(since=NOON, id=1))


async def look_at_refunds(world: PostgresWorld) -> None:
    """What staff see of refunds, page by page, and one refund found by its id."""
    seen = PostgresRefundQueries(world.database)
    waiting = RefundState.AWAITING_APPROVAL
    first = await seen.in_flight(at_most=20)
    assert first.next
    await seen.in_flight(at_most=20, after=first.next)
    await seen.in_flight(at_most=20, state=waiting)
    await seen.in_flight(at_most=20, after=first.next, state=waiting)
    for behind, of_state in product((None, first.next), (None, RefundState.SUCCESS)):
        await seen.ended(at_most=20, after=behind, state=of_state)
    await seen.requested_since("staff:mira", NOON)
    await seen.decided_since("staff:mira", NOON)
    last, received = DisputeCursor(NOON, PaymentId("")), DisputeState.RECEIVED
    for after, state in product((None, last), (None, received)):
        await seen.disputed(at_most=20, after=after, state=state)
    payment = await seen.payment_of(RefundId(first.items[0].refund_id))
    assert (await seen.of_payment(payment)).refunds


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plans(full_url: str) -> list[Plan]:
    database = ExplainingDatabase.connect(DatabaseSettings(url=full_url))
    await go_every_way(PostgresWorld.open(database, FakeGateway(), HandClock()))
    await database.close()
    return database.plans


REPORTED: Final = (FileHash("ab" * 32), "SIM0001/2026-12-01")
NIGHT: Final = f"""
    INSERT INTO settlement_file (sha256, name, size, origin, received_at, received_by, state, attempts,
                                 line_count, read_at)
    VALUES ('{REPORTED[0]}', 'night.csv', 1, 'folder', now(), 'test', 'imported', 1, 20, now());
    INSERT INTO settlement (file_id, settlement, mid, settled_on, state, lines, credits_paise, debits_paise,
                            fee_paise, cgst_paise, sgst_paise, igst_paise, utgst_paise, reported_net_paise,
                            live_lines, net_paise, sales_days, imported_at)
    SELECT id, '{REPORTED[1]}', 'SIM0001', '2026-12-01', 'live', 20, 1, 0, 0, 0, 0, 0, 0, 1, 20, 1, '{{}}', now()
    FROM settlement_file WHERE sha256 = '{REPORTED[0]}';
    INSERT INTO settlement_line (file_id, line_no, settlement, state, line_key, event_key, line_type, direction, mid,
                                 payment_id, gross_paise, fee_paise, cgst_paise, sgst_paise, igst_paise,
                                 utgst_paise, net_paise, txn_at, settled_on, on_hold, occurrence)
    SELECT f.id, x.n + 1, '{REPORTED[1]}', 'live', sha256(x.n::text::bytea), sha256((-x.n)::text::bytea), 'payment',
           'CR', 'SIM0001', x.payment_id, x.amount_paise, 0, 0, 0, 0, 0, x.amount_paise, now(), '2026-12-01', false, 1
    FROM settlement_file f, (
        SELECT payment_id, amount_paise, row_number() OVER (ORDER BY payment_id) AS n
        FROM expectation WHERE settled_file IS NULL ORDER BY payment_id LIMIT 20) x
    WHERE f.sha256 = '{REPORTED[0]}';
"""  # noqa: S608 - our own words

PROMISED: Final[dict[str, tuple[Prepared, set[str]]]] = {
    "read a payment": (payments.READ, {"pk_payment", "enrolment_one_active", "refund_pkey"}),
    "a request's refund": (refunds.REQUEST, {"refund_key_once"}),
    "begin to pay": (
        checkout_facts.READ,
        {"pk_payment", "payment_one_live", "enrolment_one_active", "idempotency_pkey"},
    ),
    "status": (
        payment_queries.STATUS,
        {"pk_payment", "audit_log_subject", "enrolment_one_active"},
    ),
    "what a payment is made of": (payment_details.DETAILS, {"pk_payment"}),
    "open courses": (payment_queries.OPEN_COURSES, {"enrolment_of_student"}),
    "what was written about a payment": (audit_reads.ABOUT, {"audit_log_subject"}),
    "payments of a period": (payment_search.BY_TIME, {"payment_opened"}),
    "payments by a term": (
        payment_search.BY_TERM,
        {
            *("pk_payment", "payment_history", "payment_email"),
            *("payment_bank_txn", "payment_bank_reference", "payment_client_reference"),
            *("refund_once", "refund_arn", "refund_bank_reference"),
        },
    ),
    "store an event": (inbox.ENQUEUE, {"inbox_once"}),
    "claim events": (inbox.CLAIM, {"inbox_due", "pk_inbox", "pk_payment"}),
    "refused webhooks": (inbox.REFUSED, {"inbox_refused"}),
    "claim tasks": (outbox.CLAIM, {"outbox_due", "pk_outbox"}),
    "may the bank be asked": (order_polls.MAY_ASK, {"pk_payment"}),
    "claim order polls": (order_polls.CLAIM, {"question_due"}),
    "a payment's journals": (
        ledger_queries.ABOUT,
        {"entry_of_payment", "pk_journal", "entry_pkey"},
    ),
    "a page of an account": (ledger_queries.ACCOUNT_PAGE, {"entry_of_account", "pk_journal"}),
    "a page of journals": (ledger_queries.JOURNAL_PAGE, {"journal_by_date", "entry_pkey"}),
    "what was due on some days": (book_reads.SETTLEABLE, {"expectation_by_date", "pk_payment"}),
    "what is not settled": (book_reads.UNSETTLED, {"expectation_pkey", "pk_payment"}),
    "a refund's payment": (PAYMENT_OF, {"refund_once"}),
    "a payment as staff see it": (OF_PAYMENT, {"pk_payment", "refund_pkey", "enrolment_pkey"}),
    **{
        f"refunds, after {after}, filtered {filtered}": (statement, {"refund_open", "pk_payment"})
        for (after, filtered), statement in REFUNDS.items()
    },
    **{
        f"disputes, after {after}, filtered {filtered}": (statement, {"payment_disputed"})
        for (after, filtered), statement in DISPUTED.items()
    },
    "enrolments": (enrolment_queries.PAGES[False, False], {"enrolment_changed"}),
    "enrolments of a student": (
        enrolment_queries.PAGES[True, False],
        {"enrolment_of_student"},
    ),
    "enrolments of a course": (enrolment_queries.PAGES[False, True], {"enrolment_of_course"}),
    **{
        f"history, after {after}, filtered {filtered}": (
            statement,
            {"payment_history_by_state", "pk_payment"} if filtered else {"payment_history"},
        )
        for (after, filtered), statement in payment_queries.HISTORY.items()
    },
}


def test_no_statement_reads_a_big_table_from_end_to_end(plans: list[Plan]) -> None:
    """
    Whatever the use cases ran, with known values or with the plan kept for all values.
    """
    assert not [(plan.sql, plan.generic) for plan in plans if plan.scanned & BIG]


@pytest.mark.parametrize("name", PROMISED)
def test_a_statement_uses_the_index_made_for_it(name: str, plans: list[Plan]) -> None:
    """
    Both the plan for these values and the one for all values find their rows by the promised index.
    """
    statement, indexes = PROMISED[name]
    found = [plan for plan in plans if plan.sql == statement.sql]

    assert {plan.generic for plan in found} == {True, False}
    used = [
        (plan.generic, plan.indexes | (OF_ENROLMENTS if plan.indexes & OF_ENROLMENTS else set()))
        for plan in found
    ]
    assert not [each for each in used if not indexes <= each[1]]


def test_a_telephone_number_is_found_by_an_index(plans: list[Plan]) -> None:
    """
    By the plan for all values; where none is looked for, there is nothing to read.
    """
    found = [plan for plan in plans if plan.sql == payment_search.BY_TERM.sql and plan.generic]

    assert found
    assert all("payment_phone" in plan.indexes for plan in found)


def test_what_bears_a_reference_is_found_by_an_index(plans: list[Plan]) -> None:
    """
    Its first payment and a sale; where none is told, there is nothing to read.
    """
    found = [plan for plan in plans if plan.sql == checkout_facts.READ.sql and plan.generic]

    assert found
    either = {"payment_client_reference", "payment_one_client_reference"}
    assert all(plan.indexes & either for plan in found)


def test_a_page_of_a_period_comes_sorted_out_of_its_index(plans: list[Plan]) -> None:
    """
    A page costs what it shows, however many payments the period has.
    """
    found = [plan for plan in plans if plan.sql == payment_search.BY_TIME.sql]

    assert found
    assert not any(plan.sorts for plan in found)


def test_what_a_student_left_unsold_is_found_by_an_index(plans: list[Plan]) -> None:
    """
    By what the student ever opened or by what anybody left unsold since yesterday, whichever is less.
    """
    either = {"payment_history", "payment_history_by_state", "payment_unsold_since"}
    found = [plan for plan in plans if plan.sql == checkout_facts.READ.sql]

    assert found
    assert all(plan.indexes & either for plan in found)
    assert not any(plan.scanned & BIG for plan in found)


@pytest.mark.parametrize("after", [False, True])
def test_a_page_of_history_comes_sorted_out_of_its_index(*, after: bool, plans: list[Plan]) -> None:
    """
    A student with thousands of payments costs no more than one with three.

    Where only some states are wanted, the newest few of each come out of an index, and only these are sorted.
    """
    statement = payment_queries.HISTORY[after, False]
    found = [plan for plan in plans if plan.sql == statement.sql]

    assert found
    assert not any(plan.sorts for plan in found)


async def test_keys_of_long_ago_are_found_by_an_index(full: ExplainingDatabase) -> None:
    """
    What is deleted in batches is not looked for in all that is kept.
    """
    assert await PostgresIdempotencyRecords(full).forget(LONG_AGO, at_most=1_000) == 0

    assert full.plans
    assert not [plan for plan in full.plans if "idempotency_claimed" not in plan.indexes]


async def test_a_filter_that_nothing_fits_reads_no_list(full: ExplainingDatabase) -> None:
    """
    That there is no closed discrepancy of a kind is known by the index of kinds, not by reading all.
    """
    closed = frozenset(each for each in DiscrepancyState if not each.is_open)
    nothing = DiscrepancyFilter(states=closed, causes=frozenset({Cause.TDS}))
    for order in DiscrepancyOrder:
        page = await PostgresDiscrepancyQueries(full).page(
            nothing, order=order, at=NOON, at_most=200
        )
        assert not page.items

    assert full.plans
    assert not [plan.indexes for plan in full.plans if plan.indexes != {"discrepancy_by_kind"}]


async def test_what_a_run_saw_is_found_by_an_index(full: ExplainingDatabase) -> None:
    """
    A page may be all that is left of it: then no other index would tell that there is no more.
    """
    seen = DiscrepancyFilter(seen_at=NOON - timedelta(days=30))
    for order in DiscrepancyOrder:
        await PostgresDiscrepancyQueries(full).page(seen, order=order, at=NOON, at_most=200)

    assert full.plans
    assert not [plan.generic for plan in full.plans if "discrepancy_seen" not in plan.indexes]


def test_an_entry_is_dealt_with_by_its_key(plans: list[Plan]) -> None:
    """
    A unit that only completes an entry of the outbox finds it by its primary key.
    """
    found = [plan for plan in plans if plan.sql.startswith(f"WITH w0 AS ({outbox.CHANGE.sql})")]

    assert {plan.generic for plan in found} == {True, False}
    assert all("pk_outbox" in plan.indexes for plan in found)


async def test_a_night_is_compared_by_indexes(full_url: str) -> None:
    """
    Few lines find their sales by the indexes of the books, with however many old ones beside them.
    """
    await run_sql(full_url, NIGHT)
    database = ExplainingDatabase.connect(DatabaseSettings(url=full_url))
    query = FirstPassQuery(at=datetime(2026, 12, 1, tzinfo=UTC), live=frozenset({REPORTED}))
    found = await PostgresFirstPass(database)(query, AGREEMENT)
    await PostgresBookReads(database).settled_in({REPORTED[0]})
    values: dict[str, list[object]] = {"files": [REPORTED[0]], "settlements": [REPORTED[1]]}
    async with database.borrow() as connection:
        transaction = connection.driver.transaction()
        await transaction.start()
        settled = await connection.fetch(SETTLE, **values, apart_files=[], apart_lines=[])
        await transaction.rollback()
    await database.close()

    # Some of them may have been refunded.
    assert 10 < lines_of(found.plain) <= len(settled) == 20
    promised = (
        (AGAIN, {"refund_pkey"}),
        (DECIDE, {"pk_payment"}),
        (OPEN, {"expectation_pkey", "pk_payment"}),
        (SETTLE, {"expectation_pkey"}),
    )
    assert not [
        (indexes, plan.generic, plan.indexes, plan.scanned)
        for statement, indexes in promised
        for plan in database.plans_of(statement)
        if not indexes <= plan.indexes
    ]
    assert len(database.plans) > 16
    # All that is settled here is of one file: whose refunds those are is not looked up one by one.
    assert not [
        (plan.sql, plan.scanned & BIG)
        for plan in database.plans
        if plan.scanned & BIG and plan.sql != book_reads.SETTLED_IN.sql
    ]


@pytest.mark.parametrize("after", [False, True])
def test_a_page_of_refunds_comes_sorted_out_of_its_index(
    after: bool,  # noqa: FBT001 - a parameter of the test
    plans: list[Plan],
) -> None:
    """
    Only those on their way are in it, so that the list costs the same after ten good years.
    """
    found = [plan for plan in plans if plan.sql == REFUNDS[after, False].sql]

    assert found
    assert not any(plan.sorts for plan in found)


def test_whole_units_are_among_the_plans(plans: list[Plan]) -> None:
    """
    A settle is one statement of many; it finds the payment and the inbox entry by their keys.
    """
    units = [plan for plan in plans if plan.sql.startswith("WITH w0")]
    settles = [plan for plan in units if "INSERT INTO enrolment" in plan.sql]

    assert len(units) >= 8
    assert settles
    assert all("pk_payment" in plan.indexes for plan in settles)
    assert any({"pk_payment", "pk_inbox"} <= plan.indexes for plan in settles)


BELOW_THE_NEWEST: Final = 50
NEWEST: Final = " UNION ALL ".join(
    f"SELECT '{each}' AS name, coalesce(max(id), 0) AS id FROM {each}"  # noqa: S608 - our own words
    for each in GROWING
)
WATCHED: Final = f"""
    INSERT INTO invariant_watch (name, watermarks, followed, version)
    SELECT name, (SELECT jsonb_object_agg(newest.name, jsonb_build_object(
                    'mark', newest.id - {BELOW_THE_NEWEST}, 'reached', newest.id,
                    'reached_at', '2026-01-01T00:00:00+00:00')) FROM ({NEWEST}) newest), '{{}}', 1
    FROM unnest($1::text[]) name
"""  # noqa: S608 - our own words


async def test_an_incremental_check_reads_no_big_table(full_url: str) -> None:
    """
    What costs the same with 200,000 payments as with 10 million goes by indexes alone.
    """
    database = ExplainingDatabase.connect(DatabaseSettings(url=full_url))
    invariants = PostgresInvariants(database)
    async with database.borrow() as connection:
        names = [each.name for each in invariants.known]
        await connection.driver.execute("DELETE FROM invariant_watch")
        await connection.driver.execute(WATCHED, names)
    found = await CheckInvariants(invariants, HandClock())(full=False)
    await database.close()

    # Of what does not grow with each payment the card scan reads so many rows and no more.
    growing = BIG - {"discrepancy"}
    assert not found.unchecked
    assert len({plan.sql for plan in database.plans}) > len(names)
    # The plan for all values is never chosen for what is above a watermark: it would cost far more.
    assert not [
        (plan.sql.split("FROM (")[-1][:600], plan.scanned & growing)
        for plan in database.plans
        if plan.scanned & growing and not plan.generic
    ]


async def test_the_dead_letters_are_found_by_their_index(full_url: str) -> None:
    """
    The list of them costs nothing while there are none, however long the outbox is.
    """
    database = ExplainingDatabase.connect(DatabaseSettings(url=full_url))
    assert await PostgresOutbox(database).dead_letters(at_most=20) == []
    await database.close()

    assert [plan.indexes for plan in database.plans] == [{"outbox_dead"}, {"outbox_dead"}]
    assert not any(plan.sorts for plan in database.plans)


async def test_a_batch_of_the_rebuild_is_found_by_indexes(full_url: str) -> None:
    """
    Where the changes begin, and each batch behind it: a year of bases is neither read nor sorted for them.
    """
    database = ExplainingDatabase.connect(DatabaseSettings(url=full_url))
    books = PostgresBookedPayments(database)
    since, seen = NOON - timedelta(hours=2), 0
    page = await books.changed_since(since, at_most=50)
    while page.next is not None and seen < 200:
        seen += len(page.items)
        page = await books.changed_since(since, after=page.next, at_most=50)
    await books.named([each.payment.id for each in page.items])
    await books.kept_since()
    await database.close()

    assert seen == 200
    big = {*BIG, "decision_basis"}
    assert not [(plan.sql, plan.scanned & big) for plan in database.plans if plan.scanned & big]


@pytest.mark.parametrize("kind", RecordKind)
async def test_finished_rows_are_found_by_when_they_were(full_url: str, kind: RecordKind) -> None:
    """
    The first of all, and those of a month behind another: for the archive no table is read from end to end.
    """
    database = ExplainingDatabase.connect(DatabaseSettings(url=full_url))
    rows = PostgresRecordArchive(database)
    await rows.first_finished(kind, None)
    first = await rows.lines(kind, ArchiveMonth.of(NOON), at_most=10)
    await rows.lines(kind, ArchiveMonth.of(NOON), after=first[-1] if first else None, at_most=10)
    await database.close()

    big = {*BIG, "decision_basis"}
    assert len(database.plans) >= 3
    assert not [(plan.sql, plan.scanned & big) for plan in database.plans if plan.scanned & big]


async def test_a_missing_index_is_noticed(full_url: str) -> None:
    """
    The explaining can fail: without an index the history is read from end to end.
    """
    database = ExplainingDatabase.connect(DatabaseSettings(url=full_url))
    async with database.borrow() as connection:
        driver: asyncpg.Connection = connection.driver
        transaction = driver.transaction()
        await transaction.start()
        await driver.execute("DROP INDEX payment_history, payment_history_by_state, payment_opened")
        await connection.fetch(
            payment_queries.HISTORY[False, False],
            student="school",
            opened_from=payment_queries.EVER,
            at_most=20,
        )
        await transaction.rollback()
    await database.close()

    assert any("payment" in plan.scanned for plan in database.plans)
