"""How a refund is split over the heads of the invoice, so that all notes never exceed any head."""

from typing import Final

from domain.documents.tax_document import Heads
from domain.errors import DomainError
from domain.money import ZERO, Money, round_half_up

HALVES: Final = 2


class CreditImpossible(DomainError):
    """No credit note can be issued for this refund; *reason* says why, and staff have to decide."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"no credit note: {reason}")


def split_credit_note(invoice: Heads, credited: Heads, refund: Money) -> Heads:
    """
    Return the heads of the next credit note; *credited* is the sum of all earlier ones.

    The tax credited in all is rounded from the invoice's own heads, and never computed from the rate.
    So no head is exceeded, and the note for the rest brings each head to zero. Raises
    ``CreditImpossible`` for more than is left, and for so few paise that the two equal halves of the
    tax due exceed them.
    """
    left = invoice.total - credited.total - refund
    if refund <= ZERO or left < ZERO:
        raise CreditImpossible(f"{refund} is not between nothing and what is left of the invoice")
    half = _due(invoice.cgst, invoice, left, heads=HALVES) - credited.cgst
    igst = _due(invoice.igst, invoice, left, heads=1) - credited.igst
    taxable = refund - half - half - igst
    if taxable < ZERO:
        raise CreditImpossible(f"{refund} is less than the halves of tax that are due with it")
    return Heads(taxable=taxable, cgst=half, sgst=half, igst=igst)


def _due(tax: Money, invoice: Heads, left: Money, *, heads: int) -> Money:
    """Return how much of *tax* is credited in all when *left* of the invoice is not refunded yet."""
    returned = invoice.total - left
    rounded = round_half_up(returned.paise * tax.paise, invoice.total.paise)
    # The tax still to be credited must fit into what is left; otherwise the taxable value, which
    # takes up the remainder, would exceed the invoice's.
    return Money(max(rounded, tax.paise - left.paise // heads))
