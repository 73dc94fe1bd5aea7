"""One payment as staff see it: what it is made of, what the bank said, what was done, and what it left in the books."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_303_SEE_OTHER

from application.evidence.check_status import may_still_move
from domain.identifiers import PaymentId, StudentId
from domain.money import ZERO, Money
from domain.reconciliation.discrepancy import Discrepancy
from domain.staff.access import Permission
from entrypoints.http.api.payment import named
from entrypoints.http.console.console_page import console_page, opened
from entrypoints.http.console.places import CHECK, PAYMENT, PAYMENTS, PERSONAL_DATA
from entrypoints.http.console.words import PAYMENT_WORDS, REFUND_WORDS, plain_words
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.security.guards import origin_of_request
from entrypoints.http.security.identity import Caller
from ports.audit_log import Source
from ports.reconciliation.discrepancy_queries import DiscrepancyFilter, DiscrepancyOrder

ENTRIES_MAX: Final = 200
DISCREPANCIES_MAX: Final = 20

By = Request[Caller, Any, Any]


@get(PAYMENT, opt=opened("GET", PAYMENT), include_in_schema=False)
async def payment(request: By, transaction_id: FromPath[str], deps: Deps) -> Template:
    """
    Show everything that is known of the payment here; nothing is asked of the bank.

    The books and the buyer's GSTIN are for those who see the reconciliation.
    """
    wanted = named(transaction_id)
    view = await deps.refunds.queries.of_payment(wanted)
    student = StudentId(view.student_id)
    status = await deps.payments.status(wanted, student)
    sees_books = request.user.may(Permission.SEE_DISCREPANCIES)
    trail = await deps.audit.about(wanted, at_most=ENTRIES_MAX)
    return console_page(
        request,
        "payment.html",
        view=view,
        standing=status,
        details=await deps.payments.details(wanted, student),
        steps=[entry for entry in reversed(trail) if entry.to_state is not None],
        trail=trail,
        trail_is_cut=len(trail) == ENTRIES_MAX,
        documents=await deps.documents.register.of_payment(wanted),
        on_file={status.invoice_number, *status.credit_note_numbers},
        sees_books=sees_books,
        journals=await deps.ledger.about(wanted) if sees_books else (),
        discrepancies=await _discrepancies(deps, wanted) if sees_books else (),
        may_refund=request.user.may(Permission.CREATE_REFUNDS)
        and Money.from_rupees(view.refundable) > ZERO,
        may_see_student=request.user.may(Permission.SEE_PERSONAL_DATA),
        may_approve=request.user.may(Permission.APPROVE_REFUNDS),
        may_hold=request.user.may(Permission.HOLD_PAYMENTS),
        may_prove=request.user.may(Permission.MAKE_PROOFS),
        may_check=request.user.may(Permission.ASK_BANK)
        and may_still_move(status, deps.clock.now()),
        states=PAYMENT_WORDS,
        refund_words=REFUND_WORDS,
        plain_words=plain_words,
    )


@post(CHECK, status_code=HTTP_303_SEE_OTHER, opt=opened("POST", CHECK), include_in_schema=False)
async def check(request: By, transaction_id: FromPath[str], deps: Deps) -> Redirect:
    """Ask the bank how the order stands, unless it was asked just now, and show the payment again."""
    wanted = named(transaction_id)
    view = await deps.refunds.queries.of_payment(wanted)
    origin = origin_of_request(request, Source.ADMIN)
    await deps.evidence.check_status(wanted, StudentId(view.student_id), origin)
    return Redirect(f"{PAYMENTS}/{wanted}", status_code=HTTP_303_SEE_OTHER)


@post(
    PERSONAL_DATA,
    status_code=HTTPStatus.OK,
    opt=opened("POST", PERSONAL_DATA),
    include_in_schema=False,
)
async def show_student(request: By, transaction_id: FromPath[str], deps: Deps) -> Template:
    """Show the student's address and telephone number, which lists mask; that they were shown is kept."""
    wanted = named(transaction_id)
    student = await deps.staff.show_student(wanted, origin_of_request(request, Source.ADMIN))
    return console_page(request, "student.html", wanted=wanted, student=student)


async def _discrepancies(deps: Dependencies, wanted: PaymentId) -> Sequence[Discrepancy]:
    page = await deps.discrepancies.queries.page(
        DiscrepancyFilter(search=wanted),
        order=DiscrepancyOrder.FOUND,
        at=deps.clock.now(),
        at_most=DISCREPANCIES_MAX,
    )
    return page.items
