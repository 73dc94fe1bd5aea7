"""Memory and PostgreSQL register the same documents under the same numbers, and refuse the same ones."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Final

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, invariant, multiple, rule

from contracts.storage import Storage
from contracts.two_storages import TwoStorages, agree
from domain.documents.invoicing import credit_for, invoice_for
from domain.documents.tax_document import Cancellation, Particulars, RegisteredDocument
from fakes.documents.issued import POLICY, a_company, paid_back, sold
from fakes.samples import NOTED, payment_id

EXAMPLES: Final = 25
STEPS: Final = 25
NUMBERS: Final = range(1, 3)
A_YEAR: Final = timedelta(days=365)

SALES: Final = st.sampled_from(NUMBERS)
RATES: Final = st.sampled_from(["18", "0"])
REFUNDS: Final = st.sampled_from(["RF1", "RF2", "RF3"])
RUPEES: Final = st.sampled_from(["0.01", "333.33", "6000.00"])


class DocumentsAgreement(TwoStorages):
    """
    Invoices, bills and notes, issued on fresh and on stale knowledge, and declared void.

    Every number of a series is given once, in the order of issue, and none is left out.
    """

    drafts = Bundle("drafts")

    @rule()
    def a_year_passes(self) -> None:
        """And each series begins anew."""
        self.clock.move(A_YEAR)

    @rule(number=SALES, rate=RATES, fails=st.booleans())
    def invoice(self, number: int, rate: str, *, fails: bool) -> None:
        """Issue it, alone or beside a write that is refused."""
        at = self.clock.now()
        said = invoice_for(sold(number, rate=rate, at=at), a_company(), POLICY, at)

        async def command(storage: Storage) -> None:
            async with storage.unit_of_work() as work:
                work.documents.register.issue(said)
                if fails:
                    work.payments.repository.save(sold(number), NOTED)

        self.both(command)

    @rule(number=SALES, refund=REFUNDS, rupees=RUPEES, target=drafts)
    def draft(self, number: int, refund: str, rupees: str) -> object:
        """Write a note by what is in the register now, to be issued at some time."""
        at = self.clock.now()

        async def command(storage: Storage) -> Particulars | None:
            return _note(await _about(storage, number), rupees, refund, at)

        said = self.both(command)
        return multiple() if said is None else said

    @rule(said=drafts)
    def credit(self, said: Particulars) -> None:
        async def command(storage: Storage) -> None:
            async with storage.unit_of_work() as work:
                work.documents.register.issue(said)

        self.both(command)

    @rule(number=SALES, refund=REFUNDS, rupees=RUPEES)
    def credit_at_once(self, number: int, refund: str, rupees: str) -> None:
        """Write a note and issue it in the unit that has read the register."""
        at = self.clock.now()

        async def command(storage: Storage) -> bool:
            async with storage.unit_of_work() as work:
                about = await work.documents.register.of_payment(payment_id(number))
                said = _note(list(about), rupees, refund, at)
                if said is not None:
                    work.documents.register.issue(said)
                return said is not None

        self.both(command)

    @rule(number=SALES, place=st.integers(0, 3))
    def declare_void(self, number: int, place: int) -> None:
        """Even twice, and even with a note against it: both refuse that alike."""
        void = Cancellation(at=self.clock.now(), why="a slip")

        async def command(storage: Storage) -> None:
            about = await _about(storage, number)
            if place < len(about):
                async with storage.unit_of_work() as work:
                    work.documents.register.cancel(about[place].document, void)

        self.both(command)

    @rule(number=SALES)
    def look_up(self, number: int) -> None:
        """By number and by hash, beside the payment's own list."""

        async def command(storage: Storage) -> list[RegisteredDocument]:
            return [
                found
                for each in await _about(storage, number)
                for found in (
                    await storage.documents.by_number(each.document.number),
                    await storage.documents.by_hash(each.sha256),
                )
            ]

        self.both(command)

    @invariant()
    def the_register_has_no_gap(self) -> None:
        runs = defaultdict[tuple[object, ...], list[int]](list)
        credited = set[str]()
        for number in NUMBERS:
            for each in self.both(lambda storage, of=number: _about(storage, of)) or ():  # type: ignore[misc]  # bound now
                at, original = each.document.number, each.document.particulars.original
                runs[at.series, at.year].append(at.sequence)
                if original is not None and each.cancelled is None:
                    fact = f"{number} {original.refund.refund}"
                    assert fact not in credited, "one refund is credited twice"
                    credited.add(fact)
        for run in runs.values():
            assert sorted(run) == list(range(1, len(run) + 1))


async def _about(storage: Storage, number: int) -> list[RegisteredDocument]:
    async with storage.unit_of_work() as work:
        return list(await work.documents.register.of_payment(payment_id(number)))


def _note(
    about: list[RegisteredDocument], rupees: str, refund: str, at: datetime
) -> Particulars | None:
    """Return the note for *refund* against the invoice that stands, None when none does."""
    standing = [each for each in about if not each.document.kind.credits and each.cancelled is None]
    if not standing:
        return None
    number = standing[0].document.number
    against = [
        each
        for each in about
        if each.document.particulars.original is not None
        and each.document.particulars.original.number == number
    ]
    return credit_for(
        standing[0].document,
        against,
        paid_back(rupees, refund, at),
        company=a_company(),
        policy=POLICY,
        at=at,
    )


@pytest.mark.no_cover
def test_memory_and_postgres_keep_the_same_register(contracts_url: str) -> None:
    """
    Numbers without a gap, one invoice a payment, one note a refund, told apart in the same cases.
    """
    agree(lambda: DocumentsAgreement(contracts_url), examples=EXAMPLES, steps=STEPS)
