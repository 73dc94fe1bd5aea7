"""Which table of the monthly return (GSTR-1) a document stands in."""

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
    """No table: money given back after the last day for credit notes."""

    @property
    def is_listed(self) -> bool:
        """Whether it names each document; the others only add up."""
        return self in {ReturnTable.B2B, ReturnTable.B2CL, ReturnTable.CDNR, ReturnTable.CDNUR}


def table_of(document: TaxDocument) -> ReturnTable:
    """
    Return the table that *document* stands in.

    A holder of a UIN is listed with the registered (table 4). A note to the unregistered is listed
    only if its original was; all others count against the small sales.
    """
    said = document.particulars
    if said.kind is DocumentKind.COMMERCIAL_CREDIT:
        return ReturnTable.NONE
    if said.exempt or not said.gst_rate.percent:
        return ReturnTable.NIL
    named = said.buyer.gstin is not None
    if (original := said.original) is None:
        value, sold_on, tables = said.heads.total, said.date, (ReturnTable.B2B, ReturnTable.B2CL)
    else:
        value, sold_on, tables = (
            original.total,
            original.date,
            (ReturnTable.CDNR, ReturnTable.CDNUR),
        )
    if named:
        return tables[0]
    large = said.supply is Supply.INTER_STATE and value > b2cl_above(sold_on)
    return tables[1] if large else ReturnTable.B2CS


def b2cl_above(day: date) -> Money:
    """Return the value above which an invoice of *day* to another State is listed by itself."""
    return next(limit for since, limit in B2CL_ABOVE if day >= since)
