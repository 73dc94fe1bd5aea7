"""What the ledger has to say of each payment, worked out from the payment, its refunds and its documents."""

from domain.documents.tax_document import Heads, sum_of
from domain.identifiers import PaymentId
from domain.ledger.account import Account
from domain.ledger.journal import total
from domain.money import CURRENCY, ZERO, Money
from domain.payments.payment import Payment
from fakes.store import Store


def check_ledger(store: Store) -> None:
    """Fail when a journal does not balance, or the books of a payment are not what its facts say."""
    for journal in store.journals.values():
        assert not total(journal.entries), f"{journal.key} does not balance"
    for payment in store.payments.values():
        assert booked(store, payment.id) == expected(store, payment), payment.id


def booked(store: Store, payment: PaymentId) -> dict[Account, Money]:
    """Return the balances of *payment* that are not zero."""
    balances: dict[Account, Money] = {}
    for journal in store.journals.values():
        for entry in journal.entries:
            if entry.payment == payment:
                balances[entry.account] = balances.get(entry.account, ZERO) + entry.amount
    return {account: balance for account, balance in balances.items() if balance}


def expected(store: Store, payment: Payment) -> dict[Account, Money]:
    """Return the balances that *payment* has to have, as far as they are not zero."""
    captured, paid, promised = ZERO, ZERO, ZERO
    if payment.capture and payment.capture.currency == CURRENCY:
        captured = payment.captured
        paid = payment.refunds.went_back
        promised = payment.refunds.in_flight
    charged, credited = _documents(store, payment.id)
    balances = {
        Account.CLEARING: captured - paid,
        Account.REFUNDS_PAYABLE: -promised,
        Account.REVENUE: credited.taxable - charged.taxable,
        Account.GST_CGST: credited.cgst - charged.cgst,
        Account.GST_SGST: credited.sgst - charged.sgst,
        Account.GST_IGST: credited.igst - charged.igst,
    }
    if payment.id in store.enrolments:
        balances[Account.RECEIVABLE] = charged.total - captured
        balances[Account.REFUNDS_GRANTED] = paid + promised - credited.total
    else:
        balances[Account.UNAPPLIED] = paid + promised - captured
    return {account: balance for account, balance in balances.items() if balance}


def _documents(store: Store, payment: PaymentId) -> tuple[Heads, Heads]:
    """Return what invoices charge and what notes credit, cancelled ones left out."""
    standing = [
        each.document
        for each in store.documents
        if each.cancelled is None and each.document.particulars.payment.order == payment
    ]
    return (
        sum_of(each.heads for each in standing if not each.kind.credits),
        sum_of(each.heads for each in standing if each.kind.credits),
    )
