"""The words of our letters, kept away from the rules that decide to send them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from domain.documents.tax_document import TaxDocument
from domain.money import Money
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from ports.notifications.email_sender import Email


@dataclass(frozen=True, slots=True, kw_only=True)
class UnexplainedItem:
    """
    One thing on which the bank and the books do not agree: *reference* names it, *what* says it in a
    few words, *difference* is what the bank settled less what the books expect.
    """

    reference: str
    what: str
    difference: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationFigures:
    """
    What comparing the bank's settlement of the business days *first* to *last* (IST, both included)
    with the books came to. *run* names the comparison, in ASCII letters, digits and hyphens.

    *settled* is all the bank settled, before its fees; *matched* what of it the books explain item by
    item; *awaited* what was sold and is not due from the bank yet. *difference* is what the bank
    settled less what the books expected of it, to the paisa. *page* is the path of our page where all
    of it stands.
    """

    run: str
    first: date
    last: date
    settled_count: int
    settled: Money
    matched_count: int
    matched: Money
    awaited_count: int
    awaited: Money
    difference: Money
    unexplained: Sequence[UnexplainedItem]
    page: str

    def __post_init__(self) -> None:
        if not self.page.startswith("/"):
            raise ValueError("a page of ours is named by its path")

    @property
    def ties_out(self) -> bool:
        """Whether nobody has to look: everything is explained, and nothing is left over."""
        return not self.unexplained and not self.difference


class EmailTexts(Protocol):
    def payment_confirmation(self, payment: Payment, attached: TaxDocument | None = None) -> Email:
        """
        Return the letter that tells the student: paid, how much, and the course is open.

        It names the invoice that is *enclosed*; whoever sends it attaches the file.
        """
        ...

    def payment_failure(self, payment: Payment, retry_until: datetime | None) -> Email:
        """
        Return the letter that tells the student: not paid, why, and what to do about it.

        *retry_until* is the instant (UTC) before which the payment can be tried again by one click,
        None when it cannot.
        """
        ...

    def refund_requested(self, payment: Payment, refund: Refund) -> Email:
        """Return the letter that tells the student: the bank gives back so much, expected by when."""
        ...

    def refund_confirmation(
        self, payment: Payment, refund: Refund, attached: TaxDocument | None = None
    ) -> Email:
        """
        Return the letter that tells the student: so much is back, and how to find it (the ARN).

        It names the note that is *enclosed*; whoever sends it attaches the file.
        """
        ...

    def reconciliation_summary(self, figures: ReconciliationFigures, to: str) -> Email:
        """Return the letter that tells whoever reads *to*: what was settled, and what does not agree."""
        ...
