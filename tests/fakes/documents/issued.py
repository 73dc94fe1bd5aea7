"""Made-up companies and documents that tests begin with."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from domain.catalogue.course import Course, CourseId
from domain.catalogue.quote import quote_course
from domain.documents.document_number import DocumentNumber
from domain.documents.document_snapshot import sha256_of, snapshot
from domain.documents.invoicing import DocumentPolicy, PaidBack, invoice_for
from domain.documents.tax_document import (
    Cancellation,
    Company,
    Particulars,
    RefundReference,
    RegisteredDocument,
    TaxDocument,
)
from domain.money import Money
from domain.payments.capture import Capture
from domain.payments.order_facts import Instrument
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from domain.tax.gst import Buyer, GstRate, PriceMode
from domain.tax.gstin import Gstin, check_digit
from domain.tax.indian_states import IndianState, indian_state
from fakes.clock import NOON
from fakes.samples import ASHAS_BILL, SELLER, a_payment

POLICY: Final = DocumentPolicy()


def a_company(of: IndianState = SELLER) -> Company:
    """Return the seller as registered in that State; in Maharashtra under the GSTIN of the reference."""
    first = f"{of.code}AAECD1234F1Z"
    return Company(
        legal_name="Shulk Courses Private Limited",
        trade_name="Shulk Courses",
        address="1 Fee Street, Pune 411001",
        gstin=Gstin(first + check_digit(first)),
        support_email="support@example.com",
        support_phone="+91 20 5550 0100",
        cin="U80900MH2020PTC000001",
        grievance_officer="The Grievance Officer, grievance@example.com",
    )


def sold(
    number: int = 1,
    *,
    rupees: str = "11800.00",
    mode: PriceMode = PriceMode.INCLUSIVE,
    rate: str = "18",
    exempt: bool = False,
    buyer: Buyer = ASHAS_BILL,
    at: datetime = NOON,
) -> Payment:
    """Return the *number*-th payment, charged *at* for a course at that list price."""
    course = Course(
        id=CourseId("algebra"),
        title="All about algebra",
        list_price=Money.from_rupees(rupees),
        price_mode=mode,
        sac="999293",
        gst_rate=GstRate(Decimal(rate)),
        exempt=exempt,
    )
    quote = quote_course(course, buyer, SELLER, None)
    capture = Capture(
        amount=quote.payable,
        bank_txn_id=f"SIMMERCHANT-{number}-1",
        bank_reference="633012345678",
        instrument=Instrument(method="UPI"),
        at=at,
    )
    opened = a_payment(number, at=at)
    return replace(
        opened, buyer=buyer, quote=quote, capture=capture, state=State.SUCCESS, closed_at=at
    )


def a_buyer(place: str, gstin: str | None = None) -> Buyer:
    address = "2 Study Road"
    return Buyer(
        name="Meera",
        state=indian_state(place),
        gstin=Gstin(gstin) if gstin else None,
        address=address,
    )


def numbered(particulars: Particulars, sequence: int = 1) -> TaxDocument:
    return TaxDocument(
        number=DocumentNumber(particulars.series, particulars.year, sequence),
        particulars=particulars,
    )


def registered(document: TaxDocument, *, void: bool = False) -> RegisteredDocument:
    return RegisteredDocument(
        document=document,
        sha256=sha256_of(snapshot(document)),
        cancelled=Cancellation(at=NOON, why="a slip") if void else None,
    )


def an_invoice(payment: Payment | None = None, *, sequence: int = 1) -> TaxDocument:
    """Return the document for *payment*, written the moment it was captured."""
    bought = payment or sold()
    assert bought.capture
    return numbered(invoice_for(bought, a_company(), POLICY, bought.capture.at), sequence)


def paid_back(rupees: str, refund: str = "RF1", at: datetime = NOON) -> PaidBack:
    return PaidBack(
        reference=RefundReference(refund=refund, arn="74332745123456789012345", refunded_at=at),
        amount=Money.from_rupees(rupees),
    )
