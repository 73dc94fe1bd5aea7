"""What any store of resolutions must do; on memory and on PostgreSQL."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from contracts.reconciliation.discrepancies_contract import a_discrepancy, put, refs
from contracts.storage import Storage
from domain.business_day import business_day_of
from domain.errors import ChangedMeanwhile
from domain.identifiers import DiscrepancyId, PaymentId
from domain.ledger.account import Account
from domain.ledger.journal import JournalKind
from domain.money import ZERO, Money
from domain.payments.refund import RequestKey
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.resolution import (
    DiscrepancyResolution,
    ResolutionAction,
    ResolutionLimits,
    ResolutionState,
)
from domain.reconciliation.resolution_context import DecidedAlone
from fakes.clock import NOON
from ports.reconciliation.discrepancy_queries import DiscrepancyFilter

TODAY: Final = business_day_of(NOON)
FIRST: Final = a_discrepancy(1).id
SECOND: Final = a_discrepancy(2).id
WHOLE: Final = DiscrepancyResolution(
    discrepancy=FIRST,
    sequence=1,
    action=ResolutionAction.ACCEPT_BANK,
    state=ResolutionState.PROPOSED,
    note="they rounded; see mail of the 3rd",
    amount=Money(9_00),
    difference_paise=-9_00,
    posted_paise=-9_00,
    decided_by="staff:mira",
    decided_at=NOON,
    limits=ResolutionLimits(each=Money(1_00), day=Money(2_00)),
    account=Account.MDR,
    payment=PaymentId("SKR3KDMZ5CWYH7NBIT4A"),
    until=TODAY,
    undoes=7,
    posts=JournalKind.ACCEPTED,
    key=RequestKey(key="k-1", body_sha256="a" * 64),
)


def alone(
    number: int, *, of: DiscrepancyId = FIRST, sequence: int = 1, paise: int = 100
) -> DiscrepancyResolution:
    return replace(
        WHOLE,
        discrepancy=of,
        sequence=sequence,
        state=ResolutionState.IN_FORCE,
        alone=number,
        amount=Money(paise),
        key=None,
    )


async def add(storage: Storage, *resolutions: DiscrepancyResolution) -> None:
    async with storage.unit_of_work() as work:
        for each in resolutions:
            work.reconciliation.resolutions.add(each)


class ResolutionRegisterContract:
    async def test_a_resolution_comes_back_whole(self, storage: Storage) -> None:
        """
        Each of its fields, when it is new and when it was approved and ended, in its order.
        """
        await add(storage, replace(WHOLE, sequence=2, key=None, state=ResolutionState.UNDONE))
        await add(storage, WHOLE)
        approved = replace(
            WHOLE,
            state=ResolutionState.IN_FORCE,
            approved_by="staff:om",
            approved_at=NOON + timedelta(hours=1),
            ended_by="staff:mira",
            ended_at=NOON + timedelta(hours=2),
        )

        before = await storage.discrepancies.resolutions(FIRST)
        async with storage.unit_of_work() as work:
            work.reconciliation.resolutions.save(approved)
        async with storage.unit_of_work() as work:
            after = await work.reconciliation.resolutions.about({FIRST, SECOND})

        assert before[0] == WHOLE
        assert [each.sequence for each in before] == [1, 2]
        assert set(after) == {FIRST}
        assert after[FIRST][0] == approved
        assert not await storage.discrepancies.resolutions(SECOND)

    @pytest.mark.parametrize(
        "meets",
        [
            replace(WHOLE, state=ResolutionState.REJECTED),
            replace(WHOLE, sequence=2),
            alone(1, sequence=3),
        ],
        ids=["sequence", "proposed", "alone"],
    )
    async def test_what_two_people_decide_at_once_is_kept_once(
        self, storage: Storage, meets: DiscrepancyResolution
    ) -> None:
        """
        The slower one is told: a sequence, a proposal and a place in one's own day are taken once.
        """
        await add(storage, WHOLE, alone(1, of=SECOND))

        with pytest.raises(ChangedMeanwhile):
            await add(storage, meets)

    async def test_what_a_person_decided_alone_is_counted_by_day(self, storage: Storage) -> None:
        """
        All of it is counted, and what is in force is summed; others and other days do not matter.
        """
        gone = replace(alone(2, sequence=2), state=ResolutionState.UNDONE)
        await add(storage, alone(1), gone, alone(3, of=SECOND, paise=50))
        await add(storage, replace(alone(1, sequence=4), decided_by="staff:om"))
        await add(storage, replace(alone(1, sequence=5), decided_at=NOON + timedelta(days=1)))
        await add(storage, replace(alone(1, sequence=6), alone=None))

        async with storage.unit_of_work() as work:
            mira = await work.reconciliation.resolutions.alone_on("staff:mira", TODAY)
            nobody = await work.reconciliation.resolutions.alone_on("staff:ida", TODAY)

        assert mira == DecidedAlone(3, Money(150))
        assert nobody == DecidedAlone(0, ZERO)

    async def test_an_idempotency_key_is_the_persons(self, storage: Storage) -> None:
        """
        The first body that came with it is remembered; somebody else's key is another one.
        """
        await add(storage, WHOLE)

        async with storage.unit_of_work() as work:
            kept = work.reconciliation.resolutions
            assert await kept.body_of("staff:mira", "k-1") == "a" * 64
            assert await kept.body_of("staff:mira", "k-2") is None
            assert await kept.body_of("staff:om", "k-1") is None

    async def test_only_what_was_decided_can_be_ended(self, storage: Storage) -> None:
        """
        A resolution that nobody made is a conflict.
        """
        with pytest.raises(ChangedMeanwhile):
            async with storage.unit_of_work() as work:
                work.reconciliation.resolutions.save(WHOLE)

    async def test_what_waits_for_a_second_person_is_found(self, storage: Storage) -> None:
        """
        By a proposal, be the discrepancy open or, when its undoing is proposed, resolved; by nothing that is decided.
        """
        waits, undone, decided = (a_discrepancy(number) for number in (1, 2, 3))
        resolved = replace(undone, state=DiscrepancyState.RESOLVED)
        await put(storage, waits, resolved, decided)
        await add(storage, WHOLE, alone(1, of=decided.id))
        await add(storage, replace(WHOLE, discrepancy=SECOND, key=None))

        assert await refs(storage, DiscrepancyFilter(proposed=True)) == ["line-1", "line-2"]
