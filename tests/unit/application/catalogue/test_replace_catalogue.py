"""Staff replace courses and codes, all or none, and the audit log says who."""

import pytest

from application.catalogue.replace_catalogue import ReplaceCourses, ReplaceDiscounts
from domain.catalogue.course import Course
from domain.catalogue.discount import DiscountCode
from fakes.samples import BY_STAFF, a_code, a_course
from worlds.memory import MemoryWorld


@pytest.mark.parametrize(
    ("courses", "subject"),
    [([a_course("botany")], "botany"), ([a_course("b"), a_course("c")], "2 courses")],
)
async def test_courses_are_put_and_audited(
    world: MemoryWorld, courses: list[Course], subject: str
) -> None:
    """
    One line for one act, naming the course or how many.
    """
    await ReplaceCourses(world.memory.catalogue, world.clock)(courses, BY_STAFF)

    assert set(courses) <= set(world.memory.store.courses.values())
    (line,) = world.audited("courses.put")
    assert (line.subject, line.origin, line.at) == (subject, BY_STAFF, world.clock.now())


@pytest.mark.parametrize(
    ("codes", "subject"),
    [([a_code()], "TEN"), ([a_code("ONE"), a_code("TWO")], "2 codes")],
)
async def test_codes_are_put_and_audited(
    world: MemoryWorld, codes: list[DiscountCode], subject: str
) -> None:
    """
    As with courses.
    """
    await ReplaceDiscounts(world.memory.catalogue, world.clock)(codes, BY_STAFF)

    assert list(world.memory.store.discounts.values()) == codes
    (line,) = world.audited("discounts.put")
    assert (line.subject, line.origin) == (subject, BY_STAFF)
