"""Whoever decides dies, or loses an answer, at every moment: each decision is in force, posted and audited once."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pytest

from application.discrepancies.decide_resolution import DecideResolutionCommand
from application.discrepancies.resolve_discrepancies import (
    ResolutionOutcome,
    ResolveDiscrepanciesCommand,
)
from contracts.reconciliation.discrepancies_contract import CALENDAR, UNKNOWN, put_posted
from domain.identifiers import DiscrepancyId
from domain.money import Money
from domain.payments.refund import RequestKey
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.resolution import ResolutionAction
from domain.reconciliation.resolution_context import StaleDiscrepancy
from domain.reconciliation.taxonomy import Cause, DiscrepancyType
from domain.staff.staff_member import StaffId
from fault_injection.enumeration import Flow, Injected, enumerated, met_by, undisturbed
from fault_injection.interactions import Fault
from fault_injection.world import Process, World
from ports.audit_log import Origin, Source

SMALL, LARGE = Money(9_00), Money(900_00)
MIRA, NOOR = (Origin(actor=f"staff:{name}", source=Source.ADMIN) for name in ("mira", "noor"))
SUSPENSE: Final = (
    "SELECT coalesce(sum(amount_paise), 0)::bigint FROM entry"
    " WHERE account = 'suspense' AND discrepancy = $1"
)
JOURNALS: Final = (
    "SELECT kind, count(*) FROM journal WHERE id IN"
    " (SELECT journal_id FROM entry WHERE discrepancy = $1) GROUP BY kind ORDER BY kind"
)
RESOLUTIONS: Final = "SELECT state FROM resolution WHERE discrepancy_id = $1 ORDER BY sequence"
STATE: Final = "SELECT state, version FROM discrepancy WHERE id = $1"
TRAIL: Final = "SELECT action FROM audit_log WHERE subject = $1 ORDER BY id"


@dataclass(slots=True, kw_only=True)
class Case:
    """A discrepancy that is written off and written back; *heard* counts the decisions with an answer."""

    discrepancy: DiscrepancyId
    steps: Sequence["Step"]
    heard: int = 0

    @property
    def seen(self) -> Mapping[DiscrepancyId, int]:
        """The version that stands when nothing was lost: each decision stores it once."""
        return {self.discrepancy: 1 + self.heard}


Step = Callable[[Process, Case], Awaitable[Sequence[ResolutionOutcome]]]


def by(person: Origin, action: ResolutionAction) -> Step:
    """Return that *person* asks for *action*, under one key however often."""

    async def step(process: Process, case: Case) -> Sequence[ResolutionOutcome]:
        command = ResolveDiscrepanciesCommand(
            versions=case.seen,
            action=action,
            note="as agreed",
            staff=StaffId("mira"),
            origin=person,
            key=RequestKey(key=f"{case.discrepancy}-{action}", body_sha256="ab" * 32),
        )
        return await process.use_cases.discrepancies().resolve_discrepancies()(command)

    return step


async def approved(process: Process, case: Case) -> Sequence[ResolutionOutcome]:
    command = DecideResolutionCommand(versions=case.seen, origin=NOOR)
    return await process.use_cases.discrepancies().decide_resolution().approve(command)


ALONE: Final = (by(MIRA, ResolutionAction.WRITE_OFF), by(MIRA, ResolutionAction.UNDO))
SECONDED: Final = (ALONE[0], approved, ALONE[1], approved)


async def _found(world: World, paise: Money, steps: Sequence[Step]) -> Case:
    [(number,)] = await world.rows("SELECT count(*) FROM discrepancy")
    finding = replace(
        UNKNOWN,
        type=DiscrepancyType.AMOUNT_MISMATCH,
        cause=Cause.GROSS_DIFFERS,
        ref=f"ref-{number}",
        difference_paise=-paise.paise,
        posted_paise=-paise.paise,
    )
    new = Discrepancy.of(finding, world.clock.now(), CALENDAR)
    await put_posted(world.calm.container.storage.unit_of_work(), new)
    return Case(discrepancy=new.id, steps=steps)


async def found_small(world: World) -> Case:
    return await _found(world, SMALL, ALONE)


async def found_large(world: World) -> Case:
    return await _found(world, LARGE, SECONDED)


async def decided(process: Process, case: Case) -> None:
    while case.heard < len(case.steps):
        await _next(process, case)


async def _next(process: Process, case: Case) -> None:
    """Decide what comes next; who finds that it has moved looks again, and sees what they had decided."""
    (outcome,) = await case.steps[case.heard](process, case)
    assert outcome.standing or isinstance(outcome.refusal, StaleDiscrepancy), outcome.refusal
    case.heard += 1


async def ask_again(process: Process, case: Case) -> int:
    left = len(case.steps) - case.heard
    await decided(process, case)
    return left


async def written_back(world: World, case: Case, injected: Injected | None) -> None:
    """The money stands where it stood, by one journal and its mirror, and each decision is told once."""
    del injected
    is_seconded = len(case.steps) > len(ALONE)
    words = ("proposed", "in_force") if is_seconded else ("in_force",)
    amount = LARGE if is_seconded else SMALL
    assert await world.rows(SUSPENSE, case.discrepancy) == [(amount.paise,)]
    assert await world.rows(JOURNALS, case.discrepancy) == [
        ("accepted", 1), ("difference", 1), ("reversal", 1)
    ]  # fmt: skip
    assert await world.rows(RESOLUTIONS, case.discrepancy) == [("undone",), ("in_force",)]
    assert await world.rows(STATE, case.discrepancy) == [("open", 1 + len(case.steps))]
    assert await world.rows(TRAIL, case.discrepancy) == [
        (f"resolution.{word}",) for word in (*words, *words)
    ]


READS: Final = ("read ",)
FLOWS: Final[Mapping[str, Flow[Case]]] = {
    name: Flow(prepare=found, act=decided, go_on=ask_again, check=written_back, spared=READS)
    for name, found in (("alone", found_small), ("seconded", found_large))
}
CONTEXT: Final = ("read discrepancy", "read resolution")
ASKED: Final = (*CONTEXT, "read resolution")
LIMITED: Final = (*ASKED, "read resolution")
PROPOSED: Final = "apply discrepancy, discrepancies0, resolution, audit_log"
POSTED: Final = "apply discrepancy, discrepancies0, resolution, journal, entry, audit_log"
MOMENTS: Final = {
    "alone": [*LIMITED, POSTED, *ASKED, POSTED],
    "seconded": [
        *(*LIMITED, PROPOSED, *CONTEXT, POSTED),
        *(*ASKED, PROPOSED, *CONTEXT, POSTED),
    ],
}
"""Reads of what stands, of earlier requests under the key, and of what the person decided alone; then one write."""


@pytest.mark.parametrize("flow", FLOWS)
async def test_each_decision_is_one_write(world: World, flow: str) -> None:
    """
    What it is made on is read before; discrepancy, resolution, journal and audit entry stand or fall together.
    """
    assert await undisturbed(FLOWS[flow], world) == MOMENTS[flow]


@pytest.mark.parametrize("fault", [each for each in Fault if each is not Fault.DELIVERED_TWICE])
@pytest.mark.parametrize("flow", FLOWS)
async def test_whatever_fails_each_decision_counts_once(
    world: World, flow: str, fault: Fault
) -> None:
    """
    Written off and taken back, by one person or by two: no journal twice, and none without its decision.
    """
    injected = await enumerated(FLOWS[flow], world, fault)

    assert injected == met_by(fault, MOMENTS[flow], world, spared=READS)
