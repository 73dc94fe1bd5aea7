"""The twelve samples end in PostgreSQL exactly as it is written beside them."""

import asyncio
from dataclasses import replace
from io import BytesIO
from typing import Any, Final

import pytest
from sqlalchemy import text

from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import prepare
from adapters.postgres.settlements.bank_statements import PostgresBankStatements
from adapters.postgres.settlements.settlement_files import PostgresSettlementFiles
from adapters.postgres.settlements.settlement_reads import PostgresSettlementReads
from application.settlements.import_bank_statement import ImportBankStatement
from application.settlements.import_settlement_file import ImportSettlementFile, IncomingFile
from contracts.settlements.reading import READER, STATEMENTS
from contracts.settlements.sampled import REPORTS, SAMPLES, Sample, sample
from contracts.settlements.sampled import STATEMENTS as STATEMENT_NAMES
from domain.settlements.file_state import SettlementFileState
from domain.settlements.line_key import line_key
from domain.settlements.reissue import ReportedAgain
from domain.settlements.settlement_report import FileOrigin, ReportState
from fakes.clock import StoppedClock
from fakes.file_store import Shelf
from fakes.samples import BY_STAFF
from ports.settlements.settlement_files import SettlementFile
from unit.domain.reconciliation.samples import expected_of, line_from

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOLD: Final = prepare(
    text("""
        SELECT line_no, encode(line_key, 'hex') AS key, occurrence, warnings
        FROM settlement_line ORDER BY line_no
    """)
)
HELD: Final = {"07-missing-totals.csv", "10-hostile-cells.csv"}


class Stored:
    def __init__(self, database: Database) -> None:
        self.files = PostgresSettlementFiles(database)
        self.reads = PostgresSettlementReads(database)
        self.statements = PostgresBankStatements(database)
        clock, self.shelf = StoppedClock(), Shelf()
        self.use_case = ImportSettlementFile(self.files, self.shelf, READER, clock)
        self.statement = ImportBankStatement(self.statements, self.shelf, STATEMENTS, (), clock)

    async def bring(self, name: str) -> SettlementFile:
        content = (SAMPLES / name).read_bytes()
        incoming = IncomingFile(name=name, content=BytesIO(content), origin=FileOrigin.COMMAND)
        return await self.use_case(incoming, BY_STAFF)


@pytest.fixture
def stored(emptied: Database) -> Stored:
    return Stored(emptied)


def warnings_of(told: Sample) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for each in told.parse["warnings"]:
        word = ":".join(filter(None, (each["warning"], each.get("field"))))
        found.setdefault(each["line_no"], set()).add(word)
    return found


@pytest.mark.parametrize("name", REPORTS)
async def test_a_sample_is_stored_as_it_is_written(
    name: str, stored: Stored, emptied: Database
) -> None:
    """
    Lines with their keys and occurrences, rejected rows, warnings, settlements and state.
    """
    told, expected = sample(name), expected_of(name)

    file = await stored.bring(name)

    assert (file.received.sha256, file.received.size) == (expected["sha256"], expected["bytes"])
    assert file.content is not None
    assert file.content.format.preset == told.preset
    assert file.content.line_count == told.parse["line_count"]
    assert (file.state is SettlementFileState.HELD) == (name in HELD)
    lines = told.parse["lines"]
    rows = await emptied.fetch(TOLD)
    assert [(row["line_no"], row["key"], row["occurrence"]) for row in rows] == [
        (each["line_no"], each["line_key"], each["occurrence"]) for each in lines
    ]
    reports = [(file.received.sha256, each.totals.key) for each in file.reports]
    kept = await stored.reads.lines_of(reports)
    by_place = {each.reported.line.line_no: each.reported.line for each in kept}
    for each in lines:
        line = by_place[each["line_no"]]
        assert line_key(line) == each["line_key"]
        wanted = line_from(each)
        assert line == _with_words(wanted, line)
    assert {row["line_no"]: set(row["warnings"].split()) for row in rows if row["warnings"]} == (
        warnings_of(told)
    )
    rejected = await stored.reads.rejected_rows([file.received.sha256])
    assert [{"line_no": each.line_no, "reason": each.reason} for each in rejected] == (
        told.parse["rejected"]
    )
    assert {each.totals.key: _totals(each.totals) for each in file.reports} == (
        told.parse["settlements"]
    )


def _with_words(wanted: Any, line: Any) -> Any:
    """Return *wanted* with what the samples do not tell: the file's own word for a state."""
    return replace(wanted, status_word=line.status_word, on_hold=line.on_hold)


def _totals(totals: Any) -> dict[str, int]:
    return {
        "lines": totals.lines,
        "credits_paise": totals.credits.paise,
        "debits_paise": totals.debits.paise,
        "fee_paise": totals.fee.paise,
        "tax_paise": totals.tax.paise,
        "net_paise": totals.net.paise,
    }


async def test_a_spreadsheets_copy_of_a_known_file_adds_nothing(stored: Stored) -> None:
    """
    Though most of its ids are lost.
    """
    await stored.bring("01-clean.csv")

    file = await stored.bring("03-excel-mangled.csv")

    assert [(each.state, each.reported) for each in file.reports] == [
        (ReportState.REPEATED, ReportedAgain.NO_NEW_EVENTS)
    ]


async def test_a_corrected_file_takes_the_place_of_the_first(stored: Stored) -> None:
    """
    As nothing was matched with it yet; its net is the one that is written.
    """
    expected = expected_of("05-corrected.csv")["supersedes"]
    first = await stored.bring("01-clean.csv")

    file = await stored.bring("05-corrected.csv")

    (report,) = file.reports
    assert (report.totals.key, report.net.paise) == (
        expected["settlement"],
        expected["net_to_paise"],
    )
    assert report.reported is ReportedAgain.REISSUE
    assert (await stored.files.get(first.received.sha256)).state is SettlementFileState.SUPERSEDED


async def test_one_file_at_once_by_two_is_read_once(stored: Stored) -> None:
    """
    On two connections; so are two files of one settlement one after the other.
    """
    await asyncio.gather(*(stored.bring("01-clean.csv") for _ in range(4)))
    await asyncio.gather(stored.bring("02-bom-crlf.csv"), stored.bring("05-corrected.csv"))

    (file,) = (
        each for each in await stored.files.page(at_most=9) if each.received.name == "01-clean.csv"
    )
    assert file.attempts == 1
    assert len(await stored.reads.unposted()) == 2


@pytest.mark.parametrize("name", STATEMENT_NAMES)
async def test_a_sampled_statement_is_stored_as_it_is_written(name: str, stored: Stored) -> None:
    """
    Balances and entries; the other form of the same statement has nothing new.
    """
    parse = sample(name).parse
    content = (SAMPLES / name).read_bytes()

    (statement,) = await stored.statement(name, content, BY_STAFF, account="50200000000001")

    assert (statement.opening.paise, statement.closing.paise) == (
        parse["opening_balance_paise"],
        parse["closing_balance_paise"],
    )
    entries = await stored.statements.open_entries()
    assert [
        {
            "entry_no": each.entry.entry_no,
            "booked_on": each.entry.booked_on.isoformat(),
            "value_on": each.entry.value_on.isoformat(),
            "narration": each.entry.narration,
            "reference": each.entry.reference,
            "amount_paise": each.entry.amount.paise,
        }
        for each in entries
    ] == parse["entries"]
