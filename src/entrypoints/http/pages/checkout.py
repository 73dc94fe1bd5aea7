"""The page on which a student sees what a course costs, to the paisa, and decides to pay."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from http import HTTPStatus
from math import ceil
from types import MappingProxyType
from typing import Any, Final, Self

import msgspec
from litestar import Request, Router, get, post
from litestar.enums import RequestEncodingType
from litestar.params import FromPath
from litestar.response import Redirect, Response, Template
from litestar.status_codes import HTTP_303_SEE_OTHER

from application.checkout.idempotency import PaymentInProgress
from application.checkout.quote_course import QuoteCourseCommand
from domain.catalogue.course import Course, CourseId, parse_course_id
from domain.catalogue.discount import DiscountRefused
from domain.catalogue.expected_quote import PriceChanged
from domain.catalogue.quote import Quote
from domain.errors import DomainError, NotFound
from domain.money import Money
from domain.payments.changed_details import PaymentDetail
from domain.staff.access import Permission
from domain.tax.gst import ADDRESS_FROM
from domain.tax.indian_states import STATES
from domain.text.language import Translations
from entrypoints.http import problem_types
from entrypoints.http.api.idempotency import is_key
from entrypoints.http.api.payment import cancelled, opened
from entrypoints.http.api.wire import InitiationWanted
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.faults import field_errors
from entrypoints.http.languages import language_of, translations_of
from entrypoints.http.page import page
from entrypoints.http.pages.paying import leave_for, new_key, problem_of
from entrypoints.http.problems import HttpProblem, Problem
from entrypoints.http.security.guards import opened_to
from entrypoints.http.security.identity import Caller
from entrypoints.http.security.rate_limits import Budget

Buying = Request[Caller, Any, Any]

COMPARED: Final[Mapping[PaymentDetail, str]] = MappingProxyType(
    {
        PaymentDetail.NAME: "Name",
        PaymentDetail.STATE: "State",
        PaymentDetail.GSTIN: "GSTIN",
        PaymentDetail.ADDRESS: "Address",
        PaymentDetail.DISCOUNT_CODE: "Discount code",
        PaymentDetail.PAYABLE: "To pay",
    }
)
"""In what a payment under way may differ from what is filled in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """The form as the student sent it; it is shown again with what has to be corrected."""

    name: str = ""
    state_code: str = ""
    gstin: str = ""
    address: str = ""
    special_economic_zone: str = ""
    consent: str = ""
    """The version of the privacy notice beside the box that the student ticked."""

    discount_code: str = ""
    key: str = ""
    csrf_token: str = ""
    expected_payable: str = ""
    expected_quote: str = ""
    replaces: str = ""
    """The payment under way that this one takes the place of."""

    @classmethod
    def from_form(cls, form: Mapping[str, Any]) -> Self:
        """Return the form that was sent, or raise ``HttpProblem`` for fields it does not have."""
        unknown = [name for name in form if name not in {each.name for each in fields(cls)}]
        if unknown or not all(isinstance(value, str) for value in form.values()):
            raise HttpProblem(
                problem_types.REQUEST_INVALID, "The form holds something it never had."
            )
        return cls(**form)

    def priced_despite(self, refusal: Exception) -> Self:
        """Return the form without what no price depends on, and without the discount code that was refused."""
        return replace(
            self,
            name="Student",
            gstin="",
            address="To follow",
            discount_code="" if isinstance(refusal, DiscountRefused) else self.discount_code,
        )

    def wanted(self, course: CourseId) -> InitiationWanted:
        """Return what the form asks for and what price it showed, as a program would send it."""
        said = {
            "course_id": course,
            "billing": {
                "name": self.name,
                "state_code": self.state_code,
                "gstin": self.gstin or None,
                "address": self.address or None,
                "special_economic_zone": bool(self.special_economic_zone),
            },
            "discount_code": self.discount_code or None,
            "expected_payable": self.expected_payable or None,
            "expected_quote": self.expected_quote or None,
            "consent": self.consent or None,
        }
        try:
            return msgspec.convert(said, InitiationWanted)
        except msgspec.ValidationError as error:
            where = str(error).rpartition("$.")[2].rstrip("`")
            raise HttpProblem(
                problem_types.REQUEST_INVALID, members=field_errors((where, "it is too long"))
            ) from None


@get(
    "/",
    opt=opened_to(Permission.PAY, Budget.READ, page=True),
)
async def checkout(request: Buying, course_id: FromPath[str], deps: Deps) -> Template:
    """Show the course, its price, and the form; one that is open already is not to be paid again."""
    course = await _on_sale(deps, course_id)
    owned = await deps.payments.open_courses(request.user.id)
    if course.id in owned:
        return page(request, "owned.html", course=course, payment=owned[course.id])
    filled = Filled(name=request.user.name, key=new_key())
    return _page(request, course, filled, paused=deps.checkout.session_suspended_for())


@post(
    "/price",
    status_code=HTTPStatus.OK,
    opt=opened_to(Permission.PAY, Budget.QUOTE, page=True),
)
async def price(request: Buying, course_id: FromPath[str], deps: Deps) -> Template:
    """Show the form again with the price for the State and the code that were filled in."""
    course, filled = await _on_sale(deps, course_id), await _filled(request)
    try:
        quote = await _quote(request, deps, filled.wanted(course.id))
    except (DomainError, HttpProblem) as error:
        return await _refused(request, deps, course, filled, error)
    return _page(request, course, filled, quote=quote, paused=deps.checkout.session_suspended_for())


@post(
    "/",
    status_code=HTTPStatus.OK,
    opt=opened_to(Permission.PAY, Budget.INITIATE, page=True),
)
async def pay(request: Buying, course_id: FromPath[str], deps: Deps) -> Response[Any]:
    """Open the payment and send the student to the bank's page, or straight to the course."""
    course, filled = await _on_sale(deps, course_id), await _filled(request)
    key = filled.key if is_key(filled.key) else new_key()
    try:
        wanted = filled.wanted(course.id)
        if (notice := deps.checkout.privacy_notice) is not None:
            # Before the payment under way is ended for one that would be refused.
            notice.check(wanted.agreed)
        if filled.replaces:
            await cancelled(request, filled.replaces, deps)
        payment = (await opened(request, deps, wanted, key)).payment
    except (DomainError, HttpProblem) as error:
        return await _refused(request, deps, course, filled, error)
    if payment.gateway_order is None or not payment.state.is_live:
        return Redirect(f"/result/{payment.id}", status_code=HTTP_303_SEE_OTHER)
    return leave_for(request, deps, payment.gateway_order.payment_url)


async def _refused(
    request: Buying,
    deps: Dependencies,
    course: Course,
    filled: Filled,
    error: DomainError | HttpProblem,
) -> Template:
    """Show the form again with what was refused and, where it can be told, the price as it is now."""
    problem, quote = problem_of(error), None
    try:
        quote = await _quote(request, deps, filled.wanted(course.id))
    except (DomainError, HttpProblem) as unpriced:
        if isinstance(error, PriceChanged):
            problem = problem_of(unpriced)
        with suppress(DomainError, HttpProblem):
            quote = await _quote(request, deps, filled.priced_despite(unpriced).wanted(course.id))
    live = None
    if isinstance(error, PaymentInProgress):
        live = {
            "payable": error.payable,
            "until": error.expires_at,
            "differs": _differences(error, translations_of(request)),
        }
    return _page(request, course, filled, quote=quote, problem=problem, live=live)


def _differences(error: PaymentInProgress, say: Translations) -> list[tuple[str, str, str]]:
    """Return in what the payment under way differs from what is filled in: what, there, and here."""
    return [
        (
            COMPARED[each.detail],
            _shown(each.detail, each.under_way, say),
            _shown(each.detail, each.asked, say),
        )
        for each in error.differs
    ]


def _shown(detail: PaymentDetail, text: str | None, say: Translations) -> str:
    if text is None:
        return say("none")
    match detail:
        case PaymentDetail.STATE:
            return say(STATES[text].name)
        case PaymentDetail.PAYABLE:
            return str(Money.from_rupees(text))
        case _:
            return text


async def _quote(request: Buying, deps: Dependencies, wanted: InitiationWanted) -> Quote:
    return await deps.checkout.quote_course(
        QuoteCourseCommand(
            student=request.user.id,
            course=wanted.course,
            buyer=wanted.billing.buyer(),
            code=wanted.code,
        )
    )


def _page(
    request: Buying,
    course: Course,
    filled: Filled,
    *,
    quote: Quote | None = None,
    problem: Problem | None = None,
    paused: timedelta | None = None,
    live: Mapping[str, Any] | None = None,
) -> Template:
    faults, say = problem.members.get("errors", []) if problem else [], translations_of(request)
    return page(
        request,
        "checkout.html",
        status=problem.kind.status if problem else HTTPStatus.OK,
        course=course,
        filled=filled,
        key=_key_for(filled, problem),
        states=sorted(STATES.values(), key=lambda each: say(each.name)),
        quote=quote,
        address_wanted=_wants_address(course, quote),
        shown_payable=(quote.payable if quote else course.list_price).plain(),
        problem=problem,
        live=live,
        notice=_notice(request),
        paused_seconds=ceil(paused.total_seconds()) if paused else None,
        faults={
            each.field.removeprefix("billing."): _sentence(say(each.detail)) for each in faults
        },
    )


def _notice(request: Buying) -> Mapping[str, str] | None:
    """Return what the student is asked to agree to, in their language."""
    deps: Dependencies = request.app.state.deps
    notice = deps.checkout.privacy_notice
    if notice is None:
        return None
    words = notice.texts[language_of(request)]
    return {"version": notice.version, "url": notice.url, "words": words}


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def _wants_address(course: Course, quote: Quote | None) -> bool:
    """Whether the law may want a private buyer's address; before there is a quote, by the list price."""
    return not course.exempt and (quote.taxable if quote else course.list_price) >= ADDRESS_FROM


def _key_for(filled: Filled, problem: Problem | None) -> str:
    # With the same key a repeated form finds an order whose session had an unknown outcome.
    spent = problem is not None and problem.kind is problem_types.KEY_REUSED
    return new_key() if spent or not is_key(filled.key) else filled.key


async def _filled(request: Buying) -> Filled:
    if request.content_type[0] != RequestEncodingType.URL_ENCODED.value:
        raise HttpProblem(
            problem_types.UNSUPPORTED_MEDIA_TYPE, "The form comes as a browser sends it."
        )
    return Filled.from_form(dict(await request.form()))


async def _on_sale(deps: Dependencies, course_id: str) -> Course:
    course = await deps.catalogue.on_sale.course(parse_course_id(course_id))
    if not course.active:
        raise NotFound("course", course_id)
    return course


checkout_routes = Router(
    "/checkout/{course_id:str}", route_handlers=[checkout, price, pay], include_in_schema=False
)
