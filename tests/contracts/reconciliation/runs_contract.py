"""What any storage of runs must do, and what a run writes of expectations and credits when it ends."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

import pytest

from contracts.reconciliation.book_reads_contract import TODAY, sold
from contracts.storage import LEASE, SECOND, Storage
from domain.errors import ChangedMeanwhile, NotFound
from domain.money import Money
from domain.reconciliation.expectation import ExpectationMove
from domain.reconciliation.payout import CreditPart
from domain.reconciliation.reported import LineRef
from domain.reconciliation.run import Run, RunFile, RunId, RunSummary, RunTrigger
from domain.reconciliation.run_days import RunDay
from domain.reconciliation.run_state import RunState
from fakes.clock import NOON
from fakes.samples import payment_id

FIRST: Final = date(2026, 11, 12)
LAST: Final = date(2026, 11, 13)
SUMMARY: Final = RunSummary(
    matched=2,
    matched_paise=1180_00,
    causes={"unknown_order": 1},
    files=(RunFile(sha256="a" * 64, settlement="SIM0001/2026-11-13", posted=True),),
    calendar="maharashtra-2026",
    days={"2026-11-13": RunDay(matched=2, overdue=1), "2026-11-14": RunDay(expected=4)},
)
LINE: Final = LineRef("a" * 64, 2)


def a_run(number: int = 1, **changes: object) -> Run:
    run = Run(
        id=RunId(f"RC{number}"),
        first=FIRST,
        last=LAST,
        trigger=RunTrigger.JOB,
        requested_at=NOON + number * SECOND,
        requested_by="system",
    )
    return replace(run, **changes)  # type: ignore[arg-type]


async def ask(storage: Storage, *runs: Run) -> None:
    for run in runs:
        async with storage.unit_of_work() as work:
            work.reconciliation.runs.request(run)


async def end(storage: Storage, run: Run) -> None:
    async with storage.unit_of_work() as work:
        work.reconciliation.runs.end(run)


async def take(storage: Storage, at: timedelta = timedelta()) -> Run:
    run = await storage.runs.claim(NOON + at, lease=LEASE)
    assert run
    return run


class RunRegisterContract:
    async def test_a_range_has_one_live_run(self, storage: Storage) -> None:
        """
        A second one is refused until the first has ended; another range is another run.
        """
        await ask(storage, a_run(1), a_run(2, last=FIRST))

        with pytest.raises(ChangedMeanwhile):
            await ask(storage, a_run(3))

        assert await storage.runs.live(FIRST, LAST) == a_run(1)
        assert await storage.runs.live(FIRST, FIRST) == a_run(2, last=FIRST)
        assert await storage.runs.live(LAST, LAST) is None
        assert await storage.runs.asked_since(NOON + 2 * SECOND, "system") == 1
        assert await storage.runs.asked_since(NOON, "staff:mira") == 0

    async def test_what_a_person_asks_for_is_counted_once(self, storage: Storage) -> None:
        """
        Two at once are not both the first of a day; another person, or another day, has its own.
        """

        async def count(run: Run, nth: int | None) -> None:
            async with storage.unit_of_work() as work:
                work.reconciliation.runs.request(run, nth)

        days = {number: date(2026, 11, number) for number in range(1, 9)}
        await count(a_run(1, first=days[1]), 1)
        with pytest.raises(ChangedMeanwhile):
            await count(a_run(2, first=days[2]), 1)
        await count(a_run(3, first=days[3]), 2)
        await count(a_run(4, first=days[4], requested_by="staff:mira"), 1)
        tomorrow = NOON + timedelta(days=1)
        await count(a_run(5, first=days[5], requested_at=tomorrow), 1)
        await count(a_run(6, first=days[6]), None)
        await count(a_run(7, first=days[7]), None)

        assert {each.id for each in await storage.runs.page(at_most=9)} == {
            *("RC1", "RC3", "RC4", "RC5", "RC6", "RC7")
        }

    async def test_one_worker_takes_a_run(self, storage: Storage) -> None:
        """
        The first that was requested; it is nobody else's until the lease is over.
        """
        await ask(storage, a_run(1), a_run(2, last=FIRST))

        first = await take(storage)
        second = await take(storage)

        assert first == a_run(1, state=RunState.RUNNING, attempts=1)
        assert second.id == "RC2"
        assert await storage.runs.claim(NOON, lease=LEASE) is None

    async def test_what_a_lost_worker_had_is_taken_again(self, storage: Storage) -> None:
        """
        And only the last that took it may end it.
        """
        await ask(storage, a_run())
        lost = await take(storage)
        again = await take(storage, LEASE + SECOND)

        with pytest.raises(ChangedMeanwhile):
            await end(storage, lost.failed("slow", NOON))
        await end(storage, again.failed("broken", NOON))

        assert again == replace(lost, attempts=2)
        assert await storage.runs.get(lost.id) == replace(
            again, state=RunState.FAILED, why="broken", ended_at=NOON
        )

    async def test_an_ended_run_stays_as_it_is_until_a_newer_one_ends(
        self, storage: Storage
    ) -> None:
        """
        It keeps what it came to, and is superseded by the newer one of its range alone.
        """
        await ask(storage, a_run(1), a_run(2, last=FIRST))
        ended = (await take(storage)).ended(SUMMARY, NOON, NOON + SECOND)
        other = (await take(storage)).ended(replace(SUMMARY, missing={"M": "d"}), NOON, NOON)
        await end(storage, ended)
        await end(storage, other)
        assert await storage.runs.get(ended.id) == ended
        with pytest.raises(ChangedMeanwhile):
            await end(storage, ended)

        await ask(storage, a_run(3))
        newer = (await take(storage)).ended(SUMMARY, NOON, NOON + 2 * SECOND)
        await end(storage, newer)

        assert [each.state for each in await storage.runs.page(at_most=9)] == [
            RunState.COMPLETE,
            RunState.INCOMPLETE,
            RunState.SUPERSEDED,
        ]
        assert (await storage.runs.get(ended.id)).summary == SUMMARY
        last_page = await storage.runs.page(before=(other.requested_at, other.id), at_most=1)
        assert [each.id for each in last_page] == ["RC1"]
        with pytest.raises(NotFound):
            await storage.runs.get(RunId("RC9"))


class SettlingContract:
    async def test_a_line_settles_an_expectation_and_reopens_it(self, storage: Storage) -> None:
        """
        It is not open meanwhile; who read it before is told, and changes nothing.
        """
        await sold(storage, 1)
        settle = ExpectationMove(
            payment=payment_id(1), refund="", amount=Money(1180_00), was=None, by=LINE
        )
        await self.move(storage, settle)

        assert await storage.books.unsettled(TODAY) == []
        (record,) = await storage.books.settleable(TODAY, TODAY)
        assert record.settled_by == LINE
        assert await storage.books.settled_in({LINE.file}) == [record]
        assert await storage.books.settled_in(()) == []
        for stale in (settle, replace(settle, was=LINE, amount=Money(1))):
            with pytest.raises(ChangedMeanwhile):
                await self.move(storage, stale)

        await self.move(storage, replace(settle, was=LINE, by=None))
        assert [each.settled_by for each in await storage.books.unsettled(TODAY)] == [None]

    async def test_nothing_to_move_is_nothing(self, storage: Storage) -> None:
        """
        A run that settles nothing writes nothing.
        """
        await self.move(storage)
        async with storage.unit_of_work() as work:
            work.reconciliation.credits.add([], NOON)

        assert await storage.credits.paid({"S1"}) == {}

    async def test_credits_pay_settlements_once(self, storage: Storage) -> None:
        """
        A settlement may be paid by several, and an entry may pay several; rounding is paid as well.
        """
        parts = [
            CreditPart(entry="e1", settlement="S1", amount_paise=100_00, rounding_paise=1),
            CreditPart(entry="e1", settlement="S2", amount_paise=50_00),
            CreditPart(entry="e2", settlement="S1", amount_paise=10_00),
        ]
        await self.credit(storage, *parts)

        with pytest.raises(ChangedMeanwhile):
            await self.credit(storage, parts[2])
        assert await storage.credits.paid({"S1", "S3"}) == {"S1": 110_01}

        async with storage.unit_of_work() as work:
            work.reconciliation.credits.remove("e1")
        assert await storage.credits.paid({"S1", "S2"}) == {"S1": 10_00}

    async def move(self, storage: Storage, *moves: ExpectationMove) -> None:
        async with storage.unit_of_work() as work:
            work.reconciliation.expectations.move(moves)

    async def credit(self, storage: Storage, *parts: CreditPart) -> None:
        async with storage.unit_of_work() as work:
            work.reconciliation.credits.add(parts, NOON)
