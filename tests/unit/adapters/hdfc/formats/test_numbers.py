"""A number of the bank is read exactly in whatever notation it comes, and never at the price of much work."""

from decimal import Context, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hdfc.formats.numbers import (
    EXPONENT_MAX,
    NUMBER_LENGTH_MAX,
    number,
    whole_number,
)
from adapters.hdfc.outbound.amounts import amount_of
from domain.money import Money


@pytest.mark.parametrize(
    "written",
    [
        "525",
        "525.00",
        "525.000",
        "5.25E+2",
        "5.25e2",
        "52500e-2",
        "+525",
        "0525.0",
        " 525\n",
        "525.",
    ],
)
def test_every_notation_of_a_number_is_read(written: str) -> None:
    """
    Those of JSON, of XML and of forms are one number.
    """
    assert number(written) == Decimal(525)
    assert amount_of(written) == Money(52_500)
    assert whole_number(written) == 525


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "NaN",
        "Infinity",
        "1,000.00",
        "1_000",
        "0x10",
        "1e",
        "e5",
        ".",
        "--1",
        "1 000",
        "\uff11\uff12",
        "FILTERED",
        "1e999999999",
        "1e-999999999",
        "1e9999999999999999999",
        f"1e{EXPONENT_MAX + 1}",
        "0e31",
        "9" * (NUMBER_LENGTH_MAX + 1),
        None,
        525,
        Decimal(525),
        [],
    ],
)
def test_everything_else_is_no_number(written: object) -> None:
    """
    Words, groups of digits, and whatever would need much memory to write out.
    """
    assert number(written) is None
    assert amount_of(written) is None
    assert whole_number(written) is None


@pytest.mark.parametrize(
    ("written", "paise"),
    [
        ("0.01", 1),
        (".5", 50),
        ("1E-2", 1),
        ("1E3", 1_000_00),
        ("999999999999999.99", 99_999_999_999_999_999),
        ("1e15", None),
        ("1E-3", None),
        ("0.001", None),
        ("0", None),
        ("0.00", None),
        ("-1", None),
    ],
)
def test_an_amount_is_exact_or_none(written: str, paise: int | None) -> None:
    """
    A paisa is not rounded, whatever the exponent says, and an amount is above zero.
    """
    assert amount_of(written) == (None if paise is None else Money(paise))


@pytest.mark.parametrize(
    ("written", "value"), [("-1", -1), ("21.0", 21), ("2.1E1", 21), ("21.5", None)]
)
def test_a_whole_number_is_whole_in_value(written: str, value: int | None) -> None:
    """
    Its notation does not matter, and a part of one is none.
    """
    assert whole_number(written) == value


@given(
    st.integers(-(10**18), 10**18),
    st.integers(-12, 12),
    st.sampled_from("eE"),
    st.sampled_from(["", ".000"]),
)
def test_the_value_is_that_of_arithmetic(digits: int, power: int, mark: str, zeros: str) -> None:
    """
    Whatever precision the decimal context of the process has.
    """
    written = f"{digits}{zeros}{mark}{power}"
    with localcontext(Context(prec=80)):
        expected = Decimal(digits).scaleb(power)
    with localcontext(Context(prec=3)):
        found = number(written)

    assert found == expected
