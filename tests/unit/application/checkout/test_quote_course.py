"""What a course would cost today, before the student decides."""

from dataclasses import replace

import pytest

from application.checkout.quote_course import QuoteCourseCommand
from domain.catalogue.course import CourseId
from domain.catalogue.discount import DiscountRefusal, DiscountRefused
from domain.errors import NotFound
from domain.money import Money
from domain.tax.gst import Supply
from domain.tax.indian_states import indian_state
from fakes.samples import ASHA, ASHAS_BILL, a_code
from worlds.memory import MemoryWorld

ALGEBRA = QuoteCourseCommand(student=ASHA.id, course=CourseId("algebra"), buyer=ASHAS_BILL)


async def test_a_quote_writes_nothing(world: MemoryWorld) -> None:
    """
    Price and taxes to the paisa, and nothing is written.
    """
    quote = await world.quote_course(ALGEBRA)

    assert (Money(100000), Money(9000), Money(9000), Money(118000)) == (
        quote.taxable,
        quote.cgst,
        quote.sgst,
        quote.payable,
    )
    assert not world.memory.store.payments
    assert not world.memory.store.audit


async def test_the_buyers_state_decides_the_tax(world: MemoryWorld) -> None:
    """
    Between two States it is IGST.
    """
    elsewhere = replace(ALGEBRA, buyer=replace(ASHAS_BILL, state=indian_state("29")))

    quote = await world.quote_course(elsewhere)

    assert (quote.supply, quote.igst) == (Supply.INTER_STATE, Money(18000))


async def test_a_code_is_taken_off_but_not_taken(world: MemoryWorld) -> None:
    """
    Looking is free: no slot is reserved.
    """
    world.add_code(a_code(total_limit=1))

    quote = await world.quote_course(replace(ALGEBRA, code="TEN"))

    assert quote.payable == Money(106200)
    assert world.code_uses().total == 0


async def test_a_bad_code_is_refused(world: MemoryWorld) -> None:
    """
    With the reason, as at the till.
    """
    with pytest.raises(DiscountRefused) as refused:
        await world.quote_course(replace(ALGEBRA, code="TEN"))

    assert refused.value.reason is DiscountRefusal.UNKNOWN


async def test_what_is_not_on_sale_has_no_price(world: MemoryWorld) -> None:
    """
    Not found, as at the till.
    """
    with pytest.raises(NotFound):
        await world.quote_course(replace(ALGEBRA, course=CourseId("botany")))
