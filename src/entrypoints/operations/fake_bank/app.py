"""The served fake gateway as a Litestar application, for a server or for a test in the same process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urljoin

from litestar import Litestar, Response, Router
from litestar.connection import Request
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException

from adapters.fake.gateway import FakeGateway
from entrypoints.operations.fake_bank.calls import CALLS
from entrypoints.operations.fake_bank.order_control import ORDER_CONTROL
from entrypoints.operations.fake_bank.payer_page import PAGE_PATH, PAYER_PAGE
from entrypoints.operations.fake_bank.refund_control import REFUND_CONTROL
from entrypoints.operations.fake_bank.served_bank import ServedBank, new_client
from entrypoints.operations.fake_bank.wire import json_answer, the_bank
from entrypoints.settings.settings import Settings
from entrypoints.wiring.gateway import CALLBACK_PATH

WEBHOOK_PATH: Final = "api/payment/webhook"
BODY_BYTES_MAX: Final = 64 * 1024
NO_ROUTE: Final = "Not Found"
AnyRequest = Request[object, object, State]


CONTROL: Final = Router("/_control", route_handlers=[*ORDER_CONTROL, *REFUND_CONTROL])


def served_bank(settings: Settings) -> ServedBank:
    """Return an empty bank for the installation of *settings*; raise ``NotInProduction`` for production."""
    public = settings.public_url.rstrip("/") + "/"
    return ServedBank(
        gateway=FakeGateway(
            environment=settings.environment.value,
            now=lambda: datetime.now(UTC),
            page=f"{settings.fake_gateway_url.rstrip('/')}{PAGE_PATH}",
        ),
        callback_url=urljoin(public, CALLBACK_PATH),
        webhook_url=urljoin(public, WEBHOOK_PATH),
        client=new_client(),
    )


def app_for(bank: ServedBank) -> Litestar:
    app = new_app()
    app.state.bank = bank
    return app


def new_app() -> Litestar:
    """Return all routes; set ``state.bank`` to the bank that answers before the first request."""
    return Litestar(
        route_handlers=[*CALLS, *PAYER_PAGE, CONTROL],
        dependencies={"bank": Provide(the_bank, sync_to_thread=False)},
        exception_handlers={HTTPException: _answer_error},
        lifespan=[_lifespan],
        request_max_body_size=BODY_BYTES_MAX,
        openapi_config=None,
        logging_config=None,
    )


@asynccontextmanager
async def _lifespan(app: Litestar) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await app.state.bank.close()


def _answer_error(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    detail, path = error.detail, request.url.path
    if detail == NO_ROUTE and path.startswith("/_control"):
        detail = f"the fake gateway has no {path}; the simulator may have it"
    details = getattr(error, "extra", None) or []
    return json_answer({"error": detail, "details": details}, error.status_code)
