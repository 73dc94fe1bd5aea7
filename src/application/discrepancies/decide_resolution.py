"""Maker and checker: a second person approves or rejects what the first one proposed about discrepancies."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from application.discrepancies.resolve_discrepancies import ResolutionOutcome, each_alone
from application.discrepancies.write_resolution import write_resolution
from application.reconciliation.write_decision import (
    ResolutionStanding,
    read_context,
    with_payment,
)
from application.retry_on_conflict import retry_on_conflict
from domain.identifiers import DiscrepancyId
from domain.reconciliation.bank_calendar import BankCalendar
from domain.reconciliation.resolution_context import ResolutionContext, ResolutionDecision
from domain.reconciliation.resolve import approve, reject
from domain.reconciliation.resolved_dispute import disputed_payment
from ports.audit_log import Origin
from ports.clock import Clock
from ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideResolutionCommand:
    """The decision about what was proposed for each of *versions*, in the version that was seen of it."""

    versions: Mapping[DiscrepancyId, int]
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideResolution:
    """Approves or rejects; each proposal in a unit of its own."""

    unit_of_work: UnitOfWork
    clock: Clock
    calendar: BankCalendar

    async def approve(self, command: DecideResolutionCommand) -> Sequence[ResolutionOutcome]:
        """
        Return each outcome: in force, posted and audited, or the refusal.

        Refusals are ``NotFound``, ``StaleDiscrepancy`` and what ``approve`` raises. Raises
        ``TooManyDiscrepancies`` and ``StorageUnavailable``.
        """
        return await self._each(command, approve)

    async def reject(self, command: DecideResolutionCommand) -> Sequence[ResolutionOutcome]:
        """Return each outcome: withdrawn by who proposed it, or rejected; otherwise as ``approve``."""
        return await self._each(command, reject)

    async def _each(
        self,
        command: DecideResolutionCommand,
        decide: Callable[[ResolutionContext, str], ResolutionDecision],
    ) -> Sequence[ResolutionOutcome]:
        async def unit(discrepancy: DiscrepancyId) -> ResolutionStanding:
            async with self.unit_of_work() as work:
                context = await read_context(work, discrepancy, self.calendar, self.clock.now())
                context.seen_as(command.versions[discrepancy])
                context = await with_payment(work, context, disputed_payment(context))
                decision = decide(context, command.origin.actor)
                return write_resolution(work, context, decision, command.origin)

        return await each_alone(command.versions, lambda one: retry_on_conflict(lambda: unit(one)))
