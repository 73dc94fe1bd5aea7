"""Courses and discount codes of a whole file: everything that is wrong in it is named, or all of it is taken."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from domain.catalogue.course import Course
from domain.catalogue.discount import DiscountCode
from domain.tax.tax_tables import NOTIFIED, AcceptedTax
from entrypoints.catalogue_import.fields import FieldWrong, Record
from entrypoints.catalogue_import.files import FileWrong, records_in
from entrypoints.catalogue_import.record_faults import faults_of_course, faults_of_discount
from entrypoints.catalogue_import.records import course_from_record, discount_from_record

Out = TypeVar("Out")


def read_courses(path: Path, lists: AcceptedTax = NOTIFIED) -> list[Course]:
    """Return all courses of a CSV or JSON file, or raise ``FileWrong`` and take none."""
    return courses_of(records_in(path), path.name, lists)


def read_discounts(path: Path) -> list[DiscountCode]:
    """Return all discount codes of a CSV or JSON file, or raise ``FileWrong`` and take none."""
    return discounts_of(records_in(path), path.name)


def courses_of(
    records: Sequence[tuple[str, Record]], name: str, lists: AcceptedTax = NOTIFIED
) -> list[Course]:
    """Return the courses of the *records* of the file *name*, or raise ``FileWrong`` with all that is wrong."""
    return _read(
        records,
        name,
        lambda record: course_from_record(record, lists),
        lambda record: faults_of_course(record, lists),
        lambda course: course.id,
    )


def discounts_of(records: Sequence[tuple[str, Record]], name: str) -> list[DiscountCode]:
    """Return the codes of the *records* of the file *name*, or raise ``FileWrong`` with all that is wrong."""
    return _read(
        records, name, discount_from_record, faults_of_discount, lambda discount: discount.code
    )


def _read(
    records: Sequence[tuple[str, Record]],
    name: str,
    parse: Callable[[Record], Out],
    faults_of: Callable[[Record], Sequence[FieldWrong]],
    key: Callable[[Out], str],
) -> list[Out]:
    taken: dict[str, Out] = {}
    faults: list[str] = []
    for place, record in records:
        try:
            out = parse(record)
        except FieldWrong:
            faults += [f"{place}: {each}" for each in faults_of(record)]
            continue
        if key(out) in taken:
            faults.append(f"{place}: {key(out)} is written down twice")
        taken[key(out)] = out
    if faults:
        raise FileWrong(faults)
    if not taken:
        raise FileWrong([f"{name}: there is nothing in it"])
    return list(taken.values())
