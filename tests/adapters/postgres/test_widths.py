"""Whatever the doors and the bank's adapter let in has room in its column: no honest text fails at the last step."""

from typing import Final

import pytest
from sqlalchemy import Column, String

from adapters.hdfc import sanitise
from adapters.hdfc.inbound import gateway_messages
from adapters.postgres.audit.tables import audit_log
from adapters.postgres.catalogue.tables import course, discount
from adapters.postgres.documents.tables import document_file
from adapters.postgres.payments.tables import idempotency, payment
from adapters.postgres.queues.tables import inbox, outbox
from adapters.postgres.staff.tables import staff
from adapters.typst.renderer import TypstRenderer
from domain.catalogue import course as courses
from domain.documents.document_number import NUMBER_MAX
from domain.payments.discount_reservation import DiscountReservation
from domain.payments.failure_reason import FailureReason
from domain.payments.order_facts import ReviewReason
from domain.payments.payment_state import State
from domain.staff import staff_member as members
from domain.tax import gst
from entrypoints.http.api import payment as payment_api
from entrypoints.http.security import identity
from ports.audit_log import Source
from ports.documents.document_renderer import Copy
from ports.notifications.outbox import OutboxTask
from ports.payments.inbox import EntryState

LONGEST: Final = {
    inbox.c.event_id: gateway_messages.EVENT_ID_LENGTH_MAX,
    inbox.c.order_id: gateway_messages.EVENT_ID_LENGTH_MAX,
    inbox.c.event_name: sanitise.NAME_LENGTH_MAX,
    inbox.c.status: sanitise.WORD_LENGTH_MAX,
    inbox.c.state: max(map(len, EntryState)),
    payment.c.gateway_order_id: sanitise.IDENTIFIER_LENGTH_MAX,
    payment.c.bank_txn_id: sanitise.REFERENCE_LENGTH_MAX,
    payment.c.bank_reference: sanitise.REFERENCE_LENGTH_MAX,
    payment.c.method: sanitise.WORD_LENGTH_MAX,
    payment.c.card_brand: sanitise.WORD_LENGTH_MAX,
    payment.c.card_issuer: sanitise.NAME_LENGTH_MAX,
    payment.c.buyer_name: gst.NAME_MAX,
    payment.c.buyer_address: gst.ADDRESS_MAX,
    payment.c.student_name: identity.NAME_MAX,
    payment.c.student_email: identity.EMAIL_MAX,
    payment.c.course_title: courses.TITLE_MAX,
    payment.c.state: max(map(len, State)),
    payment.c.failure: max(map(len, FailureReason)),
    payment.c.attention: max(map(len, ReviewReason)),
    payment.c.redemption: max(map(len, DiscountReservation)),
    course.c.title: courses.TITLE_MAX,
    idempotency.c.key: payment_api.KEY_MAX,
    audit_log.c.source: max(map(len, Source)),
    audit_log.c.from_state: max(map(len, State)),
    discount.c.code: 32,
    document_file.c.copy: max(map(len, Copy)),
    document_file.c.release: len(TypstRenderer.release),
    outbox.c.errand: max(map(len, OutboxTask)),
    outbox.c.subject: NUMBER_MAX,
    staff.c.name: members.NAME_MAX,
    staff.c.email: members.EMAIL_MAX,
    staff.c.id: 64,
}


@pytest.mark.parametrize("column", LONGEST, ids=str)
def test_the_longest_text_fits(column: Column[str]) -> None:
    """
    A limit raised at a door has to be raised in a migration too.
    """
    width = column.type
    assert isinstance(width, String)
    assert width.length is not None
    assert LONGEST[column] <= width.length
