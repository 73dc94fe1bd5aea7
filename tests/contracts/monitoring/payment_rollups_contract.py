"""What any rollups must do: count each step once, whenever it becomes known, and tell what is not counted yet."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from contracts.storage import Storage, add
from domain.money import Money
from domain.monitoring.payment_figures import OutcomeCount, PaymentFigures
from domain.monitoring.payment_outcome import PaymentOutcome
from domain.payments.capture import Capture
from domain.payments.failure_reason import FailureReason
from domain.payments.order_facts import Instrument
from domain.payments.payment import Payment
from domain.payments.payment_state import Event, State
from fakes.clock import NOON
from fakes.samples import BY_STATUS, a_course, a_payment, payment_id
from ports.audit_log import AuditEntry

MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
PRICE: Final = Money(1180_00)
ALL: Final = 100


def sold(number: int, *, method: str = "UPI") -> Payment:
    """Return the *number*-th payment, for a course of its own, as the bank charged it."""
    payment = a_payment(number, course=a_course(f"c{number}"))
    capture = Capture(
        amount=PRICE,
        bank_txn_id=f"T{number}",
        bank_reference="",
        instrument=Instrument(method=method),
        at=NOON,
    )
    return replace(payment, state=State.SUCCESS, capture=capture)


def entry(
    number: int,
    to_state: State,
    event: Event | None = None,
    *,
    came_from: State | None = State.PENDING,
    at: datetime = NOON,
    failure: FailureReason | None = None,
) -> AuditEntry:
    told = {"event": event, "failure": failure}
    return AuditEntry(
        at=at,
        origin=BY_STATUS,
        action="payment.moved",
        subject=payment_id(number),
        from_state=came_from,
        to_state=to_state,
        facts={name: str(fact) for name, fact in told.items() if fact},
    )


async def write(storage: Storage, *entries: AuditEntry) -> None:
    for each in entries:
        async with storage.unit_of_work() as work:
            work.audit.add(each)


async def figures(storage: Storage, *, span: timedelta = HOUR) -> PaymentFigures:
    return await storage.payment_rollups.figures(
        NOON - HOUR, NOON + HOUR, span=span, at=NOON + HOUR / 2
    )


async def outcomes(storage: Storage) -> dict[PaymentOutcome, int]:
    """Count all that waits, and return how often each outcome was met."""
    await storage.payment_rollups.count(at_most=ALL)
    seen = await figures(storage)
    return {each: seen.count(each) for each in PaymentOutcome if seen.count(each)}


OPENED: Final = entry(1, State.PENDING, came_from=None)
PAID: Final = entry(1, State.SUCCESS, Event.BANK_CHARGED, at=NOON + 2 * MINUTE)


class PaymentRollupsContract:
    async def test_a_sale_is_counted_with_its_amount_method_and_time(
        self, storage: Storage
    ) -> None:
        """
        The beginning and the payment, each in the span of its instant.
        """
        await add(storage, sold(1))
        await write(storage, OPENED, PAID)

        assert await storage.payment_rollups.count(at_most=ALL) == 2
        seen = await figures(storage)
        assert list(seen.counts) == [
            OutcomeCount(
                since=NOON, outcome=PaymentOutcome.BEGUN, count=1, amount=PRICE, seconds=0
            ),
            OutcomeCount(
                since=NOON,
                outcome=PaymentOutcome.PAID,
                method="UPI",
                count=1,
                amount=PRICE,
                seconds=120,
            ),
        ]
        assert seen.times == {51: 1}
        assert list(seen.spans) == [NOON - HOUR, NOON]
        assert seen.complete_until == NOON + HOUR / 2

    async def test_each_step_is_counted_once(self, storage: Storage) -> None:
        """
        However often it is asked for, and in batches as large as was said.
        """
        await add(storage, sold(1))
        await write(storage, OPENED, PAID)
        rollups = storage.payment_rollups

        assert [await rollups.count(at_most=1) for _ in range(3)] == [1, 1, 0]
        assert await outcomes(storage) == {PaymentOutcome.BEGUN: 1, PaymentOutcome.PAID: 1}

    async def test_what_waits_is_told(self, storage: Storage) -> None:
        """
        Figures are complete until the oldest step that is not counted.
        """
        await add(storage, sold(1))
        await write(storage, OPENED, PAID)
        await storage.payment_rollups.count(at_most=1)

        assert (await figures(storage)).complete_until == NOON + 2 * MINUTE

    async def test_every_end_has_its_outcome(self, storage: Storage) -> None:
        """
        Failed, unstarted, abandoned in three ways, free, and paid after all.
        """
        await add(storage, *(sold(number, method="") for number in range(1, 8)))
        declined = FailureReason.DECLINED_BY_BANK
        away = FailureReason.GATEWAY_UNREACHABLE
        await write(
            storage,
            entry(1, State.FAILED, Event.BANK_DECLINED, failure=declined),
            entry(2, State.FAILED, Event.SESSION_NOT_OPENED, failure=away),
            entry(3, State.FAILED, Event.CANCELLED_BY_STUDENT),
            entry(4, State.FAILED, Event.CLOSED_BY_STAFF),
            entry(5, State.EXPIRED, Event.SESSION_LAPSED),
            entry(6, State.SUCCESS, Event.NOTHING_TO_PAY),
            entry(1, State.SUCCESS, Event.BANK_CHARGED, came_from=State.FAILED),
            entry(5, State.SUCCESS, Event.BANK_CHARGED, came_from=State.EXPIRED),
            entry(7, State.FAILED, Event.CHARGED_OTHERWISE),
        )

        assert await outcomes(storage) == {
            PaymentOutcome.FAILED: 2,
            PaymentOutcome.UNSTARTED: 1,
            PaymentOutcome.ABANDONED: 3,
            PaymentOutcome.FREE: 1,
            PaymentOutcome.RECOVERED: 2,
        }
        assert [(each.name, each.count) for each in (await figures(storage)).reasons] == [
            ("", 4),
            (declined, 1),
            (away, 1),
        ]

    async def test_other_entries_are_not_counted(self, storage: Storage) -> None:
        """
        A bank that is busy, money that went back, and news without a step.
        """
        await add(storage, sold(1))
        await write(
            storage,
            entry(1, State.PROCESSING, Event.BANK_BUSY),
            entry(1, State.REFUNDED, Event.ALL_WENT_BACK, came_from=State.SUCCESS),
            replace(OPENED, to_state=None),
        )

        assert await storage.payment_rollups.count(at_most=ALL) == 0
        assert await outcomes(storage) == {}

    async def test_a_period_is_half_open_and_cut_into_spans(self, storage: Storage) -> None:
        """
        Its end is outside; steps of one span are told together.
        """
        await add(storage, sold(1), sold(2))
        await write(
            storage,
            replace(OPENED, at=NOON - HOUR),
            replace(OPENED, at=NOON - 16 * MINUTE),
            replace(OPENED, at=NOON - timedelta(microseconds=1)),
            replace(OPENED, at=NOON + HOUR),
            replace(OPENED, at=NOON - HOUR - timedelta(microseconds=1)),
        )
        await storage.payment_rollups.count(at_most=ALL)

        assert [each.begun for each in (await figures(storage)).strip] == [3, 0]
        halves = await figures(storage, span=HOUR / 2)
        assert [each.begun for each in halves.strip] == [1, 2, 0, 0]

    async def test_what_was_there_before_is_counted_in_batches(self, storage: Storage) -> None:
        """
        Each entry is read once, whatever comes meanwhile; afterwards nothing is left.
        """
        await add(storage, sold(1), sold(2))
        await write(storage, OPENED, replace(OPENED, to_state=None), PAID)
        await storage.unlist_steps()
        await write(storage, replace(OPENED, subject=payment_id(2)))
        rollups = storage.payment_rollups

        assert [await rollups.count_earlier(at_most=2) for _ in range(3)] == [2, 1, 0]
        assert await rollups.count(at_most=ALL) == 1
        assert await outcomes(storage) == {PaymentOutcome.BEGUN: 2, PaymentOutcome.PAID: 1}

    async def test_the_same_sums_whoever_counts(self, storage: Storage) -> None:
        """
        Two batches of one span, method and reason are added up.
        """
        await add(storage, sold(1), sold(2), sold(3, method="CARD"))
        rollups = storage.payment_rollups
        for number, minutes in ((1, 2), (2, 4), (3, 1)):
            paid = replace(PAID, subject=payment_id(number), at=NOON + minutes * MINUTE)
            await write(storage, paid)
            await rollups.count(at_most=ALL)
        seen = await figures(storage)

        assert [(each.name, each.count, each.amount) for each in seen.methods] == [
            ("UPI", 2, PRICE + PRICE),
            ("CARD", 1, PRICE),
        ]
        assert seen.amount == Money(3540_00)
        assert seen.time_on_average == timedelta(seconds=140)
        assert sum(seen.times.values()) == 3
