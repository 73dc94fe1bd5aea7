"""Write a return as the portal's JSON: amounts have exactly two decimals, documents are written one by one."""

import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Final

from msgspec import json

from adapters.spreadsheet.sac_names import DESCRIPTION_MAX, description
from adapters.spreadsheet.sheets import BUCKETS, rate_of
from domain.documents.tax_document import DocumentKind
from domain.gst_returns.gstr1 import Gstr1, ListedDocument, SeriesRun, Sums, Untaxed, UntaxedGroup
from domain.gst_returns.return_table import ReturnTable
from domain.tax.gst import Supply
from ports.gst_returns.return_files import ReturnHead

NOUGHT: Final = Decimal("0.00")
HASH: Final = "hash"
"""The offline tool fills in these fields."""

DOCUMENTS_NUMBERED: Final[Mapping[int, frozenset[DocumentKind]]] = {
    1: frozenset({DocumentKind.TAX_INVOICE, DocumentKind.BILL_OF_SUPPLY}),
    5: frozenset({DocumentKind.CREDIT_NOTE}),
}
SUPPLY: Final = {Supply.INTRA_STATE: "INTRA", Supply.INTER_STATE: "INTER"}
GROUPED: Final[Mapping[ReturnTable, tuple[str, str, Callable[[ListedDocument], str]]]] = {
    ReturnTable.B2B: ("ctin", "inv", lambda line: line.gstin),
    ReturnTable.B2CL: ("pos", "inv", lambda line: line.place.code),
    ReturnTable.CDNR: ("ctin", "nt", lambda line: line.gstin),
}
"""The field that groups a table, the name of a group's list of documents, and how the group is found."""

_encode: Final = json.Encoder(decimal_format="number").encode


@dataclass(slots=True)
class Section:
    """One table of documents that is being written to a temporary file."""

    table: ReturnTable
    file: BinaryIO
    group: str | None = None

    def add(self, line: ListedDocument) -> None:
        entry = _encode(_listed(line))
        if self.table not in GROUPED:
            self.file.write(b"," if self.group is not None else b"[")
            self.group = ""
            self.file.write(entry)
            return
        key, under, of = GROUPED[self.table]
        if of(line) == self.group:
            self.file.write(b"," + entry)
            return
        self.file.write(b"[" if self.group is None else b"]},")
        self.group = of(line)
        self.file.write(b'{"%s":%s,"%s":[' % (key.encode(), _encode(self.group), under.encode()))
        self.file.write(entry)

    def end(self) -> None:
        self.file.write(b"]}]" if self.table in GROUPED else b"]")
        self.file.seek(0)


@dataclass(slots=True)
class PortalFile:
    head: ReturnHead
    to: BinaryIO
    _sections: dict[ReturnTable, Section] = field(default_factory=dict)
    _files: ExitStack = field(default_factory=ExitStack)

    def add(self, line: ListedDocument) -> None:
        if line.table not in self._sections:
            file = self._files.enter_context(TemporaryFile())  # noqa: SIM115  # the stack does
            self._sections[line.table] = Section(line.table, file)
        self._sections[line.table].add(line)

    def finish(self, totals: Gstr1) -> None:
        opening = _encode(
            {
                "gstin": self.head.seller.text,
                "fp": self.head.period.compact,
                "version": self.head.version,
                "hash": HASH,
            }
        )
        self.to.write(opening[:-1])
        for table, section in self._sections.items():
            section.end()
            self.to.write(b',"%s":' % table.encode())
            shutil.copyfileobj(section.file, self.to)
        for key, value in _summed(totals).items():
            if value:
                self.to.write(b',"%s":%s' % (key.encode(), _encode(value)))
        self.to.write(b"}")

    def close(self) -> None:
        """Close the temporary files; an unfinished return is lost."""
        self._files.close()


def _listed(line: ListedDocument) -> dict[str, Any]:
    item: dict[str, Any] = {"rt": rate_of(line.rate), "txval": line.sums.taxable.rupees}
    item["iamt"] = line.sums.igst.rupees
    if line.gstin:
        item |= {"camt": line.sums.cgst.rupees, "samt": line.sums.sgst.rupees}
    items = [{"num": 1, "itm_det": item | {"csamt": NOUGHT}}]
    day, value, place = f"{line.date:%d-%m-%Y}", line.value.rupees, line.place.code
    match line.table:
        case ReturnTable.B2B:
            said = {"inum": line.number, "idt": day, "val": value, "pos": place}
            return {**said, "rchrg": "N", "inv_typ": "R", "itms": items}
        case ReturnTable.B2CL:
            return {"inum": line.number, "idt": day, "val": value, "itms": items}
        case ReturnTable.CDNR:
            said = {"ntty": "C", "nt_num": line.number, "nt_dt": day, "pos": place}
            return {**said, "rchrg": "N", "inv_typ": "R", "val": value, "itms": items}
        case _:
            said = {"typ": "B2CL", "ntty": "C", "nt_num": line.number, "nt_dt": day}
            return {**said, "val": value, "pos": place, "itms": items}


def _summed(totals: Gstr1) -> dict[str, Any]:
    return {
        "b2cs": [
            {
                "sply_ty": SUPPLY[sale.supply],
                "pos": sale.place,
                "typ": "OE",
                "rt": rate_of(sale.rate),
                **_heads(sums),
            }
            for sale, sums in totals.small_sales.items()
        ],
        "nil": _untaxed(totals),
        "hsn": _services(totals),
        "doc_issue": _issued(totals),
    }


def _heads(sums: Sums) -> dict[str, Decimal]:
    return {
        "txval": sums.taxable.rupees,
        "iamt": sums.igst.rupees,
        "camt": sums.cgst.rupees,
        "samt": sums.sgst.rupees,
        "csamt": NOUGHT,
    }


def _untaxed(totals: Gstr1) -> dict[str, Any] | None:
    if not totals.untaxed:
        return None
    found = ((bucket, totals.untaxed.get(bucket, Untaxed())) for bucket in BUCKETS)
    return {
        "inv": [
            {
                "sply_ty": _bucket(bucket),
                "nil_amt": untaxed.nil_rated.rupees,
                "expt_amt": untaxed.exempt.rupees,
                "ngsup_amt": NOUGHT,
            }
            for bucket, untaxed in found
        ]
    }


def _bucket(bucket: UntaxedGroup) -> str:
    across = "INTR" if bucket.supply is Supply.INTER_STATE else "INTRA"
    return f"{across}{'B2B' if bucket.registered else 'B2C'}"


def _services(totals: Gstr1) -> dict[str, Any] | None:
    sections: dict[str, list[dict[str, Any]]] = {}
    for service, sums in totals.services.items():
        rows = sections.setdefault("hsn_b2b" if service.registered else "hsn_b2c", [])
        rows.append(
            {
                "num": len(rows) + 1,
                "hsn_sc": service.sac,
                "desc": description(service.sac)[:DESCRIPTION_MAX],
                "uqc": "NA",
                "qty": NOUGHT,
                "rt": rate_of(service.rate),
                **_heads(sums),
            }
        )
    return sections or None


def _issued(totals: Gstr1) -> dict[str, Any] | None:
    found = [
        {"doc_num": number, "docs": docs}
        for number, kinds in DOCUMENTS_NUMBERED.items()
        if (docs := [_run(place, run) for place, run in _of(totals, kinds)])
    ]
    return {"doc_det": found} if found else None


def _of(totals: Gstr1, kinds: frozenset[DocumentKind]) -> list[tuple[int, SeriesRun]]:
    return list(enumerate((run for run in totals.runs if run.kind in kinds), 1))


def _run(place: int, run: SeriesRun) -> dict[str, Any]:
    return {
        "num": place,
        "from": run.first,
        "to": run.last,
        "totnum": run.total,
        "cancel": run.cancelled,
        "net_issue": run.total - run.cancelled,
    }
