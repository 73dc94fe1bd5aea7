"""A course on sale: its price, and the particulars that decide its GST."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NewType

from domain.errors import DomainError, NotFound
from domain.money import ZERO, Money
from domain.tax.gst import Delivery, GstRate, PriceMode
from domain.tax.indian_states import IndianState
from domain.text.card_number import contains_card_number
from domain.text.printable import unprintable_reason

CourseId = NewType("CourseId", str)

TITLE_MAX: Final = 200

_ID: Final = re.compile(r"[a-z0-9-]{1,64}")
_SAC: Final = re.compile(r"[0-9]{6}")


def parse_course_id(text: str) -> CourseId:
    """
    Return the course id in *text*, which comes from a client.

    Raises ``NotFound`` for what cannot be an id. The error does not repeat the text, which may hold
    anything, a card number included.
    """
    trimmed = text.strip()
    if not _ID.fullmatch(trimmed) or contains_card_number(trimmed):
        raise NotFound("course", "not an id")
    return CourseId(trimmed)


class CourseInvalid(DomainError):
    """A course cannot be stored like this; *faults* are all fields that are wrong, each with the reason."""

    def __init__(self, *faults: tuple[str, str]) -> None:
        self.faults = faults
        super().__init__("; ".join(f"course {name}: {reason}" for name, reason in faults))


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A course, or ``CourseInvalid``; *list_price* is before discount, *sac* the code of the service."""

    id: CourseId
    title: str
    list_price: Money
    price_mode: PriceMode
    sac: str
    gst_rate: GstRate
    delivery: Delivery = Delivery.ONLINE
    venue: IndianState | None = None
    exempt: bool = False
    active: bool = True

    def __post_init__(self) -> None:
        if faults := tuple(self._faults()):
            raise CourseInvalid(*faults)

    def _faults(self) -> Iterator[tuple[str, str]]:
        if not _ID.fullmatch(self.id) or contains_card_number(self.id):
            yield "id", "it is 1 to 64 of a-z, 0-9 and -, and no card number"
        if (fault := unprintable_reason(self.title, TITLE_MAX)) is not None:
            yield "title", fault
        if self.list_price <= ZERO:
            yield "list_price", "it is more than nothing; a discount makes it free"
        if not _SAC.fullmatch(self.sac):
            yield "sac", "it is 6 digits"
        if self.exempt and self.gst_rate.percent:
            yield "gst_rate", "it is 0 for an exempt course"
        if (self.delivery is Delivery.CLASSROOM) != (self.venue is not None):
            yield "venue", "a classroom has one, an online course none"
