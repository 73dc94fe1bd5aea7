"""How a refund is spread over the heads of the invoice, so that all notes together never give back too much."""

from typing import Final

from domain.documents.tax_document import Heads
from domain.errors import DomainError
from domain.money import ZERO, Money, round_half_up

HALVES: Final = 2


class CreditImpossible(DomainError):
    """No credit note can be written for this refund; *reason* says why. A person has to look."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"no credit note: {reason}")


def split_credit_note(invoice: Heads, credited: Heads, refund: Money) -> Heads:
    """
    Return the heads of the next credit note, *credited* being all earlier ones together.

    What is rounded is the tax credited so far, from the invoice's own heads and never from the rate:
    so no head is ever passed, and the note that gives back the rest closes each to zero. Raises
    ``CreditImpossible`` for more than is left, or for an amount of paise that two equal halves of
    tax cannot be taken from.
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
    """Return how much of *tax* is credited when *left* is still to be refunded."""
    returned = invoice.total - left
    rounded = round_half_up(returned.paise * tax.paise, invoice.total.paise)
    # The last paise may not owe more tax than there is money left, or the taxable value, which takes
    # up the remainder, would have been passed before.
    return Money(max(rounded, tax.paise - left.paise // heads))
