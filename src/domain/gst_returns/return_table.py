"""Which table of the monthly return (GSTR-1) a document belongs to."""

from datetime import date
from enum import StrEnum
from typing import Final

from domain.documents.tax_document import DocumentKind, TaxDocument
from domain.money import Money
from domain.tax.gst import Supply

B2CL_ABOVE: Final = (
    (date(2024, 8, 1), Money(1_00_000_00)),
    (date.min, Money(2_50_000_00)),
)
"""From which day, and above which value, an invoice to another State is listed (Notification 12/2024)."""


class ReturnTable(StrEnum):
    """A table of GSTR-1 by its key in the file."""

    B2B = "b2b"
    B2CL = "b2cl"
    B2CS = "b2cs"
    CDNR = "cdnr"
    CDNUR = "cdnur"
    NIL = "nil"
    NONE = "none"
    """No table: a refund after the last day for credit notes."""

    @property
    def is_listed(self) -> bool:
        """Whether it lists each document; the other tables hold sums."""
        return self in {ReturnTable.B2B, ReturnTable.B2CL, ReturnTable.CDNR, ReturnTable.CDNUR}


def table_of(document: TaxDocument) -> ReturnTable:
    """
    Return the table that *document* belongs to.

    A buyer with a UIN is listed with registered buyers (table 4). A note to an unregistered buyer is
    listed only if its original was; otherwise it is subtracted from the small sales (table 7).
    """
    particulars = document.particulars
    if particulars.kind is DocumentKind.COMMERCIAL_CREDIT:
        return ReturnTable.NONE
    if particulars.exempt or not particulars.gst_rate.percent:
        return ReturnTable.NIL
    original = particulars.original
    if particulars.buyer.gstin is not None:
        return ReturnTable.B2B if original is None else ReturnTable.CDNR
    value = particulars.heads.total if original is None else original.total
    sold_on = particulars.date if original is None else original.date
    if particulars.supply is not Supply.INTER_STATE or value <= b2cl_above(sold_on):
        return ReturnTable.B2CS
    return ReturnTable.B2CL if original is None else ReturnTable.CDNUR


def b2cl_above(day: date) -> Money:
    """Return the value above which an invoice of *day* to another State is listed by itself."""
    return next(limit for since, limit in B2CL_ABOVE if day >= since)
