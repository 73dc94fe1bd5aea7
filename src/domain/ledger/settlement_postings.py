"""What is posted for a settlement, its bank credit, and what was different in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from domain.identifiers import PaymentId
from domain.ledger.account import Account
from domain.ledger.journal import Entry, Journal, JournalKey, JournalKind, credit, debit, total
from domain.money import ZERO, Money


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeHeads:
    """A fee of the bank and the GST on it, by head as the bank splits it; *sgst* holds UTGST as well."""

    fee: Money = ZERO
    cgst: Money = ZERO
    sgst: Money = ZERO
    igst: Money = ZERO

    @property
    def total(self) -> Money:
        return self.fee + self.cgst + self.sgst + self.igst


NO_FEE: Final = FeeHeads()


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementTotals:
    """
    The sums of a settlement's lines, in the bank's amounts.

    *cleared* are the sales less the refunds that could be matched. *unexplained* is what could not, by
    discrepancy: it goes to suspense, and what the bank pays later of a difference comes from there.
    *disputed* is what chargebacks pulled, by payment (None: not known); negative when it is given back.
    *dispute_fee* is the bank's fee for that. *held* is what goes into the reserve, negative when it is released.
    *withheld* is income tax.
    """

    cleared: Money = ZERO
    unexplained: Mapping[str, Money] = field(default_factory=dict)
    mdr: FeeHeads = NO_FEE
    disputed: Mapping[PaymentId | None, Money] = field(default_factory=dict)
    dispute_fee: FeeHeads = NO_FEE
    held: Money = ZERO
    withheld: Money = ZERO

    @property
    def net(self) -> Money:
        """What the bank pays out; negative when it carries a debt to a later settlement."""
        return (
            self.cleared
            + sum(self.unexplained.values(), ZERO)
            - self.mdr.total
            - sum(self.disputed.values(), ZERO)
            - self.dispute_fee.total
            - self.held
            - self.withheld
        )


def post_settlement(
    settlement: str, totals: SettlementTotals, day: date, *, sequence: int = 1, reference: str = ""
) -> Journal | None:
    """Return the one journal of a settlement; its lines are the sub-ledger beside it."""
    key = JournalKey(JournalKind.SETTLEMENT, settlement, sequence)
    return Journal.of(key, day, _with_payout(settlement, totals), reference)


def post_released_lines(
    discrepancy: str, settlement: str, totals: SettlementTotals, day: date, *, sequence: int = 1
) -> Journal | None:
    """Return the journal of lines that count after the one of their settlement was posted."""
    key = JournalKey(JournalKind.DIFFERENCE, discrepancy, sequence)
    return Journal.of(key, day, _with_payout(settlement, totals))


def _with_payout(settlement: str, totals: SettlementTotals) -> tuple[Entry | None, ...]:
    payout = debit(Account.TRANSIT, totals.net, settlement=settlement)
    return (payout, *settlement_entries(settlement, totals))


def settlement_entries(settlement: str, totals: SettlementTotals) -> tuple[Entry, ...]:
    """Return the entries of *totals* but for what the bank pays out: they sum to its credit."""
    mdr, dispute = totals.mdr, totals.dispute_fee
    entries = (
        debit(Account.MDR, mdr.fee, settlement=settlement),
        debit(Account.ITC_CGST, mdr.cgst + dispute.cgst, settlement=settlement),
        debit(Account.ITC_SGST, mdr.sgst + dispute.sgst, settlement=settlement),
        debit(Account.ITC_IGST, mdr.igst + dispute.igst, settlement=settlement),
        *(
            debit(Account.DISPUTED, amount, payment, settlement=settlement)
            for payment, amount in totals.disputed.items()
        ),
        debit(Account.CB_FEE, dispute.fee, settlement=settlement),
        debit(Account.RESERVE, totals.held, settlement=settlement),
        debit(Account.TDS, totals.withheld, settlement=settlement),
        credit(Account.CLEARING, totals.cleared, settlement=settlement),
        *(
            credit(Account.SUSPENSE, amount, settlement=settlement, discrepancy=discrepancy)
            for discrepancy, amount in totals.unexplained.items()
        ),
    )
    return tuple(entry for entry in entries if entry is not None)


def post_reissue(
    before: Journal, totals: SettlementTotals, day: date
) -> tuple[Journal, Journal | None]:
    """Return the mirror of the settlement's journal *before*, and the one of the file that replaces it."""
    key = before.key
    again = post_settlement(
        key.subject, totals, day, sequence=key.sequence + 1, reference=before.reference
    )
    return before.mirrored(day), again


def post_payout_fee(settlement: str, fee: FeeHeads, day: date) -> Journal | None:
    """Return the journal of a fee that the bank takes from a payout, and not from its lines."""
    return Journal.of(
        JournalKey(JournalKind.PAYOUT_FEE, settlement),
        day,
        (
            debit(Account.MDR, fee.fee, settlement=settlement),
            debit(Account.ITC_CGST, fee.cgst, settlement=settlement),
            debit(Account.ITC_SGST, fee.sgst, settlement=settlement),
            debit(Account.ITC_IGST, fee.igst, settlement=settlement),
            credit(Account.TRANSIT, fee.total, settlement=settlement),
        ),
    )


def post_bank_credit(
    bank_entry: str, amount: Money, credited: Mapping[str, Money], day: date, *, reference: str = ""
) -> Journal | None:
    """
    Return the journal of *amount* on the bank statement, by the settlements that it pays.

    *credited* are their net amounts. What is over or missing is rounding: the caller has found it
    within its tolerance.
    """
    paid = [
        credit(Account.TRANSIT, net, settlement=settlement) for settlement, net in credited.items()
    ]
    entries = [entry for entry in (debit(Account.BANK, amount), *paid) if entry is not None]
    return Journal.of(
        JournalKey(JournalKind.BANK_CREDIT, bank_entry),
        day,
        (*entries, credit(Account.ROUNDING, total(entries))),
        reference,
    )


def post_difference(
    discrepancy: str,
    amount: Money,
    day: date,
    payment: PaymentId | None = None,
    *,
    sequence: int = 1,
) -> Journal | None:
    """Return the journal that moves the *amount* the bank settled too little to suspense; negative is too much."""
    return Journal.of(
        JournalKey(JournalKind.DIFFERENCE, discrepancy, sequence),
        day,
        (
            debit(Account.SUSPENSE, amount, payment, discrepancy=discrepancy),
            credit(Account.CLEARING, amount, payment, discrepancy=discrepancy),
        ),
    )


def post_accepted(
    discrepancy: str,
    amount: Money,
    day: date,
    *,
    account: Account = Account.WRITEOFF,
    sequence: int = 1,
) -> Journal | None:
    """Return the journal that moves a difference out of suspense: written off, or to a named *account*."""
    return Journal.of(
        JournalKey(JournalKind.ACCEPTED, discrepancy, sequence),
        day,
        (
            debit(account, amount, discrepancy=discrepancy),
            credit(Account.SUSPENSE, amount, discrepancy=discrepancy),
        ),
    )


def post_credit_written_off(
    discrepancy: str,
    settlement: str,
    credited: Money,
    missing: Money,
    day: date,
    *,
    sequence: int = 1,
) -> Journal | None:
    """Return the journal of a credit that pays *settlement* but for what is *missing*; negative is too much."""
    return Journal.of(
        JournalKey(JournalKind.ACCEPTED, discrepancy, sequence),
        day,
        (
            debit(Account.BANK, credited, discrepancy=discrepancy),
            debit(Account.WRITEOFF, missing, discrepancy=discrepancy),
            credit(Account.TRANSIT, credited + missing, settlement=settlement),
        ),
    )


def post_match(
    discrepancy: str, payment: PaymentId, amount: Money, day: date, *, sequence: int = 1
) -> Journal | None:
    """Return the journal by which a line that nobody knew is found to be the settlement of *payment*."""
    return Journal.of(
        JournalKey(JournalKind.MATCH, discrepancy, sequence),
        day,
        (
            debit(Account.SUSPENSE, amount, payment, discrepancy=discrepancy),
            credit(Account.CLEARING, amount, payment, discrepancy=discrepancy),
        ),
    )


def post_chargeback_lost(
    dispute: str, payment: PaymentId, amount: Money, day: date, *, sequence: int = 1
) -> Journal | None:
    """Return the journal of a dispute that was lost; one that is won comes back in a settlement."""
    return Journal.of(
        JournalKey(JournalKind.CHARGEBACK_LOST, dispute, sequence),
        day,
        (
            debit(Account.CB_LOSS, amount, payment),
            credit(Account.DISPUTED, amount, payment),
        ),
    )
