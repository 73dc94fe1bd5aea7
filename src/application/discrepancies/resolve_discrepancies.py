"""Finance resolves discrepancies, each by itself: one person within limits, otherwise a proposal to a second one."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from application.discrepancies.write_resolution import write_resolution
from application.reconciliation.released_lines import PlanRelease
from application.reconciliation.write_decision import (
    ResolutionStanding,
    planned_journal,
    read_context,
    standing_after,
    with_expectation,
    with_payment,
)
from application.retry_on_conflict import retry_on_conflict
from application.staff.verify_totp import Confirm, TotpAttempt, VerifyTotp
from domain.business_day import business_day_of
from domain.errors import DomainError
from domain.identifiers import DiscrepancyId, PaymentId
from domain.ledger.account import Account
from domain.money import Money
from domain.payments.dispute import RESPONSE_USUAL
from domain.payments.refund import RequestKey
from domain.reconciliation.bank_calendar import BankCalendar
from domain.reconciliation.resolution import (
    DEFAULT_LIMITS,
    ResolutionAction,
    ResolutionLimits,
    ResolutionState,
)
from domain.reconciliation.resolution_context import (
    DecidedAlone,
    ResolutionContext,
    ResolutionDecision,
)
from domain.reconciliation.resolution_rules import LIMITED, ResolutionRequest
from domain.reconciliation.resolve import matched_payment, resolve
from domain.reconciliation.resolved_dispute import disputed_payment
from domain.staff.access import Permission
from domain.staff.staff_member import StaffId
from ports.audit_log import Origin
from ports.clock import Clock
from ports.idempotency import IdempotencyKeyReused
from ports.unit_of_work import StorageUnavailable, UnitOfWork, Work

DISCREPANCIES_MAX: Final = 50
"""At most so many are resolved by one request."""

NOTHING_ALONE: Final = DecidedAlone()


class TooManyDiscrepancies(DomainError):
    """More discrepancies were named than one request resolves."""

    def __init__(self) -> None:
        self.at_most = DISCREPANCIES_MAX
        super().__init__(f"one request is about {DISCREPANCIES_MAX} discrepancies at most")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveDiscrepanciesCommand:
    """
    One *action* on each discrepancy of *versions*, which holds the version that *staff* saw of each.

    *code* is their TOTP code, which only a refund needs. A dry run is decided and not written.
    """

    versions: Mapping[DiscrepancyId, int]
    action: ResolutionAction
    note: str
    staff: StaffId
    origin: Origin
    account: Account | None = None
    payment: PaymentId | None = None
    amount: Money | None = None
    until: date | None = None
    key: RequestKey | None = None
    code: str = field(default="", repr=False)
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolutionOutcome:
    """What became of one discrepancy of a request: it stands as decided, or *refusal* says why not."""

    discrepancy: DiscrepancyId
    standing: ResolutionStanding | None = None
    refusal: DomainError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveDiscrepancies:
    unit_of_work: UnitOfWork
    verify_totp: VerifyTotp
    plan_release: PlanRelease
    clock: Clock
    calendar: BankCalendar
    limits: ResolutionLimits = DEFAULT_LIMITS
    dispute_response: timedelta = RESPONSE_USUAL

    async def __call__(self, command: ResolveDiscrepanciesCommand) -> Sequence[ResolutionOutcome]:
        """
        Return the outcome for each discrepancy, in the order of the command.

        Each is decided, posted and audited in a unit of its own. A repeat under the same key returns
        the resolution as it stands now. Refusals are in the outcomes: what ``resolve`` raises,
        ``NotFound``, ``IdempotencyKeyReused``, and for a refund what ``VerifyTotp`` raises.
        Raises ``TooManyDiscrepancies`` and ``StorageUnavailable``.
        """
        return await each_alone(command.versions, lambda one: self._one(command, one))

    async def _one(
        self, command: ResolveDiscrepanciesCommand, discrepancy: DiscrepancyId
    ) -> ResolutionStanding:
        if command.action is ResolutionAction.REFUND_STUDENT and not command.dry_run:
            return await self._refund(command, discrepancy)
        standing = await retry_on_conflict(lambda: self._decide(command, discrepancy))
        if command.action is ResolutionAction.RELEASE_LINE and command.dry_run:
            return await self._planned(standing)
        return standing

    async def _planned(self, standing: ResolutionStanding) -> ResolutionStanding:
        """Return *standing* with what the run after the release posts: the release itself moves no money."""
        is_seconded = standing.resolution.state is ResolutionState.PROPOSED
        journal = await self.plan_release(
            standing.discrepancy, stored_again=2 if is_seconded else 1
        )
        return replace(standing, journal=journal)

    async def _decide(
        self,
        command: ResolveDiscrepanciesCommand,
        discrepancy: DiscrepancyId,
        confirm: Confirm | None = None,
    ) -> ResolutionStanding:
        async with self.unit_of_work() as work:
            context = await read_context(work, discrepancy, self.calendar, self.clock.now())
            if (known := await _earlier(work, context, command)) is not None:
                return known
            decision = await self._resolve(work, context, command)
            if command.dry_run:
                return standing_after(context, decision)
            standing = write_resolution(work, context, decision, command.origin)
            if confirm is not None:
                await confirm(work)
            return standing

    async def _refund(
        self, command: ResolveDiscrepanciesCommand, discrepancy: DiscrepancyId
    ) -> ResolutionStanding:
        """Ask for a refund, with the code of the person: money of ours leaves because of it."""
        async with self.unit_of_work() as work:
            context = await read_context(work, discrepancy, self.calendar, self.clock.now())
            if (known := await _earlier(work, context, command)) is not None:
                return known
            resolution = (await self._resolve(work, context, command)).resolution
        attempt = TotpAttempt(
            staff=command.staff,
            permission=Permission.CREATE_REFUNDS,
            subject=resolution.payment or discrepancy,
            code=command.code,
        )
        return await self.verify_totp(
            attempt,
            lambda confirm: retry_on_conflict(lambda: self._decide(command, discrepancy, confirm)),
            command.origin,
        )

    async def _resolve(
        self, work: Work, context: ResolutionContext, command: ResolveDiscrepanciesCommand
    ) -> ResolutionDecision:
        person, request = command.origin.actor, _request(command, context)
        context = replace(context, dispute_response=self.dispute_response)
        context = await with_expectation(work, context, matched_payment(context, request))
        context = await with_payment(work, context, disputed_payment(context, request))
        alone = NOTHING_ALONE
        if command.action in LIMITED:
            today = business_day_of(context.at)
            alone = await work.reconciliation.resolutions.alone_on(person, today)
        return resolve(context, request, alone, self.limits)


async def each_alone(
    discrepancies: Mapping[DiscrepancyId, int],
    act: Callable[[DiscrepancyId], Awaitable[ResolutionStanding]],
) -> Sequence[ResolutionOutcome]:
    """Return what *act* says of each, one after the other; raises ``TooManyDiscrepancies``."""
    if len(discrepancies) > DISCREPANCIES_MAX:
        raise TooManyDiscrepancies
    outcomes = []
    for each in discrepancies:
        try:
            outcomes.append(ResolutionOutcome(discrepancy=each, standing=await act(each)))
        except StorageUnavailable:
            raise
        except DomainError as refusal:
            outcomes.append(ResolutionOutcome(discrepancy=each, refusal=refusal))
    return outcomes


async def _earlier(
    work: Work, context: ResolutionContext, command: ResolveDiscrepanciesCommand
) -> ResolutionStanding | None:
    """Return how the resolution stands that the same request made before, None when there is none."""
    if command.key is None or command.dry_run:
        return None
    body = await work.reconciliation.resolutions.body_of(command.origin.actor, command.key.key)
    if body is not None and body != command.key.body_sha256:
        raise IdempotencyKeyReused
    for each in context.history:
        if each.key == command.key and each.decided_by == command.origin.actor:
            journal = planned_journal(context, each)
            return ResolutionStanding(context.discrepancy, each, journal, replayed=True)
    return None


def _request(command: ResolveDiscrepanciesCommand, context: ResolutionContext) -> ResolutionRequest:
    return ResolutionRequest(
        action=command.action,
        note=command.note,
        by=command.origin.actor,
        version=command.versions[context.discrepancy.id],
        account=command.account,
        payment=command.payment,
        amount=command.amount,
        until=command.until,
        key=command.key,
    )
