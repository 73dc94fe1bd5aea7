"""A tax document as it was issued: every particular that the law requires; it never changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Self

from domain.documents.document_number import DocumentNumber, FinancialYear, Series
from domain.identifiers import PaymentId
from domain.money import ZERO, Money
from domain.tax.gst import Buyer, GstRate, PriceMode, Supply
from domain.tax.gstin import Gstin
from domain.tax.indian_states import IndianState, SecondTax


class DocumentKind(StrEnum):
    TAX_INVOICE = "tax_invoice"
    BILL_OF_SUPPLY = "bill_of_supply"
    """For a supply without tax (Rule 49)."""

    CREDIT_NOTE = "credit_note"
    COMMERCIAL_CREDIT = "commercial_credit"
    """A refund too late for a credit note: it changes no tax and is in no return (CGST s.34(2))."""

    @property
    def credits(self) -> bool:
        """Whether it credits, in part or whole, what another document charged."""
        return self in {DocumentKind.CREDIT_NOTE, DocumentKind.COMMERCIAL_CREDIT}


SERIES: Final[Mapping[DocumentKind, Series]] = MappingProxyType(
    {
        DocumentKind.TAX_INVOICE: Series.INVOICE,
        DocumentKind.BILL_OF_SUPPLY: Series.BILL_OF_SUPPLY,
        DocumentKind.CREDIT_NOTE: Series.CREDIT_NOTE,
        DocumentKind.COMMERCIAL_CREDIT: Series.COMMERCIAL_CREDIT,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """The seller, as it was on the day of the document; a text that is not known is empty."""

    legal_name: str
    address: str
    gstin: Gstin
    support_email: str
    trade_name: str = ""
    cin: str = ""
    support_phone: str = ""
    grievance_officer: str = ""

    @property
    def state(self) -> IndianState:
        return self.gstin.state

    @property
    def pan(self) -> str:
        """The income-tax number: characters 3 to 12 of a taxpayer's GSTIN."""
        return self.gstin.text[2:12]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heads:
    """An amount by head of tax; *sgst* holds SGST or UTGST."""

    taxable: Money = ZERO
    cgst: Money = ZERO
    sgst: Money = ZERO
    igst: Money = ZERO

    def __post_init__(self) -> None:
        if min(self.taxable, self.cgst, self.sgst, self.igst) < ZERO:
            raise ValueError("no head of a document is negative")
        if self.cgst != self.sgst:
            raise ValueError("CGST and its second half are equal")

    @property
    def tax(self) -> Money:
        return self.cgst + self.sgst + self.igst

    @property
    def total(self) -> Money:
        return self.taxable + self.tax

    def __add__(self, other: Self) -> Self:
        return type(self)(
            taxable=self.taxable + other.taxable,
            cgst=self.cgst + other.cgst,
            sgst=self.sgst + other.sgst,
            igst=self.igst + other.igst,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricing:
    """The price before and after discount: the document has to show the discount (CGST s.15(3)(a))."""

    mode: PriceMode
    list_price: Money
    discount: Money
    discount_code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReference:
    """The payment of a document: our order, the bank's ids for it, and the instant of capture (UTC)."""

    order: PaymentId
    bank_txn_id: str
    bank_reference: str
    """The RRN or UTR, empty where the bank gave none."""

    method: str
    captured_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundReference:
    """The refund of a note; *arn* is the acquirer reference number, *refunded_at* is UTC."""

    refund: str
    arn: str
    refunded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """The document that a note refers to, and the *ordinal* of the note against it, from 1."""

    number: DocumentNumber
    date: date
    total: Money
    ordinal: int
    refund: RefundReference


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """
    All of a document but its number; ``ValueError`` for particulars that contradict each other.

    *date* is the document's date in India, and decides its financial year and return. *issued_at* is
    the instant of its issue (UTC). The *heads* of a note are positive: what it credits. *original*
    is set for notes only, *pricing* for the others only. Reverse charge never applies.
    """

    kind: DocumentKind
    date: date
    issued_at: datetime
    company: Company
    buyer: Buyer
    payment: PaymentReference
    description: str
    sac: str
    gst_rate: GstRate
    exempt: bool
    rounding_policy: str
    supply: Supply
    second_tax: SecondTax | None
    place: IndianState
    heads: Heads
    pricing: Pricing | None = None
    original: Original | None = None

    def __post_init__(self) -> None:
        if (self.original is not None) != self.kind.credits:
            raise ValueError("a note refers to its original, and nothing else does")
        if (self.pricing is None) != self.kind.credits:
            raise ValueError("a price stands on all but notes")
        if not self.heads.total:
            raise ValueError("a document is about some money")
        untaxed = {DocumentKind.BILL_OF_SUPPLY, DocumentKind.COMMERCIAL_CREDIT}
        if self.heads.tax and self.kind in untaxed:
            raise ValueError(f"a {self.kind} bears no tax")
        inside = self.supply is Supply.INTRA_STATE
        if inside != (self.company.state == self.place) or (self.second_tax is not None) != inside:
            raise ValueError("within a State there is a second tax, between two there is none")
        if self.heads.igst if inside else self.heads.cgst:
            raise ValueError(f"these heads of tax do not belong to {self.supply}")

    @property
    def series(self) -> Series:
        return SERIES[self.kind]

    @property
    def year(self) -> FinancialYear:
        return FinancialYear.of(self.date)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxDocument:
    """A numbered document; ``ValueError`` when the number is of another series or year."""

    number: DocumentNumber
    particulars: Particulars

    def __post_init__(self) -> None:
        particulars = self.particulars
        if (self.number.series, self.number.year) != (particulars.series, particulars.year):
            raise ValueError(
                f"{self.number} is not a number for {particulars.kind} of {particulars.year}"
            )

    @property
    def kind(self) -> DocumentKind:
        return self.particulars.kind

    @property
    def heads(self) -> Heads:
        return self.particulars.heads


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """When a document was cancelled (UTC), and why; its number is never used again."""

    at: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredDocument:
    """
    A document in the register.

    *sha256* is the hash of its snapshot, in lower-case hex; with it a change can be detected.
    """

    document: TaxDocument
    sha256: str
    cancelled: Cancellation | None = None


def sum_of(heads: Iterable[Heads]) -> Heads:
    return sum(heads, Heads())
