"""The chart of accounts, as data: what each account means, and what its balance has to be."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class AccountKind(StrEnum):
    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    CONTRA_INCOME = "contra_income"
    EXPENSE = "expense"
    EITHER = "either"
    """Its balance may lie on both sides."""


class Side(StrEnum):
    DEBIT = "debit"
    CREDIT = "credit"


class Account(StrEnum):
    BANK = "bank"
    CLEARING = "clearing"
    TRANSIT = "transit"
    RESERVE = "reserve"
    RECEIVABLE = "receivable"
    DISPUTED = "disputed"
    ITC_CGST = "itc_cgst"
    ITC_SGST = "itc_sgst"
    ITC_IGST = "itc_igst"
    TDS = "tds"
    GST_CGST = "gst_cgst"
    GST_SGST = "gst_sgst"
    GST_IGST = "gst_igst"
    REFUNDS_PAYABLE = "refunds_payable"
    UNAPPLIED = "unapplied"
    SUSPENSE = "suspense"
    REVENUE = "revenue"
    REFUNDS_GRANTED = "refunds_granted"
    MDR = "mdr"
    CB_FEE = "cb_fee"
    CB_LOSS = "cb_loss"
    WRITEOFF = "writeoff"
    ROUNDING = "rounding"


@dataclass(frozen=True, slots=True)
class AccountMeaning:
    """*title* names the account in the books of others, *rests* says what its balance has to be."""

    kind: AccountKind
    title: str
    means: str
    rests: str = ""

    @property
    def normal_side(self) -> Side | None:
        """The side that makes its balance larger, None where both do."""
        return NORMAL_SIDES[self.kind]


NORMAL_SIDES: Final[Mapping[AccountKind, Side | None]] = MappingProxyType(
    {
        AccountKind.ASSET: Side.DEBIT,
        AccountKind.EXPENSE: Side.DEBIT,
        AccountKind.CONTRA_INCOME: Side.DEBIT,
        AccountKind.LIABILITY: Side.CREDIT,
        AccountKind.INCOME: Side.CREDIT,
        AccountKind.EITHER: None,
    }
)

_ASSET, _LIABILITY, _EXPENSE = AccountKind.ASSET, AccountKind.LIABILITY, AccountKind.EXPENSE

CHART: Final[Mapping[Account, AccountMeaning]] = MappingProxyType(
    {
        Account.BANK: AccountMeaning(
            _ASSET, "Bank Current Account", "The current account, as far as settlements go."
        ),
        Account.CLEARING: AccountMeaning(
            _ASSET,
            "Gateway Clearing",
            "Taken by the bank, and not yet in a settlement.",
            "the open expectations",
        ),
        Account.TRANSIT: AccountMeaning(
            _ASSET,
            "Settlements in Transit",
            "In a settlement, and not yet on the bank statement.",
            "the settlements without a bank credit",
        ),
        Account.RESERVE: AccountMeaning(
            _ASSET, "Gateway Reserve", "Held back by contract.", "what is held back"
        ),
        Account.RECEIVABLE: AccountMeaning(
            _ASSET,
            "Course Fees Receivable",
            "Invoiced and not captured; a credit is captured and not invoiced.",
            "zero for each payment that has both",
        ),
        Account.DISPUTED: AccountMeaning(
            _ASSET,
            "Disputed Payments",
            "Pulled by a chargeback that is not decided.",
            "zero when no dispute is open",
        ),
        Account.ITC_CGST: AccountMeaning(
            _ASSET,
            "Input CGST on Fees (provisional)",
            "CGST on fees, until the bank's tax invoice is in GSTR-2B.",
        ),
        Account.ITC_SGST: AccountMeaning(
            _ASSET,
            "Input SGST on Fees (provisional)",
            "SGST or UTGST on fees, until the bank's tax invoice is in GSTR-2B.",
        ),
        Account.ITC_IGST: AccountMeaning(
            _ASSET,
            "Input IGST on Fees (provisional)",
            "IGST on fees, until the bank's tax invoice is in GSTR-2B.",
        ),
        Account.TDS: AccountMeaning(
            _ASSET, "TDS Receivable", "Income tax that somebody withheld from us.", "usually zero"
        ),
        Account.GST_CGST: AccountMeaning(
            _LIABILITY, "Output CGST", "CGST that was charged.", "the issued documents"
        ),
        Account.GST_SGST: AccountMeaning(
            _LIABILITY, "Output SGST", "SGST or UTGST that was charged.", "the issued documents"
        ),
        Account.GST_IGST: AccountMeaning(
            _LIABILITY, "Output IGST", "IGST that was charged.", "the issued documents"
        ),
        Account.REFUNDS_PAYABLE: AccountMeaning(
            _LIABILITY,
            "Refunds Payable",
            "Promised to a student, and not yet paid by the bank.",
            "the refunds in flight",
        ),
        Account.UNAPPLIED: AccountMeaning(
            _LIABILITY,
            "Unapplied Receipts",
            "Money that opened no course: paid twice, course closed, another amount.",
            "zero when it is refunded",
        ),
        Account.SUSPENSE: AccountMeaning(
            AccountKind.EITHER,
            "Suspense",
            "Differences that nobody has explained yet.",
            "the open discrepancies that were posted",
        ),
        Account.REVENUE: AccountMeaning(
            AccountKind.INCOME, "Course Fees", "The taxable value of courses, at the invoice."
        ),
        Account.REFUNDS_GRANTED: AccountMeaning(
            AccountKind.CONTRA_INCOME,
            "Refunds Granted",
            "A refund is promised, and its credit note is not issued.",
            "zero when the note is issued",
        ),
        Account.MDR: AccountMeaning(
            _EXPENSE, "Merchant Discount", "The bank's fee on payments (MDR), without tax."
        ),
        Account.CB_FEE: AccountMeaning(
            _EXPENSE, "Chargeback Fees", "The bank's fee for a dispute, without tax."
        ),
        Account.CB_LOSS: AccountMeaning(
            _EXPENSE, "Chargeback Losses", "Payments that were lost in a dispute."
        ),
        Account.WRITEOFF: AccountMeaning(
            _EXPENSE, "Write-offs", "Differences that finance has accepted."
        ),
        Account.ROUNDING: AccountMeaning(
            _EXPENSE, "Rounding", "Paise by which a bank credit differs from its settlements."
        ),
    }
)
"""The whole chart; an account that is not here does not exist."""
