"""What the files of a run hold, read by another program: every fact once, and no text that is a formula."""

import csv
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any, Final
from zipfile import ZipFile

import pytest
from python_calamine import CalamineWorkbook

from adapters.spreadsheet.run_files import SpreadsheetRunFiles
from adapters.spreadsheet.run_workbook import RunWorkbook
from contracts.reconciliation.book_reads_contract import TODAY
from contracts.reconciliation.run_export_files_contract import (
    ARN,
    HOSTILE,
    a_run_with_everything,
    totals_of,
)
from domain.reconciliation.run import Run
from fakes.samples import payment_id, refund_id
from ports.reconciliation.run_export import ExportedRow, RunSheet
from ports.reconciliation.run_export_files import RunExportFormat, RunExportHead

NAMES: Final = ["Summary", *(each.value for each in RunSheet)]


@pytest.fixture
async def exported() -> tuple[RunExportHead, list[ExportedRow]]:
    run, rows = await a_run_with_everything()
    return head_of(run), rows


def head_of(run: Run) -> RunExportHead:
    assert run.ended_at
    return RunExportHead(run=run, at=run.ended_at + timedelta(hours=1))


def written(form: RunExportFormat, head: RunExportHead, rows: list[ExportedRow]) -> BytesIO:
    to = BytesIO()
    with SpreadsheetRunFiles().begin(form, head, to) as file:
        for row in rows:
            file.add(row)
        file.finish(totals_of(rows))
    to.seek(0)
    return to


def by_heading(rows: list[list[Any]]) -> list[dict[str, Any]]:
    """Return each row by its headings; of two that are equal the last one counts."""
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def workbook(file: BytesIO) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(file)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def archive(file: BytesIO) -> dict[str, list[list[str]]]:
    with ZipFile(file) as entries:
        return {
            name: list(csv.reader(StringIO(entries.read(name).decode("utf-8-sig"))))
            for name in entries.namelist()
        }


def test_a_workbook_has_each_fact_in_its_sheet(
    exported: tuple[RunExportHead, list[ExportedRow]],
) -> None:
    """
    Ids are text, amounts numbers, days dates, and instants are in India, as their headings say.
    """
    sheets = workbook(written(RunExportFormat.XLSX, *exported))

    assert list(sheets) == NAMES
    matched = by_heading(sheets["Matched"])
    assert [each["Payment id"] for each in matched] == [
        *(payment_id(1), payment_id(2), payment_id(4), payment_id(4))
    ]
    refund = matched[-1]
    assert (refund["Kind"], refund["Refund id"], refund["ARN"]) == ("refund", refund_id(1), ARN)
    assert (refund["Ours"], refund["Bank's gross"], refund["Difference"]) == (-100, -100, 0)
    assert matched[0]["Business date"] == TODAY
    assert matched[0]["At (IST)"] == datetime(2026, 8, 3, 17, 31)  # noqa: DTZ001  # a workbook has no zones
    assert matched[0]["UTR"] == HOSTILE
    named = [f"order-{number}" for number in (1, 2, 4, 4)]
    assert [each["Client reference"] for each in matched] == named
    (found,) = by_heading(sheets["Discrepancies"])
    assert found["Client reference"] == "order-3"
    assert (found["Cause"], found["Ours"], found["Bank's"]) == ("gross_differs", 1180, 1171)
    assert (found["Difference"], found["Action"], found["By"]) == (-9, "write_off", "staff:mira")
    (settlement,) = by_heading(sheets["Settlements"])
    assert (settlement["Payout"], settlement["Credited"]) == (
        "credited",
        settlement["Net that counts"],
    )
    (credit,) = by_heading(sheets["Bank credits"])
    assert credit["Narration"] == f"{HOSTILE} NEFT"
    (expected,) = by_heading(sheets["Expected"])
    assert (expected["Kind"], expected["Refund id"]) == ("refund", refund_id(2))
    assert expected["Amount"] == -100
    assert expected["Client reference"] == "order-4"
    journal = by_heading(sheets["Journal"])
    assert sum(each["Debit"] or 0 for each in journal) == sum(
        each["Credit"] or 0 for each in journal
    )
    summary = {row[0]: row for row in sheets["Summary"]}
    assert summary["First business date"][1] == TODAY
    assert summary["Time zone of all times and days"][1] == "Asia/Kolkata (IST, UTC+05:30)"
    assert summary["gross_differs"][2] == 1


def test_an_archive_has_the_same_rows(exported: tuple[RunExportHead, list[ExportedRow]]) -> None:
    """
    As UTF-8 with a mark, amounts with two decimals; what begins as a formula does begins with an apostrophe.
    """
    raw = written(RunExportFormat.CSV, *exported)
    files = archive(raw)
    sheets = workbook(written(RunExportFormat.XLSX, *exported))

    assert list(files) == [f"{each.lower().replace(' ', '-')}.csv" for each in NAMES]
    with ZipFile(raw) as entries:
        assert all(entries.read(each).startswith(b"\xef\xbb\xbf") for each in entries.namelist())
    for name, rows in zip(NAMES, files.values(), strict=True):
        assert rows[0] == sheets[name][0]
        assert len(rows) == len(sheets[name])
    matched = by_heading(files["matched.csv"])
    assert (matched[0]["UTR"], matched[0]["Ours"]) == (f"'{HOSTILE}", "1180.00")
    assert (matched[0]["Business date"], matched[0]["At (IST)"]) == (
        "2026-08-03",
        "2026-08-03 17:31:00",
    )
    assert matched[-1]["Ours"] == "-100.00"
    (credit,) = by_heading(files["bank-credits.csv"])
    assert credit["Narration"] == f"'{HOSTILE} NEFT"
    totals = {row[0]: row[2:] for row in reversed(files["summary.csv"])}
    assert totals["Matched"] == ["4", "3440.00"]
    assert Decimal(totals["Bank credits"][1]) == Decimal(credit["Amount"])


def test_what_a_sheet_cannot_hold_goes_on_in_another(
    exported: tuple[RunExportHead, list[ExportedRow]],
) -> None:
    """
    Under the same headings.
    """
    head, rows = exported
    to = BytesIO()
    book = RunWorkbook(head, to, rows_max=3)
    for row in rows:
        book.add(row)
    book.finish(totals_of(rows))
    book.close()
    to.seek(0)

    sheets = workbook(to)

    assert [len(sheets[name]) for name in ("Matched", "Matched (2)")] == [4, 2]
    assert sheets["Matched"][0] == sheets["Matched (2)"][0]
    assert "Settlements (2)" not in sheets
