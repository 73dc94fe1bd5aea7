"""How often each discount code was taken, in memory."""

from dataclasses import dataclass

from domain.catalogue.discount import DiscountCode
from domain.errors import ChangedMeanwhile
from domain.identifiers import StudentId
from fakes.store import Change, FaultOfOurs, Store


@dataclass(frozen=True, slots=True)
class MemoryDiscounts:
    changes: list[Change]

    def reserve(self, discount: DiscountCode, student: StudentId) -> None:
        def change(store: Store) -> None:
            kept = store.discounts.get(discount.code)
            if kept is None or _reached(kept.total_limit, store.uses.get(kept.code, 0)):
                raise ChangedMeanwhile("discount slot")
            by_student = store.uses_by_student.get((discount.code, student), 0)
            if _reached(discount.per_student_limit, by_student):
                raise ChangedMeanwhile("discount slot")
            _count(store, discount.code, student, 1)

        self.changes.append(change)

    def release(self, code: str, student: StudentId) -> None:
        def change(store: Store) -> None:
            if code not in store.discounts:
                raise ChangedMeanwhile("discount slot")
            if not store.uses.get(code):
                raise FaultOfOurs("a slot was released that nobody had")
            if (code, student) not in store.uses_by_student:
                raise ChangedMeanwhile("discount slot")
            _count(store, code, student, -1)

        self.changes.append(change)

    def honour_late(self, code: str, student: StudentId) -> None:
        def change(store: Store) -> None:
            if code not in store.discounts:
                raise ChangedMeanwhile("discount slot")
            _count(store, code, student, 1)

        self.changes.append(change)


def _reached(limit: int | None, used: int) -> bool:
    return limit is not None and used >= limit


def _count(store: Store, code: str, student: StudentId, by: int) -> None:
    store.uses[code] = store.uses.get(code, 0) + by
    store.uses_by_student[code, student] = store.uses_by_student.get((code, student), 0) + by
    if min(store.uses[code], store.uses_by_student[code, student]) < 0:
        raise FaultOfOurs("a slot was released that nobody had")
