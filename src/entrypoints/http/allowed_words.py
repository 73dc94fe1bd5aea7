"""What a field takes, in a person's words, read from the type that it is converted to."""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from types import MappingProxyType
from typing import Any, Final

import msgspec.inspect as types

PATTERN_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "^ *(?:[0-9] *){6}$": "six digits, with or without blanks",
        "^[0-9a-f]{16}$": "16 digits of a hexadecimal number, in small letters",
        "^[0-9a-f]{64}$": "64 digits of a hexadecimal number, in small letters",
    }
)
"""Each pattern that a request has to fit, as a person would say it."""

UNITS: Final = ("seconds", "minutes", "hours", "days")
"""The last word of a field's name, where it is the unit of its number."""

PLAIN_WORDS: Final[Mapping[type[types.Type], str]] = MappingProxyType(
    {
        types.NoneType: "null",
        types.BoolType: "true or false",
        types.DateType: "a day such as 2026-11-30",
        types.TimeType: "a time of day such as 09:30:00",
        types.UUIDType: "a UUID",
        types.DecimalType: "a number, as text such as 18.5",
        types.StructType: "an object",
        types.DataclassType: "an object",
        types.TypedDictType: "an object",
        types.DictType: "an object",
    }
)


def kind_of(value: object) -> str:
    """Return what a value of JSON is called."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case str():
            return "text"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case _:
            return "an object"


def values_of(node: types.Type) -> Sequence[str]:
    """Return every value of an enumeration, nothing for any other type."""
    match node:
        case types.EnumType():
            members: Iterator[Enum] = iter(node.cls)
            return [str(each.value) for each in members]
        case types.LiteralType():
            return [str(each) for each in node.values]
        case _:
            return []


def words_of(node: types.Type, name: str = "") -> str:
    """Return what a field called *name* takes, as the rest of "it has to be ..."."""
    match node:
        case types.UnionType():
            said = " or ".join(dict.fromkeys(words_of(each, name) for each in node.types))
        case types.EnumType() | types.LiteralType():
            said = f"one of {', '.join(values_of(node))}"
        case types.StrType():
            said = _words_of_text(node)
        case types.IntType() | types.FloatType():
            kind = "a whole number" if isinstance(node, types.IntType) else "a number"
            said = f"{kind}{_range(node)}{_unit(name)}"
        case types.DateTimeType():
            offset = " with its offset from UTC" if node.tz else ""
            said = f"a date and time{offset}, such as 2026-11-30T09:30:00Z"
        case types.CollectionType():
            said = f"a list{_bounds(node.min_length, node.max_length, 'items')}"
        case _:
            said = PLAIN_WORDS.get(type(node), "another value")
    return said


def _words_of_text(node: types.StrType) -> str:
    if node.pattern is not None:
        return PATTERN_WORDS.get(node.pattern, f"text of the pattern {node.pattern}")
    return f"text{_bounds(node.min_length, node.max_length, 'characters')}"


def _bounds(least: int | None, most: int | None, unit: str) -> str:
    match least or 0, most:
        case 0, None:
            return ""
        case 0, at_most:
            return f" of at most {at_most} {unit}"
        case at_least, None:
            return f" of at least {at_least} {unit}"
        case at_least, at_most:
            return f" of {at_least} to {at_most} {unit}"


def _range(node: types.IntType | types.FloatType) -> str:
    below, above = _bound(node.ge, node.gt, 1), _bound(node.le, node.lt, -1)
    if below is None and above is None:
        return ""
    if above is None:
        return f" from {below}"
    return f" up to {above}" if below is None else f" from {below} to {above}"


def _bound(including: Any, excluding: Any, step: int) -> Any:
    return including if excluding is None else excluding + step


def _unit(name: str) -> str:
    last = name.rpartition("_")[2]
    return f", in {last}" if last in UNITS else ""
