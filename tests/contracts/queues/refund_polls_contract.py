"""What is special about the polls of refunds, beside what every work queue does."""

from contracts.storage import LEASE, SECOND, Storage, add
from fakes.clock import NOON
from fakes.samples import ASHA, a_payment, payment_id, refund_id
from ports.refunds.refund_polls import RefundPoll

DUE = NOON + SECOND


class RefundPollsContract:
    async def test_a_poll_knows_whose_refund_it_is(self, storage: Storage) -> None:
        """
        The payment, its student, and since when the refund is polled.
        """
        await _polled(storage)

        (poll,) = await _claim(storage)

        assert (poll.payment, poll.refund, poll.student, poll.since) == (
            payment_id(1),
            refund_id(1),
            ASHA.id,
            NOON,
        )

    async def test_what_is_polled_already_stays_as_it_is(self, storage: Storage) -> None:
        """
        Its due time and its beginning too.
        """
        await _polled(storage)
        async with storage.unit_of_work() as work:
            work.refunds.polls.enqueue(
                payment_id(1), refund_id(1), since=NOON + LEASE, due_at=NOON + 2 * LEASE
            )

        (poll,) = await _claim(storage)

        assert poll.since == NOON


async def _polled(storage: Storage) -> None:
    await add(storage, a_payment())
    async with storage.unit_of_work() as work:
        work.refunds.polls.enqueue(payment_id(1), refund_id(1), since=NOON, due_at=DUE)


async def _claim(storage: Storage) -> list[RefundPoll]:
    return list(await storage.refund_polls.claim(DUE, lease=LEASE, at_most=9))
