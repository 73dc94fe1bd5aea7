"""Discrepancies between books and bank, as the command line lists and decides them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from application.discrepancies.decide_resolution import DecideResolution, DecideResolutionCommand
from application.discrepancies.resolve_discrepancies import (
    ResolutionOutcome,
    ResolveDiscrepanciesCommand,
)
from application.staff.verify_totp import Confirm, TotpAttempt
from domain.errors import NotFound
from domain.identifiers import DiscrepancyId, PaymentId
from domain.ledger.account import Account
from domain.money import Money
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.resolution import DiscrepancyResolution, ResolutionAction
from domain.reconciliation.taxonomy import Cause, DiscrepancyType, Owner
from domain.staff.access import Permission
from domain.staff.staff_member import StaffId
from entrypoints.operations.pages import Page, first_items
from entrypoints.operations.run_in_container import BY_COMMAND, run_in_container
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk
from ports.audit_log import Origin, Source
from ports.reconciliation.discrepancy_queries import (
    DiscrepancyCursor,
    DiscrepancyFilter,
    DiscrepancyOrder,
    DiscrepancyQueries,
)

Out = TypeVar("Out")


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscrepancySearch:
    """What ``shulk discrepancies list`` was asked for; an empty choice is all."""

    types: Sequence[str] = ()
    causes: Sequence[str] = ()
    states: Sequence[str] = ()
    owners: Sequence[str] = ()
    older_than_days: int | None = None
    search: str | None = None
    order: str = DiscrepancyOrder.PRIORITY


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What ``shulk discrepancies resolve`` was asked for; *staff* is empty in a dry run."""

    action: str
    note: str
    staff: str
    code: str
    account: str | None = None
    payment: str | None = None
    amount: str | None = None
    until: date | None = None
    dry_run: bool = False


def find_discrepancies(
    settings: Settings, asked: DiscrepancySearch, at_most: int
) -> Sequence[Discrepancy]:
    """Return at most so many of what is *asked* for."""

    async def read(container: Shulk) -> Sequence[Discrepancy]:
        now = container.clock().now()
        age = asked.older_than_days
        wanted = DiscrepancyFilter(
            types=frozenset(map(DiscrepancyType, asked.types)),
            causes=frozenset(map(Cause, asked.causes)),
            states=frozenset(map(DiscrepancyState, asked.states)),
            owners=frozenset(map(Owner, asked.owners)),
            found_before=None if age is None else now - timedelta(days=age),
            search=asked.search,
        )

        async def page(
            after: DiscrepancyCursor | None, at_most: int
        ) -> Page[Discrepancy, DiscrepancyCursor]:
            return await _queries(container).page(
                wanted,
                order=DiscrepancyOrder(asked.order),
                at=now,
                after=after,
                at_most=at_most,
            )

        return await first_items(page, at_most)

    return run_in_container(settings, read)


def discrepancy_with_history(
    settings: Settings, wanted: str
) -> tuple[Discrepancy, Sequence[DiscrepancyResolution]]:
    """Return the discrepancy and what people decided about it; raises ``NotFound``."""

    async def read(container: Shulk) -> tuple[Discrepancy, Sequence[DiscrepancyResolution]]:
        queries = _queries(container)
        found = await queries.get(DiscrepancyId(wanted))
        return found, await queries.resolutions(found.id)

    return run_in_container(settings, read)


def resolve(
    settings: Settings, ids: Sequence[str], decision: Decision
) -> Sequence[ResolutionOutcome]:
    """Do one action on each of *ids* in their present version, in the name of a member of staff."""

    async def act(container: Shulk) -> Sequence[ResolutionOutcome]:
        action = ResolutionAction(decision.action.replace("-", "_"))
        command = ResolveDiscrepanciesCommand(
            versions=await _versions(container, ids),
            action=action,
            note=decision.note,
            staff=StaffId(decision.staff),
            origin=_origin(decision.staff),
            account=Account(decision.account) if decision.account else None,
            payment=PaymentId(decision.payment) if decision.payment else None,
            amount=Money.from_rupees(decision.amount) if decision.amount else None,
            until=decision.until,
            code=decision.code,
            dry_run=decision.dry_run,
        )
        use_case = container.use_cases().discrepancies().resolve_discrepancies()

        async def resolved() -> Sequence[ResolutionOutcome]:
            outcomes: Sequence[ResolutionOutcome] = await use_case(command)
            return outcomes

        # A refund verifies the code itself, and no code is good twice.
        if decision.dry_run or action is ResolutionAction.REFUND_STUDENT:
            return await resolved()
        return await _in_person(container, decision.staff, decision.code, resolved)

    return run_in_container(settings, act)


def decide(
    settings: Settings, ids: Sequence[str], *, staff: str, code: str, approves: bool
) -> Sequence[ResolutionOutcome]:
    """Approve what was proposed for each of *ids*, or reject it, in the name of *staff*."""

    async def act(container: Shulk) -> Sequence[ResolutionOutcome]:
        command = DecideResolutionCommand(
            versions=await _versions(container, ids), origin=_origin(staff)
        )
        use_case: DecideResolution = container.use_cases().discrepancies().decide_resolution()
        chosen = use_case.approve if approves else use_case.reject
        return await _in_person(container, staff, code, lambda: chosen(command))

    return run_in_container(settings, act)


def _queries(container: Shulk) -> DiscrepancyQueries:
    queries: DiscrepancyQueries = container.storage.discrepancies()
    return queries


def _origin(staff: str) -> Origin:
    return Origin(actor=f"staff:{staff}", source=Source.ADMIN) if staff else BY_COMMAND


async def _versions(container: Shulk, ids: Sequence[str]) -> Mapping[DiscrepancyId, int]:
    async with container.storage.unit_of_work()() as work:
        found = await work.reconciliation.discrepancies.by_ids(
            [DiscrepancyId(each) for each in ids]
        )
    for each in ids:
        if each not in found:
            raise NotFound("discrepancy", each)
    return {each: discrepancy.version for each, discrepancy in found.items()}


async def _in_person(
    container: Shulk, staff: str, code: str, act: Callable[[], Awaitable[Out]]
) -> Out:
    """Use the TOTP code of *staff* up, then act: on a command line nothing else says who is there."""
    unit_of_work = container.storage.unit_of_work()

    async def confirmed(confirm: Confirm) -> Out:
        async with unit_of_work() as work:
            await confirm(work)
        return await act()

    attempt = TotpAttempt(
        staff=StaffId(staff),
        permission=Permission.RESOLVE_DISCREPANCIES,
        subject=staff,
        code=code,
    )
    verify = container.use_cases().staff().verify_totp()
    done: Out = await verify(attempt, confirmed, _origin(staff))
    return done
