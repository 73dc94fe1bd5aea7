"""Courses and discount codes as people write them down, read whole: everything wrong is named, or all is taken."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeVar

from domain.card import refuse_card_numbers
from domain.course import Course, CourseId
from domain.discount import DiscountCode, Flat, Percent, normalise_code
from domain.errors import DomainError
from domain.gst import Delivery, GstRate, PriceMode
from domain.ist import start_of
from domain.money import Money
from domain.states import state

FILE_BYTES_MAX: Final = 8 * 1024 * 1024
RECORDS_MAX: Final = 10_000
LIST_MARKS: Final = ";|"
YES: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
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

Record = Mapping[str, object]
Out = TypeVar("Out")
Word = TypeVar("Word", bound=StrEnum)


class FieldWrong(ValueError):
    """One field of a record cannot be used; *field* names it, *what* says what would be."""

    def __init__(self, field: str, what: str) -> None:
        self.field, self.what = field, what
        super().__init__(f"{field}: {what}")


class FileWrong(ValueError):
    """A file cannot be taken; *faults* are all there are, each with its place."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class Kind(StrEnum):
    PERCENT = "percent"
    FLAT = "flat"


def course_from_record(record: Record) -> Course:
    """Return the course that *record* writes down, or raise ``FieldWrong``."""
    _known(record, COURSE_FIELDS)
    title = _text(record, "title")
    _read("title", lambda: refuse_card_numbers("title", title))
    rate = _read("gst_rate", lambda: GstRate(_decimal(record, "gst_rate")))
    venue = _optional_text(record, "venue_state")
    return _built(
        {"venue": "venue_state"},
        lambda: Course(
            id=CourseId(_text(record, "id")),
            title=title,
            list_price=_money(record, "list_price"),
            price_mode=_word(record, "price_mode", PriceMode, None),
            sac=_text(record, "sac"),
            gst_rate=rate,
            delivery=_word(record, "delivery", Delivery, Delivery.ONLINE),
            venue=_read("venue_state", lambda: state(venue)) if venue else None,
            exempt=_yes(record, "exempt", usual=False),
            active=_yes(record, "active", usual=True),
        ),
    )


def discount_from_record(record: Record) -> DiscountCode:
    """Return the discount code that *record* writes down, or raise ``FieldWrong``."""
    _known(record, DISCOUNT_FIELDS)
    first, end = _day(record, "valid_from"), _day(record, "valid_to")
    courses = _names(record, "courses")
    return _built(
        {},
        lambda: DiscountCode(
            code=normalise_code(_text(record, "code")),
            kind=_discount_kind(record),
            min_order=_optional_money(record, "min_order"),
            valid_from=_read("valid_from", lambda: start_of(first)) if first else None,
            valid_to=_read("valid_to", lambda: start_of(end)) if end else None,
            total_limit=_count(record, "total_limit"),
            per_student_limit=_count(record, "per_student_limit"),
            courses=frozenset(CourseId(name) for name in courses) if courses else None,
            active=_yes(record, "active", usual=True),
        ),
    )


def read_courses(path: Path) -> list[Course]:
    """Return all courses of a CSV or JSON file, or raise ``FileWrong`` and take none."""
    return _read_file(path, course_from_record, lambda course: course.id)


def read_discounts(path: Path) -> list[DiscountCode]:
    """Return all discount codes of a CSV or JSON file, or raise ``FileWrong`` and take none."""
    return _read_file(path, discount_from_record, lambda discount: discount.code)


def _read_file(path: Path, parse: Callable[[Record], Out], key: Callable[[Out], str]) -> list[Out]:
    taken: dict[str, Out] = {}
    faults: list[str] = []
    for place, record in _records(path):
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


def _records(path: Path) -> list[tuple[str, Record]]:
    """Return each record with the place to name when it is wrong."""
    try:
        with path.open("rb") as file:
            raw = file.read(FILE_BYTES_MAX + 1)
        if len(raw) > FILE_BYTES_MAX:
            raise FileWrong([f"{path.name}: it is larger than {FILE_BYTES_MAX} bytes"])
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise FileWrong([f"{path.name}: it cannot be read ({error.strerror})"]) from None
    except UnicodeDecodeError:
        raise FileWrong([f"{path.name}: it is not UTF-8 text"]) from None
    by_json = path.suffix.lower() == ".json" or text.lstrip().startswith(("[", "{"))
    records = list(_of_json(text) if by_json else _of_csv(text))
    if len(records) > RECORDS_MAX:
        raise FileWrong([f"{path.name}: it holds more than {RECORDS_MAX} records"])
    return records


def _of_json(text: str) -> Iterator[tuple[str, Record]]:
    try:
        # Amounts written as JSON numbers keep their digits: no float is ever made of them.
        decoded = json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise FileWrong([f"line {line}: this is not JSON"]) from None
    if not isinstance(decoded, list):
        raise FileWrong(["line 1: the file holds a list of records"])
    lines = _lines_of_items(text)
    for number, each in enumerate(decoded):
        place = f"line {lines[number]}" if number < len(lines) else f"record {number + 1}"
        if not isinstance(each, dict):
            raise FileWrong([f"{place}: a record is an object"])
        yield place, each


def _lines_of_items(text: str) -> list[int]:
    """Return the line on which each object of the outer list begins."""
    decoder = json.JSONDecoder()
    at, lines = text.index("[") + 1, []
    while (begin := text.find("{", at)) >= 0:
        lines.append(text.count("\n", 0, begin) + 1)
        try:
            _, at = decoder.raw_decode(text, begin)
        except ValueError:
            break
    return lines


def _of_csv(text: str) -> Iterator[tuple[str, Record]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True, restkey="", restval="")
    try:
        for row in reader:
            place = f"line {reader.line_num}"
            if "" in row:
                raise FileWrong([f"{place}: it has more cells than the heading"])
            if any(cell.strip() for cell in row.values()):
                yield place, {name.strip(): cell for name, cell in row.items()}
    except csv.Error as error:
        raise FileWrong([f"line {reader.line_num}: this is not CSV ({error})"]) from None


def _refuse_constant(word: str) -> Any:
    raise ValueError(f"{word} is no amount")


def _built(spelt: Mapping[str, str], build: Callable[[], Out]) -> Out:
    try:
        return build()
    except DomainError as error:
        field = str(getattr(error, "field", "record"))
        raise FieldWrong(spelt.get(field, field), str(getattr(error, "reason", error))) from error


def _read(field: str, read: Callable[[], Out]) -> Out:
    try:
        return read()
    except (DomainError, OverflowError) as error:
        raise FieldWrong(field, str(error)) from error


def _known(record: Record, fields: Sequence[str]) -> None:
    for name in record:
        if name not in fields:
            raise FieldWrong(str(name)[:40], f"it is not known; there are {', '.join(fields)}")


def _optional_text(record: Record, field: str) -> str | None:
    value = record.get(field)
    if isinstance(value, bool | list | dict):
        raise FieldWrong(field, "write text")
    return (str(value).strip() or None) if value is not None else None


def _text(record: Record, field: str) -> str:
    if (text := _optional_text(record, field)) is None:
        raise FieldWrong(field, "it is missing")
    return text


def _money(record: Record, field: str) -> Money:
    return _read(field, lambda: Money.from_rupees(_text(record, field)))


def _optional_money(record: Record, field: str) -> Money | None:
    return None if _optional_text(record, field) is None else _money(record, field)


def _decimal(record: Record, field: str) -> Decimal:
    try:
        number = Decimal(_text(record, field))
    except InvalidOperation:
        raise FieldWrong(field, "write a number such as 18 or 7.5") from None
    if not number.is_finite():
        raise FieldWrong(field, "write a number such as 18 or 7.5")
    return number


def _count(record: Record, field: str) -> int | None:
    text = _optional_text(record, field)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:10]) <= 10**9):
        raise FieldWrong(field, "write a whole number from 1")
    return int(text)


def _word(record: Record, field: str, words: type[Word], usual: Word | None) -> Word:
    text = _optional_text(record, field)
    if text is None and usual is not None:
        return usual
    try:
        return words((text or "").lower())
    except ValueError:
        raise FieldWrong(field, f"write one of: {', '.join(words)}") from None


def _yes(record: Record, field: str, *, usual: bool) -> bool:
    value = record.get(field)
    if isinstance(value, bool):
        return value
    text = _optional_text(record, field)
    if text is None:
        return usual
    try:
        return YES[text.lower()]
    except KeyError:
        raise FieldWrong(field, "write true or false") from None


def _day(record: Record, field: str) -> date | None:
    text = _optional_text(record, field)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise FieldWrong(field, "write a day as YYYY-MM-DD") from None


def _names(record: Record, field: str) -> list[str]:
    value = record.get(field)
    if isinstance(value, list):
        if not all(isinstance(each, str) for each in value):
            raise FieldWrong(field, "write a list of course ids")
        return [each.strip() for each in value]
    text = _optional_text(record, field) or ""
    for mark in LIST_MARKS:
        text = text.replace(mark, ",")
    return [each.strip() for each in text.split(",") if each.strip()]


def _discount_kind(record: Record) -> Percent | Flat:
    match _word(record, "kind", Kind, None):
        case Kind.PERCENT:
            if _optional_text(record, "amount") is not None:
                raise FieldWrong("amount", "a percent code has none")
            return Percent(_decimal(record, "percent"), _optional_money(record, "cap"))
        case Kind.FLAT:
            for field in ("percent", "cap"):
                if _optional_text(record, field) is not None:
                    raise FieldWrong(field, "a flat code has none")
            return Flat(_money(record, "amount"))
