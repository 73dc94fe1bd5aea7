"""Why books and bank disagree: every type and cause, what the machine does, and what is left to a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class DiscrepancyType(StrEnum):
    MISSING_IN_SYSTEM = "missing_in_system"
    MISSING_IN_GATEWAY = "missing_in_gateway"
    AMOUNT_MISMATCH = "amount_mismatch"
    STATUS_MISMATCH = "status_mismatch"


class Cause(StrEnum):
    """A tested hypothesis; the first whose test holds is the cause."""

    UNKNOWN_ORDER = "unknown_order"
    FOREIGN_ORDER = "foreign_order"
    REFUND_MADE_OUTSIDE = "refund_made_outside"
    BANK_CREDIT_WITHOUT_SETTLEMENT = "bank_credit_without_settlement"
    CHARGEBACK = "chargeback"
    ADJUSTMENT = "adjustment"
    FEE = "fee"
    TDS = "tds"
    TAT_PENALTY = "tat_penalty"
    """Charged by the day for a refund that came late (RBI's harmonised turnaround time)."""

    RESERVE_HELD = "reserve_held"
    UNREADABLE_LINE = "unreadable_line"
    NOT_SETTLED_WHEN_DUE = "not_settled_when_due"
    HELD_BY_BANK = "held_by_bank"
    SETTLED_UNDER_OTHER_ID = "settled_under_other_id"
    REFUND_NOT_NETTED = "refund_not_netted"
    SETTLEMENT_WITHOUT_CREDIT = "settlement_without_credit"
    GROSS_DIFFERS = "gross_differs"
    NETTED_REFUND = "netted_refund"
    OFFER_OR_SURCHARGE = "offer_or_surcharge"
    REFUND_AMOUNT_DIFFERS = "refund_amount_differs"
    FEE_DIFFERS = "fee_differs"
    TAX_ON_FEE_DIFFERS = "tax_on_fee_differs"
    NET_DOES_NOT_FOLLOW = "net_does_not_follow"
    DUPLICATE_LINE = "duplicate_line"
    CHARGED_TWICE = "charged_twice"
    SETTLEMENT_TOTAL_DIFFERS = "settlement_total_differs"
    BANK_CREDIT_DIFFERS = "bank_credit_differs"
    SETTLED_BUT_NOT_SOLD_HERE = "settled_but_not_sold_here"
    AUTO_REFUNDED_THERE = "auto_refunded_there"
    SOLD_HERE_UNKNOWN_THERE = "sold_here_unknown_there"
    REFUND_PAID_BUT_OPEN_HERE = "refund_paid_but_open_here"
    REFUND_FAILED_HERE_PAID_THERE = "refund_failed_here_paid_there"
    CHARGEBACK_WON_UNRECORDED = "chargeback_won_unrecorded"


class Subject(StrEnum):
    """What a discrepancy is about; its ref is the id of that."""

    PAYMENT = "payment"
    REFUND = "refund"
    SETTLEMENT = "settlement"
    BANK_CREDIT = "bank_credit"
    LINE = "line"


class Action(StrEnum):
    """What happens next without a person, or that a person is needed."""

    READ_ORDER_STATUS = "read_order_status"
    """Read once and kept as evidence; the read can repair nothing here by itself."""

    HEAL_BY_STATUS_READ = "heal_by_status_read"
    HOLD_LINE = "hold_line"
    RECORD_CHARGEBACK = "record_chargeback"
    ASK_FOR_FILE = "ask_for_file"
    NOTHING = "nothing"
    PERSON = "person"


class Owner(StrEnum):
    """Who has to bring a discrepancy to its end."""

    FINANCE = "finance"
    OPERATIONS = "operations"
    BANK = "bank"
    """Finance has asked the bank, which has promised a date."""


class Posting(StrEnum):
    """Where the money of a discrepancy stands until it is decided."""

    NONE = "none"
    SUSPENSE = "suspense"
    DISPUTED = "disputed"
    RESERVE = "reserve"
    FEES = "fees"
    TDS = "tds"


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseRule:
    """One row of the taxonomy; *left_to_a_person* is empty when nothing is."""

    action: Action
    left_to_a_person: str
    posting: Posting = Posting.NONE
    owner: Owner = Owner.FINANCE


_Key = tuple[DiscrepancyType, Cause]

_IN_SYSTEM: Final = DiscrepancyType.MISSING_IN_SYSTEM
_IN_GATEWAY: Final = DiscrepancyType.MISSING_IN_GATEWAY
_AMOUNT: Final = DiscrepancyType.AMOUNT_MISMATCH
_STATUS: Final = DiscrepancyType.STATUS_MISMATCH

TAXONOMY: Final[Mapping[_Key, CauseRule]] = MappingProxyType(
    {
        (_IN_SYSTEM, Cause.UNKNOWN_ORDER): CauseRule(
            action=Action.READ_ORDER_STATUS,
            left_to_a_person="match it, claim it, and find out how a record of ours was lost",
            posting=Posting.SUSPENSE,
            owner=Owner.OPERATIONS,
        ),
        (_IN_SYSTEM, Cause.FOREIGN_ORDER): CauseRule(
            action=Action.PERSON,
            left_to_a_person="say that the order is not ours",
            posting=Posting.SUSPENSE,
        ),
        (_IN_SYSTEM, Cause.REFUND_MADE_OUTSIDE): CauseRule(
            action=Action.HEAL_BY_STATUS_READ,
            left_to_a_person="confirm the refund when the read does not tell of it",
            posting=Posting.SUSPENSE,
        ),
        (_IN_SYSTEM, Cause.BANK_CREDIT_WITHOUT_SETTLEMENT): CauseRule(
            action=Action.ASK_FOR_FILE,
            left_to_a_person="wait for the file, or match the credit",
        ),
        (_IN_SYSTEM, Cause.CHARGEBACK): CauseRule(
            action=Action.RECORD_CHARGEBACK,
            left_to_a_person="give evidence, or match the payment",
            posting=Posting.DISPUTED,
        ),
        (_IN_SYSTEM, Cause.ADJUSTMENT): CauseRule(
            action=Action.PERSON,
            left_to_a_person="accept it with an account",
            posting=Posting.SUSPENSE,
        ),
        (_IN_SYSTEM, Cause.FEE): CauseRule(
            action=Action.PERSON,
            left_to_a_person="accept it with an account",
            posting=Posting.FEES,
        ),
        (_IN_SYSTEM, Cause.TDS): CauseRule(
            action=Action.PERSON,
            left_to_a_person="accept it with an account",
            posting=Posting.TDS,
        ),
        (_IN_SYSTEM, Cause.TAT_PENALTY): CauseRule(
            action=Action.PERSON,
            left_to_a_person="accept it with an account",
            posting=Posting.SUSPENSE,
        ),
        (_IN_SYSTEM, Cause.RESERVE_HELD): CauseRule(
            action=Action.PERSON,
            left_to_a_person="accept the reserve, or claim it",
            posting=Posting.RESERVE,
        ),
        (_IN_SYSTEM, Cause.UNREADABLE_LINE): CauseRule(
            action=Action.PERSON,
            left_to_a_person="release the file, or ask for a new one",
        ),
        (_IN_GATEWAY, Cause.NOT_SETTLED_WHEN_DUE): CauseRule(
            action=Action.READ_ORDER_STATUS,
            left_to_a_person="ask the bank, and wait until its date",
        ),
        (_IN_GATEWAY, Cause.HELD_BY_BANK): CauseRule(
            action=Action.NOTHING,
            left_to_a_person="ask the bank why it holds the money",
        ),
        (_IN_GATEWAY, Cause.SETTLED_UNDER_OTHER_ID): CauseRule(
            action=Action.PERSON,
            left_to_a_person="match the payment that is offered",
            posting=Posting.SUSPENSE,
        ),
        (_IN_GATEWAY, Cause.REFUND_NOT_NETTED): CauseRule(
            action=Action.READ_ORDER_STATUS,
            left_to_a_person="ask the bank when it takes the refund out of the day's sales",
        ),
        (_IN_GATEWAY, Cause.SETTLEMENT_WITHOUT_CREDIT): CauseRule(
            action=Action.NOTHING,
            left_to_a_person="ask the bank, or bring the missing statement",
        ),
        (_AMOUNT, Cause.GROSS_DIFFERS): CauseRule(
            action=Action.READ_ORDER_STATUS,
            left_to_a_person="claim it, accept the bank's amount, or write it off",
            posting=Posting.SUSPENSE,
        ),
        (_AMOUNT, Cause.NETTED_REFUND): CauseRule(action=Action.NOTHING, left_to_a_person=""),
        (_AMOUNT, Cause.OFFER_OR_SURCHARGE): CauseRule(
            action=Action.PERSON,
            left_to_a_person="accept it with an account",
            posting=Posting.SUSPENSE,
        ),
        (_AMOUNT, Cause.REFUND_AMOUNT_DIFFERS): CauseRule(
            action=Action.READ_ORDER_STATUS,
            left_to_a_person="claim it",
            posting=Posting.SUSPENSE,
        ),
        (_AMOUNT, Cause.FEE_DIFFERS): CauseRule(
            action=Action.NOTHING,
            left_to_a_person="claim it, or change the contract from a date on",
        ),
        (_AMOUNT, Cause.TAX_ON_FEE_DIFFERS): CauseRule(
            action=Action.NOTHING, left_to_a_person="claim it"
        ),
        (_AMOUNT, Cause.NET_DOES_NOT_FOLLOW): CauseRule(
            action=Action.NOTHING,
            left_to_a_person="release the line, or ask for a new file",
        ),
        (_AMOUNT, Cause.DUPLICATE_LINE): CauseRule(
            action=Action.HOLD_LINE,
            left_to_a_person="release it as real money, or drop it",
        ),
        (_AMOUNT, Cause.CHARGED_TWICE): CauseRule(
            action=Action.PERSON,
            left_to_a_person="refund the second charge",
            posting=Posting.SUSPENSE,
        ),
        (_AMOUNT, Cause.SETTLEMENT_TOTAL_DIFFERS): CauseRule(
            action=Action.NOTHING,
            left_to_a_person="release the file, or ask for a new one",
        ),
        (_AMOUNT, Cause.BANK_CREDIT_DIFFERS): CauseRule(
            action=Action.NOTHING,
            left_to_a_person="claim it, write it off, or match another settlement",
        ),
        (_STATUS, Cause.SETTLED_BUT_NOT_SOLD_HERE): CauseRule(
            action=Action.HEAL_BY_STATUS_READ,
            left_to_a_person="decide when the read disagrees with the line",
            posting=Posting.SUSPENSE,
        ),
        (_STATUS, Cause.AUTO_REFUNDED_THERE): CauseRule(
            action=Action.HEAL_BY_STATUS_READ, left_to_a_person=""
        ),
        (_STATUS, Cause.SOLD_HERE_UNKNOWN_THERE): CauseRule(
            action=Action.PERSON,
            left_to_a_person="find out at once: success never becomes failed",
            owner=Owner.OPERATIONS,
        ),
        (_STATUS, Cause.REFUND_PAID_BUT_OPEN_HERE): CauseRule(
            action=Action.HEAL_BY_STATUS_READ,
            left_to_a_person="decide when the read disagrees with the line",
            posting=Posting.SUSPENSE,
        ),
        (_STATUS, Cause.REFUND_FAILED_HERE_PAID_THERE): CauseRule(
            action=Action.HEAL_BY_STATUS_READ,
            left_to_a_person="decide when more went back than was captured",
            posting=Posting.SUSPENSE,
        ),
        (_STATUS, Cause.CHARGEBACK): CauseRule(
            action=Action.RECORD_CHARGEBACK,
            left_to_a_person="contest or accept the dispute",
            posting=Posting.DISPUTED,
        ),
        (_STATUS, Cause.CHARGEBACK_WON_UNRECORDED): CauseRule(
            action=Action.RECORD_CHARGEBACK,
            left_to_a_person="see that the bank gave it back, and end it as won",
            posting=Posting.DISPUTED,
        ),
    }
)
"""Each type and cause that can occur; *chargeback* occurs for a known and for an unknown payment."""
