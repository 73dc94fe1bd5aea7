"""Documents of every kind, for whatever was sold, for laws that must hold for all of them."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from hypothesis import strategies as st

from domain.documents.invoicing import DatedBy, DocumentPolicy, PaidBack, credit_for, invoice_for
from domain.documents.tax_document import Particulars, RefundReference
from domain.payments.capture import Capture
from domain.payments.order_facts import Instrument
from domain.tax.indian_states import indian_state
from fakes.documents.issued import a_company, numbered
from fakes.strategies import INSTANTS, payments

SOLD: Final = payments().filter(lambda one: not one.quote.is_free)
DATED: Final = st.sampled_from(DatedBy)
SAC_DIGITS: Final = st.sampled_from([4, 6])
IS_INVOICE: Final = st.booleans()
REFUND_IDS: Final = st.text("ABC123", min_size=1, max_size=9)
ARNS: Final = st.text("123", max_size=9)
NUMBERS: Final = st.integers(1, 9_999_999)
CREDITED_AT: Final = INSTANTS | st.just(datetime(2041, 1, 1, tzinfo=UTC))


@st.composite
def particulars(draw: st.DrawFn) -> Particulars:
    """Invoices, bills of supply, and both sorts of notes against them, for whatever was sold."""
    payment = draw(SOLD)
    quote, at = payment.quote, draw(INSTANTS)
    capture = payment.capture or Capture(
        amount=quote.payable,
        bank_txn_id="",
        bank_reference="",
        instrument=Instrument(),
        at=draw(INSTANTS),
    )
    inside = quote.second_tax is not None
    seller = quote.place if inside else indian_state("26" if quote.place.code != "26" else "27")
    policy = DocumentPolicy(dated_by=draw(DATED), sac_digits=draw(SAC_DIGITS))
    company = a_company(seller)
    invoice = invoice_for(replace(payment, capture=capture), company, policy, at)
    if draw(IS_INVOICE):
        return invoice
    refund = RefundReference(
        refund=draw(REFUND_IDS),
        arn=draw(ARNS),
        refunded_at=draw(INSTANTS),
    )
    return credit_for(
        numbered(invoice, draw(NUMBERS)),
        [],
        PaidBack(reference=refund, amount=quote.payable),
        company=company,
        policy=policy,
        at=draw(CREDITED_AT),
    )
