"""Which action ends which cause, what it has to name, and what it does: tables and the checks on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from domain.errors import DomainError
from domain.identifiers import PaymentId, is_payment_id
from domain.ledger.account import Account
from domain.ledger.journal import JournalKind
from domain.money import Money
from domain.payments.dispute_state import DisputeState
from domain.payments.refund import RequestKey
from domain.reconciliation.credit_write_off import is_credit_write_off, written_off_part
from domain.reconciliation.expectation import ExpectationStanding
from domain.reconciliation.finding import Finding
from domain.reconciliation.resolution import DiscrepancyResolution
from domain.reconciliation.resolution import ResolutionAction as Do
from domain.reconciliation.taxonomy import Cause, Posting

UNTIL_MAX: Final = timedelta(days=180)
"""A dispute of a card payment may take about so long until it is decided."""

_BANK_OWES: Final = frozenset({Do.CLAIM, Do.WAIT_UNTIL})
_DIFFERENCE: Final = frozenset({Do.ACCEPT_BANK, Do.WRITE_OFF}) | _BANK_OWES
_MATCHED: Final = _BANK_OWES | {Do.MATCH_TO}

LAWFUL_ACTIONS: Final[Mapping[Cause, frozenset[Do]]] = MappingProxyType(
    {
        Cause.UNKNOWN_ORDER: _MATCHED,
        Cause.FOREIGN_ORDER: frozenset({Do.MATCH_TO, Do.NOT_OURS, Do.WAIT_UNTIL}),
        Cause.REFUND_MADE_OUTSIDE: _BANK_OWES | {Do.ACCEPT_BANK},
        Cause.BANK_CREDIT_WITHOUT_SETTLEMENT: frozenset({Do.NOT_OURS, Do.WAIT_UNTIL}),
        Cause.CHARGEBACK: frozenset({Do.RECORD_CHARGEBACK, Do.RECORD_WON, Do.RECORD_LOST}),
        Cause.ADJUSTMENT: _DIFFERENCE,
        Cause.FEE: _BANK_OWES | {Do.ACCEPT_BANK},
        Cause.TDS: _BANK_OWES | {Do.ACCEPT_BANK},
        Cause.TAT_PENALTY: _DIFFERENCE,
        Cause.RESERVE_HELD: _BANK_OWES | {Do.ACCEPT_BANK},
        Cause.UNREADABLE_LINE: frozenset({Do.WAIT_UNTIL}),
        Cause.NOT_SETTLED_WHEN_DUE: _BANK_OWES,
        Cause.HELD_BY_BANK: _BANK_OWES,
        Cause.SETTLED_UNDER_OTHER_ID: _MATCHED,
        Cause.REFUND_NOT_NETTED: _BANK_OWES,
        Cause.SETTLEMENT_WITHOUT_CREDIT: _BANK_OWES,
        Cause.GROSS_DIFFERS: _DIFFERENCE,
        Cause.NETTED_REFUND: frozenset(),
        Cause.OFFER_OR_SURCHARGE: _DIFFERENCE,
        Cause.REFUND_AMOUNT_DIFFERS: _DIFFERENCE,
        Cause.FEE_DIFFERS: _BANK_OWES | {Do.ACCEPT_BANK},
        Cause.TAX_ON_FEE_DIFFERS: _BANK_OWES | {Do.ACCEPT_BANK},
        Cause.NET_DOES_NOT_FOLLOW: _BANK_OWES | {Do.ACCEPT_BANK},
        Cause.DUPLICATE_LINE: frozenset({Do.RELEASE_LINE, Do.DROP_LINE, Do.WAIT_UNTIL}),
        Cause.CHARGED_TWICE: _BANK_OWES | {Do.REFUND_STUDENT, Do.ACCEPT_BANK},
        Cause.SETTLEMENT_TOTAL_DIFFERS: frozenset({Do.WAIT_UNTIL}),
        Cause.BANK_CREDIT_DIFFERS: _BANK_OWES | {Do.WRITE_OFF},
        Cause.SETTLED_BUT_NOT_SOLD_HERE: _BANK_OWES | {Do.NOT_OURS},
        Cause.AUTO_REFUNDED_THERE: _BANK_OWES,
        Cause.SOLD_HERE_UNKNOWN_THERE: _BANK_OWES,
        Cause.REFUND_PAID_BUT_OPEN_HERE: _BANK_OWES,
        Cause.REFUND_FAILED_HERE_PAID_THERE: _DIFFERENCE,
        Cause.CHARGEBACK_WON_UNRECORDED: frozenset({Do.RECORD_WON}),
    }
)
"""What a person may do about each cause; to undo is lawful wherever something is in force."""

WAITING: Final = frozenset({Do.CLAIM, Do.WAIT_UNTIL, Do.RECORD_CHARGEBACK, Do.REFUND_STUDENT})
"""These leave the discrepancy open, because the money has still to come, or to go."""

LIMITED: Final = frozenset({Do.ACCEPT_BANK, Do.WRITE_OFF, Do.RELEASE_LINE, Do.DROP_LINE})
"""Within limits one person decides these alone."""

ABOUT_HELD_LINES: Final = frozenset({Do.RELEASE_LINE, Do.DROP_LINE})
"""What may become of a line that is held back as a duplicate."""

DISPUTE_STATES: Final[Mapping[Do, DisputeState]] = MappingProxyType(
    {
        Do.RECORD_CHARGEBACK: DisputeState.RECEIVED,
        Do.RECORD_WON: DisputeState.WON,
        Do.RECORD_LOST: DisputeState.LOST,
    }
)
"""What each of these says of the payment's dispute."""

OF_LINES: Final = frozenset({Do.MATCH_TO, Do.RELEASE_LINE})
"""These hold for the very lines that the person saw: where a report is told anew, they have to be decided again."""

ALWAYS_SECONDED: Final = frozenset({Do.NOT_OURS, Do.RECORD_LOST})

ACCOUNTS: Final[Mapping[Do, frozenset[Account]]] = MappingProxyType(
    {
        Do.ACCEPT_BANK: frozenset(
            {
                Account.MDR,
                Account.CB_FEE,
                Account.CB_LOSS,
                Account.WRITEOFF,
                Account.ROUNDING,
                Account.TDS,
                Account.UNAPPLIED,
            }
        ),
        Do.NOT_OURS: frozenset({Account.UNAPPLIED, Account.WRITEOFF}),
    }
)
"""Where a difference may go that was in suspense; what is not ours is mostly owed to somebody."""

NEED_UNTIL: Final = frozenset({Do.CLAIM, Do.WAIT_UNTIL, Do.RECORD_CHARGEBACK})
TAKE_UNTIL: Final = NEED_UNTIL | {Do.RECORD_WON}
NEED_PAYMENT: Final = frozenset({Do.MATCH_TO, Do.RECORD_LOST, Do.REFUND_STUDENT})
_OUT_OF_SUSPENSE: Final = frozenset({Do.ACCEPT_BANK, Do.WRITE_OFF, Do.NOT_OURS})


class ResolutionActionUnlawful(DomainError):
    """The action does not end this cause."""

    def __init__(self, action: Do, cause: Cause) -> None:
        self.action, self.cause = action, cause
        self.lawful = tuple(sorted(LAWFUL_ACTIONS[cause]))
        super().__init__(f"{action} is no answer to {cause}")


class ResolutionFieldRefused(DomainError):
    """The action needs the *field*, or does not take it, or not with this value; *fault* says which."""

    def __init__(self, field: str, fault: str) -> None:
        self.field, self.fault = field, fault
        super().__init__(f"{field}: {fault}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolutionRequest:
    """
    What one person asks for; *version* is that of the discrepancy which the person saw.

    *amount* repeats the amount that is decided about. *until* is the day on which the bank has to be done.
    Requests with the same *key* are one.
    """

    action: Do
    note: str
    by: str
    version: int
    account: Account | None = None
    payment: PaymentId | None = None
    amount: Money | None = None
    until: date | None = None
    key: RequestKey | None = None


def is_waiting(resolution: DiscrepancyResolution) -> bool:
    """Whether the discrepancy stays open while *resolution* is in force; won money may be back already."""
    awaits_won = resolution.action is Do.RECORD_WON and resolution.until is not None
    return resolution.action in WAITING or awaits_won


def check_lawful(action: Do, cause: Cause) -> None:
    """Raise ``ResolutionActionUnlawful`` unless *action* may end *cause*."""
    if action not in LAWFUL_ACTIONS[cause]:
        raise ResolutionActionUnlawful(action, cause)


def check_fields(request: ResolutionRequest, finding: Finding, today: date) -> None:
    """Raise ``ResolutionFieldRefused`` unless *request* names what its action needs, and nothing else."""
    action = request.action
    posts = journal_kind(action, finding)
    allowed = ACCOUNTS.get(action, frozenset())
    if allowed and posts and request.account is None:
        raise ResolutionFieldRefused("account", f"{action} moves the difference to an account")
    if request.account is not None and not (posts and request.account in allowed):
        raise ResolutionFieldRefused("account", f"{action} of this takes nothing there")
    if action in NEED_PAYMENT and concerned_payment(request, finding) is None:
        raise ResolutionFieldRefused("payment_id", f"{action} needs the payment")
    if request.payment is not None and action not in NEED_PAYMENT:
        raise ResolutionFieldRefused("payment_id", f"{action} takes no payment")
    _check_until(request, today)
    _check_amount(request, finding)


def check_credit(finding: Finding) -> None:
    """Raise ``ResolutionFieldRefused`` unless *finding* is about one credit and one settlement."""
    if written_off_part(finding) is None:
        raise ResolutionFieldRefused(
            "action",
            "several credits, or a debt from before, are in it: nobody knows what is short",
        )


def check_match(finding: Finding, expectation: ExpectationStanding | None) -> None:
    """
    Raise ``ResolutionFieldRefused`` unless the one line of *finding* settles *expectation*, to the paisa.

    What the line brought has to stand in suspense: one of a file that is held has brought nothing yet.
    """
    if expectation is None:
        raise ResolutionFieldRefused("payment_id", "the bank owes nothing for it")
    if expectation.settled_by is not None:
        raise ResolutionFieldRefused("payment_id", "another line has settled it")
    if len(finding.lines) != 1:
        raise ResolutionFieldRefused("payment_id", f"{len(finding.lines)} lines would settle it")
    if finding.posted_paise != expectation.amount.paise:
        posted = Money(finding.posted_paise)
        raise ResolutionFieldRefused(
            "payment_id", f"the bank owes {expectation.amount} for it, and {posted} are in suspense"
        )


def concerned_payment(request: ResolutionRequest, finding: Finding) -> PaymentId | None:
    """Return the payment that *request* names, or else the one that *finding* is about."""
    if request.payment is not None:
        return request.payment
    named = (finding.ref, *finding.entries, *(value for _, value in finding.evidence))
    return next((PaymentId(each) for each in named if is_payment_id(each)), None)


def decided_amount(finding: Finding) -> Money:
    """Return what is decided about, without sign: the larger of the difference and what was posted."""
    return Money(max(abs(finding.difference_paise), abs(finding.posted_paise)))


def journal_kind(action: Do, finding: Finding) -> JournalKind | None:
    """Return the kind of the journal that *action* posts, None where no money stands in suspense."""
    if action is Do.RECORD_LOST:
        return JournalKind.CHARGEBACK_LOST
    if is_credit_write_off(action, finding):
        return JournalKind.ACCEPTED
    if finding.rule.posting is not Posting.SUSPENSE or not finding.posted_paise:
        return None
    if action is Do.MATCH_TO:
        return JournalKind.MATCH
    return JournalKind.ACCEPTED if action in _OUT_OF_SUSPENSE else None


def _check_until(request: ResolutionRequest, today: date) -> None:
    action, until = request.action, request.until
    if until is None:
        if action in NEED_UNTIL:
            raise ResolutionFieldRefused("until", f"{action} needs the day of the bank")
    elif action not in TAKE_UNTIL:
        raise ResolutionFieldRefused("until", f"{action} waits for nothing")
    elif not today < until <= today + UNTIL_MAX:
        raise ResolutionFieldRefused("until", f"it has to be one of the next {UNTIL_MAX.days} days")


def _check_amount(request: ResolutionRequest, finding: Finding) -> None:
    if request.amount not in {None, (decided := decided_amount(finding))}:
        raise ResolutionFieldRefused("amount", f"{decided} is decided about")
