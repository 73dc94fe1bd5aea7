"""What is wrong with one member, parameter or header of a request: an item of a problem's ``errors``."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

Place = tuple[str | int, ...]
"""Where something stands in a body: the names of members and the places in lists, from the outside in."""

FAULTS_MAX: Final = 20
"""So many faults of one request are named at most."""

NAME_SHOWN_MAX: Final = 100


class FaultCode(StrEnum):
    """What is wrong with one field, stable where the words may change."""

    MISSING = "missing"
    UNKNOWN_NAME = "unknown_name"
    REPEATED = "repeated"
    WRONG_TYPE = "wrong_type"
    NOT_ALLOWED = "not_allowed"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_FEW = "too_few"
    TOO_MANY = "too_many"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    MALFORMED = "malformed"
    INVALID = "invalid"


FAULT_WORDS: Final[Mapping[FaultCode, str]] = MappingProxyType(
    {
        FaultCode.MISSING: "It has to be there.",
        FaultCode.UNKNOWN_NAME: "Nothing of this name is taken here; `allowed_values` lists what is.",
        FaultCode.REPEATED: "It came more than once, and is taken once.",
        FaultCode.WRONG_TYPE: "It is of another type, such as a number where text is taken.",
        FaultCode.NOT_ALLOWED: "It is none of `allowed_values`.",
        FaultCode.TOO_SHORT: "The text has too few characters.",
        FaultCode.TOO_LONG: "The text has too many characters.",
        FaultCode.TOO_FEW: "The list has too few items.",
        FaultCode.TOO_MANY: "The list has too many items.",
        FaultCode.TOO_SMALL: "The number lies below the range.",
        FaultCode.TOO_LARGE: "The number lies above the range.",
        FaultCode.MALFORMED: "It is not written in the form that is taken; `allowed` describes it.",
        FaultCode.INVALID: "It breaks a rule that `detail` says.",
    }
)


class Fault(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    One thing that is wrong with a request. It has `pointer` in a body, `parameter` in the query, `header` in a header.

    What is wrong with the claims of a token has a `field` alone.
    """

    field: Annotated[
        str,
        Meta(
            description="Its name; in a body the names from the outside in, joined by dots.",
            examples=["billing.gstin"],
        ),
    ]
    code: Annotated[
        str,
        Meta(
            description="What is wrong, as a stable word: the page of the problem lists them.",
            examples=["missing"],
        ),
    ]
    detail: Annotated[
        str, Meta(description="What is wrong, for a person.", examples=["it is missing"])
    ]
    pointer: Annotated[
        str | UnsetType,
        Meta(
            description="Where it stands, or is missing, in the body: a JSON pointer (RFC 6901).",
            examples=["/billing/gstin"],
        ),
    ] = UNSET
    parameter: Annotated[
        str | UnsetType, Meta(description="The query parameter.", examples=["limit"])
    ] = UNSET
    header: Annotated[
        str | UnsetType, Meta(description="The header.", examples=["Idempotency-Key"])
    ] = UNSET
    allowed: Annotated[
        str | UnsetType,
        Meta(description="What is taken, in words.", examples=["a whole number from 1 to 100"]),
    ] = UNSET
    allowed_values: Annotated[
        Sequence[str] | UnsetType,
        Meta(
            description="All values that are taken, or all names that are known.",
            examples=[["success", "failed"]],
        ),
    ] = UNSET


def pointer_to(place: Place) -> str:
    """Return *place* as a JSON pointer (RFC 6901, 3): ``~`` and ``/`` in names are written ``~0`` and ``~1``."""
    return "".join(f"/{str(each).replace('~', '~0').replace('/', '~1')}" for each in place)


def name_of(place: Place) -> str:
    """Return *place* as people name it: ``billing.gstin``, or ``body`` for the whole."""
    return ".".join(str(each) for each in place) or "body"


def body_fault(place: Place, code: str, detail: str, **allowed: Any) -> Fault:
    """Return the fault of what stands at *place* of the body."""
    return Fault(
        field=name_of(place), pointer=pointer_to(place), code=code, detail=detail, **allowed
    )


def parameter_fault(name: str, code: str, detail: str, **allowed: Any) -> Fault:
    """Return the fault of a query parameter."""
    return Fault(field=name, parameter=name, code=code, detail=detail, **allowed)


def header_fault(name: str, code: str, detail: str, **allowed: Any) -> Fault:
    """Return the fault of a header."""
    return Fault(field=name, header=name, code=code, detail=detail, **allowed)


def claim_fault(name: str, detail: str) -> Fault:
    """Return the fault of a claim of the caller's token."""
    return Fault(field=name, code=FaultCode.INVALID, detail=detail)


def errors(*faults: Fault) -> dict[str, Any]:
    """Return the member of a problem that names *faults*."""
    return {"errors": list(faults)}


def field_errors(*pairs: tuple[str, str], code: str = FaultCode.INVALID) -> dict[str, Any]:
    """Return the member that names fields of a body, each by its names joined by dots, with what is wrong with it."""
    return errors(*(body_fault(tuple(name.split(".")), code, what) for name, what in pairs))
