"""The gateway port on SmartGateway: payment sessions, order status and refunds."""

import hashlib
import logging
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NoReturn
from urllib.parse import quote

import httpx
import msgspec

from adapters.hdfc.addresses import is_payment_page
from adapters.hdfc.auth.request_auth import GatewayCall
from adapters.hdfc.formats.message_fields import fault_in
from adapters.hdfc.outbound.refusals import failure_of, refund_failure_of, says_unknown_order
from adapters.hdfc.outbound.translate import facts_of
from adapters.hdfc.outbound.transport import (
    GatewayAnswer,
    NeverSent,
    NoAnswer,
    NotProtocol,
    NotTrusted,
    send,
)
from adapters.hdfc.outbound.wire import OrderAnswer, SessionAnswer, SessionRequest, fields_of, only
from adapters.hdfc.sanitise import clean, identifier, person_name
from adapters.hdfc.settings import RESELLER, HdfcSettings
from domain.identifiers import PaymentId, StudentId
from domain.money import CURRENCY, gateway_amount
from domain.payments.order_facts import OrderFacts, Verdict
from domain.payments.payment import GatewayOrder
from ports.payments.payment_gateway import (
    GatewayDown,
    GatewayFailure,
    GatewayOperation,
    GatewayOutcomeUnknown,
    GatewayRefused,
    NewOrder,
    RefundOrder,
)

DESCRIPTION_LENGTH_MAX: Final = 255
CUSTOMER_LENGTH_MAX: Final = 255
ACTION: Final = "paymentPage"

_EMAIL: Final = re.compile(r"[^@\s<>]{1,64}@[^@\s<>]{1,189}")
_PHONE: Final = re.compile(r"(?:\+?91|0)?([0-9]{10})")
COUNTRY_CODE: Final = "+91"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HdfcGateway:
    settings: HdfcSettings
    client: httpx.AsyncClient

    async def create_session(self, order: NewOrder) -> GatewayOrder:
        call = GatewayCall(
            operation=GatewayOperation.CREATE_SESSION,
            order=order.payment,
            fields=self._session(order),
        )
        try:
            answer = await self._ask(call, order.student.id)
        except NoAnswer as error:
            raise GatewayOutcomeUnknown(f"no whole answer: {error}") from error
        if not httpx.codes.is_success(answer.status):
            raise failure_of(answer)
        try:
            session = msgspec.convert(answer.body, SessionAnswer)
        except msgspec.ValidationError as error:
            raise _misshapen("session", error, answer) from error
        if not (session_id := identifier(session.id)):
            raise GatewayDown("a session without an id", response_id=answer.response_id)
        if session.order_id != order.payment:
            _distrust("the session of another order came back", order.payment, answer)
        page = session.payment_links.web
        hosts = self.settings.payment_hosts
        if not is_payment_page(page, gateway=self.settings.base_url, others=hosts):
            _distrust("the payment page lies at a foreign host", order.payment, answer)
        return GatewayOrder(id=session_id, payment_url=page)

    async def read_order(self, payment: PaymentId, student: StudentId) -> OrderFacts:
        call = GatewayCall(operation=GatewayOperation.READ_ORDER, order=payment)
        try:
            answer = await self._ask(call, student)
        except NoAnswer as error:
            raise GatewayDown(f"no whole answer: {error}") from error
        if says_unknown_order(answer):
            return OrderFacts(payment=payment, verdict=Verdict.UNKNOWN_ORDER)
        if not httpx.codes.is_success(answer.status):
            raise _unread(failure_of(answer))
        try:
            order = msgspec.convert(answer.body, OrderAnswer)
        except msgspec.ValidationError as error:
            raise _misshapen("order", error, answer) from error
        if order.order_id != payment:
            _distrust("the status of another order came back", payment, answer)
        return facts_of(order, payment)

    async def refund(self, order: RefundOrder) -> OrderFacts:
        call = GatewayCall(
            operation=GatewayOperation.REFUND,
            order=order.payment,
            fields={"unique_request_id": order.refund, "amount": gateway_amount(order.amount)},
        )
        try:
            answer = await self._exchange(call, order.student)
        except NoAnswer as error:
            raise GatewayOutcomeUnknown(f"no whole answer: {error}") from error
        except NotProtocol as error:
            raise _refund_failure_when_not_protocol(error) from error
        if not httpx.codes.is_success(answer.status):
            raise refund_failure_of(answer)
        try:
            known = msgspec.convert(answer.body, OrderAnswer)
        except msgspec.ValidationError as error:
            raise GatewayOutcomeUnknown(
                f"no order: {fault_in(error)}", response_id=answer.response_id
            ) from error
        facts = facts_of(known, order.payment)
        if known.order_id != order.payment or not facts.has_refund(order.refund):
            # Money may be on its way all the same: only a read can tell.
            raise GatewayOutcomeUnknown(
                "the answer does not show the refund", response_id=answer.response_id
            )
        return facts

    def _session(self, order: NewOrder) -> Mapping[str, object]:
        phone = _indian_phone(order.student.phone)
        first, _, last = person_name(order.student.name).partition(" ")
        return fields_of(
            SessionRequest(
                order_id=order.payment,
                amount=gateway_amount(order.amount),
                currency=CURRENCY,
                customer_id=_customer(order.student.id),
                # The bank refuses the whole order when one of these two is malformed, and requires neither.
                customer_email=order.student.email if _EMAIL.fullmatch(order.student.email) else "",
                customer_phone=phone,
                mobile_country_code=COUNTRY_CODE if phone else "",
                payment_page_client_id=self.settings.payment_page_client_id,
                action=ACTION,
                return_url=self.settings.return_url,
                description=clean(order.description, DESCRIPTION_LENGTH_MAX),
                first_name=first,
                last_name=last,
                expiry_minutes=str(_minutes(order.lifetime)),
                payment_filter=only(self.settings.methods(order.amount)),
            )
        )

    def _request(self, call: GatewayCall, student: StudentId) -> httpx.Request:
        settings, customer = self.settings, _customer(student)
        prepared = settings.auth.prepare(call)
        headers = {
            **prepared.headers,
            "x-merchantid": settings.merchant_id,
            "x-customerid": customer,
            # One value for all calls of an order; a student's orders share it.
            "x-routing-id": customer or call.order,
            "x-resellerid": RESELLER,
            "version": settings.version,
        }
        url = settings.base_url.rstrip("/") + prepared.path
        return self.client.build_request(
            prepared.method, url, headers=headers, content=prepared.content
        )

    async def _ask(self, call: GatewayCall, student: StudentId) -> GatewayAnswer:
        try:
            return await self._exchange(call, student)
        except NotProtocol as error:
            raise GatewayDown(str(error), response_id=error.response_id) from error

    async def _exchange(self, call: GatewayCall, student: StudentId) -> GatewayAnswer:
        """Return the answer, or raise ``GatewayDown`` (never sent), ``NoAnswer``, ``NotProtocol`` or ``NotTrusted``."""
        logged: dict[str, object] = {"step": call.operation.value, "order_id": call.order}
        request = self._request(call, student)
        try:
            answer = await send(
                self.client, request, self.settings.total_timeout, self.settings.auth
            )
        except NeverSent as error:
            log.warning("gateway.unreachable", extra={**logged, "error": str(error)})
            raise GatewayDown(f"not reached: {error}") from error
        except NoAnswer as error:
            log.warning("gateway.unanswered", extra={**logged, "error": str(error)})
            raise
        except NotTrusted as error:
            logged |= {"response_id": error.response_id, "reason": error.why}
            log.critical("gateway.answer_not_trusted", extra={**logged, "needs_attention": True})
            raise
        except NotProtocol as error:
            logged |= {"status_code": error.status, "response_id": error.response_id}
            log.warning("gateway.answer_unreadable", extra={**logged, "error": error.why})
            raise
        logged |= {"status_code": answer.status, "response_id": answer.response_id}
        log.info("gateway.answered", extra=logged)
        return answer


def _distrust(why: str, payment: PaymentId, answer: GatewayAnswer) -> NoReturn:
    """Log that a person is needed and raise ``GatewayDown``: this answer cannot be the bank's."""
    logged = {"order_id": payment, "response_id": answer.response_id, "reason": why}
    log.critical("gateway.answer_not_trusted", extra={**logged, "needs_attention": True})
    raise GatewayDown(why, response_id=answer.response_id)


def _misshapen(what: str, error: msgspec.ValidationError, answer: GatewayAnswer) -> GatewayDown:
    return GatewayDown(f"no {what}: {fault_in(error)}", response_id=answer.response_id)


def _refund_failure_when_not_protocol(error: NotProtocol) -> GatewayFailure:
    """Return what an answer that is not the bank's means for a refund: after 401 or 403 nothing was done."""
    if error.status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        return GatewayDown(str(error), response_id=error.response_id)
    return GatewayOutcomeUnknown(str(error), response_id=error.response_id)


def _unread(gateway_failure: GatewayFailure) -> GatewayFailure:
    # The bank never calls a status read invalid: whoever says so is not the bank.
    if isinstance(gateway_failure, GatewayRefused):
        return GatewayDown(gateway_failure.detail, response_id=gateway_failure.response_id)
    return gateway_failure


def _customer(student: StudentId) -> str:
    """
    Return the customer id of *student*: one per student, the same in every call.

    It stands in a header, and the bank takes 255 characters at most: a longer one is named by its digest.
    """
    quoted = quote(student, safe="@:+")
    if len(quoted) <= CUSTOMER_LENGTH_MAX:
        return quoted
    return hashlib.sha256(student.encode()).hexdigest()


def _indian_phone(written: str) -> str:
    """Return the ten digits of an Indian number, or nothing: the bank refuses an order with another one."""
    found = _PHONE.fullmatch(written)
    return found[1] if found else ""


def _minutes(lifetime: timedelta) -> int:
    return max(1, math.ceil(lifetime / timedelta(minutes=1)))
