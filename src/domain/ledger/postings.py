"""What is posted for a payment, its documents and its refunds: one function for each kind of fact."""

from datetime import date

from domain.documents.tax_document import Heads
from domain.identifiers import PaymentId, RefundId
from domain.ledger.account import Account
from domain.ledger.journal import Journal, JournalKey, JournalKind, credit, debit
from domain.money import ZERO, Money


def subject_of(payment: PaymentId, refund: RefundId) -> str:
    """Return how a refund is named in the ledger: the bank's ids are unique within one payment only."""
    return f"{payment}/{refund}"


def invoice_key(payment: PaymentId, sequence: int) -> JournalKey:
    return JournalKey(JournalKind.INVOICE, payment, sequence)


def credit_note_key(payment: PaymentId, refund: RefundId, sequence: int) -> JournalKey:
    return JournalKey(JournalKind.CREDIT_NOTE, subject_of(payment, refund), sequence)


def refund_asked_key(payment: PaymentId, refund: RefundId, sequence: int = 1) -> JournalKey:
    return JournalKey(JournalKind.REFUND_ASKED, subject_of(payment, refund), sequence)


def post_capture(
    payment: PaymentId,
    amount: Money,
    day: date,
    *,
    applied: bool,
    reference: str = "",
) -> Journal | None:
    """Return the journal of a charge; it is *applied* when it opened the course that was sold."""
    return _capture(
        payment, day, received=amount, applied=amount if applied else ZERO, reference=reference
    )


def post_corrected_capture(
    payment: PaymentId,
    day: date,
    *,
    before: Money,
    now: Money,
    applied: bool,
    sequence: int,
    promised: Money = ZERO,
    reference: str = "",
) -> Journal | None:
    """
    Return the journal by which a charge of *before* that opened nothing becomes one of *now*.

    What was *promised* back of it meanwhile is a refund granted from then on. None when nothing
    changes. *sequence* is greater than 1: the first charge has that.
    """
    return _capture(
        payment,
        day,
        received=now - before,
        applied=now if applied else ZERO,
        promised=promised,
        sequence=sequence,
        reference=reference,
    )


def post_invoice(
    payment: PaymentId, heads: Heads, day: date, *, sequence: int = 1, reference: str = ""
) -> Journal | None:
    """Return the journal of an invoice or bill of supply dated *day*; one over nothing has none."""
    return Journal.of(
        invoice_key(payment, sequence),
        day,
        (
            debit(Account.RECEIVABLE, heads.total, payment),
            credit(Account.REVENUE, heads.taxable, payment),
            credit(Account.GST_CGST, heads.cgst, payment),
            credit(Account.GST_SGST, heads.sgst, payment),
            credit(Account.GST_IGST, heads.igst, payment),
        ),
        reference,
    )


def post_credit_note(
    payment: PaymentId,
    refund: RefundId,
    heads: Heads,
    day: date,
    *,
    sequence: int = 1,
    against: Account = Account.REFUNDS_GRANTED,
    reference: str = "",
) -> Journal | None:
    """Return the journal of a note; *against* is the loss where finance credits a lost dispute."""
    return Journal.of(
        credit_note_key(payment, refund, sequence),
        day,
        (
            debit(Account.REVENUE, heads.taxable, payment),
            debit(Account.GST_CGST, heads.cgst, payment),
            debit(Account.GST_SGST, heads.sgst, payment),
            debit(Account.GST_IGST, heads.igst, payment),
            credit(against, heads.total, payment),
        ),
        reference,
    )


def post_refund_asked(
    payment: PaymentId,
    refund: RefundId,
    amount: Money,
    day: date,
    *,
    applied: bool,
    sequence: int = 1,
) -> Journal | None:
    """
    Return the journal of a promised refund.

    What was *applied* to a course is a refund granted; other money is still unapplied. *sequence* is
    2 when the refund had failed before, and was paid nevertheless.
    """
    source = Account.REFUNDS_GRANTED if applied else Account.UNAPPLIED
    return Journal.of(
        refund_asked_key(payment, refund, sequence),
        day,
        (
            debit(source, amount, payment),
            credit(Account.REFUNDS_PAYABLE, amount, payment),
        ),
    )


def post_refund_paid(
    payment: PaymentId, refund: RefundId, amount: Money, day: date, *, reference: str = ""
) -> Journal | None:
    """Return the journal of a refund that the bank paid: it nets the amount from what it will settle."""
    return Journal.of(
        JournalKey(JournalKind.REFUND_PAID, subject_of(payment, refund)),
        day,
        (
            debit(Account.REFUNDS_PAYABLE, amount, payment),
            credit(Account.CLEARING, amount, payment),
        ),
        reference,
    )


def _capture(
    payment: PaymentId,
    day: date,
    *,
    received: Money,
    applied: Money,
    reference: str,
    sequence: int = 1,
    promised: Money = ZERO,
) -> Journal | None:
    return Journal.of(
        JournalKey(JournalKind.CAPTURE, payment, sequence),
        day,
        (
            debit(Account.CLEARING, received, payment),
            debit(Account.REFUNDS_GRANTED, promised, payment),
            credit(Account.RECEIVABLE, applied, payment),
            credit(Account.UNAPPLIED, received - applied + promised, payment),
        ),
        reference,
    )
