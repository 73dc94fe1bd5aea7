"""Which document a capture or a refund leads to, and all its particulars."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from domain.business_day import business_day_of
from domain.documents.credit_note_split import CreditImpossible, split_credit_note
from domain.documents.document_number import FinancialYear
from domain.documents.tax_document import (
    Company,
    DocumentKind,
    Heads,
    Original,
    Particulars,
    PaymentReference,
    Pricing,
    RefundReference,
    RegisteredDocument,
    TaxDocument,
    sum_of,
)
from domain.money import Money
from domain.payments.payment import Payment

MONTHS: Final = 12
RETURN_DUE: Final = 11
"""The day of the next month by which GSTR-1 is due; a later document belongs to a later return."""


class DatedBy(StrEnum):
    """Which date an invoice has; a note always has the day of its issue."""

    CAPTURE = "capture"
    """The day of the capture, while its month's return is open: tax is due for that month (CGST s.13(2))."""

    ISSUE = "issue"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPolicy:
    """
    What the law leaves to the seller and their accountant.

    *sac_digits* is 4 or 6, by turnover (Notification 78/2020). *credits_until* is a month and a day
    in the financial year after the supply's: the last day of credit notes with tax (CGST s.34(2)).
    """

    dated_by: DatedBy = DatedBy.CAPTURE
    sac_digits: int = 6
    credits_until: tuple[int, int] = (11, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidBack:
    """A refund that the bank paid."""

    reference: RefundReference
    amount: Money


def invoice_for(
    payment: Payment, company: Company, policy: DocumentPolicy, at: datetime
) -> Particulars:
    """
    Return the tax invoice or bill of supply for *payment*, issued *at* (UTC).

    A supply at a nil rate is exempt as well (CGST s.2(47)), so it gets a bill of supply too. Raises
    ``ValueError`` for a payment that captured nothing.
    """
    quote, capture = payment.quote, payment.capture
    if capture is None:
        raise ValueError("an invoice is for money that came")
    untaxed = quote.exempt or not quote.gst_rate.percent
    return Particulars(
        kind=DocumentKind.BILL_OF_SUPPLY if untaxed else DocumentKind.TAX_INVOICE,
        date=_date_of(business_day_of(capture.at), business_day_of(at), policy.dated_by),
        issued_at=at,
        company=company,
        buyer=payment.buyer,
        payment=PaymentReference(
            order=payment.id,
            bank_txn_id=capture.bank_txn_id,
            bank_reference=capture.bank_reference,
            method=capture.instrument.method,
            captured_at=capture.at,
        ),
        description=quote.course_title,
        sac=quote.sac[: policy.sac_digits],
        gst_rate=quote.gst_rate,
        exempt=quote.exempt,
        rounding_policy=quote.rounding_policy,
        supply=quote.supply,
        second_tax=quote.second_tax,
        place=quote.place,
        heads=Heads(taxable=quote.taxable, cgst=quote.cgst, sgst=quote.sgst, igst=quote.igst),
        pricing=Pricing(
            mode=quote.price_mode,
            list_price=quote.list_price,
            discount=quote.discount,
            discount_code=quote.discount_code,
        ),
    )


def credit_for(
    invoice: TaxDocument,
    notes: Sequence[RegisteredDocument],
    paid_back: PaidBack,
    *,
    company: Company,
    policy: DocumentPolicy,
    at: datetime,
) -> Particulars:
    """
    Return the note for a refund; *notes* are all that were issued against *invoice* so far.

    Rate, place and buyer are those of the original supply. So is the seller when *company* has
    another GSTIN by now. Raises ``CreditImpossible``.
    """
    original, today = invoice.particulars, business_day_of(at)
    late = today > last_day_for_credit(original.date, policy)
    return Particulars(
        kind=DocumentKind.COMMERCIAL_CREDIT if late else DocumentKind.CREDIT_NOTE,
        date=today,
        issued_at=at,
        company=company if company.gstin == original.company.gstin else original.company,
        buyer=original.buyer,
        payment=original.payment,
        description=original.description,
        sac=original.sac,
        gst_rate=original.gst_rate,
        exempt=original.exempt,
        rounding_policy=original.rounding_policy,
        supply=original.supply,
        second_tax=original.second_tax,
        place=original.place,
        heads=_heads_of_credit(invoice, notes, paid_back.amount, late=late),
        original=Original(
            number=invoice.number,
            date=original.date,
            total=invoice.heads.total,
            ordinal=len(notes) + 1,
            refund=paid_back.reference,
        ),
    )


def last_day_for_credit(supplied: date, policy: DocumentPolicy) -> date:
    """Return the last day on which a credit note for a supply of that day still reduces the tax (s.34(2))."""
    month, day = policy.credits_until
    return date(FinancialYear.of(supplied).start + 1, month, day)


def return_is_open(dated: date, today: date) -> bool:
    """Return whether GSTR-1 of the month of *dated* is not due yet by the calendar; extensions are unknown."""
    year, month = divmod(dated.year * MONTHS + dated.month, MONTHS)
    return today < date(year, month + 1, RETURN_DUE)


def _heads_of_credit(
    invoice: TaxDocument, notes: Sequence[RegisteredDocument], amount: Money, *, late: bool
) -> Heads:
    standing = [note.document for note in notes if note.cancelled is None]
    if sum_of(note.heads for note in standing).total + amount > invoice.heads.total:
        raise CreditImpossible("more than was charged would be given back")
    if late:
        return Heads(taxable=amount)
    bearing = (note.heads for note in standing if note.kind is DocumentKind.CREDIT_NOTE)
    return split_credit_note(invoice.heads, sum_of(bearing), amount)


def _date_of(captured: date, today: date, by: DatedBy) -> date:
    on_capture = by is DatedBy.CAPTURE and captured <= today and return_is_open(captured, today)
    return captured if on_capture else today
