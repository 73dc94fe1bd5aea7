"""What the bank is expected to settle: one for each capture and each paid refund, the sub-ledger of clearing."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from domain.identifiers import PaymentId
from domain.ledger.account import Account
from domain.ledger.journal import Journal, JournalKind
from domain.money import ZERO, Money
from domain.reconciliation.reported import LineRef

_KINDS: Final = frozenset({JournalKind.CAPTURE, JournalKind.REFUND_PAID})


@dataclass(frozen=True, slots=True)
class Expectation:
    """
    That the bank will settle *amount* of a payment, or take it out of what it settles for a refund.

    *refund* is empty for the capture of the payment. *day* is that of the fact, in India. A correction
    of a capture is an amount to add to its expectation, and may be negative.
    """

    payment: PaymentId
    refund: str
    amount: Money
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectationMove:
    """
    An expectation of a payment, or of its *refund*, as it was read and as it is to be.

    *amount* and *was* are those with which it was read; *by* is the line that settles it, None where it
    is open again.
    """

    payment: PaymentId
    refund: str
    amount: Money
    was: LineRef | None
    by: LineRef | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainMove:
    """
    That the live payment lines of *reports* (file and settlement), but for those *apart_from*, settle sales.

    Each settles the open sale that it names. They are so many *lines* of this *gross* amount.
    """

    reports: frozenset[tuple[str, str]]
    apart_from: frozenset[LineRef]
    lines: int
    gross: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectationStanding:
    """What is expected of the capture of *payment*, and the line that has settled it; None while it is open."""

    payment: PaymentId
    amount: Money
    settled_by: LineRef | None = None

    def settled(self, by: LineRef) -> ExpectationMove:
        """Return the move by which the line *by* settles it."""
        return self._move(self.settled_by, by)

    def reopened(self, line: LineRef) -> ExpectationMove:
        """Return the move that opens it again, if *line* has settled it."""
        return self._move(line, None)

    def _move(self, was: LineRef | None, by: LineRef | None) -> ExpectationMove:
        return ExpectationMove(payment=self.payment, refund="", amount=self.amount, was=was, by=by)


def expected_by(journal: Journal) -> Expectation | None:
    """Return what *journal* lets the bank owe, or None where it is about something else."""
    if journal.key.kind not in _KINDS:
        return None
    payment, _, refund = journal.key.subject.partition("/")
    cleared = sum(
        (each.amount for each in journal.entries if each.account is Account.CLEARING), ZERO
    )
    if not cleared:
        # A charge that turns out to have opened its course changes no amount.
        return None
    return Expectation(PaymentId(payment), refund, -cleared if refund else cleared, journal.day)
