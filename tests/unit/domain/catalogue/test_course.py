"""A course that cannot be sold cannot be written down."""

from decimal import Decimal

import pytest

from domain.catalogue.course import Course, CourseId, CourseInvalid, parse_course_id
from domain.errors import NotFound
from domain.money import ZERO, Money
from domain.tax.gst import Delivery, GstRate, PriceMode
from domain.tax.indian_states import IndianState, indian_state

PRICE = Money(999_00)


def course(
    *,
    id_: str = "algebra-1",
    title: str = "Algebra I",
    list_price: Money = PRICE,
    sac: str = "999293",
    gst_rate: str = "18",
    delivery: Delivery = Delivery.ONLINE,
    venue: IndianState | None = None,
    exempt: bool = False,
) -> Course:
    return Course(
        id=CourseId(id_),
        title=title,
        list_price=list_price,
        price_mode=PriceMode.INCLUSIVE,
        sac=sac,
        gst_rate=GstRate(Decimal(gst_rate)),
        delivery=delivery,
        venue=venue,
        exempt=exempt,
    )


def test_a_course_is_online_taxed_and_on_sale_unless_said_otherwise() -> None:
    """
    The defaults are the common case.
    """
    plain = course()

    assert plain.delivery is Delivery.ONLINE
    assert plain.venue is None
    assert not plain.exempt
    assert plain.active


def test_a_classroom_course_and_an_exempt_course_are_taken() -> None:
    """
    One has a venue, the other no tax.
    """
    assert course(delivery=Delivery.CLASSROOM, venue=indian_state("27")).venue == indian_state("27")
    assert course(exempt=True, gst_rate="0").exempt
    assert course(id_="a" * 64, title="बीजगणित").title == "बीजगणित"


@pytest.mark.parametrize(
    "id_", ["", "a" * 65, "Algebra", "algebra 1", "algebra_1", "algebra\n", "बीज"]
)
def test_an_id_is_a_slug(id_: str) -> None:
    """
    1 to 64 of a-z, 0-9 and hyphen.
    """
    with pytest.raises(CourseInvalid) as refused:
        course(id_=id_)
    assert [name for name, _ in refused.value.faults] == ["id"]


@pytest.mark.parametrize("title", ["", "  ", "x" * 201, "Algebra\x00"])
def test_a_title_is_printable(title: str) -> None:
    """
    It stands on the invoice.
    """
    with pytest.raises(CourseInvalid) as refused:
        course(title=title)
    assert [name for name, _ in refused.value.faults] == ["title"]


@pytest.mark.parametrize("price", [ZERO, Money(-1)])
def test_a_course_has_a_price(price: Money) -> None:
    """
    What is free is made so by a discount, which is recorded.
    """
    with pytest.raises(CourseInvalid, match="list_price"):
        course(list_price=price)


@pytest.mark.parametrize("sac", ["", "9992", "9992931", "99929A", "९९९२९३", "999293\n"])
def test_a_sac_is_six_digits(sac: str) -> None:
    """
    Six is right for every turnover.
    """
    with pytest.raises(CourseInvalid, match="sac"):
        course(sac=sac)


def test_an_exempt_course_bears_no_tax() -> None:
    """
    Exempt and taxed contradict each other.
    """
    with pytest.raises(CourseInvalid, match="gst_rate"):
        course(exempt=True, gst_rate="18")


@pytest.mark.parametrize(
    ("delivery", "venue"), [(Delivery.CLASSROOM, None), (Delivery.ONLINE, indian_state("27"))]
)
def test_a_classroom_has_a_venue_and_a_website_none(
    delivery: Delivery, venue: IndianState | None
) -> None:
    """
    The venue decides the tax of a classroom course, and would mislead for any other.
    """
    with pytest.raises(CourseInvalid, match="venue"):
        course(delivery=delivery, venue=venue)


def test_all_that_is_wrong_with_a_course_is_named() -> None:
    """
    So that it is mended at once.
    """
    with pytest.raises(CourseInvalid) as refused:
        course(id_="A", title=" ", list_price=ZERO, sac="1", exempt=True, venue=indian_state("27"))

    assert [name for name, _ in refused.value.faults] == [
        *("id", "title", "list_price", "sac", "gst_rate", "venue")
    ]


@pytest.mark.parametrize("typed", ["algebra", "  algebra ", "a-1"])
def test_a_course_id_is_trimmed(typed: str) -> None:
    """
    What has the form of an id is accepted, whether there is such a course or not.
    """
    assert parse_course_id(typed) == typed.strip()


@pytest.mark.parametrize("typed", ["", "A", "a\x00b", "a b", "x" * 65, "4111-1111-1111-1111"])
def test_what_cannot_be_an_id_is_not_repeated(typed: str) -> None:
    """
    It may be anything, a card number too.
    """
    with pytest.raises(NotFound, match="no such course: not an id"):
        parse_course_id(typed)


def test_a_course_is_not_named_like_a_card() -> None:
    """
    Its id stands in every list and log.
    """
    with pytest.raises(CourseInvalid, match="id"):
        course(id_="4111-1111-1111-1111")
