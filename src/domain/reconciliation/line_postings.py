"""What a settlement line does to the ledger, by what a run found it to be: cleared, fees, or still to be explained."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Final, TypeVar

from domain.identifiers import PaymentId
from domain.ledger.account import Account
from domain.ledger.journal import Entry
from domain.ledger.settlement_postings import NO_FEE, FeeHeads, SettlementTotals, settlement_entries
from domain.money import ZERO, Money
from domain.reconciliation.finding import Finding
from domain.reconciliation.plain_sums import PlainSums
from domain.reconciliation.reported import ReportedLine
from domain.reconciliation.taxonomy import Cause, Posting

Key = TypeVar("Key", bound=str | None)

NOTHING: Final = SettlementTotals()


def totals_of_line(line: ReportedLine, finding: Finding | None) -> SettlementTotals:
    """
    Return what *line* adds to its settlement; without a *finding* it is matched, or a reserve as agreed.

    The result's net amount is that of the line, to the paisa: where the bank's own arithmetic does not
    follow, the rest goes to suspense with the finding that says so. A line that the bank itself holds
    back pays nothing out.
    """
    gross, rest = Money(line.gross_paise), Money(line.net_difference_paise)
    whole, fees = gross + rest, _fees(line)
    if finding is None:
        is_reserve = line.line.line_type.is_payout_level
        return SettlementTotals(
            cleared=ZERO if is_reserve else gross, held=-whole if is_reserve else ZERO, mdr=fees
        )
    if finding.cause is Cause.HELD_BY_BANK:
        return NOTHING
    match finding.rule.posting:
        case Posting.DISPUTED:
            totals = SettlementTotals(disputed={line.line.payment_id: -whole}, dispute_fee=fees)
        case Posting.RESERVE:
            totals = SettlementTotals(held=-whole, mdr=fees)
        case Posting.TDS:
            totals = SettlementTotals(withheld=-whole, mdr=fees)
        case _:
            cleared = gross if finding.closed else ZERO
            left: dict[str, Money] = {finding.key.id: whole - cleared}
            totals = SettlementTotals(cleared=cleared, unexplained=_by_key([left]), mdr=fees)
    return totals


def totals_of_plain(sums: PlainSums) -> SettlementTotals:
    """Return what the lines of *sums* add to their settlement: each of them is matched."""
    return SettlementTotals(
        cleared=Money(sums.gross_paise),
        mdr=FeeHeads(
            fee=Money(sums.fee_paise),
            cgst=Money(sums.cgst_paise),
            sgst=Money(sums.sgst_paise + sums.utgst_paise),
            igst=Money(sums.igst_paise),
        ),
    )


def added(totals: Iterable[SettlementTotals]) -> SettlementTotals:
    """Return the sum of *totals*."""
    told = list(totals)
    return SettlementTotals(
        cleared=_sum(each.cleared for each in told),
        unexplained=_by_key(each.unexplained for each in told),
        mdr=_fee_sum(each.mdr for each in told),
        disputed=_by_key(each.disputed for each in told),
        dispute_fee=_fee_sum(each.dispute_fee for each in told),
        held=_sum(each.held for each in told),
        withheld=_sum(each.withheld for each in told),
    )


def in_suspense(line: ReportedLine, finding: Finding) -> Money:
    """Return what of *line* its own settlement's journal leaves in suspense with *finding*."""
    return totals_of_line(line, finding).unexplained.get(finding.key.id, ZERO)


def moved(settlement: str, before: SettlementTotals, after: SettlementTotals) -> tuple[Entry, ...]:
    """Return the entries that turn what was posted of a line, *before*, into what it is now, *after*."""
    entries: Counter[tuple[Account, PaymentId | None, str | None, str | None]] = Counter()
    for totals, sign in ((before, -1), (after, 1)):
        for each in settlement_entries(settlement, totals):
            entries[each.account, each.payment, each.settlement, each.discrepancy] += (
                sign * each.amount.paise
            )
    return tuple(
        Entry(account, Money(paise), payment, about, discrepancy)
        for (account, payment, about, discrepancy), paise in entries.items()
        if paise
    )


def _fees(line: ReportedLine) -> FeeHeads:
    told = line.line
    return FeeHeads(fee=told.fee, cgst=told.cgst, sgst=told.sgst + told.utgst, igst=told.igst)


def _fee_sum(heads: Iterable[FeeHeads]) -> FeeHeads:
    told = list(heads) or [NO_FEE]
    return FeeHeads(
        **{
            each.name: _sum(getattr(heads_, each.name) for heads_ in told)
            for each in fields(FeeHeads)
        }
    )


def _sum(amounts: Iterable[Money]) -> Money:
    return Money(sum(each.paise for each in amounts))


def _by_key(amounts: Iterable[Mapping[Key, Money]]) -> dict[Key, Money]:
    sums: dict[Key, Money] = {}
    for each in amounts:
        for key, amount in each.items():
            sums[key] = sums.get(key, ZERO) + amount
    return {key: amount for key, amount in sums.items() if amount}
