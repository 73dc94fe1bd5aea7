"""Discount codes in rows, and their counters: conditional updates give the last slot to one student only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, literal, or_, update
from sqlalchemy.dialects.postgresql import insert

from adapters.postgres.catalogue.tables import discount, discount_use
from adapters.postgres.engine.statements import Write, prepare
from domain.catalogue.course import CourseId
from domain.catalogue.discount import DiscountCode, Flat, Percent
from domain.identifiers import StudentId
from domain.money import Money

ONE = literal(1)
UNLIMITED: Final = 2**31 - 1

COUNT_UP = prepare(
    update(discount)
    .where(
        discount.c.code == bindparam("wanted"),
        or_(discount.c.total_limit.is_(None), discount.c.used < discount.c.total_limit),
    )
    .values(used=discount.c.used + 1)
    .returning(ONE)
)
COUNT_UP_REGARDLESS = prepare(
    update(discount)
    .where(discount.c.code == bindparam("wanted"))
    .values(used=discount.c.used + 1)
    .returning(ONE)
)
COUNT_DOWN = prepare(
    update(discount)
    .where(discount.c.code == bindparam("wanted"))
    .values(used=discount.c.used - 1)
    .returning(ONE)
)
_one_more = insert(discount_use).values(
    code=bindparam("wanted"), student_id=bindparam("student"), used=1
)
STUDENT_UP = prepare(
    _one_more.on_conflict_do_update(
        constraint="discount_use_pkey",
        set_={"used": discount_use.c.used + 1},
        where=discount_use.c.used < bindparam("most"),
    ).returning(ONE)
)
STUDENT_DOWN = prepare(
    update(discount_use)
    .where(
        discount_use.c.code == bindparam("wanted"),
        discount_use.c.student_id == bindparam("student"),
    )
    .values(used=discount_use.c.used - 1)
    .returning(ONE)
)


@dataclass(frozen=True, slots=True)
class PostgresDiscounts:
    writes: list[Write]

    def reserve(self, discount: DiscountCode, student: StudentId) -> None:
        most = discount.per_student_limit or UNLIMITED
        self._move(COUNT_UP, {"wanted": discount.code})
        self._move(STUDENT_UP, {"wanted": discount.code, "student": student, "most": most})

    def release(self, code: str, student: StudentId) -> None:
        self._move(COUNT_DOWN, {"wanted": code})
        self._move(STUDENT_DOWN, {"wanted": code, "student": student})

    def honour_late(self, code: str, student: StudentId) -> None:
        self._move(COUNT_UP_REGARDLESS, {"wanted": code})
        self._move(STUDENT_UP, {"wanted": code, "student": student, "most": UNLIMITED})

    def _move(self, statement: Any, values: Mapping[str, object]) -> None:
        self.writes.append(Write(statement, values, expects="discount slot"))


def to_discount(row: Mapping[str, Any], prefix: str = "") -> DiscountCode:
    """Return the code in *row*, whose column names may carry *prefix*."""

    def of(name: str) -> Any:
        return row[prefix + name]

    def money(name: str) -> Money | None:
        return None if of(name) is None else Money(of(name))

    return DiscountCode(
        code=of("code"),
        kind=Percent(of("percent"), money("cap_paise"))
        if of("kind") == "percent"
        else Flat(Money(of("amount_paise"))),
        min_order=money("min_order_paise"),
        valid_from=of("valid_from"),
        valid_to=of("valid_to"),
        total_limit=of("total_limit"),
        per_student_limit=of("per_student_limit"),
        courses=None if of("courses") is None else frozenset(map(CourseId, of("courses"))),
        active=of("active"),
    )


def to_columns(code: DiscountCode) -> dict[str, object]:
    kind = code.kind
    percent = kind if isinstance(kind, Percent) else None
    flat = kind if isinstance(kind, Flat) else None
    return {
        "code": code.code,
        "kind": "percent" if percent else "flat",
        "percent": percent.percent if percent else None,
        "cap_paise": percent.cap.paise if percent and percent.cap else None,
        "amount_paise": flat.amount.paise if flat else None,
        "min_order_paise": code.min_order.paise if code.min_order else None,
        "valid_from": code.valid_from,
        "valid_to": code.valid_to,
        "total_limit": code.total_limit,
        "per_student_limit": code.per_student_limit,
        "courses": None if code.courses is None else sorted(code.courses),
        "active": code.active,
    }
