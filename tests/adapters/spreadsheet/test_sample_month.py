"""The sample month, issued into the real register and exported from it, ties out to the paisa in every form."""

import csv
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any, Final
from zipfile import ZipFile

import asyncpg
import pytest
import pytest_asyncio
from defusedxml import ElementTree

from adapters.postgres.documents.document_period import PostgresDocumentPeriods
from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from adapters.spreadsheet.return_files import SpreadsheetReturnFiles
from adapters.spreadsheet.sheets import SHEETS
from application.gst_returns.export_return import ExportReturn
from conftest import TEMPLATE, run_sql, with_database
from domain.documents.document_snapshot import SnapshotDamaged
from domain.documents.invoicing import invoice_for
from domain.gst_returns.gstr1 import ReturnDoesNotTie
from domain.gst_returns.return_period import ReturnPeriod
from domain.tax.gstin import Gstin
from fakes.clock import StoppedClock
from fakes.documents.issued import POLICY, a_buyer, a_company, sold
from fakes.gst_returns.sample_month import NOVEMBER, day, issue, issue_the_month
from fakes.samples import BY_STAFF
from ports.gst_returns.return_files import ReturnFormat

NAME: Final = "shulk_november"
DECEMBER: Final = ReturnPeriod(2026, 12)
HOSTILE: Final = "=HYPERLINK(0)"
NAMESPACE: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ZERO: Final = Decimal("0.00")

EXPECTED: Final = """
{"gstin":"27AAECD1234F1Z3","fp":"112026","version":"GST3.2.2","hash":"hash",
 "b2b":[{"ctin":"29AABCE5678K1Z2","inv":[{"inum":"INV/2627/0000003","idt":"04-11-2026","val":11208.82,
   "pos":"29","rchrg":"N","inv_typ":"R","itms":[{"num":1,"itm_det":
     {"rt":18,"txval":9499.00,"iamt":1709.82,"camt":0.00,"samt":0.00,"csamt":0.00}}]}]}],
 "b2cl":[{"pos":"07","inv":[{"inum":"INV/2627/0000005","idt":"06-11-2026","val":118000.00,
   "itms":[{"num":1,"itm_det":{"rt":18,"txval":100000.00,"iamt":18000.00,"csamt":0.00}}]}]}],
 "b2cs":[{"sply_ty":"INTER","pos":"29","typ":"OE","rt":18,"txval":846.61,"iamt":152.39,"camt":0.00,
          "samt":0.00,"csamt":0.00},
         {"sply_ty":"INTRA","pos":"27","typ":"OE","rt":18,"txval":5846.62,"iamt":0.00,"camt":526.19,
          "samt":526.19,"csamt":0.00}],
 "cdnr":[{"ctin":"29AABCE5678K1Z2","nt":[{"ntty":"C","nt_num":"CRN/2627/0000001","nt_dt":"20-11-2026",
   "pos":"29","rchrg":"N","inv_typ":"R","val":5604.41,"itms":[{"num":1,"itm_det":
     {"rt":18,"txval":4749.50,"iamt":854.91,"camt":0.00,"samt":0.00,"csamt":0.00}}]}]}],
 "cdnur":[{"typ":"B2CL","ntty":"C","nt_num":"CRN/2627/0000002","nt_dt":"21-11-2026","val":59000.00,
   "pos":"07","itms":[{"num":1,"itm_det":{"rt":18,"txval":50000.00,"iamt":9000.00,"csamt":0.00}}]}],
 "hsn":{"hsn_b2b":[{"num":1,"hsn_sc":"999293","desc":"Commercial training, coaching","uqc":"NA",
          "qty":0.00,"rt":18,"txval":4749.50,"iamt":854.91,"camt":0.00,"samt":0.00,"csamt":0.00}],
        "hsn_b2c":[{"num":1,"hsn_sc":"999293","desc":"Commercial training, coaching","uqc":"NA",
          "qty":0.00,"rt":18,"txval":56693.23,"iamt":9152.39,"camt":526.19,"samt":526.19,
          "csamt":0.00}]},
 "doc_issue":{"doc_det":[
   {"doc_num":1,"docs":[{"num":1,"from":"INV/2627/0000001","to":"INV/2627/0000005","totnum":5,
                         "cancel":0,"net_issue":5}]},
   {"doc_num":5,"docs":[{"num":1,"from":"CRN/2627/0000001","to":"CRN/2627/0000003","totnum":3,
                         "cancel":0,"net_issue":3}]}]}}
"""
ROWS: Final = {
    "b2b,sez,de": [
        "29AABCE5678K1Z2,Meera,INV/2627/0000003,04-Nov-26,11208.82,29-Karnataka,N,,Regular B2B,,18,9499.00,0.00"
    ],
    "b2cl": ["INV/2627/0000005,06-Nov-26,118000.00,07-Delhi,,18,100000.00,0.00,"],
    "b2cs": ["OE,29-Karnataka,,18,846.61,0.00,", "OE,27-Maharashtra,,18,5846.62,0.00,"],
    "cdnr": [
        "29AABCE5678K1Z2,Meera,CRN/2627/0000001,20-Nov-26,C,29-Karnataka,N,Regular B2B,5604.41,,18,4749.50,0.00"
    ],
    "cdnur": ["B2CL,CRN/2627/0000002,21-Nov-26,C,07-Delhi,59000.00,,18,50000.00,0.00"],
    "exp": [],
    "exemp": [],
    "hsn(b2b)": [
        '999293,"Commercial training, coaching",NA,0.00,5604.41,18,4749.50,854.91,0.00,0.00,0.00'
    ],
    "hsn(b2c)": [
        '999293,"Commercial training, coaching",NA,0.00,66898.00,18,56693.23,9152.39,526.19,526.19,0.00'
    ],
    "docs": [
        "Credit Note,CRN/2627/0000001,CRN/2627/0000003,3,0",
        "Invoices for outward supply,INV/2627/0000001,INV/2627/0000005,5,0",
    ],
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def november_url(postgres_server: str, migrated_template: str) -> AsyncIterator[str]:
    """The URL of a register that holds the sample month, and an odd December."""
    await run_sql(postgres_server, f"CREATE DATABASE {NAME} TEMPLATE {TEMPLATE}")
    url = with_database(postgres_server, NAME)
    database = Database.connect(DatabaseSettings(url=url))
    unit_of_work = PostgresUnitOfWork(database)
    await issue_the_month(unit_of_work)
    for number, rate in ((11, "0"), (12, "12.5"), (13, "10")):
        buyer = replace(a_buyer("29", "29AABCE5678K1Z2"), name=HOSTILE)
        december = day(1).replace(month=12)
        payment = sold(number, rate=rate, exempt=rate == "0", buyer=buyer, at=december)
        await issue(unit_of_work, invoice_for(payment, a_company(), POLICY, december))
    await database.close()
    yield url
    await run_sql(postgres_server, f"DROP DATABASE {NAME} WITH (FORCE)")


@pytest_asyncio.fixture
async def export(november_url: str) -> AsyncIterator[ExportReturn]:
    database = Database.connect(DatabaseSettings(url=november_url))
    yield ExportReturn(
        unit_of_work=PostgresUnitOfWork(database),
        clock=StoppedClock(),
        periods=PostgresDocumentPeriods(database),
        files=SpreadsheetReturnFiles(),
        seller=Gstin("27AAECD1234F1Z3"),
        version="GST3.2.2",
    )
    await database.close()


async def exported(
    export: ExportReturn, form: ReturnFormat, period: ReturnPeriod = NOVEMBER
) -> bytes:
    to = BytesIO()
    await export(period, form, to, BY_STAFF)
    return to.getvalue()


def exact(text: str | bytes) -> Any:
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


def sheets_in(archive: bytes) -> dict[str, list[str]]:
    """Return the lines of each sheet in an archive of them."""
    with ZipFile(BytesIO(archive)) as files:
        return {
            name.removesuffix(".csv"): files.read(name).decode("utf-8-sig").splitlines()
            for name in files.namelist()
        }


def cells_in(workbook: bytes, sheet: int) -> list[list[str | Decimal]]:
    """Return what stands in the *sheet*-th sheet: texts as ``str``, numbers exactly as written."""
    with ZipFile(BytesIO(workbook)) as files:
        page = ElementTree.fromstring(files.read(f"xl/worksheets/sheet{sheet}.xml"))
    return [
        [_cell(cell) for cell in row.iter(f"{NAMESPACE}c")] for row in page.iter(f"{NAMESPACE}row")
    ]


def _cell(cell: Any) -> str | Decimal:
    assert cell.find(f"{NAMESPACE}f") is None, "a formula"
    if cell.get("t") == "inlineStr":
        return "".join(text.text or "" for text in cell.iter(f"{NAMESPACE}t"))
    return Decimal(cell.find(f"{NAMESPACE}v").text)


async def test_the_portal_takes_the_sample_month(export: ExportReturn) -> None:
    """
    Every section and figure of the reference, nothing else, with two decimals to each amount.
    """
    written = await exported(export, ReturnFormat.JSON)

    assert exact(written) == exact(EXPECTED)
    assert b'"txval":9499.00' in written
    assert b'"val":118000.00' in written


async def test_the_sheets_hold_the_sample_month(export: ExportReturn) -> None:
    """
    Under the headings that finance teams know, each sheet a file.
    """
    found = sheets_in(await exported(export, ReturnFormat.CSV))

    assert list(found) == [sheet.name for sheet in SHEETS]
    for sheet in SHEETS:
        heading, *rows = found[sheet.name]
        assert next(csv.reader(StringIO(heading))) == list(sheet.headings)
        assert rows == ROWS[sheet.name]


async def test_the_workbook_says_the_same(export: ExportReturn) -> None:
    """
    Cell by cell; amounts are numbers, numbers of documents are text.
    """
    written = await exported(export, ReturnFormat.XLSX)

    for place, sheet in enumerate(SHEETS, 1):
        heading, *rows = cells_in(written, place)
        assert heading == list(sheet.headings)
        expected = [next(csv.reader(StringIO(row))) for row in ROWS[sheet.name]]
        assert rows == [[_as_number(cell) for cell in row] for row in expected]


def _as_number(cell: str) -> str | Decimal:
    return Decimal(cell) if cell.replace(".", "").isdigit() and cell != "999293" else cell


async def test_the_sum_of_the_services_is_what_was_invoiced_less_what_was_credited(
    export: ExportReturn,
) -> None:
    """
    Head by head, as the reference has it: net 61,442.73, with tax 72,502.41.
    """
    said = exact(await exported(export, ReturnFormat.JSON))
    services = [*said["hsn"]["hsn_b2b"], *said["hsn"]["hsn_b2c"]]

    def total(head: str) -> Decimal:
        return sum((each[head] for each in services), ZERO)

    assert total("txval") == Decimal("61442.73")
    heads = sum((total(head) for head in ("txval", "iamt", "camt", "samt")), ZERO)
    assert heads == Decimal("72502.41")


async def test_supplies_without_tax_have_their_table(export: ExportReturn) -> None:
    """
    All four buckets, and rates without an exponent or needless zeros.
    """
    said = exact(await exported(export, ReturnFormat.JSON, DECEMBER))

    assert said["nil"] == {
        "inv": [
            {"sply_ty": name, "nil_amt": ZERO, "expt_amt": exempt, "ngsup_amt": ZERO}
            for name, exempt in (
                ("INTRB2B", Decimal("11800.00")),
                ("INTRAB2B", ZERO),
                ("INTRB2C", ZERO),
                ("INTRAB2C", ZERO),
            )
        ]
    }
    assert [each["rt"] for each in said["hsn"]["hsn_b2b"]] == [0, 10, Decimal("12.5")]
    assert len(said["b2b"]) == 1
    assert len(said["b2b"][0]["inv"]) == 2
    sheets = sheets_in(await exported(export, ReturnFormat.CSV, DECEMBER))
    assert sheets["exemp"][1] == "Inter-State supplies to registered persons,0.00,11800.00,0.00"


async def test_a_name_is_never_a_formula(export: ExportReturn) -> None:
    """
    Whatever a student called themselves, a spreadsheet program takes it for text.
    """
    sheets = sheets_in(await exported(export, ReturnFormat.CSV, DECEMBER))
    workbook = await exported(export, ReturnFormat.XLSX, DECEMBER)

    assert f",'{HOSTILE}," in sheets["b2b,sez,de"][1]
    assert cells_in(workbook, 1)[1][1] == HOSTILE


@pytest.mark.parametrize("form", ReturnFormat)
async def test_a_quiet_month_is_a_return_too(export: ExportReturn, form: ReturnFormat) -> None:
    """
    A nil return is filed as well.
    """
    written = await exported(export, form, ReturnPeriod(2027, 1))

    if form is ReturnFormat.JSON:
        assert set(exact(written)) == {"gstin", "fp", "version", "hash"}
    else:
        with ZipFile(BytesIO(written)) as files:
            assert len(files.namelist()) >= len(SHEETS)


async def test_a_register_that_was_tampered_with_makes_no_return(
    export: ExportReturn, november_url: str
) -> None:
    """
    Past every guard of the database, a changed figure is found by its hash or by its sum.
    """
    connection = await asyncpg.connect(november_url)
    try:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(
            "ALTER TABLE tax_document DROP CONSTRAINT ck_tax_document_hash;"
            "UPDATE tax_document SET taxable_paise = taxable_paise + 1"
            " WHERE number = 'INV/2627/0000001'"
        )
        with pytest.raises(ReturnDoesNotTie):
            await exported(export, ReturnFormat.JSON)
        await connection.execute(
            "UPDATE tax_document SET taxable_paise = taxable_paise - 1,"
            " snapshot = replace(snapshot, '1000000', '1000001')"
            " WHERE number = 'INV/2627/0000001'"
        )
        with pytest.raises(SnapshotDamaged):
            await exported(export, ReturnFormat.JSON)
        await connection.execute(
            "UPDATE tax_document SET snapshot = replace(snapshot, '1000001', '1000000')"
            " WHERE number = 'INV/2627/0000001'"
        )
    finally:
        await connection.close()
