"""The settlements of a run beside the account's statement, less what credits have paid of them already."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from application.reconciliation.read_evidence import RunEvidence
from domain.ledger.journal import Journal
from domain.ledger.settlement_postings import post_bank_credit
from domain.money import Money
from domain.reconciliation.bank_credits import CreditsOutcome, match_credits
from domain.reconciliation.evidence import Agreement
from domain.reconciliation.payout import CreditPart, CreditRules, Payout, PayoutOutcome
from domain.settlements.reissue import ReportedAgain
from ports.reconciliation.settlement_credits import SettlementCredits
from ports.settlements.bank_statements import BankStatements, StoredEntry
from ports.settlements.settlement_reads import StoredSettlement


@dataclass(frozen=True, slots=True)
class MatchPayouts:
    credits: SettlementCredits
    statements: BankStatements
    agreement: Agreement

    async def __call__(
        self, known: RunEvidence, nets: Mapping[tuple[str, str], Money], today: date
    ) -> CreditsOutcome:
        """
        Return what the account shows of the settlements that are posted, those by this run with their *nets*.

        What the bank holds back of a report that was posted before is not awaited.

        A settlement whose credits have paid it already, but for a re-issue, is credited.
        """
        by_settlement: dict[str, list[StoredSettlement]] = defaultdict(list)
        for each in (*known.posted, *known.live):
            by_settlement[each.settlement].append(each)
        paid = await self.credits.paid(by_settlement.keys())
        nets = {**self._less_held(known), **nets}
        payouts = [
            _payout(settlement, reports, nets, paid.get(settlement, 0))
            for settlement, reports in by_settlement.items()
        ]
        until = await self.statements.covered_until()
        rules = CreditRules(
            terms=self.agreement.terms,
            today=today,
            mids=self.agreement.merchant_codes,
            statement_until=min(until.values(), default=None),
        )
        open_ = [each for each in payouts if each.net_paise or not paid.get(each.settlement)]
        outcome = match_credits(open_, [each.credit for each in known.entries], rules)
        whole = {each.settlement for each in payouts} - {each.settlement for each in open_}
        outcome.payouts.update(dict.fromkeys(sorted(whole), PayoutOutcome.CREDITED))
        return outcome

    def _less_held(self, known: RunEvidence) -> dict[tuple[str, str], Money]:
        held = [line for line in known.counted.values() if self.agreement.holds(line)]
        nets: dict[tuple[str, str], Money] = {
            (each.file, each.settlement): each.net for each in known.posted
        }
        for line in held:
            if (place := (line.file, line.settlement)) in nets:
                nets[place] -= line.line.net
        return nets


def _payout(
    settlement: str,
    reports: Sequence[StoredSettlement],
    nets: Mapping[tuple[str, str], Money],
    paid: int,
) -> Payout:
    net = sum(nets.get((each.file, settlement), each.net).paise for each in reports)
    # What was paid before a supplement came was paid for what is credited already.
    adds = all(each.reported is ReportedAgain.SUPPLEMENT for each in reports)
    totals = [each.totals for each in reports]
    return Payout(
        settlement=settlement,
        mid=totals[0].mid,
        settled_on=totals[0].settled_on,
        net_paise=net if adds else net - paid,
        lines=sum(each.live_lines for each in reports),
        utr=next((each.utr for each in totals if each.utr), None),
        sales_days=frozenset(day for each in reports for day in each.sales_days),
    )


def credit_journals(parts: Sequence[CreditPart], entries: Sequence[StoredEntry]) -> list[Journal]:
    """Return the journal of each entry that pays settlements, by its *parts*."""
    paid: dict[str, dict[str, Money]] = defaultdict(dict)
    for each in parts:
        paid[each.entry][each.settlement] = Money(each.amount_paise + each.rounding_paise)
    stored = {each.credit.entry: each.entry for each in entries}
    journals = [
        post_bank_credit(
            entry,
            stored[entry].amount,
            nets,
            stored[entry].booked_on,
            reference=stored[entry].reference or "",
        )
        for entry, nets in paid.items()
    ]
    return [journal for journal in journals if journal is not None]
