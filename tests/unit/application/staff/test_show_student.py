"""Who looks at how a student is reached is written down with the look."""

import pytest

from application.staff.show_student import ShowStudent
from domain.errors import NotFound
from fakes.samples import BY_STAFF, payment_id
from worlds.memory import MemoryWorld


async def test_a_look_is_written_down(world: MemoryWorld) -> None:
    """
    The entry names the payment and whoever looked, and holds nothing of what was shown.
    """
    payment = await world.begin_payment(code=None)
    student = await ShowStudent(world.memory.unit_of_work, world.clock)(payment.id, BY_STAFF)

    entry = world.memory.store.audit[-1]
    assert student.email == "asha@example.com"
    assert (entry.action, entry.subject, entry.facts) == ("personal_data.shown", payment.id, {})
    assert entry.origin == BY_STAFF


async def test_a_payment_that_there_is_not(world: MemoryWorld) -> None:
    """
    Nothing is shown, and nothing written.
    """
    with pytest.raises(NotFound):
        await ShowStudent(world.memory.unit_of_work, world.clock)(payment_id(9), BY_STAFF)

    assert not world.memory.store.audit
