"""An answer of the bank about refunds has one end, in memory and on PostgreSQL, in whatever order it names them."""

from dataclasses import replace
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from application.order_status.apply_order_status import ApplyOrderStatus
from contracts.payments.payments_contract import charged
from contracts.storage import Storage, add, enrol, get, put_course
from contracts.two_storages import TwoStorages, agree
from domain.identifiers import RefundId
from domain.money import ZERO, Money
from domain.payments.order_facts import OrderFacts, RefundFacts, Verdict
from domain.payments.payment import Payment
from domain.payments.refund import RefundRequest
from domain.payments.refunds import Refunds
from fakes.clock import NOON
from fakes.refunds.refund_strategies import OURS, PARTS, answers
from fakes.samples import BY_STATUS, NOTED, a_course, a_payment

EXAMPLES: Final = 12
STEPS: Final = 8
PAYMENT: Final = a_payment()


class RefundNewsAgreement(TwoStorages):
    """Memory hears each answer once, PostgreSQL hears it in another order and twice."""

    @initialize()
    def begin(self) -> None:
        self.both(lambda storage: put_course(storage, a_course()))
        self.both(lambda storage: add(storage, charged(PAYMENT)))
        self.both(lambda storage: enrol(storage, charged(PAYMENT)))

    @rule(facts=answers())
    def hear(self, facts: Any) -> None:
        one, other = facts

        async def once(storage: Storage) -> Payment:
            return await self._apply(storage, one)

        async def twice(storage: Storage) -> Payment:
            first = await self._apply(storage, other)
            again = await self._apply(storage, one)
            assert again.version == first.version
            return again

        (refusal, memory), (other_refusal, postgres) = self.each(once, twice)
        assert refusal is other_refusal is None
        assert memory is not None
        assert postgres is not None
        assert replace(memory, version=0) == replace(postgres, version=0)

    @rule(refund=st.sampled_from(OURS), amount=st.sampled_from(PARTS), waits=st.booleans())
    def ask(self, refund: RefundId, amount: Money, *, waits: bool) -> None:
        request = RefundRequest(id=refund, amount=amount, reason="cancelled", by="staff:mira")
        limit = ZERO if waits else Money(10_00_000_00)

        async def asked(storage: Storage) -> Refunds:
            async with storage.unit_of_work() as work:
                known = await work.payments.repository.get(PAYMENT.id)
                if known.refunds.find(refund) is not None:
                    return known.refunds
                now = known.request_refund(request, at=NOON, approval_threshold=limit)
                work.payments.repository.save(now, NOTED)
            return now.refunds

        self.both(asked)

    @rule(refund=st.sampled_from(OURS))
    def reject(self, refund: RefundId) -> None:
        async def rejected(storage: Storage) -> Refunds:
            async with storage.unit_of_work() as work:
                known = await work.payments.repository.get(PAYMENT.id)
                now = known.reject_refund(refund, by="staff:noor", at=NOON)
                work.payments.repository.save(now, NOTED)
            return now.refunds

        self.both(rejected)

    @invariant()
    def they_are_the_same(self) -> None:
        async def read(storage: Storage) -> Payment:
            return replace((await get(storage, PAYMENT.id)).payment, version=0)

        self.both(read)

    async def _apply(self, storage: Storage, refunds: list[RefundFacts]) -> Payment:
        facts = OrderFacts(
            payment=PAYMENT.id,
            verdict=Verdict.CHARGED,
            amount=PAYMENT.quote.payable,
            currency="INR",
            refunds=tuple(refunds),
        )
        await ApplyOrderStatus(storage.unit_of_work, self.clock)(facts, BY_STATUS)
        return (await get(storage, PAYMENT.id)).payment


def test_memory_and_postgres_end_refund_news_alike(contracts_url: str) -> None:
    """
    Ours and the bank's own refunds, of every status, of amounts that do not fit yet, with requests between.
    """
    agree(lambda: RefundNewsAgreement(contracts_url), examples=EXAMPLES, steps=STEPS)
