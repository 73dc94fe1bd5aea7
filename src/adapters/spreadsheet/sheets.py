"""The sheets of the GSTR-1 offline tool: their names, their headings, and a row for each figure of a return."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from adapters.spreadsheet.sac_names import description
from domain.documents.tax_document import DocumentKind
from domain.gst_returns.gstr1 import Gstr1, ListedDocument, SacAndRate, Untaxed, UntaxedGroup
from domain.gst_returns.return_table import ReturnTable
from domain.money import Money
from domain.tax.gst import Supply
from domain.tax.indian_states import indian_state

Cell = str | int | Decimal
MONTHS: Final = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905  # as they read
NOUGHT: Final = Decimal("0.00")
ANY: Final = ""
REGULAR: Final = "Regular B2B"


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str
    headings: Sequence[str]


B2B: Final = Sheet(
    "b2b,sez,de",
    (
        "GSTIN/UIN of Recipient",
        "Receiver Name",
        "Invoice Number",
        "Invoice date",
        "Invoice Value",
        "Place Of Supply",
        "Reverse Charge",
        "Applicable % of Tax Rate",
        "Invoice Type",
        "E-Commerce GSTIN",
        "Rate",
        "Taxable Value",
        "Cess Amount",
    ),
)
B2CL: Final = Sheet(
    "b2cl",
    (
        "Invoice Number",
        "Invoice date",
        "Invoice Value",
        "Place Of Supply",
        "Applicable % of Tax Rate",
        "Rate",
        "Taxable Value",
        "Cess Amount",
        "E-Commerce GSTIN",
    ),
)
B2CS: Final = Sheet(
    "b2cs",
    (
        "Type",
        "Place Of Supply",
        "Applicable % of Tax Rate",
        "Rate",
        "Taxable Value",
        "Cess Amount",
        "E-Commerce GSTIN",
    ),
)
CDNR: Final = Sheet(
    "cdnr",
    (
        "GSTIN/UIN of Recipient",
        "Receiver Name",
        "Note Number",
        "Note Date",
        "Note Type",
        "Place Of Supply",
        "Reverse Charge",
        "Note Supply Type",
        "Note Value",
        "Applicable % of Tax Rate",
        "Rate",
        "Taxable Value",
        "Cess Amount",
    ),
)
CDNUR: Final = Sheet(
    "cdnur",
    (
        "UR Type",
        "Note Number",
        "Note Date",
        "Note Type",
        "Place Of Supply",
        "Note Value",
        "Applicable % of Tax Rate",
        "Rate",
        "Taxable Value",
        "Cess Amount",
    ),
)
EXP: Final = Sheet(
    "exp",
    (
        "Export Type",
        "Invoice Number",
        "Invoice date",
        "Invoice Value",
        "Port Code",
        "Shipping Bill Number",
        "Shipping Bill Date",
        "Rate",
        "Taxable Value",
        "Cess Amount",
    ),
)
EXEMP: Final = Sheet(
    "exemp",
    (
        "Description",
        "Nil Rated Supplies",
        "Exempted(other than nil rated/non GST supply)",
        "Non-GST Supplies",
    ),
)
_HSN: Final = (
    "HSN",
    "Description",
    "UQC",
    "Total Quantity",
    "Total Value",
    "Rate",
    "Taxable Value",
    "Integrated Tax Amount",
    "Central Tax Amount",
    "State/UT Tax Amount",
    "Cess Amount",
)
HSN_B2B: Final = Sheet("hsn(b2b)", _HSN)
HSN_B2C: Final = Sheet("hsn(b2c)", _HSN)
DOCS: Final = Sheet(
    "docs",
    ("Nature of Document", "Sr. No. From", "Sr. No. To", "Total Number", "Cancelled"),
)
SHEETS: Final = (B2B, B2CL, B2CS, CDNR, CDNUR, EXP, EXEMP, HSN_B2B, HSN_B2C, DOCS)
LISTING: Final[Mapping[ReturnTable, Sheet]] = {
    ReturnTable.B2B: B2B,
    ReturnTable.B2CL: B2CL,
    ReturnTable.CDNR: CDNR,
    ReturnTable.CDNUR: CDNUR,
}
NATURES: Final[Mapping[DocumentKind, str]] = {
    DocumentKind.TAX_INVOICE: "Invoices for outward supply",
    DocumentKind.BILL_OF_SUPPLY: "Invoices for outward supply",
    DocumentKind.CREDIT_NOTE: "Credit Note",
}
BUCKETS: Final[Mapping[UntaxedGroup, str]] = {
    UntaxedGroup(Supply.INTER_STATE, registered=True): "Inter-State supplies to registered persons",
    UntaxedGroup(Supply.INTRA_STATE, registered=True): "Intra-State supplies to registered persons",
    UntaxedGroup(
        Supply.INTER_STATE, registered=False
    ): "Inter-State supplies to unregistered persons",
    UntaxedGroup(
        Supply.INTRA_STATE, registered=False
    ): "Intra-State supplies to unregistered persons",
}


def listed_row(line: ListedDocument) -> tuple[Sheet, Sequence[Cell]]:
    """Return the sheet that *line* belongs in, and its cells under the headings."""
    day, value, taxable = day_in_words(line.date), line.value.rupees, line.sums.taxable.rupees
    place, rate = str(line.place), rate_of(line.rate)
    rows: Mapping[ReturnTable, Sequence[Cell]] = {
        ReturnTable.B2B: (
            *(line.gstin, line.name, line.number, day, value, place, "N", ANY, REGULAR, ANY),
            *(rate, taxable, NOUGHT),
        ),
        ReturnTable.B2CL: (line.number, day, value, place, ANY, rate, taxable, NOUGHT, ANY),
        ReturnTable.CDNR: (
            *(line.gstin, line.name, line.number, day, "C", place, "N", REGULAR, value, ANY),
            *(rate, taxable, NOUGHT),
        ),
        ReturnTable.CDNUR: (
            "B2CL",
            line.number,
            day,
            "C",
            place,
            value,
            ANY,
            rate,
            taxable,
            NOUGHT,
        ),
    }
    return LISTING[line.table], rows[line.table]


def summed_rows(totals: Gstr1) -> Iterator[tuple[Sheet, Sequence[Cell]]]:
    """Yield a row for each total, sheet by sheet."""
    for sale, sums in totals.small_sales.items():
        place, rate = str(indian_state(sale.place)), rate_of(sale.rate)
        yield B2CS, ("OE", place, ANY, rate, sums.taxable.rupees, NOUGHT, ANY)
    if totals.untaxed:
        for bucket, name in BUCKETS.items():
            untaxed = totals.untaxed.get(bucket, Untaxed())
            yield EXEMP, (name, untaxed.nil_rated.rupees, untaxed.exempt.rupees, NOUGHT)
    for service, sums in totals.services.items():
        yield (
            HSN_B2B if service.registered else HSN_B2C,
            (
                *_service(service),
                sums.total.rupees,
                rate_of(service.rate),
                *map(_rupees, (sums.taxable, sums.igst, sums.cgst, sums.sgst)),
                NOUGHT,
            ),
        )
    for run in totals.runs:
        yield DOCS, (NATURES[run.kind], run.first, run.last, run.total, run.cancelled)


def day_in_words(day: date) -> str:
    """Return *day* as the offline tool spells it, whatever the machine's language: ``05-Nov-26``."""
    return f"{day.day:02d}-{MONTHS[day.month - 1]}-{day.year % 100:02d}"


def rate_of(rate: Decimal) -> Decimal:
    """Return *rate* without an exponent: 10, not 1E+1."""
    return Decimal(f"{rate:f}")


def _service(service: SacAndRate) -> tuple[Cell, ...]:
    return service.sac, description(service.sac), "NA", NOUGHT


def _rupees(amount: Money) -> Decimal:
    return amount.rupees
