"""The simulated SmartGateway as a Litestar application, for a server or for a test in the same process."""

import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar, Response
from litestar.connection import Request
from litestar.datastructures import MutableScopeHeaders, State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.types import Message, Scope

from entrypoints.simulator.config import SimulatorConfig
from entrypoints.simulator.control.router import CONTROL
from entrypoints.simulator.merchant_api.jwt_api import JWT_API
from entrypoints.simulator.merchant_api.order_api import ORDER_API
from entrypoints.simulator.merchant_api.settlement_api import SETTLEMENT_API
from entrypoints.simulator.payment_page.routes import PAYMENT_PAGE
from entrypoints.simulator.refusals import ApiRefusal, undocumented_refusal
from entrypoints.simulator.response_formats import ResponseFormat, translate_answers
from entrypoints.simulator.simulated_bank import SimulatedBank, new_bank, the_bank
from entrypoints.simulator.wire import json_answer

log = logging.getLogger(__name__)

BODY_BYTES_MAX = 64 * 1024


def create_app(config: SimulatorConfig) -> Litestar:
    return app_for(new_bank(config))


def app_for(bank: SimulatedBank) -> Litestar:
    app = new_app(bank.config.response_format)
    app.state.bank = bank
    return app


def new_app(response_format: ResponseFormat) -> Litestar:
    """Return all routes; set ``state.bank`` to the bank that answers before the first request."""
    return Litestar(
        route_handlers=[*ORDER_API, *JWT_API, *SETTLEMENT_API, *PAYMENT_PAGE, CONTROL],
        dependencies={"bank": Provide(the_bank, sync_to_thread=False)},
        exception_handlers={
            ApiRefusal: answer_refusal,
            HTTPException: answer_http_error,
            Exception: answer_crash,
        },
        before_send=[stamp_response_id],
        middleware=[translate_answers(response_format)]
        if response_format is not ResponseFormat.JSON
        else [],
        lifespan=[_lifespan],
        request_max_body_size=BODY_BYTES_MAX,
        openapi_config=None,
        logging_config=None,
    )


@asynccontextmanager
async def _lifespan(app: Litestar) -> AsyncIterator[None]:
    bank: SimulatedBank = app.state.bank
    async with bank.lifespan():
        yield


AnyRequest = Request[object, object, State]


def answer_refusal(_: AnyRequest, refusal: ApiRefusal) -> Response[bytes]:
    answer = json_answer(refusal.body, refusal.status)
    if refusal.status == 401:  # noqa: PLR2004 - the HTTP status that has to name its scheme
        answer.headers["WWW-Authenticate"] = 'Basic realm="SmartGateway"'
    if refusal.status == 429:  # noqa: PLR2004 - the HTTP status that says when to come back
        answer.headers["Retry-After"] = "1"
    return answer


def answer_http_error(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    detail = error.detail or "Request refused"
    if request.url.path.startswith("/_control"):
        extra = getattr(error, "extra", None)
        return json_answer({"error": detail, "details": extra or []}, error.status_code)
    return json_answer(undocumented_refusal(error.status_code, detail).body, error.status_code)


def answer_crash(request: AnyRequest, error: Exception) -> Response[bytes]:
    log.error("simulator.failed", exc_info=error, extra={"route": request.url.path})
    return json_answer(undocumented_refusal(500, "The simulator itself failed").body, 500)


async def stamp_response_id(message: Message, _: Scope) -> None:
    if message["type"] == "http.response.start":
        headers = MutableScopeHeaders.from_message(message)
        headers["x-response-id"] = f"sim-{secrets.token_hex(12)}"
