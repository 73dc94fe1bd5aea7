"""Amounts in rupees, exact: whole paise inside, decimals with two places outside."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final, Self

from domain.errors import DomainError

CURRENCY: Final = "INR"
"""Of every amount (ISO 4217)."""

PAISE_PER_RUPEE: Final = 100
DECIMALS_MAX: Final = 2
RUPEE_DIGITS_MAX: Final = 15  # keeps the paise within 64 bits

_RUPEES: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_PAISA: Final = Decimal("0.01")


class MoneyNotExact(DomainError):
    """The value is not an exact amount of whole paise; it is never rounded to become one."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"not an exact amount in rupees: {reason}")


class CurrencyUnsupported(DomainError):
    """Something is asked for in another currency than the one that everything is sold in."""

    def __init__(self, asked: str) -> None:
        self.asked, self.supported = asked, CURRENCY
        super().__init__(f"everything is sold in {CURRENCY}, and nothing in another currency")


def check_currency(code: str) -> None:
    """Return for *code* of ISO 4217 that is ours, as it is written there, or raise ``CurrencyUnsupported``."""
    if code != CURRENCY:
        raise CurrencyUnsupported(code)


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in Indian rupees, held as whole paise; it may be negative."""

    paise: int

    def __post_init__(self) -> None:
        # ``True`` is an int in Python, but no amount.
        if type(self.paise) is not int:
            raise TypeError(f"paise are a whole number, not {type(self.paise).__name__}")

    @classmethod
    def from_rupees(cls, rupees: Decimal | str) -> Self:
        """Return *rupees* as money, or raise ``MoneyNotExact``; a float is a ``TypeError``."""
        if isinstance(rupees, str):
            if not _RUPEES.fullmatch(rupees):
                raise MoneyNotExact("only digits, one sign and one point make an amount")
            return cls(_paise(Decimal(rupees)))
        if not isinstance(rupees, Decimal):
            raise TypeError(f"rupees come as Decimal or text, not {type(rupees).__name__}")
        return cls(_paise(rupees))

    @property
    def rupees(self) -> Decimal:
        """The same amount with exactly two decimals, whatever the decimal context says."""
        return Decimal(self.plain())

    def __add__(self, other: Self) -> Self:
        return type(self)(self.paise + other.paise)

    def __sub__(self, other: Self) -> Self:
        return type(self)(self.paise - other.paise)

    def __neg__(self) -> Self:
        return type(self)(-self.paise)

    def __mul__(self, times: int) -> Self:
        return type(self)(self.paise * times)

    def __bool__(self) -> bool:
        return self.paise != 0

    def allocate(self, weights: Sequence[int]) -> tuple[Self, ...]:
        """
        Return this amount spread over *weights*, to the paisa, in their order.

        Each line gets the whole paise of its exact share. The paise left over go to the largest
        remainders, one each; among equal remainders the earlier line comes first. A negative amount
        is spread like the positive one. Raises ``ValueError`` for a negative weight or when nothing weighs anything.
        """
        whole = sum(weights)
        if whole <= 0 or min(weights) < 0:
            raise ValueError("weights are not negative, and at least one is positive")
        amount = abs(self.paise)
        shares = [amount * weight // whole for weight in weights]
        remainders = [amount * weight % whole for weight in weights]
        by_remainder = sorted(range(len(weights)), key=lambda line: -remainders[line])
        for line in by_remainder[: amount - sum(shares)]:
            shares[line] += 1
        sign = -1 if self.paise < 0 else 1
        return tuple(type(self)(sign * share) for share in shares)

    def plain(self) -> str:
        """Rupees without grouping, as in ``500000.00``."""
        sign, rupees, paise = self._parts()
        return f"{sign}{rupees}.{paise:02d}"

    def grouped(self) -> str:
        """Rupees in Indian grouping, as in ``5,00,000.00``."""
        sign, rupees, paise = self._parts()
        return f"{sign}{_grouped(str(rupees))}.{paise:02d}"

    def __str__(self) -> str:
        """As people in India read it, the sign before the symbol: ``-₹1,180.00``."""
        sign, rupees, paise = self._parts()
        return f"{sign}₹{_grouped(str(rupees))}.{paise:02d}"

    def _parts(self) -> tuple[str, int, int]:
        return "-" if self.paise < 0 else "", *divmod(abs(self.paise), PAISE_PER_RUPEE)


ZERO: Final = Money(0)


def gateway_amount(rupees: Decimal | Money) -> str:
    """
    Return *rupees* as the gateway wants them, always with two decimals, or raise ``MoneyNotExact``.

    The product's rules ask for half-even rounding here, but nothing is ever rounded: a third
    decimal is refused before. Tax is rounded half-up elsewhere, to whole paise.
    """
    money = rupees if isinstance(rupees, Money) else Money.from_rupees(rupees)
    exact = money.rupees
    roomy = Context(prec=len(exact.as_tuple().digits) + DECIMALS_MAX)
    return f"{exact.quantize(_PAISA, rounding=ROUND_HALF_EVEN, context=roomy):f}"


def round_half_up(numerator: int, denominator: int) -> int:
    """
    Return the quotient to the nearest whole number, a half going away from zero (s.170 CGST).

    Away from zero on both sides, so that what credits a tax mirrors what charged it.
    """
    if denominator <= 0:
        raise ValueError("a denominator is positive")
    nearest = (2 * abs(numerator) + denominator) // (2 * denominator)
    return nearest if numerator >= 0 else -nearest


def _paise(rupees: Decimal) -> int:
    sign, digits, exponent = rupees.as_tuple()
    if not isinstance(exponent, int):
        raise MoneyNotExact("it is not a finite number")
    if exponent > 0:
        # 1E+3 would be exact, but 1E+999999999 would fill the memory.
        raise MoneyNotExact("an exponent is not taken")
    if exponent < -DECIMALS_MAX:
        raise MoneyNotExact(f"at most {DECIMALS_MAX} decimals exist in rupees")
    if len(digits) + exponent > RUPEE_DIGITS_MAX:
        raise MoneyNotExact(f"at most {RUPEE_DIGITS_MAX} digits are taken before the point")
    unsigned = int("".join(map(str, digits)) + "0" * (DECIMALS_MAX + exponent))
    return -unsigned if sign else unsigned


def _grouped(rupees: str) -> str:
    head, thousands = rupees[:-3], rupees[-3:]
    pairs = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)]
    return ",".join([*reversed(pairs), thousands])
