"""The first pass of a comparison: what is plain is only counted, and what is left is to be looked at one by one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from domain.reconciliation.evidence import Agreement
from domain.reconciliation.plain_sums import PlainSums
from domain.reconciliation.reported import LineRef
from ports.file_store import FileHash
from ports.reconciliation.book_reads import BookRecord
from ports.settlements.settlement_reads import StoredLine


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPassQuery:
    """
    What is compared *at* an instant (UTC): lines of *live* reports and of *held* ones, by file and settlement.

    *again* are places of lines that are compared as well, one by one. What *apart_from* names, ids of payments
    and refunds, is never plain.
    """

    at: datetime
    live: frozenset[tuple[FileHash, str]]
    held: frozenset[tuple[FileHash, str]] = frozenset()
    again: frozenset[LineRef] = frozenset()
    apart_from: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPassResult:
    """
    The sums of what is *plain*, and what is left.

    *lines* are those of the reports, and what they tell anew, as ``SettlementReads.lines_of`` has them, but for
    the plain ones, and those at the places that were given. *open* are the expectations up to the day of the
    comparison (India) that no line has closed, without the sales that a line of these names.
    """

    plain: Sequence[PlainSums] = ()
    lines: Sequence[StoredLine] = ()
    open: Sequence[BookRecord] = field(default=())


class FirstPass(Protocol):
    async def __call__(self, query: FirstPassQuery, agreement: Agreement) -> FirstPassResult:
        """
        Return what ``domain.reconciliation.plain_case`` calls plain as sums, and everything else.

        The sums are in the order of file, settlement, settlement day and due day; lines and expectations in
        those of ``SettlementReads`` and ``BookReads``. All is of one instant. Superseded lines are left out.
        """
        ...
