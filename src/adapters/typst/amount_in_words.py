"""Amounts in words as an Indian cheque spells them: lakh and crore, rupees and paise."""

from num2words import num2words

from domain.money import PAISE_PER_RUPEE, Money


def in_words(amount: Money) -> str:
    """Return *amount*, which is not negative, as ``Rupees One Lakh and Paise One Only``."""
    rupees, paise = divmod(amount.paise, PAISE_PER_RUPEE)
    said = f"Rupees {_spelt(rupees)}"
    return f"{said} and Paise {_spelt(paise)} Only" if paise else f"{said} Only"


def _spelt(number: int) -> str:
    # The library says "two hundred and eight" and "eighty-two"; our cheques do not.
    plain = num2words(number, lang="en_IN").replace(",", " ").replace("-", " ")
    return " ".join(word.capitalize() for word in plain.split() if word != "and")
