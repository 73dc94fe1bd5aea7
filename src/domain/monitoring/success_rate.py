"""The success rate with its interval: of few attempts nothing can be said, and the interval shows it."""

from dataclasses import dataclass
from math import sqrt
from typing import Final

Z_SHOWN: Final = 1.96
"""Of 20 intervals so wide 19 hold the true rate: what a page shows."""

Z_ALERT: Final = 2.33
"""One in a hundred true rates lies above the upper bound: what an alert waits for."""

BASIS_POINTS: Final = 10_000

SHOWN_FROM: Final = 20
"""Below so many attempts a percentage would pretend to know; a page says *7 of 9*."""


@dataclass(frozen=True, slots=True)
class SuccessRate:
    """*paid* of *attempts* payments ended well; both count first final words alone."""

    paid: int
    attempts: int

    def __post_init__(self) -> None:
        if not 0 <= self.paid <= self.attempts:
            raise ValueError("no more can be paid than were attempted")

    @property
    def share(self) -> float | None:
        """The share from 0 to 1, None without an attempt."""
        return self.paid / self.attempts if self.attempts else None

    @property
    def is_telling(self) -> bool:
        return self.attempts >= SHOWN_FROM

    def interval(self, z: float = Z_SHOWN) -> tuple[float, float]:
        """
        Return Wilson's score interval: between which shares the true rate lies, from 0 to 1.

        E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209 to 212. *z* is the
        number of standard deviations. Without an attempt everything is possible.
        """
        if not self.attempts:
            return (0.0, 1.0)
        n, p = self.attempts, self.paid / self.attempts
        weight = 1 + z * z / n
        centre = (p + z * z / (2 * n)) / weight
        half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / weight
        return (max(0.0, centre - half), min(1.0, centre + half))


def alert_bound(rate: SuccessRate) -> tuple[int, int]:
    """Return the share, and the upper bound that an alert is judged by, in basis points; no attempt is no failure."""
    share = 1.0 if rate.share is None else rate.share
    _, high = rate.interval(Z_ALERT)
    return round(share * BASIS_POINTS), round(high * BASIS_POINTS)
