"""
Shulk's own API and worker before a bank that answers at once: what is measured is us and PostgreSQL.

Run as ``python -m benchmarks.instant_bank worker``, or served as ``benchmarks.instant_bank:app``.
"""

import asyncio
import dataclasses
import os
import sys
from dataclasses import dataclass
from typing import Final

from dependency_injector import providers
from litestar import Litestar

from domain.identifiers import PaymentId, StudentId
from domain.money import CURRENCY, Money
from domain.payments.order_facts import Instrument, OrderFacts, Verdict
from domain.payments.payment import GatewayOrder
from entrypoints.http.app import create_app
from entrypoints.jobs.signals import shutdown_on_signal
from entrypoints.jobs.worker import Worker
from entrypoints.logs.setup import configure_logging
from entrypoints.settings.settings import load_settings
from entrypoints.wiring.container import Shulk
from entrypoints.wiring.http_process import dependencies_for
from entrypoints.wiring.worker_process import worker_tasks_for
from ports.payments.payment_gateway import NewOrder, RefundOrder

PRICE: Final = Money(11_800_00)


@dataclass(frozen=True, slots=True)
class InstantGateway:
    """Knows every order, and each of them is paid."""

    async def create_session(self, order: NewOrder) -> GatewayOrder:
        return GatewayOrder(
            id=f"bench_{order.payment}", payment_url=f"https://bank.example.com/{order.payment}"
        )

    async def read_order(self, payment: PaymentId, _: StudentId) -> OrderFacts:
        return OrderFacts(
            payment=payment,
            verdict=Verdict.CHARGED,
            amount=PRICE,
            currency=CURRENCY,
            word="CHARGED",
            word_id=21,
            bank_txn_id=f"BENCH-{payment}-1",
            bank_reference="621510654321",
            instrument=Instrument(method="UPI"),
        )

    async def refund(self, order: RefundOrder) -> OrderFacts:
        raise NotImplementedError(f"nobody measures refunds yet: {order.refund}")


def before_an_instant_bank() -> None:
    """Have every process part wired from now on ask the instant bank; its guard stays before it."""
    Shulk.bank.adapter.override(providers.Object(InstantGateway()))


def app() -> Litestar:
    """Return the whole HTTP application; the server's factory."""
    settings = load_settings(os.environ)
    configure_logging(settings)
    before_an_instant_bank()
    return create_app(dependencies_for(settings))


async def _work() -> None:
    settings = load_settings(os.environ)
    configure_logging(settings)
    before_an_instant_bank()

    async def nothing() -> int:
        return 0

    # Emails and documents are written down with each sale, and sent when nothing is measured.
    tasks = dataclasses.replace(
        worker_tasks_for(settings), relay_outbox=nothing, poll_refunds=nothing, poll_orders=nothing
    )
    worker = Worker(
        tasks=tasks,
        shutdown=shutdown_on_signal(),
        shutdown_seconds=settings.shutdown_seconds,
        redis_url=settings.redis_url,
    )
    await worker.run()


if __name__ == "__main__":
    assert sys.argv[1:] == ["worker"]
    asyncio.run(_work())
