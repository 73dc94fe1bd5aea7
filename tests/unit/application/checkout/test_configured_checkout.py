"""What a payment may come to and how long a student has are those of the configuration in effect when it begins."""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.checkout.quote_course import QuoteCourseCommand
from domain.catalogue.amount_limits import AmountLimits, AmountOutOfLimits
from domain.catalogue.course import CourseId
from domain.gateway_config.configuration_version import EFFECT_LEAD
from domain.gateway_config.gateway_configuration import GatewayConfiguration
from domain.money import Money
from fakes.gateway_config.samples import ANITA, TERMS, a_version
from fakes.samples import ASHA, ASHAS_BILL
from worlds.memory import MemoryWorld

LIMITS = AmountLimits(minimum=Money(2_000_00), maximum=Money(3_000_00))


async def configure(world: MemoryWorld, **terms: object) -> None:
    """Put the next version with these terms in effect."""
    container = world.wiring.container
    current, at = container.configuration(), world.clock.now()
    bootstrap: GatewayConfiguration = current.bootstrap
    number = len(world.memory.store.configurations) + 1
    version = a_version(
        number,
        terms=replace(TERMS, **terms),  # type: ignore[arg-type]
        secrets=container.configuration_secrets().encrypted(number, bootstrap.secrets),
        proposed_at=at,
    )
    world.memory.store.configurations[number] = version.approve(ANITA, at)
    await current.refresh()
    world.clock.move(EFFECT_LEAD)


async def test_the_amount_limits_in_effect_hold(world: MemoryWorld) -> None:
    """
    For a quote and for a payment, and from the next version on the next limits.
    """
    quote = world.wiring.use_cases.checkout().quote_course()
    command = QuoteCourseCommand(student=ASHA.id, course=CourseId("algebra"), buyer=ASHAS_BILL)
    await quote(command)
    await configure(world, limits=LIMITS)
    for refused in (lambda: quote(command), world.begin_payment):
        with pytest.raises(AmountOutOfLimits) as out:
            await refused()
        assert (out.value.minimum, out.value.maximum) == (LIMITS.minimum, LIMITS.maximum)

    await configure(world, limits=AmountLimits())
    assert (await world.begin_payment()).quote.payable == Money(1_180_00)


async def test_a_payment_keeps_what_it_was_begun_under(world: MemoryWorld) -> None:
    """
    A narrower configuration ends no session, and refuses no money that was on its way.
    """
    payment = await world.begin_payment()
    assert payment.expires_at - payment.opened_at == timedelta(minutes=15)
    await configure(world, limits=LIMITS, session_lifetime=timedelta(minutes=7))
    world.gateway.pay(payment.id)
    assert (await world.deliver_webhook(payment.id)).state.is_sold

    world.add_course("botany", rupees=2_360)
    later = await world.begin_payment(course="botany")
    assert later.expires_at - later.opened_at == timedelta(minutes=7)
