"""An amount is read to the paisa or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import Money
from domain.settlements.amount_text import amount_of, paise_of


@pytest.mark.parametrize(
    ("text", "paise"),
    [
        *((text, 149950) for text in ("1499.50", "1499.5", "1,499.50", "INR 1499.50", "₹1,499.50")),
        *((text, 11800000) for text in ("1,18,000.00", "118,000.00", "118000", "'1,18,000.00")),
        *((text, -50000) for text in ("-500.00", "500.00-", "(500.00)", "INR -500.00", "-₹500.00")),
        *(
            (text, 50000)
            for text in ("'500.00", "\u00a0500.00", "500.00\u00a0", " 500.00 ", "₹500.00")
        ),
        ("2.9900", 299),
        ("0", 0),
        ("-0.00", 0),
        ("999999999999999.99", 99999999999999999),
        ("12,34,56,789.01", 12345678901),
    ],
)
def test_an_amount_is_read_to_the_paisa(text: str, paise: int) -> None:
    """
    In each way that Indian reports write it.
    """
    assert amount_of(text) == Money(paise)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "1.499,50",
            "1 499.50",
            "12,34.00",
            "1,2,3",
            "1e6",
            "0x10",
            "NaN",
            "",
            "+5",
            "--5",
            "1.005",
        ),
        *(
            "\u0665\u0660\u0660",
            "500.00 DR",
            "-500.00-",
            "(500.00",
            "500.00)",
            "(-500.00)",
            "-0.0.66962",
            "1,,000",
            ".5",
        ),
        *(
            "5.",
            "INR",
            "₹",
            "-",
            "1\n",
            "500.00\x00",
            "Infinity",
            "1_000",
            "500.00 500.00",
            "1" * 50,
        ),
        *("1000000000000000.00", "1,1800,000", "$5", "USD 5.00", "5,00", "½", "\uff15"),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    """
    No guess, no rounding, no zero for what cannot be read.
    """
    assert amount_of(text) is None


@pytest.mark.parametrize(
    ("text", "paise"),
    [("149950", 149950), ("-5", -5), ("0", 0), ("1499.50", None), ("1e6", None), ("", None)],
)
def test_whole_paise_are_whole(text: str, paise: int | None) -> None:
    """
    A report in paise has no point.
    """
    assert paise_of(text) == (None if paise is None else Money(paise))


@given(st.integers(-(10**15), 10**15))
def test_what_money_writes_is_read_back(paise: int) -> None:
    """
    Plain or in Indian grouping.
    """
    money = Money(paise)

    assert amount_of(money.plain()) == money
    assert amount_of(money.grouped()) == money


@given(st.text())
def test_no_text_raises(text: str) -> None:
    """
    The answer is an amount or a refusal.
    """
    read = amount_of(text)

    assert read is None or isinstance(read, Money)
    assert paise_of(text) is None or paise_of(text) == Money(int(text))
