"""Members of staff request refunds, decide on them, and the worker polls them, in whichever world."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import count
from typing import Final, TypedDict, Unpack

from application.refunds.decide_refund import DecideRefundCommand
from application.refunds.request_refund import RefundStanding, RequestRefundCommand
from domain.identifiers import PaymentId, RefundId
from domain.money import Money
from domain.payments.refund import Refund, RequestKey
from domain.payments.refund_polling import DEFAULT_SCHEDULE
from fakes.samples import BY_SECOND, BY_STAFF
from fakes.staff.second_factor import confirmed
from ports.audit_log import Origin
from ports.unit_of_work import Work
from worlds.memory import MemoryWorld
from worlds.wired_world import WiredWorld

_KEYS: Final = count(1)


class RequestChanges(TypedDict, total=False):
    """
    What a request may say besides the payment and the amount; *confirm* stands for the TOTP code.

    Without a *key* and an *available* amount it has a key of its own.
    """

    by: Origin
    key: str | None
    body: str
    revokes: bool
    available: Money | None
    confirm: Callable[[Work], Awaitable[None]]


async def request_refund(
    world: WiredWorld,
    payment: PaymentId,
    paise: int,
    **changes: Unpack[RequestChanges],
) -> RefundStanding:
    """Return the refund of *paise* that a member of staff asked for, and its payment."""
    usual = None if changes.get("available") else f"key-{next(_KEYS)}"
    key = changes.get("key", usual)
    command = RequestRefundCommand(
        payment=payment,
        amount=Money(paise),
        reason="course cancelled",
        origin=changes.get("by", BY_STAFF),
        available=changes.get("available"),
        revokes=changes.get("revokes", False),
        key=RequestKey(key=key, body_sha256=changes.get("body", "a") * 64) if key else None,
    )
    return await world.request_refund(command, changes.get("confirm", confirmed))


async def ask_refund(
    world: WiredWorld, payment: PaymentId, paise: int, **changes: Unpack[RequestChanges]
) -> Refund:
    """Return the refund alone that a member of staff asked for."""
    return (await request_refund(world, payment, paise, **changes)).refund


async def approve_refund(
    world: WiredWorld, payment: PaymentId, refund: RefundId, by: Origin = BY_SECOND
) -> Refund:
    """Return the refund that *by* approved."""
    return (await world.approve_refund(_decision(payment, refund, by), confirmed)).refund


async def reject_refund(
    world: WiredWorld, payment: PaymentId, refund: RefundId, by: Origin = BY_SECOND
) -> Refund:
    """Return the refund that *by* rejected, or withdrew."""
    return (await world.reject_refund(_decision(payment, refund, by), confirmed)).refund


async def poll_refunds_after(world: MemoryWorld, wait: timedelta = DEFAULT_SCHEDULE.first) -> int:
    """Return how many refunds were polled after *wait*, by default when the first poll is due."""
    world.clock.move(wait)
    return await world.poll_refunds()


def _decision(payment: PaymentId, refund: RefundId, by: Origin) -> DecideRefundCommand:
    return DecideRefundCommand(payment=payment, refund=refund, origin=by)
