"""What staff read for the words of the reconciliation: why books and bank differ, and what ends that."""

from collections.abc import Mapping
from typing import Final

from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.resolution import ResolutionAction, ResolutionState
from domain.reconciliation.taxonomy import Cause, DiscrepancyType, Owner, Posting, Subject

TYPE_WORDS: Final[Mapping[DiscrepancyType, str]] = {
    DiscrepancyType.MISSING_IN_SYSTEM: "Missing in our books",
    DiscrepancyType.MISSING_IN_GATEWAY: "Missing at the bank",
    DiscrepancyType.AMOUNT_MISMATCH: "Amounts differ",
    DiscrepancyType.STATUS_MISMATCH: "States differ",
}

CAUSE_WORDS: Final[Mapping[Cause, tuple[str, str]]] = {
    Cause.UNKNOWN_ORDER: (
        "Order that we do not know",
        "The bank settled an order of which we have no record, though it may be ours.",
    ),
    Cause.FOREIGN_ORDER: (
        "Order of somebody else",
        "The merchant id is shared, and the order's id is none of ours.",
    ),
    Cause.REFUND_MADE_OUTSIDE: (
        "Refund made at the bank",
        "The bank gave money back that nobody gave back here.",
    ),
    Cause.BANK_CREDIT_WITHOUT_SETTLEMENT: (
        "Credit without a settlement",
        "Money came to the account, and no settlement file says what for.",
    ),
    Cause.CHARGEBACK: (
        "Chargeback",
        "The cardholder's bank took the money back because its customer disputes the payment.",
    ),
    Cause.ADJUSTMENT: (
        "Adjustment",
        "The bank put right something of its own, and says no more about it.",
    ),
    Cause.FEE: ("Fee for the whole payout", "A fee that belongs to no single payment."),
    Cause.TDS: ("Tax withheld", "Income tax (TDS) was taken out of the payout."),
    Cause.TAT_PENALTY: (
        "Penalty for a late refund",
        "A refund reached its student late, and a penalty is charged for each day.",
    ),
    Cause.RESERVE_HELD: ("Reserve held back", "The bank keeps a part of the payout by contract."),
    Cause.UNREADABLE_LINE: (
        "Row that cannot be read",
        "A row of the file is no line of a settlement, so that nothing follows from the file.",
    ),
    Cause.NOT_SETTLED_WHEN_DUE: (
        "Not settled when it was due",
        "The bank took the payment, and its day has passed without a settlement.",
    ),
    Cause.HELD_BY_BANK: ("Held by the bank", "The bank says that it keeps the money for now."),
    Cause.SETTLED_UNDER_OTHER_ID: (
        "Settled under another id",
        "A line without our id has the bank's reference of this payment.",
    ),
    Cause.REFUND_NOT_NETTED: (
        "Refund not taken out yet",
        "The refund was paid, and no settlement has taken it out of our sales.",
    ),
    Cause.SETTLEMENT_WITHOUT_CREDIT: (
        "Settlement without a credit",
        "The bank reports a payout that is not on the account.",
    ),
    Cause.GROSS_DIFFERS: (
        "Another amount",
        "The bank settled another amount than the student was asked for.",
    ),
    Cause.NETTED_REFUND: (
        "Refund already taken off",
        "The bank settled the payment less what had gone back: nothing is wrong.",
    ),
    Cause.OFFER_OR_SURCHARGE: (
        "Offer or surcharge",
        "The difference is what the bank's offer gave, or its surcharge took.",
    ),
    Cause.REFUND_AMOUNT_DIFFERS: (
        "Another amount went back",
        "The bank gave another amount back than was refunded here.",
    ),
    Cause.FEE_DIFFERS: ("Another fee", "The fee is not the one of the contract."),
    Cause.TAX_ON_FEE_DIFFERS: (
        "Another tax on the fee",
        "The GST on the fee is not what follows from the fee.",
    ),
    Cause.NET_DOES_NOT_FOLLOW: (
        "Net amount does not follow",
        "Gross less fee and tax is not the net amount that the line names.",
    ),
    Cause.DUPLICATE_LINE: (
        "Told twice",
        "Another line tells of the same event, with other amounts; this one is held.",
    ),
    Cause.CHARGED_TWICE: (
        "Charged twice",
        "The bank charged the order a second time under another id of its own.",
    ),
    Cause.SETTLEMENT_TOTAL_DIFFERS: (
        "Total of the file differs",
        "The lines do not add up to the total that the file declares.",
    ),
    Cause.BANK_CREDIT_DIFFERS: (
        "Credit differs from the payout",
        "The account shows another amount than the settlement.",
    ),
    Cause.SETTLED_BUT_NOT_SOLD_HERE: (
        "Settled, and not sold here",
        "The bank settled a payment that did not succeed in our books.",
    ),
    Cause.AUTO_REFUNDED_THERE: (
        "Given back by the bank itself",
        "The bank took the money and gave it back of its own accord.",
    ),
    Cause.SOLD_HERE_UNKNOWN_THERE: (
        "Sold here, unknown at the bank",
        "We opened the course, and the bank says that it never charged the student.",
    ),
    Cause.REFUND_PAID_BUT_OPEN_HERE: (
        "Refund paid, and open here",
        "The bank paid the refund; in our books it is still on its way.",
    ),
    Cause.REFUND_FAILED_HERE_PAID_THERE: (
        "Refund failed here, and was paid",
        "Our books say that the refund failed, and the bank paid it.",
    ),
    Cause.CHARGEBACK_WON_UNRECORDED: (
        "Dispute won, and not recorded",
        "The bank gives back what a chargeback took; here the dispute is not won.",
    ),
}
"""A short name, and what has probably happened."""

STATE_WORDS: Final[Mapping[DiscrepancyState, str]] = {
    DiscrepancyState.OPEN: "Open",
    DiscrepancyState.HEALING: "The bank is being asked",
    DiscrepancyState.HEALED: "Repaired by asking the bank",
    DiscrepancyState.EXPLAINED: "Explained",
    DiscrepancyState.AWAITING_APPROVAL: "Waits for a second person",
    DiscrepancyState.RESOLVED: "Resolved",
}

OWNER_WORDS: Final[Mapping[Owner, str]] = {
    Owner.FINANCE: "Finance",
    Owner.OPERATIONS: "Operations",
    Owner.BANK: "The bank",
}

SUBJECT_WORDS: Final[Mapping[Subject, str]] = {
    Subject.PAYMENT: "Payment",
    Subject.REFUND: "Refund",
    Subject.SETTLEMENT: "Settlement",
    Subject.BANK_CREDIT: "Entry of the account",
    Subject.LINE: "Line of a file",
}

ACTION_WORDS: Final[Mapping[ResolutionAction, tuple[str, str]]] = {
    ResolutionAction.ACCEPT_BANK: (
        "Accept the bank's amount",
        "The difference leaves suspense for the account that you name.",
    ),
    ResolutionAction.CLAIM: (
        "Claim it from the bank",
        "The bank owes it and has promised a day; until then it stays open.",
    ),
    ResolutionAction.WRITE_OFF: ("Write it off", "The difference goes to write-offs."),
    ResolutionAction.MATCH_TO: (
        "Match it to a payment",
        "The line settles the payment that you name.",
    ),
    ResolutionAction.NOT_OURS: (
        "It is not ours",
        "The money is owed to somebody else. A second person approves it.",
    ),
    ResolutionAction.RELEASE_LINE: ("Release the line", "The line that was held is real money."),
    ResolutionAction.DROP_LINE: ("Drop the line", "The line that was held counts for nothing."),
    ResolutionAction.RECORD_CHARGEBACK: (
        "Keep it as disputed",
        "Evidence was given; the bank decides by the day that you name.",
    ),
    ResolutionAction.RECORD_WON: ("The dispute is won", "The money comes back, or has."),
    ResolutionAction.RECORD_LOST: (
        "The dispute is lost",
        "The money is gone. A second person approves it.",
    ),
    ResolutionAction.REFUND_STUDENT: (
        "Give it back to the student",
        "Ask the bank for it in its dashboard: here it is put on record, once, with your code. Nothing is sent.",
    ),
    ResolutionAction.WAIT_UNTIL: ("Wait until a day", "It stays open, for the bank, until then."),
    ResolutionAction.UNDO: ("Undo", "What was decided last is taken back by its mirror."),
}
"""What the choice is called, and what it does."""

RESOLUTION_STATE_WORDS: Final[Mapping[ResolutionState, str]] = {
    ResolutionState.PROPOSED: "waits for a second person",
    ResolutionState.IN_FORCE: "in force",
    ResolutionState.REJECTED: "rejected",
    ResolutionState.WITHDRAWN: "withdrawn",
    ResolutionState.UNDONE: "undone",
    ResolutionState.OVERTAKEN: "overtaken by a later run",
}

POSTING_WORDS: Final[Mapping[Posting, str]] = {
    Posting.NONE: "Nothing is posted until it is decided",
    Posting.SUSPENSE: "In suspense until it is decided",
    Posting.DISPUTED: "In disputed payments until it is decided",
    Posting.RESERVE: "In the reserve",
    Posting.FEES: "Posted as a fee",
    Posting.TDS: "Posted as tax withheld",
}

EVIDENCE_WORDS: Final[Mapping[str, str]] = {
    "arn": "ARN",
    "attempt": "Attempt",
    "bank": "Amount of the bank",
    "bank_id": "The bank's id",
    "captured": "Taken by the bank",
    "carried": "Debt from before in it",
    "complete_until": "Files are complete until",
    "credited": "Credited to the account",
    "day": "Day in the narration",
    "declared": "Declared by the file",
    "declared_lines": "Lines that it declares",
    "due_on": "Due on",
    "entries": "Entries of the account",
    "first_file": "First told in the file",
    "first_line": "First told in line",
    "line_names": "Id in the line",
    "line_type": "Kind of line",
    "lines": "Lines that were read",
    "merchant_code": "Merchant code",
    "mid": "MID",
    "net": "Net of the settlement",
    "occurrence": "Told so often in the file",
    "of_lines": "Sum of the lines",
    "ours": "Our amount",
    "payment": "Payment",
    "probable": "Payment that may be meant",
    "quoted": "Price that was quoted",
    "read": "The bank's answer",
    "reason": "Why it cannot be read",
    "refund": "Refund",
    "refunds": "Refunds",
    "rrn": "RRN",
    "settled_on": "Settled on",
    "state": "State in our books",
    "sums_that_fit": "Settlements whose sum would fit",
    "utr": "UTR",
    "word": "Word of the bank",
}
"""By the name under which evidence keeps it; one that is not here is read as it is spelt."""

OUR_EVIDENCE: Final = frozenset(
    {"captured", "due_on", "ours", "payment", "probable", "quoted", "refund", "refunds", "state"}
)
"""What our own books say; the rest was told by the bank."""

AMOUNTS_IN_EVIDENCE: Final = frozenset(
    {"bank", "captured", "carried", "credited", "declared", "net", "of_lines", "ours", "quoted"}
)
"""Kept in paise."""
