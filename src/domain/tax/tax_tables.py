"""The service codes and rates of GST that a course may be sold under."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

SERVICES_CHAPTER: Final = "99"

SERVICE_CODES: Final = frozenset(
    {
        # Education, from pre-primary to coaching, examinations and support (9992).
        *("999210", "999220", "999231", "999232", "999241", "999242", "999243", "999249", "999259"),
        *("999291", "999292", "999293", "999294", "999295", "999299"),
        # Online text, audio, video, software and other content (9984, group 3).
        *("998431", "998432", "998433", "998434", "998439"),
        # Consulting and information technology (9983, group 1), licences of content and software (9973, group 3).
        *("998311", "998312", "998313", "998314", "998315", "998316", "998319"),
        *("997331", "997332", "997333", "997334", "997335", "997336", "997337", "997338", "997339"),
        # Events and exhibitions (9985), professional bodies (9995), performing and sporting events (9996).
        *("998596", "998597", "998599", "999511", "999512", "999599"),
        *("999621", "999622", "999629", "999651", "999652", "999659"),
        # Other services (9997).
        *("999799",),
    }
)
"""Codes of services that courses fall under (Notification 11/2017-CT(Rate), annexure)."""

NOTIFIED_RATES: Final = frozenset(map(Decimal, ("0", "0.25", "1.5", "3", "5", "18", "40")))
"""All heads together, from 22 September 2025 on (Notification 9/2025-CT(Rate)); 12 and 28 per cent ended that day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedTax:
    """The *codes* and *rates* that a course is accepted with."""

    codes: frozenset[str] = SERVICE_CODES
    rates: frozenset[Decimal] = NOTIFIED_RATES

    def with_more(self, codes: frozenset[str], rates: frozenset[Decimal]) -> "AcceptedTax":
        """Return the lists with what the seller's accountant added."""
        return AcceptedTax(codes=self.codes | codes, rates=self.rates | rates)


NOTIFIED: Final = AcceptedTax()
