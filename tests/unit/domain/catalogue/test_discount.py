"""A discount code takes off what it promises, when and where it promises, and never more."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.business_day import IST
from domain.catalogue.course import CourseId
from domain.catalogue.discount import (
    DiscountCode,
    DiscountInvalid,
    DiscountRefusal,
    DiscountRefused,
    DiscountUses,
    Flat,
    Percent,
    from_ist_days,
    normalise_code,
    parse_discount_code,
)
from domain.money import ZERO, Money
from domain.text.card_number import CardNumberRefused

ALGEBRA = CourseId("algebra-1")
TEN_OFF = Percent(Decimal(10))
NOON = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
PRICE = Money(999_00)
UNUSED = DiscountUses(total=0, by_student=0)

prices = st.integers(min_value=1, max_value=10**9).map(Money)
caps = st.none() | prices
kinds = st.builds(Flat, prices) | st.builds(
    Percent, st.integers(1, 100_00).map(lambda h: Decimal(h).scaleb(-2)), caps
)


def code(kind: Percent | Flat = TEN_OFF, **rules: Any) -> DiscountCode:
    return DiscountCode(code="DIWALI-26", kind=kind, **rules)


@pytest.mark.parametrize(
    ("kind", "price", "off"),
    [
        (Percent(Decimal(10)), 10_000_00, 1_000_00),
        (Percent(Decimal("33.33")), 2_999_00, 999_57),
        (Percent(Decimal(15)), 1_499_00, 224_85),
        (Percent(Decimal(15), Money(200_00)), 1_499_00, 200_00),
        (Percent(Decimal(15), Money(224_85)), 1_499_00, 224_85),
        (Percent(Decimal(100)), 999_00, 999_00),
        (Percent(Decimal(50)), 1, 1),
        (Percent(Decimal("0.01")), 49_99, 0),
        (Percent(Decimal("0.01")), 50_00, 1),
        (Flat(Money(500_00)), 9_999_00, 500_00),
        (Flat(Money(500_00)), 499_99, 499_99),
    ],
)
def test_a_code_takes_off_what_it_says(kind: Percent | Flat, price: int, off: int) -> None:
    """
    Rounded once, half-up, and cut at the cap and at the price.
    """
    assert Money(off) == code(kind).amount_off(Money(price))


@given(kinds, prices)
def test_a_discount_never_exceeds_the_price_or_its_cap(kind: Percent | Flat, price: Money) -> None:
    """
    Whatever the code, nobody is paid for taking a course.
    """
    off = code(kind).amount_off(price)

    assert ZERO <= off <= price
    assert off <= (kind.amount if isinstance(kind, Flat) else kind.cap or price)


@pytest.mark.parametrize("percent", ["0", "-5", "100.01", "33.333", "NaN", "Infinity", "1E+999999"])
def test_a_percentage_lies_above_nothing_and_at_most_at_everything(percent: str) -> None:
    """
    Two decimals at most, as the rates of tax.
    """
    with pytest.raises(DiscountInvalid, match="percent"):
        Percent(Decimal(percent))


def test_a_percentage_comes_as_a_decimal() -> None:
    """
    A float never touches money.
    """
    with pytest.raises(TypeError, match="float"):
        Percent(10.0)  # type: ignore[arg-type] # the point of the test


@pytest.mark.parametrize("amount", [ZERO, Money(-1)])
def test_amounts_in_a_rule_are_more_than_nothing(amount: Money) -> None:
    """
    A cap, a flat amount or a minimum of nothing is a slip of the pen.
    """
    with pytest.raises(DiscountInvalid, match="cap"):
        Percent(Decimal(10), amount)
    with pytest.raises(DiscountInvalid, match="amount"):
        Flat(amount)
    with pytest.raises(DiscountInvalid, match="min_order"):
        code(min_order=amount)


@pytest.mark.parametrize(
    ("field", "rules"),
    [
        ("valid_from", {"valid_from": datetime(2026, 11, 23)}),  # noqa: DTZ001 - the point of the test
        ("valid_to", {"valid_to": datetime(2026, 11, 23, tzinfo=IST)}),
        ("valid_to", {"valid_from": NOON, "valid_to": NOON}),
        ("valid_to", {"valid_from": NOON, "valid_to": NOON - timedelta(seconds=1)}),
        (
            "valid_from",
            {"valid_from": datetime(2026, 11, 23), "valid_to": NOON},  # noqa: DTZ001 - the point of the test
        ),
        ("total_limit", {"total_limit": 0}),
        ("total_limit", {"total_limit": 1_000_000_001}),
        ("per_student_limit", {"per_student_limit": -1}),
        ("courses", {"courses": frozenset()}),
    ],
)
def test_a_rule_that_means_nothing_is_refused(field: str, rules: dict[str, Any]) -> None:
    """
    The refusal names the field to mend.
    """
    with pytest.raises(DiscountInvalid) as refused:
        code(**rules)
    ((named, reason),) = refused.value.faults
    assert field == named
    assert reason in str(refused.value)


def test_all_that_is_wrong_with_a_code_is_named() -> None:
    """
    Its own rules, and those of its percentage.
    """
    wrong: dict[str, Any] = {"min_order": ZERO, "total_limit": 0, "courses": frozenset()}
    with pytest.raises(DiscountInvalid) as refused:
        DiscountCode(code="a", kind=TEN_OFF, valid_from=NOON, valid_to=NOON, **wrong)
    with pytest.raises(DiscountInvalid) as share:
        Percent(Decimal(0), ZERO)

    assert [name for name, _ in refused.value.faults] == [
        *("code", "min_order", "valid_to", "total_limit", "courses")
    ]
    assert [name for name, _ in share.value.faults] == ["percent", "cap"]


@pytest.mark.parametrize("text", ["", "AB", "A" * 33, "diwali", "DIWALI 26", "दीवाली", "DIWALI\n"])
def test_a_code_has_a_shape(text: str) -> None:
    """
    3 to 32 of A-Z, 0-9, hyphen and underscore.
    """
    with pytest.raises(DiscountInvalid, match="code"):
        DiscountCode(code=text, kind=TEN_OFF)


@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        (" diwali-26 ", "DIWALI-26"),
        ("A_B", "A_B"),
        ("straße", "straße"),
        ("d\u0131wali", "d\u0131wali"),
    ],
)
def test_codes_are_compared_trimmed_and_in_upper_case(typed: str, compared: str) -> None:
    """
    Only plain letters change case, so that no two codes become one.
    """
    assert compared == normalise_code(typed)


@pytest.mark.parametrize("typed", ["", "?", "x" * 1000, "straße", "DIWALI'--", "a\x00bc"])
def test_what_no_code_looks_like_is_unknown(typed: str) -> None:
    """
    It is not read from storage, and not repeated.
    """
    with pytest.raises(DiscountRefused) as refused:
        parse_discount_code(typed)
    assert refused.value.reason is DiscountRefusal.UNKNOWN
    assert refused.value.code == "?"


def test_a_typed_code_is_normalised() -> None:
    """
    If there is no such code, the refusal names it.
    """
    assert parse_discount_code(" diwali-26 ") == "DIWALI-26"
    assert DiscountRefused("DIWALI-26", DiscountRefusal.UNKNOWN).code == "DIWALI-26"


def test_a_card_number_is_no_discount_code() -> None:
    """
    It would fit the shape, so it is caught by what it is.
    """
    with pytest.raises(CardNumberRefused):
        parse_discount_code("4111-1111-1111-1111")


def check(
    discount: DiscountCode,
    *,
    price: Money = PRICE,
    at: datetime = NOON,
    uses: DiscountUses = UNUSED,
) -> None:
    discount.check(ALGEBRA, price, at, uses)


def refusal(
    discount: DiscountCode,
    *,
    price: Money = PRICE,
    at: datetime = NOON,
    uses: DiscountUses = UNUSED,
) -> DiscountRefusal:
    with pytest.raises(DiscountRefused) as refused:
        check(discount, price=price, at=at, uses=uses)
    assert discount.code == refused.value.code
    return refused.value.reason


def test_a_code_without_rules_holds() -> None:
    """
    What is not limited is allowed.
    """
    check(code(), uses=DiscountUses(total=10**6, by_student=10**6))


def test_an_inactive_code_is_refused_first() -> None:
    """
    Whatever else is wrong with it, it was switched off.
    """
    dead = code(active=False, valid_to=NOON, total_limit=1)

    assert DiscountRefusal.INACTIVE is refusal(dead, uses=DiscountUses(total=1, by_student=1))


def test_the_first_instant_counts_and_the_last_does_not() -> None:
    """
    Validity is half-open: two campaigns can meet without overlap or gap.
    """
    tick = timedelta(microseconds=1)
    week = code(valid_from=NOON, valid_to=NOON + timedelta(days=7))

    assert DiscountRefusal.NOT_YET_VALID is refusal(week, at=NOON - tick)
    check(week, at=NOON)
    check(week, at=NOON + timedelta(days=7) - tick)
    assert DiscountRefusal.EXPIRED is refusal(week, at=NOON + timedelta(days=7))


def test_a_code_holds_for_its_courses_only() -> None:
    """
    None means every course.
    """
    check(code(courses=frozenset({ALGEBRA, CourseId("physics")})))
    assert DiscountRefusal.WRONG_COURSE is refusal(code(courses=frozenset({CourseId("physics")})))


def test_the_minimum_order_itself_is_enough() -> None:
    """
    One paisa less is not.
    """
    large = code(min_order=Money(999_00))

    check(large, price=Money(999_00))
    assert DiscountRefusal.BELOW_MINIMUM is refusal(large, price=Money(998_99))


def test_the_last_use_is_allowed_and_the_next_is_not() -> None:
    """
    Uses so far are counted without the one being asked for.
    """
    few = code(total_limit=5, per_student_limit=2)

    check(few, uses=DiscountUses(total=4, by_student=1))
    assert DiscountRefusal.USED_UP is refusal(few, uses=DiscountUses(total=5, by_student=0))
    assert DiscountRefusal.USED_UP_BY_STUDENT is refusal(
        few, uses=DiscountUses(total=4, by_student=2)
    )


def test_whole_days_are_indian_days() -> None:
    """
    From midnight to midnight in India, the last day left out.
    """
    first, end = from_ist_days(date(2026, 11, 1), date(2026, 12, 1))

    assert datetime(2026, 10, 31, 18, 30, tzinfo=UTC) == first
    assert datetime(2026, 11, 30, 18, 30, tzinfo=UTC) == end
    check(code(valid_from=first, valid_to=end))


def test_days_that_do_not_follow_are_refused() -> None:
    """
    An end before the beginning, or a day no calendar can place in UTC.
    """
    with pytest.raises(DiscountInvalid, match="valid_to"):
        from_ist_days(date(2026, 11, 1), date(2026, 11, 1))
    with pytest.raises(DiscountInvalid, match="valid_from"):
        from_ist_days(date.min, date(2026, 11, 1))
