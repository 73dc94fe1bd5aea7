"""The texts of the emails, apart from the rules that decide to send them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from domain.documents.tax_document import TaxDocument
from domain.money import Money
from domain.monitoring.alert_case import AlertCase
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from ports.notifications.email_sender import Email


@dataclass(frozen=True, slots=True, kw_only=True)
class UnexplainedItem:
    """
    One item on which the bank's settlement and our books do not agree.

    *reference* names it, *what* says it in a few words. *difference* is what the bank settled minus
    what the books expect.
    """

    reference: str
    what: str
    difference: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitedFile:
    """
    A settlement file that has not come, or that is held: of which MID (empty: any), and the latest such day.

    *since* is the instant (UTC) from which it is asked for, None where it is not known.
    """

    mid: str
    day: date
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationFigures:
    """
    The result of reconciling the bank's settlement of the business days *first* to *last* (IST, inclusive).

    *run* names the reconciliation, in ASCII letters, digits and hyphens. *settled* is all that the bank
    settled, before its fees; *matched* is the part that the books explain item by item. *awaited* was
    sold and is not due from the bank yet. *difference* is what the bank settled minus what the books
    expected, in paise. *page* is the path of our page that shows all of it. While *files* are awaited the
    result is incomplete: nothing was concluded from what they may hold. *checkpoint* is the last signed note
    of the sealed audit log, empty where there is none: a mailbox is out of reach of whoever has the database.
    """

    run: str
    first: date
    last: date
    settled_count: int | None
    """None where it was not counted."""

    settled: Money
    matched_count: int
    matched: Money
    awaited_count: int
    awaited: Money
    difference: Money
    unexplained: Sequence[UnexplainedItem]
    page: str
    files: Sequence[AwaitedFile] = ()
    checkpoint: str = ""

    def __post_init__(self) -> None:
        if not self.page.startswith("/"):
            raise ValueError("a page of ours is named by its path")

    @property
    def agrees(self) -> bool:
        """Whether all that was compared is matched and the difference is zero."""
        return not self.unexplained and not self.difference

    @property
    def ties_out(self) -> bool:
        """Whether it agrees and is complete, so that nobody has to act."""
        return self.agrees and not self.files


class EmailTexts(Protocol):
    def payment_confirmation(self, payment: Payment, attached: TaxDocument | None = None) -> Email:
        """
        Return the email that tells the student: paid, how much, and the course is open.

        It names the invoice that is *attached*; the sender attaches the file itself.
        """
        ...

    def payment_failure(self, payment: Payment, retry_until: datetime | None) -> Email:
        """
        Return the email that tells the student: not paid, why, and what to do about it.

        *retry_until* is the instant (UTC) before which the payment can be retried, None when it cannot.
        """
        ...

    def refund_requested(self, payment: Payment, refund: Refund) -> Email:
        """Return the email that tells the student: how much the bank refunds, and when it should arrive."""
        ...

    def refund_confirmation(
        self, payment: Payment, refund: Refund, attached: TaxDocument | None = None
    ) -> Email:
        """
        Return the email that tells the student: how much was refunded, and its ARN.

        It names the credit note that is *attached*; the sender attaches the file itself.
        """
        ...

    def reconciliation_summary(self, figures: ReconciliationFigures, to: str) -> Email:
        """Return the email to *to* about what was settled, and what does not agree."""
        ...

    def alert(self, alert: AlertCase, change: str, to: str) -> Email:
        """Return the email to *to* about one *change* of *alert*: the id, its number and the state it led to."""
        ...
