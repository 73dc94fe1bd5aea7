"""Read amounts of the bank: rupees as text, exact to the paisa."""

from adapters.hdfc.formats.numbers import number
from domain.money import Money, MoneyNotExact


def amount_of(text: object) -> Money | None:
    """Return the amount above zero that *text* gives in rupees, or None when it is not exact."""
    rupees = number(text)
    if rupees is None:
        return None
    try:
        amount = Money.from_rupees(rupees)
    except MoneyNotExact:
        return None
    return amount if amount.paise > 0 else None


def told_amount(text: object) -> Money | None:
    """Return the amount in rupees that *text* gives, zero included, or None when it gives none or is not exact."""
    rupees = number(text)
    if rupees is None or rupees < 0:
        return None
    try:
        return Money.from_rupees(rupees)
    except MoneyNotExact:
        return None
