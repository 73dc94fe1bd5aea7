"""What the first pass says, beside what the domain says of the same lines; in memory and on PostgreSQL."""

from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from random import Random
from typing import Final

import pytest

from contracts.memory_storage import MemoryStorage
from contracts.payments.payments_contract import charged
from contracts.reconciliation.book_reads_contract import TODAY, post_facts, sold
from contracts.reconciliation.reconciling_contract import AGREEMENT, PRICE, TUESDAY, Trial, line
from contracts.settlements.settlement_files_contract import ONE, THREE, TWO, bring
from contracts.storage import Storage, add
from domain.business_day import business_day_of
from domain.errors import ChangedMeanwhile
from domain.money import Money
from domain.payments.order_facts import Instrument
from domain.reconciliation.evidence import Agreement, Evidence
from domain.reconciliation.expectation import PlainMove
from domain.reconciliation.fee_contract import FeeContract, FeeRate
from domain.reconciliation.plain_case import plain_matches, summed
from domain.reconciliation.reported import LineRef
from domain.reconciliation.settlement_terms import SettlementTerm
from domain.settlements.settlement_line import Direction, LineState, LineType, SettlementLine
from domain.settlements.settlement_report import ReportState
from fakes.clock import NOON
from fakes.samples import a_course, a_payment, payment_id, refund_id
from ports.file_store import FileHash
from ports.reconciliation.first_pass import FirstPassQuery, FirstPassResult

SEEDS: Final = range(3)
"""Of days of trade; ``tests/exhaustive`` draws hundreds."""

SALES: Final = 26
AT: Final = NOON + timedelta(days=2)
REPORT: Final = f"SIM0001/{TUESDAY}"
DEAR: Final = replace(
    AGREEMENT,
    mids_by_method={"CARD": "SIM0001"},
    fees=FeeContract(
        (
            FeeRate(method="CARD", rate=180),
            FeeRate(method="CARD", rate=250, valid_from=TODAY + timedelta(days=1)),
            FeeRate(method="CARD", rate=100, valid_from=date(2020, 1, 1)),
            FeeRate(method="UPI", rate=0),
            FeeRate(method="NB", rate=10, exempt_up_to_paise=PRICE),
        )
    ),
    terms=replace(
        AGREEMENT.terms,
        terms={
            (None, "CARD"): SettlementTerm(working_days=2, cut_off=time(8)),
            ("SIM0001", None): SettlementTerm(working_days=0, cut_off=time(23)),
        },
    ),
)
"""An agreement with fees that change, and with terms by MID and method."""


def faults(chance: Random, told: SettlementLine) -> dict[str, object]:
    """Return what the bank writes otherwise, or in another way, than in the usual line *told*."""
    fee = chance.choice([11_80, 11_81, 11_79, 11_78, 21_24, 29_50])
    half, whole = round(fee * 0.09), round(fee * 0.18)
    return chance.choice(
        [
            *[{}] * 6,
            {"gross": told.gross + Money(100)},
            {"method": "CARD", "fee": Money(fee), "igst": Money(whole)},
            {"method": "CARD", "fee": Money(fee), "cgst": Money(half), "sgst": Money(half)},
            {"method": None, "fee": Money(fee), "cgst": Money(half), "utgst": Money(half + 1)},
            {"method": "NB", "fee": Money(1_18)},
            {"fee": Money(1), "igst": Money(1)},
            {"fee": Money(1), "cgst": Money(2)},
            {"fee": Money(-1)},
            {"on_hold": True},
            {"status_word": chance.choice(["Held", "on hold", "gut", "\u017fettled", None])},
            {"mid": chance.choice(["SIM0001", "OTHER"])},
            {"payment_id": payment_id(chance.randint(1, SALES))},
            {"payment_id": None},
            {"rrn": f"63161015{chance.randint(1, SALES):04d}"},
            {"arn": str(chance.randint(1, 3)) * 23},
            {"payment_id": None, "bank_txn_id": payment_id(chance.randint(1, SALES)), "rrn": None},
            {"line_type": LineType.CHARGEBACK, "direction": Direction.DR},
            {"line_type": LineType.REFUND, "direction": Direction.DR, "gross": Money(100_00)},
        ]
    )  # fmt: skip


@dataclass(slots=True)
class World:
    """Sales with their refunds, and what the bank reports of them."""

    chance: Random
    files: dict[FileHash, list[SettlementLine]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        numbers = [*range(1, SALES + 1), *(self.chance.randint(1, SALES + 3) for _ in range(6))]
        for number, file in enumerate((ONE, TWO, THREE)):
            places = enumerate(numbers[number::3], 2)
            self.files[file] = [self._line(of, line_no) for line_no, of in places]

    def _line(self, number: int, line_no: int) -> SettlementLine:
        day = TUESDAY + timedelta(days=self.chance.choice([0, 0, 1]))
        usual = replace(line(number), line_no=line_no, settled_on=day)
        changed = replace(usual, **faults(self.chance, usual))  # type: ignore[arg-type]
        short = Money(self.chance.choice([0] * 9 + [1]))
        return replace(changed, net=changed.expected_net - short)

    async def tell(self, storage: Storage, chance: Random) -> None:
        for number in range(1, SALES + 1):
            if number % 9 == 0:
                await sold(storage, number, refund_id(number), paid=chance.randint(0, 1))
                continue
            payment = a_payment(number, course=a_course(f"course-{number}"))
            if number % 7 == 0:
                await add(storage, payment)
                continue
            captured = charged(
                payment,
                bank_reference=chance.choice(
                    ["", f"63161015{number:04d}", f"63161015{chance.randint(1, SALES):04d}"]
                ),
                instrument=Instrument(method=chance.choice(["CARD", "UPI", "NB", "WALLET", ""])),
                charged_at=NOON + timedelta(hours=chance.choice([-30, 1, 4, 11, 12])),
            )
            await add(storage, captured)
            await post_facts(storage, captured, NOON)
        for file, lines in self.files.items():
            state = ReportState.HELD if file == THREE else ReportState.LIVE
            await bring(storage, file, *lines, state=state)


def drawn(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - the same days of trade each time


async def told_by(seed: int, storage: Storage) -> None:
    await World(drawn(seed)).tell(storage, drawn(seed))


async def question(storage: Storage, chance: Random) -> FirstPassQuery:
    """Return a query about every report, with some lines and sales set apart."""
    reports = await storage.settlement_reads.unposted()
    live = frozenset(
        (each.file, each.settlement) for each in reports if each.state is ReportState.LIVE
    )
    return FirstPassQuery(
        at=AT,
        live=live,
        held=frozenset((each.file, each.settlement) for each in reports) - live,
        again=frozenset({LineRef(ONE, 3), LineRef(TWO, 99)}),
        apart_from=frozenset({payment_id(chance.randint(1, SALES))}),
    )


async def by_the_domain(
    storage: Storage, query: FirstPassQuery, agreement: Agreement
) -> FirstPassResult:
    """Return what the first pass has to say, by the other ports and the domain's own rules."""
    found = [
        *await storage.settlement_reads.lines_of(query.live | query.held),
        *await storage.settlement_reads.lines_at(query.again),
    ]
    stored = {each.reported.ref: each for each in found}
    lines = [each.reported for each in stored.values()]
    named = {line.line.payment_id for line in lines if line.line.payment_id}
    refunds = {line.line.refund_id for line in lines if line.line.refund_id}
    records = await storage.books.named(named, refunds)
    matches = plain_matches(
        Evidence(as_of=AT, books=[each.entry(agreement) for each in records], lines=lines),
        agreement,
        counting=[
            ref
            for ref, each in stored.items()
            if each.state is LineState.LIVE
            and (each.reported.file, each.reported.settlement) in query.live
            and ref not in query.again
        ],
        apart_from=query.apart_from | {each.id for each in records if not each.expected},
    )
    plain = {match.line.ref for match in matches}
    ordered = sorted(
        (each for ref, each in stored.items() if ref not in plain),
        key=lambda each: (
            each.reported.line.settled_on,
            each.reported.settlement,
            each.reported.file,
            each.reported.line.line_no,
        ),
    )
    open_ = [
        each
        for each in await storage.books.unsettled(business_day_of(query.at))
        if each.id != each.payment_id or each.payment_id not in named
    ]
    return FirstPassResult(plain=summed(matches), lines=ordered, open=open_)


@dataclass(frozen=True, slots=True)
class NothingIsPlain:
    """Everything is compared line by line."""

    storage: Storage

    async def __call__(self, query: FirstPassQuery, agreement: Agreement) -> FirstPassResult:
        del agreement
        lines = await self.storage.settlement_reads.lines_of(query.live | query.held)
        return FirstPassResult(
            lines=lines, open=await self.storage.books.unsettled(business_day_of(query.at))
        )


async def settled(storage: Storage) -> dict[str, LineRef | None]:
    """Return what settles each expectation."""
    books = await storage.books.settleable(TODAY - timedelta(days=9), TUESDAY)
    return {each.id: each.settled_by for each in books}


class FirstPassContract:
    @pytest.mark.parametrize("seed", SEEDS)
    async def test_it_takes_out_what_the_domain_calls_plain(
        self, storage: Storage, seed: int
    ) -> None:
        """
        Random trade with faults of every kind, fees that change, and several terms: nothing more, nothing less.
        """
        await told_by(seed, storage)
        query = await question(storage, drawn(seed))
        for agreement in (AGREEMENT, DEAR, replace(AGREEMENT, mids=frozenset())):
            said = await storage.first_pass(query, agreement)

            assert said == await by_the_domain(storage, query, agreement)

    @pytest.mark.parametrize("seed", SEEDS)
    async def test_a_run_concludes_what_it_would_line_by_line(
        self, storage: Storage, seed: int
    ) -> None:
        """
        Books, balances, discrepancies and the summary are the same, in a second run as well.
        """
        alone = MemoryStorage()
        await told_by(seed, storage)
        await told_by(seed, alone)
        alone.first_pass = NothingIsPlain(alone)  # type: ignore[assignment]
        one, other = Trial(storage), Trial(alone)
        for days in (0, 1):
            ended, expected = await one.run(days=days), await other.run(days=days)

            assert ended == expected
            assert await one.found() == await other.found()
            assert await one.balances() == await other.balances()
            assert await settled(storage) == await settled(alone)

    async def test_what_is_plain_is_settled_in_one_go(self, storage: Storage) -> None:
        """
        Each sale by the line that names it; what was apart, or has another amount, is not touched.
        """
        await self.settle_three(storage, lines=1, gross=PRICE)

        assert await settled(storage) == {
            payment_id(1): LineRef(ONE, 1),
            payment_id(2): None,
            payment_id(3): None,
        }

    @pytest.mark.parametrize(("lines", "gross"), [(2, PRICE), (1, PRICE + 1), (0, 0)])
    async def test_what_is_not_plain_any_more_undoes_the_unit(
        self, storage: Storage, lines: int, gross: int
    ) -> None:
        """
        When the count or the amount is another one, somebody was faster.
        """
        with pytest.raises(ChangedMeanwhile):
            await self.settle_three(storage, lines=lines, gross=gross)

        assert len(await storage.books.unsettled(TODAY)) == 3

    async def settle_three(self, storage: Storage, *, lines: int, gross: int) -> None:
        """Settle the first of three sales: the second is apart, and the third has another amount in its line."""
        for number in (1, 2, 3):
            await sold(storage, number)
        await bring(storage, ONE, line(1), line(2), line(3, PRICE + 1))
        async with storage.unit_of_work() as work:
            work.reconciliation.expectations.settle_plainly(
                PlainMove(
                    reports=frozenset({(ONE, REPORT)}),
                    apart_from=frozenset({LineRef(ONE, 2)}),
                    lines=lines,
                    gross=Money(gross),
                )
            )
