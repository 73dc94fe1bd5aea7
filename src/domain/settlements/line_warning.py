"""What was noticed about a line that could be read, and why a row could not."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SETTLED_AFTER_DAYS_MAX: Final = 45
"""Days between payment and payout above which a line is warned about."""


class LineWarning(StrEnum):
    """Noticed about a line that counts all the same."""

    ID_LOST_IN_SPREADSHEET = "id_lost_in_spreadsheet"
    """A spreadsheet saved the id as a rounded number: it is no id any more."""

    ZEROS_RESTORED = "zeros_restored"
    CARD_NUMBER_REMOVED = "card_number_removed"
    NET_DOES_NOT_FOLLOW = "net_does_not_follow"
    """The net is not ± gross less fee and taxes; it is kept as told."""

    ROW_TOO_LONG = "row_too_long"
    """The row has more cells than the header."""

    FORMULA_CELL = "formula_cell"
    """A cell of the workbook is a formula; its stored value was read."""

    SETTLED_LATE = "settled_late"
    """More than 45 days lie between payment and payout."""


class RejectionReason(StrEnum):
    """Why a row is no line. A file with such a row is held."""

    AMOUNT_NOT_EXACT = "amount_not_exact"
    DATE_NOT_READ = "date_not_read"
    DIRECTION_UNKNOWN = "direction_unknown"
    LINE_TYPE_UNKNOWN = "line_type_unknown"
    CURRENCY_NOT_INR = "currency_not_inr"
    ROW_TOO_SHORT = "row_too_short"
    ROW_NOT_READ = "row_not_read"
    SETTLED_BEFORE_PAID = "settled_before_paid"


@dataclass(frozen=True, slots=True)
class WarnedLine:
    """A warning, the line that it is about, and the field where there is one."""

    line_no: int
    warning: LineWarning
    field: str | None = None


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that could not be read; *text* is what it says, card numbers masked."""

    line_no: int
    reason: RejectionReason
    text: str
