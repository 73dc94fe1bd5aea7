"""A statement of the account beside settlements, and nothing is stored."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from io import BytesIO
from typing import BinaryIO

import pytest

from application.reconciliation.compare_statement import CompareBankStatement
from domain.money import ZERO, Money
from domain.reconciliation.bank_credits import CreditsOutcome
from domain.reconciliation.payout import CreditOutcome, PayoutOutcome, payouts_of
from domain.settlements.bank_statement import BankEntry, BankStatement, NarratedDay, Narration
from domain.settlements.line_warning import RejectedRow, RejectionReason
from fakes.clock import StoppedClock
from ports.settlements.bank_statement_reader import StatementReport
from ports.settlements.settlement_file_reader import FileFormat, KnownPreset
from unit.domain.reconciliation.trade import (
    AGREEMENT,
    FRIDAY,
    SATURDAY_2AM,
    THURSDAY,
    credit,
    debit,
)

AGREED = replace(AGREEMENT, merchant_codes={"SIM001": "SIM0001"})
FORMAT = FileFormat(preset="fake", preset_version=1, encoding="utf-8")
UPI_PAYOUT = Narration(
    merchant_code="SIM001", method="UPI", day=FRIDAY, day_is=NarratedDay.SETTLED_ON
)


@dataclass(frozen=True, slots=True)
class StatementRead:
    """A reader whose statement was read already."""

    report: StatementReport

    def presets(self) -> Sequence[KnownPreset]:
        return ()

    def read(
        self, file: BinaryIO, name: str, *, preset: str | None = None, account: str | None = None
    ) -> StatementReport:
        del file, name, preset, account
        return self.report


def entry(rupees: int, narrated: Narration | None, booked_on: date = FRIDAY) -> BankEntry:
    amount = Money(rupees * 100)
    return BankEntry(
        entry_no=1,
        booked_on=booked_on,
        value_on=booked_on,
        amount=amount,
        narration="",
        reference=None,
        balance=amount,
        narrated=narrated,
    )


def statement_of(*entries: BankEntry, held: bool = False) -> StatementReport:
    closing = entries[-1].balance if entries else ZERO
    row = RejectedRow(9, RejectionReason.ROW_NOT_READ, "")
    statement = BankStatement(account=None, opening=ZERO, closing=closing, entries=entries)
    return StatementReport(format=FORMAT, statements=(statement,), rejected=(row,) if held else ())


async def compared(report: StatementReport) -> CreditsOutcome:
    compare = CompareBankStatement(
        StatementRead(report), AGREED, StoppedClock(SATURDAY_2AM + timedelta(days=9))
    )
    return await compare(BytesIO(), "account.csv", payouts_of([credit(), debit()]))


async def test_a_settlement_is_credited_by_its_net_amount() -> None:
    """
    1,000.00 less a refund of 400.00, by the code and the day of the narration.
    """
    outcome = await compared(statement_of(entry(600, UPI_PAYOUT)))

    assert list(outcome.payouts.values()) == [PayoutOutcome.CREDITED]
    assert list(outcome.credits.values()) == [CreditOutcome.MATCHED]


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (statement_of(entry(5, None, date(2026, 11, 18))), PayoutOutcome.OVERDUE),
        (statement_of(entry(5, None, date(2026, 11, 18)), held=True), PayoutOutcome.AWAITED),
        (statement_of(entry(5, None)), PayoutOutcome.AWAITED),
        (statement_of(), PayoutOutcome.AWAITED),
    ],
)
async def test_only_a_statement_that_reaches_far_enough_proves_absence(
    report: StatementReport, expected: PayoutOutcome
) -> None:
    """
    A held or an empty statement, and one that ends with the due day, say nothing of what they lack.
    """
    outcome = await compared(report)

    assert list(outcome.payouts.values()) == [expected]


def test_a_settlement_knows_its_utr_and_the_days_of_its_sales() -> None:
    """
    The first UTR of its lines; a line without an instant adds no day.
    """
    lines = [credit(), credit(2, line_no=3, utr="UTR1", txn_at=None)]

    (payout,) = payouts_of(lines)

    assert (payout.utr, payout.lines, payout.net_paise) == ("UTR1", 2, 2_000_00)
    assert payout.sales_days == frozenset({THURSDAY.date()})
