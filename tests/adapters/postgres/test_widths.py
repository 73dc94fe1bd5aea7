"""Whatever the doors and the bank's adapter let in has room in its column: no honest text fails at the last step."""

from typing import Final

import pytest
from sqlalchemy import Column, String

from adapters.hdfc import messages, texts
from adapters.postgres.file_tables import document_file
from adapters.postgres.staff_tables import staff
from adapters.postgres.tables import (
    audit_log,
    course,
    discount,
    idempotency,
    inbox,
    outbox,
    payment,
)
from adapters.typst.renderer import TypstRenderer
from domain import course as courses
from domain import gst
from domain import staff as members
from domain.document_number import NUMBER_MAX
from domain.failure import Failure
from domain.order_facts import Attention
from domain.payment_state import State
from domain.redemption import Redemption
from entrypoints.http import identity
from entrypoints.http.api import payment as payment_api
from ports.audit_log import Source
from ports.document_renderer import Copy
from ports.inbox import EntryState
from ports.outbox import Errand

LONGEST: Final = {
    inbox.c.event_id: messages.EVENT_ID_LENGTH_MAX,
    inbox.c.order_id: messages.EVENT_ID_LENGTH_MAX,
    inbox.c.event_name: texts.NAME_LENGTH_MAX,
    inbox.c.status: texts.WORD_LENGTH_MAX,
    inbox.c.state: max(map(len, EntryState)),
    payment.c.gateway_order_id: texts.IDENTIFIER_LENGTH_MAX,
    payment.c.bank_txn_id: texts.REFERENCE_LENGTH_MAX,
    payment.c.bank_reference: texts.REFERENCE_LENGTH_MAX,
    payment.c.method: texts.WORD_LENGTH_MAX,
    payment.c.card_brand: texts.WORD_LENGTH_MAX,
    payment.c.card_issuer: texts.NAME_LENGTH_MAX,
    payment.c.buyer_name: gst.NAME_MAX,
    payment.c.buyer_address: gst.ADDRESS_MAX,
    payment.c.student_name: identity.NAME_MAX,
    payment.c.student_email: identity.EMAIL_MAX,
    payment.c.course_title: courses.TITLE_MAX,
    payment.c.state: max(map(len, State)),
    payment.c.failure: max(map(len, Failure)),
    payment.c.attention: max(map(len, Attention)),
    payment.c.redemption: max(map(len, Redemption)),
    course.c.title: courses.TITLE_MAX,
    idempotency.c.key: payment_api.KEY_MAX,
    audit_log.c.source: max(map(len, Source)),
    audit_log.c.from_state: max(map(len, State)),
    discount.c.code: 32,
    document_file.c.copy: max(map(len, Copy)),
    document_file.c.release: len(TypstRenderer.release),
    outbox.c.errand: max(map(len, Errand)),
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
