"""The two runners in which news is told: one in memory, one on real PostgreSQL."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from typing import Final

from adapters.fake.gateway import FakeGateway
from domain.identifiers import PaymentId
from domain.payments.payment_state import State
from fakes.samples import a_code, a_course
from scorecard.five_messages import Ending
from worlds.memory import MemoryWorld
from worlds.postgres import BY_CALLBACK, PostgresWorld, origin, student, wanted

COURSE: Final = a_course()
ENDING: Final = """
SELECT p.state,
       coalesce(p.captured_paise, 0),
       p.failure IS NULL AND p.attention IS NULL,
       (SELECT count(*) FROM audit_log
         WHERE subject = p.id AND action = 'payment.moved' AND to_state = 'success'),
       (SELECT count(*) FROM enrolment WHERE payment_id = p.id),
       (SELECT count(*) FROM outbox WHERE payment_id = p.id AND errand <> 'payment_failure'),
       (SELECT used FROM discount WHERE code = p.discount_code)
  FROM payment p
 WHERE p.id = $1
"""


@dataclass(slots=True)
class MemoryRunner:
    """Everything in memory, for one payment; told to say its ending, it closes."""

    world: MemoryWorld = field(default_factory=MemoryWorld)

    def __post_init__(self) -> None:
        self.world.add_code(a_code(total_limit=1))

    @property
    def gateway(self) -> FakeGateway:
        return self.world.gateway

    async def begin_payment(self) -> PaymentId:
        return (await self.world.begin_payment(code="TEN")).id

    def wait(self, span: timedelta) -> None:
        self.world.clock.move(span)

    async def deliver_callback(self, payment: PaymentId) -> None:
        await self.world.deliver_callback(payment)

    async def deliver_webhook(self, payment: PaymentId) -> None:
        await self.world.deliver_webhook(payment)

    async def ask_status(self, payment: PaymentId) -> None:
        await self.world.ask_status(payment)

    async def poll_orders(self) -> None:
        await self.world.poll_orders()

    async def process_inbox(self) -> None:
        await self.world.process_inbox()

    async def ending(self, payment: PaymentId) -> Ending:
        store, now = self.world.memory.store, self.world.payment(payment)
        moves = self.world.audited("payment.moved")
        ending = Ending(
            state=now.state,
            captured_paise=now.captured.paise,
            clean=now.failure is None and not now.review,
            sales=sum(line.to_state is State.SUCCESS for line in moves),
            enrolments=list(store.enrolments).count(payment),
            outbox_lines=len(self.world.dead_letters),
            slots_used=self.world.code_uses().total,
        )
        self.world.close()
        return ending


@dataclass(slots=True)
class PostgresRunner:
    """The use cases on a real database, for one payment after the other, each of a student of its own."""

    world: PostgresWorld
    _numbers: Iterator[int] = field(default_factory=count)

    @property
    def gateway(self) -> FakeGateway:
        return self.world.gateway

    async def begin_payment(self) -> PaymentId:
        number = next(self._numbers)
        code = replace(a_code(total_limit=1), code=f"TEN{number}")
        await self.world.stock(code, courses=(COURSE,))
        asked = wanted(student(f"Asha-{number}"), course=COURSE.id, code=code.code)
        return (await self.world.initiate(asked)).id

    def wait(self, span: timedelta) -> None:
        self.world.clock.forward(span)

    async def deliver_callback(self, payment: PaymentId) -> None:
        await self.world.receive_callback(self.gateway.return_fields(payment), BY_CALLBACK)

    async def deliver_webhook(self, payment: PaymentId) -> None:
        await self.world.receive_webhook(*self.gateway.event(payment))
        await self.world.process_inbox()

    async def ask_status(self, payment: PaymentId) -> None:
        who = self.gateway.orders[payment].asked.student
        await self.world.check_status(payment, who.id, origin(who))

    async def poll_orders(self) -> None:
        await self.world.poll_orders()

    async def process_inbox(self) -> None:
        await self.world.process_inbox()

    async def ending(self, payment: PaymentId) -> Ending:
        ((state, captured, clean, sales, enrolments, lines, slots),) = await self.world.rows(
            ENDING, payment
        )
        return Ending(
            state=State(state),
            captured_paise=captured,
            clean=clean,
            sales=sales,
            enrolments=enrolments,
            outbox_lines=lines,
            slots_used=slots,
        )
