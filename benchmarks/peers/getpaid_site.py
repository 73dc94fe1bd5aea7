"""
A site on litestar-getpaid, as its documentation shows one: its router, its SQLAlchemy store, and a processor.

Runs in the peers' environment. The processor is the extension the library asks for; everything that decides about a
payment is the library's.
"""

import asyncio
import hashlib
import hmac
import os
import sys
from decimal import Decimal
from typing import Any, ClassVar

import httpx
from getpaid_core.enums import PaymentEvent
from getpaid_core.exceptions import InvalidCallbackError
from getpaid_core.flow import PaymentFlow
from getpaid_core.processor import BaseProcessor
from getpaid_core.types import PaymentUpdate, TransactionResult
from litestar import Litestar, post
from litestar_getpaid.config import GetpaidConfig
from litestar_getpaid.contrib.sqlalchemy.models import Base
from litestar_getpaid.contrib.sqlalchemy.repository import SQLAlchemyPaymentRepository
from litestar_getpaid.contrib.sqlalchemy.retry_store import SQLAlchemyRetryStore
from litestar_getpaid.plugin import create_payment_router
from litestar_getpaid.registry import LitestarPluginRegistry
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

BANK = os.environ["PEERS_BANK"]
SECRET = os.environ["PEERS_SECRET"].encode()
EVENTS = {"charged": PaymentEvent.PAYMENT_CAPTURED, "failed": PaymentEvent.FAILED}


class BankProcessor(BaseProcessor):
    """Signed callbacks, and status on demand; what the signature covers is believed, as the library's plugins do."""

    slug: ClassVar[str] = "bank"
    display_name: ClassVar[str] = "Bank"
    accepted_currencies: ClassVar[tuple[str, ...]] = ("INR",)

    async def prepare_transaction(self, **_: Any) -> TransactionResult:
        async with httpx.AsyncClient(trust_env=False, timeout=90) as http:
            (await http.post(f"{BANK}/orders/{self.payment.id}")).raise_for_status()
        return TransactionResult(method="GET", redirect_url=f"{BANK}/pay/{self.payment.id}")

    async def verify_callback(self, data: dict, headers: dict, **more: Any) -> None:  # noqa: ARG002
        expected = hmac.new(SECRET, more["raw_body"], hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, headers.get("x-signature", "")):
            raise InvalidCallbackError("wrong signature")

    async def handle_callback(self, data: dict, headers: dict, **_: Any) -> PaymentUpdate | None:  # noqa: ARG002
        return self._update(data["status"], data["event_id"])

    async def fetch_payment_status(self, **_: Any) -> PaymentUpdate | None:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
            status = (await http.get(f"{BANK}/orders/{self.payment.id}")).json()["status"]
        return self._update(status, None) if status in EVENTS else None

    def _update(self, status: str, event_id: str | None) -> PaymentUpdate:
        return PaymentUpdate(
            payment_event=EVENTS[status],
            paid_amount=self.payment.amount_required if status == "charged" else None,
            provider_event_id=event_id,
        )


class Order:
    def __init__(self, order_id: str) -> None:
        self.id = order_id

    def get_total_amount(self) -> Decimal:
        return Decimal("1180.00")

    def get_buyer_info(self) -> dict:
        return {"email": "student@example.com"}

    def get_description(self) -> str:
        return "A course"

    def get_currency(self) -> str:
        return "INR"

    def get_items(self) -> list:
        return []

    def get_return_url(self, success: bool | None = None) -> str:  # noqa: ARG002, FBT001
        return "https://shop.example.com/return"


class Orders:
    async def resolve(self, order_id: str) -> Order:
        return Order(order_id)


engine = create_async_engine(
    os.environ["PEERS_DATABASE"].replace("postgresql://", "postgresql+asyncpg://"), pool_size=20
)
sessions = async_sessionmaker(engine, expire_on_commit=False)
repository = SQLAlchemyPaymentRepository(sessions)
registry = LitestarPluginRegistry()
registry.register(BankProcessor)
config = GetpaidConfig(
    default_backend="bank",
    success_url="https://shop.example.com/thanks",
    failure_url="https://shop.example.com/sorry",
    backends={"bank": {}},
)
flow = PaymentFlow(repository=repository, config=config.backends, registry=registry)


@post("/open-as/{payment_id:str}")
async def open_as(payment_id: str) -> dict:
    """Open a payment under an id drawn beforehand, by the library's own flow."""
    payment = await flow.create_payment(Order(payment_id), "bank", id=payment_id)
    await flow.prepare(payment)
    return {"payment_id": payment.id}


@post("/poll/{payment_id:str}")
async def poll(payment_id: str) -> dict:
    """Ask the bank by the library's pull flow, which its routes do not offer."""
    payment = await flow.fetch_and_update_status(await repository.get_by_id(payment_id))
    return {"status": payment.status}


async def prepare() -> None:
    """Make the library's tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)


app = Litestar(
    route_handlers=[
        create_payment_router(
            config=config,
            repository=repository,
            registry=registry,
            order_resolver=Orders(),
            retry_store=SQLAlchemyRetryStore(sessions),
        ),
        open_as,
        poll,
    ],
)

if __name__ == "__main__" and sys.argv[1:] == ["prepare"]:
    asyncio.run(prepare())
