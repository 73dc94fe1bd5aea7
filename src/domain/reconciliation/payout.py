"""What the bank should pay out and what the account statement shows, as they are compared."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, Self

from domain.business_day import business_day_of
from domain.reconciliation.reported import ReportedLine
from domain.reconciliation.settlement_terms import SettlementTerms
from domain.settlements.bank_statement import BankEntry, NarratedDay, entry_key
from domain.settlements.settlement_line import LineType

KEY_CHARS: Final = 12
"""So much of an entry's key tells it apart from the others of its day."""

ROUNDING_PER_LINE_PAISE: Final = 1
ROUNDING_PER_SETTLEMENT_PAISE: Final = 100
"""The bank may round each line by a paisa, and a settlement by at most a rupee."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """
    A settlement whose credit is awaited: *net_paise* is negative when refunds were above sales.

    *sales_days* are the business days of its payments, for narrations that name them.
    """

    settlement: str
    mid: str
    settled_on: date
    net_paise: int
    lines: int = 0
    utr: str | None = None
    sales_days: frozenset[date] = frozenset()

    @property
    def tolerance_paise(self) -> int:
        """How much of the net amount may be rounding."""
        return min(self.lines * ROUNDING_PER_LINE_PAISE, ROUNDING_PER_SETTLEMENT_PAISE)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCredit:
    """
    An entry of the account statement: *amount_paise* is negative for a withdrawal.

    *merchant_code* and *narrated_day* are read from the narration; *day_is_of_sales* says that the
    day is one of sales (cards) and not the day of the settlement (UPI).
    """

    entry: str
    booked_on: date
    amount_paise: int
    narration: str = ""
    reference: str | None = None
    merchant_code: str | None = None
    narrated_day: date | None = None
    day_is_of_sales: bool = False

    @classmethod
    def of(cls, account: str, entry: BankEntry) -> Self:
        """Return *entry* of the statement of *account* (its number, as far as it is known)."""
        named = entry.narrated
        return cls(
            entry=f"{entry.booked_on.isoformat()}/{entry_key(account, entry)[:KEY_CHARS]}",
            booked_on=entry.booked_on,
            amount_paise=entry.amount.paise,
            narration=entry.narration,
            reference=entry.reference,
            merchant_code=None if named is None else named.merchant_code,
            narrated_day=None if named is None else named.day,
            day_is_of_sales=named is not None and named.day_is is NarratedDay.SALES,
        )

    def names_utr(self, utr: str | None) -> bool:
        """Whether reference or narration hold the UTR."""
        return utr is not None and (self.reference == utr or utr in self.narration)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditRules:
    """
    How credits are matched: *mids* by merchant code, the calendar, and what a statement reaches to.

    A credit that only its amount and day speak for is taken by machine if *takes_probable* says so.
    """

    terms: SettlementTerms
    today: date
    mids: Mapping[str, str] = field(default_factory=dict)
    statement_until: date | None = None
    takes_probable: bool = False

    def mid_of(self, credit: AccountCredit) -> str | None:
        """Return the MID of the code in the narration; terminals are written with leading zeros."""
        code = credit.merchant_code
        if code is None:
            return None
        return self.mids.get(code) or self.mids.get(code.lstrip("0"))


class CreditOutcome(StrEnum):
    """What an entry of the statement is."""

    MATCHED = "matched"
    MATCHED_WITH_ROUNDING = "matched_with_rounding"
    PROBABLE = "probable"
    """Amount and day fit one settlement alone; a person confirms it."""

    AMBIGUOUS = "ambiguous"
    """Several sets of settlements add up to it; a person chooses."""

    DIFFERS = "differs"
    WITHOUT_SETTLEMENT = "without_settlement"
    NOT_OURS = "not_ours"


class PayoutOutcome(StrEnum):
    """Where the money of a settlement is."""

    CREDITED = "credited"
    AWAITED = "awaited"
    CARRIED = "carried"
    """Negative: the bank takes it out of a later settlement of the MID."""

    DIFFERS = "differs"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditPart:
    """The part of an entry that pays a settlement; *rounding_paise* is what its net amount lacks."""

    entry: str
    settlement: str
    amount_paise: int
    rounding_paise: int = 0


def payouts_of(lines: Iterable[ReportedLine]) -> tuple[Payout, ...]:
    """
    Return the settlements that *lines* add up to, each with the business days of its sales.

    *lines* are those that count: what is told twice or held back (``Outcome.uncounted``) is no part of a payout.
    """
    by_settlement: dict[str, list[ReportedLine]] = defaultdict(list)
    for line in lines:
        by_settlement[line.settlement].append(line)
    return tuple(
        Payout(
            settlement=settlement,
            mid=members[0].line.mid,
            settled_on=members[0].line.settled_on,
            net_paise=sum(member.line.net.paise for member in members),
            lines=len(members),
            utr=next((member.line.utr for member in members if member.line.utr), None),
            sales_days=frozenset(
                business_day_of(member.line.txn_at)
                for member in members
                if member.line.txn_at and member.line.line_type is LineType.PAYMENT
            ),
        )
        for settlement, members in by_settlement.items()
    )
