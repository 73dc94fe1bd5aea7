"""What the console's pages of courses and of discount codes have in common: two shelves, each with its records."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from application.catalogue.replace_catalogue import ReplaceCourses, ReplaceDiscounts
from domain.catalogue.course import Course, CourseId
from domain.catalogue.discount import DiscountCode, normalise_code
from domain.staff.access import Permission
from entrypoints.catalogue_import.files import records_of
from entrypoints.catalogue_import.records import (
    course_from_record,
    discount_from_record,
    record_of_course,
    record_of_discount,
)
from entrypoints.catalogue_import.whole_files import courses_of, discounts_of
from entrypoints.http.console import places
from entrypoints.http.dependencies import Dependencies
from ports.audit_log import Origin

YES_NO: Final = (("true", "Yes"), ("false", "No"))
LISTED_MAX: Final = 500

Item = Course | DiscountCode
Found = Mapping[str, Item]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """A field of a record as its form shows it; *choices* are its words and what people read for them."""

    name: str
    label: str
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    usual: str = ""
    needed: bool = False


COURSE_FIELDS: Final = (
    FormField(name="id", label="Id", hint="a to z, 0 to 9 and hyphens. It stays.", needed=True),
    FormField(name="title", label="Title", needed=True),
    FormField(name="list_price", label="List price in rupees", needed=True),
    FormField(
        name="price_mode",
        label="GST",
        choices=(("inclusive", "is in the price"), ("exclusive", "comes on top")),
        usual="inclusive",
    ),
    FormField(name="sac", label="SAC", hint="Six digits of the service.", needed=True),
    FormField(name="gst_rate", label="GST rate in per cent", needed=True),
    FormField(
        name="delivery",
        label="Delivery",
        choices=(("online", "Online"), ("classroom", "In a classroom")),
        usual="online",
    ),
    FormField(
        name="venue_state",
        label="State of the classroom",
        hint="Its code of two digits; empty for an online course.",
    ),
    FormField(name="exempt", label="Exempt from GST", choices=YES_NO, usual="false"),
    FormField(name="active", label="On sale", choices=YES_NO, usual="true"),
)
DISCOUNT_FIELDS: Final = (
    FormField(name="code", label="Code", hint="3 to 32 of A to Z, 0 to 9, - and _.", needed=True),
    FormField(
        name="kind",
        label="Kind",
        choices=(("percent", "Per cent of the price"), ("flat", "An amount")),
        usual="percent",
    ),
    FormField(name="percent", label="Per cent"),
    FormField(name="cap", label="At most, in rupees", hint="Only with per cent; may be empty."),
    FormField(name="amount", label="Amount in rupees"),
    FormField(name="min_order", label="Least price in rupees", hint="May be empty."),
    FormField(name="valid_from", label="First day (IST)", hint="Like 2026-08-03, or empty."),
    FormField(name="valid_to", label="Day after the last (IST)", hint="Or empty."),
    FormField(name="total_limit", label="Uses in all", hint="Empty: without a limit."),
    FormField(
        name="per_student_limit", label="Uses of one student", hint="Empty: without a limit."
    ),
    FormField(name="courses", label="Courses", hint="Their ids with commas; empty: all."),
    FormField(name="active", label="May be used", choices=YES_NO, usual="true"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """One kind of what is sold, or lessens its price: how it is read, written down, found and replaced."""

    word: str
    one: str
    key: str
    address: str
    item_address: str
    import_address: str
    write: Permission
    fields: Sequence[FormField]
    parse: Callable[[Mapping[str, object], Dependencies], Item]
    read_file: Callable[[str, str, Dependencies], Sequence[Item]]
    record: Callable[[Any], dict[str, str]]
    listed: Callable[[Dependencies], Awaitable[Sequence[Item]]]
    named: Callable[[Dependencies, Collection[str]], Awaitable[Found]]
    replace: Callable[[Dependencies, Sequence[Any], Origin, Any], Awaitable[None]]
    normal: Callable[[str], str] = str.strip

    def name_of(self, item: Item) -> str:
        return self.record(item)[self.key]

    def fingerprint(self, items: Sequence[Item | None]) -> str:
        """Return what stands for *items* as they are; None stands for one that there is not."""
        written = [self.record(each) if each is not None else None for each in items]
        return hashlib.sha256(json.dumps(written, sort_keys=True).encode()).hexdigest()[:32]


async def _courses(deps: Dependencies, ids: Collection[str]) -> Found:
    found = await deps.catalogue.on_sale.courses_named([CourseId(each) for each in ids])
    return {course.id: course for course in found}


async def _discounts(deps: Dependencies, codes: Collection[str]) -> Found:
    return {each.code: each for each in await deps.catalogue.on_sale.discounts_named(codes)}


async def _replace_courses(
    deps: Dependencies, items: Sequence[Any], origin: Origin, seen: Any
) -> None:
    replace: ReplaceCourses = deps.catalogue.replace_courses
    await replace(items, origin, seen)


async def _replace_discounts(
    deps: Dependencies, items: Sequence[Any], origin: Origin, seen: Any
) -> None:
    replace: ReplaceDiscounts = deps.catalogue.replace_discounts
    await replace(items, origin, seen)


COURSES: Final = Shelf(
    word="Courses",
    one="course",
    key="id",
    address=places.COURSES,
    item_address=places.COURSE,
    import_address=places.COURSE_IMPORT,
    write=Permission.WRITE_COURSES,
    fields=COURSE_FIELDS,
    parse=lambda record, deps: course_from_record(record, deps.settings.accepted_tax),
    read_file=lambda text, name, deps: courses_of(
        records_of(text, name), name, deps.settings.accepted_tax
    ),
    record=record_of_course,
    listed=lambda deps: deps.catalogue.on_sale.courses(active_only=False, at_most=LISTED_MAX),
    named=_courses,
    replace=_replace_courses,
)
DISCOUNTS: Final = Shelf(
    word="Discount codes",
    one="discount code",
    key="code",
    address=places.DISCOUNTS,
    item_address=places.DISCOUNT,
    import_address=places.DISCOUNT_IMPORT,
    write=Permission.WRITE_DISCOUNTS,
    fields=DISCOUNT_FIELDS,
    parse=lambda record, _: discount_from_record(record),
    read_file=lambda text, name, _: discounts_of(records_of(text, name), name),
    record=record_of_discount,
    listed=lambda deps: deps.catalogue.on_sale.discounts(at_most=LISTED_MAX),
    named=_discounts,
    replace=_replace_discounts,
    normal=normalise_code,
)
