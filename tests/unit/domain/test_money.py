"""Money is exact, and says so."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import (
    ZERO,
    CurrencyUnsupported,
    Money,
    MoneyNotExact,
    check_currency,
    gateway_amount,
    round_half_up,
)

amounts = st.integers(min_value=-(10**15), max_value=10**15).map(Money)
weights = st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=20).filter(any)


@pytest.mark.parametrize(
    ("rupees", "paise"),
    [
        ("0", 0),
        ("-0", 0),
        ("10", 1000),
        ("10.5", 1050),
        ("10.50", 1050),
        ("+0.01", 1),
        ("-2.95", -295),
        ("007.10", 710),
        ("500000.00", 50_000_000),
        ("999999999999999.99", 99_999_999_999_999_999),
    ],
)
def test_rupees_become_paise(rupees: str, paise: int) -> None:
    """
    Text and decimal say the same amount, to the paisa.
    """
    assert Money(paise) == Money.from_rupees(rupees)
    assert Money(paise) == Money.from_rupees(Decimal(rupees))


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "ten", "1,000.00", "₹10", " 10", "10 ", "10\n", "1_000", "0x10"),
        *("NaN", "sNaN", "Infinity", "-inf", "1e3", "1E+3", "1e-1", "1e999999999"),
        *(".5", "5.", ".", "-", "+-1", "--1", "1.2.3", "10.001", "10.000", "0.0000000001"),
        *(
            "१०",
            "\uff11\uff10.\uff10\uff10",
            "10.\u0665",
            "\u221210",
            "1" * 16,
            "9" * 100_000,
            "10\x00",
        ),
    ],
)
def test_text_that_is_no_exact_amount_is_refused(text: str) -> None:
    """
    Nothing is rounded, guessed or read in another script.
    """
    with pytest.raises(MoneyNotExact):
        Money.from_rupees(text)


@pytest.mark.parametrize(
    ("rupees", "reason"),
    [
        ("NaN", "finite"),
        ("sNaN", "finite"),
        ("-Infinity", "finite"),
        ("1E+3", "exponent"),
        ("1E+999999", "exponent"),
        ("0.005", "2 decimals"),
        ("1.000", "2 decimals"),
        ("1E-999999", "2 decimals"),
        ("1000000000000000", "15 digits"),
    ],
)
def test_a_decimal_that_is_no_exact_amount_is_refused(rupees: str, reason: str) -> None:
    """
    The refusal names the reason, not the amount.
    """
    with pytest.raises(MoneyNotExact, match=reason) as refused:
        Money.from_rupees(Decimal(rupees))
    assert reason in refused.value.reason
    assert rupees not in str(refused.value)


@pytest.mark.parametrize("wrong", [10.5, 10, True, None, b"10"])
def test_only_decimals_and_text_say_rupees(wrong: object) -> None:
    """
    A float never touches money, and an int could be paise or rupees.
    """
    with pytest.raises(TypeError, match=type(wrong).__name__):
        Money.from_rupees(wrong)  # type: ignore[arg-type] # the point of the test


@pytest.mark.parametrize("wrong", [True, 1.0, "1", Decimal(1), None])
def test_paise_are_a_whole_number(wrong: object) -> None:
    """
    Money cannot be born of anything but an int, and ``True`` is none.
    """
    with pytest.raises(TypeError, match="whole number"):
        Money(wrong)  # type: ignore[arg-type] # the point of the test


def test_a_float_cannot_multiply_money() -> None:
    """
    The type checker says it first, the money itself says it at run time.
    """
    with pytest.raises(TypeError, match="float"):
        Money(100) * 1.5  # type: ignore[operator] # the point of the test


def test_money_compares_by_amount() -> None:
    """
    Order and truth are those of the amount.
    """
    assert Money(-1) < ZERO < Money(1)
    assert max(Money(5), Money(7)) == Money(7)
    assert not ZERO
    assert Money(-1)


@given(amounts, amounts)
def test_what_is_added_can_be_taken_away(one: Money, other: Money) -> None:
    """
    Adding and subtracting lose nothing.
    """
    assert one == one + other - other
    assert one - other == -(other - one)


@given(amounts, st.integers(min_value=0, max_value=12))
def test_times_is_adding_again_and_again(one: Money, times: int) -> None:
    """
    Multiplication is nothing but repeated addition.
    """
    assert one * times == sum([one] * times, ZERO)


@given(amounts)
def test_rupees_come_back_as_the_same_money(money: Money) -> None:
    """
    Out to a decimal, or to text, and in again: nothing is lost, whatever the decimal context.
    """
    with localcontext() as narrow:
        narrow.prec = 3
        assert money == Money.from_rupees(money.rupees)
        assert money == Money.from_rupees(money.plain())
        assert money == Money.from_rupees(money.grouped().replace(",", ""))
    assert money.rupees.as_tuple().exponent == -2


@pytest.mark.parametrize(
    ("paise", "plain", "grouped"),
    [
        (0, "0.00", "0.00"),
        (5, "0.05", "0.05"),
        (-5, "-0.05", "-0.05"),
        (999_99, "999.99", "999.99"),
        (1_000_00, "1000.00", "1,000.00"),
        (99_999_00, "99999.00", "99,999.00"),
        (5_00_000_00, "500000.00", "5,00,000.00"),
        (-5_00_000_00, "-500000.00", "-5,00,000.00"),
        (12_34_567_89, "1234567.89", "12,34,567.89"),
        (1_00_00_000_00, "10000000.00", "1,00,00,000.00"),
    ],
)
def test_amounts_are_grouped_the_indian_way(paise: int, plain: str, grouped: str) -> None:
    """
    Thousands once, then hundreds: lakh and crore.
    """
    money = Money(paise)

    assert plain == money.plain()
    assert grouped == money.grouped()
    assert grouped == str(money).replace("₹", "")
    assert str(money).startswith("-₹" if paise < 0 else "₹")


@pytest.mark.parametrize(
    ("whole", "weights", "shares"),
    [
        (1_000_00, (2_999_00, 1_999_00, 999_00), (500_09, 333_33, 166_58)),
        (381_13, (2_498_91, 1_665_67, 832_42), (190_60, 127_04, 63_49)),
        (1_00, (1, 1, 1), (34, 33, 33)),
        (2, (1, 1, 1), (1, 1, 0)),
        (-1_00, (1, 1, 1), (-34, -33, -33)),
        (0, (3, 1), (0, 0)),
        (7, (0, 5), (0, 7)),
    ],
)
def test_an_amount_is_spread_by_largest_remainder(
    whole: int, weights: tuple[int, ...], shares: tuple[int, ...]
) -> None:
    """
    The published spreads of one discount and one half of tax; among equals the earlier line wins.
    """
    assert tuple(Money(share) for share in shares) == Money(whole).allocate(weights)


def test_a_discount_spread_over_lines_leaves_the_published_nets() -> None:
    """
    2,999 / 1,999 / 999 less their shares of 1,000.00.
    """
    prices = [Money(2_999_00), Money(1_999_00), Money(999_00)]
    shares = Money(1_000_00).allocate([price.paise for price in prices])

    nets = [price - share for price, share in zip(prices, shares, strict=True)]

    assert [Money(2_498_91), Money(1_665_67), Money(832_42)] == nets


@pytest.mark.parametrize("wrong", [(), (0, 0), (3, -1), (-1, -1)])
def test_nothing_is_spread_over_nothing(wrong: tuple[int, ...]) -> None:
    """
    Weights that weigh nothing, or less, are a mistake of the caller.
    """
    with pytest.raises(ValueError, match="weights"):
        Money(100).allocate(wrong)


@given(amounts, weights)
def test_shares_add_up_to_the_whole(whole: Money, weights: list[int]) -> None:
    """
    No paisa is lost or made, and nobody is more than one paisa off the exact share.
    """
    shares = whole.allocate(weights)

    assert whole == sum(shares, ZERO)
    assert len(weights) == len(shares)
    for weight, share in zip(weights, shares, strict=True):
        assert abs(share.paise * sum(weights) - whole.paise * weight) < sum(weights)


@pytest.mark.parametrize(
    ("rupees", "text"),
    [
        (Decimal(10), "10.00"),
        (Decimal("10.5"), "10.50"),
        (Decimal("500000.00"), "500000.00"),
        (Money(1), "0.01"),
        (Money(5_00_000_00), "500000.00"),
        (Money(10**40), "1" + "0" * 38 + ".00"),
    ],
)
def test_the_gateway_sees_exactly_two_decimals(rupees: Decimal | Money, text: str) -> None:
    """
    No grouping, no sign, no missing zero, at any size.
    """
    assert text == gateway_amount(rupees)


@pytest.mark.parametrize("rupees", ["10.005", "10.015", "10.000", "NaN"])
def test_the_gateway_amount_is_refused_rather_than_rounded(rupees: str) -> None:
    """
    Half-even could only act on a third decimal, and none gets this far.
    """
    with pytest.raises(MoneyNotExact):
        gateway_amount(Decimal(rupees))


@pytest.mark.parametrize(
    ("numerator", "denominator", "nearest"),
    [
        (5, 2, 3),
        (3, 2, 2),
        (1, 2, 1),
        (49, 100, 0),
        (50, 100, 1),
        (-5, 2, -3),
        (-1, 3, 0),
        (7, 1, 7),
    ],
)
def test_a_half_goes_up(numerator: int, denominator: int, nearest: int) -> None:
    """
    Away from zero on both sides, so a credit mirrors its charge.
    """
    assert nearest == round_half_up(numerator, denominator)


@pytest.mark.parametrize("denominator", [0, -2])
def test_only_a_positive_denominator_divides(denominator: int) -> None:
    """
    A sign in the denominator would turn the rule around.
    """
    with pytest.raises(ValueError, match="positive"):
        round_half_up(1, denominator)


def test_everything_is_in_rupees() -> None:
    """
    By the code of ISO 4217 as it is written there; another one is refused with ours.
    """
    check_currency("INR")

    with pytest.raises(CurrencyUnsupported) as refused:
        check_currency("inr")
    assert (refused.value.asked, refused.value.supported) == ("inr", "INR")
