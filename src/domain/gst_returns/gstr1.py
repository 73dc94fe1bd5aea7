"""GSTR-1, the monthly return of supplies: what all documents of a month add up to."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from domain.documents.tax_document import DocumentKind, RegisteredDocument, TaxDocument
from domain.errors import DomainError
from domain.gst_returns.return_period import ReturnPeriod
from domain.gst_returns.return_table import ReturnTable, table_of
from domain.money import ZERO, Money
from domain.tax.gst import Supply
from domain.tax.indian_states import IndianState


class ReturnDoesNotTie(DomainError):
    """Two sums of the same month differ, so there is no return; *what* names them."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"the return does not tie out: {what}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Amounts by head, credit notes subtracted; any of them may be negative."""

    taxable: Money = ZERO
    cgst: Money = ZERO
    sgst: Money = ZERO
    igst: Money = ZERO

    @property
    def total(self) -> Money:
        return self.taxable + self.cgst + self.sgst + self.igst

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            taxable=self.taxable + other.taxable,
            cgst=self.cgst + other.cgst,
            sgst=self.sgst + other.sgst,
            igst=self.igst + other.igst,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDocument:
    """One document in a table that lists each; amounts are positive, also those of notes."""

    table: ReturnTable
    number: str
    date: date
    value: Money
    gstin: str
    name: str
    place: IndianState
    rate: Decimal
    sums: Sums


@dataclass(frozen=True, slots=True, order=True)
class SmallSale:
    """The group in which sales to unregistered buyers are added up (table 7)."""

    supply: Supply
    place: str
    rate: Decimal


@dataclass(frozen=True, slots=True, order=True)
class UntaxedGroup:
    """The group in which supplies without tax are added up (table 8)."""

    supply: Supply
    registered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Untaxed:
    """The nil-rated and exempt supplies of one group; non-GST supplies do not occur."""

    nil_rated: Money = ZERO
    exempt: Money = ZERO


@dataclass(frozen=True, slots=True, order=True)
class SacAndRate:
    """The group in which all supplies are added up (table 12); registered buyers are apart."""

    registered: bool
    sac: str
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRun:
    """Consecutive numbers of one kind of document, dated in the month (table 13)."""

    kind: DocumentKind
    first: str
    last: str
    total: int
    cancelled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gstr1:
    """A month's return without the lines of the tables that list documents."""

    small_sales: Mapping[SmallSale, Sums]
    untaxed: Mapping[UntaxedGroup, Untaxed]
    services: Mapping[SacAndRate, Sums]
    runs: Sequence[SeriesRun]
    listed: Mapping[ReturnTable, int]

    @property
    def net(self) -> Sums:
        """All supplies of the month less what was credited."""
        return sum(self.services.values(), Sums())


@dataclass(slots=True)
class ReturnTally:
    """
    Adds up the documents of *period* one by one, so that memory does not grow with the month.

    The amounts of the documents are added; no tax is computed again from a sum.
    """

    period: ReturnPeriod
    _small: dict[SmallSale, Sums] = field(default_factory=dict)
    _untaxed: dict[UntaxedGroup, Untaxed] = field(default_factory=dict)
    _services: dict[SacAndRate, Sums] = field(default_factory=dict)
    _listed: dict[ReturnTable, Sums] = field(default_factory=dict)
    _counts: Counter[ReturnTable] = field(default_factory=Counter)

    def take(self, registered: RegisteredDocument) -> ListedDocument | None:
        """Add *registered*, and return its line if its table lists documents, else None."""
        document = registered.document
        particulars, table = document.particulars, table_of(document)
        if particulars.date not in self.period:
            raise ValueError(f"{document.number} is not of {self.period}")
        if registered.cancelled is not None or table is ReturnTable.NONE:
            return None
        plus, minus = _signed(document)
        counted, named = minus or plus, particulars.buyer.gstin is not None
        service = SacAndRate(named, particulars.sac, particulars.gst_rate.percent.normalize())
        self._services[service] = self._services.get(service, Sums()) + counted
        self._counts[table] += 1
        if table is ReturnTable.B2CS:
            sale = SmallSale(particulars.supply, particulars.place.code, service.rate)
            self._small[sale] = self._small.get(sale, Sums()) + counted
        elif table is ReturnTable.NIL:
            self._count_untaxed(document, counted.taxable)
        else:
            self._listed[table] = self._listed.get(table, Sums()) + counted
            return ListedDocument(
                table=table,
                number=str(document.number),
                date=particulars.date,
                value=document.heads.total,
                gstin=particulars.buyer.gstin.text if particulars.buyer.gstin else "",
                name=particulars.buyer.name,
                place=particulars.place,
                rate=service.rate,
                sums=plus,
            )
        return None

    @property
    def net(self) -> Sums:
        """The sum so far, credit notes subtracted."""
        return sum(self._services.values(), Sums())

    def close(self, runs: Iterable[SeriesRun], control: Sums) -> Gstr1:
        """
        Return the month's return, or raise ``ReturnDoesNotTie``.

        *control* is the sum of invoices less credit notes, added up by the register itself.
        """
        found = Gstr1(
            small_sales=dict(sorted(self._small.items())),
            untaxed=dict(sorted(self._untaxed.items())),
            services=dict(sorted(self._services.items())),
            runs=tuple(runs),
            listed=dict(self._counts),
        )
        if found.net != control:
            raise ReturnDoesNotTie("services against invoices less credit notes")
        tables = sum([*self._small.values(), *self._listed.values()], Sums())
        untaxed = sum((one.nil_rated + one.exempt for one in self._untaxed.values()), ZERO)
        if found.net != tables + Sums(taxable=untaxed):
            raise ReturnDoesNotTie("services against the tables of documents")
        return found

    def _count_untaxed(self, document: TaxDocument, taxable: Money) -> None:
        particulars = document.particulars
        bucket = UntaxedGroup(particulars.supply, particulars.buyer.gstin is not None)
        known = self._untaxed.get(bucket, Untaxed())
        self._untaxed[bucket] = Untaxed(
            nil_rated=known.nil_rated + (ZERO if particulars.exempt else taxable),
            exempt=known.exempt + (taxable if particulars.exempt else ZERO),
        )


def _signed(document: TaxDocument) -> tuple[Sums, Sums | None]:
    heads = document.heads
    plus = Sums(taxable=heads.taxable, cgst=heads.cgst, sgst=heads.sgst, igst=heads.igst)
    if not document.kind.credits:
        return plus, None
    return plus, Sums(taxable=-plus.taxable, cgst=-plus.cgst, sgst=-plus.sgst, igst=-plus.igst)
