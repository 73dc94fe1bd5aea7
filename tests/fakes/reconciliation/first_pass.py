"""The first pass in memory: the domain itself says what is plain."""

from dataclasses import dataclass
from datetime import date

from domain.business_day import business_day_of
from domain.reconciliation.evidence import Agreement, Evidence
from domain.reconciliation.plain_case import plain_matches, summed
from domain.settlements.settlement_line import LineState
from fakes.reconciliation.book_reads import MemoryBookReads
from fakes.settlements.settlement_reads import MemorySettlementReads
from fakes.store import Store
from ports.reconciliation.first_pass import FirstPassQuery, FirstPassResult
from ports.settlements.settlement_reads import StoredLine


@dataclass(frozen=True, slots=True)
class MemoryFirstPass:
    store: Store

    async def __call__(self, query: FirstPassQuery, agreement: Agreement) -> FirstPassResult:
        reads, books = MemorySettlementReads(self.store), MemoryBookReads(self.store)
        found = [
            *await reads.lines_of(query.live | query.held),
            *await reads.lines_at(query.again),
        ]
        stored = {each.reported.ref: each for each in found if _stands(each)}
        lines = [each.reported for each in stored.values()]
        counting = {
            each.reported.ref
            for each in stored.values()
            if each.state is LineState.LIVE
            and (each.reported.file, each.reported.settlement) in query.live
            and each.reported.ref not in query.again
        }
        records = books.all()
        matches = plain_matches(
            Evidence(
                as_of=query.at, books=[each.entry(agreement) for each in records], lines=lines
            ),
            agreement,
            counting=counting,
            # What the books do not expect is compared one by one, whether it was sold or not.
            apart_from=query.apart_from | {each.id for each in records if not each.expected},
        )
        plain = {match.line.ref for match in matches}
        named = {line.line.payment_id for line in lines}
        return FirstPassResult(
            plain=summed(matches),
            lines=sorted((each for ref, each in stored.items() if ref not in plain), key=_place),
            open=[
                each
                for each in await books.unsettled(business_day_of(query.at))
                if each.id != each.payment_id or each.payment_id not in named
            ],
        )


def _stands(each: StoredLine) -> bool:
    return each.state is not LineState.SUPERSEDED


def _place(each: StoredLine) -> tuple[date, str, str, int]:
    line = each.reported
    return (line.line.settled_on, line.settlement, line.file, line.line.line_no)
