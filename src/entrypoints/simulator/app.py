"""The stand-in SmartGateway as a Litestar application, ready for a server or for a test in the same process."""

import logging
import secrets

from litestar import Litestar, Response
from litestar.connection import Request
from litestar.datastructures import MutableScopeHeaders, State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.types import Message, Scope

from entrypoints.simulator.config import SimulatorConfig
from entrypoints.simulator.control import CONTROL
from entrypoints.simulator.dialects import Dialect, speaking
from entrypoints.simulator.order_api import ORDER_API
from entrypoints.simulator.payment_page import PAYMENT_PAGE
from entrypoints.simulator.refusals import Refused, elsewhere
from entrypoints.simulator.sealed_api import SEALED_API
from entrypoints.simulator.stand_in import StandIn, new_stand_in
from entrypoints.simulator.wire import json_answer

log = logging.getLogger(__name__)

BODY_BYTES_MAX = 64 * 1024


def create_app(config: SimulatorConfig) -> Litestar:
    return app_for(new_stand_in(config))


def app_for(stand_in: StandIn) -> Litestar:
    config = stand_in.config

    def the_stand_in() -> StandIn:
        return stand_in

    return Litestar(
        route_handlers=[*ORDER_API, *SEALED_API, *PAYMENT_PAGE, CONTROL],
        dependencies={"stand_in": Provide(the_stand_in, sync_to_thread=False)},
        exception_handlers={
            Refused: answer_refusal,
            HTTPException: answer_http_error,
            Exception: answer_crash,
        },
        before_send=[stamp_response_id],
        middleware=[speaking(config.dialect)] if config.dialect is not Dialect.JSON else [],
        lifespan=[stand_in.lifespan],
        request_max_body_size=BODY_BYTES_MAX,
        openapi_config=None,
        logging_config=None,
    )


AnyRequest = Request[object, object, State]


def answer_refusal(_: AnyRequest, refusal: Refused) -> Response[bytes]:
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
    return json_answer(elsewhere(error.status_code, detail).body, error.status_code)


def answer_crash(request: AnyRequest, error: Exception) -> Response[bytes]:
    log.error("the stand-in failed on %s", request.url.path, exc_info=error)
    return json_answer(elsewhere(500, "The simulator itself failed").body, 500)


async def stamp_response_id(message: Message, _: Scope) -> None:
    if message["type"] == "http.response.start":
        headers = MutableScopeHeaders.from_message(message)
        headers["x-response-id"] = f"sim-{secrets.token_hex(12)}"
