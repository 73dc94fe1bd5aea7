"""Five pieces of news about one order, in every order, under banks that behave in five ways: they end the same."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import permutations, product
from random import Random
from typing import Final, Protocol

from adapters.fake.gateway import FakeGateway
from adapters.fake.script import Fault, Outcome
from application.evidence.process_inbox import DELAYS
from domain.identifiers import PaymentId
from domain.payments.order_facts import Verdict
from domain.payments.payment_state import State
from fakes.samples import LAPSE
from ports.payments.payment_gateway import GatewayOperation

MINUTE: Final = timedelta(minutes=1)


class News(StrEnum):
    CALLBACK = "callback"
    WEBHOOK_FAILED = "webhook_failed"
    WEBHOOK_CHARGED = "webhook_charged"
    STATUS = "status"
    EXPIRY = "expiry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What one payment of 1062 rupees, with the last slot of its code, has come to."""

    state: State = State.SUCCESS
    captured_paise: int = 1062_00
    clean: bool = True
    """No reason of a failure is left, and no review is needed."""

    sales: int = 1
    enrolments: int = 1
    outbox_lines: int = 1
    slots_used: int = 1


SOLD_ONCE: Final = Ending()


class Runner(Protocol):
    """Where news is told: use cases on some store, before a bank to direct, under a clock set by hand."""

    @property
    def gateway(self) -> FakeGateway: ...

    async def begin_payment(self) -> PaymentId:
        """Return a new student's payment of 1062 rupees, made with a code of one slot."""
        ...

    def wait(self, span: timedelta) -> None: ...

    async def deliver_callback(self, payment: PaymentId) -> None: ...

    async def deliver_webhook(self, payment: PaymentId) -> None:
        """Receive a webhook of how the order stands now, and work through the inbox."""
        ...

    async def ask_status(self, payment: PaymentId) -> None: ...

    async def poll_orders(self) -> None: ...

    async def process_inbox(self) -> None: ...

    async def ending(self, payment: PaymentId) -> Ending: ...


Script = Callable[[FakeGateway, PaymentId], None]


def _nothing(bank: FakeGateway, payment: PaymentId) -> None:
    """The bank's page is open and there was no attempt yet."""


def _fails(bank: FakeGateway, payment: PaymentId) -> None:
    bank.pay(payment, Outcome.FAILURE)


def _fails_then_pays(bank: FakeGateway, payment: PaymentId) -> None:
    bank.pay(payment, Outcome.FAILURE)
    bank.pay(payment)


def _waits(bank: FakeGateway, payment: PaymentId) -> None:
    bank.pay(payment, Outcome.PENDING)


def _pays_without_answers(bank: FakeGateway, payment: PaymentId) -> None:
    bank.pay(payment)
    bank.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN, times=2)


SCRIPTS: Final[Mapping[str, Script]] = {
    "no attempt before the news": _nothing,
    "failed before the news": _fails,
    "paid before the news": _fails_then_pays,
    "busy before the news": _waits,
    "paid, and without an answer of the bank twice": _pays_without_answers,
}
ORDERS: Final = tuple(permutations(News))
Play = tuple[str, tuple[News, ...]]
PLAYS: Final[Sequence[Play]] = tuple(product(SCRIPTS, ORDERS))


def sample(many: int) -> Sequence[Play]:
    """Return so many of the plays, the same ones every time, in no particular order."""
    return Random("shulk").sample(PLAYS, many)  # noqa: S311 - which plays, not a secret


async def played(runner: Runner, script: str, order: Sequence[News]) -> Ending:
    """Return how a payment ends that is told of in this *order*, a minute apart."""
    payment = await runner.begin_payment()
    SCRIPTS[script](runner.gateway, payment)
    runner.wait(LAPSE)
    for news in order:
        await _tell(runner, payment, news)
        runner.wait(MINUTE)
    # Whatever was deferred comes due in the end.
    runner.wait(DELAYS[-1])
    await runner.process_inbox()
    return await runner.ending(payment)


async def _tell(runner: Runner, payment: PaymentId, news: News) -> None:
    bank = runner.gateway
    paid = bank.orders[payment].facts.verdict is Verdict.CHARGED
    match news:
        case News.CALLBACK:
            await runner.deliver_callback(payment)
        case News.WEBHOOK_FAILED:
            # The bank speaks of a failure only once there was one; a charge it never takes back.
            if not paid:
                bank.pay(payment, Outcome.FAILURE)
            await runner.deliver_webhook(payment)
        case News.WEBHOOK_CHARGED:
            if not paid:
                bank.pay(payment)
            await runner.deliver_webhook(payment)
        case News.STATUS:
            await runner.ask_status(payment)
        case News.EXPIRY:
            await runner.poll_orders()
