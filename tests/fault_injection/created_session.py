"""How a page came to be open, before any trouble."""

from domain.payments.payment import Payment
from fault_injection.world import World
from worlds.postgres import BY_STAFF, CODE, COURSE, code, student, wanted


async def opened_by_code(world: World) -> tuple[Payment, int]:
    """Let a new student open a page by a discount code, and return how often that was used before."""
    number, process = len(world.bank.orders), world.calm
    if not number:
        await process.use_cases.catalogue().replace_courses()([COURSE], BY_STAFF)
        await process.use_cases.catalogue().replace_discounts()([code()], BY_STAFF)
    [(used,)] = await world.rows("SELECT used FROM discount")
    wish = wanted(student(f"Asha-{number}"), code=CODE)
    payment = await process.use_cases.checkout().initiate_payment()(wish)
    return payment, used
