"""The reports of a day as the bank gives them out: the right ones, with the faults of the day's files in them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from entrypoints.simulator.faults.settlement_faults import SettlementFault
from entrypoints.simulator.orders.instruments import Method
from entrypoints.simulator.settlement.file_faults import faulty_csv, faulty_json
from entrypoints.simulator.settlement.merchant_codes import MerchantCodes
from entrypoints.simulator.settlement.reports import (
    RAIL_METHODS,
    Rail,
    ReportFormat,
    ReportPage,
    csv_report,
    json_report,
    page_of,
)
from entrypoints.simulator.settlement.settlement import Settlement
from entrypoints.simulator.settlement.settlements import SettlementBook

FIRST_PAGE: Final = 1


class BeyondLastPage(Exception):
    """There is no page of that number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportQuery:
    """Which report is asked for; CSV is one *rail*, JSON all methods unless *rail* is named."""

    day: date
    form: ReportFormat = ReportFormat.JSON
    rail: Rail | None = None
    mid: str | None = None
    page: int = FIRST_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Writes reports of *book* in the name of one merchant."""

    book: SettlementBook
    codes: Mapping[Method, MerchantCodes]
    merchant_id: str
    merchant_name: str
    page_lines: int

    def settlements(self, query: ReportQuery) -> list[Settlement]:
        found = self.book.of(query.day, query.mid)
        if query.form is ReportFormat.JSON and query.rail is None:
            return found
        method = RAIL_METHODS[query.rail or Rail.UPI]
        return [each for each in found if each.method is method]

    def held_back_until(self, day: date) -> datetime | None:
        """Return the instant until which a fault holds the report back, if one does."""
        if SettlementFault.FILE_NOT_READY not in self.book.file_faults(day):
            return None
        return self.book.held_back_until(day)

    def page(self, query: ReportQuery) -> tuple[bytes, ReportPage]:
        """Return one page with what it was made of, or raise ``BeyondLastPage``."""
        faults = self.book.file_faults(query.day)
        page = self._page(self.settlements(query), query.page, faults)
        if page is None:
            raise BeyondLastPage
        if query.form is ReportFormat.JSON:
            body = json_report(page, merchant_id=self.merchant_id, date=query.day.isoformat())
            return faulty_json(body, faults), page
        rail = query.rail or Rail.UPI
        body = csv_report(page, rail, self.codes[RAIL_METHODS[rail]], self.merchant_name)
        return faulty_csv(body, faults), page

    def _page(
        self, found: list[Settlement], number: int, faults: frozenset[SettlementFault]
    ) -> ReportPage | None:
        """Return the page; with a repeated page there is one more, and each but the first tells the page before."""
        if SettlementFault.PAGE_REPEAT not in faults:
            return page_of(found, number, self.page_lines)
        told = page_of(found, max(1, number - 1), self.page_lines)
        known = told is not None and number > 0
        return replace(told, number=number, pages=told.pages + 1) if told and known else None
