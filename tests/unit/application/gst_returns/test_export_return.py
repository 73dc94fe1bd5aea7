"""A month's return is written from one snapshot of the register, or not at all."""

from io import BytesIO

import pytest

from application.gst_returns.export_return import ExportReturn
from domain.gst_returns.gstr1 import ReturnDoesNotTie
from domain.money import Money
from fakes.clock import StoppedClock
from fakes.documents.issued import a_company
from fakes.gst_returns.return_files import RememberedFiles
from fakes.gst_returns.sample_month import NOVEMBER, issue_the_month
from fakes.memory import Memory
from fakes.samples import BY_STAFF
from ports.gst_returns.return_files import ReturnFormat


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def files() -> RememberedFiles:
    return RememberedFiles()


@pytest.fixture
def export(memory: Memory, files: RememberedFiles) -> ExportReturn:
    return ExportReturn(
        unit_of_work=memory.unit_of_work,
        periods=memory.periods,
        files=files,
        clock=StoppedClock(),
        seller=a_company().gstin,
        version="GST3.2.2",
    )


async def test_the_month_is_written_and_audited(
    memory: Memory, files: RememberedFiles, export: ExportReturn
) -> None:
    """
    Listed documents by buyer, sums that agree, and the series they came from.
    """
    await issue_the_month(memory.unit_of_work)
    to = BytesIO()

    totals = await export(NOVEMBER, ReturnFormat.CSV, to, BY_STAFF)

    assert totals.net.total == Money(72_502_41)
    assert [run.total for run in totals.runs] == [3, 5]
    (file,) = files.begun
    assert file.head.seller == a_company().gstin
    assert (file.head.period, file.head.version, file.form) == (NOVEMBER, "GST3.2.2", "csv")
    assert [line.number for line in file.lines] == [
        "CRN/2627/0000001",
        "INV/2627/0000003",
        "CRN/2627/0000002",
        "INV/2627/0000005",
    ]
    assert to.getvalue().endswith("₹72,502.41".encode())
    (entry,) = memory.store.audit
    assert (entry.action, entry.subject, entry.origin) == ("return.exported", "2026-11", BY_STAFF)
    assert entry.facts == {"form": "csv", "total": "72502.41"}


async def test_a_register_at_odds_with_itself_makes_no_return(
    memory: Memory, export: ExportReturn
) -> None:
    """
    The documents say one sum, what was kept beside them another: nothing is written.
    """
    await issue_the_month(memory.unit_of_work)
    memory.periods.mistaken_by = Money(1)
    to = BytesIO()

    with pytest.raises(ReturnDoesNotTie):
        await export(NOVEMBER, ReturnFormat.JSON, to, BY_STAFF)
    assert to.getvalue() == b""
