"""The twelve samples, imported and reconciled in PostgreSQL, end as it is written beside them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any, Final

import pytest
from sqlalchemy import text

from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import prepare
from application.settlements.import_bank_statement import ImportBankStatement
from application.settlements.import_settlement_file import ImportSettlementFile, IncomingFile
from contracts.postgres_storage import PostgresStorage
from contracts.reconciliation.reconciling_contract import MovedClock, Trial
from contracts.reconciliation.sampled_books import keep, sales_of
from contracts.settlements.reading import READER, STATEMENTS
from contracts.settlements.sampled import REPORTS, SAMPLES
from contracts.settlements.sampled import STATEMENTS as STATEMENT_NAMES
from contracts.settlements.settlement_files_contract import ONE, bring
from domain.business_day import business_day_of
from domain.ledger.account import Account
from domain.reconciliation.evidence import Agreement
from domain.reconciliation.run import Run
from domain.reconciliation.run_state import RunState
from domain.reconciliation.taxonomy import Action, Posting
from domain.settlements.settlement_report import FileOrigin
from fakes.clock import StoppedClock
from fakes.file_store import Shelf
from fakes.samples import BY_STAFF
from ports.payments.payment_gateway import GatewaySuspended
from unit.domain.reconciliation.samples import agreement_of, expected_of, instant, line_from

pytestmark = pytest.mark.asyncio(loop_scope="session")

FIRST: Final = "01-clean.csv"
CORRECTED: Final = "05-corrected.csv"
MIDS: Final = {"UPI": "SIM0001", "CARD": "SIM9001"}
ENTRIES: Final = prepare(text("SELECT entry_no, outcome FROM bank_entry ORDER BY entry_no"))
PARTS: Final = prepare(
    text("""
        SELECT settlement, amount_paise, rounding_paise FROM settlement_credit ORDER BY settlement
    """)
)


class Reconciled:
    """A database with the books of one sample, and its run: the bank answers no read."""

    def __init__(self, database: Database, name: str) -> None:
        told = expected_of(name)["reconcile"]
        self.storage, self.shelf = PostgresStorage.on(database), Shelf()
        self.told, self.clock = told, MovedClock(instant(told["as_of"]))
        self.agreement = replace(agreement_of(told), mids_by_method=MIDS)

    async def sell(self) -> None:
        for number, sale in enumerate(sales_of(self.told["books"]), 1):
            await keep(self.storage, sale, number)

    async def bring(self, *names: str) -> None:
        use_case = ImportSettlementFile(
            self.storage.settlement_files, self.shelf, READER, StoppedClock()
        )
        for name in names:
            content = (SAMPLES / name).read_bytes()
            await use_case(
                IncomingFile(name=name, content=BytesIO(content), origin=FileOrigin.COMMAND),
                BY_STAFF,
            )

    def trial(self, agreement: Agreement | None = None) -> Trial:
        trial = Trial(self.storage, agreement or self.agreement, clock=self.clock)
        trial.bank.trouble.append(GatewaySuspended(timedelta(minutes=5)))
        return trial

    async def run(self, trial: Trial) -> Run:
        last = business_day_of(self.clock.at)
        return await trial.run_over(last - timedelta(days=5), last)


def _discrepancy(told: Mapping[str, Any]) -> tuple[Any, ...]:
    names = ("type", "cause", "subject", "ref", "difference_paise", "action")
    return (*(told[each] for each in names), *told["lines"])


async def found_by(trial: Trial) -> list[tuple[Any, ...]]:
    """Return what is stored of each discrepancy, in the words of the expected files."""
    return [
        (
            *(each.finding.type, each.finding.cause, each.finding.subject, each.finding.ref),
            *(each.finding.difference_paise, each.finding.action),
            *(ref.line_no for ref in each.finding.lines),
            *each.finding.rejected_lines,
        )
        for each in await trial.found()
    ]


async def check_ledger(trial: Trial, told: Mapping[str, Any]) -> None:
    """What the bank pays out is in transit, nothing of a held file is, and suspense is what nobody explains."""
    balances = await trial.balances()
    held = sum(
        each["difference_paise"]
        for each in told["discrepancies"]
        if each["action"] == Action.HOLD_LINE
    )
    net = told["totals"]["net_settlement_paise"] - held
    assert balances.get(Account.TRANSIT, 0) == (net if told["file_is_complete"] else 0)
    posted = [
        each.finding.posted_paise
        for each in await trial.found()
        if each.finding.rule.posting is Posting.SUSPENSE
    ]
    assert balances.get(Account.SUSPENSE, 0) == -sum(posted)


@pytest.mark.parametrize("name", REPORTS)
async def test_a_sample_is_reconciled_as_it_is_written(name: str, emptied: Database) -> None:
    """
    Its books, its file and one run: each match, what is expected and late, each discrepancy and every total.
    """
    sample = Reconciled(emptied, name)
    told, trial = sample.told, sample.trial()
    await sample.sell()
    # The corrected report takes the place of the first one, which nobody has compared yet.
    await sample.bring(*([FIRST, name] if name == CORRECTED else [name]))

    ended = await sample.run(trial)

    summary, totals = ended.summary, told["totals"]
    assert summary
    assert (ended.state is RunState.COMPLETE) == told["file_is_complete"]
    assert {
        "matched": summary.matched,
        "matched_paise": summary.matched_paise,
        "late": summary.late,
        "expected": summary.expected,
        "expected_paise": summary.expected_paise,
        "discrepancies": summary.discrepancies,
    } == {
        **{each: told[each] for each in ("matched", "matched_paise", "expected", "expected_paise")},
        "late": len(told["late"]),
        "discrepancies": len(told["discrepancies"]),
    }
    assert {
        "payments_received_paise": summary.received_paise,
        "refunds_processed_paise": -summary.refunded_paise,
        "fee_paise": summary.fees_paise,
        "tax_paise": summary.taxes_paise,
        "net_settlement_paise": summary.net_paise,
    } == totals
    assert sorted(await found_by(trial)) == sorted(map(_discrepancy, told["discrepancies"]))
    await check_ledger(trial, told)


async def test_a_spreadsheets_copy_changes_nothing_that_was_reconciled(emptied: Database) -> None:
    """
    It has no new event: no line matches twice, and nothing more is posted.
    """
    sample = Reconciled(emptied, FIRST)
    trial = sample.trial()
    await sample.sell()
    await sample.bring(FIRST)
    await sample.run(trial)
    before = await trial.balances()

    await sample.bring("03-excel-mangled.csv")
    ended = await sample.run(trial)

    assert ended.summary
    assert (ended.state, ended.summary.matched, ended.summary.files) == (RunState.COMPLETE, 0, ())
    assert await trial.found() == []
    assert await trial.balances() == before


@pytest.mark.parametrize("name", STATEMENT_NAMES)
async def test_a_sampled_statement_ends_as_it_is_written(name: str, emptied: Database) -> None:
    """
    Three settlements of two reports and a line of another, all paid: the card one a paisa short.
    """
    told = expected_of(name)["reconcile"]
    sample = Reconciled(emptied, FIRST)
    await sample.sell()
    more = Reconciled(emptied, "02-bom-crlf.csv")
    for number, sale in enumerate(sales_of(more.told["books"]), 101):
        await keep(sample.storage, sale, number)
    await sample.bring(FIRST, "02-bom-crlf.csv")
    of_thursday = [
        line
        for line in map(line_from, expected_of("09-multi-settlement.csv")["parse"]["lines"])
        if line.settled_on == date(2026, 11, 12)
    ]
    await bring(sample.storage, ONE, *of_thursday)
    statements = ImportBankStatement(
        sample.storage.bank_statements, sample.shelf, STATEMENTS, (), StoppedClock()
    )
    content = (SAMPLES / name).read_bytes()
    await statements(name, content, BY_STAFF, account="50200000000001")
    agreement = replace(sample.agreement, merchant_codes=told["narration_codes"])

    await sample.run(trial := sample.trial(agreement))

    rows = await emptied.fetch(ENTRIES)
    assert [(row["entry_no"], row["outcome"]) for row in rows] == [
        (each["entry_no"], each["outcome"]) for each in told["results"]
    ]
    nets = told["settlement_nets_paise"]
    short = {
        each["settlement"]: -each["difference_paise"]
        for each in told["results"]
        if each["settlement"]
    }
    assert [tuple(row.values()) for row in await emptied.fetch(PARTS)] == [
        (settlement, nets[settlement] - short[settlement], short[settlement])
        for settlement in sorted(nets)
    ]
    balances = await trial.balances()
    assert (balances[Account.BANK], balances[Account.ROUNDING]) == (sum(nets.values()) - 1, 1)
    assert Account.TRANSIT not in balances
