"""What any keeper of idempotency keys must do: one request at a time has a key, and its answer stands."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from contracts.storage import (
    NO_COURSE,
    Storage,
    facts,
)
from domain.errors import ChangedMeanwhile
from fakes.clock import NOON
from fakes.samples import ASHA, RAVI, payment_id
from ports.idempotency import IdempotencyKey, IdempotencyRecord
from ports.payments.checkout_facts import CheckoutQuery

KEY = IdempotencyKey(student=ASHA.id, route="initiate", key="k-1")
MINUTE = timedelta(minutes=1)
A, B = "a" * 64, "b" * 64


class IdempotencyContract:
    async def test_the_first_to_claim_has_the_key(self, storage: Storage) -> None:
        """
        The record tells what for, and until when.
        """
        await claim(storage)

        expected = IdempotencyRecord(
            key=KEY,
            body_sha256=A,
            payment=payment_id(1),
            completed=False,
            locked_until=NOON + MINUTE,
        )
        assert expected == await record_of(storage)

    async def test_the_second_is_told_while_the_first_is_at_work(self, storage: Storage) -> None:
        """
        Claimed until the very instant; then the request that claimed it counts as dead.
        """
        await claim(storage)
        with pytest.raises(ChangedMeanwhile):
            await claim(storage, payment=2, at=NOON + MINUTE - timedelta(microseconds=1))

        await claim(storage, payment=2, at=NOON + MINUTE)

        record = await record_of(storage)
        assert record is not None
        assert payment_id(2) == record.payment

    async def test_one_of_two_at_once_has_the_key(self, storage: Storage) -> None:
        """
        A double click opens one payment.
        """
        outcomes = await asyncio.gather(
            *(claim(storage, payment=number) for number in (1, 2)), return_exceptions=True
        )

        assert [ChangedMeanwhile] == [type(each) for each in outcomes if each is not None]

    async def test_another_body_never_takes_a_key_over(self, storage: Storage) -> None:
        """
        Not even after the claim ran out.
        """
        await claim(storage)

        with pytest.raises(ChangedMeanwhile):
            await claim(storage, body=B, at=NOON + 2 * MINUTE)

    async def test_a_completed_key_is_never_claimed_again(self, storage: Storage) -> None:
        """
        The answer stands, however late the request is repeated.
        """
        await claim(storage)
        async with storage.unit_of_work() as work:
            work.idempotency.complete(KEY, payment_id(1))

        with pytest.raises(ChangedMeanwhile):
            await claim(storage, at=NOON + timedelta(days=1))
        record = await record_of(storage)
        assert record is not None
        assert record.completed

    async def test_a_key_can_be_completed_as_it_is_claimed(self, storage: Storage) -> None:
        """
        When nothing is to be paid the answer is there at once.
        """
        await claim(storage, completed=True)

        record = await record_of(storage)
        assert record is not None
        assert record.completed

    async def test_a_released_key_is_free_at_once(self, storage: Storage) -> None:
        """
        The same request may come again without waiting for the claim to run out.
        """
        await claim(storage)
        async with storage.unit_of_work() as work:
            work.idempotency.release(KEY, payment_id(1), NOON)

        await claim(storage, payment=2)

    async def test_a_lost_claim_neither_completes_nor_releases_its_key(
        self, storage: Storage
    ) -> None:
        """
        A request that counted as dead cannot touch its successor's key; nor is that an error.
        """
        await claim(storage)
        await claim(storage, payment=2, at=NOON + MINUTE)

        async with storage.unit_of_work() as work:
            work.idempotency.complete(KEY, payment_id(1))
        async with storage.unit_of_work() as work:
            work.idempotency.release(KEY, payment_id(1), NOON)

        record = await record_of(storage)
        assert record is not None
        assert (payment_id(2), False, NOON + 2 * MINUTE) == (
            record.payment,
            record.completed,
            record.locked_until,
        )

    async def test_a_completed_key_is_not_released(self, storage: Storage) -> None:
        """
        An answer is not taken back.
        """
        await claim(storage, completed=True)

        async with storage.unit_of_work() as work:
            work.idempotency.release(KEY, payment_id(1), NOON)

        record = await record_of(storage)
        assert record is not None
        assert (record.completed, record.locked_until) == (True, NOON + MINUTE)

    async def test_what_was_claimed_long_ago_is_forgotten_in_batches(
        self, storage: Storage
    ) -> None:
        """
        By the end of the last claim, that of the oldest first; a key that was forgotten is free again.
        """
        keys = [replace(KEY, key=f"k-{number}") for number in range(4)]
        for number, key in enumerate(keys):
            await claim(storage, key=key, at=NOON + number * MINUTE, completed=number % 2 == 0)
        before = NOON + 4 * MINUTE

        assert await storage.idempotency_records.forget(before, at_most=2) == 2
        assert [bool(await record_of(storage, key)) for key in keys] == [False, False, True, True]
        assert await storage.idempotency_records.forget(before, at_most=2) == 1
        assert await storage.idempotency_records.forget(before, at_most=2) == 0
        assert await record_of(storage, keys[3]) is not None
        await claim(storage, key=keys[0], body=B, payment=2)

    async def test_a_key_is_one_students_on_one_route(self, storage: Storage) -> None:
        """
        The same words from someone else, or for something else, are another key.
        """
        await claim(storage)

        for other in (replace(KEY, student=RAVI.id), replace(KEY, route="refund")):
            assert (await record_of(storage, other)) is None


async def claim(
    storage: Storage,
    *,
    key: IdempotencyKey = KEY,
    payment: int = 1,
    body: str = A,
    at: datetime = NOON,
    completed: bool = False,
) -> None:
    async with storage.unit_of_work() as work:
        work.idempotency.claim(
            key,
            body_sha256=body,
            payment=payment_id(payment),
            at=at,
            until=at + MINUTE,
            completed=completed,
        )


async def record_of(storage: Storage, key: IdempotencyKey = KEY) -> IdempotencyRecord | None:
    question = CheckoutQuery(unsold_since=NOON, student=key.student, course=NO_COURSE, key=key)
    return (await facts(storage, question)).record
