"""Each money invariant finds exactly what breaks it, and nothing in books that are in order."""

# ruff: noqa: S608 - only our own words stand in these texts

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import asyncpg
import pytest
import pytest_asyncio

from adapters.fake.gateway import FakeGateway
from adapters.postgres.all_tables import metadata
from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.invariants.card_scan import FORBIDDEN, SCANS, SMALL_ROWS_MAX
from adapters.postgres.invariants.card_search import OPAQUE
from adapters.postgres.invariants.invariants import (
    FAILING,
    OVERDUE,
    QUERIES,
    READ_WATCH,
    RECORD_CHANGES,
    RECORD_FULL,
    PostgresInvariants,
)
from adapters.postgres.invariants.watermark import TRANSACTION_MAX
from application.monitoring.check_invariants import CheckInvariants, WatchInvariants
from books import broken_books
from fakes.alerts import AlertBook
from fakes.clock import StoppedClock
from ports.alerts import AlertKind
from ports.monitoring.money_invariants import Breach
from text_vectors import ADDRESSES, CARD_NUMBERS, OPAQUE_IDS
from worlds.postgres import (
    ASHA,
    CODE,
    COURSE,
    NOON,
    RAVI,
    HandClock,
    PostgresWorld,
    code,
    origin,
    wanted,
)

SOON: Final = NOON + timedelta(minutes=1)

REFUND: Final = """
    INSERT INTO refund (payment_id, id, number, amount_paise, state, asked_by, asked_at, reason,
                        revokes, outside, decided_by, bank_reference, arn, error)
    SELECT id, 'RF' || substr(id, 3), 1, {paise}, '{state}', 'staff:meera', opened_at, 'asked',
           false, false, '', '', '', ''
    FROM payment WHERE state = 'success'
"""
DOCUMENT: Final = """
    INSERT INTO tax_document (gstin, series, financial_year, sequence, number, kind, document_date,
        issued_at, payment_id, refund_id, original_number, ordinal, place_code, sac, gst_rate,
        taxable_paise, cgst_paise, sgst_paise, igst_paise, snapshot, sha256, state)
    SELECT '27AAECD1234F1Z3', '{series}', 2026, {sequence}, '{series}/2627/' || lpad('{sequence}', 7, '0'),
        '{kind}', '2026-04-01', now(), id, {refund}, {original}, {ordinal}, '29', '999293', 18,
        {taxable}, 0, 0, {igst}, made.text, encode(sha256(convert_to(made.text, 'UTF8')), 'hex'), 'issued'
    FROM payment, LATERAL (SELECT '{{"number":"{series}/2627/' || lpad('{sequence}', 7, '0') || '"}}'
                           AS text) made
    WHERE state = 'success'
"""


def invoice(sequence: int = 1) -> str:
    return DOCUMENT.format(
        series="INV",
        sequence=sequence,
        kind="tax_invoice",
        refund="NULL",
        original="NULL",
        ordinal="NULL",
        taxable=900_00,
        igst=162_00,
    )


def note(igst: int) -> str:
    return DOCUMENT.format(
        series="CRN",
        sequence=1,
        kind="credit_note",
        refund="'RF1'",
        original="'INV/2627/0000001'",
        ordinal=1,
        taxable=1_00,
        igst=igst,
    )


def filed(*copies: str, ordinal: int = 1, void: bool = False) -> str:
    rows = (
        f"('27AAECD1234F1Z3', 'INV/2627/0000001', '{copy}', {ordinal}, repeat('0', 64), 1, {void},"
        " 'x', '2026-01-01')"
        for copy in copies
    )
    return f"INSERT INTO document_file VALUES {', '.join(rows)}"


def counted(series: str, last: int) -> str:
    return f"INSERT INTO document_number VALUES ('27AAECD1234F1Z3', '{series}', 2026, {last})"


AN_HOUR_AGO: Final = "UPDATE enrolment SET since = since - interval '2 h'"
VOID: Final = "UPDATE tax_document SET state = 'cancelled', cancelled_at = '2026-01-02', cancelled_why = 'slip'"
LETTER: Final = """
    INSERT INTO outbox (errand, payment_id, subject, written_at, state, due_at, why)
    SELECT '{task}', id, {subject}, opened_at, 'done', opened_at, {why} FROM payment WHERE state = 'success'
"""

TOUCHED: Final = """
    INSERT INTO audit_log (at, actor, source, action, subject, ip, user_agent, correlation_id, facts)
    SELECT opened_at, 'system', 'admin', 'payment.flagged', {subject}, '', '', '', '{{}}'
    FROM payment WHERE state = 'success'
"""
POLLED: Final = (
    REFUND.format(paise=100_00, state="pending"),
    "UPDATE payment SET refunding_paise = 10000 WHERE state = 'success'",
    "INSERT INTO refund_watch SELECT payment_id, id, asked_at, asked_at FROM refund",
)
TWO_HOURS_AGO: Final = "UPDATE journal SET posted_at = posted_at - interval '2 h'"
ONE_PAISA_MORE: Final = (
    "UPDATE entry SET amount_paise = amount_paise + 1 WHERE account = 'clearing'"
)


def journal(kind: str, *entries: tuple[str, int], reverses: str = "NULL") -> tuple[str, str]:
    """Return what writes a journal about the sale two hours ago, past all guards."""
    lines = ", ".join(
        f"({line}, '{account}', {paise})" for line, (account, paise) in enumerate(entries, 1)
    )
    return (
        f"""
        INSERT INTO journal (kind, subject, sequence, fact_date, business_date, posted_at, reverses)
        SELECT '{kind}', 'seeded', 1, opened_at::date, opened_at::date,
               opened_at - interval '2 h', {reverses} FROM payment WHERE state = 'success'
        """,
        f"""
        INSERT INTO entry (journal_id, line, business_date, account, amount_paise, payment_id)
        SELECT j.id, e.line, j.business_date, e.account, e.paise, p.id
        FROM journal j, payment p, (VALUES {lines}) e (line, account, paise)
        WHERE j.subject = 'seeded' AND p.state = 'success'
        """,
    )


def found(state: str) -> str:
    """Return what writes a discrepancy in *state*."""
    return f"""
        INSERT INTO discrepancy VALUES (
            'DCA', 'amount_mismatch', 'gross_differs', 'payment', 'SKA', 'S', -900, 0, 'person', '[]', '{{}}',
            '{{}}', '{{}}', '[]', '{state}', 'finance', now(), now(), now(), 1, '', '{{}}', 1)
    """


def decided(
    *,
    sequence: int = 1,
    action: str = "write_off",
    state: str = "in_force",
    paise: int = 9_00,
    alone: str = "1",
    days_ago: int = 0,
) -> str:
    """Return what writes that mira alone decided about it."""
    return f"""
        INSERT INTO resolution (
            discrepancy_id, sequence, action, state, note, amount_paise, difference_paise, posted_paise,
            decided_by, decided_at, decided_on, limit_each_paise, limit_day_paise, alone)
        SELECT 'DCA', {sequence}, '{action}', '{state}', 'as agreed', {paise}, -900, -900, 'staff:mira',
               timestamptz '{SOON.isoformat()}' - interval '{days_ago} d', '2026-08-03', 10000, 50000, {alone}
    """


def filed_settlement(*lines: int, **columns: str) -> tuple[str, ...]:
    """Return what writes a file with one settlement of *lines*, in paise, an hour and a half ago."""
    values = {"net_paise": str(sum(lines)), "posted_at": "NULL", "journal": "NULL", **columns}
    return (
        f"""
        INSERT INTO settlement_file (sha256, name, size, origin, received_at, received_by, state, line_count,
                                     lease_until)
        VALUES (repeat('a', 64), 'a.csv', 1, 'command', timestamptz '{SOON.isoformat()}' - interval '90 min',
                'staff:mira', '{values.get("file_state", "imported")}', {len(lines)}, NULL)
        """,
        f"""
        INSERT INTO settlement (file_id, settlement, mid, settled_on, state, lines, credits_paise, debits_paise,
            fee_paise, cgst_paise, sgst_paise, igst_paise, utgst_paise, reported_net_paise, live_lines,
            net_paise, sales_days, imported_at, posted_at, journal)
        SELECT id, 'S', 'M', '2026-08-03', 'live', {len(lines)}, 0, 0, 0, 0, 0, 0, 0, 0, {len(lines)},
               {values["net_paise"]}, '{{}}', {values.get("imported_at", "received_at")},
               {values["posted_at"]}, {values["journal"]}
        FROM settlement_file
        """,
        *(
            f"""
            INSERT INTO settlement_line (file_id, line_no, settlement, state, line_key, event_key, line_type,
                direction, mid, gross_paise, fee_paise, cgst_paise, sgst_paise, igst_paise, utgst_paise,
                net_paise, settled_on, on_hold, occurrence)
            SELECT id, {number}, 'S', 'live', '', '{values.get("event", number)}', 'payment', 'CR', 'M',
                   {values.get("gross", paise)}, 0, 0, 0, 0, 0, {paise}, '2026-08-03', false, 1
            FROM settlement_file
            """
            for number, paise in enumerate(lines, 2)
        ),
    )


def statement(sequence: int, begins: int, ends: int) -> str:
    """Return what writes a statement without entries."""
    return f"""
        INSERT INTO bank_statement (sha256, place, name, received_at, received_by, format, account,
            opening_paise, closing_paise, entry_count, new_count, held_for, sequence, begins_paise, ends_paise)
        VALUES (repeat('b', 64), {sequence}, 'b.csv', now(), '', '{{}}', 'A', 0, 0, 0, 0, '{{}}', {sequence},
                {begins}, {ends})
    """


NIGHTLY: Final = frozenset(
    {
        "discount_count_disagrees",
        "clearing_not_open",
        "transit_not_awaited",
        "fees_differ_from_lines",
        "suspense_unexplained",
        "credit_overspent",
        "overdue_unseen",
        "reserve_not_held",
        "resolved_without_reason",
        "decided_alone_above_limit",
        "settlement_sum_differs",
        "line_net_unexplained",
        "event_live_twice",
        "row_unaccounted",
    }
)
"""What costs more the more there is: an incremental check reads only what was broken before."""

BREAKS: Final[dict[str, tuple[str, ...]]] = {
    "paid_without_enrolment": ("DELETE FROM enrolment",),
    "enrolled_without_payment": (
        (
            "INSERT INTO enrolment SELECT id, student_id, course_id, opened_at FROM payment"
            " WHERE state = 'pending'"
        ),
        (
            "INSERT INTO outbox (errand, payment_id, subject, written_at, state, due_at)"
            " SELECT 'tax_document', id, id, opened_at, 'done', opened_at FROM payment"
            " WHERE state = 'pending'"
        ),
    ),
    "enrolled_after_full_refund": (
        REFUND.format(paise="captured_paise", state="success"),
        (
            "UPDATE payment SET refunded_paise = captured_paise, state = 'refunded'"
            " WHERE state = 'success'"
        ),
        (
            "INSERT INTO audit_log (at, actor, source, action, subject, from_state, to_state, ip,"
            " user_agent, correlation_id, facts) SELECT opened_at, 'system', 'admin', 'payment.moved',"
            " id, 'success', 'refunded', '', '', '', '{}' FROM payment WHERE state = 'refunded'"
        ),
    ),
    "enrolled_twice": (
        "DROP INDEX enrolment_one_active",
        "INSERT INTO enrolment SELECT 'SKOFNOBODY', student_id, course_id, since FROM enrolment",
        TOUCHED.format(subject="'SKOFNOBODY'"),
    ),
    "captured_differs_from_price": (
        "ALTER TABLE payment DROP CONSTRAINT ck_payment_sold_means_captured",
        "UPDATE payment SET captured_paise = payable_paise + 1 WHERE state = 'success'",
    ),
    "two_live_payments": (
        "DROP INDEX payment_one_live",
        "UPDATE payment SET state = 'pending', student_id = 'ravi' WHERE state = 'success'",
    ),
    "refunds_above_capture": (
        REFUND.format(paise="captured_paise + 1", state="requested"),
        "ALTER TABLE payment DROP CONSTRAINT ck_payment_refunds",
        "UPDATE payment SET refunding_paise = captured_paise + 1 WHERE state = 'success'",
        "INSERT INTO refund_watch SELECT payment_id, id, asked_at, asked_at FROM refund",
    ),
    "refund_sums_disagree": (
        REFUND.format(paise=100_00, state="pending"),
        "INSERT INTO refund_watch SELECT payment_id, id, asked_at, asked_at FROM refund",
    ),
    "refund_state_disagrees": (
        "ALTER TABLE payment DROP CONSTRAINT ck_payment_went_back",
        REFUND.format(paise=100_00, state="success"),
        "UPDATE payment SET refunded_paise = 10000 WHERE state = 'success'",
    ),
    "refund_news_waits_with_room": (
        (
            'UPDATE payment SET refused_refunds = \'[{"id": "AR1", "paise": 10000,'
            ' "why": "refunds_exceed", "accepted": false}]\' WHERE state = \'success\''
        ),
    ),
    "refund_nobody_follows": (
        REFUND.format(paise=100_00, state="pending"),
        "UPDATE payment SET refunding_paise = 10000 WHERE state = 'success'",
    ),
    "paid_twice_and_kept": (
        (
            'INSERT INTO payment SELECT (jsonb_populate_record(p, \'{"id": "SKAAAAAAAAAAAAAAAAAA"}\')).*'
            " FROM payment p WHERE state = 'success'"
        ),
        TOUCHED.format(subject="'SKAAAAAAAAAAAAAAAAAA'"),
    ),
    "unfinished_and_unasked": ("DELETE FROM question",),
    "state_moved_back": (
        (
            "INSERT INTO audit_log (at, actor, source, action, subject, from_state, to_state, ip,"
            " user_agent, correlation_id, facts) SELECT opened_at, 'bank', 'webhook', 'payment.moved',"
            " 'SKOFNOBODY', 'success', 'failed', '', '', '', '{}' FROM payment LIMIT 1"
        ),
    ),
    "trail_has_a_gap": ("UPDATE audit_log SET to_state = 'processing' WHERE to_state = 'success'",),
    "two_letters_of_one_fact": (
        "ALTER TABLE outbox DROP CONSTRAINT outbox_once",
        (
            "INSERT INTO outbox (errand, payment_id, subject, written_at, state, due_at)"
            " SELECT errand, payment_id, subject, written_at, state, due_at FROM outbox"
        ),
    ),
    "sold_without_a_word": ("DELETE FROM outbox",),
    "outbox_waits_too_long": (
        (
            f"UPDATE outbox SET due_at = due_at - interval '{OVERDUE.total_seconds()} s'"
            " - interval '2 min'"
        ),
    ),
    "errand_given_up": ("UPDATE outbox SET state = 'dead', closed_at = due_at, why = '550'",),
    "inbox_waits_too_long": (
        (
            f"UPDATE inbox SET state = 'new', attempts = 0, received_at = received_at"
            f" - interval '{OVERDUE.total_seconds()} s' - interval '2 min'"
        ),
    ),
    "discount_count_disagrees": ("UPDATE discount SET used = used + 1",),
    "document_number_missing": (invoice(2), counted("INV", 2)),
    "two_documents_of_one_fact": (
        "DROP INDEX tax_document_one_invoice",
        invoice(1),
        invoice(2),
        counted("INV", 2),
    ),
    "sold_without_document": (AN_HOUR_AGO,),
    "refunded_without_note": (
        invoice(),
        counted("INV", 1),
        REFUND.format(paise=100_00, state="success"),
        "UPDATE refund SET closed_at = asked_at - interval '2 h'",
    ),
    "document_not_filed": (
        invoice(),
        counted("INV", 1),
        "UPDATE tax_document SET issued_at = '2026-01-01'",
    ),
    "document_without_letter": (
        invoice(),
        counted("INV", 1),
        "UPDATE tax_document SET issued_at = '2026-01-01'",
    ),
    "credited_above_invoice": (invoice(), counted("INV", 1), note(162_01), counted("CRN", 1)),
    "outbox_keeps_failing": ("UPDATE outbox SET attempts = 20",),
    "inbox_keeps_failing": ("UPDATE inbox SET state = 'deferred', attempts = 20",),
    "order_poll_waits_too_long": ("UPDATE question SET due_at = due_at - interval '2 h'",),
    "order_poll_keeps_failing": ("UPDATE question SET attempts = 20, why = 'KeyError'",),
    "order_poll_given_up": ("UPDATE question SET state = 'dead'",),
    "refund_poll_waits_too_long": (
        *POLLED,
        "UPDATE refund_watch SET due_at = due_at - interval '2 h'",
    ),
    "refund_poll_keeps_failing": (
        *POLLED,
        "UPDATE refund_watch SET attempts = 20, why = 'KeyError'",
    ),
    "refund_poll_given_up": (*POLLED, "UPDATE refund_watch SET state = 'dead'"),
    "journal_unbalanced": (ONE_PAISA_MORE,),
    "ledger_unbalanced": (ONE_PAISA_MORE,),
    "capture_not_posted": ("DELETE FROM journal", "DELETE FROM entry"),
    "refund_not_posted": (REFUND.format(paise=100_00, state="success"),),
    "expectation_differs": ("UPDATE expectation SET amount_paise = amount_paise - 1",),
    "clearing_not_open": (
        "UPDATE expectation SET settled_file = 'f', settled_line = 2, settled_paise = amount_paise",
    ),
    "settled_not_cleared": (
        "UPDATE expectation SET settled_file = 'f', settled_line = 2, settled_paise = amount_paise",
    ),
    "transit_not_awaited": journal("bank_credit", ("bank", 100_00), ("transit", -100_00)),
    "fees_differ_from_lines": (
        *journal("payout_fee", ("mdr", 100_00), ("transit", -100_00)),
        "UPDATE entry SET settlement = 'S' WHERE account = 'mdr'",
    ),
    "suspense_unexplained": journal("difference", ("suspense", 9_00), ("clearing", -9_00)),
    "credit_overspent": (
        "INSERT INTO settlement_credit VALUES ('2026-08-04/a', 'S', 100, 0, now())",
    ),
    "overdue_unseen": (
        "UPDATE expectation SET business_date = '2026-07-01'",
        *filed_settlement(100, posted_at="timestamptz '2020-01-01'", journal="1"),
    ),
    "reserve_not_held": journal("settlement", ("reserve", 100_00), ("transit", -100_00)),
    "receivable_open": (TWO_HOURS_AGO,),
    "output_tax_differs": (invoice(), counted("INV", 1)),
    "refund_promise_open": journal(
        "refund_asked", ("refunds_granted", 100_00), ("refunds_payable", -100_00)
    ),
    "reversal_no_mirror": journal(
        "reversal",
        ("receivable", 100_00),
        ("clearing", -100_00),
        reverses="(SELECT min(id) FROM journal)",
    ),
    "posted_into_closed_period": (
        "INSERT INTO closed_period SELECT business_date, posted_at - interval '1 s', 'x' FROM journal",
    ),
    "disputed_below_zero": journal("chargeback_lost", ("cb_loss", 100_00), ("disputed", -100_00)),
    "unapplied_money_stays": (
        TWO_HOURS_AGO,
        "UPDATE entry SET account = 'unapplied' WHERE account = 'receivable'",
    ),
    "resolved_without_reason": (found("resolved"), decided(state="undone")),
    "decided_alone_above_limit": (found("resolved"), decided(paise=100_01)),
    "approval_forgotten": (found("awaiting_approval"),),
    "settlement_sum_differs": filed_settlement(100, 200, net_paise="301"),
    "line_net_unexplained": filed_settlement(
        100, gross="101", posted_at="received_at", journal="1"
    ),
    "event_live_twice": filed_settlement(100, 200, event="x"),
    "row_unaccounted": (*filed_settlement(100), "UPDATE settlement_file SET line_count = 2"),
    "statements_do_not_join": (statement(1, 5, 5), statement(2, 6, 6)),
    "statement_sum_differs": (statement(1, 5, 6),),
    "settlement_unposted": filed_settlement(
        100, imported_at=f"timestamptz '{SOON.isoformat()}' - interval '25 h'"
    ),
    "settlement_file_unread": (
        *filed_settlement(file_state="received"),
        "DELETE FROM settlement",
    ),
    FORBIDDEN.name: ("UPDATE course SET title = 'Algebra 6759.6498.2643.8453'",),
}


@pytest_asyncio.fixture
async def invariants(database_url: str) -> AsyncIterator[PostgresInvariants]:
    """Books with a sale, a payment that failed, one that is open, and a webhook that was dealt with."""
    database = Database.connect(DatabaseSettings(url=database_url))
    world = PostgresWorld.open(database, FakeGateway(), HandClock())
    await world.stock(code())
    sold = await world.initiate(wanted(ASHA, code=CODE))
    await world.initiate(wanted(RAVI, code=CODE))
    world.gateway.pay(sold.id)
    await world.receive_webhook(*world.gateway.event(sold.id))
    await world.process_inbox()
    await world.receive_callback(world.gateway.return_fields(sold.id), origin(ASHA))
    yield PostgresInvariants(database)
    await database.close()


SIGNED_IN: Final = """
    INSERT INTO browser_session (id, subject, name, email, phone, roles, began_at, seen_at, ends_at,
                                 idle_seconds, browser, ip)
    VALUES ('s', 's', '6759 6498 2643 8453', '', '', '{}', '2026-08-03', '2026-08-03', '2100-01-01',
            60, '', '')"""
A_MEMBER: Final = """
    INSERT INTO staff (id, name, email, roles, active, attempts, version)
    VALUES ('mira', 'Mira', 'mira@example.com', '{finance}', true, 0, 1)"""


async def kept(invariants: PostgresInvariants, statement: str, value: str) -> set[str]:
    """Return the tables in which a card number is found when *statement* has written *value*."""
    async with invariants.database.borrow() as connection:
        await connection.driver.execute("SET session_replication_role = replica")
        await connection.driver.execute(statement, value)
    found = await invariants.check(FORBIDDEN, SOON, full=True)
    return {subject for each in found if isinstance(each, Breach) for subject in each.subjects}


async def test_a_card_number_is_found_however_it_was_written(
    invariants: PostgresInvariants,
) -> None:
    """
    Whatever an entrance would refuse: other marks, other digits, other networks.
    """
    address = "UPDATE payment SET buyer_address = $1"

    for text in CARD_NUMBERS:
        assert await kept(invariants, address, f"1 Road {text}, Pune") == {"payment"}, text
    for text in (*ADDRESSES, "313874cd-dfbc-423d-b246-548991270564", "आशा, पुणे ४११००१"):
        assert await kept(invariants, address, text) == set(), text


async def test_a_card_number_is_found_in_what_is_nested(invariants: PostgresInvariants) -> None:
    """
    In the facts of the audit log, as a text and as a key; numbers side by side are none.
    """
    facts = "UPDATE audit_log SET facts = $1::jsonb"

    assert await kept(invariants, facts, '{"a": ["4111 1111 1111 1111"]}') == {"audit_log"}
    assert await kept(invariants, facts, '{"4111111111111111": 1}') == {"audit_log"}
    assert await kept(invariants, facts, '{"a": "41111111", "b": "11111111"}') == set()


async def test_an_opaque_id_is_no_card_number_unless_it_is_nothing_else(
    invariants: PostgresInvariants,
) -> None:
    """
    By the rule of the entrances; a card number does not go over two columns.
    """
    key = "UPDATE refund SET request_key = $1, request_sha256 = repeat('0', 64)"
    await damaged(invariants, REFUND.format(paise=1_00, state="pending"))

    for text in OPAQUE_IDS:
        assert await kept(invariants, key, text) == set(), text
    assert await kept(invariants, key, "4111-1111-1111-1111") == {"refund"}
    assert await kept(invariants, key, "order-1") == set()
    parts = "UPDATE payment SET student_phone = '41111111', student_name = $1"
    assert await kept(invariants, parts, "11111111") == set()


def test_every_opaque_column_is_there() -> None:
    """
    A renamed column would be searched as text again, and raise false alarms.
    """
    columns = {str(column) for table in metadata.sorted_tables for column in table.columns}

    assert columns >= OPAQUE
    assert {"payment", "audit_log", "refund"} <= {scan.table for scan in SCANS}


async def broken(invariants: PostgresInvariants, *statements: str) -> set[str]:
    return {*await damaged(invariants, *statements)}


async def damaged(
    invariants: PostgresInvariants, *statements: str, full: bool = True
) -> dict[str, Breach]:
    """Run *statements* past all guards, and return the breaches by the names of their invariants."""
    async with invariants.database.borrow() as connection:
        driver: asyncpg.Connection = connection.driver
        # The database refuses most of this by itself; here its guards have been got round.
        await driver.execute("SET session_replication_role = replica")
        for statement in statements:
            done = await driver.execute(statement)
            assert not done.endswith(" 0"), f"touched nothing: {statement}"
    return {each.invariant.name: each for each in await breaches(invariants, full=full)}


async def breaches(
    invariants: PostgresInvariants, at: datetime = SOON, *, full: bool = True
) -> Sequence[Breach]:
    """Return what is broken; fail when anything could not be checked."""
    found = await CheckInvariants(invariants, StoppedClock(at))(full=full)
    assert not found.unchecked
    return found.broken


async def test_books_in_order_break_none(invariants: PostgresInvariants) -> None:
    """
    A sale, an open payment, letters and webhooks under way are no reason to call anybody.
    """
    assert await breaches(invariants) == []


@pytest.mark.parametrize("name", BREAKS)
async def test_each_finds_what_breaks_it(invariants: PostgresInvariants, name: str) -> None:
    """
    The named one, among whatever else the same damage breaks; alike in all books and in what has changed.
    """
    by_changes = await damaged(invariants, *BREAKS[name], full=False)
    # What the other suites ask after each test: every invariant in full, in one statement.
    async with invariants.database.borrow() as connection:
        at_once = (await broken_books(connection.driver, SOON)).keys()
    suspects = [each for each in invariants.known if each.name in by_changes.keys() | at_once]
    found = await CheckInvariants(invariants, StoppedClock(SOON))(only=suspects)
    everywhere = {each.invariant.name: each for each in found.broken}

    assert name in everywhere
    assert at_once == everywhere.keys()
    assert name not in NIGHTLY or name not in by_changes
    assert {each: found for each, found in everywhere.items() if each not in NIGHTLY} == by_changes


def test_every_invariant_is_tried_and_explained() -> None:
    """
    One that nobody has seen broken might find nothing at all.
    """
    known = [*(each.invariant for each in QUERIES), FORBIDDEN]

    assert {each.name for each in known} == set(BREAKS)
    assert all(each.means.endswith(".") and each.remedy.endswith((".", "?")) for each in known)


@pytest.mark.parametrize(
    ("name", "mended"),
    [
        ("sold_without_document", (AN_HOUR_AGO, invoice(), counted("INV", 1))),
        (
            "refunded_without_note",
            (
                *BREAKS["refunded_without_note"],
                LETTER.format(task="credit_note", subject="'RF' || substr(id, 3)", why="'told'"),
            ),
        ),
        (
            "refunded_without_note",
            (
                *BREAKS["refunded_without_note"],
                note(1),
                counted("CRN", 1),
                (
                    "UPDATE tax_document SET refund_id = 'RF' || substr(payment_id, 3)"
                    " WHERE series = 'CRN'"
                ),
            ),
        ),
        ("document_not_filed", (*BREAKS["document_not_filed"], filed("original", "duplicate"))),
        (
            "document_without_letter",
            (
                *BREAKS["document_without_letter"],
                LETTER.format(task="payment_confirmation", subject="id", why="NULL"),
            ),
        ),
        (
            "document_without_letter",
            (
                *BREAKS["document_without_letter"],
                LETTER.format(task="payment_confirmation", subject="id", why="NULL"),
                note(1),
                counted("CRN", 1),
                "UPDATE tax_document SET issued_at = '2026-01-01' WHERE series = 'CRN'",
                LETTER.format(task="refund_confirmation", subject="'RF1'", why="NULL"),
            ),
        ),
    ],
)
async def test_what_was_done_after_all_breaks_nothing(
    invariants: PostgresInvariants, name: str, mended: tuple[str, ...]
) -> None:
    """
    The document, its letter, or the word of a person who closed the errand.
    """
    assert name not in await broken(invariants, *mended)


@pytest.mark.parametrize("copies", [("original",), ("duplicate",)])
async def test_one_copy_is_not_both(
    invariants: PostgresInvariants, copies: tuple[str, ...]
) -> None:
    """
    Services are invoiced in duplicate.
    """
    damage = (*BREAKS["document_not_filed"], filed(*copies))

    assert "document_not_filed" in await broken(invariants, *damage)


async def test_a_void_document_is_filed_as_such(invariants: PostgresInvariants) -> None:
    """
    The copies from before say that it stands.
    """
    damage = (*BREAKS["document_not_filed"], filed("original", "duplicate"), VOID)
    assert "document_not_filed" in await broken(invariants, *damage)

    mended = filed("original", "duplicate", ordinal=2, void=True)
    assert "document_not_filed" not in await broken(invariants, mended)


async def test_a_document_and_its_letter_have_an_hour(invariants: PostgresInvariants) -> None:
    """
    A worker that restarts, or has much to do, is no reason to call anybody. What is seeded is not posted.
    """
    issued = f"UPDATE tax_document SET issued_at = '{SOON - OVERDUE}'"

    found = await broken(invariants, invoice(), counted("INV", 1), issued)

    assert found == {"output_tax_differs"}


async def test_a_breach_names_what_to_look_at(invariants: PostgresInvariants) -> None:
    """
    Which payment it is, and how many there are in all.
    """
    await broken(invariants, "DELETE FROM enrolment")
    (breach,) = await breaches(invariants)

    async with invariants.database.borrow() as connection:
        sold = await connection.driver.fetchval("SELECT id FROM payment WHERE state = 'success'")
    assert breach.count == 1
    assert breach.subjects == (sold,)


async def test_what_was_given_up_calls_a_person(invariants: PostgresInvariants) -> None:
    """
    The job that comes round every five minutes alerts, with the line and what became of the student.
    """
    await broken(invariants, *BREAKS["errand_given_up"])
    alerts, clock = AlertBook(), HandClock(SOON)

    await WatchInvariants(CheckInvariants(invariants, clock), alerts).changes()

    (alert,) = alerts.called
    assert (alert.kind, alert.subject) == (AlertKind.INVARIANT_BROKEN, "errand_given_up")
    async with invariants.database.borrow() as connection:
        line = await connection.driver.fetchval("SELECT id FROM outbox")
    assert (alert.facts["entry"], alert.facts["count"]) == (str(line), "1")


async def test_many_breaches_are_counted_and_few_are_named(invariants: PostgresInvariants) -> None:
    """
    An alert that lists a million ids helps nobody.
    """
    await broken(
        invariants,
        "INSERT INTO document_number SELECT '27AAECD1234F1Z3', 'INV', year, 1"
        " FROM generate_series(2001, 2050) year",
    )
    (breach,) = await breaches(invariants)

    assert breach.count == 50
    assert len(breach.subjects) == 20


def minutes_later(count: int) -> datetime:
    return SOON + timedelta(minutes=count)


async def names_of(invariants: PostgresInvariants, at: datetime, *, full: bool = False) -> set[str]:
    return {each.invariant.name for each in await breaches(invariants, at, full=full)}


async def passed_by_the_watermark(invariants: PostgresInvariants) -> datetime:
    """Check twice, so long apart that the watermark passes all that is stored; return when it was."""
    later = SOON + TRANSACTION_MAX
    for at in (SOON, later):
        assert await names_of(invariants, at) == set()
    return later


async def test_an_incremental_check_reads_what_has_changed_and_what_was_broken(
    invariants: PostgresInvariants,
) -> None:
    """
    A change that no use case made is found at night. From then on each check tells it, until it is repaired.
    """
    at = await passed_by_the_watermark(invariants)
    await damaged(invariants, "DELETE FROM enrolment", full=False)

    assert await names_of(invariants, at) == set()
    assert await names_of(invariants, at, full=True) == {"paid_without_enrolment"}
    assert await names_of(invariants, at + 2 * TRANSACTION_MAX) == {"paid_without_enrolment"}

    await damaged(
        invariants,
        "INSERT INTO enrolment (payment_id, student_id, course_id, since)"
        " SELECT id, student_id, course_id, opened_at FROM payment WHERE state = 'success'",
    )
    assert await names_of(invariants, at + 2 * TRANSACTION_MAX) == set()


async def test_what_is_not_finished_is_followed_until_it_is_overdue(
    invariants: PostgresInvariants,
) -> None:
    """
    The watermark has long passed the sale when the hour is over in which its invoice was to be issued.
    """
    await passed_by_the_watermark(invariants)

    assert "sold_without_document" not in await names_of(invariants, minutes_later(40))
    assert "sold_without_document" in await names_of(invariants, minutes_later(70))


@pytest.mark.parametrize(
    ("table", "statements"),
    [
        (
            "browser_session",
            (SIGNED_IN,),
        ),
        (
            "discount_use",
            (
                "UPDATE payment SET discount_code = '6759-6498-2643-8453'",
                "UPDATE discount_use SET code = '6759-6498-2643-8453'",
            ),
        ),
        ("staff", ("UPDATE staff SET name = '6759 6498 2643 8453'",)),
    ],
)
async def test_a_card_number_in_a_table_that_numbers_no_rows_is_found_within_minutes(
    invariants: PostgresInvariants, table: str, statements: tuple[str, ...]
) -> None:
    """
    By what is in use, by the payments that have changed, or because the table is small.
    """
    async with invariants.database.borrow() as connection:
        await connection.driver.execute(A_MEMBER)
        await connection.driver.execute("SET session_replication_role = replica")
        for each in statements:
            await connection.driver.execute(each)

    found = await invariants.check(FORBIDDEN, SOON, full=False)

    assert table in {
        subject for each in found if isinstance(each, Breach) for subject in each.subjects
    }


async def test_a_table_that_is_not_small_is_read_whole_at_night(
    invariants: PostgresInvariants,
) -> None:
    """
    What an incremental check reads of it has a bound, so that it takes no longer when the table grows.
    """
    async with invariants.database.borrow() as connection:
        await connection.driver.execute(
            "INSERT INTO job_run SELECT CASE WHEN n = $1 THEN '6759 6498 2643 8453' ELSE n::text END,"
            " '2026-08-03' FROM generate_series(1, $1) n",
            SMALL_ROWS_MAX + 1,
        )

    assert await invariants.check(FORBIDDEN, SOON, full=False) == []
    (breach,) = await invariants.check(FORBIDDEN, SOON, full=True)
    assert isinstance(breach, Breach)
    assert breach.subjects == ("job_run",)


async def test_rows_that_become_visible_late_are_checked(invariants: PostgresInvariants) -> None:
    """
    Ids are given out before their rows are visible: a transaction with a smaller id may end later.
    """
    at = await passed_by_the_watermark(invariants)
    async with invariants.database.borrow() as connection:
        driver: asyncpg.Connection = connection.driver
        await driver.execute("SET session_replication_role = replica")
        # All invariants are checked meanwhile, on a busy machine for longer than a unit may be idle.
        await driver.execute("SET idle_in_transaction_session_timeout = 0")
        transaction = driver.transaction()
        await transaction.start()
        await driver.execute(TOUCHED.format(subject="id"))
        await driver.execute("DELETE FROM enrolment")
        await damaged(invariants, TOUCHED.format(subject="'SKLATER'"))
        assert await names_of(invariants, at) == set()
        await transaction.commit()

    assert await names_of(invariants, at + TRANSACTION_MAX) == {"paid_without_enrolment"}


async def test_what_has_no_time_left_takes_nothing_from_the_others(
    invariants: PostgresInvariants,
) -> None:
    """
    A locked table stands for one that is too big: its invariants are named, and the others are checked.
    """
    await damaged(invariants, "DELETE FROM enrolment", full=False)
    hurried = replace(invariants, full_time_limit=timedelta(milliseconds=300))
    async with invariants.database.borrow() as connection, connection.driver.transaction():
        await connection.driver.execute("LOCK TABLE discount IN ACCESS EXCLUSIVE MODE")
        found = await CheckInvariants(hurried, StoppedClock(SOON))()

    assert "paid_without_enrolment" in {each.invariant.name for each in found.broken}
    assert {"discount_count_disagrees", FORBIDDEN.name} <= {
        each.invariant.name for each in found.unchecked
    }
    unchecked = await invariants.not_checked_in_full(SOON)
    assert {"discount_count_disagrees", FORBIDDEN.name} <= {each.name for each in unchecked}


async def test_a_full_check_is_due_until_it_was_made(invariants: PostgresInvariants) -> None:
    """
    Of those only that have an incremental check which costs less.
    """
    wanted = {each.invariant.name for each in QUERIES if each.among} | {FORBIDDEN.name}

    assert {each.name for each in await invariants.not_checked_in_full(SOON)} == wanted
    await breaches(invariants, SOON)
    assert await invariants.not_checked_in_full(SOON) == []
    late = await invariants.not_checked_in_full(minutes_later(1))
    assert {each.name for each in late} == wanted


async def test_an_incremental_check_beside_a_full_one_loses_nothing(
    invariants: PostgresInvariants,
) -> None:
    """
    Whoever read the watermark before another check moved it records nothing of its own.
    """
    name = "paid_without_enrolment"
    (row,) = await invariants.database.fetch(READ_WATCH, name=name)
    await breaches(invariants, SOON, full=False)
    written = {"name": name, "watermarks": "{}", "followed": ["SKX"], "full_at": SOON}
    await invariants.database.fetch(RECORD_CHANGES, **written, version=row["version"])
    (after,) = await invariants.database.fetch(READ_WATCH, name=name)
    assert after["watermarks"] != {}
    assert after["followed"] == []

    await invariants.database.fetch(RECORD_FULL, **written, version=row["version"])
    (after,) = await invariants.database.fetch(READ_WATCH, name=name)
    assert after["watermarks"] != {}
    assert after["followed"] == ["SKX"]


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("inbox_keeps_failing", "UPDATE inbox SET state = 'deferred', attempts = 2, received_at"),
        ("outbox_keeps_failing", "UPDATE outbox SET attempts = 2, why = 'away', written_at"),
        ("order_poll_keeps_failing", "UPDATE question SET attempts = 2, why = 'away', since"),
        (
            "refund_poll_keeps_failing",
            "UPDATE refund_watch SET attempts = 2, why = 'away', watched_since",
        ),
    ],
)
async def test_an_entry_that_fails_is_told_by_its_age(
    invariants: PostgresInvariants, name: str, statement: str
) -> None:
    """
    A day of failures, however few they were; what waits for its first day is no reason to call anybody.
    """
    before = POLLED if name.startswith("refund") else ()
    young = await broken(invariants, *before, f"{statement} = '{SOON - FAILING}'")
    old = await broken(invariants, f"{statement} = '{SOON - FAILING - timedelta(seconds=1)}'")

    assert name not in young
    assert name in old


@pytest.mark.parametrize(("days", "told"), [(1, False), (3, True)])
async def test_webhooks_about_orders_of_others_have_their_day(
    invariants: PostgresInvariants,
    days: int,
    told: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """
    They are refused after a day; one that is still there has met an error.
    """
    found = await broken(
        invariants,
        "UPDATE inbox SET state = 'deferred', attempts = 30, order_id = 'SKOFNOBODY',"
        f" received_at = '{SOON - timedelta(days=days)}'",
    )

    assert ("inbox_keeps_failing" in found) is told


def test_the_course_of_the_samples_is_what_it_was() -> None:
    """
    The amounts above hold against its price.
    """
    assert COURSE.list_price.paise == 11_800_00


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ((found("resolved"), decided(paise=100_00)), set()),
        (
            (found("resolved"), decided(action="not_ours", alone="NULL")),
            {"decided_alone_above_limit"},
        ),
        (
            (
                found("resolved"),
                *(decided(sequence=each, paise=90_00, alone=str(each)) for each in range(1, 7)),
            ),
            {"decided_alone_above_limit"},
        ),
        (
            (
                found("resolved"),
                decided(paise=900_00, alone="NULL"),
                "UPDATE resolution SET approved_by = 'staff:noor', approved_at = decided_at",
            ),
            set(),
        ),
        (
            (found("awaiting_approval"), decided(state="proposed", paise=900_00, alone="NULL")),
            set(),
        ),
        (
            (
                found("awaiting_approval"),
                decided(state="proposed", paise=900_00, alone="NULL", days_ago=8),
            ),
            {"approval_forgotten"},
        ),
    ],
    ids=["alone", "never alone", "day", "two people", "waits", "waits for long"],
)
async def test_what_one_person_decides_alone_has_limits(
    invariants: PostgresInvariants, statements: tuple[str, ...], expected: set[str]
) -> None:
    """
    Each amount, and the sum of a day; two people may decide any, and a proposal has a week.
    """
    assert await broken(invariants, *statements) == expected
