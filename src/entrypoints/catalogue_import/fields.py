"""One field of a record at a time: from what a person wrote to a value, or a refusal that names the field."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeVar

from domain.errors import DomainError
from domain.money import Money

LIST_MARKS: Final = ";|"
NAME_SHOWN_MAX: Final = 40
COUNT_MAX: Final = 10**9
YES: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

_DECIMAL: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")

Record = Mapping[str, object]
Out = TypeVar("Out")
Word = TypeVar("Word", bound=StrEnum)


class FieldWrong(ValueError):
    """One field of a record cannot be used; *field* names it, *what* says what would be, of *values* any."""

    def __init__(self, field: str, what: str, values: Iterable[str] = ()) -> None:
        self.field, self.what, self.values = field, what, tuple(values)
        super().__init__(f"{field}: {what}")


class FieldMissing(FieldWrong):
    """One field of a record has to be there."""

    def __init__(self, field: str) -> None:
        super().__init__(field, "it is missing")


def read(field: str, read: Callable[[], Out], values: Iterable[str] = ()) -> Out:
    """Return what *read* makes of *field*, or raise ``FieldWrong`` with what would be taken, if that is a list."""
    try:
        return read()
    except (DomainError, OverflowError) as error:
        raise FieldWrong(field, str(error), values) from error


def refuse_unknown(record: Record, fields: Sequence[str]) -> None:
    for name in record:
        if name not in fields:
            raise FieldWrong(str(name)[:40], f"it is not known; there are {', '.join(fields)}")


def optional_text(record: Record, field: str) -> str | None:
    value = record.get(field)
    if isinstance(value, bool | list | dict):
        raise FieldWrong(field, "write text")
    return (str(value).strip() or None) if value is not None else None


def text(record: Record, field: str) -> str:
    if (text := optional_text(record, field)) is None:
        raise FieldMissing(field)
    return text


def money(record: Record, field: str) -> Money:
    return read(field, lambda: Money.from_rupees(text(record, field)))


def optional_money(record: Record, field: str) -> Money | None:
    return None if optional_text(record, field) is None else money(record, field)


def decimal(record: Record, field: str) -> Decimal:
    written = text(record, field)
    # Decimal itself also takes 1_0, other scripts' digits and exponents.
    if not _DECIMAL.fullmatch(written):
        raise FieldWrong(field, "write a number such as 18 or 7.5")
    return Decimal(written)


def count(record: Record, field: str) -> int | None:
    text = optional_text(record, field)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:10]) <= 10**9):
        raise FieldWrong(field, "write a whole number from 1")
    return int(text)


def word(record: Record, field: str, words: type[Word], usual: Word | None) -> Word:
    text = optional_text(record, field)
    if text is None and usual is not None:
        return usual
    try:
        return words((text or "").lower())
    except ValueError:
        raise FieldWrong(field, f"write one of: {', '.join(words)}", words) from None


def yes(record: Record, field: str, *, usual: bool) -> bool:
    value = record.get(field)
    if isinstance(value, bool):
        return value
    text = optional_text(record, field)
    if text is None:
        return usual
    try:
        return YES[text.lower()]
    except KeyError:
        raise FieldWrong(field, "write true or false") from None


def day(record: Record, field: str) -> date | None:
    text = optional_text(record, field)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise FieldWrong(field, "write a day as YYYY-MM-DD") from None


def names(record: Record, field: str) -> list[str]:
    value = record.get(field)
    if isinstance(value, list):
        if not all(isinstance(each, str) for each in value):
            raise FieldWrong(field, "write a list of course ids")
        return [each.strip() for each in value]
    text = optional_text(record, field) or ""
    for mark in LIST_MARKS:
        text = text.replace(mark, ",")
    return [each.strip() for each in text.split(",") if each.strip()]
