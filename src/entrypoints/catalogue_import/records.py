"""Courses and discount codes as people write them down, read whole: everything wrong is named, or all is taken."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

from domain.business_day import business_day_start
from domain.catalogue.course import Course, CourseId
from domain.catalogue.discount import DiscountCode, Flat, Percent, normalise_code
from domain.errors import DomainError
from domain.tax.gst import Delivery, GstRate, PriceMode
from domain.tax.indian_states import indian_state
from domain.tax.tax_tables import NOTIFIED, AcceptedTax
from domain.text.card_number import refuse_card_numbers
from domain.text.printable import on_one_line
from entrypoints.catalogue_import import fields
from entrypoints.catalogue_import.fields import FieldWrong, Record
from entrypoints.catalogue_import.files import FileWrong, records_in

__all__ = [
    "FieldWrong",
    "FileWrong",
    "course_from_record",
    "discount_from_record",
    "read_courses",
    "read_discounts",
]

COURSE_FIELDS: Final = (
    "id",
    "title",
    "list_price",
    "price_mode",
    "sac",
    "gst_rate",
    "delivery",
    "venue_state",
    "exempt",
    "active",
)
DISCOUNT_FIELDS: Final = (
    "code",
    "kind",
    "percent",
    "cap",
    "amount",
    "min_order",
    "valid_from",
    "valid_to",
    "total_limit",
    "per_student_limit",
    "courses",
    "active",
)

Out = TypeVar("Out")


class DiscountKind(StrEnum):
    PERCENT = "percent"
    FLAT = "flat"


def course_from_record(record: Record, lists: AcceptedTax = NOTIFIED) -> Course:
    """Return the course that *record* writes down, taxed as *lists* allow, or raise ``FieldWrong``."""
    course = _course_from_record(record)
    if course.sac not in lists.codes:
        raise FieldWrong("sac", "it is not in the list of service codes (SHULK_GST_SACS adds some)")
    if course.gst_rate.percent not in lists.rates:
        raise FieldWrong("gst_rate", "it is no rate that is notified (SHULK_GST_RATES adds some)")
    return course


def discount_from_record(record: Record) -> DiscountCode:
    """Return the discount code that *record* writes down, or raise ``FieldWrong``."""
    fields.refuse_unknown(record, DISCOUNT_FIELDS)
    first, end = fields.day(record, "valid_from"), fields.day(record, "valid_to")
    courses = fields.names(record, "courses")
    return _built(
        {},
        lambda: DiscountCode(
            code=normalise_code(fields.text(record, "code")),
            kind=_discount_kind(record),
            min_order=fields.optional_money(record, "min_order"),
            valid_from=fields.read("valid_from", lambda: business_day_start(first))
            if first
            else None,
            valid_to=fields.read("valid_to", lambda: business_day_start(end)) if end else None,
            total_limit=fields.count(record, "total_limit"),
            per_student_limit=fields.count(record, "per_student_limit"),
            courses=frozenset(CourseId(name) for name in courses) if courses else None,
            active=fields.yes(record, "active", usual=True),
        ),
    )


def read_courses(path: Path, lists: AcceptedTax = NOTIFIED) -> list[Course]:
    """Return all courses of a CSV or JSON file, or raise ``FileWrong`` and take none."""
    return _read_file(
        path, lambda record: course_from_record(record, lists), lambda course: course.id
    )


def read_discounts(path: Path) -> list[DiscountCode]:
    """Return all discount codes of a CSV or JSON file, or raise ``FileWrong`` and take none."""
    return _read_file(path, discount_from_record, lambda discount: discount.code)


def _course_from_record(record: Record) -> Course:
    fields.refuse_unknown(record, COURSE_FIELDS)
    title = on_one_line(fields.text(record, "title"))
    fields.read("title", lambda: refuse_card_numbers("title", title))
    rate = fields.read("gst_rate", lambda: GstRate(fields.decimal(record, "gst_rate")))
    venue = fields.optional_text(record, "venue_state")
    return _built(
        {"venue": "venue_state"},
        lambda: Course(
            id=CourseId(fields.text(record, "id")),
            title=title,
            list_price=fields.money(record, "list_price"),
            price_mode=fields.word(record, "price_mode", PriceMode, None),
            sac=fields.text(record, "sac"),
            gst_rate=rate,
            delivery=fields.word(record, "delivery", Delivery, Delivery.ONLINE),
            venue=fields.read("venue_state", lambda: indian_state(venue)) if venue else None,
            exempt=fields.yes(record, "exempt", usual=False),
            active=fields.yes(record, "active", usual=True),
        ),
    )


def _read_file(path: Path, parse: Callable[[Record], Out], key: Callable[[Out], str]) -> list[Out]:
    taken: dict[str, Out] = {}
    faults: list[str] = []
    for place, record in records_in(path):
        try:
            out = parse(record)
        except FieldWrong as wrong:
            faults.append(f"{place}: {wrong}")
            continue
        if key(out) in taken:
            faults.append(f"{place}: {key(out)} is written down twice")
        taken[key(out)] = out
    if faults:
        raise FileWrong(faults)
    if not taken:
        raise FileWrong([f"{path.name}: there is nothing in it"])
    return list(taken.values())


def _built(spelt: Mapping[str, str], build: Callable[[], Out]) -> Out:
    try:
        return build()
    except DomainError as error:
        field = str(getattr(error, "field", "record"))
        raise FieldWrong(spelt.get(field, field), str(getattr(error, "reason", error))) from error


def _discount_kind(record: Record) -> Percent | Flat:
    match fields.word(record, "kind", DiscountKind, None):
        case DiscountKind.PERCENT:
            if fields.optional_text(record, "amount") is not None:
                raise FieldWrong("amount", "a percent code has none")
            return Percent(fields.decimal(record, "percent"), fields.optional_money(record, "cap"))
        case DiscountKind.FLAT:
            for field in ("percent", "cap"):
                if fields.optional_text(record, field) is not None:
                    raise FieldWrong(field, "a flat code has none")
            return Flat(fields.money(record, "amount"))
