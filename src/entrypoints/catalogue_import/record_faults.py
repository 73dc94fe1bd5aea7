"""All that is wrong with one record: each field that stops it is made good, and the record is read again."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from domain.tax.gst import Delivery
from domain.tax.tax_tables import NOTIFIED, AcceptedTax
from entrypoints.catalogue_import.fields import FieldWrong, Record
from entrypoints.catalogue_import.records import course_from_record, discount_from_record

COURSE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "id": "course",
        "title": "Course",
        "list_price": "1000.00",
        "price_mode": "inclusive",
        "sac": "999293",
        "gst_rate": "18",
    }
)
"""A course in which nothing is wrong; what stands in no field here may be left out."""

DISCOUNT: Final[Mapping[str, str]] = MappingProxyType({"code": "CODE"})
KINDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {"percent": ("percent", "10"), "flat": ("amount", "100.00")}
)
"""By a code's kind: the field that it needs, with a value in which nothing is wrong."""


def faults_of_course(record: Record, lists: AcceptedTax = NOTIFIED) -> list[FieldWrong]:
    """Return what is wrong with *record* as a course, the fields in the order in which they are read."""
    usual = {**COURSE, "sac": min(lists.codes), "gst_rate": str(max(lists.rates))}
    if str(record.get("exempt", "")).lower() in {"true", "yes", "1"}:
        usual["gst_rate"] = "0"
    if record.get("venue_state"):
        usual["delivery"] = Delivery.CLASSROOM.value
    return _faults(record, usual, lambda read: course_from_record(read, lists))


def faults_of_discount(record: Record) -> list[FieldWrong]:
    """Return what is wrong with *record* as a discount code, the fields in the order in which they are read."""
    usual, kind = dict(DISCOUNT), str(record.get("kind", "")).lower()
    if kind not in KINDS:
        flat = record.get("amount") is not None and record.get("percent") is None
        usual["kind"] = kind = "flat" if flat else "percent"
        # What nobody wrote down, since the kind was not known, is not missed as well.
        record = dict([KINDS[kind]]) | dict(record)
    return _faults(record, usual | dict([KINDS[kind]]), discount_from_record)


def _faults(
    record: Record, usual: Mapping[str, str], read: Callable[[Record], object]
) -> list[FieldWrong]:
    found: dict[str, FieldWrong] = {}
    mended = dict(record)
    while True:
        try:
            read(mended)
        except FieldWrong as wrong:
            if wrong.field in found:
                return list(found.values())
            found[wrong.field] = wrong
            mended.pop(wrong.field, None)
            if wrong.field in usual:
                mended[wrong.field] = usual[wrong.field]
        else:
            return list(found.values())
