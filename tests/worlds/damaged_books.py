"""Books that are damaged past all guards: what breaks each money invariant, and what is found then."""

# ruff: noqa: S608 - only our own words stand in these texts

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import asyncpg

from adapters.postgres.invariants.card_scan import FORBIDDEN
from adapters.postgres.invariants.invariants import OVERDUE, PostgresInvariants
from application.monitoring.check_invariants import CheckInvariants
from fakes.clock import StoppedClock
from ports.monitoring.money_invariants import Breach
from worlds.postgres import NOON

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
        "UPDATE expectation SET business_date = '2026-03-27'",
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
    "disputed_without_dispute": journal("settlement", ("disputed", 100_00), ("transit", -100_00)),
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
    "books_differ_from_decisions": (
        "INSERT INTO rebuild_difference SELECT id, opened_at, '[]' FROM payment WHERE state = 'pending'",
    ),
    FORBIDDEN.name: ("UPDATE course SET title = 'Algebra 6759.6498.2643.8453'",),
}


async def broken(invariants: PostgresInvariants, *statements: str) -> set[str]:
    return {*await damaged(invariants, *statements)}


async def damage(invariants: PostgresInvariants, *statements: str) -> None:
    """Run *statements* past all guards."""
    async with invariants.database.borrow() as connection:
        driver: asyncpg.Connection = connection.driver
        # The database refuses most of this by itself; here its guards have been got round.
        await driver.execute("SET session_replication_role = replica")
        for statement in statements:
            done = await driver.execute(statement)
            assert not done.endswith(" 0"), f"touched nothing: {statement}"


async def damaged(
    invariants: PostgresInvariants, *statements: str, full: bool = True
) -> dict[str, Breach]:
    """Run *statements* past all guards, and return the breaches by the names of their invariants."""
    await damage(invariants, *statements)
    return {each.invariant.name: each for each in await breaches(invariants, full=full)}


async def breaches(
    invariants: PostgresInvariants, at: datetime = SOON, *, full: bool = True
) -> Sequence[Breach]:
    """Return what is broken; fail when anything could not be checked."""
    found = await CheckInvariants(invariants, StoppedClock(at))(full=full)
    assert not found.unchecked
    return found.broken
