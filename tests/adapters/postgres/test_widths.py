"""Every text column has room for every text that can reach it: no payment or refund fails at the last step."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from itertools import chain
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import ARRAY, Column, String

from adapters.hdfc import sanitise
from adapters.hdfc.inbound import gateway_messages
from adapters.postgres import schema
from adapters.postgres.all_tables import metadata
from adapters.postgres.audit import audit_log as audit_writes
from adapters.postgres.audit.archive_register import NOTED_MAX
from adapters.postgres.audit.tables import (
    archived_month,
    archived_payment,
    archived_records,
    audit_log,
    restored_record,
)
from adapters.postgres.catalogue.tables import course, discount, discount_use
from adapters.postgres.documents.tables import document_file, document_number, tax_document
from adapters.postgres.gateway_config.tables import gateway_config
from adapters.postgres.invariants import invariants
from adapters.postgres.ledger.tables import closed_period, entry, journal, ledger_backfill
from adapters.postgres.monitoring import raised_alerts
from adapters.postgres.monitoring.tables import (
    alert_case,
    gateway_call_rollup,
    payment_rollup,
    raised_alert,
)
from adapters.postgres.payments.payments import to_columns
from adapters.postgres.payments.tables import (
    decision_basis,
    enrolment,
    idempotency,
    payment,
    rebuild_difference,
)
from adapters.postgres.privacy.tables import legal_hold
from adapters.postgres.queues import statements as queue_writes
from adapters.postgres.queues.tables import (
    inbox,
    invariant_watch,
    job_history,
    job_run,
    job_state,
    order_poll,
    outbox,
    refund_poll,
    schema_serving,
    webhook_delivery,
)
from adapters.postgres.reconciliation.tables import (
    discrepancy,
    expectation,
    open_expectation,
    reconciliation,
    resolution,
    settlement_credit,
)
from adapters.postgres.refunds.refunds import all_columns
from adapters.postgres.refunds.tables import refund
from adapters.postgres.settlements.tables import (
    bank_entry,
    bank_statement,
    rejected_row,
    report_answer,
    settlement,
    settlement_file,
    settlement_line,
)
from adapters.postgres.sign_in.tables import browser_session, server_key
from adapters.postgres.staff.tables import staff
from adapters.postgres.webhooks.tables import webhook_endpoint
from adapters.typst.renderer import TypstRenderer
from application.documents import cancel_document
from domain.audit.archive_state import ArchiveState
from domain.audit.record_kind import RecordKind
from domain.catalogue import course as courses
from domain.catalogue import discount as discounts
from domain.documents.document_number import NUMBER_MAX
from domain.documents.tax_document import DocumentKind
from domain.gateway_config import configuration_version as configurations
from domain.gateway_config import gateway_terms
from domain.gateway_config.configuration_version import VersionState
from domain.identifiers import (
    DISCREPANCY_ID_PREFIX,
    PAYMENT_ID_PREFIX,
    PAYMENT_ID_RANDOM_CHARS,
    RefundId,
)
from domain.jobs.job import JobResult, JobTrigger
from domain.ledger import journal as journals
from domain.ledger.account import Account
from domain.ledger.journal import JournalKind
from domain.money import CURRENCY, Money
from domain.monitoring import alert_case as alert_cases
from domain.monitoring.alert_case import ALERT_ID_PREFIX, AlertState
from domain.monitoring.alert_rules import AlertRule
from domain.monitoring.payment_outcome import PaymentOutcome
from domain.payments import dispute as disputes
from domain.payments import order_facts
from domain.payments import refund as refunds
from domain.payments.basis import KINDS
from domain.payments.client_reference import CLIENT_REFERENCE_MAX
from domain.payments.discount_reservation import DiscountReservation
from domain.payments.failure_reason import FailureReason
from domain.payments.order_decisions import apply_order_facts
from domain.payments.order_facts import (
    Instrument,
    OrderFacts,
    RefundFacts,
    RefundVerdict,
    ReviewReason,
    Verdict,
)
from domain.payments.payment import GATEWAY_ORDER_ID_MAX, GatewayOrder
from domain.payments.payment_state import State
from domain.payments.refund import RefundRequest
from domain.payments.refund_decisions import record_refund_refusal
from domain.payments.refund_state import RefundState
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.payout import KEY_CHARS, CreditOutcome, PayoutOutcome
from domain.reconciliation.resolution import NOTE_MAX, ResolutionAction, ResolutionState
from domain.reconciliation.run import RUN_ID_PREFIX, RunTrigger
from domain.reconciliation.run_state import RunState
from domain.reconciliation.taxonomy import Action, Cause, DiscrepancyType, Owner, Subject
from domain.settlements.bank_statement import NarratedDay
from domain.settlements.file_state import SettlementFileState
from domain.settlements.line_warning import RejectionReason
from domain.settlements.reissue import DuplicateCause, ReportedAgain
from domain.settlements.settlement_line import Direction, LineState, LineType
from domain.settlements.settlement_report import FileOrigin, ReportAnswer, ReportState
from domain.sign_in import server_key as server_keys
from domain.sign_in.server_key import SCOPES
from domain.staff import staff_member as members
from domain.staff.access import Role
from domain.tax import gst
from domain.tax.indian_states import STATES, SecondTax
from domain.text import email_address
from domain.text.contact_number import PHONE_DIGITS_MAX
from domain.text.email_address import EMAIL_MAX
from domain.text.language import Language
from domain.text.opaque_id import PERSON_ID_MAX
from domain.webhooks import platform_endpoint as platform_endpoints
from domain.webhooks import webhook_event
from domain.webhooks.event_type import WebhookEventType
from domain.webhooks.platform_endpoint import ENDPOINT_ID_PREFIX, EndpointState
from domain.webhooks.webhook_event import PayloadVersion
from entrypoints.http.api import payment as payment_api
from entrypoints.http.api.idempotency import KEY_MAX
from entrypoints.http.pages import sign_in
from entrypoints.http.security import browser_session as browser_sessions
from entrypoints.http.security import identity
from entrypoints.jobs import schedule
from entrypoints.logs import setup as logs
from fakes.clock import NOON
from fakes.samples import a_payment, payment_id, refund_id
from ports.alerts import AlertKind
from ports.audit_log import Source
from ports.documents.document_renderer import Copy
from ports.monitoring.gateway_calls import CallResult
from ports.notifications.outbox import OutboxTask
from ports.payments.inbox import EntryState
from ports.payments.payment_gateway import GatewayOperation
from ports.settlements.bank_statements import StatementHold
from ports.settlements.settlement_file_reader import HoldReason
from ports.webhooks.webhook_deliveries import DeliveryState

SOURCES: Final = Path(__file__).parents[3] / "src"
LONG: Final = "x" * 5000


def longest_taken(takes: Callable[[str], object]) -> int:
    """Return how long a text of one letter may be that an entrance *takes*, of at most 1000."""
    return max(length for length in range(1001) if takes("A" * length) or takes("a" * length))


def longest_action() -> int:
    """Return the length of the longest name of an act that the use cases write to the audit log."""
    names: set[str] = set()
    for path in (SOURCES / "application").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                names.add(node.value)
    dotted = [name for name in names if name.replace("_", "").replace(".", "").isalpha()]
    longest_state = max(map(len, RefundState))
    return max(len("refund.") + longest_state, *(len(name) for name in dotted if "." in name))


PAYMENT_ID: Final = len(PAYMENT_ID_PREFIX) + PAYMENT_ID_RANDOM_CHARS
STUDENT_ID: Final = PERSON_ID_MAX
STAFF_ID: Final = PERSON_ID_MAX
STAFF_ACTOR: Final = len("staff:") + STAFF_ID
COURSE_ID: Final = longest_taken(courses._ID.fullmatch)
CODE: Final = longest_taken(discounts._CODE.fullmatch)
STATE_CODE: Final = max(map(len, STATES))
GSTIN: Final = 15
SHA256: Final = 64
SAC: Final = 6
SERIES: Final = 3

LONGEST: Final[dict[Column[Any], int | Callable[[], int]]] = {
    audit_log.c.actor: audit_writes.WIDTHS["actor"],
    audit_log.c.source: max(map(len, Source)),
    audit_log.c.action: longest_action,
    audit_log.c.subject: audit_writes.WIDTHS["subject"],
    audit_log.c.from_state: max(map(len, State)),
    audit_log.c.to_state: max(map(len, State)),
    audit_log.c.ip: audit_writes.WIDTHS["ip"],
    audit_log.c.user_agent: audit_writes.WIDTHS["user_agent"],
    audit_log.c.correlation_id: audit_writes.WIDTHS["correlation_id"],
    course.c.id: COURSE_ID,
    course.c.title: courses.TITLE_MAX,
    course.c.price_mode: max(map(len, gst.PriceMode)),
    course.c.sac: SAC,
    course.c.delivery: max(map(len, gst.Delivery)),
    course.c.venue_state: STATE_CODE,
    discount.c.code: CODE,
    discount.c.kind: max(map(len, ("percent", "flat"))),
    discount.c.courses: COURSE_ID,
    discount_use.c.code: CODE,
    discount_use.c.student_id: STUDENT_ID,
    document_number.c.gstin: GSTIN,
    document_number.c.series: SERIES,
    tax_document.c.gstin: GSTIN,
    tax_document.c.series: SERIES,
    tax_document.c.number: NUMBER_MAX,
    tax_document.c.kind: max(map(len, DocumentKind)),
    tax_document.c.payment_id: PAYMENT_ID,
    tax_document.c.refund_id: order_facts.REFUND_ID_MAX,
    tax_document.c.original_number: NUMBER_MAX,
    tax_document.c.buyer_gstin: GSTIN,
    tax_document.c.place_code: STATE_CODE,
    tax_document.c.sac: SAC,
    tax_document.c.sha256: SHA256,
    tax_document.c.state: max(map(len, ("issued", "cancelled"))),
    tax_document.c.cancelled_why: cancel_document.WHY_CHARS_MAX,
    document_file.c.gstin: GSTIN,
    document_file.c.number: NUMBER_MAX,
    document_file.c.copy: max(map(len, Copy)),
    document_file.c.sha256: SHA256,
    document_file.c.release: len(TypstRenderer.release),
    payment.c.id: PAYMENT_ID,
    payment.c.student_id: STUDENT_ID,
    payment.c.student_name: identity.NAME_MAX,
    payment.c.student_email: EMAIL_MAX,
    payment.c.student_phone: len("+") + PHONE_DIGITS_MAX,
    payment.c.language: max(map(len, Language)),
    payment.c.course_id: COURSE_ID,
    payment.c.course_title: courses.TITLE_MAX,
    payment.c.discount_code: CODE,
    payment.c.redemption: max(map(len, DiscountReservation)),
    payment.c.second_tax: max(map(len, SecondTax)),
    payment.c.supply: max(map(len, gst.Supply)),
    payment.c.place_code: STATE_CODE,
    payment.c.price_mode: max(map(len, gst.PriceMode)),
    payment.c.sac: SAC,
    payment.c.rounding_policy: len(gst.ROUNDING_POLICY),
    payment.c.buyer_name: gst.NAME_MAX,
    payment.c.buyer_state: STATE_CODE,
    payment.c.buyer_gstin: GSTIN,
    payment.c.buyer_address: gst.ADDRESS_MAX,
    payment.c.state: max(map(len, State)),
    payment.c.gateway_order_id: GATEWAY_ORDER_ID_MAX,
    payment.c.failure: max(map(len, FailureReason)),
    payment.c.attention: max(map(len, ReviewReason)),
    payment.c.review_accepted: max(map(len, ReviewReason)),
    payment.c.bank_txn_id: order_facts.TEXTS_MAX["bank_txn_id"],
    payment.c.bank_reference: order_facts.TEXTS_MAX["bank_reference"],
    payment.c.captured_currency: order_facts.TEXTS_MAX["currency"],
    payment.c.method: order_facts.TEXTS_MAX["method"],
    payment.c.card_tail: 4,
    payment.c.card_brand: order_facts.TEXTS_MAX["card_brand"],
    payment.c.card_issuer: order_facts.TEXTS_MAX["card_issuer"],
    payment.c.retry_of: PAYMENT_ID,
    payment.c.first_attempt: PAYMENT_ID,
    payment.c.retried_as: PAYMENT_ID,
    payment.c.client_reference: CLIENT_REFERENCE_MAX,
    payment.c.client_reference_first: PAYMENT_ID,
    payment.c.consent_version: SHA256,
    enrolment.c.payment_id: PAYMENT_ID,
    enrolment.c.student_id: STUDENT_ID,
    enrolment.c.course_id: COURSE_ID,
    idempotency.c.student_id: STUDENT_ID,
    idempotency.c.route: max(map(len, (payment_api.ROUTE, payment_api.RETRY))),
    idempotency.c.key: KEY_MAX,
    idempotency.c.body_sha256: SHA256,
    idempotency.c.payment_id: PAYMENT_ID,
    inbox.c.event_id: gateway_messages.EVENT_ID_LENGTH_MAX,
    inbox.c.body_sha256: SHA256,
    outbox.c.text_sha256: SHA256,
    inbox.c.event_name: sanitise.NAME_LENGTH_MAX,
    inbox.c.order_id: gateway_messages.EVENT_ID_LENGTH_MAX,
    inbox.c.status: sanitise.WORD_LENGTH_MAX,
    inbox.c.state: max(map(len, EntryState)),
    inbox.c.why: queue_writes.WHY_CHARS_MAX,
    webhook_endpoint.c.id: len(ENDPOINT_ID_PREFIX) + PAYMENT_ID_RANDOM_CHARS,
    webhook_endpoint.c.url: platform_endpoints.URL_MAX,
    webhook_endpoint.c.description: platform_endpoints.DESCRIPTION_MAX,
    webhook_endpoint.c.event_types: max(map(len, WebhookEventType)),
    webhook_endpoint.c.payload: max(map(len, PayloadVersion)),
    webhook_endpoint.c.state: max(map(len, EndpointState)),
    webhook_endpoint.c.why: platform_endpoints.WHY_MAX,
    webhook_delivery.c.endpoint_id: len(ENDPOINT_ID_PREFIX) + PAYMENT_ID_RANDOM_CHARS,
    webhook_delivery.c.event_id: len(webhook_event.ID_PREFIX) + webhook_event.ID_CHARS,
    webhook_delivery.c.event_type: max(map(len, WebhookEventType)),
    webhook_delivery.c.payment_id: PAYMENT_ID,
    webhook_delivery.c.subject: max(PAYMENT_ID, order_facts.REFUND_ID_MAX, disputes.DISPUTE_ID_MAX),
    webhook_delivery.c.state: max(map(len, DeliveryState)),
    webhook_delivery.c.why: queue_writes.WHY_CHARS_MAX,
    outbox.c.errand: max(map(len, OutboxTask)),
    outbox.c.payment_id: PAYMENT_ID,
    outbox.c.subject: max(PAYMENT_ID, order_facts.REFUND_ID_MAX, NUMBER_MAX),
    outbox.c.state: max(map(len, ("new", "done", "dead"))),
    outbox.c.why: queue_writes.WHY_CHARS_MAX,
    legal_hold.c.payment_id: PAYMENT_ID,
    decision_basis.c.payment_id: PAYMENT_ID,
    decision_basis.c.kind: max(map(len, KINDS)),
    rebuild_difference.c.payment_id: PAYMENT_ID,
    order_poll.c.id: PAYMENT_ID,
    order_poll.c.student_id: STUDENT_ID,
    order_poll.c.state: max(map(len, ("open", "dead"))),
    order_poll.c.why: queue_writes.WHY_CHARS_MAX,
    refund_poll.c.payment_id: PAYMENT_ID,
    refund_poll.c.refund_id: order_facts.REFUND_ID_MAX,
    refund_poll.c.state: max(map(len, ("open", "dead"))),
    refund_poll.c.why: queue_writes.WHY_CHARS_MAX,
    job_run.c.job: max(map(len, schedule.EVERY)),
    job_state.c.job: max(map(len, schedule.EVERY)),
    job_state.c.trigger: max(map(len, JobTrigger)),
    job_state.c.started_by: STAFF_ACTOR,
    job_state.c.result: max(map(len, JobResult)),
    job_state.c.why: queue_writes.WHY_CHARS_MAX,
    job_history.c.job: max(map(len, schedule.EVERY)),
    job_history.c.trigger: max(map(len, JobTrigger)),
    job_history.c.started_by: STAFF_ACTOR,
    job_history.c.result: max(map(len, JobResult)),
    job_history.c.why: queue_writes.WHY_CHARS_MAX,
    job_state.c.asked_by: STAFF_ACTOR,
    alert_case.c.id: len(ALERT_ID_PREFIX) + PAYMENT_ID_RANDOM_CHARS,
    alert_case.c.rule: max(map(len, AlertRule)),
    alert_case.c.subject: max(raised_alerts.SUBJECT_MAX, *map(len, GatewayOperation)),
    alert_case.c.state: max(map(len, AlertState)),
    archived_month.c.state: max(map(len, ArchiveState)),
    archived_records.c.kind: max(map(len, RecordKind)),
    archived_records.c.state: max(map(len, ArchiveState)),
    archived_payment.c.payment_id: max(gateway_messages.EVENT_ID_LENGTH_MAX, NOTED_MAX),
    archived_payment.c.kind: max(len("audit_log"), *map(len, RecordKind)),
    restored_record.c.kind: max(map(len, RecordKind)),
    alert_case.c.detail: alert_cases.DETAIL_MAX,
    alert_case.c.acknowledged_by: STAFF_ACTOR,
    alert_case.c.note: alert_cases.TEXT_MAX,
    alert_case.c.silenced_by: STAFF_ACTOR,
    alert_case.c.silence_reason: alert_cases.TEXT_MAX,
    raised_alert.c.kind: max(map(len, AlertKind)),
    raised_alert.c.subject: raised_alerts.SUBJECT_MAX,
    payment_rollup.c.outcome: max(map(len, PaymentOutcome)),
    payment_rollup.c.method: order_facts.TEXTS_MAX["method"],
    payment_rollup.c.reason: max(map(len, FailureReason)),
    gateway_call_rollup.c.operation: max(map(len, GatewayOperation)),
    gateway_call_rollup.c.result: max(map(len, CallResult)),
    schema_serving.c.oldest: max(map(len, schema.revisions())),
    schema_serving.c.newest: max(map(len, schema.revisions())),
    invariant_watch.c.name: max(len(each.invariant.name) for each in invariants.QUERIES),
    refund.c.payment_id: PAYMENT_ID,
    refund.c.id: order_facts.REFUND_ID_MAX,
    refund.c.state: max(map(len, RefundState)),
    refund.c.asked_by: max(STAFF_ACTOR, order_facts.TEXTS_MAX["initiated_by"]),
    refund.c.reason: refunds.REFUND_REASON_MAX,
    refund.c.request_key: KEY_MAX,
    refund.c.request_sha256: SHA256,
    refund.c.decided_by: STAFF_ACTOR,
    refund.c.bank_reference: order_facts.TEXTS_MAX["reference"],
    refund.c.arn: order_facts.TEXTS_MAX["arn"],
    refund.c.error: order_facts.TEXTS_MAX["error"],
    browser_session.c.id: browser_sessions.ID_HEX_DIGITS,
    browser_session.c.subject: STUDENT_ID,
    browser_session.c.name: identity.NAME_MAX,
    browser_session.c.email: EMAIL_MAX,
    browser_session.c.phone: len("+") + PHONE_DIGITS_MAX,
    browser_session.c.roles: max(map(len, Role)),
    browser_session.c.token_sha256: SHA256,
    browser_session.c.browser: sign_in.BROWSER_MAX,
    browser_session.c.ip: len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255"),
    server_key.c.id: len(server_keys.KEY_ID_PREFIX) + PAYMENT_ID_RANDOM_CHARS,
    server_key.c.name: server_keys.KEY_NAME_MAX,
    server_key.c.scopes: max(map(len, SCOPES)),
    server_key.c.secret_sha256: SHA256,
    server_key.c.previous_sha256: SHA256,
    gateway_config.c.state: max(map(len, VersionState)),
    gateway_config.c.merchant_id: gateway_terms.NAME_MAX,
    gateway_config.c.payment_page_client_id: gateway_terms.NAME_MAX,
    gateway_config.c.api_version: gateway_terms.NAME_MAX,
    gateway_config.c.webhook_user: gateway_terms.NAME_MAX,
    gateway_config.c.methods: max(map(len, gateway_terms.PaymentMethod)),
    gateway_config.c.reason: configurations.REASON_MAX,
    gateway_config.c.decision_reason: configurations.REASON_MAX,
    gateway_config.c.proposed_by: STAFF_ID,
    gateway_config.c.decided_by: STAFF_ID,
    staff.c.id: STAFF_ID,
    staff.c.name: members.NAME_MAX,
    staff.c.email: email_address.EMAIL_MAX,
    staff.c.roles: max(map(len, Role)),
    journal.c.kind: max(map(len, JournalKind)),
    journal.c.subject: journals.SUBJECT_MAX,
    journal.c.reference: journals.REFERENCE_MAX,
    entry.c.account: max(map(len, Account)),
    entry.c.payment_id: PAYMENT_ID,
    entry.c.settlement: journals.ID_MAX,
    entry.c.discrepancy: journals.ID_MAX,
    closed_period.c.closed_by: STAFF_ACTOR,
    discrepancy.c.id: len(DISCREPANCY_ID_PREFIX) + PAYMENT_ID_RANDOM_CHARS,
    discrepancy.c.type: max(map(len, DiscrepancyType)),
    discrepancy.c.cause: max(map(len, Cause)),
    discrepancy.c.subject: max(map(len, Subject)),
    discrepancy.c.action: max(map(len, Action)),
    discrepancy.c.state: max(map(len, DiscrepancyState)),
    discrepancy.c.owner: max(map(len, Owner)),
    resolution.c.discrepancy_id: len(DISCREPANCY_ID_PREFIX) + PAYMENT_ID_RANDOM_CHARS,
    resolution.c.action: max(map(len, ResolutionAction)),
    resolution.c.state: max(map(len, ResolutionState)),
    resolution.c.note: NOTE_MAX,
    resolution.c.decided_by: STAFF_ACTOR,
    resolution.c.account: max(map(len, Account)),
    resolution.c.payment_id: PAYMENT_ID,
    resolution.c.posts: max(map(len, JournalKind)),
    resolution.c.request_key: KEY_MAX,
    resolution.c.request_sha256: SHA256,
    resolution.c.approved_by: STAFF_ACTOR,
    resolution.c.ended_by: STAFF_ACTOR,
    ledger_backfill.c.after: PAYMENT_ID,
    expectation.c.payment_id: PAYMENT_ID,
    expectation.c.refund_id: order_facts.REFUND_ID_MAX,
    expectation.c.settled_file: SHA256,
    open_expectation.c.payment_id: PAYMENT_ID,
    open_expectation.c.refund_id: order_facts.REFUND_ID_MAX,
    settlement_file.c.sha256: SHA256,
    settlement_file.c.origin: max(map(len, FileOrigin)),
    settlement_file.c.state: max(map(len, SettlementFileState)),
    settlement_file.c.held_for: max(map(len, HoldReason)),
    rejected_row.c.reason: max(map(len, RejectionReason)),
    settlement.c.state: max(map(len, ReportState)),
    settlement.c.reported: max(map(len, ReportedAgain)),
    settlement.c.payout: max(map(len, PayoutOutcome)),
    settlement_line.c.state: max(map(len, LineState)),
    settlement_line.c.cause: max(map(len, DuplicateCause)),
    settlement_line.c.line_type: max(map(len, LineType)),
    settlement_line.c.direction: max(map(len, Direction)),
    report_answer.c.origin: max(map(len, FileOrigin)),
    report_answer.c.answer: max(map(len, ReportAnswer)),
    bank_statement.c.sha256: SHA256,
    bank_statement.c.held_for: max(map(len, StatementHold)),
    bank_entry.c.narrated_day_is: max(map(len, NarratedDay)),
    bank_entry.c.outcome: max(map(len, CreditOutcome)),
    reconciliation.c.id: len(RUN_ID_PREFIX) + PAYMENT_ID_RANDOM_CHARS,
    reconciliation.c.trigger: max(map(len, RunTrigger)),
    reconciliation.c.state: max(map(len, RunState)),
    settlement_credit.c.entry: len("2026-11-29/") + KEY_CHARS,
}
"""
For each column the longest text that its writer lets through, from the limit in the writer's own code.

A column is left out only if it is of the type ``text``, which has no limit.
"""


def width_of(column: Column[Any]) -> int | None:
    """Return how many characters *column* takes, None when it holds no text or has no limit."""
    kind = column.type.item_type if isinstance(column.type, ARRAY) else column.type
    return kind.length if isinstance(kind, String) else None


def limited_columns() -> Iterator[Column[Any]]:
    every = chain.from_iterable(table.columns for table in metadata.sorted_tables)
    return (column for column in every if width_of(column) is not None)


def test_every_limited_column_has_a_writer_that_bounds_it() -> None:
    """
    A new text column is refused until somebody says which limit its texts have passed.
    """
    assert {str(column) for column in LONGEST} == {str(column) for column in limited_columns()}


@pytest.mark.parametrize("column", LONGEST, ids=str)
def test_the_longest_text_fits(column: Column[Any]) -> None:
    """
    A limit raised at an entrance has to be raised in a migration too.
    """
    width = width_of(column)
    assert width is not None
    longest = LONGEST[column]
    assert (longest() if callable(longest) else longest) <= width


def overlong(columns: dict[str, object], of: Any) -> list[str]:
    return [
        name
        for name, value in columns.items()
        if isinstance(value, str) and len(value) > (width_of(of.c[name]) or len(value))
    ]


def endless(of: type[Any]) -> dict[str, Any]:
    """Return a long text for every field of *of* that holds the bank's text."""
    return {each.name: LONG for each in fields(of) if each.name in order_facts.TEXTS_MAX}


def test_facts_of_any_adapter_fit_their_columns() -> None:
    """
    Every text of the bank is cut in the domain, whichever adapter read it.
    """
    begun = a_payment(1).with_gateway_order(GatewayOrder(id=LONG, payment_url=LONG))
    told = OrderFacts(
        payment=payment_id(1),
        verdict=Verdict.CHARGED,
        amount=begun.quote.payable,
        refunds=tuple(
            RefundFacts(
                id=RefundId(name), amount=Money(100), verdict=verdict, **endless(RefundFacts)
            )
            for name, verdict in (
                ("R" * order_facts.REFUND_ID_MAX, RefundVerdict.PENDING),
                ("R1", RefundVerdict.FAILED),
            )
        ),
        **endless(OrderFacts)
        | {"currency": CURRENCY, "instrument": Instrument(**endless(Instrument))},
    )

    sold = apply_order_facts(begun, told, at=NOON).payment

    assert len(sold.refunds.known) == len(told.refunds)
    assert overlong(to_columns(sold), payment) == []
    for columns in all_columns(sold.id, sold.refunds):
        assert overlong(columns, refund) == []


def test_a_refusal_of_any_length_fits_its_column() -> None:
    """
    The bank's explanation of a refused refund is kept as far as there is room.
    """
    charged = OrderFacts(
        payment=payment_id(1),
        verdict=Verdict.CHARGED,
        amount=a_payment(1).quote.payable,
        currency=CURRENCY,
    )
    sold = apply_order_facts(a_payment(1), charged, at=NOON).payment
    wish = RefundRequest(id=refund_id(1), amount=Money(100), reason="because", by="staff:mira")
    asked = sold.request_refund(wish, at=NOON, approval_threshold=sold.captured)

    refused = record_refund_refusal(asked, refund_id(1), LONG, at=NOON).payment

    (columns,) = all_columns(refused.id, refused.refunds)
    assert columns["state"] == RefundState.FAILED
    assert columns["error"] == LONG[: width_of(refund.c.error)]


def test_a_refund_id_is_never_cut() -> None:
    """
    A cut id could be another refund's, so one that is too long counts as unreadable.
    """
    facts = RefundFacts(
        id=RefundId("R" * order_facts.REFUND_ID_MAX), amount=Money(100), verdict=RefundVerdict.PAID
    )

    assert replace(facts, id=RefundId(facts.id + "R")).id == ""
    assert len(facts.id) == order_facts.REFUND_ID_MAX


def test_a_correlation_id_fits() -> None:
    """
    Ours, as the audit log keeps it.
    """
    with logs.correlated("x" * 64) as bound:
        assert len(bound.id) <= audit_writes.WIDTHS["correlation_id"]
