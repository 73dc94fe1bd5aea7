"""Compare a statement of the account with settlements and store nothing: which of them were credited."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from domain.business_day import business_day_of
from domain.reconciliation.bank_credits import CreditsOutcome, match_credits
from domain.reconciliation.evidence import Agreement
from domain.reconciliation.payout import AccountCredit, CreditRules, Payout
from ports.clock import Clock
from ports.settlements.bank_statement_reader import BankStatementReader, StatementReport


@dataclass(frozen=True, slots=True)
class CompareBankStatement:
    """
    Raises ``SettlementFileRefused`` for what is no statement.

    A statement that is held, because its balances do not follow, proves nothing by what it lacks.
    """

    reader: BankStatementReader
    agreement: Agreement
    clock: Clock

    async def __call__(
        self, file: BinaryIO, name: str, payouts: Sequence[Payout]
    ) -> CreditsOutcome:
        report = await asyncio.to_thread(self.reader.read, file, name)
        credits_ = [
            AccountCredit.of(statement.account or name, entry)
            for statement in report.statements
            for entry in statement.entries
        ]
        rules = CreditRules(
            terms=self.agreement.terms,
            today=business_day_of(self.clock.now()),
            mids=self.agreement.merchant_codes,
            statement_until=_until(report),
        )
        return match_credits(payouts, credits_, rules)


def _until(report: StatementReport) -> date | None:
    """Return the last day that the statements are sure to hold: that of the last entry, or none when held."""
    days = [entry.booked_on for each in report.statements for entry in each.entries]
    return None if report.is_held or not days else max(days)
