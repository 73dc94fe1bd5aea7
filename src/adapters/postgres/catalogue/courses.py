"""Courses in rows: one function from row to course, one from course to columns."""

from collections.abc import Mapping
from typing import Any

from domain.catalogue.course import Course, CourseId
from domain.money import Money
from domain.tax.gst import Delivery, GstRate, PriceMode
from domain.tax.indian_states import indian_state


def to_course(row: Mapping[str, Any], prefix: str = "") -> Course:
    """Return the course in *row*, whose column names may carry *prefix*."""

    def of(name: str) -> Any:
        return row[prefix + name]

    return Course(
        id=CourseId(of("id")),
        title=of("title"),
        list_price=Money(of("list_price_paise")),
        price_mode=PriceMode(of("price_mode")),
        sac=of("sac"),
        gst_rate=GstRate(of("gst_rate")),
        delivery=Delivery(of("delivery")),
        venue=indian_state(of("venue_state")) if of("venue_state") else None,
        exempt=of("exempt"),
        active=of("active"),
    )


def to_columns(course: Course) -> dict[str, object]:
    return {
        "id": course.id,
        "title": course.title,
        "list_price_paise": course.list_price.paise,
        "price_mode": course.price_mode,
        "sac": course.sac,
        "gst_rate": course.gst_rate.percent,
        "delivery": course.delivery,
        "venue_state": course.venue.code if course.venue else None,
        "exempt": course.exempt,
        "active": course.active,
    }
