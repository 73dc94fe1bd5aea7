"""Amounts as the bank writes them: what is not exact is no amount."""

from domain.money import Money, MoneyNotExact


def amount_of(text: object) -> Money | None:
    """Return the amount in rupees that *text* spells exactly, or None; nothing and less is no amount."""
    if not isinstance(text, str):
        return None
    try:
        amount = Money.from_rupees(text)
    except MoneyNotExact:
        return None
    return amount if amount.paise > 0 else None
