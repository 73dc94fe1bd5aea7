"""Read parts of the bank's messages into structs, and say which field is wrong without quoting it."""

import re
from typing import Any, Final, TypeVar

import msgspec

Lax = Any
"""A field that may be missing or hold another type, such as the word ``FILTERED``: checked where it is read."""

Part = TypeVar("Part", bound=msgspec.Struct)

_MISSING: Final = re.compile(r"Object missing required field `([^`]+)`(?: - at `\$\.([^`]+)`)?")
_PATH: Final = re.compile(r" - at `\$\.([^`]+)`$")


def part(value: object, shape: type[Part]) -> Part:
    """Return *value* as a *shape*, or an empty *shape* when *value* is something else."""
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError:
        return shape()


def fault_in(error: msgspec.ValidationError) -> str:
    """Return the path of the field that *error* is about, and whether it is missing or of a wrong type."""
    if missing := _MISSING.fullmatch(str(error)):
        within = f"{missing[2]}." if missing[2] else ""
        return f"{within}{missing[1]} is missing"
    at = _PATH.search(str(error))
    return f"{at[1] if at else 'the whole'} is not of the agreed kind"
