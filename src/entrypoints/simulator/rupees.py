"""Amounts in rupees, exact and never a float."""

import re
from decimal import Decimal
from typing import Final

AMOUNT: Final = re.compile(r"\d{1,12}(?:\.\d{1,2})?", re.ASCII)
AMOUNT_MIN: Final = Decimal(1)
FIRST_GROUP: Final = 3
LATER_GROUP: Final = 2


def rupees_in(text: str) -> Decimal | None:
    """Return the amount, or none for anything but digits with at most two decimals."""
    return Decimal(text) if AMOUNT.fullmatch(text) else None


def as_number(amount: Decimal) -> int | Decimal:
    """Return *amount* so that it is written as the shortest JSON number: 1499.5, 100.15, 1."""
    if amount == amount.to_integral_value():
        return int(amount)
    return amount.normalize()


def shown(amount: Decimal) -> str:
    """Return *amount* for people, grouped the Indian way: 5,00,000.00."""
    whole, paise = f"{amount:.2f}".split(".")
    head, tail = whole[:-FIRST_GROUP], whole[-FIRST_GROUP:]
    groups = [tail]
    while head:
        groups.insert(0, head[-LATER_GROUP:])
        head = head[:-LATER_GROUP]
    return f"{','.join(groups)}.{paise}"
