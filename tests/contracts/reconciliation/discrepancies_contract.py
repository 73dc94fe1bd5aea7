"""What any store of discrepancies must do; on memory and on PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from contracts.storage import Storage
from domain.business_day import business_day_of
from domain.errors import ChangedMeanwhile, NotFound
from domain.identifiers import DiscrepancyId
from domain.ledger.account import Account
from domain.ledger.journal import Journal, JournalKey, JournalKind, credit, debit
from domain.money import Money
from domain.reconciliation.bank_calendar import BankCalendar
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.finding import Finding, facts
from domain.reconciliation.reported import LineRef
from domain.reconciliation.taxonomy import Action, Cause, DiscrepancyType, Owner, Subject
from fakes.clock import NOON
from ports.reconciliation.discrepancy_queries import (
    NO_FILTER,
    DiscrepancyCursor,
    DiscrepancyFilter,
    DiscrepancyOrder,
)
from ports.unit_of_work import UnitOfWork

DAY: Final = timedelta(days=1)
CALENDAR: Final = BankCalendar(version="contract")
UNKNOWN: Final = Finding(
    type=DiscrepancyType.MISSING_IN_SYSTEM,
    cause=Cause.UNKNOWN_ORDER,
    subject=Subject.LINE,
    ref="SKR3KDMZ5CWYH7NBIT4A",
    settlement="SIM0001/2026-11-13",
    difference_paise=649_00,
    posted_paise=649_00,
    action=Action.READ_ORDER_STATUS,
    lines=(LineRef("f" * 64, 4), LineRef("e" * 64, 9)),
    rejected_lines=(7, 8),
    entries=("SKA", "RFB"),
    closed=("SKA",),
    evidence=facts(rrn="631612345678", word='<b>O\'Neil & "co"</b>'),
)


def a_discrepancy(number: int = 1, *, found: int = 0, paise: int = 100) -> Discrepancy:
    """Return the discrepancy of a number, found so many days ago and open since."""
    finding = replace(
        UNKNOWN,
        ref=f"line-{number}",
        difference_paise=paise,
        posted_paise=paise,
        entries=(),
        closed=(),
        evidence=(),
    )
    return Discrepancy.of(finding, NOON - found * DAY, CALENDAR)


async def put(storage: Storage, *discrepancies: Discrepancy) -> None:
    async with storage.unit_of_work() as work:
        work.reconciliation.discrepancies.save(discrepancies)


async def put_posted(unit_of_work: UnitOfWork, *discrepancies: Discrepancy) -> None:
    """Keep *discrepancies* as a run does: each with the journal of its difference."""
    async with unit_of_work() as work:
        work.reconciliation.discrepancies.save(discrepancies)
        for each in discrepancies:
            amount = Money(-each.finding.posted_paise)
            journal = Journal.of(
                JournalKey(JournalKind.DIFFERENCE, each.id),
                business_day_of(NOON),
                (
                    debit(Account.SUSPENSE, amount, discrepancy=each.id),
                    credit(Account.REVENUE, amount),
                ),
            )
            if journal is not None:
                work.ledger.journals.post(journal, NOON)


async def one(storage: Storage, discrepancy: DiscrepancyId) -> Discrepancy:
    async with storage.unit_of_work() as work:
        return (await work.reconciliation.discrepancies.by_ids([discrepancy]))[discrepancy]


async def refs(
    storage: Storage,
    wanted: DiscrepancyFilter = NO_FILTER,
    order: DiscrepancyOrder = DiscrepancyOrder.PRIORITY,
) -> list[str]:
    page = await storage.discrepancies.page(wanted, order=order, at=NOON, at_most=50)
    return [each.finding.ref for each in page.items]


class DiscrepancyRegisterContract:
    async def test_a_discrepancy_comes_back_whole(self, storage: Storage) -> None:
        """
        Each of its fields, and its version is one more for each time that it is stored.
        """
        new = Discrepancy.of(UNKNOWN, NOON, CALENDAR)

        await put(storage, new)
        kept = await one(storage, new.id)
        closed = replace(kept, state=DiscrepancyState.EXPLAINED, closed_by="run 2", times_found=3)
        await put(storage, closed)

        assert kept == replace(new, version=1)
        assert await one(storage, new.id) == replace(closed, version=2)

    async def test_a_run_is_given_what_is_open_and_what_it_found(self, storage: Storage) -> None:
        """
        A closed one comes by its key alone; nobody knows what no run has found.
        """
        opened, closed, other = (a_discrepancy(number) for number in (1, 2, 3))
        resolved = [replace(each, state=DiscrepancyState.RESOLVED) for each in (closed, other)]
        await put(storage, opened, *resolved)

        async with storage.unit_of_work() as work:
            found = await work.reconciliation.discrepancies.for_run(
                {closed.key, a_discrepancy(9).key}
            )
            nothing = await work.reconciliation.discrepancies.by_ids({a_discrepancy(9).id})

        assert set(found) == {opened.key, closed.key}
        assert nothing == {}

    async def test_the_slower_of_two_writers_is_told(self, storage: Storage) -> None:
        """
        A discrepancy that was stored meanwhile, new or known, ends the unit; all of it is undone.
        """
        await put(storage, a_discrepancy(1))
        read = await one(storage, a_discrepancy(1).id)
        await put(storage, replace(read, times_found=2))

        with pytest.raises(ChangedMeanwhile):
            await put(storage, a_discrepancy(2), replace(read, times_found=3))
        with pytest.raises(ChangedMeanwhile):
            await put(storage, a_discrepancy(1))

        assert await refs(storage) == ["line-1"]
        assert (await one(storage, read.id)).times_found == 2

    async def test_two_runs_that_find_the_same_store_it_once(self, storage: Storage) -> None:
        """
        One of them wins, and the other one reads again.
        """
        done = await asyncio.gather(
            *(put(storage, a_discrepancy(1)) for _ in range(2)), return_exceptions=True
        )

        assert [type(each) for each in done if each is not None] == [ChangedMeanwhile]
        assert (await one(storage, a_discrepancy(1).id)).version == 1

    async def test_many_are_written_at_once(self, storage: Storage) -> None:
        """
        As many as a bad night finds, and none at all.
        """
        await put(storage)
        await put(storage, *(a_discrepancy(number) for number in range(1000)))

        async with storage.unit_of_work() as work:
            assert len(await work.reconciliation.discrepancies.for_run(())) == 1000


class DiscrepancyQueriesContract:
    async def test_the_gravest_come_first(self, storage: Storage) -> None:
        """
        What is overdue before the rest, then by paise times days; too much is as grave as too little.
        """
        overdue = a_discrepancy(1, found=20, paise=1)
        closed = replace(a_discrepancy(5, found=20, paise=1), state=DiscrepancyState.HEALED)
        new = [a_discrepancy(2, paise=300), a_discrepancy(3, found=1, paise=-200)]
        await put(storage, overdue, closed, *new, a_discrepancy(4, paise=350))

        assert await refs(storage) == ["line-1", "line-3", "line-4", "line-2", "line-5"]

    async def test_the_newest_come_first_by_the_other_order(self, storage: Storage) -> None:
        """
        By the instant at which they were found first.
        """
        await put(storage, *(a_discrepancy(number, found=number) for number in (2, 1, 3)))

        by_found = await refs(storage, order=DiscrepancyOrder.FOUND)

        assert by_found == ["line-1", "line-2", "line-3"]

    async def test_the_closed_ones_stand_behind_the_open_ones(self, storage: Storage) -> None:
        """
        However much they were about, the latest first.
        """
        great, small = a_discrepancy(1, found=1, paise=900_00), a_discrepancy(2, found=2, paise=0)
        latest = a_discrepancy(3, paise=100)
        closed = [replace(each, state=DiscrepancyState.EXPLAINED) for each in (great, latest)]
        await put(storage, small, *closed)

        assert await refs(storage) == ["line-2", "line-3", "line-1"]

    @pytest.mark.parametrize("order", DiscrepancyOrder)
    async def test_pages_hold_each_once(self, storage: Storage, order: DiscrepancyOrder) -> None:
        """
        In the order of one long page, open and closed ones, many of the same weight, whenever it is read.
        """
        found = [a_discrepancy(number, found=number % 3) for number in range(9)]
        closed = [replace(each, state=DiscrepancyState.RESOLVED) for each in found[5:]]
        await put(storage, *found[:5], *closed)
        whole = await storage.discrepancies.page(NO_FILTER, order=order, at=NOON, at_most=9)
        seen: list[Discrepancy] = []
        after: DiscrepancyCursor | None = None
        while not seen or after is not None:
            page = await storage.discrepancies.page(
                NO_FILTER, order=order, at=NOON + len(seen) * DAY, after=after, at_most=2
            )
            seen += page.items
            after = page.next

        assert whole.next is None
        assert seen == whole.items

    @pytest.mark.parametrize(
        ("wanted", "shown"),
        [
            (DiscrepancyFilter(types=frozenset({DiscrepancyType.AMOUNT_MISMATCH})), ["second"]),
            (DiscrepancyFilter(causes=frozenset({Cause.UNKNOWN_ORDER})), ["first"]),
            (DiscrepancyFilter(states=frozenset({DiscrepancyState.RESOLVED})), ["second"]),
            (DiscrepancyFilter(owners=frozenset({Owner.OPERATIONS})), ["first"]),
            (DiscrepancyFilter(found_before=NOON), ["first"]),
            (DiscrepancyFilter(found_before=NOON - DAY), []),
            (DiscrepancyFilter(seen_at=NOON - DAY), ["first"]),
            (DiscrepancyFilter(seen_at=NOON), ["first", "second"]),
            (DiscrepancyFilter(seen_at=NOON + DAY), []),
            (DiscrepancyFilter(search="first"), ["first"]),
            (DiscrepancyFilter(search="SIM0001/2026-11-13"), ["first", "second"]),
            (DiscrepancyFilter(search="RFB"), ["first"]),
            (DiscrepancyFilter(search="631612345678"), ["first"]),
            (DiscrepancyFilter(search="63161234567"), []),
            (DiscrepancyFilter(search="' OR true --"), []),
            (
                DiscrepancyFilter(
                    types=frozenset(DiscrepancyType),
                    states=frozenset({DiscrepancyState.RESOLVED, DiscrepancyState.OPEN}),
                    search="SKA",
                ),
                ["first"],
            ),
        ],
        ids=map(str, range(16)),
    )
    async def test_a_filter_lets_through_what_it_names(
        self, storage: Storage, wanted: DiscrepancyFilter, shown: list[str]
    ) -> None:
        """
        By type, cause, state, owner and age, by the run that saw it, and by any id, whole.
        """
        new = Discrepancy.of(replace(UNKNOWN, ref="first"), NOON - DAY, CALENDAR)
        first = replace(new, last_found_at=NOON, times_found=2)
        differing = replace(
            UNKNOWN,
            type=DiscrepancyType.AMOUNT_MISMATCH,
            cause=Cause.GROSS_DIFFERS,
            ref="second",
            entries=(),
            evidence=(),
        )
        second = Discrepancy.of(differing, NOON, CALENDAR)
        await put(storage, first, replace(second, state=DiscrepancyState.RESOLVED))

        assert await refs(storage, wanted) == shown

    async def test_its_own_id_finds_it(self, storage: Storage) -> None:
        """
        In the list, and alone; an id that nobody knows is an error.
        """
        kept = a_discrepancy(1)
        await put(storage, kept)

        assert await refs(storage, DiscrepancyFilter(search=kept.id)) == ["line-1"]
        assert await storage.discrepancies.get(kept.id) == replace(kept, version=1)
        with pytest.raises(NotFound):
            await storage.discrepancies.get(a_discrepancy(2).id)
