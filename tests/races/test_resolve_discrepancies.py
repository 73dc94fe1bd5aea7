"""Two people about one discrepancy, and one person about many at once: one decision each, and limits that hold."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Final

import pytest
import pytest_asyncio

from adapters.fake.gateway import FakeGateway
from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.ledger.ledger_queries import PostgresLedgerQueries
from adapters.postgres.reconciliation.discrepancy_queries import PostgresDiscrepancyQueries
from application.discrepancies.decide_resolution import DecideResolution, DecideResolutionCommand
from application.discrepancies.resolve_discrepancies import (
    ResolutionOutcome,
    ResolveDiscrepanciesCommand,
)
from contracts.reconciliation.discrepancies_contract import CALENDAR, UNKNOWN, put_posted
from domain.identifiers import DiscrepancyId
from domain.ledger.account import Account
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.discrepancy_state import DiscrepancyState, IllegalDiscrepancyStep
from domain.reconciliation.resolution import ResolutionAction, ResolutionState
from domain.reconciliation.resolution_context import StaleDiscrepancy
from domain.reconciliation.taxonomy import Cause, DiscrepancyType
from domain.staff.staff_member import StaffId
from ports.audit_log import Origin, Source
from races.meeting import MeetingPlace, MeetingUnitOfWork
from worlds.postgres import NOON, HandClock, PostgresWorld

CROWD: Final = 6
PEOPLE: Final = tuple(
    Origin(actor=f"staff:person-{number}", source=Source.ADMIN) for number in range(CROWD)
)


@pytest_asyncio.fixture
async def world(database_url: str) -> AsyncIterator[PostgresWorld]:
    database = Database.connect(DatabaseSettings(url=database_url, pool_size=CROWD + 4))
    yield PostgresWorld.open(database, FakeGateway(), HandClock())
    await database.close()


async def found(world: PostgresWorld, *paise: int) -> list[DiscrepancyId]:
    """Keep a discrepancy for each of *paise*, as a run has found it."""
    new = [
        Discrepancy.of(
            replace(
                UNKNOWN,
                type=DiscrepancyType.AMOUNT_MISMATCH,
                cause=Cause.GROSS_DIFFERS,
                ref=f"ref-{number}",
                difference_paise=each,
                posted_paise=each,
            ),
            NOON,
            CALENDAR,
        )
        for number, each in enumerate(paise)
    ]
    await put_posted(world.unit_of_work, *new)
    return [each.id for each in new]


def write_off(discrepancy: DiscrepancyId, origin: Origin) -> ResolveDiscrepanciesCommand:
    return ResolveDiscrepanciesCommand(
        versions={discrepancy: 1},
        action=ResolutionAction.WRITE_OFF,
        note="as agreed",
        staff=StaffId("person"),
        origin=origin,
    )


def in_force(outcomes: list[ResolutionOutcome]) -> list[ResolutionOutcome]:
    return [
        each
        for each in outcomes
        if each.standing and each.standing.resolution.state is ResolutionState.IN_FORCE
    ]


async def suspense(world: PostgresWorld) -> int:
    balances = await PostgresLedgerQueries(world.database).trial_balance(date.max)
    return sum(each.balance.paise for each in balances if each.account is Account.SUSPENSE)


async def test_of_people_who_resolve_one_discrepancy_one_wins(world: PostgresWorld) -> None:
    """
    The others are told that it has moved; it is posted once.
    """
    (one,) = await found(world, -9_00)
    place = MeetingPlace(CROWD)
    meeting = MeetingUnitOfWork(world.database, place)
    use_case = replace(world.resolve_discrepancies, unit_of_work=meeting)

    answers = await asyncio.gather(*(use_case(write_off(one, each)) for each in PEOPLE))
    outcomes = [outcome for (outcome,) in answers]

    assert place.met
    assert len(in_force(outcomes)) == 1
    refusals = [each.refusal for each in outcomes if each.refusal]
    assert [type(each) for each in refusals] == [StaleDiscrepancy] * (CROWD - 1)
    assert await suspense(world) == 0


async def test_one_person_cannot_pass_the_limit_of_a_day_at_once(world: PostgresWorld) -> None:
    """
    Six of 100.00 at the same moment: five are in force, and the sixth is a proposal.
    """
    ids = await found(world, *[-100_00] * CROWD)
    place = MeetingPlace(CROWD)
    meeting = MeetingUnitOfWork(world.database, place)
    use_case = replace(world.resolve_discrepancies, unit_of_work=meeting)

    answers = await asyncio.gather(*(use_case(write_off(each, PEOPLE[0])) for each in ids))
    outcomes = [outcome for (outcome,) in answers]

    assert place.met
    assert not [each.refusal for each in outcomes if each.refusal]
    assert len(in_force(outcomes)) == CROWD - 1
    assert await suspense(world) == 100_00


@pytest.mark.parametrize("other", ["approve", "reject"])
async def test_of_two_decisions_about_one_proposal_one_counts(
    world: PostgresWorld, other: str
) -> None:
    """
    What was rejected is not posted, what was approved is posted once, and who was slower is told.
    """
    (large,) = await found(world, -900_00)
    await world.resolve_discrepancies(write_off(large, PEOPLE[0]))
    decides, place = meeting_two(world)
    of_one, of_two = (seen(large, 2, each) for each in PEOPLE[1:3])

    approved, decided = await asyncio.gather(
        decides.approve(of_one), getattr(decides, other)(of_two)
    )

    kept = await PostgresDiscrepancyQueries(world.database).get(large)
    assert place.met
    assert told_of([*approved, *decided]) == [1, [StaleDiscrepancy]]
    is_resolved = other == "approve" or approved[0].standing is not None
    assert kept.state is (DiscrepancyState.RESOLVED if is_resolved else DiscrepancyState.OPEN)
    assert await suspense(world) == (0 if is_resolved else 900_00)


async def test_two_people_cannot_both_undo(world: PostgresWorld) -> None:
    """
    What one decided alone is written back once.
    """
    (small,) = await found(world, -9_00)
    await world.resolve_discrepancies(write_off(small, PEOPLE[0]))
    place = MeetingPlace(2)
    resolves = replace(
        world.resolve_discrepancies, unit_of_work=MeetingUnitOfWork(world.database, place)
    )

    answers = await asyncio.gather(*(resolves(undo(small, 2, each)) for each in PEOPLE[:2]))

    assert place.met
    assert told_of([outcome for (outcome,) in answers]) == [1, [StaleDiscrepancy]]
    assert await suspense(world) == 9_00


async def test_nobody_undoes_what_is_being_approved(world: PostgresWorld) -> None:
    """
    Whoever comes with an undo while a second person approves sees a proposal, and then another version.
    """
    (large,) = await found(world, -900_00)
    await world.resolve_discrepancies(write_off(large, PEOPLE[0]))

    approved, undone = await asyncio.gather(
        world.decide_resolution.approve(seen(large, 2, PEOPLE[1])),
        world.resolve_discrepancies(undo(large, 2, PEOPLE[2])),
    )

    assert approved[0].standing
    assert isinstance(undone[0].refusal, (StaleDiscrepancy, IllegalDiscrepancyStep))
    assert await suspense(world) == 0


@pytest.mark.parametrize("other", ["approve", "reject"])
async def test_an_undo_that_is_approved_by_one_counts_once(
    world: PostgresWorld, other: str
) -> None:
    """
    Two have written it off, and a third wants it back: its mirror is posted once, or it stays written off.
    """
    (large,) = await found(world, -900_00)
    await world.resolve_discrepancies(write_off(large, PEOPLE[0]))
    await world.decide_resolution.approve(seen(large, 2, PEOPLE[1]))
    await world.resolve_discrepancies(undo(large, 3, PEOPLE[2]))
    decides, place = meeting_two(world)

    approved, decided = await asyncio.gather(
        decides.approve(seen(large, 4, PEOPLE[3])),
        getattr(decides, other)(seen(large, 4, PEOPLE[4])),
    )

    kept = await PostgresDiscrepancyQueries(world.database).get(large)
    assert place.met
    assert told_of([*approved, *decided]) == [1, [StaleDiscrepancy]]
    is_undone = other == "approve" or approved[0].standing is not None
    assert kept.state is (DiscrepancyState.OPEN if is_undone else DiscrepancyState.RESOLVED)
    assert await suspense(world) == (900_00 if is_undone else 0)


def meeting_two(world: PostgresWorld) -> tuple[DecideResolution, MeetingPlace]:
    place = MeetingPlace(2)
    meeting = MeetingUnitOfWork(world.database, place)
    return replace(world.decide_resolution, unit_of_work=meeting), place


def seen(discrepancy: DiscrepancyId, version: int, origin: Origin) -> DecideResolutionCommand:
    return DecideResolutionCommand(versions={discrepancy: version}, origin=origin)


def undo(discrepancy: DiscrepancyId, version: int, origin: Origin) -> ResolveDiscrepanciesCommand:
    return replace(
        write_off(discrepancy, origin),
        versions={discrepancy: version},
        action=ResolutionAction.UNDO,
    )


def told_of(outcomes: list[ResolutionOutcome]) -> list[object]:
    """Return how many decisions stand, and what the others were told."""
    refusals = [type(each.refusal) for each in outcomes if each.refusal]
    return [len(outcomes) - len(refusals), refusals]
