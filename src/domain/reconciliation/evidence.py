"""All that a run knows: books, lines, which files are complete, and what was agreed with the bank."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from domain.business_day import business_day_of
from domain.reconciliation.book_entry import BookEntry
from domain.reconciliation.fee_contract import USUAL_CONTRACT, FeeContract
from domain.reconciliation.finding import Finding
from domain.reconciliation.plain_sums import PlainSums
from domain.reconciliation.reported import (
    DeclaredTotal,
    OrderRead,
    ReportedLine,
    UnreadableRow,
)
from domain.reconciliation.settlement_terms import SettlementTerms

HOLD_WORDS: Final = frozenset({"hold", "on_hold", "on hold", "held"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """
    What was agreed with the bank.

    *mids* are all that we have (empty: any may come), and *mids_by_method* says over which one the
    bank settles a method. Orders of others may be settled over
    *shared_mids*. *reserve_mids* have a reserve by contract. *merchant_codes* are those
    of payouts in the account's narrations, with their MIDs. *hold_words*, in lower case, are what
    the status column of a file says of money that is held back.
    """

    terms: SettlementTerms
    fees: FeeContract = USUAL_CONTRACT
    mids: frozenset[str] = frozenset()
    mids_by_method: Mapping[str, str] = field(default_factory=dict)
    shared_mids: frozenset[str] = frozenset()
    reserve_mids: frozenset[str] = frozenset()
    merchant_codes: Mapping[str, str] = field(default_factory=dict)
    hold_words: frozenset[str] = HOLD_WORDS

    def holds(self, line: ReportedLine) -> bool:
        """Whether *line* says that the bank keeps its amount back: it is told, and not paid out."""
        return line.line.on_hold or (line.line.status_word or "").casefold() in self.hold_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """
    All that a run knows, as of one instant; the order of what it is given does not matter.

    *books* hold every open expectation and whatever else a line names. *lines* are those that are
    not superseded, duplicates included. *complete_until* has, for each MID, the latest settlement
    day of a complete file. *reserve_held* has what the bank held back before, in paise by MID. *held_back* are
    findings of earlier runs about lines that are still held back, without the line that they repeat. *refunds_asked*
    are those about second charges that staff have asked the bank to give back. *plain* is what was settled in the
    plain case already: neither its lines nor what they settle are among the others.
    """

    as_of: datetime
    books: Sequence[BookEntry]
    lines: Sequence[ReportedLine]
    rejected: Sequence[UnreadableRow] = ()
    declared: Sequence[DeclaredTotal] = ()
    complete_until: Mapping[str, date] = field(default_factory=dict)
    reads: Mapping[str, OrderRead] = field(default_factory=dict)
    reserve_held: Mapping[str, int] = field(default_factory=dict)
    held_back: Sequence[Finding] = ()
    refunds_asked: Sequence[Finding] = ()
    plain: Sequence[PlainSums] = ()

    @property
    def today(self) -> date:
        """The business day of the run."""
        return business_day_of(self.as_of)

    def complete_for(self, mid: str | None, mids: Collection[str]) -> date | None:
        """
        Return the latest settlement day of a complete file of *mid*, if there is one.

        While nobody knows the MID of an expectation, every one of *mids* has to have such a file; and
        while nobody knows our MIDs, no file is known to be the last one.
        """
        if mid is not None:
            return self.complete_until.get(mid)
        if not mids or not self.complete_until.keys() >= set(mids):
            return None
        return min(self.complete_until[each] for each in mids)
