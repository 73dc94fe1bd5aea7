"""A course or a discount code as people write it down, field by field."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeVar

from domain.business_day import business_day_of, business_day_start
from domain.catalogue.course import Course, CourseId, CourseInvalid
from domain.catalogue.discount import DiscountCode, DiscountInvalid, Flat, Percent, normalise_code
from domain.catalogue.quote import costs_too_little
from domain.money import Money
from domain.tax.gst import Delivery, GstRate, PriceMode
from domain.tax.indian_states import STATES, indian_state
from domain.tax.tax_tables import NOTIFIED, AcceptedTax
from domain.text.card_number import refuse_card_numbers
from domain.text.printable import on_one_line
from entrypoints.catalogue_import import fields
from entrypoints.catalogue_import.fields import FieldWrong, Record

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
        what = "it is not in the list of service codes (SHULK_GST_SACS adds some)"
        raise FieldWrong("sac", what, sorted(lists.codes))
    if course.gst_rate.percent not in lists.rates:
        what = "it is no rate that is notified (SHULK_GST_RATES adds some)"
        raise FieldWrong("gst_rate", what, [f"{each:f}" for each in sorted(lists.rates)])
    if course.active and costs_too_little(course):
        raise FieldWrong("list_price", "with its tax it is less than 10.00, which nobody can pay")
    return course


def discount_from_record(record: Record) -> DiscountCode:
    """Return the discount code that *record* writes down, or raise ``FieldWrong``."""
    fields.refuse_unknown(record, DISCOUNT_FIELDS)
    first, end = fields.day(record, "valid_from"), fields.day(record, "valid_to")
    courses = fields.names(record, "courses")
    code = normalise_code(fields.text(record, "code"))
    fields.read("code", lambda: refuse_card_numbers("code", code))
    return _built(
        {},
        lambda: DiscountCode(
            code=code,
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


def record_of_course(course: Course) -> dict[str, str]:
    """Return how *course* is written down, field by field; what it has not is empty."""
    return {
        "id": course.id,
        "title": course.title,
        "list_price": course.list_price.plain(),
        "price_mode": course.price_mode.value,
        "sac": course.sac,
        "gst_rate": f"{course.gst_rate.percent:f}",
        "delivery": course.delivery.value,
        "venue_state": course.venue.code if course.venue is not None else "",
        "exempt": _word(course.exempt),
        "active": _word(course.active),
    }


def record_of_discount(discount: DiscountCode) -> dict[str, str]:
    """Return how *discount* is written down, field by field; what it has not is empty."""
    kind = discount.kind
    percent, cap, amount = "", None, None
    if isinstance(kind, Percent):
        percent, cap = f"{kind.percent:f}", kind.cap
    else:
        amount = kind.amount
    return {
        "code": discount.code,
        "kind": (DiscountKind.PERCENT if percent else DiscountKind.FLAT).value,
        "percent": percent,
        "cap": _plain(cap),
        "amount": _plain(amount),
        "min_order": _plain(discount.min_order),
        "valid_from": _day(discount.valid_from),
        "valid_to": _day(discount.valid_to),
        "total_limit": str(discount.total_limit or ""),
        "per_student_limit": str(discount.per_student_limit or ""),
        "courses": ", ".join(sorted(discount.courses or ())),
        "active": _word(discount.active),
    }


def _word(yes: bool) -> str:  # noqa: FBT001 - a field of two words
    return "true" if yes else "false"


def _plain(amount: Money | None) -> str:
    return amount.plain() if amount is not None else ""


def _day(at: datetime | None) -> str:
    return business_day_of(at).isoformat() if at is not None else ""


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
            venue=fields.read("venue_state", lambda: indian_state(venue), STATES)
            if venue
            else None,
            exempt=fields.yes(record, "exempt", usual=False),
            active=fields.yes(record, "active", usual=True),
        ),
    )


def _built(spelt: Mapping[str, str], build: Callable[[], Out]) -> Out:
    try:
        return build()
    except (CourseInvalid, DiscountInvalid) as error:
        field, reason = error.faults[0]
        raise FieldWrong(spelt.get(field, field), reason) from error


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
