"""Payments that somebody has to look at, and what ends each reason for it."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Response, Template
from litestar.status_codes import HTTP_303_SEE_OTHER

from application.reviews.resolve_review import ResolveReviewCommand
from domain.errors import DomainError
from domain.money import ZERO, Money
from domain.payments.order_facts import ReviewReason
from domain.payments.payment_state import State
from domain.payments.resolution import LAWFUL, PERMISSION_FOR, Resolution
from domain.staff.access import NotAllowed, check_permission
from domain.staff.second_factor import TotpNotEnrolled
from domain.staff.staff_member import StaffId
from entrypoints.http import problem_types
from entrypoints.http.api.payment import named
from entrypoints.http.api.refund_wire import CODE_MAX, REASON_MAX
from entrypoints.http.api.review_cursor import read_review_cursor, write_review_cursor
from entrypoints.http.console.console_page import console_page, opened
from entrypoints.http.console.places import PAYMENTS, REVIEW, REVIEWS
from entrypoints.http.console.refund_form import CODE_REFUSALS
from entrypoints.http.console.sign_in import fault_of_code
from entrypoints.http.console.words import PAYMENT_WORDS, RESOLUTION_WORDS, plain_words
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.page import PageRequest
from entrypoints.http.pages.paying import problem_of
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.guards import count_failed_code, count_refund, origin_of_request
from entrypoints.http.security.identity import Caller
from ports.audit_log import Source
from ports.refunds.refund_queries import StaffPaymentView

SHOWN: Final = 20
By = Request[Caller, Any, Any]


@get(REVIEWS, opt=opened("GET", REVIEWS), include_in_schema=False)
async def reviews(request: PageRequest, deps: Deps) -> Template:
    """Show a page of payments under review, the longest first, all or those for one reason."""
    asked = request.query_params.get("reason", "")
    reason = _reason(asked) if asked else None
    cursor = request.query_params.get("cursor") or None
    page = await deps.reviews.queries.under_review(
        after=read_review_cursor(cursor) if cursor is not None else None,
        reason=reason,
        at_most=SHOWN,
    )
    counts = await deps.reviews.queries.by_reason()
    return console_page(
        request,
        "reviews.html",
        payments=page.items,
        tabs=[
            (_address(""), "All", not asked),
            *(
                (
                    _address(each.reason),
                    f"{plain_words(each.reason)} ({each.count})",
                    each.reason == asked,
                )
                for each in counts
            ),
        ],
        is_first=cursor is None,
        first=_address(asked),
        next=_address(asked, write_review_cursor(page.next)) if page.next else None,
        states=PAYMENT_WORDS,
        plain_words=plain_words,
    )


@get(REVIEW, opt=opened("GET", REVIEW), include_in_schema=False)
async def review(
    request: By, transaction_id: FromPath[str], reason: FromPath[str], deps: Deps
) -> Response[Any]:
    """Show what may be done about one reason of the payment."""
    return await _shown(request, deps, transaction_id, _reason(reason), {})


@post(REVIEW, status_code=HTTPStatus.OK, opt=opened("POST", REVIEW), include_in_schema=False)
async def resolve(
    request: By, transaction_id: FromPath[str], reason: FromPath[str], deps: Deps
) -> Response[Any]:
    """Do it, with a code of the one who does it unless the bank is only asked again."""
    form = await request.form()
    why, asked = _reason(reason), str(form.get("action", ""))
    fields = {"action": asked, "reason": str(form.get("reason", "")).strip()}
    if asked not in set(Resolution):
        return await _shown(
            request, deps, transaction_id, why, fields, fault="Choose what is to be done."
        )
    resolution = Resolution(asked)
    check_permission(request.user.roles, PERMISSION_FOR[resolution])
    if resolution is Resolution.GIVE_BACK:
        await count_refund(request)
    command = ResolveReviewCommand(
        payment=named(transaction_id),
        review_reason=why,
        resolution=resolution,
        reason=fields["reason"][:REASON_MAX],
        staff=StaffId(request.user.id),
        origin=origin_of_request(request, Source.ADMIN),
        code=str(form.get("code", ""))[:CODE_MAX],
    )
    try:
        await deps.reviews.resolve_review(command)
    except CODE_REFUSALS as refusal:
        if not isinstance(refusal, TotpNotEnrolled):
            await count_failed_code(request)
        fault = fault_of_code(refusal)
        return await _shown(request, deps, transaction_id, why, fields, code_fault=fault)
    except NotAllowed:
        raise
    except DomainError as refusal:
        fault = problem_of(refusal).detail
        return await _shown(request, deps, transaction_id, why, fields, fault=fault)
    return Redirect(f"{PAYMENTS}/{command.payment}", status_code=HTTP_303_SEE_OTHER)


async def _shown(
    request: By,
    deps: Dependencies,
    payment: str,
    reason: ReviewReason,
    fields: Mapping[str, str],
    *,
    fault: str = "",
    code_fault: str = "",
) -> Response[Any]:
    view = await deps.refunds.queries.of_payment(named(payment))
    wrong = bool(fault or code_fault)
    return console_page(
        request,
        "review.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        view=view,
        reason=reason,
        is_open=reason in view.review_reasons,
        choices=_choices(request.user, view, reason),
        words=RESOLUTION_WORDS,
        fields=fields,
        fault=fault,
        code_fault=code_fault,
        reason_max=REASON_MAX,
        states=PAYMENT_WORDS,
        plain_words=plain_words,
    )


def _choices(caller: Caller, view: StaffPaymentView, reason: ReviewReason) -> Sequence[Resolution]:
    """Return what is lawful for the reason now, as far as *caller* may do it."""
    return [
        each
        for each in Resolution
        if State(view.status) in LAWFUL.get((reason, each), ())
        and caller.may(PERMISSION_FOR[each])
        and (each is not Resolution.GIVE_BACK or Money.from_rupees(view.refundable) > ZERO)
    ]


def _reason(text: str) -> ReviewReason:
    if text not in set(ReviewReason):
        raise HttpProblem(problem_types.REQUEST_INVALID, "There is no such reason for a review.")
    return ReviewReason(text)


def _address(reason: str, cursor: str | None = None) -> str:
    said = {"reason": reason, "cursor": cursor or ""}
    wanted = {name: value for name, value in said.items() if value}
    return f"{REVIEWS}?{urlencode(wanted)}" if wanted else REVIEWS
