"""
All that is wrong with a value, where the decoder stops at the first fault.

Nothing of this runs for a request that is taken: only what msgspec has refused is walked, against the same types,
each part converted by itself. So a part has a fault exactly if msgspec refuses it.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Annotated, Any, Final, NamedTuple, get_args, get_origin, get_type_hints

import msgspec
import msgspec.inspect as types
from msgspec import UNSET, UnsetType, ValidationError

from domain.errors import DomainError
from domain.money import Money
from entrypoints.http.allowed_words import kind_of, values_of, words_of
from entrypoints.http.faults import (
    FAULTS_MAX,
    NAME_SHOWN_MAX,
    Fault,
    FaultCode,
    Place,
    body_fault,
)


class Check(NamedTuple):
    """What the domain makes of a member by itself, and in words what it takes where its refusal does not say so."""

    run: Callable[[Any], object]
    allowed: str | UnsetType = UNSET


Checks = Mapping[str, Check]
"""The ``checks`` of a type of bodies: by its members' names, and of the whole under an empty one."""

AMOUNT: Final = Check(Money.from_rupees, "rupees with at most two decimals, such as 1180.00")

Told = Callable[[DomainError], list[Fault]]
"""Returns what is said of a refusal by the domain: the faults of its problem."""

OBJECTS: Final = (types.StructType, types.DictType)
TYPES_KEPT: Final = 512

_convert_lax: Final = msgspec.convert


def faults_in(value: object, kind: Any, told: Told | None = None) -> list[Fault]:
    """
    Return what is wrong with *value* as a *kind*, ``FAULTS_MAX`` of it at most, nothing if it is taken.

    With *told* it is also asked what the domain refuses, member by member, where the type has ``checks``.
    """
    return list(islice(_Walk(told).of(value, kind, ()), FAULTS_MAX))


def refused(value: object, kind: Any) -> bool:
    """Whether msgspec does not take *value* as a *kind*, as the framework asks it."""
    try:
        _convert_lax(value, kind, strict=False, str_keys=True)
    except ValidationError:
        return True
    return False


class _Walk:
    def __init__(self, told: Told | None) -> None:
        self._told = told

    def of(self, value: object, kind: Any, place: Place) -> Iterator[Fault]:
        """Walk what stands at *place*."""
        wrong = refused(value, kind)
        if not wrong and self._told is None:
            return
        kind = _chosen(kind, value)
        node = _node(kind)
        found = False
        for fault in self._parts(value, kind, node, place):
            found = True
            yield fault
        if wrong and not found:
            yield _fault_of(value, node, place)

    def _parts(self, value: object, kind: Any, node: types.Type, place: Place) -> Iterator[Fault]:
        match node, value:
            case types.StructType(), dict():
                yield from self._members(value, node, place)
            case types.CollectionType(), list():
                item = _item_of(kind)
                for number, each in enumerate(value):
                    yield from self.of(each, item, (*place, number))
            case types.DictType(), dict():
                item = get_args(_plain(kind))[1]
                for name, each in value.items():
                    yield from self.of(each, item, (*place, _shown(name)))
            case _:
                return

    def _members(
        self, value: dict[str, Any], node: types.StructType, place: Place
    ) -> Iterator[Fault]:
        kinds, checks = _kinds_of(node.cls), _checks_of(node.cls)
        known = {each.encode_name: each for each in node.fields}
        found = False
        for name, each in known.items():
            here = (*place, name)
            if name in value:
                faults = list(self.of(value[name], kinds[each.name], here))
                if not faults and value[name] is not None and name in checks:
                    faults = self._checked(checks[name], value[name], here)
            else:
                faults = [_missing(here)] if each.required else []
            found = found or bool(faults)
            yield from faults
        if node.forbid_unknown_fields:
            for name in value:
                if name not in known:
                    found = True
                    yield _unknown((*place, _shown(name)), list(known))
        if "" in checks and not found and not refused(value, node.cls):
            whole = _convert_lax(value, node.cls, strict=False, str_keys=True)
            yield from self._checked(checks[""], whole, None)

    def _checked(self, check: Check, value: object, place: Place | None) -> list[Fault]:
        if self._told is None:
            return []
        try:
            check.run(value)
        except DomainError as error:
            said = self._told(error)
            if place is None:
                return said
            if not said:
                return [body_fault(place, FaultCode.MALFORMED, str(error), allowed=check.allowed)]
            return [body_fault(place, said[0].code, said[0].detail, allowed=check.allowed)]
        return []


def _chosen(kind: Any, value: object) -> Any:
    """Return the member of a union that *value* is meant as, or *kind* itself where none or several could be."""
    plain = _plain(kind)
    if not isinstance(_node(kind), types.UnionType) or not get_args(plain):
        return kind
    meant = [each for each in get_args(plain) if each is not type(None)]
    if value is not None and len(meant) == 1:
        return meant[0]
    alike = [each for each in meant if _is_alike(_node(each), value)]
    return alike[0] if len(alike) == 1 else kind


def _is_alike(node: types.Type, value: object) -> bool:
    match value:
        case bool() | None:
            return False
        case dict():
            return isinstance(node, OBJECTS)
        case list():
            return isinstance(node, types.CollectionType)
        case str():
            return isinstance(node, types.StrType | types.EnumType)
        case _:
            return isinstance(node, types.IntType | types.FloatType)


def _fault_of(value: object, node: types.Type, place: Place) -> Fault:
    """Return the one fault of a value whose parts have none."""
    name = next((each for each in reversed(place) if isinstance(each, str)), "")
    taken = words_of(node, name)
    allowed: dict[str, Any] = {"allowed": taken}
    if values := values_of(node):
        said = "it is none of the values that are taken"
        return body_fault(
            place, FaultCode.NOT_ALLOWED, said, **allowed, allowed_values=list(values)
        )
    code, detail = _what(value, node)
    if code is FaultCode.WRONG_TYPE:
        detail = f"it is {kind_of(value)}, and has to be {taken}"
    return body_fault(place, code, detail, **allowed)


def _what(value: object, node: types.Type) -> tuple[FaultCode, str]:
    match node, value:
        case types.StrType(), str():
            what = _what_of_text(value, node)
        case ((types.IntType() | types.FloatType()), (str() | int() | float())) if not isinstance(
            value, bool
        ):
            what = _what_of_number(value, node)
        case types.CollectionType(), list():
            what = _what_of_list(value, node)
        case types.StructType(), dict():
            what = FaultCode.INVALID, "it cannot be taken as it is"
        case (
            (types.DateType() | types.DateTimeType() | types.TimeType() | types.UUIDType()),
            str(),
        ):
            what = FaultCode.MALFORMED, "it is not written in the form that is taken"
        case _:
            what = FaultCode.WRONG_TYPE, ""
    return what


def _what_of_list(items: list[object], node: types.CollectionType) -> tuple[FaultCode, str]:
    if len(items) < (node.min_length or 0):
        return FaultCode.TOO_FEW, f"it has fewer than {node.min_length} items"
    return FaultCode.TOO_MANY, f"it has more than {node.max_length} items"


def _what_of_text(text: str, node: types.StrType) -> tuple[FaultCode, str]:
    if node.max_length is not None and len(text) > node.max_length:
        return FaultCode.TOO_LONG, f"it is longer than {node.max_length} characters"
    if len(text) < (node.min_length or 0):
        return FaultCode.TOO_SHORT, f"it is shorter than {node.min_length} characters"
    return FaultCode.MALFORMED, "it is not written in the form that is taken"


def _what_of_number(
    value: str | float, node: types.IntType | types.FloatType
) -> tuple[FaultCode, str]:
    try:
        number = float(value)  # text may stand for a number
    except ValueError:
        return FaultCode.WRONG_TYPE, ""
    except OverflowError:
        return FaultCode.TOO_LARGE, "it is too large"
    at_least = node.ge if node.gt is None else node.gt
    at_most = node.le if node.lt is None else node.lt
    if at_least is not None and number <= at_least:
        return FaultCode.TOO_SMALL, "it is too small"
    if at_most is not None and number >= at_most:
        return FaultCode.TOO_LARGE, "it is too large"
    if isinstance(node, types.IntType) and not number.is_integer():
        return FaultCode.WRONG_TYPE, ""
    return FaultCode.INVALID, "it cannot be taken as it is"


def _missing(place: Place) -> Fault:
    return body_fault(place, FaultCode.MISSING, "it is missing")


def _unknown(place: Place, known: list[str]) -> Fault:
    return body_fault(
        place, FaultCode.UNKNOWN_NAME, "it is not known here", allowed_values=sorted(known)
    )


def _shown(name: str) -> str:
    return name[:NAME_SHOWN_MAX]


def _plain(kind: Any) -> Any:
    """Return *kind* without what ``Annotated`` adds to it."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    return kind


def _item_of(kind: Any) -> Any:
    items = get_args(_plain(kind))
    return items[0] if items else Any


@lru_cache(maxsize=TYPES_KEPT)
def _type_info(kind: Any) -> types.Type:
    node = types.type_info(kind)
    while isinstance(node, types.Metadata):
        node = node.type
    return node


def _node(kind: Any) -> types.Type:
    try:
        return _type_info(kind)
    except TypeError:  # what a parameter is annotated with may not be hashable
        node = types.type_info(kind)
        while isinstance(node, types.Metadata):
            node = node.type
        return node


@lru_cache(maxsize=TYPES_KEPT)
def _kinds_of(cls: type) -> Mapping[str, Any]:
    return get_type_hints(cls, include_extras=True)


def _checks_of(cls: type) -> Checks:
    return getattr(cls, "checks", {})
