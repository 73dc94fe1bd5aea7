"""All that is wrong with a body is named at once, each at its place, and nothing that is right."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Final, Literal

import msgspec
import msgspec.inspect as types
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from litestar.routes import HTTPRoute
from msgspec import Meta

from domain.errors import DomainError
from domain.payments.refund_state import RefundState
from entrypoints.http.allowed_words import PATTERN_WORDS, words_of
from entrypoints.http.body_faults import AMOUNT, Check, Checks, faults_in, refused
from entrypoints.http.faults import FAULTS_MAX, Fault, FaultCode, body_fault, pointer_to
from worlds.lent_apps import laid_out
from worlds.settings import settings_with

Amount = Annotated[str, Meta(pattern=r"^[0-9]+\.[0-9]{2}$")]


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    amount: Amount
    count: Annotated[int, Meta(ge=1, le=9)]
    note: Annotated[str, Meta(min_length=2, max_length=5)] | None = None


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    items: Annotated[list[Item], Meta(min_length=1, max_length=4)]
    state: RefundState
    speed: Literal["slow", "fast"] = "slow"
    due: dict[str, date] = {}
    at: Annotated[datetime, Meta(tz=True)]
    number: Annotated[str, Meta(max_length=3)] | int = 0
    urgent: bool = False
    rate: Annotated[float, Meta(gt=0, lt=1)] = 0.5


class Odd(msgspec.Struct, frozen=True, kw_only=True):
    """Refuses two that are right by themselves; members that it does not know it leaves alone."""

    low: int
    high: int

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("the wrong way round")


GONE: Final = object()
"""Stands for a member that is left out."""

RIGHT: Final[dict[str, Any]] = {
    "state": "pending",
    "due": {"a/b": "2026-11-30"},
    "at": "2026-11-30T10:00:00+05:30",
    "number": "abc",
}
WRONG: Final[dict[tuple[str, ...], list[tuple[object, FaultCode]]]] = {
    ("state",): [
        ("posted", FaultCode.NOT_ALLOWED),
        (5, FaultCode.NOT_ALLOWED),
        (GONE, FaultCode.MISSING),
    ],
    ("speed",): [("late", FaultCode.NOT_ALLOWED), (None, FaultCode.NOT_ALLOWED)],
    ("due", "a/b"): [("30 November", FaultCode.MALFORMED), ([], FaultCode.WRONG_TYPE)],
    ("at",): [
        ("yesterday", FaultCode.MALFORMED),
        ("2026-11-30T10:00:00", FaultCode.MALFORMED),
        (None, FaultCode.WRONG_TYPE),
        (GONE, FaultCode.MISSING),
    ],
    ("number",): [
        ("four", FaultCode.TOO_LONG),
        ([], FaultCode.WRONG_TYPE),
        (1.5, FaultCode.WRONG_TYPE),
    ],
    ("urgent",): [("perhaps", FaultCode.WRONG_TYPE), ({}, FaultCode.WRONG_TYPE)],
    ("rate",): [
        (0, FaultCode.TOO_SMALL),
        (1, FaultCode.TOO_LARGE),
        (10**400, FaultCode.TOO_LARGE),
        ("much", FaultCode.WRONG_TYPE),
    ],
    ("~new/one",): [(1, FaultCode.UNKNOWN_NAME)],
}
WRONG_ITEM: Final[dict[str, list[tuple[object, FaultCode]]]] = {
    "amount": [
        ("1,180", FaultCode.MALFORMED),
        (1180, FaultCode.WRONG_TYPE),
        (None, FaultCode.WRONG_TYPE),
        (GONE, FaultCode.MISSING),
    ],
    "count": [
        (0, FaultCode.TOO_SMALL),
        (10, FaultCode.TOO_LARGE),
        (1.5, FaultCode.WRONG_TYPE),
        ("many", FaultCode.WRONG_TYPE),
        (True, FaultCode.WRONG_TYPE),
        (GONE, FaultCode.MISSING),
    ],
    "note": [
        ("longer", FaultCode.TOO_LONG),
        ("x", FaultCode.TOO_SHORT),
        (7, FaultCode.WRONG_TYPE),
    ],
    "card": [("x", FaultCode.UNKNOWN_NAME)],
}


@dataclass(frozen=True)
class Injured:
    """A body, and by its pointer the code of each fault that was put into it."""

    body: dict[str, Any]
    faults: dict[str, FaultCode]


@st.composite
def injured(draw: st.DrawFn) -> Injured:
    body: dict[str, Any] = deepcopy(RIGHT)
    body["items"] = [
        {"amount": "10.00", "count": 1} for _ in range(draw(st.integers(min_value=1, max_value=4)))
    ]
    places = dict(WRONG)
    for number in range(len(body["items"])):
        places |= {("items", str(number), name): bad for name, bad in WRONG_ITEM.items()}
    chosen = draw(st.lists(st.sampled_from(sorted(places)), max_size=8, unique=True))
    faults = {}
    for place in chosen:
        value, code = draw(st.sampled_from(places[place]))
        _put(body, place, value)
        faults[pointer_to(place)] = code
    return Injured(body, faults)


def _put(body: Any, place: tuple[str, ...], value: object) -> None:
    *outer, last = place
    for name in outer:
        body = body[int(name)] if isinstance(body, list) else body[name]
    if value is GONE:
        del body[last]
    else:
        body[last] = value


def resolved(body: Any, pointer: str) -> Any:
    """Follow *pointer* as RFC 6901 (4) says, ``GONE`` where the last member is not there."""
    for name in pointer.split("/")[1:]:
        plain = name.replace("~1", "/").replace("~0", "~")
        body = body[int(plain)] if isinstance(body, list) else body.get(plain, GONE)
    return body


def bodies() -> list[Any]:
    """Return the type of each body of JSON that the API takes."""
    return sorted(
        {
            handler.parsed_data_field.annotation
            for route in laid_out(settings_with()).routes
            if isinstance(route, HTTPRoute)
            for handler in route.route_handlers
            if handler.opt.get("json")
            if handler.parsed_data_field is not None
        },
        key=lambda kind: str(kind.__name__),
    )


BODIES: Final = bodies()
JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@settings(max_examples=60)
@given(injured())
def test_each_fault_is_named_at_its_place(body: Injured) -> None:
    """
    Those that were put in, with what is wrong, and no other; each pointer leads to what is wrong.
    """
    found = faults_in(body.body, Order)

    assert {each.pointer: each.code for each in found} == body.faults
    for each in found:
        assert (resolved(body.body, str(each.pointer)) is GONE) is (each.code == FaultCode.MISSING)
        assert "`" not in each.detail
        assert "int" not in str(each.allowed)


@settings(max_examples=60)
@given(st.data(), JSON)
def test_a_body_has_a_fault_exactly_if_it_is_refused(data: st.DataObject, extra: Any) -> None:
    """
    Whatever the body, and whatever kind of body it should be.
    """
    kind = data.draw(st.sampled_from([*BODIES, Order, Odd]))
    names = [each.encode_name for each in types.type_info(kind).fields]  # type: ignore[attr-defined]
    body = data.draw(
        st.just(extra) | st.dictionaries(st.sampled_from(names) | st.text(max_size=3), JSON)
    )

    assert bool(faults_in(body, kind)) is refused(body, kind)


def test_what_is_right_has_no_fault() -> None:
    """
    Also by what is taken loosely, such as a number as text.
    """
    body = {**RIGHT, "items": [{"amount": "1.00", "count": "7"}]}

    assert faults_in(body, Order) == []


@pytest.mark.parametrize(
    ("body", "kind", "code", "detail", "allowed"),
    [
        ([], Order, "wrong_type", "it is a list, and has to be an object", "an object"),
        (None, Order, "wrong_type", "it is null, and has to be an object", "an object"),
        (
            5,
            Annotated[str, Meta(max_length=3)],
            "wrong_type",
            "it is a number, and has to be text of at most 3 characters",
            "text of at most 3 characters",
        ),
        (
            [],
            Annotated[list[str], Meta(min_length=2)],
            "too_few",
            None,
            "a list of at least 2 items",
        ),
        (
            ["a", "b"],
            Annotated[list[str], Meta(min_length=1, max_length=1)],
            "too_many",
            "it has more than 1 items",
            "a list of 1 to 1 items",
        ),
        (
            "x",
            Annotated[str, Meta(pattern="^ *(?:[0-9] *){6}$")],
            "malformed",
            None,
            "six digits, with or without blanks",
        ),
        ({"low": 2, "high": 1}, Odd, "invalid", "it cannot be taken as it is", "an object"),
        (-1, Annotated[int, Meta(ge=1)], "too_small", "it is too small", "a whole number from 1"),
        (9, Annotated[int, Meta(lt=9)], "too_large", "it is too large", "a whole number up to 8"),
        (True, str | int | None, "wrong_type", None, "text or a whole number or null"),
    ],
)
def test_a_fault_says_what_is_taken(
    body: object, kind: Any, code: str, detail: str | None, allowed: str
) -> None:
    """
    In a person's words, with the limit.
    """
    [fault] = faults_in(body, kind)

    assert (fault.code, fault.allowed, fault.pointer, fault.field) == (code, allowed, "", "body")
    assert detail is None or fault.detail == detail


def test_a_number_of_a_unit_says_its_unit() -> None:
    """
    By the last word of its name.
    """
    node = types.IntType(gt=None, ge=1, lt=None, le=3600, multiple_of=None)

    assert words_of(node, "session_seconds") == "a whole number from 1 to 3600, in seconds"
    assert words_of(node, "limit") == "a whole number from 1 to 3600"


def test_no_more_than_some_are_named() -> None:
    """
    A body that is wrong a thousand times has an answer of bounded size.
    """
    assert len(faults_in({str(number): 1 for number in range(1000)}, Order)) == FAULTS_MAX


class Refusal(DomainError):
    """Of a sample."""


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    checks: ClassVar[Checks] = {
        "amount": AMOUNT,
        "word": Check(lambda word: _refuse(word == "bad"), "a good word"),
        "": Check(lambda whole: _refuse(whole.word == whole.amount)),
    }

    amount: str
    word: str | None = None


def _refuse(bad: bool) -> None:  # noqa: FBT001 - what is refused
    if bad:
        raise Refusal("it is bad")


def said(error: DomainError) -> list[Fault]:
    return [body_fault(("word",), "bad", str(error))] if isinstance(error, Refusal) else []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"amount": "1.00", "word": "good"}, []),
        ({"amount": "1.234", "word": "bad"}, [("/amount", "malformed"), ("/word", "bad")]),
        ({"amount": 1, "word": "bad"}, [("/amount", "wrong_type"), ("/word", "bad")]),
        ({"amount": "1.00", "word": "1.00"}, [("/word", "bad")]),
        ({"amount": "1.00", "word": None}, []),
        ({"word": "bad"}, [("/amount", "missing"), ("/word", "bad")]),
    ],
)
def test_what_the_domain_refuses_is_told_with_the_rest(
    body: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    """
    Member by member, and the whole where each part is right; not asked, it says nothing.
    """
    told = [(each.pointer, each.code) for each in faults_in(body, Checked, said)]

    assert told == found
    assert all(each.code != "bad" for each in faults_in(body, Checked))


def walk(node: types.Type, visit: Callable[[types.Type], None]) -> None:
    visit(node)
    match node:
        case types.Metadata():
            walk(node.type, visit)
        case types.UnionType():
            for each in node.types:
                walk(each, visit)
        case types.CollectionType():
            walk(node.item_type, visit)
        case types.DictType():
            walk(node.value_type, visit)
        case types.StructType():
            for field in node.fields:
                walk(field.type, visit)
        case _:
            pass


@pytest.mark.parametrize("kind", BODIES, ids=lambda kind: str(kind.__name__))
def test_each_body_can_be_walked(kind: Any) -> None:
    """
    No type that only the framework could convert, every pattern in a person's words, and no name unchecked.
    """

    def visit(node: types.Type) -> None:
        assert not isinstance(node, types.CustomType | types.TypedDictType | types.DataclassType)
        if isinstance(node, types.StrType) and node.pattern is not None:
            assert node.pattern in PATTERN_WORDS
        if isinstance(node, types.StructType):
            assert node.forbid_unknown_fields
            names = {each.name for each in node.fields}
            assert set(getattr(node.cls, "checks", {})) - {""} <= names

    walk(types.type_info(kind), visit)
