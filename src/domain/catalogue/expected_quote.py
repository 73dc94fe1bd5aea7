"""The quote that a student was shown and agreed to: that one is charged, or nothing is opened."""

from dataclasses import dataclass
from typing import Final, Self

from domain.catalogue.quote import Quote
from domain.errors import DomainError
from domain.money import Money


class PriceChanged(DomainError):
    """The quote is not the one that was shown: the student has to see what is payable *now* first."""

    def __init__(self, before: Money | None, now: Money) -> None:
        self.before, self.now = before, now
        super().__init__(_words(before, now))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedQuote:
    """
    What the student saw: the amount *payable*, the *fingerprint* of the whole quote, or both.

    Where the fingerprint is None only the amount was shown, so that only the amount is held to it.
    """

    payable: Money | None = None
    fingerprint: str | None = None

    @classmethod
    def of(cls, quote: Quote) -> Self:
        return cls(payable=quote.payable, fingerprint=quote.fingerprint)

    def check(self, quote: Quote) -> None:
        """Return when *quote* is what the student saw, or raise ``PriceChanged``."""
        as_shown = self.fingerprint in {None, quote.fingerprint}
        if self.payable not in {None, quote.payable} or not as_shown:
            raise PriceChanged(self.payable, quote.payable)


ANY_QUOTE: Final = ExpectedQuote()
"""Nothing is known of what the student saw, so that every quote is accepted."""


def _words(before: Money | None, now: Money) -> str:
    if before is None:
        return f"what makes up the price has changed; {now} is to be paid now"
    if before == now:
        return f"what makes up the price has changed; {now} is to be paid as before"
    return f"the price was {before} then and is {now} now"
