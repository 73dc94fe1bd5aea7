"""A discount code: how much it reduces a price, and when, for which courses and how often."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from domain.business_day import business_day_start
from domain.catalogue.course import CourseId
from domain.errors import DomainError
from domain.money import ZERO, Money, round_half_up
from domain.tax.gst import hundredths
from domain.text.card_number import refuse_card_numbers

LIMIT_MAX: Final = 1_000_000_000

_CODE: Final = re.compile(r"[A-Z0-9_-]{3,32}")


class DiscountInvalid(DomainError):
    """A discount code cannot be stored like this; *faults* are all fields that are wrong, each with the reason."""

    def __init__(self, *faults: tuple[str, str]) -> None:
        self.faults = faults
        super().__init__("; ".join(f"discount {name}: {reason}" for name, reason in faults))


class DiscountRefusal(StrEnum):
    UNKNOWN = "unknown"
    INACTIVE = "inactive"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    WRONG_COURSE = "wrong_course"
    BELOW_MINIMUM = "below_minimum"
    USED_UP = "used_up"
    USED_UP_BY_STUDENT = "used_up_by_student"


class DiscountRefused(DomainError):
    """The code does not apply to this purchase; *reason* is the first rule that it fails."""

    def __init__(self, code: str, reason: DiscountRefusal) -> None:
        # Any other text may be private, and this error is logged.
        self.code = code if _CODE.fullmatch(code) else "?"
        self.reason = reason
        super().__init__(f"discount code {self.code} is refused: {reason}")


@dataclass(frozen=True, slots=True)
class Percent:
    """A share of the price, more than 0 and at most 100 per cent, and at most *cap*."""

    percent: Decimal
    cap: Money | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.percent, Decimal):
            raise TypeError(f"per cent come as Decimal, not {type(self.percent).__name__}")
        if faults := tuple(self._faults()):
            raise DiscountInvalid(*faults)

    def _faults(self) -> Iterator[tuple[str, str]]:
        if not hundredths(self.percent):
            yield "percent", "it is above 0, at most 100, with at most 2 decimals"
        if self.cap is not None and self.cap <= ZERO:
            yield "cap", "it is more than nothing"


@dataclass(frozen=True, slots=True)
class Flat:
    """The same amount for every price."""

    amount: Money

    def __post_init__(self) -> None:
        if self.amount <= ZERO:
            raise DiscountInvalid(("amount", "it is more than nothing"))


@dataclass(frozen=True, slots=True)
class DiscountUses:
    """How many slots of a code are reserved or committed: by all students, and by this one."""

    total: int
    by_student: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountCode:
    """A code and its rules, or ``DiscountInvalid``; instants are UTC and *valid_to* is exclusive."""

    code: str
    kind: Percent | Flat
    min_order: Money | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    total_limit: int | None = None
    per_student_limit: int | None = None
    courses: frozenset[CourseId] | None = None
    active: bool = True

    def __post_init__(self) -> None:
        if faults := tuple(self._faults()):
            raise DiscountInvalid(*faults)

    def _faults(self) -> Iterator[tuple[str, str]]:
        if not _CODE.fullmatch(self.code):
            yield "code", "it is 3 to 32 of A-Z, 0-9, - and _"
        if self.min_order is not None and self.min_order <= ZERO:
            yield "min_order", "it is more than nothing"
        yield from self._faults_of_period()
        for field, limit in (
            ("total_limit", self.total_limit),
            ("per_student_limit", self.per_student_limit),
        ):
            if limit is not None and not 1 <= limit <= LIMIT_MAX:
                yield field, f"it is 1 to {LIMIT_MAX:,}"
        if self.courses is not None and not self.courses:
            yield "courses", "it names at least one course, or is left out"

    def _faults_of_period(self) -> Iterator[tuple[str, str]]:
        begins, ends = self.valid_from, self.valid_to
        elsewhere = [
            field
            for field, instant in (("valid_from", begins), ("valid_to", ends))
            if instant is not None and instant.utcoffset() != timedelta()
        ]
        for field in elsewhere:
            yield field, "it is an instant in UTC"
        # An instant without an offset cannot be compared with one that has it.
        if begins and ends and not elsewhere and begins >= ends:
            yield "valid_to", "it lies after valid_from"

    def check(self, course_id: CourseId, price: Money, at: datetime, uses: DiscountUses) -> None:
        """Raise ``DiscountRefused`` unless the code applies to this course, at its list *price*, at this instant."""
        if (refusal := self._refusal(course_id, price, at, uses)) is not None:
            raise DiscountRefused(self.code, refusal)

    def amount_off(self, price: Money) -> Money:
        """Return the reduction of *price*: rounded once, half-up, to paise, and never more than the price."""
        if isinstance(self.kind, Flat):
            return min(self.kind.amount, price)
        share = hundredths(self.kind.percent) or 0
        computed = Money(round_half_up(price.paise * share, 100_00))
        return min(
            computed, self.kind.cap or computed
        )  # at most 100 per cent, so at most the price

    def _refusal(
        self, course_id: CourseId, price: Money, at: datetime, uses: DiscountUses
    ) -> DiscountRefusal | None:
        rules = (
            (DiscountRefusal.INACTIVE, not self.active),
            (DiscountRefusal.NOT_YET_VALID, self.valid_from is not None and at < self.valid_from),
            (DiscountRefusal.EXPIRED, self.valid_to is not None and at >= self.valid_to),
            (
                DiscountRefusal.WRONG_COURSE,
                self.courses is not None and course_id not in self.courses,
            ),
            (DiscountRefusal.BELOW_MINIMUM, self.min_order is not None and price < self.min_order),
            (DiscountRefusal.USED_UP, _reached(self.total_limit, uses.total)),
            (
                DiscountRefusal.USED_UP_BY_STUDENT,
                _reached(self.per_student_limit, uses.by_student),
            ),
        )
        return next((refusal for refusal, applies in rules if applies), None)


def normalise_code(text: str) -> str:
    """Return *text* trimmed and upper-cased: codes are stored and compared in this form."""
    trimmed = text.strip()
    # Some letters outside ASCII become A to Z in upper case, so that two codes would be one.
    return trimmed.upper() if trimmed.isascii() else trimmed


def parse_discount_code(text: str) -> str:
    """
    Return the normalised code in *text*, which a student typed.

    Raises ``DiscountRefused`` as unknown for what cannot be a code, and ``CardNumberRefused``.
    """
    refuse_card_numbers("discount_code", text)
    code = normalise_code(text)
    if not _CODE.fullmatch(code):
        raise DiscountRefused(code, DiscountRefusal.UNKNOWN)
    return code


def from_ist_days(first: date, end: date) -> tuple[datetime, datetime]:
    """Return the instants (UTC) at which the Indian days *first* and *end* begin; *end* itself is excluded."""
    if first >= end:
        raise DiscountInvalid(("valid_to", "it lies after valid_from"))
    try:
        return business_day_start(first), business_day_start(end)
    except OverflowError:
        raise DiscountInvalid(("valid_from", "no calendar goes back that far")) from None


def _reached(limit: int | None, used: int) -> bool:
    return limit is not None and used >= limit
