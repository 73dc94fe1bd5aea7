"""One discrepancy: both sides with their evidence, its likely cause, what was decided, and what may be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self

from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Response
from litestar.status_codes import HTTP_303_SEE_OTHER

from application.discrepancies.decide_resolution import DecideResolutionCommand
from application.reconciliation.write_decision import planned_journal
from domain.errors import DomainError, NotFound
from domain.identifiers import DiscrepancyId, is_discrepancy_id
from domain.ledger.account import CHART
from domain.ledger.journal import Journal
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.resolution import DiscrepancyResolution, ResolutionAction
from domain.reconciliation.resolution_context import ResolutionContext
from domain.reconciliation.resolution_rules import LAWFUL_ACTIONS
from domain.staff.access import Permission
from entrypoints.http import problem_types
from entrypoints.http.api.refund_wire import ID_MAX
from entrypoints.http.console.console_page import console_page, opened
from entrypoints.http.console.discrepancies import DiscrepancyRow
from entrypoints.http.console.discrepancy_sides import TwoSides
from entrypoints.http.console.discrepancy_words import (
    ACTION_WORDS,
    CAUSE_WORDS,
    OWNER_WORDS,
    POSTING_WORDS,
    RESOLUTION_STATE_WORDS,
    STATE_WORDS,
    SUBJECT_WORDS,
    TYPE_WORDS,
)
from entrypoints.http.console.places import DECIDE, DISCREPANCIES, DISCREPANCY
from entrypoints.http.console.words import amount_of
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.pages.paying import problem_of
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.guards import origin_of_request
from entrypoints.http.security.identity import Caller
from ports.audit_log import Source

APPROVE, REJECT = "approve", "reject"
By = Request[Caller, Any, Any]


@get(DISCREPANCY, opt=opened("GET", DISCREPANCY), include_in_schema=False)
async def discrepancy(request: By, discrepancy_id: FromPath[str], deps: Deps) -> Response[Any]:
    """Show both sides, the evidence, every decision, and what may be done about it."""
    return await shown(request, deps, named_discrepancy(discrepancy_id))


@post(DECIDE, status_code=HTTPStatus.OK, opt=opened("POST", DECIDE), include_in_schema=False)
async def decide_discrepancy(
    request: By, discrepancy_id: FromPath[str], deps: Deps
) -> Response[Any]:
    """Approve or reject what a colleague proposed; whoever proposed it takes it back."""
    wanted = named_discrepancy(discrepancy_id)
    form = await request.form()
    decision = str(form.get("decision", ""))
    if decision not in {APPROVE, REJECT}:
        raise HttpProblem(problem_types.REQUEST_INVALID, "A decision is approved or rejected.")
    command = DecideResolutionCommand(
        versions={wanted: version_of(str(form.get("version", "")))},
        origin=origin_of_request(request, Source.ADMIN),
    )
    decide = deps.discrepancies.decide
    act = decide.approve if decision == APPROVE else decide.reject
    (outcome,) = await act(command)
    if outcome.refusal is not None:
        return await shown(request, deps, wanted, refusal=outcome.refusal)
    return Redirect(f"{DISCREPANCIES}/{wanted}#history", status_code=HTTP_303_SEE_OTHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A discrepancy with every decision about it, and what may be done now."""

    discrepancy: Discrepancy
    history: Sequence[DiscrepancyResolution]
    proposed: DiscrepancyResolution | None
    journal: Journal | None
    """What the proposal posts when it is approved."""

    actions: Sequence[ResolutionAction]

    @classmethod
    async def read(cls, deps: Dependencies, wanted: DiscrepancyId) -> Self:
        """Return how it stands, or raise ``NotFound``: two reads."""
        queries = deps.discrepancies.queries
        found = await queries.get(wanted)
        context = ResolutionContext(
            discrepancy=found,
            history=await queries.resolutions(wanted),
            calendar=deps.discrepancies.decide.calendar,
            at=deps.clock.now(),
        )
        lawful: list[ResolutionAction] = []
        if found.state is DiscrepancyState.OPEN:
            lawful += sorted(LAWFUL_ACTIONS[found.finding.cause])
        if context.in_force is not None and context.proposed is None:
            lawful.append(ResolutionAction.UNDO)
        proposed = context.proposed
        return cls(
            discrepancy=found,
            history=context.history,
            proposed=proposed,
            journal=planned_journal(context, proposed) if proposed else None,
            actions=lawful,
        )


async def shown(
    request: By, deps: Dependencies, wanted: DiscrepancyId, *, refusal: DomainError | None = None
) -> Response[Any]:
    """Return the page of the discrepancy as it stands now, with the *refusal* of what was to be done."""
    standing = await Standing.read(deps, wanted)
    found, now = standing.discrepancy, deps.clock.now()
    problem = problem_of(refusal) if refusal is not None else None
    return console_page(
        request,
        "discrepancy.html",
        status=problem.kind.status if problem else HTTPStatus.OK,
        row=DiscrepancyRow.of(found, now),
        finding=found.finding,
        standing=standing,
        sides=await TwoSides.of(found.finding, deps.discrepancies.lines, deps.discrepancies.books),
        sees_files=request.user.may(Permission.IMPORT_SETTLEMENTS),
        may_resolve=request.user.may(Permission.RESOLVE_DISCREPANCIES),
        is_own=standing.proposed is not None and standing.proposed.decided_by == request.user.actor,
        fault=problem.detail if problem else "",
        is_stale=problem is not None and problem.kind is problem_types.DISCREPANCY_STALE,
        **LAID_OUT,
    )


def named_discrepancy(text: str) -> DiscrepancyId:
    """Return the id, or raise ``NotFound``."""
    if not is_discrepancy_id(text):
        raise NotFound("discrepancy", text[:ID_MAX])
    return DiscrepancyId(text)


def version_of(text: str) -> int:
    """Return the version that the form was made from; -1, which none has, for what is no number."""
    return int(text[:9]) if text.isascii() and text.isdecimal() else -1


LAID_OUT: dict[str, Any] = {
    "types": TYPE_WORDS,
    "causes": CAUSE_WORDS,
    "owners": OWNER_WORDS,
    "states": STATE_WORDS,
    "subjects": SUBJECT_WORDS,
    "postings": POSTING_WORDS,
    "actions": ACTION_WORDS,
    "resolution_states": RESOLUTION_STATE_WORDS,
    "chart": CHART,
    "amount_of": amount_of,
}
