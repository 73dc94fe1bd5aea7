"""Staff set courses and codes in one act each, and the trail says who."""

import pytest

from application.catalogue.replace_catalogue import PutCourses, PutDiscounts
from domain.catalogue.course import Course
from domain.catalogue.discount import DiscountCode
from fakes.samples import BY_STAFF, a_code, a_course
from worlds.memory import Academy


@pytest.mark.parametrize(
    ("courses", "subject"),
    [([a_course("botany")], "botany"), ([a_course("b"), a_course("c")], "2 courses")],
)
async def test_courses_are_put_and_audited(
    academy: Academy, courses: list[Course], subject: str
) -> None:
    """
    One line for one act, naming the course or how many.
    """
    await PutCourses(academy.memory.catalogue, academy.clock)(courses, BY_STAFF)

    assert set(courses) <= set(academy.memory.store.courses.values())
    (line,) = academy.audited("courses.put")
    assert (line.subject, line.origin, line.at) == (subject, BY_STAFF, academy.clock.now())


@pytest.mark.parametrize(
    ("codes", "subject"),
    [([a_code()], "TEN"), ([a_code("ONE"), a_code("TWO")], "2 codes")],
)
async def test_codes_are_put_and_audited(
    academy: Academy, codes: list[DiscountCode], subject: str
) -> None:
    """
    As with courses.
    """
    await PutDiscounts(academy.memory.catalogue, academy.clock)(codes, BY_STAFF)

    assert list(academy.memory.store.discounts.values()) == codes
    (line,) = academy.audited("discounts.put")
    assert (line.subject, line.origin) == (subject, BY_STAFF)
